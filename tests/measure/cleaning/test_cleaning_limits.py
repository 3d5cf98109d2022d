"""Both sides of the limits of steps, and what remarks say beyond them."""

import numpy as np
import pytest
from cleaning_runs import CONTROL, SIZES, sweep, voltages
from scipy.stats import t

from spinstack.measure import cleaning
from spinstack.measure.cleaning.columns import column, error_column
from spinstack.measure.cleaning.interpolation import interpolation
from spinstack.measure.cleaning.matching import matched
from spinstack.measure.cleaning.spikes import _carried_on
from spinstack.measure.measurement import MeasurementError, history, measurement
from spinstack.measure.restore import replay

NOISE = np.random.default_rng(8).standard_normal(400)


def told(call):
    try:
        call()
    except MeasurementError as error:
        return error.field
    return None


def alternating(signs, **conditions):
    current = 1e-4 * np.array(signs, dtype=float)
    return measurement({"V_xx": 50 * current + 1e-6}, {"current": current, **conditions}, SIZES)


def still(field):
    return measurement({"R_xx": 50 + NOISE[: field.size] * 1e-3}, {"field": field}, SIZES)


B = np.linspace(-2, 2, 41)
LIMITS = {
    "errors of at least zero": (
        lambda e: error_column(measurement({"R_xx": [1.0, 2.0], "R_xx_error": [e, 1.0]}, {"time": [0, 1]}), "R_xx"),
        -1e-9,
        0.0,
        "R_xx_error",
    ),
    "one value a row": (
        lambda n: column(measurement({"R_xx": [1.0, 2.0]}, {"time": [0, 1]}).isel(point=slice(0, n)), "R_xx"),
        0,
        1,
        "R_xx",
    ),
    "readings in both runs": (
        lambda name: cleaning.reverse_current(
            alternating([1] * 5, field=np.arange(5.0)),
            alternating([-1] * 5, field=np.arange(5.0)).rename(V_xx=name),
        ),
        "V_xy",
        "V_xx",
        "reading",
    ),
    "rows between two of the other sign": (
        lambda signs: cleaning.reverse_current(alternating(signs, field=np.arange(4.0))),
        [1, -1, -1, 1],
        [1, -1, 1, -1],
        "current",
    ),
    "a condition that varies in the other run": (
        lambda field: matched(still(np.linspace(0, 1, 9)), still(field), "field"),
        np.full(5, 0.3),
        np.linspace(0.2, 0.7, 5),
        "against",
    ),
    "a run that covers some rows": (
        lambda start: matched(still(np.linspace(0, 1, 9)), still(np.linspace(start, start + 1, 11))),
        1.051,
        1.049,
        "field",
    ),
    "rows of the same places": (
        lambda shift: matched(still(np.linspace(0, 1, 9)), still(np.linspace(0, 1, 9) + shift)),
        5.0,
        0.0,
        "field",
    ),
    "what the other parity left": (
        lambda about: cleaning.odd_part(cleaning.even_part(sweep(), "R_xx", "field"), "R_xx", about),
        "field",
        None,
        "reading",
    ),
    "a Hall resistance that films allow": (
        lambda xy: cleaning.subtract_control(
            sweep().assign(R_xx=0 * sweep().R_xx + 35.0, R_xy=0 * sweep().R_xy + xy), CONTROL, transverse="symmetric"
        ),
        10.01,
        1.0,
        "R_xy",
    ),
    "a field or a time": (
        lambda names: cleaning.align_channels(
            measurement(
                {"R_xx": [1.0, np.nan] * 6, "R_xy": [np.nan, 1.0] * 6},
                {"time": np.arange(12.0), "field": np.full(12, 1.0)},
            ).drop_vars(names)
        ),
        ["time"],
        [],
        "field",
    ),
    "the second time": (
        lambda p: cleaning.rotate_phase(cleaning.rotate_phase(voltages(), phase=20.0), phase=p),
        20.0,
        21.0,
        "rotate_phase",
    ),
    "five rows beyond a field": (
        lambda above: cleaning.subtract_substrate(measurement({"moment": -B + np.sign(B)}, {"field": B}), above=above),
        1.85,
        1.8,
        "above",
    ),
    "several fields on each side": (
        lambda n: cleaning.subtract_substrate(
            measurement({"moment": NOISE[:6]}, {"field": np.r_[np.full(3, -2.0), np.full(2, 2.0), 2.0 + n]}), above=1.0
        ),
        0.0,
        0.5,
        "above",
    ),
    # columns of length one have a condition of 1.1e5 and of 0.9e5 there
    "an arc that a drift can be told on": (
        lambda arc: cleaning.subtract_drift(
            measurement({"R_xx": NOISE[:145]}, {"time": np.arange(145.0), "angle": np.linspace(0, arc, 145)}),
            harmonics=(1,),
        ),
        3.6,
        3.95,
        "degree",
    ),
    "shares that leave a tenth": (
        lambda b: cleaning.correct_misalignment(sweep(), [1.0, b]), 0.91, 0.89, "admixture",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_limits_have_two_sides(name):
    call, refused, taken, field = LIMITS[name]
    assert str(told(lambda: call(refused))).startswith(field)
    if taken is not None:
        assert told(lambda: call(taken)) is None


def test_steps_need_a_measurement():
    for call in (lambda: cleaning.split(3, "field"), lambda: cleaning.select(3, field=[0, 1])):
        assert told(call) == "data"
    for control in (5.0, None):
        assert told(lambda control=control: cleaning.subtract_control(sweep(), control)) == "control"
    assert told(lambda: replay(sweep(), [{"step": "polish", "parameters": {}}])) == "step"
    assert replay(sweep(), [{"step": "read", "parameters": {"path": "a"}}]).identical(sweep())


def test_one_row_tells_its_own_place_only():
    found = interpolation(np.array([0.5, 0.5 + 2e-9, 0.5 + 0.5e-9, 0.5 - 2e-9]), np.array([0.5]))
    assert list(found.found) == [True, False, True, False]
    far = interpolation(np.array([1e6, 1e6 + 2e-3, 1e6 + 0.5e-3]), np.array([1e6]))
    assert list(far.found) == [True, False, True]
    assert not interpolation(np.array([0.5]), np.array([])).found.any()
    third = interpolation(np.array([3.0]), np.array([9.0, 3.0, 4.0]), np.array([1]))
    assert (list(third.first), list(third.second), list(third.found)) == ([1], [1], [True])


def test_readings_of_a_row_told_by_one_of_the_other_run():
    where, words = matched(still(np.linspace(0, 1, 9)), still(np.array([0.4])))
    assert words == "one value for all rows"
    assert where.found.all()
    own, words = matched(still(np.linspace(0, 1, 9)), still(np.linspace(0, 1, 9)))
    assert words == "row by row"
    assert list(own.first) == list(range(9))
    with pytest.raises(MeasurementError, match="setting"):
        matched(
            still(np.linspace(0, 1, 9)).assign_coords(temperature=("point", np.full(9, 5.0))),
            still(np.linspace(0, 1, 7)).assign_coords(temperature=("point", np.full(7, 9.0))),
        )


@pytest.mark.parametrize("backwards", [False, True])
def test_the_offset_between_two_currents_is_told_by_the_clock(backwards):
    """A voltage of the leads that drifts in time; a clock that runs backwards is none, then rows count."""
    clock = np.array([0.0, 1.0, 4.0, 5.0, 7.0, 11.0, 12.0, 14.0, 15.0])
    current = np.resize([1e-4, -1e-4], 9)
    time = clock if not backwards else clock[::-1].copy()
    counted = np.arange(9.0) if backwards else clock
    data = measurement({"V_xx": 20 * current + 1e-5 * counted}, {"current": current, "time": time})
    out = cleaning.reverse_current(data)
    assert out["V_xx"].values == pytest.approx(np.full(3, 20e-4), rel=1e-9)
    assert list(out["time"].values) == list(time[2:-1:2])


def test_repeated_settings_of_both_currents_are_told_by_their_clock():
    field = np.repeat([0.0, 1.0, 2.0], 4)
    clock = np.cumsum(np.resize([1.0, 2.0, 1.5], 12))
    current = np.resize([1e-4, -1e-4, -1e-4, 1e-4], 12)
    data = measurement(
        {"V_xx": (20 + field) * current + 1e-6 * clock}, {"current": current, "field": field, "time": clock}
    )
    out = cleaning.reverse_current(data)
    assert out["V_xx"].values == pytest.approx((20 + out["field"].values) * 1e-4, rel=2e-3)


@pytest.mark.parametrize(("bend", "said"), [(2.5, False), (3.5, True)])
def test_a_slope_that_changes_by_three_errors_of_both_is_not_saturated(bend, said):
    field = np.concatenate([np.linspace(-4, -2, 40), np.linspace(2, 4, 40)])
    outer = np.abs(field) >= np.median(np.abs(field))
    noise = NOISE[:80].copy()
    for part in (outer, ~outer):  # noise without slope of its own
        design = np.stack([field, field < 0, field > 0], axis=1)[part].astype(float)
        noise[part] -= design @ np.linalg.lstsq(design, noise[part], rcond=None)[0]
    errors = []
    for part in (outer, ~outer):
        design = np.stack([field, field < 0, field > 0], axis=1)[part].astype(float)
        variance = noise[part] @ noise[part] / (part.sum() - 3)
        factor = t.ppf(0.5 + 0.6826894921370859 / 2, part.sum() - 3)
        errors.append(np.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0]) * factor)
    change = bend * np.hypot(*errors)
    y = noise + np.where(outer, change, 0.0) * field
    out = cleaning.subtract_substrate(measurement({"moment": y}, {"field": field}), above=1.9)
    assert ("NOT saturated" in history(out)[-1]["remark"]) == said


