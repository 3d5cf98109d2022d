"""``spinstack inspect``: what the reader sees in a measured file, and a description of it to edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spinstack.cli import console

if TYPE_CHECKING:
    from spinstack.measure.readers import Report

_HEADER_LINES = 40


def inspect(file: Path, write: Path | None, force: bool) -> int:
    """Print what stands in `file`; write a description to `write`. Returns the exit code."""
    from spinstack.measure.measurement import MeasurementError
    from spinstack.measure.readers import inspect as look
    from spinstack.stack import ParameterError

    if write is not None:
        _check_target(file, write, force)
    try:
        seen = look(file)
    except MeasurementError as error:
        raise ParameterError(str(error)) from None
    _show(seen)
    if write is not None:
        from spinstack.cli.analyze_files import write as write_file

        text = seen.to_toml()
        write_file(write, lambda target: target.write_text(text, encoding="utf-8"))
        console.output().print(f'Wrote {write}. Edit it, then use it as  description = "{write}"', markup=False)
    return 0


def _check_target(file: Path, write: Path, force: bool) -> None:
    from spinstack.stack import ParameterError

    if write.exists() and not write.is_file():
        raise ParameterError(f"{write}: is a folder. Give the name of a file (.toml).")
    if write.exists() and file.exists() and write.samefile(file):
        raise ParameterError(f"{write}: is the measured file itself. Give another name.")
    if write.exists() and not force:
        raise ParameterError(f"{write}: exists. Give another name, or --force to replace it.")
    if not write.parent.is_dir():
        raise ParameterError(f"{write}: there is no folder {write.parent}. Make it first.")


def _show(seen: Report) -> None:
    out = console.output()
    kind = (seen.format or "no known format").replace("_", " ")
    layout = f", separator {seen.separator}, decimal mark {seen.decimal!r}" if seen.separator else ""
    out.print(f"{seen.path}: {kind}{layout}, {seen.encoding}, line ends {seen.line_end}", markup=False)
    header = list(seen.header.items())
    for key, value in header[:_HEADER_LINES]:
        out.print(f"  {key}: {value}", markup=False)
    if len(header) > _HEADER_LINES:
        out.print(f"  and {len(header) - _HEADER_LINES} more lines of header", markup=False)
    empty = sum(c.kind == "empty" for c in seen.columns)
    if seen.columns:
        table = console.table(f"{seen.rows} rows", "", "column", "unit", "taken for", "values", "from", "to", left=4)
        for c in seen.columns:
            if c.kind == "empty":
                continue
            ends = ("text", "") if c.kind == "text" else (f"{c.least:.6g}", f"{c.largest:.6g}")
            cells = (str(c.number), c.name or "(no name)", c.unit or "", c.role or "", str(c.values), *ends)
            table.add_row(*map(console.escape, cells))
        out.print(table)
    if empty:
        out.print(f"{empty} column{'s' if empty > 1 else ''} without any value not shown.", markup=False)
    for name, reason in seen.refused.items():
        console.warn(f"not read as {name.replace('_', ' ')} without a description: {reason}")
