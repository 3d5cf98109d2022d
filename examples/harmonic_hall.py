"""Harmonic Hall voltages of a Pt/Co film as lock-in amplifiers record them, and what an analysis finds in them.

``python examples/harmonic_hall.py`` writes ``harmonic_hall.csv`` again, which ``harmonic_hall.toml`` analyses, and
prints what was found beside what the film has. The magnet is followed in time, its voltage multiplied with a reference.
"""

from pathlib import Path

import numpy as np

import spinstack as ss
from spinstack.study import analyze

HERE = Path(__file__).parent
NM = 1e-9
FILM = (
    ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.1)
    | ss.Interface(conductance_up=6e14, conductance_down=3e14, mixing_conductance=7e14 + 0.8e14j)
    | ss.Ferromagnet("Co", thickness=2 * NM, conductivity=3e6, polarization=0.4, spin_diffusion_length=5 * NM,
                     dephasing_length=0.5 * NM, amr_ratio=0.015, anomalous_hall_angle=0.03)
)  # fmt: skip
MAGNETIZATION, MEFF, WIDTH = 1.2e6, 0.8, 5e-6  # A/m, T, m
CURRENT = 3e-3  # rms, A
FIELDS, ANGLES = (0.06, 0.12, 0.25, 0.5, 1.0, 1.8), np.arange(0.0, 360.0, 15.0)
THERMAL, NERNST, CONTACT = 1.2e-4, 1.5e-4, 0.08  # Ohm, Ohm/T, Ohm
PHASES, ZERO, LEAKAGE, NOISE = (4.0, 8.0), 1.5, 1e-3, 2e-9  # deg, deg, part, V


def truth():
    """What a meter of the film itself would show at the peak current."""
    R = np.asarray(ss.sheet_resistance(FILM, m=np.eye(3)))
    K = np.sqrt(2) * CURRENT / WIDTH
    sheet = ss.layer_currents(FILM, m="x").sheet_current.isel(component=0).values
    E = K / sheet.sum()
    told = ss.torque_efficiency(FILM, "Pt", {"Co": MAGNETIZATION}, m="x", E=(E, 0))
    DL, FL = (float(v) for v in told.effective_field.sel(ferromagnet="Co"))
    oersted = float(told.oersted_field.sel(magnet="Co"))
    xi_DL, xi_FL = (float(v) for v in told.per_current_density.sel(magnet="Co"))
    return {
        "A": R[2, 1, 0], "P": R[0, 0, 0] - R[1, 0, 0], "damping_like": DL, "field_like": FL, "oersted": oersted,
        "share": sheet[0] / sheet.sum(), "xi_DL": xi_DL, "xi_FL": xi_FL,
    }  # fmt: skip


def at_rest(B, D, F):
    """m of (..., 3) in fields B (..., 3) and effective fields D, F (...): the damped motion until it stops."""
    m = B / np.linalg.norm(B, axis=-1, keepdims=True)
    y, z = np.eye(3)[1:]
    for _ in range(3000):
        H = B + F[..., None] * y + D[..., None] * np.cross(m, y) - MEFF * m * z
        turn = np.cross(H, m)
        # large damping, whose rest is the same
        m = m + 0.5 * (0.3 * turn + np.cross(m, turn))
        m /= np.linalg.norm(m, axis=-1, keepdims=True)
        if np.abs(turn).max() < 1e-12:
            break
    return m


def record(seed=1):
    """Rows of the file: angle [deg], field [T], current [mA], X and Y of both harmonics [uV]."""
    film, rng, time = truth(), np.random.default_rng(seed), 2 * np.pi * (np.arange(16) + 0.5) / 16
    s, peak = np.sin(time)[:, None], np.sqrt(2) * CURRENT
    angle, size = np.tile(ANGLES, len(FIELDS)), np.repeat(FIELDS, ANGLES.size)
    phi = np.deg2rad(angle - ZERO)
    B = size[:, None] * np.stack([np.cos(phi), np.sin(phi), 0 * phi], -1)
    transverse = film["field_like"] + film["oersted"]
    m = at_rest(np.broadcast_to(B, (16, *B.shape)), s * film["damping_like"], s * transverse)
    V = peak * s * (film["A"] * m[..., 2] + film["P"] * m[..., 0] * m[..., 1] + CONTACT)
    V = V - 2 * peak * s**2 * (THERMAL * m[..., 0] + NERNST * B[:, 0])
    columns = [angle, size, np.full(angle.size, 1e3 * CURRENT)]
    first = 0.0
    for n in (1, 2):
        reference = np.exp(-1j * n * time)[:, None]
        shown = 1j * 2 * np.mean(V * reference, axis=0) / np.sqrt(2) * np.exp(1j * np.deg2rad(PHASES[n - 1]))
        shown = shown + LEAKAGE * first
        first = shown
        noise = NOISE * rng.standard_normal((2, angle.size))
        columns += [1e6 * (shown.real + noise[0]), 1e6 * (shown.imag + noise[1])]
    return np.stack(columns, axis=1)


def main():
    """Write the record, analyse it, and return what was found and what the film has, by name."""
    head = "Angle (deg),Field (T),Current (mA),X1f (uV),Y1f (uV),X2f (uV),Y2f (uV)"
    rows = "\n".join(",".join(f"{v:.6g}" if i < 3 else f"{v:.4f}" for i, v in enumerate(row)) for row in record())
    (HERE / "harmonic_hall.csv").write_text(f"{head}\n{rows}\n", encoding="utf-8", newline="\n")
    found = analyze(HERE / "harmonic_hall.toml").of_kind("results")["harmonic_hall_rotation"]
    film = truth()
    told = {n: (*(float(found[k].sel(parameter=n)) for k in ("value", "error")), film[n])
            for n in ("damping_like", "field_like", "oersted", "xi_DL", "xi_FL")}  # fmt: skip
    for name, (value, error, true) in told.items():
        print(f"{name:15s} {value: .5g} +- {error:.2g}   film {true: .5g}")
    print(f"for harmonic_hall.toml: R_AHE {film['A']:.5g} Ohm, share of Pt {film['share']:.5g}")
    return told


if __name__ == "__main__":
    main()
