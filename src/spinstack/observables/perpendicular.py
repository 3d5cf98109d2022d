"""Resistance and torques of a film that a current crosses, against the angle of its magnets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.observables.angular import scan_angles
from spinstack.observables.planes import (
    Mounting,
    Plane,
    check_field,
    check_plane,
    check_temperature,
    directions,
    temperature_attribute,
)
from spinstack.observables.registry import Labels, Output, arrays, labelled_observable
from spinstack.observables.sheet import perpendicular_resistance
from spinstack.observables.solvers import Solver
from spinstack.observables.torques import torque
from spinstack.observables.turning import labels_of, turned, what_turns
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.directions import direction
from spinstack.stack.film import magnet_labels
from spinstack.text.units import In

_MOUNTING = Mounting.checked("x", 0.0, 0.0, 0.0)


def _labels(film: Film, *, plane: Any, angles: Any, field: Any, m: Any, T: Any, **_: Any) -> Labels:
    degrees, strength = scan_angles(angles), check_field(field)
    outputs = (
        Output("resistance_area", "Ohm m^2", "resistance times area, current along z", ("angle",)),
        Output("MR", "1", "change of the resistance relative to angle 0", ("angle",)),
        Output("torque", "N m/A", "torque per area and current density", ("angle", "magnet", "component")),
        Output("torque_in_plane", "N m/A", "torque that turns m in the plane of rotation", ("angle", "magnet")),
        Output("torque_out_of_plane", "N m/A", "torque along the axis of rotation", ("angle", "magnet")),
    )
    coords = {
        "angle": ("angle", degrees, {"units": "deg", "long_name": "angle of m in the plane"}),
        "magnet": list(magnet_labels(film)),
        "plane": check_plane(plane),
    }
    found = what_turns(film, "magnetisation", strength, m)
    attrs = {"field_T": strength, **labels_of(found, film, strength), **temperature_attribute(T)}
    return Labels(outputs, coords, attrs)


@labelled_observable("resistance and torques against angle, current along z", _labels, one_film=True)
def perpendicular_scan(
    film: Film,
    plane: Plane = "beta",
    angles: Annotated[Sequence[float] | np.ndarray | None, In("deg")] = None,
    field: Annotated[float, In("T")] = 0.0,
    *,
    m: Any = None,
    T: Annotated[float | None, In("K")] = None,
    solver: Solver | None = None,
) -> dict[str, Any]:
    """Giant magnetoresistance and spin-transfer torque of a film that a current along z crosses, against angle.

    The current runs between two reservoirs that hold the spin accumulation at the outer faces at zero. Positive is from
    the bottom to the top; electrons go down, from a magnet above to one below.

    Args:
        film: one film (no batch) that carries charge along z everywhere.
        plane: "alpha" (x to y), "beta" (y to z) or "gamma" (x to z), in which magnets turn.
        angles: degrees, default 0 to 360 in steps of 1.
        field: magnetic field along the turning direction [T].
        m: magnets that do not turn, as a mapping from name to direction; all others turn together.
        T: temperature [K], needed by laws and magnet models.
        solver: as in :func:`sheet_conductance`.

    Returns:
        Dataset over `angle`: resistance_area [Ohm m^2], MR, its change relative to angle 0 [1]; over `magnet` torque
        (component) [N m/A], that is N/m per A/m^2, and its parts torque_in_plane, which turns m towards larger angles
        as a torque on angular momentum (m itself goes the other way: ``dm/dt = -gamma T/(M_s t)``), and
        torque_out_of_plane, along the axis of rotation.

    Raises:
        ParameterError: no magnet that turns, an element that carries no charge along z.
    """
    plane, degrees, strength = check_plane(plane), scan_angles(angles), check_field(field)
    if not magnet_labels(film):
        remedy = "Add a Ferromagnet."
        raise ParameterError("has no magnet", where="perpendicular_scan", field="film", remedy=remedy)
    found = what_turns(film, "magnetisation", strength, m)
    xp = array_module(degrees)
    every = xp.append(degrees, 0.0)
    along, B = turned(film, found, plane, every, _MOUNTING, strength)
    film = Film.of(film)
    axes = len(film.batch_shape)
    at = Conditions(m=along, B=B, T=check_temperature(T)).apart(axes)
    given: dict[str, Any] = {"m": at.m, "B": at.B, "T": at.T, "solver": solver}
    R = arrays(perpendicular_resistance)(film, **given)
    torques = arrays(torque)(film, **given, current=1.0)
    xp = array_module(R, *torques.values())
    R = xp.moveaxis(xp.broadcast_to(R, (len(every), *film.batch_shape)), 0, -1)
    shape = (len(every), *film.batch_shape, 3)
    T_of = xp.moveaxis(xp.stack([xp.broadcast_to(value, shape) for value in torques.values()], -2), 0, -3)[
        ..., :-1, :, :
    ]
    u, ahead = (directions(plane, np.array([a]), _MOUNTING)[0] for a in (0.0, 90.0))
    axis = np.cross(u, ahead)
    labels = magnet_labels(film)
    each = along if isinstance(along, dict) else dict.fromkeys(labels, along)
    of_m = xp.stack([_of(each, label, len(every)) for label in labels], 1)[:-1]
    return {
        "resistance_area": R[..., :-1],
        "MR": (R[..., :-1] - R[..., -1:]) / R[..., -1:],
        "torque": T_of,
        "torque_in_plane": (T_of * xp.cross(axis, of_m)).sum(-1),
        "torque_out_of_plane": T_of @ axis,
    }


def _of(each: dict[str, Any], label: str, count: int) -> Any:
    """The unit vectors (count, 3) of a magnet."""
    m = direction(each[label] if label in each else each[label.partition("[")[0]])
    xp = array_module(m)
    return xp.broadcast_to(m / xp.sqrt((m * m).sum(-1, keepdims=True)), (count, 3))
