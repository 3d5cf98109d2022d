"""Files as they must not be: each is refused with a reason that names the place, or read right."""

import codecs
import json
import pickle
import re
import tomllib

import numpy as np
import pytest
from measured_files import FESI, LOOP, NI, PPMS, SQUID

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers import Column, Description, NotReadError, inspect, read

SCAN = [(10.5 * k, 1.25 + 0.001 * k) for k in range(12)]
HEAD = "angle (deg),R_xx (Ohm)"


def text(rows=SCAN, head=HEAD, separator=",", decimal=".", end="\n"):
    lines = [head.replace(",", separator)]
    lines += [separator.join(f"{v:.3f}".replace(".", decimal) for v in row) for row in rows]
    return end.join(lines) + end


def with_row(line, row):
    lines = text().split("\n")
    lines[line - 1] = row
    return "\n".join(lines)


def swapped(data, line, old, new):
    lines = data.splitlines(True)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return b"".join(lines)


def torn(data, line):
    lines = data.splitlines(True)
    lines[line - 1] = lines[line - 1][:10] + b"\r\n" + lines[line - 1][10:]
    return b"".join(lines)


def without_cell(data, line, cell):
    lines = data.split(b"\n")
    cells = lines[line - 1].split(b",")
    cells[cell] = b""
    lines[line - 1] = b",".join(cells)
    return b"\n".join(lines)


def without_line(data, line):
    lines = data.splitlines(True)
    del lines[line - 1]
    return b"".join(lines)


