"""A fit and what can be asked of it: names, films, fixed parameters, the report of lmfit."""

import numpy as np
import pytest
from fitted_films import NM, TRUTH, UNKNOWNS, series

import spinstack as ss
from spinstack.fitting import LogUniform, Normal, Problem, Relative, Tie, Unknown, determined, fit_film


@pytest.fixture(scope="module")
def result():
    samples, data = series(np.random.default_rng(2), thicknesses=(2, 4, 8))
    return ss.fit(Problem(samples, UNKNOWNS, data), starts=3)


def test_values_and_errors_have_names(result):
    found = result.dataset
    assert list(result.values) == list(result.errors) == [u.path for u in UNKNOWNS]
    for name, value in result.values.items():
        assert abs(value - TRUTH[name]) < 4 * result.errors[name]
        assert result.errors[name] == float(found["error"].sel(parameter=name))
    assert result.chi2 == found.attrs["chi_square"]
    assert (result.degrees_of_freedom, result.probability) == (6 + 2 - 3, found.attrs["p_value"])
    assert result.fits
    assert result.units["Pt.conductivity"] == "S/m"
    np.testing.assert_allclose(np.sqrt(np.diag(result.covariance)), list(result.errors.values()))
    assert "Pt.spin_hall_angle = " in repr(result)
    assert result.identifiability() == determined(result.problem, found)
    assert result.profile("Pt.conductivity").attrs["verdict"] == "bounded"


def test_what_does_not_fit_says_so():
    samples, data = series(thicknesses=(4,))
    fixed = Unknown("Pt.conductivity", Normal(1e6, 1e3))
    result = ss.fit(Problem(samples, [fixed], data[1:]), starts=1)
    assert not result.fits


def test_films_give_what_was_fitted():
    samples, data = series(np.random.default_rng(3), thicknesses=(2, 4))
    unknowns = [
        UNKNOWNS[0],
        Unknown("s", LogUniform(1e5, 1e8), unit="S/m", scatter=0.1),
        Unknown("Pt.thickness", Relative(0.05), each="sample"),
    ]
    result = ss.fit(
        Problem(samples, unknowns, data, [Tie("Pt.conductivity", "s / (1 + (1 nm)/Pt.thickness)")]), starts=2
    )
    fitted = {of: [] for of in result.films}
    for of, value in zip(result.dataset["of"].values, result.dataset["fitted"].values, strict=True):
        fitted[of.split(" nm ")[0] + " nm"].append(float(value))
    assert list(result.films) == ["2 nm", "4 nm"]
    for name, made in result.films.items():
        R = float(np.asarray(ss.sheet_resistance(made, m="y"))[0, 0])
        assert fitted[name] == pytest.approx([float(ss.magnetoresistance(made, plane="beta")), R], rel=1e-9)
        assert made.get("Pt.thickness") != float(name.split()[0]) * NM


@pytest.mark.study
def test_fixing_one_of_a_degenerate_pair_gives_the_other():
    samples, data = series(np.random.default_rng(7), thicknesses=(2, 4, 8))
    unknowns = [UNKNOWNS[0], Unknown("YIG.mixing_conductance.real", LogUniform(1e13, 1e16)), UNKNOWNS[2]]
    problem = Problem([type(s)(s.name, s.film) for s in samples], unknowns, data)
    result = ss.fit(problem, starts=4)
    fixed = result.fixing("YIG.mixing_conductance.real", [2e14, 4e14, 8e14])
    theta, error = (fixed[n].sel(parameter="Pt.spin_hall_angle").values for n in ("value", "error"))
    assert (np.diff(theta) < 0).all()
    assert (error < 0.5 * result.errors["Pt.spin_hall_angle"]).all()
    assert (fixed["rise"] > -1e-6).all()
    np.testing.assert_array_equal(fixed["error"].sel(parameter="YIG.mixing_conductance.real"), 0)
    np.testing.assert_allclose(fixed["value"].sel(parameter="YIG.mixing_conductance.real"), fixed["fixed"])
    # as a problem in which the film has that value
    known = [type(s)(s.name, s.film.replace({"YIG.mixing_conductance.real": 2e14})) for s in samples]
    alone = fit_film(Problem(known, [unknowns[0], unknowns[2]], data), starts=2)
    np.testing.assert_allclose(alone["value"][0], theta[0], rtol=1e-6)
    np.testing.assert_allclose(alone["error"][0], error[0], rtol=1e-4)
    with pytest.raises(ss.ParameterError, match=r"got 1e\+18, which its prior and its range do not have"):
        result.fixing("YIG.mixing_conductance.real", [1e18])
    with pytest.raises(ss.ParameterError, match="values: got 'a lot'"):
        result.fixing("YIG.mixing_conductance.real", "a lot")
    with pytest.raises(ss.ParameterError, match="parameter: got 'Gr'"):
        result.fixing("Gr", [1e14])


def test_lmfit_reports_it(result):
    lmfit = pytest.importorskip("lmfit")
    exported = result.to_lmfit()
    report = lmfit.fit_report(exported)
    assert "Pt_spin_hall_angle" in report
    assert exported.params["Pt_conductivity"].value == result.values["Pt.conductivity"]
    assert exported.params["Pt_conductivity"].stderr == result.errors["Pt.conductivity"]
    r = result.covariance.values
    expected = r[0, 1] / np.sqrt(r[0, 0] * r[1, 1])
    assert exported.params["Pt_spin_hall_angle"].correl["Pt_spin_diffusion_length"] == pytest.approx(expected)
    assert (exported.chisqr, exported.nfree, exported.ndata) == (result.chi2, 5, 8)
    assert exported.params["Pt_spin_diffusion_length"].max == pytest.approx(10 * NM)
    assert "chi-square" in report


def test_names_stay_apart_in_lmfit():
    pytest.importorskip("lmfit")
    samples, data = series(thicknesses=(2, 4))
    unknowns = [Unknown("Pt.conductivity", LogUniform(1e5, 1e8), each="sample"), Unknown("Pt.g_factor", Normal(2, 1))]
    exported = ss.fit(Problem(samples, unknowns, [d for d in data if d.observable is ss.sheet_resistance]),
                      starts=1).to_lmfit()  # fmt: skip
    assert exported.var_names == ["Pt_conductivity_of_2_nm", "Pt_conductivity_of_4_nm", "Pt_g_factor"]
    assert exported.params["Pt_conductivity_of_2_nm"].min == pytest.approx(1e5)


def test_a_result_of_another_problem_is_refused(result):
    samples, data = series(thicknesses=(4,))
    other = Problem(samples, UNKNOWNS[:1], data[:1])
    with pytest.raises(ss.ParameterError, match="found"):
        ss.FitResult(other, result.dataset)
