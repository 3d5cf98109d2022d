"""Which theory answers a request, and what it would refuse: asked of the solver itself, nothing is computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spinstack.stack import ParameterError
from spinstack.study.arguments import Meaning
from spinstack.study.film import FilmRequest
from spinstack.study.table import Table
from spinstack.text.checks import choice

#: solvers of :mod:`spinstack` by the word of a file
SOLVERS = {"drift_diffusion": "DriftDiffusion", "boltzmann": "Boltzmann"}
_REMEDY = 'Allowed for it: solver = "drift_diffusion".'


def solver_of(word: str) -> Any:
    """The solver of a theory by the word of a file, with its own settings; None for drift-diffusion."""
    if choice(word, "solver", SOLVERS) == "drift_diffusion":
        return None
    import spinstack

    return getattr(spinstack, SOLVERS[word])()


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
                made.word, made.settings = chosen_theory(root, {})
        return made

    def of(self, table: Table, request: FilmRequest) -> Any:
        """The solver of a request, None for drift-diffusion; what it refuses is noted."""
        own = "solver" in table.data
        word, settings = self.word, self.settings
        with table.refusing("solver"):
            if own:
                word, settings = chosen_theory(table, self.settings)
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


def chosen_theory(table: Table, common: dict[str, Any]) -> tuple[str, dict[str, Any]]:
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
