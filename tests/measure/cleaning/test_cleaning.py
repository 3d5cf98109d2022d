"""Corrections of measured data: exact cases, what must stay untouched, and the record of steps."""

import json
import re

import numpy as np
import pytest
from cleaning_runs import BARE, CONTROL, OTHER, OTHERS, SIZES, in_turns, scan, sweep, voltages

from spinstack.measure import cleaning
from spinstack.measure.angles import fit_harmonics
from spinstack.measure.cleaning.legs import legs
from spinstack.measure.measurement import STEPS, history, measurement
from spinstack.measure.restore import replay

CALLS = [
    ("remove_spikes", scan(), {"reading": "R_xx", "window": 11}),
    ("average_repeats", scan(145, 3.0), {"over": "angle", "tolerance": 0.5}),
    ("subtract_drift", scan(), {"degree": 2}),
    ("subtract_drift", scan(145, 3.0), {"over": "angle", "tolerance": 0.5}),
    ("rotate_phase", voltages(), {}),
    ("rotate_phase", voltages(), {"phase": 17.0, "sign": "positive"}),
    ("even_part", sweep(), {}),
    ("odd_part", sweep(), {"reading": "R_xy"}),
    ("even_part", scan(), {"about": "angle", "centre": 3.0}),
    ("odd_part", scan(), {"about": "half_turn"}),
    ("combine_contacts", sweep().rename(R_xx="R_12_43", R_xy="R_13_24").assign(R_23_14=3 + sweep().R_xx), {}),
    ("correct_arms", sweep(), {"arm_width": 1e-5, "arm_length": 2e-5, "between": 1}),
    ("correct_loading", sweep(), {"impedance": 1e7, "source_resistance": 2e4}),
    ("subtract_leads", sweep().assign(R_xx=9 * sweep().R_xx), {"leads": CONTROL, "hall": True, "against": "field"}),
    ("subtract_leads", sweep(), {"resistance": 10.0, "error": 0.2}),
    ("correct_misalignment", sweep(), {}),
    ("correct_misalignment", scan(), {"admixture": [0.1, -0.02]}),
    ("reverse_current", voltages(), {"other": OTHER}),
    ("subtract_control", sweep(), {"control": CONTROL, "thickness": 4e-9, "against": "field"}),
    ("subtract_substrate", sweep(), {"above": 1.2}),
    ("to_resistance", voltages().drop_vars("V_X"), {}),
    ("select", sweep(), {"field": (-1, None), "branch": "rising", "row": [5, -3]}),
    ("set_angle", scan().drop_vars("angle"), {"turns": -1.0, "zero": 90.0, "start": 10.0}),
    ("shift_angle", scan(), {"shift": 4.5, "reverse": True}),
    ("align_channels", in_turns(), {"onto": "R_xy"}),
    ("part", sweep(), {"by": "rising_or_falling", "number": 1}),
]
NAMES = [f"{name}-{i}" for i, (name, *_) in enumerate(CALLS)]


def test_every_step_is_among_the_calls():
    assert {name for name, *_ in CALLS} | {"split"} == set(cleaning.__all__)  # split makes several, see its own tests
    assert set(cleaning.__all__) <= set(STEPS)


@pytest.mark.parametrize(("name", "data", "given"), CALLS, ids=NAMES)
def test_steps_are_pure_recorded_and_replayed_bit_for_bit(name, data, given):
    before = data.copy(deep=True)
    once = getattr(cleaning, name)(data, **given)
    assert data.identical(before)
    (entry,) = history(once)
    assert entry["step"] == name
    assert len(entry["remark"]) > 10
    assert "remark" not in once.attrs
    assert once.sizes["point"] > 0
    steps = json.loads(json.dumps(history(once)))
    assert replay(data, steps, OTHERS).identical(once)


