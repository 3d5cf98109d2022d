"""Directives that show what the code declares, so that no page repeats it by hand.

``element``: the parameters of an element class; ``theories``: which theory reads them; ``element-kinds``, ``requests``,
``observables``: what a sample file may hold; ``starter``: the file that ``spinstack new`` writes; ``proof``: the test
that proves a convention.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

import spinstack
from spinstack.cli import new, study
from spinstack.samples import reader as sample_reader
from spinstack.stack.parameters import THEORIES, Specification

TESTS = Path(__file__).parents[2] / "tests" / "circuit" / "test_conventions.py"

Cell = str | nodes.Node


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


def keys(reader: Any) -> tuple[str, ...]:
    """The keys that a reader accepts: the arguments of its ``table.only(...)``."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(reader)))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "only":
            return tuple(ast.literal_eval(argument) for argument in node.args)
    raise ExtensionError(f"{reader.__name__} does not say which keys it accepts (no call of table.only).")


def key_list(names: Iterable[str]) -> nodes.Node:
    out = nodes.inline()
    for i, name in enumerate(names):
        out += [nodes.Text(", " if i else ""), code(name)]
    return out


class RequestsDirective(Directive):
    """The tables of a sample file that ask for results."""

    def run(self) -> list[nodes.Node]:
        rows = []
        for section, (_, _, reader) in study._SECTIONS.items():
            record = typing.get_type_hints(reader)["return"]
            rows.append((code(f"[[{section}]]"), key_list(keys(reader)), first_line(record)))
        return [table(("table", "keys", "what it asks for"), rows, (20, 34, 60))]


class ObservablesDirective(Directive):
    """What a map can show."""

    def run(self) -> list[nodes.Node]:
        rows = [
            (code(name), key_list(k for k in keys(reader) if k != "name"), first_line(getattr(spinstack, name)))
            for name, reader in study._OBSERVABLES.items()
        ]
        return [table(("name", "further keys", "what it is"), rows, (26, 30, 60))]


class StarterDirective(Directive):
    """The sample file that ``spinstack new`` writes."""

    def run(self) -> list[nodes.Node]:
        text = new.STARTER.format(name="sample.toml")
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


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("element", ElementDirective)
    app.add_directive("theories", TheoriesDirective)
    app.add_directive("element-kinds", KindsDirective)
    app.add_directive("requests", RequestsDirective)
    app.add_directive("observables", ObservablesDirective)
    app.add_directive("starter", StarterDirective)
    app.add_directive("proof", ProofDirective)
    return {"parallel_read_safe": True}
