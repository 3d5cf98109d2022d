"""Films on magnetic insulators: scans of field and temperature, conductances of the face, regimes of the slope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize, SymLogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spinstack.figures.style import (
    AXIS_COLOURS,
    COLOURS,
    geometric,
    heading,
    label,
    points,
    pretty_unit,
    quantity_name,
    readable,
    readable_axis,
    steady_limits,
    tidy,
)

#: more curves than this are told apart by a colour bar
_KEYED = 8
#: share of the whole below which contributions are drawn on a scale of their own
_SMALL = 0.15
#: share of the largest slope below which the colours of a map are linear
_LINEAR = 1e-2
#: from cold to hot, brighter all the way; more hues than the usual maps, so that neighbours among eight stay apart
_HEAT = LinearSegmentedColormap.from_list("heat", ["#0b1f5c", "#2166ac", "#8a4fbf", "#dd4a5a", "#f9a83a"])
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (5, 1.5, 1.2, 1.5)), (0, (1.2, 1.2)))


@dataclass(frozen=True)
class _Row:
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
class _Family:
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
        words = [f"{v:.4g} {self.unit}" if self.keyed else None for v in self.values]
        return [{"color": _HEAT(float(s)), "label": w} for s, w in zip(shares, words, strict=True)]

    def bar(self, figure: Figure, panels: Any) -> None:
        bar = figure.colorbar(ScalarMappable(self.norm(), _HEAT), ax=panels, shrink=0.8, aspect=35, pad=0.02)
        bar.set_label(f"{self.symbol} ({self.unit})")


def field_scan(dataset: xr.Dataset, title: str = "") -> Figure:
    """Change of R_xx with the field, relative to the reference, and R_xy.

    One temperature: one colour a direction. Several temperatures: one column a direction, colours from cold to hot,
    above eight of them with a colour bar. R_xx itself has a panel where the curves have references of their own. A path
    is drawn against the component of the field that changes, or where several do against the step, with the components
    below.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.field_scan`: R_xx, R_xy [Ohm] and MR_xx over dims field [T] or step, and temperature
        [K] and direction where there are several; the field B [T] over step and axis for a path.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    x, x_words, below = _field_axis(dataset)
    along = _along(dataset)
    family, names = _temperatures(dataset), _names(dataset, "B")
    rows = _resistances(dataset, along, family, names)
    columns = names if family is not None and len(names) > 1 else ()
    return _draw(rows, x, x_words, columns, family, _above(dataset, title, names if family is not None else ()), below)


def temperature_scan(dataset: xr.Dataset, title: str = "") -> Figure:
    """R_xx, its change and R_xy against temperature; of a gap between two directions, both resistances and the gap.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.temperature_scan` (R_xx, R_xy [Ohm] and MR_xx over dims temperature [K] and, where
        there are several, direction) or of :func:`spinstack.smr_gap` (gap, R_y, R_z [Ohm] over temperature).
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    T = np.atleast_1d(dataset["temperature"].values)
    if "gap" in dataset:
        return _draw(_gap(dataset), T, "temperature (K)", (), None, _above(dataset, title))
    rows = _resistances(dataset, "temperature", None, _names(dataset, "m"))
    return _draw(rows, T, "temperature (K)", (), None, _above(dataset, title))


