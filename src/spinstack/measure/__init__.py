"""From the meter to numbers: reading, cleaning, analysing measured magnetotransport. Knows nothing of the solvers.

A measurement is a labelled dataset with a history (:mod:`spinstack.measure.measurement`); `readers` make one from a
file, `cleaning` corrects it, `angles`, `sweeps` and `superlattice` find numbers with uncertainties.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spinstack.measure.measurement import MeasurementError, history, replay, undo
    from spinstack.measure.readers import inspect, read

_HOME = {
    "MeasurementError": "measurement",
    "history": "measurement",
    "inspect": "readers",
    "read": "readers",
    "replay": "measurement",
    "undo": "measurement",
}

__all__ = ["MeasurementError", "history", "inspect", "read", "replay", "undo"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
