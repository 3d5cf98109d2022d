"""Harmonic Hall voltages of an easy-plane magnet whose field turns in the plane: all fields in one fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, switch, together
from spinstack.measure.measurement import MeasurementError, warn
from spinstack.measure.spin_torque import lockin, quasistatic
from spinstack.measure.spin_torque.both_harmonics import SIZES, Columns, fitted, numbers
from spinstack.measure.spin_torque.layers import Layers, Number, value_and_error
from spinstack.measure.spin_torque.separation import apart, told_apart
from spinstack.measure.statistics.estimate import Estimate
from spinstack.measure.statistics.linear import least_squares
from spinstack.measure.sweeps.hall import size_of
from spinstack.measure.sweeps.results import fit_attributes, report
from spinstack.text.units import In

#: rows of one field, fields
_ROWS, _FIELDS = 12, 3
#: solutions that are kept
_KEPT = 8
#: turns of the first harmonic that leak; with the constant they are less than the rows of a field
_LEAKING = 4
#: largest part of a turn without rows [deg]
_GAP = 200.0
#: fields that differ by less count as one: a part of their size, and [T]
_SAME = (0.02, 1e-5)
#: fields of the current over the smallest applied one above which nothing is told
_LARGEST = 0.5
#: tilt of the field out of the plane [deg] that is worth a warning
_TILT = 1.0


class Model(NamedTuple):
    """What stays while the fit looks for values: rows, columns of both harmonics that are projected out, weights."""

    record: lockin.Record
    group: np.ndarray
    bases: tuple[Columns, Columns]
    leakage: np.ndarray
    names: tuple[str, ...]
    given: dict[str, tuple[float, float]]
    held: dict[str, float]
    solved: dict[tuple[float, ...], quasistatic.Harmonics]

    def values(self, x: np.ndarray) -> dict[str, float]:
        """Everything by name, what is fitted and what is held."""
        return {**self.held, **dict(zip(self.names, map(float, x), strict=True))}

    def harmonics(self, v: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
        """First and second harmonic [Ohm] of the magnet, real, without offsets and leakage."""
        first, second = self._parts(v).total(v["anomalous_hall"], 2 * v["planar_hall"], v["thermal"])
        phi = np.deg2rad(self.record.angle - v["zero"])
        return first, second + v["nernst"] * self.record.field * np.cos(phi)

    def _parts(self, v: dict[str, float]) -> quasistatic.Harmonics:
        """Harmonics by their parts; kept, since most of the parameters that are tried leave the magnet where it is."""
        key = v["zero"], v["damping_like"], v["field_like_total"], v["effective_magnetization"]
        if key not in self.solved:
            if len(self.solved) > _KEPT:
                self.solved.clear()
            phi, torques = np.deg2rad(self.record.angle - key[0]), quasistatic.Torques(*key[1:3])
            m = quasistatic.in_plane(self.record.field, phi, quasistatic.parts(), torques, key[3])
            self.solved[key] = quasistatic.harmonics(m)
        return self.solved[key]

    def complex(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both harmonics [Ohm] as the lock-in shows them, without offsets."""
        v = self.values(x)
        first, second = self.harmonics(v)
        turns = (np.exp(1j * np.deg2rad(v[name])) for name in ("phase_1", "phase_2"))
        leak = (v["leakage_x"] + 1j * v["leakage_y"]) * self.leakage
        one, two = next(turns), next(turns)
        return first * one, second * two + leak

    def residual(self, x: np.ndarray, sigma: tuple[float, float]) -> np.ndarray:
        """Measured less fitted in units of the noise, X and Y of both harmonics, and what is known of parameters."""
        out = []
        measured = self.record.first, self.record.second
        for got, expected, basis, s in zip(measured, self.complex(x), self.bases, sigma, strict=True):
            rest = basis.without(got - expected)
            out += [rest.real / s, rest.imag / s]
        v = self.values(x)
        prior = [(v[name] - value) / error for name, (value, error) in self.given.items() if error > 0]
        return np.concatenate([*out, np.array(prior)])


