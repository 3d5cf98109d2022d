"""The conventions of docs/conventions.md, each proved with a case in which the other sign, axis or factor fails."""

import numpy as np
import pytest
from scipy.constants import e, hbar, physical_constants

import spinstack as ss
from spinstack.circuit import element_matrix
from spinstack.measure import read
from spinstack.measure.sweeps import anomalous_hall_loop, hall_slope

MU_B = physical_constants["Bohr magneton"][0]
nm = 1e-9
X, Y, Z = np.eye(3)
TILTED = np.array([0.48, 0.6, 0.64])


def z_cross(E):
    return np.array([-E[1], E[0], 0.0])


def leaky(layer):
    """The layer below a metal that relaxes spin: without any relaxation the spin accumulation is undetermined."""
    return layer | ss.Metal("leak", thickness=1 * nm, conductivity=1e6, spin_diffusion_length=1 * nm)


def flows(film, index, m=None, B=(0, 0, 0), below=(0, 0, 0, 0), above=(0, 0, 0, 0), E=(0, 0)):
    """Currents (spin x, y, z, charge) at the lower and upper face of one element, along +z, and its sheet current."""
    out = element_matrix(film, index, m, B) @ np.concatenate([below, above, E])
    return out[:4], out[4:8], out[8:]


# -- layers


def test_free_currents_flow_up_the_stack_from_high_to_low_potential():
    sigma, t = 3e6, 20 * nm
    film = leaky(ss.Metal("Cu", thickness=t, conductivity=sigma, spin_diffusion_length=np.inf))
    lower, upper, _ = flows(film, 0, below=(0.3, -0.2, 0.5, 0.7))
    np.testing.assert_allclose(lower[3], sigma * 0.7 / t, rtol=1e-13)
    np.testing.assert_allclose(lower[:3], sigma / 2 * np.array([0.3, -0.2, 0.5]) / t, rtol=1e-13)
    np.testing.assert_allclose(upper, lower, rtol=1e-13)


def test_spin_hall_current_is_theta_sigma_z_cross_field():
    theta, sigma, field = 0.1, 3e6, (0.3, -0.7)
    film = ss.Film((ss.Metal("Pt", thickness=400 * nm, conductivity=sigma, spin_diffusion_length=2 * nm,
                             spin_hall_angle=theta),))  # fmt: skip
    middle = ss.profile(film, E=field).Q.values[20]
    np.testing.assert_allclose(middle, theta * sigma * z_cross(field), rtol=1e-12, atol=1e-6)
    assert middle[1] > 0, "a field along +x drives the current of spins along +y upwards"


def test_spin_hall_tensor_is_spin_by_field():
    theta = np.array([[0.01, 0.02], [0.03, -0.04], [0.05, 0.06]])
    sigma, t, field, ramp = 3e6, 4 * nm, (0.3, -0.7), np.array([0.2, -0.5, 0.9])
    film = ss.Film((ss.Metal("WTe2", thickness=t, conductivity=sigma, spin_diffusion_length=2 * nm,
                             spin_hall_angle=theta),))  # fmt: skip
    lower, upper, _ = flows(film, 0, E=field)
    np.testing.assert_allclose(lower[:3], sigma * theta @ field, rtol=1e-12)
    np.testing.assert_allclose(upper[:3], sigma * theta @ field, rtol=1e-12)
    # the inverse effect: minus the transpose, driven by the force, which integrates to half the drop of mu_s
    _, _, sheet = flows(film, 0, below=(*ramp, 0))
    np.testing.assert_allclose(sheet, -sigma * theta.T @ ramp / 2, rtol=1e-12)


def test_spin_splitter_returns_with_the_sign_opposite_to_spin_hall():
    splitter = np.array([[0.1, -0.2], [0.3, 0.05], [0.4, -0.15]])
    sigma, field, ramp = 3e6, (0.3, -0.7), np.array([0.2, -0.5, 0.9])
    film = ss.Film((ss.Metal("RuO2", thickness=4 * nm, conductivity=sigma, spin_diffusion_length=2 * nm,
                             spin_splitter=splitter),))  # fmt: skip
    np.testing.assert_allclose(flows(film, 0, E=field)[0][:3], sigma * splitter @ field, rtol=1e-12)
    np.testing.assert_allclose(flows(film, 0, below=(*ramp, 0))[2], +sigma * splitter.T @ ramp / 2, rtol=1e-12)


