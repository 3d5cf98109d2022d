"""The film solved twice: the package's closed forms and fold against collocation of the differential equations.

First the reference alone meets closed forms of the literature and a second discretisation, then it meets the package
for films with every coupling switched on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_films import X, Y, Z
from random_films import STRUCTURES, Draw, seeded
from reference_bvp import UNITS, Solution, pose, solve
from scipy.integrate import solve_bvp
from studies import mostly_studies

import spinstack as ss
from spinstack.circuit import element_matrix
from spinstack.stack.film import magnet_labels

FIELDS = ((1.0, 0.0), (0.0, 1.0))


def relative(ours: Any, theirs: Any) -> float:
    """Largest difference over the largest entry of the reference `theirs`."""
    theirs = np.asarray(theirs)
    return float(np.abs(np.asarray(ours) - theirs).max() / np.abs(theirs).max())


# ---- the reference alone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [X, Y, Z, np.array([0.4, 0.5, 0.6])])
def test_reference_meets_spin_hall_magnetoresistance_on_an_insulator(m: np.ndarray) -> None:
    # Chen et al., Phys. Rev. B 87, 144411 (2013), Eqs. 21-23, as conductivities (theta^2 exact); magnet below
    d, lam, theta, sigma, G = 7e-9, 2e-9, 0.08, 3e6, 5e14 + 3e14j
    film = ss.MagneticInsulator("YIG", mixing_conductance=G) | ss.Metal(
        "Pt", thickness=d, conductivity=sigma, spin_diffusion_length=lam, spin_hall_angle=theta
    )
    tanh, coth = np.tanh(d / 2 / lam), 1 / np.tanh(d / lam)
    change = theta**2 * (lam / d) * 2 * lam * G * tanh**2 / (sigma + 2 * lam * G * coth)
    m = m / np.linalg.norm(m)
    along = 1 + theta**2 * (2 * lam / d) * tanh - change.real * (1 - m[[1, 0]] ** 2)
    across = -change.real * m[0] * m[1] + change.imag * m[2] * np.array([-1, 1])
    expected = sigma * d * np.array([[along[0], across[0]], [across[1], along[1]]])
    assert abs(solve(film, m).sheet - expected).max() < 1e-14 * sigma * d


@pytest.mark.parametrize("weight", [1.0, 0.0, -0.5])
def test_reference_meets_the_bilayer_with_filtering_and_spin_hall_effect(weight: float) -> None:
    # G(m||z) - G(m||y) of metal, filtering interface, ferromagnet: each layer is one spin resistance, so the circuit
    # is solved by hand. R_N, R_F, R_T: spin resistance of the metal, of the ferromagnet along and across m.
    lam, sigma, d, theta, kappa = 2e-9, 2e6, 5e-9, 0.07, 3e4
    l_F, sigma_F, d_F, P, l_phi = 3e-9, 4e6, 4e-9, 0.5, 1e-9
    up, down, Gr = 5e14, 2e14, 6e14
    film = (
        ss.Metal("N", thickness=d, conductivity=sigma, spin_diffusion_length=lam, spin_hall_angle=theta)
        | ss.Interface(
            conductance_up=up, conductance_down=down, mixing_conductance=Gr, filtering=kappa, reciprocal=weight
        )
        | ss.Ferromagnet(
            "F", thickness=d_F, conductivity=sigma_F, spin_diffusion_length=l_F, polarization=P, dephasing_length=l_phi
        )
    )
    R_N = lam / sigma / np.tanh(d / lam)
    R_F = l_F / (sigma_F * (1 - P**2)) / np.tanh(d_F / l_F)
    k = np.sqrt(1 / l_F**2 + 1 / l_phi**2)
    R_T = 1 / (sigma_F * k * np.tanh(k * d_F))
    parallel = 4 * up * down / (up + down)
    a = theta * sigma * (1 - 1 / np.cosh(d / lam))
    # m along z: lower and upper face are separate, each absorbs through 2 Gr
    lower = R_N * (a - (2 * Gr * R_N * a + kappa) / (1 + 2 * Gr * R_N))
    upper = R_T * kappa / (1 + 2 * Gr * R_T)
    z = (a - weight * kappa) * lower + weight * kappa * upper
    # m along y: one spin current runs through
    Q = (parallel * R_N * a + kappa) / (1 + parallel * (R_N + R_F))
    y = (a - weight * kappa) * R_N * (a - Q) + weight * kappa * R_F * Q
    difference = solve(film, Z).sheet[0, 0] - solve(film, Y).sheet[0, 0]
    assert difference == pytest.approx(z - y, rel=1e-8)


@pytest.mark.parametrize(("length", "conductivity"), [(8e-9, 5e6), (30e-9, 1e4)], ids=["metal", "nearly no spin out"])
def test_reference_meets_a_polarized_slab_between_spin_sinks(length: float, conductivity: float) -> None:
    # sinks take P j of spin without accumulation; behind normal metals a tanh in the slab meets one in these (Valet and
    # Fert, PRB 48, 7099 (1993)): 2 P^2 r_N r_F/(r_N + r_F), each r with its tanh, r_F over 1 - P^2
    t, lam, sigma, P, other = 6e-9, 4e-9, 3e6, 0.7, 9e-9
    magnet = ss.Ferromagnet("F", thickness=t, conductivity=sigma, spin_diffusion_length=lam, polarization=P)
    m = np.array([0.3, -0.5, 0.8])
    R = solve(ss.Film((magnet,)), m, reservoirs=True).perpendicular_resistance
    assert pytest.approx(t / sigma, rel=1e-12) == R
    metal = ss.Metal("N", thickness=length, conductivity=conductivity, spin_diffusion_length=other)
    r_F, r_N = lam / sigma / (1 - P**2) * np.tanh(t / 2 / lam), other / conductivity * np.tanh(length / other)
    expected = t / sigma + 2 * length / conductivity + 2 * P**2 * r_N * r_F / (r_N + r_F)
    R = solve(metal | magnet | metal, m, reservoirs=True).perpendicular_resistance
    assert pytest.approx(expected, rel=1e-11) == R


def test_reference_meets_hanle_magnetoresistance() -> None:
    # sheet conductance with B across the accumulation the length is complex (Velez et al., PRL 116, 016603 (2016))
    t, lam, sigma, theta, D, B = 5e-9, 2e-9, 4e6, 0.1, 5e-6, 3.0
    film = ss.Film(
        (
            ss.Metal(
                "Pt", thickness=t, conductivity=sigma, spin_diffusion_length=lam, spin_hall_angle=theta,
                diffusion_coefficient=D,
            ),
        )
    )  # fmt: skip
    omega = 2 * 9.2740100783e-24 * B / 1.054571817e-34
    complex_lam = 1 / np.sqrt(1 / lam**2 + 1j * omega / D)
    response = 2 * complex_lam * np.tanh(t / 2 / complex_lam)
    expected = sigma * (t + theta**2 * response.real)
    sheet = solve(film, B=B * Z).sheet
    assert sheet[0, 0] == pytest.approx(expected, rel=1e-13)
    assert abs(sheet[1, 0]) == pytest.approx(abs(sigma * theta**2 * response.imag), abs=1e-12 * expected)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("seed", range(4))
def test_reference_conserves_charge_and_converges_spectrally(seed: int) -> None:
    draw = seeded(100 + seed)
    film = draw.film(3)
    m, B = draw.directions(film), draw.field()
    fine = solve(film, m, B, nodes=48)
    errors = [relative(solve(film, m, B, nodes=n).sheet, fine.sheet) for n in (6, 10, 14)]
    assert errors[1] < errors[0] / 30
    assert errors[2] < max(errors[1] / 30, 1e-14)
    for layer in fine.layers(9, (1.0, 0.0)):
        assert abs(layer["j_c"]).max() < 1e-12 * abs(layer["j"]).max()


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("seed", range(4))
def test_reference_obeys_onsager(seed: int) -> None:
    draw = seeded(200 + seed)
    film = draw.film(4, middle=seed == 3)
    film = ss.Film(tuple(e.replace(reciprocal=1.0) if isinstance(e, ss.Interface) else e for e in film))
    m, B = draw.directions(film), draw.field()
    # a spin splitter is odd in the Neel vector, which time reversal turns round as well
    turned = ss.Film(
        tuple(
            e.replace(spin_splitter=-e.spin_splitter) if getattr(e, "spin_splitter", None) is not None else e
            for e in film
        )
    )
    G = solve(film, m, B).sheet
    reversed_G = solve(turned, {name: -v for name, v in m.items()}, -B).sheet
    assert relative(G, G.T) > 1e-4
    assert relative(reversed_G.T, G) < 1e-13


def test_another_discretisation_meets_the_reference() -> None:
    draw = seeded(7)
    film = draw.insulator("I") | draw.metal("N") | draw.interface(True, "F") | draw.ferromagnet("F")
    m, B = draw.directions(film), draw.field()
    problem = pose(film, m, B)
    sizes = [len(block.units) for block in problem.blocks]
    A = np.zeros((sum(sizes), sum(sizes)))
    C, c = problem.conditions()
    E = np.array([0.6, -0.8, 0.0])
    constant, lower, upper = [], [], []
    row = column = 0
    for block, d in zip(problem.blocks, sizes, strict=True):
        A[row : row + d, row : row + d] = block.A * block.units / block.units[:, None]
        constant.append(block.b @ E / block.units)
        lower.append(C[:, column : column + d])
        upper.append(C[:, column + d : column + 2 * d])
        row, column = row + d, column + 2 * d
    b, at_0, at_1, at_junctions = np.concatenate(constant), np.hstack(lower), np.hstack(upper), C[:, column:]
    x = np.linspace(0, 1, 65)
    result = solve_bvp(
        lambda x, y, p: A @ y + b[:, None],
        lambda y0, y1, p: at_0 @ y0 + at_1 @ y1 + at_junctions @ p - c @ E,
        x,
        np.zeros((len(A), len(x))),
        p=np.zeros(8 * problem.count),
        fun_jac=lambda x, y, p: (
            np.broadcast_to(A[:, :, None], (*A.shape, x.size)),
            np.zeros((len(A), 8 * problem.count, x.size)),
        ),
        bc_jac=lambda y0, y1, p: (at_0, at_1, at_junctions),
        tol=1e-9,
        max_nodes=4000,
    )
    assert result.success
    junctions = result.p.reshape(-1, 8) * UNITS
    expected = solve(film, m, B).junction @ E
    for part in (slice(0, 1), slice(1, 4), slice(5, 8)):
        assert relative(junctions[:, part], expected[:, part]) < 1e-8


# ---- the package against the reference ---------------------------------------------------------------------------


def routes(film: ss.Film, m: Any, B: Any, **options: Any) -> Solution:
    """The reference's solution; it knows magnets by their position in the film."""
    where = [i for i, e in enumerate(film) if e.magnetic]
    return solve(film, dict(zip(where, m.values(), strict=True)), B, **options)