def test_a_chain_of_steps_is_undone_and_made_again_bit_for_bit():
    raw = scan(433, 3.0)
    stages = [raw]
    for name, given in (
        ("remove_spikes", {}),
        ("subtract_drift", {"degree": 1}),
        ("average_repeats", {"over": "angle", "tolerance": 0.5}),
        ("correct_misalignment", {}),
        ("shift_angle", {"shift": -2.0}),
    ):
        stages.append(getattr(cleaning, name)(stages[-1], **given))
    steps = history(stages[-1])
    for count, stage in enumerate(stages):
        assert replay(raw, steps[:count]).identical(stage)


@pytest.mark.parametrize(
    ("name", "data", "given", "reading"),
    [
        ("remove_spikes", scan(), {}, "R_xx"),
        ("subtract_drift", BARE, {"degree": 3}, "R_xx"),
        ("subtract_drift", scan(145, 3.0).drop_vars("R_xx_error"), {"over": "angle", "tolerance": 0.5}, "R_xx"),
        ("rotate_phase", voltages(), {}, "V_X"),
        ("subtract_substrate", sweep(), {"above": 1.2}, "moment"),
        ("select", sweep(), {"field": [-1, 1]}, "R_xx"),
        ("average_repeats", scan(145, 3.0), {"over": "angle", "tolerance": 0.5}, "R_xx"),
        ("even_part", scan().isel(point=slice(0, 144)), {"about": "half_turn"}, "R_xx"),
    ],
)
def test_doing_it_again_changes_nothing(name, data, given, reading):
    step = getattr(cleaning, name)
    once = step(data, **given)
    again = step(once, **given)
    assert again.sizes == once.sizes
    scale = np.abs(once[reading].values).max()
    np.testing.assert_allclose(again[reading].values, once[reading].values, rtol=0, atol=1e-12 * scale)


# spikes

X = np.linspace(-1, 1, 301)
CLEAN = {
    "steep": np.exp(8 * X),
    "cosine": np.cos(20 * X),
    "peak": 1 / (1 + (X / 0.02) ** 2),
    "narrow peak": np.exp(-((X / 0.01) ** 2)),
    "cusp": -np.abs(X),
    "peak with a cusp": np.exp(-np.abs(X) / 0.03),
    "step": np.sign(X + 0.001),
    "jump of a butterfly": np.where(X < 0.1, X, -0.2 * X),
    "loop": np.concatenate([np.tanh((X[::2] + 0.2) / 0.02), np.tanh((X[::-2] - 0.2) / 0.02)])[:301],
    "constant": np.ones(301),
    "staircase": np.round(10 * X) / 10,
    "superconductor": np.where(X < 0, 0.0, 1 - np.exp(-X / 0.05)),
    "rows at the ends": X**9,
}


@pytest.mark.parametrize("kind", CLEAN)
@pytest.mark.parametrize("scale", [1.0, 1e-12])
def test_clean_signals_lose_no_row(kind, scale):
    data = measurement({"R_xx": 3.0 * scale + scale * CLEAN[kind]}, {"time": np.arange(301.0)})
    for width in (1, 2):
        out = cleaning.remove_spikes(data, width=width)
        if kind not in ("narrow peak", "peak with a cusp") or width == 1:
            assert out.sizes["point"] == 301


def test_spikes_on_a_steep_signal_are_found():
    rng = np.random.default_rng(0)
    y = np.exp(6 * X) + 0.01 * rng.normal(size=301)
    where = [0, 40, 41, 90, 150, 300]
    y[where] += [4, -5, 6, 9, -4, -60]
    out = cleaning.remove_spikes(measurement({"R_xx": y}, {"time": np.arange(301.0)}))
    assert sorted(set(range(301)) - set(out.time.values.astype(int))) == where
    assert "6 of 301" in history(out)[0]["remark"]


def test_width_of_spikes():
    y = np.cos(3 * X) + 1e-3 * np.random.default_rng(0).normal(size=301)
    y[[100, 101]] += 1.0
    data = measurement({"R_xx": y}, {"time": np.arange(301.0)})
    assert cleaning.remove_spikes(data).sizes["point"] == 301
    assert cleaning.remove_spikes(data, width=2).sizes["point"] == 299


