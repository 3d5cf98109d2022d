"""Files as people leave them: read right, or refused with the place and with advice that loses nothing."""

import gzip
import json

import numpy as np
import pytest
from instrument_files import ROWS, delimited

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers import inspect, read

K = np.arange(ROWS)
B, R = (K - 5.0) / 10, 100.25 + 0.5 * K
FIELD, OHM = "Field (T)", "R_xx (Ohm)"
PLAIN = delimited({FIELD: B, OHM: R})
BOTH = {"field": B, "R_xx": R}
LINES = PLAIN.split("\n")
BODY = "\n".join(LINES[1:])
CELL = f"{R[3]:g}"  # in line 5


def with_cell(text):
    return PLAIN.replace(f",{CELL}\n", f",{text}\n")


def beside(head, cells):
    return "\n".join([f"{head},{LINES[0]}", *(f"{c},{line}" for c, line in zip(cells, LINES[1:], strict=False)), ""])


READ = {
    "byte order mark and decimal commas": b"\xef\xbb\xbf" + delimited({FIELD: B, OHM: R}, ";", ",").encode(),
    "mixed line ends": PLAIN.replace("\n", "\r\n", 4),
    "carriage return twice": PLAIN.replace("\n", "\r\r\n"),
    "tabs and blanks": delimited({FIELD: B, OHM: R}, "\t").replace("\t", " \t  "),
    "separator said for a spreadsheet": "sep=;\n" + delimited({FIELD: B, OHM: R}, ";"),
    "remark in the middle": PLAIN.replace(f",{CELL}\n", f",{CELL}\n# restarted\n"),
    "a range above the table": "Field = -1 T to 1 T\n" + PLAIN,
    "dates in words": beside("Time", [f"2024-01-01 12:00:{k:02d}" for k in K]),
    "dates of another country": beside("Datum", [f"01.02.2024 12:00:{k:02d}" for k in K]),
    "hard blanks": PLAIN.replace(",", ",\u00a0"),
    "no row but one": "\n".join([*LINES[:2], ""]),
    "names in letters of their own": beside("Напряжение (V)", R),
    "a very long name": beside("x" * 5000 + " (V)", R),
}


@pytest.mark.parametrize("name", READ)
def test_read_right(name, tmp_path):
    content = READ[name]
    path = tmp_path / "my file (1) ü.dat"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    data = read(path)
    rows = 1 if name == "no row but one" else ROWS
    for quantity, values in BOTH.items():
        np.testing.assert_allclose(data[quantity].values, values[:rows], rtol=1e-12, atol=1e-15)
    assert inspect(path).refused == {}


