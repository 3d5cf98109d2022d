"""Scattering data in the Boltzmann equation: what passes between functions of direction, summed over their own k."""

from functools import partial

import numpy as np
import pytest
from boltzmann_films import C, check_invariants, nm, time_reversed
from boltzmann_slopes import check_slopes
from plain_films import KF
from scattering_data import (
    any_arrays,
    any_unitary,
    arrays_of,
    folded,
    many,
    rings,
    sided_arrays,
    sphere_arrays,
    square,
)
from studies import mostly_studies

import spinstack as ss
from spinstack.boltzmann import perpendicular, reservoirs, solve
from spinstack.boltzmann.solve import solve_slopes

M = np.array([0.3, 0.5, -0.8]) / np.linalg.norm([0.3, 0.5, -0.8])
delta = partial(ss.DeltaBarrier, barrier=0.5, exchange=0.3, fermi_wavevector=KF)
PARITY = np.tile([-1.0, -1.0, -1.0, 1.0], 2)
POWER = np.array([0.5, 0.5, 0.5, 1.0, -0.5, -0.5, -0.5, -1.0])


def metal(name="N", **fields):
    return ss.Metal(name, **{"thickness": 5 * nm, "conductivity": 4e6, "spin_diffusion_length": 3 * nm,
                             "spin_hall_angle": 0.1} | fields)  # fmt: skip


def magnet(name="F", **fields):
    return ss.Ferromagnet(name, **{"thickness": 4 * nm, "conductivity": 3e6, "polarization": 0.4,
                                   "spin_diffusion_length": 4 * nm, "precession_length": 2 * nm} | fields)  # fmt: skip


def bilayer(model, diffuse=0.0, **fields):
    return metal() | ss.Interface(scattering=model, diffuse_fraction=diffuse) | magnet(**fields)


def off(one, other):
    """Largest difference, relative to the largest entry."""
    return np.abs(one - other).max() / np.abs(other).max()


def data_of(barrier, m=(M, -M), polar=16, azimuths=12):
    return ss.ScatteringData(**arrays_of(barrier, np.array(m), polar, azimuths))


# --- the same interface, told in another way


@pytest.mark.parametrize(("rashba", "specularity"), [(0.0, (0.0, 0.0)), (0.2, (0.7, 0.4))])
def test_a_delta_barrier_as_data_is_the_delta_barrier(rashba, specularity):
    barrier = delta(rashba=rashba)
    data = data_of(barrier)
    told, own = (solve(bilayer(b, 0.2), M, specularity, resolution=(16, 12)) for b in (data, barrier))
    assert off(told.sheet, own.sheet) < 2e-10
    assert off(told.torque, own.torque) < 3e-7
    assert off(told.lattice, own.lattice) < 3e-7
    assert told.residual < 1e-14


def test_its_magnetoresistance_is_that_of_the_delta_barrier():
    m = np.eye(3)
    barrier = delta(rashba=0.2)
    data = data_of(barrier, np.concatenate([m, -m]), 12, 10)
    told, own = (solve(bilayer(b), m, resolution=(12, 10)).sheet[:, 0, 0] for b in (data, barrier))
    assert np.ptp(own) > 5e-4 * own[0]
    np.testing.assert_allclose(told - told[2], own - own[2], rtol=0, atol=2e-5 * np.ptp(own))


@pytest.mark.parametrize("rashba", [0.0, 0.2])
def test_its_resistance_to_a_current_along_z_is_that_of_the_delta_barrier(rashba):
    barrier = delta(rashba=rashba)
    told, own = (perpendicular(bilayer(b), M, rtol=1e-4) for b in (data_of(barrier, polar=12), barrier))
    assert told.resistance == pytest.approx(own.resistance, rel=1e-7)
    np.testing.assert_allclose(told.torque, own.torque, rtol=0, atol=1e-6)


