"""Studies of measured data: an analysis file (TOML) names files, cleaning steps and analyses.

All of it is checked before anything is read; reading, cleaning and analysing are then the tasks of a run. What a step
or an analysis may be given follows from its signature.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import xarray as xr

from spinstack.measure import analysis as registry
from spinstack.measure.measurement import MeasurementError, history
from spinstack.study.output import Output
from spinstack.study.results import Request, Result
from spinstack.study.run import Run, Task
from spinstack.text.document import Document, SampleError
from spinstack.text.errors import SpinstackError
from spinstack.text.toml_lines import Key
from spinstack.text.version import __version__


@dataclass(frozen=True)
class MeasuredFile:
    """One measurement to read."""

    name: str
    path: Path
    format: str | None
    description: Any
    attributes: dict[str, Any]
    place: tuple[Key, ...]


@dataclass(frozen=True)
class DataRequest(Request):
    """A step or an analysis: with which measurements, or of which earlier analysis; what is drawn of the result."""

    files: tuple[str, ...] = ()
    of: str = ""
    figure: str = ""


@dataclass(frozen=True)
class Reference:
    """An argument that is itself a measurement: the name of a file."""

    file: str


@dataclass(frozen=True)
class DataStudy:
    """All that an analysis file asks for."""

    document: Document
    title: str
    files: tuple[MeasuredFile, ...]
    steps: tuple[DataRequest, ...]
    analyses: tuple[DataRequest, ...]
    output: Output
    resumes: bool = False

    @property
    def attributes(self) -> dict[str, str]:
        """What every result says of the study."""
        return {"title": self.title, "spinstack_version": __version__}

    def tasks(self, run: Run) -> Iterator[Task]:
        """Reading, cleaning, analysing; a measurement whose step fails is left out from there on.

        Raises :class:`SampleError` for all files that cannot be read.
        """
        self._read(run)
        cleaned = dict(run.read)
        for request in self.steps:
            for name in (n for n in request.files if n in cleaned):
                yield self._task(request, (name,), _step(request, name, cleaned))
        for name, dataset in cleaned.items():
            result = Result(name, DataRequest(name, "read", {}), dataset, "measurements")
            yield Task(f"writing {name}", name, partial(_known, result))
        for request in self.analyses:
            for name, inputs, call in _calls(request, cleaned, run):
                yield self._task(request, inputs, _analysed(request, name, inputs, call, cleaned))

    def _read(self, run: Run) -> None:
        from spinstack.measure.readers import read

        problems: list[SampleError] = []
        for file in self.files:
            run.report(f"reading {file.name}", 0, 1)
            try:
                run.read[file.name] = read(file.path, file.description, format=file.format, **file.attributes)
            except (SpinstackError, OSError) as error:
                problems.append(self.document.error((*file.place, "path"), str(error)))
        if problems:
            raise SampleError.several(problems)

    def _task(self, request: DataRequest, inputs: tuple[str, ...], call: Callable[[Any], Result | None]) -> Task:
        of = ", ".join(inputs)
        where = f"{self.document.field_of(request.place)} {request.do}, line {self.document.line_of(request.place)}"
        return Task(f"{request.do}: {of or request.name}", f"{where}: {of}" if of else where, call)


def _known(result: Result, _: Any) -> Result:
    return result


def _step(request: DataRequest, name: str, cleaned: dict[str, xr.Dataset]) -> Callable[[Any], None]:
    def call(_: Any) -> None:
        data = cleaned.pop(name)
        arguments = _filled(request, {**cleaned, name: data})
        cleaned[name] = registry.step_function(request.do)(data, **arguments)

    return call


def _analysed(
    request: DataRequest, name: str, inputs: tuple[str, ...], call: Callable[[], Any], cleaned: dict[str, xr.Dataset]
) -> Callable[[Any], Result]:
    """The call of an analysis, its result with what it was made from: arguments, files with checksums and steps."""

    def made(_: Any) -> Result:
        dataset = call()
        if not isinstance(dataset, xr.Dataset):
            raise MeasurementError(f"{request.do} gives no dataset but {type(dataset).__name__}.")
        arguments = {k: v.file if isinstance(v, Reference) else v for k, v in request.arguments.items()}
        origin = [
            {"name": n, **{k: cleaned[n].attrs.get(k) for k in ("source", "source_sha256")},
             "history": history(cleaned[n])}
            for n in inputs if n in cleaned
        ]  # fmt: skip
        words = {"analysis": request.do, "arguments": json.dumps(arguments, ensure_ascii=False, default=str)}
        made_from = json.dumps(origin or inputs, ensure_ascii=False)
        return Result(name, request, dataset.assign_attrs(**words, inputs=made_from), "results", inputs)

    return made


def _calls(
    request: DataRequest, cleaned: dict[str, xr.Dataset], run: Run
) -> Iterator[tuple[str, tuple[str, ...], Callable[[], Any]]]:
    """The calls that one request amounts to: name of the result, names of what goes in, and the call."""
    function = registry.analysis(request.do)
    kind = registry.feed(function)
    if kind == "none":
        yield request.name, (), lambda: function(**_filled(request, cleaned))
        return
    wanted = request.files
    available: Mapping[str, xr.Dataset] = cleaned
    if request.of:
        earlier = [r for r in run.results if r.request.name == request.of and r.kind == "results"]
        available = {r.inputs[0] if len(r.inputs) == 1 else r.name: r.dataset for r in earlier}
        wanted = tuple(available) or (request.of,)

    def call(names: tuple[str, ...]) -> Any:
        lost = [n for n in names if n not in available]
        if lost:
            raise MeasurementError(f"{' and '.join(lost)} got lost in an entry above.")
        datasets = {n: available[n] for n in names}
        fed: Any = datasets[names[0]] if kind == "each" else list(datasets.values()) if kind == "list" else datasets
        return function(_by_plane(datasets) if kind == "planes" else fed, **_filled(request, cleaned))

    if kind != "each":
        yield request.name, wanted, partial(call, wanted)
        return
    also = tuple(v.file for v in request.arguments.values() if isinstance(v, Reference))
    for name in wanted:
        alone = request.name if len(wanted) == 1 else f"{request.name}_{name}"
        yield alone, (name, *also), partial(call, (name,))


def _by_plane(datasets: dict[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    out: dict[str, xr.Dataset] = {}
    for name, data in datasets.items():
        plane = str(data.attrs.get("plane", ""))
        if not plane:
            remedy = 'Give plane = "alpha", "beta" or "gamma" in its [[file]].'
            raise MeasurementError("has no plane", where=name, remedy=remedy)
        if plane in out:
            remedy = "Name one file a plane with files = [...]."
            raise MeasurementError(f"the plane {plane} is there twice", where=name, remedy=remedy)
        out[plane] = data
    return out


def _filled(request: DataRequest, cleaned: Mapping[str, xr.Dataset]) -> dict[str, Any]:
    """Arguments with the measurements that they name."""
    out = {}
    for name, value in request.arguments.items():
        if isinstance(value, Reference):
            if value.file not in cleaned:
                raise MeasurementError("which is not there: an earlier step failed", field=name, got=value.file)
            value = cleaned[value.file]
        out[name] = value
    return out
