"""The native kernel and JAX give the same numbers, for every program and every instruction set of this processor."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from random_films import STRUCTURES, seeded
from studies import mostly_studies

import spinstack as ss
from spinstack.circuit import kernel, native
from spinstack.circuit.lower import lower
from spinstack.circuit.native import COLUMNS, Asked

pytestmark = pytest.mark.skipif(native.library() is None, reason="installed without the native kernel")

TARGETS = ("base", "avx2", "avx512")
LENGTHS = ("spin_diffusion_length", "dephasing_length", "precession_length")


@pytest.fixture(params=TARGETS)
def target(request, monkeypatch):
    monkeypatch.setenv("SPINSTACK_KERNEL", request.param)
    if request.param not in native.available():
        pytest.skip(f"this processor has no {request.param}")
    return request.param


def batch(structure, count, seed=0, field=True, extreme=False):
    """Plan and table of `count` random films with everything on."""
    tables, number = [], 1000 * seed
    while len(tables) < count:
        number += 1
        draw = seeded(number)
        try:
            film = STRUCTURES[structure](draw)
        except ss.ParameterError:  # a draw outside of what is allowed
            continue
        plan, table, _ = lower(film, draw.directions(film), draw.field() if field else (0, 0, 0))
        tables.append(table)
    table = jax.tree.map(lambda *leaves: np.concatenate(leaves, -1), *tables)
    return plan, extremes(table, np.random.default_rng(seed)) if extreme else table


def extremes(table, rng):
    """Lengths without end, layers far thinner and thicker than their lengths, nearly half-metallic magnets."""

    half_metal = rng.uniform(size=(8, table.m.shape[-1])) < 0.3

    def change(name, a):
        if name == "thickness":
            return a * 10 ** rng.uniform(-3, 3, a.shape)
        if name in LENGTHS:
            away = rng.uniform(size=a.shape) < 0.4
            away[:1] &= name != "spin_diffusion_length"  # somewhere spin has to end
            return np.where(away, np.inf, a)
        if name.startswith("polarization"):
            return np.where(half_metal[: len(a)], 1 - 1e-6, a)
        if name == "spin_memory_loss":
            return a * 10 ** rng.uniform(-4, 1, a.shape)
        return a

    columns = tuple({name: change(name, a) for name, a in c.items()} for c in table.columns)
    # magnets in different directions lose digits in any arithmetic (docs/methods/composition.md, The frame of the spin)
    return table._replace(columns=columns, m=np.broadcast_to(table.m[:1], table.m.shape))


def both(monkeypatch, program, plan, table, *extra):
    """The arrays of native code and those of JAX."""
    assert native.knows(program.__name__, plan, table)
    ours = kernel.evaluate(program, plan, table, *extra)
    with monkeypatch.context() as patch:
        patch.setenv("SPINSTACK_KERNEL", "off")
        reference = kernel.evaluate(program, plan, table, *extra)
    assert jax.tree.structure(ours) == jax.tree.structure(reference)
    return jax.tree.leaves(ours), jax.tree.leaves(reference)


def assert_close(ours, reference, tolerance):
    """Differences small against the largest component of the same film, or a thousandth of that of all."""
    for a, b in zip(ours, reference, strict=True):
        size = np.abs(b).max(tuple(range(b.ndim - 1)))
        size = np.maximum(size, 1e-3 * size.max())
        assert a.shape == b.shape
        assert (np.abs(a - b) <= tolerance * size).all()


E = np.array([[0.6], [-0.8]])
ALONG = np.array([[0.36], [0.48], [0.8]])


@pytest.mark.parametrize("extreme", [False, True], ids=["usual", "extreme"])
@pytest.mark.parametrize("field", [False, True], ids=["no-field", "field"])
@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, "in_two_parts"))
def test_sheet_conductance_is_that_of_jax(monkeypatch, target, structure, field, extreme):
    plan, table = batch(structure, 45, field=field, extreme=extreme)
    assert_close(*both(monkeypatch, kernel.sheet, plan, table), 1e-12)


@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, "in_two_parts"))
def test_faces_are_those_of_jax(monkeypatch, target, structure):
    plan, table = batch(structure, 45, seed=1)
    assert_close(*both(monkeypatch, kernel.faces, plan, table, E), 1e-12)


@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, "in_two_parts"))
def test_potentials_and_responses_of_extreme_films_are_those_of_jax(monkeypatch, target, structure):
    # the currents are differences of these, with as many digits as a thin layer leaves of them
    plan, table = batch(structure, 45, seed=1, extreme=True)
    ours, reference = both(monkeypatch, kernel.faces, plan, table, E)
    assert_close(ours[::2][:2], reference[::2][:2], 1e-12)


def test_the_inside_of_layers_is_that_of_jax(monkeypatch, target):
    plan, table = batch("repeated", 45, seed=2)
    layers, rng = 5, np.random.default_rng(0)
    lower, upper = rng.normal(size=(2, layers, 3, 45))
    fraction = rng.uniform(size=(1, 45))
    fraction[0, :2] = 0, 1
    assert_close(*both(monkeypatch, kernel.inside, plan, table, fraction, lower, upper, np.tile(E, 45)), 1e-12)


def test_perpendicular_resistance_is_that_of_jax(monkeypatch, target):
    plan, table = batch("repeated", 45, seed=3, extreme=True)
    assert_close(*both(monkeypatch, kernel.perpendicular, plan, table), 1e-12)


def test_the_slope_along_a_field_is_that_of_jax(monkeypatch, target):
    plan, table = batch("repeated", 45, seed=4)
    assert_close(*both(monkeypatch, kernel.sheet_slope, plan, table, ALONG), 1e-12)


def every_number(plan, table):
    """All numbers of all rows as they are asked for, and where each stands in the leaves of a derivative."""
    asked = []
    for kind, columns in zip(plan.kinds, table.columns, strict=True):
        for name in COLUMNS.get(kind, ()):
            shape = columns[name].shape[:-1]
            asked += [Asked(kind, row, name, c) for row in range(shape[0]) for c in range(int(np.prod(shape[1:])))]
    asked += [Asked("m", row, "", c) for row in range(len(table.m)) for c in range(3)]
    return asked + [Asked("B", 0, "", c) for c in range(3)]


@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, "below_a_cap"))
def test_derivatives_are_those_of_jax(target, structure):
    count = 9
    plan, table = batch(structure, count, seed=5)
    endless = [{n: np.where(np.arange(count) < 4, np.inf, a) if n in LENGTHS[1:] else a for n, a in c.items()}
               for c in table.columns]  # fmt: skip
    table = table._replace(columns=tuple(endless))
    asked = every_number(plan, table)
    G, jacobian = native.sheet_jacobian(plan, table, asked)

    def summed(table):
        return kernel.sheet(plan, table, count).sum(-1)  # films do not know of one another

    exact = jax.jit(jax.jacrev(summed))(table)
    parts = [exact.columns[plan.kinds.index(kind)][name] for kind in plan.kinds for name in COLUMNS.get(kind, ())]
    reference = jnp.concatenate([a.reshape(2, 2, -1, count) for a in (*parts, exact.m, exact.B)], 2)
    assert np.isfinite(jacobian).all()
    assert_close([G], [np.asarray(kernel.sheet(plan, table, count))], 1e-12)
    for a, b in zip(jacobian, np.moveaxis(np.asarray(reference), 2, 0), strict=True):
        assert_close([a], [b], 1e-11)


def test_films_are_divided_over_threads_without_a_difference(monkeypatch):
    film = ss.Metal("Pt", thickness=np.linspace(1e-9, 9e-9, 5003), conductivity=4e6, spin_diffusion_length=2e-9,
                    spin_hall_angle=0.1) | ss.MagneticInsulator("I", mixing_conductance=3e14 + 1e14j)  # fmt: skip
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("SPINSTACK_THREADS", threads)
        found.append(ss.sheet_conductance(film, m=(0, 0.6, 0.8)))
    np.testing.assert_array_equal(*found)


def test_a_film_of_a_batch_is_that_film(monkeypatch):
    plan, table = batch("in_two_parts", 21, seed=6)
    whole = kernel.evaluate(kernel.sheet, plan, table)
    for i in (0, 7, 8, 20):
        one = jax.tree.map(lambda a, i=i: a[..., i : i + 1], table)
        np.testing.assert_array_equal(kernel.evaluate(kernel.sheet, plan, one)[..., 0], whole[..., i])


def test_what_the_kernel_does_not_know_is_left_to_jax():
    plan, table = batch("repeated", 2)
    more = table._replace(
        columns=tuple(c | {"an_effect_to_come": c["thickness"]} if "thickness" in c else c for c in table.columns)
    )
    assert native.knows("sheet", plan, table)
    assert not native.knows("sheet", plan, more)
    assert not native.knows("moving", plan, table)


def test_an_unknown_word_is_refused(monkeypatch):
    monkeypatch.setenv("SPINSTACK_KERNEL", "fast")
    with pytest.raises(ss.SpinstackError, match=r"SPINSTACK_KERNEL: got 'fast'. Allowed: off, base"):
        ss.sheet_conductance(ss.Metal("Pt", thickness=1e-9, conductivity=4e6, spin_diffusion_length=2e-9))