def test_the_error_falls_with_the_number_of_wave_vectors():
    """On rings exponentially, nearly a digit for each; on an even grid as it knows the edge of the sphere."""
    barrier = delta()
    own = solve(bilayer(barrier), M, (0.3, 0.6), resolution=(16, 16)).sheet
    polar = [off(solve(bilayer(data_of(barrier, (M,), n, 8)), M, (0.3, 0.6), resolution=(16, 16)).sheet, own)
             for n in (4, 6, 8)]  # fmt: skip
    assert polar[0] < 1e-4
    assert polar[1] < 0.05 * polar[0]
    assert polar[2] < 0.02 * polar[1]
    even = []
    for n in (6, 20):
        k, weight = square(n)
        weight = weight * np.pi / weight.sum()
        r, t = barrier.amplitudes(k, M)
        arrays = sphere_arrays(k, weight, np.block([[r, t], [t, r]])[None], m=M[None], spin_orbit=False)
        even.append(off(solve(bilayer(ss.ScatteringData(**arrays)), M, (0.3, 0.6), resolution=(12, 12)).sheet, own))
    assert even[0] < 3e-4
    assert even[-1] < even[0] / 3


def test_a_step_between_spheres_as_data_passes_20_of_27():
    arrays = sided_arrays(ss.Barrier(fermi_wavevector=KF, fermi_wavevector_upper=2 * KF), M, 8, 8)
    thin = {"thickness": 1e-7 * nm, "spin_hall_angle": 0.0}
    film = metal("A", **thin) | ss.Interface(scattering=ss.ScatteringData(**arrays)) | metal("B", **thin)
    assert perpendicular(film, rtol=1e-4).resistance == pytest.approx(27 / 20 * 4 / C, rel=1e-6)


def test_it_is_so_where_wave_vectors_are_those_of_the_solver():
    barrier = delta(rashba=0.2)
    data = data_of(barrier, polar=24, azimuths=16)
    told, own = (solve(bilayer(b), M, (0.3, 0.6), resolution=(24, 16)) for b in (data, barrier))
    assert off(told.sheet, own.sheet) < 1e-11
    assert off(told.torque, own.torque) < 5e-9


@pytest.mark.parametrize(("path", "allowed"), [(10.0, 3e-6), (50.0, 2e-4)])
def test_films_much_thinner_than_a_mean_free_path_ask_for_grazing_electrons(path, allowed):
    barrier = delta()
    thin = {"thickness": nm, "mean_free_path": path * nm, "spin_flip_length": 2 * path * nm}
    told, own = (
        solve(metal(**thin) | ss.Interface(scattering=b) | magnet(**thin), M, resolution=(24, 6)).sheet
        for b in (data_of(barrier, (M,), 24, 6), barrier)
    )
    assert off(told, own) < allowed


def test_data_beside_other_interfaces_and_surfaces_of_two_spins():
    barrier, other = delta(rashba=0.2), ss.DeltaBarrier(barrier=0.2, exchange=0.1, rashba=0.15, fermi_wavevector=KF)
    told, own = (
        solve(
            metal("A") | ss.Interface(scattering=other, diffuse_fraction=0.3) | magnet("F")
            | ss.Interface(scattering=b, diffuse_fraction=0.2) | magnet("G", precession_length=float("inf")),
            {"F": (0.1, 0.9, 0.3), "G": M}, (0.3, (0.8, 0.2)), resolution=(10, 8),
        )
        for b in (data_of(barrier, polar=10, azimuths=8), barrier)
    )  # fmt: skip
    assert off(told.sheet, own.sheet) < 1e-6
    assert off(told.torque, own.torque) < 1e-4
    assert told.residual < 1e-14


@pytest.mark.parametrize("fields", [{}, {"splitting_upper": 0.15}])
def test_a_barrier_between_different_spheres_as_data_is_the_barrier(fields):
    barrier = ss.Barrier(barrier=0.4, exchange=0.2, fermi_wavevector=KF, fermi_wavevector_upper=1.3 * KF, **fields)
    data = ss.ScatteringData(**sided_arrays(barrier, M))
    lengths = {"precession_length": 1e3 * nm} if not fields else {"precession_length": float("inf")}
    told, own = (solve(bilayer(b, 0.1, **lengths), M, (0.3, 0.6), resolution=(10, 12)) for b in (data, barrier))
    assert off(told.sheet, own.sheet) < 3e-7
    assert off(told.torque, own.torque) < 3e-6


