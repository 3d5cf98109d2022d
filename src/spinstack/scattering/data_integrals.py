"""Sums over the scattering matrices of :class:`spinstack.ScatteringData`, and what follows at any direction of m."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spinstack.scattering.data_arrays import Arrays, rotation
from spinstack.scattering.electrons import TO_MOMENT
from spinstack.scattering.harmonics import Fit, fit
from spinstack.scattering.sides import SHAPES, SidedIntegrals
from spinstack.scattering.spheres import Sphere

_SIZES = tuple(int(np.prod(shape)) for shape in SHAPES)
#: directions at which data without spin-orbit coupling are known, more than harmonics of degree 2 need
_TURNED = 16


class Unit(NamedTuple):
    """k_F [1/m] of the sphere with as many modes as the metal below has, and in its units the spheres of both."""

    fermi_wavevector: float
    spheres: tuple[Sphere, Sphere]


class Summed(NamedTuple):
    """What is known of the data at every m: harmonics of the integrals."""

    harmonics: Fit

    def at(self, m: Any) -> SidedIntegrals:
        """The integrals at directions m (3, batch)."""
        rows = self.harmonics(m)
        parts, start = [], 0
        for shape, size in zip(SHAPES, _SIZES, strict=True):
            parts.append(rows[start : start + size].reshape(*shape, -1))
            start += size
        return SidedIntegrals(*parts)


def _areas(a: Arrays) -> list[list[float]]:
    """In-plane areas of the spins of both sides [1/m^2], the same of both on a side that is not split."""
    areas = [[float(a.weight @ a.open[:, a.side(which)][:, s::2].sum(1)) for s in (0, 1)] for which in (0, 1)]
    return [side if split else 2 * [sum(side) / 2] for side, split in zip(areas, a.split, strict=True)]


def unit_of(a: Arrays) -> Unit:
    """The spheres with as many modes as the data."""
    areas = _areas(a)
    unit = float(np.sqrt(sum(areas[0]) / 2 / np.pi))
    below, above = (Sphere(*(float(np.sqrt(area / np.pi) / unit) for area in side)) for side in areas)
    return Unit(unit, (below, above))


def summed(a: Arrays) -> Summed:
    """Everything of the data that currents depend on."""
    unit, spheres = unit_of(a)
    areas = _areas(a)
    q = _weights(a, areas, spheres)
    m = a.directions()
    each = [_integrals(a, d, q, unit) for d in range(len(m))]
    if len(a.m) and not a.spin_orbit:
        m, each = _turned(m[0], each[0])
    rows = np.stack([np.concatenate([part.reshape(-1) for part in n]) for n in each])
    return Summed(fit(m, rows, _sizes(rows)))


def _weights(a: Arrays, areas: list[list[float]], spheres: tuple[Sphere, Sphere]) -> np.ndarray:
    """(K, n, 3): 1 and the in-plane displacements of channels over the mean free path of their side, times k_s/k_F.

    That of a sphere is k/k_F. One time for all electrons of a spin of a side: that of its conductivity.
    """
    q = np.zeros((*a.open.shape, 3))
    q[..., 0] = 1.0
    if a.velocity is None:
        return q
    for which in (0, 1):
        part, v, open_ = (x[:, a.side(which)] for x in (q, a.velocity, a.open))
        for s in (0, 1):
            chosen = np.s_[:, s::2] if a.split[which] else np.s_[:, :]
            vz = np.where(open_[chosen] > 0, v[chosen][..., 2], 1.0)
            square = (v[chosen][..., :2] ** 2).sum(-1) / 2 / vz * open_[chosen]
            channels = 1 if a.split[which] else 2
            time = 2 / 3 * areas[which][s] / (float(a.weight @ square.sum(1)) / channels)
            part[chosen][..., 1:] = v[chosen][..., :2] * (time * float(spheres[which][s]))
    return q


def _integrals(a: Arrays, d: int, q: np.ndarray, unit: float) -> SidedIntegrals:
    """The sums at one direction of the data, without a batch."""
    K, m = len(a.k), a.directions()[d]
    flux = a.weight / (np.pi * unit**2)
    flow, modes = np.zeros(SHAPES[0]), np.zeros(SHAPES[1])
    density, lattice = np.zeros(SHAPES[2]), np.zeros(SHAPES[4])
    states = []
    for which in (0, 1):
        open_ = a.open[:, a.side(which)]
        if a.velocity is not None:
            vz = np.where(open_ > 0, a.velocity[:, a.side(which)][..., 2], np.inf)
            states.append(float(a.weight @ (open_ / vz).sum(1)) / 2)

    def spread(which: int, channels: np.ndarray) -> np.ndarray:
        """Operators (4, weights, K, modes, 2, 2) of the sides, times a number of each channel (K, n, weights)."""
        spins = a.operators(m, which)
        w = channels[:, a.side(which)].reshape(K, a.modes[which], 2, -1)
        return np.einsum("auv,kpuw->awkpuv", spins, w)

    weights = [spread(which, q * a.open[..., None]) for which in (0, 1)]
    for o in (0, 1):
        own = weights[o]
        modes[o] = _trace(flux, own[:, 0], own[:, 0])
        if a.split[o]:  # nothing arrives across m, and nothing asks how much would
            modes[o][:3, :3] += modes[o][3, 3] * (np.eye(3) - np.outer(m, m))
        for i in (0, 1):
            s = a.S[d][:, a.side(o), a.side(i)].reshape(K, a.modes[o], 2, a.modes[i], 2)
            passed = _passed(flux, s, own, weights[i])
            if o == i:
                # what would return: the same channel, with the weights of both
                both = np.stack([[_trace(flux, own[:, w], own[:, v]) for v in range(3)] for w in range(3)])
                passed = np.moveaxis(both, (0, 1), (2, 3)) - passed
            flow[o, i] = passed
            if o != i:
                if a.velocity is None:
                    density[i] = np.nan
                    continue
                v = a.velocity[:, :, 2]
                slow = spread(o, np.where(a.open > 0, 1 / np.where(a.open > 0, v, 1.0), 0.0)[..., None])
                leaving = _passed(flux, s, slow, weights[i])[:, :, 0]
                density[i] = leaving * np.pi * unit**2 / (sum(states) / 2)
    if a.lattice is not None:
        sign = TO_MOMENT[:3, None] * TO_MOMENT if a.spin == "electron" else np.ones((3, 4))
        first = a.modes[0]
        for i, part in ((0, a.lattice[d][:, :first]), (1, a.lattice[d][:, first:])):
            w = (q * a.open[..., None])[:, a.side(i)].reshape(K, a.modes[i], 2, 3).mean(2)
            lattice[i] = np.einsum("k,kpab,kpw->abw", flux, part * sign, w)
    lost = np.stack([flow[i, i, :3, :, 0] - flow[1 - i, i, :3, :, 0] for i in (0, 1)])
    if a.lattice is None:
        lattice = np.einsum("a,b,ibcw->iacw", m, m, lost) if len(a.m) else lost.copy()
    return SidedIntegrals(flow, modes, density, lost - lattice, lattice)


def _passed(flux: np.ndarray, s: np.ndarray, out: np.ndarray, into: np.ndarray) -> np.ndarray:
    """(4, 4, weights, weights) sum of 1/2 tr[s+ O_out s O_in] for s (K, modes, 2, modes, 2)."""
    turned = np.einsum("awkpuv,kpvqx->awkpuqx", out, s)
    whole = np.einsum("k,kpuqy,awkpuqx->awkqyx", flux, s.conj(), turned)
    return 0.5 * np.einsum("awkqyx,bvkqxy->abwv", whole, into).real


def _trace(flux: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(4, 4) of 1/2 tr[O_a O_b] for operators (4, K, modes, 2, 2)."""
    return 0.5 * np.einsum("k,akpuv,bkpvu->ab", flux, a, b).real


