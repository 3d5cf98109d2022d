"""Tunnel junctions: channels, density matrices and circuits by hand, Slonczewski, what holds for every film."""

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose
from random_films import seeded

import spinstack as ss
from spinstack.circuit import element_matrix, native
from spinstack.circuit.lower import lower

NM, HBAR, E = 1e-9, 1.054571817646156e-34, 1.602176634e-19
PER = HBAR / (2 * E)
X, Y, Z = np.eye(3)
AREA, P, PU = 1.7e-12, 0.6, -0.35
SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
ONE = np.eye(2)


def magnet(name, **changes):
    values = {"thickness": 3 * NM, "conductivity": 4e6, "polarization": 0.4, "spin_diffusion_length": 5 * NM}
    return ss.Ferromagnet(name, **values | changes)


def barrier(name="MgO", **changes):
    values = {"resistance_area_product": AREA, "polarization": P, "polarization_upper": PU}
    return ss.TunnelJunction(name, **values | changes)


def valve(thickness=3 * NM, **changes):
    return magnet("A", thickness=thickness) | barrier(**changes) | magnet("B", thickness=thickness)


def directions(seed):
    m = np.random.default_rng(seed).normal(size=(2, 3))
    return m / np.linalg.norm(m, axis=1, keepdims=True)


def pair(m):
    return {"A": m[0], "B": m[1]}


def between(degrees):
    angle = np.deg2rad(degrees)
    return np.array([Z, np.sin(angle) * X + np.cos(angle) * Z])


def mean_conductance(P=P, PU=PU):
    return 1 / (AREA * (1 + P * PU))


def absorbed(film, m, **given):
    """Spin currents that end in the magnets, [A/m^2] per A/m^2 unless `given` says what drives."""
    found = ss.torque(film, m=m, **given or {"current": 1.0})
    return {name: found[name].values / PER for name in found.data_vars}


# -- one junction


@pytest.mark.parametrize("seed", range(6))
def test_charge_and_spin_along_both_magnets_are_the_sum_over_four_channels(seed):
    (lower, upper), rng = directions(seed), np.random.default_rng(seed)
    M = element_matrix(valve(), 1, pair((lower, upper)))
    V, s, t = rng.normal(size=3)
    # mu_up - mu_down = 2 psi of spin along the m of the side
    flows = M @ [*(2 * s * lower), V, *(2 * t * upper), 0.0, 0, 0]
    j = along = beyond = 0.0
    for a in (1, -1):
        for b in (1, -1):
            g = mean_conductance() * (1 + a * P) * (1 + b * PU) * (1 + a * b * lower @ upper) / 4
            one = g * (V + a * s - b * t)
            j, along, beyond = j + one, along + a * one, beyond + b * one
    assert_allclose(flows[[3, 7]], j, rtol=1e-12)
    assert_allclose(flows[:3], along * lower, rtol=1e-11, atol=1e-12 * abs(j))
    assert_allclose(flows[4:7], beyond * upper, rtol=1e-11, atol=1e-12 * abs(j))
    assert_allclose(flows[8:], 0, atol=0)


@pytest.mark.parametrize("seed", range(6))
def test_spin_in_every_direction_is_that_of_density_matrices(seed):
    """What electrons carry that keep their spin in the barrier and lose what is across m at either face."""
    (lower, upper), rng = directions(seed), np.random.default_rng(seed)
    M, G = element_matrix(valve(), 1, pair((lower, upper))), mean_conductance()
    mu, psi = rng.normal(size=2), rng.normal(size=(2, 3))
    flows = M @ np.concatenate([2 * psi[0], mu[:1], 2 * psi[1], mu[1:], [0, 0]])
    states = [ONE + p * np.einsum("i,ijk->jk", m, SIGMA) for p, m in ((P, lower), (PU, upper))]
    filled = [
        c * ONE + (v @ m) * np.einsum("i,ijk->jk", m, SIGMA) for c, v, m in zip(mu, psi, (lower, upper), strict=True)
    ]
    current = G * (states[0] @ filled[0] @ states[1] - states[0] @ filled[1] @ states[1])
    inside = np.einsum("ijk,kj->i", SIGMA, current).real / 2
    assert_allclose(flows[3], np.trace(current).real / 2, rtol=1e-11)
    leaving = G * np.trace(states[0] @ states[1]).real / 2
    across = [v - m * (m @ v) for v, m in zip(psi, (lower, upper), strict=True)]
    assert_allclose(flows[:3], lower * (lower @ inside) + leaving * across[0], rtol=1e-10, atol=1e-12 * G)
    assert_allclose(flows[4:7], upper * (upper @ inside) - leaving * across[1], rtol=1e-10, atol=1e-12 * G)


