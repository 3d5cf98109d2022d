"""Units as they stand in heads of columns ("Time [s]", "Field (Oe)", "H / kOe"), and columns to SI (angles: deg)."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import numpy as np

from spinstack.measure.measurement import QUANTITIES, MeasurementError
from spinstack.text.errors import ParameterError
from spinstack.text.units import conversion, parse_quantity


class Scale(NamedTuple):
    """SI value = (written value) * numerator / denominator + offset, so that 173.484 mV becomes exactly 0.173484 V."""

    numerator: float
    denominator: float
    offset: float
    unit: str

    def of(self, values: np.ndarray | float) -> np.ndarray:
        return np.asarray(values * self.numerator / self.denominator + self.offset)


#: SI units that columns without a known role are converted to
_TARGETS = (
    "1", "s", "deg", "T", "K", "A", "Hz", "Ohm", "V", "A m^2", "m", "eV", "Ohm m", "S", "Pa", "kg", "W", "C", "F",
)  # fmt: skip
_HEAD = re.compile(r"\s*(?P<name>.*?)\s*[\[(]\s*(?P<unit>[^\[\]()]*?)\s*[\])]\s*", re.DOTALL)
_SLASH = re.compile(r"\s*(?P<name>[^/]+?)\s*/\s*(?P<unit>[^/\s]{2,}|[TKVAGsm])\s*")
# how instruments write units that unit libraries do not read
_SPELLINGS = {
    "sec": "s", "sec.": "s", "secs": "s", "seconds": "s", "deg.": "deg", "degrees": "deg", "°": "deg",
    "ohms": "Ohm", "ohm": "Ohm", "Ohms": "Ohm", "ohm-m": "Ohm m", "Ohm-m": "Ohm m", "ohm-cm": "Ohm cm",
    "Ohm-cm": "Ohm cm", "amps": "A", "Amps": "A", "amp": "A", "Amp": "A", "volts": "V", "Volts": "V",
    "Oersted": "Oe", "oersted": "Oe", "Gauss": "G", "gauss": "G", "Gs": "G", "tesla": "T", "Tesla": "T",
    "kelvin": "K", "Kelvin": "K", "Torr": "torr", "counts": "1", "cts": "1", "a.u.": "1", "arb. units": "1",
}  # fmt: skip
_CELSIUS = ("C", "°C", "degC", "Celsius", "deg C")


def split_head(head: str) -> tuple[str, str | None]:
    """Name and unit of a column head; None where it states no unit."""
    match = _HEAD.fullmatch(head)
    if match is None:
        slash = _SLASH.fullmatch(head)
        if slash is not None and any(isinstance(_scale(slash["unit"], t), Scale) for t in _TARGETS):
            return slash["name"], slash["unit"]
        return head.strip(), None
    return match["name"], match["unit"] or None


def scale(unit: str | None, role: str, place: str) -> Scale:
    """What turns a column in `unit` into the SI unit of its role; columns without a known role take any SI unit.

    Raises :class:`MeasurementError` at `place` for a known role without a unit, and for units that do not convert.
    """
    target = target_unit(role)
    if unit is None:
        if target is not None:
            remedy = f'Give it in a description: {role} = {{ column = "...", unit = "{target}" }}.'
            raise MeasurementError(f"is to be {role}, but states no unit", field=place, remedy=remedy)
        return Scale(1.0, 1.0, 0.0, "")
    if target is not None:
        found = _scale(unit, target)
        if isinstance(found, str):
            allowed = f"units that convert to {target}"
            raise MeasurementError(f"is to be {role}, but {found}", field=place, allowed=allowed)
        return found
    known = [s for t in _TARGETS if isinstance(s := _scale(unit, t), Scale)]
    return known[0] if known else Scale(1.0, 1.0, 0.0, unit)


def target_unit(role: str) -> str | None:
    """The SI unit of a role, None where the role is no known quantity; an error has the unit of its reading."""
    quantity = QUANTITIES.get(role) or QUANTITIES.get(role.removesuffix("_error"))
    return None if quantity is None else quantity.unit


@cache
def _scale(unit: str, target: str) -> Scale | str:
    if target == "K" and unit in _CELSIUS:
        return Scale(1.0, 1.0, 273.15, "K")
    spelt = _SPELLINGS.get(unit, unit).replace("µ", "u").replace("μ", "u")
    if spelt == target:
        return Scale(1.0, 1.0, 0.0, target)
    factor: Decimal | str
    if target == "T" and (prefix := {"A/m": 1, "kA/m": 1000}.get(spelt)):
        # SI 2019: mu0 is measured; CODATA 2022, E. Tiesinga et al., https://physics.nist.gov/constants
        factor = Decimal("1.25663706127e-6") * prefix
    elif target == "A m^2" and spelt in ("emu", "memu", "uemu"):
        factor = Decimal({"emu": "1e-3", "memu": "1e-6", "uemu": "1e-9"}[spelt])
    elif target == "T":
        try:
            factor = Decimal(repr(float(parse_quantity(f"1 {spelt}", "T").real)))
        except ParameterError:
            factor = f"its unit {unit!r} does not convert"
    elif target == "1":
        factor = Decimal("0.01") if spelt in ("%", "percent") else f"its unit {unit!r} does not convert"
    else:
        factor = conversion(spelt, target.replace("Ohm", "ohm"))
        if isinstance(factor, str):
            factor = factor.replace("whose unit", "its unit", 1)
    if isinstance(factor, str):
        return factor
    inverse = 1 / factor
    if factor < 1 and inverse == inverse.to_integral_value():
        return Scale(1.0, float(inverse), 0.0, target)
    return Scale(float(factor), 1.0, 0.0, target)
