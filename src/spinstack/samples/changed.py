"""Values of one layer put into the text of a sample file, of which everything else stays as it is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from spinstack.samples.reader import KINDS, RECIPROCALS, film_from_document, value_of
from spinstack.text.document import Document, SampleError, parse_document
from spinstack.text.errors import Problems, near_names
from spinstack.text.toml_lines import Key


class NewValue(NamedTuple):
    """A value of a layer: as text of a sample file, and what is said of it in the comment behind."""

    text: str
    comment: str


def changed(
    document: Document, layer: str, kind: str, values: Mapping[str, NewValue], remark: str = "", replace: bool = False
) -> str:
    """The text of a sample file in which the layer of this name and kind has these values, each in a line of its own.

    A line whose value is another stays as a comment where `replace`, and is refused otherwise; a library value, of
    `material`, is overridden. `remark` is a comment below. Raises :class:`SampleError` where there is no such layer,
    or several, where it stands in an inline table, and where the film that results is not valid.
    """
    here, table = _layer(document, layer, kind)
    lines = document.text.split("\n")
    ending = "\r" if lines[0].endswith("\r") else ""
    first = document.line_of(here)
    if not lines[first - 1].lstrip().startswith("[["):
        raise document.error(here, "which is an inline table", remedy="Write it as a [[film]] table, one line a field.")
    own = {key: document.line_of((*here, key)) for key in table}
    at = max((n for n in own.values() if _is_whole(lines[n - 1])), default=first)
    new = {name: f"{name} = {value.text}  # {value.comment}{ending}" for name, value in values.items()}
    swapped: dict[int, str] = {}
    problems = Problems()
    for name, value in values.items():
        also = [r for r, (of, _) in RECIPROCALS.items() if of == name]
        for key in (k for k in (name, *also) if k in table):
            path = (*here, key)
            with problems:
                if _same(document, path, KINDS[kind], key, name, value.text):
                    new.pop(name)
                elif not replace:
                    why = f"which stands there already, where {name} = {value.text} is to be ({value.comment})"
                    raise document.error(
                        path, why, got=table[key], remedy="Allow it with replace, or take the line out."
                    )
                elif not _is_whole(lines[own[key] - 1]):
                    raise document.error(path, "which is not alone in a line", got=table[key], remedy="Write it so.")
                else:
                    swapped[own[key]] = name
    problems.end()
    out: list[str] = []
    added = [line for name, line in new.items() if name not in swapped.values()]
    for n, line in enumerate(lines, 1):
        out.append(f"# {line.lstrip()}" if n in swapped else line)
        out += [new[swapped[n]]] if n in swapped else []
        if n == at:
            out += added + ([f"# {remark}{ending}"] if remark and new else [])
    text = "\n".join(out)
    film_from_document(parse_document(text, document.source))
    return text


def _layer(document: Document, layer: str, kind: str) -> tuple[tuple[Key, ...], dict[str, Any]]:
    """Where the table of the layer of this name stands, and the table."""
    tables = list(_tables(("film",), document.data.get("film")))
    named = {str(table.get("name", table.get("material", ""))): (path, table) for path, table in tables}
    found = [(path, table) for path, table in tables if layer == table.get("name", table.get("material"))]
    if len(found) != 1:
        why = "which several elements are called" if found else "which no element of the film is called"
        raise SampleError(
            why, field="layer", got=layer, allowed=", ".join(n for n in named if n) or "none", source=document.source,
            remedy="Give each a name of its own." if found else near_names(layer, named).strip(),
        )  # fmt: skip
    (path, table) = found[0]
    if table.get("kind") != kind:
        raise document.error((*path, "kind"), f"but {layer} is to be a {kind}", got=table.get("kind"))
    return path, table


def _tables(path: tuple[Key, ...], tables: Any) -> Any:
    for i, table in enumerate(tables if isinstance(tables, list) else []):
        if isinstance(table, dict):
            yield (*path, i), table
            yield from _tables((*path, i, "elements"), table.get("elements"))


def _is_whole(line: str) -> bool:
    """Whether a line holds a key with its value."""
    try:
        return bool(tomllib.loads(line.rstrip("\r")))
    except tomllib.TOMLDecodeError:
        return False


def _same(document: Document, path: tuple[Key, ...], kind: Any, key: str, name: str, text: str) -> bool:
    """Whether what stands at a path is the value already."""
    specification = kind.specifications()[name]
    wanted = value_of(document, path, tomllib.loads(f"v = {text}")["v"], specification)
    if key != name:
        return bool(1 / value_of(document, path, document.value(path), RECIPROCALS[key][1]) == wanted)
    return bool(value_of(document, path, document.value(path), specification) == wanted)
