"""Panels of curves over one axis: rows with a common scale, families of curves, what is the same for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spinstack.figures.style import AXIS_COLOURS, geometric, head, largest_of, points, readable, steady_limits, tidy

#: more curves than this are told apart by a colour bar
_KEYED = 8
#: from cold to hot, brighter all the way; more hues than the usual maps, so that neighbours among eight stay apart
HEAT = LinearSegmentedColormap.from_list("heat", ["#0b1f5c", "#2166ac", "#8a4fbf", "#dd4a5a", "#f9a83a"])
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (5, 1.5, 1.2, 1.5)), (0, (1.2, 1.2)))


@dataclass(frozen=True)
class Row:
    """Panels side by side that share a vertical axis."""

    values: Any  # (curves, columns, x), in the unit of the label
    words: str
    styles: Sequence[dict[str, Any]]
    #: the size of what the values are small changes of
    scale: float = 0.0
    #: factor and label of a second axis on the right
    right: tuple[float, str] | None = None
    zero: bool = False
    #: lines across, with the text at their end
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Family:
    """Curves that belong to a series of numbers, dark to bright."""

    values: Any
    symbol: str
    unit: str

    @property
    def keyed(self) -> bool:
        return self.values.size <= _KEYED

    def norm(self) -> Normalize:
        low, high = float(np.min(self.values)), float(np.max(self.values))
        return (LogNorm if geometric(np.sort(self.values)) else Normalize)(low, high)

    def styles(self) -> list[dict[str, Any]]:
        n = self.values.size
        shares = np.argsort(np.argsort(self.values)) / max(n - 1, 1) if self.keyed else self.norm()(self.values)
        words = [f"{v:.4g} {self.unit}".replace("-", "−") if self.keyed else None for v in self.values]
        return [{"color": HEAT(float(s)), "label": w} for s, w in zip(shares, words, strict=True)]

    def bar(self, figure: Figure, panels: Any) -> None:
        bar = figure.colorbar(ScalarMappable(self.norm(), HEAT), ax=panels, shrink=0.8, aspect=35, pad=0.02)
        bar.set_label(f"{self.symbol} ({self.unit})")


def tesla(values: Any) -> tuple[float, str]:
    """Factor and unit text of fields [T]."""
    return (1.0, "T") if largest_of(values) >= 0.1 else readable(values, "T")


def draw_panels(
    rows: Sequence[Row], x: Any, x_words: str, columns: Sequence[str], family: Family | None, above: str,
    field: Any = None,
) -> Figure:  # fmt: skip
    """Panels over x, rows of them with a common vertical axis; below them `field` (x, 3) [T], for one column only."""
    n_columns = rows[0].values.shape[1]
    n_rows = len(rows) + (field is not None)
    width = 6.2 if n_columns == 1 else 1.6 + 3.1 * n_columns
    height = 0.9 + (2.5 if n_rows <= 3 else 1.9) * n_rows
    figure = Figure(figsize=(width, max(height, 3.6)), layout="constrained")
    grid = figure.subplots(n_rows, n_columns, sharex=True, sharey="row", squeeze=False)
    logarithmic = field is None and geometric(np.asarray(x, dtype=float))
    for row, panels in zip(rows, grid, strict=False):
        for k, axes in enumerate(panels):
            for curve, style in zip(row.values[:, k], row.styles, strict=True):
                axes.plot(x, curve, **points(x) | style)
            if row.zero:
                axes.axhline(0.0, color="0.5", linewidth=0.8, zorder=1)
            for value, words in row.marks:
                axes.axhline(value, color="0.35", linewidth=0.9, linestyle=":", zorder=1)
                axes.annotate(words, (1.0, value), xycoords=("axes fraction", "data"), xytext=(4, 0),
                              textcoords="offset points", va="center", fontsize=9)  # fmt: skip
            tidy(axes)
            steady_limits(axes, list(row.values.reshape(-1, x.size)), row.scale)
            axes.yaxis.set_major_locator(MaxNLocator(6))
            axes.ticklabel_format(axis="y", useOffset=False)
        panels[0].set_ylabel(row.words)
        if row.right is not None:
            _second_axis(panels[-1], *row.right)
    if field is not None:
        _components(grid[-1, 0], x, field)
    if logarithmic:
        grid[0, 0].set_xscale("log")
    for axes in grid[-1]:
        axes.set_xlabel(x_words)
    if len(columns) > 1:
        for axes, name in zip(grid[0], columns, strict=True):
            axes.set_title(name, fontsize=10)
    _legends(figure, grid, family, above)
    return figure


def _second_axis(axes: Axes, factor: float, words: str) -> None:
    def there(values: Any) -> Any:
        return values * factor

    def back(values: Any) -> Any:
        return values / factor

    right = axes.secondary_yaxis("right", functions=(there, back))
    right.set_ylabel(words)
    right.tick_params(labelsize=9)
    right.yaxis.set_major_locator(MaxNLocator(6))


def _components(axes: Axes, x: Any, field: Any) -> None:
    factor, unit = tesla(field)
    for i, a in enumerate("xyz"):
        style = {"color": AXIS_COLOURS[a], "linestyle": DASHES[i], "label": f"$B_{a}$"}
        axes.plot(x, field[:, i] * factor, **points(x) | style)
    tidy(axes)
    axes.set_ylabel(f"field ({unit})")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _legends(figure: Figure, grid: Any, family: Family | None, above: str) -> None:
    if family is not None:
        head(figure, above)
        if family.keyed:
            handles, words = grid[0, 0].get_legend_handles_labels()
            figure.legend(handles, words, loc="outside right center", frameon=False, title=family.symbol)
        else:
            family.bar(figure, grid)
        return
    named: dict[str, Any] = {}
    for axes in grid[:, 0]:
        if axes.get_legend() is None:
            for handle, word in zip(*axes.get_legend_handles_labels(), strict=True):
                named.setdefault(word, handle)
    head(figure, above, list(named.values()), list(named), columns=min(4, len(named)))
