"""Files of common logging programs, recognised by their own header: where the names, units and rows stand in them.

PyMeasure (Results), QCoDeS (text of the gnuplot format), LabVIEW measurement files and Lake Shore magnetometers. Each
says what a description of its files would say; the rest is that of delimited text.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers.column_units import split_head
from spinstack.measure.readers.decode import Text
from spinstack.measure.readers.description import SEPARATORS, Description

_END = "***End_of_Header***"


@dataclass(frozen=True)
class Logged:
    """What a logging program says of its file.

    Args:
        program: its name.
        description: where things stand.
        names: heads of columns with their units, where the line of names alone does not say them.
        also: further names of the columns, in the same order.
        short: rows may leave out empty cells at their end.
        clock: first time and step of time [s], where rows have none.
    """

    program: str
    description: Description
    names: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    short: bool = False
    clock: tuple[float, float] | None = None


def logged(text: Text, description: Description) -> Logged | None:
    """What the program that wrote a text says of it, None where none is recognised or the description says where."""
    if description.header_line is not None or description.first_line is not None or description.separator is not None:
        return None
    lines = text.head(400).split("\n")
    for program in _PROGRAMS:
        if (found := program(lines, description)) is not None:
            return found
    return None


def _pymeasure(lines: list[str], description: Description) -> Logged | None:
    data = next((k for k, line in enumerate(lines) if line.strip() == "#Data:"), None)
    if data is None or not lines[0].startswith("#Procedure:"):
        return None
    # PyMeasure writes nan for what a procedure did not emit
    missing = tuple(dict.fromkeys((*description.missing, "nan", "")))
    return Logged("PyMeasure", replace(description, separator="comma", header_line=data + 2, missing=missing))


def _qcodes(lines: list[str], description: Description) -> Logged | None:
    if len(lines) < 4 or not all(line.startswith("# ") for line in lines[:3]):
        return None
    names, labels, sizes = (line[2:].strip().split("\t") for line in lines[:3])
    if len(names) != len(labels) or not all(re.fullmatch(r'".*"', label) for label in labels):
        return None
    if not all(size.isdigit() for size in sizes):
        return None
    labels = [label[1:-1] for label in labels]
    heads = [label if split_head(label)[1] else name for name, label in zip(names, labels, strict=True)]
    also = [name if split_head(label)[1] else label for name, label in zip(names, labels, strict=True)]
    described = replace(description, separator="tab", header_line=1, first_line=4)
    return Logged("QCoDeS", described, tuple(heads), tuple(also))


def _labview(lines: list[str], description: Description) -> Logged | None:
    if lines[0].strip() != "LabVIEW Measurement":
        return None
    ends = [k for k, line in enumerate(lines) if line.strip() == _END]
    if len(ends) != 2:
        where = ", ".join(str(k + 1) for k in ends) or "none"
        remedy = f"Write each segment into a file of its own, with the lines up to the first {_END} above it."
        why = f"a LabVIEW file with one segment has two lines {_END}; here they are lines {where}"
        raise MeasurementError(why, remedy=remedy if len(ends) > 2 else "The file is cut off within its header.")
    separator = "\t"
    said: dict[str, list[str]] = {}
    for line in lines[: ends[1]]:
        separator = "," if line.startswith("Separator,") else separator
        key, *cells = line.rstrip().split(separator)
        said[key] = cells
    decimal = (said.get("Decimal_Separator") or ["."])[0].strip()
    columns = (said.get("X_Columns") or ["One"])[0].strip()
    if columns == "Multi":
        raise MeasurementError(
            "each channel has a column X_Value of its own", field="X_Columns", got="Multi",
            remedy='Say in columns what each is, by its number: time = { column = 1, unit = "s" }, with '
            f"header_line = {ends[1] + 2}.",
        )  # fmt: skip
    units, dimensions = said.get("Y_Unit_Label", []), said.get("X_Dimension", [])
    names = [n.strip() for n in lines[ends[1] + 1].split(separator)]
    timed = bool(dimensions) and dimensions[0].strip() == "Time"
    heads = ["time [s]" if timed and columns != "No" else names[0]]
    for k, name in enumerate(names[1:]):
        unit = units[k].strip() if k < len(units) else ""
        heads.append(f"{name} [{unit}]" if unit and split_head(name)[1] is None else name)
    clock = None
    if columns == "No" and timed:
        first, step = (float((said.get(n) or ["0"])[0].replace(decimal, ".")) for n in ("X0", "Delta_X"))
        clock = (first, step)
    described = replace(
        description, separator="tab" if separator == "\t" else "comma", decimal=decimal, header_line=ends[1] + 2
    )
    return Logged("LabVIEW", described, tuple(heads), tuple(names), True, clock)


def _lake_shore(lines: list[str], description: Description) -> Logged | None:
    mark = next((k for k, line in enumerate(lines) if line.strip().rstrip(",") in ("##DATA TABLE", "***DATA***")), None)
    if mark is None:
        return None
    at = next((k for k in range(mark + 1, len(lines)) if lines[k].strip()), None)
    if at is None:
        raise MeasurementError("there are no column names below", line=mark + 1, got=lines[mark].strip())
    counts = {name: lines[at].count(sign) for name, sign in (("tab", "\t"), ("comma", ","), ("semicolon", ";"))}
    separator = max(counts, key=lambda name: counts[name])
    if not counts[separator]:
        raise MeasurementError("which are no column names", line=at + 1, got=lines[at][:60])
    names = [n.strip() for n in next(csv.reader([lines[at]], delimiter=SEPARATORS[separator]))]
    heads = [re.sub(r"\s*\((?:m|M|H|B|T)\)(?=\s*[\[(])", "", n) for n in names]  # Moment (m) [emu]
    comment = "" if description.comment == "#" else description.comment
    described = replace(description, separator=separator, header_line=at + 1, comment=comment)
    return Logged("Lake Shore", described, tuple(heads), tuple(names), True)


_PROGRAMS: tuple[Callable[[list[str], Description], Logged | None], ...] = (
    _pymeasure, _qcodes, _labview, _lake_shore,
)  # fmt: skip
