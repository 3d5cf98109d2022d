"""Films with every coupling switched on, for tests of two solvers against each other.

Compiled code is kept by structure (which kinds of elements in which order), so most tests draw many films of the few
`STRUCTURES`; `Draw.film` draws the structure, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from spinstack.stack import (
    Altermagnet,
    Ferromagnet,
    Film,
    Interface,
    MagneticInsulator,
    Metal,
    TunnelJunction,
    Vacuum,
)
from spinstack.stack.film import magnet_labels

Uniform = Callable[[float, float], float]


class Draw:
    """Random values in physical ranges from one function uniform(low, high)."""

    def __init__(self, uniform: Uniform) -> None:
        self.uniform = uniform

    def log(self, low: float, high: float) -> float:
        return math.exp(self.uniform(math.log(low), math.log(high)))

    def signed(self, low: float, high: float) -> float:
        x = self.uniform(-1.0, 1.0)
        return math.copysign(low + (high - low) * abs(x), x)

    def pick(self, options: Sequence[Any]) -> Any:
        return options[min(int(self.uniform(0.0, 1.0) * len(options)), len(options) - 1)]

    def tensor(self, size: float) -> np.ndarray:
        return np.array([[self.signed(0.05 * size, size) for _ in range(2)] for _ in range(3)])

    def direction(self) -> np.ndarray:
        cos, phi = self.uniform(-0.95, 0.95), self.uniform(0.1, 6.2)
        sin = math.sqrt(1 - cos**2)
        return np.array([sin * math.cos(phi), sin * math.sin(phi), cos])

    def field(self) -> np.ndarray:
        """Magnetic field [T]."""
        return self.uniform(0.5, 5.0) * self.direction()

    def metal(self, name: str) -> Metal:
        t, sigma = self.uniform(1e-9, 8e-9), self.log(1e5, 1e7)
        given = self.pick(["diffusion_coefficient", "density_of_states", None])
        D = self.log(1e-6, 1e-4)
        hanle = {"diffusion_coefficient": D, "density_of_states": sigma / (2 * 1.6e-19**2 * D)}
        return Metal(
            name,
            thickness=t,
            conductivity=sigma,
            spin_diffusion_length=t / self.log(0.1, 5.0),
            spin_hall_angle=self.pick([self.signed(0.02, 0.4), self.tensor(0.3)]),
            spin_splitter=self.pick([None, self.tensor(0.3)]),
            # in up to 5 T it has to leave room for the spin splitter
            hall_coefficient=self.signed(0.02, 0.1) / sigma,
            g_factor=self.uniform(1.5, 2.5),
            **({given: hanle[given]} if given else {}),
        )

    def ferromagnet(self, name: str) -> Ferromagnet:
        t, sigma = self.uniform(1e-9, 6e-9), self.log(1e5, 1e7)
        return Ferromagnet(
            name,
            thickness=t,
            conductivity=sigma,
            spin_diffusion_length=t / self.log(0.1, 4.0),
            polarization=self.signed(0.1, 0.8),
            polarization_parallel=self.pick([None, self.signed(0.1, 0.8)]),
            dephasing_length=t / self.log(0.2, 5.0),
            precession_length=t / self.log(0.2, 5.0),
            spin_hall_angle=self.pick([self.signed(0.02, 0.3), self.tensor(0.2)]),
            amr_ratio=self.signed(0.02, 0.4),
            size_effect_ratio=self.signed(0.02, 0.4),
            anomalous_hall_angle=self.signed(0.02, 0.3),
            spin_anomalous_hall_angle=self.pick([None, self.signed(0.02, 0.3)]),
            hall_coefficient=self.signed(0.02, 0.2) / sigma,
        )

    def altermagnet(self, name: str) -> Altermagnet:
        t, sigma = self.uniform(1e-9, 8e-9), self.log(1e5, 1e7)
        plane, along = self.pick([
            ("(100)", "[010]"), ("(100)", "[0 1 0.6]"), ("(101)", "[-1 0 1]"), ("(110)", "[1 -1 1]"),
            ("(210)", "[1 -2 0]"), ("(1 2 3)", "[3 0 -1]"), ("(001)", "[2 1 0]"),
        ])  # fmt: skip
        return Altermagnet(
            name,
            neel=f"[{' '.join(str(v) for v in self.direction())}]",
            plane=plane,
            along=along,
            cell=(4.5e-10, self.uniform(2e-10, 9e-10)),
            splitting=self.signed(0.05, 0.95),
            thickness=t,
            conductivity=sigma,
            spin_diffusion_length=t / self.log(0.1, 5.0),
            dephasing_length=self.pick([math.inf, t / self.log(0.2, 5.0)]),
            spin_hall_angle=self.pick([self.signed(0.02, 0.4), self.tensor(0.3)]),
            hall_coefficient=self.signed(0.02, 0.3) / sigma,
        )

    def interface(self, magnetic: bool, magnet: str | None = None) -> Interface:
        common = {
            "spin_memory_loss": self.pick([0.0, self.log(0.05, 3.0)]),
            "filtering": self.signed(1e3, 2e5),
            "filtering_upper": self.pick([None, self.signed(1e3, 2e5)]),
            "rashba_edelstein": self.signed(1e3, 2e5),
            "sheet_conductance": self.log(1e-5, 1e-3),
            "reciprocal": self.uniform(-1.0, 1.0),
        }
        up = self.log(1e13, 1e16)
        if not magnetic:
            return Interface(conductance_up=up, conductance_down=up, **common)
        Gr, Gu = self.log(1e13, 1e16), self.log(1e13, 1e16)
        return Interface(
            magnet=magnet,
            conductance_up=up,
            conductance_down=self.log(1e13, 1e16),
            mixing_conductance=complex(Gr, self.signed(0.1, 0.8) * Gr),
            mixing_conductance_upper=complex(Gu, self.signed(0.1, 0.8) * Gu),
            transmitted_mixing_conductance=math.sqrt(Gr * Gu) * complex(self.signed(0.05, 0.9), self.signed(0.05, 0.4)),
            precession=self.signed(1e3, 2e5),
            precession_upper=self.pick([None, self.signed(1e3, 2e5)]),
            **common,
        )

    def insulator(self, name: str) -> MagneticInsulator:
        Gr = self.log(1e13, 1e15)
        return MagneticInsulator(
            name,
            spin_sink_conductance=self.log(1e12, 1e15),
            mixing_conductance=complex(Gr, self.signed(0.1, 3.0) * Gr),
        )

    def junction(self, name: str) -> TunnelJunction:
        return TunnelJunction(
            name,
            resistance_area_product=self.log(1e-16, 1e-11),
            polarization=self.signed(0.1, 0.9),
            polarization_upper=self.pick([None, self.signed(0.1, 0.9)]),
        )

    def tunnelling(self, reciprocal: float | None = None) -> Film:
        """Three magnets and two tunnel barriers, one of which touches a magnet through an interface; metals outside."""
        film = (
            self.metal("N")
            | self.interface(True)
            | self.ferromagnet("A")
            | self.junction("J")
            | self.ferromagnet("B")
            | self.interface(True, "B")
            | self.junction("K")
            | self.ferromagnet("C")
            | self.metal("M")
        )
        interfaces = [label for label in film.labels() if "|" in label]
        return film if reciprocal is None else film.replace({f"{n}.reciprocal": reciprocal for n in interfaces})

    def below_a_cap(self) -> Film:
        """A spin sink below, a perfect contact, two interfaces in a row between two magnets, vacuum above."""
        return (
            self.insulator("below")
            | self.interface(True)
            | self.metal("N")
            | self.ferromagnet("F")
            | self.interface(True, "K")
            | self.interface(True, "K")
            | self.ferromagnet("K")
            | Vacuum("cap")
        )

    def in_two_parts(self) -> Film:
        """Two conductors that an insulator parts, which touches one of them directly; another insulator on top."""
        return (
            self.metal("N0")
            | self.interface(False)
            | self.interface(False)
            | self.metal("N1")
            | self.interface(True, "inside")
            | self.insulator("inside")
            | self.ferromagnet("F")
            | self.interface(True)
            | self.metal("N2")
            | self.interface(True, self.pick([None, "above"]))
            | self.insulator("above")
        )

    def repeated(self) -> Film:
        """Names that repeat, and interfaces whose magnet lies above or below; no insulator, so current may cross it."""
        repeat = self.metal("N") | self.interface(True) | self.ferromagnet("F") | self.interface(True, "F")
        return repeat * 2 | self.metal("C")

    def with_altermagnets(self) -> Film:
        """Two altermagnets of their own crystal axes, one on an insulator, with a ferromagnet and a metal between."""
        return (
            self.insulator("below")
            | self.interface(True)
            | self.altermagnet("A")
            | self.interface(True)
            | self.ferromagnet("F")
            | self.metal("N")
            | self.interface(False)
            | self.altermagnet("K")
        )

    def altermagnet_alone(self) -> Film:
        """An altermagnet on a metal: no magnet has a direction; current may cross it."""
        return self.altermagnet("A") | self.interface(False) | self.metal("N")

    def small(self) -> Film:
        """One of each element, for what takes long to compile."""
        return self.insulator("below") | self.metal("N") | self.interface(True) | self.ferromagnet("F")

    def film(self, layers: int, *, ends: bool = True, middle: bool = False) -> Film:
        """`layers` layers with random contacts; `ends` allows insulators outside, `middle` puts one inside."""
        conductors: list[Metal | Ferromagnet] = [
            self.metal(f"N{i}") if self.uniform(0.0, 1.0) < 0.5 else self.ferromagnet(f"F{i}") for i in range(layers)
        ]
        elements: list[Any] = []
        if ends:
            elements += self.pick([[], [Vacuum("substrate")], [self.insulator("below")]])
        for i, layer in enumerate(conductors):
            lower = elements[-1] if elements else None
            if middle and i == layers // 2:
                elements.append(self.insulator("inside"))
                lower = elements[-1]
            if lower is not None:
                elements += self._contact(lower, layer)
            elements.append(layer)
        if ends:
            end = self.pick([None, Vacuum("cap"), self.insulator("above")])
            if end is not None:
                elements += [*self._contact(layer, end), end]
        return Film(tuple(elements))

    def _contact(self, lower: Any, upper: Any) -> list[Interface]:
        magnets = [e.name for e in (lower, upper) if e.magnetic]
        single = [self.interface(bool(magnets), self.pick([None, *magnets]))]
        options = [[], single, single]
        if magnets and lower.conducts:
            options.append([self.interface(True, magnets[-1]), self.interface(True, magnets[-1])])
        elif not magnets:
            options.append([self.interface(False), self.interface(False)])
        return self.pick(options)

    def directions(self, film: Film) -> dict[str, np.ndarray]:
        return {name: self.direction() for name in magnet_labels(film)}


STRUCTURES = {f.__name__: f for f in (Draw.below_a_cap, Draw.in_two_parts, Draw.repeated)}


def seeded(seed: int) -> Draw:
    """A `Draw` from a seeded generator."""
    rng = np.random.default_rng(seed)
    return Draw(lambda low, high: float(rng.uniform(low, high)))
