"""Reading and looking up materials: what is known of each, where it is from, and the parameters in SI."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from spinstack import insulator  # noqa: F401  (its models are known once it is loaded)
from spinstack.materials.units import UnitError, to_si
from spinstack.stack import Ferromagnet, MagneticInsulator, Metal
from spinstack.stack.described import Described, Model
from spinstack.stack.parameters import Specification
from spinstack.text import checks
from spinstack.text.document import Document, SampleError
from spinstack.text.errors import Problems
from spinstack.text.toml_lines import Key, key_lines

Found = TypeVar("Found")

#: what a material may be, by name
KINDS: dict[str, type[Described]] = {
    kind.__name__: kind for kind in (Metal, Ferromagnet, MagneticInsulator, *Model.filling("magnet").values())
}
# a name that is a conductor or an element as well as a magnet model is looked up in this order
_FILES = ("metals.toml", "ferromagnets.toml", "insulators.toml", "magnets.toml")
_ENTRY_KEYS = ("value", "unit", "uncertainty", "temperature", "source", "verified", "note", "others")
_MATERIAL_KEYS = ("kind", "description", "aliases")

Number = float | complex
Vector = tuple[float, float, float]
KeyPath = tuple[Key, ...]


class MaterialError(SampleError):
    """A material is not known, is of another kind, lacks a value, or is written wrongly in its file."""


@dataclass(frozen=True)
class Entry:
    """One published value of one parameter.

    Attributes:
        field: the parameter.
        value: in `unit`; complex for a mixing conductance, three numbers for an axis.
        unit: as published.
        uncertainty: one standard deviation, in `unit`; None where the source gives none.
        temperature: [K]; None where it is not known, 295 for "room temperature".
        source: where it was published.
        verified: whether the number itself was read in public text of the source; see ``docs/materials.md``.
        note: what to know about it.
        others: values published elsewhere.
        si_unit: the SI unit of the parameter.
    """

    field: str
    value: Number | Vector
    unit: str
    uncertainty: Number | None
    temperature: float | None
    source: str
    verified: bool
    note: str = ""
    others: tuple[Entry, ...] = ()
    si_unit: str = "1"

    @property
    def si(self) -> Number | Vector:
        """The value in `si_unit`, for a resistivity its inverse, the conductivity."""
        if isinstance(self.value, tuple):
            return self.value
        return to_si(self.value, self.unit, self.si_unit)

    @property
    def text(self) -> str:
        """The value as published, with uncertainty and unit, for example ``3.4 ± 0.4 nm``."""
        parts = [_number(self.value)]
        if self.uncertainty is not None:
            parts += ["±", _number(self.uncertainty)]
        return " ".join(parts if self.unit == "1" else [*parts, self.unit])


@dataclass(frozen=True)
class Material:
    """A material as one kind of thing.

    Attributes:
        name: by which it is found.
        kind: the class that it gives parameters for, a key of ``KINDS``.
        description: what it is, in words.
        entries: an :class:`Entry` for each parameter.
        aliases: further names.
    """

    name: str
    kind: str
    description: str
    entries: Mapping[str, Entry]
    aliases: tuple[str, ...] = ()

    def parameters(self, supplied: Collection[str] = ()) -> dict[str, Number | Vector]:
        """The constructor arguments of ``spinstack.<kind>`` in SI, without thickness.

        Names in `supplied` come from elsewhere: they are left out, and need not be known here.
        Raises :class:`MaterialError` where a value without which the element cannot be made is neither.
        """
        missing = [f for f in required(self.kind) if f not in self.entries and f not in supplied]
        known = fields(self.kind)
        given = [f for f in KINDS[self.kind].required() if f != "name" and f not in known]
        call = f"{self.kind}.of({self.name!r}, {', '.join(f'{f}=...' for f in (*given, *missing))})"
        problems = Problems()
        problems.errors += [
            MaterialError(
                "missing; the library knows no value",
                where=self.name,
                field=f,
                unit=known[f].unit,
                remedy=f"Supply {f} ({known[f].doc}), for example {call}.",
            )
            for f in missing
        ]
        problems.end()
        return {name: entry.si for name, entry in self.entries.items() if name not in supplied}


@cache
def fields(kind: str) -> dict[str, Specification]:
    """What a material of this kind may say: the parameters of its class that belong to a material, and its axes."""
    described = KINDS[_checked_kind(kind)]
    numbers = {name: spec for name, spec in described.specifications().items() if spec.material}
    return numbers | {name: Specification("1", "a direction", kind="axis") for name in getattr(described, "axes", ())}


def required(kind: str) -> tuple[str, ...]:
    """The fields without which an element of this kind cannot be made (thickness aside)."""
    described = KINDS[_checked_kind(kind)]
    needed = (*described.required(), *getattr(described, "essential", ()))
    return tuple(name for name in needed if name in fields(kind))


def read(path: str | Path) -> dict[str, Material]:
    """The materials of a TOML file of your own, by name; the format is that of ``docs/materials.md``.

    Raises :class:`MaterialError`, naming file, material and key, for anything the format does not have.
    """
    path = Path(path)
    return _parsed(path.read_text(encoding="utf-8"), path.name)


def material(name: str, kind: str | None = None) -> Material:
    """The library material called `name`, as the `kind` that is asked for.

    Some materials are known as an element and as a magnet model; without a kind, the element. Raises
    :class:`MaterialError` with near matches for an unknown name and with the names of that kind for another kind.
    """
    return _of_kind(name, kind)


def kinds(name: str) -> tuple[str, ...]:
    """The kinds as which the library knows a material, first the one that :func:`material` gives without a kind.

    Raises :class:`MaterialError` for an unknown name.
    """
    material(name)
    return tuple(m.kind for m in _library() if m.name == name)


def names(kind: str | None = None) -> tuple[str, ...]:
    """Names of the library materials, each once, or of those of one kind."""
    if kind is not None:
        _checked_kind(kind)
    return tuple(dict.fromkeys(m.name for m in _library() if kind in (None, m.kind)))


def parameters(material: str, kind: str, supplied: Collection[str] = ()) -> dict[str, Any]:
    """Constructor arguments in SI of the library material as `kind`, a key of ``KINDS``, never thickness.

    `supplied` names arguments that the caller gives; they are left out and may be unknown to the library. A magnet
    model wants the ``density_of_states`` of the metal it touches, which no entry has, and mostly the coupling to it.
    Raises :class:`MaterialError` for an unknown name, another kind, or a value that is needed and not known.
    """
    return _of_kind(material, kind).parameters(supplied)


def table(name: str | None = None, *, others: bool = False) -> list[dict[str, Any]]:
    """One row for each entry of one material, as all the kinds it is known as, or of all; plain data for a table.

    Keys: material, kind, field, value, uncertainty, unit, text, si, si_unit, temperature [K], verified, source, note,
    preferred (False in the rows of values published elsewhere, which come with ``others=True``).
    """
    chosen = _library() if name is None else [material(name, kind) for kind in kinds(name)]
    keys = (
        "field", "value", "uncertainty", "unit", "text", "si", "si_unit", "temperature", "verified", "source", "note",
    )  # fmt: skip
    return [
        {"material": m.name, "kind": m.kind, **{key: getattr(e, key) for key in keys}, "preferred": e is entry}
        for m in chosen
        for entry in m.entries.values()
        for e in (entry, *(entry.others if others else ()))
    ]


@cache
def _library() -> tuple[Material, ...]:
    folder = resources.files("spinstack.materials")
    return tuple(m for f in _FILES for m in _parsed(folder.joinpath(f).read_text(encoding="utf-8"), f).values())


def _of_kind(name: str, kind: str | None) -> Material:
    if kind is not None:
        _checked_kind(kind)
    named = [m for m in _library() if m.name == name]
    for m in named:
        if kind in (None, m.kind):
            return m
    known_as = " and a ".join(m.kind for m in named)
    raise MaterialError(
        f"which is a {known_as}, not a {kind}" if named else "which the library does not know",
        field="material",
        got=name,
        allowed=", ".join(names(kind)),
        remedy="" if named else _near(name, kind),
    )


def _checked_kind(kind: str) -> str:
    return checks.choice(kind, "kind", KINDS, error=MaterialError)


def _near(name: str, kind: str | None) -> str:
    known = [m for m in _library() if kind in (None, m.kind)]
    words = {word.casefold(): m.name for m in known for word in (*m.aliases, m.name)}
    asked = str(name).casefold()
    near = [asked] if asked in words else difflib.get_close_matches(asked, words, n=3, cutoff=0.6)
    found = dict.fromkeys(words[word] for word in near)
    return f"Did you mean {' or '.join(map(repr, found))}?" if found else ""


def _parsed(text: str, file: str) -> dict[str, Material]:
    return entries(text, file, _material)


def entries(text: str, file: str, made: Callable[[Document, str, Any], Found]) -> dict[str, Found]:
    """The entries of a library's TOML by name, each made of its table; everything that is wrong is told at once."""
    try:
        document = Document(tomllib.loads(text), file, key_lines(text), MaterialError)
    except tomllib.TOMLDecodeError as error:
        raise MaterialError(f"not a TOML file ({error})", source=file) from None
    problems, out = Problems(), {}
    for name, body in document.data.items():
        with problems:
            out[name] = made(document, name, body)
    problems.end()
    return out


