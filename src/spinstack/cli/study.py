"""The requests of a sample file, all checked against its film before anything is computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from spinstack.cli import theory
from spinstack.cli.magnet_requests import face_conductances, field_scan, temperature_scan
from spinstack.cli.map_observables import OBSERVABLES, needs_conduction, read_observable
from spinstack.cli.reader import Table, entries, guarded, with_models
from spinstack.cli.requests import FieldContributions, FieldScan, Map, Perpendicular, Profile, Scan, Study, Torque
from spinstack.stack import Film, ParameterError
from spinstack.stack.parameters import Specification
from spinstack.text.document import Document
from spinstack.text.units import parse_quantity

_MOST_FILMS = 4_000_000
_FIGURES = ("png", "pdf", "svg")


def read_study(document: Document, film: Film) -> Study:
    """The checked requests of `document`; without any, three angular scans and a profile for m along y.

    A film whose magnets need a temperature has no such default: its study is then empty.

    Raises :class:`spinstack.text.document.SampleError` (file, line, what to do) for everything that is not allowed.
    """
    names: set[str] = set()
    directory, figures = _output(document, film)
    common: dict[str, Any] = {"title": document.data.get("title", ""), "directory": directory, "figures": figures}
    theories = theory.read(document, film)
    asked: dict[str, Any] = {}
    for section, (plural, default_name, read) in _SECTIONS.items():
        tables = entries(document, film, section)
        asked[plural] = tuple(_request(read, t, _name(t, default_name, names), theories) for t in tables)
    separated = [scan for scan in asked["field_scans"] if scan.contributions]
    asked["contributions"] = tuple(_contributions(document, scan, names) for scan in separated)
    if not any(asked.values()) and not with_models(film):
        nothing = Table(document, film, (), {})
        asked = {
            "scans": (_request(_scan, nothing, "angular_scan", theories),),
            "profiles": (_request(_profile, nothing, "profile", theories),),
        }
    theories.check_used()
    return Study(**common, **asked)


def _name(table: Table, default: str, taken: set[str]) -> str:
    """The name of a result's files: given by the user, or numbered."""
    name = table.data.get("name")
    if name is None:
        name, n = default, 1
        while name in taken:
            n += 1
            name = f"{default}_{n}"
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w-]{0,79}", name):
        raise table.error("name", f"got {name!r}. Allowed: letters, digits, '_' and '-', at most 80; it names files.")
    # file systems that ignore case would write one result over the other
    if name.casefold() in {t.casefold() for t in taken}:
        raise table.error("name", f"got {name!r}, which another request of this file has. Give each its own name.")
    taken.add(name)
    return name


def _contributions(document: Document, scan: FieldScan, taken: set[str]) -> FieldContributions:
    name = f"{scan.name}_contributions"
    if name.casefold() in {t.casefold() for t in taken}:
        raise document.error(
            ("field_scan",), f"{name!r} names the contributions of a scan and another request. Give each its own name."
        )
    return FieldContributions(name, scan, scan.changes)


def _request(read: Callable[[Table, str], Any], table: Table, name: str, theories: theory.Theories) -> Any:
    """One request with its solver, read for the film that its own ``set`` table makes."""
    rest = {key: value for key, value in table.data.items() if key != "solver"} if table.path else {}
    request = _changed(read, replace(table, data=rest), name)
    return theories.choose(table, request)


def _changed(read: Callable[[Table, str], Any], table: Table, name: str) -> Any:
    if "set" not in table.data:
        return read(table, name)
    settings = table.inside("set", table.data["set"], 'Write set = { "Pt.thickness" = "3 nm" }.')
    changes = {path: _setting(settings, path) for path in settings.data}
    film = guarded(settings, lambda: table.film.replace(changes))
    guarded(settings, film.check)
    rest = {key: value for key, value in table.data.items() if key != "set"}
    return replace(read(replace(table, film=film, data=rest), name), changes=tuple(changes.items()))


def _setting(settings: Table, path: str) -> Any:
    """The value [SI] that ``set`` gives to one parameter path."""
    spec = _specification(settings, path)
    kind = "complex" if spec.kind == "complex" and not path.endswith((".real", ".imag")) else "real"
    value = settings.data[path]
    return guarded(settings, lambda: parse_quantity(value, spec.unit, kind=kind, infinite=spec.infinite), path)


