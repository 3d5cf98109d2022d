"""The distribution of parameters: coordinates, draws against the linear model, refusals."""

import jax
import numpy as np
import pytest
import xarray as xr
from fitted_films import NM, UNKNOWNS, series
from scipy.stats import norm

import spinstack as ss
from spinstack.fitting import LogUniform, Normal, Problem, Unknown, fit_film
from spinstack.fitting.standard import Standard


def small(unknowns=UNKNOWNS):
    samples, data = series(np.random.default_rng(2), thicknesses=(2, 4, 8))
    return Problem(samples, unknowns, data)


@pytest.mark.study
def test_coordinates_are_those_of_priors_and_come_back():
    cut = Unknown("Pt.spin_diffusion_length", Normal(1 * NM, 1 * NM))  # of which a sixth is below zero
    standard = Standard(small([UNKNOWNS[0], cut, Unknown("Pt.conductivity", LogUniform(1e6, 1e7))]))
    v = np.random.default_rng(0).normal(size=(50, 3))
    u, slopes = standard.coordinates(v)
    np.testing.assert_array_equal(u[:, 0], v[:, 0])
    np.testing.assert_allclose(u[:, 2], norm.cdf(v[:, 2]))
    low = norm.cdf(-1)
    np.testing.assert_allclose(norm.cdf(u[:, 1]), low + (1 - low) * norm.cdf(v[:, 1]), rtol=1e-6)
    h = 1e-6
    numeric = (standard.coordinates(v + h)[0] - standard.coordinates(v - h)[0]) / (2 * h)
    np.testing.assert_allclose(slopes, numeric, rtol=1e-6)
    for one, there in zip(v, u, strict=True):
        np.testing.assert_allclose(standard.standard(there), one, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(standard.traced(jax.numpy.asarray(one)), there, rtol=1e-9, atol=1e-12)


@pytest.mark.study
def test_the_square_that_samplers_trace_is_that_of_the_residuals():
    problem = small()
    u = np.array([0.3, 0.4, -0.2])
    R, J = problem.residuals(u)
    value, slopes = jax.value_and_grad(problem.square)(u)
    assert float(value) == pytest.approx(R @ R)
    np.testing.assert_allclose(slopes, 2 * J.T @ R, rtol=1e-9)


@pytest.mark.study
@pytest.mark.parametrize("method", ["nuts", "nested"])
def test_draws_of_a_determined_film_are_normal_about_the_fit(method, tmp_path):
    if method == "nuts":
        pytest.importorskip("numpyro")
    problem = small()
    found = fit_film(problem, starts=3)
    draws = ss.FitResult(problem, found).posterior(method=method, draws=1000, seed=3)
    for name in found["parameter"].values:
        value, error = (float(found[n].sel(parameter=name)) for n in ("value", "error"))
        drawn = draws["posterior"][name].values
        assert abs(drawn.mean() - value) < 0.2 * error
        assert drawn.std() == pytest.approx(error, rel=0.12)
    assert draws["posterior"]["Pt.conductivity"].attrs["units"] == "S/m"
    np.testing.assert_array_equal(draws["observed_data"]["measured"], found["measured"])
    if method == "nuts":
        assert draws.attrs["rhat"] < 1.01
        assert draws.attrs["effective_draws"] > 400
        assert draws["posterior"].sizes == {"chain": 4, "draw": 1000}
    else:
        # by the Gaussian integral: the priors are wide against what the data leave
        R, J = Standard(problem).batch(Standard(problem).standard(found["coordinate"].values)[None])
        laplace = Standard(problem)._constant - R[0] @ R[0] / 2 - np.linalg.slogdet(J[0].T @ J[0])[1] / 2
        assert draws.attrs["log_evidence"] == pytest.approx(laplace, abs=4 * draws.attrs["log_evidence_error"])
    draws.to_netcdf(tmp_path / "posterior.nc")
    with xr.open_datatree(tmp_path / "posterior.nc") as again:
        xr.testing.assert_equal(again["posterior"].to_dataset().load(), draws["posterior"].to_dataset())


@pytest.mark.study
def test_draws_that_are_not_to_be_believed_are_refused(monkeypatch):
    monkeypatch.setattr("spinstack.fitting.sampling.EFFECTIVE", 1e5)
    problem = small(UNKNOWNS[2:])
    found = fit_film(problem, starts=1)
    with pytest.raises(ss.ParameterError, match="independent draws instead of at least 100000") as caught:
        ss.FitResult(problem, found).posterior(method="nested", draws=100, seed=1)
    assert "Narrower priors" in str(caught.value)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    ("given", "words"),
    [({"method": "mcmc"}, "method: got 'mcmc'"), ({"draws": 10}, "draws: got 10"), ({"chains": 1}, "chains: got 1"),
     ({"seed": -1}, "seed: got -1")],
)  # fmt: skip
def test_arguments(given, words):
    problem = small(UNKNOWNS[2:])
    result = ss.FitResult(problem, fit_film(problem, starts=1))
    with pytest.raises(ss.ParameterError) as caught:
        result.posterior(**given)
    assert words in str(caught.value)
