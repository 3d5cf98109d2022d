"""An observable of a film as a function of chosen parameters, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple, Protocol

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.observables.programs import Leaf, Numbers, Run, anonymous, assembled, structure
from spinstack.observables.registry import COORDINATES, Labels, Observable, arrays, observable_of
from spinstack.observables.scans import Scan
from spinstack.observables.sheet import sheet_resistance
from spinstack.observables.solvers import chosen
from spinstack.stack import Film, ParameterError
from spinstack.stack.conditions import Conditions
from spinstack.stack.film import magnet_labels
from spinstack.stack.orientation import given_directions
from spinstack.stack.parameters import Specification
from spinstack.text.errors import near_names

#: conditions of which every column of a program may have its own
_CONDITIONS = ("m", "B", "T", "E")


class ModelOutput(NamedTuple):
    """One output of a model: variable, unit, index of its condition in the batch of m, B and T, and where it stands
    in the variable, as dimension -> coordinate."""

    variable: str
    unit: str
    condition: tuple[int, ...]
    at: Mapping[str, Any]


class _Columns:
    """Outputs of a program that gives every condition of every point, or every point, a column of its own."""

    def __init__(self, run: Run, batch: tuple[int, ...], flat: Flat) -> None:
        self._run, self._batch, self._flat = run, batch, flat

    def value(self, x: Any) -> Any:
        return self._ordered(self._run.value(x))

    def both(self, x: Any) -> tuple[Any, Any]:
        value, rows = self._run.both(x, None)
        return self._ordered(value), self._ordered(rows)

    def variables(self, n: int) -> tuple[tuple[int, ...], dict[str, tuple[int, ...]]]:
        if not self._flat.found:
            self._run.trace(n)
        return self._batch, self._flat.found

    def _ordered(self, found: Any) -> Any:
        """(points, conditions, outputs, ...) as (points, outputs, ...), variable by variable."""
        sizes = [int(np.prod(shape, dtype=int)) for shape in self._flat.found.values()]
        ends = np.cumsum(sizes)[:-1]
        points, count = found.shape[:2]
        if count == 1 or len(sizes) == 1:
            return found.reshape(points, -1, *found.shape[3:])
        xp = array_module(found)
        parts = xp.split(found, ends, 2)
        return xp.concatenate([part.reshape(points, -1, *part.shape[3:]) for part in parts], 1)


class Model:
    """An observable as a function of free parameters; made by :func:`compile`.

    Call it with x (points, parameters), or (parameters,) for one point, in SI units and in the order of `free`. Values
    have axes (points, outputs), derivatives (points, outputs, parameters), without the first for one point; NumPy in
    and out. Inside a JAX transformation values stay traced and nothing is checked.

    Attributes:
        free: the paths of the parameters.
        units: their units.
        x0: their values in the film (parameters,).
    """

    def __init__(
        self, free: Free, source: _Columns | Scan, labels: Labels | None, structure: Structure,
        check: Callable[[np.ndarray], None],
    ) -> None:  # fmt: skip
        self.free, self.x0 = free.paths, free.x0
        self.units = tuple(spec.unit for spec in free.specifications)
        self._free, self._source, self._labels, self._structure, self._check = free, source, labels, structure, check

    def __repr__(self) -> str:
        return f"Model(free={list(self.free)})"

    @property
    def compilations(self) -> int:
        """How many programs have been compiled for models of this structure."""
        return len(self._structure.compiled)

    def __call__(self, x: Any) -> Any:
        """Values (points, outputs)."""
        points, one = self._points(x)
        value = self._source.value(points)
        return value[0] if one else value

    def jacobian(self, x: Any) -> Any:
        """Exact derivatives (points, outputs, parameters)."""
        return self.value_and_jacobian(x)[1]

    def value_and_jacobian(self, x: Any) -> tuple[Any, Any]:
        """Values and exact derivatives."""
        points, one = self._points(x)
        value, rows = self._source.both(points)
        return (value[0], rows[0]) if one else (value, rows)

    @cached_property
    def outputs(self) -> tuple[ModelOutput, ...]:
        """What each output is, in order."""
        batch, shapes = self._source.variables(len(self.free))
        variables = self._labels.outputs if self._labels else [Output(n or "value", "", "") for n in shapes]
        out = []
        for variable, shape in zip(variables, shapes.values(), strict=True):
            dims = variable.dims or tuple(f"dim_{i}" for i in range(len(shape)))
            for index in np.ndindex(*batch, *shape):
                at = {d: self._coordinate(d, i) for d, i in zip(dims, index[len(batch) :], strict=True)}
                out.append(ModelOutput(variable.name, variable.units, index[: len(batch)], at))
        return tuple(out)

    def _coordinate(self, dim: str, index: int) -> Any:
        values = (self._labels.coords if self._labels else {}).get(dim, COORDINATES.get(dim))
        if isinstance(values, tuple) and dim not in COORDINATES:
            values = values[1]  # (dimension, values, attributes)
        return index if values is None or isinstance(values, str) else values[index]

    def _points(self, x: Any) -> tuple[Any, bool]:
        """x as (points, parameters), checked, and whether it was one point."""
        wanted = f"numbers (points, {len(self.free)}) or ({len(self.free)},), in the order of {', '.join(self.free)}"
        array = x
        if not is_traced(x):
            try:
                array = np.asarray(x, dtype=float)
            except (TypeError, ValueError):
                raise ParameterError("which is not numeric", field="x", got=x, allowed=wanted) from None
        if array.ndim not in (1, 2) or array.shape[-1] != len(self.free) or array.size == 0:
            raise ParameterError(f"of shape {array.shape}", field="x", got=x, allowed=wanted)
        points = array if array.ndim == 2 else array[None]
        if not is_traced(x):
            self._free.check(points)
            self._check(points)
        return points, array.ndim == 1
