"""The Boltzmann equation against classic exact results and against a brute-force discretisation that shares no code.

First the two references against each other, then the package against both.
"""

import numpy as np
import pytest
import reference_boltzmann_exact as exact
from reference_boltzmann import Face, Film, Grid, Layer, Solution
from reference_scattering import ELEMENTARY_CHARGE, PLANCK, Barrier, scatter

import spinstack as ss
from spinstack.boltzmann import perpendicular, profiles, solve

NM, KF = 1e-9, 1.36e10
C = ELEMENTARY_CHARGE**2 * KF**2 / (np.pi**2 * PLANCK / (2 * np.pi))
UP, DOWN = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)
LOW = tuple(np.array([0.3, -0.5, 0.8]) / np.sqrt(0.98))
HIGH = tuple(np.array([-0.6, 0.7, 0.2]) / np.sqrt(0.89))
HALL = ((0.02, -0.1), (0.12, 0.03), (0.01, 0.04))
SPLITTER = ((0.03, 0.05), (0.02, 0.03), (0.07, -0.04))


def everything(sign=1, skew=0.0):
    """A magnet, a metal, a magnet with every term of the equation, no symmetry; sign -1: time reversed. In nm."""
    low, high = tuple(sign * np.array(LOW)), tuple(sign * np.array(HIGH))
    splitter = tuple(map(tuple, sign * np.array(SPLITTER)))
    return Film(
        (
            Layer(1.2, 0.4, 0.9, 0.15, 0.7, low, 0.3, HALL, skew=skew),
            Layer(0.8, 1.1, 1.1, 0.3, hall=HALL, splitter=splitter, skew=-skew / 2),
            Layer(1.0, 0.5, 1.2, 0.1, -0.4, high),
        ),
        (Face(Barrier(0.4, 0.2, 0.15), low, 0.3), Face(Barrier(0.6, 0.3, 0.1, 0.05), high, 0.2)),
        (0.3, 0.6),
    )


def valve(angle, rashba=0.0, diffuse=0.0, specularity=(0.2, 0.5)):
    """Two magnets, the upper one turned by `angle` about x from z, around a metal: giant magnetoresistance."""
    m = (0.0, float(np.sin(angle)), float(np.cos(angle)))
    barrier = Barrier(0.4, 0.25, rashba)
    return Film(
        (Layer(1.5, 0.5, 1.5, 0.05, 0.3, UP), Layer(0.7, 0.8, 0.8, 0.02), Layer(1.0, 0.6, 1.2, 0.03, 0.5, m)),
        (Face(barrier, UP, diffuse), Face(barrier, m, diffuse)),
        specularity,
    )


def valve_by_two_currents(sign):
    total = 0.0
    for spin in (1, -1):
        rates = [
            layer.flip + (layer.rate_up if s > 0 else layer.rate_down)
            for layer, s in zip(valve(0.0).layers, (spin, 1, spin * sign), strict=True)
        ]
        passed = [exact.delta_transmission(0.4 - 0.25 * s) for s in (spin, spin * sign)]
        total += exact.two_currents([1.5, 0.7, 1.0], 1 / np.array(rates), passed, 0.2, 0.5)
    return total


def valve_by_exponentials(angle):
    film = valve(angle)

    def turned(face):
        def at(c):
            R, T, *_ = scatter(face.barrier, np.array(face.m), np.array([c]), np.array([0.0]))
            return R[0], T[0]

        return at

    layers = [(layer.thickness, layer.out) for layer in film.layers]
    return exact.sheet_without_spin_orbit(layers, [turned(f) for f in film.faces], *film.specularity, points=14)[3]


# --- the references against each other


@pytest.mark.study
def test_brute_force_meets_fuchs_sondheimer_with_different_surfaces():
    for p, q in ((0.0, 0.0), (0.5, 0.5), (0.3, 0.8), (0.0, 1.0)):
        film = Film((Layer(2.0, 0.7, 0.7, 0.3),), (), (p, q))
        sheet = Solution(film, Grid(16, 4)).sheet[:, :2]
        np.testing.assert_allclose(sheet, 2 / 3 * exact.fuchs_sondheimer(2.0, p, q) * np.eye(2), atol=3e-9)
    np.testing.assert_allclose(Solution(Film((Layer(2.0, 1.0, 1.0),), (), (1, 1)), Grid(4, 4)).sheet[0, 0], 2 / 3)


