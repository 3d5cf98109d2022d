"""Sweeps: values, labels, memory-bounded chunks, and what a kill in the middle leaves behind."""

import os
import signal
import subprocess
import sys
import textwrap
from functools import partial

import numpy as np
import pytest
from plain_films import bilayer, nm

import spinstack as ss
from spinstack.observables import sweeps as sweep_module

FILM = bilayer()
OVER = {"Pt.thickness": np.linspace(1, 9, 7) * nm, "Pt|Co.mixing_conductance.real": np.geomspace(5e14, 5e15, 5)}
BETA = partial(ss.magnetoresistance, plane="beta")

KILLED = textwrap.dedent(
    """
    import sys, time
    from functools import partial
    import numpy as np
    import spinstack as ss
    from plain_films import bilayer
    from spinstack.observables import sweeps as module

    module.CHUNK = 4
    delay = float(sys.argv[2])
    over = {"Pt.thickness": np.linspace(1, 9, 5) * 1e-9, "Pt|Co.mixing_conductance.real": np.geomspace(5e14, 5e15, 3)}
    beta = partial(ss.magnetoresistance, plane="beta")

    def slowly(done, total):
        print(done, flush=True)
        time.sleep(delay)

    ss.sweep(bilayer(), over, beta, path=sys.argv[1], progress=slowly)
    """
)


def test_a_sweep_is_the_observable_at_every_point_with_labels():
    result = ss.sweep(FILM, OVER, BETA)
    assert dict(result.sizes) == {"Pt.thickness": 7, "Pt|Co.mixing_conductance.real": 5}
    assert result["Pt.thickness"].attrs["units"] == "m"
    assert result.magnetoresistance.attrs["units"] == "1"
    assert result.attrs["spinstack_version"]
    for i in (0, 6):
        for k in (0, 4):
            point = FILM.replace({p: v[j] for (p, v), j in zip(OVER.items(), (i, k), strict=True)})
            assert float(result.magnetoresistance[i, k]) == pytest.approx(float(BETA(point)), rel=1e-12)


def test_tensor_outputs_and_dictionaries_are_labelled():
    result = ss.sweep(FILM, {"Pt.thickness": [1 * nm, 2 * nm]}, partial(ss.sheet_conductance, m=(0, 1, 0)))
    assert result.sheet_conductance.dims == ("Pt.thickness", "row", "column")
    both = ss.sweep(FILM, {"Pt.thickness": [1 * nm, 2 * nm]}, lambda f: {"a": BETA(f), "b": 2 * BETA(f)})
    np.testing.assert_allclose(both.b, 2 * both.a, rtol=1e-15)


def test_chunks_do_not_change_the_result(monkeypatch):
    whole = ss.sweep(FILM, OVER, BETA)
    monkeypatch.setattr(sweep_module, "CHUNK", 4)
    seen = []
    parts = ss.sweep(FILM, OVER, BETA, progress=lambda done, total: seen.append((done, total)))
    np.testing.assert_allclose(parts.magnetoresistance, whole.magnetoresistance, rtol=1e-12)
    assert seen[-1] == (35, 35)
    assert len(seen) == 9


def test_a_finished_file_is_read_and_another_sweep_is_refused(tmp_path, monkeypatch):
    target = tmp_path / "map.nc"
    first = ss.sweep(FILM, OVER, BETA, path=target)
    monkeypatch.setattr(sweep_module, "_outputs", lambda *_: pytest.fail("computed again"))
    again = ss.sweep(FILM, OVER, BETA, path=target)
    assert again.identical(first)
    with pytest.raises(ss.ParameterError, match="holds something else"):
        ss.sweep(FILM, OVER, partial(ss.magnetoresistance, plane="alpha"), path=target)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["map.nc"]


