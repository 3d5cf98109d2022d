"""Measured minus computed: of every file that lies over a panel, at the measured points, in the unit of the panel.

The computed curve is interpolated linearly between its own points; by how much a straight line between two of them can
be off is said beside it. Where several curves could be meant, or the curve comes back over itself, nothing is chosen:
the reason stands in the place of the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.app.measured import PANELS, Overlay

if TYPE_CHECKING:
    import xarray as xr

#: the condition that runs along, by observable
_ALONG = {observable: axis for axis, observable in PANELS.items()}


class Residual(NamedTuple):
    """What is left of one file in one variable of a panel.

    Attributes:
        overlay, variable: of what.
        values: measured minus computed at every measured point, NaN where the curve does not reach.
        told: rms, its mean, how many points, the error of interpolating; with errors of the file the rms in these.
        why: why there is none.
    """

    overlay: str
    variable: str
    values: np.ndarray
    told: dict[str, float | None]
    why: str = ""


def residuals(found: xr.Dataset, observable: str, overlays: Iterable[Overlay]) -> list[Residual]:
    """Of every overlay that lies over a panel of that observable, in every variable in which it does."""
    axis = _ALONG.get(observable, "")
    if axis not in found.dims:
        return []
    return [one for overlay in overlays if overlay.observable == observable and _plane_is_shown(found, overlay)
            for name in found.data_vars
            for one in _of(found, str(name), axis, overlay)]  # fmt: skip


def message(found: list[Residual], step_of: dict[str, int]) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """Heads and arrays for the page, of every `step_of` (by overlay) point as these are drawn."""
    heads, arrays = [], {}
    for k, one in enumerate(found):
        heads.append({"overlay": one.overlay, "variable": one.variable, "why": one.why, **one.told})
        arrays[f"r:{k}"] = one.values[:: step_of[one.overlay]]
    return heads, arrays


def _plane_is_shown(found: xr.Dataset, overlay: Overlay) -> bool:
    return not overlay.plane or "plane" not in found.coords or overlay.plane in np.ravel(found["plane"].values)


def _of(found: xr.Dataset, name: str, axis: str, overlay: Overlay) -> Iterator[Residual]:
    variable = found[name]
    if axis not in variable.dims or name not in (overlay.variable, overlay.variable.replace("R", "MR", 1)):
        return
    y, error = as_in(overlay, name)
    if overlay.plane and "plane" in variable.dims:
        variable = variable.sel(plane=overlay.plane)
    variable = variable.squeeze(drop=True) if variable.size > 1 else variable
    nothing = np.full(len(y), np.nan)
    others = [str(d) for d in variable.dims if d != axis]
    if others:
        count = int(np.prod([variable.sizes[d] for d in others]))
        words = " and ".join(others)
        why = f"the file does not say its {words}: any of {count} curves may be meant"
        if others == ["plane"]:
            why += "; lay it over again and choose the plane"
        yield Residual(overlay.name, name, nothing, {}, why)
        return
    x = np.asarray(found[axis].values, float)
    steps = np.diff(x)
    if len(x) < 2 or not (np.all(steps > 0) or np.all(steps < 0)):
        why = f"the computed curve has several values at one {axis}"
        yield Residual(overlay.name, name, nothing, {}, why)
        return
    curve = np.asarray(variable.values, float)
    values = y - interpolated(x, curve, overlay.x, axis == "angle")
    good = np.isfinite(values)
    if not good.any():
        yield Residual(overlay.name, name, nothing, {}, f"the computed curve does not reach the measured {axis}s")
        return
    yield Residual(overlay.name, name, values, _told(values[good], curve, None if error is None else error[good],
                                                     len(values)))  # fmt: skip


def as_in(overlay: Overlay, variable: str) -> tuple[np.ndarray, np.ndarray | None]:
    """The readings in a variable of the panel, with errors: for a ratio the change from the first point."""
    if variable == overlay.variable:
        return overlay.y, overlay.error
    zero = overlay.y[0]
    return overlay.y / zero - 1, None if overlay.error is None else overlay.error / abs(zero)


def interpolated(x: np.ndarray, curve: np.ndarray, at: np.ndarray, turns: bool) -> np.ndarray:
    """The curve at other places, NaN beyond its ends; over a whole turn it goes on as it was."""
    if x[0] > x[-1]:
        x, curve = x[::-1], curve[::-1]
    if turns and x[-1] - x[0] >= 360.0 * (1 - 1e-12):
        at = x[0] + np.mod(at - x[0], 360.0)
    return np.interp(at, x, curve, left=np.nan, right=np.nan)


def _told(values: np.ndarray, curve: np.ndarray, error: np.ndarray | None, count: int) -> dict[str, float | None]:
    bent = np.diff(curve, 2)
    bent = bent[np.isfinite(bent)]
    weight = np.ones(len(values)) if error is None else _weights(error)
    told: dict[str, float | None] = {
        "rms": float(np.sqrt(np.average(values**2, weights=weight))), "mean": float(np.average(values, weights=weight)),
        "points": len(values), "outside": count - len(values),
        "between": float(np.max(np.abs(bent), initial=0.0) / 8), "sigmas": None,
    }  # fmt: skip
    if error is not None and (known := error > 0).any():
        told["sigmas"] = float(np.sqrt(np.mean((values[known] / error[known]) ** 2)))
    return told


def _weights(error: np.ndarray) -> np.ndarray:
    """One over the squares of the errors; all alike where the file has none that counts."""
    known = np.isfinite(error) & (error > 0)
    if not known.any():
        return np.ones(len(error))
    return np.where(known, 1 / np.square(np.where(known, error, 1.0)), 0.0)