def test_stack_is_listed_from_the_bottom_and_spins_pile_up_at_the_top():
    theta, sigma, length, t = 0.1, 3e6, 2 * nm, 5 * nm
    platinum = ss.Metal("Pt", thickness=t, conductivity=sigma, spin_diffusion_length=length, spin_hall_angle=theta)
    alone = ss.profile(ss.Film((platinum,)), E=(0.3, -0.7))
    pile = 2 * theta * length * np.tanh(t / (2 * length)) * z_cross((0.3, -0.7))
    np.testing.assert_allclose(alone.mu.values[-1], pile, rtol=1e-12, atol=1e-22)
    np.testing.assert_allclose(alone.mu.values[0], -pile, rtol=1e-12, atol=1e-22)
    copper = ss.Metal("Cu", thickness=3 * nm, conductivity=5e7, spin_diffusion_length=300 * nm)
    stacked = ss.profile(platinum | copper)
    assert list(dict.fromkeys(stacked.layer.values.tolist())) == ["Pt", "Cu"]
    assert (np.diff(stacked.z.values) >= 0).all()
    assert stacked.z.values[0] == 0
    assert stacked.z.values[-1] == pytest.approx(8 * nm, rel=1e-12)
    assert (stacked.mu.sel(spin="y").values[stacked.layer.values == "Cu"] > 0).all()


def test_inverse_spin_hall_is_driven_by_the_force_not_by_the_flux():
    theta, sigma, P, t = 0.1, 4e6, 0.6, 3 * nm
    film = leaky(ss.Ferromagnet("Co", thickness=t, conductivity=sigma, polarization=P, spin_hall_angle=theta,
                                spin_diffusion_length=np.inf))  # fmt: skip
    # a voltage drives the spin flux P sigma V / t along m but no spin force: no in-plane current
    lower, _, sheet = flows(film, 0, m=Y, below=(0, 0, 0, 0.7))
    np.testing.assert_allclose(lower[:3], P * sigma * 0.7 / t * Y, rtol=1e-12)
    np.testing.assert_allclose(sheet, 0, atol=1e-12 * sigma * 0.7)
    # a spin force f at open circuit: the flux along m is (1 - P^2) sigma f, the current still theta sigma z x f
    drop = np.array([0.2, -0.5, 0.9])
    lower, _, sheet = flows(film, 0, m=Y, below=(*drop, -P * drop[1] / 2))
    np.testing.assert_allclose(lower[3], 0, atol=1e-12 * sigma / t)
    np.testing.assert_allclose(lower[1], (1 - P**2) * sigma * drop[1] / (2 * t), rtol=1e-12)
    np.testing.assert_allclose(sheet, theta * sigma * z_cross(drop / 2)[:2], rtol=1e-12)


def test_up_is_the_majority_along_m_and_spin_is_up_minus_down():
    sigma, P, t = 4e6, 0.6, 3 * nm
    film = leaky(ss.Ferromagnet("Co", thickness=t, conductivity=sigma, polarization=P, spin_diffusion_length=np.inf))
    for sign, share in ((+1, (1 + P) / 2), (-1, (1 - P) / 2)):
        # 1 V on this spin only: mu_c is the mean 1/2, mu_s = mu_up - mu_down = +-1
        lower, _, _ = flows(film, 0, m=TILTED, below=(*(sign * TILTED), 0.5))
        np.testing.assert_allclose(lower[3], share * sigma / t, rtol=1e-12)
        np.testing.assert_allclose(lower[:3], sign * share * sigma / t * TILTED, rtol=1e-12)


