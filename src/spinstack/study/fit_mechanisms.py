"""``[mechanisms]``, ``[[mechanism]]``, ``[[candidate]]`` of a fit file: what made the data, what to measure next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from spinstack.fitting.design import Candidate
from spinstack.fitting.masks import Mechanism, problems_of
from spinstack.fitting.problem import Problem
from spinstack.fitting.ready import COUPLINGS, PRIORS, ready_mechanisms
from spinstack.fitting.samples import Sample, Unknown
from spinstack.fitting.ties import Tie
from spinstack.observables.registry import Labels, Observable
from spinstack.observables.rehearsal import rehearse
from spinstack.stack import Film, ParameterError
from spinstack.study.arguments import Meaning, unknown
from spinstack.study.entries import plain_entry
from spinstack.study.film_reader import read_arguments
from spinstack.study.fit_data import asked_of, samples_of
from spinstack.study.fit_meter import Cell
from spinstack.study.fit_numbers import Numbers, cells_of, check_unit, fraction
from spinstack.study.fit_priors import read_prior
from spinstack.study.table import Table
from spinstack.text import checks
from spinstack.text.errors import SpinstackError
from spinstack.text.units import parse_quantity

#: keys of a candidate beside the arguments of its observable
CANDIDATE_KEYS = (
    "name",
    "sample",
    "set",
    "observable",
    "variable",
    "component",
    "unit",
    "errors",
    "systematic",
    "cost",
)
MECHANISM_KEYS = ("name", "parameter", "tie", "fixed")
#: units of the priors of ready-made mechanisms that are no pure numbers
_UNITS = {"filtering": "S/m", "rashba_edelstein": "S/m", "exchange_coupling": "J m^3", "mixing_conductance": "S/m^2"}


def mechanisms_table(
    metal: str = "",
    magnet: str = "",
    splitter: str = "y,x",
    antiferromagnet: str = "",
    only: list[str] = [],  # noqa: B006
    starts: int = 24,
    seed: int = 0,
) -> None:
    """What ``[mechanisms]`` may say beside its priors."""


def next_table(of: Literal["mechanisms", "parameters"] = "mechanisms", draws: int = 1500, seed: int = 0) -> None:
    """What ``[next]`` may say."""


@dataclass(frozen=True)
class Comparing:
    """Mechanisms to compare, with settings of the samplers, and candidates of the next measurement."""

    mechanisms: tuple[Mechanism, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    settings: Mapping[str, Any] | None = None
    plan: Mapping[str, Any] | None = None


#: reads ``[[mechanism.parameter]]`` or ``[[mechanism.tie]]`` of a mechanism of that name
ReadUnknown = Callable[[Table, str], list[Unknown]]
ReadTie = Callable[[Table, str], list[Tie]]


def read_comparing(
    root: Table, problem: Problem, samples: Mapping[str, Sample], unknown_of: ReadUnknown, tie_of: ReadTie
) -> Comparing:
    """What a file says of mechanisms and candidates; what is wrong is noted."""
    before = len(root.problems)
    ready, settings = _ready(root, problem)
    own = [m for table in root.entries("mechanism") for m in _own(table, samples, unknown_of, tie_of)]
    table = root.one("next")
    plan = table.read(next_table, Meaning())
    for name, low in (("draws", 200), ("seed", 0)):
        with table.refusing():
            plan[name] = checks.whole(plan.get(name, {"draws": 1500, "seed": 0}[name]), name, low=low)
    candidates = [c for table in root.entries("candidate") for c in _candidate(table, samples)]
    names = [c.name for c in candidates]
    for i, name in enumerate(names):
        if name in names[:i]:
            why = "twice"
            root.refuse(ParameterError(why, got=name, remedy="Give each its own name."), "candidate", i, "name")
    mechanisms = (*ready, *own)
    if len(root.problems) == before and mechanisms:
        _check(root, problem, mechanisms)
    return Comparing(mechanisms, tuple(candidates), settings, plan)


def _ready(root: Table, problem: Problem) -> tuple[list[Mechanism], dict[str, Any]]:
    """The ready-made mechanisms that ``[mechanisms]`` asks for, and the settings of the comparison."""
    before, table = len(root.problems), root.one("mechanisms")
    given = table.without("priors").read(mechanisms_table, Meaning(), also=("priors",))
    settings = {}
    for name, low, default in (("starts", 2, 24), ("seed", 0, 0)):
        with table.refusing():
            settings[name] = checks.whole(given.pop(name, default), name, low=low, high=10_000)
    priors = _priors(table)
    if len(root.problems) > before or not table.data:
        return [], settings
    if not given.get("metal") and not given.get("magnet"):
        for key in {*table.data} - {"starts", "seed"}:
            why = "without metal and magnet, for which mechanisms are ready-made"
            table.refuse(ParameterError(why, got=table.data[key], remedy="Name both."), key)
        return [], settings
    for key in ("metal", "magnet"):
        if not given.get(key):
            table.refuse(ParameterError("missing", allowed="the name of a layer of the film"), key)
    if len(root.problems) > before:
        return [], settings
    with table.refusing():
        return ready_mechanisms(problem, priors=priors, **given), settings
    return [], settings


def _priors(table: Table) -> dict[str, Any]:
    """Priors in the place of those that ready-made mechanisms have."""
    given = table.data.get("priors", {})
    if not isinstance(given, dict):
        table.refuse(ParameterError(got=given, allowed="a table of priors by parameter"), "priors")
        return {}
    known = [*PRIORS, *COUPLINGS]
    out: dict[str, Any] = {}
    inner = table.inside("priors", data=given)
    for name, written in given.items():
        if name not in known:
            inner.refuse(unknown(name, written, known))
            continue
        entry = inner.inside(name, data={"prior": written, "path": name})
        found = read_prior(entry, _UNITS.get(name, "1"))
        out |= {} if found is None else {name: found}
    return out


def _own(table: Table, samples: Mapping[str, Sample], unknown_of: ReadUnknown, tie_of: ReadTie) -> list[Mechanism]:
    """The mechanism of one table; nothing where it is wrong."""
    before = len(table.problems)
    for key in {*table.data} - {*MECHANISM_KEYS}:
        table.refuse(unknown(key, table.data[key], MECHANISM_KEYS))
    name = str(table.data.get("name", ""))
    with table.refusing():
        checks.words(table.data.get("name"), "name", remedy='Write name = "spin Hall".')
    unknowns = [u for entry in table.entries("parameter") for u in unknown_of(entry, name)]
    ties = [t for entry in table.entries("tie") for t in tie_of(entry, name)]
    fixed = _values(table, "fixed", [s.film for s in samples.values()])
    if len(table.problems) > before:
        return []
    with table.refusing():
        return [Mechanism(name, unknowns, ties, fixed)]
    return []


def _values(table: Table, key: str, films: list[Film]) -> dict[str, float]:
    """A table path -> value, each in the unit of its parameter in the first of `films` that has it."""
    given = table.data.get(key, {})
    if not isinstance(given, dict):
        table.refuse(ParameterError(got=given, allowed='a table such as { "Pt.thickness" = "3 nm" }'), key)
        return {}
    inner, out = table.inside(key, data=given), {}
    for path, written in given.items():
        with inner.refusing_all(path):
            spec = next((f for f in films if path in f), films[0]).specification(path)
            out[path] = float(parse_quantity(written, spec.unit, infinite=spec.infinite).real)
    return out


def measurable(table: Table, asked: Observable, film: Film) -> tuple[dict[str, Any], Labels, list[Cell]] | None:
    """The arguments that a candidate gives an observable, and every number that it would tell; None where wrong."""
    before, entry = len(table.problems), plain_entry(asked)
    arguments = read_arguments(table.without(*CANDIDATE_KEYS), entry.hints, entry.signature, film, CANDIDATE_KEYS)
    if len(table.problems) > before:
        return None
    with table.telling("observable"):
        rehearse(asked.array, film, arguments)
        labels = asked.labels(film, **arguments)
        return arguments, labels, cells_of(labels)
    return None


def _candidate(table: Table, samples: Mapping[str, Sample]) -> list[Candidate]:
    """The measurement of one table; nothing where it is wrong."""
    before = len(table.problems)
    names, asked = samples_of(table, samples), asked_of(table)
    if isinstance(table.data.get("sample"), list):
        allowed = "the name of one sample, which a new one is made like"
        table.refuse(ParameterError(got=table.data["sample"], allowed=allowed), "sample")
    changes = _values(table, "set", [samples[n].film for n in names] or [s.film for s in samples.values()])
    systematic = fraction(table, "systematic")
    with table.refusing():
        checks.words(table.data.get("name"), "name", remedy='Write name = "2 nm, beta".')
    with table.refusing():
        checks.number(table.data.get("cost", 1.0), "cost", low=0, open_low=True)
    if len(table.problems) > before or asked is None or not names:
        return []
    with table.inside("set", data=table.data.get("set", {})).telling():
        film = samples[names[0]].film.replace(changes)
        film.check()
        found = measurable(table, asked, film)
        if found is None:
            return []
        with table.telling("observable"):
            arguments, labels, cells = found
            check_unit(table, cells)
            errors = Numbers(table, cells, None).stated()
            if len(table.problems) > before:
                return []
            wanted = list(dict.fromkeys(c.variable for c, e in zip(cells, errors, strict=True) if e == e))
            keep = [k for k, c in enumerate(cells) if c.variable in wanted]
            variables = wanted if len(labels.outputs) > 1 else None
            cost = float(table.data.get("cost", 1.0))
            return [
                Candidate(table.data["name"], names[0], asked.function, errors[keep], arguments, variables, changes,
                          systematic, cost)
            ]  # fmt: skip
    return []


def _check(root: Table, problem: Problem, mechanisms: tuple[Mechanism, ...]) -> None:
    """Refuse mechanisms that do not fit the problem, each where it stands."""
    try:
        problems_of(problem, mechanisms)
    except ParameterError as error:
        for one in error.errors:
            _tell(root, one)


def _tell(root: Table, error: SpinstackError) -> None:
    for table in root.inside().entries("mechanism"):
        name = table.data.get("name")
        if name in (error.where, error.got):
            table.refuse_as_told(error)
            return
    root.refuse_as_told(error, "mechanisms" if "mechanisms" in root.data else "mechanism")
