"""Some rows of a measurement."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.cleaning.columns import column, number
from spinstack.measure.cleaning.legs import prevailing
from spinstack.measure.measurement import STEPS, MeasurementError, need, recorded


def select(data: xr.Dataset, **conditions: Any) -> xr.Dataset:
    """Rows that meet every condition: ``select(data, temperature=[290, 310], branch="rising")``.

    A column takes a range [low, high], ends included, None for an open end, or a single value (equal to 1e-9 of it).
    ``R_xx=[None, None]`` keeps the rows where the reading is a number. Besides columns: row=[first, last] counts rows
    from 0 (negative: from the end), branch="rising" or "falling" is the direction of the field.
    Raises :class:`MeasurementError` for unknown columns, empty ranges, and where no row is left.
    """
    if not isinstance(data, xr.Dataset):
        raise MeasurementError(f"select: got {type(data).__name__}. Allowed: a measurement (Dataset).")
    if not conditions:
        raise MeasurementError("select: got no condition. Allowed: columns with a range [low, high] or a value.")
    rows = data.sizes["point"]
    keep = np.ones(rows, dtype=bool)
    for name, wanted in conditions.items():
        if name == "branch":
            words = {"rising": 1, "falling": -1}
            if wanted not in words:
                raise MeasurementError(f"branch: got {wanted!r}. Allowed: 'rising', 'falling'.")
            keep &= prevailing(column(data, "field")) == words[wanted]
        elif name == "row":
            keep &= _within(name, np.arange(rows, dtype=float), _counted(wanted, rows))
        else:
            need(data, name)
            keep &= _within(name, np.asarray(data[name].values, dtype=float), wanted)
    if not keep.any():
        said = ", ".join(f"{k}={v!r}" for k, v in conditions.items())
        raise MeasurementError(f"select: none of {rows} rows meets {said}. " + _ranges(data, conditions))
    return recorded(data.isel(point=keep), "select", conditions, f"{int(keep.sum())} of {rows} rows selected")


# not by the decorator: the conditions are recorded one by one, as an analysis file gives them
STEPS["select"] = select


def _within(name: str, values: np.ndarray, wanted: Any) -> np.ndarray:
    if not isinstance(wanted, list | tuple):
        value = number(name, wanted)
        return np.abs(values - value) <= 1e-9 * max(abs(value), np.finfo(float).tiny)
    if len(wanted) != 2:
        raise MeasurementError(f"{name}: got {wanted!r}. Allowed: [low, high], None for an open end, or one value.")
    low = -np.inf if wanted[0] is None else number(name, wanted[0])
    high = np.inf if wanted[1] is None else number(name, wanted[1])
    if low > high:
        raise MeasurementError(f"{name}: got {wanted!r}. Allowed: the lower end first.")
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
