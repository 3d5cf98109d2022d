"""Interface-generated effects, spin memory loss and torque against docs/methods/closed_forms.md, sections 5 to 7."""

import numpy as np
import pytest
from batches import Batch
from scipy.constants import e, hbar

import spinstack as ss

N = 200
X, Y, Z = np.eye(3)


@pytest.fixture
def rng():
    return Batch(20251017, N)


def parts(rng, polarization=0.0, angle=0.0, **interface):
    """A metal, an interface with filtering (Re G at least (G_up + G_down)/2) and a ferromagnet, n of each."""
    l_n, l_f = rng.log(1e-9, 2e-8), rng.log(1e-9, 2e-8)
    up, down = rng.log(1e13, 1e15), rng.log(1e13, 1e15)
    values = {"mixing_conductance": (up + down) / 2 * rng.log(1, 10), "filtering": 2e4}
    nm = ss.Metal(
        "NM", thickness=l_n * rng.log(0.1, 10), conductivity=rng.log(5e5, 1e7),
        spin_diffusion_length=l_n, spin_hall_angle=angle,
    )  # fmt: skip
    contact = ss.Interface(conductance_up=up, conductance_down=down, **{**values, **interface})
    fm = ss.Ferromagnet(
        "FM", thickness=l_f * rng.log(0.1, 10), conductivity=rng.log(5e5, 1e7),
        spin_diffusion_length=l_f, polarization=polarization,
    )  # fmt: skip
    return nm, contact, fm


def spin_resistance(layer):
    """psi/Q [Ohm m^2] of a layer with its far face closed, for spin along m."""
    t, length = layer.thickness, layer.spin_diffusion_length
    p = getattr(layer, "polarization", 0.0)
    return length / (layer.conductivity * (1 - p**2) * np.tanh(t / length))


def parallel(contact):
    return 1 / (1 / contact.conductance_up + 1 / contact.conductance_down)


def equation_6(nm, contact, fm):
    """Re G_mix at which the interfacial ratio vanishes: Eq. (6) of Akashdeep et al. with sigma_FM (1 - P^2)."""
    p = fm.polarization
    top = fm.spin_diffusion_length * nm.conductivity / np.tanh(fm.thickness / fm.spin_diffusion_length)
    bottom = nm.spin_diffusion_length * fm.conductivity * (1 - p**2) / np.tanh(nm.thickness / nm.spin_diffusion_length)
    return 2 * parallel(contact) * (top / bottom + 1)


def zero(function, low, high):
    """Bisection in the logarithm, all sets at once; `function` rises or falls through zero between the brackets."""
    sign = np.sign(function(high))
    assert np.all(np.sign(function(low)) == -sign)
    for _ in range(int(np.ceil(np.log2(np.max(np.log(high / low)) / 1e-13)))):
        middle = np.sqrt(low * high)
        above = np.sign(function(middle)) == sign
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.sqrt(low * high)


@pytest.mark.parametrize("polarized", [False, True])
def test_interfacial_ratio_vanishes_where_equation_6_says(rng, polarized):
    rng = rng.of(1000)
    nm, contact, fm = parts(rng, polarization=rng.between(-0.9, 0.9) if polarized else 0.0)
    film = nm | contact | fm

    def ratio(mixing):
        return ss.spin_current_mr_ratio(film.replace({"NM|FM.mixing_conductance": mixing + 0j}))

    g = parallel(contact)
    found = zero(ratio, 1e-2 * g, 1e8 * g)
    np.testing.assert_allclose(found, equation_6(nm, contact, fm), rtol=1e-10)
    assert np.all(ratio(2 * found) < 0)  # Eq. (6): the interfacial ratio is negative above
    # at the threshold a thicker metal, as a thinner magnet, makes it positive
    at_zero = film.replace({"NM|FM.mixing_conductance": found + 0j})
    thin = nm.thickness < 5 * nm.spin_diffusion_length
    for factor, sign in ((0.7, -1), (1.5, 1)):
        changed = ss.spin_current_mr_ratio(at_zero.replace({"NM.thickness": factor * nm.thickness}))
        assert np.all(np.sign(changed[thin]) == sign)


def test_interfacial_ratio_vanishes_at_the_magnet_thickness_of_equation_6(rng):
    rng = rng.of(1000)
    nm, contact, fm = parts(rng)
    expected = fm.spin_diffusion_length * rng.between(0.1, 1.5)
    contact = contact.replace(mixing_conductance=equation_6(nm, contact, fm.replace(thickness=expected)) + 0j)
    film = nm | contact | fm

    def ratio(thickness):
        return ss.spin_current_mr_ratio(film.replace({"FM.thickness": thickness}))

    found = zero(ratio, 1e-2 * fm.spin_diffusion_length, 20 * fm.spin_diffusion_length)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert np.all(ratio(0.9 * found) > 0)  # a thin magnet keeps the spin out, whatever its direction


