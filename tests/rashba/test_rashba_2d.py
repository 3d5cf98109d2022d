"""The two-dimensional Rashba gas against theorems, closed forms, all rates between states, and Kubo's formula."""

import numpy as np
import pytest
from reference_rashba import discretised, ladder

import spinstack as ss

E, HBAR, MASS = 1.602176634e-19, 1.054571817646156e-34, 9.1093837015e-31
EV = E
#: alpha [J m], Delta [J], tau [s]
ALPHA, DELTA, TAU = 0.5e-10 * EV, 0.2 * EV, 50e-15
STATES = MASS / (2 * np.pi * HBAR**2)


def gas(energy=0.1, alpha=ALPHA, delta=DELTA, m="z", mass=MASS):
    return ss.rashba_2d(alpha, delta, energy * EV, TAU, m=m, effective_mass=mass)


def reduced(found):
    """Spin (3, 2) of sigma and current (2, 2) per force and lifetime, where hbar = 1 and energies are k^2, in eV."""
    attrs = found.attrs
    k = np.sqrt(2 * attrs["effective_mass_kg"] * EV) / HBAR
    per = attrs["lifetime_s"] * E / HBAR
    return found["spin_density"].values / (per * k), found["conductivity"].values / (per * E * EV / HBAR)


def in_units(alpha, delta, mass=MASS):
    """a and d of ``k^2 + sigma.(a k x z + d m)`` in eV."""
    return alpha / EV * np.sqrt(2 * mass * EV) / HBAR, delta / EV


def some_gases(seed, count):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        alpha, delta = rng.choice([-1, 1]) * 10 ** rng.uniform(-11, -9.7) * EV, rng.uniform(-0.5, 0.5) * EV
        yield rng, alpha, delta, rng.normal(size=3), MASS * 10 ** rng.uniform(-0.7, 0.7)


@pytest.mark.study
def test_with_both_bands_nothing_depends_on_the_magnetisation():
    for rng, alpha, delta, m, mass in some_gases(1, 12):
        found = gas(abs(delta) / EV * 1.001 + 10 ** rng.uniform(-2, 0), alpha, delta, m, mass)
        assert found.attrs["bands_at_fermi_energy"] == 2
        states = mass / (2 * np.pi * HBAR**2)
        edelstein = 2 * states * E * TAU * alpha / HBAR
        expected = edelstein * np.array([[0, -1], [1, 0], [0, 0]])
        np.testing.assert_allclose(found["spin_density"], expected, atol=1e-7 * abs(edelstein))
        drude = found["carrier_density"].item() * E**2 * TAU / mass
        np.testing.assert_allclose(found["conductivity"], drude * np.eye(2), atol=1e-9 * drude)
        assert found["density_of_states"].item() == pytest.approx(2 * states, rel=1e-9)
        np.testing.assert_allclose(found["field_like"], -delta * edelstein, rtol=1e-7)
        np.testing.assert_allclose(found["damping_like"], 0, atol=1e-7 * abs(delta * edelstein))


@pytest.mark.parametrize("m", [(1, 0, 1), (0, 1, 0), (0, 0, 1), (2, 1, -1)])
def test_with_both_bands_to_the_last_digits(m):
    found = gas(0.4, m=m)
    edelstein = 2 * STATES * E * TAU * ALPHA / HBAR
    np.testing.assert_allclose(found["spin_density"].sel(field="x"), [0, edelstein, 0], atol=1e-11 * edelstein)
    across = (found["torque"].sel(field="x") @ found["spin_density"].sel(field="x")).item()
    assert abs(across) < 1e-11 * edelstein * DELTA * edelstein


def test_both_bands_begin_at_the_edge_of_the_upper_one_not_at_the_exchange():
    """With m in the plane the upper band begins below Delta: at Delta - m alpha^2/(2 hbar^2)."""
    edge = DELTA / EV - MASS * ALPHA**2 / (2 * HBAR**2) / EV
    above, below = gas(edge + 2e-3, m="y"), gas(edge - 2e-3, m="y")
    assert above.attrs["bands_at_fermi_energy"] == 2
    assert below.attrs["bands_at_fermi_energy"] == 1
    edelstein = 2 * STATES * E * TAU * ALPHA / HBAR
    assert above["spin_density"].sel(component="y", field="x").item() == pytest.approx(edelstein, rel=1e-8)
    assert below["spin_density"].sel(component="y", field="x").item() < 0.3 * edelstein


