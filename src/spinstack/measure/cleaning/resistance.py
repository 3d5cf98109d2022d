"""Resistances from voltages."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice, number
from spinstack.measure.cleaning.columns import column, error_column, remark, with_columns
from spinstack.measure.measurement import MeasurementError, step
from spinstack.text.units import In


@step
def to_resistance(
    data: xr.Dataset, current: Annotated[float | None, In("A")] = None, lock_in: Literal["R_xx", "R_xy"] = "R_xx"
) -> xr.Dataset:
    """Replace V_xx, V_xy and a lock-in's V_X by R_xx, R_xy = V/I; V_X becomes `lock_in`, V_Y stays.

    `current` [A] is used where the measurement has no condition of that name (it becomes one). A lock-in tells root
    mean squares: its current has to be one, too. Errors are divided by ``|I|``; that of the current itself is common to
    all rows and not included. Bring the phase of a lock-in right before (:func:`rotate_phase`).
    Raises :class:`MeasurementError` without voltage or current, for zero current, and where a resistance would be
    overwritten.
    """
    choice(lock_in, "lock_in", ("R_xx", "R_xy"))
    names = {v: r for v, r in (("V_xx", "R_xx"), ("V_xy", "R_xy"), ("V_X", lock_in)) if v in data.variables}
    if not names:
        there = ", ".join(map(str, data.data_vars))
        raise MeasurementError(f"none of V_xx, V_xy, V_X is there, but {there}", field="reading")
    taken = [r for r in names.values() if r in data.variables]
    if taken or len(set(names.values())) < len(names):
        why = f"{', '.join(taken) or lock_in} would be given twice"
        raise MeasurementError(why, field="reading", remedy="Remove or rename one.")
    if "current" in data.variables:
        if current is not None:
            why = "but the measurement has its own"
            raise MeasurementError(why, field="current", got=current, remedy="Leave it out.")
        through = column(data, "current")
    elif current is None:
        raise MeasurementError("the measurement has none", field="current", remedy="Give it in A.")
    else:
        through = np.full(data.sizes["point"], number(current, "current", unit="A"))
    if np.any(through == 0):
        why = f"it is zero at {int(np.sum(through == 0))} rows"
        raise MeasurementError(why, field="current", remedy="Select the others first.")
    columns: dict[str, np.ndarray | None] = {"current": through}
    for voltage, resistance in names.items():
        columns[resistance] = column(data, voltage) / through
    # in a second pass, for the unit of the error is that of the resistance
    out = with_columns(data, columns)
    found = {f"{r}_error": error_column(data, v) for v, r in names.items()}
    out = with_columns(out, {n: None if e is None else e / np.abs(through) for n, e in found.items()})
    gone = [n for v in names for n in (v, f"{v}_error") if n in out.variables]
    sentence = f"{', '.join(f'{r} from {v}' for v, r in names.items())} at {np.mean(through):.4g} A"
    return remark(out.drop_vars(gone), sentence)
