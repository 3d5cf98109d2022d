"""Layer-averaged spin currents and the ratio that Akashdeep et al. plot as magnetoresistance."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any

from spinstack.observables.registry import Named, Output, arrays, observable
from spinstack.observables.solvers import Solver, answers
from spinstack.observables.turning import require_held
from spinstack.stack import Film, Layer, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.text.units import In


def _layers(film: Film) -> tuple[str, ...]:
    return tuple(owner for owner, e in zip(film.owners(), film.elements, strict=True) if isinstance(e, Layer))


def _metals(film: Film) -> tuple[str, ...]:
    return tuple(
        owner for owner, e in zip(film.owners(), film.elements, strict=True) if isinstance(e, Layer) and not e.magnetic
    )


@observable(
    "spin current averaged over a layer",
    Output("average_spin_current", "A/m^2", "spin current averaged over the layer", ("spin",)),
)
def average_spin_current(
    film: Film,
    layer: Annotated[str, Named(_layers, "layers")],
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
    E: Annotated[Any, In("V/m")] = None,
    current: Annotated[float | None, In("A/m^2")] = None,
    solver: Solver | None = None,
) -> Any:
    """Spin current along z averaged over a layer's thickness, (..., 3) [A/m^2], spin x, y, z, in the field E [V/m].

    m, B, T as in :func:`sheet_conductance`.

    Args:
        layer: the name of one layer.
        current: charge current density along z [A/m^2] in the place of E, as in :func:`torque`.

    Raises:
        ParameterError: if `layer` does not name exactly one layer.
    """
    at, index = Conditions(m=m, B=B, T=T, E=E, current=current), _layer(film, layer)
    return answers(solver, film, at, "average_spin_current").elements(film, at, "mean_spin_current")[..., index, :]


@observable(
    "spin-current MR ratio",
    Output("spin_current_mr_ratio", "1", "(Q_zy(m||z) - Q_zy(m||y))/(Q_zy(m||z) + Q_zy(m||y))"),
)
def spin_current_mr_ratio(
    film: Film,
    layer: Annotated[str | None, Named(_metals, "metals")] = None,
    *,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
    solver: Solver | None = None,
) -> Any:
    """Ratio of layer-averaged spin currents Q_zy for m along z and along y, E along x (dimensionless, (...)).

    Akashdeep et al. (RuO2/Py), Eq. 5, with the averages of their Fig. 5. A ratio of spin currents, not of resistances:
    see :func:`magnetoresistance` for the latter.

    Args:
        film: the film, possibly batched.
        layer: the layer to average over; default the only layer of the film that is no ferromagnet.
        B: magnetic field (..., 3) [T].
        T: temperature (...) [K], needed by magnet models and laws.
        solver: as in :func:`sheet_conductance`.
    """
    if not Film.of(film).magnets:
        why, remedy = "has no magnet that could turn", "Add a Ferromagnet or a MagneticInsulator."
        raise ParameterError(why, where="spin_current_mr_ratio", field="film", remedy=remedy)
    if layer is None:
        metals = _metals(film)
        if len(metals) != 1:
            raise ParameterError(
                f"missing, and the film has {len(metals)} metals ({', '.join(metals)})",
                field="layer",
                remedy="Name one.",
            )
        layer = metals[0]
    require_held(film, "spin_current_mr_ratio", "Take average_spin_current, with m for each of the two directions.")
    each = partial(arrays(average_spin_current), film, layer, B=B, T=T, solver=solver)
    z, y = (each(m=m)[..., 1] for m in "zy")
    return (z - y) / (z + y)


def _layer(film: Film, name: str) -> int:
    match = re.fullmatch(r"([^\[\]]+)(?:\[(-?\d+)\])?", name) if isinstance(name, str) else None
    found = Film.of(film).find(match[1], int(match[2]) if match[2] else None) if match else ()
    if len(found) != 1 or film.elements[found[0]] not in film.layers:
        raise ParameterError(
            "which does not name one layer",
            field="layer",
            got=name,
            remedy=f"Layers: {', '.join(_layers(film))}.",
        )
    return found[0]
