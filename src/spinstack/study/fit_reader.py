"""Reading a fit file: films, unknowns, ties and data, all of it checked before anything is computed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np

from spinstack.fitting.data import Data
from spinstack.fitting.problem import Problem
from spinstack.fitting.result import FitResult
from spinstack.fitting.samples import SAMPLE, SHARED, Sample, Unknown
from spinstack.fitting.sampling import check_method
from spinstack.fitting.ties import Tie
from spinstack.samples.reader import film_from_document
from spinstack.stack import Film, ParameterError
from spinstack.stack.parameters import Specification
from spinstack.study.arguments import Meaning, unknown
from spinstack.study.film_reader import tables as sample_tables
from spinstack.study.fit import FitStudy
from spinstack.study.fit_data import read_numbers, samples_of
from spinstack.study.fit_folder import read_results
from spinstack.study.fit_mechanisms import read_comparing
from spinstack.study.fit_numbers import fraction
from spinstack.study.fit_priors import read_prior
from spinstack.study.fit_raw import read_raw
from spinstack.study.fit_results import read_result
from spinstack.study.output import Output
from spinstack.study.table import Table
from spinstack.text.checks import whole
from spinstack.text.document import Document, read_document
from spinstack.text.errors import SpinstackError, near_names
from spinstack.text.plain import visible
from spinstack.text.units import dimension_of, parse_quantity

TOP_LEVEL_KEYS = (
    "spinstack", "title", "description", "film", "fit", "posterior", "mechanisms", "mechanism", "candidate", "next",
    "output",
)  # fmt: skip
_SECTIONS = ("sample", "parameter", "tie", "data")
PARAMETER_KEYS = ("path", "prior", "each", "unit", "scatter", "samples")
SAMPLE_KEYS = ("name", "set", "groups", "film")
#: what [fit] may say
_MOST_STARTS = 10_000


def fit_table(
    film: str = "", starts: int = 20, seed: int = 0, robust: bool = False, profiles: bool | list[str] = True
) -> None:
    """What ``[fit]`` may say beside its tables."""


def tie_table(path: str, equals: str, samples: list[str] = []) -> None:  # noqa: B006
    """What a ``[[fit.tie]]`` says."""


def posterior_table(
    method: Literal["nuts", "nested"] = "nuts", draws: int = 1000, chains: int = 4, seed: int = 0
) -> None:
    """What ``[posterior]`` says."""


@overload
def load_fit(path: str | os.PathLike[str]) -> Problem: ...


@overload
def load_fit(path: str | os.PathLike[str], results: str | os.PathLike[str]) -> FitResult: ...


def load_fit(path: str | os.PathLike[str], results: str | os.PathLike[str] | None = None) -> Problem | FitResult:
    """The problem that a fit file describes, checked as a whole, or with `results` what ``spinstack fit`` found of it.

    Args:
        path: the file; docs/fit_file.md says what may stand in it.
        results: the folder into which ``spinstack fit`` wrote; the result then has all that stands there in its `tree`.
            After a comparison of mechanisms it is that of the best of them.

    Raises:
        SampleError: what is wrong with the file, with line and field.
        ParameterError: a folder without results, or with those of another problem.
    """
    study = read_fit_study(path)
    if results is None:
        return study.problem
    tree = read_results(results)
    found = tree["fit"].to_dataset()
    try:
        of = study.problem if not (name := str(found.attrs.get("mechanism", ""))) else study.problem_of(name)
        if not np.array_equal(found["measured"].values, np.concatenate([one.measured for one in of.data])):
            raise ParameterError("other data")
        return FitResult(of, found, tree)
    except ParameterError as error:
        why, remedy = f"which are of another problem than {os.fspath(path)}", f"Run it again. {error}"
        raise ParameterError(why, field="results", got=os.fspath(results), remedy=remedy) from None


def read_fit_study(path: str | os.PathLike[str]) -> FitStudy:
    """Read and check a fit file; raises :class:`SampleError` for everything that is wrong, each with file and line."""
    document = read_document(path, allowed=TOP_LEVEL_KEYS, what="fit file")
    reader = _Reader(Table.of(document), Path(path).parent)
    return reader.study()


def asked(study: FitStudy, mechanisms: bool, next_: bool, posterior: bool = False) -> FitStudy:
    """The study with what is asked for: mechanisms compared, a plan of the next measurement, draws of parameters."""
    root, compares = Table.of(study.document), mechanisms or next_
    if posterior:
        with root.refusing("posterior", "method"):
            check_method(study.problem, study.sampling["method"])
    if compares and not study.comparing.mechanisms:
        remedy = "Name metal and magnet in [mechanisms], or begin a mechanism of your own with [[mechanism]]."
        root.refuse(ParameterError("missing: there is nothing to compare", remedy=remedy), "mechanisms")
    if next_ and not study.comparing.candidates:
        remedy = "Begin each with [[candidate]]: name, sample, observable, errors."
        root.refuse(ParameterError("missing: what could be measured next", remedy=remedy), "candidate")
    root.finish()
    return replace(study, compares=compares, plans=next_, draws=posterior)


@dataclass
class _Reader:
    root: Table
    folder: Path
    #: names of samples, labels of data, paths of unknowns, ties: with the tables that they are from
    samples: dict[str, Sample] = field(default_factory=dict)
    places: dict[tuple[str, str], Table] = field(default_factory=dict)
    others: dict[str, Document] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def study(self) -> FitStudy:
        """Everything that the file asks for."""
        fit = self.root.one("fit")
        own = fit.without(*_SECTIONS).read(fit_table, Meaning(), also=_SECTIONS)
        for name, low, high in (("starts", 1, _MOST_STARTS), ("seed", 0, None)):
            if name in own:
                with fit.refusing(name):
                    own[name] = whole(own[name], "", low=low, high=high)
        film = self.film(fit, own)
        if film is None:
            self.root.finish()  # of a film that is not there nothing can be said
            raise AssertionError
        self.read_samples(fit, film)
        if not self.samples:
            self.root.finish()
        unknowns = [u for table in fit.entries("parameter") for u in self.unknown(table)]
        ties = [t for table in fit.entries("tie") for t in self.tie(table)]
        data = [d for table in fit.entries("data") for d in self.data(table)]
        output = Output.read(self.root)
        for name, example in (("parameter", "path = ..., prior = ..."), ("data", "sample = ..., values = ...")):
            if not fit.entries(name):
                remedy = f"Begin one with [[fit.{name}]]: {example}."
                self.root.refuse(ParameterError(f"no [[fit.{name}]]", remedy=remedy), "fit", name)
        self.root.finish()
        problem = self.problem(fit, unknowns, data, ties)
        profiles = self.profiles(fit, own.get("profiles", True), problem)
        sampling = self.sampling()
        comparing = read_comparing(self.root, problem, self.samples, self.unknown, self.tie)
        self.root.finish()
        document = self.root.document
        title = visible(document.data.get("title", "") or Path(document.source).stem)
        return FitStudy(
            document, title, problem, own.get("starts", 20), own.get("seed", 0), own.get("robust", False), profiles,
            output, tuple(self.others.values()),
            {c.name: (*self.places["unknown", c.path].path, "path") for c in problem.coordinates}, self.files,
            comparing, sampling=sampling,
        )  # fmt: skip

    def sampling(self) -> dict[str, Any]:
        """How draws are made, where they are asked for."""
        table = self.root.one("posterior")
        out = {"method": "nuts", "draws": 1000, "chains": 4, "seed": 0} | table.read(posterior_table, Meaning())
        if out["method"] == "nested" and "chains" in table.data:
            why = "with nested sampling, which has no chains"
            table.refuse(ParameterError(why, got=table.data["chains"], remedy="Leave it out."), "chains")
        for name, low, high in (("draws", 100, 1_000_000), ("chains", 2, 100), ("seed", 0, None)):
            with table.refusing(name):
                out[name] = whole(out[name], "", low=low, high=high)
        return out

    def film(self, fit: Table, own: Mapping[str, Any]) -> Film | None:
        """The film of the problem: that of another file, or of this one."""
        here = "film" in self.root.data
        if own.get("film") and here:
            why = "beside [[film]] in this file"
            fit.refuse(ParameterError(why, got=own["film"], remedy="Leave one of them out."), "film")
        elif own.get("film"):
            return self.other(fit, own["film"], "film")
        elif not here:
            if "film" not in fit.data:
                remedy = 'Write [fit] film = "sample.toml", or [[film]] tables in this file.'
                fit.refuse(ParameterError("missing, the film that was measured", remedy=remedy), "film")
        else:
            with self.root.refusing("film"):
                return film_from_document(self.root.document)
        return None

    def other(self, table: Table, path: str, *keys: str) -> Film | None:
        """The film of a sample file."""
        with table.refusing(*keys):
            if not isinstance(path, str) or not path.strip():
                raise ParameterError(got=path, allowed="the path of a sample file")
            place = self.folder / path
            if not place.is_file():
                near = near_names(place.name, (p.name for p in place.parent.glob("*.toml"))).strip()
                raise ParameterError("there is no such file", got=path, remedy=near)
            document = read_document(place, allowed=sample_tables())
            made = film_from_document(document)
            self.others[path] = document
            return made
        return None

    def read_samples(self, fit: Table, film: Film) -> None:
        """The samples of ``[[fit.sample]]``; without any, one of the film as it is."""
        for table in fit.entries("sample"):
            before = len(self.root.problems)
            for key in {*table.data} - {*SAMPLE_KEYS}:
                table.refuse(unknown(key, table.data[key], SAMPLE_KEYS))
            base = self.other(table, table.data["film"], "film") if "film" in table.data else film
            names = self.names(table)
            if base is None or len(self.root.problems) > before:
                continue
            for i, name in enumerate(names):
                place = (i, len(names)) if isinstance(table.data["name"], list) else None
                changed = self.changed(table, base, place)
                groups = self.groups(table, place)
                if changed is not None and name not in self.samples:
                    self.samples[name] = Sample(name, changed, groups)
                    self.places["sample", name] = table
        if not fit.entries("sample"):
            name = visible(str(self.root.document.data.get("title", "film"))) or "film"
            self.samples[name] = Sample(name, film)

    def names(self, table: Table) -> list[str]:
        given = table.data.get("name")
        names = given if isinstance(given, list) and given else [given]
        for i, name in enumerate(names):
            keys = ("name", i) if isinstance(given, list) else ("name",)
            if not isinstance(name, str) or not name.strip() or len(name) > 80 or visible(name) != name:
                got = {"got": name} if "name" in table.data else {}
                why = "" if got else "missing"
                table.refuse(ParameterError(why, allowed="text of up to 80 letters in quotes", **got), *keys)
            elif name in self.samples or name in names[:i]:
                table.refuse(ParameterError("twice", got=name, remedy="Give each sample its own name."), *keys)
        return [n for n in names if isinstance(n, str)]

    def changed(self, table: Table, film: Film, place: tuple[int, int] | None) -> Film | None:
        """The film with what ``set`` changes in one sample."""
        before = len(self.root.problems)
        given = table.data.get("set", {})
        if not isinstance(given, dict):
            remedy = 'Write set = { "Pt.thickness" = "3 nm" }.'
            table.refuse(ParameterError("which is not a table", got=given, remedy=remedy), "set")
            return None
        changes: dict[str, Any] = {}
        for path, written in given.items():
            inner = table.inside("set")
            with inner.refusing_all(path):
                spec = film.specification(path)
                value, keys = self.of(inner, path, written, place)
                kind = "complex" if spec.kind == "complex" else "real"
                with inner.refusing(*keys):
                    changes[path] = parse_quantity(value, spec.unit, kind=kind, infinite=spec.infinite)
        if len(self.root.problems) > before:
            return None
        with table.inside("set", data=given).telling():
            made = film.replace(changes)
            made.check()
            return made
        return None

    def of(self, table: Table, key: str, value: Any, place: tuple[int, int] | None) -> tuple[Any, tuple[Any, ...]]:
        """What a value is for one of several samples: its own of a list, or the one that all share; and its path."""
        if not isinstance(value, list) or place is None:
            return value, (key,)
        if len(value) != place[1]:
            raise ParameterError(got=value, allowed=f"one value, or a list with one for each of {place[1]} samples")
        return value[place[0]], (key, place[0])

    def groups(self, table: Table, place: tuple[int, int] | None) -> dict[str, str]:
        given = table.data.get("groups", {})
        out: dict[str, str] = {}
        if not isinstance(given, dict):
            table.refuse(ParameterError(got=given, allowed='a table such as { batch = "A" }'), "groups")
            return out
        for name, written in given.items():
            with table.inside("groups").refusing(name):
                value, _ = self.of(table, name, written, place)
                if not isinstance(value, str) or not value.strip() or name in (SHARED, SAMPLE):
                    raise ParameterError(got=value, allowed=f"text, of a group that is not called {SHARED} or {SAMPLE}")
                out[name] = value
        return out

    def unknown(self, table: Table, mechanism: str = "") -> list[Unknown]:
        """The unknown of a ``[[fit.parameter]]``, or of a mechanism; nothing where it is wrong."""
        before = len(self.root.problems)
        for key in {*table.data} - {*PARAMETER_KEYS}:
            table.refuse(unknown(key, table.data[key], PARAMETER_KEYS))
        texts = {}
        for key, default in (("path", None), ("each", SHARED), ("unit", "1")):
            value = table.data.get(key, default)
            if isinstance(value, str) and value.strip():
                texts[key] = value
            else:
                why, got = ("missing", {}) if key not in table.data else ("", {"got": value})
                table.refuse(ParameterError(why, allowed="text in quotes", **got), key)
        if len(self.root.problems) > before:
            return []
        path = texts["path"]
        if (f"unknown{mechanism}", path) in self.places:
            table.refuse(ParameterError("twice", got=path, remedy="Leave one of them out."), "path")
        spec = self.specification(table, path, texts["unit"])
        if spec is None:
            return []
        prior, scatter = read_prior(table, spec.unit), fraction(table, "scatter")
        if scatter and texts["each"] == SAMPLE:
            why = "of samples that have values of their own"
            table.refuse(ParameterError(why, got=table.data["scatter"], remedy="Leave one of them out."), "scatter")
        if prior is None or len(self.root.problems) > before:
            return []
        with table.refusing_all("path"):
            self.places[f"unknown{mechanism}", path] = table
            return [Unknown(path, prior, texts["each"], texts["unit"], scatter, self.named(table))]
        return []

    def named(self, table: Table) -> tuple[str, ...]:
        """The samples in which a parameter is unknown; none for all."""
        if "samples" not in table.data:
            return ()
        return tuple(samples_of(table, self.samples, "samples"))

    def specification(self, table: Table, path: str, unit: str) -> Specification | None:
        """What is declared of a parameter of the films, or of a number that ties use."""
        if "." not in path:
            with table.refusing("unit"):
                dimension_of(unit)
                return Specification(unit, "")
            return None
        if "unit" in table.data:
            remedy = "Leave it out."
            table.refuse(ParameterError("where the film says it", got=unit, remedy=remedy), "unit")
        with table.refusing_all("path"):
            films = [s.film for s in self.samples.values()]
            film = next((f for f in films if path in f), films[0])
            spec = film.specification(path)
            if spec.kind == "complex":
                why = "which is complex"
                raise ParameterError(why, got=path, remedy=f"Fit one part of it: {path}.real or {path}.imag.")
            return spec
        return None

    def tie(self, table: Table, mechanism: str = "") -> list[Tie]:
        """The tie of a ``[[fit.tie]]``, or of a mechanism; nothing where it is wrong."""
        before = len(self.root.problems)
        given = table.read(tie_table, Meaning())
        if len(self.root.problems) > before:
            return []
        with table.refusing():
            made = Tie(given["path"], given["equals"], tuple(given.get("samples", ())))
            self.places[f"tie{mechanism}", made.path] = table
            return [made]
        return []

    def data(self, table: Table) -> list[Data]:
        """The data of a ``[[fit.data]]``; none where something is wrong."""
        out: list[Data] = []
        kinds = [key for key in ("values", "result", "file") if key in table.data]
        if len(kinds) > 1:
            why = f"beside {kinds[0]}: the numbers stand in one of them"
            table.refuse(ParameterError(why, got=table.data[kinds[1]], remedy="Leave one of them out."), kinds[1])
            return out
        if "result" in kinds:
            found = read_result(table, self.samples, self.folder)
        elif "file" in kinds:
            found = read_raw(table, self.samples, self.folder)
        else:
            found = read_numbers(table, self.samples)
        if kinds and kinds[0] != "values" and found:
            path = table.data[kinds[0]]
            self.files[path] = hashlib.sha256((self.folder / path).read_bytes()).hexdigest()
        for one in found:
            label, n = one.label, 1
            while ("data", label) in self.places:
                n += 1
                label = f"{one.label} {n}"
            if n > 1 and "name" in table.data:
                table.refuse(ParameterError("twice", got=one.name, remedy="Give each its own name."), "name")
            self.places["data", label] = table
            out.append(replace(one, name=label))
        return out

    def problem(self, fit: Table, unknowns: list[Unknown], data: list[Data], ties: list[Tie]) -> Problem:
        """The whole, what is wrong with it told where it stands."""
        try:
            return Problem(list(self.samples.values()), unknowns, data, ties)
        except ParameterError as error:
            for one in error.errors:
                self.tell(fit, one)
        self.root.finish()
        raise AssertionError

    def tell(self, fit: Table, error: SpinstackError) -> None:
        """Note what is wrong with the whole at the table that it is about."""
        named = [str(error.where), *([error.got] if isinstance(error.got, str) else [])]
        keys = {"unknowns": "path", "ties": "path", "data": "values", "samples": "samples"}
        for kind in ("data", "tie", "unknown", "sample"):
            for name in named:
                if table := self.places.get((kind, name)):
                    key = keys.get(error.field, error.field)
                    table.refuse(error.with_fields(path=(), where="", field=""), *([key] if key else []))
                    return
        fit.refuse_as_told(error)

    def profiles(self, fit: Table, wanted: Any, problem: Problem) -> tuple[str, ...]:
        """The parameters of which profiles are made: those that are named, or all that samples share."""
        names = [c.name for c in problem.coordinates]
        if isinstance(wanted, bool):
            shared = {u.path for u in problem.unknowns if u.each == SHARED}
            of_all = (c.name for c in problem.coordinates if c.path in shared and not c.deviation)
            return tuple(of_all) if wanted else ()
        for i, name in enumerate(wanted):
            if name not in names:
                near = near_names(name, names).strip()
                why = "which is no fitted parameter"
                fit.refuse(ParameterError(why, got=name, allowed=", ".join(names), remedy=near), "profiles", i)
        return tuple(dict.fromkeys(wanted))
