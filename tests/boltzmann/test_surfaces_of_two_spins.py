"""Surfaces of magnets that reflect majority and minority differently."""

import numpy as np
import pytest
from boltzmann_films import KF, check_invariants, conductivity, fuchs_sondheimer, nm, random_film
from boltzmann_slopes import check_slopes

import spinstack as ss
from spinstack.boltzmann import profiles, solve

PATH = 8 * nm
MAGNET = ss.Ferromagnet("F", thickness=4 * nm, conductivity=conductivity(PATH), polarization=0.4,
                        spin_diffusion_length=np.inf, fermi_wavevector=KF)  # fmt: skip


def between_magnets(seed):
    """A random film without its lowest metal, so that magnets are at both ends."""
    film, m, _ = random_film(seed)
    return ss.Film(film.elements[2:]), m


@pytest.mark.parametrize("m", [(0, 0, 1), (0.3, 0.5, -0.8)])
@pytest.mark.parametrize("fractions", [((0.9, 0.1), (0.2, 0.7)), ((0.0, 1.0), 0.4)])
def test_one_magnet_is_fuchs_and_sondheimer_for_each_spin(m, fractions):
    found = solve(ss.Film((MAGNET,)), m, fractions, resolution=(48, 4)).sheet
    each = [p if isinstance(p, tuple) else (p, p) for p in fractions]
    expected = sum(
        conductivity(PATH) * MAGNET.thickness * (1 + sign * 0.4) / 2
        * fuchs_sondheimer(MAGNET.thickness / (PATH * (1 + sign * 0.4)), *(p[i] for p in each))
        for i, sign in enumerate((1, -1))
    )  # fmt: skip
    np.testing.assert_allclose(found, expected * np.eye(2), rtol=1e-9, atol=1e-9 * expected)


@pytest.mark.parametrize("seed", range(4))
def test_onsager_balance_and_passivity_hold_to_rounding(seed):
    film, m = between_magnets(seed)
    U = np.random.default_rng(seed).uniform
    check_invariants(film, m, (tuple(U(size=2)), tuple(U(size=2))))
    check_invariants(film, m, (U(), (0.0, 1.0)))


@pytest.mark.parametrize("seed", range(2))
def test_fractions_that_hardly_differ_are_one_fraction(seed):
    film, m = between_magnets(seed)
    one = solve(film, m, (0.3, 0.5), resolution=(8, 8))
    two = solve(film, m, ((0.3, 0.3 + 1e-9), (0.5, 0.5 - 1e-9)), resolution=(8, 8))
    np.testing.assert_allclose(two.sheet, one.sheet, rtol=0, atol=1e-8 * np.abs(one.sheet).max())
    np.testing.assert_allclose(two.torque, one.torque, rtol=0, atol=1e-7 * np.abs(one.torque).max())
    same = solve(film, m, ((0.3, 0.3), (0.5, 0.5)), resolution=(8, 8))
    np.testing.assert_array_equal(same.sheet, one.sheet)


def test_spin_across_m_that_a_surface_takes_is_torque():
    spacer = ss.Metal("N", thickness=3 * nm, conductivity=conductivity(PATH), spin_diffusion_length=9 * nm,
                      spin_hall_angle=0.2)  # fmt: skip
    film, m, surfaces = spacer | MAGNET, (0.0, 0.6, 0.8), (0.5, (0.9, 0.2))
    inside = profiles(film, m, surfaces, resolution=(16, 8))
    out = inside.Q[-1]
    assert np.abs(out).max() > 1e-3 * np.abs(inside.Q).max()
    np.testing.assert_allclose(np.array(m) @ out, 0, atol=1e-12 * np.abs(inside.Q).max())
    # nothing else in the magnet takes spin across m
    whole = solve(film, m, surfaces, resolution=(16, 8))
    np.testing.assert_allclose(whole.torque[0], out, rtol=0, atol=1e-12 * np.abs(out).max())
    plain = solve(film, m, (0.5, 0.5), resolution=(16, 8))
    assert np.abs(plain.torque).max() < 1e-12 * np.abs(out).max()


def test_derivatives_know_the_surfaces():
    film, m = between_magnets(1)
    check_slopes(film, m, ((0.2, 0.8), (0.9, 0.0)), only="thickness")
    check_slopes(film, m, ((0.2, 0.8), (0.9, 0.0)), only="mean_free_path")


def test_the_solver_says_what_it_reflects_and_names_it():
    solver = ss.Boltzmann(rtol=1e-3, specularity=((0.9, 0.1), 0.3))
    assert solver.name == "Boltzmann, rtol 0.001, specularity (0.9, 0.1) and 0.3"
    film = MAGNET | ss.Metal("N", thickness=3 * nm, conductivity=1e7, spin_diffusion_length=np.inf)
    a, b = (ss.sheet_conductance(film, m="y", solver=s)[0, 0] for s in (solver, ss.Boltzmann(specularity=(0.5, 0.3))))
    assert a > b  # the majority carries more


@pytest.mark.parametrize(
    ("film", "specularity", "words"),
    [
        (ss.Metal("N", thickness=nm, conductivity=1e7, spin_diffusion_length=9 * nm) | MAGNET, ((0.1, 0.2), 0.3),
         "at the bottom, where the layer is no magnet"),
        (MAGNET | ss.MagneticInsulator("I", mixing_conductance=1e14), (0.3, (0.1, 0.2)),
         "at the top, where a magnetic insulator takes spin"),
    ],
)  # fmt: skip
def test_a_surface_without_a_magnet_of_its_own_does_not_tell_spins_apart(film, specularity, words):
    with pytest.raises(ss.ParameterError, match=words):
        ss.sheet_conductance(film, m="y", solver=ss.Boltzmann(specularity=specularity))


@pytest.mark.parametrize("value", [((0.1, 0.2, 0.3), 0.1), ((0.1, 1.2), 0.1), (0.1,), ("ab", 0.1)])
def test_what_is_no_pair_of_fractions_is_refused(value):
    with pytest.raises(ss.ParameterError, match="majority and minority"):
        ss.Boltzmann(specularity=value)
