"""The Boltzmann equation from sample files: chosen for all or for one request, refused before anything is written."""

import contextlib
import io
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import spinstack as ss
from spinstack.cli import main
from spinstack.facts.ballistic import ballistic_facts
from spinstack.study.film_reader import read_film_study

FILM = """\
spinstack = 1
title = "both theories"

[[film]]
kind = "metal"
name = "Pt"
thickness = "5 nm"
conductivity = "4e6 S/m"
spin_diffusion_length = "3 nm"
spin_hall_angle = 0.1

[[film]]
kind = "interface"
scattering = { kind = "delta_barrier", barrier = 0.4, exchange = 0.2, rashba = 0.05, fermi_wavevector = "13.6 1/nm" }
diffuse_fraction = 0.1

[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "4 nm"
conductivity = "3e6 S/m"
polarization = 0.4
spin_diffusion_length = "4 nm"
precession_length = "2 nm"
"""
SOLVER = '[solver]\nkind = "boltzmann"\nrtol = 1e-2\nspecularity = [0, 0.3]\n'
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


@pytest.fixture
def sample(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text):
        Path("sample.toml").write_text(text, encoding="utf-8")
        return "sample.toml"

    return write


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    file = folder / "all.toml"
    file.write_text(FILM + SOLVER + REQUESTS, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert main(["run", str(file), "-o", str(folder / "out")]) == 0
    found = {p.stem: xr.load_dataset(p, engine="h5netcdf") for p in (folder / "out").iterdir()}
    return ss.load_sample(file), found


def test_every_result_says_which_theory_made_it(results):
    names = {name: data.attrs["solver"] for name, data in results[1].items()}
    assert names.pop("diffusive") == "drift-diffusion"
    assert names.pop("profile") == MIRRORS.name
    assert set(names) == {"angular_scan", "torque", "perpendicular", "mr"}
    assert set(names.values()) == {COMMON.name}


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


def test_the_default_requests_take_the_solver_too(sample):
    study = read_film_study(sample(FILM + SOLVER))
    assert [request.solver for request in study.requests] == [COMMON, COMMON]


def test_one_word_at_the_top_chooses_for_all(sample):
    text = 'solver = "boltzmann"\n' + FILM + '[[scan]]\nsolver = "drift_diffusion"\n[[torque]]\n'
    study = read_film_study(sample(text))
    assert [request.solver for request in study.requests] == [None, ss.Boltzmann()]


def test_the_library_reads_such_a_file(sample):
    assert len(ss.load_sample(sample(FILM + SOLVER))) == 3


# refusals: text after the film, field, words of the message
PLAIN = FILM.replace("scattering = {", "# {").replace("diffuse_fraction = 0.1", 'conductance_up = "1e15 S/m^2"\n'
    'conductance_down = "1e15 S/m^2"\nmixing_conductance = "1e15 S/m^2"')  # fmt: skip
REFUSED = [
    (FILM, '[solver]\nkind = "kubo"', "solver.kind", "'boltzmann'"),
    (FILM, "[solver]\nrtol = 1e-3", "solver.kind", "missing"),
    (FILM, '[solver]\nkind = "boltzmann"\ntolerance = 1', "solver.tolerance", "rtol"),
    (FILM, '[solver]\nkind = "boltzmann"\nrtol = 1', "solver.rtol", "greater than 0 and less than 1"),
    (FILM, '[solver]\nkind = "boltzmann"\nrtol = "1 nm"', "solver.rtol", "pure number"),
    (FILM, '[solver]\nkind = "boltzmann"\nspecularity = 0.5', "solver.specularity", "two numbers"),
    (FILM, '[solver]\nkind = "boltzmann"\nspecularity = [0, 2]', "solver.specularity", "bottom and top"),
    (FILM, '[solver]\nkind = "drift_diffusion"\nrtol = 1e-3', "solver.rtol", "nothing is solved"),
    (FILM, '[[solver]]\nkind = "boltzmann"', "solver", "not a table"),
    (FILM, '[[scan]]\nsolver = "Boltzmann"', "scan[0].solver", "'boltzmann'"),
    (FILM, "[[scan]]\nsolver = 3", "scan[0].solver", "not a table"),
    (FILM, '[[scan]]\nfield = "1 T"\nsolver = "boltzmann"', "scan[0].solver", "no magnetic field"),
    (FILM, '[[profile]]\nB = [0, 0, 1]\nsolver = "boltzmann"', "profile[0].solver", "no magnetic field"),
    (FILM, SOLVER + '[[torque]]\nB = [0, 0, 1]', "solver", "Allowed: with Boltzmann no magnetic field"),
    (FILM, SOLVER + '[[field_scan]]\nfield = ["0 T", "1 T"]', "solver", 'solver = "drift_diffusion"'),
    (
        FILM,
        '[[map]]\nsolver = "boltzmann"\nobservable = "initial_slope"\nover = { "Pt.thickness" = ["2 nm"] }',
        "map[0].solver",
        "initial_slope",
    ),
    (
        FILM,
        '[[map]]\nsolver = "boltzmann"\nobservable = { name = "sheet_resistance", B = [0, 0, 1] }\n'
        'over = { "Pt.thickness" = ["2 nm"] }',
        "map[0].solver",
        "no magnetic field",
    ),
    (
        FILM,
        '[[map]]\nsolver = "boltzmann"\nover = { "Pt.spin_diffusion_length" = ["2 nm", "0.1 nm"] }',
        "map[0].solver",
        "Pt.spin_diffusion_length = 1e-10",
    ),
    (FILM, '[[scan]]\nsolver = "boltzmann"\nset = { "Py.amr_ratio" = 0.01 }', "scan[0].solver", "amr_ratio"),
    (PLAIN, SOLVER, "solver", "scattering"),
    (PLAIN, '[[scan]]\n[[profile]]\nsolver = "boltzmann"', "profile[0].solver", "scattering"),
]  # fmt: skip


@pytest.mark.parametrize(("film", "text", "field", "words"), REFUSED)
@pytest.mark.parametrize("command", ["run", "show"])
def test_what_it_cannot_describe_is_refused_before_anything_is_written(
    sample, capsys, command, film, text, field, words
):
    assert main([command, sample(film + "\n" + text + "\n")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Error: sample.toml, line ")
    assert f", {field}: " in err
    assert words in err
    assert err.count("\n") == 1
    assert [p.name for p in Path().iterdir()] == ["sample.toml"]


def test_only_what_drift_diffusion_answers_must_have_a_solution_there(sample, capsys):
    """Without spin relaxation a closed film leaves its spin accumulation undetermined; reservoirs do not."""
    metal = FILM[: FILM.index('[[film]]\nkind = "interface')].replace('"3 nm"', '"inf nm"')
    assert main(["run", sample(metal + "[perpendicular]\n"), "-o", "out"]) == 2
    assert "undetermined" in capsys.readouterr().err
    assert main(["run", sample(metal + SOLVER + "[perpendicular]\n"), "-o", "out"]) == 0
    got = xr.load_dataset("out/perpendicular.nc", engine="h5netcdf")["perpendicular_resistance"]
    assert 5e-9 / 4e6 < float(got) < 2 * 5e-9 / 4e6


# lengths


def test_show_lists_mean_free_paths_and_spin_flip_lengths(sample, capsys):
    assert main(["show", sample(FILM + SOLVER)]) == 0
    out = capsys.readouterr().out
    _, facts, refused = ballistic_facts(ss.load_sample("sample.toml"))
    assert not refused
    rows = [line for line in out.splitlines() if re.match(r" P[ty] .* none ", line)]
    assert len(rows) == 2
    for fact, row in zip(reversed(facts.values()), rows, strict=True):
        for value in (fact.path, fact.path_up, fact.path_down, fact.flip_length):
            assert f"{value * 1e9:.3g}" in row.split()
        assert fact.conductivity == pytest.approx(fact.given_conductivity, rel=1e-12)
        assert fact.spin_diffusion_length == pytest.approx(fact.given_spin_diffusion_length, rel=1e-12)
    up = 1 / (1 / facts[2].path_up + 1 / facts[2].flip_length)
    assert up == pytest.approx(1.4 * facts[2].path)
    assert facts[2].polarization == pytest.approx(0.4)


def test_show_says_where_given_lengths_mean_something_else(sample, capsys):
    given = 'mean_free_path = "5 nm"\nspin_flip_length = "40 nm"'
    text = FILM.replace("spin_hall_angle = 0.1", given)
    assert main(["show", sample(text)]) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if "λ↑, λ↓, λ_flip" in line)
    assert row.split()[1:4] == ["5", "5", "40"]
    assert "≠ 4e+06" in row
    assert "≠ 3" in row


def test_show_without_the_boltzmann_equation_is_as_before(sample, capsys):
    assert main(["show", sample(FILM)]) == 0
    assert "mean free" not in capsys.readouterr().out.lower()


def test_show_says_why_a_layer_has_no_such_lengths(sample, capsys):
    text = FILM.replace("polarization = 0.4", 'polarization = 0.4\namr_ratio = 0.01\nmean_free_path = "5 nm"')
    assert main(["show", sample(text)]) == 0
    assert "Warning: Py.amr_ratio" in capsys.readouterr().err


def test_doubts_of_a_solver_are_printed(sample, capsys, monkeypatch):
    def doubtful(*_, **__):
        warnings.warn("Boltzmann: reached 1e-3", UserWarning, stacklevel=1)
        return np.eye(2)

    monkeypatch.setattr("spinstack.circuit.solve.sheet_conductance", doubtful)
    assert main(["run", sample(FILM + "[[sheet_conductance]]\n"), "-o", "out"]) == 0
    assert "Warning: sheet_conductance: Boltzmann: reached 1e-3" in capsys.readouterr().err
