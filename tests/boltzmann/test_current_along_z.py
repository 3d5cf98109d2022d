"""What a current along z does, by Boltzmann's equation."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import spinstack as ss

NM, HBAR, E = 1e-9, 1.054571817646156e-34, 1.602176634e-19
M = {"A": (0.0, 0.6, 0.8), "B": (1.0, 0.0, 0.0)}
SOLVER = ss.Boltzmann(rtol=1e-5)


def magnet(name, thickness, flip=30 * NM, conductivity=1e6):
    return ss.Ferromagnet(
        name, thickness=thickness, conductivity=conductivity, polarization=0.5, spin_diffusion_length=flip,
        dephasing_length=4 * NM, precession_length=5 * NM,
    )  # fmt: skip


def valve(**more):
    spacer = ss.Metal("Cu", thickness=20 * NM, conductivity=1e6, spin_diffusion_length=100 * NM)
    return magnet("A", 60 * NM, **more) | spacer | magnet("B", 40 * NM, **more)


@pytest.mark.study
def test_thick_layers_do_what_drift_diffusion_says():
    for name in ("A", "B"):
        own, other = (ss.torque(valve(), m=M, current=1.0, solver=s)[name].values for s in (SOLVER, None))
        assert np.linalg.norm(own - other) < 0.05 * np.linalg.norm(other)
    own, other = (ss.profile(valve(), m=M, current=1e10, solver=s) for s in (SOLVER, None))
    assert np.abs(own.Q - other.Q).max() < 0.04 * np.abs(other.Q).max()
    assert np.abs(own.mu - other.mu).max() < 0.06 * np.abs(other.mu).max()
    assert_allclose(own.j_c, 1e10, rtol=1e-6)


def test_what_a_magnet_takes_is_what_the_spin_current_loses_across_it():
    film = valve(flip=1.0)  # no spin goes to the lattice
    inside = ss.profile(film, m=M, current=1.0, solver=SOLVER, points=3)
    taken = ss.torque(film, m=M, current=1.0, solver=SOLVER)
    for name, m in ((name, np.array(m)) for name, m in M.items()):
        Q = inside.Q.values[inside["layer"].values == name]
        lost = Q[0] - Q[-1]
        assert_allclose(taken[name].values * 2 * E / HBAR, lost - m * (m @ lost), atol=1e-4 * np.abs(Q).max())
        assert abs(m @ lost) < 1e-5 * np.abs(Q).max()


def test_averages_are_those_of_the_profile():
    inside = ss.profile(valve(), m=M, current=2.0, solver=SOLVER, points=201)
    Q = inside.Q.values[inside["layer"].values == "Cu"]
    found = ss.average_spin_current(valve(), "Cu", m=M, current=2.0, solver=SOLVER)
    assert_allclose(found, np.trapezoid(Q, axis=0) / 200, rtol=1e-4)


@pytest.mark.study
def test_spins_that_cross_drive_currents_in_the_plane_as_the_field_drives_them():
    """In a thick metal j is theta z x force, whose integral is the drop of mu: as in drift-diffusion."""
    film = magnet("A", 60 * NM) | ss.Metal(
        "Pt", thickness=90 * NM, conductivity=1e6, spin_diffusion_length=10 * NM, spin_hall_angle=0.1
    )
    own, other = (
        ss.layer_currents(film, m="x", current=1.0, solver=s).sheet_current.sel(element="Pt").values
        for s in (SOLVER, None)
    )
    assert other[1] > 0
    assert own[1] == pytest.approx(other[1], rel=0.06)
    assert abs(own[0]) < 1e-6 * own[1]


@pytest.mark.parametrize("rashba", [0.0, 0.15])
def test_batches_are_their_films(rashba):
    barrier = ss.DeltaBarrier(barrier=0.5, exchange=0.25, rashba=rashba, fermi_wavevector=1.36e10)
    film = (
        magnet("A", 3 * NM)
        | ss.Interface(scattering=barrier)
        | ss.Metal("Cu", thickness=4 * NM, conductivity=1e7, spin_diffusion_length=100 * NM)
    )
    m = np.array([(0.0, 0.6, 0.8), (1.0, 0.0, 0.0)])
    both = ss.torque(film, m=m, current=1.0, solver=SOLVER)["A"].values
    for one, expected in zip(m, both, strict=True):
        found = ss.torque(film, m=one, current=1.0, solver=SOLVER)["A"].values
        assert_allclose(found, expected, atol=1e-4 * max(np.abs(both).max(), HBAR / E * 1e-4))
