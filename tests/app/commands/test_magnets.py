"""Magnets that move, on the page: given, edited, held by a slider, asked, taken away."""

import asyncio
import json
from types import SimpleNamespace

import numpy as np
import pytest

from spinstack.app import commands, computing, connection, describe, drawing, libraries, scene
from spinstack.app.session import Session, Sessions, State
from spinstack.samples.starter import starter
from spinstack.study.film import answer
from spinstack.text.errors import SpinstackError

FILM = starter("torque", "film").split("# ---- the magnet")[0]
CO = {"magnetization": "1.2e6 A/m", "damping": 0.03, "demagnetizing_factor": 1, "surface_anisotropy": "1.1 mJ/m^2"}
LOOP = {"field": ["-0.6 T", "0 T", "0.6 T"], "direction": [0.05, 0, 1]}


def page(text=FILM):
    """A tab without a browser."""
    session = Session(states=[State(text)])
    made = connection.Connection(SimpleNamespace(), Sessions(), "key")
    made.session = session
    return made


def moving(**more):
    made = page()
    commands.film.magnets(made, {"Co": {**CO, "start": "z", **more}})
    return made


def rows(made):
    return describe.page(made.session.read())["magnets"]


def told(made):
    """Rows of magnets and couplings alone."""
    return [r for r in rows(made) if r["kind"] != "motion"]


def test_a_magnet_is_given_edited_and_undone():
    made = moving(start="z")
    row, _ = rows(made)
    assert row["place"] == ["magnet", 0]
    assert {f["name"]: f["value"] for f in row["fields"]}["surface_anisotropy"] == pytest.approx(1.1e-3)
    assert {f["name"]: f["unit"] for f in row["fields"]}["surface_anisotropy"] == "mJ/m^2"
    commands.film.set_(made, [[["magnet", 0, "damping"], 0.01], [["magnet", 0, "easy_axis"], [0, 1, 1]]])
    assert '"Co"' in made.session.state.text
    assert "damping = 0.01" in made.session.state.text
    assert {t["name"]: t["value"] for t in rows(made)[0]["text"]}["easy_axis"] == "[0, 1, 1]"
    made.session.go(-2)
    assert rows(made) == []
    assert made.session.state.text == FILM


def test_every_number_of_a_magnet_has_a_slider_with_ends_and_a_unit():
    made = moving(volume="3000 nm^3", exchange_bias="10 mT", bias_direction="x")
    fields = {f["name"]: f for f in rows(made)[0]["fields"]}
    for field in fields.values():
        if field["value"] is not None:
            assert field["low"] <= field["value"] <= field["high"], field["name"]
    assert fields["volume"]["unit"] == "nm^3"
    assert fields["exchange_bias"]["unit"] == "mT"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[["magnet", 0, "damping"], -1]], "damping"),
        ([[["magnet", 0, "magnetization"], "3 nm"]], "magnetization"),
        ([[["magnet", 0, "magnetization"], None]], "magnetization"),
        ([[["magnet", 0, "easy_axis"], "up"]], "easy_axis"),
        ([[["magnet", 0, "effective_magnetization"], "1 T"]], "demagnetizing_factor"),
    ],
)
def test_a_wrong_number_of_a_magnet_is_refused_with_its_field(values, words):
    made = moving()
    before = made.session.state
    with pytest.raises(SpinstackError, match=words):
        commands.film.set_(made, values)
    assert made.session.state is before


def test_every_magnet_has_to_be_told():
    made = page(scene.insert(FILM, 3, {**libraries.new_element("ferromagnet", {"name": "Py"})}))
    with pytest.raises(SpinstackError, match="Py neither moves nor is held"):
        commands.film.magnets(made, {"Co": CO})
    commands.film.magnets(made, {"Co": CO, "Py": {"held": "x"}})
    assert [r["kindWords"] for r in told(made)] == ["magnet that moves", "held"]
    commands.film.magnets(made, {"Py": {"held": "y"}})
    assert 'held = "y"' in made.session.state.text
    with pytest.raises(SpinstackError, match="no table"):
        commands.film.magnets(made, {"Co": 3})


REMARKED = """
[motion]   # how the film is asked
tolerance = 1e-3   # enough for a loop
# T = "300 K"

"""


def motion(made):
    (row,) = [r for r in rows(made) if r["kind"] == "motion"]
    return row, {f["name"]: f for f in (*row["fields"], *row["text"])}


def test_the_table_of_moving_magnets_stands_below_them_with_its_defaults():
    assert rows(page()) == []
    made = moving()
    row, fields = motion(made)
    assert rows(made)[-1] == row
    assert [fields[name]["value"] for name in ("tolerance", "degree", "oersted", "B", "T")] == [
        1e-4, "", "true", "0, 0, 0", None,
    ]  # fmt: skip
    assert not any(f["given"] for f in fields.values())
    assert fields["tolerance"]["low"] < 1e-4 < fields["tolerance"]["high"]


