"""The lines above a table: keys and values, or remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from spinstack.measure.readers.grid import is_number

#: header of a file: keys as they stand there
Header = dict[str, Any]


class Record(NamedTuple):
    """Cells of a line, whose number counts from 1; remark: it stands behind a comment mark."""

    line: int
    cells: list[str]
    remark: bool


def header_of(above: Sequence[Record]) -> Header:
    """Keys and values in the lines above the table; lines that are neither are kept as `line_N`."""
    header: Header = {}
    records = list(above)
    while records:
        record = records.pop(0)
        cells = [c.strip() for c in record.cells]
        below = records[0].cells if records else []
        pair = re.fullmatch(r"([^\W\d][^:=]{0,60}?)\s*[:=]\s*(.+)", cells[0]) if len(cells) == 1 else None
        if len(cells) > 2 and len(below) == len(cells) and are_names(cells):
            records.pop(0)
            header |= {k: v.strip() for k, v in zip(cells, below, strict=True)}
        elif pair:
            header[pair[1]] = pair[2]
        elif len(cells) in (2, 3) and cells[0]:
            header[cells[0]] = " ".join(cells[1:]).strip()
        else:
            header[f"line_{record.line}"] = " | ".join(cells)
    return header


def are_names(cells: Sequence[str]) -> bool:
    """Whether a line may name columns: words, none of them a number, at least two."""
    named = [c.strip() for c in cells]
    while named and not named[-1]:
        named.pop()
    return len(named) > 1 and all(n and not any_number(n) and re.search(r"[^\W\d_]", n) for n in named)


def any_number(cell: str) -> bool:
    """Whether a cell is a number with either decimal mark."""
    return is_number(cell) or is_number(cell, ",")
