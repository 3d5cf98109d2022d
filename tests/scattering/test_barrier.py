"""Barriers with a width between different Fermi spheres: single electrons, limits, closed forms, whole films."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from plain_films import KF, M, ferromagnet, metal, nm
from scipy.integrate import quad

import spinstack as ss
from spinstack.circuit import element_matrix
from spinstack.scattering import barrier_electrons
from spinstack.scattering.electrons import PAULI
from spinstack.scattering.response import sharvin_conductance

G = float(sharvin_conductance(KF))
PATHS, POLARIZATIONS = (2 * nm, 3 * nm), (0.0, 0.4)
PARITY = np.diag([-1.0, -1, -1, 1, -1, -1, -1, 1, 1, 1])
POWER = np.diag([0.5, 0.5, 0.5, 1, -0.5, -0.5, -0.5, -1, 1, 1])
barrier = partial(ss.Barrier, barrier=0.5, exchange=0.3, rashba=0.2, fermi_wavevector=KF)
#: barriers of every form
FORMS = {
    "delta": {},
    "wide": {"width": 0.2 * nm},
    "well": {"barrier": -2.0, "width": 0.4 * nm, "dresselhaus": 0.1},
    "mismatch": {"fermi_wavevector_upper": 1.3 * KF},
    "magnet above": {"splitting_upper": 0.3, "fermi_wavevector_upper": 0.9 * KF},
    "magnet below": {"splitting": -0.2, "dresselhaus": 0.1},
    "wide, magnet above": {"width": 0.2 * nm, "splitting_upper": 0.3},
    "coherent": {"splitting_upper": 0.3, "coherent": True},
}


def electrons(size=200, reach=1.2):
    rng = np.random.default_rng(4)
    return rng.uniform(-reach, reach, (size, 2)) / np.sqrt(2)


def film(model, upside_down=False):
    parts = metal(), ss.Interface(scattering=model), ferromagnet(dephasing_length=0.8 * nm, precession_length=0.7 * nm)
    below, interface, above = reversed(parts) if upside_down else parts
    return below | interface | above


@pytest.mark.parametrize("name", FORMS)
def test_the_scattering_matrix_is_unitary_and_reciprocal(name):
    b, k = barrier(**FORMS[name]), electrons()
    S, back = b.matrix(k, M), b.matrix(-k, -M)
    passed = S.conj().swapaxes(-1, -2) @ S
    # on what is open; the projector on it is diagonal in the basis of m
    np.testing.assert_allclose(passed @ passed, passed, rtol=0, atol=5e-14)
    count = np.trace(passed, axis1=-2, axis2=-1).real
    radii = [KF * r for sphere in b.spheres() for r in sphere]
    expected = sum(((k**2).sum(-1) < (r / KF) ** 2).astype(float) for r in radii)
    np.testing.assert_allclose(count, expected, rtol=0, atol=1e-12)
    turn = np.kron(np.eye(2), PAULI[1])
    np.testing.assert_allclose(S, turn @ back.swapaxes(-1, -2) @ turn, rtol=0, atol=5e-14)


def star(a, b):
    """Redheffer's product of two scattering matrices (4, 4), below and above, each with its spin."""
    (r1, d1), (t1, s1) = (a[:2, :2], a[:2, 2:]), (a[2:, :2], a[2:, 2:])
    (r2, d2), (t2, s2) = (b[:2, :2], b[:2, 2:]), (b[2:, :2], b[2:, 2:])
    inside = np.linalg.inv(np.eye(2) - s1 @ r2)
    up = inside @ t1
    down = inside @ s1 @ d2
    return np.block([[r1 + d1 @ r2 @ up, d1 @ (d2 + r2 @ down)], [t2 @ up, s2 + t2 @ down]])


def root(matrix):
    """The square root of a 2x2 matrix whose imaginary part is not negative."""
    values, vectors = np.linalg.eig(matrix)
    k = np.sqrt(values.astype(complex))
    return vectors @ np.diag(np.where(k.imag < -1e-9, -k, k)) @ np.linalg.inv(vectors)


def step(below, above):
    """Amplitudes (not of unit flux) of a step between wave vectors that are matrices."""
    inside = np.linalg.inv(below + above)
    t, back = inside @ (2 * below), inside @ (2 * above)
    return np.block([[t - np.eye(2), back], [t, back - np.eye(2)]])


