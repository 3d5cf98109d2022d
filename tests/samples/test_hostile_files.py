"""What editors, keyboards and languages do to a sample file: read as it is meant, or refused where it stands."""

import gzip

import numpy as np
import pytest
from sample_texts import BILAYER

import spinstack as ss
from spinstack.samples.sample_file import SampleError, parse_document
from spinstack.study import read_film_study

THICKNESS, ANGLE, SIGMA = 'thickness = "5 nm"', "spin_hall_angle = 0.05", 'conductivity = "2.8e6 S/m"'


def put(line, other):
    """The bilayer with another line."""
    assert BILAYER.count(f"\n{line}\n") == 1
    return BILAYER.replace(line, other)


def thick(text):
    return put(THICKNESS, f'thickness = "{text}"')


#: what reads as the bilayer does: bytes or text
THE_SAME = {
    "a mark of the order of bytes": b"\xef\xbb\xbf" + BILAYER.encode(),
    "line ends of Windows": BILAYER.replace("\n", "\r\n"),
    "line ends of two systems": BILAYER.replace("\n", "\r\n", 3),
    "no line end": BILAYER.rstrip(),
    "a comment at the end": BILAYER + "# the end",
    "blank lines without end": BILAYER + "\n" * 50_000,
    "keys in quotes": BILAYER.replace("thickness", '"thickness"'),
    "single quotes": put(THICKNESS, "thickness = '5 nm'"),
    "three quotes": put(THICKNESS, 'thickness = """5 nm"""'),
    "a value over three lines": put(THICKNESS, 'thickness = """\n5 nm\n"""'),
    "an escape": thick("5\\u0020nm"),
    "a version in hexadecimal": BILAYER.replace("spinstack = 1", "spinstack = 0x1"),
    "no space": thick("5nm"),
    "a space of no break": thick("5\u00a0nm"),
    "a narrow space": thick("5\u202fnm"),
    "a space of ideographs": thick("5\u3000nm"),
    "the sign for micro": thick("0.005 \u00b5m"),
    "a Greek mu": thick("0.005 \u03bcm"),
    "u for micro": thick("0.005 um"),
    "a minus sign": thick("5e\u22129 m"),
    "digits of full width": thick("５ nm"),
    "Arabic digits": thick("٥ nm"),
    "underscores": thick("5_000 pm"),
    "in words": thick("5 nanometres"),
    "an angstrom": thick("50 Å"),
    "the sign for angstrom": thick("50 \u212b"),
    "superscripts": put(SIGMA, 'conductivity = "2.8e6 S m⁻¹"'),
    "a dot between units": put(SIGMA, 'conductivity = "2.8e4 S·cm^-1"'),
    "per cent": put(ANGLE, 'spin_hall_angle = "5 %"'),
    "per cent without a space": put(ANGLE, 'spin_hall_angle = "5%"'),
    "per mille": put(ANGLE, 'spin_hall_angle = "50 ‰"'),
    "a number in quotes": put(ANGLE, 'spin_hall_angle = "0.05"'),
}


@pytest.mark.parametrize("how", THE_SAME)
def test_it_reads_as_it_is_meant(here, how):
    text = THE_SAME[how]
    for name, raw in (
        ("plain.toml", BILAYER.encode()),
        ("odd.toml", text if isinstance(text, bytes) else text.encode()),
    ):
        (here / name).write_bytes(raw)
    plain, odd = (ss.load_sample(name).parameters() for name in ("plain.toml", "odd.toml"))
    assert odd.keys() == plain.keys()
    np.testing.assert_allclose([*odd.values()], [*plain.values()], rtol=1e-15)


