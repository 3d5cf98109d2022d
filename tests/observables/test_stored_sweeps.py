"""A stored sweep is never taken for another, and what was damaged or killed ends as what was left in peace."""

import functools
import os
import random
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import spinstack as ss
from spinstack.observables import sweeps
from spinstack.observables.fingerprint import Unknown, digest

NM = 1e-9
FILM = (
    ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
    | ss.Interface(conductance_up=5e14, conductance_down=3e14, mixing_conductance=6e14 + 3e13j)
    | ss.Ferromagnet("Co", thickness=3 * NM, conductivity=5e6, polarization=0.4, spin_diffusion_length=5 * NM)
)
OVER = {"Pt.thickness": [1 * NM, 2 * NM]}
BETA = partial(ss.magnetoresistance, plane="beta")


def tensor(x):
    theta = np.zeros((3, 2))
    theta[1, 0] = x
    return FILM.replace({"Pt.spin_hall_angle[:,:]": theta})


def along(*m):
    return partial(ss.sheet_resistance, m=np.array(m))


#: name -> film and observable of a first sweep, and of one that differs
PAIRS = {
    "a direction in the ninth digit": ((FILM, along(0, 0.6, 0.8)), (FILM, along(0, 0.6 + 3e-9, 0.8))),
    "a field in the ninth digit": (
        (FILM, partial(along(0, 1, 0), B=np.array([0, 0, 1.0]))),
        (FILM, partial(along(0, 1, 0), B=np.array([0, 0, 1.0 + 4e-9]))),
    ),
    "a small component of a large vector": (
        (FILM, partial(ss.average_spin_current, layer="Pt", m=(0, 1, 0), E=np.array([1e6, 1e-3]))),
        (FILM, partial(ss.average_spin_current, layer="Pt", m=(0, 1, 0), E=np.array([1e6, 2e-3]))),
    ),
    "a direction that prints alike": ((FILM, along(0, 0.601, 0.8)), (FILM, along(0, 0.604, 0.8))),
    "a tensor in the tenth digit": ((tensor(0.1), BETA), (tensor(0.1 + 4e-10), BETA)),
    "a tensor that prints alike": ((tensor(0.1), BETA), (tensor(0.104), BETA)),
    "the last bit of a number": ((FILM, BETA), (FILM.replace({"Co.conductivity": np.nextafter(5e6, 6e6)}), BETA)),
    "the middle of a long list": (
        (FILM, along(*np.moveaxis([np.zeros(2000), np.linspace(0.1, 1, 2000), np.ones(2000)], 0, -1))),
        (FILM, along(*np.moveaxis([np.zeros(2000), np.linspace(0.1, 1, 2000), 1 + (np.arange(2000) == 1000)], 0, -1))),
    ),
    "another plane": ((FILM, BETA), (FILM, partial(ss.magnetoresistance, plane="gamma"))),
    "another observable": ((FILM, along(0, 1, 0)), (FILM, partial(ss.sheet_conductance, m=np.array([0, 1, 0])))),
    "the sign of a zero": ((FILM, along(0.0, 0, 1)), (FILM, along(-0.0, 0, 1))),
    "the accuracy of a solver": (
        (FILM, partial(BETA, solver=ss.Boltzmann(rtol=1e-3))),
        (FILM, partial(BETA, solver=ss.Boltzmann(rtol=2e-3))),
    ),
}


@pytest.fixture
def coarse_print():
    with np.printoptions(precision=2, threshold=10):
        yield


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("name", [name for name in PAIRS if "solver" not in name])
def test_sweeps_that_differ_in_one_bit_are_told_apart(tmp_path, coarse_print, name):
    (first, f), (second, g) = PAIRS[name]
    stored = ss.sweep(first, OVER, f, path=tmp_path / "c.nc")
    assert ss.sweep(first, OVER, f, path=tmp_path / "c.nc").identical(stored)
    with pytest.raises(ss.ParameterError, match="holds something else"):
        ss.sweep(second, OVER, g, path=tmp_path / "c.nc")
    other = ss.sweep(second, OVER, g, path=tmp_path / "c.nc", overwrite=True)
    fresh = ss.sweep(second, OVER, g)
    for variable in fresh.data_vars:
        np.testing.assert_array_equal(other[variable], fresh[variable])


@pytest.mark.parametrize("name", PAIRS)
def test_their_keys_differ(name):
    (first, f), (second, g) = PAIRS[name]
    grid = {"Pt.thickness": np.array(OVER["Pt.thickness"])}
    assert sweeps._key(first, grid, f, None, 64) == sweeps._key(first, grid, f, None, 64)
    assert sweeps._key(first, grid, f, None, 64) != sweeps._key(second, grid, g, None, 64)


