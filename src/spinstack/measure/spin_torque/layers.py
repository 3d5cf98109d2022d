"""Where the current of a film flows, and what effective fields are per current density and per electric field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from spinstack.measure.checks import number, positive, together
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.estimate import central_slopes, propagated, standard_errors
from spinstack.measure.sweeps.hall import CHARGE
from spinstack.measure.sweeps.results import Found
from spinstack.text.units import In

#: reduced Planck constant [J s], exact in the SI of 2019, and the permeability of vacuum [T m/A], CODATA 2018
HBAR, MU0 = 1.054571817646156e-34, 1.25663706212e-6

#: a value, or a value and its standard error
Number = float | Sequence[float]


@dataclass(frozen=True)
class Layers:
    """Where the current flows, for current densities and efficiencies. Numbers may be a value, or value and error.

    Attributes:
        magnetization: saturation magnetisation M_s [A/m] of the magnet.
        magnet_thickness: t of its magnetic part [m].
        layer_thickness: thickness [m] of the layer whose current density the efficiencies refer to.
        layer_share: part of the whole current that flows in this layer.
        resistivity: of this layer [Ohm m]; with it there are efficiencies per electric field.
        share_below, share_above: parts of the current that flow below and above the magnet; with both the Oersted field
            is told apart from the field-like torque.
    """

    magnetization: Annotated[Number, In("A/m")]
    magnet_thickness: Annotated[Number, In("m")]
    layer_thickness: Annotated[float, In("m")]
    layer_share: Number
    resistivity: Annotated[Number | None, In("ohm m")] = None
    share_below: Number | None = None
    share_above: Number | None = None

    def numbers(self) -> dict[str, tuple[float, float]]:
        """Values and errors of all that is given, checked."""
        given = {n: getattr(self, n) for n in _UNITS if getattr(self, n) is not None}
        out: dict[str, tuple[float, float]] = {}

        def read(name: str) -> None:
            share = name.startswith("share") or name.endswith("share")
            limits = {"low": 0.0, "high": 1.0} if share else {"low": 0.0, "open_low": True}
            out[name] = value_and_error(given[name], name, _UNITS[name], **limits)

        together(*(lambda name=name: read(name) for name in given), self._check_shares)
        return out

    def _check_shares(self) -> None:
        if (self.share_below is None) != (self.share_above is None):
            missing = "share_below" if self.share_below is None else "share_above"
            remedy = "The Oersted field needs both; where nothing flows, 0."
            raise MeasurementError("missing beside the other one", field=missing, remedy=remedy)
        if self.share_below is None:
            return
        shares = [float(np.ravel(np.asarray(one))[0]) for one in (self.share_below, self.share_above)]
        if sum(shares) > 1 + 1e-9:
            raise MeasurementError(
                field="share_below, share_above", got=tuple(shares), allowed="parts of the current, together at most 1"
            )


_UNITS = {
    "magnetization": "A/m", "magnet_thickness": "m", "layer_thickness": "m", "layer_share": "1",
    "resistivity": "Ohm m", "share_below": "1", "share_above": "1",
}  # fmt: skip


def value_and_error(given: Any, field: str, unit: str, **limits: Any) -> tuple[float, float]:
    """A number with its standard error, 0 where none is given."""
    values = np.ravel(np.asarray(given, dtype=float)) if not isinstance(given, str) else np.zeros(0)
    if values.size not in (1, 2):
        raise MeasurementError(field=field, unit=unit, got=given, allowed="a value, or a value and its standard error")
    value = number(float(values[0]), field, unit=unit, **limits)
    error = number(float(values[1]), f"{field}, its error", low=0, unit=unit) if values.size == 2 else 0.0
    return value, error


def with_efficiencies(
    fields: Mapping[str, tuple[float, str]],
    covariance: np.ndarray,
    layers: Layers | None,
    current: float,
    width: float | None,
    freedom: float,
) -> tuple[dict[str, Found], np.ndarray, np.ndarray]:
    """Effective fields at the peak `current` [A] and all that follows from them, with the covariance of all.

    `fields`: damping_like and, last, field_like_total [T] with words, as far as there are. Returns the numbers, their
    covariance, and their slopes (numbers, fields) by the fields.
    """
    values = np.array([value for value, _ in fields.values()])
    given = {} if layers is None else layers.numbers()
    if layers is not None:
        remedy = "Give it to the file: it turns the current into a current density."
        width = positive(width, "bar_width", unit="m") if width is not None else None
        if width is None:
            raise MeasurementError("missing", field="bar_width", unit="m", remedy=remedy)
    at = np.concatenate([values, [value for value, _ in given.values()]])
    errors = np.array([error for _, error in given.values()])
    full = np.zeros((at.size, at.size))
    full[: values.size, : values.size] = covariance
    full[values.size :, values.size :] = np.diag(errors**2)

    def derived(x: np.ndarray) -> dict[str, tuple[float, str, str]]:
        own = dict(zip(fields, x[: values.size], strict=True))
        out = {name: (own[name], "T", words) for name, (_, words) in fields.items()}
        known = dict(zip(given, x[values.size :], strict=True))
        return out | _efficiencies(own, known, current, width or 1.0)

    found = derived(at)
    scale = np.concatenate([np.sqrt(np.diag(covariance)), errors])
    scale = np.where(scale > 0, scale, 1e-6 * np.abs(at))
    slopes = central_slopes(lambda x: np.array([v for v, _, _ in derived(x).values()]), at, scale)
    whole = propagated(slopes, full)
    spread = standard_errors(whole)
    numbers = {
        name: Found(float(value), float(error), unit, words, freedom)
        for (name, (value, unit, words)), error in zip(found.items(), spread, strict=True)
    }
    return numbers, whole, slopes[:, : values.size]


def _efficiencies(
    own: Mapping[str, Any], known: Mapping[str, Any], current: float, width: float
) -> dict[str, tuple[float, str, str]]:
    """Fields per current density and efficiencies, from effective fields [T] at a current [A]."""
    out: dict[str, tuple[float, str, str]] = {}
    parts = {n: own[n] for n in ("damping_like",) if n in own}
    if "share_below" in known and "field_like_total" in own:
        sheet = (known["share_below"] - known["share_above"]) * current / width
        oersted = -MU0 / 2 * sheet
        out["oersted"] = (oersted, "T", "Oersted field along z x E at the peak current")
        parts["field_like"] = own["field_like_total"] - oersted
        out["field_like"] = (parts["field_like"], "T", "field-like effective field at the peak current")
    if not known:
        return out
    j = known["layer_share"] * current / (width * known["layer_thickness"])
    out["current_density"] = (j, "A/m^2", "peak current density in the layer")
    # T = (hbar/2e) xi j m x (p x m) = M_s t m x B turns m as a field of the other sign along m x p
    per_spin_current = -2 * CHARGE / HBAR * known["magnetization"] * known["magnet_thickness"]
    for name, field in parts.items():
        words = name.replace("_", "-")
        short = "DL" if name == "damping_like" else "FL"
        out[f"{name}_per_current_density"] = (field / j, "T m^2/A", f"{words} field per current density")
        out[f"xi_{short}"] = (per_spin_current * field / j, "1", f"{words} efficiency per current density")
        if "resistivity" in known:
            E = known["resistivity"] * j
            out[f"xi_{short}_per_field"] = (per_spin_current * field / E, "S/m", f"{words} efficiency per field")
    return out
