"""Hundreds of made-up sweeps with known numbers: no bias, and intervals that hold the truth as often as they say."""

import numpy as np
import pytest
from scipy.stats import t

from spinstack.measure.cleaning import odd_part
from spinstack.measure.measurement import measurement
from spinstack.measure.sweeps import (
    anomalous_hall_loop,
    butterfly,
    critical_temperature,
    curie_weiss,
    hall_slope,
    hysteresis_loop,
    residual_ratio,
    scaling,
    scaling_table,
    sheet_resistances,
    splitting_temperature,
    two_band,
    upturn,
    weiss_magnetization,
)

COUNT = 500


def judge(analyse, truth, count=COUNT, wide=0.0):
    """Bias in standard errors of one value, and coverage; `wide`: by how much cautious errors may cover more."""
    random = np.random.default_rng(20240)
    found = [analyse(random) for _ in range(count)]
    names = found[0]["parameter"].values.tolist()
    value, error, freedom = (np.array([f[k].values for f in found]) for k in ("value", "error", "freedom"))
    wrong = []
    for name, true in truth.items():
        i = names.index(name)
        bias = (np.mean(value[:, i]) - true) / np.std(value[:, i])
        off = np.abs(value[:, i] - true) / error[:, i]
        one, two = (np.mean(off <= t.ppf(0.5 + level / 2, freedom[:, i])) for level in (0.6827, 0.95))
        # three standard errors of a mean and of the two fractions
        slack = 3 / np.sqrt(count)
        good = abs(bias) < slack + 0.02
        for fraction, level in ((one, 0.6827), (two, 0.95)):
            allowed = slack * np.sqrt(level * (1 - level))
            good &= -allowed < fraction - level < max(allowed, wide)
        figures = f"{name}: bias {bias:.3f} of one error, {one:.1%} within one, {two:.1%} within two"
        print(figures)
        if not good:
            wrong.append(figures)
    assert not wrong


def up_and_down(reach, points):
    up = np.linspace(-reach, reach, points)
    return np.concatenate([up, up[::-1]])


def red(random, size, r):
    """First-order autoregressive noise of unit variance."""
    from scipy.signal import lfilter, lfiltic

    white = random.normal(size=size) * np.sqrt(1 - r**2)
    start = random.normal()
    return lfilter([1], [1, -r], white, zi=lfiltic([1], [1, -r], [start]))[0]


@pytest.mark.study
@pytest.mark.parametrize("noise", ["white", "few points", "uneven errors", "correlated"])
def test_hall_slope(noise):
    B = up_and_down(9, 6 if noise == "few points" else 150)
    B = B[np.abs(B) > 3]
    errors = np.where(B > 0, 0.05, 0.2)

    def analyse(random):
        drawn = random.normal(size=B.size)
        drawn = red(random, B.size, 0.6) if noise == "correlated" else drawn
        drawn = drawn * errors if noise == "uneven errors" else drawn * 0.1
        readings = {"R_xy": 0.3 - 0.02 * B + 0.5 * np.sign(B) + drawn}
        if noise == "uneven errors":
            readings["R_xy_error"] = errors
        return hall_slope(measurement(readings, {"field": B}), above=3.0, film_thickness=1e-8)

    truth = {"slope": -0.02, "hall_coefficient": -2e-10, "step": 0.5}
    judge(analyse, truth, 1500 if noise == "white" else COUNT, 0.06 if noise == "correlated" else 0.0)


@pytest.mark.study
def test_hall_slope_and_loop_of_the_odd_part():
    """Each reading then stands in two rows, which must not halve the variance."""
    B, branch = up_and_down(6, 121), np.repeat([1, -1], 121)
    mixed = 3.0 + 0.02 * B**2 + 0.2 * np.abs(B)

    def odd(random):
        y = mixed - 0.02 * B + 0.3 * np.tanh((B - branch * 0.9) / 0.25) + random.normal(size=B.size) * 0.02
        return odd_part(measurement({"R_xy": y}, {"field": B}), "R_xy")

    judge(lambda random: hall_slope(odd(random), above=3.0), {"slope": -0.02, "step": 0.3}, wide=0.06)
    truth = {"slope": -0.02, "amplitude": 0.3, "coercive_field": 0.9, "remanence": 0.3 * np.tanh(3.6)}
    judge(lambda random: anomalous_hall_loop(odd(random)), truth, 200, wide=0.06)


