"""Values with units, as they stand in sample files: text such as "5 nm" to SI floats and back, exactly.

Inside the package everything is an SI float; this module is the border. A unit converts through exact decimal
arithmetic, so "3 nm" is the very float ``3e-9`` and a value written in SI units comes back bit for bit.
"""

from __future__ import annotations

import difflib
import math
import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from spinstack.text.errors import ParameterError
from spinstack.text.unit_table import CONDUCTANCE_QUANTUM, UNITS


class In(NamedTuple):
    """The unit of an argument, written beside it: ``window: Annotated[float, In("T")]``.

    `like` names another argument whose value says which quantity is meant, and with it the unit.
    """

    unit: str = "1"
    like: str = ""


#: e^2/h [S]
E2_OVER_H = float(CONDUCTANCE_QUANTUM)

#: how a value of each unit is usually written
EXAMPLES = {
    "1": "0.05",
    "m": "5 nm",
    "S/m": "2.8e6 S/m",
    "(hbar/2e) S/m": "1600 (hbar/2e) S/cm",
    "ohm m": "20 uOhm cm",
    "ohm m/K": "0.04 uOhm cm/K",
    "ohm m^2": "0.8 fOhm m^2",
    "S/m^2": "5e14 S/m^2",
    "S": "1e-3 S",
    "m^2/s": "2e-4 m^2/s",
    "m^3/C": "-2e-10 m^3/C",
    "1/(J m^3)": "5e46 1/(J m^3)",
    "J m^3": "0.01 eV nm^3",
    "1/m^2": "5 1/nm^2",
    "T": "1 T",
    "K": "300 K",
    "V/m": "1e4 V/m",
    "deg": "90 deg",
}

_DIGITS = r"(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBER = rf"(?:∞|(?:inf(?:inity)?|nan)(?![^\W\d_])|{_DIGITS})"
_REAL = re.compile(rf"(?P<re>[+-]?\s*{_NUMBER})(?P<unit>.*)", re.DOTALL | re.IGNORECASE)
_COMPLEX = re.compile(
    rf"(?P<open>\()?\s*(?:(?P<re>[+-]?\s*{_NUMBER})\s*(?=[+-]))?(?P<im>[+-]?\s*{_DIGITS})[ij](?![^\W\d_])"
    r"\s*(?(open)\))(?P<unit>.*)",
    re.DOTALL | re.IGNORECASE,
)
# a unit expression holds no number but "1" and small exponents, so nothing costly reaches the unit library
_UNIT = re.compile(r"[^\W\d_(1%°‰][\w\s*/^()·⁻⁰¹²³⁴⁵⁶⁷⁸⁹-]*|[(1°][\w\s*/^()·⁻⁰¹²³⁴⁵⁶⁷⁸⁹-]*")
_RATIOS = {"": "1", "%": "0.01", "percent": "0.01", "‰": "1e-3", "ppm": "1e-6", "rad": "1", "mrad": "1e-3"}
# an energy times the volume of a cell, the one product of two numbers that is read: "eV * (0.4 nm)^3"
_CELL = re.compile(
    rf"(?P<energy>[^\W\d_]+)\s*[*×·]?\s*\(\s*(?P<edge>{_DIGITS})\s*(?P<length>[^\W\d_]+)\s*\)\s*(?:\^|\*\*)?\s*[3³]"
)
_CRYSTAL = ("J m^3", "1/(J m^3)", "1/m^2")  # where A can only be the angstrom, never the ampere
_DEGREES = ("deg", "degree", "degrees", "°")
# a spin Hall conductivity counts spin currents in units of hbar/2e, as a charge current is counted in e, or of hbar/e
_PER_SPIN = re.compile(r"\(?\s*(?:hbar|ħ|ℏ)\s*/\s*(?P<two>\(?\s*2\s*)?e\s*\)*\s*[*·]?\s*(?P<rest>.*)", re.DOTALL)
_SPIN_CONDUCTIVITY = "(hbar/2e) S/m"
# outside matter B = mu0 H, so an applied field of 1 Oe is 1 G
_GAUSS = {"G": "1e-4", "Oe": "1e-4", "kG": "0.1", "kOe": "0.1", "mG": "1e-7", "mOe": "1e-7"}
_COMMON_UNITS = (
    "nm", "um", "mm", "cm", "m", "angstrom", "S/m", "S/cm", "MS/m", "S/m^2", "S", "Ohm", "uOhm cm", "Ohm m", "Ohm cm",
    "m^2/s", "cm^2/s", "m^3/C", "1/(J m^3)", "1/(eV nm^3)", "J m^3", "eV nm^3", "meV nm^3",
    "1/nm^2", "1/m^2", "T", "mT", "kOe", "K", "V/m", "V/cm", "deg",
)  # fmt: skip


