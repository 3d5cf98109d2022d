"""Reciprocal-space maps about (103): lattice parameters, strain state and tilt of films that are known."""

import numpy as np
import pytest
from studies import mostly_studies

from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.superlattice import reciprocal_map

ANGSTROM = 1e-10
WAVELENGTH = 1.5405929e-10
LSAT = 3.868  # angstrom
ASKED = {"hkl": (1, 0, 3), "substrate": (LSAT * ANGSTROM, LSAT * ANGSTROM), "wavelength": WAVELENGTH}


def number(found, name, of="value"):
    return found[of].sel(parameter=name).item()


def node(a, c):
    """(103) of a lattice, as a complex number in 1/angstrom."""
    return 2 * np.pi * (1 / a + 3j / c)


def spot(q, at, width, height, slant=0.0):
    away = q - at
    x, z = away.real / width[0], (away.imag + slant * away.real) / width[1]
    return height * np.exp(-4 * np.log(2) * (x**2 + z**2))


def film_map(rng, a=LSAT, c=3.80, tilt=0.0, height=300.0, period=0.0, exit_side=True):
    """Counts over omega and two_theta of a film, and two satellites, on a substrate that is tilted by `tilt` [deg]."""
    turn = np.exp(1j * np.radians(tilt))
    substrate, film = node(LSAT, LSAT), node(a, c)
    k = 2 * np.pi / (WAVELENGTH / ANGSTROM)
    two_theta = 2 * np.degrees(np.arcsin(abs(substrate) / (2 * k)))
    lean = 90 - np.degrees(np.angle(substrate * turn))
    middle = two_theta / 2 + (lean if exit_side else -lean)
    omega, scattering = np.meshgrid(
        middle + np.linspace(-1.2, 1.6, 61), two_theta + np.linspace(-2, 4, 81), indexing="ij"
    )
    incoming, leaving = np.radians(omega), np.radians(scattering - omega)
    q = k * (np.cos(leaving) - np.cos(incoming) + 1j * (np.sin(leaving) + np.sin(incoming)))
    q = q if exit_side else -np.conj(q)
    counts = spot(q, substrate * turn, (0.012, 0.012), 1e5) + 3
    counts += spot(q, film * turn, (0.012, 0.05), height, 0.3)
    if period:
        counts += sum(spot(q, (film + 2j * np.pi * m / period) * turn, (0.012, 0.05), 2 * height) for m in (-1, 1))
    return measurement(
        {"intensity": rng.poisson(counts).ravel()}, {"omega": omega.ravel(), "two_theta": scattering.ravel()}
    )


@pytest.mark.parametrize("exit_side", [True, False])
def test_a_strained_superlattice_on_a_tilted_substrate_is_found_among_its_satellites(exit_side):
    data = film_map(np.random.default_rng(1), tilt=-0.4, period=32.0, exit_side=exit_side)
    found = reciprocal_map(data, film=3.81e-10, bulk=3.84e-10, bulk_error=2e-13, **ASKED)
    for name, truth in (("lattice_in_plane", LSAT), ("lattice_normal", 3.80)):
        error = number(found, name, "error") / ANGSTROM
        assert number(found, name) / ANGSTROM == pytest.approx(truth, abs=3 * error)
        assert error < 5e-4
    assert number(found, "tilt") == pytest.approx(-0.4, abs=1e-3)
    assert number(found, "scale") == pytest.approx(1.0, abs=1e-5)
    assert number(found, "mismatch_normal") == pytest.approx(3.80 / LSAT - 1, abs=2e-4)
    assert number(found, "relaxation") == pytest.approx(0.0, abs=3 * number(found, "relaxation", "error"))
    assert found.attrs["strain_state"] == "fully strained within the error"
    assert number(found, "film_width_z") * ANGSTROM == pytest.approx(0.05, rel=0.05)
    assert number(found, "substrate_width_x") * ANGSTROM == pytest.approx(0.012, rel=0.02)


