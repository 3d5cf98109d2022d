"""Studies of a film: everything that a sample file asks for, computed request by request.

:mod:`spinstack.study.film_reader` reads them.
"""

from __future__ import annotations

import json
import math
import secrets
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.numerics.keeping import kept_by
from spinstack.numerics.progress import Listener, heard_by
from spinstack.observables.fingerprint import Unknown, digest
from spinstack.observables.finite import NotFiniteWarning, complaint
from spinstack.observables.rehearsal import rehearse
from spinstack.observables.stored import Parts
from spinstack.stack import Film, ParameterError
from spinstack.stack.laws import followed
from spinstack.stack.ranges import unusual
from spinstack.study import conditions
from spinstack.study.arguments import own_parameters
from spinstack.study.components import Component
from spinstack.study.entries import Entry, mapped
from spinstack.study.output import Output
from spinstack.study.results import Request, Result
from spinstack.study.run import Failure, Run, Task
from spinstack.study.table import Table
from spinstack.text.document import Document
from spinstack.text.version import __version__, code

if TYPE_CHECKING:
    import xarray as xr

    from spinstack.study.folder import Folder


#: points of a result, and these times the elements of the film
_MOST_POINTS = 1_000_000
_MOST_ELEMENTS = 100_000_000


@dataclass(frozen=True, kw_only=True)
class FilmRequest(Request):
    """An observable of a film, which is that of the file with `changes`; `solver` is None for drift-diffusion.

    A map has an observable over parameter paths, and the component that it shows of a vector or tensor.
    """

    entry: Entry
    film: Film
    changes: Mapping[str, Any] = field(default_factory=dict)
    solver: Any = None
    over: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    component: Component | None = None

    @property
    def words(self) -> str:
        """What is computed; of a map with everything that chooses its numbers."""
        observable = self.entry.observable.words
        if self.component is None:
            return observable
        parameters = own_parameters(self.entry.signature)
        own = {n: self.arguments.get(n, parameters[n].default) for n in self.entry.hints if n not in conditions.HELD}
        return ", ".join((self.component.of_variable or observable, *self.component.words, *conditions.in_words(own)))

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of a call."""
        return dict(self.arguments) | ({} if self.solver is None else {"solver": self.solver})

    @cached_property
    def key(self) -> str:
        """The same for the same computation by the same version; never the same where a film has models of others."""
        try:
            return digest(code(), self.do, self.film, *self.identity)
        except Unknown:
            return secrets.token_hex(32)

    @property
    def identity(self) -> tuple[Any, ...]:
        """What it is beside its word and its film."""
        return self.entry.observable.name, self.solver, self.arguments, self.over, self.component, self.conditions

    def compute(self) -> xr.Dataset:
        """Its labelled values."""
        return self.entry.function(self.film, **self.given)

    @property
    def conditions(self) -> str:
        """What is held while it is observed, and what differs from the film of the file, in words."""
        return self._conditions()

    def labelled(self, found: xr.Dataset, keyed: bool = True) -> dict[str, Any]:
        """Attributes of a result: what asked for it, and its conditions but for those that it tells itself."""
        said = ("m", "field") if "magnets" in found.attrs else ()
        asked = {"request": self.do, "conditions": self._conditions(said)} | (
            {"request_key": self.key} if keyed else {}
        )
        return asked | {"arguments": json.dumps(self.arguments, ensure_ascii=False, default=str)}

    def _conditions(self, without: Sequence[str] = ()) -> str:
        changes = [f"{p} = {v:.4g}" if np.ndim(v) == 0 else p for p, v in self.changes.items()]
        parts, kinds = conditions.named(self.entry.hints), self.entry.hints
        # several values of a condition are an axis of the result
        held = [n for n, h in kinds.items() if n in parts or (n in conditions.HELD and "Sequence" not in str(h))]
        return ", ".join(conditions.in_words({n: self.arguments.get(n) for n in held if n not in without}) + changes)

    def points(self) -> int:
        """How many points it has, as its labels say; raises what these refuse."""
        observable = self.entry.observable
        own = {name: value for name, value in self.arguments.items() if name in observable.arguments}
        turns = [len(v) for n, v in self.arguments.items() if n == "angles" and n not in own]
        missing = any(one.required and name not in own for name, one in observable.arguments.items())
        labels = None if missing else observable.labels(self.film, **own)
        dims = {dim for output in labels.outputs for dim in output.dims} if labels else set()
        coords = (
            [c[1] if isinstance(c, tuple) else c for dim, c in labels.coords.items() if dim in dims] if labels else []
        )
        return math.prod([*turns, *map(len, coords)])

    def check_size(self) -> None:
        """Refuse more points than a result may have, before anything of their size is made; a map counts its films."""
        if self.over:
            return
        points, elements = self.points(), len(self.film)
        most = min(_MOST_POINTS, _MOST_ELEMENTS // elements)
        if points > most:
            of = f" of a film of {elements:,} elements" if most < _MOST_POINTS else ""
            raise ParameterError(f"asks for {points:,} points{of}", allowed=f"up to {most:,}; take fewer")

    def rehearse(self, solver: Any = None) -> None:
        """Raise what the observable, or `solver`, refuses; of a map for every value."""
        if not self.over:
            rehearse(self.entry.signature, self.film, self.arguments, solver)
        for path, values in self.over.items():
            others = {p: (v[0], v[-1]) for p, v in self.over.items() if p != path}
            for end in (0, -1) if others else (0,):
                ends = {p: v[end] for p, v in others.items()}
                self._rehearse_at(ends, path, values, solver)

    def _rehearse_at(self, ends: dict[str, float], path: str, values: tuple[float, ...], solver: Any) -> None:
        try:
            rehearse(self.entry.signature, self.film.replace({**ends, path: np.array(values)}), self.arguments, solver)
        except ParameterError:
            for value in values:
                changes = {**ends, path: value}
                try:
                    rehearse(self.entry.signature, self.film.replace(changes), self.arguments, solver)
                except ParameterError as error:
                    at = ", ".join(f"{p} = {v:.4g}" for p, v in changes.items())
                    raise error.inside(f"{at}: ") from error
            raise


@dataclass(frozen=True)
class FilmStudy:
    """Everything that a sample file asks for, in the order in which it is computed."""

    document: Document
    film: Film
    title: str
    requests: tuple[FilmRequest, ...]
    output: Output
    resumes: bool = True

    @property
    def attributes(self) -> dict[str, str]:
        """What every result says of the study."""
        return {"title": self.title, "sample_file": self.document.text, "spinstack_version": __version__}

    def film_at(self, T: float | None = None) -> tuple[Film, float | None]:
        """The film with numbers in the place of laws at T [K], or at the lowest of its requests, and which that is.

        None where it has laws of the temperature and there is none to evaluate them at; then the film as it is.
        """
        asked = [t for r in self.requests if r.arguments.get("T") is not None for t in np.ravel(r.arguments["T"])]
        T = float(min(asked)) if T is None and asked else T
        return (self.film, None) if T is None and followed(self.film) else (self.film.at(T), T)

    def unusual(self) -> list[str]:
        """Sentences about parameters of all its films far from what people grow."""
        found: list[str] = []
        for request in self.requests:
            found += unusual(request.film)
            for path, values in request.over.items():
                found += unusual(request.film.replace({path: np.array(values)}))
        return list(dict.fromkeys(found + unusual(self.film)))

    def check(self) -> None:
        """Raise where drift-diffusion has no unique solution, which loads it; everything else is checked already."""
        from spinstack.circuit.solver import DriftDiffusion

        root = Table.of(self.document)
        told: set[str] = set()  # a fault of the film is one for all its requests
        for request in (r for r in self.requests if r.solver is None):
            try:
                request.rehearse(DriftDiffusion())
            except ParameterError as error:
                fault = str(error.__cause__ or error)
                if fault not in told:
                    root.refuse_as_told(error, *request.place)
                told.add(fault)
        root.finish()

    def tasks(self, run: Run) -> Iterator[Task]:
        """One task a request, after :meth:`check`."""
        self.check()
        for request in self.requests:
            where = f"{self.document.field_of(request.place)} {request.name}".strip()
            yield Task(request.name, where, partial(_computed, request, where, run))


def _computed(request: FilmRequest, where: str, run: Run, report: Listener) -> Result:
    """The result of a request; the run is told where it holds what is no number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotFiniteWarning)  # told as a failure, also of what is stored
        found = _stored_or_new(request, run.folder, report)
    if why := complaint(request.film, request.arguments, found, request.over):
        run.failures.append(Failure(where, why, ArithmeticError(why)))
    return Result(request.name, request, found)


