"""Refusals of readers on both sides of what they allow, and the words of remedies."""

from types import SimpleNamespace

import numpy as np
import pytest
from instrument_files import ROWS, delimited, labview, lake_shore, qcodes, quantum_design

from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.readers import Description, inspect, read
from spinstack.measure.readers.decode import LARGEST, load
from spinstack.measure.readers.fixed_width import guess
from spinstack.measure.readers.grid import Grid, numbers
from spinstack.measure.readers.header import Record, are_names, header_of
from spinstack.measure.readers.reading import NotReadError

K = np.arange(ROWS)
FIELD, OHM = 0.1 * K - 0.5, 100 + 0.5 * K
PLAIN = {"field (T)": FIELD, "R_xx (Ohm)": OHM}
USUAL = {"Temperature (K)": 10 + 0 * K, "Magnetic Field (Oe)": FIELD * 1e4}


def put(tmp_path, content):
    path = tmp_path / "file.dat"
    path.write_text(content, encoding="utf-8")
    return path


def refusal(tmp_path, content, description=None):
    """All that a refusal says."""
    with pytest.raises(MeasurementError) as caught:
        read(put(tmp_path, content), description)
    return caught.value


def says(error, *words):
    whole = f"{error}" + "".join(str(reason) for reason in getattr(error, "reasons", {}).values())
    return all(word in whole for word in words)


def cells(rows, names="field (T),R_xx (Ohm)"):
    return "\n".join([names, *rows, ""])


def test_rows_of_odd_width_are_told_with_the_line_and_a_remedy_where_all_are_wider(tmp_path):
    some = cells([f"{k},{k}" if k != 298 else "1,2,3" for k in range(600)])
    error = refusal(tmp_path, some)
    assert says(error, "line 300: the row has 3 cells, where line 1 names 2 columns")
    assert not says(error, "may lack some")
    grid = Grid(1, ("a", "b"), ",", ".", "#", (), 0)
    for rows, complete in ((["1,2,3,4"] * 4, True), (["1,2,3,4"] * 3 + ["1,2"], False)):
        with pytest.raises(MeasurementError) as caught:
            numbers(load(put(tmp_path, "\n".join([*rows, ""]))), grid, [0])
        assert ("may lack some: complete it" in caught.value.remedy) == complete
    unnamed = cells([f"{k},{k + 1},7" for k in range(1, 6)])
    assert says(refusal(tmp_path, unnamed), "the row has 3 cells, where there are 2 column names")
    ended = read(put(tmp_path, cells([f"{k},{k + 1}," for k in range(1, 6)])))
    assert list(ended.R_xx.values) == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(("last", "refused"), [("5.25,104.2", True), ("5.25,104.25", False), ("5.25,4.25", False)])
def test_a_last_line_without_end_may_be_cut_off(tmp_path, last, refused):
    content = cells([f"{k}.25,10{k}.25" for k in range(5)]) + last
    if refused:
        assert says(refusal(tmp_path, content), "shorter than the others")
    else:
        assert read(put(tmp_path, content)).sizes["point"] == 6


@pytest.mark.parametrize(("last", "refused"), [("5,10", True), ("5,104", False)])
def test_whole_numbers_are_cut_off_where_they_have_fewer_digits(tmp_path, last, refused):
    content = cells([f"{k},10{k}" for k in range(5)]) + last
    if refused:
        assert says(refusal(tmp_path, content), "shorter than the others")
    else:
        assert read(put(tmp_path, content)).sizes["point"] == 6


@pytest.mark.parametrize(("last", "refused"), [("5,1.25e-1", True), ("5,1.25e-11", False), ("5,1.2e-11", True)])
def test_exponents_are_cut_off_where_they_have_fewer_digits(tmp_path, last, refused):
    content = cells([f"{k},1.25e-1{k}" for k in range(5)]) + last
    if refused:
        assert says(refusal(tmp_path, content), "shorter than the others")
    else:
        assert read(put(tmp_path, content)).sizes["point"] == 6


