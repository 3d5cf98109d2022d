"""Spin Hall, Hanle and spin-splitter magnetoresistance against docs/methods/closed_forms.md, sections 1 to 4."""

import numpy as np
import pytest
from batches import Batch
from scipy.constants import e, hbar

import spinstack as ss

MU_B = 9.2740100783e-24  # J/T, CODATA 2018
N = 200
X, Y, Z = np.eye(3)
FIELD = np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]])  # z x E


@pytest.fixture
def rng():
    return Batch(20130415, N)


def metal(rng, **changes):
    """A batch of heavy metals, thickness 0.2 to 10 diffusion lengths."""
    length = rng.log(1e-9, 1e-8)
    values = {
        "thickness": length * rng.log(0.2, 10),
        "conductivity": rng.log(3e5, 1e7),
        "spin_diffusion_length": length,
        "spin_hall_angle": rng.signed(0.05, 0.5),
    }
    return ss.Metal("Pt", **{**values, **changes})


def alone(element, **where):
    """Sheet conductance [S] of a film of one element."""
    return ss.sheet_conductance(ss.Film((element,)), **where)


def slab(metal, load, length=None):
    """F of Eq. (1): spin response of a slab with one closed face and `load` [S/m^2 per mu/2] on the other."""
    t, s = metal.thickness, metal.conductivity
    length = metal.spin_diffusion_length if length is None else length
    g = load * length / s
    return length / t * (2 * np.tanh(t / (2 * length)) + g) / (1 + g / np.tanh(t / length))


def operator(axis, along, across):
    """along on the axis, the complex number across on the plane, i standing for psi -> psi x axis: (..., 3, 3)."""
    along, across = np.broadcast_arrays(along, across)
    outer = axis[..., :, None] * axis[..., None, :]
    a, b, c = np.moveaxis(axis, -1, 0)
    o = np.zeros_like(a)
    turn = np.stack([np.stack([o, c, -b], -1), np.stack([-c, o, a], -1), np.stack([b, -a, o], -1)], -2)
    across = across[..., None, None]
    return along[..., None, None] * outer + across.real * (np.eye(3) - outer) + across.imag * turn


def tensor(value):
    value = np.asarray(value, float)
    return value if value.ndim >= 2 else value[..., None, None] * FIELD


def film_conductance(metal, response):
    """Eq. (2): sheet conductance of one metal whose slab response is the spin operator `response`."""
    even = tensor(metal.spin_hall_angle)
    odd = np.zeros_like(even) if metal.spin_splitter is None else np.asarray(metal.spin_splitter)
    change = np.swapaxes(odd - even, -1, -2) @ response @ (odd + even)
    return (metal.conductivity * metal.thickness)[..., None, None] * (np.eye(2) - change)


def assert_same(got, expected, scale, rtol=1e-9):
    """Agreement of the spin part: relative to the closed form, with rounding of `scale` allowed."""
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=2e-14 * np.max(np.abs(scale)))


def correction(conductance, metal):
    """(G/sigma t - 1)/theta^2, the part that spin makes."""
    sheet = (metal.conductivity * metal.thickness)[..., None, None]
    return (conductance / sheet - np.eye(2)) / (metal.spin_hall_angle**2)[..., None, None]


@pytest.mark.parametrize("upside_down", [False, True])
def test_smr_conductance_is_exact_for_any_magnetisation_and_mixing(rng, upside_down):
    pt = metal(rng)
    m = rng.directions()
    mixing = rng.log(1e13, 1e16) + 1j * rng.log(1e12, 1e16) * rng.sign()
    magnet = ss.MagneticInsulator("YIG", mixing_conductance=mixing)
    film = magnet | pt if upside_down else pt | magnet
    free, bound = slab(pt, 0.0), slab(pt, 2 * mixing)
    got = correction(ss.sheet_conductance(film, m=m), pt)
    expected = correction(film_conductance(pt, operator(m, free, bound)), pt)
    assert_same(got, expected, 100)
    # the same in Chen's letters: D1 from the real, D2 from minus the imaginary part
    delta = free - bound
    mx, my, mz = m.T
    assert_same(got[:, 0, 0], free - delta.real * (1 - my**2), 100)
    assert_same(got[:, 1, 0], -(delta.real * mx * my - delta.imag * mz), 100)


def test_chen_delta_is_the_difference_of_two_slab_responses(rng):
    pt = metal(rng)
    t, s, length = pt.thickness, pt.conductivity, pt.spin_diffusion_length
    g = rng.log(1e13, 1e16) + 1j * rng.log(1e13, 1e16)
    half, whole = np.tanh(t / (2 * length)), 1 / np.tanh(t / length)
    chen = length / t * 2 * length * g * half**2 / (s + 2 * length * g * whole)
    np.testing.assert_allclose(slab(pt, 0.0) - slab(pt, 2 * g), chen, rtol=1e-10)
    np.testing.assert_allclose(slab(pt, 0.0), 2 * length / t * half, rtol=1e-14)


