"""A smooth piece of a curve as a polynomial: value, crossing, extremum and inflection with errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.polynomial.polynomial import polyder, polyroots, polytrim, polyval

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.coverage import UNLIKELY, variance_ratio
from spinstack.measure.statistics.estimate import from_scatter, linear_fit
from spinstack.measure.statistics.linear import factored, pseudo_inverse
from spinstack.measure.statistics.noise import white_noise


@dataclass(frozen=True)
class LocalCurve:
    """Polynomial through points of a window: coefficients in u = (x - centre)/half, their covariance, its freedom.

    Errors are linear propagation: a place x where f(x, coefficients) = 0 moves by -f_c/f_x. `sign`: its extremum is the
    highest maximum (1) or the lowest minimum (-1) in the window, or the stationary point next to the middle (0).
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    freedom: float
    window: tuple[float, float]
    sign: float = 0.0

    def row(self, x: float, order: int = 0) -> np.ndarray:
        """Derivative of the given order of each power of u with respect to x, at x."""
        half = (self.window[1] - self.window[0]) / 2
        u = (x - self.window[0]) / half - 1
        return np.array([polyval(u, polyder(c, order)) for c in np.eye(self.coefficients.size)]) / half**order

    def value(self, x: Any, order: int = 0) -> Any:
        """The curve or its derivative at x."""
        half = (self.window[1] - self.window[0]) / 2
        return polyval((x - self.window[0]) / half - 1, polyder(self.coefficients, order)) / half**order

    def line(self) -> tuple[np.ndarray, np.ndarray]:
        """The curve over its window, to be drawn."""
        x = np.linspace(*self.window, 101)
        return x, np.asarray(self.value(x))

    def error(self, row: np.ndarray) -> float:
        """Standard error of a number that changes with the coefficients as `row`."""
        return float(np.sqrt(row @ self.covariance @ row))

    def at(self, x: float) -> tuple[float, float]:
        """Value at x."""
        return float(self.value(x)), self.error(self.row(x))

    def crossing(self, level: float = 0.0) -> tuple[float, float]:
        """Where the curve passes a level."""
        x = self._middle(self._roots(0, level))
        return x, self.error(self.row(x) / self.value(x, 1))

    def extremum(self) -> tuple[float, float]:
        """Where the curve is stationary."""
        x = self._summit()
        return x, self.error(self.row(x, 1) / self.value(x, 2))

    def height(self) -> tuple[float, float]:
        """Value where the curve is stationary (there the place has no first-order effect)."""
        return self.at(self._summit())

    def inflection(self) -> tuple[float, float]:
        """Where the curve is steepest."""
        x = self._steepest()
        return x, self.error(self.row(x, 2) / self.value(x, 3))

    def steepness(self) -> tuple[float, float]:
        """Slope where the curve is steepest."""
        x = self._steepest()
        return float(self.value(x, 1)), self.error(self.row(x, 1))

    def tangent(self, level: float, slope: float) -> tuple[float, float]:
        """Where the steepest tangent meets the straight line of a level at x = 0 and a slope.

        The place of the tangent has no first-order effect, because the second derivative vanishes there.
        """
        x = self._steepest()
        above, steep = float(self.value(x)) - level - slope * x, float(self.value(x, 1)) - slope
        return x - above / steep, self.error(self.row(x) / steep - above * self.row(x, 1) / steep**2)

    def _summit(self) -> float:
        roots = self._roots(1)
        if not self.sign:
            return self._middle(roots)
        right = roots[self.sign * self.value(roots, 2) < 0]
        if not right.size:
            which = "maximum" if self.sign > 0 else "minimum"
            why = f"between {self.window[0]:.6g} and {self.window[1]:.6g} the curve has no {which}"
            raise MeasurementError(why, field="window", remedy="Move it.")
        return float(right[np.argmax(self.sign * self.value(right))])

    def _steepest(self) -> float:
        roots = self._roots(2)
        return float(roots[np.argmax(np.abs(self.value(roots, 1)))])

    def _middle(self, roots: np.ndarray) -> float:
        return float(roots[np.argmin(np.abs(roots - np.mean(self.window)))])

    def _roots(self, order: int, level: float = 0.0) -> np.ndarray:
        c = polyder(self.coefficients, order)
        c = np.concatenate([[c[0] - level], c[1:]])
        # a leading coefficient that is rounding makes a root without bounds, next to which the others get lost
        found = polyroots(polytrim(c, 1e-9 * np.abs(c).max()))
        real = np.real(found[np.abs(np.imag(found)) < 1e-9])
        inside = real[np.abs(real) <= 1]
        low, high = self.window
        if inside.size == 0:
            why = f"between {low:.6g} and {high:.6g} the curve has no such point"
            raise MeasurementError(why, field="window", remedy="Move it.")
        return np.asarray(low + (inside + 1) * (high - low) / 2)


