"""Ferromagnetic films and plain conductors against docs/methods/closed_forms.md, sections 9 to 11."""

import numpy as np
import pytest
from batches import Batch

import spinstack as ss

N = 200
X, Y, Z = np.eye(3)
TURN = np.array([[0.0, -1.0], [1.0, 0.0]])


@pytest.fixture
def rng():
    return Batch(20171222, N)


def magnet(rng, name="Co", **changes):
    length = rng.log(2e-9, 2e-8)
    values = {
        "thickness": length * rng.log(0.1, 10),
        "conductivity": rng.log(1e6, 1e7),
        "spin_diffusion_length": length,
        "polarization": rng.between(-0.9, 0.9),
    }
    return ss.Ferromagnet(name, **{**values, **changes})


def sheet(element, m=None, B=(0.0, 0.0, 0.0)):
    """Sheet conductance [S] of a film of one element."""
    return ss.sheet_conductance(ss.Film((element,)), m=m, B=B)


def resistivity(element, m=None, B=(0.0, 0.0, 0.0)):
    """In-plane resistivity [Ohm m] of a film of one element."""
    return ss.sheet_resistance(ss.Film((element,)), m=m, B=B) * np.asarray(element.thickness)[..., None, None]


def closed_film(x):
    """(2/x) tanh(x/2), the response of a film with two closed faces, x = t/length."""
    return 2 / x * np.tanh(x / 2)


def channel_angles(fm):
    p, charge, spin = fm.polarization, fm.anomalous_hall_angle, fm.spin_anomalous_hall_angle
    return (charge + spin) / (1 + p), (charge - spin) / (1 - p)


def test_anomalous_hall_magnetoresistance_of_one_film_in_full(rng):
    fm = magnet(rng, anomalous_hall_angle=rng.between(-0.2, 0.2), spin_anomalous_hall_angle=rng.between(-0.2, 0.2))
    s, p, t, length = fm.conductivity, fm.polarization, fm.thickness, fm.spin_diffusion_length
    up, down = channel_angles(fm)
    s_up, s_down = (s * (1 + q * p) / 2 / (1 + a**2) for q, a in ((1, up), (-1, down)))
    # m||z: the channels side by side, each with its Hall angle
    along, hall = s_up + s_down, s_up * up + s_down * down
    gz = sheet(fm, m=Z)
    np.testing.assert_allclose(
        gz / t[:, None, None], along[:, None, None] * np.eye(2) - hall[:, None, None] * TURN, rtol=1e-11, atol=1e-9
    )
    # m||y: the Hall currents run along z; charge stops, spin piles up over the diffusion length k
    pz = (s_up - s_down) / along
    stiffness = along * (1 - pz**2)
    k = np.sqrt(s * (1 - p**2) / stiffness) / length
    source = s_up * up - s_down * down - pz * hall
    expected = along + hall**2 / along + source**2 / stiffness * closed_film(k * t)
    np.testing.assert_allclose(sheet(fm, m=Y)[:, 0, 0] / t, expected, rtol=1e-11)
    # m||x: no Hall current
    np.testing.assert_allclose(sheet(fm, m=X)[:, 0, 0] / t, s, rtol=1e-12)


def test_anomalous_hall_magnetoresistance_to_leading_order_and_its_rate():
    scale = np.array([0.01, 0.02, 0.04])
    p, t, length = 0.4, 6e-9, 5e-9
    fm = ss.Ferromagnet(
        "Co", thickness=t, conductivity=4e6, spin_diffusion_length=length, polarization=p,
        anomalous_hall_angle=scale, spin_anomalous_hall_angle=-1.5 * scale,
    )  # fmt: skip
    up, down = channel_angles(fm)
    r_y, r_z = (resistivity(fm, m=m)[:, 0, 0] * 4e6 for m in (Y, Z))
    leading = (1 - p**2) / 4 * (up - down) ** 2 * closed_film(t / length)
    np.testing.assert_allclose(leading, (-1.5 - p) ** 2 * scale**2 / (1 - p**2) * closed_film(t / length), rtol=1e-13)
    assert np.all(r_z > r_y)
    np.testing.assert_allclose(np.diff(np.log(np.abs(r_z - r_y - leading))) / np.log(2), 4, atol=0.05)
    np.testing.assert_allclose((r_z - r_y)[0], leading[0], rtol=0.01)


