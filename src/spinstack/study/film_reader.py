"""Reading a sample file: its requests, all checked against its film before anything is computed."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from spinstack.observables.registry import Observable
from spinstack.observables.rehearsal import rehearse
from spinstack.samples.reader import film_from_document
from spinstack.stack import Film, ParameterError
from spinstack.study import components, conditions, moving
from spinstack.study.arguments import convert, own_parameters, unknown
from spinstack.study.entries import MAP_KEYS, Entry, entries, mapped, plain_entry
from spinstack.study.film import FilmRequest, FilmStudy
from spinstack.study.moving_entries import moving_entries
from spinstack.study.output import Output
from spinstack.study.table import Table
from spinstack.study.theory import Theories
from spinstack.text.checks import choice, required, switch
from spinstack.text.document import Document, check_tables, read_document
from spinstack.text.plain import is_device, same_file, visible
from spinstack.text.units import parse_quantity

#: tables and values of a sample file that ask for nothing
_OTHERS = ("spinstack", "title", "description", "film", "solver", "output")
_MOST_FILMS = 4_000_000
_NAME = re.compile(r"\w[\w-]{0,79}")


def tables() -> tuple[str, ...]:
    """The tables that a sample file may have."""
    return (*_OTHERS[:4], *moving.TABLES, *entries(), *moving_entries(), "map", *_OTHERS[4:])


def load_sample(path: str | os.PathLike[str]) -> Film:
    """The film that a sample file describes; raises :class:`SampleError` with file, line and field if it is not valid.

    Args:
        path: the file. Tables beside ``[[film]]`` (such as ``[[scan]]``) ask for results; only their names are read.
    """
    return film_from_document(read_document(path, allowed=tables()))


def read_film_study(source: str | os.PathLike[str] | Document, film: Film | None = None) -> FilmStudy:
    """The checked requests of a sample file; without any, three angular scans and a profile for m along y.

    A film that needs a temperature has no such default: its study is then empty. Raises :class:`SampleError`
    for everything that is wrong, each with file, line and what to do. Drift-diffusion is not loaded. A `film` is that
    of the file where somebody has read it already.
    """
    document = source if isinstance(source, Document) else read_document(source)
    check_tables(document, tables())
    film = film_from_document(document) if film is None else film
    root = Table.of(document)
    magnets = moving.read_magnets(root, film)
    reader = _Reader(root, film, Theories.read(root), magnets)
    known = entries()
    for word, entry in known.items():
        for table in root.entries(word):
            reader.request(entry, table)
    for table in root.entries("map"):
        reader.map(table)
    if magnets is not None:
        reader.found = [moving.with_moments(request, magnets) for request in reader.found]
    for word, asked in moving_entries().items():
        for table in root.entries(word):
            reader.moving(asked, table)
    if not reader.found and not root.problems and not conditions.thermal(film):
        reader.request(known["scan"], root.inside(data={}))
        reader.request(known["profile"], root.inside(data={"m": "y"} if film.magnets else {}))
    reader.theories.finish()
    output = Output.read(root)
    root.finish()
    title = visible(document.data.get("title", "") or Path(document.source).stem)
    return FilmStudy(document, film, title, tuple(reader.found), output)


@dataclass
class _Reader:
    root: Table
    film: Film
    theories: Theories
    #: those that move, where the file describes any
    magnets: moving.Magnets | None = None
    found: list[FilmRequest] = field(default_factory=list)
    #: what is taken, by the names that some file system takes for one; film is that of the figure of the film
    names: set[str] = field(default_factory=lambda: {"film"})

    def request(self, entry: Entry, table: Table) -> None:
        """One table that asks for an observable, or with a switch for a second one, too."""
        before = len(self.root.problems)
        film, changes = self.changed(table)
        on = [name for name in (*entry.instead, *entry.beside) if self.switched(table, name)]
        asked = next((entry.of(entry.instead[name]) for name in on if name in entry.instead), entry)
        own = table.without("name", "set", *entry.instead, *entry.beside, *(["solver"] if asked.takes_solver else []))
        for name in entry.only_of_others(asked) & {*own.data}:
            switches = " and ".join(f"{switch} = {str(switch in on).lower()}" for switch in entry.instead)
            table.refuse(ParameterError(f"with {switches}", got=own.data[name], remedy="Leave it out."), name)
            own = own.without(name)
        also = ("name", "set", *entry.instead, *entry.beside)
        follows = "m" in asked.hints and own.data.get("m") == moving.FOLLOW
        kinds = {n: h for n, h in asked.hints.items() if n != "m"} if follows else asked.hints
        arguments = read_arguments(own.without("m") if follows else own, kinds, asked.signature, film, also)
        if follows and self.known(table) and self.magnets is not None:
            arguments["m"] = moving.Followed(self.magnets, film)
        if why := entry.refused(film):
            table.refuse(ParameterError(why))
        name = self.name(table, entry.name)
        request = FilmRequest(name, entry.word, arguments, table.path, entry=asked, film=film, changes=changes)
        requests = [request]
        for key in (name for name in on if name in entry.beside):
            both = entry.of(entry.beside[key])
            second = self.name(table.inside(data={}), f"{name}_{key}", numbered=False)
            taken = {n: v for n, v in arguments.items() if n in both.hints}
            requests.append(replace(request, name=second, arguments=taken, entry=both))
        self.keep(requests, table, before)
        if len(self.root.problems) == before and asked.undrawn(film, arguments):
            several = " or ".join(n for n, hint in asked.hints.items() if "Sequence" in str(hint))
            table.refuse(ParameterError("one number would be drawn", remedy=f"Give several values of {several}."))

    def known(self, table: Table) -> bool:
        """Whether the file says what moves; what is wrong with its magnets is noted elsewhere."""
        if self.magnets is None and "magnet" not in self.root.data:
            why = "and no [[magnet]] says what moves"
            remedy = 'Add [[magnet]] with name = "Co", magnetization = "1.1e6 A/m" and what holds it.'
            table.refuse(ParameterError(why, remedy=remedy))
        return self.magnets is not None

    def moving(self, entry: Entry, table: Table) -> None:
        """One table that asks something of magnets that move."""
        before = len(self.root.problems)
        film, changes = self.changed(table)
        own = table.without("name", "set", "solver")
        arguments = own.read(entry.signature, moving.meaning(film), given=1, also=("name", "set", "solver"))
        name = self.name(table, entry.name)
        if self.known(table) and self.magnets is not None:
            request = moving.MovingRequest(
                name, entry.word, arguments, table.path, entry=entry, film=film, changes=changes, magnets=self.magnets
            )
            self.keep([request], table, before)

    def map(self, table: Table) -> None:
        """``[[map]]``: an observable over one or two parameter paths."""
        before = len(self.root.problems)
        for name in {*table.data} - {*MAP_KEYS}:
            table.refuse(unknown(name, table.data[name], MAP_KEYS))
        film, changes = self.changed(table)
        over = self.over(table, film, changes)
        name = self.name(table, "map")
        observable, inner = self.mapped(table)
        if observable is None:
            return
        entry = plain_entry(observable, "map")
        chosen = {n: v for n, v in inner.data.items() if n not in entry.hints}
        arguments = read_arguments(inner.without(*chosen), entry.hints, entry.signature, film, (), beside=table)
        if len(self.root.problems) > before:
            return
        with table.telling("observable"):
            rehearse(entry.signature, film, arguments)
            picked = components.keys(observable.labels(film, **arguments), inner.data.get("variable"))
            for key in {*chosen} - {*picked}:
                inner.refuse(unknown(key, chosen[key], ("name", *entry.hints, *picked)))
            component = components.read_component(inner, observable, film, arguments)
            request = FilmRequest(
                name, "map", arguments, table.path, entry=entry, film=film, changes=changes, over=over,
                component=component,
            )  # fmt: skip
            self.keep([request], table, before)

    def mapped(self, table: Table) -> tuple[Observable | None, Table]:
        """The observable of a map, None where there is none of that name, and the table of its arguments."""
        value = table.data.get("observable", "magnetoresistance")
        known = mapped()
        if not isinstance(value, dict):
            inner = table.inside("observable", data={})
            with table.refusing():
                return known[choice(value, "observable", known)], inner
        else:
            inner = table.inside("observable")
            with inner.refusing():
                name = required(inner.data.get("name"), "name", f"Give one of {', '.join(known)}.")
                return known[choice(name, "name", known)], inner.without("name")
        return None, inner

    def over(self, table: Table, film: Film, changes: Mapping[str, Any]) -> dict[str, tuple[float, ...]]:
        """The values of each swept path [SI], each allowed for the film and none of what `set` changes."""
        given = table.data.get("over")
        if not isinstance(given, dict) or not 1 <= len(given) <= 2:
            remedy = 'Write over = { "Pt.thickness" = ["1 nm", "2 nm"] }.'
            words = "a table of one parameter path (a curve) or two (a map)"
            got = {} if given is None else {"got": given}
            table.refuse(ParameterError("" if got else "missing", allowed=words, remedy=remedy, **got), "over")
            return {}
        inner = table.inside("over")
        values: dict[str, tuple[float, ...]] = {}
        for path, written in given.items():
            with inner.refusing_all(path):
                spec = film.specification(path)
                film.check_apart((*changes, *values, path), "")
                if spec.kind == "complex":
                    raise ParameterError("complex", remedy=f"Sweep one part of it: {path}.real or {path}.imag.")
                with inner.refusing(path):
                    values[path] = convert(written, Sequence[float], spec.unit, conditions.meaning(film))
                if len(set(values.get(path, ()))) < len(values.get(path, ())):
                    raise ParameterError("which names a value twice", got=written, remedy="Give each once.")
                film.replace({path: np.array(values[path])} if path in values else {})
        count = int(np.prod([len(v) for v in values.values()]))
        if count > _MOST_FILMS:
            allowed = f"up to {_MOST_FILMS:,}; take fewer points"
            table.refuse(ParameterError(f"asks for {count:,} films", allowed=allowed), "over")
        elif len(values) == 2 and len(given) == 2:
            first, second = values
            with table.telling("over"):
                batch = {first: np.array(values[first])[:, None], second: np.array(values[second])[None]}
                film.replace(batch).check()
        return values

    def changed(self, table: Table) -> tuple[Film, dict[str, Any]]:
        """The film that the ``set`` table of a request makes, and its changes."""
        given = table.data.get("set", {})
        if not isinstance(given, dict):
            remedy = 'Write set = { "Pt.thickness" = "3 nm" }.'
            table.refuse(ParameterError("which is not a table", got=given, remedy=remedy), "set")
            return self.film, {}
        inner = table.inside("set", data=given)
        changes: dict[str, Any] = {}
        for path, written in given.items():
            with inner.refusing_all(path):
                spec = self.film.specification(path)
                kind = "complex" if spec.kind == "complex" else "real"
                changes[path] = parse_quantity(written, spec.unit, kind=kind, infinite=spec.infinite)
        with inner.telling():
            film = self.film.replace(changes)
            film.check()
            return film, changes
        return self.film, changes

    def switched(self, table: Table, name: str) -> bool:
        with table.refusing():
            return switch(table.data.get(name, False), name, remedy="Write true or false, without quotes.")
        return False

    def keep(self, requests: Sequence[FilmRequest], table: Table, before: int) -> None:
        """Add requests with their solvers where nothing is wrong; what they would refuse is noted."""
        if len(self.root.problems) > before:
            return
        for request in requests:
            try:
                request.check_size()
                request.rehearse()
            except ParameterError as error:
                own = error.path[:1] and error.path[0] in request.arguments
                (table.refuse if own else table.refuse_as_told)(error)
                return
            self.found.append(replace(request, solver=self.theories.of(table, request)))

    def name(self, table: Table, default: str, numbered: bool = True) -> str:
        """The name of a result's files: given by the user, or numbered."""
        name, n = table.data.get("name"), 1
        if name is None:
            name = default
            while numbered and same_file(name) in self.names | self.given:
                n += 1
                name = f"{default}_{n}"
        if not isinstance(name, str) or not _NAME.fullmatch(name) or is_device(name):
            words = "letters, digits, '_' and '-', at most 80, and no device such as CON; it names files"
            table.refuse(ParameterError(got=name, allowed=words), "name")
            return ""
        if same_file(name) in self.names:
            what = "the figure of the film" if same_file(name) == "film" else "another request of this file"
            remedy = "Give each its own name, whatever the case of its letters."
            table.refuse(ParameterError(f"which {what} has", got=name, remedy=remedy), "name")
        self.names.add(same_file(name))
        return name

    @cached_property
    def given(self) -> set[str]:
        """The names that requests give themselves."""
        tables = [
            table.data for word in (*entries(), *moving_entries(), "map") for table in self.root.inside().entries(word)
        ]
        return {same_file(table["name"]) for table in tables if isinstance(table.get("name"), str)}


