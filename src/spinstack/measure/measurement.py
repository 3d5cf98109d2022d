"""What a measurement is: a labelled dataset that remembers where it is from and everything that was done to it.

One measurement is an :class:`xarray.Dataset` with one dimension `point`, a row of the file each. Readings (variables)
and conditions (coordinates) have the names and units of QUANTITIES; what does not change within the file stands in the
attributes of ATTRIBUTES. `history` is a list of steps, as JSON: a reader first, then every correction with all its
parameters, so that :mod:`spinstack.measure.restore` can make any stage again.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec

import numpy as np
import xarray as xr

from spinstack.text.errors import SpinstackError


class MeasurementError(SpinstackError):
    """A file, a dataset or an argument is not what it should be; its fields say which, what arrived, what to do."""


class Quantity(NamedTuple):
    """A reading or a condition: SI unit (angles: deg), words, and whether it is a condition (a coordinate)."""

    unit: str
    words: str
    condition: bool = False


#: names that readers give and steps know; further columns keep their own name
QUANTITIES: dict[str, Quantity] = {
    "time": Quantity("s", "time", True),
    "angle": Quantity("deg", "angle of the field", True),
    "field": Quantity("T", "magnetic field", True),
    "temperature": Quantity("K", "temperature", True),
    "current": Quantity("A", "current", True),
    "frequency": Quantity("Hz", "frequency", True),
    "in_plane_field": Quantity("T", "magnetic field along the current, beside a swept one", True),
    "pulse_width": Quantity("s", "length of the pulses of the current", True),
    "R_xx": Quantity("Ohm", "longitudinal resistance"),
    "R_xy": Quantity("Ohm", "transverse resistance"),
    "V_xx": Quantity("V", "longitudinal voltage"),
    "V_xy": Quantity("V", "transverse voltage"),
    "V_X": Quantity("V", "lock-in voltage in phase"),
    "V_Y": Quantity("V", "lock-in voltage in quadrature"),
    "V_1X": Quantity("V", "first harmonic, X of the lock-in"),
    "V_1Y": Quantity("V", "first harmonic, Y of the lock-in"),
    "V_2X": Quantity("V", "second harmonic, X of the lock-in"),
    "V_2Y": Quantity("V", "second harmonic, Y of the lock-in"),
    "V_1R": Quantity("V", "first harmonic, size"),
    "V_2R": Quantity("V", "second harmonic, size"),
    "theta_1": Quantity("deg", "phase of the first harmonic"),
    "theta_2": Quantity("deg", "phase of the second harmonic"),
    "moment": Quantity("A m^2", "magnetic moment"),
    "moment_error": Quantity("A m^2", "standard error of the magnetic moment"),
    "ac_moment_in_phase": Quantity("A m^2", "alternating magnetic moment in phase with the drive"),
    "ac_moment_out_of_phase": Quantity("A m^2", "alternating magnetic moment out of phase with the drive"),
    "drive_amplitude": Quantity("T", "amplitude of the alternating magnetic field", True),
    "intensity": Quantity("1", "intensity"),
    "intensity_error": Quantity("1", "standard error of the intensity"),
    "energy": Quantity("eV", "photon energy", True),
    "two_theta": Quantity("deg", "scattering angle", True),
    "omega": Quantity("deg", "angle of incidence", True),
    "q_x": Quantity("1/m", "wave vector in the plane", True),
    "q_z": Quantity("1/m", "wave vector along the normal", True),
}

#: attributes of a measurement: SI unit ("" for words), meaning
ATTRIBUTES: dict[str, tuple[str, str]] = {
    "plane": ("", "plane in which the field turns: alpha (x to y), beta (y to z), gamma (x to z)"),
    "current_direction": ("", "crystal direction or axis along which the current flows"),
    "bar_width": ("m", "width of the Hall bar"),
    "bar_length": ("m", "distance of the voltage contacts along the current"),
    "film_thickness": ("m", "thickness of the film"),
    "sample": ("", "name of the sample"),
    "part": ("", "name of the setting or leg that the measurement is a part of its file for"),
    "source": ("", "file that was read"),
    "source_sha256": ("", "checksum of that file"),
    "format": ("", "format that the file was read as"),
    "metadata": ("", "header of the file, as JSON"),
    "history": ("", "steps so far, as JSON"),
}


def warn(said: str) -> None:
    """Warn at the line outside of this package that led here, however deep in it the reason was found."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "spinstack":
        frame, level = frame.f_back, level + 1
    warnings.warn(said, stacklevel=level)


def unit_of(name: str) -> str:
    """SI unit (angles: deg) of a reading, a condition or an attribute; "1" of anything else."""
    if name in QUANTITIES:
        return QUANTITIES[name].unit
    return ATTRIBUTES.get(name, ("",))[0] or "1"


