"""A layer as a map from what enters its faces to what leaves them, in Cartesian spin components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.modes import Response, Sector, complex_sector, inside, real_sector, resolved_sectors, response
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.rates import Rates


class Kernel(NamedTuple):
    """Layer matrices in the frame of the axis, which do not depend on where it points; flux-normalised.

    same, other (6, N, N): back to the same face, on to the other one; free (6, N): unscattered passage; the six are
    charge from charge, charge from spin along the axis, spin from charge, spin from spin along the axis, and the real
    and the imaginary part of transverse spin (which act as 1 and as axis x). sectors, responses: the modes behind them.
    """

    same: np.ndarray
    other: np.ndarray
    free: np.ndarray
    sectors: tuple[Sector, ...]
    responses: tuple[Response, ...]


class End(NamedTuple):
    """A layer whose outer face returns electrons with charge and spin kept, seen from its inner face; as `Kernel`.

    back (6, N, N): what leaves the inner face of what enters there; outer: what enters the outer face then; echoes:
    what enters the outer face of what is emitted there; free (6, N): unscattered passage there and back.
    """

    back: np.ndarray
    outer: np.ndarray
    echoes: np.ndarray
    free: np.ndarray


def kernel(rates: Rates, d: Directions, apart: bool = True) -> Kernel:
    """Solve a layer for one set of directions; `apart`: with charge and spin as two where the layer allows it."""
    if d.resolved:
        return _resolved(rates, d)
    n, t = len(d.mu), rates.thickness
    f = rates.flip
    own = [d.of(r) for r in rates.radius]
    square = rates.radius[0] ** 2
    if rates.isotropic and apart:
        a = np.array([rates.up])
        sectors: tuple[Sector, ...] = (
            real_sector(a, a[:, None] / square, own[0], [np.ones(1)]),
            real_sector(a, (a[:, None] - 2 * f) / square, own[0], [] if f else [np.ones(1)]),
        )
    else:
        a = np.array([rates.up, rates.down])
        conserved = [np.ones(2)] if f else [np.array([1.0, 0.0]), np.array([0.0, 1.0])]
        # weights are those of the sphere times its r^2; spins flip between spheres in detailed balance
        squares = np.array(rates.radius) ** 2
        middle = (sum(rates.radius) / 2) ** 2
        into = np.diag((a - f * middle / squares) / squares) + f * middle / squares.prod() * (1 - np.eye(2))
        pair = real_sector(a, into, own, conserved)
        if rates.split:
            sectors = (pair,)
        elif rates.precession == 0:
            lossless = [np.ones(1)] if rates.across == rates.across_in else []
            turned = real_sector(np.array([rates.across]), np.array([[rates.across_in / square]]), own[0], lossless)
            sectors = (pair, turned)
        else:
            sectors = (pair, complex_sector(rates.across - 1j * rates.precession, rates.across_in / square, own[0]))
    responses = tuple(response(s, t) for s in sectors)
    at = None if not d.several else [d.open(r) for r in rates.radius]
    same, other = (_six([one[k] for one in responses], n, at) for k in (0, 1))
    return Kernel(same, other, _free(sectors, t, n, at), sectors, responses)


def _resolved(rates: Rates, d: Directions) -> Kernel:
    """A layer in which every azimuth is a direction: all that passes is in `other`.

    Electrons that go up with in-plane k share their rate with those that go down with -k: matrices are labelled by the
    k of those that go up, see :func:`spinstack.boltzmann.closure.whole`.
    """
    n = len(d.mu)
    up, down = rates.each(cosines(rates.axis, d))
    lost = rates.across - (rates.up + rates.down) / 2 - 1j * rates.precession
    sectors = resolved_sectors(up, down, rates.flip, lost, d)
    responses = tuple(response(s, rates.thickness) for s in sectors)
    same, other = (_six([one[k] for one in responses], n) for k in (0, 1))
    return Kernel(same, other, np.zeros((6, n)), sectors, responses)


def cosines(axis: np.ndarray, d: Directions) -> np.ndarray:
    """k.m (N,) of electrons that go up, of resolved directions."""
    return np.asarray(d.inplane[:, 0] @ axis[:2] + d.mu * axis[2])


def end(rates: Rates, k: Kernel, specularity: float, d: Directions) -> End:
    """A layer with an outer face that reflects the fraction `specularity` like a mirror, the rest evenly in flux."""
    n = len(d.mu)
    surface = specularity * np.eye(n) + 2 * (1 - specularity) * np.outer(d.flux, d.flux)
    back, outer, echoes = [], [], []
    for r, t in k.responses:
        Z = np.kron(np.eye(len(r) // n), surface)
        echoes.append(np.linalg.inv(np.eye(len(r)) - Z @ r))
        outer.append(echoes[-1] @ (Z @ t))
        back.append(r + t @ outer[-1])
    free = specularity * _free(k.sectors, 2 * rates.thickness, n)
    return End(_six(back, n), _six(outer, n), _six(echoes, n), free)


def _free(sectors: Sequence[Sector], path: float, n: int, at: Sequence[np.ndarray] | None = None) -> np.ndarray:
    """(6, N): what passes so far along z without scattering; at: the open directions of up and down, None for all."""
    passed = [np.exp(-s.rate * path / s.mu) for s in sectors]
    if at is not None:
        whole = [np.zeros(n * s.channels, p.dtype) for s, p in zip(sectors, passed, strict=True)]
        for s, to, p in zip(sectors, whole, passed, strict=True):
            to[_places(s.channels, n, at)] = p
        passed = whole
    first, second = passed if len(passed) == 2 else (passed[0], np.zeros(n))
    up, down = first[:n], first[-n:]
    mean, half = (up + down) / 2, (up - down) / 2
    return np.stack([mean, half, half, mean, second.real, second.imag])


def _places(channels: int, n: int, at: Sequence[np.ndarray]) -> np.ndarray:
    """Where the open directions of the channels stand among all."""
    return np.concatenate([k * n + at[k] for k in range(channels)])


def _six(matrices: Sequence[np.ndarray], n: int, at: Sequence[np.ndarray] | None = None) -> np.ndarray:
    """(6, N, N) as in `Kernel` from those of the sectors; at: as in `_free`."""
    if at is not None:
        pair = len(matrices) == 1 or len(matrices[0]) > len(matrices[1])
        whole = []
        for one, channels in zip(matrices, (2 if pair else 1, 1), strict=False):
            to, places = np.zeros((channels * n, channels * n), one.dtype), _places(channels, n, at)
            to[np.ix_(places, places)] = one
            whole.append(to)
        matrices = whole if len(whole) == 2 else [whole[0], np.zeros((n, n))]
    first, second = matrices
    if len(first) == n:
        none = np.zeros_like(first)
        return np.stack([first, none, none, second, second, none])
    block = first.reshape(2, n, 2, n)
    charge, spin = (block[0] + block[1]) / 2, (block[0] - block[1]) / 2
    both = [one for row in (charge, spin) for one in (row[:, 0] + row[:, 1], row[:, 0] - row[:, 1])]
    return np.stack([*both, second.real, second.imag])


def frame(axes: np.ndarray) -> np.ndarray:
    """(batch, 6, 4, 4): what the six parts of a `Kernel` do to components x, y, z, c for axes (batch, 3)."""
    out = np.zeros((len(axes), 6, 4, 4))
    x, y, z = axes.T
    out[:, 0, 3, 3] = 1.0
    out[:, 1, 3, :3] = out[:, 2, :3, 3] = axes
    out[:, 3, :3, :3] = axes[:, :, None] * axes[:, None, :]
    out[:, 4, :3, :3] = np.eye(3) - out[:, 3, :3, :3]
    out[:, 5, 0, 1], out[:, 5, 0, 2], out[:, 5, 1, 2] = -z, y, -x
    out[:, 5, 1, 0], out[:, 5, 2, 0], out[:, 5, 2, 1] = z, -y, x
    return out


def cartesian(axes: np.ndarray, six: np.ndarray) -> np.ndarray:
    """(batch, 4, 4, ...) in components x, y, z, c of (batch or 1, 6, ...), for a `frame` (batch, 6, 4, 4)."""
    flat = axes.reshape(len(axes), 6, 16).transpose(0, 2, 1) @ six.reshape(len(six), 6, -1)
    return flat.reshape(len(axes), 4, 4, *six.shape[2:])


def applied(axes: np.ndarray, six: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(batch, N, 4, columns): matrices (batch or 1, 6, N, N) in a `frame`, of values of the same shape."""
    batch, n, _, columns = values.shape
    each = six.reshape(len(six), 6 * n, n) @ values.reshape(batch, n, 4 * columns)
    each = each.reshape(batch, 6, n, 4, columns).transpose(0, 1, 3, 2, 4).reshape(batch, 24, n * columns)
    out = axes.transpose(0, 2, 1, 3).reshape(batch, 4, 24) @ each
    return out.reshape(batch, 4, n, columns).transpose(0, 2, 1, 3)


