"""Functions of thickness over length against their power series, summed with sixty digits."""

from decimal import Decimal, localcontext

import jax
import numpy as np
import pytest

import spinstack.numerics.compiler  # noqa: F401  (64-bit floats before anything is traced)
from spinstack.numerics.hyperbolic import admittances, complex_admittances, interior

REAL = np.concatenate([[0.0], np.geomspace(1e-12, 1e3, 60), [0.99999e-4, 1e-4, 1.00001e-4]])
COMPLEX = np.array([r * np.exp(1j * p) for r in (1e-9, 9.9e-5, 1.01e-4, 0.3, 4.0, 90.0) for p in (-1.57, -0.4, 0.9)])


def times(a, b):
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def over(a, b):
    size = b[0] * b[0] + b[1] * b[1]
    p, q = times(a, (b[0], -b[1]))
    return p / size, q / size


def series(X, odd):
    """sinh(x)/x (odd) or cosh(x) of X = x^2 (Re, Im), whose series has no root in it."""
    term = total = (Decimal(1), Decimal(0))
    for k in range(1, 400):
        p, q = times(term, X)
        term = (p / (2 * k * (2 * k + odd - (not odd))), q / (2 * k * (2 * k + odd - (not odd))))
        total = total[0] + term[0], total[1] + term[1]
    return total


def expected(X, fraction=1.0):
    """x/sinh x, x tanh(x/2), sinh(f x)/sinh x, x cosh(f x)/sinh x of one complex X."""
    with localcontext() as context:
        context.prec = 60
        X, f = (Decimal(float(X.real)), Decimal(float(X.imag))), Decimal(fraction)
        inner = X[0] * f * f, X[1] * f * f
        S, C = series(X, True), series(X, False)
        through = over((Decimal(1), Decimal(0)), S)
        shunt = over(times(X, S), (1 + C[0], C[1]))
        value, slope = over(series(inner, True), S), over(series(inner, False), S)
        value = value[0] * f, value[1] * f
        return [complex(float(a), float(b)) for a, b in (through, shunt, value, slope)]


def test_real_arguments_keep_all_digits():
    found = np.array(admittances(REAL)).T
    want = np.array([[v.real for v in expected(np.complex128(X))[:2]] for X in REAL])
    np.testing.assert_allclose(found, want, rtol=2e-15, atol=1e-300)


def test_complex_arguments_keep_all_digits():
    through, shunt = complex_admittances(COMPLEX.real, COMPLEX.imag)
    want = np.array([expected(X)[:2] for X in COMPLEX])
    for (real, imaginary), values in zip((through, shunt), want.T, strict=True):
        assert (np.abs(real - values.real) <= 1e-14 * np.abs(values)).all()
        assert (np.abs(imaginary - values.imag) <= 1e-14 * np.abs(values)).all()


@pytest.mark.parametrize("X", [1e-6, 0.3, 4.0])
def test_a_small_imaginary_part_is_a_derivative(X):
    parts = complex_admittances(np.array(X), np.array(1e-12))
    for k, (_, imaginary) in enumerate(parts):
        assert float(imaginary) / 1e-12 == pytest.approx(
            float(jax.grad(lambda v, k=k: admittances(v)[k])(X)), rel=1e-12
        )


@pytest.mark.study
@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_the_inside_of_a_layer(fraction):
    found = interior(COMPLEX.real, COMPLEX.imag, np.full(COMPLEX.size, fraction))
    want = np.array([expected(X, fraction)[2:] for X in COMPLEX])
    # below the place where the series ends, it has three terms
    np.testing.assert_allclose(found[0] + 1j * found[1], want[:, 0], rtol=1e-12, atol=0)
    np.testing.assert_allclose(found[2] + 1j * found[3], want[:, 1], rtol=1e-12, atol=0)


def test_thick_layers_neither_overflow_nor_lose_their_derivatives():
    X = np.array([1e4, 1e8, 1e16, 1e30])
    through, shunt = admittances(X)
    np.testing.assert_allclose(through, 0, atol=1e-30)
    np.testing.assert_allclose(shunt, np.sqrt(X), rtol=1e-15)
    slope = jax.vmap(jax.grad(lambda v: admittances(v)[1]))(X)
    np.testing.assert_allclose(slope, 1 / (2 * np.sqrt(X)), rtol=1e-14)


@pytest.mark.parametrize("X", [0.0, 5e-5, 2e-4, 1.0, 40.0])
def test_derivatives_are_slopes_of_the_series(X):
    step = 1e-3 * max(X, 1e-3)
    found = [float(jax.grad(lambda v, k=k: admittances(v)[k])(X)) for k in (0, 1)]
    ends = [np.real(expected(np.complex128(X + s * step))[:2]) for s in (-2, -1, 1, 2)]
    slope = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * step)
    np.testing.assert_allclose(found, slope, rtol=1e-9)
