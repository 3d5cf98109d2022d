"""``--workers`` and ``--cluster``: where the command line has its long work done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinstack.numerics import workers
from spinstack.text.checks import whole
from spinstack.text.document import Document, check_tables, read_document
from spinstack.text.errors import ParameterError


@dataclass(frozen=True)
class Working:
    """Where long work is done: here, by so many processes of this machine, or by the cluster that a file describes."""

    count: Any = None
    cluster: Path | None = None

    @classmethod
    def asked(cls, count: str | None, cluster: Path | None) -> Working:
        """As it was typed; what is no number is refused before anything begins."""
        number = count is not None and count.lstrip("+-").isdecimal()
        return cls(int(str(count)) if number else count, cluster)

    @contextmanager
    def begun(self, progress: Callable[[str, int, int], None]) -> Iterator[Any]:
        """A client, or None for here."""
        if self.count is not None and self.cluster is not None:
            raise ParameterError("beside --cluster", field="--workers", got=self.count, remedy="Give one.")
        if self.count is None and self.cluster is None:
            yield None
            return
        if self.cluster is not None:
            opened = described(read_document(str(self.cluster), what="file that describes a cluster"))
        else:
            opened = workers.workers(whole(self.count, "--workers", low=1))
        progress("starting workers", 0, 1)
        _quiet()
        with opened as client:
            yield client


def _quiet() -> None:
    """Ctrl-C ends this process at once; what cleans up behind it need not tell that it did."""
    if os.name != "posix":
        return
    from multiprocessing import resource_tracker

    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (before, "ignore:resource_tracker:UserWarning")))
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


#: in this process
HERE = Working()


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