@checked
def harmonic_hall_rotation(
    measurements: xr.Dataset | Iterable[xr.Dataset],
    *,
    anomalous_hall: Annotated[Number, In("Ohm")],
    effective_magnetization: Annotated[Number, In("T")],
    voltages: Literal["rms", "peak"],
    currents: Literal["rms", "peak", "peak_to_peak"],
    nernst: bool = True,
    phases: Annotated[Sequence[float] | None, In("deg")] = None,
    layers: Layers | None = None,
) -> xr.Dataset:
    """Effective fields of spin-orbit torques from harmonic Hall voltages, the field turning in an easy plane.

    `measurements`: X and Y of both harmonics (V_1X, V_1Y, V_2X, V_2Y, or V_1R, theta_1, V_2R, theta_2), the `angle`
    [deg] of the field from the current, its size `field` [T], three sizes or more, in one file or in many, and the
    `current` [A]. `voltages` and `currents` say what these are: "rms" or "peak" ("peak_to_peak" of the current).

    One fit of all fields, complex: with R_xy = A m_z + 2 R_PHE m_x m_y and m at rest under field and current,

        R_2 = -A B_DL cos(phi)/(2 (B + mu0 M_eff)) - R_PHE (B_FL + B_Oe) (2 cos^3(phi) - cos(phi))/B
              + thermal cos(phi) + nernst B cos(phi)

    to first order in the fields of the current, which are taken to all orders. `anomalous_hall` A [Ohm] (R_xy for m
    along +z) and `effective_magnetization` mu0 M_eff [T]: a value, or value and standard error, which goes into the
    errors. `nernst`: False leaves the ordinary Nernst effect out; where there is one, damping_like is then wrong by
    many errors. `phases` [deg] of both harmonics, where the data do not tell them: of each the phase is found up to
    half a turn, and the half turn from what a lock-in shows that is locked to I sin wt (first harmonic in X, second in
    Y). `layers`: where the current flows, for current densities and efficiencies; it needs the attribute bar_width.

    Parameters: damping_like B_DL along m x p and field_like_total B_FL + B_Oe along p = z x E [T], at the peak current;
    planar_hall R_PHE, thermal [Ohm], nernst [Ohm/T], zero [deg] (angle at which the field is along the current), phases
    [deg], leakage of the first harmonic into the second (size), and with `layers` oersted, field_like [T], both per
    current density, xi_DL, xi_FL, and xi per electric field [S/m], as of :func:`spinstack.torque_efficiency`. Every
    field has its own offset, and in the first harmonic a part that turns once (a field that leaves the plane).
    Attributes: inflation (how many times larger the error of damping_like is because of the thermal parts), tilt [deg].

    Raises :class:`MeasurementError` for missing columns, one or two fields, too few angles, harmonics that were
    exchanged, a second harmonic whose sign is uncertain, and fields over which damping-like and thermal parts are
    alike. Source: C. O. Avci et al., Phys. Rev. B 90, 224427 (2014); docs/methods/harmonic_hall.md.
    """
    given: dict[str, tuple[float, float]] = {}

    def read(name: str, value: Any, unit: str) -> None:
        given[name] = value_and_error(value, name, unit)

    together(
        lambda: read("anomalous_hall", anomalous_hall, "Ohm"),
        lambda: read("effective_magnetization", effective_magnetization, "T"),
        lambda: lockin.check_kinds_of_amplitudes(voltages, currents),
        lambda: switch(nernst, "nernst"),
        lambda: lockin.check_phases(phases),
        lambda: layers is None or layers.numbers(),
    )
    if given["anomalous_hall"][0] == 0:
        why = "without which the damping-like torque makes no voltage"
        raise MeasurementError(why, field="anomalous_hall", unit="Ohm", got=anomalous_hall, allowed="other than 0")
    if not given["effective_magnetization"][0] > 0:
        why, remedy = "for which the plane is not easy", "Perpendicular magnets: harmonic_hall_low_field."
        raise MeasurementError(
            why, field="effective_magnetization", unit="T", got=effective_magnetization, allowed="above 0",
            remedy=remedy,
        )  # fmt: skip
    every = lockin.several(measurements)
    rows = lockin.joined(every, voltages, currents)
    group = fields_of(rows.field)
    _check_turns(rows, group)
    model, start = _model(rows, group, given, nernst, phases)
    absorbed = model.bases[0].number, model.bases[1].number
    fit = fitted(model.residual, start, _scales(model), (rows.first, rows.second), absorbed, model.names, first=3)
    return _result(every[0], model, fit, nernst, layers)


def fields_of(size: np.ndarray) -> np.ndarray:
    """Number of the field (rows,), in growing order; the same where they differ by 2 % or less."""
    order = np.argsort(size, kind="stable")
    step = np.diff(size[order]) > _SAME[0] * size[order][1:] + _SAME[1]
    out = np.empty(size.size, dtype=int)
    out[order] = np.concatenate([[0], np.cumsum(step)])
    return out


