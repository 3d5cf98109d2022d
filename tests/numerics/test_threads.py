"""Parts of a computation side by side: in order, each once, stopped with what it has, and linear algebra as it was."""

import threading
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import spinstack as ss
from spinstack.numerics.progress import heard_by
from spinstack.numerics.threads import Once, side_by_side, small_matrices, threads


@pytest.fixture(params=["1", "3"])
def count(request, monkeypatch):
    monkeypatch.setenv("SPINSTACK_THREADS", request.param)
    return int(request.param)


def blas():
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


def test_results_come_in_order_from_as_many_threads_as_there_are(count):
    names, meet = set(), threading.Barrier(count, timeout=20)

    def slow(n):
        if n < count:
            meet.wait()  # every thread has one of the first
        names.add(threading.current_thread().name)
        time.sleep(0.01 * (5 - n % 5))
        return n * n

    assert side_by_side(slow, range(12), [1] * 12) == [n * n for n in range(12)]
    assert len(names) == count


def test_it_says_how_far_it_is_by_size(count):
    said = []
    with heard_by(lambda done, total, words="": said.append((done, total))):
        side_by_side(str, "abc", [2, 5, 3], done=10, total=40)
    assert said == [(10, 40), (12, 40), (17, 40)]


def test_who_listens_may_stop_it(count):
    begun = []

    def one(n):
        begun.append(n)
        time.sleep(0.02)

    def stop(done, total, words=""):
        raise KeyboardInterrupt

    with heard_by(stop), pytest.raises(KeyboardInterrupt):
        side_by_side(one, range(100), [1] * 100)
    assert len(begun) <= 1 + 2 * count


def test_what_one_raises_comes_out_and_settings_of_numpy_go_in(count):
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        side_by_side(lambda n: np.float64(1) / np.float64(n), [2, 1, 0, 3], [1] * 4)


def test_a_key_is_computed_once_by_whom_ever():
    once, made, meet = Once(), [], threading.Barrier(4, timeout=20)

    def ask():
        meet.wait()
        assert once("a", lambda: made.append(time.sleep(0.05)) or len(made)) == 1

    several = [threading.Thread(target=ask) for _ in range(4)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert len(made) == 1


def test_what_failed_under_a_key_is_tried_again():
    once = Once()
    with pytest.raises(ZeroDivisionError):
        once("a", lambda: 1 / 0)
    assert once("a", lambda: 5) == 5


@pytest.mark.skipif(not blas(), reason="this NumPy has a linear algebra that can't be asked for its threads")
def test_linear_algebra_has_its_threads_again_whoever_leaves_last():
    inside, seen = [threading.Event(), threading.Event()], []

    @small_matrices
    def computed(mine, other):
        inside[mine].set()
        assert inside[other].wait(20)
        seen.append(blas())
        time.sleep(0.05 * mine)

    before = blas()
    for late in (0, 1):
        seen.clear()
        several = [threading.Thread(target=computed, args=pair) for pair in ((late, 1 - late), (1 - late, late))]
        for one in several:
            one.start()
        for one in several:
            one.join()
        assert seen[0] == seen[1] == [1] * len(seen[0])
        assert blas()[: len(before)] == before
        for one in inside:
            one.clear()


@pytest.mark.skipif(not blas(), reason="this NumPy has a linear algebra that can't be asked for its threads")
def test_it_has_one_inside_and_inside_of_that():
    @small_matrices
    def inner():
        return blas()

    @small_matrices
    def outer():
        return inner() + blas()

    with threadpool_limits(2, user_api="blas"):
        before = blas()
        assert set(outer()) == {1}
        assert blas()[: len(before)] == before == [2] * len(before)
    with pytest.raises(ZeroDivisionError):
        small_matrices(lambda: 1 / 0)()
    assert set(outer()) == {1}


def test_number_of_threads_is_checked(monkeypatch):
    for wrong in ("0", "two", "-1", "1.5", "99999"):
        monkeypatch.setenv("SPINSTACK_THREADS", wrong)
        with pytest.raises(ss.SpinstackError, match="SPINSTACK_THREADS"):
            threads()


@pytest.mark.filterwarnings("ignore:F.polarization is")
def test_boltzmann_films_are_the_same_by_any_number_of_threads(monkeypatch):
    barrier = ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.1, fermi_wavevector=1.36e10)
    film = (
        ss.Metal(
            "N",
            thickness=np.linspace(2e-9, 9e-9, 18),
            mean_free_path=5e-9,
            spin_flip_length=2e-8,
            fermi_wavevector=1.36e10,
        )
        | ss.Interface(scattering=barrier)
        | ss.Ferromagnet(
            "F",
            thickness=3e-9,
            mean_free_path=4e-9,
            polarization=0.4,
            spin_flip_length=4e-8,
            dephasing_length=1e-9,
            fermi_wavevector=1.36e10,
        )
    )
    paths = ["N.thickness", "N.mean_free_path"]

    def resistance(film):
        return ss.sheet_resistance(film, m=(0, 1, 0), solver=ss.Boltzmann(rtol=1e-3))

    found = []
    for number in ("1", "4"):
        monkeypatch.setenv("SPINSTACK_THREADS", number)
        slopes = ss.gradient(film, lambda film: resistance(film)[..., 0, 0])
        found.append([resistance(film), *(slopes[path] for path in paths)])
    assert found[0][0].shape == (18, 2, 2)
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
