"""Least squares with errors that are true: scaled by the scatter, widened for correlated noise, Student's t."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.measurement import QUANTITIES, MeasurementError, history, result
from spinstack.text.optional import optional

#: noise counts as correlated where its neighbours correlate by more than this many standard errors
CORRELATED = 2.5


class Fit(NamedTuple):
    """Estimates (p,), their covariance (p, p), residual (n,) in the unit of the reading, degrees of freedom."""

    values: np.ndarray
    covariance: np.ndarray
    residual: np.ndarray
    freedom: float
    reduced_chi2: float
    autocorrelation: float
    factor: float

    def attributes(self) -> dict[str, Any]:
        """What the residual says, for the attributes of a result."""
        return {
            "reduced_chi2": self.reduced_chi2,
            "residual_autocorrelation": self.autocorrelation,
            "error_factor": self.factor,
        }


class Found(NamedTuple):
    """One number of a result."""

    value: float
    error: float
    unit: str
    words: str
    freedom: float = np.inf


def linear_fit(design: np.ndarray, reading: np.ndarray, sigma: np.ndarray | None = None, copies: int = 1) -> Fit:
    """Linear least squares of readings (n,) on the columns of `design` (n, p), weighted by 1/sigma^2.

    `sigma` counts as relative: errors are scaled by the scatter about the fit. Where neighbouring residuals correlate
    (first-order coefficient r more than 2.5 standard errors above zero) the errors grow by sqrt((1 + r)/(1 - r)), the
    factor for smooth columns and first-order autoregressive noise, and the degrees of freedom shrink by its square.
    Where every reading stands in `copies` rows, errors are those of one of them.
    """
    rows, columns = design.shape
    if rows // copies <= columns:
        raise MeasurementError(
            f"fit: got {rows} points for {columns} parameters. Allowed: more points than parameters."
        )
    weight = np.ones(rows) if sigma is None else 1.0 / sigma
    scale = np.linalg.norm(design * weight[:, None], axis=0)
    if (
        not np.all(scale > 0)
        or np.linalg.matrix_rank(design * weight[:, None] / np.where(scale > 0, scale, 1)) < columns
    ):
        raise MeasurementError("fit: the points do not tell its parameters apart. Widen the window or fit fewer terms.")
    inverse = np.linalg.pinv(design * weight[:, None] / scale) / scale[:, None]
    values = inverse @ (reading * weight)
    return judged(values, inverse @ inverse.T, reading - design @ values, weight, copies)


def judged(values: np.ndarray, unscaled: np.ndarray, residual: np.ndarray, weight: np.ndarray, copies: int = 1) -> Fit:
    """A fit whose covariance is scaled by its scatter and by the correlation of neighbouring residuals."""
    freedom = residual.size / copies - values.size
    chi2 = float(np.sum((residual * weight) ** 2)) / copies / freedom
    correlation, factor = correlated(residual * weight, values.size, copies)
    covariance = unscaled * copies * chi2 * factor**2
    return Fit(values, covariance, residual, max(1.0, freedom / factor**2), chi2, correlation, factor)


def correlated(residual: np.ndarray, parameters: int, copies: int = 1) -> tuple[float, float]:
    """Correlation of neighbouring residuals and the factor on errors that it asks for (1 where it may be chance)."""
    rows = residual.size
    power = float(residual @ residual)
    if rows < 10 or power <= 0:
        return 0.0, 1.0
    # a fit makes neighbours differ: the coefficient comes out too small by about its number of parameters over rows
    r = min(float(residual[1:] @ residual[:-1]) / power + parameters / rows, 0.95)
    return r, float(np.sqrt((1 + r) / (1 - r))) if r * np.sqrt(rows / copies) > CORRELATED else 1.0


def nonlinear_fit(
    model: Callable[[np.ndarray], np.ndarray],
    reading: np.ndarray,
    start: Mapping[str, float],
    sigma: np.ndarray | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    copies: int = 1,
) -> Fit:
    """Least squares by lmfit of ``model(parameters)`` to readings, from `start`; errors as :func:`linear_fit`.

    Raises :class:`MeasurementError` where lmfit is missing, the fit does not converge or leaves a parameter
    undetermined.
    """
    lmfit = optional("lmfit", "fit", "this fit", error=MeasurementError)
    parameters = lmfit.Parameters()
    for name, value in start.items():
        low, high = (bounds or {}).get(name, (-np.inf, np.inf))
        parameters.add(name, value=value, min=low, max=high)
    if reading.size // copies <= len(start):
        raise MeasurementError(f"fit: got {reading.size} points for {len(start)} parameters. Allowed: more points.")
    weight = np.ones(reading.size) if sigma is None else 1.0 / sigma
    unit = float(np.std(reading * weight)) or 1.0

    def miss(trial: Any) -> np.ndarray:
        return (model(np.array([trial[k].value for k in start])) - reading) * weight / unit

    done = lmfit.minimize(miss, parameters, scale_covar=False)
    if not done.success or not getattr(done, "errorbars", False) or done.covar is None:
        raise MeasurementError(f"fit: {', '.join(start)} are not all determined by the data. {done.message}")
    values = np.array([done.params[k].value for k in start])
    return judged(values, done.covar / unit**2, reading - model(values), weight, copies)


def gradient(function: Callable[[np.ndarray], Any], at: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Derivatives (outputs, p) of a function of p parameters by central differences of a hundredth of `scale`."""
    columns = []
    for i, step in enumerate(0.01 * scale):
        shift = np.zeros(at.size)
        shift[i] = step or 1e-12
        up, down = np.atleast_1d(function(at + shift)), np.atleast_1d(function(at - shift))
        columns.append((up - down) / (2 * shift[i]))
    return np.stack(columns, axis=-1)


