"""Angular momentum per element: it adds up, its shares are those of the torque, halves are the closed form."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from random_films import seeded
from studies import mostly_studies

import spinstack as ss

NM, HBAR, E = 1e-9, 1.054571817646156e-34, 1.602176634e-19
PER = HBAR / (2 * E)
FIELD = (0.3, -0.7)


def random_film(seed):
    draw = seeded(seed)
    film = getattr(draw, ("below_a_cap", "in_two_parts", "repeated")[seed % 3])()
    return film, {"m": draw.directions(film), "B": draw.field()}


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("seed", mostly_studies(range(18), range(6)))
def test_the_shares_of_a_closed_film_cancel_and_the_magnets_have_their_torque(seed):
    film, at = random_film(seed)
    found = ss.angular_momentum(film, E=FIELD, **at)
    size = np.abs(found.torque.values).max()
    assert_allclose(found.torque.sum(["element", "share"]), 0, atol=1e-12 * size)
    torque = ss.torque(film, E=FIELD, **at)
    magnets = found.torque.sel(share="magnet").sum("element")
    assert_allclose(sum(torque[name] for name in torque.data_vars), magnets, atol=1e-12 * size)
    taken = found.torque.sel(share=["magnet", "field"]).sum("share")
    assert_allclose(found.half.sum("side"), taken, atol=1e-12 * size)
    # a layer takes what enters and does not leave
    inside = ss.profile(film, E=FIELD, **at, points=2)
    for name in dict.fromkeys(map(str, inside["layer"].values)):
        Q = inside.Q.values[inside["layer"].values == name]
        own = found.torque.sel(element=name).sum("share").values
        assert_allclose(own, PER * (Q[0] - Q[1]), atol=1e-12 * size)


@pytest.mark.study
def test_between_reservoirs_it_is_what_flows_in_less_what_flows_out():
    draw = seeded(5)
    film = draw.repeated()
    at = {"m": draw.directions(film), "B": draw.field(), "current": 1.0}
    found = ss.angular_momentum(film, **at)
    Q = ss.profile(film, **at, points=2).Q.values
    size = np.abs(found.torque.values).max()
    assert_allclose(found.torque.sum(["element", "share"]), PER * (Q[0] - Q[-1]), atol=1e-12 * size)
    assert np.abs(Q[0] - Q[-1]).max() > 1e-3 * size / PER


def test_a_hanle_field_takes_what_turns_about_it():
    film = ss.Metal(
        "Pt", thickness=6 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1,
        diffusion_coefficient=1e-6,
    ) | ss.MagneticInsulator("YIG", mixing_conductance=3e14)  # fmt: skip
    B, (nodes, weights) = np.array([0.4, 0.1, 0.7]), np.polynomial.legendre.leggauss(60)
    mu = ss.profile(film, z=3 * NM * (nodes + 1), m="z", B=B).mu.values
    rate = 2 * 9.2740100783e-24 / HBAR / 1e-6  # omega_L/(D B)
    expected = PER * 3 * NM * weights @ (4e6 / 2 * rate * np.cross(mu, B))
    found = ss.angular_momentum(film, m="z", B=B).torque.sel(element="Pt", share="field")
    assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


def test_halves_of_a_magnet_by_itself_are_opposite_and_a_surface_that_loses_spin_leaves_a_torque():
    theta, sigma, length, dephasing, t = 0.05, 4e6, 4 * NM, 1 * NM, 6 * NM
    magnet = ss.Ferromagnet(
        "Py", thickness=t, conductivity=sigma, spin_diffusion_length=length, dephasing_length=dephasing,
        spin_hall_angle=theta,
    )  # fmt: skip
    alone = ss.angular_momentum(ss.Film((magnet,)), m="z")
    k2 = 1 / length**2 + 1 / dephasing**2
    lower = -PER * (1 - 1 / (length**2 * k2)) * (1 - 1 / np.cosh(np.sqrt(k2) * t / 2)) * theta * sigma
    assert_allclose(alone.half.sel(component="y").values[0], [lower, -lower], rtol=1e-11)
    assert np.abs(alone.torque.values).max() < 1e-11 * abs(lower)
    lossy = magnet | ss.Metal("Pt", thickness=3 * NM, conductivity=5e6, spin_diffusion_length=1 * NM)
    found = ss.torque(lossy, m="z")["Py"].sel(component="y")
    assert 0.05 * abs(lower) < abs(float(found)) < abs(lower)


def test_turning_the_film_about_z_turns_what_ends_in_it():
    film, at = random_film(0)
    a = 0.7
    R = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    elements = [
        e.replace(spin_hall_angle=0.1, **({"spin_splitter": None} if isinstance(e, ss.Metal) else {}))
        if "spin_hall_angle" in e.parameters
        else e
        for e in film.elements
    ]
    plain = ss.Film(tuple(elements))
    there = {"m": {n: R @ v for n, v in at["m"].items()}, "B": R @ at["B"], "E": R[:2, :2] @ FIELD}
    one, other = ss.angular_momentum(plain, E=FIELD, **at), ss.angular_momentum(plain, **there)
    assert_allclose(other.torque.values, one.torque.values @ R.T, atol=1e-11 * np.abs(one.torque.values).max())


def test_a_batch_has_its_axis_in_front():
    film, at = random_film(3)
    many = ss.angular_momentum(film, m={n: np.stack([v, -v]) for n, v in at["m"].items()}, B=at["B"])
    one = ss.angular_momentum(film, **at).torque
    assert many.torque.dims == ("batch_0", "element", "share", "component")
    assert_allclose(many.torque[0], one, atol=1e-11 * float(np.abs(one).max()))
