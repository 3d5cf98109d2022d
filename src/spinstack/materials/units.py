"""The units of material files as exact factors to SI.

A short table instead of a unit library: looking up a material then imports nothing, and 3.4 nm is the float 3.4e-9.
"""

from __future__ import annotations

from decimal import Decimal

ELEMENTARY_CHARGE = Decimal("1.602176634e-19")  # C, exact (SI 2019)
PLANCK = Decimal("6.62607015e-34")  # J s, exact (SI 2019)
#: e^2/h [S], which turns a mixing conductance counted in channels per area into S/m^2
CONDUCTANCE_QUANTUM = ELEMENTARY_CHARGE**2 / PLANCK

#: unit -> (factor, SI unit)
UNITS: dict[str, tuple[Decimal, str]] = {
    "1": (Decimal(1), "1"),
    "%": (Decimal("1e-2"), "1"),
    "m": (Decimal(1), "m"),
    "um": (Decimal("1e-6"), "m"),
    "nm": (Decimal("1e-9"), "m"),
    "angstrom": (Decimal("1e-10"), "m"),
    "S/m": (Decimal(1), "S/m"),
    "S/cm": (Decimal(100), "S/m"),
    "MS/m": (Decimal("1e6"), "S/m"),
    "Ohm m": (Decimal(1), "Ohm m"),
    "uOhm cm": (Decimal("1e-8"), "Ohm m"),
    "S/m^2": (Decimal(1), "S/m^2"),
    "S/cm^2": (Decimal("1e4"), "S/m^2"),
    "e^2/(h m^2)": (CONDUCTANCE_QUANTUM, "S/m^2"),
    "e^2/(h cm^2)": (CONDUCTANCE_QUANTUM * 10_000, "S/m^2"),
    "m^2/s": (Decimal(1), "m^2/s"),
    "cm^2/s": (Decimal("1e-4"), "m^2/s"),
    "m^3/C": (Decimal(1), "m^3/C"),
    "1/(J m^3)": (Decimal(1), "1/(J m^3)"),
    "1/m^2": (Decimal(1), "1/m^2"),
    "1/cm^2": (Decimal("1e4"), "1/m^2"),
    "1/nm^2": (Decimal("1e18"), "1/m^2"),
    "J m^3": (Decimal(1), "J m^3"),
    "eV nm^3": (Decimal("1e-27") * ELEMENTARY_CHARGE, "J m^3"),
    "eV angstrom^3": (Decimal("1e-30") * ELEMENTARY_CHARGE, "J m^3"),
    "K": (Decimal(1), "K"),
    "T": (Decimal(1), "T"),
    "mT": (Decimal("1e-3"), "T"),
    "1/(eV nm^3)": (Decimal("1e27") / ELEMENTARY_CHARGE, "1/(J m^3)"),
}

_INVERSE = {("Ohm m", "S/m"), ("S/m", "Ohm m")}


class UnitError(ValueError):
    """A unit that is not known, or that measures something else."""


def to_si(value: float | complex, unit: str, si_unit: str) -> float | complex:
    """`value` in `unit` as a number in `si_unit`; a resistivity is inverted where a conductivity is wanted.

    Raises :class:`UnitError` for a unit that is unknown or of another dimension. A mixing conductance in 1/m^2 is
    refused on purpose: write the unit ``e^2/(h m^2)``, which says that the factor e^2/h is meant.
    """
    if unit not in UNITS:
        raise UnitError(f"got the unit {unit!r}. Allowed: {', '.join(fitting(si_unit))}.")
    factor, base = UNITS[unit]
    if base != si_unit and (base, si_unit) not in _INVERSE:
        raise UnitError(f"got the unit {unit!r} where {si_unit} is wanted. Allowed: {', '.join(fitting(si_unit))}.")
    if isinstance(value, complex):
        return complex(_scaled(value.real, factor), _scaled(value.imag, factor))
    if base == si_unit:
        return _scaled(value, factor)
    if not value:
        raise UnitError(f"got 0 {unit}, which has no inverse in {si_unit}. Give a value other than zero.")
    return float(1 / (Decimal(repr(value)) * factor))


def fitting(si_unit: str) -> tuple[str, ...]:
    """The units that convert to `si_unit`."""
    return tuple(u for u, (_, base) in UNITS.items() if base == si_unit or (base, si_unit) in _INVERSE)


def _scaled(value: float, factor: Decimal) -> float:
    return float(Decimal(repr(value)) * factor)
