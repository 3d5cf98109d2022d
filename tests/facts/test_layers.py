"""Derived lengths, resistances and doubts of layers and interfaces, against solutions and by hand."""

import numpy as np
import pytest
from plain_films import ferromagnet, metal

import spinstack as ss
from spinstack.facts.layers import interface_facts, layer_facts, perfect_contacts, transverse_length, warnings


def film(**changes):
    below = metal(thickness=5e-9, conductivity=2.8e6, spin_hall_angle=0.0)
    return below | ferromagnet("Py", **{"thickness": 4e-9, "conductivity": 4e6, **changes})


def test_shares_add_up_and_follow_conductance():
    pt, py = layer_facts(film()).values()
    assert pt.share + py.share == pytest.approx(1, rel=1e-14)
    assert pt.share / py.share == pytest.approx(2.8 * 5 / (4 * 4), rel=1e-14)


def test_the_spin_resistance_is_what_the_solver_meets():
    # a perfect sink of spin on one face of a metal (closed on the other) that absorbs Q: psi = R_spin Q
    metal = ss.Metal("Pt", thickness=3e-9, conductivity=2.8e6, spin_diffusion_length=2e-9, spin_hall_angle=0.05)
    given = layer_facts(ss.Film((metal,)))[0].spin_resistance
    G = 4e14
    stack = metal | ss.MagneticInsulator("sink", spin_sink_conductance=G)
    top = ss.profile(stack, m=(0, 1, 0), points=3).isel(z=-1)
    # the source theta sigma E drives mu; with the whole source entering one face the circuit is R_spin beside 1/(2 G)
    length, sigma = 2e-9, 2.8e6
    source = 0.05 * sigma * np.tanh(3 / 4) * np.tanh(1.5)
    psi = source / (1 / given + 2 * G)
    assert float(top["mu"][1]) / 2 == pytest.approx(psi, rel=1e-10)
    assert given == pytest.approx(length / sigma / np.tanh(1.5), rel=1e-14)


def test_the_transverse_length_of_pure_precession_is_that_of_a_complex_wavenumber():
    magnet = film(precession_length=1e-9, spin_diffusion_length=np.inf)[1]
    assert transverse_length(magnet) == pytest.approx(np.sqrt(2) * 1e-9, rel=1e-12)
    assert transverse_length(film(dephasing_length=1e-9, spin_diffusion_length=1e-9)[1]) == pytest.approx(1e-9 / 2**0.5)
    assert transverse_length(film(spin_diffusion_length=np.inf)[1]) == np.inf


def test_without_relaxation_the_spin_resistance_is_infinite():
    assert layer_facts(film(spin_diffusion_length=np.inf))[1].spin_resistance == np.inf


def test_interface_facts():
    joint = ss.Interface(conductance_up=4e14, conductance_down=1e14, mixing_conductance=6e14, spin_memory_loss=0.5)
    facts = interface_facts(film()[0] | joint | film()[1])[1]
    assert facts.label == "Pt|Py"
    assert facts.area_resistance == pytest.approx(2e-15, rel=1e-14)
    assert facts.asymmetry == pytest.approx(0.6, rel=1e-14)
    assert facts.parallel == pytest.approx(0.8e14, rel=1e-14)
    assert facts.flip_probability == pytest.approx(1 - np.exp(-0.5), rel=1e-14)


def test_contacts_without_an_interface_are_named():
    assert perfect_contacts(film()) == ["Pt|Py"]


def test_a_repeated_doubt_is_said_once():
    once, several = warnings(film()), warnings(film() * 3)
    assert len(once) == 1
    assert several[:-1] == once
    assert "giant magnetoresistance" in several[-1]
