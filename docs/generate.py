"""Tables that show what the code declares, written into the pages: ``python docs/generate.py``; ``--check`` only looks.

A page holds ``<!-- generated: element Metal -->`` and ``<!-- end -->``; what stands between them comes from here, so
that no page repeats the code by hand and every page is whole wherever Markdown is shown.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import spinstack
from spinstack.measure import analysis
from spinstack.observables.registry import observables
from spinstack.samples import reader
from spinstack.samples.starter import starter
from spinstack.stack.parameters import THEORIES, Specification
from spinstack.study import components
from spinstack.study.arguments import own_parameters
from spinstack.study.entries import entries, mapped, vocabulary

DOCS = Path(__file__).parent
TESTS = DOCS.parent / "tests" / "circuit" / "test_conventions.py"
_BLOCK = re.compile(r"<!-- generated: (?P<what>[^>]+?) -->\n.*?<!-- end -->", re.DOTALL)
FILM = (
    spinstack.Metal("Pt", thickness=5e-9, conductivity=5e6, spin_diffusion_length=2e-9)
    | spinstack.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
    | spinstack.Ferromagnet("Py", thickness=4e-9, conductivity=4e6, spin_diffusion_length=5e-9)
)


def code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)


def first_line(thing: Any) -> str:
    """The first line of a docstring as Markdown."""
    return re.sub(r"``(.+?)``|:\w+:`([\w.]+)`", lambda m: code(m[1] or m[2]), inspect.getdoc(thing).split("\n")[0])


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def default(value: Any, spec: Specification) -> str:
    if value is dataclasses.MISSING:
        return "required"
    if value is None:
        return "–"
    if value == float("inf"):
        return "inf (off)"
    return f"{value:g}" if spec.kind != "complex" else f"{value.real:g}"


def element(name: str) -> str:
    """The parameters of one element class."""
    kind = getattr(spinstack, name)
    defaults = {f.name: f.default for f in dataclasses.fields(kind)}
    rows = [
        (code(field), "" if s.unit == "1" else s.unit, default(defaults[field], s), s.doc, s.allowed())
        for field, s in kind.specifications().items()
    ]
    whole = [first_line(kind)]
    if rows:
        whole.append(table(("field", "unit", "default", "meaning", "allowed"), rows))
    return "\n\n".join(whole)


def theories(*kinds: str) -> str:
    """Which theory reads what of the element classes that are named."""
    rows = []
    for kind in kinds:
        for name, spec in getattr(spinstack, kind).specifications().items():
            words = {
                "read": "read",
                "other words": f"takes {spec.counterpart} instead",
                "no effect": f"acts only in {spec.acts_in}, which is refused",
                "refused": "refused",
            }
            rows.append([code(f"{kind}.{name}"), *(words[spec.role(theory)] for theory in THEORIES)])
    return table(("parameter", *THEORIES.values()), rows)


def element_kinds() -> str:
    """The words for `kind` in a sample file."""
    rows = [
        (code(word), code(kind.__name__), code(*reader.text_fields(kind)), first_line(kind))
        for word, kind in reader.KINDS.items()
    ]
    return table(("kind", "class", "text fields", "what it is"), rows)


def requests() -> str:
    """The tables of a sample file that ask for results."""
    words = {word: entry.observable.words for word, entry in entries().items()}
    words["map"] = "an observable over one or two parameters"
    rows = [(code(f"[[{word}]]"), code(*keys), words[word]) for word, keys in vocabulary().items()]
    return table(("table", "keys", "what it asks for"), rows)


def map_observables() -> str:
    """What a map can show; components are those of a metal, an interface and a magnet."""
    rows = []
    for name, one in mapped().items():
        arguments = {n: "Py" for n in ("layer", "insulator", "reference") if n in one.arguments}
        chosen = components.keys(one.labels(FILM, **arguments))
        rows.append((code(name), code(*(n for n in one.arguments if n != "solver"), *chosen), first_line(one.function)))
    return table(("name", "further keys", "what it is"), rows)


def analyses(which: str) -> str:
    """The cleaning steps, or the analyses, of an analysis file."""
    steps = which == "steps"
    rows = []
    for name in analysis.step_names() if steps else tuple(analysis.ANALYSES):
        function = analysis.step_function(name) if steps else analysis.analysis(name)
        given = 1 if steps or analysis.feed(function) != "none" else 0
        rows.append((code(name), first_line(function), code(*own_parameters(function, given))))
    return table(("step" if steps else "analysis", "what it does", "parameters"), rows)


def observable_theories() -> str:
    """Which theory answers each observable, and why not."""
    rows = [
        (code(found.name), found.words, *(found.why_not.get(theory, "yes") for theory in THEORIES))
        for found in observables().values()
    ]
    return table(("observable", "what it is", *THEORIES.values()), rows)


def starter_file() -> str:
    """The sample file that ``spinstack new`` writes."""
    return f"```toml\n{starter('bilayer', 'sample.toml').strip()}\n```"


def proof(name: str) -> str:
    """The source of a test, folded."""
    source = TESTS.read_text(encoding="utf-8")
    found = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
    first = min(n.lineno for n in (found, *found.decorator_list))
    text = "\n".join(source.splitlines()[first - 1 : found.end_lineno])
    summary = f"<summary>Proved by <code>{name}</code></summary>"
    return f"<details>{summary}\n\n```python\n{text}\n```\n\n</details>"


MAKERS: dict[str, Callable[..., str]] = {
    "element": element,
    "theories": theories,
    "element-kinds": element_kinds,
    "requests": requests,
    "observables": map_observables,
    "analyses": analyses,
    "observable-theories": observable_theories,
    "starter": starter_file,
    "proof": proof,
}


def generated(text: str) -> str:
    """A page with its tables as the code has them now."""

    def block(found: re.Match[str]) -> str:
        name, *arguments = found["what"].split()
        return f"<!-- generated: {found['what']} -->\n{MAKERS[name](*arguments)}\n<!-- end -->"

    return _BLOCK.sub(block, text)


def main() -> int:
    """Write the pages, or with --check name those that are not as they should be; returns the exit code."""
    stale = []
    for page in sorted(DOCS.rglob("*.md")):
        if "_build" in page.parts:
            continue
        text = page.read_text(encoding="utf-8")
        new = generated(text)
        if new != text:
            stale.append(page)
            if "--check" not in sys.argv:
                page.write_text(new, encoding="utf-8")
    for page in stale:
        print(page.relative_to(DOCS.parent))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
