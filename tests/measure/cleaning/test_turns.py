"""Readings measured in turns: brought to common rows, with errors that cover a known truth."""

from pathlib import Path

import numpy as np
import pytest
from cleaning_runs import SIZES, in_turns

from spinstack.measure import cleaning
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.readers import read
from spinstack.measure.sweeps.hall import hall_slope

CASES = Path(__file__).parents[1] / "readers" / "cases"
RUNS = 500


def turns(x, y, own, name="field", error=None, **conditions):
    """A reading y where `own`, a reading `other` in the other rows."""
    readings = {"R_xy": np.where(own, y, np.nan), "R_xx": np.where(own, np.nan, 1.0)}
    if error is not None:
        readings["R_xy_error"] = np.where(own, error, np.nan)
    return measurement(readings, {name: x, **conditions}, SIZES)


def test_both_channels_of_a_stepped_field_are_taken_at_that_field():
    raw = read(CASES / "eto_alternating_rows.dat", channels={"1": "R_xx", "2": "R_xy"})
    data = cleaning.align_channels(raw)
    # at the same B, not at the mean of two
    pairs = {round(b, 6): y for b, y in zip(raw.field.values[1::2], raw.R_xy.values[1::2], strict=True)}
    assert data.sizes["point"] == raw.sizes["point"] // 2
    for b, y in zip(data.field.values[:40], data.R_xy.values[:40], strict=True):
        assert y == pytest.approx(pairs[round(b, 6)], abs=1e-12)
    assert data.attrs["interpolation_of_R_xy"] == 0.0


def test_hall_slope_after_odd_part_and_after_misalignment_of_channels_in_turns():
    raw = read(CASES / "eto_alternating_rows.dat", channels={"1": "R_xx", "2": "R_xy"})
    data = cleaning.align_channels(raw)
    # R_xx = 1 + 1e-3 B^2 and R_xy = 0.01 B + 0.02 R_xx
    odd = hall_slope(cleaning.odd_part(data), above=0.2)
    assert float(odd["value"].sel(parameter="slope")) == pytest.approx(0.01, rel=1e-6)
    straight = cleaning.correct_misalignment(data)
    assert straight.attrs["longitudinal_in_hall"] == pytest.approx(0.02, rel=1e-6)
    assert float(hall_slope(straight, above=0.2)["value"].sel(parameter="slope")) == pytest.approx(0.01, rel=1e-6)


def test_voltages_of_an_ac_bridge_in_turns():
    raw = read(CASES / "act_alternating_rows.dat", channels={"1": "R_xy", "2": "R_xx"})
    data = cleaning.odd_part(cleaning.align_channels(raw))
    np.testing.assert_allclose(data.R_xy, 1e-3 * data.field, atol=1e-12)
    np.testing.assert_allclose(data.R_xx, 5e-3 + 5e-4 * data.field**2, rtol=1e-6)


def test_a_cubic_is_interpolated_exactly_at_uneven_places():
    rng = np.random.default_rng(1)
    x = np.cumsum(rng.uniform(0.5, 1.5, 60))
    own = np.arange(60) % 2 == 1
    data = cleaning.align_channels(turns(x, 3 - x + 0.2 * x**2 - 1e-3 * x**3, own), onto="R_xx")
    inner = slice(2, -2)
    b = data.field.values
    np.testing.assert_allclose(data.R_xy.values[inner], (3 - b + 0.2 * b**2 - 1e-3 * b**3)[inner], rtol=1e-12)


def test_errors_without_bend_are_those_of_the_weights():
    x = np.arange(40.0)
    own = np.arange(40) % 2 == 0
    data = cleaning.align_channels(turns(x, 2 * x, own, error=0.1), onto="R_xx")
    assert data.R_xy_error.values[3:-3] == pytest.approx(0.1 * np.sqrt(2 * (9 / 16) ** 2 + 2 / 16**2))
    assert data.R_xy_error.values[0] == pytest.approx(0.1 * np.sqrt(0.5))  # a straight line at the end of a leg
    assert data.attrs["interpolation_of_R_xy"] == 0.0


def test_a_bend_at_the_end_of_a_leg_is_in_the_error_of_a_straight_line():
    x = np.arange(40.0)
    for y, at, row in ((x**2, 1.0, 0), (x**2, 37.0, -1), (-x, 1.0, 0)):
        data = cleaning.align_channels(turns(x, y, np.arange(40) % 2 == 0, error=0.01), onto="R_xx")
        bend = 8.0 if y[2] > 0 else 0.0  # the second difference at a spacing of 2, half way: an eighth of it
        assert float(data.field[row]) == at
        assert data.R_xy_error.values[row] == pytest.approx(np.hypot(0.01 * np.sqrt(0.5), bend / 8))
        assert abs(data.R_xy.values[row] - y[int(at)]) == pytest.approx(bend / 8, abs=1e-12)


