"""What the residuals of a fit say: is the noise white, is a harmonic or drift missing, are there spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.angles import noise as series
from spinstack.measure.angles.design import drift_columns, harmonic_columns, largest_gap
from spinstack.measure.angles.linear import Solution, solve
from spinstack.measure.measurement import MeasurementError

#: below this probability a test speaks up
LEVEL = 0.01
#: harmonics up to this order are looked for
LARGEST_TESTED = 8
SPIKE = 6.0


def durbin_watson(residual: np.ndarray) -> float:
    """sum (r_i - r_{i-1})^2 / sum r_i^2: 2 for white noise, 0 for slow noise, 4 for alternating noise.

    J. Durbin and G. S. Watson, Biometrika 37, 409 (1950).
    """
    power = float(residual @ residual)
    return float(np.sum(np.diff(residual) ** 2) / power) if power > 0 else float("nan")


def ljung_box(residual: np.ndarray, lags: int | None = None, fitted: int = 0) -> tuple[float, float]:
    """Statistic Q and probability that white noise gives a larger one; `fitted`: coefficients of a noise model.

    Q = n (n+2) sum_k r_k^2/(n-k). G. M. Ljung and G. E. P. Box, Biometrika 65, 297 (1978).
    """
    from scipy.stats import chi2

    n = len(residual)
    count = min(20, n // 5) if lags is None else lags
    count = max(count, fitted + 1)
    r = residual - residual.mean()
    power = float(r @ r)
    if power <= 0 or count >= n:
        return float("nan"), float("nan")
    Q = n * (n + 2) * sum((float(r[k:] @ r[:-k]) / power) ** 2 / (n - k) for k in range(1, count + 1))
    return float(Q), float(chi2.sf(Q, count - fitted))


def spikes(residual: np.ndarray, threshold: float = SPIKE) -> np.ndarray:
    """Rows further than `threshold` robust standard deviations (from the median absolute residual) from the fit."""
    off = np.abs(residual - np.median(residual))
    spread = 1.4826 * float(np.median(off))
    # readings of few digits: half of them may be exactly on the median
    spread = max(spread, float(np.quantile(off, 0.9)) / 1.645, 1e-300)
    return off > threshold * spread


def effective_size(residual: np.ndarray, phi: np.ndarray) -> float:
    """White readings that would fix a mean as well: rows times variance over spectral density at frequency zero."""
    if not len(phi):
        return float(len(residual))
    variance = float(series.autocovariance(phi, 1)[0])
    return float(len(residual) * variance * (1 - phi.sum()) ** 2)


def gain(X: np.ndarray, y: np.ndarray, extra: np.ndarray) -> tuple[float, float]:
    """F statistic and probability for adding columns `extra` to a whitened linear model."""
    from scipy.stats import f

    before = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    both = np.column_stack([X, extra])
    after = y - both @ np.linalg.lstsq(both, y, rcond=None)[0]
    k, free = extra.shape[1], len(y) - both.shape[1]
    if free < 1 or not after @ after > 0:
        return float("nan"), float("nan")
    F = (float(before @ before) - float(after @ after)) / k / (float(after @ after) / free)
    return float(F), float(f.sf(F, k, free))


def diagnose(
    X: np.ndarray,
    y: np.ndarray,
    angle: np.ndarray,
    time: np.ndarray,
    found: Solution,
    orders: tuple[int, ...],
    degree: int,
    scale: np.ndarray | None = None,
) -> dict[str, Any]:
    """Diagnostics of a fit, as attributes; `warnings` says in sentences what should not be passed over."""
    s = np.ones(len(y)) if scale is None else scale
    r = found.residual / s
    Q, p = ljung_box(r)
    _, after = ljung_box(series.whiten(found.phi, r), fitted=len(found.phi))
    p_missing, size, p_drift = _missing(X, y, angle, time, orders, degree, s)
    missing = [n for n, v in p_missing.items() if v < LEVEL]
    count = int(spikes(r).sum())
    gap = largest_gap(angle)
    effective = effective_size(r, found.phi)
    warnings = []
    if len(y) >= 8 and p < LEVEL:
        inflation = float(np.median(found.inflation))
        how = f"the errors are {inflation:.2g} times those of white noise" if len(found.phi) else "see noise='auto'"
        warnings.append(f"the residuals are not white (Ljung-Box p = {p:.1g}): {how}")
    rho = series.slowest(found.phi)[0]
    if rho > 0 and len(y) * (1 - rho) < 15:
        warnings.append("the noise is as slow as the scan itself, so that the errors may be too small")
    if missing:
        sizes = ", ".join(f"{n} (amplitude {size[n]:.2g})" for n in missing)
        warnings.append(f"harmonics are missing: order {sizes}, in units of the reading")
    if p_drift < LEVEL:
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
        phi = solve(full, y, [f"column {i}" for i in range(full.shape[1])]).phi
    except MeasurementError:  # too few angles to tell
        return {}, {}, float("nan")
    columns, target, k = series.whiten(phi, full), series.whiten(phi, y), X.shape[1]
    given = columns[:, :k]
    p, size = {}, {}
    for i, n in enumerate(tested):
        extra = columns[:, k + 2 * i : k + 2 * i + 2]
        p[n] = min(1.0, gain(given, target, extra)[1] * len(tested))
        both = np.column_stack([given, extra])
        size[n] = float(np.hypot(*np.linalg.lstsq(both, target, rcond=None)[0][-2:]))
    return p, size, gain(given, target, columns[:, -1:])[1]


def _together(rows: int) -> int:
    """Rows that are averaged before the tests, which gain nothing from more than some ten thousand."""
    return max(1, rows // series.LONG)


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
