"""Where a branch passes zero: shapes that the calibration has not seen, from fine to coarse."""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import skewnorm, t

from spinstack.measure.cleaning import odd_part
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.readers import read
from spinstack.measure.sweeps import anomalous_hall_loop, hysteresis_loop
from spinstack.measure.sweeps.switching import Crossing, switching

CASES = Path(__file__).parent / "cases"
#: from -1 to 1: even and lopsided, with short and long tails, in one step and in two
SHAPES = (
    np.tanh,
    lambda u: u / np.sqrt(1 + u * u),
    lambda u: 2 / np.pi * np.arcsin(np.tanh(u)),
    lambda u: 2 * skewnorm.cdf(u, 4) - 1,
    lambda u: 1 - 2 * skewnorm.cdf(-u, 4),
    lambda u: 0.6 * np.tanh(u) + 0.4 * np.tanh((u - 1) / 1.5),
    lambda u: np.clip(u, -1, 1),
    lambda u: 2 * t.cdf(u, 4) - 1,
)


def width(shape):
    """By how much u has to be stretched to switch within the same field as tanh(u), from -1/2 to 1/2."""
    low, high = (brentq(lambda u, level=level: shape(u) - level, -40, 40) for level in (-0.5, 0.5))
    return (high - low) / (2 * np.arctanh(0.5))


STRETCH = [width(shape) for shape in SHAPES]


def random_loop(rng, branches=1, drift=0.0):
    """A loop off centre with a reversible part up to 30 %, 0.2 to 3 widths between points; coercive field and bias."""
    k = rng.integers(len(SHAPES))
    spacing = np.exp(rng.uniform(np.log(0.2), np.log(3)))
    reversible, soft = rng.uniform(0, 0.3), rng.uniform(3, 10)
    middle, bias, noise = rng.uniform(1.5, 8), rng.uniform(-3, 3), rng.choice([0.001, 0.005, 0.02])

    def rising(B):
        return (1 - reversible) * SHAPES[k]((B - middle) * STRETCH[k]) + reversible * np.tanh(B / soft)

    legs = []
    for _ in range(branches):
        legs.append(np.arange(-70, 70, spacing) + rng.uniform(0, spacing))
        legs.append(np.arange(70, -70, -spacing) - rng.uniform(0, spacing))
    y = np.concatenate([s * rising(s * (B - bias)) for B, s in zip(legs, [1, -1] * branches, strict=True)])
    B = np.concatenate(legs)
    y = 0.3 * (y + noise * rng.standard_normal(B.size)) + 0.01 + 0.002 * B + drift * np.linspace(-1, 1, B.size)
    return measurement({"moment": 1e-8 * y}, {"field": B}), brentq(rising, -40, 40), bias


def coverage(count, branches=1, drift=0.0):
    """Parts of random loops in which the truth is within one and within two errors, by parameter."""
    rng = np.random.default_rng(7)
    inside: dict[str, list[tuple[bool, bool]]] = {}
    for _ in range(count):
        data, coercive, bias = random_loop(rng, branches, drift)
        found = hysteresis_loop(data, above=45.0, drift=bool(drift))
        for name, true in {
            "coercive_field": coercive,
            "bias": bias,
            "coercive_rising": bias + coercive,
            "coercive_falling": bias - coercive,
            **({"drift": 2e-8 * drift} if drift else {}),
        }.items():
            row = found.sel(parameter=name)
            off = abs(float(row["value"]) - true) / float(row["error"])
            one, two = t.ppf([0.5 + 0.6827 / 2, 0.975], float(row["freedom"]))
            inside.setdefault(name, []).append((off <= one, off <= two))
    return {name: np.mean(rows, axis=0) for name, rows in inside.items()}


@pytest.mark.study
@pytest.mark.parametrize("loops", [(150, 0.0), (2000, 0.0), (600, 0.05)], ids=str)
def test_errors_cover_the_truth_of_coarse_loops(loops):
    count, drift = loops
    slack = 3 / np.sqrt(count)
    for name, (one, two) in coverage(count, drift=drift).items():
        print(f"{name}: {one:.1%} within one, {two:.1%} within two errors")
        # a bias is told too carefully: what the shape does to both branches cancels in it
        assert -0.47 * slack < one - 0.6827 < max(0.47 * slack, 0.12 if name == "bias" else 0.06), name
        assert -0.22 * slack - 0.01 < two - 0.95, name


@pytest.mark.study
@pytest.mark.filterwarnings("ignore:above 45 T")
def test_errors_cover_the_truth_of_several_branches():
    for name, (one, two) in coverage(500, branches=3).items():
        print(f"{name}: {one:.1%} within one, {two:.1%} within two errors")
        assert one > 0.60, name
        assert two > 0.91, name


