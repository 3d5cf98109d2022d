"""An observable of a film as a function of chosen parameters, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.observables.registry import COORDINATES, Labels, Observable, Output, observable_of
from spinstack.observables.rehearsal import refuse
from spinstack.observables.sheet import sheet_resistance
from spinstack.observables.solvers import chosen
from spinstack.stack import Film, ParameterError
from spinstack.text.arrays import read
from spinstack.text.errors import near_names

if TYPE_CHECKING:
    from spinstack.observables.free import Free
    from spinstack.observables.sources import Source


class ModelOutput(NamedTuple):
    """One output of a model: variable, unit, index of its condition in the batch of m, B and T, and where it stands
    in the variable, as dimension -> coordinate."""

    variable: str
    unit: str
    condition: tuple[int, ...]
    at: Mapping[str, Any]


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

    def __init__(self, free: Free, source: Source, labels: Labels | None) -> None:
        self.free, self.x0 = free.paths, free.x0
        self.units = tuple(spec.unit for spec in free.specifications)
        self._free, self._source, self._labels = free, source, labels

    def __repr__(self) -> str:
        return f"Model(free={list(self.free)})"

    @property
    def compilations(self) -> int:
        """How many programs have been compiled for models of this structure."""
        return len(self._source.structure.compiled)

    def __call__(self, x: Any) -> Any:
        """Values (points, outputs)."""
        points, one = self._points(x)
        with self._traced():
            value = self._source.value(points)
        return value[0] if one else value

    def unchecked(self, x: np.ndarray) -> np.ndarray:
        """Values (points, outputs) at points x of which :meth:`allows` has said that there are such films."""
        with self._traced():
            return np.asarray(self._source.value(x))

    def unchecked_both(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same, and the exact derivatives."""
        with self._traced():
            value, rows = self._source.both(x)
        return np.asarray(value), np.asarray(rows)

    def jacobian(self, x: Any) -> Any:
        """Exact derivatives (points, outputs, parameters)."""
        return self.value_and_jacobian(x)[1]

    def value_and_jacobian(self, x: Any) -> tuple[Any, Any]:
        """Values and exact derivatives."""
        points, one = self._points(x)
        with self._traced():
            value, rows = self._source.both(points)
        return (value[0], rows[0]) if one else (value, rows)

    def allows(self, x: np.ndarray) -> np.ndarray:
        """Whether each of the points x (points, parameters) is one that the film may have (points,)."""
        try:
            self._free.check(x)
        except ParameterError:
            if len(x) == 1:
                return np.array([False])
            half = len(x) // 2
            return np.concatenate([self.allows(x[:half]), self.allows(x[half:])])
        return np.full(len(x), True)

    @cached_property
    def outputs(self) -> tuple[ModelOutput, ...]:
        """What each output is, in order."""
        with self._traced():
            batch, shapes = self._source.variables(len(self.free))
        variables = self._labels.outputs if self._labels else [Output(n or "value", "", "") for n in shapes]
        return outputs_of(variables, shapes.values(), batch, self._labels.coords if self._labels else {})

    def _traced(self) -> AbstractContextManager[None]:
        from spinstack.observables.programs import own_function

        return own_function()

    def _points(self, x: Any) -> tuple[Any, bool]:
        """x as (points, parameters), checked, and whether it was one point."""
        wanted = f"numbers (points, {len(self.free)}) or ({len(self.free)},), in the order of {', '.join(self.free)}"
        array = x
        if not is_traced(x):
            array = read(x, "")
            if isinstance(array, str):
                raise ParameterError(array, field="x", got=x, allowed=wanted)
        if array.ndim not in (1, 2) or array.shape[-1] != len(self.free) or array.size == 0:
            raise ParameterError(f"of shape {array.shape}", field="x", got=x, allowed=wanted)
        points = array if array.ndim == 2 else array[None]
        if not is_traced(x):
            self._free.check(points)
        return points, array.ndim == 1


def outputs_of(
    variables: Iterable[Output], shapes: Iterable[tuple[int, ...]], batch: tuple[int, ...], coords: Mapping[str, Any]
) -> tuple[ModelOutput, ...]:
    """What each number is, variable by variable, condition by condition of the batch, component by component."""
    out = []
    for variable, shape in zip(variables, shapes, strict=True):
        dims = variable.dims or tuple(f"dim_{i}" for i in range(len(shape)))
        for index in np.ndindex(*batch, *shape):
            at = {d: _coordinate(coords, d, i) for d, i in zip(dims, index[len(batch) :], strict=True)}
            out.append(ModelOutput(variable.name, variable.units, index[: len(batch)], at))
    return tuple(out)