def _check_turns(rows: lockin.Record, group: np.ndarray) -> None:
    count = int(group.max()) + 1
    if not rows.field.min() > 0:
        why = "in which the magnet has no direction"
        raise MeasurementError(why, field="field", unit="T", got=0.0, allowed="sizes above 0")
    if count < _FIELDS:
        shown = ", ".join(f"{rows.field[group == k].mean():.4g}" for k in range(count))
        raise MeasurementError(
            f"only {count} of them: the parts of the signal differ in how they go with the field", field="field",
            unit="T", got=shown, allowed=f"rotations at {_FIELDS} fields or more", remedy="Files of one field each go "
            "together: name all of them with files.",
        )  # fmt: skip
    for k in range(count):
        on = group == k
        angles = np.sort(np.mod(rows.angle[on], 360.0))
        gap = float(np.max(np.diff(np.append(angles, angles[0] + 360.0)), initial=360.0 if on.sum() < 2 else 0.0))
        if on.sum() < _ROWS or gap > _GAP:
            why = f"{int(on.sum())} rows at {rows.field[on].mean():.4g} T, with a gap of {gap:.0f} deg"
            allowed = f"at least {_ROWS} rows a field, over half a turn or more"
            raise MeasurementError(why, field="angle", unit="deg", allowed=allowed)


def _turns(rows: lockin.Record, turns: int) -> np.ndarray:
    """Columns: constant, and cos and sin up to so many turns."""
    phase = np.deg2rad(rows.angle)
    return np.stack(
        [np.ones(phase.size), *(f(n * phase) for n in range(1, turns + 1) for f in (np.cos, np.sin))], axis=1
    )


def _model(
    rows: lockin.Record, group: np.ndarray, given: dict[str, tuple[float, float]], nernst: bool, phases: Any
) -> tuple[Model, np.ndarray]:
    """The model and where its fit begins: the linear solution to first order."""
    bases = Columns.of(_turns(rows, 1), group), Columns.of(_turns(rows, 0), group)
    bare = [basis.without(values) for basis, values in zip(bases, (rows.first, rows.second), strict=True)]
    # what leaks is the first harmonic as it is, with all that turns in it, without its noise
    smooth = rows.first - Columns.of(_turns(rows, _LEAKING), group).without(rows.first)
    constant = bases[1]
    leakage = constant.without(smooth)
    turn = np.deg2rad(rows.angle)
    twice = np.stack([np.cos(2 * turn), np.sin(2 * turn)], axis=1)
    one, two = (least_squares(twice, values) for values in bare)
    _check_order(one, two, bare[1])
    phase_1 = lockin.chosen(phases, 0, np.rad2deg(lockin.common_phase(one)), 0.0)
    a, b = (one * np.exp(-1j * np.deg2rad(phase_1))).real
    # planar sin 2(angle - zero), with the zero nearest to 0
    planar, zero = float(np.hypot(a, b)), float(np.rad2deg(np.arctan2(-a, b))) / 2
    if abs(zero) > 45:
        planar, zero = -planar, zero - np.copysign(90, zero)
    A, Meff = given["anomalous_hall"][0], given["effective_magnetization"][0]
    phi = np.deg2rad(rows.angle - zero)
    shape = {
        "damping_like": -A * np.cos(phi) / (2 * (rows.field + Meff)),
        "field_like_total": -planar * (2 * np.cos(phi) ** 3 - np.cos(phi)) / rows.field,
        "thermal": np.cos(phi),
        **({"nernst": rows.field * np.cos(phi)} if nernst else {}),
    }
    columns = np.stack(list(shape.values()), axis=1)
    both = [columns, np.stack([leakage], axis=1)]
    design = np.concatenate(both, axis=1)
    design = constant.without(design)
    others = [i for i, name in enumerate(shape) if name in ("thermal", "nernst")]
    apart(design, 0, others, [list(shape)[i] for i in others], rows.field)
    found = least_squares(design, bare[1])
    signal = design[:, : len(shape)] @ found[: len(shape)]
    expected = 2 * phase_1 + lockin.QUADRATURE
    own = float(np.rad2deg(lockin.common_phase(signal)))
    phase_2 = lockin.chosen(phases, 1, own, expected)
    if phases is None:
        lockin.check_sign(phase_2, expected)
    values = (found[: len(shape)] * np.exp(-1j * np.deg2rad(phase_2))).real
    leak = found[-1]
    start = {
        **dict(zip(shape, values, strict=True)), "planar_hall": planar, "zero": zero, "phase_1": phase_1,
        "phase_2": phase_2, "leakage_x": leak.real, "leakage_y": leak.imag,
    }  # fmt: skip
    held = {name: value for name, (value, error) in given.items() if error == 0}
    held |= {} if nernst else {"nernst": 0.0}
    if phases is not None:
        held |= {"phase_1": start.pop("phase_1"), "phase_2": start.pop("phase_2")}
    start |= {name: value for name, (value, error) in given.items() if error > 0}
    reach = max(abs(start["damping_like"]), abs(start["field_like_total"])) / float(rows.field.min())
    if reach > _LARGEST:
        why = f"{reach:.2g} of which the fields of the current are"
        remedy = "Leave the lowest fields out with the step select, or measure with less current."
        raise MeasurementError(why, field="field", unit="T", got=float(rows.field.min()), remedy=remedy)
    return Model(rows, group, bases, leakage, tuple(start), given, held, {}), np.array(list(start.values()))