@pytest.mark.parametrize("method", ["branches", "tanh"])
@pytest.mark.parametrize("slope", [None, 0.0])
@pytest.mark.parametrize("clock", [False, True])
def test_a_straight_drift_is_taken_off_with_the_background(method, slope, clock):
    rng = np.random.default_rng(3)
    B = np.concatenate([np.linspace(-5, 5, 101), np.linspace(5, -5, 101)])
    side = np.repeat([1.0, -1.0], 101)
    # pauses between the readings, which the number of the row does not know
    seconds = np.cumsum(rng.uniform(1, 20, B.size)) if clock else np.arange(B.size)
    passed = (seconds - seconds[0]) / np.ptp(seconds)
    y = 0.3 * np.tanh((B - 0.2 - 0.8 * side) / 0.3) + 0.1 * passed + 1e-4 * rng.standard_normal(B.size)
    coordinates = {"field": B, "time": seconds} if clock else {"field": B}
    data = measurement({"moment": 1e-8 * y}, coordinates)
    found = hysteresis_loop(data, above=3.0, slope=slope, method=method, drift=True)
    remanence = 3e-9 * (np.tanh(2) + np.tanh(10 / 3)) / 2
    truth = {"drift": 1e-9, "coercive_field": 0.8, "bias": 0.2, "amplitude": 3e-9, "remanence": remanence}
    for name, true in truth.items():
        row = found.sel(parameter=name)
        assert abs(float(row["value"]) - true) < 4 * float(row["error"]) < 0.05 * true, name
    assert np.abs(found["loop"]).max() == pytest.approx(3e-9, rel=0.01)


def test_a_drift_is_refused_where_rows_are_no_times():
    B = np.concatenate([np.linspace(-5, 5, 101), np.linspace(5, -5, 101)])
    side = np.repeat([1.0, -1.0], 101)
    data = odd_part(measurement({"R_xy": np.tanh((B - 0.8 * side) / 0.3) + 1e-3 * np.sin(99 * B)}, {"field": B}))
    with pytest.raises(MeasurementError, match="drift: got True, after its even or odd part was taken"):
        anomalous_hall_loop(data, drift=True)
    with pytest.raises(MeasurementError, match="drift: got 'yes'"):
        anomalous_hall_loop(data, drift="yes")


@pytest.mark.parametrize("spacing", [0.3, 0.8, 1.5])
def test_tanh_is_found_exactly_from_few_points(spacing):
    B = np.arange(-8, 8, spacing) + 0.137
    found = switching(B, np.tanh(B), np.ones(B.size), 1.0, (1e-9, 20.0))
    assert found.field == pytest.approx(0.0, abs=1e-9)
    assert found.gap is not None
    assert found.error > 0


def test_a_step_within_one_gap_may_be_anywhere_in_it():
    B = np.linspace(-3, 3, 13) + 0.1
    found = switching(B, np.where(B > 0.3, 1.0, -1.0), np.ones(13), 1.0, (1e-6, 20.0))
    assert found.field == pytest.approx(0.35)
    assert found.error == pytest.approx(0.5 / np.sqrt(12), rel=1e-3)
    assert found.freedom > 1e4


def test_noise_adds_to_the_error_as_it_scatters():
    rng, B = np.random.default_rng(3), np.arange(-8, 8, 0.5) + 0.137
    many = [
        switching(B, np.tanh(B) + rng.normal(0, 0.05, B.size), np.ones(B.size), 1.0, (0.05, 20.0)) for _ in range(400)
    ]
    exact = switching(B, np.tanh(B), np.ones(B.size), 1.0, (1e-12, 20.0))
    stated = np.sqrt(np.mean([m.error**2 - m.shape**2 for m in many]))
    assert np.std([m.field for m in many]) == pytest.approx(stated, rel=0.15)
    assert exact.error == pytest.approx(exact.shape, rel=1e-6)


@pytest.mark.parametrize(
    ("m", "says"),
    [(np.ones(20), "does not change its sign"), (np.linspace(1, -1, 20), "runs against"), (-np.ones(20), "its sign")],
)
def test_a_branch_without_a_crossing_is_refused(m, says):
    with pytest.raises(MeasurementError, match=says):
        switching(np.linspace(-1, 1, 20), m, np.ones(20), 1.0, (0.01, 10.0))


@pytest.mark.parametrize(
    ("name", "rising"),
    [("loop_coarse_refused", 0.2659), ("loop_coarse_overconfident", 0.2579)],
)
def test_measured_loops_with_0115_tesla_between_points(name, rising):
    found = anomalous_hall_loop(read(CASES / f"{name}.csv"), above=2.0)
    row = found.sel(parameter="coercive_rising")
    assert abs(float(row["value"]) - rising) < 1.5 * float(row["error"]) < 0.015


