"""From layers and boundaries to the electrons that enter every face: the small ballistic systems and their closure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Boundaries
from spinstack.boltzmann.layer import Kernel, cartesian
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.rates import Rates

#: relaxation per passage below which a component counts as conserved
_CONSERVED = 1e-13


class Film(NamedTuple):
    """The layers of a film as maps from what enters to what leaves their two faces, flux-normalised.

    S (layers, N, 8, N, 8): azimuthal averages; D (layers, N, 8, 8): unscattered passage; 8 = 2 faces times x, y, z, c.
    """

    S: np.ndarray
    D: np.ndarray


def film_map(rates: list[Rates], kernels: list[Kernel], d: Directions) -> Film:
    """Layer matrices in Cartesian components, each at its two faces."""
    N, layers = len(d.mu), len(rates)
    S, D = np.zeros((layers, N, 2, 4, N, 2, 4)), np.zeros((layers, N, 2, 4, 2, 4))
    for n, (r, k) in enumerate(zip(rates, kernels, strict=True)):
        same, other = (cartesian(k.along[i], k.across[i], r.axis).transpose(2, 0, 3, 1) for i in (0, 1))
        free = cartesian(k.free_along, k.free_across, r.axis).transpose(2, 0, 1)
        for a, b in ((0, 1), (1, 0)):
            S[n, :, a, :, :, a], S[n, :, a, :, :, b] = same, other
            D[n, :, a, :, b] = free
    return Film(S.reshape(layers, N, 8, N, 8), D.reshape(layers, N, 8, 8))


class Entering(NamedTuple):
    """Solution: mean (N, F, 4, columns) azimuthal average of what enters, resolved (N, M, F, 4, columns) in azimuth.

    leaving_mean, leaving: the same of what leaves. Flux-normalised deviations from the bulk; F = 2 layers.
    """

    mean: np.ndarray
    resolved: np.ndarray
    leaving_mean: np.ndarray
    leaving: np.ndarray


def close(film: Film, faces: Boundaries, d: Directions, source: np.ndarray, closed: bool) -> Entering:
    """Solve in = P out + diffuse + source, out = D in + (S - D) <in>.

    Args:
        film: layers. faces: boundaries. d: directions.
        source: (N, M, F, 4, columns), flux-normalised, diffuse emission of the bulk included.
        closed: whether no charge leaves through the outer faces.
    """
    layers, N = film.D.shape[:2]
    size, columns, M = 8 * layers, source.shape[-1], source.shape[1]
    P = faces.specular.reshape(N, -1, size, size)
    blocks = [slice(8 * n, 8 * n + 8) for n in range(layers)]
    PD = np.concatenate([P[..., b] @ D[:, None] for b, D in zip(blocks, film.D, strict=True)], -1)
    X = np.linalg.inv(np.eye(size) - PD)
    mean_X, mean_XP = X.mean(1), (X @ P).mean(1)
    g = d.flux
    diffuse = faces.diffuse.reshape(size, size)
    random = bool(diffuse.any())
    matrix = np.empty((N, size, N, size))
    index = np.arange(N)
    for b, S, D in zip(blocks, film.S, film.D, strict=True):
        scattered = S.copy()
        scattered[index, :, index, :] -= D
        part = mean_XP[:, :, b] @ scattered.reshape(N, 8, N * 8)
        if random:
            beams = diffuse[:, b] @ (2 * np.tensordot(g, S, 1)).reshape(8, N * 8)
            part += (g[:, None, None] * mean_X) @ beams
        matrix[..., b] = -part.reshape(N, size, N, 8)
    matrix = matrix.reshape(N * size, N * size)
    matrix[np.diag_indices(N * size)] += 1
    flat = source.reshape(N, M, size, columns)
    right = np.matmul(X, flat).mean(1).reshape(N * size, columns)
    _fix_conserved(matrix, film.D, g, closed)
    w = np.linalg.solve(matrix, right).reshape(N, size, columns)
    leaving_mean = np.concatenate(
        [np.einsum("iajb,jbk->iak", S, w[:, b], optimize=True) for b, S in zip(blocks, film.S, strict=True)], 1
    )
    q = leaving_mean - _pass(film.D, w)
    drive = P @ q[:, None] + flat
    if random:
        drive = drive + (g[:, None, None] * (diffuse @ (2 * np.tensordot(g, leaving_mean, 1))))[:, None]
    resolved = X @ drive
    leaving = _pass(film.D[:, :, None], resolved) + q[:, None]
    shape = (2 * layers, 4, columns)
    return Entering(
        w.reshape(N, *shape),
        resolved.reshape(N, -1, *shape),
        leaving_mean.reshape(N, *shape),
        leaving.reshape(N, -1, *shape),
    )


def _pass(D: np.ndarray, entering: np.ndarray) -> np.ndarray:
    """D (layers, ..., 8, 8) of every layer applied to (..., 8 layers, columns)."""
    return np.concatenate([block @ entering[..., 8 * n : 8 * n + 8, :] for n, block in enumerate(D)], -2)


def _fix_conserved(matrix: np.ndarray, D: np.ndarray, g: np.ndarray, closed: bool) -> None:
    """Add to `matrix` what sets the free constants (of h_c in a closed film; of spin where nothing relaxes it) to zero.

    A conserved combination v is an isotropic constant everywhere; its left partner is the flux of v times (1 - D).
    """
    constants = g[:, None, None] * np.tile(np.eye(4), (2 * len(D), 1))
    image = (matrix @ constants.reshape(-1, 4)) / np.linalg.norm(constants[..., 0])
    _, lost, spins = np.linalg.svd(image[:, :3], full_matrices=False)
    conserved = [np.append(v, 0.0) for value, v in zip(lost, spins, strict=True) if value < _CONSERVED]
    for v in [*conserved, *([np.array([0.0, 0.0, 0.0, 1.0])] if closed else [])]:
        right = (constants @ v)[..., None]
        left = right - _pass(D.transpose(0, 1, 3, 2), right)
        matrix += np.outer(right, left) / np.vdot(right, left)
