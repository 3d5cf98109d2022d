"""Files that an option names, checked before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from spinstack.text.errors import ParameterError

FIGURES = (".png", ".pdf", ".svg")


def check_target(option: str, path: Path | None, allowed: Sequence[str]) -> None:
    """Refuse a file that cannot be written, or whose name does not say its kind."""
    if path is None:
        return
    if path.suffix.lower() not in allowed:
        raise ParameterError(f"{option} {path}: allowed are names that end in {', '.join(allowed)}.")
    if path.is_dir():
        raise ParameterError(f"{option} {path}: is a folder. Give a file.")
    place = next(p for p in path.absolute().parents if p.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise ParameterError(f"{option} {path}: nothing can be written in {place}.")


def save_figure(figure: object, path: Path) -> None:
    """Draw a figure into one file; its folder is made if needed."""
    from spinstack.figures import save

    path.parent.mkdir(parents=True, exist_ok=True)
    # save adds the format itself, so a name with dots keeps them
    save(figure, path.with_name(path.name[: -len(path.suffix)]), (path.suffix.lower().removeprefix("."),))  # type: ignore[arg-type]
