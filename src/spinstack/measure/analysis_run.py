"""Doing what an analysis file asks for: reading, cleaning, analysing. What fails is told and leaves the rest whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import xarray as xr

from spinstack.measure import analysis as registry
from spinstack.measure.analysis_arguments import Reference
from spinstack.measure.analysis_file import AnalysisFile, MeasuredFile, Request
from spinstack.measure.measurement import MeasurementError, history
from spinstack.stack.parameters import ParameterError
from spinstack.text.document import SampleError

Report = Callable[[str], None]


@dataclass(frozen=True)
class Failure:
    """Something that could not be done: an entry of the file, the measurement it was about, why."""

    what: str
    why: str


@dataclass(frozen=True)
class Found:
    """One result: its name, the request, names of the measurements (or results) it is from, and the dataset."""

    name: str
    request: Request
    inputs: tuple[str, ...]
    dataset: xr.Dataset


@dataclass
class Analysed:
    """What became of an analysis file."""

    file: AnalysisFile
    raw: dict[str, xr.Dataset] = field(default_factory=dict)
    cleaned: dict[str, xr.Dataset] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def analyze(path: Any, report: Report = lambda text: None) -> Analysed:
    """Do all that an analysis file asks for; nothing is written.

    Raises :class:`ParameterError` where the file or a measured file is wrong. Steps and analyses that fail are in
    ``failures`` of what is returned, and all others are complete.
    """
    from spinstack.measure.analysis_file import read_analysis_file

    file = read_analysis_file(path)
    state = Analysed(file)
    read_all(state, report)
    clean(state, report)
    for _ in results(state, report):
        pass
    return state


def read_all(state: Analysed, report: Report) -> None:
    """Read every measured file; one error for all that cannot be read."""
    from spinstack.measure.readers import read

    problems: list[str] = []
    for file in state.file.files:
        report(f"reading {file.name} ...")
        try:
            state.raw[file.name] = _read(read, file)
        except (MeasurementError, ParameterError, OSError) as error:
            problems.append(str(state.file.error((*file.key, "path"), str(error))))
    if problems:
        raise SampleError("\n".join(problems))


def _read(read: Any, file: MeasuredFile) -> xr.Dataset:
    out: xr.Dataset = read(file.path, file.description, format=file.format, **file.attributes)
    return out


def clean(state: Analysed, report: Report) -> None:
    """Apply the steps in the order of the file; a measurement whose step fails is left out from there on."""
    state.cleaned = dict(state.raw)
    for request in state.file.steps:
        for name in request.files:
            if name not in state.cleaned:
                continue
            report(f"{request.do}: {name} ...")
            try:
                arguments = _filled(request, state.cleaned)
                state.cleaned[name] = registry.step_function(request.do)(state.cleaned[name], **arguments)
            except Exception as error:
                del state.cleaned[name]
                state.failures.append(_failure(state, request, name, error))


def results(state: Analysed, report: Report) -> Iterator[Found]:
    """Do one analysis after another and give each result as soon as it is there."""
    for request in state.file.analyses:
        for name, inputs, call in _calls(state, request):
            report(f"{request.do}: {', '.join(inputs) or name} ...")
            try:
                dataset = call()
                if not isinstance(dataset, xr.Dataset):
                    raise MeasurementError(f"{request.do} gives no dataset but {type(dataset).__name__}.")
            except Exception as error:
                state.failures.append(_failure(state, request, ", ".join(inputs), error))
                continue
            found = Found(name, request, inputs, _with_origin(state, request, inputs, dataset))
            state.found.append(found)
            yield found


def _with_origin(state: Analysed, request: Request, inputs: tuple[str, ...], found: xr.Dataset) -> xr.Dataset:
    """The result with what it was made from: the call, the files with their checksums and steps."""
    arguments = {k: v.file if isinstance(v, Reference) else v for k, v in request.arguments.items()}
    measured = {n: state.cleaned[n] for n in inputs if n in state.cleaned}
    origin = [
        {
            "name": n,
            "source": d.attrs.get("source"),
            "source_sha256": d.attrs.get("source_sha256"),
            "history": history(d),
        }
        for n, d in measured.items()
    ]
    words = {"analysis": request.do, "arguments": json.dumps(arguments, ensure_ascii=False, default=str)}
    return found.assign_attrs(**words, inputs=json.dumps(origin or inputs, ensure_ascii=False))


def _calls(state: Analysed, request: Request) -> Iterator[tuple[str, tuple[str, ...], Callable[[], Any]]]:
    """The calls that one request amounts to: name of the result, names of what goes in, and the call."""
    function = registry.analysis(request.do)
    kind = registry.feed(function)

    def call(*fed: Any) -> Callable[[], Any]:
        return lambda: function(*fed, **_filled(request, state.cleaned))

    if kind == "none":
        yield request.name, (), call()
        return
    if request.of:
        available = {f.inputs[0] if len(f.inputs) == 1 else f.name: f.dataset
                     for f in state.found if f.request.name == request.of}  # fmt: skip
        wanted: tuple[str, ...] = tuple(available) or (request.of,)
    else:
        available, wanted = state.cleaned, request.files
    also = tuple(v.file for v in request.arguments.values() if isinstance(v, Reference))
    if kind == "each":
        for name in wanted:
            alone = request.name if len(wanted) == 1 else f"{request.name}_{name}"
            yield alone, (name, *also), _missing(name) if name not in available else call(available[name])
        return
    lacking = [n for n in wanted if n not in available]
    if lacking:
        yield request.name, wanted, _missing(*lacking)
        return
    datasets = {n: available[n] for n in wanted}
    if kind == "list":
        yield request.name, wanted, call(list(datasets.values()))
    else:
        keyed = _by_plane(datasets) if kind == "planes" else datasets
        yield request.name, wanted, (lambda: _raise(keyed)) if isinstance(keyed, str) else call(keyed)


def _by_plane(datasets: dict[str, xr.Dataset]) -> dict[str, xr.Dataset] | str:
    out: dict[str, xr.Dataset] = {}
    for name, data in datasets.items():
        plane = str(data.attrs.get("plane", ""))
        if not plane:
            return f'{name}: has no plane. Give plane = "alpha", "beta" or "gamma" in its [[file]].'
        if plane in out:
            return f"{name}: the plane {plane} is there twice. Name one file a plane with files = [...]."
        out[plane] = data
    return out


def _missing(*names: str) -> Callable[[], Any]:
    return lambda: _raise(f"{' and '.join(names)} got lost in an entry above.")


def _raise(message: Any) -> Any:
    raise MeasurementError(str(message))


def _filled(request: Request, cleaned: dict[str, xr.Dataset]) -> dict[str, Any]:
    """Arguments with the measurements that they name."""
    out = {}
    for name, value in request.arguments.items():
        if isinstance(value, Reference):
            if value.file not in cleaned:
                raise MeasurementError(f"{name}: the measurement {value.file!r} is not there: an earlier step failed.")
            value = cleaned[value.file]
        out[name] = value
    return out


def _failure(state: Analysed, request: Request, name: str, error: BaseException) -> Failure:
    known = isinstance(error, MeasurementError | ParameterError)
    # anything else is a mistake of this program, and no reason to lose the other results
    words = str(error) if known else f"unexpected {type(error).__name__}: {error}"
    where = f"{state.file.document.field_of(request.key)} {request.do}, line {state.file.document.line_of(request.key)}"
    return Failure(f"{where}: {name}" if name else where, words)
