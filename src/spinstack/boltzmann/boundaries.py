"""What interfaces and surfaces do to every direction, and to the diffuse rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.conductances import Conductances, in_space
from spinstack.boltzmann.contact import Contact, shares
from spinstack.boltzmann.layer import cartesian, frame
from spinstack.boltzmann.projected import Projection, projection
from spinstack.boltzmann.quadrature import Directions
from spinstack.scattering.barrier import Barrier
from spinstack.scattering.data import ScatteringData
from spinstack.scattering.electrons import Incidence
from spinstack.scattering.model import ScatteringModel

#: fraction of electrons that a surface reflects like a mirror, or those of majority and minority of its magnet
Specularity = float | tuple[float, float]


class Absorber(NamedTuple):
    """The face of a magnetic insulator: spin current into it per accumulation (3, 3) [S/m^2], the part of it that ends
    in the magnetisation, and the position of the magnet."""

    total: np.ndarray
    torque: np.ndarray
    magnet: int

    def reflected(self, C: float) -> np.ndarray:
        """(4, 4): what every electron keeps, so that ``Q = total mu`` for what arrives and leaves isotropically."""
        out = np.eye(4)
        Y = 4 * self.total / C
        out[:3, :3] = np.linalg.solve(np.eye(3) + Y, np.eye(3) - Y)
        return out

    def split(self, Q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Spin current (3, columns) into the face as what the magnetisation takes and what is lost."""
        taken = self.torque @ np.linalg.pinv(self.total, rcond=1e-12) @ Q
        return taken, Q - taken


class Electrons(NamedTuple):
    """What becomes of electrons, per direction, moment labels, spin x, y, z then charge; sides: below, above.

    flow (..., 2, 4, 2, 4): what leaves on a side of what arrives on a side; torque, lattice (..., 3, 2, 4): the spin
    that ends in the magnetisation and in the lattice of what arrives on a side.
    """

    flow: np.ndarray
    torque: np.ndarray
    lattice: np.ndarray


class Boundary(NamedTuple):
    """One internal boundary on a grid of directions, for a batch of films.

    specular: per direction (batch or 1, N, M or 1, ...), without the diffuse part; diffuse: the flux average of
    everything, times its fraction, (batch or 1, ...), or None; projected: in the place of both where data say what
    happens, None elsewhere.
    """

    specular: Electrons
    diffuse: Electrons | None
    projected: Projection | None = None


def flux_average(d: Directions, values: np.ndarray) -> np.ndarray:
    """2 int mu dmu of values (batch, N, M, ...) averaged over the azimuth."""
    return _sum(2 * d.flux**2, values)


def emission(d: Directions, values: np.ndarray) -> np.ndarray:
    """The same of flux-normalised values."""
    return _sum(2 * d.flux, values)


