"""One electron at a magnetic impurity: Amin, Haney, Stiles, J. Appl. Phys. 128, 151101 (2020), Sec. III, App. A."""

import numpy as np
import pytest
from reference_impurity import scatter, scatter_strong, spin_of

import spinstack as ss

RNG = np.random.default_rng(11)
N = 500
X, Y, Z = np.eye(3)


def random_case():
    """Wave numbers, spins, barriers, exchange and spin-orbit vectors; strengths from 1e-3 to 30."""
    size = 10 ** RNG.uniform(-3, 1.5, (2, N, 1))
    u_ex, u_so = size * RNG.normal(size=(2, N, 3))
    return RNG.uniform(0.01, 1, N), RNG.normal(size=(N, 3)), RNG.uniform(-2, 2, N), u_ex, u_so


def matched(k, psi, u0, u):
    """Reflected and transmitted spinors by solving continuity and the jump of the slope for one electron."""
    sigma = np.array([[u[2], u[0] - 1j * u[1]], [u[0] + 1j * u[1], -u[2]]]) + u0 * np.eye(2)
    one = np.eye(2)
    system = np.block([[one, -one], [1j * k * one, 1j * k * one - 2 * sigma]])
    both = np.linalg.solve(system, np.concatenate([-psi, 1j * k * psi]))
    return both[:2], both[2:]


def test_spin_direction_and_spinor_mean_the_same():
    n = RNG.normal(size=(N, 3))
    n[:4] = [Z, -Z, X, [1e-9, 0, -1]]
    n /= np.linalg.norm(n, axis=1)[:, None]
    out = scatter(1.0, n, 0.0, Z * 0)
    np.testing.assert_allclose(out.incident, n, atol=4e-16)
    polar, azimuth = np.arccos(n[:, 2]), np.arctan2(n[:, 1], n[:, 0])
    spinor = 3.0 * np.stack([np.cos(polar / 2), np.sin(polar / 2) * np.exp(1j * azimuth)], -1)
    again = scatter(0.6, spinor, 0.3, (0.2, -0.4, 0.5))
    for a, b in zip(scatter(0.6, n, 0.3, (0.2, -0.4, 0.5))[1:], again[1:], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-7)  # arccos near the poles


def test_amplitudes_solve_the_matching_conditions():
    k, n, u0, u_ex, u_so = random_case()
    out = scatter(k, n, u0, u_ex, u_so)
    for i in range(40):
        psi = np.linalg.eigh(np.einsum("i,iab", n[i], [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]]))[1][
            :, 1
        ]
        reflected, transmitted = matched(k[i], psi, u0[i], u_ex[i] + u_so[i])
        np.testing.assert_allclose(out.reflected[i], -k[i] * spin_of(reflected), atol=1e-12)
        np.testing.assert_allclose(out.transmitted[i], k[i] * spin_of(transmitted), atol=1e-12)
        np.testing.assert_allclose(out.density[i], spin_of(transmitted), atol=1e-12)


def test_what_is_absorbed_is_the_torque_on_the_magnet_and_on_the_lattice():
    k, n, u0, u_ex, u_so = random_case()
    out = scatter(k, n, u0, u_ex, u_so)
    size = np.maximum(1, np.abs(out.torque_magnet).max(-1, keepdims=True))
    assert (np.abs(out.absorbed - out.torque_magnet - out.torque_lattice) / size).max() < 1e-14
    assert np.abs(out.torque_lattice).max() > 0.5
    np.testing.assert_array_equal(out.absorbed, out.incident + out.reflected - out.transmitted)


def test_without_spin_orbit_field_the_magnet_gets_everything_and_nothing_along_it():
    k, n, u0, u_ex, _ = random_case()
    out = scatter(k, n, u0, u_ex)
    assert (out.torque_lattice == 0).all()
    np.testing.assert_allclose(out.torque_magnet, out.absorbed, atol=1e-13)
    axis = u_ex / np.linalg.norm(u_ex, axis=1)[:, None]
    assert np.abs((out.absorbed * axis).sum(-1)).max() < 1e-14


