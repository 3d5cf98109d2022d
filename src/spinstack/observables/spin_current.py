"""Layer-averaged spin currents and the ratio that Akashdeep et al. plot as magnetoresistance."""

from __future__ import annotations

import re
from typing import Any

from spinstack.observables.provenance import Output, labelled
from spinstack.observables.solvers import Solver, chosen
from spinstack.stack import Film, Metal, ParameterError


@labelled(Output("average_spin_current", "A/m^2", "spin current averaged over the layer", ("spin",)))
def average_spin_current(
    film: Film,
    layer: str,
    m: Any = None,
    B: Any = (0.0, 0.0, 0.0),
    E: Any = (1.0, 0.0),
    T: Any = None,
    solver: Solver | None = None,
) -> Any:
    """Spin current along z averaged over a layer's thickness, (..., 3) [A/m^2], spin x, y, z, in the field E [V/m].

    m, B, T as in :func:`sheet_conductance`.

    Raises:
        ParameterError: if `layer` does not name exactly one layer.
    """
    return chosen(solver).mean_spin_current(film, m, B, E, T)[..., _layer(film, layer), :]


@labelled(Output("spin_current_mr_ratio", "1", "(Q_zy(m||z) - Q_zy(m||y))/(Q_zy(m||z) + Q_zy(m||y))"))
def spin_current_mr_ratio(
    film: Film, layer: str | None = None, B: Any = (0.0, 0.0, 0.0), T: Any = None, solver: Solver | None = None
) -> Any:
    """Ratio of layer-averaged spin currents Q_zy for m along z and along y, E along x (dimensionless, (...)).

    Akashdeep et al. (RuO2/Py), Eq. 5, with the averages of their Fig. 5. A ratio of spin currents, not of resistances:
    see :func:`magnetoresistance` for the latter.

    Args:
        film: the film, possibly batched.
        layer: the layer to average over; default the only Metal of the film.
        B: magnetic field (..., 3) [T].
        T: temperature (...) [K], needed by magnet models.
    """
    if layer is None:
        metals = [e.name for e in film.elements if isinstance(e, Metal)]
        if len(metals) != 1:
            raise ParameterError(
                f"layer: missing, and the film has {len(metals)} metals ({', '.join(metals)}). Name one."
            )
        layer = metals[0]
    z, y = (
        average_spin_current(film, layer, m, B, T=T, solver=solver)[..., 1] for m in ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
    )
    return (z - y) / (z + y)


def _layer(film: Film, name: str) -> int:
    match = re.fullmatch(r"([^\[\]]+)(?:\[(-?\d+)\])?", name) if isinstance(name, str) else None
    if match is None:
        raise ParameterError(f"layer: got {name!r}. Layers: {', '.join(e.name for e in film.layers)}.")
    found = film.find(match[1], int(match[2]) if match[2] else None)
    if len(found) != 1 or film.elements[found[0]] not in film.layers:
        raise ParameterError(
            f"layer: {name!r} does not name one layer. Layers: {', '.join(e.name for e in film.layers)}."
        )
    return found[0]
