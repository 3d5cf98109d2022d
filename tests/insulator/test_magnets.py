"""Magnets in Weiss mean field against traces over levels, brute-force searches, limits and finite differences."""

import itertools
from functools import cache

import jax
import numpy as np
import pytest
import reference_magnets as ref
from scipy.optimize import brentq, minimize_scalar

import spinstack as ss

NU = 6.4e46
J = 0.1 / NU
FACE = ref.Face(5e18, J, NU)
SPINS = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
X, Y, Z = np.eye(3)

WEISS = {
    "spin": 3.5, "surface_density": 5e18, "exchange_coupling": J, "density_of_states": NU, "curie_temperature": 16.5,
    "g_factor": 2.0, "coordination": 6.0, "surface_coordination": 5.0,
}  # fmt: skip
FERRI = {
    "spin_a": 3.5, "spin_b": 2.5, "surface_density_a": 6e18, "surface_density_b": 5e18, "exchange_coupling_a": 0.8 * J,
    "exchange_coupling_b": J, "density_of_states": NU, "curie_temperature": 286.0, "density_ratio": 1.4,
    "intra_a": 0.0, "intra_b": 2.5, "g_factor": 2.0,
}  # fmt: skip
ANTI = {
    "spin": 2.5, "surface_density": 2e18, "surface_density_b": 1.5e18, "exchange_coupling": J,
    "exchange_coupling_b": 0.8 * J, "density_of_states": NU, "neel_temperature": 67.0, "intra": 0.2, "g_factor": 2.0,
}  # fmt: skip
KINDS = {
    "ferromagnet": (ss.WeissMagnet, WEISS, WEISS["curie_temperature"]),
    "ferrimagnet": (ss.WeissFerrimagnet, FERRI, FERRI["curie_temperature"]),
    "antiferromagnet": (ss.WeissAntiferromagnet, ANTI, ANTI["neel_temperature"]),
}


def ferromagnet(**changes):
    simple = {"coordination": 6.0, "surface_coordination": None}
    return ss.WeissMagnet(**(WEISS | simple | changes))


def antiferromagnet(**changes):
    return ss.WeissAntiferromagnet(**(ANTI | {"surface_density_b": None, "exchange_coupling_b": None} | changes))


def tesla(kelvin, g_factor=2.0):
    return kelvin / ref.kelvin(1.0, g_factor)


def three(found):
    return np.stack([found.spin_sink, np.real(found.mixing), np.imag(found.mixing)])


BATCH = 16  # every question is asked of so many at once: one program per kind of magnet


def chunks(*values):
    """Flattened to one shape and cut into batches, the last one filled up."""
    count = len(values[0])
    for k in range(0, count, BATCH):
        yield [np.resize(v[k : k + BATCH], (BATCH, *v.shape[1:])) for v in values]


def batched(make, static, parameters, B, T):
    """Gs, Gr, Gi (3, n) and order (n, ...) for arrays (n) of parameters, fields and temperatures."""
    found, orders = [], []
    for *values, b, t in chunks(*(np.asarray(v, float) for v in parameters.values()), B, T):
        magnet = make(**static, **dict(zip(parameters, values, strict=True)))
        found.append(three(magnet.conductances(b, t)))
        orders.append(magnet.order(b, t))
    return np.concatenate(found, -1)[:, : len(B)], np.concatenate(orders)[: len(B)]


def ask(magnet, B, T):
    """Gs, Gr, Gi (3, ...) and order (..., [2])."""
    B, T = np.broadcast_arrays(np.asarray(B, float), np.asarray(T, float))
    found, orders = batched(lambda: magnet, {}, {}, B.ravel(), T.ravel())
    return found.reshape(3, *B.shape), orders.reshape(B.shape + orders.shape[1:])


def pieces(magnet, m, B, T):
    """Per sublattice Gs, Gr, Gi (...) and direction (..., 3)."""
    shape = np.broadcast_shapes(np.shape(m)[:-1], np.shape(B)[:-1], np.shape(T))
    m, B = (np.broadcast_to(v, (*shape, 3)).reshape(-1, 3) for v in (m, B))
    T = np.broadcast_to(np.asarray(T, float), shape).ravel()
    found = [magnet.sublattices(*chunk) for chunk in chunks(m, B, T)]
    joined = [[np.concatenate(v)[: len(T)] for v in zip(*piece, strict=True)] for piece in zip(*found, strict=True)]
    return [type(found[0][0])(*(v.reshape(shape + v.shape[1:]) for v in piece)) for piece in joined]


# the reference itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [-3.0, -0.2, 0.1, 1.0, 6.0])
def test_an_electron_that_gives_energy_averages_to_a_bose_factor(given):
    assert ref.electron_integral(given) == pytest.approx(given / np.expm1(given), rel=1e-9)


