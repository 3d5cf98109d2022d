"""The laws of layers, interfaces and insulators once more, for the second solver in `reference_bvp`.

Written from the definitions of the parameters in drives and currents at a point or a face; mu_s, not mu_s/2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import constants

from spinstack.stack import Altermagnet, Ferromagnet, Interface, MagneticInsulator, Metal

BOHR_MAGNETON = 9.2740100783e-24  # J/T, CODATA 2018
Z_CROSS = np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]])  # (Ex, Ey) -> z x E


def cross_with(axis: np.ndarray) -> np.ndarray:
    """The matrix of v -> v x axis."""
    return np.array([np.cross(e, axis) for e in np.eye(3)]).T


def _tensor(angle: Any) -> np.ndarray:
    angle = np.asarray(0.0 if angle is None else angle, dtype=float)
    return angle * Z_CROSS if angle.ndim == 0 else angle


def _three(text: str) -> np.ndarray:
    return np.array([float(v) for v in text[1:-1].split()])


def crystal_in_film(layer: Altermagnet) -> tuple[np.ndarray, np.ndarray]:
    """tau (3, 3) with its size and the Neel vector in film axes: spin along n conducts by (sigma/2)(1 + tau)."""
    a, c = layer.cell
    cell = np.diag([a, a, c])  # columns: the cell vectors
    z = 2 * np.pi * np.linalg.inv(cell).T @ _three(layer.plane)  # a reciprocal vector
    x, n = cell @ _three(layer.along), cell @ _three(layer.neel)
    x, z, n = (v / np.sqrt(v @ v) for v in (x, z, n))
    to_film = np.linalg.inv(np.column_stack([x, np.cross(z, x), z]))
    u, v = np.array([1, 1, 0]) / np.sqrt(2), np.array([1, -1, 0]) / np.sqrt(2)
    tau = layer.splitting * (np.outer(u, u) - np.outer(v, v))  # [110] and [1-10] are the principal axes
    return to_film @ tau @ to_film.T, to_film @ n


def _altermagnet(layer: Altermagnet, hall: np.ndarray) -> np.ndarray:
    law, (tau, n) = np.zeros((6, 6)), crystal_in_film(layer)
    sigma = layer.conductivity
    for s in (+1, -1):
        channel = np.linalg.inv((np.linalg.inv(np.eye(3) + s * tau) + hall) * 2 / sigma)
        into = np.vstack([np.eye(3), s * np.outer(n, [0, 0, 1])])
        law += into @ channel @ into.T
    # spin across n diffuses as in a metal without splitting
    law[3:, 3:] += np.linalg.inv((np.eye(3) + hall) / sigma)[2, 2] * (np.eye(3) - np.outer(n, n))
    source = sigma * _tensor(layer.spin_hall_angle)
    law[3:, :2] += source
    law[:2, 3:] -= source.T
    return law


def local_law(layer: Metal | Ferromagnet | Altermagnet, m: np.ndarray, B: np.ndarray) -> np.ndarray:
    """(j_x, j_y, j_c, Q) from the forces (E_x, E_y, -d mu_c, -d mu_s / 2): 6 x 6 [S/m]."""
    sigma = layer.conductivity
    hall = -cross_with(sigma * layer.hall_coefficient * B)  # B x j
    if isinstance(layer, Altermagnet):
        return _altermagnet(layer, hall)
    law = np.zeros((6, 6))
    source = sigma * _tensor(layer.spin_hall_angle)
    if isinstance(layer, Metal):
        law[:3, :3] = np.linalg.inv((np.eye(3) + hall) / sigma)
        law[3:, 3:] = law[2, 2] * np.eye(3)
        splitter = sigma * _tensor(layer.spin_splitter)
        law[3:, :2] = source + splitter
        law[:2, 3:] = (splitter - source).T  # a source even under time reversal comes back with the other sign
        return law
    P = layer.polarization
    P_par = P if layer.polarization_parallel is None else layer.polarization_parallel
    ahe = layer.anomalous_hall_angle
    sahe = P * ahe if layer.spin_anomalous_hall_angle is None else layer.spin_anomalous_hall_angle
    along, in_plane = np.outer(m, m), np.diag([1.0, 1.0, 0.0])
    for s in (+1, -1):
        share, share_par = (1 + s * P) / 2, (1 + s * P_par) / 2
        rho, rho_par = 1 / (sigma * share), (1 + layer.amr_ratio) / (sigma * share_par)
        angle = (ahe + s * sahe) / (1 + s * P)
        resistivity = rho * (np.eye(3) - along + layer.size_effect_ratio * m[2] ** 2 * in_plane + hall)
        resistivity += rho_par * along - rho * angle * cross_with(m)
        channel = np.linalg.inv(resistivity)
        # the channel's field is (E, f_c + s m.f) and its current counts s times along m in the spin current
        into = np.vstack([np.eye(3), s * np.outer(m, [0, 0, 1])])
        law += into @ channel @ into.T
    rotated = sigma * (layer.rotated_spin_hall_angle or 0.0) * np.cross(m, Z_CROSS, axisb=0, axisc=0)
    law[3:, 3:] += sigma * (np.eye(3) - along)
    law[3:, :2] += source + rotated
    law[:2, 3:] += (rotated - source).T
    return law


def losses(layer: Metal | Ferromagnet | Altermagnet, m: np.ndarray, B: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """-dQ/dz as matrices on mu_s [S/m^3]: all of it, and the part that is a torque on the magnetisation."""
    half = layer.conductivity / 2
    flip = half / layer.spin_diffusion_length**2
    if isinstance(layer, Metal):
        D = layer.diffusion_coefficient
        if D is None and layer.density_of_states is not None:
            D = layer.conductivity / (2 * constants.e**2 * layer.density_of_states)
        larmor = np.zeros(3) if D is None else layer.g_factor * BOHR_MAGNETON * B / (constants.hbar * D)
        return flip * np.eye(3) + half * cross_with(larmor), np.zeros((3, 3))
    if isinstance(layer, Altermagnet):
        n = crystal_in_film(layer)[1]
        dephased = half / layer.dephasing_length**2 * (np.eye(3) - np.outer(n, n))
        return flip * np.eye(3) + dephased, dephased
    across = np.eye(3) - np.outer(m, m)
    torque = half * (across / layer.dephasing_length**2 + cross_with(m) / layer.precession_length**2)
    return flip * (np.eye(3) - layer.polarization**2 * np.outer(m, m)) + torque, torque


def generated(interface: Interface, m: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Interface-generated Q per field at the lower and the upper face, 3 x 2 [S/m]."""
    out = []
    for side, sign in (("", -1), ("_upper", +1)):
        filtering, precession = (getattr(interface, name + side) for name in ("filtering", "precession"))
        filtering = interface.filtering if filtering is None else filtering
        precession = interface.precession if precession is None else precession
        Q = (filtering + sign * interface.rashba_edelstein / 2) * Z_CROSS
        out.append(Q if m is None else Q - precession * cross_with(m) @ Z_CROSS)
    return out[0], out[1]


def inverse_generated(interface: Interface, m: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Sheet current per mu_s at the lower and the upper face, 2 x 3 [S/m], from Onsager with m -> -m."""
    lower, upper = generated(interface, None if m is None else -m)
    # conjugate pairs: (Q, mu_s/2) below, (-Q, mu_s/2) above, (I, E); spin is odd under time reversal
    return -interface.reciprocal * lower.T / 2, interface.reciprocal * upper.T / 2


def sink(end: MagneticInsulator, m: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Q into an insulator per mu_s: to its spin bath, and as a torque."""
    assert m is not None
    G = complex(end.mixing_conductance)
    return (
        end.spin_sink_conductance * np.eye(3),
        G.real * (np.eye(3) - np.outer(m, m)) + G.imag * cross_with(m),
    )
