"""The command line: ``spinstack run | show | interface | materials | new | analyze | fit | inspect | app | help``.

Commands load what they need.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from spinstack.samples.starter import Template

_TRACEBACK = "SPINSTACK_TRACEBACK"
_EPILOGUE = """\
A first session:

    spinstack new sample.toml          write a commented sample file
    spinstack show sample.toml         look at the film, check its parameters
    spinstack run sample.toml -o out   compute; files and figures go to out/
    spinstack help spin_hall_angle     what a field means; without a word, everything that files may say

'spinstack COMMAND --help' explains a command.
"""
_RUN_EPILOGUE = """\
What a file can ask for (see the starter file that 'spinstack new' writes):

{tables}

for example

    [[scan]]
    plane = ["alpha", "beta", "gamma"]
    angles = {{ start = "0 deg", stop = "360 deg", points = 361 }}
    field = "1 T"

    [[map]]
    over = {{ "Pt.thickness" = ["1 nm", "2 nm", "4 nm"] }}
    observable = {{ name = "magnetoresistance", plane = "beta" }}

Run it:

    spinstack run sample.toml -o out
"""
_SHOW_EPILOGUE = """\
Examples:

    spinstack show sample.toml
    spinstack show sample.toml --figure film.pdf
    spinstack show sample.toml --temperature "300 K"
"""
_MATERIALS_EPILOGUE = """\
Examples:

    spinstack materials
    spinstack materials Pt
    spinstack materials "Co|Pt"

In a sample file:  kind = "metal", material = "Pt", thickness = "5 nm"
"""

_INTERFACE_EPILOGUE = """\
Kinds of barriers and their numbers:

{barriers}

Examples:

    spinstack interface --barrier 0.4 --exchange 0.2 --fermi-wavevector "13.6 1/nm"
    spinstack interface --barrier 0.4 --exchange 0.2 --rashba 0.04 --fermi-wavevector "13.6 1/nm" \\
        --mean-free-path "2 nm" "3 nm" --polarization 0 0.4 --figure disc.png --output interface.csv
"""

_ANALYZE_EPILOGUE = """\
A file names measured files, cleaning steps and analyses:

    spinstack = 1

    [[file]]
    path = "scan.dat"
    plane = "alpha"

    [[step]]
    do = "remove_spikes"

    [[analysis]]
    do = "fit_harmonics"
    orders = [1, 2, 4]

The folder then holds measurements/ and results/ (NetCDF and CSV), figures/ and report.html. Exit code 1: some step or
analysis failed, all others are complete.
"""
_FIT_EPILOGUE = """\
A file names films, what is unknown, and what was measured:

    spinstack = 1

    [fit]
    film = "pt_yig.toml"

    [[fit.parameter]]
    path = "Pt.spin_hall_angle"
    prior = { lognormal = 0.08, factor = 2 }

    [[fit.data]]
    observable = "magnetoresistance"
    plane = "beta"
    values = "0.041 %"
    errors = "0.0005 %"

'spinstack new fit.toml --template fit' writes a whole one. Exit code 1: something failed, or the model does not fit.
"""
_INSPECT_EPILOGUE = """\
Examples:

    spinstack inspect scan.dat
    spinstack inspect scan.dat --write scan.toml