def test_anomalous_hall_magnetoresistance_vanishes_with_equal_channel_angles_and_in_thick_films(rng):
    fm = magnet(rng, anomalous_hall_angle=0.2)
    r = [resistivity(fm, m=m)[:, 0, 0] for m in (X, Y, Z)]
    np.testing.assert_allclose(r[1], r[2], rtol=1e-11)
    np.testing.assert_allclose(r[0], r[2], rtol=1e-11)
    thick = fm.replace(thickness=1e5 * fm.spin_diffusion_length, spin_anomalous_hall_angle=-0.1)
    r_y, r_z = (resistivity(thick, m=m)[:, 0, 0] for m in (Y, Z))
    assert np.max(np.abs(r_z / r_y - 1)) < 1e-4


def test_spin_hall_effect_of_a_ferromagnet_makes_its_own_magnetoresistance(rng):
    """Transverse spin dies over Re(1/k), spin along m over l_sf: closed forms for m||y and m||z."""
    angle, l_phi, l_ex = rng.between(-0.3, 0.3), rng.log(3e-10, 1e-8), rng.log(3e-10, 1e-8)
    fm = magnet(rng, spin_hall_angle=angle, dephasing_length=l_phi, precession_length=l_ex)
    t, s, p, length = fm.thickness, fm.conductivity, fm.polarization, fm.spin_diffusion_length
    k = np.sqrt(1 / length**2 + 1 / l_phi**2 + 1j / l_ex**2)
    along = s * t * (1 + angle**2 / (1 - p**2) * closed_film(t / length))
    across = closed_film(k * t)
    gz = sheet(fm, m=Z)
    np.testing.assert_allclose(sheet(fm, m=Y)[:, 0, 0], along, rtol=1e-11)
    np.testing.assert_allclose(gz[:, 0, 0], s * t * (1 + angle**2 * across.real), rtol=1e-11)
    np.testing.assert_allclose(gz[:, 1, 0], -s * t * angle**2 * across.imag, rtol=1e-9, atol=1e-14)


def meter(fm, m, B):
    """In-plane resistivity [Ohm m] that the parameters of a ferromagnet promise, whatever the angle."""
    rho = 1 / fm.conductivity
    mm = m[:, :2, None] * m[:, None, :2]
    in_plane = 1 + np.asarray(fm.size_effect_ratio) * m[:, 2] ** 2
    even = in_plane[:, None, None] * np.eye(2) + np.asarray(fm.amr_ratio)[..., None, None] * mm
    odd = rho * fm.anomalous_hall_angle * m[:, 2] + fm.hall_coefficient * B[:, 2]
    return rho[:, None, None] * even + odd[:, None, None] * TURN


def test_single_film_shows_the_resistivity_its_parameters_name(rng):
    fm = magnet(
        rng, amr_ratio=rng.between(-0.3, 0.5), size_effect_ratio=rng.between(-0.3, 0.5),
        anomalous_hall_angle=rng.between(-0.3, 0.3), hall_coefficient=rng.between(-1, 1) * 1e-9,
    )  # fmt: skip
    m, B = rng.directions(), 9 * rng.directions()
    rho = resistivity(fm, m=m, B=B)
    scale = np.max(1 / fm.conductivity)
    np.testing.assert_allclose(rho, meter(fm, m, B), rtol=1e-10, atol=1e-14 * scale)