#: name: (content, description, words of the refusal)
REFUSED = {
    "empty": (b"", None, "empty"),
    "blank": (b" \n\t\r\n  ", None, "blank"),
    "only a byte order mark": (codecs.BOM_UTF8, None, "blank"),
    "zeros": (bytes(1000), None, "binary"),
    "binary with text": (text().encode() + b"\x00\x01", None, "binary"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), None, "binary"),
    "a compressed file": (b"\x1f\x8b\x08\x00" + bytes(range(250, 5, -1)), None, "binary"),
    "escape codes": (b"\x1b[31m" + text().encode(), None, "binary"),
    "UTF-16 without mark": (text().encode("utf-16-le"), None, "UTF-16"),
    "UTF-16 cut within a character": (text().encode("utf-16")[:-1], None, "cut off"),
    "UTF-8 said, Latin-1 written": (
        "angle (°),R_xx (Ω)\n".encode() + b"\xe9",
        {"encoding": "utf-8"},
        "not text in utf-8",
    ),
    "unknown encoding": (text().encode(), {"encoding": "utf-9"}, "encoding: got 'utf-9'"),
    "words only": (b"Dear diary,\ntoday we measured nothing.\n", None, "no line of column names"),
    "a web page": (b"<!DOCTYPE html><html><body>404, not found</body></html>\n", None, "no rows of numbers below"),
    "names without rows": (HEAD.encode() + b"\n", None, "line 1: there are no rows of numbers below"),
    "rows without names": (text().split("\n", 1)[1].encode(), None, "no line of column names"),
    "names below the rows": (
        ("\n".join(reversed(text().strip().split("\n"))) + "\n").encode(),
        None,
        "no line of column",
    ),
    "names among the rows": (
        with_row(6, HEAD).replace(HEAD + "\n", "", 1).encode(),
        None,
        "stand above the column names",
    ),
    "two tables": ((text() + "B (T),R_xy (Ohm),T (K)\n" + "1,2,3\n" * 5).encode(), None, "two tables|stand above"),
    "a short row": (with_row(5, "31.5").encode(), None, "line 5: the row has 1 cells"),
    "a long row": (with_row(5, "31.5,1.2,7").encode(), None, "line 5: the row has 3 cells"),
    "a short row far down": (
        text([(k, 1.5) for k in range(600)]).encode() + b"601.000\n602.000,1.500\n",
        None,
        "line 602: ",
    ),
    "a long row far down": (
        text([(k, 1.5) for k in range(600)]).encode() + b"1,2,3\n",
        None,
        "line 602: the row has 3",
    ),
    "a word far down": (text([(k, 1.5) for k in range(600)]).encode() + b"stop,1.5\n", None, "line 602, column 1"),
    "cut after the separator": (with_row(13, "115.5,").rstrip("\n").encode(), None, "the cell is empty"),
    "cut before the separator": (with_row(13, "115.5").rstrip("\n").encode(), None, "line 13: the row has 1 cells"),
    "cut within a number": (text().rstrip("\n")[:-2].encode(), None, "ends within the line"),
    "cut within an exponent": (b"B (T),R_xx (Ohm)\n1,1.5e-10\n2,1.6e-10\n3,1.7e-1", None, "ends within the line"),
    "cut after the sign of an exponent": (
        b"B (T),R_xx (Ohm)\n1,1.5e-10\n2,1.6e-10\n3,1.7e-",
        None,
        "ends within the line",
    ),
    "an empty cell": (with_row(4, ",1.252").encode(), None, "line 4, column 1 .* the cell is empty"),
    "NaN": (with_row(4, "21,NaN").encode(), None, "line 4, column 2 .* got 'NaN'"),
    "a block of NaN": (text().replace("1.25", "nan").encode(), None, "no line of column names|not a finite"),
    "infinity": (with_row(4, "21,inf").encode(), None, "line 4, column 2 .* got 'inf'"),
    "too large for a float": (with_row(4, "21,1e999").encode(), None, "line 4, column 2 .* got '1e999'"),
    "overload of a meter": (with_row(4, "21,OVLD").encode(), None, "line 4, column 2 .* got 'OVLD'"),
    "a truth value": (with_row(4, "21,True").encode(), None, "line 4, column 2 .* got 'True'"),
    "hexadecimal": (with_row(4, "21,0x1F").encode(), None, "got '0x1F'"),
    "digits of another script": (with_row(4, "21,١٢").encode(), None, "not a finite number"),
    "underscores in a number": (with_row(4, "21,1_000").encode(), None, "got '1_000'"),
    "two numbers in a cell": (with_row(4, "21,1.2 1.3").encode(), None, "got '1.2 1.3'"),
    "two points": (with_row(4, "21,1.2.3").encode(), None, "got '1.2.3'"),
    "a number with its unit": (with_row(4, "21,1.252 Ohm").encode(), None, "got '1.252 Ohm'"),
    "decimal commas between commas": (text(decimal=",").encode(), None, "names 2 columns, where line 2 has 4 cells"),
    "one decimal comma": (text(separator="\t").replace("1.252", "1,252").encode(), None, "comma .* or a point"),
    "thousands or decimals": (
        text([(1, 2.345)] * 5, separator=";", decimal=",").encode(),
        None,
        "divide thousands|1,000",
    ),
    "decimal point said, comma written": (
        text(separator=";", decimal=",").encode(),
        {"decimal": "."},
        'got .0,000.*put decimal = "," in a description',
    ),
    "semicolons in the names only": (text(head="angle (deg);R_xx (Ohm)").encode(), None, "no line of column names"),
    "separator said wrongly": (text().encode(), {"separator": "tab"}, "no line of column names"),
    "no units": (text(head="angle,R_xx").encode(), None, "states no unit"),
    "unknown columns": (
        text(head="alice,bob").encode(),
        None,
        "none of the columns 'alice', 'bob' is a known quantity",
    ),
    "wrong dimension": (text(head="angle (kg),R_xx (Ohm)").encode(), None, "does not convert to deg"),
    "unknown unit": (text(head="angle (deg),R_xx (Furlong)").encode(), None, "'Furlong'"),
    "units that disagree": (
        text().encode(),
        {"columns": {"R_xx": {"column": "R_xx (Ohm)", "unit": "mOhm"}}},
        "override",
    ),
    "the same column twice": (text(head="R_xx (Ohm),R_xx (Ohm)").encode(), None, "both R_xx"),
    "the same quantity twice": (text(head="field (T),H (Oe)").encode(), None, "both field"),
    "an ambiguous name": (
        text(head="R,R").encode(),
        {"columns": {"R_xx": {"column": "R", "unit": "Ohm"}}},
        "columns 1 and 2",
    ),
    "a missing column": (
        text().encode(),
        {"columns": {"V_xx": {"column": "V", "unit": "mV"}}},
        r"columns\.V_xx: got 'V'\. Allowed: a head of a column in the file: 'angle",
    ),
    "a column beyond the last": (text().encode(), {"columns": {"V_xx": {"column": 7, "unit": "mV"}}}, "has 2 columns"),
    "conditions only": (text(head="angle (deg),field (T)").encode(), None, "no reading"),
    "an open quote": (with_row(4, '"21,1.252').encode(), None, "line 4"),
    "a huge cell": (with_row(4, "21," + "x" * 300_000).encode(), None, "line 4"),
    "a header line beyond the file": (text().encode(), {"header_line": 99}, "header_line: got 99"),
    "a first line beyond the file": (text().encode(), {"first_line": 99}, "there is no row from line 99"),
    "more lines at the end than there are": (text().encode(), {"skip_end": 50}, "there are no rows"),
    "a header value that is not there": (
        FESI,
        {"from_header": {"temperature": {"key": "T", "unit": "K"}}},
        "'I .mA.', 'H",
    ),
    "a header value that is no number": (
        swapped(FESI, 2, b"20.096", b"high"),
        {"from_header": {"field": {"key": "H [kOe]"}}},
        "a number with a unit",
    ),
    "metadata among the rows": (
        FESI.replace(b"\r\n0.54403", b"\r\nH [kOe]\t19.9\r\n0.54403", 1),
        None,
        "line 6: the row has 2 cells",
    ),
    "time that goes back": (FESI.replace(b"0.54403", b"0.14403", 1), {"angle": {"turns": 1}}, "time does not increase"),
    "angle without time": (
        text().replace("angle (deg)", "field (T)").encode(),
        {"angle": {"turns": 1}},
        "no column for time",
    ),
    "columns without widths": (NI, None, "with a description only"),
    "a footer not announced": (NI, {**LOOP, "skip_end": 0}, "line 1008: the row has"),
    "a title not announced": (NI, {**LOOP, "first_line": 6}, "the file has 1 columns"),
    "a torn line": (torn(NI, 500), LOOP, "the row has 1 cells"),
    "widths that cut numbers": (NI, {**LOOP, "widths": [7, 20]}, "line 7|not a finite number|widths may be wrong"),
    "Quantum Design without [Data]": (PPMS.replace(b"[Data]", b"[Dada]"), None, "0 lines .Data."),
    "Quantum Design with two [Data]": (PPMS + b"[Data]\n", None, "2 lines .Data."),
    "Quantum Design without names": (PPMS[: PPMS.index(b"Comment,")], None, "no column names below"),
    "Quantum Design without rows": (PPMS[: PPMS.index(b"\n,304")], None, "fewer lines"),
    "Quantum Design row of names lost": (without_line(PPMS, 33), None, "no column of|no row|no known|not read"),
    "Quantum Design without temperature": (
        PPMS.replace(b"Temperature (K)", b"Something (K)"),
        None,
        "no column of temperature",
    ),
    "Quantum Design field in furlongs": (
        PPMS.replace(b"Field (Oe)", b"Field (furlong)"),
        None,
        "'furlong' does not convert",
    ),
    "Quantum Design resistance in volts": (
        PPMS.replace(b"Resistance (Ohms)", b"Resistance (V)"),
        {"channels": {"1": "R_xx"}},
        "'V' does not convert",
    ),
    "Quantum Design channel not measured": (
        PPMS,
        {"channels": {"3": "R_xx"}},
        "channels.3: got 'R_xx'. Allowed: channels with data",
    ),
    "Quantum Design column twice": (
        PPMS.replace(b"Bridge 2 Resistance", b"Bridge 1 Resistance"),
        None,
        "columns 20 and 21: are both",
    ),
    "Quantum Design cut within a row": (PPMS[:-40], None, "the row has"),
    "Quantum Design negative count": (
        swapped(PPMS, 40, b",25,", b",-25,"),
        None,
        "line 40, number of readings: got -25",
    ),
    "Quantum Design negative deviation": (
        swapped(PPMS, 40, b",,,,,0.", b",,,,,-0."),
        None,
        "line 40, standard deviation: got -0.* which is negative",
    ),
    "Quantum Design word for a number": (swapped(PPMS, 40, b",-9", b",high-9"), None, "line 40, column 5 .* 'high-9"),
    "Quantum Design row without a field": (
        without_cell(PPMS, 41, 4),
        None,
        "line 41, field: the row has a reading but no field",
    ),
    "Quantum Design shifted row": (swapped(PPMS, 40, b",", b",,"), None, "line 40: the row has 24 cells"),
    "Quantum Design moment nowhere": (
        SQUID.replace(b"Moment (emu)", b"Monument (emu)"),
        None,
        "no column of moment or .* has data .mpms3.",
    ),
    "Quantum Design signature only": (b"[Header]\n", None, "0 lines .Data."),
}

