"""Where the numbers of a model come from: programs for observables, for scans of an angle, for your own functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np

from spinstack.insulator.magnet import magnet_model
from spinstack.numerics.arrays import array_module
from spinstack.observables.angular import angular_scan
from spinstack.observables.fingerprint import known
from spinstack.observables.planes import Mounting, check_field
from spinstack.observables.programs import Flat, Numbers, Run, Structure, structure
from spinstack.observables.registry import Labels, Observable, Output
from spinstack.observables.scans import Scan, tensor_function
from spinstack.observables.turning import what_turns
from spinstack.stack import Film
from spinstack.stack.conditions import Conditions
from spinstack.stack.directions import finds_its_place
from spinstack.stack.film import magnet_labels
from spinstack.stack.orientation import given_directions

#: conditions of which every column of a program may have its own
_CONDITIONS = ("m", "B", "T", "E", "current")
Slots = Sequence[Sequence[int]]


class Source(Protocol):
    """Outputs of points and their derivatives, points first, outputs variable by variable."""

    @property
    def structure(self) -> Structure: ...

    def value(self, x: Any) -> Any:
        """(points, outputs) for x (points, parameters)."""
        ...

    def both(self, x: Any) -> tuple[Any, Any]:
        """The same, and the derivatives (points, outputs, parameters)."""
        ...

    def variables(self, parameters: int) -> tuple[tuple[int, ...], dict[str, tuple[int, ...]]]:
        """The batch of the conditions and the shape of each variable, for so many parameters."""
        ...


class Columns:
    """Outputs of a program that gives every condition of every point, or every point, a column of its own."""

    def __init__(self, run: Run, batch: tuple[int, ...]) -> None:
        self._run, self._batch = run, batch
        self.structure: Structure = run.structure
        self._flat: Flat = run.structure.function  # type: ignore[assignment]

    def value(self, x: Any) -> Any:
        return self._ordered(self._run.value(x))

    def both(self, x: Any) -> tuple[Any, Any]:
        value, rows = self._run.both(x)
        return self._ordered(value), self._ordered(rows)

    def variables(self, n: int) -> tuple[tuple[int, ...], dict[str, tuple[int, ...]]]:
        if not self._flat.found:
            self._run.trace(n)
        return self._batch, self._flat.found

    def _ordered(self, found: Any) -> Any:
        """(points, conditions, outputs, ...) as (points, outputs, ...), variable by variable."""
        points, each = found.shape[:2]
        if each == 1 or len(self._flat.found) == 1:
            return found.reshape(points, -1, *found.shape[3:])
        ends = np.cumsum([int(np.prod(shape, dtype=int)) for shape in self._flat.found.values()])[:-1]
        xp = array_module(found)
        parts = xp.split(found, ends, 2)
        return xp.concatenate([part.reshape(points, -1, *part.shape[3:]) for part in parts], 1)


def of_function(numbers: Numbers, slots: Slots, function: Callable[[Film], Any]) -> Columns:
    """Your own function of one film; compiled anew where nothing says that it is one that was compiled before."""
    made = structure(numbers, slots, Flat(function, None), False, known(function))
    return Columns(Run(made, numbers.values, {}, {}), ())


def _key(value: Any) -> Any:
    """What it is, to find what was compiled for the same; nothing else has that of an object that may change unseen."""
    found = known(value)
    return object() if found is None else found


def of_observable(
    numbers: Numbers, slots: Slots, film: Film, found: Observable, given: Mapping[str, Any],
    labels: Labels, wanted: tuple[Output, ...],
) -> Source:  # fmt: skip
    """The `wanted` of the variables of an observable with all its arguments `given`."""
    picked = tuple(output.name for output in wanted)
    if "turns" in given:  # decided by the film as it is, whatever is free
        given = {**given, "turns": what_turns(film, given["turns"], check_field(given["field"]), given["m"]).turns}
    mounting = _mounting(film, found, given)
    if mounting is not None:
        solver = given["solver"]
        made = structure(numbers, slots, tensor_function(solver), True, (found.name, _key(solver)))

        def run(conditions: dict[str, np.ndarray]) -> Run:
            return Run(made, numbers.values, {}, conditions, len(conditions["m"]))

        return Scan(run, given, mounting, picked, _reversible(numbers, slots))
    own = _own(found, given)
    names, array = tuple(output.name for output in labels.outputs), partial(found.array, **own)

    def function(film: Film, **conditions: Any) -> dict[str, Any]:
        values = array(film, **conditions)
        if not isinstance(values, Mapping):
            return {picked[0]: values}
        # names of variables may be names of elements, which are others where films share a program
        by_name = values if set(values) == set(names) else dict(zip(names, values.values(), strict=True))
        return {name: by_name[name] for name in picked}

    shared, varying, batch = (
        ({}, {}, ())
        if found.one_film
        else _conditions(film, numbers.film, {n: v for n, v in given.items() if n not in own})
    )
    flat = Flat(function, None if found.one_film else tuple(len(output.dims) for output in wanted))
    made = structure(numbers, slots, flat, not found.one_film, (found.name, _key(own), picked))
    return Columns(Run(made, numbers.values, shared, varying, int(np.prod(batch, dtype=int))), batch)


def _mounting(film: Film, found: Observable, given: Mapping[str, Any]) -> Mounting | None:
    """How a film is mounted of whose scan half a turn says all: all magnets turn, and R is that of the film."""
    if found.function is not angular_scan:
        return None
    mounting = Mounting.checked(*(given[name] for name in Mounting._fields))
    turn = (given["turns"] == "magnetisation" and given["m"] is None) or not film.magnets
    return mounting if turn and mounting.current == "x" and mounting.contact_angle == 0 else None


def _reversible(numbers: Numbers, slots: Slots) -> bool:
    """Whether every film of these numbers obeys Onsager's relation: no inverse effect is weighted."""
    free = {slot for one in slots for slot in one}
    weights = [leaf for leaf in numbers.leaves if leaf.field == "reciprocal"]
    return all(free.isdisjoint(leaf.slots) and numbers.values[leaf.start] == 1 for leaf in weights)


