"""Uncertainty of a fit by fitting again and again what chance could have measured instead."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from spinstack.measure.angles.harmonics import fit_harmonics
from spinstack.measure.checks import checked, choice, together, whole
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.coverage import check_level
from spinstack.measure.statistics.resampling import block_draws, default_block, residual_draws
from spinstack.measure.statistics.weights import relative

METHODS = ("residual", "block")


@checked
def bootstrap(
    data: xr.Dataset,
    count: int = 400,
    method: str = "residual",
    block: int | None = None,
    seed: int = 0,
    level: float = 0.95,
    fit: Callable[..., xr.Dataset] = fit_harmonics,
    **options: Any,
) -> xr.Dataset:
    """Distribution of everything that ``fit(data, **options)`` finds, by resampling its residuals.

    `method`: "residual" draws the whitened residuals anew and colours them by the noise model of the fit; "block" puts
    stretches of `block` residuals in random order, with no model of the noise, default 3 n^(1/3) rows, which must be
    longer than the noise remembers (:mod:`spinstack.measure.statistics.resampling`). Residuals are enlarged by
    sqrt(n/(n - unknowns)). `seed` makes it reproducible.

    Over `parameter`: value (of the data), mean, error (standard deviation), low and high (percentiles at `level`);
    `samples` (sample, parameter). Phases are taken around the value of the data.
    """
    together(
        lambda: choice(method, "method", METHODS),
        lambda: whole(count, "count", low=20, remedy="Usual: 400."),
        lambda: whole(seed, "seed", low=0),
        lambda: block is None or whole(block, "block", low=1),
        lambda: check_level(level),
    )
    found = fit(data, **options)
    if lacking := [n for n in ("row", "fitted", "residual") if n not in found]:
        allowed = "a fit that gives row, fitted and residual, such as fit_harmonics"
        raise MeasurementError(f"which gives no {lacking[-1]}", field="fit", got=fit.__name__, allowed=allowed)
    reading = found.attrs["reading"]
    rows, residual, fitted = found["row"].values, found["residual"].values, found["fitted"].values
    chosen = data.isel(point=rows)
    n = len(rows)
    error = f"{reading}_error"
    scale = relative(chosen[error].values if error in data.variables else None, n)
    phi = np.asarray(json.loads(found.attrs.get("noise_model", "[]")), dtype=float)
    free = found.attrs["degrees_of_freedom"] + len(phi)
    length = default_block(n) if block is None else min(n, block)
    spread = float(np.sqrt(n / free))
    draw = (
        residual_draws(residual / scale, phi, spread, seed)
        if method == "residual"
        else block_draws(residual / scale, length, spread, seed)
    )
    options = {**options, "noise": phi, "diagnose": False} if fit is fit_harmonics else options
    options.pop("drop_spikes", None)
    samples = []
    for _ in range(count):
        copy = chosen.assign({reading: ("point", fitted + draw() * scale, chosen[reading].attrs)})
        samples.append(fit(copy, **options)["value"].values)
    table = _around(np.array(samples), found)
    low, high = np.percentile(table, [50 - 50 * level, 50 + 50 * level], axis=0)
    variables = {
        "value": ("parameter", found["value"].values),
        "mean": ("parameter", table.mean(axis=0)),
        "error": ("parameter", table.std(axis=0, ddof=1), {"long_name": "standard error"}),
        "low": ("parameter", low),
        "high": ("parameter", high),
        "unit": ("parameter", found["unit"].values),
        "words": ("parameter", found["words"].values),
        "samples": (("sample", "parameter"), table),
    }
    attributes = {"analysis": "bootstrap", "method": method, "count": count, "seed": seed, "level": level}
    if method == "block":
        attributes["block"] = length
    return xr.Dataset(variables, coords={"parameter": found["parameter"].values}, attrs=attributes)


def _around(samples: np.ndarray, found: xr.Dataset) -> np.ndarray:
    """Phases moved by whole periods to lie next to that of the data."""
    out = samples.copy()
    for i, name in enumerate(map(str, found["parameter"].values)):
        if name.startswith("phase"):
            period = 360.0 / int(name[5:])
            value = float(found["value"][i])
            out[:, i] = value + (out[:, i] - value + period / 2) % period - period / 2
    return out
