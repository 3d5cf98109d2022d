"""The engine: a study is done task by task, each result complete and stored before the next one is begun.

What fails costs only its own result. Between tasks, and between the parts of a long one, `cancel` is looked at; what
is complete then stays, and the same run into the same folder goes on where this one stopped.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from spinstack.numerics.progress import Listener
from spinstack.numerics.workers import work_by
from spinstack.study.folder import Folder
from spinstack.study.results import Result
from spinstack.text.errors import SpinstackError

if TYPE_CHECKING:
    import threading

    import xarray as xr


#: called with what is being done, how much of it is, and how much there is
Progress = Callable[[str, int, int], None]


class Cancelled(Exception):
    """The program around asked to stop."""


@dataclass(frozen=True)
class Failure:
    """Something that could not be done.

    Attributes:
        what: where it stands and what it was about.
        why: what was wrong, in words.
        error: the error itself.
    """

    what: str
    why: str
    error: BaseException


class Task(NamedTuple):
    """One thing to do: its name, for which request, with which inputs; `call` gives a result, or None on the way.

    `where` names the request in a message about failure.
    """

    name: str
    where: str
    call: Callable[[Listener], Result | None]


class Study(Protocol):
    """Everything that a file asks for, checked."""

    @property
    def attributes(self) -> Mapping[str, str]:
        """What every result says of the study."""
        ...

    @property
    def resumes(self) -> bool:
        """Whether the same run again takes what an earlier one has stored."""
        ...

    def tasks(self, run: Run) -> Iterator[Task]:
        """What is to be done; later tasks may depend on the results of earlier ones."""
        ...


@dataclass
class Run:
    """The computing of a study. Iterate it for the results, as each is complete.

    Args:
        study: what is to be computed, from ``read_film_study`` or ``read_data_study``.
        folder: stores each result as soon as it is complete; without it nothing is stored.
        progress: called with the name of what is being done, how much of it is done, and how much there is.
        cancel: an event, or a function that says whether to stop; the iteration then ends.
        client: a ``distributed.Client`` or a ``concurrent.futures.Executor`` whose workers do what takes long.
        results: those that are complete.
        failures: what could not be done.
        at: what is being done, and how much of it is, in words.
        interrupted: the request that was under way when `cancel` or Ctrl-C stopped the iteration; "" otherwise.
        read: the measurements as they were read, by name.
        doubts: what was warned of while a measurement was read and cleaned, by its name.
    """

    study: Study
    folder: Folder | None = None
    progress: Progress = lambda name, done, total: None
    cancel: Callable[[], bool] | threading.Event | None = None
    client: Any = None
    results: list[Result] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    at: str = ""
    interrupted: str = ""
    read: dict[str, xr.Dataset] = field(default_factory=dict)
    doubts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def complete(self) -> list[str]:
        """Names of what is complete."""
        return [f"{r.kind}/{r.name}" if r.kind else r.name for r in self.results]

    def of_kind(self, kind: str) -> dict[str, xr.Dataset]:
        """The datasets of one kind by name."""
        return {r.name: r.dataset for r in self.results if r.kind == kind}

    def __iter__(self) -> Iterator[Result]:
        """Raises :class:`SpinstackError` where nothing can be done, and OSError where results cannot be stored."""
        try:
            for task in self.study.tasks(self):
                self.interrupted = task.name
                self.report(task.name, 0, 1)
                result = self._done(task)
                if result is not None:
                    if self.folder is not None:
                        self.folder.write(result)
                    self.results.append(result)
                    yield result
        except Cancelled:
            return
        if self.folder is not None:
            self.folder.finish(self.results)
        self.interrupted = ""

    def report(self, name: str, done: int, total: int) -> None:
        """Tell the progress, and look whether to stop."""
        self.progress(name, done, total)
        self.at = f"{name} ({done} of {total})" if done else name
        stop: Any = getattr(self.cancel, "is_set", self.cancel)
        if stop is not None and stop():
            raise Cancelled

    @contextmanager
    def noting(self, name: str, what: str) -> Iterator[None]:
        """Keep what is warned of while `what` is done to the measurement `name`."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            yield
        said = dict.fromkeys(f"{what}: {w.message}" for w in caught if issubclass(w.category, UserWarning))
        if said:
            self.doubts.setdefault(name, []).extend(said)

    def _heard(self, name: str, done: int, total: int, words: str = "") -> None:
        self.report(": ".join(filter(None, (name, words))), done, total)

    def _done(self, task: Task) -> Result | None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            try:
                with work_by(self.client):
                    found = task.call(partial(self._heard, task.name))
            except (Cancelled, MemoryError, OSError):
                raise
            except Exception as error:
                self.failures.append(Failure(task.where, told(error), error))
                return None
        doubts = dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, UserWarning))
        if found is None:
            return None
        dataset = found.dataset.assign_attrs(self.study.attributes)
        return replace(found, dataset=dataset, doubts=tuple(doubts))


def told(error: BaseException) -> str:
    """Why something failed; anything but our own errors is a mistake of this program, no reason to lose the rest."""
    return str(error) if isinstance(error, SpinstackError) else f"unexpected {type(error).__name__}: {error}"
