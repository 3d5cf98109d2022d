"""One altermagnetic film by its two Fermi surfaces: ellipsoids for spin along and against the Neel vector.

Spin s = +1, -1 has the energy k^T A_s k / 2 with A_s = 1 + s tau, tau symmetric and off-diagonal between z and the
plane, so that the Drude conductivity tensor of each spin is proportional to A_s. Electrons of every direction collide
at one rate, keep (g) or flip (f) their spin and forget where they came from; a surface sends them back with k along the
film and the energy kept, or in all directions alike. Finite cells in depth, straight lines in between, direct solve.
It shares nothing with the package, and does not know that one sphere can stand for both surfaces.

Units: lengths; sheet conductance per C = e^2 kF^2/(pi^2 hbar) is an area.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import legendre


def square_root(a):
    value, turn = np.linalg.eigh(a)
    return turn * np.sqrt(value) @ turn.T


class Surface:
    """Velocities (directions, 3) of one spin that move up, then in the same order where a mirror sends them."""

    def __init__(self, tau, sign, polar, azimuths):
        A = np.eye(3)
        A[2, :2] = A[:2, 2] = sign * np.asarray(tau)
        root = square_root(A)
        # v = root p with p on the unit sphere, of which every part holds as many states; v_z = axis.p
        axis = root[2]
        across = np.linalg.svd(axis[None])[2][1:]
        s, w = legendre.leggauss(polar)
        cos, self.weight = ((1 + s) / 2) ** 2, np.repeat((1 + s) / 2 * w / azimuths, azimuths)
        phi = 2 * np.pi * (np.arange(azimuths) + 0.5) / azimuths
        cos, phi = (x.ravel() for x in np.meshgrid(cos, phi, indexing="ij"))
        ring = np.cos(phi)[:, None] * across[0] + np.sin(phi)[:, None] * across[1]
        p = cos[:, None] * axis + np.sqrt(1 - cos**2)[:, None] * ring
        self.up = p @ root
        k = np.linalg.solve(root, p.T).T
        # k_z is one of the two roots of k^T A k = 1 at this k_x, k_y; a mirror leads to the other
        mirrored = k.copy()
        mirrored[:, 2] = -k[:, 2] - 2 * k[:, :2] @ A[2, :2]
        np.testing.assert_allclose(np.einsum("ni,ij,nj->n", mirrored, A, mirrored), 1.0, atol=1e-12)
        self.down = mirrored @ A
        np.testing.assert_allclose(self.down[:, 2], -self.up[:, 2], atol=1e-12)


def pass_through(start, depth, equilibrium):
    """What leaves the last cell, and the mean of h in every cell, in the order in which electrons pass the cells.

    depth (cells, directions): optical; equilibrium (cells, directions, columns): where h would settle.
    """
    h, means = start, []
    for tau, settled in zip(depth[:, :, None], equilibrium, strict=True):
        new = settled + (h - settled) * np.exp(-tau)
        means.append(settled + (h - new) / tau)
        h = new
    return h, np.stack(means)


def sheet(tau, thickness, keep, flip, specularity=(0.0, 0.0), polar=16, azimuths=8, cells=120):
    """Sheet conductance (2, 2) over C of a film whose spin s has A_s = 1 + s (tau_a between z and a), a = x, y.

    keep, flip: rates [1/length] at which electrons collide and keep or flip their spin. Cells shrink to the faces.
    """
    rate = keep + flip
    edges = thickness * (1 - np.cos(np.pi * np.arange(cells + 1) / cells)) / 2
    width = np.diff(edges)
    # sources: <h> in every cell of spin + and -, emission of the lower and upper surface per spin, E along x, y
    means, emitted = 2 * cells, 2 * cells + 4
    size = emitted + 2
    rows, current = np.zeros((emitted, size)), np.zeros((2, size))
    for spin, sign in enumerate((1, -1)):
        f = Surface(tau, sign, polar, azimuths)
        mu, w = f.up[:, 2], f.weight
        own, other = (np.arange(cells) + cells * i for i in (spin, 1 - spin))
        drive = np.zeros((2, cells, len(mu), size))
        for sense, v in enumerate((f.up, f.down)):
            drive[sense, np.arange(cells), :, own] = keep
            drive[sense, np.arange(cells), :, other] = flip
            drive[sense, :, :, emitted:] = v[:, :2]

        nothing = np.zeros((len(mu), size))
        depth = rate * width[:, None] / mu
        upwards, downwards = (depth, drive[0] / rate), (depth[::-1], drive[1, ::-1] / rate)
        top, bottom = pass_through(nothing, *upwards)[0], pass_through(nothing, *downwards)[0]
        low, high = nothing.copy(), nothing.copy()
        low[:, means + 2 * spin] = 1 - specularity[0]
        high[:, means + 2 * spin + 1] = 1 - specularity[1]
        whole = np.exp(-rate * thickness / mu)[:, None]
        # up = low + p (down at the bottom), down = high + q (up at the top)
        p, q = specularity
        up = (low + p * (bottom + whole * (high + q * top))) / (1 - p * q * whole**2)
        down = high + q * (top + whole * up)
        leaving_top, mean_up = pass_through(up, *upwards)
        leaving_bottom, mean_down = pass_through(down, *downwards)
        mean_down = mean_down[::-1]
        rows[own] = np.einsum("n,cns->cs", w / 2, mean_up + mean_down)
        rows[means + 2 * spin] = 2 * (w * mu) @ leaving_bottom
        rows[means + 2 * spin + 1] = 2 * (w * mu) @ leaving_top
        for v, mean in ((f.up, mean_up), (f.down, mean_down)):
            current += np.einsum("c,n,na,cns->as", width, w / 4, v[:, :2], mean, optimize=True)
    found = np.linalg.lstsq(np.eye(emitted) - rows[:, :emitted], rows[:, emitted:], rcond=1e-12)[0]
    return current[:, :emitted] @ found + current[:, emitted:]