@pytest.mark.parametrize("spin", [0.5, 1.5, 2.0])
@pytest.mark.parametrize("x", [-2.0, 0.3, 4.0])
def test_rate_of_flips_is_the_golden_rule_at_small_bias(spin, x):
    def slope(bias):
        return (ref.net_flips(spin, x, bias) - ref.net_flips(spin, x, -bias)) / (2 * bias)

    at_zero = (4 * slope(0.1) - slope(0.2)) / 3
    assert at_zero / 2 == pytest.approx(ref.moment(spin, x).flips, rel=3e-5)
    # the bias also tells the factor two: a flip changes the difference of spins by two, of which the rate 2 A is shared
    assert ref.moment(spin, x).flips == pytest.approx(
        x * ref.moment(spin, x).sigma / (4 * np.sinh(x / 2) ** 2), rel=1e-12
    )


# one moment -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spin", SPINS)
def test_conductances_are_traces_over_the_levels(spin):
    rng = np.random.default_rng(round(2 * spin))
    x = np.concatenate([10 ** rng.uniform(-30, 2.5, 25), rng.uniform(0.02, 2.5, 40), [0.999999, 1.0, 1.000001]])
    x = np.concatenate([x, -x[::3]])
    T = 3.0
    B = tesla(x * T)
    found, order = ask(ferromagnet(spin=spin, curie_temperature=0.0), B, T)
    expected = np.array([ref.conductances(FACE, spin, float(v)) for v in ref.kelvin(B) / T]).T
    np.testing.assert_allclose(found, expected, rtol=2e-12, atol=0)
    np.testing.assert_allclose(order, [ref.moment(spin, float(v)).sigma for v in ref.kelvin(B) / T], rtol=1e-13)


@pytest.mark.parametrize("spin", SPINS)
def test_disordered_moments_take_up_spin_alike_in_all_directions(spin):
    magnet = ferromagnet(spin=spin)
    G0 = magnet.characteristic_conductance
    (sink, real, imag), _ = ask(magnet, 0.0, [16.5, 20.0, 1e4])
    np.testing.assert_allclose(sink, 2 / 3 * G0 * spin * (spin + 1), rtol=1e-13)
    assert (real == 0).all()
    assert (imag == 0).all()


@pytest.mark.parametrize("spin", SPINS)
@pytest.mark.parametrize(("B", "T"), [(0.0, 0.0), (0.0, 0.05), (1.0, 0.0), (50.0, 0.03)])
def test_saturated_moments_neither_flip_nor_fluctuate(spin, B, T):
    magnet = ferromagnet(spin=spin)
    G0 = magnet.characteristic_conductance
    (sink, real, imag), _ = ask(magnet, B, T)
    assert sink < 1e-12 * G0
    assert real == pytest.approx(G0 * spin**2, rel=1e-13)
    assert imag == pytest.approx(G0 * spin / (np.pi * 0.1), rel=1e-13)


