"""One moment in its field: order, fluctuations and what they do to an electron's spin, as functions of x.

``x`` is the splitting of neighbouring levels over temperature. Every function is accurate to rounding from x = 0 to
infinity; derivations in docs/methods/magnetic_insulator.md. Spins S may be any real number from 1/2, so that there are
derivatives by them.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

_TERMS = 12
_SERIES = 0.6  # below, the series is exact to rounding; above, coth y - 1/y loses less than a digit


def _coth_series() -> list[float]:
    """Coefficients c_n of coth y - 1/y = sum c_n y^(2n-1), n = 1 ..., from Bernoulli numbers."""
    bernoulli = [Fraction(1)]
    for n in range(1, 2 * _TERMS + 1):
        bernoulli.append(-sum((comb(n + 1, k) * bernoulli[k] for k in range(n)), Fraction(0)) / (n + 1))
    return [float(bernoulli[2 * n] * 4**n / factorial(2 * n)) for n in range(1, _TERMS + 1)]


_LANGEVIN = _coth_series()


def _polynomial(coefficients: list[float], Y: Array) -> Array:
    total = jnp.full_like(Y, coefficients[-1])
    for c in coefficients[-2::-1]:
        total = total * Y + c
    return total


class _Even(NamedTuple):
    """Even functions of y built from L(y) = coth y - 1/y: L/y, (1/3 - L/y)/y^2 times y^2, and L'."""

    ratio: Array
    deficit: Array
    slope: Array


def _langevin(y: Array) -> _Even:
    """For real y of either sign, not so large that y^2 overflows."""
    Y = y * y
    near = Y < _SERIES**2
    S = jnp.where(near, Y, 0.0)
    far = jnp.where(near, 1.0, jnp.abs(y))
    fall = jnp.exp(-2 * far)
    ratio = ((1 + fall) / (1 - fall) - 1 / far) / far
    slope = 1 / far**2 - 4 * fall / (1 - fall) ** 2
    deficit_near = -S * _polynomial(_LANGEVIN[1:], S)
    weights = [c * (2 * n + 1) for n, c in enumerate(_LANGEVIN)]
    return _Even(
        jnp.where(near, 1 / 3 - deficit_near, ratio),
        jnp.where(near, deficit_near, 1 / 3 - ratio),
        jnp.where(near, _polynomial(weights, S), slope),
    )


def order(x: Array, S: Array) -> tuple[Array, Array]:
    """sigma = S B_S(S x) and its derivative by x."""
    size = jnp.abs(x)
    near = size < 1
    n, f = jnp.where(near, x, 0.5), jnp.where(near, 2.0, size)
    J = S + 0.5
    a, b = _langevin(J * n), _langevin(n / 2)
    rise = J * J * a.ratio - b.ratio / 4
    wide, narrow = jnp.exp(-2 * J * f), jnp.exp(-f)
    full = S + 2 * J * wide / (1 - wide) - narrow / (1 - narrow)
    slope = narrow / (1 - narrow) ** 2 - 4 * J * J * wide / (1 - wide) ** 2
    return (
        jnp.where(near, n * rise, jnp.sign(x) * full),
        jnp.where(near, J * J * a.slope - b.slope / 4, slope),
    )


class Response(NamedTuple):
    """What a moment does to an electron, in units of G0 (`flips` A, `dephasing` <S_par^2> - A) and of one (`order`).

    The face's conductances are ``G_s = 2 G0 flips``, ``G_r = G0 dephasing``, ``G_i = G0 order/(pi nu J)``.
    """

    order: Array
    flips: Array
    dephasing: Array


def response(x: Array, S: Array) -> Response:
    """Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019), Eqs. 6, 7, 10-12 as functions of x."""
    size = jnp.abs(x)
    near = size < 1
    n, f = jnp.where(near, x, 0.5), jnp.where(near, 2.0, size)
    J = S + 0.5
    a, b = _langevin(J * n), _langevin(n / 2)
    Y = n * n / 4
    rise = J * J * a.ratio - b.ratio / 4
    flips = (1 - Y * b.slope) * rise
    lost = J * J * a.deficit - b.deficit / 4  # S(S+1)/3 - sigma/x
    dephasing = 3 * lost - rise * Y * (2 * b.ratio - b.slope)

    sigma, _ = order(x, S)
    narrow = jnp.exp(-f)
    far_flips = f * jnp.abs(sigma) * narrow / (1 - narrow) ** 2
    far_dephasing = S * (S + 1) - jnp.abs(sigma) * (1 + narrow) / (1 - narrow) - far_flips
    return Response(sigma, jnp.where(near, flips, far_flips), jnp.where(near, dephasing, far_dephasing))