def test_rates_have_the_errors_of_their_counts_which_follow_the_widths():
    data = film_map(np.random.default_rng(1))
    rates = data.assign(intensity=data["intensity"] / 37)
    found, again = (reciprocal_map(d, film=3.80e-10, **ASKED) for d in (data, rates))
    for name in ("film_q_x", "film_q_z", "lattice_normal"):
        assert number(again, name, "error") == pytest.approx(number(found, name, "error"), rel=0.1)
    assert number(found, "film_q_z", "error") / number(found, "film_q_x", "error") == pytest.approx(
        0.05 / 0.012, rel=0.15
    )
    # a Gaussian peak of N counts has the error of a mean: its standard deviation over the root of N
    counts = 300 * np.pi / (4 * np.log(2)) * 0.012 * 0.05
    q = data["intensity"].size / abs(_area(data))
    assert number(found, "film_q_x", "error") * ANGSTROM == pytest.approx(0.012 / 2.355 / np.sqrt(counts * q), rel=0.35)


def _area(data):
    """Of the plane of the map, in 1/angstrom^2: that of the angles times the Jacobian at the middle."""
    omega, two_theta = np.radians(data["omega"].values), np.radians(data["two_theta"].values)
    k = 2 * np.pi / (WAVELENGTH / ANGSTROM)
    return np.ptp(omega) * np.ptp(two_theta) * k**2 * np.sin(two_theta.mean())


def test_h_and_k_count_along_the_diagonal():
    # the node (103) of a lattice lies where (113) of one that is sqrt(2) wider in the plane does
    data = film_map(np.random.default_rng(1))
    wide = {**ASKED, "hkl": (1, 1, 3), "substrate": (2**0.5 * LSAT * ANGSTROM, LSAT * ANGSTROM)}
    found, again = reciprocal_map(data, film=3.80e-10, **ASKED), reciprocal_map(data, film=3.80e-10, **wide)
    assert number(again, "lattice_in_plane") == pytest.approx(2**0.5 * number(found, "lattice_in_plane"))
    assert number(again, "lattice_normal") == pytest.approx(number(found, "lattice_normal"))


def test_angles_become_wave_vectors_as_in_xrayutilities():
    xrayutilities = pytest.importorskip("xrayutilities")
    data = film_map(np.random.default_rng(1))
    machine = xrayutilities.HXRD([1, 0, 0], [0, 0, 1], wl=WAVELENGTH / ANGSTROM)
    _, qy, qz = machine.Ang2Q(data["omega"].values, data["two_theta"].values)
    vectors = measurement({"intensity": data["intensity"].values}, {"q_x": -qy / ANGSTROM, "q_z": qz / ANGSTROM})
    found = reciprocal_map(data, film=3.80e-10, **ASKED)
    again = reciprocal_map(vectors, film=3.80e-10, **{**ASKED, "wavelength": None})
    np.testing.assert_allclose(again["value"], found["value"], rtol=1e-6, atol=1e-7)
    mirrored = vectors.assign_coords(q_x=-vectors["q_x"])
    np.testing.assert_allclose(
        reciprocal_map(mirrored, film=3.80e-10, **{**ASKED, "wavelength": None})["value"],
        found["value"],
        rtol=1e-6,
        atol=1e-7,
    )


def test_relaxation_strain_and_the_relaxed_lattice_follow_from_bulk_or_from_poissons_ratio():
    bulk, ratio, degree = 3.83, 0.3, 0.4
    a = LSAT + degree * (bulk - LSAT)
    c = bulk * (1 - 2 * ratio / (1 - ratio) * (a / bulk - 1))
    data = film_map(np.random.default_rng(2), a, c, height=1000.0)
    known = reciprocal_map(data, film=c * ANGSTROM, bulk=bulk * ANGSTROM, bulk_error=0.004 * ANGSTROM, **ASKED)
    elastic = reciprocal_map(data, film=c * ANGSTROM, poisson=ratio, **ASKED)
    assert number(known, "relaxation") == pytest.approx(degree, abs=0.01)
    # the error of bulk: R = (a - s)/(b - s)
    assert number(known, "relaxation", "error") == pytest.approx(degree * 0.004 / (LSAT - bulk), rel=0.05)
    assert number(known, "strain_in_plane") == pytest.approx(a / bulk - 1, abs=1e-4)
    assert number(known, "strain_normal") == pytest.approx(c / bulk - 1, abs=1e-4)
    assert known.attrs["strain_state"] == "partially relaxed"
    assert number(elastic, "relaxed_lattice") / ANGSTROM == pytest.approx(bulk, abs=1e-3)
    assert number(elastic, "relaxation") == pytest.approx(degree, abs=0.03)
    relaxed = film_map(np.random.default_rng(3), bulk, bulk, height=1000.0)
    state = reciprocal_map(relaxed, film=bulk * ANGSTROM, bulk=bulk * ANGSTROM, bulk_error=1e-14, **ASKED).attrs[
        "strain_state"
    ]
    assert state == "fully relaxed within the error"


