"""Every example runs and gives the numbers that the documentation quotes."""

import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def ruo2_py(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import ruo2_py

    yield ruo2_py
    sys.modules.pop("ruo2_py")


def test_ruo2_py_gives_the_quoted_numbers_and_figures(ruo2_py, tmp_path):
    result = ruo2_py.main(str(tmp_path))
    assert result["alpha, eta = 0"] == pytest.approx(-3.18e-3, rel=3e-3)
    assert result["alpha, eta = 1"] == pytest.approx(-3.89e-3, rel=3e-3)
    assert result["beta, eta = 0"] == pytest.approx(-5.07e-6, rel=3e-3)
    assert result["beta, eta = 1"] == pytest.approx(7.24e-4, rel=3e-3)
    assert result["lowest beta, eta = 1"] > 0
    assert result["filtering/theta sigma where beta turns, eta = 0"] == pytest.approx(2.666, rel=1e-3)
    assert result["spin-current ratio, interfacial"] < 0 < result["spin-current ratio, spin Hall"]
    stems = ("figure_4_spin_current", "figure_5_thickness", "figure_6_maps", "resistance", "beta_sign", "overview")
    for stem in stems:
        for kind in ("png", "pdf"):
            assert (tmp_path / f"{stem}.{kind}").stat().st_size > 5000


@pytest.mark.study
def test_ruo2_py_against_temperature_gives_the_quoted_numbers(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import ruo2_py_temperature

    result = ruo2_py_temperature.main(str(tmp_path))
    sys.modules.pop("ruo2_py_temperature")
    assert result["Onsager, 20 K"] == pytest.approx(5.24e-4, rel=3e-3)
    assert result["Onsager, left at 300 K"] == pytest.approx(0.237, rel=3e-3)
    assert result["no inverse, 20 K"] == pytest.approx(-2.90e-5, rel=3e-3)
    assert result["no inverse, left at 300 K"] == pytest.approx(2.37, rel=3e-3)
    assert result["delta barrier, left at 300 K"] == pytest.approx(0.616, rel=3e-3)
    assert (tmp_path / "ruo2_py_temperature.png").stat().st_size > 5000


@pytest.mark.study
def test_the_interfaces_of_the_library_are_drawn(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import interface_library

    result = interface_library.main(str(tmp_path))
    sys.modules.pop("interface_library")
    assert result["A R, as published"] != pytest.approx(result["A R, without spin memory loss"], rel=1e-3)
    assert (tmp_path / "interfaces.png").stat().st_size > 5000


def test_the_full_solution_turns_where_equation_6_says(ruo2_py):
    film = ruo2_py.ss.load_sample(EXAMPLES / "ruo2_py.toml")
    G_par = 1 / (1 / film.get("RuO2|Py.conductance_up") + 1 / film.get("RuO2|Py.conductance_down"))
    found = ruo2_py.crossover(film, 5e-9)
    ratio = film.get("RuO2|Py.mixing_conductance").real / G_par
    assert ruo2_py.threshold(film, 5e-9, found) == pytest.approx(ratio, rel=1e-7)
