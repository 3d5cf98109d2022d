"""The folder of a study's results: NetCDF files that say what made them, each complete or not there at all."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.study.results import Result
from spinstack.text import store
from spinstack.text.errors import ParameterError
from spinstack.text.plain import visible

if TYPE_CHECKING:
    import xarray as xr


#: characters that HDF5 has no place for
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_REMEDY = "Give another folder (-o on the command line)."


@dataclass(frozen=True)
class Folder:
    """Where results go; made with the first file, never before.

    Args:
        path: the folder.
    """

    path: Path

    def check(self) -> None:
        """Refuse a path that cannot become a folder; what a killed program has left half written there is removed."""
        for place in (self.path, *self.path.glob("*/")):
            store.clear(place)
        for place in (self.path, *self.path.parents):
            if place.exists() or place.is_symlink():
                if not place.is_dir():
                    raise ParameterError("is a file, not a folder for results", where=str(place), remedy=_REMEDY)
                if not os.access(place, os.W_OK | os.X_OK):
                    raise ParameterError("nothing can be written there", where=str(place), remedy=_REMEDY)
                return

    def files(self) -> dict[Path, int]:
        """The files of results that are there, and when each was written [ns]."""
        kinds = ("measurements", "results", "figures")
        found = (path for kind in kinds for path in sorted((self.path / kind).glob("*")) if path.is_file())
        return {path: path.stat().st_mtime_ns for path in found}

    def file(self, name: str, kind: str = "", suffix: str = ".nc") -> Path:
        """The file of one result, in a folder that exists."""
        place = self.path / kind
        place.mkdir(parents=True, exist_ok=True)
        return place / f"{name}{suffix}"

    def write(self, result: Result) -> None:
        """Write one result; an older one of its name is replaced."""
        file = self.file(result.name, result.kind)
        store.write_dataset(file, storable(result.dataset))
        shutil.rmtree(file.with_name(f"{file.name}.parts"), ignore_errors=True)

    def finish(self, results: Sequence[Result]) -> None:
        """Called where all results are complete; each has its file already."""

    def keeps(self, name: str) -> bool:
        """Whether parts of an unfinished result are kept, from which the next run goes on."""
        return (self.path / f"{name}.nc.parts").is_dir()

    def finished(self, name: str, key: str) -> xr.Dataset | None:
        """The stored result of that name whose `request_key` is `key`; None where there is none."""
        found = store.read_dataset(self.path / f"{name}.nc")
        return found if found is not None and found.attrs.get("request_key") == key else None


def storable(dataset: xr.Dataset) -> xr.Dataset:
    """The dataset as NetCDF can hold it: truth values as 0 and 1, tables and lists as JSON, names without slashes."""
    out = dataset.copy()
    holders: list[Any] = [out, *out.variables.values()]
    for holder in holders:
        holder.attrs = {visible(str(k)): _plain(v) for k, v in holder.attrs.items()}
    for name, variable in dataset.variables.items():
        texts = variable.values.ravel().tolist() if variable.dtype.kind in "OU" else []
        if any(_plain(text) != text for text in texts if isinstance(text, str)):
            values = np.array([_plain(text) for text in texts], dtype=object).reshape(variable.shape)
            out[name] = (variable.dims, values, out[name].attrs)
    return out.rename(_names([str(n) for n in {*out.variables, *out.dims}]))


def _names(names: list[str]) -> dict[str, str]:
    """Those names that HDF5 would take for a path, and others for them."""
    changes: dict[str, str] = {}
    for name in sorted(names):
        new = visible(name).replace("/", "_")
        new = new if new.strip(".") else f"_{new}"
        while new != name and new in {*names, *changes.values()}:
            new += "_"
        if new != name:
            changes[name] = new
    return changes


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if value is None:
        return ""
    if isinstance(value, list | tuple) and value and all(type(v) in (int, float) for v in value):
        return list(value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str):
        return visible(value, lines=True) if _UNSTORABLE.search(value) else value
    return value if isinstance(value, int | float) or hasattr(value, "dtype") else str(value)