def test_a_slanted_peak_has_the_errors_of_its_own_axes():
    """By the least that noise of one size leaves of a centre: the inverse of what the intensity changes by."""
    at, noise, h = node(LSAT, LSAT), 10.0, 1e-5
    x, z = np.meshgrid(np.linspace(-0.08, 0.08, 81), np.linspace(-0.1, 0.2, 121), indexing="ij")
    q = at + x + 1j * z

    def seen(middle):
        return spot(q, middle, (0.02, 0.03), 1e4, 1.2)

    counts = seen(at) + spot(q, node(LSAT, 3.80), (0.012, 0.03), 3e3)
    counts += noise * np.random.default_rng(7).standard_normal(q.shape)
    readings = {"intensity": counts.ravel(), "intensity_error": np.full(q.size, noise)}
    data = measurement(readings, {"q_x": q.real.ravel() / ANGSTROM, "q_z": q.imag.ravel() / ANGSTROM})
    found = reciprocal_map(data, film=3.80e-10, **{**ASKED, "wavelength": None})
    slopes = np.stack([(seen(at + d) - seen(at - d)).ravel() / (2 * h * noise) for d in (h, 1j * h)])
    covariance = np.linalg.inv(slopes @ slopes.T)
    along, across = np.array([at.real, at.imag]) / abs(at) ** 2, np.array([-at.imag, at.real]) / abs(at) ** 2
    assert abs(along @ covariance @ across) > 0.3 * (across @ covariance @ across)
    assert number(found, "scale", "error") == pytest.approx(np.sqrt(along @ covariance @ along), rel=0.02)
    assert number(found, "tilt", "error") == pytest.approx(np.degrees(np.sqrt(across @ covariance @ across)), rel=0.02)


@pytest.mark.parametrize("count", mostly_studies([300], [40]))
def test_errors_of_lattice_parameters_and_of_the_tilt_cover_the_truth(count):
    rng, z = np.random.default_rng(5), []
    names = ["lattice_in_plane", "lattice_normal", "tilt"]
    for _ in range(count):
        a, c, tilt = rng.uniform(3.82, 3.87), rng.uniform(3.77, 3.83), rng.uniform(-0.5, 0.5)
        data = film_map(rng, a, c, tilt, rng.uniform(30, 1000))
        found = reciprocal_map(data, film=(c + rng.uniform(-0.02, 0.02)) * ANGSTROM, **ASKED).sel(parameter=names)
        z.append((found["value"].values - [a * ANGSTROM, c * ANGSTROM, tilt]) / found["error"].values)
    z, slack = np.abs(z), 3 * np.sqrt(0.22 / count)
    assert (z < 1).mean(axis=0) == pytest.approx(0.6827, abs=slack)
    assert ((z < 1.959964).mean(axis=0) > 0.95 - slack / 2).all()


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    ("changes", "field", "unit", "says"),
    [
        ({"wavelength": None}, "wavelength", "m", "missing"),
        ({"wavelength": 1.54}, "wavelength", "m", "1e-11"),  # angstrom
        ({"wavelength": 0.154e-9 * 1.2}, "the peak", "", "substrate"),
        ({"film": 3.80}, "film", "m", "1e-10"),  # angstrom
        ({"film": 0.38}, "film", "m", "1e-10"),  # nm
        ({"substrate": (3.868, 3.868)}, "substrate[0]", "m", "1e-10"),
        ({"substrate": 3.868e-10}, "substrate", "m", "a list of 2 numbers"),
        ({"substrate": (3.5e-10, 3.5e-10)}, "the peak", "", "of the substrate"),
        ({"film": 3.95e-10}, "the peak", "", "of the film"),
        ({"hkl": (0, 0, 3)}, "hkl", "", "asymmetric"),
        ({"hkl": (1.5, 0, 3)}, "hkl", "", "whole"),
        ({"bulk": 3.84}, "bulk", "m", "1e-10"),
        ({"film": 3.80e-9}, "film", "m", "3e-09"),  # nm for angstrom
        ({"bulk": LSAT * ANGSTROM}, "bulk", "m", "nothing can relax"),
        ({"bulk_error": -1.0}, "bulk_error", "m", "0"),
        ({"poisson": 0.7}, "poisson", "", "0.5"),
    ],
)
def test_wrong_arguments_of_a_map_are_refused(changes, field, unit, says):
    data = film_map(np.random.default_rng(0))
    with pytest.raises(MeasurementError, match=says) as caught:
        reciprocal_map(data, **{"film": 3.80e-10, **ASKED, **changes})
    error = caught.value.errors[0]
    assert error.field == field
    assert unit in error.unit + str(error.allowed)


