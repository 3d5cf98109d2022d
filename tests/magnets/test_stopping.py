"""Who listens to a long computation of moving magnets can end it, and changes nothing of what it gives."""

import sys
import time

import numpy as np
import pytest
from magnet_tables import model, slonczewski

import spinstack as ss
from spinstack.numerics.progress import heard_by

NS = 1e-9


class StoppedError(Exception):
    pass


def stop(done, total, words=""):
    raise StoppedError


def perpendicular():
    return model(slonczewski((0, 1.0, 0)), anisotropy_field=0.4, easy_axis="z", damping=0.05)


@pytest.mark.parametrize(
    "asked",
    [
        {"samples": 301},
        {"samples": 3},
        {"samples": 23, "current": [0.0, 0.05, 0.1]},
        {"samples": 5, "T": 300.0, "runs": 3},
    ],
    ids=["many records", "few records", "lanes", "heat"],
)
def test_a_trace_in_pieces_is_that_in_one(asked, monkeypatch):
    made = model(slonczewski((0, 1.0, 0)), anisotropy_field=0.4, easy_axis="z", damping=0.05, volume=3e-24)
    given = {"m": (0.1, 0, 1), "duration": 1 * NS, "B": (0.1, 0, 0), "current": 0.05} | asked
    one, told = ss.trace(made, **given), []
    motion, in_time = sys.modules["spinstack.magnets.motion"], sys.modules["spinstack.magnets.in_time"]
    steps = round(given["duration"] / one.attrs["step_s"])
    for most in (7, steps // 3, steps - 1):
        monkeypatch.setattr(motion, "_most_steps", lambda on, lanes, most=most: most)
        with heard_by(lambda *said: told.append(said)):
            xr_equal(ss.trace(made, **given), one)
    assert told
    assert all(0 < done < total for done, total, words in told if not words)
    monkeypatch.setattr(in_time, "_POINTS", 4)
    xr_equal(ss.trace(made, **given), one, 1e-12)


def xr_equal(found, one, rtol=0.0):
    for name in one:
        np.testing.assert_allclose(found[name], one[name], rtol=rtol, atol=0)


def test_what_is_told_of_a_trace_grows_to_its_end(monkeypatch):
    monkeypatch.setattr(sys.modules["spinstack.magnets.motion"], "_most_steps", lambda on, lanes: 50)
    monkeypatch.setattr(sys.modules["spinstack.magnets.in_time"], "LANES", 2)
    told = []
    with heard_by(lambda *said: told.append(said)):
        ss.trace(perpendicular(), "z", duration=1 * NS, current=[0.01, 0.02, 0.03], samples=11)
    shares = [done / total for done, total, words in told if not words]
    assert len(shares) > 20
    assert shares == sorted(set(shares))
    assert shares[-1] > 0.9


def test_a_long_trace_ends_within_a_second_of_being_told_to():
    """A million steps and more take many seconds."""
    made = perpendicular()
    for samples in (2, 1000):
        ss.trace(made, "z", duration=0.01 * NS, samples=samples)
        with heard_by(stop), pytest.raises(StoppedError):
            ss.trace(made, "z", duration=100_000 * NS, samples=samples)  # compiles
        begun = time.process_time()
        with heard_by(stop), pytest.raises(StoppedError):
            ss.trace(made, "z", duration=100_000 * NS, samples=samples)
        assert time.process_time() - begun < 2


def test_an_orbit_ends_when_told_to_and_is_the_same(monkeypatch):
    made, given = perpendicular(), {"B": (0.1, 0, 0.3), "settling": 1 * NS, "duration": 1 * NS}
    one, told = ss.oscillation(made, [0.1, 0.2], **given), []
    monkeypatch.setattr(sys.modules["spinstack.magnets.motion"], "_most_steps", lambda on, lanes: 50)
    with heard_by(lambda *said: told.append(said)):
        assert ss.oscillation(made, [0.1, 0.2], **given).identical(one)
    shares = [done / total for done, total, _ in told]
    assert shares == sorted(set(shares))
    assert len(shares) > 10
    with heard_by(stop), pytest.raises(StoppedError):
        ss.oscillation(made, [0.1, 0.2], **given)


@pytest.mark.parametrize("current", [0.0, 0.02])
def test_places_at_rest_end_at_once_and_are_the_same_when_told(current):
    made, path = perpendicular(), np.linspace(0.6, -0.6, 41)[:, None] * [0.1, 0, 1]
    one, told = ss.equilibrium(made, B=path, current=current), []
    with heard_by(lambda *said: told.append(said)):
        assert ss.equilibrium(made, B=path, current=current).identical(one)
    assert {done for done, _, _ in told} == set(range(len(path)))
    for fields in (path, path[0]):
        with heard_by(stop), pytest.raises(StoppedError):
            ss.equilibrium(made, B=fields, current=current)


def test_magnets_that_go_round_are_told_of_while_they_do():
    """No place is at rest under this current: they are followed in time."""
    made, told = perpendicular(), []
    with heard_by(lambda *said: told.append(said)):
        found = ss.equilibrium(made, B=[0, 0, 0.1], current=3.0, m=(0, 0, 1))
    assert len(told) > 1
    assert all(words for _, _, words in told)
    assert found.sizes["magnet"] == 1