def _specification(table: Table, path: str) -> Specification:
    """The declaration of the parameter at `path`, which need not have a value yet."""
    film = table.film
    guarded(table, lambda: film.specification(path), path)
    return film.specification(path)


def _scan(table: Table, name: str) -> Scan:
    table.only("name", "plane", "angles", "field", "T")
    return Scan(name, table.planes(), table.angles(), table.field_strength(), table.temperature())


def _profile(table: Table, name: str) -> Profile:
    table.only("name", "m", "B", "E", "points", "T")
    B, E, T = table.field(), table.electric(), table.temperature()
    return Profile(name, table.directions(B), B, E, table.count("points", 41), T)


def _torque(table: Table, name: str) -> Torque:
    table.only("name", "plane", "angles", "B", "E", "T")
    if not table.film.magnets:
        raise table.error(
            None, "the film has no magnet to exert a torque on. Add a Ferromagnet or a MagneticInsulator."
        )
    return Torque(name, table.plane(), table.angles(), table.field(), table.electric(), table.temperature())


def _perpendicular(table: Table, name: str) -> Perpendicular:
    table.only("name", "m", "B", "T")
    needs_conduction(table)
    B = table.field()
    return Perpendicular(name, table.directions(B), B, table.temperature())


def _map(table: Table, name: str) -> Map:
    table.only("name", "over", "observable", "T")
    over = table.inside("over", table.data.get("over"), 'Write over = { "Pt.thickness" = ["1 nm", "2 nm"] }.')
    if not 1 <= len(over.data) <= 2:
        raise table.error("over", f"got {len(over.data)} parameter paths. Allowed: one (a curve) or two (a map).")
    values = {path: _swept(over, path) for path in over.data}
    count = int(np.prod([len(v) for v in values.values()]))
    if count > _MOST_FILMS:
        raise table.error("over", f"asks for {count:,} films. Allowed: up to {_MOST_FILMS:,}; take fewer points.")
    if len(values) == 2:
        first, second = values
        try:
            batch = {first: np.array(values[first])[:, None], second: np.array(values[second])[None]}
            table.film.replace(batch).check()
        except ParameterError as error:
            raise table.error("over", str(error)) from None
    return Map(name, values, read_observable(table))


def _swept(over: Table, path: str) -> tuple[float, ...]:
    """The values of one swept parameter [SI], each allowed for the film."""
    film = over.film
    spec = _specification(over, path)
    if spec.kind == "complex" and not path.endswith((".real", ".imag")):
        raise over.error(path, f"is complex. Sweep one part of it: {path + '.real'!r} or {path + '.imag'!r}.")
    values = over.values(path, over.data[path], spec.unit)
    if len(set(values)) < len(values):
        raise over.error(path, "names a value twice. Give each once.")
    guarded(over, lambda: film.replace({path: np.array(values)}), path)
    return values


def _output(document: Document, film: Film) -> tuple[str | None, tuple[str, ...]]:
    found = entries(document, film, "output")
    if not found:
        return None, _FIGURES[:2]
    table = found[0]
    if len(found) > 1:
        raise found[1].error(None, "the file has several [output] tables. Allowed: one.")
    table.only("directory", "figures")
    directory = table.data.get("directory")
    if directory is not None and (not isinstance(directory, str) or not directory.strip()):
        raise table.error("directory", f"got {directory!r}. Allowed: the path of a folder, as text.")
    figures = table.data.get("figures", list(_FIGURES[:2]))
    if not isinstance(figures, list) or any(f not in _FIGURES for f in figures):
        raise table.error(
            "figures", f"got {figures!r}. Allowed: a list of {', '.join(map(repr, _FIGURES))}, or [] for none."
        )
    return directory, tuple(dict.fromkeys(figures))


_SECTIONS: dict[str, tuple[str, str, Callable[[Table, str], Any]]] = {
    "scan": ("scans", "angular_scan", _scan),
    "field_scan": ("field_scans", "field_scan", field_scan),
    "temperature_scan": ("temperature_scans", "temperature_scan", temperature_scan),
    "face_conductances": ("face_conductances", "face_conductances", face_conductances),
    "profile": ("profiles", "profile", _profile),
    "torque": ("torques", "torque", _torque),
    "perpendicular": ("perpendiculars", "perpendicular", _perpendicular),
    "map": ("maps", "map", _map),
}
#: what a map can show, by name
_OBSERVABLES = OBSERVABLES
