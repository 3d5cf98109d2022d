"""Two bands: longitudinal and transverse resistance against field, fitted together."""

from __future__ import annotations

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError, need
from spinstack.measure.statistics.estimate import propagated, standard_errors
from spinstack.measure.statistics.noise import correlated
from spinstack.measure.statistics.nonlinear import curve_fit
from spinstack.measure.sweeps.hall import CHARGE, positive
from spinstack.measure.sweeps.results import Found, columns_of, copies_of, report, sigma_of


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


def two_band(
    data: xr.Dataset,
    longitudinal: str = "R_xx",
    transverse: str = "R_xy",
    *,
    bar_length: float | None = None,
    bar_width: float | None = None,
    film_thickness: float | None = None,
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
    need(data, longitudinal, transverse, "field")
    length = bar_length if bar_length is not None else data.attrs.get("bar_length")
    width = bar_width if bar_width is not None else data.attrs.get("bar_width")
    if length is None or width is None:
        raise MeasurementError("bar_length, bar_width: both are needed to turn R_xx into a sheet resistance.")
    squares = positive("bar_length", length) / positive("bar_width", width)
    names = [n for n in (sigma_of(data, longitudinal), sigma_of(data, transverse)) if n]
    B, along, across, *errors = columns_of(data, "field", longitudinal, transverse, *names)
    along = along / squares
    weights = dict(zip(names, errors, strict=True))
    shape = [
        weights.get(f"{longitudinal}_error", np.ones(B.size)),
        weights.get(f"{transverse}_error", np.ones(B.size)),
    ]
    if B.size < 5:
        raise MeasurementError(f"field: got {B.size} rows. Allowed: five or more.")
    if not np.all(along > 0):
        raise MeasurementError(f"{longitudinal}: got zero or negative resistances. Allowed: positive ones.")
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
    thickness = film_thickness if film_thickness is not None else data.attrs.get("film_thickness")
    if thickness is not None:
        t = positive("film_thickness", thickness)
        more = np.vstack([np.eye(4), np.eye(4)[:2] / t])
        covariance = propagated(more, covariance)
        for i in (0, 1):
            words = f"carriers per volume, band {i + 1}"
            found[f"carrier_density_{i + 1}"] = Found(density[i] / t, error[i] / t, "1/m^3", words, dof)
    curves = {
        "field": ("row", B),
        "fitted_sheet_resistance": ("row", along - missed[0]),
        "fitted_hall_resistance": ("row", across - missed[1]),
        "residual_sheet_resistance": ("row", missed[0]),
        "residual_hall_resistance": ("row", missed[1]),
    }
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
