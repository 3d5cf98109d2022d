"""One file, many sweeps: a measurement taken apart by its settings or by the legs of a sweep."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice, positive, whole
from spinstack.measure.cleaning.columns import column, remark
from spinstack.measure.cleaning.legs import legs, unwrapped
from spinstack.measure.measurement import QUANTITIES, STEPS, MeasurementError, recorded, step
from spinstack.measure.settings import LEAST, TOLERANCE, settings
from spinstack.text.units import In

BY = (*TOLERANCE, "rising_or_falling")
#: what a sweep goes up and down in, the first that moves
_SWEPT = ("field", "temperature", "angle", "current")


def split(
    data: xr.Dataset,
    by: str = "temperature",
    *,
    tolerance: Annotated[float | None, In(like="by")] = None,
    least: int = LEAST,
) -> dict[str, xr.Dataset]:
    """The parts of a measurement at each setting of a condition, or each leg of its sweep, by name such as "5K".

    Args:
        data: the measurement.
        by: "temperature", "field", "angle", "current" or "frequency": the settings of that condition, however often
            each was visited; rows on the way from one to the next are left out. "rising_or_falling": the legs of what
            is swept (field, temperature, angle or current, the first that moves), "rising", "falling", "rising_2", ...
        tolerance: how far rows lie from the middle of their setting [unit of `by`]; default: temperature 0.1 K or 1 %,
            field 2 mT or 1 %, angle 0.5 deg, current and frequency 1 %. Where the rows are measured on the way, too,
            it has to be small enough that a ramp has fewer rows within it than a setting.
        least: rows of a part; what has fewer is left out.

    Returns:
        Parts in the order of measurement, each with the step :func:`part` in its history and its name in the attribute
        `part`.

    Raises:
        MeasurementError: a condition that is not there or ramps, so that it has no settings.
    """
    label, said = _labels(data, by, tolerance, least)
    names = _names(data, by, label)
    out: dict[str, xr.Dataset] = {}
    for number, name in enumerate(names):
        one = _part(data, label, names, number, said)
        found = str(one.attrs.pop("remark"))
        parameters = {"by": by, "number": number, "tolerance": tolerance, "least": least}
        out[name] = recorded(one, part.__name__, parameters, found)
    return out


# of one measurement it makes several, so it records the step `part` in each
STEPS["split"] = split  # type: ignore[assignment]


@step
def part(
    data: xr.Dataset,
    by: str,
    number: int,
    tolerance: Annotated[float | None, In(like="by")] = None,
    least: int = LEAST,
) -> xr.Dataset:
    """The rows at one setting or on one leg, counted from 0 in the order of measurement; see :func:`split`."""
    label, said = _labels(data, by, tolerance, least)
    whole(number, "number", low=0, high=int(label.max()))
    return _part(data, label, _names(data, by, label), number, said)


def _part(data: xr.Dataset, label: np.ndarray, names: list[str], number: int, said: str) -> xr.Dataset:
    """The rows of one part, under its name."""
    rows, name = label == number, names[number]
    before = str(data.attrs.get("part", ""))
    out = data.isel(point=rows).assign_attrs(part=f"{before}_{name}" if before else name)
    return remark(out, f"{name}: {int(rows.sum())} of {rows.size} rows, part {number + 1} of {len(names)}{said}")


def _labels(data: xr.Dataset, by: str, tolerance: float | None, least: int) -> tuple[np.ndarray, str]:
    """Number of the part of each row, -1 for none, and a remark on the rows of none."""
    if not isinstance(data, xr.Dataset) or "point" not in data.dims:
        raise MeasurementError(where="split", field="data", got=data, allowed="a measurement (Dataset)")
    choice(by, "by", BY)
    least = whole(least, "least", low=1)
    if by == "rising_or_falling":
        if tolerance is not None:
            raise MeasurementError(field="tolerance", got=tolerance, allowed="none for legs")
        return _legs(data, least), ""
    if tolerance is not None:
        tolerance = positive(tolerance, "tolerance", unit=QUANTITIES[by].unit)
    values = column(data, by)
    label = settings(values, by, tolerance, least)
    if label.max() < 0:
        low, high, unit = values.min(), values.max(), QUANTITIES[by].unit
        why = f"runs from {low:.4g} to {high:.4g} {unit} without staying anywhere for {least} rows"
        remedy = 'Give a larger tolerance, or take legs apart with by = "rising_or_falling".'
        raise MeasurementError(why, field=by, remedy=remedy)
    _check_scatter(label, by)
    lost = int(np.sum(label < 0))
    return label, f"; {lost} rows on the way between settings are in no part" if lost else ""


def _check_scatter(label: np.ndarray, by: str) -> None:
    """Refuse settings whose rows scatter out of the tolerance: what is left of them would be a selection."""
    inside = np.flatnonzero(label >= 0)
    before = label[inside[np.maximum(np.searchsorted(inside, np.arange(label.size), side="right") - 1, 0)]]
    after = label[inside[np.minimum(np.searchsorted(inside, np.arange(label.size)), inside.size - 1)]]
    between = (
        (label < 0) & (before == after) & (np.arange(label.size) > inside[0]) & (np.arange(label.size) < inside[-1])
    )
    # a single excursion between two visits is the way there and back
    edges = np.diff(np.concatenate([[0], between.astype(int), [0]]))
    stretches = int(np.sum(edges > 0))
    if stretches > max(2, 0.05 * inside.size):
        why = f"scatters by more than the tolerance: {int(between.sum())} rows lie outside, among those inside"
        raise MeasurementError(why, field=by, remedy="Give a larger tolerance.")


def _legs(data: xr.Dataset, least: int) -> np.ndarray:
    moved = _moved(data)
    label = np.full(data.sizes["point"], -1)
    if moved:
        values = column(data, moved[0])
        found = [leg for leg in legs(unwrapped(values) if moved[0] == "angle" else values) if leg.direction]
        for number, leg in enumerate(leg for leg in found if leg.rows.size >= least):
            label[leg.rows] = number
    if label.max() < 0:
        allowed = f"a measurement in which {', '.join(_SWEPT[:-1])} or {_SWEPT[-1]} goes up or down"
        raise MeasurementError("nothing is swept", field="data", allowed=allowed)
    return label


def _moved(data: xr.Dataset) -> list[str]:
    """What is swept: conditions that move by more than a setting may."""
    return [n for n in _SWEPT if n in data.coords and settings(column(data, n), n).max() < 0] or [
        n for n in _SWEPT if n in data.coords and len(set(settings(column(data, n), n))) > 2
    ]


def _names(data: xr.Dataset, by: str, label: np.ndarray) -> list[str]:
    """A name for each part, such as 5K, -0.5T, rising; equal ones are numbered."""
    names: list[str] = []
    by_leg = by == "rising_or_falling"
    of = _moved(data)[0] if by_leg else by
    values = column(data, of)
    if by_leg and of == "angle":
        values = unwrapped(values)
    nothing = 0.0 if by_leg else 0.1 * TOLERANCE[by][0] or 2e-5 * float(np.abs(values).max())
    for k in range(int(label.max()) + 1):
        inside = values[label == k]
        if by_leg:
            name = "rising" if inside[-1] > inside[0] else "falling"
        else:
            mean = float(np.mean(unwrapped(inside) if by == "angle" else inside))
            name = _written(0.0 if abs(mean) < nothing else mean, QUANTITIES[by].unit)
        same = sum(n == name or n.startswith(f"{name}_") for n in names)
        names.append(f"{name}_{same + 1}" if same else name)
    return names


def _written(value: float, unit: str) -> str:
    """A number of three digits with its unit, as it may stand in the name of a file."""
    factor, prefix = 1.0, ""
    if unit not in ("K", "deg"):
        larger = ((f, p) for f, p in ((1.0, ""), (1e3, "m"), (1e6, "u")) if abs(value) * f >= 0.9995)
        factor, prefix = next(larger, (1e9, "n") if value else (1.0, ""))
    return f"{float(f'{value * factor:.3g}'):g}{prefix}{unit}"
