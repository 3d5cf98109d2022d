"""Where magnets come to rest without a current: switching fields, spin flop, and that it is downhill."""

import numpy as np
import pytest
from magnet_tables import directions, random_landscape

from spinstack.magnets.landscape import Landscape, energy
from spinstack.magnets.settle import followed, settled, stiffness

K = 0.4
UNIAXIAL = Landscape(np.array([1e-3]), np.zeros((1, 3)), np.diag([0, 0, K])[None], None, None, None, None)


@pytest.mark.parametrize("angle", [0.0, 5.0, 20.0, 45.0, 70.0, 85.0])
def test_a_uniaxial_magnet_switches_on_the_astroid_of_stoner_and_wohlfarth(angle):
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    astroid = K * (c ** (2 / 3) + s ** (2 / 3)) ** -1.5
    path = -astroid * np.array([-1.0, 0.0, 0.5, 0.9, 1 - 1e-6, 1 + 1e-6])[:, None] * np.array([s, 0, c])
    mz = followed(UNIAXIAL, np.array([[[0, 0, 1.0]]]), path[:, None])[:, 0, 0, 2]
    assert (mz[:5] > 0).all()
    assert mz[5] < 0


def test_where_magnets_settle_nothing_turns_them_and_every_curvature_is_positive():
    rng = np.random.default_rng(5)
    land, others = random_landscape(rng, 2, 1)
    m, B = directions(rng, 12, 2), rng.normal(size=(12, 3))
    found = settled(land, m, B, others)
    gradient, hessian, _ = stiffness(land, found, B, others)
    assert np.abs(gradient).max() < 1e-14
    assert np.linalg.eigvalsh(hessian).min() > 0
    assert np.abs(np.linalg.norm(found, axis=-1) - 1).max() < 1e-14
    assert np.abs(settled(land, found, B, others) - found).max() < 1e-12


def test_gradient_and_curvatures_are_differences_of_the_energy():
    rng = np.random.default_rng(6)
    land, others = random_landscape(rng, 2, 1)
    m, B, h = directions(rng, 4, 2), rng.normal(size=(4, 3)), 1e-4
    gradient, hessian, across = stiffness(land, m, B, others)

    def height(step):
        moved = m + np.einsum("ia,piac->pic", step.reshape(2, 2), across)
        moved /= np.linalg.norm(moved, axis=-1, keepdims=True)
        return energy(land, np.moveaxis(moved, 0, -1), B.T, others)

    for i in range(4):
        for j in range(4):
            e, f = h * np.eye(4)[i], h * np.eye(4)[j]
            second = (height(e + f) - height(e - f) - height(f - e) + height(-e - f)) / (4 * h * h)
            np.testing.assert_allclose(second, hessian[:, i, j], atol=1e-6 * np.abs(hessian).max())
        first = (height(e := h * np.eye(4)[i]) - height(-e)) / (2 * h)
        np.testing.assert_allclose(first, gradient[:, i], atol=1e-6 * np.abs(gradient).max())


def test_a_level_place_stays_and_a_hilltop_is_left():
    plane = UNIAXIAL._replace(quadratic=np.diag([0, 0, -K])[None])
    along = np.array([[[0.6, 0.8, 0.0]]])
    assert np.abs(settled(plane, along, np.zeros((1, 3))) - along).max() < 1e-12
    ends = settled(plane, np.array([[[0, 0, 1.0]]]), np.zeros((1, 3)))
    assert abs(ends[0, 0, 2]) < 1e-12
    assert abs(settled(UNIAXIAL, along, np.zeros((1, 3)))[0, 0, 2]) > 1 - 1e-12


def test_antiferromagnetic_exchange_flops_and_saturates_at_the_known_fields():
    # two equal magnets in the plane, J < 0, B_J = -J/(M t), no anisotropy: m along B is B/(2 B_J)
    M, J, hard = 1e-3, -0.3e-3, 1.0
    exchange = np.array([[0.0, J], [J, 0.0]])
    plane = np.array([np.diag([0.0, 0.0, -hard])] * 2)
    land = Landscape(np.array([M, M]), np.zeros((2, 3)), plane, None, None, exchange, 0 * exchange)
    B_J = -J / M
    field = np.array([0.2, 0.9, 1.5, 1.99, 2.01]) * B_J
    start = np.array([[[0.3, 1, 0], [0.3, -1, 0.0]]])
    m = followed(land, start / np.linalg.norm(start, axis=-1, keepdims=True), field[:, None, None] * np.eye(3)[0])[:, 0]
    np.testing.assert_allclose(m[:, :, 0], np.minimum(field / (2 * B_J), 1)[:, None] * [1, 1], atol=1e-9)
    np.testing.assert_allclose(m[:, 0, 1], -m[:, 1, 1], atol=1e-9)


@pytest.mark.parametrize(("share", "flopped"), [(1 - 1e-3, False), (1 + 1e-3, True)])
def test_antiparallel_magnets_flop_where_their_place_ends(share, flopped):
    # easy axis B_A along x, B along x: antiparallel is left at sqrt(B_A (2 B_J + B_A)), as a Neel state is
    M, J, B_A = 1e-3, -0.3e-3, 0.05
    exchange = np.array([[0.0, J], [J, 0.0]])
    easy = np.array([np.diag([B_A, 0.0, -0.5])] * 2)
    land = Landscape(np.array([M, M]), np.zeros((2, 3)), easy, None, None, exchange, 0 * exchange)
    field = share * np.sqrt(B_A * (2 * -J / M + B_A))
    start = np.array([[[1.0, 1e-6, 0], [-1, 1e-6, 0]]])
    m = settled(land, start, np.array([[field, 0, 0]]))[0]
    assert (abs(m[1, 0] + 1) > 0.1) == flopped
    if flopped:
        # both lean by cos = B/(2 B_J - B_A)
        np.testing.assert_allclose(m[:, 0], field / (2 * -J / M - B_A), rtol=1e-9)


def test_biquadratic_exchange_sets_magnets_across_each_other():
    exchange = np.array([[0.0, 1.0], [1.0, 0.0]])
    plane = np.array([np.diag([0.0, 0.0, -1.0])] * 2)
    land = Landscape(np.array([1e-3, 1e-3]), np.zeros((2, 3)), plane, None, None, 1e-4 * exchange, -2e-4 * exchange)
    start = np.array([[[1.0, 0.0, 0.0], [0.9, np.sqrt(0.19), 0.0]]])
    m = settled(land, start, np.zeros((1, 3)))[0]
    # -J1 c - J2 c^2 is least at c = -J1/(2 J2)
    assert m[0] @ m[1] == pytest.approx(0.25, rel=1e-9)
