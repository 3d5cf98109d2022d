"""What an analysis file can ask for: cleaning steps and analyses by name, each loaded when it is wanted.

A step is a function of :mod:`spinstack.measure.cleaning`, an analysis one of the subpackages named in ANALYSES. What an
analysis is given follows from the annotation of its first parameter: one measurement, several, or none.
"""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import xarray as xr

from spinstack.measure.measurement import STEPS

#: one call for each measurement, one with all of them (by plane, by name, as a list), or one that needs none
Feed = Literal["each", "planes", "names", "list", "none"]


@dataclass(frozen=True)
class Analysis:
    """Where an analysis lives, what is drawn of it (a function of :mod:`spinstack.figures`), what it is in words."""

    home: str
    figure: str
    words: str


#: what can be drawn of a result (functions of :mod:`spinstack.figures`)
FIGURES = (
    "measured_angles", "measured_polar", "measured_sweep", "measured_temperature", "measured_curve", "measured_table",
    "measured_contacts", "measured_lengths", "measured_map", "measured_harmonics", "measured_resonance",
    "measured_line",
)  # fmt: skip
#: every analysis by name
ANALYSES: dict[str, Analysis] = {
    "fit_harmonics": Analysis("angles", "measured_angles", "harmonics of an angle scan"),
    "fit_planes": Analysis("angles", "measured_angles", "angle scans in several planes, fitted together"),
    "amplitude_table": Analysis("angles", "measured_table", "amplitudes against a condition"),
    "bootstrap": Analysis("angles", "", "errors of an angle fit by resampling"),
    "hall_slope": Analysis("sweeps", "measured_sweep", "ordinary Hall coefficient"),
    "two_band": Analysis("sweeps", "measured_sweep", "Hall effect and magnetoresistance of two bands"),
    "hysteresis_loop": Analysis("sweeps", "measured_sweep", "hysteresis loop"),
    "anomalous_hall_loop": Analysis("sweeps", "measured_sweep", "hysteresis loop of the anomalous Hall effect"),
    "butterfly": Analysis("sweeps", "measured_sweep", "magnetoresistance of a hysteresis loop"),
    "magnetoresistance": Analysis("sweeps", "measured_sweep", "magnetoresistance"),
    "hall_conductivity": Analysis("sweeps", "measured_table", "anomalous Hall conductivity against temperature"),
    "scaling": Analysis("sweeps", "", "scaling of the anomalous Hall effect"),
    "van_der_pauw": Analysis("sweeps", "measured_contacts", "sheet resistance from four contacts on the edge"),
    "hall_bar": Analysis("sweeps", "", "sheet and Hall resistance of a bar"),
    "transfer_length": Analysis("sweeps", "measured_lengths", "contact resistance from bars of several lengths"),
    "resistivity_at": Analysis("sweeps", "measured_temperature", "resistivity at one temperature"),
    "residual_ratio": Analysis("sweeps", "measured_temperature", "residual resistance ratio"),
    "upturn": Analysis("sweeps", "measured_temperature", "upturn of the resistance"),
    "critical_temperature": Analysis("sweeps", "measured_temperature", "critical temperature"),
    "curie_weiss": Analysis("sweeps", "measured_temperature", "Curie-Weiss law"),
    "splitting_temperature": Analysis("sweeps", "measured_temperature", "splitting of two cooling histories"),
    "harmonic_hall_rotation": Analysis(
        "spin_torque",
        "measured_harmonics",
        "spin-orbit torques from harmonic Hall voltages, turning field",
    ),
    "harmonic_hall_low_field": Analysis(
        "spin_torque", "measured_harmonics", "spin-orbit torques from harmonic Hall voltages in low fields"
    ),
    "st_fmr": Analysis("spin_torque", "measured_resonance", "spin-torque ferromagnetic resonance"),
    "st_fmr_series": Analysis("spin_torque", "measured_line", "efficiencies from resonance at several thicknesses"),
    "loop_shift": Analysis("spin_torque", "measured_line", "torque from loops that a current shifts"),
    "switching_current": Analysis("spin_torque", "measured_line", "switching currents against pulse length or field"),
    "explain_control": Analysis("control", "measured_table", "parameters of the layer of control films"),
    "sample_layer": Analysis("control", "", "that layer in a sample file"),
    "parallel_layers": Analysis("superlattice", "", "layers in parallel"),
    "predict": Analysis("superlattice", "", "what fitted layers predict for other superlattices"),
    "layer_anomalous_hall": Analysis("superlattice", "", "anomalous Hall conductivity of each layer"),
    "orbital_polarization": Analysis("superlattice", "measured_curve", "orbital polarisation from linear dichroism"),
    "fit_edges": Analysis("superlattice", "measured_curve", "peaks at an absorption edge"),
    "window_integrals": Analysis("superlattice", "measured_curve", "integrals over windows of a spectrum"),
    "edge_shift": Analysis("superlattice", "measured_curve", "shift of a spectrum against a reference"),
    "peak_shift": Analysis("superlattice", "", "shifts of fitted peaks against a reference"),
    "reciprocal_map": Analysis("superlattice", "measured_map", "strain from a reciprocal-space map"),
    "fit_reflectivity": Analysis("superlattice", "measured_curve", "x-ray reflectivity"),
    "fit_diffraction": Analysis("superlattice", "measured_curve", "x-ray diffraction"),
}


def analysis(name: str) -> Callable[..., Any]:
    """The function of one analysis."""
    found: Callable[..., Any] = getattr(import_module(f"spinstack.measure.{ANALYSES[name].home}"), name)
    return found


def step_names() -> tuple[str, ...]:
    """Names of all cleaning steps."""
    import_module("spinstack.measure.cleaning")  # its steps register themselves
    return tuple(sorted(STEPS))


def step_function(name: str) -> Callable[..., xr.Dataset]:
    """The function of one cleaning step."""
    return STEPS[name]


def feed(function: Callable[..., Any]) -> Feed:
    """How measurements reach an analysis, from the annotation of its first parameter."""
    hints = typing.get_type_hints(function)
    first = hints.get(next(iter(inspect.signature(function).parameters), ""), Any)
    union = typing.get_origin(first) in (typing.Union, types.UnionType)
    kinds = typing.get_args(first) if union else (first,)
    for kind in (k for k in kinds if xr.Dataset in typing.get_args(k)):
        if typing.get_origin(kind) in (dict, collections.abc.Mapping):
            return "planes" if function.__name__ == "fit_planes" else "names"
        return "list"
    return "each" if xr.Dataset in kinds else "none"


def takes_results(function: Callable[..., Any]) -> bool:
    """Whether an analysis is of results of another, not of measurements."""
    return next(iter(inspect.signature(function).parameters), "") in ("results", "found")
