"""Reading a measured file: every format is tried, one reads all of it or the reasons of all are told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import xarray as xr

from spinstack.measure.measurement import ATTRIBUTES, MeasurementError, checksum, history, recorded
from spinstack.measure.readers import delimited, fixed_width, quantum_design
from spinstack.measure.readers.decode import Text, load
from spinstack.measure.readers.description import FORMATS, Description
from spinstack.measure.readers.table import dataset, quantity
from spinstack.text.checks import choice, is_number, words
from spinstack.text.errors import Problems, SpinstackError, near_names

READERS: dict[str, ModuleType] = {
    "quantum_design": quantum_design,
    "delimited": delimited,
    "fixed_width": fixed_width,
}
_KEYS = {f.name for f in fields(Description)} - {"attributes"}
_PLANES = ("alpha", "beta", "gamma")
_SYSTEM = ("source", "source_sha256", "format", "metadata", "history")


class NotReadError(MeasurementError):
    """A file that no format fits; its fields are those of the reason that is furthest into the file.

    Attributes:
        reasons: why it is not read, by format.
    """

    reasons: Mapping[str, MeasurementError]

    @classmethod
    def because(cls, source: str, reasons: Mapping[str, MeasurementError]) -> NotReadError:
        """The error about the file `source`."""
        furthest = max(reasons.values(), key=lambda error: error.line or 0)
        made = cls(**furthest.fields(), path=furthest.path).with_fields(source=source)
        made.reasons = dict(reasons)
        return made

    @property
    def errors(self) -> tuple[SpinstackError, ...]:
        """Every reason, as an error about the file."""
        return tuple(one.with_fields(source=self.source) for reason in self.reasons.values() for one in reason.errors)

    def __str__(self) -> str:
        reasons = [f"  {name}: {one}" for name, reason in self.reasons.items() for one in reason.errors]
        return "\n".join([f"{self.source!r} is not read.", *reasons])


def read(
    path: str | Path,
    description: Description | Mapping[str, Any] | str | Path | None = None,
    *,
    format: str | None = None,
    channels: Mapping[str, str] | None = None,
    columns: Mapping[str, Any] | None = None,
    **more: Any,
) -> xr.Dataset:
    """The measurement in a file: readings and conditions over `point` in SI units (angles in deg).

    Everything is read or nothing: :class:`MeasurementError` says, for every format, the line and the reason. Rows
    without any reading are left out only in Quantum Design files or where the description lists what is missing; how
    many they were stands in the history and in the metadata.

    Parameters
    ----------
    path
        A file of a Quantum Design instrument, delimited text, or columns of fixed width (these with a description).
    description
        What is not to be found in the file itself: a :class:`Description`, a mapping, or the path of a TOML file.
    format
        "quantum_design", "delimited" or "fixed_width"; without it all are tried.
    channels
        Names for the channels of a Quantum Design file, such as ``{"1": "R_xx", "2": "R_xy"}``; others are not read.
        Without it they are `bridge_1`, `bridge_2`, ... or `channel_1`, ...
    columns
        Where quantities stand, as in the TOML file: ``{"R_xy": "Resistance (Ohm)"}``, by the head of a column, its
        number, or a mapping with `column`, `unit` and `override`. What the file itself tells stays; the metadata say
        what is overridden.
    more
        Further keys of a description, such as ``constants={"temperature": "300 K"}`` or ``missing=["---"]``, and
        attributes of a measurement, such as ``plane="alpha"``, ``film_thickness="3 nm"`` (numbers are metres).
    """
    described = Description.of(description)
    attributes = {name: value for name, value in more.items() if name not in _KEYS}
    given_here = {"format": format, "channels": channels, "columns": columns}
    given_here |= {name: value for name, value in more.items() if name in _KEYS}
    for key, value in given_here.items():
        if value is not None:
            before = described.to_dict()
            both = {**before[key], **value} if isinstance(value, Mapping) and key in before else value
            described = Description.of({**before, key: both})
    place = as_path(path)
    given = _attributes({**described.attributes, **attributes})
    text = load(place, described.encoding)
    data, used, remark = _read(text, described, str(path))
    data = data.assign_attrs(**given, source=str(path), source_sha256=checksum(place), format=used)
    parameters = {"description": described.to_dict(), "attributes": given}
    return recorded(data, "read", parameters, remark)


def read_recorded(data: xr.Dataset) -> xr.Dataset:
    """The measurement as it was when read: the same file, the same description.

    Raises :class:`MeasurementError` where the dataset was not read from a file, or the file is gone or has changed.
    """
    steps = history(data)
    source, sha = data.attrs.get("source"), data.attrs.get("source_sha256")
    if not steps or steps[0].get("step") != "read" or not source or not sha:
        raise MeasurementError("the measurement was not read from a file", field="history")
    place = as_path(source)
    if not place.is_file():
        raise MeasurementError("which is no longer there", field="source", got=source)
    if checksum(place) != sha:
        raise MeasurementError("which has changed since it was read", field="source", got=source)
    parameters = steps[0]["parameters"]
    return read(source, Description.of(parameters["description"]), **parameters["attributes"])


def _read(text: Text, description: Description, name: str) -> tuple[xr.Dataset, str, str]:
    reasons: dict[str, MeasurementError] = {}
    for used in formats(text, description):
        try:
            table = READERS[used].table(text, description)
            table.header |= {"encoding of the file": text.encoding, "line ends of the file": text.line_end}
            data, remark = dataset(table, description, {})
        except MeasurementError as error:
            reasons[used] = error
        else:
            return data, used, remark
    raise NotReadError.because(name, reasons)


def formats(text: Text, description: Description) -> tuple[str, ...]:
    """The formats to try: the described one, that of the first line, or all."""
    if description.channels and description.format not in (None, "quantum_design"):
        raise MeasurementError("which only Quantum Design files have", field="channels", got=description.channels)
    if description.format is not None:
        return (description.format,)
    return ("quantum_design",) if description.channels or quantum_design.is_one(text) else FORMATS


def as_path(path: Any) -> Path:
    """The path, where it is one."""
    if not isinstance(path, str | Path) or not str(path).strip():
        raise MeasurementError(field="path", got=path, allowed="the path of a file")
    return Path(path)


def _attributes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes in SI units; raises one error for all that are wrong."""
    known = [n for n in ATTRIBUTES if n not in _SYSTEM]
    out: dict[str, Any] = {}
    problems = Problems()
    for name, value in given.items():
        with problems:
            if name not in known:
                near = near_names(name, known).strip()
                raise MeasurementError("there is no such attribute", field=name, allowed=", ".join(known), remedy=near)
            if name == "plane":
                out[name] = choice(value, name, _PLANES, error=MeasurementError)
            elif ATTRIBUTES[name][0] == "m":
                out[name] = _length(name, value)
            else:
                out[name] = words(value, name, error=MeasurementError)
    problems.end()
    return out


def _length(name: str, value: Any) -> float:
    found, unit = quantity(value, name) if isinstance(value, str) else (value, "m")
    if unit != "m" or not (is_number(found) and math.isfinite(found) and found > 0):
        allowed = 'a positive length, such as "3 nm", or a number in m'
        raise MeasurementError(field=name, got=value, allowed=allowed)
    return float(found)
