"""From the columns of a table to the arrays of solved films: the only place where films are solved.

Everything above it (:mod:`spinstack.circuit.solve`) describes and labels, everything it calls is one formula of
docs/methods. A call is ``evaluate(program, plan, table, *extra)`` with

* `program`, one of :func:`sheet`, :func:`sheet_slope`, :func:`perpendicular`, :func:`faces`, :func:`inside`,
* `plan` (:class:`spinstack.circuit.lower.Plan`), which kinds of elements stand in which order,
* `table` (:class:`spinstack.circuit.lower.Table`), one column per parameter, batch last,
* `extra`, arrays of the program's own, batch last.

Here JAX compiles one program per plan for blocks of films, or for all of them on a device; few films go through a
program that all plans of a pattern share (:mod:`spinstack.circuit.general`). Where
:mod:`spinstack.circuit.native` knows a program and the elements, it solves the films without any compiler, since the
plan is data, also inside JAX transformations (:mod:`spinstack.circuit.traced`). Nothing else knows how it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from spinstack.circuit import fold as join
from spinstack.circuit import general, layer, native, orbital, orbital_interface, traced
from spinstack.circuit import law as laws
from spinstack.circuit.arrangement import Arrangement, Stretch
from spinstack.circuit.element import AffineElement, broadcast, concatenate
from spinstack.circuit.interface import insulator, interface, interface_spread, sink_spread
from spinstack.circuit.junction import Absorbed, absorbed, junction
from spinstack.circuit.lower import LAYERS, Kind, Plan, Table, ends_conductor, whole
from spinstack.circuit.magnet import magnet, sublattices
from spinstack.circuit.native import Unknown
from spinstack.circuit.scattering import interfaces, scattering
from spinstack.circuit.sided import sided
from spinstack.numerics import compiler
from spinstack.numerics.keeping import block
from spinstack.numerics.progress import tell
from spinstack.numerics.smallmatrix import apply, frame, transpose

#: films solved together; a block of this size stays in cache
BLOCK = 256
#: elements of all films of a block together, which bounds memory and the time until it is done
_MOST_ELEMENTS = 2**16
#: the same on a device of its own, where every block is a few hundred calls: some gigabytes
_DEVICE_ELEMENTS = 2**22
#: films from which on a device is asked for what the library could solve
DEVICE = 2**16
#: blocks packed at once, which bounds memory
BLOCKS = 64
#: compiled programs that are kept, those used last; one takes about 12 MB
PROGRAMS = 64
#: blocks under way while the next is handed over
_AHEAD = 8


class Faces(NamedTuple):
    """The solved film at every face, elements bottom first (terminating ones included), per drive.

    psi, Q: (elements, 2 faces, 3, batch) [V], [A/m^2], with orbital moments six rows, these last; responses (elements,
    3, batch): I_x, I_y [A/m], V [V]; torque (elements, 3, batch): spin current that ends in a magnetisation [A/m^2], of
    a tunnel junction at its two magnets;
    mean_spin_current (elements, 3, batch): spin current averaged over the thickness of a layer [A/m^2], zero elsewhere.
    """

    psi: Array
    Q: Array
    responses: Array
    torque: Array
    mean_spin_current: Array


def _uniform(at: Arrangement, table: Table, kind: Kind) -> tuple[dict[str, Array], Array, Array]:
    """Columns, m (rows, 3, batch) and B of one kind, all at the batch size that this kind needs.

    m of tunnel junctions: (rows, 2, 3, batch), below and above.
    """
    columns = table.columns[at.kinds.index(kind)]
    m = table.m[at.magnets[kind]]
    size = max(leaf.shape[-1] for leaf in (*columns.values(), m, table.B))

    def fill(a: Array) -> Array:
        return jnp.broadcast_to(a, (*a.shape[:-1], size))

    return {name: fill(a) for name, a in columns.items()}, fill(m), fill(table.B)


#: of layers with spin alone, or with orbital moments beside it
Law = laws.Law | orbital.OrbitalLaw


def room(law: Law) -> Any:
    """The functions of layers with such a law."""
    return orbital if isinstance(law, orbital.OrbitalLaw) else layer


def layers(at: Arrangement, table: Table) -> list[tuple[tuple[Kind, ...], Law, Array]]:
    """Kinds, law and thickness (rows, batch) of the layers; kinds with the same batch size stand in one group."""
    found: list[tuple[tuple[Kind, ...], Law, Array]] = []
    for kind in LAYERS:
        if kind in at.kinds:
            columns, m, B = _uniform(at, table, kind)
            law = _law(kind, columns, m, B, _main_axis(at, table))
            law = _orbital_law(kind, columns, B, law) if at.orbital else law
            found.append(((kind,), law, columns["thickness"]))
    if len({thickness.shape[-1] for *_, thickness in found}) == 1:
        kinds, parts, thickness = zip(*found, strict=True)
        joined = jax.tree.map(lambda *arrays: jnp.concatenate(arrays), *parts)
        return [(sum(kinds, ()), joined, jnp.concatenate(thickness))]
    return found


def _law(kind: str, columns: dict[str, Array], m: Array, B: Array, axis: Array) -> Law:
    if kind == "Metal":
        return laws.metal(columns, B, axis)
    return laws.altermagnet(columns, B) if kind == "Altermagnet" else laws.ferromagnet(columns, m, B)


def _orbital_law(kind: str, columns: dict[str, Array], B: Array, spin: Any) -> Law:
    if kind == "Metal":
        return orbital.metal(columns, B, spin)
    return orbital.altermagnet(columns, spin) if kind == "Altermagnet" else orbital.ferromagnet(columns, spin)


def _main_axis(at: Arrangement, table: Table) -> Array:
    """m (3, batch) of the magnet, or Neel vector of an altermagnet, along and across which conductances differ most."""
    if "Altermagnet" in at.kinds:
        return _axis_with_altermagnets(at, table)
    most = _most_spread(at, table)
    return jnp.take_along_axis(table.m, most.argmax(0)[None, None], 0)[0] if table.m.shape[0] > 1 else table.m[0]


def _axis_with_altermagnets(at: Arrangement, table: Table) -> Array:
    columns, _, _ = _uniform(at, table, "Altermagnet")
    own, axes = jnp.abs(jnp.log(laws.altermagnet_spread(columns))), laws.neel_vector(columns)
    if at.real is not None:
        own = jnp.where(at.real["Altermagnet"][:, None], own, -1.0)
    others = jnp.where(_has_magnet(at), _most_spread(at, table), -1.0)  # without a magnet m is nobody's
    size = max(a.shape[-1] for a in (own, others, axes, table.m))
    spreads = jnp.concatenate([jnp.broadcast_to(a, (a.shape[0], size)) for a in (others, own)])
    axes = jnp.concatenate([jnp.broadcast_to(a, (*a.shape[:-1], size)) for a in (table.m, axes)])
    return jnp.take_along_axis(axes, spreads.argmax(0)[None, None], 0)[0]


def _has_magnet(at: Arrangement) -> Any:
    """Whether the film has elements that may have an m, beside altermagnets."""
    kinds = [kind for kind in at.kinds if kind not in ("Altermagnet", "Metal")]
    if at.real is None or not kinds:
        return bool(kinds)
    return jnp.concatenate([at.real[kind] for kind in kinds]).any()


def _most_spread(at: Arrangement, table: Table) -> Array:
    """By how much conductances along and across m differ at most, of each m (magnets, batch)."""
    rows = [jnp.zeros((table.m.shape[0], 1))]
    for kind, share in (
        ("Ferromagnet", laws.spread),
        ("Interface", interface_spread),
        ("MagneticInsulator", sink_spread),
    ):
        if kind in at.kinds and (table.m.shape[0] > 1 or "Altermagnet" in at.kinds):
            found = jnp.abs(jnp.log(share(table.columns[at.kinds.index(kind)])))
            belongs = np.arange(table.m.shape[0])[:, None] == at.magnets[kind]
            if at.real is not None:
                belongs = belongs & at.real[kind][None]
            rows.append(jnp.where(belongs[:, :, None], found[None], 0.0).max(1))
    size = max(row.shape[-1] for row in rows)
    return jnp.stack([jnp.broadcast_to(row, (row.shape[0], size)) for row in rows]).max(0)


def spin_frame(at: Arrangement, table: Table) -> Array:
    """The frame (3, 3, batch) from which spin is seen while a film is solved: its third axis is the main one.

    Admittances that differ by many decades along and across m then stand apart and keep their digits. No answer depends
    on the frame, so it is a constant to every derivative.
    """
    return lax.stop_gradient(frame(_main_axis(at, table)))


def elements(
    plan: Plan | Arrangement, table: Table, batch: int, R: Array, given: Unknown | None = None
) -> dict[tuple[Kind, ...], AffineElement]:
    """Every element of the film: by kinds, the rows of one kind after those of the other; spin seen from frame R.

    given: what :func:`unknown` gives, where it is known already.
    """
    at = Arrangement.of(plan)
    given = unknown(at, table, batch) if given is None else given
    out = {kinds: room(law).layer(law.turned(R), thickness) for kinds, law, thickness in layers(at, table)}
    for kind, build in (("Interface", interface), ("TunnelJunction", junction), ("MagneticInsulator", insulator)):
        if kind in at.kinds:
            columns, m, _ = _uniform(at, table, kind)
            out[kind,] = build(columns, m, R)
            if at.orbital and kind == "Interface":
                out[kind,] = orbital_interface.interface(out[kind,], columns, m, R)
            elif at.orbital:
                out[kind,] = orbital_interface.face(out[kind,])
    if "Scattering" in at.kinds:
        out["Scattering",] = interfaces(given.elements).turned(R)
    if "Sided" in at.kinds:
        out["Sided",] = sided(_uniform(at, table, "Sided")[0]).turned(R)
    magnets = [kind for kind in at.kinds if isinstance(kind, type)]
    for k, faces in zip(magnets, given.faces, strict=True):
        out[k,] = magnet(faces, at.rows(k), R)
        out[k,] = orbital_interface.face(out[k,]) if at.orbital else out[k,]
    return {kinds: broadcast(e, batch) for kinds, e in out.items()}


_compiled_elements = compiler.jit(elements, static_argnums=(0, 2))


def element(plan: Plan, table: Table, kind: Kind, row: int) -> AffineElement:
    """One element of one film: arrays without the axes of elements and batch."""
    rows = {kind: len(magnets) for kind, magnets in plan.magnets}
    lab = jnp.eye(3)[:, :, None]
    kinds, found = next((k, e) for k, e in _compiled_elements(plan, table, 1, lab).items() if kind in k)
    at = sum(rows[k] for k in kinds[: kinds.index(kind)]) + row
    return AffineElement(*(a[at, ..., 0] for a in found))


class Built(NamedTuple):
    """The elements of a film in one stack each: what conducts, and the faces that end conductors, where there are any.

    frame (3, 3, batch): from which their spin is seen.
    """

    stack: list[AffineElement]
    faces: AffineElement | None
    frame: Array


def build(at: Arrangement, table: Table, batch: int, frame: Array | None = None, given: Unknown | None = None) -> Built:
    """The elements, spin seen from the film's own frame where none is given."""
    R = spin_frame(at, table) if frame is None else frame
    stack: list[AffineElement] = []
    faces: list[AffineElement] = []
    for kinds, element in elements(at, table, batch, R, given).items():
        (faces if ends_conductor(kinds[0]) else stack).append(element)
    if at.padded:  # a face where there is none
        faces.append(AffineElement(*(jnp.zeros_like(a[:1]) for a in faces[0])))
    joined = AffineElement(*(jnp.concatenate(parts) for parts in zip(*faces, strict=True))) if faces else None
    return Built(stack, joined, R)


