"""Results of several films, or by several theories, in one figure: curves, maps and bars beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures.maps import colours_of
from spinstack.figures.style import (
    COLOURS,
    from_base,
    head,
    heading,
    is_ratio,
    label,
    plain,
    points,
    quantity_name,
    readable,
    readable_axis,
    tidy,
    variable_name,
)

#: of what stands beside the first film, one after the other
DASHES: tuple[Any, ...] = ((0, (5, 2)), (0, (1.2, 1.6)), (0, (5, 1.5, 1.2, 1.5)), (0, (2.5, 1.5)), (0, (8, 2)))
#: what the first film is called without a label
_OWN = "this film"
#: curves of one film that are drawn
_MOST = 40


def films_beside(
    films: Mapping[str, xr.Dataset], x: str, variables: Sequence[str], *, y: str = "", along: str = "", title: str = ""
) -> Figure:
    """Variables of the same result of several films; those behind the first are dashed, with their labels in the key.

    Parameters
    ----------
    films
        Datasets by their labels; the first, which needs none (""), is the one beside which the others stand.
    x
        Coordinate that runs along x; "" for single numbers, drawn as bars.
    variables
        One row each; ``.real`` and ``.imag`` behind a name are the parts of complex numbers.
    y
        Coordinate that runs along y, for maps: one for each film, on one scale of colours.
    along
        Dimension of the points where `x` goes there and back; default: `x`.
    title
        Printed above.
    """
    first = next(iter(films.values()))
    rows = len(variables) * (len(films) if y else 1)
    figure = Figure(figsize=(6.2, 1.2 + (2.8 if rows <= 3 else 2.2) * rows), layout="constrained")
    panels = figure.subplots(rows, 1, squeeze=False)[:, 0]
    handles: dict[str, Any] = {}
    for k, name in enumerate(variables):
        arrays = {words: found for words, one in films.items() if (found := _part(one, name)) is not None}
        if y:
            _maps(figure, panels[k * len(films) : (k + 1) * len(films)], arrays, x, y)
        elif x:
            _curves(panels[k], films, arrays, x, along or x, handles)
        else:
            _bars(panels[k], films, arrays, handles)
    shown = list(handles)
    head(figure, heading(first, title), [handles[w] for w in shown], shown, columns=min(3, max(1, len(shown))))
    return figure


def _part(dataset: xr.Dataset, name: str) -> xr.DataArray | None:
    if name in dataset:
        return dataset[name]
    base, _, part = name.rpartition(".")
    return getattr(dataset[base], part).rename(name) if base in dataset and part in ("real", "imag") else None


def _values(arrays: Mapping[str, xr.DataArray]) -> np.ndarray:
    return np.concatenate([np.ravel(a.values).astype(float) for a in arrays.values()])


def _scale(arrays: Mapping[str, xr.DataArray], based: bool = False) -> tuple[float, float, str, str]:
    """Base (zero unless `based`), factor and unit that all have in common, and the words of the axis."""
    one = next(iter(arrays.values()))
    name, unit = str(one.name), str(one.attrs.get("units", "1"))
    values, ratio = _values(arrays), is_ratio(name, unit)
    base, factor, text, less = from_base(values, unit, ratio) if based else (0.0, *readable(values, unit, ratio), "")
    words = plain(one.attrs.get("long_name", "")) or variable_name(name)
    return base, factor, text, (words if len(words) < 34 else variable_name(name)) + less


def _curves(
    axes: Any, films: Mapping[str, xr.Dataset], arrays: Mapping[str, xr.DataArray], x: str, along: str, handles: Any
) -> None:
    first = next(iter(films.values()))
    factor_x, unit_x, logarithmic = readable_axis(first[x].values, str(first[x].attrs.get("units", "1")))
    base, factor, unit, words = _scale(arrays, based=True)
    several = next(iter(arrays.values())).size > next(iter(arrays.values())).sizes[along]
    for k, (of, film) in enumerate(films.items()):
        for i, (curve, values) in enumerate(_by_labels(arrays[of], along) if of in arrays else ()):
            note = ", ".join(filter(None, (curve, of if k else "")))
            style = {"color": COLOURS[(i if several else k) % len(COLOURS)]}
            style |= {"linestyle": DASHES[(k - 1) % len(DASHES)]} if k else {}
            at = film[x].values * factor_x
            (line,) = axes.plot(at, (values - base) * factor, **points(at) | style)
            handles.setdefault(plain(note) or _OWN, line)
    tidy(axes)
    if logarithmic:
        axes.set_xscale("log")
    axes.set_xlabel(label(plain(first[x].attrs.get("long_name", "")) or quantity_name(x), unit_x))
    axes.set_ylabel(label(words, unit, 30))
    axes.ticklabel_format(axis="y", useOffset=False)


def _by_labels(array: xr.DataArray, along: str) -> list[tuple[str, np.ndarray]]:
    """Curves with the labels that tell them apart."""
    others = [d for d in array.dims if d != along]
    out = []
    for index in list(product(*(range(array.sizes[d]) for d in others)))[:_MOST]:
        at = dict(zip(others, index, strict=True))
        words = [_label(array, str(d), i) for d, i in at.items() if array.sizes[d] > 1]
        out.append((" ".join(words), array.isel(at).values.astype(float)))
    return out


def _label(array: xr.DataArray, dim: str, at: int) -> str:
    if dim not in array.coords:
        return f"{dim} {at}"
    value = array[dim].values[at]
    if array[dim].dtype.kind not in "fi":
        return str(value)
    factor, unit = readable(array[dim].values, str(array[dim].attrs.get("units", "1")))
    return f"{quantity_name(dim)} {value * factor:.4g} {unit}".strip()


def _maps(figure: Figure, panels: Any, arrays: Mapping[str, xr.DataArray], x: str, y: str) -> None:
    _, factor, unit, words = _scale(arrays)
    ends = colours_of(_values(arrays) * factor)
    drawn = None
    for axes, (of, array) in zip(panels, arrays.items(), strict=False):
        fx, ux, log_x = readable_axis(array[x].values, str(array[x].attrs.get("units", "1")))
        fy, uy, log_y = readable_axis(array[y].values, str(array[y].attrs.get("units", "1")))
        shown = array.transpose(y, x).values.astype(float) * factor
        drawn = axes.pcolormesh(array[x].values * fx, array[y].values * fy, shown, shading="nearest", **ends)
        axes.set_title(plain(of) or _OWN, fontsize=9)
        axes.set_xlabel(label(quantity_name(x), ux))
        axes.set_ylabel(label(quantity_name(y), uy))
        axes.set_xscale("log" if log_x else "linear")
        axes.set_yscale("log" if log_y else "linear")
    for axes in panels[len(arrays) :]:
        axes.set_axis_off()
    if drawn is not None:
        figure.colorbar(drawn, ax=list(panels)).set_label(label(words, unit))


def _bars(axes: Any, films: Mapping[str, xr.Dataset], arrays: Mapping[str, xr.DataArray], handles: Any) -> None:
    _, factor, unit, words = _scale(arrays)
    width = 0.8 / len(films)
    for k, of in enumerate(films):
        if of not in arrays:
            continue
        array = arrays[of]
        values = np.ravel(array.values).astype(float) * factor
        labels = [" ".join(_label(array, str(d), i) for d, i in zip(array.dims, index, strict=True))
                  for index in product(*(range(n) for n in array.shape))]  # fmt: skip
        at = np.arange(len(values))
        made = axes.bar(at + (k - (len(films) - 1) / 2) * width, values, width, color=COLOURS[k % len(COLOURS)])
        handles.setdefault(plain(of) or _OWN, made)
        if k == 0:
            axes.set_xticks(at, [plain(one) for one in labels], rotation=90 if len(labels) > 6 else 0, fontsize=8)
    tidy(axes)
    axes.axhline(0.0, color="0.5", linewidth=0.8, zorder=1)
    axes.set_ylabel(label(words, unit, 30))
