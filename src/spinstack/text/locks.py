"""Two programs of one machine that are at the same file or folder: the second is told.

Nothing is written beside the file, and a program that is killed leaves no lock: the system forgets it with the process.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from spinstack.text.errors import SpinstackError


@contextmanager
def alone(target: str | os.PathLike[str], field: str = "") -> Iterator[None]:
    """Inside the block no other program on this machine is here with the same file or folder.

    Raises SpinstackError where one is; where nothing can be locked, nothing is told.
    """
    path = os.path.realpath(target)
    try:
        place = _places() / hashlib.sha256(os.fsencode(os.path.normcase(path))).hexdigest()[:32]
        file = _locked(place)
    except BlockingIOError:
        remedy = "Wait for it, or give another place."
        raise SpinstackError("which another program is writing", field=field, got=str(target), remedy=remedy) from None
    except OSError:
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):  # while it is locked: who opens it now finds that it is gone
            place.unlink()
        file.close()


def _places() -> Path:
    who = str(os.getuid()) if hasattr(os, "getuid") else ""
    return Path(tempfile.gettempdir()) / f"spinstack-locks-{who}"


def _locked(place: Path) -> IO[bytes]:
    """The open and locked file; BlockingIOError where another has it."""
    while True:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        if hasattr(os, "getuid") and place.parent.lstat().st_uid != os.getuid():
            raise PermissionError("the folder of locks is another user's")
        file = place.open("ab")
        try:
            _lock(file)
            if os.path.samestat(os.fstat(file.fileno()), place.stat()):
                return file
        except FileNotFoundError:  # the one before has just removed it
            pass
        except OSError:
            file.close()
            raise
        file.close()


if sys.platform == "win32":

    def _lock(file: IO[bytes]) -> None:
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            raise BlockingIOError from None

else:

    def _lock(file: IO[bytes]) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
