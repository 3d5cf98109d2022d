"""Reading an analysis file: files, steps and analyses, all of it checked before anything is read or computed."""

from __future__ import annotations

import collections.abc
import fnmatch
import glob
import os
import re
from collections.abc import Callable, Iterable, Mapping
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal

import xarray as xr

from spinstack.measure import analysis as registry
from spinstack.measure.measurement import unit_of
from spinstack.study.arguments import Meaning, convert, own_parameters
from spinstack.study.data import DataRequest, DataStudy, Earlier, MeasuredFile, Reference, files_of
from spinstack.study.output import Output
from spinstack.study.run import Run
from spinstack.study.table import Table
from spinstack.text.checks import choice, words
from spinstack.text.document import read_document
from spinstack.text.errors import ParameterError, near_names
from spinstack.text.plain import is_device, same_file, visible
from spinstack.text.units import In

TOP_LEVEL_KEYS = ("spinstack", "title", "description", "common", "file", "step", "analysis", "output")
#: parts of a description that may stand beside it
LAYOUT = ("columns", "channels", "constants", "from_header")
#: longer ones are a slip of the unit [m]
_LONGEST = {"film_thickness": 1e-3, "bar_width": 1.0, "bar_length": 1.0}
_NAME = re.compile(r"[\w+-][\w.+-]{0,79}")
#: lengths of a file have a unit
_OF_FILES = Meaning(bare=frozenset())


