"""The command line as a user meets it: results that agree with the library, early refusals, resuming."""

import contextlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from commands import load, refused, run, written
from sample_texts import BILAYER

import spinstack as ss
from spinstack.cli import main

FILM = BILAYER.replace('0.5e14j S/m^2"', '0.5e14j S/m^2"\nfiltering = "2e4 S/m"') + 'amr_ratio = "1 %"\n'
REQUESTS = """
[[scan]]
plane = ["beta", "alpha"]
angles = { start = "0 deg", stop = "180 deg", points = 13 }

[[scan]]
name = "in_a_field"
plane = "gamma"
angles = ["0 deg", "30 deg"]
field = "500 mT"

[[profile]]
m = { Py = [0, 2, 0] }
E = ["2 V/m", 0]
points = 7

[[torque]]
plane = "gamma"
angles = ["0 deg", "45 deg", "90 deg"]

[perpendicular]
m = [0, 0, 1]

[[map]]
name = "mr"
observable = { name = "magnetoresistance", plane = "alpha" }
[map.over]
"Pt.thickness" = ["1 nm", "2 nm", "4 nm"]
"Pt|Py.mixing_conductance.real" = { start = "3e14 S/m^2", stop = "3e16 S/m^2", points = 3, spacing = "log" }

[[map]]
over = { "Py.thickness" = { start = "1 nm", stop = "3 nm", points = 3 } }
observable = { name = "average_spin_current", component = "y", layer = "Pt", m = [0, 1, 0] }

[output]
figures = ["png"]
"""


