"""What a film with orbital moments must say, and what is refused in words."""

import numpy as np
import pytest
from plain_films import barrier, contact, ferromagnet, metal, nm

import spinstack as ss

CARRIES = {"orbital_diffusion_length": 5 * nm}
N, F = metal(**CARRIES, orbital_hall_angle=0.2), ferromagnet(**CARRIES, dephasing_length=nm)


def complaint(film, **at):
    with pytest.raises(ss.ParameterError) as caught:
        ss.sheet_conductance(film, **({"m": "y"} | at))
    (error,) = caught.value.errors
    return error


def test_every_layer_says_how_far_orbital_moments_go():
    error = complaint(N | contact(orbital_conductance=1e14) | ferromagnet())
    assert (error.where, error.field) == ("Co", "orbital_diffusion_length")
    assert "Pt carries orbital moments" in error.why


@pytest.mark.study
def test_every_interface_says_how_it_conducts_them():
    error = complaint(N | contact() | F)
    assert (error.where, error.field) == ("Pt|Co", "orbital_conductance")
    assert np.isfinite(ss.sheet_conductance(N | contact(orbital_conductance=0.0) | F, m="y")).all()


def test_a_scattering_model_knows_none():
    error = complaint(N | ss.Interface(scattering=barrier()) | F)
    assert (error.where, error.field) == ("Pt|Co", "scattering")


@pytest.mark.parametrize("name", ["orbital_hall_angle", "spin_orbital_conversion", "orbital_conductivity"])
def test_without_a_length_there_are_none(name):
    error = complaint(metal(**{name: 0.5}) | ferromagnet())
    assert (error.where, error.field) == ("Pt", name)
    assert "no layer carries orbital moments" in error.why
    error = complaint(metal() | contact(orbital_conductance=1e14) | ferromagnet())
    assert (error.where, error.field) == ("Pt|Co", "orbital_conductance")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spin_orbital_conversion", 1.01),
        ("spin_orbital_polarization", 1.0),
        ("orbital_diffusion_length", 0.0),
        ("orbital_diffusion_length", np.inf),
        ("orbital_conductivity", -1.0),
    ],
)
def test_what_would_gain_energy_is_refused(name, value):
    with pytest.raises(ss.ParameterError, match=name):
        N.replace(**{name: value})


@pytest.mark.parametrize("turned", [False, True])
def test_mixing_of_orbital_moments_is_bounded_by_the_face_away_from_the_magnet(turned):
    faces = {"mixing_conductance": 4e14, "mixing_conductance_upper": 1e14, "transmitted_mixing_conductance": 1e14}
    here, there = (1e14, 4e14) if turned else (4e14, 1e14)
    most = np.sqrt(1e14 * (here - 1e28 / there))

    def film(share):
        interface = contact(
            **faces, orbital_conductance=1e14, orbital_spin_mixing_conductance=share * most * (1 + 0.3j)
        )
        layers = (F, interface, N) if turned else (N, interface, F)
        return ss.Film(layers)

    assert np.isfinite(ss.sheet_conductance(film(0.999), m="y")).all()
    error = complaint(film(-1.001))
    assert error.field == "orbital_spin_mixing_conductance"
    assert f"{most:.6g}" in error.allowed


def test_mixing_of_orbital_moments_needs_a_magnet():
    plain = ss.Interface(
        conductance_up=1e15, conductance_down=1e15, orbital_conductance=1e14, orbital_spin_mixing_conductance=1e13
    )
    assert complaint(N | plain | metal("Cu", **CARRIES), m=None).field == "orbital_spin_mixing_conductance"


@pytest.mark.parametrize("hall", [0.0, 1e-7])
def test_a_spin_splitter_leaves_room_for_the_polarization(hall):
    def film(share):
        splitter = np.array([[0.0, 0.0], [share * 0.8, 0.0], [0.0, 0.0]])
        return N.replace(spin_splitter=splitter, spin_orbital_polarization=0.6, hall_coefficient=hall) | F

    assert np.isfinite(ss.sheet_conductance(film(0.999), m="y")).all()
    error = complaint(film(1.001))
    assert (error.where, error.field) == ("Pt", "spin_splitter")
    assert "spin_orbital_polarization" in error.why
    assert complaint(film(0.99), B=(0, 0, 2 if hall else 0)).field == "spin_splitter" if hall else True


@pytest.mark.study
def test_a_rotated_spin_hall_effect_is_refused_beside_the_polarization():
    magnet = F.replace(rotated_spin_hall_angle=0.05)
    assert np.isfinite(ss.sheet_conductance(N | magnet, m="y")).all()
    error = complaint(N | magnet.replace(spin_orbital_polarization=0.1))
    assert (error.where, error.field) == ("Co", "spin_orbital_polarization")


def test_an_account_of_angular_momentum_is_refused():
    with pytest.raises(ss.ParameterError, match="with orbital moments"):
        ss.angular_momentum(N | F, m="y")


def test_boltzmanns_equation_refuses_them():
    with pytest.raises(ss.ParameterError, match=r"orbital_diffusion_length.*the Boltzmann equation does not contain"):
        ss.sheet_conductance(N | F, m="y", solver=ss.Boltzmann())


def test_a_sample_file_keeps_them(tmp_path):
    film = N | contact(orbital_conductance=1e14, orbital_spin_mixing_conductance=1e13 + 2e12j) | F
    ss.save_sample(film, tmp_path / "film.toml")
    assert ss.load_sample(tmp_path / "film.toml") == film
