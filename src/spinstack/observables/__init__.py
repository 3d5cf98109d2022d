"""What a measurement of the film shows; every function takes a film and reads its solution."""

from spinstack.observables.angular import angular_scan
from spinstack.observables.depth import profile
from spinstack.observables.faces import face_conductances
from spinstack.observables.field import field_contributions, field_scan
from spinstack.observables.sensitivity import gradient
from spinstack.observables.sheet import (
    magnetoresistance,
    perpendicular_resistance,
    sheet_conductance,
    sheet_resistance,
)
from spinstack.observables.slope import critical_exchange, initial_slope
from spinstack.observables.spin_current import average_spin_current, spin_current_mr_ratio
from spinstack.observables.sweeps import sweep
from spinstack.observables.temperature import smr_gap, temperature_scan
from spinstack.observables.theories import EffectiveInterface, compare_theories, effective_interface
from spinstack.observables.torques import torque

__all__ = [
    "EffectiveInterface", "angular_scan", "average_spin_current", "compare_theories", "critical_exchange",
    "effective_interface", "face_conductances", "field_contributions", "field_scan", "gradient", "initial_slope",
    "magnetoresistance", "perpendicular_resistance", "profile", "sheet_conductance", "sheet_resistance", "smr_gap",
    "spin_current_mr_ratio", "sweep", "temperature_scan", "torque",
]  # fmt: skip
