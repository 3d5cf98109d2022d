"""Critical temperature from a curve against temperature: tangent, steepest slope, mean field, power law."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, choice, together, whole
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.noise import white_noise
from spinstack.measure.sweeps.local import LocalCurve, local_curve, smoothed
from spinstack.measure.sweeps.order_parameter import LAWS, check_spin, fit_order
from spinstack.measure.sweeps.resistivity import by_temperature
from spinstack.measure.sweeps.results import Found, Lines, fit_lines, report, unit_of
from spinstack.text.units import In

METHODS = ("tangent", "derivative", *LAWS)


@checked
def critical_temperature(
    data: xr.Dataset,
    method: str = "tangent",
    reading: str = "moment",
    *,
    window: Annotated[tuple[float, float] | None, In("K")] = None,
    baseline: Annotated[tuple[float, float] | float, In("K")] = 0.0,
    spin: float = 0.5,
    resamples: int = 0,
    seed: int = 0,
) -> xr.Dataset:
    """Critical temperature [K] of M(T), of an anomalous Hall reading or of R(T), by one of four definitions.

    "tangent": where the tangent at the steepest point meets the `baseline` (a value, or a window [K] through which a
    straight line is laid), the definition of Zheng et al., ACS Nano (2024), doi:10.1021/acsnano.4c01910, Fig. 2f.
    "derivative": the temperature of the steepest slope, also for R(T) (Fisher and Langer, Phys. Rev. Lett. 20 (1968)
    665). Both read a polynomial (fifth degree; third with fewer than twelve points) through the points where the slope
    exceeds half its largest value. "mean_field": A m(T/Tc) + offset with Weiss's self-consistent curve m of `spin`
    (1/2, 1, ...; inf is classical). "power": A (1 - T/Tc)^beta + offset. A fit needs lmfit and a `window` [K] without
    the tail that a field makes above Tc. The four differ by more than their errors where the transition is broad: give
    the definition with the number.

    Parameters: temperature; slope (tangent, derivative); amplitude, offset, exponent (fits). With `resamples` > 0 the
    attribute `bootstrap_error` is the standard deviation of the temperature over curves drawn anew with white noise of
    the size of the measured one, and includes the choice of the points. Raises :class:`MeasurementError` for unknown
    methods, empty windows, or a curve without such a point.
    """
    together(
        lambda: choice(method, "method", METHODS),
        lambda: check_spin(spin),
        lambda: whole(resamples, "resamples", low=0),
        lambda: whole(seed, "seed", low=0),
    )
    T, y, sigma = by_temperature(data, reading, least=7)
    inside = _inside("window", window, T) if window is not None else np.ones(T.size, dtype=bool)
    floor = _baseline(T, y, sigma, baseline)
    unit = unit_of(data, reading)
    if method in LAWS:
        found, attributes, lines = fit_order(T[inside], y[inside], sigma[inside], method, spin, unit)
    else:
        found, attributes, lines = _steepest(T[inside], y[inside], sigma[inside], method, floor, unit)
    if resamples:
        attributes["bootstrap_error"] = _resampled(
            T[inside], y[inside], sigma[inside], method, floor, spin, resamples, seed
        )
    kept: dict[str, Any] = {} if window is None else {"window": [float(v) for v in window]}
    curves = fit_lines("temperature", {reading: unit}, lines)
    return report(data, found, curves=curves, reading=reading, method=method, **kept, **attributes)


def _inside(name: str, window: Sequence[float], T: np.ndarray) -> np.ndarray:
    low, high = (float(v) for v in window)
    inside = (low <= T) & (high >= T)
    if np.unique(T[inside]).size < 5:
        why = f"which holds {int(inside.sum())} points of the sweep from {T[0]:g} K to {T[-1]:g} K"
        raise MeasurementError(why, field=name, unit="K", got=(low, high), allowed="five temperatures or more")
    return inside


def _baseline(T: np.ndarray, y: np.ndarray, sigma: np.ndarray, baseline: Sequence[float] | float) -> LocalCurve | float:
    if np.ndim(baseline) == 0:
        return float(baseline)  # type: ignore[arg-type]
    flat = _inside("baseline", baseline, T)  # type: ignore[arg-type]
    return local_curve(T[flat], y[flat], 1, sigma[flat])


def steep_part(T: np.ndarray, y: np.ndarray, sigma: np.ndarray) -> LocalCurve:
    """Polynomial through the points where the slope is above half its largest value; T sorted."""
    width = max(3, min(y.size // 20, 15)) | 1
    calm = smoothed(y, width)
    places = np.unique(T)
    line = np.array([calm[t == T].mean() for t in places]) if places.size < T.size else calm
    slope = smoothed(np.abs(np.gradient(line, places)), width)
    top = int(np.argmax(slope))
    under = np.flatnonzero(slope < slope[top] / 2)
    first = int(under[under < top].max(initial=-1)) + 1
    last = int(under[under > top].min(initial=places.size))
    first, last = min(first, max(0, top - 3)), max(last, min(places.size, top + 4))
    rows = (places[first] <= T) & (places[last - 1] >= T)
    degree = 5 if last - first >= 12 else 3
    return local_curve(T[rows], y[rows], degree, sigma[rows])


def _steepest(
    T: np.ndarray, y: np.ndarray, sigma: np.ndarray, method: str, floor: LocalCurve | float, unit: str
) -> tuple[dict[str, Found], dict[str, Any], Lines]:
    curve = steep_part(T, y, sigma)
    slope = curve.steepness()
    if method == "derivative":
        where, words = curve.inflection(), "temperature of the steepest slope"
    else:
        where, words = _tangent(curve, floor), "temperature where the tangent meets the baseline"
    found = {
        "temperature": Found(*where, "K", words, curve.freedom),
        "slope": Found(*slope, f"{unit}/K", "steepest slope", curve.freedom),
    }
    lines = [curve.line()]
    if method == "tangent":  # from where the curve is steepest to the baseline
        ends = np.array([curve.inflection()[0], where[0]])
        lines.append((ends, curve.value(ends[0]) + curve.value(ends[0], 1) * (ends - ends[0])))
        if isinstance(floor, LocalCurve):
            lines.append(floor.line())
    attributes = {"fitted_from": curve.window[0], "fitted_to": curve.window[1], "fit_windows": [*curve.window]}
    return found, attributes, lines


def _tangent(curve: LocalCurve, floor: LocalCurve | float) -> tuple[float, float]:
    if not isinstance(floor, LocalCurve):
        return curve.tangent(floor, 0.0)
    slope = float(floor.value(0.0, 1))
    value, error = curve.tangent(float(floor.value(0.0)), slope)
    return value, float(np.hypot(error, floor.at(value)[1] / abs(curve.steepness()[0] - slope)))


def _resampled(
    T: np.ndarray,
    y: np.ndarray,
    sigma: np.ndarray,
    method: str,
    floor: LocalCurve | float,
    spin: float,
    count: int,
    seed: int,
) -> float:
    """Standard deviation of the temperature over curves drawn anew: smoothed readings with noise of the same size."""
    random = np.random.default_rng(seed)
    calm = smoothed(y, 5 if y.size >= 25 else 3)
    # second differences: residuals of the smoothed curve would count its curvature as noise
    noise = white_noise(y / sigma)
    found = []
    for _ in range(count):
        drawn = calm + sigma * noise * random.normal(size=y.size)
        try:
            if method in LAWS:
                found.append(fit_order(T, drawn, sigma, method, spin, "")[0]["temperature"].value)
            else:
                found.append(_steepest(T, drawn, sigma, method, floor, "")[0]["temperature"].value)
        except MeasurementError:
            continue
    if len(found) < max(2, count // 2):
        why = f"of which only {len(found)} curves had a critical temperature"
        raise MeasurementError(why, field="resamples", got=count)
    return float(np.std(found, ddof=1))
