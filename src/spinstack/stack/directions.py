"""Vectors as they arrive: directions m and fields."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.stack.parameters import ParameterError


def vector(value: Any, name: str, wanted: str) -> Any:
    """`value` (..., 3) as numbers; raises :class:`ParameterError` for anything that is not three finite ones."""
    if array_module(value) is not np:
        if value.ndim == 0 or value.shape[-1] != 3:
            raise ParameterError(f"{name}: got shape {value.shape}. Allowed: {wanted}.")
        if is_traced(value):
            return value.astype(float)
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name}: got {value!r}, which is not numeric. Allowed: {wanted}.") from None
    if array.ndim == 0 or array.shape[-1] != 3:
        raise ParameterError(f"{name}: got {value!r} of shape {array.shape}. Allowed: {wanted}.")
    if not np.isfinite(array).all():
        raise ParameterError(f"{name}: got {value!r}, which is not finite. Allowed: {wanted}.")
    return array


def unit_vector(value: Any, name: str = "m") -> Any:
    """`value` (..., 3) scaled to length 1; a zero or non-finite vector raises ParameterError."""
    v = vector(value, name, "three components of a direction, for example m=(0, 1, 0)")
    xp = array_module(v)
    length = xp.sqrt((v * v).sum(-1, keepdims=True))
    if xp is np and (length == 0).any():
        raise ParameterError(
            f"{name}: got {value!r}, a vector of length zero has no direction. Give for example (0, 1, 0)."
        )
    return v / length


def scalar(value: Any, name: str, wanted: str, low: float | None = None) -> Any:
    """`value` (...) as finite numbers, not below `low`; raises :class:`ParameterError` otherwise."""
    if is_traced(value):
        return value
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name}: got {value!r}, which is not numeric. Allowed: {wanted}.") from None
    if not np.isfinite(array).all():
        raise ParameterError(f"{name}: got {value!r}, which is not finite. Allowed: {wanted}.")
    if low is not None and (array < low).any():
        raise ParameterError(f"{name}: got {value!r}, which is below {low:g}. Allowed: {wanted}.")
    return array


def in_plane_field(E: Any) -> Any:
    """E checked: two finite components [V/m]."""
    if is_traced(E):
        return E
    try:
        field = np.asarray(E, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(
            f"E: got {E!r}. Allowed: two numbers, the in-plane field in V/m, such as (1, 0)."
        ) from None
    if field.shape != (2,) or not np.isfinite(field).all():
        raise ParameterError(f"E: got {E!r}. Allowed: two finite numbers, the in-plane field in V/m, such as (1, 0).")
    return field
