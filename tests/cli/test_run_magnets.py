"""``spinstack run`` of films on magnet models: what field and temperature do."""

import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from commands import load, refused, run
from sample_texts import MODEL, NUMBERS, PY

import spinstack as ss
from spinstack.cli import main

REQUESTS = """
[[field_scan]]
direction = ["x", "z"]
field = { start = "-6 T", stop = "6 T", points = 5 }
T = ["5 K", 30]
contributions = true

[[field_scan]]
name = "path"
field = [[0, 0, 0], [0, "1 T", 0], [0, 1, "10 kOe"]]
T = "5 K"
reference = "y"

[[temperature_scan]]
T = { start = "2 K", stop = "40 K", points = 5 }
m = ["y", "z"]
B = [0, 0, "1 T"]

[[temperature_scan]]
name = "gap"
T = [5, 10]
gap = true
field = "2 T"

[[face_conductances]]
B = [0, -1.5]
T = ["5 K", "25 K"]

[[scan]]
plane = "beta"
angles = ["0 deg", "90 deg"]
field = "1 T"
T = "5 K"

[[profile]]
B = [0, "1 T", "2 T"]
T = 5
points = 4

[[torque]]
angles = ["0 deg", "30 deg"]
T = 5

[[map]]
name = "slope"
observable = "initial_slope"
T = "5 K"
over = { "F.magnet.exchange_coupling" = ["-2 meV nm^3", "2 meV nm^3"], "Pt.thickness" = ["2 nm", "9 nm"] }

[[map]]
name = "mr"
observable = { name = "magnetoresistance", plane = "beta", T = "5 K" }
over = { "F.magnet.curie_temperature" = ["3 K", "50 K"] }
set = { "F.magnet.exchange_coupling" = "0.003 eV nm^3" }

[output]
figures = ["png"]
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return run(MODEL + REQUESTS, tmp_path_factory.mktemp("run"))


def same(got, want, *names):
    for name in names:
        assert got[name].dims == want[name].dims
        np.testing.assert_allclose(got[name].values, want[name].values, rtol=1e-12, atol=1e-15)


@pytest.mark.study
def test_every_result_has_a_file_and_a_figure(results):
    names = ["field_scan", "field_scan_contributions", "path", "temperature_scan", "gap", "face_conductances"]
    names += ["angular_scan", "profile", "torque", "slope", "mr"]
    figures = {f"{n}.png" for n in (*names, "film")}
    assert {p.name for p in results[0].iterdir()} == {f"{n}.{end}" for n in names for end in ("nc", "csv")} | figures
    for name in names:
        assert load(results[0], name).attrs["sample_file"].startswith("spinstack = 1")


@pytest.mark.study
def test_field_scans_are_those_of_the_library(results):
    film, T = results[2], np.array([5.0, 30.0])
    field = np.linspace(-6, 6, 5)
    want = ss.field_scan(film, field, direction=("x", "z"), T=T)
    same(load(results[0], "field_scan"), want, "R_xx", "R_xy", "MR_xx")
    parts = ss.field_contributions(film, field, direction=("x", "z"), T=T)
    same(load(results[0], "field_scan_contributions"), parts, "smr", "hanle", "interference", "R_neither")
    path = load(results[0], "path")
    B = [[0, 0, 0], [0, 1, 0], [0, 1, 1]]
    same(path, ss.field_scan(film, B, T=5.0, reference="y"), "R_xx", "MR_xx")
    # at the first point the magnet stays along y, where it goes then: that is the reference, too
    assert float(path["MR_xx"][0]) == pytest.approx(0, abs=1e-14)
    assert abs(float(path["MR_xx"][2])) > 1e-7


@pytest.mark.study
def test_temperature_scans_are_those_of_the_library(results):
    film = results[2]
    want = ss.temperature_scan(film, np.linspace(2, 40, 5), B=(0, 0, 1), m=["y", "z"])
    same(load(results[0], "temperature_scan"), want, "R_xx", "MR_xx")
    same(load(results[0], "gap"), ss.smr_gap(film, [5.0, 10.0], field=2.0), "gap", "ratio")


def test_face_conductances_are_those_of_the_magnet(results):
    got = load(results[0], "face_conductances")
    magnet = results[2][0].magnet
    sink, mixing = magnet.conductances(np.array([0, -1.5]), np.array([[5.0], [25.0]]))
    assert got["G_s"].dims == ("temperature", "field")
    np.testing.assert_allclose(got["G_s"], sink, rtol=1e-12)
    np.testing.assert_allclose(got["G_r"] + 1j * got["G_i"], mixing, rtol=1e-12)


def test_the_older_requests_take_the_temperature(results):
    film = results[2]
    got = load(results[0], "angular_scan")
    want = ss.angular_scan(film, ["beta"], [0.0, 90.0], field=1.0, T=5.0)
    np.testing.assert_allclose(got["R_xx"].squeeze(), want["R_xx"].squeeze(), rtol=1e-12)
    assert got.attrs["temperature_K"] == 5
    assert "T = 5 K" in got.attrs["conditions"]
    torque = ss.torque(film, m=(0, math.cos(math.pi / 6), 0.5), T=5.0)["F"]
    np.testing.assert_allclose(load(results[0], "torque")["F"][1], torque, rtol=1e-9, atol=1e-28)


def test_without_m_the_magnet_of_a_profile_follows_the_field(results):
    got = load(results[0], "profile")
    film, B = results[2], (0, 1, 2)
    np.testing.assert_allclose(got["mu"], ss.profile(film, m=B, B=B, T=5.0, points=4)["mu"], rtol=1e-9, atol=1e-20)
    assert "m =" not in got.attrs["conditions"]


def test_maps_take_the_temperature_beside_the_observable_or_in_it(results):
    film = results[2]
    slope = load(results[0], "slope")["initial_slope"]
    assert slope.attrs["units"] == "Ohm/T"
    assert slope.attrs["conditions"] == "T = 5 K"
    one = film.replace({"F.magnet.exchange_coupling": 2e-30 * 1.602176634e-19, "Pt.thickness": 9e-9})
    assert float(slope[1, 1]) == pytest.approx(float(ss.initial_slope(one, T=5.0)), rel=1e-9)
    mr = load(results[0], "mr")["magnetoresistance"]
    weak = {"F.magnet.exchange_coupling": 3e-30 * 1.602176634e-19}
    for i, Tc in enumerate((3.0, 50.0)):
        one = film.replace(weak | {"F.magnet.curie_temperature": Tc})
        assert float(mr[i]) == pytest.approx(float(ss.magnetoresistance(one, "beta", T=5.0)), rel=1e-9, abs=1e-15)
    assert abs(float(mr[0])) < 1e-12 < abs(float(mr[1]))  # without field nothing is left of a magnet above Tc
    assert "F.magnet.exchange_coupling = 4.807e-49" in mr.attrs["conditions"]


def test_the_printed_tables_show_the_numbers(results):
    lines = results[1].splitlines()
    rows = [line.split() for line in lines if line.startswith(" field_scan ")]
    assert [(r[3], r[4]) for r in rows] == [("x", "5"), ("x", "30"), ("z", "5"), ("z", "30")]
    got = load(results[0], "field_scan").isel(direction=1, temperature=0)
    assert f"{float(got['R_xx'][0]):.6g}" == rows[2][5]
    (gap,) = (line for line in lines if line.startswith(" gap "))
    assert f"{float(load(results[0], 'gap')['gap'][0]):.6g}" in gap
    (sink,) = (line for line in lines if line.startswith(" face_conductances") and " G_s " in line)
    assert f"{float(load(results[0], 'face_conductances')['G_s'].max()):.4g}" in sink
    assert any(line.startswith(" field_scan_contributions") for line in lines)


def test_a_critical_exchange_is_mapped_for_conductances_given_as_numbers(sample, capsys):
    text = NUMBERS + (
        '[[map]]\nobservable = "critical_exchange"\nover = { "Pt.thickness" = ["1 nm", "60 nm"] }\n'
        'set = { "F.mixing_conductance" = "0 S/m^2" }\n[output]\nfigures = []\n'
    )
    assert main(["run", sample(text), "-o", "out"]) == 0
    got = xr.load_dataset("out/map.nc", engine="h5netcdf")["critical_exchange"]
    d, length, rho = 1e-9, 1.5e-9, 4e-7  # Eq. 17 of Zhang et al. (2019)
    squared = math.sinh(d / 2 / length) ** 2 / (2 * (length * rho) ** 2 * math.cosh(d / length))
    squared *= length / d * math.sinh(d / length) - 1
    assert float(got[0]) == pytest.approx(squared**0.5, rel=0.01)
    assert "critical exchange conductance, insulator F" in capsys.readouterr().out


def test_a_magnet_with_a_model_follows_the_field_beside_one_that_is_held(sample):
    text = MODEL + PY + '[[profile]]\nB = [0, 0, "1 T"]\nm = { Py = "y" }\nT = "5 K"\npoints = 3\n'
    text += "[output]\nfigures = []\n"
    assert main(["run", sample(text), "-o", "out"]) == 0
    got = xr.load_dataset("out/profile.nc", engine="h5netcdf")
    film = ss.load_sample("sample.toml")
    want = ss.profile(film, m={"F": (0, 0, 1), "Py": (0, 1, 0)}, B=(0, 0, 1), T=5.0, points=3)
    np.testing.assert_allclose(got["mu"], want["mu"], rtol=1e-9, atol=1e-22)
    assert "m(Py) = (0, 1, 0)" in got.attrs["conditions"]


def test_a_temperature_is_accepted_where_nothing_depends_on_it(sample):
    text = NUMBERS + '[[scan]]\nplane = "beta"\nangles = ["0 deg", "90 deg"]\n'
    for T in ("", 'T = "5 K"\n'):
        assert main(["run", sample(text + T + "[output]\nfigures = []\n"), "-o", f"out{len(T)}"]) == 0
    one, other = (xr.load_dataset(f"out{n}/angular_scan.nc", engine="h5netcdf") for n in (0, 10))
    np.testing.assert_array_equal(one["R_xx"], other["R_xx"])


def test_without_requests_a_magnet_model_is_shown_but_not_run(sample, capsys):
    assert main(["show", sample(MODEL)]) == 0
    capsys.readouterr()
    message = refused(capsys, ["run", "sample.toml"])
    assert "nothing to compute, and no temperature for F" in message
    assert [p.name for p in Path().iterdir()] == ["sample.toml"]


NIO = (Path(__file__).parents[2] / "examples" / "nio_pt.toml").read_text(encoding="utf-8")


@pytest.mark.study
def test_the_field_turns_where_a_neel_vector_cannot_be_held(sample, capsys):
    """Said or not: the sign of the example, and of the same file without a word of what turns."""
    text = NIO.replace('figures = ["png"]', "figures = []")
    text = text.replace('T = "300 K"', 'T = "300 K"\nangles = ["0 deg", "90 deg"]')
    for written in (text, text.replace('turns = "field"\n', "")):
        assert main(["run", sample(written), "-o", "out"]) == 0
        ratio = xr.load_dataset("out/angular_scan.nc", engine="h5netcdf")["MR_xx"].sel(angle=90)
        assert float(ratio.sel(plane="alpha")) == pytest.approx(2.7e-5, rel=0.02)
        assert np.abs(ratio.sel(plane=["beta", "gamma"])).max() < 1e-8
        along_y = xr.load_dataset("out/current_along_y.nc", engine="h5netcdf")["MR_yy"].sel(angle=90)
        np.testing.assert_allclose(along_y, ratio, rtol=1e-6, atol=1e-14)
        # the rest of the field in the plane decides where the Neel vector lies
        tilted = xr.load_dataset("out/tilted.nc", engine="h5netcdf")["MR_xx"].sel(angle=90)
        assert float(tilted.sel(plane="beta")) == pytest.approx(-2.7e-5, rel=0.02)
        said = capsys.readouterr().out
        assert "B, x to y" in said
        assert "angular_scan: a field of 10 T turns, Néel vector of NiO finds its place in B" in said
    held = NIO.replace('turns = "field"', 'turns = "magnetisation"', 1)
    message = refused(capsys, ["run", sample(held)])
    assert "scan[0].turns: got 'magnetisation', but NiO cannot be held" in message


COBALT = """spinstack = 1
[[film]]
kind = "metal"
material = "Pt"
thickness = "5 nm"
resistivity = "30 uOhm cm"

