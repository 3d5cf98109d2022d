"""Numbers of sweeps against closed forms, and what the analyses refuse."""

import sys

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.statistics.estimate import linear_fit
from spinstack.measure.sweeps import (
    anomalous_hall_loop,
    branches,
    butterfly,
    critical_temperature,
    curie_weiss,
    hall_slope,
    hysteresis_loop,
    interval,
    residual_ratio,
    scaling,
    scaling_table,
    sheet_resistances,
    splitting_temperature,
    two_band,
    upturn,
    weiss_magnetization,
    zero_field,
)
from spinstack.measure.sweeps.local import local_curve


def value(found, name):
    return float(found["value"].sel(parameter=name))


def error(found, name):
    return float(found["error"].sel(parameter=name))


LOOP = np.concatenate([np.linspace(-2, 2, 81), np.linspace(2, -2, 81)])
SIDE = np.repeat([1, -1], 81)


def sweep(**readings):
    return measurement(readings, {"field": LOOP})


def noise(size, scale, seed=3):
    return np.random.default_rng(seed).normal(size=size) * scale


# branches


def test_branches_follow_the_order_of_the_field():
    B = np.array([0, 1, 2, 1, 0, -1, -2, -1, 0, 1, 2.0])
    assert branches(B).tolist() == [1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1]
    assert np.array_equal(branches(-B), -branches(B))


def test_branches_do_not_see_jitter_and_overshoot():
    jitter = noise(LOOP.size, 0.005)
    assert np.mean(branches(LOOP + jitter) == SIDE) > 0.98
    overshoot = np.concatenate([np.linspace(-1, 1, 50), [1.01, 1.0], np.linspace(1, -1, 50)])
    assert np.count_nonzero(np.diff(branches(overshoot))) == 1


def test_branches_are_still_where_the_field_rests_or_has_no_order():
    assert not branches(np.full(10, 9.0)).any()
    assert not branches(9 + noise(50, 1e-5)).any()
    assert not branches(noise(200, 1.0)).any()
    assert branches([0, 1, 1, 1, 2.0]).tolist() == [1, 1, 0, 1, 1]
    assert branches([5.0]).tolist() == [0]


@pytest.mark.parametrize("field", [[], [[1.0, 2.0]], [1.0, np.nan]])
def test_branches_refuse_what_is_no_column(field):
    with pytest.raises(MeasurementError, match="field"):
        branches(field)


# estimates


def test_errors_do_not_depend_on_the_scale_of_the_weights_and_copies_add_nothing():
    x = np.linspace(-1, 1, 40)
    design = np.stack([np.ones(40), x], axis=1)
    y = 2 * x + noise(40, 0.1)
    plain, weighted = linear_fit(design, y), linear_fit(design, y, np.full(40, 7.0))
    assert np.allclose(plain.covariance, weighted.covariance)
    twice = linear_fit(np.vstack([design, design]), np.concatenate([y, y]), copies=2)
    assert np.allclose(twice.covariance, plain.covariance, rtol=1e-6)
    assert twice.freedom == plain.freedom


def test_errors_of_a_local_curve_are_those_of_finite_differences():
    x = np.linspace(-1, 1.2, 30)
    curve = local_curve(x, np.tanh(2 * x) + noise(30, 0.01), 5)
    for read in ("crossing", "inflection", "steepness"):
        found, spread = getattr(curve, read)()
        slope = []
        for i in range(6):
            up, down = (curve.coefficients + s * 1e-6 * np.eye(6)[i] for s in (1, -1))
            pair = [getattr(type(curve)(c, curve.covariance, 9, curve.window), read)()[0] for c in (up, down)]
            slope.append((pair[0] - pair[1]) / 2e-6)
        assert spread == pytest.approx(np.sqrt(slope @ curve.covariance @ np.array(slope)), rel=1e-4)
        assert np.isfinite(found)


def test_interval_is_that_of_students_t():
    found = hall_slope(sweep(R_xy=0.1 * LOOP + noise(162, 0.01)))
    low, high = interval(found, "slope", 0.6827)
    assert (high - low) / 2 == pytest.approx(error(found, "slope"), rel=0.01)
    with pytest.raises(MeasurementError, match="level"):
        interval(found, "slope", 2)
    with pytest.raises(MeasurementError, match="parameter"):
        interval(found, "nothing")


# Hall effect


