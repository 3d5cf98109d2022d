"""The record of the example is analysed to the torques of the film that it was made of, and written again as it is."""

import sys
from pathlib import Path

import pytest

from spinstack.study import analyze

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.study
def test_harmonic_hall_finds_the_torques_of_the_film(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import harmonic_hall

    try:
        for name in ("harmonic_hall.toml", "harmonic_hall.csv"):
            (tmp_path / name).write_bytes((EXAMPLES / name).read_bytes())
        monkeypatch.setattr(harmonic_hall, "HERE", tmp_path)
        told = harmonic_hall.main()
    finally:
        sys.modules.pop("harmonic_hall")
    assert (tmp_path / "harmonic_hall.csv").read_text() == (EXAMPLES / "harmonic_hall.csv").read_text()
    for name, (value, error, film) in told.items():
        assert abs(value - film) < 3 * max(error, 1e-4 * abs(film)), name
    assert told["xi_DL"][1] < 0.1 * told["xi_DL"][0]
    assert told["damping_like"][0] < 0
    found = analyze(EXAMPLES / "harmonic_hall.toml").of_kind("results")["harmonic_hall_rotation"]
    assert float(found["value"].sel(parameter="xi_DL")) == pytest.approx(told["xi_DL"][0], rel=1e-6)