def _common(
    format: str,
    description: str | dict[str, object],
    columns: dict[str, object],
    channels: dict[str, object],
    constants: dict[str, object],
    from_header: dict[str, object],
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


def read_data_study(path: str | os.PathLike[str]) -> DataStudy:
    """Read and check an analysis file; raises :class:`SampleError` for everything that is wrong, with file and line."""
    document = read_document(path, allowed=TOP_LEVEL_KEYS, what="analysis file")
    root = Table.of(document)
    files = _files(root, Path(path).parent)
    names: tuple[str, ...] = tuple(file.name for file in files)
    steps: list[DataRequest | None] = []
    for table in root.entries("step"):
        steps.append(request := _request(table, names, "step", []))
        if request and request.do == "split":
            # what the parts are called is known when they are there
            names = tuple(dict.fromkeys([*names, *(f"{n}_*" for n in request.files)]))
    analyses: list[DataRequest] = []
    for table in root.entries("analysis"):
        request = _request(table, names, "analysis", analyses)
        analyses += [request] if request else []
    output = Output.read(root)
    if not root.problems:
        _check_names(root, files, analyses)
    root.finish()
    title = visible(document.data.get("title", "") or Path(document.source).stem)
    return DataStudy(document, title, tuple(files), tuple(s for s in steps if s), tuple(analyses), output)


def _files(root: Table, folder: Path) -> list[MeasuredFile]:
    table = root.one("common")
    common = table.read(_common, _OF_FILES, optional=own_parameters(_common))
    check_lengths(table, common)
    described(table, common, folder)
    found: list[MeasuredFile] = []
    entries = root.entries("file")
    for table in entries:
        own = {n: table.data[n] for n in ("path", "name") if n in table.data}
        asked = table.inside(data=own).read(_file, _OF_FILES)
        given = table.without(*own).read(_common, _OF_FILES, optional=own_parameters(_common), also=("path", "name"))
        check_lengths(table, given)
        tables = {n: {**common[n], **given[n]} for n in LAYOUT if n in common and n in given}
        values = {**common, **given, **tables}
        description = described(table, values, folder)
        attributes = {n: v for n, v in values.items() if n not in ("format", "description", *LAYOUT)}
        paths = _matching(table, folder, asked["path"]) if "path" in asked else []
        if len(paths) > 1 and "name" in asked:
            table.refuse(
                ParameterError(f"given, but {len(paths)} files match the path", remedy="Leave it out."), "name"
            )
        for path in paths:
            name = _name(table, asked.get("name", ""), path.stem)
            if same_file(name) in (same_file(file.name) for file in found):
                table.refuse(ParameterError("twice", got=name, remedy="Give each file its own name."), "name")
            found.append(MeasuredFile(name, path, values.get("format"), description, dict(attributes), table.path))
    if not entries:
        remedy = 'Name at least one measured file: [[file]] path = "scan.dat".'
        root.refuse(ParameterError("no [[file]]", remedy=remedy))
    return found


def check_lengths(table: Table, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        most = _LONGEST.get(name, inf)
        if isinstance(value, float) and not 0 < value <= most:
            allowed = "above zero" if most == inf else f"above zero, at most {most * 1e3:g} mm"
            table.refuse(ParameterError(got=table.data[name], allowed=allowed), name)


def described(table: Table, values: Mapping[str, Any], folder: Path) -> Any:
    """How a file is laid out: what ``description`` says, with what stands beside it."""
    more = {n: values[n] for n in LAYOUT if n in values}
    if not more and "description" not in values:
        return None
    from spinstack.measure.readers import Description

    value = values.get("description")
    described: dict[str, Any] = {}
    with table.refusing("description"):
        described = Description.of(folder / value if isinstance(value, str) else value).to_dict()
    for name, own in more.items():
        with table.refusing():
            described = Description.of({**described, name: {**described.get(name, {}), **own}}).to_dict()
    return Description.of(described)


def _matching(table: Table, folder: Path, pattern: str) -> list[Path]:
    """The files that a path or a pattern such as "scan_*K.dat" names."""
    path = folder / pattern
    if path.is_file():
        return [path]
    near = near_names(path.name, (p.name for p in path.parent.glob("*"))) if path.parent.is_dir() else ""
    why = "there is no such file"
    if path.is_dir():
        why, near = "which is a folder", f'All files of it are "{pattern.rstrip("/")}/*".'
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
    if given and (not _NAME.fullmatch(given) or given.endswith(".") or is_device(given)):
        words = "up to 80 letters, digits, . + - _, and no device such as CON; it names files of the results"
        table.refuse(ParameterError(got=given, allowed=words), "name")
    if given:
        return given
    made = re.sub(r"[^\w.+-]", "_", default).rstrip(".")
    return f"_{made}" if not made or is_device(made) else made


def _check_names(root: Table, files: Iterable[MeasuredFile], analyses: Iterable[DataRequest]) -> None:
    """Refuse results whose files some file system would take for one: of another result, its curves, a measurement."""
    taken = {same_file(file.name): "a measurement" for file in files}
    results: dict[str, list[tuple[str, tuple[str, ...]]]] = {}  # names and inputs by request, as a run makes them
    for request in analyses:
        wanted, names = request.files, results.setdefault(request.name, [])
        if request.of:
            alone = len(request.of) == 1
            earlier = [result for of in request.of for result in results[of]]
            wanted = tuple(i[0] if len(i) == 1 and alone else name for name, i in earlier)
        also = files_of(request.arguments)
        kind = registry.feed(registry.analysis(request.do))
        each = kind == "each" and len(wanted) > 1
        names += (
            [(f"{request.name}_{w}" if each else request.name, (w, *also)) for w in wanted]
            if kind == "each"
            else [(request.name, () if kind == "none" else wanted)]
        )
        for name, _ in names:
            own = same_file(name)
            for other, what in taken.items():
                curves = (f"{a}_".startswith(f"{b}_curves_") for a, b in ((own, other), (other, own)))
                if own == other or (what == "the result" and any(curves)):
                    why = f"which would write files of {what} {other!r}"
                    remedy = "Give another name, whatever the case of its letters."
                    root.refuse(ParameterError(why, got=name, remedy=remedy), *request.place, "name")
            taken[own] = "the result"


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
    arguments = table.without("do", "files").read(function, meaning_of(files, table), given=1)
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
    of = (given,) if isinstance(given := named.get("of", ()), str) else tuple(given)
    allowed = f"the name of an earlier analysis: {', '.join(used) or 'none'}"
    if unknown := [one for one in of if one not in used]:
        table.refuse(ParameterError(got=unknown[0], allowed=allowed), "of")
    elif not of and registry.takes_results(function):
        table.refuse(ParameterError("missing", allowed=allowed), "of")
    selects = not of and feed != "none"
    if "files" in table.data and not selects:
        why = "'of' is given, too" if of else f"{do} takes no measurement"
        table.refuse(ParameterError(f"given, but {why}", remedy="Leave it out."), "files")
    rest = table.without("do", "files", "name", "of", "figure")
    arguments = rest.read(function, meaning_of(files, table, used), given=0 if feed == "none" else 1)
    figure = named.get("figure", registry.ANALYSES[do].figure)
    return DataRequest(name, do, arguments, table.path, _selected(table, files) if selects else (), of, figure)


def _own(name: str = "", of: str | list[str] = "", figure: Literal[*registry.FIGURES, ""] = "") -> None:  # type: ignore[valid-type]
    """What every analysis may be given beside the parameters of its function."""


def _selected(table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    """The files that ``files`` names, patterns such as "T_*" among them; all where it is left out.

    Of `names`, those with a star stand for the parts of a file, which are known when it has been read.
    """
    value = table.data.get("files", [n for n in names if not n.endswith("*")])
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns) or not (patterns or not names):
        table.refuse(ParameterError(got=value, allowed="a name or a list of names"), "files")
        return ()
    out: dict[str, None] = {}
    for pattern in patterns:
        found = [pattern] if pattern in names or _is_part(pattern, names) else fnmatch.filter(names, pattern)
        if not found:
            near = near_names(pattern, names).strip()
            table.refuse(
                ParameterError("which is no file", got=pattern, allowed=", ".join(names), remedy=near), "files"
            )
        out |= dict.fromkeys(found)
    return tuple(out)


def _is_part(name: str, names: Iterable[str]) -> bool:
    """Whether a name, or a pattern that names no file, may stand for parts that are known when their file is read."""
    divided = [known for known in names if known.endswith("*")]
    pattern = bool(divided) and glob.has_magic(name) and not fnmatch.filter(names, name)
    return pattern or any(fnmatch.fnmatch(name, known) for known in divided)


def _unit(name: str) -> str:
    return unit_of("angle" if name == "half_turn" else name)


def meaning_of(files: tuple[str, ...], table: Table, analyses: Iterable[str] = ()) -> Meaning:
    """Parameters of steps and analyses: a number alone is in SI (angles: deg).

    A measurement is named by its file, several stand in a table, results are named by the analysis that has made them;
    a path is relative to the file that is read.
    """

    def reference(value: Any) -> Reference:
        if isinstance(value, str) and _is_part(value, files):
            return Reference(value)
        return Reference(choice(value, "", files, remedy="It is the name of a file."))

    def function(value: Any) -> Callable[..., Any]:
        return registry.analysis(choice(value, "", registry.ANALYSES, remedy="It is the name of an analysis."))

    def several(value: Any) -> Earlier | dict[str, Reference]:
        if isinstance(value, dict):
            return dict(convert(value, dict[str, xr.Dataset], "1", meaning))
        if not (known := tuple(analyses)):
            raise ParameterError(got=value, allowed="a table of names of files")
        return Earlier(choice(value, "", known, remedy="It is the name of an earlier analysis."))

    def path(value: Any) -> Path:
        found = Path(table.document.source).parent / words(value, "", remedy="It is the path of a file.")
        if not found.is_file():
            raise ParameterError("there is no such file", got=value)
        return found

    results = collections.abc.Mapping[str, xr.Dataset]
    kinds = {xr.Dataset: reference, results: several, collections.abc.Callable: function, Path: path}
    meaning = Meaning(_unit, kinds=kinds)
    return meaning


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
