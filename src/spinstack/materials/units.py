"""The units that occur in material files, as exact factors to SI, so that looking up a material loads no unit library."""

from __future__ import annotations

from typing import TypeVar

N = TypeVar("N", float, complex)

ELEMENTARY_CHARGE = 1.602176634e-19  # C, exact (SI 2019)
PLANCK = 6.62607015e-34  # J s, exact (SI 2019)
#: e^2/h [S], which turns a mixing conductance counted in channels per area into S/m^2
CONDUCTANCE_QUANTUM = ELEMENTARY_CHARGE**2 / PLANCK

#: unit -> (factor, SI unit)
UNITS: dict[str, tuple[float, str]] = {
    "1": (1.0, "1"),
    "%": (1e-2, "1"),
    "m": (1.0, "m"),
    "um": (1e-6, "m"),
    "nm": (1e-9, "m"),
    "angstrom": (1e-10, "m"),
    "S/m": (1.0, "S/m"),
    "S/cm": (1e2, "S/m"),
    "MS/m": (1e6, "S/m"),
    "Ohm m": (1.0, "Ohm m"),
    "uOhm cm": (1e-8, "Ohm m"),
    "S/m^2": (1.0, "S/m^2"),
    "S/cm^2": (1e4, "S/m^2"),
    "e^2/(h m^2)": (CONDUCTANCE_QUANTUM, "S/m^2"),
    "e^2/(h cm^2)": (CONDUCTANCE_QUANTUM * 1e4, "S/m^2"),
    "m^2/s": (1.0, "m^2/s"),
    "cm^2/s": (1e-4, "m^2/s"),
    "m^3/C": (1.0, "m^3/C"),
    "1/(J m^3)": (1.0, "1/(J m^3)"),
    "1/(eV nm^3)": (1e27 / ELEMENTARY_CHARGE, "1/(J m^3)"),
}

_INVERSE = {("Ohm m", "S/m"), ("S/m", "Ohm m")}


class UnitError(ValueError):
    """A unit that is not known, or that measures something else."""


def to_si(value: N, unit: str, si_unit: str) -> N:
    """`value` in `unit` as a number in `si_unit`; a resistivity is inverted where a conductivity is wanted.

    Raises :class:`UnitError` for a unit that is unknown or of another dimension. A mixing conductance in 1/m^2 is
    refused on purpose: write the unit ``e^2/(h m^2)``, which says that the factor e^2/h is meant.
    """
    if unit not in UNITS:
        raise UnitError(f"got the unit {unit!r}. Allowed: {', '.join(UNITS)}.")
    factor, base = UNITS[unit]
    if base == si_unit:
        return value * factor
    if (base, si_unit) in _INVERSE:
        if not value:
            raise UnitError(f"got 0 {unit}, which has no inverse in {si_unit}. Give a value other than zero.")
        return 1 / (value * factor)
    fitting = [u for u, (_, b) in UNITS.items() if b == si_unit or (b, si_unit) in _INVERSE]
    raise UnitError(f"got the unit {unit!r} where {si_unit} is wanted. Allowed: {', '.join(fitting)}.")
