"""Native programs inside JAX transformations: called from compiled code, with derivatives of their own.

:func:`solve` has the derivatives of the JAX program that it stands for (docs/methods/native_kernel.md, "Inside JAX"):
first ones from the native code, by those numbers alone that a transformation asks for, second ones from JAX. Batches
made by ``jax.vmap`` become more films of one call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.custom_derivatives import SymbolicZero

from spinstack.circuit import native
from spinstack.circuit.lower import Plan, Rows, Table, joined
from spinstack.circuit.native import COLUMNS, Described, Unknown
from spinstack.numerics import compiler

_NAME = "spinstack"
#: in the order of kernel/ffi.cpp
_PROGRAMS = ("sheet", "sheet_slope", "perpendicular", "faces", "inside")


@cache
def _registered() -> bool:
    """Whether XLA knows the library."""
    library = native.library()
    if library is None:
        return False
    jax.ffi.register_ffi_target(_NAME, jax.ffi.pycapsule(library.spinstack_traced), platform="cpu")
    return True


def possible() -> bool:
    """Whether compiled code can call the library: where JAX computes on the processor."""
    return compiler.on_processor() and _registered()


def solve(
    program: str,
    plan: Plan,
    table: Table,
    extra: tuple[Any, ...],
    unknown: Unknown | None,
    reference: Callable[..., Any],
    form: Callable[..., Any],
) -> Any:
    """What `reference`, the JAX program of the same name, gives of (table, *extra, given=unknown).

    form: makes it of the library's arrays.
    """
    known = tuple(
        columns if isinstance(kind, str) and (kind != "Scattering" or unknown is None) else {}
        for kind, columns in zip(plan.kinds, table.columns, strict=True)
    )
    arguments = (table._replace(columns=known), unknown, *extra)
    leaves, tree = jax.tree.flatten(arguments)
    size = max(leaf.shape[-1] for leaf in leaves)

    def in_jax(*leaves: Any) -> tuple[Array, ...]:
        table, unknown, *extra = jax.tree.unflatten(tree, leaves)
        found = reference(table, *extra, **({} if unknown is None else {"given": unknown}))
        return tuple(found[name] for name in native.NAMES.get(program, ())) or tuple(jax.tree.leaves(found))

    def in_library(leaves: Sequence[Any], asked: np.ndarray | None = None) -> list[Array]:
        table, unknown, *extra = jax.tree.unflatten(tree, leaves)
        return _call(program, Described.of(plan, table, unknown), extra, size, asked)

    def values(*leaves: Any) -> tuple[Array, ...]:
        return tuple(in_library(leaves))

    def derivative(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
        numbered = jax.tree.unflatten(tree, range(len(leaves)))
        varied, asked = _asked(plan, numbered, leaves, [not isinstance(t, SymbolicZero) for t in tangents])
        if not varied:
            arrays = solved(*primals)
            return arrays, tuple(map(jnp.zeros_like, arrays))
        found = _jacobian(in_library, in_jax, size, varied, asked)(*primals)
        arrays, jacobians = found[: len(found) // 2], found[len(found) // 2 :]
        flat = [tangents[i].reshape(-1, tangents[i].shape[-1]) for i in varied]
        ends = np.cumsum([len(part) for part in flat])

        def change(jacobian: Array) -> Array:
            parts = (
                jacobian[end - len(part) : end] * part.reshape(len(part), *(1,) * (jacobian.ndim - 2), -1)
                for end, part in zip(ends, flat, strict=True)
            )
            return sum((part.sum(0) for part in parts), jnp.zeros(jacobian.shape[1:]))

        return arrays, tuple(map(change, jacobians))

    if compiler.derivatives.get() == 0:
        return form(*values(*leaves))
    solved = jax.custom_jvp(values)
    solved.defjvp(derivative, symbolic_zeros=True)
    return form(*solved(*leaves))


def _asked(
    plan: Plan, numbered: tuple[Any, ...], leaves: Sequence[Any], wanted: Sequence[bool]
) -> tuple[list[int], np.ndarray]:
    """The `wanted` leaves that a formula reads, and kind, row, column, component (asked, 4) of their numbers.

    Numbers are asked for as kernel/film.hpp has them. numbered: the arguments of :func:`solve` with the number of each
    leaf in its place.
    """
    table, unknown, *extra = numbered
    kinds = tuple(COLUMNS)
    found: dict[Any, tuple[int, int, int, bool]] = {}
    takes = dict(plan.magnets)

    def enter(column: Any, kind: int, number: int, row: int = 0) -> None:
        for n, leaf in enumerate(column.rows if isinstance(column, Rows) else (column,)):
            found[leaf] = kind, row + n, number, not isinstance(column, Rows)

    for kind, columns in zip(plan.kinds, table.columns, strict=True):
        for name, column in columns.items():
            if name in COLUMNS[str(kind)]:
                enter(column, kinds.index(str(kind)), COLUMNS[str(kind)].index(name))
    enter(table.m, len(kinds), 0)
    found[table.B] = len(kinds) + 1, 0, 0, False
    found |= {leaf: (len(kinds) + 2, number, 0, False) for number, leaf in enumerate(extra)}
    if unknown is not None:
        for name, leaf in unknown.elements.items():
            if name in COLUMNS["Scattering"]:
                enter(leaf, kinds.index("Scattering"), COLUMNS["Scattering"].index(name))
        sinks, row = len(takes.get("MagneticInsulator", ())), leaves[table.m].shape[0]
        for face in unknown.faces:
            for number, name in enumerate(COLUMNS["MagneticInsulator"]):
                enter(face[name], kinds.index("MagneticInsulator"), number, sinks)
            enter(face["direction"], len(kinds), 0, row)
            count = leaves[face["direction"]].shape[0]
            sinks, row = sinks + count, row + count
    varied = [i for i, one in enumerate(wanted) if one and i in found]
    codes: list[tuple[int, int, int, int]] = []
    for i in varied:
        at, row, number, many = found[i]
        inner = leaves[i].shape[:-1]
        rows, components = (inner[0], inner[1:]) if many else (1, inner)
        count = int(np.prod(components, dtype=int))
        codes += [(at, row + n, number, c) for n in range(rows) for c in range(count)]
    return varied, np.array(codes, np.int32).reshape(-1, 4)


def _jacobian(
    in_library: Callable[..., list[Array]],
    in_jax: Callable[..., tuple[Array, ...]],
    size: int,
    varied: Sequence[int],
    asked: np.ndarray,
) -> Callable[..., tuple[Array, ...]]:
    """The arrays of the leaves, and then the derivatives of each (asked, ..., batch) by the leaves `varied`."""

    def native_ones(*leaves: Any) -> tuple[Array, ...]:
        return tuple(in_library(leaves, asked))

    if compiler.derivatives.get() == 1:
        return native_ones

    def by_jax(*leaves: Any) -> tuple[Array, ...]:
        def of(change: list[Array]) -> tuple[Array, ...]:
            new = list(leaves)
            for i, one in zip(varied, change, strict=True):
                new[i] = leaves[i] + one
            return in_jax(*new)

        none = [jnp.zeros((*leaves[i].shape[:-1], size)) for i in varied]
        counts = [int(np.prod(a.shape[:-1], dtype=int)) for a in none]
        each = np.split(np.eye(sum(counts)), np.cumsum(counts)[:-1], 1)
        ones = [
            jnp.broadcast_to(e.reshape(-1, *a.shape[:-1], 1), (sum(counts), *a.shape))
            for e, a in zip(each, none, strict=True)
        ]
        arrays, rows = jax.vmap(lambda one: jax.jvp(of, (none,), (one,)), out_axes=(None, 0))(ones)
        return (*arrays, *rows)

    found = jax.custom_jvp(native_ones)

    @found.defjvp
    def derivative(primals: Any, tangents: Any) -> Any:
        return jax.jvp(by_jax, primals, tangents)

    return found


def _call(
    program: str, described: Described, extra: Sequence[Any], size: int, asked: np.ndarray | None = None
) -> list[Array]:
    """The library's arrays (*shape, size) for a film, and where numbers are `asked` their derivatives."""
    shapes = native.PROGRAMS[program](described.structure.positions, described.layers, described.potentials)
    if asked is not None:
        shapes = (*shapes, *((len(asked), *shape) for shape in shapes))
    # what is the same for all films in one array, what varies in another: two operands, each computed in one loop
    parts: tuple[list[Any], list[Any]] = ([], [])
    lines = [0, 0]

    def place(column: Any) -> tuple[int, int]:
        array = jnp.asarray(joined(column), float)
        varies = array.shape[-1] > 1
        flat = array.reshape(-1, array.shape[-1])
        parts[varies].append(flat)
        lines[varies] += len(flat)
        return int(varies), lines[varies] - len(flat)

    numbers = [
        _PROGRAMS.index(program),
        native.threads(size),
        described.structure.positions,
        described.magnets,
        described.sinks,
    ]
    for rows, columns, magnet_of in zip(described.rows, described.columns, described.structure.magnet_of, strict=True):
        numbers += [rows, *(magnet_of[:rows]), len(columns)]
        for column in columns:
            numbers += place(column)
    numbers += [*place(described.m), *place(described.B)]
    operands = [jnp.concatenate(part) if part else jnp.zeros((1, 1)) for part in parts]
    numbers += [described.structure.segment_count, *described.structure.segments]
    attributes = {"structure": np.array(numbers, np.int32)} | ({} if asked is None else {"asked": asked})
    return list(_batched(attributes, tuple(shapes), size, [*operands, *(jnp.asarray(a, float) for a in extra)]))