def test_a_part_that_is_not_whole_is_computed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_module, "CHUNK", 16)
    target = tmp_path / "map.nc"

    def stop(done, total):
        if done == 32:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ss.sweep(FILM, OVER, BETA, path=target, progress=stop)
    parts = sorted((tmp_path / "map.nc.parts").iterdir())
    assert len(parts) == 2
    damaged = bytearray(parts[0].read_bytes())
    damaged[-40] ^= 1
    parts[0].write_bytes(bytes(damaged))
    computed = []
    outputs = sweep_module._outputs
    monkeypatch.setattr(sweep_module, "_outputs", lambda *a: (computed.append(a[-1]), outputs(*a))[1])
    result = ss.sweep(FILM, OVER, BETA, path=target)
    assert computed == [16, 3]  # the damaged one and the one that was not reached
    np.testing.assert_array_equal(result.magnetoresistance, ss.sweep(FILM, OVER, BETA).magnetoresistance)


def test_a_refused_sweep_leaves_nothing_behind(tmp_path):
    with pytest.raises(ss.ParameterError, match=r"Pt\.thicknes"):
        ss.sweep(FILM, {"Pt.thicknes": [1 * nm]}, BETA, path=tmp_path / "map.nc")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.study
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_killed_sweep_goes_on_where_it_stopped_and_gives_the_same_file(tmp_path):
    def start(path, delay):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", KILLED, str(path), str(delay)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)

    target, reference = tmp_path / "killed.nc", tmp_path / "undisturbed.nc"
    victim = start(target, 30)
    assert victim.stdout is not None
    assert victim.stdout.readline().strip() == "4"
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    assert not target.exists()
    parts = tmp_path / "killed.nc.parts"
    kept = {p.name: p.stat().st_mtime_ns for p in parts.iterdir()}
    assert len(kept) == 1

    second = start(target, 0.3)
    assert second.stdout is not None
    second.stdout.readline()
    second.stdout.readline()
    second.send_signal(signal.SIGKILL)
    second.wait()
    second.stdout.close()
    # the chunk of the first run was not written again
    assert all((parts / name).stat().st_mtime_ns == stamp for name, stamp in kept.items())
    assert len(list(parts.iterdir())) >= 2

    for path in (target, reference):
        run = start(path, 0)
        run.communicate(timeout=120)
        assert run.returncode == 0
    assert target.read_bytes() == reference.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["killed.nc", "undisturbed.nc"]


def test_an_interrupted_write_never_shows_a_broken_file(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise KeyboardInterrupt

    import xarray

    monkeypatch.setattr(xarray.Dataset, "to_netcdf", fail)
    with pytest.raises(KeyboardInterrupt):
        ss.sweep(FILM, OVER, BETA, path=tmp_path / "map.nc")
    assert not (tmp_path / "map.nc").exists()
    assert (tmp_path / "map.nc.parts").is_dir()


@pytest.mark.parametrize("values", [[1e-9, 4e-9], [1e-9, 2e-9, 4e-9]])
@pytest.mark.parametrize("function", [
    lambda f: ss.sheet_resistance(f, m="z")[0, 0],
    lambda f: np.max(ss.sheet_resistance(f, m="z")),
    lambda f: {"R": ss.sheet_resistance(f, m="z")[0]},
])  # fmt: skip
def test_a_function_that_does_not_broadcast_is_refused(function, values):
    film = ss.MagneticInsulator("YIG", mixing_conductance=3e14 + 3e13j) | ss.Metal(
        "Pt", thickness=4e-9, conductivity=3e6, spin_diffusion_length=1.5e-9, spin_hall_angle=0.08
    )
    with pytest.raises(ss.ParameterError, match=r"of many films is not that of each.*R\[\.\.\., 0, 0\]"):
        ss.sweep(film, {"Pt.thickness": values}, function)
    right = ss.sweep(film, {"Pt.thickness": values}, lambda f: ss.sheet_resistance(f, m="z")[..., 0, 0])
    single = [ss.sheet_resistance(film.replace({"Pt.thickness": v}), m="z")[0, 0] for v in values]
    np.testing.assert_allclose(right["value"], single, rtol=1e-12)
