"""Phase of a lock-in amplifier: the whole signal into one channel."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice, number, together
from spinstack.measure.cleaning.columns import check_not_done, column, error_columns, remark, with_columns
from spinstack.measure.measurement import MeasurementError, step
from spinstack.text.units import In


@step
def rotate_phase(
    data: xr.Dataset,
    phase: Annotated[float | None, In("deg")] = None,
    sign: Literal["keep", "positive"] = "keep",
    of: Literal["signal", "change"] = "signal",
    in_phase: str = "V_X",
    quadrature: str = "V_Y",
) -> xr.Dataset:
    """Turn the phase of a lock-in record: X' = X cos p + Y sin p, Y' = Y cos p - X sin p, p = `phase` [deg].

    Without a phase it is the one that makes the sum of squares of X' largest, for the whole record (of="signal") or for
    what changes in it (of="change": leaves a constant pickup out). One phase holds for all rows, so that a reading that
    passes through zero keeps its sign. A best phase is known up to 180 deg: sign="keep" takes the one within +-90 deg,
    which leaves the sign of X as recorded; "positive" makes the mean of X' positive, as a longitudinal voltage is.
    The remark tells the phase and what is left in quadrature (a large rest: the phase changed during the record, or
    another frequency leaked in). Errors follow. The inverse is the phase with the other sign.
    Raises :class:`MeasurementError` where there is no signal.
    """
    together(
        lambda: choice(sign, "sign", ("keep", "positive")),
        lambda: choice(of, "of", ("signal", "change")),
        lambda: phase is None or number(phase, "phase", low=-360, high=360, unit="deg"),
    )
    if phase is not None:
        check_not_done(data, "rotate_phase", phase=phase, in_phase=in_phase)
    x, y = column(data, in_phase), column(data, quadrature)
    given = phase is not None
    if phase is None:
        u, v = (x, y) if of == "signal" else (x - x.mean(), y - y.mean())
        if not np.any(u**2 + v**2 > 0):
            why = "both are zero throughout, so that there is no phase to find"
            raise MeasurementError(why, field=f"{in_phase}, {quadrature}")
        p = 0.5 * np.arctan2(2 * np.sum(u * v), np.sum(u**2 - v**2))
        if sign == "positive" and np.mean(x * np.cos(p) + y * np.sin(p)) < 0:
            p = p + np.pi if p <= 0 else p - np.pi
    else:
        p = np.deg2rad(phase)
    c, s = np.cos(p), np.sin(p)
    turned = {in_phase: x * c + y * s, quadrature: y * c - x * s}
    errors: dict[str, np.ndarray | None] = {}
    if given_errors := error_columns(data, in_phase, quadrature):
        ex, ey = given_errors
        errors = {f"{in_phase}_error": np.hypot(ex * c, ey * s), f"{quadrature}_error": np.hypot(ey * c, ex * s)}
    size = float(np.sqrt(np.mean(turned[in_phase] ** 2)))
    rest = float(np.sqrt(np.mean(turned[quadrature] ** 2)))
    sentence = f"phase turned by {np.rad2deg(p):.4g} deg ({'given' if given else 'largest ' + in_phase}); "
    sentence += f"in quadrature {rest:.3g} V of {size:.3g} V (root mean squares)"
    found = {"lock_in_phase": float(np.rad2deg(p))}
    return remark(with_columns(data, {**turned, **errors}), sentence, **found)
