"""Workers of dask: the same numbers, clear words for what is not there, scripts of batch systems, files of clusters."""

import errno
import os
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from commands import refused
from fit_files import SMALL
from patience import within
from sample_texts import BILAYER
from watched_sweeps import FILM

import spinstack as ss
from spinstack.cli import main
from spinstack.cli.workers import described
from spinstack.numerics import workers
from spinstack.observables import sweeps
from spinstack.text.document import SampleError, parse_document
from spinstack.text.errors import ParameterError, SpinstackError

pytest.importorskip("distributed", reason="dask is not installed")
NM = 1e-9
OVER = {"Pt.thickness": np.linspace(1, 9, 60) * NM, "Pt.spin_hall_angle": np.linspace(0.01, 0.2, 50)}
RATIO = partial(ss.magnetoresistance, plane="beta")


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr(sweeps, "CHUNK", 1000)
    with within(60):
        yield


@pytest.fixture(scope="module")
def client():
    with ss.workers(2) as found:
        yield found


@pytest.mark.study
def test_workers_compute_the_same_in_64_bits_each_on_its_own_cores(client, tmp_path):
    here = ss.sweep(FILM, OVER, RATIO)
    # whatever else they did before
    client.run(exec, "import jax; jax.config.update('jax_enable_x64', False)")
    assert ss.sweep(FILM, OVER, RATIO, client=client).identical(here)
    stored = ss.sweep(FILM, OVER, RATIO, tmp_path / "a.nc", client=client)
    np.testing.assert_array_equal(stored["magnetoresistance"], here["magnetoresistance"])
    filed = ss.sweep(FILM, OVER, RATIO, to=tmp_path / "a", client=client)
    np.testing.assert_array_equal(filed["magnetoresistance"], here["magnetoresistance"])
    filed.close()
    for name, value in workers.ENVIRONMENT.items():
        assert set(client.run(os.getenv, name).values()) == {value}
    if hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1:
        first, second = client.run(os.sched_getaffinity, 0).values()
        assert not first & second


def test_functions_of_a_session_go_to_workers(client):
    scale = 2.0
    found = ss.sweep(FILM, OVER, lambda film: {"t": scale * np.asarray(film.layers[0].thickness)}, client=client)
    np.testing.assert_array_equal(found["t"][:, 0], 2 * OVER["Pt.thickness"])


def fails(film):
    raise ZeroDivisionError("of the observable")


@pytest.mark.parametrize(
    ("observable", "kind", "words"),
    [
        (fails, ZeroDivisionError, "of the observable"),
        (partial(lambda film, file: film, file=sys.stdout), SpinstackError, "the work for workers: .*cannot be sent"),
    ],
)
def test_what_cannot_be_done_there_is_told(client, observable, kind, words):
    with pytest.raises(kind, match=words):
        ss.sweep(FILM, OVER, observable, client=client)


def test_workers_of_another_version_are_told(client, monkeypatch):
    monkeypatch.setattr(workers, "code", lambda: "another")
    with pytest.raises(SpinstackError, match=r"^a worker: has another version of spinstack"):
        ss.sweep(FILM, OVER, RATIO, client=client)


@pytest.mark.study
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of files")
def test_a_full_disk_loses_nothing(client, tmp_path):
    limit = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (500, r.RLIM_INFINITY))"
    client.run(exec, limit)
    try:
        with pytest.raises(OSError, match=r"a.nc.parts") as caught:
            ss.sweep(FILM, OVER, RATIO, tmp_path / "a.nc", client=client)
        assert caught.value.errno in (errno.EFBIG, errno.ENOSPC)
    finally:
        client.run(exec, limit.replace("500", "r.RLIM_INFINITY"))
    found = ss.sweep(FILM, OVER, RATIO, tmp_path / "a.nc", client=client)
    assert np.isfinite(found["magnetoresistance"]).all()


@pytest.mark.study
def test_workers_without_the_package_and_a_client_that_is_closed_are_told():
    import distributed

    options = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "worker_dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(n_workers=1, **options) as cluster:
        with distributed.Client(cluster, set_as_default=False) as client:
            client.run(exec, "import sys; sys.modules['spinstack'] = None")
            with pytest.raises(ParameterError, match=r"^client: got .*whose workers have no spinstack. Install it"):
                ss.sweep(FILM, OVER, RATIO, client=client)
        with pytest.raises(ParameterError, match=r"^client: got .*which is closed"):
            ss.sweep(FILM, OVER, RATIO, client=client)


@pytest.mark.study
def test_the_command_line_fits_and_maps_on_workers(tmp_path, capsys):
    (tmp_path / "fit.toml").write_text(SMALL, encoding="utf-8")
    over = 'over = { "Pt.thickness" = { start = "1 nm", stop = "9 nm", points = 2500 } }'
    asked = f'[[map]]\n{over}\nobservable = {{ name = "magnetoresistance", plane = "beta" }}\n[output]\nfigures = []\n'
    (tmp_path / "map.toml").write_text(f"{BILAYER}\n{asked}", encoding="utf-8")
    for command, file in (("fit", "fit.nc"), ("run", "map.nc")):
        for where, more in (("here", []), ("there", ["--workers", "2"])):
            given = [command, str(tmp_path / f"{Path(file).stem}.toml"), "-o", str(tmp_path / where)]
            assert main([*given, *more]) == 0
        capsys.readouterr()
        trees = [xr.open_datatree(tmp_path / where / file) for where in ("here", "there")]
        assert trees[0].identical(trees[1])
        for tree in trees:
            tree.close()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--workers", "0"], "--workers: got 0. Allowed: a whole number from 1"),
        (["--workers", "2", "--cluster", "c.toml"], "--workers: got 2, beside --cluster"),
        (["--cluster", "absent.toml"], "absent.toml: there is no such file"),
    ],
)
def test_options_that_cannot_be_are_told_before_anything_is_begun(tmp_path, capsys, given, words):
    (tmp_path / "film.toml").write_text(f'{BILAYER}\n[[profile]]\nm = "y"\n', encoding="utf-8")
    assert words in refused(capsys, ["run", str(tmp_path / "film.toml"), "-o", str(tmp_path / "out"), *given], None)
    assert not (tmp_path / "out").exists()


