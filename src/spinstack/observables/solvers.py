"""Which theory answers: every observable that a theory of transport answers takes ``solver=``."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions


class Solver(Protocol):
    """A theory of transport in a film; see :class:`spinstack.DriftDiffusion` for shapes and units."""

    @property
    def name(self) -> str:
        """What results call it."""
        ...

    @property
    def traceable(self) -> bool:
        """Whether JAX can trace, and so compile, its answers."""
        ...

    def differentiates(self, quantity: str) -> bool:
        """Whether an answer ("sheet_conductance", "elements", ...) has derivatives by the parameters of a film."""
        ...

    def check(self, film: Film, at: Conditions, closed: bool = True) -> None:
        """Raise what it would refuse, without computing anything; `closed`: no current flows along z."""
        ...

    # answers have the batch axes that the film and the conditions broadcast to
    def sheet_conductance(self, film: Film, at: Conditions) -> Any: ...

    def elements(self, film: Film, at: Conditions, quantity: str) -> Any: ...

    def profile(self, film: Film, at: Conditions, fractions: np.ndarray) -> dict[str, np.ndarray]: ...

    def perpendicular(self, film: Film, at: Conditions) -> Any: ...


def answers(solver: Solver | None, film: Film, at: Conditions, where: str) -> Solver:
    """The chosen theory, for a film that carries the current along z that the conditions may have."""
    if at.current is not None:
        require_current_along_z(film, where)
    return chosen(solver)


def require_current_along_z(film: Film, where: str) -> None:
    """Refuse a film in which something carries no charge along z."""
    blocking = ", ".join(repr(e.name) for e in Film.of(film) if not e.conducts)
    if blocking:
        why, remedy = f"no charge flows along z through {blocking}", "Remove it for current along z."
        raise ParameterError(why, where=where, field="film", remedy=remedy)


def chosen(solver: Solver | None) -> Solver:
    """`solver`, or drift-diffusion where none is given; raises ParameterError for anything else."""
    if solver is None:
        from spinstack.circuit.solver import DriftDiffusion

        return DriftDiffusion()
    if isinstance(solver, type) or not hasattr(solver, "sheet_conductance"):
        raise ParameterError(
            field="solver", got=solver, allowed="spinstack.DriftDiffusion() or spinstack.Boltzmann(...), or None"
        )
    return solver
