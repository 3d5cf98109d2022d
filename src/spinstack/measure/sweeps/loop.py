"""Hysteresis loops of the anomalous Hall effect or of a moment: amplitude, coercive fields, remanence, background."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, choice, switch
from spinstack.measure.measurement import MeasurementError, warn
from spinstack.measure.rows import check_resistances, finite_rows
from spinstack.measure.scan_columns import scaled
from spinstack.measure.statistics.coverage import pooled_freedom
from spinstack.measure.statistics.estimate import Estimate, linear_fit, propagated
from spinstack.measure.sweeps.branching import branches, without_virgin_curve
from spinstack.measure.sweeps.hall import size_of
from spinstack.measure.sweeps.local import by_x, local_curve
from spinstack.measure.sweeps.loop_model import SHAPES, fit_shape, shape_at
from spinstack.measure.sweeps.results import Found, Lines, copies_of, fit_attributes, fit_lines, report, unit_of
from spinstack.measure.sweeps.switching import Crossing, switching
from spinstack.text.units import In

#: errors of the amplitude up to which there is no loop
NONE = 3.0
#: what there is to tell of one
NUMBERS = {
    "coercive_field": ("T", "half the width of the loop"),
    "bias": ("T", "middle of the loop"),
    "coercive_rising": ("T", "crossing of the rising branch"),
    "coercive_falling": ("T", "crossing of the falling branch"),
    "remanence": ("", "half the height of the loop at zero field"),
    "squareness": ("1", "remanence over amplitude"),
}
#: in errors, and as a part of the amplitude: what the background leaves out is told above both
DOUBTFUL, SMALL = 4.0, 0.01


class Loop(NamedTuple):
    """Points of the main loop: field [T], reading, standard error (or None), branch, and time from -1/2 to 1/2."""

    B: np.ndarray
    y: np.ndarray
    sigma: np.ndarray | None
    branch: np.ndarray
    copies: int
    time: np.ndarray


@checked
def hysteresis_loop(
    data: xr.Dataset,
    reading: str = "moment",
    *,
    above: Annotated[float | None, In("T")] = None,
    slope: float | None = None,
    method: str = "branches",
    drift: bool = False,
) -> xr.Dataset:
    """Numbers of one hysteresis loop, reading(B) = offset + slope B + loop(B), the loop closed above `above` [T].

    `method` "branches" needs no model: the background and the amplitude come from a line and a step through ``|B|`` >=
    above (default: 70 % of the largest field), the coercive fields from a cubic through the switching of each branch
    (points where the loop is below half its amplitude, less where a cubic misses them) or, where fewer than eight lie
    there, from the two to four points next to the crossing with an error for what the shape may do between them
    (docs/methods/field_sweeps.md), the remanence from the points next to zero. "tanh", "erf" and
    "langevin" fit both branches together with that shape of one width, through all points (lmfit). `slope` [unit of
    the reading per T] is that of the background where it is known: 0 keeps the slope of a loop that does not saturate,
    as of a bulk magnet in its own field. `drift` takes a drift off that is straight in time (the order of the rows
    where there is no "time"), fitted to both ends of the loop together with the background.

    Parameters: amplitude (half the step) and offset [unit of the reading], slope [per T], coercive_field, bias,
    coercive_rising, coercive_falling [T] (bias is their mean), remanence, squareness = remanence/amplitude, width [T]
    of a model, and the drift from the first to the last row where it is asked for. A virgin curve is left out.
    Attributes: `curvature_over_error`, significance of an additional sign(B) B^2 in the background (several units: the
    loop is not saturated in the window, and amplitude and slope depend on it), and `opening_over_error`, that of a
    difference of the branches there (not closed yet, or the field lags its reading); both are told as warnings above 4
    errors and 1 % of the amplitude. Raises
    :class:`MeasurementError` where a branch is missing or the window is empty.
    """
    return _analysed(data, reading, above, slope, method, drift, None)


@checked
def anomalous_hall_loop(
    data: xr.Dataset,
    reading: str = "R_xy",
    *,
    above: Annotated[float | None, In("T")] = None,
    slope: float | None = None,
    method: str = "branches",
    drift: bool = False,
    film_thickness: Annotated[float | None, In("m")] = None,
) -> xr.Dataset:
    """:func:`hysteresis_loop` of R_xy(B): the slope is the ordinary Hall effect, the loop the anomalous one.

    With `film_thickness` [m] (or the attribute) also hall_resistivity [Ohm m], the amplitude times the thickness, as in
    Zheng et al., ACS Nano (2024), doi:10.1021/acsnano.4c01910, Fig. 2, and hall_coefficient [m^3/C].
    """
    return _analysed(data, reading, above, slope, method, drift, size_of(data, "film_thickness", film_thickness))


def _analysed(
    data: xr.Dataset,
    reading: str,
    above: float | None,
    slope: float | None,
    method: str,
    drift: bool,
    thickness: float | None,
) -> xr.Dataset:
    choice(method, "method", ("branches", *SHAPES))
    switch(drift, "drift")
    if thickness is not None:
        check_resistances(data, reading)
    loop = main_loop(data, reading)
    if drift and loop.copies > 1:
        why = "after its even or odd part was taken each row holds readings of two times"
        raise MeasurementError(why, field="drift", got=drift, remedy="Fit the loop as it was measured.")
    background, low, doubts = _background(loop, above, slope, drift)
    attributes: dict[str, Any] = {"reading": reading, "method": method, "above": low, **doubts}
    unit = unit_of(data, reading)
    start, lines = _without_model(loop, background, low, unit)
    fit, found = background, start
    if method == "branches" or np.isnan(start["coercive_field"].value):
        attributes["fit_windows"] = [float(loop.B.min()), -low, low, float(loop.B.max())]
    else:
        time = loop.time if drift else None
        found, fit = fit_shape(
            loop.B, loop.y, loop.sigma, loop.branch, method, start, unit, slope, loop.copies, time=time
        )
        places = np.linspace(loop.B.min(), loop.B.max(), 401)
        lines = [(places, shape_at(places, side, method, found)) for side in (1, -1)]
    if thickness is not None:
        for name, part, hall_unit, words in (
            ("hall_resistivity", found["amplitude"], "Ohm m", "anomalous Hall resistivity"),
            ("hall_coefficient", found["slope"], "m^3/C", "ordinary Hall coefficient"),
        ):
            found[name] = Found(part.value * thickness, part.error * thickness, hall_unit, words, part.freedom)
    line = found["offset"].value + found["slope"].value * loop.B
    if drift:
        line = line + found["drift"].value * loop.time
    curves = {
        "field": ("row", loop.B, {"units": "T"}),
        "loop": ("row", loop.y - line, {"units": unit, "long_name": "loop without background"}),
        "background": ("row", line, {"units": unit}),
        "branch": ("row", loop.branch),
        **fit_lines("field", {reading: unit}, lines),
    }
    return report(data, found, curves=curves, **attributes, **fit_attributes(fit))


def main_loop(data: xr.Dataset, reading: str, remedy: str = "") -> Loop:
    """Rows of a loop with both branches, the virgin curve and rests left out."""
    (B, y), sigma, kept = finite_rows(data, "field", reading=reading)
    branch = branches(B)
    rows = without_virgin_curve(B, branch) & (branch != 0)
    for sign, words in ((1, "rising"), (-1, "falling")):
        if np.sum(branch[rows] == sign) < 5:
            why = f"fewer than 5 points are on a {words} branch"
            raise MeasurementError(why, field="field", allowed="a sweep up and down", remedy=remedy)
    time = (np.asarray(data["time"].values, dtype=float)[kept] if "time" in data.variables else kept)[rows]
    errors = None if sigma is None else sigma[rows]
    return Loop(B[rows], y[rows], errors, branch[rows], copies_of(data, reading), scaled(time) / 2)


def _background(
    loop: Loop, above: float | None, slope: float | None, drift: bool
) -> tuple[Estimate, float, dict[str, float]]:
    """Offset, slope, amplitude, drift; lower end of the window; significance of what they leave out."""
    low = 0.7 * float(np.abs(loop.B).max()) if above is None else float(above)
    high = np.abs(loop.B) >= low
    if low <= 0 or min(np.sum(high & (loop.B > 0)), np.sum(high & (loop.B < 0))) < 3:
        reach = np.abs(loop.B).max()
        allowed = f"a field with 3 points above it on both sides (of {reach:g} T)"
        raise MeasurementError(field="above", unit="T", got=low, allowed=allowed)
    B, y, branch = loop.B[high], loop.y[high], loop.branch[high]
    sigma = None if loop.sigma is None else loop.sigma[high]
    free = [0, *([] if slope is not None else [1]), 2, *([3] if drift else [])]
    design = np.stack([np.ones(B.size), B, np.sign(B), loop.time[high]], axis=1)[:, free]
    y = y - (slope or 0.0) * B
    fit = linear_fit(design, y, sigma, loop.copies)
    doubts = {}
    extra = {"curvature_over_error": np.sign(B) * (B / low) ** 2, "opening_over_error": -branch.astype(float)}
    if B.size >= 10 and np.unique(np.abs(B)).size >= 4 and np.ptp(branch) > 0:
        more = linear_fit(np.column_stack([design, *extra.values()]), y, sigma, loop.copies)
        score = more.values / more.errors
        doubts = dict(zip(extra, map(float, score[len(free) :]), strict=True))
        _tell(more.values[-2:] / abs(fit.values[free.index(2)]), score[-2:], low)
    values, covariance = np.array([0.0, slope or 0.0, 0.0, 0.0]), np.zeros((4, 4))
    values[free], covariance[np.ix_(free, free)] = fit.values, fit.covariance
    return replace(fit, values=values, covariance=covariance), low, doubts


def _tell(parts: np.ndarray, errors: np.ndarray, low: float) -> None:
    """Warn of the bend and the opening that the background leaves out: parts of the amplitude, in how many errors."""
    for what, why, factor, part, error in zip(
        ("the background bends", "the branches still differ"),
        (
            "not saturated there, or not linear",
            "a drift (a straight one is taken off with drift = true), a lag, or no saturation yet",
        ),
        (1, 2), parts, errors, strict=True,
    ):  # fmt: skip
        if abs(error) > DOUBTFUL and abs(part) > SMALL:
            said = f"above {low:.3g} T {what} by {abs(factor * part):.1%} of the amplitude ({abs(error):.0f} errors)"
            warn(f"{said}: {why}")


def _without_model(loop: Loop, background: Estimate, low: float, unit: str) -> tuple[dict[str, Found], Lines]:
    """Coercive fields and remanence of each branch, with the error of the background in all of them, and the lines."""
    offset, slope, amplitude, drift = background.values
    shown = {
        "amplitude": (amplitude, 2, unit, "half the step of the loop"),
        "offset": (offset, 0, unit, "vertical offset"),
        "slope": (slope, 1, f"{unit}/T", "slope of the background"),
    }
    if background.covariance[3, 3] > 0:
        shown["drift"] = (drift, 3, unit, "drift from the first to the last row")
    if abs(amplitude) <= NONE * background.errors[2]:
        size = f"amplitude {amplitude:.3g} +- {background.errors[2]:.2g} {unit}"
        warn(
            f"no step between the two field directions: {size}; the rest of the loop is not told "
            "(a drift widens these errors: drift = true takes a straight one off)"
        )
        known = {
            n: Found(v, float(background.errors[k]), u, w, background.freedom) for n, (v, k, u, w) in shown.items()
        }
        return known | {n: Found(np.nan, np.nan, u or unit, w) for n, (u, w) in NUMBERS.items()}, []
    sign = float(np.sign(amplitude))
    flat = loop.y - offset - slope * loop.B - drift * loop.time
    noise = float(np.sqrt(background.reduced_chi_square)), background.freedom
    values, own, freedom, influence = [], [], [], []
    crossings: list[Crossing] = []
    ends = np.array([loop.B.min(), -low]), np.array([low, loop.B.max()])
    lines = [(x, offset + slope * x + amplitude * np.sign(x)) for x in ends]
    for side in (1, -1):
        on = loop.branch == side
        B, m, sigma = by_x(
            loop.B[on],
            sign * flat[on],
            None if loop.sigma is None else loop.sigma[on],
        )
        passes = switching(B, m, sigma, abs(amplitude), noise)
        crossings.append(passes)
        lines.append((passes.line[0], offset + slope * passes.line[0] + sign * passes.line[1]))
        values.append(passes.field)
        own.append(passes.error**2)
        freedom.append(passes.freedom)
        # the offset and slope that were taken off move the crossing
        then = float(np.interp(passes.field, *by_x(loop.B[on], loop.time[on], None)[:2]))
        influence.append([sign / passes.slope, sign * passes.field / passes.slope, 0.0, sign * then / passes.slope])
    spread = abs(values[0] - values[1]) / 2
    for side in (1, -1):
        on = loop.branch == side
        B, m, sigma = by_x(loop.B[on], flat[on], None if loop.sigma is None else loop.sigma[on])
        value, error, dof = _remanent(B, m, sigma, 0.4 * spread, noise)
        values.append(value)
        own.append(error**2)
        freedom.append(dof)
        then = float(np.interp(0.0, *by_x(loop.B[on], loop.time[on], None)[:2]))
        influence.append([-1.0, 0.0, 0.0, -then])
    common = crossings[0].common(crossings[1])
    J = np.vstack([np.eye(4), influence])
    shared = propagated(J, background.covariance)
    covariance = shared + np.diag([0.0, 0.0, 0.0, 0.0, *own])
    rising, falling, up, down = values
    half, mean = (rising - falling) / 2, (rising + falling) / 2
    remanence = (down - up) / 2
    row = np.eye(8)
    rows = {name: (value, row[k]) for name, (value, k, _, _) in shown.items()} | {
        "coercive_field": (half, (row[4] - row[5]) / 2),
        "bias": (mean, (row[4] + row[5]) / 2),
        "coercive_rising": (rising, row[4]),
        "coercive_falling": (falling, row[5]),
        "remanence": (remanence, (row[7] - row[6]) / 2),
        "squareness": (
            remanence / amplitude,
            (row[7] - row[6]) / 2 / amplitude - remanence / amplitude**2 * row[2],
        ),
    }
    found = {}
    for name, (value, w) in rows.items():
        words_unit, words = shown[name][2:] if name in shown else NUMBERS[name]
        error = float(np.sqrt(w @ covariance @ w))
        parts, freedoms = [float(w @ shared @ w), *(w[4:] ** 2 * np.asarray(own))], [background.freedom, *freedom]
        if loop.copies > 1 and np.count_nonzero(w[4:]) > 1:
            # of a curve made odd the branches are each other's images: not independent
            error = float(np.hypot(np.abs(w[4:]) @ np.sqrt(own), np.sqrt(w @ shared @ w)))
        elif name == "coercive_field" and common > 0:
            error = float(np.sqrt(error**2 + 2 * w[4] * -w[5] * common))
            parts, freedoms = [parts[0], error**2 - parts[0]], [background.freedom, min(freedom[:2])]
        found[name] = Found(float(value), error, words_unit or unit, words, pooled_freedom(parts, freedoms))
    return found, lines


def _remanent(
    B: np.ndarray, m: np.ndarray, sigma: np.ndarray, reach: float, noise: tuple[float, float]
) -> tuple[float, float, float]:
    """Value of a branch at zero field: value, error, freedom."""
    if B[0] > 0 or B[-1] < 0:
        raise MeasurementError("a branch of the loop does not pass zero", field="field")
    near = np.abs(B) <= reach
    if near.sum() >= 4 and B[near].min() <= 0 <= B[near].max() and np.ptp(B[near]) > 0:
        curve = local_curve(B[near], m[near], 1 if near.sum() < 6 else 2, sigma[near], noise)
        value, error = curve.at(0.0)
        return value, error, curve.freedom
    # few points before the switching: between the two next to zero the branch may be anywhere from one to the other
    k = int(np.clip(np.searchsorted(B, 0.0), 1, B.size - 1))
    f = float((0.0 - B[k - 1]) / (B[k] - B[k - 1])) if B[k] > B[k - 1] else 0.5
    own = noise[0] * float(np.hypot((1 - f) * sigma[k - 1], f * sigma[k]))
    shape = abs(float(m[k] - m[k - 1])) * np.sqrt(f * (1 - f))
    freedom = pooled_freedom([own**2, shape**2], [noise[1], np.inf]) if own > 0 else np.inf
    return float((1 - f) * m[k - 1] + f * m[k]), float(np.hypot(own, shape)), freedom
