"""How the labelled numbers of a panel are drawn: what runs along x, what tells curves apart, what comes first."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

#: variables that stand first, by observable
_FIRST = {
    "angular_scan": ("MR_xx", "MR_yy"),
    "field_scan": ("R_xx",),
    "temperature_scan": ("R_xx",),
    "profile": ("Q",),
    "perpendicular_scan": ("area_resistance", "resistance"),
}
#: axes that things run along where there is a choice
_ALONG = ("angle", "field", "temperature", "z", "current", "frequency", "time", "depth")


def how(dataset: xr.Dataset, observable: str, over: tuple[str, ...] = ()) -> dict[str, Any]:
    """Kind of picture (curves, map, bars, numbers), axes, variables in order, and bands of layers along z."""
    numeric = [str(d) for d in dataset.dims if dataset.sizes[d] > 1 and _numbers(dataset, str(d))]
    variables = [str(v) for v, a in dataset.data_vars.items() if a.dtype.kind in "fiub"]
    complexes = [f"{v}{p}" for v, a in dataset.data_vars.items() if a.dtype.kind == "c" for p in (".real", ".imag")]
    first = [v for v in _FIRST.get(observable, ()) if v in variables]
    names = [*first, *(v for v in variables if v not in first), *complexes]
    if len(over) == 2 and all(d in numeric for d in over):
        return {"picture": "map", "x": over[0], "y": over[1], "variables": names}
    along = [d for d in (*over, *_ALONG) if d in numeric] or numeric[-1:]
    if len(numeric) == 2 and not over and observable.endswith("_map"):
        return {"picture": "map", "x": numeric[0], "y": numeric[1], "variables": names}
    if along:
        found = {"picture": "curves", "x": along[0], "variables": [n for n in names if _has(dataset, n, along[0])]}
        return found | {"bands": _bands(dataset, along[0])}
    labelled = [str(d) for d in dataset.dims if dataset.sizes[d] > 1]
    return {"picture": "bars" if labelled else "numbers", "variables": names}


def _has(dataset: xr.Dataset, name: str, dim: str) -> bool:
    base = name.removesuffix(".real").removesuffix(".imag")
    return dim in dataset[base].dims


def _numbers(dataset: xr.Dataset, dim: str) -> bool:
    return dim in dataset.coords and dataset[dim].dtype.kind in "fiu"


def _bands(dataset: xr.Dataset, x: str) -> list[dict[str, Any]]:
    """Where each layer lies along z."""
    if x != "z" or "layer" not in dataset.coords or dataset["layer"].dims != ("z",):
        return []
    names, z = dataset["layer"].values.astype(str), dataset["z"].values
    turns = [0, *(np.flatnonzero(names[1:] != names[:-1]) + 1), len(names)]
    return [{"name": names[a], "from": float(z[a]), "to": float(z[b - 1])} for a, b in pairwise(turns)]
