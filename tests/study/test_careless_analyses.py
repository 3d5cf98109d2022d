"""Analysis files as careless people write them: nothing mixed or done twice without a word, every mistake named."""

import re
from pathlib import Path

import numpy as np
import pytest

from spinstack.cli import main
from spinstack.measure.cleaning import combine_contacts, odd_part, split
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.sweeps import hall_conductivity
from spinstack.study import analyze
from spinstack.text.document import SampleError

UP = np.linspace(-2, 2, 61)
LOOP = np.concatenate([UP, UP[::-1]])
ANGLE = np.arange(0.0, 361.0, 10.0)
RNG = np.random.default_rng(7)


def noise(like):
    return 1e-3 * RNG.standard_normal(np.size(like))


def loop(temperature):
    R_xy = np.tanh((LOOP - np.repeat([0.3, -0.3], UP.size)) / 0.05) + 0.05 * LOOP + noise(LOOP)
    return {"Field (T)": LOOP, "Temperature (K)": temperature + 0 * LOOP, "R_xy (Ohm)": R_xy, "R_xx (Ohm)": 100 + LOOP}


def rotation(amplitude, field=9.0, temperature=300.0):
    R = 100 * (1 + amplitude * np.cos(2 * np.deg2rad(ANGLE))) + noise(ANGLE)
    at = {"Field (T)": field + 0 * ANGLE, "Temperature (K)": temperature + 0 * ANGLE}
    return {"Angle (deg)": ANGLE, **at, "R_xx (Ohm)": R}


def at_rest(name, value, temperature=300.0):
    return {"Temperature (K)": temperature + noise(range(10)), f"{name} (Ohm)": value + noise(range(10))}


def current_run(sign, temperature=5.0):
    V = sign * 1e-3 * (100 + UP) + 1e-4
    return {
        "Field (T)": UP,
        "Temperature (K)": temperature + 0 * UP,
        "Current (A)": sign * 1e-3 + 0 * UP,
        "V_xx (V)": V,
    }


T = np.linspace(2, 300, 80)
FILES = {
    "loop5": loop(5.0), "loop50": loop(50.0),
    "line": {"Field (T)": UP, "R_xy (Ohm)": 0.05 * UP + noise(UP)},
    "other": {"Field (T)": UP, "R_xy (Ohm)": 0.05 * UP + noise(UP)},
    "alpha": rotation(8e-4), "beta": rotation(1e-4), "beta1T": rotation(1e-4, field=1.0),
    "beta5K": rotation(1e-4, temperature=5.0),
    "rt": {"Temperature (K)": T, "R_xx (Ohm)": 100 + 0.2 * T + noise(T)},
    "g10": at_rest("R_xx", 25.0), "g20": at_rest("R_xx", 45.0), "g40": at_rest("R_xx", 85.0),
    "g40cold": at_rest("R_xx", 85.0, temperature=5.0),
    "plus": current_run(1), "minus": current_run(-1), "minus300K": current_run(-1, temperature=300.0),
    "moment": {"Field (T)": LOOP, "moment (emu)": np.sign(LOOP) + 0.1 * LOOP},
    "lockin": {"Field (T)": LOOP, "V_X (V)": LOOP, "V_Y (V)": 0.1 * LOOP},
    "volts": {"Field (T)": LOOP, "V_xy (V)": np.sign(LOOP) + 0.1 * LOOP},
    "swapped": {"Temperature (K)": T, "R_xx (Ohm)": -100 - T}, "zero": {"Temperature (K)": T, "R_xx (Ohm)": T > 50},
    "lag": {"Temperature (K)": np.r_[T[::-1], T], "R_xx (Ohm)": np.r_[100 + T[::-1], 110 + T]},
    "oersted": {"Field (T)": 1e4 * LOOP, "R_xy (Ohm)": LOOP},
    "biased": {"Field (T)": LOOP, "R_xy (Ohm)": np.tanh((LOOP - np.repeat([0.9, 0.3], UP.size)) / 0.05) + noise(LOOP)},
    "R_12_43": at_rest("R_12_43", 10.0), "R_23_14": at_rest("R_23_14", 10.0),
    "zfc": {"Temperature (K)": T, "Field (T)": 0.01 + 0 * T, "moment (emu)": 1e-5 * np.minimum(T / 100, 1) / (T + 50)},
    "fc": {"Temperature (K)": T, "Field (T)": 1 + 0 * T, "moment (emu)": 1e-5 / (T + 50)},
    "large": {"Field (T)": LOOP, "R_xy (Ohm)": np.where(LOOP == 0, 1e250, LOOP), "R_xx (Ohm)": 1e-200 * (100 + LOOP)},
}  # fmt: skip


