"""The azimuth done by hand for m along z: the corrected matrices meet the general route, the printed ones do not.

Numbers of equations are those of Amin, Haney, Stiles, J. Appl. Phys. 128, 151101 (2020).
"""

import numpy as np
import pytest
import reference_analytic_barrier as analytic
import reference_scattering as ref

import spinstack as ss

KF = 1.36e10
PATHS, POLARIZATIONS = (3e-9, 7e-9), (0.2, -0.5)
THETA = np.array([0.3, 0.8, 1.3])
U0, U_EX, U_R = 0.5, 0.3, 0.25
SIZE, CHI = np.hypot(U_EX, U_R), np.arctan2(U_R, U_EX)
RNG = np.random.default_rng(20)
RANDOM = [(*RNG.uniform(-1, 1, 2), RNG.uniform(-1.5, 1.5)) for _ in range(8)]


def azimuthal(cosines, rashba=U_R):
    """1 - R and T integrated with cos^n(phi), sigma labels, from the matching conditions: equally spaced azimuths."""
    phi = 2 * np.pi * np.arange(32) / 32
    c = np.repeat(np.cos(THETA), 32)
    R, T, _, _ = ref.scatter(ref.Barrier(U0, U_EX, rashba), np.array([0.0, 0.0, 1.0]), c, np.tile(phi, 3))
    label = ref.LABEL[:, None] * ref.LABEL
    weight = np.cos(phi) ** cosines * 2 * np.pi / 32
    return [np.einsum("q,tqij->tij", weight, (x * label).reshape(3, 32, 4, 4)) for x in (np.eye(4) - R, T)]


def printed_direction():
    """Eqs. 34-35 as printed: f_s, f_c."""
    size = np.hypot(np.sin(THETA) * np.cos(CHI), np.sin(CHI))
    return np.sin(CHI) / size, np.sin(THETA) * np.cos(CHI) / size


def equation_33(f_s, f_c, a, b, c, d):
    S = np.zeros((3, 4, 4))
    S[:, 3, 3] = 2 * c
    second = np.zeros((3, 4, 4))
    second[:, 0, 0] = second[:, 1, 1] = f_c * a
    second[:, 0, 1], second[:, 1, 0] = -b, b
    second[:, 2, 2], second[:, 2, 3], second[:, 3, 2] = f_c * c, d, d
    third = np.zeros((3, 4, 4))
    third[:, 0, 0] = third[:, 1, 1] = a + c
    third[:, 2, 2] = 2 * a
    return S + 2 * f_c[:, None, None] * second + f_s[:, None, None] ** 2 * third


def equation_38(f_s, f_c, a, b, c, d):
    S = np.zeros((3, 4, 4))
    S[:, 0, 2], S[:, 2, 0] = -b, b
    S[:, 1, 2] = S[:, 2, 1] = f_c * (a - c)
    S[:, 1, 3] = S[:, 3, 1] = -d
    return f_s[:, None, None] * S


def both(equation, f_s, f_c, p):
    return equation(f_s, f_c, p.a_ir, p.b_ir, p.c, p.d), equation(f_s, f_c, p.a_t, p.b_t, p.c, p.d)


def off(found, expected):
    return max(np.abs(x - y).max() for x, y in zip(found, expected, strict=True))


def corrected():
    n = analytic.direction(THETA, U_EX, U_R)
    return n, analytic.parameters(THETA, U0, n.size)


# The corrected forms


@pytest.mark.parametrize("strengths", RANDOM)
def test_conductance_and_conductivity_meet_the_general_route(strengths):
    b = ss.DeltaBarrier(**dict(zip(("barrier", "exchange", "rashba"), strengths, strict=True)), fermi_wavevector=KF)
    t = b.tensors((0, 0, 1), PATHS, POLARIZATIONS, tolerance=1e-12)
    G = analytic.conductance(*strengths, KF)
    s = analytic.conductivity(*strengths, KF, PATHS, POLARIZATIONS)
    assert np.abs(t.conductance - G).max() < 1e-12 * np.abs(G).max()
    assert np.abs(t.conductivity - s).max() < 1e-12 * np.abs(s).max()


