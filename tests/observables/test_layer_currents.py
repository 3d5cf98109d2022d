"""The in-plane current of every element: its sum, its layers, its interfaces, its labels, in both theories."""

import warnings

import numpy as np
import pytest
from boltzmann_films import bilayer
from plain_films import nm
from random_films import seeded
from scipy.integrate import romb
from studies import mostly_studies

import spinstack as ss
from spinstack.stack import Layer

E = (0.8, -0.6)
M = (0.48, 0.6, 0.64)
LOOSE = ss.Boltzmann(rtol=1e-2)


def random_film(seed):
    draw = seeded(seed)
    film = draw.film(3, middle=bool(seed % 2))
    return film, {"m": draw.directions(film) or None, "B": draw.field()}


@pytest.mark.parametrize("seed", mostly_studies(range(4), [1]))
def test_they_add_up_to_the_sheet_conductance_and_each_layer_to_its_current_density(seed):
    film, at = random_film(seed)
    current = ss.layer_currents(film, E=E, **at).sheet_current
    assert current.dims == ("element", "component")
    whole = ss.sheet_conductance(film, **at) @ E
    np.testing.assert_allclose(current.sum("element"), whole, rtol=0, atol=1e-14 * np.abs(current).max())
    check_layers(film, current.values, ss.profile(film, 129, E=E, **at), 129, 1e-9)


def check_layers(film, current, inside, points, rtol):
    layers = [i for i, e in enumerate(film.elements) if isinstance(e, Layer)]
    assert inside.z.size == points * len(layers)
    for n, i in enumerate(layers):
        one = inside.isel(z=slice(n * points, (n + 1) * points))
        integral = romb(one.j.values, dx=film[i].thickness / (points - 1), axis=0)
        np.testing.assert_allclose(integral, current[i], rtol=0, atol=rtol * np.abs(current[i]).max())


def test_the_theories_agree_on_thick_layers_and_boltzmann_adds_up():
    film = bilayer(sharvin=True)
    current = ss.layer_currents(film, m=M, E=E, solver=LOOSE).sheet_current.values
    whole = ss.sheet_conductance(film, m=M, solver=LOOSE) @ E
    np.testing.assert_allclose(current.sum(0), whole, rtol=1e-13)
    check_layers(film, current, ss.profile(film, 129, m=M, E=E, solver=LOOSE), 129, 1e-5)
    thick = film.replace({"N.thickness": 400 * nm, "F.thickness": 700 * nm})
    both = [ss.layer_currents(thick, m=M, E=E, solver=s).sheet_current.values for s in (None, LOOSE)]
    np.testing.assert_allclose(both[1][[0, 2]], both[0][[0, 2]], rtol=0.01)


def test_a_layer_apart_carries_its_own_and_what_ends_a_film_nothing():
    metal = ss.Metal("N", thickness=4 * nm, conductivity=2e6, spin_diffusion_length=2 * nm)
    other = metal.replace(name="M", thickness=3 * nm, conductivity=5e6)
    film = ss.Vacuum() | metal | ss.Vacuum() | other | ss.Vacuum() | ss.Vacuum()
    for solver in (None, ss.Boltzmann(rtol=1e-3, specularity=(1, 1))):
        current = ss.layer_currents(film, solver=solver).sheet_current.values
        assert current.shape == (6, 2)
        np.testing.assert_array_equal(current[[0, 2, 4, 5]], 0)
    np.testing.assert_allclose(ss.layer_currents(film).sheet_current[[1, 3], 0], [8e-3, 15e-3], rtol=1e-14)


def test_an_interface_has_what_it_adds():
    metal = ss.Metal("N", thickness=4 * nm, conductivity=2e6, spin_diffusion_length=2 * nm)
    joined = metal | ss.Interface(conductance_up=1e15, conductance_down=1e15, sheet_conductance=3e-4) | metal
    current = ss.layer_currents(joined, E=(2.0, 1.0)).sheet_current
    np.testing.assert_allclose(current[1], [6e-4, 3e-4], rtol=1e-14)


def test_labels_are_those_of_the_film_numbered_where_they_repeat():
    N, F = bilayer()[0], bilayer()[2]
    face = ss.Interface(conductance_up=1e15, conductance_down=5e14, mixing_conductance=1e15)
    film = N | face | F | face | N.replace(name="top") | face | F
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = ss.layer_currents(film, m="z")
    assert list(data.element.values) == ["N", "N|F", "F[0]", "F|top", "top", "top|F", "F[1]"]
    assert list(data.component.values) == ["x", "y"]
    assert data.sheet_current.attrs["units"] == "A/m"