def test_a_spike_is_counted_in_standard_deviations_of_the_noise():
    y = np.random.default_rng(1).normal(size=2000)
    y[700] = 100.0
    out = cleaning.remove_spikes(measurement({"R_xx": y}, {"time": np.arange(2000.0)}), window=1001)
    said = float(re.search(r"largest ([0-9.]+) standard", history(out)[0]["remark"])[1])
    assert said == pytest.approx(97, abs=5)  # less what its neighbours are off


def test_readings_in_steps_of_the_meter_are_not_spikes():
    y = np.round(173.484 + 3e-4 * np.random.default_rng(0).normal(size=2000), 3)
    data = measurement({"R_xx": y}, {"time": np.arange(2000.0)})
    assert cleaning.remove_spikes(data).sizes["point"] == 2000


# repeats


def test_repeats_keep_branches_and_virgin_curve_apart():
    loop = np.concatenate([np.linspace(1, -1, 21), np.linspace(-1, 1, 21)[1:]])
    field = np.concatenate([np.linspace(0, 1, 11), loop[1:], loop[1:]])
    kind = np.concatenate([np.full(11, 9.0), np.full(20, 1.0), np.full(20, 2.0), np.full(20, 1.0), np.full(20, 2.0)])
    data = measurement({"R_xx": kind}, {"field": field, "time": np.arange(field.size)})
    out = cleaning.average_repeats(data, "field", 1e-6)
    assert set(out.R_xx.values) == {9.0, 1.0, 2.0}
    assert out.sizes["point"] == 11 + 20 + 20
    np.testing.assert_array_less(out.field.values[1:11] * 0, np.diff(out.field.values[:11]))


def test_repeats_of_a_full_turn():
    angle = np.tile(np.arange(0, 360, 10.0), 3)
    data = measurement({"R_xx": np.cos(np.deg2rad(angle)) + np.repeat([-1, 0, 1], 36)}, {"angle": angle})
    out = cleaning.average_repeats(data, "angle", 0.1)
    np.testing.assert_allclose(out.angle, np.arange(0, 360, 10.0))
    np.testing.assert_allclose(out.R_xx, np.cos(np.deg2rad(out.angle)), atol=1e-12)
    unwrapped = data.assign_coords(angle=("point", np.arange(0, 1080, 10.0)))
    assert cleaning.average_repeats(unwrapped, "angle", 0.1).sizes["point"] == 36
    apart = cleaning.average_repeats(unwrapped, "angle", 0.1, full_turn=False)
    assert apart.sizes["point"] == 108
    assert "nothing repeats" in history(apart)[0]["remark"]


def test_repeats_just_below_a_full_turn_are_those_at_zero():
    angle = [0.1, 90.0, 180.0, 270.0, 359.8, 90.1, 179.9, 269.9]
    out = cleaning.average_repeats(measurement({"R_xx": np.arange(8.0)}, {"angle": angle}), "angle", 0.5)
    assert list(out.R_xx.values) == [2.0, 3.0, 4.0, 5.0]
    np.testing.assert_allclose(np.mod(out.angle.values + 1, 360), [0.95, 91.05, 180.95, 270.95])


def test_repeats_weigh_by_their_errors():
    readings = {"R_xx": [1.0, 2.0], "R_xx_error": [1.0, 2.0]}
    out = cleaning.average_repeats(measurement(readings, {"field": [1.0, 1.0]}), "field", 0.0)
    assert float(out.R_xx[0]) == pytest.approx((1 + 2 / 4) / 1.25)
    assert float(out.R_xx_error[0]) == pytest.approx(1 / np.sqrt(1.25))


# parity


def test_a_jump_back_to_the_start_is_no_leg_of_its_own():
    teeth = np.tile(np.arange(11.0), 3)
    found = legs(teeth)
    assert [(one.direction, one.start, one.end) for one in found] == [(1, 0.0, 10.0)] * 3
    np.testing.assert_array_equal(np.concatenate([one.rows for one in found]), np.arange(33))


