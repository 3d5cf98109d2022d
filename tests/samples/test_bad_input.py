"""Sample files that cannot be used: the message names file, line, field, value and remedy, and nothing is written."""

import os
import re

import numpy as np
import pytest
from sample_texts import BILAYER

from spinstack.samples.sample_file import SampleError, parse_document
from spinstack.study import load_sample
from spinstack.study.film_reader import tables

#: the bilayer of the other tests without its empty lines, so that a line is a field, and a repeated pair on it
GOOD = BILAYER.replace("\n\n", "\n").replace("a bilayer", "RuO2/Py").replace('"Pt"', '"RuO2"')
GOOD = (
    GOOD.replace('dephasing_length = "0.5 nm"\n', "")
    + """\
[[film]]
repeat = 2
elements = [
  { kind = "metal", material = "Pt", thickness = "1 nm" },
  { kind = "metal", material = "Cu", thickness = "1 nm" },
]
"""
)

METAL, INTERFACE, MAGNET = "film[0] (metal)", "film[1] (interface)", "film[2] (ferromagnet)"
UP, DOWN, MIXING = GOOD.splitlines()[11:14]

# what is wrong: (text to replace, its replacement, line, field, value as shown, what to do)
BAD_FILES = {
    "version missing": ("spinstack = 1\n", "\n", 1, "spinstack", "missing", "Begin the file with spinstack = 1"),
    "version of tomorrow": ("spinstack = 1", "spinstack = 2", 1, "spinstack", "2", "Install a newer spinstack"),
    "version as text": ("spinstack = 1", 'spinstack = "1"', 1, "spinstack", "'1'", "spinstack = 1"),
    "version true": ("spinstack = 1", "spinstack = true", 1, "spinstack", "True", "spinstack = 1"),
    "version zero": ("spinstack = 1", "spinstack = 0", 1, "spinstack", "0", "spinstack = 1"),
    "title a number": ('"RuO2/Py"', "7", 2, "title", "7", "Put it in quotes"),
    "unknown table": ("[[film]]", "[scann]\nx = 1\n[[film]]", 3, "scann", "{'x': 1}", "Did you mean 'scan'?"),
    "a single film table": ("[[film]]", "[film]", 10, "", "[[film]]", "begins with its own [[film]]"),
    "unknown field": ("spin_hall_angle", "spin_hal_angle", 9, f"{METAL}.spin_hal_angle", "0.05",
                      "Did you mean 'spin_hall_angle'"),
    "field of another kind": ("polarization = 0.4", "g_factor = 2", 20, f"{MAGNET}.g_factor", "2",
                              "Allowed: kind, name, material, thickness"),
    "unknown field in a group": ('material = "Cu"', 'materials = "Cu"', 26, "film[3].elements[1] (metal).materials",
                                 "'Cu'", "Did you mean 'material'?"),
    "unknown kind": ('"ferromagnet"', '"feromagnet"', 16, "film[2] (feromagnet).kind", "'feromagnet'",
                     "Did you mean 'ferromagnet' or 'altermagnet'?"),
    "kind in capitals": ('"metal"', '"Metal"', 4, "film[0] (Metal).kind", "'Metal'", "Did you mean 'metal'?"),
    "kind a number": ('"metal"', "1", 4, "film[0].kind", "1", "Allowed: metal, ferromagnet, altermagnet, interface"),
    "kind missing": ('kind = "metal"\n', "", 3, "film[0].kind", "missing", "Add kind = one of metal"),
    "thickness missing": ('thickness = "5 nm"\n', "", 3, f"{METAL}.thickness", "missing",
                          'Add, for example, thickness = "5 nm"'),
    "several missing": ('thickness = "5 nm"\nconductivity = "2.8e6 S/m"\n', "", 3, f"{METAL}.thickness", "missing",
                        f"{METAL}.conductivity: missing"),
    "name missing": ('name = "RuO2"\n', "", 3, f"{METAL}.name", "missing", 'name = "Pt"'),
    "thickness missing in a group": (', thickness = "1 nm" },\n]', " },\n]", 26,
                                     "film[3].elements[1] (metal).thickness", "missing", 'thickness = "5 nm"'),
    "name a number": ('"RuO2"', "2", 5, f"{METAL}.name", "2", "Allowed: text in quotes"),
    "name empty": ('"RuO2"', '""', 5, f"{METAL}.name", "''", "Allowed: text in quotes"),
    "name with a dot": ('"RuO2"', '"Ru.O2"', 5, f"{METAL}.name", "'Ru.O2'", "Allowed: text without '.'"),
    "unknown material": ('"Cu"', '"Cuu"', 26, "film[3].elements[1] (metal).material", "'Cuu'", "Did you mean 'Cu'"),
    "material of another kind": ('"Cu"', '"Py"', 26, "film[3].elements[1] (metal).material", "'Py'", "Allowed: Pt"),
    "material a number": ('"Cu"', "29", 26, "film[3].elements[1] (metal).material", "29", "Allowed: text in quotes"),
    "number without unit": ('"5 nm"', "5e-9", 6, f"{METAL}.thickness", "5e-09", 'Write "5e-09 m"'),
    "text without unit": ('"5 nm"', '"5"', 6, f"{METAL}.thickness", "'5'", 'Write "5 m"'),
    "unit alone": ('"5 nm"', '"nm"', 6, f"{METAL}.thickness", "'nm'", 'for example "5 nm"'),
    "empty text": ('"5 nm"', '""', 6, f"{METAL}.thickness", "''", 'for example "5 nm"'),
    "truth value": ('"5 nm"', "true", 6, f"{METAL}.thickness", "True", 'for example "5 nm"'),
    "date": ('"5 nm"', "2024-01-01", 6, f"{METAL}.thickness", "datetime.date(2024, 1, 1)", 'for example "5 nm"'),
    "table": ('"5 nm"', "{ value = 5 }", 6, f"{METAL}.thickness", "{'value': 5}", 'for example "5 nm"'),
    "list": ('"5 nm"', '["5 nm", "6 nm"]', 6, f"{METAL}.thickness", "['5 nm', '6 nm']", "a sweep takes several"),
    "unknown unit": ('"5 nm"', '"5 NM"', 6, f"{METAL}.thickness", "'5 NM'", "Did you mean 'nm'"),
    "wrong dimension": ('"5 nm"', '"5 nm^2"', 6, f"{METAL}.thickness", "'5 nm^2'", "converts to m"),
    "unit that is no unit": ('"5 nm"', '"5 nm)("', 6, f"{METAL}.thickness", "'5 nm)('", 'for example "5 nm"'),
    "costly unit": ('"5 nm"', '"5 nm^9^9^9^9"', 6, f"{METAL}.thickness", "'5 nm^9^9^9^9'", 'for example "5 nm"'),
    "decimal comma": ('"5 nm"', '"0,5 nm"', 6, f"{METAL}.thickness", "'0,5 nm'", "Write a decimal point"),
    "a calculation": ('"4e14 S/m^2"', '"4*10^14 S/m^2"', 12, f"{INTERFACE}.conductance_up", "'4*10^14 S/m^2'",
                      "Write one number, such as 6e14"),
    "negative thickness": ('"5 nm"', '"-5 nm"', 6, f"{METAL}.thickness", "'-5 nm'", "greater than 0"),
    "zero thickness": ('"5 nm"', '"0 nm"', 6, f"{METAL}.thickness", "'0 nm'", "greater than 0"),
    "vanishing thickness": ('"5 nm"', '"1e-320 nm"', 6, f"{METAL}.thickness", "'1e-320 nm'", "greater than 0"),
    "infinite thickness": ('"5 nm"', '"inf"', 6, f"{METAL}.thickness", "'inf'", "converts to m"),
    "thickness NaN": ('"5 nm"', '"nan nm"', 6, f"{METAL}.thickness", "'nan nm'", 'for example "5 nm"'),
    "bare NaN": ("0.05", "nan", 9, f"{METAL}.spin_hall_angle", "nan", "a pure number"),
    "overflow": ('"2.8e6 S/m"', '"1e400 S/m"', 7, f"{METAL}.conductivity", "'1e400 S/m'", "converts to S/m"),
    "exponent of no size": ('"5 nm"', '"1e99999999999999999999 nm"', 6, f"{METAL}.thickness",
                            "'1e99999999999999999999 nm'", 'for example "5 nm"'),
    "huge whole number": ("0.05", f"0x{'f' * 5000}", 9, f"{METAL}.spin_hall_angle", "thousands of digits",
                          "a pure number"),
    "minus infinity": ('"2 nm"', '"-inf"', 8, f"{METAL}.spin_diffusion_length", "'-inf'", 'or "inf"'),
    "resistivity as conductivity": ('"2.8e6 S/m"', '"20 uOhm cm"', 7, f"{METAL}.conductivity", "'20 uOhm cm'",
                                    "That is a resistivity"),
    "both conductivity and resistivity": ('conductivity = "2.8e6 S/m"',
                                          'conductivity = "2.8e6 S/m"\nresistivity = "20 uOhm cm"', 8,
                                          f"{METAL}.resistivity", "'20 uOhm cm'", "Give one"),
    "zero resistivity": ('conductivity = "2.8e6 S/m"', 'resistivity = "0 uOhm cm"', 7, f"{METAL}.resistivity",
                         "'0 uOhm cm'", "greater than 0"),
    "both ways to the diffusion coefficient": ("spin_hall_angle = 0.05",
                                               'diffusion_coefficient = "1 cm^2/s"\n'
                                               'density_of_states = "1e47 1/(J m^3)"', 9,
                                               f"{METAL}.diffusion_coefficient",
                                               "both diffusion_coefficient and density_of_states", "Give one"),
    "unit on a pure number": ("0.4", '"0.4 nm"', 20, f"{MAGNET}.polarization", "'0.4 nm'", "a pure number"),
    "polarization one": ("0.4", '"100 %"', 20, f"{MAGNET}.polarization", "'100 %'", "less than 1"),
    "complex thickness": ('"5 nm"', '"5 + 1j nm"', 6, f"{METAL}.thickness", "'5 + 1j nm'", "a real value"),
    "tensor of wrong shape": ("0.05", "[[0, 1], [1, 0]]", 9, f"{METAL}.spin_hall_angle", "[[0, 1], [1, 0]]", "3x2"),
    "tensor with a text": ("0.05", '[[0, 0], [0, "a"], [0, 0]]', 9, f"{METAL}.spin_hall_angle[1][1]", "'a'",
                           "a pure number"),
    "creating energy": ("spin_hall_angle = 0.05", "spin_splitter = [[2, 0], [0, 0], [0, 0]]", 9,
                        f"{METAL}.spin_splitter", "[[2, 0]", "singular values up to 1"),
    "mixing conductance per area": (MIXING, 'mixing_conductance = "6e18 + 1e18j 1/m^2"', 14,
                                    f"{INTERFACE}.mixing_conductance", "'6e18 + 1e18j 1/m^2'",
                                    '3.8740459e-5 S; multiplied by it, it is "2.32443e+14 + 3.87405e+13j S/m^2"'),
    "mixing conductance per area in a table": (MIXING,
                                               'mixing_conductance = { real = "6e14 1/cm^2", imag = "0 S/m^2" }', 14,
                                               f"{INTERFACE}.mixing_conductance.real", "'6e14 1/cm^2'",
                                               '"2.32443e+14 S/m^2"'),
    "mixing conductance without imag": (MIXING, 'mixing_conductance = { real = "6e14 S/m^2" }', 14,
                                        f"{INTERFACE}.mixing_conductance", "{'real': '6e14 S/m^2'}",
                                        "just the keys real and imag"),
    "magnetic interface without mixing": (MIXING, "", 10, f"{INTERFACE}.mixing_conductance", "missing",
                                          'mixing_conductance = "6e14 + 0.5e14j S/m^2"'),
    "transmits more than enters": (MIXING, f'{MIXING}\ntransmitted_mixing_conductance = "7e14 S/m^2"', 15,
                                   f"{INTERFACE}.transmitted_mixing_conductance", "7", "at most 6e+14"),
    "magnet it does not touch": (MIXING, f'{MIXING}\nmagnet = "Co"', 15, f"{INTERFACE}.magnet", "'Co'", "Py"),
    "mixing without a magnet": (GOOD[GOOD.index('kind = "ferro'):GOOD.index('spin_diffusion_length = "5 nm"')],
                                'kind = "metal"\nmaterial = "Ru"\nthickness = "4 nm"\n', 14,
                                f"{INTERFACE}.mixing_conductance", "touches no magnet", "Leave it out"),
    "interface at the bottom": (GOOD[GOOD.index("[[film]]"):GOOD.index('[[film]]\nkind = "interface"')], "", 3,
                                "film[0] (interface)", "lowest element", "remove it or add a layer"),
    "interface at the top": (GOOD[GOOD.index('[[film]]\nkind = "ferro'):], "", 10, INTERFACE, "topmost",
                             "remove it or add a layer"),
    "only vacuum": (GOOD[GOOD.index("[[film]]"):], '[[film]]\nkind = "vacuum"\n', 3, "film", "no conducting layer",
                    "Add a Metal"),
    "no film": (GOOD[GOOD.index("[[film]]"):], "", 1, "film", "missing", "Add one [[film]] table"),
    "empty film": (GOOD[GOOD.index("[[film]]"):], "film = []", 3, "film", "empty list", "Add at least one element"),
    "film of numbers": (GOOD[GOOD.index("[[film]]"):], "film = [1]", 3, "film[0]", "1", "Write [[film]]"),
    "film as text": (GOOD[GOOD.index("[[film]]"):], 'film = "Pt|Py"', 3, "film", "'Pt|Py'", "Write [[film]]"),
    "zero repeats": ("repeat = 2", "repeat = 0", 23, "film[3].repeat", "0", "a whole number from 1"),
    "repeats as text": ("repeat = 2", 'repeat = "2"', 23, "film[3].repeat", "'2'", "without quotes"),
    "half a repeat": ("repeat = 2", "repeat = 2.5", 23, "film[3].repeat", "2.5", "a whole number from 1"),
    "repeats beyond all films": ("repeat = 2", "repeat = 1000000000", 23, "film[3].repeat", "1000000000", "100000"),
    "repeat missing": ("repeat = 2\n", "", 22, "film[3].repeat", "missing", "Add repeat = 10"),
    "elements missing": (GOOD[GOOD.index("elements"):], "", 22, "film[3].elements", "missing", "Add elements ="),
    "elements empty": (GOOD[GOOD.index("elements"):], "elements = []\n", 24, "film[3].elements", "empty list",
                       "at least one element"),
    "elements a table": (GOOD[GOOD.index("elements"):], 'elements = { kind = "vacuum" }\n', 24, "film[3].elements",
                         "{'kind': 'vacuum'}", "a list"),
    "a field beside repeat": ("repeat = 2", 'repeat = 2\nkind = "metal"', 24, "film[3] (metal).kind", "'metal'",
                              "Allowed: repeat, elements"),
    "same key twice": ('thickness = "5 nm"', 'thickness = "5 nm"\nthickness = "6 nm"', 7, "", 'thickness = "6 nm"',
                       "only once in a table"),
    "quotes forgotten": ('"5 nm"', "5 nm", 6, "", "thickness = 5 nm", "text in quotes"),
    "quote not closed": ('"5 nm"', '"5 nm', 6, "", 'thickness = "5 nm', "text in quotes"),
    "cut off": (GOOD[GOOD.index(" },\n]"):], "", 26, "", "cut off", "not valid TOML"),
    "cut off in a list": (GOOD[GOOD.index("  { kind"):], "", 25, "", "cut off", "not valid TOML"),
    "cut off in a text": (GOOD[GOOD.index("nm"):], "", 6, "", 'thickness = "5 ', "text in quotes"),
    "nested without end": ("0.05", "[" * 100_000, 0, "", "too deeply", "Write the film as [[film]] tables"),
}  # fmt: skip


