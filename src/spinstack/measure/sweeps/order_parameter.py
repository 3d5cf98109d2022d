"""Order parameter against temperature: Weiss's mean field and a power law, fitted."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from spinstack.measure.checks import positive
from spinstack.measure.statistics.linear import least_squares
from spinstack.measure.statistics.nonlinear import curve_fit
from spinstack.measure.sweeps.results import Found, Lines, fit_attributes

LAWS = ("mean_field", "power")


def weiss_magnetization(reduced: np.ndarray, spin: float = 0.5) -> np.ndarray:
    """Spontaneous magnetization m of the mean-field ferromagnet against T/Tc, for spin 1/2, 1, ... (inf: classical).

    m = B_S(x) with x = 3 S m Tc/((S + 1) T): a curve with x as parameter, interpolated to 1e-5. Zero above Tc.
    Source: Ashcroft and Mermin, Solid State Physics (1976), ch. 33.
    """
    t, m = _weiss_table(check_spin(spin))
    # near Tc m^2 is linear in T, so that is what is interpolated
    return np.asarray(np.sqrt(np.interp(np.asarray(reduced, dtype=float), t, m**2, right=0.0)))


def check_spin(spin: Any) -> float:
    """A spin above zero; infinite is classical."""
    return positive(spin, "spin", infinite=True, remedy="Give 1/2, 1, 3/2, ... or inf.")


@lru_cache(maxsize=8)
def _weiss_table(spin: float) -> tuple[np.ndarray, np.ndarray]:
    x = np.geomspace(1e-3, 60.0, 4000) if np.isfinite(spin) else np.geomspace(1e-3, 1e4, 6000)
    if np.isfinite(spin):
        a, b = (2 * spin + 1) / (2 * spin), 1 / (2 * spin)
        m = a / np.tanh(a * x) - b / np.tanh(b * x)
        ratio = 3 * spin / (spin + 1)
    else:
        m, ratio = 1 / np.tanh(x) - 1 / x, 3.0
    t = ratio * m / x
    t, m = np.concatenate([[0.0], t[::-1], [1.0]]), np.concatenate([[m[-1]], m[::-1], [0.0]])
    return t, m


def fit_order(
    T: np.ndarray, y: np.ndarray, sigma: np.ndarray, law: str, spin: float, unit: str
) -> tuple[dict[str, Found], dict[str, Any], Lines]:
    """Fit amplitude m(T/Tc) + offset, or amplitude (1 - T/Tc)^beta + offset, to a curve sorted by temperature."""
    power = law == "power"

    def shape(Tc: float, beta: float, T: np.ndarray = T) -> np.ndarray:
        if power:
            return np.asarray(np.clip(1 - T / Tc, 0.0, None) ** beta)
        return weiss_magnetization(T / Tc, spin)

    def nearest(Tc: float, beta: float) -> tuple[float, np.ndarray]:
        design = np.stack([shape(Tc, beta), np.ones(T.size)], axis=1) / sigma[:, None]
        values = least_squares(design, y / sigma)
        return float(np.sum((design @ values - y / sigma) ** 2)), values

    places = np.unique(T)
    tries = [
        (Tc, b) for Tc in np.linspace(places[2], places[-2], 60) for b in ((0.2, 0.35, 0.5, 0.8) if power else (0.5,))
    ]
    Tc, beta = min(tries, key=lambda pair: nearest(*pair)[0])
    amplitude, offset = nearest(Tc, beta)[1]
    start = {"amplitude": float(amplitude), "offset": float(offset), "temperature": float(Tc)}
    bounds = {"temperature": (float(places[1]), float(places[-1]))}
    if power:
        start["exponent"] = beta
        bounds["exponent"] = (0.02, 3.0)

    def model(p: np.ndarray, T: np.ndarray = T) -> np.ndarray:
        return np.asarray(p[0] * shape(p[2], p[3] if power else 0.5, T) + p[1])

    fit = curve_fit(model, y, start, sigma, bounds)
    words = {
        "temperature": ("K", "critical temperature of the fit"),
        "amplitude": (unit, "order parameter at zero temperature"),
        "offset": (unit, "reading above the transition"),
        "exponent": ("1", "critical exponent beta"),
    }
    names = list(start)
    found = {
        n: Found(float(fit.values[names.index(n)]), float(fit.errors[names.index(n)]), *words[n], fit.freedom)
        for n in words
        if n in names
    }
    places = np.linspace(T[0], T[-1], 301)
    return found, {**fit_attributes(fit), **({} if power else {"spin": spin})}, [(places, model(fit.values, places))]