@pytest.mark.parametrize(
    ("data", "about"), [(sweep(), "field"), (scan(), "angle"), (scan(), "half_turn"), (scan(145, -2.0), "angle")]
)
def test_even_and_odd_parts_add_up(data, about):
    even, odd = cleaning.even_part(data, "R_xx", about), cleaning.odd_part(data, "R_xx", about)
    assert even.sizes == odd.sizes
    kept = np.isin(data.time.values, even.time.values)
    np.testing.assert_allclose(even.R_xx + odd.R_xx, data.R_xx.values[kept], rtol=1e-14)


def test_branches_are_paired_with_the_opposite_ones():
    field = np.concatenate([np.linspace(1, -1, 41), np.linspace(-1, 1, 41)[1:]])
    falling = np.arange(81) < 41
    xy = np.where(field > np.where(falling, -0.31, 0.31), 1.0, -1.0)
    peak = np.exp(-(((field - np.where(falling, -0.3, 0.3)) / 0.1) ** 2))
    data = measurement({"R_xx": 10 + peak + 0.2 * xy, "R_xy": xy + 0.1 * peak}, {"field": field})
    even, odd = cleaning.even_part(data), cleaning.odd_part(data)
    np.testing.assert_allclose(even.R_xx, 10 + peak, atol=1e-12)
    np.testing.assert_allclose(odd.R_xy, xy, atol=1e-12)
    assert "rising paired with falling" in history(even)[0]["remark"]
    one_way = cleaning.odd_part(data.isel(point=slice(0, 41)), "R_xy")
    assert "within one branch" in history(one_way)[0]["remark"]


def test_virgin_curve_has_no_partner():
    field = np.concatenate([np.linspace(0, 1, 21), np.linspace(1, -1, 41)[1:], np.linspace(-1, 1, 41)[1:]])
    even = cleaning.even_part(measurement({"R_xx": field**2}, {"field": field, "time": np.arange(101)}))
    assert even.time.values.min() >= 20
    assert even.sizes["point"] >= 79


def test_mirror_of_an_angle_takes_the_other_sense_of_rotation():
    angle = np.concatenate([np.arange(0, 361, 5.0), np.arange(360, -1, -5.0)[1:]])
    sense = np.where(np.arange(145) < 73, 1.0, -1.0)
    turn = np.deg2rad(angle)
    lag = np.deg2rad(4.0) * sense
    data = measurement({"R_xx": np.cos(2 * (turn - lag)) + 0.3 * np.sin(turn)}, {"angle": angle})
    even = cleaning.even_part(data, about="angle")
    wanted = np.cos(2 * (turn - lag))
    assert even.sizes["point"] == 145
    np.testing.assert_allclose(even.R_xx, wanted, atol=1e-12)


# drift, phase, angle


def test_drift_leaves_the_signal_alone():
    raw = scan(noise=1e-12)
    out = cleaning.subtract_drift(raw)
    turn = np.deg2rad(raw.angle.values)
    np.testing.assert_allclose(out.R_xx, 100 + 0.1 * np.cos(2 * turn) + 0.025, atol=1e-9)
    assert out.attrs["drift_of_R_xx"] == pytest.approx(0.05, rel=1e-6)
    assert "0.05" in history(out)[0]["remark"]


def test_phase_and_its_inverse():
    raw = voltages()
    out = cleaning.rotate_phase(raw)
    assert out.attrs["lock_in_phase"] == pytest.approx(np.rad2deg(np.arctan(0.2)))
    np.testing.assert_allclose(out.V_Y, 0, atol=1e-18)
    # the signal changes its sign within the scan and keeps doing so
    np.testing.assert_array_equal(np.sign(out.V_X), np.sign(raw.V_X))
    back = cleaning.rotate_phase(out, -out.attrs["lock_in_phase"])
    np.testing.assert_allclose(back.V_X, raw.V_X, atol=1e-18)
    negative = raw.assign(V_X=raw.V_X - 3e-3, V_Y=raw.V_Y - 6e-4)
    assert float(cleaning.rotate_phase(negative).V_X.mean()) < 0
    assert float(cleaning.rotate_phase(negative, sign="positive").V_X.mean()) > 0
    pickup = raw.assign(V_Y=raw.V_Y + 5e-3)
    changing = cleaning.rotate_phase(pickup, of="change")
    assert changing.attrs["lock_in_phase"] == pytest.approx(np.rad2deg(np.arctan(0.2)))


