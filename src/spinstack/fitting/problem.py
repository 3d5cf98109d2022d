"""What is fitted: samples, data of samples, unknown parameters; residuals and their exact derivatives."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from spinstack.fitting.coordinates import Coordinate, Coordinates, TiedValue
from spinstack.fitting.data import Data
from spinstack.fitting.models import grouped
from spinstack.fitting.samples import Sample, Unknown
from spinstack.fitting.ties import Tie
from spinstack.numerics.arrays import array_module
from spinstack.observables.compiled import ModelOutput
from spinstack.stack import Film, ParameterError
from spinstack.text.errors import Problems, near_names


class Problem:
    """Samples, unknowns and data, checked as a whole before anything is computed.

    Residuals are whitened: those of the data have deviation 1 where the model is right, and every unknown with a normal
    or lognormal prior adds one.

    Args:
        samples: the films that were measured, each with values of its own.
        unknowns: parameters that the data are to tell.
        data: what was measured.
        ties: parameters that follow from others of the same sample.
        columns: further paths that compiled models take as variables, at the values of the films: problems that differ
            in what is unknown then share one program.

    Raises:
        ParameterError: all that does not fit together: unknown names and paths, data without sample, unknowns and ties
            that no measured film has, values outside the range of a parameter, shapes, errors that are none, ties that
            do not fit by their units, or go round in a circle.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        unknowns: Sequence[Unknown],
        data: Sequence[Data],
        ties: Sequence[Tie] = (),
        columns: Sequence[str] = (),
    ) -> None:
        self.samples, self.unknowns, self.data = tuple(samples), tuple(unknowns), tuple(data)
        self.ties, self.columns = tuple(ties), tuple(columns)
        self._check()
        self._coordinates = Coordinates(self.samples, self.unknowns, self.data, self.ties)
        self._groups = grouped(self.samples, self.data, self._coordinates, self.columns)

    def __reduce__(self) -> tuple[type[Problem], tuple[Any, ...]]:
        # made anew where it goes: compiled models are of the process that compiled them
        return Problem, (self.samples, self.unknowns, self.data, self.ties, self.columns)

    @property
    def coordinates(self) -> tuple[Coordinate, ...]:
        """The numbers that are fitted."""
        return self._coordinates.all

    @property
    def size(self) -> int:
        """How many numbers are fitted."""
        return len(self.coordinates)

    @cached_property
    def points(self) -> int:
        """How many numbers were measured."""
        return sum(one.measured.size for one in self.data)

    @property
    def exact(self) -> bool:
        """Whether all derivatives are exact; those of a theory that has none are differences."""
        return all(group.exact for group in self._groups)

    @property
    def compiled(self) -> bool:
        """Whether JAX computes everything, many points at the price of one, and may trace it."""
        return all(group.compiled for group in self._groups)

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest coordinates (size,)."""
        low, high = np.array([c.bounds for c in self.coordinates]).T
        return low, high

    @cached_property
    def penalised(self) -> np.ndarray:
        """Coordinates whose prior adds a residual."""
        return np.flatnonzero([c.prior.penalty for c in self.coordinates])

    @cached_property
    def rows(self) -> tuple[slice, ...]:
        """Where the residuals of each of the data stand among all."""
        ends = np.cumsum([0, *(one.measured.size for one in self.data)]).tolist()
        return tuple(slice(a, b) for a, b in itertools.pairwise(ends))

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
        return self._coordinates.tied_values(self._coordinates.values(u[None]))

    def films(self, u: np.ndarray) -> dict[str, Film]:
        """The film of every measured sample at coordinates u (size,)."""
        numbers = self._coordinates.values(u[None])
        ties = self._coordinates.ties_at(numbers)
        out = {}
        for i, of_sample in self._coordinates.of_sample.items():
            changes = {path: float(numbers.value[0, n]) for path, n in of_sample.items() if "." in path}
            changes |= {path: float(found.value[0]) for (of, path), found in ties.items() if of == i}
            out[self.samples[i].name] = self.samples[i].film.replace(changes)
        return out

    def predicted(self, u: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """What the films at coordinates u give for each of the data: values (rows,), derivatives by u (rows, size).

        Raises ParameterError where there are no such films: a tied parameter outside of its range, or parameters that
        are not allowed together.
        """
        numbers = self._coordinates.values(u[None])
        ties = self._coordinates.ties_at(numbers)
        values: list[np.ndarray] = [np.zeros(0)] * len(self.data)
        rows: list[np.ndarray] = [np.zeros((0, 0))] * len(self.data)
        for group in self._groups:
            found, derivatives = group.both(group.points(numbers, ties), numbers, ties, checked=False)
            for row, i in enumerate(group.data):
                kept = self.data[i].rows
                values[i], rows[i] = found[0, row, kept], derivatives[0, row, kept]
        return values, rows

    def computed(self, U: np.ndarray) -> np.ndarray:
        """What the films at coordinates U (points, size) give for all that was measured (points, measured).

        NaN where there are no such films.
        """
        return self._computed(U, False)[0]

    def batch(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whitened residuals of the data, then of the priors, at coordinates U (points, size), and their derivatives.

        Where there are no such films all residuals are infinite (and derivatives NaN), so that a step there is refused
        as any step that makes chi-square larger, and a trust region shrinks to what is allowed.

        Returns:
            (points, residuals) and (points, residuals, size).
        """
        values, rows = self._computed(U, True)
        return self.whitened(values, U, rows)

    def whitened(self, values: np.ndarray, U: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What :meth:`batch` gives where the films give `values` (points, measured), with derivatives `rows`."""
        R, J = self._whitened(values, U, rows)
        J[:, self.points :] = np.eye(self.size)[self.penalised]
        J[np.isinf(R[:, 0])] = np.nan
        return R, J

    def batch_residuals(self, U: np.ndarray) -> np.ndarray:
        """The residuals of :meth:`batch` alone (points, residuals)."""
        return self._whitened(self._computed(U, False)[0], U)[0]

    def square(self, u: Any) -> Any:
        """Sum of the squares of all residuals at u (size,), which JAX may trace; infinite where there are no films.

        Only ties are checked: u is within the bounds.
        """
        numbers = self._coordinates.values(u[None])
        within: list[Any] = []
        ties = self._coordinates.ties_at(numbers, within, plain=True)
        xp, total = array_module(u), 0.0
        for group in self._groups:
            found = group.value(group.points(numbers, ties))
            for row, i in enumerate(group.data):
                total += xp.sum(self.data[i].misfit(found[:, row, self.data[i].rows])[0] ** 2)
        total += xp.sum(u[self.penalised] ** 2)
        return xp.where(xp.all(xp.asarray([w.all() for w in within] or [True])), total, xp.inf)

    def residuals(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of :meth:`batch` at one point u (size,): (residuals,) and (residuals, size)."""
        R, J = self.batch(u[None])
        return R[0], J[0]

    def outputs(self, index: int) -> tuple[ModelOutput, ...]:
        """What each of the measured values of one set of data is."""
        every = next(g for g in self._groups if index in g.data).outputs
        return tuple(every[k] for k in self.data[index].rows)

    def _whitened(
        self, values: np.ndarray, U: np.ndarray, rows: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Residuals (points, residuals), and derivatives of those of data where `rows` has those of the values."""
        R = np.empty((len(U), self.points + len(self.penalised)))
        J = np.full((*R.shape, self.size) if rows is not None else 0, np.nan)
        for one, at in zip(self.data, self.rows, strict=True):
            R[:, at], slopes = one.misfit(values[:, at], None if rows is None else rows[:, at])
            if rows is not None:
                J[:, at] = slopes
        R[:, self.points :] = U[:, self.penalised]
        R[np.isnan(R).any(axis=1)] = np.inf
        return R, J

    def _computed(self, U: np.ndarray, derivatives: bool) -> tuple[np.ndarray, np.ndarray]:
        """Values (points, measured) and derivatives (points, measured, size), NaN where there are no such films."""
        every = np.full((len(U), self.points), np.nan)
        rows = np.full((len(U), self.points, self.size), np.nan) if derivatives else np.zeros(0)
        allowed = np.isfinite(U).all(axis=1)
        numbers = self._coordinates.values(np.where(allowed[:, None], U, 0.0))
        within: list[Any] = []
        ties = self._coordinates.ties_at(numbers, within, plain=not derivatives)
        allowed &= np.logical_and.reduce(within) if within else True
        points = [group.points(numbers, ties) for group in self._groups]
        for group, at in zip(self._groups, points, strict=True):
            allowed[allowed] = group.allows(at[allowed]) if allowed.any() else False
        if not allowed.any():
            return every, rows
        if not allowed.all():
            numbers = self._coordinates.values(U[allowed])
            ties = self._coordinates.ties_at(numbers, plain=not derivatives)
        for group, at in zip(self._groups, points, strict=True):
            if derivatives:
                found, J = group.both(at[allowed], numbers, ties, checked=True)
            else:
                found = group.value(at[allowed])
            for row, i in enumerate(group.data):
                kept = self.data[i].rows
                every[allowed, self.rows[i]] = found[:, row, kept]
                if derivatives:
                    rows[allowed, self.rows[i]] = J[:, row, kept]
        return every, rows

    def _check(self) -> None:
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