@pytest.mark.study
def test_two_bands():
    B = np.linspace(-9, 9, 61)
    density, mobility = np.array([3e16, 8e16]), np.array([0.4, -0.15])
    along, across = sheet_resistances(B, density, mobility)

    def analyse(random):
        readings = {
            "R_xx": 3.5 * along + random.normal(size=B.size) * 0.3,
            "R_xy": across + random.normal(size=B.size) * 0.03,
        }
        return two_band(measurement(readings, {"field": B}), bar_length=7e-4, bar_width=2e-4)

    judge(analyse, {"density_1": 3e16, "density_2": 8e16, "mobility_1": 0.4, "mobility_2": -0.15}, count=120)


def loop_of(random, B, branch, noise, shape=np.tanh, amplitude=0.3):
    drawn = random.normal(size=B.size) * noise
    y = 0.1 + 0.02 * B + amplitude * shape((B - 0.05 - branch * 0.9) / 0.25) + drawn
    return measurement({"R_xy": y}, {"field": B})


LOOP = {"offset": 0.1, "slope": 0.02, "coercive_field": 0.9, "bias": 0.05, "coercive_rising": 0.95}
SQUARE = (np.tanh(0.85 / 0.25) + np.tanh(0.95 / 0.25)) / 2


@pytest.mark.study
@pytest.mark.parametrize("amplitude", [0.3, -0.3])
def test_loop_without_model(amplitude):
    B, branch = up_and_down(6, 121), np.repeat([1, -1], 121)

    def analyse(random):
        return anomalous_hall_loop(loop_of(random, B, branch, 0.01, amplitude=amplitude))

    truth = {**LOOP, "amplitude": amplitude, "remanence": amplitude * SQUARE, "squareness": SQUARE}
    judge(analyse, truth, COUNT if amplitude > 0 else 100)


@pytest.mark.study
def test_loop_of_sudden_switching():
    random = np.random.default_rng(1)
    truth = random.uniform(0.5, 1.5, 200)
    miss = []
    for Hc in truth:
        B, branch = up_and_down(6, 121), np.repeat([1, -1], 121)
        y = 0.3 * np.sign(B - branch * Hc + 1e-12) + random.normal(size=B.size) * 0.005
        found = hysteresis_loop(measurement({"R_xy": y}, {"field": B}), "R_xy")
        row = found.sel(parameter="coercive_field")
        miss.append((float(row["value"]) - Hc) / float(row["error"]))
    assert abs(np.mean(miss)) < 0.2
    # uniform within the gap: no miss above sqrt(3) errors, but for noise
    assert 0.9 < np.std(miss) < 1.1
    assert np.max(np.abs(miss)) < 1.9


@pytest.mark.study
@pytest.mark.parametrize("method", ["tanh", "erf", "langevin"])
def test_loop_models(method):
    from spinstack.measure.sweeps.loop_model import SHAPES

    B, branch = up_and_down(6, 81), np.repeat([1, -1], 81)

    def analyse(random):
        data = loop_of(random, B, branch, 0.01, SHAPES[method])
        return anomalous_hall_loop(data, method=method, film_thickness=1e-8)

    truth = {**LOOP, "amplitude": 0.3, "width": 0.25, "hall_resistivity": 3e-9}
    judge(analyse, truth, COUNT if method == "tanh" else 100)


@pytest.mark.study
@pytest.mark.parametrize("law", ["quadratic", "offset", "skew", "power"])
def test_scaling_with_errors_in_both(law):
    x = np.linspace(1.0, 1.8, 9) * 1e-6
    true = {
        "quadratic": {"conductivity": 900.0},
        "offset": {"conductivity": 900.0, "intercept": 1e-10},
        "skew": {"conductivity": 900.0, "skew": 1e-4},
        "power": {"exponent": 2.0},
    }[law]
    y = 900 * x**2 + true.get("intercept", 0.0) + true.get("skew", 0.0) * x
    sx, sy = np.full(9, 8e-9), y * 0.01

    def analyse(random):
        table = scaling_table(x + sx * random.normal(size=9), y + sy * random.normal(size=9), sx, sy)
        return scaling(table, law)

    judge(analyse, true, COUNT if law == "quadratic" else 100)


def test_scaling_without_errors_and_with_magnetization():
    x, M = np.linspace(1.0, 1.8, 7) * 1e-6, np.linspace(3e5, 1e5, 7)

    def analyse(random):
        return scaling(scaling_table(x, 3e-3 * x**2 * M + 2e-11 * random.normal(size=7), magnetization=M))

    judge(analyse, {"S_H": 3e-3}, count=200)


