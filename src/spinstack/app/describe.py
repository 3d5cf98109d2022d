"""A film as the page shows it: elements with fields, each with unit, range, meaning, as their declarations say."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from spinstack.app import scene
from spinstack.app.scene import Place, Read
from spinstack.report.tables import Table
from spinstack.samples.reader import KINDS, text_fields
from spinstack.stack import Film, Interface, Layer, MagneticInsulator, ParameterError
from spinstack.stack.described import Described, Model
from spinstack.stack.element import Element
from spinstack.stack.film import magnet_labels
from spinstack.stack.laws import Law, followed
from spinstack.stack.parameters import Specification, is_tensor
from spinstack.stack.ranges import reach, unusual
from spinstack.study import moving
from spinstack.text.document import Document
from spinstack.text.errors import SpinstackError
from spinstack.text.units import conversion, example

#: units in which numbers are shown where a file has none of its own, by the SI unit
_SHOWN = {
    "m": "nm",
    "1/m": "1/nm",
    "m^2/s": "cm^2/s",
    "J m^3": "eV nm^3",
    "1/(J m^3)": "1/(eV nm^3)",
    "J/m^2": "mJ/m^2",
    "m^3": "nm^3",
}
#: numbers of an element that stand first
_FIRST = (
    "thickness", "conductivity", "spin_diffusion_length", "spin_hall_angle", "polarization", "dephasing_length",
    "amr_ratio", "anomalous_hall_angle", "conductance_up", "conductance_down", "mixing_conductance", "filtering",
    "spin_memory_loss", "reciprocal", "spin_sink_conductance", "splitting",
    "magnetization", "damping", "anisotropy_field", "effective_magnetization", "demagnetizing_factor",
    "surface_anisotropy", "spin_flop_field", "hard_field", "bilinear",
)  # fmt: skip


def page(read: Read) -> dict[str, Any]:
    """Everything about the film: rows of elements, bottom first, what is wrong, what is unusual."""
    rows: list[dict[str, Any]] = []
    if read.document is not None:
        for place, table, count in scene.nodes(read.document):
            own = [(i, e) for i, (e, where) in enumerate(read.placed) if where == place]
            rows.append(_row(place, table, count, own, read))
    return {
        "title": "" if read.document is None else str(read.document.data.get("title", "")),
        "elements": rows,
        "magnets": [] if read.document is None else list(_magnets(read)),
        "magnetic": _magnetic(read),
        "problems": [problem(error) for error in read.problems],
        "doubts": _doubts(read.film),
        "thermal": read.film is not None and bool(followed(read.film)),
    }


def _magnetic(read: Read) -> list[dict[str, Any]]:
    """The magnets of the film, whether they may move or are held."""
    if read.film is None:
        return []
    magnetic = [e for e in read.film.elements if e.magnetic]
    return [{"name": name, "insulator": isinstance(e, MagneticInsulator)}
            for name, e in zip(magnet_labels(read.film), magnetic, strict=True)]  # fmt: skip


def _magnets(read: Read) -> Iterator[dict[str, Any]]:
    """Rows of what moves, of what is held, and of what couples them, as rows of elements are."""
    assert read.document is not None
    for thing, place, table in moving.told(read.document):
        held = "held" in table
        words = ("first", "second") if place[0] == "exchange" else ("name",)
        label = " and ".join(str(table.get(w, "?")) for w in words)
        texts = (
            ["held"] if held else [] if thing is None or place[0] == "exchange" else [*moving.axes_of(thing), "start"]
        )
        yield {
            "place": list(place), "kind": str(place[0]), "label": label, "count": 1, "thickness": None,
            "kindWords": "held" if held else "exchange" if place[0] == "exchange" else "magnet that moves",
            "text": [{"name": n, "value": _direction(table.get(n)), "direction": True} for n in texts], "models": [],
            "fields": [] if thing is None else list(_fields(thing, table, place, "")),
        }  # fmt: skip
    if (motion := moving.told_motion(read.document)) is not None:
        yield _motion(read.document, motion)


#: choices of ``[motion]``, by what the file has; the first is the default
_CHOICES: dict[str, list[list[str]]] = {
    "degree": [["", "the lowest that keeps the tolerance"], *([str(k), str(k)] for k in range(13))],
    "oersted": [["true", "yes"], ["false", "no"]],
}


def _motion(document: Document, table: Mapping[str, Any]) -> dict[str, Any]:
    """How the film is made into a table, as a row."""
    place = moving.motion_place(document)
    texts, fields = [], []
    for name, spec in moving.MOTION.items():
        raw, told = plain(table.get(name)), {"name": name, "doc": spec.doc, "given": name in table}
        if name in _CHOICES:
            value = _CHOICES[name][0][0] if raw is None else json.dumps(raw)
            texts.append({**told, "value": value, "choices": _CHOICES[name]})
        elif name == "B":
            parts = raw if isinstance(raw, list) else [0, 0, 0] if raw is None else [raw]
            texts.append({**told, "value": ", ".join(map(str, parts)), "vector": True})
        else:
            number = moving.motion_number(document, name)
            fields.append({**_field(moving.Motion(), name, spec, number, table.get(name), place, ""), "first": True,
                           "required": False})  # fmt: skip
    return {
        "place": list(place), "kind": "motion", "label": "motion", "count": 1, "thickness": None,
        "kindWords": "the film as a table", "text": texts, "models": [], "fields": fields,
    }  # fmt: skip


def _direction(value: Any) -> str:
    """A direction as it is typed: a letter, or three numbers in brackets."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(plain(value))


