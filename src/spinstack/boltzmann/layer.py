"""A layer as a map from what enters its faces to what leaves them, in Cartesian spin components."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.modes import Sector, complex_sector, inside, real_sector, response
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.rates import Rates


class Kernel(NamedTuple):
    """Layer matrices in the frame of the axis, which do not depend on where it points; flux-normalised.

    along (2, 2, 2, N, N): [same face, other face] of (charge, spin along the axis); across (2, N, N) of transverse spin
    (its real part acts as 1, its imaginary part as axis x); free_along (2, 2, N) and free_across (N,): unscattered
    passage; sectors: the modes behind them, charge and spin along the axis first.
    """

    along: np.ndarray
    across: np.ndarray
    free_along: np.ndarray
    free_across: np.ndarray
    sectors: tuple[Sector, ...]


def kernel(rates: Rates, d: Directions) -> Kernel:
    """Solve a layer for one set of directions."""
    n, t = len(d.mu), rates.thickness
    f = rates.flip
    if rates.isotropic:
        a = np.array([rates.up])
        sectors: tuple[Sector, ...] = (
            real_sector(a, a[:, None], d, [np.ones(1)]),
            real_sector(a, a[:, None] - 2 * f, d, [] if f else [np.ones(1)]),
        )
        charge, spin = (response(s, t) for s in sectors)
        along = np.zeros((2, 2, 2, n, n))
        along[:, 0, 0], along[:, 1, 1] = charge, spin
        free = np.exp(-rates.up * t / d.mu)
        return Kernel(along, np.stack(spin), np.stack([[free, 0 * free], [0 * free, free]]), free, sectors)
    a = np.array([rates.up, rates.down])
    conserved = [np.ones(2)] if f else [np.array([1.0, 0.0]), np.array([0.0, 1.0])]
    pair = real_sector(a, np.diag(a - f) + f * (1 - np.eye(2)), d, conserved)
    if rates.precession == 0:
        lossless = rates.across == rates.across_in
        turned = real_sector(
            np.array([rates.across]), np.array([[rates.across_in]]), d, [np.ones(1)] if lossless else []
        )
    else:
        turned = complex_sector(rates.across - 1j * rates.precession, rates.across_in, d)
    blocks = np.stack(response(pair, t)).reshape(2, 2, n, 2, n).transpose(0, 1, 3, 2, 4)
    H = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)
    along = np.einsum("as,fstij,tb->fabij", H, blocks, H)
    free = np.exp(-a[:, None] * t / d.mu)
    free_along = np.einsum("as,si,sb->abi", H, free, H)
    return Kernel(along, np.stack(response(turned, t)), free_along, np.exp(-turned.rate * t / d.mu), (pair, turned))


def cartesian(along: np.ndarray, across: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """(4, 4, ...) in components x, y, z, c from `along` (2, 2, ...) and complex `across` (...)."""
    tail = (1,) * across.ndim
    out = np.zeros((4, 4, *across.shape))
    m = axis.reshape(3, *tail)
    mm = np.outer(axis, axis).reshape(3, 3, *tail)
    turn = np.array(
        [[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]]
    ).reshape(3, 3, *tail)  # fmt: skip
    one = np.eye(3).reshape(3, 3, *tail)
    out[:3, :3] = mm * along[1, 1] + (one - mm) * across.real + turn * across.imag
    out[:3, 3], out[3, :3], out[3, 3] = m * along[1, 0], m * along[0, 1], along[0, 0]
    return out


def profile(
    rates: Rates, k: Kernel, d: Directions, lower: np.ndarray, upper: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """<h>(z) and <k_z h>(z), (4, z, columns), of the deviation from the bulk.

    lower, upper (N, 4, columns): azimuthal averages of what enters, flux-normalised; z [m] from the lower face.
    """
    n, columns = lower.shape[0], lower.shape[-1]
    axis = rates.axis
    e1 = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    e1 = e1 / np.linalg.norm(e1)
    e2 = np.cross(axis, e1)
    ends = []
    for side in (lower, upper):
        spin = side[:, :3]
        ends.append([side[:, 3], *(np.einsum("a,iak->ik", e, spin) for e in (axis, e1, e2))])
    if len(k.sectors[0].mu) == n:
        pieces = [inside(k.sectors[0 if i == 0 else 1], rates.thickness, ends[0][i], ends[1][i], z) for i in range(4)]
        values = [[p[q][0] for p in pieces] for q in (0, 1)]
    else:
        pair = [np.concatenate([e[0] + e[1], e[0] - e[1]]) for e in ends]
        turned = [e[2] + 1j * e[3] for e in ends]
        first = inside(k.sectors[0], rates.thickness, pair[0], pair[1], z)
        other = inside(k.sectors[1], rates.thickness, turned[0], turned[1], z)
        values = [
            [(v[0] + v[1]) / 2, (v[0] - v[1]) / 2, across[0].real, across[0].imag]
            for v, across in zip(first, other, strict=True)
        ]
    out = []
    for c, along, one, two in values:
        full = np.empty((4, len(z), columns))
        full[:3] = sum(e[:, None, None] * v for e, v in ((axis, along), (e1, one), (e2, two)))
        full[3] = c
        out.append(full)
    return out[0], out[1]
