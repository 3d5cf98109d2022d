"""Functions of 2x2 matrices against eigenvectors, where these are good, and against each other where they are not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from spinstack.numerics.pairs import Pair, pair_admittances

FUNCTIONS = (lambda x: 2 * x * np.exp(-x) / -np.expm1(-2 * x), lambda x: x * np.tanh(x / 2))
RATIOS = [(0.1, 0.5, 0.3), (0.9, -0.8, 0.6), (4.0, 0.3, -0.9), (1.05, 0.02, 0.0)]  # r/p, c, chi


def made(chi, p, r, c, exchange=0.0, own=0.0):
    """The pair of two decays p and r, conversion c, and what acts on either across the magnetisation."""
    q = -c * np.sqrt(p * r)
    det = p * r * (1 - c) * (1 + c) + exchange * (r + own) + p * own
    return Pair(*(jnp.asarray([v]) for v in (chi, p + exchange, q, r + own, det)))


def by_eigenvectors(m):
    chi, p, q, r = (np.asarray(v)[0] for v in m[:4])
    R, X = np.array([[1, chi], [chi, 1]]), np.array([[p, q], [q, r]])
    values, vectors = np.linalg.eig(np.linalg.solve(R, X))
    return [R @ vectors @ np.diag(f(np.sqrt(values))) @ np.linalg.inv(vectors) for f in FUNCTIONS]


@pytest.mark.parametrize("scale", [1e-3, 0.1, 1.0, 30.0, 1e3])
@pytest.mark.parametrize(("exchange", "own"), [(0.0, 0.0), (2.0 + 3.0j, 0.7j), (0.5 - 1.0j, 0.0j)])
@pytest.mark.parametrize(
    ("ratio", "c", "chi"), [(0.1, 0.5, 0.3), (0.9, -0.8, 0.6), (4.0, 0.3, -0.9), (1.05, 0.02, 0.0)]
)
def test_functions_of_a_matrix(scale, exchange, own, ratio, c, chi):
    m = made(chi, scale, scale * ratio, c, scale * exchange, scale * own)
    for found, expected in zip(pair_admittances(m), by_eigenvectors(m), strict=True):
        a, b, d = (np.asarray(v)[0] for v in m.times(found))
        assert abs(np.array([[a, b], [b, d]]) - expected).max() < 1e-12 * max(1, abs(expected).max())


@pytest.mark.parametrize("p", [1e-12, 1e-4, 1.0, 1e4, 1e8])
def test_without_coupling_both_are_alone(p):
    m = made(0.0, p, 0.3 * p, 0.0)
    for found, f in zip(pair_admittances(m), FUNCTIONS, strict=True):
        a, b, d = (float(v[0]) for v in m.times(found))
        size = f(np.sqrt(0.3 * p))
        assert [a, d] == pytest.approx(
            np.nan_to_num([f(np.sqrt(v)) for v in (p, 0.3 * p)]), rel=1e-11, abs=1e-15 * size
        )
        assert b == 0


@pytest.mark.study
@pytest.mark.parametrize("p", [1e-6, 1e-3, 0.3, 5.0, 400.0])
@pytest.mark.parametrize("split", [0.0, 1e-12, 1e-6, 1e-3, 0.05, 0.2, 0.5])
def test_derivatives_are_smooth_through_equal_eigenvalues(p, split):
    def total(x):
        c, chi, ratio = x
        r, q = p * ratio, -c * p * jnp.sqrt(ratio)
        m = Pair(*(jnp.reshape(v, (1,)) for v in (chi, p * jnp.ones(()), q, r, p * r * (1 - c) * (1 + c))))
        return jnp.stack([entry[0] for f in pair_admittances(m) for entry in m.times(f)])

    x = jnp.array([0.7 * split, -0.4 * split, 1 + split])
    found = jax.jacrev(total)(x)
    h = 1e-4
    steps = [[total(x + k * h * e) for k in (-2, -1, 1, 2)] for e in jnp.eye(3)]
    difference = jnp.stack([(a - 8 * b + 8 * c - d) / (12 * h) for a, b, c, d in steps], -1)
    assert abs(found - difference).max() < 1e-9 * max(1.0, float(abs(difference).max()))
