"""A hysteresis loop as one shape for both branches: tanh, error function or Langevin function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from spinstack.measure.statistics.estimate import Estimate, central_slopes, propagated, standard_errors
from spinstack.measure.statistics.nonlinear import curve_fit
from spinstack.measure.sweeps.results import Found


def _erf(x: np.ndarray) -> np.ndarray:
    from scipy.special import erf

    return np.asarray(erf(x))


def _langevin(x: np.ndarray) -> np.ndarray:
    small = np.abs(x) < 1e-3
    safe = np.where(small, 1.0, x)
    return np.where(small, x / 3, 1 / np.tanh(safe) - 1 / safe)


#: shapes of :func:`hysteresis_loop` by name, all odd and going to +-1
SHAPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {"tanh": np.tanh, "erf": _erf, "langevin": _langevin}


def shape_at(B: np.ndarray, side: int, shape: str, found: Mapping[str, Found]) -> np.ndarray:
    """The branch that rises (`side` 1) or falls (-1) of a loop that was fitted, at fields B [T]."""
    names = ("offset", "slope", "amplitude", "coercive_field", "bias", "width")
    offset, slope, amplitude, coercive, bias, width = (found[name].value for name in names)
    return np.asarray(offset + slope * B + amplitude * SHAPES[shape]((B - bias - side * coercive) / width))


def fit_shape(
    B: np.ndarray,
    y: np.ndarray,
    sigma: np.ndarray | None,
    branch: np.ndarray,
    shape: str,
    start: dict[str, Found],
    unit: str,
    slope: float | None = None,
    copies: int = 1,
    time: np.ndarray | None = None,
) -> tuple[dict[str, Found], Estimate]:
    """Fit y = offset + slope B + amplitude f((B - bias -+ coercive)/width) + drift time to both branches from `start`.

    A `slope` that is given is kept. `time` (points,) where there is a drift to fit.
    """
    f = SHAPES[shape]
    guess = {k: start[k].value for k in ("amplitude", "offset", "slope", "coercive_field", "bias")}
    drifts = {} if time is None else {"drift": start["drift"].value}
    reach = float(np.ptp(B)) / 2

    def model(p: np.ndarray) -> np.ndarray:
        amplitude, offset, slope, coercive, bias, width, *drift = p
        curve = np.asarray(offset + slope * B + amplitude * f((B - bias - branch * coercive) / width))
        return curve if time is None else curve + drift[0] * time

    def wrong(width: float) -> float:
        return float(np.sum((model(np.array([*guess.values(), width, *drifts.values()])) - y) ** 2))

    width = min(np.geomspace(0.003, 1.0, 25) * reach, key=wrong)
    bounds = {"width": (1e-6 * reach, 10 * reach)}
    begin = {**guess, "width": float(width), **drifts}
    if slope is None:
        fit = curve_fit(model, y, begin, sigma, bounds, copies)
    else:
        at = list(begin).index("slope")
        begin.pop("slope")
        fit = curve_fit(lambda p: model(np.insert(p, at, slope)), y, begin, sigma, bounds, copies)
        wider = np.insert(np.insert(fit.covariance, at, 0.0, axis=0), at, 0.0, axis=1)
        fit = replace(fit, values=np.insert(fit.values, at, slope), covariance=wider)

    def derived(p: np.ndarray) -> np.ndarray:
        amplitude, _, _, coercive, bias, width = p[:6]
        falling, rising = f(np.array([-bias + coercive, -bias - coercive]) / width)
        square = (falling - rising) / 2
        return np.array([bias + coercive, bias - coercive, amplitude * square, square])

    J = central_slopes(derived, fit.values, fit.errors)
    more = standard_errors(propagated(J, fit.covariance))
    table = {
        "amplitude": (unit, "half the step of the loop"),
        "offset": (unit, "vertical offset"),
        "slope": (f"{unit}/T", "slope of the background"),
        "coercive_field": ("T", "half the width of the loop"),
        "bias": ("T", "middle of the loop"),
        "width": ("T", f"width of the {shape}"),
        **dict.fromkeys(drifts, (unit, "drift from the first to the last row")),
        "coercive_rising": ("T", "crossing of the rising branch"),
        "coercive_falling": ("T", "crossing of the falling branch"),
        "remanence": (unit, "half the height of the loop at zero field"),
        "squareness": ("1", "remanence over amplitude"),
    }
    numbers = zip([*fit.values, *derived(fit.values)], [*fit.errors, *more], strict=True)
    found = {
        name: Found(float(v), float(e), words_unit, words, fit.freedom)
        for (name, (words_unit, words)), (v, e) in zip(table.items(), numbers, strict=True)
    }
    return found, fit
