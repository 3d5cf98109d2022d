"""``[[fit.data]]`` of a fit file: an observable of a sample, and the numbers that were measured of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spinstack.fitting.data import Data
from spinstack.fitting.samples import Sample
from spinstack.observables.registry import Observable, observables
from spinstack.observables.rehearsal import rehearse
from spinstack.study.entries import plain_entry
from spinstack.study.film_reader import read_arguments
from spinstack.study.fit_meter import read_meter
from spinstack.study.fit_numbers import Numbers, cells_of, check_unit, fraction
from spinstack.study.table import Table
from spinstack.study.theory import SOLVERS, chosen_theory
from spinstack.text import checks
from spinstack.text.checks import choice
from spinstack.text.errors import ParameterError, near_names

#: keys of a table beside the arguments of its observable
OWN = (
    "sample", "name", "observable", "variable", "component", "values", "unit", "errors", "correlations", "systematic",
    "weight", "meter", "solver",
)  # fmt: skip


def read_numbers(table: Table, samples: Mapping[str, Sample]) -> list[Data]:
    """Data sets whose numbers stand in the file, one for each sample that is named; what is wrong is noted."""
    names = samples_of(table, samples)
    asked = asked_of(table)
    if asked is None:
        return []
    before, out = len(table.problems), []
    for i, name in enumerate(names):
        found = _one(table, asked, samples[name], (i, len(names)) if _several(table) else None)
        if len(table.problems) > before:
            return []
        out += [found] if found else []
    return out


def asked_of(table: Table) -> Observable | None:
    """The observable of a table."""
    known = observables()
    with table.refusing():
        if "observable" not in table.data:
            why = "missing: what was measured"
            raise ParameterError(why, allowed=", ".join(known), path=("observable",))
        return known[choice(table.data["observable"], "observable", known)]
    return None


def samples_of(table: Table, samples: Mapping[str, Sample], key: str = "sample") -> list[str]:
    """The samples that a table names; the only one there is may be left out."""
    given = table.data.get(key, next(iter(samples)) if len(samples) == 1 else None)
    allowed = f"the name of a sample, or a list of such names: {', '.join(samples)}"
    if given is None:
        table.refuse(ParameterError("missing", allowed=allowed), key)
        return []
    names = given if isinstance(given, list) else [given]
    if not names:
        table.refuse(ParameterError("an empty list", got=given, allowed=allowed), key)
    for i, name in enumerate(names):
        keys = (key, i) if isinstance(given, list) else (key,)
        if not isinstance(name, str) or name not in samples:
            near = near_names(name, samples).strip() if isinstance(name, str) else ""
            table.refuse(ParameterError("which is no sample", got=name, allowed=", ".join(samples), remedy=near), *keys)
        elif name in names[:i]:
            table.refuse(ParameterError("twice", got=name, remedy="Name each once."), *keys)
    return [n for n in dict.fromkeys(n for n in names if isinstance(n, str)) if n in samples]


def _several(table: Table) -> bool:
    return isinstance(table.data.get("sample"), list)


def _one(table: Table, asked: Observable, sample: Sample, of: tuple[int, int] | None) -> Data | None:
    """The data of one sample, the first number of `of` among the second; None where something is wrong."""
    before = len(table.problems)
    solver = _solver(table, asked)
    entry = plain_entry(asked)
    own = table.without(*OWN)
    arguments = read_arguments(own, entry.hints, entry.signature, sample.film, OWN)
    if len(table.problems) > before:
        return None
    with table.telling("observable"):
        rehearse(asked.array, sample.film, arguments, solver)
        labels = asked.labels(sample.film, **arguments)
        cells = cells_of(labels)
        check_unit(table, cells)
        if len(table.problems) > before:
            return None
        reader = Numbers(table, cells, of)
        values = reader.read("values")
        errors = reader.errors(values)
        systematic, weight = fraction(table, "systematic"), weight_of(table)
        meter = read_meter(table, cells, values)
        if len(table.problems) > before:
            return None
        wanted = list(dict.fromkeys(cells[k].variable for k in np.flatnonzero(np.isfinite(values))))
        keep = [k for k, cell in enumerate(cells) if cell.variable in wanted]
        errors = errors[keep] if errors.ndim == 1 else errors[np.ix_(keep, keep)]
        variables = wanted if len(labels.outputs) > 1 else None
        name = label_of(table, sample.name, asked, arguments, of)
        given = arguments if solver is None else {**arguments, "solver": solver}
        return Data(
            sample.name, asked.function, values[keep], errors, given, variables, systematic, name, weight,
            {key: column[keep] for key, column in meter.items()},
        )  # fmt: skip
    return None


def _solver(table: Table, asked: Observable) -> Any:
    """The theory that answers, None for drift-diffusion."""
    if "solver" not in table.data:
        return None
    with table.refusing("solver"):
        word, settings = chosen_theory(table, {})
        if word == "drift_diffusion":
            return None
        if (why := asked.why_not.get(word)) or "solver" not in asked.arguments:
            raise ParameterError(why or "which the observable does not ask", got=table.data["solver"])
        import spinstack

        return getattr(spinstack, SOLVERS[word])(**settings)
    return None


def label_of(
    table: Table, sample: str, asked: Observable, arguments: Mapping[str, Any], of: tuple[int, int] | None
) -> str:
    """What results call the data."""
    given = table.data.get("name")
    if given is not None and not (isinstance(given, str) and given.strip()):
        table.refuse(ParameterError(got=given, allowed="text in quotes"), "name")
        given = None
    if given is not None:
        return f"{given} {sample}" if of else str(given)
    plane = arguments.get("plane")
    return " ".join([sample, asked.name, *([plane] if isinstance(plane, str) else [])])


def weight_of(table: Table) -> float:
    """How many times the data count, 1 where the table does not say."""
    with table.refusing():
        return checks.number(table.data.get("weight", 1.0), "weight", low=0, open_low=True, high=1e6)
    return 1.0