def test_between_known_directions_of_m_stand_harmonics_that_say_how_far_they_are_off():
    barrier = delta(rashba=0.1)
    own = solve(bilayer(barrier), M, resolution=(8, 8)).sheet
    wrong, told = [], []
    for count in (8, 20):
        data = ss.ScatteringData(**arrays_of(barrier, many(count), 8, 8))
        wrong.append(off(solve(bilayer(data), M, resolution=(8, 8)).sheet, own))
        told.append(data.error)
    assert wrong[0] < told[0]
    assert wrong[1] < told[1] < 0.1 * told[0]


def test_two_modes_at_one_k_are_two_directions():
    """A cell of twice the size holds the same electrons; k along the interface is then that of the velocity."""
    plain = any_arrays(3, M)
    one, two = (solve(bilayer(ss.ScatteringData(**a)), M, (0.2, 0.5), resolution=(10, 10)) for a in
                (plain, folded(plain)))  # fmt: skip
    np.testing.assert_allclose(one.sheet, two.sheet, rtol=0, atol=1e-13 * np.abs(one.sheet).max())
    np.testing.assert_allclose(one.torque, two.torque, rtol=0, atol=1e-12 * np.abs(one.torque).max())


def test_modes_that_mix_let_electrons_lose_their_direction():
    """What passes is spread evenly over a pair of directions: less current is carried on, and no charge is lost."""
    both = folded(arrays_of(delta(), np.array([M, -M]), 8, 8))
    mix = np.eye(8)
    mix[:4, :4] = np.kron(np.array([[1, 1], [1, -1]]) / np.sqrt(2), np.eye(2))
    mixed = both | {"S": mix @ both["S"] @ mix}
    found = check_invariants(bilayer(ss.ScatteringData(**mixed)), {"F": M}, (0.2, 0.6))
    direct = solve(bilayer(ss.ScatteringData(**both)), M, (0.2, 0.6), resolution=(10, 8))
    assert found.sheet[0, 0] < 0.995 * direct.sheet[0, 0]


# --- laws that hold at any k

POSSIBLE = {
    "rings": lambda seed: any_arrays(seed, M),
    "even grid": lambda seed: any_arrays(seed, M, square(7)),
    "several modes": lambda seed: folded(any_arrays(seed, M)) | {
        "S": any_unitary(seed, np.ones((32, 8)))[None], "m": M[None]},
    "split": lambda seed: any_arrays(seed, M, radii=(1.0, 1.0, 1.2, 0.8), split=(False, True)),
}  # fmt: skip


@pytest.mark.parametrize("kind", mostly_studies(POSSIBLE, ["even grid", "several modes", "split"]))
def test_onsager_balance_and_passivity_hold_to_rounding(kind):
    first = ss.ScatteringData(**POSSIBLE[kind](1))
    fields = {"precession_length": float("inf")} if kind == "split" else {"spin_hall_angle": -0.05}
    film = metal("A") | ss.Interface(scattering=first, diffuse_fraction=0.3) | magnet(**fields)
    if kind != "split":
        second = ss.ScatteringData(**POSSIBLE[kind](2))
        film = film | ss.Interface(scattering=second) | metal("B", thickness=3 * nm, conductivity=6e6)
    check_invariants(film, {"F": M}, (0.3, 0.8))
    forward, backward = reservoirs(film, M, rtol=0.5), reservoirs(time_reversed(film), -M, rtol=0.5)
    G, back = (POWER[:, None] * found.conductance for found in (forward, backward))
    size = np.abs(G).max()
    np.testing.assert_allclose(G, PARITY[:, None] * back.T * PARITY, rtol=0, atol=1e-13 * size)
    assert np.linalg.eigvalsh(G + G.T).min() > -1e-13 * size
    np.testing.assert_allclose(forward.conductance[3] - forward.conductance[7], 0, atol=1e-13 * size)
    lost = forward.conductance[:3] - forward.conductance[4:7]
    np.testing.assert_allclose(lost, forward.torque.sum(0) + forward.lattice, rtol=0, atol=1e-13 * size)


