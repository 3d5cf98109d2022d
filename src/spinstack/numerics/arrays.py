"""Which kind of array a value is; JAX is not loaded to find out."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def is_traced(value: Any) -> bool:
    """Whether `value` is an abstract value inside a JAX transformation, which cannot be checked."""
    jax = sys.modules.get("jax")
    # another thread may be at importing it
    core = getattr(jax, "core", None)
    return core is not None and isinstance(value, getattr(core, "Tracer", ()))


def array_module(*values: Any) -> Any:
    """`jax.numpy` where one of the values is a JAX array, else NumPy."""
    jax = sys.modules.get("jax")
    kind = getattr(jax, "Array", None)
    return jax.numpy if kind is not None and any(isinstance(v, kind) for v in values) else np  # type: ignore[union-attr]


def aligned(*values: Any) -> list[Any]:
    """Numbers as they are, and arrays with as many axes as the one that has most, new ones in front."""
    ndim = max(map(np.ndim, values))
    return [v if np.ndim(v) in (0, ndim) else v.reshape(*(1,) * (ndim - v.ndim), *v.shape) for v in values]
