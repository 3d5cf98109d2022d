"""Fits from the page: a fit file from what is chosen and laid over, run by the engine, told as it goes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from spinstack.app import describe
from spinstack.app.measured import Files, Overlay
from spinstack.app.scene import Place
from spinstack.app.session import Session
from spinstack.stack import Film, ParameterError
from spinstack.study.fit_meter import Cell
from spinstack.text import checks
from spinstack.text.document import Document, SampleError
from spinstack.text.errors import NOTHING, SpinstackError
from spinstack.text.units import example, parse_quantity

#: the only mechanism where none are compared
ALONE = "this film"
Tell = Callable[..., Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Question:
    """What is asked of a fit beside its parameters and data.

    Args:
        mechanisms: whether the ready-made mechanisms are weighed.
        metal, magnet: layers to which these belong; may be left out where the film has one of each.
        candidates: what could be measured next, each an observable with its settings, a change of the film or none, an
            error for each of its variables, and a cost.
        of: what these should tell, "parameters" or "mechanisms".
    """

    mechanisms: bool = False
    metal: str = ""
    magnet: str = ""
    candidates: Sequence[Any] = ()
    of: str = "parameters"

    @property
    def compares(self) -> bool:
        """Whether the ready-made mechanisms are needed."""
        return self.mechanisms or (bool(self.candidates) and self.of == "mechanisms")


def fit_text(
    session: Session, files: Files, parameters: Sequence[Any], overlays: Sequence[Any], question: Question
) -> str:
    """A fit file of the film: parameters with priors about their present values, measured points with their scatter.

    Raises :class:`ParameterError` where nothing is chosen, or nothing can be fitted to it.
    """
    import tomlkit

    chosen = [files.overlays[n] for n in overlays if isinstance(n, str) and n in files.overlays]
    if not chosen:
        raise ParameterError("without data", field="fit", remedy="Lay measured files over a panel first.")
    if not parameters:
        raise ParameterError("without a parameter", field="fit", remedy="Choose what is unknown.")
    film = session.read().film
    if film is None:
        raise ParameterError("without a film that can be computed", field="fit")
    document = tomlkit.parse(session.state.text)
    for key in [k for k in document if k not in ("spinstack", "title", "film")]:
        del document[key]
    fit: dict[str, Any] = {"starts": 12, "profiles": False}
    fit["parameter"] = [{"path": str(one["path"]), "prior": one["prior"]} for one in map(_parameter, parameters)]
    fit["data"] = [_data(one) for one in chosen]
    document["fit"] = fit
    if question.compares:
        document["mechanisms"] = {
            "metal": _layer(question.metal, "metal", [e.name for e in film.layers if not e.magnetic]),
            "magnet": _layer(question.magnet, "magnet", [e.name for e in film.layers if e.magnetic]),
        }
    elif question.candidates:
        document["mechanism"] = [{"name": ALONE}]
    if question.candidates:
        document["candidate"] = _named_apart([candidate(film, one) for one in question.candidates])
        document["next"] = {"of": checks.choice(question.of, "of", ("parameters", "mechanisms"))}
    return tomlkit.dumps(document)


def _layer(given: str, field: str, known: Sequence[str]) -> str:
    """The layer that is meant: the one there is, or the one that was chosen among several."""
    known = list(dict.fromkeys(known))
    if not known:
        why = f"which need a {field}, and the film has none"
        raise ParameterError(why, field="mechanisms", remedy="Fit the parameters alone.")
    if not given and len(known) == 1:
        return known[0]
    if given not in known:
        raise ParameterError("of which there are several" if not given else "which the film does not have", field=field,
                             got=given or NOTHING, allowed=", ".join(known))  # fmt: skip
    return given


#: numbers of one variable that a candidate may tell; files take longer to write with the square of them
_MOST_NUMBERS = 2000


def candidate(film: Film, given: Any) -> dict[str, Any]:
    """A table ``[[candidate]]``: an observable to be measured, of the film or of one like it but for a number."""
    table, outputs = _measurable(film, given)
    errors = {name: one for name, one in given.get("errors", {}).items() if one not in ("", None)}
    for name in errors:
        checks.choice(name, "errors", list(outputs))
    table["cost"] = given.get("cost", 1.0)
    if len(outputs) > 1:
        # one error for all numbers of a variable, which a file states one by one
        kept = {name: _with_letters(cells, table.get("component")) for name, cells in outputs.items()}
        table["errors"] = {name: [one] * len(kept[name]) for name, one in errors.items()}
    elif errors:
        (cells,), (error,) = outputs.values(), errors.values()
        components = [cell.component for cell in cells]
        if not any(components):
            table["errors"] = error
        else:
            wanted = [table.pop("component")] if "component" in table else list(dict.fromkeys(components))
            table["errors"] = {letter: [error] * components.count(letter) for letter in wanted}
    return table


def outputs(film: Film, given: Any) -> list[dict[str, Any]]:
    """What a candidate would tell: variables with their units, and of how many numbers each is."""
    return [{"variable": name, "unit": cells[0].unit, "count": len(cells), "example": example(cells[0].unit)}
            for name, cells in _measurable(film, given)[1].items()]  # fmt: skip


def _measurable(film: Film, given: Any) -> tuple[dict[str, Any], dict[str, list[Cell]]]:
    """The table of a candidate without its errors, and what it would tell by variable."""
    from spinstack.study.fit_data import asked_of
    from spinstack.study.fit_mechanisms import measurable
    from spinstack.study.table import Table

    words, tables = ("name", "observable", "path", "value"), ("settings", "errors")
    if (
        not isinstance(given, dict)
        or not all(isinstance(given.get(k, ""), str) for k in words)
        or not all(isinstance(given.get(k, {}), dict) for k in tables)
        or not {*given} <= {*words, *tables, "cost"}
    ):
        allowed = ", ".join((*words, *tables, "cost"))
        raise ParameterError("which is no measurement", field="candidates", got=given, allowed=allowed)
    name, observable, path, value = (given.get(k, "").strip() for k in words)
    own = {
        k: v for k, v in given.get("settings", {}).items() if k not in ("name", "observable", "set", "errors", "cost")
    }
    table = {"name": name or observable, "observable": observable, **own} | ({"set": {path: value}} if path else {})
    made = film
    if path:
        spec = film.specification(path)
        try:
            made = film.replace({path: parse_quantity(value, spec.unit)})
        except ParameterError as error:
            raise error.with_fields(field=path) from None
    read = Table.of(Document(table, "candidate", {}, SampleError, ""))
    asked = asked_of(read)
    found = None if asked is None else measurable(read, asked, made)
    read.finish()
    assert found is not None
    told: dict[str, list[Cell]] = {}
    for cell in found[2]:
        told.setdefault(cell.variable, []).append(cell)
    if (count := max(map(len, told.values()), default=0)) > _MOST_NUMBERS:
        why, remedy = f"of {count} numbers", "Ask at fewer points."
        raise ParameterError(why, field="candidates", allowed=f"at most {_MOST_NUMBERS}", remedy=remedy)
    if not told:
        raise ParameterError("which gives no numbers to fit to", field="observable", got=observable)
    return table, told


def _with_letters(cells: list[Cell], component: Any) -> list[Cell]:
    return [cell for cell in cells if component is None or cell.component == component]


def _named_apart(tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with names that tell them apart."""
    known: set[str] = set()
    for one in tables:
        name, n = str(one["name"])[:80], 1
        while one["name"] in known:
            n += 1
            one["name"] = f"{name} ({n})"
        known.add(one["name"])
    return tables


