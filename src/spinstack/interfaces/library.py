"""Reading and looking up interfaces: what is published of each, where, and what an interface element takes of it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spinstack.interfaces.conversion import QUANTITIES, Value, derived
from spinstack.laws import Measured
from spinstack.materials import MaterialError
from spinstack.materials.library import entries
from spinstack.materials.units import UnitError, to_si
from spinstack.text import checks
from spinstack.text.document import Document
from spinstack.text.errors import Problems
from spinstack.text.toml_lines import Key

_ENTRY_KEYS = ("value", "unit", "plus", "minus", "temperature", "method", "source", "note")
_KEYS = ("description", "aliases")


@dataclass(frozen=True)
class Published:
    """One published quantity of one interface.

    Attributes:
        quantity: a key of :data:`spinstack.interfaces.conversion.QUANTITIES`, such as "2AR*" or "gamma".
        value: in `unit`; complex for a mixing conductance.
        unit: as published.
        plus: how far it may be off upwards, in `unit`; None where the source gives none.
        minus: the same downwards.
        temperature: [K].
        method: how it was measured.
        source: where it was published; the number was read in public text of it.
        note: what to know about it.
    """

    quantity: str
    value: float | complex
    unit: str
    plus: float | None
    minus: float | None
    temperature: float
    method: str
    source: str
    note: str = ""

    @property
    def si_unit(self) -> str:
        """The SI unit of the quantity."""
        return QUANTITIES[self.quantity][0]

    @property
    def si(self) -> float | complex:
        """The value in `si_unit`."""
        return to_si(self.value, self.unit, self.si_unit)

    @property
    def text(self) -> str:
        """The value as published, with error and unit, for example ``0.9 +0.5 -0.2``."""
        value = f"{self.value:g}"
        if self.plus is not None and self.minus is not None:
            off = f"± {self.plus:g}" if self.plus == self.minus else f"+{self.plus:g} -{self.minus:g}"
            value = f"{value} {off}"
        return value if self.unit == "1" else f"{value} {self.unit}"


@dataclass(frozen=True)
class Derived:
    """What an interface element takes of what is published.

    Attributes:
        field: the parameter, such as "conductance_up".
        value: in SI.
        plus: how far it may be off upwards, in SI; infinite where the error reaches a resistance of zero.
        minus: the same downwards.
        unit: SI unit of the parameter.
        temperature: [K] of what it follows from.
        follows: the quantities that it follows from.
    """

    field: str
    value: float
    plus: float | None
    minus: float | None
    unit: str
    temperature: float
    follows: tuple[str, ...]


@dataclass(frozen=True)
class KnownInterface:
    """An interface of the library.

    Attributes:
        name: the two metals that it joins, such as "Co|Pt"; their order means nothing.
        description: what it is, in words.
        entries: a :class:`Published` for each quantity.
        aliases: further names.
    """

    name: str
    description: str
    entries: Mapping[str, Published]
    aliases: tuple[str, ...] = ()

    def derived(self) -> dict[str, Derived]:
        """What an interface element takes, by field."""
        numbers = {
            q: Value(e.si.real, *(None if v is None else to_si(v, e.unit, e.si_unit).real for v in (e.plus, e.minus)))
            for q, e in self.entries.items()
            if q != "mixing_conductance"
        }
        return {
            field: Derived(
                field, *value, unit="1" if field == "spin_memory_loss" else "S/m^2",
                temperature=self.entries[follows[0]].temperature, follows=follows,
            )
            for field, (value, follows) in derived(numbers).items()
        }  # fmt: skip

    def parameters(self, supplied: Collection[str] = (), any_temperature: bool = False) -> dict[str, Any]:
        """The constructor arguments of :class:`spinstack.Interface`, those in `supplied` left out.

        Each is a :class:`spinstack.Measured`, which holds at its temperature, or with `any_temperature` a number.
        Raises :class:`MaterialError` for what is needed and neither known nor supplied.
        """
        known: dict[str, tuple[Any, float]] = {d.field: (d.value, d.temperature) for d in self.derived().values()}
        if (mixing := self.entries.get("mixing_conductance")) is not None:
            known["mixing_conductance"] = (mixing.si, mixing.temperature)
        problems, needed = Problems(), ["conductance_up", "conductance_down"]
        up, down = (known[n][0] if n in known else None for n in needed)
        if up != down or {*needed} & {*supplied}:
            needed.append("mixing_conductance")
        for name in needed:
            if name in known or name in supplied:
                continue
            if name == "mixing_conductance" and not self.magnetic:
                continue
            least = "" if up is None or down is None else f", at least (G_up + G_down)/2 = {(up + down) / 2:.4g} S/m^2"
            least = least if name == "mixing_conductance" else ""
            remedy = f"Supply {name} [S/m^2]{least}: Interface.of({self.name!r}, {name}=...)."
            why = "missing; the library knows no value"
            problems.errors.append(MaterialError(why, where=self.name, field=name, unit="S/m^2", remedy=remedy))
        problems.end()
        return {
            name: value if any_temperature else Measured(measured=value, temperature=temperature)
            for name, (value, temperature) in known.items()
            if name not in supplied
        }

    @property
    def magnetic(self) -> bool:
        """Whether one of the two is a ferromagnet, as far as its quantities tell."""
        return "2AR" not in self.entries


def names() -> tuple[str, ...]:
    """Names of the library interfaces."""
    return tuple(_library())


def interface(name: str) -> KnownInterface:
    """The library interface between two metals, in either order; raises :class:`MaterialError` for an unknown one."""
    known = _library()
    turned = "|".join(reversed(str(name).split("|")))
    for found in (name, turned):
        if found in known:
            return known[found]
    words = {word.casefold(): one.name for one in known.values() for word in (*one.aliases, one.name)}
    asked = next((w for w in (str(name).casefold(), turned.casefold()) if w in words), "")
    near = [asked] if asked else difflib.get_close_matches(str(name).casefold(), words, n=3, cutoff=0.6)
    remedy = f"Did you mean {' or '.join(repr(n) for n in dict.fromkeys(words[w] for w in near))}?" if near else ""
    why = "which the library does not know"
    raise MaterialError(why, field="interface", got=name, allowed=", ".join(known), remedy=remedy)


def parameters(name: str, supplied: Collection[str] = (), any_temperature: bool = False) -> dict[str, Any]:
    """See :meth:`KnownInterface.parameters`."""
    return interface(name).parameters(supplied, any_temperature)


def table(name: str | None = None) -> list[dict[str, Any]]:
    """One row for each published quantity of one interface, or of all; plain data for a table.

    Keys: interface, quantity, value, plus, minus, unit, text, si, si_unit, temperature [K], method, source, note.
    """
    chosen = _library().values() if name is None else [interface(name)]
    keys = ("value", "plus", "minus", "unit", "text", "si", "si_unit", "temperature", "method", "source", "note")
    return [
        {"interface": one.name, "quantity": q, **{key: getattr(e, key) for key in keys}}
        for one in chosen
        for q, e in one.entries.items()
    ]


def read(path: str | Path) -> dict[str, KnownInterface]:
    """The interfaces of a TOML file of your own, by name; the format is that of ``docs/interfaces.md``.

    Raises :class:`MaterialError`, naming file, interface and key, for anything the format does not have.
    """
    path = Path(path)
    return _parsed(path.read_text(encoding="utf-8"), path.name)


@cache
def _library() -> dict[str, KnownInterface]:
    file = resources.files("spinstack.interfaces").joinpath("interfaces.toml")
    return _parsed(file.read_text(encoding="utf-8"), "interfaces.toml")


def _parsed(text: str, file: str) -> dict[str, KnownInterface]:
    return entries(text, file, _interface)


def _interface(document: Document, name: str, body: Any) -> KnownInterface:
    if not isinstance(body, dict) or name.count("|") != 1:
        raise document.error((name,), allowed='a table ["A|B"] named by the two metals, with description')
    problems, entries = Problems(), {}
    with problems:
        _text(document, (name,), body, "description")
    aliases = body.get("aliases", [])
    with problems:
        if not isinstance(aliases, list) or not all(isinstance(a, str) for a in aliases):
            raise document.error((name, "aliases"), got=aliases, allowed="a list of names")
    for key, value in body.items():
        with problems:
            if key in QUANTITIES:
                entries[key] = _published(document, (name, key), value)
            elif key not in _KEYS:
                raise document.error((name, key), "an interface has no such value", allowed=", ".join(QUANTITIES))
    with problems:
        if len({"AR*", "2AR*", "2AR", "AR_up"} & {*entries}) > 1:
            raise document.error((name,), "with its resistance in two ways", remedy="Give one.")
    with problems:
        if len({e.temperature for e in entries.values()}) > 1 and ("gamma" in entries or "AR_up" in entries):
            raise document.error((name,), "with resistances of several temperatures", remedy="Give those of one.")
    problems.end()
    return KnownInterface(name, body["description"], MappingProxyType(entries), tuple(aliases))


def _published(document: Document, path: tuple[Key, ...], body: Any) -> Published:
    if not isinstance(body, dict):
        raise document.error(path, got=body, allowed=f"a table with {', '.join(_ENTRY_KEYS)}")
    problems, unit = Problems(), QUANTITIES[str(path[-1])][0]
    for key in body:
        with problems:
            if key not in _ENTRY_KEYS:
                raise document.error((*path, key), "no such key", allowed=", ".join(_ENTRY_KEYS))
    for key in ("unit", "method", "source"):
        with problems:
            _text(document, path, body, key)
    value: Any = body.get("value")
    with problems:
        if unit == "S/m^2" and isinstance(value, dict) and {*value} == {"real", "imag"}:
            value = complex(_number(document, path, value, "real"), _number(document, path, value, "imag"))
        else:
            value = _number(document, path, body, "value")
    given = {}
    for key in ("plus", "minus", "temperature"):
        with problems:
            given[key] = _number(document, path, body, key, low=0.0) if key in body else None
    with problems:
        if given.get("temperature") is None:
            raise document.error((*path, "temperature"), "missing", remedy="Give it in kelvin.")
    with problems:
        if ("plus" in body) != ("minus" in body):
            raise document.error(path, "with one of plus and minus", remedy="Give both, or none.")
    with problems:
        if not isinstance(body.get("note", ""), str):
            raise document.error((*path, "note"), got=body["note"], allowed="text")
    problems.end()
    try:
        to_si(value, body["unit"], unit)
    except UnitError as error:
        raise document.located(error, (*path, error.field)) from None
    return Published(
        str(path[-1]), value, body["unit"], given["plus"], given["minus"], given["temperature"] or 0.0, body["method"],
        body["source"], body.get("note", ""),
    )  # fmt: skip


def _text(document: Document, path: tuple[Key, ...], body: dict[str, Any], key: str) -> None:
    value = body.get(key)
    if not isinstance(value, str) or not value.strip():
        raise document.error((*path, key), "missing" if value is None else "", got=value, allowed="text")


def _number(
    document: Document, path: tuple[Key, ...], body: dict[str, Any], key: str, low: float | None = None
) -> float:
    value: Any = body.get(key)
    if not checks.is_number(value) or not abs(value) < float("inf") or (low is not None and value < low):
        allowed = "a number" if low is None else f"a number, at least {low:g}"
        raise document.error((*path, key), got=value, allowed=allowed)
    return float(value)
