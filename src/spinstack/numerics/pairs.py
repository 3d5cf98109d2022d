"""Functions of 2x2 matrices for two quantities that diffuse and turn into each other (docs/methods/orbital.md).

The matrix is ``A = R^-1 X`` with symmetric R = [[1, chi], [chi, 1]] and X = [[p, q], [q, r]], real, or complex with a
non-negative real part. Any function of it is ``f(A) = alpha + beta A``: what is kept of a function are alpha and beta,
divided differences over the two eigenvalues, which stay smooth where these are equal, as eigenvectors do not.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax

from spinstack.numerics.hyperbolic import admittances, complex_admittances
from spinstack.numerics.stage import stage

#: size of A below which power series are exact to rounding
_SMALL = 1e-3
#: squared half difference of the eigenvalues, over their mean times (it or one), below which series in it are
_CLOSE = 1e-2
_THROUGH = (1.0, -1 / 6, 7 / 360, -31 / 15120, 127 / 604800, -73 / 3421440)
_SHUNT = (0.0, 1 / 2, -1 / 24, 1 / 240, -17 / 40320, 31 / 725760)


class Pair(NamedTuple):
    """R (through chi) and X = [[p, q], [q, r]] of the matrix; `determinant` = p r - q^2 without cancellation."""

    chi: Array
    p: Array
    q: Array
    r: Array
    determinant: Array

    def times(self, function: tuple[Array, Array]) -> tuple[Array, Array, Array]:
        """R f(A), a symmetric matrix: its entries (11, 12, 22)."""
        alpha, beta = function
        return alpha + beta * self.p, alpha * self.chi + beta * self.q, alpha + beta * self.r


@stage
def pair_admittances(m: Pair) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """alpha and beta of x/sinh x and of x tanh(x/2), x^2 = A: what passes a layer and what it loses."""
    w = (1 - m.chi) * (1 + m.chi)
    mean = (m.p + m.r - 2 * m.chi * m.q) / (2 * w)
    product = m.determinant / w
    d2 = (((m.p - m.r) / 2) ** 2 + (m.q - m.chi * m.r) * (m.q - m.chi * m.p)) / w**2
    scale = jnp.abs(mean)
    small = (jnp.abs(m.p) + jnp.abs(m.r) + 2 * jnp.abs(m.q)) / w < _SMALL
    close = ~small & (jnp.abs(d2) <= _CLOSE * scale * jnp.minimum(scale, 1.0))
    apart = ~(small | close)

    def where(chosen: Array, values: tuple[Array, Array, Array], otherwise: tuple[float, float, float]) -> list[Array]:
        return [jnp.where(chosen, v, o) for v, o in zip(values, otherwise, strict=True)]

    given = (mean, product, d2)

    def near(values: list[Array]) -> Both:
        return _near(values[0], values[1], values[2])

    def none(values: list[Array]) -> Both:
        nothing = jnp.zeros_like(values[0])
        return (nothing, nothing), (nothing, nothing)

    found = (
        (small, _series(*where(small, given, (0.0, 0.0, 0.0))[:2])),
        # equal eigenvalues are rare, and functions of complex numbers are slow
        (close, lax.cond(close.any(), near, none, where(close, given, (1.0, 1.0, 0.0)))),
        (apart, _apart(*where(apart, given, (1.0, 0.75, 0.25)))),
    )

    def chosen(k: int, part: int) -> Array:
        (_, tiny), (_, alike), (_, far) = found
        return jnp.where(small, tiny[k][part], jnp.where(close, alike[k][part], far[k][part]))

    return (chosen(0, 0), chosen(0, 1)), (chosen(1, 0), chosen(1, 1))


Both = tuple[tuple[Array, Array], tuple[Array, Array]]


def _series(mean: Array, product: Array) -> Both:
    """Power series in A, by A^2 = 2 mean A - product."""
    powers = [(jnp.ones_like(mean), jnp.zeros_like(mean))]
    for _ in _THROUGH[1:]:
        constant, linear = powers[-1]
        powers.append((-linear * product, constant + 2 * mean * linear))

    def total(coefficients: tuple[float, ...]) -> tuple[Array, Array]:
        parts = [[c * p for p in power] for c, power in zip(coefficients, powers, strict=True)]
        alpha, beta = (sum(part, jnp.zeros_like(mean)) for part in zip(*parts, strict=True))
        return alpha, beta

    return total(_THROUGH), total(_SHUNT)


def _near(mean: Array, product: Array, d2: Array) -> Both:
    """With roots u + v and u - v of the eigenvalues both functions are even in v, and so functions of V = v^2."""
    u2 = (mean + jnp.sqrt(product)) / 2
    V, u = d2 / (4 * u2), jnp.sqrt(u2)
    fall = jnp.exp(-u)
    cosh, sinh = (1 + fall * fall) / 2, -jnp.expm1(-2 * u) / 2  # of u, times e^-u
    cosh_v = 1 + V / 2 * (1 + V / 12 * (1 + V / 30 * (1 + V / 56)))
    sinhc_v = 1 + V / 6 * (1 + V / 20 * (1 + V / 42 * (1 + V / 72)))
    both, across = cosh + fall * cosh_v, sinh**2 - fall**2 * V * sinhc_v**2
    shunt = (u * sinh + fall * V * sinhc_v) / both, (sinh / u + fall * sinhc_v) / (2 * both)
    through = (
        fall * (u * sinh * cosh_v - V * cosh * sinhc_v) / across,
        fall * (sinh / u * cosh_v - cosh * sinhc_v) / (2 * across),
    )
    return (through[0] - mean * through[1], through[1]), (shunt[0] - mean * shunt[1], shunt[1])


def _apart(mean: Array, product: Array, d2: Array) -> Both:
    """From the functions at both eigenvalues."""
    d = jnp.sqrt(d2)
    d = jnp.where((d * jnp.conj(mean)).real < 0, -d, d)
    b = mean + d
    a = product / b  # the small one without cancellation
    X = jnp.stack([a, b])
    if jnp.iscomplexobj(X):
        values = [r + 1j * i for r, i in complex_admittances(X.real, X.imag)]
    else:
        values = list(admittances(X))
    (through_a, through_b), (shunt_a, shunt_b) = values

    def of(f_a: Array, f_b: Array) -> tuple[Array, Array]:
        return (b * f_a - a * f_b) / (2 * d), (f_b - f_a) / (2 * d)

    return of(through_a, through_b), of(shunt_a, shunt_b)
