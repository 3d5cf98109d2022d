"""Derivatives of the Boltzmann sheet conductance: against differences, symmetry, limits, and what uses them."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
from boltzmann_films import bilayer, random_film
from boltzmann_slopes import check_slopes, paths_of
from insulator_films import SINGLE
from plain_films import KF, barrier, nm
from studies import mostly_studies

import spinstack as ss
from spinstack.boltzmann import solve
from spinstack.boltzmann.modes import complex_sector
from spinstack.boltzmann.quadrature import directions
from spinstack.boltzmann.solve import solve_slopes
from spinstack.numerics.arrays import array_module
from spinstack.scattering.electrons import spin_matrix
from spinstack.scattering.model import ScatteringModel
from spinstack.stack.parameters import parameter

M = (0.3, 0.5, -0.8)
METAL = ss.Metal("N", thickness=3 * nm, conductivity=4e6, spin_diffusion_length=2 * nm, spin_hall_angle=0.1)
MAGNET = ss.Ferromagnet("F", thickness=4 * nm, conductivity=3e6, spin_diffusion_length=5 * nm)
STRONG = MAGNET.replace(polarization=0.4, precession_length=2 * nm, dephasing_length=3 * nm)
FACE = ss.Interface(scattering=barrier(), diffuse_fraction=0.2)
YIG = ss.MagneticInsulator("YIG", mixing_conductance=3e14 + 5e13j, spin_sink_conductance=2e13)
FILMS = {
    "one layer": ss.Film((METAL,)),
    "modes that are equal": METAL | FACE | MAGNET,
    "no spin-orbit coupling yet": METAL | ss.Interface(scattering=barrier(rashba=0.0)) | STRONG,
    "perfect contact": METAL | STRONG,
    "an insulator": YIG | METAL | FACE | STRONG,
    "an insulator on one layer": YIG | METAL,
    "two conductors": METAL | FACE | STRONG | ss.Vacuum() | METAL.replace(name="B"),
    "spin that nothing relaxes": METAL.replace(spin_diffusion_length=math.inf)
    | FACE
    | STRONG.replace(spin_diffusion_length=math.inf),
    "a thousand times as thick as thin": METAL.replace(thickness=3e3 * nm) | FACE | STRONG.replace(thickness=0.01 * nm),
    "ballistic": METAL.replace(thickness=0.01 * nm, conductivity=4e8, spin_diffusion_length=1e4 * nm) | FACE | STRONG,
    "its own Fermi sphere": METAL.replace(fermi_wavevector=1.2e10) | STRONG,
    "one Fermi sphere said twice": METAL.replace(fermi_wavevector=1.2e10) | STRONG.replace(fermi_wavevector=1.2e10),
    "a spin Hall conductivity": METAL.replace(spin_hall_angle=0.0, spin_hall_conductivity=2e5) | STRONG,
    "mean free paths": ss.Metal("N", thickness=3 * nm, mean_free_path=4 * nm, spin_flip_length=20 * nm,
                                fermi_wavevector=1.2e10, spin_hall_angle=0.1),
}  # fmt: skip


@pytest.mark.study
@pytest.mark.parametrize("seed", range(4))
def test_random_films_against_differences(seed):
    check_slopes(*random_film(seed))


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("specularity", [(0.0, 0.0), (0.3, 0.7)])
@pytest.mark.parametrize(
    "case", mostly_studies(FILMS, ["one layer", "modes that are equal", "an insulator", "spin that nothing relaxes"])
)
def test_special_films_against_differences(case, specularity):
    film = ss.Film.of(FILMS[case])
    check_slopes(film, M if film.magnets else None, specularity, tolerance=1e-9 if case == "ballistic" else 1e-10)


@pytest.mark.parametrize("seed", mostly_studies(range(4), [1]))
def test_derivatives_obey_onsager_to_rounding(seed):
    film, m, specularity = random_film(seed)
    turned = film.replace({f"{name}.spin_splitter": -film.get(f"{name}.spin_splitter") for name in "AB"})
    back = {name: -v for name, v in m.items()}
    paths = paths_of(film)
    _, forward, _ = solve_slopes(film, paths, m, specularity, resolution=(10, 8))
    _, backward, _ = solve_slopes(turned, paths, back, specularity, resolution=(10, 8))
    for path in paths:
        sign = -1.0 if path.endswith("spin_splitter") else 1.0
        size = np.abs(forward[path]).max()
        swapped = sign * np.swapaxes(backward[path], 0, 1)
        np.testing.assert_allclose(forward[path], swapped, rtol=0, atol=1e-11 * size, err_msg=path)


def test_batches_of_films_and_directions_are_the_single_ones():
    film = bilayer()
    m = np.array([(0.0, 1.0, 0.0), M])[:, None]
    thick = film.replace({"N.thickness": np.array([2.0, 5.0, 7.0]) * nm})
    _, many, _ = solve_slopes(thick, ["N.thickness", "F.polarization", "N.spin_hall_angle"], m, resolution=(8, 8))
    for i, j in np.ndindex(2, 3):
        one = film.replace({"N.thickness": [2.0, 5.0, 7.0][j] * nm})
        _, single, _ = solve_slopes(one, list(many), m[i, 0], resolution=(8, 8))
        for path, value in single.items():
            np.testing.assert_allclose(many[path][i, j], value, rtol=1e-12, atol=1e-13 * np.abs(value).max())


def test_a_batch_may_hold_lengths_that_are_infinite():
    lengths = np.array([2.0, math.inf, 5.0]) * nm
    film = (METAL | FACE | STRONG).replace({"N.spin_diffusion_length": lengths})
    _, slopes, _ = solve_slopes(film, ["N.spin_diffusion_length"], M, resolution=(8, 8))
    for length, found in zip(lengths, slopes["N.spin_diffusion_length"], strict=True):
        one = film.replace({"N.spin_diffusion_length": float(length)})
        _, single, _ = solve_slopes(one, ["N.spin_diffusion_length"], M, resolution=(8, 8))
        np.testing.assert_allclose(found, single["N.spin_diffusion_length"], rtol=1e-9, atol=0)
    assert not slopes["N.spin_diffusion_length"][1].any()
    assert slopes["N.spin_diffusion_length"][::2].any(axis=(1, 2)).all()


def test_directions_in_a_batch_reach_layers_interfaces_and_insulators():
    film, m = YIG | METAL | FACE | STRONG, np.random.default_rng(0).normal(size=(3, 3))
    many = solve(film, {"YIG": m, "F": m[::-1]}, (0.2, 0.5), resolution=(8, 8))
    for i in range(3):
        one = solve(film, {"YIG": m[i], "F": m[2 - i]}, (0.2, 0.5), resolution=(8, 8))
        np.testing.assert_allclose(many.sheet[i], one.sheet, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(many.torque[i], one.torque, rtol=0, atol=1e-12 * np.abs(one.torque).max())


def test_the_conductance_of_thick_films_is_that_of_the_bulk_and_so_are_its_derivatives():
    film = ss.Film((METAL.replace(thickness=1e5 * nm),))
    _, slopes, _ = solve_slopes(film, ["N.thickness", "N.conductivity"], resolution=(16, 4))
    assert slopes["N.thickness"][0, 0] == pytest.approx(4e6, rel=1e-9)
    assert slopes["N.conductivity"][0, 0] == pytest.approx(1e-4, rel=1e-3)  # the surface: 3/8 of a mean free path


@pytest.mark.study
def test_the_gradient_is_that_of_what_is_measured():
    film, solver = bilayer(), ss.Boltzmann(rtol=1e-3)
    ratio = partial(ss.magnetoresistance, plane="beta", solver=solver)
    found = ss.gradient(film, ratio)
    own = ss.gradient(film, lambda f: ss.magnetoresistance(f, plane="beta", solver=solver))
    assert set(found) == set(own) == set(film.parameters())
    for path in paths_of(film):
        np.testing.assert_allclose(found[path], own[path], rtol=1e-9, err_msg=path)
    scan = ss.gradient(film, partial(ss.angular_scan, plane="beta", angles=[0.0, 40.0, 90.0], solver=solver))
    for path in ("N.thickness", "F.polarization", "N|F.scattering.rashba", "N|F.diffuse_fraction"):
        value = float(film.get(path))
        ends = [ratio(film.replace({path: value * (1 + step)})) for step in (-1e-4, 1e-4)]
        assert found[path] == pytest.approx((ends[1] - ends[0]) / (2e-4 * value), rel=1e-6)
        # the scan refines for its own three angles
        assert float(scan[path].MR_xx[2]) == pytest.approx(float(found[path]), rel=2e-2)
        assert scan[path].R_xy.attrs["units"].startswith("Ohm")


@pytest.mark.study
def test_derivatives_go_on_to_the_moments_of_a_magnet():
    film, path = ss.MagneticInsulator("YIG", magnet=SINGLE["ferromagnet"]) | METAL, "YIG.magnet.exchange_coupling"
    resistance = partial(ss.sheet_resistance, m="y", T=20.0, solver=ss.Boltzmann())
    value = float(film.get(path))
    ends = [resistance(film.replace({path: value * (1 + step)}))[0, 0] for step in (-1e-4, 1e-4)]
    expected = (ends[1] - ends[0]) / (2e-4 * value)
    assert abs(expected * value) > 1e-6 * ends[0]
    assert ss.gradient(film, resistance)[path][0, 0] == pytest.approx(expected, rel=1e-5)


@dataclass(frozen=True, eq=False, repr=False)
class Sieve(ScatteringModel, kind="toy_sieve"):
    """A delta barrier without spin-orbit coupling, of which nothing is known but amplitudes."""

    majority: float = parameter("1", "strength that the majority meets")
    minority: float = parameter("1", "strength that the minority meets")
    fermi_wavevector: float = parameter("1/m", "k_F", low=0, open_low=True)

    def asks_for_magnet(self) -> str:
        return "minority"

    def amplitudes(self, k: Any, m: Any) -> tuple[Any, Any]:
        xp = array_module(self.majority, self.minority)
        m = np.broadcast_to(m, (*np.broadcast_shapes(k.shape[:-1], np.shape(m)[:-1]), 3))
        c = np.broadcast_to(np.sqrt(1 - (k * k).sum(-1)), m.shape[:-1])
        t = [1j * c / (1j * c - u) for u in (self.majority, self.minority)]
        mean, half = (t[0] + t[1]) / 2, (t[1] - t[0]) / 2  # the spin of the majority is against m
        field = half[..., None] * xp.asarray(m)
        return spin_matrix(mean - 1, field), spin_matrix(mean, field)


@pytest.mark.study
def test_a_barrier_of_ones_own_has_derivatives():
    interface = ss.Interface(scattering=Sieve(majority=0.2, minority=0.6, fermi_wavevector=KF), diffuse_fraction=0.1)
    check_slopes(METAL | interface | STRONG, M, (0.2, 0.5))


def test_fast_modes_of_precessing_spin_keep_their_digits():
    d = directions(48, 4)
    rate, into = 1.3 - 2.7j, 1.2
    sector = complex_sector(rate, into, d)
    # 1 = c sum w/(1 - mu^2 nu^2/rate^2): the distance to the next root by one Newton step
    s = (sector.nu2 / rate**2)[:, None]
    apart = 1 - d.mu**2 * s
    residual = 1 - into / rate * (d.weight / apart).sum(1)
    slope = -into / rate * (d.weight * d.mu**2 / apart**2).sum(1)
    assert np.abs(residual / slope / s[:, 0]).max() < 1e-12


def test_a_surface_is_the_same_whether_it_is_eliminated_or_not():
    film, blank = bilayer(), ss.MagneticInsulator("I")
    m = {"F": M, "I": M}
    bare = solve(film, M, (0.3, 0.6), resolution=(10, 8))
    covered = solve(blank | film | blank.replace(name="J"), m | {"J": M}, (0.3, 0.6), resolution=(10, 8))
    np.testing.assert_allclose(covered.sheet, bare.sheet, rtol=1e-13, atol=1e-13 * bare.sheet[0, 0])
    np.testing.assert_allclose(covered.torque[1], bare.torque[0], rtol=0, atol=1e-12 * np.abs(bare.torque).max())