SCAN_VALUES = np.array(SCAN).round(3)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_reason(name, tmp_path):
    content, description, words = REFUSED[name]
    path = tmp_path / "file.dat"
    path.write_bytes(content)
    with pytest.raises(MeasurementError, match=f"(?s).*(?:{words})") as caught:
        read(path, description)
    error = caught.value
    assert error.source == str(path)
    assert all(e.source == str(path) for e in error.errors)
    if line := re.match(r"line (\d+)", words):
        assert error.line == int(line[1])
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def refusal(tmp_path, content, description=None):
    path = tmp_path / "file.dat"
    path.write_text(content)
    with pytest.raises(MeasurementError) as caught:
        read(path, description)
    return caught.value


def test_a_cell_that_is_no_number_is_told_with_file_line_column_and_remedy(tmp_path):
    error = refusal(tmp_path, with_row(4, "21,NaN"))
    assert isinstance(error, NotReadError)
    assert error.fields() == {
        "where": "", "field": "column 2 ('R_xx (Ohm)')", "unit": "", "got": "NaN",
        "why": "which is not a finite number", "allowed": "",
        "remedy": "If it stands for no value, put missing = ['NaN'] in a description.",
        "source": str(tmp_path / "file.dat"), "line": 4,
    }  # fmt: skip
    assert set(error.reasons) == {"quantum_design", "delimited", "fixed_width"}
    assert error.reasons["delimited"].line == 4
    assert str(error).splitlines() == [
        f"{str(tmp_path / 'file.dat')!r} is not read.",
        "  quantum_design: the first line is not [Header].",
        "  delimited: line 4, column 2 ('R_xx (Ohm)'): got 'NaN', which is not a finite number. "
        "If it stands for no value, put missing = ['NaN'] in a description.",
        "  fixed_width: columns of fixed width are read with a description only, which says what they are.",
    ]


