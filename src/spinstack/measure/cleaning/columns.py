"""Columns of a measurement for the corrections: taken out with checks, put back with units and errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.measurement import QUANTITIES, MeasurementError, need


def column(data: xr.Dataset, name: str) -> np.ndarray:
    """One column (rows,) of finite numbers."""
    if not isinstance(name, str):
        raise MeasurementError(f"reading: got {name!r}. Allowed: the name of a column.")
    need(data, name)
    values = np.asarray(data[name].values, dtype=float)
    if values.ndim != 1 or values.size == 0 or data[name].dims != ("point",):
        raise MeasurementError(f"{name}: got shape {values.shape}. Allowed: one value a row, at least one row.")
    missing = int(np.sum(~np.isfinite(values)))
    if missing:
        raise MeasurementError(
            f"{name}: {missing} of {values.size} rows are no numbers. Drop them with select(data, {name}=[None, None])."
        )
    return values


def error_column(data: xr.Dataset, name: str) -> np.ndarray | None:
    """Standard errors of a reading, where the measurement has them."""
    if f"{name}_error" not in data.variables:
        return None
    errors = column(data, f"{name}_error")
    if np.any(errors < 0):
        raise MeasurementError(f"{name}_error: got negative standard errors. Allowed: zero or more.")
    return errors


def with_columns(data: xr.Dataset, columns: Mapping[str, np.ndarray | None]) -> xr.Dataset:
    """A copy of the measurement with columns replaced or added (None: left as it is)."""
    readings: dict[str, xr.Variable] = {}
    conditions: dict[str, xr.Variable] = {}
    for name, values in columns.items():
        if values is None:
            continue
        known = QUANTITIES.get(name)
        label = {} if known is None else {"units": known.unit, "long_name": known.words}
        of = name.removesuffix("_error")
        if not label and of != name and of in data.variables:
            label = {"units": data[of].attrs.get("units", ""), "long_name": "standard error"}
        there = name in data.variables
        condition = name in data.coords or (not there and known is not None and known.condition)
        variable = xr.Variable("point", values, dict(data[name].attrs) if there else label)
        (conditions if condition else readings)[name] = variable
    out = data.assign(readings) if readings else data.copy()
    return out.assign_coords(conditions) if conditions else out


def remark(data: xr.Dataset, sentence: str, **found: float) -> xr.Dataset:
    """The measurement with a sentence for its history and numbers for its attributes."""
    return data.assign_attrs(remark=sentence, **found)


def number(name: str, value: Any, low: float = -np.inf, high: float = np.inf, open_low: bool = False) -> float:
    """A finite number within bounds."""
    bounds = f"between {low:g} and {high:g}" if np.isfinite(low) or np.isfinite(high) else "a finite number"
    try:
        plain = float(value)
    except (TypeError, ValueError):
        raise MeasurementError(f"{name}: got {value!r}. Allowed: {bounds}.") from None
    if (
        isinstance(value, bool | str)
        or not np.isfinite(plain)
        or not low <= plain <= high
        or (open_low and plain == low)
    ):
        raise MeasurementError(f"{name}: got {value!r}. Allowed: {bounds}{f', not {low:g}' if open_low else ''}.")
    return plain


def whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise MeasurementError(f"{name}: got {value!r}. Allowed: a whole number between {low} and {high}.")
    return int(value)


def choice(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """One of a few words."""
    if value not in allowed:
        raise MeasurementError(f"{name}: got {value!r}. Allowed: {', '.join(map(repr, allowed))}.")
    return str(value)


def geometry(data: xr.Dataset, what: str = "measurement") -> float:
    """Length over width of the bar: resistance along it per sheet resistance."""
    sizes = []
    for name in ("bar_length", "bar_width"):
        if name not in data.attrs:
            raise MeasurementError(f"{name}: the {what} lacks it. Sheet resistances need both sizes of the bar [m].")
        sizes.append(number(name, data.attrs[name], 0.0, open_low=True))
    return sizes[0] / sizes[1]
