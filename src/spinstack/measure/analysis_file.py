"""An analysis file (TOML): measured files, cleaning steps and analyses, all of it checked before anything is read."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinstack.measure import analysis as registry
from spinstack.measure.analysis_arguments import ArgumentProblem, checked
from spinstack.measure.measurement import ATTRIBUTES, MeasurementError
from spinstack.stack.parameters import ParameterError
from spinstack.text.document import Document, Key, SampleError, read_document
from spinstack.text.errors import near_names, shown
from spinstack.text.units import parse_quantity

TOP_LEVEL_KEYS = ("spinstack", "title", "description", "common", "file", "step", "analysis", "output")
FIGURE_FORMATS = ("png", "pdf", "svg")
PLANES = ("alpha", "beta", "gamma")
#: attributes that a file may be given; readers find out the others
GIVEN = ("plane", "current_direction", "bar_width", "bar_length", "film_thickness", "sample")
#: parts of a description that may stand beside it
LAYOUT = ("columns", "channels", "constants", "from_header")
_NAME = re.compile(r"[\w.+-]{1,80}")


def _by_numbers(path: Path) -> list[tuple[bool, float, str]]:
    """Sorts 2K before 10K."""
    parts = re.split(r"(\d+(?:\.\d+)?)", path.name)
    return [(i % 2 == 0, float(p) if i % 2 else 0.0, "" if i % 2 else p) for i, p in enumerate(parts)]


@dataclass(frozen=True)
class MeasuredFile:
    """One measurement to read."""

    name: str
    path: Path
    format: str | None
    description: Any
    attributes: dict[str, Any]
    key: tuple[Key, ...]


@dataclass(frozen=True)
class Request:
    """A step or an analysis: what to do, with which measurements and arguments."""

    do: str
    name: str
    files: tuple[str, ...]
    arguments: dict[str, Any]
    key: tuple[Key, ...]
    #: an earlier analysis whose results it takes in place of measurements
    of: str = ""
    figure: str = ""


@dataclass(frozen=True)
class AnalysisFile:
    """All that an analysis file asks for."""

    document: Document
    title: str
    files: tuple[MeasuredFile, ...]
    steps: tuple[Request, ...]
    analyses: tuple[Request, ...]
    directory: str | None
    figures: tuple[str, ...]

    def error(self, key: tuple[Key, ...], message: str) -> SampleError:
        """The error to raise about one entry: file, line and field before `message`."""
        return self.document.error(key, message)


def read_analysis_file(path: str | os.PathLike[str]) -> AnalysisFile:
    """Read and check an analysis file; raises :class:`SampleError` with file, line and field of what is wrong."""
    try:
        document = read_document(path, allowed=TOP_LEVEL_KEYS)
    except SampleError as error:
        raise SampleError(str(error).replace("sample file", "analysis file")) from None
    return _Reader(document, Path(path).parent).read()


@dataclass(frozen=True)
class _Reader:
    document: Document
    folder: Path

    def read(self) -> AnalysisFile:
        common = self.common()
        files = tuple(f for key, table in self.tables("file") for f in self.files(key, table, common))
        if not files:
            raise self.document.error((), 'no [[file]]. Name at least one measured file: [[file]] path = "scan.dat".')
        seen: dict[str, MeasuredFile] = {}
        for file in files:
            if file.name in seen:
                raise self.document.error((*file.key, "name"), f"got {file.name!r} twice. Give each file its own name.")
            seen[file.name] = file
        names = tuple(seen)
        steps = tuple(self.step(key, table, names) for key, table in self.tables("step"))
        analyses: list[Request] = []
        for key, table in self.tables("analysis"):
            analyses.append(self.analysis(key, table, names, analyses))
        directory, figures = self.output()
        title = str(self.document.data.get("title", "")) or Path(self.document.source).stem
        return AnalysisFile(self.document, title, files, steps, tuple(analyses), directory, figures)

    def tables(self, section: str) -> Iterator[tuple[tuple[Key, ...], dict[str, Any]]]:
        found = self.document.data.get(section, [])
        alone = isinstance(found, dict)
        entries = [found] if alone else found
        if not isinstance(entries, list) or not all(isinstance(t, dict) for t in entries):
            raise self.document.error((section,), f"is not a table. Begin it with [[{section}]].")
        for i, table in enumerate(entries):
            yield ((section,) if alone else (section, i)), table

    def only(self, key: tuple[Key, ...], table: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
        for k in table:
            if k not in allowed:
                raise self.document.unknown_key((*key, k), allowed)

    def text(self, key: tuple[Key, ...], table: Mapping[str, Any], name: str) -> str | None:
        value = table.get(name)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.document.error((*key, name), f"got {shown(value)}. Allowed: text in quotes.")
        return value

    def name(self, key: tuple[Key, ...], table: Mapping[str, Any], default: str) -> str:
        name = self.text(key, table, "name")
        if name is None:
            return re.sub(r"[^\w.+-]", "_", default)
        if not _NAME.fullmatch(name) or name.startswith("."):
            raise self.document.error(
                (*key, "name"), f"got {name!r}, which names files of the results. Allowed: letters, digits, . + - _."
            )
        return name

    def common(self) -> dict[str, Any]:
        """``[common]``: what holds for all files, checked where it stands."""
        table = self.document.data.get("common", {})
        if not isinstance(table, dict):
            raise self.document.error(("common",), "is not a table. Begin it with [common].")
        key = ("common",)
        self.only(key, table, ("format", "description", *LAYOUT, *GIVEN))
        for n in GIVEN:
            if n in table:
                self.attribute(key, n, table[n])
        self.text(key, table, "format")
        self.description(key, table)
        return table

    def files(self, key: tuple[Key, ...], own: dict[str, Any], common: dict[str, Any]) -> list[MeasuredFile]:
        self.only(key, own, ("path", "name", "format", "description", *LAYOUT, *GIVEN))
        pattern = self.text(key, own, "path")
        if pattern is None:
            raise self.document.error(key, "'path' is missing. Give the measured file, relative to this one.")
        tables = {n: {**common[n], **own[n]} for n in LAYOUT
                  if isinstance(common.get(n), dict) and isinstance(own.get(n), dict)}  # fmt: skip
        table = {**common, **own, **tables}
        attributes = {n: self.attribute(key, n, table[n]) for n in GIVEN if n in table}
        description = self.description(key, table)
        paths = self.matching(key, pattern)
        if len(paths) > 1 and "name" in own:
            raise self.document.error((*key, "name"), f"given, but {len(paths)} files match the path. Leave it out.")
        form = self.text(key, table, "format")
        return [MeasuredFile(self.name(key, own, p.stem), p, form, description, dict(attributes), key) for p in paths]

    def matching(self, key: tuple[Key, ...], pattern: str) -> list[Path]:
        """The files that a path or a pattern such as "scan_*K.dat" names."""
        path = self.folder / pattern
        if path.is_file():
            return [path]
        if not path.exists() and glob.has_magic(pattern):
            paths = sorted((p for p in map(Path, glob.glob(str(path))) if p.is_file()), key=_by_numbers)
            if not paths:
                raise self.document.error((*key, "path"), f"got {pattern!r}, which no file matches.")
            return paths
        near = near_names(path.name, (p.name for p in path.parent.glob("*"))) if path.parent.is_dir() else ""
        raise self.document.error((*key, "path"), f"got {pattern!r}: there is no such file. {near}".strip())

    def attribute(self, key: tuple[Key, ...], name: str, value: Any) -> Any:
        unit = ATTRIBUTES[name][0]
        if unit:
            try:
                number = float(parse_quantity(value, unit))  # type: ignore[arg-type]
            except ParameterError as error:
                raise self.document.error((*key, name), str(error)) from None
            if number <= 0:
                raise self.document.error((*key, name), f"got {value!r}. Allowed: above zero.")
            return number
        if name == "plane" and value not in PLANES:
            raise self.document.error((*key, name), f"got {shown(value)}. Allowed: {', '.join(map(repr, PLANES))}.")
        if not isinstance(value, str):
            raise self.document.error((*key, name), f"got {shown(value)}. Allowed: text in quotes.")
        return value

    def description(self, key: tuple[Key, ...], table: Mapping[str, Any]) -> Any:
        """How a file is laid out: a table here or a file of its own, with what stands beside it."""
        value, more = table.get("description"), {k: table[k] for k in LAYOUT if k in table}
        if value is None and not more:
            return None
        from spinstack.measure.readers import Description

        place = (*key, "description")
        if not isinstance(value, str | dict | None):
            raise self.document.error(
                place, f"got {shown(value)}. Allowed: a table, or the path of a description file."
            )
        try:
            described = Description.of(self.folder / value if isinstance(value, str) else value).to_dict()
            for name, own in more.items():
                place = (*key, name)
                known = described.get(name, {})
                both = {**known, **own} if isinstance(known, dict) and isinstance(own, dict) else own
                described = Description.of({**described, name: both}).to_dict()
            return Description.of(described)
        except (MeasurementError, ParameterError) as error:
            raise self.document.error(place, str(error)) from None

    def step(self, key: tuple[Key, ...], table: dict[str, Any], names: tuple[str, ...]) -> Request:
        do = self.do(key, table, registry.step_names(), "steps")
        files = self.selected(key, table, names)
        given = {k: v for k, v in table.items() if k not in ("do", "files")}
        arguments = self.arguments(key, registry.step_function(do), given, names, step=True)
        return Request(do, do, files, arguments, key)

    def analysis(
        self, key: tuple[Key, ...], table: dict[str, Any], names: tuple[str, ...], earlier: list[Request]
    ) -> Request:
        do = self.do(key, table, tuple(registry.ANALYSES), "analyses")
        try:
            function = registry.analysis(do)
        except (ImportError, MeasurementError) as error:
            raise self.document.error((*key, "do"), f"got {do!r}, which cannot be loaded: {error}") from None
        used = [e.name for e in earlier]
        name = self.name(key, table, do)
        if name in used:
            if "name" in table:
                raise self.document.error((*key, "name"), f"got {name!r} twice. Give each analysis its own name.")
            name = next(f"{do}_{n}" for n in range(2, 10_000) if f"{do}_{n}" not in used)
        of = self.text(key, table, "of") or ""
        if of and of not in used:
            raise self.document.error(
                (*key, "of"), f"got {of!r}. Allowed: the name of an earlier analysis: {', '.join(used) or 'none'}."
            )
        if not of and registry.takes_results(function):
            raise self.document.error(key, f"'of' is missing: an earlier analysis, one of {', '.join(used) or 'none'}.")
        files = () if of or registry.feed(function) == "none" else self.selected(key, table, names)
        if not files and "files" in table:
            why = "'of' is given, too" if of else f"{do} takes no measurement"
            raise self.document.error((*key, "files"), f"given, but {why}. Leave it out.")
        figure = self.figure(key, table, registry.ANALYSES[do].figure)
        given = {k: v for k, v in table.items() if k not in ("do", "files", "name", "of", "figure")}
        arguments = self.arguments(key, function, given, names)
        return Request(do, name, files, arguments, key, of, figure)

    def figure(self, key: tuple[Key, ...], table: dict[str, Any], default: str) -> str:
        value = table.get("figure", default)
        if value and value not in registry.FIGURES:
            near = near_names(str(value), registry.FIGURES)
            allowed = ", ".join(registry.FIGURES)
            raise self.document.error((*key, "figure"), f"got {shown(value)}. {near}Allowed: {allowed}.")
        return str(value)

    def do(self, key: tuple[Key, ...], table: Mapping[str, Any], allowed: tuple[str, ...], what: str) -> str:
        if "do" not in table:
            raise self.document.error(key, f"'do' is missing. The {what}: {', '.join(allowed)}.")
        value = table["do"]
        if value not in allowed:
            near = near_names(str(value), allowed)
            raise self.document.error((*key, "do"), f"got {shown(value)}. {near}The {what}: {', '.join(allowed)}.")
        return str(value)

    def selected(self, key: tuple[Key, ...], table: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
        """The files that ``files`` names, patterns such as "T_*" among them; all where it is left out."""
        value = table.get("files", list(names))
        patterns = [value] if isinstance(value, str) else value
        if not isinstance(patterns, list) or not patterns or not all(isinstance(p, str) for p in patterns):
            raise self.document.error((*key, "files"), f"got {shown(value)}. Allowed: a name or a list of names.")
        out: list[str] = []
        for pattern in patterns:
            found = [pattern] if pattern in names else fnmatch.filter(names, pattern)
            if not found:
                near = near_names(pattern, names)
                raise self.document.error(
                    (*key, "files"), f"got {pattern!r}, which is no file. {near}Files: {', '.join(names)}."
                )
            out += [n for n in found if n not in out]
        return tuple(out)

    def arguments(
        self, key: tuple[Key, ...], function: Any, given: dict[str, Any], names: tuple[str, ...], step: bool = False
    ) -> dict[str, Any]:
        try:
            return checked(function, given, step=step, files=names)
        except ArgumentProblem as problem:
            place = key if problem.parameter is None else (*key, problem.parameter)
            if problem.unknown:
                message = f"got {shown(given[str(problem.parameter)])} for an unknown parameter. {problem}"
            else:
                message = str(problem)
            raise self.document.error(place, message) from None

    def output(self) -> tuple[str | None, tuple[str, ...]]:
        table = self.document.data.get("output", {})
        if not isinstance(table, dict):
            raise self.document.error(("output",), "is not a table. Begin it with [output].")
        self.only(("output",), table, ("directory", "figures"))
        figures = table.get("figures", ["png", "pdf"])
        if not isinstance(figures, list) or any(f not in FIGURE_FORMATS for f in figures):
            raise self.document.error(
                ("output", "figures"),
                f"got {shown(figures)}. Allowed: a list of {', '.join(map(repr, FIGURE_FORMATS))}; [] for none.",
            )
        return self.text(("output",), table, "directory"), tuple(dict.fromkeys(figures))