def test_spin_orbit_field_alone_leaves_the_magnet_in_peace():
    k, n, u0, _, u_so = random_case()
    out = scatter(k, n, u0, np.zeros(3), u_so)
    assert (out.torque_magnet == 0).all()
    np.testing.assert_allclose(out.torque_lattice, out.absorbed, atol=1e-13)


@pytest.mark.parametrize("finite", [True, False])
def test_equation_a30(finite):
    """Torque over kz of a spin along x' is (sin^2, sin cos, 0) of chi_up - chi_down, tan(chi) = kz/u."""
    k = RNG.uniform(0.01, 1, N)
    up, down = RNG.uniform(-3, 3, (2, N))
    equal = scatter_strong(k, X, up, down)
    out = scatter(k, X, (up + down) / 2, (up - down)[:, None] / 2 * Z) if finite else equal
    difference = np.arctan2(k, up) - np.arctan2(k, down)
    sine, cosine = np.sin(difference), np.cos(difference)
    wanted = k[:, None] * np.stack([sine**2, sine * cosine, 0 * sine], -1)
    np.testing.assert_allclose(out.absorbed, wanted, atol=1e-14)
    np.testing.assert_allclose(out.torque_magnet, wanted, atol=1e-14)


def test_strong_and_finite_evaluation_agree_for_any_axis():
    k, n, u0, u_ex, _ = random_case()
    size = np.linalg.norm(u_ex, axis=1)
    one, other = scatter(k, n, u0, u_ex), scatter_strong(k, n, u0 + size, u0 - size, u_ex)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_perfect_filter_takes_all_of_the_incoming_transverse_spin_current():
    k, n = RNG.uniform(0.01, 1, N), RNG.normal(size=(N, 3))
    out = scatter_strong(k, n, np.inf, 0.0, n[::-1])
    axis = n[::-1] / np.linalg.norm(n, axis=1)[::-1, None]
    along = (out.incident * axis).sum(-1, keepdims=True) * axis
    np.testing.assert_allclose(out.torque_magnet, out.incident - along, atol=1e-14)
    np.testing.assert_allclose(out.absorbed, out.incident - along, atol=1e-14)
    # reflected up and transmitted down carry the same spin current; nothing across the axis is left at z = 0
    out = scatter_strong(k, X)
    np.testing.assert_allclose(out.reflected, -k[:, None] / 2 * Z, atol=1e-15)
    np.testing.assert_allclose(out.transmitted, -k[:, None] / 2 * Z, atol=1e-15)
    np.testing.assert_allclose(out.density, np.broadcast_to(-Z / 2, (N, 3)), atol=1e-15)


def test_infinite_barriers_are_the_limit_of_large_ones_of_first_order():
    k, n = RNG.uniform(0.1, 1, N), RNG.normal(size=(N, 3))
    exact = scatter_strong(k, n, np.inf, 0.4, (1, 2, 3))
    off = []
    for u in (1e3, 1e4):
        out = scatter_strong(k, n, u, 0.4, (1, 2, 3))
        off.append(np.abs(out.torque_magnet - exact.torque_magnet).max())
    assert off[0] / off[1] == pytest.approx(10, rel=0.02)
    walls = scatter_strong(k, n, np.inf, np.inf)
    assert np.abs(walls.torque_magnet).max() == np.abs(walls.absorbed).max() == 0
    assert np.isfinite(np.concatenate(scatter_strong(k, n, -np.inf, 1e-300)[1:])).all()


