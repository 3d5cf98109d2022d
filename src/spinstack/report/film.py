"""What a run of a film leaves beside its NetCDF files: figures, and tables of the numbers that people look for first.

An observable is drawn by the function of its name in :mod:`spinstack.figures`, if there is one, and has a table of its
lowest and highest values, if none is made for it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.figures.finding import figure
from spinstack.observables.registry import Observable
from spinstack.report.figures import draw
from spinstack.report.tables import Table, write_rows
from spinstack.study.film import FilmRequest, FilmStudy
from spinstack.study.folder import Folder
from spinstack.study.results import Result
from spinstack.study.run import Run

if TYPE_CHECKING:
    import xarray as xr

Rows = Iterator[tuple[str, ...]]
_SYMBOLS = {"magnetisation": "m", "field": "B"}
#: figures of maps that have their own
_MAPS = {"initial_slope": "regime_map"}
#: figures that need an axis; without it the result is a number
_AXES = {"critical_current": "field"}


@dataclass
class FilmReport:
    """Writes and draws the results of a run as they come; `unwritten` are too long for a CSV file."""

    run: Run
    folder: Folder
    formats: tuple[str, ...]
    unwritten: list[str] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Write one result as CSV, draw it, if there is a figure for it, and before the first one the film."""
        if not write_rows(self.folder.file(result.name, "", ".csv"), result.dataset):
            self.unwritten.append(result.name)
        if not self.formats:
            return
        from spinstack import figures

        study: FilmStudy = self.run.study  # type: ignore[assignment]
        if len(self.run.results) == 1:
            draw(self.run, self.folder, "film", "", self.formats, figures.draw_film, study.film, title=study.title)
        drawing, data = figure_of(result)
        if _AXES.get(result.request.do, "") not in ("", *result.dataset.dims):
            return
        if drawing is not None:
            draw(self.run, self.folder, result.name, "", self.formats, drawing, data, title=study.title)


def figure_of(result: Result) -> tuple[Callable[..., Any] | None, Any]:
    """The function of :mod:`spinstack.figures` that draws a result, and what it draws."""
    request: Any = result.request
    observable: Observable = request.entry.observable
    if request.over:
        own = _MAPS.get(observable.name, "") if len(request.over) == 2 else ""
        general = "sweep_map" if len(request.over) == 2 else "sweep_curve"
        return figure(own or general), result.dataset if own else result.dataset[observable.name]
    return figure(observable.name, observable.module) or figure(request.do), result.dataset


def tables(run: Run) -> list[Table]:
    """The tables of a run, one for each observable; maps together."""
    out: dict[str, Table] = {}
    for result in run.results:
        request: Any = result.request
        kind = "map" if request.over else request.entry.observable.name
        title, columns, left, rows = _ROWS.get(kind, (request.words.capitalize(), *_GENERAL))
        table = out.setdefault(kind, Table(title, columns, left))
        for row in rows(result.dataset, request):
            table.add(result.name, *row)
        said = ", ".join(filter(None, (result.dataset.attrs.get(name) for name in ("magnets", "setup"))))
        table.caption = "\n".join(filter(None, (table.caption, f"{result.name}: {said}" if said else "")))
    return list(out.values())


def _any(data: xr.Dataset, request: FilmRequest) -> Rows:
    """Each variable by the labels of its dimensions; over all numbers that have none, lowest and highest."""
    for name, variable in data.data_vars.items():
        words = [d for d in variable.dims if d in data.coords and data[d].dtype.kind in "UO"]
        unit = _pretty(str(variable.attrs.get("units", "")))
        for labels in product(*(data[d].values for d in words)):
            values = variable.sel(dict(zip(words, labels, strict=True))).values
            ends = [f"{v:.5g}" for v in ((values,) if values.ndim == 0 else (np.nanmin(values), np.nanmax(values)))]
            yield " ".join(map(str, (name, *labels))), ends[0], ends[1] if len(ends) > 1 else "", unit


