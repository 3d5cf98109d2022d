"""Films on magnetic insulators: scans of field and temperature, conductances of the face, regimes of the slope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure

from spinstack.figures.panels import DASHES, Family, Row, draw_panels, tesla
from spinstack.figures.style import (
    AXIS_COLOURS,
    COLOURS,
    from_base,
    head,
    heading,
    label,
    largest_of,
    plain,
    quantity_name,
    readable,
    readable_axis,
    share,
)
from spinstack.text.errors import ParameterError

#: share of the whole below which contributions are drawn on a scale of their own
_SMALL = 0.15
_FACE = {"G_flip": "spin flips $G_s/2$", "G_dephasing": "dephasing $G_r+G_s/2$", "G_i": "$G_i$"}
#: share of the largest slope below which the colours of a map are linear
_LINEAR = 1e-2


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
    return draw_panels(
        rows, x, x_words, columns, family, _above(dataset, title, names if family is not None else ()), below
    )


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
        return draw_panels(_gap(dataset), T, "temperature (K)", (), None, _above(dataset, title))
    rows = _resistances(dataset, "temperature", None, _names(dataset, "m"))
    return draw_panels(rows, T, "temperature (K)", (), None, _above(dataset, title))


def field_contributions(dataset: xr.Dataset, title: str = "") -> Figure:
    """What the insulators (SMR), precession (Hanle) and their interference change in R_xx, and everything together.

    One column a direction. Hanle effect and interference have a row of their own where they are small; with several
    temperatures every contribution has one, with colours from cold to hot.

    Parameters
    ----------
    dataset
        Result of :func:`spinstack.field_contributions`: R_xx, R_neither, smr, hanle, interference [Ohm] over the
        dims of :func:`spinstack.field_scan`.
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
    scale = largest_of(bare)
    # everything stands behind in grey, so that a contribution equal to it still shows
    looks: dict[str, dict[str, Any]] = {
        "everything": {"color": "0.65", "linewidth": 3.5},
        "SMR": {"color": COLOURS[0]},
        "Hanle": {"color": COLOURS[1], "linestyle": DASHES[1]},
        "interference": {"color": COLOURS[2], "linestyle": DASHES[2]},
    }
    if family is not None:
        panels = [[word] for word in parts]
    elif max(largest_of(parts["Hanle"]), largest_of(parts["interference"])) < _SMALL * largest_of(parts["everything"]):
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
            part, share_unit = share(values / middle)
            right = (part / (middle * factor), f"relative change ({share_unit})")
        styles = [looks[w] | {"label": w} for w in members] if family is None else family.styles()
        words = label("change of $R_{xx}$" if family is None else members[0], unit)
        rows.append(Row(values * factor, words, styles, scale * factor, right, zero=True))
    return draw_panels(rows, x, x_words, names, family, _above(dataset, title, names), below)


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
        allowed = "a dataset over field, temperature or both"
        raise ParameterError("one point", where="face_conductances", field="dataset", allowed=allowed)
    family = None
    if sizes[other] > 1:
        symbol, unit = ("temperature", "K") if other == "temperature" else ("field", "T")
        family = Family(dataset[other].values, symbol, unit)
    scales, symbols = _scales(dataset)
    G = {n: _flat(dataset[n], other, along)[:, None] for n in _FACE}
    whole = max(largest_of(v) for v in G.values())
    panels = [["G_flip", "G_dephasing"], ["G_i"]] if family is None else [[n] for n in _FACE]
    looks = {"G_flip": {"color": COLOURS[1]}, "G_dephasing": {"color": COLOURS[2], "linestyle": DASHES[1]}}
    rows = []
    for members in panels:
        values = np.concatenate([G[n] for n in members])
        reach = largest_of(values)
        factor, unit = readable(values if reach > 1e-10 * whole else whole, "S/m^2")
        marks = [(g * factor, s) for g, s in zip(scales, symbols, strict=True) if 0.05 * reach < g < 2 * reach]
        spread = float(np.ptp([0.0, *(g for g, _ in marks), np.nanmin(values) * factor, np.nanmax(values) * factor]))
        if len(marks) > 1 and abs(marks[0][0] - marks[1][0]) < 0.15 * spread:  # their texts would overlap
            marks = [(marks[0][0], ", ".join(symbols)), (marks[1][0], "")]
        styles = [looks.get(n, {"color": COLOURS[0]}) | {"label": _FACE[n]} for n in members]
        words = f"{_FACE[members[0]]}\n" if family is not None else ""
        if members == ["G_i"]:
            words, styles = "$G_i$ ", [{"color": COLOURS[0]}]
        elif family is None:
            words = "flips and dephasing\n"
        styles = styles if family is None else family.styles()
        rows.append(Row(values * factor, f"{words}({unit})", styles, whole * factor, zero=True, marks=tuple(marks)))
    rows += _orders(dataset, other, along, family)
    x_words = "temperature (K)"
    if along == "field":
        x_words = f"field {dataset['field'].attrs.get('direction', 'along the order')} (T)"
    above = _above(dataset, title, others=() if sizes[other] > 1 else (other,))
    said = ",  ".join(f"{s} = {_power(g)} S/m²" for g, s in zip(scales, symbols, strict=True))
    return draw_panels(rows, dataset[along].values, x_words, (), family, "\n".join(filter(None, (above, said))))


