"""``spinstack new``: a commented sample file to start from."""

from __future__ import annotations

from pathlib import Path

from spinstack.cli import console
from spinstack.samples.starter import Template, starter
from spinstack.text import store
from spinstack.text.errors import ParameterError


def new(file: Path, force: bool, template: Template = "bilayer") -> int:
    """Write the starter file; returns the exit code. An existing file is replaced only with `force`."""
    if file.is_dir():
        raise ParameterError(f"{file}: is a folder. Give the name of a file, such as {file / 'sample.toml'}.")
    if not file.parent.is_dir():
        raise ParameterError(f"{file}: the folder {file.parent} does not exist. Make it first.")
    if file.exists() and not force:
        raise ParameterError(f"{file}: exists already. Give another name, or --force to replace it.")
    store.write_text(file, starter(template, str(file)))
    console.say(f"Wrote {file}. Next: spinstack show {file}")
    return 0
