"""A measurement taken apart: names, rows, order, history."""

import numpy as np
import pytest

from spinstack.measure.cleaning import split
from spinstack.measure.cleaning.splitting import part
from spinstack.measure.measurement import MeasurementError, history, measurement
from spinstack.measure.restore import replay
from spinstack.measure.settings import settings

LOOP = np.concatenate([np.linspace(-1, 1, 41), np.linspace(1, -1, 41)])


def made(**conditions):
    rows = max(np.size(v) for v in conditions.values())
    return measurement({"R_xx": np.arange(rows, dtype=float)}, conditions)


def test_parts_hold_the_rows_of_their_setting_and_are_made_again():
    data = made(temperature=np.repeat([300.0, 5.0, 300.0, 1.8], 41), field=np.tile(LOOP, 2))
    parts = split(data)
    assert list(parts) == ["300K", "5K", "1.8K"]
    for name, one in parts.items():
        (entry,) = history(one)
        assert entry["step"] == "part"
        assert f"of 164 rows, part {list(parts).index(name) + 1} of 3" in entry["remark"]
        assert one.attrs["part"] == name
        assert replay(data, history(one)).identical(one)
    np.testing.assert_array_equal(parts["300K"].R_xx, np.r_[0:41, 82:123])
    np.testing.assert_array_equal(parts["5K"].R_xx, np.r_[41:82])


@pytest.mark.parametrize(
    ("by", "values", "names"),
    [
        ("field", [0.5, -0.5, 0.0, 9.0], ["500mT", "-500mT", "0T", "9T"]),
        ("current", [1e-3, 5e-5, -5e-7, 0.01], ["1mA", "50uA", "-500nA", "10mA"]),
        ("angle", [0.0, 45.0, 359.0], ["0deg", "45deg", "359deg"]),
        ("frequency", [13.33, 1777.0], ["13.3Hz", "1780Hz"]),
        ("temperature", [2.0, 2.3], ["2K", "2.3K"]),
    ],
)
def test_names_have_three_digits_and_a_unit(by, values, names):
    assert list(split(made(**{by: np.repeat(values, 5)}), by)) == names


def test_equal_names_are_numbered():
    data = made(temperature=np.repeat([300.0, 300.4], 9))
    assert list(split(data, tolerance=0.1)) == ["300K", "300K_2"]
    assert list(split(data)) == ["300K"]


def test_legs_of_a_sweep():
    data = made(field=np.tile(LOOP, 2))
    parts = split(data, "rising_or_falling")
    assert list(parts) == ["rising", "falling", "rising_2", "falling_2"]
    for name, one in parts.items():
        assert (np.diff(one.field) > 0).all() if name.startswith("rising") else (np.diff(one.field) < 0).all()
    assert sum(p.sizes["point"] for p in parts.values()) == data.sizes["point"]
    zfc = made(temperature=np.concatenate([np.linspace(2, 300, 50), np.linspace(300, 2, 50)]), field=0.01)
    assert list(split(zfc, "rising_or_falling")) == ["rising", "falling"]


def test_parts_are_taken_apart_again():
    data = made(temperature=np.repeat([5.0, 50.0], 40), current=np.tile(np.repeat([1e-3, 2e-3], 20), 2))
    (cold, *_) = split(data).values()
    again = split(cold, "current")
    assert [one.attrs["part"] for one in again.values()] == ["5K_1mA", "5K_2mA"]
    assert [s["step"] for s in history(again["2mA"])] == ["part", "part"]
    assert replay(data, history(again["2mA"])).identical(again["2mA"])


