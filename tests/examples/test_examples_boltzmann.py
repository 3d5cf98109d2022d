"""The example of the Boltzmann equation runs and gives the numbers that the documentation quotes."""

import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
BULK = "with the bulk of the magnet, "
# the example takes twenty seconds
pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def example():
    sys.path.insert(0, str(EXAMPLES))
    sys.modules.pop("boltzmann_bilayer", None)
    import boltzmann_bilayer

    yield boltzmann_bilayer
    sys.modules.pop("boltzmann_bilayer", None)
    sys.path.remove(str(EXAMPLES))


@pytest.fixture(scope="module")
def output(example, tmp_path_factory):
    folder = tmp_path_factory.mktemp("boltzmann_bilayer")
    return example.main(str(folder), points=5), folder


@pytest.fixture
def result(output):
    return output[0]


def test_figures_are_written(output):
    for stem in ("maps", "lengths", "spin_current"):
        for kind in ("png", "pdf"):
            assert (output[1] / f"boltzmann_bilayer_{stem}.{kind}").stat().st_size > 5000


@pytest.mark.parametrize(
    ("label", "boltzmann", "mirrors", "diffusion"),
    [
        ("interface alone, u_ex 0.2, u_R 0.1", 8.76e-6, 1.045e-5, 9.50e-6),
        ("interface alone, u_ex 0.2, u_R 0.5", 1.057e-4, 1.163e-4, 1.167e-4),
        ("interface alone, u_ex 0.8, u_R 0.1", -1.830e-5, -1.779e-5, -1.826e-5),
        ("interface alone, u_ex 0.8, u_R 0.5", -2.637e-4, -2.538e-4, -2.621e-4),
        (BULK + "u_ex 0.2, u_R 0.1", 1.706e-4, 2.338e-4, 2.297e-4),
        (BULK + "u_ex 0.2, u_R 0.5", 3.369e-3, 4.288e-3, 4.335e-3),
        (BULK + "u_ex 0.8, u_R 0.1", -7.05e-5, -6.50e-5, -6.68e-5),
        (BULK + "u_ex 0.8, u_R 0.5", -1.004e-3, -8.69e-4, -8.81e-4),
    ],
)
def test_both_theories(result, label, boltzmann, mirrors, diffusion):
    assert result[f"{label}, Boltzmann"] == pytest.approx(boltzmann, rel=1e-3)
    assert result[f"{label}, mirrors"] == pytest.approx(mirrors, rel=1e-3)
    assert result[f"{label}, drift-diffusion"] == pytest.approx(diffusion, rel=1e-3)


def test_where_it_turns_and_how_low_it_gets(result):
    for label, value in (
        ("interface alone, u_ex where it turns, Boltzmann", 0.505),
        ("interface alone, u_ex where it turns, drift-diffusion", 0.508),
        (BULK + "u_ex where it turns, Boltzmann", 0.523),
        (BULK + "u_ex where it turns, drift-diffusion", 0.546),
        ("u_R for -1e-3 at u_ex 0.9, Boltzmann", 0.45),
        ("u_R for -1e-3 at u_ex 0.9, drift-diffusion", 0.46),
    ):
        assert result[label] == pytest.approx(value, rel=1e-2 if "-1e-3" in label else 1e-3)
    assert result["interface alone, u_R 0.5: lowest over u_ex"] == pytest.approx(-2.8e-4, rel=5e-3)
    assert result[BULK + "u_R 0.5: lowest over u_ex"] == pytest.approx(-1.17e-3, rel=5e-3)


def test_other_signs(result):
    for name, values in (("interface alone", (-3.55e-6, -3.0e-7, -8.0e-7)), (BULK[:-2], (-1.65e-5, 5.8e-6, 4.5e-6))):
        found = [result[f"{name}, u_0 1.4, u_ex 1{words}"] for words in ("", ", mirrors", ", drift-diffusion")]
        assert found == pytest.approx(values, rel=2e-2)
    assert result["P -0.4, u_ex 0.8"] == pytest.approx(1.66e-5, rel=5e-3)
    assert result["P -0.4, u_ex 0.2"] > 0


