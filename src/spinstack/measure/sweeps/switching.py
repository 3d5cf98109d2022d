"""Where one branch of a loop passes zero, with an error that covers what lies between its points.

The error of few points was calibrated on shapes that differ in their tails and their symmetry, see
docs/methods/field_sweeps.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.coverage import pooled_freedom
from spinstack.measure.statistics.noise import white_noise
from spinstack.measure.sweeps.local import LocalCurve, local_curve, smoothed

#: points within half the amplitude that a polynomial is fitted through; through fewer the curve is interpolated
MANY = 8
#: error of the interpolated crossing over the gap: c (rise of the gap over that of the loop)^p, for 2 and 4 points
_SHAPE = {2: (0.11, 1.5), 4: (0.13, 2.5)}
#: what the calibration has for degrees of freedom: its tails are those of few
_FREEDOM = 2.0


#: where an interpolated branch is drawn, as a part of its gap
PLACES = np.linspace(0, 1, 41)


class Crossing(NamedTuple):
    """Field [T] where a branch passes zero, standard error, slope of the branch there, freedom; the line, to draw.

    `gap`: the points [T] between which it was interpolated, None where a curve was fitted; `shape` [T]: what the shape
    of the branch, which these do not tell, has in the error, and how `alike` (0 to 1) it is for both branches.
    """

    field: float
    error: float
    slope: float
    freedom: float
    line: tuple[np.ndarray, np.ndarray]
    gap: tuple[float, float] | None = None
    shape: float = 0.0
    alike: float = 0.0

    def common(self, other: Crossing) -> float:
        """Covariance [T^2] of half the width of the loop: by how much both branches are wrong together.

        All of what the shape has, where they were interpolated between the same points or their mirror images. Between
        others a lopsided branch still shifts both outward; a step that lies in one gap may be anywhere in each.
        """
        if self.gap is None or other.gap is None:
            return 0.0
        near = 0.1 * (self.gap[1] - self.gap[0])
        mirrored = (-other.gap[1], -other.gap[0])
        same = any(max(abs(a - b) for a, b in zip(self.gap, g, strict=True)) <= near for g in (other.gap, mirrored))
        return self.shape * other.shape * (1.0 if same else min(self.alike, other.alike))


def switching(
    B: np.ndarray, m: np.ndarray, sigma: np.ndarray, amplitude: float, noise: tuple[float, float]
) -> Crossing:
    """The crossing of a branch that rises through zero, sorted by field.

    `sigma` is the error of each point in units of the `noise` (and its freedom) that the background shows. Raises
    :class:`MeasurementError` for a branch that does not change its sign from - to +.
    """
    calm = smoothed(m, 3)
    positive = np.flatnonzero(calm > 0)
    if positive.size == 0 or (positive[0] == 0 and np.all(calm > 0)):
        raise MeasurementError("a branch does not change its sign after the background is taken off", field="loop")
    # the sign change with the largest rise across it, so that noise around zero elsewhere does not count
    changes = np.flatnonzero((calm[:-1] <= 0) & (calm[1:] > 0))
    if changes.size == 0:
        why, remedy = "a branch runs against the step of the background", "Check sign and window `above`."
        raise MeasurementError(why, field="loop", remedy=remedy)
    at = int(changes[np.argmax(calm[np.minimum(changes + 3, m.size - 1)] - calm[np.maximum(changes - 2, 0)])])
    where = float(B[at])
    curve = _curve(B, m, sigma, amplitude, noise, at)
    if curve is not None:
        field, error = curve.crossing()
        return Crossing(field, error, float(curve.value(field, 1)), curve.freedom, curve.line())
    B, m, sigma = _merged(B, m, sigma)
    pairs = np.flatnonzero((m[:-1] <= 0) & (m[1:] > 0))
    at = int(np.searchsorted(B, where))
    return _interpolated(B, m, sigma, amplitude, noise, int(pairs[np.argmin(np.abs(pairs - at))]))


def _merged(B: np.ndarray, m: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Readings at the same field, of several runs up or down, as one: between them nothing is to be interpolated."""
    steps = np.diff(B)
    group = np.concatenate([[0], np.cumsum(steps > 0.05 * np.median(steps[steps > 0]))])
    count = np.bincount(group)
    mean = [np.bincount(group, v) / count for v in (B, m)]
    return mean[0], mean[1], np.sqrt(np.bincount(group, sigma**2)) / count


