"""Damping and spin pumping as a sample file asks for them."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.study import Run, read_film_study
from spinstack.text.document import parse_document

FILM = """
spinstack = 1
[[film]]
kind = "magnetic_insulator"
name = "YIG"
mixing_conductance = "4e14 + 0.1e14j S/m^2"
[[film]]
kind = "metal"
name = "Pt"
thickness = "4 nm"
conductivity = "2.5e6 S/m"
spin_diffusion_length = "1.5 nm"
spin_hall_angle = 0.08
"""


def study(text):
    return read_film_study(parse_document(FILM + text, "s.toml"))


def test_damping_pumping_and_maps_of_both():
    over = '[[map]]\nover = { "Pt.thickness" = ["1 nm", "4 nm"] }\n'
    mapped = 'observable = { name = "damping_conductance", m = "z", %s }\n'
    asked = study(
        '[[damping]]\nm = "z"\n[[spin_pumping]]\nm = "y"\nfrequency = "10 GHz"\ncone_angle = ["1 deg", "2 deg"]\n'
        + over + mapped % 'variable = "effective_mixing_conductance"'
        + over + mapped % 'variable = "damping_conductance", component = "xy"'
    )  # fmt: skip
    damping, pumped, mean, across = (result.dataset for result in Run(asked))
    film = asked.film
    expected = ss.damping_conductance(film, m="z")
    np.testing.assert_allclose(damping["damping_conductance"], expected["damping_conductance"], rtol=1e-12, atol=1)
    np.testing.assert_allclose(mean["damping_conductance"][1], expected["effective_mixing_conductance"][0])
    np.testing.assert_allclose(across["damping_conductance"][1], expected["damping_conductance"][0, 0, 0, 1])
    current = ss.spin_pumping(film, 10e9, (1.0, 2.0), m="y")["sheet_current"]
    np.testing.assert_allclose(pumped["sheet_current"], current, rtol=1e-9, atol=1e-15)


def test_moments_of_the_file_have_their_damping():
    moment = '[[magnet]]\nname = "YIG"\nmagnetization = "1.4e5 A/m"\nthickness = "20 nm"\n'
    moment += 'effective_magnetization = "0.2 T"\ndamping = 1e-4\n'
    (found,) = Run(study('[[damping]]\nm = "y"\n' + moment))
    film = study('[[damping]]\nm = "y"\n').film
    yig = ss.Macrospin("YIG", magnetization=1.4e5, thickness=20e-9, effective_magnetization=0.2, damping=1e-4)
    expected = ss.damping(film, [yig], m="y")
    np.testing.assert_allclose(found.dataset["total_damping"], expected["total_damping"], rtol=1e-12)
    assert expected["total_damping"].item() > 1.1e-4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[damping]]\nm = "z"\nsolver = "boltzmann"\n', "solver"),
        ('[[spin_pumping]]\nm = "z"\ncone_angle = "1 deg"\n', "frequency: missing"),
        ('[[spin_pumping]]\nm = "z"\nfrequency = "1 GHz"\ncone_angle = "1 nm"\n', "cone_angle"),
        ('[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = { name = "damping_conductance", m = "z" }\n',
         "variable: missing"),
        ('[[map]]\nover = { "Pt.thickness" = ["1 nm"] }\nobservable = { name = "damping_conductance", m = "z", '
         'variable = "effective_mixing_conductance", component = "xx" }\n', "component"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(text, words):
    with pytest.raises(ss.SampleError, match=words):
        study(text)
