"""``spinstack show`` and ``spinstack run`` of films with laws: values at temperatures, and never a silent one."""

from pathlib import Path

import pytest
import xarray as xr

from spinstack.cli import main

FILM = """spinstack = 1
[[film]]
kind = "metal"
name = "Pt"
thickness = "4 nm"
resistivity = {kind = "bloch_gruneisen", residual_resistivity = "15 uOhm cm", resistivity_slope = "0.04 uOhm cm/K", debye_temperature = "240 K"}
spin_diffusion_length = {kind = "elliott_yafet", resistivity_times_length = "0.77 fOhm m^2"}
"""  # noqa: E501
SCAN = '[[temperature_scan]]\nT = ["10 K", "300 K"]\n'


def test_show_tells_values_at_temperatures_and_asks_for_one(sample, capsys):
    assert main(["show", sample(FILM)]) == 0
    out = capsys.readouterr().out
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line.startswith(" Pt.")}
    assert rows["Pt.conductivity"][-6] == "6.667e+06"
    assert rows["Pt.spin_diffusion_length"][-6] == "5.133e-09"
    assert "residual_resistivity = 1.5e-07 ohm m" in out
    assert "--temperature '300 K'" in out
    assert "Layers" not in out


@pytest.mark.parametrize(("more", "options", "words"), [
    ("", ["--temperature", "300 K"], "At 300 K:"), (SCAN, [], "At 10 K:"), (SCAN, ["--temperature", "80K"], "At 80 K:"),
])  # fmt: skip
def test_show_derives_at_the_temperature_asked_for_or_at_the_lowest(sample, capsys, more, options, words):
    assert main(["show", sample(FILM + more), *options]) == 0
    out = capsys.readouterr().out
    assert words in out
    assert "Layers" in out


def test_show_refuses_what_is_no_temperature(sample, capsys):
    assert main(["show", sample(FILM), "--temperature", "300"]) == 2
    assert 'Write "300 K"' in capsys.readouterr().err


def test_run_without_temperature_says_what_needs_one(sample, capsys):
    assert main(["run", sample(FILM)]) == 2
    assert "no temperature for Pt.conductivity" in capsys.readouterr().err
    assert main(["run", sample(FILM + "[[scan]]\n")]) == 2
    assert "laws of Pt.conductivity depend on it" in capsys.readouterr().err


@pytest.mark.study
def test_run_writes_laws_and_what_follows(sample, capsys):
    asked = f'{SCAN}[[law_values]]\nT = {{start = "0 K", stop = "300 K", points = 4}}\n[output]\nfigures = ["png"]\n'
    assert main(["run", sample(FILM + asked), "--output", "out"]) == 0
    with xr.open_dataset("out/law_values.nc") as found:
        assert found["Pt.conductivity"].sizes == {"temperature": 4}
    assert Path("out/law_values.png").stat().st_size > 1000
    assert "Resistance against temperature" in capsys.readouterr().out