def check_everything(film: ss.Film, m: Any, B: np.ndarray, tolerance: float, *, per_layer: bool) -> None:
    """Sheet conductance, profiles, layer averages, torques and faces of one film by both routes."""
    reference = routes(film, m, B)
    assert relative(ss.sheet_conductance(film, m=m or None, B=B), reference.sheet) < tolerance
    for E in FIELDS:
        check_profiles(film, m or None, B, E, reference, tolerance, per_layer=per_layer)
        torque = ss.torque(film, m=m, B=B, E=E) if film.magnets else None
        torques = reference.torques(E)
        size = max((abs(T).max() for T in torques.values()), default=0.0)
        for label, expected in zip(magnet_labels(film), torques.values(), strict=True):
            scale = abs(expected).max() if per_layer else size
            assert abs(torque[label].values - expected).max() < tolerance * scale, label


def check_profiles(
    film: ss.Film, m: Any, B: np.ndarray, E: Any, reference: Solution, tolerance: float, *, per_layer: bool
) -> None:
    points = 13
    profile = ss.profile(film, m=m, B=B, E=E, points=points)
    layers = reference.layers(points, E)
    positions = [i for i, e in enumerate(film) if isinstance(e, ss.Metal | ss.Ferromagnet)]
    for name in ("mu", "Q", "mu_c", "j"):
        size = max(abs(layer[name]).max() for layer in layers)
        for k, expected in enumerate(layers):
            piece = profile.isel(z=slice(k * points, (k + 1) * points))
            assert {label.partition("[")[0] for label in piece["layer"].values} == {film[positions[k]].name}
            scale = abs(expected[name]).max() if per_layer else size
            assert abs(piece[name].values - expected[name]).max() < tolerance * scale, (name, k)
    assert profile["z"].values[-1] == pytest.approx(film.thickness, rel=1e-12)
    assert (profile["j_c"].values == 0).all()


