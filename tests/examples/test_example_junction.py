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


def test_the_example_gives_the_quoted_numbers_and_its_figure(example, tmp_path):
    found = example.main(str(tmp_path))
    assert found["magnetoresistance of the barrier"] == pytest.approx(1.38, abs=2e-3)
    assert (tmp_path / "tunnel_junction.png").stat().st_size > 5000
