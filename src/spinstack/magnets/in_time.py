"""Magnets in time, one or many, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.magnets.heat import heat
from spinstack.magnets.model import MagneticModel, require_model
from spinstack.magnets.motion import mechanics, path
from spinstack.magnets.pulse import direction_of, waveform
from spinstack.magnets.resting import start_of
from spinstack.magnets.steps import check_kept, checked_count, checked_step, thermal_field
from spinstack.numerics.keeping import block
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.stack.batches import together
from spinstack.stack.directions import vector
from spinstack.text import checks

if TYPE_CHECKING:
    import xarray

#: lanes that are computed together: they fit into the cache
LANES = 2048
#: directions whose resistance is computed at once
_POINTS = 65_536


def trace(
    model: MagneticModel,
    m: Any = None,
    *,
    duration: float,
    current: Any = 0.0,
    along: Any = "x",
    B: Any = (0.0, 0.0, 0.0),
    T: float | None = None,
    runs: int = 1,
    seed: int = 0,
    step: float | None = None,
    samples: int = 1000,
) -> xarray.Dataset:
    """The magnets of a film in time.

    Args:
        model: the film and its magnets.
        m: where they begin, directions (..., 3) for all or by name; default: the place of lowest energy in the (first)
            field.
        duration: time [s].
        current: total sheet current density [A/m], numbers (...), or a :class:`Pulse` or :class:`Alternating`.
        along: direction of the current in the plane: "x", "y" or two components.
        B: field (..., 3) [T].
        T: temperature [K] of the thermal field; default: none.
        runs: how often each is repeated, with other random numbers; only with T.
        seed: of the random numbers.
        step: time step [s]; default: the fastest turn, of magnets and of an alternating current, and a kick of heat are
            0.05 rad a step.
        samples: how many times are kept, evenly spaced.

    Returns:
        Dataset over time [s], the batch of current, B and m (batch_0, ...), run, and magnet: m (component), current
        [A/m], R_along and R_across [Ohm], the sheet resistance along the current and across it (z x current), and heat
        (element) [W/m^2], the Joule heat of each element.

    Raises:
        ParameterError: a step in which a magnet turns too far, no volume at a temperature, what the model refuses.

    A macrospin is not a film of micrometres: that switches by nucleation and domain walls, at smaller currents.
    """
    import xarray

    require_model(model, B=B, current=getattr(current, "current", current))
    wave, axis = waveform(current), direction_of(along)
    if any(np.ndim(t) for t in wave.timing):
        remedy = "Give the amplitude alone as numbers, or ask switching_map."
        raise ParameterError("whose times are several", field="current", got=current, remedy=remedy)
    field = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
    total = checks.number(duration, "duration", low=0, open_low=True)
    count, runs = checks.whole(samples, "samples", low=2), checks.whole(runs, "runs", low=1)
    seed = checks.whole(seed, "seed", low=0, high=2**63 - 1)
    if T is None and runs > 1:
        raise ParameterError("without a temperature, which makes all alike", field="runs", got=runs, remedy="Give T.")
    starts = None if m is None else model.given(m, several=True)
    batches = {"current": np.shape(wave.current), "B": field.shape[:-1]}
    batch = together(batches if starts is None else batches | {"m": starts.shape[:-2]})
    K = np.broadcast_to(wave.current, batch).astype(float).reshape(-1)
    fields = np.broadcast_to(field, (*batch, 3)).reshape(-1, 3).T
    if starts is None:
        begin = start_of(model, None, fields[:, 0])[:, :, None]
    else:
        begin = np.moveaxis(np.broadcast_to(starts, (*batch, *starts.shape[-2:])).reshape(len(K), -1, 3), 0, -1)
        begin = np.repeat(begin, runs, 2)
    T = None if T is None else checks.number(T, "T", low=0)
    lanes = len(K) * runs
    check_kept(count, lanes, len(model.names), field="samples", got=samples)
    dt = checked_step(model, step, fields, K, T, wave.rate)
    checked_count(total, dt, lanes, "duration")
    every = max(1, int(np.ceil(total / (count - 1) / dt)))
    dt = total / (count - 1) / every
    noise = None if T is None else thermal_field(model, T, dt)
    K, fields = np.repeat(K, runs), np.repeat(fields, runs, axis=1)
    out = np.empty((count, len(model.names), 3, lanes))
    out[0] = begin

    def moved(part: slice) -> np.ndarray:
        """Directions (times, magnets, 3, lanes) after the first."""

        def said(done: int, steps: int) -> None:
            tell(steps * part.start + done * (part.stop - part.start), steps * lanes)

        return path(
            "runge_kutta" if noise is None else "heun", model.table.turning.degree, type(wave).shape,
            mechanics(model, axis), out[0][:, :, part], fields[:, part], K[part], wave.timing,
            dt=dt, every=every, records=count - 1, noise=noise, seed=seed, block=part.start, said=said,
        )  # fmt: skip

    for first in range(0, lanes, LANES):
        tell(first, lanes)
        part = slice(first, min(first + LANES, lanes))
        out[1:, :, :, part] = block(lambda part=part: {"m": moved(part)})["m"]  # type: ignore[misc]
    if not np.isfinite(out).all():
        raise ParameterError("in which directions are lost", field="step", unit="s", got=dt, remedy="Make it shorter.")
    time = np.arange(count) * dt * every
    dims = tuple(f"batch_{i}" for i in range(len(batch)))
    shape = (count, *batch, runs)
    directions = np.moveaxis(out.reshape(count, len(model.names), 3, *batch, runs), (1, 2), (-2, -1))
    flat = directions.reshape(-1, len(model.names), 3)
    shapes = np.array([type(wave).shape(t, wave.timing) for t in time]).reshape(-1, *(1,) * len(batch))
    flows = shapes * np.broadcast_to(wave.current, batch)
    along_all = np.broadcast_to(flows[..., None], shape).reshape(-1)
    parts = []
    for first in range(0, len(flat), _POINTS):
        tell(first, len(flat), "resistances")
        some = slice(first, first + _POINTS)
        parts.append((*model.resistances(flat[some], axis), heat(model, flat[some], along_all[some], axis)))
    R_along, R_across, joule = (
        np.concatenate(part).reshape(*shape, *part[0].shape[1:]) for part in zip(*parts, strict=True)
    )
    variables = {
        "m": (("time", *dims, "run", "magnet", "component"), directions, {"units": "1", "long_name": "direction"}),
        "current": (("time", *dims), flows, {"units": "A/m", "long_name": "total sheet current density"}),
        "R_along": (("time", *dims, "run"), R_along, {"units": "Ohm", "long_name": "sheet resistance"}),
        "R_across": (("time", *dims, "run"), R_across, {"units": "Ohm", "long_name": "transverse resistance"}),
        "heat": (("time", *dims, "run", "element"), joule, {"units": "W/m^2", "long_name": "Joule heat per area"}),
    }
    made = xarray.Dataset(
        variables,
        {
            "time": ("time", time, {"units": "s"}),
            "magnet": list(model.names),
            "component": list("xyz"),
            "element": list(model.film.owners()),
        },
        attrs=model.attributes("trace") | {"step_s": dt, "T_K": np.nan if T is None else T, "seed": seed},
    )
    return made if runs > 1 else made.isel(run=0)