def test_rows_at_turning_points_and_across_gaps_are_dropped():
    x = np.concatenate([np.arange(0.0, 20.0), np.arange(20.0, -1.0, -1.0)])
    own = np.arange(x.size) % 2 == 1
    data = cleaning.align_channels(turns(x, x, own), onto="R_xx")
    assert data.field.values.max() < 20  # between readings at 19 and 19 nothing is known of the one at 20
    np.testing.assert_allclose(data.R_xy, data.field, atol=1e-12)
    x = np.concatenate([np.arange(0.0, 20.0), np.arange(60.0, 80.0)])
    data = cleaning.align_channels(turns(x, x, np.arange(40) % 2 == 0), onto="R_xx")
    assert 19.0 not in data.field.values
    assert data.sizes["point"] == 18  # without the one at the gap and the last


def test_a_jump_between_two_readings_is_within_its_error():
    x = np.arange(60.0)
    for at in (30.5, 31.5):
        data = cleaning.align_channels(
            turns(x, np.where(x > at, 1.0, 0.0), np.arange(60) % 2 == 0, error=0.01), onto="R_xx"
        )
        off = np.abs(data.R_xy.values - np.where(data.field.values > at, 1.0, 0.0))
        assert off.max() > 0.3
        assert (off <= 1.2 * data.R_xy_error.values).all()
        assert data.R_xy_error.values.max() == pytest.approx(0.5, rel=0.01)
        assert np.median(data.R_xy_error.values) < 0.01


def test_the_swept_condition_is_found_and_time_is_the_last_resort():
    x = np.linspace(0, 400, 80)
    own = np.arange(80) % 2 == 0
    for name in ("angle", "temperature", "field"):
        values = x % 360 if name == "angle" else x + 5
        y = np.sin(np.deg2rad(values)) if name == "angle" else 1e-3 * values
        data = cleaning.align_channels(turns(values, y, own, name, time=np.arange(80.0)), onto="R_xx")
        assert f"interpolated in {name}" in data.attrs["history"]
        assert data.sizes["point"] == 39  # also around 360 degrees; the last has no reading after it
        wanted = np.sin(np.deg2rad(data.angle.values)) if name == "angle" else 1e-3 * data[name].values
        np.testing.assert_allclose(data.R_xy, wanted, atol=2e-3)
    data = cleaning.align_channels(turns(np.arange(80.0), 1e-3 * np.arange(80), own, "time", field=1.0), onto="R_xx")
    assert "interpolated in time" in data.attrs["history"]
    np.testing.assert_allclose(data.R_xy, 1e-3 * data.time, atol=1e-12)


@pytest.mark.study
@pytest.mark.parametrize("stepped", [False, True])
def test_stated_errors_cover_the_truth(stepped):
    pulls = []
    for seed in range(RUNS):
        data = cleaning.align_channels(in_turns(seed, stepped=stepped))
        b = data.field.values
        truth = 0.4 * np.tanh(b / 0.7) + 0.1 * b
        pulls.append((data.R_xy.values - truth) / data.R_xy_error.values)
    pulls = np.concatenate(pulls)
    assert abs(np.mean(pulls)) < 0.02
    assert abs(np.mean(np.abs(pulls) < 1) - 0.683) < 0.015
    assert abs(np.mean(np.abs(pulls) < 1.96) - 0.95) < 0.008


@pytest.mark.study
def test_errors_cover_loops_that_switch_between_readings():
    inside = []
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        field = np.concatenate([np.linspace(1, -1, 120), np.linspace(-1, 1, 121)[1:]]) + 2e-3 * rng.normal()
        switch = np.where(np.arange(240) < 120, -1, 1) * rng.uniform(0.2, 0.4)
        width = rng.uniform(0.005, 0.1)
        noise = 10 ** rng.uniform(-3, -1.5)
        truth = np.tanh((field - switch) / width)
        own = np.arange(240) % 2 == 0
        data = turns(field, truth + noise * rng.normal(size=240), own, error=noise, row=np.arange(240.0))
        out = cleaning.align_channels(data, onto="R_xx")
        there = truth[out.row.values.astype(int)]
        inside.append(np.abs(out.R_xy.values - there) / out.R_xy_error.values)
    inside = np.concatenate(inside)
    assert 0.66 < np.mean(inside < 1) < 0.75
    assert 0.935 < np.mean(inside < 1.96) < 0.965


