"""Errors after a step are those that independent readings make: every reading of every run is moved, one by one."""

import numpy as np
import pytest
from scipy.stats import chi2, t

from spinstack.measure import cleaning
from spinstack.measure.cleaning.interpolation import interpolation
from spinstack.measure.measurement import history, measurement

SIZES = {"bar_length": 7e-4, "bar_width": 2e-4, "film_thickness": 8e-9}
RNG = np.random.default_rng(4)


def run(readings, conditions, size=0.01):
    """A measurement with uneven errors of all its readings."""
    rows = len(next(iter(readings.values())))
    errors = {f"{n}_error": size * np.mean(np.abs(v)) * RNG.uniform(0.3, 2.0, rows) for n, v in readings.items()}
    return measurement({**readings, **errors}, conditions, SIZES)


def resistances(x, name="temperature", factor=1.0, **more):
    readings = {"R_xx": factor * (100 + x + 0.01 * x**2), "R_xy": factor * (7 + 0.3 * x)}
    return run({**readings, **more}, {name: x})


X = np.linspace(10, 60, 11)
PLACES = np.linspace(8.0, 63.0, 9)
VOLTS, BACK = ({"V_xx": s * (1e-3 + 1e-6 * x), "V_xy": s * 1e-4 + 0 * x} for s, x in ((1, X), (-1.3, PLACES)))
CONTACTS = {
    "R_12_43": 30 + 0.1 * X, "R_34_21": 31 + 0.1 * X, "R_23_14": 12 + 0.2 * X, "R_41_32": 12.5 + 0.2 * X,
    "R_13_24": 3 + 0.1 * X, "R_31_42": 3.1 + 0.1 * X, "R_24_13": 1 - 0.1 * X,
}  # fmt: skip
TURN = np.arange(0.0, 360, 20)
RIPPLE = 100 + np.cos(np.deg2rad(TURN)) + 0.3 * np.sin(np.deg2rad(2 * TURN))
CASES = {
    "to_resistance": (run(VOLTS, {"temperature": X}), {"current": -2e-4}),
    "correct_loading": (resistances(X), {"impedance": 500.0}),
    "correct_loading of a source": (resistances(X), {"impedance": 500.0, "source_resistance": 90.0}),
    "correct_arms": (resistances(X), {"arm_width": 2e-5, "arm_length": 3e-5}),
    "correct_misalignment": (resistances(X), {"admixture": [0.2, -0.1]}),
    "rotate_phase": (run({"V_X": X, "V_Y": X[::-1]}, {"angle": X}), {"phase": 25.0}),
    "combine_contacts": (run(CONTACTS, {"temperature": X}), {}),
    "even_part": (run({"R_xx": RIPPLE[:12]}, {"field": np.linspace(-1, 1, 12)}), {}),
    "even_part with a row at zero": (run({"R_xx": RIPPLE[:13]}, {"field": np.linspace(-1, 1, 13)}), {}),
    "even_part between the rows": (run({"R_xx": RIPPLE[:13]}, {"field": np.linspace(-1, 1.05, 13)}), {}),
    "odd_part": (run({"R_xy": RIPPLE}, {"angle": TURN}), {"about": "half_turn"}),
    "subtract_leads": (resistances(X), {"leads": resistances(PLACES, factor=0.1)}),
    "subtract_leads and the Hall field": (
        run({"R_xx": 200 + X, "R_xy": 5 + 0.1 * X}, {"temperature": X}), {"resistance": 10.0, "hall": True}
    ),
    "subtract_control": (resistances(X), {"control": resistances(PLACES, factor=1.7), "thickness": 5e-9}),
    "subtract_control of a planar Hall effect": (
        resistances(X), {"control": resistances(PLACES, factor=1.7), "transverse": "symmetric"}
    ),
    "reverse_current": (
        run(VOLTS, {"temperature": X, "current": 1e-4}),
        {"other": run(BACK, {"temperature": PLACES, "current": -1.3e-4})},
    ),
    "reverse_current that alternates": (
        run({"V_xx": np.resize([1.0, -0.9], 18) * RIPPLE}, {"time": TURN, "current": np.resize([2e-4, -1e-4], 18)}), {}
    ),
    "average_repeats": (
        run({"R_xx": np.tile(RIPPLE, 2)}, {"angle": np.tile(TURN, 2)}), {"over": "angle", "tolerance": 0.1}
    ),
    "subtract_drift": (
        run({"R_xx": RIPPLE + RNG.standard_normal(18)}, {"time": TURN, "angle": TURN}),
        {"degree": 2, "harmonics": (1, 2)},
    ),
}  # fmt: skip


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("name", CASES)
def test_errors_are_those_of_independent_readings(name):
    data, given = CASES[name]
    step = getattr(cleaning, name.split()[0])
    out = step(data, **given)
    readings = [str(n) for n in out.data_vars if f"{n}_error" in out.data_vars]
    assert readings
    squares = dict.fromkeys(readings, 0.0)
    moved = {"": data} | {k: v for k, v in given.items() if hasattr(v, "dims")}
    for key, one in moved.items():
        for source in (str(n) for n in one.data_vars if f"{n}_error" in one.data_vars):
            for row, error in enumerate(one[f"{source}_error"].values):
                there = []
                for sign in (1, -1):
                    values = one[source].values.copy()
                    values[row] += sign * 1e-3 * error
                    changed = one.assign({source: ("point", values, one[source].attrs)})
                    there.append(step(changed, **given) if not key else step(data, **{**given, key: changed}))
                for n in readings:
                    squares[n] = squares[n] + ((there[0][n].values - there[1][n].values) / 2e-3) ** 2
    for n in readings:
        np.testing.assert_allclose(out[f"{n}_error"].values, np.sqrt(squares[n]), rtol=1e-5, err_msg=n)


