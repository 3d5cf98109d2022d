"""Films between reservoirs that hold spin."""

import numpy as np
import pytest
from boltzmann_films import KF, SHARVIN, C, conductivity, nm, random_bare, random_film, time_reversed, valve_of_barriers

import spinstack as ss
from spinstack.boltzmann import perpendicular, reservoirs

PATH = 5 * nm
METAL = ss.Metal("N", thickness=10 * nm, conductivity=conductivity(PATH), spin_diffusion_length=60 * nm)
#: parity of spin and charge under time reversal, at both faces, and power per current and potential
PARITY = np.tile([-1.0, -1.0, -1.0, 1.0], 2)
POWER = np.array([0.5, 0.5, 0.5, 1.0, -0.5, -0.5, -0.5, -1.0])


def crossing(seed, make):
    """A film without spin Hall effect and splitter, which drive currents in the plane."""
    film, m, _ = make(seed)
    return film, m


@pytest.mark.study
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", [random_film, lambda s: random_film(s, random_bare), valve_of_barriers])
def test_reciprocity_passivity_and_where_spin_ends(make, seed):
    film, m = crossing(seed, make)
    forward = reservoirs(film, m, rtol=0.3)
    backward = reservoirs(time_reversed(film), {name: -np.asarray(v) for name, v in m.items()}, rtol=0.3)
    assert forward.directions == backward.directions
    G, back = POWER[:, None] * forward.conductance, POWER[:, None] * backward.conductance
    size = np.abs(G).max()
    np.testing.assert_allclose(G, PARITY[:, None] * back.T * PARITY, rtol=0, atol=1e-12 * size)
    assert np.linalg.eigvalsh(G + G.T).min() > -1e-12 * size
    charge = forward.conductance[3] - forward.conductance[7]
    np.testing.assert_allclose(charge, 0, atol=1e-12 * size)
    lost = forward.conductance[:3] - forward.conductance[4:7]
    np.testing.assert_allclose(lost, forward.torque.sum(0) + forward.lattice, rtol=0, atol=1e-12 * size)


@pytest.mark.study
@pytest.mark.parametrize("make", [random_film, valve_of_barriers])
def test_a_voltage_alone_is_the_perpendicular_current(make):
    film, m = crossing(1, make)
    found = reservoirs(film, m, rtol=1e-4)
    known = perpendicular(film, m, rtol=1e-4)
    voltage = np.array([0, 0, 0, 0.5, 0, 0, 0, -0.5])
    current = found.conductance @ voltage
    assert 1 / current[3] == pytest.approx(known.resistance, rel=1e-3)
    np.testing.assert_allclose(current[4:7] / current[7], known.spin_current, atol=1e-3)


def test_what_is_thin_is_the_sharvin_conductance_for_every_spin():
    found = reservoirs(ss.Film((METAL.replace(thickness=1e-6 * nm),))).conductance
    expected = np.diag([SHARVIN] * 3 + [2 * SHARVIN])
    np.testing.assert_allclose(found, np.block([[expected, -expected]] * 2), rtol=1e-5, atol=1e-6 * SHARVIN)
    assert pytest.approx(C / 4) == 2 * SHARVIN


@pytest.mark.parametrize("spin", range(3))
def test_spin_of_a_reservoir_decays_in_a_thick_metal_as_spin_diffuses(spin):
    """sigma/2l csch(t/l) with both ends further away by Milne's length, to the order of path over length."""
    l_sf, milne = 60 * nm, 0.7104
    found = reservoirs(ss.Film((METAL.replace(thickness=150 * nm),))).conductance
    t = 150 * nm + 2 * milne * PATH
    passed = conductivity(PATH) / (2 * l_sf) / np.sinh(t / l_sf)
    assert -found[4 + spin, 4 + spin] > 0
    assert found[4 + spin, spin] == pytest.approx(passed, rel=0.02)
    entering = conductivity(PATH) / (2 * l_sf) / np.tanh(t / l_sf)
    assert found[spin, spin] == pytest.approx(entering, rel=0.08)


def test_a_polarised_reservoir_exerts_a_torque_on_a_magnet_across_it():
    magnet = ss.Ferromagnet("F", thickness=3 * nm, conductivity=5e6, polarization=0.4, spin_diffusion_length=20 * nm,
                            dephasing_length=1 * nm, fermi_wavevector=KF)  # fmt: skip
    found = reservoirs(METAL | magnet, (0, 0, 1), rtol=1e-5)
    torque = found.torque[0]
    size = np.abs(torque).max()
    assert torque[0, 0] > 0.1 * size
    assert torque[0, 0] == pytest.approx(torque[1, 1], rel=1e-9)
    np.testing.assert_allclose(torque[:, [2, 3, 6, 7]], 0, atol=1e-12 * size)
    np.testing.assert_allclose(torque[2], 0, atol=1e-12 * size)


def test_batches_are_their_films():
    many = reservoirs(ss.Film((METAL.replace(thickness=np.array([2.0, 9.0]) * nm),)), rtol=1e-5).conductance
    assert many.shape == (2, 8, 8)
    for i, t in enumerate((2 * nm, 9 * nm)):
        one = reservoirs(ss.Film((METAL.replace(thickness=t),)), rtol=1e-5).conductance
        np.testing.assert_allclose(many[i], one, rtol=0, atol=3e-5 * np.abs(one).max())


def test_a_film_that_ends_in_an_insulator_is_refused():
    with pytest.raises(ss.ParameterError, match="no current flows"):
        reservoirs(METAL | ss.Vacuum())
