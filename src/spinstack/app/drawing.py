"""How the labelled numbers of a panel are drawn: what runs along x, what tells curves apart, what comes first."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

    from spinstack.study.film import FilmRequest

#: variables that stand first, by observable
_FIRST = {
    "angular_scan": ("MR_xx", "MR_yy"),
    "field_scan": ("R_xx",),
    "temperature_scan": ("R_xx",),
    "profile": ("Q",),
    "perpendicular_scan": ("area_resistance", "resistance"),
    "equilibrium": ("m", "R_across"),
    "modes": ("frequency", "linewidth"),
    "critical_current": ("critical_current",),
    "switching_map": ("switched",),
    "harmonic_hall": ("second_harmonic", "first_harmonic"),
    "spin_torque_fmr": ("rectified",),
    "loop_shift": ("shift",),
    "spectrum": ("power",),
}
#: axes that things run along where there is a choice
_ALONG = ("angle", "field", "temperature", "z", "current", "frequency", "time", "depth")


def how(dataset: xr.Dataset, observable: str, over: tuple[str, ...] = ()) -> dict[str, Any]:
    """Kind of picture (curves, map, bars, numbers), axes, variables in order, and bands of layers along z."""
    numeric = [str(d) for d in dataset.dims if dataset.sizes[d] > 1 and _numbers(dataset, str(d))]
    variables = [str(v) for v, a in dataset.data_vars.items() if a.dtype.kind in "fiub"]
    complexes = [f"{v}{p}" for v, a in dataset.data_vars.items() if a.dtype.kind == "c" for p in (".real", ".imag")]
    first = [v for f in _FIRST.get(observable, ()) for v in variables if v == f or v.startswith(f"{f} ")]
    names = [*first, *(v for v in variables if v not in first), *complexes]
    if len(over) == 2 and all(d in numeric for d in over):
        return {"picture": "map", "x": over[0], "y": over[1], "variables": names}
    along = [d for d in (*over, *_ALONG) if d in numeric] or numeric[-1:]
    if not over:  # sorting keeps the order of those that are as long
        along.sort(key=lambda d: -dataset.sizes[d])
    if len(numeric) == 2 and not over and observable.endswith("_map"):
        return {"picture": "map", "x": numeric[0], "y": numeric[1], "variables": names}
    if along:
        found = {"picture": "curves", "x": along[0], "variables": [n for n in names if _has(dataset, n, along[0])]}
        return found | {"bands": _bands(dataset, along[0])}
    if (path := _path(dataset)) is not None:
        x, dim = path
        found = {"picture": "curves", "x": x, "along": dim, "bands": []}
        return found | {"variables": [n for n in names if _has(dataset, n, dim)]}
    labelled = [str(d) for d in dataset.dims if dataset.sizes[d] > 1]
    return {"picture": "bars" if labelled else "numbers", "variables": names}


def pictured(dataset: xr.Dataset, observable: str, over: tuple[str, ...] = ()) -> tuple[xr.Dataset, dict[str, Any]]:
    """The numbers as they are drawn, and how: of a map every single number has a picture."""
    found = how(dataset, observable, over)
    if found["picture"] != "map" or over:
        return dataset, found
    dataset = layers(dataset, found["x"], found["y"])
    return dataset, how(dataset, observable)


def figure_beside(request: FilmRequest, films: Mapping[str, xr.Dataset], title: str = "", variable: str = "") -> Any:
    """The figure of a panel with what stands beside the film: one variable, all where it has no such one."""
    from spinstack.figures.beside import films_beside

    every = {
        label: pictured(found, request.entry.observable.name, tuple(request.over)) for label, found in films.items()
    }
    told = next(iter(every.values()))[1]
    known = [str(name) for name in told["variables"]]
    return films_beside(
        {label: found for label, (found, _) in every.items()}, str(told.get("x", "")),
        [variable] if variable in known else known, y=str(told.get("y", "")), along=str(told.get("along", "")),
        title=title,
    )  # fmt: skip


def _path(dataset: xr.Dataset) -> tuple[str, str] | None:
    """The condition along a path that goes there and back, and the dimension of its points."""
    for name, coord in dataset.coords.items():
        if coord.ndim == 1 and coord.dims[0] not in dataset.coords and coord.dtype.kind in "fiu" and coord.size > 1:
            return str(name), str(coord.dims[0])
    return None


def layers(dataset: xr.Dataset, x: str, y: str) -> xr.Dataset:
    """Every variable of a map as maps of single numbers, named by what tells them apart: magnet, component."""
    out: dict[str, Any] = {}
    for name, variable in dataset.data_vars.items():
        if x not in variable.dims or y not in variable.dims:
            continue
        others = [d for d in variable.dims if d not in (x, y)]
        for index in np.ndindex(*(variable.sizes[d] for d in others)):
            at = dict(zip(others, index, strict=True))
            words = [_label(dataset, str(d), i) for d, i in at.items()]
            out[" ".join([str(name), *words])] = variable.isel(at, drop=True).reset_coords(drop=True)
    return dataset.drop_vars(list(dataset.data_vars)).assign(out)


def _label(dataset: xr.Dataset, dim: str, at: int) -> str:
    if dim not in dataset.coords:
        return f"{dim} {at}"
    value = dataset[dim].values[at]
    return str(value) if dataset[dim].dtype.kind not in "fiu" else f"{dim} {value:g}"


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