def test_the_fixed_widths_of_a_description_are_kept(tmp_path):
    rows = "\n".join(f"{k:6.2f}{k + 100:8.2f}" for k in range(5)) + "\n"
    columns = {"field": {"column": 1, "unit": "T"}, "R_xx": {"column": 2, "unit": "Ohm"}}
    how = {"widths": [6, 8], "columns": columns}
    assert list(read(put(tmp_path, rows), how).R_xx.values) == [100, 101, 102, 103, 104]
    assert says(refusal(tmp_path, rows.replace("  3.00", "\t3.00"), how), "line 4", "a tab stands in a line")
    beyond = rows.splitlines()
    beyond[2] += "9"
    error = refusal(tmp_path, "\n".join([*beyond, ""]), how)
    assert says(error, "line 3", "beyond the last column", "'9'")
    narrow = "\n".join(f"{k + 100:6.2f}{k + 100:6.2f}" for k in range(5)) + "\n"
    assert list(read(put(tmp_path, narrow), {**how, "widths": [6, 6]}).field.values) == [100, 101, 102, 103, 104]
    wrong = "\n".join(f"1.2E{k:+d}0" + f"{k + 100:6.2f}" for k in range(1, 5)) + "\n"
    assert says(refusal(tmp_path, wrong, {**how, "widths": [4, 9]}), "the widths may be wrong")
    said = refusal(tmp_path, rows, {**how, "format": "fixed_width", "separator": "comma"})
    assert says(said, "separator")


@pytest.mark.parametrize(("rows", "found"), [(2, False), (3, True)])
def test_three_lines_of_numbers_are_a_table_to_begin_with(rows, found, tmp_path):
    text = "some words\n" + "".join(f"{k} {k + 1} 7\n" for k in range(rows)) + "end of it\nlast words\n"
    path = put(tmp_path, text)
    if not found:
        with pytest.raises(MeasurementError, match="no three lines"):
            guess(load(path))
        return
    draft = guess(load(path))
    assert (draft.first_line, draft.skip_end) == (2, 2)
    assert list(draft.columns) == ["column_1", "column_2", "column_3"]


def test_only_the_largest_files_are_refused_by_their_size(tmp_path, monkeypatch):
    path = put(tmp_path, delimited(PLAIN))
    size = path.stat().st_size
    monkeypatch.setattr("spinstack.measure.readers.decode.LARGEST", size)
    assert read(path).sizes["point"] == ROWS
    monkeypatch.setattr("spinstack.measure.readers.decode.LARGEST", size - 1)
    with pytest.raises(MeasurementError, match=f"{size} bytes"):
        read(path)
    assert LARGEST == 2**31


@pytest.mark.study
def test_a_column_that_begins_empty_has_no_value_later(tmp_path):
    assert read(put(tmp_path, delimited(PLAIN | {"x": [None] * ROWS}))).sizes["point"] == ROWS
    content = cells([f"{1e-3 * k},{k + 1},{'' if k < 2999 else 5}" for k in range(3000)], "field (T),R_xx (Ohm),x")
    assert says(refusal(tmp_path, content, {"missing": [""]}), "line 3001", "empty before, has a value here", "'x'")


def test_a_separator_that_may_be_two_is_asked_for(tmp_path):
    both = "\n".join(["a (T);b (Ohm),c", *(f"{k};{k},{k}" for k in range(6)), ""])
    assert says(refusal(tmp_path, both), "may be semicolon or comma", "which it is")


@pytest.mark.parametrize("mark", ["##DATA TABLE", "***DATA***"])
def test_lake_shore_files_need_names_below_their_mark(tmp_path, mark):
    good = lake_shore({"Field [T]": FIELD, "R_xx [Ohm]": OHM}, mark)
    assert read(put(tmp_path, good)).sizes["point"] == ROWS
    head = good.split(mark)[0]
    assert says(refusal(tmp_path, head + mark + "\n\n\n"), "line 4", "no column names below")
    assert says(refusal(tmp_path, head + mark + "\nnames\n1\n"), "line 5", "which are no column names")


