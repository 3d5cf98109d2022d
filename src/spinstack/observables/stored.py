"""The file or the folder of a sweep, and its finished parts until all are done."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.tiles import Tiles
from spinstack.stack import ParameterError
from spinstack.text import store

if TYPE_CHECKING:
    import xarray

Arrays = dict[str, np.ndarray]
#: attributes of a piece: which it is of which sweep, and what of it is no number
OF_PIECE = ("piece", COMPLAINT := "not_finite")


class Parts:
    """Finished parts of what goes to `path`, in a folder beside it; what is not as it was written is not there."""

    def __init__(self, path: Path, key: str) -> None:
        self.folder, self.key = path.with_name(path.name + ".parts"), key

    def _file(self, number: int) -> Path:
        return self.folder / f"{self.key[:16]}-{number:06d}.part"

    def has(self, number: int) -> bool:
        """Whether there is a file of one part."""
        return self._file(number).exists()

    def read(self, number: int) -> Arrays | None:
        """One part, or None where it has not been computed."""
        return store.read_arrays(self._file(number), f"{self.key} {number}")

    def write(self, number: int, part: Arrays, labelled: Callable[[Arrays], xarray.Dataset] | None = None) -> None:
        """Keep one part."""
        store.in_folder(self.folder, lambda: store.write_arrays(self._file(number), part, f"{self.key} {number}"))

    def remove(self) -> None:
        """Remove all parts."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Stored:
    """What is kept of the sweep with this key; whatever is not as it was written counts as not there."""

    def __init__(self, path: Path, key: str, overwrite: bool) -> None:
        self.path, self.key = path, key
        if path.is_dir():
            remedy = "Give the name of a NetCDF file, such as 'map.nc', or to=... for a folder."
            raise ParameterError("which is a folder", field="path", got=str(path), remedy=remedy)
        _check_parent(path, "path")
        store.clear(path.parent)
        self.parts = Parts(path.absolute(), key)
        #: the finished sweep, None where it is not there
        self.result = self.load()
        if self.result is None and path.exists() and not overwrite and not store.is_damaged(path):
            remedy = "Choose another name or pass overwrite=True."
            raise ParameterError("which exists and holds something else", field="path", got=str(path), remedy=remedy)

    def load(self) -> xarray.Dataset | None:
        """The finished sweep."""
        found = store.read_dataset(self.path)
        if found is None or found.attrs.get("sweep_key") != self.key:
            return None
        self.parts.remove()
        return found

    def finish(self, result: xarray.Dataset) -> None:
        """Write the whole sweep and remove its parts."""
        store.write_dataset(self.path, result)
        self.parts.remove()


class Pieces:
    """Finished parts of a sweep that stay: a NetCDF file each in ``pieces``; in ``sweep.nc`` beside it they are one.

    That has coordinates and attributes and says where its numbers stand, so that HDF5 reads them as if they were
    in it, and only those that are asked for.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder.absolute(), key

    @property
    def whole(self) -> Path:
        """The file of all."""
        return self.folder / "sweep.nc"

    def _name(self, number: int) -> str:
        return f"pieces/{number:06d}.nc"

    def prepare(self, overwrite: bool) -> None:
        """Refuse a folder that holds something else, or empty it of another sweep."""
        if self.folder.exists() and not self.folder.is_dir():
            raise ParameterError("which is a file", field="to", got=str(self.folder), allowed="a folder")
        _check_parent(self.folder, "to")
        inside = self.folder / "pieces"
        store.clear(self.folder)
        store.clear(inside)
        if not self.folder.exists():
            return
        some = [self.whole, *sorted(inside.glob("[0-9]*.nc"))[:1]]
        keys = {store.attribute(file, "sweep_key") for file in some if store.is_sealed(file)}
        strange = {file.name for file in self.folder.iterdir()} - {"pieces", "sweep.nc"}
        if strange and not keys:
            why = f"which holds something else, such as {min(strange)!r}"
            raise ParameterError(why, field="to", got=str(self.folder), remedy="Choose another folder.")
        if keys <= {self.key}:
            return
        if not overwrite:
            remedy = "Choose another folder or pass overwrite=True."
            raise ParameterError("which holds another sweep", field="to", got=str(self.folder), remedy=remedy)
        self.whole.unlink(missing_ok=True)
        shutil.rmtree(inside)

    def has(self, number: int) -> bool:
        """Whether there is a file of one piece."""
        return (self.folder / self._name(number)).exists()

    def read(self, number: int) -> Arrays | None:
        """Nothing, or None where a piece is not as it was written: its numbers are not needed here."""
        file = self.folder / self._name(number)
        known = store.is_sealed(file) and store.attribute(file, "piece") == f"{self.key} {number}"
        return {} if known else None

    def write(self, number: int, part: Arrays, labelled: Callable[[Arrays], xarray.Dataset]) -> None:
        """Keep one piece."""
        file = self.folder / self._name(number)
        dataset = labelled(part).assign_attrs(piece=f"{self.key} {number}")
        store.in_folder(file.parent, lambda: store.write_dataset(file, dataset))

    def finish(self, tiles: Tiles, axes: dict[str, Any]) -> None:
        """Write the file of all; `axes` are its coordinates along the leading dimensions."""
        names = [self._name(number) for number in range(len(tiles))]
        first = store.read_dataset(self.folder / names[0])
        if first is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.folder / names[0]))
        empty = first.drop_vars([*first.data_vars, *axes]).assign_coords(axes)
        empty.attrs = {name: v for name, v in first.attrs.items() if name not in OF_PIECE}
        boxes = {name: tiles.box(number) for number, name in enumerate(names)}
        store.write_joined(self.whole, empty, boxes, tiles.shape)

    def open(self) -> xarray.Dataset:
        """All pieces as one, none of which is read before it is asked for."""
        import xarray

        return xarray.open_dataset(self.whole, engine="h5netcdf")

    def complaint(self, count: int) -> str:
        """The first complaint of so many pieces; "" where there is none."""
        files = (self.folder / self._name(number) for number in range(count))
        return next(filter(None, (store.attribute(file, COMPLAINT) for file in files)), "")


def _check_parent(path: Path, field: str) -> None:
    if not path.absolute().parent.is_dir():
        why = f"but the folder {os.fspath(path.parent)!r} does not exist"
        raise ParameterError(why, field=field, got=str(path), remedy="Create it first.")
