"""Files that are dropped on the page: looked at, read as the dialogue says, laid over what is computed."""

from __future__ import annotations

import math
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from spinstack.stack import ParameterError
from spinstack.text import checks

#: bytes of one file, and files that are kept
_LARGEST, _MOST = 60_000_000, 60
#: points that are drawn
_DRAWN = 4000
#: which panels show a reading against a condition: observable by condition
PANELS = {"angle": "angular_scan", "field": "field_scan", "temperature": "temperature_scan"}


@dataclass(frozen=True)
class Overlay:
    """Measured points, or numbers of an analysis, as a panel shows them.

    Attributes:
        name: its own.
        file: the file.
        observable: that of the panels over which it lies.
        x, y: condition and reading, SI and degrees.
        variable: of the panel, R_xx or MR_xx.
        plane: of a scan of angles.
        options: how it was read.
        error: standard errors of the readings, where the file has them.
    """

    name: str
    file: str
    observable: str
    x: np.ndarray
    y: np.ndarray
    variable: str
    plane: str
    axis: str
    options: Mapping[str, Any]
    error: np.ndarray | None = None

    @property
    def step(self) -> int:
        """Of how many points one is drawn."""
        return max(1, math.ceil(len(self.x) / _DRAWN))

    def message(self) -> tuple[dict[str, Any], dict[str, Any]]:
        head = {
            "do": "overlay", "name": self.name, "observable": self.observable, "variable": self.variable,
            "plane": self.plane, "axis": self.axis,
        }  # fmt: skip
        return head, {"x": self.x[:: self.step], "y": self.y[:: self.step]}


@dataclass
class Files:
    """The dropped files of one tab, in a folder of their own that goes with it."""

    _home: Path | None = None
    parts: dict[str, list[bytes]] = field(default_factory=dict)
    overlays: dict[str, Overlay] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix="spinstack-app-"))
        return self._home

    def clear(self) -> None:
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None

    def path(self, name: str) -> Path:
        """The file of that name; nothing beside the folder can be named."""
        bare = Path(name.replace("\\", "/")).name
        if not bare or bare in (".", "..") or "\0" in bare or len(bare) > 200:
            raise ParameterError("which is no name of a file", field="name", got=name)
        return self.folder / bare

    def take(self, name: str, part: int, parts: int, body: bytes) -> Path | None:
        """A part of a file, in order; the path behind the last."""
        path = self.path(name)
        held = self.parts.setdefault(path.name, [])
        if part == 0:
            held.clear()
        if not 0 <= part < parts <= 100 or part != len(held) or sum(map(len, held)) + len(body) > _LARGEST:
            self.parts.pop(path.name, None)
            raise ParameterError("which is too large, or whose parts came in another order", field="upload", got=name)
        held.append(body)
        if part < parts - 1:
            return None
        if len(list(self.folder.iterdir())) >= _MOST:
            raise ParameterError("one more than are kept", field="upload", got=name, allowed=f"{_MOST} files")
        path.write_bytes(b"".join(self.parts.pop(path.name)))
        return path

    def read(self, name: str, options: Mapping[str, Any]) -> list[Overlay]:
        """Lay a file over the panels, as the dialogue said; raises what is wrong with it."""
        path = self.path(name)
        if not path.is_file():
            raise ParameterError("which is not there", field="file", got=name)
        made = list(_of_results(path) if path.suffix == ".nc" else _of_meter(path, options))
        for one in made:
            self.overlays[one.name] = one
        return made

    def forget(self, name: str) -> None:
        self.overlays.pop(name, None)

    def described(self) -> list[dict[str, Any]]:
        return [one.message()[0] | {"points": len(one.x)} for one in self.overlays.values()]


def seen(path: Path) -> dict[str, Any]:
    """What stands in a file, for the dialogue."""
    if path.suffix == ".nc":
        return {"name": path.name, "results": True, "columns": [], "rows": 0, "format": "results", "warnings": []}
    from spinstack.measure.readers import inspect

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = inspect(path)
    columns = [
        {"number": c.number, "name": c.name, "unit": c.unit or "", "kind": c.kind, "role": c.role or "",
         "least": None if not math.isfinite(c.least) else c.least,
         "largest": None if not math.isfinite(c.largest) else c.largest}
        for c in found.columns if c.kind != "empty"
    ]  # fmt: skip
    header = {str(k): str(v)[:200] for k, v in list(found.header.items())[:30]}
    return {
        "name": path.name, "results": False, "format": found.format or "", "rows": found.rows, "columns": columns,
        "header": header, "warnings": [str(w.message) for w in caught][:8],
        "refused": {k: str(v)[:400] for k, v in found.refused.items()},
    }  # fmt: skip


def _of_meter(path: Path, options: Mapping[str, Any]) -> Iterator[Overlay]:
    from spinstack.measure import analysis
    from spinstack.measure.readers import read

    axis, reading = str(options.get("axis", "angle")), str(options.get("reading", "R_xx"))
    if axis not in PANELS or reading not in ("R_xx", "R_xy", "V_xx", "V_xy"):
        raise ParameterError("which no panel shows", field="axis", got=f"{reading} against {axis}")
    columns = {n: dict(v) if isinstance(v, Mapping) else str(v) for n, v in dict(options.get("columns", {})).items()}
    more = {k: options[k] for k in ("plane", "constants", "from_header") if options.get(k)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = read(path, columns=columns or None, **more)
        for step in options.get("steps", []):
            arguments = {k: v for k, v in step.items() if k != "do"}
            data = analysis.step_function(checks.choice(step.get("do"), "steps", analysis.step_names()))(
                data, **arguments
            )
        if reading.startswith("V"):
            data = analysis.step_function("to_resistance")(data)
            reading = reading.replace("V", "R")
    for name in (axis, reading):
        if name not in data.variables:
            known = ", ".join(map(str, data.variables))
            raise ParameterError("which the file does not have", field="columns", got=name, allowed=known)
    x, y = np.asarray(data[axis], float), np.asarray(data[reading], float)
    good = np.isfinite(x) & np.isfinite(y)
    if not good.any():
        raise ParameterError("without a number", field="columns", got=f"{reading} against {axis}")
    plane = str(data.attrs.get("plane", options.get("plane", "")))
    scale = float(options.get("scale", 1.0) or 1.0)
    label = " ".join(filter(None, (path.name, plane, reading)))
    error = abs(scale) * np.asarray(data[f"{reading}_error"], float)[good] if f"{reading}_error" in data else None
    yield Overlay(label, path.name, PANELS[axis], x[good], scale * y[good], reading, plane, axis, dict(options), error)


def _of_results(path: Path) -> Iterator[Overlay]:
    """Curves of results of an analysis: fitted and measured points of harmonics."""
    from spinstack.text import store

    found = store.read_dataset(path)
    if found is None:
        raise ParameterError("which is no result of this program, or is damaged", field="file", got=path.name)
    for axis, observable in PANELS.items():
        if axis in found.coords:
            for name, variable in found.data_vars.items():
                if variable.dims == found[axis].dims and str(variable.attrs.get("units", "")) in ("Ohm", "1"):
                    x, y = (np.asarray(values, float) for values in (found[axis], variable))
                    plane = str(found.attrs.get("plane", ""))
                    error = found.get(f"{name}_error")
                    of_it = None if error is None else np.asarray(error, float)
                    yield Overlay(f"{path.stem} {name}", path.name, observable, x, y, str(name), plane, axis, {}, of_it)
