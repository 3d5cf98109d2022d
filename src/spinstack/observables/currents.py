"""Where the in-plane current flows: the share of every layer and interface."""

from __future__ import annotations

from typing import Annotated, Any

from spinstack.observables.registry import Labels, Output, labelled_observable
from spinstack.observables.solvers import Solver, answers
from spinstack.stack import Film
from spinstack.stack.conditions import Conditions
from spinstack.text.units import In


def _labels(film: Film, *, E: Any, current: Any, **_: Any) -> Labels:
    output = Output("sheet_current", "A/m", "in-plane sheet current", ("element", "component"))
    return Labels((output,), {"element": list(film.owners())}, Conditions(E=E, current=current).drive)


@labelled_observable("in-plane sheet current of every layer and interface", _labels)
def layer_currents(
    film: Film,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
    E: Annotated[Any, In("V/m")] = None,
    current: Annotated[float | None, In("A/m^2")] = None,
    solver: Solver | None = None,
) -> dict[str, Any]:
    """In-plane sheet current that each element of the film carries in the in-plane field E.

    That of a layer is its current density integrated over its thickness; an interface has what its own scattering or
    filtering adds; a terminating insulator and vacuum have none. The sum over the elements is the film's sheet
    conductance times E.

    Args:
        film: the film, possibly batched.
        m, B, T: as in :func:`sheet_conductance`.
        E: in-plane field (2) [V/m]; default 1 V/m along x, which makes every value "per V/m".
        current: charge current density along z [A/m^2] between two reservoirs, in the place of E: what the inverse
            effects of its spins, and Hall effects, drive in the plane.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset with `sheet_current` (..., element, component) [A/m], elements from the bottom to the top under their
        labels (numbered where one repeats), components x, y; batch dimensions are called batch_0, batch_1, ...
    """
    at = Conditions(m=m, B=B, T=T, E=E, current=current)
    return {"sheet_current": answers(solver, film, at, "layer_currents").elements(film, at, "sheet_current")}