def stacked(built: Built, stretch: Stretch) -> tuple[AffineElement, Array | None, Array | None]:
    """The elements of one stretch in order and the spin sinks at its two ends."""

    def sink(face: Any) -> Array | None:
        return None if face is None or built.faces is None else built.faces.lower_shunt[face]

    return concatenate(built.stack, stretch.order), sink(stretch.bottom), sink(stretch.top)


def sheet(plan: Plan | Arrangement, table: Table, batch: int, *, given: Unknown | None = None) -> Array:
    """Sheet conductance (2, 2, batch) [S]; stretches conduct side by side, so their tensors add."""
    at = Arrangement.of(plan)
    built = build(at, table, batch, given=given)
    total = jnp.zeros((2, 2, batch))
    for stretch in at.stretches:
        stack, bottom, top = stacked(built, stretch)
        stack = stack.in_plane()
        if stretch.present is not None:
            port = join.fold(join.closed(stack, bottom), stack, stretch.present)
            total = total + join.close(port, top)[1]
            continue
        none = join.no_shunt(stack)
        ends = (none if sink is None else sink for sink in (bottom, top))
        total = total + join.respond(stack, *ends)
    return total


def sheet_slope(
    plan: Plan | Arrangement, table: Table, batch: int, along: Array, *, given: Unknown | None = None
) -> tuple[Array, Array]:
    """Sheet conductance without field and its derivative by a field `along` (3, batch) [S], [S/T]."""
    along = jnp.broadcast_to(along, (3, batch))

    def at(B: Array) -> Array:
        return sheet(plan, table._replace(B=B), batch, given=given)

    return jax.jvp(at, (jnp.zeros_like(along),), (along,))


