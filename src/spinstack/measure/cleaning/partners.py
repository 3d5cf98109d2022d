"""The partner of every reading under reversal of the field, or under a mirror or a half turn of its angle."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice
from spinstack.measure.cleaning.columns import check_varies, column
from spinstack.measure.cleaning.interpolation import Interpolation, interpolation
from spinstack.measure.cleaning.legs import legs, prevailing, unwrapped
from spinstack.measure.measurement import MeasurementError

#: field: H to -H; angle: mirrored at `centre`; half_turn: turned by 180 deg, which reverses a field of any plane
About = Literal["field", "angle", "half_turn"]
ABOUT = ("field", "angle", "half_turn")


def partners(data: xr.Dataset, about: str, centre: float = 0.0) -> tuple[Interpolation, str]:
    """Where the partner of every row is, and in words which one it is."""
    choice(about, "about", ABOUT)
    if about == "field":
        return _field_partners(column(data, "field"), centre)
    angle = column(data, "angle")
    turned = unwrapped(angle)
    check_varies(turned, "angle", "Parity in angle needs a scan.")
    # a mirror reverses the sense of rotation, a half turn keeps it
    mirror = about == "angle"
    wanted = 2 * centre - angle if mirror else angle + 180.0
    sense = prevailing(turned)
    both = mirror and {1, -1} <= set(sense.tolist())
    out = Interpolation.nowhere(angle.size)
    for one in np.unique(sense):
        targets = np.flatnonzero(sense == one)
        source = np.flatnonzero(sense == (-one if both else one))
        out = _placed(out, targets, interpolation(wanted[targets], angle, source, 360.0))
    return out, "paired with the opposite sense of rotation" if both else "paired within the same sense of rotation"


def _field_partners(field: np.ndarray, centre: float) -> tuple[Interpolation, str]:
    check_varies(field, "field", "Parity in field needs a sweep.")
    swept = legs(field)
    # a sweep between equal fields does not end at the mirror images about another centre
    near = 0.05 * float(np.ptp(field)) + 2 * abs(centre)
    out = Interpolation.nowhere(field.size)
    for i, leg in enumerate(swept):
        # the state of a magnet is that of its history: the partner sweep began at the opposite field
        others = [
            j
            for j, other in enumerate(swept)
            if leg.direction != 0
            and other.direction == -leg.direction
            and abs(other.start + leg.start - 2 * centre) <= near
        ]
        for j in sorted(others, key=lambda j, i=i: abs(j - i)):  # type: ignore[misc]
            missing = leg.rows[~out.found[leg.rows]]
            here = interpolation(2 * centre - field[missing], field, swept[j].with_start)
            out = _placed(out, missing, here)
    if out.found.any():
        return out, "rising paired with falling branches"
    for leg in swept:
        out = _placed(out, leg.rows, interpolation(2 * centre - field[leg.rows], field, leg.with_start))
    if not out.found.any():
        why = f"from {field.min():g} to {field.max():g} T no row has a partner at the opposite field"
        raise MeasurementError(why, field="field")
    return out, "paired within one branch, so that hysteresis is not separated"


def _placed(whole: Interpolation, targets: np.ndarray, part: Interpolation) -> Interpolation:
    first, second, weight, found = (np.copy(c) for c in (whole.first, whole.second, whole.weight, whole.found))
    hit = targets[part.found]
    first[hit], second[hit] = part.first[part.found], part.second[part.found]
    weight[hit], found[hit] = part.weight[part.found], True
    return Interpolation(first, second, weight, found)
