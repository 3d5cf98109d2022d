"""The figure of an observable, by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from inspect import ismodule
from typing import Any


def figure(name: str, module: str = "") -> Callable[..., Any] | None:
    """The function of :mod:`spinstack.figures` that draws `name`; None where there is none.

    It is listed in the stub of the package, or stands in the file there that is called like `module`, the file of the
    observable: a new observable then needs no list.
    """
    package = import_module("spinstack.figures")
    found = getattr(package, name, None)
    if found is not None and not ismodule(found):
        return found
    home = f"{package.__name__}.{module}"
    return getattr(import_module(home), name, None) if module and find_spec(home) else None
