"""Slow drift of a reading, told from its signal by fitting both together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import xarray as xr

from spinstack.measure.checks import together, whole
from spinstack.measure.cleaning.columns import check_varies, column, error_column, remark, with_columns
from spinstack.measure.cleaning.groups import repeats
from spinstack.measure.measurement import MeasurementError, step
from spinstack.measure.scan_columns import check_orders, drift_columns, harmonic_columns, scaled
from spinstack.measure.statistics.coverage import justified, student
from spinstack.measure.statistics.estimate import from_scatter, propagated
from spinstack.measure.statistics.linear import factored, pseudo_inverse
from spinstack.measure.statistics.noise import correlation_words
from spinstack.measure.statistics.weights import weights
from spinstack.text.units import In

#: columns (scaled to length one) may be as nearly dependent as this
LARGEST_CONDITION = 1e5


@step
def subtract_drift(
    data: xr.Dataset,
    reading: str = "R_xx",
    degree: int = 1,
    against: str = "time",
    harmonics: Sequence[int] = (1, 2, 4),
    over: Literal["angle", "field"] | None = None,
    tolerance: Annotated[float, In(like="over")] = 0.0,
) -> xr.Dataset:
    """Subtract a polynomial of `degree` in `against` (time, or another condition such as temperature).

    It is fitted together with the signal, by least squares weighted with "<reading>_error" where present. The signal is
    a constant and the given `harmonics` cos n angle, sin n angle; or, with `over`, a free value at each angle [deg] or
    field [T] that was measured again within `tolerance` (see :func:`average_repeats`), which assumes nothing of its
    shape. An empty `harmonics` declares that nothing but drift depends on `against`. The mean of the reading stays.
    The drift from the first to the last row and its standard error (scaled by the scatter, widened for correlated noise
    and few rows) stand in the remark and in the attributes "drift_of_<reading>", "drift_of_<reading>_error".
    "<reading>_error" afterwards includes that of the drift; it is then correlated between rows, so amplitudes with
    errors are better fitted to the raw reading with the drift among the parameters.
    Raises :class:`MeasurementError` where signal and drift cannot be told apart, or nothing repeats.
    """
    y, errors = column(data, reading), error_column(data, reading)
    together(lambda: whole(degree, "degree", low=1, high=12), lambda: check_orders(harmonics, "harmonics"))
    x = column(data, against)
    check_varies(x, against, "A drift needs a condition that changes.")
    w = weights(errors, y.size, f"{reading}_error")
    legendre = drift_columns(scaled(x), degree)
    if over is None:
        signal = _harmonics(data, harmonics)
        model = np.hstack([legendre, signal]) * w[:, None]
        target, free, words = y * w, signal.shape[1], _harmonic_words(harmonics)
        heard = np.ones(y.size, dtype=bool)
    else:
        group = repeats(data, over, tolerance)
        inside = np.bincount(group)[group] > 1
        if not inside.any():
            raise MeasurementError("within which nothing was measured again", field="tolerance", got=tolerance)
        # a free value for each place is the same as taking weighted means of the groups off both sides
        model = _without_means(legendre, group, w) * w[:, None]
        target = _without_means(y[:, None], group, w)[:, 0] * w
        free, words = int(group.max()) + 1, f"a free value at each {over} measured again"
        heard = inside
    projector = _projector(model, degree, y.size - free - degree)
    values = projector @ target
    # means of groups lie far apart in time and take nothing from the correlation of neighbours
    fit = from_scatter(
        values, projector @ projector.T, target - model @ values, np.ones(y.size),
        absorbed=free + degree - values.size, ordered=heard,
    )  # fmt: skip
    drift = legendre @ values[:degree]
    drift -= drift.mean()
    total_of = (legendre[-1] - legendre[0])[None]
    total = float(total_of[0] @ values[:degree])
    error = float(np.sqrt(propagated(total_of, fit.covariance[:degree, :degree])[0, 0])) * student(fit.freedom)
    columns: dict[str, np.ndarray | None] = {reading: y - drift}
    if errors is not None:
        columns[f"{reading}_error"] = _errors_after(
            legendre,
            projector[:degree],
            w,
            errors,
            justified(fit.reduced_chi_square, fit.degrees_of_freedom) * fit.factor**2,
        )
    unit = data[reading].attrs.get("units", "")
    sentence = f"drift of {reading} over the run {total:.4g} +- {error:.2g} {unit}, degree {degree} in {against}, "
    sentence += f"fitted together with {words}{correlation_words(fit.correlation, fit.factor)}"
    found = {f"drift_of_{reading}": total, f"drift_of_{reading}_error": error}
    return remark(with_columns(data, columns), sentence, **found)


def _harmonics(data: xr.Dataset, orders: Sequence[int]) -> np.ndarray:
    constant = np.ones((data.sizes["point"], 1))
    return np.hstack([constant, harmonic_columns(column(data, "angle"), orders)]) if len(orders) else constant


def _harmonic_words(orders: Sequence[int]) -> str:
    return f"harmonics {', '.join(map(str, orders))} of the angle" if len(orders) else "a constant"


def _without_means(columns: np.ndarray, group: np.ndarray, w: np.ndarray) -> np.ndarray:
    total = np.bincount(group, w**2)
    means = np.stack([np.bincount(group, w**2 * c) / total for c in columns.T], axis=1)
    return columns - means[group]


def _projector(model: np.ndarray, degree: int, freedom: int) -> np.ndarray:
    """What (columns, rows) makes all coefficients, those of the drift first, from the readings."""
    if freedom < 1:
        why = "which leaves no row to judge the fit by"
        raise MeasurementError(why, field="degree", got=degree, remedy="Lower it.")
    factors = factored(model, floor=1e-9)
    if factors.S[-1] * LARGEST_CONDITION < factors.S[0]:
        why = "of a drift that cannot be told from the signal here"
        remedy = "Lower the degree, take fewer harmonics, or use a run that turns farther or repeats."
        raise MeasurementError(why, field="degree", got=degree, remedy=remedy)
    return pseudo_inverse(factors)


def _errors_after(
    legendre: np.ndarray, projector: np.ndarray, w: np.ndarray, errors: np.ndarray, scale: float
) -> np.ndarray:
    """Errors of y - drift: that of the reading, that of the drift, and what they have in common."""
    shapes = legendre - legendre.mean(axis=0)
    share = np.sum(shapes * (projector * w).T, axis=1)
    of_drift = np.sum(shapes @ (projector @ projector.T) * shapes, axis=1) * scale
    return np.sqrt(np.maximum(errors**2 * (1 - 2 * share) + of_drift, 0.0))