@pytest.mark.parametrize("name", ["wide", "well", "wide, magnet above"])
def test_a_wide_barrier_is_step_propagation_step(name):
    b = barrier(**FORMS[name])
    d = b.width * KF
    spin = np.einsum("i,ijk->jk", M, PAULI[:3])
    for k in electrons(20):
        square = k @ k
        K_L, K_R = (
            root(sum((r**2 - square) * (np.eye(2) + s * spin) / 2 for s, r in ((-1, sphere[0]), (1, sphere[1]))))
            for sphere in b.spheres()
        )
        orbit = np.array(
            [(b.dresselhaus or 0.0) * k[0] - b.rashba * k[1], b.rashba * k[0] - (b.dresselhaus or 0.0) * k[1], 0]
        )
        U = b.barrier * np.eye(2) + np.einsum("i,ijk->jk", b.exchange * M + orbit, PAULI[:3])
        inside = root((1 - square) * np.eye(2) - 2 * U / d)
        values, vectors = np.linalg.eig(inside)
        through = vectors @ np.diag(np.exp(1j * values * d)) @ np.linalg.inv(vectors)
        none = np.zeros((2, 2))
        whole = star(star(step(K_L, inside), np.block([[none, through], [through, none]])), step(inside, K_R))

        def flux(K, power):
            values, vectors = np.linalg.eig(K)
            moves = values.real > 1e-12
            return (
                vectors
                @ np.diag(np.where(moves, np.where(moves, values.real, 1.0) ** power, 0))
                @ np.linalg.inv(vectors)
            )

        left = np.block([[flux(K_L, 0.5), none], [none, flux(K_R, 0.5)]])
        right = np.block([[flux(K_L, -0.5), none], [none, flux(K_R, -0.5)]])
        np.testing.assert_allclose(b.matrix(k, M), left @ whole @ right, rtol=0, atol=1e-10)


def close(one, other, tolerance):
    scale = {"conductivity": "conductance", "inverse": "conductance", "torkivity": "torkance"}
    for field, a, b in zip(one._fields[:-1], one, other, strict=False):
        size = np.abs(b).max() or nm * np.abs(getattr(other, scale.get(field, "conductance"))).max()
        assert np.abs(a - b).max() <= tolerance * size, field


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("sharvin", [False, True])
@pytest.mark.parametrize("given", [{}, {"fermi_wavevector_upper": KF}, {"width": 0.0, "fermi_wavevector_upper": KF}])
def test_between_equal_metals_it_is_the_delta_barrier(given, sharvin):
    delta = ss.DeltaBarrier(barrier=0.5, exchange=0.3, rashba=0.2, fermi_wavevector=KF, sharvin=sharvin)
    asked = (M, PATHS, POLARIZATIONS)
    close(barrier(**given, sharvin=sharvin).tensors(*asked), delta.tensors(*asked), 1e-9 if "width" in given else 1e-11)


@pytest.mark.study
def test_narrow_barriers_of_one_area_tend_to_the_delta_barrier():
    delta = barrier().tensors(M, PATHS, POLARIZATIONS)
    off = []
    for width in (2e-3, 1e-3):
        one = barrier(width=width * nm).tensors(M, PATHS, POLARIZATIONS)
        off.append(np.abs(one.conductance - delta.conductance).max() / np.abs(delta.conductance).max())
        close(one, delta, 0.05)
    assert off[1] < 0.02
    assert off[0] / off[1] == pytest.approx(2, rel=0.03)  # to first order in the width


@pytest.mark.parametrize("ratio", [2.0, 0.6])
def test_a_step_passes_what_velocities_allow(ratio):
    b = ss.Barrier(fermi_wavevector=KF, fermi_wavevector_upper=ratio * KF)
    _, t = b.amplitudes(np.zeros(2), M)
    np.testing.assert_allclose(np.abs(t) ** 2, 4 * ratio / (1 + ratio) ** 2 * np.eye(2), atol=1e-15)

    def passes(c):
        """2 c T of an electron from below."""
        beyond = c * c + ratio**2 - 1
        return 0.0 if beyond <= 0 else 2 * c * 4 * c * np.sqrt(beyond) / (c + np.sqrt(beyond)) ** 2

    edge = np.sqrt(max(0.0, 1 - ratio**2))
    expected = quad(passes, edge, 1, epsabs=1e-13)[0]
    C = b.conductance(M)
    assert C[3, 3] == pytest.approx(2 * G * expected, rel=1e-10)
    if ratio == 2:
        assert C[3, 3] == pytest.approx(2 * G * 20 / 27, rel=1e-12)
    # as many electrons come back the other way
    np.testing.assert_allclose(C[3, 3], -C[3, 7], rtol=1e-13)
    np.testing.assert_allclose(C[7, 3], -C[7, 7], rtol=1e-13)


