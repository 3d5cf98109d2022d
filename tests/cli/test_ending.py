"""Ctrl-C, closed streams, full disks and missing folders: one line, a code, and files that are whole or not there."""

import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import load
from sample_texts import BILAYER
from studies import mostly_studies

from spinstack.cli import main
from spinstack.text import store

MAP = '[[map]]\nover = { "Pt.thickness" = { start = "1 nm", stop = "9 nm", points = 9 } }\n[output]\nfigures = []\n'
WARNING = BILAYER.replace('dephasing_length = "0.5 nm"\n', "")

#: the program, interrupted so many seconds after its own first step; what Python does before is Python's
INTERRUPTED = """
import os, signal, sys, threading
delay, sys.argv = float(sys.argv[1]), ["spinstack", *sys.argv[2:]]
import spinstack
timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT))
timer.daemon = True
timer.start()
from spinstack.__main__ import main
sys.exit(main())
"""
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and streams are those of POSIX")


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Programs started in the background of a shell inherit that Ctrl-C is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def program(*arguments, redirect="", **options):
    """The program, started by a shell that redirects or closes its streams."""
    shell = ["sh", "-c", f'exec "$@" {redirect}', "sh"]
    return subprocess.run(
        [*shell, sys.executable, "-m", "spinstack", *arguments], capture_output=True, text=True, **options
    )


def interrupt(delay):
    command = [sys.executable, "-c", INTERRUPTED, str(delay), "run", "sample.toml", "-o", "out"]
    return subprocess.run(command, capture_output=True, text=True)


def check_interrupted(done):
    """Whether it was before the end, when it must say so in one line and leave only whole files."""
    lines = [line for line in done.stderr.splitlines() if not line.endswith(" ...")]
    assert "Traceback" not in done.stderr
    if done.returncode == 0:
        return False
    assert done.returncode == 130, done.stderr
    assert len(lines) == 1
    assert re.match(r"Interrupted(\.| at (map|writing))", lines[0])
    return True


@pytest.mark.parametrize("count", mostly_studies([3, 100], [3]))
def test_ctrl_c_at_any_moment_is_one_line_and_the_same_command_goes_on(sample, count):
    sample(BILAYER + MAP)
    assert main(["run", "sample.toml", "-o", "reference"]) == 0
    rng = random.Random(4)
    interrupted = sum(check_interrupted(interrupt(rng.uniform(0, 1.5) ** 2)) for _ in range(count))
    assert interrupted > 0
    assert main(["run", "sample.toml", "-o", "out"]) == 0
    assert sorted(p.name for p in Path("out").iterdir()) == sorted(p.name for p in Path("reference").iterdir())
    assert load(Path("out"), "map").identical(load(Path("reference"), "map"))


def test_ctrl_c_ends_what_python_does_not_hear(here):
    code = """
import os, signal, sys, threading, time
sys.argv = ["spinstack"]
import spinstack
from spinstack.text import ending
ending.watch()
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
import ctypes
ctypes.CDLL(None).sleep(60)  # like a compiler, it returns to Python when it is done
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (130, "Interrupted.\n")


def test_other_programs_keep_their_own_ctrl_c():
    code = "import signal, spinstack; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "True\n"


# streams


@pytest.mark.study
@pytest.mark.parametrize("arguments", [["run", "sample.toml"], ["--help"], ["materials"]])
def test_a_closed_output_has_a_code_and_a_line_of_its_own(sample, arguments):
    sample(BILAYER + MAP)
    done = program(*arguments, redirect=">&-")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == "Standard output: it is closed, so not all was printed."
    assert arguments[0] != "run" or Path("results/sample/map.nc").is_file()


def test_an_error_keeps_its_code_where_the_output_is_closed(here):
    done = program("show", "absent.toml", redirect=">&-")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.study
@pytest.mark.parametrize("arguments", [["run", "sample.toml"], ["--help"]])
@pytest.mark.parametrize("together", [False, True])
def test_a_reader_that_has_gone_is_told(sample, arguments, together):
    sample(WARNING + MAP)
    command = f'( "$@" {"2>&1" if together else ""}; echo $? > code ) | true; cat code'
    done = subprocess.run(["sh", "-c", command, "sh", sys.executable, "-m", "spinstack", *arguments],
                          capture_output=True, text=True)  # fmt: skip
    assert done.stdout == "3\n"
    assert together or done.stderr.splitlines()[-1] == "Standard output: Broken pipe, so not all was printed."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_an_output_without_space_is_told(sample):
    sample(BILAYER)
    done = program("show", "sample.toml", redirect="> /dev/full")
    assert done.returncode == 3
    assert done.stderr == "Standard output: No space left on device, so not all was printed.\n"


@pytest.mark.study
def test_closed_errors_and_input_change_nothing(sample):
    sample(WARNING + MAP)
    done = program("run", "sample.toml", redirect="2>&- <&-")
    assert done.returncode == 0
    assert "map" in done.stdout


# folders


@pytest.mark.study
@pytest.mark.parametrize("home", [None, "/proc/nobody", "relative"])
def test_a_missing_home_costs_nothing(sample, home):
    sample(BILAYER + MAP)
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ}
    done = program("run", "sample.toml", env=kept | ({} if home is None else {"HOME": home}))
    assert done.returncode == 0
    assert "Warning" not in done.stderr
    assert not Path("~").exists()


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from spinstack.cli import main
from spinstack.text import store
import spinstack.study, xarray, h5netcdf, matplotlib.figure, jax
jax.config.update("jax_enable_compilation_cache", False)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.study
@pytest.mark.parametrize("size", [0, 10_000])
@pytest.mark.parametrize("command", ["new", "run", "show"])
def test_a_full_disk_is_an_error_and_leaves_no_half_file(sample, command, size):
    """A limit on the size of files stands for the end of the disk."""
    pytest.importorskip("resource")
    sample(BILAYER + MAP.replace("[]", '["png"]'))
    arguments = {"new": ["new", "made.toml"], "run": ["run", "sample.toml", "-o", "out"],
                 "show": ["show", "sample.toml", "--figure", "film.pdf"]}[command]  # fmt: skip
    done = subprocess.run([sys.executable, "-c", FULL, str(size), *arguments], capture_output=True, text=True)
    whole = command == "new" and size == 10_000
    assert done.returncode == (0 if whole else 2), done.stderr
    assert whole or done.stderr.splitlines()[-1].startswith("Error: ")
    assert whole or done.stderr.splitlines()[-1].endswith("File too large.")
    for file in (p for p in Path().rglob("*") if p.is_file() and p.name != "sample.toml"):
        assert not file.name.startswith(".")
        assert file.suffix in (".part", ".csv") or whole or store.read_dataset(file) is not None


def test_an_unexpected_error_is_one_line(sample, capsys, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("no reason")

    monkeypatch.setattr("spinstack.cli.new.starter", broken)
    assert main(["new", "x.toml"]) == 70
    err = capsys.readouterr().err
    assert err.startswith("Error: unexpected ZeroDivisionError: no reason.")
    assert err.count("\n") == 1
    monkeypatch.setenv("SPINSTACK_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main(["new", "x.toml"])
