"""What the library knows of interfaces: channel conductances and spin memory loss, with errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from spinstack.figures.style import COLOURS, head, in_lines, plain, tidy
from spinstack.text.errors import ParameterError

_CHANNELS = {"conductance_up": ("majority", COLOURS[0], "o"), "conductance_down": ("minority", COLOURS[1], "s")}


def interface_library(known: Mapping[str, Mapping[str, Any]], title: str = "") -> Figure:
    """Conductances of both channels and spin memory loss of interfaces, one line each, with their errors.

    Parameters
    ----------
    known
        By the name of the interface what :meth:`spinstack.interfaces.KnownInterface.derived` gives.
    title
        Printed above.
    """
    if not known:
        raise ParameterError("which is empty", where="interface_library", field="known", allowed="interfaces by name")
    figure = Figure(figsize=(8.0, 2.4 + 0.34 * len(known)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    for row, fields in enumerate(known.values()):
        for shift, (field, (words, colour, marker)) in zip((-0.13, 0.13), _CHANNELS.items(), strict=True):
            if field in fields:
                _point(left, fields[field], row + shift, colour, marker, words)
        if "spin_memory_loss" in fields:
            _point(right, fields["spin_memory_loss"], row, COLOURS[2], "D", "δ")
    left.set(xscale="log", xlabel="conductance (S/m²)", yticks=range(len(known)), ylim=(len(known) - 0.4, -0.6))
    left.set_yticklabels([plain(name) for name in known])
    values = [fields[f].value for fields in known.values() for f in _CHANNELS if f in fields] or [1e14, 1e15]
    low, high = np.floor(np.log10(min(values) / 1.5)), np.ceil(np.log10(1.5 * max(values)))
    left.set_xlim(10.0**low, 2.2 * 10.0**high if high - low < 4 else 10.0**high)
    left.xaxis.set_minor_formatter("")
    right.set(xlabel="spin memory loss δ", xlim=(0, None))
    for axes in (left, right):
        tidy(axes)
    handles, labels = left.get_legend_handles_labels()
    one = dict(zip(labels, handles, strict=True))
    head(figure, in_lines(title, 8.0), list(one.values()), list(one))
    return figure


def _point(axes: Any, one: Any, row: float, colour: str, marker: str, words: str) -> None:
    """A value with its error; an error without end is an arrow."""
    plus, minus = (0.0 if v is None else v for v in (one.plus, one.minus))
    open_end = bool(np.isinf(plus))
    look = {"fmt": marker, "color": colour, "markersize": 5, "capsize": 2.5}
    axes.errorbar(one.value, row, xerr=[[minus], [0.0 if open_end else plus]], label=words, **look)
    if open_end:
        axes.errorbar(one.value, row, xerr=[[0.0], [one.value]], xlolims=True, **look)
