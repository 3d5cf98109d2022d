"""``spinstack help``: every word of a file is explained."""

import pytest

from spinstack.cli import main
from spinstack.measure import analysis
from spinstack.report import reference
from spinstack.study.fit_vocabulary import fit_tables
from spinstack.study.vocabulary import vocabulary


def told(capsys, *word):
    code = main(["help", *word])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_a_field_is_explained_with_every_element_that_has_it(capsys):
    code, out, _ = told(capsys, "spin_hall_angle")
    assert code == 0
    assert "metal" in out
    assert "ferromagnet" in out
    assert "Q_zy" in out


def test_without_a_word_everything_is_listed(capsys):
    code, out, _ = told(capsys)
    assert code == 0
    for word in (*vocabulary(), *reference.KINDS, *analysis.step_names(), *analysis.ANALYSES, *fit_tables()):
        assert word in out


@pytest.mark.parametrize(("word", "said"), [
    ("fit.parameter", "scatter"), ("posterior", "chains"), ("candidate", "cost"), ("lognormal", "within a factor"),
    ("systematic", "[[candidate]]"), ("file", "bar_width"),
])  # fmt: skip
def test_tables_keys_and_priors_of_fit_files_are_explained(capsys, word, said):
    code, out, _ = told(capsys, word)
    assert code == 0
    assert said in out


def words():
    fields = {f for kind in reference.classes().values() for f in kind.specifications()}
    return sorted({*vocabulary(), *reference.classes(), *analysis.step_names(), *analysis.ANALYSES, *fields})


@pytest.mark.study
def test_every_word_is_known():
    for word in words():
        tables, text = reference.about(word)
        assert text or all(table.rows for table in tables)
        assert tables or text


@pytest.mark.parametrize(
    ("key", "owners"),
    [
        ("tilt", ["[[scan]]", "fit_planes"]),
        ("above", ["subtract_substrate", "hysteresis_loop"]),
        ("m", ["[[profile]]"]),
    ],
)
def test_a_key_is_told_with_what_takes_it(capsys, key, owners):
    code, out, _ = told(capsys, key)
    assert code == 0
    for owner in owners:
        assert owner in out
    assert "van_der_pauw" not in out


@pytest.mark.parametrize("word", ["spin_hal_angle", "[[scam]]"])
def test_an_unknown_word_says_what_is_near(capsys, word):
    code, _, err = told(capsys, word)
    assert code == 2
    assert "help: got" in err
    assert "Did you mean" in err
