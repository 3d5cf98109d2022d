"""Harmonics of one angle scan, fitted together with its drift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.angles import design
from spinstack.measure.angles.reference import check_reference, chosen, referred
from spinstack.measure.angles.residuals import diagnose as diagnosed
from spinstack.measure.checks import checked, number, together
from spinstack.measure.measurement import MeasurementError, result
from spinstack.measure.scan_columns import check_orders, drift_columns, harmonic_columns
from spinstack.measure.settings import conditions
from spinstack.measure.statistics.coloured import ColouredEstimate, check_noise, coloured_fit
from spinstack.measure.statistics.coverage import check_level, quantile, variance_ratio
from spinstack.measure.statistics.estimate import chi_square
from spinstack.measure.statistics.linear import least_absolute, least_squares
from spinstack.measure.statistics.residuals import spikes
from spinstack.measure.statistics.weights import relative, weights
from spinstack.text.units import In


@checked
def fit_harmonics(
    data: xr.Dataset,
    reading: str = "R_xx",
    orders: Sequence[int] = (1, 2, 4),
    drift_degree: int = 0,
    reference: Annotated[str | float, In("deg")] = "auto",
    noise: str | Sequence[float] = "auto",
    drop_spikes: float | None = None,
    level: float = 0.95,
    diagnose: bool = True,
) -> xr.Dataset:
    """Fit R(angle) = R0 [1 + sum_n c_n cos(n (angle - phase_n))] + drift(time) by linear least squares.

    `data`: a scan with `angle` [deg] (and `time` where there is drift; else the row counts as time); rows are weighted
    by `<reading>_error` where there is one, whose common factor is taken from the residuals. `orders`: any harmonics.
    `drift_degree`: Legendre polynomials of the scaled time, of mean zero, so that R0 is the mean over angle and scan.
    `reference` of the ratios: "mean" (R0), "max" or "min" of the fitted curve, or an angle [deg]: ratio =
    (R - R_ref)/R_ref, so "max" makes it at most zero; "none": no ratios, amplitudes in the unit of the reading alone.
    "auto" is the mean, but none, and the result says so, for transverse readings (R_xy, R_yx, V_xy), whose mean is an
    offset, and for a curve that passes through zero. `noise`: "auto" lets the errors allow for correlation from row
    to row, see :mod:`spinstack.measure.statistics.autoregressive`; "white" does not. `drop_spikes`: rows further than
    so many robust standard deviations from the fit are left out. `level`: of the intervals `low` to `high` (Student's
    t). `diagnose`: False saves the time of the diagnostics.

    The result has over `parameter`: R0, per order n `cosn` and `sinn` (signed, in the unit of the reading), amplitude
    `An`, ratio `cn` = An/R_ref and `phasen` [deg] in (-180/n, 180/n], `driftk`, `R_ref`, `peak_to_peak` (ratio of the
    whole curve, without drift; without a reference in the unit of the reading); value, error (one standard error), low,
    high, covariance; over `point`: angle, time, measured, fitted, residual, drift, ratio; `significance` over `order`,
    the probability that noise alone gives such an amplitude. An amplitude is positive by its definition and biased
    upwards by error^2/(2 A): take it for a bound where the significance is not small. Attributes: conditions of the
    scan, and :func:`diagnostics`.

    Raises :class:`MeasurementError` for a missing column and for angles that cannot tell the terms apart. Model of
    Fig. 5 of the paper on CaRuO3/LaNiO3 superlattices (ACS Nano, doi 10.1021/acsnano.4c01910), orders 2 and 4.
    """
    together(
        lambda: check_orders(orders),
        lambda: design.check_degree(drift_degree),
        lambda: check_level(level),
        lambda: check_noise(noise),
        lambda: check_reference(reference),
        lambda: drop_spikes is None or number(drop_spikes, "drop_spikes", low=3, open_low=True, remedy="Usual: 6."),
    )
    orders, degree = check_orders(orders), int(drift_degree)
    scan = design.scan(data, reading)
    given: Any = noise if isinstance(noise, str) else np.asarray(noise, dtype=float)
    names = ["R0", *(f"{f}{n}" for n in orders for f in ("cos", "sin")), *(f"drift{k}" for k in range(1, degree + 1))]
    whole, dropped = scan.elapsed, 0
    X = columns(scan.angle, whole, orders, degree)
    keep = np.ones(len(scan.reading), dtype=bool)
    if drop_spikes is not None:
        keep = _without_spikes(X, scan, names, float(drop_spikes))
        dropped = int((~keep).sum())
        scan, X, whole = scan.take(keep), X[keep], whole[keep]
    scale = relative(scan.error, len(scan.reading))
    found = coloured_fit(X, scan.reading, names, given, scale)
    tests = diagnosed(X, scan.reading, scan.angle, whole, found, tuple(orders), degree, scale) if diagnose else {}
    why = ""
    if reference == "auto":
        reference, why = chosen(found, orders, reading)
    values, covariance = referred(found, names, orders, reference, scan.unit, scan.words)
    out = result(
        values,
        covariance,
        curves={
            **_curves(scan, X, found, orders, values["R_ref"][0] if "R_ref" in values else None),
            "significance": ("order", significance(found, len(orders))),
        },
        coords={
            "angle": ("point", scan.angle, {"units": "deg", "long_name": "angle"}),
            "time": ("point", scan.time, {"units": "s" if "time" in data.variables else "row", "long_name": "time"}),
            "row": ("point", scan.rows),
            "order": list(orders),
        },
        attributes={
            **conditions(data),
            "analysis": "fit_harmonics",
            "reading": reading,
            "unit": scan.unit,
            "reference": reference if isinstance(reference, str) else f"{float(reference):g} deg",
            "drift_degree": degree,
            "degrees_of_freedom": found.freedom,
            "level": level,
            "noise": found.innovation,
            "noise_model": design.as_json(found.phi),
            "rows_dropped": dropped,
            "diagnostics": design.as_json(tests),
        },
    )
    if why:
        out.attrs["remark"] = f"{why}: amplitudes are in {scan.unit}, not ratios"
    if scan.error is not None:
        out.attrs["reduced_chi2"] = float(np.sum((found.residual / scan.error) ** 2) / found.degrees_of_freedom)
    return with_interval(out, level)


def with_interval(found: xr.Dataset, level: float) -> xr.Dataset:
    """The result with `low` and `high`, ends of the intervals of Student's t at the given probability."""
    value, error = found["value"].values, found["error"].values
    half = error * quantile(level, found.attrs["degrees_of_freedom"])
    words = f"of the interval of {100 * level:g} %"
    return found.assign(
        low=("parameter", value - half, {"long_name": f"lower end {words}"}),
        high=("parameter", value + half, {"long_name": f"upper end {words}"}),
    ).assign_attrs(level=level)