The description goes into an analysis file as  description = "scan.toml"
"""


def _version() -> str:
    from spinstack.text.version import __version__

    return __version__


app = App(
    name="spinstack",
    help="Spin and charge transport in layered magnetic films: from the interface to the meter.",
    help_epilogue=_EPILOGUE,
    help_format="plaintext",
    version=_version,
    suppress_keyboard_interrupt=False,
)
app.register_install_completion_command(name="--install-completion")


@app.command(name="version")
def version_command() -> int:
    """Print the version, and what solves films: the native kernel with an instruction set, or JAX."""
    from spinstack.cli.version import version

    return version()


@app.command(name="run")
def run_command(
    sample: Path,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    workers: str | None = None,
    cluster: Path | None = None,
) -> int:
    """Compute what a sample file asks for: NetCDF files, figures and a printed table.

    Results of an earlier run in the same folder are replaced; what was interrupted goes on where it stopped.

    Parameters
    ----------
    sample
        The sample file (.toml).
    output
        Folder for the results, made if needed. Default: what the file says, or results/NAME.
    workers
        Have maps computed by so many processes of this machine.
    cluster
        Have maps computed by the cluster that this file (.toml) describes.
    """
    from spinstack.cli.run import run
    from spinstack.cli.workers import Working

    return run(sample, output, Working.asked(workers, cluster))


@app.command(name="show", help_epilogue=_SHOW_EPILOGUE)
def show_command(sample: Path, /, *, figure: Path | None = None, temperature: str | None = None) -> int:
    """Draw the film of a sample file and print what its parameters imply, with warnings; computes nothing.

    Parameters
    ----------
    sample
        The sample file (.toml).
    figure
        Draw the film into this file, too (.png, .pdf or .svg).
    temperature
        Where parameters follow laws of the temperature, that of the derived numbers, such as "300 K"; by default the
        lowest that the file asks for.
    """
    from spinstack.cli.show import show

    return show(sample, figure, temperature)


@app.command(name="interface")
def interface_command(
    *,
    kind: str = "delta_barrier",
    m: Annotated[str, Parameter(allow_leading_hyphen=True)] = "0,0,1",
    mean_free_path: Annotated[tuple[str, str], Parameter(negative=())] = ("0 nm", "0 nm"),
    polarization: Annotated[tuple[str, str], Parameter(negative=())] = ("0", "0"),
    sharvin: Annotated[bool, Parameter(negative=())] = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    figure: Path | None = None,
    **numbers: Annotated[str, Parameter(allow_leading_hyphen=True)],
) -> int:
    """Conductances, spin memory loss and interface-generated spin currents of a barrier between two metals.

    Parameters
    ----------
    kind
        The kind of barrier; below stand all of them with their numbers.
    m
        Direction of the magnetisation: three numbers with commas.
    mean_free_path
        Of the metals below and above, for example "2 nm" "3 nm"; only what an in-plane field drives needs them.
    polarization
        Of the currents in the metals below and above, along m.
    sharvin
        Take the Sharvin resistance off, as diffusion equations want it.
    output
        Write the numbers into this file, too (.csv or .nc).
    figure
        Draw transmission over the Fermi disc into this file (.png, .pdf or .svg).
    numbers
        The numbers of the barrier, for example --barrier 0.4 --fermi-wavevector "13.6 1/nm".
    """
    from spinstack.cli.interface import interface

    return interface(kind, numbers, sharvin, m, mean_free_path, polarization, output, figure)


@app.command(name="materials", help_epilogue=_MATERIALS_EPILOGUE)
def materials_command(name: str | None = None, /) -> int:
    """List the materials and interfaces of the library, or everything known about one: values, errors, sources.

    Parameters
    ----------
    name
        A material, such as Pt, or an interface, such as "Co|Pt".
    """
    from spinstack.cli.materials import list_materials, show_material

    return list_materials() if name is None else show_material(name)


@app.command(name="new")
def new_command(
    file: Path = Path("sample.toml"),
    /,
    *,
    template: Template = "bilayer",
    force: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Write a commented sample file, or fit file, to start from.

    Parameters
    ----------
    file
        Where to write it.
    template
        A metal and a ferromagnet, a metal on a magnetic insulator in a field and at a temperature, a perpendicular
        magnet under the torque of a current, or a fit of a thickness series.
    force
        Replace a file that exists.
    """
    from spinstack.cli.new import new

    return new(file, force, template)


@app.command(name="analyze", help_epilogue=_ANALYZE_EPILOGUE)
def analyze_command(data: Path, /, *, output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None) -> int:
    """Read, clean and analyse measured files as an analysis file says: curves, numbers with errors, figures, a report.

    Everything in the file is checked before anything is computed. Results of an earlier run in the same folder are
    replaced.

    Parameters
    ----------
    data
        The analysis file (.toml).
    output
        Folder for the results, made if needed. Default: what the file says, or results/NAME.
    """
    from spinstack.cli.analyze import analyze

    return analyze(data, output)


@app.command(name="fit", help_epilogue=_FIT_EPILOGUE)
def fit_command(
    file: Path,
    /,
    *,
    posterior: Annotated[bool, Parameter(negative=())] = False,
    mechanisms: Annotated[bool, Parameter(negative=())] = False,
    next_: Annotated[bool, Parameter(name="--next", negative=())] = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    workers: str | None = None,
    cluster: Path | None = None,
) -> int:
    """Find parameters of films from what was measured: values with errors, what is determined, figures, a report.

    Everything in the file is checked before anything is computed. What was interrupted goes on where it stopped.

    Parameters
    ----------
    file
        The fit file (.toml).
    posterior
        Draw from the distribution of the parameters, by NUTS (extra [bayes]) or nested sampling.
    mechanisms
        Compare the mechanisms of the file by their evidence, and fit the best of them.
    next_
        Rank the candidates of the file by what they would tell; compares mechanisms as well.
    output
        Folder for the results, made if needed. Default: what the file says, or results/NAME.
    workers
        Have starts and mechanisms computed by so many processes of this machine.
    cluster
        Have them computed by the cluster that this file (.toml) describes.
    """
    from spinstack.cli.fit import fit
    from spinstack.cli.workers import Working

    return fit(file, output, mechanisms, next_, posterior, Working.asked(workers, cluster))


