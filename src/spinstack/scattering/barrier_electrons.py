"""Electrons at a barrier of finite width between different Fermi spheres, and their averages (NumPy or JAX).

Equations: docs/methods/scattering.md, "Two sides that differ". Wave vectors are in units of k_F; arrays end with
(electrons, batch), those of matrices with (electrons, batch, row, column); spin is the electron's, sigma, in
:func:`waves`, and the moment's in what :func:`found` and :func:`averages` give.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering.electrons import PAULI, TO_MOMENT, traces
from spinstack.scattering.sides import SidedIntegrals

#: radial points of every interval between thresholds and azimuths, of the refinements; those inside a transformation
_POINTS, _ABSTRACT = ((12, 12), (24, 24), (48, 48), (96, 96)), (32, 24)
#: azimuths where nothing depends on them: exact for the weights k_a k_b
_FEW = 4
#: electrons times barriers looked at together
_TOGETHER = 2**12
#: (K_in w)^2 below which the functions of a slab are their power series
_SMALL = 0.01
#: step of the field of a wide barrier: what is left of differences of fourth order is 1e-12
_STEP = 1e-3


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


def _slab(y: Any, W: Any) -> tuple[Any, Any, Any, Any, Any]:
    """E, E cos x, E sin x/x, E (2 cos x - 2)/d, of x^2 = y = W d, and whether x is small; E = exp(-|Im x|).

    E is 1 where x is small or real. With cos x - 1 = -(W d/2) h, h = (sin(x/2)/(x/2))^2, nothing is divided by d.
    """
    xp = array_module(y, W)
    small = xp.abs(y) < _SMALL
    s = xp.where(small, y, 0.0)
    sinc0 = 1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110))))
    q = s / 4
    half0 = 1 - q / 6 * (1 - q / 20 * (1 - q / 42 * (1 - q / 72 * (1 - q / 110))))
    open_ = ~small & (y > 0)
    x = xp.sqrt(xp.where(open_, y, 1.0))
    sinc1, half1 = xp.sin(x) / x, xp.sin(x / 2) / (x / 2)
    closed = ~small & (y < 0)
    v = xp.sqrt(xp.where(closed, -y, 1.0))
    e = xp.exp(-v)
    sinc2, h2 = -xp.expm1(-2 * v) / (2 * v), (xp.expm1(-v) / v) ** 2
    sinc = xp.where(small, sinc0, xp.where(open_, sinc1, sinc2))
    h = xp.where(small, half0**2, xp.where(open_, half1**2, h2))
    cos = xp.where(small, 1 - s / 2 * half0**2, xp.where(open_, xp.cos(x), (1 + e * e) / 2))
    return xp.where(closed, e, 1.0), cos, sinc, -W * h, small | open_ & (y < 1)


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


def _through_slab(
    p: Any, kz2: Any, u: Any, below: Any, above: Any, into: Any
) -> tuple[Any, Any]:
    """The waves at both faces of a slab, from continuity there, in its sum and difference where the slab is thin."""
    xp = array_module(p, kz2, u)
    d, u0 = p[4], p[0]
    base = kz2[0] + (1 - p[5]) * (1 + p[5])  # 1 - k^2
    # a node of the field: |u| is kept from 0 by less than rounding, or it had no slope
    size = xp.sqrt((u * u).sum(0) + 1e-16)
    plus, minus = (_slab(W * d, W) for W in (base * d - 2 * (u0 + size), base * d - 2 * (u0 - size)))
    E, cos, sinc, less = (
        _spin((a + b) / 2, (a - b) / (2 * size) * u) for a, b in zip(plus[:4], minus[:4], strict=True)
    )
    thin = (plus[4] & minus[4])[..., None, None]
    D = d[:, None, None]

    def system(a: Any, b: Any, c: Any, e: Any) -> Any:
        return xp.concatenate([xp.concatenate([a, b], -1), xp.concatenate([c, e], -1)], -2)

    K = below + above
    even = system(
        less - 1j * sinc @ K, -1j * sinc @ (above - below),
        -1j * D * sinc @ (above - below), 2 * (E + cos) - 1j * D * sinc @ K,
    )  # fmt: skip
    apart = system(cos - 1j * D * sinc @ below, -E, -E, cos - 1j * D * sinc @ above)
    from_below, from_above = into[..., :2], into[..., 2:]
    none = xp.zeros_like(from_below)
    lower = xp.concatenate([from_below, none], -1)
    upper = xp.concatenate([none, from_above], -1)
    right_even = xp.concatenate([-2j * sinc @ (lower + upper), -2j * D * sinc @ (upper - lower)], -2)
    right_apart = xp.concatenate([-2j * D * sinc @ lower, -2j * D * sinc @ upper], -2)
    X = xp.linalg.solve(xp.where(thin, even, apart), xp.where(thin, right_even, right_apart))
    first, second = X[..., :2, :], X[..., 2:, :]
    return xp.where(thin, first - second, first), xp.where(thin, first + second, second)


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
    flow = xp.stack([xp.stack([_both(flow[..., o, i, :, :], kept[o], kept[i]) for i in (0, 1)], -3) for o in (0, 1)], -4)
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
        ahead, behind, far, back = (waves(p, kz2, u + h * _STEP * axis, form)[0] for h in (1, -1, 2, -2))
        slope = (8 * (ahead - behind) - (far - back)) / (12 * _STEP)
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
    for lo, hi in zip(ends[:-1], ends[1:], strict=True):
        span = (hi - lo) * (hi + lo)
        k.append(_root(lo * lo + span * sin * sin))
        weights.append(span * sin * cos * (slope * w)[:, None])
        above = [(r - hi) * (r + hi) + span * cos * cos for r in p[5:9]]
        beyond = [-((lo - r) * (lo + r) + span * sin * sin) for r in p[5:9]]
        kz2.append(xp.stack([xp.where(r >= hi, a, b) for r, a, b in zip(p[5:9], above, beyond, strict=True)]))
    return xp.concatenate(k), xp.concatenate(kz2, 1), xp.concatenate(weights)


def _averages(p: Any, points: tuple[int, int], form: Form) -> SidedIntegrals:
    """The averages with so many radial points and azimuths."""
    xp = array_module(p)
    x, w = np.polynomial.legendre.leggauss(points[0])
    k, kz2, weight = _radial(p, (x + 1) / 2, w / 2, form)
    azimuths = points[1] if form.turns else _FEW
    phi = 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
    pieces = 1 if is_traced(p) else max(1, k.size * azimuths // _TOGETHER)
    shares = [_share(p, k, kz2, weight * (2 / azimuths), some, form) for some in np.array_split(phi, min(pieces, azimuths))]
    total = [sum(parts) for parts in zip(*shares, strict=True)]
    shapes = (2, 2, 4, 4, 3, 3), (2, 4, 4), (2, 4, 4, 3), (2, 3, 4, 3), (2, 3, 4, 3)
    n = SidedIntegrals(*(a.reshape(*shape, p.shape[-1]) for a, shape in zip(total, shapes, strict=True)))
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


def averages(p: Any, tolerance: float, form: Form) -> tuple[SidedIntegrals, Any]:
    """Averages and their error (batch) for rows (12, batch), see :class:`Form`; refined until two agree."""
    size = p.shape[-1]
    if is_traced(p):
        return _averages(p, _ABSTRACT, form), array_module(p).full(size, np.nan)
    p = np.asarray(p)
    whole = _averages(p, _POINTS[0], form)
    error, rows = np.full(size, np.inf), np.arange(size)
    for points in _POINTS[1:]:
        new = _averages(p[:, rows], points, form)
        error[rows] = change(SidedIntegrals(*(a[..., rows] for a in whole)), new)
        for a, b in zip(whole, new, strict=True):
            a[..., rows] = b
        rows = rows[error[rows] > tolerance]
        if rows.size == 0:
            break
    return whole, error


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