def test_chen_resistivities_hold_to_fourth_order_in_the_spin_hall_angle():
    m = np.array([0.48, 0.6, 0.64])
    t, s, length, g = 4e-9, 2e6, 1.7e-9, 5e14 + 2e14j
    angles = np.array([0.04, 0.08, 0.16])
    pt = ss.Metal("Pt", thickness=t, conductivity=s, spin_diffusion_length=length, spin_hall_angle=angles)
    r = ss.sheet_resistance(pt | ss.MagneticInsulator("YIG", mixing_conductance=g), m=m) * t * s
    half, whole = np.tanh(t / (2 * length)), 1 / np.tanh(t / length)
    d0 = -(angles**2) * 2 * length / t * half
    pair = angles**2 * length / t * 2 * length * g * half**2 / (s + 2 * length * g * whole)
    d1, d2 = pair.real, -pair.imag
    errors = [r[:, 0, 0] - (1 + d0 + d1 * (1 - m[1] ** 2)), r[:, 1, 0] - (d1 * m[0] * m[1] + d2 * m[2])]
    for error, size in zip(errors, (d0, d1), strict=True):
        assert np.all(np.abs(error) < np.abs(size) * angles**2 * 2)
        rate = np.diff(np.log(np.abs(error))) / np.log(2)
        np.testing.assert_allclose(rate, 4, atol=0.06)


def test_spin_hall_part_of_a_bilayer_is_exactly_quadratic_in_the_angle():
    m = np.array([0.48, 0.6, 0.64])
    pt = ss.Metal("Pt", thickness=4e-9, conductivity=2e6, spin_diffusion_length=1.7e-9)
    co = ss.Ferromagnet(
        "Co", thickness=3e-9, conductivity=4e6, spin_diffusion_length=8e-9, polarization=0.4, amr_ratio=0.02,
        anomalous_hall_angle=0.01, dephasing_length=1e-9, precession_length=2e-9,
    )  # fmt: skip
    contact = ss.Interface(conductance_up=8e14, conductance_down=3e14, mixing_conductance=7e14 + 1e14j)
    film = (pt | contact | co).replace({"Pt.spin_hall_angle": np.array([-0.4, -0.1, 0.0, 0.2, 0.4])})
    g = ss.sheet_conductance(film, m=m)
    unit = (g[4] - g[2]) / 0.4**2
    np.testing.assert_allclose(g[3] - g[2], unit * 0.2**2, rtol=0, atol=1e-12 * g[2, 0, 0])
    np.testing.assert_allclose(g[1] - g[2], unit * 0.1**2, rtol=0, atol=1e-12 * g[2, 0, 0])
    np.testing.assert_allclose(g[0], g[4], rtol=0, atol=1e-12 * g[2, 0, 0])
    assert abs(unit[0, 0]) > 0.05 * g[2, 0, 0]


def hanle_length(length, diffusion, field):
    return 1 / np.sqrt(1 / length**2 + 1j * 2 * MU_B * field / (hbar * diffusion))


def test_hanle_magnetoresistance_is_exact_for_any_field_direction(rng):
    pt = metal(rng)
    diffusion = rng.log(1e-5, 1e-3)
    b = rng.directions()
    for field in (0.3, 9.0):
        length = hanle_length(pt.spin_diffusion_length, diffusion, field)
        response = operator(b, slab(pt, 0.0), slab(pt, 0.0, length))
        got = alone(pt.replace(diffusion_coefficient=diffusion), B=field * b)
        expected = film_conductance(pt, response)
        assert_same(correction(got, pt), correction(expected, pt), 100)
        # Velez et al.: D1 is positive, and the field along y does nothing
        np.testing.assert_array_less(got[:, 0, 0], alone(pt)[:, 0, 0])
        along = alone(pt.replace(diffusion_coefficient=diffusion), B=field * Y)
        np.testing.assert_allclose(along[:, 0, 0], alone(pt)[:, 0, 0], rtol=1e-13)


def test_hanle_diffusion_coefficient_follows_from_the_density_of_states(rng):
    nu = rng.log(1e46, 1e48)
    pt = metal(rng, density_of_states=nu)
    diffusion = pt.conductivity / (2 * e**2 * nu)
    same = pt.replace(density_of_states=None, diffusion_coefficient=diffusion)
    np.testing.assert_allclose(alone(pt, B=4 * Z), alone(same, B=4 * Z), rtol=1e-13)


def zhang_r(rho, thickness, g, length):
    """Eq. (15) of Zhang, Bergeret and Golovach, letter by letter; their conductance of a spin sink is negative."""
    top = 1 - rho * g * length / np.tanh(thickness / (2 * length))
    bottom = 1 - 2 * rho * g * length / np.tanh(thickness / length)
    return 2 * length / thickness * np.tanh(thickness / (2 * length)) * top / bottom


