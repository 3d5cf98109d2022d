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


def test_every_result_has_a_file_and_a_figure(results):
    names = ["field_scan", "field_scan_contributions", "path", "temperature_scan", "gap", "face_conductances"]
    names += ["angular_scan", "profile", "torque", "slope", "mr"]
    figures = {f"{n}.png" for n in (*names, "film")}
    assert {p.name for p in results[0].iterdir()} == {f"{n}.{end}" for n in names for end in ("nc", "csv")} | figures
    for name in names:
        assert load(results[0], name).attrs["sample_file"].startswith("spinstack = 1")


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


def test_magnets_without_a_direction_of_their_own_point_along_y(sample):
    # F has a model and follows the field; Py does not
    text = MODEL + PY + '[[profile]]\nB = [0, 0, "1 T"]\nT = "5 K"\npoints = 3\n[output]\nfigures = []\n'
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
