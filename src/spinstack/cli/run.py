"""``spinstack run``: what a sample file asks for, from the film to files, figures and a table."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spinstack.cli import console
from spinstack.cli.requests import Map, Study

INTERRUPTED = 130  # what shells report for a program ended by Ctrl-C


def run(sample: Path, output: Path | None) -> int:
    """Compute the requests of `sample` into a folder; returns the exit code."""
    from spinstack.cli import derived
    from spinstack.cli.reader import SOME_KELVIN, with_models
    from spinstack.cli.results import Folder
    from spinstack.cli.study import read_study
    from spinstack.cli.version import version
    from spinstack.samples.sample_file import film_from_document
    from spinstack.text.document import read_document

    document = read_document(sample)
    film = film_from_document(document)
    study = read_study(document, film)
    if not study.requests():
        raise document.error(
            (),
            f"nothing to compute, and no temperature for {', '.join(with_models(film))}. Ask for something, for "
            f"example [[scan]] with T = {SOME_KELVIN}.",
        )
    attributes = {
        "title": study.title or sample.stem,
        "sample_file": sample.read_text(encoding="utf-8-sig"),
        "spinstack_version": version(),
    }
    path = output or Path(study.directory or Path("results") / sample.stem)
    folder = Folder(path, attributes, study.figures)
    folder.check()
    if any(request.solver is None for request in study.requests()):
        _check_solvable(film)
    for text in derived.warnings(film):
        console.warn(text)
    return _compute(film, study, folder)


def _check_solvable(film: Any) -> None:
    """Refuse a film whose drift-diffusion has no unique solution; loads the solver, computes nothing."""
    from spinstack.circuit.lower import check_closed, lower

    plan, _, _ = lower(film, (0.0, 1.0, 0.0) if film.magnets else None, T=0.0)
    check_closed(film, plan)


def _compute(film: Any, study: Study, folder: Any) -> int:
    from spinstack.cli.compute import COLUMNS, COMPUTE

    out, messages = console.output(), console.messages()
    complete: list[str] = []
    tables: dict[type, list[tuple[str, ...]]] = {}
    current: Any = None
    try:
        if study.figures:
            _draw_film(film, folder)
        for current in study.requests():
            with _progress(current) as report, _doubts(current):
                rows = COMPUTE[type(current)](film.replace(dict(current.changes)), current, folder, report)
            tables.setdefault(type(current), []).extend(rows)
            complete.append(current.name)
    except KeyboardInterrupt:
        messages.print()
        messages.print(_interrupted(complete, current, folder.path), markup=False)
        return INTERRUPTED
    except BaseException:
        with contextlib.suppress(OSError):
            folder.path.rmdir()  # succeeds only where nothing was written
        raise
    for kind, rows in tables.items():
        title, text_columns, columns = COLUMNS[kind]
        table = console.table(title, *columns, left=text_columns)
        for row in rows:
            table.add_row(*map(console.escape, row))
        out.print(table)
    out.print(f"Results are in {folder.path}: {', '.join(f'{name}.nc' for name in complete)}", markup=False)
    return 0


def _draw_film(film: Any, folder: Any) -> None:
    from spinstack.figures import draw_film

    figure = draw_film(film, title=folder.attributes["title"])
    folder.draw("film", figure)


def _interrupted(complete: list[str], current: Any, path: Path) -> str:
    words = [f"Interrupted. Complete in {path}: {', '.join(complete) or 'nothing'}."]
    if isinstance(current, Map) and current.name not in complete:
        words.append(f"What was computed of the map {current.name!r} is kept.")
    words.append("The same command resumes.")
    return " ".join(words)


@contextlib.contextmanager
def _doubts(request: Any) -> Iterator[None]:
    """Prints what a solver warns of, such as an accuracy that was not reached."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            yield
        finally:
            for text in dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, UserWarning)):
                console.warn(f"{request.name}: {text}")


@contextlib.contextmanager
def _progress(request: Any) -> Iterator[Any]:
    """Says what is being computed; a bar for maps, which can take long."""
    messages = console.messages()
    if not isinstance(request, Map) or not messages.is_terminal:
        messages.print(f"computing {request.name} ...", markup=False)
        yield lambda done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages) as bar:
        task = bar.add_task(request.name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