def test_data_film_and_field_turn_together():
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    spin = np.kron(np.eye(2), np.diag(np.exp([-0.5j * angle, 0.5j * angle])))
    given = any_arrays(5, M)
    turned = given | {
        "k": given["k"] @ turn[:2, :2].T, "velocity": given["velocity"] @ turn.T, "m": (turn @ M)[None],
        "S": spin @ given["S"] @ spin.conj().T,
    }  # fmt: skip
    one = solve(bilayer(ss.ScatteringData(**given)), M, (0.2, 0.3), resolution=(12, 10))
    two = solve(bilayer(ss.ScatteringData(**turned)), turn @ M, (0.2, 0.3), resolution=(12, 10))
    plane = turn[:2, :2]
    assert np.abs(one.sheet[0, 1]) > 1e-9 * one.sheet[0, 0]
    np.testing.assert_allclose(plane @ one.sheet @ plane.T, two.sheet, rtol=0, atol=1e-13 * np.abs(one.sheet).max())
    np.testing.assert_allclose(turn @ one.torque[0] @ plane.T, two.torque[0], rtol=0,
                               atol=1e-12 * np.abs(one.torque).max())  # fmt: skip


def test_derivatives_are_those_of_the_value():
    film = bilayer(data_of(delta(rashba=0.2), polar=8, azimuths=8), 0.3)
    for only in ("F.thickness", "diffuse_fraction"):
        check_slopes(film, M, (0.3, 0.6), only=only)
    plain = bilayer(data_of(delta(), (M,), 8, 8), 0.3)
    apart = ss.Film(tuple(e.replace(diffuse_fraction_down=0.1) if isinstance(e, ss.Interface) else e
                          for e in plain.elements))  # fmt: skip
    check_slopes(apart, M, (0.3, 0.6), only="fraction")


def test_every_answer_of_the_theory_takes_data():
    barrier = delta()
    told, own = (bilayer(b) for b in (data_of(barrier, (M,), 8, 8), barrier))
    theory = ss.Boltzmann(rtol=1e-2)
    one, two = (ss.effective_interface(film, 1, m=M, rtol=1e-3) for film in (told, own))
    np.testing.assert_allclose(one.conductance, two.conductance, rtol=0, atol=1e-3 * np.abs(two.conductance).max())
    asked = ((ss.torque, ["F"]), (ss.layer_currents, ["sheet_current"]), (ss.profile, ["mu", "Q"]))
    for observable, names in asked:
        a, b = (observable(film, m=M, solver=theory) for film in (told, own))
        for name in names:
            np.testing.assert_allclose(a[name], b[name], rtol=0, atol=1e-3 * float(np.abs(b[name]).max()))


def test_rates_that_depend_on_the_angle_to_m_go_with_data():
    barrier = delta()
    told, own = (solve(bilayer(b, scattering_anisotropy=0.3, spin_hall_angle=0.0), M, resolution=(8, 8)).sheet
                 for b in (data_of(barrier, (M,), 8, 8), barrier))  # fmt: skip
    assert off(told, own) < 1e-4


# --- a lattice


def lattice(kFa):
    """Two simple cubic crystals of hopping 1 with a delta barrier's potential in their common plane (K, 4, 4)."""
    fermi = 2 - 2 * np.cos(kFa)
    turn = 2 * np.pi * (np.arange(8) + 0.5) / 8
    x, w = np.polynomial.legendre.leggauss(10)
    edge = np.full(8, kFa)
    for _ in range(40):
        a, b = edge * np.cos(turn), edge * np.sin(turn)
        edge -= (4 - 2 * np.cos(a) - 2 * np.cos(b) - fermi) / (
            2 * np.sin(a) * np.cos(turn) + 2 * np.sin(b) * np.sin(turn)
        )
    angle = np.pi / 4 * (x + 1)
    k = np.sin(angle)[:, None, None] * edge[:, None] * np.stack([np.cos(turn), np.sin(turn)], -1)
    area = (np.sin(angle) * np.cos(angle) * np.pi / 4 * w)[:, None] * edge**2 * 2 * np.pi / 8
    k, area = k.reshape(-1, 2), area.ravel()
    kz = np.arccos(1 - (fermi - 4 + 2 * np.cos(k).sum(-1)) / 2)
    sigma_m = np.einsum("i,ijk->jk", M, np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]]))
    U = 0.5 * np.eye(2) + 0.3 * sigma_m
    v = np.sin(kz)[:, None, None] * np.eye(2)
    t = np.linalg.solve(1j * v - kFa * U, 1j * v)
    r = t - np.eye(2)
    velocity = np.concatenate([np.sin(k), np.sin(kz)[:, None]], -1)
    scale = KF / kFa
    return {
        "k": k * scale, "weight": area * scale**2, "S": np.block([[r, t], [t, r]])[None], "m": M[None],
        "velocity": np.repeat(velocity[:, None], 4, 1), "spin_orbit": False,
    }  # fmt: skip


