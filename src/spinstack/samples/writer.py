"""Writing a film as a sample file: every value in SI units with the shortest digits that read back exactly."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.samples.reader import KINDS, axis_fields, text_fields
from spinstack.stack.described import Model
from spinstack.stack.element import Element
from spinstack.stack.film import Film
from spinstack.stack.parameters import Specification
from spinstack.text import store
from spinstack.text.document import VERSION, SampleError
from spinstack.text.errors import shown
from spinstack.text.units import format_quantity

_LONGEST_PERIOD = 24  # elements; how long a repeated group save_sample looks for


def save_sample(film: Film, path: str | os.PathLike[str], title: str | None = None) -> Path:
    """Write `film` as a sample file and return its path; ``load_sample`` gives back the same film, bit for bit.

    The file appears whole or not at all: text goes to a new file beside it, which then takes its place.
    Raises :class:`SampleError` for a film that is not valid, holds arrays of values (a batch of films), or that
    cannot be written there.
    """
    text = sample_text(film, title)
    if not isinstance(path, str | os.PathLike):
        raise SampleError(f"save_sample: got {shown(path)} as path. Give text such as 'sample.toml'.")
    named = Path(os.fsdecode(os.fspath(path)))
    try:
        store.write_text(named, text)
    except (OSError, ValueError) as error:
        raise SampleError(
            f"save_sample: {named}: cannot be written ({error}). Give a file in a folder that exists."
        ) from error
    return named


def sample_text(film: Film, title: str | None = None) -> str:
    """The text of the sample file of a film; raises :class:`SampleError` where there is none."""
    if not isinstance(film, Film):
        raise SampleError(f"save_sample: got {shown(film)}, which is not a film. Give Film((layer,)) or layer | layer.")
    if title is not None and not isinstance(title, str):
        raise SampleError(f"save_sample: got the title {shown(title)}, which is not text. Give text or None.")
    film.check()
    head = [f"spinstack = {VERSION}"]
    if title is not None:
        head.append(f"title = {_text(title, 'title')}")
    blocks = [_fields_of(element, label) for element, label in zip(film.elements, film.labels(), strict=True)]
    out = ["\n".join(head)]
    for group, count in _repeats(blocks):
        if count == 1:
            out += [f"[[film]]\n{block}" for block in group]
        else:
            out.append("\n\n".join([f"[[film]]\nrepeat = {count}", *(f"[[film.elements]]\n{b}" for b in group)]))
    return "\n\n".join(out) + "\n"


def _fields_of(element: Element, label: str) -> str:
    kind = next((word for word, cls in KINDS.items() if cls is type(element)), None)
    if kind is None:
        raise SampleError(f"save_sample: {label}: got a {type(element).__name__}. Allowed: {', '.join(KINDS)}.")
    lines = [f'kind = "{kind}"']
    numbers, texts = element.specifications(), text_fields(type(element))
    for f in fields(element):
        value = getattr(element, f.name)
        if value is None or _identical(value, f.default):
            if value is None and f.default is not None:
                raise SampleError(
                    f"save_sample: {label}.{f.name}: got None, for which a file has no word. Give a value."
                )
            continue
        if f.name in numbers:
            lines.append(f"{f.name} = {_quantity(value, numbers[f.name], f'{label}.{f.name}')}")
        elif isinstance(value, Model):
            lines.append(f"{f.name} = {{{', '.join(_model_fields(value, f'{label}.{f.name}'))}}}")
        elif f.name in texts and isinstance(value, str):
            lines.append(f"{f.name} = {_text(value, f'{label}.{f.name}')}")
        else:
            raise SampleError(
                f"save_sample: {label}.{f.name}: got {shown(value)}, which a sample file cannot hold. "
                "Keep this film as a Python script, or leave the field out."
            )
    return "\n".join(lines)


def _model_fields(model: Model, label: str) -> list[str]:
    numbers, axes = model.specifications(), axis_fields(type(model))
    parts = [f'kind = "{model.kind}"']
    for f in fields(model):
        value = getattr(model, f.name)
        if value is None or _identical(value, f.default):
            continue
        if f.name in numbers:
            text = _quantity(value, numbers[f.name], f"{label}.{f.name}")
        elif f.name in axes:
            text = f"[{', '.join(map(repr, value))}]"
        else:
            text = str(bool(value)).lower()
        parts.append(f"{f.name} = {text}")
    return parts


def _identical(value: Any, default: Any) -> bool:
    """Equal to the last bit: 0.0 and -0.0 differ here."""
    return type(value) is type(default) and repr(value) == repr(default)


def _quantity(value: Any, specification: Specification, where: str) -> str:
    shape = () if is_traced(value) else np.shape(value)
    if is_traced(value) or (shape and not (specification.kind == "angle" and shape == (3, 2))):
        what = "an abstract value" if is_traced(value) else f"an array of shape {shape}"
        raise SampleError(
            f"save_sample: {where}: got {what}, that is a batch of films; a sample file holds one film. "
            "Pick one value with film.replace."
        )
    if shape:
        rows = [", ".join(_quantity(float(entry), specification, where) for entry in row) for row in np.asarray(value)]
        return f"[{', '.join(f'[{row}]' for row in rows)}]"
    if specification.unit == "1" and not isinstance(value, complex):
        return format_quantity(value, "1")
    return f'"{format_quantity(value, specification.unit)}"'


def _text(value: str, where: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise SampleError(f"save_sample: {where}: got {value!r}, which is not valid Unicode text. Change it.") from None
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