def profile(
    rates: Rates, k: Kernel, d: Directions, lower: np.ndarray, upper: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """<h>(z) and <k_z h>(z), (4, z, columns), of the deviation from the bulk.

    lower, upper (N, 4, columns): azimuthal averages of what enters, flux-normalised; z [m] from the lower face.
    """
    columns = lower.shape[-1]
    axis = rates.axis
    if d.resolved:
        upper = upper[d.reversed()]
    e1 = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    e1 = e1 / np.linalg.norm(e1)
    e2 = np.cross(axis, e1)
    at_up, at_down = (d.open(r) for r in rates.radius)
    # per density of states: <h> of a sphere whose weights have its r^2
    up, down = (1 / r**2 for r in rates.radius)
    ends = []
    for side in (lower, upper):
        spin = side[:, :3]
        ends.append([side[:, 3], *(np.einsum("a,iak->ik", e, spin) for e in (axis, e1, e2))])
    if k.sectors[0].channels == 1:
        pieces = [
            inside(k.sectors[0 if i == 0 else 1], rates.thickness, ends[0][i][at_up], ends[1][i][at_up], z)
            for i in range(4)
        ]
        values = [[p[q][0] * (up if q == 0 else 1.0) for p in pieces] for q in (0, 1)]
    else:
        pair = [np.concatenate([(e[0] + e[1])[at_up], (e[0] - e[1])[at_down]]) for e in ends]
        first = inside(k.sectors[0], rates.thickness, pair[0], pair[1], z)
        scale = np.array([up, down])[:, None, None]
        first = first[0] * scale, first[1]
        none = np.zeros((1, len(z), columns), complex)
        other = none, none
        if not rates.split:
            turned = [(e[2] + 1j * e[3])[at_up] for e in ends]
            other = inside(k.sectors[1], rates.thickness, turned[0], turned[1], z)
            other = other[0] * up, other[1]
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
