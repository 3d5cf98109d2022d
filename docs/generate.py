"""Tables that show what the code declares, written into the pages: ``python docs/generate.py``; ``--check`` only looks.

A page holds ``<!-- generated: element Metal -->`` and ``<!-- end -->``; what stands between them comes from here, so
that no page repeats the code by hand and every page is whole wherever Markdown is shown.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from pathlib import Path

import spinstack
from spinstack.observables.registry import observables
from spinstack.report import reference
from spinstack.report.tables import Table
from spinstack.samples.starter import starter
from spinstack.stack.parameters import THEORIES

DOCS = Path(__file__).parent
TESTS = DOCS.parent / "tests" / "circuit" / "test_conventions.py"
_BLOCK = re.compile(r"<!-- generated: (?P<what>[^>]+?) -->\n.*?<!-- end -->", re.DOTALL)
FILM = (
    spinstack.Metal("Pt", thickness=5e-9, conductivity=5e6, spin_diffusion_length=2e-9)
    | spinstack.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
    | spinstack.Ferromagnet("Py", thickness=4e-9, conductivity=4e6, spin_diffusion_length=5e-9)
)


def code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", ") if name)


def markdown(table: Table, names: tuple[int, ...] = (0,)) -> str:
    """A table whose columns `names` hold names, as code."""
    rows = [[code(cell) if i in names else cell for i, cell in enumerate(row)] for row in table.rows]
    lines = [table.columns, ["---"] * len(table.columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def element(name: str) -> str:
    """The parameters of one element class."""
    kind = getattr(spinstack, name)
    found = reference.element(kind)
    return "\n\n".join([reference.first_line(kind), *([markdown(found)] if found.rows else [])])


def theories(*kinds: str) -> str:
    """Which theory reads what of the element classes that are named."""
    found = Table("", ("parameter", *THEORIES.values()))
    for kind in kinds:
        for name, spec in getattr(spinstack, kind).specifications().items():
            words = {
                "read": "read",
                "other words": f"takes {spec.counterpart} instead",
                "no effect": f"acts only in {spec.acts_in}, which is refused",
                "refused": "refused",
            }
            found.add(f"{kind}.{name}", *(words[spec.role(theory)] for theory in THEORIES))
    return markdown(found)


def observable_theories() -> str:
    """Which theory answers each observable, and why not."""
    found = Table("", ("observable", "what it is", *THEORIES.values()))
    for one in observables().values():
        found.add(one.name, one.words, *(one.why_not.get(theory, "yes") for theory in THEORIES))
    return markdown(found)


def interfaces() -> str:
    """What the library knows of interfaces, as printed and as an interface element takes it."""
    from spinstack import interfaces

    found = Table("", ("interface", "printed", "G_up (S/m²)", "G_down (S/m²)", "delta", "T (K)", "method", "source"))
    for name in interfaces.names():
        known = interfaces.interface(name)
        derived = known.derived()
        printed = ", ".join(f"{e.quantity} = {e.text}" for e in known.entries.values())
        cells = [f"{derived[f].value:.3g}" if f in derived else "–" for f in
                 ("conductance_up", "conductance_down", "spin_memory_loss")]  # fmt: skip
        told: list[tuple[str, ...]] = [
            tuple(dict.fromkeys(getattr(e, field) for e in known.entries.values())) for field in ("method", "source")
        ]
        T = ", ".join(f"{t:g}" for t in dict.fromkeys(e.temperature for e in known.entries.values()))
        found.add(name, printed.replace("*", "\\*"), *cells, T, *("; ".join(words) for words in told))
    return markdown(found)


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
    "element-kinds": lambda: markdown(reference.kinds(), (0, 1, 2)),
    "requests": lambda: markdown(reference.requests(), (0, 1)),
    "observables": lambda: markdown(reference.map_observables(FILM), (0, 1)),
    "steps": lambda: markdown(reference.steps(), (0, 2)),
    "analyses": lambda: markdown(reference.analyses(), (0, 2)),
    "observable-theories": observable_theories,
    "interfaces": interfaces,
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
