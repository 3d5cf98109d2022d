"""Solving films: build every element, fold each segment, read the response (docs/methods/composition.md)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from spinstack.circuit import fold as join
from spinstack.circuit import law as laws
from spinstack.circuit.element import AffineElement, broadcast, concatenate, matrix
from spinstack.circuit.interface import insulator, interface
from spinstack.circuit.layer import inside, layer, mean_spin_current
from spinstack.circuit.lower import FACES, Plan, Row, Segment, Table, check_closed, kind_of, lower
from spinstack.circuit.magnet import magnet
from spinstack.circuit.scattering import scattering
from spinstack.numerics.arrays import array_module
from spinstack.numerics.smallmatrix import apply
from spinstack.stack import Film, ParameterError
from spinstack.stack.directions import in_plane_field

#: films solved together; a block of this size stays in cache
BLOCK = 256
#: films packed at once, which bounds memory
CHUNK = 64 * BLOCK


class Faces(NamedTuple):
    """The solved film at every face, elements bottom first (terminating ones included), per drive.

    psi, Q: (elements, 2 faces, 3, batch) [V], [A/m^2]; responses (elements, 3, batch): I_x, I_y [A/m], V [V];
    torque (elements, 3, batch): spin current that ends in a magnetisation [A/m^2]; mean_spin_current (elements, 3,
    batch): spin current averaged over the thickness of a layer [A/m^2], zero elsewhere.
    """

    psi: Array
    Q: Array
    responses: Array
    torque: Array
    mean_spin_current: Array


def _uniform(plan: Plan, table: Table, kind: str) -> tuple[dict[str, Array], Array, Array]:
    """Columns, m (rows, 3, batch) and B of one kind, all at the batch size that this kind needs."""
    columns = table.columns[kind]
    m = table.m[np.asarray(dict(plan.magnets)[kind])]
    size = max(leaf.shape[-1] for leaf in (*columns.values(), m, table.B))

    def fill(a: Array) -> Array:
        return jnp.broadcast_to(a, (*a.shape[:-1], size))

    return {name: fill(a) for name, a in columns.items()}, fill(m), fill(table.B)


def _laws(plan: Plan, table: Table) -> dict[str, tuple[laws.Law, Array]]:
    """Law and thickness (rows, batch) of every layer, by kind."""
    out: dict[str, tuple[laws.Law, Array]] = {}
    for kind in ("Metal", "Ferromagnet"):
        if kind in plan.kinds:
            columns, m, B = _uniform(plan, table, kind)
            law = laws.metal(columns, B) if kind == "Metal" else laws.ferromagnet(columns, m, B)
            out[kind] = law, columns["thickness"]
    return out


def _elements(plan: Plan, table: Table, batch: int) -> dict[str, AffineElement]:
    """Every element of the film, by kind."""
    out = {kind: layer(law, thickness) for kind, (law, thickness) in _laws(plan, table).items()}
    for kind, build in (("Interface", interface), ("MagneticInsulator", insulator)):
        if kind in plan.kinds:
            columns, m, _ = _uniform(plan, table, kind)
            out[kind] = build(columns, m)
    if "Scattering" in plan.kinds:
        out["Scattering"] = scattering(_uniform(plan, table, "Scattering")[0])
    for kind in set(plan.kinds) & set(FACES[1:]):
        out[kind] = magnet(kind, *_uniform(plan, table, kind))
    return {kind: broadcast(e, batch) for kind, e in out.items()}


def _segment(by_kind: dict[str, AffineElement], segment: Segment) -> tuple[AffineElement, Any, Any]:
    """The elements of one segment in order and the spin sinks at its two ends."""
    kinds = [k for k in by_kind if k not in FACES]
    start = dict(zip(kinds, np.cumsum([0] + [by_kind[k].direct.shape[0] for k in kinds]), strict=False))
    order = tuple(int(start[kind]) + row for kind, row in segment.rows)
    elements = concatenate([by_kind[k] for k in kinds], order)

    def sink(row: Row | None) -> Array | None:
        return None if row is None else by_kind[row[0]].lower_shunt[row[1]]

    return elements, sink(segment.bottom), sink(segment.top)


def _sheet(plan: Plan, table: Table, batch: int) -> Array:
    """Sheet conductance (2, 2, batch) [S]; segments conduct side by side, so their tensors add."""
    by_kind = _elements(plan, table, batch)
    total = jnp.zeros((2, 2, batch))
    for segment in plan.segments:
        elements, bottom, top = _segment(by_kind, segment)
        elements = elements.in_plane()
        none = join.no_shunt(elements)
        ends = (none if sink is None else sink for sink in (bottom, top))
        total = total + join.respond(elements, *ends)
    return total


def _sheet_slope(plan: Plan, table: Table, batch: int, along: Array) -> tuple[Array, Array]:
    """Sheet conductance without field and its derivative by a field `along` (3, batch) [S], [S/T]."""
    along = jnp.broadcast_to(along, (3, batch))

    def at(B: Array) -> Array:
        return _sheet(plan, table._replace(B=B), batch)

    return jax.jvp(at, (jnp.zeros_like(along),), (along,))


def _perpendicular(plan: Plan, table: Table, batch: int) -> Array:
    """Resistance times area (1, batch) [Ohm m^2] between reservoirs without spin accumulation."""
    elements, _, _ = _segment(_elements(plan, table, batch), plan.segments[0])
    port = join.fold(join.reservoir(elements), AffineElement(*(a[1:] for a in elements)))
    return port.direct[2, 2][None]


def _faces(plan: Plan, table: Table, batch: int, E: Array) -> Faces:
    """The whole solution in an in-plane field E (2, batch or 1), charge current along z zero."""
    by_kind = _elements(plan, table, batch)
    drives = jnp.concatenate([jnp.broadcast_to(E, (2, batch)), jnp.zeros((1, batch))])
    count = 1 + max(max((*s.elements, s.bottom_element or 0, s.top_element or 0)) for s in plan.segments)
    psi = jnp.zeros((count, 2, 3, batch))
    Q, responses, torque = jnp.zeros_like(psi), jnp.zeros((count, 3, batch)), jnp.zeros((count, 3, batch))
    for segment in plan.segments:
        elements, bottom, top = _segment(by_kind, segment)
        port, steps = join.fold_keeping(join.closed(elements, bottom), elements)
        top_psi = apply(join.close(port, top)[0], drives)
        lower, upper = join.back_substitute(top_psi, steps, drives)
        low, high, r = elements.currents(lower, upper, jnp.broadcast_to(drives, (lower.shape[0], *drives.shape)))
        where = np.asarray(segment.elements)
        psi = psi.at[where].set(jnp.stack([lower, upper], 1))
        Q = Q.at[where].set(jnp.stack([low, high], 1))
        responses = responses.at[where].set(r)
        absorbed = apply(elements.lower_torque, lower) + apply(elements.upper_torque, upper)
        torque = torque.at[where].set(absorbed + apply(elements.torque_source, drives))
        for element, row, face, value, current in (
            (segment.bottom_element, segment.bottom, 1, lower[0], low[0]),
            (segment.top_element, segment.top, 0, upper[-1], high[-1]),
        ):
            if row is None or element is None:
                continue
            kind, number = row
            psi, Q = psi.at[element, face].set(value), Q.at[element, face].set(current)
            torque = torque.at[element].add(apply(by_kind[kind].lower_torque[number], value))
    return Faces(psi, Q, responses, torque, _mean_spin_current(plan, table, psi, drives))


def _mean_spin_current(plan: Plan, table: Table, psi: Array, drives: Array) -> Array:
    mean = jnp.zeros((psi.shape[0], *psi.shape[2:]))
    positions = {kind_row: i for s in plan.segments for kind_row, i in zip(s.rows, s.elements, strict=True)}
    for kind, (law, thickness) in _laws(plan, table).items():
        where = np.asarray([positions[kind, row] for row in range(thickness.shape[0])])
        mean = mean.at[where].set(mean_spin_current(law, thickness, psi[where, 0], psi[where, 1], drives))
    return mean


def _inside(
    plan: Plan, table: Table, batch: int, fraction: Array, lower: Array, upper: Array, E: Array
) -> dict[str, Array]:
    """The inside of every layer (rows by kind, see `Plan`) at `fraction` (1, batch) of its thickness."""
    fraction = jnp.broadcast_to(fraction[0], (batch,))
    drives = jnp.concatenate([E, jnp.zeros_like(E[:1])])
    start, parts = 0, []
    for law, thickness in _laws(plan, table).values():
        rows = slice(start, start + thickness.shape[0])
        start = rows.stop
        parts.append(inside(law, thickness, lower[rows], upper[rows], drives, fraction))
    return {name: jnp.concatenate([p[name] for p in parts]) for name in parts[0]}


def _unpack(layout: tuple[tuple[int, ...], ...], tree: Any, packed: Array) -> Any:
    """The arrays that :func:`_pack` laid into one."""
    leaves, row = [], 0
    for shape in layout:
        rows = int(np.prod(shape, dtype=int))
        leaves.append(packed[row : row + rows].reshape(*shape, packed.shape[-1]))
        row += rows
    return jax.tree.unflatten(tree, leaves)


def _pack(leaves: list[Any], start: int, stop: int) -> np.ndarray:
    """Films start to stop as (blocks, rows, BLOCK); the last block is filled up with copies of the last film."""
    size = stop - start
    whole, blocks = size // BLOCK, -(-size // BLOCK)
    rows = sum(int(np.prod(leaf.shape[:-1], dtype=int)) for leaf in leaves)
    packed = np.empty((blocks, rows, BLOCK))
    row = 0
    for leaf in leaves:
        flat = np.asarray(leaf).reshape(-1, leaf.shape[-1])
        into = packed[:, row : (row := row + len(flat))]
        if flat.shape[-1] == 1:
            into[...] = flat
            continue
        into[:whole] = flat[:, start : start + whole * BLOCK].reshape(len(flat), whole, BLOCK).swapaxes(0, 1)
        if whole < blocks:
            rest = flat[:, start + whole * BLOCK : stop]
            into[whole, :, : rest.shape[-1]] = rest
            into[whole, :, rest.shape[-1] :] = rest[:, -1:]
    return packed


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _run(solve: Callable[..., Any], plan: Plan, layout: tuple[tuple[int, ...], ...], tree: Any, packed: Array) -> Any:
    table, *extra = _unpack(layout, tree, packed)
    return solve(plan, table, packed.shape[-1], *extra)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _run_traced(solve: Callable[..., Any], plan: Plan, size: int, table: Table, *extra: Array) -> Any:
    return solve(plan, table, size, *extra)


def _evaluate(solve: Callable[..., Any], plan: Plan, table: Table, *extra: Any) -> Any:
    """`solve` for a whole batch: one compiled program for blocks of BLOCK films, NumPy in, NumPy out.

    Traced input (inside a JAX transformation) stays traced and is solved as one block.
    """
    leaves, tree = jax.tree.flatten((table, *extra))
    size = max(leaf.shape[-1] for leaf in leaves)
    if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
        return _run_traced(solve, plan, size, table, *extra)
    layout = tuple(leaf.shape[:-1] for leaf in leaves)
    parts: list[Any] = []
    for start in range(0, size, CHUNK):
        packed = _pack(leaves, start, min(start + CHUNK, size))
        solved = [_run(solve, plan, layout, tree, block) for block in packed]
        parts += [jax.tree.map(np.asarray, part) for part in solved]
    if len(parts) == 1:
        return jax.tree.map(lambda a: a[..., :size], parts[0])
    return jax.tree.map(lambda *a: np.concatenate(a, -1)[..., :size], *parts)


def _shaped(value: Any, batch: tuple[int, ...]) -> Any:
    """(..., batch size) -> (*batch, ...)."""
    xp = jnp if isinstance(value, jax.core.Tracer) else np
    value = xp.broadcast_to(value, (*value.shape[:-1], int(np.prod(batch, dtype=int))))
    return xp.moveaxis(value, -1, 0).reshape(*batch, *value.shape[:-1])


def _lower_closed(film: Film, m: Any, B: Any, T: Any) -> tuple[Plan, Table, tuple[int, ...]]:
    """:func:`lower` for a film whose outer faces are closed."""
    plan, table, batch = lower(film, m, B, T)
    check_closed(film, plan)
    return plan, table, batch


def sheet_conductance(film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), T: Any = None) -> Any:
    """Sheet conductance tensor (..., 2, 2) [S]; m, B (..., 3) and T (...) broadcast with batched parameters."""
    plan, table, batch = _lower_closed(film, m, B, T)
    return _shaped(_evaluate(_sheet, plan, table), batch)


def sheet_conductance_slope(film: Film, m: Any, along: Any, T: Any = None) -> tuple[Any, Any]:
    """Sheet conductance (..., 2, 2) [S] without field and its derivative [S/T] by a field along a unit vector (3)."""
    plan, table, batch = _lower_closed(film, m, (0.0, 0.0, 0.0), T)
    G, slope = _evaluate(_sheet_slope, plan, table, np.asarray(along)[:, None])
    return _shaped(G, batch), _shaped(slope, batch)


def perpendicular(film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0)) -> Any:
    """Resistance times area (...) [Ohm m^2] between two reservoirs; raises where the film carries no charge along z."""
    plan, table, batch = lower(film, m, B)
    if any(not e.conducts for e in film.elements):
        name = next(e.name for e in film.elements if not e.conducts)
        raise ParameterError(f"The film carries no charge across {name!r}. Remove it for perpendicular transport.")
    return _shaped(_evaluate(_perpendicular, plan, table), batch)[..., 0]


def faces(film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), E: Any = (1.0, 0.0), T: Any = None) -> Faces:
    """Potentials, spin currents, responses and torques at every face in the field E (2) [V/m]; batch axes first."""
    plan, table, batch = _lower_closed(film, m, B, T)
    solved = _evaluate(_faces, plan, table, in_plane_field(E)[:, None])
    return Faces(*(_shaped(a, batch) for a in solved))


def layer_profiles(
    film: Film, m: Any, B: Any, E: Any, fractions: np.ndarray, T: Any = None
) -> tuple[list[int], dict[str, Any], Any]:
    """The inside of each layer at `fractions` of its thickness.

    Returns the layers' positions in the film, arrays (..., layers, points, components) and the drop of the potential
    across every element (..., elements) [V].
    """
    plan, table, batch = _lower_closed(film, m, B, T)
    field = in_plane_field(E)
    solved = _evaluate(_faces, plan, table, field[:, None])
    where = [i for kind in ("Metal", "Ferromagnet") for i, e in enumerate(film.elements) if type(e).__name__ == kind]
    n, films = len(fractions), solved.psi.shape[-1]
    xp = array_module(solved.psi, field)
    # every film once for every point
    table = jax.tree.map(lambda a: xp.repeat(a, n, -1) if a.shape[-1] > 1 else a, table)
    psi = xp.repeat(solved.psi[np.asarray(where)], n, -1)
    fields = xp.broadcast_to(field[:, None], (2, n * films))
    out = _evaluate(_inside, plan, table, np.tile(fractions, films)[None], psi[:, 0], psi[:, 1], fields)
    order = np.argsort(where)

    def sorted_out(value: Any) -> Any:
        value = xp.moveaxis(value.reshape(*value.shape[:-1], films, n), -1, 1)[order]
        return _shaped(value, batch)

    return [where[i] for i in order], {k: sorted_out(v) for k, v in out.items()}, _shaped(solved.responses[:, 2], batch)


def element_matrix(film: Film, index: int, m: Any = None, B: Any = (0.0, 0.0, 0.0), T: Any = None) -> np.ndarray:
    """The 10x10 matrix of one element of one film, see :func:`spinstack.circuit.element.matrix`."""
    plan, table, batch = lower(film, m, B, T)
    if batch != ():
        raise ParameterError(f"element_matrix: got a batch of shape {batch}. Allowed: one film, one m, one B.")
    element = film.elements[index]
    kind = kind_of(element)
    if kind == "Vacuum":
        return np.zeros((10, 10))
    row = sum(kind_of(e) == kind for e in film.elements[:index])
    one = AffineElement(*(a[row, ..., 0] for a in _elements(plan, table, 1)[kind]))
    return matrix(one, element.conducts)
