"""Films and numbers that the tests of the Boltzmann equation share."""

import math

import numpy as np
from plain_films import KF, barrier, nm
from scipy.integrate import quad

import spinstack as ss
from spinstack.stack.collisions import conductance_constant

C = conductance_constant(KF)
Y, Z = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def conductivity(path):
    return C * path / 3


def bilayer(scale=1.0, theta=0.1, polarization=0.4, diffuse=0.2, **changes):
    """A metal on a ferromagnet with every length of the layers times `scale`, mean free paths of about 3 nm kept."""
    return (
        ss.Metal(
            "N",
            thickness=5 * nm * scale,
            conductivity=4e6,
            spin_diffusion_length=3 * nm * scale,
            spin_hall_angle=theta,
        )
        | ss.Interface(scattering=barrier(**changes), diffuse_fraction=diffuse)
        | ss.Ferromagnet(
            "F",
            thickness=4 * nm * scale,
            conductivity=3e6,
            polarization=polarization,
            spin_diffusion_length=4 * nm * scale,
            precession_length=2 * nm * scale,
        )
    )


def random_film(seed):
    """Four layers with everything that the equation knows, mean free paths from a fifth of to five times the film."""
    rng = np.random.default_rng(seed)
    U = rng.uniform

    def metal(name):
        return ss.Metal(
            name,
            thickness=10 ** U(-1, 1) * 3 * nm,
            conductivity=1e6,
            spin_diffusion_length=nm,
            mean_free_path=U(2, 6) * nm,
            spin_flip_length=10 ** U(0.3, 2) * nm,
            spin_hall_angle=0.2 * rng.normal(size=(3, 2)),
            spin_splitter=0.1 * rng.normal(size=(3, 2)),
        )

    def magnet(name):
        return ss.Ferromagnet(
            name,
            thickness=10 ** U(-1, 1) * 3 * nm,
            conductivity=1e6,
            spin_diffusion_length=nm,
            mean_free_path_up=10 ** U(0, 1.3) * nm,
            mean_free_path_down=10 ** U(-0.5, 1) * nm,
            spin_flip_length=10 ** U(0.3, 2) * nm,
            spin_hall_angle=0.1 * rng.normal(size=(3, 2)),
            precession_wavenumber=U(-2e9, 2e9),
            dephasing_length=5 * nm,
        )

    def interface():
        model = barrier(barrier=U(-1, 1), exchange=U(-0.5, 0.5), rashba=U(-0.3, 0.3), dresselhaus=U(-0.1, 0.1))
        return ss.Interface(scattering=model, diffuse_fraction=U(0, 1))

    film = metal("A") | interface() | magnet("F") | interface() | metal("B") | magnet("G")
    m = {name: rng.normal(size=3) for name in "FG"}
    return film, m, tuple(U(size=2))


def fuchs_sondheimer(thickness, p, q):
    """G/(sigma t) of one layer, thickness in mean free paths, specularities p and q."""

    def lost(mu):
        E = math.exp(-thickness / mu)
        both = (1 - p) * (1 + q * E) + (1 - q) * (1 + p * E)
        return (1 - mu * mu) * mu * -math.expm1(-thickness / mu) * both / (1 - p * q * E * E)

    breaks = [x for x in thickness * np.array([0.03, 0.1, 0.3, 1, 3]) if x < 1]
    value, _ = quad(lost, 0, 1, points=breaks or None, epsabs=1e-14, epsrel=1e-13, limit=500)
    return 1 - 3 / (4 * thickness) * value


def magnetoresistance(sheet):
    return sheet[1, 0, 0] / sheet[0, 0, 0] - 1
