"""Text of users stays text: for terminals, spreadsheets and file systems."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinstack.text.plain import cell, is_device, same_file, visible

SHOWN = {
    "\x1b[31m": r"\x1b[31m",
    "a\0b": r"a\x00b",
    "a\tb\r\n": r"a\tb\r\n",
    "\x9b31m": r"\x9b31m",
    "\u202egnp": r"\u202egnp",
    "a\u200bb": r"a\u200bb",
    "\udcff": r"\udcff",
    "a\u2028b": r"a\u2028b",
    "Pt\xa0µ Ω ✓ 膜 ß": "Pt\xa0µ Ω ✓ 膜 ß",
}


@pytest.mark.parametrize("text", SHOWN)
def test_what_acts_or_hides_is_shown(text):
    assert visible(text) == SHOWN[text]


def test_line_ends_stay_where_they_are_asked_for():
    assert visible("a\nb\x07", lines=True) == "a\nb\\x07"


@pytest.mark.study
@given(st.text())
def test_what_was_made_visible_can_be_written_and_stays(text):
    shown = visible(text)
    shown.encode()
    assert visible(shown) == shown
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_a_cell_is_never_a_formula(text):
    assert cell(text)[0] == "'"


@pytest.mark.parametrize("text", ["Pt", "R_xx [Ohm]", "a=1", "1-2", ""])
def test_other_cells_stay(text):
    assert cell(text) == text


@pytest.mark.parametrize("name", ["CON", "con", "Aux.txt", "nul .nc", "COM1", "lpt9.png", "com¹"])
def test_devices_of_windows_are_known(name):
    assert is_device(name)


@pytest.mark.parametrize("name", ["control", "com", "com10", "cone", "auxiliary", "my.con"])
def test_other_names_are_no_devices(name):
    assert not is_device(name)


def test_names_that_some_file_system_takes_for_one_are_the_same():
    for one, other in itertools.combinations(["straße", "STRASSE", "strasse"], 2):
        assert same_file(one) == same_file(other)
    assert same_file("é") == same_file("e\u0301") == same_file("É")
    assert same_file("ﬁt") == same_file("FIT")
    assert same_file("a") != same_file("b")
