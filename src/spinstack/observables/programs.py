"""Compiled programs of observables: values and derivatives by chosen numbers of films of one structure.

A film's numbers lie in one array; which of them are free, the observable and the form of the conditions are the
:class:`Structure` under which programs are kept. Films that share it run the same programs, whatever their values and
names (docs/methods/compile.md).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from spinstack.numerics import compiler
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.observables.registry import numbers_of
from spinstack.stack import Film, Interface, ParameterError
from spinstack.stack.trees import register_with_jax

#: what a function raises under JAX that looks at numbers which are not there yet
LOOKED = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
)


@contextmanager
def own_function() -> Iterator[None]:
    """Inside, a function of the user's that looks at its numbers is refused in words."""
    try:
        yield
    except LOOKED as error:
        why = "which looks at its numbers (float, int, if, numpy), of which JAX has only the form meanwhile"
        remedy = "Let it return arrays as they are, and compute with jax.numpy."
        raise ParameterError(why, field="observable", remedy=remedy) from error


#: columns that one run of a program computes, and what a run of values or of derivatives costs, in columns
BLOCKS, PRICES = (16, 64, 256), (150, 70)
#: the same where a function takes one film at a time, of which each may be a whole scan
FEW, FEW_PRICES = (1, 8, 64), (40, 10)
#: runs that another size must have saved before a program is made for it: tracing and loading one takes a second or two
WORTH = 3000


class Leaf(NamedTuple):
    """Where the real numbers of one value of a film lie: a number, a complex number (two) or a tensor."""

    element: int
    field: str
    shape: tuple[int, ...]
    is_complex: bool
    start: int

    @property
    def slots(self) -> range:
        return range(self.start, self.start + int(np.prod(self.shape, dtype=int)) * (2 if self.is_complex else 1))


class Numbers(NamedTuple):
    """A film taken apart: its form, where each value lies and the numbers themselves."""

    film: Film
    tree: Any
    leaves: tuple[Leaf, ...]
    values: np.ndarray

    @classmethod
    def of(cls, film: Film, named: bool) -> Numbers:
        """The numbers of one film, under its own names or under those that films of the same structure share."""
        register_with_jax()  # a film that was made before JAX was loaded
        film = film if named else _anonymous(film)
        found, tree = jax.tree_util.tree_flatten_with_path(film)
        leaves, parts, start = [], [], 0
        for (where, *fields), value in found:
            array = np.asarray(value)
            leaf = Leaf(where.idx, ".".join(f.name for f in fields), array.shape, np.iscomplexobj(array), start)
            start = leaf.slots.stop
            leaves.append(leaf)
            parts.append(array.reshape(-1).view(float) if leaf.is_complex else array.reshape(-1))
        return cls(film, tree, tuple(leaves), np.concatenate(parts).astype(float))

    def slot(self, element: int, field: str, component: tuple[int, ...] | None = None, part: str | None = None) -> int:
        """Position of one real number: of a component of a tensor, of a part of a complex number."""
        leaf = next(leaf for leaf in self.leaves if (leaf.element, leaf.field) == (element, field))
        at = 0 if component is None else int(np.ravel_multi_index(component, leaf.shape))
        return leaf.start + (2 * at + (part == "imag") if leaf.is_complex else at)


def assembled(leaf: Leaf, given: Mapping[int, Any], numbers: Any, batch: tuple[int, ...]) -> Any:
    """The value of one leaf: its own numbers, or (*batch, *shape) where some of them are `given`."""
    slots = leaf.slots
    xp = array_module(numbers, *given.values())
    if given.keys().isdisjoint(slots):
        flat = numbers[slots.start : slots.stop].reshape(-1, 2 if leaf.is_complex else 1)
        array = flat[:, 0] + 1j * flat[:, 1] if leaf.is_complex else flat[:, 0]
        return array.reshape(leaf.shape)
    parts = [xp.broadcast_to(given.get(slot, numbers[slot]), batch) for slot in slots]
    if leaf.is_complex:
        parts = [real + 1j * imag for real, imag in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0] if leaf.shape == () else xp.stack(parts, -1).reshape(*batch, *leaf.shape)


def _anonymous(film: Film) -> Film:
    """The same film under names that films of the same structure share."""
    names = {name: f"e{i}" for i, name in enumerate(dict.fromkeys(e.name for e in film.elements))}
    names["Interface"] = "Interface"  # named after its neighbours

    def renamed(element: Any) -> Any:
        changes = {"name": names[element.name]}
        if isinstance(element, Interface) and element.magnet is not None:
            changes["magnet"] = names.get(element.magnet, element.magnet)
        return element.replace(**changes)

    return Film(tuple(map(renamed, film.elements)))


