"""Brute-force reference for the scattering of electrons by a delta barrier: NumPy only, from the matching of wave
functions up.

It shares nothing with the package. Per wave vector the 2x2 amplitudes come from a linear solve of the matching
conditions, R and T from traces with Pauli matrices. Every current, torque, density and sheet current is then written
per electron (what arrives, what leaves, what it carries) and summed over the Fermi hemisphere by panels: dyadic in c
= k_z towards grazing incidence, and in the azimuth Gauss-Kronrod panels that are halved where they have not
converged. The panels of the azimuth found at larger c are where smaller c starts, so that a resonance (whose width
is c) is followed down and cannot be missed.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

ELEMENTARY_CHARGE = 1.602176634e-19
PLANCK = 6.62607015e-34
PAULI = np.array(
    [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]], [[1, 0], [0, 1]]], dtype=complex
)  # x, y, z, charge
LABEL = np.array([-1.0, -1.0, -1.0, 1.0])  # the moment is opposite to the electron's spin

# Gauss-Kronrod (7, 15) on [-1, 1]: nodes and weights of the rule, weights of the embedded Gauss rule (QUADPACK's qk15)
_HALF = [
    0.991455371120812639, 0.949107912342758524, 0.864864423359769072, 0.741531185599394439,
    0.586087235467691130, 0.405845151377397166, 0.207784955007898467,
]  # fmt: skip
_KRONROD = [
    0.022935322010529224, 0.063092092629978553, 0.104790010322250183, 0.140653259715525918,
    0.169004726639267902, 0.190350578064785409, 0.204432940075298892,
]  # fmt: skip
_GAUSS = [
    0.0, 0.129484966168869693, 0.0, 0.279705391489276667,
    0.0, 0.381830050505118944, 0.0,
]  # fmt: skip
NODES = np.array([-x for x in _HALF] + [0.0] + _HALF[::-1])
KRONROD = np.array([*_KRONROD, 0.209482141084727828012999174891714, *_KRONROD[::-1]])
GAUSS = np.array([*_GAUSS, 0.417959183673469387755102040816327, *_GAUSS[::-1]])


@dataclass(frozen=True)
class Barrier:
    """Strengths of the potential (hbar^2 k_F / m) delta(z) [u0 + sigma . u]."""

    barrier: float
    exchange: float
    rashba: float
    dresselhaus: float = 0.0

    def spin_orbit_field(self, kx, ky):
        return np.stack(
            [-self.rashba * ky + self.dresselhaus * kx, self.rashba * kx - self.dresselhaus * ky, np.zeros_like(kx)],
            axis=-1,
        )


@dataclass(frozen=True)
class Accuracy:
    """How finely the Fermi surface is cut: change it to see how far the result moves."""

    halvings: int = 18  # the last panel in c is [0, 2^-halvings]
    points: int = 16  # Gauss-Legendre points of each panel in c
    azimuth: float = 1e-8  # allowed |Kronrod - Gauss| of a panel of the azimuth (the Kronrod value is far better)


def match(u0, u, c):
    """Reflected and transmitted amplitudes (N, 2, 2) by solving the matching conditions of both spin components at z
    = 0.

    Continuity: 1 + r = t. Jump of the slope: i c (t - 1 + r) = 2 (u0 + sigma . u) t.
    """
    n = len(c)
    potential = u0 * PAULI[3] + np.einsum("ni,iab->nab", u, PAULI[:3])
    one = np.broadcast_to(np.eye(2), (n, 2, 2))
    slope = 1j * c[:, None, None] * one
    system = np.empty((n, 4, 4), dtype=complex)
    system[:, :2, :2], system[:, :2, 2:] = one, -one
    system[:, 2:, :2], system[:, 2:, 2:] = slope, slope - 2.0 * potential
    right = np.concatenate([-one, slope], axis=1)
    both = np.linalg.solve(system, right)
    return both[:, :2], both[:, 2:]


def probabilities(amplitude):
    """(N, 4, 4) in moment labels: half the trace of [a^dagger sigma_i a sigma_j], with three spin rows and columns
    reversed."""
    turned = np.einsum("nba,ibc,ncd->niad", amplitude.conj(), PAULI, amplitude, optimize=True)
    electron = 0.5 * np.einsum("niad,jda->nij", turned, PAULI, optimize=True).real
    return LABEL[:, None] * electron * LABEL


def scatter(strengths, m, c, phi):
    """R, T (N, 4, 4), in-plane k (N, 2) and spin-orbit field (N, 3) of electrons with k_z = c and azimuth phi."""
    s = np.sqrt((1.0 - c) * (1.0 + c))
    k = np.stack([s * np.cos(phi), s * np.sin(phi)], axis=-1)
    lattice = strengths.spin_orbit_field(k[:, 0], k[:, 1])
    r, t = match(strengths.barrier, strengths.exchange * m + lattice, c)
    return probabilities(r), probabilities(t), k, lattice


def responses(strengths, m, shift, c, phi):
    """(N, 20, 10): what one electron pair (one from each side) contributes, for ten ways in which it can arrive.

    Columns: one unit of g in each of x, y, z, charge arriving from below; the same from above; a field along x,
    along y. Rows: j at 0- (4), j at 0+ (4), density (4), torque on m (3), torque on the lattice (3), sheet current (2).
    """
    R, T, k, lattice = scatter(strengths, m, c, phi)
    n = len(c)
    from_below, from_above = np.zeros((n, 4, 10)), np.zeros((n, 4, 10))
    from_below[:, :, :4] = np.eye(4)
    from_above[:, :, 4:8] = np.eye(4)
    for axis in range(2):
        from_below[:, :, 8 + axis] = k[:, axis, None] * shift[0]
        from_above[:, :, 8 + axis] = k[:, axis, None] * shift[1]
    to_below = R @ from_below + T @ from_above
    to_above = T @ from_below + R @ from_above
    density = T @ (from_below + from_above)
    spin = np.swapaxes(density[:, :3], 1, 2)
    on_magnet = 2.0 * np.swapaxes(np.cross(spin, strengths.exchange * m), 1, 2)
    on_lattice = 2.0 * np.swapaxes(np.cross(spin, lattice[:, None, :]), 1, 2)
    kept = 0.5 * (
        np.einsum("a,nab->nb", shift[0], to_below - from_below)
        + np.einsum("a,nab->nb", shift[1], to_above - from_above)
    )
    flux = c[:, None, None]
    sheet = k[:, :, None] * kept[:, None, :]
    return np.concatenate(
        [flux * (from_below - to_below), flux * (to_above - from_above), density, on_magnet, on_lattice, flux * sheet],
        axis=1,
    )


def azimuth_panels(strengths, m, c, edges, allowed):
    """Halve the panels (lo, hi) of the azimuth until T and R, for all these c at once, agree between the two rules."""
    done = []
    while len(edges):
        middle, half = edges.mean(axis=1), 0.5 * (edges[:, 1] - edges[:, 0])
        phi = middle[:, None] + half[:, None] * NODES
        shape = (len(edges), len(NODES), len(c))
        R, T, _, _ = scatter(
            strengths, m, np.broadcast_to(c, shape).ravel(), np.broadcast_to(phi[:, :, None], shape).ravel()
        )
        values = np.concatenate([R, T], axis=1).reshape(*shape, 32)
        change = np.einsum("q,pqcv->pcv", KRONROD - GAUSS, values) * half[:, None, None]
        good = np.abs(change).max(axis=(1, 2)) < allowed
        done.append(edges[good])
        lo, hi, mid = edges[~good, 0], edges[~good, 1], middle[~good]
        edges = np.concatenate([np.stack([lo, mid], axis=1), np.stack([mid, hi], axis=1)])
        if len(edges) and np.min(edges[:, 1] - edges[:, 0]) < 1e-12:
            raise RuntimeError("the azimuth does not converge")
    return np.concatenate(done)


@cache
def fermi_surface(strengths, direction, shifts, accuracy):
    """(20, 10) sums over the hemisphere of responses(...): integral over c and the azimuth, nothing divided out."""
    m, shift = np.array(direction), np.array(shifts)
    x, w = np.polynomial.legendre.leggauss(accuracy.points)
    bounds = [*(2.0 ** -np.arange(accuracy.halvings + 1)), 0.0]
    starts = np.linspace(0.0, 2.0 * np.pi, 5)
    panels = np.stack([starts[:-1], starts[1:]], axis=1)
    total = np.zeros((20, 10))
    for hi, lo in pairwise(bounds):
        c, weight = 0.5 * (hi + lo) + 0.5 * (hi - lo) * x, 0.5 * (hi - lo) * w
        panels = azimuth_panels(strengths, m, c, panels, accuracy.azimuth)
        middle, half = panels.mean(axis=1), 0.5 * (panels[:, 1] - panels[:, 0])
        phi = (middle[:, None] + half[:, None] * NODES).ravel()
        phi_weight = (half[:, None] * KRONROD).ravel()
        for ci, wi in zip(c, weight, strict=True):
            total += wi * np.tensordot(phi_weight, responses(strengths, m, shift, np.full_like(phi, ci), phi), 1)
    return total


def sharvin_conductance(fermi_wavevector):
    """One spin's conductance of a perfectly open interface, S/m^2: e^2/h times the number of channels k_F^2 / 4 pi."""
    return ELEMENTARY_CHARGE**2 / PLANCK * fermi_wavevector**2 / (4.0 * np.pi)


