"""Results of many measurements in one figure: amplitudes against temperature, field or thickness."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures.measured import axis_label, condition_scale, finish, unit_of
from spinstack.figures.style import (
    COLOURS,
    FEW,
    angle_axis,
    from_base,
    full_turn,
    head,
    in_lines,
    label,
    plain,
    unwrapped,
)
from spinstack.text.errors import ParameterError


def measured_table(
    table: xr.Dataset, found: xr.Dataset | None = None, *, names: Sequence[str] | None = None, title: str = ""
) -> Figure:
    """Values with error bars against the condition that the table runs over, one panel a unit.

    What is a hundred times smaller than the rest of its unit has a panel of its own.

    Parameters
    ----------
    table
        Variables over one dimension, `NAME_error` the standard error of `NAME`; or `value` and `error` over
        `parameter` and one more dimension, with `unit` over `parameter`.
    found
        Taken in place of `table` where it is given: what an analysis of many measurements returned.
    names
        Which to draw; default: all.
    """
    members = series(table if found is None else found)
    wanted = list(members) if names is None else list(names)
    for name in wanted:
        if name not in members:
            raise ParameterError(field="names", got=name, allowed=", ".join(members))
    if not wanted:
        raise ParameterError("got nothing with values over one dimension", field="table")
    groups = _groups({name: members[name] for name in wanted})
    beside = any(len(group) > 1 for group in groups)
    figure = Figure(figsize=(7.6 if beside else 6.2, 0.8 + 2.7 * len(groups)), layout="constrained")
    panels = figure.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
    for axes, group in zip(panels, groups, strict=True):
        _panel(axes, members[group[0]][3], {m: members[m] for m in group})
    x = members[wanted[0]][0]
    if "labels" in x.attrs:
        many = x.size > 10
        panels[-1].set_xticks(x.values, [plain(v) for v in x.attrs["labels"]], rotation=90 if many else 30,
                              ha="center" if many else "right")  # fmt: skip
    else:
        panels[-1].set_xlabel(_x_words(x))
        if x.attrs.get("units") == "deg":
            angle_axis(panels[-1], x.values)
    head(figure, in_lines(title, figure.get_figwidth()))
    return figure


Series = tuple[xr.DataArray, Any, Any, str, str]


def series(table: xr.Dataset) -> dict[str, Series]:
    """Name -> condition, values, errors, unit, words."""
    out: dict[str, Series] = {}
    if "parameter" in table.dims and "value" in table and table["value"].ndim == 2:
        (along,) = (d for d in table["value"].dims if d != "parameter")
        for name in table["parameter"].values:
            row = table.sel(parameter=name)
            unit = str(row["unit"].values if row["unit"].ndim == 0 else row["unit"].values[0])
            words = str(row["words"].values if row["words"].ndim == 0 else row["words"].values[0])
            out[str(name)] = (_condition(table, str(along)), row["value"].values, row["error"].values, unit, words)
        return out
    for name, array in table.data_vars.items():
        if (
            array.ndim == 1
            and array.dims != ("parameter",)
            and array.dtype.kind == "f"
            and not str(name).endswith("_error")
        ):
            along = str(array.dims[0])
            error = table.get(f"{name}_error")
            words = str(array.attrs.get("long_name", str(name).replace("_", " ")))
            errors = np.full(array.size, np.nan) if error is None else error.values
            out[str(name)] = (_condition(table, along), array.values, errors, unit_of(table, str(name)), words)
    return out


def _groups(members: dict[str, Series]) -> list[list[str]]:
    """Names that share a panel: of one unit, and of sizes that one axis can show."""
    size = {n: float(np.nanmax(np.abs(m[1]), initial=0.0)) for n, m in members.items()}
    out: list[list[str]] = []
    for name, (_, values, errors, unit, _) in members.items():
        for group in out:
            if members[group[0]][3] != unit:
                continue
            largest = max(size[n] for n in group)
            known = errors > 0
            told = np.median(np.abs(values[known]) / errors[known]) > 3 if known.any() else True
            if largest < 100 * size[name] < 1e4 * largest or not told or not largest or not size[name]:
                group.append(name)
                break
        else:
            out.append([name])
    return out


def _condition(table: xr.Dataset, along: str) -> xr.DataArray:
    """The coordinate along a dimension: its own, else the first numeric one over it, else the positions."""
    if along in table.coords and table[along].dtype.kind in "fi":
        return table[along]
    for array in table.coords.values():
        if array.dims == (along,) and array.dtype.kind in "fi":
            return array
    positions = np.arange(table.sizes[along])
    labels = [str(v) for v in table[along].values] if along in table.coords else [str(k) for k in positions]
    return xr.DataArray(positions, dims=along, name=along, attrs={"labels": labels})


def _x_words(x: xr.DataArray) -> str:
    unit = str(x.attrs.get("units", "1"))
    return axis_label(xr.Dataset({str(x.name): x.reset_coords(drop=True)}), str(x.name),
                      "" if unit == "1" else condition_scale(x.values, unit)[1])  # fmt: skip


def _panel(axes: Any, unit: str, members: dict[str, Series]) -> None:
    members = {name: _in_order(name, one) for name, one in members.items()}
    every = np.concatenate([np.ravel(m[1]) for m in members.values()])
    ratio = unit in ("", "1", "%")
    base, factor, unit_text, less = from_base(every, unit)
    if ratio and not base and unit != "%" and every.size and 0 < np.nanmax(np.abs(every)) < 0.1:
        factor, unit_text = (100.0, "%") if np.nanmax(np.abs(every)) >= 2e-4 else (1e6, "10⁻⁶")
    for i, (name, (x, values, errors, _, _)) in enumerate(members.items()):
        x_factor = condition_scale(x.values, str(x.attrs.get("units", "1")))[0]
        bars = errors * factor if np.any(np.isfinite(errors)) else None
        # what a fit says of a point is a dash across it, so that both are seen where they agree
        marker, size = ("_", 14.0) if name.endswith("_explained") else (("o", "s", "^", "D", "v")[i % 5], 4.5)
        axes.errorbar(x.values * x_factor, (values - base) * factor, yerr=bars, color=COLOURS[i % len(COLOURS)],
                      marker=marker, markersize=size, elinewidth=1.0, capsize=2,
                      linewidth=0.0 if values.size <= FEW else 0.8,
                      label=plain(name).replace("_", " ") if len(members) > 1 else None)  # fmt: skip
    finish(axes)
    if np.nanmin(every) < 0 < np.nanmax(every):
        axes.axhline(0.0, color="0.5", linewidth=0.8, zorder=1)
    if len(members) > 1:
        axes.legend(
            frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), ncols=1 + (len(members) - 1) // 12
        )
    words = next(iter(members.values()))[4] if len(members) == 1 else "value"
    axes.set_ylabel(label(plain(words) + less, unit_text, 30))


def _in_order(name: str, one: Series) -> Series:
    """A series along its condition; an angle without jumps by a turn, the phase of order n by the n-th of one."""
    x, values, errors, unit, words = one
    order = np.argsort(x.values, kind="stable")
    values = values[order]
    if turn := full_turn(unit):
        found = re.fullmatch(r"phase([1-9]\d?)", name)
        values = unwrapped(values, turn / int(found[1]) if found else turn)
    return x[order], values, errors[order], unit, words
