"""What leaves the page: figures in the package's style, tables, the sample file, the session, a script."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinstack.app.computing import key_of
from spinstack.app.session import Session
from spinstack.stack import ParameterError
from spinstack.study.film import FilmRequest, FilmStudy, answer

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
for result in Run(study):
    print(result.name, result.dataset, sep="\\n")
    result.dataset.to_netcdf(home / f"{name}_{{result.name}}.nc", engine="h5netcdf")
    drawing, data = figure_of(result)
    if drawing is not None:
        figures.save(drawing(data, title=study.title), home / f"{name}_{{result.name}}")
'''


@dataclass(frozen=True)
class Shown:
    """What is exported, as it was when it was asked for: the session may go on meanwhile."""

    text: str
    written: str
    study: FilmStudy | None
    source: Path | None

    @classmethod
    def of(cls, session: Session) -> Shown:
        """The present state of a session."""
        return cls(session.state.text, session.written(), session.read().study, session.source)

    @property
    def name(self) -> str:
        """The name of its files."""
        title = self.source.stem if self.source is not None else self.study.title if self.study is not None else "film"
        return re.sub(r"[^A-Za-z0-9_-]+", "_", title).strip("_")[:60] or "film"


def made(shown: Shown, what: str, panel: str, form: str) -> tuple[str, bytes, str]:
    """Name, content and type of a file: what is "figure", "table", "sample", "session" or "script"."""
    name = shown.name
    if what == "sample":
        return f"{name}.toml", shown.text.encode(), "application/toml"
    if what == "session":
        return f"{name}.json", shown.written.encode(), "application/json"
    study = shown.study
    if study is None:
        raise ParameterError("without a film that can be computed", field="export")
    if what == "script":
        return f"{name}.py", script(shown.text, study.title, name).encode(), "text/x-python"
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
    return f"{name}_{request.name}.{form}", _drawn(drawing(data, title=study.title), form), _type(form)


def script(text: str, title: str, name: str) -> str:
    """A program that computes and draws the same."""
    lines = "\n".join(f"    {line!r}" for line in text.splitlines(keepends=True))
    return _SCRIPT.format(title=title.replace('"', "'").replace("\\", "/"), name=name, text=f"(\n{lines}\n)")


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
