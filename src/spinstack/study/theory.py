"""Which theory answers a request, and what it would refuse: asked of the solver itself, nothing is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from spinstack.insulator.magnet import magnet_model
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.orientation import given_directions
from spinstack.study.arguments import Meaning, own_parameters
from spinstack.study.table import Table
from spinstack.text.checks import choice

if TYPE_CHECKING:
    from spinstack.study.film import FilmRequest

#: solvers of :mod:`spinstack` by the word of a file
SOLVERS = {"drift_diffusion": "DriftDiffusion", "boltzmann": "Boltzmann"}
_REMEDY = 'Allowed for it: solver = "drift_diffusion".'


class _Asked(Exception):
    """An observable has asked its solver, so all that it checks itself is right."""


@dataclass(frozen=True)
class _Rehearsal:
    """Stands in for a solver, or for any where it is None: it is told what it would be asked, and computes nothing."""

    solver: Any = None
    name: str = "rehearsal"
    traceable: bool = True

    def __getattr__(self, question: str) -> Callable[..., None]:
        return partial(self._asked, question)

    def _asked(self, question: str, film: Film, at: Conditions, *_: Any) -> None:
        blocking = [e.name for e in film if not e.conducts] if question == "perpendicular" else []
        if blocking:
            why = f"no current flows along z through {', '.join(blocking)}"
            raise ParameterError(why, remedy="Leave perpendicular transport out.")
        if self.solver is not None:
            self.solver.check(film, at)
        else:
            given_directions(film, at.m, [i for i, e in enumerate(film) if magnet_model(e) is not None], at.B)
        raise _Asked


def rehearse(function: Callable[..., Any], film: Film, arguments: Mapping[str, Any], solver: Any = None) -> None:
    """Raise what an observable refuses, or what `solver` refuses to answer for it."""
    if "solver" not in own_parameters(function):
        return
    with suppress(_Asked):
        function(film, **arguments, solver=_Rehearsal(solver))


@dataclass
class Theories:
    """The theory of requests that name none, and the settings of the Boltzmann equation for those that do."""

    root: Table
    word: str = "drift_diffusion"
    settings: dict[str, Any] = field(default_factory=dict)
    used: bool = False
    told: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, root: Table) -> Theories:
        """``[solver]`` of a document; drift-diffusion where there is none."""
        made = cls(root)
        if "solver" in root.data:
            with root.refusing("solver"):
                made.word, made.settings = _choice(root, {})
        return made

    def of(self, table: Table, request: FilmRequest) -> Any:
        """The solver of a request, None for drift-diffusion; what it refuses is noted."""
        own = "solver" in table.data
        word, settings = self.word, self.settings
        with table.refusing("solver"):
            if own:
                word, settings = _choice(table, self.settings)
            why = request.entry.observable.why_not.get(word)
            if word == "drift_diffusion" or (why is None and not request.entry.takes_solver):
                return None
            self.used = True
            import spinstack

            solver = getattr(spinstack, SOLVERS[word])(**settings)
            try:
                if why is not None:
                    raise ParameterError(why, where=request.entry.observable.name)
                request.rehearse(solver)
            except ParameterError as error:
                fault = str(error.__cause__ or error)
                once = own or fault not in self.told  # a fault of the film is one for all requests
                self.told.add(fault)
                told = error.with_fields(remedy=f"{error.remedy} {_REMEDY}".strip())
                at, before = (table, "") if own else (self.root, f"{request.name}: ")
                if once:
                    at.refuse_as_told(told, "solver", before=before)
            return solver
        return None

    def finish(self) -> None:
        """Refuse settings of the Boltzmann equation where nothing is solved by it."""
        if self.settings and not self.used and not self.root.problems:
            why = "given, but nothing is solved by the Boltzmann equation"
            self.root.refuse(ParameterError(why, remedy='kind = "boltzmann"?'), "solver", next(iter(self.settings)))


def _choice(table: Table, common: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Word for the theory, and settings of the Boltzmann equation: those of ``solver`` before the common ones."""
    value = table.data["solver"]
    if isinstance(value, str):
        return choice(value, "", SOLVERS), common
    if not isinstance(value, dict):
        remedy = 'Write "boltzmann" or { kind = "boltzmann", rtol = 1e-4, specularity = [0, 0] }.'
        raise ParameterError("which is not a table", got=value, remedy=remedy)
    if "kind" not in value:
        raise ParameterError("missing", allowed=", ".join(map(repr, SOLVERS)), path=("kind",))
    word = choice(value["kind"], "kind", SOLVERS)
    import spinstack

    inner = table.inside("solver").without("kind")
    given = inner.read(spinstack.Boltzmann, Meaning(), also=("kind",))
    for name, one in given.items():
        with inner.refusing():
            spinstack.Boltzmann(**{name: one})
    return word, common | given
