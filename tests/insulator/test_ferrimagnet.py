"""Ferrimagnets against the state of lowest free energy, compensation, an iron garnet."""

import itertools

import numpy as np
import pytest
import reference_magnets as ref
from insulating_magnets import FERRI, GARNET, SPINS, ask, tesla
from scipy.optimize import brentq

import spinstack as ss


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
    parameters = {name: np.array([p[name] for p, _, _ in cases]) for name in FERRI}
    B, T = (np.array([case[k] for case in cases]) for k in (1, 2))
    found, orders = ask(ss.WeissFerrimagnet(**parameters), B, T)
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


@pytest.mark.study
def test_ferrimagnet_is_the_collinear_state_of_lowest_free_energy():
    assert_ferrimagnets(random_ferrimagnets(64, 11, (-0.3, 1.2)))


@pytest.mark.study
def test_ferrimagnet_with_couplings_inside_the_sublattices_that_oppose_order():
    assert_ferrimagnets(random_ferrimagnets(64, 12, (-0.9, -0.3)))


@pytest.mark.study
def test_iron_garnet():
    pairs = itertools.product([1e-3, 1.0, 30.0], [4.0, 77.0, 295.0, 500.0, 559.0, 600.0])
    assert_ferrimagnets([(GARNET, *pair) for pair in pairs], rtol=1e-8)


@pytest.mark.study
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


@pytest.mark.study
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
        a, b = magnet.sublattices(m, 2.0 * m, T)
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
