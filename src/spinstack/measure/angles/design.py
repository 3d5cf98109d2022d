"""A scan: the rows that can be used, in the order of measurement, and what it was measured at."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import whole
from spinstack.measure.rows import finite_rows
from spinstack.measure.scan_columns import scaled

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
        return scaled(self.time)


def scan(data: xr.Dataset, reading: str) -> Scan:
    """The finite rows of a measurement, in the order of its time where it has one."""
    clock = ["time"] if "time" in getattr(data, "variables", ()) else []
    (angle, *rest), error, rows = finite_rows(data, "angle", *clock, reading=reading)
    time, y = rest if clock else (rows.astype(float), *rest)
    order = np.argsort(time, kind="stable")
    unit = str(data[reading].attrs.get("units", ""))
    words = str(data[reading].attrs.get("long_name", reading))
    error = None if error is None else error[order]
    return Scan(angle[order], time[order], y[order], error, rows[order], unit, words)


def check_degree(degree: Any) -> int:
    """Degree of the drift polynomial."""
    return whole(degree, "drift_degree", low=0, high=LARGEST_DRIFT)


def largest_gap(angle: np.ndarray) -> float:
    """The widest range of the full turn without a reading [deg]."""
    sorted_angles = np.sort(np.mod(angle, 360.0))
    return float(np.max(np.diff(np.append(sorted_angles, sorted_angles[0] + 360.0))))


def as_json(value: Any) -> str:
    """JSON of numbers, names and lists, for attributes."""
    return json.dumps(value, ensure_ascii=False, default=lambda v: v.tolist() if hasattr(v, "tolist") else str(v))
