"""Checks of the arguments of steps and analyses: those of :mod:`spinstack.text.checks`, refused by MeasurementError."""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache, partial, wraps
from typing import Any, ParamSpec, TypeVar

import xarray as xr

from spinstack.measure.measurement import MeasurementError
from spinstack.text import checks
from spinstack.text.errors import Problems
from spinstack.text.units import In

P = ParamSpec("P")
R = TypeVar("R")

choice = partial(checks.choice, error=MeasurementError)
number = partial(checks.number, error=MeasurementError)
positive = partial(checks.number, low=0, open_low=True, error=MeasurementError)
required = partial(checks.required, error=MeasurementError)
switch = partial(checks.switch, error=MeasurementError)
whole = partial(checks.whole, error=MeasurementError)


def together(*each: Callable[[], object]) -> None:
    """Make several checks and raise one error for all that they refuse."""
    problems = Problems()
    for check in each:
        with problems:
            check()
    problems.end()


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """A function whose arguments are first compared with their annotations, all at once.

    Numbers, whole numbers, truth values, text and lists of these, measurements and functions are looked at; words of
    which only some are allowed, and ranges of numbers, are left to the function.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        check_kinds(function, signature.bind(*args, **kwargs).arguments)
        return function(*args, **kwargs)

    return run


def check_kinds(function: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Raise one MeasurementError for all of the arguments that are not of the kind their annotations say."""
    problems = Problems()
    for name, (kinds, unit) in _declared(function).items():
        if name in given and not any(_fits(given[name], kind) for kind in kinds):
            allowed = " or ".join(dict.fromkeys(map(_words, kinds)))
            with problems:
                raise MeasurementError(field=name, unit=unit, got=given[name], allowed=allowed)
    problems.end()


@cache
def _declared(function: Callable[..., Any]) -> dict[str, tuple[tuple[Any, ...], str]]:
    """Kinds that each argument may have, and its unit; those that are only known to the function are left out."""
    out = {}
    hints = typing.get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        hint, unit = hints.get(name, Any), ""
        if typing.get_origin(hint) is typing.Annotated:
            hint, *beside = typing.get_args(hint)
            unit = next((mark.unit for mark in beside if isinstance(mark, In)), "")
        union = typing.get_origin(hint) in (typing.Union, types.UnionType)
        kinds = typing.get_args(hint) if union else (hint,)
        several = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if not several and all(_words(kind) for kind in kinds):
            out[name] = kinds, unit
    return out


_SINGLE = {float: "a number", int: "a whole number", bool: "True or False", str: "text", type(None): "None"}
_LISTS = (tuple, list, collections.abc.Sequence)


def _words(kind: Any) -> str:
    """What a kind allows, in words; empty where nothing can be said."""
    inside = typing.get_args(kind)
    if typing.get_origin(kind) in _LISTS and inside[0] in _SINGLE:
        return f"a list of {f'{len(inside)} ' if _fixed(kind) else ''}{_SINGLE[inside[0]].removeprefix('a ')}s"
    if typing.get_origin(kind) is collections.abc.Callable:
        return "a function"
    if dataclasses.is_dataclass(kind):
        return f"of class {getattr(kind, '__name__', kind)}"
    return "a measurement (Dataset)" if kind is xr.Dataset else _SINGLE.get(kind, "")


def _fixed(kind: Any) -> bool:
    """Whether a list has as many members as its annotation."""
    return typing.get_origin(kind) is tuple and Ellipsis not in typing.get_args(kind)


def _fits(value: Any, kind: Any) -> bool:
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()  # a number of an array or of a result
    if typing.get_origin(kind) in _LISTS:
        if not isinstance(value, collections.abc.Iterable) or isinstance(value, str | bytes | Mapping):
            return False
        members, inside = list(value), typing.get_args(kind)
        return (not _fixed(kind) or len(members) == len(inside)) and all(_fits(one, inside[0]) for one in members)
    if typing.get_origin(kind) is collections.abc.Callable:
        return callable(value)
    if kind is float:
        return checks.is_number(value) and not math.isnan(value)
    if kind is int:
        return checks.is_whole(value)
    if kind is bool:
        return type(value).__name__ in ("bool", "bool_")
    return isinstance(value, kind)