def test_conductance_and_conductivity_meet_brute_force():
    t = ref.tensors(ref.Barrier(U0, U_EX, 0.4), (0, 0, 1), KF, PATHS, POLARIZATIONS)
    G = analytic.conductance(U0, U_EX, 0.4, KF)
    s = analytic.conductivity(U0, U_EX, 0.4, KF, PATHS, POLARIZATIONS)
    assert np.abs(t["conductance"] - G).max() < 1e-12 * np.abs(G).max()
    assert np.abs(t["conductivity"] - s).max() < 1e-12 * np.abs(s).max()


def test_azimuthal_integrals_meet_the_matching_conditions():
    assert off(analytic.potential_matrices(THETA, U0, U_EX, U_R), azimuthal(0)) < 1e-13
    assert off(analytic.field_matrices(THETA, U0, U_EX, U_R), azimuthal(1)) < 1e-13


def test_parameters_on_both_sides_add_up():
    _, p = corrected()
    assert np.abs(p.a_ir + p.a_t - 2 * p.c).max() < 1e-14
    assert np.abs(p.a_ir - p.a_t).min() > 1e-2  # the text below Eq. 33 says that they are equal


def test_a_field_that_vanishes_is_harmless():
    with np.errstate(all="raise"):
        S_ir, S_t = analytic.potential_matrices(THETA, U0, 0.0, 0.0)
    c = 2 * np.pi * np.cos(THETA) ** 2 / (np.cos(THETA) ** 2 + U0**2)
    assert off((S_ir, S_t), (c[:, None, None] * np.eye(4),) * 2) < 1e-14


def test_parameters_broadcast():
    many = analytic.conductance(np.array([0.4, 0.3]), np.array([[0.2], [0.1], [0.3]]), 0.1, KF)
    assert many.shape == (3, 2, 8, 8)
    assert np.array_equal(many[2, 1], analytic.conductance(0.3, 0.3, 0.1, KF))
    fields = analytic.conductivity(np.array([0.4, 0.3]), 0.2, 0.1, KF, PATHS)
    assert np.array_equal(fields[1], analytic.conductivity(0.3, 0.2, 0.1, KF, PATHS))


# Closed forms without spin-orbit coupling


@pytest.mark.parametrize(
    ("barrier", "exchange"), [(0.4, 0.2), (0.2, 0.5), (-0.3, 0.2), (0.3, 0.3), (0.0, 0.4), (1e-3, 0.4)]
)
def test_closed_forms_of_the_two_spins_and_of_the_mixing(barrier, exchange):
    b = ss.DeltaBarrier(barrier=barrier, exchange=exchange, fermi_wavevector=KF)
    G = b.tensors((0, 0, 1), tolerance=1e-12).conductance / ref.sharvin_conductance(KF)
    minority, majority = analytic.transmission(barrier + exchange), analytic.transmission(barrier - exchange)
    assert G[2, 2] == pytest.approx((majority + minority) / 2, abs=1e-12)
    assert G[3, 3] == pytest.approx(majority + minority, abs=1e-12)
    assert G[3, 2] == pytest.approx((majority - minority) / 2, abs=1e-12)
    mixing, transmitted = analytic.mixing_conductances(barrier, exchange)
    # current into the magnet: Re(G) mu + Im(G) mu x m, and (y x z) = x
    assert G[0, 0] + 1j * G[0, 1] == pytest.approx(mixing, abs=1e-12)
    assert G[4, 0] + 1j * G[4, 1] == pytest.approx(transmitted, abs=1e-12)


def test_transmission_keeps_its_digits_at_both_ends():
    strength = np.array([0.0, 1e-8, 9.99, 10.01, 1e6])
    x, w = np.polynomial.legendre.leggauss(40)
    c = (x + 1) / 2
    high = [(w * c**3 / (c**2 + u**2)).sum() for u in strength[2:]]
    assert analytic.transmission(strength) == pytest.approx([1.0, 1.0, *high], rel=1e-12)


# The forms as printed


def test_printed_directions_of_equations_34_35_fail():
    n, p = corrected()
    for equation, cosines in ((equation_33, 0), (equation_38, 1)):
        sign = 1 - 2 * cosines
        right = [sign * np.pi * S for S in both(equation, n.f_s, n.f_c, p)]
        wrong = [sign * np.pi * S for S in both(equation, *printed_direction(), p)]
        assert off(right, azimuthal(cosines)) < 1e-13
        assert off(wrong, azimuthal(cosines)) > 0.3