@pytest.mark.parametrize("seed", mostly_studies(range(3), [0]))
@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, ["in_two_parts", "below_a_cap"]))
def test_films_agree_in_everything(structure: str, seed: int) -> None:
    draw = seeded(seed)
    film = STRUCTURES[structure](draw)
    check_everything(film, draw.directions(film), draw.field(), 1e-9, per_layer=True)


@pytest.mark.study
@pytest.mark.parametrize("middle", [False, True])
@pytest.mark.parametrize(("layers", "seed"), [(2, 0), (2, 1), (3, 2), (3, 3), (4, 4), (4, 5), (5, 6), (6, 7)])
def test_random_structures_agree_in_everything(layers: int, seed: int, middle: bool) -> None:
    draw = seeded(seed)
    film = draw.film(layers, middle=middle)
    check_everything(film, draw.directions(film), draw.field(), 1e-9, per_layer=True)


def test_nearly_transparent_interface_keeps_its_digits() -> None:
    draw = seeded(5)
    film = draw.repeated()
    film = film.replace({f"{n}.conductance_{s}": 1e20 for n in ("N|F[0]", "N|F[1]") for s in ("up", "down")})
    m, B = draw.directions(film), draw.field()
    assert relative(ss.sheet_conductance(film, m=m, B=B), routes(film, m, B).sheet) < 1e-10


