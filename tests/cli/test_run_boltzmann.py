"""``spinstack run`` by the Boltzmann equation, chosen for all requests or for one."""

import contextlib
import io
import warnings

import numpy as np
import pytest
import xarray as xr
from sample_texts import BOTH, SOLVER

import spinstack as ss
from spinstack.cli import main

REQUESTS = """
[[scan]]
plane = ["beta", "alpha"]
angles = ["0 deg", "90 deg"]

[[scan]]
name = "diffusive"
plane = "beta"
angles = ["0 deg", "90 deg"]
solver = "drift_diffusion"

[[profile]]
points = 5
m = "z"
solver = { kind = "boltzmann", specularity = [1, 1] }

[[torque]]
plane = "beta"
angles = ["0 deg", "90 deg"]
set = { "Pt.thickness" = "3 nm" }

[perpendicular]
m = "z"

[[map]]
name = "mr"
observable = { name = "magnetoresistance", plane = "beta" }
over = { "Pt.thickness" = ["2 nm", "4 nm"] }

[output]
figures = []
"""
COMMON = ss.Boltzmann(rtol=1e-2, specularity=(0.0, 0.3))
MIRRORS = ss.Boltzmann(rtol=1e-2, specularity=(1.0, 1.0))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    file = folder / "all.toml"
    file.write_text(BOTH + SOLVER + REQUESTS, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert main(["run", str(file), "-o", str(folder / "out")]) == 0
    found = {p.stem: xr.load_dataset(p, engine="h5netcdf") for p in (folder / "out").glob("*.nc")}
    return ss.load_sample(file), found


@pytest.mark.study
def test_every_result_says_which_theory_made_it(results):
    names = {name: data.attrs["solver"] for name, data in results[1].items()}
    assert names.pop("diffusive") == "drift-diffusion"
    assert names.pop("profile") == MIRRORS.name
    assert set(names) == {"angular_scan", "torque", "perpendicular", "mr"}
    assert set(names.values()) == {COMMON.name}


@pytest.mark.study
def test_results_are_those_of_the_library(results):
    film, found = results
    scan = found["angular_scan"]
    want = ss.angular_scan(film, ["beta", "alpha"], [0, 90], solver=COMMON)
    np.testing.assert_allclose(scan["R_xx"], want["R_xx"], rtol=1e-12)
    diffusive = ss.angular_scan(film, "beta", [0, 90])
    np.testing.assert_allclose(found["diffusive"]["R_xx"][0], diffusive["R_xx"], rtol=1e-12)
    assert float(scan["R_xx"][0, 0]) > 1.05 * float(diffusive["R_xx"][0])
    profile = ss.profile(film, m=(0, 0, 1), points=5, solver=MIRRORS)
    np.testing.assert_allclose(found["profile"]["mu"], profile["mu"], rtol=1e-9, atol=1e-22)
    thin = film.replace({"Pt.thickness": 3e-9})
    torque = ss.torque(thin, m=[(0, 1, 0), (0, 0, 1)], solver=COMMON)["Py"]
    np.testing.assert_allclose(found["torque"]["Py"], torque, rtol=1e-9, atol=1e-22)
    resistance = ss.perpendicular_resistance(film, m=(0, 0, 1), solver=COMMON)
    assert float(found["perpendicular"]["perpendicular_resistance"]) == pytest.approx(float(resistance), rel=1e-9)
    batch = film.replace({"Pt.thickness": np.array([2e-9, 4e-9])})
    ratios = ss.magnetoresistance(batch, "beta", solver=COMMON)
    np.testing.assert_allclose(found["mr"]["magnetoresistance"], ratios, rtol=1e-9)


def test_only_what_drift_diffusion_answers_must_have_a_solution_there(sample, capsys):
    """Without spin relaxation a closed film leaves its spin accumulation undetermined; reservoirs do not."""
    metal = BOTH[: BOTH.index('[[film]]\nkind = "interface')].replace('"3 nm"', '"inf nm"')
    assert main(["run", sample(metal + "[sheet_conductance]\n"), "-o", "out"]) == 2
    assert "undetermined" in capsys.readouterr().err
    assert main(["run", sample(metal + SOLVER + "[sheet_conductance]\n"), "-o", "out"]) == 0
    for solver, most in (("", 1 + 1e-12), (SOLVER, 2)):  # Boltzmann with the resistance of the reservoirs
        assert main(["run", sample(metal + solver + "[perpendicular]\n"), "-o", "out"]) == 0
        got = xr.load_dataset("out/perpendicular.nc", engine="h5netcdf")["perpendicular_resistance"]
        assert 1 - 1e-12 < float(got) / (5e-9 / 4e6) < most


def test_doubts_of_a_solver_are_printed(sample, capsys, monkeypatch):
    def doubtful(*_, **__):
        warnings.warn("Boltzmann: reached 1e-3", UserWarning, stacklevel=1)
        return np.eye(2)

    monkeypatch.setattr("spinstack.circuit.solve.sheet_conductance", doubtful)
    assert main(["run", sample(BOTH + "[[sheet_conductance]]\nm = 'y'\n"), "-o", "out"]) == 0
    assert "Warning: sheet_conductance: Boltzmann: reached 1e-3" in capsys.readouterr().err