def perpendicular(plan: Plan | Arrangement, table: Table, batch: int, *, given: Unknown | None = None) -> Array:
    """Resistance times area (1, batch) [Ohm m^2] between reservoirs without spin accumulation."""
    at = Arrangement.of(plan)
    (stretch,) = at.stretches
    stack, _, _ = stacked(build(at, table, batch, given=given), stretch)
    port = join.fold(join.reservoir(stack), AffineElement(*(a[1:] for a in stack)), _others(stretch))
    return port.direct[2, 2][None]


def _others(stretch: Stretch) -> Any:
    """Which elements but the lowest there are."""
    return None if stretch.present is None else stretch.present[1:]


def faces(plan: Plan | Arrangement, table: Table, batch: int, E: Array, *, given: Unknown | None = None) -> Faces:
    """The whole solution in an in-plane field E (2, batch or 1), charge current along z zero."""
    drives = jnp.concatenate([jnp.broadcast_to(E, (2, batch)), jnp.zeros((1, batch))])
    return _solved(plan, table, batch, drives, given)


def crossed(
    plan: Plan | Arrangement, table: Table, batch: int, current: Array, *, given: Unknown | None = None
) -> Faces:
    """The whole solution for a charge current (1, batch or 1) [A/m^2] along z between reservoirs, nothing in the plane.

    The reservoirs hold psi at the outer faces at zero.
    """
    drives = jnp.concatenate([jnp.zeros((2, batch)), jnp.broadcast_to(current, (1, batch))])
    return _solved(plan, table, batch, drives, given, reservoirs=True)


