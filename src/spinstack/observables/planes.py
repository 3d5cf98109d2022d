"""The three rotation planes, also with a tilted axis, for a current along x or y."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.stack import Film, ParameterError
from spinstack.text.arrays import read
from spinstack.text.checks import choice, number

Plane = Literal["alpha", "beta", "gamma"]
Current = Literal["x", "y"]

#: plane -> (direction at 0 degrees, direction at 90 degrees), as axis indices, for a current along x
PLANES: dict[Plane, tuple[int, int]] = {"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}
#: larger ones have lost the direction among their digits [deg]
_LARGEST_ANGLE = 1e6
#: current -> the directions x, y, z of planes for a current along x, turned with the current about z
_FRAMES = {"x": ("x", "y", "z"), "y": ("y", "-x", "z")}
_VECTORS = {"x": (1.0, 0.0, 0.0), "-x": (-1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


class Mounting(NamedTuple):
    """How a film sits in its rotator and where its contacts are (docs/methods/rotations.md).

    `tilt` and `tilt_azimuth` [deg] are the polar and the azimuthal angle of the rotation axis about that of the nominal
    plane, the azimuth from the first axis of the plane towards the second. The voltage contacts are turned about z by
    `contact_angle` [deg], the current is not.
    """

    current: Any = "x"
    tilt: Any = 0.0
    tilt_azimuth: Any = 0.0
    contact_angle: Any = 0.0

    @classmethod
    def checked(cls, current: Any, tilt: Any, tilt_azimuth: Any, contact_angle: Any) -> Mounting:
        """The same with every part checked; raises ParameterError."""
        angles = {"tilt": (tilt, 90), "tilt_azimuth": (tilt_azimuth, 360), "contact_angle": (contact_angle, 90)}
        checked = {
            name: value
            if is_traced(value)
            else number(_single(value, "deg"), name, low=-most, high=most, unit="degrees")
            for name, (value, most) in angles.items()
        }
        return cls(choice(current, "current", _FRAMES), **checked)

    @property
    def tilted(self) -> bool:
        """Whether the rotation axis is off that of the plane."""
        return is_traced(self.tilt) or self.tilt != 0

    def words(self) -> str:
        """What is not as usual, in words."""
        said = ["current along y"] if self.current == "y" else []
        if self.tilted:
            said.append(f"rotation axis tilted by {self.tilt:g}° towards {self.tilt_azimuth:g}° of the plane")
        if self.contact_angle:
            said.append(f"voltage contacts turned by {self.contact_angle:g}°")
        return ", ".join(said)


#: a current along x, the axes of the planes and contacts as they should be
_USUAL = Mounting()


def check_plane(plane: Any) -> Plane:
    """`plane` if it is one of the three; else ParameterError."""
    for known in PLANES:
        if isinstance(plane, str) and plane == known:
            return known
    raise ParameterError(field="plane", got=plane, allowed="'alpha' (x to y), 'beta' (y to z), 'gamma' (x to z)")


def check_field(field: Any) -> Any:
    """`field` as one finite number [T]; else ParameterError."""
    return field if is_traced(field) else number(_single(field, "T"), "field", unit="tesla")


def check_temperature(T: Any) -> Any:
    """`T` as None or one finite number from 0 [K]; else ParameterError."""
    return T if T is None or is_traced(T) else number(_single(T, "K"), "T", low=0, unit="kelvin")


def require_turning(film: Any, field: Any, where: str) -> None:
    """Raise ParameterError where neither a magnet nor a field turns, so that a difference is zero whatever the film."""
    if not Film.of(film).magnets and not is_traced(field) and field == 0:
        why = "and the film has no magnet: nothing turns"
        remedy = "Give field=1 (tesla; Hanle effect, ordinary Hall effect), or a film with a magnet."
        raise ParameterError(why, where=where, field="field", unit="T", got=field, remedy=remedy)


def _single(value: Any, unit: str) -> Any:
    """The number in an array without dimensions; what is none stays as it is."""
    found = read(value, unit) if getattr(value, "ndim", None) == 0 else ""
    return found.item() if isinstance(found, np.ndarray) else value


def temperature_attribute(T: Any) -> dict[str, float]:
    """The temperature as a dataset attribute, where there is one."""
    return {} if T is None else {"temperature_K": float(check_temperature(T))}


def check_angles(angles: Any) -> Any:
    """Angles in degrees as a one-dimensional float array; else ParameterError."""
    if is_traced(angles):
        return angles
    array = read(angles, "deg")
    if isinstance(array, str) or array.ndim > 1 or array.size == 0 or not (np.abs(array) <= _LARGEST_ANGLE).all():
        allowed = f"one-dimensional numbers in degrees from {-_LARGEST_ANGLE:g} to {_LARGEST_ANGLE:g}"
        raise ParameterError(field="angles", got=angles, allowed=allowed)
    return np.atleast_1d(array)


def plane_axes(plane: Any, current: str = "x") -> tuple[str, str]:
    """Names of the directions at 0 and at 90 degrees, such as "x" and "y"."""
    first, second = (_FRAMES[current][axis] for axis in PLANES[check_plane(plane)])
    return first, second


def directions(plane: Any, angles: Any, mounting: Mounting = _USUAL) -> Any:
    """Unit vectors (angles, 3) of a rotation by `angles` [deg]: exact zeros and ones at multiples of 90 degrees."""
    first, second = (np.array(_VECTORS[name])[None] for name in plane_axes(plane, mounting.current))
    degrees = check_angles(angles)
    turned = _cosine(degrees)[:, None] * first + _cosine(90 - degrees)[:, None] * second + 0.0
    if not mounting.tilted:
        return turned
    polar, towards = mounting.tilt, mounting.tilt_azimuth
    xp = array_module(degrees, polar, towards)
    polar, azimuth = xp.deg2rad(polar), xp.deg2rad(towards)
    lean = xp.cos(azimuth) * first + xp.sin(azimuth) * second
    moved = (xp.cos(polar) - 1) * lean - xp.sin(polar) * np.cross(first, second)
    return turned + _cosine(degrees - towards)[:, None] * moved


def _cosine(degrees: Any) -> Any:
    xp = array_module(degrees)
    return xp.where(xp.mod(degrees, 180) == 90, 0.0, xp.cos(xp.deg2rad(degrees)))