@pytest.mark.parametrize("seed", range(4))
def test_a_junction_is_reciprocal_and_passive(seed):
    m = directions(seed)
    K, back = (element_matrix(valve(), 1, pair(s * m))[:8, :8] * ([2, 2, 2, 1] * 2) for s in (1, -1))
    outward, odd = np.repeat([1, -1], 4)[:, None], np.array([-1, -1, -1, 1] * 2)
    K, back = outward * K, odd[:, None] * (outward * back).T * odd
    assert_allclose(K, back, atol=1e-12 * np.abs(K).max())
    assert np.linalg.eigvalsh(K + K.T).min() > -1e-12 * np.abs(K).max()


@pytest.mark.study
@pytest.mark.parametrize("sense", [1, -1])
def test_between_collinear_magnets_it_is_an_interface_of_two_channels(sense):
    m, G = Z * 0.6 + X * 0.8, mean_conductance()
    up, down = (G * (1 + s * P) * (1 + sense * s * PU) / 2 for s in (1, -1))
    plain = ss.Interface(conductance_up=up, conductance_down=down, mixing_conductance=(up + down) / 2, magnet="A")
    at = {"m": {"A": m, "B": sense * m}}
    outer = [magnet(n, spin_hall_angle=0.2, dephasing_length=1 * NM) for n in "AB"]
    one, other = outer[0] | barrier() | outer[1], outer[0] | plain | outer[1]
    assert_allclose(ss.sheet_conductance(one, **at), ss.sheet_conductance(other, **at), rtol=1e-12, atol=1e-16)
    R = [ss.perpendicular_resistance(film, **at) for film in (one, other)]
    assert R[0] == pytest.approx(R[1], rel=1e-12)
    for drive in ({"E": (0.6, -0.8)}, {"current": 1e10}):
        inside = [ss.profile(film, **at, **drive, points=3) for film in (one, other)]
        for name in ("mu", "Q", "mu_c"):
            size = float(np.abs(inside[1][name]).max())
            assert_allclose(inside[0][name], inside[1][name], rtol=1e-10, atol=1e-11 * size)


# -- the closed forms of a valve whose magnets are thin: psi is zero at the junction


def test_the_resistance_is_that_of_julliere():
    thin = 1e-17
    R = [ss.perpendicular_resistance(valve(thin), m=pair(between(a))) for a in (0, 90, 137, 180)]
    assert R[0] == pytest.approx(AREA, rel=1e-7)
    assert R[3] / R[0] - 1 == pytest.approx(2 * P * PU / (1 - P * PU), rel=1e-7)
    assert_allclose(
        1 / np.array(R), mean_conductance() * (1 + P * PU * np.cos(np.deg2rad([0, 90, 137, 180]))), rtol=1e-7
    )


@pytest.mark.parametrize("degrees", [30.0, 90.0, 160.0])
def test_the_torque_is_that_of_slonczewski(degrees):
    m, angle = between(degrees), np.deg2rad(degrees)
    film = valve(1e-17)
    found = absorbed(film, pair(m))
    size = np.sin(angle) / (1 + P * PU * np.cos(angle))
    towards = (m[0] - m[1] * np.cos(angle)) / np.sin(angle), (m[1] - m[0] * np.cos(angle)) / np.sin(angle)
    # moments of the lower magnet arrive at the upper one; those of the upper one lack at the lower
    assert_allclose(found["B"], P * size * towards[0], rtol=1e-7, atol=1e-9)
    assert_allclose(found["A"], -PU * size * towards[1], rtol=1e-7, atol=1e-9)
    # at fixed voltage the asymmetry is gone
    j = 1 / ss.perpendicular_resistance(film, m=pair(m))
    assert np.linalg.norm(j * found["B"]) == pytest.approx(mean_conductance() * P * np.sin(angle), rel=1e-7)


