"""Checks of arrays: finite, of a shape, in a range; directions."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.text import arrays
from spinstack.text.errors import ParameterError

SHAPES = {
    (): [()],
    (3,): [(3,), (..., 3), (None,), (...,), (..., None)],
    (5, 3): [(5, 3), (None, 3), (..., 3), (None, None), (...,), (..., 5, 3), (..., None, 3)],
    (2, 5, 3): [(2, 5, 3), (..., 3), (..., None, 3)],
}
WRONG = {
    (): [(3,), (..., 3), (None,)],
    (3,): [(), (2,), (None, 3), (..., None, 3), (3, None)],
    (5, 3): [(3,), (None,), (None, 2), (5, None, 3), (..., 2, 3), (3, 5)],
}


@pytest.mark.parametrize(("shape", "allowed"), [(s, w) for s, ways in SHAPES.items() for w in ways])
def test_shapes_that_fit(shape, allowed):
    assert arrays.numbers(np.ones(shape), "m", allowed).shape == shape
    assert arrays.numbers(np.ones(shape), "m", (7, 7, 7, 7), allowed).shape == shape


@pytest.mark.parametrize(("shape", "allowed"), [(s, w) for s, ways in WRONG.items() for w in ways])
def test_shapes_that_do_not(shape, allowed):
    with pytest.raises(ParameterError) as caught:
        arrays.numbers(np.ones(shape), "m", allowed)
    assert caught.value.why == f"of shape {shape}"
    words = f"finite numbers of shape {arrays.shape_words(allowed)}" if allowed else "one finite number"
    assert caught.value.allowed == words


def test_shapes_in_words():
    assert arrays.shape_words((..., None, 3)) == "(..., n, 3)"
    assert arrays.shape_words((2,)) == "(2,)"
    assert arrays.shape_words(()) == "()"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a word", "m: got 'a word', which is text, not a number. Allowed: finite numbers."),
        ([[1], [1, 2]], "m: got [[1], [1, 2]], which is ragged. Allowed: finite numbers."),
        ("1.5", "m: got '1.5', which is text, not a number. Allowed: finite numbers."),
        ([True], "m: got [True], which is a truth value, not a number. Allowed: finite numbers."),
        ([1j], "m: got [1j], which is not a real number. Allowed: finite numbers."),
        ([], "m: got [], which is empty. Allowed: finite numbers."),
        ([1, np.nan, np.inf], "m: got [1, nan, inf], with 2 of 3 values not finite. Allowed: finite numbers."),
    ],
)
def test_what_is_no_array_of_finite_numbers_is_refused(value, words):
    with pytest.raises(MeasurementError) as caught:
        arrays.numbers(value, "m", error=MeasurementError)
    assert str(caught.value) == words
    assert caught.value.got is value


def test_ranges():
    assert arrays.numbers([0, 1], "w", low=0).tolist() == [0.0, 1.0]
    with pytest.raises(ParameterError, match=r"whose smallest is 0\. Allowed: finite numbers in sr, greater than 0\.$"):
        arrays.numbers([0, 1], "w", low=0, open_low=True, unit="sr")
    with pytest.raises(ParameterError, match=r"whose smallest is -1\. Allowed: finite numbers, at least 0\.$"):
        arrays.numbers([-1, 1], "w", low=0)


def test_directions_have_length_one():
    m = [[0, 3, 4], [1e-200, 0, 0], [0, -3e300, 4e300]]
    found = arrays.directions(m, "m", (None, 3))
    np.testing.assert_allclose(found, [[0, 0.6, 0.8], [1, 0, 0], [0, -0.6, 0.8]], rtol=1e-15)


def test_what_has_no_direction_is_refused():
    with pytest.raises(ParameterError, match=r"E: got \(0, 0\), with a vector of length zero\. Give a direction\."):
        arrays.directions((0, 0), "E", (2,))
    with pytest.raises(ParameterError, match=r"with a vector of length zero at \[1\]\."):
        arrays.directions([[1, 0, 0], [0, 0, 0]], "m", (None, 3))
    with pytest.raises(ParameterError, match=r"of shape \(2,\)"):
        arrays.directions((1, 0), "m", (..., 3))
