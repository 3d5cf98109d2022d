"""Compiled models of random films: what the page says of them, tried on films with every coupling switched on."""

import numpy as np
import pytest
from random_films import STRUCTURES, seeded

import spinstack as ss

SCANS = {"beta": 0.0, "alpha": 2.0, "gamma": -0.7}


def drawn(seed):
    """A random film and up to four of its numbers that are neither 0 nor infinite."""
    draw = seeded(seed)
    structure = list(STRUCTURES.values())[seed % len(STRUCTURES)]
    film = structure(draw)
    paths = [
        path + part
        for path, value in film.parameters().items()
        if isinstance(value, float | complex) and np.isfinite(value) and value
        for part in ((".real", ".imag") if isinstance(value, complex) else ("",))
    ]
    pick = np.random.default_rng(seed).permutation(len(paths))[:4]
    return draw, film, [paths[i] for i in pick]


@pytest.mark.study
@pytest.mark.parametrize("seed", range(3))
def test_scans_of_random_films_are_those_of_their_angles(seed):
    _, film, free = drawn(seed)
    plane, field = list(SCANS.items())[seed % 3]
    model = ss.compile(film, free, ss.angular_scan, plane=plane, field=field)
    few = ss.compile(film, free, ss.angular_scan, plane=plane, field=field, angles=[0.0, 33.0, 200.0, 271.0])
    x = model.x0 * np.random.default_rng(seed).uniform(0.98, 1.02, (2, len(free)))
    scans = [ss.angular_scan(film.replace(dict(zip(free, point, strict=True))), plane, field=field) for point in x]
    value, rows = (a.reshape(2, 9, 361, *a.shape[2:]) for a in model.value_and_jacobian(x))
    slopes = few.jacobian(x).reshape(2, 9, 4, len(free))
    for i, name in enumerate(dict.fromkeys(o.variable for o in model.outputs)):
        for k, scan in enumerate(scans):
            size = 1.0 if name == "MR_xx" else np.abs(scan[f"{name[0]}_xx"].values).max()
            assert np.abs(value[k, i] - scan[name].values).max() <= 1e-12 * size
            steep = np.abs(rows[k, i]).max(0) + 1e-3 * size / np.abs(x[k])
            assert (np.abs(rows[k, i][[0, 33, 200, 271]] - slopes[k, i]) <= 1e-9 * steep).all()


@pytest.mark.study
@pytest.mark.parametrize("seed", range(3))
def test_tensors_of_random_films_and_their_derivatives(seed):
    draw, film, free = drawn(seed)
    m, B = draw.directions(film), draw.field()
    model = ss.compile(film, free, m=m, B=B)
    expected = np.ravel(ss.sheet_resistance(film, m=m, B=B))
    value, rows = model.value_and_jacobian(model.x0)
    assert np.abs(value - expected).max() <= 1e-13 * np.abs(expected).max()
    step = 1e-3
    near = model.x0 * (1 + step * np.array([1, -1, 2, -2])[:, None, None] * np.eye(len(free)))
    y = model(near.reshape(-1, len(free))).reshape(4, len(free), -1)
    slopes = (8 * (y[0] - y[1]) - (y[2] - y[3])) / (12 * step * model.x0[:, None])
    size = np.abs(rows).max(0) + 1e-4 * np.abs(value).max() / np.abs(model.x0)
    assert (np.abs(rows - slopes.T) <= 1e-7 * size).all()
