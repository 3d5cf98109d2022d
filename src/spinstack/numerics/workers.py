"""Work that is done elsewhere: by a dask cluster that somebody has, by an executor, or by processes of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import contextmanager
from typing import Any

from spinstack.text import checks
from spinstack.text.errors import ParameterError

#: what processes of this machine are started with: memory is kept (a gibibyte) instead of given back after every block,
#: and each computes with one thread
ENVIRONMENT = {
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PJRT_NPROC": "1",
}
_ALLOWED = "a distributed.Client, a concurrent.futures.Executor, or None"


def check_client(client: Any) -> None:
    """Raise :class:`ParameterError` for what is neither a client nor an executor."""
    if client is None or isinstance(client, Executor) or _is_dask(client):
        return
    raise ParameterError(field="client", got=client, allowed=_ALLOWED)


def done(client: Any, function: Callable[[int], Any], numbers: Sequence[int], key: str) -> Iterator[tuple[int, Any]]:
    """Numbers with what `function` gives of each, as they are finished; what is not begun is called off at the end.

    key: the same for the same work. A worker that dies costs what it was at: its numbers go to others.
    """
    if _is_dask(client):
        yield from _by_dask(client, function, numbers, key)
        return
    futures = {client.submit(function, number): number for number in numbers}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def _is_dask(client: Any) -> bool:
    return type(client).__module__.partition(".")[0] == "distributed" and hasattr(client, "map")


def _by_dask(client: Any, function: Any, numbers: Sequence[int], key: str) -> Iterator[tuple[int, Any]]:
    import distributed

    finished: Any = distributed.as_completed

    # keys of their own: a number that an earlier run has lost must not be taken from the scheduler's memory
    run = os.urandom(4).hex()
    futures = client.map(function, numbers, key=[f"{key[:24]}-{run}-{number}" for number in numbers])
    places = {future.key: number for future, number in zip(futures, numbers, strict=True)}
    try:
        for future in finished(futures, loop=client.loop):
            yield places[future.key], future.result()
            future.release()
    finally:
        client.cancel(futures)


class Pinned:
    """A worker on a core of its own; as a plugin of dask."""

    name = "spinstack-pinned"
    idempotent = True

    def setup(self, worker: Any) -> None:
        """Called in every worker."""
        if not hasattr(os, "sched_setaffinity"):
            return
        cores = sorted(os.sched_getaffinity(0))
        number = int(worker.name) if str(worker.name).isdigit() else os.getpid()
        os.sched_setaffinity(0, {cores[number % len(cores)]})

    def teardown(self, worker: Any) -> None:
        """Nothing is left to be undone."""


@contextmanager
def processes(count: int) -> Iterator[Any]:
    """A client of so many processes of this machine, each on a core of its own.

    Raises ParameterError where dask is not installed.
    """
    count = checks.whole(count, "workers", low=1)
    try:
        import dask
        import distributed
    except ImportError:
        why = "which dask does, and that is not installed"
        raise ParameterError(why, field="workers", got=count, remedy='pip install "spinstack[cluster]".') from None
    plugin = type("Pinned", (Pinned, distributed.WorkerPlugin), {})()
    settings = {"distributed.nanny.pre-spawn-environ": ENVIRONMENT, "distributed.worker.memory.terminate": False}
    make: Any = distributed.LocalCluster
    client_of: Any = distributed.Client
    with (
        dask.config.set(settings),
        make(n_workers=count, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster,
        client_of(cluster, set_as_default=False) as client,
    ):
        client.register_plugin(plugin)
        yield client
