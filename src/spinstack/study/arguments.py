"""Arguments of a function from a table of a file: names, kinds, units, choices and defaults follow from its signature.

A number with a unit is text, "0.5 T"; the unit of an argument stands beside it, ``Annotated[float, In("T")]``. A table
may be read for a dataclass as well: its fields are the arguments. Nothing here knows files or lines: errors carry the
path of what is wrong inside the table.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from spinstack.text.checks import choice, whole
from spinstack.text.errors import NOTHING, ParameterError, SpinstackError, near_names
from spinstack.text.units import In, example, parse_quantity

#: values that a table with start, stop and points may stand for
MOST_POINTS = 10_001
_RANGE = ("start", "stop", "points", "spacing")
_NUMBER = re.compile(r"\s*[-+−]?\.?\d")
_LISTS = (
    list, tuple, set, frozenset, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection,
)  # fmt: skip
_TABLES = (dict, collections.abc.Mapping)
_SIMPLE = {bool: "true or false, without quotes", str: "text in quotes", int: "a whole number"}


@dataclass(frozen=True)
class Meaning:
    """What values mean where the annotation alone does not say.

    `unit_of`: the unit of a name that has none beside it; `bare`: units in which a number alone may stand (None: all);
    `any_of`: annotations by name for arguments that may be anything; `kinds`: how values become objects of these types;
    `beside`: how a value is read that has an object of this type beside its annotation.
    """

    unit_of: Callable[[str], str] = lambda name: "1"
    bare: frozenset[str] | None = None
    any_of: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[Any, Callable[[Any], Any]] = field(default_factory=dict)
    beside: Mapping[type, Callable[[Any, Any], Any]] = field(default_factory=dict)


class Given(typing.NamedTuple):
    """Arguments by name, and everything that is wrong; the path of an error begins with the name."""

    arguments: dict[str, Any]
    errors: list[SpinstackError]


def own_parameters(function: Callable[..., Any], given: int = 0) -> dict[str, inspect.Parameter]:
    """The parameters that a file may give: all but the first `given`."""
    return {p.name: p for p in list(inspect.signature(function).parameters.values())[given:]}


def hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Annotations of a function or a dataclass, resolved, with what stands beside them; not that of what it returns."""
    return dict(_resolved(inspect.unwrap(function)))


@lru_cache(1000)
def _resolved(wrapped: Callable[..., Any]) -> dict[str, Any]:
    if isinstance(wrapped, type):
        return typing.get_type_hints(wrapped, include_extras=True)
    # what a function returns may have a name that only type checkers load
    written = {name: hint for name, hint in wrapped.__annotations__.items() if name != "return"}
    bare = types.SimpleNamespace(__annotations__=written)
    return typing.get_type_hints(bare, wrapped.__globals__, include_extras=True)