def test_a_substrate_on_one_side_only_is_told():
    field = np.linspace(1, 4, 30)
    out = cleaning.subtract_substrate(
        measurement({"moment": 2 - 0.3 * field + 1e-4 * NOISE[:30]}, {"field": field}), above=2
    )
    assert "one side of zero field only" in history(out)[-1]["remark"]
    assert out.attrs["substrate_slope"] == pytest.approx(-0.3, abs=1e-3)


@pytest.mark.parametrize(("tangent", "said"), [(0.95, False), (1.05, True)])
def test_hall_angles_that_are_not_small_are_told(tangent, said):
    from spinstack.measure.cleaning.arms import SMALL

    size = tangent * SMALL
    data = measurement({"R_xx": [350.0, -350.0], "R_xy": [50 * size, 100 * size]}, {"time": [0, 1]}, SIZES)
    out = cleaning.correct_arms(data, arm_width=1e-5, arm_length=1e-4)
    assert ("tangent reaches" in history(out)[-1]["remark"]) == said
    bare = cleaning.correct_arms(data.drop_vars("R_xx"), arm_width=1e-5, arm_length=1e-4)
    assert "tangent reaches" not in history(bare)[-1]["remark"]


def test_rows_at_an_end_are_carried_on_from_six_others():
    line = 3.0 + 2.0 * np.arange(12)
    assert _carried_on(line, 2) == pytest.approx(line[:2])
    assert _carried_on(line[:8], 2) == pytest.approx(line[:2])
    assert np.isnan(_carried_on(line[:7], 2)).all()


