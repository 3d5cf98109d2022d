"""How many points and how many terms a number is read with: degrees of freedom of its error are what they leave."""

import warnings
from importlib import import_module

import numpy as np
import pytest

from spinstack.measure.cleaning import even_part
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.statistics.coverage import pooled_freedom
from spinstack.measure.sweeps import (
    butterfly,
    critical_temperature,
    hall_bar,
    hysteresis_loop,
    magnetoresistance,
    residual_ratio,
    resistivity_at,
    van_der_pauw,
)
from spinstack.measure.sweeps.at_zero import zero_field
from spinstack.measure.sweeps.critical import steep_part
from spinstack.measure.sweeps.local import summit

NOISE = np.random.default_rng(6).standard_normal(2000)
BAR = {"bar_length": 7e-4, "bar_width": 2e-4, "film_thickness": 8e-9}


def row(found, name):
    one = found.sel(parameter=name)
    return float(one["value"]), float(one["error"]), float(one["freedom"])


def steps(size):
    """Noise whose neighbours do not correlate, so that no freedom is taken off for memory."""
    return 0.01 * NOISE[:size] * np.resize([1.0, -1.0, -1.0, 1.0], size)


@pytest.mark.parametrize(
    ("inside", "both", "left"),
    [
        (5, False, 4),
        (6, False, 3),
        (9, False, 6),
        (6, True, 3),
        (8, True, 3),
        (10, True, 5),
        (12, True, 6),
        (14, True, 8),
    ],
)
def test_terms_at_zero_field(inside, both, left):
    """A mean; from six points a parabola; with four of each branch their distance, from twelve its bend."""
    B = np.arange(-40.0, 40.0) + 0.2
    B = np.concatenate([B, 0.1 - B]) if both else B
    order = np.sort(np.abs(B))
    window = (order[inside - 1] + order[inside]) / 2
    y = 100 + 1e-3 * B + steps(B.size)
    assert zero_field(measurement({"R_xx": y}, {"field": B}), "R_xx", window)[2] == left


