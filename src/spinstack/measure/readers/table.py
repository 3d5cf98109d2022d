"""Columns in SI with what the header says, and the measurement made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.measurement import QUANTITIES, MeasurementError, measurement, warn
from spinstack.measure.readers.column_units import scale, split_head, target_unit
from spinstack.measure.readers.decode import Text
from spinstack.measure.readers.description import Angle, Column, Description, HeaderValue, entry_error
from spinstack.measure.readers.grid import Grid, numbers
from spinstack.measure.readers.header import Header
from spinstack.measure.readers.roles import column_scale, located

#: what no laboratory reaches, and what it may be
_USUAL = (
    ("field", 200.0, "T", "its unit may be Oe or mT"),
    ("temperature", 5000.0, "K", "its unit may be mK"),
)
_COMMENTS = (" #", "\t#", " //", " ;", " !")
_QUANTITY = re.compile(r"\s*([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(.*?)\s*")


@dataclass
class Table:
    """Columns in SI units [shape (rows,) each] by name, their units, the line of each row, header and notes."""

    columns: dict[str, np.ndarray]
    units: dict[str, str]
    lines: np.ndarray
    header: Header
    notes: list[str] = field(default_factory=list)
    #: conditions found in the header without being described
    found: dict[str, HeaderValue] = field(default_factory=dict)
    #: conditions that may not be missing in a row with a reading, unless the description lists what is missing
    strict: tuple[str, ...] = ()


def described_table(text: Text, grid: Grid, columns: Mapping[str, Column], header: Header) -> Table:
    """The table of described columns."""
    places = {role: located(role, column, grid.names) for role, column in columns.items()}
    scales = {role: column_scale(role, columns[role], grid.names[k]) for role, k in places.items()}
    values, lines, said = numbers(text, grid, sorted(set(places.values())))
    return Table(
        {role: scales[role].of(values[k]) for role, k in places.items()},
        {role: s.unit for role, s in scales.items()},
        lines,
        header,
        said,
    )


def override_note(role: str, head: str, before: str) -> str:
    """What is said of a description that puts a column in the place of a recognised one."""
    return f"{role} from {head!r}, as described, in place of {before!r}"


def dataset(table: Table, description: Description, attributes: Mapping[str, Any]) -> tuple[xr.Dataset, str]:
    """The measurement, and a sentence on what was read.

    Raises :class:`MeasurementError` where there is no reading, or no row with one.
    """
    columns, units = dict(table.columns), dict(table.units)
    for name, values in columns.items():
        if np.isinf(values).any():
            why = f"is larger than numbers can be in {units.get(name) or 'its unit'}"
            raise MeasurementError(why, line=int(table.lines[np.isinf(values).argmax()]), field=name)
    for name, (value, unit) in _constants(table, description).items():
        columns[name], units[name] = np.full(table.lines.size, value), unit
    if description.angle is not None:
        columns["angle"], units["angle"] = _turned(columns, description.angle), "deg"
    constants = {*description.constants, *description.from_header, *table.found}
    conditions = {n for n in columns if (n in QUANTITIES and QUANTITIES[n].condition) or n in constants}
    readings = [n for n in columns if n not in conditions]
    if not [n for n in readings if not n.endswith("_error")]:
        why = "among which is no reading such as R_xx or moment"
        raise MeasurementError(why, field="columns", got=sorted(columns))
    keep, said = _kept(columns, readings, conditions, table, description)
    columns = {n: c[keep] for n, c in columns.items()}
    for name, largest, unit, words in _USUAL:
        if name in columns and (size := float(np.nanmax(np.abs(columns[name])))) > largest:
            warn(f"{name} goes up to {size:.4g} {unit}: {words}")
    data = measurement(
        {n: columns[n] for n in readings}, {n: columns[n] for n in columns if n in conditions}, attributes
    )
    for name in columns:
        if units.get(name):
            data[name].attrs.setdefault("units", units[name])
        if name.endswith("_error"):
            data[name].attrs.setdefault("long_name", f"standard error of {name.removesuffix('_error')}")
    empty = {n: int(np.isnan(columns[n]).sum()) for n in readings if np.isnan(columns[n]).any()}
    notes = [*table.notes, *said, *(f"{n} is missing in {count} of the rows" for n, count in empty.items())]
    metadata = {"header": table.header, "notes": notes}
    return data.assign_attrs(metadata=json.dumps(metadata, ensure_ascii=False)), "; ".join(
        [f"{data.sizes['point']} rows", *notes]
    ) + "."


def _kept(
    columns: Mapping[str, np.ndarray], readings: list[str], conditions: set[str], table: Table, description: Description
) -> tuple[np.ndarray, list[str]]:
    """Which rows have a reading and all conditions, and what is said of the others."""
    values = [n for n in readings if not n.endswith("_error")]
    without = np.logical_and.reduce([np.isnan(columns[n]) for n in values])
    unknown = np.zeros_like(without)
    for name in sorted(conditions):
        gap = np.isnan(columns[name]) & ~without
        if gap.any() and name in table.strict and not description.missing:
            remedy = 'If such rows are to be left out, put missing = [""] in a description.'
            line = int(table.lines[gap.argmax()])
            raise MeasurementError(f"the row has a reading but no {name}", line=line, field=name, remedy=remedy)
        unknown |= gap
    said = [f"{without.sum()} rows without {' or '.join(values)} left out"] if without.any() else []
    said += [f"{unknown.sum()} rows without a condition left out"] if unknown.any() else []
    keep = ~(without | unknown)
    if not keep.any():
        raise MeasurementError(f"no row has {' or '.join(values)} and all of {', '.join(sorted(conditions))}")
    return keep, said


def _constants(table: Table, description: Description) -> dict[str, tuple[float, str]]:
    header = table.header
    found = {n: quantity(v, n, "constants") for n, v in description.constants.items()}
    for name, entry in {**table.found, **description.from_header}.items():
        matches = [k for k in header if entry.key.strip() in (k, split_head(k)[0])]
        if len(matches) != 1 or not isinstance(header[matches[0]], str):
            known = ", ".join(repr(k) for k in list(header)[:40]) or "none"
            allowed = f"a key in the header of the file: {known}"
            raise entry_error("from_header", name, got=entry.key, allowed=allowed)
        written = header_quantity(str(header[matches[0]]), entry.unit or split_head(matches[0])[1], name)
        found[name] = quantity(written, name, "from_header")
    return found


def header_quantity(written: str, unit: str | None, role: str) -> str:
    """A value of a header with its unit and without the comment behind it; the comment may be the unit."""
    value, mark, comment = written.partition(next((m for m in _COMMENTS if m in written), "\0"))
    bare = _QUANTITY.fullmatch(value)
    if bare is None or bare[2]:
        return value.strip()
    if unit is None and mark and target_unit(role) is not None:
        try:
            scale(comment.strip(), role, role)
        except MeasurementError:
            return value.strip()
        return f"{value.strip()} {comment.strip()}"
    return f"{value.strip()} {unit or ''}".strip()


def quantity(written: str, role: str, group: str = "", name: str = "") -> tuple[float, str]:
    """A number with a unit in SI, such as "20.096 kOe" for the field, and its unit.

    Raises :class:`MeasurementError` about the entry `name` (the role itself) in a `group` of a description.
    """
    match = _QUANTITY.fullmatch(written)
    try:
        value = float(match[1]) if match is not None else np.nan
    except ValueError:
        value = np.nan
    try:
        if match is None or not np.isfinite(value):
            raise MeasurementError(allowed=f"a number with a unit, such as '1 {target_unit(role) or 'Pa'}'")
        found = scale(match[2] or None, role, role)
    except MeasurementError as error:
        name = name or role
        path = (group, name) if group else (name,)
        raise error.with_fields(where=group, field=name, path=path, got=written) from None
    return float(found.of(value)), found.unit


def _turned(columns: Mapping[str, np.ndarray], angle: Angle) -> np.ndarray:
    if "angle" in columns:
        remedy = "Take `angle` out of the description."
        raise MeasurementError("the file has a column of angles already", field="angle", remedy=remedy)
    if "time" not in columns:
        raise MeasurementError("the angle follows from the time, but there is no column for time", field="angle")
    time = columns["time"] - columns["time"][0]
    if not (np.diff(time) >= 0).all() or not time[-1] > 0:
        why = "the time does not increase from row to row, so no angle follows from it"
        raise MeasurementError(why, field="angle")
    zero = quantity(angle.zero, "angle", "angle", "zero")[0]
    if angle.turns is not None:
        return np.asarray(zero + 360.0 * angle.turns * (time / time[-1]))
    match = re.fullmatch(r"(.*?)\s*/\s*(s|min|h)", str(angle.rate))
    if match is None:
        allowed = 'an angle per s, min or h, such as "0.6 deg/s"'
        raise entry_error("angle", "rate", got=angle.rate, allowed=allowed)
    rate = quantity(match[1], "angle", "angle", "rate")[0] / {"s": 1.0, "min": 60.0, "h": 3600.0}[match[2]]
    return np.asarray(zero + rate * time)
