"""Sweeps that go to a folder: pieces that are files, one file that is all of them, and no memory that holds them."""

import os
import subprocess
import sys
import textwrap
from functools import partial

import h5py
import numpy as np
import pytest
import xarray as xr
from watched_sweeps import FILM

import spinstack as ss
from spinstack.observables import sweeps
from spinstack.observables.finite import NotFiniteWarning
from spinstack.observables.tiles import Tiles

NM = 1e-9
OVER = {"Pt.thickness": np.linspace(1, 9, 11) * NM, "Pt.spin_hall_angle": np.linspace(0.01, 0.2, 7)}
TENSOR = partial(ss.sheet_resistance, m=[(0, 1, 0), (0.6, 0, 0.8)])


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(sweeps, "CHUNK", 8)
    monkeypatch.setattr(sweeps, "_PIECE", 20)


@pytest.mark.study
@pytest.mark.parametrize("observable", [TENSOR, partial(ss.angular_scan, plane="beta", angles=[0.0, 30.0, 90.0])])
def test_it_is_the_sweep(tmp_path, observable, monkeypatch):
    here = ss.sweep(FILM, OVER, observable)
    there = ss.sweep(FILM, OVER, observable, to=tmp_path / "big")
    assert sorted(file.name for file in tmp_path.glob("big/*")) == ["pieces", "sweep.nc"]
    assert len(list(tmp_path.glob("big/pieces/*.nc"))) == 6
    del there.attrs["sweep_key"]
    assert there.load().identical(here)
    there.close()
    # wherever the folder and the reader stand, each piece by itself, too
    os.rename(tmp_path / "big", tmp_path / "moved")
    monkeypatch.chdir("/")
    with xr.open_dataset(tmp_path / "moved" / "sweep.nc", engine="h5netcdf") as whole:
        for name in here.data_vars:
            np.testing.assert_array_equal(whole[name][3:5, 2], here[name][3:5, 2])
    with xr.open_dataset(tmp_path / "moved" / "pieces" / "000002.nc", engine="h5netcdf") as piece:
        xr.testing.assert_equal(piece.load(), here.isel({"Pt.thickness": slice(4, 6)}))
    with h5py.File(tmp_path / "moved" / "sweep.nc") as file:
        assert all(file[name].is_virtual for name in here.data_vars)


def test_your_own_function_and_what_is_no_number(tmp_path):
    def own(film):
        t = np.asarray(film.layers[0].thickness)
        return {"flag": t > 5 * NM, "part": np.where(t > 8.5 * NM, np.nan, t / 3)}

    with pytest.warns(NotFiniteWarning, match=r"part is not a finite number .*Pt.thickness 9e-09"):
        found = ss.sweep(FILM, OVER, own, to=tmp_path / "own", key="own")
    with pytest.warns(NotFiniteWarning):
        here = ss.sweep(FILM, OVER, own)
    np.testing.assert_array_equal(found["part"], here["part"])
    np.testing.assert_array_equal(found["flag"], here["flag"])
    assert found["flag"].dtype == bool
    found.close()


