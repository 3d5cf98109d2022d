"""Batches of random films over all that the checks accept, and whether each is finite, reciprocal and passive.

One structure with every coupling: insulator, metal, magnetic interface, magnet, magnetic interface, magnet, (perfect
contact) metal, plain interface, metal, insulator, metal, (perfect contact) magnet. What the checks cannot see and
docs/not_modelled.md names is kept: the in-plane conductance of an interface with precession covers what that gains, and
conductances along and across magnets of different directions stay within seven decades.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import spinstack as ss

MAGNETS = ("I0", "F1", "F2", "I", "F3")


class Verdict(NamedTuple):
    """Films that are not finite; the largest violation of Onsager's relation and the largest power gained, relative to
    the conductance; and where these two were."""

    infinite: int
    onsager: float
    gained: float
    where: tuple[int, int]


class Batch:
    """Draws of `size` films at once."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self.rng, self.size = rng, size
        self.B = 10 * self.between(0, 1)[:, None] * self.direction()

    def between(self, low: float, high: float) -> np.ndarray:
        return self.rng.uniform(low, high, self.size)

    def log(self, low: float, high: float) -> np.ndarray:
        return np.exp(self.between(np.log(low), np.log(high)))

    def signed(self, low: float, high: float) -> np.ndarray:
        return self.log(low, high) * self.rng.choice([-1.0, 1.0], self.size)

    def direction(self) -> np.ndarray:
        v = self.rng.normal(size=(self.size, 3))
        return v / np.linalg.norm(v, axis=1)[:, None]

    def tensor(self, largest: np.ndarray | float) -> np.ndarray:
        """(size, 3, 2) with singular values up to `largest`."""
        left, _, right = np.linalg.svd(self.rng.normal(size=(self.size, 3, 2)), full_matrices=False)
        values = np.stack([self.between(0, 1), self.between(0, 1)], -1) * np.reshape(largest, (-1, 1))
        return (left * values[:, None]) @ right

    def layer(self) -> dict[str, np.ndarray]:
        thickness, sigma = self.log(1e-10, 1e-6), self.log(1e4, 1e8)
        return {
            "thickness": thickness,
            "conductivity": sigma,
            "spin_diffusion_length": thickness * self.log(1e-4, 1e4),
            "spin_hall_angle": self.tensor(2.0),
            "hall_coefficient": self.between(-0.1, 0.1) / sigma,
        }

    def metal(self, name: str) -> ss.Metal:
        p = self.layer()
        h = p["conductivity"] * p["hall_coefficient"] * np.linalg.norm(self.B, axis=1)
        # a field in any direction leaves at least this much of a splitter
        splitter = self.tensor(1 / (1 + h * h))
        return ss.Metal(name, **p, spin_splitter=splitter, diffusion_coefficient=self.log(1e-8, 1.0))

    def magnet(self, name: str) -> ss.Ferromagnet:
        p = self.layer()
        P, parallel, amr, size = (np.full(self.size, np.nan) for _ in range(4))
        drawn = np.ones(self.size, bool)
        while drawn.any():
            for values, low, high in ((P, -1, 1), (parallel, -1, 1), (amr, -1, 2), (size, -1, 2)):
                values[drawn] = self.rng.uniform(low, high, drawn.sum())
            drawn = np.minimum(amr, 0) + np.minimum(size, 0) <= -1
            for s in (1, -1):
                ratio = (1 + amr) * (1 + s * P) / (1 + s * parallel) - 1
                drawn |= (ratio < -0.5) & (size <= 4 * ratio * (1 + ratio))
        return ss.Ferromagnet(
            name,
            **p,
            polarization=P,
            polarization_parallel=parallel,
            amr_ratio=amr,
            size_effect_ratio=size,
            dephasing_length=p["thickness"] * self.log(1e-3, 1e4),
            precession_length=p["thickness"] * self.log(1e-3, 1e4),
            anomalous_hall_angle=self.between(-2, 2),
            spin_anomalous_hall_angle=self.between(-2, 2),
        )

    def interface(self, name: str, magnetic: bool) -> ss.Interface:
        up = self.log(1e12, 1e17)
        common = {
            "spin_memory_loss": self.between(0, 10),
            "filtering": self.signed(1e2, 1e6),
            "filtering_upper": self.signed(1e2, 1e6),
            "rashba_edelstein": self.signed(1e2, 1e6),
        }
        if not magnetic:
            sheet = self.log(1e-8, 1.0)
            return ss.Interface(name, conductance_up=up, conductance_down=up, sheet_conductance=sheet, **common)
        lower, upper = self.log(1e12, 1e17), self.log(1e12, 1e17)
        through = np.sqrt(lower * upper) * self.between(-0.999, 0.999)
        p, q = self.signed(1e2, 1e6), self.signed(1e2, 1e6)
        # (p, q) A^-1 (p, q), A the transverse conductances
        gained = (upper * p * p - 2 * through * p * q + lower * q * q) / (2 * (lower * upper - through**2))
        return ss.Interface(
            name,
            conductance_up=up,
            conductance_down=self.log(1e12, 1e17),
            mixing_conductance=lower * (1 + 1j * self.between(-3, 3)),
            mixing_conductance_upper=upper * (1 + 1j * self.between(-3, 3)),
            transmitted_mixing_conductance=through + 1j * lower * self.between(-1, 1),
            precession=p,
            precession_upper=q,
            sheet_conductance=gained * (1 + self.log(1e-6, 1.0)),
            **common,
        )

    def insulator(self, name: str) -> ss.MagneticInsulator:
        mixing = self.log(1e10, 1e16) * (1 + 1j * self.between(-10, 10))
        return ss.MagneticInsulator(name, spin_sink_conductance=self.log(1e10, 1e16), mixing_conductance=mixing)

    def film(self) -> ss.Film:
        return (
            self.insulator("I0")
            | self.metal("N1")
            | self.interface("lower", magnetic=True)
            | self.magnet("F1")
            | self.interface("between", magnetic=True)
            | self.magnet("F2")
            | self.metal("N2")
            | self.interface("plain", magnetic=False)
            | self.metal("N3")
            | self.insulator("I")
            | self.metal("N4")
            | self.magnet("F3")
        )


def verdict(rng: np.random.Generator, size: int) -> Verdict:
    """Judge `size` random films, every second one with collinear magnets."""
    draw = Batch(rng, size)
    film, m = draw.film(), {name: draw.direction() for name in MAGNETS}
    for name in MAGNETS[1:]:
        m[name][::2] = m[MAGNETS[0]][::2]
    G = ss.sheet_conductance(film, m=m, B=draw.B)
    splitters = {f"{e.name}.spin_splitter": -e.spin_splitter for e in film if isinstance(e, ss.Metal)}
    back = ss.sheet_conductance(film.replace(splitters), m={name: -v for name, v in m.items()}, B=-draw.B)
    largest = np.abs(G).max((1, 2))
    infinite = ~(np.isfinite(G).all((1, 2)) & np.isfinite(back).all((1, 2)))
    good = np.where(infinite[:, None, None], np.eye(2), G)
    broken = np.abs(good - np.swapaxes(back, 1, 2)).max((1, 2)) / largest
    gained = -np.linalg.eigvalsh(good + np.swapaxes(good, 1, 2))[:, 0] / 2 / largest
    broken, gained = (np.where(infinite, 0.0, values) for values in (broken, gained))
    where = int(broken.argmax()), int(gained.argmax())
    return Verdict(int(infinite.sum()), float(broken.max()), float(max(gained.max(), 0.0)), where)
