"""The trilayer of Amin, Haney, Stiles (2020), Sec. II D: spin along z from another magnet switches without a field."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import spinstack as ss

FILM = Path(__file__).parents[2] / "examples" / "trilayer.toml"
LONG = ss.Pulse(current=0.0, plateau=20e-9, rise=0.5e-9)


@cache
def model(*held):
    magnet = ss.Macrospin("CoFeB", magnetization=1e6, damping=0.02, anisotropy_field=0.1, easy_axis="z")
    return ss.MagneticModel(ss.load_sample(FILM), [magnet], others={"Py": held})


def ends(held, K):
    """m_z at rest after pulses of these currents, from up and from down: (starts, currents)."""
    found = (
        ss.switching_map(model(*held), {"current": K}, LONG, m=(0, 0, up), relax=40e-9)["m"].values[:, 0, 2]
        for up in (1, -1)
    )
    return np.stack(list(found))


@pytest.mark.study
@pytest.mark.parametrize("sign", [1, -1])
def test_the_sign_of_the_field_along_the_other_magnet_decides_where_it_ends(sign):
    K = np.array([-1.6e5, -1.2e5, 1.2e5, 1.6e5])
    found = ends((sign, 0, 0), K)
    assert np.abs(found).min() > 0.9
    assert np.sign(found) == pytest.approx(np.broadcast_to(sign * np.sign(K), found.shape))


@pytest.mark.study
@pytest.mark.parametrize("sign", [1, -1])
def test_nothing_decides_with_the_other_magnet_across(sign):
    """Small currents leave it on either side; with larger ones it lies in the plane while they flow."""
    K = np.array([-4e4, -2e4, 2e4, 4e4])
    found = ends((0, sign, 0), K)
    assert np.abs(found - np.array([1, -1])[:, None]).max() < 1e-3
    high = ends((0, sign, 0), np.array([-1.6e5, 1.6e5]))
    assert np.abs(high[0] + high[1]).max() < 1e-3  # as far from one side as from the other


@pytest.mark.study
def test_damping_sets_the_current_along_and_not_across():
    one = ss.critical_current(model(1, 0, 0), "instability", m="z", sign=-1)
    assert one.gradient("CoFeB.damping")["CoFeB.damping"] * 0.02 / one.value > 0.85
    fold = ss.critical_current(model(0, 1, 0), "fold", m="z", sign=-1)
    assert abs(fold.value) > 5 * abs(one.value)
    assert fold.gradient("CoFeB.damping")["CoFeB.damping"] == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(ss.ParameterError, match="none up to"):
        ss.critical_current(model(1, 0, 0), "fold", m="z", sign=-1)


@pytest.mark.study
def test_a_current_that_pushes_it_along_the_other_magnet_brings_both_sides_together():
    """With m = y a place at rest at any current, the two sides meet there; a field of a picotesla parts them."""
    with pytest.raises(ss.ParameterError, match="mirror image"):
        ss.critical_current(model(0, 1, 0), "fold", m="z", sign=1)
    parted = ss.critical_current(model(0, 1, 0), "fold", m="z", sign=1, B=(1e-12, 0, 0))
    assert parted.m[0] == pytest.approx([0, -1, 0], abs=1e-3)
