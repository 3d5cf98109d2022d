"""Files of lock-in records in several dialects, analysis files, hostile arguments."""

import inspect

import numpy as np
import pytest
from lockin_files import Bench, Resonator, rotations, sweeps

from spinstack.measure import analysis as registry
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.readers import read
from spinstack.study import analyze
from spinstack.text.document import SampleError
from spinstack.text.errors import SpinstackError

BENCH = Bench()
ANGLE, SIZE = rotations([0.05, 0.2, 0.6, 1.5], 30.0)
DATA = BENCH.measured(ANGLE, SIZE, seed=1)
COLUMNS = [DATA[n].values for n in ("angle", "field", "current", "V_1X", "V_1Y", "V_2X", "V_2Y")]


def text(heads, columns, separator=",", decimal="."):
    rows = [separator.join(f"{v:.10g}".replace(".", decimal) for v in row) for row in zip(*columns, strict=True)]
    return "\n".join([separator.join(heads), *rows, ""])


def scaled(*factors):
    return [c * f for c, f in zip(COLUMNS, factors, strict=True)]


SI = (1.0,) * 7
DIALECTS = {
    "1f": (["angle (deg)", "field (T)", "current (A)", "X1f (V)", "Y1f (V)", "X2f (V)", "Y2f (V)"], SI, {}),
    "1w in other units": (
        ["Field angle [rad]", "H (Oe)", "I (mA)", "1w X (mV)", "1w Y (mV)", "2w X (uV)", "2w Y (µV)"],
        (np.pi / 180, 1e4, 1e3, 1e3, 1e3, 1e6, 1e6), {},
    ),
    "omega": (["angle (deg)", "field (mT)", "current (A)", "V_1ω_X (V)", "V_1ω_Y (V)", "V_2ω_X (V)", "V_2ω_Y (V)"],
              (1.0, 1e3, *SI[2:]), {}),
    "two amplifiers": (
        ["angle (deg)", "field (T)", "current (A)", "X1 (V)", "Y1 (V)", "X2 (V)", "Y2 (V)"], SI,
        {"columns": {"V_1X": "X1 (V)", "V_1Y": "Y1 (V)", "V_2X": "X2 (V)", "V_2Y": "Y2 (V)"}},
    ),
    "no units": (
        ["a", "b", "c", "d", "e", "f", "g"], SI,
        {"columns": {n: {"column": k + 1, "unit": u} for k, (n, u) in enumerate([
            ("angle", "deg"), ("field", "T"), ("current", "A"), ("V_1X", "V"), ("V_1Y", "V"), ("V_2X", "V"),
            ("V_2Y", "V")])}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), ("\t", "."), (";", ",")])
def test_records_are_read_as_they_come(name, separator, decimal, tmp_path):
    heads, factors, more = DIALECTS[name]
    path = tmp_path / "record.txt"
    path.write_text(text(heads, scaled(*factors), separator, decimal), encoding="utf-8")
    found = read(path, **more)
    for column, values in zip(("angle", "field", "current", "V_1X", "V_1Y", "V_2X", "V_2Y"), COLUMNS, strict=True):
        np.testing.assert_allclose(found[column], values, rtol=1e-8, err_msg=column)


def test_columns_of_amplifiers_are_no_harmonics_unless_told(tmp_path):
    path = tmp_path / "record.csv"
    path.write_text(text(DIALECTS["two amplifiers"][0], COLUMNS), encoding="utf-8")
    assert {"X1", "X2"} <= set(read(path).data_vars)
    path.write_text(text([*DIALECTS["1f"][0][:3], "X1f (A)", "Y1f (V)", "X2f (V)", "Y2f (V)"], COLUMNS))
    with pytest.raises(MeasurementError, match="is to be V_1X, but its unit 'A' does not convert"):
        read(path)


def rms(**more):
    given = {"voltages": '"rms"', "currents": '"rms"', "anomalous_hall": '"0.8 Ohm"',
             "effective_magnetization": '["0.75 T", "5 mT"]', **more}  # fmt: skip
    return "".join(f"{k} = {v}\n" for k, v in given.items() if v)


