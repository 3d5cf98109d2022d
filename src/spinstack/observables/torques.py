"""The torque on each magnet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.observables.provenance import attributes
from spinstack.observables.solvers import Solver, chosen
from spinstack.stack import Film, ParameterError
from spinstack.stack.film import magnet_labels

if TYPE_CHECKING:
    import xarray

#: torque per area and absorbed spin current, N/m per A/m^2
PER_SPIN_CURRENT = PLANCK_REDUCED / (2 * ELEMENTARY_CHARGE)


def torque(
    film: Film,
    m: Any = None,
    B: Any = (0.0, 0.0, 0.0),
    E: Any = (1.0, 0.0),
    T: Any = None,
    solver: Solver | None = None,
) -> xarray.Dataset:
    """Torque per area on the magnetisation of every magnet in the in-plane field E.

    ``T = (hbar/2e)`` times the spin current that ends in the magnetisation: transverse to m, absorbed at the magnet's
    interfaces (mixing conductance) and inside it (dephasing, exchange precession); what spin flip and memory loss take
    goes to the lattice. ``dm/dt = gamma T/(M_s t)`` with gamma > 0.

    Args:
        film: the film, possibly batched.
        m, B, T: as in :func:`sheet_conductance`.
        E: in-plane field (2) [V/m]; the default 1 V/m along x makes every value "per V/m".

    Returns:
        Dataset with one variable per magnet (its name; name[0], name[1] ... where it repeats), last dimension
        `component` x, y, z, unit N/m (torque per area); batch dimensions are called batch_0, batch_1, ...
    """
    import xarray

    labels = magnet_labels(film)
    if not labels:
        raise ParameterError("torque: the film has no magnet. Add a Ferromagnet or a MagneticInsulator.")
    absorbed = chosen(solver).torque(film, m, B, E, T)
    batch = absorbed.shape[:-2]
    total: dict[str, Any] = dict.fromkeys(labels, 0.0)
    positions = [i for i, e in enumerate(film.elements) if e.magnetic]
    for i in range(absorbed.shape[-2]):
        magnet = film.magnet_of(i)
        if magnet is not None:
            label = labels[positions.index(magnet)]
            total[label] = total[label] + PER_SPIN_CURRENT * absorbed[..., i, :]
    dims = (*(f"batch_{k}" for k in range(len(batch))), "component")
    return xarray.Dataset(
        {
            name: (dims, value, {"units": "N/m", "long_name": f"torque per area on {name}"})
            for name, value in total.items()
        },
        coords={"component": list("xyz")},
        attrs=attributes(film, solver) | {"E_V_per_m": [float(e) for e in E]},
    )
