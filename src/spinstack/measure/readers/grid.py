"""Rows of numbers in a text: all of them, or the line and column of what is not one.

The fast way is the C parser of pandas; whatever it does not take goes through :func:`_exact`, which defines what a
number is and names the cell at fault. Both give the same numbers.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers.decode import Text
from spinstack.text.errors import NOTHING

_BLOCK = 1 << 22
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPS = r"[+-]?[1-9][0-9]{0,2}(?:%s[0-9]{3})+(?:%s[0-9]*)?"
#: marks between thousands beside the other decimal mark: apostrophes and blanks that do not break a line
_MARKS = "'\u2019\u00a0\u202f\u2009"
#: what instruments write for infinity and for no number (SCPI 1999, volume 1, section 7.2.1)
_OVERLOADS = (9.9e37, 9.91e37)
_TRUTH = (b"true", b"True", b"TRUE", b"false", b"False", b"FALSE")  # the C parser takes these for 1 and 0


class CellError(MeasurementError):
    """A cell that is no number."""


@dataclass(frozen=True)
class Grid:
    """Where the rows stand and how they are written.

    `first` is the line of the first row (from 1), `skip_end` how many lines after the last row are none. Separator " "
    means runs of blanks. With `short`, rows may leave out empty cells at their end (Quantum Design). With `thousands`
    the other decimal mark, apostrophes and narrow blanks may stand between groups of three digits.
    """

    first: int
    names: tuple[str, ...]
    separator: str
    decimal: str = "."
    comment: str = "#"
    missing: tuple[str, ...] = ()
    skip_end: int = 0
    short: bool = False
    thousands: bool = False


def column_words(k: int, grid: Grid) -> str:
    """The column (from 0) as people count and call it."""
    return f"column {k + 1} ({grid.names[k]!r})"


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell is a number."""
    cell = cell.strip()
    return (decimal == "." or "." not in cell) and _NUMBER.fullmatch(cell.replace(decimal, ".")) is not None


def ungrouped(cell: str, decimal: str) -> str | None:
    """A number without the marks between its thousands, None where it has none."""
    for mark in (*_MARKS, "," if decimal == "." else "."):
        if mark in cell and re.fullmatch(_GROUPS % (re.escape(mark), re.escape(decimal)), cell.strip()):
            return cell.replace(mark, "")
    return None


def numbers(text: Text, grid: Grid, wanted: Sequence[int]) -> tuple[dict[int, np.ndarray], np.ndarray, list[str]]:
    """The wanted columns (from 0), shape (rows,) each, the line of each row, and notes; cells of `missing` are NaN.

    The line of names may stand again between the rows, and rows may end in empty cells beyond the last name; both is
    noted. Raises :class:`MeasurementError` with the line for rows of another width, cells that are no finite numbers,
    and a last line that may be cut off.
    """
    region, said = _region(text, grid)
    plain = b'"' not in region
    lines, widths = _widths(region, grid) if plain else _quoted_widths(region, grid)
    if not lines.size:
        raise MeasurementError("there are no rows of numbers from here on", line=grid.first)
    lines = lines + grid.first - 1
    width = _checked_width(region, grid, lines, widths, wanted)
    if surplus := int(np.sum(widths > len(grid.names))):
        said.append(f"{surplus} rows end in empty cells beyond the last column name")
    if not grid.skip_end:
        _refuse_cut_off(region, grid, int(lines[-1]))
    values = _fast(region, grid, wanted, width, lines.size) if plain and wanted else None
    return values if values is not None else _exact(region, grid, wanted), lines, said


def _region(text: Text, grid: Grid) -> tuple[bytes, list[str]]:
    start = 0
    for _ in range(grid.first - 1):
        start = text.data.find(b"\n", start) + 1
        if not start:
            raise MeasurementError("the file has fewer lines than that", line=grid.first)
    stop = len(text.data)
    if grid.skip_end:
        stop = len(text.data.rstrip(b"\n\t "))
        for _ in range(grid.skip_end):
            stop = max(text.data.rfind(b"\n", start, stop), start)
    region = text.data[start:stop]
    mark = grid.comment.encode()
    if mark and mark in region:
        region = re.sub(rb"(?m)^[ \t]*" + re.escape(mark) + rb".*$", b"", region)
    if (first := next(filter(None, grid.names), "").encode()) and first in region:
        mark = re.escape(grid.separator.encode())
        between = rb"[ \t]+" if grid.separator == " " else rb'"?[ \t]*' + mark + rb'[ \t]*"?'
        names = between.join(re.escape(name.encode()) for name in grid.names)
        end = rb'"?[ \t' + mark + rb"]*$"
        region, again = re.subn(rb'(?m)^[ \t]*"?' + names + end, b"", region)
        return region, [f"the line of column names stands {again} times again"] if again else []
    return region, []