def names_matter(film: Film, found: Observable, given: Mapping[str, Any]) -> bool:
    """Whether the arguments of an observable name elements of the film."""
    return not _words(_own(found, given)).isdisjoint(_names(film))


def _own(found: Observable, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are fixed in a program."""
    # where magnets turn, m says which of them do not
    varying = () if found.one_film else [name for name in _CONDITIONS if name != "m" or "turns" not in given]
    varying = [name for name in varying if name != "current" or "E" in given]
    return {name: value for name, value in given.items() if name not in varying}


def _conditions(
    film: Film, named: Film, given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], tuple[int, ...]]:
    """Conditions that every column shares, those of which each has its own (conditions, ...), and their batch.

    Magnets have the names that they have in the film `named`.
    """
    # beside no field in the plane `current` is the direction of one
    names = [name for name in _CONDITIONS if name in given and (name != "current" or "E" in given)]
    at = Conditions(**{name: given[name] for name in names})
    values = {name: getattr(at, name) for name in names if getattr(at, name) is not None}
    if "m" in given:  # what is wrong with it is told of the film as it is called
        models = [i for i, e in enumerate(film.elements) if magnet_model(e) is not None]
        directions = dict(zip(magnet_labels(named), given_directions(film, at.m, models, at.B), strict=True))
        if isinstance(at.m, dict | str):
            values["m"] = {label: m for label, m in directions.items() if m is not None}
    shared, varying = {}, {}
    for name, value in values.items():
        inner = 0 if name in ("T", "current") else 1
        parts = value if isinstance(value, dict) else {"": value}
        if name == "E" or all(np.ndim(part) == inner for part in parts.values()):
            shared[name] = value
            continue
        spread = {
            key: np.broadcast_to(part, (*at.batch, *np.shape(part)[np.ndim(part) - inner :]))
            for key, part in parts.items()
        }
        flat = {key: part.reshape(-1, *part.shape[len(at.batch) :]) for key, part in spread.items()}
        varying[name] = flat if isinstance(value, dict) else flat[""]
    return shared, varying, at.batch


def _names(film: Film) -> set[str]:
    """Every word by which arguments may name an element."""
    return {*film.labels(), *(e.name for e in film.elements), *magnet_labels(film)}


def _words(value: Any) -> set[str]:
    """The texts in an argument, names with an index without it, too."""
    if isinstance(value, str):
        return {value, value.partition("[")[0]}
    if finds_its_place(value):
        return set(value.names) | set(value.others)
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    return set().union(*map(_words, value if isinstance(value, list | tuple) else ()))
