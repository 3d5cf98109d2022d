"""Sweeps of any observable over any parameters: chunked, resumable, labelled."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.numerics.progress import heard_by
from spinstack.numerics.workers import chosen_client, done, threads
from spinstack.observables import finite
from spinstack.observables.fingerprint import Unknown, digest
from spinstack.observables.provenance import attributes
from spinstack.observables.registry import Labels, Output, arrays, dataset, numbers_of, observable_of
from spinstack.observables.rehearsal import refuse
from spinstack.observables.sensitivity import check_observable
from spinstack.observables.solvers import chosen
from spinstack.observables.stored import COMPLAINT, Parts, Pieces, Stored
from spinstack.observables.tiles import Tiles
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.text import version
from spinstack.text.arrays import read
from spinstack.text.checks import switch, words
from spinstack.text.locks import alone

if TYPE_CHECKING:
    import xarray

#: points computed, written and reported together, fewer of films with very many elements
CHUNK = 65536
_MOST_VALUES = 2**22
#: points that make a task for a worker
_TASK = 2**20
#: more than a memory holds, and than anybody waits for
_MOST_FILMS, _MOST_FILED = 100_000_000, 100_000_000_000
#: films of a file of a folder, and numbers of one of its variables
_PIECE, _PIECE_VALUES = 2**20, 2**22

#: called with (points done, points in all)
Progress = Callable[[int, int], None]


def sweep(
    film: Film,
    over: Mapping[str, Any],
    observable: Callable[..., Any],
    path: str | os.PathLike[str] | None = None,
    progress: bool | Progress = False,
    overwrite: bool = False,
    key: str | None = None,
    client: Any = None,
    to: str | os.PathLike[str] | None = None,
) -> xarray.Dataset:
    """An observable over the grid of all combinations of parameter values.

    Args:
        film: the film whose other parameters stay as they are.
        over: parameter path -> values (1-d, SI), for example ``{"Pt.thickness": np.linspace(1e-9, 9e-9, 81)}``.
        observable: any observable of this package, usually with arguments fixed by functools.partial, also one that
            gives a Dataset and a scan; or your own function of a film that broadcasts over array-valued parameters
            and returns an array or a mapping from name to array. Several m, B or T (a batch) are computed for every
            film.
        path: NetCDF file to write. Finished chunks are kept beside it (``<path>.parts``) until all are done, so a run
            that was killed goes on where it stopped; a file that already holds this very sweep (film, values and
            arguments to the last bit, the same version) is read, not computed again. What was damaged is computed anew.
        progress: True for a progress bar on standard error, or a function called with (points done, points in all).
        overwrite: replace a file at `path`, or a sweep in `to`, that is something else (otherwise refused).
        key: with `path` or `to`, what your own function computes, in words that you change with it: nothing else can
            say whether a stored result is that of the same function. Observables of this package with plain arguments
            (numbers, text, arrays) need none.
        client: a ``distributed.Client`` or a ``concurrent.futures.Executor`` whose workers compute the chunks. With
            `path` or `to` they write them, so that they have to see its folder; a worker or a scheduler that dies loses
            nothing that is finished.
        to: folder to write instead of `path`, for results of any size: the chunks stay, each a NetCDF file in
            ``pieces``, and ``sweep.nc`` is all of them as one. The result is that file, opened but not read.

    Returns:
        Dataset with one dimension per path, coordinates with units, one variable per output, with the unit and the
        dimensions that the observable gives it; dimensions of a batch of m, B or T are called batch_0, batch_1, ...

    Raises:
        ParameterError: unknown path, empty or inadmissible values (before anything is computed or written), a `path`
            or a folder that holds another sweep or, for your own function, has no `key`; more than a hundred million
            films that do not go `to` a folder.
        SpinstackError: the workers are gone; another program on this machine is computing this very file or folder.
    """
    film = Film.of(film)
    grid = _grid(film, over, _MOST_FILMS if to is None else _MOST_FILED)
    shape = tuple(len(v) for v in grid.values())
    first = film.replace({p: v[0] for p, v in grid.items()})
    first.check()
    check_observable(observable)
    switch(overwrite, "overwrite")
    client = chosen_client(client)
    if not callable(progress):
        switch(progress, "progress", remedy="Or give a function that is called with (points done, points in all).")
    if path is not None and to is not None:
        raise ParameterError("beside path", field="to", got=to, remedy="Give one of them.")
    chunk = min(CHUNK, getattr(_solver(observable), "films_at_once", CHUNK), max(1, _MOST_VALUES // len(film)))
    made_by = attributes(film, _solver(observable)) | {"observable": _words(observable), "sweep": ", ".join(grid)}
    if path is not None or to is not None:
        made_by["sweep_key"] = _key(film, grid, observable, key, chunk)
    work = _Work(
        film, grid, Tiles.of([math.prod(shape)], chunk), chunk, observable, _labels(observable, first), made_by
    )
    if to is not None:
        # of a theory that does few films at once these are enough for a file
        most = chunk if chunk < CHUNK else max(chunk, min(_PIECE, _PIECE_VALUES // work.values(first)))
        folder = _file(to, "to")
        with alone(folder, "to"):
            pieces = Pieces(folder, made_by["sweep_key"])
            result, why = _filed(replace(work, tiles=Tiles.of(shape, most)), client, progress, pieces, overwrite)
    else:
        if path is None:
            result = _gathered(work, client, progress)
        else:
            file = _file(path, "path")
            with alone(file, "path"):
                result = _stored(work, client, progress, Stored(file, made_by["sweep_key"], overwrite))
        why = finite.complaint(film, _given(observable), result, grid)
    finite.warn(why, 3)
    return result


def _gathered(work: _Work, client: Any, progress: bool | Progress) -> xarray.Dataset:
    """The sweep in memory alone."""
    return work.dataset(_worked(work, client, progress))


def _stored(work: _Work, client: Any, progress: bool | Progress, stored: Stored) -> xarray.Dataset:
    """The sweep in a file."""
    if stored.result is not None:
        return stored.result
    work = replace(work, keeper=stored.parts)
    for _ in _worked(work, client, progress):
        pass
    # stored parts are read one by one; where one got lost meanwhile it is computed again
    result = work.dataset((n, work.kept(n)) for n in range(len(work.tiles)))
    stored.finish(result)
    return result


def _filed(
    work: _Work, client: Any, progress: bool | Progress, pieces: Pieces, overwrite: bool
) -> tuple[xarray.Dataset, str]:
    """The sweep in a folder, opened; and what of it is no number, in words."""
    pieces.prepare(overwrite)
    work = replace(work, keeper=pieces)
    for _ in _worked(work, client, progress):
        pass
    pieces.finish(work.tiles, work.axes())
    return pieces.open(), pieces.complaint(len(work.tiles))


@dataclass(frozen=True)
class _Work:
    """The parts of a sweep, each computed where it is not kept; goes to workers as it is.

    Tiles are those of the grid, or of its points one after the other.
    """

    film: Film
    grid: dict[str, np.ndarray]
    tiles: Tiles
    chunk: int
    observable: Callable[..., Any]
    labels: Labels | None
    made_by: dict[str, str]
    keeper: Parts | Pieces | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the grid."""
        return tuple(len(v) for v in self.grid.values())

    def __call__(self, number: int) -> dict[str, np.ndarray]:
        """For workers: a part that is kept need not travel."""
        found = self.kept(number)
        return found if self.keeper is None else {}

    def kept(self, number: int, report: Callable[[int], None] = lambda done: None) -> dict[str, np.ndarray]:
        """One part; `report` is told how many of its points are done."""
        found = self.keeper.read(number) if self.keeper is not None else None
        if found is None:
            found = self._computed(number, report)
            if self.keeper is not None:
                self.keeper.write(number, found, partial(self._of_tile, number))
        return found

    def values(self, film: Film) -> int:
        """How many numbers one film gives."""
        (function, axes), name = _function(self.observable), _name(self.observable)
        return max(1, *(v.size for v in _outputs(function(film), axes, self.labels, name, 1).values()))

    def _computed(self, number: int, report: Callable[[int], None]) -> dict[str, np.ndarray]:
        """The outputs of all points of a tile (points, ...)."""
        size, whole = self.tiles.points(number), dict[str, np.ndarray]()
        for start in range(0, size, self.chunk):
            stop = min(start + self.chunk, size)
            index = self.tiles.index(number, start, stop)
            if len(index) < len(self.grid):
                index = list(np.unravel_index(index[0], self.shape))
            for name, values in self._chunk(index, lambda done, at=start: report(at + done)).items():  # type: ignore[misc]
                if stop - start == size:
                    whole[name] = values
                    continue
                if name not in whole:
                    whole[name] = np.empty((size, *values.shape[1:]), values.dtype)
                whole[name][start:stop] = values
        return whole

    def _chunk(self, index: Sequence[np.ndarray], report: Callable[[int], None]) -> dict[str, np.ndarray]:
        """The outputs of some points (points, ...), which are at these places on the axes."""
        (function, axes), name = _function(self.observable), _name(self.observable)
        size = len(index[0])
        point = self.film.replace({p: v[i] for (p, v), i in zip(self.grid.items(), index, strict=True)})
        with heard_by(lambda done, of, words="": report(done * size // of)):
            found = _outputs(function(point), axes, self.labels, name, size)
            if self.labels is None and not _base(self.observable).__module__.startswith("spinstack."):
                one = self.film.replace({p: v[i[-1]] for (p, v), i in zip(self.grid.items(), index, strict=True)})
                _check_broadcast(found, _outputs(function(one), axes, self.labels, name, 1))
        return found

    def dataset(self, parts: Iterable[tuple[int, dict[str, np.ndarray]]]) -> xarray.Dataset:
        """All parts in one, filled part by part as they come, so that nothing is held twice."""
        whole: dict[str, np.ndarray] = {}
        for number, part in parts:
            for name, values in part.items():
                inner = values.shape[1:]
                if name not in whole:
                    whole[name] = np.empty((*self.tiles.shape, *inner), values.dtype)
                whole[name][self.tiles.box(number)] = values.reshape(*self.tiles.edges(number), *inner)
        outputs = {name: v.reshape(*self.shape, *v.shape[len(self.tiles.shape) :]) for name, v in whole.items()}
        return _dataset(self.film, self.grid, outputs, self.labels, self.made_by)

    def axes(self) -> dict[str, Any]:
        """The coordinates of the grid."""
        return _axes(self.film, self.grid)

    def _of_tile(self, number: int, part: dict[str, np.ndarray]) -> xarray.Dataset:
        """A part as a dataset of its own, which says what of it is no number."""
        edges, box = self.tiles.edges(number), self.tiles.box(number)
        grid = {path: values[one] for (path, values), one in zip(self.grid.items(), box, strict=True)}
        outputs = {name: values.reshape(*edges, *values.shape[1:]) for name, values in part.items()}
        made = _dataset(self.film, grid, outputs, self.labels, self.made_by)
        return made.assign_attrs({COMPLAINT: finite.complaint(self.film, _given(self.observable), made, grid)})


def _worked(work: _Work, client: Any, progress: bool | Progress) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Every part as it is finished, here or by the workers of a client."""
    numbers, total, count = range(len(work.tiles)), math.prod(work.tiles.shape), 0
    with _Reporter(progress, total) as report:
        if client is None:
            for number in numbers:
                yield number, work.kept(number, lambda done, before=count: report(before + done, total))  # type: ignore[misc]
                count += work.tiles.points(number)
                report(count, total)
            return
        missing = [n for n in numbers if work.keeper is None or work.keeper.read(n) is None]
        for number in {*numbers} - {*missing}:
            count += work.tiles.points(number)
            yield number, {}
        report(count, total)
        together = _together(work, len(missing), client)
        for number, found in done(client, work, missing, kept=work.keeper is not None, together=together):
            if work.keeper is not None and not work.keeper.has(number):
                why = f"whose workers have finished a part that is not in {str(work.keeper.folder)!r}"
                raise ParameterError(
                    why, field="client", remedy="Give a path that all workers see under the same name."
                )
            count += work.tiles.points(number)
            yield number, found
            report(count, total)


def _together(work: _Work, count: int, client: Any) -> int:
    """How many parts are one task: as many as take a while, but at least some tasks for every worker."""
    points, at_once = work.tiles.points(0), threads(client)
    if points < CHUNK or not at_once:  # of a theory that takes its time; of workers that have not come yet
        return 1
    return max(1, min(_TASK // points, count // (4 * at_once)))


def _key(film: Film, grid: dict[str, np.ndarray], observable: Callable[..., Any], key: str | None, chunk: int) -> str:
    """The same for the same sweep only: film, values and arguments to the last bit, the same code."""
    what = observable if key is None else ("key", words(key, "key"))
    try:
        if key is None and observable_of(observable) is None:
            raise Unknown
        return digest(version.code(), film, list(grid), list(grid.values()), what, chunk, foreign=key is not None)
    except Unknown:
        raise ParameterError(
            "without a key: a later run cannot tell whether it computes the same",
            field="observable",
            got=observable,
            remedy="With path give key=..., a text that you change whenever what it computes changes. Only "
            "observables of this package with plain arguments (numbers, text, arrays) need none.",
        ) from None


def _file(path: Any, field: str) -> Path:
    """The file or folder that a sweep goes to."""
    try:
        text = os.fsdecode(os.fspath(path))
    except TypeError:
        text = "\0"
    if "\0" in text:
        what = "a NetCDF file, such as 'map.nc'" if field == "path" else "a folder"
        raise ParameterError(field=field, got=path, allowed=f"the path of {what}")
    return Path(text)


def _grid(film: Film, over: Mapping[str, Any], most: int) -> dict[str, np.ndarray]:
    if not isinstance(over, Mapping) or not over:
        raise ParameterError(field="over", got=over, allowed="a mapping from parameter path to values, at least one")
    film.check_apart(over, "over")
    grid: dict[str, np.ndarray] = {}
    for path, values in over.items():
        field = f"over[{path!r}]"
        spec = film.specification(path)
        found = read(values, spec.unit)
        if isinstance(found, str):
            if spec.kind == "complex" and not isinstance(read(values, spec.unit, imaginary=True), str):
                why = "complex values cannot label an axis"
                raise ParameterError(why, field=field, remedy=f"Sweep {path}.real and {path}.imag.")
            allowed = f"one dimension of values, each {spec.allowed()}"
            raise ParameterError(found, field=field, unit=spec.unit, got=values, allowed=allowed)
        array = np.atleast_1d(found)
        if array.ndim != 1 or array.size == 0:
            raise ParameterError(
                f"of shape {array.shape}", field=field, got=values, allowed="one dimension, at least one value"
            )
        film.replace({path: array})
        grid[path] = array
    total = math.prod(map(len, grid.values()))
    if total > most:
        why, allowed = f"asks for {total:,} films", f"up to {most:,}; take fewer values"
        if most < _MOST_FILED:
            allowed += f", or with to=..., a folder, up to {_MOST_FILED:,}"
        raise ParameterError(why, field="over", allowed=allowed)
    return grid


def _function(observable: Callable[..., Any]) -> tuple[Callable[[Film], Any], int]:
    """The array function of an observable, and how many axes of m, B and T stand before those of the films."""
    found = observable_of(observable)
    if found is None or found.one_film or not isinstance(observable, partial):
        return arrays(observable), 0
    given = {name: v for name, v in observable.keywords.items() if name in ("m", "B", "T")}
    at = Conditions(**given)
    apart = {name: getattr(at.apart(1), name) for name in given if at.batch}
    return partial(found.array, *observable.args, **{**observable.keywords, **apart}), len(at.batch)


def _labels(observable: Callable[..., Any], film: Film) -> Labels | None:
    """Labels of an observable of this package; None for your own function."""
    found = observable_of(observable)
    if found is None:
        return None
    arguments = (observable.args, observable.keywords) if isinstance(observable, partial) else ((), {})
    given = found.bound(film, *arguments[0], **arguments[1])
    refuse(found, film, given)  # labels take the arguments as they are
    return found.labels(film, **given)


def _outputs(value: Any, axes: int, labels: Labels | None, name: str, points: int) -> dict[str, np.ndarray]:
    """Arrays (points, ...) by variable."""
    values = value if isinstance(value, Mapping) else {name: value}
    inner = {o.name: len(o.dims) for o in labels.outputs} if labels else {}
    out = {}
    for key, v in values.items():
        array = np.moveaxis(numbers_of(v), axes, 0) if axes else numbers_of(v)
        # what no film changes comes without their axis
        single = array.ndim == inner[key] if key in inner else array.ndim == 0 or array.shape[0] != points
        out[str(key)] = np.broadcast_to(array, (points, *array.shape)) if single else array
    return out


def _check_broadcast(many: dict[str, np.ndarray], last: dict[str, np.ndarray]) -> None:
    """Refuse a function whose value of many films is not that of each: of the last one here."""
    for name, value in last.items():
        of_many = many[name][-1] if name in many and many[name].size else None
        size = np.abs(value[np.isfinite(value)]).max(initial=0.0) if value.dtype.kind in "fiu" else 0.0
        if (
            of_many is None
            or of_many.shape != value[0].shape
            or not np.allclose(of_many, value[0], rtol=1e-6, atol=1e-6 * size, equal_nan=True)
        ):
            raise ParameterError(
                f"whose {name} of many films is not that of each", field="observable",
                allowed="a function that broadcasts over films: the last axes of its arrays are those of one film",
                remedy="Count from the end, as in R[..., 0, 0] instead of R[0, 0].",
            )  # fmt: skip


def _base(observable: Callable[..., Any]) -> Callable[..., Any]:
    """The function without arguments that were given to it."""
    while isinstance(observable, partial):
        observable = observable.func
    return observable


def _name(observable: Callable[..., Any]) -> str:
    """What a single array is called."""
    name = getattr(_base(observable), "__name__", "value")
    return name if name.isidentifier() else "value"


def _dataset(
    film: Film,
    grid: dict[str, np.ndarray],
    outputs: dict[str, np.ndarray],
    labels: Labels | None,
    attrs: dict[str, str],
) -> xarray.Dataset:
    if labels is None:
        if not outputs or set(outputs) & set(grid):
            allowed = f"an array, or a mapping from names to arrays, of other names than {', '.join(grid)}"
            raise ParameterError(
                "which are the names that it returned", field="observable", got=list(outputs), allowed=allowed
            )
        dims = {name: tuple(f"{name}_dim_{i}" for i in range(v.ndim - len(grid))) for name, v in outputs.items()}
        labels = Labels(tuple(Output(name, "", "", d) for name, d in dims.items()))
    coords = {**_axes(film, grid), **labels.coords}
    return dataset(labels._replace(coords=coords, attrs={**labels.attrs, **attrs}), outputs, tuple(grid))


def _axes(film: Film, grid: dict[str, np.ndarray]) -> dict[str, Any]:
    return {p: (p, v, {"units": film.specification(p).unit, "long_name": p}) for p, v in grid.items()}


def _given(observable: Callable[..., Any]) -> Mapping[str, Any]:
    """The arguments that a partial hands to its observable by name."""
    return observable.keywords if isinstance(observable, partial) else {}


def _solver(observable: Callable[..., Any]) -> Any:
    """The solver that a partial hands to its observable."""
    given = _given(observable).get("solver")
    return given if given is None or observable_of(observable) is None else chosen(given)


def _words(observable: Callable[..., Any]) -> str:
    """The observable with its fixed arguments, for people."""
    if isinstance(observable, partial):
        arguments = [repr(a) for a in observable.args] + [f"{k}={v!r}" for k, v in sorted(observable.keywords.items())]
        return f"{_words(observable.func)}({', '.join(arguments)})"
    name = getattr(observable, "__qualname__", type(observable).__qualname__)
    return f"{getattr(observable, '__module__', None) or type(observable).__module__}.{name}"


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
