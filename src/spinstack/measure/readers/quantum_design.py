"""Files of Quantum Design instruments: [Header], [Data], column names, rows; most columns are empty.

Options read: Resistivity, VSM, MPMS3 and SQUID-VSM, with column names as in the files of tests/data; AC Transport
(ch1, ch2) and Electrical Transport (Ch1, Ch2), with column names as public analysis scripts list them, for want of a
file. Rows may leave out empty cells at their end.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers.column_units import split_head
from spinstack.measure.readers.decode import Text
from spinstack.measure.readers.description import Column, Description, entry_error
from spinstack.measure.readers.grid import Grid, numbers
from spinstack.measure.readers.header import Header
from spinstack.measure.readers.roles import column_scale, located
from spinstack.measure.readers.table import Table

_CONDITIONS = {
    "time": ("time stamp",),
    "temperature": ("temperature",),
    "field": ("magnetic field", "field"),
    "angle": ("sample position", "rotation angle"),
}
#: moment and its standard error, the first that has data is taken
_MOMENTS = (
    ("moment", "m. std. err."),
    ("dc moment fixed ctr", "dc moment err fixed ctr"),
    ("dc moment free ctr", "dc moment err free ctr"),
    ("long moment", "long scan std dev"),
)
#: what columns of a channel hold, by name without unit
_CHANNEL = {
    "resistance": (r"bridge (\d) resistance", r"resistance ch(\d)"),
    "resistivity": (r"bridge (\d) resistivity", r"res\. ch(\d)"),
    "deviation": (r"bridge (\d) std\. ?dev\.", r"resistance std\. ?dev\. ch(\d)", r"res\. ?std\. ?dev\. ch(\d)"),
    "current": (r"bridge (\d) excitation", r"ac current ch(\d)"),
    "frequency": (r"frequency ch(\d)",),
}


@dataclass
class _Columns:
    """Columns with data, by their number; what was chosen and said."""

    names: tuple[str, ...]
    values: dict[int, np.ndarray]
    lines: np.ndarray
    out: dict[str, np.ndarray] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def called(self, *names: str) -> int | None:
        """The column of one of these names that has data; of two with the same name the one with data."""
        for name in names:
            same = [k for k, n in enumerate(self.names) if split_head(n)[0].casefold() == name and self.has(k)]
            if len(same) > 1:
                first = self.values[same[0]]
                if not all(np.array_equal(first, self.values[k], equal_nan=True) for k in same[1:]):
                    numbers_ = " and ".join(str(k + 1) for k in same)
                    why = f"are both {self.names[same[0]]!r}, with different values"
                    raise MeasurementError(why, field=f"columns {numbers_}")
            if same:
                return same[0]
        return None

    def has(self, k: int | None) -> bool:
        return k is not None and k in self.values and not bool(np.isnan(self.values[k]).all())

    def take(self, role: str, k: int, column: Column | None = None) -> None:
        found = column_scale(role, column or Column(k + 1), self.names[k])
        self.out[role], self.units[role] = found.of(self.values[k]), found.unit


def is_one(text: Text) -> bool:
    """Whether the first line is that of a Quantum Design file, so that no other format is meant."""
    return text.head(1).strip().rstrip(",").casefold() == "[header]"


def table(text: Text, description: Description) -> Table:
    """The table of a Quantum Design file. Raises :class:`MeasurementError`, with the line, for what is none."""
    header, names, grid = layout(text, description)
    wanted = sorted({*_known_columns(names), *(located(r, c, names) for r, c in description.columns.items())})
    values, lines = numbers(text, grid, wanted)
    found = _Columns(names, values, lines)
    for role, column in description.columns.items():
        found.take(role, located(role, column, names), column)
    elsewhere = {*description.columns, *description.constants, *description.from_header}
    for role, called in _CONDITIONS.items():
        if role not in elsewhere:
            _condition(found, role, called, turned=description.angle is not None)
    if description.channels or not description.columns:
        _readings(found, description)
    if names[0].casefold() == "comment":
        header |= _comments(text, grid)
    return Table(found.out, found.units, lines, header, found.notes, strict=("time", "temperature", "field"))


def layout(text: Text, description: Description) -> tuple[Header, tuple[str, ...], Grid]:
    """Header, column names and where the rows stand."""
    if any((description.widths, description.separator not in (None, "comma"), description.header_line)):
        raise MeasurementError("the description is one of another format")
    lines = text.head(2000).split("\n")
    marks = [k for k, line in enumerate(lines) if line.strip().rstrip(",").casefold() == "[data]"]
    if not is_one(text):
        raise MeasurementError("the first line is not [Header]")
    if len(marks) != 1:
        raise MeasurementError(f"there are {len(marks)} lines [Data], where one is meant")
    at = marks[0] + 1
    if at >= len(lines) or not lines[at].strip():
        raise MeasurementError("there are no column names below [Data]", line=at + 1)
    names = tuple(n.strip() for n in next(csv.reader([lines[at]])))
    while names and not names[-1]:
        names = names[:-1]
    if len(names) < 2:
        raise MeasurementError("which are no column names between commas", line=at + 1, got=lines[at][:60])
    missing = tuple(dict.fromkeys(("", *description.missing)))
    grid = Grid(at + 2, names, ",", description.decimal or ".", "", missing, description.skip_end, short=True)
    return header_values(lines[1 : marks[0]]), names, grid


def header_values(lines: Sequence[str]) -> Header:
    """INFO lines by their key, the others by their first word; keys that stand twice have a list of values."""
    header: Header = {}
    for line in lines:
        cells = [c.strip() for c in line.split(",")]
        if not line.strip() or line.lstrip().startswith(";"):
            continue
        key, value = cells[0], ", ".join(cells[1:])
        if key == "INFO" and len(cells) > 2:
            first = cells[1] == "APPNAME"
            key = cells[1] if first else cells[-1]
            value = ", ".join(cells[2:] if first else cells[1:-1])
        before = header.get(key)
        header[key] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return header


def _known_columns(names: Sequence[str]) -> list[int]:
    patterns = [re.escape(n) for group in (*_CONDITIONS.values(), *_MOMENTS) for n in group]
    patterns += [p for group in _CHANNEL.values() for p in group] + ["number of readings"]
    known = re.compile("|".join(f"(?:{p})" for p in patterns))
    return [k for k, n in enumerate(names) if known.fullmatch(split_head(n)[0].casefold())]


def _condition(found: _Columns, role: str, called: Sequence[str], turned: bool) -> None:
    k = found.called(*called)
    if k is None:
        if role in ("temperature", "field"):
            raise MeasurementError(
                f"there is no column of {role} with data", field=role,
                remedy=f"Columns: {', '.join(map(repr, found.names[:12]))}, ...",
            )  # fmt: skip
        return
    if role == "angle" and (turned or not np.nan_to_num(found.values[k]).any()):
        return  # without a rotator the position is zero throughout
    found.take(role, k)
    if role == "time":
        start = float(np.nanmin(found.out[role]))
        found.out[role] = found.out[role] - start
        found.notes.append(f"time counts from the time stamp {start!r} s")


def _readings(found: _Columns, description: Description) -> None:
    channels = _channels(found)
    if description.channels:
        _named_channels(found, channels, description.channels)
        return
    for name, parts in channels.items():
        _channel(found, name, parts)
    _currents(found, list(channels.values()))
    _moment(found)
    if not channels and "moment" not in found.out:
        remedy = 'Name the column in a description: moment = { column = "..." }.'
        allowed = f"one of the columns {', '.join(map(repr, found.names))}"
        raise MeasurementError("no column of resistance or moment has data", allowed=allowed, remedy=remedy)


def _channels(found: _Columns) -> dict[str, dict[str, int]]:
    """Channels with data: what they hold, and in which column."""
    channels: dict[str, dict[str, int]] = {}
    for what, patterns in _CHANNEL.items():
        for head in found.names:
            name = split_head(head)[0].casefold()
            for pattern in patterns:
                if (match := re.fullmatch(pattern, name)) and (k := found.called(name)) is not None:
                    kind = "bridge" if name.startswith("bridge") else "channel"
                    channels.setdefault(f"{kind}_{match[1]}", {})[what] = k
    return {n: p for n, p in sorted(channels.items()) if "resistance" in p or "resistivity" in p}


def _named_channels(found: _Columns, channels: dict[str, dict[str, int]], named: Mapping[str, str]) -> None:
    taken = []
    for key, role in named.items():
        matches = [n for n in channels if key in (n, n.partition("_")[2])]
        if len(matches) != 1 or role in found.out:
            known = ", ".join(channels) or "none"
            allowed = f"channels with data, each with its own name: {known}"
            raise entry_error("channels", key, got=role, allowed=allowed)
        _channel(found, role, channels[matches[0]])
        taken.append(channels[matches[0]])
    _currents(found, taken)


def _channel(found: _Columns, role: str, parts: Mapping[str, int]) -> None:
    """A resistance (a resistivity where there is no resistance) and its standard error."""
    k = parts.get("resistance", parts.get("resistivity"))
    assert k is not None
    found.take(role, k)
    readings = found.called("number of readings")
    if "deviation" not in parts or readings is None:
        return
    count = found.values[readings]
    valued = ~np.isnan(found.out[role])
    if (bad := valued & ~(count >= 1)).any():
        line, count_there = int(found.lines[bad.argmax()]), float(count[bad.argmax()])
        raise MeasurementError(line=line, field="number of readings", got=count_there, allowed="1 or more")
    deviation = found.values[parts["deviation"]]
    if (negative := deviation < 0).any():
        line, there = int(found.lines[negative.argmax()]), float(deviation[negative.argmax()])
        raise MeasurementError("which is negative", line=line, field="standard deviation", got=there)
    rho = parts.get("resistivity", k)
    with np.errstate(divide="ignore", invalid="ignore"):  # the deviation has the unit of the resistivity
        ratio = found.out[role] / found.values[rho] if rho != k else found.out[role] / found.values[k]
        error = deviation / np.sqrt(count) * np.abs(ratio)
    if np.isfinite(error[valued]).all():
        found.out[f"{role}_error"], found.units[f"{role}_error"] = error, found.units[role]
        found.notes.append(f"{role}_error is the standard deviation over the root of the number of readings")


def _currents(found: _Columns, channels: Sequence[Mapping[str, int]]) -> None:
    """Current and frequency, where all channels that are read have the same."""
    for role in ("current", "frequency"):
        if role in found.out:
            continue
        columns = [parts[role] for parts in channels if role in parts]
        if not columns:
            continue
        values = np.array([found.values[k] for k in columns])
        valued = np.array([found.values[p.get("resistance", p.get("resistivity", 0))] for p in channels])
        gaps = (np.isnan(values).all(axis=0) & ~np.isnan(valued).all(axis=0)).any()
        filled = np.where(
            np.isnan(values), values[np.isfinite(values).argmax(axis=0), np.arange(values.shape[1])], values
        )
        if gaps or not np.array_equal(filled.min(axis=0), filled.max(axis=0), equal_nan=True):
            found.notes.append(f"the channels have different {role}s, or none in some rows: left out")
            continue
        found.values[columns[0]] = filled[0]
        found.take(role, columns[0])


def _moment(found: _Columns) -> None:
    places = [(found.called(name), found.called(error), name) for name, error in _MOMENTS]
    filled = [(k, error, name) for k, error, name in places if k is not None]
    if not filled:
        return
    k, error, _ = filled[0]
    rest = [o for o, _, _ in filled[1:] if (np.isnan(found.values[k]) & ~np.isnan(found.values[o])).any()]
    if rest:
        heads = " and ".join(repr(found.names[o]) for o in (k, *rest))
        why, remedy = f"{heads} hold the moment of different rows", "Say in a description which is meant."
        raise MeasurementError(why, field="moment", remedy=remedy)
    found.take("moment", k)
    if k != places[0][0] and any(split_head(n)[0].casefold() == "moment" for n in found.names):
        found.notes.append(f"moment from {found.names[k]!r}, as 'Moment' is empty")
    if error is not None and np.isfinite(found.values[error][np.isfinite(found.values[k])]).all():
        found.take("moment_error", error)


def _comments(text: Text, grid: Grid) -> Header:
    """Remarks in the rows, by line; at most a hundred."""
    start = 0
    for _ in range(grid.first - 1):
        start = text.data.index(b"\n", start) + 1
    matches = re.finditer(rb"(?m)^[^,\n][^,\n]*", text.data[start:])
    found = [(text.data.count(b"\n", 0, start + m.start()) + 1, m[0].decode()) for m in islice(matches, 100)]
    return {"comments": {str(line): remark.strip() for line, remark in found}} if found else {}


def guess(text: Text) -> Description:
    """The description of a Quantum Design file: channels with data, to be named by a person."""
    _, names, grid = layout(text, Description())
    values, lines = numbers(text, grid, _known_columns(names))
    channels = _channels(_Columns(names, values, lines))
    return Description(format="quantum_design", channels={n: n for n in channels})
