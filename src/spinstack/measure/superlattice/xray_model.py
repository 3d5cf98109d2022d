"""Layers as x rays see them, and the packages that compute with them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Annotated, Any

import numpy as np

from spinstack.measure.checks import number, positive, required, together, whole
from spinstack.measure.measurement import MeasurementError
from spinstack.text.optional import optional
from spinstack.text.units import In

#: Cu K-alpha1 [m]: Deslattes et al., Rev. Mod. Phys. 75, 35 (2003)
CU_K_ALPHA1 = 1.5405929e-10
_ATOMIC_MASS = 1.66053906892e-27  # kg, CODATA 2022


@dataclass(frozen=True, kw_only=True)
class XrayLayer:
    """A layer or substrate as x rays see it.

    Args:
        formula: such as "LaNiO3". For diffraction a perovskite ABX3 with its elements in this order, where mixed sites
            add up to one: "La0.3Sr0.7Al0.65Ta0.35O3".
        thickness: greater than 0 and at most 100 um; infinite for a substrate.
        roughness: r.m.s. roughness of the top face, from 0 to below 1 um.
        density: greater than 0; left out, it follows from `cell`.
        cell: lengths in the plane and along the normal of the (pseudo)cubic cell of one formula unit, 0.1 to 5 nm;
            diffraction needs it, or a crystal.
        crystal: an xrayutilities Crystal, taken as it stands.
    """

    formula: str
    thickness: Annotated[float, In("m")] = math.inf
    roughness: Annotated[float, In("m")] = 0.0
    density: Annotated[float | None, In("kg/m^3")] = None
    cell: Annotated[tuple[float, float] | None, In("m")] = None
    crystal: Any = None

    def __post_init__(self) -> None:
        of, metres = self.formula, partial(positive, unit="m", where=self.formula)
        together(
            lambda: self.thickness == math.inf or metres(self.thickness, "thickness", high=1e-4),
            lambda: number(self.roughness, "roughness", low=0, high=1e-6, open_high=True, unit="m", where=of),
            lambda: self.density is None or positive(self.density, "density", unit="kg/m^3", where=of),
            lambda: [metres(length, "cell", low=1e-10, high=5e-9) for length in self.cell or ()],
        )
        if self.cell is not None and len(self.cell) != 2:
            raise MeasurementError(where=of, field="cell", got=self.cell, allowed="two lengths in m")

    def mass_density(self) -> float:
        """Density in kg/m^3."""
        if self.density is not None:
            return self.density
        if self.cell is None:
            remedy = "Give it in kg/m^3, or the unit cell."
            raise MeasurementError("missing", where=self.formula, field="density", remedy=remedy)
        table = package("periodictable", "reflectivity")
        try:
            mass = float(table.formula(self.formula).mass)
        except Exception as error:
            raise MeasurementError(f"which is not one ({error})", field="formula", got=self.formula) from None
        return mass * _ATOMIC_MASS / (self.cell[0] ** 2 * self.cell[1])


@dataclass(frozen=True, kw_only=True)
class XraySuperlattice:
    """substrate / [a / b]_repeats / cap as x rays see it.

    Args:
        substrate: what it is grown on.
        a: the lower layer of the repeated pair.
        b: the upper layer of the repeated pair.
        repeats: how often the pair is repeated, at least 1.
        cap: a layer on top.
        surface_roughness: that of the last `b`; left out, as of the others.
    """

    substrate: XrayLayer
    a: XrayLayer
    b: XrayLayer
    repeats: int
    cap: XrayLayer | None = None
    surface_roughness: Annotated[float | None, In("m")] = None

    def __post_init__(self) -> None:
        thick = {"a": self.a.thickness, "b": self.b.thickness, "cap": self.cap.thickness if self.cap else 0.0}
        together(
            lambda: whole(self.repeats, "repeats", low=1, where="superlattice"),
            *(lambda n=n, t=t: required(None if t == math.inf else t, "thickness", "Give it in m.", where=n)
              for n, t in thick.items()),
        )  # fmt: skip

    @property
    def period(self) -> float:
        """Thickness of one a and one b in m."""
        return self.a.thickness + self.b.thickness

    @property
    def thickness(self) -> float:
        """Thickness of all that lies on the substrate, in m."""
        return self.repeats * self.period + (self.cap.thickness if self.cap else 0.0)

    def layers(self) -> list[XrayLayer]:
        """All layers from the substrate to the top."""
        last = self.b
        if self.surface_roughness is not None:
            last = replace(self.b, roughness=self.surface_roughness)
        pairs = [self.a, self.b] * self.repeats
        return [self.substrate, *pairs[:-1], last, *([self.cap] if self.cap else [])]


def package(name: str, purpose: str) -> Any:
    """A package of the extra [xray]."""
    return optional(name, "xray", purpose, error=MeasurementError)


def check_angles(two_theta: np.ndarray) -> None:
    """Raise for scattering angles that no scan has."""
    if two_theta.size == 0 or not ((two_theta > 0) & (two_theta < 180)).all():
        raise MeasurementError(field="two_theta", unit="deg", got=two_theta, allowed="angles between 0 and 180 deg")


@cache
def scattering_length_density(formula: str, density: float, wavelength: float) -> complex:
    """Real and imaginary part in 1/m^2 of the x-ray scattering-length density."""
    table = package("periodictable", "reflectivity")
    try:
        real, imaginary = table.xray_sld(formula, density=density / 1000, wavelength=wavelength * 1e10)
    except Exception as error:
        why = f"which has no x-ray scattering length ({error})"
        raise MeasurementError(why, field="formula", got=formula) from None
    return (float(real) + 1j * float(imaginary)) * 1e14