def test_only_the_format_that_is_meant_is_told(tmp_path):
    said = refusal(tmp_path, with_row(4, "21,NaN"), {"format": "delimited"})
    assert list(said.reasons) == ["delimited"]
    seen = refusal(tmp_path, "[Header]\nTITLE,x\n")
    assert list(seen.reasons) == ["quantum_design"]
    named = refusal(tmp_path, text(), {"channels": {"1": "R_xx"}})
    assert list(named.reasons) == ["quantum_design"]
    with pytest.raises(MeasurementError, match=r"channels: got .*, which only Quantum Design files have"):
        read(tmp_path / "file.dat", {"channels": {"1": "R_xx"}, "format": "delimited"})


def test_a_described_column_that_is_not_there_is_told_by_its_place_in_the_description(tmp_path):
    error = refusal(tmp_path, text(), {"columns": {"V_xx": {"column": "V", "unit": "mV"}}, "format": "delimited"})
    assert error.path == ("columns", "V_xx")
    assert (error.where, error.field, error.got) == ("columns", "V_xx", "V")
    assert error.allowed == "a head of a column in the file: 'angle (deg)', 'R_xx (Ohm)'"


WRONG = """\
separator = "coma"
skip = 3
header_line = 5
first_line = 4
widths = [3, 0]

[columns]
R_xx = { column = 0, unit = "Ohm" }
field = { unit = "T" }
V_xx = { column = "V", unit = 5 }

[constants]
V_xx = "1 V"
temperature = 3

[angle]
turns = 1
rate = "1 deg/s"
"""


