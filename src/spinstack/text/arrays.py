"""Checks of arrays of numbers: finite, of a shape, within a range; directions. Each returns the array or raises."""

from __future__ import annotations

from types import EllipsisType
from typing import Any

import numpy as np

from spinstack.text import checks
from spinstack.text.checks import Error, range_words
from spinstack.text.errors import ParameterError
from spinstack.text.units import EXAMPLES, conversion

#: lengths of the axes; None stands for any length ("n"), a leading ... for any axes
Shape = tuple[int | EllipsisType | None, ...]
#: NumPy broadcasts no more than 32
_MOST_AXES = 16


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
    array = read(value, unit or None)
    if isinstance(array, str):
        why = array
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
    allowed += f" in {unit}" if unit not in ("", "1") else ""
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
    """`value` as floats; None where it is not an array of real numbers."""
    array = read(value)
    return None if isinstance(array, str) else array


def read(value: Any, unit: str | None = None, *, imaginary: bool = False) -> np.ndarray | str:
    """`value` as floats, or complex numbers where it may be `imaginary`; in words what it is where it is neither.

    Fractions, decimals and whole numbers of any length are numbers. What carries a unit of its own must carry `unit`,
    or where that is "" some SI unit of this package, because nobody would see that it is dropped; None: any.
    """
    if isinstance(value, str | bytes | bytearray | memoryview):
        return "which is text, not a number"
    if _has_switch(value):
        return "which is a truth value, not a number"
    try:
        if np.ma.is_masked(value):
            return "with masked values"
        array, carried = np.asarray(value), _carried(value)
    except Exception:  # ragged, or arrays of others, which may fail in any way
        return "which is ragged" if isinstance(value, list | tuple) else "which is not an array of numbers"
    if array.dtype == bool:
        return "which is a truth value, not a number"
    if array.dtype.kind in "US":
        return "which is text, not a number"
    if array.ndim > _MOST_AXES:
        return f"with {array.ndim} axes"
    if carried and unit is not None and not _is_unit(carried, unit):
        return f"which is in {carried!r}; numbers here are SI and have no unit"
    try:
        if array.dtype.kind == "O" and all(map(checks.is_number, array.flat)):
            array = array.astype(float)
        with np.errstate(over="ignore"):  # what is infinite is refused by its value
            if array.dtype.kind in "iufc"[: 3 + imaginary]:
                return array.astype(complex if imaginary else float)
    except OverflowError:
        return "which is too large for a floating-point number"
    except (TypeError, ValueError):
        pass
    return f"which is not {'a number' if imaginary else 'a real number'}"


def _has_switch(value: Any) -> bool:
    """Whether a list has a truth value among its numbers, which an array of them would hide."""
    if isinstance(value, list | tuple):
        return any(map(_has_switch, value))
    return isinstance(value, bool | np.bool_)


def _carried(value: Any) -> str:
    """The unit that a quantity or a labelled array says it has; "" for plain numbers."""
    if type(value) in (float, int, np.ndarray, list, tuple):
        return ""
    unit = getattr(value, "units", None) if hasattr(value, "units") else getattr(value, "unit", None)
    return "" if unit is None else str(unit)


def _is_unit(written: str, unit: str) -> bool:
    if not unit:
        return written in EXAMPLES
    return written in (unit, "dimensionless" if unit == "1" else unit) or conversion(written, unit) == 1


def in_range(vectors: np.ndarray) -> np.ndarray:
    """Vectors along the last axis times a power of two, which changes no digit, so that their squares are numbers."""
    return np.ldexp(vectors, -np.frexp(np.abs(vectors).max(-1, keepdims=True))[1])


def _fits(shape: tuple[int, ...], wanted: Shape) -> bool:
    if wanted[:1] == (Ellipsis,):
        wanted = wanted[1:]
        shape = shape[len(shape) - len(wanted) :] if len(shape) >= len(wanted) else (-1,)
    return len(shape) == len(wanted) and all(w in (None, n) for n, w in zip(shape, wanted, strict=True))
