"""How the resistance starts to change with field, and the exchange field at which that changes sign."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from spinstack.insulator.held import without_field
from spinstack.observables.registry import Named, Output, observable
from spinstack.observables.sheet import inverse2
from spinstack.stack import Film, MagneticInsulator, Metal, ParameterError
from spinstack.stack.directions import Direction, unit_vector
from spinstack.text.units import In

_DECADES = 6  # searched on either side of the metal's own conductance
_PER_DECADE = 16
_HALVINGS = 60


_NO_FIELD = {"boltzmann": "no magnetic field in the equation"}


@observable(
    "initial slope of R_xx with field",
    Output("initial_slope", "Ohm/T", "dR_xx/dB at B = 0, conductances of the faces held"),
    why_not=_NO_FIELD,
)
def initial_slope(film: Film, direction: Direction = "z", *, T: Annotated[Any, In("K")] = None) -> Any:
    """Slope dR_xx/dB (...) [Ohm/T] at B -> 0, B and every m along `direction`.

    The field acts on the electrons alone: the conductances of magnet models are held at their values without field. A
    negative slope with an exchange field along B (Gi > 0) is the non-local interplay of Hanle precession and spin Hall
    magnetoresistance (Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019), Fig. 3).

    Args:
        film: the film, possibly batched.
        direction: "x", "y", "z" or three numbers.
        T: temperature (...) [K], needed by magnet models.
    """
    from spinstack import circuit

    along = unit_vector(direction, "direction")
    held = without_field(film, T)
    G, slope = circuit.sheet_conductance_slope(held, along if held.magnets else None, along)
    R = inverse2(G)
    return -(R @ slope @ R)[..., 0, 0]


def _numbered(film: Film) -> tuple[str, ...]:
    return tuple(e.name for e in film.elements if isinstance(e, MagneticInsulator) and e.magnet is None)


@observable(
    "critical exchange conductance",
    Output("critical_exchange", "S/m^2", "Gi at which the initial slope of R_xx changes sign"),
    why_not=_NO_FIELD,
)
def critical_exchange(
    film: Film,
    insulator: Annotated[str | None, Named(_numbered, "insulators given by numbers")] = None,
    direction: Any = "z",
    *,
    T: Annotated[Any, In("K")] = None,
) -> Any:
    """The Gi > 0 (...) [S/m^2] of one insulator at which :func:`initial_slope` changes sign; NaN where it does not.

    Everything else in the film is as it is. The search spans six decades on either side of the conductance per area of
    one diffusion length of the first metal; of several roots it finds the lowest. With ``Gs = Gr = 0`` on one metal
    without ordinary Hall effect it is Eq. 17 of Zhang, Bergeret, Golovach (2019), to leading order in theta.

    Args:
        film: the film, possibly batched; its `insulator` has numbers, not a magnet model.
        insulator: its name, where the film has several.
        direction, T: as in :func:`initial_slope`.
    """
    name = _insulator(film, insulator)
    metal: Any = next((e for e in film.elements if isinstance(e, Metal)), None)
    if metal is None:
        raise ParameterError("critical_exchange: the film has no Metal in which spins could precess.")
    scale = np.asarray(metal.conductivity / metal.spin_diffusion_length)
    batch = np.shape(initial_slope(film, direction, T=T))

    def slope(decades: Any) -> Any:
        """Slope for Gi of so many decades of the scale, (points, ...)."""
        changed = film.replace({f"{name}.mixing_conductance.imag": scale * 10.0**decades})
        return initial_slope(changed, direction, T=T)

    steps = np.linspace(-_DECADES, _DECADES, 2 * _DECADES * _PER_DECADE + 1)
    values = slope(np.broadcast_to(steps.reshape(-1, *(1 for _ in batch)), (len(steps), *batch)))
    crosses = np.sign(values[:-1]) * np.sign(values[1:]) < 0
    first = np.argmax(crosses, 0)
    low, high = steps[first], steps[first + 1]
    sign = np.sign(np.take_along_axis(values, first[None], 0)[0])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        before = np.sign(slope(middle)) == sign
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.where(crosses.any(0), scale * 10.0 ** ((low + high) / 2), np.nan)[()]


def _insulator(film: Film, name: str | None) -> str:
    found = [e.name for e in film.elements if isinstance(e, MagneticInsulator)] if isinstance(film, Film) else []
    with_numbers = _numbered(film)
    if name is None and len(found) == 1:
        name = found[0]
    if name not in with_numbers or found.count(name) > 1:
        raise ParameterError(
            f"insulator: got {name!r}. Allowed: one insulator of the film that is given by numbers "
            f"({', '.join(with_numbers) or 'none'})."
        )
    return name
