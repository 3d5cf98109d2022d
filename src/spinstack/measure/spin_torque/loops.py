"""Hysteresis loops that a current shifts, and loops of the current itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
import xarray as xr

from spinstack.measure.checks import checked, positive, together
from spinstack.measure.measurement import QUANTITIES, MeasurementError
from spinstack.measure.settings import check_alike
from spinstack.measure.spin_torque.layers import Layers, with_efficiencies
from spinstack.measure.spin_torque.lockin import beside as without
from spinstack.measure.spin_torque.lockin import several
from spinstack.measure.statistics.coverage import justified
from spinstack.measure.statistics.estimate import propagated
from spinstack.measure.statistics.linear import factored, pseudo_inverse
from spinstack.measure.sweeps.hall import size_of
from spinstack.measure.sweeps.loop import hysteresis_loop
from spinstack.measure.sweeps.results import Found, report
from spinstack.text.errors import Problems
from spinstack.text.units import In

#: in-plane fields that differ by less count as one: a part of their size, and [T]
_SAME = (0.02, 1e-4)


@checked
def loop_shift(
    measurements: xr.Dataset | Iterable[xr.Dataset],
    reading: str = "R_xy",
    *,
    saturated: Annotated[float, In("T")],
    above: Annotated[float | None, In("T")] = None,
    drift: bool = False,
    layers: Layers | None = None,
) -> xr.Dataset:
    """Damping-like torque from the shift of anomalous Hall loops by a current, in fields along the current.

    `measurements`: loops of R_xy against the `field` [T] along the normal, each at one `current` [A] of either sign and
    one `in_plane_field` [T] along the current (columns or constants of the file). The middle of each loop is that of
    :func:`hysteresis_loop` (`above`, `drift`); for every in-plane field it is a line in the current. From `saturated`
    [T] on, where walls are turned along the field and the shift grows no more, its slope is

        d(middle)/dI = -(pi/2) (B_DL/I) sign(B_x),

    the mean over a wall that has m along x in its middle. That is a model of walls: for a magnet that turns as one it
    does not hold.

    Parameters: shift_per_current [T/A], sign(B_x) times the mean slope of saturated in-plane fields;
    damping_like_per_current [T/A]; damping_like [T] at the largest current, and with `layers` xi_DL, as of
    :func:`harmonic_hall_rotation`. Over `in_plane`: the slope and its error at every in-plane field.

    Raises :class:`MeasurementError` where the sign of the current is one, columns are missing, or no in-plane field is
    saturated. Source: C.-F. Pai et al., Phys. Rev. B 93, 144409 (2016); docs/methods/harmonic_hall.md.
    """
    together(
        lambda: positive(saturated, "saturated", unit="T"),
        lambda: layers is None or layers.numbers(),
    )
    every = _measurements(measurements, ("in_plane_field", "current"))
    current, beside = (np.array([_setting(one, n) for one in every]) for n in ("current", "in_plane_field"))
    points = _points(every, lambda one: hysteresis_loop(one, reading, above=above, drift=drift), "bias")
    group, slopes, errors, middles = _groups(beside), [], [], []
    problems = Problems()
    for k in range(int(group.max()) + 1):
        on = group == k
        if not (np.any(current[on] > 0) and np.any(current[on] < 0)):
            with problems:
                why = f"of one sign at an in-plane field of {beside[on].mean():.4g} T"
                raise MeasurementError(why, field="current", unit="A", got=current[on].tolist(), allowed="both signs")
            continue
        design = np.stack([np.ones(int(on.sum())), current[on]], axis=1)
        values, C, _ = _line(design, points[0][on], points[1][on])
        slopes.append(values[1])
        errors.append(float(np.sqrt(C[1, 1])))
        middles.append(float(beside[on].mean()))
    problems.end()
    places, shifts, dk = np.array(middles), np.array(slopes), np.array(errors)
    full = np.abs(places) >= saturated
    if not full.any():
        allowed = f"at most {np.abs(places).max():.4g} T, the largest in-plane field"
        raise MeasurementError(field="saturated", unit="T", got=saturated, allowed=allowed)
    signed = shifts[full] * np.sign(places[full])
    values, C, factor = _line(np.ones((signed.size, 1)), signed, dk[full])
    shift, error = float(values[0]), float(np.sqrt(C[0, 0]))
    most = float(np.abs(current).max())
    per = -2 / np.pi * shift
    words = "damping-like effective field at the largest current, of walls that are turned along the field"
    found, covariance, _ = with_efficiencies(
        {"damping_like": (per * most, words)}, np.array([[(2 / np.pi * error * most) ** 2]]), layers, most,
        size_of(every[0], "bar_width"), np.inf,
    )  # fmt: skip
    beside_it = {
        "shift_per_current": Found(shift, error, "T/A", "shift of the loop per current, saturated"),
        "damping_like_per_current": Found(per, 2 / np.pi * error, "T/A", "damping-like field per current"),
    }
    whole = np.zeros((len(found) + 2, len(found) + 2))
    whole[: len(found), : len(found)] = covariance
    # both follow from the first by a factor
    scale = np.array([shift, per]) / (per * most) if per else np.zeros(2)
    whole[len(found) :, : len(found)] = np.outer(scale, covariance[0])
    whole[: len(found), len(found) :] = whole[len(found) :, : len(found)].T
    whole[len(found) :, len(found) :] = np.outer(scale, scale) * covariance[0, 0]
    curves: dict[str, Any] = {
        "in_plane_field": ("in_plane", places, {"units": "T", "long_name": "in-plane field"}),
        "shift_slope": ("in_plane", shifts, {"units": "T/A", "long_name": "shift per current"}),
        "shift_slope_error": ("in_plane", dk, {"units": "T/A"}),
        "loop_current": ("loop", current, {"units": "A", "long_name": "current"}),
        "loop_in_plane_field": ("loop", beside, {"units": "T", "long_name": "in-plane field"}),
        "middle": ("loop", points[0], {"units": "T", "long_name": "middle of the loop"}),
        "middle_error": ("loop", points[1], {"units": "T"}),
    }
    attributes: dict[str, Any] = {"reading": reading, "saturated": saturated, "reduced_chi2": factor}
    data = without(every[0], "field", "current")
    return report(data, {**found, **beside_it}, whole, curves=curves, **attributes)


@checked
def switching_current(
    measurements: xr.Dataset | Iterable[xr.Dataset],
    reading: str = "R_xy",
    *,
    attempt_time: Annotated[float | None, In("s")] = None,
    above: Annotated[float | None, In("A")] = None,
    layers: Layers | None = None,
) -> xr.Dataset:
    """Switching currents from loops of R_xy against the current of pulses, and how they go with their length or field.

    `measurements`: loops against the `current` [A], up and down, each at one `pulse_width` [s] and one
    `in_plane_field` [T] where there is one. The switching current is half the width of the loop at half its step, as
    the coercive field of :func:`hysteresis_loop`; `above` [A]: where the loop is closed.

    At three lengths or more, thermal activation over a barrier that a current lowers by its part, half of the pulses
    switching (rate exp(-D (1 - I/I_c))/t_0, D barrier over kT, t_0 the `attempt_time` [s], which has to be given):

        I = I_c [1 - ln(pulse_width/(t_0 ln 2))/D].

    Parameters then: critical_current I_c [A], stability D. At three in-plane fields or more instead, all pulses alike:
    critical_current at no field and per_field [A/T] of a line in ``|B_x|``. Otherwise the mean switching_current. With
    `layers` the critical current density, too. Over `loop`: the switching current of each, and polarity, the sign of
    R_xy at positive currents times that of the field.

    A magnet that switches by nucleation and walls, as one larger than some ten nanometres does, has the barrier of a
    part of it. Raises :class:`MeasurementError` where both lengths and fields change, for missing columns, and currents
    that do not fall with the length. Source: R. H. Koch et al., Phys. Rev. Lett. 92, 088302 (2004).
    """
    together(
        lambda: attempt_time is None or positive(attempt_time, "attempt_time", unit="s"),
        lambda: layers is None or layers.numbers(),
    )
    every = _measurements(measurements, ("pulse_width",), swept="current")
    loops = _points(every, lambda one: _against_current(one, reading, above), "coercive_field", True)
    (switched, error), amplitude = loops
    width = np.array([_setting(one, "pulse_width") for one in every])
    beside = np.array([_setting(one, "in_plane_field") if "in_plane_field" in one.variables else np.nan
                       for one in every])  # fmt: skip
    switched = np.abs(switched)
    lengths = np.unique(np.round(np.log(width), 2)).size
    fields = int(_groups(np.nan_to_num(np.abs(beside))).max()) + 1
    if lengths > 1 and fields > 1:
        why = f"{lengths} lengths of pulses and {fields} in-plane fields at once"
        raise MeasurementError(why, field="measurements", allowed="loops of several lengths, or of several fields")
    design, names, words = (
        np.ones((switched.size, 1)),
        ["switching_current"],
        {"switching_current": "mean switching current"},
    )
    if lengths >= 3:
        remedy = "It is the time of one attempt, such as 1 ns; the critical current depends on it."
        if attempt_time is None:
            raise MeasurementError("missing", field="attempt_time", unit="s", remedy=remedy)
        if width.min() < 3 * attempt_time:
            why = "for which switching is no matter of waiting"
            raise MeasurementError(why, field="pulse_width", unit="s", got=float(width.min()),
                                   allowed=f"at least three times the attempt_time of {attempt_time:g} s")  # fmt: skip
        design = np.stack([np.ones(switched.size), -np.log(width / (attempt_time * np.log(2)))], axis=1)
    elif fields >= 3:
        design = np.stack([np.ones(switched.size), np.abs(beside)], axis=1)
    values, C, factor = _line(design, switched, error)
    if lengths >= 3:
        if not values[1] > 0:
            why = "which does not fall with the length of the pulse"
            raise MeasurementError(why, field="switching current", unit="A", got=switched.tolist())
        names = ["critical_current", "stability"]
        words = {"critical_current": "critical current without thermal help", "stability": "barrier over kT"}
        J = np.array([[1.0, 0.0], [1 / values[1], -values[0] / values[1] ** 2]])
        fitted = design @ values
        values, C = np.array([values[0], values[0] / values[1]]), propagated(J, C)
    else:
        fitted = design @ values
        if fields >= 3:
            names = ["critical_current", "per_field"]
            words = {"critical_current": "switching current at no in-plane field", "per_field": "its change per field"}
    units = {"stability": "1", "per_field": "A/T"}
    found = {
        n: Found(float(v), float(e), units.get(n, "A"), words[n])
        for n, v, e in zip(names, values, np.sqrt(np.diag(C)), strict=True)
    }
    if layers is not None:
        found, C = _with_density(found, C, layers, size_of(every[0], "bar_width"))
    curves: dict[str, Any] = {
        "pulse_width": ("loop", width, {"units": "s", "long_name": "length of the pulse"}),
        "in_plane_field": ("loop", beside, {"units": "T", "long_name": "in-plane field"}),
        "switching": ("loop", switched, {"units": "A", "long_name": "switching current"}),
        "switching_error": ("loop", error, {"units": "A"}),
        "switching_fitted": ("loop", fitted, {"units": "A", "long_name": "fit"}),
        "polarity": ("loop", np.sign(amplitude) * np.where(np.isnan(beside), 1.0, np.sign(beside))),
    }
    data = without(every[0], "field", "current")
    return report(data, found, C, curves=curves, reading=reading, reduced_chi2=factor)


def _with_density(
    found: dict[str, Found], C: np.ndarray, layers: Layers, width: float | None
) -> tuple[dict[str, Found], np.ndarray]:
    """The numbers with the current density in the layer of the first of them."""
    known = layers.numbers()
    if width is None:
        remedy = "Give it to the file: it turns the current into a current density."
        raise MeasurementError("missing", field="bar_width", unit="m", remedy=remedy)
    first = next(iter(found.values()))
    (share, dshare), (t, dt) = known["layer_share"], known["layer_thickness"]
    per = share / (width * t)
    J = np.vstack([np.eye(len(found)), np.eye(len(found))[0] * per])
    C = propagated(J, C)
    j = first.value * per
    C[-1, -1] += (j * np.hypot(dshare / share if share else 0.0, dt / t)) ** 2
    words = f"{first.words}, density in the layer"
    return {**found, "critical_current_density": Found(j, float(np.sqrt(C[-1, -1])), "A/m^2", words)}, C


def _measurements(
    measurements: xr.Dataset | Iterable[xr.Dataset], needed: tuple[str, ...], swept: str = "field"
) -> list[xr.Dataset]:
    every = several(measurements)
    check_alike(every, ("temperature",))
    problems = Problems()
    for one in every:
        for name in (*needed, swept):
            if name not in one.variables:
                example = {"current": "1 mA", "in_plane_field": "50 mT", "pulse_width": "100 us"}.get(name, "")
                remedy = f'Name it in columns, or give it in constants: {name} = "{example}".' if example else ""
                with problems:
                    raise MeasurementError(
                        "the measurement has no such column", where=str(one.attrs.get("source", "")), field=name,
                        allowed=", ".join(map(str, one.variables)), remedy=remedy,
                    )  # fmt: skip
    problems.end()
    return every


def _setting(one: xr.Dataset, name: str) -> float:
    """The one value [SI] of a condition of a measurement, with its sign."""
    values = np.asarray(one[name].values, dtype=float)
    mean = float(np.nanmean(values))
    if float(np.nanstd(values)) > 0.02 * abs(mean) + 1e-12:
        why = f"which runs from {np.nanmin(values):.4g} to {np.nanmax(values):.4g} within a measurement"
        remedy = "Take it apart with the step split, or give each loop its own file."
        raise MeasurementError(why, field=name, unit=QUANTITIES[name].unit, remedy=remedy)
    return mean


def _points(every: list[xr.Dataset], analysed: Any, name: str, step: bool = False) -> Any:
    """A number of the loop of every measurement, and its error; with `step` its amplitude, too."""
    values, amplitude, problems = [], [], Problems()
    for one in every:
        with problems:
            try:
                found = analysed(one)
            except MeasurementError as error:
                raise error.with_fields(where=str(one.attrs.get("source", ""))) from None
            row = found.sel(parameter=name)
            if not np.isfinite(float(row["error"])):
                raise MeasurementError("which shows no loop", where=str(one.attrs.get("source", "")), field="reading")
            values.append((float(row["value"]), float(row["error"])))
            amplitude.append(float(found["value"].sel(parameter="amplitude")))
    problems.end()
    columns = np.array(values).T
    return (columns, np.array(amplitude)) if step else columns


def _against_current(one: xr.Dataset, reading: str, above: float | None) -> xr.Dataset:
    """The loop of a reading over the current."""
    turned = one.drop_vars("current").assign_coords(field=("point", one["current"].values))
    try:
        return hysteresis_loop(turned, reading, above=above)
    except MeasurementError as error:
        raise MeasurementError.several([
            each.with_fields(field=each.field.replace("field", "current"), unit="A" if each.unit == "T" else each.unit)
            for each in error.errors
        ]) from None  # fmt: skip


def _groups(values: np.ndarray) -> np.ndarray:
    """Number of each value, in growing order; the same where they are about the same."""
    order = np.argsort(values, kind="stable")
    step = np.diff(values[order]) > _SAME[0] * np.abs(values[order][1:]) + _SAME[1]
    out = np.empty(values.size, dtype=int)
    out[order] = np.concatenate([[0], np.cumsum(step)])
    return out


def _line(design: np.ndarray, y: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Values and covariance by stated errors, wider where chance makes no such scatter, and the reduced chi-square."""
    K = pseudo_inverse(factored(design / sigma[:, None]))
    values = K @ (y / sigma)
    freedom = y.size - values.size
    reduced = float(np.sum(((y - design @ values) / sigma) ** 2)) / freedom if freedom else np.nan
    return values, K @ K.T * (justified(reduced, freedom) if freedom else 1.0), reduced
