"""Derivatives of your own function where it gives a curve: each point with its own copy of every parameter.

A curve that is computed point by point needs one reverse pass, not one for each of its points. That no point depends on
another's copy is not taken for granted: the derivative along a direction in which every parameter counts is computed,
too, without copies, and must agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import jax
import jax.numpy as jnp
import numpy as np

from spinstack.numerics import compiler
from spinstack.observables.programs import Structure

#: points from which a curve is worth the check
_POINTS = 8
#: largest disagreement along the direction, relative to the sum of what all parameters contribute
_AGREES = 1e-9


def curve_derivatives(made: Structure, x: np.ndarray, numbers: np.ndarray, shapes: Mapping[str, Any]) -> Any:
    """Derivatives (outputs, parameters) at x (parameters,) of variables that begin with the points of one curve.

    None where they do not, or where points depend on each other.
    """
    if made not in _programs:
        _programs[made] = _program(made, len(x), numbers, tuple(shapes.values()))
    program = _programs[made]
    if program is None:
        return None
    rows, error = program(x, numbers)
    if float(error) <= _AGREES:
        return np.asarray(rows)
    _programs[made] = None
    return None


_programs: WeakKeyDictionary[Structure, Any] = WeakKeyDictionary()


def _program(made: Structure, parameters: int, numbers: np.ndarray, shapes: tuple[tuple[int, ...], ...]) -> Any:
    points = {shape[:1] for shape in shapes}
    if len(points) != 1 or not min(points) or min(points)[0] < _POINTS:
        return None
    program = partial(_derivatives, made, shapes)
    try:
        jax.eval_shape(program, jax.ShapeDtypeStruct((parameters,), float), numbers)
    except (TypeError, ValueError, IndexError):  # a function that takes no batch of films
        return None
    return compiler.jit(program)


def _derivatives(made: Structure, shapes: tuple[tuple[int, ...], ...], free: Any, numbers: Any) -> tuple[Any, Any]:
    """Derivatives (outputs, parameters) and by how much they disagree along one direction."""
    made.compiled.append("curve")
    points = shapes[0][0]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def copied(copies: Any) -> Any:
        """Outputs (points, all of one point)."""
        parts = jnp.split(made.function(made.film(copies, numbers)), ends)
        return jnp.concatenate([part.reshape(points, -1) for part in parts], 1)

    found, pull = jax.vjp(copied, jnp.broadcast_to(free[:, None], (len(free), points)))
    ones = jnp.broadcast_to(jnp.eye(found.shape[1])[:, None], (found.shape[1], *found.shape))
    rows = jax.vmap(lambda one: pull(one)[0])(ones).transpose(2, 0, 1)
    inner = np.cumsum([int(np.prod(shape[1:])) for shape in shapes])[:-1]
    rows = jnp.concatenate([part.reshape(-1, len(free)) for part in jnp.split(rows, inner, 1)])
    size = jnp.abs(rows).max(0)
    weight = 1 + np.modf(np.arange(1, len(free) + 1) * np.sqrt(2))[0]  # no two alike
    along = weight / jnp.where(size > 0, size, 1.0)
    change = jax.jvp(lambda one: made.function(made.film(one, numbers)), (free,), (along,))[1]
    off = jnp.abs(rows @ along - change) / (jnp.abs(rows) @ along + 1e-300)
    return rows, jnp.where(jnp.isnan(off), jnp.inf, off).max()
