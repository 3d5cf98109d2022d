"""``file = "scan.dat"`` of data in a fit file: the columns of a measured file as a curve of an observable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.fitting.data import Data
from spinstack.fitting.samples import Sample
from spinstack.measure import analysis as registry
from spinstack.study.arguments import Meaning, own_parameters
from spinstack.study.data_reader import check_lengths, described, meaning_of
from spinstack.study.fit_data import read_numbers
from spinstack.study.table import Table
from spinstack.text.checks import choice
from spinstack.text.errors import ParameterError, SpinstackError, near_names
from spinstack.text.units import In

#: observables that are curves, the argument along which they go, and the column that has it
CURVES = {"angular_scan": ("angles", "angle", "deg"), "field_scan": ("field", "field", "T")}
#: readings that they give
READINGS = ("R_xx", "R_xy", "R_yx", "R_yy")
_ALONG = ("R_xx", "R_yy")
#: values of a curve; more are of no use to a fit
MOST = 5000


def _file(
    file: str,
    readings: list[str],
    format: str,
    description: str | dict[str, object],
    columns: dict[str, object],
    channels: dict[str, object],
    constants: dict[str, object],
    from_header: dict[str, object],
    bar_width: Annotated[float, In("m")],
    bar_length: Annotated[float, In("m")],
    step: list[dict[str, object]],
) -> None:
    """What a table says of its file."""


OWN = tuple(own_parameters(_file))


def read_raw(table: Table, samples: Mapping[str, Sample], folder: Path) -> list[Data]:
    """The curve of a measured file; what is wrong is noted."""
    before = len(table.problems)
    own = table.inside(data={k: v for k, v in table.data.items() if k in OWN})
    given = own.read(_file, Meaning(bare=frozenset()), optional=OWN)
    check_lengths(own, given)
    with table.refusing():
        if "observable" not in table.data:
            raise ParameterError("missing", allowed=", ".join(CURVES), path=("observable",))
        choice(table.data["observable"], "observable", CURVES, remedy="Others take values in the file.")
    for key in ("values", "variable", "component", "unit", "correlations"):
        if key in table.data:
            why = "beside a file, whose columns are the values"
            table.refuse(ParameterError(why, got=table.data[key], remedy="Leave one of them out."), key)
    if len(table.problems) > before:
        return []
    data = _cleaned(own, given, folder)
    if data is None:
        return []
    filled = _filled(table, given, data)
    return [] if filled is None else [part for one in read_numbers(filled, samples) for part in _apart(one)]


def _apart(one: Data) -> list[Data]:
    """Each reading by itself: the size of the bar is one of those along the current alone."""
    names = [one.variables] if isinstance(one.variables, str) else list(one.variables or [])
    count = one.given.size // len(names)
    out = []
    for k, name in enumerate(names):
        own = slice(k * count, (k + 1) * count)
        meter = {key: column[own] for key, column in one.meter.items() if np.any(column[own])}
        systematic = one.systematic if name in _ALONG else 0.0
        label = one.name if len(names) == 1 else f"{one.name} {name}"
        out.append(
            replace(one, values=one.given[own], errors=np.asarray(one.errors)[own], variables=name, meter=meter,
                    systematic=systematic, name=label)
        )  # fmt: skip
    return out


def _cleaned(table: Table, given: Mapping[str, Any], folder: Path) -> xr.Dataset | None:
    """The measurement after the steps of the table."""
    from spinstack.measure.readers import read

    path = folder / str(given.get("file", ""))
    if not path.is_file():
        near = near_names(path.name, (p.name for p in path.parent.glob("*"))).strip() if path.parent.is_dir() else ""
        table.refuse(ParameterError("there is no such file", got=given.get("file"), remedy=near), "file")
        return None
    description = described(table, given, folder)
    sizes = {n: given[n] for n in ("bar_width", "bar_length") if n in given}
    try:
        data: Any = read(path, description, format=given.get("format"), **sizes)
    except (SpinstackError, OSError) as error:
        table.refuse(ParameterError(str(error)), "file")
        return None
    for step in table.entries("step"):
        before = len(table.problems)
        with step.refusing():
            do = choice(step.data.get("do"), "do", registry.step_names())
            function = registry.step_function(do)
            arguments = step.without("do").read(function, meaning_of((), table), given=1)
            if len(table.problems) > before:
                return None
            data = function(data, **arguments)
        if len(table.problems) > before:
            return None
        if not isinstance(data, xr.Dataset):
            why = "which makes several of one measurement"
            step.refuse(ParameterError(why, got=do, remedy="Take one with select or part."), "do")
            return None
    return data


def _filled(table: Table, given: Mapping[str, Any], data: xr.Dataset) -> Table | None:
    """The table with the numbers of the file in it, as if they stood there."""
    before = len(table.problems)
    argument, column, unit = CURVES[table.data["observable"]]
    readings = given.get("readings", ["R_xx"])
    if argument in table.data and argument != "field":
        why = "which the file tells"
        table.refuse(ParameterError(why, got=table.data[argument], remedy="Leave it out."), argument)
    for i, name in enumerate(readings):
        if name not in READINGS or name not in data.data_vars:
            there = ", ".join(n for n in READINGS if n in data.data_vars) or "none; a step to_resistance makes them"
            why = "which is no reading of the file" if name in READINGS else "which no such curve gives"
            table.refuse(ParameterError(why, got=name, allowed=there), "readings", i)
    if column not in data.variables:
        why = f"which has no {column}"
        remedy = "Name the column that has it: columns = { " + column + ' = "..." }.'
        table.refuse(ParameterError(why, got=given["file"], remedy=remedy), "file")
    width, length = (data.attrs.get(n) for n in ("bar_width", "bar_length"))
    if {*_ALONG} & {*readings} and (width is None or length is None):
        why = "missing: the readings along the current are those of a bar"
        remedy = 'Give them with an error that is common to all, systematic = "3 %"; equal ones for a square.'
        table.refuse(ParameterError(why, remedy=remedy), "bar_length" if length is None else "bar_width")
    if len(table.problems) > before:
        return None
    rows = np.flatnonzero(np.all([np.isfinite(data[n].values) for n in (column, *readings)], axis=0))
    if not 2 <= rows.size <= MOST:
        remedy = "Make them fewer by a step, such as average_repeats." if rows.size > MOST else ""
        table.refuse(ParameterError(f"which has {rows.size} rows", allowed=f"2 to {MOST}", remedy=remedy), "file")
        return None
    square = width / length if width is not None and length is not None else 1.0
    factor = {n: square if n in _ALONG else 1.0 for n in readings}
    more: dict[str, Any] = {
        argument: [f"{v!r} {unit}" for v in data[column].values[rows].tolist()],
        "values": {n: (data[n].values[rows] * factor[n]).tolist() for n in readings},
        "unit": "Ohm",
    }
    if "errors" not in table.data:
        errors = {n: f"{n}_error" for n in readings}
        if any(name not in data.variables for name in errors.values()):
            remedy = 'Give errors = "0.1 mOhm", per square where the readings are those of a bar.'
            table.refuse(ParameterError("missing, and the file has no column of errors", remedy=remedy), "errors")
            return None
        more["errors"] = {n: (data[name].values[rows] * factor[n]).tolist() for n, name in errors.items()}
    if argument != "field" and "field" not in table.data and "field" in data.variables:
        more["field"] = f"{float(np.mean(data['field'].values))!r} T"
    kept = {k: v for k, v in table.data.items() if k not in OWN}
    return table.inside(data={**kept, **more})
