"""Magnets whose electrons collide as often as their angle to m says: anisotropic magnetoresistance, size effect."""

import numpy as np
import pytest
from boltzmann_films import KF, C, check_invariants, nm, random_film
from scipy.integrate import quad
from studies import mostly_studies

import spinstack as ss
from spinstack.boltzmann import perpendicular, reservoirs, solve
from spinstack.stack.collisions import across, along, collisions

X, Y, Z = np.eye(3)
TILTED = np.array([0.3, 0.5, -0.8]) / np.linalg.norm([0.3, 0.5, -0.8])
ETA = 0.5


def magnet(**fields):
    return ss.Ferromagnet("F", **{
        "thickness": 6 * nm, "conductivity": 5e6, "polarization": 0.4, "spin_diffusion_length": 20 * nm,
        "fermi_wavevector": KF, "precession_length": 3 * nm, "dephasing_length": 5 * nm, "scattering_anisotropy": ETA,
    } | fields)  # fmt: skip


METAL = ss.Metal("N", thickness=4 * nm, conductivity=4e6, spin_diffusion_length=10 * nm, spin_hall_angle=0.2)


def anisotropic(seed):
    """A random film whose lower magnet has paths of its own for every direction."""
    film, m, specularity = random_film(seed)
    U = np.random.default_rng(seed).uniform
    changes = {"scattering_anisotropy": U(-0.4, 0.8), "scattering_anisotropy_down": U(-0.4, 0.8)}
    changes |= {"spin_hall_angle[:,:]": np.zeros((3, 2)), "spin_flip_length": 60 * nm}
    return film.replace({f"F.{name}": value for name, value in changes.items()}), m, specularity


def along_directions(m, t, up, down, etas):
    """Sheet conductance of one layer between diffuse surfaces, direction by direction: nothing is scattered in as long
    as m is in the plane or along z."""
    s, ds = np.polynomial.legendre.leggauss(120)
    s, ds = (s + 1) / 2, ds / 2
    mu, weight = s**2, 2 * s * ds
    phi = 2 * np.pi * np.arange(96) / 96
    sine = np.sqrt(1 - mu**2)[:, None]
    k = np.stack([sine * np.cos(phi), sine * np.sin(phi), np.broadcast_to(mu[:, None], (120, 96))], -1)
    out = np.zeros((2, 2))
    for path, eta in zip((up, down), etas, strict=True):
        length = path / (1 + eta * (k @ m) ** 2)
        x = t / (length * k[..., 2])
        value = length * t * (1 + np.expm1(-x) / x)
        out += np.einsum("n,npa,npb,np->ab", weight, k[..., :2], k[..., :2], value) / 96 * C / 2
    return out


@pytest.mark.parametrize("eta", [-0.9, -0.3, 1e-9, 0.4, 10.0])
def test_averages_are_exact(eta):
    cosines = [quad(f, 0, 1, epsabs=1e-13)[0] for f in
               (lambda c: 1.5 * (1 - c * c) / (1 + eta * c * c), lambda c: 3 * c * c / (1 + eta * c * c))]  # fmt: skip
    assert [across(eta), along(eta)] == pytest.approx(cosines, rel=1e-11)


def test_conductivity_polarisation_and_decay_length_are_kept():
    found = collisions(magnet(scattering_anisotropy_down=-0.2).numbers(), KF)
    assert found.conductivity(KF) == pytest.approx(5e6, rel=1e-13)
    assert found.polarization == pytest.approx(0.4, rel=1e-12)
    assert found.spin_diffusion_length == pytest.approx(20 * nm, rel=1e-13)


@pytest.mark.parametrize("turn", [0.0, 0.7])
def test_between_mirrors_the_film_is_bulk_with_its_anisotropic_magnetoresistance(turn):
    ratio = along(ETA) / across(ETA)
    axis = np.array([np.cos(turn), np.sin(turn)])
    bulk = 5e6 * 6 * nm * (np.eye(2) + (ratio - 1) * np.outer(axis, axis))
    film = magnet() | ss.Vacuum()
    found = solve(film, (*axis, 0.0), (1.0, 1.0), resolution=(8, 24)).sheet
    np.testing.assert_allclose(found, bulk, rtol=0, atol=1e-6 * bulk[0, 0])
    across_z = solve(film, Z, (1.0, 1.0), resolution=(24, 4)).sheet
    np.testing.assert_allclose(across_z, 5e6 * 6 * nm * np.eye(2), rtol=1e-6, atol=1e-15)


def test_a_thick_film_with_m_out_of_the_plane_is_bulk_that_no_current_crosses():
    m = np.array([0.6, 0.0, 0.8])
    sigma = np.eye(3) + (along(ETA) / across(ETA) - 1) * np.outer(m, m)
    found = solve(magnet(thickness=3000 * nm) | ss.Vacuum(), m, (1.0, 1.0), resolution=(16, 12)).sheet
    assert found[0, 0] / (5e6 * 3000 * nm) == pytest.approx(sigma[0, 0] - sigma[0, 2] ** 2 / sigma[2, 2], rel=3e-5)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("m", [X, Y, Z, np.array([0.6, 0.8, 0.0])])
@pytest.mark.parametrize("thickness", [1.0, 6.0])
def test_a_thin_film_is_what_its_directions_are_one_by_one(m, thickness):
    etas = {"scattering_anisotropy": 0.8, "scattering_anisotropy_down": -0.4}
    layer = magnet(thickness=thickness * nm, **etas)
    rates = collisions(layer.numbers(), KF)
    exact = along_directions(m, thickness * nm, 1 / rates.up, 1 / rates.down, (0.8, -0.4))
    found = solve(layer | ss.Vacuum(), m, (0.0, 0.0), resolution=(24, 12)).sheet
    np.testing.assert_allclose(found, exact, rtol=0, atol=2e-5 * exact[0, 0])


