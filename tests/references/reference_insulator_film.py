"""Metal films between magnetic insulators once more, from plain numbers: closed forms and two differential solvers.

Nothing of the package is used. A layer obeys (docs/conventions.md)

    Q = theta sigma z x E + sigma_zz F,   F = -d mu_s/2,   -dQ/dz = (sigma/2) (mu_s/l^2 + (omega_L/D) mu_s x b),
    E = rho j + R_H B x j with j_z = 0,   j = (that) E + theta sigma z x F,

and a face takes up ``Gs mu_s + Gr mu_perp + Gi mu_s x m``. The closed forms are Eqs. 13 to 17 of X.-P. Zhang,
F. S. Bergeret and V. N. Golovach, Nano Lett. 19, 6330 (2019), derived from these laws, with Gs > 0 for a loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, legendre
from scipy import constants
from scipy.integrate import solve_bvp

BOHR_MAGNETON = 9.2740100783e-24  # J/T, CODATA 2018
CLOSED = np.zeros((3, 3))
NODES = 32


def larmor_frequency(B: Any, g_factor: Any = 2.0) -> Any:
    """omega_B [1/s]."""
    return g_factor * BOHR_MAGNETON * B / constants.hbar


# -- closed forms, a single metal with one insulator


def response(G: Any, length: Any, thickness: Any, resistivity: Any) -> Any:
    """R(G, l) of Eq. 15: how much of the spin Hall current diffusion sends back on average."""
    closed = 2 * length / thickness * np.tanh(thickness / (2 * length))
    loaded = 1 + resistivity * G * length / np.tanh(thickness / (2 * length))
    return closed * loaded / (1 + 2 * resistivity * G * length / np.tanh(thickness / length))


def precessing_length(length: Any, B: Any, diffusion: Any, g_factor: Any = 2.0) -> Any:
    """Lambda, 1/Lambda^2 = 1/l^2 + i omega_B/D; B is signed along the axis."""
    return 1 / np.sqrt(length**-2.0 + 1j * larmor_frequency(B, g_factor) / diffusion)


def corrections(angle: Any, resistivity: Any, thickness: Any, length: Any, turning: Any, sink: Any, mixing: Any) -> Any:
    """Delta_0, Delta_1, Delta_2 [Ohm m] of Eq. 14, `turning` the complex length.

    Multiplication by i stands for mu -> mu x m in the bulk and at the face alike, so the load is Gs + Gr + i Gi.
    """
    unit = angle**2 * resistivity
    along = unit * response(sink, length, thickness, resistivity)
    across = unit * response(sink + mixing, turning, thickness, resistivity)
    return -along, along - across.real, across.imag


def resistivities(deltas: Any, resistivity: Any, m: Any) -> tuple[Any, Any]:
    """rho_L and rho_T = E_y/j_x [Ohm m] of Eq. 13 without ordinary Hall effect, to second order in the angle."""
    mx, my, mz = np.moveaxis(np.asarray(m), -1, 0)
    return resistivity + deltas[0] + deltas[1] * (1 - my**2), deltas[1] * mx * my + deltas[2] * mz


def critical_imaginary_conductance(thickness: Any, length: Any, resistivity: Any) -> Any:
    """Eq. 17 [S/m^2]: where the slope of rho_L at vanishing Larmor frequency and fixed Gi changes sign."""
    x = thickness / length
    return np.sinh(x / 2) / (length * resistivity) * np.sqrt((np.sinh(x) / x - 1) / (2 * np.cosh(x)))


def response_between(below: Any, above: Any, length: Any, thickness: Any, resistivity: Any) -> Any:
    """R of a metal with a load on both faces, for directions that commute: all of them along one axis."""
    sinh, cosh = np.sinh(thickness / length), np.cosh(thickness / length)
    lower, upper = 2 * resistivity * length * below, 2 * resistivity * length * above
    both = (1 + lower * upper) * sinh + (lower + upper) * cosh
    return length / thickness * (sinh - (cosh - 1 + lower * sinh) * (cosh - 1 + upper * sinh) / both)


# -- differential equations, any number of metals, any directions


def cross_with(axis: Any) -> np.ndarray:
    """The matrix of v -> v x axis."""
    x, y, z = axis
    return np.array([[0, z, -y], [-z, 0, x], [y, -x, 0]])


def face(sink: float, mixing: complex, m: Any) -> np.ndarray:
    """Spin current into an insulator per mu_s (3, 3) [S/m^2]."""
    across = np.eye(3) - np.outer(m, m)
    return sink * np.eye(3) + complex(mixing).real * across + complex(mixing).imag * cross_with(m)


@dataclass(frozen=True)
class Metal:
    """A metal by its numbers [m, S/m, m, 1, m^2/s, 1, m^3/C]."""

    thickness: float
    conductivity: float
    length: float
    angle: float
    diffusion: float = np.inf
    g_factor: float = 2.0
    hall: float = 0.0

    def laws(self, B: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """sigma_zz, the loss matrix K of ``mu'' = K mu`` [1/m^2] and the in-plane conductivity at j_z = 0."""
        resistivity = (np.eye(3) - self.hall * self.conductivity * cross_with(B)) / self.conductivity
        across = np.linalg.inv(resistivity)[2, 2]
        rate = np.eye(3) / self.length**2 + cross_with(larmor_frequency(B, self.g_factor) / self.diffusion)
        return across, self.conductivity / across * rate, np.linalg.inv(resistivity[:2, :2])

    def spin_hall(self, E: np.ndarray) -> np.ndarray:
        """theta sigma z x E [A/m^2]."""
        return self.angle * self.conductivity * np.array([-E[1], E[0], 0.0])


def sheet_conductance(metals: list[Metal], B: Any, below: np.ndarray = CLOSED, above: np.ndarray = CLOSED) -> Any:
    """Sheet conductance tensor (2, 2) [S] of metals, bottom first, from Chebyshev series of mu_s in each of them."""
    B = np.asarray(B, dtype=float)
    inner = np.cos(np.pi * (np.arange(NODES - 2) + 0.5) / (NODES - 2))
    identity = np.eye(NODES)
    slope, bend = chebyshev.chebder(identity, 1), chebyshev.chebder(identity, 2)
    at = chebyshev.chebval(inner, identity).T
    bend_at = chebyshev.chebval(inner, bend).T
    ends = chebyshev.chebval([-1.0, 1.0], identity).T
    slope_ends = chebyshev.chebval([-1.0, 1.0], slope).T
    width = 3 * NODES
    unit = metals[0].length  # mu_s for 1 V/m is of this order
    matrix, right = np.zeros((width * len(metals),) * 2), np.zeros((width * len(metals), 2))

    def faces(index: int, end: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows of mu_s and Q at a face, and the source part of Q, which does not depend on mu_s."""
        metal = metals[index]
        value, current = np.zeros((3, len(matrix))), np.zeros((3, len(matrix)))
        own = slice(index * width, (index + 1) * width)
        value[:, own] = unit * np.kron(ends[end], np.eye(3))
        current[:, own] = -metal.laws(B)[0] / metal.thickness * unit * np.kron(slope_ends[end], np.eye(3))
        return value, current, np.stack([metal.spin_hall(E) for E in np.eye(2)], -1)

    row = 0

    def demand(rows: np.ndarray, drive: np.ndarray) -> None:
        nonlocal row
        scale = abs(rows).max()
        matrix[row : row + len(rows)] = rows / scale
        right[row : row + len(rows)] = drive / scale
        row += len(rows)

    for i, metal in enumerate(metals):
        rows = np.zeros((3 * (NODES - 2), len(matrix)))
        K = metal.laws(B)[1] * metal.thickness**2 / 4
        rows[:, i * width : (i + 1) * width] = np.kron(bend_at, np.eye(3)) - np.kron(at, K)
        demand(rows, np.zeros((len(rows), 2)))
    value, current, source = faces(0, 0)
    demand(current + below @ value, -source)  # below takes up -Q
    for i in range(len(metals) - 1):
        value, current, source = faces(i, 1)
        value_up, current_up, source_up = faces(i + 1, 0)
        demand(value - value_up, np.zeros((3, 2)))
        demand(current - current_up, source_up - source)
    value, current, source = faces(len(metals) - 1, 1)
    demand(current - above @ value, -source)
    series = np.linalg.solve(matrix, right).reshape(len(metals), NODES, 3, 2) * unit
    points, weights = legendre.leggauss(NODES)
    total = np.zeros((2, 2))
    for metal, coefficients in zip(metals, series, strict=True):
        force = -chebyshev.chebval(points, np.tensordot(slope, coefficients, 1)) / metal.thickness  # (3, 2, points)
        Fx, Fy = (metal.angle * metal.conductivity * force @ weights / 2)[:2]
        total += metal.thickness * (metal.laws(B)[2] + np.array([-Fy, Fx]))
    return total