def test_printed_directions_contradict_that_spin_orbit_vanishes_at_normal_incidence():
    f_s, _, normal = analytic.direction(1e-9, U_EX, U_R).f_s, None, analytic.direction(1e-9, U_EX, U_R).f_c
    assert f_s < 1e-8
    assert normal == pytest.approx(1.0)
    assert np.sin(CHI) / np.hypot(1e-9 * np.cos(CHI), np.sin(CHI)) == pytest.approx(1.0)  # Eq. 34: all of it


def test_the_limits_36_37_hold_for_the_corrected_directions():
    no_spin_orbit, no_exchange = analytic.direction(THETA, 0.3, 0.0), analytic.direction(THETA, 0.0, 0.3)
    assert np.array_equal([no_spin_orbit.f_s, no_spin_orbit.f_c], [[0.0] * 3, [1.0] * 3])
    assert np.array_equal([no_exchange.f_s, no_exchange.f_c], [[1.0] * 3, [0.0] * 3])


def test_a_constant_size_of_the_field_as_in_equation_16_fails():
    n, _ = corrected()
    constant = analytic.parameters(THETA, U0, SIZE)
    assert off([np.pi * S for S in both(equation_33, n.f_s, n.f_c, constant)], azimuthal(0)) > 1e-2


def test_equation_33_lacks_a_factor_pi():
    n, p = corrected()
    printed = both(equation_33, n.f_s, n.f_c, p)
    assert off(printed, azimuthal(0)) > 1
    assert off([np.pi * S for S in printed], azimuthal(0)) < 1e-13


def test_equation_38_is_that_of_the_opposite_field():
    n, p = corrected()
    printed = [np.pi * S for S in both(equation_38, n.f_s, n.f_c, p)]
    assert off(printed, azimuthal(1)) > 0.3
    assert off([-S for S in printed], azimuthal(1)) < 1e-13
    assert off(printed, azimuthal(1, rashba=-U_R)) < 1e-13  # k x z


def test_rotation_b30_must_be_transposed_and_then_gives_the_opposite_field():
    n, phi = analytic.direction(0.8, U_EX, U_R), 0.6
    tilt = np.array([[1, 0, 0], [0, n.f_s, -n.f_c], [0, n.f_c, n.f_s]])
    turn = np.array([[np.cos(phi), np.sin(phi), 0], [0, 0, 1], [np.sin(phi), -np.cos(phi), 0]])
    O = tilt @ turn  # noqa: E741
    field = np.array([-n.f_s * np.sin(phi), n.f_s * np.cos(phi), n.f_c])  # along z x k
    assert np.abs(O @ [0, 0, 1] - field).max() > 0.1
    assert np.abs(O.T @ [0, 0, 1] - field).max() > 0.3
    assert np.abs(O.T @ [0, 0, 1] - field * [-1, -1, 1]).max() < 1e-15


def test_the_text_below_equation_33_swaps_the_limits():
    """It says that the 2 f_c matrix vanishes at chi = 0 (no spin-orbit coupling) and f_s^2 at chi = pi/2 (no
    exchange)."""
    S_ir, _ = analytic.potential_matrices(THETA, U0, U_EX, 0.0)  # chi = 0
    assert np.abs(S_ir[:, 2, 3]).min() > 1e-2  # of the 2 f_c matrix alone
    S_ir, S_t = analytic.potential_matrices(THETA, U0, 0.0, U_R)  # chi = pi/2
    assert np.abs(S_ir - S_t)[:, 2, 2].min() > 1e-2  # spin memory loss: of the f_s^2 matrix alone


def test_weight_v_lacks_cosine():
    """With an open interface v(theta) = sin(theta) gives twice the Sharvin conductance."""
    theta, weight = analytic.polar_rule()  # of dc = sin(theta) dtheta
    T = analytic.potential_matrices(theta, 0.0, 0.0, 0.0)[1][:, 3, 3] / np.pi
    assert (weight * np.cos(theta) * T).sum() == pytest.approx(1.0, rel=1e-13)
    assert (weight * T).sum() == pytest.approx(2.0, rel=1e-13)