def _check_order(one: np.ndarray, two: np.ndarray, bare: np.ndarray) -> None:
    """Refuse harmonics that were exchanged: what turns twice is the planar Hall effect, and of the first."""
    first, second = (float(np.linalg.norm(v)) for v in (one, two))
    spread = float(np.std(bare))
    if second > first and second > spread:
        why = f"of which the part that turns twice is {second:.3g} Ohm, in the first harmonic {first:.3g} Ohm"
        remedy = "The columns of the harmonics seem to be exchanged."
        raise MeasurementError(why, field="second harmonic", remedy=remedy)
    if not first > 0:
        raise MeasurementError("nothing turns twice: no planar Hall effect", field="first harmonic")


def _scales(model: Model) -> np.ndarray:
    """Sizes of parameters, so that steps of the fit are alike."""
    signal = float(np.std(model.record.second)) or 1.0
    ohms = {
        "planar_hall": float(np.std(model.record.first)), "thermal": signal,
        "nernst": signal / float(model.record.field.max()), "anomalous_hall": abs(model.given["anomalous_hall"][0]),
    }  # fmt: skip
    return np.array([(SIZES | ohms)[name] for name in model.names])


def _result(data: xr.Dataset, model: Model, fit: Estimate, nernst: bool, layers: Layers | None) -> xr.Dataset:
    rows, names = model.record, list(model.names)
    found, whole = numbers(fit, names, tuple(model.given), layers, rows.current, size_of(data, "bar_width"))
    dl, others = names.index("damping_like"), [names.index(n) for n in ("thermal", "nernst") if n in names]
    attributes: dict[str, Any] = {
        "reading": "V_2", "nernst_fitted": int(nernst), "tilt": _tilt(model, fit), "peak_current": rows.current,
        "fields": int(model.group.max()) + 1,
        **told_apart(fit.covariance, dl, others),
    }  # fmt: skip
    if found["planar_hall"].value < 0:
        attributes["remark"] = "R_PHE is negative, which is rare: does the angle count from the current towards +y?"
    data = lockin.beside(data, "angle", "field")
    return report(data, found, whole, curves=_curves(model, fit), **attributes, **fit_attributes(fit))


def _tilt(model: Model, fit: Estimate) -> float:
    """How far the field leaves the plane [deg], from what turns once in the first harmonic; a warning above 1."""
    rows, v = model.record, model.values(fit.values)
    rest = (rows.first - model.complex(fit.values)[0]) * np.exp(-1j * np.deg2rad(v["phase_1"]))
    groups = [model.group == k for k in range(int(model.group.max()) + 1)]
    each = np.array([least_squares(_turns(rows, 1)[on], rest.real[on])[1:] for on in groups])
    B = np.array([rows.field[on].mean() for on in groups])
    Meff = v["effective_magnetization"]
    # A B tilt/(B + Meff) of the magnet and a part B of the ordinary Hall effect
    design = np.stack([B / (B + Meff), B], axis=1)
    parts = [least_squares(design, column)[0] / v["anomalous_hall"] for column in each.T]
    tilt = float(np.rad2deg(np.hypot(*parts)))
    if tilt > _TILT:
        warn(
            f"the field leaves the plane by {tilt:.2g} deg, by what turns once in the first harmonic: "
            "the damping-like field is wrong by a part of that order times R_PHE/R_AHE"
        )
    return tilt


def _curves(model: Model, fit: Estimate) -> dict[str, Any]:
    """Both harmonics, turned into one channel, without offset and leakage, and the fit."""
    rows, v = model.record, model.values(fit.values)
    curves: dict[str, Any] = {
        "angle": ("row", rows.angle - v["zero"], {"units": "deg", "long_name": "angle of the field from the current"}),
        "field": ("row", rows.field, {"units": "T", "long_name": "magnetic field"}),
        "setting": ("row", model.group),
    }
    own = model.harmonics(v)
    leak = (v["leakage_x"] + 1j * v["leakage_y"]) * model.leakage
    shown = {"first": (rows.first, own[0], v["phase_1"], 0.0), "second": (rows.second, own[1], v["phase_2"], leak)}
    for (name, (values, own_part, phase, lost)), basis in zip(shown.items(), model.bases, strict=True):
        turned = (values - lost) * np.exp(-1j * np.deg2rad(phase))
        offset = turned - own_part - basis.without(turned - own_part)
        words = f"{name} harmonic over the peak current"
        curves[f"{name}_harmonic"] = ("row", (turned - offset).real, {"units": "Ohm", "long_name": words})
        curves[f"{name}_fitted"] = ("row", own_part, {"units": "Ohm", "long_name": "fit"})
        curves[f"{name}_quadrature"] = ("row", (turned - offset).imag, {"units": "Ohm", "long_name": "in quadrature"})
    return curves
