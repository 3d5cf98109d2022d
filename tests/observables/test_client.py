"""Sweeps whose chunks workers compute: the same numbers, whatever dies."""

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest
from watched_sweeps import FILM

import spinstack as ss
from spinstack.observables import sweeps
from spinstack.text.errors import ParameterError

NM = 1e-9
OVER = {"Pt.thickness": np.linspace(1, 9, 40) * NM, "Pt.spin_hall_angle": np.linspace(0.01, 0.2, 30)}
RATIO = partial(ss.magnetoresistance, plane="beta")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(sweeps, "CHUNK", 256)


class Counting(ThreadPoolExecutor):
    """An executor that says what it was asked for, and fails at one number once."""

    def __init__(self, failing=None):
        super().__init__(2)
        self.numbers, self.failing = [], failing

    def submit(self, function, number):
        self.numbers.append(number)
        if number == self.failing:
            self.failing = None
            return super().submit(self._dead)
        return super().submit(function, number)

    @staticmethod
    def _dead():
        raise ConnectionError("the worker is gone")


def test_an_executor_gives_the_same_sweep(tmp_path):
    here = ss.sweep(FILM, OVER, RATIO)
    with Counting() as client:
        told = []
        there = ss.sweep(FILM, OVER, RATIO, client=client, progress=lambda done, of: told.append((done, of)))
        assert sorted(client.numbers) == list(range(5))
        assert told[-1] == (1200, 1200)
        assert there.identical(here)
        stored = ss.sweep(FILM, OVER, RATIO, tmp_path / "a.nc", client=client)
        np.testing.assert_array_equal(stored["magnetoresistance"], here["magnetoresistance"])
        assert not (tmp_path / "a.nc.parts").exists()


def test_what_workers_have_finished_is_not_computed_again(tmp_path):
    target = tmp_path / "a.nc"
    with Counting(failing=4) as client, pytest.raises(ConnectionError):
        ss.sweep(FILM, OVER, RATIO, target, client=client)
    assert not target.exists()
    assert (tmp_path / "a.nc.parts").exists()
    with Counting() as client:
        found = ss.sweep(FILM, OVER, RATIO, target, client=client)
    assert client.numbers == [4] or len(client.numbers) < 5
    np.testing.assert_array_equal(found["magnetoresistance"], ss.sweep(FILM, OVER, RATIO)["magnetoresistance"])


@pytest.mark.study
def test_processes_of_an_executor(tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as client:
        found = ss.sweep(FILM, OVER, RATIO, tmp_path / "a.nc", client=client)
    np.testing.assert_array_equal(found["magnetoresistance"], ss.sweep(FILM, OVER, RATIO)["magnetoresistance"])


def test_what_is_no_client_is_refused_before_anything_is_computed():
    with pytest.raises(ParameterError, match=r"^client"):
        ss.sweep(FILM, OVER, RATIO, client="localhost:8786")
    assert issubclass(ThreadPoolExecutor, Executor)