class _Refused(Exception):
    """Why a value is refused, and a remedy that goes beyond the general one."""

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(why, remedy)
        self.why, self.remedy = why, remedy


def parse_quantity(value: Any, unit: str, *, kind: str = "real", infinite: bool = False) -> float | complex:
    """The SI number meant by `value`, for example ``parse_quantity("20 uOhm cm", "ohm m") == 2e-7``.

    Parameters
    ----------
    value
        Text with a number and a unit; a plain number only where `unit` is "1" (there "5 %" and "3 deg", in radians,
        are allowed too); for `kind` "complex" also "6e14 + 0.5e14j S/m^2" or a table {"real": ..., "imag": ...}.
    unit
        The SI unit of the result, such as "S/m^2"; "1" for a pure number.
    kind
        "real" or "complex": what is returned.
    infinite
        Whether "inf" is meaningful.

    Raises :class:`ParameterError` for anything else; the message begins with "got" and ends with what to write.
    """
    try:
        if kind == "complex" and isinstance(value, dict):
            return _from_table(value, unit)
        numbers, written = _numbers(value, kind)
        for number in numbers:
            if "inf" in number and not (infinite and number == "inf"):
                raise _Refused("which is infinite")
        parts = [_times(n, factor) for factor in [_factor(written, unit, numbers)] for n in numbers]
        if any(math.isinf(p) and "inf" not in n for p, n in zip(parts, numbers, strict=True)):
            raise _Refused("which is too large for a floating-point number")
    except _Refused as refusal:
        raise ParameterError(
            refusal.why, got=value, allowed=_allowed(unit, kind, infinite), remedy=refusal.remedy.strip()
        ) from None
    return complex(parts[0], *parts[1:]) if kind == "complex" else parts[0]


def format_quantity(value: float | complex, unit: str) -> str:
    """Text that :func:`parse_quantity` reads back to exactly `value`, in the SI unit itself; "inf" has no unit."""
    if isinstance(value, complex):
        sign = "-" if math.copysign(1.0, value.imag) < 0 else "+"
        number = f"{_digits(value.real)} {sign} {_digits(abs(value.imag))}j"
    else:
        number = _digits(float(value))
        if math.isinf(value):
            return number
    return number if unit == "1" else f"{number} {unit}"


def _digits(value: float) -> str:
    """The shortest digits that read back exactly, with an exponent where the number is large."""
    text = repr(value)
    if "e" in text or math.isinf(value) or abs(value) < 1e5:
        return text
    return f"{Decimal(text).normalize():e}".replace("e+", "e")


def example(unit: str, kind: str = "real") -> str:
    """A value of this unit as one would write it."""
    if kind == "complex":
        return f"6e14 + 0.5e14j {unit}".removesuffix(" 1")
    return EXAMPLES.get(unit, f"1 {unit}")


def _allowed(unit: str, kind: str, infinite: bool) -> str:
    words = "a pure number" if unit == "1" else f"text with a number and a unit that converts to {unit}"
    also = ', or "inf"' if infinite else ""
    return f'{words}, for example "{example(unit, kind)}"{also}'


