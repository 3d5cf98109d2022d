"""Magnets in time against what is exact: precession about an axis, length, order of the scheme, heat."""

import numpy as np
import pytest
from magnet_tables import directions, model, random_landscape, slonczewski

from spinstack.magnets.in_time import trace
from spinstack.magnets.landscape import Landscape, energy, fields
from spinstack.magnets.motion import Mechanics, path, rates
from spinstack.magnets.polynomial import exponents, fitted, monomials, nodes
from spinstack.magnets.pulse import Alternating, Constant

G = 1.76e11
Z = (0.0, 0.0, 1.0)


def several_torques(rng):
    """Coefficients of torques on two magnets, along own polarisations and towards each other."""
    p, amounts = directions(rng, 2), rng.normal(size=(3, 2))
    m = nodes(2, 2)
    out = []
    for i in range(2):
        one, other = m[:, i], m[:, 1 - i]
        along = np.cross(p[i], one)
        out.append(sum(a * v for a, v in zip(amounts[:, i], (np.cross(one, along), along, np.cross(one, other)),
                                             strict=True)))  # fmt: skip
    return fitted(m, np.stack(out, 1), 2)


def spiral(m, B, a, f, damping, g, t):
    """Directions (times, 3) where the field and the polarisation are along z."""
    s = (damping * (B + f) + a) / (1 + damping**2)
    w = ((B + f) - damping * a) / (1 + damping**2)
    rise, azimuth = np.arctanh(m[2]) + g * s * t, np.arctan2(m[1], m[0]) + g * w * t
    return np.stack([np.cos(azimuth) / np.cosh(rise), np.sin(azimuth) / np.cosh(rise), np.tanh(rise)], -1)


@pytest.mark.parametrize("damping", [0.02, 0.3])
def test_a_magnet_spirals_about_field_and_polarisation_as_it_must(damping):
    a, f, B, m = 0.01, 0.02, 0.3, np.array([0.6, 0.0, -0.8])
    made = model(slonczewski(Z, a, f), damping=damping, effective_magnetization=0.0)
    found = trace(made, m, duration=2e-9, current=1.0, B=(0, 0, B), samples=41, step=1e-13)
    exact = spiral(m, B, a, f, damping, made.gyromagnetic_ratios[0], found["time"].values)
    assert np.abs(found["m"].values[:, 0] - exact).max() < 1e-9
    assert np.abs(np.linalg.norm(found["m"].values, axis=-1) - 1).max() < 1e-14


def test_without_damping_the_energy_stays_and_with_it_only_falls():
    rng = np.random.default_rng(1)
    land, others = random_landscape(rng)
    m, B = directions(rng, 2)[..., None], rng.normal(size=(3, 1))
    nothing = np.zeros((len(exponents(2, 0)), 2, 3))
    for damping in (0.0, 0.1):
        on = Mechanics(land, nothing, others, np.full(2, G), np.full(2, damping))
        out = path("runge_kutta", 0, Constant.shape, on, m, B, np.zeros(1), [], dt=2e-14, every=20, records=200)
        height = np.array([energy(land, one, B, others) for one in out])[:, 0]
        if damping:
            assert (np.diff(height) < 0).all()
        else:
            assert np.ptp(height) < 1e-6 * np.abs(height).max()


@pytest.mark.study
@pytest.mark.parametrize(("scheme", "order"), [("runge_kutta", 4), ("heun", 2)])
def test_the_error_of_a_scheme_falls_with_its_order(scheme, order):
    rng = np.random.default_rng(2)
    land, others = random_landscape(rng)
    m, B = directions(rng, 2)[..., None], rng.normal(size=(3, 1))
    turning = several_torques(rng)
    on = Mechanics(land, turning, others, np.array([G, 0.8 * G]), np.array([0.1, 0.02]))

    def end(steps):
        # the sine is smooth, so that it is the scheme that is measured
        return path(scheme, 2, Alternating.shape, on, m, B, np.ones(1), [2e10, 0.3], dt=2e-11 / steps, every=steps,
                    records=1)[0]  # fmt: skip

    exact = end(6400)
    errors = [np.abs(end(n) - exact).max() for n in (200, 400)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.15)


def test_the_torque_of_a_current_is_mixed_by_damping_as_a_field_is():
    # a field along p and a field-like torque are the same motion; so are a torque m x (p x m) and a field m x p
    damping, p, rng = 0.3, np.array([0.6, 0.0, 0.8]), np.random.default_rng(3)
    m = directions(rng, 1)[..., None]
    nothing, none = np.zeros((1, 3)), np.zeros((0, 3))
    land = Landscape(np.array([1e-3]), nothing, np.zeros((1, 3, 3)), None, None, None, None)
    by_torque = Mechanics(land, slonczewski(p, 0.0, 0.1), none, np.array([G]), np.array([damping]))
    still = by_torque._replace(turning=0 * by_torque.turning)
    zero = np.zeros((3, 1))
    a = np.array(rates(by_torque, 2, m, zero, 1.0))
    b = np.array(rates(still, 2, m, 0.1 * p[:, None], 0.0))
    np.testing.assert_allclose(a, b, atol=1e-12 * np.abs(b).max())
    by_torque = by_torque._replace(turning=slonczewski(p, 0.1, 0.0))
    a = np.array(rates(by_torque, 2, m, zero, 1.0))
    b = np.array(rates(still, 2, m, 0.1 * np.cross(m[0, :, 0], p)[:, None], 0.0))
    np.testing.assert_allclose(a, b, atol=1e-12 * np.abs(b).max())


def test_the_equation_is_that_of_landau_lifshitz_and_gilbert():
    # dm/dt = -g m x B + a m x dm/dt + g T/M, put in implicitly
    rng = np.random.default_rng(4)
    land, others = random_landscape(rng)
    m, B = directions(rng, 2)[..., None], rng.normal(size=(3, 1))
    turning = several_torques(rng)
    on = Mechanics(land, turning, others, np.array([G, 0.8 * G]), np.array([0.1, 0.02]))
    rate = np.array(rates(on, 2, m, B, 0.7))[..., 0]
    H = np.array(fields(land, m, B, others))[..., 0]
    basis = np.array(np.broadcast_arrays(*monomials(m, 2)))[:, 0]
    for i in range(2):
        x, g = m[i, :, 0], on.ratios[i]
        T = 0.7 * np.einsum("t,tc->c", basis, turning[:, i])
        right = -g * np.cross(x, H[i]) + on.damping[i] * np.cross(x, rate[i]) + g * T
        np.testing.assert_allclose(rate[i], right, atol=1e-12 * np.abs(rate).max())
