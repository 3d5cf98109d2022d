"""Harmonics of a voltage as lock-in amplifiers record them: complex, rms or peak, at a phase of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import choice, number
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.rows import finite_columns
from spinstack.measure.settings import check_alike, check_one_setting

#: peak over what is given
VOLTAGES = {"rms": float(np.sqrt(2)), "peak": 1.0}
CURRENTS = {"rms": float(np.sqrt(2)), "peak": 1.0, "peak_to_peak": 0.5}

#: phase [deg] of the second harmonic for a lock-in that is locked to a current I sin wt: cos 2wt is its Y
QUADRATURE = 90.0
#: how far [deg] a second harmonic may lie from where its phase is expected before its sign is uncertain
UNCERTAIN = 45.0


class Record(NamedTuple):
    """Rows of a harmonic Hall measurement: angle [deg] and size [T] of the field, R1 and R2 (rows,) complex [Ohm].

    R1 and R2 are peak voltages over the peak current [A]; angles of negative fields are half a turn further.
    """

    angle: np.ndarray
    field: np.ndarray
    first: np.ndarray
    second: np.ndarray
    current: float


def check_kinds_of_amplitudes(voltages: object, currents: object) -> None:
    """Refuse anything but the known kinds of amplitudes."""
    choice(voltages, "voltages", VOLTAGES, remedy="Lock-in amplifiers show rms.")
    choice(currents, "currents", CURRENTS, remedy="It is what the column `current` holds.")


def several(measurements: xr.Dataset | Iterable[xr.Dataset]) -> list[xr.Dataset]:
    """Measurements as a list, one or more."""
    if isinstance(measurements, xr.Dataset):
        return [measurements]
    found = list(measurements) if isinstance(measurements, Iterable) else [measurements]
    if not found or not all(isinstance(one, xr.Dataset) for one in found):
        raise MeasurementError(field="measurements", got=measurements, allowed="measurements (Datasets)")
    return found


def beside(data: xr.Dataset, *swept: str) -> xr.Dataset:
    """A measurement without what was swept, for the conditions of a result."""
    return data.drop_vars([name for name in swept if name in data.variables])


def joined(every: list[xr.Dataset], voltages: Any, currents: Any) -> Record:
    """The rows of measurements that are of one temperature, current and frequency."""
    check_alike(every, ("temperature", "current", "frequency"))
    records = [record(one, voltages, currents) for one in every]
    angle, size, first, second = (np.concatenate(parts) for parts in zip(*(r[:4] for r in records), strict=True))
    peak = float(np.mean([r.current for r in records]))
    return Record(angle, size, first, second, peak)


def record(
    data: xr.Dataset,
    voltages: Literal["rms", "peak"],
    currents: Literal["rms", "peak", "peak_to_peak"],
) -> Record:
    """The rows of a measurement with both harmonics."""
    names = [*_columns(data, 1), *_columns(data, 2)]
    for name in ("angle", "field", "current"):
        if name not in data.variables:
            why = "the measurement has no such column"
            remedy = f'Name it in columns, or give it in constants: {name} = "..."' + (
                ", the angle of the field from the current." if name == "angle" else "."
            )
            raise MeasurementError(why, field=name, allowed=", ".join(map(str, data.variables)), remedy=remedy)
    check_one_setting(data, ("angle", "field"))
    (angle, field, current, *parts), _ = finite_columns(data, "angle", "field", "current", *names)
    peak = float(np.mean(np.abs(current))) * CURRENTS[currents]
    if not peak > 0:
        raise MeasurementError(field="current", unit="A", got=float(current[0]), allowed="an alternating current")
    one, two = (
        _complex(names[2 * k : 2 * k + 2], parts[2 * k : 2 * k + 2]) * VOLTAGES[voltages] / peak for k in (0, 1)
    )
    for name, values in zip(("first", "second"), (one, two), strict=True):
        if not np.any(np.abs(values - values.mean()) > 0):
            why = "which is the same in all rows"
            raise MeasurementError(why, field=f"{name} harmonic", remedy="Look at the columns of the file.")
    turned = np.where(field < 0, 180.0, 0.0)
    return Record(angle + turned, np.abs(field), one, two, peak)


def _columns(data: xr.Dataset, harmonic: int) -> tuple[str, str]:
    """The columns of one harmonic: X and Y, or R and theta."""
    pairs = (f"V_{harmonic}X", f"V_{harmonic}Y"), (f"V_{harmonic}R", f"theta_{harmonic}")
    for pair in pairs:
        if all(name in data.variables for name in pair):
            return pair
    half = [name for pair in pairs for name in pair if name in data.variables]
    what = f"but only {half[0]}" if half else "the measurement has no such columns"
    remedy = f'Name them in columns of the file: V_{harmonic}X = "...", V_{harmonic}Y = "...".'
    raise MeasurementError(
        what, field=" and ".join(pairs[0]), allowed=f"or {' and '.join(pairs[1])}, of the harmonic {harmonic}",
        remedy=remedy,
    )  # fmt: skip


def _complex(names: list[str], columns: list[np.ndarray]) -> np.ndarray:
    if names[1].startswith("theta"):
        return np.asarray(columns[0] * np.exp(1j * np.deg2rad(columns[1])))
    return np.asarray(columns[0] + 1j * columns[1])


def common_phase(values: np.ndarray) -> float:
    """Phase [rad], within a quarter turn of 0, of the line through zero along which complex values lie."""
    square = np.sum(values**2)
    return float(np.angle(square)) / 2


def nearest(phase: float, expected: float) -> float:
    """`phase` [deg], known up to half turns, within a quarter turn of an expected one."""
    return float(phase - 180.0 * np.round((phase - expected) / 180.0))


def chosen(phases: Sequence[float] | None, which: int, own: float, expected: float) -> float:
    """The phase [deg] of a harmonic that is given, or the one found within a quarter turn of the expected one."""
    return nearest(own, expected) if phases is None else float(list(phases)[which])


def check_phases(phases: Sequence[float] | None) -> None:
    """Refuse anything but two phases [deg]."""
    if phases is None:
        return
    if len(list(phases)) != 2:
        raise MeasurementError(field="phases", unit="deg", got=phases, allowed="two: of the first and second harmonic")
    for one in phases:
        number(one, "phases", low=-360, high=360, unit="deg")


def states(values: np.ndarray) -> tuple[float, np.ndarray, complex]:
    """Phase [deg] of values (rows,) that lie about two places, which of both each is at (+1, -1), and their middle."""
    middle = values.mean()
    for _ in range(20):
        axis = np.exp(-1j * common_phase(values - middle))
        along = ((values - middle) * axis).real
        if not (np.any(along > 0) and np.any(along < 0)):
            break
        new = (values[along > 0].mean() + values[along < 0].mean()) / 2
        moved, middle = abs(new - middle), new
        if moved < 1e-12 * np.abs(values - middle).max():
            break
    return float(np.rad2deg(-np.angle(axis))), np.sign(along), middle


def separation(values: np.ndarray) -> float:
    """Distance of the two places at which complex values are, 0 where it is not four times what they scatter there."""
    phase, state, middle = states(values)
    along = ((values - middle) * np.exp(-1j * np.deg2rad(phase))).real
    sides = [along[state == s] for s in (1, -1)]
    if not all(side.size for side in sides):
        return 0.0
    distance = abs(float(sides[0].mean() - sides[1].mean()))
    return distance if distance >= 4 * max(float(np.std(side)) for side in sides) else 0.0


def check_sign(phase: float, expected: float) -> None:
    """Refuse a second harmonic between the channels: half a turn would reverse all that follows from it."""
    if abs(phase - expected) > UNCERTAIN:
        why = f"{phase:.0f} deg, where {expected:.0f} deg is expected or the opposite: its sign cannot be told"
        remedy = (
            "If the reference of the lock-in was turned, give the phases [deg] of both harmonics: phases = [0, 90] for "
            "a lock-in that is locked to I sin wt and shows its second harmonic in Y, [0, 0] where it is in X, "
            "[0, 180] where it is in -X."
        )
        raise MeasurementError(why, field="phase of the second harmonic", remedy=remedy)
