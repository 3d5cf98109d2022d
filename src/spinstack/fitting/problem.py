"""What is fitted: samples, data of samples, unknown parameters; residuals and their exact derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from spinstack.fitting.priors import PRIORS, Prior, Relative, within
from spinstack.fitting.ties import Tie, Tied, alike, evaluate, in_sample, number_at, places
from spinstack.observables.compiled import Model, ModelOutput, compile
from spinstack.observables.fingerprint import known
from spinstack.stack import Film, ParameterError
from spinstack.stack.parameters import Specification
from spinstack.text import checks
from spinstack.text.arrays import read
from spinstack.text.errors import Problems, near_names
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
    """

    path: str
    prior: Prior | Relative
    each: str = SHARED
    unit: str = "1"

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


@dataclass(frozen=True, eq=False)
class Data:
    """Numbers measured on one sample, and the observable that gives them.

    Args:
        sample: name of the sample.
        observable: one of this package's that has derivatives, such as spinstack.magnetoresistance.
        values: (outputs,), in SI units, in the order of the observable's values; NaN for what was not measured.
        errors: standard errors (outputs,), or a covariance (outputs, outputs); any number beside NaN.
        arguments: of the observable, by name.
        variables: of an observable that gives several, those that were measured.
        systematic: relative error that all of these values have in common, such as that of the size of a bar.
        name: what results call them.
    """

    sample: str
    observable: Callable[..., Any]
    values: Any
    errors: Any
    arguments: Mapping[str, Any] = field(default_factory=dict)
    variables: str | Sequence[str] | None = None
    systematic: float = 0.0
    name: str = ""

    @property
    def label(self) -> str:
        """What messages and results call them."""
        return self.name or f"{self.sample} {getattr(self.observable, '__name__', 'data')}"

    @cached_property
    def given(self) -> np.ndarray:
        """The values (outputs,) with NaN where nothing was measured."""
        array = _numbers(self.values, "values", self.label, (1,))
        if np.isinf(array).any() or np.isnan(array).all():
            allowed = "finite numbers, NaN for what was not measured"
            raise ParameterError(where=self.label, field="values", got=self.values, allowed=allowed)
        return array

    @cached_property
    def rows(self) -> np.ndarray:
        """Which of the outputs were measured."""
        return np.flatnonzero(np.isfinite(self.given))

    @cached_property
    def measured(self) -> np.ndarray:
        """The values that were measured (rows,)."""
        return np.asarray(self.given[self.rows])

    @cached_property
    def covariance(self) -> np.ndarray:
        """Of what was measured (rows, rows), with that of the systematic error."""
        y, count = self.measured, self.given.size
        errors = _numbers(self.errors, "errors", self.label, (1, 2))
        if errors.shape not in ((count,), (count, count)):
            allowed = f"{count} standard errors or a covariance ({count}, {count})"
            raise ParameterError(f"of shape {errors.shape}", where=self.label, field="errors", allowed=allowed)
        errors = errors[self.rows] if errors.ndim == 1 else errors[np.ix_(self.rows, self.rows)]
        if not np.isfinite(errors).all():
            raise ParameterError(where=self.label, field="errors", got=self.errors, allowed="finite numbers")
        if errors.ndim == 1 and not np.all(errors > 0):
            raise ParameterError(where=self.label, field="errors", got=float(errors.min()), allowed="greater than 0")
        own = np.diag(errors**2) if errors.ndim == 1 else errors
        common = checks.number(self.systematic, "systematic", low=0, where=self.label)
        return own + np.outer(common * y, common * y)

    @cached_property
    def whitening(self) -> np.ndarray:
        """(rows, rows): makes residuals of deviation 1."""
        C = self.covariance
        size = np.sqrt(np.diag(C))
        try:
            factor = np.linalg.cholesky(C / np.outer(size, size))
        except np.linalg.LinAlgError:
            why = "which is no covariance: not symmetric and positive definite"
            raise ParameterError(why, where=self.label, field="errors", got=self.errors) from None
        return np.asarray(np.linalg.inv(factor) / size)


