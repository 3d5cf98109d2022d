"""Settings of a condition found among noise, ramps and alternation; conditions of a measurement."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.settings import check_alike, check_one_setting, conditions, settings
from spinstack.measure.sweeps import hysteresis_loop


def plateaus(rng, values, noise, ramp):
    """Temperatures of a sequence: settings with noise and rows on the way; the setting of each row, -1 on the way."""
    T, truth, known = [], [], []
    for k, value in enumerate(values):
        if k and ramp:
            way = np.arange(1, 1 + int(abs(value - values[k - 1]) / ramp)) * ramp * np.sign(value - values[k - 1])
            T += list(values[k - 1] + way)
            truth += [-1] * way.size
        count = int(rng.integers(5, 60))
        T += list(value + noise * rng.standard_normal(count))
        known += [] if value in known else [value]
        truth += [known.index(value)] * count
    return np.array(T), np.array(truth)


@pytest.mark.study(but_first=8)
@pytest.mark.parametrize("seed", range(40))
def test_settings_of_a_sequence_are_found_again(seed):
    rng = np.random.default_rng(seed)
    values = rng.choice(np.array([2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 150.0, 200.0, 300.0]), rng.integers(2, 7))
    values = values[np.concatenate([[True], np.diff(values) != 0])]
    ramp = float(rng.choice([0.0, 0.02, 0.3, 2.0]))
    T, truth = plateaus(rng, values, noise=0.002, ramp=ramp)
    # where the ramp has more rows in a tolerance than the setting, the tolerance is to be given
    tolerance = 0.02 if ramp == 0.02 else None
    label = settings(T, "temperature", tolerance)
    on = truth >= 0
    # the last rows of a ramp are within the tolerance of the setting that it leads to
    np.testing.assert_array_equal(label[on], truth[on])
    reach = np.maximum(0.1, 0.01 * T) if tolerance is None else tolerance
    near = np.abs(T[:, None] - values).min(axis=1) <= 2.2 * reach
    assert not (label[~on & ~near] >= 0).any()


def test_a_ramp_has_no_settings():
    for T in (np.linspace(5, 300, 4000), np.linspace(300, 5, 60), np.concatenate([np.arange(5, 9, 0.01)] * 2)):
        assert settings(T, "temperature").max() < 0


def test_a_condition_that_alternates_is_told_by_value():
    current = np.tile([1e-3, -1e-3, 5e-3], 30)
    np.testing.assert_array_equal(settings(current, "current"), np.tile([0, 1, 2], 30))
    assert settings(np.array([1e-3, np.nan, 1e-3, 1e-3]), "current").tolist() == [0, -1, 0, 0]


def loop(**given):
    B = np.concatenate([np.linspace(-1, 1, 61), np.linspace(1, -1, 61)])
    m = np.tanh((B - 0.1 * np.repeat([1, -1], 61)) / 0.05)
    return measurement({"moment": 1e-8 * m}, {"field": B, **given})


def test_an_analysis_refuses_several_settings_and_names_the_step():
    data = loop(temperature=np.repeat([5.0, 100.0], 61), frequency=13.0)
    with pytest.raises(MeasurementError, match=r"temperature: which has 2 settings .*5, 100 K.*split \(by = \"temp"):
        hysteresis_loop(data)
    with pytest.raises(MeasurementError, match="current: which has 2 settings"):
        check_one_setting(loop(current=np.tile([1e-3, -2e-3], 61)), ("field",))
    check_one_setting(loop(current=np.tile([1e-3, -1e-3], 61)), ("field",))  # reversed, the same otherwise
    check_one_setting(loop(temperature=np.linspace(300, 303, 122)), ("field",))


@pytest.mark.parametrize(
    ("name", "at", "same", "other"),
    [
        ("temperature", 300.0, 305.5, 306.5), ("temperature", 2.0, 2.19, 2.21), ("field", 1.0, 1.019, 1.021),
        ("field", -1.0, 1.0, -1.03), ("current", 1e-3, -1.01e-3, 1.03e-3), ("frequency", 13.0, 13.2, 13.4),
    ],
)  # fmt: skip
def test_what_goes_together_differs_by_no_more_than_twice_the_tolerance(name, at, same, other):
    one, near, far = (measurement({"R_xx": np.ones(3)}, {name: value}) for value in (at, same, other))
    check_alike([one, near])
    with pytest.raises(MeasurementError, match="in measurements that go together") as caught:
        check_alike([one, near, far])
    assert caught.value.field == name


def test_a_condition_that_runs_is_told():
    with pytest.warns(UserWarning, match="temperature runs from 5 to 300 K within this measurement"):
        found = hysteresis_loop(loop(temperature=np.linspace(5, 300, 122)))
    assert found.attrs["temperature"] == pytest.approx(152.5)


def test_results_carry_mean_and_spread_of_conditions():
    rng = np.random.default_rng(0)
    T = 20 + 0.01 * rng.standard_normal(122)
    data = loop(temperature=T, current=1e-3).assign_attrs(sample="S1", part="20K")
    found = hysteresis_loop(data)
    assert found.attrs["temperature"] == pytest.approx(T.mean(), rel=1e-12)
    assert found.attrs["temperature_spread"] == pytest.approx(T.std(), rel=1e-12)
    assert found.attrs["current"] == pytest.approx(1e-3)
    assert found.attrs["current_spread"] < 1e-15
    assert (found.attrs["sample"], found.attrs["part"]) == ("S1", "20K")
    assert conditions(data)["field"] == pytest.approx(np.abs(data.field).mean().item())
