"""Parameters of steps and analyses as they stand in an analysis file: names, kinds and units, against the signature."""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr

from spinstack.measure.analysis import ANALYSES, analysis, feed, hints
from spinstack.measure.measurement import ATTRIBUTES, QUANTITIES, MeasurementError
from spinstack.stack.parameters import ParameterError
from spinstack.text.errors import near_names, shown
from spinstack.text.units import example, parse_quantity

#: SI unit of parameters that are no reading, condition or attribute of that name, for one function ("fit_edges.window")
#: or for all; "@over" is the unit of the quantity that the parameter `over` names
UNITS: dict[str, str] = {
    "a": "m",
    "above": "T",
    "at": "T",
    "b": "m",
    "baseline": "K",
    "below": "T",
    "cell": "m",
    "centre": "@about",
    "critical_temperature.window": "K",
    "curie_weiss.window": "K",
    "density": "kg/m^3",
    "fit_diffraction.window": "deg",
    "fit_edges.step": "eV",
    "fit_edges.width": "eV",
    "fit_edges.window": "eV",
    "fit_reflectivity.window": "deg",
    "hall_resistivity": "Ohm m",
    "hall_resistivity_error": "Ohm m",
    "incidence": "deg",
    "mu0_Meff": "T",
    "offset": "deg",
    "orbital_polarization.window": "eV",
    "peaks": "eV",
    "phase": "deg",
    "post_edge": "eV",
    "pre_edge": "eV",
    "reference": "deg",
    "remaining_thickness": "m",
    "residual_ratio.high": "K",
    "residual_ratio.low": "K",
    "resistivity": "Ohm m",
    "resistivity_error": "Ohm m",
    "resolution": "deg",
    "roughness": "m",
    "set_angle.start": "s",
    "set_angle.stop": "s",
    "sheet_resistance": "Ohm",
    "shift": "deg",
    "step_width": "eV",
    "surface_roughness": "m",
    "thickness": "m",
    "tilt": "deg",
    "tolerance": "@over",
    "wavelength": "m",
    "zero": "deg",
}
_NUMBER = re.compile(r"\s*[-+−]?\.?\d")


@dataclass(frozen=True)
class Reference:
    """A parameter that is itself a measurement: the name of a file."""

    file: str


class ArgumentProblem(MeasurementError):
    """What is wrong with one parameter; `parameter` is None where one is missing."""

    def __init__(self, parameter: str | None, message: str, unknown: bool = False) -> None:
        super().__init__(message)
        self.parameter, self.unknown = parameter, unknown


def own_parameters(function: Callable[..., Any], fed: bool) -> dict[str, inspect.Parameter]:
    """Parameters that an analysis file may give: all but the measurement itself."""
    found = list(inspect.signature(function).parameters.values())
    return {p.name: p for p in (found[1:] if fed else found)}