def test_exchange_precession_is_mu_cross_m():
    sigma, t, length, exchange = 4e6, 0.0004 * nm, 5 * nm, 1.3 * nm
    film = ss.Film((ss.Ferromagnet("Co", thickness=t, conductivity=sigma, spin_diffusion_length=length,
                                   precession_length=exchange),))  # fmt: skip
    mu = np.array([0.3, -0.2, 0.5])
    lower, upper, _ = flows(film, 0, m=TILTED, below=(*mu, 0), above=(*mu, 0))
    lost = sigma / 2 * t * (mu / length**2 + np.cross(mu, TILTED) / exchange**2)
    np.testing.assert_allclose((lower - upper)[:3], lost, rtol=2e-6)


def test_hanle_precession_is_mu_cross_b():
    sigma, t, length, D, g = 3e6, 0.05 * nm, 60 * nm, 1e-4, 1.9
    film = ss.Film((ss.Metal("Cu", thickness=t, conductivity=sigma, spin_diffusion_length=length,
                             diffusion_coefficient=D, g_factor=g),))  # fmt: skip
    mu, B = np.array([0.3, -0.2, 0.5]), np.array([1.0, -2.0, 3.0])
    lower, upper, _ = flows(film, 0, B=B, below=(*mu, 0), above=(*mu, 0))
    lost = sigma / 2 * t * (mu / length**2 + g * MU_B / (hbar * D) * np.cross(mu, B))
    np.testing.assert_allclose((lower - upper)[:3], lost, rtol=2e-6)


def test_hanle_diffusion_follows_from_the_density_of_states_per_spin():
    sigma, nu = 3e6, 4e46
    metal = ss.Metal("Cu", thickness=9 * nm, conductivity=sigma, spin_diffusion_length=60 * nm, spin_hall_angle=0.2,
                     density_of_states=nu)  # fmt: skip
    given = metal.replace(density_of_states=None, diffusion_coefficient=sigma / (2 * e**2 * nu))
    B = (1.0, -2.0, 3.0)
    by_states, by_diffusion = (ss.sheet_resistance(ss.Film((layer,)), B=B) for layer in (metal, given))
    np.testing.assert_allclose(by_states, by_diffusion, rtol=1e-13)


def test_ordinary_hall_resistance_is_plus_hall_coefficient_times_field():
    sigma, t, R_H, B = 5e6, 7 * nm, -2e-10, (1.0, 2.0, 3.0)
    film = ss.Film((ss.Metal("Au", thickness=t, conductivity=sigma, spin_diffusion_length=30 * nm,
                             hall_coefficient=R_H),))  # fmt: skip
    R = ss.sheet_resistance(film, B=B)
    np.testing.assert_allclose(R[1, 0], R_H * B[2] / t, rtol=1e-12)
    np.testing.assert_allclose(R[0, 1], -R_H * B[2] / t, rtol=1e-12)
    np.testing.assert_allclose(np.diag(R), 1 / (sigma * t), rtol=1e-12)


def test_anomalous_hall_anisotropy_and_size_effect_are_what_the_meter_shows():
    sigma, t, theta, amr, size = 4e6, 6 * nm, 0.02, 0.03, -0.01
    film = ss.Film((ss.Ferromagnet("Py", thickness=t, conductivity=sigma, polarization=0.4,
                                   spin_diffusion_length=5 * nm, anomalous_hall_angle=theta, amr_ratio=amr,
                                   size_effect_ratio=size),))  # fmt: skip
    mx, my, mz = TILTED
    expected = np.array([[1 + amr * mx**2 + size * mz**2, amr * mx * my - theta * mz],
                         [amr * mx * my + theta * mz, 1 + amr * my**2 + size * mz**2]]) / (sigma * t)  # fmt: skip
    np.testing.assert_allclose(ss.sheet_resistance(film, m=TILTED), expected, rtol=1e-12)


def test_anomalous_hall_voltage_along_z_has_the_sign_of_the_transverse_one():
    theta, t = 0.02, 6 * nm
    film = ss.Film((ss.Ferromagnet("Py", thickness=t, conductivity=4e6, polarization=0.4, spin_diffusion_length=5 * nm,
                                   anomalous_hall_angle=theta),))  # fmt: skip
    depth = ss.profile(film, m=Y, E=(1, 0))
    # m || y, current along x: the Hall field theta m x j points along -z, so the potential rises upwards
    assert depth.mu_c.values[0] == 0
    np.testing.assert_allclose(depth.mu_c.values, theta * depth.z.values, rtol=1e-12, atol=1e-25)


