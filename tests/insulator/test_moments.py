"""One moment and one face against traces over the levels; the reference itself."""

import numpy as np
import pytest
import reference_magnets as ref
from insulating_magnets import FACE, KINDS, SPINS, ask, ferromagnet, tesla


@pytest.mark.parametrize("given", [-3.0, -0.2, 0.1, 1.0, 6.0])
def test_an_electron_that_gives_energy_averages_to_a_bose_factor(given):
    assert ref.electron_integral(given) == pytest.approx(given / np.expm1(given), rel=1e-9)


@pytest.mark.parametrize("spin", [0.5, 1.5, 2.0])
@pytest.mark.parametrize("x", [-2.0, 0.3, 4.0])
def test_rate_of_flips_is_the_golden_rule_at_small_bias(spin, x):
    def slope(bias):
        return (ref.net_flips(spin, x, bias) - ref.net_flips(spin, x, -bias)) / (2 * bias)

    at_zero = (4 * slope(0.1) - slope(0.2)) / 3
    assert at_zero / 2 == pytest.approx(ref.moment(spin, x).flips, rel=3e-5)
    # the bias also tells the factor two: a flip changes the difference of spins by two, of which the rate 2 A is shared
    assert ref.moment(spin, x).flips == pytest.approx(
        x * ref.moment(spin, x).sigma / (4 * np.sinh(x / 2) ** 2), rel=1e-12
    )


@pytest.mark.parametrize("spin", SPINS)
def test_conductances_are_traces_over_the_levels(spin):
    rng = np.random.default_rng(round(2 * spin))
    x = np.concatenate([10 ** rng.uniform(-30, 2.5, 25), rng.uniform(0.02, 2.5, 40), [0.999999, 1.0, 1.000001]])
    x = np.concatenate([x, -x[::3]])
    T = 3.0
    B = tesla(x * T)
    found, order = ask(ferromagnet(spin=spin, curie_temperature=0.0), B, T)
    expected = np.array([ref.conductances(FACE, spin, float(v)) for v in ref.kelvin(B) / T]).T
    np.testing.assert_allclose(found, expected, rtol=2e-12, atol=0)
    np.testing.assert_allclose(order, [ref.moment(spin, float(v)).sigma for v in ref.kelvin(B) / T], rtol=1e-13)


@pytest.mark.parametrize("spin", SPINS)
def test_disordered_moments_take_up_spin_alike_in_all_directions(spin):
    magnet = ferromagnet(spin=spin)
    G0 = magnet.characteristic_conductance
    (sink, real, imag), _ = ask(magnet, 0.0, [16.5, 20.0, 1e4])
    np.testing.assert_allclose(sink, 2 / 3 * G0 * spin * (spin + 1), rtol=1e-13)
    assert (real == 0).all()
    assert (imag == 0).all()


@pytest.mark.parametrize("spin", SPINS)
@pytest.mark.parametrize(("B", "T"), [(0.0, 0.0), (0.0, 0.05), (1.0, 0.0), (50.0, 0.03)])
def test_saturated_moments_neither_flip_nor_fluctuate(spin, B, T):
    magnet = ferromagnet(spin=spin)
    G0 = magnet.characteristic_conductance
    (sink, real, imag), _ = ask(magnet, B, T)
    assert sink < 1e-12 * G0
    assert real == pytest.approx(G0 * spin**2, rel=1e-13)
    assert imag == pytest.approx(G0 * spin / (np.pi * 0.1), rel=1e-13)


def test_characteristic_conductance_is_of_the_order_of_mixing_conductances():
    magnet = ferromagnet()
    assert magnet.characteristic_conductance == pytest.approx(
        np.pi / 1.054571817e-34 * 5e18 * (1.602176634e-19 * 0.1) ** 2, rel=1e-9
    )
    assert magnet.characteristic_conductance == pytest.approx(3.8e13, rel=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_no_face_gives_spin_back(kind):
    make, parameters, ordering = KINDS[kind]
    rng = np.random.default_rng(3)
    B = rng.choice([-1, 1], 400) * 10 ** rng.uniform(-6, 3, 400)
    T = ordering * 10 ** rng.uniform(-3, 1, 400)
    (sink, real, _), _ = ask(make(**parameters), B, T)
    assert (sink >= 0).all()
    assert (real >= 0).all()
    assert (sink + real > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_exchange_field_knows_the_sign_of_the_coupling(kind):
    make, parameters, ordering = KINDS[kind]
    flipped = {k: -v if k.startswith("exchange_coupling") else v for k, v in parameters.items()}
    B, T = np.array([0.0, 0.5, 3.0]), np.array([0.3, 0.8, 1.2]) * ordering
    one, other = (ask(make(**p), B, T)[0] for p in (parameters, flipped))
    np.testing.assert_array_equal(one[:2], other[:2])
    np.testing.assert_array_equal(one[2], -other[2])
    assert (one[2] != 0).any()


def test_a_positive_coupling_gives_a_positive_exchange_field():
    assert ask(ferromagnet(), 1.0, 4.0)[0][2] > 0
