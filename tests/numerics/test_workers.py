"""Workers of dask: the same sweep whatever is killed, scripts of batch systems, files that describe a cluster."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import spinstack as ss
from spinstack.cli.workers import described
from spinstack.numerics import workers
from spinstack.observables import sweeps
from spinstack.text.document import SampleError, parse_document
from spinstack.text.errors import ParameterError

pytest.importorskip("distributed", reason="dask is not installed")
NM = 1e-9
FILM = ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1) | (
    ss.MagneticInsulator("YIG", mixing_conductance=1e14 + 1e13j)
)
OVER = {"Pt.thickness": np.linspace(1, 9, 60) * NM, "Pt.spin_hall_angle": np.linspace(0.01, 0.2, 50)}
RATIO = partial(ss.magnetoresistance, plane="beta")


@pytest.mark.study
def test_two_processes_and_one_that_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(sweeps, "CHUNK", 100)
    here = ss.sweep(FILM, OVER, RATIO)
    with workers.workers(2) as client:
        assert ss.sweep(FILM, OVER, RATIO, client=client).identical(here)
        if hasattr(os, "sched_getaffinity"):
            cores = client.run(lambda: sorted(os.sched_getaffinity(0)))
            assert all(len(one) == 1 for one in cores.values())
        assert set(client.run(lambda: os.environ["MALLOC_TRIM_THRESHOLD_"]).values()) == {str(2**30)}
        before, killed = client.run(os.getpid), []

        def kill(done, total):
            if not killed and done > total // 4:
                killed.append(next(iter(before.values())))
                os.kill(killed[0], signal.SIGKILL)

        found = ss.sweep(FILM, OVER, RATIO, tmp_path / "a.nc", client=client, progress=kill)
        assert killed
        np.testing.assert_array_equal(found["magnetoresistance"], here["magnetoresistance"])


PROGRAM = """
from functools import partial
import numpy as np, sys
import spinstack as ss
from spinstack.numerics import workers
from spinstack.observables import sweeps
sys.path.insert(0, {here!r})
from test_workers import FILM, OVER, RATIO
sweeps.CHUNK = 100
if __name__ == "__main__":
    with workers.workers(2) as client:
        ss.sweep(FILM, OVER, RATIO, sys.argv[1], client=client)
"""


@pytest.mark.study
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_client_that_is_killed_goes_on_where_it_stopped(tmp_path, monkeypatch):
    program, target = tmp_path / "run_it.py", tmp_path / "a.nc"
    program.write_text(PROGRAM.format(here=str(Path(__file__).parent)), encoding="utf-8")
    parts = tmp_path / "a.nc.parts"
    for _ in range(3):
        running = subprocess.Popen([sys.executable, str(program), str(target)], start_new_session=True)
        end, count = time.time() + 60, len(list(parts.glob("*.part"))) if parts.exists() else 0
        while time.time() < end and running.poll() is None:
            if parts.exists() and len(list(parts.glob("*.part"))) > count + 2:
                break
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    kept = {file.name: file.stat().st_mtime_ns for file in parts.glob("*.part")} if parts.exists() else {}
    monkeypatch.setattr(sweeps, "CHUNK", 100)
    written = []
    monkeypatch.setattr(sweeps.Parts, "write", lambda self, number, part: written.append(number))
    found = ss.sweep(FILM, OVER, RATIO, target)
    assert len(written) + len(kept) >= 30
    assert len({*written}) <= 30 - len(kept) or target.exists()
    np.testing.assert_array_equal(found["magnetoresistance"], ss.sweep(FILM, OVER, RATIO)["magnetoresistance"])


def test_scripts_of_batch_systems_have_the_environment_and_what_was_asked():
    pytest.importorskip("dask_jobqueue")
    with workers.jobs("slurm", {"cores": 2, "memory": "4 GB", "walltime": "01:00:00", "queue": "short"}) as cluster:
        script = cluster.job_script()
    assert "#SBATCH -p short" in script
    assert "#SBATCH -t 01:00:00" in script
    assert f"export MALLOC_TRIM_THRESHOLD_={2**30}" in script
    with pytest.raises(ParameterError, match="slurm"):
        workers.jobs("slurm", {"cores": 2, "memory": "4 GB", "walltim": "01:00:00"})
    with pytest.raises(ParameterError, match="system"):
        workers.jobs("condor", {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 ways"),
        ('address = "tcp://a:1"\nworkers = 2', "2 ways"),
        ("workers = 0", "workers"),
        ("address = 5", "address"),
        ('[slurm]\nmemory = "2 GB"', "jobs"),
        ("[condor]\njobs = 2", "condor"),
    ],
)
def test_files_that_describe_no_cluster(text, words):
    with pytest.raises(SampleError, match=words):
        described(parse_document("spinstack = 1\n" + text, "cluster.toml"))


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 1)
    with pytest.raises(ParameterError, match="address"), workers.scheduler("tcp://127.0.0.1:9"):
        pass
