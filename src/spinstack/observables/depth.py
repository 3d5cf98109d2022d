"""What happens inside the film: accumulations, spin currents and current density against z."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.planes import check_temperature, temperature_attribute
from spinstack.observables.provenance import attributes
from spinstack.observables.solvers import Solver, chosen
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions

if TYPE_CHECKING:
    import xarray


def profile(
    film: Film,
    points: int = 41,
    *,
    m: Any = None,
    B: Any = (0.0, 0.0, 0.0),
    T: float | None = None,
    E: Any = (1.0, 0.0),
    solver: Solver | None = None,
) -> xarray.Dataset:
    """Potentials and currents through the film in the in-plane field E, no current along z.

    Args:
        film: one film (no batch).
        m, B, T: as in :func:`sheet_conductance`, one vector (or one per magnet).
        E: in-plane field (2) [V/m]; the default 1 V/m along x makes every value "per V/m".
        points: points per layer, both faces included, so interfaces show as steps.

    Returns:
        Dataset over z [m] (from the bottom face): mu (z, spin) [V], Q (z, spin) [A/m^2], mu_c, j_c (z) [V], [A/m^2],
        j (z, axis) the in-plane current density [A/m^2]; coordinate layer (z) the layer's name. mu_c is zero at the
        bottom face of each stretch of conducting layers.
    """
    import xarray

    if not isinstance(points, int) or points < 2:
        raise ParameterError(f"points: got {points!r}. Allowed: a whole number from 2.")
    if isinstance(film, Film):
        film.require_single("profile")
    at = Conditions(m=m, B=B, T=check_temperature(T), E=E)
    found = chosen(solver, film, at).profile(film, at, points)
    names = [film.elements[i].name for i in found["element"]]
    return xarray.Dataset(
        {
            "mu": (("z", "spin"), found["mu"], {"units": "V", "long_name": "spin accumulation mu_up - mu_down"}),
            "Q": (("z", "spin"), found["Q"], {"units": "A/m^2", "long_name": "spin current along z"}),
            "mu_c": ("z", found["mu_c"], {"units": "V", "long_name": "electrochemical potential"}),
            "j_c": ("z", found["j_c"], {"units": "A/m^2", "long_name": "charge current along z"}),
            "j": (("z", "axis"), found["j"], {"units": "A/m^2", "long_name": "in-plane current density"}),
        },
        coords={
            "z": ("z", found["z"], {"units": "m", "long_name": "height above the bottom face"}),
            "layer": ("z", names),
            "spin": list("xyz"),
            "axis": list("xy"),
        },
        attrs=attributes(film, solver) | {"E_V_per_m": [float(e) for e in np.asarray(E)]} | temperature_attribute(T),
    )