def test_unequal_errors_of_a_lock_in_turn_with_its_phase():
    data = measurement({"V_X": [1.0], "V_Y": [2.0], "V_X_error": [0.3], "V_Y_error": [0.1]}, {"angle": [0.0]})
    out = cleaning.rotate_phase(data, 30.0)
    assert float(out.V_X[0]) == pytest.approx(np.sqrt(3) / 2 + 1)
    assert float(out.V_Y[0]) == pytest.approx(np.sqrt(3) - 0.5)
    assert float(out.V_X_error[0]) == pytest.approx(np.sqrt(0.75 * 0.09 + 0.25 * 0.01))
    assert float(out.V_Y_error[0]) == pytest.approx(np.sqrt(0.75 * 0.01 + 0.25 * 0.09))


def test_angle_from_time():
    raw = scan().drop_vars("angle")
    out = cleaning.set_angle(raw, turns=2, zero=90, start=100, stop=500)
    np.testing.assert_allclose(out.angle.sel(point=out.time == 300), 90 + 360)
    assert out.angle.values[0] == 90
    assert out.angle.values[-1] == 90 + 720
    assert "angle" in out.coords
    assert out.angle.attrs["units"] == "deg"


# misalignment


def test_given_admixture_is_undone_exactly():
    raw = sweep()
    a, b = 0.07, -0.013
    mixed = raw.assign(R_xx=raw.R_xx + a * raw.R_xy, R_xy=raw.R_xy + b * raw.R_xx)
    out = cleaning.correct_misalignment(mixed, [a, b])
    np.testing.assert_allclose(out.R_xx, raw.R_xx, rtol=1e-13)
    np.testing.assert_allclose(out.R_xy, raw.R_xy, atol=1e-13)


def test_tilt_of_a_bar_turned_against_its_contacts():
    tilt = 3.0
    raw = sweep(noise=1e-6)
    length, width = SIZES["bar_length"], SIZES["bar_width"]
    sine = np.tan(np.deg2rad(tilt))
    xx, xy = raw.R_xx + sine * length / width * raw.R_xy, raw.R_xy + sine * width / length * raw.R_xx
    out = cleaning.correct_misalignment(raw.assign(R_xx=xx, R_xy=xy))
    assert out.attrs["longitudinal_tilt"] == pytest.approx(tilt, abs=0.01)
    assert out.attrs["transverse_tilt"] == pytest.approx(tilt, abs=0.01)
    assert "3 +-" in history(out)[0]["remark"]
    again = cleaning.correct_misalignment(out)
    assert abs(again.attrs["longitudinal_tilt"]) < 1e-3


# current, control, substrate, resistance


def test_offset_goes_with_the_current_reversed():
    out = cleaning.reverse_current(voltages(), OTHER)
    np.testing.assert_allclose(out.V_xx, 1e-4 * scan().R_xx.values, rtol=1e-12)
    assert "2e-06 V" in history(out)[0]["remark"]
    resistances = [cleaning.to_resistance(v.drop_vars("V_X")) for v in (voltages(), OTHER)]
    out = cleaning.reverse_current(*resistances)
    np.testing.assert_allclose(out.R_xx, scan().R_xx.values, rtol=1e-12)


def test_drifting_offset_goes_with_an_alternating_current():
    time = np.arange(21.0)
    current = np.where(np.arange(21) % 2, 1.0, -2.0) * 1e-4
    data = measurement({"V_xx": 10 * current + 1e-6 * time}, {"time": time, "current": current})
    out = cleaning.reverse_current(data)
    np.testing.assert_allclose(out.V_xx, 1e-3, rtol=1e-12)
    assert out.sizes["point"] == 10


