"""Checks of single values: what passes comes back as a plain value, what does not is told by name."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spinstack.measure.measurement import MeasurementError
from spinstack.text import checks
from spinstack.text.errors import NOTHING, ParameterError


@pytest.mark.parametrize("value", [2, 2.5, np.float32(2.5), np.int64(2), Fraction(5, 2), -0.0, 1e308])
def test_numbers_come_back_as_floats(value):
    found = checks.number(value, "x")
    assert type(found) is float
    assert found == value


@pytest.mark.parametrize(
    "value", [True, np.True_, "2", None, 1j, [2], np.array([2.0]), math.nan, math.inf, -math.inf, 10**400]
)
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(
        ParameterError, match=r"^step\.x: got .*\. Allowed: one finite number in T\. Say it\.$"
    ) as caught:
        checks.number(value, "x", unit="T", where="step", remedy="Say it.")
    assert (caught.value.field, caught.value.where) == ("x", "step")
    assert caught.value.got is value


def test_infinity_where_it_has_a_meaning():
    assert checks.number(math.inf, "x", infinite=True) == math.inf
    assert checks.number(10**400, "x", infinite=True) == math.inf
    with pytest.raises(ParameterError, match="one number, at least 0"):
        checks.number(-math.inf, "x", low=0, infinite=True)
    with pytest.raises(ParameterError):
        checks.number(math.nan, "x", infinite=True)


@given(st.floats(-2, 2), st.booleans(), st.booleans())
@example(1.0, False, True)
@example(1.0, True, False)
@example(-1.0, False, True)
@example(-1.0, True, False)
def test_ranges_are_closed_or_open_as_said(x, open_low, open_high):
    inside = (-1 < x < 1) or (x == -1 and not open_low) or (x == 1 and not open_high)
    if inside:
        assert checks.number(x, "x", low=-1, high=1, open_low=open_low, open_high=open_high) == x
        return
    with pytest.raises(ParameterError) as caught:
        checks.number(x, "x", low=-1, high=1, open_low=open_low, open_high=open_high)
    low, high = "greater than" if open_low else "at least", "less than" if open_high else "at most"
    assert caught.value.allowed == f"one finite number, {low} -1 and {high} 1"


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3)])
def test_whole_numbers_come_back_as_ints(value):
    assert type(checks.whole(value, "n", low=3, high=3)) is int


@pytest.mark.parametrize("value", [3.0, True, np.bool_(1), "3", None, 2, 5, [3]])
def test_what_is_no_whole_number_from_3_to_4_is_refused(value):
    with pytest.raises(MeasurementError, match=r"^n: got .*\. Allowed: a whole number from 3 to 4\.$"):
        checks.whole(value, "n", low=3, high=4, error=MeasurementError)


def test_choices_name_what_is_near():
    assert checks.choice("beta", "plane", ("alpha", "beta")) == "beta"
    with pytest.raises(ParameterError) as caught:
        checks.choice("betta", "plane", ("alpha", "beta"), remedy="Choose one.")
    assert str(caught.value) == ("plane: got 'betta'. Allowed: 'alpha', 'beta'. Did you mean 'beta'? Choose one.")
    with pytest.raises(ParameterError, match="Allowed: none"):
        checks.choice("x", "plane", ())
    for wrong in (None, 3, ["beta"], np.array(["beta", "alpha"])):
        with pytest.raises(ParameterError, match=r"Allowed: 'alpha', 'beta'\.$"):
            checks.choice(wrong, "plane", iter(("alpha", "beta")))


def test_switches_words_and_what_is_needed():
    assert checks.switch(np.False_, "on") is False
    assert checks.words(" a ", "name") == " a "
    assert checks.required(0, "n", "Give n.") == 0
    for call, text in (
        (lambda: checks.switch(1, "on"), "on: got 1. Allowed: True or False."),
        (lambda: checks.words("  ", "name"), "name: got '  '. Allowed: text."),
        (lambda: checks.words(3, "name"), "name: got 3. Allowed: text."),
        (lambda: checks.required(None, "n", "Give n."), "n: missing. Give n."),
        (lambda: checks.required(NOTHING, "n", "Give n.", where="step"), "step.n: missing. Give n."),
    ):
        with pytest.raises(ParameterError) as caught:
            call()
        assert str(caught.value) == text
