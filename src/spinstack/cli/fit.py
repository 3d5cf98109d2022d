"""``spinstack fit``: from measured numbers to the parameters of films, with what the data do and do not tell."""

from __future__ import annotations

from pathlib import Path

from spinstack.cli import console
from spinstack.cli.workers import HERE, Working
from spinstack.text import ending


def fit(
    file: Path,
    output: Path | None,
    mechanisms: bool = False,
    next_: bool = False,
    posterior: bool = False,
    working: Working = HERE,
) -> int:
    """Fit what `file` describes, into a folder; returns the exit code: 1 where something failed or it does not fit."""
    from spinstack.report.fit import FitReport, tables
    from spinstack.report.fit_words import conclusion, verdicts, warnings
    from spinstack.study.fit import FIT, fits
    from spinstack.study.fit_folder import FitFolder
    from spinstack.study.fit_reader import asked, read_fit_study
    from spinstack.study.run import Run

    with console.progress() as progress:
        progress("reading the file, preparing the films", 0, 1)
        study = asked(read_fit_study(file), mechanisms, next_, posterior)
        folder = FitFolder(study.output.folder(output, file))
        folder.check()
        run = Run(study, folder, progress)
        report = FitReport(run, folder, tuple(study.output.figures))
        with working.begun(progress) as run.client:
            if not console.complete(run, folder, report.add, report.finish):
                return ending.INTERRUPTED
    found = run.of_kind("").get(FIT)
    if found is None:
        return console.told(run, f"Nothing was fitted; see {folder.path}.")
    for table in tables(run):
        console.show(table)
    for sentence in verdicts(run):
        console.say(sentence)
    for result in run.results:
        for text in result.doubts:
            console.warn(f"{result.name}: {text}")
    for text in warnings(run):
        console.warn(text)
    for sentence in conclusion(found):
        console.say(sentence)
    code = console.told(run, f"Results are in {folder.path}; read {folder.path / 'report.html'}.")
    return console.INCOMPLETE if fits(found) is False else code