def test_the_table_is_edited_in_place_and_undone():
    text = moving().session.state.text.replace("[[magnet]]", REMARKED + "[[magnet]]")
    made = page(text)
    changes = {"tolerance": 1e-2, "degree": 4, "oersted": False, "B": [0, 0, "100 mT"], "T": "77 K"}
    for name, value in changes.items():
        commands.film.set_(made, [[["motion", name], value]])
    assert not made.session.read().problems
    after = made.session.state.text
    assert after.startswith(text.partition("[motion]")[0] + "[motion]   # how the film is asked\ntolerance = 0.01   #")
    assert text.rpartition("# T =")[2].partition("[[magnet]]")[2] == after.rpartition("[[magnet]]")[2]
    assert '# T = "300 K"' in after
    assert motion(made)[1]["B"]["value"] == "0, 0, 100 mT"
    assert motion(made)[1]["T"]["high"] == 600
    for name in changes:
        commands.film.set_(made, [[["motion", name], None]])
    assert motion(made)[1]["tolerance"]["value"] == 1e-4
    assert "# how the film is asked" in made.session.state.text
    made.session.go(-2 * len(changes))
    assert made.session.state.text == text


def test_a_request_takes_what_the_table_says():
    made = moving()
    commands.panels.ask(made, "equilibrium", LOOP)
    made.session.hold({("motion", "tolerance"): 0.02})
    held = asked(made, "equilibrium")
    values = [["oersted", False], ["degree", 3], ["tolerance", 0.02], ["B", ["0 T", 0, "100 mT"]], ["T", "77 K"]]
    commands.film.set_(made, [[["motion", name], value] for name, value in values])
    found = asked(made, "equilibrium").magnets
    assert (found.motion.oersted, found.motion.degree, found.motion.tolerance) == (False, 3, 0.02)
    assert found.T == 77
    np.testing.assert_allclose(found.B, [0, 0, 0.1])
    assert held.magnets.motion.tolerance == 0.02
    for name, _ in values:
        commands.film.set_(made, [[["motion", name], None]])
    assert "motion" not in made.session.state.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tolerance", 0), ("tolerance", "3 nm"), ("degree", 20), ("degree", 2.5), ("oersted", "yes"), ("B", [0, 0]),
        ("B", ["1 K", 0, 0]), ("T", "-3 K"), ("T", "3 T"),
    ],
)  # fmt: skip
def test_a_wrong_number_of_the_table_is_said_at_its_field(name, value):
    made = moving()
    before = made.session.state
    with pytest.raises(SpinstackError) as error:
        commands.film.set_(made, [[["motion", name], value]])
    assert describe.problem(error.value)["place"][:2] == ["motion", name]
    assert made.session.state is before


def test_two_magnets_are_coupled_and_uncoupled():
    made = page(scene.insert(FILM, 3, {**libraries.new_element("ferromagnet", {"name": "Py"})}))
    soft = {"magnetization": "8e5 A/m", "damping": 0.01, "effective_magnetization": "1 T"}
    commands.film.magnets(made, {"Co": CO, "Py": soft})
    for wrong in (("Co", "Fe", "1 mJ/m^2"), ("Co", "Py", "1 T"), ("Co", "Py", "")):
        with pytest.raises(SpinstackError, match="exchange"):
            commands.film.couple(made, *wrong)
    commands.film.couple(made, "Co", "Py", "-0.1 mJ/m^2")
    (row,) = [r for r in rows(made) if r["kind"] == "exchange"]
    assert row["label"] == "Co and Py"
    assert row["fields"][0]["value"] == pytest.approx(-1e-4)
    commands.film.uncouple(made, 0)
    with pytest.raises(SpinstackError, match="not there"):
        commands.film.uncouple(made, 0)
    assert [r["kind"] for r in told(made)] == ["magnet", "magnet"]


def test_a_layer_that_goes_or_is_renamed_takes_its_magnet_along():
    made = moving()
    commands.film.set_(made, [[["film", 2, "name"], "CoFeB"]])
    assert [r["label"] for r in told(made)] == ["CoFeB"]
    assert not made.session.read().problems
    commands.film.remove(made, ("film", 2))
    assert rows(made) == []
    assert "[[magnet]]" not in made.session.state.text


def test_requests_of_moving_magnets_are_added_as_those_of_the_film_are():
    made = page()
    with pytest.raises(SpinstackError, match=r"no \[\[magnet\]\] says what moves"):
        commands.panels.ask(made, "equilibrium", LOOP)
    made = moving()
    for word, table in (("equilibrium", LOOP), ("modes", {"field": ["0.8 T", "0.9 T"]})):
        commands.panels.ask(made, word, table)
    assert [r.entry.word for r in made.session.read().study.requests] == ["scan", "profile", "equilibrium", "modes"]
    with pytest.raises(SpinstackError, match="switching_map"):
        commands.panels.ask(made, "switching_map", {"pulse": {"plateau": "1 ns"}})


