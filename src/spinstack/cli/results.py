"""Writing results: NetCDF files that say what made them, each complete or not there at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spinstack.stack import ParameterError

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Folder:
    """Where results go; made with the first file, never before."""

    path: Path
    attributes: dict[str, str]
    figures: Sequence[str]

    def check(self) -> None:
        """Refuse a path that cannot become a folder."""
        for place in (self.path, *self.path.parents):
            if place.exists():
                if not place.is_dir():
                    raise ParameterError(f"{place}: is a file, not a folder for results. Give another one with -o.")
                if not os.access(place, os.W_OK | os.X_OK):
                    raise ParameterError(f"{place}: nothing can be written there. Give another folder with -o.")
                return

    def make(self) -> None:
        """Create the folder."""
        self.path.mkdir(parents=True, exist_ok=True)

    def file(self, name: str) -> Path:
        """The NetCDF file of one result."""
        return self.path / f"{name}.nc"

    def write(self, name: str, dataset: xarray.Dataset) -> None:
        """Write one dataset with the common attributes under a temporary name, then give it its own."""
        self.make()
        stored = dataset.assign_attrs(self.attributes)
        target = self.file(name)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            stored.to_netcdf(temporary, engine="h5netcdf")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def draw(self, name: str, figure: Figure) -> None:
        """Write one figure in every format asked for."""
        from spinstack.figures import save

        self.make()
        save(figure, self.path / name, self.figures)

    def finish(self, name: str, dataset: xarray.Dataset, figure: str) -> None:
        """Write one dataset and its figure, drawn by that function of :mod:`spinstack.figures`."""
        self.write(name, dataset)
        if self.figures:
            import spinstack.figures

            self.draw(name, getattr(spinstack.figures, figure)(dataset, title=self.attributes["title"]))
