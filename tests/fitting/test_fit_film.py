"""Fits of films: derivatives, truth, what the data determine, refusals."""

import numpy as np
import pytest
from fitted_films import NM, TRUTH, UNKNOWNS, film, series
from scipy.stats import t as student

import spinstack as ss
from spinstack.fitting import (
    Data,
    LogNormal,
    LogUniform,
    Normal,
    Problem,
    Relative,
    Sample,
    Uniform,
    Unknown,
    determined,
    fit_film,
    likelihood_profile,
)
from spinstack.fitting.identify import scales, whitened_derivatives
from spinstack.fitting.profiles import _crossing


@pytest.mark.parametrize(
    ("prior", "u", "x"),
    [(Normal(3.0, 0.5), 2.0, 4.0), (LogNormal(4e14, 3), -1.0, 4e14 / 3), (LogNormal(-0.1, 2), 1.0, -0.2),
     (Uniform(-2, 6), 0.25, 0.0), (LogUniform(1e12, 1e16), 0.5, 1e14)],
)  # fmt: skip
def test_priors_are_what_they_say(prior, u, x):
    assert prior.value(u) == pytest.approx(x)
    assert prior.coordinate(prior.value(u)) == pytest.approx(u)
    h = 1e-6
    assert prior.slope(u) == pytest.approx((prior.value(u + h) - prior.value(u - h)) / (2 * h), rel=1e-8)


@pytest.mark.study
def test_residuals_are_whitened_and_their_derivatives_exact():
    samples, data = series()
    control = Sample("Pt", ss.Film((film().elements[0],)))
    scan = {"plane": "gamma", "angles": [0.0, 30.0, 60.0, 90.0]}
    R = np.asarray(ss.angular_scan(film(3 * NM), **scan).R_xx)
    covariance = np.diag((1e-3 * R) ** 2) + 1e-8
    data = [
        *data,
        Data("3 nm", ss.angular_scan, R, covariance, scan, "R_xx", systematic=0.03, name="scan"),
        Data("Pt", ss.sheet_resistance, [90.0, np.nan, np.nan, np.nan], [1.0] * 4),
    ]
    unknowns = [*UNKNOWNS, Unknown("Pt.thickness", Relative(0.03), each="sample"),
                Unknown("YIG.mixing_conductance.real", LogUniform(1e13, 1e16)),
                Unknown("YIG.mixing_conductance.imag", Normal(0, 5e13))]  # fmt: skip
    problem = Problem([*samples, control], unknowns, data)
    assert problem.size == 3 + 7 + 2
    u = np.concatenate([[0.2, 0.5, -0.3], np.linspace(-1, 1, 7), [0.4, 0.7]])
    residual, J = problem.residuals(u)
    h = 1e-5
    numeric = np.stack(
        [(problem.residuals(u + h * e)[0] - problem.residuals(u - h * e)[0]) / (2 * h) for e in np.eye(12)], axis=1
    )
    np.testing.assert_allclose(J, numeric, atol=1e-7 * np.abs(J).max())
    values, _ = problem.predicted(u)
    whole = covariance + 0.03**2 * np.outer(values[-2], values[-2])
    chi = (values[-2] - R) @ np.linalg.solve(whole, values[-2] - R)
    own = sum(v.size for v in values[:-2])
    assert residual[own : own + 4] @ residual[own : own + 4] == pytest.approx(chi)
    # priors: three shared ones with penalty, seven thicknesses, one imaginary part
    assert residual.size == problem.points + 2 + 7 + 1
    assert [o.at["angle"] for o in problem.outputs(len(data) - 2)] == scan["angles"]


