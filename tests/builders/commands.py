"""Running the command line in a test."""

import contextlib
import io
from pathlib import Path

import xarray as xr

import spinstack as ss
from spinstack.cli import main


def written(text, name="sample.toml"):
    """The name of a file with this text in the working folder."""
    Path(name).write_text(text, encoding="utf-8")
    return name


def run(text, folder):
    """A sample file run in a folder: where its results lie, what was printed, the film."""
    file = folder / "all.toml"
    file.write_text(text, encoding="utf-8")
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        assert main(["run", str(file), "-o", str(folder / "out")]) == 0
    return folder / "out", out.getvalue(), ss.load_sample(file)


def load(place, name):
    return xr.load_dataset(place / f"{name}.nc", engine="h5netcdf")


def refused(capsys, arguments, lines=1):
    """What a command says that must end with code 2: one line, or another number; None: after other lines, too."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert err.count("Error: ") == 1
    assert lines is None or (err.startswith("Error: ") and err.count("\n") == lines)
    return err
