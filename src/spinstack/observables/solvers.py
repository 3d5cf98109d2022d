"""Which theory answers: every observable that a theory of transport answers takes ``solver=``."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions, traced


class Solver(Protocol):
    """A theory of transport in a film; see :class:`spinstack.DriftDiffusion` for shapes and units."""

    @property
    def name(self) -> str:
        """What results call it."""
        ...

    @property
    def traceable(self) -> bool:
        """Whether JAX can trace, and so differentiate, its answers."""
        ...

    def check(self, film: Film, at: Conditions) -> None:
        """Raise what it would refuse, without computing anything."""
        ...

    def sheet_conductance(self, film: Film, at: Conditions) -> Any: ...

    def elements(self, film: Film, at: Conditions, quantity: str) -> Any: ...

    def profile(self, film: Film, at: Conditions, points: int) -> dict[str, np.ndarray]: ...

    def perpendicular(self, film: Film, at: Conditions) -> Any: ...


def chosen(solver: Solver | None, film: Any = None, at: Conditions | None = None) -> Solver:
    """`solver`, or drift-diffusion where none is given, ready for the film and conditions that it will be asked about.

    Raises ParameterError for anything that is no solver, and where values inside a JAX transformation would reach a
    theory that has no derivatives.
    """
    if solver is None:
        from spinstack.circuit.solver import DriftDiffusion

        return DriftDiffusion()
    if isinstance(solver, type) or not hasattr(solver, "sheet_conductance"):
        raise ParameterError(
            field="solver", got=solver, allowed="spinstack.DriftDiffusion() or spinstack.Boltzmann(...), or None"
        )
    if not solver.traceable and traced(film, at):
        raise ParameterError(
            "which has no derivatives and cannot run inside a JAX transformation",
            field="solver",
            got=solver,
            allowed="a theory that JAX can trace, such as spinstack.DriftDiffusion(), or None",
            remedy="Take differences of values instead of a gradient, or a loop instead of jit and vmap.",
        )
    return solver
