"""``spinstack inspect``: what the reader sees in a measured file, and a description of it to edit."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from spinstack.cli import console
from spinstack.cli.files import check_target
from spinstack.report.tables import Table
from spinstack.text.errors import ParameterError

if TYPE_CHECKING:
    from spinstack.measure.readers import Report

_HEADER_LINES = 40


def inspect(file: Path, write: Path | None, force: bool) -> int:
    """Print what stands in `file`; write a description to `write`. Returns the exit code."""
    from spinstack.measure.readers import inspect as look
    from spinstack.text import store

    if write is not None:
        if write.exists() and file.exists() and write.samefile(file):
            why = "which is the measured file itself"
            raise ParameterError(why, field="--write", got=str(write), remedy="Give another name.")
        check_target(write, force=force)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        seen = look(file)
    _show(seen)
    for text in dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, UserWarning)):
        console.warn(text)
    if write is not None:
        store.write_text(write, seen.to_toml())
        console.say(f'Wrote {write}. Edit it, then use it as  description = "{write}"')
    return 0


def _show(seen: Report) -> None:
    kind = (seen.format or "no known format").replace("_", " ")
    layout = f", separator {seen.separator}, decimal mark {seen.decimal!r}" if seen.separator else ""
    console.say(f"{seen.path}: {kind}{layout}, {seen.encoding}, line ends {seen.line_end}")
    header = list(seen.header.items())
    for key, value in header[:_HEADER_LINES]:
        console.say(f"  {key}: {value}")
    if len(header) > _HEADER_LINES:
        console.say(f"  and {len(header) - _HEADER_LINES} more lines of header")
    table = Table(f"{seen.rows} rows", ("", "column", "unit", "taken for", "values", "from", "to"), 4)
    for c in (c for c in seen.columns if c.kind != "empty"):
        ends = ("text", "") if c.kind == "text" else (f"{c.least:.6g}", f"{c.largest:.6g}")
        table.add(str(c.number), c.name or "(no name)", c.unit or "", c.role or "", str(c.values), *ends)
    console.show(table)
    if empty := len(seen.columns) - len(table.rows):
        console.say(f"{empty} column{'s' if empty > 1 else ''} without any value not shown.")
    for name, reason in seen.refused.items():
        console.warn(f"not read as {name.replace('_', ' ')} without a description: {reason}")
