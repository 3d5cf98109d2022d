"""What a measurement of the film shows; every function takes a film and reads its solution."""

from spinstack.observables.angular import angular_scan
from spinstack.observables.depth import profile
from spinstack.observables.sensitivity import gradient
from spinstack.observables.sheet import (
    magnetoresistance,
    perpendicular_resistance,
    sheet_conductance,
    sheet_resistance,
)
from spinstack.observables.spin_current import average_spin_current, spin_current_mr_ratio
from spinstack.observables.sweeps import sweep
from spinstack.observables.torques import torque

__all__ = [
    "angular_scan", "average_spin_current", "gradient", "magnetoresistance", "perpendicular_resistance", "profile",
    "sheet_conductance", "sheet_resistance", "spin_current_mr_ratio", "sweep", "torque",
]  # fmt: skip
