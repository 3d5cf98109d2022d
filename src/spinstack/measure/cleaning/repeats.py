"""Means of what was measured more than once."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice, together
from spinstack.measure.cleaning.columns import remark
from spinstack.measure.cleaning.groups import OVER, repeats
from spinstack.measure.measurement import QUANTITIES, step
from spinstack.measure.statistics.coverage import bartlett, justified, student
from spinstack.measure.statistics.weights import weights
from spinstack.text.units import In


@step
def average_repeats(
    data: xr.Dataset,
    over: Literal["angle", "field"],
    tolerance: Annotated[float, In(like="over")],
    spread: Literal["pooled", "own"] = "pooled",
    full_turn: bool = True,
) -> xr.Dataset:
    """One row for all rows at the same angle [deg] or field [T] within +-`tolerance`, with "<reading>_error" added.

    Only what was approached in the same way is averaged: rising with rising branches, and these only where they run
    between the same ends (a virgin curve stays apart), one sense of rotation with the same sense. `full_turn`: angles a
    whole turn apart are repeats. A continuous ramp is averaged in bins of +-`tolerance`; a signal of curvature c is
    then off by up to c tolerance^2/6. Conditions are averaged, too.
    Errors of the means: with spread="pooled" from the scatter of all groups together (the noise is the same
    everywhere), with "own" from each group alone. Both are widened by Student's factor so that +-1 error covers 68.3 %.
    Readings that bring errors are weighted by them; these errors stay, or grow by the scatter where that is larger.
    Bartlett's test, in the remark, tells whether the scatter is the same everywhere.
    Nothing changes where nothing repeats (the remark says so).
    """
    together(lambda: choice(spread, "spread", ("pooled", "own")), lambda: choice(over, "over", OVER))
    group = repeats(data, over, tolerance, full_turn)
    count = np.bincount(group)
    if count.max() == 1:
        return remark(data.copy(), f"nothing repeats within {tolerance:g} {QUANTITIES[over].unit}")
    variables: dict[str, xr.Variable] = {}
    notes = []
    errors = {n for n in map(str, data.data_vars) if n.endswith("_error") and n.removesuffix("_error") in data}
    for name in map(str, data.variables):
        if name in errors or data[name].dims != ("point",):
            continue
        values = np.asarray(data[name].values, dtype=float)
        attrs = dict(data[name].attrs)
        if name in data.coords:
            turned = np.unwrap(values, period=360.0) if name == "angle" and full_turn else values
            variables[name] = xr.Variable("point", _mean_condition(turned, group, count, name == over), attrs)
            continue
        given = np.asarray(data[f"{name}_error"].values, dtype=float) if f"{name}_error" in errors else None
        mean, error, p = _mean(name, values, given, group, count, spread)
        variables[name] = xr.Variable("point", mean, attrs)
        label = data[f"{name}_error"].attrs if given is not None else {"long_name": "standard error"}
        variables[f"{name}_error"] = xr.Variable("point", error, {"units": attrs.get("units", ""), **label})
        if p < 0.01:
            notes.append(f"; the scatter of {name} differs between places (p = {p:.1g})")
    rest = {n: data[n] for n in data.variables if data[n].dims != ("point",)}
    coords = {n: v for n, v in variables.items() if n in data.coords}
    out = xr.Dataset({n: v for n, v in variables.items() if n not in coords}, coords=coords, attrs=dict(data.attrs))
    out = out.assign(rest)
    unit = QUANTITIES[over].unit
    sentence = f"{group.size} rows averaged to {count.size} with the same {over} within {tolerance:g} {unit}, "
    sentence += f"{count.min()} to {count.max()} rows each; errors from the {spread} scatter"
    return remark(out, sentence + "".join(notes))


def _mean_condition(values: np.ndarray, group: np.ndarray, count: np.ndarray, own: bool) -> np.ndarray:
    if own:
        # repeats of one place may be whole turns apart
        first = np.zeros(count.size)
        first[group[::-1]] = values[::-1]
        period = 360.0 if np.any(np.abs(values - first[group]) > 180.0) else np.inf
        if np.isfinite(period):
            values = first[group] + np.mod(values - first[group] + 180.0, period) - 180.0
    return np.bincount(group, values, count.size) / count


def _mean(
    name: str, values: np.ndarray, given: np.ndarray | None, group: np.ndarray, count: np.ndarray, spread: str
) -> tuple[np.ndarray, np.ndarray, float]:
    """Means, their errors, and the probability of Bartlett's test; NaN readings are left out."""
    fine = np.isfinite(values) if given is None else np.isfinite(values) & np.isfinite(given)
    w = np.zeros(values.size)
    w[fine] = weights(None if given is None else given[fine], int(fine.sum()), f"{name}_error") ** 2
    n = np.bincount(group, fine, count.size)
    total = np.bincount(group, w, count.size)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(group, w * np.where(fine, values, 0.0), count.size) / total
        scatter = np.bincount(group, w * np.where(fine, values - mean[group], 0.0) ** 2, count.size)
        freedom = np.maximum(n - 1, 0)
        pooled = scatter.sum() / freedom.sum() if freedom.sum() > 0 else np.nan
        own = np.where(n > 1, scatter / freedom, pooled)
        p = bartlett(own[n > 1], freedom[n > 1], pooled)
        chi2 = np.full(count.size, pooled) if spread == "pooled" else own
        if given is not None:
            # stated errors stand unless the scatter contradicts them
            of = np.full(count.size, freedom.sum()) if spread == "pooled" else freedom
            chi2 = np.array([justified(c, f) for c, f in zip(chi2, of, strict=True)])
            factor = np.ones(count.size)
        elif spread == "pooled":
            factor = np.full(count.size, student(freedom.sum()) if freedom.sum() else np.nan)
        else:
            by_freedom = {int(f): student(f) if f else np.nan for f in np.unique(freedom)}
            lone = student(freedom.sum()) if freedom.sum() else np.nan
            factor = np.array([by_freedom[int(f)] if f else lone for f in freedom])
        error = np.sqrt(chi2 / total) * factor
    return mean, error, p