@pytest.mark.study
def test_the_size_effect_of_the_geometry_follows():
    """Between m along y and along z the bulk knows no difference; a thin film does."""
    ratios = []
    for thickness in (2.0, 40.0):
        film = magnet(thickness=thickness * nm) | ss.Vacuum()
        R = [1 / solve(film, m, (0.0, 0.0), resolution=(16, 12)).sheet[0, 0] for m in (Y, Z)]
        ratios.append(R[1] / R[0] - 1)
    assert abs(ratios[0]) > 1e-2
    assert abs(ratios[1]) < 0.2 * abs(ratios[0])


@pytest.mark.parametrize("seed", mostly_studies(range(4), [0, 1]))
def test_onsager_balance_and_passivity_hold_to_rounding(seed):
    check_invariants(*anisotropic(seed), grid=(6, 6))


@pytest.mark.study
@pytest.mark.parametrize("fractions", [(0.2, 0.6), ((0.9, 0.1), 0.4)])
def test_anisotropy_that_hardly_is_one_is_none(fractions):
    film = magnet() | METAL if isinstance(fractions[0], tuple) else METAL | magnet()
    none = film.replace({"F.scattering_anisotropy": 0.0})
    hardly = film.replace({"F.scattering_anisotropy": 1e-9})
    a, b = (solve(f, TILTED, fractions, resolution=(8, 8)) for f in (none, hardly))
    np.testing.assert_allclose(b.sheet, a.sheet, rtol=0, atol=1e-8 * a.sheet[0, 0])
    np.testing.assert_allclose(b.torque, a.torque, rtol=0, atol=1e-8 * np.abs(a.torque).max())
    one, two = (perpendicular(f, TILTED, rtol=0.1).resistance for f in (none, hardly))
    assert two == pytest.approx(one, rel=2e-2)


def test_a_quarter_turn_about_z_changes_nothing():
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    film = METAL | magnet()
    a, b = (solve(film, m, (0.2, 0.6), resolution=(8, 8)) for m in (TILTED, turn @ TILTED))
    np.testing.assert_allclose(b.sheet, turn[:2, :2] @ a.sheet @ turn[:2, :2].T, rtol=0, atol=1e-13 * a.sheet[0, 0])
    np.testing.assert_allclose(b.torque[0], turn @ a.torque[0] @ turn[:2, :2].T, rtol=0,
                               atol=1e-11 * np.abs(a.torque).max())  # fmt: skip


def test_directions_in_a_batch_are_the_single_ones():
    film, m = METAL | magnet(), np.array([Y, Z, TILTED])
    many = solve(film, m, resolution=(6, 6))
    for i in range(3):
        one = solve(film, m[i], resolution=(6, 6))
        np.testing.assert_allclose(many.sheet[i], one.sheet, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(many.torque[i], one.torque, rtol=0, atol=1e-12 * np.abs(one.torque).max())


@pytest.mark.study
def test_a_current_along_z_meets_the_resistivity_along_its_own_direction():
    thick = [perpendicular(magnet(thickness=t * nm) | ss.Metal("N", thickness=nm, conductivity=1e9,
                                                             spin_diffusion_length=1e-4), m, rtol=3e-3).resistance
             for m in (X, Z) for t in (100, 200)]  # fmt: skip
    in_plane, along_z = thick[1] - thick[0], thick[3] - thick[2]
    assert in_plane == pytest.approx(100 * nm / 5e6, rel=6e-3)
    assert along_z / in_plane == pytest.approx(across(ETA) / along(ETA), rel=6e-3)
    G = reservoirs(ss.Film((magnet(),)), TILTED, rtol=1e-2).conductance
    assert np.isfinite(G).all()


@pytest.mark.study
def test_the_solver_refines_and_answers_scans():
    film, solver = magnet(thickness=3 * nm) | ss.Vacuum(), ss.Boltzmann(rtol=5e-3)
    scan = ss.angular_scan(film, plane="alpha", angles=[0.0, 90.0], solver=solver)
    assert float(scan.R_xx[0] / scan.R_xx[1]) > 1.05  # m along the current resists more


@pytest.mark.parametrize(
    ("film", "words"),
    [
        (magnet(spin_hall_angle=0.1) | ss.Vacuum(), "spin Hall effect"),
        (METAL.replace(fermi_wavevector=1.2 * KF) | magnet(), "several Fermi spheres"),
        (magnet(spin_diffusion_length=None, spin_flip_length=2 * nm, polarization=0.0, mean_free_path=2 * nm,
                conductivity=None, scattering_anisotropy=-0.7) | ss.Vacuum(), "more often than electrons collide"),
    ],
)  # fmt: skip
def test_what_does_not_go_with_it_is_refused(film, words):
    with pytest.raises(ss.ParameterError, match=words) as caught:
        ss.sheet_conductance(film, m="y", solver=ss.Boltzmann())
    assert caught.value.errors[0].field == "scattering_anisotropy"


def test_profiles_and_derivatives_are_refused():
    film = METAL | magnet()
    with pytest.raises(ss.ParameterError, match="scattering_anisotropy"):
        ss.profile(film, m="y", solver=ss.Boltzmann())
    with pytest.raises(ss.ParameterError, match="no derivatives"):
        ss.gradient(film, lambda f: ss.sheet_resistance(f, m="y", solver=ss.Boltzmann(rtol=0.1))[0, 0])
