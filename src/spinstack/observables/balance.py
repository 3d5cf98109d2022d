"""Where the angular momentum of the spin current ends: in magnetisations, the lattice, the applied field."""

from __future__ import annotations

from typing import Annotated, Any

from spinstack.numerics.arrays import array_module
from spinstack.observables.registry import Labels, Output, labelled_observable
from spinstack.observables.solvers import answers
from spinstack.observables.torques import PER_SPIN_CURRENT
from spinstack.stack import Altermagnet, Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.orbital import has_orbital
from spinstack.text.units import In

SHARES = ("magnet", "lattice", "field")
_BOLTZMANN = {"boltzmann": "torques on magnets only, and what the lattice of the whole film takes"}


def _labels(film: Film, *, E: Any, current: Any, **_: Any) -> Labels:
    outputs = (
        Output("torque", "N/m", "angular momentum that ends in the element", ("element", "share", "component")),
        Output("half", "N/m", "that of the magnet, by halves or faces", ("element", "side", "component")),
    )
    coords = {"element": list(film.owners()), "share": list(SHARES), "side": ["lower", "upper"]}
    return Labels(outputs, coords, Conditions(E=E, current=current).drive)


@labelled_observable("where angular momentum ends", _labels, why_not=_BOLTZMANN)
def angular_momentum(
    film: Film,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
    E: Annotated[Any, In("V/m")] = None,
    current: Annotated[float | None, In("A/m^2")] = None,
) -> dict[str, Any]:
    """Angular momentum per time and area that ends in every element, in its magnetisation, its lattice, the field.

    What spin current brings and does not carry on, ``(hbar/2e) (Q_lower - Q_upper)`` of every element, is the sum of
    its three shares: the torque on a magnetisation (exchange: mixing conductance, dephasing, precession about m; of an
    altermagnet its dephasing, which turns its sublattices), what
    spin flip, memory loss and spin-orbit coupling give to the lattice (or take from it, where an interface generates
    spin), and what turns about an applied field (Hanle). Over a film with closed outer faces the three together are
    zero; between reservoirs they are what flows in less what flows out.

    Args:
        film: the film, possibly batched.
        m, B, T: as in :func:`sheet_conductance`.
        E: in-plane field (2) [V/m]; default 1 V/m along x.
        current: charge current density along z [A/m^2] between reservoirs, in the place of E.

    Returns:
        Dataset with `torque` (..., element, share, component) [N/m], shares magnet, lattice and field, elements from
        the bottom to the top under their labels; `half` (..., element, side, component) [N/m], the magnet's share (of a
        metal the field's) of the lower and the upper half of a layer, of the lower and the upper face of an interface
        or an insulator; of a tunnel junction what the magnets below and above it take. What a field drives at an
        interface by itself counts half to each of its faces. The halves of a magnet whose own source makes its torque
        cancel where both surfaces are alike.

    Raises:
        ParameterError: a film with orbital moments.
    """
    if has_orbital(Film.of(film)):
        why = "with orbital moments, which pass to spin and lattice without an account of angular momentum"
        raise ParameterError(why, where="angular_momentum", field="film", remedy="Take torque.")
    at = Conditions(m=m, B=B, T=T, E=E, current=current)
    found = PER_SPIN_CURRENT * answers(None, film, at, "angular_momentum").elements(film, at, "shares")
    xp = array_module(found)
    lost, halves = found[..., 0, :], found[..., 1:, :]
    taken = halves.sum(-2)
    ordered = (bool(film.magnets_of(i)) or isinstance(e, Altermagnet) for i, e in enumerate(film))
    magnetic = xp.broadcast_to(xp.asarray([[float(yes)] for yes in ordered]), taken.shape)
    shares = [magnetic * taken, lost - taken, (1 - magnetic) * taken]
    return {"torque": xp.stack(shares, -2), "half": halves}
