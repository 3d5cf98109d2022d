"""Films with orbital moments: native code and JAX give the same numbers, for every instruction set."""

from functools import cache

import insulating_magnets
import jax
import numpy as np
import orbital_films
import pytest
from random_films import seeded
from studies import mostly_studies
from two_codes import LENGTHS, TARGETS, E, assert_close, both

import spinstack as ss
from spinstack.circuit import kernel, native
from spinstack.circuit.arrangement import Arrangement
from spinstack.circuit.lower import lower

pytestmark = pytest.mark.skipif(native.library() is None, reason="installed without the native kernel")

#: insulators, contacts with and without an interface, both sides of a magnet
USUAL = "IN|FN"
STRUCTURES = (*orbital_films.STRUCTURES, "N|F|NF|N|FN|N")
FILMS = 60
#: one rounding of the inputs moves JAX itself by up to 4e-12 where complete conversion meets a large correlation
OF_EXTREMES = 1e-11


@pytest.fixture(params=TARGETS)
def target(request, monkeypatch):
    monkeypatch.setenv("SPINSTACK_KERNEL", request.param)
    if request.param not in native.available():
        pytest.skip(f"this processor has no {request.param}")
    return request.param


@cache
def drawn(structure, count, seed):
    """Plan and table of random films with everything on."""
    tables, number = [], 1000 * seed
    while len(tables) < count:
        number += 1
        draw = seeded(number)
        try:
            film = orbital_films.film(draw, structure, reciprocal=draw.uniform(-1.0, 1.0))
            plan, table, _ = lower(film, draw.directions(film), draw.field())
        except ss.ParameterError:  # a draw outside of what is allowed
            continue
        tables.append(table)
    return plan, jax.tree.map(lambda *leaves: np.concatenate(leaves, -1), *tables)


def batch(structure, count=FILMS, seed=0, field=True, extreme=False):
    plan, table = drawn(structure, count, seed)
    table = table if field else table._replace(B=0 * table.B)
    return plan, extremes(table, np.random.default_rng(seed)) if extreme else table


def extremes(table, rng):
    """Lengths without end, layers far thinner and thicker than their lengths, complete conversion, equal modes."""

    def some(a, share, values):
        return np.where(rng.uniform(size=a.shape) < share, values, a)

    def change(name, a):
        if name == "thickness":
            return a * 10 ** rng.uniform(-4, 3, a.shape)
        if name in LENGTHS:
            away = rng.uniform(size=a.shape) < 0.4
            away[:1] &= name != "spin_diffusion_length"  # somewhere spin has to end
            return np.where(away, np.inf, a)
        if name == "spin_orbital_conversion":
            return some(a, 0.5, rng.choice([-1.0, 0.0, 1.0], a.shape))
        if name == "spin_orbital_polarization":
            return some(a, 0.4, rng.choice([-0.99, 0.0, 0.99], a.shape))
        if name.endswith("_memory_loss"):
            return a * 10 ** rng.uniform(-4, 1, a.shape)
        return a

    columns = []
    for c in table.columns:
        new = {name: change(name, a) for name, a in c.items()}
        if "orbital_diffusion_length" in c:
            # K^-1 Gamma is a multiple of the unit matrix, or nearly so
            alike = rng.uniform(size=c["thickness"].shape) < 0.3
            length = c["spin_diffusion_length"] * (1 + rng.choice([0.0, 1e-12, 1e-6, 1e-3], alike.shape))
            new["orbital_diffusion_length"] = np.where(alike, length, new["orbital_diffusion_length"])
            new["spin_orbital_conversion"] = np.where(
                alike, -new["spin_orbital_polarization"], new["spin_orbital_conversion"]
            )
        columns.append(new)
    # magnets in different directions lose digits in any arithmetic (docs/methods/composition.md, The frame of the spin)
    return table._replace(columns=tuple(columns), m=np.broadcast_to(table.m[:1], table.m.shape))


@pytest.mark.parametrize("extreme", [False, True], ids=["usual", "extreme"])
@pytest.mark.parametrize("field", [False, True], ids=["no-field", "field"])
@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, [USUAL]))
def test_sheet_conductance_is_that_of_jax(monkeypatch, target, structure, field, extreme):
    plan, table = batch(structure, field=field, extreme=extreme)
    assert_close(*both(monkeypatch, kernel.sheet, plan, table), OF_EXTREMES if extreme else 1e-12)


@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, [USUAL]))
def test_faces_are_those_of_jax(monkeypatch, target, structure):
    plan, table = batch(structure, seed=1)
    ours, reference = both(monkeypatch, kernel.faces, plan, table, E)
    assert_close(ours[::2], reference[::2], 1e-12)
    # the currents are differences of potentials: a rounding of the inputs moves them by 4e-12
    assert_close(ours, reference, 1e-11)


