"""A film whose magnets move: spin pumping beside the sheet conductance (docs/methods/spin_pumping.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from spinstack.circuit import fold as join
from spinstack.circuit.arrangement import Arrangement
from spinstack.circuit.element import AffineElement
from spinstack.circuit.junction import Absorbed
from spinstack.circuit.kernel import build, junctions, layers, room, stacked
from spinstack.circuit.lower import Kind, Plan, Table
from spinstack.numerics.smallmatrix import mul, transpose


def moving(plan: Plan, table: Table, batch: int, reverse: Table, takes: Array) -> tuple[Array, Array]:
    """What a film answers to an in-plane field and to magnets that move.

    reverse: the table at -m and -B; takes (elements, magnets, 1): 1 where an element belongs to a magnet. Returns
    (responses, drives, batch), responses I_x, I_y [A/m] and the spin current into every magnet [A/m^2], drives E_x, E_y
    [V/m] and psi_w of every magnet [V]; and the damping of each magnet by itself (magnets, 3, 3, batch).
    """
    takes = takes[..., :1]  # the same for all films
    at = Arrangement.of(plan)
    built = build(at, table, batch)
    back = build(at, reverse, batch, built.frame)
    size = 2 + 3 * takes.shape[1]
    total = jnp.zeros((size, size, batch))
    for stretch in at.stretches:
        stack, bottom, top = stacked(built, stretch)
        stack = _with_motion(stack.in_plane(), stacked(back, stretch)[0], takes[stretch.elements])
        if "TunnelJunction" in plan.kinds:
            stack = _with_junctions(
                stack, stretch.elements, *junctions(plan, table, built.frame)[::2], dict(plan.magnets)
            )
        none = join.no_shunt(stack)
        for face, element, on_top in (
            (stretch.bottom, stretch.bottom_element, False),
            (stretch.top, stretch.top_element, True),
        ):
            if face is not None and built.faces is not None and back.faces is not None:
                torque, sent = (one.lower_torque[face] for one in (built.faces, back.faces))
                stack = _with_face(stack, on_top, torque, transpose(sent), takes[element])
        total = total + join.respond(stack, *(none if sink is None else sink for sink in (bottom, top)))
    lab = jnp.zeros_like(total).at[:2, :2].set(jnp.eye(2)[:, :, None])
    for start in range(2, size, 3):
        lab = lab.at[start : start + 3, start : start + 3].set(transpose(built.frame))
    return mul(mul(lab, total), transpose(lab)), _by_themselves(at, table, takes, batch)


def _with_motion(stack: AffineElement, back: AffineElement, takes: Array) -> AffineElement:
    """Elements with the motion of their magnets among the drives, and the torque on these among the responses.

    back: the same elements at -m and -B; by Onsager's relation a moving magnet sends out the transpose of its torque.
    """

    def rows(a: Array) -> Array:
        return _per_magnet(a, takes, 1)

    def columns(a: Array) -> Array:
        return _per_magnet(a, takes, 2)

    torque = rows(stack.lower_torque), rows(stack.upper_torque)
    driven, current = rows(stack.torque_source[..., :2, :]), columns(transpose(back.torque_source[..., :2, :]))
    fields = jnp.concatenate([stack.direct, -current], -2)
    motion = jnp.concatenate([driven, columns(rows(stack.own_torque))], -2)
    return stack._replace(
        lower_source=jnp.concatenate([stack.lower_source, columns(transpose(back.lower_torque))], -2),
        upper_source=jnp.concatenate([stack.upper_source, -columns(transpose(back.upper_torque))], -2),
        across=jnp.concatenate([stack.across, jnp.zeros_like(torque[0])], -3),
        lower_response=jnp.concatenate([stack.lower_response, torque[0]], -3),
        upper_response=jnp.concatenate([stack.upper_response, torque[1]], -3),
        direct=jnp.concatenate([fields, motion], -3),
    )


def _with_junctions(
    stack: AffineElement, elements: np.ndarray, where: np.ndarray, given_to: Absorbed, takes: Mapping[Kind, Any]
) -> AffineElement:
    """The stack with what its tunnel junctions do where their two magnets move; it is even in both m."""
    for row, position in enumerate(where):
        found = np.flatnonzero(elements == position)
        if not found.size:
            continue
        at = int(found[0])
        for side, magnet in enumerate(takes["TunnelJunction"][row]):
            own = slice(2 + 3 * magnet, 5 + 3 * magnet)
            lower, upper = given_to.by_lower[row, side], given_to.by_upper[row, side]
            stack = stack._replace(
                lower_source=stack.lower_source.at[at, :3, own].add(transpose(lower)),
                upper_source=stack.upper_source.at[at, :3, own].add(-transpose(upper)),
                lower_response=stack.lower_response.at[at, own, :3].add(lower),
                upper_response=stack.upper_response.at[at, own, :3].add(upper),
            )
            for there, other in enumerate(takes["TunnelJunction"][row]):
                drive = slice(2 + 3 * other, 5 + 3 * other)
                stack = stack._replace(direct=stack.direct.at[at, own, drive].add(given_to.own[row, side, :, there]))
    return stack


def _with_face(stack: AffineElement, top: bool, torque: Array, sent: Array, takes: Array) -> AffineElement:
    """The stack with the moving magnet whose face ends it: (3, n, batch) what it takes up, and what it sends out."""
    rows, columns = _per_magnet(torque[None], takes[None], 1)[0], _per_magnet(sent[None], takes[None], 2)[0]
    own = _per_magnet(rows[None, :, :3], takes[None], 2)[0]
    if top:
        return stack._replace(
            upper_source=stack.upper_source.at[-1, :, 2:].add(-columns),
            upper_response=stack.upper_response.at[-1, 2:].add(rows),
            direct=stack.direct.at[-1, 2:, 2:].add(own),
        )
    return stack._replace(
        lower_source=stack.lower_source.at[0, :, 2:].add(columns),
        lower_response=stack.lower_response.at[0, 2:].add(rows),
        direct=stack.direct.at[0, 2:, 2:].add(own),
    )


def _per_magnet(a: Array, takes: Array, axis: int) -> Array:
    """`a` (elements, i, j, batch) once for every magnet along an axis, zero for all but its own."""
    shape = [takes.shape[0], 1, 1, 1, 1]
    shape[axis] = takes.shape[1]
    spread = takes.reshape(shape) * jnp.expand_dims(a, axis)
    return spread.reshape(*a.shape[:axis], -1, *a.shape[axis + 1 :])


def _by_themselves(at: Arrangement, table: Table, takes: Array, batch: int) -> Array:
    """Damping of each magnet by itself (magnets, 3, 3, batch)."""
    found = jnp.zeros((takes.shape[1], 3, 3, batch))
    for kinds, law, thickness in layers(at, table):
        own = room(law).bulk_damping(law, thickness)
        for number, place in enumerate(at.where(kinds)):
            found = found + takes[place][:, None, None] * own[number][None]
    return found
