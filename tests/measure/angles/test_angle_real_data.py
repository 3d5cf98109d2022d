"""The example of the Fe-Si film: raw files to the numbers that docs/fesi_film.md quotes."""

import sys
from pathlib import Path

import numpy as np
import pytest

from spinstack.measure.angles import consistency, diagnostics, fit_harmonics, fit_planes

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def example():
    sys.path.insert(0, str(EXAMPLES))
    import fesi_film

    yield fesi_film
    sys.path.remove(str(EXAMPLES))
    sys.modules.pop("fesi_film", None)


@pytest.fixture(scope="module")
def numbers(example, tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    found = example.main(str(folder))
    for stem in ("planes", "sum", "amr"):
        for kind in ("png", "pdf"):
            assert (folder / f"fesi_{stem}.{kind}").stat().st_size > 5000
    return found


def quoted(numbers, name, value, error, unit="ppm"):
    assert numbers[f"{name} ({unit})"] == pytest.approx(value, abs=0.1 * error)
    assert numbers[f"{name} error ({unit})"] == pytest.approx(error, rel=0.1)


@pytest.mark.study
def test_amplitudes_from_the_second_harmonics(numbers):
    quoted(numbers, "second harmonics: alpha", -798.4, 0.8)  # 0.080 % peak to peak
    quoted(numbers, "second harmonics: beta", 103.3, 1.0)
    quoted(numbers, "second harmonics: gamma", -652.9, 1.5)
    quoted(numbers, "second harmonics: discrepancy", 42.1, 2.0)
    quoted(numbers, "harmonics beta: c1", 79.2, 0.5)
    quoted(numbers, "harmonics beta: drift1", -0.0050, 0.0037, "Ohm")
    # the lag of the magnetisation makes a fourth harmonic of the second, by the same factor in both planes
    ratio = {p: numbers[f"harmonics {p}: c4 (ppm)"] / numbers[f"harmonics {p}: c2 (ppm)"] for p in ("beta", "gamma")}
    assert ratio["beta"] == pytest.approx(ratio["gamma"], abs=0.01)


@pytest.mark.study
def test_amplitudes_of_a_magnetisation_that_lags(numbers):
    quoted(numbers, "macrospin: alpha", -797.9, 1.0)
    quoted(numbers, "macrospin: beta", 109.5, 1.1)
    quoted(numbers, "macrospin: gamma", -692.0, 1.5)
    quoted(numbers, "macrospin: discrepancy", -3.6, 2.2)
    quoted(numbers, "macrospin: mu0_Meff", 0.786, 0.008, "T")
    quoted(numbers, "macrospin: beta.odd_z", -88.8, 0.6)
    quoted(numbers, "macrospin: gamma.odd_z", -97.2, 0.76)
    assert numbers["macrospin: p"] > 0.05
    assert numbers["macrospin, drift of degree 2: p"] > 0.05
    for name in ("alpha", "beta", "gamma"):  # what drift is allowed does not matter within the errors
        off = numbers[f"macrospin, drift of degree 2: {name} (ppm)"] - numbers[f"macrospin: {name} (ppm)"]
        assert abs(off) < 2 * numbers[f"macrospin, drift of degree 2: {name} error (ppm)"]


@pytest.mark.study
def test_the_rig_turns_by_six_tenths_of_a_degree_in_a_second(numbers):
    for plane in ("alpha", "beta", "gamma"):
        off = numbers[f"turn rate {plane} (deg/s)"] - 0.6
        assert abs(off) < 2 * numbers[f"turn rate {plane} error (deg/s)"]
    assert numbers["turn rate alpha error (deg/s)"] < 0.001


@pytest.mark.study
def test_the_amr_scans(numbers):
    quoted(numbers, "AMR scan 7: c2", 3551, 274)
    assert abs(numbers["AMR scan 7: c2 (ppm)"] - 3600) < numbers["AMR scan 7: c2 error (ppm)"]
    quoted(numbers, "AMR scan 7, drift of degree 2: c2", 2549, 156)
    quoted(numbers, "AMR scan 6: c2", 2470, 1153)


def test_one_turn_a_run_would_distort_the_alpha_scan(example):
    """A wrong rate leaves a harmonic or drift over, and the diagnostics say so."""
    wrong = diagnostics(fit_harmonics(example.load("alpha", turns_evenly=False), orders=(1, 2, 4), drift_degree=1))
    right = diagnostics(fit_harmonics(example.load("alpha"), orders=(1, 2, 4), drift_degree=1))
    assert wrong["missing_harmonics"]
    assert not right["missing_harmonics"]
    assert right["spikes"] == 0


def test_the_scans_without_drift_and_odd_part_are_even_in_the_field(example):
    film = {plane: example.load(plane) for plane in example.FILES}
    found = fit_planes(film, drift_degree=1, mu0_Meff="fit")
    assert consistency(found)["p"] > 0.05
    beta = found.isel(point=np.flatnonzero(found["plane"].values == "beta"))
    turned, ratio = np.mod(beta["turned"].values, 360), beta["ratio"].values
    up, down = (ratio[np.abs(turned - at) < 20].mean() for at in (90, 270))
    assert up == pytest.approx(down, abs=3e-6)
    raw = beta["measured"].values
    assert raw[np.abs(turned - 270) < 20].mean() - raw[np.abs(turned - 90) < 20].mean() > 0.2  # Ohm, before