# -- interfaces and insulators


def junction(**parameters):
    return (
        ss.Metal("N", thickness=3 * nm, conductivity=3e6, spin_diffusion_length=2 * nm)
        | ss.Interface(**parameters)
        | ss.Ferromagnet("F", thickness=2 * nm, conductivity=4e6, spin_diffusion_length=5 * nm)
    )


def test_mixing_conductance_sends_gr_mu_and_gi_mu_cross_m_into_the_magnet():
    film = junction(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14 + 1e14j,
                    mixing_conductance_upper=7e14 - 2e14j, transmitted_mixing_conductance=3e14 + 0.5e14j)  # fmt: skip
    mu = np.array([0.3, -0.2, 0.5])
    m = TILTED

    def transverse(G):
        return G.real * (mu - m * (m @ mu)) + G.imag * np.cross(mu, m)

    def part(current):
        return current[:3] - m * (m @ current[:3])

    lower, upper, _ = flows(film, 1, m=m, below=(*mu, 0))
    np.testing.assert_allclose(part(lower), transverse(6e14 + 1e14j), rtol=1e-12)
    np.testing.assert_allclose(part(upper), transverse(3e14 + 0.5e14j), rtol=1e-12)
    lower, upper, _ = flows(film, 1, m=m, above=(*mu, 0))
    np.testing.assert_allclose(part(-upper), transverse(7e14 - 2e14j), rtol=1e-12)
    np.testing.assert_allclose(part(-lower), transverse(3e14 + 0.5e14j), rtol=1e-12)


def test_interface_channels_carry_their_own_spin():
    film = junction(conductance_up=5e14, conductance_down=2e14, mixing_conductance=6e14)
    for sign, G in ((+1, 5e14), (-1, 2e14)):
        lower, upper, _ = flows(film, 1, m=TILTED, below=(*(sign * TILTED), 0.5))
        np.testing.assert_allclose(lower, [*(sign * G * TILTED), G], rtol=1e-12)
        np.testing.assert_allclose(upper[3], G, rtol=1e-12)
        np.testing.assert_allclose(upper[:3] @ TILTED, sign * G, rtol=1e-12)


def test_open_circuit_spin_conductance_is_twice_the_series_conductance():
    film = junction(conductance_up=5e14, conductance_down=2e14, mixing_conductance=6e14)
    M = element_matrix(film, 1, Z, (0, 0, 0))
    # mu_c below follows until no charge passes
    spin, charge = M[[2, 3]][:, 2], M[[2, 3]][:, 3]
    open_circuit = spin[0] - charge[0] * spin[1] / charge[1]
    np.testing.assert_allclose(open_circuit, 2 / (1 / 5e14 + 1 / 2e14), rtol=1e-12)


def test_filtering_is_along_z_cross_field_and_precession_along_m_cross_that():
    film = junction(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14, filtering=2e4,
                    filtering_upper=-1e4, precession=3e3, precession_upper=5e3)  # fmt: skip
    field, m = (0.3, -0.7), TILTED
    lower, upper, _ = flows(film, 1, m=m, E=field)
    np.testing.assert_allclose(lower[:3], 2e4 * z_cross(field) + 3e3 * np.cross(m, z_cross(field)), rtol=1e-12)
    np.testing.assert_allclose(upper[:3], -1e4 * z_cross(field) + 5e3 * np.cross(m, z_cross(field)), rtol=1e-12)


def test_rashba_edelstein_leaves_half_to_either_side():
    film = junction(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14, rashba_edelstein=2e4)
    field = (0.3, -0.7)
    lower, upper, _ = flows(film, 1, m=TILTED, E=field)
    np.testing.assert_allclose(lower[:3], -1e4 * z_cross(field), rtol=1e-12)
    np.testing.assert_allclose(upper[:3], +1e4 * z_cross(field), rtol=1e-12)


