"""Maps of where magnets end: axes, seeds, the threshold of a slow ramp, field-free switching by tilted spins."""

import numpy as np
import pytest
from magnet_tables import model, slonczewski

import spinstack as ss

NS, B_K = 1e-9, 0.4


def perpendicular(p=(0, 1.0, 0), **magnet):
    return model(slonczewski(p), **{"anisotropy_field": B_K, "easy_axis": "z", "damping": 0.05} | magnet)


def fold(h):
    s = (h + np.sqrt(h * h + 8)) / 4
    return B_K * np.sqrt(1 - s * s) * (s - h)


def test_a_map_is_its_points_one_by_one():
    made = perpendicular()
    over = {"current": [-0.1, -0.25], "Bx": [0.04, 0.1, 0.2], "plateau": [0.2 * NS, 1 * NS]}
    pulse = ss.Pulse(current=0.0, plateau=0.0, rise=0.05 * NS)
    found = ss.switching_map(made, over, pulse, "z", B=(9.0, 0.01, 0))
    assert found["m"].dims == ("current", "Bx", "plateau", "magnet", "component")
    for i, j, k in ((0, 0, 1), (1, 2, 0), (1, 0, 1)):
        point = {name: values[q] for (name, values), q in zip(over.items(), (i, j, k), strict=True)}
        one = pulse.replace(current=point["current"], plateau=point["plateau"])
        B = (point["Bx"], 0.01, 0)
        begin = ss.equilibrium(made, B=B, m="z")["m"].values[0]
        np.testing.assert_allclose(found["start"][i, j, k, 0], begin, atol=1e-9)
        total = 1.1 * NS + 2 * NS
        alone = ss.trace(made, begin, duration=total, current=one, B=B, samples=2)["m"].values[-1, 0]
        assert np.abs(found["m"].values[i, j, k, 0] - alone).max() < 0.02
        assert found["switched"].values[i, j, k, 0] == (alone @ begin < 0)
    assert 0 < found["switched"].values.mean() < 1


@pytest.mark.study
@pytest.mark.parametrize("h", [0.0, 0.25, 0.5])
def test_a_slow_ramp_switches_at_the_fold(h):
    over = {"current": -fold(h) * np.array([0.997, 1.003])}
    pulse = ss.Pulse(current=0.0, rise=400 * NS, plateau=30 * NS, fall=0.1 * NS)
    found = ss.switching_map(perpendicular(), over, pulse, (h, 0, 1), B=(h * B_K + 1e-7, 0, 0), step=1.5e-12)
    assert found["switched"].values[:, 0].tolist() == [0, 1]


def test_a_sudden_pulse_switches_below_the_fold():
    # that is not the threshold of a slow one: it belongs to the rise
    over = {"current": -fold(0.25) * np.array([0.77, 0.85]), "rise": [0.0, 20 * NS]}
    found = ss.switching_map(
        perpendicular(), over, ss.Pulse(current=0.0, plateau=20 * NS), (0.25, 0, 1), B=(0.1, 0, 0), relax=5 * NS
    )
    np.testing.assert_array_equal(found["switched"].values[..., 0], [[0, 0], [1, 0]])


def test_without_a_field_the_sign_of_the_tilt_decides_from_both_starts():
    # a polarisation with a part along z, driven harder than the fold: the end is the side of that part
    made = [perpendicular((0, np.cos(eta), np.sin(eta))) for eta in np.radians([10, -10])]
    over = {"current": [-0.3, 0.3]}
    pulse = ss.Pulse(current=0.0, plateau=5 * NS, rise=0.5 * NS)
    for one, sign in zip(made, (1, -1), strict=True):
        for start in (1.0, -1.0):
            found = ss.switching_map(one, over, pulse, (0, 0, start), relax=5 * NS)
            np.testing.assert_allclose(found["m"].values[:, 0, 2], [-sign, sign], atol=1e-3)


@pytest.mark.study
def test_runs_at_a_temperature_give_a_share():
    made = perpendicular(volume=2e-25)
    over = {"current": np.array([-0.05, -0.17, -0.4])}
    pulse = ss.Pulse(current=0.0, plateau=0.5 * NS)
    more = {"B": (0.04, 0, 0), "T": 300.0, "runs": 40, "relax": 1 * NS}
    found, again = (ss.switching_map(made, over, pulse, "z", seed=3, **more) for _ in range(2))
    assert found["m"].dims == ("current", "run", "magnet", "component")
    assert found["m"].shape == (3, 40, 1, 3)
    np.testing.assert_array_equal(found["m"], again["m"])
    share = found["switched"].values[:, 0]
    assert share[0] == 0
    assert 0.05 < share[1] < 0.95
    np.testing.assert_allclose(share * 40, np.round(share * 40), atol=1e-12)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"over": {}}, "over"),
        ({"over": {"B_x": [0.1]}}, "over"),
        ({"over": {"Bx": 0.1}}, "over['Bx']"),
        ({"over": {"Bx": []}}, "over['Bx']"),
        ({"over": {"plateau": [-1e-9]}}, "plateau"),
        ({"pulse": 0.1}, "pulse"),
        ({"pulse": ss.Alternating(current=0.1, frequency=1e9)}, "pulse"),
        ({"relax": -1.0}, "relax"),
        ({"runs": 4}, "runs"),
        ({"step": 1e-9}, "step"),
        ({"T": 300.0}, "volume"),
        ({"B": np.zeros((2, 3))}, "B"),
        ({"m": None}, "m"),
        ({"seed": "one"}, "seed"),
    ],
)
def test_what_cannot_be_mapped_is_refused_before(given, field):
    given = {"over": {"current": [0.1]}, "pulse": ss.Pulse(current=0.0, plateau=1e-10), "m": "z"} | given
    with pytest.raises(ss.ParameterError) as found:
        ss.switching_map(perpendicular(), given.pop("over"), given.pop("pulse"), **given)
    assert found.value.field == field