@pytest.mark.parametrize("step", [2.0, 5.0, 10.0])
@pytest.mark.parametrize("signs", [(1, -1), (1, -1, -1, 1)])
def test_settings_of_a_stepped_rotator_are_not_mixed(step, signs):
    angle = np.repeat(np.arange(0, 360.1, step), len(signs))
    time, current = 0.5 * np.arange(angle.size), 1e-4 * np.resize(signs, angle.size)
    R = 83 * (1 - 1e-3 * np.sin(np.deg2rad(angle)) ** 2)
    drift = 1e-9 * time
    data = measurement({"V_xx": current * R + 2e-6 + drift}, {"time": time, "angle": angle, "current": current})
    out = cleaning.reverse_current(data)
    np.testing.assert_allclose(out.V_xx / out.current, R[current > 0], rtol=1e-11)
    fit = fit_harmonics(cleaning.to_resistance(out), orders=[2])
    assert abs(float(fit["value"].sel(parameter="phase2"))) < 1e-3
    assert float(fit["value"].sel(parameter="c2")) == pytest.approx(5e-4 / (1 - 5e-4), rel=1e-5)
    assert "at the same setting" in history(out)[-1]["remark"]


def test_errors_and_times_at_settings_are_those_of_independent_readings():
    """Uneven times and currents: a linear offset goes exactly; each error is the root of the sum over all readings.

    At the ends the rate is that to one side, which shares an offset with the row itself.
    """
    rng = np.random.default_rng(6)
    angle = np.repeat(np.arange(0, 80, 10.0), 2)
    time = np.cumsum(rng.uniform(0.2, 2.0, 16))
    current = 1e-4 * np.tile([1, -1], 8) * rng.uniform(0.3, 1.0, 16)
    sigma = 1e-8 * rng.uniform(0.3, 2.0, 16)

    def reversed_at(volts):
        readings = {"V_xx": volts, "V_xx_error": sigma}
        return cleaning.reverse_current(measurement(readings, {"time": time, "angle": angle, "current": current}))

    volts = 10 * current + 1e-6 + 1e-6 * time
    out = reversed_at(volts)
    np.testing.assert_allclose(out.V_xx / out.current, 10, rtol=1e-11)
    slopes = [(reversed_at(volts + 1e-7 * row).V_xx.values - out.V_xx.values) / 1e-7 for row in np.eye(16)]
    expected = np.sqrt(np.sum((np.array(slopes).T * sigma) ** 2, axis=1))
    np.testing.assert_allclose(out.V_xx_error[1:-1], expected[1:-1], rtol=1e-6)


def test_control_conducts_in_parallel():
    layer, film, squares = np.array([[200.0, -30], [30, 200.0]]), np.array([[90.0, -7], [7, 90.0]]), 3.5
    both = np.linalg.inv(np.linalg.inv(film) + 0.5 * np.linalg.inv(layer))
    temperature = np.linspace(10, 300, 8)

    def sample(tensor, points, thickness):
        readings = {"R_xx": squares * tensor[0, 0] * np.ones(len(points)), "R_xy": tensor[1, 0] * np.ones(len(points))}
        return measurement(readings, {"temperature": points}, {**SIZES, "film_thickness": thickness})

    control = sample(layer, np.linspace(5, 310, 40), 6e-9)
    out = cleaning.subtract_control(sample(both, temperature, 8e-9), control, 3e-9, remaining_thickness=5e-9)
    np.testing.assert_allclose(out.R_xx, squares * 90, rtol=1e-12)
    np.testing.assert_allclose(out.R_xy, 7, rtol=1e-12)
    assert out.attrs["film_thickness"] == 5e-9
    assert "film_thickness" not in cleaning.subtract_control(sample(both, temperature, 8e-9), control, 3e-9).attrs
    lone = control.isel(point=[3])
    same = cleaning.subtract_control(sample(both, temperature, 8e-9), lone, 3e-9)
    np.testing.assert_allclose(same.R_xx, out.R_xx)


