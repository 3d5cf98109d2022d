"""What leads, contacts and meters add to a reading."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.bars import geometry, two_terminal_rise
from spinstack.measure.checks import checked, number, positive, switch, together
from spinstack.measure.cleaning.columns import (
    check_not_done,
    check_together,
    column,
    error_column,
    remark,
    with_columns,
)
from spinstack.measure.cleaning.matching import matched
from spinstack.measure.measurement import MeasurementError, step
from spinstack.text.units import In

#: tangent of the Hall angle up to which the shorts of the ends are of second order
LARGEST = 0.3


@step
@checked
def subtract_leads(
    data: xr.Dataset,
    leads: xr.Dataset | None = None,
    *,
    resistance: Annotated[float | None, In("Ohm")] = None,
    error: Annotated[float, In("Ohm")] = 0.0,
    hall: bool = False,
    against: str | None = None,
) -> xr.Dataset:
    """Subtract leads and contacts in series from a two-terminal R_xx [Ohm], measured (`leads`) or known (`resistance`).

    `leads`: R_xx of a short, or of the contacts, told at these rows as in :func:`reverse_current`; rows that it does
    not cover are dropped. `resistance` is that of all in series, both contacts, with its standard `error`. An error
    common to all rows, of one value for all, is not in R_xx_error, which is of independent rows, but in the attribute
    `series_error` [Ohm], which `hall_bar` and `transfer_length` add.
    `hall`: the end contacts of a bar short its Hall field, which makes R_xx (L/w)(R_s + g R_xy^2/R_s) with a number g
    of the shape; with R_xy of probes, and bar_length between the ends, this part is taken off, too. Between two
    terminals nothing else of the Hall effect is seen: R(B) = R(-B).
    Raises :class:`MeasurementError` where neither or both are given, and where nothing is left.
    """
    if (leads is None) == (resistance is None):
        why = "both are given" if leads is not None else "neither is given"
        raise MeasurementError(why, field="leads, resistance", remedy="Give one of them.")
    together(
        lambda: resistance is None or number(resistance, "resistance", low=0, unit="Ohm"),
        lambda: number(error, "error", low=0, unit="Ohm"),
        lambda: switch(hall, "hall"),
    )
    common, words = error, f"{resistance} Ohm"
    if leads is None:
        y, own = column(data, "R_xx") - float(resistance or 0.0), error_column(data, "R_xx")
        out = data
    else:
        if error:
            remedy = "Leave it out: the leads have their own."
            raise MeasurementError("given beside leads", field="error", got=error, remedy=remedy)
        where, how = matched(data, leads, against)
        rows = np.flatnonzero(where.found)
        out, where = data.isel(point=rows), where.rows(where.found)
        series = where.at(column(leads, "R_xx"))
        y, own = column(out, "R_xx") - series, error_column(out, "R_xx")
        theirs = error_column(leads, "R_xx")
        if leads.sizes["point"] == 1:
            common = 0.0 if theirs is None else float(theirs[0])
        else:
            check_together((own is None) == (theirs is None), "R_xx_error of the measurement", "of the leads")
            own = None if own is None or theirs is None else np.sqrt(own**2 + where.variance(theirs**2))
        dropped = data.sizes["point"] - rows.size
        words = f"{series.mean():.6g} Ohm, {how}" + (f", {dropped} rows dropped that it does not cover" * bool(dropped))
    if np.any(y <= 0):
        allowed = "less than the reading in every row"
        raise MeasurementError(field="resistance of the leads", unit="Ohm", got=words, allowed=allowed)
    columns: dict[str, np.ndarray | None] = {"R_xx": y, "R_xx_error": own}
    if hall:
        columns, part = _without_hall(out, y, own)
        words += f"; the ends' shorts of the Hall field took {100 * part:.2g} % at most"
    if common:
        words += f"; its error of {common:.2g} Ohm is common to all rows"
    common = float(np.hypot(common, data.attrs.get("series_error", 0.0)))
    return remark(
        with_columns(out, columns), f"series resistance {words}", **({"series_error": common} if common else {})
    )


def _without_hall(
    data: xr.Dataset, y: np.ndarray, error: np.ndarray | None
) -> tuple[dict[str, np.ndarray | None], float]:
    """R_xx of y = (L/w)(R_s + g R_xy^2/R_s), its error, and the largest part taken off."""
    squares = geometry(data)
    g = two_terminal_rise(squares, 1.0)
    q, R_xy, spread = y / squares, column(data, "R_xy"), error_column(data, "R_xy")
    check_together((error is None) == (spread is None), "R_xx_error", "R_xy_error")
    tangent = float(np.max(np.abs(R_xy) / q))
    if tangent > LARGEST:
        allowed = f"at most {LARGEST} of the sheet resistance"
        raise MeasurementError(field="R_xy", got=float(np.abs(R_xy).max()), unit="Ohm", allowed=allowed)
    root = np.sqrt(q**2 - 4 * g * R_xy**2)
    value = (q + root) / 2
    out: dict[str, np.ndarray | None] = {"R_xx": value * squares, "R_xx_error": None}
    if error is not None and spread is not None:
        out["R_xx_error"] = np.hypot(value / root * error, 2 * g * R_xy / root * spread * squares)
    return out, float(np.max(1 - value / q))


@step
def correct_loading(
    data: xr.Dataset,
    impedance: Annotated[float, In("Ohm")],
    *,
    source_resistance: Annotated[float | None, In("Ohm")] = None,
    reading: str = "R_xx",
) -> xr.Dataset:
    """Undo the load of a voltmeter of a finite input `impedance` [Ohm]: reading (1 + source_resistance/impedance).

    `source_resistance` [Ohm] is what the meter sees: that of film, contacts and leads between the two voltage probes.
    Without it the reading is a two-terminal resistance that the meter lies in parallel with, R/(1 - R/impedance), of
    a current that is known (not of one that is measured behind the meter). Errors follow.
    Raises :class:`MeasurementError` where the reading is as large as the impedance.
    """
    together(
        lambda: positive(impedance, "impedance", unit="Ohm"),
        lambda: source_resistance is None or number(source_resistance, "source_resistance", low=0, unit="Ohm"),
    )
    check_not_done(data, "correct_loading", reading=reading)
    y, error = column(data, reading), error_column(data, reading)
    if source_resistance is not None:
        factor = np.full(y.size, 1 + source_resistance / impedance)
        slope = factor
    else:
        if not reading.startswith("R_") or np.any(np.abs(y) >= impedance):
            allowed = f"a resistance below the impedance, {impedance:g} Ohm"
            raise MeasurementError(field=reading, got=float(np.abs(y).max()), allowed=allowed)
        factor = 1 / (1 - y / impedance)
        slope = factor**2
    columns = {reading: y * factor, f"{reading}_error": None if error is None else error * slope}
    return remark(with_columns(data, columns), f"{reading} grows by up to {100 * (factor.max() - 1):.3g} %")
