"""Reading and looking up materials: what is known of each, where it is from, and the parameters in SI."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spinstack.materials.units import UnitError, to_si

_METAL = {
    "conductivity": "S/m",
    "spin_diffusion_length": "m",
    "spin_hall_angle": "1",
    "diffusion_coefficient": "m^2/s",
    "density_of_states": "1/(J m^3)",
    "g_factor": "1",
    "hall_coefficient": "m^3/C",
}
_FERROMAGNET = {
    "conductivity": "S/m",
    "spin_diffusion_length": "m",
    "polarization": "1",
    "dephasing_length": "m",
    "precession_length": "m",
    "spin_hall_angle": "1",
    "amr_ratio": "1",
    "size_effect_ratio": "1",
    "anomalous_hall_angle": "1",
    "spin_anomalous_hall_angle": "1",
    "polarization_parallel": "1",
    "hall_coefficient": "m^3/C",
}
_INSULATOR = {"mixing_conductance": "S/m^2", "spin_sink_conductance": "S/m^2"}
_WEISS_MAGNET = {
    "spin": "1",
    "surface_density": "1/m^2",
    "exchange_coupling": "J m^3",
    "density_of_states": "1/(J m^3)",
    "curie_temperature": "K",
    "g_factor": "1",
    "coordination": "1",
    "surface_coordination": "1",
    "anisotropy_field": "T",
    "easy_axis": "1",
}
_WEISS_FERRIMAGNET = {
    "spin_a": "1",
    "spin_b": "1",
    "surface_density_a": "1/m^2",
    "surface_density_b": "1/m^2",
    "exchange_coupling_a": "J m^3",
    "exchange_coupling_b": "J m^3",
    "density_of_states": "1/(J m^3)",
    "curie_temperature": "K",
    "density_ratio": "1",
    "intra_a": "1",
    "intra_b": "1",
    "g_factor": "1",
    "anisotropy_field": "T",
    "easy_axis": "1",
}
_WEISS_ANTIFERROMAGNET = {
    "spin": "1",
    "neel_temperature": "K",
    "surface_density": "1/m^2",
    "surface_density_b": "1/m^2",
    "exchange_coupling": "J m^3",
    "exchange_coupling_b": "J m^3",
    "density_of_states": "1/(J m^3)",
    "intra": "1",
    "g_factor": "1",
    "spin_flop_field": "T",
    "easy_axis": "1",
    "hard_axis": "1",
}

#: kind -> field -> SI unit: what a material file may hold
FIELDS: dict[str, dict[str, str]] = {
    "Metal": _METAL,
    "Ferromagnet": _FERROMAGNET,
    "MagneticInsulator": _INSULATOR,
    "WeissMagnet": _WEISS_MAGNET,
    "WeissFerrimagnet": _WEISS_FERRIMAGNET,
    "WeissAntiferromagnet": _WEISS_ANTIFERROMAGNET,
}
_REQUIRED = {
    "Metal": ("conductivity", "spin_diffusion_length"),
    "Ferromagnet": ("conductivity", "spin_diffusion_length"),
    "MagneticInsulator": ("mixing_conductance",),
    "WeissMagnet": ("spin", "surface_density", "exchange_coupling", "density_of_states"),
    "WeissFerrimagnet": (
        "spin_a",
        "spin_b",
        "surface_density_a",
        "surface_density_b",
        "exchange_coupling_a",
        "exchange_coupling_b",
        "density_of_states",
        "curie_temperature",
    ),
    "WeissAntiferromagnet": (
        "spin",
        "neel_temperature",
        "surface_density",
        "exchange_coupling",
        "density_of_states",
    ),
}
_LAYERS = ("Metal", "Ferromagnet")
_COMPLEX = {"mixing_conductance"}
_VECTOR = {"easy_axis", "hard_axis"}
#: magnet models want the density of states of the metal that they touch
_BELONGS_TO = {
    "density_of_states": "of the metal",
    "exchange_coupling": "of the pair",
    "exchange_coupling_a": "of the pair",
    "exchange_coupling_b": "of the pair",
}
# a name that is a conductor or an element as well as a magnet model is looked up in this order
_FILES = ("metals.toml", "ferromagnets.toml", "insulators.toml", "magnets.toml")
_ENTRY_KEYS = ("value", "unit", "uncertainty", "temperature", "source", "verified", "note", "others")
_MATERIAL_KEYS = ("kind", "description", "aliases")

Number = float | complex
Vector = tuple[float, float, float]


class MaterialError(ValueError):
    """A material is not known, is of another kind, lacks a value, or is written wrongly in its file."""


@dataclass(frozen=True)
class Entry:
    """One published value of one parameter.

    `value` (a number, complex for a mixing conductance, three numbers for an axis) and `uncertainty` (one standard
    deviation, None where the source gives none) are in `unit`, as published;
    `temperature` [K] is None where it is not known, 295 for "room temperature". `verified` says that the number itself
    was read in public text of the source; see ``docs/materials.md``. `others` are values published elsewhere.
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
    """A material as one kind of thing, a key of ``FIELDS``, with an :class:`Entry` for each parameter."""

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
        if missing:
            magnet = self.kind.startswith("Weiss")
            units = {f: FIELDS[self.kind][f] for f in missing}
            whose = {f: f" {_BELONGS_TO[f]}" if magnet and f in _BELONGS_TO else "" for f in missing}
            wanted = ", ".join(f"{f}=... [{units[f]}]{whose[f]}" for f in missing)
            given = ["thickness", missing[0]] if self.kind in _LAYERS else missing
            raise MaterialError(
                f"{self.name}: no value of {' and '.join(missing)} is known. Supply {wanted}, for example "
                f"{self.kind}.of({self.name!r}, {', '.join(f'{f}=...' for f in given)})."
            )
        return {name: entry.si for name, entry in self.entries.items() if name not in supplied}


