"""Spin and charge transport in layered magnetic films: from the interface to the meter.

A film is elements from the bottom to the top, composed with ``|``; observables take a film::

    import spinstack as ss

    film = ss.MagneticInsulator.of("YIG") | ss.Metal.of("Pt-SMR", thickness=5e-9)
    ss.angular_scan(film, plane="beta")

SI units everywhere; unit strings belong in sample files (:func:`load_sample`).
"""

import importlib
from typing import TYPE_CHECKING, Any

from spinstack.insulator import WeissAntiferromagnet, WeissFerrimagnet, WeissMagnet
from spinstack.scattering import DeltaBarrier
from spinstack.stack import (
    Ferromagnet,
    Film,
    Interface,
    MagneticInsulator,
    Metal,
    ParameterError,
    Vacuum,
)

if TYPE_CHECKING:
    from spinstack.boltzmann.solver import Boltzmann
    from spinstack.circuit.solver import DriftDiffusion
    from spinstack.observables import (
        angular_scan,
        average_spin_current,
        compare_theories,
        critical_exchange,
        effective_interface,
        face_conductances,
        field_contributions,
        field_scan,
        gradient,
        initial_slope,
        magnetoresistance,
        perpendicular_resistance,
        profile,
        sheet_conductance,
        sheet_resistance,
        smr_gap,
        spin_current_mr_ratio,
        sweep,
        temperature_scan,
        torque,
    )
    from spinstack.samples.sample_file import SampleError, load_sample, save_sample
    from spinstack.torques import (
        effective_fields,
        efficiencies,
        fit_expansion,
        fit_harmonics,
        torque_data,
        torque_map,
    )

# Solvers import JAX and sample files import pint: both are loaded when first used.
_HOMES = {
    "spinstack.boltzmann.solver": ("Boltzmann",),
    "spinstack.circuit.solver": ("DriftDiffusion",),
    "spinstack.observables": (
        "angular_scan", "average_spin_current", "compare_theories", "critical_exchange", "effective_interface",
        "face_conductances", "field_contributions", "field_scan", "gradient", "initial_slope", "magnetoresistance",
        "perpendicular_resistance", "profile", "sheet_conductance", "sheet_resistance", "smr_gap",
        "spin_current_mr_ratio", "sweep", "temperature_scan", "torque",
    ),
    "spinstack.torques": (
        "efficiencies", "effective_fields", "fit_expansion", "fit_harmonics", "torque_data", "torque_map",
    ),
    "spinstack.samples.sample_file": ("SampleError", "load_sample", "save_sample"),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Boltzmann",
    "DeltaBarrier",
    "DriftDiffusion",
    "Ferromagnet",
    "Film",
    "Interface",
    "MagneticInsulator",
    "Metal",
    "ParameterError",
    "SampleError",
    "Vacuum",
    "WeissAntiferromagnet",
    "WeissFerrimagnet",
    "WeissMagnet",
    "angular_scan",
    "average_spin_current",
    "compare_theories",
    "critical_exchange",
    "effective_fields",
    "effective_interface",
    "efficiencies",
    "face_conductances",
    "field_contributions",
    "field_scan",
    "fit_expansion",
    "fit_harmonics",
    "gradient",
    "initial_slope",
    "load_sample",
    "magnetoresistance",
    "perpendicular_resistance",
    "profile",
    "save_sample",
    "sheet_conductance",
    "sheet_resistance",
    "smr_gap",
    "spin_current_mr_ratio",
    "sweep",
    "temperature_scan",
    "torque",
    "torque_data",
    "torque_map",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
        globals()[name] = value
        return value
    if name == "__version__":
        from importlib.metadata import version

        return version("spinstack")
    raise AttributeError(f"module 'spinstack' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME, "__version__"])
