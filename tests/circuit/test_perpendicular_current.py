"""Spin-transfer torque of a current along z: Slonczewski's form, the circuit of one node, depth, refusals."""

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose

import spinstack as ss

NM, HBAR, E = 1e-9, 1.054571817646156e-34, 1.602176634e-19
X, Y, Z = np.eye(3)
LENGTH, SIGMA, THICK = 6 * NM, 4e6, 20 * NM


def magnet(name, polarization=0.5, thickness=THICK, **more):
    return ss.Ferromagnet(
        name, thickness=thickness, conductivity=SIGMA, polarization=polarization, spin_diffusion_length=LENGTH, **more
    )


def valve(lower=(0.5, 9e14, 3e14, 5e14), upper=(0.5, 9e14, 3e14, 5e14)):
    """Two magnets on a spacer without resistance or loss, that take up all transverse spin at their faces."""
    node = ss.Metal("Cu", thickness=1e-17, conductivity=5e8, spin_diffusion_length=1e-3)
    faces = [
        ss.Interface(conductance_up=up, conductance_down=down, mixing_conductance=G, magnet=name)
        for name, (_, up, down, G) in (("A", lower), ("B", upper))
    ]
    return magnet("A", lower[0]) | faces[0] | node | faces[1] | magnet("B", upper[0])


def side(polarization, up, down, _):
    """Admittance along m of an interface and a magnet behind which psi is zero, and what they send per current."""
    R_F = LENGTH / (SIGMA * (1 - polarization**2)) * np.tanh(THICK / LENGTH)
    parallel, gamma = up * down / (up + down), (up - down) / (up + down)
    Y = 1 / (R_F + 1 / (4 * parallel))
    return Y, Y * (gamma / (4 * parallel) + polarization * R_F)


def torque(film, m, **given):
    """Spin currents that end in the magnets per current density."""
    found = ss.torque(film, m=m, current=1.0, **given)
    return [found[name].values * 2 * E / HBAR for name in found.data_vars]


@pytest.mark.parametrize("degrees", [20.0, 90.0, 137.0, 179.0])
def test_a_symmetric_valve_has_the_form_of_slonczewski(degrees):
    numbers = (0.5, 9e14, 3e14, 5e14)
    Yp, P = side(*numbers)
    Lambda2, angle = 2 * 5e14 / Yp, np.deg2rad(degrees)
    size = P * Lambda2 * np.sin(angle) / (Lambda2 + 1 + (Lambda2 - 1) * np.cos(angle))
    m = np.sin(angle) * X + np.cos(angle) * Z
    for found, own, other in zip(torque(valve(numbers, numbers), {"A": Z, "B": m}), (Z, m), (m, Z), strict=True):
        towards = other - own * (own @ other)
        # current goes up: spin of the lower magnet arrives at the upper one, of the upper one lacks at the lower
        sign = 1 if own is m else -1
        assert_allclose(found, sign * size * towards / np.linalg.norm(towards), rtol=1e-10, atol=1e-12)


def test_asymmetric_valves_are_a_circuit_of_one_node():
    rng = np.random.default_rng(5)
    for _ in range(20):
        numbers = [
            (rng.uniform(-0.8, 0.8), *10 ** rng.uniform(14, 15.5, 2), complex(10 ** rng.uniform(14.5, 15.5), 3e14))
            for _ in range(2)
        ]
        numbers = [(P, up, down, complex(max(G.real, (up + down) / 2), G.imag)) for P, up, down, G in numbers]
        m = rng.normal(size=(2, 3))
        m /= np.linalg.norm(m, axis=1, keepdims=True)
        node, right, across = np.zeros((3, 3)), np.zeros(3), []
        for k, (one, n) in enumerate(zip(numbers, m, strict=True)):
            Yp, P = side(*one)
            turn = np.array([[0, n[2], -n[1]], [-n[2], 0, n[0]], [n[1], -n[0], 0]])
            taken = 2 * one[3].real * (np.eye(3) - np.outer(n, n)) + 2 * one[3].imag * turn
            node += Yp * np.outer(n, n) + taken
            right += (1 if k == 0 else -1) * P * n
            across.append(taken)
        psi = np.linalg.solve(node, right)
        film = valve(*numbers)
        for found, taken in zip(torque(film, dict(zip("AB", m, strict=True))), across, strict=True):
            assert_allclose(found, taken @ psi, rtol=1e-9, atol=1e-11)


