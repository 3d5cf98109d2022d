"""Files appear whole or not at all, whatever happens while they are written; parts that were damaged are noticed."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from spinstack.text import store

PART = {"values": np.arange(5.0), "names": np.array(["a", "b"])}


def inside(folder):
    return sorted(p.name for p in folder.iterdir())


def test_files_are_written_as_they_are_given(tmp_path):
    store.write_text(tmp_path / "a.txt", "µ\r\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == "µ\r\nb\n".encode()
    store.write_bytes(str(tmp_path / "b"), b"\x00\xff")
    assert (tmp_path / "b").read_bytes() == b"\x00\xff"
    store.write_dataset(tmp_path / "c.nc", xr.Dataset({"R": ("T", [1.0, 2.0])}))
    with xr.open_dataset(tmp_path / "c.nc", engine="h5netcdf") as found:
        assert found.R.values.tolist() == [1.0, 2.0]
    assert inside(tmp_path) == ["a.txt", "b", "c.nc"]


def test_the_temporary_file_stands_beside_with_the_same_suffix(tmp_path):
    target = tmp_path / ("long" * 50 + ".tar.png")
    with store.replacing(target) as temporary:
        assert (temporary.parent, temporary.suffix) == (tmp_path, ".png")
        assert temporary.name.startswith(".")
        with store.replacing(target) as other:  # two writers at once do not meet
            assert other != temporary
            other.write_text("second")
        temporary.write_text("first")
    assert target.read_text() == "first"
    assert inside(tmp_path) == [target.name]


@pytest.mark.parametrize("old", [None, "old"])
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt(), ValueError()])
def test_a_failure_leaves_the_old_file_or_none(tmp_path, old, failure):
    target = tmp_path / "a.txt"
    if old:
        target.write_text(old)

    def write():
        with store.replacing(target) as temporary:
            temporary.write_text("half")
            raise failure

    with pytest.raises(type(failure)):
        write()
    assert inside(tmp_path) == (["a.txt"] if old else [])
    assert not old or target.read_text() == old


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_failure_while_the_file_takes_its_place_leaves_the_old_one(tmp_path, monkeypatch, step):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def refuse(*_):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, step, refuse)
    with pytest.raises(OSError, match="broken"):
        store.write_text(target, "new")
    monkeypatch.undo()
    assert target.read_text() == "old"
    assert inside(tmp_path) == ["a.txt"]


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_a_program_that_is_killed_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    killed = run(
        "import os, signal, sys\n"
        "from spinstack.text import store\n"
        "with store.replacing(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n",
        target,
    )
    assert killed.returncode != 0
    assert target.read_text() == "old"


def test_a_full_disk_leaves_the_old_file(tmp_path):
    """A limit on the size of files stands for the end of the disk: the system refuses to write on."""
    pytest.importorskip("resource")
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    full = run(
        "import resource, signal, sys\n"
        "from spinstack.text import store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try:\n"
        "    store.write_bytes(sys.argv[1], bytes(100_000))\n"
        "except OSError as error:\n"
        "    print(type(error).__name__)\n",
        target,
    )
    assert full.stdout.strip() == "OSError", full.stderr
    assert target.read_bytes() == b"old"
    assert inside(tmp_path) == ["a.bin"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_permissions_of_a_file_that_is_replaced_are_kept(tmp_path, mode):
    target = tmp_path / "a.txt"
    target.write_text("old")
    target.chmod(mode)
    store.write_text(target, "new")
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == mode


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_new_files_have_the_permissions_that_the_user_asks_for(tmp_path):
    before = os.umask(0o027)
    try:
        store.write_text(tmp_path / "a.txt", "new")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name != "posix", reason="links need no rights there")
def test_a_link_keeps_leading_to_its_file(tmp_path):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "a.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    store.write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert inside(tmp_path) == ["far", "link.txt"]


def test_folders_devices_and_missing_folders_are_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        store.write_text(tmp_path, "new")
    with pytest.raises(FileNotFoundError):
        store.write_text(tmp_path / "nowhere" / "a.txt", "new")
    if Path(os.devnull).exists():
        with pytest.raises(OSError, match="it is a device"):
            store.write_text(os.devnull, "new")
    assert inside(tmp_path) == []


def test_arrays_come_back(tmp_path):
    store.write_arrays(tmp_path / "part", PART)
    found = store.read_arrays(tmp_path / "part")
    assert found is not None
    assert found.keys() == PART.keys()
    for name, values in PART.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == values.dtype


def test_any_damage_is_noticed(tmp_path):
    path = tmp_path / "part"
    store.write_arrays(path, PART)
    whole = path.read_bytes()
    for at in range(len(whole)):  # seal, checksum, names, headers, numbers, directory of the archive
        for bit in (0x01, 0x80):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            assert store.read_arrays(path) is None, f"byte {at}"
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert store.read_arrays(path) is None, f"cut after {end} bytes"
    for added in (whole + b"\0", b"\0" + whole, whole + whole):
        path.write_bytes(added)
        assert store.read_arrays(path) is None
    path.write_bytes(whole)
    assert store.read_arrays(path) is not None


def test_a_part_is_that_of_its_key_only(tmp_path):
    store.write_arrays(tmp_path / "part", PART, "sweep 3")
    assert store.read_arrays(tmp_path / "part", "sweep 3") is not None
    assert store.read_arrays(tmp_path / "part", "sweep 4") is None


def test_a_dataset_comes_back_only_as_it_was_written(tmp_path):
    path, data = tmp_path / "c.nc", xr.Dataset({"R": ("T", [1.0, 2.0])}, attrs={"title": "µ"})
    assert store.read_dataset(path) is None
    store.write_dataset(path, data)
    found = store.read_dataset(path)
    assert found is not None
    assert found.identical(data)
    assert not store.is_damaged(path)
    whole = path.read_bytes()
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert store.read_dataset(path) is None
        assert store.is_damaged(path)
        path.write_bytes(whole[:at])
        assert store.read_dataset(path) is None
        assert store.is_damaged(path)


def test_a_file_of_others_is_not_called_damaged(tmp_path):
    path = tmp_path / "c.nc"
    xr.Dataset({"R": ("T", [1.0, 2.0])}).to_netcdf(path, engine="h5netcdf")
    assert store.read_dataset(path) is None
    assert not store.is_damaged(path)
    path.write_text("the diary of a physicist")
    assert not store.is_damaged(path)


@pytest.mark.skipif(os.name != "posix", reason="asks whether a process lives")
def test_what_a_killed_program_has_left_is_removed(tmp_path):
    run(
        "import os, signal, sys\n"
        "from spinstack.text import store\n"
        "with store.replacing(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n",
        tmp_path / "a.txt",
    )
    assert len(inside(tmp_path)) == 1
    with store.replacing(tmp_path / "b.txt") as living:
        living.write_text("new")
        store.clear(tmp_path)
        assert inside(tmp_path) == [living.name]


def test_an_error_names_the_file_that_was_asked_for(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space left") as caught:
        store.write_text(tmp_path / "a.txt", "new")
    assert caught.value.filename == str(tmp_path / "a.txt")


def test_what_is_not_there_is_no_part(tmp_path):
    assert store.read_arrays(tmp_path / "nothing") is None
    assert store.read_arrays(tmp_path) is None
