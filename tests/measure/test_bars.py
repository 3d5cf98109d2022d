"""Closed forms of bars with arms against the potential of the whole bar by finite elements, at any Hall angle."""

import numpy as np
import pytest
from plate import bar, extrapolated, plate
from studies import mostly_studies

from spinstack.measure.bars import junction, short_bar, two_terminal_rise, wide_probes

TANGENT = 0.05


def by_elements(arm, height, both, length=7, apart=3, tangent=0.0, coarse=16):
    """Missing length between two pairs of arms, in widths, and its error."""

    def solve(n):
        arms = [(round((length + s * apart) / 2 * n), round(arm * n), round(height * n), 1) for s in (-1, 1)]
        arms += [(m, a, h, -1) for m, a, h, _ in arms] if both else []
        V = bar(n, round(length * n), arms, tangent)
        return apart - (V[2] - V[3])

    return extrapolated(solve, coarse, 4 / 3 if height else 1.0)


def hall(arm, height, length=7.0, tangent=TANGENT, off=0.0, coarse=16):
    """Hall voltage of facing probes over that of points on a bar without end, and its error."""

    def solve(n):
        middle = round((length / 2 + off) * n)
        arms = [(middle, round(arm * n), round(height * n), side) for side in (1, -1)]
        V = bar(n, round(length * n), arms, tangent)
        return (V[3] - V[2]) / tangent

    return extrapolated(solve, coarse, 4 / 3 if height else 1.0)


SHAPES = [
    (a, h, both) for a, h in ((1.0, 2.0), (0.5, 1.0), (0.5, 0.25), (0.25, 0.5), (0.5, 0.0)) for both in (True, False)
]


@pytest.mark.parametrize("shape", mostly_studies(SHAPES, [(1.0, 2.0, True), (0.5, 0.25, False), (0.5, 0.0, True)]))
def test_arms_shorten_the_bar_between_them(shape):
    arm, height, both = shape
    found, error = by_elements(arm, height, both)
    expected = junction(1.0, arm, height, both).shortening
    assert found == pytest.approx(expected, abs=1.5 * error + 2e-4 + 1e-3 * expected)
    assert abs(found - expected) < 0.03 * expected
    # the Hall angle does not enter
    turned, error = by_elements(arm, height, both, tangent=0.5)
    assert turned == pytest.approx(found, abs=error + (0.0 if height > arm else 0.2 * expected))


def test_shortening_of_long_arms_by_hand():
    square = junction(1.0, 1.0, 50.0, both=False)
    assert square.shortening == pytest.approx((2 * np.arctan(0.5) - 2 * np.log(1.25)) / np.pi, rel=1e-12)
    assert square.modulus < 1e-30
    # narrow arms take a^2/(2 pi w), two that face each other twice as much, contacts on the edge pi s^2/(8 w)
    for both in (False, True):
        assert junction(2.0, 0.01, 1.0, both).shortening == pytest.approx((1 + both) * 1e-4 / (4 * np.pi), rel=1e-4)
        assert junction(2.0, 0.01, 0.0, both).shortening == pytest.approx((1 + both) * np.pi * 1e-4 / 16, rel=1e-4)
    # the form between none and long arms joins both ends to a few per cent
    for arm in (0.1, 0.5, 1.0):
        near, edge = (junction(1.0, arm, h, both=True) for h in (1e-9, 0.0))
        assert near.modulus == pytest.approx(edge.modulus, rel=0.07)
        assert near.shortening == pytest.approx(edge.shortening, rel=0.16)


PROBES = [(1.0, 1.0), (1.0, 0.5), (0.5, 0.25), (0.5, 0.5), (0.5, 0.0), (1.0, 0.0)]


@pytest.mark.parametrize("shape", mostly_studies(PROBES, [(1.0, 0.5), (0.5, 0.0)]))
def test_probes_short_the_hall_field(shape):
    arm, height = shape
    found, error = hall(arm, height)
    assert found == pytest.approx(wide_probes(junction(1.0, arm, height, True).modulus), abs=error + 3e-4)


def test_long_arms_leave_all_of_the_hall_voltage_at_any_angle():
    found, error = hall(0.5, 1.5, tangent=2.0)
    assert found == pytest.approx(1.0, abs=error + 1e-5)
    assert error < 2e-3