def relaxed_sheet_conductance(metal: Metal, B: Any, below: np.ndarray = CLOSED, above: np.ndarray = CLOSED) -> Any:
    """The same for one metal by an adaptive fourth-order method on (mu_s, Q, collected force)."""
    B = np.asarray(B, dtype=float)
    across, K, plane = metal.laws(B)
    d, unit = metal.thickness, metal.conductivity * abs(metal.angle)
    columns = []
    for E in np.eye(2):
        source = metal.spin_hall(E) / unit

        # potentials in units of l |theta| volt, currents in units of theta sigma
        def change(z: Any, y: Any, source: Any = source) -> Any:
            force = (y[3:6] - source[:, None]) * metal.conductivity / across
            flux = -across / metal.conductivity / 2 * metal.length * d * K @ y[:3]
            return np.vstack([-2 * d / metal.length * force, flux, force])

        def ends(low: Any, high: Any) -> Any:
            load = metal.length / metal.conductivity
            down, up = low[3:6] + load * below @ low[:3], high[3:6] - load * above @ high[:3]
            return np.concatenate([down, up, low[6:]])

        start = np.linspace(0, 1, 41)
        found = solve_bvp(change, ends, start, np.zeros((9, start.size)), tol=1e-10, bc_tol=1e-12, max_nodes=20000)
        assert found.success
        F = found.y[6:, -1] * metal.angle * unit  # averaged over the thickness, theta sigma F
        columns.append(np.array([-F[1], F[0]]))
    return d * (plane + np.stack(columns, -1))