def test_a_scan_shows_both():
    scan = ss.perpendicular_scan(valve(1e-17), "gamma", np.array([0.0, 40.0, 90.0, 180.0]), m={"A": "x"})
    angle = np.deg2rad(scan.angle.values)
    share = 1 + P * PU * np.cos(angle)
    assert_allclose(scan.resistance_area, 1 / mean_conductance() / share, rtol=1e-7)
    assert_allclose(scan.torque_in_plane.sel(magnet="B") / PER, -P * np.sin(angle) / share, rtol=1e-7, atol=1e-9)
    assert_allclose(scan.torque_out_of_plane, 0, atol=1e-9 * PER)
    assert float(scan.MR[-1]) == pytest.approx(2 * P * PU / (1 - P * PU), rel=1e-7)


@pytest.mark.study
def test_a_valve_of_thick_layers_is_a_circuit_by_hand():
    layers = [  # thickness, conductivity, length, polarisation
        (4 * NM, 3e6, 2 * NM, 0.0), (3 * NM, 4e6, 5 * NM, 0.4), (2 * NM, 5e6, 7 * NM, -0.3), (6 * NM, 8e6, 9 * NM, 0.0),
    ]  # fmt: skip
    area = 3e-15  # as small as what the layers have
    G = 1 / (area * (1 + P * PU))
    N, A, B, M = (
        ss.Ferromagnet(n, thickness=t, conductivity=c, spin_diffusion_length=length, polarization=p)
        if p
        else ss.Metal(n, thickness=t, conductivity=c, spin_diffusion_length=length)
        for n, (t, c, length, p) in zip("NABM", layers, strict=True)
    )
    film, m = N | A | barrier(resistance_area_product=area) | B | M, directions(3)
    c = m[0] @ m[1]

    def ends(k):
        t, sigma, length, p = layers[k]
        K = sigma * (1 - p**2) / length
        return K / np.tanh(t / length), K / np.sinh(t / length), p

    # unknown: psi of N|A, at the junction below and above, of B|M, and the drop V of the junction; current 1
    rows, right = np.zeros((5, 5)), np.zeros(5)
    (n, _, _), (a, a2, p), (b, b2, q), (o, _, _) = map(ends, range(4))
    g = {(s, t): G * (1 + s * P) * (1 + t * PU) * (1 + s * t * c) / 4 for s in (1, -1) for t in (1, -1)}
    total, below, above, cross = (
        sum(f(s, t) * v for (s, t), v in g.items())
        for f in (lambda s, t: 1, lambda s, t: s, lambda s, t: t, lambda s, t: s * t)
    )
    rows[0], right[0] = [-n - a, a2, 0, 0, 0], p  # Q of N up = Q of A in
    rows[1], right[1] = [-a2, a + total, -cross, 0, below], p  # into the junction, along m of A
    rows[2], right[2] = [0, -cross, total + b, -b2, -above], -q
    rows[3], right[3] = [0, 0, b2, -b - o, 0], -q
    rows[4], right[4] = [0, below, -above, 0, total], 1.0
    psi = np.linalg.solve(rows, right)
    resistance = sum(t / sigma for t, sigma, _, _ in layers) + psi[4] - p * (psi[0] - psi[1]) - q * (psi[2] - psi[3])
    assert ss.perpendicular_resistance(film, m=pair(m)) == pytest.approx(resistance, rel=1e-11)
    inside = (P * m[0] + PU * m[1]) * psi[4] + (m[0] + P * PU * m[1]) * psi[1] - (m[1] + P * PU * m[0]) * psi[2]
    inside *= G
    found = absorbed(film, pair(m))
    assert_allclose(found["A"], m[0] * (m[0] @ inside) - inside, rtol=1e-9, atol=1e-11)
    assert_allclose(found["B"], inside - m[1] * (m[1] @ inside), rtol=1e-9, atol=1e-11)


@pytest.mark.study
def test_magnets_between_two_junctions_feel_both():
    film = magnet("A", thickness=1e-17) | barrier("J") | magnet("B", thickness=1e-17, spin_diffusion_length=1e-20)
    film = film | barrier("K") | magnet("C", thickness=1e-17)
    m = dict(zip("ABC", (*directions(1), directions(2)[0]), strict=True))
    found = ss.perpendicular_resistance(film, m=m)
    c = m["A"] @ m["B"], m["B"] @ m["C"]
    assert found == pytest.approx(sum(1 / mean_conductance() / (1 + P * PU * x) for x in c), rel=1e-6)
    found = absorbed(film, m)["B"]
    from_A = P / (1 + P * PU * c[0]) * (m["A"] - c[0] * m["B"])
    from_C = -PU / (1 + P * PU * c[1]) * (m["C"] - c[1] * m["B"])
    assert_allclose(found, from_A + from_C, rtol=1e-6, atol=1e-8)


