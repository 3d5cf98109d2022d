"""Files of Quantum Design instruments: [Header], [Data], column names, rows; most columns are empty.

Which columns are read follows from the instrument option alone (:mod:`spinstack.measure.readers.options`). Rows may
leave out empty cells at their end, or have more of them than there are names.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from spinstack.measure.measurement import MeasurementError, warn
from spinstack.measure.readers.column_units import split_head
from spinstack.measure.readers.decode import Text
from spinstack.measure.readers.description import Column, Description, entry_error
from spinstack.measure.readers.grid import Grid, numbers
from spinstack.measure.readers.header import Header
from spinstack.measure.readers.options import Channels, Option, Reading, normal, option_of
from spinstack.measure.readers.roles import column_scale, located
from spinstack.measure.readers.table import Table, override_note

#: two ways to a resistance that differ by more are told
AGREEMENT = 0.01


@dataclass
class _Columns:
    """Columns with data, by their number; what was chosen and said."""

    names: tuple[str, ...]
    values: dict[int, np.ndarray]
    lines: np.ndarray
    option: Option
    described: frozenset[int] = frozenset()
    out: dict[str, np.ndarray] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def called(self, *names: str) -> int | None:
        """The column of one of these names that has data; of two with the same name the one with data."""
        for name in names:
            same = [k for k, n in enumerate(self.names) if normal(split_head(n)[0]) == name and self.has(k)]
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

    def in_si(self, role: str, k: int, column: Column | None = None) -> tuple[np.ndarray, str]:
        """A column in SI, and its unit; where it states none, that of the option."""
        unit = self.option.units.get(normal(split_head(self.names[k])[0]))
        if split_head(self.names[k])[1] is None and unit is not None:
            column = replace(column or Column(k + 1), unit=(column and column.unit) or unit)
        found = column_scale(role, column or Column(k + 1), self.names[k])
        return found.of(self.values[k]), found.unit

    def take(self, role: str, k: int, column: Column | None = None) -> None:
        self.out[role], self.units[role] = self.in_si(role, k, column)


def is_one(text: Text) -> bool:
    """Whether the first line is that of a Quantum Design file, so that no other format is meant."""
    return text.head(1).strip().rstrip(",").casefold() == "[header]"


def table(text: Text, description: Description) -> Table:
    """The table of a Quantum Design file. Raises :class:`MeasurementError`, with the line, for what is none."""
    header, names, grid = layout(text, description)
    option = option_of(header, description.option)
    described = {role: located(role, column, names) for role, column in description.columns.items()}
    values, lines, said = numbers(text, grid, sorted({*_known_columns(names, option), *described.values()}))
    found = _Columns(names, values, lines, option, frozenset(described.values()), notes=said)
    elsewhere = {*description.columns, *description.constants, *description.from_header}
    for role, called in option.conditions.items():
        if role not in elsewhere:
            _condition(found, role, called, turned=description.angle is not None)
    _readings(found, description, header)
    recognised = recognised_columns(found)
    for role, k in described.items():
        found.take(role, k, description.columns[role])
        if role in recognised and recognised[role] != k:
            found.notes.append(override_note(role, names[k], names[recognised[role]]))
            if f"{role}_error" not in described:  # it belonged to the other column
                found.out.pop(f"{role}_error", None)
    if not [r for r in found.out if r not in option.conditions and r not in ("current", "frequency")]:
        kinds = " or ".join(dict.fromkeys(r.role for r in option.readings)) or "resistance"
        remedy = 'Name the column in a description: moment = { column = "..." }.'
        allowed = f"one of the columns {', '.join(map(repr, names))}"
        raise MeasurementError(f"no column of {kinds} has data ({option.name})", allowed=allowed, remedy=remedy)
    if option.note and any(role in found.out for role in option.alternating):
        found.notes.append(option.note)
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
        raise MeasurementError(
            f"there are {len(marks)} lines [Data], where one is meant", remedy="Write each part into a file of its own."
        )
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


def recognised_columns(found: _Columns) -> dict[str, int]:
    """Which column each condition and reading of the option is read from."""
    wanted = list(found.option.conditions.items())
    wanted += [(r.role, (r.head,)) for r in found.option.readings]
    wanted += [(f"{r.role}_error", (r.error,)) for r in found.option.readings if r.error]
    places: dict[str, int] = {}
    for role, called in wanted:
        if role not in places and (k := found.called(*called)) is not None:
            places[role] = k
    if "angle" in places and _no_rotator(found, places["angle"]):
        del places["angle"]
    return places


def _no_rotator(found: _Columns, k: int) -> bool:
    """Whether a column of positions is zero throughout."""
    return not np.nan_to_num(found.values[k]).any()


def _known_columns(names: Sequence[str], option: Option) -> list[int]:
    exact = [n for group in option.conditions.values() for n in group]
    exact += [n for reading in option.readings for n in (reading.head, reading.error) if n]
    patterns = [re.escape(n) for n in exact] + ["number of readings"]
    if option.channels is not None:
        patterns += [p for p in _parts(option.channels).values() if p]
    known = re.compile("|".join(f"(?:{p})" for p in patterns))
    return [k for k, n in enumerate(names) if known.fullmatch(normal(split_head(n)[0]))]


def _parts(channels: Channels) -> dict[str, str]:
    names = ("resistance", "resistivity", "volts", "deviation", "current", "frequency")
    return {name: getattr(channels, name) for name in names}


def _condition(found: _Columns, role: str, called: Sequence[str], turned: bool) -> None:
    k = found.called(*called)
    if k is None:
        if role in ("temperature", "field"):
            raise MeasurementError(
                f"there is no column of {role} with data", field=role,
                remedy=f"Columns: {', '.join(map(repr, found.names[:12]))}, ...",
            )  # fmt: skip
        return
    if role == "angle" and (turned or _no_rotator(found, k)):
        return
    found.take(role, k)
    if role == "time":
        start = float(np.nanmin(found.out[role]))
        found.out[role] = found.out[role] - start
        found.notes.append(f"time counts from the time stamp {start!r} s")


def _readings(found: _Columns, description: Description, header: Header) -> None:
    option = found.option
    channels = _channels(found)
    if description.channels:
        _named_channels(found, channels, description.channels, header)
        return
    for name, parts in channels.items():
        if _first(parts) not in found.described:
            _channel(found, name, parts, header)
    _currents(found, list(channels.values()))
    for role in dict.fromkeys(reading.role for reading in option.readings):
        _reading(found, role, [r for r in option.readings if r.role == role])
    _alternating(found)


def _channels(found: _Columns) -> dict[str, dict[str, int]]:
    """Channels with data: what they hold, and in which column."""
    rules = found.option.channels
    channels: dict[str, dict[str, int]] = {}
    if rules is None:
        return channels
    common: dict[str, int] = {}
    for what, pattern in _parts(rules).items():
        for head in found.names:
            name = normal(split_head(head)[0])
            match = re.fullmatch(pattern, name) if pattern else None
            if match is None or (k := found.called(name)) is None:
                continue
            if match.re.groups:
                channels.setdefault(f"{rules.kind}_{match[1]}", {})[what] = k
            else:
                common[what] = k
    held = ("resistance", "resistivity", "volts")
    return {n: {**common, **p} for n, p in sorted(channels.items()) if any(what in p for what in held)}


def _named_channels(
    found: _Columns, channels: dict[str, dict[str, int]], named: Mapping[str, str], header: Header
) -> None:
    taken = []
    for key, role in named.items():
        matches = [n for n in channels if key in (n, n.partition("_")[2])]
        if len(matches) != 1 or role in found.out:
            known = ", ".join(channels) or "none"
            allowed = f"channels with data, each with its own name: {known}"
            raise entry_error("channels", key, got=role, allowed=allowed)
        _channel(found, role, channels[matches[0]], header, matches[0].partition("_")[2])
        taken.append(channels[matches[0]])
    _currents(found, taken)


def _channel(found: _Columns, role: str, parts: Mapping[str, int], header: Header, number: str = "") -> None:
    """A resistance (a resistivity where nothing tells the resistance) and its standard error."""
    number = number or role.partition("_")[2]
    k = _first(parts)
    if "resistance" in parts or not _as_resistance(found, role, parts, header, number):
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
    # the deviation has the unit of the resistivity, where there is one
    with np.errstate(divide="ignore", invalid="ignore"):
        error = deviation / np.sqrt(count) * np.abs(found.out[role] / found.values[parts.get("resistivity", k)])
    if np.isfinite(error[valued]).all():
        found.out[f"{role}_error"], found.units[f"{role}_error"] = error, found.units[role]
        found.notes.append(f"{role}_error is the standard deviation over the root of the number of readings")


def _first(parts: Mapping[str, int]) -> int:
    return next(parts[what] for what in ("resistance", "resistivity", "volts") if what in parts)


def _as_resistance(found: _Columns, role: str, parts: Mapping[str, int], header: Header, number: str) -> bool:
    """The resistance of a channel that holds volts or a resistivity: V/I, or rho L/A with the header's L and A.

    Both are compared where both are there. False where neither is, or the role is a resistivity (rho...).
    """
    if role.casefold().startswith(("rho", "resistivity")):
        return False
    ways: dict[str, np.ndarray] = {}
    size = _geometry(found, header, number)
    if "volts" in parts and "current" in parts:
        volts, current = found.in_si("V_xx", parts["volts"])[0], found.in_si("current", parts["current"])[0]
        if "resistivity" in parts:  # volts without one are of another kind of measurement
            volts = np.where(np.isnan(found.values[parts["resistivity"]]), np.nan, volts)
        with np.errstate(divide="ignore", invalid="ignore"):
            ways["volts over excitation"] = np.where(current != 0, volts / current, np.nan)
    if "resistivity" in parts and size is not None:
        rho, unit = found.in_si("resistivity", parts["resistivity"])
        if unit == "Ohm m":
            separation, section = size
            key = f"the resistivity times {separation:.6g} m (lead separation) over {section:.6g} m^2 (cross-section)"
            ways[key] = rho * separation / section
    ways = {how: values for how, values in ways.items() if np.isfinite(values).any()}
    if not ways:
        if role.startswith("R_"):
            kept = f'channels = {{ {number} = "rho{role[1:]}" }}'
            remedy = f"Name it so that it stays a resistivity: {kept}."
            raise MeasurementError(
                "is a resistivity, which does not convert to Ohm without the size of the sample",
                field=f"channel {number} ({role})", remedy=remedy,
            )  # fmt: skip
        return False
    (how, values), *others = ways.items()
    found.out[role], found.units[role] = values, "Ohm"
    found.notes.append(f"{role} is {how}")
    for other, second in others:
        both = np.isfinite(values) & np.isfinite(second)
        apart = np.abs(values - second)[both] > AGREEMENT * np.abs(second[both])
        if np.mean(apart) > 0.5:
            at = int(np.flatnonzero(both)[np.argmax(apart)])
            said = f"{role} in line {found.lines[at]} is {values[at]:.6g} Ohm by {how} (taken), but {second[at]:.6g} "
            said += f"Ohm by {other}"
            warn(said)
            found.notes.append(said)
    return True


def _geometry(found: _Columns, header: Header, number: str) -> tuple[float, float] | None:
    """Lead separation [m] and cross-section [m^2] of a channel, where the header has both."""
    rules = found.option.channels
    if rules is None or not rules.geometry:
        return None
    sizes = []
    for key, power in zip(rules.geometry, (1, 2), strict=True):
        try:
            value = float(str(header.get(key.format(number), "")))
        except ValueError:
            return None
        sizes.append(value * rules.length**power)
    return (sizes[0], sizes[1]) if sizes[0] > 0 and sizes[1] > 0 and np.isfinite(sizes).all() else None


def _currents(found: _Columns, channels: Sequence[Mapping[str, int]]) -> None:
    """Current and frequency, where all channels that are read have the same."""
    for role in ("current", "frequency"):
        if role in found.out:
            continue
        columns = [parts[role] for parts in channels if role in parts]
        if not columns:
            continue
        values = np.array([found.values[k] for k in columns])
        valued = np.array([found.values[_first(p)] for p in channels])
        gaps = (np.isnan(values).all(axis=0) & ~np.isnan(valued).all(axis=0)).any()
        filled = np.where(
            np.isnan(values), values[np.isfinite(values).argmax(axis=0), np.arange(values.shape[1])], values
        )
        if gaps or not np.array_equal(filled.min(axis=0), filled.max(axis=0), equal_nan=True):
            found.notes.append(f"the channels have different {role}s, or none in some rows: left out")
            continue
        found.values[columns[0]] = filled[0]
        found.take(role, columns[0])


def _reading(found: _Columns, role: str, alternatives: Sequence[Reading]) -> None:
    """The first of the alternatives that has data, with its error."""
    filled = [(k, reading) for reading in alternatives if (k := found.called(reading.head)) is not None]
    if not filled:
        return
    k, reading = filled[0]
    rest = [o for o, _ in filled[1:] if (np.isnan(found.values[k]) & ~np.isnan(found.values[o])).any()]
    if rest:
        heads = " and ".join(repr(found.names[o]) for o in (k, *rest))
        why, remedy = f"{heads} hold the {role} of different rows", "Say in a description which is meant."
        raise MeasurementError(why, field=role, remedy=remedy)
    drive = np.ones(1)
    if reading.times:
        if reading.times not in found.out:
            return
        drive = found.out[reading.times]
        found.out[role], found.units[role] = _moment_of_susceptibility(found, k, drive)
        found.notes.append(f"{role} is {found.names[k]!r} times the {reading.times.replace('_', ' ')}")
    else:
        found.take(role, k)
    if reading is not alternatives[0]:
        found.notes.append(f"{role} from {found.names[k]!r}, as {alternatives[0].head!r} is empty")
    error = found.called(reading.error) if reading.error else None
    if error is None:
        return
    valued = np.isfinite(found.values[k])
    if not np.isfinite(found.values[error][valued]).all():
        return
    if reading.times:
        values, unit = _moment_of_susceptibility(found, error, drive)
    else:
        unit_of_reading = split_head(found.names[k])[1]
        stated = split_head(found.names[error])[1]
        values, unit = found.in_si(f"{role}_error", error, None if stated else Column(error + 1, unit_of_reading))
        if stated is None:
            found.notes.append(f"{role}_error has the unit of {found.names[k]!r}")
    found.out[f"{role}_error"], found.units[f"{role}_error"] = np.where(valued, values, np.nan), unit


def _moment_of_susceptibility(found: _Columns, k: int, drive: np.ndarray) -> tuple[np.ndarray, str]:
    """emu/Oe times the drive [T], in A m^2."""
    unit = split_head(found.names[k])[1]
    if unit != "emu/Oe":
        raise MeasurementError(got=unit, field=found.names[k], allowed="emu/Oe")
    return found.values[k] * drive * 10.0, "A m^2"  # 1e-3 A m^2 per 1e-4 T


def _alternating(found: _Columns) -> None:
    """Frequency and drive of the rows with an alternating response; both are zero in those without."""
    rows = [np.isfinite(found.out[role]) for role in found.option.alternating if role in found.out]
    for name in ("frequency", "drive_amplitude"):
        if not found.option.alternating or name not in found.out:
            continue
        if not rows:
            del found.out[name], found.units[name]  # the instrument names them also where it does not measure with them
            continue
        alternating = np.logical_or.reduce(rows)
        if (unknown := alternating & np.isnan(found.out[name])).any():
            line = int(found.lines[unknown.argmax()])
            raise MeasurementError(f"the row has an alternating response but no {name}", line=line, field=name)
        found.out[name] = np.where(alternating, found.out[name], 0.0)
        if not alternating.all():
            found.notes.append(f"{name} is 0 in rows without an alternating response")


def _comments(text: Text, grid: Grid) -> Header:
    """Remarks in the rows, by line; at most a hundred."""
    start = 0
    for _ in range(grid.first - 1):
        start = text.data.index(b"\n", start) + 1
    matches = re.finditer(rb"(?m)^[^,\n][^,\n]*", text.data[start:])
    found = [(text.data.count(b"\n", 0, start + m.start()) + 1, m[0].decode()) for m in islice(matches, 100)]
    return {"comments": {str(line): remark.strip() for line, remark in found}} if found else {}


def seen(text: Text) -> tuple[_Columns, dict[str, dict[str, int]]]:
    """The columns that the option of the header knows, and its channels with data."""
    header, names, grid = layout(text, Description())
    option = option_of(header, None)
    values, lines, _ = numbers(text, grid, _known_columns(names, option))
    found = _Columns(names, values, lines, option)
    return found, _channels(found)


def roles(text: Text) -> dict[int, str]:
    """What the columns of a file are taken for, by their number from 0."""
    found, channels = seen(text)
    out = {k: role for role, k in reversed(recognised_columns(found).items())}
    return out | {_first(parts): name for name, parts in channels.items()}


def guess(text: Text) -> Description:
    """The description of a Quantum Design file: channels with data, to be named by a person."""
    return Description(format="quantum_design", channels={n: n for n in seen(text)[1]})
