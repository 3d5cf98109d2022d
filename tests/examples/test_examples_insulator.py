"""The example of a metal on a magnetic insulator runs and gives the numbers that the documentation quotes."""

import sys
from pathlib import Path

import numpy as np
import pytest

import spinstack as ss

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delitem(sys.modules, "metal_on_insulator", raising=False)
    import metal_on_insulator

    yield metal_on_insulator
    sys.modules.pop("metal_on_insulator", None)


@pytest.mark.study
def test_it_gives_the_quoted_numbers_and_figures(example, tmp_path):
    result = example.main(str(tmp_path))
    assert result["G0 (S/m2)"] == pytest.approx(3.824e12, rel=1e-3)
    # saturated: Gr = G0 S^2, Gi = G0 S/(pi nu J)
    assert result["Gr at 1 K (S/m2)"] == pytest.approx(4 * result["G0 (S/m2)"], rel=1e-6)
    assert result["Gi at 1 K (S/m2)"] == pytest.approx(2 / (0.04 * np.pi) * result["G0 (S/m2)"], rel=1e-6)
    assert result["gap at 0.001 K (%)"] == pytest.approx(0.0297, rel=1e-3)
    assert abs(result["gap at 100 K (%)"]) < 1e-9
    for thickness, critical in (("2", 1.976e13), ("3", 4.121e13), ("6", 1.283e14)):
        assert result[f"critical Gi at {thickness} nm (S/m2)"] == pytest.approx(critical, rel=1e-3)
    for thickness, slope in (("2", -0.526), ("3", -0.385), ("6", 0.581)):
        for words, sign in (("J > 0", 1), ("J < 0", -1)):
            found = result[f"slope of R_xx/R at {thickness} nm, {words} (1e-6/T)"]
            assert found == pytest.approx(sign * slope, rel=3e-3)
    assert result["R_xy at 1 T, J > 0 (Ohm)"] < 0 < result["R_xy at 1 T, J < 0 (Ohm)"]
    assert result["paramagnet at 1 K, J > 0: field of the maximum (T)"] == pytest.approx(3.9, abs=0.05)
    assert result["paramagnet at 1 K, J > 0: steepest fall (1e-6/T)"] == pytest.approx(-0.52, abs=0.01)
    for stem in ("conductances", "regimes", "field", "gap"):
        for kind in ("png", "pdf"):
            assert (tmp_path / f"insulator_{stem}.{kind}").stat().st_size > 5000


def test_the_regimes_lie_where_the_figure_puts_them(example):
    film = ss.load_sample(EXAMPLES / "metal_on_insulator.toml")
    for name, sign in (("1", -1), ("2", 1), ("3", 1), ("4", -1)):
        assert np.sign(ss.initial_slope(example.with_numbers(film, *example.REGIMES[name]))) == sign


def test_the_magnet_of_the_file_is_that_of_the_library():
    magnet = ss.load_sample(EXAMPLES / "metal_on_insulator.toml")[0].magnet
    published = ss.WeissMagnet.of("model-FM", density_of_states=magnet.density_of_states)
    for name, value in published.parameters.items():
        if value is not None:
            assert magnet.value(name) == pytest.approx(value, rel=1e-6), name
