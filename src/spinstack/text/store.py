"""The one way files are written: whole under a temporary name, then renamed; and parts that carry a checksum.

A program that is killed, a full disk or an error leaves the old file or none, never half of a new one.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray

_SEAL = b"spinstack part 1\n"


@contextmanager
def replacing(target: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary file beside `target`, which becomes `target` when the block ends without an error.

    The suffix is kept, since some writers choose the format by it; so are the permissions of a file that is replaced,
    and a link, whose file is replaced. Folders and devices are refused.
    """
    path = Path(os.path.realpath(target))
    if path.exists() and not path.is_file():
        raise IsADirectoryError("it is a folder") if path.is_dir() else OSError("it is a device, not a file")
    temporary = path.with_name(f".{path.stem[:40]}.{secrets.token_hex(4)}.part{path.suffix[:20]}")
    mode = path.stat().st_mode & 0o777 if path.exists() else None
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(target: str | os.PathLike[str], content: bytes) -> None:
    """Write a whole file."""
    with replacing(target) as temporary:
        temporary.write_bytes(content)


def write_text(target: str | os.PathLike[str], text: str) -> None:
    """Write a whole text file in UTF-8 with newlines as they are."""
    write_bytes(target, text.encode("utf-8"))


def write_dataset(target: str | os.PathLike[str], dataset: xarray.Dataset) -> None:
    """Write a labelled dataset as a NetCDF file."""
    with replacing(target) as temporary:
        dataset.to_netcdf(temporary, engine="h5netcdf")


def write_arrays(target: str | os.PathLike[str], arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays with a checksum; :func:`read_arrays` gives them back or says that they are not whole."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    content = buffer.getvalue()
    write_bytes(target, _SEAL + hashlib.sha256(content).digest() + content)


def read_arrays(source: str | os.PathLike[str]) -> dict[str, np.ndarray] | None:
    """The arrays of :func:`write_arrays`; None where there is no such file or it fails its checksum."""
    try:
        raw = Path(source).read_bytes()
    except OSError:
        return None
    start = len(_SEAL) + hashlib.sha256().digest_size
    content = raw[start:]
    if raw[:start] != _SEAL + hashlib.sha256(content).digest():
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
