"""Metals on magnetic insulators against the closed forms of Zhang, Bergeret and Golovach, and what these imply."""

import numpy as np
import pytest
import reference_insulator_film as reference
from batches import Batch
from insulator_films import by_numbers, closed_form, described, faces, heavy_metal, slow_metal
from plain_films import Z, nm
from scipy.optimize import brentq

import spinstack as ss

N = 40


@pytest.fixture
def rng():
    return Batch(20190620, N)


@pytest.mark.parametrize("upside_down", [False, True])
def test_resistivities_meet_the_closed_forms_up_to_the_fourth_power_of_the_spin_hall_angle(rng, upside_down):
    angles = np.geomspace(0.02, 0.2, 6)
    pt, (sink, mixing), m = heavy_metal(rng), faces(rng), rng.directions()
    magnet = by_numbers(sink, mixing)
    for field in (-4.0, 0.0, 7.0):
        left, transverse = [], []  # in units of the resistivity
        for angle in angles:
            layer = pt.replace(spin_hall_angle=angle)
            film = magnet | layer if upside_down else layer | magnet
            got = ss.sheet_resistance(film, m=m, B=field * m)[..., 0] * (pt.thickness * pt.conductivity)[:, None]
            expected = np.stack(closed_form(layer, sink, mixing, m, field), -1) * pt.conductivity[:, None]
            left.append(np.abs(got - expected))
            transverse.append(expected[:, 1])
        left = np.asarray(left)
        assert (left[-1] < 2 * angles[-1] ** 4).all()
        for part in (0, 1):
            seen = left[0, :, part] > 1e-13  # else the smallest angle leaves nothing but rounding
            assert seen.mean() > 0.9
            exponent = np.polyfit(np.log(angles), np.log(left[:, seen, part]), 1)[0]
            np.testing.assert_allclose(exponent, 4, atol=0.1)
        # rho_T itself is of second order: what the film shows has its sign
        assert (left[-1, :, 1] < 0.1 * np.abs(transverse[-1])).all()


def test_closed_form_solves_the_equations_of_spin_diffusion_exactly(rng):
    """The conductance has no higher orders: in it the closed forms are the solution itself, for any angle."""
    sink, mixing = faces(rng)
    pt = heavy_metal(rng)
    m = rng.directions()
    for i in range(0, N, 4):
        layer, field = described(pt, i), rng.uniform(-9, 9)
        G = reference.sheet_conductance([layer], field * m[i], above=reference.face(sink[i], mixing[i], m[i]))
        turning = reference.precessing_length(layer.length, field, layer.diffusion)
        deltas = reference.corrections(
            layer.angle, 1 / layer.conductivity, layer.thickness, layer.length, turning, sink[i], mixing[i]
        )
        long, across = reference.resistivities(deltas, 1 / layer.conductivity, m[i])
        unit = layer.conductivity * layer.thickness
        np.testing.assert_allclose(G[0, 0] / unit, 2 - long * layer.conductivity, rtol=1e-11)
        np.testing.assert_allclose(G[1, 0] / unit, -across * layer.conductivity, rtol=1e-8, atol=1e-13)


def test_ordinary_hall_effect_adds_to_the_transverse_resistivity(rng):
    """For B along z, up to the product of the Hall angle and the square of the spin Hall angle."""
    hall = 2e-11 * rng.sign()
    pt = heavy_metal(rng, spin_hall_angle=0.05)
    sink, mixing = faces(rng)
    film = pt.replace(hall_coefficient=hall) | by_numbers(sink, mixing)
    got = ss.sheet_resistance(film, m=Z, B=5 * Z)[..., 1, 0] * pt.thickness
    expected = closed_form(pt, sink, mixing, np.broadcast_to(Z, (N, 3)), 5.0)[1] + 5 * hall
    assert (np.abs(expected) * pt.conductivity > 1e-5).all()
    atol = 3 * 0.05**2 * (5 * np.abs(hall) * pt.conductivity) + 2 * 0.05**4
    np.testing.assert_array_less(np.abs(got - expected) * pt.conductivity, atol)


