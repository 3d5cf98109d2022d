"""Magnetoresistance of any field sweep, in one direction or both: ratios at asked fields, even and odd parts, B^2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, number
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import finite_rows
from spinstack.measure.statistics.coverage import pooled_freedom
from spinstack.measure.statistics.estimate import linear_fit, propagated
from spinstack.measure.sweeps.at_zero import zero_field
from spinstack.measure.sweeps.local import LocalCurve, local_curve
from spinstack.measure.sweeps.results import Found, copies_of, fit_attributes, fit_lines, report, unit_of
from spinstack.text.errors import Problems
from spinstack.text.units import In


@checked
def magnetoresistance(
    data: xr.Dataset,
    reading: str = "R_xx",
    *,
    at: Annotated[Sequence[float] | float | None, In("T")] = None,
    square: Annotated[float | None, In("T")] = None,
) -> xr.Dataset:
    """(R(B) - R(0))/R(0) of a field sweep in one direction or more, at asked fields and as a curve.

    Each value is that of a polynomial through the points next to its field, of all branches together: a hysteretic loop
    has its mean here, and its two branches in :func:`butterfly`.

    Args:
        data: a sweep that passes zero field.
        reading: a longitudinal resistance [Ohm], or any reading that is not zero at zero field.
        at: fields [T], with their sign; default: the largest field on each side that is there.
        square: field [T] from which on ``R = R(0) [1 + slope |B| + square B^2]`` is fitted to the even part: ordinary
            magnetoresistance (square) beside a high-field slope, such as that of a suppressed magnon resistance.

    Returns:
        Parameters zero_field [unit of the reading] and for each field ``ratio_5T`` (of -5 T ``ratio_-5T``) [1]; where
        its opposite is covered, too, ``even_5T`` = (R(B) + R(-B))/2R(0) - 1 and ``odd_5T`` = (R(B) - R(-B))/2R(0) [1]
        (a Hall voltage through misaligned contacts); with `square` also slope [1/T] and square [1/T^2]. Curves over
        `row`: field, magnetoresistance, and kohler = B/R(0) [T/Ohm], against which Kohler's rule makes the ordinary
        magnetoresistance of all temperatures one curve.

    Raises:
        MeasurementError: zero or an asked field outside the sweep, a reading of zero there, too few points.
    """
    (B, y), sigma, _ = finite_rows(data, "field", reading=reading)
    zero = zero_field(data, reading)
    copies, unit = copies_of(data, reading), unit_of(data, reading)
    if abs(zero[0]) <= 3 * zero[1]:
        why = f"{zero[0]:.3g} +- {zero[1]:.2g} at zero field, of which no ratio can be taken"
        raise MeasurementError(why, field=reading)
    low, high = float(B.min()), float(B.max())
    reach = max(-low, high)
    # a side that is passed by little more than zero is not one that was swept
    fields = [b for b in (high, low) if abs(b) > 0.2 * reach] if at is None else _asked(at, low, high)
    found = {"zero_field": Found(zero[0], zero[1], unit, "reading at zero field", zero[2])}
    curves: list[LocalCurve] = []

    def near(field: float) -> LocalCurve:
        curves.append(_near(B, y, sigma, field, reach))
        return curves[-1]

    for field in fields:
        # what the largest field happened to be is no name that files or tables could rely on
        name = f"{field:.3g}T" if at is None else f"{field:.6g}T"
        sides = [near(field)]
        found[f"ratio_{name}"] = _ratio(sides, field, zero, (1.0,), copies, f"(R - R(0))/R(0) at {field:.6g} T")
        if low * 1.001 <= -field <= high * 1.001 and (at is not None or field > 0):
            sides.append(near(-field))
            for part, signs in (("even", (0.5, 0.5)), ("odd", (0.5, -0.5))):
                words = f"{part} part in field, of R(0), at {abs(field):.6g} T"
                found[f"{part}_{name}"] = _ratio(sides, field, zero, signs, copies, words)
    more: dict[str, Found] = {}
    attributes: dict[str, Any] = {}
    if square is not None:
        more, attributes = _square(B, y, sigma, square, zero, copies)
    order = np.argsort(B, kind="stable")
    lines = [curve.line() for curve in curves]
    return report(
        data, found | more, reading=reading, **attributes,
        fit_windows=[float(end) for curve in curves for end in curve.window],
        curves={
            **fit_lines("field", {reading: unit}, lines),
            "field": ("row", B[order], {"units": "T"}),
            "magnetoresistance": ("row", y[order] / zero[0] - 1, {"units": "1"}),
            "kohler": ("row", B[order] / zero[0], {"units": f"T/{unit}", "long_name": "field over R(0)"}),
        },
    )  # fmt: skip


def _asked(at: Sequence[float] | float, low: float, high: float) -> list[float]:
    problems, out = Problems(), []
    for value in at if isinstance(at, Sequence | np.ndarray) and not isinstance(at, str) else [at]:
        with problems:
            field = number(value, "at", unit="T")
            if not low * 1.001 <= field <= high * 1.001 or field == 0:
                allowed = f"fields other than 0 that the sweep covers, {low:g} to {high:g} T"
                raise MeasurementError(field="at", unit="T", got=field, allowed=allowed)
            out.append(field)
    problems.end()
    return list(dict.fromkeys(out))


def _near(B: np.ndarray, y: np.ndarray, sigma: np.ndarray | None, field: float, reach: float) -> LocalCurve:
    """Polynomial through the points next to a field, on its own side of zero."""
    side = np.sign(B) == np.sign(field)
    distance = np.where(side, np.abs(B - field), np.inf)
    half = max(0.05 * reach, float(np.sort(distance)[min(7, B.size - 1)]))
    rows = distance <= half if np.isfinite(half) else side
    if np.count_nonzero(rows) < 3:
        raise MeasurementError(f"fewer than 3 points are on the side of {field:.6g} T", field="field")
    return local_curve(B[rows], y[rows], 2 if rows.sum() >= 6 else 1, None if sigma is None else sigma[rows])


def _ratio(
    curves: list[LocalCurve],
    field: float,
    zero: tuple[float, float, float],
    signs: tuple[float, ...],
    copies: int,
    words: str,
) -> Found:
    """A combination of the readings at +-field over that at zero, less 1 for what is not odd."""
    values = [curve.at(s * field) for curve, s in zip(curves, (1, -1), strict=False)]
    mean = sum(w * v[0] for w, v in zip(signs, values, strict=False))
    parts = [copies * (w * v[1] / zero[0]) ** 2 for w, v in zip(signs, values, strict=False)]
    parts.append((mean * zero[1] / zero[0] ** 2) ** 2)
    freedom = pooled_freedom(parts, [*(c.freedom for c, _ in zip(curves, signs, strict=False)), zero[2]])
    error = float(np.sqrt(sum(parts)))
    return Found(mean / zero[0] - (0.0 if sum(signs) == 0 else 1.0), error, "1", words, freedom)


def _square(
    B: np.ndarray, y: np.ndarray, sigma: np.ndarray | None, above: float, zero: tuple[float, float, float], copies: int
) -> tuple[dict[str, Found], dict[str, Any]]:
    """Slope and square of the even part from a field on."""
    above = number(above, "square", low=0, unit="T")
    rows = np.abs(B) >= above
    if np.count_nonzero(rows) < 6 * copies or np.unique(np.abs(B[rows])).size < 4:
        allowed = f"a field with 6 points above it (of {np.abs(B).max():g} T)"
        raise MeasurementError(field="square", unit="T", got=above, allowed=allowed)
    x = np.abs(B[rows])
    columns = [np.ones(x.size), x, x**2]
    if B[rows].min() < 0 < B[rows].max():
        columns += [np.sign(B[rows]), B[rows]]  # what is odd
    fit = linear_fit(np.stack(columns, axis=1), y[rows], None if sigma is None else sigma[rows], copies)
    found = {}
    for k, (name, unit, words) in enumerate(
        (("slope", "1/T", "slope of the even part over R(0)"), ("square", "1/T^2", "B^2 of the even part over R(0)")), 1
    ):
        J = np.zeros((1, fit.values.size))
        J[0, k] = 1 / zero[0]
        parts = [float(propagated(J, fit.covariance)[0, 0]), (fit.values[k] * zero[1] / zero[0] ** 2) ** 2]
        value, freedom = float(fit.values[k] / zero[0]), pooled_freedom(parts, [fit.freedom, zero[2]])
        found[name] = Found(value, float(np.sqrt(sum(parts))), unit, words, freedom)
    return found, fit_attributes(fit) | {"square_above": above}
