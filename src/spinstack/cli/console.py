"""Where the command line prints: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Printed

from spinstack.text.plain import visible

if TYPE_CHECKING:
    from spinstack.report.tables import Table
    from spinstack.study.folder import Folder
    from spinstack.study.run import Run

INCOMPLETE = 1
INTERRUPTED = 130  # what shells report for a program ended by Ctrl-C


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    # a table folded to the 80 columns of a pipe is harder to read than a long line
    width = None if stream.isatty() else 132
    return Console(stderr=stderr, highlight=False, soft_wrap=stderr, emoji=False, width=width)


def _plain(text: str) -> str:
    """Text for markup, in which nothing commands the terminal."""
    return escape(visible(text, lines=True))


def output() -> Console:
    """The console of results."""
    return _console(stderr=False)


def messages() -> Console:
    """The console of errors, warnings and progress."""
    return _console(stderr=True)


def fail(text: str) -> None:
    """Print one error message, or several, one a line."""
    messages().print(f"[bold red]Error:[/] {_plain(text)}")


def warn(text: str) -> None:
    """Print one warning."""
    messages().print(f"[yellow]Warning:[/] {_plain(text)}")


def say(text: str, **style: str) -> None:
    """Print a line of results as it is."""
    output().print(visible(text, lines=True), markup=False, soft_wrap=True, **style)  # type: ignore[arg-type]


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
    output().print(out)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Says what is being done: on a terminal a line that changes, with a bar for what has parts; lines in a file."""
    console = messages()
    if not console.is_terminal:
        yield lambda name, done, total: None if done else console.print(f"{visible(name)} ...", markup=False)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("checked", total=None)
        yield lambda name, done, total: bar.update(task, description=_plain(name), completed=done, total=total)


def interrupted(run: Run, folder: Folder) -> int:
    """Say what an interrupted run leaves; returns the exit code."""
    complete = ", ".join(run.complete) or "nothing"
    words = f"\nInterrupted. Complete in {folder.path}: {complete}."
    if folder.keeps(run.interrupted):
        words += f" What was computed of {run.interrupted!r} is kept."
    words += " The same command resumes." if run.study.resumes else ""
    messages().print(visible(words, lines=True), markup=False)
    return INTERRUPTED


def told(run: Run, words: str) -> int:
    """Print what failed and `words`; returns the exit code."""
    for failure in run.failures:
        fail(f"{failure.what}: {failure.why}")
    say(words)
    return INCOMPLETE if run.failures else 0
