"""What every result carries: what made it."""

from __future__ import annotations

from functools import cache
from typing import Any

from spinstack.stack import Film


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