class Coordinate(NamedTuple):
    """One fitted number: its path, prior, bounds of its coordinate, and the samples that share it."""

    name: str
    path: str
    unit: str
    prior: Prior
    bounds: tuple[float, float]
    samples: tuple[int, ...]


class TiedValue(NamedTuple):
    """A tied parameter of one sample: its value [SI], and its derivatives by the coordinates (size,)."""

    name: str
    path: str
    unit: str
    value: float
    slopes: np.ndarray


class _Group(NamedTuple):
    """Data of one model: columns of x are `paths`, rows are samples."""

    model: Model
    paths: tuple[str, ...]
    base: np.ndarray  # (samples of the group, paths)
    places: tuple[tuple[int, int, int], ...]  # row, column, coordinate
    tied: tuple[tuple[int, int, int, str], ...]  # row, column, sample, path of the tie
    data: tuple[int, ...]


class Problem:
    """Samples, unknowns and data, checked as a whole before anything is computed.

    Residuals are whitened: those of the data have deviation 1 where the model is right, and every unknown with a normal
    or lognormal prior adds one.

    Args:
        samples: the films that were measured, each with values of its own.
        unknowns: parameters that the data are to tell.
        data: what was measured.
        ties: parameters that follow from others of the same sample.

    Raises:
        ParameterError: all that does not fit together: unknown names and paths, data without sample, unknowns and ties
            that no measured film has, values outside the range of a parameter, shapes, errors that are none, ties that
            do not fit by their units, or go round in a circle.
    """

    def __init__(
        self, samples: Sequence[Sample], unknowns: Sequence[Unknown], data: Sequence[Data], ties: Sequence[Tie] = ()
    ) -> None:
        self.samples, self.unknowns, self.data = tuple(samples), tuple(unknowns), tuple(data)
        self.ties = tuple(ties)
        self.coordinates = self._coordinates()
        self._groups = self._grouped()

    @property
    def size(self) -> int:
        """How many numbers are fitted."""
        return len(self.coordinates)

    @cached_property
    def points(self) -> int:
        """How many numbers were measured."""
        return sum(one.measured.size for one in self.data)

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest coordinates (size,)."""
        low, high = np.array([c.bounds for c in self.coordinates]).T
        return low, high

    def names_of(self, found: xr.Dataset) -> list[str]:
        """Names of the fitted numbers; raises ParameterError where `found` is a result of another problem."""
        names, got = [c.name for c in self.coordinates], list(found["parameter"].values)
        if got != names:
            raise ParameterError(field="found", got=got, allowed=", ".join(names))
        return names

    def values(self, u: np.ndarray) -> np.ndarray:
        """The parameters [SI] at coordinates u (size,)."""
        return np.array([c.prior.value(float(v)) for c, v in zip(self.coordinates, u, strict=True)])

    def slopes(self, u: np.ndarray) -> np.ndarray:
        """Derivatives of the parameters by their coordinates (size,)."""
        return np.array([c.prior.slope(float(v)) for c, v in zip(self.coordinates, u, strict=True)])

    def tied(self, u: np.ndarray) -> list[TiedValue]:
        """The tied parameters of every sample at coordinates u; :class:`ParameterError` where one may not be so."""
        found = self._tied_at(self.values(u), self.slopes(u))
        by_path = {(i, one.tie.path): one.specification for ties, of in self._tied for i in ties for one in of}
        return [
            TiedValue(f"{path} of {self.samples[i].name}", path, by_path[i, path].unit, value, slopes)
            for (i, path), (value, slopes) in sorted(found.items(), key=lambda item: item[0][0])
        ]

    def _tied_at(self, x: np.ndarray, dx: np.ndarray) -> dict[tuple[int, str], tuple[float, np.ndarray]]:
        """Value and derivatives (size,) of every tied parameter, by sample and path."""
        out: dict[tuple[int, str], tuple[float, np.ndarray]] = {}
        for samples, ties in self._tied:
            for path, found in evaluate(ties, x, dx).items():
                value = np.broadcast_to(found.value, len(samples)).tolist()
                slopes = np.broadcast_to(found.slopes, (self.size, len(samples)))
                out |= {(i, path): (value[n], slopes[:, n]) for n, i in enumerate(samples)}
        return out

    def predicted(self, u: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """What the films at coordinates u give for each of the data: values (rows,), derivatives by u (rows, size).

        Raises ParameterError where there are no such films: a tied parameter outside of its range, or parameters that
        are not allowed together.
        """
        x, dx = self.values(u), self.slopes(u)
        ties = self._tied_at(x, dx)
        values: list[np.ndarray] = [np.zeros(0)] * len(self.data)
        rows: list[np.ndarray] = [np.zeros((0, 0))] * len(self.data)
        for group in self._groups:
            points = group.base.copy()
            for row, column, k in group.places:
                points[row, column] = x[k]
            for row, column, sample, path in group.tied:
                points[row, column] = ties[sample, path][0]
            found, derivatives = group.model.value_and_jacobian(points)
            by_row: dict[int, list[tuple[int, int]]] = {}
            for row, column, k in group.places:
                by_row.setdefault(row, []).append((column, k))
            followers: dict[int, list[tuple[int, np.ndarray]]] = {}
            for row, column, sample, path in group.tied:
                followers.setdefault(row, []).append((column, ties[sample, path][1]))
            for row, i in enumerate(group.data):
                kept = self.data[i].rows
                J = np.zeros((kept.size, self.size))
                for column, k in by_row.get(row, ()):
                    J[:, k] += derivatives[row, kept, column] * dx[k]
                for column, slopes in followers.get(row, ()):
                    J += np.outer(derivatives[row, kept, column], slopes)
                values[i], rows[i] = found[row, kept], J
        return values, rows

    def residuals(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whitened residuals of the data and of the priors, and their derivatives by u.

        Where there are no such films all residuals are infinite (and derivatives NaN), so that a step there is refused
        as any step that makes chi-square larger, and a trust region shrinks to what is allowed.
        """
        try:
            values, rows = self.predicted(u)
        except ParameterError:
            penalties = sum(c.prior.penalty for c in self.coordinates)
            return np.full(self.points + penalties, np.inf), np.full((self.points + penalties, self.size), np.nan)
        parts = [one.whitening @ (v - one.measured) for one, v in zip(self.data, values, strict=True)]
        slopes = [one.whitening @ J for one, J in zip(self.data, rows, strict=True)]
        held = [k for k, c in enumerate(self.coordinates) if c.prior.penalty]
        return np.concatenate([*parts, u[held]]), np.concatenate([*slopes, np.eye(self.size)[held]])

    def outputs(self, index: int) -> tuple[ModelOutput, ...]:
        """What each of the measured values of one set of data is."""
        every = next(g.model for g in self._groups if index in g.data).outputs
        return tuple(every[k] for k in self.data[index].rows)

    def _coordinates(self) -> tuple[Coordinate, ...]:
        problems = Problems()
        names = [s.name for s in self.samples]
        for what, items in (("samples", self.samples), ("unknowns", self.unknowns), ("data", self.data)):
            with problems:
                if not items:
                    raise ParameterError("got none", field=what, allowed="at least one")
        for twice in {n for n in names if names.count(n) > 1}:
            with problems:
                raise ParameterError("twice", field="samples", got=twice, remedy="Give each sample its own name.")
        for one in self.data:
            with problems:
                if one.sample not in names:
                    near = near_names(one.sample, names).strip()
                    raise ParameterError(
                        "which is no sample", where=one.label, field="sample", got=one.sample,
                        allowed=", ".join(names), remedy=near,
                    )  # fmt: skip
        problems.end()
        measured = {one.sample for one in self.data}
        used = [i for i, s in enumerate(self.samples) if s.name in measured]
        out: list[Coordinate] = []
        for unknown in self.unknowns:
            with problems:
                out += self._of(unknown, used)
        self._tied = alike(tied := self._ties(used, out, problems))
        self._followers = {i: tuple(one.tie.path for one in of) for i, of in tied.items()}
        problems.end()
        for i, path in enumerate(c.path for c in out):
            with problems:
                other = next((c for c in out[:i] if c.path == path and set(c.samples) & set(out[i].samples)), None)
                if other is not None:
                    raise ParameterError("twice", field="unknowns", got=path, remedy="Leave one of them out.")
        problems.end()
        return tuple(out)

    def _of(self, unknown: Unknown, used: Sequence[int]) -> list[Coordinate]:
        """The numbers that one unknown stands for."""
        has: list[int] = []
        refused: ParameterError | None = None
        specification = Specification(unknown.unit, "")
        if unknown.free:
            has = [i for i in used if any(unknown.path in t.expression.names for t in self._ties_of(i))]
            refused = ParameterError("No tie uses it; the path of a parameter has a dot, as Pt.thickness.")
        for i in () if unknown.free else used:
            try:
                specification = self.samples[i].film.specification(unknown.path)
                has.append(i)
            except ParameterError as error:
                refused = error
        if not has:
            assert refused is not None
            why = "which no film has that was measured"
            raise ParameterError(why, field="unknowns", got=unknown.path, remedy=str(refused))
        groups: dict[str, list[int]] = {}
        for i in has:
            sample = self.samples[i]
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
        out = []
        for key, members in groups.items():
            prior = unknown.prior
            if isinstance(prior, Relative):
                if unknown.free:
                    why = "which has no value in the films"
                    raise ParameterError(why, where=unknown.path, field="prior", got=prior, remedy="Give a normal one.")
                nominal = [number_at(self.samples[i].film, unknown.path) for i in members]
                if len(set(nominal)) > 1:
                    why = "which is of several values here"
                    remedy = f'Give each="{SAMPLE}", or a normal prior.'
                    raise ParameterError(why, where=unknown.path, field="prior", got=prior, remedy=remedy)
                prior = prior.about(nominal[0], unknown.path)
            limits = within(prior, specification, unknown.path)
            name = f"{unknown.path} of {key}" if key else unknown.path
            out.append(Coordinate(name, unknown.path, specification.unit, prior, limits, tuple(members)))
        return out

    def _ties_of(self, sample: int) -> list[Tie]:
        """Those that hold in it."""
        one = self.samples[sample]
        return [tie for tie in self.ties if tie.holds(one.name, one.film)]

    def _ties(
        self, used: Sequence[int], coordinates: Sequence[Coordinate], problems: Problems
    ) -> dict[int, tuple[Tied, ...]]:
        """The ties of every sample in the order of evaluation; what is wrong with one is told once."""
        names = [self.samples[i].name for i in used]
        for tie in self.ties:
            with problems:
                if strange := [name for name in tie.samples if name not in names]:
                    why = "which is no sample that was measured"
                    raise ParameterError(
                        why, where=tie.path, field="samples", got=strange[0], allowed=", ".join(names),
                        remedy=near_names(strange[0], names).strip(),
                    )  # fmt: skip
                films = [self.samples[i].film for i in used if self.samples[i].name in (tie.samples or names)]
                lacking = [film for film in films if tie.path not in film]
                if lacking and (tie.samples or len(lacking) == len(films)):
                    try:
                        lacking[0].resolve(tie.path)
                    except ParameterError as error:
                        why = f"which {'not every such' if tie.samples else 'no'} film has that was measured"
                        raise ParameterError(why, field="ties", got=tie.path, remedy=str(error)) from None
        free = {unknown.path: unknown.unit for unknown in self.unknowns if unknown.free}
        out: dict[int, tuple[Tied, ...]] = {}
        told: set[str] = set()
        for i in used:
            of_sample = {c.path: k for k, c in enumerate(coordinates) if i in c.samples}
            own = Problems()
            out[i] = in_sample(self._ties_of(i), self.samples[i].film, of_sample, free, own)
            problems.errors += [error for error in own.errors if str(error) not in told]
            told |= {str(error) for error in own.errors}
        return out

    def _grouped(self) -> tuple[_Group, ...]:
        """Data that one compiled model computes together: films of one form, one observable with its arguments."""
        by_key: dict[Any, list[int]] = {}
        for i, one in enumerate(self.data):
            film = self._sample(one).film
            # what cannot be told to be the same has a model of its own
            asked = known((dict(one.arguments), one.variables))
            key = (_form(film), one.observable, i if asked is None else asked)
            by_key.setdefault(key, []).append(i)
        problems, out = Problems(), []
        for members in by_key.values():
            with problems:
                out.append(self._group(members))
        problems.end()
        return tuple(out)

    def _group(self, members: list[int]) -> _Group:
        first = self.data[members[0]]
        films = [self._sample(self.data[i]).film for i in members]
        indices = [self.samples.index(self._sample(self.data[i])) for i in members]
        unknown = [(k, c) for k, c in enumerate(self.coordinates) if set(c.samples) & set(indices) and "." in c.path]
        tied = [(row, i, path) for row, i in enumerate(indices) for path in self._followers[i]]
        followers = [path for _, _, path in tied]
        moved = {n for path in [*(c.path for _, c in unknown), *followers] for n in places(films[0], path)}
        each = [_numbers_of(f) for f in films]
        own = [
            path
            for path, value in each[0].items()
            if any(numbers[path] != value for numbers in each) and moved.isdisjoint(places(films[0], path))
        ]
        paths = tuple(dict.fromkeys([*(c.path for _, c in unknown), *followers, *own]))
        if not paths:
            why = "which no unknown moves"
            raise ParameterError(why, where=first.label, field="data", remedy="Leave them out, or name what they tell.")
        model = compile(films[0], paths, first.observable, variables=first.variables, **first.arguments)
        base = np.array([[number_at(f, p) for p in paths] for f in films])
        columns = tuple(
            (row, paths.index(c.path), k) for row, i in enumerate(indices) for k, c in unknown if i in c.samples
        )
        outputs = len(model.outputs)
        problems = Problems()
        for i in members:
            with problems:
                if (count := self.data[i].given.size) != outputs:
                    allowed = f"{outputs}, as the observable gives"
                    raise ParameterError(f"{count} numbers", where=self.data[i].label, field="values", allowed=allowed)
            with problems:
                _ = self.data[i].whitening
        problems.end()
        rows = tuple((row, paths.index(path), i, path) for row, i, path in tied)
        return _Group(model, paths, base, columns, rows, tuple(members))

    def _sample(self, data: Data) -> Sample:
        return next(s for s in self.samples if s.name == data.sample)


