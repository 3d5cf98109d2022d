"""Checks of single values: numbers, whole numbers, choices, switches, text. Each returns the value or raises.

`field` (and `where`) name the argument in the error, which is of the class `error`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from spinstack.text.errors import NOTHING, ParameterError, SpinstackError, near_names

Error = type[SpinstackError]


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")  # NumPy has its own


def _is_other(value: Any) -> bool:
    """Whether it is none, although Python or NumPy counts it among the numbers."""
    return _is_switch(value) or type(value).__name__ == "timedelta64"


def is_number(value: Any) -> bool:
    """Whether `value` is a single real number, finite or not; truth values and text are none."""
    if isinstance(value, Decimal):
        return not value.is_nan()  # which compares with nothing
    return isinstance(value, Real) and not _is_other(value)


def is_whole(value: Any) -> bool:
    """Whether `value` is a whole number; truth values and 3.0 are none."""
    return isinstance(value, Integral) and not _is_other(value)


def range_words(
    low: float | None, high: float | None, *, open_low: bool = False, open_high: bool = False, any_: str = ""
) -> str:
    """A range in words, such as "greater than 0 and at most 1"; `any_` where it is unbounded."""
    parts = []
    if low is not None:
        parts.append(f"{'greater than' if open_low else 'at least'} {low:g}")
    if high is not None:
        parts.append(f"{'less than' if open_high else 'at most'} {high:g}")
    return " and ".join(parts) or any_


def number(
    value: Any,
    field: str,
    *,
    low: float | None = None,
    high: float | None = None,
    open_low: bool = False,
    open_high: bool = False,
    infinite: bool = False,
    unit: str = "",
    remedy: str = "",
    where: str = "",
    error: Error = ParameterError,
) -> float:
    """One real number within a range, finite unless `infinite`."""
    if is_number(value):
        try:
            x = float(value)
        except OverflowError:
            x = math.inf
        below = low is not None and (x < low or (x == low and open_low))
        above = high is not None and (x > high or (x == high and open_high))
        if not math.isnan(x) and (infinite or not math.isinf(x)) and not below and not above:
            return x
    words = range_words(low, high, open_low=open_low, open_high=open_high)
    allowed = f"one number{' in ' + unit if unit else ''}" + (f", {words}" if words else "")
    allowed = allowed if infinite else allowed.replace("one number", "one finite number")
    raise error(where=where, field=field, got=value, allowed=allowed, remedy=remedy)


def whole(
    value: Any,
    field: str,
    *,
    low: int | None = None,
    high: int | None = None,
    remedy: str = "",
    where: str = "",
    error: Error = ParameterError,
) -> int:
    """One whole number from `low` to `high`."""
    if is_whole(value) and (low is None or value >= low) and (high is None or value <= high):
        return int(value)
    words = "a whole number" + (f" from {low}" if low is not None else "") + (f" to {high}" if high is not None else "")
    raise error(where=where, field=field, got=value, allowed=words, remedy=remedy)


def choice(
    value: Any, field: str, options: Iterable[str], *, remedy: str = "", where: str = "", error: Error = ParameterError
) -> str:
    """One of the words in `options`; a near miss is named."""
    names = tuple(options)
    if isinstance(value, str) and value in names:
        return value
    near = near_names(value, names) if isinstance(value, str) else ""
    raise error(
        where=where,
        field=field,
        got=value,
        allowed=", ".join(map(repr, names)) or "none",
        remedy=(near + remedy).strip(),
    )


def switch(value: Any, field: str, *, remedy: str = "", where: str = "", error: Error = ParameterError) -> bool:
    """True or False."""
    if _is_switch(value):
        return bool(value)
    raise error(where=where, field=field, got=value, allowed="True or False", remedy=remedy)


def words(value: Any, field: str, *, remedy: str = "", where: str = "", error: Error = ParameterError) -> str:
    """Text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value
    raise error(where=where, field=field, got=value, allowed="text", remedy=remedy)


def names(value: Any, field: str, *, where: str = "", error: Error = ParameterError) -> tuple[str, ...]:
    """A list of names, which may be empty."""
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(n, str) for n in value):
        raise error(where=where, field=field, got=value, allowed="a list of names")
    return tuple(value)


def required(value: Any, field: str, remedy: str, *, where: str = "", error: Error = ParameterError) -> Any:
    """`value` unless it is None."""
    if value is None or value is NOTHING:
        raise error("missing", where=where, field=field, remedy=remedy)
    return value
