"""Edits of a sample file in place: nothing else in it changes."""

from pathlib import Path

import pytest

from spinstack.app import scene
from spinstack.app.session import Session, State
from spinstack.text.errors import SpinstackError

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLES = [f for f in sorted(EXAMPLES.glob("*.toml")) if "[[film]]" in f.read_text(encoding="utf-8")]
COPPER = {
    "kind": "metal", "name": "Cu", "thickness": "3 nm", "conductivity": "1e7 S/m", "spin_diffusion_length": "100 nm",
}  # fmt: skip
RUO2 = (EXAMPLES / "ruo2_py.toml").read_text(encoding="utf-8")


def kinds(text):
    return [t["kind"] for _, t, _ in scene.nodes(scene.parse_document(text))]


@pytest.mark.parametrize("file", SAMPLES, ids=lambda f: f.stem)
def test_a_file_that_is_loaded_and_saved_is_the_same_to_the_byte(file, tmp_path):
    copy = tmp_path / file.name
    copy.write_bytes(file.read_bytes())
    text = copy.read_text(encoding="utf-8")
    session = Session(copy, states=[State(text)], saved=text)
    session.read()
    session.save()
    assert copy.read_bytes() == file.read_bytes()


def test_a_value_changes_alone_and_its_comment_stays():
    made = scene.set_value(RUO2, ("film", 0, "spin_diffusion_length"), "9 nm")
    before, after = RUO2.splitlines(), made.splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(changed) == 1
    assert changed[0][1].startswith('spin_diffusion_length = "9 nm"')
    assert changed[0][1].endswith("# published values scatter from 2 to 12 nm")


def test_a_value_that_is_taken_away_and_set_again():
    made = scene.set_value(RUO2, ("film", 2, "amr_ratio"), None)
    assert "amr_ratio" not in made
    assert 'amr_ratio = "1 %"' in scene.set_value(made, ("film", 2, "amr_ratio"), "1 %")


def test_removing_a_layer_takes_the_interface_that_joined_it():
    assert kinds(scene.remove(RUO2, ("film", 2))) == ["metal"]
    assert kinds(scene.remove(RUO2, ("film", 0))) == ["ferromagnet"]
    assert kinds(scene.remove(RUO2, ("film", 1))) == ["metal", "ferromagnet"]
    joint = {"kind": "interface", "conductance_up": "1e15 S/m^2", "conductance_down": "1e15 S/m^2"}
    three = scene.insert(scene.insert(RUO2, 3, joint), 4, COPPER)
    assert kinds(scene.remove(three, ("film", 2))) == ["metal", "interface", "metal"]


def test_removing_the_last_layer_leaves_an_empty_page():
    one = scene.insert(scene.EMPTY, 0, COPPER)
    empty = scene.remove(one, ("film", 0))
    assert scene.read(empty, "film").study is None
    assert kinds(empty) == []


def test_elements_move_and_are_copied():
    assert kinds(scene.move(RUO2, ("film", 0), 2)) == ["interface", "ferromagnet", "metal"]
    assert kinds(scene.duplicate(RUO2, ("film", 2), "Py 2")) == ["metal", "interface", "ferromagnet", "ferromagnet"]


def test_a_group_that_repeats_opens_again():
    twice = scene.repeat(RUO2, 0, 2, 4)
    assert [count for _, _, count in scene.nodes(scene.parse_document(twice))] == [4, 4, 4]
    assert kinds(scene.repeat(twice, 0, 0, 1)) == kinds(RUO2)
    assert "repeat = 7" in scene.repeat(twice, 0, 0, 7)


def test_requests_that_were_unsaid_are_written_before_another_is_added():
    film = RUO2.split("# ---- resistance")[0]
    asked = scene.ask(film, "torque", {"plane": "gamma"})
    found = scene.read(asked, "film").study
    assert [r.entry.word for r in found.requests] == ["scan", "profile", "torque"]
    first = scene.read(film, "film").study.requests
    assert [r.arguments for r in found.requests[:2]] == [r.arguments for r in first]


def test_a_film_that_is_not_whole_shows_what_is_missing():
    joint = '[[film]]\nkind = "interface"\nconductance_up = "1e15 S/m^2"\nconductance_down = "1e15 S/m^2"'
    open_ended = f"{scene.remove(RUO2, ('film', 2))}\n{joint}\n"
    found = scene.read(open_ended, "film")
    assert found.study is None
    assert len(found.placed) == 2
    assert "interface" in str(found.problems[0])


def test_a_request_that_is_wrong_costs_only_itself():
    wrong = RUO2.replace('plane = "gamma"', 'plane = "delta"')
    found = scene.read(wrong, "film")
    assert [r.entry.word for r in found.study.requests].count("torque") == 0
    assert len(found.study.requests) == 7
    assert "delta" in str(found.problems[0])
    assert found.study.requests[-1].place == ("map", 2)


def test_a_wrong_element_is_refused_and_nothing_changes():
    session = Session(states=[State(RUO2)])
    with pytest.raises(SpinstackError, match="thickness"):
        session.put(scene.set_value(RUO2, ("film", 0, "thickness"), "-3 nm"))
    assert session.state.text == RUO2
    with pytest.raises(SpinstackError, match="thickness"):
        session.hold({("film", 0, "thickness"): "3 kg"})
    assert not session.live


def test_what_is_held_is_what_will_be_set():
    session = Session(states=[State(RUO2)])
    session.hold({("film", 2, "thickness"): "7.5 nm"})
    held = session.read()
    assert held.film.get("Py.thickness") == 7.5e-9
    session.put(scene.set_value(RUO2, ("film", 2, "thickness"), "7.5 nm"))
    assert session.read().film == held.film
    assert [r.film for r in session.read().study.requests] == [r.film for r in held.study.requests]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("film", 0, "elements", 1, "scattering", "barrier"), 0.7),
        (("film", 0, "elements", 0, "thickness"), "1.5 nm"),
        (("film", 0, "repeat"), 4),
        (("film", 1, "polarization"), 0.1),
    ],
)
def test_numbers_inside_of_groups_and_models_are_held_as_they_are_set(place, value):
    common = 'thickness = "2 nm"\nconductivity = "5e6 S/m"\npolarization = 0.4\nspin_diffusion_length = "5 nm"\n'
    inner = (
        f'[[film]]\nrepeat = 3\n\n[[film.elements]]\nkind = "ferromagnet"\nname = "Co"\n{common}\n'
        '[[film.elements]]\nkind = "interface"\nscattering = { kind = "delta_barrier", barrier = 0.4, exchange = 0.2, '
        'fermi_wavevector = "13.6 1/nm" }\n\n'
    )
    top = f'[[film]]\nkind = "ferromagnet"\nname = "Ni"\n{common}'
    text = f"spinstack = 1\n\n{inner}{top}"
    session = Session(states=[State(text)])
    assert not session.read().problems
    session.hold({place: value})
    held = session.read()
    session.put(scene.set_value(text, place, value))
    found = session.read()
    assert held.film == found.film
    assert held.placed == found.placed
    assert [r.film for r in held.study.requests] == [found.film] * 2
