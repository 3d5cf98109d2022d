"""Long computations go block by block; who runs them may keep finished blocks, and give them to a later run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

import numpy as np

Block = dict[str, np.ndarray]


class Keeper(Protocol):
    """Where blocks of one computation are kept, by their number in it."""

    def read(self, number: int) -> Block | None:
        """A block that an earlier run of the same computation has kept; None where there is none."""
        ...

    def write(self, number: int, part: Block) -> None:
        """Keep a block."""
        ...


class _Kept:
    def __init__(self, keeper: Keeper) -> None:
        self.keeper, self.count = keeper, 0


_kept: ContextVar[_Kept | None] = ContextVar("kept", default=None)


@contextmanager
def kept_by(keeper: Keeper) -> Iterator[None]:
    """Inside the block what :func:`block` computes is kept; the same computation has the same blocks in every run."""
    token = _kept.set(_Kept(keeper))
    try:
        yield
    finally:
        _kept.reset(token)


def block(compute: Callable[[], Block]) -> Block:
    """What `compute` gives, some seconds of work, or what was kept of it; blocks inside of it are parts of it."""
    kept = _kept.get()
    if kept is None:
        return compute()
    number, kept.count = kept.count, kept.count + 1
    found = kept.keeper.read(number)
    if found is None:
        token = _kept.set(None)
        try:
            found = compute()
        finally:
            _kept.reset(token)
        kept.keeper.write(number, found)
    return found
