"""What happens inside the film: accumulations, spin currents and current density against z."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.planes import check_temperature, temperature_attribute
from spinstack.observables.provenance import attributes
from spinstack.observables.solvers import Solver, chosen
from spinstack.stack import Film, ParameterError

if TYPE_CHECKING:
    import xarray


def profile(
    film: Film,
    m: Any = None,
    B: Any = (0.0, 0.0, 0.0),
    E: Any = (1.0, 0.0),
    points: int = 41,
    T: float | None = None,
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
    fractions = np.linspace(0.0, 1.0, points)
    where, inside = chosen(solver).layer_profiles(film, m, B, E, fractions, check_temperature(T))
    drop = _bottom_potentials(film, inside["V_element"])
    z, names, mu_c, height = [], [], [], 0.0
    for k, i in enumerate(where):
        thickness = film.elements[i].thickness  # type: ignore[attr-defined]
        z.append(height + fractions * thickness)
        names += [film.elements[i].name] * points
        mu_c.append(drop[i] - inside["V"][k])
        height += thickness
    flat = {name: inside[name].reshape(-1, *inside[name].shape[2:]) for name in ("psi", "Q", "j")}
    mu_c_all = np.concatenate(mu_c)
    return xarray.Dataset(
        {
            "mu": (("z", "spin"), 2 * flat["psi"], {"units": "V", "long_name": "spin accumulation mu_up - mu_down"}),
            "Q": (("z", "spin"), flat["Q"], {"units": "A/m^2", "long_name": "spin current along z"}),
            "mu_c": ("z", mu_c_all, {"units": "V", "long_name": "electrochemical potential"}),
            "j_c": ("z", np.zeros_like(mu_c_all), {"units": "A/m^2", "long_name": "charge current along z"}),
            "j": (("z", "axis"), flat["j"], {"units": "A/m^2", "long_name": "in-plane current density"}),
        },
        coords={
            "z": ("z", np.concatenate(z), {"units": "m", "long_name": "height above the bottom face"}),
            "layer": ("z", names),
            "spin": list("xyz"),
            "axis": list("xy"),
        },
        attrs=attributes(film, solver) | {"E_V_per_m": [float(e) for e in np.asarray(E)]} | temperature_attribute(T),
    )


def _bottom_potentials(film: Film, drops: np.ndarray) -> list[float]:
    """mu_c at the lower face of every element; grounded anew above every element that carries no charge."""
    out, potential = [], 0.0
    for element, drop in zip(film.elements, np.append(drops, np.zeros(len(film) - len(drops))), strict=True):
        if not element.conducts:
            potential = 0.0
        out.append(potential)
        potential -= float(drop) if element.conducts else 0.0
    return out