def file(name, **more):
    return f'[[file]]\npath = "{name}.csv"\n' + "".join(f"{k} = {v}\n" for k, v in more.items())


def step(do, **more):
    return f'[[step]]\ndo = "{do}"\n' + "".join(f"{k} = {v}\n" for k, v in more.items())


def analysis(do, **more):
    return step(do, **more).replace("step", "analysis", 1)


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes the measured files that an analysis file names, and the analysis file."""
    monkeypatch.chdir(tmp_path)

    def written(text):
        for name, columns in FILES.items():
            if f'"{name}.csv"' in text:
                rows = [",".join(f"{v:.9g}" for v in row) for row in zip(*columns.values(), strict=True)]
                Path(f"{name}.csv").write_text("\n".join([",".join(columns), *rows, ""]))
        Path("a.toml").write_text(f"spinstack = 1\n{text}[output]\nfigures = []\n")
        return "a.toml"

    return written


BAR = {"bar_width": '"10 um"', "bar_length": '"100 um"', "film_thickness": '"5 nm"'}
GAPS = [file(f"g{n}", bar_length=f'"{n} um"', bar_width='"10 um"') for n in (10, 20)]
LAST = {"bar_length": '"40 um"', "bar_width": '"10 um"'}
PLANES = file("alpha", plane='"alpha"', sample='"A"')
LOOPS = analysis("anomalous_hall_loop", files='["loop5", "loop50"]')
FAILS = {
    "planes of two fields": (
        PLANES + file("beta1T", plane='"beta"') + analysis("fit_planes"),
        r"field \[T\]: got '9, 1', in measurements that go together. Allowed: one setting",
    ),
    "planes of two temperatures": (
        PLANES + file("beta5K", plane='"beta"') + analysis("fit_planes"),
        r"temperature \[K\]: got '300, 5'",
    ),
    "planes of two samples": (
        PLANES + file("beta", plane='"beta"', sample='"B"') + analysis("fit_planes"),
        r"sample: got \['A', 'B'\]. Allowed: measurements of one sample",
    ),
    "gaps at two temperatures": (
        "".join([*GAPS, file("g40cold", **LAST), analysis("transfer_length")]),
        r"temperature \[K\]: got '300, 300, 5'",
    ),
    "gaps on two samples": (
        "".join([file("g10", sample='"A"', **LAST), file("g20", sample='"B"', **LAST), analysis("transfer_length")]),
        r"sample: got \['A', 'B'\]",
    ),
    "currents at two temperatures": (
        file("plus") + file("minus300K") + step("reverse_current", files='"plus"', other='"minus300K"'),
        r"temperature \[K\]: got '5, 300'",
    ),
    "currents reversed twice": (
        file("plus") + file("minus") + 2 * step("reverse_current", files='"plus"', other='"minus"'),
        "reverse_current: has been made with the same parameters before. Remove the second step",
    ),
    "coolings in two fields": (
        file("zfc") + file("fc") + analysis("splitting_temperature", files='"zfc"', field_cooled='"fc"'),
        r"field \[T\]: got '0.01, 1'",
    ),
    "loads undone twice": (
        file("rt") + 2 * step("correct_loading", impedance='"10 MOhm"', source_resistance='"1 kOhm"'),
        "correct_loading: has been made with the same parameters before",
    ),
    "an admixture taken off twice": (
        file("loop5") + 2 * step("correct_misalignment", admixture="[0.0, 0.01]"),
        "correct_misalignment: has been made with the same parameters before",
    ),
    "the even part of what is odd": (
        file("loop5") + step("odd_part") + step("even_part", reading='"R_xy"'),
        "got 'R_xy', of which the step odd_part has left nothing else",
    ),
    "loops without a thickness": (
        file("rt", **BAR) + file("loop5") + file("loop50") + LOOPS
        + analysis("hall_conductivity", of='"anomalous_hall_loop"', longitudinal='"rt"'),
        "hall_resistivity: has none in a result. Allowed: results of anomalous_hall_loop with a film_thickness",
    ),
    "a ratio upside down": (
        file("rt") + analysis("residual_ratio", high='"2 K"', low='"300 K"'),
        r"high, low \[K\]: got \(2.0, 300.0\). Allowed: the higher temperature first",
    ),
    "a fit without residuals": (
        file("loop5") + analysis("bootstrap", fit='"anomalous_hall_loop"', count=20),
        "fit: got 'anomalous_hall_loop', which gives no residual. Allowed: a fit that gives",
    ),
    "numbers without squares": (file("large") + analysis("hall_slope"), r"R_xy: got 1e\+250. Allowed: sizes of 1e-100"),
    "small numbers without squares": (
        file("large") + analysis("butterfly"), "R_xx: got 1.02e-198. Allowed: sizes of 1e-100",
    ),
    "a moment as a Hall resistance": (
        file("moment", film_thickness='"5 nm"') + analysis("anomalous_hall_loop", reading='"moment"'),
        "reading: got 'moment', which is in A m\\^2. Allowed: in Ohm",
    ),
    "volts as a Hall resistance": (
        file("volts") + analysis("hall_slope", reading='"V_xy"'),
        "got 'V_xy', which is in V. Allowed: in Ohm. Voltages become resistances by the step to_resistance",
    ),
    "swapped contacts": (
        file("swapped", **BAR) + analysis("resistivity_at", temperature='"100 K"'),
        r"R_xx \[Ohm\]: got -2.*Allowed: positive resistances. Two contacts or the current may be",
    ),
    "no ratio to nothing": (file("zero") + analysis("residual_ratio"), r"R_xx: 0 \+- 0 Ohm at 2 K, of which no ratio"),
    "a phase turned twice": (
        file("lockin") + 2 * step("rotate_phase", phase='"10 deg"'),
        "rotate_phase: has been made with the same parameters before",
    ),
    "a table of a table": (
        file("loop5") + analysis("anomalous_hall_loop") + analysis("amplitude_table", of='"anomalous_hall_loop"')
        + analysis("amplitude_table", name='"second"', of='"amplitude_table"'),
        "results: got 'amplitude_table'. Allowed: results with parameters",
    ),
    "a figure of another result": (
        file("loop5") + analysis("anomalous_hall_loop", figure='"measured_lengths"') + '[output]\nfigures = ["png"]\n#',
        "found: got a Dataset. Allowed: a result of transfer_length",
    ),
}  # fmt: skip


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("name", FAILS)
def test_refused_by_what_is_wrong(name, write, capsys):
    text, words = FAILS[name]
    path = write(text)
    if "figures" in text:
        Path(path).write_text(Path(path).read_text().replace("#[output]\nfigures = []", ""))
    assert main(["analyze", path, "-o", "out"]) == 1
    said = capsys.readouterr().err
    assert re.search(words, said), said
    assert "unexpected" not in said


def test_planes_in_two_fields_are_those_of_one_model_where_it_has_the_field(write):
    text = PLANES + file("beta1T", plane='"beta"') + analysis("fit_planes", mu0_Meff='"0.2 T"')
    assert not analyze(write(text)).failures


def test_a_tolerance_has_the_unit_of_what_is_split(write):
    parts = file("loop5") + step("split", tolerance='"50 mK"')
    assert list(analyze(write(parts)).of_kind("measurements")) == ["loop5_5K"]
    with pytest.raises(SampleError, match="got '50 mT', whose unit 'mT' does not convert to K"):
        analyze(write(file("loop5") + step("split", tolerance='"50 mT"')))


def test_the_same_part_once_more_changes_no_error():
    data = measurement({"R_xy": LOOP + 0.1, "R_xy_error": 1e-3 + 0 * LOOP}, {"field": LOOP})
    once = odd_part(data)
    twice = odd_part(once)
    np.testing.assert_allclose(once.R_xy_error, 1e-3 / np.sqrt(2), rtol=1e-9)
    np.testing.assert_allclose(twice.R_xy_error, once.R_xy_error)
    np.testing.assert_allclose(twice.R_xy, once.R_xy, atol=1e-12)


def test_a_key_that_stands_twice_is_told_of_its_own_table(write):
    with pytest.raises(SampleError, match=r"each analysis begins with its own \[\[analysis\]\]"):
        analyze(write(file("line") + analysis("hall_slope") + 'do = "hall_slope"\n'))
    with pytest.raises(SampleError, match="Allowed: up to 80 letters"):
        analyze(write(file("line") + 'name = "' + 100 * "x" + '"\n' + analysis("hall_slope")))


def test_python_calls_with_what_is_no_result_or_no_measurement():
    data = measurement({"R_xx": 100 + T}, {"temperature": T})
    for results in (data, [data], ["a"]):
        with pytest.raises(MeasurementError, match=r"results: got .*Allowed: results with parameters"):
            hall_conductivity(results, data)
    with pytest.raises(MeasurementError, match=r"split.data: got 'loop'. Allowed: a measurement"):
        split("loop")
    with pytest.raises(MeasurementError, match=r"V_X: got .*, which is complex. Allowed: real numbers"):
        measurement({"V_X": 1e-6 * (T + 1j)}, {"temperature": T})


def test_a_folder_is_no_measured_file(write):
    Path("folder").mkdir()
    with pytest.raises(SampleError, match=r'got \'folder\', which is a folder. All files of it are "folder/\*"'):
        analyze(write('[[file]]\npath = "folder"\n' + LOOPS))


def test_samples_that_count_as_one_film_are_named(write):
    text = file("line", sample='"A"', **BAR) + file("other", sample='"B"', **BAR) + analysis("hall_slope")
    table = analyze(write(text + analysis("explain_control", of='"hall_slope"', kind='"metal"')))
    assert not table.failures
    assert "Samples A and B count as one film." in table.of_kind("results")["explain_control"].attrs["remark"]


def test_results_of_an_earlier_run_are_told_apart(write, capsys):
    assert main(["analyze", write(file("loop5") + analysis("anomalous_hall_loop")), "-o", "out"]) == 0
    capsys.readouterr()
    failing = file("loop5") + analysis("anomalous_hall_loop", above='"30 T"')
    assert main(["analyze", write(failing), "-o", "out"]) == 1
    said = capsys.readouterr().err
    assert "of an earlier run, not of this one: results/anomalous_hall_loop.csv, results/anomalous_hall_loop.nc" in said
    assert "measurements/" not in said


WARNED = {
    "biased: odd_part: the loop of R_xy is centred at 0.6": file("biased") + step("odd_part"),
    "oersted: read: field goes up to 2e+04 T: its unit may be Oe or mT": file("oersted"),
    "residual_ratio: cooling and warming differ by": file("lag") + analysis("residual_ratio"),
}


@pytest.mark.parametrize("words", WARNED)
def test_what_reading_and_steps_warn_of_is_told_and_stands_in_the_report(words, write, capsys):
    assert main(["analyze", write(WARNED[words]), "-o", "out"]) == 0
    said = capsys.readouterr().err
    assert f"Warning: {words}" in said
    assert "UserWarning" not in said
    assert words.split(": ", 1)[1] in Path("out/report.html").read_text()


def test_parts_keep_what_was_warned_of_the_whole(write):
    run = analyze(write(file("biased") + step("odd_part") + step("split", by='"rising_or_falling"')))
    assert list(run.doubts) == ["biased_rising", "biased_falling"]


def test_inspect_warns_of_a_unit_that_cannot_be(write, capsys):
    write(file("oersted"))
    assert main(["inspect", "oersted.csv"]) == 0
    assert "Warning: field goes up to 2e+04 T" in capsys.readouterr().err


def test_files_of_one_connection_may_call_it_by_its_name(write):
    asked = {"files": '"R_12_43"', "other": '{ R_23_14 = "R_23_14" }'}
    run = analyze(write(file("R_12_43") + file("R_23_14") + analysis("van_der_pauw", **asked)))
    sheet = np.pi * 10 / np.log(2)
    assert float(run.of_kind("results")["van_der_pauw"].value[0]) == pytest.approx(sheet, rel=1e-3)
    one, two = (measurement({name: 10 + 0 * T}, {"temperature": T}) for name in ("R_12_43", "R_23_14"))
    np.testing.assert_allclose(combine_contacts(one, {"R_23_14": two}).R_xx, sheet)
