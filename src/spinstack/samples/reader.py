"""Building the film that a sample file describes; what is wrong in it is reported all at once, each with its line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from spinstack import insulator, laws, scattering  # noqa: F401  (a file may name their models and laws)
from spinstack.stack.altermagnet import Altermagnet
from spinstack.stack.described import Described, Model
from spinstack.stack.element import Element
from spinstack.stack.ferromagnet import Ferromagnet
from spinstack.stack.film import Film
from spinstack.stack.insulator import MagneticInsulator, Vacuum
from spinstack.stack.interface import Interface
from spinstack.stack.junction import TunnelJunction
from spinstack.stack.laws import OWN, Law, laws_of
from spinstack.stack.metal import Metal
from spinstack.stack.parameters import Specification, checked
from spinstack.text import checks
from spinstack.text.document import Document, SampleError
from spinstack.text.errors import NOTHING, ParameterError, Problems, SpinstackError, near_names
from spinstack.text.toml_lines import Key
from spinstack.text.units import example, parse_quantity

KINDS: dict[str, type[Element]] = {
    "metal": Metal,
    "ferromagnet": Ferromagnet,
    "altermagnet": Altermagnet,
    "interface": Interface,
    "tunnel_junction": TunnelJunction,
    "magnetic_insulator": MagneticInsulator,
    "vacuum": Vacuum,
}
#: fields that may be given by their reciprocal instead
RECIPROCALS = {"resistivity": ("conductivity", Specification("ohm m", "1/conductivity", low=0, open_low=True))}
_LARGEST_FILM = 100_000  # elements; a mistyped repeat should not fill the memory

KeyPath = tuple[Key, ...]


def elements_of(document: Document) -> list[tuple[Element, KeyPath]]:
    """The elements in the ``[[film]]`` tables of a document with their places, each checked by itself.

    Raises :class:`SampleError` for everything that is wrong in them.
    """
    tables = document.data.get("film")
    if tables is None:
        raise document.error(("film",), "missing", remedy="Add one [[film]] table for each element, the lowest first.")
    if not isinstance(tables, list):
        remedy = "Write [[film]], with two brackets, for each element."
        raise document.error(("film",), got=tables, remedy=remedy)
    problems = Problems()
    placed = _elements(document, ("film",), tables, problems)
    problems.end()
    return placed


def element_at(document: Document, place: KeyPath) -> Element:
    """The element in the table at a place, checked by itself; raises :class:`SampleError`."""
    table = document.value(place)
    element: Element = _described(document, place, table, _kind(document, place, table))
    return element


def film_from_document(document: Document) -> Film:
    """The film in the ``[[film]]`` tables of a document, checked as a whole.

    Raises :class:`SampleError` for everything that is wrong in its elements, or where they do not make a film.
    """
    return film_of(document, elements_of(document))


def film_of(document: Document, placed: Sequence[tuple[Element, KeyPath]]) -> Film:
    """The film of elements that :func:`elements_of` has read, checked as a whole."""
    problems = Problems()
    film = Film(tuple(element for element, _ in placed))
    try:
        film.check()
    except ParameterError as wrong:
        for error in wrong.errors:
            index, *field = error.path or (None,)
            path = placed[index][1] if isinstance(index, int) else ("film",)
            problems.errors.append(document.located(error, (*path, *field)))
    problems.end()
    return film


def text_fields(kind: type[Described]) -> tuple[str, ...]:
    """The fields of an element that hold text, `name` first."""
    return tuple(f.name for f in fields(kind) if f.type in ("str", "str | None"))


def axis_fields(model: type[Described]) -> tuple[str, ...]:
    """The fields of a model that hold a direction, such as an easy axis."""
    return tuple(f.name for f in fields(model) if f.type == "Axis")


#: what the numbers of a list are, by the type of its field
_LISTS = {
    "Temperatures": Specification("K", "temperature", low=0),
    "Lengths": Specification("m", "length", low=0, open_low=True),
}


#: what such a list is, and how it is written, by its unit
_SEVERAL = {
    "K": ("in kelvin", '["10 K", "300 K"]'),
    "m": ("lattice constants a and c", '["4.5 angstrom", "3.1 angstrom"]'),
}


def list_fields(kind: type[Described]) -> dict[str, Specification]:
    """The fields of an element or a law that hold a list of numbers of their own, and what these are."""
    return {f.name: _LISTS[f.type] for f in fields(kind) if isinstance(f.type, str) and f.type in _LISTS}


def _elements(
    document: Document, path: KeyPath, tables: list[Any], problems: Problems
) -> list[tuple[Element, KeyPath]]:
    if not tables:
        remedy = "Add at least one element, for example a metal."
        problems.errors.append(document.error(path, "which is an empty list", got=tables, remedy=remedy))
    out: list[tuple[Element, KeyPath]] = []
    for i, table in enumerate(tables):
        here = (*path, i)
        with problems:
            if not isinstance(table, dict):
                remedy = "Write [[film]] and its fields below."
                raise document.error(here, "which is not a table", got=table, remedy=remedy)
            group, count = [], 1
            if "elements" in table or "repeat" in table:
                count, inside = _group(document, here, table)
                group = _elements(document, (*here, "elements"), inside, problems)
            else:
                group = [(_described(document, here, table, _kind(document, here, table)), here)]
            if len(out) + len(group) * count > _LARGEST_FILM:
                why = f"a film of more than {_LARGEST_FILM} elements"
                raise document.error((*here, "repeat") if count > 1 else here, why, got=count, allowed="fewer")
            out += group * count
    return out


def _group(document: Document, path: KeyPath, table: dict[str, Any]) -> tuple[int, list[Any]]:
    """How often the elements of a group repeat, and their tables."""
    problems = Problems()
    for key in table:
        with problems:
            if key not in ("repeat", "elements"):
                raise document.unknown_key((*path, key), ("repeat", "elements"))
    for key, sample in (("repeat", "repeat = 10"), ("elements", 'elements = [{kind = "metal", ...}, ...]')):
        with problems:
            if key not in table:
                why = "missing: repeat and elements go together"
                raise document.error((*path, key), why, remedy=f"Add {sample}.")
    problems.end()
    count, tables = table["repeat"], table["elements"]
    with problems:
        if not checks.is_whole(count) or count < 1:
            allowed = "a whole number from 1, without quotes"
            raise document.error((*path, "repeat"), got=count, allowed=allowed)
    with problems:
        if not isinstance(tables, list):
            raise document.error((*path, "elements"), got=tables, allowed="a list of element tables")
    problems.end()
    return count, tables


def _kind(document: Document, path: KeyPath, table: dict[str, Any]) -> type[Element]:
    here, names = (*path, "kind"), ", ".join(KINDS)
    if "kind" not in table:
        raise document.error(here, "missing", remedy=f"Add kind = one of {names}, in quotes.")
    kind = table["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        near = near_names(kind.lower(), KINDS).strip() if isinstance(kind, str) else ""
        raise document.error(here, "which is no kind of element", got=kind, allowed=names, remedy=near)
    return KINDS[kind]


def _described(
    document: Document, path: KeyPath, table: dict[str, Any], kind: type[Any], outer: Specification | None = None
) -> Any:
    """The element, model or law of this kind in the table at `path`, a law as the value of a parameter `outer`."""
    problems = Problems()
    values: dict[str, Any] = {}
    given = set()
    for key, raw in table.items():
        name, specification = RECIPROCALS.get(key, (key, None))
        given.add(name if name in kind.specifications() else key)
        with problems:
            if specification is None or name not in kind.specifications():
                values[key] = _field(document, (*path, key), kind, key, raw, outer)
            elif isinstance(raw, dict) and name not in table:
                values[name] = _law(document, (*path, key), kind, name, raw)
            elif name in table:
                why = f"beside {name}, which fixes the same thing"
                raise document.error((*path, key), why, got=raw, remedy="Give one.")
            else:
                values[name] = 1 / value_of(document, (*path, key), raw, specification)
    del values["kind"]
    material, anywhere = values.pop("material", None), values.pop("any_temperature", False)
    with problems:
        if anywhere and "material" not in table:
            why = "beside no material, whose values it is about"
            raise document.error((*path, "any_temperature"), why, got=anywhere, remedy="Leave it out.")
    # of a material that is not known, nothing but the thickness is missed
    needed = {"thickness"} if "material" in table else {*kind.required()}
    with problems:
        if material is not None and table.get("magnet") and "magnet" in kind.models:
            why = "beside magnet, from which the conductances follow"
            remedy = "Write it inside the table of the magnet, or leave that out."
            raise document.error((*path, "material"), why, got=material, remedy=remedy)
        if material is not None:
            known = _known(document, (*path, "material"), kind, material, given, anywhere)
            values = {name: value for name, value in known.items() if name not in given} | values
            needed = {*kind.required(), *getattr(kind, "essential", ())}
    if "name" in {f.name for f in fields(kind)}:
        within = [table.get(field) for field in kind.models]
        named = [material, *(model.get("material") for model in within if isinstance(model, dict))]
        for name in named if kind is not Interface else ():
            if isinstance(name, str):
                values.setdefault("name", name)
    needed -= kind.following({*values, *given})
    for name in (f.name for f in fields(kind) if f.name in needed):
        with problems:
            if name not in values and name not in given:
                raise _missing(document, (*path, name), kind, name, outer)
    problems.end()
    try:
        return kind(**values)
    except ParameterError as wrong:
        problems.errors += [_located(document, path, kind, error, outer) for error in wrong.errors]
    problems.end()


def _field(
    document: Document, path: KeyPath, kind: type[Described], key: str, raw: Any, outer: Specification | None = None
) -> Any:
    """The value of one key of the table of an element, model or law, checked by itself."""
    specifications, texts, axes = kind.specifications(), text_fields(kind), axis_fields(kind)
    switches = tuple(f.name for f in fields(kind) if f.type == "bool")
    samples = getattr(kind, "samples", {})
    from_library = ("material",) if hasattr(kind, "of") and getattr(kind, "in_library", True) else ()
    accepts = ("any_temperature",) if kind is Interface else ()
    if key in specifications:
        if isinstance(raw, dict) and "kind" in raw and kind.follows_laws and specifications[key].law:
            return _law(document, path, kind, key, raw)
        return value_of(document, path, raw, _declared(specifications[key], outer))
    if key in list_fields(kind):
        return _list(document, path, raw, list_fields(kind)[key])
    if key in kind.models:
        return _model(document, path, key, raw)
    if key in axes:
        return _axis(document, path, raw)
    if key in samples and isinstance(raw, list) and len(raw) == 3 and all(map(checks.is_number, raw)):
        return raw
    if key in samples and not (isinstance(raw, str) and raw):
        raise document.error(path, got=raw, allowed=f'text such as "{samples[key]}", or three numbers')
    if key in (*texts, *from_library) and not (isinstance(raw, str) and raw):
        raise document.error(path, "which is not a name", got=raw, allowed="text in quotes")
    if key in texts and key in getattr(kind, "files", ()):
        return str(Path(document.source or "").parent / raw)
    if key in (*switches, *accepts) and not isinstance(raw, bool):
        raise document.error(path, got=raw, allowed="true or false, without quotes")
    if key in ("kind", *texts, *from_library, *switches, *accepts):
        return raw
    known = (
        "kind",
        *texts,
        *list_fields(kind),
        *kind.models,
        *from_library,
        *accepts,
        *specifications,
        *axes,
        *switches,
    )
    raise document.unknown_key(path, (*known, *(r for r, (name, _) in RECIPROCALS.items() if name in known)))


def _model(document: Document, path: KeyPath, field: str, raw: Any) -> Model:
    """The model in a table such as ``scattering = {kind = "delta_barrier", barrier = 0.4, ...}``."""
    kinds = Model.filling(field)
    if not isinstance(raw, dict):
        raise document.error(path, got=raw, allowed=f'a table such as {{kind = "{next(iter(kinds))}", ...}}')
    if "kind" not in raw or raw["kind"] not in kinds:
        why = "which is no model" if "kind" in raw else "missing"
        got = raw.get("kind", NOTHING)
        raise document.error((*path, "kind"), why, got=got, allowed=f"{', '.join(kinds)}, in quotes")
    return _described(document, path, raw, kinds[raw["kind"]])


def _law(document: Document, path: KeyPath, kind: type[Described], name: str, raw: dict[str, Any]) -> Law:
    """The law in a table such as ``spin_diffusion_length = {kind = "elliott_yafet", ...}``."""
    allowed = [word for word, law in Law.known.items() if law.__name__ in laws_of(name)]
    if raw.get("kind") not in allowed:
        why = f"which is no law of {name}" if "kind" in raw else "missing"
        got = raw.get("kind", NOTHING)
        raise document.error((*path, "kind"), why, got=got, allowed=f"{', '.join(allowed)}, in quotes")
    return _described(document, path, raw, Law.known[raw["kind"]], kind.specifications()[name])


def _declared(specification: Specification, outer: Specification | None) -> Specification:
    """What is declared of a number of a law in the unit of the parameter `outer` that follows it."""
    if specification.unit != OWN or outer is None:
        return specification
    kind = specification.kind if outer.kind == "angle" else outer.kind
    return replace(outer, doc=specification.doc, kind="table" if specification.kind == "table" else kind)


def _list(document: Document, path: KeyPath, raw: Any, specification: Specification, kind: str = "real") -> Any:
    """Several values, each with its unit, in SI."""
    if not isinstance(raw, list) or not raw:
        value = example(specification.unit, kind)
        raise document.error(path, got=raw, allowed=f'a list of values, such as ["{value}", "{value}"]')
    one = replace(specification, kind=kind)
    return np.array([value_of(document, (*path, i), entry, one) for i, entry in enumerate(raw)])


def _axis(document: Document, path: KeyPath, raw: Any) -> tuple[float, ...]:
    numbers = isinstance(raw, list) and len(raw) == 3 and all(map(checks.is_number, raw))
    if not numbers or not all(abs(v) <= sys.float_info.max for v in raw) or not any(raw):
        raise document.error(path, got=raw, allowed="three numbers, a direction such as [0, 0, 1]")
    return tuple(float(v) for v in raw)


def _known(
    document: Document, path: KeyPath, kind: type[Described], material: str, given: set[str], anywhere: bool
) -> dict[str, Any]:
    """What the library knows of a material, or of an interface; what it lacks is left to the file."""
    from spinstack import interfaces, materials

    if kind is Interface:
        try:
            return interfaces.parameters(material, given, anywhere)
        except materials.MaterialError as wrong:
            problems = Problems()
            for error in wrong.errors:
                here = path if error.field == "interface" else (*path[:-1], error.field)
                problems.errors.append(document.located(error, here))
            problems.end()
    try:
        return {name: entry.si for name, entry in materials.material(material, kind.__name__).entries.items()}
    except materials.MaterialError as error:
        words = {model.__name__: word for (_, word), model in Model.known.items()}
        known_as = materials.kinds(material) if material in materials.names() else ()
        found = next((words[k] for k in known_as if k in words), "") if kind is MagneticInsulator else ""
        hint = f'Write magnet = {{kind = "{found}", material = "{material}", ...}} for its moments.' if found else ""
        raise document.located(error.with_fields(remedy=f"{error.remedy} {hint}".strip()), path) from None


def _missing(
    document: Document, path: KeyPath, kind: type[Described], name: str, outer: Specification | None = None
) -> SampleError:
    if name in list_fields(kind):
        what, several = _SEVERAL[list_fields(kind)[name].unit]
        return document.error(path, f"missing, {what}", remedy=f"Add, for example, {name} = {several}.")
    if name in (samples := getattr(kind, "samples", {})):
        return document.error(path, "missing", remedy=f'Add, for example, {name} = "{samples[name]}".')
    specification = kind.specifications().get(name)
    specification = specification and _declared(specification, outer)
    what = f"{specification.doc} [{specification.unit}]" if specification else "what the element is called in paths"
    value = _written(specification) if specification else '"Pt"'
    return document.error(path, f"missing, {what}", remedy=f"Add, for example, {name} = {value}.")


def _written(specification: Specification) -> str:
    """A value as a file has it."""
    value = f'"{example(specification.unit, "complex" if specification.kind == "complex" else "real")}"'
    return f"[{value}, {value}]" if specification.kind == "table" else value


def value_of(document: Document, path: KeyPath, raw: Any, specification: Specification) -> Any:
    """The SI value of one field: unit converted and range checked."""
    if specification.kind == "table":
        values = _list(document, path, raw, specification, "complex" if specification.unit == "S/m^2" else "real")
        return values if np.iscomplexobj(values) and values.imag.any() else values.real.copy()
    if specification.kind == "angle" and isinstance(raw, list):
        return _tensor(document, path, raw, specification)
    if isinstance(raw, list):
        raise document.error(path, "a list", got=raw, allowed="one value; a sweep takes several")
    kind = "complex" if specification.kind == "complex" else "real"
    try:
        value = parse_quantity(raw, specification.unit, kind=kind, infinite=specification.infinite)
        return checked("", "", value, specification)
    except ParameterError as error:
        # real and imag of a table have lines of their own; the check shows the SI value: show what stands in the file
        part = (error.field,) if error.field else ()
        raise document.located(error if part else error.with_fields(got=raw), (*path, *part)) from None


def _tensor(document: Document, path: KeyPath, raw: list[Any], specification: Specification) -> Any:
    if len(raw) != 3 or any(not isinstance(row, list) or len(row) != 2 for row in raw):
        raise document.error(path, "which is not 3x2", got=raw, allowed=specification.allowed())
    entries = Specification(specification.unit, specification.doc)
    return np.array(
        [
            [value_of(document, (*path, i, j), entry, entries) for j, entry in enumerate(row)]
            for i, row in enumerate(raw)
        ]
    )


def _located(
    document: Document, path: KeyPath, kind: type[Described], error: SpinstackError, outer: Specification | None = None
) -> SampleError:
    """The same complaint with the place in the file in front and what stands there, instead of the element's name."""
    specification = kind.specifications().get(error.field)
    if specification is not None:
        remedy = f"{error.remedy} In the file: {error.field} = {_written(_declared(specification, outer))}.".lstrip()
        error = error.with_fields(remedy=remedy)
    here = (*path, *error.path)
    written = document.value(here)
    return document.located(error if written is None else error.with_fields(got=written), here)
