"""Long computations say how far they are, and whoever listens may stop them by raising an exception."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Listener(Protocol):
    """Called with how much is done, how much there is, and in words what is being done of it."""

    def __call__(self, done: int, total: int, words: str = "", /) -> None: ...


_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Inside the block :func:`tell` calls `listener` with how much is done, and how much there is."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(done: int, total: int, words: str = "") -> None:
    """Say how much of a computation is done, short of its end; nothing at its beginning but in `words`."""
    listener = _listener.get()
    if listener is not None and (done > 0 or words) and done < total:
        listener(done, total, words)
