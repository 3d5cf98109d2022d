"""Work that is done elsewhere: by a dask cluster that somebody has, by an executor, or by processes of this machine."""

from __future__ import annotations

import inspect
import logging
import os
import pickle
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from spinstack.text import checks
from spinstack.text.errors import ParameterError, SpinstackError
from spinstack.text.optional import optional
from spinstack.text.version import code

#: what processes of this machine are started with: memory is kept (a gibibyte) instead of given back after every block,
#: and each computes with one thread, in 64 bits
ENVIRONMENT = {
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PJRT_NPROC": "1",
    "JAX_ENABLE_X64": "1",
}
_ALLOWED = "a distributed.Client, a concurrent.futures.Executor, or None"
#: what a scheduler is waited for [s]
PATIENCE = 20
#: of this machine, seen by it alone
_ANY_PORT = "127.0.0.1:0"
#: workers that may die at one task before the task is to blame
_DEATHS = 10


_client: ContextVar[Any] = ContextVar("client", default=None)


@contextmanager
def work_by(client: Any) -> Iterator[None]:
    """Inside the block long computations that are given no client take this one; None changes nothing."""
    token = _client.set(chosen_client(client))
    try:
        yield
    finally:
        _client.reset(token)


def chosen_client(client: Any) -> Any:
    """The client that was given, or that of the block; None where the work is done here."""
    check_client(client)
    return _client.get() if client is None else client


def check_client(client: Any) -> None:
    """Raise :class:`ParameterError` for what is neither a client nor an executor, or is closed."""
    if client is None or isinstance(client, Executor):
        return
    if hasattr(client, "get_client") and not hasattr(client, "submit"):
        why = "a cluster, and no client of it"
        raise ParameterError(why, field="client", got=client, remedy="Give client=cluster.get_client().")
    if not _is_dask(client):
        raise ParameterError(field="client", got=client, allowed=_ALLOWED)
    if client.asynchronous:
        raise ParameterError("which is asynchronous", field="client", got=client, remedy="Open it without that.")
    if client.status in ("closed", "closing"):
        raise _closed(client)


def threads(client: Any) -> int:
    """How many tasks it does at once, as far as it tells; 0 where it has no workers yet, or cannot be asked."""
    if _is_dask(client):
        try:
            return sum(client.nthreads().values())
        except OSError:  # the work itself meets it, and knows what is kept
            return 0
    return int(getattr(client, "_max_workers", None) or os.cpu_count() or 1)


def done(
    client: Any, function: Callable[[int], Any], numbers: Sequence[int], *, kept: bool = False, together: int = 1
) -> Iterator[tuple[int, Any]]:
    """Numbers with what `function` gives of each, as they are finished; what is not begun is called off at the end.

    A worker that dies costs what it was at: dask gives its numbers to others.

    Args:
        client: whose workers do it.
        function: goes to each worker once.
        numbers: what each of them takes is best half a second or more.
        kept: whether what is finished is kept, and the same call goes on from there.
        together: so many numbers are a task for another process, one after the other.

    Raises:
        SpinstackError: the workers are gone, or have this package not, or in another version; a function that cannot
            be sent.
    """
    if not numbers:
        return
    try:
        if isinstance(client, ThreadPoolExecutor):
            yield from _by_executor(client, (function,), numbers)
            return
        groups = [tuple(numbers[start : start + together]) for start in range(0, len(numbers), together)]
        task = (perform, _packed(function), code())
        for some, found in (
            _by_dask(client, task[1:], groups) if _is_dask(client) else _by_executor(client, task, groups)
        ):
            yield from zip(some, found, strict=True)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "spinstack":
            raise
        remedy = "Install it there, in the same version."
        raise ParameterError("whose workers have no spinstack", field="client", got=client, remedy=remedy) from None
    except CancelledError:
        raise _lost("the scheduler of the workers is gone, or was told to forget this work", kept) from None
    except BrokenExecutor as error:
        raise _lost(f"workers have died ({error})", kept) from None
    except Exception as error:
        if not type(error).__module__.startswith("distributed."):
            raise
        if type(error).__name__ == "KilledWorker":
            remedy = "It may need more memory than workers have."
            raise _lost("one task has ended every worker that took it", kept, remedy) from None
        raise _lost(f"the scheduler of the workers cannot be reached any more ({error})", kept) from None


