"""Figures of films, results and measurements: each function takes data and returns a matplotlib ``Figure``.

Nothing here touches pyplot or any global state, so figures can be drawn in threads and on machines without a display.
matplotlib is loaded with the first figure, not with this module.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spinstack.figures.cross_section import draw_film
    from spinstack.figures.curves import angular_scan, sweep_curve, torque
    from spinstack.figures.depth import profile
    from spinstack.figures.magnets import (
        face_conductances,
        field_contributions,
        field_scan,
        regime_map,
        temperature_scan,
    )
    from spinstack.figures.maps import sweep_map
    from spinstack.figures.measured import inline
    from spinstack.figures.measured_scans import measured_angles, measured_polar
    from spinstack.figures.measured_steps import measured_cleaning
    from spinstack.figures.measured_sweeps import measured_curve, measured_sweep, measured_temperature
    from spinstack.figures.measured_tables import measured_table
    from spinstack.figures.sphere_maps import torque_functions, torque_maps
    from spinstack.figures.style import save
    from spinstack.figures.theories import compare_theories

_HOME = {
    "angular_scan": "curves",
    "compare_theories": "theories",
    "draw_film": "cross_section",
    "face_conductances": "magnets",
    "field_contributions": "magnets",
    "field_scan": "magnets",
    "inline": "measured",
    "measured_angles": "measured_scans",
    "measured_cleaning": "measured_steps",
    "measured_curve": "measured_sweeps",
    "measured_polar": "measured_scans",
    "measured_sweep": "measured_sweeps",
    "measured_table": "measured_tables",
    "measured_temperature": "measured_sweeps",
    "profile": "depth",
    "regime_map": "magnets",
    "save": "style",
    "sweep_curve": "curves",
    "sweep_map": "maps",
    "temperature_scan": "magnets",
    "torque": "curves",
    "torque_functions": "sphere_maps",
    "torque_maps": "sphere_maps",
}

__all__ = [
    "angular_scan",
    "compare_theories",
    "draw_film",
    "face_conductances",
    "field_contributions",
    "field_scan",
    "inline",
    "measured_angles",
    "measured_cleaning",
    "measured_curve",
    "measured_polar",
    "measured_sweep",
    "measured_table",
    "measured_temperature",
    "profile",
    "regime_map",
    "save",
    "sweep_curve",
    "sweep_map",
    "temperature_scan",
    "torque",
    "torque_functions",
    "torque_maps",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
