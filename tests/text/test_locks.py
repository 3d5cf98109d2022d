"""Two programs at one file or folder: the second is told, and nothing is left of either."""

import os
import subprocess
import sys

import numpy as np
import pytest
from commands import refused
from patience import within
from sample_texts import BILAYER

import spinstack as ss
from spinstack.text import locks
from spinstack.text.errors import SpinstackError

HOLDER = """
import sys, time
from spinstack.text.locks import alone
with alone(sys.argv[1]):
    print(1, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def patient():
    with within(60):
        yield


def test_the_second_is_told_until_the_first_is_done(tmp_path):
    target = tmp_path / "map.nc"
    for _ in range(2):
        with locks.alone(target), locks.alone(tmp_path / "other.nc"):
            (tmp_path / "link.nc").unlink(missing_ok=True)
            (tmp_path / "link.nc").symlink_to(target)
            for same in (target, str(target), tmp_path / "link.nc"):
                words = r"^path: got .*which another program is writing. Wait for it"
                with pytest.raises(SpinstackError, match=words), locks.alone(same, "path"):
                    pytest.fail("both are in")
        assert [file.name for file in tmp_path.iterdir()] == ["link.nc"]


def test_a_program_that_is_killed_is_in_nobodys_way(tmp_path):
    target = tmp_path / "map.nc"
    film, over = ss.Film((ss.Metal("Pt", thickness=5e-9, conductivity=4e6, spin_diffusion_length=2e-9),)), [1e-9, 2e-9]

    def compute(**where):
        return ss.sweep(film, {"Pt.thickness": over}, lambda f: np.asarray(f.layers[0].thickness), key="t", **where)

    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(target)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline()
        for name in ("path", "to"):
            with pytest.raises(SpinstackError, match=rf"^{name}: got .*which another program is writing"):
                compute(**{name: target})
    finally:
        holder.kill()
        holder.communicate(timeout=30)
    assert compute(path=target).sizes == {"Pt.thickness": 2}


def test_two_runs_do_not_share_a_folder(tmp_path, capsys):
    (tmp_path / "film.toml").write_text(BILAYER + "[output]\nfigures = []\n", encoding="utf-8")
    command = ["run", str(tmp_path / "film.toml"), "-o", str(tmp_path / "out")]
    with locks.alone(tmp_path / "out"):
        assert "--output: got " in refused(capsys, command, None)
    assert not (tmp_path / "out").exists()


def test_where_nothing_can_be_locked_nothing_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(locks, "_places", lambda: tmp_path / "file" / "absent")
    with locks.alone(tmp_path / "map.nc"), locks.alone(tmp_path / "map.nc"):
        assert os.listdir(tmp_path) == ["file"]
