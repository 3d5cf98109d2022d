"""The studies of fits give the numbers that docs/fit_studies.md quotes."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

import spinstack as ss
from spinstack.fitting import compare_mechanisms, next_measurement

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    loaded = []

    def load(name):
        loaded.append(name)
        return importlib.import_module(name)

    yield load
    for name in loaded:
        sys.modules.pop(name, None)


@pytest.mark.study
def test_published_pairs_lie_in_one_valley(example):
    study = example("pt_yig_series")
    result = ss.fit(study.series(), starts=10)
    assert result.fits
    words = [one.words for one in result.identifiability(nuisances=["Pt.thickness"])]
    assert words[0].endswith("is known to 0.55 %")
    assert words[-1].endswith("is not determined")
    assert result.profile(study.MIXING).attrs["low_95"] == pytest.approx(0.4e14, rel=0.2)
    assert result.profile(study.MIXING).attrs["high_95"] == pytest.approx(14e14, rel=0.2)
    fixed = result.fixing(study.MIXING, [pair[study.MIXING][0] for pair in study.PUBLISHED.values()])
    assert (fixed["rise"] < 2).all()
    for n, pair in enumerate(study.PUBLISHED.values()):
        length, error = pair[study.LENGTH]
        assert abs(float(fixed["value"].sel(parameter=study.LENGTH)[n]) - length) < 1.5 * error
    theta = fixed["value"].sel(parameter=study.THETA).values
    assert theta[0] == pytest.approx(0.11, rel=0.02)
    assert theta[1] == pytest.approx(0.093, rel=0.02)
    assert (fixed["error"].sel(parameter=study.THETA) < 0.02 * theta).all()


@pytest.mark.study
def test_the_measured_film_has_the_numbers_of_the_closed_forms(example):
    study = example("fesi_fit")
    found = study.results()
    result = ss.fit(study.problem(found), starts=3)
    assert result.fits
    control = found["explain_control"]
    for path, name in ((study.AMR, "amr_ratio"), (study.SIZE, "size_effect_ratio")):
        closed = float(control["value"].sel(parameter=name))
        assert abs(result.values[path] - closed) < 0.01 * result.errors[path]
    assert result.values[study.AMR] == pytest.approx(7.994e-4, rel=1e-3)
    assert result.errors[study.AMR] == pytest.approx(9.1e-7, rel=0.05)
    assert result.values[study.CONDUCTIVITY] == pytest.approx(6.7e5, rel=0.01)


@pytest.mark.study
def test_one_temperature_knows_a_product_and_all_know_each(example):
    study = example("weiss_series")
    every = ss.fit(study.problem(), starts=10)
    one = ss.fit(study.problem((20.0,)), starts=20)
    for result in (every, one):
        assert result.fits
    wide, narrow = study.relative_errors(one), study.relative_errors(every)
    assert list(narrow.values()) == pytest.approx([0.0043, 0.018, 0.00035], rel=0.1)
    assert all(wide[name] > 10 * narrow[name] for name in narrow)
    truth = study.truth()
    for name in narrow:
        assert abs(every.values[name] / truth.get(name) - 1) < 4 * narrow[name]
    first = one.identifiability(nuisances=[study.ANGLE, study.LENGTH])[0]
    assert first.error < 0.05
    assert first.powers[study.DENSITY] == pytest.approx(0.74, abs=0.05)
    # a second valley, within the interval of the first
    profile = one.profile(study.COUPLING)
    rise = profile["rise"].values
    valleys = np.flatnonzero((rise[1:-1] < rise[:-2]) & (rise[1:-1] < rise[2:])) + 1
    assert len(valleys) == 2
    assert profile.attrs["low_95"] < profile["value"].values[valleys[0]]


@pytest.mark.study
def test_the_numbers_of_a_published_bilayer_leave_a_size_effect_that_its_control_film_lacks(example):
    study = example("ruo2_py_mechanisms")
    made = study.problem(control=study.READ_OFF)
    found = compare_mechanisms(made, study.mechanisms(made), fallback=False)
    winner = "size effect of the bilayer"
    assert [str(n) for n in found["mechanism"].values[found["fits"]]] == [winner, study.AT_INTERFACE]
    np.testing.assert_allclose(found["probability"].sel(mechanism=[winner, study.AT_INTERFACE]), 0.5, atol=0.02)
    for name, square in ((winner, 1.9), ("IGSC without inverse", 74), ("IGSC with inverse", 49), (study.INTO_RUO2, 37)):
        assert float(found["chi2"].sel(mechanism=name)) == pytest.approx(square, rel=0.03), name
    assert "control has no beta amplitude: size effect is out by 8 sigma" in found.attrs["words"]
    # J along c and across it: before the data, only a splitter knows the axis
    beta = found["sign"].isel(point=[1, 3])
    for name, signs in (
        ("spin Hall", [1, 1]), ("Rashba-Edelstein", [1, 1]), ("anomalous Hall", [1, 1]), ("spin splitter", [0, -1]),
        ("IGSC without inverse", [1, 1]), ("IGSC with inverse", [1, 1]), (winner, [0, 0]),
    ):  # fmt: skip
        assert beta.sel(mechanism=name).values.tolist() == signs, name
    # by hand: what share of the current Py carries, and scans of the fitted films
    best = found.outcomes[list(found["mechanism"].values).index(winner)]
    film = best.problem.films(best.u)["bilayer"]
    sheets = [film.get(f"{n}.conductivity") * film.get(f"{n}.thickness") for n in ("RuO2", "Py")]
    share = sheets[1] / sum(sheets)
    a, s = film.get("Py.amr_ratio"), film.get("Py.size_effect_ratio")
    np.testing.assert_allclose(
        best.problem.computed(best.u[None])[0][:4], share * np.array([-a, s, s - a, s]), rtol=6e-3
    )
    across = ss.angular_scan(film, plane="beta", angles=[90.0], current="y")
    assert float(across.MR_yy.squeeze()) == pytest.approx(float(found["best"].sel(mechanism=winner)[3]), rel=1e-9)
    assert share == pytest.approx(0.75, abs=0.02)
    plan = next_measurement(found, study.candidates())
    assert str(plan["candidate"].values[0]) == "beta of RuO2 5 nm / Py 2 nm"
    assert (plan["gain"].values[:4] > 0.6).all()
    assert (plan["gain"].values[4:] < 0.01).all()


@pytest.mark.study
def test_a_barrier_makes_the_measured_beta_plane_with_hardly_any_spin_hall_effect(example):
    study = example("ruo2_py_mechanisms")
    solver = ss.Boltzmann(rtol=1e-2)
    parts = study.parts(solver)
    assert parts["all"] == pytest.approx(-9.6e-4, rel=0.01)
    assert parts["no spin Hall effect"] == pytest.approx(-9.2e-4, rel=0.01)
    assert abs(parts["no Rashba part"]) < 1e-5
    assert parts["exchange below the barrier"] == pytest.approx(3.4e-3, rel=0.01)
    made = study.barrier(solver)
    u = np.array([c.prior.coordinate(study.FITTED[c.path]) for c in made.coordinates])
    residual = made.batch_residuals(u[None])[0]
    assert residual @ residual == pytest.approx(4.5, abs=0.1)
