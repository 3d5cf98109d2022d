"""Reading a measured file: every format is tried, one reads all of it or the reasons of all are told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import xarray as xr

from spinstack.measure.measurement import ATTRIBUTES, MeasurementError, checksum, history, recorded
from spinstack.measure.readers import delimited, fixed_width, quantum_design
from spinstack.measure.readers.decode import Text, load
from spinstack.measure.readers.description import FORMATS, Description
from spinstack.measure.readers.table import dataset, quantity

READERS: dict[str, ModuleType] = {
    "quantum_design": quantum_design,
    "delimited": delimited,
    "fixed_width": fixed_width,
}
_PLANES = ("alpha", "beta", "gamma")
_SYSTEM = ("source", "source_sha256", "format", "metadata", "history")


def read(
    path: str | Path,
    description: Description | Mapping[str, Any] | str | Path | None = None,
    *,
    format: str | None = None,
    channels: Mapping[str, str] | None = None,
    **attributes: Any,
) -> xr.Dataset:
    """The measurement in a file: readings and conditions over `point` in SI units (angles in deg).

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
    attributes
        Attributes of a measurement, such as ``plane="alpha"``, ``film_thickness="3 nm"`` (numbers are metres).

    Everything is read or nothing: :class:`MeasurementError` says, for every format, the line and the reason. Rows
    without any reading are left out only in Quantum Design files or where the description lists what is missing; how
    many they were stands in the history and in the metadata.
    """
    described = Description.of(description)
    if channels is not None:
        described = Description.of({**described.to_dict(), "channels": dict(channels)})
    if format is not None:
        described = Description.of({**described.to_dict(), "format": format})
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
        raise MeasurementError("history: the measurement was not read from a file.")
    place = as_path(source)
    if not place.is_file():
        raise MeasurementError(f"source: {source!r} is no longer there.")
    if checksum(place) != sha:
        raise MeasurementError(f"source: {source!r} has changed since it was read.")
    parameters = steps[0]["parameters"]
    return read(source, Description.of(parameters["description"]), **parameters["attributes"])


def _read(text: Text, description: Description, name: str) -> tuple[xr.Dataset, str, str]:
    reasons = []
    for used in [description.format] if description.format else FORMATS:
        try:
            table = READERS[used].table(text, description)
            table.header |= {"encoding of the file": text.encoding, "line ends of the file": text.line_end}
            data, remark = dataset(table, description, {})
        except MeasurementError as error:
            reasons.append(f"{used}: {str(error).rstrip('.')}.")
        else:
            return data, used, remark
    raise MeasurementError(f"{name!r} is not read.\n" + "\n".join(f"  {reason}" for reason in reasons))


def as_path(path: Any) -> Path:
    """The path, where it is one."""
    if not isinstance(path, str | Path) or not str(path).strip():
        raise MeasurementError(f"path: got {path!r}. Allowed: the path of a file.")
    return Path(path)


def _attributes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes in SI units."""
    out: dict[str, Any] = {}
    for name, value in given.items():
        if name not in ATTRIBUTES or name in _SYSTEM:
            allowed = ", ".join(n for n in ATTRIBUTES if n not in _SYSTEM)
            raise MeasurementError(f"{name}: there is no such attribute. Allowed: {allowed}.")
        if name == "plane" and value not in _PLANES:
            raise MeasurementError(f"plane: got {value!r}. Allowed: {', '.join(map(repr, _PLANES))}.")
        if ATTRIBUTES[name][0] == "m":
            out[name] = _length(name, value)
        elif isinstance(value, str):
            out[name] = value
        else:
            raise MeasurementError(f"{name}: got {value!r}. Allowed: text.")
    return out


def _length(name: str, value: Any) -> float:
    if isinstance(value, str):
        number, unit = quantity(name, value, name)
        if unit != "m":
            raise MeasurementError(f'{name}: got {value!r}. Allowed: a length, such as "3 nm".')
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    else:
        raise MeasurementError(f'{name}: got {value!r}. Allowed: a length, such as "3 nm", or a number in m.')
    if not (math.isfinite(number) and number > 0):
        raise MeasurementError(f"{name}: got {value!r}. Allowed: a positive length.")
    return number
