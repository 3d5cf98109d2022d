"""The three rotation planes of the magnetisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.stack import ParameterError

#: plane -> (direction at 0 degrees, direction at 90 degrees), as axis indices
PLANES = {"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}
_NAMES = "xyz"


def check_plane(plane: Any) -> str:
    """`plane` if it is one of the three; else ParameterError."""
    if not isinstance(plane, str) or plane not in PLANES:
        raise ParameterError(f"plane: got {plane!r}. Allowed: 'alpha' (x to y), 'beta' (y to z), 'gamma' (x to z).")
    return plane


def check_field(field: Any) -> float:
    """`field` as one finite number [T]; else ParameterError."""
    if isinstance(field, str) or np.ndim(field) != 0 or not np.isfinite(field):
        raise ParameterError(f"field: got {field!r}. Allowed: one finite number in tesla.")
    return float(field)


def check_temperature(T: Any) -> float | None:
    """`T` as None or one finite number from 0 [K]; else ParameterError."""
    if T is None:
        return None
    if isinstance(T, str) or np.ndim(T) != 0 or not np.isfinite(T) or T < 0:
        raise ParameterError(f"T: got {T!r}. Allowed: one finite number in kelvin, at least 0.")
    return float(T)


def temperature_attribute(T: float | None) -> dict[str, float]:
    """The temperature as a dataset attribute, where there is one."""
    return {} if T is None else {"temperature_K": float(T)}


def check_angles(angles: Any) -> np.ndarray:
    """Angles in degrees as a one-dimensional float array; else ParameterError."""
    try:
        array = np.atleast_1d(np.asarray(angles, dtype=float))
    except (TypeError, ValueError):
        raise ParameterError(f"angles: got {angles!r}. Allowed: numbers in degrees.") from None
    if array.ndim != 1 or array.size == 0 or not np.isfinite(array).all():
        raise ParameterError(f"angles: got {angles!r}. Allowed: one-dimensional finite numbers in degrees.")
    return array


def directions(plane: str, angles: Any) -> np.ndarray:
    """Unit vectors (angles, 3) of a rotation by `angles` [deg]: exact zeros and ones at multiples of 90 degrees."""
    first, second = PLANES[check_plane(plane)]
    degrees = check_angles(angles)
    out = np.zeros((len(degrees), 3))
    out[:, first] = _cosine(degrees)
    out[:, second] = _cosine(90 - degrees)
    return out


def _cosine(degrees: np.ndarray) -> np.ndarray:
    value = np.cos(np.deg2rad(degrees))
    return np.where(np.mod(degrees, 180) == 90, 0.0, value)


def reference_words(plane: str) -> str:
    """The reference of a ratio in words."""
    return f"R_xx at {plane} = 0 deg (m along {_NAMES[PLANES[plane][0]]})"
