"""Least squares of a simulated x-ray scan: what reflectivity and diffraction share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError, need, result
from spinstack.measure.superlattice.xray_model import XraySuperlattice
from spinstack.text.optional import optional

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
        raise MeasurementError(f"vary: got {name!r}. Allowed: {', '.join([*known, 'surface_roughness', *INSTRUMENT])}.")
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
            raise MeasurementError(f"vary: {name}: {part} has no `cell` to start from.")
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
        raise MeasurementError(f"window: got {window!r}, in which there are {keep.sum()} usable rows. Allowed: ten.")
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
    lmfit = optional("lmfit", "xray", "this fit", error=MeasurementError)
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
    # numbers near one for the optimizer; scale and background through their logarithm, which keeps them positive
    logarithmic: set[str] = {n for n in ("scale", "background") if n in start}
    sizes = {n: _size(n, v) for n, v in start.items()}

    def physical(parameters: Any) -> dict[str, float]:
        return {n: _back(parameters[n].value, sizes[n], n in logarithmic) for n in names}

    def theory(parameters: Any) -> np.ndarray:
        values = physical(parameters)
        # a step of the optimizer may go where nothing can be computed
        with np.errstate(all="ignore"):
            found = calculate(with_values(model, values), {**instrument, **values})
        return np.asarray(np.where(np.abs(found) < 1e100, found, 1e100))

    def residual(parameters: Any) -> np.ndarray:
        if error is None:
            return np.asarray(np.log(np.maximum(theory(parameters), 1e-300) / intensity))
        return np.asarray((theory(parameters) - intensity) / error)

    parameters = lmfit.Parameters()
    for n in names:
        low, high = next((r for field, r in _RANGES.items() if n.startswith(field)), (-np.inf, np.inf))
        parameters.add(n, value=np.log(start[n]) if n in logarithmic else start[n] / sizes[n], min=low, max=high)
    if search > 0:
        _search(parameters, theory, intensity, sizes, search)
    found = lmfit.minimize(
        residual, parameters, method="leastsq", scale_covar=error is None, max_nfev=80 * (len(names) + 1)
    )
    return _report(found, names, words, physical, sizes, logarithmic, calculate, model, instrument, {
        "angle": angle, "intensity": intensity, "error": error, "attributes": dict(attributes),
    })  # fmt: skip


def _size(name: str, value: float) -> float:
    if name in ("offset", "resolution"):
        return 0.01
    if "roughness" in name:
        return 1e-10
    return abs(value) or 1.0


def _back(value: float, size: float, logarithmic: bool) -> float:
    return float(np.exp(value)) if logarithmic else float(value * size)


def _search(
    parameters: Any,
    theory: Callable[[Any], np.ndarray],
    intensity: np.ndarray,
    sizes: Mapping[str, float],
    width: float,
) -> None:
    """Try other periods first: fringes make one valley for each, and least squares stays in the one it starts in."""
    thick = [n for n in ("thickness_a", "thickness_b") if n in parameters]
    if not thick:
        return
    start = {n: parameters[n].value * sizes[n] for n in thick}
    period = sum(start.values())
    best, chosen = np.inf, start
    floor = np.max(intensity) * 1e-12
    first, *second = thick
    for factor, share in product(np.linspace(1 - width, 1 + width, 41), (-width, 0.0, width) if second else (0.0,)):
        values = {first: start[first] * factor * (1 + share)}
        if second:
            values[second[0]] = period * factor - values[first]
        if any(v < 0.3 * start[n] for n, v in values.items()):
            continue
        for n, v in values.items():
            parameters[n].set(value=v / sizes[n])
        # logarithms: the valley is seen in satellites and fringes, over decades, and not at the strongest peak alone
        ratio = np.log(np.maximum(theory(parameters), floor) / np.maximum(intensity, floor))
        misfit = float(np.sum(np.abs(ratio)))
        if misfit < best:
            best, chosen = misfit, values
    for n, v in chosen.items():
        parameters[n].set(value=v / sizes[n])


def _report(
    found: Any,
    names: list[str],
    words: Mapping[str, tuple[str, str]],
    physical: Callable[[Any], dict[str, float]],
    sizes: Mapping[str, float],
    logarithmic: set[str],
    calculate: Simulate,
    model: XraySuperlattice,
    instrument: Mapping[str, float],
    scanned: Mapping[str, Any],
) -> xr.Dataset:
    values = physical(found.params)
    fitted_model = with_values(model, values)
    theory = calculate(fitted_model, {**instrument, **values})
    remarks = []
    covariance = np.full((len(names), len(names)), np.nan)
    if getattr(found, "covar", None) is not None:
        slopes = np.array([values[n] if n in logarithmic else sizes[n] for n in names])
        covariance = found.covar * np.outer(slopes, slopes)
    else:
        remarks.append(
            "The fit did not converge, or the data do not determine all varied parameters, so no errors can be stated: "
            "start closer or vary fewer."
        )
    for n in names:
        if "roughness" in n:
            values[n] = abs(values[n])
    error = np.sqrt(np.diag(covariance))
    table = {n: (values[n], float(error[i]), *words[n]) for i, n in enumerate(names)}
    if {"thickness_a", "thickness_b"} <= set(names):
        pair = np.zeros(len(names))
        pair[names.index("thickness_a")] = pair[names.index("thickness_b")] = 1
        covariance = np.vstack([np.eye(len(names)), pair]) @ covariance @ np.vstack([np.eye(len(names)), pair]).T
        table["period"] = (fitted_model.period, float(np.sqrt(covariance[-1, -1])), "m", "period")
    residual = found.residual
    lag = float(residual[1:] @ residual[:-1] / (residual @ residual))
    if abs(lag) > 4 / np.sqrt(residual.size):
        remarks.append(
            f"Neighbouring residuals are correlated ({lag:.2f}): the model misses structure, and the stated errors are "
            "too small."
        )
    attributes: dict[str, Any] = {
        **scanned["attributes"],
        "repeats": model.repeats,
        "formula_a": model.a.formula,
        "formula_b": model.b.formula,
        "thickness_a": fitted_model.a.thickness,
        "thickness_b": fitted_model.b.thickness,
        "degrees_of_freedom": int(found.nfree),
        "reduced_chi_square": float(found.redchi),
        "residual_correlation": lag,
        "errors_from": "scatter of the logarithm" if scanned["error"] is None else "given errors",
        "remark": " ".join(remarks),
    }
    curves = {
        "measured": ("point", scanned["intensity"]),
        "fitted": ("point", theory),
        "residual": ("point", -residual, {"long_name": "measured minus fitted, over the error"}),
    }
    return result(table, covariance, curves, {"two_theta": ("point", scanned["angle"], {"units": "deg"})}, attributes)
