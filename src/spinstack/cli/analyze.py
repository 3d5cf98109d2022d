"""``spinstack analyze``: from raw files to clean curves, numbers with errors, figures and a report."""

from __future__ import annotations

from pathlib import Path

from spinstack.cli import console
from spinstack.text import ending


def analyze(data: Path, output: Path | None) -> int:
    """Do what the analysis file `data` asks for, into a folder; returns the exit code: 1 where something failed."""
    from spinstack.report.data import DataReport
    from spinstack.report.notes import warnings
    from spinstack.report.numbers import table
    from spinstack.study.data_reader import read_data_study
    from spinstack.study.folder import Folder
    from spinstack.study.run import Run

    study = read_data_study(data)
    folder = Folder(study.output.folder(output, data))
    folder.check()
    before = folder.files()
    with console.progress() as progress:
        run = Run(study, folder, progress)
        report = DataReport(run, folder, tuple(study.output.figures))
        if not console.complete(run, folder, report.add, report.finish):
            return ending.INTERRUPTED
    for name, doubts in run.doubts.items():
        for text in doubts:
            console.warn(f"{name}: {text}")
    for result in run.results:
        if result.kind == "results":
            console.show(table(result))
            for text in (*warnings(result.dataset), *result.doubts):
                console.warn(f"{result.name}: {text}")
    if old := [str(path.relative_to(folder.path)) for path, time in folder.files().items() if before.get(path) == time]:
        more = f" and {len(old) - 6} more" if len(old) > 6 else ""
        console.warn(f"of an earlier run, not of this one: {', '.join(old[:6])}{more} in {folder.path}")
    return console.told(run, f"Results are in {folder.path}; read {folder.path / 'report.html'}.")
