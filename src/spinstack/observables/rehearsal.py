"""What an observable refuses, asked without computing it, or where no theory answers by computing it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from spinstack.insulator.magnet import magnet_model
from spinstack.observables.registry import Observable
from spinstack.observables.solvers import chosen
from spinstack.stack import Film
from spinstack.stack.conditions import Conditions
from spinstack.stack.orientation import given_directions


class _Asked(Exception):
    """An observable has asked its solver this question, so all that it checks itself is right."""


@dataclass(frozen=True)
class _Rehearsal:
    """Stands in for a solver, or for any where it is None: it is told what it would be asked, and computes nothing."""

    solver: Any = None
    name: str = "rehearsal"
    traceable: bool = True

    def __getattr__(self, question: str) -> Callable[..., None]:
        return partial(self._asked, question)

    def _asked(self, question: str, film: Film, at: Conditions, *_: Any) -> None:
        if self.solver is not None:
            self.solver.check(film, at, question != "perpendicular" and at.current is None)
        else:
            given_directions(film, at.m, [i for i, e in enumerate(film) if magnet_model(e) is not None], at.B)
        raise _Asked(question)


def rehearse(function: Callable[..., Any], film: Film, arguments: Mapping[str, Any], solver: Any = None) -> str:
    """Raise what an observable refuses, or what `solver` refuses to answer for it; nothing where no theory answers.

    Returns the first question that it asks its theory, such as "sheet_conductance".
    """
    if "solver" not in inspect.signature(function).parameters:
        return ""
    try:
        function(film, **{**arguments, "solver": _Rehearsal(solver)})
    except _Asked as asked:
        return str(asked.args[0])
    return ""


def refuse(found: Observable, film: Film, given: Mapping[str, Any]) -> None:
    """Raise what a call of an observable with all its arguments refuses of a film: a trace of it sees no values."""
    if "solver" in given:
        rehearse(found.array, film, given, chosen(given["solver"]))
    else:
        found.array(film, **given)
