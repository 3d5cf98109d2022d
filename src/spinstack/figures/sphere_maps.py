"""Torques over the sphere of magnetisation directions, on an equal-area map of that sphere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from spinstack.figures.style import head, heading, in_lines, label, plain, readable
from spinstack.text.errors import ParameterError

#: the view: m = +x in the middle, +z at the top, and the directions worth a mark with where their letters stand
_MARKS = {
    "+x": (1, 0, 0),
    "+y": (0, 1, 0),
    "−y": (0, -1, 0),
    "+z": (0, 0, 1),
    "−z": (0, 0, -1),
}
_ROWS, _COLUMNS = 121, 241


def torque_maps(data: xr.Dataset | Mapping[str, xr.Dataset], title: str = "") -> Figure:
    """Torque of one or several maps: size with arrows, and its polar and azimuthal components, one row a map.

    Parameters
    ----------
    data
        Result of ``torque_map`` or ``torque_data`` (variables torque, m, E over `direction`), or several by name, which
        share one colour scale a column. Between the given directions the torque is interpolated; where there is none
        nearby the map stays grey.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    maps: dict[str, xr.Dataset] = (
        {str(k): v for k, v in data.items()} if not isinstance(data, xr.Dataset) else {"": data}
    )
    if not maps:
        raise ParameterError(where="torque_maps", field="data", got=data, allowed="a Dataset, or several by name")
    drawn = {name: _Drawn(d) for name, d in maps.items()}
    largest = max(d.largest for d in drawn.values())
    unit = str(next(iter(maps.values()))["torque"].attrs.get("units", "N/V"))
    factor, unit_text = readable(largest, unit)
    reach = largest * factor or 1.0
    figure = Figure(figsize=(10.5, 1.0 + 1.85 * len(maps)), layout="constrained")
    panels = figure.subplots(len(maps), 3, squeeze=False)
    columns = (
        ("$|T|$ and direction", "viridis", 0.0),
        (r"$T_\theta$", "RdBu_r", -reach),
        (r"$T_\varphi$", "RdBu_r", -reach),
    )
    meshes: list[Any] = [None] * 3
    for row, (name, one) in zip(panels, drawn.items(), strict=True):
        for i, (axes, values) in enumerate(zip(row, one.columns(), strict=True)):
            meshes[i] = _paint(axes, values * factor, columns[i][1], columns[i][2], reach)
            _frame(axes, one.field)
        _arrows(row[0], one, largest)
        if name:
            row[0].text(
                -0.04, 0.5, plain(name), transform=row[0].transAxes, rotation=90, ha="right", va="center", fontsize=10
            )
    for i, (words, _, _) in enumerate(columns):
        bar = figure.colorbar(meshes[i], ax=list(panels[:, i]), location="bottom", shrink=0.75, aspect=28, pad=0.03)
        bar.set_label(label(words, unit_text))
        bar.ax.tick_params(labelsize=8)
    head(figure, heading(next(iter(maps.values())), title))
    return figure