@pytest.mark.study
def test_brute_force_meets_camley_and_barnas():
    for sign in (1, -1):
        sheet = Solution(valve(0.0 if sign > 0 else np.pi), Grid(16, 4)).sheet
        np.testing.assert_allclose(sheet[:, :2], valve_by_two_currents(sign) * np.eye(2), atol=2e-9)


@pytest.mark.study
def test_exponentials_meet_camley_and_barnas_and_brute_force_between():
    np.testing.assert_allclose(valve_by_exponentials(np.pi), valve_by_two_currents(-1), rtol=1e-9)
    sheet = Solution(valve(1.1), Grid(14, 4)).sheet[0, 0]
    np.testing.assert_allclose(sheet, valve_by_exponentials(1.1), rtol=3e-9)


@pytest.mark.study
@pytest.mark.parametrize("thickness", [0.05, 1.0, 10.0])
def test_brute_force_meets_the_integral_equation_of_a_slab(thickness):
    slab = exact.Slab(1.0, 1.0, thickness)
    assert abs(slab.entering - slab.transmitted) < 1e-11
    found = Solution(Film((Layer(thickness, 1.0, 1.0),), (), (None, None)), Grid(20, 1, cells=5, degree=5))
    np.testing.assert_allclose(4 * found.below[1, 3, 5], slab.transmitted, rtol=3e-8)
    np.testing.assert_allclose(4 * found.above[0, 3, 5], slab.transmitted, rtol=3e-8)


@pytest.mark.study
def test_brute_force_meets_the_integral_equation_for_spin_that_turns_and_flips():
    g, flip, kappa = 0.8, 0.15, 0.6
    found = Solution(Film((Layer(1.5, g, g, flip, kappa),), (), (None, None)), Grid(24, 1, cells=5, degree=5))
    along = exact.Slab(g + flip, g - flip, 1.5)
    np.testing.assert_allclose(4 * found.below[1, 2, 4], along.transmitted, rtol=3e-8)
    np.testing.assert_allclose(4 * found.above[0, 2, 4], along.entering, rtol=3e-8)
    # kappa h x m on the left with m along z: (x + i y)' = -(a - i kappa)(x + i y)
    across = exact.Slab(g + flip - 1j * kappa, g - flip, 1.5)
    np.testing.assert_allclose(4 * (found.below[1, 0, 2] + 1j * found.below[1, 1, 2]), across.transmitted, atol=1e-8)
    assert abs(along.entering - along.transmitted - along.lost) < 1e-11


def test_milne_length_from_the_integral_equation():
    assert abs(exact.milne_extrapolation_length() - 0.710446089598763) < 1e-14
    # transmission = (4/3) / (t + 2 z0), up to exp(-t)
    assert abs((4 / 3 / exact.Slab(1.0, 1.0, 24.0).transmitted - 24.0) / 2 - 0.710446089598763) < 1e-8


@pytest.mark.study
@pytest.mark.parametrize(("out", "back"), [(1.0, 0.9), (1.0 - 0.1j, 0.95)])
def test_case_length_from_the_integral_equation(out, back):
    slab = exact.Slab(out, back, 40.0, points=16, panels=24, ratio=0.6)
    a, b = slab.density([20.0, 20.5])
    np.testing.assert_allclose(0.5 / np.log(a / b), exact.decay_length(out, back), rtol=1e-6)


def test_polarised_case_length_reduces_to_the_plain_one():
    np.testing.assert_allclose(exact.polarised_decay_length(1.0, 1.0, 0.3), exact.decay_length(1.3, 0.7), rtol=1e-11)


@pytest.mark.study
@pytest.mark.parametrize(("degree", "cells", "order"), [(0, (5, 6), 1), (1, (4, 5), 3)])
def test_brute_force_converges_in_depth_with_its_order(degree, cells, order):
    film = valve(1.1, rashba=0.1)
    fine = Solution(film, Grid(3, 4, cells=4, degree=5)).sheet[:, :2]
    errors = [np.abs(Solution(film, Even(3, 4, cells=2**n, degree=degree)).sheet[:, :2] - fine).max() for n in cells]
    assert order - 0.3 < np.log2(errors[0] / errors[1]) < order + 0.7


