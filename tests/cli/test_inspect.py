"""``spinstack inspect``: what a measured file holds, and the description that reads it."""

import re
from pathlib import Path

import numpy as np
import pytest
from analysis_files import scans
from commands import refused

from spinstack.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with three scans; writes an analysis file there and gives its path."""
    return scans(tmp_path, monkeypatch)


def test_inspect_shows_columns_and_writes_a_description(folder, capsys):
    from spinstack.measure.readers import read

    folder()
    assert main(["inspect", "alpha.csv", "--write", "alpha.toml"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"2\s+R_xx\s+Ohm\s+R_xx\s+120", printed)
    np.testing.assert_array_equal(read("alpha.csv", "alpha.toml")["R_xx"], read("alpha.csv")["R_xx"])
    assert "exists" in refused(capsys, ["inspect", "alpha.csv", "--write", "alpha.toml"])
    assert main(["inspect", "alpha.csv", "--write", "alpha.toml", "--force"]) == 0
    capsys.readouterr()
    assert "itself" in refused(capsys, ["inspect", "alpha.csv", "--write", "alpha.csv", "--force"])
    assert "no folder" in refused(capsys, ["inspect", "alpha.csv", "--write", "no/alpha.toml"])
    assert refused(capsys, ["inspect", "beta.dat"])


def test_inspect_says_why_a_file_is_not_read(capsys):
    assert main(["inspect", str(ROOT / "tests/data/ni-bh/45001S.DAT")]) == 0
    captured = capsys.readouterr()
    assert "1001 rows" in captured.out
    assert "not read as fixed width" in captured.err