def written(tmp_path, arguments, constants=""):
    (tmp_path / "record.csv").write_text(text(DIALECTS["1f"][0], COLUMNS))
    head = 'spinstack = 1\n[[file]]\npath = "record.csv"\nbar_width = "5 um"\n' + constants
    path = tmp_path / "a.toml"
    path.write_text(f'{head}[[analysis]]\ndo = "harmonic_hall_rotation"\n{arguments}[output]\nfigures = []\n')
    return path


def test_an_analysis_file_has_units(tmp_path):
    layers = (
        '{ magnetization = ["1100 kA/m", "2e4 A/m"], magnet_thickness = "1 nm", layer_thickness = "4 nm", '
        'layer_share = [0.8, 0.01], share_below = 0.8, share_above = 0, resistivity = "30 uOhm cm" }'
    )
    found = analyze(written(tmp_path, rms(layers=layers))).of_kind("results")["harmonic_hall_rotation"]
    value = found["value"].to_series()
    assert value["xi_DL"] / value["xi_DL_per_field"] == pytest.approx(30e-8, rel=1e-12)
    assert value["current_density"] == pytest.approx(0.8 * BENCH.peak / (5e-6 * 4e-9), rel=1e-9)


@pytest.mark.parametrize(("changes", "words"), [
    ({"voltages": ""}, "voltages: missing. Allowed: 'rms', 'peak'"),
    ({"voltages": '"RMS"'}, "voltages: got 'RMS'. Allowed: 'rms', 'peak'"),
    ({"anomalous_hall": ""}, "anomalous_hall: missing"),
    ({"anomalous_hall": '"0.8 T"'}, "anomalous_hall.*got '0.8 T', whose unit 'T' does not convert"),
    ({"layers": '{ magnet_thickness = "1 nm" }'}, "layers.magnetization: missing"),
    ({"nernst": '"no"'}, "nernst: got 'no'"),
])  # fmt: skip
def test_a_wrong_analysis_file_is_refused_before_it_is_run(changes, words, tmp_path):
    with pytest.raises(SampleError, match=words):
        analyze(written(tmp_path, rms(**changes)))


CALLS = {
    "harmonic_hall_rotation": (DATA, {"voltages": "rms", "currents": "rms", "anomalous_hall": 0.8,
                                      "effective_magnetization": 0.75}),
    "harmonic_hall_low_field": (
        sweeps(Bench(Bk=0.4, Meff=0.0, nernst=0.0, zero=0.0)),
        {"voltages": "rms", "currents": "rms", "planar_hall": 0.15, "anomalous_hall_sign": "positive"},
    ),
    "st_fmr": ([Resonator().measured(f, 40.0, np.linspace(0.004, 0.35, 40)) for f in (4e9, 6e9, 8e9)], {}),
    "st_fmr_series": ([DATA], {}), "loop_shift": ([DATA], {"saturated": 0.1}), "switching_current": ([DATA], {}),
}  # fmt: skip
HOSTILE = [
    "x", float("nan"), float("inf"), True, [], {}, -1, [1, "a"], object(), b"x", 2.5, np.array([]), [[1, 2]], None,
]  # fmt: skip


def refused(function, first, arguments):
    """The error of a call, or None."""
    try:
        function(first, **arguments)
    except SpinstackError as error:
        return error
    return None


@pytest.mark.study(but_first=1)
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", CALLS)
def test_hostile_arguments_are_refused_or_taken_as_what_they_are(name):
    function, (data, needed) = registry.analysis(name), CALLS[name]
    first, *others = inspect.signature(function).parameters
    for value in HOSTILE:
        assert refused(function, value, needed) is not None, (first, value)
        for argument in others:
            told = refused(function, data, {**needed, argument: value})
            assert told is None or str(told), (argument, value)


def test_every_case_is_tried():
    assert {n for n, a in registry.ANALYSES.items() if a.home == "spin_torque"} == set(CALLS)
