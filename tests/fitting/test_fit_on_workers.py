"""Fits and comparisons whose starts and mechanisms workers take: the same numbers, and what is done is kept."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fitted_films import UNKNOWNS, series
from patience import within

import spinstack as ss
from spinstack.fitting import Data, Mechanism, Normal, Problem, Sample, Unknown, fit_film, likelihood_profile, solve
from spinstack.numerics.keeping import blocks, kept_by
from spinstack.numerics.progress import heard_by
from spinstack.numerics.workers import work_by

NM = 1e-9
PLANES = {"plane": ["alpha", "beta", "gamma"], "angles": [90.0]}


@pytest.fixture(autouse=True)
def patient():
    with within(120):
        yield


@pytest.fixture(scope="module")
def problem():
    samples, data = series(np.random.default_rng(1), thicknesses=(1.5, 3, 8))
    return Problem(samples, UNKNOWNS, data)


def compared(**options):
    magnet = ss.Ferromagnet("Py", thickness=2 * NM, conductivity=4e6, spin_diffusion_length=4 * NM, amr_ratio=5e-3)
    data = [Data("thin", ss.angular_scan, [-5e-3, -1e-3, -6e-3], [1e-4] * 3, PLANES, "MR_xx")]
    made = Problem([Sample("thin", ss.Film((magnet,)))], [Unknown("Py.amr_ratio", Normal(5e-3, 1e-3))], data)
    size = Mechanism("size effect", [Unknown("Py.size_effect_ratio", Normal(0.0, 2e-3))])
    return ss.compare_mechanisms(made, [Mechanism("none"), size], starts=4, **options)


def check(problem, client):
    here, there = fit_film(problem, starts=20), fit_film(problem, starts=20, client=client)
    assert there.identical(here)
    name = "Pt.spin_hall_angle"
    with work_by(client):
        profile = likelihood_profile(problem, here, name)
    assert profile.identical(likelihood_profile(problem, here, name))


def test_threads_find_the_same(problem):
    with ThreadPoolExecutor(2) as client:
        check(problem, client)


@pytest.mark.study
def test_processes_find_the_same(problem):
    pytest.importorskip("distributed", reason="dask is not installed")
    with ss.workers(2) as client:
        check(problem, client)
        assert compared(client=client).identical(compared())


class Kept(dict):
    """A keeper in memory that says what it was given."""

    def __init__(self):
        super().__init__()
        self.written = []

    def read(self, number):
        return self.get(number)

    def write(self, number, part):
        self.written.append(number)
        self[number] = part


def test_what_is_done_of_a_fit_is_kept_also_by_another_number_of_workers(problem, monkeypatch):
    kept, whole = Kept(), fit_film(problem, starts=20)

    def stop(done, total, words=""):
        if done >= 14:
            raise KeyboardInterrupt

    monkeypatch.setattr(solve, "threads", lambda client: 3)
    with ThreadPoolExecutor(1) as client:
        with kept_by(kept), heard_by(stop), pytest.raises(KeyboardInterrupt):
            fit_film(problem, starts=20, client=client)
        assert sorted(kept.written) == [0, 1]  # of 7, 7 and 6
        with kept_by(kept):
            assert fit_film(problem, starts=20, client=client).identical(whole)
    assert sorted(kept.written) == [0, 1, 2]
    with kept_by(kept):  # without workers all go together: none of these is taken for that
        assert fit_film(problem, starts=20).identical(whole)
    assert kept.written[3:] == [0]


def test_blocks_are_in_order_and_a_failure_leaves_those_that_are_done():
    def task(n):
        if n == 3:
            raise ArithmeticError("of the third")
        return {"n": np.array(n)}

    kept = Kept()
    with ThreadPoolExecutor(1) as client, kept_by(kept), pytest.raises(ArithmeticError):
        blocks([lambda n=n: task(n) for n in range(6)], client=client)
    assert kept.written == [0, 1, 2]
    found = blocks([lambda n=n: task(n) for n in (2, 1, 0)])
    assert [int(one["n"]) for one in found] == [2, 1, 0]


def test_a_problem_is_the_same_where_it_goes(problem):
    again, u = pickle.loads(pickle.dumps(problem)), np.random.default_rng(1).uniform(-0.5, 0.5, (20, problem.size))
    for a, b in zip(again.batch(u), problem.batch(u), strict=True):
        np.testing.assert_array_equal(a, b)
