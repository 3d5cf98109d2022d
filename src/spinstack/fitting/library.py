"""Priors from the materials library: what has been published of a parameter."""

from __future__ import annotations

import numpy as np

from spinstack.fitting.priors import LogNormal, Normal
from spinstack.materials.library import Entry, MaterialError, material
from spinstack.materials.units import to_si
from spinstack.text import checks
from spinstack.text.errors import near_names

#: least relative width: laboratories differ by more than one of them states
LEAST = 0.1


def library_prior(name: str, parameter: str, *, T: float = 295.0, within: float = 30.0) -> LogNormal | Normal:
    """What the materials library knows of a parameter, as a prior.

    All values published for temperatures close to T count alike. The prior is lognormal about their geometric mean; the
    square of its width is the mean square of their stated relative errors plus their scatter, and the width at least
    10 %. Where values differ in sign, or one is zero, it is normal.

    Args:
        name: of the material, such as "Pt".
        parameter: such as "spin_hall_angle", or "mixing_conductance.real" of a complex one.
        T: temperature [K]; 295 is what the library writes for room temperature.
        within: how far off T values may have been measured [K].

    Raises:
        MaterialError: an unknown material, a parameter of which it has no value at this temperature, or one value
            without an error.
    """
    T = checks.number(T, "T", low=0, where="library_prior")
    within = checks.number(within, "within", low=0, where="library_prior")
    known, (base, _, part) = material(name), parameter.partition(".")
    where = f"{name}.{parameter}"
    if base not in known.entries:
        allowed = ", ".join(known.entries)
        raise MaterialError("which the library has no value of", where=name, field="parameter", got=parameter,
                            allowed=allowed, remedy=near_names(base, known.entries).strip())  # fmt: skip
    every = (known.entries[base], *known.entries[base].others)
    close = [e for e in every if e.temperature is None or abs(e.temperature - T) <= within]
    if not close:
        there = ", ".join(f"{e.temperature:g} K" for e in every if e.temperature is not None)
        raise MaterialError("at which the library has no value", where=where, field="T", unit="K", got=T, allowed=there)
    values = np.array([_part(e.si, part, where) for e in close])
    errors = np.array([np.nan if e.uncertainty is None else _error(e, part) for e in close])
    relative = np.abs(errors / values) if values.all() else errors * np.nan
    if np.isnan(errors).all() and len(close) == 1:
        raise MaterialError(
            "of which the library has one value without an error", where=where, field="parameter", got=parameter,
            remedy=f"Give a prior of your own, such as LogNormal({values[0]:.3g}, 2).",
        )  # fmt: skip
    stated = float(np.nanmean(relative**2)) if np.isfinite(relative).any() else 0.0
    if (values > 0).all() or (values < 0).all():
        logarithms = np.log(np.abs(values))
        scatter = float(np.var(logarithms, ddof=1)) if len(values) > 1 else 0.0
        median = float(np.sign(values[0]) * np.exp(logarithms.mean()))
        return LogNormal(median, float(np.exp(max(LEAST, np.sqrt(stated + scatter)))))
    stated = float(np.nanmean(errors**2)) if np.isfinite(errors).any() else 0.0
    return Normal(float(values.mean()), float(np.sqrt(stated + np.var(values, ddof=1))))


def _part(value: object, part: str, where: str) -> float:
    if isinstance(value, tuple):
        raise MaterialError("which is a direction", where=where, field="parameter", got=value)
    number = complex(value)  # type: ignore[call-overload]
    if part not in ("", "real", "imag") or (number.imag and not part):
        remedy = f"Write {where.partition('.')[2].partition('.')[0]}.real or .imag."
        raise MaterialError("which is complex", where=where, field="parameter", got=number, remedy=remedy)
    return float(number.imag if part == "imag" else number.real)


def _error(entry: Entry, part: str) -> float:
    """The stated error in SI; of a resistivity that of the conductivity."""
    assert entry.uncertainty is not None
    assert not isinstance(entry.value, tuple)
    ends = [to_si(entry.value + sign * entry.uncertainty, entry.unit, entry.si_unit) for sign in (-1, 1)]
    return abs(_part(ends[1], part, "") - _part(ends[0], part, "")) / 2
