"""Angle-dependent magnetoresistance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.observables.planes import (
    PLANES,
    Plane,
    check_angles,
    check_field,
    check_plane,
    check_temperature,
    directions,
    reference_words,
    temperature_attribute,
)
from spinstack.observables.registry import Labels, labelled_observable
from spinstack.observables.sheet import inverse2
from spinstack.observables.solvers import Solver
from spinstack.observables.tensors import scanned, tensor_outputs, with_ratio
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.text.units import In


def check_planes(plane: Any) -> tuple[list[Plane], bool]:
    """The planes and whether they are a dimension."""
    several = isinstance(plane, list | tuple)
    planes = [check_plane(p) for p in (plane if several else [plane])]
    if not planes or len(set(planes)) < len(planes):
        raise ParameterError(field="plane", got=plane, allowed="'alpha', 'beta', 'gamma', each at most once")
    return planes, several


def scan_angles(angles: Any) -> Any:
    """The angles of a scan, a full turn where none are given."""
    return np.arange(361.0) if angles is None else check_angles(angles)


def _labels(film: Film, *, plane: Any, angles: Any, field: Any, T: Any, **_: Any) -> Labels:
    planes, several = check_planes(plane)
    degrees = scan_angles(angles)
    m = np.stack([directions(p, degrees) for p in planes])
    dims = ("plane", "angle") if several else ("angle",)
    coords = {
        "plane": list(planes) if several else planes[0],
        "angle": ("angle", degrees, {"units": "deg", "long_name": "angle of m in the plane"}),
        "axis": list("xyz"),
        "m": ((*dims, "axis"), m if several else m[0], {"units": "1", "long_name": "direction of m"}),
    }
    reference = "; ".join(reference_words(p) for p in planes)
    return Labels(tensor_outputs(dims, reference), coords, {"field_T": check_field(field)} | temperature_attribute(T))


@labelled_observable("magnetoresistance against angle", _labels, one_film=True)
def angular_scan(
    film: Film,
    plane: Plane | Sequence[Plane] = tuple(PLANES),
    angles: Annotated[Sequence[float] | np.ndarray | None, In("deg")] = None,
    field: Annotated[float, In("T")] = 0.0,
    *,
    T: Annotated[float | None, In("K")] = None,
    solver: Solver | None = None,
) -> dict[str, Any]:
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
    planes, several = check_planes(plane)
    degrees = scan_angles(angles)
    xp = array_module(degrees)
    m = xp.stack([directions(p, xp.append(degrees, 0.0)) for p in planes])
    m = m if several else m[0]
    at = Conditions(m=m, B=check_field(field) * m, T=check_temperature(T))
    G = scanned(film, at, m.ndim - 1, solver)
    return with_ratio(G[..., :-1, :, :], inverse2(G[..., -1:, :, :])[..., 0, 0])