def _numbers(value: Any, kind: str) -> tuple[tuple[str, ...], str]:
    """The number, as one text or (real and imaginary part) two that ``Decimal`` reads, and the unit that follows."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        what = {bool: "a truth value", list: "a list", dict: "a table"}.get(type(value), type(value).__name__)
        raise _Refused(f"which is {what}, not a quantity")
    if isinstance(value, str):
        return _split(value, kind)
    try:
        number = repr(float(value))
    except OverflowError:
        raise _Refused("which is too large for a floating-point number") from None
    if number == "nan":
        raise _Refused("which is not a number (NaN)")
    return (number,), ""


def _split(text: str, kind: str) -> tuple[tuple[str, ...], str]:
    plain = text.replace("−", "-").strip()
    match = _COMPLEX.fullmatch(plain)
    if match and kind != "complex":
        raise _Refused("which is complex, where a real value is meant")
    match = match or _REAL.fullmatch(plain)
    if match is None:
        raise _Refused("which does not begin with a number")
    written = match["unit"].strip()
    if re.match(r",\s*\d", written):
        raise _Refused("which has a comma in the number", "Write a decimal point. ")
    if re.match(r"[+-]|[×x*·]\s*\d", written):
        raise _Refused("which is a calculation", "Write one number, such as 6e14. ")
    numbers = [match["re"] or "0.0"]
    if "im" in match.groupdict():
        numbers.append(match["im"])
    numbers = [re.sub(r"[\s_]", "", n.lower()).removeprefix("+") for n in numbers]
    numbers = [n.replace("infinity", "inf").replace("∞", "inf") for n in numbers]
    if any("nan" in n for n in numbers):
        raise _Refused("which is not a number (NaN)")
    return tuple(numbers), written


def _from_table(value: dict[str, Any], unit: str) -> complex:
    if set(value) != {"real", "imag"}:
        raise _Refused("a table that has not just the keys real and imag")
    parts = []
    for key in ("real", "imag"):
        try:
            parts.append(parse_quantity(value[key], unit).real)
        except ParameterError as error:
            raise error.with_fields(field=key) from None
    return complex(*parts)


def _times(number: str, factor: Decimal) -> float:
    """``number * factor``, rounded once."""
    if factor == 1:
        return float(number)
    try:
        return float(Decimal(number) * factor)
    except ArithmeticError:  # an exponent beyond what even Decimal holds
        return 0.0 if "e-" in number else math.inf


def _factor(written: str, unit: str, numbers: tuple[str, ...]) -> Decimal:
    """What converts `written` to `unit`; the numbers are for the messages."""
    if unit == "1":
        if written in _DEGREES:
            return Decimal("3.14159265358979323846264338328") / 180
        if written in _RATIOS:
            return Decimal(_RATIOS[written])
        raise _Refused(f"with the unit {written!r} where a pure number is meant")
    if written == unit or (not written and numbers == ("inf",)):
        return Decimal(1)
    if unit == _SPIN_CONDUCTIVITY and written:
        found = _PER_SPIN.fullmatch(written)
        rest = _factor(found["rest"] if found else written, "S/m", numbers)
        return rest if found is None or found["two"] else 2 * rest
    if not written:
        number = " + ".join(numbers) + "j" * (len(numbers) - 1)
        raise _Refused("which has no unit", f'Write "{number} {unit}" if it is in {unit}. ')
    if unit == "T" and written in _GAUSS:
        return Decimal(_GAUSS[written])
    outcome = _cell(written) if unit == "J m^3" and _CELL.fullmatch(written) else conversion(written, unit)
    if isinstance(outcome, Decimal):
        return outcome
    if unit == "S/m^2" and isinstance(per_area := conversion(written, "1/m^2"), Decimal):
        parts = [f"{_times(n, per_area) * E2_OVER_H:.6g}" for n in numbers]
        converted = (" + ".join(parts) + "j" * (len(parts) - 1)).replace("+ -", "- ")
        raise _Refused(
            outcome,
            f"That is a conductance per area counted in units of e^2/h = 3.8740459e-5 S; "
            f'multiplied by it, it is "{converted} S/m^2". ',
        )
    if unit == "S/m" and isinstance(conversion(written, "ohm m"), Decimal):
        raise _Refused(outcome, "That is a resistivity. ")
    folded = {u.casefold(): u for u in reversed(_COMMON_UNITS)}
    close = difflib.get_close_matches(written.casefold(), folded, n=3, cutoff=0.6) if "unknown" in outcome else []
    near = [folded[u] for u in close]
    raise _Refused(outcome, f"Did you mean {' or '.join(map(repr, near))}? " if near else "")


def _cell(written: str) -> Decimal | str:
    """The factor of "eV * (0.4 nm)^3" to J m^3, or why there is none."""
    match = _CELL.fullmatch(written)
    assert match is not None
    energy = conversion(match["energy"], "J")
    length = conversion("angstrom" if match["length"] == "A" else match["length"], "m")
    if isinstance(energy, str) or isinstance(length, str):
        return energy if isinstance(energy, str) else str(length)
    return energy * (Decimal(match["edge"]) * length) ** 3


@cache
def conversion(written: str, unit: str) -> Decimal | str:
    """The exact factor from the unit `written` to `unit`, or why there is none."""
    known = UNITS.get(written)
    if known is not None and known[1] == unit:
        return known[0]
    parsed = _unit(written, unit in _CRYSTAL)
    if isinstance(parsed, str):
        return parsed
    try:
        quantity = _registry().Quantity
        if quantity(Decimal(0), parsed).to(unit).magnitude != 0:
            return f"whose unit {written!r} has a zero of its own"
        return Decimal(quantity(Decimal(1), parsed).to(unit).magnitude)
    except Exception:  # dimensions differ, or the unit is logarithmic
        return f"whose unit {written!r} does not convert to {unit}"


def _unit(written: str, crystal: bool) -> Any:
    """The unit as the unit library has it, or why it is none."""
    text = re.sub(r"[OΩΩ]hm", "ohm", written)
    text = re.sub(r"(ohm|Ω|Ω)(?=c?m\b)", r"\1 ", text)
    text = re.sub(r"\be\^2/(\(?)h\b", r"elementary_charge^2/\1planck_constant", text)  # h alone would be an hour
    text = f"1{text}" if text.startswith("/") else text
    text = re.sub(r"(?<![^\W\d_])A(?![^\W\d_])", "angstrom", text) if crystal else text
    if len(written) > 60 or re.search(r"\d{3}", text) or not _UNIT.fullmatch(text):
        return f"whose unit {written!r} cannot be read"
    try:
        return _registry().parse_units(text)
    except Exception as error:  # the library raises many kinds here, AssertionError and TokenError among them
        unknown = type(error).__name__ == "UndefinedUnitError"
        return f"whose unit {written!r} {'is unknown' if unknown else 'cannot be read'}"


#: base units of SI with their exponents, such as (("m", 1), ("s", -2)); () of a pure number
Dimension = tuple[tuple[str, Fraction], ...]
_BASE = {"[length]": "m", "[mass]": "kg", "[time]": "s", "[current]": "A", "[temperature]": "K", "[substance]": "mol",
         "[luminosity]": "cd"}  # fmt: skip


def parse_any_quantity(text: str) -> tuple[float, Dimension]:
    """The number in base units of SI that `text` means, whatever its unit is, and its dimension.

    A spin Hall conductivity counts as a conductivity, in (hbar/2e) S/m. Raises :class:`ParameterError`.
    """
    try:
        (number,), written = _split(text, "real")
        if "inf" in number:
            raise _Refused("which is infinite")
        factor, dimension = _base(written)
        value = _times(number, factor)
        if math.isinf(value):
            raise _Refused("which is too large for a floating-point number")
    except _Refused as refusal:
        allowed = 'a number and a unit, for example "4 nm"'
        raise ParameterError(refusal.why, got=text, allowed=allowed, remedy=refusal.remedy.strip()) from None
    return value, dimension


def dimension_of(unit: str) -> Dimension:
    """The dimension of a unit that counts in base units of SI, such as S/m; :class:`ParameterError` for others."""
    try:
        factor, dimension = _base(unit)
        if factor != 1:
            raise _Refused("which does not count in base units of SI")
    except _Refused as refusal:
        raise ParameterError(refusal.why, got=unit, allowed='an SI unit such as "m", "S/m^2" or "1"') from None
    return dimension


def product(one: Dimension, other: Dimension, power: Fraction = Fraction(1)) -> Dimension:
    """The dimension of ``one * other**power``."""
    exponents = dict(one)
    for base, exponent in other:
        exponents[base] = exponents.get(base, Fraction(0)) + exponent * power
    return tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent))


def dimension_words(dimension: Dimension) -> str:
    """A dimension as a unit: that of a parameter where one has it, or a product of base units."""
    for unit in EXAMPLES:
        if _base(unit)[1] == dimension:
            return unit
    return " ".join(base if n == 1 else f"{base}^{n}" if n.denominator == 1 else f"{base}^({n})"
                    for base, n in dimension)  # fmt: skip


@cache
def _base(written: str) -> tuple[Decimal, Dimension]:
    """The exact factor of a unit to base units of SI, and its dimension."""
    if written in _RATIOS or written in _DEGREES or written == "1":
        return (Decimal(1) if written == "1" else _factor(written, "1", ())), ()
    if written in _GAUSS:
        return Decimal(_GAUSS[written]), _base("T")[1]
    if _PER_SPIN.fullmatch(written):
        return _factor(written, _SPIN_CONDUCTIVITY, ("",)), _base("S/m")[1]
    parsed = _unit(written, False)
    if isinstance(parsed, str):
        raise _Refused(parsed)
    try:
        one, zero = (_registry().Quantity(Decimal(n), parsed).to_base_units() for n in (1, 0))
        factor, exponents = Decimal(one.magnitude), dict(one.dimensionality)
    except Exception:  # the unit is logarithmic
        raise _Refused(f"whose unit {written!r} cannot be read") from None
    if zero.magnitude != 0:
        raise _Refused(f"whose unit {written!r} has a zero of its own")
    if not set(exponents) <= set(_BASE):
        raise _Refused(f"whose unit {written!r} is none of SI")
    return factor, tuple(sorted((_BASE[name], Fraction(n)) for name, n in exponents.items()))


@cache
def _registry() -> Any:
    import pint  # half a second, which files in SI units never need

    return pint.UnitRegistry(non_int_type=Decimal)
