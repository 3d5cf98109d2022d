"""Films of everyday numbers that many tests share; every value may be given anew."""

import numpy as np

import spinstack as ss

nm = 1e-9
X, Y, Z = np.eye(3)
#: a direction and a field along nothing in particular
M, E = np.array([0.48, 0.6, 0.64]), np.array([0.8, -0.6])


def metal(name="Pt", **changes):
    values = {
        "thickness": 3 * nm,
        "conductivity": 4e6,
        "spin_diffusion_length": 2 * nm,
        "spin_hall_angle": 0.1,
    }
    return ss.Metal(name, **(values | changes))


def ferromagnet(name="Co", **changes):
    values = {"thickness": 3 * nm, "conductivity": 5e6, "polarization": 0.4, "spin_diffusion_length": 5 * nm}
    return ss.Ferromagnet(name, **(values | changes))


def contact(**changes):
    """An interface between a metal and a magnet."""
    values = {"conductance_up": 5e14, "conductance_down": 3e14, "mixing_conductance": 6e14 + 1e14j}
    return ss.Interface(**(values | changes))


#: Fermi wave vector of the metals on both sides of a barrier [1/m]
KF = 1.36e10


def barrier(**changes):
    values = {"barrier": 0.4, "exchange": 0.2, "rashba": 0.05, "fermi_wavevector": KF}
    return ss.DeltaBarrier(**(values | changes))


def bilayer():
    """Metal, contact, ferromagnet."""
    return metal() | contact() | ferromagnet()


def alone(element):
    """A film of one element."""
    return ss.Film((element,))


def turn(angle):
    """The matrix of a turn about z."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
