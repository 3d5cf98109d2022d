"""The Boltzmann equation in films: exact results, symmetry, balance, the diffusive limit."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, simpson
from scipy.optimize import brentq

import spinstack as ss
from spinstack.boltzmann import perpendicular, profiles, solve
from spinstack.boltzmann.modes import complex_sector, real_sector
from spinstack.boltzmann.quadrature import directions
from spinstack.boltzmann.rates import conductance_constant, layer_rates
from spinstack.scattering.incidence import incidence
from spinstack.stack import Film

nm = 1e-9
KF = 1.36e10
C = conductance_constant(KF)
Y, Z = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def conductivity(path):
    return C * path / 3


def barrier(rashba=0.05, exchange=0.2, **changes):
    values = {"barrier": 0.4, "exchange": exchange, "rashba": rashba, "fermi_wavevector": KF, **changes}
    return ss.DeltaBarrier(**values)


def bilayer(scale=1.0, theta=0.1, polarization=0.4, diffuse=0.2, **changes):
    """A metal on a ferromagnet with every length of the layers times `scale`, mean free paths of about 3 nm kept."""
    return (
        ss.Metal(
            "N",
            thickness=5 * nm * scale,
            conductivity=4e6,
            spin_diffusion_length=3 * nm * scale,
            spin_hall_angle=theta,
        )
        | ss.Interface(scattering=barrier(**changes), diffuse_fraction=diffuse)
        | ss.Ferromagnet(
            "F",
            thickness=4 * nm * scale,
            conductivity=3e6,
            polarization=polarization,
            spin_diffusion_length=4 * nm * scale,
            precession_length=2 * nm * scale,
        )
    )


def random_film(seed):
    """Four layers with everything that the equation knows, mean free paths from a fifth of to five times the film."""
    rng = np.random.default_rng(seed)
    U = rng.uniform

    def metal(name):
        return ss.Metal(
            name,
            thickness=10 ** U(-1, 1) * 3 * nm,
            conductivity=1e6,
            spin_diffusion_length=nm,
            mean_free_path=U(2, 6) * nm,
            spin_flip_length=10 ** U(0.3, 2) * nm,
            spin_hall_angle=0.2 * rng.normal(size=(3, 2)),
            spin_splitter=0.1 * rng.normal(size=(3, 2)),
        )

    def magnet(name):
        return ss.Ferromagnet(
            name,
            thickness=10 ** U(-1, 1) * 3 * nm,
            conductivity=1e6,
            spin_diffusion_length=nm,
            mean_free_path_up=10 ** U(0, 1.3) * nm,
            mean_free_path_down=10 ** U(-0.5, 1) * nm,
            spin_flip_length=10 ** U(0.3, 2) * nm,
            spin_hall_angle=0.1 * rng.normal(size=(3, 2)),
            precession_wavenumber=U(-2e9, 2e9),
            dephasing_length=5 * nm,
        )

    def interface():
        model = barrier(barrier=U(-1, 1), exchange=U(-0.5, 0.5), rashba=U(-0.3, 0.3), dresselhaus=U(-0.1, 0.1))
        return ss.Interface(scattering=model, diffuse_fraction=U(0, 1))

    film = metal("A") | interface() | magnet("F") | interface() | metal("B") | magnet("G")
    m = {name: rng.normal(size=3) for name in "FG"}
    return film, m, tuple(U(size=2))


def fuchs_sondheimer(thickness, p, q):
    """G/(sigma t) of one layer, thickness in mean free paths, specularities p and q."""

    def lost(mu):
        E = math.exp(-thickness / mu)
        both = (1 - p) * (1 + q * E) + (1 - q) * (1 + p * E)
        return (1 - mu * mu) * mu * -math.expm1(-thickness / mu) * both / (1 - p * q * E * E)

    breaks = [x for x in thickness * np.array([0.03, 0.1, 0.3, 1, 3]) if x < 1]
    value, _ = quad(lost, 0, 1, points=breaks or None, epsabs=1e-14, epsrel=1e-13, limit=500)
    return 1 - 3 / (4 * thickness) * value


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


@pytest.mark.parametrize("seed", range(6))
def test_onsager_and_balance_hold_to_rounding_with_everything_on(seed):
    film, m, specularity = random_film(seed)
    turned = film.replace({f"{name}.spin_splitter": -film.get(f"{name}.spin_splitter") for name in "AB"})
    forward = solve(film, m, specularity, resolution=(10, 8))
    backward = solve(turned, {name: -v for name, v in m.items()}, specularity, resolution=(10, 8))
    size = np.abs(forward.sheet).max()
    assert np.abs(forward.sheet - forward.sheet.T).max() > 1e-6 * size
    np.testing.assert_allclose(forward.sheet, backward.sheet.T, rtol=0, atol=1e-14 * size)
    assert forward.residual < 1e-14
    absorbed = np.abs(forward.torque).max()
    np.testing.assert_allclose(forward.torque.sum(0) + forward.lattice, 0, atol=1e-12 * absorbed)


def test_no_charge_flows_along_z_and_the_potential_that_stops_it_matters():
    film = bilayer(theta=0.0, rashba=0.3, polarization=0.5)
    inside = profiles(film, Y, (0.2, 0.4), points=17, resolution=(24, 16))
    assert np.abs(inside.j_c).max() < 1e-14 * np.abs(inside.j).max()
    assert np.ptp(inside.mu_c[:, 0]) > 1e-4 * nm
    assert np.abs(inside.Q[[0, -1]]).max() < 1e-14 * np.abs(inside.j).max()


def test_profiles_add_up_to_sheet_current_and_torque():
    film = bilayer(theta=0.1, polarization=0.4, rashba=0.1).replace({"F.dephasing_length": 3 * nm})
    m, specularity, grid = (0.3, 0.5, -0.8), (0.3, 0.6), (12, 12)
    whole = solve(film, m, specularity, resolution=grid)
    inside = profiles(film, m, specularity, points=4001, resolution=grid)
    total = sum(simpson(inside.j[k], x=inside.z[k], axis=0) for k in (inside.layer == 0, inside.layer == 2))
    np.testing.assert_allclose(total, whole.sheet, rtol=0, atol=1e-7 * whole.sheet[0, 0])
    k = inside.layer == 2
    axis = np.array(m) / np.linalg.norm(m)
    rates = layer_rates(film[2], axis, KF)
    h = simpson(inside.mu[k] / 2, x=inside.z[k], axis=0)
    dephased = (rates.across - rates.across_in - 2 * rates.flip) * (h - np.outer(axis, axis @ h))
    loss = C * (2 * rates.flip * h + dephased + rates.precession * np.cross(h, axis, axisa=0, axisc=0))
    Q = inside.Q[k]
    np.testing.assert_allclose(Q[0] - Q[-1], loss, rtol=0, atol=1e-6 * np.abs(loss).max())


def test_without_spin_orbit_coupling_resistance_does_not_depend_on_m():
    m = np.array([Y, Z, (1.0, 0.0, 0.0), (0.3, 0.5, -0.8)])
    for polarization in (0.0, 0.5):
        film = bilayer(theta=0.0, polarization=polarization, rashba=0.0)
        sheet = solve(film, m, (0.2, 0.7)).sheet
        assert np.abs(sheet - sheet[0]).max() < 1e-15 * sheet[0, 0, 0]
        bent = bilayer(theta=0.0, polarization=polarization, rashba=0.05)
        sheet = solve(bent, m, (0.2, 0.7)).sheet
        assert np.abs(sheet - sheet[0]).max() > 1e-7 * sheet[0, 0, 0]


def magnetoresistance(sheet):
    return sheet[1, 0, 0] / sheet[0, 0, 0] - 1


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


def test_turning_film_and_field_about_z_changes_nothing():
    film, m, specularity = bilayer(rashba=0.2), np.array([0.3, 0.5, -0.8]), (0.3, 0.6)
    for angle, grid, limit in ((math.pi / 2, (10, 8), 1e-14), (0.7, (10, 32), 1e-10)):
        turn = np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1.0]])
        a, b = solve(film, m, specularity, resolution=grid), solve(film, turn @ m, specularity, resolution=grid)
        in_plane = turn[:2, :2]
        np.testing.assert_allclose(b.sheet, in_plane @ a.sheet @ in_plane.T, rtol=0, atol=limit * np.abs(a.sheet).max())
        np.testing.assert_allclose(
            b.torque[0], turn @ a.torque[0] @ in_plane.T, rtol=0, atol=10 * limit * np.abs(a.torque).max()
        )


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_the_asked_tolerance_is_kept(seed):
    film, m, specularity = random_film(seed)
    exact = solve(film, m, specularity, resolution=(64, 48))
    for rtol in (1e-2, 1e-3):
        found = solve(film, m, specularity, rtol=rtol)
        assert found.converged
        assert found.error <= rtol
        assert np.abs(found.sheet - exact.sheet).max() < rtol * np.abs(exact.sheet).max()
        assert np.abs(found.torque - exact.torque).max() < rtol * np.abs(exact.torque).max()


def test_magnetoresistance_is_converged_and_not_only_conductance():
    film, m = bilayer(theta=0.0, polarization=0.0), np.array([Y, Z])
    found, exact = solve(film, m, rtol=1e-4), solve(film, m, resolution=(64, 32))
    assert magnetoresistance(found.sheet) == pytest.approx(magnetoresistance(exact.sheet), rel=1e-4)


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


def test_batches_are_the_single_films():
    film = bilayer()
    m = np.array([[Y, Z], [(1.0, 0, 0), (0.3, 0.5, -0.8)]])
    grid = (8, 8)
    many = solve(film, m, resolution=grid)
    assert many.sheet.shape == (2, 2, 2, 2)
    assert many.torque.shape == (2, 2, 1, 3, 2)
    np.testing.assert_array_equal(many.sheet[1, 1], solve(film, m[1, 1], resolution=grid).sheet)
    thick = film.replace({"N.thickness": np.array([2.0, 5.0]) * nm})
    both = solve(thick, m, resolution=grid)
    np.testing.assert_array_equal(both.sheet[:, 1], many.sheet[:, 1])
    np.testing.assert_array_equal(
        both.sheet[0, 0], solve(film.replace({"N.thickness": 2 * nm}), Y, resolution=grid).sheet
    )


def test_vacuum_separates_films_in_parallel():
    film = bilayer()
    apart = solve(film | ss.Vacuum() | film, Y, (0.2, 0.3), resolution=(8, 8))
    one = solve(film, Y, (0.2, 0.3), resolution=(8, 8))
    np.testing.assert_allclose(apart.sheet, 2 * one.sheet, rtol=1e-14, atol=1e-18)


def test_where_nothing_relaxes_spin_its_free_constant_is_fixed():
    layer = ss.Metal("A", thickness=3 * nm, conductivity=4e6, spin_diffusion_length=math.inf)
    film = layer | layer.replace(name="B", conductivity=2e6)
    found = solve(film, None, (0.3, 0.5))
    assert found.converged
    assert found.residual < 1e-14


def test_parameters_follow_from_the_diffusive_ones():
    layer = bilayer(polarization=0.4)[2]
    rates = layer_rates(layer, np.array(Z), KF)
    assert C * rates.path / 3 == pytest.approx(3e6)
    assert (rates.down - rates.up) / (rates.down + rates.up) == pytest.approx(0.4)
    assert 3 * rates.flip * (rates.up + rates.down) == pytest.approx(layer.spin_diffusion_length**-2)
    given = layer.replace(polarization=0.0, mean_free_path=2 * nm)
    rates = layer_rates(given, np.array(Z), KF)
    assert rates.up - rates.flip == pytest.approx(1 / (2 * nm))
    assert 6 * rates.flip * rates.up == pytest.approx(layer.spin_diffusion_length**-2)
    assert 3 * rates.precession * rates.across == pytest.approx(layer.precession_length**-2)


def test_one_direction_scatters_as_the_amplitudes_say_also_at_grazing_incidence():
    model, m = barrier(dresselhaus=0.1), (0.3, 0.5, -0.8)
    c, phi = np.array([0.01, 0.3, 0.9]), np.array([0.2, 2.0, 5.0])
    k = np.sqrt(1 - c * c)[:, None] * np.stack([np.cos(phi), np.sin(phi)], -1)
    R, T = model.probabilities(k, m)
    found = incidence(model, c, phi, m)
    np.testing.assert_allclose(found.R, R, atol=1e-13)
    np.testing.assert_allclose(found.T, T, atol=1e-13)
    lost = np.eye(4) - R - T
    np.testing.assert_allclose((found.torque + found.lattice)[..., :3], lost[:, :3, :3], atol=1e-13)
    grazing = incidence(model, np.array([1e-12]), np.array([0.3]), m)
    np.testing.assert_allclose(grazing.R[0], np.eye(4), atol=1e-9)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"F.amr_ratio": 0.01}, "amr_ratio"),
        ({"F.mean_free_path_up": 5 * nm}, "Give both"),
        ({"N.fermi_wavevector": 1e10}, "one Fermi sphere"),
        ({"N.spin_diffusion_length": 0.1 * nm}, "more often than electrons collide"),
    ],
)
def test_a_film_that_the_equation_does_not_describe_is_refused(change, words):
    with pytest.raises(ss.ParameterError, match=words):
        solve(bilayer().replace(change), Y)


def test_bad_arguments_are_named():
    film = bilayer()
    with pytest.raises(ss.ParameterError, match="specularity"):
        solve(film, Y, (0.5, 1.5))
    with pytest.raises(ss.ParameterError, match="rtol"):
        solve(film, Y, rtol=0)
    with pytest.raises(ss.ParameterError, match="m: missing"):
        solve(film)
    with pytest.raises(ss.ParameterError, match="not a magnet"):
        solve(film, {"Co": Y})
    with pytest.raises(ss.ParameterError, match="not only conductances"):
        solve(film[0] | ss.Interface(conductance_up=1e15, conductance_down=1e15) | film[2], Y)
