"""Films of very many layers: solved in a time and a memory that grow with their number only."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.circuit import kernel
from spinstack.circuit.lower import lower
from spinstack.figures.structure import Group, groups

NM = 1e-9
PT = ss.Metal("Pt", thickness=1 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
CO = ss.Ferromagnet("Co", thickness=1 * NM, conductivity=5e6, spin_diffusion_length=5 * NM, dephasing_length=1 * NM)
JOINT = ss.Interface(conductance_up=5e14, conductance_down=5e14, mixing_conductance=6e14)


@pytest.mark.parametrize("repeats", [500, pytest.param(20_000, marks=pytest.mark.study)])
def test_a_superlattice_of_many_repeats_is_its_repeat_many_times(repeats):
    # far from the ends every repeat is as every other: what is added by more of them is the bulk
    def sheets(n):
        return ss.sheet_conductance((PT | JOINT | CO | JOINT) * n | PT, m=(0, 1, 0))[0, 0]

    few, more, many = sheets(40), sheets(41), sheets(repeats)
    assert many == pytest.approx(few + (repeats - 40) * (more - few), rel=1e-9)


@pytest.mark.study
def test_blocks_of_long_films_hold_fewer_films():
    def films(n):
        return kernel.block_of(lower(ss.Film((PT,) * n))[0])

    sizes = {n: films(n) for n in (1, 256, 257, 4000, 70_000)}
    assert sizes == {1: 256, 256: 256, 257: 128, 4000: 16, 70_000: 1}


def test_a_batch_of_long_films_is_the_films_one_by_one():
    film = (PT | JOINT | CO | JOINT) * 100 | PT.replace(name="Ta")
    thickness = np.linspace(1, 3, 200) * NM
    together = ss.sheet_resistance(film.replace({"Ta.thickness": thickness}), m=(0, 1, 0))
    for i in (0, 128, 199):
        alone = ss.sheet_resistance(film.replace({"Ta.thickness": thickness[i]}), m=(0, 1, 0))
        np.testing.assert_allclose(together[i], alone, rtol=1e-12)


def test_a_long_film_is_folded_for_the_eye_at_once():
    assert groups((PT | JOINT | CO | JOINT) * 5000 | PT) == (Group(0, 4, 5000), Group(20_000, 1, 1))
