"""A zero that is known beforehand: arithmetic passes over it, and programs do not contain it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from spinstack.numerics.nothing import NOTHING


@pytest.mark.parametrize("other", [2.0, np.array([1.0, -2.0]), jnp.array([1.0, 3.0])])
def test_it_is_zero_in_sums_and_products(other):
    for total in (other + NOTHING, NOTHING + other, other - NOTHING, -(NOTHING - other)):
        np.testing.assert_array_equal(total, other)
    for product in (other * NOTHING, NOTHING * other, NOTHING / other, -NOTHING, NOTHING + NOTHING, NOTHING - NOTHING):
        assert product is NOTHING


def test_a_program_has_no_part_of_it():
    def total(numbers, x):
        return sum((n * x**k for k, n in enumerate(numbers)), NOTHING)

    made = jax.make_jaxpr(total)([NOTHING, 2.0, NOTHING], 3.0)
    assert str(made).count("mul") == 1
    assert jax.jit(total)([NOTHING, 2.0, NOTHING], 3.0) == 6.0
