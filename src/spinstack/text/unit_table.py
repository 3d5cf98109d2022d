"""Units as exact factors to SI: what sample and material files write most, without a unit library."""

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
    "1/m": (Decimal(1), "1/m"),
    "1/nm": (Decimal("1e9"), "1/m"),
    "S/m": (Decimal(1), "S/m"),
    "S/cm": (Decimal(100), "S/m"),
    "MS/m": (Decimal("1e6"), "S/m"),
    "Ohm m": (Decimal(1), "ohm m"),
    "uOhm cm": (Decimal("1e-8"), "ohm m"),
    "Ohm m^2": (Decimal(1), "ohm m^2"),
    "fOhm m^2": (Decimal("1e-15"), "ohm m^2"),
    "Ohm um^2": (Decimal("1e-12"), "ohm m^2"),
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
