"""Electrons at a barrier of finite width between different Fermi spheres, and their averages (NumPy or JAX).

Equations: docs/methods/scattering.md, "Two sides that differ". Wave vectors are in units of k_F; arrays end with
(electrons, batch), those of matrices with (electrons, batch, row, column); spin is the electron's, sigma, in
:func:`waves`, and the moment's in what :func:`found` and :func:`refined` give.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import array_module
from spinstack.scattering.electrons import PAULI, TO_MOMENT, traces
from spinstack.scattering.sides import SHAPES, SidedIntegrals

#: numbers of azimuths, and of radial points in every interval between thresholds, of the refinements
_LEVELS = (12, 16, 24, 32, 48, 64, 96, 128)
#: azimuths where nothing depends on them: exact for the weights k_a k_b
_FEW = 4
#: electrons times barriers looked at together
_TOGETHER = 2**12
#: (K_in w)^2 below which the functions of a slab are their power series
_SMALL = 0.01
#: steps of differences of fourth order, by strengths, width and m, and by Fermi wave vectors, whose thresholds may meet
STEP, STEP_SPHERE = 1e-3, 2e-4


class Form(NamedTuple):
    """What is fixed while numbers vary.

    wide: whether there is a width; turns: whether there is spin-orbit coupling; split: whether the metals below and
    above have two Fermi spheres; differ: whether they differ; coherent: see :class:`spinstack.Barrier`.
    """

    wide: bool
    turns: bool
    split: tuple[bool, bool]
    differ: bool
    coherent: bool

    @property
    def moves(self) -> list[tuple[int, ...]]:
        """The rows that may vary, those together that are one number."""
        rows: list[tuple[int, ...]] = [
            (0,),
            (1,),
            *([(2,), (3,)] if self.turns else []),
            *([(4,)] if self.wide else []),
        ]
        rows += [(5,), (6,)] if self.split[0] else []
        rows += [(7,), (8,)] if self.split[1] else [(7, 8)] if self.differ else []
        return [*rows, (9,), (10,), (11,)]

    @property
    def radii(self) -> tuple[int, ...]:
        """The rows of Fermi wave vectors that are different numbers."""
        below = (5, 6) if self.split[0] else (5,)
        above = (7, 8) if self.split[1] else (7,) if self.differ else ()
        return below + above


def _spin(scalar: Any, vector: Any) -> Any:
    """``scalar + vector.sigma`` of (...) and (3, ...): (..., 2, 2)."""
    xp = array_module(scalar, vector)
    x, y, z = vector
    rows = (scalar + z, x - 1j * y), (x + 1j * y, scalar - z)
    return xp.stack([xp.stack(xp.broadcast_arrays(*row), -1) for row in rows], -2)


def _root(square: Any) -> Any:
    """The root of a number that is nowhere negative, with the slope 0 at 0."""
    xp = array_module(square)
    some = square > 0
    return xp.where(some, xp.sqrt(xp.where(some, square, 1.0)), 0.0)


def _slab(W: Any, d: Any) -> list[Any]:
    """Two waves in a slab with ``k_z^2 = W/d``: both at the lower face, at the upper one, and their slopes there.

    Even and odd about the middle, cos and sin/k_z, or, where they would grow, decaying from either face. With
    ``x^2 = W d/4`` nothing is divided by d or k_z.
    """
    xp = array_module(W, d)
    y = W * d / 4
    small = xp.abs(y) < _SMALL
    s = xp.where(small, y, 0.0)
    sinc = 1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110))))
    cos = 1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56 * (1 - s / 90 * (1 - s / 132)))))
    open_ = ~small & (y > 0)
    x = xp.sqrt(xp.where(open_, y, 1.0))
    closed = ~small & (y < 0)
    v = xp.sqrt(xp.where(closed, -y, 1.0))
    # closed and thin: as they are
    thin = closed & (v < 1)
    w = xp.where(thin, v, 1.0)
    sinc = xp.where(open_, xp.sin(x) / x, xp.where(thin, xp.sinh(w) / w, sinc))
    cos = xp.where(open_, xp.cos(x), xp.where(thin, xp.cosh(w), cos))
    decays = closed & ~thin
    e, rate = xp.exp(-2 * xp.where(decays, v, 1.0)), -W / (2 * xp.where(decays, v, 1.0))
    one, odd, bend = xp.ones_like(y), d / 2 * sinc, W / 2 * sinc
    waves = (
        (cos, one), (-odd, e), (cos, e), (odd, one),
        (bend, -rate), (cos, rate * e), (-bend, -rate * e), (cos, rate),
    )  # fmt: skip
    return [xp.where(decays, b, a) for a, b in waves]


def waves(p: Any, kz2: Any, u: Any, form: Form) -> tuple[Any, Any, Any]:
    """The scattering matrix (..., 4, 4) and the waves at the lower and the upper face (..., 2, 4).

    Columns: electrons of unit flux from below and from above, spin up and down along z each; rows of S likewise, where
    they leave. kz2 (4, electrons, batch): k_z^2 of majority and minority below, above; u (3, electrons, batch).
    """
    xp = array_module(p, kz2, u)
    m = p[9:][:, None]
    outside, flux = [], []
    for up, down in ((0, 1), (2, 3)):
        # the electron's spin is opposite to its moment: along m it is of the minority
        K = [_root(kz2[i]) + 1j * _root(-kz2[i]) for i in (up, down)]
        F = [_root(_root(kz2[i])) for i in (up, down)]
        outside.append(_spin((K[0] + K[1]) / 2, (K[1] - K[0]) / 2 * m))
        flux.append(_spin((F[0] + F[1]) / 2, (F[1] - F[0]) / 2 * m))
    below, above = outside
    into = xp.concatenate([*xp.broadcast_arrays(*flux)], -1)  # (..., 2, 4)
    u0 = p[0]
    if not form.wide:
        M = 1j * (below + above) - 2 * _spin(u0, u)
        det = M[..., 0, 0] * M[..., 1, 1] - M[..., 0, 1] * M[..., 1, 0]
        rows = (M[..., 1, 1], -M[..., 0, 1]), (-M[..., 1, 0], M[..., 0, 0])
        inverse = xp.stack([xp.stack(row, -1) for row in rows], -2) / det[..., None, None]
        lower = upper = 2j * inverse @ into
    else:
        lower, upper = _through_slab(p, kz2, u, below, above, into)
    S = xp.concatenate([flux[0] @ lower, flux[1] @ upper], -2)
    open_ = [_open(p, kz2, side) for side in (0, 1)]
    none = xp.zeros_like(open_[0])
    stays = xp.concatenate([xp.concatenate([open_[0], none], -1), xp.concatenate([none, open_[1]], -1)], -2)
    return S - stays, lower, upper


def _open(p: Any, kz2: Any, side: int) -> Any:
    """(..., 2, 2): 1 on the spins that move on a side."""
    up, down = (1.0 * (kz2[2 * side + i] > 0) for i in (0, 1))
    return _spin((up + down) / 2, (down - up) / 2 * p[9:][:, None])


def _through_slab(p: Any, kz2: Any, u: Any, below: Any, above: Any, into: Any) -> tuple[Any, Any]:
    """The waves at both faces of a slab, from continuity of waves and slopes there."""
    xp = array_module(p, kz2, u)
    d, u0 = p[4], p[0]
    base = kz2[0] + (1 - p[5]) * (1 + p[5])  # 1 - k^2
    # a node of the field: |u| is kept from 0 by less than rounding, or it had no slope
    size = xp.sqrt((u * u).sum(0) + 1e-16)
    plus, minus = (_slab(base * d - 2 * (u0 + sign * size), d) for sign in (1, -1))
    f = [_spin((a + b) / 2, (a - b) / (2 * size) * u) for a, b in zip(plus, minus, strict=True)]
    at_lower, at_upper = (xp.concatenate(pair, -1) for pair in (f[0:2], f[2:4]))
    slope_lower, slope_upper = (xp.concatenate(pair, -1) for pair in (f[4:6], f[6:8]))
    system = xp.concatenate([slope_lower + 1j * below @ at_lower, 1j * above @ at_upper - slope_upper], -2)
    none = xp.zeros_like(into[..., :2])
    arrives = xp.concatenate([xp.concatenate([into[..., :2], none], -1), xp.concatenate([none, into[..., 2:]], -1)], -2)
    X = xp.linalg.solve(system, 2j * arrives)
    return at_lower @ X, at_upper @ X


def fields(p: Any, kx: Any, ky: Any) -> tuple[Any, Any]:
    """Exchange and spin-orbit part (3, electrons, batch) of the field."""
    xp = array_module(p, kx)
    exchange = p[1] * p[9:][:, None] * xp.ones_like(kx)
    orbit = xp.stack([p[3] * kx - p[2] * ky, p[2] * kx - p[3] * ky, xp.zeros_like(kx)])
    return exchange, orbit


class Found(NamedTuple):
    """Of every electron (electrons, batch, ...): `flow` (out, in, 4, 4), `modes`, `density` (2, 4, 4), `torque`,
    `lattice` (2, 3, 4), as in :class:`SidedIntegrals`."""

    flow: Any
    modes: Any
    density: Any
    torque: Any
    lattice: Any


def found(p: Any, kx: Any, ky: Any, kz2: Any, form: Form) -> Found:
    """What becomes of electrons; kz2 as in :func:`waves`."""
    xp = array_module(p, kx, kz2)
    exchange, orbit = fields(p, kx, ky)
    u = exchange + orbit
    S, lower, upper = waves(p, kz2, u, form)
    blocks = xp.moveaxis(S.reshape(*S.shape[:-2], 2, 2, 2, 2), -2, -3)  # out, in, row, column
    keep = traces(blocks)
    modes = traces(xp.stack([_open(p, kz2, side) for side in (0, 1)], -3))
    same = np.eye(2).reshape(2, 2, 1, 1)
    flow = same * (modes[..., None, :, :] - keep) + (1 - same) * keep
    density = traces(xp.stack([upper[..., :2], lower[..., 2:]], -3))
    lattice = xp.zeros_like(density[..., :3, :])
    if form.turns:
        each = _inside(p, kz2, u, orbit, S, lower, form)
        axis = xp.moveaxis(orbit, 0, -1)[..., None]
        lattice = xp.stack([2 * xp.cross(spin, axis, axis=-2) for spin in each], -3)
    kept = [_kept(p[9:]) if split and not form.coherent else None for split in form.split]
    flow = xp.stack(
        [xp.stack([_both(flow[..., o, i, :, :], kept[o], kept[i]) for i in (0, 1)], -3) for o in (0, 1)], -4
    )
    lattice = xp.stack([_both(lattice[..., i, :, :], None, kept[i]) for i in (0, 1)], -3)
    lost = xp.stack([flow[..., i, i, :3, :] - flow[..., 1 - i, i, :3, :] for i in (0, 1)], -3)
    return Found(flow, modes, density, lost - lattice, lattice)


def _kept(m: Any) -> Any:
    """(batch, 4, 4): what a metal with two Fermi spheres carries: charge, and spin along m."""
    v = array_module(m).pad(m.T, ((0, 0), (0, 1)))
    return v[:, :, None] * v[:, None, :] + np.diag([0.0, 0.0, 0.0, 1.0])


def _both(X: Any, rows: Any | None, columns: Any | None) -> Any:
    X = X if rows is None else rows @ X
    return X if columns is None else X @ columns


def _inside(p: Any, kz2: Any, u: Any, orbit: Any, S: Any, lower: Any, form: Form) -> list[Any]:
    """Spin (..., 3, 4) in the barrier, averaged over its width, per electron from below and from above.

    A change of the field turns phases by the density, ``psi+ sigma psi = i S+ dS/du``. Of the spin along the spin-orbit
    field, which exerts no torque, nothing is asked.
    """
    xp = array_module(S)
    sides = np.s_[:2], np.s_[2:]
    if not form.wide:
        return [traces(lower[..., side])[..., :3, :] for side in sides]
    size = xp.sqrt((orbit * orbit).sum(0) + 1e-32)
    z = xp.zeros_like(orbit) + np.array([0.0, 0.0, 1.0])[:, None, None]
    spin = [0.0, 0.0]
    for axis in (z, xp.stack([-orbit[1], orbit[0], orbit[2]]) / size):
        ahead, behind, far, back = (waves(p, kz2, u + h * STEP * axis, form)[0] for h in (1, -1, 2, -2))
        slope = (8 * (ahead - behind) - (far - back)) / (12 * STEP)
        D = 1j * xp.swapaxes(S.conj(), -1, -2) @ slope
        for i, side in enumerate(sides):
            row = 0.5 * xp.einsum("...ij,bji->...b", D[..., side, side], PAULI).real * -TO_MOMENT
            spin[i] = spin[i] + xp.moveaxis(axis, 0, -1)[..., :, None] * row[..., None, :]
    return spin


def _radial(p: Any, x: Any, w: Any, form: Form) -> tuple[Any, Any, Any]:
    """k (n, batch), kz2 (4, n, batch) and the weights of d(k^2)/2, intervals between thresholds one after the other.

    In each, ``k^2 = lo^2 + (hi^2 - lo^2) sin^2`` takes the square roots at both ends away.
    """
    xp = array_module(p)
    ends = xp.sort(xp.stack([p[i] for i in form.radii]), 0)
    ends = xp.concatenate([xp.zeros_like(ends[:1]), ends])
    angle = np.pi / 2 * x * x * (3 - 2 * x)
    slope = np.pi / 2 * 6 * x * (1 - x)
    sin, cos = xp.sin(angle)[:, None], xp.cos(angle)[:, None]
    k, weights, kz2 = [], [], []
    for lo, hi in pairwise(ends):
        span = (hi - lo) * (hi + lo)
        k.append(_root(lo * lo + span * sin * sin))
        weights.append(span * sin * cos * (slope * w)[:, None])
        above = [(r - hi) * (r + hi) + span * cos * cos for r in p[5:9]]
        beyond = [-((lo - r) * (lo + r) + span * sin * sin) for r in p[5:9]]
        kz2.append(xp.stack([xp.where(r >= hi, a, b) for r, a, b in zip(p[5:9], above, beyond, strict=True)]))
    return xp.concatenate(k), xp.concatenate(kz2, 1), xp.concatenate(weights)


def averages_at(p: Any, points: tuple[int, int], form: Form) -> SidedIntegrals:
    """The averages with so many radial points and azimuths."""
    x, w = np.polynomial.legendre.leggauss(points[0])
    k, kz2, weight = _radial(p, (x + 1) / 2, w / 2, form)
    azimuths = points[1] if form.turns else _FEW
    phi = 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
    pieces = max(1, k.size * azimuths // _TOGETHER)
    shares = [
        _share(p, k, kz2, weight * (2 / azimuths), some, form) for some in np.array_split(phi, min(pieces, azimuths))
    ]
    total = [sum(parts) for parts in zip(*shares, strict=True)]
    n = SidedIntegrals(*(a.reshape(*shape, p.shape[-1]) for a, shape in zip(total, SHAPES, strict=True)))
    # half of the mean density of states: the electrons that arrive from one side are half of a sphere
    return n._replace(density=2 * n.density / p[5:9].sum(0))


def _share(p: Any, k: Any, kz2: Any, weight: Any, phi: np.ndarray, form: Form) -> tuple[Any, ...]:
    """The share (entries, batch) of some azimuths."""
    xp = array_module(p)

    def every(a: Any) -> Any:
        return xp.concatenate([a] * len(phi), -2)

    kx, ky = (xp.concatenate([k * f for f in turn(phi)], 0) for turn in (np.cos, np.sin))
    n = found(p, kx, ky, every(kz2), form)
    once = every(weight) * xp.stack([xp.ones_like(kx), kx, ky])
    twice = (once[:, None] * xp.stack([xp.ones_like(kx), kx, ky])).reshape(9, *kx.shape)

    def summed(weights: Any, X: Any) -> Any:
        found = xp.einsum("wnz,nzx->xwz", weights, X.reshape(*X.shape[:2], -1))
        return found.reshape(-1, found.shape[-1])

    return (
        summed(twice, n.flow), summed(once[:1], n.modes), summed(once, n.density), summed(once, n.torque),
        summed(once, n.lattice),
    )  # fmt: skip


def refined(p: np.ndarray, tolerance: float, form: Form) -> tuple[SidedIntegrals, np.ndarray, tuple[int, int]]:
    """Averages for the rows (12, batch), their error (batch), the numbers of radial points and azimuths that it took.

    Rows: u0, u_ex, u_R, u_D, width times k_F, the Fermi wave vectors of majority and minority below and above, and m.
    """
    size = p.shape[-1]
    few, azimuths, error = _LEVELS[0], _FEW, np.zeros(size)
    if form.turns:
        new = averages_at(p, (few, few), form)
        for azimuths in _LEVELS[1:]:
            old, new = new, averages_at(p, (few, azimuths), form)
            error = change(old, new)
            if (error <= tolerance).all():
                break
    whole = averages_at(p, (few, azimuths), form)
    left, rows = np.full(size, np.inf), np.arange(size)
    for points in _LEVELS[1:]:
        new = averages_at(p[:, rows], (points, azimuths), form)
        left[rows] = change(SidedIntegrals(*(a[..., rows] for a in whole)), new)
        for a, b in zip(whole, new, strict=True):
            a[..., rows] = b
        rows = rows[left[rows] > tolerance]
        if rows.size == 0:
            break
    return whole, np.maximum(error, left), (points, azimuths)


def change(old: SidedIntegrals, new: SidedIntegrals) -> np.ndarray:
    """Largest change (batch) of what has as many weights, relative to its largest entry or a thousandth of the flow."""
    out = np.zeros(new.modes.shape[-1])
    floor = 1e-3 * np.abs(new.flow[:, :, :, :, 0, 0]).max((0, 1, 2, 3))
    one, more = np.s_[..., 0, :], np.s_[..., 1:, :]
    parts = {"flow": (np.s_[..., 0, 0, :], np.s_[..., 0, 1:, :], np.s_[..., 1:, 1:, :]), "modes": (np.s_[...],)}
    for name in SidedIntegrals._fields:
        for part in parts.get(name, (one, more)):
            a, b = getattr(old, name)[part], getattr(new, name)[part]
            axes = tuple(range(b.ndim - 1))
            np.maximum(out, np.abs(b - a).max(axes) / np.maximum(np.abs(b).max(axes), floor), out=out)
    return out
