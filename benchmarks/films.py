"""Films per second and core: random noncollinear films of 2, 3 and 4 layers against scipy's solve_bvp and a loop in C.

python benchmarks/films.py [number of films, default 200000]
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from scipy.integrate import solve_bvp

from common import one_core, random_films, seconds

core = one_core()

import spinstack as ss  # noqa: E402
from spinstack.circuit.lower import lower  # noqa: E402

#: the structs of film.c
RECORDS = {
    "Metal": (
        "thickness", "conductivity", "spin_diffusion_length", "spin_hall_angle", "spin_splitter", "hall_coefficient",
        "g_factor", "inverse_diffusion",
    ),
    "Ferromagnet": (
        "thickness", "conductivity", "spin_diffusion_length", "polarization", "polarization_parallel",
        "dephasing_length", "precession_length", "spin_hall_angle", "amr_ratio", "size_effect_ratio",
        "anomalous_hall_angle", "spin_anomalous_hall_angle", "hall_coefficient", "m",
    ),
    "Interface": (
        "conductance_up", "conductance_down", "mixing_conductance_real", "mixing_conductance_imag",
        "mixing_conductance_upper_real", "mixing_conductance_upper_imag", "transmitted_mixing_conductance_real",
        "transmitted_mixing_conductance_imag", "spin_memory_loss", "filtering", "filtering_upper", "precession",
        "precession_upper", "rashba_edelstein", "sheet_conductance", "reciprocal", "magnetic", "m",
    ),
}  # fmt: skip

NANO, MEGA = 1e-9, 1e6  # the boundary-value problem is solved in nm and MS/m
Z_CROSS = np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]])


class LoopInC:
    """film.c, compiled for this machine."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder, "film.so")
            source = Path(__file__).with_name("film.c")
            flags = ["-O3", "-march=native", "-fno-fast-math", "-shared", "-fPIC"]
            subprocess.run(["cc", *flags, str(source), "-o", str(library), "-lm"], check=True)
            self.run = ctypes.CDLL(str(library)).sheet_conductance

    def __call__(self, kinds: bytes, records: np.ndarray) -> np.ndarray:
        B, out = np.zeros(3), np.empty((len(records), 2, 2))
        pointers = [a.ctypes.data_as(ctypes.c_void_p) for a in (records, B, out)]
        self.run(ctypes.c_long(len(records)), kinds, *pointers)
        return out


def packed(film: ss.Film, m: dict[str, np.ndarray]) -> tuple[bytes, np.ndarray]:
    """Kinds of the elements ("MIF") and one row of C structs per film."""
    plan, table, batch = lower(film, m)
    takes = dict(plan.magnets)
    parts = []
    for kind, row in plan.segments[0].rows:
        columns = table.columns[plan.kinds.index(kind)] | {"m": table.m[np.asarray(takes[kind])]}
        parts += [
            np.broadcast_to(columns[name][row], (*columns[name][row].shape[:-1], *batch)) for name in RECORDS[kind]
        ]
    flat = [p.reshape(-1, *batch) for p in parts]
    kinds = "".join(kind[0] for kind, _ in plan.segments[0].rows)
    return kinds.encode(), np.ascontiguousarray(np.concatenate(flat).T)