def _form(film: Film) -> Any:
    """What films have in common that one compiled model can take: their elements, and which numbers these have."""
    return tuple((type(e), e.name) for e in film.elements), tuple(_numbers_of(film))


def _numbers_of(film: Film) -> dict[str, float]:
    """Every real number of a film by path; complex ones as their parts, tensors as their components."""
    out: dict[str, float] = {}
    for path, value in film.parameters().items():
        array = np.asarray(value)
        if array.ndim:
            for index in np.ndindex(array.shape):
                spin, along = "xyz"[index[0]], "xy"[index[1]]
                out[f"{path}[{spin},{along}]"] = float(array[index])
        elif np.iscomplexobj(array):
            out |= {f"{path}.real": float(array.real), f"{path}.imag": float(array.imag)}
        else:
            out[path] = float(array)
    return out


def _numbers(value: Any, field_name: str, where: str, ranks: tuple[int, ...]) -> np.ndarray:
    found = read(value, "")
    if isinstance(found, str):
        raise ParameterError(found, where=where, field=field_name, got=value, allowed="numbers")
    array = np.atleast_1d(np.asarray(found, dtype=float))
    if array.ndim not in ranks or not array.size:
        raise ParameterError(where=where, field=field_name, got=value, allowed="numbers, one for each output")
    return array
