"""Analysis files that take files apart: every entry after the step works on all parts, by name or pattern."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from spinstack.cli import main
from spinstack.study import analyze
from spinstack.text.document import SampleError

CASES = Path(__file__).parent / "cases"
LOOPS = """
spinstack = 1
[[file]]
path = "loop_three_temperatures.dat"
name = "loop"
[[step]]
do = "split"
"""
LOOP = """
[[analysis]]
do = "hysteresis_loop"
above = "0.7 T"
"""
TABLE = """
[[analysis]]
do = "amplitude_table"
of = "hysteresis_loop"
against = "temperature"
"""


@pytest.fixture
def file(here):
    """Writes an analysis file beside the measured ones."""
    for path in CASES.iterdir():
        shutil.copy(path, here)

    def write(text):
        Path("a.toml").write_text(text)
        return "a.toml"

    return write


def results(path):
    run = analyze(path)
    assert not run.failures
    return run.of_kind("results")


def test_three_loops_of_one_file_against_temperature(file):
    table = results(file(LOOPS + LOOP + TABLE))["amplitude_table"]
    np.testing.assert_allclose(table.temperature, [5, 100, 250])
    np.testing.assert_allclose(table.coercive_field, [0.3, 0.15, 0.03], atol=5e-6)
    assert table.part.values.tolist() == ["5K", "100K", "250K"]
    assert (np.abs(table.coercive_field - [0.3, 0.15, 0.03]) < 3 * table.coercive_field_error + 3e-6).all()
    assert (table.temperature_spread == 0).all()


def test_three_files_against_temperature(file):
    text = """
spinstack = 1
[[file]]
path = "ahe_*K.csv"
[[analysis]]
do = "anomalous_hall_loop"
above = "0.6 T"
[[analysis]]
do = "amplitude_table"
of = "anomalous_hall_loop"
against = "temperature"
"""
    table = results(file(text))["amplitude_table"]
    np.testing.assert_allclose(table.temperature, [10, 100, 200], atol=0.01)
    np.testing.assert_allclose(table.coercive_field, [0.3, 0.2, 0.1], atol=1e-4)
    np.testing.assert_allclose(table.temperature_spread, 0.01, rtol=0.2)


def test_settings_are_never_mixed(file):
    run = analyze(file(LOOPS.replace('[[step]]\ndo = "split"\n', "") + LOOP))
    (failure,) = run.failures
    assert "temperature: which has 3 settings in this measurement (5, 100, 250 K)" in failure.why
    assert 'step split (by = "temperature")' in failure.why


def test_parts_are_named_by_themselves_and_by_patterns(file):
    text = LOOPS + LOOP + 'files = "loop_5K"\n' + LOOP + 'name = "warm"\nfiles = ["loop_?*0K"]\n'
    text += '[[step]]\ndo = "subtract_substrate"\nabove = "0.7 T"\nfiles = "loop_250K"\n'
    run = analyze(file(text))
    assert not run.failures
    assert list(run.of_kind("results")) == ["hysteresis_loop", "warm_loop_100K", "warm_loop_250K"]
    steps = {n: d.attrs["history"].count("subtract_substrate") for n, d in run.of_kind("measurements").items()}
    assert steps == {"loop_5K": 0, "loop_100K": 0, "loop_250K": 1}


def test_parts_are_split_again(file):
    text = LOOPS + '[[step]]\ndo = "split"\nby = "rising_or_falling"\n'
    run = analyze(file(text))
    assert not run.failures
    assert list(run.of_kind("measurements"))[:3] == ["loop_5K_falling", "loop_5K_rising", "loop_100K_falling"]


def test_a_part_that_is_not_there_names_those_that_are(file):
    run = analyze(file(LOOPS + LOOP + 'files = "loop_77K"\n'))
    (failure,) = run.failures
    assert "loop_77K: not there after the entries above; there are loop_5K, loop_100K, loop_250K" in failure.why
    with pytest.raises(SampleError, match="which is no file"):
        analyze(file(LOOPS + LOOP + 'files = "lop_5K"\n'))


def test_a_part_is_no_second_of_another_file(file):
    again = '[[file]]\npath = "loop_three_temperatures.dat"\nname = "loop_5k"\n'
    run = analyze(file(LOOPS.replace("[[step]]", again + "[[step]]") + 'files = "loop"\n'))
    assert "would be a second 'loop_5K'" in run.failures[0].why


@pytest.mark.study
def test_the_command_writes_every_part_with_its_figure(file, capsys):
    assert main(["analyze", file(LOOPS + LOOP + TABLE), "-o", "out"]) == 0
    names = {f"loop_{T}K" for T in (5, 100, 250)}
    assert {p.stem for p in Path("out/measurements").glob("*.nc")} == names
    assert {f"hysteresis_loop_{n}" for n in names} <= {p.stem for p in Path("out/figures").glob("*.png")}
    assert "loop_100K" in Path("out/report.html").read_text(encoding="utf-8")


def test_a_pattern_over_parts_of_several_files_and_a_table_against_what_is_swept(file):
    text = LOOPS + LOOP + 'files = "*_5K"\n' + TABLE.replace("temperature", "field")
    run = analyze(file(text))
    assert list(run.of_kind("results")) == ["hysteresis_loop"]
    (failure,) = run.failures
    assert "field" in failure.why
    assert "which runs within a measurement" in failure.why
