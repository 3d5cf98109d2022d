"""What is too large is refused first; what is long says how far it is and can be stopped."""

import pytest
from commands import refused
from sample_texts import BILAYER, MODEL

from spinstack.circuit import kernel
from spinstack.study import Run, read_film_study
from spinstack.text.document import parse_document

LONG = '{ start = "0 T", stop = "9 T", points = 10001 }'
TOO_LARGE = {
    "field_scan": f'field = {LONG}\nT = {{ start = "1 K", stop = "9 K", points = 101 }}',
    "face_conductances": f'B = {LONG}\nT = {{ start = "1 K", stop = "9 K", points = 101 }}',
    "temperature_scan": 'm = ["x", "y", "z"]\nT = [' + ",".join(f'"{n + 1} K"' for n in range(333_334)) + "]",
    "scan": 'T = "5 K"\nangles = [' + ",".join(f'"{n}e-3 deg"' for n in range(333_334)) + "]",
}


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("word", TOO_LARGE)
def test_too_many_points_are_refused_first(sample, capsys, word):
    file = sample(MODEL + f"[[{word}]]\n{TOO_LARGE[word]}\n")
    assert "points. Allowed: up to 1,000,000; take fewer." in refused(capsys, ["run", file])


def test_long_films_may_have_fewer_points(sample, capsys):
    text = BILAYER.replace("[[film]]", "[[film]]\nrepeat = 20000\n[[film.elements]]", 1)
    head, *rest = text.split("\n[[film]]\nkind")
    text = head + "".join(f"\n[[film.elements]]\nkind{one}" for one in rest)
    angles = '{ start = "0 deg", stop = "360 deg", points = 10001 }'
    message = refused(capsys, ["run", sample(f'{text}[[scan]]\nplane = "beta"\nangles = {angles}\n')])
    assert "asks for 10,001 points of a film of 60,000 elements. Allowed: up to 1,666; take fewer." in message


@pytest.mark.parametrize(
    "request_", ["scan]]\nplane = 'beta'\nangles = {start = '0 deg', stop = '360 deg', points = 10001}",
                 "map]]\nover = {'Pt.thickness' = {start = '1 nm', stop = '9 nm', points = 10001}}"]
)  # fmt: skip
def test_long_requests_say_how_far_they_are_and_stop(monkeypatch, request_):
    monkeypatch.setattr(kernel, "BLOCKS", 1)  # fast as films are, one would be over before it is told
    study = read_film_study(parse_document(f"{BILAYER}[[{request_}\n"))
    told = []
    assert len(list(Run(study, progress=lambda *what: told.append(what)))) == 1
    parts = [done / total for _, done, total in told[1:]]
    assert parts == sorted(parts)
    assert len(parts) > 20
    told.clear()
    stopped = Run(study, progress=lambda *what: told.append(what), cancel=lambda: len(told) > 3)
    assert list(stopped) == []
    assert len(told) == 4
