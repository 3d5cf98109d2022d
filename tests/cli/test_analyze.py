"""`spinstack analyze` as a user meets it: numbers of the library, a report that stands alone, what fails."""

import contextlib
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from analysis_files import AMPLITUDES, FILE, Page, scans, write_scan
from commands import load, refused

from spinstack.cli import main
from spinstack.measure import history, undo
from spinstack.report.numbers import with_error


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with three scans; writes an analysis file there and gives its path."""
    return scans(tmp_path, monkeypatch)


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


# results


@pytest.mark.study
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


@pytest.mark.study
def test_results_know_their_files_and_steps(results):
    found = load(results[0] / "results", "fit_harmonics_alpha")
    (origin,) = json.loads(found.attrs["inputs"])
    assert origin["name"] == "alpha"
    assert len(origin["source_sha256"]) == 64
    assert [s["step"] for s in origin["history"]] == ["read", "remove_spikes"]
    assert json.loads(found.attrs["arguments"]) == {"orders": [2]}


@pytest.mark.study
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


@pytest.mark.study
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
    assert "fit_harmonics, line 26: alpha: alpha: not there after the entries above; there are gamma" in error
    assert Path("out/results/fit_harmonics_gamma.nc").exists()
    assert not Path("out/measurements/alpha.nc").exists()
    assert "left out since a step failed" in Page(Path("out/report.html").read_text(encoding="utf-8")).text


def test_files_that_cannot_be_read_are_all_told_and_nothing_is_written(folder, capsys):
    folder()
    Path("alpha.csv").write_bytes(b"\0\1\2")
    Path("gamma.csv").write_text("angle (deg),R_xx (Ohm)\n0,1\n1\n", encoding="utf-8")
    error = refused(capsys, ["analyze", "film.toml", "-o", "out"], lines=None)
    assert "line 10, file[0].path" in error
    assert "line 14, file[1].path" in error
    assert not Path("out").exists()


def test_interrupted_run_says_what_is_complete(folder, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("spinstack.report.page.render", interrupted)
    assert main(["analyze", folder(), "-o", "out"]) == 130
    assert "results/fit_harmonics_gamma" in " ".join(capsys.readouterr().err.split())
    assert not Path("out/report.html").exists()


def test_failed_writing_leaves_the_old_file(folder, monkeypatch):
    assert main(["analyze", folder(), "-o", "out"]) == 0
    before = Path("out/measurements/alpha.nc").read_bytes()

    def broken(path, content):
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", broken)
    assert main(["analyze", "film.toml", "-o", "out"]) == 2
    assert Path("out/measurements/alpha.nc").read_bytes() == before
    assert not list(Path("out").rglob("*.part"))


@pytest.mark.study
def test_figure_that_cannot_be_drawn_costs_no_number(folder, capsys):
    text = FILE + 'figure = "measured_sweep"\n[output]\nfigures = ["png"]\n'
    assert main(["analyze", folder(text), "-o", "out"]) == 1
    assert "figure of fit_harmonics_alpha" in capsys.readouterr().err
    assert Path("out/results/fit_harmonics_alpha.nc").exists()
