"""Studies of a fit: least squares from many starts, what the data determine, profiles, curves, fitted films.

:mod:`spinstack.study.fit_reader` reads them. Starts and profiles that are done are kept, so that a run which was
stopped goes on where it was.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import xarray as xr

from spinstack.fitting.comparison import Comparison
from spinstack.fitting.design import next_measurement
from spinstack.fitting.fixing import fix_parameter
from spinstack.fitting.identify import determined
from spinstack.fitting.masks import problems_of
from spinstack.fitting.mechanisms import compare_mechanisms
from spinstack.fitting.outcome import UNLIKELY
from spinstack.fitting.problem import Problem
from spinstack.fitting.profiles import likelihood_profile
from spinstack.fitting.samples import SHARED
from spinstack.fitting.sampling import posterior
from spinstack.fitting.solve import fit_film
from spinstack.numerics.keeping import kept_by
from spinstack.numerics.progress import Listener, heard_by
from spinstack.observables.fingerprint import Unknown, digest
from spinstack.study.fit_curves import curves
from spinstack.study.fit_films import sample_files
from spinstack.study.fit_folder import FitFolder
from spinstack.study.fit_mechanisms import Comparing
from spinstack.study.output import Output
from spinstack.study.results import Request, Result
from spinstack.study.run import Run, Task
from spinstack.study.table import Table
from spinstack.text import checks
from spinstack.text.document import Document
from spinstack.text.errors import ParameterError
from spinstack.text.toml_lines import Key
from spinstack.text.version import __version__, code

#: the result of the fit itself, and the folders of what follows from it
FIT, PROFILES, CURVES, FILMS = "fit", "profiles", "curves", "films"
#: the comparison of mechanisms, and what to measure next
MECHANISMS, NEXT = "mechanisms", "next"
#: places at which is looked what each parameter moves
LOOKED = 32
#: draws from the distribution of the parameters
POSTERIOR = "posterior"
#: what fixing one of several parameters gives of which a product alone is determined
FIXING = "fixing"


@dataclass(frozen=True)
class FitStudy:
    """All that a fit file asks for.

    Attributes:
        profiles: the fitted numbers of which profiles are made.
        others: sample files that it names.
        places: where parameters stand in the file, by name of the fitted number.
        files: checksums of files of measurements and results, by path.
        comparing: mechanisms that may be compared, and candidates of the next measurement.
        compares, plans, draws: whether mechanisms are compared, what to measure next is asked for, and draws from the
            distribution of the parameters.
        sampling: how these are drawn, arguments of :func:`spinstack.fitting.posterior`.
        mechanism: the one whose parameters are fitted, after a comparison.
    """

    document: Document
    title: str
    problem: Problem
    starts: int
    seed: int
    robust: bool
    profiles: tuple[str, ...]
    output: Output
    others: tuple[Document, ...] = ()
    places: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    comparing: Comparing = field(default_factory=Comparing)
    compares: bool = False
    plans: bool = False
    draws: bool = False
    sampling: Mapping[str, Any] = field(default_factory=dict)
    mechanism: str = ""
    resumes: bool = True

    @property
    def attributes(self) -> dict[str, str]:
        """What every result says of the study."""
        said = {"mechanism": self.mechanism} if self.mechanism else {}
        of = {"title": self.title, "fit_file": self.document.text, "study_key": self.key}
        return {**of, **said, "spinstack_version": __version__}

    @cached_property
    def key(self) -> str:
        """The same for the same problem, starts and version of the program."""
        p = self.problem
        data = [
            (d.sample, d.observable, d.given, d.covariance, d.scale, d.weight, dict(d.arguments), d.variables, d.label)
            for d in p.data
        ]
        try:
            return digest(code(), p.samples, p.unknowns, data, p.ties, self.starts, self.seed, self.robust)
        except Unknown:
            return secrets.token_hex(32)

    @property
    def nuisances(self) -> list[str]:
        """Paths that samples or groups have of their own, such as thicknesses: they are not what is asked for."""
        return list(dict.fromkeys(u.path for u in self.problem.unknowns if u.each != SHARED))

    def check(self) -> None:
        """Raise where a parameter moves no datum by anything that could be seen; models are compiled for it."""
        root = Table.of(self.document)
        for name in blind(self.problem):
            why = "which no datum sees"
            remedy = "Leave it out, or give data that depend on it; an effect may need a field, a magnet or a layer."
            place = self.places.get(name, ("fit",))
            root.refuse(ParameterError(why, got=name, remedy=remedy), *place)
        root.finish()

    def tasks(self, run: Run) -> Iterator[Task]:
        """The fit, then profiles, curves and films at its best values, after :meth:`check`.

        Where mechanisms are compared, the fit is that of the best of them.
        """
        if self.compares:
            yield from self._comparison(run)
            return
        if not self.mechanism:
            run.report("looking at what each parameter moves", 0, 1)
            self.check()
        yield self._task("fitting", FIT, "", run, self._fit)
        found = run.of_kind("").get(FIT)
        if found is None:
            return
        for name in self.profiles:
            file = re.sub(r"[^\w.+-]", "_", name)
            call = partial(self._profile, found, name)
            yield self._task(f"profile of {name}", f"{PROFILES}/{file}", PROFILES, run, call)
        if name := self._degenerate(found):
            yield self._task(f"fits with {name} fixed", FIXING, "", run, partial(self._fixing, found, name))
        if self.draws:
            drawn = partial(posterior, self.problem, found, **self.sampling)
            yield self._task("drawing from their distribution", POSTERIOR, "", run, drawn, self.sampling)
        for name, made in {CURVES: curves, FILMS: sample_files}.items():
            yield Task(name, name, partial(self._made, made, name, found))

    def _comparison(self, run: Run) -> Iterator[Task]:
        """Mechanisms, what to measure next, and the fit of the best of them."""
        asked = self.comparing
        asking = (asked.mechanisms, asked.settings)

        def compared() -> xr.DataTree:
            return compare_mechanisms(self.problem, asked.mechanisms, **asked.settings or {}).tree

        def planned() -> xr.Dataset:
            tree = next(r.tree for r in run.results if r.name == MECHANISMS and r.tree is not None)
            live = Comparison.of_tree(tree, self.problem, asked.mechanisms)
            return next_measurement(live, asked.candidates, **asked.plan or {})

        yield self._task("comparing mechanisms", MECHANISMS, "", run, compared, *asking)
        found = run.of_kind("").get(MECHANISMS)
        if found is None:
            return
        if self.plans:
            further = (*asking, asked.candidates, asked.plan)
            yield self._task("looking for what to measure next", NEXT, "", run, planned, *further)
        best = best_of(found)
        problem = self.problem_of(best)
        paths = next(m.paths for m in asked.mechanisms if m.name == best)
        more = (c.name for c in problem.coordinates if c.path in paths and not c.deviation)
        profiles = (*self.profiles, *more) if self.profiles else ()
        run.study = chosen = replace(self, problem=problem, compares=False, mechanism=best, profiles=profiles)
        yield from chosen.tasks(run)

    def problem_of(self, mechanism: str) -> Problem:
        """The problem of that mechanism; ParameterError where the file has none of that name."""
        mechanisms = self.comparing.mechanisms
        names = [m.name for m in mechanisms]
        checks.choice(mechanism, "mechanism", names)
        return problems_of(self.problem, mechanisms)[0][names.index(mechanism)]

    def _key(self, *more: Any) -> str:
        try:
            return digest(self.key, more)
        except Unknown:
            return secrets.token_hex(32)

    def _task(
        self, words: str, name: str, kind: str, run: Run, call: Callable[[], xr.Dataset | xr.DataTree], *asked: Any
    ) -> Task:
        """What `call` computes, which follows from the problem and what is `asked`."""
        return Task(name, words, partial(self._stored, name, kind, run, call, self._key(name, *asked)))

    def _stored(
        self, name: str, kind: str, run: Run, call: Callable[[], xr.Dataset | xr.DataTree], key: str,
        report: Listener,
    ) -> Result:  # fmt: skip
        """What an earlier run has stored, or computed now; the parts that are done are kept."""
        folder = run.folder if isinstance(run.folder, FitFolder) else None
        found: xr.Dataset | xr.DataTree | None = None if folder is None else folder.stored(name, key)
        if found is None:
            with heard_by(report), nullcontext() if folder is None else kept_by(folder.blocks(key)):
                found = call()
            found.attrs["request_key"] = key
        tree = found if isinstance(found, xr.DataTree) and found.children else None
        dataset = found.to_dataset() if isinstance(found, xr.DataTree) else found
        return Result(name.rpartition("/")[2], Request(name, FIT, {}), dataset, kind, tree=tree)

    def _fit(self) -> xr.Dataset:
        found = fit_film(self.problem, starts=self.starts, seed=self.seed, robust=self.robust)
        nuisances = self.nuisances
        paths = {c.path for c in self.problem.coordinates}
        combinations = determined(self.problem, found, nuisances=nuisances if paths - {*nuisances} else ())
        found.attrs["determined"] = json.dumps([c._asdict() for c in combinations], ensure_ascii=False)
        return found

    def _profile(self, found: xr.Dataset, name: str) -> xr.Dataset:
        return likelihood_profile(self.problem, found, name)

    def _degenerate(self, found: xr.Dataset) -> str:
        """The parameter that leads a product which is not determined, so that who fixes it finds others; "" if none."""
        told = json.loads(found.attrs["determined"])
        several = [c["powers"] for c in told if c["words"].endswith("not determined") and len(c["powers"]) > 1]
        names = [c.name for c in self.problem.coordinates]
        return next((name for powers in several for name, p in powers.items() if p == 1 and name in names), "")

    def _fixing(self, found: xr.Dataset, name: str) -> xr.Dataset:
        k = [c.name for c in self.problem.coordinates].index(name)
        one = self.problem.coordinates[k]
        places = np.array([-1.0, 0.0, 1.0] if one.prior.penalty else [0.25, 0.5, 0.75])
        values = [float(one.prior.value(u)) for u in np.unique(np.clip(places, *one.bounds))]
        return fix_parameter(self.problem, found, name, values).assign_attrs(fixed_parameter=name)

    def _made(
        self,
        made: Callable[[Problem, xr.Dataset], xr.Dataset],
        kind: str,
        found: xr.Dataset,
        report: Listener,
    ) -> Result:
        return Result(kind, Request(kind, kind, {}), made(self.problem, found), "")


def best_of(compared: xr.Dataset) -> str:
    """The most probable mechanism, or that of the least chi-square where probabilities are not known."""
    probability = compared["probability"].values
    known = np.isfinite(probability).all()
    k = int(np.argmax(probability)) if known else int(np.argmin(compared["chi2"].values))
    return str(compared["mechanism"].values[k])


def fits(found: xr.Dataset) -> bool | None:
    """Whether a fit describes its data; None where there is nothing to judge by."""
    p = float(found.attrs["p_value"])
    return None if p != p else p >= UNLIKELY


def blind(problem: Problem) -> list[str]:
    """Fitted numbers that move no datum by a millionth of its error over the width of their priors."""
    rng = np.random.default_rng(1)
    low, high = (np.clip(end, -1.0, 1.0) for end in problem.bounds)
    # of many at once, as the starts of a fit are, so that these find their program there
    count = LOOKED if problem.compiled else 2
    for _ in range(10):
        J = problem.batch(rng.uniform(low, high, (count, problem.size)))[1][:, : problem.points]
        seen = np.isfinite(J).all(axis=(1, 2))  # others are no films
        if seen.any():
            most = np.abs(J[seen]).max(axis=(0, 1))
            return [c.name for c, m in zip(problem.coordinates, most, strict=True) if m < 1e-6]
    return []
