"""Reading single values of a request: numbers with units, vectors, directions, lists of angles."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.cli.requests import PLANES, Directions, Vector
from spinstack.stack import Film, Layer, ParameterError
from spinstack.stack.document import Document, Key, SampleError
from spinstack.stack.units import example, parse_quantity

_MOST_POINTS = 10_001


@dataclass(frozen=True)
class Table:
    """One table of a sample file while it is read: what it holds, where it stands, and for which film."""

    document: Document
    film: Film
    path: tuple[Key, ...]
    data: dict[str, Any]

    def error(self, key: Key | None, message: str) -> SampleError:
        """The error to raise for one key of this table, or for the table."""
        return self.document.error(self.path if key is None else (*self.path, key), message)

    def only(self, *allowed: str) -> None:
        """Refuse keys that are not in `allowed`."""
        for key in self.data:
            if key not in allowed:
                raise self.document.unknown_key((*self.path, key), allowed)

    def inside(self, key: Key, value: Any, what: str) -> Table:
        """The table that stands under `key`."""
        if not isinstance(value, dict):
            raise self.error(key, f"got {value!r}, which is not a table. {what}")
        return Table(self.document, self.film, (*self.path, key), value)

    def text(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """One of the words `allowed`."""
        value = self.data.get(key, default)
        if value not in allowed:
            raise self.error(key, f"got {value!r}. Allowed: {', '.join(map(repr, allowed))}.")
        return str(value)

    def count(self, key: str, default: int, low: int = 2) -> int:
        """A whole number of points."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= _MOST_POINTS:
            raise self.error(key, f"got {value!r}. Allowed: a whole number from {low} to {_MOST_POINTS}.")
        return value

    def quantity(self, key: Key, value: Any, unit: str, bare: bool = False) -> float:
        """A finite real number with a unit; where `bare`, a number alone is in `unit`."""
        if bare and isinstance(value, (int, float)) and not isinstance(value, bool):
            value = f"{float(value)!r} {unit}"
        try:
            return float(parse_quantity(value, unit))  # type: ignore[arg-type]
        except ParameterError as error:
            raise self.error(key, str(error)) from None

    def field_strength(self) -> float:
        """``field``: a magnetic field along the rotating direction [T]."""
        return self.quantity("field", self.data.get("field", "0 T"), "T", bare=True)

    def vector(self, key: str, length: int, unit: str, default: Vector) -> Vector:
        """A vector with `length` components, each text with a unit or a number in `unit`."""
        value = self.data.get(key, default)
        if not isinstance(value, list | tuple) or len(value) != length:
            shape = ", ".join(["0"] * (length - 1) + [f'"{example(unit)}"'])
            raise self.error(key, f"got {value!r}. Allowed: {length} components, for example [{shape}].")
        return tuple(self.quantity(key, v, unit, bare=True) for v in value)

    def plane(self) -> str:
        """``plane``: the plane in which m rotates."""
        return self.text("plane", PLANES, "beta")

    def planes(self) -> tuple[str, ...]:
        """``plane``: one plane or a list of different planes; default all three."""
        value = self.data.get("plane", list(PLANES))
        if isinstance(value, str):
            return (self.plane(),)
        if not isinstance(value, list) or not value or any(p not in PLANES for p in value):
            raise self.error("plane", f"got {value!r}. Allowed: {', '.join(map(repr, PLANES))}, or a list of them.")
        if len(set(value)) < len(value):
            raise self.error("plane", f"got {value!r}, which names a plane twice. Name each once.")
        return tuple(value)

    def angles(self) -> Vector:
        """``angles``: a list, or a table with start, stop, points; default every degree from 0 to 360 [deg]."""
        return self.values(
            "angles", self.data.get("angles", {}), "deg", {"start": "0 deg", "stop": "360 deg", "points": 361}
        )

    def values(self, key: str, value: Any, unit: str, default: dict[str, Any] | None = None) -> Vector:
        """Values of one quantity: a list with units, or a table with start, stop, points and spacing."""
        if isinstance(value, list):
            if not value:
                raise self.error(key, "got an empty list. Give at least one value.")
            return tuple(self.quantity(key, v, unit) for v in value)
        what = f'Write ["{example(unit)}", ...] or {{ start = "{example(unit)}", stop = ..., points = 101 }}.'
        range_ = self.inside(key, value, what)
        range_.only("start", "stop", "points", "spacing")
        settings = {**(default or {}), **range_.data}
        for needed in ("start", "stop", "points"):
            if needed not in settings:
                raise range_.error(None, f"{needed!r} is missing. {what}")
        start = range_.quantity("start", settings["start"], unit)
        stop = range_.quantity("stop", settings["stop"], unit)
        points = range_.count("points", settings["points"])
        if start == stop:
            raise range_.error("stop", f"got {settings['stop']!r}, the same as start. Give two different ends.")
        if range_.text("spacing", ("linear", "log"), "linear") == "linear":
            return tuple(np.linspace(start, stop, points).tolist())
        if min(start, stop) <= 0:
            raise range_.error("spacing", "got 'log' with an end at or below zero. Give positive ends, or 'linear'.")
        return tuple(np.geomspace(start, stop, points).tolist())

    def directions(self, key: str = "m") -> Directions:
        """``m``: a direction for all magnets or a table from magnet name to direction; default along y."""
        magnets = self.film.magnets
        if not magnets:
            if key in self.data:
                raise self.error(key, "given, but the film has no magnet. Leave it out.")
            return None
        value = self.data.get(key, [0, 1, 0])
        if not isinstance(value, dict):
            return self._direction(key, value)
        per_magnet = self.inside(key, value, "")
        every = numbered(e.name for e in self.film if e.magnetic)
        per_magnet.only(*dict.fromkeys((*magnets, *every)))
        for label in every:
            if label not in value and label.partition("[")[0] not in value:
                raise self.error(key, f"no direction for the magnet {label!r}. Magnets: {', '.join(magnets)}.")
        return tuple((name, per_magnet._direction(name, v)) for name, v in value.items())

    def _direction(self, key: str, value: Any) -> Vector:
        numbers = isinstance(value, list) and all(
            isinstance(v, (int, float)) and not isinstance(v, bool) for v in value
        )
        if not numbers or len(value) != 3 or not all(math.isfinite(v) for v in value):
            raise self.error(key, f"got {value!r}. Allowed: three numbers, a direction such as [0, 1, 0].")
        length = math.hypot(*value)
        if length == 0:
            raise self.error(key, f"got {value!r}, which has no direction. Give for example [0, 1, 0].")
        return tuple(v / length for v in value)

    def named(self, key: str, names: tuple[str, ...], what: str) -> str:
        """The name of a layer or magnet; where there is only one it may be left out."""
        value = self.data.get(key)
        if value is None and len(names) == 1:
            return names[0]
        if value is None:
            raise self.error(None, f"{key!r} is missing. The film's {what}: {', '.join(names) or 'none'}.")
        if value not in names:
            raise self.error(key, f"got {value!r}. The film's {what}: {', '.join(names) or 'none'}.")
        return str(value)


