"""Values that are allowed but far from what anybody grows or measures, and which of them spoil a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from spinstack.stack.film import Film
from spinstack.stack.parameters import Specification
from spinstack.text.arrays import floats

#: sizes that people meet, by parameter or by unit; zero and what is switched off by inf are no sizes
_USUAL = {
    "thickness": (5e-11, 1e-4),
    "conductivity": (1.0, 1e12),
    "m": (1e-11, 1e-2),
    "S/m": (0.0, 1e9),
    "(hbar/2e) S/m": (0.0, 1e9),
    "S/m^2": (1e3, 1e19),
    "S": (0.0, 1e4),
    "1": (0.0, 1e3),
    "m^3/C": (0.0, 1e-2),
    "1/m": (1e4, 1e13),
    "m^2/s": (1e-10, 1e3),
    "1/(J m^3)": (1e38, 1e52),
}


#: sizes of conditions, by the name of the argument, and their units
_CONDITIONS = {"B": (1e3, "T"), "field": (1e3, "T"), "T": (1e5, "K"), "E": (1e12, "V/m")}


def unusual(film: Film) -> list[str]:
    """Sentences about parameters of a film, or a batch of films, far from what people grow, the farthest first."""
    return [words for _, words in sorted(_unusual(film), reverse=True)]


def _unusual(film: Film) -> Iterator[tuple[float, str]]:
    """How many decades each parameter is away, and the sentence about it."""
    said: set[Any] = set()
    for label, element in zip(film.labels(), film.elements, strict=True):
        if (label, id(element)) in said:  # a repeat
            continue
        said.add((label, id(element)))
        for name, spec in element.declared().items():
            value = element.value(name)
            usual = _USUAL.get(name) or _USUAL.get(spec.unit)
            if value is None or usual is None or f"{label}.{name}" in said:
                continue
            low, high = usual
            sizes = np.abs(np.ravel(value))
            sizes = sizes[(sizes > 0) & np.isfinite(sizes)]
            decades = np.log10(np.maximum(sizes / high, low / sizes))
            if decades.size and (worst := float(decades.max())) > 0:
                said.add(f"{label}.{name}")
                unit = "" if spec.unit == "1" else f" {spec.unit}"
                size = sizes[int(decades.argmax())]
                yield worst, f"{label}.{name} is {size:.4g}{unit}; people meet {low:g} to {high:g}{unit}."


def _unusual_conditions(given: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    for name, (high, unit) in _CONDITIONS.items():
        value = floats(given.get(name))
        if value is not None and (size := float(np.abs(value).max(initial=0.0))) > high:
            yield np.log10(size / high), f"{name} is {size:.4g} {unit}; people meet up to {high:g} {unit}."


def culprit(film: Film, given: Mapping[str, Any] = MappingProxyType({})) -> str:
    """Which parameter of a film, or which of the conditions `given`, is the most likely reason for a result that is no
    number, in a sentence."""
    found = sorted([*_unusual(film), *_unusual_conditions(given)], reverse=True)
    return found[0][1] if found else "No parameter of the film is far from what people grow."


#: what a slider reaches, by parameter or by unit: low, high, and whether in decades
_REACH: dict[str, tuple[float, float, bool]] = {
    "thickness": (2e-10, 1e-7, True),
    "polarization": (-0.95, 0.95, False),
    "spin_hall_angle": (-0.5, 0.5, False),
    "rotated_spin_hall_angle": (-0.5, 0.5, False),
    "amr_ratio": (-0.02, 0.05, False),
    "size_effect_ratio": (-0.02, 0.02, False),
    "anomalous_hall_angle": (-0.05, 0.05, False),
    "spin_anomalous_hall_angle": (-0.05, 0.05, False),
    "reciprocal": (0.0, 1.0, False),
    "filtering": (-1e6, 1e6, False),
    "precession": (-1e6, 1e6, False),
    "rashba_edelstein": (-1e6, 1e6, False),
    "hall_coefficient": (-2e-9, 2e-9, False),
    "g_factor": (0.0, 4.0, False),
    "spin_memory_loss": (0.0, 2.0, False),
    "damping": (1e-4, 0.3, True),
    "tolerance": (1e-7, 0.1, True),
    "anisotropy_field": (-2.0, 2.0, False),
    "effective_magnetization": (-2.0, 3.0, False),
    "cubic_field": (-0.5, 0.5, False),
    "exchange_bias": (-0.5, 0.5, False),
    "conductivity": (1e4, 1e8, True),
    "m": (1e-10, 1e-7, True),
    "S/m": (1e4, 1e8, True),
    "(hbar/2e) S/m": (-5e5, 5e5, False),
    "S/m^2": (1e12, 1e17, True),
    "S": (0.0, 0.01, False),
    "1": (-1.0, 1.0, False),
    "m^3/C": (-2e-9, 2e-9, False),
    "1/m": (1e8, 1e11, True),
    "m^2/s": (1e-6, 1e-1, True),
    "1/(J m^3)": (1e44, 1e49, True),
    "1/m^2": (1e16, 1e21, True),
    "J m^3": (1e-50, 1e-46, True),
    "K": (0.0, 600.0, False),
    "T": (0.0, 5.0, False),
    "A/m": (1e4, 3e6, True),
    "ohm m": (1e-8, 1e-4, True),
    "J/m^2": (-3e-3, 3e-3, False),
    "J/m^3": (-1e6, 1e6, False),
    "m^3": (1e-26, 1e-21, True),
}


class Reach(NamedTuple):
    """What a slider of a parameter goes over [SI], and whether in decades."""

    low: float
    high: float
    logarithmic: bool


def reach(name: str, spec: Specification, value: float | None = None) -> Reach:
    """The range of a slider: what people meet, within what is allowed, wide enough for the present value."""
    named = _REACH.get(name) if len(name) > 1 else None  # a letter is a unit here: T, m
    low, high, logarithmic = named or _REACH.get(spec.unit) or (-1.0, 1.0, False)
    if value is not None and not np.isfinite(value):
        value = None
    if logarithmic and value is not None and value <= 0:
        low, logarithmic = -high, False
    if value is not None:
        low, high = min(low, value / 3 if logarithmic else value), max(high, value * 3 if logarithmic else value)
        if not logarithmic and high - low == 0:
            low, high = low - 1, high + 1
    if spec.low is not None:
        low = max(low, spec.low + (1e-3 * (high - spec.low) if spec.open_low and not logarithmic else 0.0))
    if spec.high is not None:
        high = min(high, spec.high - (1e-3 * (spec.high - low) if spec.open_high else 0.0))
    if logarithmic and low <= 0:
        low = high * 1e-6
    return Reach(low, high, logarithmic)
