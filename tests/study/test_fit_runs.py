"""A fit from its file to numbers, films and words; stopped and run again; what it refuses once models are there."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from fit_files import FIT, SMALL

import spinstack as ss
from spinstack.fitting import solve
from spinstack.report.fit import file_names
from spinstack.study import Run, load_fit, read_fit_study
from spinstack.study.fit_folder import FitFolder
from spinstack.text.document import SampleError


@pytest.fixture
def file(tmp_path):
    def write(text):
        (tmp_path / "fit.toml").write_text(text, encoding="utf-8")
        return tmp_path / "fit.toml"

    return write


def run(file, folder=None, cancel=lambda: False):
    made = Run(read_fit_study(file), None if folder is None else FitFolder(folder), cancel=cancel)
    list(made)
    assert made.failures == []
    return made


def test_the_file_is_the_problem_that_python_would_state(file):
    problem = load_fit(file(FIT))
    assert [s.name for s in problem.samples] == ["2 nm", "3 nm", "5 nm", "8 nm", "12 nm"]
    assert [s.film.get("Pt.thickness") for s in problem.samples] == [2e-9, 3e-9, 5e-9, 8e-9, 12e-9]
    assert problem.size == 4 + 5
    assert problem.points == 10
    ratio, resistance = problem.data[0], problem.data[5]
    assert (ratio.observable, ratio.arguments["plane"]) == (ss.magnetoresistance, "beta")
    np.testing.assert_allclose(ratio.values, [4.44e-4])
    np.testing.assert_allclose(ratio.errors, [4.44e-6])
    np.testing.assert_allclose(resistance.measured, [193.2])
    assert resistance.systematic == 0.02
    assert problem.outputs(5)[0].at == {"row": "x", "column": "x"}
    middle = [c.prior.value(0.0 if c.prior.penalty else 0.5) for c in problem.coordinates[:4]]
    np.testing.assert_allclose(middle, [0.08, np.sqrt(2.5) * 1e-9, 2.5e6, 4e14])


def test_fitted_films_are_sample_files_that_give_what_was_fitted(file, tmp_path):
    made = run(file(SMALL))
    found, films = made.of_kind("")["fit"], made.of_kind("")["films"]
    for name, text in zip(films["sample"].values, films["text"].values, strict=True):
        path = tmp_path / "film.toml"
        path.write_text(str(text), encoding="utf-8")
        film = ss.load_sample(path)
        assert "+- " in str(text)
        assert "chi-square" in str(text)
        row = found.isel(point=found["of"].values == f"{name} magnetoresistance beta")
        beta = float(ss.magnetoresistance(film, plane="beta"))
        # the numbers in the file are rounded to a hundredth of their errors
        assert beta == pytest.approx(row["fitted"].item(), abs=0.1 * row["measured_error"].item())


def test_films_of_samples_have_files_of_their_own():
    names = file_names(["a b", "a_b", "A/B", "aux", "...", "β, 3 nm"])
    assert names == ["a_b", "a_b_2", "A_B_3", "_aux", "_", "β__3_nm"]


def test_curves_go_through_what_was_fitted(file):
    curves = run(file(SMALL)).of_kind("")["curves"]
    assert curves["x_name"].values.tolist() == ["Pt.thickness", "Pt.thickness"]
    for k in range(2):
        own, line = curves.isel(point=curves["curve"] == k), curves.isel(place=curves["curve_of_line"] == k)
        np.testing.assert_allclose(np.interp(own["x"], line["line_x"], line["line"]), own["fitted"], rtol=3e-3)


@pytest.mark.study
def test_a_curve_goes_through_points_whose_scale_is_uncertain(file):
    """The size of the bar is no error of single points, and shifts the curve as a whole."""
    film = load_fit(file(SMALL)).samples[2].film
    angles = np.arange(0, 181, 15.0)
    R = 1.02 * ss.angular_scan(film, plane="beta", angles=angles).R_xx.values
    scan = f"""