def up_and_down(points, coercive, width, noise, seed, repeats=1):
    leg = np.linspace(-1, 1, points)
    B, side = np.tile(np.r_[leg, leg[::-1]], repeats), np.tile(np.repeat([1, -1], points), repeats)
    y = np.tanh((B - side * coercive) / width) + noise * np.random.default_rng(seed).standard_normal(B.size)
    return measurement({"R_xy": y}, {"field": B})


@pytest.mark.parametrize("seed", range(10))
def test_runs_over_the_same_fields_are_one_curve(seed):
    found = anomalous_hall_loop(up_and_down(21, 0.3, 0.01, 0.003, seed, repeats=2))
    row = found.sel(parameter="coercive_field")
    assert abs(float(row["value"]) - 0.3) < 3 * float(row["error"])


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    ("points", "coercive", "truth"), [(21, 0.1, 0.9975), (21, 0.05, 0.9312), (11, 0.1, 0.9975), (20, 0.1, 0.9975)]
)
def test_remanence_of_a_coarse_loop(points, coercive, truth):
    off = []
    for seed in range(40):
        row = anomalous_hall_loop(up_and_down(points, coercive, 0.03, 0.005, seed)).sel(parameter="remanence")
        off.append(abs(float(row["value"]) - truth) / float(row["error"]))
    assert np.mean(np.array(off) < 2) > 0.8


@pytest.mark.parametrize("method", ["branches", "tanh"])
def test_noise_has_no_coercive_field(method):
    for seed in range(10):
        data = measurement(
            {"R_xy": 0.1 * np.random.default_rng(seed).standard_normal(402)},
            {"field": np.r_[np.linspace(-1, 1, 201), np.linspace(1, -1, 201)]},
        )
        with pytest.warns(UserWarning, match="no step between the two field directions"):
            found = anomalous_hall_loop(data, method=method)
        assert np.isnan(found["value"].sel(parameter="coercive_field"))
        amplitude = found.sel(parameter="amplitude")
        assert abs(float(amplitude["value"])) < 3 * float(amplitude["error"])


def test_a_branch_switches_where_it_rises_most_and_not_where_it_passes_zero():
    B, row = np.linspace(-10, 10, 81), np.arange(81)
    wiggles = 0.02 * np.sin(2 * np.pi * row / 8)
    m = np.where(row < 16, -1.0, np.where(row < 44, wiggles, np.where(row < 60, -0.5, 1.0)))
    found = switching(B, m, np.ones(81), 1.0, (1e-3, 20.0))
    assert B[59] < found.field < B[60]


def test_branches_that_are_images_of_each_other_are_no_two_readings():
    """Of a loop made odd, half the width has the error of either branch."""
    out = anomalous_hall_loop(odd_part(up_and_down(81, 0.1, 0.05, 0.01, 3)))
    error = dict(zip(out["parameter"].values, out["error"].values, strict=True))
    assert error["coercive_field"] == pytest.approx(error["coercive_rising"], rel=0.1)
    assert error["coercive_rising"] == pytest.approx(error["coercive_falling"], rel=1e-3)
    raw = anomalous_hall_loop(up_and_down(81, 0.1, 0.05, 0.01, 3))
    assert error["coercive_field"] == pytest.approx(float(raw["error"].sel(parameter="coercive_field")), rel=0.3)


@pytest.mark.parametrize("runs", [2, 4])
def test_runs_over_the_same_fields_have_the_noise_of_their_mean(runs):
    B = np.arange(-8, 8, 1.3) + 0.137
    once = switching(B, np.tanh(B), np.ones(B.size), 1.0, (0.005, 20.0))
    often = np.repeat(B, runs)
    several = switching(often, np.tanh(often), np.ones(often.size), 1.0, (0.005, 20.0))
    assert once.gap is not None
    assert several.gap is not None
    noise = [np.sqrt(one.error**2 - one.shape**2) for one in (once, several)]
    assert noise[0] / noise[1] == pytest.approx(np.sqrt(runs), rel=0.02)


@pytest.mark.parametrize(("gap", "part"), [((0.2, 0.6), 1.0), ((-0.6, -0.2), 1.0), ((0.3, 0.7), 0.3), (None, 0.0)])
def test_branches_are_wrong_together_where_they_were_interpolated_alike(gap, part):
    """In the same gap or its mirror image by all of what the shape has, in others as far as the less alike one."""
    line = np.zeros(2), np.zeros(2)
    one = Crossing(0.4, 0.1, 1.0, 2.0, line, (0.2, 0.6), 0.05, 0.3)
    other = Crossing(0.4, 0.1, 1.0, 2.0, line, gap, 0.02, 0.8)
    assert one.common(other) == pytest.approx(0.05 * 0.02 * part)
    assert other.common(one) == pytest.approx(0.05 * 0.02 * part)
