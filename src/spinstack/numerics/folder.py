"""The user's folder of compiled programs: there only where it can be written, and never larger than a limit."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

#: bytes; a program of a film of a few layers takes about 100 kB, one of hundreds of layers megabytes
LARGEST = 2**30


def compiled_programs() -> str | None:
    """The folder, made if needed and cut to its limit; None where nothing can be kept there."""
    folder = Path(platformdirs.user_cache_dir("spinstack"))
    try:
        if not folder.is_absolute():  # nobody knows where home is
            return None
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return None
        cut(folder, LARGEST)
    except OSError:
        return None
    return str(folder)


def cut(folder: Path, largest: int) -> None:
    """Remove the oldest files until a folder that has grown beyond `largest` bytes is half as large."""
    with os.scandir(folder) as found:
        files = [(entry.stat(), entry.path) for entry in found if entry.is_file(follow_symlinks=False)]
    size = sum(stat.st_size for stat, _ in files)
    if size <= largest:
        return
    for stat, path in sorted(files, key=lambda file: max(file[0].st_atime, file[0].st_mtime)):
        if size <= largest // 2:
            break
        Path(path).unlink(missing_ok=True)
        size -= stat.st_size