def _scan(data: xr.Dataset, request: FilmRequest) -> Rows:
    along, across = ("yy", "yx") if "MR_yy" in data else ("xx", "xy")
    for plane in map(str, data["plane"].values):
        one = data.sel(plane=plane)
        ratios = one[f"MR_{along}"]
        reference = float((one[f"R_{along}"] / (1 + ratios))[0])
        right = np.flatnonzero(np.isclose(one["angle"] % 360, 90))
        ratio = f"{_above(100 * float(ratios[right[0]]), 1e-11):+.4g}" if right.size else "not scanned"
        hall = _above(float(np.abs(one[f"R_{across}"]).max()), 1e-12 * reference)
        turns = f"{_SYMBOLS[data.attrs['turns']]}, {one['sense'].item()}"
        numbers = (f"{reference:.6g}", "0" if ratio == "+0" else ratio, f"{hall:.4g}")
        yield plane, turns, f"R_{along}, R_{across}", *numbers


def _profile(data: xr.Dataset, request: FilmRequest) -> Rows:
    for name in dict.fromkeys(map(str, data["layer"].values)):
        inside = data.isel(z=np.flatnonzero(data["layer"].values == name))
        yield name, *(f"{float(np.abs(inside[v]).max()):.4g}" for v in ("mu", "Q"))


def _torque(data: xr.Dataset, request: FilmRequest) -> Rows:
    for name, values in data.data_vars.items():
        size = np.linalg.norm(values.values, axis=-1)
        at = int(size.argmax())
        if "E_V_per_m" in data.attrs:
            drive = "E = (" + ", ".join(f"{e:g}" for e in np.atleast_1d(data.attrs["E_V_per_m"])) + ") V/m"
        else:
            drive = f"{float(data.attrs['current_A_per_m2']):g} A/m² along z"
        yield str(name), drive, f"{size[at]:.4g}", f"{float(data['angle'][at]):g}"


def _perpendicular(data: xr.Dataset, request: FilmRequest) -> Rows:
    yield (f"{float(data['perpendicular_resistance']) * 1e15:.5g}",)


def _map(data: xr.Dataset, request: FilmRequest) -> Rows:
    found = data[request.entry.observable.name]
    values, unit = found.values, str(found.attrs["units"])
    if np.isnan(values).all():  # no film has what was looked for
        yield request.words, "none", "none", f"{values.size}"
        return
    factor, unit = (100.0, "%") if unit == "1" else (1.0, unit)
    ends = (f"{factor * f(values) + 0.0:.4g} {unit}" for f in (np.nanmin, np.nanmax))
    yield request.words, *ends, f"{values.size}"


def _field_scan(data: xr.Dataset, request: FilmRequest) -> Rows:
    for names, one in _curves(data):
        R, ratio = one["R_xx"].values, 100 * one["MR_xx"].values
        ends = (f"{_above(v, 1e-11):+.4g}" for v in (ratio.min(), ratio.max()))
        hall = _above(float(np.abs(one["R_xy"].values).max()), 1e-12 * R[0])
        yield *names, f"{R[0]:.6g}", *ends, f"{hall:.4g}"


def _contributions(data: xr.Dataset, request: FilmRequest) -> Rows:
    for names, one in _curves(data):
        bare = float(one["R_neither"].values[0])
        parts = (float(np.abs(one[name].values).max()) for name in ("smr", "hanle", "interference"))
        yield *names, f"{bare:.6g}", *(f"{_above(part, 1e-12 * bare):.4g}" for part in parts)


def _curves(data: xr.Dataset) -> Iterator[tuple[tuple[str, str], xr.Dataset]]:
    """Each curve of a scan in the field with its direction and temperature in words."""
    for i, k in product(range(data.sizes.get("direction", 1)), range(data.sizes.get("temperature", 1))):
        one = data.isel({d: n for d, n in (("direction", i), ("temperature", k)) if d in data.dims})
        T = float(one["temperature"]) if "temperature" in one.coords else one.attrs.get("temperature_K")
        yield (_field_words(one), "" if T is None else f"{T:.4g}"), one


def _field_words(one: xr.Dataset) -> str:
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


def _temperature_scan(data: xr.Dataset, request: FilmRequest) -> Rows:
    if "direction" in data.dims:
        curves = [(f"R_xx, m ∥ {a}", data.sel(direction=a)) for a in map(str, data["direction"].values)]
    else:
        curves = [("R_xx", data)]
    for words, one in curves:
        yield words, *_against_temperature(data, one["R_xx"].values, one["MR_xx"].values)


def _gap(data: xr.Dataset, request: FilmRequest) -> Rows:
    words = str(data["gap"].attrs["long_name"]).replace("||", "∥")
    yield words, *_against_temperature(data, data["gap"].values, data["ratio"].values)


