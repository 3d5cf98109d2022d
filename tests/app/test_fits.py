"""Fits from the page: the file that they are, and what they tell."""

import tomllib

import numpy as np
import pytest

from spinstack.app.fits import Fitting, Question, fit_text, outputs
from spinstack.app.libraries import candidates
from spinstack.app.measured import Files, Overlay
from spinstack.app.session import Session, State
from spinstack.study.fit_reader import read_fit_study
from spinstack.text.errors import SpinstackError

FILM = """spinstack = 1

[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "4 nm"
conductivity = "4e6 S/m"
polarization = 0.4
spin_diffusion_length = "3.6 nm"
dephasing_length = "1 nm"
amr_ratio = "0.1 %"

[[scan]]
plane = "alpha"
"""
METAL = """
[[film]]
kind = "metal"
name = "NAME"
thickness = "3 nm"
conductivity = "5e6 S/m"
spin_diffusion_length = "1.5 nm"
spin_hall_angle = 0.1
"""
AMR = {"path": "Py.amr_ratio", "prior": {"normal": 0.001, "deviation": 0.001}}
CONDUCTIVITY = {"path": "Py.conductivity", "prior": {"lognormal": "4e6 S/m", "factor": 3}}
NEXT = [
    {
        "name": "alpha",
        "observable": "magnetoresistance",
        "settings": {"plane": "alpha"},
        "path": "",
        "value": "",
        "errors": {"magnetoresistance": "0.002 %"},
        "cost": 1.0,
    },
    {
        "name": "beta, Py.thickness = 6 nm",
        "observable": "magnetoresistance",
        "settings": {"plane": "beta"},
        "path": "Py.thickness",
        "value": "6 nm",
        "errors": {"magnetoresistance": "0.002 %"},
        "cost": 2.0,
    },
]


def page(text=FILM, plane="alpha"):
    session, files = Session(states=[State(text)]), Files()
    rng = np.random.default_rng(5)
    x = np.linspace(0.0, 360.0, 400)
    y = 62.5 * (1 + 8e-4 * (np.cos(np.radians(x)) ** 2 - 1) + 2e-5 * rng.standard_normal(len(x)))
    files.overlays["run"] = Overlay("run", "run.dat", "angular_scan", x, y, "R_xx", plane, "angle", {})
    return session, files


def asked(session, files, question, parameters=(AMR,)):
    return tomllib.loads(fit_text(session, files, list(parameters), ["run"], question))


def test_candidates_and_mechanisms_stand_in_the_fit_file():
    made = asked(*page(), Question(candidates=NEXT))
    assert made["mechanism"] == [{"name": "this film"}]
    assert made["next"] == {"of": "parameters"}
    assert made["candidate"][1]["set"] == {"Py.thickness": "6 nm"}
    assert [c["name"] for c in made["candidate"]] == ["alpha", "beta, Py.thickness = 6 nm"]
    film = METAL.replace("NAME", "Pt") + FILM.partition("spinstack = 1\n")[2]
    made = asked(*page("spinstack = 1\n" + film), Question(candidates=NEXT, of="mechanisms"))
    assert made["mechanisms"] == {"metal": "Pt", "magnet": "Py"}
    assert "mechanism" not in made


def test_between_several_metals_nothing_is_chosen():
    text = "spinstack = 1\n" + METAL.replace("NAME", "Pt") + METAL.replace("NAME", "Ta") + FILM.partition("\n")[2]
    with pytest.raises(SpinstackError, match=r"metal.*several.*Pt, Ta"):
        asked(*page(text), Question(mechanisms=True))
    assert asked(*page(text), Question(mechanisms=True, metal="Ta"))["mechanisms"]["metal"] == "Ta"
    with pytest.raises(SpinstackError, match=r"metal.*Cu.*Pt, Ta"):
        asked(*page(text), Question(mechanisms=True, metal="Cu"))
    with pytest.raises(SpinstackError, match="need a metal"):
        asked(*page(), Question(mechanisms=True))


FIELDS = {"name": "loop", "observable": "field_scan", "path": "Py.thickness", "value": "5 nm", "cost": 3.0,
          "settings": {"field": ["0 T", "1 T"], "direction": "z", "m": "along B"},
          "errors": {"R_xx": "0.01 Ohm", "R_xy": "2 mOhm", "R_yy": ""}}  # fmt: skip
TORQUE = {"name": "torque", "observable": "torque", "settings": {"m": "z"}, "errors": {"Py": "1e-9 N/m"}}


