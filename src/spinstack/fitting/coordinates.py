"""The numbers that are fitted: what unknowns and ties of all samples amount to, and their values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from spinstack.fitting.data import Data
from spinstack.fitting.priors import Normal, Prior, Relative, within
from spinstack.fitting.samples import SAMPLE, SHARED, Sample, Unknown
from spinstack.fitting.ties import Dual, Tie, Tied, alike, evaluate, in_sample, number_at
from spinstack.numerics.arrays import array_module
from spinstack.stack import ParameterError
from spinstack.stack.parameters import Specification
from spinstack.text.errors import Problems, near_names


class Coordinate(NamedTuple):
    """One fitted number: its path, prior, bounds of its coordinate, and the samples that share it.

    Where `deviation`, it is by how many times its scatter one sample is off the value that is shared.
    """

    name: str
    path: str
    unit: str
    prior: Prior
    bounds: tuple[float, float]
    samples: tuple[int, ...]
    deviation: bool = False


class TiedValue(NamedTuple):
    """A tied parameter of one sample: its value [SI], and its derivatives by the coordinates (size,)."""

    name: str
    path: str
    unit: str
    value: float
    slopes: np.ndarray


class Number(NamedTuple):
    """The value of an unknown in a sample: that of coordinate k, times exp(width z) of coordinate z (-1: of none)."""

    k: int
    z: int = -1
    width: float = 0.0


class Values:
    """Values and derivatives of all numbers at coordinates U (points, size), which may be traced.

    Attributes:
        k, z: of every number the coordinate that it is of, and that of its deviation (-1: none).
        value: (points, numbers).
    """

    def __init__(self, coordinates: Sequence[Coordinate], numbers: Sequence[Number], U: Any) -> None:
        self._coordinates, self._U, xp = coordinates, U, array_module(U)
        self.k, self.z = (np.array([getattr(n, name) for n in numbers], dtype=int) for name in ("k", "z"))
        self._width = np.array([n.width for n in numbers])
        X = xp.stack([c.prior.value(U[:, k]) for k, c in enumerate(coordinates)], axis=1)
        self._factor = xp.exp(self._width[None] * xp.where(self.z[None] >= 0, U[:, self.z], 0.0))
        self.value = X[:, self.k] * self._factor

    @cached_property
    def by_k(self) -> np.ndarray:
        """Derivative of every number by its coordinate (points, numbers)."""
        slopes = [np.broadcast_to(c.prior.slope(self._U[:, k]), len(self._U)) for k, c in enumerate(self._coordinates)]
        return np.asarray(np.stack(slopes, axis=1)[:, self.k] * self._factor)

    @cached_property
    def by_z(self) -> np.ndarray:
        """Derivative of every number by its deviation (points, numbers)."""
        return np.asarray(self.value * self._width)

    def plain(self, n: np.ndarray) -> Dual:
        """Of the numbers n (samples,): values (points, samples) without derivatives."""
        return Dual(self.value[:, n])

    def number(self, n: np.ndarray) -> Dual:
        """Of the numbers n (samples,): values (points, samples) and derivatives (size, points, samples)."""
        value, every = self.value[:, n], np.arange(len(n))
        slopes = np.zeros((len(self._coordinates), *value.shape))
        slopes[self.k[n], :, every] = self.by_k[:, n].T
        has = self.z[n] >= 0
        slopes[self.z[n][has], :, every[has]] = self.by_z[:, n[has]].T
        return Dual(value, slopes)


class Coordinates:
    """The fitted numbers of a problem, and the ties of its samples; what does not fit together is refused at once.

    Attributes:
        all: the coordinates.
        numbers: values of unknowns in samples.
        of_sample: for every measured sample path or name -> index of the number.
        followers: for every measured sample the paths of its ties.
    """

    def __init__(
        self, samples: Sequence[Sample], unknowns: Sequence[Unknown], data: Sequence[Data], ties: Sequence[Tie]
    ) -> None:
        self._samples, self._unknowns, self._ties = samples, unknowns, ties
        measured = {one.sample for one in data}
        self._used = [i for i, s in enumerate(samples) if s.name in measured]
        self.numbers: list[Number] = []
        self.of_sample: dict[int, dict[str, int]] = {i: {} for i in self._used}
        problems = Problems()
        shared: list[Coordinate] = []
        scatter: list[float] = []
        for unknown in unknowns:
            with problems:
                found = self._of(unknown)
                shared += found
                scatter += [unknown.scatter] * len(found)
        for i, path in enumerate(c.path for c in shared):
            with problems:
                if any(c.path == path and set(c.samples) & set(shared[i].samples) for c in shared[:i]):
                    raise ParameterError("twice", field="unknowns", got=path, remedy="Leave one of them out.")
        self.all: tuple[Coordinate, ...] = self._with_deviations(shared, scatter)
        self.tied = alike(tied := self._tied(problems))
        self.followers = {i: tuple(one.tie.path for one in of) for i, of in tied.items()}
        problems.end()

    def values(self, U: Any) -> Values:
        return Values(self.all, self.numbers, U)

    def ties_at(
        self, values: Values, allowed: list[Any] | None = None, *, plain: bool = False
    ) -> dict[tuple[int, str], Dual]:
        """Value (points,) and derivatives (size, points) of every tied parameter, by sample and path; see evaluate.

        Those of traced coordinates are `plain`, without derivatives.
        """
        out: dict[tuple[int, str], Dual] = {}
        xp, points = array_module(values.value), len(values.value)
        for members, ties in self.tied:
            for path, found in evaluate(ties, values.plain if plain else values.number, allowed).items():
                value = xp.broadcast_to(found.value, (points, len(members)))
                slopes = None if plain else np.broadcast_to(found.slopes, (len(self.all), points, len(members)))
                out |= {
                    (i, path): Dual(value[:, n], 0.0 if slopes is None else slopes[:, :, n])
                    for n, i in enumerate(members)
                }
        return out

    def tied_values(self, values: Values) -> list[TiedValue]:
        """The tied parameters of every sample at one point."""
        by_path = {(i, one.tie.path): one.specification for members, of in self.tied for i in members for one in of}
        found = self.ties_at(values)
        return [
            TiedValue(
                f"{path} of {self._samples[i].name}", path, by_path[i, path].unit, float(one.value[0]), one.slopes[:, 0]
            )
            for (i, path), one in sorted(found.items(), key=lambda item: item[0][0])
        ]

    def _with_deviations(self, shared: Sequence[Coordinate], scatter: Sequence[float]) -> tuple[Coordinate, ...]:
        """The shared numbers, and one deviation of every sample for those that scatter."""
        out = list(shared)
        for k, (c, width) in enumerate(zip(shared, scatter, strict=True)):
            for i in c.samples:
                self.of_sample[i][c.path] = len(self.numbers)
                self.numbers.append(Number(k, len(out) if width else -1, width))
                if width:
                    name = f"{c.path}, deviation of {self._samples[i].name}"
                    out.append(Coordinate(name, c.path, "1", Normal(0, 1), (-np.inf, np.inf), (i,), True))
        return tuple(out)

    def _of(self, unknown: Unknown) -> list[Coordinate]:
        """The numbers that one unknown stands for."""
        has: list[int] = []
        refused: ParameterError | None = None
        specification = Specification(unknown.unit, "")
        _known(unknown.samples, [self._samples[i].name for i in self._used], unknown.path)
        used = [i for i in self._used if not unknown.samples or self._samples[i].name in unknown.samples]
        if unknown.free:
            has = [i for i in used if any(unknown.path in t.expression.names for t in self._ties_of(i))]
            refused = ParameterError("No tie uses it; the path of a parameter has a dot, as Pt.thickness.")
        for i in () if unknown.free else used:
            try:
                specification = self._samples[i].film.specification(unknown.path)
                has.append(i)
            except ParameterError as error:
                refused = error
        if not has:
            assert refused is not None
            why = "which no film has that was measured"
            raise ParameterError(why, field="unknowns", got=unknown.path, remedy=str(refused))
        out = []
        for key, members in self._groups(unknown, has).items():
            prior = self._prior(unknown, members)
            limits = within(prior, specification, unknown.path)
            name = f"{unknown.path} of {key}" if key else unknown.path
            out.append(Coordinate(name, unknown.path, specification.unit, prior, limits, tuple(members)))
        return out

    def _groups(self, unknown: Unknown, members: Iterable[int]) -> dict[str, list[int]]:
        """Samples that share one value, by what they are called."""
        groups: dict[str, list[int]] = {}
        for i in members:
            sample = self._samples[i]
            if unknown.each == SHARED:
                key = ""
            elif unknown.each == SAMPLE:
                key = sample.name
            elif unknown.each in sample.groups:
                key = str(sample.groups[unknown.each])
            else:
                known = ", ".join(dict.fromkeys([SHARED, SAMPLE, *sample.groups]))
                why = f"which the sample {sample.name} is in no group of"
                raise ParameterError(why, where=unknown.path, field="each", got=unknown.each, allowed=known)
            groups.setdefault(key, []).append(i)
        return groups

    def _prior(self, unknown: Unknown, members: Sequence[int]) -> Prior:
        prior = unknown.prior
        if not isinstance(prior, Relative):
            return prior
        if unknown.free:
            why = "which has no value in the films"
            raise ParameterError(why, where=unknown.path, field="prior", got=prior, remedy="Give a normal one.")
        nominal = [number_at(self._samples[i].film, unknown.path) for i in members]
        if len(set(nominal)) > 1:
            why = "which is of several values here"
            remedy = f'Give each="{SAMPLE}", or a normal prior.'
            raise ParameterError(why, where=unknown.path, field="prior", got=prior, remedy=remedy)
        return prior.about(nominal[0], unknown.path)

    def _ties_of(self, sample: int) -> list[Tie]:
        """Those that hold in it."""
        one = self._samples[sample]
        return [tie for tie in self._ties if tie.holds(one.name, one.film)]

    def _tied(self, problems: Problems) -> dict[int, tuple[Tied, ...]]:
        """The ties of every sample in the order of evaluation; what is wrong with one is told once."""
        names = [self._samples[i].name for i in self._used]
        for tie in self._ties:
            with problems:
                _known(tie.samples, names, tie.path)
                films = [self._samples[i].film for i in self._used if self._samples[i].name in (tie.samples or names)]
                lacking = [film for film in films if tie.path not in film]
                if lacking and (tie.samples or len(lacking) == len(films)):
                    try:
                        lacking[0].resolve(tie.path)
                    except ParameterError as error:
                        why = f"which {'not every such' if tie.samples else 'no'} film has that was measured"
                        raise ParameterError(why, field="ties", got=tie.path, remedy=str(error)) from None
        free = {unknown.path: unknown.unit for unknown in self._unknowns if unknown.free}
        out: dict[int, tuple[Tied, ...]] = {}
        told: set[str] = set()
        for i in self._used:
            own = Problems()
            out[i] = in_sample(self._ties_of(i), self._samples[i].film, self.of_sample[i], free, own)
            problems.errors += [error for error in own.errors if str(error) not in told]
            told |= {str(error) for error in own.errors}
        return out


def _known(samples: Sequence[str], names: Sequence[str], where: str) -> None:
    """Raise ParameterError where one of the `samples` was not measured."""
    if strange := [name for name in samples if name not in names]:
        raise ParameterError(
            "which is no sample that was measured", where=where, field="samples", got=strange[0],
            allowed=", ".join(names), remedy=near_names(strange[0], names).strip(),
        )  # fmt: skip
