"""Several films and theories beside the one that is shown."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from spinstack.app import commands, computing, connection, frames, scene
from spinstack.app.measured import Overlay
from spinstack.app.session import MOST_BESIDE, Session, Sessions, State
from spinstack.samples.starter import starter
from spinstack.study.film import answer
from spinstack.text.errors import SpinstackError

EXAMPLES = Path(__file__).parents[3] / "examples"
BILAYER = (EXAMPLES / "ruo2_py.toml").read_text(encoding="utf-8").split("# ---- resistance")[0]
TORQUE = starter("torque", "film")


def page(text=BILAYER, sessions=None):
    made = connection.Connection(SimpleNamespace(), sessions or Sessions(), "key")
    made.session = Session(states=[State(text)])
    return made


def beside(made):
    """Label -> thickness of the metal of what stands beside the film in its scan."""
    one = computing.Computing(made.session, None)
    labels = [c["label"] for c in made.session.view["compare"]]
    return {labels[p.second]: p.request.film.elements[0].thickness for p in one.panels()
            if p.second is not None and p.request.entry.word == "scan"}  # fmt: skip


def set_thickness(made, value):
    commands.film.set_(made, [[["film", 0, "thickness"], value]])


def test_earlier_films_and_another_file_stand_beside_the_present_one():
    made = page()
    commands.beside.compare(made, "film")
    set_thickness(made, "7 nm")
    commands.beside.compare(made, "film")
    commands.beside.compare(made, "film", "theirs", BILAYER.replace('"5 nm"', '"12 nm"'))
    set_thickness(made, "8 nm")
    assert beside(made) == {"as it was": 5e-9, "thickness = 7 nm": 7e-9, "theirs": 12e-9}
    commands.beside.relabel(made, 1, "thick")
    commands.beside.uncompare(made, 0)
    assert beside(made) == {"thick": 7e-9, "theirs": 12e-9}
    made.session.go(-2)
    assert list(beside(made)) == ["as it was", "thickness = 7 nm", "theirs"]


def test_labels_tell_what_is_compared_apart_and_there_is_an_end():
    made = page()
    for _ in range(MOST_BESIDE - 1):
        commands.beside.compare(made, "film", "held")
    assert list(beside(made)) == ["held", "held (2)", "held (3)", "held (4)"]
    commands.beside.compare(made, "theory")
    for wrong in ({"what": "film"}, {"what": "theory"}):
        with pytest.raises(SpinstackError, match=r"compare.*one more.*Allowed: 5"):
            commands.beside.compare(made, **wrong)
    commands.beside.uncompare(made, 0)
    with pytest.raises(SpinstackError, match="boltzmann"):
        commands.beside.compare(made, "theory")
    with pytest.raises(SpinstackError, match="solver"):
        commands.beside.compare(made, "theory", solver="magic")
    with pytest.raises(SpinstackError, match="label"):
        commands.beside.relabel(made, 0, " ")
    for index in (-1, 9):
        with pytest.raises(SpinstackError, match="index"):
            commands.beside.uncompare(made, index)


def test_the_magnets_of_a_film_go_with_it():
    made = page(TORQUE)
    commands.beside.compare(made, "film", "before")
    commands.film.set_(made, [[["magnet", 0, "damping"], 0.3]])
    one = computing.Computing(made.session, None)
    dampings = {p.second: p.request.magnets.moving[0].damping for p in one.panels()
                if p.request is not None and p.request.entry.word == "equilibrium"}  # fmt: skip
    assert dampings == {None: 0.3, 0: 0.03}


def test_a_film_that_is_given_opens_no_file_and_the_view_takes_none(tmp_path):
    """Also where the page was opened with a file, beside which its own models may lie."""
    joint = '[[film]]\nkind = "interface"\nscattering = { kind = "scattering_data", file = "other.npz" }\n\n'
    head, first, second = BILAYER.partition("[[film]]")
    other = head + joint + first + second
    source = tmp_path / "film.toml"
    source.write_text(BILAYER, encoding="utf-8")
    made = page()
    made.session.source = source
    assert made.session.own
    with pytest.raises(SpinstackError, match="which is a path"):
        commands.beside.compare(made, "film", "theirs", other)
    with pytest.raises(SpinstackError, match="commands of its own"):
        commands.session.view(made, {"compare": [{"what": "film", "text": other, "label": "theirs"}]})
    assert "compare" not in made.session.view


@pytest.mark.parametrize("text", ["", "spinstack = 1\n", "not toml", BILAYER.replace("thickness", "thickest")])
def test_a_file_without_a_film_is_refused(text):
    made = page()
    with pytest.raises(SpinstackError):
        commands.beside.compare(made, "film", "theirs", text)
    assert "compare" not in made.session.view


def test_sessions_kept_with_one_comparison_are_still_read(tmp_path):
    session = Session(states=[State(BILAYER, json.dumps({"compare": {"what": "film", "text": BILAYER}}))])
    assert session.view["compare"] == [{"label": "as held", "what": "film", "text": BILAYER}]
    session.states = [State(BILAYER, json.dumps({"compare": {"what": "theory", "solver": "boltzmann"}}))]
    assert session.view["compare"][0]["label"] == "boltzmann"


def test_an_earlier_session_stands_beside_the_film(tmp_path):
    sessions = Sessions(State(BILAYER), None, tmp_path)
    earlier = sessions.of("key")
    earlier.put(scene.set_value(BILAYER, ("film", 0, "thickness"), "6 nm"))
    made = page(sessions=sessions)
    asyncio.run(commands.beside.compare_earlier(made, earlier.name))
    assert list(beside(made).values()) == [6e-9]
    for wrong in ("../x", "nothing"):
        with pytest.raises(SpinstackError, match="not there"):
            asyncio.run(commands.beside.compare_earlier(made, wrong))
    made.owner = False
    with pytest.raises(SpinstackError, match="not there"):
        asyncio.run(commands.beside.compare_earlier(made, earlier.name))


def messages_of(made, overlays, steps):
    """What a page is sent: for every step the condition until which it waits, and what is done then."""
    sent = []

    async def send(message):
        sent.append(frames.unpacked(message))

    async def run():
        one = computing.Computing(made.session, send, overlays=lambda: overlays)
        task = asyncio.create_task(one.run())
        one.want()
        for count, then in steps:
            for _ in range(400):
                if len(sent) >= count:
                    break
                await asyncio.sleep(0.02)
            await then(one)
        task.cancel()

    asyncio.run(run())
    return sent


def test_every_film_beside_has_residuals_of_its_own():
    made = page(BILAYER + '\n[[scan]]\nplane = "alpha"\n')
    commands.beside.compare(made, "film", "thin")
    set_thickness(made, "9 nm")
    x, overlays = np.linspace(0.0, 350.0, 8), []

    async def later(one):
        overlays.append(Overlay("run", "run.dat", "angular_scan", x, np.full(8, 100.0), "R_xx", "alpha", "angle", {}))
        await one.laid_over()

    sent = messages_of(made, overlays, [(3, later)])
    told = {head["panel"].partition("|")[2]: (head, body) for head, body in sent if head["do"] == "residuals"}
    assert set(told) == {"", "B0"}
    shown = {p.key.partition("|")[2]: p.request for p in computing.Computing(made.session, None).panels() if p.request}
    for key, (head, _) in told.items():
        found = answer(shown[key])["R_xx"].squeeze()
        rest = 100.0 - np.interp(x, found["angle"].values, found.values)
        (one,) = [r for r in head["residuals"] if r["variable"] == "R_xx"]
        assert one["rms"] == pytest.approx(np.sqrt(np.mean(rest**2)), rel=1e-9)
    assert told[""][0]["residuals"] != told["B0"][0]["residuals"]


def test_residuals_of_what_is_held_stay_while_the_film_changes():
    """It is not computed again, and a file that is laid over later still finds its numbers."""
    made = page(BILAYER + '\n[[scan]]\nplane = "alpha"\n')
    commands.beside.compare(made, "film", "held")
    x, overlays = np.linspace(0.0, 350.0, 8), []

    async def change(one):
        made.session.hold({("film", 0, "thickness"): "7 nm"})
        one.want()

    async def later(one):
        await asyncio.sleep(0.3)
        overlays.append(Overlay("run", "run.dat", "angular_scan", x, np.full(8, 100.0), "R_xx", "alpha", "angle", {}))
        await one.laid_over()

    sent = messages_of(made, overlays, [(3, change), (5, later)])
    assert [h["panel"].partition("|")[2] for h, _ in sent if h["do"] == "residuals"].count("B0") == 1


def test_what_is_held_is_not_computed_again_while_the_film_changes():
    made = page(BILAYER + '\n[[scan]]\nplane = "alpha"\n')
    commands.beside.compare(made, "film", "held")
    sent = []

    async def send(message):
        sent.append(json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")]))

    async def until(condition):
        for _ in range(400):
            if condition():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(sent)

    async def run():
        one = computing.Computing(made.session, send)
        task = asyncio.create_task(one.run())
        one.want()
        await until(lambda: len(sent) == 3)
        made.session.hold({("film", 0, "thickness"): "7 nm"})
        one.want()
        await until(lambda: sum(m["version"] == made.session.version and m["do"] == "panel" for m in sent) == 2)
        await asyncio.sleep(0.2)
        task.cancel()
        assert [m["panel"].partition("|")[2] for m in sent if "|" in m["panel"]] == ["B0"]

    asyncio.run(run())
