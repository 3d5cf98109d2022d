"""A second solver for a whole film, kept for tests: collocation of the differential equations, layer by layer.

It reads the parameters of the stack description and nothing else of the package; the laws are in `reference_law`.
Per layer the unknown functions are the potentials mu_c(z), mu_s(z) and the currents j_c(z), Q(z), which obey a
first-order system with constant coefficients; interfaces and terminations are conditions on the face values. An
interface with spin memory loss is a slab with differential equations of its own. Nothing is integrated by hand: no
hyperbolic function, no elimination of one element after the other.

The problem is posed once (:func:`pose`) as blocks ``y' = A y + b`` on 0..1 with conditions on
``(y_1(0), y_1(1), ..., p)``; :func:`solve` discretises it with Chebyshev polynomials, tests may use another method.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from reference_law import cross_with, generated, inverse_generated, local_law, losses, sink
from scipy import constants

from spinstack.stack import Ferromagnet, Film, Interface, MagneticInsulator, Metal

LENGTH, SIGMA = 1e-9, 1e6  # units in which a film is of order one: 1 nm and 1 MS/m, at 1 V/m
UNITS = np.array([LENGTH] * 4 + [SIGMA] * 4)  # of mu_c, mu_s (3), j_c, Q (3)
POTENTIALS, CURRENTS = slice(0, 4), slice(4, 8)


@dataclass
class Block:
    """``y' = A y + b d`` on 0..1 with drives d = (E_x, E_y, j_c injected); `units` scale y."""

    A: np.ndarray
    b: np.ndarray
    units: np.ndarray
    element: int
    law: np.ndarray | None = None
    torque: np.ndarray | None = None
    thickness: float = 0.0


@dataclass
class Problem:
    """Blocks, and conditions ``C (y_1(0), y_1(1), y_2(0), ..., p) = c d`` with p the states at the junctions."""

    film: Film
    blocks: list[Block] = field(default_factory=list)
    junctions: dict[tuple[int, str], int] = field(default_factory=dict)  # (element, face) -> index of the junction
    count: int = 0
    rows: list[tuple[list[tuple[tuple[Any, ...], np.ndarray]], np.ndarray]] = field(default_factory=list)
    m: dict[int, np.ndarray | None] = field(default_factory=dict)

    def demand(self, *terms: tuple[tuple[Any, ...], np.ndarray], drive: np.ndarray | None = None) -> None:
        """Sum of matrix times vector = drive d. A vector is ("face", block, 0 or 1) or ("junction", index)."""
        height = terms[0][1].shape[0]
        self.rows.append((list(terms), np.zeros((height, 3)) if drive is None else drive))

    def conditions(self) -> tuple[np.ndarray, np.ndarray]:
        """C and c in units of order one, rows scaled to their largest entry."""
        offsets, sizes, units = {}, 0, []
        for i, block in enumerate(self.blocks):
            for face in (0, 1):
                offsets["face", i, face] = sizes
                sizes += len(block.units)
                units.append(block.units)
        for i in range(self.count):
            offsets["junction", i] = sizes
            sizes += 8
            units.append(UNITS)
        C = np.zeros((sum(c.shape[0] for _, c in self.rows), sizes))
        c = np.vstack([drive for _, drive in self.rows])
        top = 0
        for terms, drive in self.rows:
            for where, matrix in terms:
                C[top : top + len(drive), offsets[where] : offsets[where] + matrix.shape[1]] += matrix
            top += len(drive)
        C *= np.concatenate(units)
        scale = abs(C).max(axis=1, keepdims=True)
        return C / scale, c / scale


def _layer_block(layer: Metal | Ferromagnet, m: np.ndarray, B: np.ndarray, index: int) -> Block:
    law, (loss, torque) = local_law(layer, m, B), losses(layer, m, B)
    resist = np.linalg.inv(law[2:, 2:])  # forces along z from the currents along z
    step = -np.diag([1.0, 2.0, 2.0, 2.0]) @ resist  # d(mu_c, mu_s) = -(f_c, 2 f)
    A, b = np.zeros((8, 8)), np.zeros((8, 3))
    A[POTENTIALS, CURRENTS] = step
    A[5:, 1:4] = -loss
    b[POTENTIALS, :2] = -step @ law[2:, :2]
    t = layer.thickness
    return Block(t * A, t * b, UNITS, index, law=law, torque=torque, thickness=t)