def test_shares_of_clean_readings_scatter_by_what_they_leave():
    """Without noise and stated errors rows count alike: the error is that of the scatter about the share."""
    field = np.linspace(-2, 2, 81)
    off = np.zeros(81)
    off[44::8] = 1e-3 * np.array([1, -1, -1, 1, 1])
    off -= off[::-1]  # odd, at so few rows that the usual bend is none
    hall = 2.0 * field
    out = cleaning.correct_misalignment(measurement({"R_xx": 100 + 0.1 * hall + off, "R_xy": hall}, {"field": field}))
    share = 0.1 + hall @ off / (hall @ hall)
    assert out.attrs["hall_in_longitudinal"] == pytest.approx(share, rel=1e-9)
    left = off - (share - 0.1) * hall
    # each row stands in its own part and in that of its partner
    freedom = 81 / 2 - 1
    variance = left @ left / 81 * 2 * (freedom + 1) / freedom / (hall @ hall)
    factor = t.ppf(0.5 + 0.6826894921370859 / 2, freedom)
    assert out.attrs["hall_in_longitudinal_error"] == pytest.approx(np.sqrt(variance) * factor, rel=1e-6)


@pytest.mark.parametrize(("span", "warned"), [(15, False), (17, True)])
def test_a_condition_that_runs_by_eight_tolerances_is_warned_of(span, warned):
    import warnings

    from spinstack.measure.settings import check_one_setting

    T = 10.0 + 0.05 * span * np.linspace(-1, 1, 60)  # 0.11 K of tolerance at the upper end
    tolerance = max(0.1, 0.01 * T.max())
    T = 10.0 + tolerance * span / 4 * np.linspace(-1, 1, 60)
    data = measurement({"R_xx": NOISE[:60]}, {"temperature": T, "field": np.linspace(0, 1, 60)})
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        check_one_setting(data, ("field",))
    assert bool(said) == (np.ptp(T) > 8 * max(0.1, 0.01 * T.max())) == warned