def test_a_reading_that_misses_beside_a_whole_one_keeps_its_rows():
    x = np.arange(20.0)
    data = measurement({"R_xx": x, "R_xy": np.where(x % 3 < 1, 2 * x, np.nan)}, {"field": x}, SIZES)
    out = cleaning.align_channels(data)
    assert (out.R_xy == 2 * out.R_xx).all()
    assert out.sizes["point"] == 7


def test_what_is_not_in_turns_is_refused():
    with pytest.raises(MeasurementError, match="no reading is missing in any row"):
        cleaning.align_channels(in_turns().drop_vars(["R_xx", "R_xx_error"]).isel(point=slice(1, None, 2)))
    x = np.arange(20.0)
    with pytest.raises(MeasurementError, match=r"no row of R_xx lies between rows of R_xy.*split or select"):
        cleaning.align_channels(turns(x, x, x < 9))
    with pytest.raises(MeasurementError, match="R_xy: holds no number in any row"):
        cleaning.align_channels(turns(x, x, x < -1))
    with pytest.raises(MeasurementError, match="R_xy_error: is missing where R_xy is there"):
        cleaning.align_channels(turns(x, x, x % 2 < 1, error=np.where(x > 9, np.nan, 1.0)), onto="R_xx")
    with pytest.raises(MeasurementError, match="against: got 'current'"):
        cleaning.align_channels(in_turns(), against="current")
    with pytest.raises(MeasurementError, match="V_xx: the measurement has no such column"):
        cleaning.align_channels(in_turns(), onto="V_xx")


def test_a_jump_counts_by_the_place_between_the_readings():
    """w (1 - w) times the third difference of the four: 2 of a jump of 1 in the middle, 1 of one beside it."""
    there, own = np.arange(10.0), np.arange(9.0) + 0.25
    field = np.sort(np.concatenate([there, own]))
    first = np.isin(field, there)
    readings = {"R_xy": np.where(first, np.where(field > 4.5, 1.0, 0.0), np.nan), "R_xx": np.where(first, np.nan, 5.0)}
    errors = {f"{n}_error": np.where(np.isnan(v), np.nan, 1e-6) for n, v in readings.items()}
    out = cleaning.align_channels(measurement({**readings, **errors}, {"field": field}), onto="R_xx")
    at = dict(zip(out.field.values, out.R_xy_error.values, strict=True))
    assert [at[x] for x in (3.25, 4.25, 5.25)] == pytest.approx([0.1875, 0.375, 0.1875], rel=1e-6)
    assert at[6.25] < 1e-5
    assert out.attrs["interpolation_of_R_xy"] == pytest.approx(0.375, rel=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("moves", "swept"), [(0.019, "temperature"), (0.021, "field")])
def test_what_moves_by_more_than_a_setting_may_is_what_is_swept(sign, moves, swept):
    """Twice the tolerance of a field of 1 T is 20 mT, whatever its sign."""
    field = sign * (1 + np.linspace(-moves / 2, moves / 2, 40))
    own = np.arange(40) % 2 == 0
    out = cleaning.align_channels(turns(field, field, own, temperature=np.linspace(300, 200, 40)), onto="R_xx")
    assert f"interpolated in {swept}" in out.attrs["history"]


@pytest.mark.parametrize(("size", "told"), [(2.9, False), (3.1, True)])
def test_a_third_difference_of_three_standard_deviations_is_no_noise(size, told):
    x, error = np.arange(40.0), 1e-3
    # a cubic c x^3 has third differences of 6 c h^3 at a spacing of h = 2; those of noise are sqrt(1 + 9 + 9 + 1) large
    y = size * np.sqrt(20) * error / 48 * x**3
    out = cleaning.align_channels(turns(x, y, np.arange(40) % 2 == 0, error=error), onto="R_xx").isel(
        point=slice(2, -2)
    )
    bend = size * np.sqrt(20) * error / 4 if told else 0.0
    white = error * np.sqrt(2 * (9 / 16) ** 2 + 2 / 16**2)
    np.testing.assert_allclose(out["R_xy_error"], np.hypot(white, bend), rtol=1e-6)


@pytest.mark.parametrize(("wide", "told"), [(3.9, True), (4.1, False)])
def test_nothing_is_told_across_a_gap_of_more_than_four_distances(wide, told):
    there = np.concatenate([np.arange(0.0, 40.0, 2.0), 38 + 2 * wide + np.arange(0.0, 40.0, 2.0)])
    own = np.concatenate([np.arange(1.0, 38.0, 2.0), [38 + wide], 39 + 2 * wide + np.arange(0.0, 38.0, 2.0)])
    x = np.sort(np.concatenate([there, own]))
    out = cleaning.align_channels(turns(x, 2 * x, np.isin(x, there)), onto="R_xx")
    assert np.any(np.isclose(out.field, 38 + wide)) == told
    assert out.sizes["point"] == own.size - (not told)