def _turned(m: np.ndarray, n: SidedIntegrals) -> tuple[np.ndarray, list[SidedIntegrals]]:
    """Data without spin-orbit coupling at many directions: spin turns with m and nothing else does."""
    i = np.arange(_TURNED) + 0.5
    z, phi = 1 - 2 * i / _TURNED, np.pi * (1 + np.sqrt(5)) * i
    directions = np.stack([np.sqrt(1 - z * z) * np.cos(phi), np.sqrt(1 - z * z) * np.sin(phi), z], -1)
    directions = np.concatenate([directions, -directions])
    found = []
    for to in directions:
        whole = np.eye(4)
        spin = whole[:3, :3] = rotation(m, to)
        found.append(
            SidedIntegrals(
                np.einsum("ca,db,oiabwv->oicdwv", whole, whole, n.flow),
                np.einsum("ca,db,iab->icd", whole, whole, n.modes),
                np.einsum("ca,db,iabw->icdw", whole, whole, n.density),
                np.einsum("ca,db,iabw->icdw", spin, whole, n.torque),
                np.einsum("ca,db,iabw->icdw", spin, whole, n.lattice),
            )
        )
    return directions, found


def _sizes(rows: np.ndarray) -> np.ndarray:
    """(entries,): the largest entry of the integral that an entry belongs to, or a thousandth of the flow."""
    out, start = [], 0
    floor = 1e-3 * np.nanmax(np.abs(rows[:, : _SIZES[0]]))
    for shape, size in zip(SHAPES, _SIZES, strict=True):
        part = np.abs(rows[:, start : start + size])
        largest = np.nanmax(part) if np.isfinite(part).any() else floor
        out.append(np.full(int(np.prod(shape)), max(float(largest), float(floor))))
        start += size
    return np.concatenate(out)