def test_values_paths_and_code_belong_to_the_key(monkeypatch):
    def key(values=(1e-9, 2e-9), path="Pt.thickness", chunk=64):
        return sweeps._key(FILM, {path: np.array(values)}, BETA, None, chunk)

    keys = [key(), key((1e-9, np.nextafter(2e-9, 1))), key(path="Co.thickness"), key((1e-9,)), key(chunk=65)]
    monkeypatch.setattr(sweeps.version, "code", lambda: "another version")
    assert len({*keys, key()}) == len(keys) + 1


class Scaled:
    """Prints the same whatever it does."""

    def __init__(self, factor):
        self.factor = factor

    def __repr__(self):
        return "Scaled()"

    def __call__(self, film):
        return self.factor * ss.magnetoresistance(film, "beta")

    def method(self, film):
        return self(film)


def own(film, weights=None):
    return ss.magnetoresistance(film, "beta")


@functools.wraps(ss.magnetoresistance)
def wrapped(film, *args, **kwargs):
    return 2 * ss.magnetoresistance(film, *args, **kwargs)


OWN = {
    "a function": own,
    "with arguments": partial(own, weights=np.linspace(0, 1, 2000)),
    "a lambda": lambda film: ss.magnetoresistance(film, "beta"),
    "an object": Scaled(1),
    "a method": Scaled(2).method,
    "what wraps an observable": partial(wrapped, plane="beta"),
    "an argument of another kind": partial(ss.magnetoresistance, plane="beta", T=Scaled(1)),
}


@pytest.mark.parametrize("name", OWN)
def test_your_own_function_needs_a_key(tmp_path, name):
    with pytest.raises(ss.ParameterError, match=r"observable: got .*Give? .*key=|without a key"):
        ss.sweep(FILM, OVER, OWN[name], path=tmp_path / "c.nc")
    assert list(tmp_path.iterdir()) == []


def test_a_key_says_what_is_the_same(tmp_path):
    path = tmp_path / "c.nc"
    first = ss.sweep(FILM, OVER, Scaled(1), path=path, key="MR")
    assert ss.sweep(FILM, OVER, Scaled(1), path=path, key="MR").identical(first)
    for changes in (
        {"key": "MR twice"},
        {"film": FILM.replace({"Co.conductivity": 6e6})},
        {"over": {"Pt.thickness": [NM]}},
    ):
        given = {"film": FILM, "over": OVER, "key": "MR", **changes}
        with pytest.raises(ss.ParameterError, match="holds something else"):
            ss.sweep(observable=Scaled(2), path=path, **given)
    twice = ss.sweep(FILM, OVER, Scaled(2), path=path, key="MR twice", overwrite=True)
    np.testing.assert_allclose(twice["value"], 2 * first["value"], rtol=1e-15)
    for key in ("", 3):
        with pytest.raises(ss.ParameterError, match="key: got"):
            ss.sweep(FILM, OVER, Scaled(2), path=path, key=key)


def test_a_function_that_wraps_an_observable_is_none(tmp_path):
    whole = ss.sweep(FILM, OVER, partial(wrapped, plane="beta"))
    np.testing.assert_allclose(
        whole["magnetoresistance"], 2 * ss.sweep(FILM, OVER, BETA)["magnetoresistance"], rtol=1e-12
    )


def test_a_digest_is_the_same_in_another_run():
    code = "import test_stored_sweeps as t; print(t.digest(t.FILM, t.BETA, t.ss.Boltzmann(), {1: 2.5}, [None, True]))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == digest(FILM, BETA, ss.Boltzmann(), {1: 2.5}, [None, True])


def test_a_digest_tells_kinds_apart():
    values = [1, 1.0, True, "1", b"1", 1j, None, [1], (1,), [[1]], {1: 1}, {1}, np.array(1), np.array([1]), 10**5000]
    assert len({digest(value) for value in values}) == len(values)
    assert digest("a", "bc") != digest("ab", "c")
    for value in (object(), lambda: 1, Scaled(1), np.array([None])):
        with pytest.raises(Unknown):
            digest(value)


# damage


def damaged(raw, rng, others):
    """The bytes of a file after an accident."""
    raw, at = bytearray(raw), rng.randrange(len(raw))
    length = rng.randrange(1, 200)
    accident = rng.randrange(7)
    if accident == 0:
        raw[at] ^= 1 << rng.randrange(8)
    elif accident == 1:
        del raw[at:]
    elif accident == 2:
        raw[at : at + length] = bytes(len(raw[at : at + length]))
    elif accident == 3:
        raw[at : at + length] = rng.randbytes(len(raw[at : at + length]))
    elif accident == 4:
        raw += rng.randbytes(length) if rng.random() < 0.5 else bytes(raw)
    elif accident == 5:
        del raw[at : at + length]
    else:
        raw = bytearray(rng.choice(others))
    return bytes(raw)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(sweeps, "CHUNK", 4)


FINE = {"Pt.thickness": np.linspace(1, 9, 14) * NM}