@pytest.mark.parametrize("one", [r for r in libraries.requests() if r["moves"]], ids=lambda r: r["word"])
def test_settings_to_begin_with_are_allowed(one):
    made = moving(volume="3000 nm^3")
    commands.panels.ask(made, one["word"], one["table"])
    assert not made.session.read().problems
    assert made.session.read().study.requests[-1].entry.word == one["word"]


def test_what_is_wrong_of_magnets_costs_no_panel_of_the_film():
    made = moving()
    commands.panels.ask(made, "equilibrium", LOOP)
    wrong = made.session.state.text.replace("damping = 0.03", "damping = -3")
    read = scene.read(wrong, "film")
    assert "damping" in str(read.problems[0])
    assert [r.entry.word for r in read.study.requests] == ["scan", "profile"]


def test_a_slider_of_a_magnet_is_what_will_be_set():
    made = moving()
    commands.panels.ask(made, "equilibrium", LOOP)
    made.session.hold({("magnet", 0, "surface_anisotropy"): "0.9 mJ/m^2"})
    held = made.session.read().study.requests[-1]
    commands.film.set_(made, [[["magnet", 0, "surface_anisotropy"], "0.9 mJ/m^2"]])
    assert made.session.read().study.requests[-1].key == held.key
    with pytest.raises(SpinstackError, match="damping"):
        made.session.hold({("magnet", 0, "damping"): "-1"})


def asked(made, word):
    return next(r for r in made.session.read().study.requests if r.entry.word == word)


def test_magnets_that_follow_a_field_belong_to_the_film_that_is_held():
    made = moving()
    commands.panels.ask(made, "field_scan", {"field": ["0.1 T", "0.5 T"], "direction": "x", "m": "follow"})
    made.session.hold({("film", 2, "thickness"): "1.3 nm"})
    held = asked(made, "field_scan")
    commands.film.set_(made, [[["film", 2, "thickness"], "1.3 nm"]])
    again = asked(made, "field_scan")
    assert held.arguments["m"].film == again.film
    np.testing.assert_array_equal(answer(held)["R_xx"].values, answer(again)["R_xx"].values)


def test_a_loop_is_drawn_against_the_field_and_a_map_has_a_picture_for_each_component():
    made = moving()
    commands.panels.ask(made, "equilibrium", LOOP)
    found = answer(made.session.read().study.requests[-1])
    how = drawing.how(found, "equilibrium")
    assert (how["picture"], how["x"], how["along"], how["variables"][0]) == ("curves", "field", "point", "m")
    plane = {"current": ["-1e5 A/m", "1e5 A/m"], "Bx": ["-0.1 T", "0 T", "0.1 T"], "pulse": {"plateau": "0.1 ns"}}
    commands.panels.ask(made, "switching_map", {**plane, "relax": "0.1 ns"})
    panel = computing.Panel("map", "map", made.session.read().study.requests[-1])
    more, arrays, _ = computing._computed(panel, False, lambda *_: None)
    assert more["how"]["picture"] == "map"
    assert more["how"]["variables"][0] == "switched Co"
    assert {"m Co x", "m Co y", "m Co z"} <= {*more["how"]["variables"]}
    assert all(v["dims"] == ["current", "Bx"] for v in more["data"]["variables"].values())
    assert len(arrays["v:m Co z"].ravel()) == 6


def test_a_long_panel_is_stopped_and_computed_again_when_asked():
    """Computing of a panel listens at every word that it tells."""
    made = page(FILM + '\n[[map]]\nobservable = "magnetoresistance"\n[map.over]\n'
                '"Pt.thickness" = { start = "1 nm", stop = "9 nm", points = 200 }\n')  # fmt: skip
    sent = []

    async def send(message):
        length = int.from_bytes(message[:4], "little")
        sent.append(json.loads(message[4 : 4 + length]))

    async def run():
        one = computing.Computing(made.session, send)
        key = computing.key_of(made.session.read().study.requests[0])
        await one.stop(key)
        one.want()
        task = asyncio.create_task(one.run())
        await asyncio.sleep(0.5)
        assert [m["do"] for m in sent if m.get("panel") == key] == ["stopped"]
        one.go_on(key)
        for _ in range(400):
            await asyncio.sleep(0.05)
            if any(m["do"] == "panel" and m["panel"] == key for m in sent):
                break
        task.cancel()
        assert [m["do"] for m in sent if m.get("panel") == key] == ["stopped", "working", "panel"]

    asyncio.run(run())