def _parameter(given: Any) -> Mapping[str, Any]:
    if (
        not isinstance(given, dict)
        or not isinstance(given.get("path"), str)
        or not isinstance(given.get("prior"), dict)
    ):
        raise ParameterError("which is no parameter with a prior", field="parameters", got=given)
    return given


def _data(one: Overlay) -> dict[str, Any]:
    """One curve as averages over at most 37 bins, with the scatter in them as errors, shared scale and offset free."""
    if one.observable != "angular_scan" or one.variable not in ("R_xx", "MR_xx"):
        raise ParameterError("which this page cannot fit", field="overlays", got=one.name,
                             remedy="Write a fit file: it takes every observable.")  # fmt: skip
    if not one.plane:
        why = "without a plane, in which the angle turns"
        raise ParameterError(why, field="overlays", got=one.name, remedy="Lay it over again and choose the plane.")
    x, mean, error = binned(one.x % 360.0, one.y)
    reference = float(np.mean(mean))
    ratio, sigma = (mean, error) if one.variable == "MR_xx" else (mean / reference - 1, error / abs(reference))
    sigma = np.maximum(sigma, 1e-7)
    offset = float(np.ptp(ratio)) + 1e-6
    return {
        "name": one.name, "observable": "angular_scan", "plane": one.plane,
        "angles": [f"{float(a)!r} deg" for a in x], "values": {"MR_xx": [float(v) for v in ratio]},
        "errors": {"MR_xx": [float(v) for v in sigma]}, "meter": {"offset": {"MR_xx": offset}},
    }  # fmt: skip


