"""The one way files are written: whole under a temporary name, then renamed; results and parts carry a seal.

A program that is killed, a full disk or an error leaves the old file or none, never half of a new one. A seal is a
checksum over all bytes before it, which are looked at before any library is: a damaged file can make HDF5 crash.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import secrets
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    import xarray

Loaded = TypeVar("Loaded")
_MARK = b"\nspinstack: SHA-256 of all bytes before this line: "
_TAIL = len(_MARK) + 2 * hashlib.sha256().digest_size + 1
_ATTEMPTS = 5
_HDF5 = b"\x89HDF\r\n\x1a\n"


@contextmanager
def replacing(target: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary file beside `target`, which becomes `target` when the block ends without an error.

    The suffix is kept, since some writers choose the format by it; so are the permissions of a file that is replaced,
    and a link, whose file is replaced. Folders and devices are refused. :func:`clear` removes what a killed program
    leaves of it.
    """
    path = Path(os.path.realpath(target))
    if path.exists() and not path.is_file():
        raise IsADirectoryError("it is a folder") if path.is_dir() else OSError("it is a device, not a file")
    token = f"{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"
    temporary = path.with_name(f".{path.stem[:40]}.{token}.part{path.suffix[:20]}")
    mode = path.stat().st_mode & 0o777 if path.exists() else None
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError as error:
        # people know the file by its own name
        raise type(error)(error.errno, error.strerror, str(target)) if error.errno else error from None
    finally:
        temporary.unlink(missing_ok=True)


@cache
def _machine() -> str:
    return hashlib.sha256(socket.gethostname().encode(errors="replace")).hexdigest()[:6]


def clear(folder: str | os.PathLike[str]) -> None:
    """Remove what programs that were killed on this machine have left of their files in a folder."""
    ours = re.compile(rf"\..*\.{_machine()}-(\d{{1,9}})-[0-9a-f]{{8}}\.part.*")
    with contextlib.suppress(OSError):
        for file in Path(folder).iterdir():
            found = ours.fullmatch(file.name)
            if found and _gone(int(found[1])):
                file.unlink(missing_ok=True)


def _gone(pid: int) -> bool:
    """Whether there is no such process."""
    if os.name == "nt":  # where the question ends it
        return False
    with contextlib.suppress(PermissionError):  # it lives, and is another user's
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
    return False


def write_bytes(target: str | os.PathLike[str], content: bytes) -> None:
    """Write a whole file."""
    with replacing(target) as temporary:
        temporary.write_bytes(content)


def write_text(target: str | os.PathLike[str], text: str) -> None:
    """Write a whole text file in UTF-8 with newlines as they are; bytes of names that are no text as escapes."""
    write_bytes(target, text.encode("utf-8", "backslashreplace"))


def write_dataset(target: str | os.PathLike[str], dataset: xarray.Dataset) -> None:
    """Write a labelled dataset as a NetCDF file with a seal behind it, which readers of NetCDF pass over.

    It is made in memory: HDF5 itself crashes where the disk is full.
    """
    with _of_this_process():
        written = bytes(dataset.to_netcdf(engine="h5netcdf"))
    write_bytes(target, _sealed(written))


def _of_this_process() -> contextlib.AbstractContextManager[Any]:
    """Beside a dask client xarray would ask its scheduler for a lock, which knows nothing of bytes in memory."""
    dask = sys.modules.get("dask")
    return contextlib.nullcontext() if dask is None else dask.config.set(scheduler="threads")


def read_dataset(source: str | os.PathLike[str]) -> xarray.Dataset | None:
    """The dataset of :func:`write_dataset`; None where there is no such file or it is not as it was written."""
    import xarray

    return _loaded(source, xarray.load_dataset)


def write_joined(
    target: str | os.PathLike[str],
    empty: xarray.Dataset,
    boxes: Mapping[str, tuple[slice, ...]],
    shape: tuple[int, ...],
) -> None:
    """Write a NetCDF file whose numbers stand in files of :func:`write_dataset`, of which it holds the places alone.

    Args:
        target: the file.
        empty: its coordinates and attributes.
        boxes: files beside it, or in folders beside it, and where each is along the leading dimensions.
        shape: how long these are.
    """
    import h5py

    with _of_this_process():
        raw = io.BytesIO(bytes(empty.to_netcdf(engine="h5netcdf")))
    home = Path(target).parent
    with h5py.File(home / next(iter(boxes)), "r") as first, h5py.File(raw, "r+") as whole:
        scales = {dim: dataset for dim, dataset in first.items() if dataset.is_scale}
        for name, model in first.items():
            if name in scales or name in empty.coords:
                continue
            inner = model.shape[len(shape) :]
            layout = h5py.VirtualLayout((*shape, *inner), model.dtype)
            for file, box in boxes.items():
                size = (*(one.stop - one.start for one in box), *inner)
                layout[(*box, ...)] = h5py.VirtualSource(file, name, size, model.dtype)
            made = whole.create_virtual_dataset(name, layout, fillvalue=np.nan if model.dtype.kind == "f" else None)
            for k, dim in enumerate(one[0].name.rpartition("/")[2] for one in model.dims):
                if dim not in whole:
                    _dimension(whole, dim, made.shape[k])
                made.dims[k].attach_scale(whole[dim])
            made.attrs.update({key: v for key, v in model.attrs.items() if not _OF_HDF5.match(key)})
    write_bytes(target, _sealed(raw.getvalue()))


