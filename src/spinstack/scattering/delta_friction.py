"""What a delta barrier does to a magnetisation that moves, integrated (docs/methods/spin_pumping.md, "A barrier")."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from spinstack.numerics import compiler
from spinstack.numerics.arrays import is_traced
from spinstack.numerics.smallmatrix import across, cross_matrix, mul, transpose
from spinstack.scattering.delta_integrals import (
    BLOCK,
    CHUNK,
    EXPONENTS,
    PATH_POINTS,
    Barrier,
    both_couplings,
    monomials,
    nodes_of,
    one_coupling,
    polar,
)

#: polar points of the refinements, one coupling alone and both together; the second inside a JAX transformation
_POINTS = {False: tuple(CHUNK * 2**n for n in (3, 5, 7)), True: tuple(CHUNK * 2**n for n in (2, 3, 4, 5))}


def friction(packed: Any, tolerance: float, both: bool) -> Any:
    """``<1/2 Tr[dS dS+]>`` (3, 3, batch) for the rows u0, u_ex, u_R, u_D, m (7, batch), to a relative accuracy."""
    if is_traced(packed):
        return _friction(packed, _POINTS[both][1], both)
    once, back = np.unique(np.asarray(packed), axis=1, return_inverse=True)
    size = 1 if once.shape[-1] == 1 else BLOCK
    filled = np.concatenate([once, np.repeat(once[:, -1:], -once.shape[-1] % size, 1)], 1)
    blocks = np.split(filled, filled.shape[-1] // size, 1)
    return np.concatenate([_refined(one, tolerance, both) for one in blocks], -1)[..., back]


def _refined(packed: np.ndarray, tolerance: float, both: bool) -> np.ndarray:
    """The friction of a block, refined until two results agree."""
    first, *more = _POINTS[both]
    found = np.asarray(_friction(packed, first, both))
    for points in more:
        old, found = found, np.asarray(_friction(packed, points, both))
        if np.abs(found - old).max() <= tolerance * np.abs(found).max():
            break
    return found


@partial(compiler.jit, static_argnums=(1, 2))
def _friction(packed: Any, points: int, both: bool) -> Array:
    b = Barrier(packed)
    c, s, s2, weight = polar(b, jnp.asarray(nodes_of(points)))

    def harmonics(width: Array) -> Array:
        return both_couplings(b, c, s, points * PATH_POINTS, width) if both else one_coupling(b, c, s, s2, width)

    # 2 Im^2/|D|^4 = - d(1/|D|^2)/d ln Im, with Im = 2 c u_0
    value, slope = jax.jvp(harmonics, (jnp.ones(()),), (jnp.ones(()),))
    plain = (weight * c**3 * value[0, 0]).sum(0)[None, None] / jnp.pi
    at = [[EXPONENTS.index(((i == 0) + (k == 0), (i == 1) + (k == 1))) for k in (0, 1)] for i in (0, 1)]
    twice = -jnp.asarray(monomials()[np.asarray(at)])  # (2, 2, cos and sin, harmonics)
    along = (twice[..., None] * ((weight * c * s2)[None, None] * slope).sum(2)[None, None]).sum((2, 3)) / jnp.pi
    turn = -cross_matrix(b.m)
    field = mul(transpose(b.coupling), turn)  # Lambda^T (psi x m)
    return 16 * b.exchange[None] ** 2 * (plain * across(b.m) + mul(transpose(field), mul(along, field)))
