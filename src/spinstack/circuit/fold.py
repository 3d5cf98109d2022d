"""Joining elements: the fold from the lowest face to the top, and back-substitution (docs/methods/composition.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from spinstack.circuit.element import AffineElement
from spinstack.numerics import compiler
from spinstack.numerics.smallmatrix import apply, mul, solve, transpose
from spinstack.numerics.stage import stage


class Port(NamedTuple):
    """Everything below a face, seen from that face: ``Q = -Y psi + source d``, ``r = response psi + direct d``."""

    Y: Array
    source: Array
    response: Array
    direct: Array


def closed(element: AffineElement, shunt: Array | None) -> Port:
    """The port below the lowest element: a closed face, or one that absorbs spin through `shunt` (n, n, batch)."""
    Y = no_shunt(element) if shunt is None else shunt
    return Port(Y, *(jnp.zeros_like(a[0]) for a in (element.lower_source, element.lower_response, element.direct)))


def no_shunt(element: AffineElement) -> Array:
    """The spin sink of a closed face: none."""
    return jnp.zeros_like(element.lower_through[0])


def reservoir(element: AffineElement) -> Port:
    """The port above the first element when its lower face is held at psi = 0."""
    first = AffineElement(*(a[0] for a in element))
    return Port(
        first.upper_through + first.upper_shunt,
        first.upper_source,
        first.upper_response - first.across,
        first.direct,
    )


def fold(port: Port, elements: AffineElement, present: Any = None) -> Port:
    """Put elements (along the first axis) on a port one by one; returns the port at the top.

    present (elements,): those that are there, None where all are; others leave the port as it is.
    """
    if present is None:
        return _scan(lambda p, e: (_join(p, e)[0], None), port, elements)[0]

    def step(port: Port, one: tuple[AffineElement, Any]) -> tuple[Port, None]:
        e, there = one
        return _either(there, _join(port, e)[0], port), None

    return _scan(step, port, (elements, present))[0]


def fold_keeping(port: Port, elements: AffineElement, present: Any = None) -> tuple[Port, tuple[Array, Array]]:
    """Like :func:`fold`, and per element the two matrices of ``psi_lower = A psi_upper + b d``."""

    def step(port: Port, one: tuple[AffineElement, Any]) -> tuple[Port, tuple[Array, Array]]:
        e, there = one
        above, A, b = _join(port, e)
        if there is None:
            return above, (A, b)
        same = jnp.broadcast_to(jnp.eye(A.shape[0])[:, :, None], A.shape), jnp.zeros_like(b)
        return _either(there, above, port), _either(there, (A, b), same)

    return _scan(step, port, (elements, present))


def _either(there: Any, one: Any, other: Any) -> Any:
    return jax.tree.map(lambda a, b: jnp.where(there, a, b), one, other)


#: elements whose joining is written out one after the other where each step of a loop is a call to a device
_WRITTEN_OUT = 16


def _scan(step: Callable[..., Any], start: Any, elements: Any, reverse: bool = False) -> Any:
    unroll = 1 if compiler.on_processor() else _WRITTEN_OUT
    return lax.scan(step, start, elements, reverse=reverse, unroll=unroll)


@stage
def _join(port: Port, e: AffineElement) -> tuple[Port, Array, Array]:
    """The port above one more element; also A and b of ``psi_lower = A psi_upper + b d``."""
    Y = port.Y + e.lower_shunt
    solved = solve(Y + e.lower_through, jnp.concatenate([Y, port.source - e.lower_source, e.lower_through], -2))
    n, columns = Y.shape[-2], e.lower_source.shape[-2]
    b, A = solved[:, n : n + columns], solved[:, n + columns :]
    response = port.response + e.lower_response
    passed = mul(e.upper_through, solved[:, : n + columns])
    answered = mul(e.across, solved[:, : n + columns])
    above = Port(
        e.upper_shunt + passed[:, :n],
        e.upper_source + passed[:, n:],
        mul(response, A) - answered[:, :n] + e.upper_response,
        port.direct + e.direct + mul(response, b) + answered[:, n:],
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

    _, faces = _scan(step, top, steps, reverse=True)
    return faces


@jax.custom_jvp
def respond(elements: AffineElement, bottom: Array, top: Array) -> Array:
    """Response (responses, drives, batch) of elements between spin sinks `bottom` and `top` (3, 3, batch)."""
    return close(fold(closed(elements, bottom), elements), top)[1]


@respond.defjvp
def _respond_jvp(
    primals: tuple[AffineElement, Array, Array], tangents: tuple[AffineElement, Array, Array]
) -> tuple[Array, Array]:
    """Derivative from potentials and adjoint potentials (docs/methods/composition.md): no differentiated fold."""
    elements, bottom, top = primals
    d, d_bottom, d_top = tangents

    def up(port: Port, e: AffineElement) -> tuple[Port, tuple[Array, Array, Array, Array]]:
        above, A, b = _join(port, e)
        Y = port.Y + e.lower_shunt + e.lower_through
        return above, (A, b, transpose(Y), transpose(port.response + e.lower_response + e.across))

    port, steps = _scan(up, closed(elements, bottom), elements)
    psi_top, response = close(port, top)
    chi_top = solve(transpose(port.Y + top), transpose(port.response))

    def down(faces: tuple[Array, Array], s: tuple[Array, ...]) -> tuple[tuple[Array, Array], tuple[Array, ...]]:
        (psi, chi), (A, b, Yt, ht, through) = faces, s
        below = mul(A, psi) + b, solve(Yt, ht + mul(transpose(through), chi))
        return below, (*below, psi, chi)

    _, (psi_L, chi_L, psi_R, chi_R) = _scan(down, (psi_top, chi_top), (*steps, elements.upper_through), reverse=True)
    drop = psi_L - psi_R
    into = mul(d.lower_through, drop) + mul(d.lower_shunt, psi_L) + d.lower_source
    out = mul(d.upper_through, drop) - mul(d.upper_shunt, psi_R) + d.upper_source
    own = mul(d.across, drop) + mul(d.lower_response, psi_L) + mul(d.upper_response, psi_R) + d.direct
    change = (own - mul(transpose(chi_L), into) + mul(transpose(chi_R), out)).sum(0)
    for chi, sink, psi in ((chi_L[0], d_bottom, psi_L[0]), (chi_top, d_top, psi_top)):
        change = change - mul(transpose(chi), mul(sink, psi))
    return response, change
