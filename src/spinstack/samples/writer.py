"""Writing a film as a sample file: every value in SI units with the shortest digits that read back exactly."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.samples.reader import KINDS, axis_fields, list_fields, text_fields
from spinstack.stack.described import Described, Model
from spinstack.stack.element import Element
from spinstack.stack.film import Film, as_film
from spinstack.stack.laws import Law
from spinstack.stack.parameters import Specification
from spinstack.text import store
from spinstack.text.document import VERSION, SampleError
from spinstack.text.errors import Problems
from spinstack.text.units import format_quantity

_LONGEST_PERIOD = 24  # elements; how long a repeated group save_sample looks for


def save_sample(film: Film, path: str | os.PathLike[str], title: str | None = None) -> Path:
    """Write `film` as a sample file and return its path; ``load_sample`` gives back the same film, bit for bit.

    The file appears whole or not at all: text goes to a new file beside it, which then takes its place.
    Raises :class:`SampleError` for a film that is not valid, holds arrays of values (a batch of films), or that
    cannot be written there.

    Args:
        path: the file; one that is there is replaced.
        title: what results and figures call the film.
    """
    text = sample_text(film, title)
    if not isinstance(path, str | os.PathLike):
        raise SampleError(field="path", got=path, allowed="text such as 'sample.toml'")
    named = Path(os.fsdecode(os.fspath(path)))
    try:
        store.write_text(named, text)
    except (OSError, ValueError) as error:
        raise SampleError(
            f"cannot be written ({error})", source=str(named), remedy="Give a file in a folder that exists."
        ) from error
    return named


def sample_text(
    film: Film,
    title: str | None = None,
    comments: Mapping[tuple[int, str], str] | None = None,
    remarks: Sequence[str] = (),
) -> str:
    """The text of the sample file of a film; raises :class:`SampleError` where there is none.

    Args:
        film: the film.
        title: what results and figures call it.
        comments: (position of an element, field) -> what is said behind its value.
        remarks: lines of comment at the head.
    """
    film = as_film(film)
    if not isinstance(film, Film):
        remedy = "Give a layer, or elements composed with |."
        raise SampleError("which is not a film", field="film", got=film, remedy=remedy)
    film.check()
    problems = Problems()
    head = [*(f"# {line}" for line in remarks), f"spinstack = {VERSION}"]
    with problems:
        if title is not None and not isinstance(title, str):
            raise SampleError("which is not text", field="title", got=title, remedy="Give text or None.")
        if title is not None:
            head.append(f"title = {_text(title, '', 'title')}")
    blocks = []
    for i, (element, label) in enumerate(zip(film.elements, film.labels(), strict=True)):
        said = {field: text for (place, field), text in (comments or {}).items() if place == i}
        with problems:
            blocks.append("\n".join([f'kind = "{_kind(element, label)}"', *_entries(element, label, problems, said)]))
    problems.end()
    out = ["\n".join(head)]
    for group, count in _repeats(blocks):
        if count == 1:
            out += [f"[[film]]\n{block}" for block in group]
        else:
            out.append("\n\n".join([f"[[film]]\nrepeat = {count}", *(f"[[film.elements]]\n{b}" for b in group)]))
    return "\n\n".join(out) + "\n"


def _kind(element: Element, label: str) -> str:
    for word, kind in KINDS.items():
        if kind is type(element):
            return word
    raise SampleError(f"a {type(element).__name__}", where=label, allowed=", ".join(KINDS))


def _entries(
    thing: Described,
    where: str,
    problems: Problems,
    comments: Mapping[str, str] | None = None,
    outer: Specification | None = None,
) -> list[str]:
    """One line for each field that is not as by default; of a law as the value of a parameter `outer`."""
    out, behind = [], comments or {}
    declared = thing.specifications() if outer is None else thing.inside(outer)
    for f in fields(thing):
        value = getattr(thing, f.name)
        if f.name in getattr(thing, "from_file", ()):
            with problems:
                if not any(getattr(thing, name) for name in getattr(thing, "files", ())):
                    remedy = "Write it with its save(path) and read it from there."
                    raise SampleError("whose arrays are in no file", where=where, field=f.name, remedy=remedy)
            continue
        follows = value is None and f.default is MISSING
        if not follows and not _identical(value, f.default):
            with problems:
                line = f"{f.name} = {_written(thing, declared.get(f.name), f.name, value, where, problems)}"
                out.append(f"{line}  # {behind[f.name]}" if f.name in behind else line)
    return out


def _written(
    thing: Described, specification: Specification | None, name: str, value: Any, where: str, problems: Problems
) -> str:
    if value is None:
        raise SampleError("for which a file has no word", where=where, field=name, got=None, remedy="Give a value.")
    if isinstance(value, Law):
        inside = [f'kind = "{value.kind}"', *_entries(value, f"{where}.{name}", problems, None, specification)]
        return f"{{{', '.join(inside)}}}"
    if name in list_fields(type(thing)):
        unit = list_fields(type(thing))[name].unit
        return f"[{', '.join(json.dumps(format_quantity(v, unit)) for v in value)}]"
    if specification is not None:
        return _quantity(value, specification, where, name)
    if isinstance(value, Model):
        if type(value) not in Model.known.values():
            remedy = "Keep this film as a Python script, or leave the field out."
            raise SampleError("which a sample file cannot hold", where=where, field=name, got=value, remedy=remedy)
        inside = [f'kind = "{value.kind}"', *_entries(value, f"{where}.{name}", problems)]
        return f"{{{', '.join(inside)}}}"
    if name in axis_fields(type(thing)):
        return f"[{', '.join(map(repr, value))}]"
    if name in text_fields(type(thing)):
        return _text(value, where, name)
    return str(bool(value)).lower()


def _identical(value: Any, default: Any) -> bool:
    """Equal to the last bit: 0.0 and -0.0 differ here."""
    return type(value) is type(default) and repr(value) == repr(default)


def _quantity(value: Any, specification: Specification, where: str, name: str) -> str:
    shape = () if is_traced(value) else np.shape(value)
    if len(shape) == 1 and specification.kind == "table" and not is_traced(value):
        one = replace(specification, kind="real")
        return f"[{', '.join(_quantity(v.item(), one, where, name) for v in np.asarray(value))}]"
    if is_traced(value) or (shape and not (specification.kind == "angle" and shape == (3, 2))):
        raise SampleError(
            f"{'an abstract value' if is_traced(value) else f'an array of shape {shape}'}, that is a batch of films; a "
            "sample file holds one film",
            where=where,
            field=name,
            remedy="Pick one value with film.replace.",
        )
    if shape:
        rows = [", ".join(_quantity(float(v), specification, where, name) for v in row) for row in np.asarray(value)]
        return f"[{', '.join(f'[{row}]' for row in rows)}]"
    text = format_quantity(value, specification.unit)
    return text if specification.unit == "1" and not isinstance(value, complex) else f'"{text}"'


def _text(value: str, where: str, name: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise SampleError(
            "which is not valid Unicode text", where=where, field=name, got=value, remedy="Change it."
        ) from None
    # JSON's escapes are TOML's, except that TOML wants DEL escaped, too
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _repeats(blocks: list[str]) -> list[tuple[list[str], int]]:
    """The blocks as groups with a count: a superlattice is written once."""
    out: list[tuple[list[str], int]] = []
    i = 0
    while i < len(blocks):
        best, count = 1, 1
        for period in range(1, min(_LONGEST_PERIOD, (len(blocks) - i) // 2) + 1):
            n = 1
            while blocks[i + n * period : i + (n + 1) * period] == blocks[i : i + period]:
                n += 1
            if n > 1 and n * period > best * count:
                best, count = period, n
        out.append((blocks[i : i + best], count))
        i += best * count
    return out
