"""Studies of measured data: an analysis file (TOML) names files, cleaning steps and analyses.

All of it is checked before anything is read; reading, cleaning and analysing are then the tasks of a run. What a step
or an analysis may be given follows from its signature.
"""

from __future__ import annotations

import collections.abc
import fnmatch
import glob
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import xarray as xr

from spinstack.measure import analysis as registry
from spinstack.measure.measurement import MeasurementError, history, unit_of
from spinstack.study.arguments import Meaning
from spinstack.study.output import Output
from spinstack.study.run import Request, Result, Run, Task
from spinstack.study.table import Table
from spinstack.text.checks import choice
from spinstack.text.document import Document, Key, SampleError, read_document
from spinstack.text.errors import ParameterError, SpinstackError, near_names
from spinstack.text.units import In
from spinstack.text.version import __version__

TOP_LEVEL_KEYS = ("spinstack", "title", "description", "common", "file", "step", "analysis", "output")
#: parts of a description that may stand beside it
LAYOUT = ("columns", "channels", "constants", "from_header")
_NAME = re.compile(r"[\w+-][\w.+-]{0,79}")
#: lengths of a file have a unit
_OF_FILES = Meaning(bare=frozenset())


def _common(
    format: str,
    description: str | dict,
    columns: dict,
    channels: dict,
    constants: dict,
    from_header: dict,
    plane: Literal["alpha", "beta", "gamma"],
    current_direction: str,
    bar_width: Annotated[float, In("m")],
    bar_length: Annotated[float, In("m")],
    film_thickness: Annotated[float, In("m")],
    sample: str,
) -> None:
    """What ``[common]`` may say of all files, and each ``[[file]]`` of itself."""


def _file(path: str, name: str = "", **more: Any) -> None:
    """What only a ``[[file]]`` says."""


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


# reading


def read_data_study(path: str | os.PathLike[str]) -> DataStudy:
    """Read and check an analysis file; raises :class:`SampleError` for everything that is wrong, with file and line."""
    document = read_document(path, allowed=TOP_LEVEL_KEYS, what="analysis file")
    root = Table.of(document)
    files = _files(root, Path(path).parent)
    names = tuple(file.name for file in files)
    steps = [_request(table, names, "step", []) for table in root.entries("step")]
    analyses: list[DataRequest] = []
    for table in root.entries("analysis"):
        request = _request(table, names, "analysis", analyses)
        analyses += [request] if request else []
    output = Output.read(root)
    root.finish()
    title = str(document.data.get("title", "")) or Path(document.source).stem
    return DataStudy(document, title, tuple(files), tuple(s for s in steps if s), tuple(analyses), output)


def _files(root: Table, folder: Path) -> list[MeasuredFile]:
    table = root.one("common")
    common = table.read(_common, _OF_FILES, needed=False)
    _check_lengths(table, common)
    _description(table, common, folder)
    found: list[MeasuredFile] = []
    entries = root.entries("file")
    for table in entries:
        own = {n: table.data[n] for n in ("path", "name") if n in table.data}
        asked = table.inside(data=own).read(_file, _OF_FILES)
        given = table.without(*own).read(_common, _OF_FILES, needed=False, also=("path", "name"))
        _check_lengths(table, given)
        tables = {n: {**common[n], **given[n]} for n in LAYOUT if n in common and n in given}
        values = {**common, **given, **tables}
        description = _description(table, values, folder)
        attributes = {n: v for n, v in values.items() if n not in ("format", "description", *LAYOUT)}
        paths = _matching(table, folder, asked["path"]) if "path" in asked else []
        if len(paths) > 1 and "name" in asked:
            table.refuse(
                ParameterError(f"given, but {len(paths)} files match the path", remedy="Leave it out."), "name"
            )
        for path in paths:
            name = _name(table, asked.get("name", ""), path.stem)
            if name in (file.name for file in found):
                table.refuse(ParameterError("twice", got=name, remedy="Give each file its own name."), "name")
            found.append(MeasuredFile(name, path, values.get("format"), description, dict(attributes), table.path))
    if not entries:
        remedy = 'Name at least one measured file: [[file]] path = "scan.dat".'
        root.refuse(ParameterError("no [[file]]", remedy=remedy))
    return found


