"""Resistance against temperature: resistivity, residual ratio, and the minimum above a low-temperature upturn."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, required
from spinstack.measure.measurement import MeasurementError, warn
from spinstack.measure.rows import check_resistances, finite_rows
from spinstack.measure.statistics.coverage import pooled_freedom
from spinstack.measure.statistics.estimate import linear_fit
from spinstack.measure.statistics.noise import white_noise
from spinstack.measure.sweeps.branching import branches
from spinstack.measure.sweeps.hall import size_of
from spinstack.measure.sweeps.local import LocalCurve, by_x, local_curve, smoothed, summit
from spinstack.measure.sweeps.results import Found, Lines, fit_lines, report, unit_of
from spinstack.text.errors import Problems
from spinstack.text.units import In

#: part of a reading by which cooling and warming may differ
DIFFERENT = 0.01


def by_temperature(data: xr.Dataset, reading: str, least: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Temperature [K], reading, standard error (ones where unknown), sorted; both directions of the sweep together."""
    (T, y), sigma, _ = finite_rows(data, "temperature", reading=reading)
    if T.min() <= 0:
        raise MeasurementError(field="temperature", unit="K", got=float(T.min()), allowed="above 0 K")
    if (count := np.unique(T).size) < least:
        raise MeasurementError(f"{count} different values", field="temperature", allowed=f"{least} or more")
    if (apart := _hysteresis(T, y)) > DIFFERENT:
        said = f"cooling and warming differ by {100 * apart:.2g} % of {reading} in the middle"
        warn(f'{said}: take them apart with split, by = "rising_or_falling"')
    return by_x(T, y, sigma)


def _hysteresis(T: np.ndarray, y: np.ndarray) -> float:
    """Median difference of the two directions of a sweep over the reading, 0 where it has one."""
    way = branches(T)
    up, down = (np.flatnonzero(way == sign) for sign in (1, -1))
    if min(up.size, down.size) < 8:
        return 0.0
    order = down[np.argsort(T[down], kind="stable")]
    inside = up[(T[up] >= T[order[0]]) & (T[up] <= T[order[-1]])]
    if not inside.size:
        return 0.0
    difference = np.abs(np.interp(T[inside], T[order], y[order]) - y[inside])
    noise = white_noise(y[up], robust=True) + white_noise(y[down], robust=True)
    middle = float(np.median(difference))
    return middle / float(np.median(np.abs(y)) or np.inf) if middle > 3 * noise else 0.0


@checked
def residual_ratio(
    data: xr.Dataset,
    reading: str = "R_xx",
    *,
    high: Annotated[float | None, In("K")] = None,
    low: Annotated[float | None, In("K")] = None,
) -> xr.Dataset:
    """Residual resistance ratio R(high)/R(low) [K; default the ends of the sweep].

    Each resistance is that of a parabola in ln T through the points within 3 % of the temperature, at least the seven
    next to it (a straight line where these lie within 4 %). Parameters: ratio, R_high, R_low. Raises
    :class:`MeasurementError` for a temperature outside the sweep.
    """
    T, y, sigma = by_temperature(data, reading)
    unit = unit_of(data, reading)
    ends = {"R_high": T[-1] if high is None else float(high), "R_low": T[0] if low is None else float(low)}
    _check_within(T, "high", ends["R_high"])
    _check_within(T, "low", ends["R_low"])
    if not ends["R_high"] > ends["R_low"]:
        got = (ends["R_high"], ends["R_low"])
        raise MeasurementError(field="high, low", unit="K", got=got, allowed="the higher temperature first")
    numbers, curves = {}, []
    for name, where in ends.items():
        numbers[name], curve = _at(T, y, sigma, where)
        curves.append(curve)
    (h, eh, fh), (c, ec, fc) = numbers["R_high"], numbers["R_low"]
    if abs(c) <= 3 * ec or c == 0:
        why = f"{c:.3g} +- {ec:.2g} {unit} at {ends['R_low']:.4g} K, of which no ratio can be taken"
        raise MeasurementError(why, field=reading)
    parts = [(eh / c) ** 2, (h * ec / c**2) ** 2]
    found = {
        "ratio": Found(
            h / c, float(np.sqrt(sum(parts))), "1", "residual resistance ratio", pooled_freedom(parts, [fh, fc])
        )
    }
    found |= {k: Found(v[0], v[1], unit, f"reading at {ends[k]:.4g} K", v[2]) for k, v in numbers.items()}
    lines = fit_lines("temperature", {reading: unit}, _lines(*curves))
    return report(data, found, curves=lines, reading=reading, high=ends["R_high"], low=ends["R_low"],
                  fit_windows=_windows(*curves))  # fmt: skip


