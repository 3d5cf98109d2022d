"""Physical constants [SI], CODATA 2018; e, h, hbar and k_B are exact by definition."""

ELEMENTARY_CHARGE = 1.602176634e-19  # C
PLANCK_REDUCED = 1.054571817646156e-34  # J s
BOHR_MAGNETON = 9.2740100783e-24  # J/T
BOLTZMANN = 1.380649e-23  # J/K
