"""Observables of theories that JAX cannot trace: values film by film, slopes exact or by central differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from spinstack.fitting.ties import number_at
from spinstack.observables.compiled import ModelOutput, outputs_of, wanted_outputs
from spinstack.observables.registry import observable_of
from spinstack.observables.rehearsal import rehearse
from spinstack.observables.solvers import chosen
from spinstack.stack import Film, ParameterError


class Differences:
    """What :class:`spinstack.observables.compiled.Model` does, for a theory that JAX cannot trace.

    Attributes:
        outputs: what each output is, in order.
        exact: whether derivatives are exact, or central differences.
    """

    def __init__(
        self,
        film: Film,
        paths: Sequence[str],
        observable: Callable[..., Any],
        variables: str | Sequence[str] | None,
        arguments: Mapping[str, Any],
    ) -> None:
        self._film, self._paths = film, tuple(paths)
        found = observable_of(observable)
        if found is None:
            allowed = "an observable of this package beside a theory that JAX cannot trace"
            raise ParameterError(field="observable", got=observable, allowed=allowed)
        self._array, self._given = found.array, found.bound(film, **arguments)
        self._solver = chosen(self._given.get("solver"))
        self.exact = self._solver.differentiates(rehearse(found.array, film, self._given))
        labels = found.labels(film, **self._given)
        self._names = [output.name for output in labels.outputs]
        wanted = wanted_outputs(labels.outputs, variables)
        self._asked = [output.name for output in wanted]
        x = np.array([[number_at(film, path) for path in self._paths]])
        shapes = [np.shape(values)[1:] for values in self._variables(x)]
        inner = [shape[len(shape) - len(output.dims) :] for output, shape in zip(wanted, shapes, strict=True)]
        batch = shapes[0][: len(shapes[0]) - len(wanted[0].dims)]
        self.outputs: tuple[ModelOutput, ...] = outputs_of(wanted, inner, batch, labels.coords)

    def allows(self, points: np.ndarray) -> np.ndarray:
        """Whether each of the points (points, parameters) is one that the film may have, and the theory describes."""
        out = []
        for x in points:
            try:
                rehearse(self._array, self._at(x[None]), self._given, self._solver)
                out.append(True)
            except ParameterError:
                out.append(False)
        return np.array(out)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Values (points, outputs)."""
        return np.concatenate([np.asarray(v).reshape(len(points), -1) for v in self._variables(points)], axis=1)

    def _variables(self, points: np.ndarray, traced: Mapping[str, Any] | None = None) -> list[Any]:
        """What was asked of a batch of films, (points, conditions..., dimensions...) each."""
        found = self._array(self._at(points, traced), **self._given)
        if not isinstance(found, Mapping):
            return [found]
        by_name = found if set(found) == set(self._names) else dict(zip(self._names, found.values(), strict=True))
        return [by_name[name] for name in self._asked]

    def value_and_jacobian(self, points: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values, and derivatives (points, outputs, parameters) by steps (points, parameters); 0 where a step is."""
        return self._exact(points, steps) if self.exact else self._by_differences(points, steps)

    def _exact(self, points: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import jax

        from spinstack.numerics import compiler

        compiler.check()
        columns = np.flatnonzero((steps != 0).any(0))

        def outputs(moved: Any) -> Any:
            changes = {path: moved[j] for path, j in places.items()}
            return [v.reshape(len(points), -1) for v in self._variables(points, changes)]

        places = {self._paths[j]: k for k, j in enumerate(columns)}
        x = jax.numpy.asarray(points[:, columns].T)
        # every point has its own parameters: a step of one parameter is one for all points
        along = np.broadcast_to(np.eye(len(columns))[:, :, None], (len(columns), *x.shape))
        value, slopes = jax.vmap(lambda step: jax.jvp(outputs, (x,), (step,)), out_axes=(None, 0))(along)
        J = np.zeros((len(points), sum(v.shape[1] for v in value), points.shape[1]))
        J[..., columns] = np.concatenate(slopes, 2).transpose(1, 2, 0)
        J *= (steps != 0)[:, None]
        return np.concatenate(value, 1), J

    def _by_differences(self, points: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        moved = np.argwhere(steps != 0)
        ends = [points]
        for sign in (-1, 1):
            end = points[moved[:, 0]].copy()
            end[np.arange(len(moved)), moved[:, 1]] += sign * steps[moved[:, 0], moved[:, 1]]
            ends.append(end)
        value, below, above = np.split(self(np.concatenate(ends)), np.cumsum([len(e) for e in ends])[:-1])
        J = np.zeros((*value.shape, points.shape[1]))
        apart = (ends[2] - ends[1])[np.arange(len(moved)), moved[:, 1]]
        J[moved[:, 0], :, moved[:, 1]] = (above - below) / apart[:, None]
        return value, J

    def _at(self, points: np.ndarray, traced: Mapping[str, Any] | None = None) -> Film:
        """A batch of films; with `traced` values in the place of those of some paths."""
        values = {path: points[:, j] for j, path in enumerate(self._paths)} | dict(traced or {})
        return self._film.replace(values)


def is_compiled(arguments: Mapping[str, Any]) -> bool:
    """Whether JAX can trace the theory that observables are asked of."""
    return chosen(arguments.get("solver")).traceable
