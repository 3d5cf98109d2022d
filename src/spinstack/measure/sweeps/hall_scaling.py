"""Scaling of the anomalous Hall resistivity with the longitudinal one, with errors in both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.rows import check_errors, finite_columns
from spinstack.measure.statistics.coverage import justified
from spinstack.measure.statistics.estimate import Estimate, check_rows, linear_fit
from spinstack.measure.statistics.nonlinear import minimise
from spinstack.measure.sweeps.results import Found, report

#: laws of :func:`scaling`: rho_xy of rho_xx and parameters, names, whether it is linear in the parameters
LAWS: dict[str, tuple[Callable[[np.ndarray, np.ndarray], np.ndarray], tuple[str, ...], str]] = {
    "quadratic": (lambda x, p: p[0] * x**2, ("conductivity",), "rho_xy = conductivity rho_xx^2"),
    "offset": (
        lambda x, p: p[0] * x**2 + p[1],
        ("conductivity", "intercept"),
        "rho_xy = conductivity rho_xx^2 + intercept",
    ),
    "skew": (
        lambda x, p: p[0] * x**2 + p[1] * x,
        ("conductivity", "skew"),
        "rho_xy = conductivity rho_xx^2 + skew rho_xx",
    ),
    "power": (lambda x, p: p[0] * x ** p[1], ("prefactor", "exponent"), "rho_xy = prefactor rho_xx^exponent"),
}
UNITS = {
    "conductivity": ("1/(Ohm m)", "anomalous Hall conductivity S_H M"),
    "intercept": ("Ohm m", "rho_xy at rho_xx = 0"),
    "skew": ("1", "skew scattering ratio"),
    "prefactor": ("", "prefactor of the power law (SI)"),
    "exponent": ("1", "exponent of rho_xx"),
}


def scaling_table(
    rho_xx: Any, rho_xy: Any, rho_xx_error: Any = None, rho_xy_error: Any = None, **more: Any
) -> xr.Dataset:
    """Table for :func:`scaling`: resistivities [Ohm m] of several temperatures or films, their standard errors, and
    further columns such as temperature [K] and magnetization [A/m]."""
    readings = {"rho_xx": rho_xx, "rho_xy": rho_xy, "rho_xx_error": rho_xx_error, "rho_xy_error": rho_xy_error}
    conditions = {"temperature": more.pop("temperature")} if "temperature" in more else {}
    return measurement({k: v for k, v in {**readings, **more}.items() if v is not None}, conditions)


def scaling(table: xr.Dataset, law: str = "quadratic") -> xr.Dataset:
    """Fit rho_xy (anomalous) against rho_xx [Ohm m], minimising orthogonal distances in units of the errors of both.

    `law`: "quadratic" (intrinsic: sigma_AHE = rho_xy/rho_xx^2 = S_H M constant), "offset" (with an intercept, zero if
    the law holds), "skew" (with a part linear in rho_xx), "power" (the exponent, 2 if intrinsic). Columns: rho_xx,
    rho_xy and, where known, rho_xx_error, rho_xy_error, which count as absolute; the errors of the fit grow by the
    root of the reduced chi^2 only where chance makes it so large in less than 1 % of cases. Without rho_xy_error the
    fit is ordinary least squares scaled by the scatter. With a column `magnetization` [A/m], S_H [1/V] is rho_xy
    against rho_xx^2 M.

    Curves over rows: sigma (anomalous Hall conductivity rho_xy/rho_xx^2 [1/(Ohm m)]) and sigma_error. Sources: Nagaosa
    et al., Rev. Mod. Phys. 82 (2010) 1539; Zheng et al., ACS Nano (2024), doi:10.1021/acsnano.4c01910, eq. of
    sigma_AHE; Boggs et al., SIAM J. Sci. Stat. Comput. 8 (1987) 1052 (orthogonal distances).
    """
    choice(law, "law", LAWS)
    names = [n for n in ("rho_xx_error", "rho_xy_error", "magnetization") if n in table.variables]
    (x, y, *others), _ = finite_columns(table, "rho_xx", "rho_xy", *names)
    column = dict(zip(names, others, strict=True))
    sx, sy = column.get("rho_xx_error", np.zeros(x.size)), column.get("rho_xy_error")
    if not np.all(x > 0):
        raise MeasurementError(field="rho_xx", unit="Ohm m", got=float(x.min()), allowed="positive resistivities")
    if np.any(sx < 0):
        raise MeasurementError(field="rho_xx_error", got=float(sx.min()), allowed="standard errors of at least 0")
    if sy is not None:
        check_errors(sy, "rho_xy_error")
    model, parameters, words = LAWS[law]
    check_rows(x.size, len(parameters), parameters)
    fit = orthogonal_fit(model, x, y, sx, sy, len(parameters), power=law == "power")
    found = {
        name: Found(float(value), float(error), *UNITS[name], fit.freedom)
        for name, value, error in zip(parameters, fit.values, fit.errors, strict=True)
    }
    if "magnetization" in column:
        M = column["magnetization"]
        u, su = x**2 * M, 2 * x * np.abs(M) * sx
        line = orthogonal_fit(lambda a, p: p[0] * a, u, y, su, sy, 1)
        words_of = "anomalous Hall factor rho_xy/(rho_xx^2 M)"
        found["S_H"] = Found(float(line.values[0]), float(line.errors[0]), "1/V", words_of, line.freedom)
    sigma = y / x**2
    spread = np.hypot((np.zeros(x.size) if sy is None else sy) / x**2, 2 * sigma * sx / x)
    curves = {
        "rho_xx": ("row", x), "rho_xy": ("row", y), "fitted": ("row", model(x, fit.values)),
        "sigma": ("row", sigma, {"units": "1/(Ohm m)"}), "sigma_error": ("row", spread, {"units": "1/(Ohm m)"}),
    }  # fmt: skip
    covariance = None if "S_H" in found else fit.covariance
    return report(table, found, covariance, curves, law=words, reduced_chi2=fit.reduced_chi_square)


def orthogonal_fit(
    model: Callable[[np.ndarray, np.ndarray], np.ndarray],
    x: np.ndarray,
    y: np.ndarray,
    sx: np.ndarray,
    sy: np.ndarray | None,
    count: int,
    power: bool = False,
) -> Estimate:
    """Orthogonal distance regression; without `sy` the scatter is the error, so that chi-square tells nothing."""
    unit_x, unit_y = float(np.abs(x).max()), float(np.abs(y).max()) or 1.0
    freedom = x.size - count
    start = _power_start(x, y) if power else _linear_start(model, x, y, count)
    scale = np.where(start != 0, np.abs(start), unit_y / unit_x)
    moved = (sx > 0) & (sy is not None)
    weight_x, weight_y = np.where(moved, sx, 1.0)[moved], np.ones(x.size) * unit_y if sy is None else sy

    def miss(trial: np.ndarray) -> np.ndarray:
        true = x.copy()
        true[moved] += trial[count:] * weight_x
        return np.concatenate([(model(np.abs(true), trial[:count] * scale) - y) / weight_y, trial[count:]])

    done = minimise(miss, np.concatenate([start / scale, np.zeros(int(moved.sum()))]))
    if done.covariance is None or not done.converged:
        raise MeasurementError(f"it did not converge. {done.message}", field="fit")
    values = done.values[:count] * scale
    covariance = done.covariance[:count, :count] * np.outer(scale, scale)
    square, residual = float(done.residual @ done.residual), -done.residual[: x.size] * weight_y
    if sy is None:
        return Estimate(values, covariance * square / freedom, residual, freedom, freedom, freedom)
    factor = justified(square / freedom, freedom)
    return Estimate(values, covariance * factor, residual, square, freedom, np.inf if factor == 1.0 else freedom)


def _linear_start(model: Any, x: np.ndarray, y: np.ndarray, count: int) -> np.ndarray:
    design = np.stack([model(x, row) for row in np.eye(count)], axis=1)
    return linear_fit(design, y).values


def _power_start(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if not (np.all(y > 0) or np.all(y < 0)):
        why = "which changes its sign, so that it is no power of rho_xx"
        raise MeasurementError(why, field="rho_xy", got=y, remedy="Choose another law.")
    exponent, logarithm = np.polyfit(np.log(x), np.log(np.abs(y)), 1)
    return np.array([np.sign(y[0]) * np.exp(logarithm), exponent])
