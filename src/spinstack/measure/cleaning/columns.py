"""Columns of a measurement for the corrections: taken out with checks, put back with units and errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.measurement import QUANTITIES, MeasurementError, history, need


def column(data: xr.Dataset, name: str) -> np.ndarray:
    """One column (rows,) of finite numbers."""
    if not isinstance(name, str):
        raise MeasurementError(field="reading", got=name, allowed="the name of a column")
    need(data, name)
    values = np.asarray(data[name].values, dtype=float)
    if values.ndim != 1 or values.size == 0 or data[name].dims != ("point",):
        why, allowed = f"of shape {values.shape}", "one value a row, at least one row"
        raise MeasurementError(why, field=name, got=values, allowed=allowed)
    if missing := int(np.sum(~np.isfinite(values))):
        why = f"{missing} of {values.size} rows are no numbers"
        remedy = "If readings were measured in turns, bring them to common rows with the step align_channels "
        remedy += f'(do = "align_channels"); to drop these rows, use select(data, {name}=[None, None]), which is '
        remedy += f'do = "select" and {name} = [-1e300, 1e300] in a file.'
        raise MeasurementError(why, field=name, remedy=remedy)
    return values


def check_not_done(data: xr.Dataset, step: str, **parameters: Any) -> None:
    """Refuse a correction that was made before with these parameters: once more it would be wrong."""
    for before in history(data):
        if before["step"] == step and all(before["parameters"].get(n) == v for n, v in parameters.items()):
            remedy = "Remove the second step."
            raise MeasurementError("has been made with the same parameters before", field=step, remedy=remedy)


def error_column(data: xr.Dataset, name: str) -> np.ndarray | None:
    """Standard errors of a reading, where the measurement has them."""
    if f"{name}_error" not in data.variables:
        return None
    errors = column(data, f"{name}_error")
    if np.any(errors < 0):
        raise MeasurementError(field=f"{name}_error", got=float(errors.min()), allowed="standard errors of at least 0")
    return errors


def error_columns(data: xr.Dataset, *names: str) -> list[np.ndarray] | None:
    """Standard errors of several readings that are used together: of all, or None where none has any."""
    found = [error_column(data, name) for name in names]
    given = [errors for errors in found if errors is not None]
    check_together(len(given) in (0, len(names)), *(f"{name}_error" for name in names))
    return given or None


def check_together(both: bool, *names: str) -> None:
    """Raise where only some of the columns that are used together are there."""
    if not both:
        raise MeasurementError("only one is there", field=", ".join(names), remedy="Give both or none.")


def check_varies(values: np.ndarray, name: str, remedy: str) -> None:
    """Raise where a condition is the same in all rows."""
    if not np.ptp(values) > 0:
        raise MeasurementError(f"all rows are at {values[0]:g} {QUANTITIES[name].unit}", field=name, remedy=remedy)


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
