"""Peaks of an absorption edge on an arctan step and a straight background."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, choice, positive, together
from spinstack.measure.measurement import MeasurementError, result
from spinstack.measure.rows import check_errors, error_names, finite_columns
from spinstack.measure.statistics.estimate import propagated
from spinstack.measure.statistics.noise import lag_one
from spinstack.text.optional import optional
from spinstack.text.units import In

_SHAPES = {"gaussian": "GaussianModel", "lorentzian": "LorentzianModel", "voigt": "VoigtModel"}
_BACKGROUNDS = ("none", "constant", "linear")


@checked
def fit_edges(
    data: xr.Dataset,
    peaks: Annotated[Sequence[float], In("eV")] = (870.2, 871.2),
    *,
    shape: str = "gaussian",
    window: Annotated[tuple[float, float] | None, In("eV")] = None,
    width: Annotated[float, In("eV")] = 0.5,
    step: Annotated[float | None, In("eV")] = None,
    step_width: Annotated[float, In("eV")] = 0.5,
    background: str = "linear",
    reading: str = "intensity",
) -> xr.Dataset:
    """Fit two or more peaks a, b, ... and give the share of each in their area, I_a/(I_a + I_b).

    Returns a result with ``area_a``, ``centre_a``, ``width_a`` (full width at half maximum, eV), ``share_a``, likewise
    for the others, ``step_height``, their covariance, and over `point` measured, fitted, residual and each component.
    The defaults are the two peaks of Ni2+ at the L2 edge (Zheng et al., ACS Nano 2024, 10.1021/acsnano.4c01910).
    Raises :class:`MeasurementError` where the data do not determine the peaks. Correlated residuals are reported.

    Parameters
    ----------
    data
        Absorption over `energy` [eV]; `intensity_error` is used as weight where present, else the scatter about the
        fit gives the errors.
    peaks
        Where the peaks start, in eV and rising. Their centres may move up to the middle between neighbours.
    shape
        "gaussian", "lorentzian" or "voigt" (one Lorentzian width, the lifetime, for all peaks).
    window
        Range of energies in eV.
    width
        Half width at half maximum in eV with which the peaks start.
    step, step_width
        Energy and half width in eV of an arctan step, whose height is fitted (left out: no step).
    background
        "none", "constant" or "linear".
    """
    lmfit = optional("lmfit", "fit", "fit_edges", error=MeasurementError)
    energy, value, error = _points(data, reading, window)
    letters = _check(peaks, shape, background, width, step_width, energy)
    model, parameters = _model(lmfit, energy, value, letters, list(peaks), shape, width, step, step_width, background)
    weights = None if error is None else 1 / error
    found = model.fit(value, parameters, x=energy, weights=weights, scale_covar=error is None)
    if not found.success or found.covar is None or not np.isfinite(found.covar).all():
        why = f"{len(peaks)} of shape {shape} are not determined by the {energy.size} points"
        remedy = "Give better start values or a window, or fewer free parts (background='constant', step=None)."
        raise MeasurementError(why, field="peaks", remedy=remedy)
    free = list(found.var_names)
    slots = {name: i for i, name in enumerate(free)}
    areas = np.array([found.params[f"{k}_amplitude"].value for k in letters])
    table: dict[str, tuple[float, float, str, str]] = {}
    rows: list[np.ndarray] = []

    def put(name: str, number: float, slope: np.ndarray, unit: str, words: str) -> None:
        table[name] = (float(number), float(np.sqrt(slope @ found.covar @ slope)), unit, words)
        rows.append(slope)

    unit = np.eye(len(free))
    for i, k in enumerate(letters):
        put(f"share_{k}", areas[i] / areas.sum(), _share(areas, i, letters, unit, slots), "1", f"share of peak {k}")
        put(f"area_{k}", areas[i], unit[slots[f"{k}_amplitude"]], "eV times the intensity", f"area of peak {k}")
        put(f"centre_{k}", found.params[f"{k}_center"].value, unit[slots[f"{k}_center"]], "eV", f"centre of peak {k}")
        fwhm, slope = _width(found, k, shape, unit, slots)
        put(f"width_{k}", fwhm, slope, "eV", f"full width at half maximum of peak {k}")
    if step is not None:
        put("step_height", found.params["step_amplitude"].value, unit[slots["step_amplitude"]], "1", "edge jump")
    transform = np.stack(rows)
    residual = (value - found.best_fit) / (1 if error is None else error)
    curves: dict[str, Any] = {
        "measured": ("point", value),
        "fitted": ("point", found.best_fit),
        "residual": ("point", residual, {"long_name": "measured minus fitted, over the error where given"}),
    }
    curves |= {
        f"component_{name.rstrip('_')}": ("point", np.broadcast_to(part, energy.shape))
        for name, part in found.eval_components(x=energy).items()
    }
    return result(
        table,
        propagated(transform, found.covar),
        curves,
        {"energy": ("point", energy, {"units": "eV"})},
        _attributes(found, residual, letters, shape, error is None),
    )


def _points(
    data: xr.Dataset, reading: str, window: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    errors = error_names(data, reading)
    (energy, value, *error), _ = finite_columns(data, "energy", reading, *errors)
    low, high = window or (-np.inf, np.inf)
    keep = (energy >= low) & (energy <= high)
    if keep.sum() < 10:
        why = f"which holds {int(keep.sum())} points"
        raise MeasurementError(why, field="window", unit="eV", got=window, allowed="ten or more")
    for name, column in zip(errors, error, strict=True):
        check_errors(column[keep], name)
    return energy[keep], value[keep], error[0][keep] if error else None


def _check(
    peaks: Sequence[float], shape: str, background: str, width: float, step_width: float, energy: np.ndarray
) -> list[str]:
    together(
        lambda: choice(shape, "shape", _SHAPES),
        lambda: choice(background, "background", _BACKGROUNDS),
        lambda: positive(width, "width", unit="eV"),
        lambda: positive(step_width, "step_width", unit="eV"),
        lambda: _check_peaks(peaks, energy),
    )
    return list("abcdefgh"[: len(peaks)])


def _check_peaks(peaks: Sequence[float], energy: np.ndarray) -> None:
    rising = 2 <= len(peaks) <= 8 and (np.diff(peaks) > 0).all()
    if not rising or min(peaks) < energy.min() or max(peaks) > energy.max():
        allowed = f"two to eight rising energies from {energy.min():.6g} to {energy.max():.6g} eV"
        raise MeasurementError(field="peaks", unit="eV", got=tuple(peaks), allowed=allowed)


def _model(
    lmfit: Any,
    energy: np.ndarray,
    value: np.ndarray,
    letters: list[str],
    peaks: list[float],
    shape: str,
    width: float,
    step: float | None,
    step_width: float,
    background: str,
) -> tuple[Any, Any]:
    kind = getattr(lmfit.models, _SHAPES[shape])
    model = kind(prefix=f"{letters[0]}_")
    for k in letters[1:]:
        model += kind(prefix=f"{k}_")
    if step is not None:
        model += lmfit.models.StepModel(prefix="step_", form="arctan")
    if background != "none":
        model += lmfit.models.LinearModel(prefix="line_")
    parameters = model.make_params()
    low = float(np.min(value))
    height = float(np.max(value)) - low
    edges = [-np.inf, *((p + q) / 2 for p, q in pairwise(peaks)), np.inf]
    sigma = width / np.sqrt(2 * np.log(2)) if shape == "gaussian" else width
    if shape == "voigt":
        sigma = width / 2
    for i, k in enumerate(letters):
        parameters[f"{k}_center"].set(value=peaks[i], min=edges[i], max=edges[i + 1])
        parameters[f"{k}_sigma"].set(value=sigma, min=1e-4)
        parameters[f"{k}_amplitude"].set(value=height * width * 1.5)
        if shape == "voigt":
            if i == 0:
                parameters[f"{k}_gamma"].set(value=sigma, min=0, vary=True, expr="")
            else:
                parameters[f"{k}_gamma"].set(expr=f"{letters[0]}_gamma")
    for derived in [n for n in parameters if n.endswith(("_fwhm", "_height"))]:
        del parameters[derived]  # expressions, which would cost most of the time of a fit
    if step is not None:
        parameters["step_center"].set(value=step, vary=False)
        parameters["step_sigma"].set(value=step_width, vary=False)
        parameters["step_amplitude"].set(value=height / 4)
    if background != "none":
        parameters["line_intercept"].set(value=low)
        parameters["line_slope"].set(value=0.0, vary=background == "linear")
    return model, parameters


def _share(areas: np.ndarray, i: int, letters: list[str], unit: np.ndarray, slots: dict[str, int]) -> np.ndarray:
    total = areas.sum()
    out = np.zeros(len(slots))
    for j, k in enumerate(letters):
        out = out + unit[slots[f"{k}_amplitude"]] * ((i == j) * total - areas[i]) / total**2
    return out


def _width(found: Any, k: str, shape: str, unit: np.ndarray, slots: dict[str, int]) -> tuple[float, np.ndarray]:
    """Full width at half maximum and its derivatives."""
    sigma, slot = found.params[f"{k}_sigma"].value, unit[slots[f"{k}_sigma"]]
    if shape == "gaussian":
        return 2 * np.sqrt(2 * np.log(2)) * sigma, 2 * np.sqrt(2 * np.log(2)) * slot
    if shape == "lorentzian":
        return 2 * sigma, 2 * slot
    # Olivero and Longbothum, J. Quant. Spectrosc. Radiat. Transf. 17, 233 (1977), to 0.02 %
    gamma, of_gamma = found.params[f"{k}_gamma"].value, unit[slots["a_gamma"]]
    root = np.sqrt(0.2166 * (2 * gamma) ** 2 + 8 * np.log(2) * sigma**2)
    slope = (1.0692 + 4 * 0.2166 * gamma / root) * of_gamma + 8 * np.log(2) * sigma / root * slot
    return 1.0692 * gamma + root, slope


def _attributes(found: Any, residual: np.ndarray, letters: list[str], shape: str, scatter: bool) -> dict[str, Any]:
    lag = lag_one(residual)
    remarks = []
    if lag > 4 / np.sqrt(residual.size):
        remarks.append(
            f"Neighbouring residuals are correlated ({lag:.2f}): the shape misses structure or the noise is not white, "
            "and the stated errors are too small."
        )
    for k in letters:
        centre = found.params[f"{k}_center"]
        if min(centre.value - centre.min, centre.max - centre.value) < 0.02 * found.params[f"{k}_sigma"].value:
            remarks.append(f"Peak {k} ran into its neighbour's range: its error means little.")
        if found.params[f"{k}_amplitude"].value <= 0:
            remarks.append(f"Peak {k} came out with a negative area.")
    return {
        "shape": shape,
        "errors_from": "scatter" if scatter else "given errors",
        "degrees_of_freedom": int(found.nfree),
        "reduced_chi_square": float(found.redchi),
        "residual_correlation": lag,
        "remark": " ".join(remarks),
    }
