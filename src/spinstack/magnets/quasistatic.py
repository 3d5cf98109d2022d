"""Places at rest of many magnets side by side under currents that take them nowhere else."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.magnets.model import MagneticModel
from spinstack.magnets.motion import Mechanics
from spinstack.magnets.pulse import direction_of
from spinstack.magnets.resting import linear, start_of
from spinstack.magnets.settle import followed, frame
from spinstack.observables.planes import Mounting, check_angles, check_plane, directions
from spinstack.stack import ParameterError
from spinstack.text import arrays, checks

#: where voltages are taken: along the current and across it, z times the current
CHANNELS = ("along", "across")

#: steps in which a current is raised, steps of Newton's method in each, and the farthest [rad] that one goes
_RAISED, _NEWTON, _NEAR = 4, 20, 0.3
#: condition of the stiffness above which a direction is held by rounding alone
_FREE = 1e14


class InPlane(NamedTuple):
    """Fields B (fields, angles, 3) [T] in a plane, magnets at rest in them without a current (fields, angles, magnets,
    3), the direction (2) of the current, and the coordinates of what is computed there."""

    B: np.ndarray
    rest: np.ndarray
    axis: np.ndarray
    coords: dict[str, Any]


def in_plane(model: MagneticModel, field: Any, angles: Any, plane: Any, along: Any, m: Any) -> InPlane:
    """Magnets in strengths of a field (fields,) [T], each followed from the first, at angles (angles,) [deg]."""
    strength = np.atleast_1d(arrays.numbers(field, "field", (), (None,), unit="T"))
    degrees, plane = check_angles(angles), check_plane(plane)
    checks.choice(along, "along", ("x", "y"))
    B = strength[:, None, None] * directions(plane, degrees, Mounting(current=along))
    start = np.array([start_of(model, m, one) for one in B[0]])
    coords = {
        "field": ("field", strength, {"units": "T", "long_name": "magnetic field"}),
        "angle": ("angle", degrees, {"units": "deg", "long_name": "angle of the field in the plane"}),
        "channel": list(CHANNELS), "magnet": list(model.names), "component": list("xyz"), "plane": plane,
    }  # fmt: skip
    return InPlane(B, followed(model.landscape, start, B, model.held), direction_of(along), coords)


def under_current(on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Directions at rest (points, magnets, 3) in B (points, 3) under K (points,), from those without a current.

    Raises ParameterError where a current is too strong for the place to stay.
    """
    at, n = m, m.shape[1]
    for part in np.arange(1, _RAISED + 1) / _RAISED:
        for _ in range(_NEWTON):
            value, J = linear(on, degree, at, B, part * K)
            free = np.linalg.cond(J) > _FREE
            if free.any():
                raise _refused(
                    "where nothing holds the magnets against it", "Give a field.", int(np.argmax(free)), B, K
                )
            step = -np.linalg.solve(J, value[..., None])[..., 0]
            size = np.abs(step).max(axis=1)
            # an unstable step is told below; here it only stays finite
            step = np.where(size[:, None] > _NEAR, step * _NEAR / np.maximum(size, _NEAR)[:, None], step)
            at = at + np.einsum("pia,piac->pic", step.reshape(-1, n, 2), frame(at))
            at = at / np.linalg.norm(at, axis=-1, keepdims=True)
            if size.max() < 1e-13:
                break
        rates = np.linalg.eigvals(linear(on, degree, at, B, part * K)[1]).real.max(-1)
        lost = (size > 1e-9) | (rates >= 0)
        if lost.any():
            why = "under which the magnets leave their place"
            raise _refused(why, "Make it smaller, or the field larger.", int(np.argmax(lost)), B, K)
    return at


def _refused(why: str, remedy: str, k: int, B: np.ndarray, K: np.ndarray) -> ParameterError:
    where = ", ".join(f"{c:.4g}" for c in B[k])
    return ParameterError(
        f"{why} at B = ({where}) T", field="current", unit="A/m", got=float(f"{K[k]:.6g}"), remedy=remedy
    )