def test_a_magnet_with_two_spheres_keeps_spin_along_m_only():
    b = ss.Barrier(fermi_wavevector=KF, splitting_upper=0.4)
    C, G_up, G_down = b.conductance(M), 0.0, 0.0
    for sign in (1, -1):
        other = ss.Barrier(fermi_wavevector=KF, fermi_wavevector_upper=(1 + sign * 0.4) * KF).conductance(M)[3, 3] / 2
        G_up, G_down = (other, G_down) if sign > 0 else (G_up, other)
    c = b.coefficients(M)
    assert c["conductance_up"] == pytest.approx(G_up, rel=1e-9)
    assert c["conductance_down"] == pytest.approx(G_down, rel=1e-9)
    assert abs(c["transmitted_mixing_conductance"]) < 1e-12 * G
    across = np.eye(3) - np.outer(M, M)
    assert np.abs(across @ C[4:7]).max() < 1e-12 * G

    # G_mix = <1 - r_up r_down*>, here by quadrature of the step's closed form
    def reflected(c, k):
        beyond = np.sqrt(complex(c * c + k * k - 1))
        return (c - beyond) / (c + beyond)

    def mixes(c, part):
        return 2 * c * part(1 - reflected(c, 1.4) * np.conj(reflected(c, 0.6)))

    edges = [0, *(np.sqrt(1 - k * k) for k in (0.6,)), 1]
    parts = [
        quad(mixes, a, b, epsabs=1e-13, args=(part,))[0]
        for part in (np.real, np.imag) for a, b in pairwise(edges)
    ]  # fmt: skip
    real, imaginary = sum(parts[:2]), sum(parts[2:])
    assert c["mixing_conductance"].real == pytest.approx(G * real, rel=1e-9)
    assert abs(c["mixing_conductance"].imag) == pytest.approx(G * abs(imaginary), rel=1e-9)
    assert c["mixing_conductance"].real >= (c["conductance_up"] + c["conductance_down"]) / 2


@pytest.mark.study
def test_what_a_coherent_interface_passes_ends_in_a_magnet_that_dephases_at_once():
    given = {"splitting_upper": 0.3, "rashba": 0.2}
    one, other = (
        metal() | ss.Interface(scattering=barrier(**given, coherent=coherent)) | ferromagnet(dephasing_length=1e-6 * nm)
        for coherent in (False, True)
    )
    K = [ss.sheet_conductance(f, m=[M, (0, 1, 0)]) for f in (one, other)]
    np.testing.assert_allclose(K[0], K[1], rtol=0, atol=1e-9 * K[0].max())
    T = [ss.torque(f, m=M)["Co"].values for f in (one, other)]
    np.testing.assert_allclose(T[0], T[1], rtol=0, atol=1e-5 * np.abs(T[0]).max())


def test_thresholds_split_the_quadrature():
    b = barrier(splitting_upper=0.3, fermi_wavevector_upper=0.9 * KF)
    packed = b._packed(M[:, None])
    form = b._form()
    exact = barrier_electrons.averages_at(packed, (40, 32), form)
    off = [
        barrier_electrons.change(barrier_electrons.averages_at(packed, (n, 32), form), exact).max() for n in (8, 12, 16)
    ]
    # exponential: every four points win more than two digits
    assert off[1] < 0.05 * off[0]
    assert off[2] < 0.05 * off[1]


@pytest.mark.study
@pytest.mark.parametrize("name", FORMS)
def test_element_and_film_are_reciprocal_and_passive(name):
    stack = film(barrier(**FORMS[name]), upside_down="splitting" in FORMS[name])
    pair, reversed_ = (POWER @ element_matrix(stack, 1, sign * M) for sign in (1, -1))
    mirrored = PARITY @ reversed_.T @ PARITY
    for rows, columns in ((slice(8), slice(8)), (slice(8), slice(8, 10)), (slice(8, 10), slice(8, 10))):
        scale = np.abs(pair[rows, columns]).max()
        assert np.abs(pair[rows, columns] - mirrored[rows, columns]).max() <= 1e-11 * scale
    least = np.linalg.eigvalsh((pair + pair.T)[:8, :8])
    assert least.min() >= -1e-12 * least.max()
    K, back = (ss.sheet_conductance(stack, m=sign * M) for sign in (1, -1))
    assert np.abs(K - back.T).max() <= 1e-13 * np.abs(K).max()


@pytest.mark.parametrize("name", ["wide, magnet above", "magnet below", "coherent"])
def test_spin_that_is_lost_is_torque_across_m_and_in_the_lattice(name):
    t = barrier(**FORMS[name]).tensors(M, PATHS, POLARIZATIONS)
    for current, torque, lattice in (
        (t.conductance, t.torkance, t.lattice_torkance), (t.conductivity, t.torkivity, t.lattice_torkivity),
    ):  # fmt: skip
        size = np.abs(torque).max()
        np.testing.assert_allclose(current[:3] - current[4:7], torque + lattice, rtol=0, atol=1e-11 * size)
        assert np.abs(M @ torque).max() <= 1e-10 * size