def test_one_band_across_the_plane_has_a_closed_form():
    for energy in (-0.1, 0.05, 0.19):
        found = gas(energy)
        a, d = in_units(ALPHA, DELTA)
        square = energy + a * a / 2 + np.sqrt(a * a * energy + d * d + a**4 / 4)
        k = np.sqrt(square * 2 * MASS * EV) / HBAR
        cosine = 1 / np.hypot(1, ALPHA * k / DELTA)
        sine = np.sqrt(1 - cosine**2)
        v = HBAR * k / MASS - ALPHA / HBAR * sine
        spin = 2 * TAU * STATES * E * v * sine / (1 + 3 * cosine**2)
        sigma = 2 * STATES * E**2 * TAU * v**2 / (1 + 3 * cosine**2)
        np.testing.assert_allclose(found["spin_density"].sel(field="x"), [0, spin, 0], atol=1e-10 * spin)
        np.testing.assert_allclose(found["conductivity"], sigma * np.eye(2), atol=1e-10 * sigma)
        assert found["carrier_density"].item() == pytest.approx(k * k / (4 * np.pi), rel=1e-10)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("m", [(1, 0, 0), (0, 1, 0), (1, 2, 3), (-2, 1, 0.3)])
def test_one_band_against_all_rates_between_states(m):
    unit = np.array(m) / np.linalg.norm(m)
    for energy, alpha in ((0.1, ALPHA), (-0.1, 0.2e-10 * EV), (0.15, -ALPHA)):
        spin, current = discretised(*in_units(alpha, DELTA), unit, energy)
        found = reduced(gas(energy, alpha, m=m))
        np.testing.assert_allclose(found[0], spin, atol=1e-10 * np.abs(spin).max())
        np.testing.assert_allclose(found[1], current, atol=1e-10 * np.abs(current).max())


@pytest.mark.study
@pytest.mark.parametrize(
    ("alpha", "delta", "energy"),
    [
        pytest.param(0.4, 0.8, 0.4, id="one band"),
        pytest.param(0.6, 0.8, 2.0, id="both bands"),
        pytest.param(1.5, 0.1, -0.2, id="a ring", marks=pytest.mark.study),
    ],
)
def test_kubo_with_its_ladder_is_met_as_the_lifetime_grows(alpha, delta, energy):
    m = np.array([1.0, 2.0, 3.0]) / 14**0.5
    mass, scale = HBAR**2 / (2 * EV), 1.0  # so that k^2 is in eV
    found = ss.rashba_2d(alpha * EV, delta * EV, energy * EV, TAU, m=m, effective_mass=mass * scale)
    exact = reduced(found)
    short, long = (ladder(alpha, delta, m, energy, tau) for tau in (40.0, 80.0))
    for one, half, whole in zip(exact, short, long, strict=True):
        size = np.abs(one).max()
        np.testing.assert_allclose(2 * whole - half, one, atol=1e-3 * size)
        assert np.abs(whole - one).max() < 0.7 * np.abs(half - one).max()
    bare, _ = ladder(alpha, delta, m, energy, 40.0, vertex=False)
    assert np.abs(bare - exact[0]).max() > 0.03 * np.abs(exact[0]).max()


def test_weak_coupling_gives_the_torque_of_a_polarised_current():
    """Manchon and Zhang, Phys. Rev. B 78, 212405 (2008): alpha m_e P j/(e hbar)."""
    found = gas(0.5, alpha=1e-12 * EV, m="z")
    j = found["conductivity"].sel(current="x", field="x").item()
    polarization = DELTA / (0.5 * EV)
    expected = 1e-12 * EV * MASS * polarization * j / (E * HBAR)
    assert abs(found["field_like"].sel(field="x").item()) == pytest.approx(expected, rel=1e-4)


def test_moments_along_z_cross_e_for_a_positive_coupling():
    """The sense of every sign, with nothing symmetric: contours, moments, forces."""
    found = gas(0.1, m=(0.2, 0.3, 1.0))
    assert found["spin_density"].sel(component="y", field="x") > 0
    assert found["spin_density"].sel(component="x", field="y") < 0
    lower = found.isel(contour=0)
    at = lower["contour_wavevector"].values
    top = at[:, 1].argmax()  # k along y: electrons of the lower band have sigma against k x z, moments along x
    assert lower["contour_moment"].values[top, 0] > 0
    right = at[:, 0].argmax()
    assert lower["contour_moment"].values[right, 1] < 0
    # electrons go against the field
    assert lower["contour_energy"].sel(field="x").values[right] < 0
    assert (lower["contour_moment"].sel(component="z") > 0).all()


