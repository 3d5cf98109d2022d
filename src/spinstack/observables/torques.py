"""The torque on each magnet."""

from __future__ import annotations

from typing import Annotated, Any

from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.observables.registry import Labels, Output, labelled_observable
from spinstack.observables.solvers import Solver, answers
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.film import magnet_labels
from spinstack.text.units import In

#: torque per area and absorbed spin current, N/m per A/m^2
PER_SPIN_CURRENT = PLANCK_REDUCED / (2 * ELEMENTARY_CHARGE)


def _labels(film: Film, *, E: Any, current: Any, **_: Any) -> Labels:
    outputs = (Output(n, "N/m", f"torque per area on {n}", ("component",)) for n in magnet_labels(film))
    return Labels(tuple(outputs), attrs=Conditions(E=E, current=current).drive)


@labelled_observable("torque per area", _labels)
def torque(
    film: Film,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
    E: Annotated[Any, In("V/m")] = None,
    current: Annotated[float | None, In("A/m^2")] = None,
    solver: Solver | None = None,
) -> dict[str, Any]:
    """Torque per area on the magnetisation of every magnet in an in-plane field E, or of a current along z.

    ``T = (hbar/2e)`` times the spin current that ends in the magnetisation: transverse to m, absorbed at the magnet's
    interfaces (mixing conductance) and inside it (dephasing, exchange precession); what spin flip and memory loss take
    goes to the lattice. It is a torque on angular momentum, that of electrons against their moment:
    ``dm/dt = -gamma (m x B + T/(M_s t))`` with gamma > 0, as in a field that makes ``T = M_s t m x B``.

    Args:
        film: the film, possibly batched.
        m, B, T: as in :func:`sheet_conductance`.
        E: in-plane field (2) [V/m]; default 1 V/m along x, which makes every value "per V/m".
        current: charge current density along z [A/m^2] between two reservoirs that hold the spin accumulation at the
            outer faces at zero, in the place of E; 1 makes every value "per A/m^2". Positive from the bottom to the
            top: electrons go down.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset with one variable per magnet (its name; name[0], name[1] ... where it repeats), last dimension
        `component` x, y, z, unit N/m (torque per area); batch dimensions are called batch_0, batch_1, ...
    """
    at = Conditions(m=m, B=B, T=T, E=E, current=current)
    theory = answers(solver, film, at, "torque")
    labels = magnet_labels(film)
    if not labels:
        remedy = "Add a Ferromagnet or a MagneticInsulator."
        raise ParameterError("has no magnet", where="torque", field="film", remedy=remedy)
    absorbed = theory.elements(film, at, "torque")
    total: dict[str, Any] = dict.fromkeys(labels, 0.0)
    label_of = dict(zip((i for i, e in enumerate(film.elements) if e.magnetic), labels, strict=True))
    for i in range(len(film)):
        magnet = film.magnet_of(i)
        if magnet is not None:
            label = label_of[magnet]
            total[label] = total[label] + PER_SPIN_CURRENT * absorbed[..., i, :]
    return total
