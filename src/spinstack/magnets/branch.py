"""A place at rest while current or field grow: followed through turning points, with what is stable on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from spinstack.magnets.motion import Mechanics, turnings
from spinstack.magnets.resting import linear
from spinstack.magnets.settle import frame

#: longest step along a branch [rad, with currents in units of their scale], and how close to rest it is held
LONGEST, CLOSE, NEWTON = 0.05, 1e-12, 12


class Ramp(NamedTuple):
    """What grows with s: field ``B + s field_rise`` (3,) [T] and current ``K + s current_rise`` [A/m].

    scale: of s, at which it is about as strong as what holds the magnets.
    """

    B: np.ndarray
    K: float
    field_rise: np.ndarray
    current_rise: float
    scale: float

    def at(self, s: Any) -> tuple[Any, Any]:
        return self.B + s * self.field_rise, self.K + s * self.current_rise


class Branch(NamedTuple):
    """Points along a branch: directions (points, magnets, 3) and s (points,) of the ramp; `turns`: whether it came to
    a turning point; `rates`: the eigenvalue of the largest real part (points,) [1/s]."""

    m: np.ndarray
    s: np.ndarray
    rates: np.ndarray
    turns: bool


def torque_balance(on: Mechanics, degree: int, m: np.ndarray, ramp: Ramp, s: float) -> tuple[np.ndarray, ...]:
    """L across m (2 magnets,) [T], its derivatives across m and by s/scale, and the frame, at m (magnets, 3).

    Damping does not enter: it is at rest where L is zero.
    """
    B, K = ramp.at(s)
    n = len(m)
    across = frame(m)
    L = np.array(turnings(on, degree, m, B, K), float)
    value = np.einsum("ic,iac->ia", L, across).reshape(2 * n)
    J = np.empty((2 * n, 2 * n + 1))
    for j in range(2 * n + 1):
        moved, here = m.astype(complex), (B, K)
        if j < 2 * n:
            moved[j // 2] += 1e-30j * across[j // 2, j % 2]
        else:
            here = ramp.at(s + 1e-30j * ramp.scale)
        change = np.array(turnings(on, degree, moved, *here)).imag / 1e-30
        J[:, j] = np.einsum("ic,iac->ia", change, across).reshape(2 * n)
    # the frame turns with m: what a table leaves along m comes to lie across it
    J[:, :-1] -= np.diag(np.repeat(np.sum(L * m, -1), 2))
    return value, J[:, :-1], J[:, -1], across


def follow(
    on: Mechanics, degree: int, m: np.ndarray, ramp: Ramp, most: float, until: Callable[[complex], bool] | None = None
) -> Branch:
    """The branch of places at rest from m (magnets, 3), at s = 0, to where s turns back, or is `most`.

    By steps along the branch (Keller 1977): directions and s move together, so that a turning point is a point like
    others. Both signs of s are branches of their own: that of `most`. It ends, too, where `until` says so of the rate.
    """
    n, sign = len(m), float(np.sign(most))
    places, driven, rates = [m], [0.0], [rate_of(on, degree, m, ramp, 0.0)]
    tangent = np.zeros(2 * n + 1)
    tangent[-1] = sign
    ahead, step = np.zeros((n, 3)), LONGEST
    s = 0.0
    turned = False
    for _ in range(10_000):
        _, J, by_s, across = torque_balance(on, degree, m, ramp, s)
        null = null_vector(J, by_s)
        # in space, because the frame of one point is not that of the next
        moved = np.einsum("ia,iac->ic", null[:-1].reshape(n, 2), across)
        forward = np.sum(moved * ahead) + null[-1] * tangent[-1]
        null, moved = (null, moved) if forward >= 0 else (-null, -moved)
        trial, next_s = stepped(m, across, step * null[:-1]), s + step * null[-1] * ramp.scale
        found = corrected(on, degree, trial, ramp, next_s, null[-1], moved)
        if found is None:
            step /= 2
            if step < 1e-9:
                break
            continue
        turned = (found[1] - s) * sign < 0
        m, s = found
        places.append(m)
        driven.append(s)
        rates.append(rate_of(on, degree, m, ramp, s))
        if turned or abs(s) >= abs(most) or (until is not None and until(rates[-1])):
            break
        ahead, tangent = moved, null
        step = min(2 * step, LONGEST)
    return Branch(np.array(places), np.array(driven), np.array(rates), turned)


def null_vector(J: np.ndarray, by_s: np.ndarray) -> np.ndarray:
    """Along the branch: changes across m, and of s in units of its scale; of length 1."""
    return np.asarray(np.linalg.svd(np.concatenate([J, by_s[:, None]], 1))[2][-1])


def stepped(m: np.ndarray, across: np.ndarray, step: np.ndarray) -> np.ndarray:
    moved = m + np.einsum("ia,iac->ic", step.reshape(len(m), 2), across)
    return np.asarray(moved / np.linalg.norm(moved, axis=-1, keepdims=True))


def corrected(
    on: Mechanics, degree: int, m: np.ndarray, ramp: Ramp, s: float, null: float, ahead: np.ndarray
) -> tuple[np.ndarray, float] | None:
    """The place at rest in the plane through (m, s) across the branch; None where Newton's method does not find one."""
    first, begin = m, s
    for _ in range(NEWTON):
        value, J, by_s, across = torque_balance(on, degree, m, ramp, s)
        moved = m - first
        plane = np.sum(moved * ahead) + null * (s - begin) / ramp.scale
        along = np.einsum("iac,ic->ia", across, ahead).reshape(-1)
        whole = np.vstack([np.concatenate([J, by_s[:, None]], 1), np.append(along, null)])
        # the smallest step: at a crossing of branches there are many
        step = -np.linalg.lstsq(whole, np.append(value, plane), rcond=1e-13)[0]
        if not np.isfinite(step).all() or np.abs(step).max() > 0.5:
            return None
        m, s = stepped(m, across, step[:-1]), s + step[-1] * ramp.scale
        if np.abs(step).max() < CLOSE:
            return m, s
    return None


def rate_of(on: Mechanics, degree: int, m: np.ndarray, ramp: Ramp, s: float) -> complex:
    """The rate [1/s] of the largest real part; with a positive imaginary part where it turns."""
    B, K = ramp.at(s)
    found = np.linalg.eigvals(linear(on, degree, m[None], B[None], K)[1][0])
    return complex(max(found, key=lambda one: (one.real, one.imag)))
