"""Computing the requests that follow field and temperature: dataset, figure and table rows of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.cli.requests import (
    FaceConductances,
    FieldContributions,
    FieldScan,
    TemperatureScan,
    change_words,
    directions,
    in_words,
)
from spinstack.cli.results import Folder
from spinstack.stack import Film

if TYPE_CHECKING:
    import xarray

Rows = list[tuple[str, ...]]

#: columns of the printed table of each kind of request; the first ones are text
COLUMNS: dict[type, tuple[str, int, tuple[str, ...]]] = {
    FieldScan: (
        "Resistance in a field",
        2,
        ("result", "direction", "T (K)", "R_xx at first (Ω)", "MR lowest (%)", "highest (%)", "max |R_xy| (Ω)"),
    ),
    FieldContributions: (
        "Contributions to R_xx",
        2,
        ("result", "direction", "T (K)", "R_neither (Ω)", "max |SMR| (Ω)", "max |Hanle| (Ω)", "max |interference| (Ω)"),
    ),
    TemperatureScan: (
        "Resistance against temperature",
        2,
        ("result", "quantity", "from (K)", "to (K)", "at first (Ω)", "at last (Ω)", "largest ratio (%)"),
    ),
    FaceConductances: (
        "Conductances of faces",
        3,
        ("result", "insulator", "quantity", "lowest", "highest", "unit"),
    ),
}


def field_scan(film: Film, request: FieldScan, folder: Folder, _: Any) -> Rows:
    """Resistance along a path of fields."""
    import spinstack as ss

    result = ss.field_scan(film, **_path(request), reference=request.reference)
    _conditions(result, request)
    folder.finish(request.name, result, "field_scan")
    rows: Rows = []
    for names, one in _curves(result):
        R, ratio = one["R_xx"].values, 100 * one["MR_xx"].values
        ends = (f"{_above(v, 1e-11):+.4g}" for v in (ratio.min(), ratio.max()))
        hall = _above(float(np.abs(one["R_xy"].values).max()), 1e-12 * R[0])
        rows.append((request.name, *names, f"{R[0]:.6g}", *ends, f"{hall:.4g}"))
    return rows


def contributions(film: Film, request: FieldContributions, folder: Folder, _: Any) -> Rows:
    """The parts of R_xx along the path of a field scan."""
    import spinstack as ss

    result = ss.field_contributions(film, **_path(request.scan))
    _conditions(result, request.scan)
    folder.finish(request.name, result, "field_contributions")
    rows: Rows = []
    for names, one in _curves(result):
        bare = float(one["R_neither"].values[0])
        parts = (float(np.abs(one[name].values).max()) for name in ("smr", "hanle", "interference"))
        rows.append((request.name, *names, f"{bare:.6g}", *(f"{_above(part, 1e-12 * bare):.4g}" for part in parts)))
    return rows


def _path(request: FieldScan) -> dict[str, Any]:
    """The arguments that a scan and its contributions have in common."""
    several = isinstance(request.T, tuple)
    T = np.array(request.T) if several else request.T
    return {"field": np.array(request.field), "direction": request.direction, "T": T, "m": directions(request.m)}


def _conditions(result: xarray.Dataset, request: FieldScan | TemperatureScan) -> None:
    named = isinstance(request.m, tuple) and len(request.m) > 0 and isinstance(request.m[0], str)
    result.attrs["conditions"] = ", ".join(([] if named else in_words(request.m)) + change_words(request))


def _curves(result: xarray.Dataset) -> Iterator[tuple[tuple[str, str], xarray.Dataset]]:
    """Each curve with its direction and temperature in words."""
    for i in range(result.sizes.get("direction", 1)):
        for k in range(result.sizes.get("temperature", 1)):
            place = {d: n for d, n in (("direction", i), ("temperature", k)) if d in result.dims}
            one = result.isel(place)
            T = float(one["temperature"]) if "temperature" in one.coords else one.attrs.get("temperature_K")
            yield (_field_words(one), "" if T is None else f"{T:.4g}"), one


def _field_words(one: xarray.Dataset) -> str:
    if "direction" in one.coords:
        return f"B along {one['direction'].item()}"
    B = one["B"].values
    largest = B[np.argmax(np.linalg.norm(B, axis=-1))]
    size = np.linalg.norm(largest)
    if "field" not in one.dims or not size:
        return "a path"
    unit = largest / size
    sign = np.sign(unit[np.argmax(np.abs(unit))])
    axis = np.flatnonzero(np.isclose(sign * unit, 1))
    return f"B along {'xyz'[axis[0]]}" if axis.size else "B oblique"


def temperature_scan(film: Film, request: TemperatureScan, folder: Folder, _: Any) -> Rows:
    """Resistance, or the gap between m along z and along y, against temperature."""
    import spinstack as ss

    T = np.array(request.T)
    if request.gap:
        result = ss.smr_gap(film, T, field=request.field)
        result.attrs["conditions"] = ", ".join(change_words(request))
        curves = [("R_xx(m ∥ z) - R_xx(m ∥ y)", result["gap"].values, result["ratio"].values)]
    else:
        named = bool(request.m) and isinstance(request.m[0], str)
        result = ss.temperature_scan(film, T, B=request.B, m=list(request.m) if named else directions(request.m))
        _conditions(result, request)
        parts = [(f"R_xx, m ∥ {a}", result.sel(direction=a)) for a in request.m] if named else [("R_xx", result)]
        curves = [(words, one["R_xx"].values, one["MR_xx"].values) for words, one in parts]
    folder.finish(request.name, result, "temperature_scan")
    rows: Rows = []
    for words, values, ratio in curves:
        largest = 100 * ratio[np.argmax(np.abs(ratio))]
        ends = (f"{values[i]:.6g}" for i in (0, -1))
        rows.append((request.name, words, f"{T[0]:.4g}", f"{T[-1]:.4g}", *ends, f"{_above(largest, 1e-11):+.4g}"))
    return rows


def face_conductances(film: Film, request: FaceConductances, folder: Folder, _: Any) -> Rows:
    """Conductances and order of one insulator's face."""
    import spinstack as ss

    B, T = (np.array(v) if isinstance(v, tuple) else v for v in (request.B, request.T))
    result = ss.face_conductances(film, B, T, insulator=request.insulator)
    result.attrs["conditions"] = ", ".join([request.insulator, *change_words(request)])
    folder.finish(request.name, result, "face_conductances")
    rows: Rows = []
    for name in ("G_s", "G_r", "G_i", *(str(n) for n in result.data_vars if str(n).startswith("order"))):
        values = result[name].values
        unit = "" if result[name].attrs["units"] == "1" else "S/m²"
        ends = (f"{v:.4g}" for v in (values.min(), values.max()))
        rows.append((request.name, request.insulator, name, *ends, unit))
    return rows


def _above(value: float, noise: float) -> float:
    """Rounding noise as what it is."""
    return value if abs(value) > noise else 0.0


#: how each kind of request is computed
COMPUTE: dict[type, Callable[[Film, Any, Folder, Any], Rows]] = {
    FieldScan: field_scan,
    FieldContributions: contributions,
    TemperatureScan: temperature_scan,
    FaceConductances: face_conductances,
}