def _solved(
    plan: Plan | Arrangement,
    table: Table,
    batch: int,
    drives: Array,
    given: Unknown | None,
    reservoirs: bool = False,
) -> Faces:
    """The whole solution for drives (3, batch) of a film whose outer faces are closed, or held by reservoirs."""
    at = Arrangement.of(plan)
    built = build(at, table, batch, given=given)
    psi = jnp.zeros((at.places, 2, 6 if at.orbital else 3, batch))
    Q, responses, torque = jnp.zeros_like(psi), jnp.zeros((at.places, 3, batch)), jnp.zeros((at.places, 3, batch))
    for stretch in at.stretches:
        stack, bottom, top = stacked(built, stretch)
        if reservoirs:
            none, others = jnp.zeros((1, psi.shape[2], batch)), AffineElement(*(a[1:] for a in stack))
            _, steps = join.fold_keeping(join.reservoir(stack), others, _others(stretch))
            between, _ = join.back_substitute(none[0], steps, drives)
            lower, upper = jnp.concatenate([none, between]), jnp.concatenate([between, none])
        else:
            port, steps = join.fold_keeping(join.closed(stack, bottom), stack, stretch.present)
            top_psi = apply(join.close(port, top)[0], drives)
            lower, upper = join.back_substitute(top_psi, steps, drives)
        each = jnp.broadcast_to(drives, (lower.shape[0], *drives.shape))
        low, high, r = stack.currents(lower, upper, each)
        where = stretch.elements
        psi = _put(psi, where, jnp.stack([lower, upper], 1))
        Q = _put(Q, where, jnp.stack([low, high], 1))
        responses = _put(responses, where, r)
        absorbed = apply(stack.lower_torque, lower) + apply(stack.upper_torque, upper)
        torque = _put(torque, where, absorbed + apply(stack.torque_source, each))
        for element, face, side, value, current in (
            (stretch.bottom_element, stretch.bottom, 1, lower[0], low[0]),
            (stretch.top_element, stretch.top, 0, upper[stretch.last], high[stretch.last]),
        ):
            if face is None or element is None or built.faces is None:
                continue
            psi, Q = _put(psi, (element, side), value), _put(Q, (element, side), current)
            torque = torque.at[element].add(apply(built.faces.lower_torque[face], value), mode="drop")
    lab = transpose(built.frame)
    psi, Q, torque = _turned(lab, psi), _turned(lab, Q), apply(lab[None], torque)
    if "TunnelJunction" in at.kinds:
        assert isinstance(plan, Plan)
        where, magnets, given_to = junctions(plan, table)
        taken = given_to.currents(psi[where, 0, :3], psi[where, 1, :3], drives[2])
        for side in (0, 1):
            torque = torque.at[magnets[:, side]].add(taken[:, side])
    return Faces(psi, Q, responses, torque, _mean_spin_current(at, table, psi, drives))