def required(kind: str) -> tuple[str, ...]:
    """The fields without which an element of this kind cannot be made (thickness aside)."""
    return _REQUIRED[_checked_kind(kind)]


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
    """Constructor arguments in SI of the library material as `kind`, a key of ``FIELDS``, never thickness.

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
    rows = []
    for m in chosen:
        for entry in m.entries.values():
            for e in (entry, *(entry.others if others else ())):
                rows.append(
                    {
                        "material": m.name,
                        "kind": m.kind,
                        "field": e.field,
                        "value": e.value,
                        "uncertainty": e.uncertainty,
                        "unit": e.unit,
                        "text": e.text,
                        "si": e.si,
                        "si_unit": e.si_unit,
                        "temperature": e.temperature,
                        "verified": e.verified,
                        "source": e.source,
                        "note": e.note,
                        "preferred": e is entry,
                    }
                )
    return rows


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
    if not named:
        raise MaterialError(_unknown(name, kind))
    known_as = " and a ".join(m.kind for m in named)
    raise MaterialError(f"{name!r} is a {known_as}, not a {kind}. Known of kind {kind}: {', '.join(names(kind))}.")


def _checked_kind(kind: str) -> str:
    if kind not in FIELDS:
        raise MaterialError(f"got the kind {kind!r}. Allowed: {', '.join(FIELDS)}.")
    return kind


def _unknown(name: str, kind: str | None) -> str:
    known = [m for m in _library() if kind in (None, m.kind)]
    words = {word.casefold(): m.name for m in known for word in (*m.aliases, m.name)}
    asked = str(name).casefold()
    near = [asked] if asked in words else difflib.get_close_matches(asked, words, n=3, cutoff=0.6)
    found = dict.fromkeys(words[word] for word in near)
    hint = f" Did you mean {' or '.join(map(repr, found))}?" if found else ""
    what = f" of kind {kind}" if kind else ""
    return f"no material {name!r}{what} in the library.{hint} Known: {', '.join(names(kind))}."


def _parsed(text: str, file: str) -> dict[str, Material]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MaterialError(f"{file}: not a TOML file ({error}).") from None
    return {name: _material(name, body, f"{file}: {name}") for name, body in data.items()}


def _material(name: str, body: Any, where: str) -> Material:
    if not isinstance(body, dict):
        raise MaterialError(f"{where}: got {body!r}. Allowed: a table [{name}] with kind and description.")
    for key in ("kind", "description"):
        if not isinstance(body.get(key), str):
            raise MaterialError(f"{where}.{key}: missing or not text. Every material needs it.")
    if body["kind"] not in FIELDS:
        raise MaterialError(f"{where}.kind: got {body['kind']!r}. Allowed: {', '.join(FIELDS)}.")
    aliases = body.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(a, str) for a in aliases):
        raise MaterialError(f"{where}.aliases: got {aliases!r}. Allowed: a list of names.")
    fields = FIELDS[body["kind"]]
    entries = {}
    for key, value in body.items():
        if key in _MATERIAL_KEYS:
            continue
        if key not in fields:
            raise MaterialError(f"{where}.{key}: a {body['kind']} has no such value. Allowed: {', '.join(fields)}.")
        entries[key] = _entry(key, value, fields[key], f"{where}.{key}")
    return Material(name, body["kind"], body["description"], MappingProxyType(entries), tuple(aliases))


def _entry(name: str, body: Any, si_unit: str, where: str) -> Entry:
    if not isinstance(body, dict):
        raise MaterialError(f"{where}: got {body!r}. Allowed: a table with value, unit, source and verified.")
    for key in body:
        if key not in _ENTRY_KEYS:
            raise MaterialError(f"{where}.{key}: no such key. Allowed: {', '.join(_ENTRY_KEYS)}.")
    for key, kind in (("unit", str), ("source", str), ("verified", bool)):
        if not isinstance(body.get(key), kind) or not (kind is bool or body[key].strip()):
            raise MaterialError(f"{where}.{key}: missing or wrong, got {body.get(key)!r}. Every value needs it.")
    if "value" not in body:
        raise MaterialError(f"{where}.value: missing. Every entry needs it.")
    note = body.get("note", "")
    if not isinstance(note, str):
        raise MaterialError(f"{where}.note: got {note!r}. Allowed: text.")
    temperature = body.get("temperature")
    if temperature is not None and (not _is_real(temperature) or temperature < 0):
        raise MaterialError(f"{where}.temperature: got {temperature!r}. Allowed: kelvin, at least 0, or left out.")
    uncertainty = body.get("uncertainty")
    others = body.get("others", [])
    if not isinstance(others, list):
        raise MaterialError(f"{where}.others: got {others!r}. Allowed: a list of entries, [[...others]].")
    if uncertainty is not None:
        uncertainty = _value(name, uncertainty, f"{where}.uncertainty")
        if isinstance(uncertainty, tuple):
            raise MaterialError(f"{where}.uncertainty: an axis has none. Leave it out.")
    if uncertainty is not None and (uncertainty.real < 0 or uncertainty.imag < 0 or not uncertainty):
        raise MaterialError(f"{where}.uncertainty: got {uncertainty!r}. Allowed: greater than 0, or left out.")
    entry = Entry(
        field=name,
        value=_value(name, body["value"], f"{where}.value"),
        unit=body["unit"],
        uncertainty=uncertainty,
        temperature=None if temperature is None else float(temperature),
        source=body["source"],
        verified=body["verified"],
        note=note,
        others=tuple(_entry(name, o, si_unit, f"{where}.others[{i}]") for i, o in enumerate(others)),
        si_unit=si_unit,
    )
    try:
        to_si(1.0 if isinstance(entry.value, tuple) else entry.value, entry.unit, si_unit)
    except UnitError as error:
        raise MaterialError(f"{where}.unit: {error}") from None
    return entry


def _value(name: str, value: Any, where: str) -> Number | Vector:
    if name in _VECTOR:
        if not isinstance(value, list) or len(value) != 3 or not all(map(_is_real, value)) or not any(value):
            raise MaterialError(f"{where}: got {value!r}. Allowed: a direction [x, y, z], not all zero.")
        x, y, z = map(float, value)
        return x, y, z
    if name in _COMPLEX:
        if isinstance(value, dict) and set(value) == {"real", "imag"} and all(map(_is_real, value.values())):
            return complex(value["real"], value["imag"])
        if not _is_real(value):
            raise MaterialError(f"{where}: got {value!r}. Allowed: a number or {{ real = ..., imag = ... }}.")
        return complex(value)
    if not _is_real(value):
        raise MaterialError(f"{where}: got {value!r}. Allowed: a number.")
    return float(value)


def _is_real(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _number(value: Number | Vector) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(f'{x:.6g}' for x in value)})"
    if isinstance(value, complex):
        sign = "-" if value.imag < 0 else "+"
        return f"({value.real:.6g} {sign} {abs(value.imag):.6g}i)"
    return f"{value:.6g}"
