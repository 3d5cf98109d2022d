"""Files that a command writes, checked before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from spinstack.text import store
from spinstack.text.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES = (".png", ".pdf", ".svg")


def check_target(path: Path, option: str = "", endings: Sequence[str] = (), force: bool = True) -> None:
    """Refuse a file that cannot be written, whose name does not say its kind, or that exists unless `force`."""
    refused = partial(ParameterError, field=option, got=str(path))
    if endings and path.suffix.lower() not in endings:
        raise refused(allowed=f"names that end in {', '.join(endings)}")
    if path.is_dir():
        raise refused("which is a folder", remedy="Give the name of a file.")
    if (path.exists() or path.is_symlink()) and not force:
        raise refused("which exists already", remedy="Give another name, or --force to replace it.")
    if not path.parent.is_dir() and not option:
        raise refused(f"but there is no folder {path.parent}", remedy="Make it first.")
    place = next(p for p in path.absolute().parents if p.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise refused(f"but nothing can be written in {place}")
    store.clear(place)


def save_figure(figure: Figure, path: Path) -> None:
    """Draw a figure into one file; its folder is made if needed."""
    from spinstack.figures import save

    path.parent.mkdir(parents=True, exist_ok=True)
    # save adds the format itself, so a name with dots keeps them
    save(figure, path.with_name(path.name[: -len(path.suffix)]), (path.suffix.lower().removeprefix("."),))
