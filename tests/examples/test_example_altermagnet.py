"""The example of altermagnetic RuO2 gives the numbers that the documentation quotes."""

import sys
from pathlib import Path

import pytest
from numpy.testing import assert_allclose

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield __import__("ruo2_altermagnet")
    sys.modules.pop("ruo2_altermagnet", None)


@pytest.mark.study
def test_the_example_gives_the_quoted_numbers_and_its_figure(example, tmp_path):
    found = example.main(str(tmp_path))
    beta = 1e4 * found.magnetoresistance.sel(plane="beta")
    assert_allclose(beta.sel(kind="altermagnetic"), [-6.6, 0.3, 0.9, 0.3, 0.1], atol=0.05)
    assert_allclose(beta.sel(kind="not magnetic"), 0.06, atol=0.005)
    torque = 1e12 * found.torque.sel(kind="altermagnetic")
    assert_allclose(torque.sel(component="y"), [44.6, 11.4, 22.1, 11.4, 4.4], atol=0.05)
    assert_allclose(torque.sel(component="z"), [0, 0, 15.5, 0, 0], atol=0.05)
    assert_allclose(1e12 * found.torque.sel(kind="not magnetic", component="y"), 4.05, atol=0.05)
    assert (tmp_path / "ruo2_altermagnet.png").stat().st_size > 5000


def test_domains_keep_the_beta_plane_and_lose_the_split_torque(example):
    film = example.ss.load_sample(EXAMPLES / "ruo2_altermagnet.toml")
    both = [example.cut(film, "(101)", "[010]", tau, 0.0) for tau in (0.3, -0.3)]
    assert_allclose(*(float(example.ss.magnetoresistance(one, "beta")) for one in both), rtol=1e-9)
    one, other = (example.ss.torque(one, m="x")["Py"].values for one in both)
    assert_allclose(one, -other, atol=1e-12 * abs(one).max())