@pytest.mark.study
def test_a_curve_of_many_points_keeps_the_scale_that_its_systematic_error_allows():
    """Its noise would shrink with the scale if the error were that of the measured curve instead of the model's."""
    scan = {"plane": "beta", "angles": np.linspace(0, 360, 1001).tolist()}
    R = np.asarray(ss.angular_scan(film(), **scan).R_xx)
    noise = 1e-3 * np.random.default_rng(3).standard_normal(R.size)
    data = Data("4 nm", ss.angular_scan, R + noise, np.full(R.size, 1e-3), scan, "R_xx", systematic=0.05)
    flat = [Unknown("Pt.conductivity", LogUniform(3e5, 3e8)), UNKNOWNS[0]]
    given = [Sample("4 nm", film(Pt_0_conductivity=2e6))], flat, [data]
    found = fit_film(Problem(*given), starts=4)
    conductivity = found.sel(parameter="Pt.conductivity")
    assert float(conductivity["error"]) == pytest.approx(0.05 * 2.8e6, rel=0.05)
    assert abs(float(conductivity["value"]) - 2.8e6) < 0.2 * float(conductivity["error"])
    assert found.attrs["p_value"] > 0.01
    assert max(one.error for one in determined(Problem(*given), found)) == pytest.approx(0.05, rel=0.2)


def test_films_that_made_the_data_are_found_from_anywhere():
    samples, data = series()
    flat = [Unknown(u.path, LogUniform(0.1 * v, 20 * v)) for u, v in zip(UNKNOWNS, TRUTH.values(), strict=True)]
    found = fit_film(Problem(samples, flat, data), starts=12, seed=4)
    np.testing.assert_allclose(found["value"], list(TRUTH.values()), rtol=1e-5)
    assert found.attrs["chi_square"] < 1e-6
    assert found.attrs["agreeing"] >= 10
    assert found.attrs["degrees_of_freedom"] == 12 - 3
    assert not found["at_bound"].any()
    np.testing.assert_allclose(found["fitted"], found["measured"], rtol=1e-6)


@pytest.mark.study
@pytest.mark.parametrize("count", [20, 150])
def test_errors_cover_the_truth(count):
    rng = np.random.default_rng(12)
    one, two, squares = [], [], []
    for _ in range(count):
        u = rng.standard_normal(3)
        true = {
            un.path: un.prior.value(v) if un.prior.penalty else TRUTH[un.path]
            for un, v in zip(UNKNOWNS, u, strict=True)
        }
        samples, data = series(rng, truth=lambda t, true=true: film(t).replace(true))
        found = fit_film(Problem(samples, UNKNOWNS, data), starts=2)
        off = np.abs(found["value"].values - list(true.values())) / found["error"].values
        one.append(off < 1)
        two.append(off < student.ppf(0.975, 1e9))
        squares.append(found.attrs["chi_square"])
    print(np.mean(one, axis=0), np.mean(two, axis=0), np.mean(squares))
    slack = 3 / np.sqrt(count)
    assert np.all(np.abs(np.mean(one, axis=0) - 0.6827) < 0.47 * slack + 0.02)
    assert np.all(np.abs(np.mean(two, axis=0) - 0.95) < 0.22 * slack + 0.01)
    freedom = found.attrs["degrees_of_freedom"]
    assert np.mean(squares) == pytest.approx(freedom, abs=4 * np.sqrt(2 * freedom / count))


def test_one_film_determines_one_product_and_says_which():
    samples, data = series(thicknesses=(4,))
    problem = Problem(samples, UNKNOWNS[:2], data[:1])
    found = fit_film(problem, starts=3)
    first, second = determined(problem, found)
    assert first.error < 0.011
    assert second.error == np.inf
    assert "is not determined" in second.words
    assert "% " not in first.words
    # along the second nothing changes
    value = dict(zip(found["parameter"].values, found["value"].values, strict=True))
    step = 1e-4 * np.array([second.powers.get(n, 0.0) for n in value])
    moved = film(4 * NM, Pt_0_conductivity=2e6).replace(
        {n: v * np.exp(s) for (n, v), s in zip(value.items(), step, strict=True)}
    )
    still = film(4 * NM, Pt_0_conductivity=2e6).replace(value)
    change, largest = (
        ss.magnetoresistance(f, plane="beta") / ss.magnetoresistance(still, plane="beta") - 1
        for f in (moved, still.replace({"Pt.spin_hall_angle": value["Pt.spin_hall_angle"] * np.exp(1e-4)}))
    )
    assert abs(change) < 1e-3 * abs(largest)
    # and the first is the square root of what the ratio knows of theta^2
    assert first.powers["Pt.spin_hall_angle"] == 1 or first.powers["Pt.spin_diffusion_length"] == 1


