"""SIGKILL of worker, scheduler and client: no finished chunk is computed again, and the result is the same."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import watched_sweeps
import xarray as xr
from patience import within
from watched_sweeps import COUNT, FILM, OVER, Watched, compute, computed

import spinstack as ss
from spinstack.numerics.workers import scheduler
from spinstack.observables import sweeps
from spinstack.text.errors import SpinstackError

pytest.importorskip("distributed", reason="dask is not installed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
#: kills, and pause of a chunk [s]
KILLS = [(1, 0.0), pytest.param(20, 0.1, marks=pytest.mark.study)]


@pytest.fixture(autouse=True)
def patient(monkeypatch, request):
    monkeypatch.setattr(sweeps, "CHUNK", sweeps.CHUNK)
    with within(600 if request.node.get_closest_marker("study") else 60):
        yield


def program(what, target, pause, address=""):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, watched_sweeps.__file__, what, str(target), str(pause), address]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)


def ended(process):
    process.kill()
    process.communicate(timeout=30)


class Kills:
    """Sweeps one after the other until so many kills have been met; each is checked when it is finished."""

    def __init__(self, folder, most, pause):
        self.folder, self.most, self.pause, self.count, self.number = folder, most, pause, 0, 0
        self.rng, self.again = random.Random(most), 0
        # what has to be compiled takes a while to begin
        self.longest = 3.0 if pause else 0.3

    @property
    def target(self):
        return self.folder / str(self.number) / "map.nc"

    def __iter__(self):
        """The moment of each kill."""
        while self.count < self.most:
            self.target.parent.mkdir(exist_ok=True)
            yield self.rng.uniform(0.0, self.longest)
            if self.target.exists():
                self.finish()

    def finish(self, client=None):
        """Compute what is left, and look at the result and its folder."""
        self.target.parent.mkdir(exist_ok=True)  # the last kill may have come after the end
        compute(self.target, client, self.pause)
        self.again += len(computed(self.target)) - COUNT
        expected = Watched(self.folder / "other", self.pause)(FILM.replace(OVER))["value"]
        with xr.open_dataset(self.target, engine="h5netcdf") as found:
            np.testing.assert_array_equal(found["value"], expected)
        assert sorted(file.name for file in self.target.parent.iterdir()) == ["map.nc", "map.nc.log"]
        assert self.again <= 2 * self.count  # two workers, each at a chunk
        self.number += 1


@pytest.mark.study
@pytest.mark.parametrize(("most", "pause"), KILLS)
def test_workers_that_are_killed(tmp_path, most, pause):
    kills = Kills(tmp_path, most, pause)
    with ss.workers(2) as client:

        def kill(over):
            while kills.count < most and not over.wait(kills.rng.uniform(0.0, 0.2)):
                nannies = client.cluster.workers.values()
                pids = [n.process.pid for n in nannies if n.process is not None and n.status.name == "running"]
                if pids and Path(f"{kills.target}.parts").exists():
                    with suppress(ProcessLookupError):
                        os.kill(kills.rng.choice(pids), signal.SIGKILL)
                        kills.count += 1

        for _ in kills:
            over = threading.Event()
            killer = threading.Thread(target=kill, args=(over,))
            killer.start()
            try:
                compute(kills.target, client, pause)
            finally:
                over.set()
                killer.join(10)


@pytest.mark.study
@pytest.mark.parametrize(("most", "pause"), KILLS)
def test_a_scheduler_that_is_killed(tmp_path, most, pause):
    kills = Kills(tmp_path, most, pause)
    for moment in kills:
        running = program("scheduler", kills.target, pause)
        try:
            with scheduler(running.stdout.readline().strip()) as client:
                timer, told = threading.Timer(moment, running.kill), ""
                timer.start()
                try:
                    compute(kills.target, client, pause)
                except SpinstackError as error:
                    told = str(error)
                timer.cancel()
            assert not told or re.search(r"scheduler.*is kept: the same command continues", told)
            kills.count += bool(told)
        finally:
            ended(running)
    kills.finish()


@pytest.mark.study
@pytest.mark.parametrize(("most", "pause"), KILLS)
def test_a_client_that_is_killed(tmp_path, most, pause):
    kills, cluster = Kills(tmp_path, most, pause), program("scheduler", tmp_path, pause)
    try:
        address = cluster.stdout.readline().strip()
        for moment in kills:  # its workers are its own, or those of a scheduler, which outlive it
            running = program("client", kills.target, pause, address if kills.count % 2 else "")
            try:
                assert running.stdout.readline()
                time.sleep(moment)
            finally:
                kills.count += running.poll() is None
                ended(running)
        with scheduler(address) as client:
            kills.finish(client)
    finally:
        ended(cluster)
