"""Data of a fit from what analyses of measured files have found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.fitting.data import Data
from spinstack.observables import angular_scan, field_scan, sheet_resistance, torque_efficiency
from spinstack.observables.planes import PLANES
from spinstack.stack import ParameterError
from spinstack.text import checks
from spinstack.text.errors import near_names
from spinstack.text.units import In

_PLANES = ("alpha", "beta", "gamma")
#: angle [deg] and harmonic of R_xy of a plane: the planar Hall effect, or what follows the moment out of the film
_TRANSVERSE = {"alpha": (45.0, 2), "beta": (90.0, 1), "gamma": (90.0, 1)}


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
    field = _field(found, sample, field)
    covariance = found["covariance"].sel(parameter=planes, parameter_other=planes).values
    arguments = {"plane": planes, "angles": [90.0], "field": field}
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


def bar_data(found: xr.Dataset, sample: str, *, plane: str = "", systematic: float = 0.0) -> Data:
    """The sheet resistance [Ohm] at the first axis of a plane, of a scan that fit_planes or fit_harmonics has fitted.

    Args:
        found: the result, with bar_length and bar_width among its attributes.
        sample: name of the sample.
        plane: "alpha", "beta" or "gamma"; that of the scan by default.
        systematic: relative error of the size of the bar.

    Raises:
        ParameterError: a result of something else, or without the size of the bar.
    """
    plane = plane or str(found.attrs.get("plane", ""))
    if f"{plane}.R" in _names(found):
        value, error = _number(found, f"{plane}.R", "Ohm", "a result of fit_planes")
    else:
        _check_longitudinal(found)
        value, error, _, _ = _even_scan(found)
    width, length = (found.attrs.get(name) for name in ("bar_width", "bar_length"))
    if width is None or length is None:
        why = "which the result does not tell"
        raise ParameterError(why, where=sample, field="bar_width, bar_length", remedy="Give them to the file analysed.")
    factor = float(width) / float(length)
    m = "xyz"[dict(PLANES)[checks.choice(plane, "plane", PLANES)][0]]  # type: ignore[index]
    return _component(sample, f"R_xx {plane}", (0, 0), value * factor, error * factor, {"m": m}, systematic)


def harmonics_data(
    found: xr.Dataset, sample: str, *, field: Annotated[float | None, In("T")] = None, systematic: float = 0.0
) -> Data:
    """The amplitude of one scan that :func:`spinstack.measure.angles.fit_harmonics` found.

    Of a longitudinal reading it is (R(90 deg) - R(0))/R(0) of its even harmonics; of a transverse one the second
    harmonic in the plane alpha (R_xy at 45 degrees), the first in the others (R_xy at 90 degrees) [Ohm].

    Args:
        found: the result of one scan, which tells its plane.
        sample: name of the sample.
        field: as in :func:`planes_data`.
        systematic: relative error of the reading.

    Raises:
        ParameterError: a result of something else, without plane or field, or without the harmonic that is needed.
    """
    plane = str(found.attrs.get("plane", ""))
    if plane not in _PLANES:
        raise ParameterError(field="plane", got=plane, where=sample, allowed=", ".join(_PLANES))
    arguments = {"plane": plane, "field": _field(found, sample, field)}
    if str(found.attrs.get("reading", "R_xx")) in ("R_xy", "R_yx"):
        angle, order = _TRANSVERSE[plane]
        value, error = _number(found, f"sin{order}", "Ohm", f"a fit with the order {order}")
        return Data(
            sample, angular_scan, [value], [error], {**arguments, "angles": [angle]}, str(found.attrs["reading"]),
            systematic, f"{sample} {plane} transverse",
        )  # fmt: skip
    _check_longitudinal(found)
    _, _, ratio, spread = _even_scan(found)
    return Data(
        sample, angular_scan, [ratio], [spread], {**arguments, "angles": [90.0]}, "MR_xx", systematic,
        f"{sample} {plane}",
    )  # fmt: skip


def hall_data(found: xr.Dataset, sample: str, *, m: Any = None, systematic: float = 0.0) -> Data:
    """R_xy [Ohm] in 1 T along z by the slope that :func:`spinstack.measure.sweeps.hall_slope` found.

    Of a film with magnets, which m = "z" says, it is the step (the anomalous Hall effect) and the slope, with their
    covariance: R_xy without field and in 1 T.

    Args:
        found: the result.
        sample: name of the sample.
        m: direction of the magnets in the field, "z"; None for films without.
        systematic: relative error of the reading.

    Raises:
        ParameterError: a result of something else, or of a film with magnets one without step.
    """
    value, error = _number(found, "slope", "Ohm/T", "a result of hall_slope")
    if m is None:
        made = _component(sample, "Hall", (1, 0), value, error, {"B": (0.0, 0.0, 1.0)}, systematic)
        return made
    step, step_error = _number(found, "step", "Ohm", "a fit with anomalous = true")
    names = ["step", "slope"]
    if "covariance" in found:
        own = found["covariance"].sel(parameter=names, parameter_other=names).values
    else:
        own = np.diag([step_error**2, error**2])
    sums = np.array([[1.0, 0.0], [1.0, 1.0]])  # without field and in 1 T
    values, covariance = np.full((2, 2, 2), np.nan), np.eye(8)
    values[:, 1, 0] = sums @ [step, value]
    at = np.flatnonzero(np.isfinite(values.ravel()))
    covariance[np.ix_(at, at)] = sums @ own @ sums.T
    arguments = {"m": m, "B": ((0.0, 0.0, 0.0), (0.0, 0.0, 1.0))}
    return Data(sample, sheet_resistance, values.ravel(), covariance, arguments, None, systematic, f"{sample} Hall")


def ratios_data(
    found: xr.Dataset, sample: str, *, direction: str, m: Any = None, T: Annotated[float | None, In("K")] = None,
    systematic: float = 0.0,
) -> Data:  # fmt: skip
    """(R(B) - R(0))/R(0) that :func:`spinstack.measure.sweeps.magnetoresistance` found, the even part if it tells.

    Args:
        found: the result.
        sample: name of the sample.
        direction: of the field, "x", "y" or "z".
        m: direction of the magnets, or "along B", as field_scan takes it; None for films whose magnets find it.
        T: temperature [K] of films with magnet models.
        systematic: relative error that all have in common.

    Raises:
        ParameterError: a result of something else, or one with a ratio at no field.
    """
    every = _names(found)
    names = [n for n in every if n.startswith("even_")] or [n for n in every if n.startswith("ratio_")]
    if not names:
        allowed = "a result of magnetoresistance"
        raise ParameterError(field="found", got=", ".join(every), allowed=allowed)
    fields = [float(n.partition("_")[2].removesuffix("T")) for n in names]
    row = found.sel(parameter=names)
    errors = np.array([1.0, *row["error"].values])
    covariance = np.diag(errors**2)
    if "covariance" in found:
        covariance[1:, 1:] = found["covariance"].sel(parameter=names, parameter_other=names).values
    arguments: dict[str, Any] = {"field": (0.0, *fields), "direction": direction}
    arguments |= {name: v for name, v in (("m", m), ("T", T)) if v is not None}
    return Data(
        sample, field_scan, [np.nan, *row["value"].values], covariance, arguments, "MR_xx", systematic,
        f"{sample} B along {direction}",
    )  # fmt: skip


def efficiency_data(found: xr.Dataset, sample: str, *, reference: str, m: Any = None, systematic: float = 0.0) -> Data:
    """Spin-torque efficiencies per current density that an analysis found, of a film with one magnet.

    Those of :func:`spinstack.measure.spin_torque.harmonic_hall_rotation`, `harmonic_hall_low_field`, `st_fmr`,
    `st_fmr_series` or `loop_shift`, as far as the result has them, for :func:`spinstack.torque_efficiency`.

    Args:
        found: the result, with xi_DL, xi_FL or both.
        sample: name of the sample.
        reference: the layer of the film whose current density they refer to.
        m: direction of the magnet; by default that of the measurement: along z for harmonic_hall_low_field, else x.
        systematic: relative error of both, beside the errors of the result.

    Raises:
        ParameterError: a result without efficiencies.
    """
    names = [n for n in ("xi_DL", "xi_FL") if n in _names(found)]
    if not names:
        why = "a result with xi_DL, which an analysis of torques tells when its layers are given"
        raise ParameterError(field="found", got=", ".join(_names(found)), allowed=why)
    values, covariance = np.full(2, np.nan), np.eye(2)
    at = [("xi_DL", "xi_FL").index(n) for n in names]
    values[at] = found["value"].sel(parameter=names).values
    covariance[np.ix_(at, at)] = found["covariance"].sel(parameter=names, parameter_other=names).values
    usual = "z" if "anisotropy_field" in _names(found) else "x"
    arguments = {"reference": reference, "m": usual if m is None else m}
    return Data(
        sample, torque_efficiency, values, covariance, arguments, "per_current_density", systematic,
        f"{sample} spin-torque efficiencies",
    )  # fmt: skip


def _check_longitudinal(found: xr.Dataset) -> None:
    """Refuse what is no scan of a longitudinal resistance."""
    if "R0" not in _names(found) or str(found.attrs.get("reading", "R_xx")) in ("R_xy", "R_yx"):
        raise ParameterError(field="found", got=", ".join(_names(found)), allowed="a result of fit_harmonics of R_xx")


def _even_scan(found: xr.Dataset) -> tuple[float, float, float, float]:
    """R at 0 degrees with its error, and (R(90 deg) - R(0))/R(0) with its error, of the even harmonics of a scan."""
    orders = [int(n.removeprefix("cos")) for n in _names(found) if n.startswith("cos") and n[3:].isdigit()]
    even = [n for n in orders if n % 2 == 0]
    names = ["R0", *(f"cos{n}" for n in even)]
    values = found["value"].sel(parameter=names).values
    C = found["covariance"].sel(parameter=names, parameter_other=names).values
    at_0, at_90 = np.ones(len(names)), np.array([1.0, *(np.cos(n * np.pi / 2) for n in even)])
    R, other = float(at_0 @ values), float(at_90 @ values)
    slopes = at_90 / R - at_0 * other / R**2
    return R, float(np.sqrt(at_0 @ C @ at_0)), other / R - 1, float(np.sqrt(slopes @ C @ slopes))


def _field(found: xr.Dataset, where: str, given: float | None) -> float:
    """The field of a scan [T]: the one that is given, or that of the result."""
    field = found.attrs.get("field") if given is None else given
    if field is None:
        why = "which the result does not tell"
        raise ParameterError(why, where=where, field="field", unit="T", remedy="Give it, or 0.")
    return float(field)


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


#: analysis -> what it may tell of a film, by name: the function that makes data of it
SOURCES: Mapping[str, Mapping[str, Any]] = {
    "fit_planes": {
        **dict.fromkeys(_PLANES, planes_data), **{f"{plane}.R": bar_data for plane in _PLANES},
    },
    "fit_harmonics": {"amplitude": harmonics_data, "R": bar_data},
    "anomalous_hall_loop": {"amplitude": loop_data},
    "hall_slope": {"slope": hall_data},
    "magnetoresistance": {"ratios": ratios_data},
    "harmonic_hall_rotation": (_TORQUES := {"efficiencies": efficiency_data}),
    "harmonic_hall_low_field": _TORQUES, "st_fmr": _TORQUES, "st_fmr_series": _TORQUES, "loop_shift": _TORQUES,
    "van_der_pauw": (_SHEET := {"sheet_resistance": resistance_data}),
    "hall_bar": _SHEET, "resistivity_at": _SHEET, "transfer_length": _SHEET,
}  # fmt: skip
#: those that are taken where nobody says which
_USUAL = {"fit_planes": _PLANES, "fit_harmonics": ("amplitude",)}


def told(found: xr.Dataset, names: Sequence[str] = ()) -> dict[str, tuple[Any, tuple[str, ...]]]:
    """What a result tells of a film: function that makes data of it -> its names among SOURCES.

    Args:
        found: a result of an analysis, with its name among the attributes.
        names: those that are wanted; by default amplitudes of scans, or all that there is.

    Raises:
        ParameterError: a result that no film is asked for, or an unknown name.
    """
    analysis = str(found.attrs.get("analysis", ""))
    if analysis not in SOURCES:
        why = "which tells nothing that a film is asked for"
        got = analysis or "a dataset that names no analysis"
        raise ParameterError(why, field="result", got=got, allowed=", ".join(SOURCES))
    known = SOURCES[analysis]
    there = [n for n in known if n in _names(found) or n not in (*_PLANES, *(f"{p}.R" for p in _PLANES))]
    for name in names:
        if name not in there:
            near = near_names(name, there).strip()
            why = f"which is nothing that this result of {analysis} tells"
            raise ParameterError(why, field="observables", got=name, allowed=", ".join(there), remedy=near)
    chosen = names or [n for n in _USUAL.get(analysis, tuple(known)) if n in there]
    out: dict[str, tuple[Any, tuple[str, ...]]] = {}
    for name in dict.fromkeys(chosen):
        function = known[name]
        key = name if function is bar_data else function.__name__
        out[key] = (function, (*out.get(key, (function, ()))[1], name))
    return out