def test_interfacial_and_spin_hall_ratios_have_closed_forms(rng):
    phase = rng.between(-0.5, 0.5)
    nm, contact, fm = parts(rng, polarization=rng.between(-0.9, 0.9))
    mixing = contact.mixing_conductance * (1 + 1j * phase)
    contact = contact.replace(mixing_conductance=mixing)
    r_n, r_f, g = spin_resistance(nm), spin_resistance(fm), parallel(contact)
    across, along = np.real(1 / (1 + 2 * mixing * r_n)), 1 / (1 + 4 * g * (r_n + r_f))
    expected = (across - along) / (across + along)
    np.testing.assert_allclose(ss.spin_current_mr_ratio(nm | contact | fm), expected, rtol=1e-9, atol=1e-12)
    # the bulk spin Hall source instead: average of Q_zy is theta sigma (1 - F), and positive as long as Re G >= 2 G_par
    t, length, s = nm.thickness, nm.spin_diffusion_length, nm.conductivity

    def average(load):
        x = load * length / s
        return 1 - length / t * (2 * np.tanh(t / (2 * length)) + x) / (1 + x / np.tanh(t / length))

    across, along = np.real(average(2 * mixing)), average(1 / (r_f + 1 / (4 * g)))
    bulk = nm.replace(spin_hall_angle=0.1) | contact.replace(filtering=0.0) | fm
    got = ss.spin_current_mr_ratio(bulk)
    np.testing.assert_allclose(got, (across - along) / (across + along), rtol=1e-9, atol=1e-12)
    real = ss.spin_current_mr_ratio(bulk.replace({"NM|FM.mixing_conductance.imag": 0.0}))
    assert np.all(real > 0)


def sheet_forms(nm, contact, fm, transverse):
    """K(m||z) and K(m||y) of section 6 [S] for E along x; `transverse` = admittance of the magnet for spin across m."""
    kappa, eta, g_mix = contact.filtering, contact.reciprocal, contact.mixing_conductance
    t, length, s = nm.thickness, nm.spin_diffusion_length, nm.conductivity
    a = nm.spin_hall_angle * s * (1 - 1 / np.cosh(t / length))
    bare = s * t * (1 + nm.spin_hall_angle**2 * length / t * np.tanh(t / length)) + fm.conductivity * fm.thickness
    r_n, r_f, g = spin_resistance(nm), spin_resistance(fm), parallel(contact)
    seen = 1 + 4 * g * (r_n + r_f)
    pair = a**2 - (1 + eta) * a * kappa + eta * kappa**2
    k_z = bare + pair * np.real(r_n / (1 + 2 * g_mix * r_n)) + eta * kappa**2 * np.real(1 / (2 * g_mix + transverse))
    k_y = bare + a**2 * r_n / (1 + r_n / (r_f + 1 / (4 * g)))
    k_y = k_y - (1 + eta) * a * kappa * r_n / seen + eta * kappa**2 * (r_n + r_f) / seen
    return k_z, k_y


@pytest.mark.parametrize("eta", [-1.0, 0.0, 0.37, 1.0])
@pytest.mark.parametrize("dephased", [True, False])
def test_sheet_conductance_with_interface_generated_spin_current_and_its_inverse(rng, eta, dephased):
    nm, contact, fm = parts(
        rng, polarization=rng.between(-0.9, 0.9), angle=rng.between(-0.3, 0.3),
        filtering=rng.log(1e3, 1e6) * rng.sign(), reciprocal=eta,
    )  # fmt: skip
    contact = contact.replace(mixing_conductance=contact.mixing_conductance * (1 + 1j * rng.between(-0.5, 0.5)))
    if dephased:
        fm = fm.replace(dephasing_length=1e-25)
        admittance = fm.conductivity / fm.dephasing_length
    else:
        l_phi, l_ex = rng.log(3e-10, 1e-8), rng.log(3e-10, 1e-8)
        fm = fm.replace(dephasing_length=l_phi, precession_length=l_ex)
        k = np.sqrt(1 / fm.spin_diffusion_length**2 + 1 / l_phi**2 + 1j / l_ex**2)
        admittance = fm.conductivity * k * np.tanh(k * fm.thickness)
    k_z, k_y = sheet_forms(nm, contact, fm, admittance)
    plain = nm.conductivity * nm.thickness + fm.conductivity * fm.thickness
    for m, expected in ((Z, k_z), (Y, k_y), (X, k_z)):
        got = ss.sheet_conductance(nm | contact | fm, m=m)[:, 0, 0]
        np.testing.assert_allclose(got - plain, expected - plain, rtol=1e-9, atol=1e-14 * np.max(expected))


