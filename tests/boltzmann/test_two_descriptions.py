"""Numbers for diffusion beside mean free paths: derived where they are left out, compared where both are given."""

import warnings

import numpy as np
import pytest
from boltzmann_films import KF, C, nm

import spinstack as ss
from spinstack.facts.layers import warnings as doubts
from spinstack.scattering.fermi_sphere import DisagreementWarning

PATHS = {"mean_free_path": 10 * nm, "spin_flip_length": 90 * nm, "fermi_wavevector": KF}


def both(film, **at):
    return [ss.sheet_conductance(film, **at, solver=s) for s in (None, ss.Boltzmann(rtol=1e-4, specularity=(1, 1)))]


def test_what_is_left_out_follows_from_the_mean_free_paths():
    # collisions of any kind every 9 nm of path
    left_out = ss.Metal("A", thickness=20 * nm, spin_hall_angle=0.1, **PATHS)
    p = left_out.numbers()
    assert p["conductivity"] == pytest.approx(C * 9 * nm / 3, rel=1e-14)
    assert p["spin_diffusion_length"] == pytest.approx(np.sqrt(9 * 90 / 6) * nm, rel=1e-14)
    said = left_out.replace(conductivity=p["conductivity"], spin_diffusion_length=p["spin_diffusion_length"])
    for one, other in zip(both(left_out | ss.Vacuum()), both(said | ss.Vacuum()), strict=True):
        np.testing.assert_array_equal(one, other)


def test_of_a_magnet_the_polarisation_enters():
    magnet = ss.Ferromagnet("F", thickness=20 * nm, mean_free_path_up=12 * nm, mean_free_path_down=4 * nm,
                            spin_flip_length=np.inf, fermi_wavevector=KF, polarization=0.5)  # fmt: skip
    p = magnet.numbers()
    assert p["conductivity"] == pytest.approx(C * 8 * nm / 3, rel=1e-14)
    assert np.isinf(p["spin_diffusion_length"])
    diffusive, ballistic = both(magnet | ss.MagneticInsulator("I", spin_sink_conductance=1e8), m=(0, 0, 1))
    np.testing.assert_allclose(ballistic, diffusive, rtol=1e-6, atol=1e-6 * diffusive[0, 0])


def test_derived_numbers_follow_a_sweep_of_the_path():
    film = ss.Metal("A", thickness=20 * nm, **PATHS) | ss.Vacuum()
    many = film.replace({"A.mean_free_path": np.array([5.0, 10.0]) * nm})
    one = ss.sheet_conductance(film.replace({"A.mean_free_path": 5 * nm}))
    np.testing.assert_allclose(ss.sheet_conductance(many)[0], one, rtol=1e-15)
    slope = ss.gradient(film, lambda f: ss.sheet_conductance(f)[..., 0, 0])["A.mean_free_path"]
    total = 1 / (1 / 10 + 1 / 90)
    assert slope == pytest.approx(C / 3 * 20 * nm * (total / 10) ** 2, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, {"conductivity", "spin_diffusion_length"}),
        ({"mean_free_path": nm, "spin_flip_length": nm}, {"conductivity"}),
        ({"mean_free_path": nm, "fermi_wavevector": KF}, {"spin_diffusion_length"}),
        ({"mean_free_path_up": nm, "fermi_wavevector": KF, "spin_flip_length": nm}, {"conductivity"}),
        ({"conductivity": 1e6, "spin_flip_length": nm}, {"spin_diffusion_length"}),
    ],
)
def test_what_follows_from_nothing_is_missed(given, missing):
    with pytest.raises(ss.ParameterError) as caught:
        ss.Ferromagnet("F", thickness=nm, **given)
    assert {e.field for e in caught.value.errors} == missing
    assert "missing" in str(caught.value)


def warned(film, **at):
    """What the theory warns of that takes the lengths in the place of the other numbers; `show` says the same."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ss.sheet_conductance(film, solver=ss.Boltzmann(rtol=1e-2), **at)
    said = [str(w.message) for w in caught if w.category is DisagreementWarning]
    assert set(said) <= set(doubts(film))
    return said


def test_a_layer_that_disagrees_with_itself_is_not_taken_in_silence():
    # once 0.050 S by one theory and 0.689 S by the other without a word
    film = ss.Metal("A", thickness=50 * nm, conductivity=1e6, spin_diffusion_length=5 * nm, mean_free_path=25 * nm)
    (sentence,) = warned(film | ss.Vacuum())
    for word in ("A.conductivity is 1e+06 S/m", "mean_free_path", "drift-diffusion", "Boltzmann"):
        assert word in sentence


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"conductivity": 1.03 * C * 9 * nm / 3}, "A.conductivity"),
        ({"spin_diffusion_length": 30 * nm}, "A.spin_diffusion_length"),
        ({"polarization": 0.3, "mean_free_path": None, "mean_free_path_up": 10 * nm, "mean_free_path_down": 10 * nm},
         "A.polarization"),
    ],
)  # fmt: skip
def test_each_number_is_compared(change, field):
    film = ss.Ferromagnet("A", thickness=5 * nm, conductivity=C * 9 * nm / 3, **PATHS) | ss.Vacuum()
    assert warned(film, m=(0, 0, 1)) == []
    (sentence,) = warned(film.replace({f"A.{name}": value for name, value in change.items()}), m=(0, 0, 1))
    assert sentence.startswith(f"{field} is ")


def test_numbers_that_agree_are_taken_in_silence_also_where_nothing_is_given_twice():
    rounded = ss.Metal("A", thickness=5 * nm, conductivity=round(C * 9 * nm / 3, -4), spin_diffusion_length=11.6 * nm,
                       **PATHS)  # fmt: skip
    assert warned(rounded | ss.Vacuum()) == []
    only_diffusive = ss.Metal(
        "A", thickness=5 * nm, conductivity=5e6, spin_diffusion_length=3 * nm, mean_free_path=None
    )
    assert warned(only_diffusive | ss.Vacuum()) == []


def test_a_sample_file_may_leave_them_out(tmp_path):
    film = ss.Metal("A", thickness=5 * nm, **PATHS) | ss.Vacuum("cap")
    ss.save_sample(film, tmp_path / "sample.toml")
    text = (tmp_path / "sample.toml").read_text()
    assert "conductivity" not in text
    assert ss.load_sample(tmp_path / "sample.toml") == film
    (tmp_path / "sample.toml").write_text(text.replace("fermi_wavevector", "#fermi_wavevector"))
    with pytest.raises(ss.SpinstackError, match="conductivity: missing"):
        ss.load_sample(tmp_path / "sample.toml")