def torque_functions(fields: Mapping[str, xr.Dataset], columns: int = 2, title: str = "") -> Figure:
    """Several torque fields side by side, size with arrows, each with its own colour scale from zero to its largest.

    Parameters
    ----------
    fields
        Name -> dataset as in :func:`torque_maps`; for example the functions of an expansion, or computed and fitted.
    columns
        Panels in a row.
    """
    if not fields:
        raise ParameterError(where="torque_functions", field="fields", got=fields, allowed="datasets by name")
    columns = min(columns, len(fields))
    rows = -(-len(fields) // columns)
    figure = Figure(figsize=(4.1 * columns, 2.1 * rows + (0.4 if title else 0.1)), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes in panels.flat[len(fields) :]:
        axes.set_axis_off()
    for axes, (name, data) in zip(panels.flat, fields.items(), strict=False):
        one = _Drawn(data)
        factor, unit = readable(one.largest, str(data["torque"].attrs.get("units", "N/V")))
        mesh = _paint(axes, one.columns()[0] * factor, "viridis", 0.0, one.largest * factor or 1.0)
        _frame(axes, one.field)
        _arrows(axes, one, one.largest)
        axes.set_title(plain(name), fontsize=10, pad=14)
        bar = figure.colorbar(mesh, ax=axes, location="right", shrink=0.75, aspect=18, pad=0.02)
        bar.set_label(label("$|T|$", unit), fontsize=9)
        bar.ax.tick_params(labelsize=8)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


class _Drawn:
    """A torque map brought to the pixels of the figure."""

    def __init__(self, data: xr.Dataset) -> None:
        self.m = np.asarray(data["m"].transpose("direction", ...).values, float)
        self.torque = np.asarray(data["torque"].transpose("direction", ...).values, float)
        fields = np.asarray(data["E"].values, float)
        if np.ptp(fields, axis=0).max() > 1e-9:
            why, remedy = "several fields in one dataset", "Draw one field at a time."
            raise ParameterError(why, where="torque map", field="E", remedy=remedy)
        self.field = fields[0]
        self.largest = float(np.linalg.norm(self.torque, axis=-1).max())
        tree = cKDTree(self.m)
        self._tree = tree
        self._reach = 0.0
        if len(self.m) > 3:
            # a typical cell of the set; outside it nothing was computed or measured
            self._reach = 2.0 * float(np.median(tree.query(self.m, k=4)[0][:, -1]))

    def at(self, m: np.ndarray) -> np.ndarray:
        """Torque (..., 3) at m (..., 3), NaN far from the data."""
        flat = m.reshape(-1, 3)
        distance, nearest = self._tree.query(flat)
        if len(self.m) > 8 and np.linalg.matrix_rank(self.m - self.m.mean(0), tol=1e-6) == 3:
            near = None if len(self.m) <= 1500 else 40
            values = RBFInterpolator(self.m, self.torque, neighbors=near, kernel="linear", degree=0)(flat)
        else:
            values = self.torque[nearest]
        values = np.where((distance <= self._reach)[:, None], values, np.nan)
        return values.reshape(m.shape)

    def columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        longitude, latitude = _pixels()
        T = self.at(_direction(longitude, latitude))
        polar, azimuthal = _tangents(longitude, latitude)
        return np.linalg.norm(T, axis=-1), np.sum(T * polar, -1), np.sum(T * azimuthal, -1)


def _pixels() -> tuple[np.ndarray, np.ndarray]:
    latitude = (np.arange(_ROWS) + 0.5) / _ROWS * np.pi - np.pi / 2
    longitude = (np.arange(_COLUMNS) + 0.5) / _COLUMNS * 2 * np.pi - np.pi
    grid = np.meshgrid(longitude, latitude)
    return grid[0], grid[1]


def _direction(longitude: Any, latitude: Any) -> np.ndarray:
    c = np.cos(latitude)
    return np.stack([c * np.cos(longitude), c * np.sin(longitude), np.sin(latitude)], -1)


def _tangents(longitude: Any, latitude: Any) -> tuple[np.ndarray, np.ndarray]:
    s = np.sin(latitude)
    polar = np.stack([s * np.cos(longitude), s * np.sin(longitude), -np.cos(latitude)], -1)
    return polar, np.stack([-np.sin(longitude), np.cos(longitude), np.zeros_like(s)], -1)


def _hammer(longitude: Any, latitude: Any) -> tuple[Any, Any]:
    """Hammer's equal-area projection of the sphere into the ellipse with half axes 2 sqrt 2 and sqrt 2."""
    depth = np.sqrt(1 + np.cos(latitude) * np.cos(longitude / 2))
    return 2 * np.sqrt(2) * np.cos(latitude) * np.sin(longitude / 2) / depth, np.sqrt(2) * np.sin(latitude) / depth


def _paint(axes: Axes, values: np.ndarray, colours: str, low: float, high: float) -> Any:
    longitude = np.linspace(-np.pi, np.pi, _COLUMNS + 1)
    latitude = np.linspace(-np.pi / 2, np.pi / 2, _ROWS + 1)
    x, y = _hammer(*np.meshgrid(longitude, latitude))
    rim = np.linspace(-np.pi / 2, np.pi / 2, 181)
    edge = [np.concatenate(p) for p in zip(_hammer(-np.pi, rim), _hammer(np.pi, rim[::-1]), strict=True)]
    axes.fill(*edge, facecolor="0.8", edgecolor="none")
    mesh = axes.pcolormesh(x, y, np.ma.masked_invalid(values), cmap=colours, vmin=low, vmax=high, rasterized=True)
    axes.plot(*edge, color="0.3", linewidth=0.8)
    return mesh


def _frame(axes: Axes, field: np.ndarray) -> None:
    """Graticule, the axes of the film, and the field."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set(xlim=(-3.15, 3.15), ylim=(-1.72, 1.72))
    t = np.linspace(-1, 1, 121)
    for degrees in (-90, 0, 90):
        axes.plot(*_hammer(np.deg2rad(degrees) + 0 * t, t * np.pi / 2), color="white", alpha=0.45, linewidth=0.6)
    for degrees in (-45, 0, 45):
        axes.plot(*_hammer(t * np.pi, np.deg2rad(degrees) + 0 * t), color="white", alpha=0.45, linewidth=0.6)
    for name, (mx, my, mz) in _MARKS.items():
        x, y = _hammer(np.arctan2(my, mx), np.arcsin(mz))
        if mz:
            axes.text(x, y + 0.07 * mz, name, ha="center", va="bottom" if mz > 0 else "top", fontsize=8)
        else:
            axes.plot(x, y, "o", color="white", markeredgecolor="black", markersize=3.5, markeredgewidth=0.6, zorder=4)
            box = {"facecolor": "white", "alpha": 0.9, "edgecolor": "none", "pad": 0.8}
            axes.text(x, y - 0.13, name, ha="center", va="top", fontsize=7.5, zorder=5, bbox=box)
    for side, where in ((-1, "right"), (1, "left")):
        axes.text(side * 2.9, 0, "−x", ha=where, va="center", fontsize=8)
    x, y = _hammer(np.arctan2(field[1], field[0]), 0.0)
    axes.plot(x, y, "*", color="#E69F00", markeredgecolor="black", markersize=10, markeredgewidth=0.6, zorder=6)
    axes.text(2.8, -1.5, "★", ha="right", va="center", fontsize=8, color="#E69F00")
    axes.text(2.85, -1.5, "E", ha="left", va="center", fontsize=8)


def _arrows(axes: Axes, one: _Drawn, largest: float) -> None:
    """Arrows along the torque: true direction on the map, length as the size of the torque."""
    longitude, latitude = [], []
    for degrees in (-65, -40, -18, 0, 18, 40, 65):
        count = max(4, round(16 * np.cos(np.deg2rad(degrees))))
        longitude += list(((np.arange(count) + 0.5) / count * 2 * np.pi - np.pi) * 0.94)
        latitude += [np.deg2rad(degrees)] * count
    lon, lat = np.array(longitude), np.array(latitude)
    T = one.at(_direction(lon, lat))
    polar, azimuthal = _tangents(lon, lat)
    h = 1e-4
    x, y = _hammer(lon, lat)
    step = h / (largest or 1.0)
    x1, y1 = _hammer(lon + step * np.sum(T * azimuthal, -1) / np.cos(lat), lat - step * np.sum(T * polar, -1))
    u, v, size = (x1 - x) / h, (y1 - y) / h, np.linalg.norm(T, axis=-1) / (largest or 1.0)
    length = np.hypot(u, v)
    shown = np.isfinite(length) & (size > 0.02) & (length > 0)
    if not shown.any():
        return
    stretch = 0.36 * (size[shown] / length[shown])
    axes.quiver(
        x[shown], y[shown], u[shown] * stretch, v[shown] * stretch, angles="xy", scale_units="xy", scale=1.0,
        pivot="mid", color="white", edgecolor="black", linewidth=0.4, width=0.0062, headwidth=3.8, headlength=4.4,
        headaxislength=4.0, zorder=3,
    )  # fmt: skip
