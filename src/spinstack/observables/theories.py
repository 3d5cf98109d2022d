"""Two theories of the same films, side by side: where they differ, and by how much."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.circuit.solver import DriftDiffusion
from spinstack.observables.provenance import attributes
from spinstack.observables.sheet import sheet_conductance
from spinstack.observables.solvers import Solver, chosen
from spinstack.observables.sweeps import sweep
from spinstack.stack import Film, ParameterError

if TYPE_CHECKING:
    import xarray

#: dimensions of a sweep's result that are not swept
_WITHIN = ("component", "spin", "row", "column")


def compare_theories(
    film: Film,
    over: Mapping[str, Any],
    observable: Callable[..., Any] = partial(sheet_conductance, m=(0.0, 1.0, 0.0)),
    solvers: Sequence[Solver] | None = None,
) -> xarray.Dataset:
    """An observable by two theories over films, and how far the first is from the second.

    Each theory reads its own parameters of the same film: give conductivity, polarization and the diffusive lengths
    and leave the Boltzmann lengths out (they follow), or the two describe different layers. An interface with a
    scattering model should have ``sharvin=True``, the way a diffusion equation counts its potentials.

    Args:
        film: the film; it must be one that both theories describe.
        over: parameter path -> values (1-d, SI), as in :func:`sweep`.
        observable: takes a film and ``solver=``, for example ``functools.partial(spinstack.magnetoresistance,
            plane="beta")``. Default: sheet conductance with all magnets along y.
        solvers: two theories, the second the one to trust; default DriftDiffusion() and Boltzmann().

    Returns:
        Dataset over the paths: each variable of the observable over `theory` (names of the two), and with the ending
        ``_difference`` the first minus the second, relative to the second; of a vector or tensor relative to its
        largest component. Where the second is zero it is NaN.

    Raises:
        ParameterError: as :func:`sweep`; solvers that are not two; a film that one of the theories refuses.
    """
    import xarray

    pair = _two(solvers)
    if not callable(observable) or not _takes_solver(observable):
        raise ParameterError(
            f"observable: got {observable!r}. Allowed: a function of a film that takes solver=, for example "
            "functools.partial(spinstack.magnetoresistance, plane='beta')."
        )
    results = [sweep(film, over, partial(observable, solver=one)) for one in pair]
    names = [one.name for one in pair]
    if names[0] == names[1]:
        names = [f"{name} ({i})" for i, name in enumerate(names)]
    out = xarray.concat(
        results, xarray.Variable("theory", names), combine_attrs="drop_conflicts", coords="minimal", compat="override"
    )
    for name in map(str, results[0].data_vars):
        first, second = (r[name].values for r in results)
        inner = tuple(i for i, d in enumerate(results[0][name].dims) if d in _WITHIN or str(d).startswith(f"{name}_"))
        size = np.abs(second).max(inner, keepdims=True) if inner else np.abs(second)
        words = str(results[0][name].attrs.get("long_name", name))
        label = {"units": "1", "long_name": f"relative difference of {words}", "of": name}
        relative = np.divide(first - second, size, out=np.full(first.shape, np.nan), where=size != 0)
        out[f"{name}_difference"] = (results[0][name].dims, relative, label)
    out.attrs = attributes(film) | {"solver": " against ".join(names), "sweep": ", ".join(map(str, over))}
    return out


def _two(solvers: Sequence[Solver] | None) -> list[Solver]:
    if solvers is None:
        from spinstack.boltzmann.solver import Boltzmann

        return [DriftDiffusion(), Boltzmann()]
    if not isinstance(solvers, Sequence) or len(solvers) != 2:
        raise ParameterError(
            f"solvers: got {solvers!r}. Allowed: two, for example (ss.DriftDiffusion(), ss.Boltzmann())."
        )
    return [chosen(one) for one in solvers]


def _takes_solver(observable: Callable[..., Any]) -> bool:
    parameters = inspect.signature(observable).parameters.values()
    return any(p.name == "solver" or p.kind is p.VAR_KEYWORD for p in parameters)