#: what only the Boltzmann equation reads
OF_THE_OTHER_THEORY = {n for kind in (ss.Metal, ss.Ferromagnet, ss.Interface) for n in kind.only_for("boltzmann")}


#: what stands in the place of another parameter that the film has
OTHER_WORDS = {"density_of_states", "spin_hall_conductivity"}


@pytest.mark.study
def test_every_parameter_reaches_the_comparison() -> None:
    # a mistake in how either route reads a parameter shows in what is compared: each moves the sheet conductance
    draw = seeded(11)
    film = (
        draw.insulator("I")
        | draw.metal("N").replace(spin_splitter=draw.tensor(0.2), diffusion_coefficient=1e-5, density_of_states=None)
        | draw.interface(True).replace(spin_memory_loss=0.7, filtering_upper=3e4, precession_upper=-2e4)
        | draw.ferromagnet("F").replace(
            polarization_parallel=0.3, spin_anomalous_hall_angle=0.1, rotated_spin_hall_angle=0.1
        )
    )
    m, B = draw.directions(film), draw.field()
    sheet = solve(film, m, B).sheet
    paths = film.parameters()
    needed = {name for e in film for name in e.specifications()} - OTHER_WORDS - OF_THE_OTHER_THEORY
    needed = {name for name in needed if "orbital" not in name}  # test_orbital_reference.py
    assert {path.split(".")[1] for path in paths} == needed
    for path, value in paths.items():
        parts = (".real", ".imag") if isinstance(value, complex) else ("",)
        for part in parts:
            changed = film.replace({path + part: film.get(path + part) * 1.01})
            assert relative(solve(changed, m, B).sheet, sheet) > 1e-8, path + part


