"""The closed form of a single film and the laws of its thickness (docs/methods/control_film.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

#: what a reading is: an anisotropy, a sheet resistance with m along an axis (R_m: of a metal), Hall readings
GROUPS = (("alpha", "beta", "gamma"), ("R_x", "R_y", "R_z", "R_m"), ("anomalous",), ("ordinary",))
LABELS = ("anisotropy", "resistance", "anomalous Hall effect", "ordinary Hall effect")
NM = 1e-9
#: h/(2 pi) [J s] over the square of the elementary charge [C], exact in the SI of 2019
PLANCK_OVER_CHARGE_SQUARED = 6.62607015e-34 / (2 * np.pi) / 1.602176634e-19**2


class Model(NamedTuple):
    """What a film shows, of unknowns of order one: resistivities in a unit, lengths in nm.

    Attributes:
        resistivity: law of the resistivity, as of :func:`explain_control`.
        size_effect: law of the size effect.
        specularity: of the bottom and the top surface.
        polarization: of the conductivity.
        unit: [Ohm m], in which resistivities are counted.
    """

    resistivity: str
    size_effect: str
    specularity: tuple[float, float]
    polarization: float
    unit: float

    def names(self, group: int) -> tuple[str, ...]:
        """Unknowns that a group of readings determines."""
        of = {"inverse_thickness": ("surface_resistivity",), "fuchs_sondheimer": ("mean_free_path",)}
        texture = ("size_effect_surface",) if self.size_effect == "inverse_thickness" else ()
        return (
            ("amr_ratio", "size_effect_bulk", *texture),
            ("bulk_resistivity", *of.get(self.resistivity, ())),
            ("anomalous_hall_angle",),
            ("hall_coefficient",),
        )[group]

    def start(self, name: str) -> float:
        """Where the search for an unknown begins."""
        return {"bulk_resistivity": 1.0, "mean_free_path": 5.0}.get(name, 0.0)

    def rho(self, p: Mapping[str, float], t: float) -> float:
        """Resistivity of a film of thickness t [m], m in the plane and perpendicular to the current."""
        bulk = p["bulk_resistivity"]
        if self.resistivity == "inverse_thickness":
            return bulk + p["surface_resistivity"] * NM / t
        if self.resistivity == "fuchs_sondheimer":
            path, share = abs(p["mean_free_path"]) * NM, (1 + self.polarization, 1 - self.polarization)
            return bulk / sum(s / 2 * fuchs_sondheimer(t / (path * s), *self.specularity) for s in share)
        return bulk

    def size(self, p: Mapping[str, float], t: float) -> float:
        """size_effect_ratio of a film of thickness t [m]."""
        return p["size_effect_bulk"] + p.get("size_effect_surface", 0.0) * NM / t

    def of(self, kind: str, p: Mapping[str, float], t: float) -> float:
        """What a film of thickness t [m] shows: a ratio, Ohm, or Ohm/T."""
        x, z = 1 + p["amr_ratio"], 1 + self.size(p, t)
        if kind in GROUPS[0]:
            return {"alpha": 1 / x, "beta": z, "gamma": z / x}[kind] - 1
        if kind == "ordinary":
            return p["hall_coefficient"] * self.unit / t
        sheet = self.rho(p, t) * self.unit / t
        return sheet * {"R_x": x, "R_z": z, "anomalous": p["anomalous_hall_angle"]}.get(kind, 1.0)

    def layer(self, p: Mapping[str, float], known: set[str], t: float | None) -> dict[str, float]:
        """Those numbers in SI that follow for a layer of thickness t [m]; None: what none is needed for."""
        units = {
            "amr_ratio": 1.0, "anomalous_hall_angle": 1.0, "size_effect_bulk": 1.0, "size_effect_surface": NM,
            "bulk_resistivity": self.unit, "surface_resistivity": self.unit * NM, "mean_free_path": NM,
            "hall_coefficient": self.unit,
        }  # fmt: skip
        out = {name: p[name] * unit for name, unit in units.items() if name in known}
        if "size_effect_bulk" in known:
            out["size_effect_ratio"] = self.size(p, t or 1.0)
        if "bulk_resistivity" in known:
            out["resistivity"] = self.rho(p, t or 1.0) * self.unit
            out["conductivity"] = 1 / out["resistivity"]
        if "mean_free_path" in known:
            # sigma = e^2 kF^2 path/(3 pi^2 hbar) of free electrons
            product = out["bulk_resistivity"] * out["mean_free_path"]
            out["fermi_wavevector"] = float(np.sqrt(3 * np.pi**2 * PLANCK_OVER_CHARGE_SQUARED / product))
        idle = {
            *(("bulk_resistivity",) if self.resistivity == "constant" else ()),
            *(("size_effect_bulk",) if self.size_effect == "constant" else ()),
            *(("conductivity", "resistivity", "hall_coefficient") if t is None else ()),
        }
        return {name: value for name, value in out.items() if name not in idle}


def fuchs_sondheimer(ratio: float, bottom: float, top: float) -> float:
    """Conductivity of a film over that of the bulk; `ratio` of thickness to path, specular shares of its surfaces.

    K. Fuchs, Proc. Camb. Phil. Soc. 34, 100 (1938); different surfaces: M. S. P. Lucas, J. Appl. Phys. 36, 1632 (1965).
    """
    ends = np.array([0.0, *(x for x in ratio * np.array([0.03, 0.1, 0.3, 1.0, 3.0]) if x < 1), 1.0])
    x, w = np.polynomial.legendre.leggauss(32)
    half = np.diff(ends)[:, None] / 2
    c, weight = (ends[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel()
    e = np.exp(-ratio / c)
    both = (1 - bottom) * (1 + top * e) + (1 - top) * (1 + bottom * e)
    lost = c * (1 - c * c) * -np.expm1(-ratio / c) * both / (1 - bottom * top * e * e)
    return float(1 - 0.75 / ratio * (weight @ lost))
