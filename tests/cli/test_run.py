"""``spinstack run``: results that agree with the library, files and figures, resuming."""

import contextlib
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from commands import load, refused, run
from sample_texts import FILTERING

import spinstack as ss
from spinstack.cli import main

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


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The results of a run that asks for one of everything, and what it printed."""
    return run(FILTERING + REQUESTS, tmp_path_factory.mktemp("run"))


@pytest.mark.study
def test_a_run_leaves_exactly_the_files_it_names(results):
    names = ["angular_scan", "in_a_field", "profile", "torque", "perpendicular", "mr", "map"]
    figures = [f"{n}.png" for n in ("film", *names) if n != "perpendicular"]
    assert sorted(p.name for p in results[0].iterdir()) == sorted(
        [f"{n}.{end}" for n in names for end in ("nc", "csv")] + figures
    )
    assert all((results[0] / f).read_bytes().startswith(b"\x89PNG") for f in figures)


@pytest.mark.study
def test_every_file_says_what_made_it(results):
    for file in results[0].glob("*.nc"):
        attrs = xr.load_dataset(file, engine="h5netcdf").attrs
        assert attrs["title"] == "a bilayer"
        assert attrs["solver"] == "drift-diffusion"
        assert attrs["spinstack_version"]
        assert tomllib.loads(attrs["sample_file"])["film"][2]["name"] == "Py"


@pytest.mark.study
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
    file = sample(FILTERING + '[output]\nfigures = []\ndirectory = "here"\n')
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
    assert main(["run", sample(FILTERING + '[output]\nfigures = []\ndirectory = "here"\n'), "-o", "a/b"]) == 0
    assert sorted(p.name for p in Path("a/b").iterdir()) == [
        f"{name}.{end}" for name in ("angular_scan", "profile") for end in ("csv", "nc")
    ]
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

    text = FILTERING + (
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
    assert "Interrupted at mr (4 of 12). Complete in out: nothing." in err
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
    assert sorted(p.name for p in Path("out").iterdir()) == ["mr.csv", "mr.nc"]


@pytest.mark.study
def test_a_request_can_set_parameters_for_itself(sample, capsys):
    file = sample(
        FILTERING
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
        FILTERING
        + '[[map]]\nname = "mr"\nover = {{ "Pt.thickness" = ["2 nm"] }}\nobservable = {}\n[output]\nfigures = []\n'
    )
    for plane in ("beta", "alpha"):
        file = sample(text.format(f'{{ name = "magnetoresistance", plane = "{plane}" }}'))
        assert main(["run", file, "-o", "out"]) == 0
        with xr.open_dataset("out/mr.nc", engine="h5netcdf") as got:
            film = ss.load_sample(file).replace({"Pt.thickness": 2e-9})
            assert float(got["magnetoresistance"][0]) == pytest.approx(
                float(ss.magnetoresistance(film, plane)), rel=1e-9
            )


def test_a_film_without_a_solution_leaves_no_folder(sample, capsys):
    text = FILTERING.replace('"2 nm"', '"inf"').replace('"5 nm"\ndeph', '"inf"\ndeph')
    assert text.count('"inf"') == 2
    message = refused(capsys, ["run", sample(text), "-o", "out"])
    assert "spin_diffusion_length" in message
    assert not Path("out").exists()
