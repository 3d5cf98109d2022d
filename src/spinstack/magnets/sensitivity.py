"""Derivatives of critical currents by the parameters of film and magnets.

A critical current K is defined by the mechanics: landscape, damping and the table's coefficients c. Its derivatives by
these come from the conditions that define it; those of c by the film's parameters from one reverse pass of the film,
weighted with dK/dc. Derivation: docs/methods/moving_magnets.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple

import jax
import numpy as np

from spinstack.magnets.branch import Ramp, torque_balance
from spinstack.magnets.model import MagneticModel
from spinstack.magnets.motion import Mechanics, mechanics, path, turnings
from spinstack.magnets.polynomial import basis, nodes
from spinstack.magnets.pulse import Pulse
from spinstack.magnets.response import Question, response
from spinstack.magnets.resting import linear
from spinstack.magnets.settle import frame
from spinstack.observables.fingerprint import known
from spinstack.observables.sensitivity import weighted_gradient
from spinstack.stack import Film
from spinstack.stack.layer import Layer
from spinstack.text import checks

#: part of its value by which a number of a magnet is moved, and a direction or a current, for a difference
_SMALL, _MOVED = 1e-5, 1e-5
#: how often a trajectory is looked at
_LOOKS = 200
#: numbers of a magnet that may be moved
_FREE = (
    "magnetization", "damping", "g_factor", "thickness", "anisotropy_field", "effective_magnetization",
    "demagnetizing_factor", "surface_anisotropy", "volume_anisotropy", "cubic_field", "exchange_bias",
)  # fmt: skip
_AXES = {"anisotropy_field": "easy_axis", "cubic_field": "cubic_axis", "exchange_bias": "bias_direction"}


class Reached(NamedTuple):
    """A critical current [A/m], of which kind, where (magnets, 3), in B (3) with the current along (2); of a pulse of
    that shape, looked at for a duration [s] in steps [s]."""

    model: MagneticModel
    kind: str
    value: float
    m: np.ndarray
    B: np.ndarray
    along: np.ndarray
    pulse: Pulse | None
    duration: float
    step: float | None


def gradient_of(found: Reached, paths: Sequence[str] = ()) -> dict[str, Any]:
    """dK/dp by path of the film and of its magnets, or by those of the `paths`."""
    model, along = found.model, found.along
    on = mechanics(model, along)
    numbers = _numbers(model)
    changes = [_change(on, _moved(model, *key, along=along)) for key in numbers]
    layers = [k for k, one in enumerate(model.moving) if one.thickness is None]
    changes += [_change(on, _thicker(model, k, along)) for k in layers]
    coefficients, none = on.turning.reshape(-1), _nothing(on)
    for j in range(len(coefficients)):
        unit = np.zeros(len(coefficients))
        unit[j] = _SMALL * np.abs(coefficients).max()
        changes.append((none._replace(turning=unit.reshape(on.turning.shape)), unit[j]))
    slopes = _SLOPES[found.kind](found, on, changes) / np.array([size for _, size in changes])
    out: dict[str, Any] = {
        f"{model.names[k]}.{field}": float(slope) for (k, field), slope in zip(numbers, slopes, strict=False)
    }
    if not paths or not {*paths} <= {*out}:
        by_coefficient = slopes[len(numbers) + len(layers) :].reshape(on.turning.shape)
        of_film = _of_film(model, by_coefficient, along)
        for k, slope in zip(layers, slopes[len(numbers) :], strict=False):
            of_film[_layer_path(model, k)] += slope
        out = {**of_film, **out}
    for asked in paths:
        checks.choice(asked, "paths", tuple(out))
    return {name: float(v) if np.ndim(v) == 0 else v for name, v in out.items() if not paths or name in paths}


Change = tuple[Mechanics, float]


def _change(on: Mechanics, pair: tuple[Mechanics, Mechanics, float]) -> Change:
    """Derivative of the mechanics by one number, as half of the difference, and the step that it belongs to."""
    plus, minus, step = pair
    return jax.tree.map(lambda a, b: (np.asarray(a) - np.asarray(b)) / 2, plus, minus), step


def _nothing(on: Mechanics) -> Mechanics:
    """No change."""
    found: Mechanics = jax.tree.map(lambda one: np.zeros(np.shape(one)), on)
    return found


def _numbers(model: MagneticModel) -> list[tuple[int, str]]:
    """Magnet and field of every number of the magnets that a critical current may depend on."""
    out = []
    for k, one in enumerate(model.moving):
        for field in _FREE:
            axis = _AXES.get(field)
            if getattr(one, field) is not None and (axis is None or getattr(one, axis) is not None):
                out.append((k, field))
    return out


def _moved(model: MagneticModel, k: int, field: str, along: np.ndarray) -> tuple[Mechanics, Mechanics, float]:
    """The mechanics with one number of a magnet a little larger and smaller."""
    value = getattr(model.moving[k], field)
    step = _SMALL * (abs(value) or 1e-3)
    plus, minus = (mechanics(_with(model, k, field, value + sign * step), along) for sign in (1, -1))
    return plus, minus, step


def _with(model: MagneticModel, k: int, field: str, value: float) -> MagneticModel:
    """The model with one number of a magnet replaced; the film is not asked again."""
    made = _bare(model)
    magnet = copy(model.moving[k])
    object.__setattr__(magnet, field, value)  # a sign that no magnet may have is none that a derivative minds
    made.magnets = (*model.moving[:k], magnet, *model.moving[k + 1 :])
    if field == "thickness":
        made.thicknesses = np.where(np.arange(len(model.moving)) == k, value, model.thicknesses)
    turning = model.table.turning
    if field in ("magnetization", "thickness"):
        # the torque of a moment goes with 1/(M_s t), the field of the currents does not
        m = nodes(turning.magnets, turning.degree)
        field_turns = np.cross(model.table.oersted(m), m[..., None], axis=2)
        values = turning(m) - field_turns
        values[:, k] *= model.moments[k] / made.moments[k]
        moved = turning._replace(coefficients=_refit(m, turning.degree) @ (values + field_turns).reshape(len(m), -1))
        turning = moved._replace(coefficients=moved.coefficients.reshape(model.table.turning.coefficients.shape))
    made.__dict__["table"] = model.table._replace(turning=turning)
    return made


def _bare(model: MagneticModel) -> MagneticModel:
    """A copy that has not computed anything yet."""
    made = copy(model)
    for name in ("moments", "gyromagnetic_ratios", "dampings", "landscape", "effective_magnetizations", "table"):
        made.__dict__.pop(name, None)
    return made


def _thicker(model: MagneticModel, k: int, along: np.ndarray) -> tuple[Mechanics, Mechanics, float]:
    """The mechanics where a layer is thicker as far as what holds its magnet is concerned; the film says the rest."""
    step = _SMALL * model.thicknesses[k]
    ends = []
    for sign in (1, -1):
        made = _bare(model)
        made.thicknesses = model.thicknesses + sign * step * (np.arange(len(model.moving)) == k)
        made.__dict__["table"] = model.table
        ends.append(mechanics(made, along))
    return ends[0], ends[1], step


def _refit(m: np.ndarray, degree: int) -> np.ndarray:
    """Coefficients of values at m: (terms, points)."""
    return np.linalg.pinv(basis(m, degree))


def _layer_path(model: MagneticModel, k: int) -> str:
    position = model.question.positions[k]
    assert isinstance(model.film.elements[position], Layer)
    return f"{model.film.owners()[position]}.thickness"


def _of_film(model: MagneticModel, by_coefficient: np.ndarray, along: np.ndarray) -> dict[str, np.ndarray]:
    """Through the table: one reverse pass of the film at the nodes that its coefficients come from."""
    turning = model.table.turning
    m = nodes(turning.magnets, turning.degree)
    weights = np.einsum("tp,tic,k->pick", _refit(m, turning.degree), by_coefficient, along)
    asked = model.question

    def weighed(film: Film, m: Any, weights: Any) -> Any:
        return (response(film, m, asked)[0] * weights).sum()

    key = ("turning of magnets", _key(asked))
    return weighted_gradient(model.film, weighed, key, {"m": m, "weights": weights})


def _key(asked: Question) -> Any:
    found = known(tuple(asked))
    return object() if found is None else found


def _lanes(on: Mechanics, changes: list[Change], size: complex) -> Mechanics:
    """The mechanics moved along each change, side by side."""
    moved = [jax.tree.map(lambda a, b: np.asarray(a) + size * b, on, one) for one, _ in changes]
    return jax.tree.map(lambda *parts: np.stack(parts, -1), *moved)


def _balance(found: Reached, on: Mechanics, changes: list[Change]) -> tuple[np.ndarray, np.ndarray, np.ndarray, Ramp]:
    """Derivatives of L across m: by m, by the current, by each change (numbers, changes)."""
    degree, n = found.model.table.turning.degree, len(found.m)
    ramp = Ramp(found.B, 0.0, np.zeros(3), 1.0, abs(found.value) or 1.0)
    _, J, by_s, across = torque_balance(on, degree, found.m, ramp, found.value)
    m = np.repeat(found.m[:, :, None], len(changes), 2)
    L = [
        np.einsum("icp,iac->iap", np.array(turnings(_lanes(on, changes, h), degree, m, found.B, found.value)), across)
        for h in (1.0, -1.0)
    ]
    return J, by_s / ramp.scale, (L[0] - L[1]).reshape(2 * n, -1) / 2, ramp


def _fold(found: Reached, on: Mechanics, changes: list[Change]) -> np.ndarray:
    """dK of each change: the balance of torques along the direction that nothing holds (the envelope)."""
    J, by_K, by_change, _ = _balance(found, on, changes)
    free = np.linalg.svd(J)[0][:, -1]
    return -(free @ by_change) / (free @ by_K)


def _instability(found: Reached, on: Mechanics, changes: list[Change]) -> np.ndarray:
    """dK of each change: the place moves, and with it the rate that is zero there."""
    model, n = found.model, len(found.m)
    degree = model.table.turning.degree
    J, by_K, by_change, ramp = _balance(found, on, changes)

    def growth(mech: Mechanics, m: np.ndarray, K: Any) -> np.ndarray:
        slopes = linear(mech, degree, m, np.broadcast_to(found.B, (len(m), 3)), K)[1]
        return np.linalg.eigvals(slopes).real.max(-1)

    across = frame(found.m)
    step = _MOVED
    ends = []
    for sign in (1, -1):
        moved = np.repeat(found.m[None], 2 * n, 0)
        for j in range(2 * n):
            moved[j, j // 2] += sign * step * across[j // 2, j % 2]
        moved /= np.linalg.norm(moved, axis=-1, keepdims=True)
        ends.append(growth(on, moved, found.value))
    by_m = (ends[0] - ends[1]) / (2 * step)
    there, count = found.m[None], len(changes)
    up, down = (growth(on, there, found.value + sign * step * ramp.scale)[0] for sign in (1, -1))
    rate_by_K = (up - down) / (2 * step * ramp.scale)
    many = np.repeat(there, count, 0)
    sides = [growth(_lanes(on, changes, sign), many, found.value) for sign in (1.0, -1.0)]
    rate_by_change = (sides[0] - sides[1]) / 2
    moves = np.linalg.solve(J, np.column_stack([by_K, by_change]))
    return -(rate_by_change - by_m @ moves[:, 1:]) / (rate_by_K - by_m @ moves[:, 0])


def _switching(found: Reached, on: Mechanics, changes: list[Change]) -> np.ndarray:
    """dK of each change: what moves the trajectory, that goes to the pass between the valleys, as much as K does."""
    assert found.pulse is not None
    assert found.step is not None
    model, count = found.model, len(changes)
    lanes = _lanes(on, [*changes, (_nothing(on), 1.0)], 1e-30j)
    K = np.full(count + 1, found.value, complex)
    K[-1] += 1e-30j * abs(found.value)
    start = np.repeat(found.m[:, :, None].astype(complex), count + 1, 2)
    start[:, :, :-1] += 1e-30j * _starts(found, on, changes)
    steps = int(np.ceil(found.duration / found.step))
    m = path(
        "runge_kutta", model.table.turning.degree, Pulse.shape, lanes, start,
        np.repeat(found.B[:, None], count + 1, 1), K, found.pulse.timing, dt=found.step,
        every=max(steps // _LOOKS, 1), records=min(_LOOKS, steps),
    ).imag  # fmt: skip
    size = np.sqrt((m[..., -1] ** 2).sum((1, 2)))
    there = m[int(np.argmax(size))].reshape(-1, count + 1)
    ahead = there[:, -1] / np.linalg.norm(there[:, -1])
    return -(ahead @ there[:, :-1]) / (ahead @ there[:, -1]) * abs(found.value)


def _starts(found: Reached, on: Mechanics, changes: list[Change]) -> np.ndarray:
    """How the place before the pulse moves with each change (magnets, 3, changes)."""
    J, _, by_change, _ = _balance(found._replace(value=0.0), on, changes)
    moved = -np.linalg.solve(J, by_change).reshape(len(found.m), 2, -1)
    return np.einsum("iap,iac->icp", moved, frame(found.m))


_SLOPES = {"fold": _fold, "instability": _instability, "switching": _switching}
