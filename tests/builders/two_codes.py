"""The arrays of programs by native code and by JAX, and how close they are."""

import jax
import numpy as np

from spinstack.circuit import kernel, native

TARGETS = ("base", "avx2", "avx512")
#: lengths that may be without end
LENGTHS = ("spin_diffusion_length", "dephasing_length", "precession_length")
#: a field in the plane [V/m], for all films
E = np.array([[0.6], [-0.8]])


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
