"""Butterfly magnetoresistance: peaks at the coercive fields, ratio at a field, splitting of the branches."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.coverage import pooled_freedom
from spinstack.measure.statistics.noise import white_noise
from spinstack.measure.sweeps.at_zero import zero_field
from spinstack.measure.sweeps.local import LocalCurve, by_x, local_curve, smoothed, summit
from spinstack.measure.sweeps.loop import Loop, main_loop
from spinstack.measure.sweeps.results import Found, Lines, fit_lines, report, unit_of
from spinstack.text.units import In

Number = tuple[float, float, float]


@checked
def butterfly(data: xr.Dataset, reading: str = "R_xx", *, at: Annotated[float | None, In("T")] = None) -> xr.Dataset:
    """Numbers of a magnetoresistance loop R(B): MR = (R(B) - R(0))/R(0), with R(0) the mean of both branches.

    `at` [T] is where the ratio is read, as the mean over +-at and both branches (default: the largest field reached on
    both sides). The peak of each branch, a maximum or a minimum, whichever stands out, is that of a polynomial (sixth
    degree, lower for few points) through the points within a quarter of its height of the top, or less where the
    polynomial misses them; where a branch has several, the one that stands out most of the other branch.

    Parameters: ratio [1] (at the field `at`), zero_field [unit of the reading], peak_rising, peak_falling, peak_field
    (half their distance), peak_bias [T], peak_ratio (mean height against R(0)) [1], splitting (largest difference
    falling - rising, the positive one where two are alike, [unit]), splitting_ratio, splitting_field [T]. Where a
    branch has no peak inside its range, the
    peak parameters are NaN and the attribute `peaks` says why. Raises :class:`MeasurementError` where a branch or zero
    field is missing. Source: Zheng et al., ACS Nano (2024), doi:10.1021/acsnano.4c01910, Fig. 2c.
    """
    loop = main_loop(data, reading, remedy="The analysis magnetoresistance takes a sweep in one direction.")
    unit = unit_of(data, reading)
    zero = zero_field(data, reading)
    reach = min(float(loop.B.max()), float(-loop.B.min()))
    where = reach if at is None else float(at)
    if not 0 < where <= reach * (1 + 1e-9):
        allowed = f"above 0 and up to {reach:g} T, reached on both sides"
        raise MeasurementError(field="at", unit="T", got=where, allowed=allowed)
    sides = {s: by_x(loop.B[b], loop.y[b], None if loop.sigma is None else loop.sigma[b]) for s, b in _on(loop)}
    ratio, ends = _ratio(loop, where, zero)
    found = {
        "ratio": Found(*ratio[:2], "1", f"(R - R(0))/R(0) at {where:g} T", ratio[2]),
        "zero_field": Found(zero[0], zero[1], unit, "reading at zero field, mean of the branches", zero[2]),
    }
    reason, peaks = "found", dict[int, LocalCurve]()
    try:
        peaks = {s: _peak(*sides[s], sides[-s], reach) for s in (1, -1)}
        numbers = _peak_numbers(peaks, zero, loop.copies)
    except MeasurementError as missing:
        reason, peaks = str(missing), {}
        numbers = dict.fromkeys(("peak_rising", "peak_falling", "peak_field", "peak_bias", "peak_ratio"), (np.nan,) * 3)
    words = {
        "peak_rising": ("T", "peak of the rising branch"),
        "peak_falling": ("T", "peak of the falling branch"),
        "peak_field": ("T", "half the distance of the peaks"),
        "peak_bias": ("T", "middle of the peaks"),
        "peak_ratio": ("1", "height of the peaks, (R - R(0))/R(0)"),
    }
    found |= {k: Found(v[0], v[1], *words[k], v[2]) for k, v in numbers.items()}
    field, size, curve = _splitting(sides, reach)
    found["splitting"] = Found(size[0], size[1], unit, "largest difference of the branches, falling - rising", size[2])
    share = size[0] / zero[0]
    spread = abs(share) * float(np.hypot(size[1] / size[0], zero[1] / zero[0])) if size[0] else np.nan
    found["splitting_ratio"] = Found(share, spread, "1", "largest difference of the branches over R(0)", size[2])
    found["splitting_field"] = Found(*field[:2], "T", "field of the largest difference", field[2])
    lines = [*(c.line() for c in peaks.values()), *ends]
    curves = {
        **fit_lines("field", {reading: unit}, lines),
        "field": ("row", loop.B, {"units": "T"}),
        "branch": ("row", loop.branch),
        "magnetoresistance": ("row", loop.y / zero[0] - 1, {"units": "1"}),
        "difference": ("grid", curve[1], {"units": unit, "long_name": "falling - rising"}),
    }
    return report(
        data,
        found,
        curves=curves,
        coords={"grid": ("grid", curve[0], {"units": "T"})},
        reading=reading,
        at=where,
        peaks=reason,
        fit_windows=[float(end) for x, _ in lines for end in (x.min(), x.max())],
    )


def _on(loop: Loop) -> list[tuple[int, np.ndarray]]:
    return [(s, loop.branch == s) for s in (1, -1)]


def _ratio(loop: Loop, where: float, zero: Number) -> tuple[Number, Lines]:
    """Mean over both signs of field and both branches, from lines through the points next to it, and these lines."""
    found, lines = [], []
    for sign in (1, -1):
        side = sign * loop.B
        order = np.argsort(np.abs(side - where), kind="stable")
        half = max(0.05 * where, float(np.abs(side - where)[order[min(5, order.size - 1)]]))
        near = np.abs(side - where) <= half
        sigma = None if loop.sigma is None else loop.sigma[near]
        curve = local_curve(side[near], loop.y[near], 1 if near.sum() < 12 else 2, sigma)
        value, error = curve.at(where)
        found.append((value, error, curve.freedom))
        x, y = curve.line()
        lines.append((sign * x, y))
    mean = (found[0][0] + found[1][0]) / 2
    parts = [loop.copies * (f[1] / 2 / zero[0]) ** 2 for f in found] + [(mean * zero[1] / zero[0] ** 2) ** 2]
    dof = pooled_freedom(parts, [found[0][2], found[1][2], zero[2]])
    return (mean / zero[0] - 1, float(np.sqrt(sum(parts))), dof), lines


def _peak(
    B: np.ndarray, y: np.ndarray, sigma: np.ndarray, other: tuple[np.ndarray, np.ndarray, np.ndarray], reach: float
) -> LocalCurve:
    """Polynomial through the peak of one branch, sorted by field; of several, the one that the other branch lacks."""
    from scipy.signal import find_peaks

    calm = smoothed(y, 5 if y.size >= 25 else 3)
    inner = np.abs(B) < 0.8 * reach
    # against the line between the ends, a peak is what stands out most
    line = np.interp(B, [B[0], B[-1]], [calm[:3].mean(), calm[-3:].mean()])
    lift = calm - line
    sign = 1.0 if np.max(lift[inner], initial=0.0) >= -np.min(lift[inner], initial=0.0) else -1.0
    top = int(np.argmax(np.where(inner, sign * lift, -np.inf)))
    # a broad background, common to both branches, may be higher than the peak on its slope
    noise = white_noise(y)
    apart = sign * (calm - np.interp(B, other[0], smoothed(other[1], 5 if other[1].size >= 25 else 3)))
    left, right = sign * lift[: top + 1], sign * lift[top:]
    height = sign * lift[top] - max(left.min(), right.min())
    tops, found = find_peaks(np.where(inner, sign * lift, -np.inf), prominence=3 * noise)
    if tops.size > 1 and max(apart[tops]) > 5 * noise:
        k = int(np.argmax(apart[tops]))
        top, height = int(tops[k]), float(min(height, found["prominences"][k]))
    if not height > 3 * noise:
        why = f"none stands out of the noise; the highest point is near {B[top]:.4g} T"
        raise MeasurementError(why, field="peak")
    curve = summit(B, y, sigma, int(top), sign * height, 5)
    curve.extremum()
    return curve


def _peak_numbers(peaks: dict[int, LocalCurve], zero: Number, copies: int) -> dict[str, Number]:
    at = {s: (*c.extremum(), c.freedom) for s, c in peaks.items()}
    up, down = at[1], at[-1]
    both = float(np.hypot(up[1], down[1])) / 2 * np.sqrt(copies)
    dof = pooled_freedom([up[1] ** 2, down[1] ** 2], [up[2], down[2]])
    heights = [c.height() for c in peaks.values()]
    mean = sum(h[0] for h in heights) / 2
    parts = [copies * (h[1] / 2 / zero[0]) ** 2 for h in heights] + [(mean * zero[1] / zero[0] ** 2) ** 2]
    dof_height = pooled_freedom(parts, [*(c.freedom for c in peaks.values()), zero[2]])
    return {
        "peak_rising": up,
        "peak_falling": down,
        "peak_field": ((up[0] - down[0]) / 2, both, dof),
        "peak_bias": ((up[0] + down[0]) / 2, both, dof),
        "peak_ratio": (mean / zero[0] - 1, float(np.sqrt(sum(parts))), dof_height),
    }


def _splitting(
    sides: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]], reach: float
) -> tuple[Number, Number, tuple[np.ndarray, np.ndarray]]:
    """Where the branches differ most and by how much, from their difference on a common grid."""
    points = min(sides[1][0].size, sides[-1][0].size)
    grid = np.linspace(-reach, reach, points | 1)
    difference = np.interp(grid, *sides[-1][:2]) - np.interp(grid, *sides[1][:2])
    calm = smoothed(difference, 5 if points >= 25 else 3)
    top = int(np.argmax(np.abs(calm)))
    # of a loop around zero field the branches differ by as much on the other side, with the other sign
    if calm.max() > abs(calm[top]) - 3 * white_noise(difference):
        top = int(np.argmax(calm))
    try:
        curve = summit(grid, difference, np.ones(grid.size), top, float(calm[top]), 5)
        where = (*curve.extremum(), curve.freedom)
        size = (*curve.height(), curve.freedom)
    except MeasurementError:
        # no smooth maximum: its height at the highest point, and any place where the branches differ as much
        tall = grid[np.sign(calm[top]) * calm >= abs(calm[top]) / 2]
        where = float(grid[top]), float(np.ptp(tall)) / np.sqrt(12), np.inf
        size = float(difference[top]), white_noise(difference), float(max(1, difference.size - 3))
    return where, size, (grid, difference)