def _coordinate(coords: Mapping[str, Any], dim: str, index: int) -> Any:
    values = coords.get(dim, COORDINATES.get(dim))
    if isinstance(values, tuple) and dim not in COORDINATES:
        values = values[1]  # (dimension, values, attributes)
    return index if values is None or isinstance(values, str) else values[index]


def compile(
    film: Film,
    free: Sequence[str],
    observable: Callable[..., Any] = sheet_resistance,
    *,
    variables: str | Sequence[str] | None = None,
    **arguments: Any,
) -> Model:
    """An observable of a film as a function of some of its parameters, compiled once: for fits, maps and sampling.

    A model computes values and exact derivatives at many points of its parameters, in blocks of fixed sizes: another
    number of points, another film of the same structure (kinds of elements in the same order, the same parameters
    given) or other values of m, B, T and E compile nothing.

    Args:
        film: one film; its other parameters stay as they are.
        free: paths of the parameters, such as "Pt.thickness", "Pt|Co.mixing_conductance.real" or
            "RuO2.spin_splitter[y,x]".
        observable: any of this package's that a theory answers which JAX can trace, also in functools.partial; or your
            own function of one film, which returns an array or a mapping from name to array.
        variables: of an observable that gives several, those that are asked; default all.
        arguments: those of the observable, by name. m, B and T may be arrays: their batch are inner points, and outputs
            come variable by variable, then condition by condition, then component by component.

    Returns:
        The model: ``model(x)``, ``model.jacobian(x)`` and ``model.value_and_jacobian(x)`` take x (points, parameters).

    Raises:
        ParameterError: unknown or complex paths, a batch of films, arguments that the observable does not have, a
            theory that JAX cannot trace.

    Example::

        model = ss.compile(film, free=["Pt.thickness", "Pt.spin_hall_angle"], observable=ss.angular_scan, plane="beta",
                           variables="R_xx")
        R, J = model.value_and_jacobian([[3e-9, 0.08], [5e-9, 0.08]])
    """
    from spinstack.observables.free import Free
    from spinstack.observables.sources import names_matter, of_function, of_observable

    film = Film.of(film)
    film.require_single("compile")
    film.check()
    if isinstance(free, str) or not isinstance(free, Sequence) or not free:
        raise ParameterError(field="free", got=free, allowed="paths of parameters, at least one")
    if not callable(observable):
        raise ParameterError(
            field="observable", got=observable, allowed="a function of a film, such as spinstack.sheet_resistance"
        )
    found = observable_of(observable)
    if found is None:
        parameters = Free(film, free, True, Film.check)
        function = partial(observable, **arguments) if arguments else observable
        return Model(parameters, of_function(parameters.numbers, parameters.slots, function), None)
    given = _arguments(found, film, observable, arguments)
    solver = chosen(given.get("solver"))
    if not solver.traceable:
        allowed = "a theory that JAX can trace, such as spinstack.DriftDiffusion(), or None"
        raise ParameterError("which JAX cannot compile", field="solver", got=solver, allowed=allowed)
    refused = partial(refuse, found, given=given)
    parameters = Free(film, free, names_matter(film, found, given), refused)
    refused(film)
    labels = found.labels(film, **given)
    wanted = labels._replace(outputs=wanted_outputs(labels.outputs, variables))
    source = of_observable(parameters.numbers, parameters.slots, film, found, given, labels, wanted.outputs)
    return Model(parameters, source, wanted)


def _arguments(
    found: Observable, film: Film, observable: Callable[..., Any], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """All arguments of the observable by name; those of a partial first."""
    positional, keywords = (observable.args, observable.keywords) if isinstance(observable, partial) else ((), {})
    for name in arguments:
        if name not in found.arguments:
            raise ParameterError(
                f"which is no argument of {found.name}",
                field=name,
                got=arguments[name],
                allowed=", ".join(found.arguments),
                remedy=near_names(name, found.arguments).strip(),
            )
    given = {**dict(zip(found.arguments, positional, strict=False)), **keywords, **arguments}
    for name, argument in found.arguments.items():
        if argument.required and name not in given:
            raise ParameterError("missing", field=name, remedy=f"{found.name} needs it.")
    return found.bound(film, **given)


def wanted_outputs(outputs: tuple[Output, ...], variables: str | Sequence[str] | None) -> tuple[Output, ...]:
    """Those of the outputs whose variables are asked; ParameterError for others."""
    if variables is None:
        return outputs
    by_name = {output.name: output for output in outputs}
    names = [variables] if isinstance(variables, str) else list(variables) if isinstance(variables, Sequence) else []
    unknown = [name for name in names if not isinstance(name, str) or name not in by_name]
    if unknown or not names or len(set(names)) < len(names):
        raise ParameterError(field="variables", got=variables, allowed=f"{', '.join(by_name)}, each at most once")
    return tuple(by_name[name] for name in names)
