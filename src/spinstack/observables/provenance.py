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
    name = "drift-diffusion" if solver is None else solver.name
    made = {"film": repr(film), "solver": name, "spinstack_version": version()}
    if name == "drift-diffusion":
        from spinstack.circuit import native

        made["spinstack_kernel"] = native.target() or "JAX"
    return made