@pytest.mark.study
def test_the_responses_are_even_in_m_and_turn_with_it():
    for rng, alpha, delta, m, mass in some_gases(3, 6):
        energy = abs(delta) / EV * rng.uniform(-0.3, 0.9)
        one, reverse = gas(energy, alpha, delta, m, mass), gas(energy, alpha, delta, -m, mass)
        spin, sigma = one["spin_density"].values, one["conductivity"].values
        np.testing.assert_allclose(reverse["spin_density"], spin, atol=1e-8 * np.abs(spin).max())
        np.testing.assert_allclose(sigma, sigma.T, atol=1e-9 * np.abs(sigma).max())
        assert np.linalg.eigvalsh(sigma).min() > 0
        c, s = np.cos(0.7), np.sin(0.7)
        Q = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        turned = gas(energy, alpha, delta, Q @ m, mass)
        np.testing.assert_allclose(turned["spin_density"], Q @ spin @ Q[:2, :2].T, atol=1e-8 * np.abs(spin).max())
        torque = one["torque"].values
        np.testing.assert_allclose(turned["torque"], Q @ torque @ Q[:2, :2].T, atol=1e-8 * np.abs(torque).max())


@pytest.mark.study
def test_densities_count_the_states():
    for energy, alpha in ((0.1, ALPHA), (0.35, ALPHA), (-0.22, 4 * ALPHA)):
        found = gas(energy, alpha, 0.05 * EV, (1, 1, 1))
        step = 2e-5
        up, down = (gas(energy + s * step, alpha, 0.05 * EV, (1, 1, 1))["carrier_density"].item() for s in (1, -1))
        assert (up - down) / (2 * step * EV) == pytest.approx(found["density_of_states"].item(), rel=1e-5)
        k = np.linspace(-1, 1, 2001) * 1.1 * np.abs(found["contour_wavevector"]).max().item()
        kx, ky = np.meshgrid(k, k)
        m = 0.05 * EV * np.array([1, 1, 1]) / 3**0.5
        w = np.hypot(np.hypot(alpha * ky + m[0], -alpha * kx + m[1]), m[2])
        inside = sum((HBAR**2 * (kx**2 + ky**2) / (2 * MASS) + s * w < energy * EV).sum() for s in (1, -1))
        count = inside * (k[1] - k[0]) ** 2 / (4 * np.pi**2)
        assert found["carrier_density"].item() == pytest.approx(count, rel=1e-3)


def test_a_ring_has_a_contour_around_its_hole():
    found = gas(-0.2, 4 * ALPHA, 0.05 * EV)
    assert found["contour"].values.tolist() == ["lower", "lower, around a hole"]


def test_a_torque_along_neither_direction_is_no_number():
    found = gas(0.1, m="y")
    assert np.isnan(found["damping_like"].sel(field="x"))
    assert np.isfinite(found["damping_like"].sel(field="y"))
    np.testing.assert_allclose(found["torque"].sel(field="x"), 0, atol=1e-20)


BAD = {
    "below both bands": ({"fermi_energy": -1.0 * EV}, "fermi_energy.*below both bands"),
    "at the edge of a band": ({"fermi_energy": DELTA}, "fermi_energy.*begins or ends"),
    "where bands meet": ({"exchange": 0.0, "fermi_energy": 0.0}, "fermi_energy.*bands meet"),
    "one band twice": ({"exchange": 0.0, "rashba": 0.0}, "rashba: got 0|rashba .*got 0"),
    "too weak a coupling": ({"rashba": 1e-17 * EV, "fermi_energy": 0.5 * EV, "m": (1, 1, 1)}, "too weak"),
    "no lifetime": ({"lifetime": 0.0}, "lifetime.*greater than 0"),
    "no mass": ({"effective_mass": -1.0}, "effective_mass.*greater than 0"),
    "no number": ({"rashba": "1 eV"}, "rashba"),
    "no direction": ({"m": (0, 0, 0)}, "m: got"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_refused(case):
    changes, message = BAD[case]
    given = {"rashba": ALPHA, "exchange": DELTA, "fermi_energy": 0.1 * EV, "lifetime": TAU} | changes
    with pytest.raises(ss.ParameterError, match=message):
        ss.rashba_2d(**given)


@pytest.mark.parametrize(("fermi_energy", "m"), [(0.1, "z"), (0.1, "x"), (0.4, (1, 0, 1))])
def test_without_coupling_there_is_no_spin_and_nothing_is_refused(fermi_energy, m):
    eV = 1.602176634e-19
    found = ss.rashba_2d(rashba=0.0, exchange=0.2 * eV, fermi_energy=fermi_energy * eV, lifetime=1e-14, m=m)
    assert np.abs(found["spin_density"].values).max() < 1e-6
    assert np.isfinite(found["conductivity"].values).all()
