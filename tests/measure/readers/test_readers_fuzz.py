"""Any bytes, and measured files with errors put in: read whole or refused, and no row is ever lost in silence."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from measured_files import FESI, LOOP, NI, PPMS, SQUID

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers import read
from spinstack.measure.readers.decode import decode
from spinstack.measure.readers.grid import Grid, _exact, _fast, is_number, numbers

#: a number that was changed may be a field that nobody has
pytestmark = pytest.mark.filterwarnings("ignore:.* its unit may be")


def outcome(path, content, description=None):
    """The dataset, or None where the file is refused; any other exception fails the test."""
    path.write_bytes(content)
    try:
        data = read(path, description)
    except MeasurementError:
        return None
    assert data.sizes["point"] >= 1
    for name, variable in data.variables.items():
        assert variable.dtype == float
        assert name.endswith("_error") or data.attrs["format"] == "quantum_design" or np.isfinite(variable).all()
    return data


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "file.dat"


DESCRIPTIONS = [None, LOOP, {"columns": {"R_xx": {"column": 2, "unit": "Ohm"}}}, {"missing": ["", "NaN"]}]


@settings(max_examples=100)
@given(content=st.binary(max_size=300), description=st.sampled_from(DESCRIPTIONS))
def test_any_bytes_are_read_or_refused(place, content, description):
    outcome(place, content, description)


@settings(max_examples=100)
@given(
    content=st.text("0123456789.,;|\t \n\r\"'#eE+-naifT()[]°Ωé", max_size=120),
    head=st.sampled_from(
        ["", "T (K),R_xx (Ohm)\n", "B [T]\tR_xx [Ohm]\n", "[Header]\n[Data]\nComment,Temperature (K)\n"]
    ),
    description=st.sampled_from(DESCRIPTIONS),
)
def test_any_text_is_read_or_refused(place, content, head, description):
    outcome(place, (head + content).encode(), description)


@pytest.mark.study
@settings(max_examples=100)
@given(
    which=st.integers(0, 3),
    at=st.floats(0, 1, exclude_max=True),
    length=st.integers(0, 4),
    new=st.binary(max_size=4) | st.sampled_from([b",", b"\t", b"\n", b"\r", b'"', b"nan", b"1e9", b"-", b"", b"\x00"]),
)
def test_mutated_files_are_read_or_refused(place, which, at, length, new):
    original = (FESI, PPMS, SQUID, NI)[which]
    k = int(at * len(original))
    outcome(place, original[:k] + new + original[k + length :], LOOP if which == 3 else None)


ROWS_FESI = [m for m in range(FESI.index(b"0.00000\t"), len(FESI)) if FESI[m : m + 1] in b"0123456789.-"]
ROWS_NI = [m for m in range(NI.index(b"   655"), NI.index(b"Pierwsza")) if NI[m : m + 1] in b"0123456789.-"]
PLAIN = b"abcxyz!?:;/\\ \t0123456789.-,"


@pytest.mark.study
@settings(max_examples=120)
@given(fesi=st.booleans(), at=st.floats(0, 1, exclude_max=True), new=st.sampled_from(sorted(set(PLAIN))))
def test_a_mutated_number_never_loses_a_row(place, fesi, at, new):
    original, places, description = (FESI, ROWS_FESI, None) if fesi else (NI, ROWS_NI, LOOP)
    k = places[int(at * len(places))]
    data = outcome(place, original[:k] + bytes([new]) + original[k + 1 :], description)
    assert data is None or data.sizes["point"] == (2186 if fesi else 1001)


@pytest.mark.study
@settings(max_examples=200)
@given(line=st.integers(34, 80), cell=st.integers(1, 22), new=st.sampled_from(["", "x", "nan", "1e", "-", "7", " 7 "]))
def test_a_mutated_cell_of_a_quantum_design_file_is_refused_or_counted(place, line, cell, new):
    lines = PPMS.decode().split("\n")
    cells = lines[line - 1].split(",")
    cells[cell] = new
    lines[line - 1] = ",".join(cells)
    data = outcome(place, "\n".join(lines).encode(), {"channels": {"1": "R_xx"}})
    if new.strip() == "7":
        assert data is not None
    if data is not None and data.sizes["point"] < 47:
        assert (data.sizes["point"], new, cell) == (46, "", 19)
        assert "1 rows without R_xx left out" in data.attrs["history"]


CELLS = st.sampled_from(
    [
        "1", "-2.5", "+.5", "3.", "1e5", "1E-05", "", " 4 ", "nan", "NaN", "inf", "-inf", "1e999", "True", "false",
        "1_0", "0x1", "1d5", "1,5", "1.5.2", "--1", "١", "1 2", "-", ".", "e5", "\u00a05", "NULL", "NA", "1e5.5", "5f",
        "9" * 400,
    ]
)  # fmt: skip


@pytest.mark.study
@settings(max_examples=400)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4),
    missing=st.sampled_from([(), ("",), ("NaN", "-")]),
    decimal=st.sampled_from([".", ","]),
    separator=st.sampled_from(["\t", ";", " "]),
)
@example(rows=[("True", "1")], missing=("",), decimal=".", separator=";")
@example(rows=[("nan", "1")], missing=("",), decimal=".", separator=";")
def test_the_fast_way_never_disagrees_with_the_exact_one(rows, missing, decimal, separator):
    region = "".join(separator.join(row) + "\n" for row in rows).encode()
    grid = Grid(1, ("a", "b"), separator, decimal, "#", missing)
    try:
        found, lines, _ = numbers(decode(region), grid, [0, 1])
    except MeasurementError:
        found = None
    if separator != " ":
        try:
            exact = _exact(region, grid, [0, 1])
        except MeasurementError:
            exact = None
        if found is None:
            assert exact is None or all(not any(c.strip() for c in r) for r in rows) or b"\n\n" in region
        else:
            assert exact is not None
            assert len(lines) == len(found[0])
            for k in (0, 1):
                np.testing.assert_array_equal(found[k], exact[k])
    if found is not None and not missing:
        assert all(is_number(c, decimal) for row in rows for c in row if separator != " ")


def test_the_fast_way_is_taken_for_plain_numbers():
    region = b"1.5,2\n-3e5,4\n"
    values = _fast(region, Grid(1, ("a", "b"), ","), [0, 1], 2, 2)
    assert values is not None
    assert values[0].tolist() == [1.5, -3e5]
