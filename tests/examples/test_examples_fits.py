"""The studies of fits give the numbers that docs/fit_studies.md quotes."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

import spinstack as ss

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
