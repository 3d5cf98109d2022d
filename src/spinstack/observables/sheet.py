"""What a meter in the plane reads: sheet conductance and resistance, and two-point magnetoresistance."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.observables.planes import Current, Mounting, Plane, check_field, require_turning
from spinstack.observables.registry import Output, arrays, observable
from spinstack.observables.solvers import Solver, chosen, require_current_along_z
from spinstack.observables.turning import Turns, turned, what_turns
from spinstack.stack import Film
from spinstack.stack.batches import together
from spinstack.stack.conditions import Conditions
from spinstack.text.units import In


@observable("sheet conductance", Output("sheet_conductance", "S", "sheet conductance tensor", ("row", "column")))
def sheet_conductance(
    film: Film,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
    solver: Solver | None = None,
) -> Any:
    """Sheet conductance tensor of the whole film: in-plane sheet current I = G E at zero current along z.

    Args:
        film: the film; parameters may be arrays, which broadcast with m and B.
        m: magnetisation direction (..., 3) of all magnets, or an axis "x", "y", "z", or "along B" (saturated, with the
            sign of the field), or a mapping from magnet name to these; insulators with a magnet model find theirs in
            the field where none is given.
        B: magnetic field (..., 3) [T], acting through Hanle precession, the ordinary Hall effect and magnet models.
        T: temperature (...) [K], on which magnet models and laws depend.
        solver: the theory, :class:`spinstack.DriftDiffusion` (default) or :class:`spinstack.Boltzmann`.

    In drift-diffusion two magnets have no giant magnetoresistance in the plane: what differs between parallel and
    antiparallel magnets is exactly zero there unless something generates spin. Boltzmann's equation has it.

    Returns:
        (..., 2, 2) [S], rows the current direction x, y, columns the field direction; NumPy, or JAX when traced.

    Raises:
        ParameterError: for a film that cannot be solved, a missing or zero m, shapes that do not broadcast.
    """
    at = Conditions(m=m, B=B, T=T)
    return chosen(solver).sheet_conductance(film, at)


@observable(
    "sheet resistance",
    # a component is called as a laboratory does: R_xy = E_y/j_x
    Output("sheet_resistance", "Ohm", "sheet resistance tensor", ("row", "column"), letters=("column", "row")),
)
def sheet_resistance(
    film: Film,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
    solver: Solver | None = None,
) -> Any:
    """Sheet resistance tensor (..., 2, 2) [Ohm], the matrix inverse of :func:`sheet_conductance`: E = R I.

    ``R[..., 0, 0]`` is R_xx, the longitudinal resistance per square for a current along x, and ``R[..., 1, 0]`` is
    R_xy = E_y/j_x, the transverse one: rows are directions of the field, columns of the current.
    """
    return inverse2(arrays(sheet_conductance)(film, m=m, B=B, T=T, solver=solver))


def inverse2(G: Any) -> Any:
    """Inverse of 2x2 matrices (..., 2, 2)."""
    xp = array_module(G)
    a, b, c, d = G[..., 0, 0], G[..., 0, 1], G[..., 1, 0], G[..., 1, 1]
    rows = [xp.stack([d, -b], -1), xp.stack([-c, a], -1)]
    return xp.stack(rows, -2) / (a * d - b * c)[..., None, None]


@observable("magnetoresistance", Output("magnetoresistance", "1", "(R_xx(90 deg) - R_xx(0 deg))/R_xx(0 deg)"))
def magnetoresistance(
    film: Film,
    plane: Plane = "beta",
    field: Annotated[float, In("T")] = 0.0,
    turns: Turns | None = None,
    current: Current = "x",
    *,
    m: Any = None,
    T: Annotated[Any, In("K")] = None,
    solver: Solver | None = None,
) -> Any:
    """Two-point magnetoresistance ratio (R_xx(90 deg) - R_xx(0 deg))/R_xx(0 deg) of one rotation plane.

    Args:
        film: the film, possibly batched.
        plane: "alpha" (x to y), "beta" (y to z) or "gamma" (x to z).
        field: magnetic field along the rotating direction [T].
        turns, current, m: as in :func:`angular_scan`; for a current along y the ratio is that of R_yy.
        T: temperature (...) [K], needed by magnet models and laws.
        solver: as in :func:`sheet_conductance`.

    Returns:
        (...) dimensionless; the reference is the resistance at angle 0 of that plane.
    """
    field, T = check_field(field), Conditions(T=T).T
    require_turning(film, field, "magnetoresistance")
    found = what_turns(film, turns, field, m)
    mounting = Mounting.checked(current, 0.0, 0.0, 0.0)
    ends, B = turned(film, found, plane, np.array([0.0, 90.0]), mounting, field)
    # both ends in one call: a solver that refines looks at their difference
    at = Conditions(m=ends, B=B).apart(len(together({"film": film.batch_shape, "T": np.shape(T)})))
    along = "xy".index(mounting.current)
    both = inverse2(arrays(sheet_conductance)(film, m=at.m, B=at.B, T=T, solver=solver))[..., along, along]
    return (both[1] - both[0]) / both[0]


@observable(
    "resistance times area", Output("perpendicular_resistance", "Ohm m^2", "resistance times area, current along z")
)
def perpendicular_resistance(
    film: Film,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
    solver: Solver | None = None,
) -> Any:
    """Resistance times area (...) [Ohm m^2] for current along z between two ideal reservoirs.

    The reservoirs touch the outer faces and hold the spin accumulation there at zero; a thick outer layer makes the
    film independent of them. No in-plane field. m, B, T as in :func:`sheet_conductance`.

    Raises:
        ParameterError: if an insulator or vacuum stands anywhere in the film.
    """
    at = Conditions(m=m, B=B, T=T)
    require_current_along_z(film, "perpendicular_resistance")
    return chosen(solver).perpendicular(film, at)
