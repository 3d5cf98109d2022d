"""Sweeps on measured files: numbers that can be checked by another route."""

from pathlib import Path

import numpy as np
import pytest

from spinstack.measure.cleaning import odd_part
from spinstack.measure.measurement import measurement
from spinstack.measure.readers import read
from spinstack.measure.sweeps import (
    branches,
    butterfly,
    curie_weiss,
    hall_slope,
    hysteresis_loop,
    interval,
    splitting_temperature,
)

DATA = Path(__file__).parents[2] / "data"
MU_0 = 4e-7 * np.pi


def value(found, name):
    return float(found["value"].sel(parameter=name))


def error(found, name):
    return float(found["error"].sel(parameter=name))


@pytest.fixture(scope="module")
def superconductor():
    names = {"bridge_1": "R_xx", "bridge_2": "R_xy", "bridge_1_error": "R_xx_error", "bridge_2_error": "R_xy_error"}
    return read(DATA / "snse-nbse2-ppms" / "Resistivity_Ch1_TMR_Ch2_Hall_test.dat").rename(names)


@pytest.mark.parametrize("T", [2.0, 2.1, 2.2, 2.3])
def test_hall_slope_of_the_normal_state_with_the_even_admixture_taken_off(superconductor, T):
    rows = superconductor.isel(point=np.abs(superconductor["temperature"].values - T) < 0.03)
    odd = hall_slope(odd_part(rows, "R_xy"), above=0.75, even=(), anomalous=False)
    joint = hall_slope(rows, above=0.75, even=(0, 1, 2), anomalous=False)
    # two routes to the same readings: nearly the same slope, and the same error
    assert abs(value(odd, "slope") - value(joint, "slope")) < error(joint, "slope")
    assert error(odd, "slope") == pytest.approx(error(joint, "slope"), rel=0.25)
    assert -0.0052 < value(odd, "slope") < -0.0047
    assert odd.attrs["error_factor"] == 1.0


def test_hall_slope_with_the_admixture_left_in_is_the_same_only_in_a_symmetric_window(superconductor):
    rows = superconductor.isel(point=np.abs(superconductor["temperature"].values - 2.1) < 0.03)
    plus = rows.isel(point=rows["field"].values > 0)
    raw = hall_slope(plus, above=0.75)
    clean = hall_slope(odd_part(rows, "R_xy"), above=0.75, even=(), anomalous=False)
    assert value(raw, "slope") > 0 > value(clean, "slope")


def test_magnetoresistance_of_the_normal_state(superconductor):
    rows = superconductor.isel(point=np.abs(superconductor["temperature"].values - 2.2) < 0.03)
    found = butterfly(rows, at=0.9)
    # no resistance at zero field: the ratio has no meaning, and its error says so
    assert abs(value(found, "zero_field")) < 3 * error(found, "zero_field")
    assert error(found, "ratio") > 0.3 * abs(value(found, "ratio"))


def test_branches_of_four_loops(superconductor):
    side = branches(superconductor["field"].values)
    assert np.count_nonzero(np.diff(side)) == 6
    assert np.count_nonzero(side == 0) == 0


def test_loop_of_a_film_on_a_diamagnetic_substrate():
    data = read(DATA / "squidvsm-film-mh" / "S2-IP-MH@5K_2T_course_8kOe_fine.dat")
    with pytest.warns(UserWarning, match="the branches still differ"):
        found = hysteresis_loop(data, above=1.0)
    B, m = data["field"].values, data["moment"].values
    upper, lower = np.polyfit(B[B > 1], m[B > 1], 1), np.polyfit(B[B < -1], m[B < -1], 1)
    assert abs(value(found, "slope") - (upper[0] + lower[0]) / 2) < 2 * error(found, "slope")
    assert abs(value(found, "amplitude") - (upper[1] - lower[1]) / 2) < 2 * error(found, "amplitude")
    assert value(found, "slope") < 0 < value(found, "amplitude")
    assert 0.055 < value(found, "coercive_field") < 0.065
    assert abs(value(found, "bias")) < 2 * error(found, "bias")
    # the branches run apart by a lag of the field up to 2 T: correlated residuals, larger errors, and a word on it
    assert found.attrs["opening_over_error"] > 3
    assert found.attrs["error_factor"] > 3


def test_loop_of_nickel_has_the_coercive_field_of_its_file():
    rows = np.loadtxt(DATA / "ni-bh" / "45001S.DAT", skiprows=6, max_rows=1001)
    data = measurement({"moment": rows[:, 1]}, {"field": MU_0 * rows[:, 0]})
    with pytest.warns(UserWarning, match="the background bends by 11"):
        found = hysteresis_loop(data, slope=0.0)
    low, high = interval(found, "coercive_field", 0.95)
    assert low < MU_0 * 30.25 < high  # the first line of the file
    # the background of a loop that does not saturate is no substrate: taking it off moves the crossing
    assert value(hysteresis_loop(data), "coercive_field") > MU_0 * 32
    assert abs(found.attrs["curvature_over_error"]) > 10


def test_cooled_curves_part_and_follow_curie_and_weiss():
    zero, cooled = (read(DATA / "magnetopy-mt" / f) for f in ("zfc5.dat", "fc5.dat"))
    found = splitting_temperature(zero, cooled)
    assert 3.7 < value(found, "temperature") < 4.0
    top = zero["temperature"].values[np.argmax(zero["moment"].values)]
    assert value(found, "peak_temperature") == pytest.approx(top, abs=0.2)
    lower = splitting_temperature(zero, cooled, fraction=0.1)
    assert value(lower, "temperature") < value(found, "temperature")
    warm = curie_weiss(cooled, (100, 300))
    T, chi = cooled["temperature"].values, cooled["moment"].values / cooled["field"].values
    slope, _ = np.polyfit(T[T > 100], 1 / chi[T > 100], 1)
    assert value(warm, "curie_constant") == pytest.approx(1 / slope, rel=0.03)
    assert -4 < value(warm, "theta") < 0