def test_weight_w_diverges_as_printed():
    """w(theta) = tan(theta) adds the same amount for each factor by which the integral comes nearer to grazing
    incidence."""
    theta, weight = analytic.polar_rule()
    T = analytic.potential_matrices(theta, 0.0, 0.0, 0.0)[1][:, 3, 3] / (2 * np.pi)
    printed = weight / np.cos(theta) * T
    one, two = ((np.cos(theta) > 2.0**-n) @ printed for n in (10, 20))
    assert two / one == pytest.approx(2.0, rel=1e-6)
    assert (weight * T).sum() == pytest.approx(1.0, rel=1e-13)


def test_in_plane_weight_lacks_sine():
    """k_x = sin(theta) cos(phi): with cos(phi) alone (after B44) the conductivity is off by a third and more."""
    theta, weight = analytic.polar_rule()
    S = analytic.field_matrices(theta, U0, U_EX, U_R)[1][:, 1, 3]
    lacking = (weight * np.cos(theta) * S).sum() / np.pi
    b = ss.DeltaBarrier(barrier=U0, exchange=U_EX, rashba=U_R, fermi_wavevector=KF)
    found = b.tensors((0, 0, 1), (1.0, 0.0)).conductivity[5, 0] / (2 * ref.sharvin_conductance(KF))
    right = (weight * np.cos(theta) * np.sin(theta) * S).sum() / np.pi
    assert -found == pytest.approx(right, rel=1e-9)  # moment labels
    assert abs(lacking / right - 1) > 0.1


# The one-dimensional impurity: Sec. III A, App. A


def impurity(up, down, kz):
    """Amplitudes and (incident minus reflected, transmitted, density) of spin x' at a field along z', per unit k_z."""
    r, t = ref.match((up + down) / 2, np.array([[0.0, 0.0, (up - down) / 2]]), np.array([kz]))
    spinor = np.array([1.0, 1.0]) / np.sqrt(2)
    spin = [
        np.einsum("a,iab,b->i", (x @ spinor).conj(), ref.PAULI[:3], x @ spinor).real for x in (np.eye(2), r[0], t[0])
    ]
    return r[0], t[0], spin[0] - spin[1], spin[2]


@pytest.mark.parametrize(("up", "down", "kz"), [(0.7, 0.2, 0.6), (2.0, 0.0, 0.3), (0.4, -0.3, 0.8)])
def test_equations_a18_a21_a22_a30_are_right(up, down, kz):
    r, t, before, after = impurity(up, down, kz)
    u = np.array([up, down])
    chi = np.arctan2(kz, u)
    assert np.abs(np.diag(r) - u / (1j * kz - u)).max() < 1e-15  # A18
    assert np.abs(np.diag(t) - 1j * kz / (1j * kz - u)).max() < 1e-15
    assert np.abs(np.diag(r) + np.exp(1j * chi) * np.cos(chi)).max() < 1e-15  # A21
    assert np.abs(np.diag(t) + 1j * np.exp(1j * chi) * np.sin(chi)).max() < 1e-15  # A22
    difference = chi[0] - chi[1]  # up minus down
    expected = [np.sin(difference) ** 2, np.sin(difference) * np.cos(difference), 0.0]
    assert np.abs(before - after - expected).max() < 1e-15  # A30
    assert (
        np.abs((up - down) / kz * np.cross(after, [0, 0, 1]) - expected).max() < 1e-15
    )  # A29: the torque of the field


def test_equations_11_and_12_are_not():
    up, kz = 50.0, 0.6
    _, t, _, _ = impurity(up, 0.0, kz)
    spinor = t @ [1.0, 1.0]
    x = kz / up  # a/u_up with a = k_z
    right, printed = np.array([-1j * x, 1.0]), -1j * x * np.array([1.0, 1.0])

    def spin(s):
        return np.einsum("a,iab,b->i", s.conj(), ref.PAULI[:3], s).real

    assert np.abs(spinor / spinor[1] - right).max() < 2 * x**2  # to first order in 1/u
    assert np.abs(spin(right) - [0.0, 2 * x, -1 + x**2]).max() < 1e-16
    along_x = spin(printed) / np.linalg.norm(spin(printed))
    assert along_x == pytest.approx([1.0, 0.0, 0.0])  # Eq. 11: no y', so no torque
    assert abs(spin(right)[2] - (-1 + kz / up**2)) > 1e-5  # Eq. 12: a/u^2 in the place of a^2/u^2
