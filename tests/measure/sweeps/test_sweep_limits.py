"""Both sides of every limit of the analyses of sweeps: what is refused, what is warned of, and what is still told."""

import warnings

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.sweeps import (
    anomalous_hall_loop,
    branches,
    critical_temperature,
    curie_weiss,
    hall_bar,
    hall_conductivity,
    hysteresis_loop,
    magnetoresistance,
    residual_ratio,
    resistivity_at,
    scaling,
    scaling_table,
    splitting_temperature,
    transfer_length,
    two_band,
    upturn,
)
from spinstack.measure.sweeps.bands import sheet_resistances
from spinstack.measure.sweeps.local import local_curve, summit
from spinstack.measure.sweeps.means import mean_of
from spinstack.measure.sweeps.order_parameter import weiss_magnetization

BAR = {"bar_length": 7e-4, "bar_width": 2e-4, "film_thickness": 8e-9}
NOISE = np.random.default_rng(3).standard_normal(400)


def number(found, name, of="value"):
    return float(found[of].sel(parameter=name))


def against_temperature(y, T, reading="R_xx"):
    return measurement({reading: y}, {"temperature": T}, BAR)


def cooled(points, noise=0.01, start=10.0):
    T = np.linspace(start, 100, points)
    return against_temperature(50 + 0.2 * T + noise * NOISE[:points], T)


def loop(points, reading="moment", reach=4.0, low=None):
    line = np.linspace(-reach if low is None else low, reach, points)
    B, side = np.concatenate([line, line[::-1]]), np.repeat([1, -1], points)
    return measurement({reading: np.tanh((B - 0.5 * side) / 0.8) + 1e-3 * NOISE[: B.size]}, {"field": B})


