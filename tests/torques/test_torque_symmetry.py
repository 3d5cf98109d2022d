"""What symmetry allows a torque to be: harmonics, selection rules, and films that have or break the symmetry."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from physical_films import between

import spinstack as ss
from spinstack import torques

NM = 1e-9
SPHERE = torques.directions(14)
RNG = np.random.default_rng(7)


def spin_hall(**entries):
    """A spin Hall tensor: the isotropic 0.1, and entries like zy=0.05 (spin z, field y) that lower the symmetry."""
    tensor = np.zeros((3, 2))
    tensor[1, 0], tensor[0, 1] = 0.1, -0.1
    for name, value in entries.items():
        tensor["xyz".index(name[0]), "xy".index(name[1])] = value
    return tensor


def film(angle=0.1, **interface):
    joint = {"conductance_up": 4e14, "conductance_down": 2e14, "mixing_conductance": 6e14 + 2e14j} | interface
    return (
        ss.Metal("Pt", thickness=3 * NM, conductivity=5e6, spin_diffusion_length=2 * NM, spin_hall_angle=angle)
        | ss.Interface(**joint)
        | ss.Ferromagnet(
            "Co", thickness=1 * NM, conductivity=4e6, spin_diffusion_length=8 * NM, polarization=0.4,
            dephasing_length=0.7 * NM, precession_length=1.1 * NM, amr_ratio=0.03, anomalous_hall_angle=0.02,
        )
        | ss.Metal("Cu", thickness=2 * NM, conductivity=2e7, spin_diffusion_length=200 * NM)
    )  # fmt: skip


def both_fields(sample, sphere=SPHERE):
    return xr.concat([torques.torque_map(sample, E=E, directions=sphere) for E in ((1, 0), (0, 1))], "direction")


def rotation(angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def reflection(normal):
    n = np.array([np.cos(normal), np.sin(normal), 0])
    return np.eye(3) - 2 * np.outer(n, n)


def field_of(terms, symmetry, coefficients):
    """The torque m, E -> T of the given allowed terms."""
    from spinstack.torques.harmonics import harmonic_basis

    return lambda m, E: np.einsum("t,ntc->nc", coefficients, harmonic_basis(m, E, terms, symmetry.frame))


def test_quadrature_integrates_polynomials_of_its_degree_and_no_higher():
    m, w = torques.directions(4)
    assert w.sum() == pytest.approx(4 * np.pi, rel=1e-14)
    assert w @ m[:, 2] ** 6 == pytest.approx(4 * np.pi / 7, rel=1e-13)
    assert w @ (m[:, 0] ** 4 * m[:, 1] ** 2) == pytest.approx(4 * np.pi * 3 / 105, rel=1e-13)
    assert abs(w @ m[:, 2] ** 8 - 4 * np.pi / 9) > 1e-3


@pytest.mark.study
def test_vector_harmonics_are_orthonormal_and_tangent():
    terms = [(kind, n, k) for kind in ("gradient", "curl") for n in range(1, 13) for k in range(n + 1)]
    fields = [(torques.vector_harmonic(*t, SPHERE.m), t[2]) for t in terms]
    columns = np.stack([f[:, part] for f, order in fields for part in range(2 if order else 1)], 1)
    gram = np.einsum("n,nac,nbc->ab", SPHERE.weight, columns, columns)
    np.testing.assert_allclose(gram, np.eye(2 * (13**2 - 1)), atol=1e-12)
    assert np.abs(np.einsum("nac,nc->na", columns, SPHERE.m)).max() < 1e-13


@pytest.mark.parametrize("pole", [1.0, -1.0])
def test_harmonics_at_a_pole_are_the_limit_from_its_neighbourhood(pole):
    near = np.array([[3e-8, -2e-8, pole]])
    for kind in ("gradient", "curl"):
        for degree, order in ((1, 0), (1, 1), (3, 1), (4, 2)):
            at = torques.vector_harmonic(kind, degree, order, [[0, 0, pole]])
            np.testing.assert_allclose(at, torques.vector_harmonic(kind, degree, order, near), atol=1e-6)


def test_degree_one_harmonics_are_the_damping_like_and_field_like_torques():
    size = np.sqrt(3 / (8 * np.pi))
    p, m = np.array([0.0, 1.0, 0.0]), SPHERE.m
    gradient = torques.vector_harmonic("gradient", 1, 1, m)[:, 1]
    curl = torques.vector_harmonic("curl", 1, 1, m)[:, 1]
    np.testing.assert_allclose(gradient, size * np.cross(m, np.cross(p, m)), atol=1e-14)
    np.testing.assert_allclose(curl, -size * np.cross(p, m), atol=1e-14)


GROUPS = {
    "isotropic": (torques.ISOTROPIC, [rotation(0.7), rotation(2.1), reflection(0.4)]),
    "all rotations": (torques.Symmetry(0, None), [rotation(0.7)]),
    "one mirror": (torques.one_mirror(25.0), [reflection(np.deg2rad(25))]),
    "C_2v": (torques.Symmetry(2, 40.0), [rotation(np.pi), reflection(np.deg2rad(40))]),
    "C_3v": (torques.Symmetry(3, 10.0), [rotation(2 * np.pi / 3), reflection(np.deg2rad(10))]),
    "C_4": (torques.Symmetry(4, None), [rotation(np.pi / 2)]),
}


@pytest.mark.parametrize("name", GROUPS)
def test_allowed_torques_turn_with_the_film(name):
    symmetry, operations = GROUPS[name]
    terms = torques.allowed_terms(5, symmetry)
    T = field_of(terms, symmetry, RNG.normal(size=len(terms)))
    m = SPHERE.m[::7]
    for g in operations:
        axial = np.linalg.det(g) * g
        for E in (np.array([1.0, 0.0]), np.array([0.6, 0.8])):
            np.testing.assert_allclose(T(m @ axial.T, g[:2, :2] @ E), T(m, E) @ axial.T, atol=1e-12)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("name", GROUPS)
def test_no_allowed_torque_is_missing(name):
    """The invariant space counted independently: the trace of the group average over all fields linear in E."""
    symmetry, operations = GROUPS[name]
    lmax, sphere = 4, torques.directions(9)
    everything = torques.Symmetry(1, None)
    from spinstack.torques.harmonics import harmonic_basis

    terms = torques.allowed_terms(lmax, everything)
    assert len(terms) == 2 * 2 * ((lmax + 1) ** 2 - 1)
    conditions = []
    for g in operations:
        axial = np.linalg.det(g) * g
        turned = np.zeros((len(terms), len(terms)))
        for E in np.eye(2):
            B = harmonic_basis(sphere.m, E, terms)
            moved = harmonic_basis(sphere.m @ axial.T, g[:2, :2] @ E, terms) @ axial  # T -> g^-1 T(gm, gE)
            turned += np.einsum("n,nac,nbc->ab", sphere.weight, B, moved)
        conditions.append(turned - np.eye(len(terms)))
    rank = np.linalg.matrix_rank(np.concatenate(conditions), tol=1e-8)
    assert len(terms) - rank == len(torques.allowed_terms(lmax, symmetry))


@given(between(0, 2 * np.pi))
@settings(max_examples=3)
def test_isotropic_film_has_no_forbidden_torque(angle):
    E = (np.cos(angle), np.sin(angle))
    data = torques.torque_map(film(filtering=3e4, precession=2e4, rashba_edelstein=1e4), SPHERE, E=E)
    fit = torques.fit_harmonics(data, 8, None, weights=data.weight)
    assert fit.attrs["relative_residual"] < 1e-12
    largest = float(np.abs(fit.coefficient).max())
    assert largest > 1e-12
    assert float(np.abs(torques.forbidden(fit, torques.ISOTROPIC, E=E)).max()) < 1e-10 * largest


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("across", [0, 1])
@pytest.mark.parametrize("turn", [0.0, 30.0, -50.0])
def test_a_film_with_one_mirror_has_no_torque_that_it_forbids(turn, across):
    theta = rotation(np.deg2rad(turn)) @ spin_hall(zy=0.05, xx=0.02, yy=0.02) @ rotation(np.deg2rad(turn))[:2, :2].T
    sample = film(spin_hall(zy=0.05))
    # along the mirror plane and across it: at other angles it forbids nothing
    E = rotation(np.deg2rad(turn))[:2, across]
    turned = rotation(np.deg2rad(turn)) @ spin_hall(zy=0.05) @ rotation(np.deg2rad(turn))[:2, :2].T
    data = torques.torque_map(sample.replace({"Pt.spin_hall_angle": turned}), SPHERE, E=E)
    fit = torques.fit_harmonics(data, 8, None, weights=data.weight)
    largest = float(np.abs(fit.coefficient).max())
    assert float(np.abs(torques.forbidden(fit, torques.one_mirror(90.0 + turn), E=E)).max()) < 1e-10 * largest
    lower = torques.torque_map(sample.replace({"Pt.spin_hall_angle": theta}), SPHERE, E=E)
    without = torques.fit_harmonics(lower, 8, None, weights=lower.weight)
    assert float(np.abs(torques.forbidden(without, torques.one_mirror(90.0 + turn), E=E)).max()) > 1e-3 * largest


def test_example_film_has_no_forbidden_torque_on_its_magnet():
    sample = ss.load_sample(Path(__file__).parents[2] / "examples" / "ruo2_py.toml")
    data = torques.torque_map(sample, SPHERE, E=(0.28, -0.96))
    fit = torques.fit_harmonics(data, 6, None, weights=data.weight)
    assert float(np.abs(torques.forbidden(fit, torques.ISOTROPIC, E=(0.28, -0.96))).max()) < 1e-10 * float(
        np.abs(fit.coefficient).max()
    )


def test_torque_vanishes_with_m_along_z_cross_e_in_an_isotropic_film_and_not_in_a_low_one():
    E = np.array([np.cos(0.3), np.sin(0.3)])
    p = np.array([[-E[1], E[0], 0.0], [E[1], -E[0], 0.0]])
    scale = float(np.abs(torques.torque_map(film(), [[0, 0, 1.0]], E=E).torque).max())
    assert float(np.abs(torques.torque_map(film(), p, E=E).torque).max()) < 1e-12 * scale
    assert float(np.abs(torques.torque_map(film(spin_hall(zy=0.05)), p, E=E).torque).max()) > 0.05 * scale


def test_out_of_plane_damping_needs_the_field_across_the_only_mirror():
    """Spin z from E along y: the mirror left is x = 0 or y = 0 with normal y; E along y crosses it."""
    sample = film(spin_hall(zy=0.05))
    along, across = (torques.torque_map(sample, SPHERE, E=E) for E in ((1, 0), (0, 1)))
    term = "gradient l=1 1"  # z - m m_z = m x (z x m)
    values = []
    for data in (along, across):
        fit = torques.fit_harmonics(data, 4, None, weights=data.weight)
        values.append(float(fit.coefficient.sel(term=term)) / float(np.abs(fit.coefficient).max()))
    assert abs(values[0]) < 1e-12
    assert values[1] > 0.1  # spin +z flows up into the magnet, so it turns m towards +z


def test_low_symmetry_film_has_its_mirror_and_no_other():
    data = both_fields(film(spin_hall(zy=0.05, xx=0.0, yx=0.13)))
    right = torques.fit_harmonics(data, 6, torques.one_mirror(90.0), weights=data.weight)
    assert right.attrs["relative_residual"] < 1e-12
    for wrong in (torques.one_mirror(0.0), torques.one_mirror(60.0), torques.ISOTROPIC, torques.Symmetry(2, 90.0)):
        fit = torques.fit_harmonics(data, 6, wrong, weights=data.weight)
        assert fit.attrs["relative_residual"] > 0.05


def test_turning_the_low_symmetry_film_turns_its_mirror():
    turn = np.deg2rad(35.0)
    theta = rotation(turn) @ spin_hall(zy=0.05) @ rotation(turn)[:2, :2].T
    # spins are axial and the rotation proper, so both indices turn alike
    data = both_fields(film(theta))
    fit = torques.fit_harmonics(data, 4, torques.one_mirror(90.0 + 35.0), weights=data.weight)
    assert fit.attrs["relative_residual"] < 1e-12
    assert (
        torques.fit_harmonics(data, 4, torques.one_mirror(90.0), weights=data.weight).attrs["relative_residual"] > 0.05
    )


def test_another_magnet_along_z_breaks_the_mirrors_but_not_the_rotations():
    pair = film() | ss.Ferromagnet(
        "Fe", thickness=2 * NM, conductivity=4e6, spin_diffusion_length=5 * NM, polarization=0.5,
        dephasing_length=1 * NM, precession_length=1.3 * NM, anomalous_hall_angle=0.03,
    )  # fmt: skip
    sphere = torques.directions(20)
    maps = [torques.torque_map(pair, sphere, E=E, magnet="Co", others={"Fe": (0, 0, 1)}) for E in ((1, 0), (0, 1))]
    data = xr.concat(maps, "direction")
    missed = {}
    for symmetry in (torques.Symmetry(0, None), torques.ISOTROPIC):
        for lmax in (4, 8, 12):
            fit = torques.fit_harmonics(data, lmax, symmetry, weights=data.weight)
            missed[symmetry, lmax] = fit.attrs["relative_residual"]
    turned = [missed[torques.Symmetry(0, None), n] for n in (4, 8, 12)]
    assert turned[1] < 0.15 * turned[0]  # the series converges geometrically to the film's torque
    assert turned[2] < 0.15 * turned[1]
    assert missed[torques.ISOTROPIC, 12] > 0.03  # and this one does not
    by_name = torques.torque_map(pair, sphere, E=(1, 0), magnet="Co", others={"Fe": "z"})
    assert by_name.identical(maps[0])
    # the exact statement: a reflection must also turn Fe over
    m, axial = sphere.m[::37], -reflection(np.pi / 2)
    T, flipped, wrong = (
        torques.torque_map(pair, v, magnet="Co", others={"Fe": (0, 0, z)}).torque.values
        for v, z in ((m, 1), (m @ axial.T, -1), (m @ axial.T, 1))
    )
    np.testing.assert_allclose(flipped, T @ axial.T, atol=1e-12 * np.abs(T).max())
    assert np.abs(wrong - T @ axial.T).max() > 0.01 * np.abs(T).max()


def test_torque_map_is_ss_torque_per_field():
    sample, m = film(), SPHERE.m[::50]
    data = torques.torque_map(sample, E=(3.0, 4.0), directions=m)
    direct = ss.torque(sample, m=m, E=(3.0, 4.0))["Co"].values / 5
    np.testing.assert_allclose(data.torque.values, direct, rtol=1e-12, atol=1e-25)
    assert "weight" not in data
    assert data.torque.attrs["units"] == "N/V"


def test_bad_symmetries_and_maps_are_refused_in_words():
    sample = film()
    pair = sample | ss.Ferromagnet("Fe", thickness=NM, conductivity=4e6, spin_diffusion_length=5 * NM)
    for call, words in (
        (lambda: torques.Symmetry(-1), "fold: got -1"),
        (lambda: torques.one_mirror(np.nan), "mirror: got nan"),
        (lambda: torques.directions(0), r"directions\.n: got 0"),
        (lambda: torques.vector_harmonic("grad", 1, 0, [0, 0, 1]), "'gradient', 'curl'"),
        (lambda: torques.vector_harmonic("curl", 2, 3, [0, 0, 1]), "Allowed: a whole number from 0 to 2"),
        (lambda: torques.torque_map(sample, magnet="Ni"), "'Co'"),
        (lambda: torques.torque_map(pair, magnet="Co"), "Fe"),
        (lambda: torques.torque_map(pair), "one of 'Co', 'Fe'"),
        (lambda: torques.torque_map(sample, E=(0, 0)), "length zero"),
        (lambda: torques.torque_map(sample, directions=[[0, 0, 0]]), "length zero"),
        (lambda: torques.torque_map(sample.replace({"Pt.thickness": np.array([1e-9, 2e-9])})), "torque_map"),
    ):
        with pytest.raises(ss.ParameterError, match=words):
            call()
