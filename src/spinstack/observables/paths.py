"""Fields along a line or a path, temperatures, and the direction a magnet keeps where the field is zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from spinstack.insulator.magnet import magnet_model
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.stack import Film, ParameterError
from spinstack.stack.directions import ALONG_FIELD, finds_its_place, scalar, single_direction, unit_vector, vector
from spinstack.stack.film import magnet_labels
from spinstack.stack.orientation import given_directions

_PATH = "a path (n, 3) in tesla, or strengths (n,) with a direction"


class FieldPath(NamedTuple):
    """Fields B ([directions,] points, 3) [T], names of the directions (None: not a dimension), strengths or None."""

    B: Any
    directions: tuple[str, ...] | None
    strength: Any


def field_path(field: Any, direction: Any) -> FieldPath:
    """The path of a scan, checked; see :func:`spinstack.field_scan`."""
    if direction is None:
        B = vector(field, "field", _PATH)
        if B.ndim != 2 or len(B) == 0:
            raise ParameterError(f"of shape {B.shape}", field="field", got=field, allowed=_PATH)
        return FieldPath(B, None, None)
    if np.ndim(field) == 2:
        why = "beside a path of vectors, which have theirs"
        raise ParameterError(why, field="direction", got=direction, remedy="Leave one of the two out.")
    strength = scalar(field, "field", "strengths (n,) in tesla")
    strength = array_module(strength).atleast_1d(strength)
    if strength.ndim != 1 or strength.size == 0:
        raise ParameterError(f"of shape {strength.shape}", field="field", got=field, allowed="strengths (n,) in tesla")
    several = isinstance(direction, Sequence) and not isinstance(direction, str) and isinstance(direction[0], str)
    if several and len({str(n) for n in direction}) < len(direction):
        raise ParameterError("which names one twice", field="direction", got=direction, remedy="Name each once.")
    B = strength[:, None] * (unit_vector if several else single_direction)(direction, "direction")[..., None, :]
    return FieldPath(B, tuple(str(n) for n in direction) if several else None, strength)


def temperatures(T: Any) -> tuple[Any, bool]:
    """T as an array (k,) or None, and whether it is a dimension of the result."""
    if T is None:
        return None, False
    array = scalar(T, "T", "one temperature in kelvin, or several, at least 0", low=0)
    if array.ndim > 1 or array.size == 0:
        raise ParameterError(
            f"of shape {array.shape}", field="T", got=T, allowed="one temperature in kelvin, or several (k,)"
        )
    return array_module(array).atleast_1d(array), array.ndim == 1


def kept_directions(film: Film, B: Any, m: Any) -> Any:
    """m for a path B (..., points, 3): magnets that follow the field keep their direction where it vanishes.

    The direction is that of the last field before, or of the first one on a path that starts without field. Magnets
    with an anisotropy, antiferromagnets and magnets that keep a direction of `m` are left as they are.
    """
    if is_traced(B) or finds_its_place(m):
        return m
    zero = (np.asarray(B) == 0).all(-1)
    if not zero.any() or zero.all(-1).any():
        return m
    index = np.where(zero, -1, np.arange(B.shape[-2]))
    last = np.maximum.accumulate(index, -1)
    first = np.argmax(~zero, -1)[..., None]
    held = np.take_along_axis(B, np.where(last < 0, first, last)[..., None], -2)
    labels = magnet_labels(film)
    given_directions(film, m, range(len(film)), held)  # what is said of every magnet is allowed
    given = dict(m) if isinstance(m, Mapping) else dict.fromkeys(labels, m) if m is not None else {}
    magnets = [e for e in film.elements if e.magnetic]
    for label, element in zip(labels, magnets, strict=True):
        model = magnet_model(element)
        said = given.get(label, given.get(element.name))
        if said is None and model is not None and model.follows_field:
            given[label] = held
    saturated = {name: held for name, said in given.items() if isinstance(said, str) and said == ALONG_FIELD}
    return {**given, **saturated} or None