@pytest.mark.parametrize(("inside", "left"), [(10, 4), (12, 4), (14, 5), (16, 6)])
def test_terms_at_zero_field_of_what_was_made_even(inside, left):
    """Every reading stands twice, and what changes its sign between the branches is nothing."""
    half = np.arange(1, 40) - 0.5
    B = np.concatenate([-half[::-1], half])
    B = np.concatenate([B, -B])
    data = even_part(measurement({"R_xx": 100 + 1e-3 * B**2 + steps(B.size)}, {"field": B}), "R_xx")
    order = np.sort(np.abs(data["field"].values))
    found = zero_field(data, "R_xx", order[inside - 1] * 1.01)
    count = np.count_nonzero(np.abs(data["field"].values) <= order[inside - 1] * 1.01)
    terms = 1 + (count >= 12) + (count // 2 >= 8)
    assert found[2] == count / 2 - terms
    assert left >= 4


@pytest.mark.parametrize(("points", "reach", "inside"), [(81, 0.05, 8), (801, 0.05, 41)])
def test_the_window_at_zero_field_holds_a_twentieth_or_eight_points(points, reach, inside):
    B = np.linspace(-2, 2, points) + 0.3 * 4 / (points - 1)
    y = 100 + steps(points)
    left = zero_field(measurement({"R_xx": y}, {"field": B}), "R_xx")[2]
    distance = np.abs(B)
    count = np.count_nonzero(distance <= max(reach * distance.max(), np.sort(distance)[7]))
    assert abs(count - inside) <= 1
    assert left == count - 3


@pytest.mark.parametrize(("points", "left"), [(5, 3), (6, 3), (8, 5), (30, 5)])
def test_points_of_a_magnetoresistance_at_a_field(points, left):
    """The eight nearest on the side of the field; a parabola through six and more, else a line."""
    B = np.concatenate([np.linspace(-3, 0, 40), np.linspace(0.5, 1.5, points)])
    data = measurement({"R_xx": 100 + B**2 + steps(B.size)}, {"field": B})
    value, error, freedom = row(magnetoresistance(data, at=1.0), "ratio_1T")
    zero = zero_field(data, "R_xx")
    parts = [(value + 1) ** 2 * (zero[1] / zero[0]) ** 2]
    parts.append(error**2 - parts[0])
    assert freedom == pytest.approx(pooled_freedom(parts, [zero[2], left]), rel=1e-6)


@pytest.mark.parametrize(("step", "left"), [(0.004, 5), (0.02, 4), (0.0066, 4), (0.0068, 4), (0.3, 4)])
def test_points_of_a_resistance_at_a_temperature(step, left):
    """Within 3 % or the seven nearest; a straight line where these lie within 4 %."""
    T = 100 * (1 + step * np.arange(-30, 31)) if step < 0.03 else np.geomspace(1, 1e4, 61)
    data = measurement({"R_xx": 50 + T + steps(61)}, {"temperature": T}, BAR)
    near = np.abs(T - 100) <= max(3.0, np.sort(np.abs(T - 100))[6])
    terms = 2 if np.ptp(T[near]) < 4 or near.sum() < 7 else 3
    freedom = row(resistivity_at(data, 100.0), "resistance")[2]
    assert freedom == near.sum() - terms
    assert freedom >= left


def test_a_ratio_has_the_pooled_freedom_of_its_parts():
    T = np.geomspace(2, 300, 80)
    found = residual_ratio(measurement({"R_xx": 10 + 0.1 * T + steps(80)}, {"temperature": T}))
    (h, eh, fh), (c, ec, fc) = row(found, "R_high"), row(found, "R_low")
    assert row(found, "ratio")[2] == pytest.approx(pooled_freedom([(eh / h) ** 2, (ec / c) ** 2], [fh, fc]))
    data = measurement({"R_xx": 350 + NOISE[:5], "R_xy": 9 + NOISE[5:10]}, {"temperature": np.full(5, 4.0)}, BAR)
    bar = hall_bar(data, length_error=1e-6)
    (s, es, fs), (x, ex, fx) = row(bar, "sheet_resistance"), row(bar, "hall_resistance")
    assert fx == 4
    assert fs > 4
    assert row(bar, "tangent")[2] == pytest.approx(pooled_freedom([(es / s) ** 2, (ex / x) ** 2], [fs, fx]))
    own = es**2 - (s * 1e-6 / 7e-4) ** 2
    assert fs == pytest.approx(pooled_freedom([own, es**2 - own], [4, np.inf]))
    four = {n: v + NOISE[k : k + 4] for k, (n, v) in enumerate({"R_12_43": 90.0, "R_23_14": 60.0}.items())}
    both = van_der_pauw(measurement(four, {"temperature": np.full(4, 4.0)}))
    (a, ea, fa), (b, eb, fb) = row(both, "R_A"), row(both, "R_B")
    assert (fa, fb) == (3, 3)
    assert row(both, "ratio")[2] == pytest.approx(pooled_freedom([(ea / a) ** 2, (eb / b) ** 2], [3, 3]))


@pytest.mark.parametrize("count", [7, 8, 9, 10, 13, 14, 15, 16, 30])
def test_the_degree_of_a_summit_grows_with_its_points(count):
    x = np.arange(60.0) - 30
    y = -(x**2)
    height = ((count - 1) / 2) ** 2 * 4 + 1.5  # all of these lie within a quarter of it
    curve = summit(x + (0.5 if count % 2 == 0 else 0.0), y, np.ones(60), 30, height, 1)
    inside = np.count_nonzero((x >= curve.window[0] - 0.6) & (x <= curve.window[1] + 0.4))
    assert abs(inside - count) <= 1
    expected = 6 if inside >= 15 else 4 if inside >= 9 else 2
    assert curve.coefficients.size - 1 == expected


@pytest.mark.parametrize("high", [1, -1])
def test_a_summit_is_read_within_a_quarter_of_its_height(high):
    x = np.linspace(-3, 3, 121)
    y = high * (4.0 - x**2)
    curve = summit(x, y, np.ones(121), 60, high * 4.0, 5)
    inside = np.abs(x[(x >= curve.window[0]) & (x <= curve.window[1])])
    assert inside.max() == pytest.approx(1.0, abs=0.06)
    assert curve.extremum()[0] == pytest.approx(0.0, abs=1e-6)
    assert curve.sign == high


@pytest.mark.parametrize(("points", "degree"), [(60, 3), (400, 5)])
def test_the_steep_part_is_where_the_slope_exceeds_half_its_largest_value(points, degree):
    T = np.linspace(0, 100, points)
    y = -np.tanh((T - 50) / 8)
    curve = steep_part(T, y, np.ones(points))
    half = 8 * np.arccosh(np.sqrt(2))
    assert curve.window == pytest.approx((50 - half, 50 + half), abs=2.5 if points > 100 else 4.0)
    assert curve.coefficients.size - 1 == degree


@pytest.mark.parametrize(("points", "width"), [(59, 3), (80, 5), (119, 5), (120, 7), (299, 15), (900, 15)])
def test_a_slope_is_smoothed_over_a_twentieth_of_the_points(points, width, monkeypatch):
    """An odd number of them, from 3 to 15."""
    asked, smoothed = [], import_module("spinstack.measure.sweeps.critical").smoothed
    monkeypatch.setattr(
        "spinstack.measure.sweeps.critical.smoothed", lambda y, width: (asked.append(width), smoothed(y, width))[1]
    )
    T = np.linspace(0, 100, points)
    steep_part(T, -np.tanh((T - 50) / 8), np.ones(points))
    assert asked == [width, width]


@pytest.mark.parametrize(("inside", "left"), [(3, None), (4, 2), (5, 3), (6, 3), (9, 6)])
def test_the_remanence_is_read_before_the_switching(inside, left):
    """Points within four tenths of half the width: a line through four, a parabola through six; the noise is told."""
    from spinstack.measure.sweeps.loop import _remanent

    B = np.concatenate([[-2.0], np.linspace(-0.9, 0.9, inside), [2.0]])
    m = 0.3 + 0.01 * B
    value, error, freedom = _remanent(B, m, np.ones(B.size), 1.0, (0.05, 40.0))
    assert value == pytest.approx(0.3, abs=1e-2)
    if left is None:
        assert error > 0.05 / np.sqrt(3)
    else:
        terms = 2 if inside < 6 else 3
        design = np.vander(B[1:-1] / 0.9, terms)
        expected = 0.05 * np.sqrt(np.linalg.inv(design.T @ design)[-1, -1])
        assert error == pytest.approx(expected, rel=1e-9)
        assert freedom == 40


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5])
def test_between_two_points_a_branch_may_be_anywhere(share):
    from spinstack.measure.sweeps.loop import _remanent

    B = np.array([-2.0, -share, 1 - share, 2.0])
    m, sigma = np.array([-1.0, -0.2, 0.6, 1.0]), np.array([1.0, 2.0, 3.0, 1.0])
    value, error, freedom = _remanent(B, m, sigma, 0.1, (0.05, 12.0))
    assert value == pytest.approx(-0.2 + 0.8 * share)
    own = 0.05 * np.hypot((1 - share) * 2, share * 3)
    shape = 0.8 * np.sqrt(share * (1 - share))
    assert error == pytest.approx(np.hypot(own, shape))
    assert freedom == pytest.approx(pooled_freedom([own**2, shape**2], [12, np.inf]))