def test_nuisances_are_integrated_out_with_their_priors():
    samples, data = series(thicknesses=(2, 4, 8))
    unknowns = [*UNKNOWNS, Unknown("Pt.thickness", Relative(0.03), each="sample")]
    problem = Problem(samples, unknowns, data)
    found = fit_film(problem, starts=1)
    J, scale = whitened_derivatives(problem, found), scales(problem, found)
    F = (J * scale).T @ (J * scale) + np.diag([0.0] * 3 + [1 / 0.03**2] * 3)
    marginal = np.linalg.inv(np.linalg.inv(F)[:3, :3])
    expected = np.linalg.eigvalsh(marginal)[::-1]
    told = determined(problem, found, nuisances=["Pt.thickness"])
    assert len(told) == 3
    for one, value in zip(told, expected, strict=True):
        powers = np.array([one.powers.get(u.path, 0.0) for u in UNKNOWNS])
        assert one.error == pytest.approx(np.linalg.norm(powers) / np.sqrt(value), rel=0.01)
    with pytest.raises(ss.ParameterError, match="nuisances: got 'Pt'"):
        determined(problem, found, nuisances=["Pt"])
    with pytest.raises(ss.ParameterError, match="which are all unknowns"):
        determined(problem, found, nuisances=[u.path for u in unknowns])


def test_what_no_datum_sees_is_named():
    samples, data = series(thicknesses=(4, 8))
    extra = Unknown("YIG.mixing_conductance.imag", Uniform(-1e10, 1e10))
    only = [one for one in data if one.observable is ss.sheet_resistance]
    found = fit_film(Problem(samples, [UNKNOWNS[2], Unknown("Pt.g_factor", Uniform(1, 3)), extra], only), starts=1)
    assert "Pt.g_factor" in found.attrs["undetermined"]
    assert found["error"].sel(parameter="Pt.g_factor") == np.inf
    assert "Pt.conductivity" not in found.attrs["undetermined"]


def test_groups_share_a_value():
    samples, data = series(thicknesses=(2, 3, 4, 6))
    samples = [Sample(s.name, s.film, {"batch": "AABB"[i]}) for i, s in enumerate(samples)]
    problem = Problem(samples, [UNKNOWNS[0], Unknown("Pt.conductivity", LogNormal(2e6, 2), each="batch")], data)
    assert [c.name for c in problem.coordinates[1:]] == ["Pt.conductivity of A", "Pt.conductivity of B"]
    found = fit_film(problem, starts=1)
    np.testing.assert_allclose(found["value"][1:], 2.8e6, rtol=0.02)


def test_a_prior_counts_as_one_datum():
    samples, data = series(thicknesses=(4,))
    R = data[1].measured[0]
    tight = Unknown("Pt.conductivity", Normal(2e6, 1e3))
    found = fit_film(Problem(samples, [tight], data[1:]), starts=1)
    assert found["value"][0] == pytest.approx(2e6, rel=5e-3)
    assert found.attrs["p_value"] < 1e-6
    assert found.attrs["degrees_of_freedom"] == 1
    assert found["told"][0] < 0.01
    loose = fit_film(Problem(samples, [Unknown("Pt.conductivity", Normal(2e6, 1e9))], data[1:]), starts=1)
    assert loose["fitted"][0] == pytest.approx(R)
    assert loose["error"][0] == pytest.approx(0.02 * float(loose["value"][0]), rel=1e-3)


