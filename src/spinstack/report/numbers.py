"""Numbers with their standard errors as people write them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from spinstack.report.tables import Table

if TYPE_CHECKING:
    import xarray as xr

    from spinstack.study.results import Result

_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNITS = {"1": "", "Ohm": "Ω", "deg": "°"}


class Row(NamedTuple):
    """One parameter of a result: name, value with error and unit, interval where the result has one, words."""

    name: str
    text: str
    interval: str
    words: str


def level(found: xr.Dataset) -> str:
    """The probability of the intervals of a result, "95 %"; nothing where it has none."""
    return f"{100 * float(found.attrs.get('level', 0.95)):.4g} %" if {"low", "high"} <= set(found.data_vars) else ""


def rows(found: xr.Dataset) -> list[Row]:
    """The parameters of a result."""
    if "parameter" not in found.dims or "unit" not in found or found["value"].ndim != 1:
        return []
    has = bool(level(found))
    out = []
    for i, name in enumerate(found["parameter"].values):
        at = found.isel(parameter=i)
        value, error, unit = float(at["value"]), float(at["error"]), str(at["unit"].values)
        interval = between(float(at["low"]), float(at["high"]), unit) if has else ""
        out.append(Row(str(name), with_error(value, error, unit), interval, str(at["words"].values)))
    return out


def table(result: Result) -> Table:
    """The parameters of a result as a table."""
    title = f"{result.name}: {', '.join(result.inputs)}" if result.inputs else result.name
    out = Table(title, ("", "value", "meaning"))
    for row in rows(result.dataset):
        out.add(row.name, row.text, row.words)
    return out


def between(low: float, high: float, unit: str = "1") -> str:
    """``4.10 to 4.15 mΩ``: an interval, its ends to the third digit of its width."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return ""
    exponent = _exponent(max(abs(low), abs(high)))
    low, high = low / 10.0**exponent, high / 10.0**exponent
    places = max(0, 2 - math.floor(math.log10(high - low)))
    tail = _tail(unit)
    body = f"{low:.{places}f} to {high:.{places}f}".replace("-", "−")
    return f"({body}){_power(exponent)}{tail}" if exponent or tail else body


def with_error(value: float, error: float, unit: str = "1") -> str:
    """``(8.03 ± 0.12)·10⁻⁴``: the error to two digits, the value to the same place.

    Without a finite positive error the value has six digits.
    """
    tail = _tail(unit)
    if not math.isfinite(value):
        return "not found"
    if not (math.isfinite(error) and error > 0):
        return f"{value:.6g}{tail}".replace("-", "−")
    size = max(abs(value), error)
    exponent = _exponent(size) if error < 100 else math.floor(math.log10(size))
    scaled, spread = value / 10.0**exponent, error / 10.0**exponent
    places = max(0, 1 - math.floor(math.log10(spread)))
    if places and float(f"{spread:.{places}f}") >= 10.0 ** (2 - places):  # 0.0996 becomes 0.10
        places -= 1
    body = f"{scaled:.{places}f} ± {spread:.{places}f}".replace("-", "−")
    return f"({body}){_power(exponent)}{tail}" if exponent or tail else body


def number(value: float, unit: str = "1") -> str:
    """A number without error: ``2.5·10⁶ S/m``."""
    exponent = _exponent(abs(value)) if value and math.isfinite(value) else 0
    return f"{value / 10.0**exponent:.6g}{_power(exponent)}{_tail(unit)}".replace("-", "−")


def _exponent(size: float) -> int:
    exponent = math.floor(math.log10(size))
    return 0 if -2 <= exponent < 6 else exponent


def _power(exponent: int) -> str:
    return f"·10{str(exponent).translate(_POWERS)}" if exponent else ""


def _tail(unit: str) -> str:
    text = _UNITS.get(unit, unit.replace("Ohm", "Ω"))
    text = re.sub(r"\^(-?\d+)", lambda m: m[1].translate(_POWERS), text)
    return text if text in ("", "°") else f" {text}"
