"""The mean of a reading at one setting, with the error that its rows tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import check_errors, error_names, finite_columns
from spinstack.measure.settings import check_alike, check_one_setting
from spinstack.measure.statistics.coverage import justified
from spinstack.measure.statistics.estimate import linear_fit

#: rows whose scatter tells an error
LEAST = 3


class Mean(NamedTuple):
    """A mean, its standard error (nan: not told) and degrees of freedom."""

    value: float
    error: float
    freedom: float


def mean_of(data: xr.Dataset, reading: str) -> Mean:
    """Mean of a reading by its stated errors, wider where their scatter says so; else by the scatter of its rows."""
    names = error_names(data, reading)
    (y, *stated), _ = finite_columns(data, reading, *names)
    if stated:
        check_errors(stated[0], names[0])
        weight = stated[0] ** -2.0
        value = float(np.sum(weight * y) / weight.sum())
        freedom = y.size - 1
        factor = justified(float(np.sum(weight * (y - value) ** 2)) / freedom, freedom) if freedom else 1.0
        return Mean(value, float(np.sqrt(factor / weight.sum())), np.inf if factor == 1.0 else float(freedom))
    if y.size < LEAST:
        return Mean(float(y.mean()), np.nan, np.nan)
    fit = linear_fit(np.ones((y.size, 1)), y)
    return Mean(float(fit.values[0]), float(fit.errors[0]), fit.freedom)


def check_same_setting(measurements: Iterable[xr.Dataset]) -> None:
    """Refuse several settings, within a measurement or between them: what they share has to be the same."""
    found = list(measurements)
    for one in found:
        if not isinstance(one, xr.Dataset):
            raise MeasurementError(field="data", got=one, allowed="measurements (Datasets)")
        check_one_setting(one, ())
    check_alike(found)