def test_hall_coefficient_density_and_mobility_of_a_known_film():
    density, mobility, thickness = 5e27, 2e-3, 10e-9
    sheet = 1 / (1.602176634e-19 * density * thickness * mobility)
    data = sweep(R_xy=-LOOP / (1.602176634e-19 * density * thickness), R_xx=np.full(162, 3.5 * sheet))
    data = data.assign_attrs(film_thickness=thickness, bar_length=7e-4, bar_width=2e-4)
    found = hall_slope(data)
    assert value(found, "carrier_density") == pytest.approx(-density)
    assert value(found, "sheet_density") == pytest.approx(-density * thickness)
    assert value(found, "mobility") == pytest.approx(-mobility)
    assert value(found, "hall_coefficient") == pytest.approx(-1 / (1.602176634e-19 * density))
    assert value(hall_slope(data, sheet_resistance=(2 * sheet, 0.0)), "mobility") == pytest.approx(-mobility / 2)


def test_hall_slope_separates_the_step_and_even_admixture():
    data = sweep(R_xy=0.2 * LOOP + 0.5 * np.tanh(20 * LOOP) + 0.3 + 0.1 * LOOP**2)
    found = hall_slope(data, above=1.0, even=(0, 2))
    assert value(found, "slope") == pytest.approx(0.2)
    assert value(found, "step") == pytest.approx(0.5)


def test_two_bands_reduce_to_one_band_without_magnetoresistance():
    along, across = sheet_resistances(np.array([0.0, 3.0]), np.array([1e16]), np.array([-0.5]))
    assert along == pytest.approx([1 / (1.602176634e-19 * 1e16 * 0.5)] * 2)
    assert across[1] == pytest.approx(-3 / (1.602176634e-19 * 1e16))


def test_two_bands_are_found_whatever_their_signs():
    B = np.linspace(-9, 9, 41)
    for mobility in ([0.6, -0.2], [0.5, 0.1], [-0.1, -0.5]):
        density = np.array([2e16, 5e16])
        along, across = sheet_resistances(B, density, np.array(mobility))
        along, across = along * (1 + noise(41, 1e-4)), across + noise(41, 1e-5 * np.ptp(across), 4)
        data = measurement({"R_xx": 2 * along, "R_xy": across}, {"field": B})
        found = two_band(data, bar_length=2e-4, bar_width=1e-4, film_thickness=1e-8)
        assert [value(found, f"mobility_{i}") for i in (1, 2)] == pytest.approx(mobility, rel=0.02)
        assert value(found, "carrier_density_1") == pytest.approx(2e24, rel=0.05)


# loops


def test_minor_parts_of_a_loop_do_not_change_it():
    """A virgin curve, a rest at full field and a reading that is missing."""
    y = np.tanh((LOOP - 0.3 * SIDE) / 0.1)
    plain = hysteresis_loop(sweep(moment=y + noise(162, 1e-3)))
    first = np.linspace(0, 2, 21)
    B = np.concatenate([first, [2, 2, 2], np.roll(LOOP, 81), [1.0]])
    m = np.concatenate([np.tanh(first), [1, 1, 1], np.roll(y, 81) + noise(162, 1e-3), [np.nan]])
    found = hysteresis_loop(measurement({"moment": m}, {"field": B}))
    for name in ("amplitude", "coercive_field", "squareness"):
        assert value(found, name) == pytest.approx(value(plain, name), abs=0.01)


def test_known_slope_is_kept_by_every_method():
    y = 3 * np.tanh((LOOP - 0.3 * SIDE) / 0.4) + 0.5 * LOOP + noise(162, 1e-3)
    for method in ("branches", "tanh"):
        found = hysteresis_loop(sweep(moment=y), slope=0.5, method=method)
        assert value(found, "slope") == 0.5
        assert error(found, "slope") == 0
        assert value(found, "amplitude") == pytest.approx(3, abs=0.02)
        assert value(found, "coercive_field") == pytest.approx(0.3, abs=0.01)


def test_loop_says_that_it_is_not_saturated_or_not_closed():
    y = np.tanh((LOOP - 0.3 * SIDE) / 0.2) + noise(162, 1e-3)
    closed = hysteresis_loop(sweep(moment=y)).attrs
    assert abs(closed["curvature_over_error"]) < 4
    assert abs(closed["opening_over_error"]) < 4
    with pytest.warns(UserWarning, match=r"above 1.4 T the background bends by .*% of the amplitude .* not saturated"):
        soft = hysteresis_loop(sweep(moment=y + np.sign(LOOP) * 0.1 * LOOP**2)).attrs
    assert abs(soft["curvature_over_error"]) > 10
    with pytest.warns(UserWarning, match=r"the branches still differ by 4.\d% of the amplitude"):
        assert hysteresis_loop(sweep(moment=y - 0.02 * SIDE)).attrs["opening_over_error"] > 10


# scaling


