"""What figures of measured data share: readings with units, data under a fit, means of bins, a figure as text."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spinstack.figures.style import DPI, label, plain, pretty_unit, readable, tidy
from spinstack.text.errors import ParameterError

DATA_COLOUR = "0.72"
FIT_COLOUR = "#111111"
WINDOW_COLOUR = "#F4EFD8"
#: more points than this are drawn as an image inside vector files
_MANY = 400
#: more points than this are thinned, evenly; the eye sees no more
_MOST = 20_000

Measured = xr.Dataset | Mapping[str, xr.Dataset]
#: a result for all that is drawn, or one for each by name
Results = xr.Dataset | Mapping[str, xr.Dataset] | None


def named(data: Measured) -> dict[str, xr.Dataset]:
    """Measurements by name: a single one goes by its plane, else by its sample."""
    if isinstance(data, xr.Dataset):
        return {str(data.attrs.get("plane") or data.attrs.get("sample") or ""): data}
    if not data:
        raise ParameterError("got no measurement", field="data", remedy="Give at least one.")
    return dict(data)


def reading_of(data: xr.Dataset, reading: str | None, *others: Any) -> str:
    """The reading to draw: the one asked for, else the one an analysis names, else the first with a unit known."""
    asked = [reading, *(o.attrs.get("reading") for o in others if o is not None)]
    for name in asked:
        if name is not None:
            if name not in data.variables:
                raise ParameterError(field="reading", got=name, allowed=", ".join(map(str, data.data_vars)))
            return str(name)
    for name in ("R_xx", "R_xy", "moment", "V_X", "V_xx", "intensity"):
        if name in data.data_vars:
            return name
    plain = [str(n) for n in data.data_vars if not str(n).endswith("_error")]
    if not plain:
        raise ParameterError("got a measurement without readings", field="data")
    return plain[0]


def readings_of(data: xr.Dataset, reading: str | None, found: xr.Dataset | None) -> list[str]:
    """The readings to draw: the one asked for, else all that an analysis names, else that of :func:`reading_of`."""
    both = [] if reading or found is None else str(found.attrs.get("reading", "")).split(", ")
    return both if len(both) > 1 and all(n in data.variables for n in both) else [reading_of(data, reading, found)]


def unit_of(data: xr.Dataset, name: str) -> str:
    """SI unit of a column, "1" where none is known."""
    return str(data[name].attrs.get("units", "1"))


def axis_label(data: xr.Dataset, name: str, unit_text: str) -> str:
    """What stands at an axis: the symbol of a resistance or voltage, the words of anything else."""
    symbol, _, index = name.partition("_")
    if symbol in ("R", "V") and index.isalnum():
        return label(f"${symbol}_{{{index}}}$", unit_text)
    return label(plain(data[name].attrs.get("long_name", name.replace("_", " "))), unit_text)


def scaled(data: xr.Dataset, name: str) -> tuple[Any, str, float]:
    """Values in a readable unit, the text of the unit, the factor."""
    values = np.asarray(data[name].values, dtype=float)
    factor, unit = condition_scale(values, unit_of(data, name))
    return values * factor, unit, factor


def condition_scale(values: Any, unit: str) -> tuple[float, str]:
    """Factor and unit for an axis; kelvin and seconds are left alone, tesla from 0.1 T on."""
    finite = np.abs(np.asarray(values, dtype=float))
    finite = finite[np.isfinite(finite)]
    if unit in ("K", "s", "eV", "deg") or (unit == "T" and finite.size and finite.max() >= 0.1):
        return 1.0, "°" if unit == "deg" else pretty_unit(unit)
    return readable(values, unit)


def thin(*columns: Any) -> tuple[Any, ...]:
    """Every so many-th row of columns that are too long to draw."""
    size = max(np.size(c) for c in columns)
    return tuple(np.asarray(c)[:: max(1, -(-size // _MOST))] for c in columns)


def dots(axes: Axes, x: Any, y: Any, error: Any = None, **style: Any) -> None:
    """Measured points; few of them with their error bars."""
    options: dict[str, Any] = {
        "color": DATA_COLOUR,
        "marker": "o",
        "linestyle": "none",
        "markeredgewidth": 0,
        "zorder": 2,
    } | style
    if error is not None and np.size(x) <= _MANY:
        axes.errorbar(x, y, yerr=error, elinewidth=0.8, capsize=1.5, **options | {"markersize": 3})
        return
    x, y = thin(x, y)
    size = 3.5 if x.size <= 100 else 2.4 if x.size <= _MANY else 1.6
    axes.plot(x, y, **{"markersize": size, "rasterized": x.size > _MANY} | options)


def binned(x: Any, y: Any, width: float) -> tuple[Any, Any, Any]:
    """Means of `y` in bins of `x` and their standard errors; bins with fewer than three points are left out."""
    keep = np.isfinite(x) & np.isfinite(y)
    x, y = np.asarray(x)[keep], np.asarray(y)[keep]
    index = np.floor(x / width).astype(int)
    _, place, count = np.unique(index, return_inverse=True, return_counts=True)
    mean_x, mean_y = np.bincount(place, x) / count, np.bincount(place, y) / count
    spread = np.sqrt(np.bincount(place, (y - mean_y[place]) ** 2) / np.maximum(count - 1, 1))
    good = count >= 3
    return mean_x[good], mean_y[good], (spread / np.sqrt(count))[good]


def part(found: xr.Dataset | None, key: str) -> dict[str, Any]:
    """The curves over `point` that a result has for one measurement: those marked with its plane or name, or all."""
    if found is None or "fitted" not in found or found["fitted"].ndim != 1:
        return {}
    dim = found["fitted"].dims[0]
    mask = slice(None)
    for marker in ("plane", "name"):
        if marker in found.variables and found[marker].dims == (dim,):
            mask = found[marker].values == key
    curves = {str(n): v.values[mask] for n, v in found.variables.items() if v.dims == (dim,) and v.dtype.kind in "fi"}
    return curves if len(curves["fitted"]) else {}


def beside(data: xr.Dataset, curves: dict[str, Any], reading: str) -> tuple[xr.Dataset, dict[str, Any]]:
    """The rows of a measurement that curves of a result belong to, and the curves; none where they do not match.

    A result tells its rows by `row`, by `measured`, or by being as long as the measurement.
    """
    size = len(curves.get("fitted", ()))
    if not size:
        return data, {}
    if "row" in curves:
        return data.isel(point=np.asarray(curves["row"], dtype=int)), curves
    if size == data.sizes["point"]:
        return data, curves
    values = data[reading].values
    if "measured" in curves:
        kept = np.isin(values, curves["measured"])
        if kept.sum() == size and np.array_equal(values[kept], curves["measured"]):
            return data.isel(point=kept), curves
    return data, {}


def result_of(found: Results, key: str) -> xr.Dataset | None:
    """The result that belongs to one of several measurements."""
    return found if found is None or isinstance(found, xr.Dataset) else found.get(key)


@dataclass(frozen=True)
class Fit:
    """A fit as it is drawn: its line [unit of the reading] over x [SI], the points that it was made of, its windows."""

    x: Any
    y: Any
    #: where the points of the fit are, and what they are over the line there; empty where the result does not say
    places: Any
    residual: Any
    fitted: Any
    windows: tuple[tuple[float, float], ...]


def fit_of(data: xr.Dataset, found: xr.Dataset | None, key: str, against: str, reading: str) -> Fit | None:
    """What a result says about one reading: the lines that an analysis left, else its fitted values at the points."""
    # a measurement that was only compared with has no fit of its own
    if found is None or any(found.attrs.get(n, own) != own for n in ("source", "part") if (own := data.attrs.get(n))):
        return None
    none, line = np.zeros(0), (f"fit_{against}", f"fit_{reading}")
    rows, curves = beside(data, part(found, key), reading)
    at = curves.get(against, rows[against].values if curves else none)
    if not curves and "fitted" in found and against in found.variables and found[against].dims == found["fitted"].dims:
        curves = part(found, key)
        at = curves.get(against, none)
    fitted = curves.get("fitted", none)
    residual = curves["measured"] - fitted if "measured" in curves else curves.get("residual", none)
    if curves and not residual.size:
        residual = np.asarray(rows[reading].values, dtype=float) - fitted
    if all(name in found.variables for name in line):
        x, y = (np.asarray(found[name].values, dtype=float) for name in line)
    elif fitted.size:
        x, y = at, fitted
    else:
        return None
    return Fit(x, y, at, residual, fitted, _windows(found, x, np.asarray(data[against].values, dtype=float)))


def _windows(found: xr.Dataset, x: Any, every: Any) -> tuple[tuple[float, float], ...]:
    """Where points took part in a fit, as far as that is not everywhere."""
    ends = np.asarray(found.attrs.get("fit_windows", found.attrs.get("window", ())), dtype=float)
    if ends.ndim != 1 or not ends.size or ends.size % 2:
        ends = np.array([np.nanmin(x), np.nanmax(x)])
    pairs = sorted((float(low), float(high)) for low, high in ends.reshape(-1, 2))
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    slack = 0.01 * (high - low)
    if len(pairs) == 1 and pairs[0][0] <= low + slack and pairs[0][1] >= high - slack:
        return ()
    return tuple((max(a, low), min(b, high)) for a, b in pairs if b >= low and a <= high)


def shade(axes: Axes, windows: tuple[tuple[float, float], ...], factor: float) -> None:
    """The windows of a fit behind the data, with their edges."""
    for i, (low, high) in enumerate(windows):
        words = ("window of the fit" if len(windows) == 1 else "windows of the fit") if i == 0 else None
        axes.axvspan(low * factor, high * factor, facecolor=WINDOW_COLOUR, edgecolor="0.75", linewidth=0.8, zorder=0,
                     label=words)  # fmt: skip


def legend(figure: Figure) -> None:
    """One legend beside the panels for everything that they show, so that nothing lies on the data."""
    named: dict[str, Any] = {}
    for axes in figure.axes:
        for handle, word in zip(*axes.get_legend_handles_labels(), strict=True):
            named.setdefault(word, handle)
    lines = sum(1 + word.count("\n") for word in named)
    room = max(8, int(5 * figure.get_figheight()))  # lines of its letters that the figure is high
    if named:
        figure.legend(list(named.values()), list(named), loc="outside right center", frameon=False, fontsize=8,
                      markerscale=1.5, ncols=1 + (lines - 1) // room)  # fmt: skip


def parameters(found: xr.Dataset | None, unit: str) -> list[tuple[str, float, float, str]]:
    """Parameters of a result that have that unit: name, value, error, words."""
    if found is None or "parameter" not in found.dims or "unit" not in found:
        return []
    rows = zip(found["parameter"].values, found["value"].values, found["error"].values, found["unit"].values,
               found["words"].values, strict=True)  # fmt: skip
    return [(str(n), float(v), float(e), str(w)) for n, v, e, u, w in rows if u == unit and np.isfinite(v)]


def with_error(value: float, error: float) -> str:
    """A number with its standard error, both to the second digit of the error; without one to four digits."""
    if not np.isfinite(error) or error <= 0:
        return f"{value:.4g}".replace("-", "−")
    digits = 1 - int(np.floor(np.log10(error)))
    if 0 <= digits <= 8:
        return f"{value:.{digits}f} ± {error:.{digits}f}".replace("-", "−")
    return f"{value:.6g} ± {error:.2g}".replace("-", "−")


def finish(axes: Axes) -> None:
    """The common look of a panel of measured data."""
    tidy(axes)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.ticklabel_format(axis="y", useOffset=False)


def inline(figure: Figure) -> str:
    """The figure as an address that holds it ("data:image/svg+xml;..."), for pages that stand alone."""
    file = io.BytesIO()
    # a fixed salt: the same figure gives the same text
    with rc_context({"svg.hashsalt": "spinstack"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")
        figure.savefig(file, format="svg", dpi=DPI, metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode("ascii")