def test_magnets_of_one_name_are_told_apart_by_number():
    film = magnet("Co") | barrier() | magnet("Co")
    m = {"Co[0]": "z", "Co[1]": "x"}
    assert film.magnets_of(1) == (0, 2)
    found = ss.torque(film, m=m, current=1.0)
    plain = ss.torque(valve(), m={"A": "z", "B": "x"}, current=1.0)
    assert_allclose(found["Co[1]"], plain["B"], rtol=1e-12, atol=1e-30)
    assert_allclose(ss.torque(film, m="z", current=1.0)["Co[0]"], 0, atol=1e-25)


# -- in the plane


@pytest.mark.study
def test_in_the_plane_it_joins_the_spin_accumulations_of_both_sides():
    """Pt below makes a spin accumulation that tunnels along z: what comes through is (1 - P^2)(1 - P'^2) of G."""
    strong = {"thickness": 1e-15, "spin_diffusion_length": 1e-3, "polarization": 0.0}
    source = ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
    sink = ss.Metal("W", thickness=60 * NM, conductivity=5e6, spin_diffusion_length=1 * NM)
    film = source | magnet("A", **strong) | barrier(resistance_area_product=5e-16) | magnet("B", **strong) | sink
    m = {"A": Y, "B": np.array([0.0, 0.8, -0.6])}
    found = ss.profile(film, m=m, points=2)
    G, c = AREA / 5e-16 * mean_conductance(), 0.8
    own, other = 1 - P**2, 1 - PU**2
    a = 1 + P * PU * c
    into, through = G * own * (1 - PU**2 * c**2) / a, G * c * own * other / a
    out = G * other * (1 - P**2 * c**2) / a
    leak = 5e6 / 1e-9
    psi = found.mu.values[found["layer"].values == "Pt"][-1] @ Y / 2
    up = through * psi / (out + leak)
    Q = found.Q.values
    assert psi > 0
    assert_allclose(Q[found["layer"].values == "Pt"][-1] @ Y, into * psi - through * up, rtol=1e-6)
    assert_allclose(Q[found["layer"].values == "W"][0], leak * up * m["B"], rtol=1e-6, atol=1e-6 * leak * up)


# -- what holds for every film


@pytest.mark.study
@pytest.mark.parametrize("seed", range(8))
def test_films_with_junctions_are_reciprocal_and_dissipate(seed):
    draw = seeded(seed)
    film = draw.tunnelling(reciprocal=1.0)
    # Onsager with every magnetic order turned round
    back = film.replace(
        {
            f"{n}.spin_splitter": -film.get(f"{n}.spin_splitter")
            for n in "NM"
            if film.get(f"{n}.spin_splitter") is not None
        }
    )
    m, B = draw.directions(film), draw.field()
    reverse = {n: -v for n, v in m.items()}
    G, there = ss.sheet_conductance(film, m=m, B=B), ss.sheet_conductance(back, m=reverse, B=-B)
    assert_allclose(G, there.T, rtol=1e-10, atol=1e-11 * np.abs(G).max())
    one, other = (ss.perpendicular_resistance(f, m=d, B=b) for f, d, b in ((film, m, B), (back, reverse, -B)))
    assert one == pytest.approx(other, rel=1e-10)
    assert one > 0


@pytest.mark.study
@pytest.mark.parametrize("seed", range(8))
def test_angular_momentum_adds_up_with_junctions(seed):
    draw = seeded(seed)
    film = draw.tunnelling()
    at = {"m": draw.directions(film), "B": draw.field()}
    for drive in ({"E": (0.3, -0.7)}, {"current": 1e6}):
        found = ss.angular_momentum(film, **at, **drive)
        size = np.abs(found.torque.values).max()
        Q = ss.profile(film, **at, **drive, points=2).Q.values
        flows = PER * (Q[0] - Q[-1])
        assert_allclose(found.torque.sum(["element", "share"]), flows, atol=1e-11 * size)
        torque = ss.torque(film, **at, **drive)
        assert_allclose(
            sum(torque[n] for n in torque.data_vars), found.torque.sel(share="magnet").sum("element"), atol=1e-11 * size
        )
        for junction, magnets in {"J": "AB", "K": "BC"}.items():
            own = found.torque.sel(element=junction)
            assert_allclose(own.sel(share=["lattice", "field"]), 0, atol=1e-11 * size)
            for side, name in zip(("lower", "upper"), magnets, strict=True):
                half = found.half.sel(element=junction, side=side).values
                assert abs(half @ at["m"][name]) < 1e-11 * size
        # what each magnet has is the sum of its layer, its interfaces and its sides of the junctions
        parts = {"A": [("J", "lower")], "B": [("J", "upper"), ("K", "lower")], "C": [("K", "upper")]}
        others = {"A": ["A", "N|A"], "B": ["B", "B|K"], "C": ["C"]}
        for name, sides in parts.items():
            own = sum(found.half.sel(element=e, side=s).values for e, s in sides)
            own = own + sum(found.torque.sel(element=e, share="magnet").values for e in others[name])
            assert_allclose(torque[name], own, atol=1e-11 * size)