def columns_of(data: xr.Dataset, *names: str) -> list[np.ndarray]:
    """The named columns where all of them are finite."""
    table = np.stack([np.asarray(data[n].values, dtype=float) for n in names])
    finite = np.all(np.isfinite(table), axis=0)
    if not finite.any():
        raise MeasurementError(f"{', '.join(names)}: no row has numbers in all of these columns.")
    return list(table[:, finite])


def sigma_of(data: xr.Dataset, reading: str) -> str:
    """The name of the column of standard errors of a reading ('' where there is none)."""
    name = f"{reading}_error"
    if name not in data.variables:
        return ""
    errors = np.asarray(data[name].values, dtype=float)
    if not np.all(errors[np.isfinite(errors)] > 0):
        raise MeasurementError(f"{name}: got zero or negative errors. Allowed: positive standard errors.")
    return name


def copies_of(data: xr.Dataset, reading: str) -> int:
    """In how many rows each reading stands: in two after it was made even or odd in field.

    Then the half of the curve at -B is the other half again, and a fit that took it for new would state errors too
    small by sqrt(2).
    """
    return 1 + any(
        s["step"] in ("even_part", "odd_part")
        and s["parameters"].get("reading") == reading
        and s["parameters"].get("about") == "field"
        for s in history(data)
    )


def unit_of(data: xr.Dataset, reading: str) -> str:
    """Unit of a reading: its own, else that of QUANTITIES."""
    known = QUANTITIES.get(reading)
    return str(data[reading].attrs.get("units", "" if known is None else known.unit))


def report(
    data: xr.Dataset,
    found: Mapping[str, Found],
    covariance: np.ndarray | None = None,
    curves: Mapping[str, tuple[Any, ...]] | None = None,
    coords: Mapping[str, Any] | None = None,
    **attributes: Any,
) -> xr.Dataset:
    """A result with the degrees of freedom of every error (variable `freedom`) and the history of what was analysed."""
    plain = {k: (v.value, v.error, v.unit, v.words) for k, v in found.items()}
    freedom = ("parameter", [v.freedom for v in found.values()], {"long_name": "degrees of freedom of the error"})
    kept = {k: data.attrs[k] for k in ("source", "source_sha256", "sample", "history") if k in data.attrs}
    return result(plain, covariance, {"freedom": freedom, **(curves or {})}, coords, attributes={**kept, **attributes})


def interval(found: xr.Dataset, parameter: str, level: float = 0.95) -> tuple[float, float]:
    """Confidence interval of one parameter of a result, by Student's t for its degrees of freedom.

    Raises :class:`MeasurementError` for an unknown parameter or a level outside 0..1.
    """
    from scipy.stats import t

    if parameter not in found["parameter"].values:
        raise MeasurementError(f"parameter: got {parameter!r}. Allowed: {', '.join(found['parameter'].values)}.")
    if not 0 < level < 1:
        raise MeasurementError(f"level: got {level!r}. Allowed: between 0 and 1.")
    row = found.sel(parameter=parameter)
    freedom = float(row["freedom"]) if "freedom" in found else np.inf
    half = float(row["error"]) * float(t.ppf(0.5 + level / 2, freedom))
    return float(row["value"]) - half, float(row["value"]) + half


def pooled_freedom(variances: Any, freedoms: Any) -> float:
    """Degrees of freedom of a sum of independent variances (Welch and Satterthwaite)."""
    parts, counts = np.asarray(variances, dtype=float), np.asarray(freedoms, dtype=float)
    total = float(np.sum(parts**2 / counts))
    return float(parts.sum() ** 2 / total) if total > 0 else np.inf
