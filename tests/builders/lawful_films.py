"""Films of which parameters follow laws, of temperature and of each other."""

import numpy as np
from plain_films import contact, ferromagnet, metal, nm

import spinstack as ss

RESISTIVITY = {"residual_resistivity": 1.5e-7, "resistivity_slope": 4e-10, "debye_temperature": 240.0}
KNOTS = (0.0, 50.0, 120.0, 400.0)


def resistivity(**changes):
    return ss.BlochGruneisen(**(RESISTIVITY | changes))


def platinum(**changes):
    """Resistivity by phonons, the spin diffusion length and the spin Hall angle after it."""
    laws = {
        "conductivity": resistivity(),
        "spin_diffusion_length": ss.ElliottYafet(resistivity_times_length=0.77e-15),
        "spin_hall_angle": ss.SpinHallScaling(intrinsic=1.6e5, skew=0.02),
    }
    return metal("Pt", **(laws | changes))


def cobalt(**changes):
    laws = {
        "conductivity": ss.TabulatedResistivity(KNOTS, resistivities=[1e-7, 1.1e-7, 1.4e-7, 3e-7]),
        "polarization": ss.BlochLaw(value_at_zero=0.5, vanishing_temperature=1200.0),
        "dephasing_length": 0.7 * nm,
    }
    return ferromagnet("Co", **(laws | changes))


def lawful(**changes):
    """A bilayer in which everything that may depend on temperature does."""
    joint = contact(
        mixing_conductance=ss.Tabulated(KNOTS, values=[9e14 + 5e13j, 8e14 + 4e13j, 7e14, 6e14]),
        spin_memory_loss=ss.Tabulated(KNOTS, values=[0.9, 0.8, 0.5, 0.1], factor=0.9),
        filtering=ss.Tabulated(KNOTS, values=[3e4, 2e4, 1e4, 5e3]),
    )
    magnet = cobalt(
        amr_ratio=ss.BlochLaw(value_at_zero=0.02, vanishing_temperature=900.0),
        anomalous_hall_angle=ss.AnomalousHallScaling(intrinsic=2e4, skew=0.004, residual_resistivity=1e-7),
    )
    return (platinum() | joint | magnet).replace(changes)


def random_law(draw, size):
    """A table about a number, with a factor."""
    return ss.Tabulated(KNOTS, values=[size * draw.uniform(0.5, 2.0) for _ in KNOTS], factor=draw.uniform(0.8, 1.2))


def steps(value):
    """A relative step for differences, in both directions."""
    return np.array([1 + 1e-5, 1 - 1e-5]) * value
