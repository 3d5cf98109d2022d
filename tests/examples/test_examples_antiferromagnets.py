"""The examples of antiferromagnets and of the Rashba gas run and give the numbers that the documentation quotes."""

import sys
from pathlib import Path

import pytest

import spinstack as ss

EXAMPLES = Path(__file__).parents[2] / "examples"


def imported(name, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return __import__(name)


def assert_figures(folder, *stems):
    for stem in stems:
        for kind in ("png", "pdf"):
            assert (folder / f"{stem}.{kind}").stat().st_size > 5000


@pytest.mark.study
def test_antiferromagnets(monkeypatch, tmp_path):
    result = imported("antiferromagnets", monkeypatch).main(str(tmp_path))
    assert result["alpha, one domain"] == pytest.approx(3.675e-4, rel=1e-3)
    assert result["alpha at half the monodomain field, over that"] == pytest.approx(0.25, rel=1e-3)
    assert result["alpha with canting at 10 T, over that without"] == pytest.approx(1 - 2 / 64, rel=1e-3)
    assert_figures(tmp_path, "antiferromagnets_planes", "antiferromagnets_field")


@pytest.mark.study
def test_rashba_gas(monkeypatch, tmp_path):
    result = imported("rashba_2d", monkeypatch).main(str(tmp_path))
    assert result["both bands: spin density (1/(V m))"] == pytest.approx(1.5866e10, rel=1e-4)
    assert abs(result["both bands: damping-like over field-like"]) < 1e-10
    assert result["one band, m along z x E: spin density over that of both"] == pytest.approx(0.0954, rel=1e-2)
    assert result["one band, m along z: spin density over that of both"] == pytest.approx(0.837, rel=1e-2)
    assert_figures(tmp_path, "rashba_2d_contours", "rashba_2d_energy")


def test_hematite_has_negative_alpha_and_dips_of_domains():
    film = ss.load_sample(EXAMPLES / "hematite_pt.toml")
    alpha, beta, gamma = (
        float(ss.magnetoresistance(film, plane=plane, turns="field", field=7.0)) for plane in ("alpha", "beta", "gamma")
    )
    assert alpha > 0  # R(90 deg) above R(0): against a magnetisation
    assert beta == pytest.approx(-alpha / 2, rel=1e-3)
    assert gamma == pytest.approx(alpha / 2, rel=1e-3)