NO_FILES = {
    "UTF-16 without a mark": (BILAYER.encode("utf-16-le"), 0, "is a binary file"),
    "UTF-16 the other way round": (b"\xfe\xff" + BILAYER.encode("utf-16-be"), 0, "Save it as UTF-8"),
    "UTF-32": (BILAYER.encode("utf-32"), 0, "Save it as UTF-8"),
    "Japanese": (BILAYER.replace("a bilayer", "膜").encode("shift_jis"), 2, "Save the file as UTF-8"),
    "a NUL at the end": (BILAYER.encode() + b"\0", 0, "is a binary file"),
    "packed": (gzip.compress(BILAYER.encode()), 0, "is a binary file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), 0, "is a binary file"),
    "a spreadsheet": (b"PK\x03\x04" + bytes(50), 0, "is a binary file"),
    "PDF": (b"%PDF-1.7\n", 1, "not valid TOML"),
    "HTML": (b"<html></html>\n", 1, "not valid TOML"),
    "YAML": (b"spinstack: 1\nfilm:\n  - kind: metal\n", 1, "not valid TOML"),
    "Python": (b"import spinstack as ss\n", 1, "not valid TOML"),
    "numbers with commas": (b"a,b\n1,2\n", 1, "not valid TOML"),
    "a page around it": (f"```toml\n{BILAYER}```\n".encode(), 1, "not valid TOML"),
    "line ends of old machines": (BILAYER.replace("\n", "\r").encode(), 1, "not valid TOML"),
    "a vertical tab": (BILAYER.encode() + b"\x0b\n", 26, "not valid TOML"),
    "a form feed": (BILAYER.encode() + b"\x0c\n", 26, "not valid TOML"),
    "more comments than 10 MB": (BILAYER.encode() + b"# x\n" * 2_500_001, 0, "larger than 10 MB"),
}


@pytest.mark.parametrize("case", NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_sample_file_is_refused(here, case):
    raw, line, words = case
    (here / "s.toml").write_bytes(raw)
    with pytest.raises(SampleError) as caught:
        ss.load_sample("s.toml")
    assert (caught.value.source, caught.value.line or 0) == ("s.toml", line)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 400


PAIR = "a quantity. Allowed: text with a number and a unit that converts to m"
CANNOT = "cannot be read. Allowed: text with a number and a unit"
CALCULATION = "which is a calculation"
COMMA = "Write a decimal point."
#: text of the file, line, words of the message
REFUSED = {
    "a day for a title": (put('title = "a bilayer"', "title = 2024-01-01"), 2, "which is not text"),
    "a time for a length": (put(THICKNESS, "thickness = 07:32:00"), 7, PAIR),
    "a table by a dotted key": (put(THICKNESS, "thickness.value = 5"), 7, PAIR),
    "a range for a length": (put(THICKNESS, 'thickness = {start = "1 nm", stop = "2 nm", points = 2}'), 7, PAIR),
    "curly quotes": (put(THICKNESS, "thickness = “5 nm”"), 7, "not valid TOML"),
    "a bad escape": (thick("5\\qnm"), 7, "not valid TOML"),
    "spaces of no break around the sign": (put(THICKNESS, 'thickness\u00a0=\u00a0"5 nm"'), 7, "not valid TOML"),
    "nothing in the middle of a key": (put(THICKNESS, 'thick\u200bness = "5 nm"'), 7, "got 'thick\\u200bness"),
    "an equals sign of full width": (put(THICKNESS, 'thickness ＝ "5 nm"'), 7, "not valid TOML"),
    "nothing before the unit": (thick("5\u200bnm"), 7, r"'\u200bnm' " + CANNOT),
    "a minus before the number": (thick("\u22125 nm"), 7, "which is too small. Allowed: greater than 0."),
    "a dash for a minus": (thick("5e\u20139 m"), 7, CANNOT),
    "times ten to the": (thick("5×10⁻⁹ m"), 7, CALCULATION),
    "x10^": (thick("5x10^-9 m"), 7, CALCULATION),
    "plus or minus": (thick("5 ± 1 nm"), 7, CANNOT),
    "+-": (thick("5 +- 1 nm"), 7, CALCULATION),
    "a decimal comma": (thick("5,0 nm"), 7, COMMA),
    "commas between thousands": (put(SIGMA, 'conductivity = "2,800,000 S/m"'), 8, COMMA),
    "spaces between thousands": (put(SIGMA, 'conductivity = "2 800 000 S/m"'), 8, CANNOT),
    "apostrophes between thousands": (put(SIGMA, "conductivity = \"2'800'000 S/m\""), 8, CANNOT),
    "one half": (thick("½ nm"), 7, "does not begin with a number"),
    "a quotient": (thick("1/2 nm"), 7, CANNOT),
    "about": (thick("~5 nm"), 7, "does not begin with a number"),
    "less than": (thick("<5 nm"), 7, "does not begin with a number"),
    "the unit first": (thick("nm 5"), 7, "does not begin with a number"),
    "two units": (thick("5 nm nm"), 7, "does not convert to m"),
    "two values": (thick("5 nm 6 nm"), 7, CANNOT),
    "a question": (thick("5 nm?"), 7, CANNOT),
    "an ampere": (thick("50 A"), 7, "does not convert to m"),
    "newton metres": (thick("5 Nm"), 7, "does not convert to m"),
    "per cent of a length": (thick("5 %"), 7, CANNOT),
    "per cent of per cent": (put(ANGLE, 'spin_hall_angle = "5 % %"'), 10, "with the unit '% %'"),
    "minus NaN": (put(ANGLE, "spin_hall_angle = -nan"), 10, "not a number (NaN)"),
    "plus infinity": (put(ANGLE, "spin_hall_angle = +inf"), 10, "which is infinite"),
    "false": (put(ANGLE, "spin_hall_angle = false"), 10, "a truth value"),
    "four rows": (put(ANGLE, "spin_hall_angle = [[0, 0], [0, 0], [0, 0], [0, 0]]"), 10, "which is not 3x2"),
    "a table of components": (put(ANGLE, "spin_hall_angle = {x = 0.1}"), 10, "a pure number"),
    "a key in capitals": (BILAYER.replace("thickness", "Thickness", 1), 7, "Did you mean 'thickness'?"),
    "a key of capitals": (BILAYER.replace("thickness", "THICKNESS", 1), 7, "Did you mean 'thickness'?"),
    "a key with dashes": (BILAYER.replace("spin_hall_angle", "spin-hall-angle"), 10, "Did you mean 'spin_hall_angle'"),
    "a key with spaces": (
        BILAYER.replace("spin_hall_angle", '"spin hall angle"'),
        10,
        "Did you mean 'spin_hall_angle'",
    ),
    "a key without letters": (BILAYER + '"" = 1\n', 26, "for an unknown field"),
    "a key with a dot": (BILAYER + '"film.x" = 1\n', 26, "for an unknown field"),
    "a table in capitals": (BILAYER.replace("[[film]]", "[[Film]]"), 4, "Did you mean 'film'?"),
    "a table of many": (BILAYER.replace("[[film]]", "[[films]]"), 4, "Did you mean 'film'?"),
    "an unknown table in tables": (BILAYER + "[a.b.c.d]\nx = 1\n", 26, "for an unknown field"),
    "tables in tables without end": (BILAYER + "[a" + ".a" * 300 + "]\n", 26, "for an unknown field"),
    "a film after the film": (BILAYER + "[film]\nx = 1\n", 26, "begins with its own [[film]]"),
    "a barrier of a magnet": (BILAYER + '[film.scattering]\nkind = "delta_barrier"\n', 26, "scattering: got"),
    "a film by dotted keys": ('spinstack = 1\nfilm.kind = "metal"\n', 2, "Write [[film]], with two brackets"),
    "a film by names": ('spinstack = 1\n[film.Pt]\nkind = "metal"\n', 2, "Write [[film]], with two brackets"),
    "a film of lists": ('spinstack = 1\nfilm = [[{kind = "metal"}]]\n', 2, "Write [[film]] and its fields below"),
    "a table over lines": ('spinstack = 1\nfilm = [{kind = "metal",\nname = "Pt"}]\n', 2, "not valid TOML"),
    "a version with a point": (BILAYER.replace("spinstack = 1", "spinstack = 1.0"), 1, "Begin the file with spinstack"),
    "a version in a table": ("spinstack.version = 1\n", 1, "Begin the file with spinstack = 1"),
    "a version in capitals": (
        BILAYER.replace("spinstack = 1", "Spinstack = 1"),
        1,
        "Begin the file with spinstack = 1",
    ),
    "a version at the end": (BILAYER.replace("spinstack = 1\n", "") + "spinstack = 1\n", 1, "Begin the file with"),
    "a version twice": ("spinstack = 1\n" + BILAYER, 2, "only once in a table"),
    "lists in lists without end": (BILAYER + "x = " + "[" * 5000 + "]" * 5000, 0, "nested too deeply"),
    "tables in a line without end": (BILAYER + "x = " + "{a=" * 500 + "1" + "}" * 500, 0, "nested too deeply"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_where_it_stands(case):
    text, line, words = case
    with pytest.raises(SampleError) as caught:
        read_film_study(parse_document(text, "s.toml"))
    errors = caught.value.errors
    assert line in {error.line or 0 for error in errors}
    assert words in str(caught.value)
    assert str(caught.value).isprintable() or len(errors) > 1


def test_of_very_many_errors_the_first_are_told():
    with pytest.raises(SampleError) as caught:
        read_film_study(parse_document(BILAYER + "[[film]]\n" * 5000, "s.toml"))
    lines = str(caught.value).splitlines()
    assert len(caught.value.errors) == 5000
    assert lines[0].startswith("s.toml, line 26, film[3].kind: missing")
    assert (len(lines), lines[-1]) == (51, "... and 4950 more.")