def test_everything_wrong_in_a_description_is_told_at_once_with_its_lines(tmp_path):
    file = tmp_path / "how.toml"
    file.write_text(WRONG, encoding="utf-8")
    with pytest.raises(MeasurementError) as caught:
        Description.load(file)
    found = [(e.line, e.where, e.field) for e in caught.value.errors]
    assert found == [
        (1, "", "separator"), (2, "", "skip"), (4, "", "first_line"), (5, "widths", "1"), (8, "columns.R_xx", "column"),
        (9, "columns.field", "column"), (10, "columns.V_xx", "unit"), (14, "constants", "temperature"),
        (17, "angle", "turns"),
    ]  # fmt: skip
    assert all(e.source == str(file) for e in caught.value.errors)
    assert str(caught.value).count("\n") == len(found) - 1
    with pytest.raises(MeasurementError) as again:
        Description.of(tomllib.loads(WRONG))
    assert {e.path for e in again.value.errors} == {e.path for e in caught.value.errors}


def test_a_quantity_given_twice_in_a_description_is_told():
    with pytest.raises(MeasurementError, match=r"constants\.field: got 'field'\. Allowed: each quantity once"):
        Description(columns={"field": Column("H")}, constants={"field": "1 T"})


def test_a_description_that_is_no_file_or_no_toml_is_told(tmp_path):
    with pytest.raises(MeasurementError, match=r"^description: got .*nowhere\.toml', which cannot be read"):
        Description.load(tmp_path / "nowhere.toml")
    (tmp_path / "how.toml").write_text("[columns", encoding="utf-8")
    with pytest.raises(MeasurementError, match=r"how\.toml: the description is not TOML: .*table declaration"):
        Description.load(tmp_path / "how.toml")


def test_all_impossible_attributes_are_told_at_once(tmp_path):
    path = tmp_path / "file.dat"
    path.write_text(text())
    with pytest.raises(MeasurementError) as caught:
        read(path, plane="xy", film_thickness=-1.0, colour="blue", sample="A")
    assert [e.field for e in caught.value.errors] == ["plane", "film_thickness", "colour"]


