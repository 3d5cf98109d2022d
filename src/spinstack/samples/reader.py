"""Building the film that a sample file describes."""

from __future__ import annotations

import math
from dataclasses import MISSING, fields
from typing import Any

import numpy as np

from spinstack import insulator, scattering  # noqa: F401  (a file may name their models)
from spinstack.stack.described import Described, MagnetModel, Model
from spinstack.stack.element import Element
from spinstack.stack.ferromagnet import Ferromagnet
from spinstack.stack.film import Film
from spinstack.stack.insulator import MagneticInsulator, Vacuum
from spinstack.stack.interface import Interface
from spinstack.stack.metal import Layer, Metal
from spinstack.stack.parameters import ParameterError, Specification, checked
from spinstack.text.document import Document, SampleError
from spinstack.text.errors import near_names, shown
from spinstack.text.toml_lines import Key
from spinstack.text.units import example, parse_quantity

KINDS: dict[str, type[Element]] = {
    "metal": Metal,
    "ferromagnet": Ferromagnet,
    "interface": Interface,
    "magnetic_insulator": MagneticInsulator,
    "vacuum": Vacuum,
}
#: fields that may be given by their reciprocal instead
RECIPROCALS = {"resistivity": ("conductivity", Specification("ohm m", "1/conductivity", low=0, open_low=True))}
_LARGEST_FILM = 100_000  # elements; a mistyped repeat should not fill the memory

KeyPath = tuple[Key, ...]


def film_from_document(document: Document) -> Film:
    """The film in the ``[[film]]`` tables of a document, checked as a whole."""
    tables = document.data.get("film")
    if tables is None:
        raise document.error(("film",), "missing. Add one [[film]] table for each element, the lowest first.")
    if not isinstance(tables, list):
        raise document.error(("film",), f"got {shown(tables)}. Write [[film]], with two brackets, for each element.")
    placed = _elements(document, ("film",), tables)
    film = Film(tuple(element for element, _ in placed))
    _check(document, film, [path for _, path in placed])
    return film


def text_fields(kind: type[Element]) -> tuple[str, ...]:
    """The fields of an element that hold text, `name` first."""
    numbers = kind.specifications()
    return tuple(f.name for f in fields(kind) if f.name not in numbers and f.type in ("str", "str | None"))


def axis_fields(model: type[Model]) -> tuple[str, ...]:
    """The fields of a model that hold a direction, such as an easy axis."""
    return tuple(f.name for f in fields(model) if f.type == "Axis")


def _elements(document: Document, path: KeyPath, tables: list[Any]) -> list[tuple[Element, KeyPath]]:
    if not tables:
        raise document.error(path, "got an empty list. Add at least one element, for example a metal.")
    out: list[tuple[Element, KeyPath]] = []
    for i, table in enumerate(tables):
        here = (*path, i)
        if not isinstance(table, dict):
            raise document.error(
                here, f"got {shown(table)}, which is not a table. Write [[film]] and its fields below."
            )
        if "elements" in table or "repeat" in table:
            group, count = _group(document, here, table)
        else:
            group, count = [(_element(document, here, table), here)], 1
        if len(out) + len(group) * count > _LARGEST_FILM:
            where = (*here, "repeat") if count > 1 else here
            raise document.error(where, f"got {count}, a film of more than {_LARGEST_FILM} elements. Allowed: fewer.")
        out += group * count
    return out


def _group(document: Document, path: KeyPath, table: dict[str, Any]) -> tuple[list[tuple[Element, KeyPath]], int]:
    for key in table:
        if key not in ("repeat", "elements"):
            raise document.unknown_key((*path, key), ("repeat", "elements"))
    for key, remedy in (("repeat", "repeat = 10"), ("elements", 'elements = [{kind = "metal", ...}, ...]')):
        if key not in table:
            raise document.error((*path, key), f"missing: repeat and elements go together. Add {remedy}.")
    count, tables = table["repeat"], table["elements"]
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise document.error((*path, "repeat"), f"got {shown(count)}. Allowed: a whole number from 1, without quotes.")
    if not isinstance(tables, list):
        raise document.error((*path, "elements"), f"got {shown(tables)}. Allowed: a list of element tables.")
    return _elements(document, (*path, "elements"), tables), count


