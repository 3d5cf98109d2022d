"""One number out of the vector or tensor that an observable gives, chosen by the labels of its dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from spinstack.observables.registry import COORDINATES, Labels, Observable, Output
from spinstack.stack import Film
from spinstack.study.table import Table
from spinstack.text.checks import choice
from spinstack.text.errors import ParameterError

#: components that are meant where the file does not say
_USUAL = {"row": "x", "column": "x", "spin": "y"}


@dataclass(frozen=True)
class Component:
    """The variable, "" where there is only one array, the index of the number, its unit, and both in words.

    `of_variable` is the variable in words, where there are several.
    """

    variable: str
    index: tuple[int, ...]
    units: str
    words: tuple[str, ...]
    of_variable: str = ""
    #: further attributes of the variable
    attrs: Mapping[str, Any] = field(default_factory=dict)

    def of(self, values: Any) -> Any:
        """The numbers (...) from the values (..., dimensions) of an observable."""
        array = values[self.variable or next(iter(values))] if isinstance(values, Mapping) else values
        return array[(..., *self.index)] if self.index else array


def keys(labels: Labels, variable: object = None) -> dict[str, tuple[str, ...]]:
    """What a table may say to choose a component of a variable (the first), and among what."""
    names = tuple(output.name for output in labels.outputs)
    chosen = _output(labels, variable)
    out = {"variable": names} if len(names) > 1 else {}
    out |= {dim: _values(labels, dim) for dim in chosen.dims if dim not in COORDINATES}
    axes = _axes(chosen)
    words = [""]
    for axis in axes:
        words = [word + letter for word in words for letter in COORDINATES[axis]]
    return out | ({"component": tuple(words)} if axes else {})


def _output(labels: Labels, variable: object) -> Output:
    """The variable of that name, the first where there is none."""
    return next((o for o in labels.outputs if o.name == variable), labels.outputs[0])


def _axes(output: Output) -> list[str]:
    """The dimensions that the letters of a component stand for, in their order."""
    return [dim for dim in output.letters or output.dims if dim in COORDINATES]


def _values(labels: Labels, dim: str) -> tuple[str, ...]:
    found = labels.coords[dim]
    return tuple(map(str, found[1] if isinstance(found, tuple) else found))


def read_component(table: Table, observable: Observable, film: Film, arguments: Mapping[str, Any]) -> Component:
    """The component that a table chooses; what is wrong is noted."""
    labels = observable.labels(film, **arguments)
    variable = table.data.get("variable")
    allowed = keys(labels, variable)
    axes = _axes(_output(labels, variable))
    usual = "".join(_USUAL.get(dim, "") for dim in axes)
    chosen: dict[str, str] = {}
    for key, names in allowed.items():
        value = table.data.get(key, usual if key == "component" and len(usual) == len(axes) else None)
        value = names[0] if value is None and len(names) == 1 else value
        with table.refusing():
            if value is None:
                raise ParameterError("missing", allowed=", ".join(map(repr, names)), path=(key,))
            chosen[key] = choice(value, key, names)
    output = _output(labels, chosen.get("variable"))
    words = tuple(f"{key} {value}" for key, value in chosen.items() if key != "variable")
    index = _index(labels, output, chosen) if len(chosen) == len(allowed) else ()
    several = output.long_name if "variable" in allowed else ""
    return Component(chosen.get("variable", ""), index, output.units, words, several, output.attrs)


def _index(labels: Labels, output: Output, chosen: Mapping[str, str]) -> tuple[int, ...]:
    letters = dict(zip(_axes(output), chosen.get("component", ""), strict=False))
    return tuple(
        COORDINATES[dim].index(letters[dim]) if dim in letters else _values(labels, dim).index(chosen[dim])
        for dim in output.dims
    )
