"""Edits, candidates and settings that nobody meant: refused in words, soon, and nothing is lost."""

import json
from types import SimpleNamespace

import pytest

from spinstack.app import commands, connection, describe, export, messages, scene
from spinstack.app.fits import outputs
from spinstack.app.session import Session, Sessions, State, checked_view
from spinstack.samples.starter import starter
from spinstack.stack import Ferromagnet, Film
from spinstack.text.errors import ParameterError, SpinstackError

FILM = starter("torque", "film").split("# ---- the magnet")[0]
MAGNET = """
[[magnet]]
name = "Co"
magnetization = "1.2e6 A/m"
damping = 0.03
demagnetizing_factor = 1
start = "z"
"""
BETWEEN = """
[[scan]]
plane = "alpha"
# of motion
[motion]
oersted = true
[[scan]]
plane = "beta"
"""
PY = Film.of(
    Ferromagnet(
        "Py", thickness=4e-9, conductivity=4e6, polarization=0.4, spin_diffusion_length=4e-9, dephasing_length=1e-9
    )
)


def page(text=FILM + MAGNET):
    made = connection.Connection(SimpleNamespace(), Sessions(), "key")
    made.session = Session(states=[State(text)])
    return made


@pytest.mark.parametrize("name", ["tolerance", "degree", "oersted", "B", "T"])
@pytest.mark.parametrize("last", ["\n", ""])
def test_what_is_not_there_is_taken_away_without_a_change(name, last):
    text = (FILM + MAGNET).rstrip("\n") + last
    made = page(text)
    commands.film.set_(made, [[["motion", name], None]])
    assert made.session.state.text == text
    assert len(made.session.states) == 1


def test_nothing_is_rearranged_where_nothing_is_taken_away():
    text = FILM + MAGNET + BETWEEN
    assert scene.set_value(text, ("motion", "T"), None) == text


def test_motion_in_double_brackets_is_edited_where_it_stands():
    made = page(FILM + MAGNET + "\n[[motion]]\ntolerance = 0.5\n")
    row = next(r for r in describe.page(made.session.read())["magnets"] if r["kind"] == "motion")
    assert row["place"] == ["motion", 0]
    commands.film.set_(made, [[[*row["place"], "tolerance"], 0.01]])
    assert made.session.state.text.endswith("[[motion]]\ntolerance = 0.01\n")
    commands.film.set_(made, [[[*row["place"], "tolerance"], None]])
    assert "tolerance" not in made.session.state.text


@pytest.mark.parametrize("place", [("motion", 0, "x"), ("motion", "tolerance", "x"), ("film", 99, "x")])
def test_a_place_that_there_is_not_is_said(place):
    text = FILM + MAGNET + "\n[motion]\ntolerance = 0.5\n"
    with pytest.raises(ParameterError, match="does not have"):
        scene.set_value(text, place, 1.0)


@pytest.mark.parametrize(
    "value", [[0] * 1001, {"a": [1, None]}, [[0] * 600, [0] * 600], {"a": {"b": list(range(2000))}}]
)
def test_values_that_no_file_holds_or_that_take_minutes_to_write_are_refused(value):
    with pytest.raises(ParameterError, match="empty place"):
        messages.pairs([[["motion", "B"], value]])
    assert messages.pairs([[["motion", "B"], [0, 0, "1 T"]], [["motion", "T"], None]])


@pytest.mark.parametrize("words", ["a \ud800 b", "x" * 1001])
def test_half_a_character_and_a_page_of_title_are_refused(words):
    made = page()
    with pytest.raises(ParameterError):
        commands.session.title(made, words)
    assert len(made.session.states) == 1


def test_a_candidate_of_very_many_numbers_is_refused_before_they_are_told_apart():
    field, warm = ({"start": a, "stop": b, "points": 10001} for a, b in (("-1 T", "1 T"), ("1 K", "300 K")))
    with pytest.raises(SpinstackError, match="100020001"):
        outputs(PY, {"observable": "field_scan", "settings": {"m": "y", "direction": "z", "field": field, "T": warm}})
    angles = {"plane": "alpha", "angles": {"start": "0 deg", "stop": "360 deg", "points": 2001}}
    with pytest.raises(SpinstackError, match="2001 numbers"):
        outputs(PY, {"observable": "angular_scan", "settings": angles})


@pytest.mark.parametrize(
    "compare",
    [[{"what": "film", "label": "x"}], [{"what": "film", "text": ""}], [{"what": "theory"}], {"what": "film"}],
)
def test_what_stands_beside_has_its_text_and_its_label(compare):
    with pytest.raises(ParameterError):
        checked_view({"compare": compare})
    assert checked_view({"compare": {"what": "theory", "solver": "boltzmann"}})  # as it was kept once


def test_a_theory_that_there_is_not_stops_no_export():
    view = json.dumps({"compare": [{"what": "theory", "label": "x", "solver": "nope"}]})
    session = Session(states=[State(FILM + MAGNET, view)])
    name, content, _ = export.made(export.Shown.of(session), "sample", "", "")
    assert name.endswith(".toml")
    assert content.decode() == FILM + MAGNET