def contents(folder):
    return {p.name: p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def test_the_sample_that_the_cases_break_is_good(here):
    (here / "sample.toml").write_text(GOOD, encoding="utf-8")
    assert len(load_sample("sample.toml")) == 7


@pytest.mark.parametrize("case", BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused_with_line_field_value_and_remedy(here, case):
    old, new, line, field, value, remedy = case
    assert old in GOOD
    (here / "sample.toml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    before = contents(here)
    with pytest.raises(SampleError) as caught:
        load_sample("sample.toml")
    message = str(caught.value)
    where = f"sample.toml, line {line}" if line else "sample.toml"
    assert message.startswith(f"{where}, {field}: " if field else f"{where}: "), message
    assert value in message.removeprefix(where), message
    assert remedy in message, message
    assert len(message) < 1200
    assert contents(here) == before


BAD_BYTES = {
    "UTF-16": (GOOD.encode("utf-16"), "sample.toml: is UTF-16 text", "Save it as UTF-8"),
    "Latin-1": (GOOD.replace('"5 nm"', '"0.005 µm"').encode("latin-1"), "sample.toml, line 6: got the byte 0xb5",
                "Save the file as UTF-8, or write 'u' for micro"),
    "HDF5": (b"\x89HDF\r\n\x1a\n\0\0\0", "sample.toml: is a binary file", "TOML text in UTF-8"),
    "empty": (b"", "sample.toml, line 1, spinstack: missing", "Begin the file with spinstack = 1"),
    "comments only": (b"# nothing\n", "sample.toml, line 1, spinstack: missing", "Begin the file with spinstack = 1"),
    "JSON": (b'{"film": []}', "sample.toml, line 1: got '{\"film\": []}', not valid TOML", "text in quotes"),
    "control character": (GOOD.replace("RuO2", "Ru\x07").encode(),
                          "sample.toml, line 2: got 'title = \"Ru\\x07/Py\"', not valid TOML", "Illegal"),
    "too long": (b"#" * 10_000_001, "sample.toml: is not a sample file", "larger than 10 MB"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "where", "remedy"), BAD_BYTES.values(), ids=BAD_BYTES)
def test_bytes_that_are_no_sample_file_are_refused(here, raw, where, remedy):
    (here / "sample.toml").write_bytes(raw)
    with pytest.raises(SampleError) as caught:
        load_sample("sample.toml")
    assert str(caught.value).startswith(where)
    assert remedy in str(caught.value)
    assert contents(here) == {"sample.toml": raw}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("sampel.toml", r"sampel\.toml: there is no such file\. Did you mean 'sample\.toml'\?"),
        ("nowhere/sample.toml", r"nowhere/sample\.toml: there is no such file\. Give the path"),
        ("folder", r"folder: is a folder\. Give the sample file in it"),
        ("a\0b", r"cannot be read|there is no such file"),
        (3, r"got 3, which is not the path of a sample file\. Give text such as 'sample\.toml'"),
        (None, r"got None, which is not the path of a sample file"),
    ],
)
def test_a_path_that_leads_to_no_file_is_refused(here, path, message):
    (here / "sample.toml").write_text(GOOD, encoding="utf-8")
    (here / "folder").mkdir()
    before = contents(here)
    with pytest.raises(SampleError, match=message):
        load_sample(path)
    assert contents(here) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs permissions that are enforced")
def test_a_file_that_may_not_be_read_is_refused(here):
    (here / "sample.toml").write_text(GOOD, encoding="utf-8")
    (here / "sample.toml").chmod(0)
    with pytest.raises(SampleError, match="Check the path and its permissions"):
        load_sample("sample.toml")


def test_a_document_reads_any_text_or_says_where_it_is_wrong():
    """A file cut anywhere, or with one character changed, is read or refused; nothing else may happen."""
    rng = np.random.default_rng(3)
    refused = 0
    for _ in range(1500):
        at = int(rng.integers(len(GOOD)))
        text = GOOD[:at] + rng.choice(["", '"', "[", "]", "=", "{", "\n", "\\", "#", "é", "1"])
        text += GOOD[at + 1 :] if rng.random() < 0.7 else ""
        try:
            document = parse_document(text, "sample.toml", allowed=tables())
        except SampleError as error:
            refused += 1
            line = int(re.match(r"sample\.toml, line (\d+)", str(error))[1])
            assert 1 <= line <= text.count("\n") + 1
        else:
            assert set(document.data) <= {"spinstack", "title", "film"}
    assert 500 < refused < 1400
