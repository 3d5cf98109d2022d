"""Where results of an analysis go: NetCDF and CSV, figures and the report; each file complete or not there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinstack.cli.results import Folder

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from spinstack.measure.analysis_file import AnalysisFile
    from spinstack.measure.analysis_run import Analysed


class Results:
    """The folder of one analysis: measurements/, results/, figures/, report.html."""

    def __init__(self, path: Path, file: AnalysisFile) -> None:
        from spinstack.cli.version import version

        attributes = {"title": file.title, "spinstack_version": version()}
        self.path, self.formats = path, file.figures
        self.measurements = Folder(path / "measurements", attributes, ())
        self.found = Folder(path / "results", attributes, ())
        self.figures = Folder(path / "figures", attributes, file.figures)
        self.written: list[str] = []
        #: figures as addresses that hold them, for the report
        self.inline: dict[str, str] = {}

    def check(self) -> None:
        """Refuse a path that cannot become a folder."""
        for folder in (self.measurements, self.found, self.figures):
            folder.check()

    def measurement(self, name: str, dataset: xr.Dataset) -> None:
        """Write a cleaned measurement: all of it as NetCDF, its columns as CSV with their units."""
        self.measurements.write(name, storable(dataset))
        self._csv(self.measurements.path / f"{name}.csv", dataset, "point")
        self.written.append(f"measurements/{name}")

    def result(self, name: str, dataset: xr.Dataset) -> None:
        """Write a result: all of it as NetCDF, parameters and curves as CSV."""
        self.found.write(name, storable(dataset))
        parameters = [n for n, v in dataset.data_vars.items() if v.dims == ("parameter",)]
        if parameters:
            frame = dataset[parameters].to_dataframe()
            write(self.found.path / f"{name}.csv", lambda target: frame.to_csv(target))
        dims = [str(d) for d in dataset.dims if not str(d).startswith("parameter")]
        for dim in dims:
            tail = "curves" if len(dims) == 1 else f"curves_{dim}"
            self._csv(self.found.path / f"{name}_{tail}.csv", dataset, dim)
        self.written.append(f"results/{name}")

    def _csv(self, target: Path, dataset: xr.Dataset, dim: str) -> None:
        """Columns over one dimension, conditions before readings."""
        import pandas as pd

        def header(name: str) -> str:
            unit = dataset[name].attrs.get("units", "")
            return f"{name} [{unit}]" if unit and unit != "1" else name

        names = [str(n) for n in (*dataset.coords, *dataset.data_vars) if dataset[n].dims == (dim,)]
        if names:
            frame = pd.DataFrame({header(n): dataset[n].values for n in names})
            write(target, lambda place: frame.to_csv(place, index=False))

    def draw(self, name: str, figure: Figure) -> None:
        """Write one figure in every format asked for and keep it for the report."""
        from spinstack.figures import inline

        self.figures.draw(name, figure)
        self.inline[name] = inline(figure)

    def report(self, state: Analysed) -> None:
        """Write the report."""
        from spinstack.cli.analyze_report import report

        text = report(state, self.inline, self.formats)
        self.path.mkdir(parents=True, exist_ok=True)
        write(self.path / "report.html", lambda target: target.write_text(text, encoding="utf-8"))


def write(target: Path, writer: Callable[[Path], Any]) -> None:
    """Let `writer` write under a temporary name, then give the file its own."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        writer(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def storable(dataset: xr.Dataset) -> xr.Dataset:
    """The dataset with attributes that NetCDF can hold: truth values as 0 and 1, tables and lists as JSON."""
    out = dataset.assign_attrs({k: _plain(v) for k, v in dataset.attrs.items()})
    for name in out.variables:
        out[name].attrs = {k: _plain(v) for k, v in out[name].attrs.items()}
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if value is None:
        return ""
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value if isinstance(value, str | int | float) or hasattr(value, "dtype") else str(value)