def _by_executor(client: Any, task: tuple[Any, ...], each: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    futures: dict[Any, Any] = {}
    try:
        for one in each:
            futures[_submitted(client, task, one)] = one
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def _submitted(client: Any, task: tuple[Any, ...], one: Any) -> Any:
    try:
        return client.submit(*task, one)
    except BrokenExecutor:
        raise
    except RuntimeError:  # the one way in which an executor says so
        raise _closed(client) from None


#: what a worker is asked to do: it has this function without any package, and so can say that ours is not there
_ASKED = "__import__('spinstack.numerics.workers', fromlist=['perform']).perform(packed, code, numbers)"


def _by_dask(client: Any, task: tuple[bytes, str], groups: Sequence[tuple[int, ...]]) -> Iterator[tuple[Any, Any]]:
    import distributed

    finished: Any = distributed.as_completed
    # keys of their own: what an earlier run has lost must not be taken from the scheduler's memory
    run = os.urandom(8).hex()
    places = {f"spinstack-{run}-{some[0]}": some for some in groups}
    futures: list[Any] = []
    try:
        # a task of its own: it goes to each worker once, and is made again where the worker dies that had it
        packed = client.submit(bytes, task[0], key=f"spinstack_work-{run}")
        given = [{"packed": packed, "code": task[1], "numbers": some} for some in groups]
        futures = client.map(eval, [_ASKED] * len(groups), given, key=list(places))
        for future in finished(futures, loop=client.loop):
            yield places[future.key], future.result()
            future.release()
    finally:
        with suppress(Exception):  # nothing is begun any more where there is no scheduler
            if client.status == "running":
                client.cancel(futures)


def _packed(function: Callable[[int], Any]) -> bytes:
    """As bytes, so that what cannot be made of them in a worker is an error there and not the end of its connection."""
    try:
        import cloudpickle as by_value  # comes with dask and loky; takes functions of a session, too
    except ImportError:
        by_value = pickle
    try:
        return bytes(by_value.dumps(function))
    except Exception as error:
        why = f"holds something that cannot be sent to other processes ({error})"
        remedy = "Functions that are sent stand in a module, and hold no open files or locks."
        raise SpinstackError(why, where="the work for workers", remedy=remedy) from None


def perform(packed: bytes, theirs: str, numbers: Sequence[int]) -> list[Any]:
    """Called in a worker: what a packed function gives of each of some numbers.

    Raises SpinstackError where the worker has the package in another version, or cannot make the function.
    """
    if theirs != code():
        why = "has another version of spinstack than the program that asks it"
        raise SpinstackError(why, where="a worker", remedy="Install the same version everywhere.")
    function = _unpacked(packed)
    jax = sys.modules.get("jax")
    if jax is not None and not jax.config.jax_enable_x64:  # by whatever else the worker does
        jax.config.update("jax_enable_x64", True)
    return [function(number) for number in numbers]


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> Callable[[int], Any]:
    """Kept, as it may hold compiled programs that its next numbers need."""
    try:
        function: Callable[[int], Any] = pickle.loads(packed)
    except (ImportError, AttributeError) as error:
        remedy = "Functions of your own stand in a module that workers can import, too."
        raise SpinstackError(f"cannot make what it is to do ({error})", where="a worker", remedy=remedy) from None
    return function


def _lost(why: str, kept: bool, remedy: str = "") -> SpinstackError:
    after = "What is finished is kept: the same command continues." if kept else "Nothing is kept without a file."
    return SpinstackError(why, field="client", remedy=f"{after} {remedy}".strip())


def _closed(client: Any) -> ParameterError:
    return ParameterError("which is closed", field="client", got=client, allowed=_ALLOWED)


def _is_dask(client: Any) -> bool:
    return any(kind.__module__.partition(".")[0] == "distributed" for kind in type(client).__mro__) and hasattr(
        client, "scheduler_info"
    )


class Pinned:
    """A worker on cores of its own; as a plugin of dask."""

    name = "spinstack-pinned"
    idempotent = True

    def __init__(self, count: int) -> None:
        self.count = count

    def setup(self, worker: Any) -> None:
        """Called in every worker."""
        if not hasattr(os, "sched_setaffinity"):
            return
        cores = sorted(os.sched_getaffinity(0))
        number = int(worker.name) if str(worker.name).isdigit() else os.getpid()
        os.sched_setaffinity(0, cores[number % len(cores) :: max(self.count, 1)])

    def teardown(self, worker: Any) -> None:
        """Nothing is left to be undone."""


@contextmanager
def workers(count: int) -> Iterator[Any]:
    """A client of so many processes of this machine, each with one thread, on cores of its own.

    For ``client=`` of :func:`spinstack.sweep`, :func:`spinstack.fit` and :func:`spinstack.compare_mechanisms`; it ends
    with the block. A program that calls it does so under ``if __name__ == "__main__":``, as all that start processes.

    Args:
        count: how many.

    Raises:
        ParameterError: dask, which the extra [cluster] installs, is not there.
    """
    count = checks.whole(count, "count", low=1)
    dask, distributed = (optional(name, "cluster", "workers") for name in ("dask", "distributed"))
    settings = {
        "distributed.nanny.pre-spawn-environ": ENVIRONMENT,
        "distributed.worker.memory.terminate": False,
        "distributed.scheduler.allowed-failures": _DEATHS,
        "distributed.worker.profile.enabled": False,
        "distributed.comm.timeouts.connect": "5s",  # who does not answer on this machine is dead
    }
    options: dict[str, Any] = {
        "threads_per_worker": 1,
        "memory_limit": 0,
        "silence_logs": logging.CRITICAL,
        "dashboard_address": _ANY_PORT,
        "worker_dashboard_address": _ANY_PORT,
        "scheduler_kwargs": {"dashboard": False},
    }
    with dask.config.set(settings), ExitStack() as stack:
        try:
            local = distributed.LocalCluster(n_workers=count, **options)
        except RuntimeError as error:
            remedy = 'A program that starts processes does so under if __name__ == "__main__":.'
            raise SpinstackError(f"do not start ({error})", where="workers", remedy=remedy) from None
        client = stack.enter_context(distributed.Client(stack.enter_context(local), set_as_default=False))
        client.register_plugin(type("Pinned", (Pinned, distributed.WorkerPlugin), {})(count))
        yield client


@contextmanager
def scheduler(address: str) -> Iterator[Any]:
    """A client of a dask scheduler that runs already; its workers need this package in the same version."""
    distributed = optional("distributed", "cluster", "address")
    try:
        client = distributed.Client(address, set_as_default=False, timeout=PATIENCE)
    except (OSError, ValueError) as error:  # nobody answers, or it is no address
        remedy = "Is the scheduler running, and can it be reached from here?"
        raise ParameterError(str(error).rstrip("."), field="address", got=address, remedy=remedy) from None
    with client:
        yield client


#: batch systems that dask-jobqueue knows, by the words of a file
_LISTS = ("worker_extra_args", "job_script_prologue", "job_extra_directives", "job_directives_skip")
_NEEDED = {"cores": "how many cores each job has", "memory": 'how much memory each job has, for example "4 GB"'}
SYSTEMS = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "sge": "SGECluster", "lsf": "LSFCluster"}


