"""Resistivities of the two sublayers from several superlattices, and the resistivity that they predict for another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, required, together
from spinstack.measure.measurement import MeasurementError, result
from spinstack.measure.statistics.coverage import quantile
from spinstack.measure.statistics.estimate import propagated, standard_errors
from spinstack.measure.superlattice.samples import Superlattice, as_samples, with_measured
from spinstack.measure.superlattice.sheet_sum import SheetEstimate, design, fit_sheets


@checked
def parallel_layers(
    samples: Iterable[Superlattice | Mapping[str, Any]],
    *,
    layers: tuple[str, str] = ("A", "B"),
    interface: bool = False,
    measured: Mapping[str, xr.Dataset] | None = None,
) -> xr.Dataset:
    """Conductivities of A and B by weighted least squares of 1/R_sheet = N (t_A sigma_A + t_B sigma_B) + n g.

    Returns a result with ``conductivity_a``, ``conductivity_b`` [S/m], ``resistivity_a``, ``resistivity_b`` [Ohm m] and
    ``interface_conductance`` [S], their covariance, and over `sample` the measured and fitted resistivities. With
    errors given, those of the result follow from them alone and `p_value` tests the model; without, all superlattices
    have one unknown relative error, found from the scatter (nan where there are no more of them than unknowns).

    Valid where sublayers are thick against the mean free path or at least scatter in the same way in all samples.
    Raises :class:`MeasurementError` where the samples do not tell the layers apart. Derived in docs/methods.

    Parameters
    ----------
    samples
        Superlattices with `resistivity` and, all or none, `resistivity_error`; or tables of their fields.
    layers
        Names of A and B.
    interface
        Whether each of the n interfaces adds a sheet conductance g [S]; negative for layers that are partly dead.
    measured
        Results with a parameter ``resistivity``, as of ``resistivity_at``, by name: for superlattices without one.
    """
    films = with_measured(as_samples(samples), measured)
    sheet, errors = sheet_resistances(films)
    names = [*(f"conductivity_{k}" for k in "ab"), *(["interface_conductance"] if interface else [])]
    found = fit_sheets(design(films, interface), sheet[:, None], None if errors is None else errors[:, None], layers)
    labels = [f"conductivity of {layers[0]}", f"conductivity of {layers[1]}", "sheet conductance of one interface"]
    units = ["S/m", "S/m", "S"]
    conductivity = {
        n: (v, e, u, w) for n, v, e, u, w in zip(names, found.values, found.errors, units, labels, strict=False)
    }
    resistivity, slopes = resistivities(found.values, found.covariance, layers)
    transform = np.vstack([np.eye(len(names)), slopes])
    thickness = np.array([s.thickness for s in films])
    curves = {
        "measured": ("sample", sheet * thickness, {"units": "Ohm m", "long_name": "measured resistivity"}),
        "fitted": ("sample", thickness / found.fitted[:, 0], {"units": "Ohm m", "long_name": "fitted resistivity"}),
        "standardized_residual": ("sample", found.standardized[:, 0], {"long_name": "residual over its error"}),
    }
    return result(
        {**conductivity, **resistivity},
        propagated(transform, found.covariance),
        curves,
        {"sample": [s.name or str(i + 1) for i, s in enumerate(films)]},
        fit_attributes(found, errors is None, layers),
    )


def resistivities(
    values: np.ndarray, covariance: np.ndarray, layers: tuple[str, str]
) -> tuple[dict[str, tuple[float, float, str, str]], np.ndarray]:
    """1/sigma of the first two values with errors, and the derivatives by all values."""
    slopes = np.zeros((2, len(values)))
    out = {}
    for i, (key, layer) in enumerate(zip("ab", layers, strict=True)):
        slopes[i, i] = -1 / values[i] ** 2
        error = np.sqrt(covariance[i, i]) / values[i] ** 2
        out[f"resistivity_{key}"] = (1 / values[i], error, "Ohm m", f"resistivity of {layer}")
    return out, slopes


def sheet_resistances(films: list[Superlattice]) -> tuple[np.ndarray, np.ndarray | None]:
    """R_sheet and its standard error in Ohm; no errors where no film has one."""
    together(*(lambda f=f: required(f.resistivity, "resistivity", "Give it in Ohm m.", where=f.label) for f in films))
    given = [film.resistivity_error is not None for film in films]
    if any(given) and not all(given):
        remedy = "Give it for all or for none."
        raise MeasurementError("it is there for some superlattices only", field="resistivity_error", remedy=remedy)
    thickness = np.array([film.thickness for film in films])
    values = np.array([film.resistivity for film in films], dtype=float) / thickness
    if not all(given):
        return values, None
    return values, np.array([film.resistivity_error for film in films], dtype=float) / thickness


def fit_attributes(found: SheetEstimate, from_scatter: bool, layers: tuple[str, str]) -> dict[str, Any]:
    """Goodness of fit and, in words, what speaks against the result."""
    freedom = found.degrees_of_freedom
    remarks = []
    out: dict[str, Any] = {
        "degrees_of_freedom": freedom,
        "errors_from": "scatter" if from_scatter else "given errors",
        "layer_a": layers[0],
        "layer_b": layers[1],
    }
    if from_scatter and freedom:
        out["factor_95"] = quantile(0.95, freedom)
        out["relative_error"] = float(np.sqrt(found.reduced_chi_square))
        remarks.append(
            f"The errors follow from the scatter of {freedom} left-over superlattices: a 95 % interval is "
            f"{out['factor_95']:.3g} errors to either side."
        )
    elif from_scatter:
        remarks.append("There are as many unknowns as superlattices and no errors were given, so none can be stated.")
    else:
        out["factor_95"] = 1.959964
        out["chi_square"] = found.chi_square
        out["p_value"] = found.probability
        if freedom and out["p_value"] < 0.01:
            remarks.append(
                f"Parallel layers of fixed conductivity do not describe the data within their errors (chi square "
                f"{found.chi_square:.3g} for {freedom} degrees of freedom): the stated errors are too small."
            )
    for value, layer in zip(found.values[:2], layers, strict=True):
        if value <= 0:
            remarks.append(
                f"The conductivity of {layer} came out as {value:.3g} S/m, which cannot be: a sublayer counted as "
                "conducting probably is not (see `conducting`)."
            )
    if (found.fitted[:, 0] <= 0).any():
        remarks.append("The fit gives a superlattice without conductance: the model does not hold.")
    return {**out, "remark": " ".join(remarks)}


@checked
def predict(
    results: xr.Dataset,
    samples: Iterable[Superlattice | Mapping[str, Any]] | Superlattice,
    *,
    measured: Mapping[str, xr.Dataset] | None = None,
) -> xr.Dataset:
    """Resistivity, and Hall resistivity where the layers have it, of other superlattices from fitted layers.

    A result with ``resistivity_NAME`` and ``hall_resistivity_NAME`` [Ohm m] of every sample; their errors and
    covariance are those of the fitted layers. Where a sample has a resistivity of its own, ``deviation_NAME`` is the
    measured less the predicted one, with the errors of both.
    Raises :class:`MeasurementError` for a result of something else, for samples without a name of their own, and for
    one that would not conduct.

    Parameters
    ----------
    results
        What :func:`parallel_layers` or :func:`layer_anomalous_hall` found.
    samples
        Superlattices, or tables of their fields.
    measured
        As of :func:`parallel_layers`: what these superlattices were measured to have.
    """
    films = with_measured(as_samples([samples] if isinstance(samples, Superlattice | Mapping) else samples), measured)
    keys = [str(k) for k in results["parameter"].values]
    if "conductivity_a" not in keys:
        allowed = "a result of parallel_layers or layer_anomalous_hall"
        raise MeasurementError(field="results", got=f"{', '.join(keys)}", allowed=allowed)
    labels = [film.name or str(i + 1) for i, film in enumerate(films)]
    if len(set(labels)) < len(labels):
        raise MeasurementError("which names one twice", field="samples", got=labels, allowed="each its own name")
    interface = "interface_conductance" in keys
    names = ["conductivity_a", "conductivity_b", *(["interface_conductance"] if interface else [])]
    hall = [f"anomalous_hall_{n}" for n in names] if "anomalous_hall_conductivity_a" in keys else []
    values = results["value"].sel(parameter=[*names, *hall]).values
    layers = results["covariance"].sel(parameter=[*names, *hall], parameter_other=[*names, *hall]).values
    size, out, slopes = len(names), {}, []
    for film, label, lengths in zip(films, labels, design(films, interface), strict=True):
        admittance = lengths @ values[:size] - 1j * (lengths @ values[size:] if hall else 0.0)
        if admittance.real <= 0:
            why = f"whose sheet conductance comes out as {admittance.real:.3g} S"
            raise MeasurementError(why, field="samples", got=label, remedy="The fitted layers do not hold for it.")
        impedance = film.thickness / admittance
        # derivatives of rho_xx + i rho_yx by sigma_xx and, with -i, by sigma_xy
        slope = -impedance / admittance * lengths
        rows = {"resistivity": (impedance.real, np.r_[slope.real, slope.imag][: values.size], "predicted resistivity")}
        if hall:
            across = np.r_[slope.imag, -slope.real]
            rows["hall_resistivity"] = impedance.imag, across, "predicted anomalous Hall resistivity"
        if film.resistivity is not None:
            rows["deviation"] = film.resistivity - impedance.real, -rows["resistivity"][1], "measured less predicted"
        for kind, (value, row, words) in rows.items():
            own = film.resistivity_error if kind == "deviation" else None
            out[f"{kind}_{label}"] = (float(value), own or 0.0, "Ohm m", f"{words} of {label}")
            slopes.append(row)
    spread = propagated(np.array(slopes), layers) + np.diag([own**2 for _, own, *_ in out.values()])
    errors = standard_errors(spread)
    table = {n: (v, float(e), unit, words) for (n, (v, _, unit, words)), e in zip(out.items(), errors, strict=True)}
    return result(table, spread)
