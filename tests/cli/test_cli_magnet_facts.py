"""What ``spinstack show`` and ``spinstack new`` say of magnet models: derived numbers, doubts, a file to start from."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import refused, written
from sample_texts import MODEL

import spinstack as ss
from spinstack.cli import main
from spinstack.samples.sample_file import parse_document
from spinstack.study.film_reader import read_film_study


@pytest.fixture
def sample(here):
    return lambda text=MODEL: written(text)


# show


def test_show_tells_what_the_model_amounts_to(sample, capsys):
    assert main(["show", sample()]) == 0
    out, err = capsys.readouterr()
    film = ss.load_sample("sample.toml")
    magnet = film[0].magnet
    assert "F: weiss, spin = 2, surface_density = 3e+18 1/m^2" in out
    row = next(line for line in out.splitlines() if line.startswith(" F "))
    cold = magnet.conductances(0.0, 0.0).mixing
    hot = magnet.conductances(0.0, 1e6).spin_sink
    wanted = (20, 8 * 6.4e-3, magnet.characteristic_conductance, hot, cold.real, cold.imag)
    assert row.split()[2:] == [f"{v:.4g}" for v in wanted]
    # D = 1e-4 m^2/s goes with ten times the density of states that the magnet is given
    assert err.count("Warning:") == 1
    assert "F.magnet.density_of_states" in err


@pytest.mark.parametrize(("coupling", "doubted"), [("0.03 eV nm^3", False), ("-0.04 eV nm^3", True)])
def test_show_doubts_strong_coupling(sample, capsys, coupling, doubted):
    text = MODEL.replace('"0.1 eV * (0.4 nm)^3"', f'"{coupling}"').replace('diffusion_coefficient = "1e-4 m^2/s"\n', "")
    assert main(["show", sample(text)]) == 0
    err = capsys.readouterr().err
    assert ("density_of_states * exchange_coupling is -0.32" in err) == doubted
    assert err.count("Warning:") == doubted


def test_show_of_a_magnet_loads_nothing_heavy(sample):
    sample()
    code = (
        "import sys\nfrom spinstack.cli import main\nassert main(['show', 'sample.toml']) == 0\n"
        "sys.exit(', '.join(n for n in ('jax', 'matplotlib', 'xarray', 'h5py') if n in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr


# new, and the page


def test_the_insulator_template_shows_and_runs(sample, capsys):
    assert main(["new", "first.toml", "--template", "insulator"]) == 0
    assert main(["show", "first.toml"]) == 0
    assert capsys.readouterr().err == ""
    text = Path("first.toml").read_text(encoding="utf-8")
    small = re.sub(r"points = \d+", "points = 3", text) + "\n[output]\nfigures = []\n"
    assert main(["run", sample(small), "-o", "out"]) == 0
    names = ["angular_scan", "face_conductances", "field_scan", "field_scan_contributions", "slope", "temperature_scan"]
    assert sorted(p.stem for p in Path("out").iterdir()) == names
    capsys.readouterr()
    assert "template" in refused(capsys, ["new", "second.toml", "--template", "tunnel"]).lower()


def test_the_requests_of_the_page_are_read():
    page = (Path(__file__).parents[2] / "docs" / "sample_file.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    metal = MODEL[MODEL.index('[[film]]\nkind = "metal"') :]
    of_magnets = [b for b in blocks if "[[film]]" not in b and "[solver]" not in b]
    document = parse_document("\n".join(["spinstack = 1", blocks[1], metal, *of_magnets]))
    assert len(read_film_study(document).requests) == 5
    (theories,) = [b for b in blocks if "[solver]" in b]
    metal = re.sub(r"^diffusion_coefficient.*$", "", metal, flags=re.MULTILINE)  # which one theory does not contain
    document = parse_document("\n".join(["spinstack = 1", metal, theories]))
    assert len(read_film_study(document).requests) == 2
