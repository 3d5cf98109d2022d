"""A film with orbital moments by collocation, kept for tests: seven potentials and seven currents in every layer.

Unknown along z are mu_c, mu_s, mu_l and j_c, Q, Q_l; each layer is ``y' = A y + b``, each interface a set of conditions
between the values at its two faces. Nothing of the package but the parameters of the film is read.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from reference_bvp import LENGTH, SIGMA, chebyshev, interpolation
from reference_law import BOHR_MAGNETON, Z_CROSS, cross_with, generated, inverse_generated, local_law, losses, sink
from scipy import constants

from spinstack.stack import Ferromagnet, Film, Interface, MagneticInsulator, Metal

UNITS = np.array([LENGTH] * 7 + [SIGMA] * 7)


class Solution(NamedTuple):
    """Per field along x and y (last axis): sheet conductance [S], torque per magnet by its position [N/m], and of every
    layer mu_s, mu_l [V], Q, Q_l [A/m^2] (points, 12, 2) at equidistant heights."""

    sheet: np.ndarray
    torque: dict[int, np.ndarray]
    layers: list[np.ndarray]


def law_of(layer: Metal | Ferromagnet, m: np.ndarray, B: np.ndarray) -> np.ndarray:
    """(j_x, j_y, j_c, Q, Q_l) from (E_x, E_y, f_c, f, f_l): 9 x 9 [S/m]."""
    law = np.zeros((9, 9))
    law[:6, :6] = local_law(layer, m, B)
    along = np.outer(m, m)
    K = law[3:6, 3:6] - np.outer(law[3:6, 2], law[2, 3:6]) / law[2, 2]  # at no charge current
    own = layer.conductivity if layer.orbital_conductivity is None else layer.orbital_conductivity
    if isinstance(layer, Metal):
        own = own * law[2, 2] / layer.conductivity
    K_along = m @ K @ m
    K_across = (np.trace(K) - K_along) / 2
    mixed = (layer.spin_orbital_polarization or 0.0) * (
        np.sqrt(K_along * own) * along + np.sqrt(K_across * own) * (np.eye(3) - along)
    )
    law[3:6, 6:], law[6:, 3:6], law[6:, 6:] = mixed, mixed, own * np.eye(3)
    source = (layer.orbital_hall_angle or 0.0) * layer.conductivity * Z_CROSS
    law[6:, :2], law[:2, 6:] = source, -source.T
    return law


def losses_of(layer: Metal | Ferromagnet, m: np.ndarray, B: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """-d(Q, Q_l)/dz from (mu_s, mu_l): 6 x 6, and the part that is a torque on the magnetisation 3 x 6 [S/m^3]."""
    loss, torque = np.zeros((6, 6)), np.zeros((3, 6))
    loss[:3, :3], torque[:, :3] = losses(layer, m, B)
    lattice = layer.conductivity / 2 / layer.spin_diffusion_length**2
    along, across = np.outer(m, m), np.eye(3) - np.outer(m, m)
    flip = lattice * across
    flip += lattice * (1 - getattr(layer, "polarization", 0.0) ** 2) * along
    own = layer.conductivity if layer.orbital_conductivity is None else layer.orbital_conductivity
    own = own / 2 / layer.orbital_diffusion_length**2
    mixed = (
        -(layer.spin_orbital_conversion or 0.0)
        * np.sqrt(own)
        * (np.sqrt(m @ flip @ m) * along + np.sqrt(lattice) * across)
    )
    loss[:3, 3:], loss[3:, :3], loss[3:, 3:] = mixed, mixed, own * np.eye(3)
    D = getattr(layer, "orbital_diffusion_coefficient", None)
    if D is not None:
        omega = (1.0 if layer.orbital_g_factor is None else layer.orbital_g_factor) * BOHR_MAGNETON * B / constants.hbar
        loss[3:, 3:] += own * layer.orbital_diffusion_length**2 / D * cross_with(omega)
    return loss, torque


def solve(film: Film, m: Any, B: Any = (0.0, 0.0, 0.0), nodes: int = 40, points: int = 5) -> Solution:
    """The film with closed outer faces; m: one vector, or one per name of a magnet. Insulators only at its ends."""
    B = np.asarray(B, float)

    def direction(index: int) -> np.ndarray:
        position = film.magnet_of(index)
        v = np.array([0.0, 0.0, 1.0])
        if position is not None:
            v = np.asarray(m[film[position].name] if isinstance(m, dict) else m, float)
        return v / np.linalg.norm(v)

    where = [i for i, e in enumerate(film) if isinstance(e, Metal | Ferromagnet)]
    x, D, w, quadrature = chebyshev(nodes)
    gauss = (1 - np.cos(np.pi * (np.arange(nodes - 1) + 0.5) / (nodes - 1))) / 2
    at = interpolation(x, w, gauss)
    size = 14 * nodes
    rows, drives, laws = [], [], []
    for k, i in enumerate(where):
        layer = film[i]
        axis = direction(i) if layer.magnetic else (B / np.linalg.norm(B) if B.any() else np.array([0.0, 0.0, 1.0]))
        law, (loss, torque) = law_of(layer, axis, B), losses_of(layer, axis, B)
        laws.append((law, torque, axis))
        step = -np.diag([1.0] + [2.0] * 6) @ np.linalg.inv(law[2:, 2:])
        A, b = np.zeros((14, 14)), np.zeros((14, 2))
        A[:7, 7:], b[:7] = step, -step @ law[2:, :2]
        A[8:, 1:7] = -loss
        block = np.einsum("gn,ij->ginj", at @ D, np.eye(14)) - np.einsum("gn,ij->ginj", at, layer.thickness * A)
        row = np.zeros((14 * (nodes - 1), size * len(where)))
        row[:, k * size : (k + 1) * size] = (block * UNITS).reshape(len(row), size)
        rows.append(row / np.tile(UNITS, nodes - 1)[:, None])
        drives.append(np.tile(layer.thickness * b, (nodes - 1, 1)) / np.tile(UNITS, nodes - 1)[:, None])

    def pick(k: int, face: int) -> np.ndarray:
        out = np.zeros((14, size * len(where)))
        start = k * size + (0 if face == 0 else size - 14)
        out[:, start : start + 14] = np.diag(UNITS)
        return out

    def demand(row: np.ndarray, drive: np.ndarray) -> None:
        scale = abs(row).max(1, keepdims=True)
        rows.append(row / scale)
        drives.append(drive / scale)

    low, high = pick(0, 0), pick(len(where) - 1, 1)
    demand(low[[0, 7]], np.zeros((2, 2)))
    for face, outside, into in ((low, where[0] - 1, -1), (high, where[-1] + 1, 1)):
        condition = face[8:].copy()
        if 0 <= outside < len(film) and isinstance(film[outside], MagneticInsulator):
            condition[:3] -= into * sum(sink(film[outside], direction(outside))) @ face[1:4]
        demand(condition, np.zeros((6, 2)))
    for k, (i, j) in enumerate(pairwise(where)):
        below, above = pick(k, 1), pick(k + 1, 0)
        if j == i + 1:
            demand(below - above, np.zeros((14, 2)))
            continue
        for row, drive in conditions(film, i + 1, direction(i + 1), below, above):
            demand(row, drive)
    y = np.linalg.solve(np.vstack(rows), np.vstack(drives)).reshape(len(where), nodes, 14, 2) * UNITS[:, None]

    sheet, torque, layers = np.zeros((2, 2)), {i: np.zeros((3, 2)) for i, e in enumerate(film) if e.magnetic}, []
    resample = interpolation(x, w, np.linspace(0, 1, points))
    for k, i in enumerate(where):
        law, taken, _ = laws[k]
        force = np.linalg.solve(law[2:, 2:], y[k, :, 7:] - law[2:, :2])
        sheet += film[i].thickness * np.einsum("n,nij->ij", quadrature, law[:2, :2] + law[:2, 2:] @ force)
        if film[i].magnetic:
            torque[i] += film[i].thickness * taken @ np.einsum("n,nij->ij", quadrature, y[k, :, 1:7])
        layers.append(np.einsum("pn,nij->pij", resample, y[k][:, [*range(1, 7), *range(8, 14)]]))
    for k, (i, j) in enumerate(pairwise(where)):
        if j == i + 1:
            continue
        interface, axis = film[i + 1], direction(i + 1)
        below, above = y[k, -1], y[k + 1, 0]
        axis_or_none = None if interface.mixing_conductance is None else axis
        back = inverse_generated(interface, axis_or_none)
        orbital = interface.reciprocal * (interface.orbital_rashba_edelstein or 0.0) / 4 * Z_CROSS.T
        sheet += interface.sheet_conductance * np.eye(2)
        sheet += back[0] @ below[1:4] + back[1] @ above[1:4] + orbital @ (below[4:7] + above[4:7])
        magnet = film.magnet_of(i + 1)
        if magnet is not None and interface.mixing_conductance is not None:
            sources = generated(interface, axis)
            lost = (below[8:11] - sources[0]) - (above[8:11] - sources[1])
            torque[magnet] += lost - np.outer(axis, axis @ lost)
    for outside, values in ((where[0] - 1, y[0, 0]), (where[-1] + 1, y[-1, -1])):
        if 0 <= outside < len(film) and isinstance(film[outside], MagneticInsulator):
            torque[outside] += sink(film[outside], direction(outside))[1] @ values[1:4]
    return Solution(sheet, {i: constants.hbar / 2 / constants.e * t for i, t in torque.items()}, layers)


def conditions(
    film: Film, index: int, m: np.ndarray, below: np.ndarray, above: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """What an interface demands of mu_c, mu_s, mu_l, j_c, Q, Q_l at its faces, rows and what they are per field."""
    f: Interface = film[index]
    up, down = f.conductance_up, f.conductance_down
    magnetic = f.mixing_conductance is not None
    along = np.outer(m, m) if magnetic else np.eye(3)
    across = np.eye(3) - along
    sources = generated(f, m if magnetic else None)
    gamma = (up - down) / (up + down)
    out = [(below[[7]] - above[[7]], np.zeros((1, 2)))]
    drop = below[:7] - above[:7]
    out.append((drop[[0]] - below[[7]] / (up + down) + gamma / 2 * m[None] @ drop[1:4], np.zeros((1, 2))))

    def slab(G: float, delta: float, row: np.ndarray, other: np.ndarray) -> np.ndarray:
        """The current into a slab from the potential at its face and at the other one."""
        if delta == 0:
            return G * (row - other)
        return G * delta * (row / np.tanh(delta) - other / np.sinh(delta))

    def matrix(G: complex) -> np.ndarray:
        return G.real * across + G.imag * across @ cross_with(m)

    G = complex(f.mixing_conductance or 0)
    Gu = G if f.mixing_conductance_upper is None else complex(f.mixing_conductance_upper)
    Gt = matrix(complex(f.transmitted_mixing_conductance or 0))
    X = matrix(complex(f.orbital_spin_mixing_conductance or 0))
    faces = [(below, above, G, +1), (above, below, Gu, -1)]
    takes_below = film.magnet_of(index) is None or film.magnet_of(index) > index
    for side, (here, there, own, sign) in enumerate(faces):
        into = slab(2 * up * down / (up + down), f.spin_memory_loss, along @ here[1:4], along @ there[1:4])
        into = into + matrix(own) @ here[1:4] - Gt @ there[1:4]
        if takes_below == (side == 0):
            into = into + X @ (here[4:7] - there[4:7])
        row = here[8:11] - sign * into - (gamma * np.outer(m, here[7]) if magnetic else 0)
        out.append((row, sources[side]))
    spin_face = below if takes_below else above
    sense = 1 if takes_below else -1
    for side, (here, there, _, sign) in enumerate(faces):
        into = slab(f.orbital_conductance, f.orbital_memory_loss or 0.0, here[4:7], there[4:7])
        # the moments that spin at the absorbing face drives run through
        passing = sense * X @ spin_face[1:4]
        row = here[11:14] - sign * into - passing
        out.append((row, (-1 if side == 0 else 1) * (f.orbital_rashba_edelstein or 0.0) / 2 * Z_CROSS))
    return out