def test_hanle_and_spin_mixing_together_meet_zhang_equations_14_and_15(rng):
    pt = metal(rng)
    t, rho, length = pt.thickness, 1 / pt.conductivity, pt.spin_diffusion_length
    diffusion = rng.log(1e-5, 1e-3)
    m = rng.directions()
    sink = rng.log(1e12, 1e15)
    mixing = rng.log(1e13, 1e15) + 1j * rng.log(1e13, 1e15) * rng.sign()
    film = pt.replace(diffusion_coefficient=diffusion) | ss.MagneticInsulator(
        "EuS", spin_sink_conductance=sink, mixing_conductance=mixing
    )
    for field in (-3.0, 3.0):  # parallel and antiparallel to m
        precessing = hanle_length(length, diffusion, field)
        along = zhang_r(rho, t, -sink, length)
        across = zhang_r(rho, t, -sink - mixing, precessing)
        got = correction(ss.sheet_conductance(film, m=m, B=field * m), pt)
        d1, d2 = along - across.real, across.imag
        mx, my, mz = m.T
        assert_same(got[:, 0, 0], along - d1 * (1 - my**2), 100)
        assert_same(got[:, 1, 0], -(d1 * mx * my + d2 * mz), 100)


def test_linear_magnetoresistance_changes_sign_at_the_critical_field_like_conductance(rng):
    """Eq. (17) of Zhang et al.: the term of first order in the Larmor frequency vanishes at G_i,c."""
    rng, small = rng.of(40), 2e-3
    length, s = rng.log(1e-9, 5e-9), rng.log(1e6, 5e6)
    x = rng.between(0.3, 5)
    critical = s / length * np.sinh(x / 2) / np.sqrt(2 * np.cosh(x)) * np.sqrt(np.sinh(x) / x - 1)
    diffusion = 2 * MU_B / hbar * length**2 / small  # one tesla turns a spin by `small` in its lifetime
    pt = ss.Metal(
        "Pt", thickness=x * length, conductivity=s, spin_diffusion_length=length, spin_hall_angle=0.3,
        diffusion_coefficient=diffusion,
    )  # fmt: skip
    fields = np.array([1.0, -1.0, 2.0, -2.0])[:, None, None] * Z

    def slope(gi):
        g = ss.sheet_conductance(pt | ss.MagneticInsulator("EuS", mixing_conductance=1j * gi), m=Z, B=fields)[..., 0, 0]
        return (8 * (g[0] - g[1]) - (g[2] - g[3])) / (s * pt.thickness)  # cancels the cubic term

    low, high = critical / 30, critical * 20
    assert np.all(slope(low) < 0)
    assert np.all(slope(high) > 0)
    for _ in range(40):
        middle = np.sqrt(low * high)
        below = slope(middle) < 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    np.testing.assert_allclose(low, critical, rtol=1e-8)


def kim_ratio(pt, co, r_mix, load):
    """Kim et al. (2016): (R_y - R_z)/R_0 to leading order, with g_R and g_F."""
    t, length, rho = pt.thickness, pt.spin_diffusion_length, 1 / pt.conductivity
    g_r, g_f = 2 * rho * length * r_mix, load * rho * length
    coth = 1 / np.tanh(t / length)
    xi = co.conductivity * co.thickness / (pt.conductivity * t)
    bracket = g_r / (1 + g_r * coth) - g_f / (1 + g_f * coth)
    return -(pt.spin_hall_angle**2) * length / t * np.tanh(t / (2 * length)) ** 2 / (1 + xi) * bracket


def bilayer(rng, conductance, polarization):
    pt = metal(rng)
    co = ss.Ferromagnet(
        "Co", thickness=rng.log(1e-9, 2e-8), conductivity=rng.log(1e6, 1e7),
        spin_diffusion_length=rng.log(2e-9, 4e-8), polarization=polarization,
    )  # fmt: skip
    up, down = conductance
    mixing = rng.log(1e14, 3e15)
    contact = ss.Interface(conductance_up=up, conductance_down=down, mixing_conductance=mixing)
    admittance = (
        co.conductivity * (1 - polarization**2) / co.spin_diffusion_length
        * np.tanh(co.thickness / co.spin_diffusion_length)
    )  # fmt: skip
    return pt, contact, co, mixing, admittance


