"""Sweeps of any observable over any parameters: chunked, resumable, labelled."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.observables.provenance import attributes
from spinstack.observables.registry import Labels, Output, arrays, dataset, observable_of
from spinstack.stack import Film, ParameterError

if TYPE_CHECKING:
    import xarray

#: points computed, written and reported together
CHUNK = 65536

#: called with (points done, points in all)
Progress = Callable[[int, int], None]


def sweep(
    film: Film,
    over: Mapping[str, Any],
    observable: Callable[[Film], Any],
    path: str | os.PathLike[str] | None = None,
    progress: bool | Progress = False,
    overwrite: bool = False,
) -> xarray.Dataset:
    """An observable over the grid of all combinations of parameter values.

    Args:
        film: the film whose other parameters stay as they are.
        over: parameter path -> values (1-d, SI), for example ``{"Pt.thickness": np.linspace(1e-9, 9e-9, 81)}``.
        observable: a function of a film that broadcasts over array-valued parameters: any of this package's, usually
            with arguments fixed by functools.partial, or your own built from them; may return a dict of arrays.
        path: NetCDF file to write. Finished chunks are kept beside it (``<path>.parts``) until all are done, so a run
            that was killed goes on where it stopped; a file that already holds this very sweep is
            read, not computed again.
        progress: True for a progress bar on standard error, or a function called with (points done, points in all).
        overwrite: replace a file at `path` that holds something else (otherwise refused).

    Returns:
        Dataset with one dimension per path, coordinates with units, one variable per output.

    Raises:
        ParameterError: unknown path, empty or inadmissible values (before anything is computed or written), or a `path`
            that holds another sweep.
    """
    grid = _grid(film, over)
    shape = tuple(len(v) for v in grid.values())
    total = int(np.prod(shape))
    film.replace({p: v[0] for p, v in grid.items()}).check()
    if not callable(observable):
        raise ParameterError(
            f"observable: got {observable!r}. Allowed: a function of a film, for example "
            "functools.partial(spinstack.magnetoresistance, plane='beta')."
        )
    name, values_of = _name(observable), arrays(observable)
    labels = attributes(film, _solver(observable)) | {"observable": _describe(observable), "sweep": ", ".join(grid)}
    key = _key(labels, grid)
    store = None if path is None else _Store(Path(path), key, overwrite)
    if store is not None and store.finished():
        return store.load()
    chunk = min(CHUNK, getattr(_solver(observable), "films_at_once", CHUNK))
    bounds = [(start, min(start + chunk, total)) for start in range(0, total, chunk)]
    done: list[dict[str, np.ndarray]] = []
    with _Reporter(progress, total) as report:
        for number, (start, stop) in enumerate(bounds):
            part = store.read(number) if store is not None else None
            if part is None:
                index = np.unravel_index(np.arange(start, stop), shape)
                point = film.replace({p: v[i] for (p, v), i in zip(grid.items(), index, strict=True)})
                part = _outputs(values_of(point), name, stop - start)
                if store is not None:
                    store.write(number, part)
            if store is None:
                done.append(part)
            report(stop, total)
    parts = iter(done) if store is None else (store.read(number) or {} for number in range(len(bounds)))
    first = film.replace({p: v[0] for p, v in grid.items()})
    outputs = _joined(parts, bounds)
    result = _dataset(film, grid, outputs, _labels(observable, first, outputs), labels | {"sweep_key": key})
    if store is None:
        return result
    store.finish(result)
    return result


def _grid(film: Film, over: Mapping[str, Any]) -> dict[str, np.ndarray]:
    if not isinstance(over, Mapping) or not over:
        raise ParameterError(f"over: got {over!r}. Allowed: a mapping from parameter path to values, at least one.")
    grid = {}
    for path, values in over.items():
        film.replace({path: film.get(path)})
        try:
            array = np.atleast_1d(np.asarray(values))
        except ValueError:
            raise ParameterError(f"over[{path!r}]: got ragged values {values!r}. Allowed: one dimension.") from None
        if np.iscomplexobj(array) and np.iscomplexobj(film.get(path)):
            raise ParameterError(
                f"over[{path!r}]: complex values cannot label an axis. Sweep {path}.real and {path}.imag."
            )
        if array.ndim != 1 or array.size == 0:
            raise ParameterError(
                f"over[{path!r}]: got shape {np.shape(values)}. Allowed: one dimension, at least one value."
            )
        film.replace({path: array})
        grid[path] = array
    return grid


def _name(observable: Callable[..., Any]) -> str:
    """What a single array is called."""
    while isinstance(observable, partial):
        observable = observable.func
    name = getattr(observable, "__name__", "value")
    return name if name.isidentifier() else "value"


def _labels(observable: Callable[..., Any], film: Film, values: Mapping[str, np.ndarray]) -> Labels:
    """Labels of an observable's values (points, ...); dimensions of your own function are numbered."""
    found = observable_of(observable)
    if found is None:
        dims = {name: tuple(f"{name}_dim_{i}" for i in range(v.ndim - 1)) for name, v in values.items()}
        return Labels(tuple(Output(name, "", "", d) for name, d in dims.items()))
    arguments = (observable.args, observable.keywords) if isinstance(observable, partial) else ((), {})
    return found.labels(film, *arguments[0], **arguments[1])


def _outputs(value: Any, name: str, points: int) -> dict[str, np.ndarray]:
    values = value if isinstance(value, Mapping) else {name: value}
    out = {}
    for key, v in values.items():
        array = np.asarray(v)
        if array.ndim == 0 or array.shape[0] != points:
            array = np.broadcast_to(array, (points, *array.shape))
        out[str(key)] = array
    return out