def jobs(system: str, settings: Mapping[str, Any]) -> Any:
    """A cluster of jobs of a batch system, none started yet; settings are those of dask-jobqueue.

    A worker ends itself a little before the walltime of its job, and gives what it was at to others, unless
    ``--lifetime`` is among its ``worker_extra_args``.
    """
    checks.choice(system, "system", SYSTEMS)
    kind = getattr(optional("dask_jobqueue", "cluster", system), SYSTEMS[system])
    known = {
        name
        for one in (kind, kind.job_cls, *kind.job_cls.__mro__, *kind.__mro__)
        if "__init__" in vars(one) and one is not object
        for name in inspect.signature(one.__init__).parameters
    }
    inner = {"self", "scheduler", "name", "args", "kwargs", "job_cls", "asynchronous", "loop", "job_kwargs"}
    for name, value in settings.items():
        checks.choice(name, system, sorted(known - inner - {"base_class_kwargs"}))
        if name in _LISTS and not isinstance(value, list | tuple):
            raise ParameterError(field=name, got=value, allowed='a list of texts, such as ["one line", "another"]')
    for name in ("cores", "memory"):
        if name not in settings:
            raise ParameterError("missing", field=name, allowed=_NEEDED[name])
    before = [f"export {name}={value}" for name, value in ENVIRONMENT.items()]
    given = {"processes": 1, **settings}
    # the usual port may be another cluster's
    given["scheduler_options"] = {"dashboard_address": ":0", **given.get("scheduler_options", {})}
    given["job_script_prologue"] = [*before, *given.get("job_script_prologue", [])]
    extra = list(given.get("worker_extra_args", []))
    seconds = _seconds(str(given.get("walltime", "")), system)
    if seconds is not None and not any(str(one).startswith("--lifetime") for one in extra):
        given["worker_extra_args"] = [*extra, "--lifetime", f"{max(1, seconds - max(60, seconds // 20))}s"]
    try:
        return kind(**given)
    except (ValueError, TypeError, RuntimeError, ArithmeticError, OSError) as error:
        told = str(error).strip().splitlines() or [repr(error)]
        raise ParameterError(f"which dask-jobqueue can't use: {told[-1]}", field=system, got=dict(settings)) from None


