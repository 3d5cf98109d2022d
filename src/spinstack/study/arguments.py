"""Arguments of a function from a table of a file: names, kinds, units, choices and defaults follow from its signature.

A number with a unit is text, "0.5 T"; the unit of an argument stands beside it, ``Annotated[float, In("T")]``. A table
may be read for a dataclass as well: its fields are the arguments. Nothing here knows files or lines: errors carry the
path of what is wrong inside the table.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import math
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spinstack.text.errors import NOTHING, ParameterError, near_names
from spinstack.text.units import In, example, parse_quantity

#: values that a table with start, stop and points may stand for
MOST_POINTS = 10_001
_RANGE = ("start", "stop", "points", "spacing")
_NUMBER = re.compile(r"\s*[-+−]?\.?\d")
_LISTS = (
    list, tuple, set, frozenset, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection,
)  # fmt: skip
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


class Read(typing.NamedTuple):
    """Arguments by name, and everything that is wrong; the path of an error begins with the name."""

    arguments: dict[str, Any]
    errors: list[ParameterError]


def own_parameters(function: Callable[..., Any], given: int = 0) -> dict[str, inspect.Parameter]:
    """The parameters that a file may give: all but the first `given`."""
    return {p.name: p for p in list(inspect.signature(function).parameters.values())[given:]}


def hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Annotations of a function or a dataclass, resolved, with what stands beside them; not that of what it returns."""
    wrapped = inspect.unwrap(function)
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
    needed: bool = True,
) -> Read:
    """The arguments of `function` in SI from `table`, all but the first `given`.

    `also` names what else the table may hold, for the error about an unknown name; without `needed` nothing is missing.
    """
    parameters = own_parameters(function, given)
    free = next((p for p in parameters.values() if p.kind is p.VAR_KEYWORD), None)
    named = {n: p for n, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    annotations = {n: meaning.any_of.get(n, h) if plain(h) is Any else h for n, h in hints(function).items()}
    out = Read({}, [])
    if free is not None and "fit" in named:  # the rest is for the fit that is named, and known by its signature
        rest = {n: v for n, v in table.items() if n not in named}
        table = {n: v for n, v in table.items() if n in named}
        try:
            fit = meaning.kinds[collections.abc.Callable](table["fit"]) if "fit" in table else named["fit"].default
            inner = read(fit, rest, meaning, given=1)
            out.arguments.update(inner.arguments)
            out.errors.extend(inner.errors)
        except ParameterError:
            pass  # told below, where the value of `fit` is read
    for name, value in table.items():
        if name not in named and free is None:
            out.errors.append(unknown(name, value, [*also, *named], "parameter"))
            continue
        hint = annotations.get(name if name in named else free.name if free else name, Any)
        default = named[name].default if name in named else NOTHING
        try:
            unit = _unit(name, hint, table, named, meaning)
            out.arguments[name] = convert(value, hint, unit, meaning, default)
        except ParameterError as error:
            out.errors.extend(_inside(name, one) for one in error.errors)
    for name, parameter in named.items() if needed else ():
        if parameter.default is parameter.empty and name not in table:
            out.errors.append(missing(name, annotations.get(name, Any), meaning))
    return out


def unknown(name: str, value: Any, allowed: Iterable[str], what: str = "field") -> ParameterError:
    """The error for a name that is not among `allowed`, with the nearest names."""
    names = tuple(allowed)
    words = ", ".join(names) or f"no {what}s"
    return ParameterError(
        f"for an unknown {what}", got=value, allowed=words, remedy=near_names(name, names).strip(), path=(name,)
    )


def missing(name: str, hint: Any, meaning: Meaning, why: str = "") -> ParameterError:
    """The error for an argument that is needed, with an example of it."""
    unit = _unit(name, hint, {}, {}, meaning)
    written = _written(hint, unit)
    remedy = f"Add, for example, {name} = {written}." if written else ""
    return ParameterError(f"missing{why}", remedy=remedy, path=(name,))


def _written(hint: Any, unit: str) -> str:
    """A value of this kind as it would stand in a file; "" where there is no telling."""
    hint = plain(hint)
    if hint is str:
        return '"..."'
    if hint is float:
        return f'"{example(_si(unit))}"' if unit != "1" else example(unit)
    choices = [plain(c) for c in (typing.get_args(hint) if _is_union(hint) else (hint,))]
    if any(_is_list(c) and _element(c) is float for c in choices):
        ends = f'"{example(_si(unit))}"'
        return f"{{ start = {ends}, stop = ..., points = 101 }}"
    if float in choices:
        return _written(float, unit)
    for choice in choices:
        if _is_words(choice):
            return f'"{typing.get_args(choice)[0]}"'
    return ""


def _inside(key: str | int, error: Any) -> ParameterError:
    """The error about what stands under `key`."""
    made: ParameterError = error.with_fields(path=(key, *error.path))
    return made


def plain(hint: Any) -> Any:
    """The annotation without what stands beside it."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint


def _beside(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint)[1:] if typing.get_origin(hint) is typing.Annotated else ()


def _unit(name: str, hint: Any, table: Mapping[str, Any], named: Mapping[str, Any], meaning: Meaning) -> str:
    """The unit beside an argument, that of the quantity which another argument names, or the one of its own name."""
    written = next((mark for mark in _beside(hint) if isinstance(mark, In)), None)
    if written is None:
        found = meaning.unit_of(name)
        if not found.startswith("@"):
            return found
        written = In(like=found[1:])  # until it stands beside the argument
    if not written.like:
        return written.unit
    default = named[written.like].default if written.like in named else None
    return meaning.unit_of(str(table.get(written.like, default)))


def convert(value: Any, hint: Any, unit: str, meaning: Meaning, default: Any = NOTHING) -> Any:
    """`value` as the annotation wants it, or an error that says what is allowed."""
    for mark in _beside(hint):
        if type(mark) in meaning.beside:
            return meaning.beside[type(mark)](value, mark)
        if isinstance(mark, In) and mark.unit != "1":
            unit = mark.unit
    hint = plain(hint)
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    special = meaning.kinds.get(hint) if isinstance(hint, collections.abc.Hashable) else None
    special = special or meaning.kinds.get(origin)
    if special is not None:
        return special(value)
    if _is_union(hint):
        return _first(value, inside, unit, meaning, default)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _built(value, hint, meaning)
    if origin is typing.Literal:
        return _choice(value, inside)
    if hint is float:
        return _number(value, unit, meaning)
    if hint in _SIMPLE:
        if isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
            return value
        raise ParameterError(got=value, allowed=_SIMPLE[hint])
    if origin in (dict, collections.abc.Mapping) or hint is dict:
        return _mapping(value, inside, unit, meaning)
    if _is_list(hint):
        return _list(value, hint, unit, meaning, default)
    return _free(value, unit)


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def _is_list(hint: Any) -> bool:
    return typing.get_origin(hint) in _LISTS or hint in _LISTS or _is_array(hint)


def _is_array(hint: Any) -> bool:
    return hint is np.ndarray or typing.get_origin(hint) is np.ndarray


def _element(hint: Any) -> Any:
    """What a list of any length holds."""
    inside = [i for i in typing.get_args(hint) if i is not Ellipsis]
    return inside[0] if len(inside) == 1 and not isinstance(inside[0], typing.TypeVar) else Any


def _choice(value: Any, allowed: tuple[Any, ...]) -> Any:
    if isinstance(value, str | int) and any(value == a and type(value) is type(a) for a in allowed):
        return value
    near = near_names(value, map(str, allowed)).strip() if isinstance(value, str) else ""
    raise ParameterError(got=value, allowed=", ".join(map(repr, allowed)), remedy=near)


def _first(value: Any, choices: tuple[Any, ...], unit: str, meaning: Meaning, default: Any) -> Any:
    """The first choice of a union that takes the value; else the complaint of the one that fits it furthest."""
    kinds = [c for c in choices if c is not type(None)]
    kinds = [c for c in kinds if not _is_array(c) or not any(_is_list(k) for k in kinds if k is not c)]
    if isinstance(value, dict):  # a table of anything would take what an object refuses
        kinds = [c for c in kinds if dataclasses.is_dataclass(plain(c))] or kinds
    errors: list[ParameterError] = []
    fitting: list[ParameterError] = []
    # text is the widest choice: "2 T" is a field wherever a number is allowed
    for choice in sorted(kinds, key=lambda c: c is str):
        try:
            return convert(value, choice, unit, meaning, default)
        except ParameterError as error:
            errors.append(error)
            fitting[:0] = [error] if _fits(value, choice) else []
    furthest = max(fitting or errors, key=lambda e: tuple(k if isinstance(k, int) else 0 for k in e.path))
    if furthest.path or len(errors) == 1:
        raise furthest
    allowed = "; or ".join(dict.fromkeys(e.allowed for e in errors if e.allowed))
    raise furthest.with_fields(got=value, allowed=allowed)


def _fits(value: Any, hint: Any) -> bool:
    """Whether the value has the shape of a kind: a list, a table, or neither."""
    kind = plain(hint)
    if kind is Any:
        return True
    if _is_list(kind):
        of = _element(kind)
        if _is_words(of):
            known = typing.get_args(of)
            return isinstance(value, str) or (isinstance(value, list) and any(v in known for v in value))
        nested = isinstance(value, list) and any(isinstance(v, list) for v in value)
        return (isinstance(value, list) and nested == bool(_members(of))) or (isinstance(value, dict) and of is float)
    table = dataclasses.is_dataclass(kind) or kind is dict or typing.get_origin(kind) in (dict, collections.abc.Mapping)
    return isinstance(value, dict) if table else not isinstance(value, dict | list)


def _is_words(hint: Any) -> bool:
    return typing.get_origin(hint) is typing.Literal


def _built(value: Any, kind: type, meaning: Meaning) -> Any:
    """An object from a table of its fields."""
    if not isinstance(value, dict):
        raise ParameterError(got=value, allowed=f"a table of {', '.join(own_parameters(kind))}")
    found = read(kind, value, meaning)
    if found.errors:
        raise ParameterError.several(found.errors)
    return kind(**found.arguments)


def _mapping(value: Any, inside: tuple[Any, ...], unit: str, meaning: Meaning) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise ParameterError("which is not a table", got=value, allowed="a table of names and values")
    if not inside:
        return value
    of = inside[1] if len(inside) == 2 else Any
    out = {}
    for key, one in value.items():
        own = unit if unit != "1" else meaning.unit_of(key)
        try:
            out[key if inside[:1] == (str,) else _key(key)] = convert(one, of, own, meaning)
        except ParameterError as error:
            raise _inside(key, error) from None
    return out


def _key(key: str) -> Any:
    """TOML has text as keys; a number among them is meant as one."""
    try:
        return float(key)
    except ValueError:
        return key


def _list(value: Any, hint: Any, unit: str, meaning: Meaning, default: Any) -> Any:
    of, kinds = _element(hint), _members(hint)
    if isinstance(value, dict) and of is float:
        return _range(value, unit, meaning, default)
    if isinstance(value, str) and _is_words(of):
        return (_choice(value, typing.get_args(of)),)
    if not isinstance(value, list) or (kinds and len(value) != len(kinds)):
        raise ParameterError(got=value, allowed=_list_words(hint, unit))
    if not value and (of is float or _is_words(of)):
        raise ParameterError("an empty list", allowed=_list_words(hint, unit), remedy="Give at least one value.")
    out = []
    for i, one in enumerate(value):
        try:
            out.append(convert(one, kinds[i] if kinds else of, unit, meaning))
        except ParameterError as error:
            raise _inside(i, error) from None
    if _is_words(of) and len(set(out)) < len(out):
        raise ParameterError("which names one twice", got=value, remedy="Name each once.")
    return tuple(out)


def _members(hint: Any) -> tuple[Any, ...]:
    """The kinds of a list of fixed length, one by one; none of any other list."""
    inside = typing.get_args(hint)
    return inside if typing.get_origin(hint) is tuple and Ellipsis not in inside else ()


def _list_words(hint: Any, unit: str) -> str:
    of, kinds = _element(hint), _members(hint)
    if _is_words(of):
        return f"a list of {', '.join(map(repr, typing.get_args(of)))}"
    one = f'"{example(_si(unit))}"' if unit != "1" else ""
    if kinds:
        count = {2: "two", 3: "three"}.get(len(kinds), str(len(kinds)))
        of = "texts" if plain(kinds[0]) is str else f"numbers, such as {one}," if one else "numbers"
        return f"a list of {count} {of}".rstrip(",")
    if of is float:
        one = one or "0.1"
        return f"a list of numbers, such as [{one}, ...], or {{ start = {one}, stop = ..., points = 101 }}"
    return "a list of such lists" if _members(of) else "a list in brackets"


def _range(value: Mapping[str, Any], unit: str, meaning: Meaning, default: Any) -> tuple[float, ...]:
    """Values from a table with start, stop, points and spacing; ends and number left out are those of the default."""
    for name in value:
        if name not in _RANGE:
            raise unknown(name, value[name], _RANGE)
    settings: dict[str, Any] = dict(value)
    usual = default if isinstance(default, Sequence | np.ndarray) and len(default) > 1 else None
    ends: dict[str, float] = {}
    for name, index in (("start", 0), ("stop", -1)):
        if name in settings:
            try:
                ends[name] = _number(settings[name], unit, meaning)
            except ParameterError as error:
                raise _inside(name, error) from None
        elif usual is not None:
            ends[name] = float(usual[index])
    points = settings.get("points", None if usual is None else len(usual))
    for name, there in (("start", "start" in ends), ("stop", "stop" in ends), ("points", points is not None)):
        if not there:
            given = f'{{ start = "{example(_si(unit))}", stop = ..., points = 101 }}'
            raise ParameterError("missing", remedy=f"Write {given}.", path=(name,))
    if isinstance(points, bool) or not isinstance(points, int) or not 2 <= points <= MOST_POINTS:
        raise ParameterError(got=points, allowed=f"a whole number from 2 to {MOST_POINTS}", path=("points",))
    if ends["start"] == ends["stop"]:
        raise ParameterError(
            "the same as start", got=settings.get("stop"), remedy="Give two different ends.", path=("stop",)
        )
    try:
        spacing = _choice(settings.get("spacing", "linear"), ("linear", "log"))
    except ParameterError as error:
        raise _inside("spacing", error) from None
    if spacing == "linear":
        return tuple(np.linspace(ends["start"], ends["stop"], points).tolist())
    if min(ends.values()) <= 0:
        raise ParameterError(
            "with an end at or below zero", got="log", remedy="Give positive ends, or 'linear'.", path=("spacing",)
        )
    return tuple(np.geomspace(ends["start"], ends["stop"], points).tolist())


def _number(value: Any, unit: str, meaning: Meaning) -> float:
    alone = isinstance(value, int | float) and not isinstance(value, bool)
    if alone and not math.isnan(value) and (meaning.bare is None or unit in meaning.bare):
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