def test_the_profile_of_a_linear_model_is_its_parabola():
    samples, data = series(thicknesses=(4,))
    # resistance and conductivity: linear in 1/sigma, and nearly in ln(sigma)
    problem = Problem(samples, [Unknown("Pt.conductivity", LogUniform(1e5, 1e8))], data[1:])
    found = fit_film(problem, starts=1)
    profile = likelihood_profile(problem, found, "Pt.conductivity")
    value = float(found["value"][0])
    for words, n in (("68", 1), ("95", 2)):
        # R = R_0 value/sigma is off by n errors of 2 %; between its places the curve is a line
        assert profile.attrs[f"low_{words}"] == pytest.approx(value / (1 + 0.02 * n), rel=1e-4)
        assert profile.attrs[f"high_{words}"] == pytest.approx(value / (1 - 0.02 * n), rel=1e-4)
    assert profile.attrs["verdict"] == "bounded"
    assert profile.attrs["better"] < 1e-6
    rise = ((value / profile["value"].values - 1) / 0.02) ** 2
    np.testing.assert_allclose(profile["rise"], rise, rtol=2e-3, atol=1e-6)
    assert (np.diff(profile["value"]) > 0).all()


@pytest.mark.study
def test_profiles_tell_one_sided_and_flat_parameters():
    samples, data = series(thicknesses=(2, 3, 5), ratio=0.05)
    unknowns = [
        Unknown("Pt.spin_hall_angle", LogUniform(0.01, 1)),
        Unknown("YIG.mixing_conductance.real", LogUniform(1e10, 1e20)),
        Unknown("Pt.g_factor", Uniform(1, 3)),
    ]
    known = [Sample(s.name, s.film.replace({"Pt.conductivity": 2.8e6})) for s in samples]
    problem = Problem(known, unknowns, [d for d in data if d.observable is ss.magnetoresistance])
    found = fit_film(problem, starts=6)
    flat = likelihood_profile(problem, found, "Pt.g_factor")
    assert flat.attrs["verdict"] == "flat"
    assert np.abs(flat["rise"]).max() < 1e-6
    assert (flat.attrs["low_95"], flat.attrs["high_95"]) == (-np.inf, np.inf)
    # a larger mixing conductance than the spin conductance of the metal changes nothing any more
    one = likelihood_profile(problem, found, "YIG.mixing_conductance.real")
    assert one.attrs["verdict"] == "only from below"
    assert one.attrs["low_95"] < 4e14
    assert one["others"].sizes["parameter"] == 3
    with pytest.raises(ss.ParameterError, match=r"parameter: got 'Pt\.thickness'"):
        likelihood_profile(problem, found, "Pt.thickness")


def test_influence_is_what_happens_without_a_set_of_data():
    samples, data = series(np.random.default_rng(3), thicknesses=(2, 3, 5, 9), ratio=1e-4, resistance=1e-4)
    whole = Problem(samples, UNKNOWNS, data)
    found, rest = fit_film(whole, starts=1), fit_film(Problem(samples, UNKNOWNS, data[:2] + data[3:]), starts=1)
    errors = found["error"].values / whole.slopes(found["coordinate"].values)
    moved = (rest["coordinate"].values - found["coordinate"].values) / errors
    np.testing.assert_allclose(found["influence"][2], moved, atol=0.02 * np.abs(moved).max())