def test_angles_in_radians_maps_of_wave_vectors_with_a_wavelength_and_lines_are_refused():
    data = film_map(np.random.default_rng(0))
    radians = data.assign_coords({n: np.radians(data[n]) for n in ("omega", "two_theta")})
    with pytest.raises(MeasurementError, match="all units"):
        reciprocal_map(radians, film=3.80e-10, **ASKED)
    below = data.assign_coords(omega=data["omega"] + 90)
    with pytest.raises(MeasurementError, match="above the surface"):
        reciprocal_map(below, film=3.80e-10, **ASKED)
    vectors = measurement(
        {"intensity": np.ones(40)}, {"q_x": np.full(40, 1.62e10), "q_z": np.linspace(4.8e10, 5e10, 40)}
    )
    with pytest.raises(MeasurementError, match="Leave it out"):
        reciprocal_map(vectors, film=3.80e-10, **ASKED)
    with pytest.raises(MeasurementError, match="two directions"):
        reciprocal_map(vectors, film=3.80e-10, **{**ASKED, "wavelength": None})


def test_a_wrong_zero_of_the_scattering_angle_is_told_and_does_not_move_the_film():
    data = film_map(np.random.default_rng(1))
    off = data.assign_coords(two_theta=data["two_theta"] + 0.25, omega=data["omega"] + 0.125)
    found, shifted = (reciprocal_map(d, film=3.80e-10, **ASKED) for d in (data, off))
    assert "zero of two_theta" in shifted.attrs["remark"]
    assert found.attrs["remark"] == ""
    for name in ("lattice_in_plane", "lattice_normal"):
        assert number(shifted, name) == pytest.approx(number(found, name), rel=1e-4)


@pytest.mark.parametrize("turn", [0.0, 25.0, -40.0])
@pytest.mark.parametrize("stretch", [1.0, 1.3])
def test_widths_of_a_slanted_peak_are_those_of_its_projection_after_it_was_turned(turn, stretch):
    from spinstack.measure.superlattice.strain import _Peak

    shape = np.array([[1 / 0.3, 0.0], [0.8, 1 / 0.1]])
    widths = _Peak(0.0, 1.0, 2 + 3j, shape).widths(stretch * np.exp(1j * np.radians(turn)))
    # points of the contour that is one full width from the middle, turned one by one
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 20001))
    away = np.linalg.solve(shape.T, np.stack([circle.real, circle.imag]))
    turned = (away[0] + 1j * away[1]) * stretch * np.exp(1j * np.radians(turn))
    assert widths == pytest.approx([turned.real.max(), turned.imag.max()], rel=1e-6)