def answer(request: FilmRequest, report: Listener = lambda *_: None) -> xr.Dataset:
    """The labelled values of one request by itself; nothing is stored. `report` may stop it by raising.

    No key of the request is among the labels: to make one takes as long as a small film does.
    """
    return _stored_or_new(request, None, report, keyed=False)


def _stored_or_new(request: FilmRequest, folder: Folder | None, report: Listener, keyed: bool = True) -> xr.Dataset:
    """The result stored by an earlier run, or computed now."""
    found = None if folder is None else folder.finished(request.name, request.key)
    if found is not None:
        return found
    if request.component is None:
        place = None if folder is None else Parts(folder.path / f"{request.name}.nc", request.key)
        with heard_by(report), nullcontext() if place is None else kept_by(place):
            found = request.compute()
    else:
        found = _swept(request, request.component, None if folder is None else folder.file(request.name), report)
    found.attrs |= request.labelled(found, keyed)
    if isinstance(request.arguments.get("T"), float):
        found.attrs["temperature_K"] = request.arguments["T"]
    return found


def _swept(request: FilmRequest, component: Component, place: Path | None, report: Listener) -> xr.Dataset:
    """A map; what is finished of it is kept beside `place` and not computed again."""
    from spinstack.observables.sweeps import sweep

    name = request.entry.observable.name
    function = partial(_evaluate, name=name, component=component, **request.given)
    over = {path: np.array(values) for path, values in request.over.items()}
    found = sweep(request.film, over, function, place, report, overwrite=True, key=request.key)
    found[name].attrs |= {
        **component.attrs,
        "units": component.units,
        "long_name": request.words,
        "conditions": request.conditions,
    }
    return found


def _evaluate(film: Film, *, name: str, component: Component, **options: Any) -> Any:
    """One number for each film of a batch."""
    return {name: component.of(mapped()[name].array(film, **options))}
