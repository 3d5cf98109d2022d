"""The analysis file as a user meets it: checked before anything is read, complete where something fails, reversible."""

import contextlib
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from spinstack.cli import main
from spinstack.cli.analyze_numbers import between, with_error
from spinstack.measure import analysis as registry
from spinstack.measure.analysis_run import analyze
from spinstack.measure.measurement import history, measurement, result, undo

ROOT = Path(__file__).parents[1]
AMPLITUDES = {"alpha": 8e-4, "beta": 1e-4, "gamma": 9e-4}
FILE = """\
spinstack = 1
title = "a film <3 nm>"
description = "scans & fits"

[common]
sample = "E1"
film_thickness = "3 nm"

[[file]]
path = "alpha.csv"
plane = "alpha"

[[file]]
path = "gamma.csv"
plane = "gamma"

[[step]]
do = "remove_spikes"
threshold = 8

[[step]]
do = "shift_angle"
files = "gamma"
shift = "0 deg"

[[analysis]]
do = "fit_harmonics"
orders = [2]
"""


def write_scan(path, amplitude, temperature=300.0, seed=0, rows=120):
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 360, rows)
    R = 100 * (1 + amplitude * np.cos(2 * np.deg2rad(angle))) + 1e-3 * rng.standard_normal(rows)
    R[rows // 3] += 1.0
    lines = [f"{a:.3f},{r:.5f},{temperature}" for a, r in zip(angle, R, strict=True)]
    path.write_text("angle (deg),R_xx (Ohm),temperature (K)\n" + "\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with three scans; writes an analysis file there and gives its path."""
    monkeypatch.chdir(tmp_path)
    for k, (plane, amplitude) in enumerate(AMPLITUDES.items()):
        write_scan(tmp_path / f"{plane}.csv", amplitude, seed=k)

    def write(text=FILE, name="film.toml"):
        text += "" if "[output]" in text else "\n[output]\nfigures = []\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder of one complete run, and what it printed."""
    place = tmp_path_factory.mktemp("analyze")
    for k, plane in enumerate(("alpha", "gamma")):
        write_scan(place / f"{plane}.csv", AMPLITUDES[plane], seed=k)
    (place / "film.toml").write_text(FILE, encoding="utf-8")
    text, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(told):
        code = main(["analyze", str(place / "film.toml"), "-o", str(place / "out")])
    assert code == 0
    return place / "out", text.getvalue(), told.getvalue()


def load(place, name):
    return xr.load_dataset(place / f"{name}.nc", engine="h5netcdf")


def refused(capsys, arguments):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.count("Error:") == 1
    assert "Traceback" not in captured.err
    return " ".join(captured.err.split())


# results


def test_numbers_are_those_of_the_library(results):
    from spinstack.measure.angles import fit_harmonics
    from spinstack.measure.cleaning import remove_spikes, shift_angle
    from spinstack.measure.readers import read

    place, printed, _ = results
    raw = read(place.parent / "gamma.csv", plane="gamma", sample="E1", film_thickness="3 nm")
    cleaned = shift_angle(remove_spikes(raw, threshold=8.0), shift=0.0)
    expected = fit_harmonics(cleaned, orders=[2])
    found = load(place / "results", "fit_harmonics_gamma")
    np.testing.assert_array_equal(found["value"], expected["value"])
    np.testing.assert_array_equal(found["covariance"], expected["covariance"])
    stored = load(place / "measurements", "gamma")
    np.testing.assert_array_equal(stored["R_xx"], cleaned["R_xx"])
    assert stored.sizes["point"] == raw.sizes["point"] - 1
    c2 = expected.sel(parameter="c2")
    assert abs(float(c2["value"]) - AMPLITUDES["gamma"]) < 5 * float(c2["error"])
    assert with_error(float(c2["value"]), float(c2["error"])) in printed


def test_results_know_their_files_and_steps(results):
    found = load(results[0] / "results", "fit_harmonics_alpha")
    (origin,) = json.loads(found.attrs["inputs"])
    assert origin["name"] == "alpha"
    assert len(origin["source_sha256"]) == 64
    assert [s["step"] for s in origin["history"]] == ["read", "remove_spikes"]
    assert json.loads(found.attrs["arguments"]) == {"orders": [2]}


def test_a_stored_measurement_can_be_taken_back_step_by_step(results):
    stored = load(results[0] / "measurements", "gamma")
    assert [s["step"] for s in history(stored)] == ["read", "remove_spikes", "shift_angle"]
    raw = undo(stored, 2)
    assert raw.sizes["point"] == stored.sizes["point"] + 1
    assert float(raw["R_xx"].max()) > float(stored["R_xx"].max()) + 0.5


def test_csv_says_its_units_and_is_read_back_to_the_same_numbers(results):
    from spinstack.measure.readers import read

    place = results[0] / "measurements"
    back, stored = read(place / "alpha.csv"), load(place, "alpha")
    for name in ("R_xx", "angle", "temperature"):
        np.testing.assert_allclose(back[name], stored[name], rtol=1e-15)
    table = (results[0] / "results" / "fit_harmonics_alpha.csv").read_text(encoding="utf-8").splitlines()
    assert table[0].startswith("parameter,value,error,unit,words")
    curves = (results[0] / "results" / "fit_harmonics_alpha_curves_point.csv").read_text(encoding="utf-8")
    assert curves.startswith("angle [deg],")


def test_folder_holds_figures_and_nothing_half_written(results):
    place = results[0]
    names = {p.name for p in (place / "figures").iterdir()}
    assert names == {f"{n}.{k}" for n in ("alpha", "gamma", "fit_harmonics_alpha", "fit_harmonics_gamma")
                     for k in ("png", "pdf")}  # fmt: skip
    assert not list(place.rglob("*.part"))


# the report


class Page(HTMLParser):
    """Open elements, addresses, ids and text of a page."""

    VOID = frozenset(("meta", "img", "br", "link"))

    def __init__(self, text):
        super().__init__()
        self.open, self.addresses, self.ids, self.words, self.cells = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.addresses += [attrs[k] for k in ("src", "href") if k in attrs]
        self.ids += [attrs["id"]] if "id" in attrs else []
        if tag == "img":
            assert attrs["alt"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def test_report_stands_alone_and_tells_everything(results):
    text = (results[0] / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    for address in page.addresses:
        assert address.startswith("data:image/svg+xml;base64,") or address[1:] in page.ids
    assert not re.search(r"@import|url\(|<script|https?://", text)
    assert sum(a.startswith("data:") for a in page.addresses) == 4
    stored = load(results[0] / "measurements", "gamma")
    for words in ("a film <3 nm>", "scans & fits", "remove_spikes", "1 of 120 rows dropped", "threshold = 8", "3 nm",
                  stored.attrs["source_sha256"], "numpy", "95 % interval", 'do = "fit_harmonics"'):  # fmt: skip
        assert words in page.text, words
    c2 = load(results[0] / "results", "fit_harmonics_gamma").sel(parameter="c2")
    assert with_error(float(c2["value"]), float(c2["error"])) in page.text


def test_same_input_gives_the_same_report(results):
    before = (results[0] / "report.html").read_bytes()
    assert main(["analyze", str(results[0].parent / "film.toml"), "-o", str(results[0])]) == 0
    assert (results[0] / "report.html").read_bytes() == before


def test_report_escapes_what_files_say(folder):
    text = FILE.replace('sample = "E1"', 'sample = "<script>alert(1)</script>"')
    assert main(["analyze", folder(text), "-o", "out"]) == 0
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not Path("out/figures").exists()


# what fails


def test_failed_analysis_leaves_the_others_complete_and_says_so(folder, capsys):
    text = FILE + '\n[[analysis]]\ndo = "fit_harmonics"\nname = "hall"\nfiles = "alpha"\nreading = "R_xy"\n'
    assert main(["analyze", folder(text), "-o", "out"]) == 1
    captured = capsys.readouterr()
    assert re.search(r"Error: analysis\[1\] fit_harmonics, line 30: alpha: R_xy", captured.err)
    assert load(Path("out/results"), "fit_harmonics_alpha").sizes["parameter"]
    assert not Path("out/results/hall.nc").exists()
    page = Page(Path("out/report.html").read_text(encoding="utf-8")).text
    assert "Not done" in page
    assert "no such column" in page


def test_failed_step_costs_only_what_needs_it(folder, capsys):
    text = FILE + '\n[[step]]\ndo = "odd_part"\nfiles = "alpha"\nreading = "R_xy"\n'
    assert main(["analyze", folder(text), "-o", "out"]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "step[2] odd_part, line 30: alpha" in error
    assert "fit_harmonics, line 26: alpha: alpha got lost in an entry above" in error
    assert Path("out/results/fit_harmonics_gamma.nc").exists()
    assert not Path("out/measurements/alpha.nc").exists()
    assert "left out since a step failed" in Page(Path("out/report.html").read_text(encoding="utf-8")).text


def test_files_that_cannot_be_read_are_all_told_and_nothing_is_written(folder, capsys):
    folder()
    Path("alpha.csv").write_bytes(b"\0\1\2")
    Path("gamma.csv").write_text("angle (deg),R_xx (Ohm)\n0,1\n1\n", encoding="utf-8")
    error = refused(capsys, ["analyze", "film.toml", "-o", "out"])
    assert "line 10, file[0].path" in error
    assert "line 14, file[1].path" in error
    assert not Path("out").exists()


def test_interrupted_run_says_what_is_complete(folder, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("spinstack.cli.analyze_report.report", interrupted)
    assert main(["analyze", folder(), "-o", "out"]) == 130
    assert "results/fit_harmonics_gamma" in " ".join(capsys.readouterr().err.split())
    assert not Path("out/report.html").exists()


def test_failed_writing_leaves_the_old_file(folder, monkeypatch):
    assert main(["analyze", folder(), "-o", "out"]) == 0
    before = Path("out/measurements/alpha.nc").read_bytes()

    def broken(self, path, **_):
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", broken)
    assert main(["analyze", "film.toml", "-o", "out"]) == 2
    assert Path("out/measurements/alpha.nc").read_bytes() == before
    assert not list(Path("out").rglob("*.part"))


def test_figure_that_cannot_be_drawn_costs_no_number(folder, capsys):
    text = FILE + 'figure = "measured_sweep"\n[output]\nfigures = ["png"]\n'
    assert main(["analyze", folder(text), "-o", "out"]) == 1
    assert "figure of fit_harmonics_alpha" in capsys.readouterr().err
    assert Path("out/results/fit_harmonics_alpha.nc").exists()


# what is refused before anything is read


def changed(old, new):
    assert FILE.count(old) == 1
    return FILE.replace(old, new)


BAD = {
    "no version": (FILE.removeprefix("spinstack = 1\n"), "spinstack: missing"),
    "unknown table": (FILE + "[films]\n", "line 29, films"),
    "no file": ('spinstack = 1\n[[step]]\ndo = "select"\n', "no [[file]]"),
    "file that is not there": (changed('path = "alpha.csv"', 'path = "alpa.csv"'), "Did you mean 'alpha.csv'"),
    "pattern without file": (changed('path = "alpha.csv"', 'path = "x*.csv"'), "no file matches"),
    "no path": (changed('path = "alpha.csv"', ""), "'path' is missing"),
    "path not text": (changed('path = "alpha.csv"', "path = 3"), "line 10, file[0].path: got 3"),
    "unknown plane": (changed('plane = "alpha"', 'plane = "delta"'), "line 11, file[0].plane: got 'delta'"),
    "length without unit": (changed('"3 nm"\n\n', '"3"\n\n'), "line 7, common.film_thickness"),
    "length in tesla": (changed('"3 nm"\n\n', '"3 T"\n\n'), "does not convert to m"),
    "negative length": (changed('"3 nm"\n\n', '"-3 nm"\n\n'), "above zero"),
    "unknown field": (changed('plane = "alpha"', 'plan = "alpha"'), "Did you mean 'plane'"),
    "two of one name": (FILE + '[[file]]\npath = "alpha.csv"\n', "'alpha' twice"),
    "name with slash": (changed('plane = "alpha"', 'name = "a/b"'), "letters, digits"),
    "description not there": (changed('plane = "alpha"', 'description = "no.toml"'), "cannot be read"),
    "description of a number": (changed('plane = "alpha"', "description = 4"), "a table, or the path"),
    "unknown quantity in description": (changed('plane = "alpha"', 'description = { colums = 3 }'), "colums"),
    "unknown step": (changed('do = "remove_spikes"', 'do = "remove_spike"'), "line 18, step[0].do"),
    "step without do": (changed('do = "remove_spikes"', ""), "'do' is missing"),
    "unknown parameter": (changed("threshold = 8", "treshold = 8"), "line 19, step[0].treshold"),
    "parameter of wrong kind": (changed("threshold = 8", 'threshold = "8 T"'), "step[0].threshold: got '8 T'"),
    "truth value as number": (changed("threshold = 8", "threshold = true"), "step[0].threshold: got True"),
    "angle in tesla": (changed('shift = "0 deg"', 'shift = "0 T"'), "line 24, step[1].shift"),
    "missing parameter": (changed('shift = "0 deg"', ""), "line 21, step[1]: 'shift' is missing"),
    "unknown file of a step": (changed('files = "gamma"', 'files = "gama"'), "Did you mean 'gamma'"),
    "no files": (changed('files = "gamma"', "files = []"), "a name or a list of names"),
    "unknown analysis": (changed('do = "fit_harmonics"', 'do = "fit_harmonic"'), "Did you mean 'fit_harmonics'"),
    "unknown parameter of an analysis": (FILE + "order = 2\n", "line 29, analysis[0].order"),
    "list where a number is": (FILE + "drift_degree = [2]\n", "analysis[0].drift_degree: got [2]"),
    "text in a list of numbers": (changed("orders = [2]", 'orders = ["two"]'), "analysis[0].orders: [0]"),
    "results of nothing": (FILE + '[[analysis]]\ndo = "amplitude_table"\nof = "amr"\n', "earlier analysis"),
    "table without results": (FILE + '[[analysis]]\ndo = "amplitude_table"\n', "'of' is missing"),
    "analysis twice": (
        changed("orders = [2]", 'name = "a"\n[[analysis]]\ndo = "fit_harmonics"\nname = "a"'), "'a' twice"
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


# what a file can say


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
    state = analyze(folder(text))
    assert not state.failures
    assert float(state.cleaned["alpha"]["field"][0]) == 2.0
    assert 10 <= float(state.cleaned["alpha"]["angle"].min()) < 14
    (found,) = state.found
    assert found.inputs == ("alpha", "beta", "gamma")
    got = found.dataset.sel(parameter=["alpha", "beta", "gamma"])["value"].values
    expected = [(1 - a) / (1 + a) - 1 for a in AMPLITUDES.values()]
    np.testing.assert_allclose(got, expected, atol=3e-5)


def test_two_files_of_one_plane_are_told_apart_by_the_user(folder):
    text = FILE + '\n[[file]]\npath = "beta.csv"\nplane = "gamma"\n[[analysis]]\ndo = "fit_planes"\n'
    state = analyze(folder(text))
    assert any("the plane gamma is there twice" in f.why for f in state.failures)


def test_parameter_that_is_a_measurement_and_units_by_another_parameter(folder):
    from spinstack.measure.analysis_arguments import Reference, checked
    from spinstack.measure.analysis_file import read_analysis_file

    text = FILE + '\n[[step]]\ndo = "reverse_current"\nfiles = "alpha"\nother = "gamma"\n'
    assert read_analysis_file(folder(text)).steps[2].arguments == {"other": Reference("gamma")}
    function = registry.step_names() and registry.step_function("average_repeats")
    assert checked(function, {"over": "angle", "tolerance": "1 deg"}, step=True)["tolerance"] == 1.0
    assert checked(function, {"over": "field", "tolerance": "5 Oe"}, step=True)["tolerance"] == pytest.approx(5e-4)


def test_tables_become_the_objects_that_an_analysis_wants():
    from spinstack.measure.analysis_arguments import ArgumentProblem, checked

    function = registry.analysis("parallel_layers")
    sample = {"a": "3.9 nm", "b": "2.3 nm", "repeats": 10, "resistivity": "0.6 mOhm cm", "name": "10/6"}
    (built,) = checked(function, {"samples": [sample]})["samples"]
    assert (built.a, built.resistivity, built.name) == (3.9e-9, 6e-6, "10/6")
    with pytest.raises(ArgumentProblem, match=r"\[0\]: resistivty: is unknown. Did you mean 'resistivity'"):
        checked(function, {"samples": [{**sample, "resistivty": 1}]})


def test_every_analysis_and_its_figure_exist():
    import inspect

    import spinstack.figures

    for name, entry in registry.ANALYSES.items():
        function = registry.analysis(name)
        assert registry.feed(function) in ("each", "planes", "names", "list", "none")
        assert not entry.figure or entry.figure in spinstack.figures.__all__
        taken = {"do", "name", "files", "of", "figure"} & set(list(inspect.signature(function).parameters)[1:])
        assert not taken, name
    for name in registry.step_names():
        assert not {"do", "files"} & set(inspect.signature(registry.step_function(name)).parameters)


def test_numeric_parameters_have_a_known_unit():
    from spinstack.measure.analysis_arguments import UNITS
    from spinstack.stack.units import parse_quantity

    for unit in set(UNITS.values()):
        if not unit.startswith("@"):
            assert parse_quantity(f"2 {unit}".replace("Ohm", "ohm"), unit.replace("Ohm", "ohm")) == 2.0


# numbers as text


@pytest.mark.parametrize(
    ("value", "error", "unit", "text"),
    [
        (8.03e-4, 1.2e-5, "1", "(8.03 ± 0.12)·10⁻⁴"),
        (1734.18, 0.0996, "Ohm", "(1734.18 ± 0.10) Ω"),
        (-3.877, 0.049, "deg", "(−3.877 ± 0.049)°"),
        (0.374, 0.062, "1", "0.374 ± 0.062"),
        (56356.0, 11197.0, "S/m", "(5.6 ± 1.1)·10⁴ S/m"),
        (0.0, 0.02, "T", "(0.000 ± 0.020) T"),
        (1.0, 37.0, "K", "(1 ± 37) K"),
        (2.5e-9, 0.0, "m", "2.5e−09 m"),
        (float("nan"), 1.0, "K", "not found"),
        (1e-8, float("inf"), "A m^2", "1e−08 A m²"),
    ],
)
def test_numbers_are_written_with_the_digits_that_their_error_allows(value, error, unit, text):
    assert with_error(value, error, unit) == text


def test_intervals_are_written_alike():
    assert between(4.1136e-4, 4.1594e-4) == "(4.1136 to 4.1594)·10⁻⁴"
    assert between(-1.0, 1.0, "K") == "(−1.00 to 1.00) K"
    assert between(1.0, 1.0) == ""


# inspect


def test_inspect_shows_columns_and_writes_a_description(folder, capsys):
    from spinstack.measure.readers import read

    folder()
    assert main(["inspect", "alpha.csv", "--write", "alpha.toml"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"2\s+R_xx\s+Ohm\s+R_xx\s+120", printed)
    np.testing.assert_array_equal(read("alpha.csv", "alpha.toml")["R_xx"], read("alpha.csv")["R_xx"])
    assert "exists" in refused(capsys, ["inspect", "alpha.csv", "--write", "alpha.toml"])
    assert main(["inspect", "alpha.csv", "--write", "alpha.toml", "--force"]) == 0
    assert "itself" in refused(capsys, ["inspect", "alpha.csv", "--write", "alpha.csv", "--force"])
    assert "no folder" in refused(capsys, ["inspect", "alpha.csv", "--write", "no/alpha.toml"])
    assert refused(capsys, ["inspect", "beta.dat"])


def test_inspect_says_why_a_file_is_not_read(capsys):
    assert main(["inspect", str(ROOT / "tests/data/ni-bh/45001S.DAT")]) == 0
    captured = capsys.readouterr()
    assert "1001 rows" in captured.out
    assert "not read as fixed width" in captured.err


# the whole and its parts


def test_example_finds_the_ratios_of_the_film(tmp_path):
    text = (ROOT / "examples" / "fesi_admr.toml").read_text(encoding="utf-8")
    text = text.replace("../tests/data", str(ROOT / "tests" / "data")).replace(
        'figures = ["png", "pdf"]', "figures = []"
    )
    file = tmp_path / "fesi.toml"
    file.write_text(text.replace('mu0_Meff = "fit"\n', ""), encoding="utf-8")
    state = analyze(file)
    assert not state.failures
    found = {f.name: f.dataset for f in state.found}
    alpha = found["fit_harmonics_xy"].sel(parameter="c2")
    assert 2 * float(alpha["value"]) == pytest.approx(8.0e-4, rel=0.05)
    assert float(found["fit_planes"].sel(parameter="alpha")["value"]) == pytest.approx(-8.2e-4, rel=0.03)


def test_nothing_heavy_is_loaded_before_it_is_needed(folder):
    late = {"scipy", "matplotlib", "lmfit", "jax", "jinja2"}
    wrong = folder(BAD["unknown file of a step"][0])
    # pint, which reads units, loads the top of scipy
    runs = ((["analyze", "--help"], late | {"pandas", "xarray"}), (["analyze", wrong], late - {"scipy"}))
    for arguments, heavy in runs:
        code = f"import sys; from spinstack.cli import main; main({arguments!r})"
        code += f"; print(sorted({heavy} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]"


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


def test_long_measurement_is_written_in_seconds(tmp_path):
    import time

    from spinstack.cli.analyze_files import Results
    from spinstack.measure.analysis_file import AnalysisFile
    from spinstack.stack.document import Document

    rows = 200_000
    data = measurement({"R_xx": np.arange(rows) / 7}, {"field": np.linspace(-1, 1, rows)})
    folder = Results(tmp_path / "out", AnalysisFile(Document({}, "x"), "x", (), (), (), None, ()))
    start = time.perf_counter()
    folder.measurement("long", data)
    assert time.perf_counter() - start < 10
