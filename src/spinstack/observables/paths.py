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
    """m for a path B (..., points, 3): where the field says nothing, magnets that it turns keep their direction.

    The direction is that of the last field before, or of the first one that says something. Magnets that follow the
    field keep theirs where it vanishes, Neel vectors where it has no part in their easy plane. Magnets that an
    anisotropy holds, and those that keep a direction of `m`, are left as they are.
    """
    if is_traced(B) or finds_its_place(m):
        return m
    labels, magnets = magnet_labels(film), [e for e in film.elements if e.magnetic]
    zero = (np.asarray(B) == 0).all(-1)
    held = _last(B, zero)
    if held is not None:
        given_directions(film, m, range(len(film)), held)  # what is said of every magnet is allowed
    given = dict(m) if isinstance(m, Mapping) else dict.fromkeys(labels, m) if m is not None else {}
    kept: dict[str, Any] = {}
    for label, element in zip(labels, magnets, strict=True):
        model = magnet_model(element)
        if model is None or given.get(label, given.get(element.name)) is not None:
            continue
        last = _last(B, model.undecided(B))
        if last is not None:
            kept[label] = last if model.follows_field else model.pointing(last)
    if held is not None:
        kept |= {name: held for name, said in given.items() if isinstance(said, str) and said == ALONG_FIELD}
    return {**given, **kept} if kept else m


def _last(B: Any, without: Any) -> Any:
    """At every point of paths B (..., points, 3) the last field that is not `without` a direction, or the first one.

    None where all have one, or a whole path has none.
    """
    if not without.any() or without.all(-1).any():
        return None
    index = np.maximum.accumulate(np.where(without, -1, np.arange(B.shape[-2])), -1)
    first = np.argmax(~without, -1)[..., None]
    return np.take_along_axis(B, np.where(index < 0, first, index)[..., None], -2)