def test_scaling_of_exact_laws():
    x = np.linspace(1, 2, 6) * 1e-6
    assert value(scaling(scaling_table(x, 800 * x**2)), "conductivity") == pytest.approx(800)
    found = scaling(scaling_table(x, -800 * x**2, 0.01 * x, np.full(6, 1e-12)), "power")
    assert value(found, "exponent") == pytest.approx(2)
    skew = scaling(scaling_table(x, 800 * x**2 + 1e-3 * x), "skew")
    assert value(skew, "skew") == pytest.approx(1e-3)
    assert np.allclose(scaling(scaling_table(x, 800 * x**2))["sigma"], 800)


def test_errors_of_rho_xx_count():
    x = np.linspace(1, 2, 6) * 1e-6
    small, large = (scaling(scaling_table(x, 800 * x**2, s * x, 0.01 * 800 * x**2)) for s in (1e-6, 0.01))
    expected = np.sqrt(1 + 4)  # 1 % of rho_xx is 2 % of its square
    assert error(large, "conductivity") / error(small, "conductivity") == pytest.approx(expected, rel=0.01)


# magnetoresistance


def test_negative_peaks_and_a_curve_without_any():
    dip = -1 / (1 + ((LOOP - 0.4 * SIDE) / 0.2) ** 2)
    found = butterfly(sweep(R_xx=100 + dip + noise(162, 1e-3)))
    assert value(found, "peak_field") == pytest.approx(0.4, abs=0.01)
    assert value(found, "peak_ratio") < 0
    none = butterfly(sweep(R_xx=100 + noise(162, 1e-3)))
    assert np.isnan(value(none, "peak_field"))
    assert "peak" in none.attrs["peaks"]


@pytest.mark.parametrize("sign", [1, -1])
def test_peaks_on_a_broad_background_are_told_from_its_own_top(sign):
    background = sign * (1 - np.sqrt(LOOP**2 + 1))
    for middle in (0.6, 0.9, 1.2):
        peak = sign * 0.6 / np.cosh((LOOP - middle * SIDE) / 0.2) ** 2
        found = butterfly(sweep(R_xx=100 + background + peak + noise(162, 1e-3)))
        # the slope of the background moves the top inwards
        slope = middle / np.sqrt(middle**2 + 1)
        assert value(found, "peak_field") == pytest.approx(middle - slope * 0.2**2 / (2 * 0.6), abs=0.01)


def test_zero_field_is_the_mean_of_the_branches():
    found, spread, _ = zero_field(sweep(R_xx=10 + LOOP**2 + SIDE * (0.5 + 0.3 * LOOP) + noise(162, 1e-3)), "R_xx")
    assert found == pytest.approx(10, abs=4e-3)
    assert spread < 2e-3


# temperature


def at_temperature(T, **readings):
    return measurement(readings, {"temperature": T})


def test_mean_field_curve_solves_its_own_equation():
    t = np.array([0.2, 0.5, 0.9, 0.99])
    m = weiss_magnetization(t)
    assert np.allclose(m, np.tanh(m / t), atol=2e-5)
    classical = weiss_magnetization(t, np.inf)
    x = 3 * classical / t
    assert np.allclose(classical, 1 / np.tanh(x) - 1 / x, atol=2e-5)
    assert weiss_magnetization([0.0, 1.0, 1.5]).tolist() == pytest.approx([1, 0, 0])
    assert weiss_magnetization(0.999) == pytest.approx(np.sqrt(3 * 0.001), rel=2e-3)


def test_four_definitions_of_a_critical_temperature():
    T = np.linspace(5, 120, 116)
    data = at_temperature(T, moment=weiss_magnetization(T / 75) + noise(116, 1e-3))
    assert value(critical_temperature(data, "mean_field"), "temperature") == pytest.approx(75, abs=0.05)
    near = critical_temperature(data, "power", window=(65, 90))
    assert value(near, "exponent") == pytest.approx(0.5, abs=0.05)
    broad = at_temperature(T, R_xx=-np.tanh((T - 60) / 8) + 0.01 * T + noise(116, 3e-3))
    found = critical_temperature(broad, "derivative", "R_xx")
    assert value(found, "temperature") == pytest.approx(60, abs=0.3)
    tangent = critical_temperature(broad, "tangent", "R_xx", baseline=(85, 120), resamples=100)
    assert value(tangent, "temperature") == pytest.approx(68, abs=0.7)
    assert 0.5 < tangent.attrs["bootstrap_error"] / error(tangent, "temperature") < 2


def test_log_slope_of_the_conductance():
    T = np.geomspace(2, 300, 150)
    data = at_temperature(T, R_xx=1 / (0.01 + 1e-4 * np.log(T)) + 2e-6 * T**3)
    assert value(upturn(data), "log_slope") == pytest.approx(1e-4, rel=0.05)