@pytest.mark.parametrize("second", ["parallel", "opposite"])
def test_metal_between_two_insulators(rng, second):
    """Alike, they do what half a film with a closed middle face does; opposite, they leave no Hall effect."""
    pt = heavy_metal(rng)
    sink, mixing = faces(rng)
    m = rng.directions()
    sign = 1 if second == "parallel" else -1
    film = by_numbers(sink, mixing, "lower") | pt | by_numbers(sink, mixing, "upper")
    got = ss.sheet_conductance(film, m={"lower": m, "upper": sign * m})
    t, length, rho = pt.thickness, pt.spin_diffusion_length, 1 / pt.conductivity
    load = sink + mixing
    along = reference.response_between(sink, sink, length, t, rho)
    across = reference.response_between(load, load if sign == 1 else load.conj(), length, t, rho)
    if sign == 1:
        half = np.tanh(t / (2 * length))
        np.testing.assert_allclose(across, 2 * length / t * half / (1 + 2 * rho * length * load * half), rtol=1e-9)
    else:
        np.testing.assert_allclose(across.imag, 0, atol=1e-12)
    delta = along - across.real
    mx, my, mz = m.T
    spin = got / (t / rho * pt.spin_hall_angle**2)[:, None, None]
    unit = pt.spin_hall_angle**-2
    np.testing.assert_allclose(spin[:, 0, 0] - unit, along - delta * (1 - my**2), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(spin[:, 1, 0], -(delta * mx * my + across.imag * mz), rtol=1e-9, atol=1e-11)
    swapped = by_numbers(sink, mixing, "upper") | pt | by_numbers(sink, mixing, "lower")
    mirrored = ss.sheet_conductance(swapped, m={"lower": m, "upper": sign * m})
    np.testing.assert_allclose(mirrored, got, rtol=0, atol=1e-13 * got.max())


def slope_of_closed_form(Gi, x):
    """d Re R(i Gi, Lambda) / d omega at omega = 0 for l = rho = D = 1."""
    step = 1e-4 / (1 + Gi)  # the response turns over where the precession meets the load

    def value(w):
        return reference.response(1j * Gi, 1 / np.sqrt(1 + 1j * w), x, 1.0).real

    return (8 * (value(step) - value(-step)) - (value(2 * step) - value(-2 * step))) / (12 * step)


@pytest.mark.parametrize("x", [0.2, 1.0, 3.0, 6.0, 10.0])
def test_critical_conductance_is_where_the_slope_of_the_closed_form_vanishes(x):
    critical = reference.critical_imaginary_conductance(x, 1.0, 1.0)
    root = brentq(slope_of_closed_form, critical / 3, critical * 3, args=(x,), xtol=1e-14, rtol=1e-14)
    np.testing.assert_allclose(root, critical, rtol=1e-5)


def test_critical_conductance_grows_exponentially_with_thickness():
    x = np.array([12.0, 16.0, 20.0, 24.0])
    critical = reference.critical_imaginary_conductance(x * 2 * nm, 2 * nm, 3e-7) * 2 * nm * 3e-7
    np.testing.assert_allclose(critical, np.exp(x / 2) / np.sqrt(8 * x), rtol=1e-3)
    growth = np.diff(np.log(critical * np.sqrt(x))) / np.diff(x)
    np.testing.assert_allclose(growth, 0.5, rtol=1e-3)
    thin = reference.critical_imaginary_conductance(np.array([1e-2, 2e-2]), 1.0, 1.0)
    np.testing.assert_allclose(thin[1] / thin[0], 4, rtol=1e-3)  # (d/l)^2/sqrt(48)


def test_critical_exchange_meets_equation_17_up_to_the_square_of_the_spin_hall_angle():
    angles = np.array([0.01, 0.02, 0.04])
    pt = slow_metal(spin_hall_angle=angles, thickness=5 * nm)
    found = ss.critical_exchange(pt | ss.MagneticInsulator("EuS"))
    expected = reference.critical_imaginary_conductance(5 * nm, pt.spin_diffusion_length, 1 / pt.conductivity)
    off = np.abs(found / expected - 1)
    assert off[0] < 1e-3
    np.testing.assert_allclose(np.diff(np.log(off)) / np.log(2), 2, atol=0.05)