@pytest.mark.study
def test_turning_the_film_about_z_turns_its_torques():
    draw = seeded(3)
    film = draw.tunnelling()
    plain = film.replace(
        {f"{n}.spin_hall_angle": 0.1 for n in ("N", "A", "B", "C", "M")} | {f"{n}.spin_splitter": None for n in "NM"}
    )
    m, B, angle = draw.directions(film), draw.field(), 0.7
    R = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    there = {"m": {n: R @ v for n, v in m.items()}, "B": R @ B}
    for drive, turned in (({"E": (0.3, -0.7)}, {"E": R[:2, :2] @ (0.3, -0.7)}), ({"current": 1.0},) * 2):
        one, other = ss.torque(plain, m=m, B=B, **drive), ss.torque(plain, **there, **turned)
        for name in "ABC":
            assert_allclose(other[name], R @ one[name].values, atol=1e-10 * float(np.abs(one[name]).max()))


def numbers(result):
    """An array of what an observable gives."""
    return np.concatenate([result[n].values for n in "AB"]) if hasattr(result, "data_vars") else np.ravel(result)


NUMBERS = ("MgO.resistance_area_product", "MgO.polarization", "MgO.polarization_upper", "A.polarization", "B.thickness")


@pytest.mark.study
@pytest.mark.parametrize(
    "asked",
    [
        lambda m: partial(ss.torque, m=m, current=1e10),
        lambda m: partial(ss.perpendicular_resistance, m=m),
        lambda m: partial(ss.sheet_conductance, m=m, B=(0.3, 0.4, 1.0)),
    ],
    ids=["torque", "resistance", "sheet"],
)
def test_derivatives_are_those_of_differences(asked):
    film = magnet("A", spin_hall_angle=0.2, dephasing_length=NM) | barrier(resistance_area_product=2e-15)
    film = film | magnet("B", spin_hall_angle=-0.1, anomalous_hall_angle=0.1, dephasing_length=NM)
    film = film | ss.Metal("Pt", thickness=4 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
    function = asked(pair(directions(2)))
    found = ss.gradient(film, function)
    for path in NUMBERS:
        value, step = film.get(path), 1e-6
        ends = [numbers(function(film.replace({path: value * (1 + h)}))) for h in (step, -step)]
        exact = numbers(found[path])
        change = (ends[0] - ends[1]) / (2 * step * value)
        assert_allclose(exact, change, rtol=1e-5, atol=1e-7 * np.abs(change).max() + 1e-30)
        assert np.abs(change).max() > 0


@pytest.mark.study
@pytest.mark.parametrize("length", [1e-6, 1e4])
@pytest.mark.parametrize("area", [1e-18, 1e-3])
def test_extremes_are_finite_with_finite_derivatives(length, area):
    film = valve(5 * NM, resistance_area_product=area, polarization=0.9999, polarization_upper=-0.9999)
    film = film.replace({f"{n}.spin_diffusion_length": 5 * NM / length for n in "AB"} | {"A.spin_hall_angle": 0.1})
    for m in (pair(directions(0)), {"A": Z, "B": Z}, {"A": Z, "B": -Z}):
        for function in (partial(ss.torque, m=m, current=1.0), partial(ss.sheet_conductance, m=m)):
            found = ss.gradient(film, function)
            for path in NUMBERS:
                assert np.isfinite(numbers(found[path])).all(), path


# -- magnets that move


@pytest.mark.parametrize("seed", range(3))
def test_pumping_through_a_barrier_is_the_golden_rule_for_magnets_that_turn(seed):
    """Spin is held at zero on both sides; rates |<s'| V + (w' - w).sigma |s>|^2 make one square of all drives."""
    m, G = directions(seed), mean_conductance()
    spinors = []
    for one in m:
        values, vectors = np.linalg.eigh(np.einsum("i,ijk->jk", one, SIGMA))
        spinors.append(dict(zip(np.round(values).astype(int), vectors.T, strict=True)))
    drives = [ONE, *(-SIGMA), *SIGMA]
    form = np.zeros((7, 7))
    for s, below in spinors[0].items():
        for t, above in spinors[1].items():
            amplitude = np.array([above.conj() @ d @ below for d in drives])
            form += G / 2 * (1 + s * P) * (1 + t * PU) * np.outer(amplitude, amplitude.conj()).real
    # only turning across m is motion, and electrons that leave a side lose to its magnet what is across m
    across = [np.eye(3) - np.outer(one, one) for one in m]
    own = np.zeros((7, 7))
    own[0, 0] = 1
    own[1:4, 1:4], own[4:, 4:] = across
    form = own @ form @ own
    for k, one in enumerate(across):
        where = slice(1 + 3 * k, 4 + 3 * k)
        form[where, where] += G * (1 + P * PU * m[0] @ m[1]) * one
    expected = form[1:, 1:] - np.outer(form[1:, 0], form[0, 1:]) / form[0, 0]
    assert np.linalg.eigvalsh(form).min() > -1e-12 * G
    film = valve().replace({f"{n}.spin_diffusion_length": 1e-17 for n in "AB"})
    found = ss.damping_conductance(film, m=pair(m))["damping_conductance"]
    found = found.transpose("magnet", "component", "of_magnet", "of_component").values.reshape(6, 6)
    assert_allclose(2 * found, expected, rtol=1e-7, atol=1e-7 * G)


@pytest.mark.study
@pytest.mark.parametrize("seed", range(4))
def test_damping_of_films_with_junctions_is_reciprocal_and_positive(seed):
    draw = seeded(seed)
    film = draw.tunnelling(reciprocal=1.0)
    film = film.replace({f"{n}.spin_splitter": None for n in "NM"})
    m, B = draw.directions(film), draw.field()
    L, back = (
        ss.damping_conductance(film, m={n: s * v for n, v in m.items()}, B=s * B)["damping_conductance"]
        .transpose("magnet", "component", "of_magnet", "of_component").values.reshape(9, 9)
        for s in (1, -1)
    )  # fmt: skip
    assert_allclose(L, back.T, atol=1e-10 * np.abs(L).max())
    across = np.zeros((9, 9))
    for k, name in enumerate("ABC"):
        across[3 * k : 3 * k + 3, 3 * k : 3 * k + 3] = np.eye(3) - np.outer(m[name], m[name])
    assert_allclose(across @ L @ across, L, atol=1e-10 * np.abs(L).max())


# -- what is refused, and who solves


@pytest.mark.parametrize(
    ("film", "words"),
    [
        (lambda: magnet("A") | barrier(), "MgO: joins two magnets, but above it is nothing"),
        (
            lambda: magnet("A") | barrier() | ss.Metal("Cu", thickness=NM, conductivity=1e7, spin_diffusion_length=NM),
            r"MgO: joins two magnets, but above it is 'Cu', a Metal.*Interface with conductance_up = G \(1 \+ P\)/2",
        ),
        (
            lambda: ss.MagneticInsulator("YIG", mixing_conductance=1e14) | barrier() | magnet("A"),
            "MgO: joins two magnets, but below it is 'YIG', a MagneticInsulator",
        ),
        (lambda: magnet("A") | barrier() | barrier("O") | magnet("B"), "but above it is 'O', a TunnelJunction"),
    ],
)
def test_a_junction_needs_a_metallic_magnet_on_both_sides(film, words):
    with pytest.raises(ss.ParameterError, match=words):
        ss.sheet_conductance(film(), m="z")


def test_the_native_kernel_leaves_it_to_jax_and_still_takes_films_without():
    plan, table, _ = lower(valve(), pair(directions(0)))
    assert dict(plan.magnets)["TunnelJunction"] == ((0, 1),)
    for program in native.PROGRAMS:
        assert not native.knows(program, plan, table)
    plan, table, _ = lower(magnet("A") | magnet("B"), pair(directions(0)))
    assert native.knows("sheet", plan, table) == (native.library() is not None)


def test_the_boltzmann_equation_refuses_it():
    with pytest.raises(
        ss.ParameterError, match=r"MgO\.resistance_area_product.*a tunnel junction, which the Boltzmann"
    ) as e:
        ss.sheet_conductance(valve(), m="z", solver=ss.Boltzmann())
    assert len(e.value.errors) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("resistance_area_product", 0.0), ("polarization", 1.0), ("polarization_upper", -1.0)]
)
def test_values_that_no_junction_has_are_refused(field, value):
    with pytest.raises(ss.ParameterError, match=rf"TunnelJunction\('MgO'\)\.{field}"):
        barrier(**{field: value})