@pytest.fixture
def sample(here):
    """Writes a sample file into an empty working folder and gives its path."""
    return lambda text=FILM, name="sample.toml": written(text, name)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The results of a run that asks for one of everything, and what it printed."""
    return run(FILM + REQUESTS, tmp_path_factory.mktemp("run"))


# run


def test_a_run_leaves_exactly_the_files_it_names(results):
    names = ["angular_scan", "in_a_field", "profile", "torque", "perpendicular", "mr", "map"]
    figures = [f"{n}.png" for n in ("film", *names) if n != "perpendicular"]
    assert sorted(p.name for p in results[0].iterdir()) == sorted([f"{n}.nc" for n in names] + figures)
    assert all((results[0] / f).read_bytes().startswith(b"\x89PNG") for f in figures)


def test_every_file_says_what_made_it(results):
    for file in results[0].glob("*.nc"):
        attrs = xr.load_dataset(file, engine="h5netcdf").attrs
        assert attrs["title"] == "a bilayer"
        assert attrs["solver"] == "drift-diffusion"
        assert attrs["spinstack_version"]
        assert tomllib.loads(attrs["sample_file"])["film"][2]["name"] == "Py"


def test_scans_hold_what_the_library_computes(results):
    film = results[2]
    got = load(results[0], "angular_scan")
    want = ss.angular_scan(film, plane=["beta", "alpha"], angles=np.linspace(0, 180, 13))
    for name in ("R_xx", "R_xy", "MR_xx"):
        np.testing.assert_allclose(got[name], want[name], rtol=1e-12, atol=1e-15)
    assert list(got["plane"].values) == ["beta", "alpha"]
    field = load(results[0], "in_a_field")
    np.testing.assert_allclose(field["R_xx"][0], ss.angular_scan(film, "gamma", [0, 30], field=0.5)["R_xx"], rtol=1e-12)
    assert field.attrs["field_T"] == 0.5


def test_a_profile_takes_m_by_name_and_the_field_with_its_unit(results):
    got = load(results[0], "profile")
    want = ss.profile(results[2], m=(0, 1, 0), E=(2, 0), points=7)
    np.testing.assert_allclose(got["mu"], want["mu"], rtol=1e-12, atol=1e-25)
    np.testing.assert_allclose(got["Q"], want["Q"], rtol=1e-12, atol=1e-9)
    assert got["z"].attrs["units"] == "m"


def test_torque_is_labelled_by_angle(results):
    got = load(results[0], "torque")
    assert got["Py"].dims == ("angle", "component")
    np.testing.assert_array_equal(got["angle"], [0, 45, 90])
    s = np.sqrt(0.5)
    np.testing.assert_allclose(got["Py"][1], ss.torque(results[2], m=(s, 0, s))["Py"], rtol=1e-9, atol=1e-25)


def test_perpendicular_resistance(results):
    got = float(load(results[0], "perpendicular")["perpendicular_resistance"])
    assert got == pytest.approx(float(ss.perpendicular_resistance(results[2], m=(0, 0, 1))), rel=1e-12)


def test_maps_hold_the_observable_of_each_film(results):
    film = results[2]
    got = load(results[0], "mr")["magnetoresistance"]
    assert got.dims == ("Pt.thickness", "Pt|Py.mixing_conductance.real")
    np.testing.assert_allclose(got["Pt|Py.mixing_conductance.real"], [3e14, 3e15, 3e16], rtol=1e-12)
    one = film.replace({"Pt.thickness": 4e-9, "Pt|Py.mixing_conductance.real": 3e15})
    assert float(got[2, 1]) == pytest.approx(float(ss.magnetoresistance(one, "alpha")), rel=1e-9)
    curve = load(results[0], "map")["average_spin_current"]
    one = film.replace({"Py.thickness": 2e-9})
    assert float(curve[1]) == pytest.approx(float(ss.average_spin_current(one, "Pt", m=(0, 1, 0))[1]), rel=1e-9)
    assert curve.attrs["units"] == "A/m^2"


def test_the_printed_table_shows_the_ratios_in_percent(results):
    film, text = results[2], results[1]
    for plane in ("alpha", "beta"):
        row = next(line for line in text.splitlines() if f" {plane} " in line)
        assert f"{100 * float(ss.magnetoresistance(film, plane)):+.4g}" in row
    row = next(line for line in text.splitlines() if " gamma " in line)
    assert "not scanned" in row  # 0 and 30 degrees only
    assert f"{1e15 * float(ss.perpendicular_resistance(film, m=(0, 0, 1))):.5g}" in text


def test_a_file_that_asks_for_nothing_gets_three_planes_and_a_profile(sample, capsys):
    file = sample(FILM + '[output]\nfigures = []\ndirectory = "here"\n')
    assert main(["run", file]) == 0
    with xr.open_dataset("here/angular_scan.nc", engine="h5netcdf") as scan:
        assert list(scan["plane"].values) == ["alpha", "beta", "gamma"]
        assert scan.sizes["angle"] == 361
    with xr.open_dataset("here/profile.nc", engine="h5netcdf") as profile:
        np.testing.assert_allclose(
            profile["mu"], ss.profile(ss.load_sample(file), m=(0, 1, 0))["mu"], rtol=1e-12, atol=1e-25
        )
    assert "alpha" in capsys.readouterr().out


def test_the_folder_on_the_command_line_wins(sample):
    assert main(["run", sample(FILM + '[output]\nfigures = []\ndirectory = "here"\n'), "-o", "a/b"]) == 0
    assert sorted(p.name for p in Path("a/b").iterdir()) == ["angular_scan.nc", "profile.nc"]
    assert not Path("here").exists()


def test_an_interrupted_map_keeps_its_chunks_and_the_same_command_resumes(sample, capsys, monkeypatch):
    from spinstack.circuit import solve as equations

    solved = []
    solve = equations.sheet_conductance

    def counted(film, m=None, B=(0.0, 0.0, 0.0), T=None):
        out = solve(film, m, B, T)
        solved.append(out.size // 4)
        return out

    @contextlib.contextmanager
    def ctrl_c_after_two_chunks():
        def report(name, done, total):
            if done == 8:
                raise KeyboardInterrupt

        yield report

    text = FILM + (
        '[[map]]\nname = "mr"\nover = { "Pt.thickness" = { start = "1 nm", stop = "9 nm", points = 12 } }\n'
        "[output]\nfigures = []\n"
    )
    command = ["run", sample(text), "-o", "out"]
    monkeypatch.setattr(sys.modules[ss.sweep.__module__], "CHUNK", 4)
    monkeypatch.setattr(equations, "sheet_conductance", counted)
    with monkeypatch.context() as patch:
        patch.setattr("spinstack.cli.console.progress", ctrl_c_after_two_chunks)
        assert main(command) == 130
    out, err = capsys.readouterr()
    assert "Interrupted. Complete in out: nothing." in err
    assert "'mr' is kept" in err
    assert "same command resumes" in err
    assert "Results are in" not in out
    assert not Path("out/mr.nc").exists()
    assert solved == [8, 8]  # two chunks of four films, m along y and along z
    assert main(command) == 0
    assert solved == [8, 8, 8]  # only the missing chunk
    with xr.open_dataset("out/mr.nc", engine="h5netcdf") as got:
        thin = ss.load_sample("sample.toml").replace({"Pt.thickness": 1e-9})
        assert float(got["magnetoresistance"][0]) == pytest.approx(float(ss.magnetoresistance(thin, "beta")), rel=1e-9)
    assert [p.name for p in Path("out").iterdir()] == ["mr.nc"]


def test_a_request_can_set_parameters_for_itself(sample, capsys):
    file = sample(
        FILM
        + """