@pytest.mark.parametrize(
    ("data", "given", "says"),
    [
        (made(temperature=np.linspace(5, 300, 200)), {}, "without staying anywhere"),
        (made(temperature=np.repeat([5.0, 6.0], 2)), {}, "without staying anywhere for 3 rows"),
        (made(field=LOOP), {}, "temperature"),
        (made(field=LOOP), {"by": "pressure"}, "by: got 'pressure'"),
        (made(field=LOOP), {"by": "field", "tolerance": -1.0}, "tolerance"),
        (made(field=LOOP), {"by": "rising_or_falling", "tolerance": 1.0}, "none for legs"),
        (made(field=np.ones(9)), {"by": "rising_or_falling"}, "nothing is swept"),
        (made(temperature=np.repeat([5.0, np.nan], 5)), {}, "select"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused(data, given, says):
    with pytest.raises(MeasurementError, match=says):
        split(data, **given)


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
@pytest.mark.parametrize("drift", [0.0, 0.05])
def test_noise_and_drift_within_the_tolerance_lose_no_row(noise, drift):
    rng = np.random.default_rng(1)
    T = np.repeat([5.0, 10.0, 20.0, 50.0], 100) + np.tile(np.linspace(-drift, drift, 100), 4)
    T += np.clip(noise * rng.standard_normal(400), -0.049, 0.049)
    parts = split(made(temperature=T))
    assert list(parts) == ["5K", "10K", "20K", "50K"]
    assert [p.sizes["point"] for p in parts.values()] == [100] * 4


def test_scatter_beyond_the_tolerance_is_refused_and_a_larger_one_helps():
    T = np.repeat([5.0, 10.0], 200) + 0.09 * np.random.default_rng(2).standard_normal(400)
    with pytest.raises(MeasurementError, match=r"scatters by more than the tolerance.*Give a larger tolerance"):
        split(made(temperature=T))
    assert [p.sizes["point"] for p in split(made(temperature=T), tolerance=0.5).values()] == [200, 200]


def test_a_recorded_field_that_stays_is_not_what_is_swept():
    rng = np.random.default_rng(3)
    T = np.concatenate([np.linspace(5, 300, 150), np.linspace(300, 5, 150)])
    for field in (0.1 + 1e-6 * rng.standard_normal(300), np.repeat([0.0, 0.1], 150)):
        assert list(split(made(temperature=T, field=field), "rising_or_falling")) == ["rising", "falling"]


def test_zero_and_full_turn_are_one_angle_and_a_small_current_is_zero():
    rng = np.random.default_rng(4)
    angle = np.concatenate([np.mod(0.1 * rng.standard_normal(50), 360), 90 + 0.1 * rng.standard_normal(50)])
    parts = split(made(angle=angle), "angle")
    assert [p.sizes["point"] for p in parts.values()] == [50, 50]
    assert list(parts)[1].startswith("90") or list(parts)[1].startswith("89.9")
    current = np.repeat([-1e-3, 0.0, 1e-3], 30) + 1e-9 * rng.standard_normal(90)
    assert list(split(made(current=current), "current")) == ["-1mA", "0A", "1mA"]


def test_settings_are_found_once_for_all_parts(monkeypatch):
    T = np.repeat(np.arange(2.0, 42.0, 2.0), 30)
    data = measurement({"R_xx": np.arange(T.size) * 1.0}, {"temperature": T})
    asked = []

    def counted(*args, **given):
        asked.append(args)
        return settings(*args, **given)

    monkeypatch.setattr("spinstack.measure.cleaning.splitting.settings", counted)
    parts = split(data, "temperature")
    assert len(parts) == 20
    assert len(asked) == 1
    # each part knows how to be made again alone
    assert parts["4K"].identical(part(data, "temperature", 1))


@pytest.mark.parametrize("swept", ["field", "temperature", "angle", "current"])
def test_legs_of_what_stays_at_each_of_its_values(swept):
    """It has settings, three or more, where what is merely switched on has two."""
    steps = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0, 4.0, 3.0, 2.0, 1.0], 5)
    steps = 20 * steps if swept == "angle" else steps
    other = {} if swept == "field" else {"field": np.repeat([0.0, 0.5], [20, 25])}
    parts = split(made(**{swept: steps}, **other), "rising_or_falling")
    assert list(parts) == ["rising", "falling"]
    assert parts["rising"][swept].values.max() == steps.max() == parts["rising"][swept].values[-1]