def test_labview_files_say_their_parts(tmp_path):
    columns = {"X_Value": K * 0.5, "R_xx": OHM}
    good = labview(columns, ["Ohm"])
    assert list(read(put(tmp_path, good)).time.values) == list(K * 0.5)
    multi = good.replace("X_Columns\tOne", "X_Columns\tMulti")
    assert says(refusal(tmp_path, multi), "X_Columns", "Multi", "header_line = 15")
    cut = good.split("***End_of_Header***")
    assert says(refusal(tmp_path, "***End_of_Header***".join(cut[:2])), "lines 6", "cut off within its header")
    assert says(refusal(tmp_path, labview(columns, ["Ohm"], segments=2)), "of its own")
    clocked = read(put(tmp_path, labview(columns, ["Ohm"], decimal=",", clock=(1.5, 0.25))))
    assert list(clocked.time.values) == list(1.5 + 0.25 * K)


def test_what_is_no_qcodes_file_is_read_as_what_it_is(tmp_path):
    good = qcodes({"field": FIELD, "R_xx": OHM}, ["field (T)", "R_xx (Ohm)"])
    assert read(put(tmp_path, good)).sizes["point"] == ROWS
    lines = good.split("\n")
    lines[1] = "# 'a'\t'b'"
    assert says(refusal(tmp_path, "\n".join(lines)), "delimited")


def moments(**more):
    return USUAL | {"Moment (emu)": OHM * 1e-6} | more


def test_quantum_design_files_need_names_between_commas(tmp_path):
    good = quantum_design("VSM,1.0,1", moments())
    assert read(put(tmp_path, good)).sizes["point"] == ROWS
    names = good.split("[Data]\n")[1].split("\n")[0]
    assert says(refusal(tmp_path, good.replace(names, "Comment;Temperature (K)")), "line 6", "between commas")


def test_a_susceptibility_becomes_a_moment_by_its_drive_only_in_its_unit(tmp_path):
    from spinstack.measure.readers.quantum_design import _moment_of_susceptibility

    found = SimpleNamespace(names=("Chi (emu/Oe)", "Chi (emu)"), values=dict.fromkeys((0, 1), np.array([2.0])))
    value, unit = _moment_of_susceptibility(found, 0, np.array([0.5]))
    assert (list(value), unit) == ([10.0], "A m^2")
    with pytest.raises(MeasurementError, match="emu/Oe"):
        _moment_of_susceptibility(found, 1, np.array([0.5]))


@pytest.mark.parametrize(
    ("rate", "step"), [("0.6 deg/s", 0.6), ("36 deg / min", 0.6), ("360 deg/h", 0.1), ("1 deg/d", None)]
)
def test_angles_follow_from_a_rate(tmp_path, rate, step):
    content = delimited({"time (s)": 2.0 * K, "R_xx (Ohm)": OHM})
    how = {"angle": {"rate": rate, "zero": "5 deg"}}
    if step is None:
        assert says(refusal(tmp_path, content, how), "rate", "0.6 deg/s")
    else:
        assert read(put(tmp_path, content), how).angle.values == pytest.approx(5 + step * 2.0 * K)
    with_angles = delimited({"time (s)": 2.0 * K, "angle (deg)": 3.0 * K, "R_xx (Ohm)": OHM})
    assert says(refusal(tmp_path, with_angles, how), "column of angles already")


def test_turns_are_those_of_the_whole_time(tmp_path):
    content = delimited({"time (s)": 7 + K**2, "R_xx (Ohm)": OHM})
    found = read(put(tmp_path, content), {"angle": {"turns": 2, "zero": "-10 deg"}})
    assert found.angle.values == pytest.approx(-10 + 720 * (K / (ROWS - 1)) ** 2)
    still = delimited({"time (s)": 0 * K, "R_xx (Ohm)": OHM})
    assert says(refusal(tmp_path, still, {"angle": {"turns": 2}}), "does not increase")


def test_rows_without_reading_or_condition_are_counted_and_none_left_is_refused(tmp_path):
    field = ["" if k % 2 else f"{v}" for k, v in enumerate(FIELD)]
    content = cells([f"{b},{'' if k < 2 else r}" for k, (b, r) in enumerate(zip(field, OHM, strict=True))])
    found = read(put(tmp_path, content), {"missing": [""]})
    assert found.sizes["point"] == 5
    said = found.attrs["metadata"]
    assert "2 rows without R_xx left out" in said
    assert "5 rows without a condition left out" in said
    none = cells([f"{'' if k % 2 else k},{k if k % 2 else ''}" for k in range(6)])
    assert says(refusal(tmp_path, none, {"missing": [""]}), "no row has R_xx and all of field")