def _against_temperature(data: xr.Dataset, values: Any, ratio: Any) -> tuple[str, ...]:
    T, values, ratio = np.atleast_1d(data["temperature"].values), np.atleast_1d(values), np.atleast_1d(ratio)
    largest = _above(100 * ratio[np.argmax(np.abs(ratio))], 1e-11)
    return f"{T[0]:.4g}", f"{T[-1]:.4g}", f"{values[0]:.6g}", f"{values[-1]:.6g}", f"{largest:+.4g}"


def _face(data: xr.Dataset, request: FilmRequest) -> Rows:
    for name in ("G_s", "G_r", "G_i", *(str(n) for n in data.data_vars if str(n).startswith("order"))):
        values = data[name].values
        unit = _pretty(str(data[name].attrs["units"]))
        yield str(request.arguments["insulator"]), name, *(f"{v:.4g}" for v in (values.min(), values.max())), unit


def _damping(data: xr.Dataset, request: FilmRequest) -> Rows:
    names = [str(n) for n in data["magnet"].values]
    L = data["damping_conductance"].transpose("magnet", "of_magnet", "component", "of_component").values
    pairs = np.linalg.norm(L, ord=2, axis=(-2, -1))
    bulk = np.trace(data["bulk_conductance"].values, axis1=-2, axis2=-1) / 2
    for i, name in enumerate(names):
        others = np.delete(pairs[i], i)
        moment = data.sel(moment=name) if name in data.get("moment", ()) else None
        added, total = (
            "" if moment is None or np.isnan(moment[n]) else f"{float(moment[n]):.4g}"
            for n in ("mean_enhancement", "total_damping")
        )
        own = float(data["effective_mixing_conductance"][i])
        yield name, f"{own:.4g}", f"{bulk[i]:.4g}", f"{others.max():.4g}" if others.size else "", added, total


def _pretty(unit: str) -> str:
    return "" if unit == "1" else unit.replace("^2", "²").replace("Ohm", "Ω")


def _above(value: float, noise: float) -> float:
    """Rounding noise as what it is."""
    return 0.0 if abs(value) <= noise else value


_GENERAL = (("result", "quantity", "lowest", "highest", "unit"), 2, _any)
#: title, columns, how many of them are words, and rows, by the name of the observable
_ROWS: dict[str, tuple[str, tuple[str, ...], int, Callable[[xr.Dataset, FilmRequest], Rows]]] = {
    "angular_scan": ("Magnetoresistance",
        ("result", "plane", "what turns", "of", "R(0°) (Ω)", "MR at 90° (%)", "max |Hall| (Ω)"), 4, _scan),
    "field_scan": ("Resistance in a field", ("result", "direction", "T (K)", "R_xx at first (Ω)", "MR lowest (%)",
        "highest (%)", "max |R_xy| (Ω)"), 2, _field_scan),
    "field_contributions": ("Contributions to R_xx", ("result", "direction", "T (K)", "R_neither (Ω)", "max |SMR| (Ω)",
        "max |Hanle| (Ω)", "max |interference| (Ω)"), 2, _contributions),
    "temperature_scan": ("Resistance against temperature", ("result", "quantity", "from (K)", "to (K)", "at first (Ω)",
        "at last (Ω)", "largest ratio (%)"), 2, _temperature_scan),
    "smr_gap": ("Gap against temperature", ("result", "quantity", "from (K)", "to (K)", "at first (Ω)", "at last (Ω)",
        "largest ratio (%)"), 2, _gap),
    "face_conductances": ("Conductances of faces",
        ("result", "insulator", "quantity", "lowest", "highest", "unit"), 3, _face),
    "damping_conductance": ("Damping by spin pumping", ("result", "magnet", "G_eff (S/m²)", "of the bulk (S/m²)",
        "largest of others (S/m²)", "damping added", "damping in all"), 2, _damping),
    "profile": ("Profiles", ("result", "layer", "max |mu_s| (V)", "max |Q| (A/m²)"), 2, _profile),
    "torque": ("Torque per area", ("result", "magnet", "driven by", "max |T| (N/m)", "at angle (°)"), 3, _torque),
    "perpendicular_resistance": ("Perpendicular transport", ("result", "R A (fΩ m²)"), 1, _perpendicular),
    "map": ("Maps", ("result", "observable", "lowest", "highest", "films"), 2, _map),
}  # fmt: skip
