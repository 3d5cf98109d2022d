"""Voltage contacts out of line: Hall voltage in the longitudinal reading, and longitudinal in the Hall reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.bars import geometry
from spinstack.measure.checks import choice, number
from spinstack.measure.cleaning.columns import check_not_done, column, error_columns, remark, with_columns
from spinstack.measure.cleaning.interpolation import Interpolation
from spinstack.measure.cleaning.partners import partners
from spinstack.measure.measurement import MeasurementError, step
from spinstack.measure.statistics.coverage import justified, student
from spinstack.measure.statistics.noise import correlated, white_noise
from spinstack.text.units import In

#: residual over noise above which a constant share does not describe the data
LARGEST_EXCESS = 2.0


class Admixture(NamedTuple):
    """A share, its standard error, correlation of neighbouring residuals, rms residual over rms noise."""

    value: float
    error: float
    correlation: float
    excess: float


@step
def correct_misalignment(
    data: xr.Dataset,
    admixture: Sequence[float] | None = None,
    about: Literal["field", "half_turn"] | None = None,
    above: Annotated[float | None, In("T")] = None,
) -> xr.Dataset:
    """Undo R_xx' = R_xx + a R_xy, R_xy' = R_xy + b R_xx exactly, with `admixture` [a, b] given or found by parity.

    On reversal of the field R_xx is even and R_xy odd, so a is the slope of the odd part of R_xx' on that of R_xy', and
    b the slope of the even part of R_xy' on that of R_xx'. `about` says how the field was reversed: a sweep of the
    "field" (with its branches, see :func:`even_part`) or a "half_turn" of its angle in a plane with a Hall signal; the
    default is the one that varies. `above` [T]: only rows at and beyond that field tell the shares, where a biased or
    hysteretic loop is closed and the opposite field does reverse its state. Slopes go through the origin and are freed
    of the bias by noise in the part they are taken on. Valid while both resistances are the odd and even functions that
    Onsager's relations ask for, with one current path: a planar Hall signal, which is even, counts as admixture unless
    it averages out over the scan. The remark warns where what a constant share leaves is structured and more than twice
    the noise.
    Attributes: "hall_in_longitudinal" (a), "longitudinal_in_hall" (b), each with "_error", and with bar_length L and
    bar_width w the angles [deg] by which contacts or equipotentials are out of line, "longitudinal_tilt" = atan(a w/L)
    and "transverse_tilt" = atan(b L/w). Errors of readings follow, with those of a and b.
    Raises :class:`MeasurementError` where the field is not reversed, or there is no Hall signal to compare with.
    """
    xx, xy = column(data, "R_xx"), column(data, "R_xy")
    exx, exy = error_columns(data, "R_xx", "R_xy") or (None, None)
    if admixture is None:
        reversal = _reversal(data) if about is None else choice(about, "about", ("field", "half_turn"))
        where, words = partners(data, reversal)
        if above is not None:
            where, words = _beyond(data, where, reversal, above), f"{words}, from {above:g} T on"
        if np.sum(where.found) < 6:
            why = f"only {np.sum(where.found)} rows have a partner"
            raise MeasurementError(why, field=reversal, allowed="six or more")
        a = _share(xx, xy, exx, exy, where, -1, "R_xx", "R_xy")
        b = _share(xy, xx, exy, exx, where, +1, "R_xy", "R_xx")
        words = f"from parity ({words})"
    else:
        if above is not None:
            raise MeasurementError("given beside admixture, of which nothing is found", field="above", got=above)
        if isinstance(admixture, str) or not hasattr(admixture, "__len__") or len(admixture) != 2:
            allowed = "two ratios, [Hall in R_xx, R_xx in Hall]"
            raise MeasurementError(field="admixture", got=admixture, allowed=allowed)
        check_not_done(data, "correct_misalignment", admixture=list(admixture))
        a, b = (Admixture(number(v, "admixture"), 0.0, 0.0, 1.0) for v in admixture)
        words = "given"
    determinant = 1.0 - a.value * b.value
    if determinant < 0.1:
        allowed = "ratios whose product stays below 0.9"
        raise MeasurementError(field="admixture", got=(a.value, b.value), allowed=allowed)
    new_xx, new_xy = (xx - a.value * xy) / determinant, (xy - b.value * xx) / determinant
    columns: dict[str, np.ndarray | None] = {"R_xx": new_xx, "R_xy": new_xy}
    if exx is not None and exy is not None:
        columns["R_xx_error"] = np.sqrt(exx**2 + (a.value * exy) ** 2 + (a.error * new_xy) ** 2) / determinant
        columns["R_xy_error"] = np.sqrt(exy**2 + (b.value * exx) ** 2 + (b.error * new_xx) ** 2) / determinant
    found = {
        "hall_in_longitudinal": a.value,
        "hall_in_longitudinal_error": a.error,
        "longitudinal_in_hall": b.value,
        "longitudinal_in_hall_error": b.error,
    }
    sentence = (
        f"admixture {words}: {a.value:.4g} +- {a.error:.2g} of R_xy in R_xx, {b.value:.4g} +- {b.error:.2g} of R_xx "
    )
    sentence += "in R_xy"
    tilts = _tilts(data, a, b)
    if tilts:
        sentence += (
            "; contacts out of line by {:.3g} +- {:.2g} deg (longitudinal), {:.3g} +- {:.2g} deg (transverse)".format(
                *tilts.values()
            )
        )
    else:
        sentence += "; no tilt in degrees without bar_length and bar_width"
    worst = max(a.correlation, b.correlation)
    if worst > 0:
        sentence += f"; neighbouring residuals correlate by {worst:.2f}, errors widened"
    for part, share in (("odd part of R_xx", a), ("even part of R_xy", b)):
        if share.correlation > 0 and share.excess > LARGEST_EXCESS:
            sentence += f"; NOT a mere admixture: the {part} is left with {share.excess:.2g} times the noise"
    return remark(with_columns(data, columns), sentence, **found, **tilts)


def _beyond(data: xr.Dataset, where: Interpolation, reversal: str, above: float) -> Interpolation:
    number(above, "above", low=0, unit="T")
    if reversal != "field":
        raise MeasurementError("for a half turn", field="above", got=above, allowed='about = "field"')
    return replace(where, found=where.found & (np.abs(column(data, "field")) >= above))


def _reversal(data: xr.Dataset) -> str:
    for name, about in (("field", "field"), ("angle", "half_turn")):
        if name in data.variables and np.ptp(column(data, name)) > 0:
            values = column(data, name)
            if about == "half_turn" or values.min() < 0 < values.max():
                return about
    why = "neither reverses the field in this measurement"
    raise MeasurementError(why, field="field, angle", remedy="Give the admixture.")


def _share(
    y: np.ndarray,
    x: np.ndarray,
    ey: np.ndarray | None,
    ex: np.ndarray | None,
    where: Interpolation,
    sign: int,
    name: str,
    of: str,
) -> Admixture:
    """Slope through the origin of the part of y on that of x that are odd (sign -1) or even (+1)."""
    keep = where.found
    found = where.rows(keep)
    vy = np.full(y.size, white_noise(y, robust=True) ** 2) if ey is None else ey**2
    vx = np.full(x.size, white_noise(x, robust=True) ** 2) if ex is None else ex**2
    part_x, part_y = (0.5 * (v[keep] + sign * found.at(v)) for v in (x, y))
    noise_x, noise_y = (0.25 * (v[keep] + found.variance(v)) for v in (vx, vy))
    power = float(np.sum(part_x**2))
    bias = float(np.sum(noise_x))
    if not power > 4 * bias or not power > 1e-24 * float(np.sum(x[keep] ** 2)):
        kind = "odd" if sign < 0 else "even"
        why = f"its {kind} part is within the noise, so its share in {name} cannot be found"
        raise MeasurementError(why, field=of, remedy="Give the admixture.")
    share = float(part_x @ part_y) / (power - bias)
    residual = part_y - share * part_x
    # every row counts twice, in its own part and in that of its partner: errors go back to the rows
    on_rows = np.zeros(y.size)
    on_rows[keep] = 0.5 * part_x
    on_rows += 0.5 * sign * found.back(part_x, y.size)
    row_variance = vy + share**2 * vx
    expected = noise_y + share**2 * noise_x
    excess = float(np.sqrt(np.mean(residual**2) / np.mean(expected))) if np.any(expected > 0) else 1.0
    if not np.any(expected > 0):
        row_variance, expected = np.ones(y.size), 0.25 * (1 + found.variance(np.ones(y.size)))
    freedom = max(1.0, 0.5 * part_x.size - 1)
    chi2 = float(np.mean(residual**2) / np.mean(expected)) * (freedom + 1) / freedom
    scale = chi2 if ey is None or ex is None else justified(chi2, freedom)
    shared = found.shared() / (1 + float(found.variance(np.ones(y.size)).mean()))
    r, factor = correlated(residual, 1, copies=2, expected=shared)
    variance = float(np.sum(on_rows**2 * row_variance)) / (power - bias) ** 2
    widened = 1.0 if scale == 1.0 else student(max(1.0, freedom / factor**2))
    error = np.sqrt(variance * scale) * factor * widened
    return Admixture(share, float(error), r if factor > 1 else 0.0, excess)


def _tilts(data: xr.Dataset, a: Admixture, b: Admixture) -> dict[str, float]:
    """atan(a w/L) and atan(b L/w) with errors [deg]; empty where the sizes of the bar are not known."""
    if "bar_length" not in data.attrs or "bar_width" not in data.attrs:
        return {}
    squares = geometry(data)
    out: dict[str, float] = {}
    for name, share, scale in (("longitudinal_tilt", a, 1 / squares), ("transverse_tilt", b, squares)):
        tangent = share.value * scale
        out[name] = float(np.rad2deg(np.arctan(tangent)))
        out[f"{name}_error"] = float(np.rad2deg(share.error * scale / (1 + tangent**2)))
    return out