def problem(error: SpinstackError) -> dict[str, Any]:
    """What is wrong, where the page can show it."""
    told = error.errors[0]
    text = " ".join(filter(None, (str(told.why), f"Allowed: {told.allowed}." if told.allowed else "", told.remedy)))
    return {"place": list(getattr(told, "key_path", ())), "field": str(told.field), "message": str(told), "short": text}


def _doubts(film: Film | None) -> list[str]:
    if film is None or followed(film):
        return []
    from spinstack.facts.layers import perfect_contacts, warnings

    found = [*unusual(film), *warnings(film)]
    if contacts := perfect_contacts(film):
        found.append(f"Perfect contact (no interface between): {', '.join(contacts)}.")
    return list(dict.fromkeys(found))


def _row(
    place: Place, table: Mapping[str, Any], count: int, own: list[tuple[int, Element]], read: Read
) -> dict[str, Any]:
    element = own[0][1] if own else None
    kind = str(table.get("kind", ""))
    label, thickness = str(table.get("name", kind)), None
    if element is not None and read.film is not None:
        label = read.film.labels()[own[0][0]]
    if isinstance(element, Layer) and np.ndim(element.thickness) == 0:
        thickness = float(element.thickness)
    return {
        "place": list(place),
        "kind": kind,
        "kindWords": kind.replace("_", " "),
        "name": str(table.get("name", "")),
        "label": label,
        "count": count,
        "thickness": thickness,
        "magnetic": bool(element is not None and element.magnetic),
        "interface": isinstance(element, Interface),
        "insulator": isinstance(element, MagneticInsulator),
        "material": str(table.get("material", "")),
        "text": _texts(table, kind),
        "fields": [] if element is None else list(_fields(element, table, place, "")),
        "models": [] if element is None else _models(element, kind),
    }


