"""The example of giant magnetoresistance gives the numbers that its page quotes."""

import sys
from pathlib import Path

import pytest

import spinstack as ss

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def example():
    sys.path.insert(0, str(EXAMPLES))
    sys.modules.pop("giant_magnetoresistance", None)
    import giant_magnetoresistance

    yield giant_magnetoresistance
    sys.modules.pop("giant_magnetoresistance", None)
    sys.path.remove(str(EXAMPLES))


def test_every_cause_alone_makes_what_the_page_says(example):
    found = [float(example.giant_magnetoresistance(film)) for film in example.CAUSES.values()]
    assert found == pytest.approx([0.117, 0.011, 0.029, 0.171], abs=6e-4)
    assert float(example.giant_magnetoresistance(example.valve())) == pytest.approx(0, abs=1e-12)


@pytest.mark.study
def test_the_figure_is_written(example, tmp_path):
    found = example.main(str(tmp_path), points=3)
    assert len(found) == 5
    assert (tmp_path / "giant_magnetoresistance.png").stat().st_size > 5000


def test_the_sample_file_is_one_film_for_both_theories():
    film = ss.load_sample(EXAMPLES / "giant_magnetoresistance.toml")
    parallel, anti = ({"fixed": "y", "free": end} for end in ("y", (0, -1, 0)))
    for solver, low, high in ((None, -1e-14, 1e-14), (ss.Boltzmann(rtol=1e-2), 3e-3, 0.1)):
        R = [ss.sheet_resistance(film, m=m, solver=solver)[0, 0] for m in (parallel, anti)]
        assert low <= R[1] / R[0] - 1 <= high
