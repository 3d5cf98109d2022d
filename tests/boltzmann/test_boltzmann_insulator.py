"""Films on magnetic insulators by the Boltzmann equation: limits, balances, reciprocity, against drift-diffusion."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.boltzmann import solve
from spinstack.boltzmann.boundaries import Absorber
from spinstack.stack import ParameterError
from spinstack.stack.collisions import conductance_constant

M = np.array([0.48, 0.6, 0.64])
MIRRORS = ss.Boltzmann(rtol=1e-6, specularity=(1.0, 1.0))


def metal(scale=1.0):
    return ss.Metal(
        "Pt",
        thickness=4e-9 * scale,
        conductivity=2e6,
        spin_diffusion_length=3e-9 * scale,
        spin_hall_angle=0.1,
    )


def film(scale=1.0, mixing=4e14 + 1e14j, sink=2e13):
    face = ss.MagneticInsulator("I", mixing_conductance=mixing / scale, spin_sink_conductance=sink / scale)
    return face | metal(scale)


def absorber(mixing, sink):
    turn = np.array([[0, M[2], -M[1]], [-M[2], 0, M[0]], [M[1], -M[0], 0]])
    torque = mixing.real * (np.eye(3) - np.outer(M, M)) + mixing.imag * turn
    return Absorber(sink * np.eye(3) + torque, torque, 0)


def test_thick_films_approach_drift_diffusion_at_first_order():
    scales = np.array([4.0, 16.0, 64.0])
    off = []
    for scale in scales:
        one = film(scale)
        R = [ss.sheet_resistance(one, m=(0, 0, 1), solver=s)[1, 0] for s in (MIRRORS, None)]
        ratio = [ss.magnetoresistance(one, "beta", solver=s) for s in (MIRRORS, None)]
        off.append([R[0] / R[1] - 1, ratio[0] / ratio[1] - 1])
    order = np.diff(np.log(np.abs(off)), axis=0) / np.diff(np.log(scales))[:, None]
    np.testing.assert_allclose(order, -1, atol=0.12)
    assert np.abs(off[-1]).max() < 1e-3


def test_torque_of_a_thick_film_is_that_of_drift_diffusion():
    both = [ss.torque(film(64.0), m=(1, 1, 0), solver=s)["I"].values for s in (MIRRORS, None)]
    np.testing.assert_allclose(both[0], both[1], atol=1e-3 * np.abs(both[1]).max())


def test_two_insulators_reciprocity_and_balance():
    rng = np.random.default_rng(3)
    for _ in range(4):
        top = ss.MagneticInsulator("J", mixing_conductance=1e14 - 5e13j, spin_sink_conductance=1e13)
        m = {name: rng.normal(size=3) for name in "IJ"}
        p = tuple(rng.uniform(0, 1, 2))
        one = solve(film() | top, m, p, rtol=1e-3)
        back = solve(film() | top, {name: -v for name, v in m.items()}, p, rtol=1e-3)
        assert one.residual < 1e-13
        np.testing.assert_allclose(one.sheet, back.sheet.T, atol=1e-14 * one.sheet.max())
        # all spin that the spin Hall effect moves ends in a magnetisation or is lost
        total = one.torque.sum(0) + one.lattice
        assert np.abs(total).max() < 1e-12 * np.abs(one.torque).max()


def test_an_exchange_field_alone_turns_without_loss():
    R = absorber(3e14j, 0.0).reflected(conductance_constant(1.36e10))[:3, :3]
    np.testing.assert_allclose(R @ R.T, np.eye(3), atol=1e-14)
    assert not np.allclose(R, np.eye(3))


@pytest.mark.parametrize("G", [1e8, 1e13, 1e15, 1e20])
def test_reflection_never_gains_spin(G):
    R = absorber(G * (1 + 0.5j), 0.3 * G).reflected(conductance_constant(1.36e10))[:3, :3]
    assert np.linalg.svd(R, compute_uv=False).max() <= 1 + 1e-14


def test_no_conductance_is_a_plain_surface():
    bare = ss.Film((metal(),))
    for p in ((0.0, 0.0), (0.3, 1.0)):
        one, plain = solve(film(mixing=0j, sink=0.0), (0, 1, 0), p), solve(bare, None, p)
        np.testing.assert_allclose(one.sheet, plain.sheet, rtol=1e-12)


def test_a_magnet_model_needs_its_temperature():
    magnet = ss.WeissMagnet(
        spin=2, curie_temperature=100, surface_density=3e18, exchange_coupling=1e-48, density_of_states=4e46
    )
    one = ss.MagneticInsulator("EuS", magnet=magnet) | metal()
    sink, mixing = magnet.conductances(0.0, 20.0)
    same = ss.MagneticInsulator("EuS", mixing_conductance=mixing, spin_sink_conductance=sink) | metal()
    solver = ss.Boltzmann()
    assert ss.magnetoresistance(one, "beta", T=20.0, solver=solver) == pytest.approx(
        ss.magnetoresistance(same, "beta", solver=solver), rel=1e-9
    )
    with pytest.raises(ParameterError, match="T"):
        ss.magnetoresistance(one, "beta", solver=solver)