def test_characteristic_conductance_is_of_the_order_of_mixing_conductances():
    magnet = ferromagnet()
    assert magnet.characteristic_conductance == pytest.approx(
        np.pi / 1.054571817e-34 * 5e18 * (1.602176634e-19 * 0.1) ** 2, rel=1e-9
    )
    assert magnet.characteristic_conductance == pytest.approx(3.8e13, rel=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_no_face_gives_spin_back(kind):
    make, parameters, ordering = KINDS[kind]
    rng = np.random.default_rng(3)
    B = rng.choice([-1, 1], 400) * 10 ** rng.uniform(-6, 3, 400)
    T = ordering * 10 ** rng.uniform(-3, 1, 400)
    (sink, real, _), _ = ask(make(**parameters), B, T)
    assert (sink >= 0).all()
    assert (real >= 0).all()
    assert (sink + real > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_exchange_field_knows_the_sign_of_the_coupling(kind):
    make, parameters, ordering = KINDS[kind]
    flipped = {k: -v if k.startswith("exchange_coupling") else v for k, v in parameters.items()}
    B, T = np.array([0.0, 0.5, 3.0]), np.array([0.3, 0.8, 1.2]) * ordering
    one, other = (ask(make(**p), B, T)[0] for p in (parameters, flipped))
    np.testing.assert_array_equal(one[:2], other[:2])
    np.testing.assert_array_equal(one[2], -other[2])
    assert (one[2] != 0).any()


def test_a_positive_coupling_gives_a_positive_exchange_field():
    assert ask(ferromagnet(), 1.0, 4.0)[0][2] > 0


# Weiss ----------------------------------------------------------------------------------------------------------------


def random_weiss(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        spin, Tc = rng.choice(SPINS), rng.choice([0.0, 16.5, 300.0])
        T = (Tc or 10.0) * (1 + rng.choice([-1, 1]) * 10 ** rng.uniform(-7, -0.02))
        yield float(spin), float(Tc), float(T), float(rng.choice([0, 1, 1, -1]) * 10 ** rng.uniform(-7, 2.5))


@pytest.mark.parametrize("share", [1.0, 5 / 6, 0.0])
def test_order_is_the_largest_root_of_the_mean_field(share):
    spin, Tc, T, B = np.array(list(random_weiss(150, 5))).T
    static = {k: v for k, v in WEISS.items() if k not in ("spin", "curie_temperature")}
    static |= {"surface_coordination": 6 * share, "coordination": 6.0}
    found, order = batched(ss.WeissMagnet, static, {"spin": spin, "curie_temperature": Tc}, B, T)
    for i in range(len(spin)):
        bulk, x = ref.weiss(spin[i], Tc[i], B[i], T[i], share=share)
        # rounding of T and T_C alone moves the order near T_C
        slack = 1e-11 + 1e-15 * Tc[i] / abs(T[i] - Tc[i]) * abs(bulk)
        assert order[i] == pytest.approx(ref.moment(spin[i], x).sigma, abs=slack, rel=1e-12)
        expected = np.array(ref.conductances(FACE, spin[i], x))
        limits = ferromagnet().characteristic_conductance * (slack * np.array([1, 1, 10]) * 10) + 1e-9 * np.abs(
            expected
        )
        assert (np.abs(found[:, i] - expected) <= limits).all()


@pytest.mark.parametrize("spin", SPINS)
def test_curie_weiss_law(spin):
    magnet = ferromagnet(spin=spin, curie_temperature=100.0)
    T = np.array([100.5, 150.0, 1000.0])
    B = 1e-7
    expected = spin * (spin + 1) / 3 * ref.kelvin(B) / (T - 100)
    np.testing.assert_allclose(ask(magnet, B, T)[1], expected, rtol=1e-9)


@pytest.mark.parametrize("spin", SPINS)
def test_order_sets_in_with_the_square_root(spin):
    magnet = ferromagnet(spin=spin, curie_temperature=100.0)
    away = np.array([1e-6, 1e-5, 1e-4])
    amplitude = ask(magnet, 0.0, 100 * (1 - away))[1] ** 2 / away
    s = spin * (spin + 1)
    np.testing.assert_allclose(amplitude, 10 / 3 * s**2 / (spin**2 + (spin + 1) ** 2), rtol=4e-4)
    assert abs(amplitude[0] / amplitude[1] - 1) < 1e-4
    # on the critical isotherm the cube of the order is the field
    B = np.array([1e-6, 8e-6])
    np.testing.assert_allclose(np.divide(*ask(magnet, B, 100.0)[1][::-1]), 2.0, rtol=1e-3)


def test_a_field_against_the_order_is_borne_up_to_the_spinodal():
    spin, Tc, T = 2.0, 100.0, 60.0
    lam = ref.exchange_field(spin, Tc)
    barrier = minimize_scalar(lambda x: T * x - lam * ref.order(spin, x), bounds=(1e-3, 5), options={"xatol": 1e-10})
    field = tesla(-barrier.fun)
    magnet = ferromagnet(spin=spin, curie_temperature=Tc)
    assert field > 1
    strengths = np.array([-(1 - 1e-6), -(1 + 1e-6), 1 + 1e-6, -2, 2]) * field
    found, (before, beyond, along, *_) = ask(magnet, strengths, T)
    at = ref.order(spin, barrier.x)
    assert at < before < at * 1.01
    assert beyond == -along < 0
    # what the moments do to an electron turns over with them, the exchange field alone
    np.testing.assert_array_equal(found[:, 3], found[:, 4] * [1, 1, -1])


def test_order_along_the_field_grows_and_against_it_shrinks():
    magnet = ferromagnet()
    assert (np.diff(ask(magnet, np.linspace(-2, 20, 96), 12.0)[1]) > 0).all()


def test_a_surface_moment_without_neighbours_is_free():
    magnet = ferromagnet(surface_coordination=0.0)
    free = ferromagnet(curie_temperature=0.0)
    B, T = np.array([0.0, 0.3, 5.0]), 4.0
    np.testing.assert_allclose(ask(magnet, B, T)[0], ask(free, B, T)[0], rtol=1e-13, atol=1e-3)


def test_fewer_neighbours_order_less():
    full, fewer = ferromagnet(), ferromagnet(surface_coordination=4.0)
    T = np.linspace(2, 16, 15)
    (found, order), (less, lower) = ask(full, 0.0, T), ask(fewer, 0.0, T)
    assert (lower < order).all()
    assert (less[0] > found[0]).all()


# ferrimagnet ----------------------------------------------------------------------------------------------------------


def lattice(p):
    return ref.Sublattices.from_ordering_temperature(
        (p["spin_a"], p["spin_b"]), p["density_ratio"], p["curie_temperature"], (p["intra_a"], p["intra_b"])
    )


def ferrimagnet_reference(p, B, T):
    """<M> of both sublattices along m, and Gs, Gr, Gi of the state of lowest free energy in a field along m."""
    pair = lattice(p)
    h = ref.kelvin(B, p["g_factor"])
    orders = pair.equilibrium(h, T)
    fields = pair.fields(h, orders)
    faces = [ref.Face(p[f"surface_density_{i}"], p[f"exchange_coupling_{i}"], p["density_of_states"]) for i in "ab"]
    parts = [ref.conductances(f, s, float(x / T)) for f, s, x in zip(faces, pair.spins, fields, strict=True)]
    return orders, np.sum(parts, axis=0)


def assert_ferrimagnets(cases, rtol=1e-9):
    """Cases (parameters, B, T) against the state of lowest free energy."""
    cases = list(cases)
    parameters = {name: [p[name] for p, _, _ in cases] for name in FERRI}
    B, T = (np.array([case[k] for case in cases]) for k in (1, 2))
    found, orders = batched(ss.WeissFerrimagnet, {}, parameters, B, T)
    for i, (p, b, t) in enumerate(cases):
        signed, expected = ferrimagnet_reference(p, b, t)
        about = f"{p}, B={b!r}, T={t!r}"
        # either both along their own directions or, where the field alone orders them, a pair of any sign
        sign = np.sign(signed[0] - signed[1]) if t < p["curie_temperature"] else np.sign(orders[i, 0] * signed[0])
        own = sign * np.array(signed) * [1, -1]
        np.testing.assert_allclose(orders[i], own, rtol=rtol, atol=1e-11, err_msg=about)
        scale = np.sum(ss.WeissFerrimagnet(**p).characteristic_conductance)
        np.testing.assert_allclose(found[:, i], expected, rtol=rtol, atol=rtol * scale, err_msg=about)


def random_ferrimagnets(count, seed, intra):
    rng = np.random.default_rng(seed)
    while count:
        (Sa, Sb), ratio = rng.choice(SPINS, 2).tolist(), float(rng.uniform(0.3, 2.5))
        ra, rb = (rng.uniform(*intra, 2) * rng.integers(0, 2, 2)).tolist()
        if min(Sb + ra * ratio * Sa, ratio * Sa + rb * Sb) <= 0:
            continue  # at T = 0 one sublattice would turn against its own order
        count -= 1
        Tc = float(rng.choice([20.0, 300.0]))
        p = FERRI | {
            "spin_a": Sa, "spin_b": Sb, "curie_temperature": Tc, "density_ratio": ratio, "intra_a": ra, "intra_b": rb,
            "g_factor": float(rng.uniform(1.5, 2.5)),
        }  # fmt: skip
        yield p, float(tesla(Tc * 10 ** rng.uniform(-4, -1.5))), float(Tc * rng.uniform(0.03, 1.3))


def test_ferrimagnet_is_the_collinear_state_of_lowest_free_energy():
    assert_ferrimagnets(random_ferrimagnets(64, 11, (-0.3, 1.2)))


def test_ferrimagnet_with_couplings_inside_the_sublattices_that_oppose_order():
    assert_ferrimagnets(random_ferrimagnets(64, 12, (-0.9, -0.3)))


# like an iron garnet: three tetrahedral (a) to two octahedral (b) moments of Fe3+, weak couplings inside
GARNET = FERRI | {
    "spin_a": 2.5, "spin_b": 2.5, "density_ratio": 1.5, "curie_temperature": 560.0, "intra_a": -0.3, "intra_b": -0.2
}  # fmt: skip


def test_iron_garnet():
    pairs = itertools.product([1e-3, 1.0, 30.0], [4.0, 77.0, 295.0, 500.0, 559.0, 600.0])
    assert_ferrimagnets([(GARNET, *pair) for pair in pairs], rtol=1e-8)


def test_iron_garnet_loses_its_order_at_the_curie_temperature():
    away = np.array([1e-4, -1e-9, 1e-6, 4e-6])
    below, above, *near = ask(ss.WeissFerrimagnet(**GARNET), 0.0, 560 * (1 - away))[1]
    assert (below > 1e-2).all()
    np.testing.assert_array_equal(above, 0)
    np.testing.assert_allclose(near[1] / near[0], 2.0, rtol=1e-4)


def compensation(p, weights):
    """Temperature at which weights . <M> of the resting magnet vanishes, by brute force."""
    pair = lattice(p)

    def total(T):
        a, b = pair.equilibrium(0.0, T)
        return abs(a) * weights[0] - abs(b) * weights[1]

    T = np.linspace(5, 0.97 * p["curie_temperature"], 40)
    values = [total(t) for t in T]
    (k,) = np.nonzero(np.diff(np.sign(values)))[0]
    return brentq(total, T[k], T[k + 1], xtol=1e-10)


def test_exchange_field_and_magnetisation_compensate_at_different_temperatures():
    magnet = ss.WeissFerrimagnet(**FERRI)
    couplings = [FERRI[f"surface_density_{i}"] * FERRI[f"exchange_coupling_{i}"] for i in "ab"]
    T_M, T_G = compensation(FERRI, (FERRI["density_ratio"], 1.0)), compensation(FERRI, couplings)
    assert abs(T_M - T_G) > 5
    B = 1e-3
    below, above = T_M * (1 - 1e-3), T_M * (1 + 1e-3)
    (_, real, imag), _ = ask(magnet, B, [below, above, T_G])
    # the stronger sublattice is along the field: at compensation of the magnetisation both turn over
    assert imag[0] * imag[1] < 0
    assert abs(imag[0] + imag[1]) < 0.02 * abs(imag[0])
    np.testing.assert_allclose(real[0], real[1], rtol=1e-2)
    # and where the exchange field vanishes the magnet is still magnetised
    assert abs(imag[2]) < 1e-3 * magnet.characteristic_conductance.sum()
    assert_ferrimagnets([(FERRI, B, T) for T in (below, above, T_G - 5, T_G + 5)])


def test_sublattices_of_a_ferrimagnet_are_opposite_and_the_stronger_is_along_m():
    magnet = ss.WeissFerrimagnet(**FERRI)
    m = np.array([0.6, 0.0, 0.8])
    T_M = compensation(FERRI, (FERRI["density_ratio"], 1.0))
    for T, sign in ((T_M - 10, 1), (T_M + 10, -1)):
        a, b = pieces(magnet, m, 2.0 * m, T)
        np.testing.assert_allclose(a.direction, sign * m, atol=1e-15)
        np.testing.assert_allclose(b.direction, -sign * m, atol=1e-15)
        (sink, _, imag), _ = ask(magnet, 2.0, T)
        assert a.spin_sink + b.spin_sink == pytest.approx(sink, rel=1e-12)
        assert sign * (a.mixing_imag - b.mixing_imag) == pytest.approx(imag, rel=1e-12)


def test_a_ferrimagnet_bears_a_small_field_against_its_magnetisation():
    magnet = ss.WeissFerrimagnet(**GARNET)
    pair = lattice(GARNET)
    for B, T in ((-1.0, 300.0), (-10.0, 77.0), (-5.0, 500.0)):
        _, (found, resting) = ask(magnet, [B, 0.0], T)
        states = np.array(pair.solutions(ref.kelvin(B), T))
        assert np.abs(states - found * [1, -1]).max(-1).min() < 1e-9
        assert 0 < found[0] < resting[0]


# antiferromagnet ------------------------------------------------------------------------------------------------------


def anti_exchange(p):
    return 3 * p["neel_temperature"] / (p["spin"] * (p["spin"] + 1) * (1 + p["intra"]))


@pytest.mark.parametrize("intra", [-0.5, 0.0, 0.2, 0.9])
@pytest.mark.parametrize("warm", [0.1, 0.6, 0.85, 1.3])
@pytest.mark.parametrize("bend", [0.0, 0.3, 0.9, 1.1, 1.8])
def test_canting_in_a_field_across_the_neel_vector(intra, warm, bend):
    p = ANTI | {"intra": intra}
    magnet = ss.WeissAntiferromagnet(**p)
    lam, T = anti_exchange(p), warm * p["neel_temperature"]
    resting = ref.canted(p["spin"], T, lam, intra, 0 * X, X)
    h = bend * (2 * lam * np.linalg.norm(resting[0]) if warm < 1 else p["neel_temperature"])
    field = h * np.array([0.0, 0.6, 0.8])
    expected = ref.canted(p["spin"], T, lam, intra, field, X)
    found = pieces(magnet, X, tesla(1.0) * field, T)
    assert len(found) == 2
    unit = ref.conductances(ref.Face(1.0, 1.0, NU), 0.5, 40.0)[2] / 0.5  # Gi per n J sigma
    couplings = (2e18 * J, 1.5e18 * 0.8 * J)
    for piece, vector, coupling in zip(found, expected, couplings, strict=True):
        np.testing.assert_allclose(
            piece.mixing_imag * piece.direction, unit * coupling * vector, rtol=1e-9, atol=1e-9 * unit * coupling
        )
        size = np.linalg.norm(vector)
        assert np.linalg.norm(piece.direction) == pytest.approx(1.0, rel=1e-14)
        if 1e-6 < size < p["spin"] * (1 - 1e-6):
            x = brentq(lambda x, size=size: ref.order(p["spin"], x) - size, 0, 100, xtol=1e-300, rtol=1e-14)
            face = ref.Face(coupling / (J if piece is found[0] else 0.8 * J), J if piece is found[0] else 0.8 * J, NU)
            sink, real, _ = ref.conductances(face, p["spin"], x)
            assert piece.spin_sink == pytest.approx(sink, rel=1e-7)
            assert piece.mixing_real == pytest.approx(real, rel=1e-7)


def test_moments_become_parallel_at_the_flip_field_without_a_jump():
    magnet = antiferromagnet()
    T = 40.0
    flip = tesla(2 * anti_exchange(ANTI) * ask(magnet, 0.0, T)[1][0])
    before, after = (pieces(magnet, X, flip * (1 + d) * Y, T) for d in (-1e-9, 1e-9))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one.direction, Y, atol=1e-4)
        np.testing.assert_allclose(other.direction, Y, atol=1e-14)
        np.testing.assert_allclose(one[:3], other[:3], rtol=1e-7)
    half = pieces(magnet, X, flip / 2 * Y, T)
    np.testing.assert_allclose([p.direction @ Y for p in half], 0.5, rtol=1e-9)
    np.testing.assert_allclose([p.direction @ X for p in half], [0.75**0.5, -(0.75**0.5)], rtol=1e-9)


@pytest.mark.parametrize("intra", [-0.5, 0.0, 0.4])
@pytest.mark.parametrize("warm", [0.1, 0.5, 0.9, 1.2])
@pytest.mark.parametrize("B", [0.5, 20.0])
def test_a_field_along_the_neel_vector_splits_the_sublattices(intra, warm, B):
    p = ANTI | {"intra": intra}
    T = warm * p["neel_temperature"]
    pair = ref.Sublattices((2.5, 2.5), (0.5, 0.5), 2 * anti_exchange(p), (intra, intra))
    up, down = sorted(pair.equilibrium(ref.kelvin(B), T), reverse=True)
    unit = ref.conductances(ref.Face(1.0, 1.0, NU), 0.5, 40.0)[2] / 0.5
    for n, expected in ((Z, (up, down)), (-Z, (down, up))):
        found = pieces(ss.WeissAntiferromagnet(**p), n, B * Z, T)
        along = [piece.mixing_imag * (piece.direction @ Z) for piece in found]
        np.testing.assert_allclose(along, unit * J * np.array([2e18, 1.2e18]) * expected, rtol=1e-9, atol=1e-3)


def test_a_compensated_antiferromagnet_has_no_exchange_field_and_twice_one_sublattice():
    magnet = antiferromagnet()
    (sink, real, imag), order = ask(magnet, [0.0, 3.0], 30.0)
    np.testing.assert_array_equal(imag, 0)
    assert order[0, 0] == order[0, 1] > 2
    x, _ = ref.weiss(2.5, 67.0, 0.0, 30.0)
    expected = ref.conductances(ref.Face(4e18, J, NU), 2.5, x)
    np.testing.assert_allclose(sink, expected[0], rtol=1e-11)
    np.testing.assert_allclose(real, expected[1], rtol=1e-11)
    # an uncompensated face has an exchange field along n
    bare = ask(ss.WeissAntiferromagnet(**ANTI), 0.0, 30.0)[0][2]
    assert bare == pytest.approx(ref.conductances(ref.Face(2e18 - 1.2e18, J, NU), 2.5, x)[2], rel=1e-11)


# directions -----------------------------------------------------------------------------------------------------------


def assert_lowest(found, energy, scale, weakest):
    """As low as the search over the sphere; `weakest`: how much energy the choice is about."""
    assert np.linalg.norm(found) == pytest.approx(1.0, rel=1e-14)
    assert energy(found) <= energy(ref.lowest_direction(energy)) + 1e-9 * weakest + 1e-14 * scale


def test_magnetisation_takes_the_direction_of_lowest_energy():
    rng = np.random.default_rng(1)
    for _ in range(40):
        B, axis = rng.normal(size=3) * 10 ** rng.uniform(-2, 1), rng.normal(size=3)
        K, strength = float(rng.choice([-1, 1]) * 10 ** rng.uniform(-2, 1)), np.linalg.norm(B)
        m = ferromagnet(anisotropy_field=K, easy_axis=tuple(axis)).equilibrium(B)
        assert_lowest(m, ref.magnetisation_energy(B, K, axis), strength + abs(K), min(strength, abs(K)))


def test_neel_vector_takes_the_direction_of_lowest_energy():
    rng = np.random.default_rng(2)
    for _ in range(40):
        B, axis = rng.normal(size=3) * 10 ** rng.uniform(-1, 1), rng.normal(size=3)
        flop = float(10 ** rng.uniform(-1, 1))
        n = antiferromagnet(spin_flop_field=flop, easy_axis=tuple(axis)).equilibrium(B)
        assert_lowest(n, ref.neel_energy(B, flop, axis), B @ B + flop**2, min(B @ B, flop**2))


@pytest.mark.parametrize("axis", [X, Y, Z, np.array([0.6, 0.0, 0.8]), np.array([1.0, 2.0, 3.0]) / 14**0.5])
def test_neel_vector_flops_across_its_easy_axis(axis):
    hard = Y if abs(axis[1]) < 0.5 else Z
    magnet = antiferromagnet(spin_flop_field=9.0, easy_axis=tuple(axis), hard_axis=tuple(hard))
    assert abs(magnet.equilibrium(8.999 * axis) @ axis) == pytest.approx(1, abs=1e-14)
    assert abs(magnet.equilibrium(9.001 * axis) @ axis) < 1e-12
    assert abs(magnet.equilibrium(0 * axis) @ axis) == pytest.approx(1, abs=1e-14)
    at = magnet.equilibrium(9.0 * axis)
    assert np.linalg.norm(at) == pytest.approx(1, rel=1e-14)


def test_a_free_neel_vector_lies_across_field_and_hard_axis():
    rng = np.random.default_rng(4)
    B = rng.normal(size=(20, 3))
    n = antiferromagnet(hard_axis=(0.0, 0.6, 0.8)).equilibrium(B)
    np.testing.assert_allclose((n * B).sum(-1), 0, atol=1e-14)
    np.testing.assert_allclose(n @ [0.0, 0.6, 0.8], 0, atol=1e-14)
    np.testing.assert_allclose(np.linalg.norm(n, axis=-1), 1, rtol=1e-14)


def test_without_anisotropy_the_magnetisation_is_along_the_field():
    B = np.array([[0.0, 2.0, 0.0], [1e-100, 0.0, 0.0], [-3.0, 0.0, 4.0]])
    np.testing.assert_allclose(ferromagnet().equilibrium(B), [[0, 1, 0], [1, 0, 0], [-0.6, 0, 0.8]], atol=1e-15)


@pytest.mark.parametrize("axis", [Z, X, np.array([0.6, 0.0, 0.8]), np.array([1.0, 2.0, 3.0]) / 14**0.5])
@pytest.mark.parametrize(("B", "K"), [(1.0, 3.0), (3.0, 1.0), (1.0, -3.0), (3.0, -1.0), (3.0, -3.0), (3.0, 3.0)])
def test_field_along_and_across_the_axis(B, K, axis):
    magnet = ferromagnet(anisotropy_field=K, easy_axis=tuple(axis))
    other = np.cross(axis, [0.0, 1.0, 0.0]) / np.linalg.norm(np.cross(axis, [0.0, 1.0, 0.0]))
    # along its normal an easy plane lets m rise with the field, across an easy axis m follows by and by
    for sign in (1, -1):
        on = magnet.equilibrium(sign * B * axis)
        assert on @ axis == pytest.approx(sign * min(B / -K, 1) if K < 0 else sign, abs=3e-8)
        across = magnet.equilibrium(sign * B * other)
        assert across @ other == pytest.approx(sign * min(B / K, 1) if K > 0 else sign, abs=3e-8)
        assert_lowest(on, ref.magnetisation_energy(sign * B * axis, K, axis), B + abs(K), 0)
        assert_lowest(across, ref.magnetisation_energy(sign * B * other, K, axis), B + abs(K), 0)


# numbers --------------------------------------------------------------------------------------------------------------


def extremes(ordering):
    B = [0.0, 1e-300, 1e-20, 1.0, 1e4, 1e100]
    T = [0.0, 1e-300, 1e-12, ordering * (1 - 1e-15), ordering, ordering * (1 + 1e-15), 1e6, 1e300]
    pairs = [(s * b, t) for b, t, s in itertools.product(B, T, (1, -1)) if not (t and b / t > 1e304)]
    return np.array([*pairs, (1e3, 1e-297), (-1e3, 1e-297), (1e100, 1e-200)]).T


@pytest.mark.parametrize("kind", KINDS)
def test_no_field_or_temperature_is_too_extreme(kind):
    make, parameters, ordering = KINDS[kind]
    magnet = make(**parameters)
    B, T = extremes(ordering)
    found, order = ask(magnet, B, T)
    assert np.isfinite(found).all()
    assert np.isfinite(order).all()
    for m in (X, np.array([0.6, 0.0, 0.8])):
        for piece in pieces(magnet, m, B[:, None] * X, T):
            assert all(np.isfinite(v).all() for v in piece)
            np.testing.assert_allclose(np.linalg.norm(piece.direction, axis=-1), 1, rtol=1e-13)


def weighted(sink, real, imag):
    """One number per case of everything that a face does, in 1e13 S/m^2."""
    return (sink + 0.7 * real - 0.4 * imag) / 1e13


@cache
def slopes(kind):
    """Gradient of `weighted` by arrays (BATCH) of every parameter, B and T."""
    make, parameters, _ = KINDS[kind]

    def total(arguments):
        *values, B, T = arguments
        magnet = make(**dict(zip(parameters, values, strict=True)))
        found = magnet.conductances(B, T)
        return weighted(found.spin_sink, found.mixing.real, found.mixing.imag).sum()

    gradient = jax.jit(jax.grad(total))

    def by_all(B, T):
        """(parameters and B and T, cases)"""
        columns = [np.full(len(B), float(v)) for v in parameters.values()]
        return np.concatenate([np.stack(gradient(chunk)) for chunk in chunks(*columns, B, T)], -1)[:, : len(B)]

    return by_all


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_by_every_parameter_field_and_temperature(kind):
    make, parameters, ordering = KINDS[kind]
    B = np.array([0.8, 2.0, 1.5, 0.7, -0.05])
    T = np.array([0.3, 0.93, 1.02, 2.0, 0.6]) * ordering
    found = slopes(kind)(B, T)
    arguments = np.array([np.full(5, float(v)) for v in parameters.values()] + [B, T])
    names = [*parameters, "B", "T"]
    assert len(found) == len(names)
    steps = np.array([-2, -1, 1, 2])
    size = 1e-5 * np.abs(arguments) + 1e-5 * (arguments == 0)
    cases = np.array(
        [arguments + size * (np.arange(len(names)) == k)[:, None] * n for k in range(len(names)) for n in steps]
    )
    flat = np.moveaxis(cases, 1, 0).reshape(len(names), -1)
    found_there, _ = batched(make, {}, dict(zip(parameters, flat[:-2], strict=True)), flat[-2], flat[-1])
    values = weighted(*found_there)
    values = values.reshape(len(names), len(steps), 5)
    expected = np.einsum("knc,n->kc", values, np.array([1, -8, 8, -1]) / 12) / size
    scale = np.abs(values).max((0, 1)) / (size / 1e-5)
    off = np.abs(found - expected) / (np.abs(expected) + 0.1 * scale)
    worst = np.unravel_index(np.argmax(off), off.shape)
    assert off.max() < 1e-6, (names[worst[0]], B[worst[1]], T[worst[1]])


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_stay_finite_at_the_edges(kind):
    _, _, ordering = KINDS[kind]
    B, T = np.array(
        list(itertools.product((0.0, 1.0, -1.0, 1e100), (0.0, 1e-100, 1e-3, ordering, 1.5 * ordering, 1e300)))
    ).T
    found = slopes(kind)(B, T)
    bad = ~np.isfinite(found).all(0)
    assert not bad.any(), list(zip(B[bad], T[bad], strict=True))


def order_of_a_ferromagnet(B, T):
    return ferromagnet().order(B, T)


def test_derivative_of_the_order_against_the_levels():
    B, T, d = 1.2, 11.0, 1e-4
    found = jax.jit(jax.grad(order_of_a_ferromagnet, (0, 1)))

    def expected(B, T):
        return ref.moment(3.5, ref.weiss(3.5, 16.5, B, T)[0]).sigma

    by_B, by_T = found(B, T)
    assert float(by_B) == pytest.approx((expected(B + d, T) - expected(B - d, T)) / (2 * d), rel=1e-6)
    assert float(by_T) == pytest.approx((expected(B, T + d) - expected(B, T - d)) / (2 * d), rel=1e-6)
    # above T_C and without a field: the susceptibility
    slope, _ = found(0.0, 33.0)
    assert float(slope) == pytest.approx(3.5 * 4.5 / 3 * ref.kelvin(1.0) / 16.5, rel=1e-12)
    d = 1e-3
    curved = jax.jit(jax.grad(jax.grad(order_of_a_ferromagnet)))(B, T)
    first = [float(found(b, T)[0]) for b in (B + d, B - d)]
    assert float(curved) == pytest.approx((first[0] - first[1]) / (2 * d), rel=1e-4)


@pytest.mark.parametrize("K", [0.0, 0.7, -0.7])
def test_directions_have_derivatives_by_the_field(K):
    magnets = [ferromagnet(anisotropy_field=K, easy_axis=(0.0, 0.6, 0.8))]
    if K > 0:
        magnets.append(antiferromagnet(spin_flop_field=K, easy_axis=(0.0, 0.6, 0.8), hard_axis=(1.0, 0.0, 0.0)))
        magnets.append(antiferromagnet())
    B = np.array([0.4, -0.3, 0.5])
    for magnet in magnets:
        found = np.asarray(jax.jit(jax.jacfwd(magnet.equilibrium))(B))
        expected = np.stack(
            [(magnet.equilibrium(B + 1e-5 * e) - magnet.equilibrium(B - 1e-5 * e)) / 2e-5 for e in np.eye(3)], -1
        )
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_are_many_scalars(kind):
    make, parameters, ordering = KINDS[kind]
    B = np.array([-0.2, 0.0, 0.5, 7.0])
    T = np.array([[0.0], [0.4], [1.0], [1.7]]) * ordering
    magnet = make(**parameters)
    found, order = magnet.conductances(B, T), magnet.order(B, T)
    assert isinstance(found.spin_sink, np.ndarray)
    assert found.spin_sink.shape == found.mixing.shape == (4, 4)
    assert order.shape[:2] == (4, 4)
    for i, k in itertools.product(range(4), range(4)):
        one = magnet.conductances(float(B[k]), float(T[i, 0]))
        assert one.spin_sink.shape == ()
        np.testing.assert_allclose(three(one), three(found)[:, i, k], rtol=1e-12, atol=1)
        if kind == "ferromagnet":
            np.testing.assert_allclose(magnet.order(B[k], T[i, 0]), order[i, k], rtol=1e-12, atol=1e-14)


def test_vmap_over_magnets_fields_and_temperatures_is_a_loop():
    make, parameters, ordering = KINDS["ferromagnet"]
    B, T = np.array([0.0, 0.5, 7.0]), np.array([0.4, 0.99, 1.7]) * ordering
    # a magnet is a tree of its parameters
    name = next(n for n in parameters if n.startswith("exchange_coupling"))
    several = make(**(parameters | {name: np.array([J, -J / 3, 2 * J])}))
    axes = jax.tree.map(lambda v: 0 if np.ndim(v) else None, several)
    found = jax.jit(jax.vmap(lambda magnet, b, t: magnet.conductances(b, t), (axes, 0, 0)))(several, B, T)
    for i, value in enumerate((J, -J / 3, 2 * J)):
        expected, _ = ask(make(**(parameters | {name: value})), B[i], T[i])
        np.testing.assert_allclose(three(found)[:, i], expected, rtol=1e-12, atol=1)
