"""Resistance against temperature, and the gap between out-of-plane and transverse magnetisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.paths import temperatures
from spinstack.observables.planes import check_field
from spinstack.observables.provenance import attributes
from spinstack.observables.sheet import inverse2, sheet_conductance
from spinstack.observables.solvers import Solver
from spinstack.observables.tensors import ratio_variable, tensor_variables
from spinstack.stack import Film, ParameterError
from spinstack.stack.directions import AXES, vector

if TYPE_CHECKING:
    import xarray


def temperature_scan(
    film: Film, T: Any, *, m: Any = None, B: Any = (0.0, 0.0, 0.0), solver: Solver | None = None
) -> xarray.Dataset:
    """Resistance against temperature in a fixed field. What depends on temperature are the magnet models.

    Args:
        film: one film (no batch).
        T: temperatures (k,) [K].
        B: field (3) [T].
        m: as in :func:`sheet_conductance`; or several of "x", "y", "z" for all magnets, a dimension `direction`.

    Returns:
        Dataset over `temperature` (and `direction`): R_xx, R_xy, R_yx, R_yy [Ohm], G_xx ... [S], and MR_xx relative to
        the first temperature.

    Raises:
        ParameterError: T, B or m that are not allowed, a batched film.
    """
    kelvin = _temperatures("temperature_scan", film, T)
    field = np.asarray(vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)"))
    if field.shape != (3,):
        raise ParameterError(f"B: got shape {field.shape}. Allowed: one field, three components in tesla.")
    named = isinstance(m, list | tuple) and len(m) > 0 and all(isinstance(v, str) for v in m)
    if named and len(set(m)) < len(m):
        raise ParameterError(f"m: got {m!r}, which names a direction twice. Name each once.")
    many: Any = m if named else [m]
    G = np.stack([sheet_conductance(film, m=one, B=field, T=kelvin, solver=solver) for one in many], 1)
    R = inverse2(G)[..., 0, 0]
    dims = ("temperature", "direction")
    variables = tensor_variables(G, dims) | ratio_variable(R, R[:1], dims, f"R_xx at {kelvin[0]:g} K")
    result = _over_temperature(film, kelvin, variables, {"direction": list(m)} if named else {}, solver)
    result.attrs["B_T"] = field.tolist()
    return result if named else result.isel(direction=0)


def smr_gap(film: Film, T: Any, field: float = 0.0, *, solver: Solver | None = None) -> xarray.Dataset:
    """The gap ``R_xx(m || z) - R_xx(m || y)`` against temperature.

    Args:
        film: one film (no batch).
        T: temperatures (k,) [K].
        field: magnetic field along m [T]; without, the gap is that of the insulators alone (Zhang et al. 2019).

    Returns:
        Dataset over `temperature`: gap, R_y, R_z [Ohm] and ratio = gap/R_y.
    """
    kelvin = _temperatures("smr_gap", film, T)
    field = check_field(field)
    y, z = (
        inverse2(sheet_conductance(film, m=m, B=field * np.array(AXES[m]), T=kelvin, solver=solver))[..., 0, 0]
        for m in "yz"
    )
    words = {
        "gap": (z - y, "Ohm", "R_xx(m || z) - R_xx(m || y)"),
        "ratio": ((z - y) / y, "1", "[R_xx(m || z) - R_xx(m || y)]/R_xx(m || y)"),
        "R_y": (y, "Ohm", "R_xx with m along y"),
        "R_z": (z, "Ohm", "R_xx with m along z"),
    }
    variables = {
        name: (("temperature",), np.broadcast_to(values, kelvin.shape), {"units": unit, "long_name": text})
        for name, (values, unit, text) in words.items()
    }
    result = _over_temperature(film, kelvin, variables, {}, solver)
    result.attrs["field_T"] = field
    return result


def _temperatures(name: str, film: Film, T: Any) -> np.ndarray:
    if isinstance(film, Film):
        film.require_single(name)
    kelvin, _ = temperatures(T)
    if kelvin is None:
        raise ParameterError("T: missing. Give temperatures in kelvin.")
    return kelvin


def _over_temperature(
    film: Film, T: np.ndarray, variables: dict[str, Any], coords: dict[str, Any], solver: Solver | None
) -> xarray.Dataset:
    import xarray

    kelvin = ("temperature", T, {"units": "K", "long_name": "temperature"})
    return xarray.Dataset(variables, coords={"temperature": kelvin, **coords}, attrs=attributes(film, solver))