def _is_finite_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def numbered(names: Iterable[str]) -> tuple[str, ...]:
    """Names made unique as paths do it: ``Pt[0]``, ``Pt[1]`` where "Pt" occurs twice."""
    all_names, seen, out = list(names), dict[str, int](), []
    for name in all_names:
        n = seen[name] = seen.get(name, -1) + 1
        out.append(f"{name}[{n}]" if all_names.count(name) > 1 else name)
    return tuple(out)


def layer_names(film: Film, kind: type[Layer] = Layer) -> tuple[str, ...]:
    """Names that pick exactly one conducting layer of a kind each."""
    # numbered among all elements of that name, since that is how an index in a path counts
    labels = numbered(e.name for e in film if isinstance(e, Layer))
    return tuple(label for label, layer in zip(labels, film.layers, strict=True) if isinstance(layer, kind))


def entries(document: Document, film: Film, section: str) -> list[Table]:
    """The tables of one section: ``[[section]]`` several times, or ``[section]`` once."""
    found = document.data.get(section, [])
    alone = isinstance(found, dict)
    tables = [found] if alone else found
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise document.error((section,), f"is not a table. Begin it with [[{section}]].")
    return [Table(document, film, (section,) if alone else (section, i), t) for i, t in enumerate(tables)]


def guarded(table: Table, check: Callable[[], Any], key: Key | None = None) -> Any:
    """Run `check`; a ParameterError becomes one that names the file and the line."""
    try:
        return check()
    except SampleError:
        raise
    except ParameterError as error:
        raise table.error(key, str(error)) from None
