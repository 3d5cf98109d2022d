"""Functions of directions as polynomials: how many, exact where they can be, and off by what is said."""

import numpy as np
import pytest
from magnet_tables import directions

from spinstack.magnets.polynomial import exponents, fitted, monomials, nodes, of_functions


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 6])
def test_there_are_as_many_monomials_as_spherical_harmonics_and_they_are_independent(degree):
    assert len(exponents(1, degree)) == (degree + 1) ** 2
    for magnets in (1, 2) if degree < 6 else (1,):
        m = nodes(magnets, degree)
        basis = np.array(np.broadcast_arrays(*monomials(np.moveaxis(m, 0, -1), degree)))
        assert np.linalg.matrix_rank(basis) == len(exponents(magnets, degree))


@pytest.mark.parametrize(("magnets", "degree"), [(1, 4), (2, 2)])
def test_a_monomial_is_the_product_of_its_powers(magnets, degree):
    m = np.moveaxis(directions(np.random.default_rng(1), 7, magnets), 0, -1)
    for powers, value in zip(exponents(magnets, degree), monomials(m, degree), strict=True):
        product = np.prod([m[i, k] ** powers[i][k] for i in range(magnets) for k in range(3)], axis=0)
        np.testing.assert_allclose(value, product, atol=1e-15)


def test_a_polynomial_comes_back_with_its_coefficients():
    rng = np.random.default_rng(2)
    right = rng.normal(size=(len(exponents(2, 2)), 3))
    m = nodes(2, 2)
    values = np.array(np.broadcast_arrays(*monomials(np.moveaxis(m, 0, -1), 2))).T @ right
    np.testing.assert_allclose(fitted(m, values, 2), right, atol=1e-12)


def test_each_function_takes_the_lowest_degree_that_is_good_enough_and_its_residual_is_true():
    def several(m):
        x, _, z = m[:, 0].T
        return 1e-7 * (1 + 0 * x), z, x * z, x**4 - z**3, 1 / (1.6 + x), 0 * x

    found = of_functions(several, 1, 1e-6)
    assert [one.degree for one in found] == [0, 1, 2, 4, 12, 0]
    away = directions(np.random.default_rng(9), 2000, 1)
    for one, right in zip(found, several(away), strict=True):
        off = np.abs(one(away) - right).max() / max(np.abs(right).max(), 1e-300)
        assert off <= 3 * max(one.residual, 1e-15)
    # 1/(2 + x) falls off as 3.73^-n
    assert 1e-6 < found[4].residual < 1e-3
    assert all(one.degree == 2 for one in of_functions(several, 1, 1e-6, degree=2))