@pytest.mark.parametrize(("jump", "carried"), [(4.9, False), (5.1, True)])
def test_a_jump_of_five_steps_begins_the_next_leg(jump, carried):
    """A row alone that goes back by more than five usual steps is where the next leg begins."""
    from spinstack.measure.cleaning.legs import legs

    up = np.arange(0.0, 20.0)
    back = up[-1] - jump
    values = np.concatenate([up, [back], back + np.arange(1.0, 20.0)])
    found = legs(values)
    assert [leg.direction for leg in found if leg.direction] == ([1, 1] if carried else [1, -1, 1])
    assert found[-1].start == back
    assert found[-1].rows[0] == (20 if carried else 21)


@pytest.mark.parametrize(("off", "kinds_found"), [(0.04, 1), (0.06, 2)])
def test_legs_of_one_kind_end_within_a_twentieth_of_the_range(off, kinds_found):
    from spinstack.measure.cleaning.legs import kinds

    first, back, last = np.linspace(-1, 1, 30), np.linspace(1, -1, 30), np.linspace(-1, 1 - 2 * off, 30)
    assert len(set(kinds(np.concatenate([first, back[1:], last[1:]]))[[5, -5]])) == kinds_found


@pytest.mark.parametrize(
    ("value", "rows"), [(1.0, 1), (1 + 0.9e-9, 1), (1 + 1.1e-9, 0), (1 - 1.1e-9, 0), (0.0, 1), (-2.0, 1)]
)
def test_a_value_is_met_to_a_billionth(value, rows):
    data = measurement({"R_xx": [1.0, 2.0, 3.0]}, {"field": [0.0, 1.0, -2.0]})
    if rows:
        assert cleaning.select(data, field=value).sizes["point"] == rows
    else:
        assert told(lambda: cleaning.select(data, field=value)) == "conditions"


def test_ends_of_a_range_are_part_of_it_and_rows_count_from_the_end():
    data = measurement({"R_xx": np.arange(6.0)}, {"field": np.arange(6.0)})
    assert list(cleaning.select(data, field=[1, 3]).field.values) == [1, 2, 3]
    assert list(cleaning.select(data, field=[None, 1]).field.values) == [0, 1]
    assert list(cleaning.select(data, row=[-2, None]).field.values) == [4, 5]
    assert list(cleaning.select(data, row=-1).field.values) == [5]


