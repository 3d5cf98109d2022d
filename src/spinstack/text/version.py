"""The version of the installed package."""

from __future__ import annotations


def version() -> str:
    """The version written in the package's metadata, "unknown" where it is not installed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("spinstack")
    except PackageNotFoundError:
        return "unknown"