@pytest.mark.parametrize("perfect", [True, False])
def test_smr_of_a_metallic_bilayer_is_exact_in_conductance(rng, perfect):
    up, down = rng.log(1e13, 1e15), rng.log(1e13, 1e15)
    conductance = (1e30, 1e30) if perfect else (up, down)
    pt, contact, co, mixing, admittance = bilayer(rng, conductance, rng.between(-0.8, 0.8))
    load = admittance if perfect else 1 / (1 / admittance + (1 / up + 1 / down) / 4)
    gz, gy, gx = (ss.sheet_conductance(pt | contact | co, m=m)[..., 0, 0] for m in (Z, Y, X))
    unit = pt.conductivity * pt.thickness * pt.spin_hall_angle**2
    magnet = co.conductivity * co.thickness
    plain = pt.conductivity * pt.thickness + magnet
    np.testing.assert_allclose(gy, plain + unit * slab(pt, load), rtol=1e-11)
    np.testing.assert_allclose(gz, plain + unit * slab(pt, 2 * mixing), rtol=1e-11)
    np.testing.assert_allclose(gx, gz, rtol=1e-12)
    expected = -kim_ratio(pt, co, mixing, load) * plain
    np.testing.assert_allclose(gz - gy, -expected, rtol=1e-9, atol=1e-14 * plain.max())


def test_kim_ratio_holds_to_fourth_order_in_the_spin_hall_angle():
    angles = np.array([0.05, 0.1, 0.2])
    pt = ss.Metal("W", thickness=4e-9, conductivity=6e5, spin_diffusion_length=1.3e-9, spin_hall_angle=angles)
    co = ss.Ferromagnet("CoFeB", thickness=2e-9, conductivity=8e5, spin_diffusion_length=4e-9, polarization=0.6)
    contact = ss.Interface(conductance_up=8e14, conductance_down=2e14, mixing_conductance=6e14)
    load = 1 / (4e-9 / (8e5 * (1 - 0.36) * np.tanh(0.5)) + (1 / 8e14 + 1 / 2e14) / 4)
    beta = ss.magnetoresistance(pt | contact | co, "beta")  # (R_z - R_y)/R_y
    leading = -kim_ratio(pt, co, 6e14, load)
    assert np.all(beta > 0)
    np.testing.assert_allclose(np.diff(np.log(np.abs(beta - leading))) / np.log(2), 4, atol=0.1)
    np.testing.assert_allclose(beta[0], leading[0], rtol=3e-3)


def test_spin_splitter_comes_back_with_the_other_sign(rng):
    tau = rng.uniform(-0.35, 0.35, (N, 3, 2))
    film = metal(rng, spin_hall_angle=0.0, spin_splitter=tau)
    f = slab(film, 0.0)[:, None, None]
    sheet = (film.conductivity * film.thickness)[:, None, None]
    g = alone(film)
    np.testing.assert_allclose(g, sheet * (np.eye(2) - f * np.swapaxes(tau, -1, -2) @ tau), rtol=1e-10, atol=1e-14)
    assert np.all(np.linalg.eigvalsh(np.eye(2) - g / sheet) > -1e-15)
    even = alone(film.replace(spin_splitter=None, spin_hall_angle=tau))
    np.testing.assert_allclose(g + even, 2 * sheet * np.eye(2), rtol=1e-10, atol=1e-14)


def test_splitter_and_spin_hall_effect_together_make_a_hall_effect(rng):
    """Their cross term is antisymmetric: a Hall conductance odd in the Neel vector, in a film without any field."""
    theta, tau = rng.uniform(-0.3, 0.3, (2, N, 3, 2))
    film = metal(rng, spin_hall_angle=theta, spin_splitter=tau)
    f = slab(film, 0.0)[:, None, None]
    g = alone(film)
    cross = np.swapaxes(theta, -1, -2) @ tau
    expected = f * (cross - np.swapaxes(cross, -1, -2)) * (film.conductivity * film.thickness)[:, None, None]
    flipped = alone(film.replace(spin_splitter=-tau))
    np.testing.assert_allclose((g - flipped) / 2, expected, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(flipped, np.swapaxes(g, -1, -2), rtol=1e-10, atol=1e-14)


def test_general_source_tensors_on_a_magnetic_insulator_in_a_field(rng):
    theta, tau = rng.uniform(-0.3, 0.3, (2, N, 3, 2))
    diffusion = rng.log(1e-5, 1e-3)
    pt = metal(rng, spin_hall_angle=theta, spin_splitter=tau, diffusion_coefficient=diffusion)
    m = rng.directions()
    sink, mixing = rng.log(1e12, 1e15), rng.log(1e13, 1e16) * np.exp(1j * rng.between(-1, 1))
    magnet = ss.MagneticInsulator("EuS", spin_sink_conductance=sink, mixing_conductance=mixing)
    length = hanle_length(pt.spin_diffusion_length, diffusion, 2.0)
    response = operator(m, slab(pt, 2 * sink), slab(pt, 2 * (sink + mixing), length))
    got = ss.sheet_conductance(pt | magnet, m=m, B=2.0 * m)
    np.testing.assert_allclose(got, film_conductance(pt, response), rtol=1e-10, atol=1e-14)