def _curve(
    B: np.ndarray, m: np.ndarray, sigma: np.ndarray, amplitude: float, noise: tuple[float, float], at: int
) -> LocalCurve | None:
    """A cubic through the switching, on as wide a part as it describes."""
    scale = white_noise(m / sigma)
    found = None
    for share in (0.5, 0.3, 0.2, 0.1):
        below = np.flatnonzero(m[: at + 1] <= -share * amplitude)
        over = np.flatnonzero(m[at + 1 :] >= share * amplitude)
        rows = slice(int(below[-1]) + 1 if below.size else 0, int(over[0]) + at + 1 if over.size else m.size)
        count = rows.stop - rows.start
        if count < MANY:
            break
        found = local_curve(B[rows], m[rows], 3, sigma[rows], None if count >= 12 else noise)
        missed = (m[rows] - found.value(B[rows])) / sigma[rows]
        if np.sum(missed**2) <= scale**2 * (count - 4 + np.sqrt(2 * count)):
            break
    return found


def _interpolated(
    B: np.ndarray, m: np.ndarray, sigma: np.ndarray, amplitude: float, noise: tuple[float, float], i: int
) -> Crossing:
    """The crossing between rows i and i + 1, of the line through 2 or the cubic through 4 points of artanh(m/amplitude)

    (a line for tanh, nearly one for other shapes); that with the smaller error.
    """
    gap = float(B[i + 1] - B[i])
    rise = min(float(m[i + 1] - m[i]) / (2 * amplitude), 1.0)
    best: tuple[float, ...] = ()
    line = PLACES, PLACES
    for points, first in ((2, i), (4, i - 1)):
        rows = slice(first, first + points)
        if first < 0 or rows.stop > m.size or np.any(np.diff(B[rows]) <= 0):
            continue
        own = noise[0] * sigma[rows]
        top = 1 - np.clip(own / amplitude, 0.01, 0.5)
        reduced = m[rows] / amplitude
        z = np.arctanh(np.clip(reduced, -top, top))
        dz = np.where(np.abs(reduced) < top, 1 / (amplitude * (1 - np.clip(reduced, -top, top) ** 2)), 0.0)
        x = (B[rows] - B[i]) / gap
        p = np.polynomial.Polynomial.fit(x, z, points - 1)
        roots = p.roots()
        inside = roots[(np.abs(roots.imag) < 1e-9) & (roots.real >= -1e-9) & (roots.real <= 1 + 1e-9)].real
        if inside.size != 1 or p.deriv()(inside[0]) <= 0:
            continue
        root = float(inside[0])
        lagrange = np.array([np.prod((root - np.delete(x, k)) / (x[k] - np.delete(x, k))) for k in range(points)])
        by_noise = gap * float(np.linalg.norm(lagrange * dz * own)) / float(p.deriv()(root))
        by_shape, within = _between(points, rise)
        parts = [by_noise**2, (gap * by_shape) ** 2]
        error = float(np.sqrt(sum(parts)))
        if not best or error < best[1]:
            freedom = pooled_freedom(parts, [noise[1], _FREEDOM / max(1 - within, 1e-3) ** 2])
            best = (float(B[i] + gap * root), error, freedom, gap * by_shape, 1 - within)
            line = B[i] + gap * PLACES, amplitude * np.tanh(p(PLACES))
    field, error, freedom, shape, alike = best
    between = (float(B[i]), float(B[i + 1]))
    return Crossing(field, error, float(m[i + 1] - m[i]) / gap, freedom, line, between, shape, alike)


def _between(points: int, rise: float) -> tuple[float, float]:
    """Error of an interpolated crossing over the gap, and by how much the step is within the gap, anywhere in it."""
    factor, power = _SHAPE[points]
    within = float(np.clip((rise - 0.55) / 0.2, 0, 1))
    sudden = float(np.clip((rise - 0.93) / 0.05, 0, 1))
    step = 0.2 * (1 - sudden) + sudden / np.sqrt(12)
    return (1 - within) * factor * rise**power + within * step, within