def test_control_of_the_other_branch_is_not_taken():
    whole, control = sweep(noise=0.0), sweep(noise=0.0)
    control["R_xx"], control["R_xy"] = 4 * control["R_xx"], 4 * control["R_xy"]
    out = cleaning.subtract_control(whole, control, against="field")
    np.testing.assert_allclose(out.R_xx, whole.R_xx.values / 0.75, rtol=1e-4)


def test_substrate_of_a_film_that_is_not_saturated_is_told():
    field = np.concatenate([np.linspace(5, -5, 201), np.linspace(-5, 5, 201)])
    film = 1e-8 * np.tanh(field / 2.0)
    data = measurement({"moment": film - 4e-9 * field + 1e-12 * np.sin(1000 * field)}, {"field": field})
    remark = history(cleaning.subtract_substrate(data, above=1.0))[0]["remark"]
    told = re.search(r"NOT saturated: slope (\S+) in the inner, (\S+) in the outer", remark)
    # what is left of the rise of the film makes the slope less negative, more so at lower fields
    assert 0 > float(told[1]) > float(told[2]) > -4e-9
    hard = data.assign(moment=("point", 1e-8 * np.sign(field) - 4e-9 * field + 1e-12 * np.sin(1e6 * field)))
    out = cleaning.subtract_substrate(hard, above=1.0)
    assert "NOT" not in history(out)[0]["remark"]
    assert out.attrs["substrate_slope"] == pytest.approx(-4e-9, rel=1e-3)


def test_resistance_takes_errors_and_units_along():
    data = measurement({"V_X": [1e-3, 2e-3], "V_X_error": [1e-6, 1e-6]}, {"angle": [0, 90]})
    out = cleaning.to_resistance(data, current=-1e-4, lock_in="R_xy")
    np.testing.assert_allclose(out.R_xy, [-10, -20])
    np.testing.assert_allclose(out.R_xy_error, 1e-2)
    assert out.R_xy.attrs["units"] == out.R_xy_error.attrs["units"] == "Ohm"
    assert set(out.data_vars) == {"R_xy", "R_xy_error"}


def test_selection():
    data = sweep()
    assert cleaning.select(data, field=[None, 0]).field.values.max() <= 0
    assert cleaning.select(data, temperature=300).sizes == data.sizes
    assert cleaning.select(data, row=-1).sizes["point"] == 1
    ends = cleaning.select(data.isel(point=slice(0, 101)), field=[-1, 1.0]).field.values
    assert (ends.min(), ends.max()) == (-1.0, 1.0)
    near = measurement({"R_xx": [1.0, 2.0, 3.0]}, {"field": 2 * (1 + np.array([0.0, 0.9e-9, 1.1e-9]))})
    assert list(cleaning.select(near, field=2.0).R_xx.values) == [1.0, 2.0]
    holes = data.assign(R_xx=data.R_xx.where(data.time > 9.5))
    assert cleaning.select(holes, R_xx=[None, None]).sizes["point"] == data.sizes["point"] - 10


@pytest.mark.parametrize("centre", [0.0, 20.0, -35.0, 137.5])
def test_the_mirror_of_an_angle_stands_at_its_centre(centre):
    angle = np.arange(0.0, 360.0, 2.5)
    turn = np.deg2rad(angle - centre)
    even, odd = 10 + np.cos(turn) + 0.3 * np.cos(2 * turn), 0.7 * np.sin(turn) - 0.2 * np.sin(3 * turn)
    data = measurement({"R_xx": even + odd}, {"time": np.arange(angle.size), "angle": angle}, SIZES)
    for step, expected in ((cleaning.even_part, even), (cleaning.odd_part, odd)):
        made = step(data, "R_xx", about="angle", centre=centre)
        places = np.searchsorted(angle, made["angle"].values)
        np.testing.assert_allclose(made["R_xx"], expected[places], atol=1e-3)
        assert made.sizes["point"] == angle.size
