"""Films with orbital moments: closed forms, the film of spin alone, invariants, gradients (docs/methods/orbital.md)."""

from __future__ import annotations

import contextlib
import dataclasses
from functools import partial
from typing import Any

import numpy as np
import orbital_films
import pytest
from plain_films import X, Y, Z
from random_films import seeded
from scipy import constants

import spinstack as ss
from spinstack.circuit.arrangement import Arrangement
from spinstack.circuit.dissipation import largest_correlation
from spinstack.circuit.kernel import layers
from spinstack.circuit.lower import lower
from spinstack.circuit.solve import pumping
from spinstack.numerics.smallmatrix import outer
from spinstack.observables.torques import PER_SPIN_CURRENT

nm = 1e-9


@pytest.fixture(autouse=True, params=["native", pytest.param("off", marks=pytest.mark.study)], ids=["", "by-jax"])
def solved(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both codes have to know the formulas; without the library JAX alone."""
    if request.param == "off":
        monkeypatch.setenv("SPINSTACK_KERNEL", "off")


SIGMA, SIGMA_L, L_S, L_L, THETA, THETA_L = 3e6, 8e5, 2 * nm, 5 * nm, 0.06, -0.2


def metal(t: float = 6 * nm, **changes: Any) -> ss.Metal:
    values = {
        "thickness": t,
        "conductivity": SIGMA,
        "spin_diffusion_length": L_S,
        "spin_hall_angle": THETA,
        "orbital_diffusion_length": L_L,
        "orbital_conductivity": SIGMA_L,
        "orbital_hall_angle": THETA_L,
    }
    return ss.Metal("N", **(values | changes))


def magnet(t: float = 4 * nm, **changes: Any) -> ss.Ferromagnet:
    values = {
        "thickness": t,
        "conductivity": 4e6,
        "spin_diffusion_length": 5 * nm,
        "polarization": 0.4,
        "dephasing_length": 0.5 * nm,
        "orbital_diffusion_length": 3 * nm,
    }
    return ss.Ferromagnet("F", **(values | changes))


def contact(**changes: Any) -> ss.Interface:
    values = {
        "conductance_up": 4e14,
        "conductance_down": 2e14,
        "mixing_conductance": 6e14 + 0.5e14j,
        "orbital_conductance": 1e14,
    }
    return ss.Interface(**(values | changes))


def conductivity_and_loss(c: float, chi: float) -> tuple[np.ndarray, np.ndarray]:
    """K and Gamma of `metal`."""
    K = np.array([[SIGMA, chi * np.sqrt(SIGMA * SIGMA_L)], [chi * np.sqrt(SIGMA * SIGMA_L), SIGMA_L]])
    own = np.sqrt([SIGMA / L_S**2, SIGMA_L / L_L**2])
    return K, np.outer(own, own) * np.array([[1, -c], [-c, 1]])


def function(f: Any, square: np.ndarray) -> np.ndarray:
    """f of the square root of a matrix with positive eigenvalues."""
    values, vectors = np.linalg.eig(square)
    return vectors @ np.diag(f(np.sqrt(values))) @ np.linalg.inv(vectors)


SOURCE = SIGMA * np.array([THETA, THETA_L])
BOTH = [(0.6, 0.3), (-0.6, 0.3), (0.9, -0.7)]


@pytest.mark.parametrize(("c", "chi"), BOTH)
def test_closed_film_of_a_metal(c: float, chi: float) -> None:
    t = 6 * nm
    K, Gamma = conductivity_and_loss(c, chi)
    film = metal(t, spin_orbital_conversion=c, spin_orbital_polarization=chi)
    F = function(lambda x: 2 / x * np.tanh(x / 2), t**2 * np.linalg.inv(K) @ Gamma)
    expected = t * (SIGMA + SOURCE @ F @ np.linalg.solve(K, SOURCE))
    assert ss.sheet_conductance(film)[0, 0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("c", "chi"), BOTH)
def test_currents_into_a_perfect_sink(c: float, chi: float) -> None:
    t = 6 * nm
    K, Gamma = conductivity_and_loss(c, chi)
    tiny = 1e-17
    sink = ss.Metal(
        "sink", thickness=1e3 * tiny, conductivity=1e9, spin_diffusion_length=tiny, orbital_diffusion_length=tiny
    )
    found = ss.profile(sink | metal(t, spin_orbital_conversion=c, spin_orbital_polarization=chi), points=2)
    expected = (np.eye(2) - function(lambda x: 1 / np.cosh(x), t**2 * Gamma @ np.linalg.inv(K))) @ SOURCE
    ours = [found[name].values[2, 1] for name in ("Q", "Q_orbital")]
    assert ours == pytest.approx(expected, rel=1e-9)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("c", [1e-3, -1e-3])
@pytest.mark.parametrize("t", [1 * nm, 6 * nm, 30 * nm])
def test_orbital_torque_of_weak_conversion(c: float, t: float) -> None:
    sigma, sigma_l, l_s, l_l, G_l = 4e6, 1.5e6, 5 * nm, 6 * nm, 2e14
    film = (
        metal(spin_hall_angle=0.0)
        | contact(orbital_conductance=G_l, mixing_conductance=1e3, spin_memory_loss=0.0)
        | magnet(
            t,
            conductivity=sigma,
            spin_diffusion_length=l_s,
            orbital_conductivity=sigma_l,
            orbital_diffusion_length=l_l,
            spin_orbital_conversion=c,
            dephasing_length=1e-6 * nm,
        )
    )
    x = 6 * nm / L_L
    R_N, R_F = L_L / SIGMA_L / np.tanh(x), l_l / sigma_l / np.tanh(t / l_l)
    into = THETA_L * SIGMA * np.tanh(x / 2) * np.tanh(x) * R_N / (R_N + 1 / (2 * G_l) + R_F)
    inside = ss.profile(film, m=Z, points=2).Q_orbital.values[2, 1]
    assert inside == pytest.approx(into, rel=1e-5)
    torque = ss.torque(film, m=Z).F.values
    assert torque[1] == pytest.approx(PER_SPIN_CURRENT * c * l_l / l_s * np.sqrt(sigma / sigma_l) * into, rel=1e-4)


@pytest.mark.parametrize("B", [(0.0, 0.0, 0.0), (0.4, -2.0, 1.0)])
def test_without_conversion_it_is_the_film_of_spin_alone_and_one_of_orbital_moments(B: tuple[float, ...]) -> None:
    m = np.array([0.3, 0.5, 0.8]) / np.linalg.norm([0.3, 0.5, 0.8])
    film = metal(diffusion_coefficient=2e-5) | contact(filtering=2e4) | magnet(anomalous_hall_angle=0.02)
    none = dict.fromkeys([*ss.Ferromagnet.orbital_names(), *ss.Metal.orbital_names()])
    parts = [e.replace(**{n: None for n in e.specifications() if n in none or "orbital" in n}) for e in film.elements]
    spin = ss.Film(tuple(parts))
    assert not lower(spin, m)[0].orbital
    alone = film.replace({"N.orbital_hall_angle": 0.0})
    G, expected = ss.sheet_conductance(alone, m=m, B=B), ss.sheet_conductance(spin, m=m, B=B)
    assert abs(G - expected).max() < 1e-15 * expected.max()
    torque, expected = ss.torque(film, m=m, B=B).F.values, ss.torque(spin, m=m, B=B).F.values
    assert abs(torque - expected).max() < 1e-13 * abs(expected).max()


@pytest.mark.parametrize("axis", [X, Y, Z])
def test_orbital_hanle_effect(axis: np.ndarray) -> None:
    t, D, g, field = 6 * nm, 2e-6, 1.3, 3.0
    film = metal(t, spin_hall_angle=0.0, orbital_diffusion_coefficient=D, orbital_g_factor=g)
    omega = g * 9.2740100783e-24 * field / constants.hbar
    # E along x drives moments along y: a field along them does nothing
    x = t * np.sqrt(1 / L_L**2 + (0 if axis[1] else 1j * omega / D))
    expected = t * SIGMA * (1 + THETA_L**2 * SIGMA / SIGMA_L * (2 / x * np.tanh(x / 2)).real)
    G = ss.sheet_conductance(film, B=field * axis)
    assert G[0, 0] == pytest.approx(expected, rel=1e-12)
    half = ss.sheet_conductance(film.replace(orbital_g_factor=None), B=field * axis * g)
    assert half == pytest.approx(G, rel=1e-14)


def test_orbital_moments_know_the_magnetisation_through_its_conversion_alone() -> None:
    def change(c: float, theta_l: float) -> float:
        film = metal(spin_hall_angle=0.0, orbital_hall_angle=theta_l) | contact() | magnet(spin_orbital_conversion=c)
        return ss.sheet_conductance(film, m=Y)[0, 0] - ss.sheet_conductance(film, m=Z)[0, 0]

    assert abs(change(0.0, 0.2)) < 1e-17
    # without a spin Hall effect it is of second order in c
    assert change(0.02, 0.2) / change(0.01, 0.2) == pytest.approx(4, rel=1e-2)
    assert change(0.3, 0.2) == pytest.approx(change(-0.3, 0.2), rel=1e-12)


def test_signs_of_conversion() -> None:
    def torque(c: float) -> np.ndarray:
        film = metal(spin_hall_angle=0.0) | contact() | magnet(spin_orbital_conversion=c)
        return ss.torque(film, m=Z).F.values

    assert torque(0.4) == pytest.approx(-torque(-0.4), rel=1e-12)
    # <L.S> > 0: an orbital current acts as a spin current of its own sign; THETA_L is negative here
    spin = metal(spin_hall_angle=0.2, orbital_hall_angle=0.0) | contact() | magnet()
    assert np.sign(torque(0.4)[1]) == -np.sign(ss.torque(spin, m=Z).F.values[1])


def test_mixing_of_orbital_moments_at_the_face_away_from_the_magnet() -> None:
    # metal, interface whose G_os alone turns orbital moments into a torque, magnet without conversion: with nothing
    # absorbed of spin, Q_l = a R_N/(R_N + 1/2G_l + R_F) drives the drop Q_l/2G_l and with it 2 G_os of that
    G_l, G_os = 2e14, 1e11 + 4e10j
    film = (
        metal(spin_hall_angle=0.0, thickness=6 * nm)
        | contact(orbital_conductance=G_l, mixing_conductance=1e9, orbital_spin_mixing_conductance=G_os)
        | magnet(orbital_conductivity=1.5e6)
    )
    into = ss.profile(film, m=Z, points=2).Q_orbital.values[2]
    drop = into / (2 * G_l)
    expected = 2 * (G_os.real * drop + G_os.imag * np.cross(drop, Z))
    assert ss.torque(film, m=Z).F.values == pytest.approx(PER_SPIN_CURRENT * expected, rel=1e-4)
    turned = ss.Film(film.elements[::-1])
    assert ss.torque(turned, m=Z).F.values == pytest.approx(-PER_SPIN_CURRENT * expected, rel=1e-4)


def random_film(seed: int) -> tuple[ss.Film, dict[str, np.ndarray], np.ndarray]:
    draw, film = seeded(seed), None
    while film is None:
        with contextlib.suppress(ss.ParameterError):  # some draws of a magnet have a negative resistivity
            film = orbital_films.film(draw, orbital_films.STRUCTURES[seed % 4])
    # a spin splitter is odd in a vector of its own
    film = ss.Film(tuple(e.replace(spin_splitter=None) if isinstance(e, ss.Metal) else e for e in film.elements))
    return film, draw.directions(film), draw.field()


def batch(seeds: range) -> tuple[ss.Film, dict[str, np.ndarray], np.ndarray]:
    """Films of one structure as a batch."""
    films, directions, fields = zip(*(random_film(4 * seed) for seed in seeds), strict=True)

    def together(elements: tuple[Any, ...]) -> Any:
        def column(name: str, spec: Any) -> Any:
            values = [e.numbers().get(name, getattr(e, name)) for e in elements]
            return None if any(v is None for v in values) else np.array(values)

        first = elements[0]
        left_out = {"spin_splitter", "spin_hall_conductivity", "density_of_states", "diffusion_coefficient"}
        own = {n: column(n, s) for n, s in first.specifications().items() if "drift_diffusion" in s.theories}
        own = {n: v for n, v in own.items() if n not in left_out}
        return dataclasses.replace(first, **own)

    film = ss.Film(tuple(together(parts) for parts in zip(*(f.elements for f in films), strict=True)))
    m = {name: np.array([d[name] for d in directions]) for name in directions[0]}
    return film, m, np.array(fields)


CHI = ("spin_orbital_polarization",)


def check_invariants(film: ss.Film, m: dict[str, np.ndarray], B: np.ndarray) -> None:
    G = ss.sheet_conductance(film, m=m, B=B)
    back = ss.sheet_conductance(film, m={n: -v for n, v in m.items()}, B=-B)
    size = abs(G).max((-1, -2), keepdims=True)
    assert (abs(G - np.swapaxes(back, -1, -2)) / size).max() < 1e-13
    assert np.linalg.eigvalsh(G + np.swapaxes(G, -1, -2)).min() >= 0


def test_the_correlation_that_spin_channels_which_differ_allow_is_the_end_of_dissipation() -> None:
    """Just beyond the bound a magnet is refused, just within it is taken; one whose channels are alike has no bound."""
    draw = seeded(5)
    layer = orbital_films.ferromagnet(draw, "F").replace(
        polarization=0.7, polarization_parallel=-0.7, spin_orbital_conversion=0.0, orbital_hall_angle=0.0,
        spin_hall_angle=0.0, thickness=1e-6, spin_orbital_polarization=0.0,
    )  # fmt: skip
    m, B = np.array([0.6, 0.0, 0.8]), draw.field()
    most = float(largest_correlation(layer.numbers("drift_diffusion"), m, B))
    assert 0.1 < most < 0.99
    ss.sheet_conductance(ss.Film((layer.replace(spin_orbital_polarization=0.999 * most),)), m=m, B=B)
    with pytest.raises(ss.ParameterError, match=f"at most {most:.4g}") as found:
        ss.sheet_conductance(ss.Film((layer.replace(spin_orbital_polarization=-1.001 * most),)), m=m, B=B)
    assert found.value.field == "spin_orbital_polarization"
    alike = layer.replace(polarization_parallel=None, spin_anomalous_hall_angle=None, spin_orbital_polarization=0.99)
    ss.sheet_conductance(ss.Film((alike,)), m=m, B=B)


def test_the_bound_on_the_correlation_is_that_of_the_law() -> None:
    """The matrix of E, and of spin and orbital force along m, from the law of the layer, is singular at the bound."""
    for seed in range(20):
        draw = seeded(seed)
        film = ss.Film((orbital_films.ferromagnet(draw, "F").replace(spin_hall_angle=0.0),))
        m, B = draw.directions(film)["F"], draw.field()
        most = float(largest_correlation(film.elements[0].numbers("drift_diffusion"), m, B))
        plan, table, _ = lower(film, {"F": m}, B)
        law = layers(Arrangement.of(plan), table)[0][1].spin
        A = law.inplane - outer(law.charge_inverse, law.charge_source) / law.charge[:, None, None]
        A, c, b, K = (np.asarray(v)[0, ..., 0] for v in (A, law.source, law.inverse, law.longitudinal))
        form = np.zeros((4, 4))
        form[:2, 2] = (m @ c + b @ m) / 2
        form[:2, :2] = (A + A.T) / 2
        form[2, :2] = form[:2, 2]
        form[2:, 2:] = K * np.array([[1.0, most], [most, 1.0]])
        assert abs(np.linalg.eigvalsh(form)).min() < 1e-9 * K


@pytest.mark.study
@pytest.mark.parametrize("count", [300, 10_000])
def test_onsager_and_dissipation(count: int) -> None:
    check_invariants(*batch(range(count)))


@pytest.mark.study
@pytest.mark.parametrize("seed", range(16))
def test_onsager_and_dissipation_of_other_structures(seed: int) -> None:
    check_invariants(*random_film(seed))


@pytest.mark.study
def test_moving_magnets_are_reciprocal() -> None:
    film, m, B = random_film(0)
    here, back = pumping(film, m, B), pumping(film, {n: -v for n, v in m.items()}, -B)
    size = abs(here["damping"]).max()
    assert abs(here["damping"][0, :, 0] - back["damping"][0, :, 0].T).max() < 1e-13 * size
    assert abs(here["torque"][0].T + 2 * back["current"][:, 0]).max() < 1e-13 * abs(here["torque"]).max()
    L = here["damping"][0, :, 0]
    assert np.linalg.eigvalsh(L + L.T).min() > -1e-13 * size
    found = ss.torque(film, m=m, B=B)[film.magnets[0]].values
    assert PER_SPIN_CURRENT * here["torque"][0, :, 0] == pytest.approx(found, rel=1e-12)


@pytest.mark.study
def test_turning_everything_about_the_normal() -> None:
    film, m, B = random_film(1)
    parts = [e.replace(spin_hall_angle=0.1) if isinstance(e, ss.Metal | ss.Ferromagnet) else e for e in film.elements]
    film = ss.Film(tuple(parts))
    R = np.array([[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])
    G = ss.sheet_conductance(film, m=m, B=B)
    turned = ss.sheet_conductance(film, m={n: R @ v for n, v in m.items()}, B=R @ B)
    assert turned == pytest.approx(R[:2, :2] @ G @ R[:2, :2].T, rel=1e-12, abs=1e-16)


@pytest.mark.study
@pytest.mark.parametrize(
    ("l_l", "chi", "c"), [(L_S, 0.0, 0.0), (L_S, 1e-9, 1e-9), (L_S * (1 + 1e-9), 0.0, 1e-7), (L_S, 0.3, -0.3)]
)
def test_gradients_where_both_modes_decay_alike(l_l: float, chi: float, c: float) -> None:
    # K^-1 Gamma is then a multiple of the unit matrix, whose eigenvectors are anything
    film = metal(orbital_diffusion_length=l_l, spin_orbital_conversion=c, spin_orbital_polarization=chi)
    film = film | contact() | magnet(spin_orbital_conversion=0.2)
    observable = partial(ss.sheet_conductance, m=np.array([0.0, 0.6, 0.8]))
    found = ss.gradient(film, observable)
    paths = (
        "orbital_diffusion_length",
        "spin_diffusion_length",
        "spin_orbital_conversion",
        "spin_orbital_polarization",
    )
    for path in (f"N.{name}" for name in paths):
        value = film.get(path)
        h = 1e-4 * (abs(value) if value > 1e-3 or "length" in path else 1.0)
        steps = [observable(film.replace({path: value + k * h})) for k in (-2, -1, 1, 2)]
        difference = (steps[0] - 8 * steps[1] + 8 * steps[2] - steps[3]) / (12 * h)
        assert found[path] == pytest.approx(difference, rel=1e-7, abs=1e-9 * abs(difference).max())


@pytest.mark.study
@pytest.mark.parametrize("ratio", [1e-6, 1e-3, 1.0, 1e4])
@pytest.mark.parametrize("which", ["spin_diffusion_length", "orbital_diffusion_length"])
def test_thin_and_thick_layers_are_finite_with_their_gradients(ratio: float, which: str) -> None:
    film = metal(spin_orbital_conversion=0.5, spin_orbital_polarization=0.2) | contact() | magnet()
    film = film.replace({f"N.{which}": 6 * nm / ratio})
    observable = partial(ss.sheet_conductance, m=Y)
    values = [observable(film), *ss.gradient(film, observable).values()]
    assert all(np.isfinite(v).all() for v in values)


def test_a_film_between_reservoirs_is_reciprocal_and_passive() -> None:
    film = (
        magnet() | contact() | metal(spin_orbital_conversion=0.5, spin_orbital_polarization=0.3) | contact() | magnet()
    )
    m = {"F[0]": Y, "F[1]": np.array([0.0, 0.6, 0.8])}
    here = ss.perpendicular_resistance(film, m=m)
    there = ss.perpendicular_resistance(film, m={n: -v for n, v in m.items()})
    assert here == pytest.approx(there, rel=1e-13)
    assert here > 0


@pytest.mark.parametrize("c", [1.0, -1.0])
def test_a_sum_that_no_layer_loses_is_refused(c: float) -> None:
    with pytest.raises(ss.ParameterError, match="a sum of spin and orbital moments is kept"):
        ss.sheet_conductance(metal(spin_orbital_conversion=c))
    assert np.isfinite(ss.sheet_conductance(metal(spin_orbital_conversion=c) | contact() | magnet(), m=Y)).all()