class Even(Grid):
    """`cells` equal cells a layer."""

    def edges(self, thickness):
        return np.linspace(0, thickness, self.cells + 1)


@pytest.mark.study
@pytest.mark.parametrize("skew", [0.0, 0.3])
def test_brute_force_keeps_balances_and_onsager_to_rounding(skew):
    grid = Grid(4, 6, cells=2, degree=2)
    found, reverse = Solution(everything(1, skew), grid), Solution(everything(-1, skew), grid)
    closed = slice(0, 2)
    assert np.abs(found.sheet[0, 1] - found.sheet[1, 0]) > 1e-3
    np.testing.assert_allclose(found.sheet[:, closed], reverse.sheet[:, closed].T, atol=1e-14)
    assert np.abs(found.below[:, 3, closed]).max() < 1e-15
    assert np.abs(found.above[0, :, closed]).max() < 1e-15
    lost = found.below[1:-1, :3] - found.above[1:-1, :3]
    np.testing.assert_allclose(lost, (found.magnet + found.lattice)[1:-1], atol=1e-15)
    np.testing.assert_allclose(found.above[:-1, :3] - found.below[1:, :3], found.exchange + found.flip, atol=1e-15)
    np.testing.assert_allclose(found.uniform[0], -found.uniform[1], atol=1e-15)


# --- the package against both


def as_package(film):
    """The same film of the package's elements, and m by name. Lengths from nm."""
    elements, m = [], {}
    for i, layer in enumerate(film.layers):
        face = film.faces[i - 1] if i and film.faces else None
        magnetic = layer.rate_up != layer.rate_down or layer.precession
        if face is not None and face.barrier is not None:
            owner = f"L{i}" if magnetic and layer.m == face.m else f"L{i - 1}"
            assert face.m == film.layers[int(owner[1:])].m
            b = face.barrier
            model = ss.DeltaBarrier(
                barrier=b.barrier, exchange=b.exchange, rashba=b.rashba, dresselhaus=b.dresselhaus, fermi_wavevector=KF
            )
            elements.append(ss.Interface(scattering=model, diffuse_fraction=face.diffuse, magnet=owner))
        given = {
            "thickness": layer.thickness * NM,
            "spin_flip_length": NM / layer.flip if layer.flip else np.inf,
            "spin_hall_angle": np.array(layer.hall),
            # what drift-diffusion would need
            "conductivity": 1e6,
            "spin_diffusion_length": NM,
        }
        if magnetic:
            mean = (layer.rate_up + layer.rate_down) / 2
            across = (mean + layer.flip + layer.dephasing) * (2 * layer.flip + layer.dephasing)
            across -= (mean + layer.flip) * 2 * layer.flip
            elements.append(
                ss.Ferromagnet(
                    f"L{i}",
                    mean_free_path_up=NM / layer.rate_up,
                    mean_free_path_down=NM / layer.rate_down,
                    precession_wavenumber=layer.precession / NM,
                    dephasing_length=NM / np.sqrt(3 * across) if layer.dephasing else np.inf,
                    **given,
                )
            )
            m[f"L{i}"] = layer.m
        else:
            splitter = {"spin_splitter": np.array(layer.splitter)} if np.any(layer.splitter) else {}
            elements.append(ss.Metal(f"L{i}", mean_free_path=NM / layer.rate_up, **given, **splitter))
    return ss.Film(tuple(elements)), m or None


def owned(found, values):
    """Per magnet (3, 2): what layers and faces take, `values` (faces, 3, 2), a face to the layer of its m."""
    film = found.film
    magnets = [i for i, a in enumerate(film.layers) if a.rate_up != a.rate_down or a.precession]
    torque = np.zeros((len(magnets), 3, 2))
    for row, i in zip(torque, magnets, strict=True):
        row += found.exchange[i][:, :2]
        for f, face in enumerate(film.faces, 1):
            if f in (i, i + 1) and face.m == film.layers[i].m:
                row += values[f]
    return torque