def told(call):
    """The field of the refusal, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call()
    except MeasurementError as error:
        return error.field
    return None


FIELD = np.linspace(-2, 2, 41)
TABLE = np.linspace(1e-6, 2e-6, 6), 900 * np.linspace(1e-6, 2e-6, 6) ** 2
WARM = np.linspace(100, 300, 21)
LIMITS = {
    "five temperatures": (lambda n: residual_ratio(cooled(n)), 4, 5, "temperature"),
    "seven temperatures of a minimum": (
        lambda n: upturn(against_temperature(100 + 5 * np.log((T := np.geomspace(5, 200, n)) / 30) ** 2, T)),
        6,
        7,
        "temperature",
    ),
    "above 0 K": (lambda T: residual_ratio(cooled(30, start=T)), 0.0, 0.01, "temperature"),
    "the upper end by a fiftieth": (lambda T: resistivity_at(cooled(30), T), 102.1, 102.0, "temperature"),
    "the lower end by a fiftieth": (lambda T: resistivity_at(cooled(30), T), 9.8, 9.81, "temperature"),
    "the higher temperature first": (lambda T: residual_ratio(cooled(30), high=T, low=40.0), 40.0, 40.1, "high, low"),
    "sizes that are there": (
        lambda w: resistivity_at(cooled(30).drop_attrs(), 50.0, bar_length=1e-3, bar_width=w, film_thickness=1e-8),
        None,
        1e-4,
        "bar_width",
    ),
    "positive resistances": (
        lambda s: hall_bar(measurement({"R_xx": np.full(4, s)}, {"temperature": np.full(4, 5.0)}, BAR)),
        -1.0,
        1.0,
        "R_xx",
    ),
    "five points of a window": (
        lambda high: curie_weiss(
            measurement(
                {"moment": 1e-6 / (WARM - 20) + 1e-12 * NOISE[:21]}, {"temperature": WARM, "field": np.full(21, 0.5)}
            ),
            (100, high),
            background=False,
        ),
        139.0,
        140.0,
        "window",
    ),
    "a field of every row": (
        lambda B: curie_weiss(
            measurement(
                {"moment": 1e-6 / (WARM - 20) + 1e-12 * NOISE[:21]}, {"temperature": WARM, "field": np.full(21, B)}
            ),
            (100, 300),
        ),
        0.0,
        0.1,
        "field",
    ),
    "eight temperatures of two curves": (
        lambda n: splitting_temperature(
            against_temperature(1 - 0.02 * np.clip(40 - WARM[:n] / 5, 0, None), WARM[:n] / 5, "moment"),
            against_temperature(np.ones(21), WARM / 5, "moment"),
            fraction=0.11,
        ),
        7,
        14,
        "temperature",
    ),
    "three points on a side": (
        lambda n: magnetoresistance(
            measurement({"R_xx": 100 + (x := np.r_[np.linspace(-2, 0, 31), np.linspace(1, 2, n)]) ** 2}, {"field": x}),
            at=1.9,
        ),
        2,
        3,
        "field",
    ),
    "a field of the sweep": (
        lambda B: magnetoresistance(measurement({"R_xx": 100 + FIELD**2 + 0.01 * NOISE[:41]}, {"field": FIELD}), at=B),
        2.01,
        2.002,
        "at",
    ),
    "six points above a field": (
        lambda B: (
            magnetoresistance(
                measurement(
                    {"R_xx": 100 + FIELD**2 + 0.01 * NOISE[:41]}, {"field": np.abs(FIELD) + 0.02 * (FIELD > 0)}
                ),
                square=B,
            )
            if B
            else None
        ),
        1.81,
        1.7,
        "square",
    ),
    "several places": (lambda h: local_curve(np.array([1.0, 1.0, 1.0 + h]), np.arange(3.0), 1), 0.0, 1e-3, "window"),
    "four points of a peak": (
        lambda n: summit(np.arange(float(n)), -(np.arange(float(n)) ** 2), np.ones(n), 0, 100.0, 1),
        3,
        4,
        "peak",
    ),
    "five points of a branch": (lambda n: hysteresis_loop(loop(60).isel(point=slice(0, 60 + n))), 4, 60, "field"),
    "three points beyond a field": (lambda B: hysteresis_loop(loop(41), above=B), 3.81, 3.6, "above"),
    "a window above zero": (lambda B: hysteresis_loop(loop(41), above=B), 0.0, 2.0, "above"),
    "branches through zero": (lambda B: hysteresis_loop(loop(60, low=B)), 0.1, -4.0, "above"),
    "a film thickness of all loops": (
        lambda t: hall_conductivity(
            [
                anomalous_hall_loop(
                    loop(60, "R_xy").assign_coords(temperature=("point", np.full(120, 50.0))), film_thickness=t
                )
            ],
            cooled(30),
        ),
        None,
        8e-9,
        "hall_resistivity",
    ),
    "the thickness of the loops": (
        lambda t: hall_conductivity(
            [
                anomalous_hall_loop(
                    loop(60, "R_xy")
                    .assign_coords(temperature=("point", np.full(120, 50.0)))
                    .assign_attrs(film_thickness=t)
                )
            ],
            cooled(30),
        ),
        8e-9 * (1 + 3e-6),
        8e-9 * (1 + 3e-7),
        "film_thickness",
    ),
    "positive resistivities": (
        lambda x: scaling(scaling_table(np.r_[x, TABLE[0][1:]], TABLE[1])),
        -1e-9,
        1e-9,
        "rho_xx",
    ),
    "errors of at least zero": (
        lambda s: scaling(scaling_table(*TABLE, np.full(6, s), np.full(6, 1e-12))),
        -1e-9,
        0.0,
        "rho_xx_error",
    ),
    "positive errors": (
        lambda s: scaling(scaling_table(*TABLE, np.full(6, 1e-9), np.full(6, s))),
        0.0,
        1e-12,
        "rho_xy_error",
    ),
    "a sign of a power": (
        lambda s: scaling(scaling_table(TABLE[0], TABLE[1] * np.r_[s, np.ones(5)]), "power"),
        -1.0,
        1.0,
        "rho_xy",
    ),
    "temperatures of a window": (
        lambda T: scaling(scaling_table(*TABLE, temperature=np.linspace(10, 60, 6)), window=(9.0, T)),
        9.5,
        40.0,
        "window",
    ),
    "one parameter more than unknowns": (
        lambda n: scaling(scaling_table(TABLE[0][:n], TABLE[1][:n] * (1 + 0.01 * NOISE[:n])), "offset"),
        2,
        3,
        "rows",
    ),
    "three lengths": (
        lambda third: transfer_length(
            [
                measurement(
                    {"R_xx": np.full(3, 1 + 1e4 * L)}, {"temperature": np.full(3, 5.0)}, {**BAR, "bar_length": L}
                )
                for L in (1e-4, 2e-4, third, 2e-4)
            ]
        ),
        1e-4,
        3.1e-4,
        "bar_length",
    ),
    "five temperatures of a baseline": (
        lambda T: critical_temperature(
            against_temperature(np.tanh((40 - WARM / 5) / 3) + 1e-3 * NOISE[:21], WARM / 5, "moment"),
            baseline=(T, 60.0),
        ),
        52.5,
        51.9,
        "baseline",
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_have_two_sides(name):
    call, refused, taken, field = LIMITS[name]
    assert told(lambda: call(refused)) == field
    assert told(lambda: call(taken)) is None


def shifted(kind, errors):
    """A sweep whose denominator is so many of its errors."""
    if kind == "residual_ratio":
        T = np.linspace(10, 100, 60)
        y, analysis, name = 0.3 * (T - 10) + 0.5 * NOISE[:60], residual_ratio, "R_low"
        make = lambda value: against_temperature(y + value, T)  # noqa: E731
    else:
        y, analysis, name = FIELD**2 + 0.02 * NOISE[:41], magnetoresistance, "zero_field"
        make = lambda value: measurement({"R_xx": y + value}, {"field": FIELD})  # noqa: E731
    far = analysis(make(1000.0))
    return lambda: analysis(make(1000.0 - number(far, name) + errors * number(far, name, "error")))


@pytest.mark.parametrize("kind", ["residual_ratio", "magnetoresistance"])
def test_ratios_need_three_errors_of_what_they_divide_by(kind):
    assert told(shifted(kind, 2.9)) == told(shifted(kind, -2.9)) == "R_xx"
    assert told(shifted(kind, 3.1)) is told(shifted(kind, -3.1)) is None


def test_negative_resistances_count_from_three_errors_on():
    T = np.linspace(10, 100, 60)
    y = 0.3 * (T - 50) + 0.5 * NOISE[:60]
    at = resistivity_at(against_temperature(y + 1000, T), 50.0)
    value, error = (number(at, "resistance", of) for of in ("value", "error"))
    for errors, field in ((-3.1, "R_xx"), (-2.9, None), (3.1, None)):
        data = against_temperature(y + 1000 - value + errors * error, T)
        assert told(lambda data=data: resistivity_at(data, 50.0)) == field


def test_a_loop_has_a_step_of_more_than_three_errors():
    B = np.concatenate([np.linspace(4, -4, 81), np.linspace(-4, 4, 81)])
    side = np.repeat([-1, 1], 81)
    noise, shape = 0.05 * NOISE[:162], np.tanh((B - 0.8 * side) / 0.3)
    found = hysteresis_loop(measurement({"moment": noise + shape}, {"field": B}))
    value, error = (number(found, "amplitude", of) for of in ("value", "error"))
    for errors in (2.9, 3.1):
        data = measurement({"moment": noise + shape * (1 - (value - errors * error))}, {"field": B})
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            numbers = told(lambda data=data: hysteresis_loop(data))
            assert numbers in (None, "loop")
            assert numbers is not None or np.isnan(number(hysteresis_loop(data), "coercive_field")) == (errors < 3)
        assert any("no step" in str(one.message) for one in said) == (errors < 3)


@pytest.mark.parametrize(
    ("apart", "noise", "back", "warned"),
    [(1.1, 0.0, 20, "1.1"), (0.95, 0.0, 20, ""), (1.1, 0.06, 20, "1.1"), (1.1, 0.09, 20, ""), (1.1, 0.0, 8, "1.1"),
     (1.1, 0.0, 7, ""), (-3.0, 0.0, 20, "3")],
)  # fmt: skip
def test_cooling_and_warming_may_differ_by_a_hundredth(apart, noise, back, warned):
    T = np.linspace(10, 100, 20)
    T = np.concatenate([T, T[::-1][:back]])
    y = 100 + np.where(np.arange(T.size) < 20, 0.0, apart) + noise * (-1.0) ** np.arange(T.size)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        residual_ratio(against_temperature(y, T))
    assert [str(one.message).split(" %")[0].rpartition(" ")[2] for one in said] == ([warned] if warned else [])


def test_three_rows_tell_an_error_and_two_a_mean():
    y = np.array([1.0, 4.0, 2.5])
    two, three = (mean_of(measurement({"R_xx": y[:n]}, {"temperature": np.full(n, 5.0)}), "R_xx") for n in (2, 3))
    assert (two.value, three.value) == pytest.approx((2.5, 2.5))
    assert np.isnan(two.error)
    assert three.error == pytest.approx(np.std(y, ddof=1) / np.sqrt(3))
    assert three.freedom == 2


@pytest.mark.parametrize(("span", "still"), [(0.9e-3, True), (1.1e-3, False)])
def test_a_field_that_stays_within_a_thousandth_has_no_branches(span, still):
    field = 2.0 * (1 - span * np.linspace(0, 1, 30))
    assert (branches(field) == (0 if still else -1)).all()
    assert (branches(-field) == (0 if still else 1)).all()


@pytest.mark.parametrize("back", [0.019, 0.021])
def test_a_turn_counts_from_two_hundredths_of_the_range_on(back):
    field = np.concatenate([np.linspace(0, 1, 11), [1 - back], np.linspace(1.1, 2, 10)]) / 2
    assert (-1 in branches(field)) == (back * 0.5 > 0.02)
    assert (-1 in branches(field, tolerance=0.0097)) == (back > 0.02)
    assert not branches(field, tolerance=1.0).any()


def test_a_field_without_order_is_still():
    turns = np.resize([0.0, 1.0], 24)
    assert not branches(turns).any()
    few = np.concatenate([np.linspace(0, 1, 20), turns[:3]])
    assert branches(few).any()


def test_two_bands_weigh_rows_by_their_errors():
    B = np.linspace(-9, 9, 61)
    along, across = sheet_resistances(B, np.array([2e17, 6e17]), np.array([0.3, -0.1]))
    sigma = np.where(np.arange(61) % 2, 1e-4, 0.1)
    off = {"R_xx": 3.5 * along + sigma * 3.5 * NOISE[:61] * along.mean() / 100, "R_xy": across + sigma * NOISE[61:122]}
    weighed = two_band(measurement(
        {**off, "R_xx_error": sigma * 3.5 * along.mean() / 100, "R_xy_error": sigma}, {"field": B}, BAR
    ))  # fmt: skip
    plain = two_band(measurement(off, {"field": B}, BAR))
    for name, true in {"density_1": 2e17, "density_2": 6e17, "mobility_1": 0.3, "mobility_2": -0.1}.items():
        assert number(weighed, name, "error") < 0.05 * number(plain, name, "error")
        assert number(weighed, name) == pytest.approx(true, abs=4 * number(weighed, name, "error"))
    with pytest.raises(MeasurementError, match="R_xy_error"):
        two_band(measurement({**off, "R_xy_error": 0 * sigma}, {"field": B}, BAR))


@pytest.mark.parametrize("method", ["tangent", "mean_field"])
def test_curves_drawn_anew_scatter_as_much_as_the_stated_error(method):
    T = np.linspace(10, 60, 101)
    y = weiss_magnetization(T / 40.3) if method == "mean_field" else np.tanh((35 - T) / 4)
    data = against_temperature(y + 2e-3 * NOISE[:101], T, "moment")
    found = critical_temperature(data, method=method, window=(20, 55), baseline=-1.0, resamples=12)
    assert 0.3 < found.attrs["bootstrap_error"] / number(found, "temperature", "error") < 8


def test_a_maximum_of_a_cooled_curve_lies_inside_of_it():
    T = np.linspace(5, 60, 56)
    warm = 2.0 + 0 * T
    for inner in (True, False):
        cold = warm * (1 - 0.02 * np.clip(30 - T, 0, None)) * (1 - (0.004 * (T - 30) if inner else 0) * (T > 30))
        cold = cold + (0 if inner else 1e-3 * T)
        warm_now = np.where(T > 30, cold, warm)
        found = splitting_temperature(
            *(measurement({"moment": m + 1e-5 * n}, {"temperature": T})
              for m, n in ((cold, NOISE[:56]), (warm_now, NOISE[56:112]))), fraction=0.1
        )  # fmt: skip
        assert ("peak_temperature" in found["parameter"].values) == inner


@pytest.mark.parametrize("degree", [2, 3, 5])
def test_a_straight_line_crosses_where_it_does_whatever_the_degree_of_its_polynomial(degree):
    x = np.linspace(10, 60, 61)[33:39]
    for level in np.linspace(0.08, 0.13, 11):
        curve = local_curve(x, 0.02 * (45 - x), min(degree, 4))
        assert curve.crossing(level)[0] == pytest.approx(45 - level / 0.02, rel=1e-8)


def test_an_interval_is_of_95_percent_unless_another_is_asked_for():
    from scipy.stats import t

    from spinstack.measure.sweeps import interval

    found = residual_ratio(cooled(40))
    value, error, freedom = (number(found, "ratio", of) for of in ("value", "error", "freedom"))
    for given, level in (((), 0.95), ((0.5,), 0.5)):
        half = error * t.ppf(0.5 + level / 2, freedom)
        assert interval(found, "ratio", *given) == pytest.approx((value - half, value + half))


@pytest.mark.parametrize(
    ("at", "both"), [(1.9, True), (2.0, True), (2.001, True), (2.01, False), (2.9, False), (-2.0, True)]
)
def test_parts_are_told_where_the_opposite_field_was_reached(at, both):
    B = np.linspace(-2, 3, 101)
    for sign in (1, -1):
        data = measurement({"R_xx": 100 + B**2 + 0.01 * NOISE[:101]}, {"field": sign * B})
        found = magnetoresistance(data, at=sign * at)["parameter"].values.tolist()
        assert any(n.startswith("even") for n in found) == both
        assert any(n.startswith("odd") for n in found) == both
