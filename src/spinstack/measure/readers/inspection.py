"""What a file looks like before anything is said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from spinstack.measure.measurement import QUANTITIES, MeasurementError
from spinstack.measure.readers import delimited, quantum_design
from spinstack.measure.readers.column_units import split_head
from spinstack.measure.readers.decode import Text, load
from spinstack.measure.readers.description import SEPARATORS, Description
from spinstack.measure.readers.fixed_width import layout as blank_layout
from spinstack.measure.readers.grid import CellError, Grid, numbers
from spinstack.measure.readers.header import Header
from spinstack.measure.readers.reading import READERS, as_path, formats
from spinstack.measure.readers.roles import role_or_none
from spinstack.measure.readers.table import dataset


@dataclass(frozen=True)
class SeenColumn:
    """A column as it stands in the file; its values are as written.

    Attributes:
        number: its place, from 1.
        name: its head, without the unit.
        unit: the unit in its head.
        kind: "numbers", "constant", "empty" or "text".
        values: how many cells have a value.
        least: the least number.
        largest: the largest number.
        role: the quantity that its head names, as readers call it.
    """

    number: int
    name: str
    unit: str | None
    kind: str
    values: int
    least: float
    largest: float
    role: str | None


@dataclass(frozen=True)
class Report:
    """What was seen in a file.

    Attributes:
        path: the file.
        encoding: how bytes stand for letters.
        line_end: what ends a line.
        format: the format that fits, if one does.
        separator: what stands between columns.
        decimal: the decimal mark.
        rows: the number of rows of numbers.
        header: the lines above the numbers.
        columns: the columns in order.
        refused: why each format that was tried does not read the file as it is.
        draft: a description with what was seen.
    """

    path: str
    encoding: str
    line_end: str
    format: str | None
    separator: str
    decimal: str
    rows: int
    header: Header
    columns: tuple[SeenColumn, ...]
    refused: dict[str, MeasurementError]
    draft: Description

    def description(self) -> Description:
        """A description to write as TOML, edit, and read the file with."""
        return self.draft

    def to_toml(self) -> str:
        """The description with what is to be completed as comments."""
        open_questions = [c for c in self.draft.columns if c not in QUANTITIES] if self.refused else []
        remarks = [f"How to read {Path(self.path).name} and files like it."]
        if open_questions:
            remarks.append(f"Rename or remove: {', '.join(open_questions)}. Known quantities: {', '.join(QUANTITIES)}.")
        if any(c.unit == "?" for c in self.draft.columns.values()):
            remarks.append('Where unit = "?", say which it is.')
        if self.draft.channels:
            remarks.append("Name the channels: R_xx, R_xy, or names of your own.")
        return self.draft.to_toml(tuple(remarks))

    def __str__(self) -> str:
        lines = [
            f"{self.path}: {self.format or 'no known format'}, {self.encoding}, line ends {self.line_end}, "
            f"{self.rows} rows of {len(self.columns)} columns"
        ]
        lines += [f"  {k}: {v}" for k, v in list(self.header.items())[:40]]
        for c in self.columns:
            if c.kind == "empty":
                continue
            span = {"numbers": f"{c.least:.6g} to {c.largest:.6g}", "constant": f"{c.least:.6g}"}.get(c.kind, c.kind)
            role = f"  -> {c.role}" if c.role else ""
            lines.append(f"  {c.number:3d}  {c.name or '(no name)'} [{c.unit or 'no unit'}]  {c.values} x {span}{role}")
        empty = sum(c.kind == "empty" for c in self.columns)
        lines += [f"  {empty} columns are empty"] if empty else []
        lines += [f"  not read as {name}: {reason}" for name, reason in self.refused.items()]
        return "\n".join(lines)


def inspect(path: str | Path, encoding: str | None = None) -> Report:
    """What stands in a file, whether it can be read as it is, and a description to begin with.

    Raises :class:`MeasurementError` only where the file is not there or is no text.
    """
    text = load(as_path(path), encoding)
    refused: dict[str, MeasurementError] = {}
    read_as = None
    tried = {name: READERS[name] for name in formats(text, Description())}
    for name, reader in tried.items():
        try:
            dataset(reader.table(text, Description()), Description(), {})
            read_as = name
            refused = {}
            break
        except MeasurementError as error:
            refused[name] = error
    for name, reader in tried.items() if read_as is None else [(read_as, tried[read_as])]:
        try:
            draft = reader.guess(text)
            grid, header = _grid(text, name, draft)
            taken = quantum_design.roles(text) if name == "quantum_design" else None
            columns, rows = _columns(text, grid, taken)
        except MeasurementError as error:
            refused.setdefault(name, error)
            continue
        if encoding is not None:
            draft = Description.of({**draft.to_dict(), "encoding": encoding})
        separator = next(k for k, v in SEPARATORS.items() if v == grid.separator)
        return Report(
            str(path), text.encoding, text.line_end, read_as or name, separator, grid.decimal, rows, header, columns,
            refused, draft,
        )  # fmt: skip
    return Report(str(path), text.encoding, text.line_end, None, "", "", 0, {}, (), refused, Description())


def _grid(text: Text, name: str, draft: Description) -> tuple[Grid, Header]:
    if name == "quantum_design":
        header, _, grid = quantum_design.layout(text, Description())
        return grid, header
    if name == "delimited":
        found = delimited.layout(text, draft)
        return found.grid, found.header
    return blank_layout(text, draft)


def _columns(text: Text, grid: Grid, taken: dict[int, str] | None) -> tuple[tuple[SeenColumn, ...], int]:
    """Every column by itself, so that one of text does not hide the others; `taken` for what, where not by the head."""
    lenient = replace(grid, missing=("", *grid.missing))
    seen, rows = [], 0
    for k, head in enumerate(grid.names):
        name, unit = split_head(head)
        try:
            values, lines, _ = numbers(text, lenient, [k])
            column = values[k][~np.isnan(values[k])]
            rows = lines.size
            kind = "empty" if not column.size else "constant" if column.min() == column.max() else "numbers"
        except CellError:
            column, kind = np.empty(0), "text"
        role = role_or_none(head) if taken is None else taken.get(k)
        least, largest = (float(column.min()), float(column.max())) if column.size else (np.nan, np.nan)
        seen.append(SeenColumn(k + 1, name, unit, kind, column.size, least, largest, role))
    return tuple(seen), rows