def _element(document: Document, path: KeyPath, table: dict[str, Any]) -> Element:
    kind = _kind(document, path, table)
    specifications = kind.specifications()
    texts = text_fields(kind)
    from_library = issubclass(kind, Layer | MagneticInsulator)
    material = table.get("material") if from_library else None
    if "magnet" in kind.models and "magnet" in table:
        _check_no_conductances(document, path, table)
    known = ("kind", *texts, *kind.models, *(["material"] if from_library else []), *specifications)
    values: dict[str, Any] = {}
    for key, raw in table.items():
        here = (*path, key)
        if key in RECIPROCALS and RECIPROCALS[key][0] in specifications:
            target, specification = RECIPROCALS[key]
            if target in table:
                raise document.error(
                    here,
                    f"got {shown(raw)} beside {target} = {shown(table[target])}, which fix the same thing. Give one.",
                )
            values[target] = 1 / _value(document, here, raw, specification)
        elif key in specifications:
            values[key] = _value(document, here, raw, specifications[key])
        elif key in kind.models:
            values[key] = _model(document, here, key, raw)
            if isinstance(raw.get("material"), str):
                values = {"name": raw["material"], **values}
        elif key in texts or (key == "material" and from_library):
            if not isinstance(raw, str) or not raw:
                raise document.error(here, f"got {shown(raw)}, which is not a name. Allowed: text in quotes.")
            if key != "material":
                values[key] = raw
        elif key != "kind":
            raise _unknown(document, here, kind, known)
    _check_missing(document, path, kind, values, material)
    if material:
        values = {"name": material, **_library_values(document, path, kind, material, values), **values}
    try:
        return kind(**values)
    except ParameterError as error:
        raise _located(document, path, kind, error) from None


def _check_no_conductances(document: Document, path: KeyPath, table: dict[str, Any]) -> None:
    """Refuse conductances beside a magnet."""
    for key, remedy in (
        ("material", "Write it inside the table of the magnet, or leave that out."),
        ("spin_sink_conductance", "Give one of the two."),
        ("mixing_conductance", "Give one of the two."),
    ):
        if key in table:
            why = "beside magnet, from which the conductances follow"
            raise document.error((*path, key), f"got {shown(table[key])} {why}. {remedy}")


def _model(document: Document, path: KeyPath, field: str, raw: Any) -> Model:
    """The model in a table such as ``scattering = {kind = "delta_barrier", barrier = 0.4, ...}``."""
    kinds = {kind: model for (fills, kind), model in Model.known.items() if fills == field}
    if not isinstance(raw, dict):
        raise document.error(path, f'got {shown(raw)}. Allowed: a table such as {{kind = "{next(iter(kinds))}", ...}}.')
    if raw.get("kind") not in kinds:
        got = f"got {shown(raw['kind'])}, which is no model" if "kind" in raw else "missing"
        raise document.error((*path, "kind"), f"{got}. Allowed: {', '.join(kinds)}, in quotes.")
    model = kinds[raw["kind"]]
    specifications = model.specifications()
    switches = tuple(f.name for f in fields(model) if f.type == "bool")
    axes = axis_fields(model)
    from_library = issubclass(model, MagnetModel)
    known = ("kind", *(["material"] if from_library else []), *specifications, *axes, *switches)
    values: dict[str, Any] = {}
    for key, value in raw.items():
        here = (*path, key)
        if key in specifications:
            values[key] = _value(document, here, value, specifications[key])
        elif key in switches:
            if not isinstance(value, bool):
                raise document.error(here, f"got {shown(value)}. Allowed: true or false, without quotes.")
            values[key] = value
        elif key in axes:
            values[key] = _axis(document, here, value)
        elif key == "material" and from_library:
            if not isinstance(value, str) or not value:
                raise document.error(here, f"got {shown(value)}, which is not a name. Allowed: text in quotes.")
        elif key != "kind":
            raise document.unknown_key(here, known)
    if from_library and "material" in raw:
        values = {**_known_of_magnet(document, path, model, raw["material"], values), **values}
    _check_missing(document, path, model, values, None)
    try:
        return model(**values)
    except ParameterError as error:
        raise _located(document, path, model, error) from None


def _axis(document: Document, path: KeyPath, raw: Any) -> tuple[float, ...]:
    numbers = isinstance(raw, list) and len(raw) == 3
    numbers = numbers and all(isinstance(v, int | float) and not isinstance(v, bool) for v in raw)
    if not numbers or not all(map(math.isfinite, raw)) or not any(raw):
        raise document.error(path, f"got {shown(raw)}. Allowed: three numbers, a direction such as [0, 0, 1].")
    return tuple(float(v) for v in raw)


def _known_of_magnet(
    document: Document, path: KeyPath, model: type[Model], material: str, given: dict[str, Any]
) -> dict[str, Any]:
    """What the library knows of a magnet; what it lacks (the metal's density of states, say) is left to the file."""
    from spinstack import materials

    needed = [f.name for f in fields(model) if f.default is MISSING]
    try:
        values = materials.parameters(material, kind=model.__name__, supplied={*given, *needed})
        known = materials.material(material, model.__name__).entries
    except materials.MaterialError as error:
        raise document.error((*path, "material"), f"got {shown(material)}: {error}") from None
    return values | {name: known[name].si for name in needed if name in known and name not in given}