def test_reciprocal_weighs_the_inverse_of_interface_generated_spin_current():
    film = junction(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14, filtering=2e4, precession=3e3)
    mu, m = np.array([0.3, -0.2, 0.5]), TILTED
    _, _, sheet = flows(film, 1, m=m, below=(*mu, 0))
    for i, probe in enumerate(((1.0, 0.0), (0.0, 1.0))):
        # Onsager: minus the direct effect of the reversed magnet
        reversed_source = 2e4 * z_cross(probe) + 3e3 * np.cross(-m, z_cross(probe))
        np.testing.assert_allclose(sheet[i], -reversed_source @ mu / 2, rtol=1e-12)
    for weight in (0.0, -1.0, 0.4):
        weighted = film.replace({"N|F.reciprocal": weight})
        np.testing.assert_allclose(flows(weighted, 1, m=m, below=(*mu, 0))[2], weight * sheet, rtol=1e-12, atol=0)


def test_interface_takes_m_from_the_upper_magnet_unless_told():
    def spin_valve(**choice):
        return (
            ss.Ferromagnet("free", thickness=2 * nm, conductivity=4e6, spin_diffusion_length=5 * nm)
            | ss.Interface(conductance_up=5e14, conductance_down=2e14, mixing_conductance=6e14, **choice)
            | ss.Ferromagnet("fixed", thickness=2 * nm, conductivity=4e6, spin_diffusion_length=5 * nm)
        )

    m = {"free": X, "fixed": TILTED}
    for film, axis in ((spin_valve(), TILTED), (spin_valve(magnet="free"), X)):
        lower, _, _ = flows(film, 1, m=m, below=(0, 0, 0, 1))
        np.testing.assert_allclose(lower[:3], (5e14 - 2e14) * axis, rtol=1e-12, atol=1)


def test_insulator_takes_up_spin_at_both_faces_and_no_charge():
    metal = ss.Metal("Pt", thickness=3 * nm, conductivity=3e6, spin_diffusion_length=2 * nm)
    film = (
        metal | ss.MagneticInsulator("EuS", spin_sink_conductance=2e12, mixing_conductance=1e13 + 3e13j) | metal
    )  # fmt: skip
    mu, m = np.array([0.3, -0.2, 0.5]), TILTED
    taken = 2e12 * mu + 1e13 * (mu - m * (m @ mu)) + 3e13 * np.cross(mu, m)
    lower, upper, sheet = flows(film, 1, m=m, below=(*mu, 0.7), E=(0.3, -0.7))
    np.testing.assert_allclose(lower, [*taken, 0], rtol=1e-12, atol=0)
    np.testing.assert_array_equal(np.concatenate([upper, sheet]), 0)
    lower, upper, _ = flows(film, 1, m=m, above=(*mu, 0.7))
    np.testing.assert_allclose(-upper, [*taken, 0], rtol=1e-12, atol=0)
    np.testing.assert_array_equal(lower, 0)


def test_every_precession_turns_the_current_the_same_way():
    platinum = ss.Metal("Pt", thickness=5 * nm, conductivity=3e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1,
                        diffusion_coefficient=1e-5)  # fmt: skip
    interface = ss.Interface(conductance_up=1e15, conductance_down=1e15, mixing_conductance=1.2e15,
                             transmitted_mixing_conductance=1e15)  # fmt: skip
    magnet = ss.Ferromagnet("F", thickness=3 * nm, conductivity=1e6, spin_diffusion_length=5 * nm)
    turning = {
        "imaginary mixing conductance": (platinum | ss.MagneticInsulator("I", mixing_conductance=1e14 + 1e14j), Z, 0),
        "exchange field": (platinum | magnet.replace(precession_length=2 * nm), Z, 0),
        "both, through an interface": (platinum | interface | magnet.replace(precession_length=2 * nm), Z, 0),
        "applied field": (ss.Film((platinum,)), None, 5 * Z),
    }
    for cause, (film, m, B) in turning.items():
        R = ss.sheet_resistance(film, m=m, B=np.broadcast_to(B, 3))
        # moments pile up along y, turn towards y x z = x, and theta z x f of a force along x points along +y:
        # the current turns towards +y, so the field that keeps it along x points along -y
        assert R[1, 0] < -1e-7 * R[0, 0], cause
        assert R[0, 1] == pytest.approx(-R[1, 0], rel=1e-9), cause