def _check_lengths(table: Table, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if isinstance(value, float) and value <= 0:
            table.refuse(ParameterError(got=table.data[name], allowed="above zero"), name)


def _description(table: Table, values: Mapping[str, Any], folder: Path) -> Any:
    """How a file is laid out: what ``description`` says, with what stands beside it."""
    more = {n: values[n] for n in LAYOUT if n in values}
    if not more and "description" not in values:
        return None
    from spinstack.measure.readers import Description

    value = values.get("description")
    described: dict[str, Any] = {}
    with table.refusing():
        try:
            described = Description.of(folder / value if isinstance(value, str) else value).to_dict()
        except SpinstackError as error:
            raise error.with_fields(path=("description",)) from None
    for name, own in more.items():
        both = {**described.get(name, {}), **own}
        with table.refusing():
            try:
                described = Description.of({**described, name: both}).to_dict()
            except SpinstackError as error:
                raise error.with_fields(path=(name,)) from None
    return Description.of(described)


def _matching(table: Table, folder: Path, pattern: str) -> list[Path]:
    """The files that a path or a pattern such as "scan_*K.dat" names."""
    path = folder / pattern
    if path.is_file():
        return [path]
    near = near_names(path.name, (p.name for p in path.parent.glob("*"))) if path.parent.is_dir() else ""
    why = "there is no such file"
    if not path.exists() and glob.has_magic(pattern):
        if paths := sorted((p for p in map(Path, glob.glob(str(path))) if p.is_file()), key=_by_numbers):
            return paths
        why, near = "which no file matches", ""
    table.refuse(ParameterError(why, got=pattern, remedy=near.strip()), "path")
    return []


def _by_numbers(path: Path) -> list[tuple[bool, float, str]]:
    """Sorts 2K before 10K."""
    parts = re.split(r"(\d+(?:\.\d+)?)", path.name)
    return [(i % 2 == 0, float(p) if i % 2 else 0.0, "" if i % 2 else p) for i, p in enumerate(parts)]


def _name(table: Table, given: str, default: str) -> str:
    if given and not _NAME.fullmatch(given):
        words = "letters, digits, . + - _; it names files of the results"
        table.refuse(ParameterError(got=given, allowed=words), "name")
    return given or re.sub(r"[^\w.+-]", "_", default)


def _request(table: Table, files: tuple[str, ...], section: str, earlier: list[DataRequest]) -> DataRequest | None:
    """A step or an analysis; None where it is not known what to do."""
    known = registry.step_names() if section == "step" else tuple(registry.ANALYSES)
    if "do" not in table.data:
        table.refuse(ParameterError("missing", allowed=", ".join(known)), "do")
        return None
    with table.refusing():
        do = choice(table.data["do"], "do", known)
        return _step_request(table, do, files) if section == "step" else _analysis_request(table, do, files, earlier)
    return None


def _step_request(table: Table, do: str, files: tuple[str, ...]) -> DataRequest:
    function = registry.step_function(do)
    arguments = table.without("do", "files").read(function, _meaning(files, do), given=1)
    return DataRequest(do, do, arguments, table.path, _selected(table, files))


def _analysis_request(table: Table, do: str, files: tuple[str, ...], earlier: list[DataRequest]) -> DataRequest:
    function = registry.analysis(do)
    feed = registry.feed(function)
    used = [request.name for request in earlier]
    own = {n: v for n, v in table.data.items() if n in ("name", "of", "figure")}
    named = table.inside(data=own).read(_own, _OF_FILES)
    name = _name(table, named.get("name", ""), do)
    if name in used and "name" in named:
        table.refuse(ParameterError("twice", got=name, remedy="Give each analysis its own name."), "name")
    elif name in used:
        name = next(f"{do}_{n}" for n in range(2, 10_000) if f"{do}_{n}" not in used)
    of = named.get("of", "")
    allowed = f"the name of an earlier analysis: {', '.join(used) or 'none'}"
    if of and of not in used:
        table.refuse(ParameterError(got=of, allowed=allowed), "of")
    elif not of and registry.takes_results(function):
        table.refuse(ParameterError("missing", allowed=allowed), "of")
    selects = not of and feed != "none"
    if "files" in table.data and not selects:
        why = "'of' is given, too" if of else f"{do} takes no measurement"
        table.refuse(ParameterError(f"given, but {why}", remedy="Leave it out."), "files")
    rest = table.without("do", "files", "name", "of", "figure")
    arguments = rest.read(function, _meaning(files, do), given=0 if feed == "none" else 1)
    figure = named.get("figure", registry.ANALYSES[do].figure)
    return DataRequest(name, do, arguments, table.path, _selected(table, files) if selects else (), of, figure)


def _own(name: str = "", of: str = "", figure: Literal[*registry.FIGURES, ""] = "") -> None:  # type: ignore[valid-type]
    """What every analysis may be given beside the parameters of its function."""


def _selected(table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    """The files that ``files`` names, patterns such as "T_*" among them; all where it is left out."""
    value = table.data.get("files", list(names))
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns) or not (patterns or not names):
        table.refuse(ParameterError(got=value, allowed="a name or a list of names"), "files")
        return ()
    out: dict[str, None] = {}
    for pattern in patterns:
        found = [pattern] if pattern in names else fnmatch.filter(names, pattern)
        if not found:
            near = near_names(pattern, names).strip()
            table.refuse(
                ParameterError("which is no file", got=pattern, allowed=", ".join(names), remedy=near), "files"
            )
        out |= dict.fromkeys(found)
    return tuple(out)


def _meaning(files: tuple[str, ...], called: str) -> Meaning:
    """Parameters of steps and analyses: a number alone is in SI (angles: deg), a measurement is named by its file."""

    def reference(value: Any) -> Reference:
        return Reference(choice(value, "", files, remedy="It is the name of a file."))

    def function(value: Any) -> Callable[..., Any]:
        return registry.analysis(choice(value, "", registry.ANALYSES, remedy="It is the name of an analysis."))

    def unit(name: str) -> str:
        from spinstack.measure.analysis_units import UNITS

        found = UNITS.get(f"{called}.{name}") or UNITS.get(name, "")
        if found.startswith("@"):
            return found
        return found or unit_of("angle" if name == "half_turn" else name)

    return Meaning(unit, kinds={xr.Dataset: reference, collections.abc.Callable: function})


def analyze(path: str | os.PathLike[str]) -> Run:
    """Do all that an analysis file asks for; nothing is written.

    The run has ``read``, the measurements as they were read, ``of_kind("measurements")`` as they are after all steps,
    ``of_kind("results")`` what was found, and ``failures``. Raises :class:`SampleError` where the file or a measured
    file is wrong; what fails later costs only what depends on it.
    """
    run = Run(read_data_study(path))
    for _ in run:
        pass
    return run
