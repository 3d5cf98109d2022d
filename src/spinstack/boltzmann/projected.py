"""Interfaces known at wave vectors of their own: what passes between functions of direction.

Derived in docs/methods/boltzmann.md, "Scattering data". What cannot be told by the functions is sent out evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.contact import Contact, share_slopes, shares
from spinstack.boltzmann.quadrature import Directions
from spinstack.scattering.data import ScatteringData
from spinstack.scattering.data_flow import in_space
from spinstack.scattering.hemisphere import Degrees, orthonormal, resolved


class Projection(NamedTuple):
    """One internal boundary of a batch of films, in amplitudes of functions of direction.

    degrees, functions (2, 4, N, M, r): of the components of a side, orthonormal by flux; axes (batch or 1, 2, 4, 4):
    components x, y, z, c (rows) of those of a side; flow (batch or 1, n, n): of what leaves of what arrives, n = 2
    sides of 4 components of r functions; torque, lattice (batch or 1, 3, n): the spin that ends in the magnetisation
    and in the lattice of what arrives, by flux.
    """

    degrees: Degrees
    functions: np.ndarray
    axes: np.ndarray
    flow: np.ndarray
    torque: np.ndarray
    lattice: np.ndarray

    def collected(self, values: np.ndarray) -> np.ndarray:
        """Amplitudes (batch, n, columns) of values (batch, N, M or 1, 8, columns) at both faces, flux-normalised."""
        batch, N, M, _, columns = values.shape
        turned = np.einsum("bsxc,bnmsxz->bscnmz", self.axes, values.reshape(batch, N, M, 2, 4, columns), optimize=True)
        functions = self._at(M).reshape(2, 4, N * M, -1).swapaxes(-1, -2)
        found = functions @ turned.reshape(batch, 2, 4, N * M, columns)
        return np.asarray(found.reshape(batch, -1, columns) / M)

    def _at(self, azimuths: int) -> np.ndarray:
        """The functions, or their averages for what all azimuths have alike."""
        return self.functions.mean(3, keepdims=True) if azimuths == 1 else self.functions

    def sent(self, amplitudes: np.ndarray) -> np.ndarray:
        """The opposite: values (batch, N, M, 8, columns) of amplitudes (batch, n, columns)."""
        _, _, N, M, r = self.functions.shape
        batch, _, columns = amplitudes.shape
        each = self.functions.reshape(2, 4, N * M, r) @ amplitudes.reshape(batch, 2, 4, r, columns)
        each = each.reshape(batch, 2, 4, N, M, columns)
        out = np.einsum("bsxc,bscnmz->bnmsxz", self.axes, each, optimize=True)
        return np.asarray(out.reshape(batch, N, M, 8, columns))

    def scattered(self, values: np.ndarray) -> np.ndarray:
        """What leaves of what arrives, (batch, N, M, 8, columns)."""
        return self.sent(self.flow @ self.collected(values))

    def gathered(self, local: np.ndarray) -> np.ndarray:
        """(batch, n, N, E): amplitudes of what maps (batch, N, M or 1, 8, E) make of what all azimuths have alike."""
        batch, E = len(local), local.shape[-1]
        functions = self._at(local.shape[2])
        _, _, N, M, r = functions.shape
        turned = np.einsum("bsxc,bnmsxe->bscnme", self.axes, local.reshape(*local.shape[:3], 2, 4, E), optimize=True)
        found = functions.transpose(0, 1, 2, 4, 3) @ turned  # (batch, 2, 4, N, r, E)
        return np.asarray(found.swapaxes(3, 4).reshape(batch, 8 * r, N, E) / M)

    def averaged(self, local: np.ndarray) -> np.ndarray:
        """(batch, N, E, n): the azimuthal average of what maps (batch, N, M or 1, E, 8) make of these functions."""
        return self.gathered(local.swapaxes(-1, -2)).transpose(0, 2, 3, 1)


def across(to: Projection, local: np.ndarray, come: Projection) -> np.ndarray:
    """(batch, n, n'): amplitudes of functions of one boundary of what maps (batch, N, M or 1, 8, 8) make of others."""
    (_, _, N, M, r), q = to.functions.shape, come.functions.shape[-1]
    maps = local.reshape(*local.shape[:3], 2, 4, 2, 4)
    turned = np.einsum("bsxc,bnmsxiy,biyd->bscidnm", to.axes, maps, come.axes, optimize=True)
    out = np.zeros((len(local), 2, 4, r, 2, 4, q))
    for b, s, c, i, e in np.argwhere(np.abs(turned).max((-1, -2)) > 0):
        of = (turned[b, s, c, i, e][..., None] * come.functions[i, e]).reshape(N * M, q)
        out[b, s, c, :, i, e] = to.functions[s, c].reshape(N * M, r).T @ of / M
    return out.reshape(len(local), 8 * r, 8 * q)


def projection(contacts: Sequence[Contact], d: Directions) -> Projection:
    """Of contacts of a batch of films, one each, whose model is data; diffuse fractions included."""
    models = [c.model for c in contacts if isinstance(c.model, ScatteringData)]
    split, spheres = models[0].split(), contacts[0].spheres
    points = {r: _points(d, r) for side in spheres for r in side}
    known = models[0].flows().channels.degrees
    for model in models[1:]:
        known = _fewer(known, model.flows().channels.degrees)
    for _, n, weight in points.values():
        known = _fewer(known, resolved(n.reshape(-1, 3), weight.ravel(), known))
    of = {}
    for r, (at, n, weight) in points.items():
        out = np.zeros((len(d.mu), n.shape[1], known.size))
        found = orthonormal(n.reshape(-1, 3), weight.ravel(), known).reshape(*n.shape[:2], -1)
        out[at] = d.flux[at, None, None] * found
        of[r] = out
    functions = np.stack([np.stack([of[side[x % 2]] for x in range(4)]) for side in spheres])
    m = np.array([c.m for c in contacts])
    p = np.array([c.diffuse for c in contacts])
    first = all(model is models[0] for model in models) and (m == m[0]).all() and (p == p[0]).all()
    rows = [_one(model, c, split, known) for model, c in zip(models, contacts[:1] if first else contacts, strict=False)]
    return Projection(known, functions, *map(np.stack, zip(*rows, strict=True)))


def _fewer(one: Degrees, other: Degrees) -> Degrees:
    return Degrees(min(one.radial, other.radial), min(one.harmonics, other.harmonics))


def _points(d: Directions, radius: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which directions are open, unit vectors (n, M, 3) on a sphere, weights (n, M) by flux."""
    at = d.open(radius)
    in_plane = d.inplane[at] / radius
    mu = np.sqrt(d.kz2(radius)[at]) / radius
    n = np.concatenate([in_plane, np.broadcast_to(mu[:, None, None], (*in_plane.shape[:2], 1))], -1)
    return at, n, np.broadcast_to(d.flux[at, None] ** 2 / in_plane.shape[1], in_plane.shape[:2])


def fraction_slopes(contacts: Sequence[Contact], part: Projection) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives (batch, n, n) of the flow of a projection by the diffuse fractions of majority and minority."""
    size = part.degrees.size
    found: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for c in contacts:
        assert isinstance(c.model, ScatteringData)
        flow = c.model.flow(c.m, part.degrees).flow
        (up, down), m = np.array(c.diffuse)[:, None], c.m[None]
        for out, kept, spread in zip(found, share_slopes(1 - up, 1 - down, m), share_slopes(up, down, m), strict=True):
            out.append(_diffuse(flow, 2 * [-kept[0]], 2 * [spread[0]]).reshape(8 * size, 8 * size))
    return np.stack(found[0]), np.stack(found[1])


def _one(
    model: ScatteringData, contact: Contact, split: tuple[bool, bool], degrees: Degrees
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """axes, flow, torque and lattice of one film."""
    m, r = contact.m, degrees.size
    axes = np.stack([in_space(one, m) for one in split])
    found = model.flow(m, degrees)
    fraction = np.array(contact.diffuse)
    kept, spread = ([_share(one, share, m) for one in split] for share in (1 - fraction, fraction))
    flow = _diffuse(found.flow, kept, spread)
    # all of a component, by flux, is its constant function times this
    size = np.array([[side[x % 2] for x in range(4)] for side in contact.spheres]) / np.sqrt(2)
    whole = np.zeros((3, 2, 4, r))
    whole[..., 0] = axes[:, :3].swapaxes(0, 1) * size
    lost = whole - np.tensordot(whole, flow, 3)
    if found.lattice is not None:
        lattice = (1 - contact.diffuse[0]) * found.lattice
        lattice[..., 0] += contact.diffuse[0] * found.lattice[..., 0]
        lattice /= contact.largest
    elif model.asks_for_magnet():
        lattice = np.einsum("s,t,tixr->sixr", m, m, lost)
    else:
        lattice = lost
    n = 8 * r
    return axes, flow.reshape(n, n), (lost - lattice).reshape(3, n), lattice.reshape(3, n)


def _diffuse(flow: np.ndarray, kept: Sequence[np.ndarray], spread: Sequence[np.ndarray]) -> np.ndarray:
    """A flow of which the sides keep shares (4, 4) in their direction and send shares of what is alike out evenly."""
    out = np.einsum("oxy,oyrisq->oxrisq", np.stack(kept), flow, optimize=True)
    out[:, :, 0, ..., 0] += np.einsum("oxy,oyis->oxis", np.stack(spread), flow[:, :, 0, ..., 0])
    return np.asarray(out)


def _share(split: bool, share: np.ndarray, m: np.ndarray) -> np.ndarray:
    """(4, 4): what keeps these fractions of majority and minority, in the components of a side."""
    if share[0] == share[1]:
        return share[0] * np.eye(4)
    if split:
        return np.diag([*share, 0.0, 0.0])
    return np.asarray(shares(share[:1], share[1:], m[None])[0])
