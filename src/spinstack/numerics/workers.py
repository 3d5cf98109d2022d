"""Work that is done elsewhere: by a dask cluster that somebody has, by an executor, or by processes of this machine."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import contextmanager
from contextvars import ContextVar
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


_client: ContextVar[Any] = ContextVar("client", default=None)


@contextmanager
def work_by(client: Any) -> Iterator[None]:
    """Inside the block long computations that are given no client take this one."""
    check_client(client)
    token = _client.set(client)
    try:
        yield
    finally:
        _client.reset(token)


def chosen_client(client: Any) -> Any:
    """The client that was given, or that of the block; None where the work is done here."""
    check_client(client)
    return _client.get() if client is None else client


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


class Ahead:
    """Work that is asked for number by number, and begun on the workers of a client as soon as the first is asked for.

    Without a client each is done when it is asked for.
    """

    def __init__(self, client: Any, function: Callable[[int], Any], count: int) -> None:
        self._client, self._function, self._count = client, function, count
        self._begun: dict[int, Any] = {}

    def __enter__(self) -> Ahead:
        return self

    def __call__(self, number: int) -> Any:
        """What the function gives of a number."""
        if self._client is None:
            return self._function(number)
        if number not in self._begun:
            more = {"pure": False} if _is_dask(self._client) else {}
            function: Any = self._function
            for later in range(number, self._count):
                self._begun[later] = self._client.submit(function, later, **more)
        return self._begun.pop(number).result()

    def __exit__(self, *_: object) -> None:
        for future in self._begun.values():
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
    dask, distributed = _installed("workers", count)
    settings = {"distributed.nanny.pre-spawn-environ": ENVIRONMENT, "distributed.worker.memory.terminate": False}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=count, threads_per_worker=1, dashboard_address=None, memory_limit=0
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        client.register_plugin(type("Pinned", (Pinned, distributed.WorkerPlugin), {})())
        yield client


@contextmanager
def scheduler(address: str) -> Iterator[Any]:
    """A client of a dask scheduler that runs already; its workers need this package in the same version."""
    _, distributed = _installed("address", address)
    try:
        client = distributed.Client(address, set_as_default=False, timeout=20)
    except OSError as error:
        remedy = "Is the scheduler running, and can it be reached from here?"
        raise ParameterError(str(error), field="address", got=address, remedy=remedy) from None
    with client:
        yield client


#: batch systems that dask-jobqueue knows, by the words of a file
SYSTEMS = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "sge": "SGECluster", "lsf": "LSFCluster"}


def jobs(system: str, settings: Mapping[str, Any]) -> Any:
    """A cluster of jobs of a batch system, none started yet; settings are those of dask-jobqueue."""
    checks.choice(system, "system", SYSTEMS)
    _installed("system", system)
    try:
        import dask_jobqueue
    except ImportError:
        raise _missing("system", system) from None
    kind = getattr(dask_jobqueue, SYSTEMS[system])
    known = {
        name
        for one in (kind, kind.job_cls, *kind.job_cls.__mro__, *kind.__mro__)
        if "__init__" in vars(one) and one is not object
        for name in inspect.signature(one.__init__).parameters
    }
    for name in settings:
        checks.choice(name, system, sorted(known - {"self", "scheduler", "name", "args", "kwargs", "job_cls"}))
    before = [f"export {name}={value}" for name, value in ENVIRONMENT.items()]
    given = {"processes": 1, **settings}
    given["job_script_prologue"] = [*before, *given.get("job_script_prologue", [])]
    return kind(**given)


@contextmanager
def batch(system: str, count: int, settings: Mapping[str, Any]) -> Iterator[Any]:
    """A client of so many jobs of a batch system."""
    _, distributed = _installed("system", system)
    with jobs(system, settings) as cluster, distributed.Client(cluster, set_as_default=False) as client:
        cluster.scale(jobs=checks.whole(count, "jobs", low=1))
        yield client


def _installed(field: str, got: Any) -> tuple[Any, Any]:
    try:
        import dask
        import distributed
    except ImportError:
        raise _missing(field, got) from None
    return dask, distributed


def _missing(field: str, got: Any) -> ParameterError:
    why = "which dask does, and that is not installed"
    return ParameterError(why, field=field, got=got, remedy='pip install "spinstack[cluster]".')
