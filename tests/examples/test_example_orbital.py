"""The example with orbital moments gives the numbers that the documentation quotes."""

import sys
from pathlib import Path

import pytest

import spinstack as ss

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield __import__("orbital_torque")
    sys.modules.pop("orbital_torque", None)


@pytest.mark.study
def test_the_example_gives_the_quoted_numbers_and_its_figure(example, tmp_path):
    found = example.main(str(tmp_path))
    assert found["metal series: misfit of a spin Hall effect"] == pytest.approx(0.017, abs=1e-3)
    assert found["metal series: its spin Hall angle"] == pytest.approx(0.046, abs=1e-3)
    assert found["metal series: its spin diffusion length (nm)"] == pytest.approx(6.0, abs=0.1)
    for words, shares in (
        ("orbital", (0.206, 0.511, 0.913)),
        ("orbital, charge conductivity", (0.351, 0.685, 0.956)),
        ("spin", (0.994, 1.0, 1.0)),
    ):
        of = [found[f"magnet series: share at {t} nm, {words}"] for t in (1, 3, 10)]
        assert of == pytest.approx(shares, abs=2e-3)
    assert found["magnet series: misfit of that fit"] == pytest.approx(0.149, abs=2e-3)
    assert found["magnet series: dephasing length of a fit (nm)"] > 1e3
    torque = found["torque of the film (N/m per V/m)"]
    assert found["torque with the other sign of conversion"] == pytest.approx(-torque, rel=1e-6)
    assert (tmp_path / "orbital_torque.png").stat().st_size > 5000


@pytest.mark.study
def test_without_orbital_moments_the_film_has_no_torque(example):
    film = ss.load_sample(EXAMPLES / "orbital_torque.toml")
    assert abs(example.torque(film)) > 1e-12
    assert abs(example.torque(example.spin_alone(film))) < 1e-25
