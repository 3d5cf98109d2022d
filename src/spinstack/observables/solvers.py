"""Which theory answers: every observable takes ``solver=``."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from spinstack.stack import Film, ParameterError


class Solver(Protocol):
    """A theory of transport in a film; see :class:`spinstack.DriftDiffusion` for shapes and units."""

    @property
    def name(self) -> str: ...

    def sheet_conductance(self, film: Film, m: Any, B: Any, T: Any) -> Any: ...

    def torque(self, film: Film, m: Any, B: Any, E: Any, T: Any) -> Any: ...

    def mean_spin_current(self, film: Film, m: Any, B: Any, E: Any, T: Any) -> Any: ...

    def profile(self, film: Film, m: Any, B: Any, E: Any, T: Any, points: int) -> dict[str, np.ndarray]: ...

    def perpendicular(self, film: Film, m: Any, B: Any) -> Any: ...


def chosen(solver: Solver | None) -> Solver:
    """`solver`, or drift-diffusion where none is given; raises ParameterError for anything else."""
    if solver is None:
        from spinstack.circuit.solver import DriftDiffusion

        return DriftDiffusion()
    if isinstance(solver, type) or not hasattr(solver, "sheet_conductance"):
        raise ParameterError(
            f"solver: got {solver!r}. Allowed: spinstack.DriftDiffusion() or spinstack.Boltzmann(...), or None."
        )
    return solver