@pytest.mark.study
def test_what_is_finished_is_kept_and_what_was_damaged_is_not(tmp_path, monkeypatch):
    def stop(done, total):
        if done == 56:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ss.sweep(FILM, OVER, TENSOR, to=tmp_path / "big", progress=stop)
    pieces = sorted((tmp_path / "big" / "pieces").iterdir())
    assert len(pieces) == 4
    assert not (tmp_path / "big" / "sweep.nc").exists()
    raw = bytearray(pieces[1].read_bytes())
    raw[len(raw) // 2] ^= 1
    pieces[1].write_bytes(bytes(raw))
    computed, outputs = [], sweeps._outputs
    monkeypatch.setattr(sweeps, "_outputs", lambda *a: (computed.append(a[-1]), outputs(*a))[1])
    found = ss.sweep(FILM, OVER, TENSOR, to=tmp_path / "big").load()
    assert computed == [1, 8, 6, 8, 6, 7]  # one film for its size, the damaged piece, two that were not reached
    np.testing.assert_array_equal(found["sheet_resistance"], ss.sweep(FILM, OVER, TENSOR)["sheet_resistance"])
    computed.clear()
    assert ss.sweep(FILM, OVER, TENSOR, to=tmp_path / "big").load().identical(found)
    assert computed == [1]


def test_folders_of_something_else_are_refused(tmp_path):
    ss.sweep(FILM, OVER, TENSOR, to=tmp_path / "big").close()
    other = partial(ss.magnetoresistance, plane="beta")
    with pytest.raises(ss.ParameterError, match=r"^to: got .*which holds another sweep. .*overwrite=True"):
        ss.sweep(FILM, OVER, other, to=tmp_path / "big")
    ss.sweep(FILM, OVER, other, to=tmp_path / "big", overwrite=True).close()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("everything")
    for overwrite in (False, True):
        with pytest.raises(ss.ParameterError, match=r"^to: got .*which holds something else, such as 'thesis.tex'"):
            ss.sweep(FILM, OVER, TENSOR, to=tmp_path / "mine", overwrite=overwrite)
    with pytest.raises(ss.ParameterError, match=r"^to: got .*which is a file"):
        ss.sweep(FILM, OVER, TENSOR, to=tmp_path / "mine" / "thesis.tex")
    with pytest.raises(ss.ParameterError, match=r"^to: got .*does not exist"):
        ss.sweep(FILM, OVER, TENSOR, to=tmp_path / "absent" / "big")
    with pytest.raises(ss.ParameterError, match=r"^to: got .*beside path"):
        ss.sweep(FILM, OVER, TENSOR, path=tmp_path / "a.nc", to=tmp_path / "big")
    with pytest.raises(ss.ParameterError, match=r"^to: got 5. Allowed: the path of a folder"):
        ss.sweep(FILM, OVER, TENSOR, to=5)
    many = {"Pt.thickness": np.linspace(1, 9, 20_000) * NM, "Pt.spin_hall_angle": np.linspace(0.01, 0.2, 10_000)}
    with pytest.raises(ss.ParameterError, match=r"200,000,000 films.*or with to="):
        ss.sweep(FILM, many, TENSOR)


@pytest.mark.parametrize(("shape", "most"), [((7,), 3), ((5, 4, 3), 12), ((5, 4, 3), 13), ((2, 9), 4), ((3, 3), 100)])
def test_tiles_cover_a_grid_once(shape, most):
    tiles, hits = Tiles.of(shape, most), np.zeros(shape, int)
    for number in range(len(tiles)):
        assert tiles.points(number) <= most
        hits[tiles.box(number)] += 1
        index = tiles.index(number, 0, tiles.points(number))
        np.testing.assert_array_equal(
            np.ravel_multi_index(index, shape), np.arange(hits.size).reshape(shape)[tiles.box(number)].ravel()
        )
    assert (hits == 1).all()


MEMORY = textwrap.dedent(
    """
    import resource, sys
    import numpy as np
    import spinstack as ss
    from spinstack.observables import sweeps

    sweeps._PIECE = 2**14
    film = ss.Film((ss.Metal("Pt", thickness=5e-9, conductivity=4e6, spin_diffusion_length=2e-9),))

    def wide(film):
        return np.multiply.outer(np.asarray(film.layers[0].thickness), np.ones(20))

    def compute(count, to):
        over = {"Pt.thickness": np.linspace(1e-9, 9e-9, count)}
        found = ss.sweep(film, over, lambda film: wide(film), to=to, key="wide")
        return float(found["value"][-1, -1]) if "value" in found else float(found[list(found)[0]][-1, -1])

    compute(2 * 65536, sys.argv[1] + "/small")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    last = compute(10 * 65536, sys.argv[1] + "/large")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(grown, last)
    """
)


@pytest.mark.study
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is told in other units")
def test_it_passes_through_no_memory(tmp_path):
    """Five times the films take no more memory: 105 MB of numbers, of which a piece is 10."""
    command = [sys.executable, "-c", MEMORY, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    grown, last = map(float, done.stdout.split())
    assert last == 9e-9
    assert grown < 20e6
    assert sum(file.stat().st_size for file in (tmp_path / "large" / "pieces").iterdir()) > 100e6
