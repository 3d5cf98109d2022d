"""``prior = { normal = ..., deviation = ... }`` of a fit file: a distribution in the unit of its parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from spinstack.fitting.library import library_prior
from spinstack.fitting.priors import LogNormal, LogUniform, Normal, Prior, Relative, Uniform
from spinstack.study.arguments import Meaning, own_parameters, unknown
from spinstack.study.table import Table
from spinstack.text.errors import ParameterError, Problems
from spinstack.text.units import In, example, parse_quantity


class _Kind(NamedTuple):
    """How a distribution is written: its class, and where each of its fields stands; of which unit that is."""

    made: Callable[..., Prior | Relative]
    #: field of the class -> keys in the table, and whether it is a pure number
    places: dict[str, tuple[tuple[str | int, ...], bool]]
    example: str


_KINDS = {
    "normal": _Kind(
        Normal,
        {"mean": (("normal",), False), "deviation": (("deviation",), False)},
        "{{ normal = {0}, deviation = {0} }}",
    ),
    "lognormal": _Kind(
        LogNormal,
        {"median": (("lognormal",), False), "factor": (("factor",), True)},
        "{{ lognormal = {0}, factor = 2 }}",
    ),
    "uniform": _Kind(
        Uniform, {"low": (("uniform", 0), False), "high": (("uniform", 1), False)}, "{{ uniform = [{0}, {0}] }}"
    ),
    "loguniform": _Kind(
        LogUniform,
        {"low": (("loguniform", 0), False), "high": (("loguniform", 1), False)},
        "{{ loguniform = [{0}, {0}] }}",
    ),
    "relative": _Kind(Relative, {"deviation": (("relative",), True)}, '{{ relative = "3 %" }}'),
}


def keys_of_priors() -> dict[str, tuple[tuple[str, ...], Callable[..., Any]]]:
    """Kind of a prior -> the keys of its table, and what says what it is."""
    kinds = {
        name: (tuple(dict.fromkeys(str(path[0]) for path, _ in kind.places.values())), kind.made)
        for name, kind in _KINDS.items()
    }
    return {**kinds, "material": (tuple(own_parameters(_library)), _library)}


def read_prior(table: Table, unit: str) -> Prior | Relative | None:
    """The prior of a ``[[fit.parameter]]`` whose parameter is in `unit`; what is wrong is noted, and gives None."""
    given = table.data.get("prior")
    if isinstance(given, dict) and "material" in given:
        return _of_library(table, given)
    allowed = "; ".join([*(kind.example.format(_quoted(unit)) for kind in _KINDS.values()), '{ material = "Pt" }'])
    if given is None:
        table.refuse(ParameterError("missing, what is known before the data", allowed=allowed), "prior")
        return None
    kinds = [name for name in _KINDS if isinstance(given, dict) and name in given]
    if len(kinds) != 1:
        why = "" if not kinds else f"which is {' and '.join(kinds)} at once"
        table.refuse(ParameterError(why, got=given, allowed=allowed), "prior")
        return None
    with table.refusing("prior"):
        return _made(kinds[0], given, unit)
    return None


def _library(material: str, T: Annotated[float, In("K")] = 295.0, within: Annotated[float, In("K")] = 30.0) -> None:
    """What the materials library has of values published near a temperature: their mean, with errors and scatter."""


def _of_library(table: Table, given: dict[str, Any]) -> Prior | None:
    """What has been published of the parameter, about a temperature."""
    before, inner = len(table.problems), table.inside("prior")
    asked = inner.read(_library, Meaning(bare=frozenset()))
    if len(table.problems) > before:
        return None
    parameter = str(table.data.get("path", "")).partition(".")[2]
    with inner.refusing_all("material"):
        return library_prior(asked.pop("material"), parameter, **asked)
    return None


def _made(name: str, given: dict[str, Any], unit: str) -> Prior | Relative:
    kind, problems, values = _KINDS[name], Problems(), {}
    keys = [str(path[0]) for path, _ in kind.places.values()]
    for key in given:
        with problems:
            if key not in keys:
                raise unknown(key, given[key], dict.fromkeys(keys))
    listed = given[name] if any(len(path) > 1 for path, _ in kind.places.values()) else None
    with problems:
        if listed is not None and (not isinstance(listed, list) or len(listed) != 2):
            raise ParameterError(got=listed, allowed=f"a list of two ends, [{_quoted(unit)}, ...]", path=(name,))
    problems.end()
    for one, (path, pure) in kind.places.items():
        with problems:
            if path[0] not in given:
                raise ParameterError("missing", remedy=f"Write {kind.example.format(_quoted(unit))}.", path=path[:1])
            value: Any = given[str(path[0])]
            value = value[path[1]] if len(path) > 1 else value
            try:
                values[one] = float(parse_quantity(value, "1" if pure else unit).real)
            except ParameterError as error:
                raise error.with_fields(path=path) from None
    problems.end()
    try:
        return kind.made(**values)
    except ParameterError as error:
        for wrong in error.errors:
            path = kind.places[wrong.field][0] if wrong.field in kind.places else ()
            got: Any = given[str(path[0])] if path else given
            got = got[path[1]] if len(path) > 1 else got
            with problems:
                raise wrong.with_fields(path=path, got=got) from None
    problems.end()
    raise AssertionError


def _quoted(unit: str) -> str:
    return example(unit) if unit == "1" else f'"{example(unit)}"'