def test_onsager_inverse_and_a_perfect_spin_sink_make_a_perfect_square(rng):
    nm, contact, fm = parts(rng, angle=rng.between(-0.3, 0.3), filtering=rng.between(-2e5, 2e5))
    fm = fm.replace(spin_diffusion_length=1e-25)
    a = nm.spin_hall_angle * nm.conductivity * (1 - 1 / np.cosh(nm.thickness / nm.spin_diffusion_length))
    r_n, g_mix, g = spin_resistance(nm), np.real(contact.mixing_conductance), parallel(contact)
    square = (a - contact.filtering) ** 2 * r_n * (1 / (1 + 4 * g * r_n) - 1 / (1 + 2 * g_mix * r_n))
    film = nm | contact | fm
    k_z, k_y = (ss.sheet_conductance(film, m=m)[:, 0, 0] for m in (Z, Y))
    np.testing.assert_allclose(k_y - k_z, square, rtol=1e-9, atol=1e-14 * k_y.max())
    assert np.all(ss.magnetoresistance(film, "beta") >= -1e-14)


def test_onsager_inverse_makes_the_beta_ratio_positive_for_every_dephasing_magnet(rng):
    """Stronger than the perfect square: any R_F, as long as Re G >= 2 G_par and transverse spin dies in the magnet."""
    rng = rng.of(1000)
    nm, contact, fm = parts(
        rng, polarization=rng.between(-0.9, 0.9), angle=rng.between(-0.3, 0.3), filtering=rng.between(-5e5, 5e5)
    )
    film = nm | contact | fm.replace(dephasing_length=1e-25)
    assert np.all(ss.magnetoresistance(film, "beta") > -1e-14)
    # without the inverse, as Akashdeep et al. have it, both signs occur; with the opposite sign, too
    for eta in (0.0, -1.0):
        beta = ss.magnetoresistance(film.replace({"NM|FM.reciprocal": eta}), "beta")
        assert beta.min() < -1e-4
        assert beta.max() > 1e-4


def test_transverse_spin_that_survives_in_the_magnet_can_turn_the_onsager_ratio_negative():
    """The spin generated above the interface needs dephasing to die at once: else K_z keeps kappa^2/(2 G' + Y)."""
    g = 2e14
    film = (
        ss.Metal("NM", thickness=4e-9, conductivity=2e6, spin_diffusion_length=3e-9)
        | ss.Interface(conductance_up=g, conductance_down=g, mixing_conductance=g, filtering=2e5)
        | ss.Ferromagnet("FM", thickness=4e-9, conductivity=3e6, spin_diffusion_length=4e-9, dephasing_length=5e-8)
    )
    assert ss.magnetoresistance(film, "beta") < -1e-5
    assert ss.magnetoresistance(film.replace({"FM.dephasing_length": 1e-25}), "beta") > 1e-5


@pytest.mark.parametrize("delta", [1e-3, 0.3, 0.9, 4.0])
def test_memory_loss_into_a_perfect_sink_passes_sech_delta(delta):
    g = 6e14  # each channel, so the resistance-area product is 1/(2 g)
    film = (
        ss.Metal("Cu", thickness=4e-9, conductivity=5e7, spin_diffusion_length=3e-7)
        | ss.Interface(conductance_up=g, conductance_down=g, spin_memory_loss=delta)
        | ss.Metal("Pt", thickness=4e-9, conductivity=2e6, spin_diffusion_length=1.5e-9)
    )
    m = ss.circuit.element_matrix(film, 1)
    for spin in range(3):  # mu_R = 0; potentials are mu = 2 psi
        enters, leaves = m[spin, spin], m[4 + spin, spin]
        np.testing.assert_allclose(leaves / enters, 1 / np.cosh(delta), rtol=1e-13)
        np.testing.assert_allclose(enters, delta * g / np.tanh(delta), rtol=1e-13)


