"""The fit of the example finds what its made-up films were made with, and says what a series cannot tell."""

from pathlib import Path

import pytest

from spinstack.fitting import determined, fit_film
from spinstack.study import load_fit

EXAMPLES = Path(__file__).parents[2] / "examples"
TRUTH = {
    "Pt.spin_hall_angle": 0.11, "Pt.spin_diffusion_length": 1.2e-9, "Pt.conductivity": 2.9e6,
    "YIG.mixing_conductance.real": 2.5e14, "YIG.mixing_conductance.imag": 1.5e13,
}  # fmt: skip


@pytest.mark.study
def test_the_series_tells_a_product_of_angle_and_mixing_conductance():
    problem = load_fit(EXAMPLES / "pt_yig_fit.toml")
    found = fit_film(problem, starts=10)
    assert found.attrs["p_value"] > 1e-3
    for path, true in TRUTH.items():
        row = found.sel(parameter=path)
        assert abs(float(row["value"]) - true) < 3 * float(row["error"])
    best, *_, worst = determined(problem, found, nuisances=["Pt.thickness"])
    assert best.error < 0.003
    assert best.powers["YIG.mixing_conductance.real"] / best.powers["Pt.spin_hall_angle"] == pytest.approx(
        0.37, abs=0.05
    )
    assert worst.words.endswith("is not determined")


@pytest.mark.study
def test_the_numbers_of_a_law_are_found_in_a_resistance_against_temperature():
    problem = load_fit(EXAMPLES / "pt_resistivity_fit.toml")
    found = fit_film(problem, starts=4)
    assert found.attrs["p_value"] > 1e-3
    truth = {"residual_resistivity": 15e-8, "resistivity_slope": 4.1e-10, "debye_temperature": 230.0}
    for name, true in truth.items():
        row = found.sel(parameter=f"Pt.conductivity.{name}")
        assert abs(float(row["value"]) - true) < 3 * float(row["error"])