def test_scripts_of_batch_systems_have_the_environment_and_what_was_asked():
    pytest.importorskip("dask_jobqueue")
    with workers.jobs("slurm", {"cores": 2, "memory": "4 GB", "walltime": "01:00:00", "queue": "short"}) as cluster:
        script = cluster.job_script()
    assert "#SBATCH -p short" in script
    assert "#SBATCH -t 01:00:00" in script
    assert f"export MALLOC_TRIM_THRESHOLD_={2**30}" in script
    assert "--lifetime 3420s" in script
    given = {"cores": 1, "memory": "4 GB", "walltime": "24:00:00", "account": "spin"}
    own = ["--lifetime", "1h", "--lifetime-stagger", "4m"]
    with workers.jobs("pbs", given) as one, workers.jobs("pbs", {**given, "worker_extra_args": own}) as two:
        script, other = one.job_script(), two.job_script()
    assert "#PBS -A spin" in script
    assert "#PBS -l walltime=24:00:00" in script
    assert "#PBS -l select=1:ncpus=1:mem=3815MB" in script
    assert "export JAX_ENABLE_X64=1" in script
    assert "--nthreads 1" in script
    assert "--lifetime 82080s" in script
    assert "--lifetime 1h --lifetime-stagger 4m" in other
    for system, walltime, mark in (("sge", "01:00:00", "#$ -l h_rt=01:00:00"), ("lsf", "01:00", "#BSUB -W 01:00")):
        with workers.jobs(system, {"cores": 1, "memory": "4 GB", "walltime": walltime}) as cluster:
            assert mark in cluster.job_script()
            assert "--lifetime 3420s" in cluster.job_script()
    with pytest.raises(ParameterError, match="slurm"):
        workers.jobs("slurm", {"cores": 2, "memory": "4 GB", "walltim": "01:00:00"})
    with pytest.raises(ParameterError, match="system"):
        workers.jobs("condor", {})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"memory": "4 GB"}, "cores: missing. Allowed: how many cores"),
        ({"cores": 1}, "memory: missing. Allowed: how much memory"),
        ({"cores": 1, "memory": "lots"}, "slurm: got .*, which dask-jobqueue can't use: Could not interpret 'lots'"),
        ({"cores": "one", "memory": "4 GB"}, "slurm: got .*, which dask-jobqueue can't use"),
        ({"cores": 1, "memory": "4 GB", "processes": 0}, "slurm: got .*, which dask-jobqueue can't use"),
        ({"cores": 1, "memory": "4 GB", "job_script_prologue": "export A=1"}, "job_script_prologue: got .* a list"),
        ({"cores": 1, "memory": "4 GB", "asynchronous": True}, "slurm: got 'asynchronous'"),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of what dask had half made
def test_settings_that_no_job_can_have_are_told(settings, words):
    pytest.importorskip("dask_jobqueue")
    with pytest.raises(ss.ParameterError, match=words):
        workers.jobs("slurm", settings)


@pytest.mark.parametrize("answer", [None, "exit 1"], ids=["no sbatch", "sbatch refuses"])
def test_a_batch_system_that_takes_no_job_says_so_at_once(tmp_path, monkeypatch, answer):
    pytest.importorskip("dask_jobqueue")
    if answer is not None:
        (tmp_path / "sbatch").write_text(f"#!/bin/sh\necho 'invalid account' >&2\n{answer}\n", encoding="utf-8")
        (tmp_path / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    words = "but sbatch, which submits jobs, is not" if answer is None else "which took no job. What does sbatch say"
    given = {"cores": 1, "memory": "1 GB"}
    with pytest.raises(ss.ParameterError, match=words), workers.batch("slurm", 1, given):
        pass


@pytest.mark.study
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="commands of a batch system, in bash")
@pytest.mark.parametrize(("system", "begin", "end"), [("slurm", "sbatch", "scancel"), ("pbs", "qsub", "qdel")])
def test_scripts_of_batch_systems_are_run_by_their_commands(tmp_path, monkeypatch, system, begin, end):
    """Commands of that name stand for the system: one takes a copy of the script and runs it, as a system does."""
    pytest.importorskip("dask_jobqueue")
    run = f'cp "$1" {tmp_path}/$$\nsetsid bash {tmp_path}/$$ > /dev/null 2>&1 &\necho $!'
    for name, text in ((begin, run), (end, "kill -- -$1")):
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    text = f'spinstack = 1\n[{system}]\njobs = 2\ncores = 1\nmemory = "2 GB"\nwalltime = "00:30:00"\n'
    told = []
    with described(parse_document(text, "cluster.toml")) as client:
        found = ss.sweep(FILM, OVER, RATIO, tmp_path / "a.nc", lambda done, _: told.append(done), client=client)
        assert set(client.run(os.getenv, "JAX_ENABLE_X64").values()) == {"1"}
    np.testing.assert_array_equal(found["magnetoresistance"], ss.sweep(FILM, OVER, RATIO)["magnetoresistance"])
    assert told[-1] == 3000


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


@pytest.mark.study
def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 1)
    with pytest.raises(ParameterError, match="address"), workers.scheduler("tcp://127.0.0.1:9"):
        pass
