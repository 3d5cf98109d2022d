"""Readings without field, from the points of a sweep near zero."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import finite_rows
from spinstack.measure.statistics.estimate import linear_fit
from spinstack.measure.statistics.noise import white_noise
from spinstack.measure.sweeps.branching import branches
from spinstack.measure.sweeps.results import copies_of


def zero_field(data: xr.Dataset, reading: str, window: float | None = None) -> tuple[float, float, float]:
    """Value at zero field, standard error, degrees of freedom: a parabola through ``|B|`` <= window [T].

    The window defaults to a twentieth of the largest field, or what holds the eight points next to zero. Where both
    branches have four points there, they may differ and the result is their mean. Where the parabola misses the points
    closest to zero by more than four times the noise (a cusp, a narrow peak), it is their mean instead. Raises
    :class:`MeasurementError` where zero lies outside the sweep.
    """
    (B, y), sigma, _ = finite_rows(data, "field", reading=reading)
    if B.min() > 0 or B.max() < 0:
        got = float(B.min()), float(B.max())
        raise MeasurementError(field="field", unit="T", got=got, allowed="a sweep that passes zero field")
    branch = branches(B)
    distance = np.abs(B)
    if window is None:
        window = max(0.05 * distance.max(), float(np.sort(distance)[min(7, B.size - 1)]))
    near = distance <= window
    reach = distance[near].max() or 1.0
    x, side = B[near] / reach, branch[near]
    copies = copies_of(data, reading)
    # after a parity step the branches are each other's images, and what changes its sign between them is nothing
    whole = copies == 1
    terms = [np.ones(x.size)]
    if near.sum() >= 6 * copies:
        terms += [x, x**2] if whole else [x**2]
    if min(np.sum(side == 1), np.sum(side == -1)) >= 4 * copies:
        terms += [side, side * x] if whole else [side * x]
        if near.sum() >= 12 * copies and whole:
            terms.append(side * x**2)
    own = None if sigma is None else sigma[near]
    fit = linear_fit(np.stack(terms, axis=1), y[near], own, copies)
    value, error, freedom = float(fit.values[0]), float(fit.errors[0]), fit.freedom
    # a cusp or a peak that is narrower than the window: only the points that are there tell it
    noise = white_noise(y if sigma is None else y / sigma, robust=True)
    closest = np.abs(B[near]) <= np.abs(B[near]).min() + 1e-9 * reach
    spread = noise * (1.0 if own is None else float(np.mean(own[closest]))) / np.sqrt(closest.sum() / copies)
    if abs(float(np.mean(fit.residual[closest]))) > max(4 * spread, 1e-9 * abs(value)):
        there = float(np.mean(y[near][closest]))
        gap = float(np.sort(np.abs(B[near]))[min(int(closest.sum()), near.sum() - 1)])
        beside = np.abs(B[near]) <= 1.01 * gap
        # between the closest point and the next ones it may be anywhere
        way = float(np.abs(B[near][closest]).mean()) / gap * float(np.ptp(y[near][beside]))
        return there, float(np.hypot(spread, way)), max(near.sum() / copies - 3.0, 1.0)
    return value, error, freedom