# refusals

T = np.linspace(5, 120, 50)
HALL = sweep(R_xy=0.1 * LOOP)
MOMENT = at_temperature(T, moment=1 / T)
REFUSED = {
    "no column": (lambda: hall_slope(sweep(R_xx=LOOP)), "R_xy"),
    "empty window": (lambda: hall_slope(HALL, above=5.0), "above"),
    "too few points": (lambda: hall_slope(HALL.isel(point=[0, 1])), "rows: got 2, for 2 unknowns"),
    "one field": (lambda: hall_slope(HALL.isel(point=[3, 3, 3, 3])), "apart"),
    "thickness": (lambda: hall_slope(HALL, film_thickness=-1e-9), "film_thickness"),
    "sheet resistance": (lambda: hall_slope(HALL, sheet_resistance=0.0), "sheet_resistance"),
    "errors": (lambda: hall_slope(sweep(R_xy=LOOP, R_xy_error=0 * LOOP)), "R_xy_error"),
    "all missing": (lambda: hall_slope(sweep(R_xy=LOOP * np.nan)), "no row"),
    "geometry": (lambda: two_band(sweep(R_xx=1 + LOOP**2, R_xy=LOOP)), "bar_length"),
    "negative": (lambda: two_band(sweep(R_xx=LOOP, R_xy=LOOP), bar_length=1, bar_width=1), "R_xx"),
    "one branch": (lambda: anomalous_hall_loop(HALL.isel(point=slice(0, 81))), "falling"),
    "method": (lambda: anomalous_hall_loop(sweep(R_xy=np.tanh(LOOP - SIDE)), method="sigmoid"), "sigmoid"),
    "window": (lambda: hysteresis_loop(sweep(moment=LOOP), above=3.0), "above"),
    "loop thickness": (lambda: anomalous_hall_loop(HALL, film_thickness=0.0), "film_thickness"),
    "law": (lambda: scaling(scaling_table([1.0, 2], [1.0, 4]), "cubic"), "cubic"),
    "rows": (lambda: scaling(scaling_table([1.0, 2], [1.0, 4]), "skew"), "rows: got 2, for 2 unknowns"),
    "sign": (lambda: scaling(scaling_table([1.0, 2, 3], [1.0, -4, 2]), "power"), "sign"),
    "field of ratio": (lambda: butterfly(sweep(R_xx=9 + LOOP**2), at=9.0), r"at \[T\]: got 9"),
    "no zero": (lambda: zero_field(measurement({"R_xx": [1.0, 2]}, {"field": [1.0, 2]}), "R_xx"), "zero"),
    "critical method": (lambda: critical_temperature(MOMENT, "eye"), "eye"),
    "critical window": (lambda: critical_temperature(MOMENT, window=(200, 300)), "window"),
    "baseline": (lambda: critical_temperature(MOMENT, baseline=(119, 120)), "baseline"),
    "spin": (lambda: critical_temperature(MOMENT, "mean_field", spin=-1), "spin"),
    "zero kelvin": (lambda: residual_ratio(at_temperature([0.0, 1, 2, 3, 4], R_xx=np.ones(5))), "0 K"),
    "outside": (lambda: residual_ratio(at_temperature(T, R_xx=T), high=300), "300"),
    "no minimum": (lambda: upturn(at_temperature(T, R_xx=T)), "no minimum"),
    "fraction": (lambda: splitting_temperature(MOMENT, MOMENT, fraction=2), "fraction"),
    "no splitting": (lambda: splitting_temperature(MOMENT, MOMENT), "difference"),
    "no field": (lambda: curie_weiss(MOMENT, (5, 100)), "field"),
    "zero field": (lambda: curie_weiss(MOMENT.assign_coords(field=("point", 0 * T)), (5, 100)), "zero"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_analysed_is_refused_with_the_reason(case):
    call, words = REFUSED[case]
    with pytest.raises(MeasurementError, match=words):
        call()


def test_all_wrong_arguments_are_told_at_once():
    with pytest.raises(MeasurementError) as caught:
        critical_temperature(MOMENT, "eye", spin=-1, resamples=-3)
    assert [error.field for error in caught.value.errors] == ["method", "spin", "resamples"]
    with pytest.raises(MeasurementError) as caught:
        two_band(HALL, film_thickness=-1e-9)
    assert [error.field for error in caught.value.errors] == ["bar_length", "bar_width", "film_thickness"]
    assert caught.value.errors[2].allowed == "one finite number in m, greater than 0"


def test_missing_lmfit_is_told_with_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "lmfit", None)
    with pytest.raises(MeasurementError, match=r"spinstack\[fit\]"):
        critical_temperature(MOMENT, "mean_field")
