"""Two bands: longitudinal and transverse resistance against field, fitted together."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, required
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import check_errors, check_resistances, error_names, finite_columns
from spinstack.measure.settings import check_one_setting
from spinstack.measure.statistics.estimate import check_rows, propagated, standard_errors
from spinstack.measure.statistics.noise import correlated
from spinstack.measure.statistics.nonlinear import curve_fit
from spinstack.measure.sweeps.hall import CHARGE, size_of
from spinstack.measure.sweeps.results import Found, copies_of, fit_lines, report, unit_of
from spinstack.text.errors import Problems
from spinstack.text.units import In


def sheet_resistances(B: np.ndarray, density: np.ndarray, mobility: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sheet and Hall resistance [Ohm] at fields B [T] of bands with sheet densities [1/m^2] and signed mobilities.

    Each band conducts G = e n ``|mu|``/(1 + mu^2 B^2) along and mu B G across, with mu > 0 for holes; the bands
    add, and the Hall resistance is E_y over the current along +x. Source: Ashcroft and Mermin, Solid State Physics
    (1976), ch. 12.
    """
    turn = np.multiply.outer(B, mobility)
    along = CHARGE * density * np.abs(mobility) / (1 + turn**2)
    G, across = along.sum(axis=-1), (along * turn).sum(axis=-1)
    both = G**2 + across**2
    return G / both, across / both


