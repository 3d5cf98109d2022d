"""Where the command line prints: results to standard output, everything else to standard error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Printed

from spinstack.text import ending
from spinstack.text.locks import alone
from spinstack.text.plain import visible

if TYPE_CHECKING:
    from spinstack.report.tables import Table
    from spinstack.study.folder import Folder
    from spinstack.study.results import Result
    from spinstack.study.run import Run

INCOMPLETE = 1
UNPRINTED = 3


@contextmanager
def streams() -> Iterator[Callable[[], bool]]:
    """Standard streams that bear everything; inside, what cannot be printed ends the block, and one line says it.

    Gives a function that says afterwards whether all of standard output was printed.
    """
    unseen = io.StringIO()
    sys.stdout, sys.stderr = sys.stdout or unseen, sys.stderr or io.StringIO()  # None: closed by who started this
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Greek letters should not end a run
    why = ""
    try:
        yield lambda: not why
        sys.stdout.flush()
    except OSError as error:  # its reader has gone, such as head, which has seen enough; or its disk is full
        why = error.strerror or str(error)
    except SystemExit as error:
        if not isinstance(error.__context__, BrokenPipeError):  # in the place of which rich raises it
            raise
        why = error.__context__.strerror or ""
    why = why or ("it is closed" if unseen.getvalue() else "")
    if why:
        _drop(sys.stdout)
        message(f"Standard output: {why}, so not all was printed.")
    with suppress(OSError):
        sys.stderr.flush()
        return
    _drop(sys.stderr)


def _drop(stream: Any) -> None:
    """Let what was not printed be forgotten, so that the end of the program does not try again."""
    with suppress(OSError, ValueError), open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


class _Console(Console):
    """Leaves to :func:`streams` what to do when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        raise


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    # a table folded to the 80 columns of a pipe is harder to read than a long line
    width = None if stream.isatty() else 132
    return _Console(stderr=stderr, highlight=False, soft_wrap=stderr, emoji=False, width=width)


def _plain(text: str) -> str:
    """Text for markup, in which nothing commands the terminal."""
    return escape(visible(text, lines=True))


def output() -> Console:
    """The console of results."""
    return _console(stderr=False)


def messages() -> Console:
    """The console of errors, warnings and progress."""
    return _console(stderr=True)


def message(text: str, markup: bool = False) -> None:
    """Print a line that is no result; nobody may be there to read it."""
    with suppress(OSError):
        messages().print(text, markup=markup)


def _print(what: Any, **style: Any) -> None:
    try:
        output().print(what, **style)
    except OSError as error:  # no other file is meant
        raise BrokenPipeError(error.errno, error.strerror) from None


def fail(text: str) -> None:
    """Print one error message, or several, one a line."""
    message(f"[bold red]Error:[/] {_plain(text)}", markup=True)


def warn(text: str) -> None:
    """Print one warning."""
    message(f"[yellow]Warning:[/] {_plain(text)}", markup=True)


def say(text: str, **style: str) -> None:
    """Print a line of results as it is."""
    _print(visible(text, lines=True), markup=False, soft_wrap=True, **style)


def show(table: Table) -> None:
    """Print a table; nothing where it has no rows."""
    if not table.rows:
        return
    out = Printed(
        title=_plain(table.title), title_justify="left", title_style="bold", header_style="", box=SIMPLE_HEAD,
        pad_edge=False, caption=_plain(table.caption) or None, caption_justify="left",
    )  # fmt: skip
    for i, column in enumerate(table.columns):
        words = i < table.left or column == "meaning"
        out.add_column(
            _plain(column), justify="left" if words else "right", no_wrap=not words or i < table.solid, overflow="fold"
        )
    for i, row in enumerate(table.rows):
        if i in table.sections:
            out.add_section()
        out.add_row(*map(_plain, row))
    _print(out)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Says what is being done: on a terminal a line that changes, with a bar for what has parts; lines in a file."""
    console = messages()
    if not console.is_terminal:
        said = ""

        def say_once(name: str, done: int, total: int) -> None:
            nonlocal said
            if name != said:
                message(f"{visible(name)} ...")
            said = name

        yield say_once
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("checked", total=None)
        yield lambda name, done, total: bar.update(task, description=_plain(name), completed=done, total=total)


def interruption(run: Run, folder: Folder) -> str:
    """What an interrupted run leaves."""
    complete = ", ".join(run.complete) or "nothing"
    at = f" at {run.at}" if run.at else ""
    words = f"Interrupted{at}. Complete in {folder.path}: {complete}."
    if folder.keeps(run.interrupted):
        words += f" What was computed of {run.interrupted!r} is kept."
    return visible(words + (" The same command resumes." if run.study.resumes else ""))


def complete(run: Run, folder: Folder, add: Callable[[Result], None], finish: Callable[[], None] | None = None) -> bool:
    """Give every result of a run to a report, and finish that; False where Ctrl-C was met, of which is then told."""
    ending.words = partial(interruption, run, folder)
    try:
        with alone(folder.path, "--output"):
            for result in run:
                add(result)
            if finish is not None:
                run.report("writing the report", 0, 1)
                finish()
    except KeyboardInterrupt:
        message(interruption(run, folder))
        return False
    return True


def told(run: Run, words: str) -> int:
    """Print what failed and `words`; returns the exit code."""
    for failure in run.failures:
        fail(f"{failure.what}: {failure.why}")
    say(words)
    return INCOMPLETE if run.failures else 0
