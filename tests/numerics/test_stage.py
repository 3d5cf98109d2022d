"""Stages change how a program is compiled and nothing else."""

import jax
import numpy as np

import spinstack.numerics.compiler  # noqa: F401  (64-bit floats before anything is traced)
from spinstack.numerics.stage import stage


def product(a, b):
    """a b + sin a."""
    return a @ b + jax.numpy.sin(a)


def test_values_and_derivatives_are_those_of_the_function_itself():
    a, b = np.random.default_rng(1).normal(size=(2, 3, 3))
    staged = stage(product)
    assert staged.__doc__ == product.__doc__
    for change in (lambda f: f, jax.jit, jax.vmap, lambda f: jax.jit(jax.jacrev(f)), lambda f: jax.jit(jax.jacfwd(f))):
        np.testing.assert_allclose(change(staged)(a, b), change(product)(a, b), rtol=1e-14)


def test_a_compiled_program_calls_it():
    a, b = np.eye(3), np.ones((3, 3))
    text = jax.jit(lambda a, b: stage(product)(stage(product)(a, b), b)).lower(a, b).as_text()
    assert text.count('inlineable = "false"') == 2