TWO_TABLES = PLAIN + delimited({"Field (mT)": B * 1e3, OHM: R})
REFUSED = {
    "an overload": (with_cell("9.9E+37"), r"line 5, .*got '9.9E\+37', .*overload.*missing = \['9.9E\+37'\]"),
    "an overload that is negative": (with_cell("-9.900000e+37"), "line 5, .*overload"),
    "no number of an instrument": (with_cell("9.91e37"), "line 5, .*overload"),
    "larger than numbers": (with_cell("1e309"), r"line 5, .*larger than numbers can be\.$"),
    "larger than numbers in its unit": (
        with_cell("1e308").replace("(Ohm)", "(kOhm)"),
        "line 5, R_xx: is larger than numbers can be in Ohm",
    ),
    "minus of a typesetter": (PLAIN.replace("-", "\u2212"), "line 2, .*Write the number alone .* in plain digits"),
    "wide digits": (with_cell("\uff11\uff10\uff11"), "line 5, .*in plain digits"),
    "blank of no width": (with_cell(f"\u200b{CELL}"), "line 5, .*in plain digits"),
    "number with an error": (with_cell("(101.75 +- 0.1)"), "line 5, .*in plain digits"),
    "units in a line of their own": (
        f"Field,R_xx\nT,Ohm\n{BODY}",
        r'line 2: holds units.* line 1\. .*"Field \(T\)", or put header_line = 1, first_line = 3',
    ),
    "units in brackets of their own": (f"Field,R_xx\n(T),[Ohm]\n{BODY}", "line 2: holds units"),
    "names alone": (LINES[0] + "\n", "line 1: there are no rows of numbers below"),
    "more names than cells": (f"{LINES[0]},R_xy (Ohm)\n{BODY}", "line 1: the line names 3 columns, where line 2 has 2"),
    "a number of the row without a name": (beside("", K), "line 1: columns without a name: 1.*header_line = 1"),
    "two tables": (TWO_TABLES, f"line 1 or {ROWS + 2}, with numbers between. Write each table into a file of its own"),
    "times in a column of seconds": (
        beside("Time (s)", [f"12:00:{k:02d}" for k in K]),
        "is to be time, but holds no numbers. Say in columns",
    ),
    "a quotation that does not end": (with_cell(f'"{CELL}'), "line 5: a quotation mark is not closed"),
    "phase or angle": (
        delimited({FIELD: B, "R (V)": R, "Theta (deg)": R}),
        r"'Theta \(deg\)': may be the angle of the sample or the phase .*angle = 3, or phase = 3",
    ),
    "a workbook": (b"PK\x03\x04" + bytes(99), "a packed file or a workbook.*save it as text"),
    "packed": (gzip.compress(PLAIN.encode()), "a packed file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_advice_that_loses_nothing(name, tmp_path):
    content, words = REFUSED[name]
    path = tmp_path / "file.dat"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(MeasurementError, match=f"(?m){words}") as caught:
        read(path)
    # what may be a value is not to be called none
    assert "missing" not in str(caught.value) or "overload" in str(caught.value)
    if content[:2] not in (b"PK", b"\x1f\x8b"):
        assert inspect(path).refused


def saved(content, tmp_path):
    path = tmp_path / "file.dat"
    path.write_text(content, encoding="utf-8")
    return path


def test_the_advice_can_be_followed(tmp_path):
    overload = read(saved(with_cell("9.9E+37"), tmp_path), missing=["9.9E+37"])
    np.testing.assert_allclose(overload.R_xx, np.delete(R, 3))
    named = {"field": {"column": "Field", "unit": "mT"}, "R_xx": {"column": "R_xx", "unit": "Ohm"}}
    apart = read(saved(f"Field,R_xx\nmT,Ohm\n{BODY}", tmp_path), header_line=1, first_line=3, columns=named)
    np.testing.assert_allclose(apart.field, B * 1e-3)
    phase = saved(delimited({FIELD: B, "R (V)": R, "Theta (deg)": R}), tmp_path)
    assert "angle" not in read(phase, columns={"phase": 3}).variables
    assert read(phase, columns={"angle": 3}).angle[0] == R[0]
    unnamed = read(saved(beside("", K), tmp_path), header_line=1, columns={"field": FIELD, "R_xx": OHM})
    np.testing.assert_allclose(unnamed.R_xx, R)
    times = saved(beside("Time (s)", ["noon"] * ROWS), tmp_path)
    np.testing.assert_allclose(read(times, columns={"R_xx": OHM}).field, B)


def test_rows_that_a_description_passes_over_are_counted(tmp_path):
    data = read(saved(TWO_TABLES, tmp_path), header_line=ROWS + 2)
    assert data.sizes["point"] == ROWS
    notes = json.loads(data.attrs["metadata"])["notes"]
    assert notes == [f"{ROWS} rows of numbers above line {ROWS + 3} are not read"]


def test_theta_beside_a_resistance_is_an_angle(tmp_path):
    data = read(saved(delimited({"R (Ohm)": R, "Theta (deg)": B, "X (V)": R}), tmp_path))
    np.testing.assert_allclose(data.angle, B)
