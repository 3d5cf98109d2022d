"""The Boltzmann equation in films: exact results and the diffusive limit."""

import math

import numpy as np
import pytest
from boltzmann_films import C, Y, Z, bilayer, conductivity, fuchs_sondheimer, magnetoresistance
from plain_films import KF, nm
from scipy.optimize import brentq

import spinstack as ss
from spinstack.boltzmann import perpendicular, profiles, solve
from spinstack.boltzmann.modes import complex_sector, real_sector
from spinstack.boltzmann.quadrature import directions
from spinstack.boltzmann.rates import layer_rates
from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.stack import Film


@pytest.mark.parametrize("specularity", [(0.0, 0.0), (0.5, 0.5), (0.0, 1.0), (0.3, 0.8)])
@pytest.mark.parametrize("thickness", [0.01, 0.1, 1.0, 10.0])
def test_one_layer_is_fuchs_and_sondheimer(thickness, specularity):
    path = 10 * nm
    film = Film(
        (
            ss.Metal(
                "A",
                thickness=thickness * path,
                conductivity=conductivity(path),
                spin_diffusion_length=30 * nm,
                fermi_wavevector=KF,
            ),
        )
    )
    exact = fuchs_sondheimer(thickness, *specularity) * thickness * path * conductivity(path)
    errors = [solve(film, None, specularity, resolution=(n, 4)).sheet[0, 0] / exact - 1 for n in (12, 24, 48)]
    limits = {0.01: (1e-2, 1e-5, 1e-8), 0.1: (1e-3, 1e-7, 1e-11)}.get(thickness, (1e-6, 1e-12, 1e-13))
    assert (np.abs(errors) < limits).all(), errors
    refined = solve(film, None, specularity, rtol=1e-8)
    assert refined.converged
    assert refined.sheet[0, 0] == pytest.approx(exact, rel=1e-8)
    assert abs(refined.sheet[0, 1]) < 1e-15 * conductivity(path) * path


@pytest.mark.parametrize("m", [Y, Z, (0.3, 0.5, -0.8)])
def test_between_mirrors_a_film_is_bulk(m):
    layer = ss.Ferromagnet(
        "F", thickness=2 * nm, conductivity=5e6, polarization=0.6, spin_diffusion_length=9 * nm, precession_length=nm
    )
    found = solve(layer | ss.Vacuum(), m, (1.0, 1.0))
    np.testing.assert_allclose(found.sheet, 5e6 * 2 * nm * np.eye(2), rtol=1e-14, atol=1e-18)
    joined = solve(layer | layer.replace(name="G", thickness=3 * nm), m, (1.0, 1.0))
    np.testing.assert_allclose(joined.sheet, 5e6 * 5 * nm * np.eye(2), rtol=1e-14, atol=1e-17)


@pytest.mark.study
@pytest.mark.parametrize("diffuse", [0.0, 0.5])
def test_spin_hall_magnetoresistance_tends_to_drift_diffusion_at_first_order(diffuse):
    differences, sheets = [], []
    for scale in (64, 256, 1024):
        film = bilayer(scale, diffuse=diffuse, rashba=0.0, sharvin=True)
        kinetic = solve(film, np.array([Y, Z]), (1.0, 1.0), rtol=1e-7).sheet
        diffusive = ss.sheet_conductance(film, m=np.array([Y, Z]))
        differences.append(magnetoresistance(kinetic) / magnetoresistance(diffusive) - 1)
        sheets.append(kinetic[1, 0, 0] / diffusive[1, 0, 0] - 1)
    for error in (differences, sheets):
        assert abs(error[-1]) < 1e-4
        ratios = np.abs(np.array(error[:-1]) / error[1:])
        assert ((ratios > 3.3) & (ratios < 5.5)).all(), error


def test_rashba_magnetoresistance_of_a_thick_film_is_that_of_the_interface_element():
    m = np.array([Y, Z])
    for polarization, rashba in ((0.4, 0.1), (0.0, 0.1)):
        film = bilayer(256, theta=0.0, polarization=polarization, rashba=rashba, diffuse=0.0, sharvin=True)
        kinetic = magnetoresistance(solve(film, m, (1.0, 1.0), rtol=1e-4).sheet)
        diffusive = magnetoresistance(ss.sheet_conductance(film, m=m))
        assert kinetic == pytest.approx(diffusive, rel=0.1)


def test_spin_hall_accumulation_of_a_thick_layer_is_the_diffusive_one():
    l_sf, theta = 300 * nm, 0.1
    layer = ss.Metal("N", thickness=3 * l_sf, conductivity=4e6, spin_diffusion_length=l_sf, spin_hall_angle=theta)
    inside = profiles(Film((layer,)), None, (1.0, 1.0), points=401, rtol=1e-7)
    expected = 2 * theta * l_sf * np.sinh((inside.z - 1.5 * l_sf) / l_sf) / np.cosh(1.5)
    np.testing.assert_allclose(inside.mu[:, 1, 0], expected, atol=2e-2 * expected.max())
    middle = inside.Q[200, :, 0] / (theta * 4e6)
    np.testing.assert_allclose(middle, [0, 1 - 1 / np.cosh(1.5), 0], atol=1e-4)
    sheet = solve(Film((layer,)), None, (1.0, 1.0), rtol=1e-7).sheet[0, 0]
    diffusive = ss.sheet_conductance(Film((layer,)))[0, 0]
    assert sheet / (4e6 * 3 * l_sf) - 1 == pytest.approx(diffusive / (4e6 * 3 * l_sf) - 1, rel=2e-2)