@pytest.mark.study
@pytest.mark.parametrize("structure", STRUCTURES)
def test_potentials_and_responses_of_extreme_films_are_those_of_jax(monkeypatch, target, structure):
    # the currents are differences of these, with as many digits as a thin layer leaves of them
    plan, table = batch(structure, seed=1, extreme=True)
    ours, reference = both(monkeypatch, kernel.faces, plan, table, E)
    assert_close(ours[::2][:2], reference[::2][:2], OF_EXTREMES)


@pytest.mark.study
def test_the_inside_of_layers_is_that_of_jax(monkeypatch, target):
    plan, table = batch(USUAL, seed=2)
    rng, layers = np.random.default_rng(0), 3
    lower, upper = rng.normal(size=(2, layers, 6, FILMS))
    fraction = rng.uniform(size=(1, FILMS))
    fraction[0, :3] = 0, 1, 0.5
    assert_close(*both(monkeypatch, kernel.inside, plan, table, fraction, lower, upper, np.tile(E, FILMS)), 1e-12)


@pytest.mark.parametrize("face", [0, 1])
def test_the_inside_of_layers_begins_and_ends_at_their_faces(target, face):
    plan, table = batch(USUAL, seed=1)
    solved = kernel.evaluate(kernel.faces, plan, table, E)
    at = Arrangement.of(plan)
    where = at.where(kind for kind in kernel.LAYERS if kind in at.kinds)
    psi = solved.psi[where]
    fraction = np.full((1, FILMS), float(face))
    found = kernel.evaluate(kernel.inside, plan, table, fraction, psi[:, 0], psi[:, 1], np.tile(E, FILMS))
    for spin, orbital, at_face in (("psi", "phi", solved.psi), ("Q", "Q_l", solved.Q)):
        assert_close([np.concatenate([found[spin], found[orbital]], 1)], [at_face[where, face]], 1e-10)


@pytest.mark.study
def test_perpendicular_resistance_is_that_of_jax(monkeypatch, target):
    plan, table = batch("F|N", seed=3, extreme=True)
    assert_close(*both(monkeypatch, kernel.perpendicular, plan, table), OF_EXTREMES)


@pytest.mark.study
def test_an_insulator_whose_conductances_follow_from_its_moments(monkeypatch):
    metal = ss.Metal(
        "N", thickness=np.linspace(1e-9, 9e-9, 7), conductivity=3e6, spin_diffusion_length=2e-9, spin_hall_angle=0.1,
        orbital_diffusion_length=5e-9, orbital_hall_angle=-0.2, spin_orbital_conversion=0.4,
    )  # fmt: skip
    film = ss.MagneticInsulator("I", magnet=insulating_magnets.weiss()) | metal | ss.Vacuum("cap")
    plan, table, _ = lower(film, (0, 0.6, 0.8), (0.1, 0.2, 3.0), 40.0)
    assert_close(*both(monkeypatch, kernel.faces, plan, table, E), 1e-12)


def test_a_film_that_is_no_film_spoils_no_other(target):
    plan, table = batch(USUAL, 21)
    length = np.array(table.columns[plan.kinds.index("Metal")]["orbital_diffusion_length"])
    length[0, 5], length[1, 17] = np.nan, -np.inf
    columns = tuple(
        c | {"orbital_diffusion_length": length} if k == "Metal" else c
        for k, c in zip(plan.kinds, table.columns, strict=True)
    )
    spoilt = kernel.evaluate(kernel.sheet, plan, table._replace(columns=columns))
    others = np.delete(np.arange(21), (5, 17))
    np.testing.assert_array_equal(spoilt[..., others], kernel.evaluate(kernel.sheet, plan, table)[..., others])
    assert np.isnan(spoilt[..., 5]).all()


def test_a_film_of_a_batch_is_that_film(target):
    plan, table = batch(USUAL, 21)
    together = kernel.evaluate(kernel.sheet, plan, table)
    for i in (0, 7, 8, 20):
        one = jax.tree.map(lambda a, i=i: a[..., i : i + 1], table)
        found = kernel.evaluate(kernel.sheet, plan, one)[..., 0]
        np.testing.assert_array_equal(found, together[..., i])


def test_what_the_kernel_does_not_know_is_left_to_jax():
    plan, table = batch("N|F", 2)
    assert native.knows("sheet", plan, table)
    assert not native.knows("sheet_slope", plan, table)
    assert not native.differentiates(plan)
    assert not native.knows("sheet", plan._replace(orbital=False), table)