@pytest.mark.study
@pytest.mark.parametrize("film", ["everything", "valve", "one magnet"])
def test_package_meets_brute_force_at_the_same_directions(film):
    films = {
        "everything": everything(),
        "valve": valve(1.1, 0.2, 0.4),
        "one magnet": Film((Layer(1.0, 0.5, 1.3, 0.1, 0.7, HIGH, 0.2, HALL),), (), (0.9, 0.1)),
    }
    grid = Grid(6, 8, cells=3, degree=4)
    expected = Solution(films[film], grid)
    described, m = as_package(films[film])
    found = solve(described, m, films[film].specularity, resolution=(6, 8))
    np.testing.assert_allclose(found.sheet / (C * NM**2), expected.sheet[:, :2], atol=1e-9)
    torque = owned(expected, expected.magnet[..., :2])
    lattice = (expected.lattice.sum(0) + expected.flip.sum(0))[:, :2]
    # a uniform charge potential, free in a closed film, moves torque between magnet and lattice
    uniform = owned(expected, expected.uniform[0][..., None] * np.ones(2)) - owned(expected, np.zeros((9, 3, 2)))
    shift = np.zeros(2)
    if np.abs(uniform).max() > 1e-12:
        shift = np.einsum("nij,nij->j", uniform, found.torque / (C * NM) - torque) / (uniform**2).sum((0, 1))
    np.testing.assert_allclose(found.torque / (C * NM), torque + shift * uniform, atol=1e-9)
    np.testing.assert_allclose(found.lattice / (C * NM), lattice - shift * uniform.sum(0), atol=1e-9)
    assert found.residual < 1e-13


@pytest.mark.study
def test_package_meets_brute_force_inside_the_layers():
    expected = Solution(everything(), Grid(6, 8, cells=3, degree=7))
    film, m = as_package(everything())
    found = profiles(film, m, (0.3, 0.6), points=9, resolution=(6, 8))
    z = [np.linspace(0, layer.thickness, 9)[1:-1] for layer in expected.film.layers]
    mean = [expected.average(i, h)[..., :2] for i, h in enumerate(z)]
    flow = [expected.flow(i, h)[:, :, 3, :2] for i, h in enumerate(z)]
    inside = found.mu.reshape(3, 9, 3, 2)[:, 1:-1] / NM
    np.testing.assert_allclose(inside, 2 * np.stack(mean)[:, :, :3], atol=3e-6)
    charge = found.mu_c.reshape(3, 9, 2)[:, 1:-1] / NM - np.stack(mean)[:, :, 3]
    np.testing.assert_allclose(charge, np.broadcast_to(charge[0, 0], charge.shape), atol=1e-6)
    Q = found.Q.reshape(3, 9, 3, 2) / (C * NM)
    np.testing.assert_allclose(Q[:, 0], expected.above[:-1, :3, :2], atol=1e-9)
    np.testing.assert_allclose(Q[:, -1], expected.below[1:, :3, :2], atol=1e-9)
    # where no inverse spin Hall effect adds to it, the current along the film is <k_a h_c>
    np.testing.assert_allclose(found.j.reshape(3, 9, 2, 2)[2, 1:-1] / (C * NM), flow[2], atol=3e-6)
    np.testing.assert_allclose(found.j_c / (C * NM), 0, atol=1e-14)


@pytest.mark.parametrize("ratio", [0.03, 0.5, 4.0, 50.0])
@pytest.mark.parametrize("specularity", [(0.0, 0.0), (0.5, 0.5), (0.2, 0.9)])
def test_package_meets_fuchs_sondheimer(ratio, specularity):
    film = ss.Film(
        (
            ss.Metal(
                "N",
                thickness=ratio * NM,
                conductivity=1e6,
                spin_diffusion_length=NM,
                mean_free_path=NM,
                spin_flip_length=np.inf,
            ),
        )
    )
    found = solve(film, None, specularity, rtol=1e-8)
    expected = C * NM**2 * ratio / 3 * exact.fuchs_sondheimer(ratio, *specularity)
    np.testing.assert_allclose(found.sheet, expected * np.eye(2), rtol=1e-7, atol=1e-7 * expected)


