"""What a run of measured data leaves beside its NetCDF files: CSV, figures, and a page with everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spinstack.report import page
from spinstack.report.figures import draw
from spinstack.report.tables import write_columns, write_parameters
from spinstack.study.folder import Folder
from spinstack.study.results import Result
from spinstack.study.run import Run
from spinstack.text import store

if TYPE_CHECKING:
    import xarray as xr


@dataclass
class DataReport:
    """Made of a run result by result; `inline` holds the figures as addresses, for the page."""

    run: Run
    folder: Folder
    formats: tuple[str, ...]
    inline: dict[str, str] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """Write the columns of one result and draw it; a figure that cannot be drawn costs no number."""
        data = result.dataset
        if result.kind == "measurements":
            write_columns(self.folder.file(result.name, result.kind, ".csv"), data, "point")
        else:
            write_parameters(self.folder.file(result.name, result.kind, ".csv"), data)
            if "sample_file" in data.attrs:
                store.write_text(self.folder.file(result.name, result.kind, ".toml"), data.attrs["sample_file"])
            dims = [str(d) for d in data.dims if not str(d).startswith("parameter")]
            for dim in dims:
                tail = "curves" if len(dims) == 1 else f"curves_{dim}"
                write_columns(self.folder.file(f"{result.name}_{tail}", result.kind, ".csv"), data, dim)
        figure, inputs = self._figure(result)
        if not figure or not self.formats:
            return
        from spinstack import figures

        drawing = getattr(figures, figure)
        drawn = draw(self.run, self.folder, result.name, "figures", self.formats, drawing, *inputs)
        if drawn is not None:
            self.inline[result.name] = figures.inline(drawn)

    def _figure(self, result: Result) -> tuple[str, tuple[Any, ...]]:
        """The function of :mod:`spinstack.figures` that draws a result, and what it draws."""
        if result.kind == "measurements":
            return "measured_cleaning", (self.run.read[result.inputs[0]], result.dataset)
        figure = getattr(result.request, "figure", "")
        if figure in ("", "measured_table"):
            return figure, (result.dataset,)
        inputs = drawn_from(self.run, result)
        return figure if inputs else "", (inputs, fits_of(self.run, result) or result.dataset)

    def finish(self) -> None:
        """Write the page."""
        text = page.render(self.run, self.inline, self.formats)
        store.write_text(self.folder.file("report", "", ".html"), text)


def fits_of(run: Run, result: Result) -> dict[str, xr.Dataset]:
    """The fits behind a result of results, by the measurement that each was made of."""
    of = getattr(result.request, "of", ())
    earlier = (r for r in run.results if r.kind == "results" and r.request.name in of)
    return {r.inputs[0]: r.dataset for r in earlier if len(r.inputs) == 1}


def drawn_from(run: Run, result: Result) -> dict[str, xr.Dataset]:
    """The measurements behind a result, by plane where a joint fit names them so."""
    cleaned = run.of_kind("measurements")
    measured = {n: cleaned[n] for n in result.inputs if n in cleaned}
    planes = [str(d.attrs.get("plane", "")) for d in measured.values()]
    if not fits_of(run, result) and all(planes) and len(set(planes)) == len(planes):
        return dict(zip(planes, measured.values(), strict=True))
    return measured
