"""What lock-in amplifiers show of spin-orbit torques: harmonics of a Hall voltage, resonance spectra, lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures.measured import (
    FIT_COLOUR,
    Measured,
    Results,
    condition_scale,
    dots,
    finish,
    legend,
    with_error,
)
from spinstack.figures.panels import HEAT
from spinstack.figures.style import COLOURS, angle_axis, head, in_lines, label, readable
from spinstack.text.errors import ParameterError

#: curves with words of their own beside the figure
_TOLD = 8


def measured_harmonics(data: Measured, found: Results = None, *, title: str = "") -> Figure:
    """First and second harmonic of a Hall voltage over the peak current, each in one channel, and the fit.

    Against the angle of the field, one colour a field, or against the field along and across the current, one colour a
    state. Offsets and leakage are taken off.

    Parameters
    ----------
    data
        Measurements that `found` is of; what is drawn stands in the result.
    found
        Result of `harmonic_hall_rotation` or `harmonic_hall_low_field`.
    """
    one = _only(found, "second_harmonic", "a result of harmonic_hall_rotation or harmonic_hall_low_field")
    if "setting" not in one:
        return _low_field(one, title)
    figure = Figure(figsize=(7.8, 6.2), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True)
    angle, setting = np.asarray(one["angle"].values, float), one["setting"].values
    count = int(setting.max()) + 1
    shown = np.unique(np.linspace(0, count - 1, min(count, _TOLD)).astype(int))
    field = np.array([one["field"].values[setting == k].mean() for k in range(count)])
    along, unit = condition_scale(field, "T")
    for axes, name in zip(panels, ("first", "second"), strict=True):
        values, fitted = (np.asarray(one[f"{name}_{kind}"].values, float) for kind in ("harmonic", "fitted"))
        factor, text = readable(values, "Ohm")
        for k in shown:
            on = np.flatnonzero(setting == k)
            on = on[np.argsort(np.mod(angle[on], 360.0))]
            x = np.mod(angle[on], 360.0)
            colour = HEAT(0.0 if count == 1 else k / (count - 1))
            words = f"{field[k] * along:.4g} {unit}" if name == "second" else None
            dots(axes, x, values[on] * factor, color=colour, label=words, markersize=2.6)
            axes.plot(*_turned(x, fitted[on] * factor), color=colour, linewidth=1.1)
        finish(axes)
        axes.set_ylabel(label(f"{name} harmonic, V/I", text))
    angle_axis(panels[1], np.array([0.0, 360.0]))
    panels[1].set_xlabel("angle of the field from the current (°)")
    legend(figure)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def _turned(angle: Any, fitted: Any) -> tuple[Any, Any]:
    """The line of a fit over a turn through its values at the angles that were measured: no more than four turns."""
    dense = np.linspace(0.0, 360.0, 361)

    def columns(degrees: Any) -> Any:
        turns = [f(n * np.deg2rad(degrees)) for n in range(1, 5) for f in (np.cos, np.sin)]
        return np.stack([np.ones(len(degrees)), *turns], axis=1)

    # where half a turn was measured, no line over the other half
    inside = (dense >= angle.min()) & (dense <= angle.max()) if np.ptp(angle) < 300 else slice(None)
    return dense[inside], (columns(dense) @ np.linalg.lstsq(columns(angle), fitted, rcond=None)[0])[inside]


def _low_field(one: xr.Dataset, title: str) -> Figure:
    figure = Figure(figsize=(8.6, 6.2), layout="constrained")
    grid = figure.subplots(2, 2, sharex=True, sharey="row")
    B, angle, state = (np.asarray(one[n].values, float) for n in ("field", "angle", "state"))
    along, unit = condition_scale(B, "T")
    for row, name in enumerate(("first", "second")):
        values, fitted = (np.asarray(one[f"{name}_{kind}"].values, float) for kind in ("harmonic", "fitted"))
        # the first harmonic without its step, so that its bend is seen
        step = np.array([fitted[state == s][np.argmin(np.abs(B[state == s]))] for s in (1.0, -1.0)])
        base = np.where(state > 0, step[0], step[1]) if name == "first" else 0.0
        factor, text = readable(values - base, "Ohm")
        for column, at in enumerate((0.0, 90.0)):
            axes = grid[row, column]
            for s, word in ((1.0, "magnet up"), (-1.0, "magnet down")):
                on = np.flatnonzero((angle == at) & (state == s))
                on = on[np.argsort(B[on])]
                colour = COLOURS[0 if s > 0 else 1]
                dots(axes, B[on] * along, (values - base)[on] * factor, color=colour, label=word, markersize=3)
                axes.plot(B[on] * along, (fitted - base)[on] * factor, color=colour, linewidth=1.1)
            finish(axes)
            if row == 1:
                axes.set_xlabel(label(f"field {'across' if at else 'along'} the current", unit))
        less = " less that without field" if name == "first" else ""
        grid[row, 0].set_ylabel(label(f"{name} harmonic, V/I{less}", text, 30))
    legend(figure)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def measured_resonance(data: Measured, found: Results = None, *, title: str = "") -> Figure:
    """Spectra of spin-torque resonance with their fit, and resonance field and linewidth against the frequency.

    Parameters
    ----------
    data
        Measurements that `found` is of; what is drawn stands in the result.
    found
        Result of `st_fmr`.
    """
    one = _only(found, "row_spectrum", "a result of st_fmr")
    figure = Figure(figsize=(8.6, 6.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=[2.0, 1.0])
    f = np.asarray(one["frequency"].values, float)
    strong = _strongest(one, f)
    B, V = (np.asarray(one[n].values, float) for n in ("field", "measured"))
    which, of = one["row_spectrum"].values, one["line_spectrum"].values
    drawn = np.isin(which, strong)
    along, unit = condition_scale(B[drawn], "T")
    factor, text = readable(V[drawn], "V")
    for i, k in enumerate(strong):
        on = np.flatnonzero(which == k)
        colour = HEAT(0.0 if len(strong) == 1 else i / (len(strong) - 1))
        dots(upper, B[on] * along, V[on] * factor, color=colour, label=f"{f[k] / 1e9:.4g} GHz", markersize=2.4)
        x, y = (np.asarray(one[n].values, float)[of == k] for n in ("line_field", "line_fitted"))
        upper.plot(x * along, y * factor, color=colour, linewidth=1.1)
    finish(upper)
    upper.set_xlabel(label("magnetic field", unit))
    upper.set_ylabel(label("rectified voltage", text))
    order = np.argsort(f)
    width = np.asarray(one["linewidth"].values, float)
    factor, text = readable(width, "T")
    lower.plot(f[order] / 1e9, width[order] * factor, color=FIT_COLOUR, marker="o", markersize=3, linewidth=1.0)
    finish(lower)
    lower.set_xlabel("frequency (GHz)")
    lower.set_ylabel(label("half width", text))
    legend(figure)
    told = [_said(one, name, words, unit) for name, words, unit in (
        ("effective_magnetization", "µ₀M_eff", "T"), ("damping", "damping", ""), ("ratio", "ratio", ""),
    )]  # fmt: skip
    head(figure, in_lines("\n".join(filter(None, (title, ", ".join(told)))), figure.get_figwidth()))
    return figure


def _strongest(one: xr.Dataset, f: Any) -> list[int]:
    """The strongest spectrum of up to eight frequencies."""
    size = np.hypot(one["symmetric"].values, one["antisymmetric"].values)
    apart = np.unique(np.round(f, -6))
    apart = apart[np.unique(np.linspace(0, apart.size - 1, min(apart.size, _TOLD)).astype(int))]
    return [int(max(np.flatnonzero(np.abs(f - at) < 2e6), key=lambda k: float(size[k]))) for at in apart]


def _said(one: xr.Dataset, name: str, words: str, unit: str) -> str:
    row = one.sel(parameter=name)
    return f"{words} {with_error(float(row['value']), float(row['error']))} {unit}".strip()


def measured_line(data: Measured, found: Results = None, *, title: str = "") -> Figure:
    """Numbers of many measurements with their errors, and the line or curve through them.

    Parameters
    ----------
    data
        Measurements that `found` is of; what is drawn stands in the result.
    found
        Result of `loop_shift`, `switching_current` or `st_fmr_series`.
    """
    one = found if isinstance(found, xr.Dataset) else None
    if one is not None and "middle" in one:
        return _shifts(one, title)
    if one is not None and "switching" in one:
        return _switching(one, title)
    one = _only(found, "inverse", "a result of loop_shift, switching_current or st_fmr_series")
    figure = Figure(figsize=(6.6, 4.2), layout="constrained")
    axes = figure.subplots()
    x, y, error, fitted = (np.asarray(one[f"{n}"].values, float) for n in
                           ("places", "inverse", "inverse_error", "inverse_fitted"))  # fmt: skip
    dots(axes, x, y, error, color=COLOURS[0], markersize=5)
    slope, start = np.polyfit(x, fitted, 1)
    ends = np.array([0.0, x.max()])
    axes.plot(ends, start + slope * ends, color=FIT_COLOUR, linewidth=1.1)
    finish(axes)
    axes.set_xlabel("ħ/(e µ₀ $M_s$ t d)")
    axes.set_ylabel("1/ξ of the resonance")
    told = ", ".join(_said(one, n, w, "") for n, w in (("xi_DL", "damping-like"), ("xi_FL", "field-like")))
    head(figure, in_lines("\n".join(filter(None, (title, told))), figure.get_figwidth()))
    return figure


def _shifts(one: xr.Dataset, title: str) -> Figure:
    figure = Figure(figsize=(7.6, 6.4), layout="constrained")
    upper, lower = figure.subplots(2, 1)
    current, beside, middle, error = (
        np.asarray(one[n].values, float) for n in ("loop_current", "loop_in_plane_field", "middle", "middle_error")
    )
    fields, shift, spread = (
        np.asarray(one[n].values, float) for n in ("in_plane_field", "shift_slope", "shift_slope_error")
    )
    (fx, ux), (fy, uy), (fb, ub) = readable(current, "A"), readable(middle, "T"), condition_scale(fields, "T")
    nearest = np.argmin(np.abs(beside[:, None] - fields), axis=1)
    for k in np.unique(np.linspace(0, fields.size - 1, min(fields.size, _TOLD)).astype(int)):
        on = np.flatnonzero(nearest == k)
        on = on[np.argsort(current[on])]
        colour = HEAT(0.0 if fields.size == 1 else k / (fields.size - 1))
        words = f"{fields[k] * fb:.4g} {ub}".replace("-", "−")
        dots(upper, current[on] * fx, middle[on] * fy, error[on] * fy, color=colour, markersize=4, label=words)
        start = float(np.mean(middle[on] - shift[k] * current[on]))
        upper.plot(current[on] * fx, (start + shift[k] * current[on]) * fy, color=colour, linewidth=1.0)
    upper.set_xlabel(label("current", ux))
    upper.set_ylabel(label("middle of the loop", uy))
    factor, text = readable(shift, "T/A")
    dots(lower, fields * fb, shift * factor, spread * factor, color=COLOURS[0], markersize=5)
    lower.axhline(0.0, color="0.6", linewidth=0.8, zorder=1)
    lower.set_xlabel(label("in-plane field", ub))
    lower.set_ylabel(label("shift per current", text))
    for axes in (upper, lower):
        finish(axes)
    legend(figure)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def _switching(one: xr.Dataset, title: str) -> Figure:
    figure = Figure(figsize=(6.8, 4.2), layout="constrained")
    axes = figure.subplots()
    width, beside, switched, error, fitted = (
        np.asarray(one[n].values, float)
        for n in ("pulse_width", "in_plane_field", "switching", "switching_error", "switching_fitted")
    )
    factor, text = readable(switched, "A")
    timed = np.ptp(np.log(width)) > 0.01 or not np.isfinite(beside).all()
    along, unit = readable(width, "s") if timed else condition_scale(beside, "T")
    x = (width if timed else np.abs(beside)) * along
    order = np.argsort(x)
    dots(axes, x, switched * factor, error * factor, color=COLOURS[0], markersize=5)
    axes.plot(x[order], fitted[order] * factor, color=FIT_COLOUR, linewidth=1.1)
    finish(axes)
    if timed and x.max() > 5 * x.min():
        axes.set_xscale("log")
    axes.set_xlabel(label("length of the pulse" if timed else "size of the in-plane field", unit))
    axes.set_ylabel(label("switching current", text))
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


def _only(found: Results, name: str, allowed: str) -> xr.Dataset:
    """The one result that has a curve of that name."""
    one: Any = found
    if not isinstance(found, xr.Dataset) and found:
        (one,) = list(found.values())[:1]
    if not isinstance(one, xr.Dataset) or name not in one:
        raise ParameterError(field="found", got=found, allowed=allowed)
    return one
