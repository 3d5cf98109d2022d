"""Averages over the electrons of a barrier inside a JAX transformation: values and first derivatives from NumPy.

Compiled, the electrons of a wide barrier would take minutes before the first number. Derivatives are differences of
fourth order on the points of the value, right to about 1e-8 of the largest.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from spinstack.scattering.barrier_electrons import STEP, STEP_SPHERE, Form, averages_at, refined
from spinstack.scattering.sides import SHAPES, SidedIntegrals

#: accuracy of the points that are taken for slopes
SLOPES = 1e-8
#: weights of the four points of a difference over a step
_POINTS = ((1, 2 / 3), (-1, -2 / 3), (2, -1 / 12), (-2, 1 / 12))


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def traced_averages(p: Any, tolerance: float, form: Form) -> tuple[SidedIntegrals, Any]:
    """:func:`spinstack.scattering.barrier_electrons.refined` of traced rows: averages and error."""

    def of(rows: Any) -> tuple[Any, ...]:
        found, error, _ = refined(np.asarray(rows), tolerance, form)
        return (*found, error)

    size = p.shape[-1]
    shapes = tuple(jax.ShapeDtypeStruct((*shape, size), float) for shape in (*SHAPES, ()))
    *found, error = jax.pure_callback(of, shapes, p, vmap_method="sequential")
    return SidedIntegrals(*found), error


@traced_averages.defjvp
def _derivative(tolerance: float, form: Form, primals: Any, tangents: Any) -> Any:
    (p,), (along,) = primals, tangents

    def slopes(rows: Any) -> tuple[np.ndarray, ...]:
        rows = np.asarray(rows)
        _, _, points = refined(rows, max(tolerance, SLOPES), form)
        parts = []
        for moved in form.moves:
            step = STEP_SPHERE if moved[0] in (5, 6, 7, 8) else STEP
            change = np.zeros_like(rows)
            change[list(moved)] = step
            each = [[weight / step * a for a in averages_at(rows + n * change, points, form)] for n, weight in _POINTS]
            parts.append([sum(one) for one in zip(*each, strict=True)])
        return tuple(np.stack(one) for one in zip(*parts, strict=True))

    size = p.shape[-1]
    shapes = tuple(jax.ShapeDtypeStruct((len(form.moves), *shape, size), float) for shape in SHAPES)
    found = jax.pure_callback(slopes, shapes, p, vmap_method="sequential")
    # of rows that move together the mean moves
    steps = jnp.stack([along[np.asarray(rows)].mean(0) for rows in form.moves])
    moved = [(a * steps.reshape(len(steps), *(1,) * (a.ndim - 2), size)).sum(0) for a in found]
    value, error = traced_averages(p, tolerance, form)
    return (value, error), (SidedIntegrals(*moved), jnp.zeros_like(error))
