"""Rows of a measurement that an analysis can use: those with numbers in all of its columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.measurement import QUANTITIES, MeasurementError, need
from spinstack.measure.settings import check_one_setting

#: beyond it squares and their sums are no numbers
LARGEST = 1e100


class Rows(NamedTuple):
    """Columns in the order they were asked for, errors of the reading (None: not given), and the rows they are from."""

    columns: list[np.ndarray]
    errors: np.ndarray | None
    rows: np.ndarray


def finite_rows(data: xr.Dataset, *names: str, reading: str) -> Rows:
    """The columns `names`, which are swept, and last the `reading`, where these and its errors are finite.

    Raises :class:`MeasurementError` for a column that is not there, without such a row, for errors of zero or less, and
    for several settings of what is not swept.
    """
    if not isinstance(data, xr.Dataset):
        raise MeasurementError(field="data", got=data, allowed="a measurement (Dataset)")
    errors = error_names(data, reading)
    check_one_setting(data, names)
    columns, rows = finite_columns(data, *names, reading, *errors)
    if not errors:
        return Rows(columns, None, rows)
    check_errors(columns[-1], errors[0])
    return Rows(columns[:-1], columns[-1], rows)


def unit_of(data: xr.Dataset, reading: str) -> str:
    """Unit of a reading: its own, else that of QUANTITIES."""
    known = QUANTITIES.get(reading)
    return str(data[reading].attrs.get("units", "" if known is None else known.unit))


def check_resistances(data: xr.Dataset, *names: str) -> None:
    """Raise where a reading is no resistance: what follows from it is told in units with Ohm."""
    for name in (n for n in names if n in data.variables):
        unit = unit_of(data, name)
        if unit.casefold() not in ("", "ohm", "ohms", "ω"):
            remedy = "Voltages become resistances by the step to_resistance." if unit == "V" else ""
            raise MeasurementError(f"which is in {unit}", field="reading", got=name, allowed="in Ohm", remedy=remedy)


def finite_columns(data: xr.Dataset, *names: str) -> tuple[list[np.ndarray], np.ndarray]:
    """The named columns where all of them are finite, and these rows."""
    need(data, *names)
    table = np.stack([np.asarray(data[name].values, dtype=float) for name in names])
    rows = np.flatnonzero(np.all(np.isfinite(table), axis=0))
    if not rows.size:
        raise MeasurementError("no row has numbers in all of these columns", field=", ".join(names))
    for name, size in zip(names, np.abs(table[:, rows]).max(axis=1), strict=True):
        if size > LARGEST or 0 < size < 1 / LARGEST:
            allowed = f"sizes of {1 / LARGEST:g} to {LARGEST:g}, of which squares can be taken"
            raise MeasurementError(field=name, got=float(size), allowed=allowed, remedy="Look at the file.")
    return list(table[:, rows]), rows


def error_names(data: xr.Dataset, *readings: str) -> list[str]:
    """Names of the columns of standard errors that readings have."""
    return [f"{name}_error" for name in readings if f"{name}_error" in data.variables]


def check_errors(errors: np.ndarray, name: str) -> None:
    """Raise where standard errors are not positive."""
    if not np.all(errors > 0):
        raise MeasurementError(field=name, got=float(np.min(errors)), allowed="positive standard errors")