[[film]]
kind = "interface"
conductance_up = "8e14 S/m^2"
conductance_down = "4e14 S/m^2"
mixing_conductance = "6e14 S/m^2"
spin_memory_loss = 0.5

[[film]]
kind = "ferromagnet"
material = "Co"
thickness = "1 nm"
anomalous_hall_angle = "1 %"
hall_coefficient = "-1.3e-10 m^3/C"
amr_ratio = "0.5 %"

[[field_scan]]
direction = "z"
field = { start = "-2 T", stop = "2 T", points = 81 }
"""


@pytest.mark.study
def test_a_metallic_magnet_in_a_field_is_told_what_it_does(sample, capsys):
    message = refused(capsys, ["run", sample(COBALT)])
    assert 'field_scan[0].m: no direction for Co. Give m = "along B" (saturated in the field), or' in message
    assert not Path("out").exists()
    assert main(["run", sample(COBALT + 'm = "along B"\n'), "-o", "out"]) == 0
    scan = xr.load_dataset("out/field_scan.nc", engine="h5netcdf")
    assert abs(float(scan["R_xy"][-1])) == pytest.approx(92.4e-3, rel=1e-3)
    R = scan["R_xy"].values
    np.testing.assert_allclose(R[:40], -R[:40:-1], rtol=1e-9)
    assert R[40] == pytest.approx(R[39], rel=0.05)  # without a field it stays as it was
    assert scan.attrs["magnets"] == "Co along B"
    assert "field_scan: Co along B" in capsys.readouterr().out
    assert main(["run", sample(COBALT + 'm = "y"\n'), "-o", "held"]) == 0
    held = xr.load_dataset("held/field_scan.nc", engine="h5netcdf")
    assert abs(float(held["R_xy"][-1])) == pytest.approx(13.75e-3, rel=1e-3)
    assert "field_scan: Co stays along y" in capsys.readouterr().out


@pytest.mark.study
def test_how_a_film_is_mounted_is_part_of_a_scan(sample, capsys):
    scan = """[[scan]]
plane = ["gamma", "beta"]
angles = ["0 deg", "60 deg", "90 deg"]
field = "1 T"
turns = "field"
m = { Co = "along B" }
current = "y"
tilt = "3 deg"
tilt_azimuth = "-0.5 rad"
contact_angle = "1 deg"
"""
    text = COBALT[: COBALT.index("[[field_scan]]")] + scan
    assert main(["run", sample(text), "-o", "out"]) == 0
    got = xr.load_dataset("out/angular_scan.nc", engine="h5netcdf")
    want = ss.angular_scan(ss.load_sample("sample.toml"), ["gamma", "beta"], [0, 60, 90], 1.0, "field", "y", 3.0,
                           -np.degrees(0.5), 1.0, m="along B")  # fmt: skip
    for name in ("R_yy", "R_yx", "MR_yy"):
        np.testing.assert_allclose(got[name], want[name], rtol=1e-9, atol=1e-14)
    said = capsys.readouterr().out
    assert "R_yy, R_yx" in said
    assert "current along y, rotation axis tilted by 3°" in said
    assert "B, -x to z" in said
