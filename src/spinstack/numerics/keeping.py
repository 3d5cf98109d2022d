"""Long computations go block by block; who runs them may keep finished blocks, and give them to a later run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from spinstack.numerics.workers import chosen_client, done

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


def blocks(
    tasks: Sequence[Callable[[], Block]],
    *,
    client: Any = None,
    said: Callable[[int], None] = lambda number: None,
    fits: Callable[[int, Block], bool] = lambda number, part: True,
) -> list[Block]:
    """What each of the tasks gives, none of which needs another, as of :func:`block`.

    Args:
        tasks: go to workers as they are.
        client: whose workers compute them; None for here, or for that of :func:`spinstack.numerics.workers.work_by`.
        said: called with how many are done.
        fits: whether what was kept of a number is what would be computed.
    """
    client, kept = chosen_client(client), _kept.get()
    found: dict[int, Block] = {}
    first = 0
    if kept is not None:
        first, kept.count = kept.count, kept.count + len(tasks)
        for number in range(len(tasks)):
            part = kept.keeper.read(first + number)
            if part is not None and fits(number, part):
                found[number] = part
    missing = [number for number in range(len(tasks)) if number not in found]
    said(len(found))
    token = _kept.set(None)
    try:
        here = ((number, tasks[number]()) for number in missing)
        every = _Tasks(tuple(tasks))
        for number, part in here if client is None else done(client, every, missing, kept=kept is not None):
            if kept is not None:
                kept.keeper.write(first + number, part)
            found[number] = part
            said(len(found))
    finally:
        _kept.reset(token)
    return [found[number] for number in range(len(tasks))]


@dataclass(frozen=True)
class _Tasks:
    tasks: tuple[Callable[[], Block], ...]

    def __call__(self, number: int) -> Block:
        return self.tasks[number]()
