"""Traces: batches and their axes, what is kept, thresholds in time, and what is refused."""

import sys

import numpy as np
import pytest
from magnet_tables import model, slonczewski

import spinstack as ss
from spinstack.magnets.polynomial import exponents

NS = 1e-9


def perpendicular(**magnet):
    return model(slonczewski((0, 1.0, 0)), **{"anisotropy_field": 0.4, "easy_axis": "z"} | magnet)


def test_currents_and_fields_broadcast_and_each_lane_is_its_own():
    made, K, B = perpendicular(), np.array([0.0, 0.05]), np.array([[0.1, 0, 0], [0, 0.1, 0.2], [0, 0, -0.1]])
    found = ss.trace(made, "z", duration=0.2 * NS, current=K[:, None], B=B, samples=11)
    assert found["m"].dims == ("time", "batch_0", "batch_1", "magnet", "component")
    assert found["m"].shape == (11, 2, 3, 1, 3)
    assert found["time"].values[-1] == pytest.approx(0.2 * NS)
    np.testing.assert_array_equal(found["m"][0], np.broadcast_to([0, 0, 1.0], (2, 3, 1, 3)))
    for i in range(2):
        for j in range(3):
            alone = ss.trace(made, "z", duration=0.2 * NS, current=K[i], B=B[j], samples=11, step=found.attrs["step_s"])
            np.testing.assert_allclose(alone["m"], found["m"][:, i, j], atol=1e-13)
    assert len({f"{v:.9f}" for v in found["m"].values[-1, ..., 0, 0].ravel()}) == 6


def test_more_lanes_than_are_computed_together_come_back_in_their_order(monkeypatch):
    made, K = perpendicular(), np.linspace(0, 0.1, 7)
    whole = ss.trace(made, "z", duration=0.05 * NS, current=K, samples=3)
    monkeypatch.setattr(sys.modules["spinstack.magnets.in_time"], "LANES", 3)
    np.testing.assert_allclose(ss.trace(made, "z", duration=0.05 * NS, current=K, samples=3)["m"], whole["m"], atol=0)


def test_many_lanes_which_are_computed_in_parts_move_as_each_alone():
    made = perpendicular(damping=0.1, volume=1e-24)
    for more in ({}, {"T": 0.0}):
        K = np.linspace(-0.1, 0.1, 80)
        whole = ss.trace(made, "z", duration=0.05 * NS, current=K, B=(0.1, 0, 0), samples=3, step=1e-13, **more)
        for k in (0, 33, 79):
            alone = ss.trace(made, "z", duration=0.05 * NS, current=K[k], B=(0.1, 0, 0), samples=3, step=1e-13, **more)
            np.testing.assert_allclose(whole["m"][:, k], alone["m"], atol=1e-13)


@pytest.mark.study
def test_the_current_and_the_resistance_are_those_of_the_direction_in_which_it_flows():
    # R_xx = 10 + x^2, R_xy = x y + 2 z, R_yx = x y - 2 z, R_yy = 20 + y^2
    index = {powers[0]: k for k, powers in enumerate(exponents(1, 2))}
    R = np.zeros((9, 2, 2))
    R[index[0, 0, 0]] = [[10, 0], [0, 20]]
    R[index[2, 0, 0], 0, 0] = R[index[0, 2, 0], 1, 1] = 1
    R[index[1, 1, 0]] += [[0, 1], [1, 0]]
    R[index[0, 0, 1]] = [[0, 2], [-2, 0]]
    made = model(0 * slonczewski((0, 0, 1)), R, effective_magnetization=0.5)
    pulse = ss.Pulse(current=3.0, plateau=1 * NS, rise=1 * NS)
    for along, expected in (("x", (0, 1)), ("y", (1, 0))):
        found = ss.trace(made, (1, 0.2, 0.5), duration=3 * NS, current=pulse, along=along, B=(0.1, 0.1, 0), samples=7)
        x, y, z = found["m"].values[:, 0].T
        tensor = np.array([[10 + x * x, x * y + 2 * z], [x * y - 2 * z, 20 + y * y]])
        sign = -1 if along == "y" else 1  # to the left of y is -x
        np.testing.assert_allclose(found["R_along"], tensor[expected[0], expected[0]], rtol=1e-12)
        np.testing.assert_allclose(found["R_across"], sign * tensor[expected[1], expected[0]], rtol=1e-12)
        np.testing.assert_allclose(found["current"], [0, 1.5, 3, 3, 3, 1.5, 0], atol=1e-9)


