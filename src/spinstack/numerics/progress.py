"""Long computations say how far they are, and whoever listens may stop them by raising an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[int, int], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Inside the block :func:`tell` calls `listener` with how much is done, and how much there is."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(done: int, total: int) -> None:
    """Say how much of a computation is done, short of its end; nothing at its beginning."""
    listener = _listener.get()
    if listener is not None and 0 < done < total:
        listener(done, total)
