"""Mechanisms as masks on films that have all effects: what is free in one, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from spinstack.fitting.problem import Problem
from spinstack.fitting.samples import Sample, Unknown
from spinstack.fitting.ties import Tie, number_at
from spinstack.stack import Film, ParameterError
from spinstack.text import checks
from spinstack.text.errors import Problems


@dataclass(frozen=True)
class Mechanism:
    """What a mechanism adds to the unknowns that all have in common.

    Args:
        name: what results call it.
        unknowns: parameters that are free in it.
        ties: parameters that follow from others in it.
        fixed: path -> value of parameters that it holds at something else than 0; what other mechanisms free is 0 in
            it, what none frees has the value of the films.
    """

    name: str
    unknowns: Sequence[Unknown] = ()
    ties: Sequence[Tie] = ()
    fixed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = Problems()
        with problems:
            checks.words(self.name, "name", where="Mechanism")
        for what, kind in (("unknowns", Unknown), ("ties", Tie)):
            given = getattr(self, what)
            with problems:
                if not isinstance(given, Sequence) or not all(isinstance(one, kind) for one in given):
                    raise ParameterError(where=str(self.name), field=what, got=given, allowed=f"{kind.__name__}s")
                object.__setattr__(self, what, tuple(given))
        with problems:
            if not isinstance(self.fixed, Mapping):
                raise ParameterError(where=str(self.name), field="fixed", got=self.fixed, allowed="path -> number")
            held = {
                str(path): checks.number(value, str(path), where=str(self.name)) for path, value in self.fixed.items()
            }
            object.__setattr__(self, "fixed", MappingProxyType(held))
        problems.end()

    @property
    def paths(self) -> tuple[str, ...]:
        """Parameters of films that are free or tied in it."""
        return tuple(dict.fromkeys([*(u.path for u in self.unknowns if not u.free), *(t.path for t in self.ties)]))

    def governs(self, path: str, sample: Sample) -> bool:
        """Whether it says what that parameter is in a sample."""
        return any(u.path == path and (not u.samples or sample.name in u.samples) for u in self.unknowns) or any(
            t.path == path and t.holds(sample.name, sample.film) for t in self.ties
        )


def problems_of(problem: Problem, mechanisms: Sequence[Mechanism]) -> tuple[list[Problem], list[dict[str, float]]]:
    """The problem of each mechanism, and the values that it holds, by path; all share their compiled programs.

    Raises:
        ParameterError: no mechanisms, names twice, a path that is unknown or tied in the problem already, an effect
            that cannot be 0, all else that does not fit together.
    """
    problems = Problems()
    names = [m.name for m in mechanisms]
    with problems:
        if not names:
            raise ParameterError("got none", field="mechanisms", allowed="at least one")
    for twice in sorted({n for n in names if names.count(n) > 1}):
        with problems:
            raise ParameterError("twice", field="mechanisms", got=twice, remedy="Give each a name of its own.")
    common = {u.path for u in problem.unknowns} | {t.path for t in problem.ties}
    for m in mechanisms:
        for path in dict.fromkeys([*m.paths, *m.fixed]):
            with problems:
                if path in common:
                    why = "which is unknown, or tied, in the problem already"
                    raise ParameterError(why, where=m.name, field="path", got=path, remedy="Leave it out of one.")
                if path in m.paths and path in m.fixed:
                    why = "which is free or tied in it"
                    raise ParameterError(why, where=m.name, field="fixed", got=path, remedy="Leave it out of one.")
    problems.end()
    freed = tuple(dict.fromkeys(path for m in mechanisms for path in m.paths))
    # what follows another parameter where it is left out goes on doing so in mechanisms that do not speak of it
    given = [path for m in mechanisms for path in m.fixed if all(_gives(s.film, path) for s in problem.samples)]
    columns = tuple(dict.fromkeys([*problem.columns, *freed, *given]))
    made, holds = [], []
    for m in mechanisms:
        with problems:
            samples, held = _held(problem, m, freed)
            unknowns, ties = [*problem.unknowns, *m.unknowns], [*problem.ties, *m.ties]
            made.append(Problem(samples, unknowns, problem.data, ties, columns))
            holds.append(held)
    problems.end()
    return made, holds


def _gives(film: Film, path: str) -> bool:
    return path not in film or film.get(path) is not None


def _held(problem: Problem, mechanism: Mechanism, freed: Sequence[str]) -> tuple[list[Sample], dict[str, float]]:
    """The samples without the effects of other mechanisms, and what was held."""
    held: dict[str, float] = {}
    samples = []
    for sample in problem.samples:
        film = sample.film
        for path in dict.fromkeys([*freed, *mechanism.fixed]):
            if path not in film or mechanism.governs(path, sample):
                continue
            value = mechanism.fixed.get(path, 0.0)
            held[path if path not in mechanism.paths else f"{path} of {sample.name}"] = value
            if number_at(film, path) != value or (path in mechanism.fixed and not _gives(film, path)):
                try:
                    film = film.replace({path: value})
                except ParameterError as error:
                    why = "which another mechanism frees, and which cannot be 0"
                    remedy = f"Give it a value: fixed={{'{path}': ...}}. {error}"
                    raise ParameterError(why, where=mechanism.name, field="fixed", got=path, remedy=remedy) from None
        samples.append(Sample(sample.name, film, sample.groups))
    if missing := [path for path in mechanism.fixed if path not in held]:
        why = "which no sample has"
        raise ParameterError(why, where=mechanism.name, field="fixed", got=missing[0])
    return samples, held
