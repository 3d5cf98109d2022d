"""Where magnetisation and Neel vector point, against searches over the sphere."""

import jax
import numpy as np
import pytest
import reference_magnets as ref
from insulating_magnets import antiferromagnet, ferromagnet
from plain_films import X, Y, Z


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


@pytest.mark.study(but_first=1)
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


@pytest.mark.study
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