def test_lengths(result):
    assert result["interface alone, u_ex 0.8, path_N/path_F 1, equal thicknesses"] == pytest.approx(0, abs=1e-14)
    assert result["interface alone, u_ex 0.8, path_N/path_F 1, mirrors"] == pytest.approx(0, abs=1e-14)
    for ratio, weak, strong in (("0.2", -2.09e-4, -2.99e-3), ("1", -5.6e-8, -1.02e-6), ("4", -4.29e-4, -6.46e-3)):
        assert result[f"interface alone, u_ex 0.8, path_N/path_F {ratio}"] == pytest.approx(weak, rel=5e-3)
        label = f"interface alone, u_ex 0.8, u_R 0.5, path_N/path_F {ratio}"
        assert result[label] == pytest.approx(strong, rel=5e-3)
    for exchange, values in (("0.2", (-0.04, 0.27, 1.06, 1.03)), ("0.8", (0.18, 0.73, 1.00, 0.97))):
        for scale, value in zip(("0.2", "0.5", "4", "64"), values, strict=True):
            label = f"thickness x {scale}, u_ex {exchange}, Boltzmann/drift-diffusion"
            assert result[label] == pytest.approx(value, abs=6e-3)
    for exchange, values in (("0.2", (4.2e-5, 5.3e-4, 6.9e-4)), ("0.8", (-8.9e-5, -1.63e-4, -2.03e-4))):
        for words, value in zip(("Boltzmann", "mirrors", "drift-diffusion"), values, strict=True):
            assert result[f"mean free paths x 3, u_ex {exchange}, {words}"] == pytest.approx(value, rel=7e-3)
    assert result["diffuse fraction 0.5, u_ex 0.2"] == pytest.approx(7.58e-5, rel=2e-3)
    assert result["diffuse fraction 0.5, u_ex 0.8"] == pytest.approx(-4.61e-5, rel=2e-3)
    assert abs(result["diffuse fraction 1, u_ex 0.8"]) < 1e-14


def test_the_generated_spin_current_has_an_inverse_of_the_same_size_and_sign(result):
    """Depth integral of the spin current against the response of the sheet: two routes through the solution."""
    for name in ("interface alone", "with the bulk of the magnet"):
        for exchange in ("0.2", "0.8"):
            for m in "yz":
                once = result[f"generated (S per angle), m || {m}, {name}, u_ex {exchange}"]
                assert result[f"linear in theta (S), m || {m}, {name}, u_ex {exchange}"] == pytest.approx(
                    2 * once, rel=1e-6
                )
    at_y, at_z = (result[f"generated (S per angle), m || {m}, interface alone, u_ex 0.2"] for m in "yz")
    assert (at_y, at_z) == pytest.approx((6.38e-6, 5.45e-6), rel=2e-3)
    assert result["tilted m: linear in theta against generated + inverse"] < 1e-7
    assert result["tilted m: if the inverse did not know of -m"] == pytest.approx(0.72, abs=5e-3)
    assert result["tilted m: G(m) - G(-m)^T, relative"] < 1e-13
    assert result["tilted m: torque + lattice, relative"] < 1e-12


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("u_ex 0.2, u_R 0.1", (1.706e-4, -1.305e-5, 1.589e-4, 2.110e-4)),
        ("u_ex 0.2, u_R 0.5", (3.369e-3, -4.21e-5, 3.287e-3, 3.457e-3)),
        ("u_ex 0.8, u_R 0.1", (-7.05e-5, -2.03e-5, -8.04e-5, 8.3e-7)),
        ("u_ex 0.8, u_R 0.5", (-1.004e-3, -6.25e-5, -1.104e-3, -8.55e-4)),
    ],
)
def test_with_a_spin_hall_effect(result, label, values):
    names = ("interface", "generated, no inverse", "all", "all, theta reversed")
    found = [result[f"theta 0.05, {label}: {name}"] for name in names]
    assert found == pytest.approx(values, rel=3e-3)


def test_spin_hall_effect_alone(result):
    assert result["theta 0.05, u_ex 0.2, u_R 0: all"] == pytest.approx(1.52e-5, rel=3e-3)
    assert result["theta 0.05, u_ex 0.8, u_R 0: all"] == pytest.approx(3.10e-5, rel=3e-3)


def test_quoted_numbers_stand_under_refinement(example):
    for changes, grid in (({"exchange": 0.8}, example.FINE), ({"exchange": 0.8, "rashba": 0.5}, example.RESONANT)):
        film = example.bilayer(**changes)
        assert example.beta(film, grid=grid) == pytest.approx(example.beta(film, grid=(24, 192)), rel=2e-4)
    assert np.isfinite(example.beta(film, example.MIRROR))
