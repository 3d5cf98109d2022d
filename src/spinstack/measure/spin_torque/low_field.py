"""Harmonic Hall voltages of a perpendicular magnet in low fields along and across the current."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, choice, positive, together
from spinstack.measure.measurement import MeasurementError
from spinstack.measure.spin_torque import lockin, quasistatic
from spinstack.measure.spin_torque.both_harmonics import SIZES, Columns, fitted, numbers
from spinstack.measure.spin_torque.layers import Layers, Number, value_and_error
from spinstack.measure.statistics.estimate import Estimate
from spinstack.measure.statistics.linear import least_squares
from spinstack.measure.sweeps.hall import size_of
from spinstack.measure.sweeps.results import fit_attributes, report
from spinstack.text.units import In

SIGNS = {"positive": 1.0, "negative": -1.0}
#: rows of one direction and state
_ROWS = 8
#: 1 - r^2 below which the corrections of both directions run away
_ALIKE = 0.1
#: how far from the axes an angle may be [deg]
_OFF = 20.0
#: relative error of the anisotropy field above which the first harmonic does not bend
_BENT = 0.1
#: fields of the current over that of the anisotropy above which nothing is told
_LARGEST = 0.3
#: field over that of the anisotropy above which a perpendicular magnet does not stay where it is
_REACH = 0.8


class Model(NamedTuple):
    """What stays while the fit looks for values."""

    record: lockin.Record
    state: np.ndarray
    bases: tuple[Columns, Columns]
    leakage: np.ndarray
    names: tuple[str, ...]
    given: dict[str, tuple[float, float]]
    held: dict[str, float]

    def values(self, x: np.ndarray) -> dict[str, float]:
        """Everything by name, what is fitted and what is held."""
        return {**self.held, **dict(zip(self.names, map(float, x), strict=True))}

    def harmonics(self, v: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
        """First and second harmonic [Ohm] of the magnet, real, without offsets and leakage."""
        torques = quasistatic.Torques(v["damping_like"], v["field_like_total"])
        m = quasistatic.perpendicular(
            self.record.field, np.deg2rad(self.record.angle), self.state, quasistatic.parts(), torques,
            v["anisotropy_field"],
        )  # fmt: skip
        return quasistatic.harmonics(m).total(v["anomalous_hall"], 2 * v["planar_hall"], v["thermal"])

    def residual(self, x: np.ndarray, sigma: tuple[float, float]) -> np.ndarray:
        """Measured less fitted in units of the noise, X and Y of both harmonics, and what is known of parameters."""
        v, out = self.values(x), []
        first, second = self.harmonics(v)
        one, two = (np.exp(1j * np.deg2rad(v[name])) for name in ("phase_1", "phase_2"))
        leak = (v["leakage_x"] + 1j * v["leakage_y"]) * self.leakage
        pairs = (self.record.first - first * one, self.record.second - second * two - leak)
        for rest, basis, s in zip(pairs, self.bases, sigma, strict=True):
            bare = basis.without(rest)
            out += [bare.real / s, bare.imag / s]
        prior = [(v[name] - value) / error for name, (value, error) in self.given.items() if error > 0]
        return np.concatenate([*out, np.array(prior)])


@checked
def harmonic_hall_low_field(
    measurements: xr.Dataset | Iterable[xr.Dataset],
    *,
    planar_hall: Annotated[Number, In("Ohm")],
    anomalous_hall_sign: Literal["positive", "negative"],
    voltages: Literal["rms", "peak"],
    currents: Literal["rms", "peak", "peak_to_peak"],
    thermal: Annotated[Number | None, In("Ohm")] = None,
    below: Annotated[float | None, In("T")] = None,
    phases: Annotated[Sequence[float] | None, In("deg")] = None,
    layers: Layers | None = None,
) -> xr.Dataset:
    """Effective fields of spin-orbit torques on a perpendicular magnet, from sweeps along and across the current.

    `measurements`: sweeps of the `field` [T] in the plane at the `angle` 0 (along the current) and 90 deg (across it),
    with the magnet up and down, with both harmonics as of :func:`harmonic_hall_rotation`. The state of a row
    follows from its first harmonic and `anomalous_hall_sign`, the sign of R_xy for m along +z, as a loop in a field
    along the normal shows it: the sign of B_DL goes with it. Rows above `below` [T] are left out.

    One fit of everything, with m at rest under field and current, R_xy = A m_z + 2 R_PHE m_x m_y. In low fields that is
    b_i = -2 (B_i + r up B_j)/(1 - r^2), B_i the slope of the second harmonic over the curvature of the first along i,
    r = 2 R_PHE/A, and b_x = -up B_DL, b_y = B_FL + B_Oe. `planar_hall` R_PHE [Ohm] (R_xy for m at 45 degrees in the
    plane): a value, or value and standard error. A and the anisotropy field come from the first harmonic. `thermal`
    [Ohm], voltage over the peak current per m_x, as harmonic_hall_rotation finds it in high fields: in low ones it goes
    as the damping-like torque. None: there is none; attribute `per_thermal` [T/Ohm] says what one would change.

    Parameters: damping_like and field_like_total [T] at the peak current, anisotropy_field [T], anomalous_hall [Ohm],
    phases [deg], and with `layers` all as of :func:`harmonic_hall_rotation`. Attribute `ratio`: r. Offsets of the
    second harmonic, and what changes its sign with m_z (a thermal gradient along the current), are columns of the fit.

    Raises :class:`MeasurementError` where a direction or a state is missing, the first harmonic does not bend, or
    ``|r|`` is close to 1, where both directions show the same. Source: M. Hayashi et al., Phys. Rev. B 89, 144425
    (2014); docs/methods/harmonic_hall.md.
    """
    given: dict[str, tuple[float, float]] = {}

    def read(name: str, value: Any) -> None:
        given[name] = value_and_error(value, name, "Ohm")

    together(
        lambda: read("planar_hall", planar_hall),
        lambda: read("thermal", 0.0 if thermal is None else thermal),
        lambda: lockin.check_kinds_of_amplitudes(voltages, currents),
        lambda: choice(anomalous_hall_sign, "anomalous_hall_sign", SIGNS, remedy="Of R_xy for m along +z."),
        lambda: lockin.check_phases(phases),
        lambda: below is None or positive(below, "below", unit="T"),
        lambda: layers is None or layers.numbers(),
    )
    every = lockin.several(measurements)
    rows = _together(every, voltages, currents, below)
    model, start = _model(rows, given, phases, SIGNS[anomalous_hall_sign])
    sizes = SIZES | {name: abs(given[name][0]) or 1e-6 for name in given} | {
        "anomalous_hall": abs(start[model.names.index("anomalous_hall")])
    }  # fmt: skip
    scale = np.array([sizes[name] for name in model.names])
    absorbed = model.bases[0].number, model.bases[1].number
    fit = fitted(model.residual, start, scale, (rows.first, rows.second), absorbed, model.names, first=3)
    return _result(every, model, fit, layers, thermal is None)


def _together(every: list[xr.Dataset], voltages: Any, currents: Any, below: float | None) -> lockin.Record:
    """The rows of all sweeps."""
    rows = lockin.joined(every, voltages, currents)
    keep = rows.field <= (np.inf if below is None else below)
    if not keep.any():
        raise MeasurementError(field="below", unit="T", got=below, allowed=f"above {rows.field.min():.4g} T")
    angle, size, first, second = (c[keep] for c in rows[:4])
    off = np.abs(np.mod(angle + 45.0, 90.0) - 45.0)
    if off.max() > _OFF:
        got = float(angle[np.argmax(off)])
        raise MeasurementError(
            field="angle", unit="deg", got=got, allowed=f"fields along the current or across it, within {_OFF:g} deg",
            remedy="Rotations are for harmonic_hall_rotation.",
        )  # fmt: skip
    return lockin.Record(angle, size, first, second, rows.current)


def _model(
    rows: lockin.Record, given: dict[str, tuple[float, float]], phases: Sequence[float] | None, sign: float
) -> tuple[Model, np.ndarray]:
    own, state, middle = lockin.states(rows.first)
    phase_1 = lockin.chosen(phases, 0, own, 0.0)
    turned = ((rows.first - middle) * np.exp(-1j * np.deg2rad(phase_1))).real
    across = np.abs(np.sin(np.deg2rad(rows.angle))) > 0.5
    _check_there(rows, state, across)
    signed = rows.field * np.where(across, np.sin(np.deg2rad(rows.angle)), np.cos(np.deg2rad(rows.angle)))
    signed = np.sign(signed) * rows.field
    up = sign * np.sign(turned)
    design = np.stack([up, -up * rows.field**2 / 2, *(np.where(c, signed, 0.0) for c in (across, ~across)),
                       np.ones(up.size)], axis=1)  # fmt: skip
    A, bend = least_squares(design, turned)[:2]
    smooth = design @ least_squares(design, turned)
    noise = float(np.std(turned - smooth))
    error = noise / float(np.linalg.norm(Columns.of(np.delete(design, 1, axis=1)).without(design[:, 1])))
    if not sign * bend > error / (2 * _BENT):
        why = f"by {bend:.2g} +- {error:.1g} Ohm/T^2 of {A:.3g} Ohm up to {rows.field.max():.3g} T"
        raise MeasurementError(
            f"which does not bend down: {why}", field="first harmonic",
            allowed="a perpendicular magnet that the field tilts",
            remedy="Go to higher fields; for a magnet that lies in the plane take harmonic_hall_rotation.",
        )  # fmt: skip
    Bk = float(np.sqrt(A / bend))
    if rows.field.max() > _REACH * Bk:
        why, remedy = f"of an anisotropy field of about {Bk:.3g} T", f'Say below = "{0.5 * Bk:.2g} T" or so.'
        raise MeasurementError(
            why, field="field", unit="T", got=float(f"{rows.field.max():.4g}"), allowed=f"below {_REACH * Bk:.3g} T",
            remedy=remedy,
        )  # fmt: skip
    r = 2 * given["planar_hall"][0] / A
    r_error = 2 * given["planar_hall"][1] / A
    if abs(1 - r**2) < max(_ALIKE, 3 * 2 * abs(r) * r_error):
        why = f"of {A:.4g} Ohm of the anomalous Hall effect: r = 2 R_PHE/A = {r:.3f} +- {r_error:.2g}, near 1"
        remedy = "Both directions then show the same sum of both torques. Take harmonic_hall_rotation in high fields."
        raise MeasurementError(why, field="planar_hall", unit="Ohm", got=given["planar_hall"][0], remedy=remedy)
    second = Columns.of(np.stack([np.ones(up.size), up], axis=1))
    first = Columns.of(design[:, 2:])
    leakage = second.without(np.exp(1j * np.deg2rad(phase_1)) * smooth)
    # first order: both slopes of the second harmonic, the one across the current odd in the state
    slopes = np.stack([np.where(across, 0.0, signed), np.where(across, up * signed, 0.0), leakage], axis=1)
    bare = second.without(slopes)
    kx, ky, leak = least_squares_complex(bare, second.without(rows.second))
    signal = slopes[:, :2].real @ np.array([kx, ky])
    expected = 2 * phase_1 + lockin.QUADRATURE
    phase_2 = lockin.chosen(phases, 1, float(np.rad2deg(lockin.common_phase(signal))), expected)
    if phases is None:
        lockin.check_sign(phase_2, expected)
    kx, ky = ((k * np.exp(-1j * np.deg2rad(phase_2))).real for k in (kx, ky))
    kx = kx - given["thermal"][0] / Bk
    P = 2 * given["planar_hall"][0]
    DL, FL = 2 * Bk**2 / (A**2 - P**2) * np.array([-A * kx - P * ky, P * kx + A * ky])
    if max(abs(DL), abs(FL)) > _LARGEST * Bk:
        why = f"{max(abs(DL), abs(FL)):.2g} T of the current, by the slopes, beside {Bk:.3g} T of the anisotropy"
        remedy = "Look at the current, at what the voltages are, and at `thermal`."
        raise MeasurementError(why, field="effective fields", allowed=f"below {_LARGEST:g} of it", remedy=remedy)
    start = {
        "damping_like": DL, "field_like_total": FL, "anisotropy_field": Bk, "anomalous_hall": A, "phase_1": phase_1,
        "phase_2": phase_2, "leakage_x": leak.real, "leakage_y": leak.imag,
    }  # fmt: skip
    held = {name: value for name, (value, error) in given.items() if error == 0}
    start |= {name: value for name, (value, error) in given.items() if error > 0}
    if phases is not None:
        held |= {"phase_1": start.pop("phase_1"), "phase_2": start.pop("phase_2")}
    model = Model(rows, up, (first, second), leakage, tuple(start), given, held)
    return model, np.array(list(start.values()))


def least_squares_complex(design: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Complex values (p,) with the least squares of target - design values."""
    return np.asarray(np.linalg.lstsq(design, target, rcond=None)[0])


