"""Angle-dependent magnetoresistance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.planes import (
    PLANES,
    check_angles,
    check_field,
    check_plane,
    check_temperature,
    directions,
    reference_words,
    temperature_attribute,
)
from spinstack.observables.provenance import attributes
from spinstack.observables.sheet import inverse2, sheet_conductance
from spinstack.observables.solvers import Solver
from spinstack.observables.tensors import ratio_variable, tensor_variables
from spinstack.stack import Film, ParameterError

if TYPE_CHECKING:
    import xarray


def angular_scan(
    film: Film,
    plane: str | Sequence[str] = tuple(PLANES),
    angles: Any = None,
    field: float = 0.0,
    *,
    T: float | None = None,
    solver: Solver | None = None,
) -> xarray.Dataset:
    """Resistance while m (and a field along it) rotates in one plane or several.

    Args:
        film: one film (no batch).
        plane: "alpha", "beta", "gamma", or several of them; several give a dimension `plane`.
        angles: degrees, default 0 to 360 in steps of 1.
        field: magnetic field along the rotating direction [T].
        T: temperature [K], needed by magnet models.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over `angle` (and `plane`): R_xx, R_xy, R_yx, R_yy [Ohm], G_xx, G_xy, G_yx, G_yy [S], MR_xx and the
        direction m. MR_xx = (R_xx - R_ref)/R_ref, R_ref the resistance at angle 0 of the plane (computed even where the
        scan does not contain it).

    Raises:
        ParameterError: unknown plane, angles or field that are not finite, a batched film.
    """
    import xarray

    planes = [check_plane(p) for p in (plane if isinstance(plane, list | tuple) else [plane])]
    if not planes or len(set(planes)) < len(planes):
        raise ParameterError(f"plane: got {plane!r}. Allowed: 'alpha', 'beta', 'gamma', each at most once.")
    if isinstance(film, Film):
        film.require_single("angular_scan")
    degrees = np.arange(361.0) if angles is None else check_angles(angles)
    field = check_field(field)
    m = np.stack([directions(p, np.append(degrees, 0.0)) for p in planes])
    G = sheet_conductance(film, m=m, B=field * m, T=check_temperature(T), solver=solver)
    R = inverse2(G)[..., 0, 0]
    dims = ("plane", "angle")
    words = "; ".join(reference_words(p) for p in planes)
    data = tensor_variables(G[:, :-1], dims) | ratio_variable(R[:, :-1], R[:, -1:], dims, words)
    result = xarray.Dataset(
        data,
        coords={
            "plane": planes,
            "angle": ("angle", degrees, {"units": "deg", "long_name": "angle of m in the plane"}),
            "axis": list("xyz"),
            "m": ((*dims, "axis"), m[:, :-1], {"units": "1", "long_name": "direction of m"}),
        },
        attrs=attributes(film, solver) | {"field_T": field} | temperature_attribute(T),
    )
    return result.isel(plane=0) if isinstance(plane, str) else result
