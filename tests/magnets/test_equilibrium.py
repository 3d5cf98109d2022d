"""Places at rest along paths of fields and currents: loops, folds, and what is refused."""

import numpy as np
import pytest
from magnet_tables import model, slonczewski

import spinstack as ss

B_K = 0.4


def perpendicular(**magnet):
    """Damping-like torque of 1 T per A/m along y."""
    return model(slonczewski((0, 1.0, 0)), **{"anisotropy_field": B_K, "easy_axis": "z", "damping": 0.05} | magnet)


def fold(h):
    s = (h + np.sqrt(h * h + 8)) / 4
    return B_K * np.sqrt(1 - s * s) * (s - h)


def test_a_loop_of_fields_has_its_hysteresis_and_is_symmetric():
    tilted = np.array([np.sin(0.3), 0, np.cos(0.3)])
    down = np.linspace(0.6, -0.6, 121)
    path = np.concatenate([down, down[::-1]])
    found = ss.equilibrium(perpendicular(), B=path[:, None] * tilted)
    m = found["m"].values[:, 0]
    switched = np.flatnonzero(np.abs(np.diff(m[:, 2])) > 0.6)
    switch = B_K * (np.cos(0.3) ** (2 / 3) + np.sin(0.3) ** (2 / 3)) ** -1.5
    assert len(switched) == 2
    for k, sign in zip(switched, (-1, 1), strict=True):
        low, high = sorted(sign * path[k : k + 2])
        assert low <= switch <= high
    np.testing.assert_allclose(m[:121], -m[121:], atol=1e-9)
    # every place is one: nothing turns it, and it is less than the energy of its mirror image in the field
    H = path[:, None] * tilted + B_K * m[:, 2:] * [0, 0, 1]
    assert np.abs(np.cross(m, H)).max() < 1e-12


@pytest.mark.study
@pytest.mark.parametrize("h", [0.05, 0.2, 0.5])
def test_a_loop_of_currents_switches_at_the_fold_within_the_step(h):
    top, n = 1.5 * fold(h), 32
    up = np.linspace(0, top, n)
    path = np.concatenate([up, up[-2::-1], -up[1:], -up[-2::-1]])
    found = ss.equilibrium(perpendicular(), B=(h * B_K, 0, 0), current=path, m=(h, 0, -1))
    mz = found["m"].values[:, 0, 2]
    assert found["rests"].values.all()
    at = np.flatnonzero(np.diff(np.sign(mz)))
    assert len(at) == 2
    for k, sign in zip(at, (1, -1), strict=True):
        low, high = sorted(sign * path[k : k + 2])
        assert low <= fold(h) <= high


def test_a_place_under_a_current_is_at_rest_and_does_not_know_the_damping():
    places = [
        ss.equilibrium(perpendicular(damping=a), B=(0.08, 0.01, 0), current=0.06, m="z")["m"].values[0]
        for a in (0.01, 0.3)
    ]
    m = places[0]
    L = np.cross([0.08, 0.01, B_K * m[2]], m) + 0.06 * (np.array([0, 1, 0]) - m[1] * m)
    assert np.abs(L).max() < 1e-12
    assert np.abs(places[0] - places[1]).max() < 1e-11


def test_a_magnet_that_turns_for_ever_is_said_not_to_rest():
    # an easy plane and p along z: it goes round where the torque is balanced by damping, and stays where it is without
    made = model(slonczewski((0, 0, 1.0)), effective_magnetization=0.8, damping=0.02)
    found = ss.equilibrium(made, current=[0.0, 0.005, 0.006, 0.0], m=(1, 0, 0.0))
    assert found["rests"].values.tolist() == [True, False, False, True]
    m = found["m"].values[:, 0]
    # B_DL = alpha mu0 M_eff m_z on the orbit
    np.testing.assert_allclose(m[:, 2], [0, 0.005 / 0.016, 0.006 / 0.016, 0], atol=1e-3)


def test_two_places_as_low_as_each_other_are_refused_and_both_named():
    with pytest.raises(ss.ParameterError) as found:
        ss.equilibrium(perpendicular())
    assert found.value.field == "m"
    assert "(0, 0, 1)" in found.value.why
    assert "-1)" in found.value.why
    assert ss.equilibrium(perpendicular(), m=(0, 0, -1))["m"].values[0, 2] == -1
    assert ss.equilibrium(perpendicular(), B=(0, 0, 1e-3))["m"].values[0, 2] == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"B": (0, 1.0)}, "B"),
        ({"B": np.zeros((2, 2, 3))}, "B"),
        ({"B": (0, 0, np.nan)}, "B"),
        ({"current": np.zeros((2, 2))}, "current"),
        ({"current": 0.1, "along": "z"}, "along"),
        ({"current": 0.1, "along": (0, 0)}, "along"),
        ({"m": {"Py": "z"}}, "m"),
        ({"m": (0, 0, 0)}, "m['Co']"),
        ({"m": np.eye(3)}, "m['Co']"),
        ({"B": np.zeros((4, 3)), "current": np.zeros(3)}, "current"),
    ],
)
def test_what_does_not_fit_is_refused(given, field):
    with pytest.raises(ss.ParameterError) as found:
        ss.equilibrium(perpendicular(), **{"m": "z"} | given)
    assert found.value.field == field


def test_a_current_needs_a_damping_and_a_field_does_not():
    bare = perpendicular(damping=None)
    assert ss.equilibrium(bare, B=(0, 0, 0.1))["m"].values[0, 2] == 1
    with pytest.raises(ss.ParameterError) as found:
        ss.equilibrium(bare, B=(0, 0, 0.1), current=0.1)
    assert (found.value.where, found.value.field) == ("Macrospin('Co')", "damping")
