"""Energy and field of magnets against each other, and against what is known of each part."""

import numpy as np
import pytest
from magnet_tables import directions, random_landscape

from spinstack.magnets.landscape import energy, fields, slopes

RNG = np.random.default_rng(3)


@pytest.mark.parametrize(("magnets", "held"), [(1, 0), (1, 2), (2, 1), (3, 0)])
def test_the_field_is_the_slope_of_the_energy_and_has_the_slopes_that_are_said(magnets, held):
    land, others = random_landscape(RNG, magnets, held)
    land = land._replace(neel=np.arange(magnets) % 2.0) if held else land
    m, B, step = directions(RNG, magnets, 5), RNG.normal(size=(3, 5)), 1e-5
    m, others = np.moveaxis(m, 1, -1), others[..., None]
    found, by_m = np.array(fields(land, m, B, others)), slopes(land, m, B, others)
    for i in range(magnets):
        for k in range(3):
            moved = [m.copy(), m.copy()]
            moved[0][i, k] -= step
            moved[1][i, k] += step
            low, high = (energy(land, one, B, others) for one in moved)
            right = -(high - low) / (2 * step) / land.moment[i]
            np.testing.assert_allclose(found[i, k], right, rtol=1e-8, atol=1e-8 * np.abs(found).max())
            low, high = (np.array(fields(land, one, B, others)) for one in moved)
            column = (high - low).reshape(3 * magnets, 5) / (2 * step)
            np.testing.assert_allclose(by_m[..., 3 * i + k].T, column, atol=1e-8 * np.abs(by_m).max())


def test_the_energy_is_that_of_the_formula_by_its_words():
    land, others = random_landscape(RNG, 2, 1)
    m, B = directions(RNG, 2), RNG.normal(size=3)
    total = 0.0
    for i in range(2):
        a2, b2, c2 = (land.axes[i] @ m[i]) ** 2
        cubic = land.cubic[i] / 2 * (a2 * b2 + b2 * c2 + c2 * a2)
        total += land.moment[i] * (-m[i] @ (B + land.bias[i]) - m[i] @ land.quadratic[i] @ m[i] / 2 + cubic)
    for i, j, other in ((0, 1, m[1]), (0, 2, others[0]), (1, 2, others[0])):
        dot = m[i] @ other
        total -= land.bilinear[i, j] * dot + land.biquadratic[i, j] * dot**2
    assert energy(land, m, B, others) == pytest.approx(total, rel=1e-13)
