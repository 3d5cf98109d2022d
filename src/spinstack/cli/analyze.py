"""``spinstack analyze``: from raw files to clean curves, numbers with errors, figures and a report."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinstack.cli import console

if TYPE_CHECKING:
    import xarray as xr

    from spinstack.measure.analysis_run import Analysed, Found

INTERRUPTED = 130  # what shells report for a program ended by Ctrl-C
INCOMPLETE = 1


def analyze(data: Path, output: Path | None) -> int:
    """Do what the analysis file `data` asks for, into a folder; returns the exit code: 1 where something failed."""
    from spinstack.cli.analyze_files import Results
    from spinstack.measure.analysis_file import read_analysis_file
    from spinstack.measure.analysis_run import Analysed, clean, read_all, results

    file = read_analysis_file(data)
    folder = Results(output or Path(file.directory or Path("results") / data.stem), file)
    folder.check()
    state = Analysed(file)
    try:
        with _progress(state) as report:
            read_all(state, report)
            clean(state, report)
            for name, dataset in state.cleaned.items():
                report(f"writing {name} ...")
                folder.measurement(name, dataset)
                _draw(state, folder, name, "measured_cleaning", state.raw[name], dataset)
            for found in results(state, report):
                folder.result(found.name, found.dataset)
                _draw_result(state, folder, found)
            report("writing the report ...")
            folder.report(state)
    except KeyboardInterrupt:
        complete = ", ".join(folder.written) or "nothing"
        console.messages().print(f"\nInterrupted. Complete in {folder.path}: {complete}.", markup=False)
        return INTERRUPTED
    return _told(state, folder)


def _draw(state: Analysed, folder: Any, name: str, figure: str, *data: Any) -> None:
    """Draw one figure; one that cannot be drawn costs no result."""
    from spinstack.measure.analysis_run import Failure

    if not state.file.figures:
        return
    import spinstack.figures

    try:
        drawn = getattr(spinstack.figures, figure)(*data)
        folder.draw(name, drawn)
    except Exception as error:
        state.failures.append(Failure(f"figure of {name}", f"{error}"))


def _draw_result(state: Analysed, folder: Any, found: Found) -> None:
    figure = found.request.figure
    if not figure:
        return
    if figure == "measured_table":
        _draw(state, folder, found.name, figure, found.dataset)
        return
    inputs = drawn_from(state, found)
    if inputs:
        _draw(state, folder, found.name, figure, inputs, found.dataset)


def drawn_from(state: Analysed, found: Found) -> dict[str, xr.Dataset]:
    """The measurements behind a result, by plane where a joint fit names them so."""
    measured = {n: state.cleaned[n] for n in found.inputs if n in state.cleaned}
    planes = [str(d.attrs.get("plane", "")) for d in measured.values()]
    if all(planes) and len(set(planes)) == len(planes):
        return dict(zip(planes, measured.values(), strict=True))
    return measured


@contextlib.contextmanager
def _progress(state: Analysed) -> Any:
    """Says what is being done: a line that changes on a terminal, lines in a file."""
    messages = console.messages()
    if messages.is_terminal:
        with messages.status("checked") as status:
            yield lambda text: status.update(console.escape(text))
    else:
        yield lambda text: messages.print(text, markup=False)


def _told(state: Analysed, folder: Any) -> int:
    from spinstack.cli.analyze_notes import warnings
    from spinstack.cli.analyze_numbers import rows

    out = console.output()
    for found in state.found:
        title = f"{found.name}: {', '.join(found.inputs)}" if found.inputs else found.name
        table = console.table(console.escape(title), "", "value", "meaning", left=1)
        table.columns[2] = replace(table.columns[2], justify="left", no_wrap=False)
        for row in rows(found.dataset):
            table.add_row(*map(console.escape, (row.name, row.text, row.words)))
        if table.row_count:
            out.print(table)
        for text in warnings(found.dataset):
            console.warn(f"{found.name}: {text}")
    for failure in state.failures:
        console.fail(f"{failure.what}: {failure.why}")
    out.print(f"Results are in {folder.path}; read {folder.path / 'report.html'}.", markup=False)
    return INCOMPLETE if state.failures else 0