@pytest.mark.parametrize(("length", "off"), [(1.0, 0.0), (2.0, 0.5)])
def test_ends_short_the_hall_field(length, off):
    def solve(n):
        L = round(length * n)
        x = L // 2 + round(off * n)
        cells = np.ones((n, L), dtype=bool)
        ends = [[(j, i) for j in range(n + 1)] for i in (0, L)]
        V = plate(cells, [*ends, [(n, x)], [(0, x)]], TANGENT)
        return (V[3] - V[2]) / TANGENT

    found, error = extrapolated(solve, 24, 2.0)
    assert found == pytest.approx(short_bar(length, 1.0, off), abs=error + TANGENT**2 / 10)
    assert found < 0.83


@pytest.mark.study
@pytest.mark.parametrize("length", [2.0, 3.0])
@pytest.mark.parametrize(("arm", "height"), [(0.25, 0.25), (0.5, 0.5), (0.5, 0.25), (1.0, 1.0), (1.0, 0.5)])
def test_ends_and_probes_together_within_what_is_stated(length, arm, height):
    found, error = hall(arm, height, length, coarse=32)
    one = junction(1.0, arm, height, True)
    ends, probes = short_bar(length - one.shortening, 1.0), wide_probes(one.modulus)
    assert found == pytest.approx(ends * probes, abs=(1 - ends) * (1 - probes) + error)


@pytest.mark.parametrize("both", [True, pytest.param(False, marks=pytest.mark.study)])
def test_neighbouring_arms_disturb_each_other_as_little_as_stated(both):
    for arm, apart in ((0.5, 1.25), (1.0, 1.5)):
        found, error = by_elements(arm, 1.0, both, apart + 6.0, apart, coarse=16)
        missing = found - junction(1.0, arm, 1.0, both).shortening
        assert abs(missing) < 0.04 * np.exp(-np.pi * (1 + both) * (apart - arm)) + error


def test_two_terminals_see_the_hall_effect_in_second_order():
    def solve(n):
        V = [bar(n, n, [], t)[0] for t in (0.0, 0.1, -0.1)]
        assert V[1] == pytest.approx(V[2], rel=1e-12)  # Onsager
        return (V[1] / V[0] - 1) / 0.01

    found, error = extrapolated(solve, 16, 1.0)
    assert found == pytest.approx(two_terminal_rise(1.0, 1.0), abs=2 * error + 2e-3)
    # Lippmann and Kuhrt's limits: 0.543 w/L of a long bar, Corbino's disc without a Hall field
    assert two_terminal_rise(50.0, 1.0) == pytest.approx(0.5428 / 50, rel=1e-4)
    assert two_terminal_rise(0.01, 1.0) == pytest.approx(1 - 0.543 * 0.01, rel=1e-4)


def test_series_against_their_other_ends():
    # Wick's 0.742 L/w of a short plate, Popovic's 1 - 16/pi^2 exp(-pi L/2w) of a long one and 1 - 2 s/(pi w) of probes
    assert short_bar(0.05, 1.0) == pytest.approx(8 * 0.915965594 / np.pi**2 * 0.05, rel=1e-6)
    assert short_bar(4.0, 1.0) == pytest.approx(1 - 16 / np.pi**2 * np.exp(-2 * np.pi), abs=1e-8)
    assert wide_probes(junction(1.0, 0.01, 0.0, True).modulus) == pytest.approx(1 - 0.02 / np.pi, abs=1e-5)
    assert wide_probes(0.0) == 1.0
    assert short_bar(3.0, 1.0, 1.5) == pytest.approx(0.0, abs=1e-3)  # at the end itself


@pytest.mark.parametrize("unit", [1e-4, 0.3, 7.0])
def test_closed_forms_are_in_any_unit_of_length(unit):
    for both in (True, False):
        for length in (0.0, 0.5):
            here, there = junction(1.0, 0.3, length, both), junction(unit, 0.3 * unit, length * unit, both)
            assert there == pytest.approx((here.shortening * unit, here.modulus), rel=1e-9)
    for length in (0.3, 1.0, 4.0):
        assert short_bar(length * unit, unit, 0.1 * unit) == pytest.approx(short_bar(length, 1.0, 0.1), rel=1e-9)
        assert two_terminal_rise(length * unit, unit) == pytest.approx(two_terminal_rise(length, 1.0), rel=1e-9)
