"""What happens to one electron: amplitudes and probabilities at one wave vector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.stack import ParameterError
from spinstack.stack.directions import unit_vector

if TYPE_CHECKING:
    from spinstack.scattering.delta_barrier import DeltaBarrier

#: sigma_x, sigma_y, sigma_z, 1
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]], [[1, 0], [0, 1]]])
_TO_MOMENT = np.array([-1.0, -1.0, -1.0, 1.0])


def effective_field(barrier: DeltaBarrier, k: Any, m: Any) -> tuple[np.ndarray, np.ndarray]:
    """Exchange part and spin-orbit part (..., 3) of u for in-plane k (..., 2) in units of kF, sigma labels."""
    k, m = np.asarray(k, dtype=float), np.asarray(unit_vector(m))
    if k.shape[-1:] != (2,) or not np.isfinite(k).all() or ((k**2).sum(-1) >= 1).any():
        raise ParameterError("k: allowed are in-plane wave vectors (..., 2) in units of kF, shorter than 1.")
    kx, ky = k[..., 0], k[..., 1]
    given = barrier.strengths()
    R, D = np.asarray(given["rashba"]), np.asarray(given["dresselhaus"])
    x, y = D * kx - R * ky, R * kx - D * ky
    return np.asarray(barrier.exchange)[..., None] * m, np.stack([x, y, np.zeros_like(x)], -1)


def amplitudes(barrier: DeltaBarrier, k: Any, m: Any) -> tuple[np.ndarray, np.ndarray]:
    """r and t (..., 2, 2): ``t = i c [i c - u0 - sigma.u]^-1``, ``r = t - 1`` (review, Eq. A18, any spin axis)."""
    exchange, orbit = effective_field(barrier, k, m)
    u = (exchange + orbit)[..., None, None]
    c = np.sqrt(1 - (np.asarray(k, dtype=float) ** 2).sum(-1))[..., None, None]
    u0 = np.asarray(barrier.barrier)[..., None, None]
    field = sum(u[..., i, :, :] * PAULI[i] for i in range(3))
    a = 1j * c - u0
    square = (u**2).sum(-3)
    D = a * a - square
    t = 1j * c / D * (a * PAULI[3] + field)
    r = ((square + u0 * a) * PAULI[3] + 1j * c * field) / D
    return r, t


def traces(s: np.ndarray) -> np.ndarray:
    """1/2 tr[s+ sigma_a s sigma_b] (..., 4, 4), moment labels (review, Eqs. B12, B13)."""
    P = 0.5 * np.einsum("...ji,ajk,...kl,bli->...ab", s.conj(), PAULI, s, PAULI, optimize=True).real
    return P * _TO_MOMENT * _TO_MOMENT[:, None]


def probabilities(barrier: DeltaBarrier, k: Any, m: Any) -> tuple[np.ndarray, np.ndarray]:
    """R and T (..., 4, 4), moment labels."""
    r, t = amplitudes(barrier, k, m)
    return traces(r), traces(t)