def _texts(table: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """Fields that hold words."""
    cls = KINDS.get(kind)
    names = () if cls is None else text_fields(cls)
    return [{"name": name, "value": str(table.get(name, ""))} for name in names if name != "name"]


def _models(element: Element, kind: str) -> list[dict[str, Any]]:
    """Which models the element may have, and which it has."""
    out = []
    for field in element.models:
        have = getattr(element, field)
        out.append({
            "field": field, "have": "" if have is None else str(have.kind),
            "known": [word for word, cls in Model.filling(field).items() if not getattr(cls, "files", ())],
        })  # fmt: skip
    return out


def _fields(thing: Described, table: Any, place: Place, prefix: str) -> Iterator[dict[str, Any]]:
    table = table if isinstance(table, Mapping) else {}
    hidden = _hidden(thing)
    for name, spec in thing.specifications().items():
        value = getattr(thing, name)
        if name in hidden:
            continue
        if isinstance(value, Law):
            yield {**_head(name, spec, place, prefix), "kind": "law", "law": value.kind, "given": True, "first": True}
            yield from _fields_of_law(value, spec, table.get(name), (*place, name), f"{prefix}{name}.")
            continue
        yield _field(thing, name, spec, value, table.get(name), place, prefix)
    for field in getattr(thing, "models", ()):
        model = getattr(thing, field)
        if model is not None:
            yield from _fields(model, table.get(field), (*place, field), f"{prefix}{field}.")


def _fields_of_law(law: Law, outer: Specification, table: Any, place: Place, prefix: str) -> Iterator[dict[str, Any]]:
    for name, spec in law.inside(outer).items():
        value = getattr(law, name, None)
        if "." not in name and spec.kind in ("real", "complex") and not isinstance(value, Described):
            yield _field(law, name, spec, value, (table or {}).get(name), place, prefix)


def _hidden(thing: Described) -> set[str]:
    """What is no choice here: coefficients that a model of the element fixes."""
    return {*thing.specifications()} - {*thing.declared()} if isinstance(thing, Element) else set()


def _head(name: str, spec: Specification, place: Place, prefix: str) -> dict[str, Any]:
    return {
        "name": f"{prefix}{name}", "place": [*place, name], "si": spec.unit, "doc": spec.doc,
        "allowed": spec.allowed(), "theories": list(spec.theories), "required": not (spec.optional or spec.follows),
    }  # fmt: skip


def _field(
    thing: Any, name: str, spec: Specification, value: Any, raw: Any, place: Place, prefix: str
) -> dict[str, Any]:
    """One number: what stands in the file, what it is, the unit in which it is shown, and what a slider reaches."""
    field = _head(name, spec, place, prefix)
    unit = _unit_of(raw, spec)
    factor = 1.0 if unit == spec.unit else float(conversion(unit, spec.unit))
    default = {f.name: f.default for f in dataclasses.fields(thing)}.get(name)
    given = raw is not None
    field |= {
        "kind": "tensor" if spec.kind == "angle" and is_tensor(value) else spec.kind,
        "raw": plain(raw), "given": given, "unit": unit, "factor": factor,
        "example": example(spec.unit, spec.kind if spec.kind == "complex" else "real"),
        "first": given or name in _FIRST or (value is not None and default is dataclasses.MISSING),
        "infinite": spec.infinite,
    }  # fmt: skip
    number = value
    if value is None:
        field["value"], field["absent"] = None, True
        number = None
    elif isinstance(value, complex):
        field["value"] = [value.real, value.imag]
        number = value.real
    elif np.ndim(value) == 0:
        field["value"] = None if math.isinf(value) else float(value)
        field["off"] = math.isinf(value)
    else:
        field["value"] = np.asarray(value, float).tolist() if np.ndim(value) == 2 else None
        number = None
    one = None if number is None or not np.isfinite(number) else float(number)
    ends = reach(name, spec, one)
    field |= {"low": ends.low, "high": ends.high, "log": ends.logarithmic}
    return field


def _unit_of(raw: Any, spec: Specification) -> str:
    """The unit that the file has, where it is one that converts by a factor; else what people write."""
    words = raw if isinstance(raw, str) else ""
    unit = words.lstrip("+-0123456789.eE_∞ij() \t").strip()
    for one in (unit, _SHOWN.get(spec.unit, spec.unit)):
        if one and (one == spec.unit or not isinstance(conversion(one, spec.unit), str)):
            return one
    return spec.unit


def plain(raw: Any) -> Any:
    """What stands in the file, as JSON has it."""
    if isinstance(raw, float) and not math.isfinite(raw):
        return str(raw)
    if raw is None or isinstance(raw, str | int | float | bool):
        return raw
    if isinstance(raw, Mapping):
        return {str(k): plain(v) for k, v in raw.items()}
    return [plain(v) for v in raw] if isinstance(raw, list) else str(raw)


def facts(film: Film) -> list[dict[str, Any]]:
    """Derived lengths, conductances and resistances as tables of text."""
    from spinstack.report.facts import tables

    try:
        return list(map(table, tables(film)))
    except ParameterError:
        return []


def table(found: Table) -> dict[str, Any]:
    """A table of text, as the page draws it."""
    return {"title": found.title, "columns": list(found.columns), "rows": [list(r) for r in found.rows],
            "left": found.left, "caption": found.caption}  # fmt: skip