def columns(angle: np.ndarray, time: np.ndarray, orders: Sequence[int], degree: int) -> np.ndarray:
    """Columns (rows, p) of a constant, the harmonics and the drift."""
    parts = (np.ones((len(angle), 1)), harmonic_columns(angle, orders), drift_columns(time, degree))
    return np.column_stack(parts)


def _without_spikes(X: np.ndarray, scan: design.Scan, names: list[str], threshold: float) -> np.ndarray:
    keep = np.ones(len(scan.reading), dtype=bool)
    w = weights(scan.error, len(keep), "error")
    # least absolute deviations first: one large spike would hide the others
    c = least_absolute(X * w[:, None], scan.reading * w)
    for _ in range(20):
        spiky = spikes((scan.reading - X @ c) * w, threshold)
        if np.array_equal(~spiky, keep):
            break
        keep = ~spiky
        if keep.sum() <= len(names):
            why = f"for which {int(spiky.sum())} of {len(keep)} rows would go"
            raise MeasurementError(why, field="drop_spikes", got=threshold, remedy="Give a larger one.")
        c = least_squares(X[keep], scan.reading[keep], w[keep])
    return keep


def _curves(
    scan: design.Scan, X: np.ndarray, found: ColouredEstimate, orders: Sequence[int], ref: float | None
) -> dict[str, tuple[Any, ...]]:
    fitted = X @ found.values
    first = 1 + 2 * len(orders)
    drift = X[:, first:] @ found.values[first:]
    unit = {"units": scan.unit}
    ratios: dict[str, tuple[Any, ...]] = {}
    if ref is not None:
        ratios = {
            "ratio": ("point", (scan.reading - drift - ref) / ref, {"units": "1", "long_name": "ratio without drift"}),
            "fitted_ratio": ("point", (fitted - drift - ref) / ref, {"units": "1", "long_name": "fitted ratio"}),
        }
    return {
        **ratios,
        "measured": ("point", scan.reading, {**unit, "long_name": scan.words}),
        "fitted": ("point", fitted, {**unit, "long_name": "fit with drift"}),
        "residual": ("point", found.residual, {**unit, "long_name": "measured less fitted"}),
        "drift": ("point", drift, {**unit, "long_name": "drift"}),
    }


def significance(found: ColouredEstimate, orders: int) -> np.ndarray:
    """Probability (orders,) that noise alone gives such an amplitude, of so many harmonics after the constant."""
    out = []
    for i in range(orders):
        part = slice(1 + 2 * i, 3 + 2 * i)
        square = chi_square(found.values[part], found.covariance[part, part])
        out.append(variance_ratio(square / 2, 2, found.freedom))
    return np.asarray(out)
