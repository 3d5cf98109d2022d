"""Parts of a reading, even and odd under reversal of the field (or under a mirror or half turn of its angle)."""

from __future__ import annotations

import warnings
from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.checks import number
from spinstack.measure.cleaning.columns import column, error_column, remark, with_columns
from spinstack.measure.cleaning.partners import About, partners
from spinstack.measure.measurement import MeasurementError, history, step, warn
from spinstack.measure.sweeps.loop import hysteresis_loop
from spinstack.text.errors import SpinstackError
from spinstack.text.units import In

#: T or deg, as what it is the centre of
Centre = Annotated[float, In(like="about")]


@step
def even_part(data: xr.Dataset, reading: str = "R_xx", about: About = "field", centre: Centre = 0.0) -> xr.Dataset:
    """Replace a reading by its even part, (y + y')/2 with the partner y' of each row.

    about="field": the partner of a row of a rising branch at H is the falling branch at -H, interpolated linearly
    between its points (Onsager: a loop is the same under reversal of field *and* magnetisation). It is a sweep that
    began at the opposite field, so a virgin curve finds none; a sweep in one direction only is its own partner, which
    the remark says. about="angle": the mirror image 2 centre - angle, of the opposite sense of rotation where it was
    measured; about="half_turn": angle + 180 deg, the reversed field of a rotation in any plane. `centre` [T or deg] is
    the zero of the field or the mirror.
    A loop that is not centred (exchange bias) has its reversed states not at the opposite fields, which is a warning:
    give its centre, or remove the admixture that its saturated parts show with ``correct_misalignment(above=...)``.
    Rows whose partner was not measured are dropped (nothing is extrapolated beyond half a step). "<reading>_error"
    follows for independent rows: sqrt(e^2 + e'^2)/2. A branch that bends by b between two points of the partner makes
    an error of at most b/8.
    Raises :class:`MeasurementError` where nothing varies or no row has a partner.
    """
    return _part(data, reading, about, centre, +1)


@step
def odd_part(data: xr.Dataset, reading: str = "R_xy", about: About = "field", centre: Centre = 0.0) -> xr.Dataset:
    """Replace a reading by its odd part, (y - y')/2; everything else as :func:`even_part`.

    The even and the odd part of the same measurement keep the same rows and add up to it.
    """
    return _part(data, reading, about, centre, -1)


def _part(data: xr.Dataset, reading: str, about: str, centre: float, sign: int) -> xr.Dataset:
    own, opposite = ("even_part", "odd_part")[::sign]
    before = {
        s["step"] for s in history(data) if (reading, about) == tuple(map(s["parameters"].get, ("reading", "about")))
    }
    if opposite in before:
        why = f"of which the step {opposite} has left nothing else"
        raise MeasurementError(why, field="reading", got=reading, remedy="Remove one of the two steps.")
    values, errors = column(data, reading), error_column(data, reading)
    where, words = partners(data, about, number(centre, "centre"))
    if about == "field":
        _check_centre(data, "R_xy" if "R_xy" in data.variables else reading, centre)
    keep = where.found
    if not keep.any():
        remedy = "The scan covers too little or leaves gaps."
        raise MeasurementError(f"no row of {reading} has a partner", field=about, remedy=remedy)
    part = 0.5 * (values + sign * where.at(values))
    columns: dict[str, np.ndarray | None] = {reading: part}
    if errors is not None:
        variance = errors**2 + where.variance(errors**2)
        if (
            sign > 0
        ):  # of its own partner a row is no second reading; its odd part, zero, keeps an error to be weighed by
            variance += 2 * where.on_itself() * errors**2
        # a part that was taken before has the same error in both of its halves
        columns[f"{reading}_error"] = errors if own in before else 0.5 * np.sqrt(variance)
    dropped = int(np.sum(~keep))
    kind = "even" if sign > 0 else "odd"
    rest = float(np.std(values[keep] - part[keep]))
    sentence = f"{kind} part of {reading}, {words}; {dropped} of {values.size} rows without partner dropped; "
    sentence += (
        f"what was taken out has a standard deviation of {rest:.3g} {data[reading].attrs.get('units', '')}".rstrip()
    )
    return remark(with_columns(data, columns).isel(point=keep), sentence)


def _check_centre(data: xr.Dataset, reading: str, centre: float) -> None:
    """Warn where the raw loop is not centred where it is made even or odd about."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = hysteresis_loop(data, reading)
    except SpinstackError:  # no loop
        return
    bias, amplitude = (found.sel(parameter=name) for name in ("bias", "amplitude"))
    off, error = abs(float(bias["value"]) - centre), float(bias["error"])
    step = float(np.median(np.abs(np.diff(data["field"].values))))
    if off > max(5 * error, 0.25 * step) and abs(float(amplitude["value"])) > 5 * float(amplitude["error"]):
        said = f"the loop of {reading} is centred at {float(bias['value']):.4g} +- {error:.2g} T, not at {centre:g} T"
        remedy = "give that as centre, or use correct_misalignment with above = a field where the loop is closed"
        warn(f"{said}: at the opposite field its state is not the reversed one; {remedy}")