[[scan]]
name = "thin"
plane = "beta"
angles = ["0 deg", "90 deg"]
set = { "Pt.thickness" = "2 nm", "Pt|Py.mixing_conductance" = "9e14 + 1e14j S/m^2" }
[[map]]
name = "curve"
over = { "Py.thickness" = ["1 nm", "2 nm"] }
set = { "Pt.spin_hall_angle" = 0 }
"""
    )
    assert main(["run", file, "-o", "out"]) == 0
    film = ss.load_sample(file)
    thin = film.replace({"Pt.thickness": 2e-9, "Pt|Py.mixing_conductance": 9e14 + 1e14j})
    got = xr.load_dataset("out/thin.nc", engine="h5netcdf")
    np.testing.assert_allclose(
        got.MR_xx.sel(plane="beta", angle=90), ss.magnetoresistance(thin, "beta"), rtol=1e-10, atol=1e-15
    )
    assert "Pt.thickness = 2e-09" in got.attrs["conditions"]
    curve = xr.load_dataset("out/curve.nc", engine="h5netcdf").magnetoresistance
    plain = film.replace({"Pt.spin_hall_angle": 0.0, "Py.thickness": 2e-9})
    np.testing.assert_allclose(curve[1], ss.magnetoresistance(plain, "beta"), rtol=1e-10, atol=1e-15)


def test_a_changed_request_is_not_answered_from_an_old_file(sample):
    text = (
        FILM + '[[map]]\nname = "mr"\nover = {{ "Pt.thickness" = ["2 nm"] }}\nobservable = {}\n[output]\nfigures = []\n'
    )
    for plane in ("beta", "alpha"):
        file = sample(text.format(f'{{ name = "magnetoresistance", plane = "{plane}" }}'))
        assert main(["run", file, "-o", "out"]) == 0
        with xr.open_dataset("out/mr.nc", engine="h5netcdf") as got:
            film = ss.load_sample(file).replace({"Pt.thickness": 2e-9})
            assert float(got["magnetoresistance"][0]) == pytest.approx(
                float(ss.magnetoresistance(film, plane)), rel=1e-9
            )


# refusals


MALFORMED = [
    ('[[scan]]\nplane = "delta"', "plane", "'alpha'"),
    ('[[scan]]\nplane = ["beta", "beta"]', "plane", "twice"),
    ("[[scan]]\nplane = []", "plane", "list"),
    ("[[scan]]\nangle = 3", "angle", "angles"),
    ('[[scan]]\nangles = { start = "0 nm", stop = "1 deg", points = 3 }', "start", "deg"),
    ('[[scan]]\nangles = { start = 0, stop = "1 deg", points = 3 }', "start", "no unit"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "1 deg", points = 1 }', "points", "from 2"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "1 deg", points = 10000000000 }', "points", "10001"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "1 deg", points = true }', "points", "whole number"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "1 deg", points = 3, step = 1 }', "step", "unknown"),
    ('[[scan]]\nangles = { start = "5 deg", stop = "5 deg", points = 3 }', "stop", "same as start"),
    ('[[scan]]\nangles = { start = "0 deg", stop = "9 deg", points = 3, spacing = "log" }', "spacing", "zero"),
    ("[[scan]]\nangles = []", "angles", "empty"),
    ('[[scan]]\nfield = "1 nm"', "field", "T"),
    ('[[scan]]\nfield = "nan T"', "field", "NaN"),
    ("scan = 3", "scan", "table"),
    ('[[scan]]\nname = "../evil"', "name", "names files"),
    ('[[scan]]\nname = "a"\n[[profile]]\nname = "A"', "name", "own name"),
    ("[[profile]]\nm = [0, 0, 0]", "m", "no direction"),
    ("[[profile]]\nm = [0, 1]", "m", "three numbers"),
    ("[[profile]]\nm = [0, nan, 1]", "m[1]", "NaN"),
    ("[[profile]]\nm = { Co = [0, 1, 0] }", "Co", "Py"),
    ("[[profile]]\nm = {}", "m", "'Py'"),
    ('[[profile]]\nE = ["1 V/m"]', "E", "two numbers"),
    ('[[profile]]\nE = ["1 V", 0]', "E", "V/m"),
    ("[[profile]]\nE = [0, 0]", "E", "nothing flows"),
    ("[[profile]]\npoints = 1", "points", "from 2"),
    ('[[map]]\nobservable = "magnetoresistance"', "over", "table"),
    ("[[map]]\nover = {}", "over", "(a curve)"),
    ('[[map]]\nover = { "Pt.thicknes" = ["1 nm"] }', "Pt.thicknes", "no such parameter"),
    ('[[map]]\nover = { "Cu.thickness" = ["1 nm"] }', "Cu.thickness", "which the film does not have"),
    ('[[map]]\nover = { "thickness" = ["1 nm"] }', "thickness", "element.field"),
    ('[[map]]\nover = { "Pt.thickness" = ["-1 nm"] }', "Pt.thickness", "too small"),
    ('[[map]]\nover = { "Pt.thickness" = ["1 nm", "1 nm"] }', "Pt.thickness", "twice"),
    ('[[map]]\nover = { "Pt.thickness" = "1 nm" }', "Pt.thickness", "a list of numbers"),
    ('[[map]]\nover = { "Pt.thickness" = { start = "1 nm", stop = "2 nm" } }', "Pt.thickness.points", "missing"),
    ('[[map]]\nover = { "Pt|Py.mixing_conductance" = ["1e15 S/m^2"] }', "mixing_conductance", ".real"),
    ('[[map]]\nover = { "Py.polarization" = [0.2, 1.0] }', "Py.polarization", "too large"),
    (
        '[[map]]\nover = { "Pt.thickness" = { start = "1 nm", stop = "2 nm", points = 9999 }, '
        '"Py.thickness" = { start = "1 nm", stop = "2 nm", points = 9999 } }',
        "over",
        "fewer points",
    ),
    ('[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = "resistance"', "resistance", "sheet_resistance"),
    ('[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = {}', "name", "magnetoresistance"),
    (
        '[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = { name = "spin_current_mr_ratio", layer = "Py" }',
        "layer",
        "Pt",
    ),
    (
        '[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = { name = "sheet_resistance", component = "zz" }',
        "component",
        "'xx'",
    ),
    ('[[scan]]\nset = { "Pt.thicknes" = "1 nm" }', "Pt.thicknes", "no such parameter"),
    ('[[scan]]\nset = { "Pt.thickness" = "-1 nm" }', "Pt", "too small"),
    ('[[scan]]\nset = { "Pt.thickness" = 1e-9 }', "Pt.thickness", "unit"),
    ('[[scan]]\nset = "thin"', "set", "Write set ="),
    ('[output]\nfigures = ["jpg"]', "figures", "'png'"),
    ('[output]\ndirectory = ""', "directory", "folder"),
    ("[plot]\nx = 1", "plot", "unknown"),
]


@pytest.mark.parametrize(("text", "field", "remedy"), MALFORMED)
def test_malformed_requests_are_refused_before_anything_is_made(sample, capsys, text, field, remedy):
    # top-level keys stand before the first table
    file = sample(text + "\n" + FILM if text.startswith("scan =") else FILM + text)
    for command in (["run", file, "-o", "out"], ["show", file]):
        message = refused(capsys, command)
        assert re.match(r"Error: sample\.toml, line \d+, ", message)
        assert field in message
        assert remedy in message
    assert [p.name for p in Path().iterdir()] == ["sample.toml"]


def test_the_message_names_the_line(sample, capsys):
    message = refused(capsys, ["run", sample(FILM + '\n[[scan]]\n\nfield = "1 V"\n')])
    line = FILM.count("\n") + 4
    assert f"sample.toml, line {line}, scan[0].field: got '1 V'" in message


INSULATOR = """\
spinstack = 1
[[film]]
kind = "magnetic_insulator"
name = "YIG"
mixing_conductance = "4e14 S/m^2"
[[film]]
kind = "metal"
name = "Pt"
thickness = "5 nm"
conductivity = "2.8e6 S/m"
spin_diffusion_length = "2 nm"
"""


@pytest.mark.parametrize(
    ("film", "text", "why"),
    [
        (INSULATOR, "[perpendicular]", "no charge flows along z through 'YIG'"),
        (INSULATOR.split("[[film]]\nkind = \"magnetic")[0] + "[[film]]" + INSULATOR.split("[[film]]")[2], "[[torque]]",
         "no magnet"),
        (INSULATOR.split("[[film]]\nkind = \"magnetic")[0] + "[[film]]" + INSULATOR.split("[[film]]")[2],
         "[[profile]]\nm = [0, 1, 0]", "no magnet"),
    ],
)  # fmt: skip
def test_requests_the_film_cannot_answer_are_refused(sample, capsys, film, text, why):
    assert why in refused(capsys, ["run", sample(film + text)])


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["run", "absent.toml"], "no such file"),
        (["show", "."], "folder"),
        (["run"], "SAMPLE"),
        (["frobnicate"], "frobnicate"),
        (["run", "sample.toml", "--frobnicate"], "--frobnicate"),
        (["show", "sample.toml", "--figure", "film.bmp"], ".png"),
        (["materials", "Unobtainium"], "Unobtainium"),
        (["run", "sample.toml", "-o", "sample.toml"], "not a folder"),
        (["run", "sample.toml", "-o", "sample.toml/deeper"], "not a folder"),
        (["new", "no/such/folder.toml"], "there is no folder no/such"),
    ],
)
def test_wrong_commands_are_refused_in_one_line(sample, capsys, arguments, why):
    sample()
    assert why in refused(capsys, arguments)


def test_a_film_without_a_solution_leaves_no_folder(sample, capsys):
    text = FILM.replace('"2 nm"', '"inf"').replace('"5 nm"\ndeph', '"inf"\ndeph')
    assert text.count('"inf"') == 2
    message = refused(capsys, ["run", sample(text), "-o", "out"])
    assert "spin_diffusion_length" in message
    assert not Path("out").exists()


# show


def test_show_draws_the_film_and_its_numbers(sample, capsys):
    assert main(["show", sample()]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.index("Py ") < out.index("━━ Pt|Py ━") < out.index(" Pt ")
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line.startswith((" Pt ", " Py ", " film "))}
    assert rows["Pt"][1:6] == ["5", "35.71", "71.43", "46.7", "2.5"]
    assert rows["film"][1:3] == ["9", "33.33"]


def test_show_draws_into_a_file_and_folds_repeats(sample, capsys):
    film = FILM.replace("[[film]]", "[[film]]\nrepeat = 5\n[[film.elements]]", 1).replace(
        "[[film]]\nkind", "[[film.elements]]\nkind"
    )
    assert main(["show", sample(film), "--figure", "drawing.svg"]) == 0
    out = capsys.readouterr().out
    assert "×5" in out
    assert out.count("│ Pt ") == 1
    assert "Py|Pt" in out.split("Perfect contact")[1]
    assert Path("drawing.svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"6e14 + 0.5e14j S/m^2"', '"2e14 S/m^2"', "below (G_up + G_down)/2"),
        ('dephasing_length = "0.5 nm"', "", "dephasing_length: not given"),
        ('filtering = "2e4 S/m"', 'filtering = "2e4 S/m"\nreciprocal = 0', "Onsager"),
    ],
)
def test_show_warns_of_what_is_rarely_meant(sample, capsys, old, new, words):
    assert old in FILM
    assert main(["show", sample(FILM.replace(old, new))]) == 0
    err = capsys.readouterr().err
    assert err.count("Warning:") == 1
    assert words in err


# new, materials, help


def test_new_writes_a_file_that_shows_runs_and_is_not_overwritten(sample, capsys):
    assert main(["new", "first.toml"]) == 0
    assert main(["show", "first.toml"]) == 0
    capsys.readouterr()
    file = Path("first.toml")
    original = file.read_text(encoding="utf-8")
    shortened = (
        original.replace('["png", "pdf"]', "[]").replace("# [output]", "[output]").replace("# figures", "figures")
    )
    assert shortened.count("[output]") == 1
    file.write_text(shortened, encoding="utf-8")
    assert main(["run", "first.toml", "-o", "out"]) == 0
    assert {p.name for p in Path("out").iterdir()} == {
        "angular_scan.nc",
        "profile.nc",
        "torque.nc",
        "mr_map.nc",
    }
    capsys.readouterr()
    assert "--force" in refused(capsys, ["new", "first.toml"])
    assert file.read_text(encoding="utf-8") == shortened
    assert main(["new", "first.toml", "--force"]) == 0
    assert file.read_text(encoding="utf-8") == original
    assert sorted(p.name for p in Path().iterdir()) == ["first.toml", "out"]


def test_materials_lists_all_and_tells_sources_of_one(capsys):
    from spinstack import materials

    assert main(["materials"]) == 0
    listed = capsys.readouterr().out
    assert all(f" {name} " in listed for name in materials.names())
    assert main(["materials", "Pt"]) == 0
    told = capsys.readouterr().out
    for row in materials.table("Pt", others=True):
        assert f"{row['field']} = {row['text']}" in told
        assert row["source"] in told


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["show", "--help"], ["new", "--help"], []])
def test_help_teaches_by_example(capsys, arguments):
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "Usage: spinstack" in out
    assert arguments == ["new", "--help"] or "spinstack show sample.toml" in out or "spinstack run sample.toml" in out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert len(capsys.readouterr().out.split()) == 1


@pytest.mark.parametrize("arguments", [["--help"], ["materials", "Pt"], ["show", "sample.toml"]])
def test_quick_commands_load_nothing_heavy(sample, arguments):
    sample()
    heavy = ("jax", "matplotlib", "xarray", "h5py")
    code = (
        "import sys\nfrom spinstack.cli import main\n"
        f"assert main({arguments!r}) == 0\n"
        f"sys.exit(', '.join(n for n in {heavy!r} if n in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr


def test_the_program_ends_with_the_code_of_the_command(sample):
    code = "import sys\nfrom spinstack.cli import main\nsys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, "run", "absent.toml"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: absent.toml: there is no such file.")