@pytest.mark.parametrize("sign", [1, -1])
def test_package_meets_camley_and_barnas(sign):
    film, m = as_package(valve(0.0 if sign > 0 else np.pi))
    found = solve(film, m, (0.2, 0.5), rtol=1e-8)
    expected = C * NM**2 * valve_by_two_currents(sign)
    np.testing.assert_allclose(found.sheet, expected * np.eye(2), rtol=1e-7, atol=1e-12 * expected)


def test_package_meets_matrix_exponentials_between_parallel_and_antiparallel():
    film, m = as_package(valve(1.1))
    found = solve(film, m, (0.2, 0.5), rtol=1e-8)
    np.testing.assert_allclose(found.sheet[0, 0], C * NM**2 * valve_by_exponentials(1.1), rtol=1e-7)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("thickness", [1e-3, 0.1, 1.0, 10.0])
def test_package_meets_the_integral_equation_of_a_slab(thickness):
    film, _ = as_package(Film((Layer(thickness, 1.0, 1.0),)))
    found = perpendicular(film, rtol=1e-8)
    slab = exact.Slab(1.0, 1.0, thickness, points=14, panels=22)
    np.testing.assert_allclose(found.resistance, 4 / (C * slab.transmitted), rtol=1e-7)


def test_package_meets_milne():
    film, _ = as_package(Film((Layer(24.0, 1.0, 1.0),)))
    z0 = (float(perpendicular(film, rtol=1e-8).resistance) * C / 3 - 24.0) / 2
    assert abs(z0 - exact.milne_extrapolation_length()) < 1e-6


@pytest.mark.study
@pytest.mark.parametrize("angle", [0.0, 2.0])
def test_package_meets_brute_force_between_reservoirs(angle):
    described = valve(angle, rashba=0.1, specularity=(None, None))
    expected = Solution(described, Grid(10, 12, cells=3, degree=4)).below[-1, :, 5]
    film, m = as_package(described)
    found = perpendicular(film, m, rtol=1e-7)
    np.testing.assert_allclose(found.resistance, 1 / (C * expected[3]), rtol=1e-6)
    np.testing.assert_allclose(found.spin_current, expected[:3] / expected[3], atol=1e-6)


@pytest.mark.parametrize("kappa", [0.0, 0.1])
def test_package_meets_case_deep_inside(kappa):
    """Spin that an interface makes dies with the discrete root; with precession, with the complex one."""
    g, flip = 0.98, 0.02
    magnet = Layer(40.0, g, g * (1 - 1e-14), flip, kappa, UP)
    film, m = as_package(Film((Layer(1.0, 0.5, 0.5), magnet), (Face(Barrier(0.4, 0.2, 0.2), UP),)))
    found = profiles(film, m, resolution=(24, 24), points=401)
    z, mu = found.z[401:] / NM - 1.0, found.mu[401:, :, 0]
    across = mu[:, 0] + 1j * mu[:, 1]
    i, j = (int(np.argmin(np.abs(z - at))) for at in (20.0, 21.0))
    length = (z[j] - z[i]) / np.log(across[i] / across[j])
    np.testing.assert_allclose(length, exact.decay_length(g + flip - 1j * kappa, g - flip), rtol=1e-5)


def test_package_solves_closed_films_for_every_direction():
    """The free constant of the charge is found whatever rounding does to it; m along x was singular."""
    barrier = ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.1, fermi_wavevector=KF)
    metal = {"conductivity": 4e6, "spin_diffusion_length": 2e-9, "spin_flip_length": 2e-8}
    magnet = {"conductivity": 4e6, "polarization": 0.4, "spin_diffusion_length": 5e-9, "spin_flip_length": 4e-8}
    film = (
        ss.Metal("N", thickness=5e-9, **metal)
        | ss.Interface(scattering=barrier)
        | ss.Ferromagnet("F", thickness=4e-9, precession_wavenumber=1e9, **magnet)
    )
    turn = np.linspace(0, 2 * np.pi, 25)
    for m in ([1.0, 0.0, 0.0], *np.eye(3), *np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1)):
        assert solve(film, np.array(m), resolution=(12, 12)).residual < 1e-13