def test_an_error_of_the_thickness_moves_all_rows():
    data, control = resistances(X), resistances(PLACES, factor=1.7)

    def without(thickness, **more):
        return cleaning.subtract_control(data, control, thickness, **more)

    plain, out = without(5e-9), without(5e-9, thickness_error=3e-10)
    for n in ("R_xx", "R_xy"):
        moved = (without(5e-9 + 1e-13)[n].values - without(5e-9 - 1e-13)[n].values) / 2e-13 * 3e-10
        np.testing.assert_allclose(out[f"{n}_error"], np.hypot(plain[f"{n}_error"], moved), rtol=1e-4)


def test_the_drift_of_few_rows_has_students_factor():
    x = np.arange(8.0)
    y = 5 + 0.2 * x + np.random.default_rng(3).standard_normal(8)
    out = cleaning.subtract_drift(measurement({"R_xx": y}, {"time": x}), harmonics=())
    slope, covariance = np.polyfit(x, y, 1, cov=True)
    assert out.attrs["drift_of_R_xx"] == pytest.approx(7 * slope[0], rel=1e-9)
    expected = 7 * np.sqrt(covariance[0, 0]) * t.ppf(0.5 + 0.6826894921 / 2, 6)
    assert out.attrs["drift_of_R_xx_error"] == pytest.approx(expected, rel=1e-6)


def test_ends_are_passed_by_half_a_usual_distance_only():
    source = np.concatenate([np.arange(30.0), [33.0]])
    found = interpolation(np.array([-0.6, -0.4, 29.5, 33.4, 33.7]), source).found
    assert list(found) == [False, True, True, True, False]


def test_a_rotator_that_counts_the_other_way():
    data = measurement({"R_xx": [1.0, 2.0]}, {"angle": [0.0, 30.0]})
    assert list(cleaning.shift_angle(data, 10.0).angle.values) == [10.0, 40.0]
    assert list(cleaning.shift_angle(data, 10.0, reverse=True).angle.values) == [10.0, -20.0]


def test_the_slope_of_a_substrate_has_an_error_that_grows_with_the_field():
    field = np.repeat([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], 2)
    y = 1e-8 * np.sign(field) - 4e-9 * field + 1e-10 * RNG.standard_normal(12)
    data = measurement({"moment": y, "moment_error": np.full(12, 1e-10)}, {"field": field})
    out = cleaning.subtract_substrate(data, above=1.0)
    expected = np.hypot(1e-10, out.attrs["substrate_slope_error"] * field)
    np.testing.assert_allclose(out.moment_error, expected, rtol=1e-9)


@pytest.mark.parametrize("spread", ["own", "pooled"])
def test_means_have_the_error_of_the_scatter_and_students_factor(spread):
    y = np.array([[1.0, 1.3, 1.1], [2.0, 2.9, 2.2]])
    data = measurement({"R_xx": y.ravel()}, {"field": np.repeat([1.0, 2.0], 3)})
    out = cleaning.average_repeats(data, "field", 0.1, spread=spread)
    squares, freedom = np.var(y, axis=1, ddof=1), 2
    if spread == "pooled":
        squares, freedom = np.mean(squares), 4
    np.testing.assert_allclose(out.R_xx, y.mean(axis=1))
    np.testing.assert_allclose(out.R_xx_error, np.sqrt(squares / 3) * t.ppf(0.5 + 0.6826894921 / 2, freedom), rtol=1e-6)