def test_headers_of_a_report_are_shown_up_to_forty_lines(tmp_path):
    above = [f"key{k}: value{k}" for k in range(50)]
    shown = str(inspect(put(tmp_path, delimited(PLAIN, above=above))))
    assert "key39: value39" in shown
    assert "key40: value40" not in shown


def test_columns_have_one_length_and_numbers():
    for readings, field in (
        ({"R_xx": [1.0, 2.0], "R_xy": [1.0]}, "columns"),
        ({"R_xx": []}, "columns"),
        ({"R_xx": [1j, 2.0]}, "R_xx"),
        ({"R_xx": ["a", "b"]}, "R_xx"),
        ({"R_xx": 5.0}, "columns"),
    ):
        with pytest.raises(MeasurementError) as caught:
            measurement(readings, {})
        assert caught.value.field == field
    assert list(measurement({"R_xx": [1.0, 2.0]}, {"field": 3.0}).field.values) == [3.0, 3.0]


def test_remedies_of_cells_name_the_other_mark(tmp_path):
    content = cells(["1,2", "2,3", '"1,234,567",4'])
    error = refusal(tmp_path, content, {"decimal": ","})
    assert isinstance(error, NotReadError)
    grid = Grid(1, ("a",), ";", ".", "#", (), 0)
    with pytest.raises(MeasurementError) as caught:
        numbers(load(put(tmp_path, "1,234\n")), grid, [0])
    assert 'put decimal = "."' in caught.value.remedy
    assert 'put decimal = ","' in caught.value.remedy
    with pytest.raises(MeasurementError) as caught:
        numbers(load(put(tmp_path, "1,23\n")), grid, [0])
    assert 'The decimal mark is taken to be "."' in caught.value.remedy
    assert Description().columns == {}


def test_lines_above_a_table_are_pairs_names_with_values_or_words():
    above = ["sample: made of Pt", "a,b,c", "1,2,3", "key,value", "key2,value,unit", "one,two,three,four",
             "words alone", "d,e", "4,5", "f,g,h", "6,7"]  # fmt: skip
    found = header_of([Record(k, line.split(","), False) for k, line in enumerate(above, 1)])
    assert found == {
        "sample": "made of Pt", "a": "1", "b": "2", "c": "3", "key": "value", "key2": "value unit",
        "line_6": "one | two | three | four", "line_7": "words alone", "d": "e", "4": "5", "f": "g h", "6": "7",
    }  # fmt: skip
    assert are_names(["a", "b", ""])
    assert not are_names(["a", ""])
    assert not are_names(["a", "1"])


@pytest.mark.parametrize(("comment", "refused"), [("####", False), ("#####", True), ("", False), ("\t", True)])
def test_a_mark_of_remarks_has_up_to_four_characters(comment, refused):
    if refused:
        with pytest.raises(MeasurementError, match="comment"):
            Description.of({"comment": comment})
    else:
        assert Description.of({"comment": comment}).comment == comment


@pytest.mark.parametrize(("first", "refused"), [(3, True), (4, False)])
def test_rows_begin_below_the_line_of_names(first, refused):
    given = {"header_line": 3, "first_line": first}
    if refused:
        with pytest.raises(MeasurementError, match="first_line"):
            Description.of(given)
    else:
        assert Description.of(given).first_line == first


@pytest.mark.parametrize(("place", "refused"), [(2, False), (3, True)])
def test_columns_are_counted_from_one_to_the_last(tmp_path, place, refused):
    how = {"columns": {"R_xx": {"column": place, "unit": "Ohm"}, "field": 1}}
    content = delimited(PLAIN)
    if refused:
        assert says(refusal(tmp_path, content, how), "but the file has 2 columns")
    else:
        assert list(read(put(tmp_path, content), how).R_xx.values) == list(OHM)


def test_heads_that_are_the_same_are_told_by_their_places(tmp_path):
    content = cells([f"{k},{k},{k + 1}" for k in range(6)], "field (T),R,R")
    said = refusal(tmp_path, content, {"columns": {"R_xx": {"column": "R", "unit": "Ohm"}}})
    assert says(said, "the head of columns 2 and 3")
    twice = cells([f"{k},{k},{k + 1}" for k in range(6)], "field (T),R_xx (Ohm),R_xx (Ohm)")
    assert says(refusal(tmp_path, twice), "columns 2 and 3", "are both R_xx")