def test_a_metal_and_a_magnet_are_the_interface_that_the_message_names():
    """A magnet below without polarisation, spin of every direction through it: the limit that the message speaks of."""
    m = np.array([0.48, 0.6, 0.64])
    G = 1e15
    up, down = G * (1 + P) / 2, G * (1 - P) / 2
    plain = ss.Interface(conductance_up=up, conductance_down=down, mixing_conductance=G / 2)
    source = ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
    film = source | plain | magnet("B")
    psi = ss.profile(film, m=m, points=2).mu.values[1] / 2
    taken = absorbed(film, m, E=(1, 0))["B"]
    states = ONE + P * np.einsum("i,ijk->jk", m, SIGMA)
    current = G * np.einsum("i,ijk->jk", psi - m * (m @ psi), SIGMA) @ states
    assert_allclose(taken, np.einsum("ijk,kj->i", SIGMA, current).real / 2, rtol=1e-9, atol=1e-11 * np.abs(taken).max())


@pytest.mark.study
def test_orbital_moments_do_not_pass_a_barrier():
    orbital = {"orbital_diffusion_length": 4 * NM}
    source = ss.Metal(
        "Cr", thickness=5 * NM, conductivity=3e6, spin_diffusion_length=4 * NM, orbital_hall_angle=0.2, **orbital
    )
    film = source | magnet("A", spin_orbital_conversion=0.3, dephasing_length=NM, **orbital) | barrier()
    film = film | magnet("B", dephasing_length=NM, **orbital)
    m = pair(directions(4))
    for drive in ({"E": (1.0, 0.5)}, {"current": 1e6}):
        inside = ss.profile(film, m=m, points=3, **drive)
        Q = inside.Q_orbital.values
        size = np.abs(Q).max() if "E" in drive else np.abs(inside.Q.values).max()
        assert_allclose(Q[inside["layer"].values == "B"], 0, atol=1e-12 * size)
        assert_allclose(Q[inside["layer"].values == "A"][-1], 0, atol=1e-12 * size)
    # what spin does at the junction is what it does without them
    plain = film.replace({f"{n}.{p}": None for n in ("Cr", "A", "B") for p in orbital})
    plain = plain.replace({"Cr.orbital_hall_angle": None, "A.spin_orbital_conversion": None})
    still = film.replace({"Cr.orbital_hall_angle": 0.0, "A.spin_orbital_conversion": 0.0})
    for name in "AB":
        one, other = (ss.torque(f, m=m, current=1.0)[name].values for f in (plain, still))
        assert_allclose(one, other, rtol=1e-10, atol=1e-12 * np.abs(other).max())


def test_one_magnet_follows_the_field_and_the_other_keeps_its_direction():
    film, B = valve(), np.array([0.0, 0.6, 0.8])
    one = ss.perpendicular_resistance(film, m={"A": X, "B": "along B"}, B=B)
    assert one == pytest.approx(ss.perpendicular_resistance(film, m={"A": X, "B": B}, B=B), rel=1e-13)
    both = ss.perpendicular_resistance(film, m="along B", B=B)
    assert both == pytest.approx(ss.perpendicular_resistance(film, m=Z), rel=1e-11)
    assert both > one  # P and P' have opposite signs


@pytest.mark.study
def test_films_in_a_batch_are_the_films_one_by_one():
    areas, m = np.array([1e-15, 1e-12, 1e-10]), directions(5)
    film = valve()
    many = ss.torque(film.replace({"MgO.resistance_area_product": areas}), m=pair(m), current=1.0)
    for area, one in zip(areas, many["B"].values, strict=True):
        single = ss.torque(film.replace({"MgO.resistance_area_product": area}), m=pair(m), current=1.0)
        assert_allclose(one, single["B"], rtol=1e-12)
