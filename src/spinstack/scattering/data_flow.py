"""Scattering data between Fermi spheres: what passes between functions of direction on both sides.

A side has four components in which electrons are counted: spin x, y, z and charge, moment labels; a split side the
spins along m and against it, times the root of 2, and nothing in the other two. Derived in docs/methods/boltzmann.md,
"Scattering data".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.scattering.data_arrays import Arrays, partners, rotation
from spinstack.scattering.data_channels import Channels, place, refuse
from spinstack.scattering.electrons import TO_MOMENT
from spinstack.scattering.harmonics import basis
from spinstack.scattering.hemisphere import Degrees, orthonormal

#: difference of directions of m that is rounding
_SAME = 1e-9
#: reciprocity between single modes may be off by this, or by the tolerance of the data
_RECIPROCAL = 1e-6


class Flow(NamedTuple):
    """What passes between the functions of :func:`spinstack.scattering.hemisphere.orthonormal`, for one m.

    flow (2, 4, r, 2, 4, r): of what leaves on a side, its component and function, of what arrives, in amplitudes of
    functions that are orthonormal by flux; lattice (3, 2, 4, r) [1/m]: spin that ends in the lattice of what arrives,
    per area pi of the in-plane zone; None where the data do not say.
    """

    flow: np.ndarray
    lattice: np.ndarray | None


class Flows:
    """Those of all m; degree: of the harmonics that stand between the directions that are known."""

    def __init__(self, arrays: Arrays, channels: Channels) -> None:
        self.arrays, self.channels = arrays, channels
        self._probabilities: dict[int, list[list[np.ndarray]]] = {}
        self._one: dict[Degrees, Flow] = {}
        self._check_reciprocal()

    def __call__(self, m: np.ndarray, degrees: Degrees, degree: int) -> Flow:
        """At m (3,), for so many functions; degree: of the harmonics that stand between known directions of m."""
        a = self.arrays
        if not len(a.m):
            return self._known(degrees)
        if not a.spin_orbit:
            return _turned(a, self._known(degrees), rotation(a.m[0], m))
        if self.knows(m):
            return self._summed({int(np.abs(a.m - m).max(-1).argmin()): 1.0}, degrees)
        shares = np.linalg.pinv(basis(a.m.T, degree).T).T @ basis(m[:, None], degree)
        return self._summed(dict(enumerate(shares[:, 0])), degrees)

    def knows(self, m: np.ndarray) -> bool:
        """Whether nothing has to stand between directions of m."""
        a = self.arrays
        return not a.spin_orbit or not len(a.m) or bool((np.abs(a.m - m).max(-1) <= _SAME).any())

    def _known(self, degrees: Degrees) -> Flow:
        if degrees not in self._one:
            self._one = {degrees: self._summed({0: 1.0}, degrees)}
        return self._one[degrees]

    def probabilities(self, d: int) -> list[list[np.ndarray]]:
        """By side where electrons leave and side where they arrive (K, modes, modes, 4, 4), at a direction of m."""
        if d not in self._probabilities:
            a = self.arrays
            own = [_operators(a, a.directions()[d], side) for side in (0, 1)]
            found: list[list[np.ndarray]] = [[], []]
            for o in (0, 1):
                for i in (0, 1):
                    s = a.S[d][:, a.side(o), a.side(i)].reshape(len(a.k), a.modes[o], 2, a.modes[i], 2)
                    turned = np.einsum("auv,kpvqw->kpqauw", own[o], s)
                    whole = np.einsum("kpuqx,kpqauw->kpqaxw", s.conj(), turned)
                    found[o].append(0.5 * np.einsum("kpqaxw,bwx->kpqab", whole, own[i]).real)
            self._probabilities[d] = found
        return self._probabilities[d]

    def _functions(self, side: int, degrees: Degrees) -> list[np.ndarray]:
        """(K, modes, r) of the four components."""
        found = []
        for p in self.channels.sides[side]:
            out = np.zeros((*p.open.shape, degrees.size))
            out[p.open] = orthonormal(p.direction[p.open], p.weight[p.open], degrees)
            found.append(out)
        return [*found, *2 * [np.zeros_like(found[0])]] if self.arrays.split[side] else 4 * found

    def _summed(self, shares: dict[int, float], degrees: Degrees) -> Flow:
        a, r = self.arrays, degrees.size
        own = [self._functions(side, degrees) for side in (0, 1)]
        weight = (a.weight / (2 * np.pi))[:, None, None]
        flow = np.zeros((2, 4, r, 2, 4, r))
        for o in (0, 1):
            leaving = np.stack(own[o], 2)  # (K, modes, 4, r)
            for i in (0, 1):
                whole = np.sum([share * self.probabilities(d)[o][i] for d, share in shares.items()], 0)
                for y in np.flatnonzero(np.abs(whole).max((0, 1, 2, 3)) > 0):
                    # (K, modes that arrive, 4, r)
                    passed = np.sum([whole[:, p, :, :, y, None] * leaving[:, p, None] for p in range(a.modes[o])], 0)
                    weighed = (weight * own[i][y]).reshape(-1, r)
                    flow[o, :, :, i, y] = (passed.reshape(len(weighed), -1).T @ weighed).reshape(4, r, r)
        if a.lattice is None:
            return Flow(flow, None)
        lattice = np.zeros((3, 2, 4, r))
        sign = TO_MOMENT[:3, None] * TO_MOMENT if a.spin == "electron" else np.ones((3, 4))
        for d, share in shares.items():
            for i, part in ((0, a.lattice[d][:, : a.modes[0]]), (1, a.lattice[d][:, a.modes[0] :])):
                each = share * part * sign
                if a.split[i]:
                    each = each @ in_space(a.split[i], a.m[d])
                arriving = weight[..., None] * np.stack(own[i], 2)
                lattice[:, i] += np.einsum("kpsy,kpyr->syr", each, arriving)
        return Flow(flow, lattice)

    def _check_reciprocal(self) -> None:
        """What was checked on reading of all modes together."""
        a = self.arrays
        if max(a.modes) == 1:
            return
        back = partners(a.k, float(np.abs(a.k).max()))
        against = partners(a.m, 1.0) if len(a.m) else np.array([0])
        for d, other in enumerate(against.tolist()):
            turn = np.eye(4)
            if other < 0:  # without spin-orbit coupling all follows from one direction
                other, turn[:3, :3] = d, rotation(a.m[d], -a.m[d])
            one, two = self.probabilities(d), self.probabilities(other)
            signs = [np.eye(4) if split else TO_MOMENT[:, None] * turn for split in a.split]
            for o in (0, 1):
                for i in (0, 1):
                    mirrored = signs[o] @ two[i][o][back].transpose(0, 2, 1, 4, 3) @ signs[i].T
                    off = np.abs(one[o][i] - mirrored).max((1, 2, 3, 4))
                    if off[worst := int(off.argmax())] > max(a.tolerance, _RECIPROCAL):
                        refuse(f"which between single modes is not reciprocal by {off[worst]:.2g} {place(a, worst)}",
                               "S", "Mode p at -k has to be the partner of mode p at k.")  # fmt: skip


def _operators(a: Arrays, m: np.ndarray, side: int) -> np.ndarray:
    """(4, 2, 2): the components of a mode of a side, orthonormal."""
    if a.split[side]:
        return np.sqrt(2) * np.stack([np.diag([1.0, 0.0]), np.diag([0.0, 1.0]), np.zeros((2, 2)), np.zeros((2, 2))])
    return a.operators(m, side)


def in_space(split: bool, m: np.ndarray) -> np.ndarray:
    """(4, 4): the components of a side (columns) as spin x, y, z and charge, for m (3,)."""
    if not split:
        return np.eye(4)
    out = np.zeros((4, 4))
    out[:3, 0], out[:3, 1], out[3, :2] = m, -m, 1.0
    return out / np.sqrt(2)


def _turned(a: Arrays, known: Flow, turn: np.ndarray) -> Flow:
    """Data without spin-orbit coupling where m is turned: spin turns with it and nothing else does."""
    whole = np.eye(4)
    whole[:3, :3] = turn
    below, above = (np.eye(4) if split else whole for split in a.split)
    both = np.stack([below, above])
    flow = np.einsum("oxa,oaribs,iyb->oxriys", both, known.flow, both, optimize=True)
    if known.lattice is None:
        return Flow(flow, None)
    return Flow(flow, np.einsum("st,tibr,iyb->siyr", turn, known.lattice, both))
