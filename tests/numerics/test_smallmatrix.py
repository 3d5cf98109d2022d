"""3x3 algebra with the batch last against NumPy's with the batch first."""

import numpy as np
import pytest

import spinstack.numerics.compiler  # noqa: F401  (64-bit floats before anything is traced)
from spinstack.numerics import smallmatrix as small

RNG = np.random.default_rng(3)
A, B = RNG.normal(size=(2, 4, 7, 3, 3))
U, V = RNG.normal(size=(2, 4, 7, 3))


def last(array, axes):
    """The second axis, that of the batch, behind the `axes` that follow it."""
    return np.moveaxis(array, 1, 1 + axes)


PAIRS = {
    "mul": (small.mul, (A, B), A @ B),
    "apply": (small.apply, (A, V), np.einsum("nbij,nbj->nbi", A, V)),
    "dot": (small.dot, (U, V), (U * V).sum(-1)),
    "cross": (small.cross, (U, V), np.cross(U, V)),
    "transpose": (small.transpose, (A,), A.swapaxes(-1, -2)),
    "outer": (small.outer, (U, V), U[..., :, None] * V[..., None, :]),
    "cross_matrix": (small.cross_matrix, (U,), np.cross(U[..., None, :], np.eye(3)).swapaxes(-1, -2)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_products_are_those_of_numpy(name):
    function, arguments, want = PAIRS[name]
    found = function(*(last(a, a.ndim - 2) for a in arguments))
    np.testing.assert_allclose(found, last(want, want.ndim - 2), rtol=1e-14, atol=1e-14)


def test_constants_have_the_axes_of_what_they_meet():
    vectors, matrices = last(U, 1), last(A, 2)
    assert small.constant((1.0, 2.0, 3.0), vectors).shape == (1, 3, 1)
    assert small.identity(matrices).shape == (1, 3, 3, 1)
    np.testing.assert_array_equal(
        small.mul(np.broadcast_to(small.identity(matrices), matrices.shape), matrices), matrices
    )


def test_elimination_solves_what_dissipates():
    a = A @ A.swapaxes(-1, -2) + 0.1 * np.eye(3) + (B - B.swapaxes(-1, -2))
    found = small.solve(last(a, 2), last(B, 2))
    np.testing.assert_allclose(found, last(np.linalg.solve(a, B), 2), rtol=1e-10)
    one = small.mul(small.solve(last(a, 2), np.broadcast_to(small.identity(last(a, 2)), last(a, 2).shape)), last(a, 2))
    np.testing.assert_allclose(one, np.broadcast_to(np.eye(3)[..., None], one.shape), atol=1e-12)


def test_small_eigenvalues_survive_beside_large_ones():
    turn = np.linalg.qr(A[0, 0])[0]
    large = np.diag([1e18, 2e18, 3.0])
    # a large block and a small one, coupled as a rotation about z couples x and y
    turn = np.array([[turn[0, 0], turn[0, 1], 0], [turn[1, 0], turn[1, 1], 0], [0, 0, 1]])
    a = turn @ large @ turn.T
    found = small.solve(a[..., None], np.eye(3)[..., None])[..., 0]
    assert found[2, 2] == pytest.approx(1 / 3, rel=1e-15)