@st.composite
def drawn_films(draw: st.DrawFn) -> tuple[ss.Film, dict[str, np.ndarray], np.ndarray]:
    numbers = Draw(lambda low, high: draw(st.floats(low, high, allow_subnormal=False)))
    film = numbers.below_a_cap()
    return film, numbers.directions(film), numbers.field()


@pytest.mark.study
@settings(max_examples=15)
@given(drawn_films())
def test_drawn_films_agree_in_everything(case: tuple[ss.Film, dict[str, np.ndarray], np.ndarray]) -> None:
    film, m, B = case
    check_everything(film, m, B, 1e-9, per_layer=False)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("structure", STRUCTURES)
def test_layer_averages_of_the_spin_current_agree(structure: str, seed: int) -> None:
    draw = seeded(300 + seed)
    film = STRUCTURES[structure](draw)
    m, B = draw.directions(film), draw.field()
    reference = routes(film, m, B)
    for position in (i for i, e in enumerate(film) if isinstance(e, ss.Metal | ss.Ferromagnet)):
        name = film[position].name
        found = film.find(name)
        label = name if len(found) == 1 else f"{name}[{found.index(position)}]"
        average = ss.average_spin_current(film, label, m=m, B=B, E=(0.7, -0.4))
        assert relative(average, reference.mean_spin_current(position, (0.7, -0.4))) < 1e-10


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("seed", range(6))
def test_perpendicular_resistance_agrees(seed: int) -> None:
    draw = seeded(400 + seed)
    film = draw.repeated()
    m, B = draw.directions(film), draw.field()
    expected = routes(film, m, B, reservoirs=True).perpendicular_resistance
    assert ss.perpendicular_resistance(film, m=m, B=B) == pytest.approx(expected, rel=1e-10)


@pytest.mark.study
@pytest.mark.parametrize("seed", range(2))
def test_face_states_of_the_reference_satisfy_every_element_matrix(seed: int) -> None:
    # three independent states per film: two fields at closed faces, and a charge current between reservoirs
    draw = seeded(500 + seed)
    film = draw.repeated()
    m, B = draw.directions(film), draw.field()
    order = [1, 2, 3, 0]  # spin first, charge last
    states = [(routes(film, m, B), drive) for drive in (0, 1)] + [(routes(film, m, B, reservoirs=True), 2)]
    for index in range(len(film)):
        M = element_matrix(film, index, m, B)
        for solution, drive in states:
            below, above = (solution.face(index, side)[:, drive] for side in ("below", "above"))
            E = np.eye(2, 3)[:, drive]
            expected = np.concatenate([below[4:][order], above[4:][order], solution.sheet_currents()[index][:, drive]])
            terms = M * np.concatenate([below[:4][order], above[:4][order], E])
            # compared with the largest term of each row: a thin layer's current is the difference of large terms
            assert (abs(terms.sum(axis=1) - expected) < 1e-10 * abs(terms).max(axis=1)).all(), (index, drive)


def test_insulator_element_matrix_absorbs_what_the_reference_absorbs() -> None:
    draw = seeded(600)
    film = draw.metal("N") | draw.insulator("I") | draw.metal("K")
    m = draw.directions(film)
    M = element_matrix(film, 1, m, np.zeros(3))
    solution = solve(film, m)
    for drive in (0, 1):
        lower, upper = solution.face(0, "above")[:, drive], solution.face(2, "below")[:, drive]
        currents = M @ np.concatenate([lower[1:4], [lower[0]], upper[1:4], [upper[0]], np.eye(2)[drive]])
        assert relative(currents[:3], lower[5:]) < 1e-11
        assert relative(currents[4:7], upper[5:]) < 1e-11
        assert (currents[[3, 7, 8, 9]] == 0).all()