@pytest.mark.study
def test_damaged_parts_are_computed_again(tmp_path, small_chunks):
    rng = random.Random(1)
    target = tmp_path / "map.nc"
    ss.sweep(FILM, FINE, BETA, path=target)
    undisturbed = target.read_bytes()
    target.unlink()

    def stop(done, total):
        if done == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ss.sweep(FILM, FINE, BETA, path=target, progress=stop)
    parts = {p: p.read_bytes() for p in (tmp_path / "map.nc.parts").iterdir()}
    assert len(parts) == 3
    for _ in range(100):
        (tmp_path / "map.nc.parts").mkdir(exist_ok=True)
        hit = rng.sample(sorted(parts), rng.randint(1, 3))
        for part, raw in parts.items():
            others = [b"", *(other for path, other in parts.items() if path != part)]
            part.write_bytes(damaged(raw, rng, others) if part in hit else raw)
        ss.sweep(FILM, FINE, BETA, path=target)
        assert target.read_bytes() == undisturbed
        assert [p.name for p in tmp_path.iterdir()] == ["map.nc"]
        target.unlink()


@pytest.mark.study
def test_damaged_results_are_computed_again(tmp_path, small_chunks):
    rng = random.Random(2)
    target = tmp_path / "map.nc"
    result = ss.sweep(FILM, FINE, BETA, path=target)
    undisturbed = target.read_bytes()
    for _ in range(100):
        target.write_bytes(damaged(undisturbed, rng, [b""]))
        again = ss.sweep(FILM, FINE, BETA, path=target)
        assert again.identical(result)
        assert target.read_bytes() == undisturbed


def test_a_part_that_is_lost_before_the_end_is_computed_again(tmp_path, small_chunks):
    target = tmp_path / "map.nc"

    def lose(done, total):
        for part in (tmp_path / "map.nc.parts").iterdir():
            part.unlink()

    result = ss.sweep(FILM, FINE, BETA, path=target, progress=lose)
    assert np.array_equal(result["magnetoresistance"], ss.sweep(FILM, FINE, BETA)["magnetoresistance"])


@pytest.mark.parametrize("what", ["a folder in the place of a part", "a file in the place of the parts"])
def test_what_stands_in_the_way_is_an_error_of_the_system(tmp_path, what):
    parts = tmp_path / "map.nc.parts"
    if what.startswith("a file"):
        parts.write_text("in the way")
    else:
        key = sweeps._key(FILM, {"Pt.thickness": np.array(OVER["Pt.thickness"])}, BETA, None, sweeps.CHUNK)
        (parts / f"{key[:16]}-000000.part").mkdir(parents=True)
    with pytest.raises(OSError):  # noqa: PT011
        ss.sweep(FILM, OVER, BETA, path=tmp_path / "map.nc")


KILLS = textwrap.dedent(
    """
    import os, random, signal, sys, time
    from pathlib import Path
    import numpy as np
    import spinstack as ss
    from spinstack.observables import sweeps

    sweeps.CHUNK = 4
    film = ss.Film((ss.Metal("Pt", thickness=5e-9, conductivity=4e6, spin_diffusion_length=2e-9),))
    values = np.linspace(1, 9, 30) * 1e-9
    folder, rng = Path(sys.argv[1]), random.Random(3)


    def thickness(film):
        time.sleep(0.001)
        return film.layers[0].thickness


    def compute(path):
        ss.sweep(film, {"Pt.thickness": values}, thickness, path=path, key="thickness")


    def child(path):
        pid = os.fork()
        if not pid:
            compute(path)
            os._exit(0)
        return pid


    compute(folder / "first.nc")
    (folder / "first.nc").unlink()
    start = time.perf_counter()
    compute(folder / "undisturbed.nc")
    usual = time.perf_counter() - start
    whole = (folder / "undisturbed.nc").read_bytes()
    kills = finished = 0
    while kills < int(sys.argv[2]):
        pid = child(folder / "map.nc")
        time.sleep(rng.uniform(0, 1.2 * usual))
        os.kill(pid, signal.SIGKILL)
        kills += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        if (folder / "map.nc").exists():
            assert (folder / "map.nc").read_bytes() == whole
            os.waitpid(child(folder / "map.nc"), 0)
            assert sorted(p.name for p in folder.iterdir()) == ["map.nc", "undisturbed.nc"], list(folder.iterdir())
            (folder / "map.nc").unlink()
            finished += 1
    os.waitpid(child(folder / "map.nc"), 0)
    assert (folder / "map.nc").read_bytes() == whole
    print(kills, finished)
    """
)


@pytest.mark.study
@pytest.mark.skipif(os.name != "posix", reason="forks and kills")
def test_a_hundred_kills_end_as_an_undisturbed_run(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLS, str(tmp_path), "100"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    kills, finished = map(int, done.stdout.split())
    assert kills == 100
    assert finished > 0
    assert Path(tmp_path / "map.nc").exists()
