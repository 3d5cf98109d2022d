"""The function of Bloch and Grueneisen against quadrature, its limits, and its derivatives."""

from itertools import pairwise

import jax
import numpy as np
import pytest
from lawful_films import RESISTIVITY, resistivity
from scipy.integrate import quad
from scipy.special import zeta

from spinstack.laws.gruneisen_function import WHOLE, gruneisen

TAU = np.concatenate([np.geomspace(1e-3, 1e3, 60), 1 / 3 + np.array([-1e-9, 0, 1e-9])])


def integrand(t):
    return t**5 / (np.expm1(t) * -np.expm1(-t)) if t else 0.0


def by_quadrature(tau):
    """4 tau^5 J5(1/tau), the integral from 0 to 1/tau cut where nothing is left of it."""
    edges = np.linspace(0.0, min(1 / tau, 80.0), 9)
    parts = [quad(integrand, a, b, epsabs=0, epsrel=1e-13)[0] for a, b in pairwise(edges)]
    return 4 * tau**5 * sum(parts)


def test_it_is_the_integral():
    np.testing.assert_allclose(gruneisen(TAU), [by_quadrature(tau) for tau in TAU], rtol=2e-13)


def test_the_whole_integral_is_that_of_a_zeta_function():
    assert pytest.approx(120 * zeta(5), rel=1e-15) == WHOLE


def test_it_rises_as_the_fifth_power_and_then_as_the_first():
    cold, hot = np.array([1e-6, 1e-4, 1e-2]), np.array([30.0, 300.0, 3e4])
    np.testing.assert_allclose(gruneisen(cold), 4 * 120 * zeta(5) * cold**5, rtol=1e-13)
    # the first terms of the series in Theta/T
    np.testing.assert_allclose(gruneisen(hot), hot * (1 - 1 / (18 * hot**2) + 1 / (480 * hot**4)), rtol=1e-12)


@pytest.mark.study
def test_its_derivative_is_that_of_the_integral_at_every_temperature():
    def exact(tau):  # d/dtau of 4 tau^5 J5(1/tau) by Leibniz' rule
        return 5 * by_quadrature(tau) / tau - 4 * tau**3 * integrand(min(1 / tau, 700.0))

    slopes = jax.vmap(jax.grad(gruneisen))(TAU)
    np.testing.assert_allclose(slopes, [exact(tau) for tau in TAU], rtol=1e-11)


@pytest.mark.study
@pytest.mark.parametrize("tau", [0.0, 1e-300, 1e-6, 1e6])
def test_value_and_two_derivatives_are_finite_at_the_ends(tau):
    first, second = jax.grad(gruneisen), jax.grad(jax.grad(gruneisen))
    found = np.array([gruneisen(tau), first(tau), second(tau)], float)
    assert np.isfinite(found).all()
    if tau < 1e-100:
        np.testing.assert_array_equal(found, 0.0)


def test_numpy_and_jax_agree_to_rounding():
    np.testing.assert_allclose(jax.jit(gruneisen)(TAU), gruneisen(TAU), rtol=1e-14)


def test_the_law_is_residual_at_zero_and_linear_above():
    law = resistivity()
    assert 1 / law.number(0.0, {}) == pytest.approx(RESISTIVITY["residual_resistivity"], rel=1e-15)
    hot = 1 / law.number(np.array([2e4, 3e4]), {})
    assert np.diff(hot)[0] / 1e4 == pytest.approx(RESISTIVITY["resistivity_slope"], rel=1e-5)


def test_the_law_is_the_usual_one_with_its_own_constant():
    law, theta, T = resistivity(), 240.0, 77.0
    c = 4 * theta * RESISTIVITY["resistivity_slope"]
    J5 = quad(integrand, 0, theta / T, epsrel=1e-13)[0]
    assert 1 / law.number(T, {}) == pytest.approx(RESISTIVITY["residual_resistivity"] + c * (T / theta) ** 5 * J5)
