"""Directives that show what the code declares, so that no page repeats it by hand.

``element``: the parameters of an element class; ``theories``: which theory reads them; ``element-kinds``, ``requests``,
``observables``: what a sample file may hold; ``observable-theories``: which theory answers an observable; ``analyses``:
steps or analyses of an analysis file; ``starter``: the file that ``spinstack new`` writes; ``proof``: the test that
proves a convention.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import spinstack
from spinstack.measure import analysis
from spinstack.observables.registry import observables
from spinstack.samples import reader as sample_reader
from spinstack.samples.starter import starter
from spinstack.stack.parameters import THEORIES, Specification
from spinstack.study import components
from spinstack.study.arguments import own_parameters
from spinstack.study.entries import entries, mapped, vocabulary

TESTS = Path(__file__).parents[2] / "tests" / "circuit" / "test_conventions.py"

Cell = str | nodes.Node
FILM = (
    spinstack.Metal("Pt", thickness=5e-9, conductivity=5e6, spin_diffusion_length=2e-9)
    | spinstack.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
    | spinstack.Ferromagnet("Py", thickness=4e-9, conductivity=4e6, spin_diffusion_length=5e-9)
)


def code(text: str) -> nodes.Node:
    return nodes.literal(text, text)


def first_line(thing: Any) -> nodes.Node:
    """The first line of a docstring, with its ``code`` as code."""
    out = nodes.inline()
    for i, part in enumerate(re.split(r"``(.+?)``|:\w+:`([\w.]+)`", inspect.getdoc(thing).split("\n")[0])):
        if part:
            out += code(part) if i % 3 else nodes.Text(part)
    return out


def table(head: Iterable[str], rows: Iterable[Iterable[Cell]], widths: Iterable[int]) -> nodes.table:
    """A docutils table; cells are text or inline nodes."""
    widths = list(widths)
    group = nodes.tgroup(cols=len(widths))
    group += [nodes.colspec(colwidth=w) for w in widths]

    def row(cells: Iterable[Cell]) -> nodes.row:
        out = nodes.row()
        for cell in cells:
            paragraph = nodes.paragraph()
            paragraph += cell if isinstance(cell, nodes.Node) else nodes.Text(cell)
            out += nodes.entry("", paragraph)
        return out

    group += nodes.thead("", row(head))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return nodes.table("", group, classes=["generated"])


def default(value: Any, spec: Specification) -> str:
    if value is dataclasses.MISSING:
        return "required"
    if value is None:
        return "–"
    if value == float("inf"):
        return "inf (off)"
    return f"{value:g}" if spec.kind != "complex" else f"{value.real:g}"


class ElementDirective(Directive):
    """The parameters of one element class, read from their declaration."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        kind = getattr(spinstack, self.arguments[0])
        defaults = {f.name: f.default for f in dataclasses.fields(kind)}
        rows = [
            (code(name), "" if spec.unit == "1" else spec.unit, default(defaults[name], spec), spec.doc, spec.allowed())
            for name, spec in kind.specifications().items()
        ]
        summary = nodes.paragraph("", "", first_line(kind))
        if not rows:
            return [summary]
        return [summary, table(("field", "unit", "default", "meaning", "allowed"), rows, (24, 10, 10, 40, 26))]


class TheoriesDirective(Directive):
    """Which theory reads what of the element classes that are named."""

    required_arguments = 1
    optional_arguments = 8

    def run(self) -> list[nodes.Node]:
        rows: list[list[Cell]] = []
        for kind in self.arguments:
            for name, spec in getattr(spinstack, kind).specifications().items():
                words = {
                    "read": "read",
                    "other words": f"takes {spec.counterpart} instead",
                    "no effect": f"acts only in {spec.acts_in}, which is refused",
                    "refused": "refused",
                }
                rows.append([code(f"{kind}.{name}"), *(words[spec.role(theory)] for theory in THEORIES)])
        return [table(("parameter", *THEORIES.values()), rows, (40, 30, 30))]


class KindsDirective(Directive):
    """The words for `kind` in a sample file."""

    def run(self) -> list[nodes.Node]:
        rows = []
        for word, kind in sample_reader.KINDS.items():
            texts = nodes.inline()
            for i, name in enumerate(sample_reader.text_fields(kind)):
                texts += [nodes.Text(", " if i else ""), code(name)]
            rows.append((code(word), code(kind.__name__), texts, first_line(kind)))
        return [table(("kind", "class", "text fields", "what it is"), rows, (20, 20, 20, 50))]


