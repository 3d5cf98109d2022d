"""Some rows of a measurement."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice, number
from spinstack.measure.cleaning.columns import column
from spinstack.measure.cleaning.legs import prevailing
from spinstack.measure.measurement import STEPS, MeasurementError, need, recorded
from spinstack.text.errors import Problems


def select(data: xr.Dataset, **conditions: Any) -> xr.Dataset:
    """Rows that meet every condition: ``select(data, temperature=[290, 310], branch="rising")``.

    A column takes a range [low, high], ends included, None for an open end, or a single value (equal to 1e-9 of it).
    ``R_xx=[None, None]`` keeps the rows where the reading is a number. Besides columns: row=[first, last] counts rows
    from 0 (negative: from the end), branch="rising" or "falling" is the direction of the field.
    Raises :class:`MeasurementError` for unknown columns, empty ranges, and where no row is left.
    """
    if not isinstance(data, xr.Dataset):
        raise MeasurementError(where="select", field="data", got=data, allowed="a measurement (Dataset)")
    if not conditions:
        allowed = "columns with a range [low, high] or a value"
        raise MeasurementError("none given", where="select", field="conditions", allowed=allowed)
    rows = data.sizes["point"]
    keep = np.ones(rows, dtype=bool)
    problems = Problems()
    for name, wanted in conditions.items():
        with problems:
            if name == "branch":
                sense = 1 if choice(wanted, "branch", ("rising", "falling")) == "rising" else -1
                keep &= prevailing(column(data, "field")) == sense
            elif name == "row":
                keep &= _within(name, np.arange(rows, dtype=float), _counted(wanted, rows))
            else:
                need(data, name)
                keep &= _within(name, np.asarray(data[name].values, dtype=float), wanted)
    problems.end()
    if not keep.any():
        said = ", ".join(f"{k}={v!r}" for k, v in conditions.items())
        why = f"{said}: none of {rows} rows meets that"
        raise MeasurementError(why, where="select", field="conditions", remedy=_ranges(data, conditions))
    return recorded(data.isel(point=keep), "select", conditions, f"{int(keep.sum())} of {rows} rows selected")


# not by the decorator: the conditions are recorded one by one, as an analysis file gives them
STEPS["select"] = select


def _within(name: str, values: np.ndarray, wanted: Any) -> np.ndarray:
    if not isinstance(wanted, list | tuple):
        value = number(wanted, name)
        return np.abs(values - value) <= 1e-9 * max(abs(value), np.finfo(float).tiny)
    if len(wanted) != 2:
        allowed = "[low, high], None for an open end, or one value"
        raise MeasurementError(field=name, got=wanted, allowed=allowed)
    low = -np.inf if wanted[0] is None else number(wanted[0], name)
    high = np.inf if wanted[1] is None else number(wanted[1], name)
    if low > high:
        raise MeasurementError(field=name, got=wanted, allowed="the lower end first")
    return np.isfinite(values) & (values >= low) & (values <= high)


def _counted(wanted: Any, rows: int) -> Any:
    if isinstance(wanted, list | tuple):
        return [w + rows if isinstance(w, int) and w < 0 else w for w in wanted]
    return wanted + rows if isinstance(wanted, int) and wanted < 0 else wanted


def _ranges(data: xr.Dataset, conditions: dict[str, Any]) -> str:
    """What the columns do hold."""
    out = []
    for name in conditions:
        values = np.asarray(data[name].values, dtype=float) if name in data.variables else np.zeros(0)
        if np.any(np.isfinite(values)):
            out.append(f"{name} runs from {np.nanmin(values):g} to {np.nanmax(values):g}")
    return f"There {', '.join(out)}." if out else ""
