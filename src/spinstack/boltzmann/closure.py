"""From layers and boundaries to the electrons that enter every face: the small ballistic systems and their closure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Boundaries, evenly
from spinstack.boltzmann.layer import Kernel, cartesian
from spinstack.boltzmann.projected import across
from spinstack.boltzmann.quadrature import Directions

#: relaxation per passage below which a component counts as conserved
_CONSERVED = 1e-13


class Passage(NamedTuple):
    """A layer of a batch of films as a map from what enters to what leaves its faces, flux-normalised.

    scattered (batch, N, e, N, e): azimuthal averages; free (batch, N, e, e) or None: unscattered passage, None where
    nothing passes; e = its faces, one or two, times x, y, z, c.
    """

    scattered: np.ndarray
    free: np.ndarray | None


def through(axes: np.ndarray, same: np.ndarray, other: np.ndarray, free: np.ndarray) -> Passage:
    """A layer between its two faces: parts (batch or 1, 6, N, N) and (batch or 1, 6, N) in the `frame` of its axes."""
    batch, N = len(axes), same.shape[-1]
    S, D = np.empty((batch, N, 2, 4, N, 2, 4)), np.zeros((batch, N, 2, 4, 2, 4))
    back, on = (cartesian(axes, one).transpose(0, 3, 1, 4, 2) for one in (same, other))
    passed = cartesian(axes, free).transpose(0, 3, 1, 2)
    for a, b in ((0, 1), (1, 0)):
        S[:, :, a, :, :, a], S[:, :, a, :, :, b] = back, on
        D[:, :, a, :, b] = passed
    return Passage(S.reshape(batch, N, 8, N, 8), D.reshape(batch, N, 8, 8))


def returned(axes: np.ndarray, back: np.ndarray, free: np.ndarray) -> Passage:
    """A layer seen from one face; as `through`."""
    D = cartesian(axes, free).transpose(0, 3, 1, 2) if free.any() else None
    return Passage(cartesian(axes, back).transpose(0, 3, 1, 4, 2), D)


def whole(axes: np.ndarray, kernels: Sequence[Kernel], d: Directions) -> Passage:
    """A layer of a batch of films with both of its faces."""
    parts = [stacked([getattr(k, name) for k in kernels]) for name in ("same", "other", "free")]
    found = through(axes, *parts)
    if not d.resolved:
        return found
    # electrons that go down were labelled by -k: those that leave the lower face and those that enter the upper one
    batch, n, turned = len(axes), len(d.mu), d.reversed()
    S = found.scattered.reshape(batch, n, 2, 4, n, 2, 4)
    S[:, :, 0] = S[:, turned, 0]
    S[:, :, :, :, :, 1] = S[:, :, :, :, turned, 1]
    return Passage(S.reshape(batch, n, 8, n, 8), None)


def stacked(values: Sequence[np.ndarray]) -> np.ndarray:
    """(batch, ...) of arrays, or (1, ...) where all are the same one."""
    return values[0][None] if all(v is values[0] for v in values) else np.stack(values)


class Entering(NamedTuple):
    """Solution: mean (batch, N, E, columns) azimuthal average of what enters, resolved (batch, N, M, E, columns).

    leaving_mean, leaving: the same of what leaves. Flux-normalised deviations from the bulk; E = faces times 4.
    """

    mean: np.ndarray
    resolved: np.ndarray
    leaving_mean: np.ndarray
    leaving: np.ndarray


def close(
    layers: Sequence[Passage],
    faces: Boundaries,
    d: Directions,
    source: np.ndarray,
    closed: bool,
    moving: np.ndarray | None = None,
) -> Entering:
    """Solve in = P out + diffuse + source, out = D in + (S - D) <in>.

    Args:
        layers: with the faces in order. faces: boundaries. d: directions.
        source: (batch, N, M, E, columns), flux-normalised, diffuse emission of the bulk included.
        closed: whether no charge leaves through the outer faces.
        moving: (batch, N, E, 4), what there is at every face of constant spins x, y, z and charge; None: all of it.
    """
    batch, N, _, size, columns = source.shape
    P = faces.specular.reshape(batch, N, -1, size, size)
    ends = np.cumsum([0, *(layer.scattered.shape[2] for layer in layers)]).tolist()
    blocks = [slice(a, b) for a, b in itertools.pairwise(ends)]
    passing, X = any(layer.free is not None for layer in layers), None
    if passing:
        PD = np.zeros_like(P)
        for b, layer in zip(blocks, layers, strict=True):
            if layer.free is not None:
                PD[..., b] = P[..., b] @ layer.free[:, :, None]
        X = np.linalg.inv(np.eye(size) - PD)
        mean_X, mean_XP = X.mean(2), (X @ P).mean(2)
        right = np.matmul(X, source).mean(2)
    else:
        mean_XP, right = P.mean(2), source.mean(2)
    g = d.flux
    diffuse = None if faces.diffuse is None else faces.diffuse.reshape(batch, size, size)
    blocked = np.empty((batch, N, size, N, size))
    index = np.arange(N)
    kept, spreads = [], []
    for b, (S, D) in zip(blocks, layers, strict=True):
        scattered = S
        if D is not None:
            scattered = S.copy()
            scattered[:, index, :, index, :] -= D.transpose(1, 0, 2, 3)
        e = S.shape[2]
        part = mean_XP[..., b] @ scattered.reshape(batch, N, e, N * e)
        if faces.projected:
            kept.append(scattered)
        if diffuse is not None:
            emitted = diffuse[:, :, b] @ (2 * g @ S.reshape(batch, N, e * N * e)).reshape(batch, e, N * e)
            spread = evenly(emitted, g, moving)
            part += mean_X @ spread if passing else spread
            if faces.projected:
                spreads.append(spread)
        np.negative(part.reshape(batch, N, size, N, e), out=blocked[..., b])
    matrix = blocked.reshape(batch, N * size, N * size)
    matrix[:, np.arange(N * size), np.arange(N * size)] += 1
    right = right.reshape(batch, N * size, columns)
    if faces.projected:
        told = _told(layers, faces, P, X, kept, spreads, source)
        matrix -= told.enters @ told.answers[..., : N * size]
        right = right + told.enters @ told.answers[..., N * size :]
    _fix_conserved(matrix, layers, g, closed, moving)
    w = np.linalg.solve(matrix, right).reshape(batch, N, size, columns)
    leaving_mean = np.concatenate([
        (S.reshape(batch, N * S.shape[2], -1) @ w[:, :, b].reshape(batch, -1, columns)).reshape(batch, N, -1, columns)
        for b, (S, _) in zip(blocks, layers, strict=True)
    ], 2)  # fmt: skip
    q = leaving_mean - _pass(layers, w) if passing else leaving_mean
    drive = P @ q[:, :, None] + source
    if diffuse is not None:
        arriving = (2 * g @ leaving_mean.reshape(batch, N, -1)).reshape(batch, size, columns)
        drive += evenly(diffuse @ arriving, g, moving)[:, :, None]
    if faces.projected:
        flat, amplitudes = w.reshape(batch, -1, columns), told.answers[..., N * size :]
        sent = told.sent(amplitudes + told.answers[..., : N * size] @ flat)
        drive = np.repeat(drive, sent.shape[2] // drive.shape[2], 2) + sent
    resolved = drive if X is None else X @ drive
    leaving = np.broadcast_to(q[:, :, None], (batch, N, resolved.shape[2], size, columns))
    if passing:
        leaving = leaving + _pass(layers, resolved)
    return Entering(w, resolved, leaving_mean, leaving)


class _Told(NamedTuple):
    """What scattering data add: amplitudes a of their functions that arrive, which follow from the averages w.

    answers (batch, n, N E + columns): a per w, and without it; enters (batch, N E, n): the average that enters per a.
    """

    faces: Boundaries
    size: int
    answers: np.ndarray
    enters: np.ndarray

    def sent(self, amplitudes: np.ndarray) -> np.ndarray:
        """What they send out of amplitudes (batch, n, columns) that arrive: (batch, N, M, E, columns)."""
        out, start = [], 0
        for faces, part in self.faces.projected:
            n = part.flow.shape[-1]
            found = part.sent(part.flow @ amplitudes[:, start : start + n])
            out.append(np.zeros((*found.shape[:3], self.size, found.shape[-1])))
            out[-1][..., faces, :] = found
            start += n
        return np.asarray(sum(out))


def _told(
    layers: Sequence[Passage], faces: Boundaries, P: np.ndarray, X: np.ndarray | None,
    scattered: Sequence[np.ndarray], spreads: Sequence[np.ndarray], source: np.ndarray,
) -> _Told:  # fmt: skip
    """Amplitudes a = F (out), out = (1 + D X P)(S - D) w + D X (diffuse + F flow a + source), F the functions."""
    batch, N, _, size, columns = source.shape
    one = np.broadcast_to(np.eye(size), (batch, N, 1, size, size))
    X = one if X is None else X
    DX = _pass(layers, X)
    through = one + DX @ P
    free = DX.any()
    answers, enters, mixed = [], [], []
    for at, part in faces.projected:
        local = part.gathered(through[..., at, :])
        n = local.shape[1]
        own = []
        start = 0
        for k, S in enumerate(scattered):
            e = S.shape[2]
            row = local[..., start : start + e].reshape(batch, n, N * e) @ S.reshape(batch, N * e, N * e)
            if spreads and free:
                on = part.gathered(DX[..., at, :]).reshape(batch, n, N * size)
                row += on @ spreads[k].reshape(batch, N * size, N * e)
            own.append(row.reshape(batch, n, N, e))
            start += e
        rows = np.concatenate(own, -1).reshape(batch, n, N * size)
        left = part.collected(DX[..., at, :] @ source) if free else np.zeros((batch, n, columns))
        answers.append(np.concatenate([rows, left], -1))
        enters.append(part.averaged(X[..., at]).reshape(batch, N * size, n) @ part.flow)
        mixed.append([across(part, DX[..., at, other], to) @ to.flow for other, to in faces.projected] if free else [])
    whole, given = np.concatenate(enters, -1), np.concatenate(answers, 1)
    if free:
        system = np.eye(given.shape[1]) - np.block(mixed)
        given = np.linalg.solve(system, given)
    return _Told(faces, size, given, whole)


def _pass(layers: Sequence[Passage], entering: np.ndarray, back: bool = False) -> np.ndarray:
    """D of every layer, or its transpose, applied to (batch, N, ..., E, columns)."""
    out = np.zeros_like(entering)
    start = 0
    for S, D in layers:
        b = slice(start, start + S.shape[2])
        start += S.shape[2]
        if D is not None:
            D = D.swapaxes(-1, -2) if back else D
            out[..., b, :] = D.reshape(*D.shape[:2], *(1,) * (entering.ndim - 4), *D.shape[2:]) @ entering[..., b, :]
    return out


def _fix_conserved(
    matrix: np.ndarray, layers: Sequence[Passage], g: np.ndarray, closed: bool, moving: np.ndarray | None
) -> None:
    """Add to `matrix` what sets the free constants (of h_c in a closed film; of spin where nothing relaxes it) to zero.

    A conserved combination v is an isotropic constant everywhere; its left partner is the flux of v times (1 - D).
    """
    batch, n = matrix.shape[:2]
    if moving is None:
        moving = np.broadcast_to(np.tile(np.eye(4), (n // len(g) // 4, 1)), (1, len(g), n // len(g), 4))
    constants = np.broadcast_to(g[:, None, None] * moving, (batch, *moving.shape[1:]))
    left = (constants - _pass(layers, constants, back=True)).reshape(batch, n, 4)
    flat = constants.reshape(batch, n, 4)
    if closed:
        right = flat[..., 3]
        at_right = (left[..., 3] * right).sum(1)
        charge = right[:, :, None] * (left[..., 3] / at_right[:, None])[:, None, :]
    spins = flat[..., :3]
    size = np.linalg.norm(flat[0, :, 3])
    image = (matrix @ spins) / size
    if closed:
        matrix += charge
    # what the Gram matrix resolves relaxes; the rest is looked at with all digits
    for k in np.flatnonzero(np.linalg.eigvalsh(image.swapaxes(1, 2) @ image)[:, 0] < 1e-12):
        # directions in which some layer carries spin
        carried, axes = np.linalg.eigh(spins[k].T @ spins[k])
        axes = axes[:, carried > 1e-12 * size**2]
        _, lost, found = np.linalg.svd(image[k] @ axes, full_matrices=False)
        for value, v in zip(lost, found @ axes.T, strict=True):
            if value < _CONSERVED:
                right, partner = spins[k] @ v, left[k, :, :3] @ v
                matrix[k] += np.outer(right, partner) / np.vdot(right, partner)
