"""What files may say, as tables: elements, fields, requests, steps, analyses, fits, as their code declares them."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import Any

from spinstack.magnets.coupling import InterlayerExchange
from spinstack.magnets.macrospin import Macrospin
from spinstack.measure import analysis
from spinstack.observables.registry import observables
from spinstack.report.tables import Table
from spinstack.samples.reader import KINDS, text_fields
from spinstack.stack.described import Described, Model
from spinstack.stack.laws import Law
from spinstack.stack.parameters import Specification
from spinstack.study import components
from spinstack.study.arguments import own_parameters
from spinstack.study.entries import mapped
from spinstack.study.fit_priors import keys_of_priors
from spinstack.study.fit_vocabulary import fit_tables
from spinstack.study.vocabulary import requests as known_requests
from spinstack.study.vocabulary import vocabulary
from spinstack.text.errors import ParameterError, near_names

_FIELDS = ("field", "unit", "default", "meaning", "allowed")


def classes() -> dict[str, type[Described]]:
    """Elements, models and laws by their words in a sample file."""
    return {
        **KINDS,
        "magnet": Macrospin,
        "exchange": InterlayerExchange,
        **{kind: model for (_, kind), model in sorted(Model.known.items())},
        **Law.known,
    }


def element(kind: type[Described]) -> Table:
    """The fields of one element or model."""
    defaults = {f.name: f.default for f in dataclasses.fields(kind)}
    table = _words(kind.__name__, *_FIELDS)
    for name, spec in kind.specifications().items():
        table.add(name, "" if spec.unit == "1" else spec.unit, _default(defaults[name], spec), spec.doc, spec.allowed())
    return table


def kinds() -> Table:
    """The words for `kind` in a sample file."""
    table = _words("Elements of a film", "kind", "class", "text fields", "what it is")
    for word, kind in KINDS.items():
        table.add(word, kind.__name__, ", ".join(text_fields(kind)), first_line(kind))
    return table


def requests() -> Table:
    """The tables of a sample file that ask for results."""
    words = {word: entry.observable.words for word, entry in known_requests().items()}
    words["map"] = "an observable over one or two parameters"
    table = _words("What a sample file can ask for", "table", "keys", "what it asks for")
    for word, keys in vocabulary().items():
        table.add(f"[[{word}]]", ", ".join(keys), words[word])
    return table


def map_observables(film: Any) -> Table:
    """What a map can show; components are those of `film`, which needs a layer and a magnet called Py."""
    table = _words("Observables of a map", "name", "further keys", "what it is")
    for name, one in mapped().items():
        given: dict[str, Any] = {n: "Py" for n in ("layer", "insulator", "reference") if n in one.arguments}
        given |= {n: None for n, a in one.arguments.items() if a.required and n not in given}
        chosen = components.keys(one.labels(film, **given))
        table.add(name, ", ".join((*(n for n in one.arguments if n != "solver"), *chosen)), first_line(one.function))
    return table


def steps() -> Table:
    """The cleaning steps of an analysis file."""
    table = _words("Steps of an analysis file", "step", "what it does", "parameters")
    for name in analysis.step_names():
        function = analysis.step_function(name)
        table.add(name, first_line(function), ", ".join(own_parameters(function, 1)))
    return table


def analyses() -> Table:
    """The analyses of an analysis file."""
    table = _words("Analyses of an analysis file", "analysis", "what it does", "parameters")
    for name in analysis.ANALYSES:
        function = analysis.analysis(name)
        given = own_parameters(function, 1 if analysis.feed(function) != "none" else 0)
        table.add(name, first_line(function), ", ".join(given))
    return table


def fits() -> Table:
    """The tables of a fit file."""
    table = _words("What a fit file can say", "table", "keys", "what it is about")
    for name, (keys, words) in fit_tables().items():
        table.add(name, ", ".join(keys), words)
    return table


def priors() -> Table:
    """The priors of a fit file."""
    table = _words("Priors of a fit file", "prior", "keys", "what it says")
    for name, (keys, kind) in keys_of_priors().items():
        table.add(name, ", ".join(keys), first_line(kind))
    return table


def _words(title: str, *columns: str) -> Table:
    return Table(title, columns, len(columns), solid=1)


def about(word: str) -> tuple[list[Table], str]:
    """Everything that is called `word`: tables, and a text; raises ParameterError where nothing is."""
    name = word.strip("[]").rpartition(".")[2]
    known = classes()
    tables, text = [], ""
    by_class = {kind.__name__: kind for kind in known.values()}
    if (kind := known.get(name) or by_class.get(name)) is not None:
        tables.append(element(kind))
        text = first_line(kind)
    field = _words(f"The field {name}", "of", *_FIELDS[1:])
    for owner, one in known.items():
        rows = {row[0]: row[1:] for row in element(one).rows}
        if name in rows:
            field.add(owner, *rows[name])
    if field.rows:
        tables.append(field)
    for table in (requests(), steps(), analyses(), fits(), priors()):
        found_rows = [row for row in table.rows if row[0].split()[0].strip("[]").rpartition(".")[2] == name]
        if found_rows:
            tables.append(dataclasses.replace(table, rows=found_rows))
        keys = next(i for i, column in enumerate(table.columns) if column in ("keys", "parameters"))
        having = [row for row in table.rows if name in row[keys].split(", ")]
        if having:
            tables.append(dataclasses.replace(table, title=f"{table.title}: with {name}", rows=having))
    function = _function(name)
    if function is not None:
        text = inspect.getdoc(function) or ""
    if not tables and not text:
        names = sorted({*known, *by_class, *vocabulary(), *observables(), *analysis.step_names(), *analysis.ANALYSES}
                       | {f for one in known.values() for f in one.specifications()}
                       | {key for keys, _ in (*fit_tables().values(), *keys_of_priors().values()) for key in keys}
                       | {table.split()[0].strip("[]").rpartition(".")[2] for table in fit_tables()})  # fmt: skip
        allowed = (
            "an element, a field, a request, a step, an analysis, a table of a fit file or a key of one; without a "
            "word all are listed"
        )
        raise ParameterError("which nothing is called", field="help", got=word, allowed=allowed,
                             remedy=near_names(name, names).strip())  # fmt: skip
    return tables, text


def _function(name: str) -> Any:
    if name in analysis.ANALYSES:
        return analysis.analysis(name)
    if name in analysis.step_names():
        return analysis.step_function(name)
    found = known_requests().get(name)
    known = observables()
    return found.observable.function if found else known[name].function if name in known else None


def first_line(thing: Any) -> str:
    """The first line of a docstring, without marks."""
    return re.sub(r"``(.+?)``|:\w+:`([\w.]+)`", lambda m: m[1] or m[2], (inspect.getdoc(thing) or "").split("\n")[0])


def _default(value: Any, spec: Specification) -> str:
    if value is dataclasses.MISSING:
        return "–" if spec.follows else "required"
    if value is None:
        return "–"
    if value == float("inf"):
        return "inf (off)"
    return f"{value:g}" if spec.kind != "complex" else f"{value.real:g}"
