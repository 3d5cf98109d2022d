"""Superlattices [A_n/B_m]_N: transport of the sublayers, spectra of an edge, x-ray reflectivity and diffraction."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spinstack.measure.superlattice.anomalous_hall import layer_anomalous_hall
    from spinstack.measure.superlattice.bragg_law import bragg_angles, period_from_peaks
    from spinstack.measure.superlattice.dichroism import orbital_polarization
    from spinstack.measure.superlattice.diffraction import fit_diffraction, simulate_diffraction
    from spinstack.measure.superlattice.edges import fit_edges
    from spinstack.measure.superlattice.parallel import parallel_layers, predict
    from spinstack.measure.superlattice.reflectivity import fit_reflectivity, simulate_reflectivity
    from spinstack.measure.superlattice.sample_text import to_sample
    from spinstack.measure.superlattice.samples import Superlattice
    from spinstack.measure.superlattice.xray_model import XrayLayer, XraySuperlattice

_HOMES = {
    "Superlattice": "samples",
    "XrayLayer": "xray_model",
    "XraySuperlattice": "xray_model",
    "bragg_angles": "bragg_law",
    "fit_diffraction": "diffraction",
    "fit_edges": "edges",
    "fit_reflectivity": "reflectivity",
    "layer_anomalous_hall": "anomalous_hall",
    "orbital_polarization": "dichroism",
    "parallel_layers": "parallel",
    "period_from_peaks": "bragg_law",
    "predict": "parallel",
    "simulate_diffraction": "diffraction",
    "simulate_reflectivity": "reflectivity",
    "to_sample": "sample_text",
}

__all__ = [
    "Superlattice", "XrayLayer", "XraySuperlattice", "bragg_angles", "fit_diffraction", "fit_edges", "fit_reflectivity",
    "layer_anomalous_hall", "orbital_polarization", "parallel_layers", "period_from_peaks", "predict",
    "simulate_diffraction", "simulate_reflectivity", "to_sample",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # no function has the name of its module, which the import system would put here instead
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
