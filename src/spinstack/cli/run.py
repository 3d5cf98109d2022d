"""``spinstack run``: what a sample file asks for, from the film to files, figures and a table."""

from __future__ import annotations

from pathlib import Path

from spinstack.cli import console
from spinstack.cli.workers import HERE, Working
from spinstack.text import ending


def run(sample: Path, output: Path | None, working: Working = HERE) -> int:
    """Compute the requests of `sample` into a folder; returns the exit code: 1 where something failed."""
    from spinstack.facts.layers import warnings
    from spinstack.report.film import FilmReport, tables
    from spinstack.report.tables import MOST_ROWS
    from spinstack.study.conditions import thermal
    from spinstack.study.film_reader import read_film_study
    from spinstack.study.folder import Folder
    from spinstack.study.run import Run

    study = read_film_study(sample)
    if not study.requests:
        models = ", ".join(thermal(study.film))
        why = f"nothing to compute, and no temperature for {models}"
        raise study.document.error((), why, remedy='Ask for something, for example [[scan]] with T = "10 K".')
    folder = Folder(study.output.folder(output, sample))
    folder.check()
    for text in (*study.unusual(), *warnings(study.film_at()[0])):
        console.warn(text)
    with console.progress() as progress, working.begun(progress) as client:
        run = Run(study, folder, progress, client=client)
        report = FilmReport(run, folder, tuple(study.output.figures))
        if not console.complete(run, folder, report.add):
            return ending.INTERRUPTED
    for result in run.results:
        for text in result.doubts:
            console.warn(f"{result.name}: {text}")
    for table in tables(run):
        console.show(table)
    if report.unwritten:
        console.warn(
            f"{', '.join(report.unwritten)}: too long for CSV (more than {MOST_ROWS:,} rows); see the .nc file."
        )
    files = ", ".join(f"{name}.nc" for name in run.complete)
    return console.told(run, f"Results are in {folder.path}, each as .nc and .csv: {files}")
