"""What the residuals of an angle scan say: is the noise white, is a harmonic or drift missing, are there spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.angles.design import largest_gap
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.scan_columns import drift_columns, harmonic_columns
from spinstack.measure.statistics.autoregressive import LONG, slowest, whiten
from spinstack.measure.statistics.coloured import ColouredEstimate, coloured_fit
from spinstack.measure.statistics.coverage import UNLIKELY
from spinstack.measure.statistics.linear import least_squares
from spinstack.measure.statistics.residuals import (
    SPIKE,
    durbin_watson,
    effective_size,
    gain,
    ljung_box,
    spikes,
)  # fmt: skip

#: harmonics up to this order are looked for
LARGEST_TESTED = 8


def diagnose(
    X: np.ndarray,
    y: np.ndarray,
    angle: np.ndarray,
    time: np.ndarray,
    found: ColouredEstimate,
    orders: tuple[int, ...],
    degree: int,
    scale: np.ndarray,
) -> dict[str, Any]:
    """Diagnostics of a fit, as attributes; `warnings` says in sentences what should not be passed over."""
    r = found.residual / scale
    Q, p = ljung_box(r)
    _, after = ljung_box(whiten(found.phi, r), fitted=len(found.phi))
    p_missing, size, p_drift = _missing(X, y, angle, time, orders, degree, scale)
    missing = [n for n, v in p_missing.items() if v < UNLIKELY]
    count = int(spikes(r).sum())
    gap = largest_gap(angle)
    effective = effective_size(r, found.phi)
    warnings = []
    if len(y) >= 8 and p < UNLIKELY:
        inflation = float(np.median(found.inflation))
        how = f"the errors are {inflation:.2g} times those of white noise" if len(found.phi) else "see noise='auto'"
        warnings.append(f"the residuals are not white (Ljung-Box p = {p:.1g}): {how}")
    rho = slowest(found.phi)[0]
    if rho > 0 and len(y) * (1 - rho) < 15:
        warnings.append("the noise is as slow as the scan itself, so that the errors may be too small")
    if missing:
        sizes = ", ".join(f"{n} (amplitude {size[n]:.2g})" for n in missing)
        warnings.append(f"harmonics are missing: order {sizes}, in units of the reading")
    if p_drift < UNLIKELY:
        warnings.append(f"drift of degree {degree + 1} is missing (p = {p_drift:.1g})")
    if count:
        warnings.append(f"{count} rows are more than {SPIKE:g} standard deviations off: use remove_spikes")
    if orders and gap > 180.0 / max(orders):
        warnings.append(f"there is no reading over {gap:.3g} deg")
    return {
        "durbin_watson": durbin_watson(r),
        "ljung_box": Q,
        "ljung_box_p": p,
        "ljung_box_p_after_noise_model": after,
        "missing_harmonics": missing,
        "missing_harmonics_p": p_missing,
        "missing_drift_p": p_drift,
        "spikes": count,
        "effective_size": effective,
        "largest_gap_deg": gap,
        "warnings": warnings,
    }


def _missing(
    X: np.ndarray,
    y: np.ndarray,
    angle: np.ndarray,
    time: np.ndarray,
    orders: tuple[int, ...],
    degree: int,
    s: np.ndarray,
) -> tuple[dict[int, float], dict[int, float], float]:
    """Probability (times the number of tests) and amplitude of further harmonics; probability of further drift.

    The noise is taken from a fit that has all of them: what is missing would otherwise count as slow noise.
    """
    tested = [n for n in range(1, max(LARGEST_TESTED, *orders, 0) + 1) if n not in orders]
    more = drift_columns(time, degree + 1)[:, -1:]
    if len(y) < 2 * (X.shape[1] + 2 * len(tested) + 1):
        tested = [n for n in tested if n <= 4]
    full = np.column_stack([X, harmonic_columns(angle, tested), more])
    full, y = _means(full, s), _means(y, s)
    try:
        phi = coloured_fit(full, y, [f"column {i}" for i in range(full.shape[1])]).phi
    except MeasurementError:  # too few angles to tell
        return {}, {}, float("nan")
    columns, target, k = whiten(phi, full), whiten(phi, y), X.shape[1]
    given = columns[:, :k]
    p, size = {}, {}
    for i, n in enumerate(tested):
        extra = columns[:, k + 2 * i : k + 2 * i + 2]
        p[n] = min(1.0, gain(given, target, extra)[1] * len(tested))
        both = np.column_stack([given, extra])
        size[n] = float(np.hypot(*least_squares(both, target)[-2:]))
    return p, size, gain(given, target, columns[:, -1:])[1]


def _together(rows: int) -> int:
    """Rows that are averaged before the tests, which gain nothing from more than some ten thousand."""
    return max(1, rows // LONG)


def _means(values: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Means of successive rows over their standard errors; of columns and readings alike, so that the model stays."""
    m = _together(len(values))
    scaled = (values.T / s).T
    if m == 1:
        return np.asarray(scaled)
    starts = np.arange(0, len(values), m)
    counts = np.diff(np.append(starts, len(values)))
    return np.asarray((np.add.reduceat(scaled, starts, axis=0).T / np.sqrt(counts)).T)


def diagnostics(found: xr.Dataset) -> dict[str, Any]:
    """The diagnostics that a fit left in its result, by name; those of planes by plane."""
    import json

    out: dict[str, Any] = json.loads(found.attrs.get("diagnostics", "{}"))
    return out
