"""Joining elements: the fold from the lowest face to the top, and back-substitution (docs/methods/composition.md)."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax

from spinstack.circuit.element import AffineElement
from spinstack.circuit.smallmatrix import apply, mul, solve


class Port(NamedTuple):
    """Everything below a face, seen from that face: ``Q = -Y psi + source d``, ``r = response psi + direct d``."""

    Y: Array
    source: Array
    response: Array
    direct: Array


def closed(element: AffineElement, shunt: Array | None) -> Port:
    """The port below the lowest element: a closed face, or one that absorbs spin through `shunt` (3, 3, batch)."""
    Y = jnp.zeros_like(element.lower_through[0]) if shunt is None else shunt
    return Port(Y, *(jnp.zeros_like(a[0]) for a in (element.lower_source, element.lower_response, element.direct)))


def reservoir(element: AffineElement) -> Port:
    """The port above the first element when its lower face is held at psi = 0."""
    first = AffineElement(*(a[0] for a in element))
    return Port(
        first.upper_through + first.upper_shunt,
        first.upper_source,
        first.upper_response - first.across,
        first.direct,
    )


def fold(port: Port, elements: AffineElement) -> Port:
    """Put elements (along the first axis) on a port one by one; returns the port at the top."""
    return lax.scan(lambda p, e: (_join(p, e)[0], None), port, elements)[0]


def fold_keeping(port: Port, elements: AffineElement) -> tuple[Port, tuple[Array, Array]]:
    """Like :func:`fold`, and per element the two matrices of ``psi_lower = A psi_upper + b d``."""

    def step(port: Port, e: AffineElement) -> tuple[Port, tuple[Array, Array]]:
        above, A, b = _join(port, e)
        return above, (A, b)

    return lax.scan(step, port, elements)


def _join(port: Port, e: AffineElement) -> tuple[Port, Array, Array]:
    """The port above one more element; also A and b of ``psi_lower = A psi_upper + b d``."""
    Y = port.Y + e.lower_shunt
    solved = solve(Y + e.lower_through, jnp.concatenate([Y, port.source - e.lower_source, e.lower_through], -2))
    solved = lax.optimization_barrier(solved)
    columns = e.lower_source.shape[-2]
    b, A = solved[:, 3 : 3 + columns], solved[:, 3 + columns :]
    response = port.response + e.lower_response
    passed = mul(e.upper_through, solved[:, : 3 + columns])
    answered = mul(e.across, solved[:, : 3 + columns])
    above = Port(
        e.upper_shunt + passed[:, :3],
        e.upper_source + passed[:, 3:],
        mul(response, A) - answered[:, :3] + e.upper_response,
        port.direct + e.direct + mul(response, b) + answered[:, 3:],
    )
    return above, A, b


def close(port: Port, shunt: Array | None) -> tuple[Array, Array]:
    """Close the top: psi there per drive (3, drives, batch) and the whole response (responses, drives, batch)."""
    Y = port.Y if shunt is None else port.Y + shunt
    psi = solve(Y, port.source)
    return psi, port.direct + mul(port.response, psi)


def back_substitute(top: Array, steps: tuple[Array, Array], drives: Array) -> tuple[Array, Array]:
    """psi at the lower and upper face of every element (elements, 3, batch) from psi at the top (3, batch)."""

    def step(upper: Array, s: tuple[Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        lower = apply(s[0], upper) + apply(s[1], drives)
        return lower, (lower, upper)

    _, faces = lax.scan(step, top, steps, reverse=True)
    return faces