def key_list(names: Iterable[str]) -> nodes.Node:
    out = nodes.inline()
    for i, name in enumerate(names):
        out += [nodes.Text(", " if i else ""), code(name)]
    return out


class RequestsDirective(Directive):
    """The tables of a sample file that ask for results."""

    def run(self) -> list[nodes.Node]:
        words = {word: entry.observable.words for word, entry in entries().items()}
        words["map"] = "an observable over one or two parameters"
        rows = [(code(f"[[{word}]]"), key_list(keys), words[word]) for word, keys in vocabulary().items()]
        return [table(("table", "keys", "what it asks for"), rows, (24, 40, 50))]


class ObservablesDirective(Directive):
    """What a map can show; components are those of a metal, an interface and a magnet."""

    def run(self) -> list[nodes.Node]:
        rows = []
        for name, one in mapped().items():
            arguments = {n: "Py" for n in ("layer", "insulator") if n in one.arguments}
            given = [n for n in one.arguments if n != "solver"]
            chosen = components.keys(one.labels(FILM, **arguments))
            rows.append((code(name), key_list([*given, *chosen]), first_line(one.function)))
        return [table(("name", "further keys", "what it is"), rows, (26, 34, 60))]


class AnalysesDirective(Directive):
    """The cleaning steps, or the analyses, of an analysis file."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        steps = self.arguments[0] == "steps"
        names = analysis.step_names() if steps else tuple(analysis.ANALYSES)
        rows = []
        for name in names:
            function = analysis.step_function(name) if steps else analysis.analysis(name)
            given = 1 if steps or analysis.feed(function) != "none" else 0
            rows.append((code(name), first_line(function), key_list(n for n in own_parameters(function, given))))
        return [table(("step" if steps else "analysis", "what it does", "parameters"), rows, (24, 60, 40))]


class ObservableTheoriesDirective(Directive):
    """Which theory answers each observable, and why not."""

    def run(self) -> list[nodes.Node]:
        rows = [
            (code(found.name), found.words, *(found.why_not.get(theory, "yes") for theory in THEORIES))
            for found in observables().values()
        ]
        return [table(("observable", "what it is", *THEORIES.values()), rows, (24, 36, 24, 24))]


class StarterDirective(Directive):
    """The sample file that ``spinstack new`` writes."""

    def run(self) -> list[nodes.Node]:
        text = starter("bilayer", "sample.toml")
        return [nodes.literal_block(text, text, language="toml")]


class ProofDirective(SphinxDirective):
    """The source of a test, folded."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(TESTS))
        source = TESTS.read_text(encoding="utf-8")
        name = self.arguments[0]
        found = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name]
        if not found:
            raise self.error(f"tests/circuit/test_conventions.py has no test called {name}")
        first = min(n.lineno for n in (found[0], *found[0].decorator_list))
        text = "\n".join(source.splitlines()[first - 1 : found[0].end_lineno])
        opening = f'<details class="proof"><summary>Proved by <code>{name}</code></summary>'
        return [
            nodes.raw("", opening, format="html"),
            nodes.literal_block(text, text, language="python"),
            nodes.raw("", "</details>", format="html"),
        ]


def plain_signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Signatures as people read them: units and names that stand beside a type are told in the text below."""
    found = getattr(thing, "observable", None)
    returns = "xarray.Dataset" if found is not None and found.labelled else returns
    return signature and re.sub(r"Annotated\[(.+?), (?:In|Named)\(.*?\)\]", r"\1", signature), returns


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("element", ElementDirective)
    app.add_directive("theories", TheoriesDirective)
    app.add_directive("element-kinds", KindsDirective)
    app.add_directive("requests", RequestsDirective)
    app.add_directive("observables", ObservablesDirective)
    app.add_directive("analyses", AnalysesDirective)
    app.add_directive("observable-theories", ObservableTheoriesDirective)
    app.add_directive("starter", StarterDirective)
    app.add_directive("proof", ProofDirective)
    app.connect("autodoc-process-signature", plain_signature)
    return {"parallel_read_safe": True}