def local_curve(
    x: np.ndarray,
    y: np.ndarray,
    degree: int,
    sigma: np.ndarray | None = None,
    noise: tuple[float, float] | None = None,
) -> LocalCurve:
    """Polynomial of a degree through points.

    `noise` (standard deviation in units of `sigma`, its degrees of freedom) where a larger part of the curve tells it;
    the scatter of the window then counts only where chance makes it so large in less than 1 % of cases.
    """
    window = float(np.min(x)), float(np.max(x))
    if not window[1] > window[0]:
        raise MeasurementError(f"all its points are at {window[0]:.6g}", field="window", allowed="several places")
    centre, half = np.mean(window), np.ptp(window) / 2
    design = np.vander((x - centre) / half, degree + 1, increasing=True)
    if noise is None:
        fit = linear_fit(design, y, sigma)
        covariance, freedom, values = fit.covariance, fit.freedom, fit.values
    else:
        weight = np.ones(x.size) if sigma is None else 1.0 / sigma
        inverse = pseudo_inverse(factored(design * weight[:, None]))
        values, unscaled = inverse @ (y * weight), inverse @ inverse.T
        variance, freedom = noise[0] ** 2, noise[1]
        if x.size > degree + 1 and variance > 0:
            own = from_scatter(values, unscaled, y - design @ values, weight)
            if variance_ratio(own.reduced_chi_square / variance, own.degrees_of_freedom, freedom) < UNLIKELY:
                variance, freedom = own.reduced_chi_square, own.freedom
        covariance = unscaled * variance
    return LocalCurve(values, covariance, freedom, window)


def summit(x: np.ndarray, y: np.ndarray, sigma: np.ndarray, top: int, height: float, least: int) -> LocalCurve:
    """Polynomial through the points next to an extremum at row `top` of a smoothed curve, x sorted.

    The window holds the neighbours within a quarter of `height` (signed, above the surroundings) of the top; where a
    polynomial of sixth degree (fourth with fewer than 15 points, second with fewer than nine) misses them by more than
    the noise, a sixth or a tenth. At least `least` points.
    """
    calm = smoothed(y, 5 if y.size >= 25 else 3)
    scale = white_noise(y / sigma)
    best = None
    for share in (1 / 4, 1 / 6, 1 / 10):
        gaps = np.flatnonzero((calm[top] - calm) * np.sign(height) > share * abs(height))
        first = int(gaps[gaps < top].max(initial=-1)) + 1
        last = int(gaps[gaps > top].min(initial=y.size))
        if best is not None and last - first < max(least, 9):
            break
        first, last = max(0, min(first, top - least // 2)), min(y.size, max(last, top + least // 2 + 1))
        if last - first < 4:
            raise MeasurementError(f"{last - first} points lie near {x[top]:.4g}", field="peak", allowed="four or more")
        count = last - first
        degree = 6 if count >= 15 else 4 if count >= 9 else 2
        rows = slice(first, last)
        best = local_curve(x[rows], y[rows], degree, sigma[rows])
        freedom = last - first - degree - 1
        missed = (y[rows] - best.value(x[rows])) / sigma[rows]
        if np.sum(missed**2) <= scale**2 * (freedom + np.sqrt(2 * freedom)):
            break
    assert best is not None
    return replace(best, sign=float(np.sign(height)))


def smoothed(y: np.ndarray, width: int) -> np.ndarray:
    """Running mean of the running median of `width` neighbours, for finding windows (never for numbers)."""
    from scipy.ndimage import median_filter, uniform_filter1d

    return np.asarray(uniform_filter1d(median_filter(y, width, mode="nearest"), width, mode="nearest"))


def by_x(x: np.ndarray, y: np.ndarray, sigma: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points sorted by x."""
    order = np.argsort(x, kind="stable")
    return (x[order], y[order], np.ones(x.size) if sigma is None else sigma[order])
