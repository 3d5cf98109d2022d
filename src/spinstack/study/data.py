"""Studies of measured data: an analysis file (TOML) names files, cleaning steps and analyses.

All of it is checked before anything is read; reading, cleaning and analysing are then the tasks of a run. What a step
or an analysis may be given follows from its signature.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from spinstack.text.plain import same_file
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
    """A step or an analysis: with which measurements, or of which earlier analyses; what is drawn of the result."""

    files: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    figure: str = ""


@dataclass(frozen=True)
class Reference:
    """An argument that is itself a measurement: the name of a file."""

    file: str


@dataclass(frozen=True)
class Earlier:
    """An argument that is the results of an earlier analysis: its name."""

    analysis: str


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
        cleaned = Measurements(run.read)
        for request in self.steps:
            for name in (n for n in cleaned.named(request.files) if n not in cleaned.lost):
                yield self._task(request, (name,), _step(request, name, cleaned, run))
        for name, dataset in cleaned.items():
            result = Result(name, DataRequest(name, "read", {}), dataset, "measurements", (cleaned.file_of(name),))
            yield Task(f"writing {name}", name, partial(_known, result))
        for request in self.analyses:
            for name, inputs, call in _calls(request, cleaned, run):
                yield self._task(request, inputs, _analysed(request, name, inputs, call, cleaned, run))

    def _read(self, run: Run) -> None:
        from spinstack.measure.readers import read

        problems: list[SampleError] = []
        for file in self.files:
            run.report(f"reading {file.name}", 0, 1)
            try:
                with run.noting(file.name, "read"):
                    run.read[file.name] = read(file.path, file.description, format=file.format, **file.attributes)
            except (SpinstackError, OSError) as error:
                problems.append(self.document.error((*file.place, "path"), str(error)))
        if problems:
            raise SampleError.several(problems)

    def _task(self, request: DataRequest, inputs: tuple[str, ...], call: Callable[[Any], Result | None]) -> Task:
        of = ", ".join(inputs)
        where = f"{self.document.field_of(request.place)} {request.do}, line {self.document.line_of(request.place)}"
        return Task(f"{request.do}: {of or request.name}", f"{where}: {of}" if of else where, call)


class Measurements(dict[str, xr.Dataset]):
    """Measurements by name as the steps so far have left them; the parts of one that was taken apart stand for it."""

    def __init__(self, read: Mapping[str, xr.Dataset]) -> None:
        super().__init__(read)
        self.parts: dict[str, tuple[str, ...]] = {}
        self.lost: set[str] = set()

    def divide(self, name: str, parts: Mapping[str, xr.Dataset]) -> None:
        """Put parts in the place of a measurement."""
        named = {f"{name}_{part}": data for part, data in parts.items()}
        if taken := [n for n in named if same_file(n) in map(same_file, self)]:
            remedy = "Give the file another name."
            raise MeasurementError(f"whose part would be a second {taken[0]!r}", field="split", got=name, remedy=remedy)
        # in its place, so that results come in the order of the files
        kept = [(n, d) for n, d in self.items() if n != name]
        at = list(self).index(name)
        self.clear()
        self.update([*kept[:at], *named.items(), *kept[at:]])
        self.parts[name] = tuple(named)

    def file_of(self, name: str) -> str:
        """The file of which a measurement is the whole or a part."""
        return next((self.file_of(whole) for whole, parts in self.parts.items() if name in parts), name)

    def named(self, names: Iterable[str]) -> tuple[str, ...]:
        """The measurements that names or patterns stand for: a measurement itself, or all its parts."""
        out: dict[str, None] = {}
        for name in names:
            if name in self.parts:
                out |= dict.fromkeys(self.named(self.parts[name]))
            elif name in self or not any(c in name for c in "*?["):
                out[name] = None
            else:
                out |= dict.fromkeys(fnmatch.filter(self, name) or [name])
        return tuple(out)


def _known(result: Result, _: Any) -> Result:
    return result


def _step(request: DataRequest, name: str, cleaned: Measurements, run: Run) -> Callable[[Any], None]:
    def call(_: Any) -> None:
        if name not in cleaned:
            raise MeasurementError(_lost((name,), cleaned))
        data, arguments = cleaned[name], _filled(request, cleaned, None)
        try:
            with run.noting(name, request.do):
                made: Any = registry.step_function(request.do)(data, **arguments)
        except Exception:
            del cleaned[name]  # nothing is told of a measurement that is half clean
            cleaned.lost.add(name)
            raise
        if isinstance(made, dict):
            cleaned.divide(name, made)
            if doubts := run.doubts.pop(name, []):
                run.doubts |= {part: list(doubts) for part in cleaned.parts[name]}
        else:
            cleaned[name] = made

    return call


def _analysed(
    request: DataRequest,
    name: str,
    inputs: tuple[str, ...],
    call: Callable[[], Any],
    cleaned: dict[str, xr.Dataset],
    run: Run,
) -> Callable[[Any], Result]:
    """The call of an analysis, its result with what it was made from: arguments, files with checksums and steps."""

    def made(_: Any) -> Result:
        if any(r.kind == "results" and same_file(r.name) == same_file(name) for r in run.results):
            why, remedy = "which would write files of a result above", "Give the analysis another name."
            raise MeasurementError(why, field="name", got=name, remedy=remedy)
        dataset = call()
        if not isinstance(dataset, xr.Dataset):
            raise MeasurementError(f"{request.do} gives no dataset but {type(dataset).__name__}.")
        arguments = {k: _written(v) for k, v in request.arguments.items()}
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
    request: DataRequest, cleaned: Measurements, run: Run
) -> Iterator[tuple[str, tuple[str, ...], Callable[[], Any]]]:
    """The calls that one request amounts to: name of the result, names of what goes in, and the call."""
    function = registry.analysis(request.do)
    kind = registry.feed(function)
    if kind == "none":
        yield request.name, (), lambda: function(**_filled(request, cleaned, run))
        return
    wanted = cleaned.named(request.files)
    available: Mapping[str, xr.Dataset] = cleaned
    if request.of:
        available = _results(request.of, run)
        made = {r.request.name for r in run.results}
        wanted = (*available, *(of for of in request.of if of not in made))

    def call(names: tuple[str, ...]) -> Any:
        if any(n not in available for n in names):
            raise MeasurementError(_lost(names, available))
        datasets = {n: available[n] for n in names}
        fed: Any = datasets[names[0]] if kind == "each" else list(datasets.values()) if kind == "list" else datasets
        return function(_by_plane(datasets) if kind == "planes" else fed, **_filled(request, cleaned, run))

    # what belongs together was split into the same parts
    if kind == "planes" or (kind == "list" and not request.of):
        yield from ((f"{request.name}_{part}" if part else request.name, names, partial(call, names))
                    for part, names in _by_part(wanted, available).items())  # fmt: skip
        return
    if kind != "each":
        yield request.name, wanted, partial(call, wanted)
        return
    also = files_of(request.arguments)
    for name in wanted:
        alone = request.name if len(wanted) == 1 else f"{request.name}_{name}"
        yield alone, (name, *also), partial(call, (name,))


def _results(analyses: tuple[str, ...], run: Run) -> dict[str, xr.Dataset]:
    """What earlier analyses found: that of one by the measurement that it is of, else by the name of the result."""
    earlier = [r for one in analyses for r in run.results if r.request.name == one and r.kind == "results"]
    single = len(analyses) == 1
    return {r.inputs[0] if len(r.inputs) == 1 and single else r.name: r.dataset for r in earlier}


def _written(value: Any) -> Any:
    """An argument as the analysis file has it."""
    if isinstance(value, Mapping):
        return {key: _written(one) for key, one in value.items()}
    return value.file if isinstance(value, Reference) else value.analysis if isinstance(value, Earlier) else value


def _lost(names: Iterable[str], available: Mapping[str, xr.Dataset]) -> str:
    lost = " and ".join(n for n in names if n not in available)
    there = f"there are {', '.join(available)}" if available else "nothing is left"
    return f"{lost}: not there after the entries above; {there}"


def _by_part(names: Iterable[str], available: Mapping[str, xr.Dataset]) -> dict[str, tuple[str, ...]]:
    """Names by the part of their files that they are."""
    out: dict[str, tuple[str, ...]] = {}
    for name in names:
        part = str(available[name].attrs.get("part", "")) if name in available else ""
        out[part] = (*out.get(part, ()), name)
    return out


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


def files_of(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """The files that arguments name, alone or in tables."""
    found: list[str] = []
    for value in arguments.values():
        found += [value.file] if isinstance(value, Reference) else files_of(value) if isinstance(value, Mapping) else []
    return tuple(found)


def _filled(request: DataRequest, cleaned: Mapping[str, xr.Dataset], run: Run | None) -> dict[str, Any]:
    """Arguments with the measurements and the results that they name."""

    def filled(value: Any, name: str) -> Any:
        if isinstance(value, Mapping):
            return {key: filled(one, f"{name}.{key}") for key, one in value.items()}
        if isinstance(value, Reference):
            if value.file not in cleaned:
                raise MeasurementError(_lost((value.file,), cleaned), field=name)
            return cleaned[value.file]
        if isinstance(value, Earlier) and run is not None:
            results = _results((value.analysis,), run)
            if not results:
                raise MeasurementError(_lost((value.analysis,), results), field=name)
            return results
        return value

    return {name: filled(value, name) for name, value in request.arguments.items()}