def test_ordinary_hall_effect_of_one_film_sees_only_the_field_along_z(rng):
    B = 9 * rng.directions()
    hall = rng.between(-1, 1) * 1e-8
    metal = ss.Metal(
        "Cu", thickness=rng.log(1e-9, 1e-7), conductivity=rng.log(1e6, 5e7),
        spin_diffusion_length=1e-7, hall_coefficient=hall,
    )  # fmt: skip
    r = resistivity(metal, B=B)
    expected = (1 / metal.conductivity)[:, None, None] * np.eye(2) + (hall * B[:, 2])[:, None, None] * TURN
    np.testing.assert_allclose(r, expected, rtol=1e-11, atol=1e-20)
    # in a magnet it adds to the anomalous one
    fm = magnet(rng, polarization=0.0, anomalous_hall_angle=0.02, hall_coefficient=hall)
    got = resistivity(fm, m=Z, B=B[:, 2:] * Z)
    np.testing.assert_allclose(got[:, 1, 0], 0.02 / fm.conductivity + hall * B[:, 2], rtol=1e-10)


def test_opposite_anomalous_hall_layers_cancel(rng):
    fm = magnet(rng, anomalous_hall_angle=0.05, amr_ratio=0.03)
    m = rng.directions()
    film = fm | fm.replace(name="opposite", anomalous_hall_angle=-0.05)
    g = ss.sheet_conductance(film, m=m)
    single = sheet(fm, m=m)
    scale = np.max(g)
    np.testing.assert_allclose(g[:, 1, 0], g[:, 0, 1], rtol=0, atol=1e-15 * scale)
    assert np.max(np.abs(single[:, 1, 0] - single[:, 0, 1])) > 1e-3 * scale
    r_z = ss.sheet_resistance(film, m=Z)
    np.testing.assert_allclose(r_z[:, 1, 0] / r_z[:, 0, 0], 0, atol=1e-15)


def test_parallel_conductors_add_their_sheet_conductances(rng):
    m, B = rng.directions(), 5 * rng.directions()
    bottom = ss.Metal("Ta", thickness=3e-9, conductivity=5e5, spin_diffusion_length=2e-9, hall_coefficient=1e-9)
    top = ss.Metal("Cu", thickness=5e-9, conductivity=3e7, spin_diffusion_length=2e-7, hall_coefficient=-5e-9)
    fm = magnet(rng, amr_ratio=0.1, anomalous_hall_angle=0.05, size_effect_ratio=0.04)
    contact = ss.Interface(conductance_up=5e14, conductance_down=5e14, sheet_conductance=2e-4)
    film = bottom | contact | fm | top
    expected = (
        sheet(bottom, B=B) + sheet(fm, m=m, B=B) + sheet(top, B=B)
        + 2e-4 * np.eye(2)
    )  # fmt: skip
    np.testing.assert_allclose(ss.sheet_conductance(film, m=m, B=B), expected, rtol=1e-11, atol=1e-15)


def test_ferromagnet_with_nothing_magnetic_is_a_metal(rng):
    same = {
        "thickness": 4e-9, "conductivity": rng.log(1e6, 1e7), "spin_diffusion_length": 3e-9,
        "spin_hall_angle": rng.uniform(-0.3, 0.3, (N, 3, 2)),
    }  # fmt: skip
    below = ss.Metal("W", thickness=3e-9, conductivity=6e5, spin_diffusion_length=1.3e-9, spin_hall_angle=-0.3)
    above = ss.MagneticInsulator("YIG", mixing_conductance=4e14 + 5e13j)
    m, ignored = rng.directions(), rng.directions()
    # with an ordinary Hall coefficient as long as the field is along z: in the plane it also turns j_z, see section 10
    for hall, B in ((0.0, 3 * rng.directions()), (2e-9, 3 * Z)):
        magnet, metal = ss.Ferromagnet("X", **same, hall_coefficient=hall), ss.Metal("X", **same, hall_coefficient=hall)
        got = ss.sheet_conductance(below | magnet | above, m={"X": ignored, "YIG": m}, B=B)
        expected = ss.sheet_conductance(below | metal | above, m=m, B=B)
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-15)
    contact = ss.Interface(conductance_up=3e14, conductance_down=3e14)
    area = ss.perpendicular_resistance(below | contact | ss.Ferromagnet("X", **same), m=m)
    np.testing.assert_allclose(area, ss.perpendicular_resistance(below | contact | ss.Metal("X", **same)), rtol=1e-12)