def binned(x: np.ndarray, y: np.ndarray, width: float = 10.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean angle, mean and standard error of the mean in bins of `width` degrees, by the scatter about the means."""
    place = np.floor(x / width).astype(int)
    bins = np.unique(place)
    means = np.array([y[place == b].mean() for b in bins])
    where = np.array([x[place == b].mean() for b in bins])
    count = np.array([(place == b).sum() for b in bins])
    rest = y - means[np.searchsorted(bins, place)]
    scatter = float(np.sqrt((rest**2).sum() / max(1, len(y) - len(bins)))) or float(np.ptp(y)) * 1e-3 or 1e-12
    return where, means, scatter / np.sqrt(count)


@dataclass
class Fitting:
    """One fit in a thread of its own.

    Args:
        text: the fit file.
        session: whose film it is of.
        folder: where results go.
        question: what is asked beside parameters and data.
    """

    text: str
    session: Session
    folder: Path
    question: Question = field(default_factory=Question)
    values: dict[str, float] = field(default_factory=dict)
    of: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def runs(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, loop: asyncio.AbstractEventLoop, tell: Tell) -> None:
        def said(head: Mapping[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(tell({"do": "fit", **head}), loop)

        self.of = self.session.state.text
        self._thread = threading.Thread(target=self._run, args=(said,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def written(self) -> list[tuple[Place, str]]:
        """Where the found values stand in the sample file, and how they are written."""
        from spinstack.text.units import format_quantity

        read, out = self.session.read(), []
        if read.film is None or self.session.state.text != self.of:
            why = "which is not that of the fit any more"
            raise ParameterError(why, field="film", remedy="Undo to where the fit was begun, or fit again.")
        for path, value in self.values.items():
            found, place, spec = read.film.resolve(path)
            own = place.field.split(".")
            for i in found:
                out.append(((*read.placed[i][1], *own), format_quantity(value, spec.unit)))
        return out

    def _run(self, said: Callable[[Mapping[str, Any]], None]) -> None:
        from spinstack.study.fit import FIT
        from spinstack.study.fit_reader import asked, read_fit_study
        from spinstack.study.run import Run

        try:
            home = self.folder / "fit"
            home.mkdir(exist_ok=True)
            file = home / "fit.toml"
            file.write_text(self.text, encoding="utf-8")
            said({"state": "running", "words": "reading the file, preparing the films", "done": 0, "total": 1})
            plans = bool(self.question.candidates)
            study = asked(read_fit_study(file), self.question.compares, plans, False)

            def progress(name: str, done: int, total: int) -> None:
                said({"state": "running", "words": name, "done": done, "total": total})

            run = Run(study, None, progress, cancel=self._stop)
            for _ in run:
                pass
            if run.interrupted:
                said({"state": "stopped", "words": f"stopped at {run.at}"})
                return
            found = run.of_kind("").get(FIT)
            said(self._found(run, found))
        except SpinstackError as error:
            said({"state": "failed", "problem": describe.problem(error), "text": self.text})
        except Exception as error:  # the page says so, and goes on
            said({"state": "failed", "words": f"unexpected {type(error).__name__}: {error}", "text": self.text})

    def _found(self, run: Any, found: Any) -> dict[str, Any]:
        """What the report of ``spinstack fit`` says: what is determined in words, parameters with errors and how these
        hang together, mechanisms, what to measure next."""
        from spinstack.fitting.outcome import correlation
        from spinstack.report.fit import MECHANISMS_TITLE, tables
        from spinstack.report.fit_words import conclusion, verdicts, warnings

        if found is None:
            return {"state": "failed", "words": "; ".join(f.why for f in run.failures) or "nothing was fitted",
                    "text": self.text}  # fmt: skip
        names = [str(n) for n in found["parameter"].values] if "parameter" in found.coords else []
        if "value" in found:
            self.values = {n: float(v) for n, v in zip(names, np.ravel(found["value"].values), strict=False)
                           if n in (self.session.read().film or ())}  # fmt: skip
        weighed = self.question.compares  # of this film alone there is nothing to weigh
        return {
            "state": "done", "conclusion": conclusion(found), "text": self.text,
            "tables": [describe.table(t) for t in tables(run) if weighed or t.title != MECHANISMS_TITLE],
            "correlations": {"names": names, "values": correlation(found).tolist()} if len(names) > 1 else None,
            "verdicts": verdicts(run) if weighed else [], "warnings": list(warnings(run)),
        }  # fmt: skip
