"""Tables of text, for whatever prints or shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinstack.text import store
from spinstack.text.plain import cell

if TYPE_CHECKING:
    import xarray as xr


@dataclass
class Table:
    """Rows of text under a title; the first `left` columns are words, the others numbers.

    `sections` are the rows before which a rule stands.
    """

    title: str
    columns: tuple[str, ...]
    left: int = 1
    caption: str = ""
    rows: list[tuple[str, ...]] = field(default_factory=list)
    sections: list[int] = field(default_factory=list)

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


def _write(target: Path, frame: Any, **options: Any) -> None:
    frame = frame.rename(columns=cell, index=lambda label: cell(label) if isinstance(label, str) else label)
    words = frame.select_dtypes(exclude="number").columns
    frame[words] = frame[words].map(lambda value: cell(value) if isinstance(value, str) else value)
    with store.replacing(target) as temporary:
        frame.to_csv(temporary, **options)