@pytest.mark.parametrize(("points", "degree"), [(40, 1), (120, 1), (300, 2)])
def test_the_ratio_of_a_butterfly_is_read_from_a_twentieth_or_six_points(points, degree):
    line = np.linspace(-2, 2, points)
    B, side = np.concatenate([line, line[::-1]]), np.repeat([1, -1], points)
    y = 1000 + 20 * np.exp(-(((B - 0.7 * side) / 0.2) ** 2)) + steps(2 * points)
    data = measurement({"R_xx": y}, {"field": B})
    value, error, freedom = row(butterfly(data, at=1.5), "ratio")
    zero = zero_field(data, "R_xx")
    counts = []
    for sign in (1, -1):
        away = np.abs(sign * B - 1.5)
        counts.append(np.count_nonzero(away <= max(0.075, np.sort(away)[5])))
    assert {1 + (c >= 12) for c in counts} == {degree}
    parts = [((value + 1) * zero[1] / zero[0]) ** 2]
    both = error**2 - parts[0]
    least = pooled_freedom([*parts, both], [zero[2], min(counts) - degree - 1])
    most = pooled_freedom([*parts, both / 2, both / 2], [zero[2], *(c - degree - 1 for c in counts)])
    assert least * 0.999 <= freedom <= most * 1.001