def _material(document: Document, name: str, body: Any) -> Material:
    if not isinstance(body, dict):
        raise document.error((name,), got=body, allowed=f"a table [{name}] with kind and description")
    problems = Problems()
    with problems:
        _needed(document, (name,), body, "description", str)
    with problems:
        kind = _needed(document, (name,), body, "kind", str)
        if kind not in KINDS:
            raise document.error((name, "kind"), got=kind, allowed=", ".join(KINDS))
    problems.end()
    aliases = body.get("aliases", [])
    with problems:
        if not isinstance(aliases, list) or not all(isinstance(a, str) for a in aliases):
            raise document.error((name, "aliases"), got=aliases, allowed="a list of names")
    known = fields(kind)
    entries = {}
    for key, value in body.items():
        with problems:
            if key in known:
                entries[key] = _entry(document, (name, key), value, known[key])
            elif key not in _MATERIAL_KEYS:
                raise document.error((name, key), f"a {kind} has no such value", allowed=", ".join(known))
    problems.end()
    return Material(name, kind, body["description"], MappingProxyType(entries), tuple(aliases))


def _entry(document: Document, path: KeyPath, body: Any, spec: Specification) -> Entry:
    if not isinstance(body, dict):
        raise document.error(path, got=body, allowed="a table with value, unit, source and verified")
    problems = Problems()
    refused = document.error
    for key in body:
        with problems:
            if key not in _ENTRY_KEYS:
                raise refused((*path, key), "no such key", allowed=", ".join(_ENTRY_KEYS))
    for key, kind in (("unit", str), ("source", str), ("verified", bool)):
        with problems:
            _needed(document, path, body, key, kind)
    value: Any = None
    with problems:
        raw = _needed(document, path, body, "value", object)
        value = _value(document, (*path, "value"), raw, spec)
    note = body.get("note", "")
    with problems:
        if not isinstance(note, str):
            raise refused((*path, "note"), got=note, allowed="text")
    temperature = body.get("temperature")
    with problems:
        if temperature is not None and (not _is_real(temperature) or temperature < 0):
            raise refused((*path, "temperature"), got=temperature, allowed="kelvin, at least 0, or left out")
    uncertainty = body.get("uncertainty")
    with problems:
        if uncertainty is not None:
            uncertainty = _uncertainty(document, (*path, "uncertainty"), uncertainty, spec)
    others, found = body.get("others", []), []
    with problems:
        if not isinstance(others, list):
            raise refused((*path, "others"), got=others, allowed="a list of entries, [[...others]]")
        for i, other in enumerate(others):
            with problems:
                found.append(_entry(document, (*path, "others", i), other, spec))
    problems.end()
    try:
        to_si(1.0 if isinstance(value, tuple) else value, body["unit"], spec.unit)
    except UnitError as error:
        raise document.located(error, (*path, error.field)) from None
    return Entry(
        field=str(path[1]),
        value=value,
        unit=body["unit"],
        uncertainty=uncertainty,
        temperature=None if temperature is None else float(temperature),
        source=body["source"],
        verified=body["verified"],
        note=note,
        others=tuple(found),
        si_unit=spec.unit,
    )


