"""Magnets that move: loops, modes, orbits, trajectories on the sphere, phase diagrams, voltages at resonance."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from spinstack.figures.panels import HEAT
from spinstack.figures.style import (
    AXIS_COLOURS,
    COLOURS,
    angle_axis,
    from_base,
    head,
    heading,
    label,
    largest_of,
    plain,
    points,
    pretty_unit,
    quantity_name,
    readable,
    readable_axis,
    tidy,
)
from spinstack.text.errors import ParameterError

#: more curves than this are told apart by a colour bar
_KEYED = 6


def equilibrium(data: xr.Dataset, title: str = "") -> Figure:
    """Resistance and directions along a path of fields or currents, with arrows where the path goes.

    Parameters
    ----------
    data
        Result of ``equilibrium``; points at which magnets do not come to rest are open.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    data = data if "point" in data.dims else data.expand_dims("point")
    x, words = _path(data)
    magnets = [str(name) for name in np.atleast_1d(data["magnet"].values)]
    figure = Figure(figsize=(6.2, 3.4 + 2.0 * len(magnets)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(2 + len(magnets), 1, sharex=True))
    for axes, name in zip(panels, ("R_along", "R_across"), strict=False):
        values = data[name].values
        base, factor, unit, less = from_base(values, "Ohm")
        _directed(axes, x, (values - base) * factor, COLOURS[0])
        axes.set_ylabel(label(_R_WORDS[name] + less, unit, 22))
    for axes, name in zip(panels[2:], magnets, strict=True):
        m = data["m"].sel(magnet=name).values
        for i, a in enumerate("xyz"):
            _directed(axes, x, m[:, i], AXIS_COLOURS[a], f"$m_{a}$")
        axes.set_ylabel(f"m of {plain(name)}")
        axes.set_ylim(-1.08, 1.08)
    if not data["rests"].all():
        lost = ~data["rests"].values
        for axes, name in zip(panels[2:], magnets, strict=True):
            m = data["m"].sel(magnet=name).values[lost]
            axes.plot(np.repeat(x[lost], 3), m.reshape(-1), "o", mfc="none", color="0.3", label="not at rest")
    for axes in panels:
        tidy(axes)
    panels[-1].set_xlabel(words)
    handles, named = panels[2].get_legend_handles_labels()
    head(figure, heading(data, title), handles, named, 4)
    return figure


_R_WORDS = {"R_along": "R along the current", "R_across": "R across"}


def _path(data: xr.Dataset) -> tuple[np.ndarray, str]:
    """What changes along a path, and its label: a signed field, or the current."""
    if "field" in data.coords:
        factor, unit = readable(data["field"].values, "T")
        return data["field"].values * factor, label("magnetic field", unit)
    K = data["current"].values
    if np.ptp(K):
        factor, unit = readable(K, "A/m")
        return K * factor, label("sheet current density", unit)
    B = data["B"].values
    change = B - B.mean(0)
    axis = np.linalg.svd(change)[2][0] if change.any() else np.eye(3)[0]
    axis = axis * np.sign(axis[np.argmax(np.abs(axis))])
    strength = B @ axis
    factor, unit = readable(strength, "T")
    return strength * factor, label("magnetic field along its path", unit)


def _directed(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str, words: str | None = None) -> None:
    """A curve with arrows along it."""
    axes.plot(x, y, color=colour, label=words, **points(x))
    if len(x) < 5:
        return
    for k in {len(x) // 4, 3 * len(x) // 4}:
        if x[k] != x[k - 1]:
            axes.annotate("", (x[k], y[k]), (x[k - 1], y[k - 1]), arrowprops={"arrowstyle": "-|>", "color": colour})


def modes(data: xr.Dataset, title: str = "") -> Figure:
    """Frequency and linewidth of every mode along a path; unstable points are crosses.

    Parameters
    ----------
    data
        Result of ``modes``.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    data = data if "point" in data.dims else data.expand_dims("point")
    x, words = _path(data)
    figure = Figure(figsize=(6.2, 5.4), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True)
    for axes, name in zip(panels, ("frequency", "linewidth"), strict=True):
        factor, unit = readable(data[name].values, "Hz")
        for mode in range(data.sizes["mode"]):
            colour = COLOURS[mode % len(COLOURS)]
            values = data[name].values[:, mode] * factor
            axes.plot(x, values, color=colour, label=f"mode {mode + 1}", **points(x))
            bad = ~data["stable"].values[:, mode].astype(bool)
            if bad.any():
                axes.plot(x[bad], values[bad], "x", color=colour, markersize=6)
        axes.set_ylabel(label({"frequency": "frequency", "linewidth": "linewidth (full)"}[name], unit))
        tidy(axes)
    panels[-1].set_xlabel(words)
    handles, named = panels[0].get_legend_handles_labels()
    head(figure, heading(data, title), handles if len(handles) > 1 else (), named if len(handles) > 1 else (), 4)
    return figure


def oscillation(data: xr.Dataset, title: str = "") -> Figure:
    """Frequency, size and middle of the orbits against current.

    Parameters
    ----------
    data
        Result of ``oscillation``.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    data = data if "current" in data.dims else data.expand_dims("current")
    factor, unit = readable(data["current"].values, "A/m")
    x = data["current"].values * factor
    figure = Figure(figsize=(6.2, 6.6), layout="constrained")
    panels = figure.subplots(3, 1, sharex=True)
    scale, unit_f = readable(data["frequency"].values, "Hz")
    several = data.sizes["magnet"] > 1
    for i, name in enumerate(map(str, data["magnet"].values)):
        style = {"linestyle": ("-", "--", ":")[i % 3]}
        add = f" of {plain(name)}" if several else ""
        f = data["frequency"].values[:, i] * scale
        panels[0].plot(x, f, color=COLOURS[i % len(COLOURS)], **points(x) | style)
        for k, a in enumerate("xyz"):
            colour = AXIS_COLOURS[a]
            amplitude, mean = data["amplitude"].values[:, i, k], data["mean_m"].values[:, i, k]
            panels[1].plot(x, amplitude, color=colour, label=f"$m_{a}${add}", **points(x) | style)
            panels[2].plot(x, mean, color=colour, **points(x) | style)
    panels[0].set_ylabel(label("frequency", unit_f))
    # magnets at rest are flat lines, not their rounding
    panels[1].set_ylim(top=max(panels[1].get_ylim()[1], 0.01))
    panels[1].set_ylabel("amplitude of m")
    panels[2].set_ylabel("mean of m")
    for axes in panels:
        tidy(axes)
    panels[-1].set_xlabel(label("sheet current density", unit))
    head(figure, heading(data, title), *panels[1].get_legend_handles_labels())
    return figure


def critical_current(data: xr.Dataset, title: str = "") -> Figure:
    """A critical current against field; what comes after an instability is a cross.

    Parameters
    ----------
    data
        Result of a ``[[critical_current]]`` table: critical_current over field.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    kind = str(data.attrs.get("kind", "critical"))
    if "field" not in data.dims:
        raise ParameterError(where="critical_current", field="data", got=dict(data.sizes), allowed="several fields")
    figure = Figure(figsize=(6.2, 3.6), layout="constrained")
    axes = figure.subplots()
    x_factor, x_unit = readable(data["field"].values, "T")
    factor, unit = readable(data["critical_current"].values, "A/m")
    x, values = data["field"].values * x_factor, data["critical_current"].values * factor
    axes.plot(x, values, color=COLOURS[0], **points(x))
    beyond = ~data["stable"].values.astype(bool)
    if beyond.any():
        axes.plot(x[beyond], values[beyond], "x", color=COLOURS[1], label="after an instability")
    axes.set_xlabel(label("magnetic field", x_unit))
    axes.set_ylabel(label(f"{kind} current", unit))
    tidy(axes)
    head(figure, heading(data, title), *axes.get_legend_handles_labels())
    return figure


def trace(data: xr.Dataset, title: str = "") -> Figure:
    """Magnets in time: components against time, the current, and the way on the sphere seen from two sides.

    Parameters
    ----------
    data
        Result of ``trace``; of several currents or runs each has its colour.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    lanes, colours, bar = _lanes(data)
    magnets = [str(name) for name in np.atleast_1d(data["magnet"].values)]
    figure = Figure(figsize=(10.0, 1.6 + 3.4 * len(magnets)), layout="constrained")
    grid = figure.add_gridspec(len(magnets) + 1, 4, height_ratios=[3.0] * len(magnets) + [1.1])
    ways = [[figure.add_subplot(grid[i, column]) for column in (2, 3)] for i in range(len(magnets))]
    times = [figure.add_subplot(grid[i, :2]) for i in range(len(magnets))]
    flowing = figure.add_subplot(grid[-1, :2])
    factor, unit = readable(data["time"].values, "s")
    t = data["time"].values * factor
    for i, name in enumerate(magnets):
        axes = times[i]
        for one, colour in zip(lanes, colours, strict=True):
            m = one["m"].sel(magnet=name).values
            for k, a in enumerate("xyz"):
                style = {"color": AXIS_COLOURS[a]} if len(lanes) == 1 else {"color": colour}
                axes.plot(t, m[:, k], linestyle=("-", "--", ":")[k], linewidth=1.2, **style)
            for way, (p, q) in zip(ways[i], ((0, 1), (1, 2)), strict=True):
                _on_sphere(way, m, p, q, colour)
        for k, a in enumerate("xyz"):
            axes.plot([], [], linestyle=("-", "--", ":")[k], label=f"$m_{a}$",
                      color=AXIS_COLOURS[a] if len(lanes) == 1 else "0.3")  # fmt: skip
        axes.set_ylabel(f"m of {plain(name)}")
        axes.set_ylim(-1.08, 1.08)
        tidy(axes)
        axes.tick_params(labelbottom=False)
    flows = data["current"].values.reshape(len(t), -1)
    k_factor, k_unit = readable(flows, "A/m")
    for k in range(flows.shape[1]):
        flowing.plot(t, flows[:, k] * k_factor, color="0.3", linewidth=1.0)
    flowing.set_xlabel(label("time", unit))
    flowing.set_ylabel(label("current", k_unit, 14))
    tidy(flowing)
    if bar is not None:
        found = figure.colorbar(bar[0], ax=[way[1] for way in ways], shrink=0.8, pad=0.03)
        found.set_label(bar[1])
    head(figure, heading(data, title, 10.0), *times[0].get_legend_handles_labels())
    return figure


def _lanes(data: xr.Dataset) -> tuple[list[xr.Dataset], list[Any], tuple[ScalarMappable, str] | None]:
    """Every trajectory, its colour, and the colour bar where they belong to a series of currents."""
    dims = [str(d) for d in data["m"].dims if d not in ("time", "magnet", "component")]
    if not dims:
        return [data], [COLOURS[0]], None
    stacked = data.stack(lane=dims)
    lanes = [stacked.isel(lane=k) for k in range(stacked.sizes["lane"])]
    if "amplitude" not in dims:
        return lanes, [HEAT(k / max(len(lanes) - 1, 1)) for k in range(len(lanes))], None
    K = np.array([float(one["amplitude"]) for one in lanes])
    factor, unit = readable(K, "A/m")
    norm = Normalize(K.min() * factor, K.max() * factor)
    return lanes, [HEAT(norm(v * factor)) for v in K], (ScalarMappable(norm, HEAT), label("current", unit))


def _on_sphere(axes: Axes, m: np.ndarray, p: int, q: int, colour: Any) -> None:
    """The way of m seen along the third axis: bright in front, pale behind."""
    if not axes.lines:
        turn = np.linspace(0, 2 * np.pi, 181)
        axes.plot(np.cos(turn), np.sin(turn), color="0.7", linewidth=0.8)
        axes.set_aspect("equal")
        axes.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        axes.set_xlabel(f"$m_{'xyz'[p]}$")
        axes.set_ylabel(f"$m_{'xyz'[q]}$", labelpad=0)
        axes.tick_params(labelsize=8)
        axes.spines[:].set_visible(False)
    away = 3 - p - q
    behind = m[:, away] < 0
    for hidden, alpha in ((behind, 0.35), (~behind, 1.0)):
        values = np.where(hidden[:, None], m, np.nan)
        axes.plot(values[:, p], values[:, q], color=colour, linewidth=1.0, alpha=alpha)
    axes.plot(*m[0, [p, q]], "o", color=colour, markersize=4, mfc="white")
    axes.plot(*m[-1, [p, q]], "o", color=colour, markersize=4)


def spectrum(data: xr.Dataset, title: str = "") -> Figure:
    """Power spectral densities of the components of each magnet and of the resistance, logarithmic.

    Parameters
    ----------
    data
        Result of ``spectrum``; of several currents the first and the last are drawn.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    magnets = [str(name) for name in np.atleast_1d(data["magnet"].values)]
    batch = [str(d) for d in data["m"].dims if d not in ("magnet", "component", "frequency")]
    ends = data.stack(lane=batch).isel(lane=[0, -1]) if batch else data.expand_dims("lane")
    lanes = [ends.isel(lane=k) for k in range(min(ends.sizes["lane"], 2 if batch else 1))]
    figure = Figure(figsize=(6.2, 2.6 + 2.2 * len(magnets)), layout="constrained")
    panels = figure.subplots(len(magnets) + 1, 1, sharex=True)
    factor, unit = readable(data["frequency"].values, "Hz")
    f = data["frequency"].values[1:] * factor
    for one, dash in zip(lanes, ("-", "--"), strict=False):
        said = ""
        if batch and "amplitude" in one.coords:
            k_factor, k_unit = readable(float(one["amplitude"]), "A/m")
            said = f" at {float(one['amplitude']) * k_factor:.4g} {k_unit}"
        for axes, name in zip(panels, magnets, strict=False):
            for a in "xyz":
                values = one["m"].sel(magnet=name, component=a).values[1:]
                if values.any():
                    axes.loglog(f, values, dash, color=AXIS_COLOURS[a], linewidth=1.2, label=f"$m_{a}${said}")
            axes.set_ylabel(label(f"density, m of {plain(name)}", pretty_unit("1/Hz"), 20))
        for name, colour in (("R_along", COLOURS[3]), ("R_across", COLOURS[4])):
            values = one[name].values[1:]
            if values.any():
                panels[-1].loglog(f, values, dash, color=colour, linewidth=1.2, label=f"{_R_WORDS[name]}{said}")
    panels[-1].set_ylabel(label("density, R", pretty_unit("Ohm^2/Hz"), 20))
    panels[-1].set_xlabel(label("frequency", unit))
    for axes in panels:
        tidy(axes)
    keys = [panels[0].get_legend_handles_labels(), panels[-1].get_legend_handles_labels()]
    head(figure, heading(data, title), keys[0][0] + keys[1][0], keys[0][1] + keys[1][1], 3)
    return figure


def switching_map(data: xr.Dataset, title: str = "") -> Figure:
    """Where magnets end: the component of m that was largest before, over one or two axes; of several runs the share.

    Parameters
    ----------
    data
        Result of ``switching_map`` over one axis (a curve) or two; of more, one picture a value cannot be drawn.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    axes_names = [str(d) for d in data["switched"].dims if d != "magnet"]
    if len(axes_names) not in (1, 2):
        raise ParameterError(where="switching_map", field="data", got=axes_names, allowed="one or two axes")
    # an axis of one value has no width to be drawn over: it is told
    one_value = [name for name in axes_names if data.sizes[name] == 1][: len(axes_names) - 1]
    said = []
    for name in one_value:
        factor, unit, _ = readable_axis(data[name].values, str(data[name].attrs["units"]))
        said.append(f"{_axis_words(name)} = {data[name].values[0] * factor:.4g} {unit}")
    data, axes_names = data.isel(dict.fromkeys(one_value, 0)), [name for name in axes_names if name not in one_value]
    magnets = [str(name) for name in data["magnet"].values]
    runs = "run" in data["m"].dims
    figure = Figure(figsize=(6.2, 1.0 + 3.8 * len(magnets)), layout="constrained")
    panels = figure.subplots(len(magnets), 1, squeeze=False)[:, 0]
    for axes, name in zip(panels, magnets, strict=True):
        one = data.sel(magnet=name)
        k = int(np.argmax(np.abs(one["start"].transpose(..., "component").values.reshape(-1, 3)).mean(0)))
        shown = one["switched"] if runs else one["m"].isel(component=k)
        words = "share of runs that switched" if runs else f"$m_{'xyz'[k]}$ of {plain(name)} at the end"
        x_factor, x_unit, _ = readable_axis(data[axes_names[0]].values, str(data[axes_names[0]].attrs["units"]))
        x = data[axes_names[0]].values * x_factor
        if len(axes_names) == 1:
            axes.plot(x, shown.values, color=COLOURS[0], **points(x))
            axes.set_ylabel(label(words, ""))
            tidy(axes)
        else:
            y_factor, y_unit, _ = readable_axis(data[axes_names[1]].values, str(data[axes_names[1]].attrs["units"]))
            values = shown.transpose(axes_names[1], axes_names[0]).values
            limits: dict[str, Any] = {"cmap": "viridis", "vmin": 0, "vmax": 1}
            limits = limits if runs else {"cmap": "RdBu_r", "vmin": -1, "vmax": 1}
            mesh = axes.pcolormesh(x, data[axes_names[1]].values * y_factor, values, shading="nearest", rasterized=True,
                                   **limits)  # fmt: skip
            figure.colorbar(mesh, ax=axes).set_label(words)
            axes.set_ylabel(label(_axis_words(axes_names[1]), y_unit))
        axes.set_xlabel(label(_axis_words(axes_names[0]), x_unit))
    head(figure, "\n".join(filter(None, (heading(data, title), ", ".join(said)))))
    return figure


def _axis_words(name: str) -> str:
    words = {"current": "sheet current density", "plateau": "length of the pulse", "rise": "rise of the pulse"}
    return words.get(name, f"${name[0]}_{name[1]}$" if name[0] == "B" and len(name) == 2 else quantity_name(name))


def harmonic_hall(data: xr.Dataset, title: str = "") -> Figure:
    """First and second harmonic along and across the current: against the angle, or the field where it has more points.

    Parameters
    ----------
    data
        Result of ``harmonic_hall``.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    turning = data.sizes["angle"] >= data.sizes["field"]
    along, others = ("angle", "field") if turning else ("field", "angle")
    figure = Figure(figsize=(9.0, 5.4), layout="constrained")
    panels = figure.subplots(2, 2, sharex=True)
    x = data[along].values
    x_factor, x_unit = (1.0, "°") if turning else readable(x, "T")
    for row, name in zip(panels, ("first_harmonic", "second_harmonic"), strict=True):
        for axes, channel in zip(row, ("along", "across"), strict=True):
            values = data[name].sel(channel=channel).transpose(others, along).values
            base, factor, unit, less = from_base(values, "Ohm")
            _series(axes, x * x_factor, (values - base) * factor, data[others].values, "T" if turning else "deg")
            word = {"first_harmonic": "$V_ω/I$", "second_harmonic": "$V_{2ω}/I$"}[name]
            axes.set_ylabel(label(f"{word} {channel}" + less, unit, 30))
            tidy(axes)
            if turning:
                angle_axis(axes, x)
    for axes in panels[-1]:
        axes.set_xlabel(label(f"angle {data['plane'].item()} of the field" if turning else "magnetic field", x_unit))
    handles, words = panels[0, 0].get_legend_handles_labels()
    if not handles and data.sizes[others] > 1:
        _bar(figure, panels, data[others].values, "T" if turning else "deg", "field" if turning else "angle")
    head(figure, heading(data, title, 9.0), handles, words, 6)
    return figure


def _series(axes: Axes, x: np.ndarray, curves: Any, of: np.ndarray, unit: str) -> None:
    """Curves of a series of numbers, dark to bright, with a key where they are few."""
    factor, text = readable(of, unit)
    for k, (curve, value) in enumerate(zip(curves, of, strict=True)):
        words = f"{value * factor:.4g} {text}" if 1 < len(of) <= _KEYED else None
        axes.plot(x, curve, color=HEAT(k / max(len(of) - 1, 1)), label=words, **points(x))


def _bar(figure: Figure, panels: Any, of: np.ndarray, unit: str, words: str) -> None:
    factor, text = readable(of, unit)
    mappable = ScalarMappable(Normalize(of.min() * factor, of.max() * factor), HEAT)
    figure.colorbar(mappable, ax=panels, shrink=0.8, pad=0.02).set_label(label(words, text))


def loop_shift(data: xr.Dataset, title: str = "") -> Figure:
    """The fields at which a perpendicular magnet leaves, and the middle of the loop, against current.

    Parameters
    ----------
    data
        Result of ``loop_shift`` over several currents.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    data = data if "current" in data.dims else data.expand_dims("current")
    figure = Figure(figsize=(6.2, 5.2), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True)
    factor, unit = readable(data["current"].values, "A/m")
    x = data["current"].values * factor
    both = np.concatenate([data["leaves_up"].values, data["leaves_down"].values])
    scale, text = readable(both, "T")
    for name, words, colour in (("leaves_up", "leaves up", COLOURS[0]), ("leaves_down", "leaves down", COLOURS[1])):
        panels[0].plot(x, data[name].values * scale, color=colour, label=words, **points(x))
    panels[0].set_ylabel(label("$B_z$", text))
    scale, text = readable(data["shift"].values, "T")
    panels[1].plot(x, data["shift"].values * scale, color=COLOURS[2], **points(x))
    panels[1].set_ylabel(label("shift of the loop", text))
    panels[1].set_xlabel(label("sheet current density", unit))
    for axes in panels:
        tidy(axes)
    head(figure, heading(data, title), *panels[0].get_legend_handles_labels())
    return figure


def spin_torque_fmr(data: xr.Dataset, title: str = "") -> Figure:
    """The dc field along and across the current, rectified and pumped, against the field, or the angle or frequency.

    Parameters
    ----------
    data
        Result of ``spin_torque_fmr``; what has most points is the axis, the first value of what is neither that nor the
        series of curves is drawn and named.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    names = sorted(("field", "frequency", "angle"), key=lambda n: -data.sizes[n])
    along, series, rest = names
    one = data.isel({rest: 0})
    units = {"field": "T", "frequency": "Hz", "angle": "deg"}
    x = data[along].values
    x_factor, x_unit = readable(x, units[along])
    figure = Figure(figsize=(9.0, 5.6), layout="constrained")
    panels = figure.subplots(2, 2, sharex=True)
    for row, name in zip(panels, ("rectified", "pumped"), strict=True):
        for axes, channel in zip(row, ("along", "across"), strict=True):
            values = one[name].sel(channel=channel).transpose(series, along).values
            factor, unit = readable(values, "V/m") if largest_of(values) else (1.0, "V/m")
            _series(axes, x * x_factor, values * factor, data[series].values, units[series])
            axes.set_ylabel(label(f"{name} field {channel}", unit, 30))
            tidy(axes)
    for axes in panels[-1]:
        axes.set_xlabel(label({"field": "magnetic field"}.get(along, along), x_unit))
    handles, words = panels[0, 0].get_legend_handles_labels()
    if not handles and data.sizes[series] > 1:
        _bar(figure, panels, data[series].values, units[series], series)
    factor, unit = readable(data[rest].values[:1], units[rest])
    said = f"{rest} {data[rest].values[0] * factor:.4g} {unit}"
    head(figure, "\n".join(filter(None, (heading(data, title, 9.0), said))), handles, words, 6)
    return figure
