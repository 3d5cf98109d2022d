"""``--workers`` and ``--cluster``: where the command line has its long work done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from spinstack.numerics import workers
from spinstack.text.checks import whole
from spinstack.text.document import Document, check_tables, read_document
from spinstack.text.errors import ParameterError


@contextmanager
def working(count: int | None, cluster: Path | None) -> Iterator[None]:
    """Inside the block long work goes to processes of this machine, or to the cluster that a file describes."""
    if count is not None and cluster is not None:
        raise ParameterError("beside --cluster", field="workers", got=count, remedy="Give one.")
    if count is None and cluster is None:
        yield
        return
    opened: Any = workers.workers(count) if count is not None else described(read_document(str(cluster)))
    with opened as client, workers.work_by(client) if client is not None else nullcontext():
        yield


def described(document: Document) -> Any:
    """The client of a file: ``address`` of a scheduler, ``workers`` of this machine, or a table of a batch system.

    Tables [slurm], [pbs], [sge] and [lsf] have ``jobs``, how many there are to be, and the settings of dask-jobqueue.
    """
    ways = ("address", "workers", *workers.SYSTEMS)
    check_tables(document, ("spinstack", *ways))
    given = [way for way in ways if way in document.data]
    if len(given) != 1:
        raise document.error((), f"{len(given)} ways to workers", allowed=f"one of {', '.join(ways)}")
    (way,) = given
    value = document.data[way]
    try:
        if way == "address":
            if not isinstance(value, str):
                raise ParameterError(got=value, allowed='text such as "tcp://node1:8786"')
            return workers.scheduler(value)
        if way == "workers":
            return workers.workers(whole(value, "", low=1))
        if not isinstance(value, Mapping):
            raise ParameterError(got=value, allowed="a table of jobs and settings of dask-jobqueue")
        if "jobs" not in value:
            raise ParameterError("missing", allowed="how many jobs there are to be", path=("jobs",))
        settings = {name: one for name, one in value.items() if name != "jobs"}
        return workers.batch(way, whole(value["jobs"], "jobs", low=1), settings)
    except ParameterError as error:
        raise document.located(error, (way, *error.path)) from None
