"""Checks of arrays of numbers: finite, of a shape, within a range; directions. Each returns the array or raises."""

from __future__ import annotations

from types import EllipsisType
from typing import Any

import numpy as np

from spinstack.text.checks import Error, range_words
from spinstack.text.errors import ParameterError

#: lengths of the axes; None stands for any length ("n"), a leading ... for any axes
Shape = tuple[int | EllipsisType | None, ...]


def shape_words(shape: Shape) -> str:
    """A shape as people write it, ``(n, 3)``."""
    words = ["..." if n is Ellipsis else "n" if n is None else str(n) for n in shape]
    return f"({', '.join(words)}{',' * (len(words) == 1)})"


def numbers(
    value: Any,
    field: str,
    *shapes: Shape,
    low: float | None = None,
    open_low: bool = False,
    unit: str = "",
    remedy: str = "",
    where: str = "",
    error: Error = ParameterError,
) -> np.ndarray:
    """`value` as finite floats with one of the `shapes` (any, where none is given), none below `low`."""
    array = floats(value)
    if array is None:
        why = "which is not an array of numbers"
    elif array.size == 0:
        why = "which is empty"
    elif shapes and not any(_fits(array.shape, shape) for shape in shapes):
        why = f"of shape {array.shape}"
    elif bad := int(array.size - np.isfinite(array).sum()):
        why = f"with {bad} of {array.size} values not finite"
    elif low is not None and ((array <= low) if open_low else (array < low)).any():
        why = f"whose smallest is {array.min():g}"
    else:
        return array
    words = ["one finite number" if () in shapes else ""]
    if several := " or ".join(shape_words(shape) for shape in shapes if shape):
        words.append(f"finite numbers of shape {several}")
    allowed = " or ".join(filter(None, words)) or "finite numbers"
    allowed += f" in {unit}" if unit else ""
    allowed += f", {range_words(low, None, open_low=open_low)}" if low is not None else ""
    raise error(why, where=where, field=field, got=value, allowed=allowed, remedy=remedy)


def directions(
    value: Any, field: str, *shapes: Shape, remedy: str = "", where: str = "", error: Error = ParameterError
) -> np.ndarray:
    """`value`, vectors along the last axis, scaled to length 1; a vector of length zero has no direction."""
    array = numbers(value, field, *shapes, remedy=remedy, where=where, error=error)
    array = in_range(array)
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    if (length == 0).any():
        at = np.argwhere(length[..., 0] == 0)[0].tolist()
        why = f"with a vector of length zero{f' at {at}' if at else ''}"
        raise error(why, where=where, field=field, got=value, remedy=remedy or "Give a direction.")
    return array / length


def floats(value: Any) -> np.ndarray | None:
    """`value` as floats, None where it is text, truth values, ragged, masked or beyond all floats."""
    try:
        array = np.asarray(value)
        return array.astype(float) if array.dtype.kind in "iufO" and not np.ma.is_masked(value) else None
    except (TypeError, ValueError, OverflowError):
        return None


def in_range(vectors: np.ndarray) -> np.ndarray:
    """Vectors along the last axis times a power of two, which changes no digit, so that their squares are numbers."""
    return np.ldexp(vectors, -np.frexp(np.abs(vectors).max(-1, keepdims=True))[1])


def _fits(shape: tuple[int, ...], wanted: Shape) -> bool:
    if wanted[:1] == (Ellipsis,):
        wanted = wanted[1:]
        shape = shape[len(shape) - len(wanted) :] if len(shape) >= len(wanted) else (-1,)
    return len(shape) == len(wanted) and all(w in (None, n) for n, w in zip(shape, wanted, strict=True))
