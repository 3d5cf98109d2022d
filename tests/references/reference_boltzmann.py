"""Brute-force reference for the spin-dependent Boltzmann equation in a film: discrete ordinates and discontinuous
finite volumes, with a direct solve. It shares nothing with the package.

Per direction k on the unit sphere, h = (x, y, z, c), rho = h_c + h.sigma in moment labels (rates in 1/length):

    k_z dh/dz + A h - kappa m x h - B <h> = (k.E) e_c + spin Hall effect

Directions: Gauss-Legendre points in s with |k_z| = s^power, times equally spaced azimuths. Every layer is cut into
cells that shrink towards its faces; in a cell h is a polynomial, tested with Legendre polynomials, and what leaves a
cell upwind enters the next (degree 0 is the upwind finite-volume scheme; the currents gain order 2 degree + 1). Zeroth
moments are balances, so charge and spin are conserved to rounding on any mesh. For every in-plane k all cells, both
senses of k_z and all faces are eliminated directly; <h> and the fluxes that diffuse faces spread are the remaining
unknowns, of one dense system.

Units: E = 1 V/length, h in lengths, currents and torques per C = e^2 kF^2/(pi^2 hbar), sheet conductances (areas) too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial import legendre
from reference_scattering import Barrier, scatter
from scipy import sparse

#: columns of every result: field along x, y; incoming x, y, z, c from a reservoir below; the same from above
DRIVES = 10


def cross(m):
    """(3, 3): cross(m) @ h = m x h."""
    x, y, z = m
    return np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])


@dataclass(frozen=True)
class Layer:
    """Rates in 1/length: g_up, g_down (momentum), g_sf (flip), kappa (precession), out-scattering of transverse spin.

    hall, splitter (3, 2): spin current Q_z = sigma (hall + splitter) E deep inside as a source of the field, its
    inverse as the adjoint. skew: spin Hall effect by scattering instead, a rate.
    """

    thickness: float
    rate_up: float
    rate_down: float
    flip: float = 0.0
    precession: float = 0.0
    m: tuple[float, float, float] = (0.0, 0.0, 1.0)
    dephasing: float = 0.0
    hall: tuple[tuple[float, float], ...] = ((0.0, 0.0),) * 3
    splitter: tuple[tuple[float, float], ...] = ((0.0, 0.0),) * 3
    skew: float = 0.0

    @property
    def out(self):
        """A - kappa m x (4, 4)."""
        m, mean, half = np.array(self.m), (self.rate_up + self.rate_down) / 2, (self.rate_up - self.rate_down) / 2
        a = (mean + self.flip) * np.eye(4)
        a[:3, :3] += self.dephasing * (np.eye(3) - np.outer(m, m)) - self.precession * cross(m)
        a[:3, 3] = a[3, :3] = half * m
        return a

    @property
    def back(self):
        """B (4, 4)."""
        b = self.out.copy()
        b[:3, :3] = ((self.rate_up + self.rate_down) / 2 - self.flip) * np.eye(3)
        return b

    def bulk(self, k, sign=1):
        """h (4, 2) deep inside, per field along x, y; sign -1: with the spin Hall effect reversed.

        With a splitter charge moves along the film with less than k; what is missing is what its spin current adds.
        """
        straight = np.linalg.solve(self.out, np.eye(4)[3])
        _, n, turn = np.linalg.svd(np.array(self.splitter))
        total = np.outer(straight, turn.T @ (np.sqrt(1 - n**2) * (turn @ k[:2])))
        total[:3] += k[2] * straight[3] * (sign * np.array(self.hall) + np.array(self.splitter))
        return total

    def source(self, k):
        """(4, 16): what moments <h>, <k_x h>, <k_y h>, <k_z h> scatter into direction k.

        Skew scattering with rate b adds b k x <k' h_c> to the spin and b (k x <k' h_j>)_j, summed over j, to the
        charge, the pair that Onsager's relation ties together.
        """
        total = np.zeros((4, 4, 4))
        total[:, 0] = self.back
        for axis in range(3):
            turned = self.skew * np.cross(k, np.eye(3)[axis])
            total[:3, 1 + axis, 3] = total[3, 1 + axis, :3] = turned
        return total.reshape(4, 16)


@dataclass(frozen=True)
class Face:
    """Between two layers: a delta barrier (None: perfect contact), the m it sees, the fraction that is diffuse."""

    barrier: Barrier | None = None
    m: tuple[float, float, float] = (0.0, 0.0, 1.0)
    diffuse: float = 0.0


@dataclass(frozen=True)
class Film:
    """Layers from the bottom, the faces between them, and per surface its specularity or None for a reservoir."""

    layers: tuple[Layer, ...]
    faces: tuple[Face, ...] = ()
    specularity: tuple[float | None, float | None] = (0.0, 0.0)


@dataclass(frozen=True)
class Grid:
    """Angles: polar points a hemisphere, exponent, azimuths. Depth: cells a half layer, their ratio, degree."""

    polar: int = 10
    azimuths: int = 8
    power: int = 2
    cells: int = 4
    ratio: float = 0.25
    degree: int = 4

    def directions(self):
        """c = |k_z| and azimuth (N,), weights (N,) that sum to one over a hemisphere."""
        s, w = legendre.leggauss(self.polar)
        s, w = (1 + s) / 2, w / 2
        c, w = s**self.power, w * self.power * s ** (self.power - 1)
        phi = 2 * np.pi * (np.arange(self.azimuths) + 0.5) / self.azimuths
        c, phi = (x.ravel() for x in np.meshgrid(c, phi, indexing="ij"))
        return c, phi, np.repeat(w / w.sum(), self.azimuths) / self.azimuths

    def edges(self, thickness):
        half = np.concatenate([[0.0], self.ratio ** np.arange(self.cells - 1, -1, -1.0)]) / 2
        return thickness * np.concatenate([half, 1 - half[-2::-1]])


class Solution:
    """Responses to the ten drives; each has them as its last axis.

    sheet (2, 10); below, above: (faces, 4, 10) currents Q_z, j_z on the two sides of every face, the surfaces
    included; magnet, lattice: (faces, 3, 10) what a face's exchange and spin-orbit coupling take, and `uniform`
    (2, faces, 3) how much of it goes with a uniform unit of charge potential (which a closed film leaves free);
    exchange, flip: (layers, 3, 10) what a layer's exchange and flips take; incident: (faces, 8, 10) mean flux arriving.
    """

    def __init__(self, film: Film, grid: Grid):
        self.film, self.grid = film, grid
        self.c, self.phi, self.weight = grid.directions()
        self.moments = 4 if any(layer.skew for layer in film.layers) else 1
        self._layers()
        self._faces()
        self._solve()

    def _layers(self):
        """Streaming and collision matrices of all layers, both senses of k_z, and where inflow enters."""
        n = self.grid.degree + 1
        order = np.arange(n)
        sign = (-1.0) ** order
        volume = 2.0 * ((order[:, None] > order) & ((order[:, None] - order) % 2 == 1))
        self.widths = [np.diff(self.grid.edges(layer.thickness)) for layer in self.film.layers]
        stream, collide, self.at = [], [], []
        start = 0
        for layer, w in zip(self.film.layers, self.widths, strict=True):
            cells, size = len(w), len(w) * n * 4
            up = sparse.kron(sparse.eye(cells), np.ones((n, n)) - volume)
            up -= sparse.kron(sparse.eye(cells, k=-1), np.outer(sign, np.ones(n)))
            down = sparse.kron(sparse.eye(cells), np.outer(sign, sign) + volume)
            down -= sparse.kron(sparse.eye(cells, k=1), np.outer(np.ones(n), sign))
            mass = sparse.kron(sparse.diags(w), sparse.diags(1 / (2 * order + 1)))
            stream += [sparse.kron(up, np.eye(4)), sparse.kron(down, np.eye(4))]
            collide += [sparse.kron(mass, layer.out)] * 2
            self.at.append((start, start + size, mass))
            start += 2 * size
        self.size, self.stream, self.collide = start, [a.toarray() for a in stream], [a.toarray() for a in collide]
        # arrivals (8 a face: from below, from above) as traces of the unknowns; departures as sources of the cells
        faces = len(self.film.layers) + 1
        arrive, depart = sparse.lil_array((8 * faces, start)), sparse.lil_array((start, 8 * faces))
        for i, (up0, down0, _) in enumerate(self.at):
            last = down0 - 4 * n
            for j in range(4):
                arrive[8 * (i + 1) + j, last + j : down0 : 4] = 1.0
                depart[up0 + j : up0 + 4 * n : 4, 8 * i + 4 + j] = sign[:, None]
                arrive[8 * i + 4 + j, down0 + j : down0 + 4 * n : 4] = sign
                end = down0 + (down0 - up0)
                depart[end - 4 * n + j : end : 4, 8 * (i + 1) + j] = 1.0
        self.arrive, self.depart = arrive.tocsr(), depart.tocsr()

    def _faces(self):
        """Per direction and face (8, 8) from arrivals to departures; for diffuse parts the same from mean fluxes."""
        film, count = self.film, len(self.c)
        faces = len(film.layers) + 1
        self.direct = np.zeros((count, faces, 8, 8))
        self.spread, self.reservoir = np.zeros((faces, 8, 8)), np.zeros((faces, 8, DRIVES))
        # what exchange and spin-orbit coupling take, of arrivals per direction and of mean fluxes
        self.taken, self.taken_spread = np.zeros((count, 2, faces, 3, 8)), np.zeros((2, faces, 3, 8))
        flux = 2 * self.c * self.weight
        self.flux = flux / flux.sum()
        inner = film.faces or (Face(),) * (faces - 2)
        for i, face in enumerate(inner, 1):
            if face.barrier is None:
                R, T, fields = np.zeros((count, 4, 4)), np.broadcast_to(np.eye(4), (count, 4, 4)), np.zeros((2, 1, 3))
            else:
                R, T, _, lattice = scatter(face.barrier, np.array(face.m), self.c, self.phi)
                fields = [np.broadcast_to(face.barrier.exchange * np.array(face.m), lattice.shape), lattice]
            both = np.block([[R, T], [T, R]])
            self.direct[:, i] = (1 - face.diffuse) * both
            self.spread[i] = face.diffuse * np.einsum("k,kab->ab", self.flux, both)
            for j, field in enumerate(fields):
                spin = np.swapaxes(np.cross(np.swapaxes(T[:, :3], 1, 2), field[:, None, :]), 1, 2)
                spin = np.concatenate([spin, spin], axis=2)
                self.taken[:, j, i] = (1 - face.diffuse) * spin
                self.taken_spread[j, i] = face.diffuse * np.einsum("k,kab->ab", self.weight, spin)
        for i, p, here, column in ((0, film.specularity[0], slice(4, 8), 2), (-1, film.specularity[1], slice(0, 4), 6)):
            if p is None:
                self.reservoir[i, here, column : column + 4] = np.eye(4)
            else:
                self.direct[:, i, here, here] = p * np.eye(4)
                self.spread[i, here, here] = (1 - p) * np.eye(4)

    def _solve(self):
        film, faces = self.film, len(self.film.layers) + 1
        average = [np.arange(up, down) for up, down, _ in self.at]
        sizes = np.array([len(a) for a in average]) * self.moments
        starts = np.concatenate([[0], np.cumsum(sizes)])
        means, unknowns = starts[-1], starts[-1] + 8 * faces
        spread = sparse.block_diag(list(self.spread))
        known = np.concatenate(list(self.reservoir))
        rows = np.zeros((unknowns, unknowns + DRIVES))
        self.parts = {"sheet": 0, "taken": 0, "below": 0, "above": 0}
        density = np.zeros((2, self.size // 2, unknowns + DRIVES))
        parts = list(zip(film.layers, self.widths, self.at, starts[:-1], starts[1:], strict=True))
        s = np.sqrt(1 - self.c**2)
        for i in range(len(self.c)):
            kx, ky, c, w = s[i] * np.cos(self.phi[i]), s[i] * np.sin(self.phi[i]), self.c[i], self.weight[i]
            direct = sparse.block_diag(list(self.direct[i]))
            right = np.zeros((self.size, unknowns + DRIVES))
            right[:, means:unknowns] = c * (self.depart @ spread).toarray()
            right[:, unknowns:] = c * (self.depart @ known)
            for layer, widths, (up, down, mass), begin, end in parts:
                for offset, kz in ((up, c), (down, -c)):
                    source = layer.source((kx, ky, kz))[:, : 4 * self.moments]
                    here = slice(offset, offset + down - up)
                    right[here, begin:end] = sparse.kron(mass, source).toarray()
                    # the field drives the mean of each cell, the first of its polynomials
                    first = np.zeros((len(widths), self.grid.degree + 1, 4, 2))
                    first[:, 0] = widths[:, None, None] * (layer.out @ layer.bulk((kx, ky, kz)))
                    right[here, unknowns : unknowns + 2] = first.reshape(-1, 2)
            # every layer and sense of k_z by itself, then the faces that join them
            right = np.concatenate([right, c * self.depart.toarray()], axis=1)
            h, position = np.empty_like(right), 0
            for stream, collide in zip(self.stream, self.collide, strict=True):
                here = slice(position, position + len(stream))
                h[here] = np.linalg.solve(c * stream + collide, right[here])
                position += len(stream)
            h, passed = h[:, : unknowns + DRIVES], h[:, unknowns + DRIVES :]
            arriving = np.linalg.solve(np.eye(8 * faces) - self.arrive @ passed @ direct, self.arrive @ h)
            leaving = direct @ arriving
            h = h + passed @ leaving
            leaving[:, means:unknowns] += spread.toarray()
            leaving[:, unknowns:] += known
            for layer, widths, (up, down, _), begin, end in parts:
                half = down - up
                for offset, kz in ((up, c), (down, -c)):
                    there = h[offset : offset + half].reshape(half // 4, 1, 4, -1) * (w / 2)
                    moments = np.array([1.0, kx, ky, kz])[: self.moments, None, None]
                    rows[begin:end] += (there * moments).reshape(end - begin, -1)
                    place = slice(up // 2, up // 2 + half)
                    density[0, place] += w / 2 * kx * h[offset : offset + half]
                    density[1, place] += w / 2 * ky * h[offset : offset + half]
                    measure = layer.out.T @ layer.bulk((kx, ky, kz), -1)
                    cells = h[offset : offset + half].reshape(len(widths), -1, 4, unknowns + DRIVES)[:, 0]
                    self.parts["sheet"] += w / 2 * np.einsum("i,ja,ijd->ad", widths, measure, cells)
            rows[means:] += self.flux[i] * arriving
            net = (w / 2 * c) * (arriving - leaving).reshape(faces, 2, 4, -1)
            self.parts["below"] += net[:, 0]
            self.parts["above"] += -net[:, 1]
            self.parts["taken"] += w * self.taken[i] @ arriving.reshape(faces, 8, -1)
        for i in range(faces):
            mean = slice(means + 8 * i, means + 8 * (i + 1))
            self.parts["taken"][:, i, :, mean] += self.taken_spread[:, i]
        uniform = np.tile([0.0, 0.0, 0.0, 1.0], 2)
        self.uniform = (np.einsum("k,kjfsa->jfsa", self.weight, self.taken) + self.taken_spread) @ uniform
        matrix = np.eye(unknowns) - rows[:, :unknowns]
        # a closed film leaves one charge potential free; the smallest solution is as good as any
        found = np.linalg.lstsq(matrix, rows[:, unknowns:], rcond=1e-13)[0]
        self.residual = np.abs(matrix @ found - rows[:, unknowns:]).max()
        full = np.concatenate([found, np.eye(DRIVES)])
        self.below, self.above = self.parts["below"] @ full, self.parts["above"] @ full
        self.magnet, self.lattice = self.parts["taken"] @ full
        self.sheet = self.parts["sheet"] @ full
        for layer in film.layers:  # the inverse of the spin Hall effect acts on what differs from the bulk
            there, back = layer.bulk((0, 0, 1.0)), layer.bulk((0, 0, 1.0), -1)
            split = np.array(layer.splitter)
            excess = back.T @ layer.out @ there - split.T @ split / (layer.rate_up + layer.flip)
            self.sheet[:, :2] -= layer.thickness / 3 * excess
        self.incident = found[means:].reshape(faces, 8, DRIVES)
        n = self.grid.degree + 1
        self.density, self.mean = [], []
        for i, (up, down, _) in enumerate(self.at):
            shape = (len(self.widths[i]), n, 4, DRIVES)
            self.density.append((density[:, up // 2 : up // 2 + down - up] @ full).reshape(2, *shape))
            mean = found[starts[i] : starts[i + 1]].reshape(shape[0], n, self.moments, 4, DRIVES)
            self.mean.append(mean[:, :, 0])

    @cached_property
    def exchange(self):
        """(layers, 3, 10): kappa <h> x m and what dephases, integrated."""
        pairs = zip(self.film.layers, self._integrals(), strict=True)
        return np.stack([(a.out - a.back)[:3, :3] @ total[:3] - 2 * a.flip * total[:3] for a, total in pairs])

    @cached_property
    def flip(self):
        """(layers, 3, 10): 2 g_sf <h>, integrated."""
        return np.stack([2 * a.flip * b[:3] for a, b in zip(self.film.layers, self._integrals(), strict=True)])

    def _integrals(self):
        return [np.einsum("i,isd->sd", w, mean[:, 0]) for w, mean in zip(self.widths, self.mean, strict=True)]

    def _at(self, layer, z, modes):
        """Values at heights z (n,) above the layer's bottom of what modes (cells, degree + 1, ...) describe."""
        edges = self.grid.edges(self.film.layers[layer].thickness)
        cell = np.clip(np.searchsorted(edges, z, side="right") - 1, 0, len(edges) - 2)
        xi = 2 * (z - edges[cell]) / np.diff(edges)[cell] - 1
        basis = legendre.legvander(xi, self.grid.degree)
        return np.einsum("zn,zn...->z...", basis, modes[cell])

    def average(self, layer, z):
        """<h> (n, 4, 10) at heights z above the layer's bottom face."""
        return self._at(layer, np.asarray(z), self.mean[layer])

    def flow(self, layer, z):
        """<k_a h> (n, 2, 4, 10), a = x, y, at heights z above the layer's bottom face."""
        return self._at(layer, np.asarray(z), np.moveaxis(self.density[layer], 0, 2))