def field_contributions(dataset: xr.Dataset, title: str = "") -> Figure:
    """What the insulators (SMR), precession (Hanle) and their interference change in R_xx, and everything together.

    One column a direction. Hanle effect and interference have a row of their own where they are small; with several
    temperatures every contribution has one, with colours from cold to hot.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.field_contributions`: R_xx, R_neither, smr, hanle, interference [Ohm] over the dims of
        :func:`spinstack.field_scan`.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    x, x_words, below = _field_axis(dataset)
    along = _along(dataset)
    family, names = _temperatures(dataset), _names(dataset, "B")
    bare = _cube(dataset, "R_neither", along)
    parts = {
        "everything": _cube(dataset, "R_xx", along) - bare,
        "SMR": _cube(dataset, "smr", along),
        "Hanle": _cube(dataset, "hanle", along),
        "interference": _cube(dataset, "interference", along),
    }
    scale = _largest(bare)
    # everything stands behind in grey, so that a contribution equal to it still shows
    looks: dict[str, dict[str, Any]] = {
        "everything": {"color": "0.65", "linewidth": 3.5},
        "SMR": {"color": COLOURS[0]},
        "Hanle": {"color": COLOURS[1], "linestyle": _DASHES[1]},
        "interference": {"color": COLOURS[2], "linestyle": _DASHES[2]},
    }
    if family is not None:
        panels = [[word] for word in parts]
    elif max(_largest(parts["Hanle"]), _largest(parts["interference"])) < _SMALL * _largest(parts["everything"]):
        panels = [["everything", "SMR"], ["Hanle", "interference"]]
    else:
        panels = [list(parts)]
    rows = []
    for members in panels:
        values = np.concatenate([parts[w] for w in members])
        factor, unit = readable(_above_noise(values, scale), "Ohm")
        # one resistance serves the whole axis: that of the bare film moves by the ordinary Hall effect at most
        middle = float(np.nanmean(bare))
        right = None
        if np.nanmax(np.abs(bare - middle)) < 1e-3 * abs(middle):
            share, share_unit = _share(values / middle)
            right = (share / (middle * factor), f"relative change ({share_unit})")
        styles = [looks[w] | {"label": w} for w in members] if family is None else family.styles()
        words = label("change of $R_{xx}$" if family is None else members[0], unit)
        rows.append(_Row(values * factor, words, styles, scale * factor, right, zero=True))
    return _draw(rows, x, x_words, names, family, _above(dataset, title, names), below)


def face_conductances(dataset: xr.Dataset, title: str = "") -> Figure:
    """Spin flips, dephasing and exchange field of a magnet's face, and the order that they follow.

    The horizontal axis is the longer of field and temperature, the other one makes a family of curves. The scale G0 of
    the model is marked where it lies among the values.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.face_conductances`: G_flip, G_dephasing, G_i [S/m^2] and order (with two sublattices
        order_a, order_b) over dims field [T] and temperature [K], both or one of them.
    title
        Printed above; default: the dataset's own title, if it has one.
    """
    sizes = {d: dataset.sizes.get(d, 1) for d in ("field", "temperature")}
    along = "field" if sizes["field"] >= sizes["temperature"] and "field" in dataset.dims else "temperature"
    other = "temperature" if along == "field" else "field"
    if along not in dataset.dims:
        raise ValueError("face_conductances: got one point. Allowed: a dataset over field, temperature or both.")
    family = None
    if sizes[other] > 1:
        symbol, unit = ("temperature", "K") if other == "temperature" else ("field", "T")
        family = _Family(dataset[other].values, symbol, unit)
    curves = {
        str(n): _flat(dataset[n], other, along)[:, None]
        for n in dataset.data_vars
        if str(n) in ("G_flip", "G_dephasing", "G_i") or str(n).startswith("order")
    }
    scales = np.atleast_1d(np.asarray(dataset.attrs.get("G0_S_per_m2", []), dtype=float))
    symbols = ["$G_0$"] if scales.size == 1 else [f"$G_{{0{s}}}$" for s in "ab"]
    panels = (
        {"flips and dephasing": ("G_flip", "G_dephasing"), "$G_i$": ("G_i",)}
        if family is None
        else {"spin flips $G_s/2$": ("G_flip",), "dephasing $G_r+G_s/2$": ("G_dephasing",), "$G_i$": ("G_i",)}
    )
    words = {"G_flip": "spin flips $G_s/2$", "G_dephasing": "dephasing $G_r+G_s/2$"}
    rows = []
    for name, members in panels.items():
        values = np.concatenate([curves[m] for m in members])
        factor, unit = readable(values, "S/m^2")
        styles = family.styles() if family is not None else [
            {"color": COLOURS[1 + i], "linestyle": _DASHES[i], "label": words[m]} if len(members) > 1
            else {"color": COLOURS[0]}
            for i, m in enumerate(members)
        ]  # fmt: skip
        within = [(float(g), s) for g, s in zip(scales, symbols, strict=False) if 0 < g <= 2 * _largest(values)]
        marks = tuple((g * factor, s) for g, s in within)
        rows.append(_Row(values * factor, f"{name}\n({unit})" if " " in name else label(name, unit), styles, zero=bool(np.min(values) < 0), marks=marks))
    orders = [n for n in curves if n.startswith("order")]
    dashes = dict(zip(orders, _DASHES, strict=False))
    styles = [
        style | {"linestyle": dashes[n]}
        for n in orders
        for style in (family.styles() if family is not None else [{"color": COLOURS[0]}])
    ]
    if family is not None:
        for style in styles[family.values.size :]:
            style["label"] = None
    said = "ordered spin" if len(orders) < 2 else "ordered spin\na solid, b dashed"
    if orders:
        rows.append(_Row(np.concatenate([curves[n] for n in orders]), said, styles, 1.0))
    x = dataset[along].values
    x_words = "field along the order (T)" if along == "field" else "temperature (K)"
    above = _above(dataset, title, others=() if sizes[other] > 1 else (other,))
    size = ", ".join(f"{s} = {_power(g)} S/m²" for g, s in zip(scales, symbols, strict=False))
    return _draw(rows, x, x_words, (), family, "\n".join(filter(None, (above, size))))


def regime_map(dataset: xr.Dataset, title: str = "") -> Figure:
    """Sign and size of the initial slope of R_xx with the field: red where R_xx grows with it, blue where it falls.

    The colours are logarithmic down to a hundredth of the largest slope and linear below it. Where the slope changes
    sign, the zero line is drawn; points without a value (NaN) stay grey.

    Parameters
    ----------
    dataset
        initial_slope [Ohm/T] over two dims (first: horizontal) whose coordinates carry `units` and where wanted
        `long_name`; optionally critical_exchange [S/m^2] over the dim that is no conductance, drawn at both signs of Gi.
    title
        Printed above; default: the dataset's own title, if it has one.

    Raises ``ValueError`` where the slope has not two dims, or a critical conductance meets no axis in its unit.

    After Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019), Fig. 3c.
    """
    array = dataset["initial_slope"]
    if array.ndim != 2:
        raise ValueError(f"regime_map: got {array.ndim} dimensions {array.dims}. Allowed: 2.")
    first, second = (str(d) for d in array.dims)
    critical = dataset.get("critical_exchange")
    if critical is not None:
        first, second, critical = _threshold(dataset, critical, first, second)
    x, y, values = dataset[first].values, dataset[second].values, array.transpose(second, first).values
    x_factor, x_unit, x_logarithmic = readable_axis(x, str(dataset[first].attrs.get("units", "1")))
    y_factor, y_unit, y_logarithmic = readable_axis(y, str(dataset[second].attrs.get("units", "1")))
    factor, unit = readable(values, str(array.attrs.get("units", "Ohm/T")))
    values = values * factor
    reach = _largest(values) or 1.0
    norm = SymLogNorm(linthresh=_LINEAR * reach, linscale=0.5, vmin=-reach, vmax=reach, base=10)
    figure = Figure(figsize=(6.4, 5.0), layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor("0.8")
    mesh = axes.pcolormesh(
        x * x_factor, y * y_factor, values, shading="nearest", rasterized=True, cmap="RdBu_r", norm=norm
    )
    decades = 10.0 ** np.arange(np.ceil(np.log10(_LINEAR * reach)), np.floor(np.log10(reach)) + 1)
    bar = figure.colorbar(mesh, ax=axes, ticks=[*-decades[::-1], 0.0, *decades], format="{x:g}")
    bar.set_label(label("initial slope of $R_{xx}$", unit))
    bar.ax.minorticks_off()
    for logarithmic, setter in ((x_logarithmic, axes.set_xscale), (y_logarithmic, axes.set_yscale)):
        if logarithmic:
            setter("log")
    window = axes.get_xlim(), axes.get_ylim()
    handles, words = [], []
    if min(values.shape) > 1 and np.nanmin(values) < 0 < np.nanmax(values):
        zero = axes.contour(x * x_factor, y * y_factor, values, levels=[0.0], colors="black", linewidths=1.2)
        handles.append(zero.legend_elements()[0][0])
        words.append("slope zero")
    if critical is not None:
        style: dict[str, Any] = {"color": COLOURS[2], "linestyle": "--", "linewidth": 2.2}
        (line,) = axes.plot(x * x_factor, critical * y_factor, **style)
        if np.min(y) < 0:
            axes.plot(x * x_factor, -critical * y_factor, **style)
        handles.append(line)
        words.append("critical $G_i$")
    axes.set(xlim=window[0], ylim=window[1])
    axes.set_xlabel(label(_axis_name(dataset, first), x_unit))
    axes.set_ylabel(label(_axis_name(dataset, second), y_unit))
    above = heading(dataset, title)
    if handles:
        legend = figure.legend(handles, words, loc="outside upper center", ncols=2, frameon=False, title=above)
        legend.get_title().set_multialignment("center")
    elif above:
        axes.set_title(above, fontsize=10)
    return figure


def _threshold(dataset: xr.Dataset, critical: xr.DataArray, first: str, second: str) -> tuple[str, str, Any]:
    """Horizontal and vertical dim, so that the critical conductance [S/m^2] is a height, and its values."""
    vertical = [d for d in (second, first) if dataset[d].attrs.get("units") == "S/m^2"]
    if not vertical:
        raise ValueError(
            f"regime_map: critical_exchange [S/m^2] has no axis among {first}, {second}. "
            "Give one in S/m^2, or leave critical_exchange out."
        )
    horizontal = first if vertical[0] == second else second
    if vertical[0] in critical.dims:  # a sweep repeats it for every value of Gi
        critical = critical.isel({vertical[0]: 0})
    return horizontal, vertical[0], np.broadcast_to(critical.values, dataset[horizontal].shape)


def _axis_name(dataset: xr.Dataset, dim: str) -> str:
    words = str(dataset[dim].attrs.get("long_name", dim))
    return quantity_name(dim) if words == dim else words


def _along(dataset: xr.Dataset) -> str:
    return "step" if "step" in dataset.dims else "field"


def _field_axis(dataset: xr.Dataset) -> tuple[Any, str, Any]:
    """Values and words of the horizontal axis, and the field (step, 3) [T] where it must be shown by itself."""
    if "step" not in dataset.dims:
        x = np.atleast_1d(dataset["field"].values)
        factor, unit = _tesla(x)
        return x * factor, f"field ({unit})", None
    B = dataset["B"]
    B = B.isel(dict.fromkeys(set(B.dims) - {"step", "axis"}, 0)).transpose("step", "axis").values
    changes = np.flatnonzero(np.ptp(B, axis=0) > 1e-9 * _largest(B))
    if changes.size != 1:
        return np.arange(B.shape[0]), "step of the path", B
    held = [f"$B_{a}$ = {v:.4g} T" for i, (a, v) in enumerate(zip("xyz", B[0], strict=True)) if v and i not in changes]
    factor, unit = _tesla(B[:, changes[0]])
    words = f"field $B_{'xyz'[changes[0]]}$ ({unit})" + (f" at {', '.join(held)}" if held else "")
    return B[:, changes[0]] * factor, words, None


def _tesla(x: Any) -> tuple[float, str]:
    return (1.0, "T") if _largest(x) >= 0.1 else readable(x, "T")


def _temperatures(dataset: xr.Dataset) -> _Family | None:
    if dataset.sizes.get("temperature", 1) == 1:
        return None
    return _Family(dataset["temperature"].values, "temperature", "K")


def _names(dataset: xr.Dataset, what: str) -> list[str]:
    """The directions of field or magnetisation, in words; one empty name where there is nothing to say."""
    if "direction" in dataset.coords:
        return [f"{what} ∥ {n}" for n in np.atleast_1d(dataset["direction"].values)]
    if what == "B" and "B" in dataset.coords and "field" in dataset.dims:
        strength = dataset["field"].values
        largest = int(np.argmax(np.abs(strength)))
        if strength[largest]:
            unit = dataset["B"].transpose("field", "axis").values[largest] / strength[largest]
            axis = np.flatnonzero(np.abs(unit - 1) < 1e-9)
            return [f"B ∥ {'xyz'[axis[0]] if axis.size else '(' + ', '.join(f'{u:.3g}' for u in unit) + ')'}"]
    return [""]


def _direction_styles(names: Sequence[str]) -> list[dict[str, Any]]:
    spare = iter(COLOURS[3:] * len(names))
    colours = [AXIS_COLOURS.get(n[-1:]) if " ∥ " in n[:-1] and n[-2:-1] == " " else None for n in names]
    return [
        {"color": c or (next(spare) if n else COLOURS[0]), "linestyle": _DASHES[i % 4], "label": n or None}
        for i, (n, c) in enumerate(zip(names, colours, strict=True))
    ]


def _flat(array: xr.DataArray, *dims: str) -> Any:
    """Values over `dims`, of length one where the array lacks them."""
    extra = set(array.dims) - set(dims)
    if extra:
        raise ValueError(f"{array.name}: got dimensions {array.dims}. Allowed: {', '.join(dims)}.")
    return array.expand_dims([d for d in dims if d not in array.dims]).transpose(*dims).values


def _cube(dataset: xr.Dataset, name: str, along: str) -> Any:
    """(temperature, direction, along); a temperature scan has one family, of itself."""
    array = dataset[name]
    if along == "temperature":
        return _flat(array, "direction", along)[None]
    return _flat(array, "temperature", "direction", along)


def _largest(values: Any) -> float:
    finite = np.abs(np.asarray(values, dtype=float))
    finite = finite[np.isfinite(finite)]
    return float(finite.max()) if finite.size else 0.0


def _above_noise(values: Any, scale: float) -> Any:
    return values if _largest(values) > 1e-10 * abs(scale) else 0.0


def _share(values: Any) -> tuple[float, str]:
    """Factor and unit of relative changes: per cent, unless these were all thousandths of it."""
    largest = _largest(values)
    if largest == 0.0 or largest >= 1e-5:
        return 100.0, "%"
    return (1e6, "10⁻⁶") if largest >= 1e-8 else (1e9, "10⁻⁹")


def _power(value: float) -> str:
    factor, unit = readable(value, "S/m^2")
    return f"{value * factor:.3g}" + (f"·{unit.partition(' ')[0]}" if unit.startswith("10") else "")


def _resistances(dataset: xr.Dataset, along: str, family: _Family | None, names: list[str]) -> list[_Row]:
    R, ratio, transverse = (_cube(dataset, n, along) for n in ("R_xx", "MR_xx", "R_xy"))
    styles = _direction_styles(names) if family is None else family.styles()

    def curves(values: Any) -> Any:
        return np.swapaxes(values, 0, 1) if family is None else values

    size = float(np.nanmean(R))
    references = R / (1 + ratio)
    reference = float(np.nanmean(references))
    factor, unit = readable(_above_noise(R - reference, size), "Ohm")
    percent, percent_unit = _share(ratio)
    words = rf"$(R_{{xx}}-R_\mathrm{{ref}})/R_\mathrm{{ref}}$ ({percent_unit})"
    rows = []
    if np.nanmax(np.abs(references - reference)) <= 1e-11 * abs(reference):  # the ratio says it all, up to a factor
        right = (reference * factor / percent, rf"$R_{{xx}}-R_\mathrm{{ref}}$ ({unit})")
        rows.append(_Row(curves(ratio) * percent, words, styles, percent, right))
    else:
        spread = float(np.nanmax(R) - np.nanmin(R))
        base = float(f"{size:.6g}") if spread < 0.05 * abs(size) else 0.0
        factor, unit = readable(R - base if spread > 1e-10 * abs(size) else 0.0, "Ohm")
        above = label("$R_{xx}$" + (f" − {base:g} Ω" if base else ""), unit)
        rows.append(_Row(curves(R - base) * factor, above, styles, size * factor))
        rows.append(_Row(curves(ratio) * percent, words, styles, percent))
    factor, unit = readable(_above_noise(transverse, size), "Ohm")
    rows.append(_Row(curves(transverse) * factor, label("$R_{xy}$", unit), styles, size * factor))
    return rows


def _gap(dataset: xr.Dataset) -> list[_Row]:
    gap, along_y, along_z = (_flat(dataset[n], "temperature") for n in ("gap", "R_y", "R_z"))
    both = np.stack([along_y, along_z])
    size = float(np.nanmean(both))
    spread = float(np.nanmax(both) - np.nanmin(both))
    base = float(f"{size:.6g}") if spread < 0.05 * abs(size) else 0.0
    factor, unit = readable(both - base if spread > 1e-10 * abs(size) else 0.0, "Ohm")
    styles = _direction_styles(["m ∥ y", "m ∥ z"])
    above = label("$R_{xx}$" + (f" − {base:g} Ω" if base else ""), unit)
    first = _Row((both - base)[:, None] * factor, above, styles, size * factor)
    factor, unit = readable(_above_noise(gap, size), "Ohm")
    # against one resistance for all, good to the relative change of R_y itself
    right = None
    if np.ptp(along_y) < 0.01 * abs(size):
        share, share_unit = _share(gap / along_y)
        right = (share / (factor * float(np.nanmean(along_y))), f"gap / $R_{{xx}}(y)$ ({share_unit})")
    words = label("SMR gap $R_{xx}(z)-R_{xx}(y)$", unit)
    style = [{"color": COLOURS[3]}]
    return [first, _Row(gap[None, None] * factor, words, style, size * factor, right, zero=True)]


def _above(dataset: xr.Dataset, title: str, names: Sequence[str] = (), others: Iterable[str] = ("temperature",)) -> str:
    """The heading, and below it what is the same for all curves."""
    held = list(names) if len(names) == 1 and names[0] else []
    symbols = {"temperature": ("T", "K"), "field": ("B", "T")}
    for dim in others:
        value = dataset[dim].item() if dim in dataset.coords and dataset[dim].size == 1 else None
        value = dataset.attrs.get(f"{dim}_{symbols[dim][1]}") if value is None else value
        if value is not None and np.isfinite(value):
            held.append("{} = {:.4g} {}".format(symbols[dim][0], value, symbols[dim][1]))
    if np.any(B := np.asarray(dataset.attrs.get("B_T", 0.0))):
        held.append(f"B = ({', '.join(f'{b:.4g}' for b in B)}) T")
    if "gap" in dataset and dataset.attrs.get("field_T"):
        held.append(f"B = {dataset.attrs['field_T']:.4g} T along m")
    reference = dataset["MR_xx"].attrs.get("reference") if "MR_xx" in dataset else None
    if reference := reference or dataset.attrs.get("reference"):
        held.append(rf"$R_\mathrm{{ref}}$: {label(reference, '')}")
    return "\n".join(filter(None, (heading(dataset, title), ",  ".join(held))))


def _draw(
    rows: Sequence[_Row], x: Any, x_words: str, columns: Sequence[str], family: _Family | None, above: str,
    field: Any = None,
) -> Figure:  # fmt: skip
    """Panels over x, rows of them with a common vertical axis; `field` (x, 3) [T] is drawn below."""
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
        _components(grid[-1], x, field)
    if logarithmic:
        grid[0, 0].set_xscale("log")
    for axes in grid[-1]:
        axes.set_xlabel(x_words)
    if len(columns) > 1:
        for axes, name in zip(grid[0], columns, strict=True):
            axes.set_title(name, fontsize=10)
    _legends(figure, grid, columns, family, above)
    return figure


def _second_axis(axes: Axes, factor: float, words: str) -> None:
    right = axes.secondary_yaxis("right", functions=(lambda v: v * factor, lambda v: v / factor))
    right.set_ylabel(words)
    right.tick_params(labelsize=9)
    right.yaxis.set_major_locator(MaxNLocator(6))


def _components(panels: Iterable[Axes], x: Any, field: Any) -> None:
    factor, unit = _tesla(field)
    for k, axes in enumerate(panels):
        for i, a in enumerate("xyz"):
            style = {"color": AXIS_COLOURS[a], "linestyle": _DASHES[i], "label": f"$B_{a}$"}
            axes.plot(x, field[:, i] * factor, **points(x) | style)
        tidy(axes)
        if k == 0:
            axes.set_ylabel(f"field ({unit})")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _legends(figure: Figure, grid: Any, columns: Sequence[str], family: _Family | None, above: str) -> None:
    if family is not None:
        if above:
            figure.suptitle(above, fontsize=10)
        if family.keyed:
            handles, words = grid[0, 0].get_legend_handles_labels()
            figure.legend(handles, words, loc="outside right upper", frameon=False, title=family.symbol)
        else:
            family.bar(figure, grid)
        return
    named: dict[str, Any] = {}
    for axes in grid[:, 0]:
        if axes.get_legend() is None:
            for handle, word in zip(*axes.get_legend_handles_labels(), strict=True):
                named.setdefault(word, handle)
    if named:
        legend = figure.legend(
            list(named.values()), list(named), loc="outside upper center", ncols=min(4, len(named)), frameon=False,
            title=above or None,
        )  # fmt: skip
        legend.get_title().set_multialignment("center")
    elif above:
        figure.suptitle(above, fontsize=10)
