"""Anomalous Hall conductivity from loops and R(T); scaling of the Hall resistivity with the longitudinal one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.angles.tables import amplitude_table
from spinstack.measure.checks import checked, choice, positive, required
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.rows import check_errors, check_resistances, finite_columns
from spinstack.measure.statistics.coverage import justified
from spinstack.measure.statistics.estimate import Estimate, check_rows, linear_fit
from spinstack.measure.statistics.nonlinear import minimise
from spinstack.measure.sweeps.resistivity import bar, value_at
from spinstack.measure.sweeps.results import Found, report
from spinstack.text.units import In

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


@checked
def hall_conductivity(
    results: Iterable[xr.Dataset],
    longitudinal: xr.Dataset,
    reading: str = "R_xx",
    *,
    magnetization: xr.Dataset | None = None,
    volume: Annotated[float | None, In("m^3")] = None,
    bar_length: Annotated[float | None, In("m")] = None,
    bar_width: Annotated[float | None, In("m")] = None,
    film_thickness: Annotated[float | None, In("m")] = None,
) -> xr.Dataset:
    """Anomalous Hall conductivity against temperature, from loops of R_xy and the resistivity at their temperatures.

    `results` are those of :func:`anomalous_hall_loop` with a film thickness (hall_resistivity [Ohm m]), one for each
    temperature; `longitudinal` is a temperature sweep of R_xx of the same bar in zero field, read at the mean
    temperature of each loop as in :func:`residual_ratio`. The tensor is inverted exactly: sigma_xy =
    rho_xy/(rho_xx^2 + rho_xy^2), with rho_xy = E_y/j_x. With `magnetization`, a temperature sweep of the moment [A m^2]
    of the film, and the `volume` [m^3] of the piece that was measured, also the magnetization [A/m].

    A table over temperature [K] of rho_xx, rho_xy [Ohm m], sigma_xy [S/m] and magnetization, with errors, as
    :func:`scaling` takes it. Errors are those of both readings; sizes of the bar count as exact. Source: Zheng et al.,
    ACS Nano (2024), doi:10.1021/acsnano.4c01910, Fig. 2f. Raises :class:`MeasurementError` where a size is missing, the
    film of the loops has another thickness, or a loop lies outside the temperatures of a sweep.
    """
    found = list(results)
    made = [one for one in found if isinstance(one, xr.Dataset) and "parameter" in one.coords]
    if any("hall_resistivity" not in one["parameter"].values for one in made):
        why, allowed = "has none in a result", "results of anomalous_hall_loop with a film_thickness"
        raise MeasurementError(why, field="hall_resistivity", allowed=allowed)
    loops = amplitude_table(found, "temperature", ["hall_resistivity"])
    names = {str(n) for n in [*np.atleast_1d(loops.get("sample", "")), longitudinal.attrs.get("sample", "")] if n}
    if len(names) > 1:
        raise MeasurementError(field="sample", got=sorted(names), allowed="loops and a resistance of one sample")
    length, width, thickness = bar(longitudinal, bar_length, bar_width, film_thickness)
    for size in np.atleast_1d(loops.get("film_thickness", np.array([]))):
        if abs(size / thickness - 1) > 1e-6:
            why, allowed = "but the loops are of another", f"{thickness:g} m, as of the resistance"
            raise MeasurementError(why, field="film_thickness", unit="m", got=float(size), allowed=allowed)
    check_resistances(longitudinal, reading)
    T = loops["temperature"].values
    x, sx = np.transpose([value_at(longitudinal, reading, t)[:2] for t in T]) * width / length * thickness
    y, sy = loops["hall_resistivity"].values, loops["hall_resistivity_error"].values
    square = x**2 + y**2
    sigma_error = np.hypot((x**2 - y**2) * sy, 2 * x * y * sx) / square**2
    columns = {
        "rho_xx": (x, sx, "Ohm m", "resistivity in zero field"),
        "rho_xy": (y, sy, "Ohm m", "anomalous Hall resistivity"),
        "sigma_xy": (y / square, sigma_error, "S/m", "anomalous Hall conductivity"),
    }
    if magnetization is not None:
        size = positive(required(volume, "volume", "It turns the moment into a magnetisation."), "volume", unit="m^3")
        M, sM = np.transpose([value_at(magnetization, "moment", t)[:2] for t in T]) / size
        columns["magnetization"] = (M, sM, "A/m", "magnetisation")
    variables = {}
    for name, (values, errors, unit, words) in columns.items():
        variables[name] = ("temperature", values, {"units": unit, "long_name": words})
        words = f"standard error of {words}"
        variables[f"{name}_error"] = ("temperature", errors, {"units": unit, "long_name": words})
    sample = {n: longitudinal.attrs[n] for n in ("sample",) if n in longitudinal.attrs}
    kept = {n: loops[n] for n in ("temperature", "temperature_spread") if n in loops.coords}
    return xr.Dataset(variables, coords=kept, attrs={"analysis": "hall_conductivity", **sample})


@checked
def scaling(
    table: xr.Dataset, law: str = "quadratic", *, window: Annotated[tuple[float, float] | None, In("K")] = None
) -> xr.Dataset:
    """Fit rho_xy (anomalous) against rho_xx [Ohm m], minimising orthogonal distances in units of the errors of both.

    `law`: "quadratic" (intrinsic: sigma_AHE = rho_xy/rho_xx^2 = S_H M constant), "offset" (with an intercept, zero if
    the law holds), "skew" (with a part linear in rho_xx), "power" (the exponent, 2 if intrinsic). Columns: rho_xx,
    rho_xy and, where known, rho_xx_error, rho_xy_error, which count as absolute; the errors of the fit grow by the
    root of the reduced chi^2 only where chance makes it so large in less than 1 % of cases. Without rho_xy_error the
    fit is ordinary least squares scaled by the scatter. With a column `magnetization` [A/m], S_H [1/V] is rho_xy
    against rho_xx^2 M. `window` [K]: only rows at temperatures in it.

    Curves over rows: sigma (anomalous Hall conductivity rho_xy/rho_xx^2 [1/(Ohm m)]) and sigma_error. Sources: Nagaosa
    et al., Rev. Mod. Phys. 82 (2010) 1539; Zheng et al., ACS Nano (2024), doi:10.1021/acsnano.4c01910, eq. of
    sigma_AHE; Boggs et al., SIAM J. Sci. Stat. Comput. 8 (1987) 1052 (orthogonal distances).
    """
    choice(law, "law", LAWS)
    names = [n for n in ("rho_xx_error", "rho_xy_error", "magnetization") if n in table.variables]
    names += ["temperature"] if window is not None else []
    (x, y, *others), _ = finite_columns(table, "rho_xx", "rho_xy", *names)
    if window is not None:
        inside = (others[-1] >= window[0]) & (others[-1] <= window[1])
        if not inside.any():
            allowed = f"two temperatures with rows between them, of {others[-1].min():g} to {others[-1].max():g} K"
            raise MeasurementError(field="window", unit="K", got=window, allowed=allowed)
        x, y, *others = (column[inside] for column in (x, y, *others))
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
