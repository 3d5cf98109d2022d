"""Linear least squares against exact arithmetic, and what rows cannot tell."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from spinstack.measure.statistics.linear import (
    factored,
    idle,
    least_absolute,
    least_squares,
    mixed,
    pseudo_inverse,
    rank,
)

DESIGN = np.array([[1, 0], [1, 1], [1, 2], [1, 5]], dtype=float)
TARGET = np.array([1.0, 3.0, 2.0, 7.0])
WEIGHT = np.array([1.0, 2.0, 1.0, 3.0])


def exact_line(weight):
    """The line through the points in fractions, from the normal equations."""
    w = [Fraction(float(v)) ** 2 for v in weight]
    x, y = ([Fraction(float(v)) for v in column] for column in (DESIGN[:, 1], TARGET))
    s, sx, sy = sum(w), sum(a * b for a, b in zip(w, x, strict=True)), sum(a * b for a, b in zip(w, y, strict=True))
    sxx = sum(a * b * b for a, b in zip(w, x, strict=True))
    sxy = sum(a * b * c for a, b, c in zip(w, x, y, strict=True))
    slope = (s * sxy - sx * sy) / (s * sxx - sx**2)
    return float((sy - slope * sx) / s), float(slope)


@pytest.mark.parametrize("weight", [np.ones(4), WEIGHT])
def test_a_line_is_that_of_exact_arithmetic(weight):
    assert least_squares(DESIGN, TARGET, weight) == pytest.approx(exact_line(weight), rel=1e-14)


def test_columns_of_very_different_size_lose_nothing():
    size = np.array([1e-150, 1e20])
    found = least_squares(DESIGN * size, TARGET) * size
    assert found == pytest.approx(exact_line(np.ones(4)), rel=1e-13)


def test_factors_are_those_of_the_design():
    f = factored(DESIGN)
    assert f.U * f.S @ f.Vt * f.scale == pytest.approx(DESIGN, abs=1e-14)
    inverse = pseudo_inverse(f)
    assert inverse @ DESIGN == pytest.approx(np.eye(2), abs=1e-14)
    assert inverse @ inverse.T == pytest.approx(np.linalg.inv(DESIGN.T @ DESIGN), rel=1e-13)


def test_what_the_rows_cannot_tell_is_named():
    x = np.linspace(-1, 1, 9)
    design = np.stack([np.ones(9), x, 2 * x + 3, x**2, 1e-14 * x**3], axis=1)
    names = ["offset", "slope", "line", "bend", "cube"]
    f = factored(design)
    assert rank(f) == 4
    assert mixed(f, names, 1e-12) == ["offset", "slope", "line"]
    assert idle(f, names, 1e-10) == ["cube"]
    # a rank-deficient design still gives values: the shortest, which meet the readings as well as any
    target = np.sin(x)
    best = np.linalg.lstsq(design[:, [0, 1, 3, 4]] / [1, 1, 1, 1e-14], target, rcond=None)[0]
    fitted = design[:, [0, 1, 3, 4]] / [1, 1, 1, 1e-14] @ best
    assert design @ least_squares(design, target) == pytest.approx(fitted, abs=1e-12)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_columns_are_idle_against_the_longest_one_whatever_their_unit(scale):
    design = scale * np.array([[1.0, 1e-12, 1e-8], [2.0, -1e-12, 2e-8], [0.5, 3e-12, -1e-8], [1.0, 0.0, 1e-8]])
    assert idle(factored(design), ["large", "nothing", "small"], 1e-10) == ["nothing"]


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_columns_of_rounding_noise_are_not_scaled_up(unit):
    rng = np.random.default_rng(0)
    design = unit * np.stack([np.ones(20), 1e-17 * rng.normal(size=20)], axis=1)
    assert rank(factored(design)) == 2
    kept = factored(design, floor=1e-9)
    assert rank(kept) == 1
    assert mixed(kept, ["offset", "noise"], 1e-9) == ["noise"]
    assert np.all(kept.scale == kept.length[0])


def test_least_absolute_differences_go_through_most_points():
    x = np.linspace(0, 1, 30)
    y = 2 + 3 * x
    y[[3, 11, 12, 25]] += [100, -70, 40, 300]
    design = np.stack([np.ones(30), x], axis=1)
    assert least_absolute(design, y) == pytest.approx([2, 3], abs=1e-2)
    assert abs(least_squares(design, y)[0] - 2) > 1
    # of a constant it is the median
    values = np.array([1.0, 2.0, 4.0, 8.0, 100.0])
    assert least_absolute(np.ones((5, 1)), values)[0] == pytest.approx(4.0, abs=0.05)


def test_least_absolute_differences_are_those_of_linear_programming():
    rng = np.random.default_rng(1)
    x = np.linspace(-1, 1, 60)
    design = np.stack([np.ones(60), x, x**2], axis=1)
    target = design @ [1.0, -2.0, 3.0] + rng.laplace(size=60)
    # the sum of u + v with design c + u - v = target and both above zero
    cost, parts = np.r_[np.zeros(3), np.ones(120)], np.hstack([design, np.eye(60), -np.eye(60)])
    best = linprog(cost, A_eq=parts, b_eq=target, bounds=[(None, None)] * 3 + [(0, None)] * 120)
    found = float(np.abs(target - design @ least_absolute(design, target)).sum())
    assert best.fun <= found * (1 + 1e-12) < 1.002 * best.fun


@pytest.mark.parametrize(("part", "found"), [(0.8, 1), (1.25, 2)])
@pytest.mark.parametrize("largest", [0.1, 1.0, 3.0])
def test_a_combination_counts_from_the_rounding_of_the_rows_on(part, found, largest):
    rows = 500
    factors = factored(np.stack([np.ones(rows), np.linspace(-1, 1, rows)], axis=1))
    rounding = rows * 2.0**-52 * largest
    assert rank(factors._replace(S=np.array([largest, part * rounding]))) == found
