"""Data of a fit from what analyses of measured files have found."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.fitting.data import Data
from spinstack.observables import angular_scan, sheet_resistance
from spinstack.stack import ParameterError
from spinstack.text.units import In

_PLANES = ("alpha", "beta", "gamma")


def planes_data(
    found: xr.Dataset, sample: str, *, field: Annotated[float | None, In("T")] = None, systematic: float = 0.0
) -> Data:
    """The amplitudes of three planes that :func:`spinstack.measure.angles.fit_planes` found, with their covariance.

    They are (R(90 deg) - R(0))/R(0), which :func:`spinstack.angular_scan` gives as MR_xx at 90 degrees. The film is
    computed in the field of the scan, where it has one: `field` [T], or that of the result.

    Args:
        found: the result; planes that it lacks are left out.
        sample: name of the sample.
        field: in which the magnetisation was turned; 0 for that of the magnet alone.
        systematic: relative error that all planes share.

    Raises:
        ParameterError: a result of something else, or a field that neither tells.
    """
    planes = [p for p in _PLANES if p in _names(found)]
    if not planes:
        raise ParameterError(field="found", got=", ".join(_names(found)), allowed="a result of fit_planes")
    if field is None:
        field = found.attrs.get("field")
    if field is None:
        why = "which the result does not tell"
        raise ParameterError(why, where=sample, field="field", unit="T", remedy="Give it, or 0.")
    covariance = found["covariance"].sel(parameter=planes, parameter_other=planes).values
    arguments = {"plane": planes, "angles": [90.0], "field": float(field)}
    return Data(
        sample, angular_scan, found["value"].sel(parameter=planes).values, covariance, arguments, "MR_xx", systematic,
        f"{sample} {', '.join(planes)}",
    )  # fmt: skip


def loop_data(found: xr.Dataset, sample: str, *, systematic: float = 0.0) -> Data:
    """The amplitude [Ohm] of an anomalous Hall loop, :func:`spinstack.measure.sweeps.anomalous_hall_loop`.

    It is R_xy of the film with all magnets along +z, in no field: the ordinary Hall effect went into the slope.

    Args:
        found: the result.
        sample: name of the sample.
        systematic: relative error of the reading.

    Raises:
        ParameterError: a result of something else.
    """
    value, error = _number(found, "amplitude", "Ohm", "a result of anomalous_hall_loop")
    return _component(sample, "R_xy", (1, 0), value, error, {"m": "z"}, systematic)


def resistance_data(found: xr.Dataset, sample: str, *, m: Any = "y", systematic: float = 0.0) -> Data:
    """The sheet resistance [Ohm] that an analysis found, such as `resistivity_at`, `van_der_pauw` or `hall_bar`.

    Args:
        found: the result.
        sample: name of the sample.
        m: direction of the magnets meanwhile, as observables take it; None for films without.
        systematic: relative error of the size of the bar.

    Raises:
        ParameterError: a result without a sheet resistance.
    """
    value, error = _number(found, "sheet_resistance", "Ohm", "a result with a sheet_resistance")
    return _component(sample, "R_xx", (0, 0), value, error, {} if m is None else {"m": m}, systematic)


def _component(
    sample: str,
    name: str,
    at: tuple[int, int],
    value: float,
    error: float,
    arguments: dict[str, Any],
    systematic: float,
) -> Data:
    values = np.full((2, 2), np.nan)
    values[at] = value
    return Data(
        sample, sheet_resistance, values.ravel(), np.full(4, error), arguments, None, systematic, f"{sample} {name}"
    )


def _names(found: Any) -> list[str]:
    return [str(n) for n in found["parameter"].values] if "parameter" in getattr(found, "coords", ()) else []


def _number(found: xr.Dataset, name: str, unit: str, allowed: str) -> tuple[float, float]:
    if name not in _names(found):
        raise ParameterError(field="found", got=", ".join(_names(found)), allowed=allowed)
    row = found.sel(parameter=name)
    if str(row["unit"].values) != unit:
        raise ParameterError(field=name, got=str(row["unit"].values), allowed=f"a number in {unit}")
    return float(row["value"]), float(row["error"])