@checked
def two_band(
    data: xr.Dataset,
    longitudinal: str = "R_xx",
    transverse: str = "R_xy",
    *,
    bar_length: Annotated[float | None, In("m")] = None,
    bar_width: Annotated[float | None, In("m")] = None,
    film_thickness: Annotated[float | None, In("m")] = None,
) -> xr.Dataset:
    """Densities and mobilities of two bands from R_xx(B) and R_xy(B) [Ohm] of one sweep.

    R_xx is even and R_xy odd in field: take other parts off first (`even_part`, `odd_part`). Each is weighted by its
    own scatter. The bar's length and width [m] (or attributes) turn R_xx into the sheet resistance.

    Parameters: density_1, density_2 [1/m^2, positive], mobility_1, mobility_2 [m^2/(V s), positive for holes], band 1
    the one of larger mobility; with a film thickness [m] carrier_density_1, _2 [1/m^3]; attribute
    `largest_correlation` between parameters: near 1 the field does not reach mu B ~ 1 and only combinations are known.
    Valid for field-independent densities and mobilities and no anomalous Hall effect. Raises :class:`MeasurementError`
    where columns or the geometry are missing, the fit does not converge, or lmfit is not installed.
    """
    remedy, problems = "It turns R_xx into a sheet resistance.", Problems()
    with problems:
        length = required(size_of(data, "bar_length", bar_length), "bar_length", remedy)
    with problems:
        width = required(size_of(data, "bar_width", bar_width), "bar_width", remedy)
    with problems:
        thickness = size_of(data, "film_thickness", film_thickness)
    problems.end()
    names = error_names(data, longitudinal, transverse)
    check_resistances(data, longitudinal, transverse)
    check_one_setting(data, ("field",))
    (B, along, across, *errors), _ = finite_columns(data, "field", longitudinal, transverse, *names)
    along = along / (length / width)
    shape = [np.ones(B.size), np.ones(B.size)]
    for name, column in zip(names, errors, strict=True):
        check_errors(column, name)
        shape[int(name == f"{transverse}_error")] = column
    check_rows(B.size, 4)
    if not np.all(along > 0):
        got = float(along.min() * length / width)
        raise MeasurementError(field=longitudinal, unit="Ohm", got=got, allowed="positive resistances")
    mobility = _start(B, along, across)
    density = _weights(B, along, across, mobility)[0]
    start = {
        "log_1": float(np.log(density[0])), "log_2": float(np.log(density[1])),
        "mobility_1": float(mobility[0]), "mobility_2": float(mobility[1]),
    }  # fmt: skip
    reading = np.concatenate([along, across])

    def model(p: np.ndarray) -> np.ndarray:
        return np.concatenate(sheet_resistances(B, np.exp(p[:2]), p[2:]))

    scatter = [float(np.std(along)) or 1.0, float(np.std(across)) or 1.0]
    factors = (1.0, 1.0)
    copies = min(copies_of(data, longitudinal), copies_of(data, transverse))
    for _ in range(3):
        # the scatter of each reading about the last fit is the weight of the next
        sigma = np.concatenate([shape[0] * scatter[0], shape[1] * scatter[1]])
        fit = curve_fit(model, reading, start, sigma, copies=copies)
        start = dict(zip(start, map(float, fit.values), strict=True))
        missed = fit.residual.reshape(2, -1)
        scatter = [
            float(np.sqrt(np.mean((missed[i] / shape[i]) ** 2) * B.size / (B.size - 2))) or 1e-300 for i in (0, 1)
        ]
        factors = (correlated(missed[0] / shape[0], 2)[1], correlated(missed[1] / shape[1], 2)[1])
    order = np.argsort(-fit.values[2:])
    pick = np.concatenate([order, 2 + order])
    values = fit.values[pick]
    covariance = fit.covariance[np.ix_(pick, pick)] * (max(factors) / fit.factor) ** 2
    density = np.exp(values[:2])
    J = np.diag([*density, 1.0, 1.0])
    covariance = propagated(J, covariance)
    error = standard_errors(covariance)
    correlation = covariance / np.outer(error, error) - np.eye(4)
    dof = fit.freedom
    found = {}
    for i in (0, 1):
        kind = "holes" if values[2 + i] > 0 else "electrons"
        found[f"density_{i + 1}"] = Found(density[i], error[i], "1/m^2", f"{kind} per area, band {i + 1}", dof)
    for i in (0, 1):
        words = f"mobility of band {i + 1}, holes positive"
        found[f"mobility_{i + 1}"] = Found(values[2 + i], error[2 + i], "m^2/(V s)", words, dof)
    if thickness is not None:
        more = np.vstack([np.eye(4), np.eye(4)[:2] / thickness])
        covariance = propagated(more, covariance)
        for i in (0, 1):
            words = f"carriers per volume, band {i + 1}"
            found[f"carrier_density_{i + 1}"] = Found(density[i] / thickness, error[i] / thickness, "1/m^3", words, dof)
    curves = {
        "field": ("row", B),
        "fitted_sheet_resistance": ("row", along - missed[0]),
        "fitted_hall_resistance": ("row", across - missed[1]),
        "residual_sheet_resistance": ("row", missed[0]),
        "residual_hall_resistance": ("row", missed[1]),
    }
    x = np.linspace(B.min(), B.max(), 201)
    lines = np.stack(sheet_resistances(x, density, values[2:]))
    lines[0] *= length / width
    units = {name: unit_of(data, name) for name in (longitudinal, transverse)}
    curves |= fit_lines("field", units, [(x, lines)])
    return report(
        data, found, covariance, curves, reading=f"{longitudinal}, {transverse}",
        largest_correlation=float(np.abs(correlation).max()), error_factor=max(factors),
    )  # fmt: skip


def _weights(B: np.ndarray, along: np.ndarray, across: np.ndarray, mobility: np.ndarray) -> tuple[np.ndarray, float]:
    """Sheet densities (non-negative) that come nearest to the conductances for given mobilities, and the misfit."""
    from scipy.optimize import nnls

    both = along**2 + across**2
    turn = np.multiply.outer(B, mobility)
    one = CHARGE * np.abs(mobility) / (1 + turn**2)
    design = np.concatenate([one, one * turn])
    scale = np.linalg.norm(design, axis=0)
    target = np.concatenate([along / both, across / both])
    found, miss = nnls(design / scale, target)
    floor = 1e-3 * found.max()
    return np.maximum(found, floor) / scale, float(miss)


def _start(B: np.ndarray, along: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Two mobilities on a grid, holes and electrons, with which conductances come nearest."""
    few = slice(None, None, max(1, B.size // 60))
    sizes = np.geomspace(0.03, 30, 13) / np.abs(B).max()
    grid = np.concatenate([-sizes[::-1], sizes])
    pairs = [np.array([a, b]) for i, a in enumerate(grid) for b in grid[:i]]
    return min(pairs, key=lambda pair: _weights(B[few], along[few], across[few], pair)[1])