def test_a_column_seen_by_inspect_has_its_number_and_range(tmp_path):
    seen = inspect(put(tmp_path, delimited(PLAIN | {"same": 0 * K + 4}))).columns
    assert [(c.number, c.name, c.kind) for c in seen] == [
        (1, "field", "numbers"), (2, "R_xx", "numbers"), (3, "same", "constant")
    ]  # fmt: skip
    assert (seen[1].least, seen[1].largest, seen[1].values) == (100.0, 100 + 0.5 * (ROWS - 1), ROWS)


def test_unknown_columns_are_named_up_to_twelve_with_forty_letters(tmp_path):
    names = [f"unknown{k}" for k in range(13)]
    names[0] = "u" * 41
    said = refusal(tmp_path, cells([",".join(["1.5"] * 13)] * 5, ",".join(names)))
    assert says(said, f"'{'u' * 40}'", "'unknown11'")
    assert not says(said, "'unknown12'")
    assert not says(said, "u" * 41)


@pytest.mark.parametrize(
    ("size", "refused"), [(1e100, False), (1.01e100, True), (-1.01e100, True), (1e-100, False), (0.9e-100, True)]
)
def test_sizes_of_which_squares_can_be_taken(size, refused):
    from spinstack.measure.rows import finite_columns

    data = measurement({"R_xx": [size, 0.0]}, {"field": [0.0, 1.0]})
    if refused:
        with pytest.raises(MeasurementError, match="squares can be taken"):
            finite_columns(data, "R_xx")
    else:
        assert list(finite_columns(data, "R_xx")[0][0]) == [size, 0.0]


def test_steps_are_undone_one_by_one(tmp_path):
    from spinstack.measure import cleaning
    from spinstack.measure.restore import undo

    raw = read(put(tmp_path, delimited({"angle (deg)": 10.0 * K, "R_xx (Ohm)": OHM})))
    first = cleaning.shift_angle(raw, 5.0)
    second = cleaning.select(first, point=[0, 5]) if "point" in first.variables else cleaning.shift_angle(first, 7.0)
    assert list(undo(second).angle.values) == list(first.angle.values)
    assert list(undo(second, 2).angle.values) == list(raw.angle.values)
    assert list(undo(second, 0).angle.values) == list(second.angle.values)
    for count in (3, -1):
        with pytest.raises(MeasurementError, match="2 steps to undo"):
            undo(second, count)


def test_names_of_fixed_columns_are_cut_at_their_widths(tmp_path):
    rows = "\n".join(["a remark", "B (T) R (Ohm)", *(f"{k / 10:6.2f}{k + 100:7.2f}" for k in range(5)), ""])
    how = {"widths": [6, 7], "header_line": 2, "columns": {"field": "B (T)", "R_xx": "R (Ohm)"}}
    found = read(put(tmp_path, rows), how)
    assert list(found.field.values) == [0, 0.1, 0.2, 0.3, 0.4]
    assert list(found.R_xx.values) == [100, 101, 102, 103, 104]
    ended = rows + "sum 510\n"
    assert read(put(tmp_path, ended), {**how, "skip_end": 1}).sizes["point"] == 5
    shifted = {**how, "header_line": 1, "first_line": 3}
    assert says(refusal(tmp_path, rows, shifted), "B (T)")


@pytest.mark.parametrize(
    ("head", "largest", "words"), [("field (T)", 200.0, "may be Oe or mT"), ("temperature (K)", 5000.0, "may be mK")]
)
def test_conditions_that_no_laboratory_reaches_are_warned_of(tmp_path, head, largest, words):
    for sign in (1, -1) if head.startswith("field") else (1,):
        usual = delimited({head: sign * largest * (K + 1) / ROWS, "R_xx (Ohm)": OHM})
        assert read(put(tmp_path, usual)).sizes["point"] == ROWS
        far = delimited({head: sign * 1.001 * largest * (K + 1) / ROWS, "R_xx (Ohm)": OHM})
        with pytest.warns(UserWarning, match=words) as told:
            read(put(tmp_path, far))
        assert f"goes up to {1.001 * largest:.4g}" in str(told[0].message)
