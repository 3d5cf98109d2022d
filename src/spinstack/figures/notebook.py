"""What notebooks show: a film as its cross-section, results under ``.spinstack.plot()``."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import xarray as xr

from spinstack.text.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def film_html(film: Any) -> str:
    """The cross-section of a film as SVG inside HTML; its text where the film cannot be drawn."""
    from html import escape

    from spinstack.figures.cross_section import draw_film

    try:
        drawn = draw_film(film)
        file = io.StringIO()
        drawn.savefig(file, format="svg", bbox_inches="tight")
    except ParameterError:
        return f"<pre>{escape(repr(film))}</pre>"
    svg = file.getvalue()
    return f"<div style='max-width: 36em; background: white'>{svg[svg.index('<svg') :]}</div>"


@xr.register_dataset_accessor("spinstack")
class Plots:
    """Figures of a labelled result, ``result.spinstack.plot()``."""

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    def plot(self, title: str = "") -> Figure:
        """The figure that the command line draws of such a result.

        Raises :class:`ParameterError` for a result that has none: single numbers, a batch of films, a sweep of
        more than two parameters.
        """
        from spinstack.figures.curves import sweep_curve
        from spinstack.figures.finding import figure
        from spinstack.figures.maps import sweep_map

        data = self._dataset
        if "sweep" in data.attrs:
            if len(data.data_vars) != 1:
                remedy = "Pick one: result[[name]].spinstack.plot()."
                raise ParameterError("of several variables", where="plot", field="result", got=[*data], remedy=remedy)
            array = next(iter(data.data_vars.values()))
            if array.ndim in (1, 2):
                return sweep_curve(array, title) if array.ndim == 1 else sweep_map(array, title=title)
            raise ParameterError(f"over {array.ndim} dimensions", where="plot", field="result", allowed="one or two")
        name = str(data.attrs.get("observable", ""))
        draw = figure(name, _home(name))
        dims = {str(dim) for dim in data.dims}
        if draw is None or dims <= {"component"} or any(dim.startswith("batch_") for dim in dims):
            allowed = "a scan, a profile or another labelled result of one film"
            raise ParameterError(
                "which has no figure of its own", where="plot", field="result", got=name, allowed=allowed
            )
        return draw(data, title=title)


def _home(name: str) -> str:
    from spinstack.observables.registry import observables

    return observables()[name].module if name in observables() else ""
