"""Delimited text: cells between tabs, commas, semicolons or bars, under a line of column names.

Without a description the layout is found only where there is no doubt: one separator and one line of names for which
everything below is a table.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from spinstack.measure.measurement import QUANTITIES, MeasurementError
from spinstack.measure.readers.column_units import is_unit, split_head
from spinstack.measure.readers.decode import Text
from spinstack.measure.readers.description import SEPARATORS, Column, Description, HeaderValue
from spinstack.measure.readers.grid import CellError, Grid, column_words, is_number, numbers, ungrouped
from spinstack.measure.readers.header import Header, Record, any_number, are_names, header_of
from spinstack.measure.readers.loggers import Logged, logged
from spinstack.measure.readers.roles import guessed, located, role_of, role_or_none, suggested
from spinstack.measure.readers.table import Table, described_table, header_quantity, override_note, quantity
from spinstack.text.errors import Problems

_HEAD_LINES = 400
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")


class Layout(NamedTuple):
    """A grid, the header above it, the first records of it, what wrote it, and the rows of numbers above it."""

    grid: Grid
    header: Header
    rows: list[Record]
    logged: Logged | None = None
    above: int = 0


def table(text: Text, description: Description) -> Table:
    """The table of a delimited text. Raises :class:`MeasurementError`, with the line, for what is none."""
    found = layout(text, description)
    grid, described = found.grid, _by_head(found, description.columns)
    places = {located(role, column, grid.names): role for role, column in described.items()}
    usable, left_out = sorted_columns(found)
    usable = [k for k in usable if k not in places]
    recognised = guessed(grid.names, usable, whole=not described)
    columns = {**{role: c for role, c in recognised.items() if role not in described}, **described}
    elsewhere = {*description.constants, *description.from_header}
    columns = {role: c for role, c in columns.items() if role not in elsewhere}
    if not columns:
        raise MeasurementError("no column is left", field="columns")
    empty = [k for k in left_out if not any(r.cells[k].strip() for r in found.rows if k < len(r.cells))]
    if not described:
        _refuse_late_values(text, grid, empty)
    try:
        out = described_table(text, grid, columns, found.header)
    except CellError:
        if not described:
            raise
        columns = {role: c for role, c in columns.items() if role in described or _is_whole(text, grid, c)}
        out = described_table(text, grid, columns, found.header)
    for role, column in recognised.items():
        if role in described:
            head = grid.names[located(role, described[role], grid.names)]
            out.notes.append(override_note(role, head, grid.names[int(column.column) - 1]))
        elif role in elsewhere:
            out.notes.append(f"{role} as described, in place of column {grid.names[int(column.column) - 1]!r}")
        elif role not in columns:
            head = grid.names[int(column.column) - 1]
            out.notes.append(f"column {head!r} left out: not all of its cells are numbers")
    for k in left_out if not described else ():
        # a name alone is no reason: Time may hold dates
        stated = k not in empty and split_head(grid.names[k])[1] is not None
        if stated and (claimed := role_of(grid.names[k])):
            remedy = "Say in columns of a description which columns are meant; this one is then left out."
            raise MeasurementError(
                f"is to be {claimed}, but holds no numbers", field=column_words(k, grid), remedy=remedy
            )
        out.notes.append(f"column {grid.names[k]!r} ({'empty' if k in empty else 'text'}) left out")
    if grid.thousands and description.decimal is None:
        out.notes.append("marks between three digits divide thousands")
    if found.above:
        out.notes.append(f"{found.above} rows of numbers above line {grid.first} are not read")
    if found.logged is not None:
        out.notes.append(f"written by {found.logged.program}")
        if found.logged.clock is not None and "time" not in {*out.columns, *elsewhere}:
            start, each = found.logged.clock
            out.columns["time"], out.units["time"] = start + each * np.arange(out.lines.size), "s"
            out.notes.append(f"time from the header: {each:g} s between rows")
    _add_constants(out, description)
    return out


def _by_head(found: Layout, described: Mapping[str, Column]) -> dict[str, Column]:
    """Described columns, where they are called by another name that their program gave them, by their number."""
    also = found.logged.also if found.logged else ()
    if not also:
        return dict(described)
    heads = {*found.grid.names, *(split_head(n)[0] for n in found.grid.names)}
    return {
        role: replace(c, column=also.index(c.column) + 1) if c.column not in heads and c.column in also else c
        for role, c in described.items()
    }


def _is_whole(text: Text, grid: Grid, column: Column) -> bool:
    """Whether every cell of a recognised column is a number."""
    try:
        numbers(text, grid, [int(column.column) - 1])
    except CellError:
        return False
    return True


def layout(text: Text, description: Description) -> Layout:
    """Where the table stands: as described, else where it is the only one possible."""
    if description.widths or description.separator == "space":
        raise MeasurementError("the description is one of columns of fixed width")
    if (program := logged(text, description)) is not None:
        known = program.description
        found_there = _layout(text, known, SEPARATORS[str(known.separator)])
        names = program.names or found_there.grid.names
        grid = replace(found_there.grid, names=names, short=program.short)
        return Layout(grid, found_there.header, found_there.rows, program)
    problems, found = Problems(), {}
    for name in [description.separator] if description.separator else ["tab", "semicolon", "comma", "bar"]:
        with problems:
            found[name] = _layout(text, description, SEPARATORS[name])
    likely = {n: f for n, f in found.items() if len(f.grid.names) > 1} or found
    if not likely:  # with the separator of the file, a reason knows its line
        problems.errors = [e for e in problems.errors if e.line] or problems.errors[:1]
        problems.end()
    if len(likely) > 1 and likely is not found:
        why, remedy = f"may be {' or '.join(likely)}", "Say in a description which it is."
        raise MeasurementError(why, field="separator", remedy=remedy)
    return next(iter(likely.values()))


def sorted_columns(found: Layout) -> tuple[list[int], list[int]]:
    """Columns with numbers, and columns without any in the first rows."""
    usable = [
        k
        for k in range(len(found.grid.names))
        if any(k < len(r.cells) and _is_value(r.cells[k], found.grid) for r in found.rows)
    ]
    return usable, [k for k in range(len(found.grid.names)) if k not in usable]


def _is_value(cell: str, grid: Grid) -> bool:
    return is_number(cell, grid.decimal) or (grid.thousands and ungrouped(cell, grid.decimal) is not None)


def _layout(text: Text, description: Description, separator: str) -> Layout:
    records = _records(text, separator, description.comment)
    if description.header_line is None and description.first_line is None:
        return _searched(records, description, separator)
    line = description.header_line or 0
    names_at = [r for r in records if r.line == line]
    if line and not names_at:
        why = f"which is blank, inside quotes, or beyond the first {_HEAD_LINES}"
        raise MeasurementError(why, field="header_line", got=line)
    first = description.first_line or line + 1
    rows = [r for r in records if r.line >= first and not r.remark]
    if not rows:
        raise MeasurementError(f"there is no row from line {first} on", field="first_line", got=first)
    names = names_at[0].cells if names_at else [f"column_{k + 1}" for k in range(len(rows[0].cells))]
    above = [r for r in records if r.line < first and r.line != line]
    grid = _grid(names, first, rows, description, separator)
    numbered = sum(len(r.cells) == len(names) and all(map(any_number, r.cells)) for r in above if not r.remark)
    return Layout(grid, header_of(above), rows, above=numbered)


def _searched(records: Sequence[Record], description: Description, separator: str) -> Layout:
    """The only line of names with a table below it that reaches to the end."""
    seen: set[tuple[str, ...]] = set()
    once = []
    for record in records:
        cells = tuple(c.strip() for c in record.cells)
        if record.remark or cells not in seen or not are_names(cells):
            once.append(record)
        seen |= set() if record.remark else {cells}
    records = once
    candidates = _candidates(records)
    if not candidates:
        raise _no_names(records)
    whole = [
        (k, rest)
        for k, rest in candidates
        if all(_fits(records[n], len(records[k].cells), len(records[rest[0]].cells)) for n in rest)
        and len(records[rest[0]].cells) >= len(records[k].cells)
    ]
    if not whole:
        k, rest = candidates[-1]
        width = len(records[k].cells)
        odd = next((records[n] for n in rest if not _fits(records[n], width, width)), records[rest[0]])
        why = f"the row has {len(odd.cells)} cells, where line {records[k].line} names {width} columns"
        raise MeasurementError(why, line=odd.line)
    if len(whole) > 1:
        lines = " or ".join(str(records[k].line) for k, _ in whole)
        why, remedy = f"the names of the columns may stand in line {lines}", "Say in a description where."
        if any(any_number(c) for r in records[whole[0][0] : whole[-1][0]] if not r.remark for c in r.cells):
            why, remedy = f"{why}, with numbers between", "Write each table into a file of its own."
        raise MeasurementError(why, line=records[whole[0][0]].line, remedy=remedy)
    k, rest = whole[0]
    _refuse_units(records, k, records[rest[0]].line)
    _refuse_other_tables(records, k, candidates)
    rows = [records[n] for n in rest]
    above = [r for r in records[:k] if r.line < records[k].line]
    grid = _grid(records[k].cells, records[k].line + 1, rows, description, separator)
    return Layout(grid, header_of(above), rows)


def _no_names(records: Sequence[Record]) -> MeasurementError:
    """Why no line names columns: what is wrong with the last one before the first row of numbers."""
    plain = [r for r in records if not r.remark]
    row = next((n for n, r in enumerate(plain) if any(map(any_number, r.cells))), len(plain))
    above = plain[row - 1] if row else None
    if above is None or len(above.cells) < 2 or not are_names([c for c in above.cells if c.strip()]):
        return MeasurementError("there is no line of column names with numbers below")
    below = plain[row] if row < len(plain) else None
    blank = [str(k + 1) for k, c in enumerate(above.cells) if not c.strip()]
    remedy = ""
    if below is None:
        why = "there are no rows of numbers below this line of column names"
    elif len(above.cells) > len(below.cells) or not blank:
        why = f"the line names {len(above.cells)} columns, where line {below.line} has {len(below.cells)} cells"
    else:
        why = f"columns without a name: {', '.join(blank)}"
        remedy = f"Give them names, or put header_line = {above.line} and the columns that are meant in a description."
    return MeasurementError(why, line=above.line, remedy=remedy)


def _refuse_units(records: Sequence[Record], k: int, first: int) -> None:
    """Units in a line of their own would be taken for names."""
    above = [r for r in records[:k] if not r.remark][-1:]
    units = [c.strip(" ()[]") for c in records[k].cells]
    if above and are_names(above[0].cells) and len(above[0].cells) == len(units) and all(map(is_unit, units)):
        why = f"holds units, it seems, of the names in line {above[0].line}"
        remedy = (
            f'Write them behind the names, such as "{above[0].cells[0].strip()} ({units[0]})", or put header_line = '
        )
        remedy += f"{above[0].line}, first_line = {first} and columns with their units in a description."
        raise MeasurementError(why, line=records[k].line, remedy=remedy)


def _fits(record: Record, named: int, usual: int) -> bool:
    """Whether a row has a cell for each name, and beyond them none with anything in it."""
    beyond = record.cells[named:]
    one_more = len(record.cells) == usual == named + 1
    return len(record.cells) >= named and (one_more or not any(map(str.strip, beyond)))


def _candidates(records: Sequence[Record]) -> list[tuple[int, list[int]]]:
    """Lines that may name columns, with all rows below; one behind a comment mark only if there is no other."""
    plain: list[tuple[int, list[int]]] = []
    remarks: list[tuple[int, list[int]]] = []
    begun = False
    for k, record in enumerate(records):
        rest = [n for n, r in enumerate(records[k + 1 :], k + 1) if not r.remark]
        begun |= not record.remark and len(record.cells) > 1 and any_number(record.cells[0])
        if not rest or not are_names(record.cells) or (record.remark and begun):
            continue
        row = records[rest[0]].cells
        surplus = row[len(record.cells) :]
        fitting = len(row) >= len(record.cells) and (len(surplus) < 2 or not any(map(str.strip, surplus)))
        if fitting and any(map(any_number, row)):
            (remarks if record.remark else plain).append((k, rest))
    return plain or remarks[-1:]


def _refuse_other_tables(records: Sequence[Record], k: int, candidates: Sequence[tuple[int, list[int]]]) -> None:
    """Numbers above the names would be lost: refused, save for one row of values below a line of keys."""
    for record in records[:k]:
        if not record.remark and len(record.cells) > 1 and any_number(record.cells[0]):
            why = f"numbers stand above the column names of line {records[k].line}"
            raise MeasurementError(why, line=record.line)
    for other, rest in candidates:
        same = [n for n in rest if n < k and len(records[n].cells) == len(records[other].cells)]
        if other < k and len(same) > 1:
            why = f"there are two tables, below line {records[other].line} and line {records[k].line}"
            raise MeasurementError(why, line=records[k].line)


def _grid(names: list[str], first: int, rows: Sequence[Record], description: Description, separator: str) -> Grid:
    heads = [n.strip() for n in names]
    if heads and not heads[-1] and {len(r.cells) for r in rows} == {len(heads) - 1}:
        heads.pop()  # a separator at the end of the line of names
    # where the decimal mark is said, the other one can only divide thousands
    decimal, thousands = _decimal(rows) if description.decimal is None else (description.decimal, True)
    missing, comment = description.missing, description.comment
    return Grid(first, tuple(heads), separator, decimal, comment, missing, description.skip_end, thousands=thousands)


def _decimal(rows: Sequence[Record]) -> tuple[str, bool]:
    """The decimal mark of the first rows, and whether marks divide thousands. Raises where it may be either."""
    cells = [(r.line, c.strip()) for r in rows for c in r.cells]
    for mark, other in ((".", ","), (",", ".")):
        grouped = [c for _, c in cells if ungrouped(c, mark) is not None and not is_number(c, other)]
        if grouped and not any(is_number(c, other) and not ungrouped(c, mark) for _, c in cells if other in c):
            return mark, True
    commas = [(line, c) for line, c in cells if "," in c and is_number(c, ",")]
    if not commas:
        return ".", False
    line, comma = commas[0]
    points = [c for _, c in cells if "." in c and is_number(c)]
    remedy = 'Say which decimal mark is meant: put decimal = "." or decimal = "," in a description.'
    if points:
        why = f"the decimal mark may be a comma ({comma!r}) or a point ({points[0]!r})"
        raise MeasurementError(why, line=line, field="decimal", remedy=remedy)
    if all(_THOUSANDS.fullmatch(c) for _, c in commas):
        why = f"the comma in {comma!r} may be a decimal mark or divide thousands"
        raise MeasurementError(why, line=line, field="decimal", remedy=remedy)
    return ",", False


def _records(text: Text, separator: str, comment: str) -> list[Record]:
    """The first records; a quoted cell may hold line breaks."""
    lines = text.head(_HEAD_LINES + 1).split("\n")
    reader = csv.reader(
        (line + "\n" for line in lines[:_HEAD_LINES]), delimiter=separator, skipinitialspace=separator != "\t"
    )
    out, line = [], 1
    try:
        for cells in reader:
            if any(c.strip() for c in cells):
                bare = cells[0].strip()
                remark = bool(comment) and bare.startswith(comment)
                first = bare.removeprefix(comment).strip() if remark else cells[0]
                out.append(Record(line, [first, *(c.rstrip("\n") for c in cells[1:])], remark))
            line = reader.line_num + 1
    except csv.Error as error:
        raise MeasurementError(str(error), line=line) from None
    return out


def _add_constants(out: Table, description: Description) -> None:
    """Conditions that stand above the table with their unit: "H [kOe]" and 20.096, "current: 1.0 mA # source"."""
    taken = {*out.columns, *description.from_header, *description.constants}
    seen: dict[str, list[str]] = {}
    for key, value in out.header.items():
        name, unit = split_head(key)
        for role in QUANTITIES:
            if not isinstance(value, str) or not QUANTITIES[role].condition or role in taken:
                continue
            written = header_quantity(value, unit, role)
            number, _, its_unit = written.partition(" ")
            if not its_unit or not is_number(number) or role_or_none(f"{name} [{its_unit}]") != role:
                continue
            seen.setdefault(role, []).append(key)
    for role, keys in seen.items():
        found = {quantity(header_quantity(str(out.header[k]), split_head(k)[1], role), role) for k in keys}
        if len(found) > 1:
            out.notes.append(f"{role} not taken from the header, where {' and '.join(map(repr, keys))} differ")
            continue
        out.found[role] = HeaderValue(keys[0])
        out.notes.append(f"{role} from the header ({split_head(keys[0])[0]})")


def _refuse_late_values(text: Text, grid: Grid, empty: Sequence[int]) -> None:
    if empty:
        values, lines, _ = numbers(text, replace(grid, missing=("", *grid.missing)), empty)
        for k, column in values.items():
            if (column == column).any():
                line = lines[(column == column).argmax()]
                place = column_words(k, grid)
                raise MeasurementError("empty before, has a value here", line=int(line), field=place)


def guess(text: Text) -> Description:
    """A description of the layout, to be completed by a person: roles where known, else own names."""
    found = layout(text, Description())
    usable, _ = sorted_columns(found)
    columns: dict[str, Column] = {}
    for k in usable:
        head = found.grid.names[k]
        name, unit = split_head(head)
        role = suggested(head)
        plain = re.sub(r"\W+", "_", name).strip("_") or f"column_{k + 1}"
        called = role or (f"column_{k + 1}" if plain[0].isdigit() else plain)
        if called in columns:
            called = f"column_{k + 1}"
        # a unit that cannot be read, so that nobody forgets to say which it is
        columns[called] = Column(
            head if found.grid.names.count(head) == 1 else k + 1, None if unit or not role else "?"
        )
    if found.logged is not None:
        return Description(format="delimited", columns=columns)
    separator = next(k for k, v in SEPARATORS.items() if v == found.grid.separator)
    header_line = found.grid.first - 1
    return Description(
        format="delimited", separator=separator, decimal=found.grid.decimal, header_line=header_line, columns=columns
    )