#: name: (content, description); each holds SCAN
READ = {
    "as it should be": (text().encode(), None),
    "byte order mark": (codecs.BOM_UTF8 + text().encode(), None),
    "UTF-16, little endian": (codecs.BOM_UTF16_LE + text().encode("utf-16-le"), None),
    "UTF-16, big endian": (codecs.BOM_UTF16_BE + text().encode("utf-16-be"), None),
    "UTF-16 said in the description": (text().encode("utf-16-le"), {"encoding": "utf-16-le"}),
    "Latin-1": (text(head="angle (°),R_xx (Ohm),").replace("Ohm),", "Ohm)").encode("latin-1"), None),
    "Windows-1252 remark": (b"# \x93Probe\x94 3 \xb5m\n" + text().encode(), None),
    "UTF-8 units": (text(head="angle (°),R_xx (Ω)").encode(), None),
    "CR and LF": (text(end="\r\n").encode(), None),
    "CR only": (text(end="\r").encode(), None),
    "mixed line ends": (text().replace("\n", "\r\n", 3).encode(), None),
    "end-of-file mark": (text().encode() + b"\x1a", None),
    "no last line end": (text().rstrip("\n").encode(), None),
    "blank lines at the end": (text().encode() + b"\n\n  \n", None),
    "blank lines between": (text(end="\n\n").encode(), None),
    "tabs": (text(separator="\t").encode(), None),
    "tabs at the ends of rows": (text(separator="\t").replace("\n", "\t\n").replace(")\t\n", ")\n", 1).encode(), None),
    "commas at the ends of all lines": (text().replace("\n", ",\n").encode(), None),
    "semicolons and decimal commas": (text(separator=";", decimal=",").encode(), None),
    "tabs and decimal commas": (text(separator="\t", decimal=",").encode(), None),
    "decimal commas in quotes": (
        (HEAD + "\n" + "".join(f'"{a:.3f}","{b:.3f}"\n'.replace(".", ",") for a, b in SCAN)).encode(),
        None,
    ),
    "bars": (text(separator="|").encode(), None),
    "blanks after commas": (text().replace(",", ", ").encode(), None),
    "quoted numbers": ((HEAD + "\n" + "".join(f'"{a:.3f}","{b:.3f}"\n' for a, b in SCAN)).encode(), None),
    "exponents": ((HEAD + "\n" + "".join(f"{a:.6E},{b:+.6e}\n" for a, b in SCAN)).encode(), None),
    "remarks between": (text().replace("\n", "\n# a remark, with a comma\n", 4).encode(), None),
    "names behind a comment mark": (("# made by, somebody\n# " + text()).encode(), None),
    "names in line 399": (("# a remark\n" * 398 + text()).encode(), {"header_line": 399}),
    "a long comment mark": (("REM by hand\n" + text()).replace("REM", "REM!").encode(), {"comment": "REM!"}),
    "other comment mark": (("% by hand\n" + text()).encode(), {"comment": "%"}),
    "no names": (
        text().split("\n", 1)[1].encode(),
        {"header_line": 0, "columns": {"angle": {"column": 1, "unit": "deg"}, "R_xx": {"column": 2, "unit": "Ohm"}}},
    ),
    "keys and values above": (("Operator: A. N. Other\nTemperature = 4.2 K\n" + text()).encode(), None),
    "a column of words": (
        ("note," + text().replace("\n", "\nok,")).removesuffix("ok,").encode(),
        None,
    ),
    "an empty column": (text().replace(",", ",,").encode().replace(b"(deg),,", b"(deg),spare,"), None),
    "columns the other way round": (text([(b, a) for a, b in SCAN], head="R_xx (Ohm),angle (deg)").encode(), None),
    "milliohm and radian": (
        (
            "angle (rad),R_xx (mOhm)\n" + "".join(f"{np.radians(a)!r},{b * 1000:.1f}\n" for a, b in SCAN)
        ).replace("np.float64(", "").replace("),", ",").replace("(rad,", "(rad),").encode(),
        None,
    ),
    "fixed width": (
        "".join(f"{a:10.3f}{b:10.3f}\n" for a, b in SCAN).encode(),
        {
            "widths": [10, 10],
            "columns": {"angle": {"column": 1, "unit": "deg"}, "R_xx": {"column": 2, "unit": "Ohm"}},
        },
    ),
    "runs of blanks with names": (
        ("angle R_xx\n" + "".join(f"  {a:9.3f} \t {b:.3f}\n" for a, b in SCAN)).encode(),
        {
            "header_line": 1,
            "columns": {"angle": {"column": "angle", "unit": "deg"}, "R_xx": {"column": "R_xx", "unit": "Ohm"}},
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_read_right(name, tmp_path):
    content, description = READ[name]
    path = tmp_path / "file.dat"
    path.write_bytes(content)
    data = read(path, description)
    assert data.angle.values == pytest.approx(SCAN_VALUES[:, 0], rel=1e-12)
    assert data.R_xx.values == pytest.approx(SCAN_VALUES[:, 1], rel=1e-12)


@pytest.mark.parametrize(
    ("ends", "said"), [(["\r\n"], "CRLF"), (["\n"], "LF"), (["\r"], "CR"), (["\n", "\r\n"], "mixed")]
)
def test_line_ends_are_told_by_their_name(ends, said, tmp_path):
    path = tmp_path / "file.dat"
    lines = text().split("\n")[:-1]
    path.write_bytes("".join(line + ends[k % len(ends)] for k, line in enumerate(lines)).encode())
    assert json.loads(read(path).attrs["metadata"])["header"]["line ends of the file"] == said
    assert inspect(path).line_end == said


def test_there_are_sixty_broken_files():
    assert len(REFUSED) + len(READ) >= 60


def test_missing_values_are_left_out_and_counted(tmp_path):
    path = tmp_path / "file.dat"
    path.write_text(with_row(4, "21.000,NaN"))
    data = read(path, {"missing": ["NaN"]})
    assert data.sizes["point"] == 11
    assert "1 rows without R_xx left out" in data.attrs["history"]


@pytest.mark.parametrize(
    "values",
    [
        {"format": "excel"}, {"separator": "::"}, {"decimal": "·"}, {"comment": 3}, {"comment": "-----"},
        {"header_line": -1}, {"header_line": 2.5}, {"first_line": 0}, {"skip_end": -3}, {"skip_end": True},
        {"widths": [0]}, {"widths": 8}, {"missing": "NaN"}, {"missing": [1]}, {"columns": 3},
        {"columns": {"R xx": {"column": "R"}}},
        {"columns": {"R_xx": {"unit": "Ohm"}}}, {"columns": {"R_xx": {"column": 0}}},
        {"columns": {"R_xx": {"column": True}}}, {"columns": {"R_xx": {"column": "R", "unit": 5}}},
        {"columns": {"R_xx": {"column": "R", "units": "Ohm"}}}, {"constants": {"field": 3}},
        {"channels": {"1": 2}}, {"angle": {"turns": 0}}, {"angle": {"turns": 1, "rate": "1 deg/s"}}, {"angle": {}},
        {"angle": {"turns": float("nan")}}, {"angle": {"turns": 1, "zero": 9}}, {"skip": 3}, {"encoding": 8},
        {"columns": {"field": "H"}, "constants": {"field": "1 T"}}, {"separator": "comma", "decimal": ","},
        {"header_line": 5, "first_line": 4},
    ],
)  # fmt: skip
def test_impossible_descriptions_are_refused(values):
    with pytest.raises(MeasurementError, match=r"Allowed: "):
        Description.of(values)


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"plane": "xy"}, "plane: got 'xy'"),
        ({"film_thickness": -3e-9}, "a positive length"),
        ({"film_thickness": "3 s"}, "a positive length"),
        ({"film_thickness": [3]}, "a positive length"),
        ({"sample": 3}, "sample: got 3"),
        ({"colour": "blue"}, "there is no such attribute"),
        ({"source": "elsewhere"}, "there is no such attribute"),
        ({"format": "excel"}, "format: got 'excel'"),
        ({"description": "nowhere.toml"}, "cannot be read"),
        ({"description": 3}, "description: got 3"),
    ],
)
def test_impossible_arguments_are_refused(keywords, words, tmp_path):
    path = tmp_path / "file.dat"
    path.write_text(text())
    with pytest.raises(MeasurementError, match=words):
        read(path, **keywords)
