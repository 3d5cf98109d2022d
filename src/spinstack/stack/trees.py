"""What is a JAX pytree once JAX is loaded; importing JAX is left to who needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, Self, TypeVar

_waiting: list[type[Tree]] = []
Found = TypeVar("Found")


class Tree:
    """The base of everything that JAX takes apart and puts together again."""

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        _waiting.append(cls)

    def kept(self, make: Callable[[Self], Found]) -> Found:
        """What `make` gives of this object, which never changes: computed once, and gone with the object.

        What it gives is shared, so nobody may change it; it does not travel with copies and pickles.
        """
        store: dict[Any, Any] = self.__dict__.setdefault("_kept", {})
        if make not in store:
            store[make] = make(self)
        return store[make]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_kept"}

    def _branches(self) -> tuple[Iterable[tuple[str | int, Any]], Any]:
        """The parts by the name of their field or their position, and what is fixed while they vary."""
        raise NotImplementedError

    @classmethod
    def _grown(cls, rest: Any, children: Any) -> Self:
        """The inverse. JAX rebuilds trees with placeholders as leaves, so nothing is checked here."""
        raise NotImplementedError


def register_with_jax() -> None:
    """Make every Tree a JAX pytree if JAX is loaded."""
    if not _waiting or "jax" not in sys.modules:
        return
    from jax.tree_util import GetAttrKey, SequenceKey, register_pytree_with_keys

    def flatten(tree: Tree) -> tuple[tuple[tuple[Any, Any], ...], Any]:
        children, rest = tree._branches()
        return tuple((GetAttrKey(k) if isinstance(k, str) else SequenceKey(k), child) for k, child in children), rest

    while _waiting:
        kind = _waiting.pop()
        register_pytree_with_keys(kind, flatten, kind._grown)
