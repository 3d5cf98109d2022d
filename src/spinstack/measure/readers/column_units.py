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
        with np.errstate(over="ignore"):  # infinities are refused with their line
            return np.asarray(values * self.numerator / self.denominator + self.offset)


#: SI units that columns without a known role are converted to
_TARGETS = (
    "1", "s", "deg", "T", "K", "A", "Hz", "Ohm", "V", "A m^2", "m", "eV", "Ohm m", "S", "Pa", "kg", "W", "C", "F",
    "J/K", "J/(mol K)", "J/(kg K)", "W/(K m)", "W/K", "V/K",
)  # fmt: skip
_HEAD = re.compile(r"\s*(?P<name>.*?)\s*[\[(]\s*(?P<unit>[^\[\]()]*?)\s*[\])]\s*", re.DOTALL)
_SLASH = re.compile(r"\s*(?P<name>[^/]+?)\s*/\s*(?P<unit>[^/\s]{2,}|[TKVAGsm])\s*")
# how instruments write units that unit libraries do not read; case does not matter in these
_SPELLINGS = {
    "s": ("sec", "sec.", "secs", "second", "seconds"), "min": ("min", "min.", "minute", "minutes"),
    "h": ("hr", "hrs", "hour", "hours"), "deg": ("deg", "deg.", "degs", "degree", "degrees", "°", "º"),
    "rad": ("rad", "radian", "radians"), "K": ("kelvin", "kelvins", "deg k", "degk", "°k"),
    "1": ("counts", "cts", "a.u.", "arb. units", "arb.u."), "torr": ("torr",), "%": ("percent", "per cent", "pct"),
    "permille": ("permille", "‰", "per mille"),
}  # fmt: skip
_SPELT = {written: unit for unit, ways in _SPELLINGS.items() for written in ways}
# units that take a prefix, whose case matters, by the ways they are written, whose case does not
_PREFIXED = {
    "Oe": "oe|oersteds?", "G": "gauss|gs", "T": "teslas?", "Ohm": "ohms?|Ω", "A": "amps?|amperes?", "V": "volts?",
    "Hz": "hz|hertz", "emu": "emu|e\\.m\\.u\\.", "W": "watts?", "eV": "ev",
}  # fmt: skip
_PREFIX = re.compile(
    r"(?P<prefix>[afpnumkMGK]?)(?:" + "|".join(f"(?P<{unit}>(?i:{ways}))" for unit, ways in _PREFIXED.items()) + ")"
)
_CELSIUS = ("c", "°c", "degc", "celsius", "deg c", "deg. c", "deg_c", "° c", "ºc")
# SI 2019: mu0 is measured; CODATA 2022, E. Tiesinga et al., https://physics.nist.gov/constants
_MU0 = Decimal("1.25663706127e-6")
_FIELDS = {"A/m": _MU0, "kA/m": _MU0 * 1000, "MA/m": _MU0 * 10**6}
_MOMENTS = {"emu": "1e-3", "memu": "1e-6", "uemu": "1e-9", "nemu": "1e-12"}
_RATIOS = {"%": "0.01", "permille": "1e-3", "ppm": "1e-6"}


def split_head(head: str) -> tuple[str, str | None]:
    """Name and unit of a column head; None where it states no unit."""
    match = _HEAD.fullmatch(head)
    if match is None:
        slash = _SLASH.fullmatch(head)
        if slash is not None and is_unit(slash["unit"]):
            return slash["name"], slash["unit"]
        return head.strip(), None
    return match["name"], match["unit"] or None


def is_unit(word: str) -> bool:
    """Whether a word is a unit that columns may have."""
    return any(isinstance(_scale(word, target), Scale) for target in _TARGETS)


def scale(unit: str | None, role: str, place: str) -> Scale:
    """What turns a column in `unit` into the SI unit of its role; columns without a known role take any SI unit.

    Raises :class:`MeasurementError` at `place` for a known role without a unit, and for units that do not convert.
    """
    target = target_unit(role)
    if unit is None:
        if target == "1":
            return Scale(1.0, 1.0, 0.0, "1")  # intensities are counts or in units of their own
        if target is not None:
            head = place.removeprefix("column ").strip("'")
            remedy = f'Give it in columns of a description: {role} = {{ column = "{head}", unit = "{target}" }}.'
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


def spelt(unit: str) -> str:
    """A unit as unit libraries read it, from how instruments write it."""
    plain = unit.strip().replace("µ", "u").replace("μ", "u").replace("\u2126", "Ω").replace("⋅", "·")
    if (whole := _SPELT.get(plain.casefold())) is not None:
        return whole
    plain = re.sub(r"(?<=[^\W\d_])\s*(?:\^\s*|\*\*\s*)?(-1|⁻¹)$", "^-1", plain)  # A m-1
    if match := re.fullmatch(r"([kM]?A)[\s.*·]*m\^-1", plain):
        return f"{match[1]}/m"
    if re.fullmatch(r"A(?:mp)?[\s.*·-]*m(?:\^?2|²|\*\*2)", plain):
        return "A m^2"
    if match := re.fullmatch(r"(.*)/(mole?|[mk]?g)-K", plain):
        return f"{match[1]}/({match[2].removesuffix('e')} K)"
    plain = re.sub(r"/K-m$", "/(K m)", plain)
    parts = re.split(r"([\s.*·-]+)(?=c?m\b)|(?<=[^\W\d_])(?=[cm]?m$)", plain, maxsplit=1)
    if match := _PREFIX.fullmatch(plain):
        return _prefixed(match)
    if len(parts) > 1 and (match := _PREFIX.fullmatch(parts[0])) and match["Ohm"]:  # ohm-cm, Ohm*m, uohmcm
        return f"{_prefixed(match)} {parts[-1]}"
    return plain


def _prefixed(match: re.Match[str]) -> str:
    unit = next(unit for unit in _PREFIXED if match[unit])
    return match["prefix"].replace("K", "k") + unit


@cache
def _scale(unit: str, target: str) -> Scale | str:
    if target == "K" and unit.strip().casefold() in _CELSIUS:
        return Scale(1.0, 1.0, 273.15, "K")
    written = spelt(unit)
    if written == target:
        return Scale(1.0, 1.0, 0.0, target)
    factor: Decimal | str
    if target == "T" and written in _FIELDS:
        factor = _FIELDS[written]
    elif target == "A m^2" and written in _MOMENTS:
        factor = Decimal(_MOMENTS[written])
    elif target == "T":
        try:
            factor = Decimal(repr(float(parse_quantity(f"1 {written}", "T").real)))
        except ParameterError:
            factor = f"its unit {unit!r} does not convert"
    elif target == "1":
        factor = Decimal(_RATIOS[written]) if written in _RATIOS else f"its unit {unit!r} does not convert"
    else:
        factor = conversion(written, target.replace("Ohm", "ohm"))
        if isinstance(factor, str):
            factor = re.sub("whose unit '[^']*'", lambda _: f"its unit {unit!r}", factor, count=1)
    if isinstance(factor, str):
        return factor
    inverse = 1 / factor
    if factor < 1 and inverse == inverse.to_integral_value():
        return Scale(1.0, float(inverse), 0.0, target)
    return Scale(float(factor), 1.0, 0.0, target)