def test_equations_11_and_12_as_corrected_and_not_as_printed():
    a, off = 0.7, {"spinor": [], "spin": [], "printed spinor": [], "printed spin": []}
    for u in (1e3, 1e4):
        out = scatter_strong(a, X, u, 0.0)
        spinor, spin = out.spinor / out.spinor[1], 2 * out.density
        off["spinor"].append(np.abs(spinor - [-1j * a / u, 1]).max())
        printed = -1j * a / u * np.array([1, 1])
        off["printed spinor"].append(
            1 - abs(np.vdot(printed, spinor)) / np.linalg.norm(printed) / np.linalg.norm(spinor)
        )
        np.testing.assert_allclose(spin[:2], [0, 2 * a / u], atol=3 * (a / u) ** 2)
        off["spin"].append(abs(spin[2] - (-1 + a**2 / u**2)))
        off["printed spin"].append(abs(spin[2] - (-1 + a / u**2)))
        np.testing.assert_allclose(spin_of([-1j * a / u, 1]), [0, 2 * a / u, -1 + a**2 / u**2], atol=1e-15)
        assert np.abs(spin_of(printed)[1]) == 0  # no y', hence no torque
    assert off["spinor"][0] / off["spinor"][1] == pytest.approx(100, rel=0.01)  # correct to first order in 1/u
    assert min(off["printed spinor"]) > 0.2
    assert off["spin"][0] < 1e-2 * off["printed spin"][0]
    # the torque of the vanishing density does not vanish: (u_up - u_down) s x z'
    np.testing.assert_allclose(u * np.cross(spin_of([-1j * a / u, 1]) / 2, Z), a * X, atol=1e-12)


def test_spin_along_the_total_field_passes_without_any_net_torque_but_turns_the_magnet():
    """Sec. III B: it is an eigenstate of the total field, so the lattice gives what the magnet takes."""
    k, _, u0, u_ex, u_so = random_case()
    out = scatter(k, u_ex + u_so, u0, u_ex, u_so)
    size = np.maximum(1, np.abs(out.torque_magnet).max(-1, keepdims=True))
    assert (np.abs(out.absorbed) / size).max() < 1e-14
    assert (np.abs(out.torque_magnet + out.torque_lattice) / size).max() < 1e-14
    assert np.abs(out.torque_magnet).max() > 0.1


def test_arguments_broadcast():
    k = np.linspace(0.1, 1, 5)[:, None]
    out = scatter(k, X, np.zeros(3), (0.1, 0.2, 0.3), (0.0, 0.1, 0.0))
    assert out.spinor.shape == (5, 3, 2)
    assert all(v.shape == (5, 3, 3) for v in out[1:])
    assert all(v.shape == (5, 1, 3) for v in scatter_strong(k, X)[1:])


def test_the_delta_barrier_is_an_impurity_for_every_wave_vector():
    size, m, spin = RNG.uniform(-2, 2, (4, N)), RNG.normal(size=(N, 3)), RNG.normal(size=(N, 3))
    names = ("barrier", "exchange", "rashba", "dresselhaus")
    b = ss.DeltaBarrier(**dict(zip(names, size, strict=True)), fermi_wavevector=1e10)
    m, spin = (v / np.linalg.norm(v, axis=1)[:, None] for v in (m, spin))
    c, phi = RNG.uniform(0.01, 1, N), RNG.uniform(0, 6.28, N)
    kx, ky = np.sqrt(1 - c**2) * (np.cos(phi), np.sin(phi))
    u_so = np.stack([size[3] * kx - size[2] * ky, size[2] * kx - size[3] * ky, 0 * kx], -1)
    out = scatter(c, spin, size[0], size[1][:, None] * m, u_so)
    # spin of the electron: the moment is opposite
    found, arriving = b.incidence(c, phi, m), np.append(-spin, np.ones((N, 1)), 1)[..., None]
    for label, wanted in (("T", out.transmitted), ("R", -out.reflected)):
        np.testing.assert_allclose((getattr(found, label) @ arriving)[:, :3, 0] * -c[:, None], wanted, atol=1e-12)
    for torque, wanted in ((found.torque, out.torque_magnet), (found.lattice, out.torque_lattice)):
        np.testing.assert_allclose((torque @ arriving)[..., 0] * -c[:, None], wanted, atol=1e-11)