def measurement(
    readings: Mapping[str, Any], conditions: Mapping[str, Any], attributes: Mapping[str, Any] | None = None
) -> xr.Dataset:
    """A measurement from columns in SI units (angles in deg), all of one length.

    Conditions may be single numbers (the same for every row). Raises :class:`MeasurementError` for columns of different
    length, without rows, or not numeric.
    """
    size = {np.size(v) for v in (*readings.values(), *conditions.values()) if np.ndim(v)}
    if len(size) != 1 or size == {0}:
        lengths = {k: np.shape(v) for k, v in {**readings, **conditions}.items()}
        raise MeasurementError(field="columns", got=lengths, allowed="columns of one length, at least one row")
    (rows,) = size
    variables: dict[str, Any] = {}
    coords: dict[str, Any] = {}
    for target, columns in ((variables, readings), (coords, conditions)):
        for name, values in columns.items():
            target[name] = ("point", _numbers(name, values, rows), _label(name))
    given = {k: v for k, v in (attributes or {}).items() if v is not None}
    return xr.Dataset(variables, coords=coords, attrs={"history": "[]", **given})


def _numbers(name: str, values: Any, rows: int) -> np.ndarray:
    if np.iscomplexobj(values):
        remedy = "Give real and imaginary parts as columns of their own, such as V_X and V_Y."
        raise MeasurementError("which is complex", field=name, got=values, allowed="real numbers", remedy=remedy)
    try:
        return np.broadcast_to(np.asarray(values, dtype=float), (rows,)).copy()
    except (TypeError, ValueError):
        raise MeasurementError("which is not a column of numbers", field=name, got=values) from None


def _label(name: str) -> dict[str, str]:
    quantity = QUANTITIES.get(name)
    return {} if quantity is None else {"units": quantity.unit, "long_name": quantity.words}


def history(data: xr.Dataset) -> list[dict[str, Any]]:
    """The steps so far, oldest first: each a mapping with 'step', 'parameters' and 'remark'."""
    return list(json.loads(data.attrs.get("history", "[]")))


def recorded(data: xr.Dataset, step: str, parameters: Mapping[str, Any], remark: str = "") -> xr.Dataset:
    """The dataset with one step appended to its history."""
    entry = {"step": step, "parameters": _plain(dict(parameters)), "remark": remark}
    return data.assign_attrs(history=json.dumps([*history(data), entry], ensure_ascii=False))


def _plain(value: Any) -> Any:
    """JSON of parameters; datasets among them are kept as their own source and history."""
    if isinstance(value, xr.Dataset):
        return {"source": value.attrs.get("source"), "history": history(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


P = ParamSpec("P")

#: every correction by name, for analysis files and for what restores a measurement
STEPS: dict[str, Callable[..., xr.Dataset]] = {}


def step(function: Callable[P, xr.Dataset]) -> Callable[P, xr.Dataset]:
    """Make a pure function Dataset -> Dataset a step: its call is recorded in the history of what it returns.

    The function may leave a sentence on what it found in ``attrs["remark"]``, which moves into the history.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> xr.Dataset:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        (_, data), *rest = bound.arguments.items()
        if not isinstance(data, xr.Dataset) or "point" not in data.dims:
            raise MeasurementError(where=function.__name__, field="data", got=data, allowed="a measurement (Dataset)")
        parameters: dict[str, Any] = {}
        for name, value in rest:
            several = signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD
            parameters |= value if several else {name: value}
        before = data.attrs.get("history", "[]")
        out = function(*bound.args, **bound.kwargs)
        remark = str(out.attrs.pop("remark", ""))
        out = out.assign_attrs(history=before)
        return recorded(out, function.__name__, parameters, remark)

    STEPS[function.__name__] = run
    return run


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def need(data: xr.Dataset, *names: str) -> None:
    """Raise where a measurement lacks a reading or condition."""
    for name in names:
        if name not in data.variables:
            known = ", ".join(map(str, data.variables))
            raise MeasurementError("the measurement has no such column", field=name, allowed=known)


def result(
    values: Mapping[str, tuple[float, float, str, str]],
    covariance: np.ndarray | None = None,
    curves: Mapping[str, tuple[Any, ...]] | None = None,
    coords: Mapping[str, Any] | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """What an analysis found: name -> (value, standard error, unit, words), and curves such as fitted and residual.

    A dataset over `parameter` with value, error, unit, words, `covariance` (parameter, parameter_other), and `curves`
    over dimensions of their own. ``found["value"].sel(parameter="c2")``.
    """
    names = list(values)
    columns = list(zip(*values.values(), strict=True)) if names else [(), (), (), ()]
    variables: dict[str, Any] = {
        "value": ("parameter", np.asarray(columns[0], dtype=float)),
        "error": ("parameter", np.asarray(columns[1], dtype=float), {"long_name": "standard error"}),
        "unit": ("parameter", np.asarray(columns[2], dtype=str)),
        "words": ("parameter", np.asarray(columns[3], dtype=str)),
    }
    extra = {"parameter": names}
    if covariance is not None:
        variables["covariance"] = (("parameter", "parameter_other"), np.asarray(covariance, dtype=float))
        extra["parameter_other"] = names
    return xr.Dataset({**variables, **(curves or {})}, coords={**extra, **(coords or {})}, attrs=dict(attributes or {}))