def _check_there(rows: lockin.Record, state: np.ndarray, across: np.ndarray) -> None:
    """Refuse measurements without both states and both directions of the field, or with few rows of one."""
    first, second = lockin.separation(rows.first), lockin.separation(rows.second)
    if second > first:
        why = f"of which the two states are {first:.3g} Ohm apart, and {second:.3g} Ohm in the second"
        remedy = "The columns of the harmonics seem to be exchanged."
        raise MeasurementError(why, field="first harmonic", remedy=remedy)
    if not first:
        why = "in which the magnet has not two states, up and down, that are well apart"
        remedy = "Give sweeps of both states, without the fields in which it turns over."
        raise MeasurementError(why, field="first harmonic", remedy=remedy)
    for direction, words in ((~across, "along the current (angle 0)"), (across, "across the current (angle 90)")):
        for s, name in ((1, "up"), (-1, "down")):
            count = int(np.sum(direction & (state == s)))
            if count < _ROWS:
                why = f"{count} rows with the field {words} and the magnet {name}"
                raise MeasurementError(why, field="measurements", allowed=f"at least {_ROWS} of each kind")


def _result(every: list[xr.Dataset], model: Model, fit: Estimate, layers: Layers | None, bare: bool) -> xr.Dataset:
    rows = model.record
    width = size_of(every[0], "bar_width")
    found, whole = numbers(fit, model.names, tuple(model.given), layers, rows.current, width)
    v = model.values(fit.values)
    A, P, Bk = v["anomalous_hall"], 2 * v["planar_hall"], v["anisotropy_field"]
    first, second = model.harmonics(v)
    one_phase = np.exp(1j * np.deg2rad(v["phase_1"]))
    leak = (v["leakage_x"] + 1j * v["leakage_y"]) * (one_phase * first)
    one = rows.first * np.exp(-1j * np.deg2rad(v["phase_1"]))
    two = (rows.second - leak) * np.exp(-1j * np.deg2rad(v["phase_2"]))
    ends = np.stack([np.ones(model.state.size), model.state], axis=1)
    offset, thermal_offset = least_squares(ends, two.real - second)
    across = np.abs(np.sin(np.deg2rad(rows.angle))) > 0.5
    signed = np.where(across, np.sin(np.deg2rad(rows.angle)), np.cos(np.deg2rad(rows.angle)))
    curves: dict[str, Any] = {
        "field": ("row", np.sign(signed) * rows.field, {"units": "T", "long_name": "magnetic field"}),
        "angle": ("row", np.where(across, 90.0, 0.0), {"units": "deg"}),
        "state": ("row", model.state),
    }
    offsets = float(np.mean(one.real - first)), offset + thermal_offset * model.state
    for name, values, fitted_part, lost in (
        ("first", one, first, offsets[0]), ("second", two, second, offsets[1]),
    ):  # fmt: skip
        label = f"{name} harmonic over the peak current"
        curves[f"{name}_harmonic"] = ("row", values.real - lost, {"units": "Ohm", "long_name": label})
        curves[f"{name}_fitted"] = ("row", fitted_part, {"units": "Ohm", "long_name": "fit"})
    per_thermal = float(-2 * Bk * A / (A**2 - P**2))
    attributes: dict[str, Any] = {
        "reading": "V_2", "peak_current": rows.current, "ratio": P / A, "per_thermal": per_thermal}  # fmt: skip
    if bare:
        attributes["remark"] = (
            f"No thermal voltage was taken off; one of 1 mOhm per m_x changes damping_like by {per_thermal:.3g} mT."
        )
    data = lockin.beside(every[0], "angle", "field")
    return report(data, found, whole, curves=curves, **attributes, **fit_attributes(fit))