def regime_map(dataset: xr.Dataset, title: str = "") -> Figure:
    """Sign and size of the initial slope of R_xx with the field: red where R_xx grows with it, blue where it falls.

    The colours are logarithmic down to a hundredth of the largest slope and linear below it. Where the slope changes
    sign, the zero line is drawn; points without a value (NaN) stay grey.

    Parameters
    ----------
    dataset
        initial_slope [Ohm/T] over two dims (first: horizontal) whose coordinates carry `units` and where wanted
        `long_name`; optionally critical_exchange [S/m^2] over the other dim than Gi, drawn at both signs of Gi.
    title
        Printed above; default: the dataset's own title, if it has one.

    Raises ``ValueError`` where the slope has not two dims, or a critical conductance meets no axis in its unit.

    After Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019), Fig. 3c.
    """
    array = dataset["initial_slope"]
    if array.ndim != 2:
        raise ParameterError(where="regime_map", field="dataset", got=array.dims, allowed="two dimensions")
    first, second = (str(d) for d in array.dims)
    line = None
    if "critical_exchange" in dataset:
        first, second, line = _threshold(dataset, dataset["critical_exchange"], first, second)
    x, y, values = dataset[first].values, dataset[second].values, array.transpose(second, first).values
    x_factor, x_unit, x_logarithmic = readable_axis(x, str(dataset[first].attrs.get("units", "1")))
    y_factor, y_unit, y_logarithmic = readable_axis(y, str(dataset[second].attrs.get("units", "1")))
    factor, unit = readable(values, str(array.attrs.get("units", "Ohm/T")))
    values = values * factor
    reach = largest_of(values) or 1.0
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
    if min(values.shape) > 1 and np.any(values < 0) and np.any(values > 0):
        zero = axes.contour(x * x_factor, y * y_factor, values, levels=[0.0], colors="black", linewidths=1.2)
        handles.append(zero.legend_elements()[0][0])
        words.append("slope zero")
    if line is not None:
        for sign in (1, -1) if np.min(y) < 0 else (1,):
            drawn = axes.plot(x * x_factor, sign * line * y_factor, color=COLOURS[2], linestyle="--", linewidth=2.2)
        handles.append(drawn[0])
        words.append("critical $G_i$")
    axes.set(xlim=window[0], ylim=window[1])
    axes.set_xlabel(label(_axis_name(dataset, first), x_unit))
    axes.set_ylabel(label(_axis_name(dataset, second), y_unit))
    head(figure, heading(dataset, title), handles, words)
    return figure


def _scales(dataset: xr.Dataset) -> tuple[Any, list[str]]:
    """G0 [S/m^2], of each sublattice where they differ, and its symbols."""
    scales = np.atleast_1d(np.asarray(dataset.attrs.get("G0_S_per_m2", []), dtype=float))
    if scales.size > 1 and np.ptp(scales) > 0:
        return scales, [f"$G_{{0{s}}}$" for s in "ab"[: scales.size]]
    return scales[:1], ["$G_0$"][: scales.size]