def test_a_lattice_becomes_the_continuum_as_the_square_of_its_spacing():
    own = solve(bilayer(delta()), M, (0.2, 0.4), resolution=(12, 12)).sheet[0, 0]
    gaps = [solve(bilayer(ss.ScatteringData(**lattice(kFa))), M, (0.2, 0.4), resolution=(12, 12)).sheet[0, 0] / own - 1
            for kFa in (0.1, 0.2, 0.4)]  # fmt: skip
    assert abs(gaps[0]) < 1e-3
    orders = np.log2(np.array(gaps[1:]) / gaps[:-1])
    np.testing.assert_allclose(orders, 2, atol=0.03)


# --- what is refused


def ring(n=6, azimuths=8, **more):
    k, weight = rings((1.0,), n, azimuths)
    weight = weight * np.pi / weight.sum()
    S = np.zeros((1, len(k), 4, 4), complex)
    S[..., :2, 2:] = S[..., 2:, :2] = np.eye(2)
    return sphere_arrays(k, weight, S, **more)


def with_velocity(change, **more):
    given = ring()
    return given | {"velocity": change(given["velocity"].copy(), given["k"] / KF)} | more


def uneven(v, k):
    return v * (1 + 0.3 * k[:, None, :1] ** 2)


def sideways(v, k):
    v[..., :2] = v[..., 1::-1] * [-1, 1]
    return v


def to_one_side(v, k):
    v[k[:, 0] > 0, :, 0] *= 1.03
    return v


def without(given, *names):
    return {name: value for name, value in given.items() if name not in names}


def unfilled():
    given = folded(any_arrays(1, M))
    given["velocity"][..., 2] *= 0.2
    given["velocity"] /= np.linalg.norm(given["velocity"], axis=-1, keepdims=True)
    return given


def exchanged():
    """Modes at -k in another order than at k, though all of them together are reciprocal."""
    given = folded(arrays_of(delta(), np.array([M]), 6, 8))
    half = given["k"][:, 0] > 0
    order = np.array([2, 3, 0, 1, 6, 7, 4, 5])
    S, v = given["S"].copy(), given["velocity"].copy()
    S[:, half] = S[:, half][:, :, order][..., order]
    v[half] = v[half][:, order]
    return given | {"S": S, "velocity": v, "spin_orbit": False}


