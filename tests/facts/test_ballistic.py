"""Lengths of the Boltzmann equation."""

import math

import pytest

import spinstack as ss
from spinstack.facts.ballistic import ballistic_facts


def film(**given):
    magnet = ss.Ferromagnet(
        "Co",
        thickness=4e-9,
        mean_free_path=3e-9,
        polarization=0.4,
        spin_flip_length=50e-9,
        fermi_wavevector=1.2e10,
        **given,
    )
    return ss.Film((magnet,))


def test_a_turn_is_once_round():
    _, facts, refused = ballistic_facts(film(precession_wavenumber=2e8))
    assert not refused
    assert facts[0].turn_length == pytest.approx(2 * math.pi / 2e8, rel=1e-12)
    assert facts[0].flip_length == pytest.approx(50e-9, rel=1e-12)
