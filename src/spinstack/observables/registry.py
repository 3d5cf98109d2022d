"""Every observable: what it is in words, its array function, the labels of its values, which theories answer it.

An observable is one function that returns arrays, NumPy or JAX, with batch axes first, so that JAX can trace and
differentiate it. :func:`observable` registers it and gives the function that people call: the same one where it returns
a single array, or for a mapping from variable to array one that labels them. Everything that is said about an
observable elsewhere (sweeps, gradients, sample files, maps, documentation, figures) is read from here and from its
signature.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.observables import finite
from spinstack.observables.provenance import attributes, version
from spinstack.stack import Film, ParameterError
from spinstack.stack.film import as_film
from spinstack.text import hooks
from spinstack.text.arrays import read

if TYPE_CHECKING:
    import xarray

P = ParamSpec("P")


_BATCH = re.compile(r"batch_\d+")
#: coordinate values of the dimensions that observables can have
COORDINATES = {
    "component": ("x", "y", "z"),
    "of_component": ("x", "y", "z"),
    "spin": ("x", "y", "z"),
    "axis": ("x", "y", "z"),
    "row": ("x", "y"),
    "column": ("x", "y"),
}


class Output(NamedTuple):
    """How one variable is labelled: name, unit, description, dimensions after the batch, further attributes."""

    name: str
    units: str
    long_name: str
    dims: tuple[str, ...] = ()
    attrs: Mapping[str, Any] = {}
    #: its dimensions in the order in which letters name a component, where that is not their own order
    letters: tuple[str, ...] = ()

    def words(self) -> dict[str, Any]:
        """The attributes of the variable."""
        words = {"units": self.units, "long_name": self.long_name, **self.attrs}
        return {name: word for name, word in words.items() if word != ""}


class Labels(NamedTuple):
    """The labels of an observable for one film and arguments: variables, coordinates and attributes as xarray has them.

    Coordinates "component", "spin", "axis", "row" and "column" need not be given.
    """

    outputs: tuple[Output, ...]
    coords: Mapping[str, Any] = {}
    attrs: Mapping[str, Any] = {}
    #: dimension -> variable along it whose values are its coordinate where there is one film
    along: Mapping[str, str] = {}


class Named(NamedTuple):
    """Beside an argument that names a part of the film: which names a film has for it, and what they are in words."""

    names: Callable[[Film], tuple[str, ...]]
    words: str


@dataclass(frozen=True)
class Argument:
    """An argument of an observable, from its signature: its type with what stands beside it (unit, names)."""

    name: str
    annotation: Any
    default: Any
    beside: tuple[Any, ...]

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True, eq=False)
class Observable:
    """An observable; `why_not` says for each theory that cannot answer it why."""

    name: str
    words: str
    #: what people call
    function: Callable[..., Any]
    #: the same arguments; an array, or a mapping from variable to array, batch axes first; traceable
    array: Callable[..., Any]
    #: whether `function` labels its values
    labelled: bool
    #: whether its labels are those of one film, so that people ask for a batch of films with a sweep
    one_film: bool
    why_not: Mapping[str, str]
    _labels: Output | Callable[..., Labels]

    @property
    def module(self) -> str:
        """The file that it stands in; its figure may stand in one of the same name."""
        return self.array.__module__.rpartition(".")[2]

    @functools.cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.array)

    @functools.cached_property
    def arguments(self) -> Mapping[str, Argument]:
        """All arguments but the film, in order."""
        hints = typing.get_type_hints(self.array, include_extras=True)
        parameters = list(self._signature.parameters.values())[1:]
        return {p.name: _argument(p, hints.get(p.name, Any)) for p in parameters}

    def bound(self, film: Film, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The arguments of a call by name, defaults filled in."""
        call = self._signature.bind(film, *args, **kwargs)
        call.apply_defaults()
        return dict(list(call.arguments.items())[1:])

    def warn(self, result: Any, args: Any, kwargs: Any) -> None:
        """Warn whoever called it that of its `result` some are no numbers."""
        film = as_film(kwargs.get("film", *args[:1]))
        given = self.bound(*_with_film(args, kwargs), **kwargs)
        if self.labelled:
            why = finite.complaint(film, given, result)
        else:
            why = "" if self._may_be_absent else finite.sentence(self.name, result, finite.to_blame(film, given))
        finite.warn(why, 4)

    @property
    def _may_be_absent(self) -> bool:
        """Whether NaN has a meaning among its values."""
        return isinstance(self._labels, Output) and finite.ABSENT in self._labels.attrs

    def labels(self, film: Film, *args: Any, **kwargs: Any) -> Labels:
        """How the values of a call are labelled."""
        if isinstance(self._labels, Output):
            return Labels((self._labels,))
        bound = self.bound(film, *args, **kwargs)
        if self.one_film:
            self._require_one(bound)
        labels = self._labels(film, **bound)
        taken = {"angle", "plane", *labels.coords, *(dim for output in labels.outputs for dim in output.dims)}
        for output in labels.outputs:
            if output.name in taken or _BATCH.fullmatch(output.name):
                raise ParameterError(
                    "which is what an axis of the result is called",
                    where=self.name, field="name", got=output.name, remedy="Give this element another name.",
                )  # fmt: skip
        return labels

    def _require_one(self, bound: Mapping[str, Any]) -> None:
        """Refuse a batch of directions or of fields, for which the labels of one film have no axis."""
        parameters = self._signature.parameters
        for name in ("m", "B"):
            if name not in bound or parameters[name].kind is not inspect.Parameter.KEYWORD_ONLY:
                continue
            given = bound[name]
            arrays = map(read, given.values() if isinstance(given, Mapping) else [given])
            if any(array.ndim > 1 for array in arrays if isinstance(array, np.ndarray)):
                why, remedy = "which are several", "Ask once for each."
                raise ParameterError(why, where=self.name, field=name, got=given, allowed="one vector", remedy=remedy)

    def values(self, film: Film, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The arrays of a call by variable."""
        found = self.array(film, *args, **kwargs)
        return (
            dict(found) if isinstance(found, Mapping) else {self.labels(film, *args, **kwargs).outputs[0].name: found}
        )

    def dataset(self, film: Film, *args: Any, **kwargs: Any) -> xarray.Dataset:
        """The labelled values of a call; batch dimensions are called batch_0, batch_1, ..."""
        if self.one_film:
            self._require_one(self.bound(film, *args, **kwargs))
            if isinstance(film, Film):
                film.require_single(self.name)
        values = self.values(film, *args, **kwargs)
        if any(map(is_traced, values.values())):
            raise ParameterError(
                "labels cannot hold values inside a JAX transformation",
                where=self.name,
                remedy=f"Give functools.partial(spinstack.{self.name}, ...) itself to gradient or sweep, or take "
                f"spinstack.observables.registry.arrays(spinstack.{self.name}).",
            )
        labels = self.labels(film, *args, **kwargs)
        bound = self.bound(film, *args, **kwargs)
        made_by = attributes(film, bound["solver"]) if "solver" in bound else {"spinstack_version": version()}
        made_by |= {"observable": self.name}
        result = dataset(labels._replace(attrs={**made_by, **labels.attrs}), values)
        return result.set_coords(list(labels.along.values())).swap_dims(labels.along) if labels.along else result


def observable(
    words: str, labels: Output | Callable[..., Labels], *, why_not: Mapping[str, str] | None = None
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Register a function (film, arguments) that returns one array.

    Args:
        words: what it is, such as "sheet resistance".
        labels: the labels of its array, or a function of the same arguments (by name) that gives them.
        why_not: theory (a key of THEORIES) -> why it does not answer; both do where none is given.
    """

    def register(function: Callable[P, Any]) -> Callable[P, Any]:
        @functools.wraps(function)
        def public(*args: P.args, **kwargs: P.kwargs) -> Any:
            value = function(*_with_film(args, kwargs), **kwargs)
            if not is_traced(value) and not np.isfinite(value).all():
                found.warn(value, args, kwargs)
            return value

        found = Observable(function.__name__, words, public, function, False, False, why_not or {}, labels)
        _keep(found)
        return public

    return register


def labelled_observable(
    words: str, labels: Callable[..., Labels], *, one_film: bool = False, why_not: Mapping[str, str] | None = None
) -> Callable[[Callable[P, Mapping[str, Any]]], Callable[P, xarray.Dataset]]:
    """Register a function (film, arguments) that returns arrays by variable; what people call gives a Dataset.

    Args as in :func:`observable`; `one_film`: what people call refuses a batch of films, because its coordinates are
    those of one.
    """

    def register(function: Callable[P, Mapping[str, Any]]) -> Callable[P, xarray.Dataset]:
        @functools.wraps(function)
        def public(*args: P.args, **kwargs: P.kwargs) -> xarray.Dataset:
            result = found.dataset(*_with_film(args, kwargs), **kwargs)  # type: ignore[arg-type]
            if not finite.all_numbers(result):
                found.warn(result, args, kwargs)
            return result

        public.__annotations__ = {**function.__annotations__, "return": "xarray.Dataset"}
        found = Observable(function.__name__, words, public, function, True, one_film, why_not or {}, labels)
        _keep(found)
        return public

    return register


def _with_film(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Positional arguments, a film of one layer where there is one layer instead of a film."""
    if "film" in kwargs:
        kwargs["film"] = as_film(kwargs["film"])
    return (as_film(args[0]), *args[1:]) if args else args


def _keep(found: Observable) -> None:
    found.function.observable = found  # type: ignore[attr-defined]


def observables() -> dict[str, Observable]:
    """Every observable of this package by name, in the order of their list; JAX is not loaded for it."""
    home = import_module("spinstack.observables")
    found = (getattr(getattr(home, name), "observable", None) for name in home.__all__)
    return {one.name: one for one in found if one is not None}


def observable_of(function: Callable[..., Any]) -> Observable | None:
    """The observable that a function is, also through functools.partial; None for any other function."""
    while isinstance(function, partial):
        function = function.func
    found = getattr(function, "observable", None)
    # a function that wraps an observable has a copy of its attributes
    return found if isinstance(found, Observable) and found.function is function else None


def arrays(function: Callable[..., Any]) -> Callable[..., Any]:
    """The array function under an observable, arguments of functools.partial kept; any other function itself."""
    found = observable_of(function)
    if found is None:
        return function
    if isinstance(function, partial):
        return partial(arrays(function.func), *function.args, **function.keywords)
    return found.array


def numbers_of(value: Any) -> np.ndarray:
    """What your own observable returned, as an array; raises ParameterError where it is no numbers."""
    try:
        array = np.asarray(value)
    except ValueError:  # ragged
        array = np.array(None)
    if array.dtype.kind not in "biufc":
        allowed = "a function of a film that returns numbers, or a mapping from names to numbers"
        raise ParameterError("which is what it returned", field="observable", got=value, allowed=allowed)
    return array


def dataset(labels: Labels, values: Mapping[str, Any], leading: tuple[str, ...] = ()) -> xarray.Dataset:
    """A Dataset of `values` whose first dimensions are `leading`; those of a batch are called batch_0, batch_1, ..."""
    import xarray

    data: dict[str, Any] = {}
    coords: dict[str, Any] = {}
    for output in labels.outputs:
        value = np.asarray(values[output.name])
        ahead = value.ndim - len(output.dims)
        batch = (*leading, *(f"batch_{k}" for k in range(ahead - len(leading))))
        data[output.name] = ((*batch, *output.dims), value, output.words())
        coords |= {
            d: list(COORDINATES[d][: value.shape[ahead + i]]) for i, d in enumerate(output.dims) if d in COORDINATES
        }
    hooks.plots()
    return xarray.Dataset(data, coords=coords | dict(labels.coords), attrs=dict(labels.attrs))


def _argument(parameter: inspect.Parameter, hint: Any) -> Argument:
    if typing.get_origin(hint) is typing.Annotated:
        hint, *beside = typing.get_args(hint)
    else:
        beside = []
    return Argument(parameter.name, hint, parameter.default, tuple(beside))
