"""Every term of a stated error, and numbers that a wrong sign or factor would change without a sound."""

import itertools

import numpy as np
import pytest

from spinstack.measure.cleaning import even_part, odd_part
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.sweeps import (
    branches,
    butterfly,
    critical_temperature,
    hall_slope,
    hysteresis_loop,
    residual_ratio,
    scaling,
    scaling_table,
    splitting_temperature,
    upturn,
)
from spinstack.measure.sweeps.at_zero import zero_field
from spinstack.measure.sweeps.branching import without_virgin_curve
from spinstack.measure.sweeps.loop_model import SHAPES

LOOP = np.concatenate([np.linspace(2, -2, 201), np.linspace(-2, 2, 201)])
SIDE = np.repeat([-1, 1], 201)


def number(found, name, of="value"):
    return float(found[of].sel(parameter=name))


@pytest.mark.parametrize("shape", SHAPES)
def test_remanence_of_a_biased_loop_is_half_its_height_at_zero_field(shape):
    f = {"tanh": np.tanh, "erf": SHAPES["erf"], "langevin": lambda x: 1 / np.tanh(x) - 1 / x}[shape]
    y = 0.5 * f((LOOP - 0.3 - 0.4 * SIDE + 1e-9) / 0.1) + 1e-6 * np.random.default_rng(0).standard_normal(LOOP.size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spinstack.measure.sweeps.loop.SMALL", 1.0)  # a Langevin function is never quite saturated
        found = hysteresis_loop(measurement({"moment": y}, {"field": LOOP}), method=shape, slope=0.0)
    falling, rising = (f((0 - 0.3 - side * 0.4) / 0.1) for side in (-1, 1))
    assert number(found, "remanence") == pytest.approx(0.5 * (falling - rising) / 2, rel=1e-3)
    assert number(found, "coercive_field") == pytest.approx(0.4, abs=1e-3)
    assert number(found, "bias") == pytest.approx(0.3, abs=1e-3)


def test_the_langevin_function_is_coth_less_its_pole():
    x = np.array([-30.0, -2.0, -0.5, 0.3, 1.0, 7.0])
    np.testing.assert_allclose(SHAPES["langevin"](x), 1 / np.tanh(x) - 1 / x, rtol=1e-12)


def test_a_first_branch_from_almost_the_largest_field_stays():
    ends = [3.95, -4.0, 4.0, -4.0]
    B = np.concatenate([np.linspace(a, b, 60) for a, b in itertools.pairwise(ends)])
    assert without_virgin_curve(B, branches(B)).all()
    virgin = np.concatenate([np.linspace(0, 4, 30), np.linspace(4, -4, 60), np.linspace(-4, 4, 60)])
    assert without_virgin_curve(virgin, branches(virgin)).sum() == 120


def test_the_error_of_the_sheet_resistance_is_in_the_mobility():
    B = np.linspace(-5, 5, 41)
    data = measurement({"R_xy": 0.02 * B + 1e-6 * np.random.default_rng(1).standard_normal(41)}, {"field": B})
    found = hall_slope(data, sheet_resistance=(100.0, 10.0))
    assert number(found, "mobility", "error") == pytest.approx(0.1 * number(found, "mobility"), rel=1e-3)


def test_the_error_of_a_measured_resistance_is_in_the_mobility():
    rng, B = np.random.default_rng(1), np.linspace(-5, 5, 41)
    readings = {"R_xy": 0.02 * B + 1e-6 * rng.standard_normal(41), "R_xx": 350 + 30 * rng.standard_normal(41)}
    data = measurement(readings, {"field": B}, {"bar_length": 7e-4, "bar_width": 2e-4})
    R, spread, _ = zero_field(data, "R_xx")
    found = hall_slope(data)
    assert number(found, "mobility") == pytest.approx(0.02 / (R / 3.5), rel=1e-3)
    assert number(found, "mobility", "error") == pytest.approx(spread / R * number(found, "mobility"), rel=1e-3)


def test_errors_of_rho_xx_count_twice_in_what_goes_with_its_square():
    x = np.linspace(1e-6, 2e-6, 6)
    found = scaling(scaling_table(x, 800 * x**2, 0.01 * x, np.full(6, 1e-16)), "quadratic")
    np.testing.assert_allclose(found.sigma_error, 2 * 800 * 0.01, rtol=1e-6)
    table = scaling_table(x, 800 * x**2, 0.01 * x, 0.8 * x**2, magnetization=np.full(6, 1e5))
    # one point: S_H = rho_xy/(rho_xx^2 M) is uncertain by twice the part that rho_xx is, six by its sixth root less
    part = number(scaling(table), "S_H", "error") / number(scaling(table), "S_H")
    assert part == pytest.approx(2 * 0.01 / np.sqrt(6), rel=0.05)


@pytest.mark.study
def test_a_butterfly_of_an_even_part_knows_that_each_reading_stands_twice():
    rng = np.random.default_rng(2)
    stated, misses = [], {"ratio": [], "peak_field": []}
    for _ in range(60):
        R = 100 + 0.3 / np.cosh((LOOP - 0.5 * SIDE) / 0.2) + 0.01 * rng.standard_normal(LOOP.size)
        found = butterfly(even_part(measurement({"R_xx": R}, {"field": LOOP})))
        for name in misses:
            misses[name].append((number(found, name), number(found, name, "error")))
        stated.append(number(found, "ratio", "error"))
    for name, pairs in misses.items():
        values, errors = np.transpose(pairs)
        assert np.std(values) == pytest.approx(np.sqrt(np.mean(errors**2)), rel=0.35), name


def test_the_error_of_the_baseline_is_in_the_temperature_of_the_tangent():
    T = np.linspace(10, 60, 101)
    y = 0.5 * (1 - np.tanh((T - 40) / 3)) + 0.02
    rng, found = np.random.default_rng(3), []
    for _ in range(40):
        noisy = y + np.where(T > 55, 0.02, 1e-4) * rng.standard_normal(T.size)
        data = measurement({"moment": noisy}, {"temperature": T})
        found.append(critical_temperature(data, method="tangent", baseline=(56, 60)))
    values, errors = (np.array([number(f, "temperature", of) for f in found]) for of in ("value", "error"))
    assert np.std(values) == pytest.approx(np.sqrt(np.mean(errors**2)), rel=0.4)


@pytest.mark.parametrize(("noise", "refused"), [(0.016, False), (0.026, True)])
def test_a_splitting_is_refused_from_three_times_the_scatter_on(noise, refused):
    T = np.linspace(2, 30, 141)
    rng = np.random.default_rng(4)
    warm = 1 / (T + 5)
    cold = warm * (1 - 0.5 * np.clip(1 - T / 8, 0, 1))
    scatter = noise / np.sqrt(2)  # of each curve, so that the difference scatters by `noise`
    fc, zfc = (
        measurement({"moment": m * (1 + scatter * rng.standard_normal(T.size))}, {"temperature": T})
        for m in (warm, cold)
    )
    if refused:
        with pytest.raises(MeasurementError, match="above three times that"):
            splitting_temperature(zfc, fc, fraction=0.06)
    else:
        found = splitting_temperature(zfc, fc, fraction=0.06)
        assert 4 < number(found, "temperature") < 9


@pytest.mark.study
def test_a_share_is_not_smaller_by_the_noise_of_what_it_is_taken_on():
    from spinstack.measure.cleaning import correct_misalignment

    rng, B = np.random.default_rng(5), np.linspace(-2, 2, 81)
    shares = []
    for _ in range(300):
        xy = 0.01 * B + 0.004 * rng.standard_normal(B.size)  # noise a tenth of the power of the Hall signal
        xx = 100 + 0.5 * 0.01 * B + 1e-5 * rng.standard_normal(B.size)
        data = measurement({"R_xx": xx, "R_xy": xy}, {"field": B})
        shares.append(correct_misalignment(data).attrs["hall_in_longitudinal"])
    assert np.mean(shares) == pytest.approx(0.5, abs=4 * np.std(shares) / np.sqrt(300) + 0.005)


def test_given_errors_grow_by_that_of_the_share():
    from spinstack.measure.cleaning import correct_misalignment, subtract_substrate

    B = np.linspace(-2, 2, 41)
    errors = {"R_xx_error": np.full(41, 1e-3), "R_xy_error": np.full(41, 1e-3)}
    rng = np.random.default_rng(6)
    xx, xy = 100 + 0.2 * 0.05 * B, 0.05 * B
    data = measurement(
        {"R_xx": xx + 1e-3 * rng.standard_normal(41), "R_xy": xy + 1e-3 * rng.standard_normal(41), **errors},
        {"field": B},
    )
    done = correct_misalignment(data)
    a, da = done.attrs["hall_in_longitudinal"], done.attrs["hall_in_longitudinal_error"]
    b, db = done.attrs["longitudinal_in_hall"], done.attrs["longitudinal_in_hall_error"]
    assert da > 2e-3
    np.testing.assert_allclose(
        done.R_xx_error, np.sqrt(1e-6 * (1 + a**2) + (da * done.R_xy) ** 2) / (1 - a * b), rtol=1e-9
    )
    np.testing.assert_allclose(
        done.R_xy_error, np.sqrt(1e-6 * (1 + b**2) + (db * done.R_xx) ** 2) / (1 - a * b), rtol=1e-9
    )
    moment = measurement(
        {"moment": np.tanh(5 * B) - 0.1 * B + 1e-3 * rng.standard_normal(41), "moment_error": np.full(41, 1e-3)},
        {"field": B},
    )
    flat = subtract_substrate(moment, above=1.2)
    slope = flat.attrs["substrate_slope_error"]
    np.testing.assert_allclose(flat.moment_error, np.hypot(1e-3, slope * B), rtol=1e-9)
    assert slope > 1e-5
    assert odd_part(moment, "moment").sizes["point"] == 41


@pytest.mark.study
def test_a_butterfly_knows_no_more_after_its_even_part_was_taken():
    rng = np.random.default_rng(4)
    # many points at zero field, so that the errors of the ratios are those of their other ends
    up = np.sort(np.concatenate([np.linspace(-2, 2, 101), np.linspace(-0.1, 0.1, 800)]))
    B, side = np.concatenate([up, up[::-1]]), np.repeat([1, -1], up.size)
    true = 100 + 1 / (1 + ((B - 0.4 * side) / 0.2) ** 2) - 0.3 * B**2
    names = ["ratio", "zero_field", "peak_field", "peak_ratio"]
    raw, even = [], []
    for _ in range(25):
        data = measurement({"R_xx": true + 0.02 * rng.standard_normal(B.size)}, {"field": B})
        raw.append([number(butterfly(data, at=1.8), n, "error") for n in names])
        even.append([number(butterfly(even_part(data, "R_xx"), at=1.8), n, "error") for n in names])
    # every reading stands in two rows: taken for new, they would make the errors smaller by sqrt(2)
    share = dict(zip(names, np.mean(even, axis=0) / np.mean(raw, axis=0), strict=True))
    assert min(share.values()) > 0.85, share
    assert max(share.values()) < 1.2, share


def test_the_splitting_of_a_loop_around_zero_field_has_one_sign():
    rng = np.random.default_rng(8)
    for sign in (1, -1):
        true = 100 + sign / (1 + ((LOOP - 0.4 * SIDE) / 0.2) ** 2)
        places = []
        for _ in range(12):
            data = measurement({"R_xx": true + 0.01 * rng.standard_normal(LOOP.size)}, {"field": LOOP})
            found = butterfly(data)
            assert number(found, "splitting") > 0.8
            places.append(number(found, "splitting_field"))
        # the falling branch has its peaks at negative fields
        assert np.all(sign * np.array(places) < -0.3)


@pytest.mark.parametrize("method", ["tanh", "erf", "langevin", "branches"])
@pytest.mark.parametrize("drift", [False, True])
def test_the_lines_that_are_drawn_lie_on_the_loop(method, drift):
    B = np.concatenate([np.linspace(-3, 3, 241), np.linspace(3, -3, 241)])
    side = np.repeat([1.0, -1.0], 241)
    f = SHAPES["tanh" if method == "branches" else method]

    def loop(B, side):
        return 2e-9 + 1e-9 * B + 4e-9 * f((B - 0.3 - 0.8 * side) / 0.05)

    time = np.linspace(-0.5, 0.5, B.size)
    noise = 1e-13 * np.random.default_rng(0).standard_normal(B.size)
    data = measurement({"moment": loop(B, side) + noise + (3e-9 * time if drift else 0)}, {"field": B})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spinstack.measure.sweeps.loop.SMALL", 1.0)
        slope = 1e-9 if method == "langevin" else None
        found = hysteresis_loop(data, method=method, above=2.0, drift=drift, slope=slope)
    places, line = found["fit_field"].values, found["fit_moment"].values
    drawn = np.isfinite(places)
    assert drawn.sum() > 80
    off = [abs(line[drawn] - loop(places[drawn], s)) for s in (1, -1)]
    assert np.max(np.minimum(*off)) < (2e-11 if method != "branches" else 3e-10)
    np.testing.assert_allclose(found["loop"], loop(B, side) - 2e-9 - 1e-9 * B, atol=5e-11)


def test_the_bias_of_a_butterfly_is_the_middle_of_its_peaks():
    R = (
        100
        + 0.3 / np.cosh((LOOP - 0.12 - 0.5 * SIDE) / 0.2)
        + 1e-6 * np.random.default_rng(0).standard_normal(LOOP.size)
    )
    found = butterfly(measurement({"R_xx": R}, {"field": LOOP}))
    expected = {"peak_rising": 0.62, "peak_falling": -0.38, "peak_bias": 0.12, "peak_field": 0.5}
    assert {n: number(found, n) for n in expected} == pytest.approx(expected, abs=1e-3)
    assert number(found, "splitting_ratio") == pytest.approx(0.003, rel=0.02)
    assert number(found, "peak_ratio") == pytest.approx(100.3 / R[np.abs(LOOP) < 1e-9].mean() - 1, rel=1e-3)


@pytest.mark.parametrize(("baseline", "meets"), [(2.0, 60.0), (2.5, 55.0), (0.0, 80.0), ((140.0, 200.0), 60.0)])
def test_the_tangent_meets_the_baseline_that_is_given(baseline, meets):
    T = np.linspace(2.0, 200.0, 397)
    y = 3 + np.tanh((50 - T) / 10) + 1e-6 * np.random.default_rng(1).standard_normal(T.size)
    found = critical_temperature(measurement({"moment": y}, {"temperature": T}), baseline=baseline)
    assert number(found, "slope") == pytest.approx(-0.1, rel=5e-3)
    assert number(found, "temperature") == pytest.approx(meets, abs=0.1)


def test_curves_split_by_a_part_of_the_field_cooled_one():
    T = np.linspace(5.0, 100.0, 96)
    cooled = 2e-8 * (1 - 5e-3 * T)
    warmed = cooled * (1 - 0.02 * np.clip(60 - T, 0, None))
    rough = 1e-14 * np.random.default_rng(3).standard_normal((2, 96))
    runs = [measurement({"moment": y}, {"temperature": T}) for y in (warmed + rough[0], cooled + rough[1])]
    for fraction, where in ((0.2, 50.0), (0.5, 35.0)):
        found = splitting_temperature(*runs, fraction=fraction)
        assert number(found, "temperature") == pytest.approx(where, abs=0.01)


def test_the_temperature_of_a_minimum_scatters_by_its_error():
    rng, T = np.random.default_rng(5), np.geomspace(2.0, 300.0, 120)
    away = []
    for _ in range(25):
        R = 100 + np.log(T / 20) ** 2 + 0.01 * rng.standard_normal(T.size)
        found = upturn(measurement({"R_xx": R}, {"temperature": T}))
        away.append((number(found, "temperature") - 20) / number(found, "temperature", "error"))
    assert 0.6 < np.sqrt(np.mean(np.square(away))) < 1.5


def test_a_residual_ratio_has_the_relative_errors_of_both_resistances():
    T = np.linspace(2.0, 300.0, 150)
    R = 10 + 0.3 * T + 0.2 * np.random.default_rng(6).standard_normal(150)
    found = residual_ratio(measurement({"R_xx": R}, {"temperature": T}))
    parts = [number(found, n, "error") / number(found, n) for n in ("R_high", "R_low")]
    assert number(found, "ratio") == pytest.approx(100 / 10.6, rel=0.1)
    assert number(found, "ratio", "error") == pytest.approx(number(found, "ratio") * np.hypot(*parts), rel=1e-9)