def test_torque_is_the_absorbed_angular_momentum():
    G = 1e14 + 3e13j
    film = ss.Metal("Pt", thickness=5 * nm, conductivity=3e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1) | (
        ss.MagneticInsulator("YIG", mixing_conductance=G)
    )
    field, m = (0.3, -0.7), TILTED
    mu = ss.profile(film, m=m, E=field).mu.values[-1]
    absorbed = G.real * (mu - m * (m @ mu)) + G.imag * np.cross(mu, m)
    torque = ss.torque(film, m=m, E=field)["YIG"].values
    np.testing.assert_allclose(torque, hbar / (2 * e) * absorbed, rtol=1e-11)
    # positive spin Hall angle below the magnet, field and m along x: angular momentum along +y arrives, and as that of
    # an electron is against its moment, m is driven towards -y, as a field along m x (-y) = -z would
    assert ss.torque(film, m=X, E=(1, 0))["YIG"].values[1] > 0
    magnet = ss.Macrospin("YIG", magnetization=1.4e5, thickness=3 * nm, damping=0.01, effective_magnetization=0.2)
    model = ss.MagneticModel(film, [magnet], oersted=False)
    moved = ss.trace(model, X, current=1e3, duration=1e-12)["m"].values[-1, 0]
    assert moved[1] < 0


def test_a_moving_magnet_shifts_what_it_sees_along_m_cross_dm_dt():
    G = 1e14 + 3e13j
    theta, sigma, length, t = 0.1, 3e6, 2 * nm, 5 * nm
    film = ss.Metal("Pt", thickness=t, conductivity=sigma, spin_diffusion_length=length, spin_hall_angle=theta) | (
        ss.MagneticInsulator("YIG", mixing_conductance=G)
    )
    # what flows into the magnet is G (mu + w), w = -(hbar/e) m x dm/dt: with the metal's conductance for spin in series
    L = ss.damping_conductance(film, m=TILTED)["damping_conductance"].values[0, :, 0]
    metal = sigma / (2 * length) * np.tanh(t / length)
    series, w = G * metal / (G + metal), np.array([0.3, -0.2, 0.5])
    expected = series.real * (w - TILTED * (TILTED @ w)) + series.imag * np.cross(w, TILTED)
    np.testing.assert_allclose(L @ w, expected, rtol=1e-11)
    # m turns counter-clockwise about y, so m x dm/dt is along y: angular momentum along y leaves the magnet downwards,
    # and theta z x Q of it is a current along +x
    found = ss.spin_pumping(film, 10e9, (1.0, 2.0), m=Y)
    rotation = 2 * np.pi * 10e9 * np.prod(np.sin(np.deg2rad([1.0, 2.0])))
    np.testing.assert_allclose(found["rotation"], [0, rotation, 0], rtol=1e-9, atol=1e-6)
    flows_up = -series.real * hbar / e * rotation
    current = -theta * length * np.tanh(t / (2 * length)) * flows_up
    np.testing.assert_allclose(found["sheet_current"], [current, 0], rtol=2e-3, atol=1e-9 * abs(current))


# -- what is reported


@pytest.mark.parametrize(
    ("plane", "direction"),
    [("alpha", (0.8, 0.6, 0.0)), ("beta", (0.0, 0.8, 0.6)), ("gamma", (0.8, 0.0, 0.6))],
)
def test_angles_start_at_x_y_x_and_turn_towards_y_z_z(plane, direction):
    sigma, t, theta, amr = 4e6, 6 * nm, 0.02, 0.03
    film = ss.Film((ss.Ferromagnet("Py", thickness=t, conductivity=sigma, spin_diffusion_length=5 * nm,
                                   anomalous_hall_angle=theta, amr_ratio=amr),))  # fmt: skip
    angle = np.degrees(np.arctan2(0.6, 0.8))
    scan = ss.angular_scan(film, plane=plane, angles=[angle, 90.0])
    mx, my, mz = direction
    np.testing.assert_allclose(scan.m.values.reshape(2, 3)[0], direction, atol=1e-12)
    for name, expected in (("R_xx", 1 + amr * mx**2), ("R_xy", amr * mx * my + theta * mz),
                           ("R_yx", amr * mx * my - theta * mz), ("R_yy", 1 + amr * my**2)):  # fmt: skip
        value = scan[name].values.ravel()[0]
        assert value == pytest.approx(expected / (sigma * t), rel=1e-9, abs=1e-14), name