@pytest.mark.study
def test_butterfly():
    B, branch = up_and_down(9, 181), np.repeat([1, -1], 181)
    grid = np.linspace(-9, 9, 20001)

    def curve(B, branch):
        return 100 - 0.008 * B**2 + 0.5 / (1 + ((B - branch * 1.0 - 0.1) / 1.2) ** 2)

    top = {s: grid[np.argmax(curve(grid, s))] for s in (1, -1)}
    zero = (curve(0.0, 1) + curve(0.0, -1)) / 2
    at_nine = np.mean([curve(s * 9.0, b) for s in (1, -1) for b in (1, -1)])
    apart = curve(grid, -1) - curve(grid, 1)

    def analyse(random):
        return butterfly(measurement({"R_xx": curve(B, branch) + random.normal(size=B.size) * 0.02}, {"field": B}))

    truth = {
        "ratio": at_nine / zero - 1,
        "zero_field": zero,
        "peak_rising": top[1],
        "peak_falling": top[-1],
        "peak_field": (top[1] - top[-1]) / 2,
        "peak_ratio": (curve(top[1], 1) + curve(top[-1], -1)) / 2 / zero - 1,
    }
    judge(analyse, truth, count=250)
    noiseless = butterfly(measurement({"R_xx": curve(B, branch)}, {"field": B}))["value"]
    assert float(noiseless.sel(parameter="splitting")) == pytest.approx(np.abs(apart).max(), rel=0.03)


@pytest.mark.study
def test_critical_temperature_of_a_broad_transition():
    T = np.linspace(5, 150, 146)
    curve = 0.5 * (1 - np.tanh((T - 70) / 10))

    def analyse(method):
        def run(random):
            data = measurement({"moment": curve + random.normal(size=T.size) * 0.01}, {"temperature": T})
            return critical_temperature(data, method, baseline=(110, 150) if method == "tangent" else 0.0)

        return run

    judge(analyse("derivative"), {"temperature": 70.0}, count=200)
    judge(analyse("tangent"), {"temperature": 80.0})


@pytest.mark.study
@pytest.mark.parametrize("method", ["mean_field", "power"])
def test_critical_temperature_of_fits(method):
    T = np.linspace(40 if method == "power" else 5, 110, 80)
    curve = weiss_magnetization(T / 75) if method == "mean_field" else np.clip(1 - T / 75, 0, None) ** 0.35

    def analyse(random):
        data = measurement({"R_xy": 0.1 + curve + random.normal(size=T.size) * 0.01}, {"temperature": T})
        return critical_temperature(data, method, "R_xy")

    judge(analyse, {"temperature": 75.0, "amplitude": 1.0}, count=100)


@pytest.mark.study
def test_residual_ratio_and_upturn():
    T = np.geomspace(2, 300, 299)
    curve = 50 + 0.2 * T - 3 * np.log(T)

    def ratio(random):
        return residual_ratio(measurement({"R_xx": curve + random.normal(size=T.size) * 0.05}, {"temperature": T}))

    def least(random):
        return upturn(measurement({"R_xx": curve + random.normal(size=T.size) * 0.05}, {"temperature": T}))

    judge(ratio, {"ratio": curve[-1] / curve[0], "R_high": curve[-1]}, 250)
    judge(least, {"temperature": 15.0, "R_min": 53 - 3 * np.log(15)}, 250)


@pytest.mark.study
def test_splitting_of_cooled_curves():
    T = np.arange(2, 40, 0.5)
    fc = 1 / (T + 5)
    zfc = fc * (1 - 0.5 / (1 + np.exp((T - 12) / 2)))
    true = 12 + 2 * np.log(0.5 / 0.05 - 1)

    def analyse(random):
        noise = random.normal(size=(2, T.size)) * 1e-4
        zero = measurement({"moment": zfc + noise[0]}, {"temperature": T})
        return splitting_temperature(zero, measurement({"moment": fc + noise[1]}, {"temperature": T}))

    judge(analyse, {"temperature": true}, 250)


@pytest.mark.study
def test_curie_weiss():
    T = np.linspace(50, 300, 100)

    def analyse(random):
        y = 0.02 * (1e-5 / (T + 8) - 3e-9) + random.normal(size=T.size) * 5e-13
        return curie_weiss(measurement({"moment": y}, {"temperature": T, "field": 0.02}), (50, 300))

    judge(analyse, {"theta": -8.0, "curie_constant": 1e-5, "chi_0": -3e-9}, count=200)