def _orders(dataset: xr.Dataset, other: str, along: str, family: Family | None) -> list[Row]:
    names = [n for n in ("order", "order_a", "order_b") if n in dataset]
    styles: list[dict[str, Any]] = []
    for dashes in DASHES[: len(names)]:
        one = [{"color": COLOURS[0]}] if family is None else family.styles()
        styles += [style | {"linestyle": dashes, "label": None} for style in one]
    if not names:
        return []
    values = np.concatenate([_flat(dataset[n], other, along)[:, None] for n in names])
    return [Row(values, "ordered spin" + ("\na solid, b dashed" if len(names) > 1 else ""), styles, 1.0)]


def _threshold(dataset: xr.Dataset, critical: xr.DataArray, first: str, second: str) -> tuple[str, str, Any]:
    """Horizontal and vertical dim, so that the critical conductance [S/m^2] is a height, and its values."""
    vertical = [d for d in (second, first) if dataset[d].attrs.get("units") == "S/m^2"]
    if not vertical:
        why = f"has no axis among {first}, {second}"
        remedy = "Give one in S/m^2, or leave critical_exchange out."
        raise ParameterError(why, where="regime_map", field="critical_exchange", unit="S/m^2", remedy=remedy)
    horizontal = first if vertical[0] == second else second
    if vertical[0] in critical.dims:  # a sweep repeats it for every value of Gi
        critical = critical.isel({vertical[0]: 0})
    return horizontal, vertical[0], np.broadcast_to(critical.values, dataset[horizontal].shape)


def _axis_name(dataset: xr.Dataset, dim: str) -> str:
    words = str(dataset[dim].attrs.get("long_name", dim))
    return quantity_name(dim) if words == dim else plain(words)


def _along(dataset: xr.Dataset) -> str:
    return "step" if "step" in dataset.dims else "field"


def _field_axis(dataset: xr.Dataset) -> tuple[Any, str, Any]:
    """Values and words of the horizontal axis, and the field (step, 3) [T] where it must be shown by itself."""
    if "step" not in dataset.dims:
        x = np.atleast_1d(dataset["field"].values)
        factor, unit = tesla(x)
        return x * factor, f"field ({unit})", None
    whole = dataset["B"]
    B = whole.isel(dict.fromkeys(set(whole.dims) - {"step", "axis"}, 0)).transpose("step", "axis").values
    changes = np.flatnonzero(np.ptp(B, axis=0) > 1e-9 * largest_of(B))
    if changes.size != 1:
        return np.arange(B.shape[0]), "step of the path", B
    held = [f"$B_{a}$ = {v:.4g} T" for i, (a, v) in enumerate(zip("xyz", B[0], strict=True)) if v and i not in changes]
    factor, unit = tesla(B[:, changes[0]])
    words = f"field $B_{'xyz'[changes[0]]}$ ({unit})" + (f" at {', '.join(held)}" if held else "")
    return B[:, changes[0]] * factor, words, None


def _temperatures(dataset: xr.Dataset) -> Family | None:
    if dataset.sizes.get("temperature", 1) == 1:
        return None
    return Family(dataset["temperature"].values, "temperature", "K")


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
        {"color": c or (next(spare) if n else COLOURS[0]), "linestyle": DASHES[i % 4], "label": n or None}
        for i, (n, c) in enumerate(zip(names, colours, strict=True))
    ]


def _flat(array: xr.DataArray, *dims: str) -> Any:
    """Values over `dims`, of length one where the array lacks them."""
    extra = set(array.dims) - set(dims)
    if extra:
        raise ParameterError(field=str(array.name), got=array.dims, allowed=f"dimensions {', '.join(dims)}")
    return array.expand_dims([d for d in dims if d not in array.dims]).transpose(*dims).values


def _cube(dataset: xr.Dataset, name: str, along: str) -> Any:
    """(temperature, direction, along); a temperature scan has one family, of itself."""
    array = dataset[name]
    if along == "temperature":
        return _flat(array, "direction", along)[None]
    return _flat(array, "temperature", "direction", along)


def _above_noise(values: Any, scale: float) -> Any:
    return values if largest_of(values) > 1e-10 * abs(scale) else 0.0