@dataclass(frozen=True, eq=False)
class Structure:
    """What one set of programs is for; made by :func:`structure`, which gives the same one for the same parts.

    Attributes:
        numbers: form of the film and places of its values.
        slots: per free parameter the numbers that it stands for.
        function: of a film and the conditions as keywords, the outputs (columns, outputs), or (outputs,) of one film.
        absent: values of models that are zero and not free. What a model does may hang on it, so that they are part of
            the program and not of its numbers.
        together: whether `function` takes films as a batch; else films go to it one by one.
        compiled: an entry for every program that had to be compiled.
        counts: how many outputs there are, once that is known.
        sizes: columns of the programs that are there, with what other sizes would have saved, by kind of program.
    """

    tree: Any
    leaves: tuple[Leaf, ...]
    slots: tuple[tuple[int, ...], ...]
    absent: frozenset[Leaf]
    function: Callable[..., Any]
    together: bool
    compiled: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    sizes: dict[Any, dict[int, int]] = field(default_factory=dict)

    def film(self, free: Any, numbers: Any) -> Film:
        """The film with `free` (parameters, [columns]) in the place of some of its `numbers`."""
        given = {slot: free[j] for j, slots in enumerate(self.slots) for slot in slots}
        values = (
            np.zeros(leaf.shape) if leaf in self.absent else assembled(leaf, given, numbers, free.shape[1:])
            for leaf in self.leaves
        )
        return jax.tree.unflatten(self.tree, values)

    def outputs(self, free: Any, numbers: Any, conditions: Mapping[str, Any]) -> Any:
        """(columns, outputs) for `free` (parameters, columns)."""
        if self.together:
            found = self.function(self.film(free, numbers), **conditions)
            return jnp.broadcast_to(found, (free.shape[1], found.shape[-1]))
        return jax.vmap(lambda one: self.function(self.film(one, numbers), **conditions), 1)(free)

    def value(self, free: Any, numbers: Any, conditions: Mapping[str, Any]) -> Any:
        """(columns, outputs)."""
        self.compiled.append("value")
        return self.outputs(free, numbers, conditions)

    def both(self, free: Any, numbers: Any, conditions: Mapping[str, Any], chosen: tuple[int, ...] | None) -> Any:
        """(columns, outputs) and the derivatives (columns, chosen outputs or all, parameters).

        Every column has its own copy of each parameter, so one reverse pass for an output, with ones over the columns,
        gives a row of every column; or one forward pass a parameter, where there are fewer of these.
        """
        self.compiled.append("derivative")
        function = partial(self.outputs, numbers=numbers, conditions=conditions)
        if not self.counts:
            self.counts.append(jax.eval_shape(function, free).shape[1])
        outputs = self.counts[0]
        rows = np.arange(outputs) if chosen is None else np.asarray(chosen)
        if len(free) < len(rows):
            ones = jnp.broadcast_to(jnp.eye(len(free))[:, :, None], (len(free), *free.shape))
            value, change = jax.vmap(lambda one: jax.jvp(function, (free,), (one,)), out_axes=(None, 2))(ones)
            return value, change[:, rows]
        value, pull = jax.vjp(function, free)
        ones = jnp.broadcast_to(jnp.eye(outputs)[rows][:, None], (len(rows), *value.shape))
        return value, jax.vmap(lambda one: pull(one)[0])(ones).transpose(2, 0, 1)

    def size(self, kind: Any, count: int) -> int:
        """How many columns a run should have for `count` of them: a program that is there, while others save little.

        `kind` is False for values, else what :meth:`both` has chosen.
        """
        sizes, prices = (BLOCKS, PRICES) if self.together else (FEW, FEW_PRICES)
        price = prices[kind is not False]
        costs = {size: -(-count // size) * (size + price) for size in sizes}
        made = self.sizes.setdefault(kind, {})
        best = min(costs, key=costs.__getitem__)
        if not made or best in made:
            made.setdefault(best, 0)
            return best
        there = min(made, key=costs.__getitem__)
        made[there] += costs[there] - costs[best]
        if made[there] <= WORTH * price:
            return there
        made[there] = made[best] = 0
        return best

    @cached_property
    def programs(self) -> tuple[compiler.Staged, compiler.Staged]:
        """`value` and `both`, compiled when first asked for with arrays of some shape."""
        return compiler.Staged(self.value, 0), compiler.Staged(self.both, 1)


#: sets of columns of which a run keeps what is ready
READY = 16
#: those used last; a model keeps its own as long as it lives
_structures: OrderedDict[Any, Structure] = OrderedDict()
#: structures that are kept; the programs of one take some tens of MB
STRUCTURES = 64


def structure(
    numbers: Numbers, slots: Sequence[Sequence[int]], function: Callable[..., Any], together: bool, key: Any
) -> Structure:
    """The structure of these parts; `key` says what `function` is, None where nothing else may share it."""
    free = {slot for one in slots for slot in one}
    absent = (leaf for leaf in numbers.leaves if "." in leaf.field and free.isdisjoint(leaf.slots))
    zero = frozenset(leaf for leaf in absent if not numbers.values[leaf.slots.start : leaf.slots.stop].any())
    parts = (numbers.tree, numbers.leaves, tuple(map(tuple, slots)), zero)
    if key is None:
        return Structure(*parts, function, together)
    whole = (*parts, together, key)
    if whole not in _structures:
        _structures[whole] = Structure(*parts, function, together)
    _structures.move_to_end(whole)
    while len(_structures) > STRUCTURES:
        _structures.popitem(last=False)
    return _structures[whole]


@dataclass(frozen=True, eq=False)
class Run:
    """A structure with the numbers of one film and conditions: what a call needs beside the free parameters.

    Attributes:
        shared: conditions that every column has, by name.
        conditions: those with a leading axis of `each` of them.
        ready: for some columns, the points that they belong to and the program with all but these computed.
    """

    structure: Structure
    numbers: np.ndarray
    shared: Mapping[str, Any]
    conditions: Mapping[str, Any]
    each: int = 1
    ready: dict[Any, tuple[np.ndarray, Callable[..., Any]]] = field(default_factory=dict)

    def value(self, x: Any) -> Any:
        """(points, conditions, outputs) for x (points, parameters)."""
        if is_traced(x):
            return self._traced(x, self.structure.value)[0]
        return self._run(x, False)[0]

    def both(self, x: Any, chosen: tuple[int, ...] | None = None) -> tuple[Any, Any]:
        """The same, and the derivatives (points, conditions, chosen outputs, parameters)."""
        if is_traced(x):
            value, rows = self._traced(x, partial(self.structure.both, chosen=chosen))
        else:
            value, rows = self._run(x, chosen)
        return value, rows

    def trace(self, parameters: int) -> None:
        """Learn the shapes of the outputs without computing anything."""
        free = jax.ShapeDtypeStruct((parameters, 1), float)
        found = jax.eval_shape(self.structure.outputs, free, self.numbers, self._at(np.zeros(1, int)))
        self.structure.counts.append(found.shape[1])

    def _traced(self, x: Any, call: Callable[..., Any]) -> tuple[Any, ...]:
        conditions = self._at(np.tile(np.arange(self.each), len(x)))
        found = call(jnp.repeat(x, self.each, 0).T, self.numbers, conditions)
        return tuple(a.reshape(len(x), self.each, *a.shape[1:]) for a in jax.tree.leaves(found))

    def _run(self, x: Any, kind: Any) -> tuple[Any, ...]:
        parts = []
        size = self.structure.size(kind, count := len(x) * self.each)
        for start in range(0, count, size):
            stop = min(start + size, count)
            points, program = self._ready(kind, start, stop, size, x.shape[1])
            found = jax.tree.leaves(program(np.ascontiguousarray(x[points].T)))
            parts.append([np.asarray(a)[: stop - start] for a in found])
        whole = (np.concatenate(p) if len(p) > 1 else p[0] for p in zip(*parts, strict=True))
        return tuple(a.reshape(len(x), self.each, *a.shape[1:]) for a in whole)

    def _ready(self, kind: Any, start: int, stop: int, size: int, parameters: int) -> tuple[np.ndarray, Any]:
        """The points of columns from start to stop, and the program for as many as `size`."""
        key = kind, start % self.each, stop - start, size
        if key not in self.ready:
            if len(self.ready) >= READY:
                self.ready.clear()
            index = np.minimum(np.arange(start, start + size), stop - 1)
            value, both = self.structure.programs
            given = jax.ShapeDtypeStruct((parameters, size), float), self.numbers, self._at(index % self.each)
            program = value.at(*given) if kind is False else both.at(*given, chosen=kind)
            self.ready[key] = index // self.each - start // self.each, program
        points, program = self.ready[key]
        return points + start // self.each, program

    def _at(self, index: np.ndarray) -> Mapping[str, Any]:
        """The conditions of each column."""
        return {**self.shared, **jax.tree.map(lambda a: a[index], dict(self.conditions))}


class Flat:
    """A function of a film as one row of outputs, variable by variable.

    Args:
        function: gives an array or a mapping from name to array.
        ranks: axes of each variable behind those of the films; None where films go to it one by one.
    """

    def __init__(self, function: Callable[..., Any], ranks: tuple[int, ...] | None) -> None:
        self.function, self.ranks = function, ranks
        #: names and shapes of the variables, known once it has been traced
        self.found: dict[str, tuple[int, ...]] = {}

    def __call__(self, film: Film, **conditions: Any) -> Any:
        given = self.function(film, **conditions)
        values = dict(given) if isinstance(given, Mapping) else {"": given}
        parts = []
        for i, (name, value) in enumerate(values.items()):
            array = jnp.asarray(value if is_traced(value) or isinstance(value, list | tuple) else numbers_of(value))
            if jnp.iscomplexobj(array):
                why, remedy = (
                    "which it returned as complex numbers",
                    "Return real and imaginary parts under names of their own.",
                )
                raise ParameterError(why, field="observable", got=name or array.dtype.name, remedy=remedy)
            ahead = 0 if self.ranks is None else array.ndim - self.ranks[i]
            self.found[name] = array.shape[ahead:]
            parts.append(array.reshape(*array.shape[:ahead], -1))
        # what no film changes comes without their axis
        batch = np.broadcast_shapes(*(part.shape[:-1] for part in parts))
        return jnp.concatenate([jnp.broadcast_to(part, (*batch, part.shape[-1])) for part in parts], -1)
