"""Where magnets end after a pulse: maps over currents, fields and times, and how probable it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.magnets.in_time import LANES
from spinstack.magnets.model import MagneticModel, require_model
from spinstack.magnets.motion import mechanics, path
from spinstack.magnets.pulse import Pulse, direction_of
from spinstack.magnets.resting import start_of
from spinstack.magnets.settle import settled
from spinstack.magnets.steps import check_kept, checked_count, checked_step, thermal_field
from spinstack.numerics.keeping import block
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.stack.directions import vector
from spinstack.text import arrays, checks

if TYPE_CHECKING:
    import xarray

#: what a map goes over: numbers of the pulse, and components of the field
_FIELD = {"Bx": 0, "By": 1, "Bz": 2}
_PULSE = tuple(f.name for f in fields_of(Pulse))
_UNITS = {name: spec.unit for name, spec in Pulse.specifications().items()} | dict.fromkeys(_FIELD, "T")


def switching_map(
    model: MagneticModel,
    over: Mapping[str, Any],
    pulse: Pulse,
    m: Any = None,
    *,
    along: Any = "x",
    B: Any = (0.0, 0.0, 0.0),
    T: float | None = None,
    runs: int = 1,
    seed: int = 0,
    relax: float = 2e-9,
    step: float | None = None,
) -> xarray.Dataset:
    """Where the magnets of a film end after a pulse, for every combination of what the map goes over.

    Args:
        model: the film and its magnets.
        over: axes of the map by name: numbers of the pulse ("current", "plateau", "rise", "fall", "delay"), components
            of the field ("Bx", "By", "Bz").
        pulse: what is not on an axis is as here.
        m: where the magnets are before, one direction for all or by name; they settle from there in the field of each
            point. Default: the place of lowest energy at the first point.
        along: direction of the current in the plane.
        B: field (3) [T]; components on an axis replace its own.
        T: temperature [K] of the thermal field; default: none.
        runs: how often each is repeated, with other random numbers; only with T.
        seed: of the random numbers.
        relax: time [s] after the pulse.
        step: time step [s]; default: the fastest turn and a kick of heat are 0.05 rad a step.

    Returns:
        Dataset over the axes, run (where there are several) and magnet: m (component) at the end, start (component),
        switched, the share of runs that end on the other side (m . start < 0).

    Raises:
        ParameterError: an axis that is none, a step in which a magnet turns too far, no volume at a temperature.

    A macrospin is not a film of micrometres: that switches by nucleation and domain walls, at smaller currents.
    """
    import xarray

    require_model(model, B=B)
    axes = _axes(over)
    if not isinstance(pulse, Pulse):
        raise ParameterError(field="pulse", got=pulse, allowed="a Pulse, which ends")
    pulse.check_single(but=axes)
    runs = checks.whole(runs, "runs", low=1)
    shape = tuple(len(v) for v in axes.values())
    check_kept(*shape, runs, len(model.names), field="over", got=list(axes))
    grid = dict(zip(axes, (g.reshape(-1) for g in np.meshgrid(*axes.values(), indexing="ij")), strict=True))
    count = int(np.prod(shape))
    field = vector(B, "B", "three components in tesla")
    if field.ndim != 1:
        remedy = 'Put components of the field on axes, such as over={"Bx": ...}.'
        raise ParameterError(f"of shape {field.shape}", field="B", got=B, allowed="three components", remedy=remedy)
    field = np.tile(field[:, None], count)
    for name, k in _FIELD.items():
        field[k] = grid.get(name, field[k])
    each = pulse.replace(**{name: grid[name] for name in _PULSE if name in grid})
    K = np.broadcast_to(each.current, count).astype(float)
    relax = checks.number(relax, "relax", low=0)
    seed = checks.whole(seed, "seed", low=0, high=2**63 - 1)
    if T is None and runs > 1:
        raise ParameterError("without a temperature, which makes all alike", field="runs", got=runs, remedy="Give T.")
    T = None if T is None else checks.number(T, "T", low=0)
    dt = checked_step(model, step, field, K, T)
    total = float(np.max(each.quiet)) + relax
    steps = checked_count(total, dt, count * runs, "pulse")
    noise = None if T is None else thermal_field(model, T, dt)
    places, place = np.unique(field.T, axis=0, return_inverse=True)
    begin = np.broadcast_to(start_of(model, m, field[:, 0]), (len(places), len(model.names), 3))
    begin = settled(model.landscape, begin.copy(), places, model.held)[place]
    on, axis = mechanics(model, direction_of(along)), np.repeat(np.arange(count), runs)
    # times that are the same everywhere stay one number: the shape of the pulse is computed once
    timing = [float(t) if np.ndim(t) == 0 else np.broadcast_to(t, count)[axis] for t in each.timing]

    def after(part: slice) -> np.ndarray:
        """Directions (lanes, magnets, 3) after the pulse."""
        found = path(
            "runge_kutta" if noise is None else "heun", model.table.turning.degree, Pulse.shape, on,
            np.moveaxis(begin[axis[part]], 0, -1), field[:, axis[part]], K[axis[part]],
            [t if isinstance(t, float) else t[part] for t in timing],
            dt=dt, every=steps, records=1, noise=noise, seed=seed, block=part.start,
        )  # fmt: skip
        return np.moveaxis(found[0], -1, 0)

    ends = np.empty((len(axis), len(model.names), 3))
    for first in range(0, len(axis), LANES):
        tell(first, len(axis))
        part = slice(first, min(first + LANES, len(axis)))
        ends[part] = block(lambda part=part: {"m": after(part)})["m"]  # type: ignore[misc]
    if not np.isfinite(ends).all():
        raise ParameterError("in which directions are lost", field="step", unit="s", got=dt, remedy="Make it shorter.")
    names, n = tuple(axes), len(model.names)
    ended = ends.reshape(*shape, runs, n, 3)
    started = begin.reshape(*shape, n, 3)
    other = (np.sum(ended * started[..., None, :, :], -1) < 0).mean(-2)
    values = {
        "m": ((*names, "run", "magnet", "component"), ended, {"units": "1", "long_name": "direction at the end"}),
        "start": ((*names, "magnet", "component"), started, {"units": "1", "long_name": "direction before"}),
        "switched": ((*names, "magnet"), other, {"units": "1", "long_name": "share that ends on the other side"}),
    }
    coords = {name: (name, v, {"units": _UNITS[name]}) for name, v in axes.items()}
    made = xarray.Dataset(
        values, {**coords, "magnet": list(model.names), "component": list("xyz")},
        model.attributes("switching_map") | {"step_s": dt, "T_K": np.nan if T is None else T, "pulse": repr(pulse)},
    )  # fmt: skip
    return made if runs > 1 else made.isel(run=0)


def _axes(over: Mapping[str, Any]) -> dict[str, np.ndarray]:
    allowed = (*_PULSE, *_FIELD)
    if not isinstance(over, Mapping) or not over:
        raise ParameterError(field="over", got=over, allowed=f"a mapping from {', '.join(allowed)} to numbers")
    return {
        checks.choice(name, "over", allowed): arrays.numbers(value, f"over[{name!r}]", (None,), unit=_UNITS[name])
        for name, value in over.items()
    }
