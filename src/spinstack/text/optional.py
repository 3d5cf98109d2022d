"""Packages that only an extra installs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from spinstack.text.errors import ParameterError, SpinstackError


def optional(module: str, extra: str, purpose: str, *, error: type[SpinstackError] = ParameterError) -> Any:
    """The module `module` of the extra `extra`; raises `error` with what to install where it cannot be imported."""
    try:
        return import_module(module)
    except ImportError as reason:
        raise error(
            f"needs the package {module.partition('.')[0]}, which cannot be imported ({reason})",
            where=purpose,
            remedy=f"Install it with: pip install 'spinstack[{extra}]'.",
        ) from None
