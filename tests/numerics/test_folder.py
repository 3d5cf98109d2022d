"""The folder of compiled programs has a limit, and is done without where it cannot be."""

import os

import platformdirs
import pytest

from spinstack.numerics import folder


def test_a_folder_that_is_too_large_loses_its_oldest_files(tmp_path):
    for n in range(10):
        (tmp_path / f"{n}").write_bytes(bytes(100))
        os.utime(tmp_path / f"{n}", (n, n))
    folder.cut(tmp_path, 1000)
    assert len(list(tmp_path.iterdir())) == 10
    folder.cut(tmp_path, 999)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["6", "7", "8", "9"]


@pytest.mark.parametrize("place", ["~/.cache/spinstack", "file/spinstack"])
def test_where_nothing_can_be_kept_there_is_no_folder(here, monkeypatch, place):
    (here / "file").write_text("in the way")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda _: place if place[0] == "~" else str(here / place))
    assert folder.compiled_programs() is None
    assert [p.name for p in here.iterdir()] == ["file"]


def test_the_folder_is_made(here, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda _: str(here / "a" / "b"))
    assert folder.compiled_programs() == str(here / "a" / "b")
    assert (here / "a" / "b").is_dir()
