"""Barriers whose magnetisation moves, against their scattering matrices, electron by electron."""

from functools import partial

import numpy as np
import pytest
from plain_films import KF, nm
from scipy.constants import e, hbar
from studies import mostly_studies

import spinstack as ss
from spinstack.circuit.solve import pumping
from spinstack.scattering.electrons import PAULI
from spinstack.scattering.evaluate import flat
from spinstack.scattering.model import ScatteringModel
from spinstack.scattering.motion import own_torque

M = np.array([0.48, -0.6, 0.64])
BARRIERS = {
    "exchange": ss.DeltaBarrier(barrier=0.4, exchange=0.3, fermi_wavevector=KF),
    "Rashba": ss.DeltaBarrier(barrier=0.5, exchange=-0.3, rashba=0.2, fermi_wavevector=KF),
    "no barrier": ss.DeltaBarrier(barrier=0.0, exchange=0.5, rashba=0.1, fermi_wavevector=KF),
    "both": ss.DeltaBarrier(barrier=0.7, exchange=0.2, rashba=0.1, dresselhaus=0.3, fermi_wavevector=KF),
}
G0 = e**2 * KF**2 / (8 * np.pi**2 * hbar)


def electrons(n=120):
    """In-plane wave vectors and the weights of a flux, ``<1> = 1``."""
    x, w = np.polynomial.legendre.leggauss(n)
    cosine, phi = (x + 1) / 2, 2 * np.pi * np.arange(2 * n) / (2 * n)
    sine = np.sqrt(1 - cosine**2)[:, None]
    k = np.stack(np.broadcast_arrays(sine * np.cos(phi), sine * np.sin(phi)), -1)
    return k, (cosine * w)[:, None] * np.full((n, 2 * n), 1 / (2 * n))


def matrix(barrier, k, m):
    """The scattering matrix, rows and columns below and above, each with its spin."""
    r, t = barrier.amplitudes(k, m)
    return np.block([[r, t], [t, r]])


def turned(barrier, k, axis, step=1e-5):
    """S and its derivative by the angle about an axis."""
    ahead, behind = (matrix(barrier, k, M + sign * step * np.cross(axis, M)) for sign in (1, -1))
    return (ahead - behind) / (2 * step)