def _power(value: float) -> str:
    factor, unit = readable(value, "S/m^2")
    return f"{value * factor:.3g}" + (f"·{unit.partition(' ')[0]}" if unit.startswith("10") else "")


def _resistances(dataset: xr.Dataset, along: str, family: Family | None, names: list[str]) -> list[Row]:
    R, ratio, transverse = (_cube(dataset, n, along) for n in ("R_xx", "MR_xx", "R_xy"))
    styles = _direction_styles(names) if family is None else family.styles()

    def curves(values: Any) -> Any:
        return np.swapaxes(values, 0, 1) if family is None else values

    size = float(np.nanmean(R))
    references = R / (1 + ratio)
    reference = float(np.nanmean(references))
    factor, unit = readable(_above_noise(R - reference, size), "Ohm")
    percent, percent_unit = share(ratio)
    words = rf"$(R_{{xx}}-R_\mathrm{{ref}})/R_\mathrm{{ref}}$ ({percent_unit})"
    rows = []
    if np.nanmax(np.abs(references - reference)) <= 1e-11 * abs(reference):  # the ratio says it all, up to a factor
        right = (reference * factor / percent, rf"$R_{{xx}}-R_\mathrm{{ref}}$ ({unit})")
        rows.append(Row(curves(ratio) * percent, words, styles, percent, right))
    else:
        base, factor, unit, less = from_base(R, "Ohm")
        rows.append(Row(curves(R - base) * factor, label("$R_{xx}$" + less, unit), styles, size * factor))
        rows.append(Row(curves(ratio) * percent, words, styles, percent))
    factor, unit = readable(_above_noise(transverse, size), "Ohm")
    rows.append(Row(curves(transverse) * factor, label("$R_{xy}$", unit), styles, size * factor))
    return rows


def _gap(dataset: xr.Dataset) -> list[Row]:
    gap, along_y, along_z = (_flat(dataset[n], "temperature") for n in ("gap", "R_y", "R_z"))
    both = np.stack([along_y, along_z])
    size = float(np.nanmean(both))
    base, factor, unit, less = from_base(both, "Ohm")
    styles = _direction_styles(["m ∥ y", "m ∥ z"])
    first = Row((both - base)[:, None] * factor, label("$R_{xx}$" + less, unit), styles, size * factor)
    factor, unit = readable(_above_noise(gap, size), "Ohm")
    # against one resistance for all, good to the relative change of R_y itself
    right = None
    if np.ptp(along_y) < 0.01 * abs(size):
        part, share_unit = share(gap / along_y)
        right = (part / (factor * float(np.nanmean(along_y))), f"gap / $R_{{xx}}(y)$ ({share_unit})")
    words = label("SMR gap $R_{xx}(z)-R_{xx}(y)$", unit)
    style = [{"color": COLOURS[3]}]
    return [first, Row(gap[None, None] * factor, words, style, size * factor, right, zero=True)]


def _above(dataset: xr.Dataset, title: str, names: Sequence[str] = (), others: Iterable[str] = ("temperature",)) -> str:
    """The heading, and below it what is the same for all curves."""
    held = list(names) if len(names) == 1 and names[0] else []
    symbols = {"temperature": ("T", "K"), "field": ("B", "T")}
    for dim in others:
        value = dataset[dim].item() if dim in dataset.coords and dataset[dim].size == 1 else None
        value = dataset.attrs.get(f"{dim}_{symbols[dim][1]}") if value is None else value
        if value is not None and np.isfinite(value):
            held.append(f"{symbols[dim][0]} = {value:.4g} {symbols[dim][1]}")
    if np.any(B := np.asarray(dataset.attrs.get("B_T", 0.0))):
        held.append(f"B = ({', '.join(f'{b:.4g}' for b in B)}) T")
    if "gap" in dataset and dataset.attrs.get("field_T") and "magnets" not in dataset.attrs:
        held.append(f"B = {dataset.attrs['field_T']:.4g} T along m")
    reference = dataset["MR_xx"].attrs.get("reference") if "MR_xx" in dataset else None
    if reference := reference or dataset.attrs.get("reference"):
        held.append(rf"$R_\mathrm{{ref}}$: {label(reference, '')}")
    return "\n".join(filter(None, (heading(dataset, title), ",  ".join(held))))
