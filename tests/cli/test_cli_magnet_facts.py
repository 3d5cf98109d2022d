"""What ``spinstack show`` and ``spinstack new`` say of magnet models: derived numbers, doubts, a file to start from."""

import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_cli_magnets import FILM, NUMBERS, refused

import spinstack as ss
from spinstack.cli import main
from spinstack.facts.magnets import magnet_warnings, metal_facts, moment_facts
from spinstack.samples.sample_file import film_from_document, parse_document
from spinstack.study.film_reader import read_film_study


@pytest.fixture
def sample(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text=FILM):
        (tmp_path / "sample.toml").write_text(text, encoding="utf-8")
        return "sample.toml"

    return write


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


def test_facts_of_sublattices_are_limits_of_the_model():
    ferri = ss.WeissFerrimagnet(
        spin_a=2.5, spin_b=3.5, surface_density_a=3e18, surface_density_b=1e18, exchange_coupling_a=1e-48,
        exchange_coupling_b=-2e-48, density_of_states=5e46, curie_temperature=560, density_ratio=1.5,
    )  # fmt: skip
    anti = ss.WeissAntiferromagnet(
        spin=1, neel_temperature=523, surface_density=3e18, exchange_coupling=1e-48, density_of_states=5e46,
        exchange_coupling_b=3e-48, surface_density_b=1e18,
    )  # fmt: skip
    for magnet, m in ((ferri, (0, 0, 1)), (anti, (0, 0, 1))):
        pt = ss.Metal("Pt", thickness=3e-9, conductivity=3e6, spin_diffusion_length=2e-9)
        a, b = moment_facts(ss.MagneticInsulator("M", magnet=magnet) | pt)
        assert (a.label, b.label) == ("M a", "M b")
        scales = np.asarray(magnet.characteristic_conductance)
        np.testing.assert_allclose([a.scale, b.scale], scales, rtol=1e-8)
        cold = magnet.sublattices(m, (0, 0, 0), 0.0)
        hot = magnet.sublattices(m, (0, 0, 0), 1e6)
        for fact, frozen, free in zip((a, b), cold, hot, strict=True):
            assert fact.real == pytest.approx(float(frozen.mixing_real), rel=1e-8)
            assert fact.imag == pytest.approx(float(frozen.mixing_imag), rel=1e-8)
            assert fact.sink == pytest.approx(float(free.spin_sink), rel=1e-6)


def test_the_hanle_field_turns_a_spin_by_one_radian_in_its_lifetime():
    film = film_from_document(parse_document(FILM))
    (metal,) = metal_facts(film)
    lifetime = 1.5e-9**2 / 1e-4
    assert metal.lifetime == pytest.approx(lifetime, rel=1e-14)
    assert metal.hanle_field == pytest.approx(1 / (2 * 9.2740100783e-24 / 1.054571817e-34 * lifetime), rel=1e-8)
    assert metal.spin_conductance == pytest.approx(2.5e6 / 3e-9 * math.tanh(2), rel=1e-14)
    from_states = film.replace({"Pt.diffusion_coefficient": None, "Pt.density_of_states": 8e27 / 1.602176634e-19})
    assert magnet_warnings(from_states) == []
    assert metal_facts(from_states)[0].diffusion == pytest.approx(2.5e6 / (2 * 1.602176634e-19 * 8e27), rel=1e-12)
    alone = film.replace({"Pt.diffusion_coefficient": None})
    assert metal_facts(alone)[0].hanle_field is None
    assert metal_facts(film_from_document(parse_document(NUMBERS))) == []


@pytest.mark.parametrize(("coupling", "doubted"), [("0.03 eV nm^3", False), ("-0.04 eV nm^3", True)])
def test_show_doubts_strong_coupling(sample, capsys, coupling, doubted):
    text = FILM.replace('"0.1 eV * (0.4 nm)^3"', f'"{coupling}"').replace('diffusion_coefficient = "1e-4 m^2/s"\n', "")
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
    metal = FILM[FILM.index('[[film]]\nkind = "metal"') :]
    of_magnets = [b for b in blocks if "[[film]]" not in b and "[solver]" not in b]
    document = parse_document("\n".join(["spinstack = 1", blocks[1], metal, *of_magnets]))
    assert len(read_film_study(document).requests) == 5
    (theories,) = [b for b in blocks if "[solver]" in b]
    metal = re.sub(r"^diffusion_coefficient.*$", "", metal, flags=re.MULTILINE)  # which one theory does not contain
    document = parse_document("\n".join(["spinstack = 1", metal, theories]))
    assert len(read_film_study(document).requests) == 2
