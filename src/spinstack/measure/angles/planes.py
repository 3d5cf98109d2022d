"""The three rotation planes of one film, fitted together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.angles import design
from spinstack.measure.angles.harmonics import columns, significance, with_interval
from spinstack.measure.angles.plane_model import AXES, PLANES, Model, Turn, parts, start
from spinstack.measure.angles.solve_planes import Fitted, fit_turns
from spinstack.measure.checks import checked, choice, number, together
from spinstack.measure.measurement import MeasurementError, result
from spinstack.measure.scan_columns import check_orders
from spinstack.measure.settings import TOLERANCE, check_alike, conditions
from spinstack.measure.statistics import residuals
from spinstack.measure.statistics.autoregressive import whiten
from spinstack.measure.statistics.coloured import NOISE, coloured_fit
from spinstack.measure.statistics.coverage import UNLIKELY, check_level, variance_ratio
from spinstack.measure.statistics.estimate import propagated, standard_errors
from spinstack.measure.statistics.weights import relative
from spinstack.text.checks import is_number
from spinstack.text.units import In

ODD = ("each", "hall", "none")


@checked
def fit_planes(
    data: Mapping[str, xr.Dataset],
    reading: str = "R_xx",
    orders: Sequence[int] = (),
    odd: str = "each",
    drift_degree: int = 0,
    zero: Annotated[str | Mapping[str, float], In("deg")] = "each",
    tilt: Annotated[Mapping[str, Any] | None, In("deg")] = None,
    fit_rate: bool = False,
    mu0_Meff: Annotated[float | str | None, In("T")] = None,
    impose: bool = False,
    level: float = 0.95,
    noise: str = "auto",
) -> xr.Dataset:
    """Fit R_xx of scans in two or three planes with one model of the film; test gamma = alpha + beta.

    `data`: plane -> scan, planes "alpha" (x to y), "beta" (y to z), "gamma" (x to z), with `angle` [deg] from the first
    axis of the plane. The amplitudes are ratios with a sign, of the resistances at the two axes of a plane:

        alpha = (R_y - R_x)/R_x,  beta = (R_z - R_y)/R_y,  gamma = (R_z - R_x)/R_x,

    of R even in m, R = R_x m_x^2 + R_y m_y^2 + R_z m_z^2. So (1 + gamma) = (1 + alpha)(1 + beta), which is gamma =
    alpha + beta for small ratios; `impose` makes it hold. `orders`: further harmonics of even n, cos(n angle) about the
    axes. `odd`: "each", two coefficients a plane along its axes, reported as <plane>.odd_x, ... (Hall voltage through
    misaligned contacts is odd_z; nothing is assumed of the others); "hall", one admixture `hall` m_z common to all
    planes; "none". Odd parts and drift are ratios to the R of their plane. `zero`: rotator zero of each plane [deg],
    "each" (fitted), "shared" (one), or numbers by plane. `tilt`: plane -> (tilt1, tilt2) [deg], rise of the
    field out of the nominal plane (towards +z in alpha, +x in beta, +y in gamma) at its first and second axis, or
    plane -> "fit". A tilt enters R even only by its
    square: it can be fitted where it brings in a Hall part (odd="hall", alpha plane). `fit_rate`: the true turn is
    `rate` times the angle. `mu0_Meff`: None, the magnetisation follows the field; a number [T] or "fit", it is
    that of :func:`magnetisation` in the field of the scan.

    A plane without amplitude (a control film in beta) does not tell its zero: where noise alone gives the harmonics
    that are bound to the axes with more than 1 % probability, the zero is held at 0 (a shared one where no plane tells
    it), and so is the rate where nothing depends on the angle. The amplitude is then that along the axes, near zero
    without bias; `held` among the attributes and a warning of the plane name what was held.

    Least squares by scipy's trust region method, each scan weighed by its scatter, errors from a noise model of each
    scan as in :func:`fit_harmonics`. The result has over `parameter` all of these, and `<plane>.R`, `<plane>.zero`,
    `discrepancy` = gamma - (alpha + beta + alpha beta); :func:`consistency` gives its test. Curves measured, fitted,
    odd, drift, residual stand over `point` of all planes, with coordinate `plane`.

    Raises :class:`MeasurementError` for wrong arguments and for parameters that the scans cannot tell apart.
    """
    model, turns, scans = _set_up(
        data, reading, orders, odd, drift_degree, zero, tilt, fit_rate, mu0_Meff, impose, noise, level
    )
    swept = {"angle"} if mu0_Meff is None else {"angle", "field"}
    check_alike(data.values(), [n for n in TOLERANCE if n not in swept])
    model, held = _held(model, turns, noise)
    guess = start(turns, model.names, {t.plane: _zero_of(zero, t.plane) for t in turns})
    if "shared.zero" in model.names:
        guess["shared.zero"] = 0.0
    if "mu0_Meff" in model.names:
        guess["mu0_Meff"] = 0.5 * float(np.mean([t.field for t in turns if t.field is not None]))
    fitted = fit_turns(model, turns, guess, noise)
    out = _result(model, turns, scans, fitted, reading, level, held)
    return with_interval(out.assign_attrs(_common(data)), level)


def _held(model: Model, turns: list[Turn], noise: str) -> tuple[Model, dict[str, float]]:
    """The model without the zeros and rates that the scans do not tell, and at what these are held."""
    bound, any_at_all = {}, {}
    for turn in turns:
        p = _chances(model, turn, noise)
        # odd parts along both axes turn with them, and bind nothing
        axes = {n: v for n, v in p.items() if n > 1 or model.odd == "hall"}
        bound[turn.plane] = min(axes.values()) * len(axes) < UNLIKELY
        any_at_all[turn.plane] = min(p.values()) * len(p) < UNLIKELY
    lost = {f"{plane}.zero": 0.0 for plane, told in bound.items() if not told}
    lost |= {f"{plane}.rate": 1.0 for plane, told in any_at_all.items() if not told}
    lost |= {} if any(bound.values()) else {"shared.zero": 0.0}
    held = {name: value for name, value in lost.items() if name in model.names}
    names = tuple(n for n in model.names if n not in held)
    return model._replace(names=names, given={**model.given, **held}), held


def _chances(model: Model, turn: Turn, noise: str) -> dict[int, float]:
    """Probability of each harmonic of one scan by noise alone; zero where the rows cannot tell them apart."""
    first = (1,) if model.odd != "none" else ()
    orders = (*first, 2, *model.orders)
    X = columns(turn.angle, turn.time, orders, model.degree)
    try:
        found = coloured_fit(X, turn.reading, [f"column {i}" for i in range(X.shape[1])], noise, turn.scale)
    except MeasurementError:
        return dict.fromkeys(orders, 0.0)
    return dict(zip(orders, significance(found, len(orders)).tolist(), strict=True))


def consistency(found: xr.Dataset) -> dict[str, float]:
    """Test of gamma = alpha + beta: discrepancy, its error, chi2 (1 degree of freedom) and probability p.

    From the free fit: Wald's test with Student's t. A small p says that the three scans are not those of one R(m) with
    the magnetisation that the model assumes.
    """
    if "discrepancy" not in found["parameter"]:
        remedy = "Fit all three planes with impose=False."
        raise MeasurementError("is not in the result", field="discrepancy", remedy=remedy)
    at = found.sel(parameter="discrepancy")
    value, error = float(at["value"]), float(at["error"])
    square = (value / error) ** 2
    p = variance_ratio(square, 1, found.attrs["degrees_of_freedom"])
    return {"discrepancy": value, "error": error, "chi2": square, "p": p}


def _common(data: Mapping[str, xr.Dataset]) -> dict[str, Any]:
    """Conditions that all scans have: means of numbers, words that agree; the history of each."""
    each = {plane: conditions(one) for plane, one in data.items()}
    first = next(iter(each.values()))
    out: dict[str, Any] = {}
    for name, value in first.items():
        values = [one.get(name) for one in each.values()]
        numbers = [float(v) for v in values if isinstance(v, int | float)]
        if isinstance(value, int | float) and len(numbers) == len(values):
            out[name] = float(np.mean(numbers))
        elif all(v == value for v in values):
            out[name] = value
    out.pop("plane", None)
    out["history"] = design.as_json({plane: one.get("history", "[]") for plane, one in each.items()})
    return out


def _zero_of(zero: Any, plane: str) -> float:
    return float(zero[plane]) if isinstance(zero, Mapping) and plane in zero else 0.0


def _set_up(
    data: Any,
    reading: str,
    orders: Any,
    odd: str,
    drift_degree: int,
    zero: Any,
    tilt: Any,
    fit_rate: bool,
    mu0_Meff: Any,
    impose: bool,
    noise: str,
    level: float,
) -> tuple[Model, list[Turn], list[design.Scan]]:
    if not isinstance(data, Mapping) or not data or set(data) - set(PLANES):
        got = sorted(map(str, data)) if isinstance(data, Mapping) else data
        raise MeasurementError(field="data", got=got, allowed="a mapping of 'alpha', 'beta', 'gamma' to scans")
    together(
        lambda: choice(odd, "odd", ODD),
        lambda: choice(noise, "noise", NOISE),
        lambda: check_level(level),
        lambda: design.check_degree(drift_degree),
        lambda: _check_orders(orders),
        lambda: isinstance(zero, Mapping) or choice(zero, "zero", ("each", "shared"), remedy="Or give deg by plane."),
        lambda: mu0_Meff in (None, "fit") or number(mu0_Meff, "mu0_Meff", unit="T", remedy="Or give 'fit'."),
        *(lambda plane=plane: _check_tilt(plane, (tilt or {}).get(plane, (0.0, 0.0))) for plane in data),
    )
    if impose and set(data) != set(PLANES):
        why = f"which needs scans in all three planes, not in {', '.join(data)} alone"
        raise MeasurementError(why, field="impose", got=impose)
    orders, degree = check_orders(orders), int(drift_degree)
    names: list[str] = []
    given: dict[str, float] = dict.fromkeys(PLANES, 0.0)
    turns, scans = [], []
    for plane in (p for p in PLANES if p in data):
        scan = design.scan(data[plane], reading)
        field = conditions(data[plane]).get("field")
        if mu0_Meff is not None and not field:
            raise MeasurementError(f"the scan in plane {plane} has none, which mu0_Meff needs", field="field")
        scale = relative(scan.error, len(scan.reading))
        turns.append(Turn(plane, scan.angle, scan.elapsed, scan.reading, scale, field))
        scans.append(scan)
        first, second = (AXES[i] for i in PLANES[plane])
        if not (impose and plane == "gamma"):
            names.append(plane)
        names.append(f"{plane}.R")
        given[f"{plane}.zero"] = _zero_of(zero, plane)
        given[f"{plane}.rate"] = 1.0
        if zero == "each":
            names.append(f"{plane}.zero")
        names += [f"{plane}.rate"] if fit_rate else []
        names += [f"{plane}.odd_{a}" for a in (first, second)] if odd == "each" else []
        names += [f"{plane}.cos{n}" for n in orders]
        names += [f"{plane}.drift{k}" for k in range(1, degree + 1)]
        _tilt(plane, (tilt or {}).get(plane, (0.0, 0.0)), names, given)
    names += ["hall"] if odd == "hall" else []
    names += ["shared.zero"] if zero == "shared" else []
    if mu0_Meff == "fit":
        names.append("mu0_Meff")
    elif mu0_Meff is not None:
        given["mu0_Meff"] = float(mu0_Meff)
    for name in names:
        given.pop(name, None)
    return Model(tuple(names), given, orders, degree, odd, mu0_Meff is not None, impose), turns, scans


def _tilt(plane: str, tilt: Any, names: list[str], given: dict[str, float]) -> None:
    both = (f"{plane}.tilt1", f"{plane}.tilt2")
    if isinstance(tilt, str):
        names += both
    else:
        given.update(zip(both, map(float, tilt), strict=True))


def _check_orders(orders: Any) -> None:
    if any(n % 2 or n < 4 for n in check_orders(orders)):
        raise MeasurementError(field="orders", got=orders, allowed="even orders from 4; 1 and 2 are in the model")


def _check_tilt(plane: str, tilt: Any) -> None:
    pair = not isinstance(tilt, str) and np.shape(tilt) == (2,) and all(is_number(v) and abs(v) <= 60 for v in tilt)
    if not pair and not (isinstance(tilt, str) and tilt == "fit"):
        allowed = "'fit' or two numbers of at most 60 degrees"
        raise MeasurementError(where=plane, field="tilt", got=tilt, allowed=allowed)


UNITS = {"R": None, "zero": "deg", "tilt1": "deg", "tilt2": "deg", "mu0_Meff": "T"}
WORDS = {
    "alpha": "(R_y - R_x)/R_x",
    "beta": "(R_z - R_y)/R_y",
    "gamma": "(R_z - R_x)/R_x",
    "discrepancy": "gamma - (alpha + beta + alpha beta)",
    "mu0_Meff": "demagnetising field less perpendicular anisotropy",
    "hall": "admixture along m_z over R, common to all planes",
    "zero": "angle of the rotator at the first axis",
    "rate": "turned angle over nominal angle",
    "R": "reading at the first axis, without odd part and drift",
    "tilt1": "rise of the field out of the plane at the first axis",
    "tilt2": "rise of the field out of the plane at the second axis",
}


def _result(
    model: Model,
    turns: list[Turn],
    scans: list[design.Scan],
    fitted: Fitted,
    reading: str,
    level: float,
    held: Mapping[str, float],
) -> xr.Dataset:
    names = list(model.names)
    p = model.values(fitted.x)
    J = np.eye(len(names))
    values = [p[n] for n in names]
    slope = np.zeros(len(names))
    if {"alpha", "beta"} <= set(names):
        slope[names.index("alpha")] = 1 + p["beta"]
        slope[names.index("beta")] = 1 + p["alpha"]
    if model.imposed:
        names, values, J = [*names, "gamma"], [*values, p["gamma"]], np.vstack([J, slope])
    elif set(PLANES) <= set(names):
        slope = -slope
        slope[names.index("gamma")] = 1.0
        off = p["gamma"] - ((1 + p["alpha"]) * (1 + p["beta"]) - 1)
        names, values, J = [*names, "discrepancy"], [*values, off], np.vstack([J, slope])
    covariance = propagated(J, fitted.covariance)
    errors = standard_errors(covariance)
    table = {n: (v, e, *_label(n, scans[0].unit)) for n, v, e in zip(names, values, errors, strict=True)}
    unit = {"units": scans[0].unit}
    curves: dict[str, list[np.ndarray]] = {k: [] for k in ("measured", "fitted", "odd", "drift", "residual", "ratio")}
    tests = {}
    for turn, phi in zip(turns, fitted.phi, strict=True):
        part = parts(turn, model, p)
        whole = part["even"] + part["odd"] + part["drift"]
        R = p[f"{turn.plane}.R"]
        flat = (turn.reading - part["odd"] - part["drift"]) / R - 1
        for key, column in (("odd", part["odd"]), ("drift", part["drift"]), ("measured", turn.reading)):
            curves[key].append(column)
        curves["fitted"].append(whole)
        curves["residual"].append(turn.reading - whole)
        curves["ratio"].append(flat)
        r = (turn.reading - whole) / turn.scale
        Q, probability = residuals.ljung_box(r)
        tests[turn.plane] = {
            "durbin_watson": residuals.durbin_watson(r),
            "ljung_box": Q,
            "ljung_box_p": probability,
            "ljung_box_p_after_noise_model": residuals.ljung_box(whiten(phi, r), fitted=len(phi))[1],
            "spikes": int(residuals.spikes(r).sum()),
            "effective_size": residuals.effective_size(r, phi),
            "rms": float(np.sqrt(np.mean(r**2))),
            "warnings": [
                f"{name} cannot be told from a scan without amplitude and is held at {value:g}"
                for name, value in held.items()
                if model.concerns(name, turn)
            ],
        }
    stacked: dict[str, tuple[Any, ...]] = {k: ("point", np.concatenate(v), unit) for k, v in curves.items()}
    stacked["ratio"] = ("point", stacked["ratio"][1], {"units": "1", "long_name": "ratio without odd part and drift"})
    turned = np.concatenate([p[f"{t.plane}.rate"] * t.angle - p[f"{t.plane}.zero"] for t in turns])
    coords = {
        "plane": ("point", np.concatenate([np.full(len(t.angle), t.plane) for t in turns])),
        "angle": ("point", np.concatenate([t.angle for t in turns]), {"units": "deg"}),
        "turned": ("point", turned, {"units": "deg", "long_name": "angle from the first axis"}),
        "row": ("point", np.concatenate([s.rows for s in scans])),
    }
    return result(
        table,
        covariance,
        curves=stacked,
        coords=coords,
        attributes={
            "analysis": "fit_planes",
            "reading": reading,
            "unit": scans[0].unit,
            "reference": "first axis of each plane",
            "degrees_of_freedom": fitted.degrees_of_freedom,
            "level": level,
            "odd": model.odd,
            "given": design.as_json(dict(model.given)),
            "held": design.as_json(dict(held)),
            "chi2": fitted.chi2,
            "diagnostics": design.as_json(tests),
        },
    )


def _label(name: str, unit: str) -> tuple[str, str]:
    owner, _, field = name.rpartition(".")
    words = WORDS.get(field)
    if words is None:
        kind = field.rstrip("0123456789")
        words = {"drift": "drift over R, Legendre polynomial", "cos": "coefficient over R of cos(n angle)"}.get(
            kind, "part odd in m over R, along that axis"
        )
    found = UNITS.get(field, "1")
    return (unit if found is None else found), f"{owner}: {words}" if owner else words
