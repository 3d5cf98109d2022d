"""How long a step of time may be, and how hot it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spinstack.magnets.model import MagneticModel
from spinstack.magnets.polynomial import nodes
from spinstack.numerics.constants import BOLTZMANN
from spinstack.stack import ParameterError
from spinstack.text import checks

#: angle [rad] that a magnet turns by in one step of the default, and in the longest that is taken
FINE, COARSE = 0.05, 0.3
#: steps that are taken, of all magnets together and one after the other, and directions that are kept
MOST_STEPS, MOST_IN_A_ROW, MOST_KEPT = 10**12, 10**9, 30_000_000


def fastest(model: MagneticModel, B: np.ndarray, K: np.ndarray) -> float:
    """A bound of the rates [rad/s] at which magnets turn in fields B (3, ...) under currents K."""
    land = model.landscape
    held = np.linalg.norm(land.quadratic, 2, axis=(1, 2)) + np.linalg.norm(land.bias, axis=1)
    held += 2 * np.abs(land.cubic) if land.cubic is not None else 0.0
    if land.bilinear is not None:
        held += (np.abs(land.bilinear) + 2 * np.abs(land.biquadratic)).sum(1) / land.moment
    turning = model.table.turning(nodes(len(model.names), max(model.table.turning.degree, 1)))
    drive = np.sqrt((turning**2).sum(2)).max((0, 2)) * np.abs(K).max(initial=0.0)
    field = np.sqrt((B**2).sum(0)).max(initial=0.0)
    return float((model.gyromagnetic_ratios * (held + field + drive)).max())


def checked_step(
    model: MagneticModel, step: Any, B: np.ndarray, K: np.ndarray, T: float | None = None, turns: float = 0.0
) -> float:
    """The step [s]; ParameterError where it is too long for the fastest turn, or for the kicks of heat at T [K].

    turns: rate [rad/s] of the current's own phase.
    """
    rate = max(fastest(model, B, K), turns)
    # angle^2 per time: a kick has the deviation of its square root
    kicks = 0.0 if T is None else float(((model.gyromagnetic_ratios * thermal_field(model, T, 1.0)) ** 2).max())

    def longest(angle: float) -> float:
        return min(angle / rate if rate > 0 else np.inf, angle**2 / kicks if kicks > 0 else np.inf)

    if step is None:
        found = longest(FINE)
        return found if np.isfinite(found) else 1e-12
    dt = checks.number(step, "step", low=0, open_low=True)
    if dt > longest(COARSE):
        angle = dt * rate if dt * rate > COARSE else np.sqrt(dt * kicks)
        what = "a magnet or the current may turn" if dt * rate > COARSE else "heat kicks a magnet"
        why = f"in which {what} by {angle:.2g} rad"
        raise ParameterError(why, field="step", unit="s", got=dt, allowed=f"up to {longest(COARSE):.2g} s")
    return dt


def checked_count(total: float, dt: float, lanes: int, field: str) -> int:
    """How many steps dt [s] a time is; ParameterError where they would take days.

    field: the argument that says how long it is.
    """
    steps = np.ceil(total / dt)
    if steps * lanes > MOST_STEPS or steps > MOST_IN_A_ROW:
        most = min(MOST_IN_A_ROW, MOST_STEPS / lanes)
        why = f"which is {steps:.2g} steps of {dt:.2g} s{f' for each of {lanes}' if lanes > 1 else ''}"
        remedy = "Take less time, fewer of them, or look at the current and the field: the fastest turn sets the step."
        raise ParameterError(why, field=field, unit="s", got=total, allowed=f"up to {most:.2g} steps", remedy=remedy)
    return int(steps)


def check_kept(*sizes: int, field: str, got: Any) -> None:
    """ParameterError where more directions would be kept than memory has room for."""
    count = math.prod(sizes)
    if count > MOST_KEPT:
        raise ParameterError(f"which makes {count:,} directions", field=field, got=got, allowed=f"up to {MOST_KEPT:,}")


def thermal_field(model: MagneticModel, T: float, dt: float) -> np.ndarray:
    """Deviation (magnets,) [T] of each component of the field that heat makes in one step.

    ``<B_i B_j> = 2 a k T/(g M_s V) delta`` (Brown, Phys. Rev. 130 (1963) 1677).
    """
    moments = np.array([one.magnetization for one in model.moving]) * volumes(model, T)
    return np.sqrt(2 * model.dampings * BOLTZMANN * T / (model.gyromagnetic_ratios * moments * dt))


def volumes(model: MagneticModel, T: float) -> np.ndarray:
    """The volume (magnets,) [m^3] that fluctuates as one of each; ParameterError where one is not known."""
    for one in model.moving:
        if one.volume is None:
            remedy = "Give the volume that fluctuates as one."
            raise one.refused("volume", f"at a temperature of {T:g} K", remedy=remedy)
    return np.array([one.volume for one in model.moving], float)
