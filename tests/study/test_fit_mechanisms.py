"""Mechanisms and candidates of a fit file: what they become, what is refused, the fit of the best of them."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.fitting import Normal, mechanisms, next_measurement
from spinstack.fitting.comparison import Comparison
from spinstack.study import Run, read_fit_study
from spinstack.study.fit_folder import FitFolder
from spinstack.study.fit_reader import asked
from spinstack.text.document import SampleError

PY = """\
[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "4 nm"
resistivity = "40 uOhm cm"
polarization = 0.4
spin_diffusion_length = "5 nm"
dephasing_length = "0.8 nm"
"""
FIT = f"""\
spinstack = 1
title = "two films"

[[film]]
kind = "metal"
name = "Pt"
thickness = "5 nm"
resistivity = "90 uOhm cm"
spin_diffusion_length = "2 nm"
spin_hall_angle = 0

[[film]]
kind = "interface"
conductance_up = "4e14 S/m^2"
conductance_down = "2e14 S/m^2"
mixing_conductance = "5e14 S/m^2"

{PY}
[fit]
starts = 4
profiles = false

[[fit.sample]]
name = "bilayer"

[[fit.sample]]
name = "control"
film = "py.toml"

[[fit.parameter]]
path = "Py.amr_ratio"
prior = {{ normal = "0 %", deviation = "2 %" }}

[[fit.data]]
sample = "bilayer"
observable = "angular_scan"
plane = ["alpha", "beta", "gamma"]
angles = ["90 deg"]
values = {{ MR_xx = ["-0.3 %", "-0.1 %", "-0.4 %"] }}
errors = "0.02 %"

[[fit.data]]
sample = "control"
observable = "angular_scan"
plane = ["alpha", "beta", "gamma"]
angles = ["90 deg"]
values = {{ MR_xx = ["-0.4 %", "0 %", "-0.4 %"] }}
errors = "0.02 %"

[mechanisms]
metal = "Pt"
magnet = "Py"
only = ["none", "size effect of the bilayer"]

[[mechanism]]
name = "strong filtering"
fixed = {{ "Pt|Py.reciprocal" = 1 }}
[[mechanism.parameter]]
path = "Pt|Py.filtering"
prior = {{ normal = "0 S/m", deviation = "5e5 S/m" }}

[[candidate]]
name = "2 nm"
sample = "bilayer"
set = {{ "Pt.thickness" = "2 nm" }}
observable = "sheet_resistance"
component = "xy"
m = "z"
errors = "1 mOhm"
systematic = "1 %"
cost = 2

[next]
draws = 300
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        (tmp_path / "py.toml").write_text(f"spinstack = 1\n\n{PY}", encoding="utf-8")
        (tmp_path / "fit.toml").write_text(text, encoding="utf-8")
        return tmp_path / "fit.toml"

    return write


def test_what_the_file_says_of_mechanisms_and_candidates(file):
    study = read_fit_study(file(FIT.replace("[[mechanism]]", '[mechanisms.priors]\nsize_effect_ratio = '
                                            '{ normal = 0, deviation = "1 %" }\n\n[[mechanism]]', 1)))  # fmt: skip
    none, bilayer, filtering = study.comparing.mechanisms
    assert (none.name, none.unknowns) == ("none", ())
    assert (bilayer.unknowns[0].path, bilayer.unknowns[0].samples) == ("Py.size_effect_ratio", ("bilayer",))
    assert bilayer.unknowns[0].prior == Normal(0, 0.01)
    assert filtering.unknowns[0].prior == Normal(0, 5e5)
    assert dict(filtering.fixed) == {"Pt|Py.reciprocal": 1}
    (candidate,) = study.comparing.candidates
    assert (candidate.observable, candidate.sample, candidate.cost) == (ss.sheet_resistance, "bilayer", 2)
    np.testing.assert_array_equal(np.isfinite(candidate.errors), [False, False, True, False])
    assert candidate.errors[2] == 1e-3
    assert dict(candidate.set) == {"Pt.thickness": 2e-9}
    assert study.comparing.plan["draws"] == 300


@pytest.mark.study
def test_the_best_mechanism_is_fitted_and_kept(file, tmp_path, monkeypatch):
    calls, own = [], mechanisms.importance

    def importance(*given, **more):
        calls.append(own(*given, **more))
        return calls[-1]

    monkeypatch.setattr(mechanisms, "importance", importance)
    said = []
    stopped = Run(asked(read_fit_study(file(FIT)), True, False), FitFolder(tmp_path / "out"),
                  lambda name, *_: said.append(name), lambda: len(calls) == 2)  # fmt: skip
    assert list(stopped) == []
    assert stopped.at.startswith("mechanisms: evidence of ")
    assert stopped.at.endswith(" (5 of 6)")
    assert said[:3] == ["mechanisms", "mechanisms: modes of none", "mechanisms: modes of size effect of the bilayer"]
    compared = Run(asked(read_fit_study(file(FIT)), True, False), FitFolder(tmp_path / "out"))
    assert [r.name for r in compared] == ["mechanisms", "fit", "curves", "films"]
    assert len(calls) == 3
    study = asked(read_fit_study(file(FIT)), True, True)
    run = Run(study, FitFolder(tmp_path / "out"))
    assert [r.name for r in run] == ["mechanisms", "next", "fit", "curves", "films"]
    assert len(calls) == 3  # draws of all mechanisms are kept beside their table
    assert run.failures == []
    (tree,) = (r.tree for r in run.results if r.name == "mechanisms")
    stored = Comparison.of_tree(tree, study.problem, study.comparing.mechanisms)
    assert {o.evidence.log for o in stored.outcomes} == {one.log for one in calls}
    plan = next_measurement(stored, study.comparing.candidates, **study.comparing.plan)
    np.testing.assert_array_equal(plan["gain"], run.of_kind("")["next"]["gain"])
    compared = run.of_kind("")["mechanisms"]
    best = compared.sel(mechanism="size effect of the bilayer")
    assert float(best["probability"]) > 0.99
    assert bool(best["fits"])
    assert not compared.sel(mechanism="none")["fits"]
    found = run.of_kind("")["fit"]
    assert found.attrs["mechanism"] == "size effect of the bilayer"
    assert float(found["value"].sel(parameter="Py.size_effect_ratio")) < -1e-3
    again = Run(study, FitFolder(tmp_path / "out"))
    done = [r.dataset for r in again]
    assert [d.attrs.get("request_key") for d in done[:3]] == [
        run.of_kind("")[n].attrs["request_key"] for n in ("mechanisms", "next", "fit")
    ]


REFUSED = {
    "a metal without magnet": ('magnet = "Py"\n', "", "mechanisms.magnet", "missing"),
    "a metal that is none": ('metal = "Pt"', 'metal = "Au"', "mechanisms.metal", "'Au'"),
    "a mechanism that is none": ('only = ["none"', 'only = ["nothing"', "mechanisms.only", "'nothing'"),
    "an unknown setting": ('metal = "Pt"', 'metal = "Pt"\nmetall = "Pt"', "mechanisms.metall", "Did you mean 'metal'?"),
    "a single start": ('metal = "Pt"', 'metal = "Pt"\nstarts = 1', "mechanisms.starts", "from 2"),
    "a prior of what no mechanism has": (
        'metal = "Pt"', 'metal = "Pt"\npriors = { theta = { normal = 0, deviation = 1 } }', "mechanisms.priors.theta",
        "spin_hall_angle",
    ),
    "a prior without kind": (
        'metal = "Pt"', 'metal = "Pt"\npriors = { spin_hall_angle = 0.1 }', "mechanisms.priors.spin_hall_angle.prior",
        "lognormal",
    ),
    "a mechanism without name": ('name = "strong filtering"\n', "", "mechanism[0].name", "Allowed: text"),
    "a mechanism twice": ('name = "strong filtering"', 'name = "none"', "mechanism[0]", "twice"),
    "an unknown key of a mechanism": ("fixed = {", "held = {", "mechanism[0].held", "unknown"),
    "a value that is held in another unit": (
        '"Pt|Py.reciprocal" = 1', '"Pt|Py.reciprocal" = "1 nm"', "mechanism[0].fixed.Pt|Py.reciprocal", "a pure number"
    ),
    "a parameter of no film": (
        'path = "Pt|Py.filtering"', 'path = "Pt|Py.filterin"', "mechanism[0].parameter[0].path", "Did you mean"
    ),
    "a parameter that is unknown anyway": (
        'path = "Pt|Py.filtering"\nprior = { normal = "0 S/m", deviation = "5e5 S/m" }',
        'path = "Py.amr_ratio"\nprior = { normal = 0, deviation = 1 }', "mechanism[0]", "in the problem already",
    ),
    "a candidate of no sample": ('sample = "bilayer"\nset', 'sample = "trilayer"\nset', "candidate[0].sample", "is no"),
    "no observable": ('observable = "sheet_resistance"\ncomp', "comp", "candidate[0].observable", "miss"),
    "a candidate without errors": ('errors = "1 mOhm"\n', "", "candidate[0].errors", "missing"),
    "errors of zero": ('errors = "1 mOhm"\n', 'errors = "0 Ohm"\n', "candidate[0].errors", "greater than 0"),
    "errors in tesla": ('errors = "1 mOhm"\n', 'errors = "1 T"\n', "candidate[0].errors", "convert to ohm"),
    "a film that is none": ('"2 nm" }', '"-2 nm" }', "candidate[0].set", "too small"),
    "a thickness in kelvin": ('"2 nm" }', '"2 K" }', "candidate[0].set.Pt.thickness", "convert to m"),
    "a cost of nothing": ("cost = 2", "cost = 0", "candidate[0].cost", "greater than 0"),
    "a component that is none": ('component = "xy"', 'component = "zz"', "candidate[0].component", "'xy'"),
    "few draws": ("draws = 300", "draws = 3", "next.draws", "from 200"),
    "something else to learn": ("draws = 300", 'of = "all"', "next.of", "'parameters'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_careless_mechanisms_are_refused(file, case):
    old, new, where, words = REFUSED[case]
    assert old in FIT
    with pytest.raises(SampleError) as caught:
        read_fit_study(file(FIT.replace(old, new, 1)))
    assert [e for e in caught.value.errors if e.words == where and words in str(e)], str(caught.value)


@pytest.mark.parametrize(("cut", "words"), [("[mechanisms]", "nothing to compare"), ("[[candidate]]", "measured next")])
def test_what_is_asked_for_has_to_be_there(file, cut, words):
    text = FIT[: FIT.index(cut)]
    with pytest.raises(SampleError, match=words):
        asked(read_fit_study(file(text)), False, True)
    assert not asked(read_fit_study(file(text)), False, False).compares
