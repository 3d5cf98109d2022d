"""Drawing results into files; a figure that cannot be drawn costs no number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from spinstack.study.folder import Folder
from spinstack.study.run import Failure, Run, told

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(
    run: Run,
    folder: Folder,
    name: str,
    kind: str,
    formats: Sequence[str],
    drawing: Callable[..., Figure],
    *data: Any,
    **options: Any,
) -> Figure | None:
    """Draw `data` into files of that name, one a format; None where it fails, which the run then tells."""
    from spinstack.figures import save

    try:
        figure = drawing(*data, **options)
        save(figure, folder.file(name, kind, ""), formats)
    except OSError:
        raise
    except Exception as error:
        run.failures.append(Failure(f"figure of {name}", told(error), error))
        return None
    return figure