@pytest.mark.study
def test_rotation_about_the_normal():
    b, angle = barrier(splitting_upper=0.3, width=0.1 * nm), 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    K, turned = (ss.sheet_conductance(film(b), m=m) for m in (M, turn @ M))
    np.testing.assert_allclose(turned, turn[:2, :2] @ K @ turn[:2, :2].T, rtol=0, atol=1e-12 * K.max())


@pytest.mark.study
def test_pumping_through_unequal_sides_is_the_mixing_conductance():
    stack = ss.Metal("Cu", thickness=1e3 * nm, conductivity=1e9, spin_diffusion_length=1 * nm)
    b = ss.Barrier(barrier=0.3, exchange=0.2, fermi_wavevector=KF, splitting_upper=0.3)
    magnet = ferromagnet(spin_diffusion_length=1e4 * nm, dephasing_length=0.1 * nm)
    found = ss.damping_conductance(stack | ss.Interface(scattering=b) | magnet, m=(0, 0, 1))
    mixing = b.coefficients((0, 0, 1))["mixing_conductance"].real
    assert float(found["effective_mixing_conductance"].squeeze()) == pytest.approx(mixing, rel=1e-2)


def test_sample_files_and_the_command_line(tmp_path, capsys):
    from spinstack.cli import main

    stack = film(barrier(width=0.3 * nm, splitting_upper=0.2, coherent=True))
    path = ss.save_sample(stack, tmp_path / "film.toml")
    assert 'kind = "barrier"' in path.read_text(encoding="utf-8")
    assert ss.load_sample(path) == stack
    numbers = ["--barrier", "0.3", "--fermi-wavevector", "13.6 1/nm", "--splitting-upper", "0.3", "--width", "0.1 nm"]
    assert main(["interface", "--kind", "barrier", *numbers]) == 0
    assert capsys.readouterr().out.startswith("barrier: u_0 = 0.3")


def test_what_cannot_be_is_refused():
    with pytest.raises(ss.ParameterError, match=r"splitting_upper: got 1\.0"):
        ss.Barrier(fermi_wavevector=KF, splitting_upper=1.0)
    with pytest.raises(ss.ParameterError, match=r"width.*-1e-09"):
        ss.Barrier(fermi_wavevector=KF, width=-1e-9)
    with pytest.raises(ss.ParameterError, match="sharvin"):
        ss.Barrier(fermi_wavevector=KF, sharvin=True)
    with pytest.raises(ss.ParameterError, match="coherent: got 'yes'"):
        ss.Barrier(fermi_wavevector=KF, coherent="yes")
    split = ss.Interface(scattering=ss.Barrier(fermi_wavevector=KF, splitting=0.3))
    with pytest.raises(ss.ParameterError, match="'Pt', which is not its magnet"):
        ss.sheet_conductance(metal() | split | ferromagnet(), m=M)
    with pytest.raises(ss.ParameterError, match="spheres of their own"):
        ss.sheet_conductance(film(barrier(splitting_upper=0.3, coherent=True)), m=M, solver=ss.Boltzmann())


def test_boltzmann_takes_a_barrier_between_equal_spheres():
    delta = ss.DeltaBarrier(barrier=0.5, exchange=0.3, rashba=0.2, fermi_wavevector=KF)
    K = [
        ss.sheet_conductance(film(b), m=M, solver=ss.Boltzmann(rtol=1e-3))
        for b in (delta, barrier(), barrier(width=0.0))
    ]
    np.testing.assert_allclose(K[1], K[0], rtol=0, atol=1e-12 * K[0].max())
    np.testing.assert_allclose(K[2], K[0], rtol=0, atol=1e-12 * K[0].max())


@pytest.mark.study
def test_the_gradient_is_the_slope():
    stack = film(barrier(splitting_upper=0.3, fermi_wavevector_upper=1.1 * KF))

    def observable(f):
        return ss.sheet_resistance(f, m=M)[..., 0, 1]

    slopes = ss.gradient(stack, observable)
    for name in ("barrier", "rashba", "splitting_upper"):
        path = f"Pt|Co.scattering.{name}"
        up, down = (observable(stack.replace({path: stack.get(path) + s * 1e-4})) for s in (1, -1))
        assert float(slopes[path]) == pytest.approx(float(up - down) / 2e-4, rel=1e-5)


@pytest.mark.study
@pytest.mark.parametrize("width", [1e-15, 3e-8])
def test_extreme_widths_are_finite(width):
    t = barrier(width=width, barrier=3.0 if width < nm else 300.0).tensors(M, PATHS, POLARIZATIONS)
    assert all(np.isfinite(a).all() for a in t)