@app.command(name="inspect", help_epilogue=_INSPECT_EPILOGUE)
def inspect_command(
    file: Path, /, *, write: Path | None = None, force: Annotated[bool, Parameter(negative=())] = False
) -> int:
    """Print what the reader sees in a measured file: format, columns, units, what it takes them for.

    Parameters
    ----------
    file
        A file from an instrument.
    write
        Write a description of the file to edit (.toml).
    force
        Replace a description that exists.
    """
    from spinstack.cli.inspect import inspect

    return inspect(file, write, force)


@app.command(name="app")
def app_command(
    sample: Path | None = None,
    /,
    *,
    port: int = 0,
    browser: bool = True,
    users: int = 1,
    frame: tuple[str, ...] = (),
    slower: Annotated[float, Parameter(show=False)] = 0.0,
    fresh: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Open the page on which a film is built and turned: sliders, curves that follow, measured files, fits.

    Needs the extra [app]. The page is on this machine alone, and only for whom has the address with its key.

    Parameters
    ----------
    sample
        A sample file to begin with; "save" writes it. Without one the page is empty.
    port
        Of this machine; 0 takes one that is free.
    browser
        Open it in the browser.
    users
        How many people on this machine get an address, each with a page of their own.
    frame
        Pages that may show it in a frame, such as a notebook: http://localhost:8888.
    fresh
        Keep nothing of this session on disk.
    """
    from spinstack.cli.app import app

    return app(sample, port, browser, users, frame, slower, fresh)


@app.command(name="help")
def help_command(word: str | None = None, /) -> int:
    """Explain a field, an element, a request, a step, an analysis or a table of files; without a word, list them all.

    Parameters
    ----------
    word
        For example spin_hall_angle, interface, torque_efficiency, fit_harmonics, candidate.
    """
    from spinstack.cli.help import explain

    return explain(word)


def _run_epilogue() -> str:
    """The tables that a file may have, with their keys."""
    from spinstack.study.vocabulary import vocabulary

    return _RUN_EPILOGUE.format(tables="\n".join(f"    [[{w}]]  {', '.join(k)}" for w, k in vocabulary().items()))


def _interface_epilogue() -> str:
    """The barriers that there are, with their numbers."""
    from spinstack.cli.interface import barriers_in_words

    barriers = "\n".join(f"    {line}" for line in barriers_in_words().splitlines())
    return _INTERFACE_EPILOGUE.format(barriers=barriers)


#: ends of help that are written when somebody asks for it
_WRITTEN = {"run": _run_epilogue, "interface": _interface_epilogue}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    0 done, 1 done in part, 2 something to correct, 3 not all could be printed, 70 a fault of this program, 130 ended by
    Ctrl-C.
    """
    from spinstack.cli import console
    from spinstack.text import ending

    ending.watch()
    given = list(sys.argv[1:] if arguments is None else arguments)
    with console.streams() as printed:
        code = _outcome(given)
    return code if printed() else console.UNPRINTED


def _outcome(given: list[str]) -> int:
    from spinstack.cli import console
    from spinstack.text import ending
    from spinstack.text.errors import SpinstackError

    if given and given[0] in _WRITTEN and {"--help", "-h"} & {*given}:
        app[given[0]].help_epilogue = _WRITTEN[given[0]]()
    if any(not word or "\0" in word or (word.startswith("-") and word.endswith("=")) for word in given):
        console.fail("An argument is empty or has a NUL character. Is a variable of the shell not set?")
        return 2
    try:
        outcome = app(given, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        console.fail(f"{str(error).strip()} See 'spinstack --help'.")
        return 2
    except SpinstackError as error:
        console.fail(str(error))
        return 2
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        console.fail(f"{where}{error.strerror or error}.")
        return 2
    except MemoryError:
        console.fail("There is not enough memory for this.")
        return 2
    except KeyboardInterrupt:
        console.message(ending.words())
        return ending.INTERRUPTED
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        what = f"unexpected {type(error).__name__}: {error}"
        console.fail(f"{what}. It is a fault of this program; {_TRACEBACK}=1 shows where.")
        return 70
    return outcome if isinstance(outcome, int) else 0
