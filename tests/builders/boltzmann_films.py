"""Films and numbers that the tests of the Boltzmann equation share."""

import math

import numpy as np
from plain_films import KF, barrier, nm
from scipy.integrate import quad

import spinstack as ss
from spinstack.boltzmann import solve
from spinstack.stack.collisions import conductance_constant

C = conductance_constant(KF)
#: Sharvin conductance of one spin
SHARVIN = C / 8
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


def random_barrier(rng):
    """An interface with everything that a delta barrier knows, partly diffuse."""
    U = rng.uniform
    model = barrier(barrier=U(-1, 1), exchange=U(-0.5, 0.5), rashba=U(-0.3, 0.3), dresselhaus=U(-0.1, 0.1))
    return ss.Interface(scattering=model, diffuse_fraction=U(0, 1))


def random_bare(rng, **fields):
    """An interface of bare conductances, anything that electrons of one sphere can do."""
    U = rng.uniform
    T, phases = U(0.02, 1, 2), np.exp(2j * np.pi * U(size=3))
    lower, upper = (SHARVIN * (1 - U() * np.sqrt((1 - T).prod()) * phase) for phase in phases[:2])
    return ss.Interface(
        conductance_up=T[0] * SHARVIN, conductance_down=T[1] * SHARVIN, mixing_conductance=lower,
        mixing_conductance_upper=upper,
        transmitted_mixing_conductance=U() * np.sqrt(T.prod()) * phases[2] * SHARVIN, conductances="bare",
        **{"diffuse_fraction": U(0, 1)} | fields,
    )  # fmt: skip


def random_corrected(rng, **fields):
    """An interface of corrected conductances over four decades, with memory loss."""
    U = rng.uniform
    up, down, lower, upper = SHARVIN * 10 ** U(-2, 2, 4)
    return ss.Interface(
        conductance_up=up, conductance_down=down, mixing_conductance=lower * (1 + 1j * U(-1, 1)),
        mixing_conductance_upper=upper * (1 + 1j * U(-1, 1)),
        transmitted_mixing_conductance=U(-1, 1) * np.sqrt(lower * upper) * (1 + 1j * U(-1, 1)),
        conductances="corrected", **{"spin_memory_loss": 10 ** U(-2, 1), "diffuse_fraction": U(0, 1)} | fields,
    )  # fmt: skip


def random_film(seed, interface=random_barrier):
    """Four layers with everything that the equation knows, mean free paths from a fifth of to five times the film.

    interface: a function of a random generator.
    """
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

    film = metal("A") | interface(rng) | magnet("F") | interface(rng) | metal("B") | magnet("G")
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


def time_reversed(film):
    """A film with its spin splitters turned round; magnets are turned by the caller."""
    splitters = [name for name, value in film.parameters().items() if name.endswith("spin_splitter")]
    return film.replace({f"{name}[:,:]": -film.get(name) for name in splitters})


def check_invariants(film, m, specularity, grid=(10, 8)):
    """Onsager's relation, the balance of charge and spin, and that no field does negative work, to rounding."""
    forward = solve(film, m, specularity, resolution=grid)
    backward = solve(time_reversed(film), {name: -np.asarray(v) for name, v in m.items()}, specularity, resolution=grid)
    size = np.abs(forward.sheet).max()
    np.testing.assert_allclose(forward.sheet, backward.sheet.T, rtol=0, atol=1e-13 * size)
    assert forward.residual < 1e-13
    absorbed = np.abs(forward.torque).max()
    np.testing.assert_allclose(forward.torque.sum(0) + forward.lattice, 0, atol=1e-12 * absorbed)
    assert np.linalg.eigvalsh(forward.sheet + forward.sheet.T).min() > 0
    return forward


def valve_of_barriers(seed):
    """Two magnets, one with spheres for both spins, and two metals, every layer with a sphere of its own."""
    rng = np.random.default_rng(seed)
    U = rng.uniform
    k = KF * U(0.7, 1.3, 4)
    splitting = U(-0.3, 0.3)

    def face(below, above, **fields):
        model = ss.Barrier(
            barrier=U(-1, 1), exchange=U(-0.5, 0.5), rashba=U(-0.3, 0.3), dresselhaus=U(-0.1, 0.1),
            fermi_wavevector=below, fermi_wavevector_upper=above, **fields,
        )  # fmt: skip
        return ss.Interface(scattering=model, diffuse_fraction=U(0, 1))

    def metal(name, wave):
        return ss.Metal(name, thickness=U(1, 6) * nm, conductivity=U(2e6, 9e6), spin_diffusion_length=20 * nm,
                        spin_hall_angle=0.2 * rng.normal(size=(3, 2)), fermi_wavevector=wave)  # fmt: skip

    def magnet(name, wave, **fields):
        return ss.Ferromagnet(name, thickness=U(1, 6) * nm, conductivity=U(2e6, 9e6), spin_diffusion_length=15 * nm,
                              polarization=U(-0.5, 0.5), fermi_wavevector=wave, **fields)  # fmt: skip

    film = (
        metal("A", k[0])
        | face(k[0], k[1], splitting_upper=splitting)
        | magnet("F", k[1], fermi_splitting=splitting)
        | face(k[1], k[2], splitting=splitting, width=U(0, 0.3) * nm)
        | metal("B", k[2])
        | magnet("G", k[3], precession_length=3 * nm, dephasing_length=6 * nm, spin_hall_angle=0.1)
    )
    return film, {name: rng.normal(size=3) for name in "FG"}, tuple(U(size=2))