[[fit.data]]
sample = "5 nm"
name = "scan"
observable = "angular_scan"
plane = "beta"
angles = {[f"{a} deg" for a in angles.tolist()]}
unit = "Ohm"
values = {{ R_xx = {R.tolist()} }}
errors = 1e-3
systematic = "5 %"
"""
    curves = run(file(SMALL + scan)).of_kind("")["curves"]
    (k,) = np.flatnonzero(curves["x_name"] == "angle")
    own, line = curves.isel(point=curves["curve"] == k), curves.isel(place=curves["curve_of_line"] == k)
    np.testing.assert_allclose(own["error"], 1e-3, rtol=1e-6)
    assert np.abs(own["fitted"] - own["measured"]).max() < 5e-3
    np.testing.assert_allclose(np.interp(own["x"], line["line_x"], line["line"]), own["fitted"], atol=2e-3)


KILLED = """
import sys
from spinstack.fitting import solve
solve.BLOCK = 1
from spinstack.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.study
@pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")
def test_a_fit_that_was_killed_goes_on_where_it_was(file, tmp_path, monkeypatch):
    text = SMALL.replace("starts = 4 ", "starts = 60 ")
    command = [sys.executable, "-c", KILLED, "fit", str(file(text)), "-o", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
        until = time.monotonic() + 120
        while len(kept := [*(tmp_path / "out").glob("fit.nc.parts/[!.]*.part")]) < 3:
            assert program.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        program.kill()
    kept = [*(tmp_path / "out").glob("fit.nc.parts/[!.]*-*.part")]
    assert 3 <= len(kept) < 60
    ends, own = [], solve.ends
    monkeypatch.setattr(solve, "BLOCK", 1)
    monkeypatch.setattr(solve, "ends", lambda *given: ends.append(1) or own(*given))
    found = run(file(text), tmp_path / "out").of_kind("")["fit"]
    assert len(ends) == 60 - len(kept)
    assert found.attrs["agreeing"] > 40
    assert not (tmp_path / "out" / "fit.nc.parts").exists()


@pytest.mark.study
def test_a_fit_that_was_stopped_goes_on_where_it_was(file, tmp_path, monkeypatch):
    ends = []
    own = solve.ends
    monkeypatch.setattr(solve, "BLOCK", 1)
    monkeypatch.setattr(solve, "ends", lambda *given: ends.append(1) or own(*given))
    whole = run(file(SMALL), tmp_path / "whole").of_kind("")["fit"]
    assert len(ends) == 4
    ends.clear()
    stopped = Run(read_fit_study(file(SMALL)), FitFolder(tmp_path / "parts"), cancel=lambda: len(ends) == 2)
    assert list(stopped) == []
    assert stopped.interrupted == "fit"
    assert FitFolder(tmp_path / "parts").keeps(stopped.interrupted)
    assert len(ends) == 2
    again = run(file(SMALL), tmp_path / "parts").of_kind("")["fit"]
    assert len(ends) == 4
    np.testing.assert_array_equal(again["value"], whole["value"])
    np.testing.assert_array_equal(again["end_chi_square"], whole["end_chi_square"])
    ends.clear()
    run(file(SMALL), tmp_path / "parts")
    assert ends == []
    run(file(SMALL.replace("78.6", "78.7")), tmp_path / "parts")  # another datum is another problem
    assert len(ends) == 4


def test_a_parameter_that_no_datum_sees_is_refused_before_anything_is_fitted(file):
    """Resistances of metals do not depend on how the magnet at their face takes spin along its own direction."""
    prior = '{ normal = "0 S/m^2", deviation = "1e13 S/m^2" }'
    blind = f'\n[[fit.parameter]]\npath = "YIG.mixing_conductance.imag"\nprior = {prior}\n'
    no_hall = SMALL.replace("spin_hall_angle = 0.08\n", "spin_hall_angle = 0\n").replace(
        'path = "Pt.spin_hall_angle"\nprior = { lognormal = 0.08, factor = 2 }',
        'path = "Pt.hall_coefficient"\nprior = { normal = "0 m^3/C", deviation = "1e-11 m^3/C" }',
    )
    with pytest.raises(SampleError, match="which no datum sees") as caught:
        list(Run(read_fit_study(file(no_hall + blind))))
    names = {"Pt.hall_coefficient", "Pt.spin_diffusion_length", "YIG.mixing_conductance.imag"}
    assert {e.got for e in caught.value.errors} == names
    assert len({e.line for e in caught.value.errors}) == 3


def test_samples_share_by_groups_and_come_from_other_films(file, tmp_path):
    (tmp_path / "control.toml").write_text(
        FIT[: FIT.index('[[film]]\nkind = "magnetic')].replace('"Pt on YIG, 2 to 12 nm"', '"Pt"'), encoding="utf-8"
    )
    more = """
[[fit.sample]]
name = "control"
film = "control.toml"
groups = { batch = "B" }

[[fit.data]]
sample = "control"
observable = "sheet_resistance"
values = { xx = "100 Ohm" }
errors = "1 Ohm"
"""
    grouped = SMALL.replace('name = ["2', 'groups = { batch = ["A", "A", "B", "B", "B"] }\nname = ["2')
    each = grouped.replace('prior = { lognormal = "2.5e6 S/m"', 'each = "batch"\nprior = { lognormal = "2.5e6 S/m"')
    problem = load_fit(file(each + more))
    names = [c.name for c in problem.coordinates]
    assert names[2:] == ["Pt.conductivity of A", "Pt.conductivity of B"]
    assert problem.coordinates[3].samples == (2, 3, 4, 5)
    assert problem.samples[5].film.magnets == ()


def test_what_scatters_what_weighs_and_what_a_meter_adds(file):
    text = SMALL.replace('factor = 2 }  ', 'factor = 2 }\nscatter = "20 %"\nsamples = ["2 nm", "3 nm"]  ').replace(
        'systematic = "2 %"', 'systematic = "2 %"\nweight = 0.5\nmeter = { offset = "0.3 Ohm" }'
    ).replace("seed = 0", "seed = 7\nrobust = true")  # fmt: skip
    study = read_fit_study(file(text))
    assert (study.seed, study.robust) == (7, True)
    assert (study.problem.unknowns[0].scatter, study.problem.unknowns[0].samples) == (0.2, ("2 nm", "3 nm"))
    assert [c.name for c in study.problem.coordinates if c.deviation] == [
        f"Pt.spin_hall_angle, deviation of {n}" for n in ("2 nm", "3 nm")
    ]
    one = study.problem.data[5]
    assert (one.weight, list(one.meter)) == (0.5, ["offset"])
    np.testing.assert_allclose(one.shifts, [[0.3]])
    assert load_fit(file(SMALL.replace("{ lognormal = 0.08, factor = 2 }", '{ material = "Pt" }'))).size == 3


def test_numbers_of_several_variables_with_correlations(file):
    more = """
[[fit.data]]
sample = "5 nm"
observable = "angular_scan"
plane = "beta"
angles = ["0 deg", "45 deg", "90 deg"]
values = { MR_xx = ["0 %", "0.02 %", "0.05 %"] }
errors = { MR_xx = ["0.001 %", "0.001 %", "0.002 %"] }
correlations = [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]]
"""
    one = load_fit(file(SMALL + more)).data[-1]
    assert one.variables == ["MR_xx"]
    np.testing.assert_allclose(one.measured, [0, 2e-4, 5e-4])
    np.testing.assert_allclose(one.covariance, 1e-10 * np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 4]]))


@pytest.mark.study
def test_what_fixing_one_of_an_undetermined_product_gives(file):
    text = FIT.replace("starts = 10 ", "profiles = false\nstarts = 4 ")
    made = run(file(text)).of_kind("")
    fixed, found = made["fixing"], made["fit"]
    assert fixed.attrs["fixed_parameter"] == "YIG.mixing_conductance.real"
    np.testing.assert_allclose(fixed["fixed"], [4e14 / 3, 4e14, 1.2e15])
    angle = fixed.sel(parameter="Pt.spin_hall_angle")
    assert np.all(np.diff(angle["value"]) < 0)  # a better interface needs a smaller angle
    assert float(angle["error"].max()) < 0.2 * float(found["error"].sel(parameter="Pt.spin_hall_angle"))
    assert np.all(fixed["rise"] >= -1e-6)