def test_field_of_a_scan_turns_with_m():
    R_H, t = -2e-10, 7 * nm
    film = ss.Metal("Au", thickness=t, conductivity=5e6, spin_diffusion_length=30 * nm, hall_coefficient=R_H) | (
        ss.MagneticInsulator("YIG")
    )
    scan = ss.angular_scan(film, plane="gamma", angles=[30.0], field=2.0)
    np.testing.assert_allclose(scan.R_xy.values.ravel(), R_H * 2.0 * 0.5 / t, rtol=1e-9)


def test_first_letter_of_a_name_is_the_current_and_the_second_the_field():
    """A field and a magnet out of the film, and a film that is not isotropic, so that no two components agree."""
    splitter = np.array([[0.0, 0.1], [0.3, 0.0], [0.0, 0.0]])  # spin by field
    film = ss.Metal("N", thickness=4 * nm, conductivity=3e6, spin_diffusion_length=2 * nm, spin_splitter=splitter,
                    hall_coefficient=3e-10) | ss.Ferromagnet("F", thickness=3 * nm, conductivity=2e6,
                    spin_diffusion_length=4 * nm, anomalous_hall_angle=0.02, amr_ratio=0.03)  # fmt: skip
    R, G = (f(film, m=TILTED, B=(0, 0, 2.0)) for f in (ss.sheet_resistance, ss.sheet_conductance))
    scan = ss.field_scan(film, [2.0], "z", m=TILTED).isel(field=0)
    for i, a in enumerate("xy"):
        for k, b in enumerate("xy"):
            unit = np.eye(2)[i]
            assert float(scan[f"R_{a}{b}"]) == pytest.approx((R @ unit)[k], rel=1e-12), "field along b per current a"
            assert float(scan[f"G_{a}{b}"]) == pytest.approx((G @ np.eye(2)[k])[i], rel=1e-12), "current a per field b"
    assert len({f"{float(scan[name]):.6e}" for name in ("R_xx", "R_xy", "R_yx", "R_yy")}) == 4
    # the Hall parts of both have the sign of R_H and of the anomalous Hall angle
    assert float(scan.R_xy - scan.R_yx) > 0
    assert float(scan.G_xy - scan.G_yx) > 0


@pytest.mark.parametrize(("R_H", "theta"), [(1.6e-10, 0.012), (-1.3e-10, 0.01), (2e-10, -0.02)])
def test_a_measured_file_of_a_film_is_analysed_back_to_its_numbers(R_H, theta, tmp_path):
    """Film, curves, file, analysis: signs and numbers of the ordinary and of the anomalous Hall effect come back."""
    sigma, t = 4e6, 6 * nm
    film = ss.Film((ss.Ferromagnet("Co", thickness=t, conductivity=sigma, polarization=0.4,
                                   spin_diffusion_length=5 * nm, anomalous_hall_angle=theta,
                                   hall_coefficient=R_H),))  # fmt: skip
    B = np.linspace(-2, 2, 81)
    scan = ss.field_scan(film, B, "z", m="along B")
    file = tmp_path / "sweep.csv"

    def written(field, R_xx, R_xy):
        rough = 1e-7 * R_xx.max() * np.random.default_rng(7).standard_normal(field.size)
        rows = (f"{b:.9f},{xx:.15e},{xy:.15e}" for b, xx, xy in zip(field, R_xx, R_xy + rough, strict=True))
        file.write_text("Field (T),R_xx (Ohm),R_xy (Ohm)\n" + "\n".join(rows) + "\n", encoding="utf-8")
        return read(file)

    data = written(B, scan.R_xx.values, scan.R_xy.values)
    found = hall_slope(data, above=0.5, film_thickness=t).value
    assert float(found.sel(parameter="hall_coefficient")) == pytest.approx(R_H, rel=1e-3)
    assert float(found.sel(parameter="step")) == pytest.approx(theta / (sigma * t), rel=1e-3)

    # the same with hysteresis, the magnet turning over at 0.4 T
    up = B > 0.4
    down = B[::-1] > -0.4
    field, along = np.concatenate([B[::-1], B]), np.where(np.concatenate([down, up]), 1.0, -1.0)
    R = ss.sheet_resistance(film, m=along[:, None] * Z, B=field[:, None] * Z)
    data = written(field, R[:, 0, 0], R[:, 1, 0])
    loop = anomalous_hall_loop(data, above=0.6, film_thickness=t).value
    assert float(loop.sel(parameter="amplitude")) == pytest.approx(theta / (sigma * t), rel=1e-3)
    assert float(loop.sel(parameter="hall_coefficient")) == pytest.approx(R_H, rel=1e-3)
    assert float(loop.sel(parameter="coercive_field")) == pytest.approx(0.4, abs=0.06)


