"""The Fermi-surface integrals of a delta barrier: the azimuth in closed form, the polar angle refined (JAX).

Everything is a moment of the weight ``1/|D|^2`` (docs/methods/scattering.md, "Quadrature"). Moments of up to five
in-plane wave vectors are the entries of one symmetric tensor of ``q = (1, k_x, k_y)``, and the field is ``u = U q``
with ``U = (u_ex m, Lambda)``, so that integrals with and without a weight k are one contraction. Arrays have the batch
of barriers last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from spinstack.numerics import compiler
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering.integrals import SIZES, Integrals, change

#: barriers evaluated together: two, as one interface needs it, or many
SMALL, BLOCK = 2, 32
#: quadrature points added at a time; refinement number n has 2^n times as many
CHUNK = 12
REFINEMENTS = 8
#: how many of them where Rashba and Dresselhaus coupling act together, whose azimuth is summed, too
REFINEMENTS_BOTH = 6
#: highest power of the in-plane wave vector that any integral needs
RANK = 5
#: powers of c = k_z/k_F under the integrals
POWERS = (2, 3, 4, 5)
#: points on the shifted azimuthal path per polar point, used where Rashba and Dresselhaus coupling act together
PATH_POINTS = 6
_ONE = np.eye(3)
_EPS = np.zeros((3, 3, 3))
for _i, _j, _k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    _EPS[_i, _j, _k], _EPS[_j, _i, _k] = 1.0, -1.0
#: powers of k_x and k_y of every moment
EXPONENTS = [(r - b, b) for r in range(RANK + 1) for b in range(r + 1)]
_RANKS = np.array([a + b for a, b in EXPONENTS])


@cache
def nodes_of(number: int) -> np.ndarray:
    """(2, points): Gauss-Legendre points between 0 and 1, and weights."""
    x, w = np.polynomial.legendre.leggauss(number)
    return np.stack([(x + 1) / 2, w / 2])


@cache
def _all_nodes(refinements: int) -> np.ndarray:
    """(2, chunks, CHUNK): the points of every refinement one after the other."""
    return np.concatenate([nodes_of(CHUNK * 2**n).reshape(2, -1, CHUNK) for n in range(refinements)], 1)


@cache
def monomials() -> np.ndarray:
    """(moments, 2, RANK + 1): coefficients of cos, sin n phi in cos^a sin^b phi."""
    phi = 2 * np.pi * np.arange(16) / 16
    out = []
    for a, b in EXPONENTS:
        spectrum = np.fft.rfft(np.cos(phi) ** a * np.sin(phi) ** b)[: RANK + 1] / 16
        factor = np.where(np.arange(RANK + 1) == 0, 1.0, 2.0)
        out.append([spectrum.real * factor, -spectrum.imag * factor])
    return np.where(np.abs(out) < 1e-14, 0.0, out)


@cache
def _tensor(rank: int) -> np.ndarray:
    """(3,) * rank: which moment is ``<q_a q_b ...>``."""
    out = np.empty((3,) * rank, dtype=int)
    for index in np.ndindex(*out.shape):
        out[index] = EXPONENTS.index((index.count(1), index.count(2)))
    return out


class Barrier:
    """u0, u_ex, u_R, u_D (1, batch) and m (3, batch), in the sigma labelling of the Hamiltonian."""

    def __init__(self, packed: Array) -> None:
        self.u0, self.exchange, self.rashba, self.dresselhaus = (packed[i : i + 1] for i in range(4))
        self.m = packed[4:]
        R, D, o = self.rashba, self.dresselhaus, jnp.zeros_like(self.rashba)
        #: Lambda (3, 2, batch): the spin-orbit field is Lambda k
        self.coupling = jnp.stack([jnp.concatenate(row) for row in ((D, -R), (R, -D), (o, o))])
        #: 2 u_ex Lambda^T m (2, batch): u^2 varies along it
        self.along = 2 * self.exchange * (self.coupling[:2] * self.m[:2, None]).sum(0)


def _grading(b: Barrier) -> Array:
    """Distance (1, batch) from grazing incidence at which integrands may vary: min |u_0 - |u|| there, from 1e-12."""
    along = jnp.sqrt((b.along**2).sum(0, keepdims=True))
    couplings = (b.rashba + b.dresselhaus) ** 2, (b.rashba - b.dresselhaus) ** 2
    size = jnp.concatenate([b.exchange**2 + c + sign * along for c in couplings for sign in (-1, 1)])
    distance = jnp.abs(jnp.abs(b.u0) - jnp.sqrt(jnp.maximum(size, 0.0))).min(0, keepdims=True)
    return lax.stop_gradient(jnp.clip(distance, 1e-12, 1.0))


def _real_gap(b: Barrier, c: Array, s: Array, re: Array, c0: Array) -> Array:
    """Re(a)^2 - b^2 without cancellation where the smallest |u| is small, as at a node of the field."""
    close = c0 > 0.25 * re * re
    some = close.any(0, keepdims=True)
    size = jnp.sqrt(jnp.where(close, c0, 1.0))
    strength = jnp.sqrt(jnp.where(some, b.rashba**2 + b.dresselhaus**2, 1.0))
    in_plane = jnp.sqrt(jnp.where(some, (b.m[:2] ** 2).sum(0, keepdims=True), 1.0))
    exchange = jnp.abs(b.exchange)
    apart = exchange - strength + strength * c * c / (1 + s)  # u_ex - |Lambda| s
    least = apart**2 + 2 * exchange * strength * s * b.m[2:] ** 2 / (1 + in_plane)
    return jnp.where(close, (least + c * c - b.u0**2) * (re + size), re * re - c0)


def one_coupling(b: Barrier, c: Array, s: Array, s2: Array, width: Array | float = 1.0) -> Array:
    """(2, RANK + 1, points, batch): Re and Im of the integrals of e^{i n phi}/|D|^2 over phi, one coupling alone.

    width: times the imaginary part of (u_0 + ic)^2; derivatives by it give integrals over |D|^4.
    """
    strength = b.rashba**2 + b.dresselhaus**2
    re, im = b.exchange**2 + strength * s2 - b.u0**2 + c * c, -2 * c * b.u0 * width
    c0 = s2 * (b.along**2).sum(0, keepdims=True)
    gap = _real_gap(b, c, s, re, c0)
    square = re * re + im * im
    S = jnp.sqrt((gap - im * im) ** 2 + (2 * re * im) ** 2)
    d = gap + im * im
    P = jnp.sqrt(2 * (S + square + c0))
    large = S + jnp.abs(d)
    Q = jnp.sqrt(jnp.where(d >= 0, 2 * large, 8 * c0 * im * im / large))
    x, ratio, step = 2 * re / P, P / Q, -2 / (P + Q)
    T, U = [jnp.ones_like(x), x], [jnp.zeros_like(x), jnp.ones_like(x)]  # T_n and U_{n-1}
    turns, across = [jnp.ones_like(x)], [jnp.zeros_like(x)]  # (b_x + i b_y)^n step^n
    along = s * step * b.along[:1], s * step * b.along[1:]
    for _ in range(RANK):
        T.append(2 * x * T[-1] - T[-2])
        U.append(2 * x * U[-1] - U[-2])
        turns, across = (
            [*turns, turns[-1] * along[0] - across[-1] * along[1]],
            [*across, turns[-1] * along[1] + across[-1] * along[0]],
        )
    h = (2 * jnp.pi / S)[None] * (jnp.stack(T[:-1]) * ratio[None] + x[None] * jnp.stack(U[:-1]))
    return h[None] * jnp.stack([jnp.stack(turns), jnp.stack(across)])


def both_couplings(b: Barrier, c: Array, s: Array, points: Array | int, width: Array | float = 1.0) -> Array:
    """The same with Rashba and Dresselhaus coupling together, `points` points on the azimuthal path."""
    first = s * b.along[:1], s * b.along[1:]  # of cos phi, sin phi
    second = -2 * b.rashba * b.dresselhaus * s**2  # of sin 2 phi
    constant = b.exchange**2 + (b.rashba**2 + b.dresselhaus**2) * s**2
    u0 = jnp.broadcast_to(jnp.abs(b.u0), c.shape)
    spread = jnp.abs(first[0]) + jnp.abs(first[1]) + 2 * jnp.abs(second)
    # w_1 = (u0 + i c)^2 lies above the real axis: go below it, where w = u^2 moves away from it
    resonant = u0 > 1e-6
    shift = jnp.where(resonant, 0.35 / jnp.where(spread == 0, 1.0, spread), 0.0)
    target = jnp.where(resonant, 2 * c * u0 * width, 1.0)
    pole = u0 * u0 - c * c + 2j * c * u0 * width
    n = jnp.arange(RANK + 1)[:, None, None]

    def add(i: Array, sums: Array) -> Array:
        x = 2 * jnp.pi * (i + 0.5) / points
        slope = -first[0] * jnp.sin(x) + first[1] * jnp.cos(x) + 2 * second * jnp.cos(2 * x)
        bend = -first[0] * jnp.cos(x) - first[1] * jnp.sin(x) - 4 * second * jnp.sin(2 * x)
        phi = x - 1j * shift * slope
        w = constant + first[0] * jnp.cos(phi) + first[1] * jnp.sin(phi) + second * jnp.sin(2 * phi)
        near = w - pole
        # without u0 there is no resonance: the two poles stay together on the real path
        value = (1 - 1j * shift * bend) / jnp.where(resonant, near, near * jnp.conj(near))
        turns = jnp.exp(1j * phi[None] * n)
        parts = value[None, None] * jnp.stack([(turns + 1 / turns) / 2, (turns - 1 / turns) / 2j])
        return sums + jnp.where(resonant[None, None], parts.imag, parts.real)

    sums = lax.fori_loop(0, points, add, jnp.zeros((2, RANK + 1, *c.shape)))
    return 2 * jnp.pi / points / target[None, None] * sums


def polar(b: Barrier, nodes: Array) -> tuple[Array, Array, Array, Array]:
    """c, s, s^2 and the weights dc (n, batch) at polar `nodes` (2, n) between 0 and 1."""
    y, w = nodes[0][:, None], nodes[1][:, None]
    delta = _grading(b)
    top = jnp.arcsinh(1 / delta)
    angle = y * top
    c = jnp.minimum(delta * jnp.sinh(angle), 1.0)
    weight = w * top * delta * jnp.cosh(angle)
    # 1 - c^2 with full precision near normal incidence: sinh^2 differences as products
    s2 = delta**2 * jnp.sinh((1 - y) * top) * jnp.sinh(top + angle)
    return c, jnp.sqrt(s2), s2, weight


def _moments(b: Barrier, nodes: Array, both: bool, points: Array) -> Array:
    """(powers, moments, batch): ``int c^p k_x^a k_y^b / |D|^2 dc dphi``, the share of the polar `nodes` (2, n)."""
    c, s, s2, weight = polar(b, nodes)
    harmonics = both_couplings(b, c, s, points) if both else one_coupling(b, c, s, s2)
    of_c, of_s = [weight * c * c], [jnp.ones_like(s)]
    for _ in POWERS[1:]:
        of_c.append(of_c[-1] * c)
    for _ in range(RANK):
        of_s.append(of_s[-1] * s)
    powers = jnp.stack(of_c)[:, None] * jnp.stack(of_s)[None]
    sums = jnp.einsum("prqb,xnqb->prxnb", powers, harmonics)
    return (sums[:, _RANKS] * jnp.asarray(monomials())[None, :, :, :, None]).sum((2, 3))


def _integrals(b: Barrier, M: Array) -> Array:
    """The integrals from all moments (powers, moments, batch)."""
    U = jnp.concatenate([(b.exchange * b.m)[:, None], b.coupling], 1)
    norm = M[:, _tensor(2)]  # (powers, a, b, batch) of q_a q_b
    u = (U[None, :, :, None, None] * M[:3, None, _tensor(3)]).sum(2)  # (powers, i, a, b, batch)
    one_u = (U[None, :, :, None, None, None] * M[:2, None, _tensor(4)]).sum(2)
    uu = (U[None, None, :, :, None, None] * one_u[:, :, None]).sum(3)  # (powers, i, j, a, b, batch)
    metric = (U[:, :, None] * U[:, None]).sum(0)
    squared = (metric[:, :, None, None, None] * M[0][_tensor(5)]).sum((0, 1))  # u^2 q_c q_a q_b
    cubic = (U[:, :, None, None] * squared[None]).sum(1)
    u2 = uu[:, 0, 0] + uu[:, 1, 1] + uu[:, 2, 2]
    square = b.u0[None] ** 2

    def spread(scalar: Array) -> Array:
        return jnp.asarray(_ONE)[:, :, None, None, None] * scalar[None, None]

    def turned(vector: Array) -> Array:
        return (_EPS[:, :, :, None, None, None] * vector[None, None]).sum(2)

    def transmission(i: int) -> Array:
        """int c^i T q q: with the weight of a flux, i = 1, or of a density, i = 0."""
        whole = norm[i + 2] + square * norm[i]
        spin = spread(whole - u2[i]) + 2 * uu[i] - 2 * turned(u[i + 1])
        across = 2 * b.u0[None, None] * u[i]  # moment labels
        top = jnp.concatenate([spin, across[:, None]], 1)
        return jnp.concatenate([top, jnp.concatenate([across, (whole + u2[i])[None]])[None]])

    A = 4 * (spread(u2[1]) - uu[1]) - 2 * turned(cubic - square[None] * u[0] - u[2])
    S = transmission(0)
    # (spin part of T) x u, apart for every q that u has
    T, v = S[:3], U[:, None, :, None]
    torque = jnp.stack([T[1] * v[2] - T[2] * v[1], T[2] * v[0] - T[0] * v[2], T[0] * v[1] - T[1] * v[0]])
    whole = transmission(1), A, S[:, :, 0] / 2, 2 * torque[:, :, 0], 2 * (torque[:, :, 1] + torque[:, :, 2])
    return jnp.concatenate([part.reshape(-1, part.shape[-1]) for part in whole]) / jnp.pi


def _refinement(packed: Array, number: Array, both: bool) -> Array:
    """The integrals with the nodes of one refinement."""
    b = Barrier(packed)
    nodes = jnp.asarray(_all_nodes(REFINEMENTS_BOTH if both else REFINEMENTS))
    count = jnp.left_shift(1, number)

    def add(i: Array, M: Array) -> Array:
        part = lax.dynamic_index_in_dim(nodes, count - 1 + i, 1, keepdims=False)
        return M + _moments(b, part, both, count * (CHUNK * PATH_POINTS))

    return _integrals(b, lax.fori_loop(0, count, add, jnp.zeros((len(POWERS), len(_RANKS), packed.shape[-1]))))


@partial(compiler.jit, static_argnames="both")
def _refined(packed: Array, tolerance: Array, both: bool) -> tuple[Array, Array, Array]:
    """The integrals refined until two agree to `tolerance` (batch), the change that was left, the last refinement."""

    def going(state: tuple[Array, Array, Array]) -> Array:
        number, _, error = state
        return (number < (REFINEMENTS_BOTH if both else REFINEMENTS)) & (error > tolerance).any()

    def refine(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        number, old, error = state
        new = _refinement(packed, number, both)
        open_ = error > tolerance  # the others keep what they have, whoever stands beside them
        left = jnp.where(number == 0, jnp.inf, change(old, new))
        return number + 1, jnp.where(open_[None], new, old), jnp.where(open_, left, error)

    size = packed.shape[-1]
    start = jnp.asarray(0), jnp.zeros((sum(SIZES), size)), jnp.full(size, jnp.inf)
    number, found, error = lax.while_loop(going, refine, start)
    return found, error, jnp.full(size, number - 1.0)


@partial(compiler.jit, static_argnames="both")
def _slopes(packed: Array, number: Array, both: bool) -> tuple[Array]:
    """The derivatives (7, integrals, batch) by every row of `packed`, all of the finest refinement `number` (batch)."""
    finest = number.max().astype(int)

    def slope(row: Array) -> Array:
        along = jnp.broadcast_to(row[:, None], packed.shape)
        return jax.jvp(lambda p: _refinement(p, finest, both), (packed,), (along,))[1]

    return (jax.vmap(slope)(jnp.eye(packed.shape[0])),)


def _in_blocks(f: Callable[..., Any], both: bool | np.ndarray, *arrays: Any) -> tuple[Any, ...]:
    """`f` of arrays (..., batch) in blocks, so that one program serves batches of any size; NumPy if nothing is traced.

    `both`: whether Rashba and Dresselhaus coupling may act together, of each where this is known.
    """
    size = arrays[0].shape[-1]
    if any(is_traced(a) for a in arrays):
        if size <= BLOCK:
            return f(*arrays, both=bool(np.any(both)))
        blocks, restore = _blocks(jnp, arrays, BLOCK)
        return tuple(restore(a) for a in lax.map(lambda one: f(*one, both=bool(np.any(both))), blocks))
    arrays = tuple(np.asarray(a) for a in arrays)
    together = np.broadcast_to(both, size)
    out: list[Any] = []
    for rows, act in ((np.flatnonzero(~together), False), (np.flatnonzero(together), True)):
        if rows.size == 0:
            continue
        blocks, restore = _blocks(np, [a[..., rows] for a in arrays], SMALL if rows.size <= SMALL else BLOCK)
        with compiler.ready():
            program = _program(f, act, blocks[0].shape[-1])
            parts_of = [[np.asarray(a) for a in program(*one)] for one in zip(*blocks, strict=True)]
        for i, parts in enumerate(zip(*parts_of, strict=True)):
            value = restore(np.stack(parts))
            if len(out) <= i:
                out.append(np.empty((*value.shape[:-1], size), value.dtype))
            out[i][..., rows] = value
    return tuple(out)


@cache
def _program(f: Any, both: bool, block: int) -> Callable[..., Any]:
    """`f` compiled for a block, one program for plain calls and for those inside a derivative."""
    return f.lower(jax.ShapeDtypeStruct((7, block), float), jax.ShapeDtypeStruct((block,), float), both=both).compile()


def _blocks(xp: Any, arrays: Sequence[Any], block: int) -> tuple[list[Any], Callable[[Any], Any]]:
    """Arrays (blocks, ..., block), the last block filled up, and how to put results together again."""
    size = arrays[0].shape[-1]
    padded = [xp.concatenate([a, xp.repeat(a[..., -1:], -size % block, -1)], -1) for a in arrays]
    blocks = [xp.moveaxis(a.reshape(*a.shape[:-1], -1, block), -2, 0) for a in padded]
    return blocks, lambda a: xp.moveaxis(a, 0, -2).reshape(*a.shape[1:-1], -1)[..., :size]


def _values(packed: Any, tolerance: float, both: bool) -> tuple[Any, ...]:
    known = both if is_traced(packed) else both & np.asarray(packed[2] * packed[3] != 0)
    return _in_blocks(_refined, known, packed, array_module(packed).full(packed.shape[1:], tolerance))


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def _differentiable(packed: Any, tolerance: float, both: bool) -> tuple[Any, Any]:
    found, error, _ = _values(packed, tolerance, both)
    return found, error


@_differentiable.defjvp
def _derivative(tolerance: float, both: bool, primals: Any, tangents: Any) -> Any:
    # the slopes by the seven numbers of a barrier, in blocks that every program shares; what follows is one product
    (packed,), (along,) = primals, tangents
    found, error, number = _values(packed, tolerance, both)
    # what one coupling does where there is only the other is also a slope
    number = array_module(number).clip(number, 3, REFINEMENTS_BOTH - 1) if both else number
    (slopes,) = _in_blocks(_slopes, both, packed, number)
    moved = (jnp.asarray(slopes) * along[:, None]).sum(0)
    return (jnp.asarray(found), jnp.asarray(error)), (moved, jnp.zeros_like(error))


def integrals(packed: Any, tolerance: float, both: bool) -> tuple[Integrals, Any]:
    """Integrals and their error (batch) for the rows u0, u_ex, u_R, u_D, m_x, m_y, m_z (7, batch).

    `both`: whether Rashba and Dresselhaus coupling may act together. `error` is the change of the last refinement,
    relative to the largest entry of the same integral. Derivatives are those of the refinement that was accepted.
    """
    if is_traced(packed):
        found, error = _differentiable(packed, tolerance, both)
        return compiler.jit(Integrals.of)(found), error
    if packed.shape[-1] <= SMALL:
        found, error, _ = _values(packed, tolerance, both)
    else:
        once, back = np.unique(packed, axis=1, return_inverse=True)
        found, error, _ = (a[..., back] for a in _values(once, tolerance, both))
    return Integrals.of(found), error
