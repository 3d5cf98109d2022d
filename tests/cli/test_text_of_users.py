"""What a file or a shell may hold: it computes, or is refused with its line; nothing commands the terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
from analysis_files import scans
from commands import load, refused
from sample_texts import BILAYER

from spinstack.cli import main

SCAN = '[[scan]]\nplane = "beta"\nangles = ["0 deg", "90 deg"]\n'
DRAWN = '[output]\nfigures = ["png"]\n'
QUIET = "[output]\nfigures = []\n"

TITLES = {
    r"\u001b]0;pwned\u0007\u001b[31mRED": r"\x1b]0;pwned\x07\x1b[31mRED",
    r"a\u0000b\u001b[31m": r"a\x00b\x1b[31m",
    r"$\\frac{$": r"$\frac{$",
    r"a\nb\u202egnp": r"a\nb\u202egnp",
    ":smile: [bold]x[/]": ":smile: [bold]x[/]",
    "膜 😀 {0} %s": "膜 😀 {0} %s",
}


@pytest.mark.study
@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_shown_and_stored_as_it_is(sample, capsys, title):
    file = sample(BILAYER.replace("a bilayer", title) + SCAN + DRAWN)
    assert main(["show", file]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == TITLES[title]
    assert main(["run", file, "-o", "out"]) == 0
    assert "\x1b" not in "".join(capsys.readouterr())
    assert load(Path("out"), "angular_scan").attrs["title"] == TITLES[title]
    assert {"angular_scan.nc", "angular_scan.png", "film.png"} <= {p.name for p in Path("out").iterdir()}


@pytest.mark.parametrize("name", [r"P\nt", r"\u0000", r"P\u001bt", r"\u202ePt", r"P\u200bt", "P/t", " Pt", "P.t"])
def test_names_that_nobody_can_read_are_refused(sample, capsys, name):
    message = refused(capsys, ["run", sample(BILAYER.replace('"Pt"', f'"{name}"') + SCAN + QUIET), "-o", "out"])
    assert message.startswith("Error: sample.toml, line 6, film[0] (metal).name: got ")
    assert not Path("out").exists()


@pytest.mark.study
@pytest.mark.parametrize("name", ["$x$", "=1+1", "a b", "膜", "CON", "{0}", "-"])
def test_other_names_compute(sample, name):
    file = sample(BILAYER.replace('"Pt"', f'"{name}"') + SCAN + '[[profile]]\nm = "y"\npoints = 3\n' + DRAWN)
    assert main(["run", file, "-o", "out"]) == 0
    assert name in load(Path("out"), "profile")["layer"].values


@pytest.mark.parametrize("name", ["component", "angle", "plane", "batch_0"])
def test_a_magnet_called_as_an_axis_has_no_torque_but_all_else(sample, capsys, name):
    text = BILAYER.replace('"Py"', f'"{name}"')
    message = refused(capsys, ["run", sample(text + "[[torque]]\n" + QUIET), "-o", "out"])
    assert message.startswith("Error: sample.toml, line ")
    assert f"got '{name}', which is what an axis of the result is called" in message
    assert main(["run", sample(text + SCAN + QUIET), "-o", "out"]) == 0


COLLISIONS = [
    ('[[profile]]\nm = "y"\nname = "film"\n', "profile[0].name", "the figure of the film"),
    ('[[profile]]\nm = "y"\nname = "Film"\n', "profile[0].name", "the figure of the film"),
    ('[[profile]]\nm = "y"\nname = "a"\n[[scan]]\nname = "A"\n', "profile[0].name", "another request"),
    ('[[scan]]\nname = "é"\n[[torque]]\nname = "É"\n', "torque[0].name", "another"),
    ('[[profile]]\nm = "y"\nname = "CON"\n', "profile[0].name", "device"),
    ('[[profile]]\nm = "y"\nname = "lpt1"\n', "profile[0].name", "device"),
    ('[[profile]]\nm = "y"\nname = "../x"\n', "profile[0].name", "letters"),
    ('[[profile]]\nm = "y"\nname = "a\\nb"\n', "profile[0].name", "letters"),
    ('[[profile]]\nm = "y"\nname = ""\n', "profile[0].name", "letters"),
]


@pytest.mark.parametrize(("text", "field", "words"), COLLISIONS)
def test_names_of_files_that_collide_are_refused_first(sample, capsys, text, field, words):
    message = refused(capsys, ["run", sample(BILAYER + text + QUIET), "-o", "out"])
    assert f"{field}: got " in message
    assert words in message
    assert not Path("out").exists()


def test_names_that_are_made_up_make_room_for_those_that_are_given(sample):
    text = '[[profile]]\nm = "y"\npoints = 2\n' * 3 + 'name = "Profile"\n'
    assert main(["run", sample(BILAYER + text + QUIET), "-o", "out"]) == 0
    assert {p.name for p in Path("out").glob("*.nc")} == {"profile_2.nc", "profile_3.nc", "Profile.nc"}


ANALYSES = [
    ('name = "q"', 'name = "q_curves_order"', "the result 'q'"),
    ('name = "q_curves"', 'name = "Q"', "the result 'q_curves'"),
    ('name = "q"\nfiles = "alpha"', 'name = "ALPHA"', "a measurement 'alpha'"),
    ('name = "q"\nfiles = ["alpha", "gamma"]', 'name = "q_gamma"', "the result 'q_gamma'"),
    ('name = "q"', 'name = "aux"', "device"),
    ('name = "q"', 'name = "q."', "letters"),
]


@pytest.mark.parametrize(("first", "second", "words"), ANALYSES)
def test_results_of_analyses_that_collide_are_refused_first(tmp_path, monkeypatch, capsys, first, second, words):
    write = scans(tmp_path, monkeypatch)
    text = 'spinstack = 1\n[[file]]\npath = "alpha.csv"\n[[file]]\npath = "gamma.csv"\n'
    for name in (first, second):
        text += "[[analysis]]\ndo = 'fit_harmonics'\norders = [2]\n" + name + "\n"
        text += "" if "files" in name else "files = 'alpha'\n"
    message = refused(capsys, ["analyze", write(text), "-o", "out"])
    assert "analysis[1].name: got " in message
    assert words in message
    assert not Path("out").exists()


def test_files_whose_names_differ_in_case_are_told_apart(tmp_path, monkeypatch, capsys):
    write = scans(tmp_path, monkeypatch)
    text = 'spinstack = 1\n[[file]]\npath = "alpha.csv"\n[[file]]\npath = "gamma.csv"\nname = "Alpha"\n'
    assert "file[1].name: got 'Alpha', twice" in refused(capsys, ["analyze", write(text), "-o", "out"])


COLUMNS = ["=1+1", "@x", "dI/dV", "a\tb", "..", "$x$", "+", "'"]


def test_any_column_of_a_measurement_is_stored_and_no_cell_is_a_formula(here, capsys):
    names = ",".join(f'"{name} (S)"' for name in COLUMNS)
    rows = "\n".join(",".join([f"{30 * i},{1 + i % 2}", *("-1.5" for _ in COLUMNS)]) for i in range(7))
    Path("c.csv").write_text(f"angle (deg),R_xx (Ohm),{names}\n{rows}\n", encoding="utf-8")
    Path("a.toml").write_text('spinstack = 1\n[[file]]\npath = "c.csv"\n[output]\nfigures = ["png"]\n')
    assert main(["analyze", "a.toml", "-o", "out"]) == 0
    assert "\x1b" not in "".join(capsys.readouterr())
    with xr.open_dataset("out/measurements/c.nc", engine="h5netcdf") as stored:
        assert len(stored.data_vars) >= 1 + len(COLUMNS)
    head, *body = Path("out/measurements/c.csv").read_text(encoding="utf-8").splitlines()
    cells = head.replace('"', "").split(",")
    assert not [c for c in cells if c.startswith(("=", "+", "-", "@"))]
    assert "-1.5" in body[0]


# folders

NOWHERE = [
    ('directory = "a\\u0000b"', "text that can be read"),
    ('directory = "a\\nb"', "text that can be read"),
    ('directory = " "', "folder"),
    ('directory = ".."', "leads out of its folder"),
    ('directory = "a/../../b"', "leads out of its folder"),
    ('directory = "~/../b"', "leads out of its folder"),
    ('directory = "~nobody-of-this-name/x"', "home folder is not known"),
]


@pytest.mark.parametrize(("directory", "words"), NOWHERE)
def test_folders_that_are_none_or_lead_out_are_refused_with_their_line(sample, capsys, directory, words):
    text = BILAYER + SCAN + f"[output]\nfigures = []\n{directory}\n"
    message = refused(capsys, ["run", sample(text)])
    assert message.startswith(f"Error: sample.toml, line {text.count(chr(10))}, output.directory: got ")
    assert words in message
    assert [p.name for p in Path().iterdir()] == ["sample.toml"]


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("place", ["file", "option"])
@pytest.mark.parametrize("path", ["~/x", "inside/x", "a/../x"])
def test_folders_are_those_of_a_shell(sample, monkeypatch, path, place):
    home = Path("home").absolute()
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    file = sample(BILAYER + SCAN + QUIET + (f'directory = "{path}"\n' if place == "file" else ""))
    assert main(["run", file, *(["-o", path] if place == "option" else [])]) == 0
    assert (home / "x" if path == "~/x" else Path(path)).joinpath("angular_scan.nc").is_file()
    assert not Path("~").exists()


def test_a_folder_outside_may_be_asked_for(sample):
    Path("deep").mkdir()
    file = sample(BILAYER + SCAN + QUIET, "deep/sample.toml")
    os.chdir("deep")
    assert main(["run", Path(file).name, "-o", "../out"]) == 0
    assert Path("../out/angular_scan.nc").is_file()


@pytest.mark.study
@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there")
def test_paths_that_are_no_text_compute(here):
    name = os.fsdecode(b"\xff\x1b[31m.toml")
    Path(name).write_text(BILAYER.replace('title = "a bilayer"', "") + SCAN + DRAWN, encoding="utf-8")
    code = "import sys; from spinstack.cli import main; sys.exit(main())"
    for arguments in (["show", name], ["run", name], ["run", os.fsdecode(b"absent\xfe.toml")]):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
        assert done.returncode == (2 if "absent" in arguments[1] else 0), done.stderr
        assert b"\x1b" not in done.stdout + done.stderr
        assert b"Traceback" not in done.stderr
    (folder,) = Path("results").iterdir()
    assert load(folder, "angular_scan").attrs["title"] == r"\udcff\x1b[31m"


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there")
def test_measured_files_whose_names_are_no_text_are_analysed(tmp_path, monkeypatch, capsys):
    write = scans(tmp_path, monkeypatch)
    os.rename("alpha.csv", os.fsdecode(b"al\xff.csv"))
    text = 'spinstack = 1\n[[file]]\npath = "al*.csv"\n[[analysis]]\ndo = "fit_harmonics"\norders = [2]\n'
    file = os.fsdecode(b"film\xfe.toml")
    os.rename(write(text), file)
    assert main(["analyze", file, "-o", "out"]) == 0, capsys.readouterr().err
    assert {p.name for p in Path("out").iterdir()} == {"measurements", "results", "report.html"}
