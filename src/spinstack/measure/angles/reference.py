"""From the coefficients of a linear fit to amplitudes, phases and ratios, with their joint covariance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.scan_columns import harmonic_columns
from spinstack.measure.statistics.estimate import Estimate, propagated, standard_errors
from spinstack.text.checks import is_number

Values = dict[str, tuple[float, float, str, str]]
REFERENCES = ("auto", "mean", "max", "min", "none")
#: readings across the current: their mean is a misalignment of contacts, not what the signal is a part of
TRANSVERSE = ("R_xy", "R_yx", "V_xy")


def chosen(found: Estimate, orders: Sequence[int], reading: str) -> tuple[str, str]:
    """The reference that "auto" means, "mean" or "none", and why there is none."""
    if reading in TRANSVERSE:
        return "none", f"{reading} is a transverse reading, whose mean is no measure of it"
    c = found.values
    ends = harmonic_columns(np.array(turning_points(c, orders)), orders) @ c[1 : 1 + 2 * len(orders)] + c[0]
    # a mean within three errors of zero may have either sign
    if abs(c[0]) <= 3 * found.errors[0] or np.min(ends) <= 0 <= np.max(ends):
        return "none", f"{reading} passes through zero"
    return "mean", ""


def turning_points(coefficients: np.ndarray, orders: Sequence[int]) -> tuple[float, float]:
    """Angles [deg] of the largest and the smallest value of the fitted curve without drift."""
    if not orders:
        return 0.0, 0.0
    angle = np.linspace(0, 360, 24 * max(orders) + 1)[:-1]
    found = []
    for sign in (1.0, -1.0):
        values = sign * harmonic_columns(angle, orders) @ coefficients[1 : 1 + 2 * len(orders)]
        best = float(angle[int(np.argmax(values))])
        width = 360.0 / (24 * max(orders))
        for _ in range(12):  # parabola through three points, narrowed
            three = np.array([best - width, best, best + width])
            low, mid, high = sign * harmonic_columns(three, orders) @ coefficients[1 : 1 + 2 * len(orders)]
            bend = low - 2 * mid + high
            if bend < 0:
                best += float(np.clip(0.5 * width * (low - high) / bend, -width, width))
            width /= 3
        found.append(best)
    return found[0], found[1]


def check_reference(reference: Any) -> None:
    """Raise for what names no reference of ratios."""
    if not (reference in REFERENCES if isinstance(reference, str) else is_number(reference)):
        allowed = f"{', '.join(map(repr, REFERENCES))} or an angle in degrees"
        raise MeasurementError(field="reference", got=reference, allowed=allowed)


def referred(
    found: Estimate, names: list[str], orders: Sequence[int], reference: str | float, unit: str, words: str
) -> tuple[Values, np.ndarray]:
    """Values with standard errors, and covariance, of everything that follows from the linear coefficients.

    With the reference "none" there are no ratios, and peak to peak is in the unit of the reading.
    """
    c, k = found.values, len(names)
    rows: list[tuple[str, float, np.ndarray, str, str]] = []

    def add(name: str, value: float, slope: np.ndarray, unit: str, words: str) -> None:
        rows.append((name, value, slope, unit, words))

    def at(angle: float) -> np.ndarray:
        """d R/d c at an angle; at an extremum its position does not enter to first order."""
        out = np.zeros(k)
        out[0] = 1.0
        out[1 : 1 + 2 * len(orders)] = harmonic_columns(np.array([angle]), orders)[0]
        return out

    highest, lowest = turning_points(c, orders)
    if reference in ("mean", "none"):
        to_ref, which = np.eye(k)[0], "mean over angle"
    elif reference in ("max", "min"):
        to_ref, which = at(highest if reference == "max" else lowest), f"{reference}imum over angle"
    else:
        to_ref, which = at(float(reference)), f"at {float(reference):g} deg"
    ref = float(to_ref @ c)
    ratios = reference != "none"
    if ratios and (ref == 0 or not np.isfinite(ref)):
        why, remedy = f"where {words} is {ref:g}, so that there is no ratio to it", "Give 'none' to have no ratios."
        raise MeasurementError(why, field="reference", got=reference, remedy=remedy)
    add("R0", c[0], np.eye(k)[0], unit, f"{words}, mean over angle and scan")
    if ratios:
        add("R_ref", ref, to_ref, unit, f"{words}, reference of the ratios: {which}")
    for i, n in enumerate(orders):
        ic, js = 1 + 2 * i, 2 + 2 * i
        a, b = float(c[ic]), float(c[js])
        A = float(np.hypot(a, b))
        to_A, to_phase = np.zeros(k), np.zeros(k)
        to_A[ic], to_A[js] = (a / A, b / A) if A > 0 else (1.0, 0.0)
        to_phase[ic], to_phase[js] = (-b / A**2, a / A**2) if A > 0 else (np.nan, np.nan)
        add(f"cos{n}", a, np.eye(k)[ic], unit, f"coefficient of cos({n} angle)")
        add(f"sin{n}", b, np.eye(k)[js], unit, f"coefficient of sin({n} angle)")
        add(f"A{n}", A, to_A, unit, f"amplitude of order {n}")
        if ratios:
            ratio = A / abs(ref)
            add(f"c{n}", ratio, to_A / abs(ref) - ratio / ref * to_ref, "1", f"amplitude of order {n} over R_ref")
        phase = np.rad2deg(np.arctan2(b, a)) / n
        add(f"phase{n}", phase, np.rad2deg(to_phase) / n, "deg", f"angle of a maximum of order {n}")
    for name, value, slope in zip(names, c, np.eye(k), strict=True):
        if name.startswith("drift"):
            add(name, float(value), slope, unit, f"drift, Legendre polynomial {name[5:]} from -1 to 1 over the scan")
    span = at(highest) - at(lowest)
    total = float(span @ c)
    if ratios:
        slope = span / abs(ref) - total / abs(ref) / ref * to_ref
        add("peak_to_peak", total / abs(ref), slope, "1", "largest less smallest of the curve over R_ref")
    else:
        add("peak_to_peak", total, span, unit, "largest less smallest of the curve")
    covariance = propagated(np.array([row[2] for row in rows]), found.covariance)
    errors = standard_errors(covariance)
    values = {row[0]: (float(row[1]), float(e), row[3], row[4]) for row, e in zip(rows, errors, strict=True)}
    return values, covariance
