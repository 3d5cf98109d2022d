"""Readings without field, from the points of a sweep near zero."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import finite_rows
from spinstack.measure.statistics.estimate import linear_fit
from spinstack.measure.sweeps.branching import branches
from spinstack.measure.sweeps.results import copies_of


def zero_field(data: xr.Dataset, reading: str, window: float | None = None) -> tuple[float, float, float]:
    """Value at zero field, standard error, degrees of freedom: a parabola through ``|B|`` <= window [T].

    The window defaults to a twentieth of the largest field, or what holds the eight points next to zero. Where both
    branches have four points there, they may differ and the result is their mean. Raises
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
    terms = [np.ones(x.size)]
    if near.sum() >= 6 * copies:
        terms += [x, x**2]
    if min(np.sum(side == 1), np.sum(side == -1)) >= 4 * copies:
        terms += [side, side * x]
        if near.sum() >= 12 * copies:
            terms.append(side * x**2)
    fit = linear_fit(np.stack(terms, axis=1), y[near], None if sigma is None else sigma[near], copies)
    return float(fit.values[0]), float(fit.errors[0]), fit.freedom
