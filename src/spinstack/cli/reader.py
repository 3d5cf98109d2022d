"""Reading single values of a request: numbers with units, vectors, directions, lists of angles."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.cli.requests import PLANES, Directions, Vector
from spinstack.stack import Element, Film, Layer, MagneticInsulator, ParameterError
from spinstack.text.document import Document, Key, SampleError
from spinstack.text.units import example, parse_quantity

_MOST_POINTS = 10_001
SOME_KELVIN = '"10 K"'
_SOME = '{ start = "2 K", stop = "100 K", points = 50 }'
_ALONG: dict[Any, Vector] = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


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

    def temperature(self) -> float | None:
        """``T``: one temperature [K]; None where it is left out and no magnet of the film needs it."""
        T = self.temperatures(one=True)
        return T if isinstance(T, float) else None

    def temperatures(self, one: bool = False, needed: bool = False) -> float | Vector | None:
        """``T``: a temperature or several [K]; None where it is left out and nothing needs it."""
        value = self.data.get("T")
        if value is None:
            asking = list(with_models(self.film))
            if asking or needed:
                why = f": the conductances of {', '.join(asking)} follow from it" if asking else ""
                some = _SOME if needed else SOME_KELVIN
                raise self.error("T", f"missing, the temperature{why}. Add, for example, T = {some}.")
            return None
        if one and isinstance(value, list | dict):
            raise self.error("T", f"got {value!r}. Allowed: one temperature here, for example {SOME_KELVIN}.")
        several = isinstance(value, list | dict)
        T = self.values("T", value, "K", bare=True) if several else (self.quantity("T", value, "K", bare=True),)
        if min(T) < 0:
            raise self.error("T", f"got {value!r}, which is below absolute zero. Allowed: from 0 K.")
        return T if several else T[0]

    def strengths(self, key: str, default: Any = None) -> float | Vector:
        """A field strength or several, each with its sign [T]."""
        value = self.data.get(key, default)
        if isinstance(value, list | dict):
            return self.values(key, value, "T", bare=True)
        return self.quantity(key, value, "T", bare=True)

    def switch(self, key: str) -> bool:
        """true or false; default false."""
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"got {value!r}. Allowed: true or false, without quotes.")
        return value

    def vector(self, key: str, length: int, unit: str, default: Vector) -> Vector:
        """A vector with `length` components, each text with a unit or a number in `unit`."""
        value = self.data.get(key, default)
        if not isinstance(value, list | tuple) or len(value) != length:
            shape = ", ".join(["0"] * (length - 1) + [f'"{example(unit)}"'])
            raise self.error(key, f"got {value!r}. Allowed: {length} components, for example [{shape}].")
        return tuple(self.quantity(key, v, unit, bare=True) for v in value)

    def field(self) -> Vector:
        """``B``: a magnetic field [T]."""
        return self.vector("B", 3, "T", (0.0, 0.0, 0.0))

    def electric(self) -> Vector:
        """``E``: the in-plane field that drives the current [V/m]."""
        E = self.vector("E", 2, "V/m", (1.0, 0.0))
        if not any(E):
            got = self.data.get("E")
            raise self.error("E", f"got {got!r}: without a field nothing flows. Give for example [1, 0].")
        return E

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

    def values(
        self, key: str, value: Any, unit: str, default: dict[str, Any] | None = None, bare: bool = False
    ) -> Vector:
        """Values of one quantity: a list with units, or a table with start, stop, points and spacing."""
        if isinstance(value, list):
            if not value:
                raise self.error(key, "got an empty list. Give at least one value.")
            return tuple(self.quantity(key, v, unit, bare) for v in value)
        what = f'Write ["{example(unit)}", ...] or {{ start = "{example(unit)}", stop = ..., points = 101 }}.'
        range_ = self.inside(key, value, what)
        range_.only("start", "stop", "points", "spacing")
        settings = {**(default or {}), **range_.data}
        for needed in ("start", "stop", "points"):
            if needed not in settings:
                raise range_.error(None, f"{needed!r} is missing. {what}")
        start = range_.quantity("start", settings["start"], unit, bare)
        stop = range_.quantity("stop", settings["stop"], unit, bare)
        points = range_.count("points", settings["points"])
        if start == stop:
            raise range_.error("stop", f"got {settings['stop']!r}, the same as start. Give two different ends.")
        if range_.text("spacing", ("linear", "log"), "linear") == "linear":
            return tuple(np.linspace(start, stop, points).tolist())
        if min(start, stop) <= 0:
            raise range_.error("spacing", "got 'log' with an end at or below zero. Give positive ends, or 'linear'.")
        return tuple(np.geomspace(start, stop, points).tolist())

    def directions(self, B: Vector = (0.0, 0.0, 0.0), key: str = "m") -> Directions:
        """``m``: a direction for all magnets or a table from magnet name to direction.

        Left out, a magnet with a model takes its own direction in `B` where it has one; every other points along y.
        """
        magnets = self.film.magnets
        if not magnets:
            if key in self.data:
                raise self.error(key, "given, but the film has no magnet. Leave it out.")
            return None
        elements = [e for e in self.film if e.magnetic]
        labels = numbered(e.name for e in elements)
        held = tuple(n for n, e in zip(labels, elements, strict=True) if not finds_direction(e, B))
        if key not in self.data:
            if len(held) == len(labels):
                return _ALONG["y"]
            return tuple((label, _ALONG["y"]) for label in held) or None
        value = self.data[key]
        if not isinstance(value, dict):
            return self.direction(key, value)
        per_magnet = self.inside(key, value, "")
        per_magnet.only(*dict.fromkeys((*magnets, *labels)))
        for label in held:
            if label not in value and label.partition("[")[0] not in value:
                raise self.error(key, f"no direction for the magnet {label!r}. Magnets: {', '.join(magnets)}.")
        return tuple((name, per_magnet.direction(name, v)) for name, v in value.items()) or None

    def direction(self, key: str, value: Any) -> Vector:
        """A unit vector from three numbers or the name of an axis."""
        if isinstance(value, str) and value in _ALONG:
            return _ALONG[value]
        numbers = isinstance(value, list) and all(
            isinstance(v, (int, float)) and not isinstance(v, bool) for v in value
        )
        if not numbers or len(value) != 3 or not all(math.isfinite(v) for v in value):
            raise self.error(key, f'got {value!r}. Allowed: three numbers, a direction such as [0, 1, 0], or "y".')
        length = math.hypot(*value)
        if length == 0:
            raise self.error(key, f"got {value!r}, which has no direction. Give for example [0, 1, 0].")
        return tuple(v / length for v in value)

    def axes(self, key: str, value: list[Any]) -> tuple[str, ...]:
        """Names of axes, each once."""
        if not value or any(v not in _ALONG for v in value):
            raise self.error(key, f"got {value!r}. Allowed in a list of directions: 'x', 'y', 'z'.")
        if len(set(value)) < len(value):
            raise self.error(key, f"got {value!r}, which names a direction twice. Name each once.")
        return tuple(value)

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


def with_models(film: Film) -> dict[str, Any]:
    """The magnet model of every insulator that has one, by the insulator's name."""
    return {e.name: e.magnet for e in film if isinstance(e, MagneticInsulator) and e.magnet is not None}


def finds_direction(element: Element, B: Vector) -> bool:
    """Whether a magnet's model says where it points in the field `B`: along it, or where its anisotropy wants it."""
    model: Any = element.magnet if isinstance(element, MagneticInsulator) else None
    return model is not None and (any(B) or not model.follows_field)


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
