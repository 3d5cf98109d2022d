"""The two functions of thickness over length through which every layer enters, without growing exponentials.

Arguments are squares, X = (t/l)^2, so that both functions are smooth at X = 0. Complex X has a non-negative real part.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from spinstack.numerics.stage import stage

_SMALL = 1e-4  # below, four terms of the series in X are exact to rounding


@stage
def admittances(X: Array) -> tuple[Array, Array]:
    """x / sinh x and x tanh(x/2) for real X = x^2 >= 0 (any shape); relative error a few 1e-16."""
    small = X < _SMALL
    x = jnp.sqrt(jnp.where(small, 1.0, X))
    rise = -jnp.expm1(-x)  # 1 - e^-x
    fall = jnp.exp(-x)
    through = jnp.where(small, 1 + X * (-1 / 6 + X * (7 / 360 - X * (31 / 15120))), 2 * x * fall / (rise * (1 + fall)))
    shunt = jnp.where(small, X * (1 / 2 + X * (-1 / 24 + X * (1 / 240 - X * (17 / 40320)))), x * rise / (1 + fall))
    return through, shunt


@stage
def complex_admittances(Xr: Array, Xi: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """The same for complex X = Xr + i Xi, Xr >= 0: ((Re, Im) of x / sinh x, (Re, Im) of x tanh(x/2)).

    Imaginary parts keep their relative precision as Xi -> 0, so their ratio to Xi is a derivative there.
    """
    modulus = jnp.hypot(Xr, Xi)
    small = modulus < _SMALL
    a, b = _root(jnp.where(small, 1.0, Xr), jnp.where(small, 0.0, Xi))
    rise = -jnp.expm1(-2 * a)  # 1 - e^-2a
    fall = jnp.exp(-a)
    s, c = jnp.sin(b), jnp.cos(b)
    u, v = rise * c, (2 - rise) * s
    scale = 2 * fall / (u * u + v * v)
    through = scale * (a * u + b * v), scale * (b * u - a * v)
    scale = 1 / ((2 - rise) + 2 * fall * c)
    u, v = rise, 2 * fall * s
    shunt = scale * (a * u - b * v), scale * (a * v + b * u)

    Sr, Si = jnp.where(small, Xr, 0.0), jnp.where(small, Xi, 0.0)
    t = _horner(Sr, Si, (1.0, -1 / 6, 7 / 360, -31 / 15120))
    h = _horner(Sr, Si, (0.0, 1 / 2, -1 / 24, 1 / 240, -17 / 40320))
    return (
        (jnp.where(small, t[0], through[0]), jnp.where(small, t[1], through[1])),
        (jnp.where(small, h[0], shunt[0]), jnp.where(small, h[1], shunt[1])),
    )


def _root(Xr: Array, Xi: Array) -> tuple[Array, Array]:
    """Square root with positive real part; no cancellation because Xr >= 0."""
    a = jnp.sqrt((jnp.hypot(Xr, Xi) + Xr) / 2)
    return a, Xi / (2 * a)


def _horner(r: Array, i: Array, coefficients: tuple[float, ...]) -> tuple[Array, Array]:
    p, q = jnp.full_like(r, coefficients[-1]), jnp.zeros_like(i)
    for c in coefficients[-2::-1]:
        p, q = p * r - q * i + c, p * i + q * r
    return p, q


def interior(Xr: Array, Xi: Array, fraction: Array) -> tuple[Array, Array, Array, Array]:
    """sinh(f x)/sinh(x) and its derivative f-derivative x cosh(f x)/sinh(x), as (Re, Im, Re, Im), for 0 <= f <= 1.

    The derivative of the profile inside a layer whose far face is held at one and near face at zero.
    """
    modulus = jnp.hypot(Xr, Xi)
    small = modulus < _SMALL
    a, b = _root(jnp.where(small, 1.0, Xr), jnp.where(small, 0.0, Xi))
    x = a + 1j * b
    far = jnp.exp(-(1 - fraction) * x)
    twice = jnp.exp(-2 * fraction * x)
    below = -_expm1(-2 * x)
    value = far * -_expm1(-2 * fraction * x) / below
    slope = x * far * (1 + twice) / below
    X = jnp.where(small, Xr + 1j * Xi, 0.0)
    f2 = fraction**2
    # sinh(f x)/sinh(x) = f [1 + X (f^2 - 1)/6 + X^2 (3 f^4 - 10 f^2 + 7)/360 + O(X^3)]
    value_s = fraction * (1 + X * (f2 - 1) / 6 + X**2 * (3 * f2**2 - 10 * f2 + 7) / 360)
    slope_s = 1 + X * (3 * f2 - 1) / 6 + X**2 * (15 * f2**2 - 30 * f2 + 7) / 360
    value, slope = jnp.where(small, value_s, value), jnp.where(small, slope_s, slope)
    return value.real, value.imag, slope.real, slope.imag


def _expm1(z: Array) -> Array:
    """exp(z) - 1 of a complex number without cancellation."""
    r, i = z.real, z.imag
    half = jnp.sin(i / 2)
    return (jnp.expm1(r) * jnp.cos(i) - 2 * half**2) + 1j * jnp.exp(r) * jnp.sin(i)
