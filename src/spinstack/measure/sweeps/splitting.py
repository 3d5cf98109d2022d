"""Zero-field-cooled against field-cooled curves: where they part, and the maximum of the first."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, number
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.settings import check_alike
from spinstack.measure.statistics.noise import successive_noise
from spinstack.measure.sweeps.local import local_curve, smoothed
from spinstack.measure.sweeps.resistivity import by_temperature
from spinstack.measure.sweeps.results import Found, report, unit_of


@checked
def splitting_temperature(
    zero_field_cooled: xr.Dataset, field_cooled: xr.Dataset, reading: str = "moment", *, fraction: float = 0.05
) -> xr.Dataset:
    """Temperature [K] below which field-cooled exceeds zero-field-cooled by `fraction` of its own value.

    The relative difference (FC - ZFC)/FC is interpolated to the temperatures of the field-cooled curve; the crossing
    of `fraction` from above is that of a straight line through its neighbours. An onset has no temperature of its own:
    the number goes with its fraction, and a fraction below three times the scatter above the onset is refused.
    Parameters: temperature, and where the zero-field-cooled curve has an inner maximum, peak_temperature. Raises
    :class:`MeasurementError` where the curves share no range or never part by so much.
    """
    number(fraction, "fraction", low=0, high=1, open_low=True, open_high=True)
    check_alike([zero_field_cooled, field_cooled], ["field"])
    cold = by_temperature(zero_field_cooled, reading)
    T, y, _ = by_temperature(field_cooled, reading)
    common = (cold[0][0] <= T) & (cold[0][-1] >= T)
    if common.sum() < 8:
        why = f"the two curves share {int(common.sum())} temperatures"
        raise MeasurementError(why, field="temperature", allowed="eight or more")
    T, y = T[common], y[common]
    places, first = np.unique(cold[0], return_index=True)
    mean = np.add.reduceat(cold[1], first) / np.diff([*first, cold[0].size])
    apart = (y - np.interp(T, places, mean)) / y
    above = np.flatnonzero(smoothed(apart, 3) >= fraction)
    # noise far above the onset, where the moment itself is small, is no splitting: count from the cold side
    run = int(np.flatnonzero(np.diff(above) > 1)[0]) if np.any(np.diff(above) > 1) else above.size - 1
    if above.size == 0 or above[run] + 2 >= T.size:
        why = f"a difference that the curves do not pass; their largest is {apart.max():.3g}"
        raise MeasurementError(why, field="fraction", got=fraction)
    at = int(above[run])
    low, high = max(0, at - 2), min(T.size, at + 4)
    rest = apart[high : high + 30]
    scatter = successive_noise(rest)
    if fraction < 3 * scatter:
        why = f"but the scatter is {scatter:.2g}"
        raise MeasurementError(why, field="fraction", got=fraction, allowed="above three times that")
    curve = local_curve(T[low:high], apart[low:high], 2 if high - low > 4 else 1)
    where, error = curve.crossing(fraction)
    found = {
        "temperature": Found(where, error, "K", f"splitting of the curves by {fraction:g}", curve.freedom),
    }
    peak = _maximum(*cold)
    if peak is not None:
        found["peak_temperature"] = Found(*peak[:2], "K", "maximum of the zero-field-cooled curve", peak[2])
    curves = {"relative_difference": ("row", apart), "temperature_of_difference": ("row", T, {"units": "K"})}
    return report(
        field_cooled, found, curves=curves, reading=reading, fraction=fraction, unit=unit_of(field_cooled, reading)
    )


def _maximum(T: np.ndarray, y: np.ndarray, sigma: np.ndarray) -> tuple[float, float, float] | None:
    top = int(np.argmax(smoothed(y, 3)))
    if not 2 <= top < y.size - 2:
        return None
    rows = slice(max(0, top - 3), top + 4)
    curve = local_curve(T[rows], y[rows], 3, sigma[rows])
    try:
        return (*curve.extremum(), curve.freedom)
    except MeasurementError:
        return None
