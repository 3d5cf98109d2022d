"""Hall bars whose voltage arms, probes and ends have a size."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import xarray as xr

from spinstack.measure.bars import geometry, junction, short_bar, wide_probes
from spinstack.measure.checks import choice, number, positive, together, whole
from spinstack.measure.cleaning.columns import column, error_column, remark, with_columns
from spinstack.measure.measurement import MeasurementError, step
from spinstack.text.units import In

#: ends nearer than so many widths make one shape of ends and probes
SHORTEST = 2.0
#: tangent of the Hall angle up to which that angle is small
SMALL = 0.1


@step
def correct_arms(
    data: xr.Dataset,
    arm_width: Annotated[float, In("m")],
    arm_length: Annotated[float, In("m")],
    *,
    arms: Literal["both", "one"] = "both",
    between: int = 0,
    end_distance: Annotated[float | None, In("m")] = None,
    off_centre: Annotated[float, In("m")] = 0.0,
) -> xr.Dataset:
    """Bring R_xx and R_xy of a bar to those of point probes: bar_length becomes the effective one, R_xy is divided.

    The current widens into voltage arms of `arm_width` [m], on `both` sides or `one` side of the bar, and the film
    between two of them conducts like a shorter bar: bar_length (from centre to centre) loses the shortening of one
    junction, and that of each junction `between` the two. A contact that ends an arm `arm_length` [m] from the edge of
    the bar (0: it lies on the edge) shorts a part of the Hall field, and so do the current contacts over the whole
    width at a distance `end_distance` [m] (default: far away) from each other, more so for Hall probes `off_centre` [m]
    from the middle between them: R_xy is divided by the Hall factor, its error, too. All analyses go on with the new
    bar_length; the attributes `arm_shortening` [m] and `hall_factor` say what was done, the remark how exact it is.
    For films that are uniform, and for the Hall factor a small Hall angle. Derived in docs/methods/hall_bars.md.
    Raises :class:`MeasurementError` without bar_length and bar_width, for arms or ends too near each other, and where
    it was done before.
    """
    if "arm_shortening" in data.attrs:
        raise MeasurementError("the bar has been corrected", field="correct_arms", remedy="Remove the second step.")
    together(
        lambda: geometry(data),
        lambda: positive(arm_width, "arm_width", unit="m"),
        lambda: number(arm_length, "arm_length", low=0, unit="m"),
        lambda: choice(arms, "arms", ("both", "one")),
        lambda: whole(between, "between", low=0),
        lambda: end_distance is None or positive(end_distance, "end_distance", unit="m"),
        lambda: number(off_centre, "off_centre", unit="m"),
    )
    length, width = float(data.attrs["bar_length"]), float(data.attrs["bar_width"])
    gap = length / (1 + between) - arm_width
    if gap < width / 2:
        allowed = f"at most {gap + arm_width - width / 2:g}, so that arms are half a width apart"
        raise MeasurementError(field="arm_width", unit="m", got=arm_width, allowed=allowed)
    both = arms == "both"
    one = junction(width, arm_width, arm_length, both)
    shortening = (1 + between) * one.shortening
    unsure = (1 + between) * 0.04 * width * np.exp(-np.pi * (2 if both else 1) * gap / width) / (length - shortening)
    words = f"bar_length {length:.6g} m less {shortening:.4g} m for the arms, to {100 * unsure:.1g} %"
    ends, probes = _hall(one.modulus, one.shortening, width, end_distance, abs(off_centre))
    out, found = data, {"arm_shortening": shortening}
    if "R_xy" in data.variables and both:
        factor, error = ends * probes, error_column(data, "R_xy")
        columns = {"R_xy": column(data, "R_xy") / factor, "R_xy_error": None if error is None else error / factor}
        out = with_columns(data, columns)
        found["hall_factor"] = factor
        words += f"; R_xy over {factor:.5g}, to {100 * (1 - ends) * (1 - probes):.1g} %{_angle(out, length / width)}"
    return remark(out.assign_attrs(bar_length=length - shortening), words, **found)


def _hall(modulus: float, shortening: float, width: float, distance: float | None, off: float) -> tuple[float, float]:
    """What the ends of the bar and what the probes leave of the Hall voltage."""
    if distance is None:
        return 1.0, wide_probes(modulus)
    if distance - 2 * off < SHORTEST * width:
        allowed = f"at least {SHORTEST * width + 2 * off:g}, {SHORTEST:g} widths and twice what the probes are off"
        raise MeasurementError(field="end_distance", unit="m", got=distance, allowed=allowed)
    return short_bar(distance - shortening, width, off), wide_probes(modulus)


def _angle(data: xr.Dataset, squares: float) -> str:
    """A warning for Hall angles that are not small."""
    if "R_xx" not in data.variables:
        return ""
    tangent = float(np.max(np.abs(data["R_xy"].values / data["R_xx"].values))) * squares
    return f"; the Hall angle is not small: its tangent reaches {tangent:.2g}" if tangent > SMALL else ""
