"""Resonance spectra of measurements: taken apart by frequency, angle and direction of the field."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import finite_columns, unit_of
from spinstack.measure.settings import check_alike, check_one_setting
from spinstack.measure.spin_torque.ratio import frequencies

#: rows of a spectrum, frequencies
_ROWS, _FREQUENCIES = 16, 3


class Spectrum(NamedTuple):
    """One spectrum: size of the field [T] (rows,), reading, frequency [Hz], angle of the field [deg] (or nan)."""

    field: np.ndarray
    reading: np.ndarray
    frequency: float
    angle: float
    measurement: int
    rows: np.ndarray


def spectra(every: list[xr.Dataset], reading: str) -> list[Spectrum]:
    """The spectra in measurements, by frequency, angle and direction of the field."""
    check_alike(every, ("temperature",))
    out: list[Spectrum] = []
    for number, data in enumerate(every):
        for name in ("field", "frequency", reading):
            if name not in data.variables:
                remedy = 'Name it in columns, or give it in constants: frequency = "6 GHz".' if name != reading else ""
                known = ", ".join(map(str, data.variables))
                raise MeasurementError("the measurement has no such column", field=name, allowed=known, remedy=remedy)
        if unit_of(data, reading) not in ("V", ""):
            raise MeasurementError(
                f"which is in {unit_of(data, reading)}", field="reading", got=reading, allowed="in V"
            )
        check_one_setting(data, ("field", "frequency", "angle"))
        turned = "angle" in data.variables
        names = ["field", "frequency", *(["angle"] if turned else []), reading]
        columns, rows = finite_columns(data, *names)
        B, f, V = columns[0], columns[1], columns[-1]
        angle = columns[2] if turned else np.full(B.size, np.nan)
        if not f.min() > 0:
            raise MeasurementError(field="frequency", unit="Hz", got=float(f.min()), allowed="above 0")
        keys = np.stack([np.round(np.log(f) / 1e-3), np.nan_to_num(np.round(angle / 0.2)), np.sign(B)], axis=1)
        for key in np.unique(keys[B != 0], axis=0):
            on = np.all(keys == key, axis=1)
            at = float(np.mean(angle[on])) + (180.0 if key[2] < 0 else 0.0)
            out.append(Spectrum(np.abs(B[on]), V[on], float(np.mean(f[on])), at, number, rows[on]))
    return out


def check_spectra(found: list[Spectrum], perpendicular: bool, turned: bool) -> None:
    few = [s for s in found if s.field.size < _ROWS]
    if few:
        why = f"{few[0].field.size} rows of a spectrum at {few[0].frequency / 1e9:.4g} GHz"
        remedy = "Each frequency, angle and direction of the field is a spectrum."
        raise MeasurementError(why, field="rows", allowed=f"at least {_ROWS}", remedy=remedy)
    apart = frequencies(s.frequency for s in found)
    if len(apart) < _FREQUENCIES:
        shown = ", ".join(f"{f / 1e9:.4g}" for f in apart)
        raise MeasurementError(
            "Kittel's law, damping and what is inhomogeneous differ in how they go with it", field="frequency",
            unit="GHz", got=shown, allowed=f"{_FREQUENCIES} frequencies or more",
        )  # fmt: skip
    if turned and any(np.isnan(s.angle) for s in found):
        remedy = 'Name it in columns, or give it in constants: angle = "45 deg".'
        raise MeasurementError("missing, which effective fields need", field="angle", unit="deg", remedy=remedy)
    angles = {round(s.angle % 360.0, 1) for s in found}
    if perpendicular and (len(angles) < 4 or any(np.isnan(a) for a in angles)):
        raise MeasurementError(
            "torques of spins along z are told by the angle", field="angle", unit="deg", got=len(angles),
            allowed="four angles or more",
        )  # fmt: skip