@pytest.mark.parametrize(("flip", "polar"), [(0.02, 24), (0.2, 32), (0.3, 96)])
def test_spin_decays_over_the_exact_length_at_strong_spin_flip(flip, polar):
    """Case's root of 1 = c artanh(x)/x, x = path over decay length, c the fraction scattered with its spin kept."""
    c = 1 - 2 * flip
    x = brentq(lambda x: c * math.atanh(x) / x - 1, 1e-9, 1 - 1e-15, xtol=1e-15)
    modes = real_sector(np.array([1.0]), np.array([[c]]), directions(polar, 4), [])
    assert math.sqrt(modes.nu2.min()) == pytest.approx(x, rel=1e-11)


@pytest.mark.parametrize("kappa", [0.05, 0.3])
def test_precession_decays_with_the_root_of_its_dispersion_relation(kappa):
    rate, c = 1 - 1j * kappa, 0.95
    nu = np.sqrt(3 * (rate - c) * rate)
    for _ in range(60):  # Newton, derivative by a complex step that is a small difference here
        f = [c / (2 * n) * np.log((rate + n) / (rate - n)) - 1 for n in (nu, nu * (1 + 1e-7))]
        nu = nu - f[0] * nu * 1e-7 / (f[1] - f[0])
    modes = complex_sector(rate, c, directions(32, 4))
    slowest = np.sqrt(modes.nu2[np.argmin(np.abs(modes.nu2))])
    assert slowest == pytest.approx(nu, rel=1e-9)


def test_transverse_spin_in_a_film_turns_and_decays_with_that_root():
    path, kappa = 3 * nm, 0.1 / nm
    magnet = ss.Ferromagnet(
        "F",
        thickness=200 * nm,
        conductivity=1e6,
        spin_diffusion_length=nm,
        mean_free_path=path,
        spin_flip_length=100 * nm,
        precession_wavenumber=kappa,
    )
    film = ss.Metal("N", thickness=5 * nm, conductivity=4e6, spin_diffusion_length=9 * nm, spin_hall_angle=0.1) | magnet
    inside = profiles(film, Z, (1.0, 1.0), points=2001, resolution=(32, 4))
    k = (inside.layer == 1) & (inside.z > 45 * nm) & (inside.z < 65 * nm)
    h = inside.mu[k, 0, 0] + 1j * inside.mu[k, 1, 0]
    slope = -np.diff(np.unwrap(np.angle(h)) * 1j + np.log(np.abs(h))) / np.diff(inside.z[k])
    rates = layer_rates(magnet, np.array(Z), KF)
    modes = complex_sector(rates.across - 1j * kappa, rates.across_in, directions(32, 4))
    nu = np.sqrt(modes.nu2[np.argmin(np.abs(modes.nu2))])
    np.testing.assert_allclose(slope, nu, rtol=1e-3)
    assert nu.imag < 0  # m x h: from x towards y on the way up


def test_resistance_between_reservoirs_goes_from_sharvin_to_ohm_with_milnes_length():
    path = 10 * nm
    layer = ss.Metal("N", thickness=nm, conductivity=conductivity(path), spin_diffusion_length=20 * nm)
    thin = perpendicular(Film((layer.replace(thickness=1e-7 * path),)))
    assert thin.resistance == pytest.approx(4 / C, rel=1e-6)
    thick = perpendicular(Film((layer.replace(thickness=200 * path),)), rtol=1e-10)
    milne = 0.710446089598763
    assert thick.resistance * conductivity(path) / path - 200 == pytest.approx(2 * milne, rel=1e-8)
    assert abs(thick.spin_current).max() == 0


def test_perpendicular_current_is_polarised_along_m_and_reciprocal():
    film = bilayer(theta=0.0, rashba=0.2)
    up, down = perpendicular(film, Z), perpendicular(film, (0.0, 0.0, -1.0))
    assert up.resistance == pytest.approx(down.resistance, rel=1e-13)
    np.testing.assert_allclose(up.spin_current[:2], 0, atol=1e-13)
    assert up.spin_current[2] > 0.1
    tilted = perpendicular(film, (0.3, 0.5, -0.8))
    assert tilted.resistance == pytest.approx(perpendicular(film, (-0.3, -0.5, 0.8)).resistance, rel=1e-13)


def test_thick_and_thin_layers_stay_finite_and_right():
    path = 3 * nm
    for thickness in (1e-5, 1e5):
        layer = ss.Ferromagnet(
            "F",
            thickness=thickness * path,
            conductivity=conductivity(path),
            polarization=0.3,
            spin_diffusion_length=4 * nm,
            precession_wavenumber=1e10,
        )
        found = solve(layer | ss.Vacuum(), Z, (0.0, 0.0), resolution=(32, 4))
        up, down = (fuchs_sondheimer(thickness / (1 + s), 0, 0) * (1 + s) / 2 for s in (0.3, -0.3))
        exact = (up + down) * thickness * path * conductivity(path)
        assert found.sheet[0, 0] == pytest.approx(exact, rel=1e-2 if thickness < 1 else 1e-12)
        assert np.isfinite(found.torque).all()
        assert found.residual < 1e-13
    film = bilayer(1e4)
    assert np.isfinite(solve(film, Y, resolution=(24, 12)).torque).all()


def test_torque_on_a_thick_film_is_that_of_drift_diffusion():
    film, m = bilayer(100, diffuse=0.0, sharvin=True).replace({"F.dephasing_length": 150 * nm}), (0.3, 0.5, -0.8)
    kinetic = solve(film, m, (1.0, 1.0), rtol=1e-6).torque[0, :, 0] * PLANCK_REDUCED / (2 * ELEMENTARY_CHARGE)
    diffusive = np.asarray(ss.torque(film, m=m)["F"])
    np.testing.assert_allclose(kinetic, diffusive, rtol=0, atol=5e-3 * np.abs(diffusive).max())
