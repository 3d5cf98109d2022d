"""``spinstack new``: a commented sample or fit file to start from."""

from __future__ import annotations

from pathlib import Path

from spinstack.cli import console
from spinstack.cli.files import check_target
from spinstack.samples.starter import Template, starter
from spinstack.text import store


def new(file: Path, force: bool, template: Template = "bilayer") -> int:
    """Write the starter file; returns the exit code. An existing file is replaced only with `force`."""
    check_target(file, force=force)
    store.write_text(file, starter(template, str(file)))
    console.say(f"Wrote {file}. Next: spinstack {'fit' if template == 'fit' else 'show'} {file}")
    return 0
