"""Columns of fixed width or between runs of blanks, mostly without names: a description says what they are."""

from __future__ import annotations

import re
from itertools import accumulate, pairwise

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers.decode import Text
from spinstack.measure.readers.description import Column, Description
from spinstack.measure.readers.grid import Grid, is_number
from spinstack.measure.readers.header import Header, Record, header_of
from spinstack.measure.readers.table import Table, described_table

_BLANKS = re.compile(r"[ \t]+")


def table(text: Text, description: Description) -> Table:
    """The table of the described columns. Raises :class:`MeasurementError`, with the line, for what is none."""
    if not description.columns:
        raise MeasurementError("columns of fixed width are read with a description only, which says what they are")
    if description.separator not in (None, "space"):
        raise MeasurementError("the description is one of delimited text", field="separator", got=description.separator)
    cut = Text(_cut(text, description), text.encoding, text.line_end) if description.widths else text
    grid, header = layout(cut, description)
    return described_table(cut, grid, description.columns, header)


def layout(text: Text, description: Description) -> tuple[Grid, Header]:
    """Where the rows stand, and what stands above them."""
    separator = "\t" if description.widths else " "
    lines = text.head(max(description.header_line or 0, description.first_line or 0, 1) + 1000).split("\n")
    first = description.first_line or (description.header_line or 0) + 1
    rows = [r for line in lines[first - 1 :] if (r := _cells(line, separator)) and not _remark(line, description)]
    if not rows:
        raise MeasurementError(f"there is no row from line {first} on", field="first_line", got=first)
    if description.header_line:
        names = _cells(lines[description.header_line - 1].lstrip().removeprefix(description.comment), separator)
    else:
        names = [f"column_{k + 1}" for k in range(len(description.widths) or len(rows[0]))]
    above = [
        Record(number, [re.sub(r"[ \t]+", " ", line).strip()], False)
        for number, line in enumerate(lines[: first - 1], 1)
        if line.strip() and number != description.header_line
    ]
    decimal = description.decimal or "."
    grid = Grid(first, tuple(names), separator, decimal, description.comment, description.missing, description.skip_end)
    return grid, header_of(above)


def _cells(line: str, separator: str) -> list[str]:
    if not line.strip():
        return []
    return _BLANKS.split(line.strip()) if separator == " " else [c.strip() for c in line.split(separator)]


def _remark(line: str, description: Description) -> bool:
    return bool(description.comment) and line.lstrip().startswith(description.comment)


def _cut(text: Text, description: Description) -> bytes:
    """The rows as cells between tabs, cut at the described widths; lines above the rows stay as they are."""
    start = (description.first_line or (description.header_line or 0) + 1) - 1
    edges = list(pairwise(accumulate(description.widths, initial=0)))
    out = []
    lines = text.data.decode("utf-8").split("\n")
    last = len(lines) - description.skip_end - (not lines[-1].strip() if description.skip_end else 0)
    for number, line in enumerate(lines):
        is_row = start <= number < last or number + 1 == description.header_line
        if not is_row or not line.strip() or _remark(line, description):
            out.append(line)
            continue
        if "\t" in line:
            raise MeasurementError("a tab stands in a line of columns of fixed width", line=number + 1)
        if len(line.rstrip()) > edges[-1][1]:
            beyond = line.rstrip()[edges[-1][1] :]
            raise MeasurementError("which stands beyond the last column", line=number + 1, got=beyond)
        for left, _ in edges[1:]:  # a number across an edge would be read as two
            if line[left - 1 : left + 1].strip() == line[left - 1 : left + 1] and len(line) > left and start <= number:
                _refuse_split(line, left, number + 1, edges)
        out.append("\t".join(line[a:b].strip() for a, b in edges))
    return "\n".join(out).encode()


def _refuse_split(line: str, left: int, number: int, edges: list[tuple[int, int]]) -> None:
    """Neighbouring columns may touch only where both are full: the cells must be numbers by themselves."""
    for a, b in edges:
        cell = line[a:b].strip()
        if cell and b == left and not (is_number(cell) or is_number(cell, ",")):
            raise MeasurementError("which is not a number; the widths may be wrong", line=number, got=cell)


def guess(text: Text) -> Description:
    """The longest run of lines with the same count of numbers, as a description to be completed by a person."""
    lines = [_cells(line, " ") for line in text.data.decode("utf-8").split("\n")]
    best = run = (0, 0)
    for number, cells in enumerate(lines, 1):
        numeric = len(cells) > 1 and all(map(is_number, cells))
        same = run[1] and len(cells) == len(lines[run[0] - 1])
        run = (run[0], run[1] + 1) if numeric and same else (number, 1) if numeric else (0, 0)
        best = max(best, run, key=lambda r: r[1])
    first, count = best
    if count < 3:
        raise MeasurementError("there are no three lines with the same count of numbers between blanks")
    below = [k for k, cells in enumerate(lines[first - 1 + count :], first + count) if cells]
    return Description(
        format="fixed_width",
        first_line=first,
        skip_end=below[-1] - (first + count - 1) if below else 0,
        columns={f"column_{k + 1}": Column(k + 1) for k in range(len(lines[first - 1]))},
    )