def test_out_of_the_plane_only_where_the_valve_is_not_symmetric():
    numbers = (0.5, 9e14, 3e14, 5e14 + 4e14j)
    m = {"A": Z, "B": (0.6, 0.0, 0.8)}
    for found in torque(valve(numbers, numbers), m):
        assert abs(found[1]) < 1e-11
    other = (0.3, 9e14, 3e14, 6e14 + 1e14j)
    for found in torque(valve(numbers, other), m):
        assert abs(found[1]) > 1e-3


@pytest.mark.study
def test_in_perfect_contact_the_torque_falls_off_inside_as_a_complex_exponential():
    film = magnet("A") | ss.Metal("Cu", thickness=5 * NM, conductivity=5e7, spin_diffusion_length=300 * NM)
    film = film | magnet("B", thickness=3 * NM, dephasing_length=1.2 * NM, precession_length=0.8 * NM)
    inside = ss.profile(film, m={"A": X, "B": Z}, current=1e10, points=31).sel(spin=["x", "y"])
    one = inside.isel(z=np.flatnonzero(inside["layer"].values == "B"))
    k = np.sqrt(1 / LENGTH**2 + 1 / (1.2 * NM) ** 2 + 1j / (0.8 * NM) ** 2)
    left = 3 * NM - (one.z.values - one.z.values[0])
    mu, Q = (one[name].values @ [1, -1j] for name in ("mu", "Q"))  # psi x m stands for i: x - i y
    assert_allclose(mu / mu[0], np.sinh(k * left) / np.sinh(k * left[0]), rtol=1e-9, atol=1e-12)
    assert_allclose(Q / Q[0], np.cosh(k * left) / np.cosh(k * left[0]), rtol=1e-9)


def test_the_voltage_is_that_of_the_resistance_and_everything_is_linear_in_the_current():
    film, m = valve(), {"A": Z, "B": (0.6, 0.0, 0.8)}
    for solver in (None, ss.Boltzmann(rtol=1e-5)):
        if solver:
            film = magnet("A") | ss.Metal("Cu", thickness=5 * NM, conductivity=5e7, spin_diffusion_length=300 * NM)
            film = film | magnet("B", dephasing_length=1 * NM)
        inside = ss.profile(film, m=m, current=-3e9, solver=solver)
        R = ss.perpendicular_resistance(film, m=m, solver=solver)
        drop = float(inside.mu_c[0] - inside.mu_c[-1])
        # in Boltzmann's equation the reservoirs have a resistance of their own
        assert drop == pytest.approx(-3e9 * R, rel=1e-11) if solver is None else 0.5 < drop / (-3e9 * R) < 1
        assert_allclose(inside.j_c, -3e9, rtol=1e-9)
        one, many = (ss.torque(film, m=m, current=j, solver=solver)["B"].values for j in (1.0, -3e9))
        assert_allclose(many, -3e9 * one, rtol=1e-12)


def test_a_valve_driven_the_other_way_round_is_the_valve_turned_over():
    lower, upper = (0.3, 9e14, 3e14, 6e14 + 1e14j), (0.6, 7e14, 2e14, 5e14 + 2e14j)
    m = {"A": Z, "B": (0.6, 0.0, 0.8)}
    film = valve(lower, upper)
    a, b = torque(film, m)
    there = ss.torque(ss.Film(film.elements[::-1]), m=m, current=-1.0)
    assert_allclose(there["A"].values * 2 * E / HBAR, a, rtol=1e-11, atol=1e-13)
    assert_allclose(there["B"].values * 2 * E / HBAR, b, rtol=1e-11, atol=1e-13)


