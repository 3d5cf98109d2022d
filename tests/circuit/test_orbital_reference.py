"""Films with orbital moments against collocation of their differential equations (tests/references)."""

from __future__ import annotations

import numpy as np
import orbital_films
import pytest
from random_films import seeded
from reference_orbital import solve

import spinstack as ss

NAMES = ("mu", "mu_orbital", "Q", "Q_orbital")


@pytest.mark.study
@pytest.mark.parametrize("structure", orbital_films.STRUCTURES)
@pytest.mark.parametrize("seed", range(2))
def test_films_agree_in_everything(structure: str, seed: int) -> None:
    draw = seeded(seed)
    film = orbital_films.film(draw, structure, reciprocal=draw.uniform(-1, 1))
    m, B = draw.directions(film), draw.field()
    reference = solve(film, m, B, nodes=30)
    G = ss.sheet_conductance(film, m=m, B=B)
    assert abs(G - reference.sheet).max() < 1e-9 * abs(reference.sheet).max()
    along = [ss.torque(film, m=m, B=B, E=E) for E in ((1, 0), (0, 1))]
    for index, expected in reference.torque.items():
        ours = np.stack([found[film[index].name].values for found in along], -1)
        assert abs(ours - expected).max() < 1e-9 * abs(expected).max()
    inside = ss.profile(film, m=m, B=B, points=5)
    expected = np.array(reference.layers)[..., 0].reshape(-1, 4, 3)
    for k, name in enumerate(NAMES):
        assert abs(inside[name].values - expected[:, k]).max() < 1e-9 * abs(expected[:, k]).max()
