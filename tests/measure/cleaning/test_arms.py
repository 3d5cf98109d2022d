"""Bars with arms: the step undoes what a whole bar of finite elements measures."""

import numpy as np
import pytest
from plate import bar, extrapolated

from spinstack.measure.bars import junction, short_bar, wide_probes
from spinstack.measure.cleaning import correct_arms
from spinstack.measure.measurement import MeasurementError, history
from spinstack.measure.measurement import measurement as made
from spinstack.measure.restore import replay
from spinstack.measure.sweeps import hall_bar, hall_slope

UM = 1e-6
SHEET, HALL = 120.0, 7.0


def measurement(R_xx, R_xy=None, error=None, length=30 * UM, width=10 * UM, **conditions):
    readings = {"R_xx": R_xx} | ({} if R_xy is None else {"R_xy": R_xy})
    if error is not None:
        readings |= {f"{n}_error": np.full(np.size(R_xx), error) for n in list(readings)}
    return made(readings, conditions, {"bar_length": length, "bar_width": width})


def value(found, name, what="value"):
    return float(found[what].sel(parameter=name))


def read(between, length, apart, arm, height):
    """R_xx and R_xy of a bar with `between` + 2 pairs of arms, lengths in units of the width, and their errors."""

    def solve(n):
        places = np.linspace(-apart / 2, apart / 2, between + 2) + length / 2
        arms = [(round(x * n), round(arm * n), round(height * n), side) for side in (1, -1) for x in places]
        V = bar(n, round(length * n), arms, HALL / SHEET)[2:]
        upper, lower = V[: between + 2], V[between + 2 :]
        middle = between + 1 if between % 2 == 0 else (between + 1) // 2
        return SHEET * (upper[0] - upper[-1]), SHEET * (lower - upper)[0 if between % 2 == 0 else middle]

    return extrapolated(solve, 16)


def test_the_step_gives_the_film_that_the_bar_is_made_of():
    (R_xx, R_xy), error = read(1, 9.0, 3.0, 0.5, 0.5)
    data = measurement([R_xx], [R_xy])
    raw = hall_bar(data)
    assert value(raw, "sheet_resistance") < 0.96 * SHEET
    out = correct_arms(data, 5 * UM, 5 * UM, between=1)
    found = hall_bar(out)
    assert value(found, "sheet_resistance") == pytest.approx(SHEET, abs=error[0] + 0.1)
    assert value(found, "hall_resistance") == pytest.approx(HALL, abs=error[1] + 0.003)
    assert value(raw, "hall_resistance") < 0.99 * HALL
    assert value(found, "tangent") == pytest.approx(HALL / SHEET, rel=2e-3)
    assert out.attrs["bar_length"] == pytest.approx(30 * UM - out.attrs["arm_shortening"])
    replayed = replay(data, history(out))
    assert replayed.identical(out)


def test_numbers_of_the_step_by_hand():
    data = measurement([50.0, 60.0], [2.0, -3.0], 0.1)
    out = correct_arms(data, 2 * UM, 3 * UM, between=2, end_distance=40 * UM, off_centre=5 * UM)
    one = junction(10 * UM, 2 * UM, 3 * UM, True)
    assert out.attrs["arm_shortening"] == pytest.approx(3 * one.shortening)
    factor = short_bar(40 * UM - one.shortening, 10 * UM, 5 * UM) * wide_probes(one.modulus)
    assert out.attrs["hall_factor"] == pytest.approx(factor)
    np.testing.assert_allclose(out.R_xy, [2 / factor, -3 / factor])
    np.testing.assert_allclose(out.R_xy_error, 0.1 / factor)
    np.testing.assert_allclose(out.R_xx, data.R_xx)
    assert history(out)[-1]["parameters"]["arm_width"] == 2 * UM
    # how exact it is: neighbours 8 um from edge to edge, and ends and probes that see each other
    near = 3 * 0.04 * 10 * np.exp(-2 * np.pi * 0.8) / (30 - 3e6 * one.shortening)
    ends = short_bar(40 * UM - one.shortening, 10 * UM, 5 * UM)
    remark = history(out)[-1]["remark"]
    assert f"to {100 * near:.1g} %" in remark
    assert f"to {100 * (1 - ends) * (1 - factor / ends):.1g} %" in remark
    # arms on one side face nothing: the Hall reading stays
    alone = correct_arms(data, 2 * UM, 3 * UM, arms="one")
    assert alone.attrs["arm_shortening"] == pytest.approx(junction(10 * UM, 2 * UM, 3 * UM, False).shortening)
    assert alone.R_xy.identical(data.R_xy)
    near = 0.04 * 10 * np.exp(-np.pi * 2.8) / (30 - 1e6 * alone.attrs["arm_shortening"])
    assert f"to {100 * near:.1g} %" in history(alone)[-1]["remark"]
    assert "hall_factor" not in alone.attrs
    # probes on the other side of the middle are as far off
    other = correct_arms(data, 2 * UM, 3 * UM, end_distance=40 * UM, off_centre=-5 * UM)
    assert other.attrs["hall_factor"] == pytest.approx(factor)
    far = correct_arms(data, 2 * UM, 3 * UM)
    assert far.attrs["hall_factor"] == pytest.approx(wide_probes(one.modulus))


def test_a_hall_angle_that_is_not_small_is_told():
    small, large = (correct_arms(measurement([30.0], [t]), 1 * UM, 5 * UM) for t in (0.5, 1.5))
    assert "Hall angle" not in history(small)[-1]["remark"]
    assert "tangent reaches 0.15" in history(large)[-1]["remark"]


def test_later_analyses_use_the_effective_length():
    B = np.linspace(-1, 1, 11)
    data = measurement(np.full(11, 360.0), 0.2 * B, field=B)
    out = correct_arms(data, 5 * UM, 20 * UM)
    found = hall_slope(out)
    sheet = 360.0 * 10 * UM / out.attrs["bar_length"]
    assert value(found, "mobility") == pytest.approx(0.2 / out.attrs["hall_factor"] / sheet)


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"arm_width": 26 * UM}, "arm_width", "half a width apart"),
        ({"arm_width": 11 * UM, "between": 1}, "arm_width", "half a width apart"),
        ({"arm_width": 0.0}, "arm_width", "greater than 0"),
        ({"arm_length": -1 * UM}, "arm_length", "0"),
        ({"arms": "two"}, "arms", "both"),
        ({"between": -1}, "between", "0"),
        ({"end_distance": 19 * UM}, "end_distance", "2 widths"),
        ({"end_distance": 25 * UM, "off_centre": 3 * UM}, "end_distance", "2 widths"),
    ],
)
def test_what_cannot_be_is_refused(more, field, says):
    with pytest.raises(MeasurementError, match=says) as refused:
        correct_arms(measurement([1.0], [0.1]), **{"arm_width": 2 * UM, "arm_length": 5 * UM, **more})
    assert refused.value.field == field


def test_sizes_are_needed_and_taken_once():
    with pytest.raises(MeasurementError, match="bar_length"):
        correct_arms(made({"R_xx": [1.0]}, {}), 2 * UM, 5 * UM)
    with pytest.raises(MeasurementError, match="has been corrected"):
        correct_arms(correct_arms(measurement([1.0]), 2 * UM, 5 * UM), 2 * UM, 5 * UM)
