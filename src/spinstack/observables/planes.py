"""The three rotation planes of the magnetisation."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.stack import Film, ParameterError
from spinstack.text.arrays import floats
from spinstack.text.checks import number

Plane = Literal["alpha", "beta", "gamma"]

#: plane -> (direction at 0 degrees, direction at 90 degrees), as axis indices
PLANES: dict[Plane, tuple[int, int]] = {"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}
_NAMES = "xyz"
#: larger ones have lost the direction among their digits [deg]
_LARGEST_ANGLE = 1e6


def check_plane(plane: Any) -> Plane:
    """`plane` if it is one of the three; else ParameterError."""
    for known in PLANES:
        if isinstance(plane, str) and plane == known:
            return known
    raise ParameterError(field="plane", got=plane, allowed="'alpha' (x to y), 'beta' (y to z), 'gamma' (x to z)")


def check_field(field: Any) -> Any:
    """`field` as one finite number [T]; else ParameterError."""
    return field if is_traced(field) else number(_single(field), "field", unit="tesla")


def check_temperature(T: Any) -> Any:
    """`T` as None or one finite number from 0 [K]; else ParameterError."""
    return T if T is None or is_traced(T) else number(_single(T), "T", low=0, unit="kelvin")


def require_turning(film: Any, field: Any, where: str) -> None:
    """Raise ParameterError where neither a magnet nor a field turns, so that a difference is zero whatever the film."""
    if not Film.of(film).magnets and not is_traced(field) and field == 0:
        why = "and the film has no magnet: nothing turns"
        remedy = "Give field=1 (tesla; Hanle effect, ordinary Hall effect), or a film with a magnet."
        raise ParameterError(why, where=where, field="field", unit="T", got=field, remedy=remedy)


def _single(value: Any) -> Any:
    """The number in an array without dimensions."""
    return value.item() if getattr(value, "ndim", None) == 0 else value


def temperature_attribute(T: Any) -> dict[str, float]:
    """The temperature as a dataset attribute, where there is one."""
    return {} if T is None else {"temperature_K": float(T)}


def check_angles(angles: Any) -> Any:
    """Angles in degrees as a one-dimensional float array; else ParameterError."""
    if is_traced(angles):
        return angles
    array = floats(angles)
    if array is None or array.ndim > 1 or array.size == 0 or not (np.abs(array) <= _LARGEST_ANGLE).all():
        allowed = f"numbers in degrees from {-_LARGEST_ANGLE:g} to {_LARGEST_ANGLE:g}, in one dimension"
        raise ParameterError(field="angles", got=angles, allowed=allowed)
    return np.atleast_1d(array)


def directions(plane: Any, angles: Any) -> Any:
    """Unit vectors (angles, 3) of a rotation by `angles` [deg]: exact zeros and ones at multiples of 90 degrees."""
    first, second = PLANES[check_plane(plane)]
    degrees = check_angles(angles)
    xp = array_module(degrees)
    out = [xp.zeros(degrees.shape)] * 3
    out[first] = _cosine(degrees)
    out[second] = _cosine(90 - degrees)
    return xp.stack(out, -1)


def _cosine(degrees: Any) -> Any:
    xp = array_module(degrees)
    return xp.where(xp.mod(degrees, 180) == 90, 0.0, xp.cos(xp.deg2rad(degrees)))


def reference_words(plane: Plane) -> str:
    """The reference of a ratio in words."""
    return f"R_xx at {plane} = 0 deg (m along {_NAMES[PLANES[plane][0]]})"