def checked(
    function: Callable[..., Any], given: Mapping[str, Any], *, step: bool = False, files: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Arguments for `function` in SI from the table of an analysis file; raises :class:`ArgumentProblem`.

    A number with a unit is text, "0.5 T"; a number alone is in the SI unit (angles: deg).
    """
    parameters = own_parameters(function, step or feed(function) != "none")
    free = next((p for p in parameters.values() if p.kind is p.VAR_KEYWORD), None)
    named = {n: p for n, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    annotations = hints(function)
    out: dict[str, Any] = {}
    if free is not None and "fit" in named:  # the rest is for the fit that is named, and known by its signature
        rest = {n: v for n, v in given.items() if n not in named}
        given = {n: v for n, v in given.items() if n in named}
        fit = _function(given["fit"]) if "fit" in given else named["fit"].default
        out |= checked(fit, rest, files=files)
    for name, value in given.items():
        if name not in named and free is None:
            near = near_names(name, named)
            raise ArgumentProblem(name, f"{near}Allowed: {', '.join(named) or 'no parameters'}.", unknown=True)
        hint = annotations.get(name if name in named else free.name if free else name, Any)
        try:
            out[name] = _converted(value, hint, _unit(function.__name__, name, given, named), files)
        except (MeasurementError, ParameterError) as error:
            raise ArgumentProblem(name, str(error)) from None
    for name, parameter in named.items():
        if parameter.default is parameter.empty and name not in given:
            raise ArgumentProblem(None, f"{name!r} is missing. Parameters: {', '.join(named)}.")
    return out


def _unit(function: str, name: str, given: Mapping[str, Any], named: Mapping[str, inspect.Parameter]) -> str:
    unit = UNITS.get(f"{function}.{name}") or _by_name(name)
    if not unit.startswith("@"):
        return unit
    other = unit[1:]
    default = named[other].default if other in named else None
    chosen = str(given.get(other, default))
    quantity = QUANTITIES.get("angle" if chosen == "half_turn" else chosen)
    return quantity.unit if quantity else "1"


def _converted(value: Any, hint: Any, unit: str, files: tuple[str, ...]) -> Any:
    """`value` as the annotation wants it, or an error that says what is allowed."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return _first(value, typing.get_args(hint), unit, files)
    if hint is Any or hint is inspect.Parameter.empty:
        return _free(value, unit)
    if hint is xr.Dataset:
        return _file(value, files)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _built(value, hint, files)
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        if value not in inside or isinstance(value, bool) != any(v is value for v in (True, False) if v in inside):
            raise MeasurementError(f"got {shown(value)}. {near_names(str(value), map(str, inside))}"
                                   f"Allowed: {', '.join(map(repr, inside))}.")  # fmt: skip
        return value
    if origin is collections.abc.Callable:
        return _function(value)
    if hint in (bool, str, int, float, type(None)):
        return _single(value, hint, unit)
    if origin in (dict, collections.abc.Mapping):
        if not isinstance(value, dict):
            raise MeasurementError(f"got {shown(value)}. Allowed: a table of names and values.")
        of = inside[1] if len(inside) == 2 else Any
        keyed = {k if inside[:1] == (str,) else _key(k): v for k, v in value.items()}
        return {k: _converted(v, of, unit if unit != "1" else _by_name(str(k)), files) for k, v in keyed.items()}
    if _listed(hint, origin):
        return _list(value, inside, unit, files)
    return _free(value, unit)


def _built(value: Any, kind: type, files: tuple[str, ...]) -> Any:
    """An object from a table of its fields."""
    if not isinstance(value, dict):
        raise MeasurementError(f"got {shown(value)}. Allowed: a table of {kind.__name__}.")
    fields = {f.name: f for f in dataclasses.fields(kind) if f.init}
    types_of = typing.get_type_hints(kind)
    given = {}
    for name, v in value.items():
        if name not in fields:
            raise MeasurementError(f"{name}: is unknown. {near_names(name, fields)}Allowed: {', '.join(fields)}.")
        try:
            given[name] = _converted(v, types_of[name], _by_name(name), files)
        except (MeasurementError, ParameterError) as error:
            raise MeasurementError(f"{name}: {error}") from None
    needed = [n for n, f in fields.items() if f.default is f.default_factory is dataclasses.MISSING and n not in given]
    if needed:
        raise MeasurementError(f"{needed[0]!r} is missing. Fields: {', '.join(fields)}.")
    return kind(**given)


def _first(value: Any, choices: tuple[Any, ...], unit: str, files: tuple[str, ...]) -> Any:
    """The first choice of a union that takes the value; else the reason of the most telling one."""
    objects = [c for c in choices if dataclasses.is_dataclass(c)]
    if objects and isinstance(value, dict):
        return _built(value, objects[0], files)  # type: ignore[arg-type]
    problems = []
    # text is the widest choice: "2 T" is a field wherever a number is allowed
    for choice in sorted((c for c in choices if c is not type(None)), key=lambda c: c is str):
        try:
            return _converted(value, choice, unit, files)
        except (MeasurementError, ParameterError) as error:
            problems.append(str(error))
    raise MeasurementError(" Or: ".join(dict.fromkeys(problems)))


def _single(value: Any, kind: type, unit: str) -> Any:
    words = {bool: "true or false, without quotes", str: "text in quotes", int: "a whole number"}
    if kind is float:
        return _number(value, unit)
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise MeasurementError(f"got {shown(value)}. Allowed: {words.get(kind, 'nothing')}.")


def _number(value: Any, unit: str) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        words = "a pure number" if unit == "1" else f'a quantity, for example "{example(_si(unit))}"'
        raise MeasurementError(f"got {shown(value)}. Allowed: {words}.")
    if isinstance(value, str):
        return float(parse_quantity(value, _si(unit)))  # type: ignore[arg-type]
    if math.isnan(value):
        raise MeasurementError("got nan. Allowed: a number.")
    return float(value)


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


def _function(value: Any) -> Any:
    if value not in ANALYSES:
        near = near_names(str(value), ANALYSES)
        raise ArgumentProblem("fit", f"got {shown(value)}. {near}Allowed: the name of an analysis.")
    return analysis(str(value))


def _file(value: Any, files: tuple[str, ...]) -> Reference:
    if not isinstance(value, str) or value not in files:
        raise MeasurementError(f"got {shown(value)}. {near_names(str(value), files)}"
                               f"Allowed: the name of a file: {', '.join(files)}.")  # fmt: skip
    return Reference(value)


def _key(key: str) -> Any:
    """TOML has text as keys; a number among them is meant as one."""
    try:
        return float(key)
    except ValueError:
        return key


def _listed(hint: Any, origin: Any) -> bool:
    kinds = (
        list,
        tuple,
        set,
        frozenset,
        collections.abc.Sequence,
        collections.abc.Iterable,
        collections.abc.Collection,
    )
    return origin in kinds or hint in kinds or "ndarray" in str(hint)


def _list(value: Any, inside: tuple[Any, ...], unit: str, files: tuple[str, ...]) -> Any:
    if not isinstance(value, list):
        raise MeasurementError(f"got {shown(value)}. Allowed: a list in brackets.")
    inside = tuple(i for i in inside if i is not Ellipsis)
    if len(inside) > 1:
        if len(inside) != len(value):
            raise MeasurementError(f"got {shown(value)}. Allowed: a list of {len(inside)}.")
        return tuple(_converted(v, i, unit, files) for v, i in zip(value, inside, strict=True))
    of = inside[0] if inside and not isinstance(inside[0], typing.TypeVar) else Any
    out = []
    for i, v in enumerate(value):
        try:
            out.append(_converted(v, of, unit, files))
        except (MeasurementError, ParameterError) as error:
            raise MeasurementError(f"[{i}]: {error}") from None
    return out


def _by_name(name: str) -> str:
    if name in QUANTITIES:
        return QUANTITIES[name].unit
    return ATTRIBUTES.get(name, ("",))[0] or UNITS.get(name, "1")
