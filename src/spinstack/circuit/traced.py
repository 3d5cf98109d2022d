"""Native programs inside JAX transformations: called from compiled code, with derivatives of their own.

:func:`solve` has the derivatives of the JAX program that it stands for (docs/methods/native_kernel.md, "Inside JAX"):
of the sheet conductance from the native code, by those numbers alone that a transformation asks for; of other programs,
and second ones, from JAX. Batches made by ``jax.vmap`` become more films of one call.
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
_PROGRAMS = ("sheet", "sheet_slope", "perpendicular", "faces", "inside")
#: number of the derivatives of the sheet conductance among the programs of kernel/ffi.cpp
_JACOBIAN = len(_PROGRAMS)


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

    def in_jax(*leaves: Any) -> Any:
        table, unknown, *extra = jax.tree.unflatten(tree, leaves)
        return reference(table, *extra, **({} if unknown is None else {"given": unknown}))

    def values(*leaves: Any) -> Any:
        table, unknown, *extra = jax.tree.unflatten(tree, leaves)
        described = Described.of(plan, table, unknown)
        shapes = native.PROGRAMS[program](described.structure.positions, described.layers)
        return form(*_call(_PROGRAMS.index(program), described, extra, shapes, size))

    def derivative(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
        if program != "sheet":
            return jax.jvp(in_jax, primals, tuple(map(_zeros, tangents)))
        varied = tuple(i for i, tangent in enumerate(tangents) if not isinstance(tangent, SymbolicZero))
        asked = _asked(plan, jax.tree.unflatten(tree, range(len(leaves))), leaves, varied)
        G, jacobian = _with_derivatives(plan, tree, in_jax, size, varied, asked)(*primals)
        change = jnp.zeros_like(G)
        start = 0
        for i in varied:
            flat = tangents[i].reshape(-1, tangents[i].shape[-1])
            change = change + (jacobian[start : (start := start + len(flat))] * flat[:, None, None]).sum(0)
        return G, change

    if compiler.derivatives.get() == 0:
        return values(*leaves)
    solved = jax.custom_jvp(values)
    solved.defjvp(derivative, symbolic_zeros=True)
    return solved(*leaves)


def _zeros(tangent: Any) -> Any:
    return jnp.zeros(tangent.shape, tangent.dtype) if isinstance(tangent, SymbolicZero) else tangent


def _asked(plan: Plan, numbered: tuple[Any, ...], leaves: Sequence[Any], varied: tuple[int, ...]) -> np.ndarray:
    """Kind, row, column and component (asked, 4) of every number of the leaves `varied`, as kernel/film.hpp has them.

    numbered: the arguments of :func:`solve` with the number of each leaf in its place.
    """
    table, unknown, *_ = numbered
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
    codes: list[tuple[int, int, int, int]] = []
    for i in varied:
        inner = leaves[i].shape[:-1]
        if i not in found:  # read by no formula
            codes += [(-1, 0, 0, 0)] * int(np.prod(inner, dtype=int))
            continue
        at, row, number, many = found[i]
        rows, components = (inner[0], inner[1:]) if many else (1, inner)
        count = int(np.prod(components, dtype=int))
        codes += [(at, row + n, number, c) for n in range(rows) for c in range(count)]
    return np.array(codes, np.int32).reshape(-1, 4)


def _with_derivatives(
    plan: Plan, tree: Any, in_jax: Callable[..., Array], size: int, varied: tuple[int, ...], asked: np.ndarray
) -> Callable[..., tuple[Array, Array]]:
    """Sheet conductance (2, 2, batch) of the leaves and its derivatives (asked, 2, 2, batch) by those `varied`."""

    def native_ones(*leaves: Any) -> Any:
        table, unknown, *_ = jax.tree.unflatten(tree, leaves)
        shapes = (2, 2), (len(asked), 2, 2)
        return tuple(_call(_JACOBIAN, Described.of(plan, table, unknown), (), shapes, size, asked))

    if compiler.derivatives.get() == 1:
        return native_ones

    def in_steps(*leaves: Any) -> Any:
        def of(change: list[Array]) -> Array:
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
        G, rows = jax.vmap(lambda one: jax.jvp(of, (none,), (one,)), out_axes=(None, 0))(ones)
        return G, rows

    found = jax.custom_jvp(native_ones)

    @found.defjvp
    def derivative(primals: Any, tangents: Any) -> Any:
        return jax.jvp(in_steps, primals, tangents)

    return found


def _call(
    program: int,
    described: Described,
    extra: Sequence[Any],
    shapes: Sequence[tuple[int, ...]],
    size: int,
    asked: np.ndarray | None = None,
) -> list[Array]:
    """The library's arrays (*shape, size) for a film."""
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

    numbers = [program, native.threads(size), described.structure.positions, described.magnets, described.sinks]
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