def _add_interface(problem: Problem, interface: Interface, m: np.ndarray | None, index: int) -> None:
    up, down = interface.conductance_up, interface.conductance_down
    mixing = interface.mixing_conductance
    axes = np.eye(3) if mixing is None else np.asarray(m)[None, :]  # spins that the slab carries
    k = len(axes)
    slab = np.zeros((k + 1, k + 1))  # (j_c, Q along axes) from (-d mu_c, -d mu_s/2) over the slab
    slab[0, 0] = up + down
    slab[1:, 1:] = (up + down) * np.eye(k)
    if k == 1:
        slab[0, 1] = slab[1, 0] = up - down
    A = np.zeros((2 * k + 2, 2 * k + 2))
    A[: k + 1, k + 1 :] = -np.diag([1.0] + [2.0] * k) @ np.linalg.inv(slab)
    # the accumulation at zero charge current decays over 1/delta of the slab; its force then drives 4 G_parallel
    A[k + 2 :, 1 : k + 1] = -(interface.spin_memory_loss**2) * 2 * up * down / (up + down) * np.eye(k)
    units = np.array([LENGTH] * (k + 1) + [SIGMA] * (k + 1))
    problem.blocks.append(Block(A, np.zeros((2 * k + 2, 3)), units, index))
    block = len(problem.blocks) - 1
    into = np.zeros((k + 1, 4))
    into[0, 0], into[1:, 1:] = 1, axes
    sources = generated(interface, m)
    below, above = (("junction", problem.junctions[index, face]) for face in ("below", "above"))
    for face, junction, source in ((0, below, sources[0]), (1, above, sources[1])):
        pick = np.kron(np.eye(2), into)
        drive = np.zeros((2 * k + 2, 3))
        drive[k + 2 :, :2] = axes @ source
        problem.demand((junction, pick), (("face", block, face), -np.eye(2 * k + 2)), drive=drive)
    if mixing is None:
        return
    assert m is not None
    turn = cross_with(m)
    upper = mixing if interface.mixing_conductance_upper is None else interface.mixing_conductance_upper
    through = interface.transmitted_mixing_conductance or 0.0
    # the unit 1/m picks any two directions across m
    across = np.linalg.svd(np.outer(m, m))[0][:, 1:].T
    G, G_upper, G_through = (g.real * np.eye(3) + g.imag * turn for g in map(complex, (mixing, upper, through)))
    for junction, own, other, far, source, into_magnet in (
        (below, G, G_through, above, sources[0], +1),
        (above, G_upper, G_through, below, sources[1], -1),
    ):
        drive = np.zeros((2, 3))
        drive[:, :2] = across @ source
        here, there = np.zeros((2, 8)), np.zeros((2, 8))
        here[:, 5:] = across
        here[:, 1:4] = -into_magnet * across @ own
        there[:, 1:4] = into_magnet * across @ other
        problem.demand((junction, here), (far, there), drive=drive)


def pose(film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), *, reservoirs: bool = False) -> Problem:
    """The boundary-value problem of a film: closed outer faces, or (reservoirs) mu_s = 0 outside and j_c injected.

    m is one vector for all magnets, or a dict from name or position in the film to vector.
    """
    film.check()
    B = np.asarray(B, dtype=float)
    problem = Problem(film)

    def direction(position: int | None) -> np.ndarray | None:
        if position is None:
            return None
        if isinstance(m, dict):
            v = np.asarray(m[position] if position in m else m[film[position].name], dtype=float)
        else:
            v = np.asarray(m, dtype=float)
        return v / np.linalg.norm(v)

    problem.m = {i: direction(film.magnet_of(i)) for i in range(len(film))}
    start = 0
    while start < len(film):
        if not film[start].conducts:
            start += 1
            continue
        stop = start
        while stop < len(film) and film[stop].conducts:
            stop += 1
        first = problem.count
        for i in range(start, stop):
            problem.junctions[i, "below"] = first + i - start
            problem.junctions[i, "above"] = first + i - start + 1
        problem.count += stop - start + 1
        for i in range(start, stop):
            element = film[i]
            if isinstance(element, Interface):
                _add_interface(problem, element, problem.m[i], i)
                continue
            axis = problem.m[i]
            problem.blocks.append(_layer_block(element, np.zeros(3) if axis is None else axis, B, i))
            for face, name in ((0, "below"), (1, "above")):
                tie = ("face", len(problem.blocks) - 1, face), -np.eye(8)
                problem.demand((("junction", problem.junctions[i, name]), np.eye(8)), tie)
        bottom, top = ("junction", first), ("junction", problem.count - 1)
        one = np.eye(8)
        problem.demand((bottom, one[[0]]))  # mu_c = 0 at the bottom
        problem.demand((bottom, one[[4]]), drive=np.array([[0.0, 0.0, 1.0 if reservoirs else 0.0]]))
        for junction, outside, into in ((bottom, start - 1, -1), (top, stop, +1)):
            if reservoirs:
                problem.demand((junction, one[1:4]))
                continue
            end = film[outside] if 0 <= outside < len(film) else None
            condition = one[5:].copy()
            if isinstance(end, MagneticInsulator):
                condition[:, 1:4] = -into * sum(sink(end, problem.m[outside]))
            problem.demand((junction, condition))
        start = stop
    return problem