def test_runs_differ_by_their_random_numbers_and_come_again_with_their_seed():
    made = perpendicular(volume=1e-24)
    more = {"duration": 0.05 * NS, "T": 300.0, "runs": 3, "samples": 3}
    one, again, other = (ss.trace(made, "z", seed=s, **more)["m"].values for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    ends = np.concatenate([one[-1, :, 0, 0], other[-1, :, 0, 0]])
    assert len(set(ends.tolist())) == 6
    cold = ss.trace(made, "z", **more | {"T": 0.0})["m"].values
    assert np.abs(cold - [0, 0, 1]).max() == 0


@pytest.mark.parametrize("damping", [0.02, 0.1])
def test_a_magnet_in_the_plane_begins_to_turn_long_before_it_reverses(damping):
    # 1.01 of the threshold of instability: it grows; up to 1.22: it goes round for ever; from 1.23 on it reverses
    made = model(
        slonczewski((0, 1.0, 0)), anisotropy_field=0.02, easy_axis="y", effective_magnetization=0.8, damping=damping
    )
    threshold = damping * (2 * 0.02 + 0.8) / 2
    share = np.array([0.99, 1.01, 1.1, 1.22, 1.24])
    found = ss.trace(made, (0.1, 1, 0), duration=12 * NS / damping, current=-threshold * share, step=1.5e-12)
    late = found["m"].values[300:, :, 0, 1]
    assert late[:, 0].min() > 1 - 1e-4  # dies out
    low = late[:, 1:4].min(0)
    assert 0.9 < low[0] < 0.97
    assert 0.4 < low[1] < 0.8
    assert 0.03 < low[2] < 0.2
    assert late[:, 4].max() < -1 + 1e-6


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"duration": 0.0}, "duration"),
        ({"samples": 1}, "samples"),
        ({"runs": 2}, "runs"),
        ({"runs": 0, "T": 300.0}, "runs"),
        ({"step": 1e-10}, "step"),
        ({"step": 0.0}, "step"),
        ({"step": 1e-12, "current": ss.Alternating(current=1e-3, frequency=1e11)}, "step"),
        ({"B": (0, 1.0)}, "B"),
        ({"current": np.nan}, "current"),
        ({"current": ss.Pulse(current=1.0, plateau=np.array([1e-9, 2e-9]))}, "current"),
        ({"current": np.zeros(2), "B": np.zeros((3, 3))}, "B"),
        ({"along": "z"}, "along"),
        ({"m": None}, "m"),
        ({"m": (0, 0, 0)}, "m['Co']"),
        ({"T": 300.0}, "volume"),
        ({"T": -1.0}, "T"),
        ({"seed": -1}, "seed"),
        ({"seed": 0.5}, "seed"),
    ],
)
def test_what_cannot_be_computed_is_refused_before(given, field):
    with pytest.raises(ss.ParameterError) as found:
        ss.trace(perpendicular(), **{"m": "z", "duration": 1e-10} | given)
    assert found.value.field == field


def test_a_magnet_without_damping_does_not_move_in_time():
    with pytest.raises(ss.ParameterError) as found:
        ss.trace(perpendicular(damping=None), "z", duration=1e-10)
    assert (found.value.where, found.value.field) == ("Macrospin('Co')", "damping")


def test_steps_follow_an_alternating_current_that_is_faster_than_the_magnet():
    slow, fast = (ss.Alternating(current=1e-3, frequency=f) for f in (1e8, 1e12))
    steps = [ss.trace(perpendicular(), "z", duration=1e-12, current=c, samples=2).attrs["step_s"] for c in (slow, fast)]
    assert steps[1] <= 0.05 / (2 * np.pi * 1e12) < steps[0]


def test_the_longest_step_that_is_told_is_taken():
    with pytest.raises(ss.ParameterError) as found:
        ss.trace(perpendicular(), "z", duration=1e-10, step=1e-10)
    longest = float(found.value.allowed.split()[2])
    assert ss.trace(perpendicular(), "z", duration=1e-10, step=0.99 * longest, samples=2).attrs["step_s"] <= longest


def test_several_starts_are_lanes_of_their_own():
    made = model(slonczewski((0, 1.0, 0)), anisotropy_field=0.4, easy_axis="z")
    starts = np.array([[0.1, 0, 1], [0, 0.2, -1.0], [1.0, 1, 1]])
    both = ss.trace(made, starts, duration=0.1e-9, current=[[0.01], [-0.02]], B=(0, 0, 0.1), samples=5)
    assert both["m"].shape == (5, 2, 3, 1, 3)
    dt = both.attrs["step_s"]
    for i, K in enumerate((0.01, -0.02)):
        for k, start in enumerate(starts):
            alone = ss.trace(made, start, duration=0.1e-9, current=K, B=(0, 0, 0.1), samples=5, step=dt)
            np.testing.assert_allclose(both["m"].values[:, i, k], alone["m"].values, atol=1e-12)
