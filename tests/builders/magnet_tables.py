"""Magnetic models whose table is known: torques along chosen polarisations, without asking a film."""

import numpy as np

import spinstack as ss
from spinstack.magnets.landscape import Landscape
from spinstack.magnets.macrospin import Macrospin
from spinstack.magnets.model import MagneticModel, Table
from spinstack.magnets.polynomial import Polynomial, exponents

NM = 1e-9


def film():
    return ss.Film((ss.Ferromagnet("Co", thickness=NM, conductivity=4e6, spin_diffusion_length=8 * NM),))


def slonczewski(p, damping_like=1.0, field_like=0.0):
    """Coefficients (9, 1, 3) of a m x (p x m) + f p x m."""
    index = {powers[0]: k for k, powers in enumerate(exponents(1, 2))}
    out = np.zeros((9, 1, 3))
    axes = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]

    def add(powers, component, value):
        if powers == (0, 0, 2):  # z^2 = 1 - x^2 - y^2
            add((0, 0, 0), component, value)
            add((2, 0, 0), component, -value)
            add((0, 2, 0), component, -value)
        else:
            out[index[powers], 0, component] += value

    for i in range(3):
        add((0, 0, 0), i, damping_like * p[i])
        for j in range(3):
            add(tuple(np.add(axes[i], axes[j]).tolist()), i, -damping_like * p[j])
            k = 3 - i - j
            if i != j:
                # (p x m)_i = e_ijk p_j m_k
                add(axes[k], i, field_like * p[j] * (1 if (i, j, k) in ((0, 1, 2), (1, 2, 0), (2, 0, 1)) else -1))
    return out


def hall_bar(R=50.0, P=0.02, A=0.1):
    """Coefficients (9, 2, 2) of R_xx = R + P x^2, R_yy = R + P y^2, R_yx, R_xy = P x y +- A z."""
    index = {powers[0]: k for k, powers in enumerate(exponents(1, 2))}
    out = np.zeros((9, 2, 2))
    out[index[0, 0, 0]] = R * np.eye(2)
    out[index[2, 0, 0], 0, 0] = out[index[0, 2, 0], 1, 1] = P
    out[index[1, 1, 0]] = P * (1 - np.eye(2))
    out[index[0, 0, 1]] = A * np.array([[0, -1], [1, 0]])
    return out


def model(turning, resistance=None, **magnet):
    """A model of one magnet whose turning by a current along x is given, T per A/m."""
    magnet = {"magnetization": 1.1e6, "damping": 0.02} | magnet
    made = MagneticModel(film(), [Macrospin("Co", **magnet)])
    both = np.stack([turning, 0 * turning], -1)
    R = Polynomial(np.zeros((1, 2, 2)), 1, 0, 0.0) if resistance is None else Polynomial(resistance, 1, 2, 0.0)
    made.__dict__["table"] = Table(
        Polynomial(both, 1, 2, 0.0), Polynomial(np.zeros((1, 1, 3, 2)), 1, 0, 0.0), R,
        Polynomial(np.zeros((1, 1, 2, 2)), 1, 0, 0.0),
    )  # fmt: skip
    return made


def random_landscape(rng, magnets=2, held=1):
    """A landscape in which everything that holds magnets does so, and directions (held, 3) of others."""
    quadratic = rng.normal(size=(magnets, 3, 3))
    axes = np.array([np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(magnets)])
    exchange = 1e-3 * rng.normal(size=(2, magnets, magnets + held))
    exchange[:, :, :magnets] += exchange[:, :, :magnets].swapaxes(1, 2)
    land = Landscape(
        rng.uniform(0.5e-3, 2e-3, magnets), rng.normal(size=(magnets, 3)), quadratic + quadratic.swapaxes(1, 2),
        rng.normal(size=magnets), axes, *exchange,
    )  # fmt: skip
    return land, directions(rng, held)


def directions(rng, *shape):
    """Random directions (..., 3)."""
    m = rng.normal(size=(*shape, 3))
    return m / np.linalg.norm(m, axis=-1, keepdims=True)


def bilayer(**magnet):
    """A metal that polarises spins along y below a perpendicular magnet, and what holds that."""
    face = ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=6e14 + 1e14j)
    pt = ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
    co = ss.Ferromagnet(
        "Co", thickness=NM, conductivity=4e6, polarization=0.4, spin_diffusion_length=8 * NM, dephasing_length=0.7 * NM
    )
    given = {"magnetization": 1.1e6, "damping": 0.05, "anisotropy_field": 0.4, "easy_axis": "z"}
    return pt | face | co, Macrospin("Co", **given | magnet)
