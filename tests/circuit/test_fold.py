"""The fold and its derivative, block by block."""

import jax
import numpy as np
import pytest
from plain_films import contact, ferromagnet, metal, nm
from random_films import seeded

import spinstack as ss
from spinstack.circuit import fold as join
from spinstack.circuit import kernel
from spinstack.circuit.arrangement import Arrangement
from spinstack.circuit.lower import lower

DRAW = seeded(11)
FILM = DRAW.below_a_cap()
M, B = DRAW.directions(FILM), DRAW.field()
LAYER = metal("Pt", thickness=2 * nm)


@pytest.mark.study
def test_the_adjoint_derivative_is_that_of_the_differentiated_fold():
    plan, table, _ = lower(FILM, M, B)
    at = Arrangement.of(plan)
    elements, bottom, top = jax.jit(lambda t: kernel.stacked(kernel.build(at, t, 1), at.stretches[0]))(table)
    elements = elements.in_plane()
    none = join.no_shunt(elements)
    bottom, top = (none if sink is None else sink for sink in (bottom, top))
    weights = np.array([[1.0, 0.3], [-0.7, 2.0]])[:, :, None]

    def plain(elements, bottom, top):
        return (weights * join.close(join.fold(join.closed(elements, bottom), elements), top)[1]).sum()

    def adjoint(elements, bottom, top):
        return (weights * join.respond(elements, bottom, top)).sum()

    assert np.abs(bottom).max() > 0
    expected, got = (jax.jit(jax.grad(f, argnums=(0, 1, 2)))(elements, bottom, top) for f in (plain, adjoint))
    for a, b in zip(jax.tree.leaves(expected), jax.tree.leaves(got), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12 * np.abs(a).max())


def test_forward_and_reverse_derivatives_agree():
    film = LAYER | metal("W", spin_hall_angle=-0.2) | ss.MagneticInsulator("YIG", mixing_conductance=3e14 + 1e14j)

    def value(t):
        return ss.sheet_resistance(film.replace({"W.thickness": t}), m=(0.1, 0.2, 0.3))

    forward, reverse = (jax.jit(derivative(value))(3 * nm) for derivative in (jax.jacfwd, jax.jacrev))
    assert np.abs(forward[1, 0]) > 0
    np.testing.assert_allclose(forward, reverse, rtol=1e-10)


def test_reservoirs_need_no_spin_relaxation_but_closed_faces_do():
    film = ss.Film((LAYER.replace(spin_diffusion_length=np.inf),))
    assert ss.perpendicular_resistance(film) == pytest.approx(2 * nm / 4e6, rel=1e-12)
    with pytest.raises(ss.ParameterError, match="undetermined"):
        ss.sheet_resistance(film)


@pytest.mark.parametrize("size", [1, kernel.BLOCK - 1, kernel.BLOCK + 1, kernel.BLOCKS * kernel.BLOCK + 3])
def test_a_batch_is_its_films_one_by_one(size):
    film = LAYER | ss.MagneticInsulator("YIG", mixing_conductance=3e14 + 1e13j)
    thickness = np.linspace(1, 9, size) * nm
    together = ss.sheet_conductance(film.replace({"Pt.thickness": thickness}), m=(0.1, 0.2, 0.3))
    assert together.shape == (size, 2, 2)
    for i in {0, size // 2, size - 1}:
        alone = ss.sheet_conductance(film.replace({"Pt.thickness": thickness[i]}), m=(0.1, 0.2, 0.3))
        np.testing.assert_allclose(together[i], alone, rtol=1e-12)


def test_batches_of_m_and_of_parameters_broadcast():
    film = LAYER | ss.MagneticInsulator("YIG", mixing_conductance=3e14 + 1e13j)
    thickness = np.array([1.0, 2.0, 3.0])[:, None] * nm
    m = np.eye(3)
    G = ss.sheet_conductance(film.replace({"Pt.thickness": thickness}), m=m)
    assert G.shape == (3, 3, 2, 2)
    alone = ss.sheet_conductance(film.replace({"Pt.thickness": 2 * nm}), m=m[2])
    np.testing.assert_allclose(G[1, 2], alone, rtol=1e-12)


def test_a_superlattice_of_a_hundred_repeats_is_solved():
    repeat = LAYER | contact() | ferromagnet("Co", thickness=nm, dephasing_length=nm) | contact()
    film = (repeat * 100) | LAYER
    G = ss.sheet_conductance(film, m=(0, 1, 0))
    plain = 101 * 2 * nm * 4e6 + 100 * nm * 5e6
    assert G[0, 0] == pytest.approx(plain, rel=0.02)
