"""Where the command line prints: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    console = Console(stderr=stderr, highlight=False, soft_wrap=stderr)
    # a table folded to the 80 columns of a pipe is harder to read than a long line
    return console if stream.isatty() else Console(stderr=stderr, highlight=False, soft_wrap=stderr, width=132)


def output() -> Console:
    """The console of results."""
    return _console(stderr=False)


def messages() -> Console:
    """The console of errors, warnings and progress."""
    return _console(stderr=True)


def fail(text: str) -> None:
    """Print one error message."""
    messages().print(f"[bold red]Error:[/] {escape(text)}")


def warn(text: str) -> None:
    """Print one warning."""
    messages().print(f"[yellow]Warning:[/] {escape(text)}")


def escape(text: str) -> str:
    """Text in which brackets are brackets, not rich markup."""
    from rich.markup import escape as rich_escape

    return rich_escape(text)


def table(title: str, *columns: str, left: int = 1) -> Table:
    """A table whose first `left` columns are text and whose others are numbers, flush right."""
    out = Table(title=title, title_justify="left", title_style="bold", header_style="", box=SIMPLE_HEAD, pad_edge=False)
    for i, column in enumerate(columns):
        out.add_column(column, justify="left" if i < left else "right", no_wrap=i >= left, overflow="fold")
    return out
