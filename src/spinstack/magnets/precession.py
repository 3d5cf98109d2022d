"""Small precessions about a place at rest, and the orbits that they grow to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.magnets.model import MagneticModel, require_model
from spinstack.magnets.motion import mechanics, path
from spinstack.magnets.pulse import Constant, direction_of
from spinstack.magnets.resting import equilibrium, linear, start_of
from spinstack.magnets.settle import KICK, frame, settled
from spinstack.magnets.steps import checked_count, checked_step, fastest
from spinstack.numerics.progress import tell
from spinstack.stack import ParameterError
from spinstack.stack.directions import vector
from spinstack.text import arrays, checks

if TYPE_CHECKING:
    import xarray

#: rates below this part of the largest are none
_NONE = 1e-9
#: how much an orbit may move between two halves of the time that it is looked at, and the least that is one [rad]
_STEADY, _LEAST = 1e-3, 1e-4


def modes(
    model: MagneticModel, *, B: Any = (0.0, 0.0, 0.0), current: Any = 0.0, along: Any = "x", m: Any = None
) -> xarray.Dataset:
    """Frequencies, linewidths and stability of small precessions about where the magnets are at rest.

    Linearised about the place at rest (with its current), one mode a magnet; torques of the current and damping
    included, so that a linewidth that comes to zero is the onset of auto-oscillation.

    Args:
        model, B, current, along, m: as in :func:`equilibrium`; a path of fields and currents keeps its hysteresis.

    Returns:
        Dataset over (point,) mode, from the lowest frequency: frequency [Hz], linewidth [Hz] (full width at half
        maximum of the power: rate of decay/pi; negative: it grows, 0: nothing holds it), stable, amplitude and phase
        [rad] (magnet, component; all amplitudes together of length 1), and m as in :func:`equilibrium`. A mode that
        does not turn (overdamped, or a soft direction) has the frequency 0 and the smaller of its two linewidths.

    Raises:
        ParameterError: what :func:`equilibrium` refuses, no damping, a point at which the magnets do not come to rest.
    """
    import xarray

    found = equilibrium(model, B=B, current=current, along=along, m=m)
    if not found["rests"].all():
        lost = int(np.argmin(np.atleast_1d(found["rests"].values)))
        why = f"under which the magnets do not come to rest (point {lost}): they go round, or it is an instability"
        raise ParameterError(why, field="current", unit="A/m", got=current, remedy="See oscillation.")
    on, n = mechanics(model, direction_of(along)), len(model.names)
    several = found["B"].ndim > 1
    directions = found["m"].values.reshape(-1, n, 3)
    fields, currents = found["B"].values.reshape(-1, 3), found["current"].values.reshape(-1)
    J = np.stack([
        linear(on, model.table.turning.degree, one[None], B[None], K)[1][0]
        for one, B, K in zip(directions, fields, currents, strict=True)
    ])  # fmt: skip
    rates, vectors = np.linalg.eig(J)
    # what nothing drives back or on has rounding for a rate
    rates = np.where(np.abs(rates) > _NONE * np.abs(rates).max(axis=1, keepdims=True), rates, 0.0)
    points = len(J)
    frequency, width = np.zeros((points, n)), np.zeros((points, n))
    shapes = np.zeros((points, n, n, 3), complex)
    for p, across in enumerate(frame(directions)):
        order = _one_a_magnet(rates[p], n)
        frequency[p], width[p] = np.abs(rates[p, order].imag) / (2 * np.pi), -rates[p, order].real / np.pi
        shapes[p] = np.einsum("jia,iac->jic", vectors[p].T[order].reshape(n, n, 2), across)
    shapes /= np.linalg.norm(shapes, axis=(2, 3), keepdims=True)
    dims = ("point",) if several else ()
    each = (*dims, "mode", "magnet", "component")
    cut = (slice(None),) if several else (0,)
    values = {
        "frequency": ((*dims, "mode"), frequency[cut], {"units": "Hz", "long_name": "frequency"}),
        "linewidth": ((*dims, "mode"), width[cut], {"units": "Hz", "long_name": "full width at half maximum"}),
        "stable": ((*dims, "mode"), width[cut] >= 0),
        "amplitude": (each, np.abs(shapes[cut]), {"units": "1", "long_name": "relative amplitude"}),
        "phase": (each, np.angle(shapes[cut]), {"units": "rad", "long_name": "phase"}),
    }
    made = xarray.Dataset(values, {"mode": np.arange(n)}, model.attributes("modes"))
    return found[["m", "B", "current"]].merge(made, combine_attrs="override")


def _one_a_magnet(rates: np.ndarray, n: int) -> np.ndarray:
    """Indices of n of the 2n rates: of each pair the one that turns forward, of real ones the slower; lowest first."""
    scale = np.abs(rates).max() or 1.0
    turning = [j for j in range(2 * n) if rates[j].imag > _NONE * scale]
    still = sorted((j for j in range(2 * n) if abs(rates[j].imag) <= _NONE * scale), key=lambda j: -rates[j].real)
    chosen = [*turning, *still[: n - len(turning)]]
    return np.array(sorted(chosen, key=lambda j: abs(rates[j].imag)), int)


def oscillation(
    model: MagneticModel,
    current: Any,
    *,
    along: Any = "x",
    B: Any = (0.0, 0.0, 0.0),
    m: Any = None,
    settling: float = 50e-9,
    duration: float = 20e-9,
    step: float | None = None,
) -> xarray.Dataset:
    """Where the magnets go under a constant current: to rest, or round on an orbit (auto-oscillation).

    Args:
        model: the film and its magnets.
        current: total sheet current densities [A/m], a number or (n,).
        along: direction of the current in the plane: "x", "y" or two components.
        B: field (3) [T].
        m: where the magnets are before; they settle from there without current and begin a thousandth of a radian off.
        settling: time before they are looked at [s].
        duration: time during which they are [s].
        step: time step [s]; default: the fastest turn is 0.05 rad a step.

    Returns:
        Dataset over current and magnet: oscillates, frequency [Hz] of the orbit (0 at rest), mean_m and amplitude
        (component; half of peak to peak), settled (False: the orbit still changed, or was not periodic), and power, the
        mean square of the change of the sheet resistance along the current on the orbit [Ohm^2].
    """
    import xarray

    require_model(model, B=B, current=current)
    field = vector(B, "B", "three components in tesla")
    if field.ndim != 1:
        raise ParameterError(f"of shape {field.shape}", field="B", got=B, allowed="three components")
    K = np.atleast_1d(arrays.numbers(current, "current", (), (None,), unit="A/m"))
    before = checks.number(settling, "settling", low=0, open_low=True)
    during = checks.number(duration, "duration", low=0, open_low=True)
    axis, n = direction_of(along), len(model.names)
    fields = np.repeat(field[:, None], len(K), 1)
    dt = checked_step(model, step, fields, K)
    checked_count(during, dt, len(K), "duration")
    waits = checked_count(before, dt, len(K), "settling")
    begin = settled(model.landscape, start_of(model, m, field)[None], field[None], model.held)[0]
    begin = begin + KICK * frame(begin)[:, 0]
    begin /= np.linalg.norm(begin, axis=-1, keepdims=True)
    on, degree = mechanics(model, axis), model.table.turning.degree
    start = np.repeat(begin[:, :, None], len(K), 2)
    arguments: dict[str, Any] = {"dt": dt}
    every = max(1, round(np.pi / 16 / (dt * fastest(model, fields, K))))
    count = max(64, int(during / dt / every))
    steps = waits + count * every
    reached = path("runge_kutta", degree, Constant.shape, on, start, fields, K, [], **arguments,
                   every=waits, records=1, said=lambda done, _: tell(done, steps))[-1]  # fmt: skip
    tell(waits, steps)
    m_t = path(
        "runge_kutta", degree, Constant.shape, on, reached, fields, K, [], **arguments, every=every, records=count,
        said=lambda done, _: tell(waits + done, steps),
    )  # fmt: skip
    m_t = np.moveaxis(m_t, -1, 1)  # (times, currents, magnets, 3)
    spread = (m_t.max(0) - m_t.min(0)) / 2
    halves = [(part.max(0) - part.min(0)) / 2 for part in (m_t[: count // 2], m_t[count // 2 :])]
    turns = spread.max((-1, -2)) > _LEAST
    steady = np.abs(halves[0] - halves[1]).max((-1, -2)) < _STEADY + 0.02 * spread.max((-1, -2))
    frequency = np.array([
        [_turns(m_t[:, k, i], dt * every) if turns[k] else 0.0 for i in range(n)] for k in range(len(K))
    ])  # fmt: skip
    R = model.table.resistance(m_t.reshape(-1, n, 3)) @ axis @ axis
    power = R.reshape(count, len(K)).var(0)
    values = {
        "oscillates": ("current", turns),
        "settled": ("current", steady),
        "frequency": (("current", "magnet"), frequency, {"units": "Hz", "long_name": "frequency of the orbit"}),
        "mean_m": (("current", "magnet", "component"), m_t.mean(0), {"units": "1", "long_name": "mean direction"}),
        "amplitude": (("current", "magnet", "component"), spread, {"units": "1", "long_name": "half of peak to peak"}),
        "power": ("current", power, {"units": "Ohm^2", "long_name": "mean square change of the resistance"}),
    }
    coords = {
        "current": ("current", K, {"units": "A/m", "long_name": "total sheet current density"}),
        "magnet": list(model.names), "component": list("xyz"),
    }  # fmt: skip
    made = xarray.Dataset(values, coords, model.attributes("oscillation") | {"step_s": dt})
    return made if np.ndim(current) else made.isel(current=0)


def _turns(m: np.ndarray, step: float) -> float:
    """How often a second m (times, 3) goes round: how often it crosses its middle upwards, along its widest axis."""
    away = m - m.mean(0)
    x = away @ np.linalg.svd(away, full_matrices=False)[2][0]
    up = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))
    if len(up) < 2:
        return 0.0
    times = (up - x[up] / (x[up + 1] - x[up])) * step
    return float((len(up) - 1) / (times[-1] - times[0]))