@pytest.mark.parametrize("name", mostly_studies(BARRIERS, always=("exchange", "Rashba")))
def test_friction_is_the_trace_of_the_scattering_matrix(name):
    barrier, (k, weight) = BARRIERS[name], electrons()
    moved = [2 * turned(barrier, k, axis) for axis in np.eye(3)]
    expected = [[(weight * np.einsum("...ab,...ab->...", a, b.conj()).real / 2).sum() for b in moved] for a in moved]
    found = barrier.friction(M[:, None], 1e-11)[..., 0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    # what does not dissipate is antisymmetric, and without spin-orbit coupling both are the torque of the two faces
    own = own_torque(flat(barrier, (1,)), M[:, None], 1e-11)[..., 0] / G0
    np.testing.assert_allclose((own + own.T) / 2, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    if name == "exchange":
        torque = barrier.tensors(M).torkance[:, :3] * 2 / G0
        np.testing.assert_allclose(own, 2 * torque, rtol=0, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("name", mostly_studies(BARRIERS, always=("exchange", "Rashba")))
def test_a_moving_barrier_sends_out_the_transpose_of_its_torque(name):
    # electrons that come out are ahead of equilibrium by i hbar dS/dt S+, which is minus that in volts; they carry
    # moments opposite to their spins, and what drives them is w = -(hbar/e) m x dm/dt
    barrier, (k, weight) = BARRIERS[name], electrons()
    S = matrix(barrier, k, M)
    sent = []
    for w in np.eye(3):  # dm/dt = -w x m in units of e/hbar; both minus signs are left out
        ahead = (1j * turned(barrier, k, w) @ S.conj().swapaxes(-1, -2))[..., :2, :2]
        sent.append([(weight * np.einsum("aij,...ji->...a", PAULI[:3], ahead)[..., i].real).sum() for i in range(3)])
    # below the interface what comes out flows down
    expected = np.array(sent).T
    found = barrier.tensors(-M).torkance[:, :3].T / G0
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    assert np.abs(expected).max() > 0.01


@pytest.mark.study
@pytest.mark.parametrize("sharvin", [False, True])
@pytest.mark.parametrize("name", BARRIERS)
def test_films_with_barriers_are_reciprocal_and_heat(name, sharvin):
    barrier = BARRIERS[name].replace(sharvin=sharvin)
    film = (
        ss.Ferromagnet("A", thickness=2 * nm, conductivity=4e6, spin_diffusion_length=5 * nm, polarization=0.3,
                       dephasing_length=1 * nm, precession_length=2 * nm)
        | ss.Interface(scattering=barrier, magnet="A")
        | ss.Metal("Pt", thickness=4 * nm, conductivity=5e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1)
        | ss.Interface(scattering=barrier.replace(exchange=0.35))
        | ss.Ferromagnet("B", thickness=1 * nm, conductivity=3e6, spin_diffusion_length=3 * nm)
    )  # fmt: skip
    m = {"A": M, "B": np.array([0.0, 0.6, 0.8])}
    there, back = (pumping(film, {k: sign * v for k, v in m.items()}) for sign in (1, -1))
    L, L_back = (found["damping"].reshape(6, 6) for found in (there, back))
    size = np.abs(L).max()
    np.testing.assert_allclose(L, L_back.T, rtol=0, atol=1e-10 * size)
    np.testing.assert_allclose(there["current"], -np.moveaxis(back["torque"], -1, 0) / 2, rtol=0, atol=1e-6)
    for i, own in enumerate(there["bulk"]):
        L[3 * i : 3 * i + 3, 3 * i : 3 * i + 3] += own
    assert np.linalg.eigvalsh(L + L.T).min() > -1e-10 * size


@pytest.mark.study
def test_damping_has_derivatives_by_the_barrier():
    film = (
        ss.Metal("Pt", thickness=4 * nm, conductivity=5e6, spin_diffusion_length=2 * nm)
        | ss.Interface(scattering=BARRIERS["Rashba"].replace(sharvin=True))
        | ss.Ferromagnet("B", thickness=1 * nm, conductivity=3e6, spin_diffusion_length=3 * nm, dephasing_length=1 * nm)
    )
    asked = partial(ss.damping_conductance, m=M)
    slopes = ss.gradient(film, asked)
    for path in ("Pt|B.scattering.rashba", "Pt|B.scattering.exchange"):
        at, step = film.get(path), 1e-6
        ahead, behind = (asked(film.replace({path: at + sign * step}))["damping_conductance"] for sign in (1, -1))
        found, expected = slopes[path]["damping_conductance"], (ahead - behind) / (2 * step)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7 * np.abs(expected).max().item())


class Silent(ScatteringModel, kind="silent_barrier"):
    """A Rashba barrier that does not say who takes its spin."""

    fermi_wavevector = KF

    def turns(self):
        return True

    def without_spin_orbit(self):
        return self

    def amplitudes(self, k, m):
        return BARRIERS["Rashba"].amplitudes(k, m)


def test_a_model_that_does_not_say_it_is_refused():
    film = (
        ss.Metal("Pt", thickness=4 * nm, conductivity=5e6, spin_diffusion_length=2 * nm)
        | ss.Interface(scattering=Silent())
        | ss.Ferromagnet("B", thickness=1 * nm, conductivity=3e6, spin_diffusion_length=3 * nm)
    )
    with pytest.raises(ss.ParameterError, match=r"Pt\|B\.scattering.*does not say what it does"):
        ss.damping_conductance(film, m="z")
