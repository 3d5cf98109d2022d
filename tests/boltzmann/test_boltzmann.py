"""The Boltzmann equation in films: symmetry, balance, refinement, input."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from boltzmann_films import C, Y, Z, bilayer, magnetoresistance, random_film
from plain_films import KF, barrier, nm
from scipy.integrate import simpson
from studies import mostly_studies

import spinstack as ss
from spinstack.boltzmann import profiles, solve
from spinstack.boltzmann.rates import layer_rates
from spinstack.stack.conditions import Conditions


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


@pytest.mark.parametrize("seed", mostly_studies([0, 2, 4], [0]))
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
    assert 3 * rates.precession * (rates.across + 2 * rates.flip) == pytest.approx(layer.precession_length**-2)
    # with dephasing too: by its first two moments a transverse mu d/dz g = -(A - i kappa) g + B <g>
    # falls as s'' = 3 (A - i kappa) (A - B - i kappa) s, in diffusion as (... - i/l_J^2) s
    dephased = layer.replace(dephasing_length=0.7 * nm, precession_length=0.4 * nm)
    rates = layer_rates(dephased, np.array(Z), KF)
    A, B, kappa = rates.across, rates.across_in, rates.precession
    assert (3 * (A - 1j * kappa) * (A - B - 1j * kappa)).imag == pytest.approx(-(dephased.precession_length**-2))


def test_one_direction_scatters_as_the_amplitudes_say_also_at_grazing_incidence():
    model, m = barrier(dresselhaus=0.1), (0.3, 0.5, -0.8)
    c, phi = np.array([0.01, 0.3, 0.9]), np.array([0.2, 2.0, 5.0])
    k = np.sqrt(1 - c * c)[:, None] * np.stack([np.cos(phi), np.sin(phi)], -1)
    R, T = model.probabilities(k, m)
    found = model.incidence(c, phi, m)
    np.testing.assert_allclose(found.R, R, atol=1e-13)
    np.testing.assert_allclose(found.T, T, atol=1e-13)
    lost = np.eye(4) - R - T
    np.testing.assert_allclose((found.torque + found.lattice)[..., :3], lost[:, :3, :3], atol=1e-13)
    grazing = model.incidence(np.array([1e-12]), np.array([0.3]), m)
    np.testing.assert_allclose(grazing.R[0], np.eye(4), atol=1e-9)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"F.amr_ratio": 0.01}, "amr_ratio"),
        ({"F.mean_free_path_up": 5 * nm}, "Give both"),
        ({"N.fermi_wavevector": 1e10}, "between a layer and the scattering models beside it"),
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
    with pytest.raises(ss.ParameterError, match="which is no magnet"):
        solve(film, {"Co": Y})
    with pytest.raises(ss.ParameterError, match="whether the Sharvin"):
        solve(film[0] | ss.Interface(conductance_up=1e15, conductance_down=1e15) | film[2], Y)


def test_magnets_of_one_name_are_told_apart_by_number():
    film = bilayer() | bilayer()
    apart = solve(film, {"F[0]": Y, "F[1]": Z}, resolution=(8, 8))
    swapped = solve(film, {"F": Z, "F[0]": Y}, resolution=(8, 8))
    np.testing.assert_array_equal(apart.sheet, swapped.sheet)
    assert apart.torque.shape == (2, 3, 2)
    assert not np.allclose(apart.sheet, solve(film, Y, resolution=(8, 8)).sheet, rtol=1e-9)


def test_directions_that_break_reciprocity_are_refused():
    with pytest.raises(ss.ParameterError, match="resolution"):
        solve(bilayer(), Y, resolution=(8, 7))


def test_wrong_settings_are_reported_together():
    with pytest.raises(ss.ParameterError) as caught:
        ss.Boltzmann(rtol=0, specularity=(0.5, "x"))
    assert [(e.where, e.field, e.got) for e in caught.value.errors] == [
        ("Boltzmann", "rtol", 0),
        ("Boltzmann", "specularity", (0.5, "x")),
    ]


@pytest.mark.parametrize("what", ["thickness", "m", "E"])
def test_what_has_no_derivative_says_so_inside_a_transformation(what):
    solver = ss.Boltzmann()

    def traced(x):
        film = bilayer().replace({"N.thickness": x * nm}) if what == "thickness" else bilayer()
        at = Conditions(
            m=jnp.array([0.0, 1.0, x]) if what == "m" else Y, E=jnp.array([x, 1.0]) if what == "E" else (1, 0)
        )
        return solver.elements(film, at, "torque").sum()

    with pytest.raises(ss.ParameterError, match=r"solver: got Boltzmann\(.*JAX cannot trace"):
        jax.grad(traced)(2.0)
