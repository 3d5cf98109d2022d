"""Names of a package that load when first used; the package's stub (``__init__.pyi``) is the one table of them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import lazy_loader

Lazy = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]


def attach(package: str, file: str) -> Lazy:
    """``__getattr__, __dir__, __all__`` of a package, from the ``from .module import name as name`` of its stub.

    Type checkers read the same stub. ``from .package import *`` stands for all names of another package that has one.
    """
    homes: dict[str, list[str]] = {}
    for node in ast.parse(Path(file).with_suffix(".pyi").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [alias.name for alias in node.names]
            if names == ["*"]:
                names = import_module(f"{package}.{node.module}").__all__
            homes.setdefault(node.module, []).extend(names)
    attached: Lazy = lazy_loader.attach(package, submod_attrs=homes)
    return attached