def read(
    function: Callable[..., Any],
    table: Mapping[str, Any],
    meaning: Meaning,
    *,
    given: int = 0,
    also: Iterable[str] = (),
    optional: Collection[str] = (),
) -> Given:
    """The arguments of `function` in SI from `table`, all but the first `given`.

    `also` names what else the table may hold, for the error about an unknown name; `optional` need not be there even
    without a default.
    """
    parameters = own_parameters(function, given)
    free = next((p.name for p in parameters.values() if p.kind is p.VAR_KEYWORD), None)
    named = {n: p for n, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    annotations = {n: meaning.any_of.get(n, h) if plain(h) is Any else h for n, h in hints(function).items()}
    out = Given({}, [])
    if free is not None and "fit" in named:  # the rest is for the fit that is named, and known by its signature
        rest = {n: v for n, v in table.items() if n not in named}
        table = {n: v for n, v in table.items() if n in named}
        try:
            fit = meaning.kinds[collections.abc.Callable](table["fit"]) if "fit" in table else named["fit"].default
        except ParameterError as error:
            return Given({}, [_inside("fit", error)])
        out = read(fit, rest, meaning, given=1)
    for name, value in table.items():
        if name not in named and free is None:
            out.errors.append(unknown(name, value, [*also, *named], "parameter"))
            continue
        hint = annotations.get(name if name in named else str(free), Any)
        default = named[name].default if name in named else NOTHING
        try:
            out.arguments[name] = convert(value, hint, _unit(name, hint, table, named, meaning), meaning, default)
        except ParameterError as error:
            out.errors.extend(_inside(name, error).errors)
    for name, parameter in named.items():
        if parameter.default is parameter.empty and name not in {*table, *optional}:
            out.errors.append(missing(name, annotations.get(name, Any), meaning))
    return out


def unknown(name: str, value: Any, allowed: Iterable[str], what: str = "field") -> ParameterError:
    """The error for a name that is not among `allowed`, with the nearest names."""
    names = tuple(allowed)
    near = near_names(name, names).strip()
    return ParameterError(
        f"for an unknown {what}", got=value, allowed=", ".join(names) or "none", remedy=near, path=(name,)
    )


def missing(name: str, hint: Any, meaning: Meaning, why: str = "") -> ParameterError:
    """The error for an argument that is needed."""
    return ParameterError(f"missing{why}", allowed=words(hint, _unit(name, hint, {}, {}, meaning)), path=(name,))


def _inside(key: str | int, error: SpinstackError) -> SpinstackError:
    """The error, or errors, about what stands under `key`."""
    return ParameterError.several([one.with_fields(path=(key, *one.path)) for one in error.errors])


def plain(hint: Any) -> Any:
    """The annotation without what stands beside it."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint


def beside(hint: Any) -> tuple[Any, ...]:
    """What stands beside an annotation."""
    return typing.get_args(hint)[1:] if typing.get_origin(hint) is typing.Annotated else ()


def _unit(name: str, hint: Any, table: Mapping[str, Any], named: Mapping[str, Any], meaning: Meaning) -> str:
    """The unit beside an argument, that of the quantity which another argument names, or the one of its own name."""
    written = next((mark for mark in beside(hint) if isinstance(mark, In)), None)
    if written is None:
        return meaning.unit_of(name)
    if not written.like:
        return written.unit
    default = named[written.like].default if written.like in named else None
    return meaning.unit_of(str(table.get(written.like, default)))


def _choices(hint: Any) -> tuple[Any, ...]:
    """The kinds that a value may have; an array stands in a file as a list does."""
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return (hint,)
    kinds = [c for c in typing.get_args(hint) if c is not type(None)]
    return tuple(c for c in kinds if c is not np.ndarray or not any(_is_list(k) for k in kinds if k is not c))


def _is_list(hint: Any) -> bool:
    return typing.get_origin(hint) in (*_LISTS, np.ndarray) or hint in (*_LISTS, np.ndarray)


def _is_words(hint: Any) -> bool:
    return typing.get_origin(hint) is typing.Literal


def _element(hint: Any) -> Any:
    """What a list of any length holds."""
    inside = [i for i in typing.get_args(hint) if i is not Ellipsis]
    return inside[0] if len(inside) == 1 and not isinstance(inside[0], typing.TypeVar) else Any


def _members(hint: Any) -> tuple[Any, ...]:
    """The kinds of a list of fixed length, one by one; none of any other list."""
    inside = typing.get_args(hint)
    return inside if typing.get_origin(hint) is tuple and Ellipsis not in inside else ()


def words(hint: Any, unit: str) -> str:
    """What is allowed, in words."""
    kinds = _choices(plain(hint))
    if len(kinds) > 1:
        return "; or ".join(dict.fromkeys(words(kind, unit) for kind in kinds))
    kind = plain(kinds[0])
    one = f'"{example(_si(unit))}"' if unit != "1" else "0.1"
    if kind is float:
        return f"a quantity such as {one}" if unit != "1" else "a pure number"
    if _is_words(kind):
        return ", ".join(map(repr, typing.get_args(kind)))
    if _is_list(kind):
        of, members = _element(kind), _members(kind)
        if members:
            count = {2: "two", 3: "three"}.get(len(members), str(len(members)))
            what = "texts" if plain(members[0]) is str else "numbers" if unit == "1" else f"numbers such as {one}"
            return f"a list of {count} {what}"
        if of is float:
            return f"a list of numbers such as {one}, or {{ start = {one}, stop = ..., points = 101 }}"
        return f"a list of {words(of, unit)}" if of is not Any else "a list in brackets"
    if dataclasses.is_dataclass(kind):
        return f"a table of {', '.join(own_parameters(kind))}"  # type: ignore[arg-type]
    return "a table of names and values" if _is_table(kind) else _SIMPLE.get(kind, "")


def _is_table(hint: Any) -> bool:
    return dataclasses.is_dataclass(hint) or hint in _TABLES or typing.get_origin(hint) in _TABLES


def convert(value: Any, hint: Any, unit: str, meaning: Meaning, default: Any = NOTHING) -> Any:
    """`value` as the annotation wants it, or an error that says what is allowed."""
    for mark in beside(hint):
        if type(mark) in meaning.beside:
            return meaning.beside[type(mark)](value, mark)
        if isinstance(mark, In) and mark.unit != "1":
            unit = mark.unit
    kinds = _choices(plain(hint))
    if len(kinds) > 1:
        return _first(value, kinds, unit, meaning, default)
    kind = plain(kinds[0])
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    special = next((meaning.kinds[k] for k in (kind, origin) if k in meaning.kinds), None)
    if special is not None:
        return special(value)
    if kind is float:
        return _number(value, unit, meaning)
    if _is_list(kind):
        return _list(value, kind, unit, meaning, default)
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        found = read(kind, value, meaning)  # type: ignore[arg-type]
        if found.errors:
            raise ParameterError.several(found.errors)
        return kind(**found.arguments)  # type: ignore[operator]
    if _is_table(kind) and isinstance(value, dict):
        return _mapping(value, inside, unit, meaning) if inside and inside[1] is not object else value
    if _is_words(kind) and any(value == a and type(value) is type(a) for a in inside):
        return value
    if kind in _SIMPLE and isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    if _is_table(kind) or _is_words(kind) or kind in _SIMPLE:
        near = near_names(value, map(str, inside)).strip() if _is_words(kind) and isinstance(value, str) else ""
        raise ParameterError(got=value, allowed=words(kind, unit), remedy=near)
    return _free(value, unit)


def _first(value: Any, kinds: tuple[Any, ...], unit: str, meaning: Meaning, default: Any) -> Any:
    """The first of several kinds that takes the value; else the complaint of the one that fits it furthest."""
    allowed = "; or ".join(dict.fromkeys(words(kind, unit) for kind in kinds))
    if isinstance(value, dict):  # a table of anything would take what an object refuses
        kinds = tuple(k for k in kinds if dataclasses.is_dataclass(plain(k))) or kinds
    errors: list[ParameterError] = []
    # text is the widest kind: "2 T" is a field wherever a number is allowed
    for kind in sorted(kinds, key=lambda k: k is str):
        try:
            return convert(value, kind, unit, meaning, default)
        except ParameterError as error:
            errors[:0] = [error] if _fits(value, plain(kind)) else []
    if not errors:
        raise ParameterError(got=value, allowed=allowed)
    furthest = max(errors, key=lambda e: tuple(k if isinstance(k, int) else 0 for k in e.path))
    raise furthest if furthest.path else furthest.with_fields(got=value, allowed=allowed)


def _fits(value: Any, kind: Any) -> bool:
    """Whether the value has the shape of a kind: a list, a table, or neither."""
    if _is_list(kind):
        of = _element(kind)
        if _is_words(of):
            known = typing.get_args(of)
            return isinstance(value, str) or (isinstance(value, list) and any(v in known for v in value))
        nested = isinstance(value, list) and any(isinstance(v, list) for v in value)
        return (isinstance(value, list) and nested == bool(_members(of))) or (isinstance(value, dict) and of is float)
    return isinstance(value, dict) if _is_table(kind) else not isinstance(value, dict | list)


def _mapping(value: Mapping[str, Any], inside: tuple[Any, ...], unit: str, meaning: Meaning) -> dict[Any, Any]:
    out = {}
    for key, one in value.items():
        own = unit if unit != "1" else meaning.unit_of(key)
        try:
            out[key if inside[0] is str else _key(key)] = convert(one, inside[1], own, meaning)
        except ParameterError as error:
            raise _inside(key, error) from None
    return out


def _key(key: str) -> Any:
    """TOML has text as keys; a number among them is meant as one."""
    try:
        return float(key)
    except ValueError:
        return key


def _list(value: Any, kind: Any, unit: str, meaning: Meaning, default: Any) -> Any:
    of, members = _element(kind), _members(kind)
    if isinstance(value, dict) and of is float:
        return _range(value, unit, meaning, default)
    if isinstance(value, str) and _is_words(of):
        return (convert(value, of, unit, meaning),)
    if not isinstance(value, list) or (members and len(value) != len(members)):
        raise ParameterError(got=value, allowed=words(kind, unit))
    if not value and (of is float or _is_words(of)):
        raise ParameterError("an empty list", allowed=words(kind, unit), remedy="Give at least one value.")
    out = []
    for i, one in enumerate(value):
        try:
            out.append(convert(one, members[i] if members else of, unit, meaning))
        except ParameterError as error:
            raise _inside(i, error) from None
    if _is_words(of) and len(set(out)) < len(out):
        raise ParameterError("which names one twice", got=value, remedy="Name each once.")
    return tuple(out)


def _range(value: Mapping[str, Any], unit: str, meaning: Meaning, default: Any) -> tuple[float, ...]:
    """Values from a table with start, stop, points and spacing; what is left out of it is that of the default."""
    for name in value:
        if name not in _RANGE:
            raise unknown(name, value[name], _RANGE)
    usual = default if isinstance(default, Sequence | np.ndarray) and len(default) > 1 else ()
    settings = dict(zip(_RANGE, (usual[0], usual[-1], len(usual)), strict=False)) if usual else {}
    for name in _RANGE[:3]:
        if name not in value and name not in settings:
            raise ParameterError("missing", allowed=words(Sequence[float], unit), path=(name,))
    at, ends = "", []
    try:
        for at in _RANGE[:2]:
            ends.append(_number(value[at], unit, meaning) if at in value else float(settings[at]))
        at = "points"
        points = whole(value.get("points", settings.get("points")), "", low=2, high=MOST_POINTS)
        at = "spacing"
        spacing = choice(value.get("spacing", "linear"), "", ("linear", "log"))
    except ParameterError as error:
        raise _inside(at, error) from None
    start, stop = ends
    if start == stop:
        why = "the same as start"
        raise ParameterError(why, got=value.get("stop"), remedy="Give two different ends.", path=("stop",))
    if spacing == "linear":
        return tuple(np.linspace(start, stop, points).tolist())
    if min(start, stop) <= 0:
        why = "with an end at or below zero"
        raise ParameterError(why, got="log", remedy="Give positive ends, or 'linear'.", path=("spacing",))
    return tuple(np.geomspace(start, stop, points).tolist())


def _number(value: Any, unit: str, meaning: Meaning) -> float:
    alone = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    if alone and (meaning.bare is None or unit in meaning.bare):
        return float(value)
    return float(parse_quantity(value, _si(unit)))  # type: ignore[arg-type]


def _si(unit: str) -> str:
    """The unit as :func:`parse_quantity` has it."""
    return unit.replace("Ohm", "ohm")


def _free(value: Any, unit: str) -> Any:
    """A value for a parameter that may be many things: text that is a quantity becomes a number."""
    if isinstance(value, list):
        return [_free(v, unit) for v in value]
    if isinstance(value, str):
        try:
            return float(parse_quantity(value, _si(unit)))  # type: ignore[arg-type]
        except ParameterError:
            if unit != "1" and _NUMBER.match(value):
                raise
    return value
