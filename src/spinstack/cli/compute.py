"""Computing the requests of a study, one after the other: dataset, figure and table rows of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.cli import compute_magnets
from spinstack.cli.requests import (
    Map,
    Perpendicular,
    Profile,
    Scan,
    Torque,
    change_words,
    directions,
    in_words,
    vector_words,
)
from spinstack.cli.results import Folder
from spinstack.stack import Film

if TYPE_CHECKING:
    import xarray

#: called with (films done, films in all)
Progress = Callable[[int, int], None]
Rows = list[tuple[str, ...]]

#: columns of the printed table of each kind of request; the first ones are text
COLUMNS: dict[type, tuple[str, int, tuple[str, ...]]] = {
    Scan: ("Magnetoresistance", 3, ("result", "plane", "m turns", "R_xx(0°) (Ω)", "MR at 90° (%)", "max |R_xy| (Ω)")),
    **compute_magnets.COLUMNS,
    Profile: ("Profiles", 2, ("result", "layer", "max |mu_s| (V)", "max |Q| (A/m²)")),
    Torque: ("Torque per area", 2, ("result", "magnet", "max |T| (N/m)", "at angle (°)")),
    Perpendicular: ("Perpendicular transport", 1, ("result", "R A (fΩ m²)")),
    Map: ("Maps", 2, ("result", "observable", "lowest", "highest", "films")),
}
_TURNS = {"alpha": "x to y", "beta": "y to z", "gamma": "x to z"}


def scan(film: Film, request: Scan, folder: Folder, _: Progress) -> Rows:
    """Angular scan."""
    import spinstack as ss

    angles = np.array(request.angles)
    result = ss.angular_scan(film, request.planes, angles, field=request.field, T=request.T, solver=request.solver)
    words = [f"field {request.field:g} T along m"] if request.field else []
    result.attrs["conditions"] = ", ".join(words + _kelvin(request.T) + change_words(request))
    folder.finish(request.name, result, "angular_scan")
    rows: Rows = []
    for plane in request.planes:
        one = result.sel(plane=plane)
        reference = float((one["R_xx"] / (1 + one["MR_xx"]))[0])
        right = np.flatnonzero(np.isclose(one["angle"] % 360, 90))
        ratio = f"{100 * float(one['MR_xx'][right[0]]):+.4g}" if right.size else "not scanned"
        hall = float(np.abs(one["R_xy"]).max())
        hall = hall if hall > 1e-12 * reference else 0.0
        rows.append((request.name, plane, _TURNS[plane], f"{reference:.6g}", _flat(ratio), f"{hall:.4g}"))
    return rows


def _flat(ratio: str) -> str:
    """Rounding noise printed as what it is."""
    return ratio if ratio == "not scanned" or abs(float(ratio)) > 1e-11 else "0"


def profile(film: Film, request: Profile, folder: Folder, _: Progress) -> Rows:
    """Accumulations and currents against height."""
    import spinstack as ss

    m = directions(request.m)
    result = ss.profile(film, m=m, B=request.B, E=request.E, points=request.points, T=request.T, solver=request.solver)
    result.attrs["conditions"] = _conditions(request)
    folder.finish(request.name, result, "profile")
    names = dict.fromkeys(str(n) for n in result["layer"].values)
    inside = {n: result.isel(z=np.flatnonzero(result["layer"].values == n)) for n in names}
    return [(request.name, n, f"{_largest(d['mu']):.4g}", f"{_largest(d['Q']):.4g}") for n, d in inside.items()]


def _conditions(request: Profile | Torque) -> str:
    """m, E, B and T of a request in words."""
    words = in_words(request.m) if isinstance(request, Profile) else []
    words.append(f"E = {vector_words(request.E)} V/m")
    words += [f"B = {vector_words(request.B)} T"] if any(request.B) else []
    return ", ".join(words + _kelvin(request.T) + change_words(request))


def _kelvin(T: float | None) -> list[str]:
    return [] if T is None else [f"T = {T:.4g} K"]


def _largest(array: xarray.DataArray) -> float:
    return float(np.abs(array).max())


def torque(film: Film, request: Torque, folder: Folder, _: Progress) -> Rows:
    """Torque on every magnet against angle."""
    import spinstack as ss
    from spinstack.observables.planes import directions as rotated

    m = rotated(request.plane, request.angles)
    words = f"angle {request.plane} of m ({_TURNS[request.plane]})"
    result = ss.torque(film, m=m, B=request.B, E=request.E, T=request.T, solver=request.solver).rename(batch_0="angle")
    angle = ("angle", np.array(request.angles), {"units": "deg", "long_name": words})
    result = result.assign_coords(angle=angle, plane=request.plane)
    result.attrs["conditions"] = _conditions(request)
    folder.finish(request.name, result, "torque")
    rows: Rows = []
    for name, values in result.data_vars.items():
        size = np.linalg.norm(values.values, axis=-1)
        at = int(size.argmax())
        rows.append((request.name, str(name), f"{size[at]:.4g}", f"{request.angles[at]:g}"))
    return rows


def perpendicular(film: Film, request: Perpendicular, folder: Folder, _: Progress) -> Rows:
    """Resistance times area, current along z."""
    import xarray

    import spinstack as ss
    from spinstack.observables.planes import temperature_attribute
    from spinstack.observables.provenance import attributes

    value = float(ss.perpendicular_resistance(film, m=directions(request.m), B=request.B, solver=request.solver))
    labels = {"units": "Ohm m^2", "long_name": "resistance times area, current along z"}
    attrs = attributes(film, request.solver) | temperature_attribute(request.T)
    result = xarray.Dataset({"perpendicular_resistance": ((), value, labels)}, attrs=attrs)
    folder.write(request.name, result)
    return [(request.name, f"{value * 1e15:.5g}")]


def sweep(film: Film, request: Map, folder: Folder, progress: Progress) -> Rows:
    """An observable over one or two parameters; what is finished survives a kill and is not computed again."""
    import spinstack as ss

    observable = request.observable
    over = {path: np.array(values) for path, values in request.over.items()}
    folder.make()
    function = observable.function(request.solver)
    result = ss.sweep(film, over, function, folder.file(request.name), progress, overwrite=True)
    name = observable.kind
    result[name].attrs |= {"units": observable.units, "long_name": observable.long_name}
    result.attrs["conditions"] = result[name].attrs["conditions"] = ", ".join(
        _kelvin(observable.options.get("T")) + change_words(request)
    )
    folder.write(request.name, result)
    if folder.figures:
        from spinstack.figures import regime_map, sweep_curve, sweep_map

        title = folder.attributes["title"]
        if name == "initial_slope" and len(over) == 2:
            folder.draw(request.name, regime_map(result, title=title))
        else:
            draw = sweep_map if len(over) == 2 else sweep_curve
            folder.draw(request.name, draw(result[name], title=title))
    values = result[name].values
    if np.isnan(values).all():  # no film has what was looked for
        return [(request.name, observable.long_name, "none", "none", f"{values.size}")]
    factor, unit = (100.0, "%") if observable.units == "1" else (1.0, observable.units)
    ends = [f"{factor * f(values) + 0.0:.4g} {unit}" for f in (np.nanmin, np.nanmax)]
    return [(request.name, observable.long_name, *ends, f"{values.size}")]


#: how each kind of request is computed
COMPUTE: dict[type, Callable[[Film, Any, Folder, Progress], Rows]] = {
    Scan: scan,
    **compute_magnets.COMPUTE,
    Profile: profile,
    Torque: torque,
    Perpendicular: perpendicular,
    Map: sweep,
}