def test_a_spike_counts_from_its_threshold_of_the_usual_bend_on():
    """What the least reading that goes is moved by grows with the threshold, by the noise for each unit."""
    y = 100 + NOISE[:61]
    bends = np.abs(y[1:-1] - (y[2:] + y[:-2]) / 2)
    noise = np.median(bends) / (0.67449 * np.sqrt(1.5))

    def least(threshold):
        low, high = 0.0, 100.0
        for _ in range(20):
            middle = (low + high) / 2
            moved = y.copy()
            moved[30] += middle
            data = measurement({"R_xx": moved}, {"time": np.arange(61)})
            kept = cleaning.remove_spikes(data, threshold=threshold, window=61)["time"].values
            low, high = (low, middle) if 30 not in kept else (middle, high)
        return high

    six, ten = least(6.0), least(10.0)
    assert (ten - six) / 4 == pytest.approx(noise, rel=0.1)
    clean = cleaning.remove_spikes(measurement({"R_xx": y}, {"time": np.arange(61)}))
    assert "0 of 61 rows dropped" in history(clean)[-1]["remark"]


@pytest.mark.parametrize("ratio", [1.6, 1.8, 2.0, 2.2])
def test_a_scatter_that_differs_between_places_is_told_below_a_hundredth_of_chance(ratio):
    from scipy.stats import bartlett

    near, far = NOISE[:20], NOISE[20:40]
    far = far / np.std(far) * np.std(near) * ratio
    data = measurement({"R_xx": np.r_[5 + near, 7 + far, 3.0]}, {"field": np.r_[np.zeros(20), np.ones(20), 2.0]})
    out = cleaning.average_repeats(data, "field", 0.1)
    said = history(out)[-1]["remark"]
    assert ("the scatter of R_xx differs" in said) == (bartlett(near, far).pvalue < 0.01)
    assert "41 rows averaged to 3" in said
    assert "1 to 20 rows each" in said


@pytest.mark.parametrize("spread", ["own", "pooled"])
def test_stated_errors_of_repeats_grow_by_a_scatter_that_contradicts_them(spread):
    from scipy.stats import chi2

    y = np.array([[1.0, 1.2, 0.9, 1.1], [2.0, 2.9, 2.4, 1.7]])
    sigma = np.array([[0.1, 0.2, 0.15, 0.1], [0.1, 0.2, 0.1, 0.3]])
    readings = {"R_xx": y.ravel(), "R_xx_error": sigma.ravel()}
    data = measurement(readings, {"field": np.repeat([1.0, 2.0], 4)})
    out = cleaning.average_repeats(data, "field", 0.1, spread=spread)
    w = sigma**-2.0
    mean = np.sum(w * y, axis=1) / w.sum(axis=1)
    squares = np.sum(w * (y - mean[:, None]) ** 2, axis=1)
    reduced, freedom = (squares / 3, 3) if spread == "own" else (np.full(2, squares.sum() / 6), 6)
    grown = np.where(chi2.sf(reduced * freedom, freedom) < 0.01, reduced, 1.0)
    np.testing.assert_allclose(out["R_xx"], mean)
    np.testing.assert_allclose(out["R_xx_error"], np.sqrt(grown / w.sum(axis=1)))
    assert grown[1] > 1


def test_angles_whole_turns_apart_are_repeats_of_one_place():
    angle = np.concatenate([np.arange(0.0, 360, 30), np.arange(360.0, 720, 30) + 0.4])
    data = measurement({"R_xx": np.r_[np.arange(12.0), np.arange(12.0) + 2]}, {"angle": angle})
    out = cleaning.average_repeats(data, "angle", 0.5)
    np.testing.assert_allclose(out["angle"], np.arange(0.0, 360, 30) + 0.2)
    np.testing.assert_allclose(out["R_xx"], np.arange(12.0) + 1)
    apart = cleaning.average_repeats(data, "angle", 0.5, full_turn=False)
    assert apart.sizes["point"] == 24
    assert "nothing repeats within 0.5 deg" in history(apart)[-1]["remark"]


