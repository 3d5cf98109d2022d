"""The folder of a fit: one file ``fit.nc`` with a group for everything that was found, read by xarray.open_datatree.

What is complete is kept beside it, each result and each part of one in a file of its own, until the whole run is: a
run that was killed goes on from there. Groups that an earlier run of the same problem has made, and this one was not
asked for, stay.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xarray as xr

from spinstack.observables.stored import Parts
from spinstack.study.folder import Folder, storable
from spinstack.study.results import Result
from spinstack.text import store
from spinstack.text.errors import ParameterError

#: the file of everything that a fit has found
FILE = "fit.nc"


@dataclass(frozen=True)
class FitFolder(Folder):
    """Where results of a fit go."""

    @property
    def _kept(self) -> Path:
        return self.path / f"{FILE}.parts"

    def check(self) -> None:
        """See :meth:`Folder.check`."""
        super().check()
        store.clear(self._kept)

    def blocks(self, key: str) -> Parts:
        """Where the parts of the result with that key are kept."""
        return Parts(self.path / FILE, key)

    def keeps(self, name: str) -> bool:
        """Whether anything of an unfinished run is kept, from which the next one goes on."""
        return self._kept.is_dir()

    def write(self, result: Result) -> None:
        """Keep one result until all are there."""
        self._kept.mkdir(parents=True, exist_ok=True)
        store.write_tree(self._part(_group(result)), _node(result))

    def stored(self, name: str, key: str) -> xr.DataTree | None:
        """The group of that name whose `request_key` is `key`; None where there is none."""
        found = store.read_tree(self._part(name))
        if found is None or found.attrs.get("request_key") != key:
            whole = store.read_tree(self.path / FILE)
            node = whole[name] if whole is not None and name in whole else None
            found = node if isinstance(node, xr.DataTree) else None
        return found if found is not None and found.attrs.get("request_key") == key else None

    def finish(self, results: Sequence[Result]) -> None:
        """Write the file of all results."""
        if not results:
            return
        groups = {_group(result): _node(result) for result in results}
        keys = {result.dataset.attrs["study_key"] for result in results}
        old = store.read_tree(self.path / FILE)
        for node in old.subtree if old is not None else ():
            name = node.path.lstrip("/")
            if name not in groups and node.attrs.get("study_key") in keys:
                groups[name] = node.copy()
        root = {n: results[-1].dataset.attrs[n] for n in ("title", "fit_file", "spinstack_version")}
        whole = xr.DataTree(xr.Dataset(attrs=root))
        for name, node in groups.items():
            node.attrs = {n: v for n, v in node.attrs.items() if n not in root}
            whole[name] = node
        store.write_tree(self.path / FILE, whole)
        shutil.rmtree(self._kept, ignore_errors=True)

    def _part(self, group: str) -> Path:
        return self._kept / f"{group.replace('/', '.')}.nc"


def read_results(folder: str | os.PathLike[str]) -> xr.DataTree:
    """All that a run has stored in a folder; raises ParameterError where there is nothing that can be read."""
    file = Path(folder) / FILE if Path(folder).is_dir() else Path(folder)
    found = store.read_tree(file)
    if found is None or "fit" not in found:
        why = "which is no result of a fit, or not as it was written" if file.exists() else "there is no such file"
        remedy = "Make it with: spinstack fit FILE.toml -o FOLDER."
        raise ParameterError(why, field="results", got=str(folder), allowed="the folder of a fit", remedy=remedy)
    return found


def _group(result: Result) -> str:
    return f"{result.kind}/{result.name}" if result.kind else result.name


def _node(result: Result) -> xr.DataTree:
    """A result as a group; attributes are those of its dataset."""
    children = {} if result.tree is None else result.tree.children
    nodes = {name: xr.DataTree(storable(node.to_dataset())) for name, node in children.items()}
    return xr.DataTree(storable(result.dataset), children=nodes)
