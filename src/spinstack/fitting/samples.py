"""What is fitted: samples that were measured, and the parameters of their films that the data are to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from spinstack.fitting.priors import PRIORS, Prior, Relative
from spinstack.stack import Film, ParameterError
from spinstack.text import checks
from spinstack.text.errors import Problems
from spinstack.text.units import dimension_of

#: what a parameter may have of its own: one value for all samples, one for each, or one for each group of them
SHARED, SAMPLE = "all", "sample"


@dataclass(frozen=True)
class Unknown:
    """A parameter that the data are to tell.

    Args:
        path: of the parameter in the films, such as "Pt.spin_hall_angle"; or a name without a dot, of a number that
            ties use.
        prior: Normal, LogNormal, Uniform or LogUniform, in SI units, or Relative to the value that the films have.
        each: "all" samples have one value, each "sample" has its own, or those of equal `groups` of this name.
        unit: of a number that is no parameter of a film, in SI units; the others have that of their parameter.
        scatter: relative deviation of every sample from the value that it shares with others: sample s has
            x exp(scatter z_s), z_s normal with deviation 1. The z_s are integrated out.
        samples: names of those whose parameter is unknown; by default all that have it.
    """

    path: str
    prior: Prior | Relative
    each: str = SHARED
    unit: str = "1"
    scatter: float = 0.0
    samples: Sequence[str] = ()

    def __post_init__(self) -> None:
        problems = Problems()
        with problems:
            checks.words(self.path, "path", where="Unknown")
        with problems:
            checks.words(self.each, "each", where=str(self.path))
        if not isinstance(self.prior, PRIORS):
            allowed = ", ".join(kind.__name__ for kind in PRIORS)
            with problems:
                raise ParameterError(where=str(self.path), field="prior", got=self.prior, allowed=allowed)
        with problems:
            if self.unit != "1" and "." in str(self.path):
                why = "where the film says it"
                raise ParameterError(why, where=str(self.path), field="unit", got=self.unit, remedy="Leave it out.")
            checks.words(self.unit, "unit", where=str(self.path))
            try:
                dimension_of(self.unit)
            except ParameterError as error:
                raise error.with_fields(where=str(self.path), field="unit") from None
        with problems:
            scatter = checks.number(self.scatter, "scatter", low=0, high=2, where=str(self.path))
            if scatter and self.each == SAMPLE:
                why = "of samples that have values of their own"
                raise ParameterError(why, where=str(self.path), field="scatter", got=scatter, remedy="Leave it out.")
        with problems:
            object.__setattr__(self, "samples", checks.names(self.samples, "samples", where=str(self.path)))
        problems.end()

    @property
    def free(self) -> bool:
        """Whether it is no parameter of a film."""
        return "." not in self.path


@dataclass(frozen=True)
class Sample:
    """One film that was measured.

    Args:
        name: what results call it.
        film: its film.
        groups: what it shares with others, such as {"batch": "A"}.
    """

    name: str
    film: Film
    groups: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checks.words(self.name, "name", where="Sample")
        film = Film.of(self.film)
        film.require_single("Sample")
        film.check()
        object.__setattr__(self, "film", film)