@pytest.mark.parametrize("kind", ["bends", "opens"])
@pytest.mark.parametrize(("part", "said"), [(0.008, False), (0.013, True)])
def test_doubts_of_a_background_count_from_a_hundredth_of_the_amplitude(kind, part, said):
    line = np.linspace(-4, 4, 161)
    B, side = np.concatenate([line, line[::-1]]), np.repeat([1, -1], 161)
    y = np.tanh((B - 0.4 * side) / 0.1) + 1e-5 * NOISE[:322]
    low = 0.7 * 4
    y = y + part * (np.sign(B) * (B / low) ** 2 if kind == "bends" else -side) * (np.abs(B) >= low)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = hysteresis_loop(measurement({"moment": y}, {"field": B}))
    words = "the background bends" if kind == "bends" else "the branches still differ"
    told = [str(w.message) for w in caught if words in str(w.message)]
    assert bool(told) == said
    factor = 1 if kind == "bends" else 2
    assert not said or f"by {factor * part / row(found, 'amplitude')[0]:.1%}" in told[0]


def test_half_of_the_curves_drawn_anew_need_a_temperature():
    T = np.linspace(10, 60, 40)
    y = np.tanh((35 - T) / 4) + 1e-3 * NOISE[:40]
    data = measurement({"moment": y}, {"temperature": T})
    with pytest.MonkeyPatch.context() as patch:
        critical = import_module("spinstack.measure.sweeps.critical")
        steepest, calls = critical._steepest, []

        def some(*given):
            calls.append(0)
            if 1 < len(calls) <= 1 + lost:
                raise MeasurementError("none", field="window")
            return steepest(*given)

        patch.setattr(critical, "_steepest", some)
        lost = 5
        assert critical_temperature(data, resamples=10).attrs["bootstrap_error"] > 0
        lost = 6
        calls.clear()
        with pytest.raises(MeasurementError, match="only 4 curves"):
            critical_temperature(data, resamples=10)


def test_branches_that_differ_alike_over_a_range_differ_anywhere_in_it(monkeypatch):
    """Where the difference has no smooth maximum its place is told as evenly spread, and its size by the noise."""
    home = import_module("spinstack.measure.sweeps.butterfly_loop")

    def none(*given):
        raise MeasurementError("none", field="peak")

    monkeypatch.setattr(home, "summit", none)
    line = np.linspace(-2, 2, 41)
    flat = 10.0 * ((line > 0.45) & (line < 1.25)) + 0.01 * NOISE[:41]
    sides = {1: (line, 100 + 0 * line, None), -1: (line, 100 + flat, None)}
    field, size, (grid, difference) = home._splitting(sides, 2.0)
    tall = grid[difference > 5]
    assert field[1] == pytest.approx(np.ptp(tall) / np.sqrt(12))
    assert tall[0] <= field[0] <= tall[-1]
    assert size[0] == pytest.approx(10.0, abs=0.05)
    bends = difference[1:-1] - (difference[2:] + difference[:-2]) / 2
    assert size[1] == pytest.approx(np.sqrt(np.mean(bends**2) / 1.5))
    assert (field[2], size[2]) == (np.inf, 38)


@pytest.mark.parametrize(("top", "window"), [(20, (16, 22)), (2, (0, 4)), (38, (34, 39))])
def test_a_sudden_step_is_read_through_seven_points(top, window, monkeypatch):
    """Three on either side of the steepest one, fewer at an end."""
    # without the smoothing of the search, which widens a step
    monkeypatch.setattr("spinstack.measure.sweeps.critical.smoothed", lambda y, width: y)
    T = np.arange(40.0)
    assert steep_part(T, np.where(top > T, 1.0, 0.0), np.ones(40)).window == window