def read_arguments(
    table: Table,
    kinds: Mapping[str, Any],
    function: Any,
    film: Film,
    also: Sequence[str],
    beside: Table | None = None,
) -> dict[str, Any]:
    """The arguments of an observable, m and parts of the film that are left out filled in.

    A temperature may stand in the table `beside` this one.
    """
    meaning = conditions.meaning(film)
    named = conditions.named(kinds)
    own = table.without("m") if "m" in kinds else table
    out = own.read(function, meaning, given=1, also=also, optional=(*named, "T"))
    conditions.fill_names(table, film, named, out)
    if "direction" in kinds and out.get("field") and isinstance(out["field"][0], float):
        out.setdefault("direction", "z")
    turning = "turns" in kinds or {"plane", "angles"} <= kinds.keys()
    if "m" in kinds:
        out["m"] = conditions.directions(table, film, kinds["m"], conditions.applied(out), turning)
    if "E" in kinds and out.get("current") is None and not any(out.setdefault("E", (1.0, 0.0))):
        remedy = "Give for example [1, 0]."
        table.refuse(ParameterError("without a field nothing flows", got=table.data["E"], remedy=remedy), "E")
    if "T" in kinds:
        needed = own_parameters(function, 1)["T"].default is inspect.Parameter.empty
        conditions.read_temperature(table, beside or table, film, kinds["T"], out, needed)
    elif beside is not None and "T" in beside.data:
        why = "for an observable that has no temperature"
        beside.refuse(ParameterError(why, got=beside.data["T"], remedy="Leave it out."), "T")
    return out