@pytest.mark.study
def test_inverse_effects_of_the_spins_that_cross_drive_currents_in_the_plane():
    """A layer thick on its length: j = theta z x (force of the spin accumulation), whose integral is its drop."""
    theta, metal = 0.1, 2e6
    film = magnet("A") | ss.Metal(
        "Pt", thickness=9 * NM, conductivity=metal, spin_diffusion_length=2 * NM, spin_hall_angle=theta
    )
    inside = ss.profile(film, m="x", current=1e10)
    at_face = inside.mu.sel(spin="x").values[inside["layer"].values == "Pt"][0]
    found = ss.layer_currents(film, m="x", current=1e10).sheet_current.sel(element="Pt", component="y")
    assert float(found) == pytest.approx(theta * metal * at_face / 2, rel=1e-9)


@pytest.mark.study
def test_derivatives_by_the_film():
    film, m = valve(), {"A": Z, "B": (0.6, 0.0, 0.8)}
    found = ss.gradient(film, partial(ss.torque, m=m, current=1e10))
    for path, value in (("A.polarization", 0.5), ("B.thickness", THICK)):
        ends = [ss.torque(film.replace({path: value * (1 + h)}), m=m, current=1e10)["B"].values for h in (1e-6, -1e-6)]
        assert_allclose(found[path]["B"], (ends[0] - ends[1]) / (2e-6 * value), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"E": (1, 0), "current": 1.0}, r"current \[A/m\^2\]: got 1.0, beside a field in the plane"),
        ({"current": [1.0, 2.0]}, r"current: .*one number, the current density along z in A/m\^2"),
        ({"current": np.nan}, "current.*not finite"),
    ],
)
def test_what_is_refused(given, words):
    with pytest.raises(ss.ParameterError, match=words):
        ss.torque(valve(), m="z", **given)


@pytest.mark.parametrize("name", ["torque", "profile", "layer_currents", "perpendicular_scan"])
def test_what_carries_no_charge_along_z_is_refused_by_name(name):
    film = ss.MagneticInsulator("YIG", mixing_conductance=1e14) | magnet("A")
    given = {"m": {"YIG": "x"}} if name == "perpendicular_scan" else {"m": "x", "current": 1.0}
    with pytest.raises(ss.ParameterError, match="no charge flows along z through 'YIG'"):
        getattr(ss, name)(film, **given)


def test_a_scan_is_the_single_calls():
    lower, upper = (0.3, 9e14, 3e14, 6e14 + 1e14j), (0.6, 7e14, 2e14, 5e14 + 2e14j)
    film = valve(lower, upper)
    scan = ss.perpendicular_scan(film, "beta", [0.0, 50.0, 180.0], m={"A": "y"})
    m = {"A": Y, "B": np.cos(np.deg2rad(50)) * Y + np.sin(np.deg2rad(50)) * Z}
    one = scan.sel(angle=50.0)
    assert float(one.resistance_area) == pytest.approx(ss.perpendicular_resistance(film, m=m), rel=1e-13)
    single = ss.torque(film, m=m, current=1.0)["B"].values
    assert_allclose(one.torque.sel(magnet="B"), single, rtol=1e-12)
    ahead = -np.sin(np.deg2rad(50)) * Y + np.cos(np.deg2rad(50)) * Z
    assert float(one.torque_in_plane.sel(magnet="B")) == pytest.approx(single @ ahead, rel=1e-12)
    assert float(one.torque_out_of_plane.sel(magnet="B")) == pytest.approx(single @ X, rel=1e-12)
    assert float(scan.MR[0]) == 0
    assert float(scan.MR[2]) > float(scan.MR[1]) > 0
    assert "A stays along y" in scan.attrs["magnets"]
    # a current from the fixed to the free magnet turns m of this one away: T is of angular momentum, towards the other
    assert float(one.torque_in_plane.sel(magnet="B")) < 0
