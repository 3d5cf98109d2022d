"""Vectors as they arrive: directions m and fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.text.arrays import in_range, read
from spinstack.text.errors import ParameterError

Axis = Literal["x", "y", "z"]
#: the same as ALONG_FIELD
AlongField = Literal["along B"]
Direction = Axis | tuple[float, float, float] | np.ndarray

#: in the place of a direction: along the magnetic field, as a saturated magnet is
ALONG_FIELD = "along B"
#: directions that have a name
AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
#: units of conditions by their names
_UNITS = {"B": "T", "field": "T", "T": "K", "E": "V/m", "current": "A/m^2"}
_DIRECTION = 'three components, for example (0, 1, 0), or an axis "x", "y" or "z"'


def finds_its_place(m: Any) -> bool:
    """Whether `m` is a model of magnets that says where they are along a path of fields, by `directions_in(B)`."""
    return hasattr(m, "directions_in")


def vector(value: Any, name: str, wanted: str, length: int = 3) -> Any:
    """`value` (..., length) as finite numbers; raises :class:`ParameterError` for anything else."""
    if array_module(value) is not np:
        if value.ndim == 0 or value.shape[-1] != length:
            raise ParameterError(f"an array of shape {value.shape}", field=name, allowed=wanted)
        if is_traced(value):
            return value.astype(float)
    array = _numbers(value, name, wanted)
    if array.ndim == 0 or array.shape[-1] != length:
        raise ParameterError(f"of shape {array.shape}", field=name, got=value, allowed=wanted)
    return array


def direction(value: Any, name: str = "m", wanted: str = _DIRECTION) -> Any:
    """Vectors (..., 3) of any length but zero, from components, from an axis "x", "y", "z", or from several axes."""
    several = isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(v, str) for v in value)
    axes = list(value) if several else [value]
    if several or isinstance(value, str):
        unknown = [axis for axis in axes if not isinstance(axis, str) or axis not in AXES]
        if unknown:
            raise ParameterError(field=name, got=value, allowed=wanted)
        return np.array([AXES[axis] for axis in axes] if several else AXES[value])
    v = vector(value, name, wanted)
    if not is_traced(v) and not np.asarray(v).any(-1).all():
        raise ParameterError(
            field=name, got=value, why="a vector of length zero has no direction", remedy="Give for example (0, 1, 0)."
        )
    return v


def unit_vector(value: Any, name: str = "m") -> Any:
    """The direction `value` (..., 3) scaled to length 1; see :func:`direction`."""
    v = direction(value, name)
    v = v if is_traced(v) else in_range(np.asarray(v))
    return v / array_module(v).sqrt((v * v).sum(-1, keepdims=True))


def single_direction(value: Any, name: str) -> Any:
    """One direction (3,) scaled to length 1; several are refused."""
    v = unit_vector(value, name)
    if v.ndim != 1:
        raise ParameterError(f"of shape {v.shape}", field=name, got=value, allowed=f"one direction: {_DIRECTION}")
    return v


def scalar(value: Any, name: str, wanted: str, low: float | None = None) -> Any:
    """`value` (...) as finite numbers, not below `low`; raises :class:`ParameterError` otherwise."""
    if is_traced(value):
        return value
    array = _numbers(value, name, wanted)
    if low is not None and (array < low).any():
        raise ParameterError(f"which is below {low:g}", field=name, got=value, allowed=wanted)
    return array


def in_plane_field(E: Any) -> Any:
    """E checked: two finite components [V/m]."""
    wanted = "two finite numbers, the in-plane field in V/m, such as (1, 0)"
    field = vector(E, "E", wanted, 2)
    if field.ndim != 1:
        raise ParameterError(f"of shape {field.shape}", field="E", got=E, allowed=wanted)
    return field


def _numbers(value: Any, name: str, wanted: str) -> np.ndarray:
    array = read(value, _UNITS.get(name))
    if isinstance(array, str):
        raise ParameterError(array, field=name, got=value, allowed=wanted)
    if array.size == 0:
        raise ParameterError(f"of shape {array.shape}", field=name, got=value, allowed=wanted)
    if not np.isfinite(array).all():
        raise ParameterError("which is not finite", field=name, got=value, allowed=wanted)
    return array
