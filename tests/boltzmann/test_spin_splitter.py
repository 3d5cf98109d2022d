"""The spin splitter of an altermagnet by the Boltzmann equation: two ellipsoids, drift-diffusion, no gained energy."""

import numpy as np
import pytest
from boltzmann_films import C, bilayer, conductivity, fuchs_sondheimer, nm
from reference_altermagnet import sheet
from scipy.integrate import simpson

import spinstack as ss
from spinstack.boltzmann import profiles, solve

#: an oblique Neel vector
NEEL = np.array([0.3, 0.8, np.sqrt(0.27)])


def altermagnet(thickness, path, splitter, flip_length=np.inf):
    return ss.Metal(
        "A",
        thickness=thickness,
        conductivity=conductivity(path),
        spin_diffusion_length=np.inf if np.isinf(flip_length) else np.sqrt(path * flip_length / 6),
        mean_free_path=path if np.isinf(flip_length) else 1 / (1 / path - 1 / flip_length),
        spin_flip_length=flip_length,
        spin_splitter=splitter,
    )


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    ("tau", "thickness", "flip", "specularity"),
    [
        ((0.5, 0.0), 1.0, 0.01, (0.0, 0.0)),
        ((0.5, 0.3), 1.0, 0.01, (0.3, 0.8)),
        ((0.5, 0.3), 12.0, 0.02, (0.0, 0.5)),
        ((-0.3, 0.9), 0.5, 0.0, (0.0, 0.0)),
    ],
)
def test_two_ellipsoidal_fermi_surfaces_give_the_same_film(tau, thickness, flip, specularity):
    film = altermagnet(thickness * nm, 10 * nm, np.outer(NEEL, tau), nm / flip if flip else np.inf) | ss.Vacuum()
    found = solve(film, None, specularity, rtol=1e-6).sheet / (C * nm**2)
    expected = sheet(tau, thickness, 0.1 - flip, flip, specularity, polar=20)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * expected[1, 1])


@pytest.mark.parametrize("thickness", [0.01, 0.1, 1.0, 10.0])
def test_without_spin_flips_the_splitter_takes_its_share_of_the_thin_film(thickness):
    # no spin leaves and none relaxes: no spin current anywhere, and all that is left is n.theta less of the Drude part
    splitter = np.array([[0.1, -0.2], [0.5, 0.3], [-0.1, 0.4]])
    film = altermagnet(thickness * nm, nm, splitter) | ss.Vacuum()
    drude = fuchs_sondheimer(thickness, 0.2, 0.5) * thickness * nm * conductivity(nm)
    found = solve(film, None, (0.2, 0.5), rtol=1e-7).sheet
    np.testing.assert_allclose(found, drude * (np.eye(2) - splitter.T @ splitter), rtol=0, atol=1e-6 * drude)


def test_thin_film_of_a_strong_splitter_conducts():
    # once -2.8e-4 S: the field made as much spin current in a film of a tenth of a mean free path as in the bulk
    film = altermagnet(nm, 10 * nm, [[0, 0], [0.5, 0], [0, 0]]) | ss.Vacuum()
    along, across = np.diag(solve(film, None).sheet)
    assert along == pytest.approx(0.75 * across, rel=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_no_film_of_any_splitter_up_to_one_gains_energy(seed):
    rng = np.random.default_rng(seed)
    left, _, right = np.linalg.svd(rng.normal(size=(3, 2)), full_matrices=False)
    splitter = (left * [1 - 1e-12, rng.uniform()]) @ right
    film = (
        altermagnet(10 ** rng.uniform(-2, 1) * nm, nm, splitter, 10 ** rng.uniform(0.5, 2) * nm)
        .replace(spin_hall_angle=rng.normal(size=(3, 2)))
        .replace(name="below")
        | bilayer()[1]
        | bilayer()[2]
    )
    G = solve(film, rng.normal(size=3), tuple(rng.uniform(size=2)), resolution=(12, 8)).sheet
    assert np.linalg.eigvalsh(G + G.T).min() > 0


def test_thick_film_is_that_of_drift_diffusion():
    splitter, angle = np.array([[0.1, -0.2], [0.5, 0.3], [-0.1, 0.4]]), 0.2
    gaps = []
    for scale in (10.0, 40.0, 160.0):
        film = altermagnet(scale * nm, nm, splitter, 2 * (scale / 10) ** 2 * 300 * nm).replace(spin_hall_angle=angle)
        film = film | ss.Vacuum()
        expected = ss.sheet_conductance(film)
        gaps.append(np.abs(solve(film, None, (1.0, 1.0), rtol=1e-7).sheet / expected[0, 0] - expected / expected[0, 0]))
    # mirrors leave the charge alone; what the accumulation does at the faces goes with path over length
    assert [g.max() < limit for g, limit in zip(gaps, (2e-3, 5e-4, 1.3e-4), strict=True)] == [True] * 3


def test_profile_of_a_splitter_adds_up_to_the_sheet_current():
    film = altermagnet(3 * nm, 2 * nm, [[0.1, -0.2], [0.5, 0.3], [-0.1, 0.4]], 20 * nm).replace(spin_hall_angle=0.2)
    film = film | bilayer()[1] | bilayer()[2]
    specularity, grid = (0.3, 0.6), (12, 12)
    whole = solve(film, (0.3, 0.5, -0.8), specularity, resolution=grid).sheet
    inside = profiles(film, (0.3, 0.5, -0.8), specularity, points=4001, resolution=grid)
    total = sum(simpson(inside.j[k], x=inside.z[k], axis=0) for k in (inside.layer == 0, inside.layer == 2))
    np.testing.assert_allclose(total, whole, rtol=0, atol=1e-7 * whole[0, 0])
