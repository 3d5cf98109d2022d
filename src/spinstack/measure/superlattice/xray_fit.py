"""Least squares of a simulated x-ray scan: what reflectivity and diffraction share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice
from spinstack.measure.measurement import MeasurementError, need, result
from spinstack.measure.statistics.estimate import Estimate, propagated
from spinstack.measure.statistics.noise import lag_one
from spinstack.measure.statistics.nonlinear import Minimum, minimise_within
from spinstack.measure.superlattice.xray_model import XraySuperlattice

Simulate = Callable[[XraySuperlattice, Mapping[str, float]], np.ndarray]

_LAYER_PARTS = ("substrate", "a", "b", "cap")
#: name -> (unit, words) of what does not belong to a layer
INSTRUMENT = {
    "scale": ("1", "intensity of the direct beam"),
    "background": ("1", "constant background"),
    "offset": ("deg", "error of the zero of 2 theta"),
    "resolution": ("deg", "full width at half maximum of the resolution in 2 theta"),
}
_LAYER_FIELDS = {
    "thickness": ("m", "thickness of {}"),
    "roughness": ("m", "roughness of the top of {}"),
    "density": ("kg/m^3", "density of {}"),
    "lattice": ("m", "lattice parameter of {} along the normal"),
}

#: how far from its start a parameter may go, as a factor
_RANGES = {"thickness": (0.2, 5.0), "density": (0.2, 5.0), "lattice": (0.9, 1.1)}


def describe(name: str, model: XraySuperlattice) -> tuple[str, str]:
    """Unit and words of a parameter."""
    if name in INSTRUMENT:
        return INSTRUMENT[name]
    if name == "surface_roughness":
        return "m", "roughness of the surface"
    field, _, part = name.partition("_")
    if field not in _LAYER_FIELDS or part not in _LAYER_PARTS or getattr(model, part) is None:
        known = [f"{f}_{p}" for p in _LAYER_PARTS if getattr(model, p) is not None for f in _LAYER_FIELDS]
        known.remove("thickness_substrate")
        choice(name, "vary", [*known, "surface_roughness", *INSTRUMENT])
    unit, words = _LAYER_FIELDS[field]
    return unit, words.format(f"{part} ({getattr(model, part).formula})")


def start_value(name: str, model: XraySuperlattice, instrument: Mapping[str, float]) -> float:
    """The value of a parameter in the model or the instrument."""
    if name in INSTRUMENT:
        return instrument[name]
    if name == "surface_roughness":
        return model.b.roughness if model.surface_roughness is None else model.surface_roughness
    field, _, part = name.partition("_")
    layer = getattr(model, part)
    if field == "density":
        return float(layer.mass_density())
    if field == "lattice":
        if layer.cell is None:
            raise MeasurementError(f"{part} has no `cell` to start from", field="vary", got=name)
        return float(layer.cell[1])
    return float(getattr(layer, field))


def with_values(model: XraySuperlattice, values: Mapping[str, float]) -> XraySuperlattice:
    """The model with other values of its own parameters."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name in INSTRUMENT:
            continue
        if name == "surface_roughness":
            changes[name] = abs(value)
            continue
        field, _, part = name.partition("_")
        layer = changes.get(part, getattr(model, part))
        if field == "lattice":
            changes[part] = replace(layer, cell=(layer.cell[0], value))
        else:
            changes[part] = replace(layer, **{field: abs(value) if field == "roughness" else value})
    return replace(model, **changes)


def scan(data: xr.Dataset, window: tuple[float, float] | None) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """2 theta in deg, intensity and its error (None where not given) of the rows within `window`."""
    need(data, "two_theta", "intensity")
    angle, intensity = data["two_theta"].values, data["intensity"].values
    error = data["intensity_error"].values if "intensity_error" in data.variables else None
    keep = np.isfinite(angle) & np.isfinite(intensity)
    if window is not None:
        keep &= (angle >= window[0]) & (angle <= window[1])
    if error is not None:
        keep &= np.isfinite(error) & (error > 0)
    else:
        keep &= intensity > 0  # a logarithm is fitted
    if keep.sum() < 10:
        why = f"in which there are {keep.sum()} usable rows"
        raise MeasurementError(why, field="window", unit="deg", got=window, allowed="at least ten")
    order = np.argsort(angle[keep], kind="stable")
    return angle[keep][order], intensity[keep][order], None if error is None else error[keep][order]


