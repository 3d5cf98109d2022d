"""``spinstack new``: files to start from that show and run."""

import re
from pathlib import Path

import pytest
from commands import refused

from spinstack.cli import main


@pytest.mark.study
def test_new_writes_a_file_that_shows_runs_and_is_not_overwritten(sample, capsys):
    assert main(["new", "first.toml"]) == 0
    assert main(["show", "first.toml"]) == 0
    capsys.readouterr()
    file = Path("first.toml")
    original = file.read_text(encoding="utf-8")
    shortened = (
        original.replace('["png", "pdf"]', "[]").replace("# [output]", "[output]").replace("# figures", "figures")
    )
    assert shortened.count("[output]") == 1
    file.write_text(shortened, encoding="utf-8")
    assert main(["run", "first.toml", "-o", "out"]) == 0
    assert {p.stem for p in Path("out").iterdir()} == {"angular_scan", "field_scan", "profile", "torque", "mr_map"}
    capsys.readouterr()
    assert "--force" in refused(capsys, ["new", "first.toml"])
    assert file.read_text(encoding="utf-8") == shortened
    assert main(["new", "first.toml", "--force"]) == 0
    assert file.read_text(encoding="utf-8") == original
    assert sorted(p.name for p in Path().iterdir()) == ["first.toml", "out"]


@pytest.mark.study
def test_the_insulator_template_shows_and_runs(sample, capsys):
    assert main(["new", "first.toml", "--template", "insulator"]) == 0
    assert main(["show", "first.toml"]) == 0
    assert capsys.readouterr().err == ""
    text = Path("first.toml").read_text(encoding="utf-8")
    small = re.sub(r"points = \d+", "points = 3", text) + "\n[output]\nfigures = []\n"
    assert main(["run", sample(small), "-o", "out"]) == 0
    names = ["angular_scan", "face_conductances", "field_scan", "field_scan_contributions", "slope", "temperature_scan"]
    assert sorted({p.stem for p in Path("out").iterdir()}) == names
    capsys.readouterr()
    assert "template" in refused(capsys, ["new", "second.toml", "--template", "tunnel"]).lower()


@pytest.mark.study
def test_the_torque_template_shows_and_runs(sample, capsys):
    assert main(["new", "first.toml", "--template", "torque"]) == 0
    assert main(["show", "first.toml"]) == 0
    assert capsys.readouterr().err == ""
    text = Path("first.toml").read_text(encoding="utf-8")
    small = re.sub(r"points = \d+", "points = 3", text) + "\n[output]\nfigures = []\n"
    assert main(["run", sample(small), "-o", "out"]) == 0
    names = ["critical_current", "damping", "equilibrium", "harmonic_hall", "switching_map", "trace"]
    assert sorted({p.stem for p in Path("out").iterdir()}) == names
