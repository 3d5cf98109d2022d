"""Fields along a line or a path, temperatures, and the direction a magnet keeps where the field is zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from spinstack.insulator.magnet import magnet_model
from spinstack.stack import Film, ParameterError
from spinstack.stack.directions import scalar, unit_vector, vector
from spinstack.stack.film import magnet_labels


class FieldPath(NamedTuple):
    """Fields B (directions, points, 3) [T], names of the directions (None: not a dimension), strengths or None."""

    B: np.ndarray
    directions: tuple[str, ...] | None
    strength: np.ndarray | None


def field_path(field: Any, direction: Any) -> FieldPath:
    """The path of a scan, checked; see :func:`spinstack.field_scan`."""
    if direction is None:
        B = np.asarray(vector(field, "field", "a path (n, 3) in tesla, or strengths (n,) with a direction"))
        if B.ndim != 2 or len(B) == 0:
            raise ParameterError(
                f"field: got shape {B.shape}. Allowed: a path (n, 3) in tesla, or strengths (n,) with a direction."
            )
        return FieldPath(B[None], None, None)
    strength = np.atleast_1d(scalar(field, "field", "strengths (n,) in tesla"))
    if strength.ndim != 1 or strength.size == 0:
        raise ParameterError(f"field: got shape {strength.shape}. Allowed: strengths (n,) in tesla.")
    many = isinstance(direction, Sequence) and not isinstance(direction, str) and isinstance(direction[0], str)
    names = list(direction) if many else [direction]
    if len({str(n) for n in names}) < len(names):
        raise ParameterError(f"direction: got {direction!r}, which names one twice. Name each once.")
    B = np.stack([strength[:, None] * unit_vector(n, "direction") for n in names])
    return FieldPath(B, tuple(str(n) for n in names) if many else None, strength)


def temperatures(T: Any) -> tuple[np.ndarray | None, bool]:
    """T as an array (k,) or None, and whether it is a dimension of the result."""
    if T is None:
        return None, False
    array = scalar(T, "T", "one temperature in kelvin, or several, at least 0", low=0)
    if array.ndim > 1 or array.size == 0:
        raise ParameterError(f"T: got shape {array.shape}. Allowed: one temperature in kelvin, or several (k,).")
    return np.atleast_1d(array), array.ndim == 1


def kept_directions(film: Film, B: np.ndarray, m: Any) -> Any:
    """m for a path B (..., points, 3): magnets that follow the field keep their direction where it vanishes.

    The direction is that of the last field before, or of the first one on a path that starts without field. Magnets
    with an anisotropy, antiferromagnets and magnets that `m` names are left as they are.
    """
    zero = (B == 0).all(-1)
    if (m is not None and not isinstance(m, dict)) or not zero.any() or zero.all(-1).any():
        return m
    index = np.where(zero, -1, np.arange(B.shape[-2]))
    last = np.maximum.accumulate(index, -1)
    first = np.argmax(~zero, -1)[..., None]
    held = np.take_along_axis(B, np.where(last < 0, first, last)[..., None], -2)
    given = dict(m or {})
    magnets = [e for e in film.elements if e.magnetic]
    for label, element in zip(magnet_labels(film), magnets, strict=True):
        model = magnet_model(element)
        follows = model is not None and not np.any(getattr(model, "anisotropy_field", 1.0))
        if follows and label not in given and element.name not in given:
            given[label] = held
    return given or None