def tensors(
    strengths, m, fermi_wavevector, mean_free_path=(0.0, 0.0), polarization=(0.0, 0.0), sharvin=False, accuracy=None
):
    """All tensors by name, SI units, moment labels: the arrays that `DeltaBarrier.tensors` is compared with."""
    accuracy = accuracy or Accuracy()
    m = np.asarray(m, dtype=float) / np.linalg.norm(m)
    # a spin whose mean free path is l stands k.E l ahead of its potential; charge is the sum of the two spins, spin
    # their difference
    shift = np.array(
        [np.append(path * (1 + p) * m - path * (1 - p) * m, path * (1 + p) + path * (1 - p))
         for path, p in zip(mean_free_path, polarization, strict=True)]
    )  # fmt: skip
    key = tuple(m.tolist()), tuple(tuple(row) for row in shift.tolist()), accuracy
    total = fermi_surface(strengths, *key)
    bare = fermi_surface(Barrier(strengths.barrier, strengths.exchange, 0.0), *key)
    GS = sharvin_conductance(fermi_wavevector)
    # an open hemisphere: the integral of c over it is pi, of 1 over both hemispheres 4 pi
    current, density = GS / np.pi * total[:8], total[8:12] / (4.0 * np.pi)
    torque, lattice, sheet = (GS / np.pi * total[rows] for rows in (slice(12, 15), slice(15, 18), slice(18, 20)))
    density[3] *= 0.5  # g of charge is the sum of the two spins' potentials, mu_c their mean
    sheet[:, 8:] -= GS / np.pi * bare[18:20, 8:]
    # What arrives, (8, 10) from potentials (8) and fields (2).
    potential = np.diag([1.0, 1.0, 1.0, 2.0] * 2)
    if sharvin:
        # the mean of both directions is the potential and half of their difference, times G_S, is half of the current
        ahead = np.diag([0.5 / GS] * 4 + [-0.5 / GS] * 4)
        flows = np.linalg.solve(
            np.eye(8) - current[:, :8] @ ahead, np.concatenate([current[:, :8] @ potential, current[:, 8:]], axis=1)
        )
        arriving = np.concatenate([potential, np.zeros((8, 2))], axis=1) + ahead @ flows
    else:
        arriving = np.concatenate([potential, np.zeros((8, 2))], axis=1)
    arriving = np.concatenate([arriving, np.eye(10)[8:]])
    current, density, torque, lattice, sheet = (
        block @ arriving for block in (current, density, torque, lattice, sheet)
    )
    return {
        "conductance": current[:, :8], "conductivity": current[:, 8:],
        "inverse": sheet[:, :8], "sheet": sheet[:, 8:],
        "torkance": torque[:, :8], "torkivity": torque[:, 8:],
        "lattice_torkance": lattice[:, :8], "lattice_torkivity": lattice[:, 8:],
        "accumulation": density[:, :8], "field_accumulation": density[:, 8:],
    }  # fmt: skip