def chebyshev(nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """On 0..1: Lobatto points (n+1), differentiation matrix, barycentric weights, Clenshaw-Curtis weights."""
    n = nodes - 1
    k = np.arange(nodes)
    x = (1 - np.cos(np.pi * k / n)) / 2
    w = (-1.0) ** k
    w[[0, -1]] /= 2
    # differences of the points through the sine, free of cancellation near the faces
    gap = np.sin(np.pi * (k[:, None] + k) / (2 * n)) * np.sin(np.pi * (k[:, None] - k) / (2 * n))
    D = (w / w[:, None]) / np.where(gap == 0, 1, gap)
    D[np.diag_indices(nodes)] = 0
    D -= np.diag(D.sum(axis=1))
    moments = np.zeros(nodes)
    moments[::2] = 1 / (1.0 - k[::2] ** 2)  # integral over 0..1 of the even Chebyshev polynomials
    quadrature = np.linalg.solve(np.cos(np.pi * np.outer(k, k) / n), moments)
    return x, D, w, quadrature


def interpolation(x: np.ndarray, w: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Barycentric interpolation matrix from the points x to `at`."""
    gap = np.asarray(at, dtype=float)[:, None] - x
    hit = gap == 0
    row = hit.any(axis=1)
    matrix = w / np.where(hit, 1, gap)
    matrix /= matrix.sum(axis=1, keepdims=True)
    matrix[row] = hit[row]
    return matrix


@dataclass
class Solution:
    """Fields of a solved film, per drive (last axis: E_x, E_y, j_c injected)."""

    problem: Problem
    fields: list[np.ndarray]  # per block (nodes, 8 or 4, 3), SI
    junction: np.ndarray  # (junctions, 8, 3), SI
    nodes: int

    def _in_plane(self, block: Block, y: np.ndarray) -> np.ndarray:
        assert block.law is not None
        E = np.eye(2, 3)
        law = block.law
        force = np.linalg.solve(law[2:, 2:], y[..., CURRENTS, :] - law[2:, :2] @ E)
        return law[:2, :2] @ E + law[:2, 2:] @ force

    def sheet_currents(self) -> dict[int, np.ndarray]:
        """In-plane sheet current of every layer and interface, by position, per drive: (2, 3) [A/m]."""
        weights = chebyshev(self.nodes)[3]
        out = {}
        for block, y in zip(self.problem.blocks, self.fields, strict=True):
            if block.law is not None:
                out[block.element] = block.thickness * np.einsum("n,nij->ij", weights, self._in_plane(block, y))
                continue
            interface = self.problem.film[block.element]
            assert isinstance(interface, Interface)
            total = interface.sheet_conductance * np.eye(2, 3)
            inverse = inverse_generated(interface, self.problem.m[block.element])
            for face, matrix in zip(("below", "above"), inverse, strict=True):
                total = total + matrix @ self.face(block.element, face)[1:4]
            out[block.element] = total
        return out

    def face(self, element: int, side: str) -> np.ndarray:
        """mu_c, mu_s, j_c, Q at the face "below" or "above" of an element, per drive: (8, 3)."""
        return self.junction[self.problem.junctions[element, side]]

    @property
    def sheet(self) -> np.ndarray:
        """Sheet conductance tensor (2, 2) [S]."""
        return sum(self.sheet_currents().values())[:, :2]

    def layers(self, points: int, E: Any) -> list[dict[str, np.ndarray]]:
        """Per layer, bottom first, at equidistant points: mu, Q, mu_c, j_c, j (in the plane), for the field E."""
        x, _, w, _ = chebyshev(self.nodes)
        resample = interpolation(x, w, np.linspace(0, 1, points))
        drive = np.array([*E, 0.0])
        out = []
        for block, y in zip(self.problem.blocks, self.fields, strict=True):
            if block.law is None:
                continue
            v = np.einsum("pn,nij,j->pi", resample, y, drive)
            plane = np.einsum("pn,nij,j->pi", resample, self._in_plane(block, y), drive)
            out.append({"mu_c": v[:, 0], "mu": v[:, 1:4], "j_c": v[:, 4], "Q": v[:, 5:], "j": plane})
        return out

    def mean_spin_current(self, element: int, E: Any) -> np.ndarray:
        """Q averaged over the layer at a position in the film, (3,) [A/m^2]."""
        index = next(i for i, block in enumerate(self.problem.blocks) if block.element == element)
        return np.einsum("n,nij,j->i", chebyshev(self.nodes)[3], self.fields[index][:, 5:], [*E, 0.0])

    def torques(self, E: Any) -> dict[int, np.ndarray]:
        """Torque per magnet, by its position in the film [N/m for E in V/m]: hbar/2e times what it absorbs across m.

        What an interface generates by itself comes from the lattice; spin flip and a spin sink go there.
        """
        drive = np.array([*E, 0.0])
        film, weights = self.problem.film, chebyshev(self.nodes)[3]
        out = {i: np.zeros(3) for i, element in enumerate(film) if element.magnetic}
        for block, y in zip(self.problem.blocks, self.fields, strict=True):
            position = film.magnet_of(block.element)
            if position is None:
                continue
            element, m = film[block.element], self.problem.m[block.element]
            if block.torque is not None:
                out[position] += block.thickness * block.torque @ np.einsum("n,nij,j->i", weights, y[:, 1:4], drive)
            elif isinstance(element, Interface) and element.mixing_conductance is not None:
                into, out_of = (
                    self.face(block.element, face)[5:] @ drive - source @ E
                    for face, source in zip(("below", "above"), generated(element, m), strict=True)
                )
                lost = into - out_of
                out[position] += lost - m * (m @ lost)
        for i, end in enumerate(film):
            if isinstance(end, MagneticInsulator):
                for key in ((i - 1, "above"), (i + 1, "below")):
                    if key in self.problem.junctions:
                        out[i] += sink(end, self.problem.m[i])[1] @ self.face(*key)[1:4] @ drive
        return {i: constants.hbar / (2 * constants.e) * Q for i, Q in out.items()}

    @property
    def perpendicular_resistance(self) -> float:
        """Voltage across the film per injected charge current [Ohm m^2]."""
        return float(self.junction[0, 0, 2] - self.junction[-1, 0, 2])


def solve(
    film: Film, m: Any = None, B: Any = (0.0, 0.0, 0.0), *, nodes: int = 40, reservoirs: bool = False
) -> Solution:
    """Chebyshev collocation: polynomials through `nodes` Lobatto points, equations met at nodes - 1 Gauss points."""
    problem = pose(film, m, B, reservoirs=reservoirs)
    x, D, w, _ = chebyshev(nodes)
    gauss = (1 - np.cos(np.pi * (np.arange(nodes - 1) + 0.5) / (nodes - 1))) / 2
    P = interpolation(x, w, gauss)
    sizes = [len(block.units) for block in problem.blocks]
    starts = np.concatenate([[0], np.cumsum([nodes * d for d in sizes])])
    C, c = problem.conditions()
    fields_end = starts[-1]
    matrix = np.zeros((fields_end + 8 * problem.count,) * 2)
    right = np.zeros((len(matrix), 3))
    row, column = 0, 0
    for block, d, start in zip(problem.blocks, sizes, starts, strict=False):
        A, b = block.A * block.units / block.units[:, None], block.b / block.units[:, None]
        scale = 1 + abs(A).max()
        height = (nodes - 1) * d
        matrix[row : row + height, start : start + nodes * d] = (np.kron(P @ D, np.eye(d)) - np.kron(P, A)) / scale
        right[row : row + height] = np.tile(b / scale, (nodes - 1, 1))
        row += height
    tail = matrix[row:]
    for d, start in zip(sizes, starts, strict=False):
        for first in (start, start + (nodes - 1) * d):
            tail[:, first : first + d] = C[:, column : column + d]
            column += d
    tail[:, fields_end:] = C[:, column:]
    right[row:] = c
    y = np.linalg.solve(matrix, right)
    fields = [
        y[start : start + nodes * d].reshape(nodes, d, 3) * block.units[:, None]
        for block, d, start in zip(problem.blocks, sizes, starts, strict=False)
    ]
    return Solution(problem, fields, y[fields_end:].reshape(problem.count, 8, 3) * UNITS[:, None], nodes)
