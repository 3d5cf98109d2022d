"""Fits by a theory that has no derivatives: values film by film, slopes by differences."""

import numpy as np
import pytest
from fitted_films import NM

import spinstack as ss
from spinstack.fitting import Data, LogNormal, Problem, Relative, Sample, Tie, Unknown, fit_film

SOLVER = ss.Boltzmann(rtol=1e-3)


def film(thickness, path=8 * NM):
    layer = ss.Metal(
        "Cu", thickness=thickness, mean_free_path=path, spin_flip_length=100 * NM, fermi_wavevector=1.36e10
    )
    return ss.Film((layer,))


def problem(solver=SOLVER, noise=0.0, thicknesses=(3, 6, 12, 24)):
    rng, samples, data = np.random.default_rng(1), [], []
    for t in thicknesses:
        R = np.asarray(ss.sheet_resistance(film(t * NM), solver=solver))[0, 0] * (1 + noise * rng.normal())
        samples.append(Sample(f"{t} nm", film(t * NM, 20 * NM)))
        values = [R, np.nan, np.nan, np.nan]
        data.append(Data(f"{t} nm", ss.sheet_resistance, values, [0.01 * R] * 4, {"solver": solver}))
    unknowns = [
        Unknown("l", LogNormal(15 * NM, 2), unit="m"),
        Unknown("Cu.thickness", Relative(0.02), each="sample"),
    ]
    return Problem(samples, unknowns, data, [Tie("Cu.mean_free_path", "l")])


@pytest.mark.study
def test_a_mean_free_path_is_found_from_the_size_effect():
    made = problem()
    assert made.exact
    assert not made.compiled
    assert [o.variable for o in made.outputs(0)] == ["sheet_resistance"]
    found = fit_film(made, starts=1)
    assert found.attrs["derivatives"] == "exact"
    assert found["value"][0] == pytest.approx(8 * NM, rel=2e-3)  # the prior pulls
    assert found.attrs["chi_square"] < 1.1 * np.log2(15 / 8) ** 2


@pytest.mark.study
def test_slopes_are_those_of_smaller_steps():
    made = problem()
    u = np.array([0.3, 1.0, -1.0, 0.5, 0.0])
    _, J = made.residuals(u)
    h = 1e-4
    for k in range(made.size):
        step = h * np.eye(made.size)[k]
        numeric = (made.batch_residuals((u + step)[None]) - made.batch_residuals((u - step)[None]))[0] / (2 * h)
        np.testing.assert_allclose(J[:, k], numeric, atol=1e-7 * np.abs(J).max())


def test_a_film_that_nobody_has_is_infinite():
    made = problem(thicknesses=(3, 6))
    R = made.batch_residuals(np.array([[0.0, 0.0, 0.0], [0.0, -60.0, 0.0]]))
    np.testing.assert_array_equal(np.isfinite(R).all(axis=1), [True, False])


def test_a_film_that_the_theory_does_not_describe_is_infinite():
    layer = ss.Metal("Cu", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=3 * NM)
    data = Data("a", ss.sheet_resistance, [50.0, np.nan, np.nan, np.nan], [1.0] * 4, {"solver": SOLVER})
    unknown = Unknown("Cu.spin_diffusion_length", LogNormal(3 * NM, 2))
    made = Problem([Sample("a", ss.Film((layer,)))], [unknown], [data])
    # spins of the second film would flip more often than electrons collide
    R = made.batch_residuals(np.array([[0.0], [-3.0]]))
    np.testing.assert_array_equal(np.isfinite(R).all(axis=1), [True, False])
