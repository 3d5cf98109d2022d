"""Directions m as they arrive."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinstack.stack import ParameterError
from spinstack.stack.parameters import is_traced


def unit_vector(m: Any) -> Any:
    """`m` (..., 3) scaled to length 1; raises :class:`ParameterError` for anything that is no direction."""
    if is_traced(m):
        return m / ((m * m).sum(-1, keepdims=True)) ** 0.5
    try:
        v = np.asarray(m, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"m: got {m!r}. Allowed: three numbers, for example (0, 0, 1).") from None
    if v.shape[-1:] != (3,) or not np.isfinite(v).all():
        raise ParameterError(f"m: got {m!r}. Allowed: three finite components, for example (0, 0, 1).")
    length = np.sqrt((v * v).sum(-1, keepdims=True))
    if (length == 0).any():
        raise ParameterError(f"m: got {m!r}, a vector of length zero has no direction. Give for example (0, 0, 1).")
    return v / length
