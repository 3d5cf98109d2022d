"""Errors carry fields; the text follows from them and nothing is ever read back from it."""

import copy
import itertools
import pickle

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.text.document import SampleError
from spinstack.text.errors import NOTHING, ParameterError, Problems, SpinstackError, near_names, shown

KINDS = [SpinstackError, ParameterError, SampleError, MeasurementError]
FULL = {
    "why": "which is negative",
    "where": "Metal('Pt')",
    "field": "thickness",
    "unit": "m",
    "got": -1.0,
    "allowed": "a length above zero",
    "remedy": "Give it in m.",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_kept_and_told(kind):
    error = kind(**FULL)
    assert error.fields() == {**FULL, "source": None, "line": None}
    assert error.path == ("thickness",)
    assert error.errors == (error,)
    assert isinstance(error, ValueError)
    assert str(error) == (
        "Metal('Pt').thickness [m]: got -1.0, which is negative. Allowed: a length above zero. Give it in m."
    )


def test_the_text_of_every_combination_of_fields_holds_what_is_there_and_nothing_else():
    for chosen in itertools.product([False, True], repeat=len(FULL)):
        given = {name: value for (name, value), use in zip(FULL.items(), chosen, strict=True) if use}
        text = str(ParameterError(**given))
        pieces = {
            "why": "which is negative.",
            "where": "Metal('Pt')",
            "field": "thickness",
            "unit": "[m]",
            "got": "got -1.0",
            "allowed": "Allowed: a length above zero.",
            "remedy": "Give it in m.",
        }
        for name, piece in pieces.items():
            assert (piece in text) == (name in given), (given, text)
        assert "  " not in text
        assert ".." not in text
        assert ", ." not in text
        assert not text.startswith((":", ".", ",", " "))
        assert text == text.strip()
        place = {"where", "field", "unit"} & given.keys()
        complaint = given.keys() - {"where", "field", "unit"}
        assert text.replace("Allowed: ", "").count(": ") == bool(place and complaint)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, ""),
        ({"why": "it rains"}, "it rains."),
        ({"where": "film", "field": "m"}, "film.m"),
        ({"why": "Is it raining?"}, "Is it raining?"),
        ({"got": None}, "got None."),
        ({"got": ""}, "got ''."),
        ({"where": "step 3", "why": "it fails"}, "step 3: it fails."),
        ({"field": "n", "unit": "1", "got": 2}, "n: got 2."),
        ({"source": "a.toml", "why": "it is empty"}, "a.toml: it is empty."),
        ({"source": "a.dat", "line": 7, "got": "x"}, "a.dat, line 7: got 'x'."),
        ({"line": 7, "field": "R_xx", "why": "it is empty"}, "line 7, R_xx: it is empty."),
    ],
)
def test_text(given, text):
    assert str(ParameterError(**given)) == text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_copies_and_pickles_are_the_same_error(kind, change):
    error = kind(**FULL, path=(2, "thickness"), source="a.toml", line=3)
    other = change(error)
    assert type(other) is kind
    assert (other.fields(), other.path, str(other)) == (error.fields(), error.path, str(error))
    both = change(kind.several([error, kind("it rains")]))
    assert str(both) == f"{error}\nit rains."
    assert [e.why for e in both.errors] == [FULL["why"], "it rains"]
    assert change(kind("bare")).got is NOTHING


def test_one_field_is_changed_and_the_rest_kept():
    error = ParameterError(**FULL)
    moved = error.with_fields(source="a.toml", line=3)
    assert (error.source, moved.source, moved.line, moved.got) == (None, "a.toml", 3, -1.0)
    assert type(moved) is ParameterError
    several = ParameterError.several([error, moved])
    assert len(several.with_fields(line=1).errors) == 1


def test_several_errors_are_one_with_the_fields_of_the_first():
    a, b, c = (ParameterError("missing", field=name) for name in "abc")
    both = ParameterError.several([a, ParameterError.several([b, c])])
    assert both.errors == (a, b, c)
    assert (both.field, both.path) == ("a", ("a",))
    assert str(both) == "a: missing.\nb: missing.\nc: missing."
    assert ParameterError.several([a]).errors[0].field == "a"
    assert str(ParameterError.several([a])) == "a: missing."
    assert a.errors == (a,)  # what was put together is not changed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * 200, "'" + "x" * 119 + "..."),
        (np.zeros((512, 3)), "an array of shape (512, 3)"),
        (np.eye(2), "array([[1., 0.], [0., 1.]])"),
        ("a\nb", r"'a\nb'"),
        ([1, None], "[1, None]"),
        (np.float64(0.5), "0.5"),
        ((np.int64(3), [np.float32(0.25), np.True_]), "(3, [0.25, True])"),
        (np.str_("a"), "'a'"),
        ("np.float64(0.5)", "'np.float64(0.5)'"),
    ],
)
def test_values_are_shown_in_one_readable_line(value, text):
    assert shown(value) == text


def test_numbers_too_long_to_write_are_not_written():
    assert shown(10**5000) == "a whole number of thousands of digits"


def test_names_that_are_near_are_told():
    assert near_names("thicknes", ["thickness", "conductivity"]) == "Did you mean 'thickness'? "
    assert near_names("xyz", ["thickness"]) == ""


def test_problems_are_kept_and_raised_together():
    problems = Problems()
    with problems:
        raise ParameterError("missing", field="a")
    with problems:
        raise ParameterError.several([ParameterError("missing", field="b"), ParameterError("missing", field="c")])
    with pytest.raises(ParameterError) as caught:
        problems.end()
    assert [e.field for e in caught.value.errors] == ["a", "b", "c"]
    Problems().end()
    with pytest.raises(KeyError), Problems():
        raise KeyError("not ours")
