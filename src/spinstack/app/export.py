"""What leaves the page: figures in the package's style, tables, the sample file, the session, a script."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinstack.app.computing import Beside, beside_of, key_of
from spinstack.app.drawing import figure_beside
from spinstack.app.session import Session
from spinstack.stack import ParameterError
from spinstack.study.film import FilmRequest, FilmStudy, answer
from spinstack.text.errors import SpinstackError

if TYPE_CHECKING:
    import xarray as xr

FORMS = {"png": "image/png", "pdf": "application/pdf", "svg": "image/svg+xml"}
_SCRIPT = '''"""{title}: what was on the screen, computed anew. Run: python {name}.py"""

from pathlib import Path

from spinstack import figures
from spinstack.report.film import figure_of
from spinstack.study import Run, read_film_study

SAMPLE = {text}

home = Path(__file__).parent
sample = home / "{name}_of_script.toml"
sample.write_text(SAMPLE, encoding="utf-8")
study = read_film_study(sample)
figures.save(figures.draw_film(study.film, title=study.title), home / "{name}_film")
{before}for result in Run(study):
    print(result.name, result.dataset, sep="\\n")
    result.dataset.to_netcdf(home / f"{name}_{{result.name}}.nc", engine="h5netcdf")
    drawing, data = figure_of(result)
{between}    if drawing is not None:
        figures.save(drawing(data, title=study.title), home / f"{name}_{{result.name}}")
'''
_IMPORTS = """
from dataclasses import replace
"""
_MORE = """from spinstack.app.drawing import figure_beside
from spinstack.study.film import answer
from spinstack.study.theory import solver_of
from spinstack.text.errors import SpinstackError
"""
#: what stands beside the film, by its label: the same requests of another film, or by another theory
_BEFORE = """FILMS = {films}
THEORIES = {theories}

beside = {{}}
for number, (label, text) in enumerate(FILMS.items()):
    file = home / f"{name}_beside_{{number}}_of_script.toml"
    file.write_text(text, encoding="utf-8")
    beside[label] = {{(one.place, one.name): one for one in read_film_study(file).requests}}
for label, theory in THEORIES.items():
    able = [one for one in study.requests if one.entry.takes_solver]
    beside[label] = {{(one.place, one.name): replace(one, solver=solver_of(theory)) for one in able}}
"""
_BETWEEN = """    found = {{}}
    for number, (label, requests) in enumerate(beside.items()):
        try:
            found[label] = answer(requests[result.request.place, result.request.name])
        except (KeyError, SpinstackError) as error:
            print(result.name, label, error)
            continue
        found[label].to_netcdf(home / f"{name}_{{result.name}}_beside_{{number}}.nc", engine="h5netcdf")
    if found and drawing is not None:
        drawn = figure_beside(result.request, {{"": result.dataset, **found}}, study.title)
        figures.save(drawn, home / f"{name}_{{result.name}}")
        continue
"""


@dataclass(frozen=True)
class Shown:
    """What is exported, as it was when it was asked for: the session may go on meanwhile."""

    text: str
    written: str
    study: FilmStudy | None
    source: Path | None
    beside: tuple[Beside, ...] = ()

    @classmethod
    def of(cls, session: Session) -> Shown:
        """The present state of a session."""
        study = session.read().study
        beside = () if study is None else tuple(beside_of(study, session.view, session))
        return cls(session.state.text, session.written(), study, session.source, beside)

    @property
    def name(self) -> str:
        """The name of its files."""
        title = self.source.stem if self.source is not None else self.study.title if self.study is not None else "film"
        return re.sub(r"[^A-Za-z0-9_-]+", "_", title).strip("_")[:60] or "film"


def made(shown: Shown, what: str, panel: str, form: str, variable: str = "") -> tuple[str, bytes, str]:
    """Name, content and type of a file: what is "figure", "table", "sample", "session" or "script".

    A figure with films or theories beside the film is that of the `variable` that the panel shows.
    """
    name = shown.name
    if what == "sample":
        return f"{name}.toml", shown.text.encode(), "application/toml"
    if what == "session":
        return f"{name}.json", shown.written.encode(), "application/json"
    study = shown.study
    if study is None:
        raise ParameterError("without a film that can be computed", field="export")
    if what == "script":
        return f"{name}.py", script(shown.text, study.title, name, shown.beside).encode(), "text/x-python"
    if what == "film":
        from spinstack import figures

        return f"{name}_film.{form}", _drawn(figures.draw_film(study.film, title=study.title), form), _type(form)
    request = _request(study, panel)
    found = answer(request)
    if what == "table":
        return f"{name}_{request.name}.csv", _table(found), "text/csv"
    if what != "figure":
        raise ParameterError("which cannot be exported", field="what", got=what)
    from spinstack.report.film import figure_of
    from spinstack.study.results import Result

    drawing, data = figure_of(Result(request.name, request, found))
    if drawing is None:
        raise ParameterError("which has no figure", field="panel", got=request.name, remedy="Export its table.")
    if others := _beside(shown, panel):
        picture = figure_beside(request, {"": found, **others}, study.title, variable)
    else:
        picture = drawing(data, title=study.title)
    return f"{name}_{request.name}.{form}", _drawn(picture, form), _type(form)


def _beside(shown: Shown, panel: str) -> dict[str, xr.Dataset]:
    """What stands beside the film in a panel, by its label; what cannot be computed has no curve on the screen."""
    found = {}
    for one in shown.beside:
        for request in one.requests:
            if key_of(request) == panel:
                with contextlib.suppress(SpinstackError):
                    found[one.label] = answer(request)
    return found


def script(text: str, title: str, name: str, beside: Sequence[Beside] = ()) -> str:
    """A program that computes and draws the same."""
    given: dict[str, Any] = {"before": "", "between": ""}
    program = _SCRIPT
    if able := [one for one in beside if one.requests]:
        films = "".join(f"    {one.label!r}: {_quoted(one.text, 8)},\n" for one in able if one.text)
        theories = {one.label: one.solver for one in able if one.solver}
        given["before"] = _BEFORE.format(films=f"{{\n{films}}}", theories=repr(theories), name=name)
        given["between"] = _BETWEEN.format(name=name)
        program = program.replace("\nfrom pathlib", f"{_IMPORTS}from pathlib", 1)
        program = program.replace("from spinstack import figures\n", f"from spinstack import figures\n{_MORE}", 1)
    said = title.replace('"', "'").replace("\\", "/")
    return program.format(title=said, name=name, text=_quoted(text, 4), **given)


def _quoted(text: str, indent: int) -> str:
    lines = "\n".join(f"{' ' * indent}{line!r}" for line in text.splitlines(keepends=True))
    return f"(\n{lines}\n{' ' * (indent - 4)})"


def _request(study: FilmStudy, panel: str) -> FilmRequest:
    found = [r for r in study.requests if key_of(r) == panel]
    if not found:
        raise ParameterError("which is not shown", field="panel", got=panel)
    return found[0]


def _type(form: str) -> str:
    if form not in FORMS:
        raise ParameterError("which is no format", field="form", got=form, allowed=", ".join(FORMS))
    return FORMS[form]


def _drawn(figure: Any, form: str) -> bytes:
    from spinstack.figures import save

    _type(form)
    with tempfile.TemporaryDirectory() as folder:
        save(figure, Path(folder) / "figure", (form,))
        return (Path(folder) / f"figure.{form}").read_bytes()


def _table(found: Any) -> bytes:
    from spinstack.report.tables import write_rows

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "table.csv"
        if not write_rows(target, found):
            raise ParameterError("which is too long for CSV", field="panel")
        return target.read_bytes()
