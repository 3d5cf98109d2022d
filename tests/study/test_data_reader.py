"""Analysis files: what is refused before anything is read, and what a file can say."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from analysis_files import AMPLITUDES, FILE, Page, scans, write_scan
from commands import load, refused

from spinstack import load_sample
from spinstack.cli import main
from spinstack.measure import analysis as registry
from spinstack.measure.measurement import result
from spinstack.study.data import Reference
from spinstack.study.data_reader import analyze, read_data_study
from spinstack.text.document import SampleError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with three scans; writes an analysis file there and gives its path."""
    return scans(tmp_path, monkeypatch)


def changed(old, new):
    assert FILE.count(old) == 1
    return FILE.replace(old, new)


BAD = {
    "no version": (FILE.removeprefix("spinstack = 1\n"), "spinstack: missing"),
    "unknown table": (FILE + "[films]\n", "line 29, films"),
    "no file": ('spinstack = 1\n[[step]]\ndo = "select"\n', "no [[file]]"),
    "file that is not there": (changed('path = "alpha.csv"', 'path = "alpa.csv"'), "Did you mean 'alpha.csv'"),
    "pattern without file": (changed('path = "alpha.csv"', 'path = "x*.csv"'), "no file matches"),
    "no path": (changed('path = "alpha.csv"', ""), "line 9, file[0].path: missing"),
    "path not text": (changed('path = "alpha.csv"', "path = 3"), "line 10, file[0].path: got 3"),
    "unknown plane": (changed('plane = "alpha"', 'plane = "delta"'), "line 11, file[0].plane: got 'delta'"),
    "length without unit": (changed('"3 nm"\n\n', '"3"\n\n'), "line 7, common.film_thickness"),
    "length in tesla": (changed('"3 nm"\n\n', '"3 T"\n\n'), "does not convert to m"),
    "a film of kilometres": (changed('"3 nm"\n\n', '"3 km"\n\n'), "above zero, at most 1 mm"),
    "negative length": (changed('"3 nm"\n\n', '"-3 nm"\n\n'), "above zero"),
    "unknown field": (changed('plane = "alpha"', 'plan = "alpha"'), "Did you mean 'plane'"),
    "two of one name": (FILE + '[[file]]\npath = "alpha.csv"\n', "got 'alpha', twice"),
    "name with slash": (changed('plane = "alpha"', 'name = "a/b"'), "letters, digits"),
    "description not there": (changed('plane = "alpha"', 'description = "no.toml"'), "cannot be read"),
    "description of a number": (changed('plane = "alpha"', "description = 4"), "got 4. Allowed: text in quotes; or"),
    "unknown quantity in description": (changed('plane = "alpha"', 'description = { colums = 3 }'), "colums"),
    "unknown step": (changed('do = "remove_spikes"', 'do = "remove_spike"'), "line 18, step[0].do"),
    "step without do": (changed('do = "remove_spikes"', ""), "line 17, step[0].do: missing"),
    "unknown parameter": (changed("threshold = 8", "treshold = 8"), "line 19, step[0].treshold"),
    "parameter of wrong kind": (changed("threshold = 8", 'threshold = "8 T"'), "step[0].threshold: got '8 T'"),
    "truth value as number": (changed("threshold = 8", "threshold = true"), "step[0].threshold: got True"),
    "angle in tesla": (changed('shift = "0 deg"', 'shift = "0 T"'), "line 24, step[1].shift"),
    "missing parameter": (changed('shift = "0 deg"', ""), "line 21, step[1].shift: missing"),
    "unknown file of a step": (changed('files = "gamma"', 'files = "gama"'), "Did you mean 'gamma'"),
    "no files": (changed('files = "gamma"', "files = []"), "a name or a list of names"),
    "unknown analysis": (changed('do = "fit_harmonics"', 'do = "fit_harmonic"'), "Did you mean 'fit_harmonics'"),
    "unknown parameter of an analysis": (FILE + "order = 2\n", "line 29, analysis[0].order"),
    "list where a number is": (FILE + "drift_degree = [2]\n", "analysis[0].drift_degree: got [2]"),
    "text in a list of numbers": (changed("orders = [2]", 'orders = ["two"]'), "analysis[0].orders[0]: got 'two'"),
    "results that are none": (
        FILE + '[[analysis]]\ndo = "parallel_layers"\nsamples = [{ a = "1 nm", b = "1 nm" }]\nmeasured = "rho"\n',
        "measured: got 'rho'. Allowed: 'fit_harmonics'. It is the name of an earlier analysis",
    ),
    "results of nothing": (FILE + '[[analysis]]\ndo = "amplitude_table"\nof = "amr"\n', "earlier analysis"),
    "table without results": (FILE + '[[analysis]]\ndo = "amplitude_table"\n', "analysis[1].of: missing"),
    "analysis twice": (
        changed("orders = [2]", 'name = "a"\n[[analysis]]\ndo = "fit_harmonics"\nname = "a"'), "got 'a', twice"
    ),
    "unknown figure": (FILE + 'figure = "polar"\n', "analysis[0].figure"),
    "unknown format": (FILE + '[output]\nfigures = ["bmp"]\n', "output.figures"),
    "measurement that is no file": (FILE + '[[step]]\ndo = "reverse_current"\nother = "beta"\n', "the name of a file"),
    "not TOML": (FILE + "do = \n", "not valid TOML"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_wrong_file_is_refused_with_its_line_before_anything_is_read(folder, capsys, monkeypatch, case):
    monkeypatch.setattr("spinstack.measure.readers.read", lambda *_, **__: pytest.fail("a file was read"))
    text, words = BAD[case]
    error = refused(capsys, ["analyze", folder(text), "-o", "out"])
    assert "film.toml" in error
    assert words in error
    assert "sample file" not in error
    assert not Path("out").exists()


def test_missing_analysis_file_is_called_so(folder, capsys):
    folder()
    assert "Did you mean 'film.toml'" in refused(capsys, ["analyze", "filn.toml"])


@pytest.mark.study
def test_series_by_pattern_with_a_table_against_temperature(folder):
    for k, T in enumerate((100, 20, 3)):
        write_scan(Path(f"scan_{T}K.csv"), 1e-3 / (k + 1), temperature=T)
    text = """\
spinstack = 1
[[file]]
path = "scan_*K.csv"
[[step]]
do = "remove_spikes"
[[analysis]]
do = "fit_harmonics"
name = "amr"
orders = [2]
[[analysis]]
do = "amplitude_table"
of = "amr"
against = "temperature"
names = ["c2"]
[output]
directory = "there"
figures = ["png"]
"""
    assert main(["analyze", folder(text)]) == 0
    table = load(Path("there/results"), "amplitude_table")
    np.testing.assert_array_equal(table["temperature"], [3, 20, 100])
    np.testing.assert_allclose(table["c2"], [1e-3 / 3, 1e-3 / 2, 1e-3], atol=5e-6)
    assert Path("there/figures/amplitude_table.png").exists()
    page = Page(Path("there/report.html").read_text(encoding="utf-8")).text
    assert page.index("measurement scan_3K") < page.index("measurement scan_20K") < page.index("measurement scan_100K")


def test_analysis_file_from_python_with_planes_and_units(folder):
    text = """\
spinstack = 1
[[file]]
path = "alpha.csv"
plane = "alpha"
constants = { field = "20 kOe" }
[[file]]
path = "beta.csv"
plane = "beta"
columns = { angle = { column = "angle (deg)" }, R_xx = "R_xx (Ohm)" }
[[file]]
path = "gamma.csv"
plane = "gamma"
[[step]]
do = "remove_spikes"
[[step]]
do = "select"
files = "alpha"
angle = ["10 deg", "350 deg"]
[[analysis]]
do = "fit_planes"
odd = "none"
"""
    run = analyze(folder(text))
    assert not run.failures
    cleaned = run.of_kind("measurements")
    assert float(cleaned["alpha"]["field"][0]) == 2.0
    assert 10 <= float(cleaned["alpha"]["angle"].min()) < 14
    (found,) = (r for r in run.results if r.kind == "results")
    assert found.inputs == ("alpha", "beta", "gamma")
    got = found.dataset.sel(parameter=["alpha", "beta", "gamma"])["value"].values
    expected = [(1 - a) / (1 + a) - 1 for a in AMPLITUDES.values()]
    np.testing.assert_allclose(got, expected, atol=3e-5)


def test_two_files_of_one_plane_are_told_apart_by_the_user(folder):
    text = FILE + '\n[[file]]\npath = "beta.csv"\nplane = "gamma"\n[[analysis]]\ndo = "fit_planes"\n'
    run = analyze(folder(text))
    assert any("the plane gamma is there twice" in f.why for f in run.failures)


def test_parameter_that_is_a_measurement_and_units_by_another_parameter(folder):
    text = FILE + '\n[[step]]\ndo = "reverse_current"\nfiles = "alpha"\nother = "gamma"\n'
    assert read_data_study(folder(text)).steps[2].arguments == {"other": Reference("gamma")}
    lines = '\n[[step]]\ndo = "average_repeats"\nover = "{}"\ntolerance = "{}"\n'
    for over, tolerance, value in (("angle", "1 deg", 1.0), ("field", "5 Oe", 5e-4)):
        study = read_data_study(folder(FILE + lines.format(over, tolerance)))
        assert study.steps[2].arguments["tolerance"] == pytest.approx(value)


def test_tables_become_the_objects_that_an_analysis_wants(folder):
    sample = 'a = "3.9 nm", b = "2.3 nm", repeats = 10, resistivity = "0.6 mOhm cm", name = "10/6"'
    text = FILE + '\n[[analysis]]\ndo = "parallel_layers"\nsamples = [{%s%s}]\n'
    (built,) = read_data_study(folder(text % (sample, ""))).analyses[1].arguments["samples"]
    assert (built.a, built.resistivity, built.name) == (3.9e-9, 6e-6, "10/6")
    with pytest.raises(
        SampleError, match=r"line 32, analysis\[1\].samples\[0\].resistivty: got 1.* mean 'resistivity'"
    ):
        read_data_study(folder(text % (sample, ", resistivty = 1")))


def test_example_finds_the_ratios_of_the_film(tmp_path):
    text = (ROOT / "examples" / "fesi_admr.toml").read_text(encoding="utf-8")
    text = text.replace("../tests/data", str(ROOT / "tests" / "data")).replace(
        'figures = ["png", "pdf"]', "figures = []"
    )
    file = tmp_path / "fesi.toml"
    file.write_text(text.replace('mu0_Meff = "fit"\n', ""), encoding="utf-8")
    shutil.copy(ROOT / "examples" / "pt_fesi.toml", tmp_path)
    run = analyze(file)
    assert not run.failures
    found = run.of_kind("results")
    alpha = found["fit_harmonics_xy"].sel(parameter="c2")
    assert 2 * float(alpha["value"]) == pytest.approx(8.0e-4, rel=0.05)
    planes = found["fit_planes"].value
    assert float(planes.sel(parameter="alpha")) == pytest.approx(-8.2e-4, rel=0.03)
    # as a control: 1733.5 Ohm over 3.5 squares of 3 nm
    control = found["explain_control"].value
    assert float(control.sel(parameter="amr_ratio")) == pytest.approx(-float(planes.sel(parameter="alpha")), rel=0.1)
    assert float(control.sel(parameter="resistivity")) == pytest.approx(1733.5 / 3.5 * 3e-9, rel=5e-3)
    text = found["sample_layer"].attrs["sample_file"]
    assert [line for line in text.splitlines() if "a guess" in line] == [
        '# resistivity = "100 uOhm cm"           # a guess, for as long as there is no control'
    ]


CONTROL = """
[[analysis]]
do = "fit_planes"
drift_degree = 0
[[analysis]]
do = "van_der_pauw"
files = "square"
[[analysis]]
do = "explain_control"
of = ["fit_planes", "van_der_pauw"]
kind = "ferromagnet"
magnetization = "y"
[[analysis]]
do = "sample_layer"
of = "explain_control"
layer = "Py"
sample = "layers.toml"
"""
FILM = """\
spinstack = 1
[[film]]
kind = "ferromagnet"
name = "Py"  # kept
thickness = "3 nm"
spin_diffusion_length = "5 nm"
"""


def test_an_analysis_takes_results_of_several_and_writes_a_sample_file(folder):
    """The folder has scans in two planes of one film; a square of it tells the resistance."""
    square = 'name = "square"\npath = "square.csv"\ncolumns = { R_12_43 = "R_12_43", R_23_14 = "R_23_14" }\n'
    text = changed("threshold = 8", 'threshold = 8\nfiles = ["alpha", "gamma"]')
    text = f"{text[: text.index('[[analysis]]')]}[[file]]\n{square}{CONTROL}"
    text = text.replace("drift_degree = 0\n", 'drift_degree = 0\nfiles = ["alpha", "gamma"]\n')
    path = Path(folder(text))
    path.with_name("layers.toml").write_text(FILM)
    path.with_name("square.csv").write_text("R_12_43 [Ohm],R_23_14 [Ohm]\n22.06,22.06\n22.07,22.05\n22.05,22.07\n")
    assert main(["analyze", str(path), "-o", "out"]) == 0
    control = load(Path("out/results"), "explain_control").value
    assert path.with_name("layers.toml").read_text() == FILM
    written = Path("out/results/sample_layer.toml").read_text()
    assert 'name = "Py"  # kept' in written
    layer = load_sample("out/results/sample_layer.toml").elements[0]
    assert layer.amr_ratio == pytest.approx(float(control.sel(parameter="amr_ratio")), rel=1e-2)
    assert layer.amr_ratio == pytest.approx(2 * AMPLITUDES["alpha"], rel=1e-2)


def test_results_of_two_analyses_of_one_file_are_both_taken(folder):
    text = FILE + '[[analysis]]\ndo = "fit_harmonics"\nname = "more"\norders = [2, 4]\n'
    text += '[[analysis]]\ndo = "amplitude_table"\nof = ["fit_harmonics", "more"]\n'
    table = analyze(folder(text)).of_kind("results")["amplitude_table"]
    assert np.isnan(table.c4.values).tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('of = ["fit_planes", "van_der_pauw"]', 'of = ["fit_planes", "fit_plane"]', "of: got 'fit_plane'"),
        ('of = ["fit_planes", "van_der_pauw"]', "", "of: missing"),
        ('sample = "layers.toml"', 'sample = "layer.toml"', "sample: got 'layer.toml', there is no such file"),
        ('sample = "layers.toml"', "sample = 3", "sample: got 3"),
    ],
)
def test_requests_of_a_control_are_checked_first(folder, old, new, words):
    path = Path(folder(FILE + CONTROL.replace('files = "square"\n', "").replace(old, new)))
    path.with_name("layers.toml").write_text(FILM)
    with pytest.raises(SampleError) as caught:
        read_data_study(path)
    assert words in str(caught.value)


def test_analyses_may_be_anything_that_gives_a_result(folder, monkeypatch):
    """Names alone connect the file with functions: a stand-in is called with checked arguments."""
    seen = {}

    def stand_in(data: xr.Dataset, width: float = 1.0, flag: bool = False) -> xr.Dataset:
        seen.update(rows=data.sizes["point"], width=width, flag=flag)
        return result({"x": (1.0, 0.1, "T", "made up")}, attributes={"remark": "by hand", "nothing": None, "yes": True})

    monkeypatch.setitem(registry.ANALYSES, "stand_in", registry.Analysis("angles", "", "a stand-in"))
    monkeypatch.setattr("spinstack.measure.angles.stand_in", stand_in, raising=False)
    text = FILE + '\n[[analysis]]\ndo = "stand_in"\nfiles = "al*"\nwidth = 2\nflag = true\n'
    assert main(["analyze", folder(text), "-o", "out"]) == 0
    assert seen == {"rows": 119, "width": 2.0, "flag": True}
    stored = load(Path("out/results"), "stand_in")
    assert stored.attrs["yes"] == 1
    assert "by hand" in Page(Path("out/report.html").read_text(encoding="utf-8")).text
