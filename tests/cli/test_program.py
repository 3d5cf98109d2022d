"""The program around the commands: help, version, codes, and what it loads."""

import subprocess
import sys

import pytest
from sample_texts import FILTERING, MODEL

from spinstack.cli import main


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["show", "--help"], ["new", "--help"], []])
def test_help_teaches_by_example(capsys, arguments):
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "Usage: spinstack" in out
    assert arguments == ["new", "--help"] or "spinstack show sample.toml" in out or "spinstack run sample.toml" in out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert len(capsys.readouterr().out.split()) == 1


def test_the_program_ends_with_the_code_of_the_command(sample):
    code = "import sys\nfrom spinstack.cli import main\nsys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, "run", "absent.toml"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: absent.toml: there is no such file.")


HEAVY = {"jax", "matplotlib", "xarray", "h5py", "lmfit", "jinja2"}
#: a file to analyse whose step names no file of it
WRONG = 'spinstack = 1\n[[file]]\npath = "sample.toml"\nname = "a"\n[[step]]\ndo = "select"\nfiles = "b"\n'


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    ("text", "arguments", "heavy"),
    [
        (FILTERING, ["--help"], HEAVY | {"scipy", "pandas"}),
        (FILTERING, ["materials", "Pt"], HEAVY),
        (FILTERING, ["show", "sample.toml"], HEAVY),
        (MODEL, ["show", "sample.toml"], HEAVY),
        (FILTERING, ["analyze", "--help"], HEAVY | {"scipy", "pandas"}),
        (WRONG, ["analyze", "sample.toml"], HEAVY - {"xarray", "h5py"}),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(sample, text, arguments, heavy):
    # where dask is installed pint and xarray load it with all that it needs
    code = f"import sys; sys.modules['dask'] = None; from spinstack.cli import main; code = main({arguments!r})"
    code += f"; print(code, sorted({heavy} & set(sys.modules)))"
    sample(text)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == f"{2 if text == WRONG else 0} []", done.stderr
