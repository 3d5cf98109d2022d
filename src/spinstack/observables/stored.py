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


class Parts:
    """Finished parts of what goes to `path`, in a folder beside it; what is not as it was written is not there."""

    def __init__(self, path: Path, key: str) -> None:
        self.folder, self.key = path.with_name(path.name + ".parts"), key

    def _file(self, number: int) -> Path:
        return self.folder / f"{self.key[:16]}-{number:06d}.part"

    def read(self, number: int) -> dict[str, np.ndarray] | None:
        """One part, or None where it has not been computed."""
        return store.read_arrays(self._file(number), f"{self.key} {number}")

    def write(self, number: int, part: dict[str, np.ndarray]) -> None:
        """Keep one part."""
        self.folder.mkdir(parents=True, exist_ok=True)
        store.write_arrays(self._file(number), part, f"{self.key} {number}")

    def remove(self) -> None:
        """Remove all parts."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Stored:
    """What is kept of the sweep with this key; whatever is not as it was written counts as not there."""

    def __init__(self, path: Path, key: str, overwrite: bool) -> None:
        self.path, self.key = path, key
        if path.is_dir():
            remedy = "Give the name of a NetCDF file, such as 'map.nc'."
            raise ParameterError("which is a folder", field="path", got=str(path), remedy=remedy)
        if not path.parent.is_dir():
            why = f"but the folder {str(path.parent)!r} does not exist"
            raise ParameterError(why, field="path", got=str(path), remedy="Create it first.")
        store.clear(path.parent)
        self.parts = Parts(path.absolute(), key)
        #: the finished sweep, None where it is not there
        self.result = self._load()
        if self.result is None and path.exists() and not overwrite and not store.is_damaged(path):
            remedy = "Choose another name or pass overwrite=True."
            raise ParameterError("which exists and holds something else", field="path", got=str(path), remedy=remedy)

    def _load(self) -> xarray.Dataset | None:
        found = store.read_dataset(self.path)
        if found is None or found.attrs.get("sweep_key") != self.key:
            return None
        self.parts.remove()
        return found

    def finish(self, result: xarray.Dataset) -> None:
        """Write the whole sweep and remove its parts."""
        store.write_dataset(self.path, result)
        self.parts.remove()
