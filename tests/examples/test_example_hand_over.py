"""The example that writes a film for other programs gives its numbers and files."""

import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_film_is_handed_to_six_programs(monkeypatch, tmp_path, capsys):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import hand_over

    found = hand_over.main(str(tmp_path))
    sys.modules.pop("hand_over")
    assert found["efficiency"] == pytest.approx(0.0317, abs=1e-4)
    assert found["left out"] < 5e-4
    assert found["damping-like [T per A/m]"] == pytest.approx(-1.58e-6, rel=2e-3)
    assert len(list(tmp_path.iterdir())) == 7
    assert "torque.mx3" in capsys.readouterr().out