def test_what_a_candidate_would_tell_has_an_error_each_in_its_unit(tmp_path):
    session, _ = page()
    film = session.read().film
    told = {one["variable"]: (one["unit"], one["count"]) for one in outputs(film, FIELDS)}
    assert told["R_xx"] == ("Ohm", 2)
    assert told["MR_xx"] == ("1", 2)
    assert [one["unit"] for one in outputs(film, TORQUE)] == ["N/m"]
    only = {**TORQUE, "settings": {"m": "z", "component": "y"}}
    made = asked(*page(), Question(candidates=[FIELDS, FIELDS, TORQUE, only]))["candidate"]
    assert [one["name"] for one in made] == ["loop", "loop (2)", "torque", "torque (2)"]
    assert made[0]["errors"] == {"R_xx": ["0.01 Ohm"] * 2, "R_xy": ["2 mOhm"] * 2}
    assert made[0]["set"] == {"Py.thickness": "5 nm"}
    assert made[0]["cost"] == 3.0
    assert made[2]["errors"] == {letter: ["1e-9 N/m"] for letter in "xyz"}
    assert made[3]["errors"] == {"y": ["1e-9 N/m"]}
    (tmp_path / "fit.toml").write_text(
        fit_text(*page(), [AMR], ["run"], Question(candidates=[FIELDS, TORQUE, only])), encoding="utf-8"
    )
    loop, torque, one = read_fit_study(tmp_path / "fit.toml").comparing.candidates
    assert set(loop.variables) == {"R_xx", "R_xy"}
    np.testing.assert_allclose(sorted(loop.errors), [2e-3, 2e-3, 0.01, 0.01])
    np.testing.assert_allclose(torque.errors, 1e-9)
    assert np.isfinite(one.errors).tolist() == [False, True, False]


@pytest.mark.parametrize("one", candidates(), ids=lambda c: c["word"])
def test_every_observable_of_a_fit_file_is_offered_and_read_or_says_what_it_lacks(one, tmp_path):
    session, files = page("spinstack = 1\n" + METAL.replace("NAME", "Pt") + FILM.partition("\n")[2])
    given = {"observable": one["word"], "settings": one["table"]}
    try:
        told = outputs(session.read().film, given)
    except SpinstackError as error:
        lacks = {"critical_exchange": "insulators", "face_conductances": "insulators", "average_spin_current": "layer",
                 "profile": "no numbers", "law_values": "no numbers"}  # fmt: skip
        assert lacks[one["word"]] in str(error)  # noqa: PT017
        return
    given["errors"] = {v["variable"]: f"1e-3 {v['unit']}".removesuffix(" 1") for v in told}
    text = fit_text(session, files, [AMR], ["run"], Question(candidates=[given]))
    (tmp_path / "fit.toml").write_text(text, encoding="utf-8")
    (found,) = read_fit_study(tmp_path / "fit.toml").comparing.candidates
    assert np.isfinite(found.errors).sum() == sum(v["count"] for v in told)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"observable": "magic"}, "observable"),
        ({"settings": {"field": ["1 nm"]}}, "field"),
        ({"settings": {"planes": 3}}, "planes"),
        ({"errors": {"R_zz": "1 Ohm"}}, "errors"),
        ({"value": "5 K"}, r"Py\.thickness"),
        ({"path": "Fe.thickness"}, "Fe"),
        ({"more": 1}, "no measurement"),
    ],
)
def test_a_measurement_that_cannot_be_asked_is_refused_with_what_is_wrong(change, words):
    with pytest.raises(SpinstackError, match=words):
        asked(*page(), Question(candidates=[{**FIELDS, **change}]))


@pytest.mark.parametrize("wrong", ["alpha", {"observable": 1}, {"observable": "magnetoresistance", "errors": ["1 %"]}])
def test_what_is_no_measurement_is_refused(wrong):
    with pytest.raises(SpinstackError, match="no measurement"):
        asked(*page(), Question(candidates=[wrong]))
    with pytest.raises(SpinstackError, match="of"):
        asked(*page(), Question(candidates=NEXT, of="everything"))


def test_a_wrong_error_of_a_candidate_is_said_with_its_field(tmp_path):
    told = run(tmp_path, Question(candidates=[{**NEXT[0], "errors": {"magnetoresistance": "-1 %"}}]), [AMR])
    assert told["state"] == "failed"
    assert "candidate" in told["problem"]["message"]
    assert "errors" in told["problem"]["message"]


def run(folder, question, parameters):
    session, files = page()
    fitting = Fitting(fit_text(session, files, parameters, ["run"], question), session, folder, question)
    said = []
    fitting._run(said.append)
    assert all(one["state"] == "running" for one in said[:-1])
    return said[-1] | {"found": fitting.values}


def test_a_fit_tells_what_is_determined_how_parameters_hang_together_and_what_to_measure_next(tmp_path):
    told = run(tmp_path, Question(candidates=[*NEXT, FIELDS]), [AMR, CONDUCTIVITY])
    assert told["state"] == "done", told
    assert told["found"]["Py.amr_ratio"] == pytest.approx(8e-4, rel=0.02)
    assert told["conclusion"][0].startswith("The model fits")
    assert any("Py.amr_ratio is known to" in line for line in told["conclusion"])
    assert any("Py.conductivity is not determined" in line for line in told["conclusion"])
    assert told["correlations"]["names"] == ["Py.amr_ratio", "Py.conductivity"]
    values = np.array(told["correlations"]["values"])
    np.testing.assert_allclose(np.diag(values), 1.0)
    np.testing.assert_allclose(values, values.T)
    titles = [t["title"] for t in told["tables"]]
    assert titles[0].startswith("What to measure next")
    assert "Mechanisms" not in titles
    assert told["verdicts"] == []
    # of a film alone a plane in which nothing moves tells nothing, the other one does
    gains = {row[0]: row[1] for row in told["tables"][0]["rows"]}
    assert set(gains) == {"alpha", "beta, Py.thickness = 6 nm", "loop"}
    # a loop has the resistance itself, which tells the conductivity
    assert float(gains["loop"].split()[0]) > float(gains["alpha"].split()[0])
