"""Laws of temperature, and of each other, that parameters of a film follow in the place of numbers."""

from spinstack.laws.bloch_gruneisen import BlochGruneisen
from spinstack.laws.bloch_law import BlochLaw
from spinstack.laws.hall_scaling import AnomalousHallScaling, SpinHallScaling
from spinstack.laws.measured import Measured
from spinstack.laws.spin_relaxation import ElliottYafet
from spinstack.laws.tabulated import Tabulated, TabulatedResistivity

__all__ = [
    "AnomalousHallScaling", "BlochGruneisen", "BlochLaw", "ElliottYafet", "Measured", "SpinHallScaling",
    "Tabulated", "TabulatedResistivity",
]  # fmt: skip
