"""Magnets in time against what is exact: precession about an axis, length, order of the scheme, heat."""

import numpy as np
import pytest
from magnet_tables import model, slonczewski

from spinstack.magnets.trace import trace

Z = (0.0, 0.0, 1.0)


def spiral(m, B, a, f, damping, g, t):
    """Directions (times, 3) where the field and the polarisation are along z."""
    s = (damping * (B + f) + a) / (1 + damping**2)
    w = ((B + f) - damping * a) / (1 + damping**2)
    rise, azimuth = np.arctanh(m[2]) + g * s * t, np.arctan2(m[1], m[0]) + g * w * t
    return np.stack([np.cos(azimuth) / np.cosh(rise), np.sin(azimuth) / np.cosh(rise), np.tanh(rise)], -1)


@pytest.mark.parametrize("damping", [0.02, 0.3])
def test_a_magnet_spirals_about_field_and_polarisation_as_it_must(damping):
    a, f, B, m = 0.01, 0.02, 0.3, np.array([0.6, 0.0, -0.8])
    made = model(slonczewski(Z, a, f), damping=damping, effective_magnetization=0.0)
    found = trace(made, m, duration=2e-9, current=1.0, B=(0, 0, B), samples=41, step=1e-13)
    exact = spiral(m, B, a, f, damping, made.gyromagnetic_ratios[0], found["time"].values)
    assert np.abs(found["m"].values[:, 0] - exact).max() < 1e-9
    assert np.abs(np.linalg.norm(found["m"].values, axis=-1) - 1).max() < 1e-14
