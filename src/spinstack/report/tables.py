"""Tables of text, for whatever prints or shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.registry import COORDINATES
from spinstack.text import store
from spinstack.text.plain import cell

if TYPE_CHECKING:
    import xarray as xr

#: rows of a CSV file up to which one is written beside NetCDF
MOST_ROWS = 1_000_000


@dataclass
class Table:
    """Rows of text under a title; the first `left` columns are words, the others numbers.

    The first `solid` columns are never broken into lines; `sections` are the rows before which a rule stands.
    """

    title: str
    columns: tuple[str, ...]
    left: int = 1
    caption: str = ""
    rows: list[tuple[str, ...]] = field(default_factory=list)
    sections: list[int] = field(default_factory=list)
    solid: int = 0

    def add(self, *cells: str) -> None:
        """Add one row."""
        self.rows.append(cells)

    def add_section(self) -> None:
        """Put a rule before the next row."""
        self.sections.append(len(self.rows))


def write_columns(target: Path, dataset: xr.Dataset, dim: str) -> None:
    """A CSV file of everything over one dimension, conditions before readings, units in brackets."""
    import pandas as pd

    def header(name: str) -> str:
        unit = dataset[name].attrs.get("units", "")
        return f"{name} [{unit}]" if unit and unit != "1" else name

    names = [str(n) for n in (*dataset.coords, *dataset.data_vars) if dataset[n].dims == (dim,)]
    if names:
        _write(target, pd.DataFrame({header(n): dataset[n].values for n in names}), index=False)


def write_parameters(target: Path, dataset: xr.Dataset) -> None:
    """A CSV file of the parameters of a result, if it has any."""
    parameters = [n for n, v in dataset.data_vars.items() if v.dims == ("parameter",)]
    if parameters:
        _write(target, dataset[parameters].to_dataframe())


def write_rows(target: Path, dataset: xr.Dataset) -> bool:
    """A CSV file of a whole result: a row for every point, components as columns; not of more than MOST_ROWS."""
    import xarray

    columns: dict[str, Any] = {}
    for name, variable in dataset.data_vars.items():
        inner = [d for d in variable.dims if d in COORDINATES]
        unit = variable.attrs.get("units", "1")
        for labels in product(*(dataset[d].values for d in inner)):
            words = "_".join(map(str, (name, *labels)))
            columns[words + ("" if unit == "1" else f" [{unit}]")] = variable.sel(dict(zip(inner, labels, strict=True)))
    points = xarray.Dataset({n: v.drop_vars([d for d in COORDINATES if d in v.coords]) for n, v in columns.items()})
    if np.prod([*points.sizes.values()], dtype=float) > MOST_ROWS:
        return False
    frame = points.to_dataframe() if points.sizes else points.expand_dims("point").to_dataframe()
    units = {str(n): str(c.attrs["units"]) for n, c in dataset.coords.items() if c.attrs.get("units", "1") != "1"}
    frame = frame.reset_index().rename(columns={n: f"{n} [{unit}]" for n, unit in units.items()})
    _write(target, frame.drop(columns=["point", "index"], errors="ignore"), index=False)
    return True


def _write(target: Path, frame: Any, **options: Any) -> None:
    frame = frame.rename(columns=cell, index=lambda label: cell(label) if isinstance(label, str) else label)
    words = frame.select_dtypes(exclude="number").columns
    frame[words] = frame[words].map(lambda value: cell(value) if isinstance(value, str) else value)
    with store.replacing(target) as temporary:
        frame.to_csv(temporary, **options)
