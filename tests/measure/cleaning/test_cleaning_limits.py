"""Both sides of the limits of steps, and what remarks say beyond them."""

import numpy as np
import pytest
from cleaning_runs import CONTROL, SIZES, scan, sweep, voltages

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
}


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
        from scipy.stats import t

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
    field = np.concatenate([B, B[::-1]])
    off = 1e-3 * np.resize([1.0, 1.0, -1.0, -1.0], field.size) * np.sign(field)
    # noise-free on a line: second differences of such readings vanish
    data = measurement({"R_xx": 100 + 0.2 * field, "R_xy": 2.0 * field + 0 * off}, {"field": field})
    out = cleaning.correct_misalignment(data)
    assert out.attrs["hall_in_longitudinal"] == pytest.approx(0.1, rel=1e-9)
    assert out.attrs["hall_in_longitudinal_error"] < 1e-12
    assert scan().sizes["point"] == 145


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
