"""What every result carries: units, names, and what made it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

from spinstack.stack import Film


class Output(NamedTuple):
    """How an observable's values are labelled: variable name, unit, description, and the dimensions after the batch."""

    name: str
    units: str
    long_name: str
    dims: tuple[str, ...] = ()


#: coordinate values of the dimensions that observables can have
COORDINATES = {
    "component": ("x", "y", "z"),
    "spin": ("x", "y", "z"),
    "row": ("x", "y"),
    "column": ("x", "y"),
}


def labelled(output: Output) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Attach an :class:`Output` to an observable, so that sweeps label their results."""

    def attach(function: Callable[..., Any]) -> Callable[..., Any]:
        function.output = output  # type: ignore[attr-defined]
        return function

    return attach


def output_of(observable: Callable[..., Any]) -> Output | None:
    """The :class:`Output` of an observable, also through functools.partial."""
    while isinstance(observable, partial):
        observable = observable.func
    return getattr(observable, "output", None)


@cache
def version() -> str:
    """The installed version of spinstack."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("spinstack")
    except PackageNotFoundError:
        return "unknown"


def attributes(film: Film, solver: Any = None) -> dict[str, str]:
    """Dataset attributes that say what made a result."""
    return {
        "film": repr(film),
        "solver": "drift-diffusion" if solver is None else solver.name,
        "spinstack_version": version(),
    }