def _blocks(region: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(region):
        stop = region.find(b"\n", start + _BLOCK) + 1 or len(region)
        yield region[start:stop]
        start = stop


def _widths(region: bytes, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Lines that are not blank (from 1) and how many cells each has."""
    lines, widths, before = [np.empty(0, int)], [np.empty(0, int)], 0
    for block in _blocks(region):
        codes = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(codes == 10)
        if not block.endswith(b"\n"):
            ends = np.append(ends, codes.size)
        if grid.separator == " ":
            blank = (codes == 32) | (codes == 9) | (codes == 10)
            marks = np.flatnonzero(~blank & np.concatenate(([True], blank[:-1])))
        else:
            marks = np.flatnonzero(codes == ord(grid.separator))
        cells = np.diff(np.searchsorted(marks, ends), prepend=0) + (grid.separator != " ")
        if (cells == 1).any():  # without a separator it may be a blank line
            ink = np.diff(np.searchsorted(np.flatnonzero(codes > 32), ends), prepend=0)
            cells[(cells == 1) & (ink == 0)] = 0
        lines.append(np.flatnonzero(cells) + 1 + before)
        widths.append(cells[cells > 0])
        before += ends.size
    return np.concatenate(lines), np.concatenate(widths)


def _records(region: bytes, grid: Grid) -> Iterator[tuple[int, list[str]]]:
    """First line (from `grid.first`) and cells of each row."""
    stream = io.TextIOWrapper(io.BytesIO(region), encoding="utf-8", newline="\n")
    if grid.separator == " ":
        for number, line in enumerate(stream, grid.first):
            if stripped := line.strip(" \t\n"):
                yield number, re.split(r"[ \t]+", stripped)
        return
    reader = csv.reader(stream, delimiter=grid.separator, skipinitialspace=grid.separator != "\t", strict=True)
    at = grid.first
    try:
        for cells in reader:
            if cells and not (len(cells) == 1 and not cells[0].strip()):
                yield at, cells
            at = grid.first + reader.line_num
    except csv.Error as error:
        why = "a quotation mark is not closed from here on" if "end of data" in str(error) else str(error)
        raise MeasurementError(why, line=at) from None


def _quoted_widths(region: bytes, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(line - grid.first + 1, len(cells)) for line, cells in _records(region, grid)]
    both = np.array(pairs, dtype=int).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _checked_width(region: bytes, grid: Grid, lines: np.ndarray, widths: np.ndarray, wanted: Sequence[int]) -> int:
    """The width of the widest row, if every row has an allowed one."""
    named = len(grid.names)
    counts = np.bincount(widths)
    usual = int(counts.argmax())
    if grid.short and usual <= named:
        allowed = {usual, named}
    elif usual == named + 1 and counts[usual] == widths.size and grid.separator != " ":
        _refuse_unnamed(region, grid)
        allowed = {usual}
    else:
        allowed = {named}
    odd = np.flatnonzero(~np.isin(widths, list(allowed)))
    if grid.separator != " " and odd.size and (widths[odd] > named).any():
        odd = odd[~np.isin(odd, _wider_by_nothing(region, grid, lines, odd[widths[odd] > named]))]
    if grid.short and odd.size:
        odd = _without_remarks(region, grid, lines, odd, widths, wanted)
    if odd.size:
        others = " or ".join(map(str, sorted(allowed)))
        why = f"the row has {widths[odd[0]]} cells, where {others} are meant"
        remedy = "The line of names may lack some: complete it." if (widths > named).all() else ""
        raise MeasurementError(why, line=int(lines[odd[0]]), remedy=remedy)
    return int(widths.max())


def _wider_by_nothing(region: bytes, grid: Grid, lines: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Those rows (places in `lines`) whose cells beyond the last name are all empty."""
    suspects = {int(lines[i]): i for i in wide}
    named = len(grid.names)
    found = [suspects[n] for n, c in _records(region, grid) if n in suspects and not any(x.strip() for x in c[named:])]
    return np.array(found, dtype=int)


def _without_remarks(
    region: bytes, grid: Grid, lines: np.ndarray, odd: np.ndarray, widths: np.ndarray, wanted: Sequence[int]
) -> np.ndarray:
    """Rows of odd width that are not just a remark in the first column."""
    suspects = {int(lines[i]): i for i in odd}
    left = []
    for line, cells in _records(region, grid):
        if line in suspects and not (
            len(cells) <= len(grid.names)
            and cells[0].strip()
            and not is_number(cells[0])
            and not any(cells[k].strip() for k in wanted if k < len(cells) and k != 0)
        ):
            left.append(suspects[line])
    return np.array(left, dtype=int)


def _refuse_unnamed(region: bytes, grid: Grid) -> None:
    """A last column without a name is allowed where it is empty: a separator at the end of each row."""
    for line, cells in _records(region, grid):
        if cells[-1].strip():
            why = f"the row has {len(cells)} cells, where there are {len(grid.names)} column names"
            raise MeasurementError(why, line=line)


def _refuse_cut_off(region: bytes, grid: Grid, line: int) -> None:
    """A last line without line end may lack digits: refused unless its last cell is as long as the others are."""
    if region.endswith(b"\n") or region.rstrip(b" \t\n") == b"" or b"\n" not in region:
        return
    tail = [cells for _, cells in _records(region[region.rfind(b"\n", 0, max(len(region) - _BLOCK, 0)) + 1 :], grid)]
    cell = tail[-1][-1]
    others = [_digits(cells[-1], grid.decimal) for cells in tail[:-1] if cells[-1].strip()]
    if not cell.strip() or not others:
        return
    whole, decimals, exponent = _digits(cell, grid.decimal)
    if (
        decimals < min(o[1] for o in others)
        or exponent < max(o[2] for o in others)
        or (whole < min(o[0] for o in others) and not any(o[1] for o in others))
    ):
        why = f"the file ends within the line, and its last cell {cell[:60]!r} is shorter than the others"
        raise MeasurementError(why, line=line, remedy="If the line is complete, end it with a line end.")


def _digits(cell: str, decimal: str) -> tuple[int, int, int]:
    """Digits before the decimal mark, after it, and of the exponent."""
    mantissa, _, exponent = cell.strip().lower().partition("e")
    whole, _, decimals = mantissa.partition(decimal)
    return len(whole.lstrip("+-")), len(decimals), len(exponent.lstrip("+-"))


def _fast(region: bytes, grid: Grid, wanted: Sequence[int], width: int, rows: int) -> dict[int, np.ndarray] | None:
    """The columns by the C parser, or None where it does not take them."""
    import pandas as pd

    if any(word in region for word in _TRUTH):
        return None
    # exactly rounded numbers are the default since pandas 3.1
    exact = {} if tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1) else {"float_precision": "round_trip"}
    try:
        frame = pd.read_csv(
            io.BytesIO(region),
            sep=r"\s+" if grid.separator == " " else grid.separator,
            decimal=grid.decimal,
            header=None,
            names=list(range(max(width, len(grid.names)))),
            usecols=list(wanted),
            index_col=False,
            dtype=np.float64,
            na_filter=bool(grid.missing),
            na_values=list(grid.missing),
            keep_default_na=False,
            quoting=csv.QUOTE_NONE,
            encoding="utf-8",
            engine="c",
            **exact,
        )
    except (ValueError, OverflowError, MemoryError, pd.errors.ParserError):
        return None
    columns = {k: frame[k].to_numpy() for k in wanted}
    if len(frame) != rows or any((np.abs(c) >= min(_OVERLOADS)).any() for c in columns.values()):
        return None
    return columns


def _exact(region: bytes, grid: Grid, wanted: Sequence[int]) -> dict[int, np.ndarray]:
    columns: dict[int, list[float]] = {k: [] for k in wanted}
    for line, cells in _records(region, grid):
        for k, column in columns.items():
            cell = cells[k].strip() if k < len(cells) else ""
            column.append(math.nan if cell in grid.missing else _value(cell, line, k, cells, grid))
    return {k: np.array(column, dtype=float) for k, column in columns.items()}


def _value(cell: str, line: int, k: int, cells: list[str], grid: Grid) -> float:
    written = is_number(cell, grid.decimal)
    value = float(cell.replace(grid.decimal, ".")) if written else math.nan
    if math.isfinite(value) and abs(value) not in _OVERLOADS:
        return value
    whole = ungrouped(cell, grid.decimal)
    if whole is not None and grid.thousands:
        return float(whole.replace(grid.decimal, "."))
    why, other = "which is not a finite number", "," if grid.decimal == "." else "."
    if math.isfinite(value):
        why = "which instruments write for an overload or for no value"
        remedy = f"If it does here, put missing = [{cell!r}] in a description."
    elif written:
        why, remedy = "which is larger than numbers can be", ""
    elif not cell:
        why, remedy = "the cell is empty", 'If that is meant, put missing = [""] in a description.'
    elif whole is not None:
        remedy = f'If marks divide thousands, put decimal = "{grid.decimal}" in a description.'
        if is_number(cell, other):
            remedy += f' If the decimal mark is another one there, put decimal = "{other}".'
    elif is_number(cell, other):
        remedy = f'The decimal mark is taken to be "{grid.decimal}". '
        remedy += f'If it is another, put decimal = "{other}" in a description.'
    elif re.match(r"\W*\d", cell):  # never leave out what may be a value
        remedy = "Write the number alone into this cell, in plain digits and signs, and its unit into the name of the "
        remedy += "column."
    else:
        remedy = f"If it stands for no value, put missing = [{cell[:40]!r}] in a description."
    raise CellError(why, line=line, field=column_words(k, grid), got=cell[:60] or NOTHING, remedy=remedy)
