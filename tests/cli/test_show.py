"""``spinstack show``: the film, what its parameters amount to, and doubts."""

import re
from pathlib import Path

import pytest
from sample_texts import BILAYER, BOTH, FILTERING, MODEL, SOLVER

import spinstack as ss
from spinstack.cli import main
from spinstack.facts.ballistic import ballistic_facts
from spinstack.facts.layers import layer_facts


def test_show_draws_the_film_and_its_numbers(sample, capsys):
    assert main(["show", sample(FILTERING)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.index("Py ") < out.index("━━ Pt|Py ━") < out.index(" Pt ")
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line.startswith((" Pt ", " Py ", " film "))}
    assert rows["Pt"][1:6] == ["5", "35.71", "71.43", "46.7", "2.5"]
    assert rows["film"][1:3] == ["9", "33.33"]


def test_show_draws_into_a_file_and_folds_repeats(sample, capsys):
    film = FILTERING.replace("[[film]]", "[[film]]\nrepeat = 5\n[[film.elements]]", 1).replace(
        "[[film]]\nkind", "[[film.elements]]\nkind"
    )
    assert main(["show", sample(film), "--figure", "drawing.svg"]) == 0
    out = capsys.readouterr().out
    assert "×5" in out
    assert out.count("│ Pt ") == 1
    assert "Py|Pt" in out.split("Perfect contact")[1]
    assert Path("drawing.svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"6e14 + 0.5e14j S/m^2"', '"2e14 S/m^2"', "below (G_up + G_down)/2"),
        ('dephasing_length = "0.5 nm"', "", "dephasing_length: not given"),
        ('filtering = "2e4 S/m"', 'filtering = "2e4 S/m"\nreciprocal = 0', "Onsager"),
    ],
)
def test_show_warns_of_what_is_rarely_meant(sample, capsys, old, new, words):
    assert old in FILTERING
    assert main(["show", sample(FILTERING.replace(old, new))]) == 0
    err = capsys.readouterr().err
    assert err.count("Warning:") == 1
    assert words in err


# magnet models


def test_show_tells_what_the_model_amounts_to(sample, capsys):
    assert main(["show", sample(MODEL)]) == 0
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


def test_show_prints_the_spin_resistance_in_femtoohm_square_metres(sample, capsys):
    assert main(["show", sample(BILAYER)]) == 0
    out = capsys.readouterr().out
    facts = layer_facts(ss.load_sample("sample.toml")).values()
    for fact in facts:
        row = next(line for line in out.splitlines() if re.match(rf" {fact.label} .*%?", line))
        assert f"{fact.spin_resistance * 1e15:.3g}" in row.split()
        assert 1e-17 < fact.spin_resistance < 1e-12


# lengths of the Boltzmann equation


def test_show_lists_mean_free_paths_and_spin_flip_lengths(sample, capsys):
    assert main(["show", sample(BOTH + SOLVER)]) == 0
    out = capsys.readouterr().out
    _, facts, refused = ballistic_facts(ss.load_sample("sample.toml"))
    assert not refused
    rows = [line for line in out.splitlines() if re.match(r" P[ty] .* none ", line)]
    assert len(rows) == 2
    for fact, row in zip(reversed(facts.values()), rows, strict=True):
        for value in (fact.path, fact.path_up, fact.path_down, fact.flip_length):
            assert f"{value * 1e9:.3g}" in row.split()
        assert fact.conductivity == pytest.approx(fact.given_conductivity, rel=1e-12)
        assert fact.spin_diffusion_length == pytest.approx(fact.given_spin_diffusion_length, rel=1e-12)
    up = 1 / (1 / facts[2].path_up + 1 / facts[2].flip_length)
    assert up == pytest.approx(1.4 * facts[2].path)
    assert facts[2].polarization == pytest.approx(0.4)


def test_show_says_where_given_lengths_mean_something_else(sample, capsys):
    given = 'mean_free_path = "5 nm"\nspin_flip_length = "40 nm"'
    text = BOTH.replace("spin_hall_angle = 0.1", given)
    assert main(["show", sample(text)]) == 0
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if "λ↑, λ↓, λ_flip" in line)
    assert row.split()[1:4] == ["5", "5", "40"]
    assert "≠ 4e+06" in row
    assert "≠ 3" in row


def test_show_without_the_boltzmann_equation_is_as_before(sample, capsys):
    assert main(["show", sample(BOTH)]) == 0
    assert "mean free" not in capsys.readouterr().out.lower()


def test_show_says_why_a_layer_has_no_such_lengths(sample, capsys):
    text = BOTH.replace("polarization = 0.4", 'polarization = 0.4\namr_ratio = 0.01\nmean_free_path = "5 nm"')
    assert main(["show", sample(text)]) == 0
    assert "Warning: Py.amr_ratio" in capsys.readouterr().err
