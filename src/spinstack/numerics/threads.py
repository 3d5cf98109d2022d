"""Threads: how many there are, and independent parts of a computation side by side on them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import cache, wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from spinstack.numerics.progress import tell
from spinstack.text.errors import SpinstackError

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_MOST = 1024

Given = ParamSpec("Given")
Item = TypeVar("Item")
Found = TypeVar("Found")


def threads() -> int:
    """Threads to compute with: SPINSTACK_THREADS, or as many as the process has cores."""
    given = os.environ.get("SPINSTACK_THREADS", "")
    if not given:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0
    if not 1 <= count <= _MOST:
        raise SpinstackError(field="SPINSTACK_THREADS", got=given, allowed=f"a whole number from 1 to {_MOST}")
    return count


_held = Lock()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Linear algebra with one thread, then as before; left to whoever asked first where several threads ask."""
    if not _held.acquire(blocking=False):
        yield
        return
    try:
        with _controller().limit(limits=1, user_api="blas"):
            yield
    finally:
        _held.release()


@cache
def _controller() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401  has a library of its own, which has to be there to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def small_matrices(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """The function with one thread in linear algebra: where there are many small matrices several wait for one another.

    Two threads of OpenBLAS take as long as one for many matrices of a few hundred rows, and beside other programs
    several times as long (benchmarks/boltzmann_threads.py).
    """

    @wraps(function)
    def call(*given: Given.args, **named: Given.kwargs) -> Found:
        with _one_thread():
            return function(*given, **named)

    return call


def side_by_side(
    function: Callable[[Item], Found], items: Sequence[Item], sizes: Sequence[int], done: int = 0, total: int = 0
) -> list[Found]:
    """The function of every item, in order, on as many threads as there are; says how far it is.

    sizes: what each item counts; done, total: what was done before, and what there is in all. What `function` gives
    may not depend on which thread calls it. When one raises, those that have not begun are left out.
    """
    total = total or sum(sizes)
    begun = [done + sum(sizes[:n]) for n in range(len(items))]
    count = min(threads(), len(items))
    found: list[Found] = []
    if count <= 1:
        for before, item in zip(begun, items, strict=True):
            tell(before, total)
            found.append(function(item))
        return found
    with _pool(count) as pool:
        futures = [pool.submit(copy_context().run, function, item) for item in items]
        for before, future in zip(begun, futures, strict=True):
            tell(before, total)
            found.append(future.result())
    return found


@contextmanager
def _pool(count: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(count, "spinstack")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


class Once:
    """What was computed under a key, by whichever thread asks first; others wait for it."""

    def __init__(self) -> None:
        self._lock, self._known = Lock(), dict[Any, Future[Any]]()

    def __call__(self, key: Any, make: Callable[[], Found]) -> Found:
        with self._lock:
            mine = key not in self._known
            future: Future[Any] = self._known.setdefault(key, Future())
        if mine:
            try:
                future.set_result(make())
            except BaseException as error:
                with self._lock:
                    del self._known[key]
                future.set_exception(error)
                raise
        found: Found = future.result()
        return found