@checked
def resistivity_at(
    data: xr.Dataset,
    temperature: Annotated[float, In("K")],
    reading: str = "R_xx",
    *,
    bar_length: Annotated[float | None, In("m")] = None,
    bar_width: Annotated[float | None, In("m")] = None,
    film_thickness: Annotated[float | None, In("m")] = None,
) -> xr.Dataset:
    """Resistivity at one temperature [K] of a sweep of R_xx [Ohm], read as in :func:`residual_ratio`.

    The bar's length and width [m] and the thickness of the film [m] are given here or by the attributes of the
    measurement. Parameters: resistivity [Ohm m], sheet_resistance [Ohm], resistance [Ohm]. Raises
    :class:`MeasurementError` where a size is missing and for a temperature outside the sweep.
    """
    T, y, sigma = by_temperature(data, reading)
    length, width, thickness = bar(data, bar_length, bar_width, film_thickness)
    where = _check_within(T, "temperature", float(temperature))
    check_resistances(data, reading)
    (value, error, freedom), curve = _at(T, y, sigma, where)
    if value < -3 * error:
        remedy = "Two contacts or the current may be the other way round."
        raise MeasurementError(field=reading, unit="Ohm", got=value, allowed="positive resistances", remedy=remedy)
    found = {
        name: Found(value * scale, error * scale, unit, f"{words} at {where:.4g} K", freedom)
        for name, scale, unit, words in (
            ("resistivity", width / length * thickness, "Ohm m", "resistivity"),
            ("sheet_resistance", width / length, "Ohm", "sheet resistance"),
            ("resistance", 1.0, unit_of(data, reading), "reading"),
        )
    }
    lines = fit_lines("temperature", {reading: unit_of(data, reading)}, _lines(curve))
    out = report(data, found, curves=lines, reading=reading, fit_windows=_windows(curve))
    return out.assign_attrs(temperature=where, temperature_spread=0.0)


def bar(data: xr.Dataset, length: float | None, width: float | None, thickness: float | None) -> list[float]:
    """Length and width of the bar and thickness of the film [m], given or attributes of the measurement."""
    out, problems = [], Problems()
    for name, given in (("bar_length", length), ("bar_width", width), ("film_thickness", thickness)):
        with problems:
            out.append(required(size_of(data, name, given), name, "It turns the resistance into a resistivity."))
    problems.end()
    return out


def value_at(data: xr.Dataset, reading: str, temperature: float) -> tuple[float, float, float]:
    """A reading of a temperature sweep at one temperature [K]: value, standard error, degrees of freedom."""
    T, y, sigma = by_temperature(data, reading)
    return _at(T, y, sigma, _check_within(T, "temperature", temperature))[0]


def _check_within(T: np.ndarray, name: str, where: float) -> float:
    if not T[0] - 0.02 * where <= where <= T[-1] + 0.02 * where:
        allowed = f"{T[0]:g} K to {T[-1]:g} K, the range of the sweep"
        raise MeasurementError(field=name, unit="K", got=where, allowed=allowed)
    return where