def test_torque_behind_a_spin_flipping_interface(rng):
    """Spin Hall source | loss | magnet: the loss divides what arrives by cosh(delta) + (K'/2G) sinh(delta)."""
    angle, delta = rng.between(0.05, 0.3), rng.log(1e-2, 3)
    nm, contact, fm = parts(rng, angle=angle, filtering=0.0)
    g = rng.log(1e14, 1e16)
    loss = ss.Interface("loss", conductance_up=g, conductance_down=g, spin_memory_loss=delta)
    slab, sink = 2 * g * delta, 2 * contact.mixing_conductance.real
    load = slab * (slab + sink / np.tanh(delta)) / (slab / np.tanh(delta) + sink)
    t, length, s = nm.thickness, nm.spin_diffusion_length, nm.conductivity
    x = load * length / s
    leaves = angle * s * (1 - 1 / np.cosh(t / length)) * x / (x + np.tanh(t / length))
    arrives = leaves / (np.cosh(delta) + slab / sink * np.sinh(delta))
    film = nm | loss | contact | fm
    torque = ss.torque(film, m=X)["FM"].values
    np.testing.assert_allclose(torque[..., 1], hbar / (2 * e) * arrives, rtol=1e-10)
    # ... and the resistance sees the loaded source
    g_x = ss.sheet_conductance(film, m=X)[:, 0, 0] - fm.conductivity * fm.thickness
    response = length / t * (2 * np.tanh(t / (2 * length)) + x) / (1 + x / np.tanh(t / length))
    np.testing.assert_allclose(g_x, s * t * (1 + angle**2 * response), rtol=1e-11)
    # a sink much better than the slab: sech(delta)
    film = nm | loss | contact.replace(mixing_conductance=1e30 + 0j) | fm
    x = slab / np.tanh(delta) * length / s
    leaves = angle * s * (1 - 1 / np.cosh(t / length)) * x / (x + np.tanh(t / length))
    torque = ss.torque(film, m=X)["FM"].values[..., 1] * 2 * e / hbar
    np.testing.assert_allclose(torque, leaves / np.cosh(delta), rtol=1e-10)


def test_memory_loss_of_a_magnetic_interface_loads_the_metal_for_spin_along_m(rng):
    angle, delta = rng.between(0.05, 0.3), rng.log(1e-2, 3)
    nm, contact, fm = parts(rng, polarization=rng.between(-0.8, 0.8), angle=angle, filtering=0.0)
    slab = 4 * parallel(contact) * delta
    sink = 1 / spin_resistance(fm)
    load = slab * (slab + sink / np.tanh(delta)) / (slab / np.tanh(delta) + sink)
    t, length, s = nm.thickness, nm.spin_diffusion_length, nm.conductivity
    x = load * length / s
    response = length / t * (2 * np.tanh(t / (2 * length)) + x) / (1 + x / np.tanh(t / length))
    got = ss.sheet_conductance(nm | contact.replace(spin_memory_loss=delta) | fm, m=Y)[:, 0, 0]
    np.testing.assert_allclose(got, s * t * (1 + angle**2 * response) + fm.conductivity * fm.thickness, rtol=1e-11)


@pytest.mark.parametrize("insulating", [True, False])
def test_spin_hall_torque_has_the_damping_like_and_field_like_efficiency(rng, insulating):
    angle = rng.signed(0.05, 0.3)
    nm, contact, fm = parts(rng, polarization=0.4, angle=angle, filtering=0.0)
    mixing = contact.mixing_conductance * (1 + 1j * rng.between(-0.9, 0.9))
    contact = contact.replace(mixing_conductance=mixing)
    m, E = rng.directions(), np.array([0.8, -0.6])
    magnet = ss.MagneticInsulator("FM", mixing_conductance=mixing)
    film = nm | magnet if insulating else nm | contact | fm
    t, length, s = nm.thickness, nm.spin_diffusion_length, nm.conductivity
    g = 2 * mixing * length / s
    xi = angle * (1 - 1 / np.cosh(t / length)) * g / (g + np.tanh(t / length))
    g_t = g * np.tanh(t / length)  # the same as Haney et al. write it
    haney = angle * (1 - 1 / np.cosh(t / length)) * g_t / (g_t + np.tanh(t / length) ** 2)
    np.testing.assert_allclose(xi, haney, rtol=1e-13)
    spin = np.array([-E[1], E[0], 0.0])  # z x E
    damping, field = np.cross(m, np.cross(spin, m)), np.cross(spin, m)
    expected = (hbar / (2 * e) * s)[:, None] * (xi.real[:, None] * damping + xi.imag[:, None] * field)
    got = ss.torque(film, m=m, E=E)["FM"].values
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-13 * np.abs(expected).max())


def test_torque_of_interface_generated_spin_current_is_what_leaves_the_metal(rng):
    """With l_sf infinite in a closed magnet, all spin across m that crosses the interface must end as torque."""
    nm, contact, fm = parts(rng, filtering=rng.log(1e3, 1e5))
    mixing = contact.mixing_conductance * (1 + 1j * rng.between(-0.9, 0.9))
    fm = fm.replace(spin_diffusion_length=np.inf, dephasing_length=1e-9, precession_length=2e-9)
    film = nm | contact.replace(mixing_conductance=mixing) | fm
    m = rng.directions()
    share = 1 / (1 + 2 * mixing * spin_resistance(nm))
    damping, field = np.cross(m, np.cross(Y, m)), np.cross(Y, m)
    kappa = contact.filtering[:, None]
    expected = hbar / (2 * e) * kappa * (share.real[:, None] * damping + share.imag[:, None] * field)
    got = ss.torque(film, m=m)["FM"].values
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-13 * np.abs(expected).max())
