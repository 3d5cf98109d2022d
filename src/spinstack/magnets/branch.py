"""A place at rest while the current grows: followed through turning points, with what is stable on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.magnets.equilibrium import linear
from spinstack.magnets.motion import Mechanics, turnings
from spinstack.magnets.settle import frame

#: longest step along a branch [rad, with currents in units of their scale], and how close to rest it is held
LONGEST, CLOSE, NEWTON = 0.05, 1e-12, 12


class Branch(NamedTuple):
    """Points along a branch: directions (points, magnets, 3) and currents (points,) [A/m]; `turns`: whether it came to
    a turning point of the current; `growth`: largest real part of the rates (points,) [1/s]."""

    m: np.ndarray
    K: np.ndarray
    growth: np.ndarray
    turns: bool


def torque_balance(on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: float) -> tuple[np.ndarray, ...]:
    """L across m (2 magnets,) [T], its derivatives across m and by K, and the frame, at m (magnets, 3) in B (3,).

    Damping does not enter: it is at rest where L is zero.
    """
    n = len(m)
    across = frame(m)
    value = np.einsum("ic,iac->ia", np.array(turnings(on, degree, m, B, K), float), across).reshape(2 * n)
    J = np.empty((2 * n, 2 * n + 1))
    for j in range(2 * n + 1):
        moved, current = m.astype(complex), complex(K)
        if j < 2 * n:
            moved[j // 2] += 1e-30j * across[j // 2, j % 2]
        else:
            current += 1e-30j * max(abs(K), 1.0)
        change = np.array(turnings(on, degree, moved, B, current)).imag / 1e-30
        J[:, j] = np.einsum("ic,iac->ia", change, across).reshape(2 * n)
    J[:, -1] /= max(abs(K), 1.0)
    return value, J[:, :-1], J[:, -1], across


def follow(
    on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, scale: float, most: float, stop: float = np.inf
) -> Branch:
    """The branch of places at rest from m (magnets, 3), at no current, to where the current turns back, or is `most`.

    By steps along the branch (Keller 1977): directions and the current, in units of `scale` [A/m], move together, so
    that a turning point is a point like others. Both signs of the current are branches of their own: that of `most`.
    It ends, too, where the largest rate grows beyond `stop` [1/s].
    """
    n, sign = len(m), float(np.sign(most))
    places, currents, growths = [m], [0.0], [growth(on, degree, m, B, 0.0)]
    tangent = np.zeros(2 * n + 1)
    tangent[-1] = sign
    ahead, step = np.zeros((n, 3)), LONGEST
    K = 0.0
    for _ in range(10_000):
        _, J, by_K, across = torque_balance(on, degree, m, B, K)
        null = null_vector(J, by_K, scale)
        # in space, because the frame of one point is not that of the next
        moved = np.einsum("ia,iac->ic", null[:-1].reshape(n, 2), across)
        forward = np.sum(moved * ahead) + null[-1] * tangent[-1]
        null, moved = (null, moved) if forward >= 0 else (-null, -moved)
        trial, current = stepped(m, across, step * null[:-1]), K + step * null[-1] * scale
        found = corrected(on, degree, trial, B, current, null[-1], moved, scale)
        if found is None:
            step /= 2
            if step < 1e-9:
                break
            continue
        turned = (found[1] - K) * sign < 0
        m, K = found
        places.append(m)
        currents.append(K)
        growths.append(growth(on, degree, m, B, K))
        if turned:
            return Branch(np.array(places), np.array(currents), np.array(growths), True)
        if abs(K) >= abs(most) or growths[-1] > stop:
            break
        ahead, tangent = moved, null
        step = min(2 * step, LONGEST)
    return Branch(np.array(places), np.array(currents), np.array(growths), False)


def null_vector(J: np.ndarray, by_K: np.ndarray, scale: float) -> np.ndarray:
    """Along the branch: changes across m, and of the current in units of `scale`; of length 1."""
    return np.asarray(np.linalg.svd(np.concatenate([J, by_K[:, None] * scale], 1))[2][-1])


def stepped(m: np.ndarray, across: np.ndarray, step: np.ndarray) -> np.ndarray:
    moved = m + np.einsum("ia,iac->ic", step.reshape(len(m), 2), across)
    return np.asarray(moved / np.linalg.norm(moved, axis=-1, keepdims=True))


def corrected(
    on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: float, null: float, ahead: np.ndarray, scale: float
) -> tuple[np.ndarray, float] | None:
    """The place at rest in the plane through (m, K) across the branch; None where Newton's method does not find one."""
    first, begin = m, K
    for _ in range(NEWTON):
        value, J, by_K, across = torque_balance(on, degree, m, B, K)
        moved = m - first
        plane = np.sum(moved * ahead) + null * (K - begin) / scale
        along = np.einsum("iac,ic->ia", across, ahead).reshape(-1)
        whole = np.vstack([np.concatenate([J, by_K[:, None] * scale], 1), np.append(along, null)])
        step = -np.linalg.solve(whole, np.append(value, plane))
        if not np.isfinite(step).all() or np.abs(step).max() > 0.5:
            return None
        m, K = stepped(m, across, step[:-1]), K + step[-1] * scale
        if np.abs(step).max() < CLOSE:
            return m, K
    return None


def growth(on: Mechanics, degree: int, m: np.ndarray, B: np.ndarray, K: float) -> float:
    J = linear(on, degree, m[None], B[None], K)[1][0]
    return float(np.linalg.eigvals(J).real.max())