def test_along_the_field_means_with_its_sign():
    sigma, t, theta = 4e6, 6 * nm, 0.02
    film = ss.Film((ss.Ferromagnet("Co", thickness=t, conductivity=sigma, spin_diffusion_length=5 * nm,
                                   anomalous_hall_angle=theta),))  # fmt: skip
    scan = ss.field_scan(film, [-3.0, -1.0, 0.0, 1.0, 0.0], "z", m="along B")
    # without a field the magnet keeps the direction that it had
    np.testing.assert_allclose(scan.R_xy * sigma * t / theta, [-1, -1, -1, 1, 1], rtol=1e-12)
    one = ss.sheet_resistance(film, m="along B", B=(0.3, -0.2, -0.6))
    np.testing.assert_allclose(one, ss.sheet_resistance(film, m=(3, -2, -6)), rtol=1e-13)
    assert one[1, 0] < 0


def test_magnetoresistance_is_relative_to_angle_zero():
    sigma, amr = 4e6, 0.3
    film = ss.Film((ss.Ferromagnet("Py", thickness=6 * nm, conductivity=sigma, spin_diffusion_length=5 * nm,
                                   amr_ratio=amr),))  # fmt: skip
    scan = ss.angular_scan(film, plane="alpha", angles=[60.0, 90.0])
    # the reference is m || x, the high-resistance state, though it is not among the angles
    np.testing.assert_allclose(scan.MR_xx.values.ravel(), [(1 + amr / 4) / (1 + amr) - 1, -amr / (1 + amr)], rtol=1e-12)
    assert scan.MR_xx.attrs["reference"]
    assert ss.magnetoresistance(film, "alpha") == pytest.approx(-amr / (1 + amr), rel=1e-12)
    assert ss.magnetoresistance(film, "beta") == pytest.approx(0, abs=1e-14)
    assert ss.magnetoresistance(film, "gamma") == pytest.approx(-amr / (1 + amr), rel=1e-12)


def test_magnets_are_told_apart_by_name():
    def magnet(name, theta):
        return ss.Ferromagnet(name, thickness=6 * nm, conductivity=4e6, spin_diffusion_length=5 * nm,
                              anomalous_hall_angle=theta)  # fmt: skip

    film = magnet("lower", 0.02) | ss.Vacuum() | magnet("upper", 0.01)
    both = ss.sheet_conductance(film, m={"lower": Z, "upper": -Z})
    single = [ss.sheet_conductance(ss.Film((magnet("one", theta),)), m=Z) for theta in (0.02, -0.01)]
    np.testing.assert_allclose(both, single[0] + single[1], rtol=1e-12)
    assert both[1, 0] < 0 < both[0, 1]


def test_perpendicular_resistance_is_an_area_times_a_resistance():
    film = ss.Metal("A", thickness=30 * nm, conductivity=5e7, spin_diffusion_length=300 * nm) | (
        ss.Metal("B", thickness=4 * nm, conductivity=2e6, spin_diffusion_length=1 * nm)
    )
    assert ss.perpendicular_resistance(film) == pytest.approx(30 * nm / 5e7 + 4 * nm / 2e6, rel=1e-12)
