"""Published values in SI: exact factors, and conductivities from resistivities."""

from __future__ import annotations

from decimal import Decimal

from spinstack.text.errors import ParameterError
from spinstack.text.unit_table import UNITS

_INVERSE = {("ohm m", "S/m"), ("S/m", "ohm m")}


class UnitError(ParameterError):
    """A unit that is not known, or that measures something else."""


def to_si(value: float | complex, unit: str, si_unit: str) -> float | complex:
    """`value` in `unit` as a number in `si_unit`; a resistivity is inverted where a conductivity is wanted.

    Raises :class:`UnitError` for a unit that is unknown or of another dimension. A mixing conductance in 1/m^2 is
    refused on purpose: write the unit ``e^2/(h m^2)``, which says that the factor e^2/h is meant.
    """
    factor, base = UNITS.get(unit, (Decimal(1), ""))
    if base != si_unit and (base, si_unit) not in _INVERSE:
        why = f"where {si_unit} is wanted" if base else ""
        raise UnitError(why, field="unit", got=unit, allowed=", ".join(fitting(si_unit)))
    if isinstance(value, complex):
        return complex(_scaled(value.real, factor), _scaled(value.imag, factor))
    if base == si_unit:
        return _scaled(value, factor)
    if not value:
        raise UnitError(
            f"which has no inverse in {si_unit}", field="value", unit=unit, got=value, allowed="a value other than zero"
        )
    return float(1 / (Decimal(repr(value)) * factor))


def fitting(si_unit: str) -> tuple[str, ...]:
    """The units that convert to `si_unit`."""
    return tuple(u for u, (_, base) in UNITS.items() if base == si_unit or (base, si_unit) in _INVERSE)


def _scaled(value: float, factor: Decimal) -> float:
    return float(Decimal(repr(value)) * factor)