@pytest.mark.parametrize(("rows", "width"), [(24, 3), (25, 5)])
def test_curves_are_drawn_anew_about_the_smoothed_one(rows, width, monkeypatch):
    from scipy.ndimage import median_filter, uniform_filter1d

    critical = import_module("spinstack.measure.sweeps.critical")
    T = np.linspace(10, 60, rows)
    y = np.tanh((35 - T) / 4) + 0.05 * NOISE[:rows]
    drawn, steepest = [], critical._steepest
    monkeypatch.setattr(critical, "_steepest", lambda T, y, *more: (drawn.append(y), steepest(T, y, *more))[1])
    critical_temperature(measurement({"moment": y}, {"temperature": T}), resamples=200, method="derivative")
    calm = uniform_filter1d(median_filter(y, width, mode="nearest"), width, mode="nearest")
    away = np.array(drawn[1:]) - calm
    noise = np.sqrt(np.mean((y[1:-1] - (y[2:] + y[:-2]) / 2) ** 2) / 1.5)
    assert np.abs(away.mean(axis=0)).max() < 4.5 * noise / np.sqrt(200)
    assert away.std() == pytest.approx(noise, rel=0.05)


@pytest.mark.parametrize(("count", "freedom"), [(7, None), (8, 50), (11, 50), (12, 8), (20, 16)])
def test_the_curve_through_a_switching_has_its_own_noise_from_twelve_points_on(count, freedom):
    """A cubic through the points within half the amplitude, eight at least; the background tells the noise of few."""
    from spinstack.measure.sweeps.switching import _curve

    half = (count - 1) / 2
    B = np.arange(-30.0, 31.0) + (0.0 if count % 2 else 0.5)
    m = np.clip(B / (2 * half + 1), -1, 1) + 1e-3 * steps(61)
    at = int(np.searchsorted(m, 0.0)) - 1
    curve = _curve(B, m, np.ones(61), 1.0, (1e-5, 50.0), at)
    assert (curve is None) == (freedom is None)
    if curve is not None:
        assert np.count_nonzero((curve.window[0] <= B) & (curve.window[1] >= B)) == count
        assert curve.freedom == freedom
        assert curve.coefficients.size == 4


def test_the_bootstrap_error_is_the_scatter_of_what_was_found_anew(monkeypatch):
    critical = import_module("spinstack.measure.sweeps.critical")
    found, steepest = [], critical._steepest

    def kept(*arguments):
        out = steepest(*arguments)
        found.append(out[0]["temperature"].value)
        return out

    monkeypatch.setattr(critical, "_steepest", kept)
    T = np.linspace(10, 60, 40)
    data = measurement({"moment": np.tanh((35 - T) / 4) + 0.02 * NOISE[:40]}, {"temperature": T})
    out = critical_temperature(data, resamples=6, method="derivative")
    value, *anew = found
    assert value == float(out["value"].sel(parameter="temperature"))
    assert len(anew) == 6
    # of few, so that one less than their number counts
    assert out.attrs["bootstrap_error"] == pytest.approx(np.sqrt(np.sum((anew - np.mean(anew)) ** 2) / 5))


@pytest.mark.parametrize("even", [False, True])
def test_a_cusp_at_zero_is_known_to_the_noise_of_the_readings_there(even):
    """Two rows of two branches, of which one is left where either stands in both."""
    leg = np.linspace(-5, 5, 201)
    field = np.concatenate([leg, leg[::-1]])
    R = 100 * (1 + 0.05 * np.sqrt(np.abs(field))) + 1e-3 * np.random.default_rng(8).standard_normal(402)
    data = measurement({"R_xx": R}, {"field": field})
    data = even_part(data) if even else data
    y = data["R_xx"].values
    bends = y[1:-1] - (y[2:] + y[:-2]) / 2
    noise = np.median(np.abs(bends)) / (0.67449 * np.sqrt(1.5))
    there = y[data["field"].values == 0]
    assert there.size == 2
    value, error, _ = zero_field(data, "R_xx")
    assert value == pytest.approx(there.mean())
    assert error == pytest.approx(noise if even else noise / np.sqrt(2))