@pytest.mark.parametrize("size", [1e-3, 1.0, 50.0])
@pytest.mark.parametrize(("off", "same"), [(0.5, True), (2.0, False)])
def test_runs_at_the_same_places_go_row_by_row(size, off, same):
    """Up to a part of the range, however large it is."""
    from spinstack.measure.cleaning.matching import SAME

    here = size * np.linspace(-1, 1, 21)
    for sign in (1, -1):
        there = here + sign * off * SAME * 2 * size * (np.arange(21) == 7)
        assert (matched(still(here), still(there))[1] == "row by row") == same


@pytest.mark.parametrize(("turns", "rate"), [(2.0, "12"), (-1.0, "-6")])
def test_the_rate_of_a_rotation_is_said(turns, rate):
    time = np.linspace(0, 100, 41)
    data = measurement({"R_xx": np.ones(41)}, {"time": time})
    out = cleaning.set_angle(data, turns, zero=5.0, start=10.0, stop=70.0)
    np.testing.assert_allclose(out["angle"], 5 + float(rate) * (np.clip(time, 10, 70) - 10))
    assert history(out)[-1]["remark"] == f"angle from time, {rate} deg/s from 5 deg"
    again = cleaning.set_angle(out, turns)
    assert (
        history(again)[-1]["remark"] == f"angle from time, {3.6 * turns:g} deg/s from 0 deg; replaces the recorded one"
    )


def said_numbers(data):
    """Numbers in the last remark, in order."""
    import re

    words = history(data)[-1]["remark"]
    return [float(n) for n in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", words)]


def test_remarks_tell_the_numbers_of_their_step():
    x = np.linspace(1.0, 2.0, 50)
    p = np.deg2rad(25.0)
    quiet = 1e-2 * np.resize([1.0, -1.0], 50)
    record = measurement(
        {"V_X": x * np.cos(p) - quiet * np.sin(p), "V_Y": x * np.sin(p) + quiet * np.cos(p)}, {"time": x}
    )
    given = said_numbers(cleaning.rotate_phase(record, phase=25.0))
    assert given == pytest.approx([25.0, 0.01, np.sqrt(np.mean(x**2))], rel=1e-2)
    best = cleaning.rotate_phase(record)
    assert said_numbers(best)[0] == pytest.approx(25.0, abs=0.1)
    assert best.attrs["lock_in_phase"] == pytest.approx(25.0, abs=0.1)
    drifting = measurement({"R_xx": 100 + 0.3 * x + 1e-3 * NOISE[:50]}, {"time": x})
    told_drift = said_numbers(cleaning.subtract_drift(drifting, harmonics=()))
    assert told_drift[0] == pytest.approx(0.3, abs=2e-3)
    assert 2e-4 < told_drift[1] < 2e-3
    volts = {
        s: measurement({"V_xx": s * 0.2 * x + 0.01 * (1 + x)}, {"current": s * 1e-3 + 0 * x, "field": x})
        for s in (1, -1)
    }
    offset = said_numbers(cleaning.reverse_current(volts[1], volts[-1]))
    assert offset[:2] == pytest.approx([0.01 * (1 + x.mean()), 0.01 * x.std()], rel=2e-2)
    assert offset[2] == 0
    short = cleaning.reverse_current(volts[1], volts[-1].isel(point=slice(0, 40)))
    assert said_numbers(short)[2] == 50 - short.sizes["point"] > 5


def test_the_slope_of_a_substrate_from_few_rows_has_students_factor():
    field = np.array([-3.0, -2.5, -2.0, 2.0, 2.4, 3.0])
    y = np.sign(field) - 0.2 * field + 0.01 * np.array([1, -2, 1.5, -1, 0.5, 2])
    out = cleaning.subtract_substrate(measurement({"moment": y}, {"field": field}), above=1.0)
    design = np.stack([field, field < 0, field > 0], axis=1).astype(float)
    values = np.linalg.lstsq(design, y, rcond=None)[0]
    left = y - design @ values
    error = np.sqrt(left @ left / 3 * np.linalg.inv(design.T @ design)[0, 0])
    factor = t.ppf(0.5 + 0.6826894921370859 / 2, 3)
    assert out.attrs["substrate_slope"] == pytest.approx(values[0])
    assert out.attrs["substrate_slope_error"] == pytest.approx(error * factor, rel=1e-6)
    words = history(out)[-1]["remark"]
    assert f"saturation {(values[2] - values[1]) / 2:.4g}" in words
    assert f"offset {(values[2] + values[1]) / 2:.2g}" in words


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("tangent", "refused"), [(0.99, False), (1.01, True)])
def test_hall_fields_that_are_too_large_to_be_told_are_refused(sign, tangent, refused):
    from spinstack.measure.cleaning.two_terminal import LARGEST

    hall = sign * tangent * LARGEST * 100.0
    data = measurement({"R_xx": np.full(5, 350.0), "R_xy": np.full(5, hall)}, {"time": np.arange(5)}, SIZES)
    call = lambda: cleaning.subtract_leads(data, resistance=1e-9, hall=True)  # noqa: E731
    assert told(call) == ("R_xy" if refused else None)