def _seconds(walltime: str, system: str) -> int | None:
    """Of a time such as 2:00:00 or 1-12:00:00; None of one that is written otherwise."""
    found = re.fullmatch(r"(?:(\d+)-)?(\d+):(\d\d)(?::(\d\d))?", walltime)
    if found is None:
        return None
    days, first, second, third = (None if part is None else int(part) for part in found.groups())
    if third is None:  # hours and minutes, elsewhere minutes and seconds
        first, second, third = (first, second, 0) if system == "lsf" else (0, first, second)
    return 86400 * (days or 0) + 3600 * (first or 0) + 60 * (second or 0) + (third or 0)


@contextmanager
def batch(system: str, count: int, settings: Mapping[str, Any]) -> Iterator[Any]:
    """A client of so many jobs of a batch system; those that end at their walltime are followed by others."""
    count = checks.whole(count, "jobs", low=1)
    distributed = optional("distributed", "cluster", system)
    with jobs(system, settings) as cluster, distributed.Client(cluster, set_as_default=False) as client:
        command = str(cluster.job_cls.submit_command).split()[0]
        if shutil.which(command) is None:
            why = f"but {command}, which submits jobs, is not on this machine"
            raise ParameterError(why, field=system, remedy="Run this where jobs are submitted.")
        _submitted_one(cluster, system, settings)
        cluster.adapt(minimum_jobs=count, maximum_jobs=count)
        yield client


def _submitted_one(cluster: Any, system: str, settings: Mapping[str, Any]) -> None:
    """Submit a first job, so that a batch system that takes none says so at once."""
    cluster.worker_spec.update(cluster.new_worker_spec())
    try:
        cluster.sync(cluster._correct_state)
    except (RuntimeError, OSError, AssertionError):  # dask says no more of a job that did not start
        cluster._created.clear()  # and would wait for it to end
        command = str(cluster.job_cls.submit_command).split()[0]
        remedy = f"What does {command} say of a job with these settings?"
        raise ParameterError("which took no job", field=system, got=dict(settings), remedy=remedy) from None