def _put(into: Array, where: Any, values: Array) -> Array:
    """`values` at positions; what stands behind the last one is not kept."""
    return into.at[where].set(values, mode="drop")


def _turned(R: Array, v: Array) -> Array:
    """Vectors (elements, faces, 3 or 6, batch) of spin, and of orbital moments behind it, turned by R (3, 3, batch)."""
    if v.shape[-2] == 3:
        return apply(R[None, None], v)
    return jnp.concatenate([apply(R[None, None], part) for part in (v[..., :3, :], v[..., 3:, :])], -2)


def junctions(plan: Plan, table: Table, R: Array | None = None) -> tuple[np.ndarray, np.ndarray, Absorbed]:
    """Positions of tunnel junctions (junctions) and of their magnets (junctions, 2), and what they give to these.

    Spin is seen from the axes of the film, or from a frame R.
    """
    at = Arrangement.of(plan)
    magnets = dict(zip(at.magnets["Ferromagnet"], at.positions["Ferromagnet"], strict=True))
    columns, m, _ = _uniform(at, table, "TunnelJunction")
    given_to = absorbed(columns, m, jnp.eye(3)[:, :, None] if R is None else R)
    pairs = np.asarray([[magnets[m] for m in pair] for pair in at.magnets["TunnelJunction"]])
    return at.positions["TunnelJunction"], pairs, given_to


def _mean_spin_current(at: Arrangement, table: Table, psi: Array, drives: Array) -> Array:
    mean = jnp.zeros((psi.shape[0], 3, psi.shape[-1]))
    for kinds, law, thickness in layers(at, table):
        where = at.where(kinds)
        ends = psi[where, 0], psi[where, 1]
        mean = _put(mean, where, room(law).mean_spin_current(law, thickness, *ends, drives))
    return mean


def inside(
    plan: Plan | Arrangement,
    table: Table,
    batch: int,
    fraction: Array,
    lower: Array,
    upper: Array,
    E: Array,
    *,
    given: Unknown | None = None,
) -> dict[str, Array]:
    """The inside of every layer (rows by kind, see `Plan`) at `fraction` (1, batch) of its thickness.

    `given` is there as in other programs.
    """
    drives = jnp.concatenate([E, jnp.zeros_like(E[:1])])
    return _inside(plan, table, batch, fraction, lower, upper, drives)


def inside_crossed(
    plan: Plan | Arrangement, table: Table, batch: int, fraction: Array, lower: Array, upper: Array, current: Array
) -> dict[str, Array]:
    """The same for a charge current (1, batch) [A/m^2] along z."""
    drives = jnp.concatenate([jnp.zeros((2, current.shape[-1])), current])
    return _inside(plan, table, batch, fraction, lower, upper, drives)


def _inside(
    plan: Plan | Arrangement, table: Table, batch: int, fraction: Array, lower: Array, upper: Array, drives: Array
) -> dict[str, Array]:
    fraction = jnp.broadcast_to(fraction[0], (batch,))
    start, parts = 0, []
    for _, law, thickness in layers(Arrangement.of(plan), table):
        rows = slice(start, start + thickness.shape[0])
        start = rows.stop
        parts.append(room(law).inside(law, thickness, lower[rows], upper[rows], drives, fraction))
    return {name: jnp.concatenate([p[name] for p in parts]) for name in parts[0]}