LOOP = np.concatenate([np.linspace(-2, 2, 41), np.linspace(2, -2, 41)[1:]])


@pytest.mark.parametrize("ways", ["both", "rising", "falling"])
def test_branches_are_told_by_the_same_branch_where_both_runs_have_both(ways):
    field = np.concatenate([np.linspace(-2, 2, 58), np.linspace(2, -2, 63)[1:]])
    rising = np.arange(field.size) < 58
    values = 10 * field + np.where(rising, 1.0, 5.0)
    keep = rising | (ways == "both") if ways != "falling" else ~rising
    other = measurement({"R_xx": values[keep]}, {"field": field[keep]}, SIZES)
    where, words = matched(still(LOOP), other)
    branch = np.where(np.arange(LOOP.size) < 41, 1.0, 5.0) if ways == "both" else 1.0 if ways == "rising" else 5.0
    inside = where.found & (np.abs(LOOP) < 1.9)
    assert inside.sum() >= (np.abs(LOOP) < 1.9).sum()
    np.testing.assert_allclose(where.at(other["R_xx"].values)[inside], (10 * LOOP + branch)[inside], atol=1e-9)
    assert words == "interpolated in field"


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("seed", range(12))
def test_spikes_are_the_same_read_from_the_end(width, seed):
    """A record that is turned round loses the same rows, on steep slopes, too."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-1, 1, 80)
    y = rng.uniform(-60, 60) * x + rng.uniform(-80, 80) * x**2 + 20 * np.tanh((x - rng.uniform(-1, 1)) / 0.05)
    y = y + 0.1 * rng.standard_normal(80)
    for _ in range(3):
        at, size = rng.integers(1, 76), rng.uniform(1, 8) * rng.choice([-1, 1])
        y[at : at + rng.integers(1, width + 1)] += size

    def kept(values):
        data = measurement({"R_xx": values}, {"time": np.arange(80.0)})
        return cleaning.remove_spikes(data, width=width).time.values

    np.testing.assert_array_equal(kept(y), 79 - kept(y[::-1])[::-1])


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("high", [[2.2, 3.0], [2.8, 3.5, 3.6]])
@pytest.mark.parametrize(("off", "dropped"), [(0.0, False), (0.5, True)])
def test_readings_that_a_line_from_either_side_lets_expect_are_no_spike(high, off, dropped, backwards):
    """The first of several lies on the line through the two behind them, or above it."""
    y = np.concatenate([np.zeros(20), np.add(high, off), 1 - 0.6 * np.arange(20)]) + 1e-3 * NOISE[: 40 + len(high)]
    y = y[::-1] if backwards else y
    data = measurement({"R_xx": y}, {"time": np.arange(float(y.size))})
    out = cleaning.remove_spikes(data, width=len(high))
    assert y.size - out.sizes["point"] == (len(high) if dropped else 0)