def _batched(
    attributes: dict[str, np.ndarray], shapes: tuple[tuple[int, ...], ...], size: int, operands: Sequence[Array]
) -> Sequence[Array]:
    """One call, to which a batch of calls is a call with more films."""

    @jax.custom_batching.custom_vmap
    def call(*operands: Array) -> Any:
        out = [jax.ShapeDtypeStruct((*shape, size), float) for shape in shapes]
        return jax.ffi.ffi_call(_NAME, out)(*operands, **attributes)

    @call.def_vmap
    def many(count: int, batched: Sequence[bool], *operands: Array) -> Any:
        films = [_spread(a, own, count, size) for a, own in zip(operands, batched, strict=True)]
        found = _batched(attributes, shapes, count * size, films)
        out = [jnp.moveaxis(a.reshape(*a.shape[:-1], count, size), -2, 0) for a in found]
        return out, [True] * len(out)

    return call(*operands)


def _spread(a: Array, own: bool, count: int, size: int) -> Array:
    """An operand of each of so many calls as one of all their films; one number for all films stays one."""
    if not own:
        return a if a.shape[-1] == 1 else jnp.tile(a, count)
    a = jnp.moveaxis(a, 0, -2)
    return jnp.broadcast_to(a, (*a.shape[:-1], size)).reshape(*a.shape[:-2], count * size)