def _kind(document: Document, path: KeyPath, table: dict[str, Any]) -> type[Element]:
    kind = table.get("kind")
    if kind is None:
        raise document.error((*path, "kind"), f"missing. Add kind = one of {', '.join(KINDS)}, in quotes.")
    if not isinstance(kind, str) or kind not in KINDS:
        near = near_names(kind.lower(), KINDS) if isinstance(kind, str) else ""
        raise document.error(
            (*path, "kind"), f"got {shown(kind)}, which is no kind of element. {near}Allowed: {', '.join(KINDS)}."
        )
    return KINDS[kind]


def _unknown(document: Document, path: KeyPath, kind: type[Element], known: tuple[str, ...]) -> SampleError:
    if path[-1] in {f.name for f in fields(kind)}:
        return document.error(path, "cannot be given in a sample file. Leave it out and build the film in Python.")
    reciprocals = [r for r, (target, _) in RECIPROCALS.items() if target in known]
    return document.unknown_key(path, (*known, *reciprocals))


def _check_missing(
    document: Document, path: KeyPath, kind: type[Described], values: dict[str, Any], material: str | None
) -> None:
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.name not in values]
    if material:
        needed = [name for name in needed if name == "thickness"]
    if not needed:
        return
    name = needed[0]
    specification = kind.specifications().get(name)
    what = f"{specification.doc} [{specification.unit}]" if specification else "what the element is called in paths"
    value = example(specification.unit) if specification else "Pt"
    also = f" Missing, too: {', '.join(needed[1:])}." if needed[1:] else ""
    raise document.error((*path, name), f'missing, {what}. Add, for example, {name} = "{value}".{also}')


def _library_values(
    document: Document, path: KeyPath, kind: type[Element], material: str, given: dict[str, Any]
) -> dict[str, Any]:
    from spinstack import materials

    try:
        return materials.parameters(material, kind=kind.__name__, supplied=given)
    except materials.MaterialError as error:
        words = {model.__name__: word for (_, word), model in Model.known.items()}
        known_as = materials.kinds(material) if material in materials.names() else ()
        found = next((words[k] for k in known_as if k in words), "") if kind is MagneticInsulator else ""
        hint = f' Write magnet = {{kind = "{found}", material = "{material}", ...}} for its moments.' if found else ""
        raise document.error((*path, "material"), f"got {shown(material)}: {error}{hint}") from None


def _value(document: Document, path: KeyPath, raw: Any, specification: Specification) -> Any:
    """The SI value of one field: unit converted and range checked."""
    if specification.kind == "angle" and isinstance(raw, list):
        return _tensor(document, path, raw, specification)
    if isinstance(raw, list):
        raise document.error(path, f"got {shown(raw)}, a list. Allowed: one value; a sweep takes several.")
    kind = "complex" if specification.kind == "complex" else "real"
    try:
        value = parse_quantity(raw, specification.unit, kind=kind, infinite=specification.infinite)
    except ParameterError as error:
        # real and imag of a table have lines of their own
        raise document.located(error, (*path, error.field) if error.field else path) from None
    return _in_range(document, path, raw, value, specification)


def _in_range(document: Document, path: KeyPath, raw: Any, value: Any, specification: Specification) -> Any:
    try:
        return checked("", "", value, specification)
    except ParameterError as error:
        # the check shows the SI value; show what stands in the file
        raise document.located(error.with_fields(got=raw), path) from None


def _tensor(document: Document, path: KeyPath, raw: list[Any], specification: Specification) -> Any:
    if len(raw) != 3 or any(not isinstance(row, list) or len(row) != 2 for row in raw):
        raise document.error(path, f"got {shown(raw)}, which is not 3x2. Allowed: {specification.allowed()}.")
    entries = Specification(specification.unit, specification.doc)
    return np.array(
        [[_value(document, (*path, i, j), entry, entries) for j, entry in enumerate(row)] for i, row in enumerate(raw)]
    )


def _located(document: Document, path: KeyPath, kind: type[Described], error: ParameterError) -> SampleError:
    """The same complaint with the place in the file in front, instead of the element's name."""
    specification = kind.specifications().get(error.field)
    if specification is not None:
        written = example(specification.unit, "complex" if specification.kind == "complex" else "real")
        error = error.with_fields(remedy=f'{error.remedy} In the file: {error.field} = "{written}".'.lstrip())
    return document.located(error, (*path, *error.path))


def _check(document: Document, film: Film, paths: list[KeyPath]) -> None:
    try:
        film.check()
    except ParameterError as error:
        index, *field = error.path or (None,)
        path = paths[index] if isinstance(index, int) else ("film",)
        raise document.located(error, (*path, *field)) from None
