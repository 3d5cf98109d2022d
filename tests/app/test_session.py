"""States one after the other: undo of everything, what is kept on disk, who wrote the file."""

import json
import random
from pathlib import Path

import pytest

from spinstack.app import scene
from spinstack.app.session import Session, Sessions, State
from spinstack.text.errors import SpinstackError

EXAMPLES = Path(__file__).parents[2] / "examples"
BILAYER = (EXAMPLES / "ruo2_py.toml").read_text(encoding="utf-8").split("# ---- resistance")[0]


METAL = {
    "kind": "metal", "name": "N", "thickness": "2 nm", "conductivity": "1e6 S/m", "spin_diffusion_length": "3 nm",
}  # fmt: skip


def _values(rng):
    return [
        ("thickness", f"{rng.uniform(-1, 20):.3f} nm"), ("conductivity", "3e6 S/m"), ("filtering", "1e4 S/m"),
        ("spin_hall_angle", rng.uniform(-1, 1)), ("name", rng.choice("ABC")),
    ]  # fmt: skip


def edit(rng, session):
    """One edit as the page makes them; those that are refused leave what is there."""
    text, nodes = session.state.text, [p for p, _, _ in scene.nodes(session.read().document)]
    kind = rng.randrange(8)
    try:
        if kind < 4 and nodes:
            place = rng.choice(nodes)
            name, value = rng.choice(_values(rng))
            session.put(scene.set_value(text, (*place, name), value))
        elif kind == 4 and len(nodes) < 8:
            session.put(scene.insert(text, rng.randrange(9), METAL))
        elif kind == 5 and nodes:
            session.put(scene.remove(text, rng.choice(nodes)))
        elif kind == 6 and nodes:
            session.put(scene.move(text, rng.choice(nodes), rng.randrange(9)))
        else:
            session.put(text, "view", {"sphere": rng.random() < 0.5})
    except (SpinstackError, LookupError, TypeError):
        return


def edited_and_undone(count):
    rng, session = random.Random(7), Session(states=[State(BILAYER)])
    seen = [session.state]
    for _ in range(count):
        edit(rng, session)
        if rng.random() < 0.1 and session.at:
            session.go(-1)
            session.go(1)
        if session.state is not seen[-1]:
            seen.append(session.state)
    assert len(seen) > count / 4
    for state in reversed(seen):
        assert session.state == state
        session.go(-1)
    assert session.state.text == BILAYER
    assert session.at == 0


def test_random_edits_with_undo_end_where_they_began():
    edited_and_undone(150)


@pytest.mark.study
def test_many_random_edits_with_undo_end_where_they_began():
    edited_and_undone(10_000)


def test_what_was_undone_is_gone_after_another_edit():
    session = Session(states=[State(BILAYER)])
    session.put(scene.set_value(BILAYER, ("film", 0, "thickness"), "6 nm"))
    session.go(-1)
    session.put(scene.set_value(BILAYER, ("film", 0, "thickness"), "7 nm"))
    session.go(1)
    assert '"7 nm"' in session.state.text
    assert len(session.states) == 2


def test_a_killed_program_loses_what_was_held_alone(tmp_path):
    sessions = Sessions(State(BILAYER), None, tmp_path)
    session = sessions.of("key")
    session.put(scene.set_value(BILAYER, ("film", 0, "thickness"), "6 nm"))
    session.hold({("film", 0, "thickness"): "9 nm"})
    again = Sessions(State(BILAYER), None, tmp_path).of("other key", session.name)
    assert '"6 nm"' in again.state.text
    again.go(-1)
    assert again.state.text == BILAYER


def test_a_session_file_comes_back_and_a_wrong_one_is_refused(tmp_path):
    session = Session(states=[State(BILAYER)])
    session.put(scene.set_value(BILAYER, ("film", 0, "thickness"), "6 nm"), "thickness", {"sphere": True})
    other = Session()
    other.opened(session.written())
    assert other.state[:2] == session.state[:2]
    assert other.view == {"sphere": True}
    for wrong in (
        "",
        "[]",
        "{}",
        '{"spinstack_session": 2, "states": [["a"]]}',
        json.dumps({"spinstack_session": 1, "states": [["x", "no"]]}),
    ):
        with pytest.raises(SpinstackError, match="session"):
            other.opened(wrong)
    assert other.state[:2] == session.state[:2]
    other.go(-1)
    assert other.state.text == scene.EMPTY


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_marks_of_a_file_stay(tmp_path, ends, mark):
    file, text = tmp_path / "film.toml", BILAYER.replace("\n", ends)
    file.write_bytes(mark + text.encode())
    session = Session(file, states=[State(text)], saved=text, mark=mark)
    session.put(scene.set_value(text, ("film", 0, "thickness"), "6 nm"))
    session.save()
    assert file.read_bytes() == mark + text.replace('"5 nm"', '"6 nm"').encode()


def test_files_of_models_are_not_opened_for_whoever_asks(tmp_path):
    scattering = {"kind": "scattering_data", "file": str(tmp_path / "x.npz")}
    session = Session(states=[State(BILAYER)])
    with pytest.raises(SpinstackError, match="path"):
        session.put(scene.set_value(BILAYER, ("film", 1, "scattering"), scattering))
    with pytest.raises(SpinstackError, match="path"):
        session.hold({("film", 1, "scattering"): scattering})
    assert not session.live


@pytest.mark.parametrize(
    "view", [[], {"compare": "x"}, {"ties": 5}, {"facts": 1}, {"new": True}, {"ties": [{"of": 1}]}]
)
def test_settings_that_the_page_does_not_know_are_refused(view):
    with pytest.raises(SpinstackError, match="setting"):
        Session(states=[State(BILAYER)]).put(BILAYER, "view", view)


def test_a_file_that_somebody_else_has_changed_is_not_written(tmp_path):
    file = tmp_path / "film.toml"
    file.write_text(BILAYER, encoding="utf-8")
    session = Session(file, states=[State(BILAYER)], saved=BILAYER)
    session.put(scene.set_value(BILAYER, ("film", 0, "thickness"), "6 nm"))
    file.write_text(BILAYER + "# theirs\n", encoding="utf-8")
    with pytest.raises(SpinstackError, match="changed by another"):
        session.save()
    assert file.read_text(encoding="utf-8").endswith("# theirs\n")


def test_sessions_of_another_key_are_not_reached():
    sessions = Sessions(State(BILAYER))
    mine = sessions.of("mine")
    mine.put(scene.EMPTY)
    assert sessions.of("theirs", mine.name) is not mine
    assert sessions.of("theirs", mine.name).state.text == BILAYER


def test_a_film_that_is_compared_opens_no_file_of_its_choice(tmp_path):
    """Settings of the page come through the socket as everything does, or stand in a session that is opened."""
    filed = tmp_path / "other.toml"
    joint = f'[[film]]\nkind = "interface"\nscattering = {{ kind = "scattering_data", file = \'{filed}\' }}\n\n'
    head, first, second = BILAYER.partition("[[film]]")
    other = head + joint + first + second
    session = Session(states=[State(BILAYER)])
    session.put(BILAYER, view={"compare": {"what": "film", "text": other}})
    with pytest.raises(SpinstackError, match="which is a path"):
        session.put(other)
    compared = session.reading(scene.with_film(BILAYER, other))
    assert not compared.placed
    assert "which is a path" in str(compared.problems[0])