def test_superlattice_of_one_metal_is_one_thick_metal(rng):
    n = 25
    metal = ss.Metal(
        "Pt", thickness=rng.log(1e-10, 2e-9), conductivity=2e6, spin_diffusion_length=5e-9,
        spin_hall_angle=rng.uniform(-0.3, 0.3, (N, 3, 2)), diffusion_coefficient=1e-5, hall_coefficient=1e-9,
    )  # fmt: skip
    other = metal.replace(name="also Pt", thickness=metal.thickness * 0.37)
    whole = metal.replace(thickness=n * (metal.thickness + other.thickness))
    top = ss.MagneticInsulator("YIG", mixing_conductance=4e14 + 5e13j)
    m, B = rng.directions(), 5 * rng.directions()
    got = ss.sheet_conductance((metal | other) * n | top, m=m, B=B)
    np.testing.assert_allclose(got, ss.sheet_conductance(whole | top, m=m, B=B), rtol=1e-10, atol=1e-15)


def bilayer(scale):
    """A film with anisotropic and spin Hall magnetoresistance, both of order `scale`."""
    pt = ss.Metal(
        "Pt", thickness=4e-9, conductivity=2e6, spin_diffusion_length=1.7e-9, spin_hall_angle=0.3 * scale**0.5
    )
    contact = ss.Interface(conductance_up=6e14, conductance_down=2e14, mixing_conductance=6e14)
    co = ss.Ferromagnet(
        "Co", thickness=3e-9, conductivity=4e6, spin_diffusion_length=8e-9, polarization=0.4, amr_ratio=0.1 * scale
    )
    return pt | contact | co


def test_gamma_is_alpha_plus_beta_up_to_their_product():
    scale = np.array([0.2, 0.1, 0.05])
    alpha, beta, gamma = (ss.magnetoresistance(bilayer(scale), plane) for plane in ("alpha", "beta", "gamma"))
    assert np.all(alpha < 0)  # both effects make m||y the low state
    assert np.all(beta > 0)
    np.testing.assert_allclose(gamma - alpha - beta, alpha * beta, rtol=0, atol=1e-14)
    np.testing.assert_allclose(np.diff(np.log(np.abs(gamma - alpha - beta))) / np.log(0.5), 2, atol=0.03)


def test_amr_leaves_beta_and_smr_leaves_gamma_alone():
    film = bilayer(np.array([1.0]))
    amr = film.replace({"Pt.spin_hall_angle": 0.0})
    np.testing.assert_allclose(ss.magnetoresistance(amr, "beta"), 0, atol=1e-14)
    share = 3e-9 * 4e6 / (3e-9 * 4e6 + 4e-9 * 2e6)
    r = 1 / (1 - share + share / 1.1)  # R(m||x)/R(m||y): the shunted anisotropic resistance
    np.testing.assert_allclose(ss.magnetoresistance(amr, "alpha"), 1 / r - 1, rtol=1e-12)
    np.testing.assert_allclose(ss.magnetoresistance(amr, "gamma"), 1 / r - 1, rtol=1e-12)
    smr = film.replace({"Co.amr_ratio": 0.0})
    alpha, beta, gamma = (ss.magnetoresistance(smr, plane) for plane in ("alpha", "beta", "gamma"))
    np.testing.assert_allclose(gamma, 0, atol=1e-14)
    np.testing.assert_allclose((1 + alpha) * (1 + beta), 1, rtol=1e-13)


def test_resistance_is_quadratic_in_the_components_of_m_to_leading_order(rng):
    scale = np.array([1.0, 0.5, 0.25, 0.125])
    film = bilayer(scale)
    r_x, r_y, r_z = (ss.sheet_resistance(film, m=m)[:, 0, 0] for m in (X, Y, Z))
    m = rng.of(30).directions()[:, None]
    expected = r_z + (r_x - r_z) * m[..., 0] ** 2 + (r_y - r_z) * m[..., 1] ** 2
    error = np.max(np.abs(ss.sheet_resistance(film, m=m)[..., 0, 0] - expected), axis=0)
    np.testing.assert_allclose(np.diff(np.log(error)) / np.log(0.5), 2, atol=0.1)
