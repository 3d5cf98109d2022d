"""What a run of a fit leaves beside its NetCDF files: CSV, figures, sample files, and a page for a referee."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spinstack.report import fit_page
from spinstack.report.figures import draw
from spinstack.report.fit_words import candidate_rows, draw_rows, drawn_words, draws_of, interval, mechanism_rows, value
from spinstack.report.tables import Table, write_columns, write_parameters
from spinstack.study.fit import CURVES, FILMS, FIT, MECHANISMS, NEXT, POSTERIOR, PROFILES, FitStudy
from spinstack.study.folder import Folder
from spinstack.study.results import Result
from spinstack.study.run import Run
from spinstack.text import store
from spinstack.text.plain import is_device, same_file

#: title of the table of mechanisms
MECHANISMS_TITLE = "Mechanisms"
#: parameters of which the draws are drawn
MOST = 8


@dataclass
class FitReport:
    """Made of a run result by result; `inline` holds the figures as addresses, for the page."""

    run: Run
    folder: Folder
    formats: tuple[str, ...]
    inline: dict[str, str] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """Write and draw one result; a figure that cannot be drawn costs no number."""
        study: FitStudy = self.run.study  # type: ignore[assignment]
        if result.name == FIT and not result.kind:
            write_parameters(self.folder.file("parameters", "", ".csv"), result.dataset)
            write_columns(self.folder.file("data", "", ".csv"), result.dataset, "point")
            self._draw("residuals", "fit_residuals", result.dataset)
            if result.dataset.sizes["parameter"] > 1:
                self._draw("correlations", "correlations", result.dataset)
        elif result.name == POSTERIOR and not result.kind:
            draws: Any = result.tree
            names = [n for n, v in draws["posterior"].data_vars.items() if v.attrs["path"] not in study.nuisances]
            self._draw(POSTERIOR, "posterior", draws, names[:MOST])
        elif result.name == MECHANISMS and not result.kind:
            write_columns(self.folder.file(MECHANISMS, "", ".csv"), result.dataset, "mechanism")
            self._draw("mechanism_fits", "mechanism_fits", result.dataset)
            if any(result.dataset["plane"].values != ""):
                self._draw("prior_triplets", "prior_triplets", result.dataset)
        elif result.name == NEXT and not result.kind:
            write_columns(self.folder.file(NEXT, "", ".csv"), result.dataset, "candidate")
            self._draw("information_gains", "information_gains", result.dataset)
        elif result.kind == PROFILES:
            write_columns(self.folder.file(result.name, PROFILES, ".csv"), result.dataset, "place")
        elif result.name == CURVES and result.dataset.sizes["panel"]:
            self._draw(CURVES, "fit_curves", result.dataset)
        elif result.name == FILMS:
            names = file_names([str(n) for n in result.dataset["sample"].values])
            for name, text in zip(names, result.dataset["text"].values, strict=True):
                store.write_text(self.folder.file(name, FILMS, ".toml"), str(text))

    def finish(self) -> None:
        """Draw the profiles and write the page."""
        if profiles := [*self.run.of_kind(PROFILES).values()]:
            self._draw("profiles", "likelihood_profile", profiles)
        if FIT in self.run.of_kind(""):
            text = fit_page.render(self.run, self.inline, self.formats)
            store.write_text(self.folder.file("report", "", ".html"), text)

    def _draw(self, name: str, drawing: str, *data: Any) -> None:
        if not self.formats:
            return
        from spinstack import figures

        title = self.run.study.attributes["title"]
        function = getattr(figures, drawing)
        drawn = draw(self.run, self.folder, name, "figures", self.formats, function, *data, title=title)
        if drawn is not None:
            self.inline[name] = figures.inline(drawn)


def file_names(samples: Sequence[str]) -> list[str]:
    """Names of samples as those of files, which no file system takes for one."""
    out: list[str] = []
    for sample in samples:
        made = re.sub(r"[^\w.+-]", "_", sample).strip(".") or "_"
        name, n = f"_{made}" if is_device(made) else made, 1
        while same_file(name) in map(same_file, out):
            n += 1
            name = f"{made}_{n}"
        out.append(name)
    return out


def tables(run: Run) -> list[Table]:
    """The tables of a run: mechanisms and candidates where they were compared, and the parameters of the fit."""
    made = run.of_kind("")
    out = []
    if MECHANISMS in made:
        head = ("mechanism", "probability", "ln Z", "χ²", "of", "goodness", "fits")
        mechanisms = Table(MECHANISMS_TITLE, head)
        for row in mechanism_rows(made[MECHANISMS]):
            mechanisms.add(*(row[name] for name in ("name", "probability", "log", "chi2", "of", "goodness", "fits")))
        out.append(mechanisms)
    if NEXT in made:
        candidates = Table(f"What to measure next, for {made[NEXT].attrs['of']}", ("candidate", "gain (nat)", "cost"))
        for row in candidate_rows(made[NEXT]):
            candidates.add(row["name"], row["gain"], row["cost"])
        out.append(candidates)
    out.append(parameter_table(run))
    if (draws := draws_of(run)) is not None:
        drawn = Table("Draws", ("parameter", "mean and deviation", "95 % of draws"), caption=drawn_words(draws))
        for row in draw_rows(draws):
            drawn.add(*row.values())
        out.append(drawn)
    return out


def parameter_table(run: Run) -> Table:
    """The parameters of a fit with errors, and the intervals of their profiles."""
    found, profiles = run.of_kind("")[FIT], {p.attrs["profile_of"]: p for p in run.of_kind(PROFILES).values()}
    title, mechanism = str(found.attrs.get("title", "fit")), str(found.attrs.get("mechanism", ""))
    out = Table(f"{title}: {mechanism}" if mechanism else title, ("parameter", "value", "95 % by profile", "verdict"))
    for i, name in enumerate(map(str, found["parameter"].values)):
        if found["deviation"].values[i]:
            continue
        unit = str(found["unit"].values[i])
        error = float(found["error"][i])
        text = value(float(found["value"][i]), error, unit) + ("" if error < np.inf else " (not determined)")
        profile = profiles.get(name)
        ends = "" if profile is None else interval(profile.attrs["low_95"], profile.attrs["high_95"], unit)
        out.add(name, text, ends, "" if profile is None else str(profile.attrs["verdict"]))
    return out