def _lines(*curves: LocalCurve) -> Lines:
    """Curves in ln T over T."""
    return [(np.exp(x), y) for x, y in (curve.line() for curve in curves)]


def _windows(*curves: LocalCurve) -> list[float]:
    return [float(np.exp(end)) for curve in curves for end in curve.window]


def _at(T: np.ndarray, y: np.ndarray, sigma: np.ndarray, where: float) -> tuple[tuple[float, float, float], LocalCurve]:
    distance = np.abs(T - where)
    near = distance <= max(0.03 * where, float(np.sort(distance)[min(6, T.size - 1)]))
    straight = np.ptp(T[near]) < 0.04 * where or near.sum() < 7
    curve = local_curve(np.log(T[near]), y[near], 1 if straight else 2, sigma[near])
    return (*curve.at(np.log(where)), curve.freedom), curve


@checked
def upturn(data: xr.Dataset, reading: str = "R_xx") -> xr.Dataset:
    """Minimum of R(T) above a low-temperature upturn.

    The minimum is that of a polynomial of ln T (sixth degree, lower for few points) through the points within a
    quarter of the upturn, or less where the polynomial misses them. Parameters: temperature [K], R_min, rise (R at the
    lowest temperature over R_min, less 1), and log_slope = d(1/R)/d ln T [1/unit] below half the temperature of the
    minimum, where four points or more lie there; positive for weak localization in two dimensions, where the
    conductance of a square falls as ln T (Lee and Ramakrishnan, Rev. Mod. Phys. 57 (1985) 287). Raises
    :class:`MeasurementError` where R has no minimum inside the sweep.
    """
    T, y, sigma = by_temperature(data, reading, least=7)
    unit = unit_of(data, reading)
    calm = smoothed(y, 5 if y.size >= 25 else 3)
    low = int(np.argmin(calm))
    rise, fall = float(calm[: low + 1].max() - calm[low]), float(calm[low:].max() - calm[low])
    noise = white_noise(y)
    if min(rise, fall) <= 3 * noise or min(low, y.size - 1 - low) < 2:
        side = "lowest" if low < y.size / 2 else "highest"
        raise MeasurementError(f"no minimum inside the sweep; it falls up to the {side} temperature", field=reading)
    x = np.log(T)
    curve = summit(x, y, sigma, low, -min(rise, fall), 5)
    where, error = curve.extremum()
    bottom, error_bottom = curve.height()
    (cold, error_cold, freedom_cold), first = _at(T, y, sigma, T[0])
    parts = [(error_cold / bottom) ** 2, (cold * error_bottom / bottom**2) ** 2]
    T_min = float(np.exp(where))
    dof = pooled_freedom(parts, [freedom_cold, curve.freedom])
    found = {
        "temperature": Found(T_min, T_min * error, "K", "temperature of the minimum", curve.freedom),
        "R_min": Found(bottom, error_bottom, unit, "reading at the minimum", curve.freedom),
        "rise": Found(cold / bottom - 1, float(np.sqrt(sum(parts))), "1", "rise to the lowest temperature", dof),
    }
    below, logarithmic = T_min / 2 > T, Lines()
    if np.sum(below) >= 4 and np.all(y[below] > 0):
        design = np.stack([np.ones(below.sum()), x[below]], axis=1)
        fit = linear_fit(design, 1 / y[below], sigma[below] / y[below] ** 2)
        found["log_slope"] = Found(
            float(fit.values[1]), float(fit.errors[1]), f"1/{unit}", "d(1/R)/d ln T below the minimum", fit.freedom
        )
        places = np.geomspace(T[0], T[below].max(), 101)
        logarithmic.append((places, 1 / (fit.values[0] + fit.values[1] * np.log(places))))
    lines = fit_lines("temperature", {reading: unit}, [*_lines(first, curve), *logarithmic])
    return report(data, found, curves=lines, reading=reading, fit_windows=_windows(first, curve))
