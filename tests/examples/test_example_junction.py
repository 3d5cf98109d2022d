"""The example with a tunnel junction gives the numbers that the documentation quotes."""

import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield __import__("tunnel_junction")
    sys.modules.pop("tunnel_junction", None)


@pytest.mark.study
def test_the_example_gives_the_quoted_numbers_and_its_figure(example, tmp_path):
    found = example.main(str(tmp_path))
    assert found["magnetoresistance of the barrier"] == pytest.approx(1.38, abs=2e-3)
    assert found["magnetoresistance of the film"] == pytest.approx(1.372, abs=1e-3)
    assert found["RA of the film, parallel (Ohm um^2)"] == pytest.approx(2.42, abs=0.01)
    assert found["at 90 degrees (Ohm um^2)"] == pytest.approx(3.39, abs=0.01)
    assert found["torque per current at 90 degrees (hbar/2e)"] == pytest.approx(0.639, abs=1e-3)
    assert found["largest torque per current (hbar/2e)"] == pytest.approx(0.70, abs=5e-3)
    assert found["its angle (degrees)"] == pytest.approx(114, abs=2)
    assert found["torque of W per current density in it (hbar/2e)"] == pytest.approx(-0.060, abs=1e-3)
    assert found["change of the first by the barrier and what is above"] == pytest.approx(8e-5, abs=1e-5)
    assert found["RA at which half of the magnetoresistance is left (Ohm m^2)"] == pytest.approx(1.29e-14, rel=0.02)
    assert (tmp_path / "tunnel_junction.png").stat().st_size > 5000
