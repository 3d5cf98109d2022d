"""All responses of a scattering barrier against the loop over wave vectors that one would write; a batch; its gradient.

python benchmarks/scattering.py [parameter sets of the batch, default 10000]
"""

from __future__ import annotations

import sys
import time

import numpy as np

from common import one_core, seconds

core = one_core()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED  # noqa: E402
from spinstack.scattering import DeltaBarrier  # noqa: E402

TOLERANCE = 1e-8
KF, PATHS, POLARIZATION = 1.36e10, (1e-8, 5e-9), (0.0, 0.5)
STRENGTHS = (0.4, 0.2, 0.15)
M = np.array([0.48, -0.6, 0.64])
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]], [[1, 0], [0, 1]]])
LABEL = np.array([-1.0, -1.0, -1.0, 1.0])


def probabilities(s: np.ndarray) -> np.ndarray:
    """1/2 tr[s+ sigma_a s sigma_b], moment labels, by broadcasting over a and b."""
    P = 0.5 * np.trace(s.conj().T @ PAULI[:, None] @ s @ PAULI[None], axis1=-2, axis2=-1).real
    return LABEL[:, None] * P * LABEL


def loop(polar: int, azimuths: int) -> np.ndarray:
    """(20, 10) responses to both potentials and in-plane fields by a loop over wave vectors.

    In units of e^2 kF^2/(8 pi^2 hbar); Gauss-Legendre in kz, equally spaced azimuths.
    Rows: currents below, above; density; torques on magnet and lattice; sheet.
    """
    u0, u_ex, u_R = STRENGTHS
    x, w = np.polynomial.legendre.leggauss(polar)
    shift = [2 * lam * np.append(P * M, 1.0) for lam, P in zip(PATHS, POLARIZATION, strict=True)]
    out = np.zeros((20, 10))
    for c, weight in zip((x + 1) / 2, w / 2, strict=True):
        for phi in 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths:
            k = np.sqrt(1 - c * c) * np.array([np.cos(phi), np.sin(phi)])
            magnet, lattice = u_ex * M, u_R * np.array([-k[1], k[0], 0.0])
            t = 1j * c * np.linalg.inv((1j * c - u0) * PAULI[3] - np.einsum("i,iab", magnet + lattice, PAULI[:3]))
            R, T = probabilities(t - np.eye(2)), probabilities(t)
            below, above = np.zeros((4, 10)), np.zeros((4, 10))
            below[:, :4], above[:, 4:8] = np.eye(4), np.eye(4)
            below[:, 8:], above[:, 8:] = np.outer(shift[0], k), np.outer(shift[1], k)
            down, up, density = R @ below + T @ above, T @ below + R @ above, T @ (below + above)
            torques = [2 * np.cross(density[:3].T, f).T for f in (magnet, lattice)]
            sheet = np.outer(k, shift[0] @ (down - below) + shift[1] @ (up - above)) / 2
            parts = [c * (below - down), c * (up - above), density, *torques, c * sheet]
            out += weight * 2 / azimuths * np.concatenate(parts)
    return out


def compared(t: object, out: np.ndarray) -> float:
    """Largest difference of currents and torques, relative to the largest entry of each tensor."""
    G = ELEMENTARY_CHARGE**2 * KF**2 / (8 * np.pi**2 * PLANCK_REDUCED)
    to_mu = np.array([1.0, 1, 1, 2] * 2)
    pairs = [
        (t.conductance, G * out[:8, :8] * to_mu), (t.conductivity, G * out[:8, 8:]),
        (t.torkance, G * out[12:15, :8] * to_mu), (t.torkivity, G * out[12:15, 8:]),
        (t.lattice_torkance, G * out[15:18, :8] * to_mu), (t.lattice_torkivity, G * out[15:18, 8:]),
        (t.inverse, G * out[18:, :8] * to_mu),
    ]  # fmt: skip
    return max(np.abs(a - b).max() / np.abs(a).max() for a, b in pairs)


def one_set() -> None:
    """Find the coarsest grid of the loop that is as good as asked, then time both."""
    u0, u_ex, u_R = STRENGTHS
    b = DeltaBarrier(barrier=u0, exchange=u_ex, rashba=u_R, fermi_wavevector=KF)
    exact = b.tensors(M, PATHS, POLARIZATION, 1e-12)
    for polar in (8, 12, 16, 24, 32, 48, 64, 96):
        out = loop(polar, polar)
        off = compared(exact, out)
        if off < TOLERANCE:
            break
    else:
        raise SystemExit(f"the loop does not converge: {off:.1e}")
    ours, least = seconds(lambda: b.tensors(M, PATHS, POLARIZATION, TOLERANCE), 25)
    start = time.perf_counter()
    loop(polar, polar)
    theirs = time.perf_counter() - start
    reached = compared(b.tensors(M, PATHS, POLARIZATION, TOLERANCE), out)
    print(f"one set: {1e3 * ours:.2f} ms (least {1e3 * least:.2f}), {reached:.0e} from the loop")
    words = f"loop over {polar} x {polar} wave vectors: {1e3 * theirs:.0f} ms"
    print(f"{words}, error {off:.0e}; {theirs / ours:.0f} times slower")


def batch(count: int) -> None:
    """Random sets at once, one direction each; then value and gradient by every strength, k_F and mean free path."""
    rng = np.random.default_rng(0)
    u = rng.uniform(-2, 2, (3, count)) * np.array([1.0, 1.0, 0.3])[:, None]
    m = rng.normal(size=(count, 3))

    def values() -> float:
        b = DeltaBarrier(barrier=u[0], exchange=u[1], rashba=u[2], fermi_wavevector=KF)
        return float(b.tensors(m, PATHS, POLARIZATION, TOLERANCE).error.max())

    took, _ = seconds(values, 1)
    print(f"batch of {count}: {1e3 * took / count:.3f} ms a set, worst error {values():.0e}")

    def value(p: jax.Array, direction: jax.Array) -> jax.Array:
        b = DeltaBarrier(barrier=p[0], exchange=p[1], rashba=p[2], fermi_wavevector=p[3] * KF)
        t = b.tensors(direction, (p[4] * PATHS[0], p[5] * PATHS[1]), POLARIZATION, TOLERANCE)
        return t.conductance[..., 0, 1].sum() + t.torkivity[..., 0, 0].sum()

    size = min(count, 64)
    p = jnp.asarray(np.concatenate([u, np.ones((3, count))])[:, :size])
    direction = jnp.asarray(m[:size])
    plain, both = jax.jit(value), jax.jit(jax.value_and_grad(value, (0, 1)))
    one, _ = seconds(lambda: jax.block_until_ready(plain(p, direction)), 5)
    grad, _ = seconds(lambda: jax.block_until_ready(both(p, direction)), 5)
    print(
        f"inside a JAX function, {size} sets (fixed number of points): {1e3 * one / size:.3f} ms a set, "
        f"with gradient by 6 parameters and m {1e3 * grad / size:.3f} ms, ratio {grad / one:.1f}"
    )


if __name__ == "__main__":
    print(f"core {core}, tolerance {TOLERANCE:g}")
    one_set()
    batch(int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000)
