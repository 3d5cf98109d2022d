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
    """The layers of a film as one map, F = 2 layers faces, 4 components; flux-normalised.

    S (N, F, 4, N, F, 4): outgoing from incoming, azimuthal averages; D (N, F, 4, F, 4): unscattered passage.
    """

    S: np.ndarray
    D: np.ndarray


def film_map(rates: list[Rates], kernels: list[Kernel], d: Directions) -> Film:
    """Layer matrices in Cartesian components, each at its two faces."""
    N, F = len(d.mu), 2 * len(rates)
    S, D = np.zeros((N, F, 4, N, F, 4)), np.zeros((N, F, 4, F, 4))
    for n, (r, k) in enumerate(zip(rates, kernels, strict=True)):
        same, other = (cartesian(k.along[i], k.across[i], r.axis).transpose(2, 0, 3, 1) for i in (0, 1))
        free = cartesian(k.free_along, k.free_across, r.axis).transpose(2, 0, 1)
        for a, b in ((2 * n, 2 * n + 1), (2 * n + 1, 2 * n)):
            S[:, a, :, :, a], S[:, a, :, :, b] = same, other
            D[:, a, :, b] = free
    return Film(S, D)


class Entering(NamedTuple):
    """Solution: mean (N, F, 4, columns) azimuthal average of what enters, resolved (N, M, F, 4, columns) in azimuth.

    leaving_mean, leaving: the same of what leaves. Flux-normalised deviations from the bulk.
    """

    mean: np.ndarray
    resolved: np.ndarray
    leaving_mean: np.ndarray
    leaving: np.ndarray


def close(film: Film, faces: Boundaries, d: Directions, source: np.ndarray) -> Entering:
    """Solve in = P out + diffuse + source, out = D in + (S - D) <in>.

    Args:
        film: layers. faces: boundaries. d: directions.
        source: (N, M, F, 4, columns), flux-normalised, diffuse emission of the bulk included.
    """
    N, F = film.D.shape[:2]
    size, columns, M = 4 * F, source.shape[-1], source.shape[1]
    D = film.D.reshape(N, size, size)
    S = film.S.reshape(N * size, N * size)
    P = faces.specular.reshape(N, -1, size, size)
    X = np.linalg.inv(np.eye(size) - P @ D[:, None])
    XP = X @ P
    mean_X, mean_XP = X.mean(1), XP.mean(1)
    scattered = S.reshape(N, size, N, size).copy()
    index = np.arange(N)
    scattered[index, :, index, :] -= D
    matrix = -np.matmul(mean_XP, scattered.reshape(N, size, N * size)).reshape(N * size, N * size)
    g = d.flux
    diffuse = faces.diffuse.reshape(size, size)
    random = bool(diffuse.any())
    if random:
        beams = diffuse @ (2 * np.tensordot(g, S.reshape(N, size, N * size), 1))
        matrix -= np.matmul(g[:, None, None] * mean_X, beams).reshape(N * size, N * size)
    matrix[np.diag_indices(N * size)] += 1
    flat = source.reshape(N, M, size, columns)
    right = np.matmul(X, flat).mean(1).reshape(N * size, columns)
    _fix_conserved(matrix, D, g, F)
    w = np.linalg.solve(matrix, right)
    leaving_mean = (S @ w).reshape(N, size, columns)
    w = w.reshape(N, size, columns)
    q = leaving_mean - D @ w
    drive = P @ q[:, None] + flat
    if random:
        drive = drive + (g[:, None, None] * (diffuse @ (2 * np.tensordot(g, leaving_mean, 1))))[:, None]
    resolved = X @ drive
    leaving = D[:, None] @ resolved + q[:, None]
    shape = (F, 4, columns)
    return Entering(
        w.reshape(N, *shape),
        resolved.reshape(N, -1, *shape),
        leaving_mean.reshape(N, *shape),
        leaving.reshape(N, -1, *shape),
    )


def _fix_conserved(matrix: np.ndarray, D: np.ndarray, g: np.ndarray, F: int) -> None:
    """Add to `matrix` what sets the free constants (of h_c in a closed film; of spin where nothing relaxes it) to zero.

    A conserved combination v is an isotropic constant everywhere; its left partner is the flux of v times (1 - D).
    """
    N, size = D.shape[:2]
    constants = (g[:, None, None, None] * np.broadcast_to(np.eye(4), (N, F, 4, 4))).reshape(N, size, 4)
    image = (matrix @ constants.reshape(-1, 4)) / np.linalg.norm(constants.reshape(-1, 4)[:, 0])
    lost, vectors = np.linalg.eigh(image.T @ image)
    for value, v in zip(lost, vectors.T, strict=True):
        if value > _CONSERVED**2:
            continue
        right = constants @ v
        left = right - np.matmul(D.transpose(0, 2, 1), right[..., None])[..., 0]
        right, left = right.reshape(-1), left.reshape(-1)
        matrix += np.outer(right, left) / (right @ left)
