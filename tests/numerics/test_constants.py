"""Constants are those of CODATA, and numbers of numerics are 64-bit."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import constants as codata

import spinstack.numerics.compiler  # noqa: F401  (64-bit floats before anything is traced)
from spinstack.numerics import constants
from spinstack.numerics.arrays import array_module, is_traced


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("ELEMENTARY_CHARGE", codata.e),
        ("PLANCK_REDUCED", codata.hbar),
        ("BOLTZMANN", codata.k),
        ("BOHR_MAGNETON", codata.value("Bohr magneton")),
        ("VACUUM_PERMEABILITY", codata.mu_0),
    ],
)
def test_constants_are_those_of_codata(ours, theirs):
    assert getattr(constants, ours) == pytest.approx(theirs, rel=1e-8)


def test_numbers_have_64_bits():
    assert jnp.asarray(1.0).dtype == np.float64


def test_arrays_are_known_by_their_kind():
    assert array_module(1.0, np.ones(2)) is np
    assert array_module(1.0, jnp.ones(2)) is jnp
    assert not is_traced(jnp.ones(2))