def _joined(parts: Iterator[dict[str, np.ndarray]], bounds: list[tuple[int, int]]) -> dict[str, np.ndarray]:
    """All points of each output in one array, filled chunk by chunk so that nothing is held twice."""
    whole: dict[str, np.ndarray] = {}
    for (start, stop), part in zip(bounds, parts, strict=True):
        for name, values in part.items():
            if name not in whole:
                whole[name] = np.empty((bounds[-1][1], *values.shape[1:]), values.dtype)
            whole[name][start:stop] = values
    return whole


def _dataset(
    film: Film, grid: dict[str, np.ndarray], outputs: dict[str, np.ndarray], labels: Labels, attrs: dict[str, str]
) -> xarray.Dataset:
    paths = {
        path: (path, values, {"units": film.specification(path).unit, "long_name": path})
        for path, values in grid.items()
    }
    shape = tuple(len(v) for v in grid.values())
    values = {name: flat.reshape(*shape, *flat.shape[1:]) for name, flat in outputs.items()}
    labels = labels._replace(coords={**paths, **labels.coords}, attrs={**labels.attrs, **attrs})
    return dataset(labels, values, tuple(grid))


def _solver(observable: Callable[..., Any]) -> Any:
    """The solver that a partial hands to its observable."""
    return observable.keywords.get("solver") if isinstance(observable, partial) else None


def _describe(observable: Callable[..., Any]) -> str:
    """A text that is the same for the same observable: its name, fixed arguments, and for local functions its code."""
    if isinstance(observable, partial):
        arguments = [repr(a) for a in observable.args] + [f"{k}={v!r}" for k, v in sorted(observable.keywords.items())]
        return f"{_describe(observable.func)}({', '.join(arguments)})"
    code = getattr(observable, "__code__", None)
    if code is None:
        return repr(observable)  # holds an address unless the class says better: then no stored result is taken for it
    name = f"{observable.__module__}.{observable.__qualname__}"
    if observable_of(observable) is not None:
        return name
    cells = [repr(c.cell_contents) for c in (observable.__closure__ or ())]
    constants = [c.co_code.hex() if hasattr(c, "co_code") else repr(c) for c in code.co_consts]
    defaults = repr((observable.__defaults__, observable.__kwdefaults__))
    text = repr((code.co_code.hex(), constants, code.co_names, cells, defaults))
    return f"{name}#{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _key(labels: dict[str, str], grid: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256(json.dumps(labels, sort_keys=True).encode())
    for path, values in grid.items():
        digest.update(path.encode() + str(values.dtype).encode() + values.tobytes())
    return digest.hexdigest()


class _Store:
    """Finished chunks as files, each written to a temporary name and renamed, so a kill never leaves a broken one."""

    def __init__(self, path: Path, key: str, overwrite: bool) -> None:
        self.path, self.key = path, key
        if path.is_dir():
            raise ParameterError(f"path: {str(path)!r} is a folder. Give the name of a NetCDF file, such as 'map.nc'.")
        self.parts = path.with_name(path.name + ".parts")
        if not path.parent.is_dir():
            raise ParameterError(f"path: the folder {str(path.parent)!r} does not exist. Create it first.")
        if path.exists() and not overwrite and not self.finished():
            raise ParameterError(
                f"path: {str(path)!r} exists and holds something else. Choose another name or pass overwrite=True."
            )

    def finished(self) -> bool:
        import h5py

        if not self.path.exists() or not h5py.is_hdf5(self.path):
            return False
        with h5py.File(self.path) as file:
            found = file.attrs.get("sweep_key", "")
        return (found.decode() if isinstance(found, bytes) else str(found)) == self.key

    def load(self) -> xarray.Dataset:
        import xarray

        shutil.rmtree(self.parts, ignore_errors=True)
        return xarray.load_dataset(self.path, engine="h5netcdf")

    def _file(self, number: int) -> Path:
        return self.parts / f"{self.key[:16]}-{number:06d}.npz"

    def read(self, number: int) -> dict[str, np.ndarray] | None:
        file = self._file(number)
        if not file.exists():
            return None
        with np.load(file) as archive:
            return {name: archive[name] for name in archive.files}

    def write(self, number: int, part: dict[str, np.ndarray]) -> None:
        self.parts.mkdir(exist_ok=True)
        target = self._file(number)
        temporary = target.with_suffix(f".{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            np.savez(file, **part)  # type: ignore[arg-type]
        os.replace(temporary, target)

    def finish(self, result: xarray.Dataset) -> None:
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            result.to_netcdf(temporary, engine="h5netcdf")
            os.replace(temporary, self.path)
        finally:
            temporary.unlink(missing_ok=True)
        shutil.rmtree(self.parts, ignore_errors=True)


class _Reporter:
    """Progress as a context: a bar, a given function, or nothing."""

    def __init__(self, progress: bool | Progress, total: int) -> None:
        self.progress, self.total, self.bar = progress, total, None

    def __enter__(self) -> Progress:
        if callable(self.progress):
            return self.progress
        if not self.progress:
            return lambda done, total: None
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("sweep"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        bar: Any = Progress(*columns, console=Console(stderr=True))
        self.bar = bar
        bar.start()
        task = bar.add_task("sweep", total=self.total)
        return lambda done, total: bar.update(task, completed=done)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()
