"""What every parameter is: one list under each class and function, from what the code declares.

A number of an element has its unit, range, default and meaning in :func:`spinstack.stack.parameters.parameter`; the
meaning of any other field stands under ``Args:`` or ``Attributes:`` of its class, its type and default in the code. A
field or an argument without a meaning is a warning, and so fails the build.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from spinstack.report import reference

logger = logging.getLogger(__name__)
#: what every observable takes, told once on the page of the Python interface
CONDITIONS = ("m", "B", "T", "E", "solver")
_SECTION = re.compile(r"(?:Args|Attributes):")
_ENTRY = re.compile(r" {4}(\*{0,2}\w+(?:, \*{0,2}\w+)*): (.*)")


def sections(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Where the lists of parameters begin and end."""
    for start, line in enumerate(lines):
        if _SECTION.fullmatch(line):
            stop = start + 1
            while stop < len(lines) and lines[stop].startswith("    "):
                stop += 1
            yield start, stop


def entries(lines: list[str]) -> dict[str, str]:
    """The meanings by name that the lists of a docstring give."""
    found: dict[str, str] = {}
    names: list[str] = []
    for start, stop in sections(lines):
        for line in lines[start + 1 : stop]:
            if entry := _ENTRY.fullmatch(line):
                names = [name.strip("*") for name in entry[1].split(", ")]
                found.update(dict.fromkeys(names, entry[2]))
            else:
                found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return found


def fields(kind: type) -> dict[str, tuple[str, Any]]:
    """Type and default of every field of a record."""
    if dataclasses.is_dataclass(kind):
        return {
            f.name: (str(f.type), f.default if f.default_factory is dataclasses.MISSING else f.default_factory())
            for f in dataclasses.fields(kind)
        }
    defaults = getattr(kind, "_field_defaults", {})
    names = getattr(kind, "_fields", ())  # of a named tuple, whose types are forward references
    return {n: (kind.__annotations__[n].__forward_arg__, defaults.get(n, dataclasses.MISSING)) for n in names}


def unit(annotation: str) -> str:
    """The unit beside a type, in brackets."""
    found = re.search(r"In\(['\"](.+?)['\"]", annotation)
    return f"[{found[1]}]" if found else ""


def plain(annotation: str) -> str:
    """A type without what stands beside it."""
    return re.sub(r"Annotated\[(.+?), (?:In|Named)\(.*?\)\]", r"\1", annotation)


def escaped(text: str) -> str:
    """Text of a declaration, of which nothing is markup."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)


def default(value: Any) -> str:
    if value is dataclasses.MISSING:
        return "required"
    if isinstance(value, tuple):
        return f"default ({', '.join(f'{v:g}' for v in value)})" if value else "default none"
    if callable(value):
        return "may be left out"
    if value is None or value == "" or value == {} or value == []:
        return "default none"
    return f"default {value:g}" if isinstance(value, float) else f"default {value!r}"


def listed(kind: type) -> list[str]:
    """The list of the fields of a class, as a docstring says it."""
    meanings: dict[str, str] = {}
    heading = "Args"
    for owner in reversed(kind.__mro__):
        lines = inspect.cleandoc(owner.__doc__ or "").splitlines()
        meanings |= entries(lines)
        heading = next((lines[start][:-1] for start, _ in sections(lines)), heading)
    declared = {}
    if hasattr(kind, "specifications"):
        declared = {name: cells for name, *cells in reference.element(kind).rows}
    out = []
    for name, (annotation, value) in fields(kind).items():
        if name in declared:
            symbol, standard, meaning, allowed = declared[name]
            if standard == "–":
                standard = ""  # what is allowed says when it may be left out
            elif standard != "required":
                standard = f"default {standard}"
            facts, meaning = [symbol and f"[{symbol}]", allowed, standard], escaped(meaning)
        elif name in meanings:
            told_type = plain(annotation)
            facts, meaning = [unit(annotation), "" if told_type == "Any" else told_type], meanings[name]
            facts += [default(value)] if heading == "Args" else []
        else:
            logger.warning("%s.%s: no meaning; say it in the docstring of the class", kind.__name__, name)
            continue
        told_facts = "; ".join(fact for fact in facts if fact)
        out.append(f"    {name} ({escaped(told_facts)}): {meaning}" if told_facts else f"    {name}: {meaning}")
    return [f"{heading}:", *out] if out else []


def told(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Write the list of parameters into a docstring."""
    if what == "class" and fields(thing):
        found = list(sections(lines))
        new = listed(thing)
        start, stop = found[0] if found else (len(lines), len(lines))
        lines[start:stop] = new if found else ["", *new]
    elif what in ("function", "method") and callable(thing):
        meanings, beside = entries(lines), []
        for argument, one in inspect.signature(thing).parameters.items():
            symbol = unit(str(one.annotation))
            if argument not in meanings:
                beside += [f"*{escaped(argument)}* {escaped(symbol)}"] if symbol and argument not in CONDITIONS else []
                if name.count(".") == 1 and argument not in (*CONDITIONS, "film"):
                    logger.warning("%s(%s): no meaning; say it under Args", name, argument)
            elif symbol and symbol not in meanings[argument]:
                beside += [f"*{escaped(argument)}* {escaped(symbol)}"]
        if beside:
            lines += ["", f"Units: {', '.join(beside)}."]


def skipped(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Fields of a named tuple stand in the list."""
    return True if type(thing).__name__ == "_tuplegetter" else None


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-docstring", told, priority=400)  # before the lists are set
    app.connect("autodoc-skip-member", skipped)
    return {"parallel_read_safe": True}