def _sum(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    mean = values.mean(2)
    return np.asarray((weights @ mean.reshape(*mean.shape[:2], -1)).reshape(len(mean), *mean.shape[2:]))


def scattered(contacts: Sequence[Contact], d: Directions) -> Electrons:
    """Everything that the contacts of a batch of films, one each, do, (batch or 1, N, M or 1, ...)."""
    first = contacts[0]
    if not d.several:
        return _matched(contacts, d)
    if first.model is None or len({r for side in first.spheres for r in side}) > 1:
        return mismatched(contacts, d)
    own, at = d.of(first.spheres[0][0]), d.open(first.spheres[0][0])
    out = []
    for a in _matched(contacts, own):
        out.append(np.zeros((len(a), len(d.mu), *a.shape[2:])))
        out[-1][:, at] = a
    return Electrons(*out)


def _matched(contacts: Sequence[Contact], d: Directions) -> Electrons:
    """The same between layers of one sphere."""
    first = contacts[0].model
    m = np.array([c.m for c in contacts])
    if first is None:
        one = np.zeros((1, len(d.mu), 1, 2, 4, 2, 4))
        one[..., 0, :, 1, :] = one[..., 1, :, 0, :] = np.eye(4)
        none = np.zeros((1, len(d.mu), 1, 3, 2, 4))
        return Electrons(one, none, none)
    if isinstance(first, Conductances):
        flow = in_space(np.stack([c.model.six() for c in contacts if isinstance(c.model, Conductances)]), m)
        lost = np.concatenate([np.eye(4)[:3], np.eye(4)[:3]], 1).reshape(3, 2, 4) - flow[:, :, :3].sum(1)
        along = m[:, :, None, None] * np.einsum("bs,bsik->bik", m, lost)[:, None]
        into_m = lost - along if first.magnetic else np.zeros_like(lost)
        found = Electrons(flow, into_m, lost - into_m)
        return Electrons(*(np.repeat(a[:, None, None], len(d.mu), 1) for a in found))
    models = [c.model for c in contacts if isinstance(c.model, ScatteringModel)]
    phi = d.azimuths(any(model.turns() for model in models))
    if all(model is first for model in models):
        m = m[:1] if (m == m[0]).all() else m
        everything = first.incidence(d.mu[:, None], phi, m[:, None, None])
    else:
        each = [model.incidence(d.mu[:, None], phi, one) for model, one in zip(models, m, strict=True)]
        everything = Incidence(*map(np.stack, zip(*each, strict=True)))
    return alike(*everything)


def alike(R: np.ndarray, T: np.ndarray, torque: np.ndarray, lattice: np.ndarray) -> Electrons:
    """Of an interface that scatters alike what arrives from either side."""
    flow = np.empty((*R.shape[:-2], 2, 4, 2, 4))
    flow[..., 0, :, 0, :] = flow[..., 1, :, 1, :] = R
    flow[..., 0, :, 1, :] = flow[..., 1, :, 0, :] = T
    return Electrons(flow, *(np.repeat(a[..., None, :], 2, -2) for a in (torque, lattice)))


def mismatched(contacts: Sequence[Contact], d: Directions) -> Electrons:
    """The same where the spheres of both sides differ, or of a perfect contact: k along the interface is kept."""
    from spinstack.scattering.barrier_electrons import Form, found

    step = Form(False, False, (contacts[0].spheres[0][0] != contacts[0].spheres[0][1],
                               contacts[0].spheres[1][0] != contacts[0].spheres[1][1]), True, False)  # fmt: skip
    barriers = [c.model for c in contacts if isinstance(c.model, Barrier)]
    phi = d.azimuths(any(model.turns() for model in barriers))
    sine = np.sqrt((1 - d.mu) * (1 + d.mu))
    out = []
    for c in contacts:
        model = c.model if isinstance(c.model, Barrier) else None
        form = step if model is None else model._form()._replace(differ=True)
        p = np.zeros((12, 1)) if model is None else np.array(model._packed(c.m[:, None]), dtype=float)
        # in units of the barrier's k_F
        unit = 1.0 if model is None else c.largest / model.fermi_wavevector
        radii = [r for side in c.spheres for r in side]
        p[5:9, 0], p[9:, 0] = unit * np.array(radii), c.m
        kx, ky = (unit * (sine[:, None] * f(phi)).reshape(-1, 1) for f in (np.cos, np.sin))
        kz2 = unit**2 * np.stack([np.repeat(d.kz2(r), len(phi))[:, None] for r in radii])
        n = found(p, kx, ky, kz2, form)
        flow = np.asarray(n.flow)[:, 0]
        same = np.asarray(n.modes)[:, 0]
        both = flow.copy()
        for side in (0, 1):  # R = N - (N - R)
            both[:, side, side] = same[:, side] - flow[:, side, side]
        shape = (len(d.mu), len(phi))
        out.append((
            both.transpose(0, 1, 3, 2, 4).reshape(*shape, 2, 4, 2, 4),
            *(np.asarray(a)[:, 0].transpose(0, 2, 1, 3).reshape(*shape, 3, 2, 4) for a in (n.torque, n.lattice)),
        ))  # fmt: skip
    return Electrons(*(np.stack(a) for a in zip(*out, strict=True)))


def boundary(contacts: Sequence[Contact], d: Directions) -> Boundary:
    """Probabilities and torques of the contacts of a batch of films, one each, for all directions."""
    if isinstance(contacts[0].model, ScatteringData):
        nothing = (np.zeros((1, len(d.mu), 1, *shape)) for shape in ((2, 4, 2, 4), (3, 2, 4), (3, 2, 4)))
        return Boundary(Electrons(*nothing), None, projection(contacts, d))
    everything = scattered(contacts, d)
    p = np.array([c.diffuse for c in contacts])
    if not p.any() or contacts[0].model is None:
        return Boundary(everything, None)
    average = _averaged(contacts, everything, d)
    same = p[:1, 0] if (p == p[0, 0]).all() else p[:, 0]
    mirrored, spread = (
        Electrons(*(share.reshape(-1, *(1,) * (a.ndim - 1)) * a for a in each))
        for share, each in ((1 - same, everything), (same, average))
    )
    if (apart := p[:, 0] != p[:, 1]).any():
        m = np.array([c.m for c in contacts])[apart]
        sizes = [(1 / up, 1 / down) for up, down in contacts[0].spheres]
        size = np.stack([per_channel(one, m) for one in sizes], 1) if d.several else None
        for whole, each, share, mirror in ((mirrored, everything, 1 - p, True), (spread, average, p, False)):
            rows = each.flow if len(each.flow) == 1 else each.flow[apart]
            shared = _shared(rows, shares(share[apart, 0], share[apart, 1], m), m, mirror, None if mirror else size)
            for a, b in zip(whole, shared, strict=True):
                a[apart] = b
    return Boundary(mirrored, spread)


def _averaged(contacts: Sequence[Contact], everything: Electrons, d: Directions) -> Electrons:
    """Flux averages, such that electrons of a sphere leave evenly however many arrive from the other one."""
    average = Electrons(*(flux_average(d, a) for a in everything))
    if not d.several:
        return average
    m = np.array([c.m for c in contacts])
    per = np.stack([per_channel(radius, m) for radius in contacts[0].spheres], 1)
    flow = np.einsum("boxy,boyiz,bizs->boxis", per, average.flow, per)
    return Electrons(flow, *(np.einsum("bxiz,bizs->bxis", a, per) for a in average[1:]))


def _shared(flow: np.ndarray, share: np.ndarray, m: np.ndarray, arriving: bool, size: np.ndarray | None) -> Electrons:
    """A share (batch, 4, 4) of a flow that conserves spin along m; the magnetisation takes what is missing across m.

    arriving: whether what arrives is counted here; size (batch, 2, 4, 4): r^2 of the sphere of each side, where the
    flow is one per electron of a sphere into which it leaves.
    """
    middle = (1,) * (flow.ndim - 5)
    out = np.einsum("b...xy,b...oyis->b...oxis", share.reshape(-1, *middle, 4, 4), flow)
    axis = m.reshape(-1, *middle, 3)
    leaving = out if size is None else np.einsum("boxy,boyis->boxis", size, out)
    lost = arriving * np.tile(np.eye(4)[:3, None], (1, 2, 1)) - leaving[..., :3, :, :].sum(-4)
    lost = lost - axis[..., None, None] * np.einsum("b...x,b...xis->b...is", axis, lost)[..., None, :, :]
    return Electrons(out, lost, np.zeros_like(lost))


class Surface(NamedTuple):
    """What electrons keep (batch or 1, 4, 4) that a surface reflects like a mirror, and that it sends out evenly."""

    mirrored: np.ndarray
    spread: np.ndarray


def surface(
    specularity: Specularity, m: np.ndarray, kept: np.ndarray, radius: tuple[float, float] = (1.0, 1.0)
) -> Surface:
    """A surface of layers with m (batch, 3), where electrons keep (batch or 1, 4, 4); radius: of their spheres."""
    if isinstance(specularity, float):
        found = Surface(specularity * kept, (1 - specularity) * kept)
    else:
        p = np.broadcast_to(specularity, (len(m), 2)).T
        found = Surface(shares(p[0], p[1], m), shares(1 - p[0], 1 - p[1], m))
    return found if radius == (1.0, 1.0) else found._replace(spread=found.spread @ per_channel(radius, m))


def per_channel(radius: tuple[float, float], m: np.ndarray) -> np.ndarray:
    """(batch, 4, 4): one over r^2, of spin up and down along m; nothing across m where they differ."""
    up, down = (np.full(len(m), r**-2.0) for r in radius)
    across = up if radius[0] == radius[1] else 0 * up
    six = np.stack([(up + down) / 2, (up - down) / 2, (up - down) / 2, (up + down) / 2, across, 0 * up], 1)
    return cartesian(frame(m), six)


class Boundaries(NamedTuple):
    """in = specular out + diffuse <out>_flux over the given faces, components x, y, z, c, for a batch of films.

    specular (batch, N, M or 1, F, 4, F, 4), diffuse (batch, F, 4, F, 4) or None; contacts: the internal boundaries;
    projected: those of data, each with the components (slice of 8 of the F times 4) of its two faces.
    """

    specular: np.ndarray
    diffuse: np.ndarray | None
    contacts: tuple[Boundary, ...]
    projected: tuple[tuple[slice, Projection], ...] = ()

    def scattered(self, d: Directions, leaving: np.ndarray, moving: np.ndarray | None) -> np.ndarray:
        """What enters (batch, N, M, E, columns) of what leaves without anything that enters, flux-normalised."""
        N, size = leaving.shape[1], leaving.shape[3]
        out = self.specular.reshape(-1, N, self.specular.shape[2], size, size) @ leaving
        if self.diffuse is not None:
            emitted = self.diffuse.reshape(-1, size, size) @ emission(d, leaving)
            out += evenly(emitted, d.flux, moving)[:, :, None]
        for faces, part in self.projected:
            out[..., faces, :] += part.scattered(leaving[..., faces, :])
        return np.asarray(out)


def evenly(emitted: np.ndarray, g: np.ndarray, moving: np.ndarray | None) -> np.ndarray:
    """(batch, N, E, columns) of what is sent out (batch, E, columns) into all directions in which it moves."""
    if moving is None:
        return np.asarray(g[:, None, None] * emitted[:, None])
    batch, size, columns = emitted.shape
    each = moving.reshape(*moving.shape[:2], -1, 4, 4) @ emitted.reshape(batch, 1, -1, 4, columns)
    return np.asarray(g[:, None, None] * each.reshape(batch, len(g), size, columns))


def assemble(
    contacts: Sequence[Sequence[Contact]],
    batch: int,
    d: Directions,
    faces: Sequence[int],
    surfaces: tuple[Surface, Surface] | None = None,
) -> Boundaries:
    """Some faces of films, two per layer (lower, upper), those of all contacts among them.

    contacts: those of every film of the batch, by their place; surfaces: bottom and top, None for reservoirs that send
    nothing back.
    """
    parts = tuple(boundary(c, d) for c in contacts)
    place = {face: k for k, face in enumerate(faces)}
    M = max([1, *(b.specular.flow.shape[2] for b in parts)])
    P = np.zeros((batch, len(d.mu), M, len(faces), 4, len(faces), 4))
    Q = np.zeros((batch, len(faces), 4, len(faces), 4))
    if surfaces is not None:
        for face, surface in zip((0, 2 * len(parts) + 1), surfaces, strict=True):
            if face in place:
                k = place[face]
                P[:, :, :, k, :, k] = surface.mirrored[:, None, None]
                Q[:, k, :, k] = surface.spread
    for n, part in enumerate(parts):
        below, above = place[2 * n + 1], place[2 * n + 2]
        for i, to in enumerate((below, above)):
            for k, come in enumerate((below, above)):
                P[:, :, :, to, :, come] = part.specular.flow[..., i, :, k, :]
                if part.diffuse is not None:
                    Q[:, to, :, come] = part.diffuse.flow[:, i, :, k]
    projected = tuple(
        (slice(4 * place[2 * n + 1], 4 * place[2 * n + 1] + 8), part.projected)
        for n, part in enumerate(parts)
        if part.projected is not None
    )
    return Boundaries(P, Q if Q.any() else None, parts, projected)
