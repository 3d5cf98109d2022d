"""Moments of 1/|D|^2 over the Fermi surface: the integrals every tensor is made of (docs/methods/scattering.md)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from spinstack.numerics.stage import stage

#: highest power of the in-plane wave vector that any tensor needs
RANK = 5
#: powers of c = k_z/k_F under the integrals
POWERS = (2, 3, 4, 5)
#: points on the shifted azimuthal path per polar point, used where Rashba and Dresselhaus coupling act together
_PATH_POINTS = 6


class Barrier(NamedTuple):
    """u0, u_ex, u_R, u_D (batch) and m (3, batch), in the sigma labelling of the Hamiltonian."""

    u0: Array
    exchange: Array
    rashba: Array
    dresselhaus: Array
    m: Array

    @property
    def coupling(self) -> Array:
        """Lambda (3, 2, batch): the spin-orbit field is Lambda k."""
        R, D, o = self.rashba, self.dresselhaus, jnp.zeros_like(self.rashba)
        return jnp.stack([jnp.stack([D, -R]), jnp.stack([R, -D]), jnp.stack([o, o])])


@cache
def _gauss(n: int) -> tuple[np.ndarray, np.ndarray]:
    x, w = np.polynomial.legendre.leggauss(n)
    return (x + 1) / 2, w / 2


@cache
def _monomials(rank: int) -> np.ndarray:
    """(2,)*rank + (2, n): coefficients of Re, Im of e^{in phi}, n = 0..rank, in the products of cos and sin phi."""
    phi = 2 * np.pi * np.arange(16) / 16
    k = np.stack([np.cos(phi), np.sin(phi)])
    out = np.zeros((2,) * rank + (2, rank + 1))
    for index in np.ndindex(*(2,) * rank):
        product = np.prod([k[i] for i in index], axis=0) if rank else np.ones(16)
        spectrum = np.fft.rfft(product)[: rank + 1] / 16
        factor = np.where(np.arange(rank + 1) == 0, 1.0, 2.0)
        out[index] = np.stack([spectrum.real * factor, -spectrum.imag * factor])
    return np.where(np.abs(out) < 1e-14, 0.0, out)


def grading(b: Barrier) -> Array:
    """Distance (batch) from grazing incidence at which integrands may vary: min |u_0 - |u|| there, at least 1e-12."""
    vector, square = b.coupling[:2], b.exchange**2
    along = 2 * b.exchange * jnp.sqrt((jnp.einsum("ikb,ib->kb", vector, b.m[:2]) ** 2).sum(0))
    distances = []
    for quadratic in ((b.rashba + b.dresselhaus) ** 2, (b.rashba - b.dresselhaus) ** 2):
        for sign in (-1, 1):
            size = jnp.sqrt(jnp.maximum(square + quadratic + sign * along, 0.0))
            distances.append(jnp.abs(jnp.abs(b.u0) - size))
    return lax.stop_gradient(jnp.clip(jnp.stack(distances).min(0), 1e-12, 1.0))


def _real_gap(b: Barrier, c: Array, s2: Array, re: Array, c0: Array) -> Array:
    """Re(a)^2 - b^2 without cancellation where the smallest |u| is small, as at a node of the field."""
    close = c0 > 0.25 * re * re
    size = jnp.sqrt(jnp.where(close, c0, 1.0))
    strength = jnp.sqrt(jnp.where(close, (b.rashba**2 + b.dresselhaus**2)[None], 1.0))
    in_plane = jnp.sqrt(jnp.where(close, (b.m[:2] ** 2).sum(0)[None], 1.0))
    s = jnp.sqrt(s2)
    exchange = jnp.abs(b.exchange)[None]
    apart = exchange - strength + strength * c * c / (1 + s)  # u_ex - |Lambda| s
    least = apart**2 + 2 * exchange * strength * s * b.m[2:3] ** 2 / (1 + in_plane)
    return jnp.where(close, (least + c * c - b.u0[None] ** 2) * (re + size), re * re - c0)


def _one_harmonic(a: tuple[Array, Array], c0: Array, gap: Array, n: int) -> list[Array]:
    """Integrals of e^{i n psi}/|a + b cos psi|^2 over a period divided by b^n, n = 0..n.

    a = (real, imag), c0 = b^2, gap = real^2 - b^2.
    """
    re, im = a
    square = re * re + im * im
    S = jnp.sqrt((gap - im * im) ** 2 + (2 * re * im) ** 2)
    d = gap + im * im
    P = jnp.sqrt(2 * (S + square + c0))
    large = S + jnp.abs(d)
    Q = jnp.sqrt(jnp.where(d >= 0, 2 * large, 8 * c0 * im * im / large))
    x, ratio, step = 2 * re / P, P / Q, -2 / (P + Q)
    T, U = [jnp.ones_like(x), x], [jnp.zeros_like(x), jnp.ones_like(x)]  # T_n and U_{n-1}
    for _ in range(2, n + 1):
        T.append(2 * x * T[-1] - T[-2])
        U.append(2 * x * U[-1] - U[-2])
    out, factor = [], 2 * jnp.pi / S
    for i in range(n + 1):
        out.append(factor * (T[i] * ratio + x * U[i]))
        factor = factor * step
    return out


def _two_harmonics(b: Barrier, c: Array, s: Array, n: int, path_points: int) -> tuple[list[Array], list[Array]]:
    """Re and Im of the integrals of e^{i n phi}/|D|^2 over phi with Rashba and Dresselhaus coupling together."""
    exchange = 2 * b.exchange[None] * jnp.einsum("ikb,ib->kb", b.coupling[:2], b.m[:2])
    first = s * exchange[:1], s * exchange[1:]  # of cos phi, sin phi
    second = (-2 * b.rashba * b.dresselhaus)[None] * s**2  # of sin 2 phi
    constant = (b.exchange**2)[None] + (b.rashba**2 + b.dresselhaus**2)[None] * s**2
    u0 = jnp.abs(b.u0)[None]
    spread = jnp.abs(first[0]) + jnp.abs(first[1]) + 2 * jnp.abs(second)
    size = 0.35 / jnp.where(spread == 0, 1.0, spread)
    # w_1 = (u0 + i c)^2 lies above the real axis: go below it, where w = u^2 moves away from it
    shift = jnp.where(u0 > 1e-6, size, 0.0)
    target = jnp.where(u0 > 1e-6, 2 * c * u0, 1.0)
    resonant = u0 > 1e-6

    def add(sums: Array, x: Array) -> tuple[Array, None]:
        slope = -first[0] * jnp.sin(x) + first[1] * jnp.cos(x) + 2 * second * jnp.cos(2 * x)
        bend = -first[0] * jnp.cos(x) - first[1] * jnp.sin(x) - 4 * second * jnp.sin(2 * x)
        phi = x - 1j * shift * slope
        w = constant + first[0] * jnp.cos(phi) + first[1] * jnp.sin(phi) + second * jnp.sin(2 * phi)
        near = w - (u0 + 1j * c) ** 2
        # without u0 there is no resonance: the two poles stay together on the real path
        value = (1 - 1j * shift * bend) / jnp.where(resonant, near, near * jnp.conj(near))
        turns = jnp.exp(1j * phi[None] * jnp.arange(n + 1)[:, None, None])
        parts = jnp.stack([value[None] * (turns + 1 / turns) / 2, value[None] * (turns - 1 / turns) / 2j])
        return sums + jnp.where(resonant[None, None], parts.imag, parts.real), None

    x = 2 * jnp.pi * (jnp.arange(path_points) + 0.5) / path_points
    sums, _ = lax.scan(add, jnp.zeros((2, n + 1, *c.shape)), x)
    scale = (2 * jnp.pi / path_points / target)[None]
    return list(scale * sums[0]), list(scale * sums[1])


#: every (rank, n): which harmonics e^{i n phi} of the azimuth the products of `rank` in-plane components contain
_HARMONICS = tuple((rank, n) for rank in range(RANK + 1) for n in range(rank % 2, rank + 1, 2))


@stage
def _averages(weight: Array, c: Array, radial: Array) -> Array:
    """``int c^p radial dc`` (powers, harmonics, batch) from `weight` and c (points, batch)."""
    powers = jnp.stack([weight * c**p for p in POWERS])
    return (powers[:, None] * radial[None]).sum(2)


def moments(b: Barrier, points: int, both: bool) -> list[Array]:
    """``int c^p k_a..k_b / |D|^2 dc dphi``: per rank (factors k) an array (p in POWERS, 2, .., 2, batch).

    `points` Gauss-Legendre points between grazing and normal incidence; `both` where Rashba and Dresselhaus coupling
    act together.
    """
    y, w = _gauss(points)
    y, w = y[:, None], w[:, None]
    delta = grading(b)[None]
    top = jnp.arcsinh(1 / delta)
    angle = y * top
    c = jnp.minimum(delta * jnp.sinh(angle), 1.0)
    weight = jnp.asarray(w) * top * delta * jnp.cosh(angle)
    # 1 - c^2 with full precision near normal incidence: sinh^2 differences as products
    s2 = delta**2 * jnp.sinh((1 - y) * top) * jnp.sinh(top + angle)
    if both:
        s = jnp.sqrt(s2)
        kernels = _two_harmonics(b, c, s, RANK, _PATH_POINTS * points)
        parts = jnp.stack(
            [_averages(weight, c, jnp.stack([s**rank * part[n] for rank, n in _HARMONICS])) for part in kernels], 2
        )
    else:
        strength = (b.rashba**2 + b.dresselhaus**2)[None]
        a = ((b.exchange**2 - b.u0**2)[None] + strength * s2 + c * c, -2 * c * b.u0[None])
        vector = 2 * b.exchange[None] * jnp.einsum("ikb,ib->kb", b.coupling[:2], b.m[:2])
        c0 = s2 * (vector**2).sum(0)[None]
        h = _one_harmonic(a, c0, _real_gap(b, c, s2, a[0], c0), RANK)
        radial = _averages(weight, c, jnp.stack([s2 ** ((rank + n) // 2) * h[n] for rank, n in _HARMONICS]))
        turns = [jnp.stack([jnp.ones_like(vector[0]), jnp.zeros_like(vector[0])])]
        for _ in range(RANK):
            x, z = turns[-1]
            turns.append(jnp.stack([x * vector[0] - z * vector[1], x * vector[1] + z * vector[0]]))
        parts = radial[:, :, None] * jnp.stack([turns[n] for _, n in _HARMONICS])[None]
    out, start = [], 0
    for rank in range(RANK + 1):
        count = rank // 2 + 1
        table = _monomials(rank)[..., rank % 2 :: 2].reshape(2**rank, 2, count).swapaxes(1, 2).reshape(2**rank, -1)
        found = jnp.einsum("xq,pqb->pxb", table, parts[:, start : start + count].reshape(len(POWERS), 2 * count, -1))
        out.append(found.reshape(len(POWERS), *(2,) * rank, -1))
        start += count
    return out
