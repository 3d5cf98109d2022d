"""Columns of the linear model of a scan, and the rows that can be used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError, need

#: drift polynomials above this order imitate any slow signal
LARGEST_DRIFT = 6


class Scan(NamedTuple):
    """Rows of a scan in the order of measurement: angle [deg], time [s or row], reading, standard errors or None."""

    angle: np.ndarray
    time: np.ndarray
    reading: np.ndarray
    error: np.ndarray | None
    rows: np.ndarray  # of the dataset
    unit: str
    words: str

    def take(self, keep: np.ndarray) -> Scan:
        """Some rows of it."""
        error = None if self.error is None else self.error[keep]
        return self._replace(
            angle=self.angle[keep], time=self.time[keep], reading=self.reading[keep], error=error, rows=self.rows[keep]
        )

    @property
    def elapsed(self) -> np.ndarray:
        """Time from -1 to 1 over the scan."""
        return elapsed(self.time)


def elapsed(time: np.ndarray) -> np.ndarray:
    """Time scaled to -1 to 1."""
    low, high = float(time.min()), float(time.max())
    return (2 * time - low - high) / (high - low) if high > low else np.zeros(len(time))


def scan(data: xr.Dataset, reading: str) -> Scan:
    """The finite rows of a measurement, in the order of its time where it has one."""
    if not isinstance(data, xr.Dataset):
        raise MeasurementError(f"data: got {type(data).__name__}. Allowed: a measurement (Dataset).")
    need(data, reading, "angle")
    y, angle = (np.asarray(data[name].values, dtype=float) for name in (reading, "angle"))
    time = np.asarray(data["time"].values, dtype=float) if "time" in data.variables else np.arange(len(y), dtype=float)
    good = np.isfinite(y) & np.isfinite(angle) & np.isfinite(time)
    error = None
    if f"{reading}_error" in data.variables:
        error = np.asarray(data[f"{reading}_error"].values, dtype=float)
        if (error[good] <= 0).any():
            raise MeasurementError(f"{reading}_error: got values that are not above 0, which cannot weigh rows.")
        good &= np.isfinite(error)
    rows = np.flatnonzero(good)
    if not len(rows):
        raise MeasurementError(f"{reading}: no row has a finite reading, angle and time.")
    rows = rows[np.argsort(time[rows], kind="stable")]
    unit = str(data[reading].attrs.get("units", ""))
    words = str(data[reading].attrs.get("long_name", reading))
    return Scan(angle[rows], time[rows], y[rows], None if error is None else error[rows], rows, unit, words)


def check_orders(orders: Any) -> tuple[int, ...]:
    """Orders of harmonics as growing integers of at least 1."""
    if isinstance(orders, str) or not isinstance(orders, Iterable):
        raise MeasurementError(f"orders: got {orders!r}. Allowed: whole numbers from 1, such as (1, 2, 4).")
    given = list(orders)
    if any(isinstance(n, bool) or int(n) != n or n < 1 for n in given) or len(set(given)) != len(given):
        raise MeasurementError(f"orders: got {given!r}. Allowed: different whole numbers from 1, such as (1, 2, 4).")
    return tuple(sorted(int(n) for n in given))


def check_degree(degree: Any) -> int:
    """Degree of the drift polynomial."""
    if isinstance(degree, bool) or not isinstance(degree, int | np.integer) or not 0 <= degree <= LARGEST_DRIFT:
        raise MeasurementError(f"drift_degree: got {degree!r}. Allowed: a whole number from 0 to {LARGEST_DRIFT}.")
    return int(degree)


def harmonic_columns(angle: np.ndarray, orders: Sequence[int]) -> np.ndarray:
    """Columns cos(n angle), sin(n angle) for every order, (rows, 2 orders); angle in deg."""
    phase = np.deg2rad(angle)
    columns = [f(n * phase) for n in orders for f in (np.cos, np.sin)]
    return np.column_stack(columns) if columns else np.zeros((len(angle), 0))


def drift_columns(time: np.ndarray, degree: int) -> np.ndarray:
    """Legendre polynomials 1 to `degree` of the scaled time: without mean over an evenly measured scan."""
    from numpy.polynomial.legendre import legvander

    return legvander(time, degree)[:, 1:]


def largest_gap(angle: np.ndarray) -> float:
    """The widest range of the full turn without a reading [deg]."""
    sorted_angles = np.sort(np.mod(angle, 360.0))
    return float(np.max(np.diff(np.append(sorted_angles, sorted_angles[0] + 360.0))))


def conditions(data: xr.Dataset) -> dict[str, Any]:
    """What the scan was measured at: mean of its conditions (SI), and its own attributes."""
    out: dict[str, Any] = {}
    for name in ("field", "temperature", "current", "frequency"):
        if name in data.variables:
            values = np.asarray(data[name].values, dtype=float)
            if np.isfinite(values).any():
                out[name] = float(np.nanmean(np.abs(values) if name == "field" else values))
    kept = ("plane", "current_direction", "bar_width", "bar_length", "film_thickness", "sample", "source", "history")
    out.update({name: data.attrs[name] for name in kept if name in data.attrs})
    return out


def as_json(value: Any) -> str:
    """JSON of numbers, names and lists, for attributes."""
    return json.dumps(value, ensure_ascii=False, default=lambda v: v.tolist() if hasattr(v, "tolist") else str(v))
