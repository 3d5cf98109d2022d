"""Films at fitted numbers: compiled models, each of which computes all data of one kind for many points at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spinstack.fitting.coordinates import Coordinates, Values
from spinstack.fitting.data import Data
from spinstack.fitting.differences import Differences, is_compiled
from spinstack.fitting.samples import Sample
from spinstack.fitting.ties import Dual, number_at, places
from spinstack.numerics.arrays import array_module
from spinstack.observables.compiled import Model, ModelOutput, compile
from spinstack.observables.fingerprint import known
from spinstack.stack import Film, ParameterError
from spinstack.text.errors import Problems

#: of a coordinate, for differences: a thousandth of what is known of it before
STEP = 1e-3


class Group:
    """Data that one compiled model computes together: films of one form, one observable with its arguments.

    Attributes:
        data: indices of the data, in the order of its films.
        outputs: of the model.
        compiled: whether it is one of JAX, which has many points at the price of one.
        exact: whether its derivatives are exact, or differences.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        indices: Sequence[int],
        data: Sequence[Data],
        members: Sequence[int],
        coordinates: Coordinates,
        columns: Sequence[str],
    ) -> None:
        first, films = data[members[0]], [samples[i].film for i in indices]
        self.data, self._size = tuple(members), len(coordinates.all)
        unknown = [
            (row, n, path)
            for row, i in enumerate(indices)
            for path, n in coordinates.of_sample[i].items()
            if "." in path
        ]
        tied = [(row, i, path) for row, i in enumerate(indices) for path in coordinates.followers[i]]
        given = [path for path in columns if path in films[0]]
        asked = [*(path for *_, path in unknown), *(path for *_, path in tied), *given]
        moved = {n for path in asked for n in places(films[0], path)}
        each = [numbers_of(f) for f in films]
        own = [
            path
            for path, value in each[0].items()
            if any(numbers[path] != value for numbers in each) and moved.isdisjoint(places(films[0], path))
        ]
        paths = tuple(dict.fromkeys([*sorted(set(asked)), *own]))
        if not unknown and not tied:
            why = "which no unknown moves"
            raise ParameterError(why, where=first.label, field="data", remedy="Leave them out, or name what they tell.")
        self.compiled = is_compiled(first.arguments)
        self._model: Model | Differences = (
            compile(films[0], paths, first.observable, variables=first.variables, **first.arguments)
            if self.compiled
            else Differences(films[0], paths, first.observable, first.variables, first.arguments)
        )
        self.exact = self.compiled or (isinstance(self._model, Differences) and self._model.exact)
        self._base = np.array([[number_at(f, p) for p in paths] for f in films])
        self.outputs: tuple[ModelOutput, ...] = self._model.outputs
        self._rows, self._columns, self._numbers = (
            np.array([at(*one) for one in unknown], dtype=int)
            for at in (lambda row, n, path: row, lambda row, n, path: paths.index(path), lambda row, n, path: n)
        )
        self._tied = [(row, paths.index(path), (i, path)) for row, i, path in tied]
        problems = Problems()
        for i in members:
            with problems:
                if (count := data[i].given.size) != len(self.outputs):
                    allowed = f"{len(self.outputs)}, as the observable gives"
                    raise ParameterError(f"{count} numbers", where=data[i].label, field="values", allowed=allowed)
            with problems:
                _ = data[i].whitening
        problems.end()

    def points(self, values: Values, ties: Mapping[Any, Dual]) -> Any:
        """What the model is asked (points, films, columns); traced where the values are."""
        if array_module(values.value) is not np:
            return self._traced_points(values, ties)
        out = np.broadcast_to(self._base, (len(values.value), *self._base.shape)).copy()
        out[:, self._rows, self._columns] = values.value[:, self._numbers]
        for row, column, at in self._tied:
            out[:, row, column] = ties[at].value
        return out

    def _traced_points(self, values: Values, ties: Mapping[Any, Dual]) -> Any:
        xp = array_module(values.value)
        out = xp.broadcast_to(xp.asarray(self._base), (len(values.value), *self._base.shape))
        out = out.at[:, self._rows, self._columns].set(values.value[:, self._numbers])
        for row, column, at in self._tied:
            out = out.at[:, row, column].set(ties[at].value)
        return out

    def allows(self, points: np.ndarray) -> np.ndarray:
        """Whether there are such films (points,)."""
        flat = points.reshape(-1, points.shape[-1])
        return np.asarray(self._model.allows(flat).reshape(points.shape[:2]).all(axis=1))

    def value(self, points: Any) -> Any:
        """(points, films, outputs)."""
        flat = points.reshape(-1, points.shape[-1])
        if isinstance(self._model, Model) and isinstance(flat, np.ndarray):  # `allows` has checked
            return self._model.unchecked(flat).reshape(*points.shape[:2], -1)
        return self._model(flat).reshape(*points.shape[:2], -1)

    def both(
        self, points: np.ndarray, values: Values, ties: Mapping[Any, Dual], *, checked: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """The same, and the derivatives by the coordinates (points, films, outputs, size).

        Raises ParameterError where points that `allows` has not `checked` are none that films may have.
        """
        flat = points.reshape(-1, points.shape[-1])
        if isinstance(self._model, Differences):
            steps = np.zeros(points.shape)
            steps[:, self._rows, self._columns] = STEP * values.by_k[:, self._numbers]
            for row, column, at in self._tied:
                steps[:, row, column] = STEP * np.abs(ties[at].slopes).max(axis=0)
            value, slopes = self._model.value_and_jacobian(flat, steps.reshape(flat.shape))
        elif checked:
            value, slopes = self._model.unchecked_both(flat)
        else:
            value, slopes = self._model.value_and_jacobian(flat)
        value = value.reshape(*points.shape[:2], -1)
        slopes = slopes.reshape(*value.shape, -1)
        J = np.zeros((*value.shape, self._size))
        n = self._numbers
        # indices apart come first: (places, points, outputs)
        part = slopes[:, self._rows, :, self._columns]
        J[:, self._rows, :, values.k[n]] = part * values.by_k[:, n].T[:, :, None]
        has = values.z[n] >= 0
        if has.any():
            J[:, self._rows[has], :, values.z[n][has]] = part[has] * values.by_z[:, n[has]].T[:, :, None]
        for row, column, at in self._tied:
            J[:, row] += slopes[:, row, :, column, None] * ties[at].slopes.T[:, None, :]
        return value, J


def grouped(
    samples: Sequence[Sample], data: Sequence[Data], coordinates: Coordinates, columns: Sequence[str]
) -> tuple[Group, ...]:
    """The models of all data; ParameterError for all that their observables do not take."""
    names = [s.name for s in samples]
    by_key: dict[Any, list[int]] = {}
    for i, one in enumerate(data):
        film = samples[names.index(one.sample)].film
        # what cannot be told to be the same has a model of its own
        asked = known((dict(one.arguments), one.variables))
        by_key.setdefault((_form(film), one.observable, i if asked is None else asked), []).append(i)
    problems, out = Problems(), []
    for members in by_key.values():
        with problems:
            indices = [names.index(data[i].sample) for i in members]
            out.append(Group(samples, indices, data, members, coordinates, columns))
    problems.end()
    return tuple(out)


def _form(film: Film) -> Any:
    """What films have in common that one compiled model can take: their elements, and which numbers these have."""
    tables = (law for e in film.elements for law in e.laws().values() if hasattr(law, "temperatures"))
    return tuple((type(e), e.name) for e in film.elements), tuple(numbers_of(film)), tuple(tables)


def numbers_of(film: Film) -> dict[str, float]:
    """Every real number of a film by path; complex ones as their parts, tensors as their components, tables not."""
    out: dict[str, float] = {}
    for path, value in film.parameters().items():
        array = np.asarray(value)
        if film.specification(path).kind == "table":
            continue
        if array.ndim:
            for index in np.ndindex(array.shape):
                spin, along = "xyz"[index[0]], "xy"[index[1]]
                out[f"{path}[{spin},{along}]"] = float(array[index])
        elif np.iscomplexobj(array):
            out |= {f"{path}.real": float(array.real), f"{path}.imag": float(array.imag)}
        else:
            out[path] = float(array)
    return out