def test_what_both_diagonals_share_is_their_misalignment():
    hall = 0.2 * X
    data = measurement({"R_13_24": hall + 0.75, "R_24_13": 0.75 - hall}, {"temperature": X})
    out = cleaning.combine_contacts(data)
    np.testing.assert_allclose(out.R_xy, hall, rtol=1e-12)
    assert "misalignment 0.75 Ohm" in history(out)[0]["remark"]


#: steps whose arguments are in units of their own
OWN_UNITS = ("correct_loading", "correct_loading of a source", "subtract_leads and the Hall field")


@pytest.mark.parametrize("size", [1e-4, 300.0])
@pytest.mark.parametrize("name", [n for n in CASES if n not in OWN_UNITS])
def test_what_a_step_does_goes_with_the_size_of_readings_and_conditions(name, size):
    data, given = CASES[name]

    def scaled(one):
        readings = {n: (one[n].dims, size * one[n].values, one[n].attrs) for n in one.data_vars}
        places = {n: (one[n].dims, 3.7 * one[n].values, one[n].attrs) for n in one.coords if n in ("field", "time")}
        return one.assign(readings).assign_coords(places)

    step = getattr(cleaning, name.split()[0])
    here = step(data, **given)
    there = step(scaled(data), **{k: scaled(v) if hasattr(v, "dims") else v for k, v in given.items()})
    assert there.sizes == here.sizes
    for n in here.data_vars:
        expected = size * here[n].values
        np.testing.assert_allclose(there[n].values, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max(), err_msg=n)


@pytest.mark.parametrize("stated", [0.3, 1.0])
def test_errors_less_a_drift_are_those_of_a_line_and_grow_where_the_scatter_contradicts_them(stated):
    x = np.arange(40.0)
    y = 5 + 0.2 * x + np.random.default_rng(5).standard_normal(40)
    data = measurement({"R_xx": y, "R_xx_error": np.full(40, stated)}, {"time": x})
    out = cleaning.subtract_drift(data, harmonics=())
    rest = y - np.polyval(np.polyfit(x, y, 1), x)
    square = rest @ rest / 38 / stated**2
    square = square if chi2.sf(38 * square, 38) < 0.01 else 1.0
    assert (square > 1) == (stated < 1)
    # of the drift alone, without the mean: (x - mean)^2 over their sum
    share = (x - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2)
    np.testing.assert_allclose(out["R_xx_error"], stated * np.sqrt(1 - 2 * share + square * share), rtol=1e-9)


def test_the_error_of_a_share_among_noise_is_freed_of_that_noise_as_the_share_is():
    rng, field, noise = np.random.default_rng(6), np.linspace(-2, 2, 101), 0.6
    hall, along = field + noise * rng.standard_normal(101), 100 + 0.3 * field + 0.02 * rng.standard_normal(101)
    errors = {"R_xx_error": np.full(101, 0.2), "R_xy_error": np.full(101, noise)}
    out = cleaning.correct_misalignment(measurement({"R_xx": along, "R_xy": hall} | errors, {"field": field}))
    x, y = (hall - hall[::-1]) / 2, (along - along[::-1]) / 2
    power = x @ x - 101 * noise**2 / 2
    share = x @ y / power
    assert out.attrs["hall_in_longitudinal"] == pytest.approx(share, rel=1e-9)
    expected = np.sqrt((0.2**2 + share**2 * noise**2) * (x @ x)) / power
    assert out.attrs["hall_in_longitudinal_error"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("part", ["even_part", "odd_part"])
def test_a_part_that_is_taken_again_has_the_errors_it_had(part):
    field = np.linspace(-2, 2, 40)
    data = measurement({"R_xx": field**2 + field, "R_xx_error": np.full(40, 0.1)}, {"field": field})
    take = getattr(cleaning, part)
    once = take(data, reading="R_xx")
    np.testing.assert_allclose(once["R_xx_error"], 0.1 / np.sqrt(2))
    again = take(once, reading="R_xx")
    np.testing.assert_allclose(again["R_xx"], once["R_xx"], atol=1e-12)
    np.testing.assert_allclose(again["R_xx_error"], once["R_xx_error"])