def law(layer: Any, m: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """(I/t, Q) from (E, f) where no charge flows along z [5 x 5, MS/m], and -dQ/dz per psi [3 x 3, MS/m/nm^2]."""
    sigma, theta = layer.conductivity, layer.spin_hall_angle
    L = np.zeros((6, 6))  # E_x, E_y, f_c, f
    loss = sigma * (NANO / layer.spin_diffusion_length) ** 2 * np.eye(3)
    if m is None:
        L[:3, :3], L[3:, 3:] = sigma * np.eye(3), sigma * np.eye(3)
    else:
        turn = np.cross(np.eye(3), m).T  # v -> v x m
        across = np.eye(3) - np.outer(m, m)
        P = layer.polarization
        for s in (+1, -1):
            rho = 2 / (sigma * (1 + s * P))
            # the same Hall angle in both channels, the default of the package
            channel = np.linalg.inv(
                rho * (np.eye(3) + layer.amr_ratio * np.outer(m, m) - layer.anomalous_hall_angle * turn)
            )
            into = np.vstack([np.eye(3), s * np.outer(m, [0, 0, 1])])
            L += into @ channel @ into.T
        L[3:, 3:] += sigma * across
        loss = loss - P**2 * loss @ np.outer(m, m)
        loss += sigma * ((NANO / layer.dephasing_length) ** 2 * across + (NANO / layer.precession_length) ** 2 * turn)
    L[3:, :2] += sigma * theta * Z_CROSS
    L[:2, 3:] -= sigma * theta * Z_CROSS.T
    keep = [0, 1, 3, 4, 5]
    L = L[np.ix_(keep, keep)] - np.outer(L[keep, 2], L[2, keep]) / L[2, 2]
    return L / MEGA, loss / MEGA


def boundary_value(film: ss.Film, m: dict[str, np.ndarray], tolerance: float = 1e-7) -> np.ndarray:
    """Sheet conductance [S] of one film with scipy's solve_bvp, Jacobians given; unknowns psi, Q per layer."""
    layers = film.layers
    laws = [law(layer, m.get(layer.name)) for layer in layers]
    n = len(layers)
    A, b = np.zeros((6 * n, 6 * n)), np.zeros((6 * n, 2))
    start, end, known = np.zeros((6 * n, 6 * n)), np.zeros((6 * n, 6 * n)), np.zeros((6 * n, 2))
    I_E, I_drop = np.zeros((2, 2)), np.zeros((2, 3 * n))
    for i, (layer, (L, loss)) in enumerate(zip(layers, laws, strict=True)):
        psi, Q, t = slice(6 * i, 6 * i + 3), slice(6 * i + 3, 6 * i + 6), layer.thickness / NANO
        resist = np.linalg.inv(L[2:, 2:])
        A[psi, Q], b[psi] = -t * resist, t * resist @ L[2:, :2]
        A[Q, psi] = -t * loss
        I_E += t * L[:2, :2]
        I_drop[:, 3 * i : 3 * i + 3] = L[:2, 2:]
    I_psi = [I_drop.copy(), -I_drop]  # per psi at the lower and the upper face
    start[0:3, 3:6] = np.eye(3)
    end[3:6, 6 * n - 3 :] = np.eye(3)
    for i, interface in enumerate(e for e in film if isinstance(e, ss.Interface)):
        magnet = layers[i + 1 if i % 2 == 0 else i]
        axis = m[magnet.name]
        unit = MEGA / NANO
        up, down = interface.conductance_up / unit, interface.conductance_down / unit
        G, turn, along = interface.mixing_conductance / unit, np.cross(np.eye(3), axis).T, np.outer(axis, axis)
        pass_m = 4 * up * down / (up + down) * along
        mix = 2 * (G.real * (np.eye(3) - along) + G.imag * turn)
        odd = -interface.precession * turn @ Z_CROSS
        generated, reversed_m = (interface.filtering * Z_CROSS + s * odd for s in (1, -1))
        low, high = slice(6 * i, 6 * i + 3), slice(6 * i + 6, 6 * i + 9)
        for row, matrix, Q, sign in ((6 * i + 6, end, 6 * i + 3, 1), (6 * i + 9, start, 6 * i + 9, -1)):
            rows = slice(row, row + 3)
            matrix[rows, Q : Q + 3] += np.eye(3)
            end[rows, low] -= pass_m + (mix if sign == 1 else 0)
            start[rows, high] += pass_m + (mix if sign == -1 else 0)
            known[rows] = generated / MEGA
        I_psi[1][:, 3 * i : 3 * i + 3] -= reversed_m.T / MEGA
        I_psi[0][:, 3 * i + 3 : 3 * i + 6] += reversed_m.T / MEGA
        I_E += interface.sheet_conductance / (MEGA * NANO) * np.eye(2)
    tensor = I_E.copy()
    potentials = np.concatenate([np.arange(6 * i, 6 * i + 3) for i in range(n)])
    for field in range(2):
        solution = solve_bvp(
            lambda z, y, k=field: A @ y + b[:, k, None],
            lambda ya, yb, k=field: start @ ya + end @ yb - known[:, k],
            np.linspace(0, 1, 6),
            np.zeros((6 * n, 6)),
            fun_jac=lambda z, y: np.repeat(A[:, :, None], len(z), 2),
            bc_jac=lambda ya, yb: (start, end),
            tol=tolerance,
        )
        if not solution.success:
            raise RuntimeError(solution.message)
        for face, where in ((0, 0), (1, -1)):
            tensor[:, field] += I_psi[face] @ solution.y[potentials, where]
    return tensor * MEGA * NANO


def main(count: int = 200_000, compared: int = 5) -> None:
    loop = LoopInC()
    print(f"{count} random noncollinear films, 2x2 tensor of each, core {core}")
    print("layers  spinstack           loop in C       ratio   solve_bvp     ratio     largest relative difference")
    print("         us/film (least)     us/film (least)         ms/film                  to C       to solve_bvp")
    for layers in (2, 3, 4):
        film, m = random_films(layers, count)
        kinds, records = packed(film, m)
        ours, least = seconds(lambda film=film, m=m: ss.sheet_conductance(film, m=m), 5)
        theirs, c_least = seconds(lambda kinds=kinds, records=records: loop(kinds, records), 5)
        G, C = ss.sheet_conductance(film, m=m), loop(kinds, records)
        size = np.abs(C).max((-2, -1), keepdims=True)
        off_c = (np.abs(G - C) / size).max()
        times, off = [], 0.0
        for i in range(compared):
            one, direction = random_films_at(film, m, i)
            start = time.perf_counter()
            tensor = boundary_value(one, direction)
            times.append(time.perf_counter() - start)
            off = max(off, (np.abs(tensor - G[i]) / size[i]).max())
        bvp = median(times)
        if off_c > 1e-10 or off > 1e-6:
            raise SystemExit(f"{layers} layers: results differ by {off_c:.1e} from C, {off:.1e} from solve_bvp")
        print(
            f"{layers:4d} {1e6 * ours / count:9.2f} ({1e6 * least / count:.2f}) {1e6 * theirs / count:13.2f} "
            f"({1e6 * c_least / count:.2f}) {ours / theirs:9.2f} {1e3 * bvp:11.1f} {bvp / (ours / count):11.0f}"
            f" {off_c:12.0e} {off:12.0e}"
        )


def random_films_at(film: ss.Film, m: dict[str, np.ndarray], i: int) -> tuple[ss.Film, dict[str, np.ndarray]]:
    """One film of a batch."""
    single = [e.replace(**{k: v[i] for k, v in e.parameters.items() if np.ndim(v) == 1}) for e in film]
    return ss.Film(tuple(single)), {name: v[i] for name, v in m.items()}


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 200_000)
