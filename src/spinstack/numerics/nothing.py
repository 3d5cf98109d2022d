"""A zero that is known before anything is computed: what it multiplies is not computed at all."""

from __future__ import annotations

from typing import Any

import jax


class Nothing:
    """Zero as part of the shape of a program: a sum passes over it, a product with it is it."""

    # arrays leave arithmetic to it
    __array_ufunc__ = None

    def __add__(self, other: Any) -> Any:
        return other

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return -other

    def __rsub__(self, other: Any) -> Any:
        return other

    def __mul__(self, other: Any) -> Nothing:
        return self

    __rmul__ = __truediv__ = __mul__

    def __neg__(self) -> Nothing:
        return self


NOTHING = Nothing()
jax.tree_util.register_pytree_node(Nothing, lambda _: ((), None), lambda *_: NOTHING)
