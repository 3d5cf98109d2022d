"""What lock-in amplifiers show of one magnet: voltages in time, from places at rest, multiplied with a reference.

Nothing of it is a closed form: m is found by Newton's steps in three components for every instant of a period, the
voltage of that instant follows, and a lock-in is a sum over a period.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from spinstack.measure.measurement import measurement

X, Y, Z = np.eye(3)
#: instants of a period
TIMES = 2 * np.pi * (np.arange(32) + 0.5) / 32


@dataclass(frozen=True)
class Bench:
    """A magnet, its torques at the peak current, its voltages, and the amplifiers. SI; angles in deg."""

    A: float = 0.8
    P: float = 0.3
    Meff: float = 0.75
    Bk: float = 0.0
    damping_like: float = 1.7e-3
    field_like: float = -0.6e-3
    thermal: float = 0.35e-3
    nernst: float = 0.9e-3
    peak: float = 1.5e-3
    zero: float = 2.3
    tilt: tuple[float, float] = (0.0, 0.0)
    contact: float = 0.11
    phase: tuple[float, float] = (7.0, 9.0)
    leakage: complex = 2e-3 * np.exp(0.7j)
    noise: tuple[float, float] = (2e-9, 2e-9)
    along: np.ndarray = field(default_factory=lambda: X)

    def at_rest(self, B, s, state):
        """m (..., 3) in fields B (..., 3) and parts s (...) of the peak current."""
        m = np.broadcast_to(B / np.linalg.norm(B, axis=-1, keepdims=True) if state is None else state, B.shape).copy()
        hard = self.Bk if self.Bk else -self.Meff
        turning = self.damping_like * np.cross(np.eye(3), Y)  # rows e_i x y
        for _ in range(60):
            M = s[..., None, None] * turning.T + hard * np.outer(Z, Z)
            H = B + s[..., None] * self.field_like * Y + np.einsum("...ij,...j->...i", M, m)
            e1 = np.cross(m, Z + 0.3 * X - 0.2 * Y)
            e1 /= np.linalg.norm(e1, axis=-1, keepdims=True)
            e2 = np.cross(m, e1)
            torque = np.cross(m, H)
            J = [np.cross(e, H) + np.cross(m, np.einsum("...ij,...j->...i", M, e)) for e in (e1, e2)]
            matrix = np.stack([np.stack([(j * e).sum(-1) for j in J], -1) for e in (e1, e2)], -2)
            right = -np.stack([(torque * e).sum(-1) for e in (e1, e2)], -1)[..., None]
            a, b = np.moveaxis(np.linalg.solve(matrix, right)[..., 0], -1, 0)
            step = a[..., None] * e1 + b[..., None] * e2
            size = np.linalg.norm(step, axis=-1, keepdims=True)
            step *= np.minimum(1, 0.2 / np.maximum(size, 1e-300))
            m = (m + step) / np.linalg.norm(m + step, axis=-1, keepdims=True)
            if size.max() < 1e-13:
                break
        return m

    def harmonics(self, angle, size, state=None):
        """Complex rms voltages (rows,) [V] of both harmonics, without noise."""
        phi = np.deg2rad(np.asarray(angle, float) - self.zero)
        up = np.deg2rad(self.tilt[0]) * np.cos(phi) + np.deg2rad(self.tilt[1]) * np.sin(phi)
        B = np.asarray(size, float)[:, None] * np.stack([np.cos(phi), np.sin(phi), up], -1)
        wave = np.sin(TIMES) + abs(self.leakage) * np.sin(2 * TIMES + np.angle(self.leakage))
        s = np.broadcast_to(wave[:, None], (wave.size, phi.size))
        where = None if state is None else np.asarray(state, float)[None, :, None] * Z
        m = self.at_rest(np.broadcast_to(B, (wave.size, *B.shape)), s, where)
        mx, my, mz = np.moveaxis(m, -1, 0)
        V = self.peak * s * (self.A * mz + self.P * mx * my + self.contact)
        heat = s**2 * self.peak
        V = V - 2 * heat * (self.thermal * mx + self.nernst * B[:, 0])
        shown = []
        for n, p in zip((1, 2), self.phase, strict=True):
            reference = np.exp(-1j * n * TIMES)
            # X goes with sin, Y with cos: X + iY = (2/N) sum V (sin + i cos) = i times that with exp(-i n w t)
            shown.append(1j * 2 * np.mean(V * reference[:, None], axis=0) * np.exp(1j * np.deg2rad(p)) / np.sqrt(2))
        return shown

    def measured(self, angle, size, seed=0, state=None, clean=None, **attributes):
        """A measurement with both harmonics; `clean`: voltages of :meth:`harmonics`, where they are known."""
        rng = np.random.default_rng(seed)
        columns = {}
        for n, values, noise in zip((1, 2), clean or self.harmonics(angle, size, state), self.noise, strict=True):
            columns[f"V_{n}X"] = values.real + noise * rng.standard_normal(values.size)
            columns[f"V_{n}Y"] = values.imag + noise * rng.standard_normal(values.size)
        at = {"angle": angle, "field": size, "current": np.full(np.size(angle), self.peak / np.sqrt(2))}
        return measurement(columns, at, attributes)

    def changed(self, **changes):
        return replace(self, **changes)


def rotations(fields, step=5.0):
    """Angles and fields of full turns at every field."""
    angle = np.arange(0.0, 360.0, step)
    return np.tile(angle, len(fields)), np.repeat(np.asarray(fields, float), angle.size)


def some_bench(rng, **changes):
    """A bench of random signs and sizes."""
    sign = lambda: rng.choice([-1.0, 1.0])  # noqa: E731
    first = rng.uniform(-20, 20)
    drawn = {
        "A": sign() * rng.uniform(0.3, 2.0), "P": sign() * rng.uniform(0.1, 0.6), "Meff": rng.uniform(0.4, 1.2),
        "damping_like": sign() * rng.uniform(0.3e-3, 3e-3), "field_like": sign() * rng.uniform(0.2e-3, 2e-3),
        "thermal": sign() * rng.uniform(0, 1e-3), "nernst": sign() * rng.uniform(0.3e-3, 2e-3),
        "zero": rng.uniform(-4, 4), "contact": sign() * rng.uniform(0, 0.5),
        "phase": (first, 2 * first + rng.uniform(-20, 20)),
        "leakage": rng.uniform(0, 3e-3) * np.exp(1j * rng.uniform(-3, 3)),
    }  # fmt: skip
    return Bench(**(drawn | changes))


def sweeps(bench, seed=0, reach=0.3, points=31):
    """Low fields along and across the current, the magnet up and down; `reach`: part of the anisotropy field."""
    B = np.linspace(-reach, reach, points) * bench.Bk
    return [
        bench.measured(np.full(points, angle), B, [seed, k], np.full(points, state))
        for k, (state, angle) in enumerate([(1.0, 0.0), (1.0, 90.0), (-1.0, 0.0), (-1.0, 90.0)])
    ]


@dataclass(frozen=True)
class Resonator:
    """A magnet in the plane that an alternating current drives; torques [T] of spins along y and along z."""

    Meff: float = 0.72
    damping: float = 0.014
    inhomogeneous: float = 0.4e-3
    g: float = 2.0
    damping_like: float = 0.9e-3
    field_like: float = -1.6e-3
    z_damping: float = 0.0
    z_field: float = 0.0
    amr: float = 0.4
    current: float = 2e-3
    noise: float = 2e-9

    def rate(self, m, B, torque, damping):
        """dm/dt over the gyromagnetic ratio [T] in fields B and torques over the moment, (..., 3) each."""
        L = np.cross(B - self.Meff * m * Z, m) + torque
        return (L + damping * np.cross(m, L)) / (1 + damping**2)

    def drive(self, m):
        """The torque at the peak current, over the moment."""
        total = 0.0
        for p, a, f in ((Y, self.damping_like, self.field_like), (Z, self.z_damping, self.z_field)):
            total = total + a * np.cross(m, np.cross(p, m)) + f * np.cross(p, m)
        return total

    def voltage(self, frequency, angle, size):
        """Rectified voltage (rows,) [V] along the current, by the slopes of the equation of motion."""
        ratio = self.g * 9.2740100783e-24 / 1.054571817646156e-34
        w = 2 * np.pi * frequency / ratio
        m = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle)), 0.0])
        damping = self.damping + self.inhomogeneous / w
        push = self.drive(m)
        push = (push + damping * np.cross(m, push)) / (1 + damping**2)
        B, h = np.asarray(size)[:, None] * m, 1e-6
        J = np.stack([
            (self.rate(m + h * e, B, 0.0, damping) - self.rate(m - h * e, B, 0.0, damping)) / (2 * h)
            for e in np.eye(3)
        ], axis=-1)  # fmt: skip
        dm = np.linalg.solve(-1j * w * np.eye(3) - J, np.broadcast_to(push, B.shape)[..., None])[..., 0]
        return self.current / 2 * self.amr * 2 * m[0] * dm[:, 0].real

    def measured(self, frequency, angle, size, seed=0, offset=3e-7, slope=1e-6, **attributes):
        """A spectrum with its offset, slope and noise."""
        rng = np.random.default_rng(seed)
        V = self.voltage(frequency, angle, size) + offset + slope * size + self.noise * rng.standard_normal(size.size)
        at = {"field": size, "frequency": np.full(size.size, frequency), "angle": np.full(size.size, angle)}
        return measurement({"V_X": V}, at, attributes)
