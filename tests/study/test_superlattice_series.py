"""One analysis file from the raw files of a superlattice series to what Zheng et al., ACS Nano (2024) tell of it."""

from pathlib import Path

import numpy as np
import pytest
import superlattice_series as series
from superlattice_series import RATIO, SAMPLES

from spinstack.study import analyze

FILE = Path(__file__).parents[2] / "examples" / "superlattice_series.toml"
#: coldest first; the magnet is gone in the last
TEMPERATURES = np.array(list(RATIO))


@pytest.fixture(scope="module")
def results():
    run = analyze(FILE)
    assert run.failures == []
    doubtful = {r.name.rpartition("_")[2] for r in run.results for d in r.doubts if "no step between" in d}
    assert doubtful == {"100K"}
    assert not any("no step between" not in d for r in run.results for d in r.doubts)
    return run.of_kind("results")


def agrees(values, errors, truth, size):
    """Within four errors, none of which is more than `size`."""
    assert np.all(np.abs(values - truth) < 4 * errors), (values - truth) / errors
    assert np.all(errors < size), errors


def number(result, name):
    row = result.sel(parameter=name)
    return float(row["value"]), float(row["error"])


def test_the_files_are_those_that_are_made():
    written = series.files()
    assert sorted(written) == sorted(p.name for p in series.FOLDER.iterdir())
    for name, text in written.items():
        assert (series.FOLDER / name).read_text() == text, name


@pytest.mark.study
@pytest.mark.parametrize("sample", SAMPLES)
def test_resistivity_and_its_minimum(results, sample):
    rho = series.RESISTIVITY[sample]
    agrees(*number(results[f"rho_300_{sample}_RT"], "resistivity"), rho, 1e-4 * rho)
    agrees(*number(results[f"upturn_{sample}_RT"], "temperature"), series.temperature_of_minimum(sample), 0.5)


@pytest.mark.study
def test_sublayers_side_by_side_predict_the_third_superlattice(results):
    layers = results["sublayers"]
    agrees(*number(layers, "resistivity_a"), 1.72e-5, 1e-8)
    agrees(*number(layers, "resistivity_b"), 0.30e-5, 1e-8)
    predicted, measured = number(results["predict"], "resistivity_C10/L6")[0], series.RESISTIVITY["C10L6"]
    assert predicted == pytest.approx(0.62e-5, rel=2e-3)
    assert measured == 0.60e-5
    agrees(*number(results["predict"], "deviation_C10/L6"), measured - predicted, 1e-8)


def test_loops_against_temperature(results):
    table = results["hall_C10L6_against_temperature"]
    np.testing.assert_allclose(table["temperature"], TEMPERATURES, atol=0.01)
    truth = series.hall_resistivity("C10L6", TEMPERATURES)
    agrees(table["hall_resistivity"].values, table["hall_resistivity_error"].values, truth, 2e-12)
    assert truth[:4] == pytest.approx(3e-10, rel=0.05)  # 0.03 uOhm cm from 2 to 20 K
    agrees(table["hall_coefficient"].values, table["hall_coefficient_error"].values, 1.5e-10, 1e-12)
    agrees(*(table[n].values[:-1] for n in ("coercive_field", "coercive_field_error")),
           series.coercive_field("C10L6", TEMPERATURES[:-1]), 0.01)  # fmt: skip
    assert float(table["coercive_field"][0]) == pytest.approx(0.97, abs=0.005)
    assert np.isnan(table["coercive_field"][-1])


def test_magnetoresistance_against_temperature(results):
    table = results["butterfly_C10L6_against_temperature"]
    agrees(table["ratio"].values, table["ratio_error"].values, list(RATIO.values()), 1e-4)
    truth = [series.peak_field("C10L6", T) for T in TEMPERATURES[:5]]
    agrees(table["peak_field"].values[:5], table["peak_field_error"].values[:5], truth, 0.02)


@pytest.mark.parametrize("sample", SAMPLES)
def test_hall_conductivity_against_temperature(results, sample):
    table = results[f"sigma_{sample}"]
    truth = series.hall_conductivity(sample, TEMPERATURES)
    agrees(table["sigma_xy"].values, table["sigma_xy_error"].values, truth, 0.02 * truth[0])
    agrees(table["rho_xx"].values, table["rho_xx_error"].values, series.resistivity(sample, TEMPERATURES), 5e-9)
    law = results[f"law_{sample}"]
    assert number(law, "conductivity")[0] == pytest.approx(truth[0], rel=0.02)
    if sample in series.MAGNETIZATION:
        M = series.MAGNETIZATION[sample] * series.order(TEMPERATURES)
        np.testing.assert_allclose(table["magnetization"], M, atol=0.01 * M[0])
        S = series.hall_conductivity(sample, 2.0) / series.MAGNETIZATION[sample] / series.order(2.0)
        assert number(law, "S_H")[0] == pytest.approx(S, rel=0.02)
        agrees(*number(results[f"critical_temperature_{sample}_moment"], "temperature"), series.CURIE, 1.0)


@pytest.mark.parametrize(("sample", "plane"), series.AMR)
def test_angle_scans_against_temperature(results, sample, plane):
    table = results[f"{plane}_{sample}_against_temperature"]
    for T, (two, four) in series.AMR[sample, plane].items():
        angle = np.deg2rad(np.linspace(0, 180, 721))
        most = np.max(1 + two * np.cos(2 * angle) + four * np.cos(4 * angle))
        row = table.sel(temperature=T, method="nearest")
        for name, true in (("c2", two), ("c4", four)):
            if true:
                agrees(float(row[name]), float(row[f"{name}_error"]), abs(true) / most, 1.5e-6)
            else:  # an amplitude of nothing is that of the noise
                assert float(row[name]) < 4 * float(row[f"{name}_error"])
        found = results[f"{plane}_{sample}_{sample}_{plane}_{T}K"]
        # a maximum stands at 0 or, where the term is negative, half its period on
        for n, true in ((2, two), (4, four)):
            if true:
                phase, error = number(found, f"phase{n}")
                off = (phase - (0 if true > 0 else 180 / n) + 180 / n) % (360 / n) - 180 / n
                assert abs(off) < 4 * error < 5
