"""Ferromagnets and paramagnets in Weiss mean field against brute-force roots, laws and limits."""

import numpy as np
import pytest
import reference_magnets as ref
from insulating_magnets import FACE, SPINS, WEISS, ask, ferromagnet, tesla
from scipy.optimize import minimize_scalar

import spinstack as ss


def random_weiss(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        spin, Tc = rng.choice(SPINS), rng.choice([0.0, 16.5, 300.0])
        T = (Tc or 10.0) * (1 + rng.choice([-1, 1]) * 10 ** rng.uniform(-7, -0.02))
        yield float(spin), float(Tc), float(T), float(rng.choice([0, 1, 1, -1]) * 10 ** rng.uniform(-7, 2.5))


@pytest.mark.study
@pytest.mark.parametrize("share", [1.0, 5 / 6, 0.0])
def test_order_is_the_largest_root_of_the_mean_field(share):
    spin, Tc, T, B = np.array(list(random_weiss(150, 5))).T
    magnet = ss.WeissMagnet(**(WEISS | {"spin": spin, "curie_temperature": Tc, "surface_coordination": 6 * share}))
    found, order = ask(magnet, B, T)
    for i in range(len(spin)):
        bulk, x = ref.weiss(spin[i], Tc[i], B[i], T[i], share=share)
        # rounding of T and T_C alone moves the order near T_C
        slack = 1e-11 + 1e-15 * Tc[i] / abs(T[i] - Tc[i]) * abs(bulk)
        assert order[i] == pytest.approx(ref.moment(spin[i], x).sigma, abs=slack, rel=1e-12)
        expected = np.array(ref.conductances(FACE, spin[i], x))
        limits = ferromagnet().characteristic_conductance * (slack * np.array([1, 1, 10]) * 10) + 1e-9 * np.abs(
            expected
        )
        assert (np.abs(found[:, i] - expected) <= limits).all()


@pytest.mark.parametrize("spin", SPINS)
def test_curie_weiss_law(spin):
    magnet = ferromagnet(spin=spin, curie_temperature=100.0)
    T = np.array([100.5, 150.0, 1000.0])
    B = 1e-7
    expected = spin * (spin + 1) / 3 * ref.kelvin(B) / (T - 100)
    np.testing.assert_allclose(ask(magnet, B, T)[1], expected, rtol=1e-9)


@pytest.mark.parametrize("spin", SPINS)
def test_order_sets_in_with_the_square_root(spin):
    magnet = ferromagnet(spin=spin, curie_temperature=100.0)
    away = np.array([1e-6, 1e-5, 1e-4])
    amplitude = ask(magnet, 0.0, 100 * (1 - away))[1] ** 2 / away
    s = spin * (spin + 1)
    np.testing.assert_allclose(amplitude, 10 / 3 * s**2 / (spin**2 + (spin + 1) ** 2), rtol=4e-4)
    assert abs(amplitude[0] / amplitude[1] - 1) < 1e-4
    # on the critical isotherm the cube of the order is the field
    B = np.array([1e-6, 8e-6])
    np.testing.assert_allclose(np.divide(*ask(magnet, B, 100.0)[1][::-1]), 2.0, rtol=1e-3)


def test_a_field_against_the_order_is_borne_up_to_the_spinodal():
    spin, Tc, T = 2.0, 100.0, 60.0
    lam = ref.exchange_field(spin, Tc)
    barrier = minimize_scalar(lambda x: T * x - lam * ref.order(spin, x), bounds=(1e-3, 5), options={"xatol": 1e-10})
    field = tesla(-barrier.fun)
    magnet = ferromagnet(spin=spin, curie_temperature=Tc)
    assert field > 1
    strengths = np.array([-(1 - 1e-6), -(1 + 1e-6), 1 + 1e-6, -2, 2]) * field
    found, (before, beyond, along, *_) = ask(magnet, strengths, T)
    at = ref.order(spin, barrier.x)
    assert at < before < at * 1.01
    assert beyond == -along < 0
    # what the moments do to an electron turns over with them, the exchange field alone
    np.testing.assert_array_equal(found[:, 3], found[:, 4] * [1, 1, -1])


def test_order_along_the_field_grows_and_against_it_shrinks():
    magnet = ferromagnet()
    assert (np.diff(ask(magnet, np.linspace(-2, 20, 96), 12.0)[1]) > 0).all()


def test_a_surface_moment_without_neighbours_is_free():
    magnet = ferromagnet(surface_coordination=0.0)
    free = ferromagnet(curie_temperature=0.0)
    B, T = np.array([0.0, 0.3, 5.0]), 4.0
    np.testing.assert_allclose(ask(magnet, B, T)[0], ask(free, B, T)[0], rtol=1e-13, atol=1e-3)


def test_fewer_neighbours_order_less():
    full, fewer = ferromagnet(), ferromagnet(surface_coordination=4.0)
    T = np.linspace(2, 16, 15)
    (found, order), (less, lower) = ask(full, 0.0, T), ask(fewer, 0.0, T)
    assert (lower < order).all()
    assert (less[0] > found[0]).all()
