"""Errors without formulas: every reading of every measurement is moved by itself, and what follows is added up."""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from spinstack.measure.statistics.estimate import Estimate

#: where fits ask the scatter for the size of the noise
SCATTER = [
    f"spinstack.measure.{room}.from_scatter" for room in ("statistics.estimate", "statistics.nonlinear", "sweeps.local")
]


def believed(values, unscaled, residual, weight, copies=1, absorbed=0, ordered=slice(None), noise=1.0):
    """A fit whose scatter is the stated error of its rows, exactly: `noise` where none is stated."""
    left = residual.size / copies - values.size - absorbed
    unit = noise if np.ptp(weight) == 0 and weight[0] == 1 else 1.0
    return Estimate(values, unscaled * copies * unit**2, residual, left * unit**2, left, left)


def moved(
    function: Callable[[Mapping[str, xr.Dataset]], np.ndarray], data: Mapping[str, xr.Dataset], step: float = 0.01
) -> np.ndarray:
    """Covariance of the numbers of a function of measurements, for independent readings with their stated errors."""
    there, changes = function(data), []
    for key, one in data.items():
        for name in (str(n) for n in one.data_vars if f"{n}_error" in one.data_vars):
            for row, error in enumerate(one[f"{name}_error"].values):
                values = one[name].values.copy()
                values[row] += step * error
                shifted = function({**data, key: one.assign({name: ("point", values, one[name].attrs)})})
                changes.append((shifted - there) / step)
    return np.transpose(changes) @ np.array(changes)
