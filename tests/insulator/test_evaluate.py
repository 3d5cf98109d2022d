"""Magnets as arrays: extreme fields and temperatures, derivatives, batches."""

import itertools
from functools import cache

import jax
import numpy as np
import pytest
import reference_magnets as ref
from insulating_magnets import KINDS, J, ask, ferromagnet, three
from plain_films import X


def extremes(ordering):
    B = [0.0, 1e-300, 1e-20, 1.0, 1e4, 1e100]
    T = [0.0, 1e-300, 1e-12, ordering * (1 - 1e-15), ordering, ordering * (1 + 1e-15), 1e6, 1e300]
    pairs = [(s * b, t) for b, t, s in itertools.product(B, T, (1, -1)) if not (t and b / t > 1e304)]
    return np.array([*pairs, (1e3, 1e-297), (-1e3, 1e-297), (1e100, 1e-200)]).T


@pytest.mark.study
@pytest.mark.parametrize("kind", KINDS)
def test_no_field_or_temperature_is_too_extreme(kind):
    make, parameters, ordering = KINDS[kind]
    magnet = make(**parameters)
    B, T = extremes(ordering)
    found, order = ask(magnet, B, T)
    assert np.isfinite(found).all()
    assert np.isfinite(order).all()
    for m in (X, np.array([0.6, 0.0, 0.8])):
        for piece in magnet.sublattices(m, B[:, None] * X, T):
            assert all(np.isfinite(v).all() for v in piece)
            np.testing.assert_allclose(np.linalg.norm(piece.direction, axis=-1), 1, rtol=1e-13)


def weighted(sink, real, imag):
    """One number per case of everything that a face does, in 1e13 S/m^2."""
    return (sink + 0.7 * real - 0.4 * imag) / 1e13


BATCH = 16  # every question is asked of so many at once: one program per kind of magnet


def chunks(*values):
    """Flattened to one shape and cut into batches, the last one filled up."""
    count = len(values[0])
    for k in range(0, count, BATCH):
        yield [np.resize(v[k : k + BATCH], (BATCH, *v.shape[1:])) for v in values]


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


@pytest.mark.study
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
    magnet = make(**dict(zip(parameters, flat[:-2], strict=True)))
    values = weighted(*three(magnet.conductances(flat[-2], flat[-1])))
    values = values.reshape(len(names), len(steps), 5)
    expected = np.einsum("knc,n->kc", values, np.array([1, -8, 8, -1]) / 12) / size
    scale = np.abs(values).max((0, 1)) / (size / 1e-5)
    off = np.abs(found - expected) / (np.abs(expected) + 0.1 * scale)
    worst = np.unravel_index(np.argmax(off), off.shape)
    assert off.max() < 1e-6, (names[worst[0]], B[worst[1]], T[worst[1]])


@pytest.mark.study
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


@pytest.mark.study
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


@pytest.mark.study
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


@pytest.mark.study
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