def fit_scan(
    data: xr.Dataset,
    model: XraySuperlattice,
    simulate: Callable[[np.ndarray], Simulate],
    vary: Sequence[str],
    instrument: dict[str, float],
    window: tuple[float, float] | None,
    search: float,
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    """Fit the parameters `vary`; see :func:`fit_reflectivity`. `simulate` makes a simulator for given angles."""
    angle, intensity, error = scan(data, window)
    calculate = simulate(angle)
    names = list(dict.fromkeys(vary))
    words = {name: describe(name, model) for name in names}
    start = {name: start_value(name, model, instrument) for name in names}
    if "scale" in start:
        ratio = intensity / calculate(model, {**instrument, "scale": 1.0, "background": 0.0})
        start["scale"] = float(np.exp(np.median(np.log(ratio[ratio > 0]))))
    if "background" in start and start["background"] == 0:
        start["background"] = float(intensity[intensity > 0].min()) / 2

    def theory(values: Mapping[str, float]) -> np.ndarray:
        # a step of the optimizer may go where nothing can be computed
        with np.errstate(all="ignore"):
            found = calculate(with_values(model, values), {**instrument, **values})
        return np.asarray(np.where(np.abs(found) < 1e100, found, 1e100))

    # numbers near one for the optimizer; scale and background through their logarithm, which keeps them positive
    logarithmic = {"scale", "background"} & set(names)
    sizes = {n: 1.0 if n in logarithmic else _size(n, v) for n, v in start.items()}
    if search > 0:
        start = _search(start, theory, intensity, search)

    def physical(trial: np.ndarray) -> dict[str, float]:
        return {
            n: float(np.exp(v)) if n in logarithmic else float(v * sizes[n]) for n, v in zip(names, trial, strict=True)
        }

    def residual(trial: np.ndarray) -> np.ndarray:
        found = theory(physical(trial))
        if error is None:
            return np.asarray(np.log(np.maximum(found, 1e-300) / intensity))
        return np.asarray((found - intensity) / error)

    begin = {n: float(np.log(v)) if n in logarithmic else v / sizes[n] for n, v in start.items()}
    bounds = {n: r for n in names for field, r in _RANGES.items() if n.startswith(field)}
    found = minimise_within(residual, begin, bounds, evaluations=80 * (len(names) + 1), extra="xray")
    values = physical(found.values)
    fitted_model = with_values(model, values)
    slopes = np.diag([values[n] if n in logarithmic else sizes[n] for n in names])
    fit = _estimate(found, slopes, error is None)
    values |= {n: abs(v) for n, v in values.items() if "roughness" in n}
    table = {n: (values[n], float(e), *words[n]) for n, e in zip(names, fit.errors, strict=True)}
    covariance = fit.covariance
    if {"thickness_a", "thickness_b"} <= set(names):
        pair = np.isin(names, ("thickness_a", "thickness_b")).astype(float)
        covariance = propagated(np.vstack([np.eye(len(names)), pair]), covariance)
        table["period"] = (fitted_model.period, float(np.sqrt(covariance[-1, -1])), "m", "period")
    return result(
        table,
        covariance,
        {
            "measured": ("point", intensity),
            "fitted": ("point", calculate(fitted_model, {**instrument, **values})),
            "residual": ("point", fit.residual, {"long_name": "measured minus fitted, over the error"}),
        },
        {"two_theta": ("point", angle, {"units": "deg"})},
        {
            **attributes,
            "repeats": model.repeats,
            "formula_a": model.a.formula,
            "formula_b": model.b.formula,
            "thickness_a": fitted_model.a.thickness,
            "thickness_b": fitted_model.b.thickness,
            "degrees_of_freedom": int(fit.degrees_of_freedom),
            "reduced_chi_square": fit.reduced_chi_square,
            "residual_correlation": fit.correlation,
            "errors_from": "scatter of the logarithm" if error is None else "given errors",
            "remark": _remark(fit),
        },
    )


def _size(name: str, value: float) -> float:
    if name in ("offset", "resolution"):
        return 0.01
    if "roughness" in name:
        return 1e-10
    return abs(value) or 1.0


def _search(
    start: dict[str, float], theory: Callable[[Mapping[str, float]], np.ndarray], intensity: np.ndarray, width: float
) -> dict[str, float]:
    """Try other periods first: fringes make one valley for each, and least squares stays in the one it starts in."""
    thick: list[str] = [n for n in ("thickness_a", "thickness_b") if n in start]
    if not thick:
        return start
    period = sum(start[n] for n in thick)
    best, chosen = np.inf, start
    floor = np.max(intensity) * 1e-12
    first, *second = thick
    for factor, share in product(np.linspace(1 - width, 1 + width, 41), (-width, 0.0, width) if second else (0.0,)):
        values = {first: float(start[first] * factor * (1 + share))}
        if second:
            values[second[0]] = float(period * factor - values[first])
        if any(v < 0.3 * start[n] for n, v in values.items()):
            continue
        # logarithms: the valley is seen in satellites and fringes, over decades, and not at the strongest peak alone
        ratio = np.log(np.maximum(theory({**start, **values}), floor) / np.maximum(intensity, floor))
        misfit = float(np.sum(np.abs(ratio)))
        if misfit < best:
            best, chosen = misfit, {**start, **values}
    return chosen


def _estimate(found: Minimum, slopes: np.ndarray, scatter: bool) -> Estimate:
    """The estimate in the units of the parameters, with nan for errors that the data do not give."""
    square, left = float(found.residual @ found.residual), float(found.residual.size - found.values.size)
    scale = square / max(left, 1.0) if scatter else 1.0
    unscaled = np.full(slopes.shape, np.nan) if found.covariance is None else propagated(slopes, found.covariance)
    freedom, lag = left if scatter else np.inf, lag_one(found.residual)
    return Estimate(slopes @ found.values, unscaled * scale, -found.residual, square, left, freedom, lag)


def _remark(fit: Estimate) -> str:
    remarks = []
    if np.isnan(fit.covariance).any():
        remarks.append(
            "The fit did not converge, or the data do not determine all varied parameters, so no errors can be stated: "
            "start closer or vary fewer."
        )
    if abs(fit.correlation) > 4 / np.sqrt(fit.residual.size):
        remarks.append(
            f"Neighbouring residuals are correlated ({fit.correlation:.2f}): the model misses structure, and the "
            "stated errors are too small."
        )
    return " ".join(remarks)