SAMPLES, DATA = series(thicknesses=(3, 5))
BAD = {
    "no samples": (lambda: Problem([], UNKNOWNS, DATA), ["samples: got none"]),
    "nothing at all": (lambda: Problem([], [], []), ["samples: got none", "unknowns: got none", "data: got none"]),
    "twice": (lambda: Problem([SAMPLES[0]] * 2, UNKNOWNS, DATA[:2]), ["samples: got '3 nm', twice"]),
    "no such sample": (
        lambda: Problem(SAMPLES, UNKNOWNS, [Data("3nm", ss.magnetoresistance, [1], [1])]),
        ["sample: got '3nm', which is no sample", "Did you mean '3 nm'?"],
    ),
    "no such path": (
        lambda: Problem(SAMPLES, [Unknown("Pt.thicknes", Normal(1, 1)), Unknown("Co.thickness", Normal(1, 1))], DATA),
        ["'Pt.thicknes', which no film has that was measured", "'thickness'", "'Co.thickness'"],
    ),
    "path twice": (lambda: Problem(SAMPLES, UNKNOWNS[:1] * 2, DATA), ["unknowns: got 'Pt.spin_hall_angle', twice"]),
    "no group": (
        lambda: Problem(SAMPLES, [Unknown("Pt.thickness", Normal(1, 1), each="batch")], DATA),
        ["Pt.thickness.each: got 'batch'"],
    ),
    "prior": (lambda: Unknown("Pt.thickness", 3 * NM), ["Pt.thickness.prior: got 3", "Normal, LogNormal"]),
    "deviation": (lambda: Normal(1, 0), ["Normal.deviation: got 0"]),
    "factor": (lambda: LogNormal(0, 0.5), ["LogNormal.factor: got 0.5"]),
    "order": (lambda: Uniform(2, 1), ["Uniform.high: got 1. Allowed: greater than low, 2"]),
    "outside": (
        lambda: Problem(SAMPLES, [Unknown("Pt.thickness", Uniform(-3, -1))], DATA), ["leaves nothing of the range"],
    ),
    "relative of different": (
        lambda: Problem(SAMPLES, [Unknown("Pt.thickness", Relative(0.03))], DATA), ["which is of several values here"],
    ),
    "relative of nothing": (
        lambda: Problem(SAMPLES, [Unknown("Pt.hall_coefficient", Relative(0.1))], DATA), ["Give a normal prior"],
    ),
    "count": (
        lambda: Problem(SAMPLES, UNKNOWNS, [Data("3 nm", ss.magnetoresistance, [1, 2], [1, 1], {"plane": "beta"})]),
        ["values: 2 numbers. Allowed: 1, as the observable gives"],
    ),
    "errors": (
        lambda: Problem(SAMPLES, UNKNOWNS, [Data("3 nm", ss.magnetoresistance, [1], [0], {"plane": "beta"})]),
        ["errors: got 0.0. Allowed: greater than 0"],
    ),
    "covariance": (
        lambda: Problem(SAMPLES, UNKNOWNS, [Data("3 nm", ss.angular_scan, [1, 2], [[1, 2], [2, 1]],
                                                 {"plane": "beta", "angles": [0, 90]}, "R_xx")]),
        ["which is no covariance"],
    ),
    "nothing moves": (
        lambda: Problem([*SAMPLES, Sample("Cu", ss.Film((ss.Metal("Cu", thickness=NM, conductivity=1e6,
                                                                  spin_diffusion_length=NM),)))],
                        UNKNOWNS, [*DATA, Data("Cu", ss.sheet_resistance, [1, 0, 0, 1], [1, 1, 1, 1])]),
        ["which no unknown moves"],
    ),
    "argument": (
        lambda: Problem(SAMPLES, UNKNOWNS, [Data("3 nm", ss.magnetoresistance, [1], [1], {"plan": "beta"})]),
        ["plan: got 'beta', which is no argument of magnetoresistance"],
    ),
    "starts": (lambda: fit_film(Problem(SAMPLES, UNKNOWNS, DATA), starts=0), ["starts: got 0"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_together_is_refused_before_anything_is_computed(case):
    call, words = BAD[case]
    with pytest.raises(ss.ParameterError) as caught:
        call()
    for said in words:
        assert said in str(caught.value)


@pytest.mark.parametrize("sign", [1, -1])
def test_an_interval_has_a_second_valley_in_it(sign):
    problem = Problem(*_with(UNKNOWNS[0]))
    side = [(np.array([sign * x]), rise) for x, rise in ((1, 1.0), (2, 4.5), (3, 2.25), (4, 9.0))]
    prior = problem.coordinates[0].prior
    # roots 1.5 and 3 at 3 and 4: 2 lies at a third
    assert _crossing(problem.coordinates[0], 0.0, side, 0, 4.0) == pytest.approx(prior.value(sign * (3 + 1 / 3)))
    assert _crossing(problem.coordinates[0], 0.0, side[:3], 0, 4.0) == sign * np.inf
    assert _crossing(problem.coordinates[0], 0.0, side[:2], 0, 1.0) == pytest.approx(prior.value(sign * 1.0))


def _with(unknown):
    samples, data = series(thicknesses=(4,))
    return samples, [unknown], data[:1]