def sides(plan: Plan | Arrangement, table: Table, batch: int, psi: Array, drives: Array) -> Array:
    """Spin current that ends in a magnetisation, or of a metal in the applied field, by halves (elements, 2, 3, batch).

    The lower and the upper half of a layer, the lower and the upper face of everything else (what a field drives at an
    interface by itself counts half to each), of a tunnel junction its two magnets. psi (elements, 2, 3, batch) as in
    :class:`Faces`; drives (3, batch).
    """
    at = Arrangement.of(plan)
    drives = jnp.broadcast_to(drives, (3, batch))
    found = jnp.zeros((*psi.shape[:-1], batch))
    built = build(at, table, batch, jnp.eye(3)[:, :, None])
    for stretch in at.stretches:
        stack, _, _ = stacked(built, stretch)
        where = stretch.elements
        own = apply(stack.torque_source, jnp.broadcast_to(drives, (len(where), *drives.shape))) / 2
        both = [apply(stack.lower_torque, psi[where, 0]) + own, apply(stack.upper_torque, psi[where, 1]) + own]
        found = _put(found, where, jnp.stack(both, 1))
        for element, face, side in (
            (stretch.bottom_element, stretch.bottom, 1),
            (stretch.top_element, stretch.top, 0),
        ):
            if face is not None and element is not None and built.faces is not None:
                taken = apply(built.faces.lower_torque[face], psi[element, side])
                found = _put(found, (element, side), taken)
    for kinds, law, thickness in layers(at, table):
        where = at.where(kinds)
        ends = psi[where, 0], psi[where, 1]
        assert not isinstance(law, orbital.OrbitalLaw)  # refused before
        Q = [layer.inside(law, thickness, *ends, drives, jnp.full((batch,), f))["Q"] for f in (0.0, 0.5, 1.0)]
        share = layer.torque_fraction(law)
        halves = jnp.stack([apply(share, Q[0] - Q[1]), apply(share, Q[1] - Q[2])], 1)
        found = _put(found, where, jnp.broadcast_to(halves, (*halves.shape[:-1], batch)))
    if "TunnelJunction" in at.kinds:
        assert isinstance(plan, Plan)
        where, _, given_to = junctions(plan, table)
        found = found.at[where].set(given_to.currents(psi[where, 0], psi[where, 1], drives[2]))
    return found


Layout = tuple[tuple[int, ...], ...]


def _unpack(layout: Layout, tree: Any, packed: Array) -> Any:
    """The arrays that :func:`_pack` laid into one."""
    leaves, row = [], 0
    for shape in layout:
        rows = int(np.prod(shape, dtype=int))
        leaves.append(packed[row : row + rows].reshape(*shape, packed.shape[-1]))
        row += rows
    return jax.tree.unflatten(tree, leaves)