#: attributes that say how variables hang together
_OF_HDF5 = re.compile("_Netcdf4|DIMENSION_LIST|REFERENCE_LIST|CLASS$|NAME$")


def _dimension(file: Any, name: str, size: int) -> None:
    """A dimension without coordinates, as NetCDF has them."""
    made = file.create_dataset(name, (size,), dtype=">f4")
    made.make_scale(f"This is a netCDF dimension but not a netCDF variable.{size:10d}")
    made.attrs["_Netcdf4Dimid"] = np.int32(sum(one.is_scale for one in file.values()) - 1)


def attribute(source: str | os.PathLike[str], name: str) -> str:
    """A text attribute of a file of results; "" where it has none or cannot be read. Its seal is not looked at."""
    import h5py

    try:
        with h5py.File(source, "r") as file:
            found = file.attrs.get(name, "")
    except (OSError, RuntimeError, KeyError):
        return ""
    return found if isinstance(found, str) else ""


def is_sealed(source: str | os.PathLike[str]) -> bool:
    """Whether a file is as it was written."""
    return _unsealed(source) is not None


def in_folder(folder: Path, write: Callable[[], None]) -> None:
    """Write into a folder, which is made; another program that is done with it may remove it meanwhile."""
    for attempt in range(_ATTEMPTS):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            write()
            return
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1:
                raise


def write_tree(target: str | os.PathLike[str], tree: xarray.DataTree) -> None:
    """Write datasets in groups as :func:`write_dataset` does one."""
    with _of_this_process():
        written = bytes(tree.to_netcdf(engine="h5netcdf"))
    write_bytes(target, _sealed(written))


def read_tree(source: str | os.PathLike[str]) -> xarray.DataTree | None:
    """The groups of :func:`write_tree`; None where there is no such file or it is not as it was written."""
    import xarray

    return _loaded(source, xarray.load_datatree)


def _loaded(source: str | os.PathLike[str], load: Callable[..., Loaded]) -> Loaded | None:
    content = _unsealed(source)
    try:
        return None if content is None else load(io.BytesIO(content), engine="h5netcdf")
    except (OSError, ValueError, KeyError, RuntimeError):  # sealed, but by a program that wrote something else
        return None


def is_damaged(source: str | os.PathLike[str]) -> bool:
    """Whether a file of results is not as it was written: its seal is broken, or it was cut off.

    A file without a seal that is whole is none of ours, or was changed on purpose.
    """
    raw = Path(source).read_bytes()
    tail = raw[-_TAIL:]
    if sum(a == b for a, b in zip(tail, _MARK, strict=False)) > len(_MARK) // 2:  # the mark itself may be hit
        return _seal(raw[:-_TAIL], "") != tail
    if not raw.startswith(_HDF5):
        return not raw
    version = raw[8] if len(raw) > 8 else 0
    place = {0: 40, 1: 44}.get(version, 28)  # of the end of the file in the superblock of HDF5
    end = int.from_bytes(raw[place : place + 8], "little")
    behind = raw[end:]  # a seal that was cut off, overwritten or written over
    return len(raw) < max(place + 8, end) or len(behind) == _TAIL or (len(behind) > 0 and behind[: len(_MARK)] in _MARK)


def write_arrays(target: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], key: str = "") -> None:
    """Write named arrays, sealed together with the `key` of what they belong to."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(target, _sealed(buffer.getvalue(), key))


def read_arrays(source: str | os.PathLike[str], key: str = "") -> dict[str, np.ndarray] | None:
    """The arrays that :func:`write_arrays` wrote for `key`; None where there is no such file or it is another."""
    content = _unsealed(source, key)
    if content is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _seal(content: bytes, key: str) -> bytes:
    return _MARK + hashlib.sha256(key.encode() + content).hexdigest().encode() + b"\n"


def _sealed(content: bytes, key: str = "") -> bytes:
    return content + _seal(content, key)


def _unsealed(source: str | os.PathLike[str], key: str = "") -> bytes | None:
    """The bytes before the seal; None where it does not fit them."""
    try:
        raw = Path(source).read_bytes()
    except OSError:
        return None
    content = raw[:-_TAIL]
    return content if raw[-_TAIL:] == _seal(content, key) else None
