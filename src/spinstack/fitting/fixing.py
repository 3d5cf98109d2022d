"""What fixing a parameter gives: all others fitted again, so that results that fix different ones can be compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from spinstack.fitting.marginal import offset
from spinstack.fitting.problem import Problem
from spinstack.fitting.solve import end_of, minimised
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.text import checks
from spinstack.text.arrays import read


def fix_parameter(problem: Problem, found: xr.Dataset, parameter: str, values: Sequence[float]) -> xr.Dataset:
    """Fits with one parameter fixed at values: what a publication that takes it from elsewhere would state.

    Where only a product of two parameters is determined, who fixes one finds the other with a small error, and another
    fixed value gives another. `rise` tells which of the values the data themselves would have.

    Args:
        problem: what was fitted.
        found: what :func:`fit_film` returned for it.
        parameter: its name among the results.
        values: at which it is fixed, in SI units.

    Returns:
        Dataset over `fixed` (the values) and `parameter`: value and error, the error of the fixed one 0; over `fixed`
        rise, by how much the sum of squares is larger than that of the best fit.

    Raises:
        ParameterError: a parameter of another problem, values that its prior or its range does not have.
    """
    names = problem.names_of(found)
    k = names.index(checks.choice(parameter, "parameter", names))
    coordinate, (low, high) = problem.coordinates[k], problem.bounds
    array = read(values, "")
    if isinstance(array, str) or array.ndim > 1 or not array.size:
        raise ParameterError(field="values", got=values, allowed="numbers, at least one")
    robust, best = bool(found.attrs["robust"]), float(found.attrs["minimum"]) + offset(problem)
    at = []
    for value in np.atleast_1d(array).tolist():
        place = coordinate.prior.coordinate(value)
        if not low[k] <= place <= high[k]:
            ends = [coordinate.prior.value(float(v)) for v in (low[k], high[k])]
            raise ParameterError(
                "which its prior and its range do not have", where=parameter, field="values", unit=coordinate.unit,
                got=value, allowed=f"from {min(ends):g} to {max(ends):g}",
            )  # fmt: skip
        at.append(place)
    out, errors, rise = [], [], []
    for n, fixed in enumerate(at):
        tell(n, len(at))
        u = found["coordinate"].values.copy()
        u[k] = fixed
        end = end_of(problem, u, held=k, robust=robust)
        J = np.delete(minimised(problem, robust)(end.u[None])[1][0], k, axis=1)
        variance = np.diag(np.linalg.pinv(J.T @ J, hermitian=True))
        error = np.insert(np.sqrt(variance), k, 0.0) * np.abs(problem.slopes(end.u))
        out.append(problem.values(end.u))
        errors.append(error)
        rise.append(end.square - best)
    return xr.Dataset(
        {"value": (("fixed", "parameter"), out), "error": (("fixed", "parameter"), errors),
         "rise": ("fixed", rise, {"long_name": "rise of chi-square"}),
         "unit": ("parameter", [c.unit for c in problem.coordinates])},
        {"fixed": ("fixed", np.atleast_1d(array), {"units": coordinate.unit, "long_name": parameter}),
         "parameter": names},
        {"fixed_parameter": parameter},
    )  # fmt: skip