REFUSED = {
    "speeds": (lambda: with_velocity(uneven), "velocity", "below differs in size from its mean by .* at k = "),
    "directions": (lambda: with_velocity(sideways), "velocity", "below is not along k on a sphere of 1.36e\\+10 1/m"),
    "opposites": (lambda: with_velocity(to_one_side), "velocity", "not opposite for the same mode at -k"),
    "unfilled": (unfilled, "velocity", "do not fill a sphere: mean squares"),
    "exchanged": (exchanged, "velocity", "not opposite for the same mode at -k.*partner of mode p at k"),
    "no velocity of modes": (
        lambda: without(folded(ring(m=M[None])), "velocity") | {"spin_orbit": False}, "velocity",
        "missing, while there are several modes at one k",
    ),
    "open outside": (
        lambda: without(ring(), "velocity") | {"spin_orbit": False, "k": 1.5 * ring()["k"]}, "open",
        "below is 1 outside the sphere of",
    ),
    "too few": (lambda: ring(1), "k", "8 do not tell a current along the interface"),
    "lattice": (lambda: lattice(1.5), "velocity", "differs in size from its mean by 0.1"),
    "split": (
        lambda: any_arrays(1, M, split=(False, True)), "split", "one Fermi sphere and which carries spin across m",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_metal_with_fermi_spheres_is_refused_before_anything_is_computed(case):
    make, field, words = REFUSED[case]
    film = bilayer(ss.ScatteringData(**make()))
    with pytest.raises(ss.ParameterError, match=words) as told:
        solve(film, M)
    assert told.value.field == field
    assert told.value.where == "N|F"


def test_layers_with_another_wave_vector_are_refused():
    film = metal(fermi_wavevector=1.1 * KF) | ss.Interface(scattering=ss.ScatteringData(**ring())) | magnet()
    with pytest.raises(ss.ParameterError, match="which differ between a layer and the scattering models"):
        ss.sheet_conductance(film, m=M, solver=ss.Boltzmann())


def test_there_is_no_derivative_by_the_wave_vector_of_a_layer():
    data = ss.ScatteringData(**ring())
    film = metal(fermi_wavevector=data.fermi_wavevector) | ss.Interface(scattering=data) | magnet()
    with pytest.raises(ss.ParameterError, match="whose k_F is that of their modes"):
        solve_slopes(film, ["N.fermi_wavevector"], M, resolution=(8, 8))


SAMPLE = """spinstack = 1

[[film]]
kind = "metal"
name = "Pt"
thickness = "3 nm"
conductivity = "4e6 S/m"
spin_diffusion_length = "1.5 nm"

[[film]]
kind = "interface"
scattering = {kind = "scattering_data", file = "interface.npz"}

[[film]]
kind = "ferromagnet"
name = "Co"
thickness = "3 nm"
conductivity = "5e6 S/m"
polarization = 0.4
spin_diffusion_length = "6 nm"
"""


def test_sample_files_with_data_go_through_the_theory_or_are_refused_where_they_name_them(tmp_path):
    (tmp_path / "sample.toml").write_text(SAMPLE)
    data_of(delta(), (M,), 8, 8).save(tmp_path / "interface.npz")
    film = ss.load_sample(tmp_path / "sample.toml")
    own = ss.Film((film[0], ss.Interface(scattering=delta()), film[2]))
    theory = ss.Boltzmann(rtol=1e-4)
    np.testing.assert_allclose(ss.sheet_conductance(film, m=M, solver=theory),
                               ss.sheet_conductance(own, m=M, solver=theory), rtol=0, atol=1e-6)  # fmt: skip
    ss.ScatteringData(**lattice(1.5)).save(tmp_path / "interface.npz")
    film = ss.load_sample(tmp_path / "sample.toml")
    with pytest.raises(ss.ParameterError, match=r"Pt\|Co") as told:
        ss.sheet_conductance(film, m=M, solver=theory)
    assert told.value.path == (1, "scattering")


def test_few_directions_are_not_asked_between_them():
    m = np.random.default_rng(3).standard_normal((6, 3))
    m /= np.linalg.norm(m, axis=1, keepdims=True)
    data = ss.ScatteringData(**arrays_of(delta(rashba=0.25), np.concatenate([m, -m]), 6, 8))
    assert data.error > 0.05
    assert solve(bilayer(data), m[0]).residual < 1e-9
    with pytest.raises(ss.ParameterError, match=r"tell others only to .*more directions") as told:
        solve(bilayer(data), np.array([0.1, 0.2, 0.97]))
    assert told.value.field == "m"


def test_weights_per_solid_angle_are_refused_without_velocities_too():
    given = without(ring(), "velocity") | {"spin_orbit": False}
    mu = np.sqrt(np.maximum(1 - (given["k"] ** 2).sum(-1) / KF**2, 0.0))
    weight = given["weight"] / mu
    given["weight"] = weight * given["weight"].sum() / weight.sum()
    with pytest.raises(ss.ParameterError, match="do not fill a sphere") as told:
        solve(bilayer(ss.ScatteringData(**given)), M)
    assert told.value.field == "weight"