def _needed(document: Document, path: KeyPath, body: dict[str, Any], key: str, kind: type) -> Any:
    """What stands under `key`, which may not be left out: text, true or false, or anything."""
    if key not in body:
        raise document.error((*path, key), "missing", remedy="Every entry needs it.")
    value = body[key]
    if not isinstance(value, kind) or (kind is str and not str(value).strip()):
        raise document.error((*path, key), got=value, allowed="text" if kind is str else "true or false")
    return value


def _uncertainty(document: Document, path: KeyPath, raw: Any, spec: Specification) -> Number:
    value = _value(document, path, raw, spec)
    if isinstance(value, tuple):
        raise document.error(path, "an axis has none", remedy="Leave it out.")
    if value.real < 0 or value.imag < 0 or not value:
        raise document.error(path, got=value, allowed="greater than 0, or left out")
    return value


def _value(document: Document, path: KeyPath, value: Any, spec: Specification) -> Number | Vector:
    if spec.kind == "axis":
        if not isinstance(value, list) or len(value) != 3 or not all(map(_is_real, value)) or not any(value):
            raise document.error(path, got=value, allowed="a direction [x, y, z], not all zero")
        x, y, z = map(float, value)
        return x, y, z
    parts = value.values() if isinstance(value, dict) and set(value) == {"real", "imag"} else ()
    if spec.kind == "complex" and parts and all(map(_is_real, parts)):
        return complex(value["real"], value["imag"])
    if not _is_real(value):
        also = " or { real = ..., imag = ... }" if spec.kind == "complex" else ""
        raise document.error(path, got=value, allowed=f"a number{also}")
    return complex(value) if spec.kind == "complex" else float(value)


def _is_real(value: Any) -> bool:
    return checks.is_number(value) and abs(value) < float("inf")


def _number(value: Number | Vector) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(f'{x:.6g}' for x in value)})"
    if isinstance(value, complex):
        sign = "-" if value.imag < 0 else "+"
        return f"({value.real:.6g} {sign} {abs(value.imag):.6g}i)"
    return f"{value:.6g}"