def _films(plan: Plan, most: int) -> int:
    """How many films have so many elements together, as a power of two."""
    elements = sum(len(rows) for _, rows in plan.magnets)
    return 1 << max(0, (most // elements).bit_length() - 1)


def block_of(plan: Plan) -> int:
    """How many films are solved together: fewer of films with very many elements."""
    return min(BLOCK, _films(plan, _MOST_ELEMENTS))


def _block_of_device(plan: Plan, size: int) -> int:
    """How many films a device solves together: all, as far as memory goes, in few sizes."""
    return min(_films(plan, _DEVICE_ELEMENTS), 1 << (size - 1).bit_length())


def _cut(leaf: Any, start: int, count: int) -> Any:
    """So many films of an array from `start` on, the last one again where there are no more."""
    if leaf.shape[-1] == 1:
        return leaf
    part = leaf[..., start : start + count]
    return np.concatenate([part, np.repeat(part[..., -1:], count - part.shape[-1], -1)], -1)


def _pack(leaves: list[Any], start: int, stop: int, block: int) -> np.ndarray:
    """Films start to stop as (blocks, rows, block); the last block is filled up with copies of the last film."""
    size = stop - start
    whole, blocks = size // block, -(-size // block)
    flats = [np.asarray(leaf).reshape(-1, leaf.shape[-1]) for leaf in leaves]
    packed = np.empty((blocks, sum(map(len, flats)), block))
    if size == 1:
        packed[0] = np.concatenate([flat[:, :1] for flat in flats])
        return packed
    row = 0
    for flat in flats:
        into = packed[:, row : (row := row + len(flat))]
        if flat.shape[-1] == 1:
            into[...] = flat
            continue
        into[:whole] = flat[:, start : start + whole * block].reshape(len(flat), whole, block).swapaxes(0, 1)
        if whole < blocks:
            rest = flat[:, start + whole * block : stop]
            into[whole, :, : rest.shape[-1]] = rest
            into[whole, :, rest.shape[-1] :] = rest[:, -1:]
    return packed


@lru_cache(PROGRAMS)
def _compiled(program: Callable[..., Any], plan: Plan, layout: Layout, tree: Any) -> Callable[[Array], Any]:
    """`program` of a packed block. What falls out of the cache gives its memory back."""

    def _run(packed: Array) -> Any:
        table, *extra = _unpack(layout, tree, packed)
        return program(plan, table, packed.shape[-1], *extra)

    return compiler.jit(_run)


@lru_cache(PROGRAMS)
def _compiled_general(program: Callable[..., Any], pattern: general.Pattern, layout: Layout, tree: Any) -> Any:
    """`program` of a packed block of any films of a pattern."""

    def _run(packed: Array, indices: general.Indices) -> Any:
        table, *extra = _unpack(layout, tree, packed)
        return program(general.arrangement(pattern, indices), table, packed.shape[-1], *extra)

    return compiler.jit(_run)


@lru_cache(PROGRAMS)
def _compiled_traced(program: Callable[..., Any], plan: Plan, size: int) -> Callable[..., Any]:
    """`program` of a table (or of several) with so many films."""

    def _run(*tables: Any, **given: Any) -> Any:
        table, *extra = (whole(one) if isinstance(one, Table) else one for one in tables)
        return program(plan, table, size, *extra, **given)

    return compiler.jit(_run)


def evaluate(program: Callable[..., Any], plan: Plan, table: Table, *extra: Any) -> Any:
    """`program` for a whole batch, NumPy in, NumPy out: by the library, on a device, or in blocks by JAX.

    Traced input (inside a JAX transformation) stays traced and is solved as one block.
    """
    leaves, tree = jax.tree.flatten((table, *extra))
    size = max(leaf.shape[-1] for leaf in leaves)
    known = native.knows(program.__name__, plan, table)
    if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
        compiler.check()
        run = _compiled_traced(program, plan, size)
        if known and native.differentiates(plan) and traced.possible():
            given = _unknown(plan, table)
            return traced.solve(program.__name__, plan, table, extra, given, run, _NATIVE[program])
        return run(table, *extra)
    if known and (compiler.on_processor() or size < DEVICE):
        step, solved = BLOCKS * block_of(plan), _by_library(program, plan, table, extra, size)
    elif compiler.on_processor() and size <= general.FEW and general.knows(program.__name__, plan):
        step, solved = BLOCKS * block_of(plan), _in_general(program, plan, table, extra, size)
    elif compiler.on_processor():
        run = _compiled(program, plan, tuple(leaf.shape[:-1] for leaf in leaves), tree)
        step, solved = BLOCKS * block_of(plan), _in_blocks(run, leaves, size, block_of(plan))
    else:
        step = _block_of_device(plan, size)
        solved = _on_device(program, plan, leaves, tree, size, step)
    parts = solved(0, min(step, size))
    form = jax.tree.structure(parts[0])
    for start in range(step, size, step):
        kept = block(lambda start=start: _joined(solved(start, min(start + step, size))))  # type: ignore[misc]
        parts.append(jax.tree.unflatten(form, kept.values()))
    if len(parts) == 1:
        return jax.tree.map(lambda a: a[..., :size], parts[0])
    return jax.tree.map(lambda *a: np.concatenate(a, -1)[..., :size], *parts)


#: gives the arrays of films from the first to the one behind the last, in one or several parts
Solved = Callable[[int, int], list[Any]]


def _by_library(program: Callable[..., Any], plan: Plan, table: Table, extra: tuple[Any, ...], size: int) -> Solved:
    solve = native.solver(program.__name__, plan, table, extra, _unknown(plan, table))

    def solved(start: int, stop: int) -> list[Any]:
        tell(start, size)
        return [_NATIVE[program](*solve(start, stop))]

    return solved


def _in_general(program: Callable[..., Any], plan: Plan, table: Table, extra: tuple[Any, ...], size: int) -> Solved:
    """The program of all films of a pattern, in blocks."""
    pattern, indices = general.pattern(plan)
    own = general.widened(program.__name__, plan, pattern, extra)
    leaves, tree = jax.tree.flatten((general.padded(plan, pattern, table), *own))
    run = _compiled_general(program, pattern, tuple(leaf.shape[:-1] for leaf in leaves), tree)
    blocks = _in_blocks(lambda packed: run(packed, indices), leaves, size, block_of(plan))

    def solved(start: int, stop: int) -> list[Any]:
        return [general.narrowed(program.__name__, plan, pattern, part) for part in blocks(start, stop)]

    return solved


def _in_blocks(run: Callable[[Any], Any], leaves: list[Any], size: int, films: int) -> Solved:
    """One compiled program for blocks of so many films, which stay in cache."""

    def solved(start: int, stop: int) -> list[Any]:
        found: list[Any] = []
        for n, packed in enumerate(_pack(leaves, start, stop, films)):
            tell(start + n * films, size)
            with compiler.numbers():
                found.append(run(packed))
            if n >= _AHEAD:  # whoever stops the computation need not wait for long
                jax.block_until_ready(found[n - _AHEAD])
        return [jax.tree.map(np.asarray, part) for part in found]

    return solved


def _on_device(program: Callable[..., Any], plan: Plan, leaves: list[Any], tree: Any, size: int, films: int) -> Solved:
    """So many films in one call, which spreads on the device what they share."""
    run = _compiled_traced(program, plan, films)

    def solved(start: int, stop: int) -> list[Any]:
        tell(start, size)
        with compiler.numbers():
            found = run(*jax.tree.unflatten(tree, [_cut(leaf, start, films) for leaf in leaves]))
        return [jax.tree.map(np.asarray, found)]

    return solved


def _named(psi: Any, Q: Any, V: Any, j: Any) -> dict[str, Any]:
    """The inside of layers by name; orbital moments stand behind spin."""
    found = {"psi": psi[:, :3], "Q": Q[:, :3], "V": V, "j": j}
    return found | ({"phi": psi[:, 3:], "Q_l": Q[:, 3:]} if psi.shape[1] > 3 else {})


#: what the arrays of native programs make
_NATIVE: dict[Callable[..., Any], Callable[..., Any]] = {
    sheet: lambda G: G,
    sheet_slope: lambda G, slope: (G, slope),
    perpendicular: lambda resistance: resistance,
    faces: Faces,
    inside: _named,
}


def unknown(plan: Plan | Arrangement, table: Table, batch: int) -> Unknown:
    """What native code is given ready: the elements of scattering interfaces, and magnets as faces of insulators."""
    at = Arrangement.of(plan)
    scatters = "Scattering" in at.kinds
    given = scattering(_uniform(at, table, "Scattering")[0]) if scatters else {}
    magnets = [kind for kind in at.kinds if isinstance(kind, type)]
    return Unknown(given, tuple(sublattices(kind, *_uniform(at, table, kind)) for kind in magnets))


def _unknown(plan: Plan, table: Table) -> Unknown | None:
    """:func:`unknown` of the kinds that native code does not know, None where it knows all."""
    at = [i for i, kind in enumerate(plan.kinds) if kind == "Scattering" or isinstance(kind, type)]
    if not at:
        return None
    kinds = tuple(plan.kinds[i] for i in at)
    rows = tuple((kind, takes) for kind, takes in plan.magnets if kind in kinds)
    return evaluate(unknown, Plan(kinds, (), rows), table._replace(columns=tuple(table.columns[i] for i in at)))


def _joined(parts: list[Any]) -> dict[str, np.ndarray]:
    """The arrays of several blocks, one behind the other, by their number."""
    return {
        str(i): np.concatenate(arrays, -1) for i, arrays in enumerate(zip(*map(jax.tree.leaves, parts), strict=True))
    }
