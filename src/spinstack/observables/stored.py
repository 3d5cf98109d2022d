"""The file of a sweep, and its finished parts beside it until all are done."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spinstack.stack import ParameterError
from spinstack.text import store

if TYPE_CHECKING:
    import xarray


class Stored:
    """Each part is written in one go and carries a checksum, so a program that is killed leaves no broken one."""

    def __init__(self, path: Path, key: str, overwrite: bool) -> None:
        self.path, self.key = path, key
        if path.is_dir():
            raise ParameterError(
                "which is a folder",
                field="path",
                got=str(path),
                remedy="Give the name of a NetCDF file, such as 'map.nc'.",
            )
        self.parts = path.with_name(path.name + ".parts")
        if not path.parent.is_dir():
            raise ParameterError(
                f"but the folder {str(path.parent)!r} does not exist",
                field="path",
                got=str(path),
                remedy="Create it first.",
            )
        if path.exists() and not overwrite and not self.finished():
            raise ParameterError(
                "which exists and holds something else",
                field="path",
                got=str(path),
                remedy="Choose another name or pass overwrite=True.",
            )

    def finished(self) -> bool:
        """Whether the file holds this very sweep."""
        import h5py

        if not self.path.exists() or not h5py.is_hdf5(self.path):
            return False
        with h5py.File(self.path) as file:
            found = file.attrs.get("sweep_key", "")
        return (found.decode() if isinstance(found, bytes) else str(found)) == self.key

    def load(self) -> xarray.Dataset:
        """The finished sweep."""
        import xarray

        shutil.rmtree(self.parts, ignore_errors=True)
        return xarray.load_dataset(self.path, engine="h5netcdf")

    def _file(self, number: int) -> Path:
        return self.parts / f"{self.key[:16]}-{number:06d}.part"

    def read(self, number: int) -> dict[str, np.ndarray] | None:
        """One part, or None where it has not been computed."""
        return store.read_arrays(self._file(number))

    def write(self, number: int, part: dict[str, np.ndarray]) -> None:
        """Keep one part."""
        self.parts.mkdir(exist_ok=True)
        store.write_arrays(self._file(number), part)

    def finish(self, result: xarray.Dataset) -> None:
        """Write the whole sweep and remove its parts."""
        store.write_dataset(self.path, result)
        shutil.rmtree(self.parts, ignore_errors=True)
