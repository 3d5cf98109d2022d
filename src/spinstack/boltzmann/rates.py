"""Collision rates of the layers of a film, from what the film says about itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from spinstack.stack import Layer
from spinstack.stack.collisions import collisions, root
from spinstack.text.errors import ParameterError, Problems

#: in-plane velocity per k without a splitter
_PLAIN = np.eye(2)


class Rates(NamedTuple):
    """One layer in numbers [1/m]: out-scattering of spin up, down along the axis and across it, spin flip, precession.

    `up`, `down` are the total rates g_s + g_sf, `across` that of transverse spin; `across_in` the rate at which
    transverse spin is scattered in; `precession` kappa. axis (3,); source and splitter (3, 2) the spin Hall and
    spin-splitter tensors; thickness [m]; radius: k_F of up and down over that of the largest sphere of the film, `flip`
    the rate of a sphere in their middle; anisotropy: eta of up and down, rates are those across m.
    """

    thickness: float
    up: float
    down: float
    flip: float
    across: float
    across_in: float
    precession: float
    axis: np.ndarray
    source: np.ndarray
    splitter: np.ndarray
    radius: tuple[float, float] = (1.0, 1.0)
    anisotropy: tuple[float, float] = (0.0, 0.0)

    @property
    def anisotropic(self) -> bool:
        """Whether electrons collide as often as their angle to m says."""
        return any(self.anisotropy)

    def each(self, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rates of up and down of electrons that move at these cosines to m."""
        up, down = (a * (1 + e * along**2) for a, e in zip((self.up, self.down), self.anisotropy, strict=True))
        return up, down

    @property
    def split(self) -> bool:
        """Whether the two spins have spheres of their own; spin across m is then none of the layer's."""
        return self.radius[0] != self.radius[1]

    @property
    def sheet(self) -> float:
        """Sheet conductance of the bulk over C, with C of the largest sphere of the film."""
        if self.radius == (1.0, 1.0):
            return self.thickness * self.path / 3
        return self.thickness * sum(r * r / a for r, a in zip(self.radius, (self.up, self.down), strict=True)) / 6

    @property
    def path(self) -> float:
        """Mean of the mean free paths of up and down [m]: what sets the conductivity."""
        return (1 / self.up + 1 / self.down) / 2

    @property
    def velocity(self) -> np.ndarray:
        """(2, 2): in-plane velocity of charge per in-plane k; a spin splitter turns a part of it to z."""
        if not self.splitter.any():
            return _PLAIN
        value, turn = np.linalg.eigh(np.eye(2) - self.splitter.T @ self.splitter)
        return np.asarray((turn * np.sqrt(np.maximum(value, 0.0))) @ turn.T)

    @property
    def isotropic(self) -> bool:
        """Whether the layer treats spin of every direction alike."""
        return (
            self.up == self.down
            and self.precession == 0
            and self.across == self.up
            and not self.split
            and not self.anisotropic
        )

    @property
    def key(self) -> tuple[float, ...]:
        """What the layer matrix depends on."""
        plain = (*self[:7], *self.radius)
        return (*plain, *self.anisotropy, *self.axis) if self.anisotropic else plain


def numbers(p: Mapping[str, Any], kF: Any) -> tuple[Any, ...]:
    """The fields of :class:`Rates` from `up` to `precession` for parameters p; analytic in all of them."""
    up, down, flip = collisions(p, kF)[:3]
    mean = (up + down) / 2
    dephasing = root(mean + 2 * flip, p.get("dephasing_length", math.inf) ** -2.0 / 3)
    kappa = p.get("precession_wavenumber")
    if kappa is None:
        kappa = p.get("precession_length", math.inf) ** -2.0 / (3 * (mean + 2 * dephasing + 2 * flip))
    return up, down, flip, mean + dephasing, mean - 2 * flip, kappa


def layer_rates(
    layer: Layer, axis: np.ndarray, kF: float, splitting: float = 0.0, radius: tuple[float, float] = (1.0, 1.0)
) -> Rates:
    """Rates of a layer with m along `axis`, its Fermi wave vector [1/m] and the splitting of it.

    See docs/methods/boltzmann.md, "Parameters". radius: as in :class:`Rates`.

    Raises ParameterError for numbers that contradict each other or that the equation cannot take.
    """
    problems = Problems()
    problems.errors += layer.unread("boltzmann", layer.name)
    problems.end()
    p: Any = layer.numbers("boltzmann")
    mean, given_up, given_down = (p.get(f"mean_free_path{spin}") for spin in ("", "_up", "_down"))
    if (given_up is None) != (given_down is None):
        missing = "mean_free_path_up" if given_up is None else "mean_free_path_down"
        raise ParameterError("missing beside that of the other spin", where=layer.name, field=missing, unit="m",
                             remedy="Give both.")  # fmt: skip
    if given_up is not None and mean is not None:
        raise ParameterError(
            "beside mean_free_path_up and mean_free_path_down",
            where=layer.name,
            field="mean_free_path",
            unit="m",
            got=mean,
            remedy="Give one or the two.",
        )
    p = p | {"fermi_splitting": splitting}
    found = collisions(p, kF)
    up, down, flip = found[:3]
    if any(flip / of > a * (1 + 1e-12) for of, a in zip(found.squares, (up, down), strict=True)):
        said = "spin_diffusion_length" if p["spin_flip_length"] is None else "spin_flip_length"
        raise ParameterError(
            f"spin flips every {1 / flip:.3g} m of path, more often than electrons collide (mean free path "
            f"{1 / max(up, down):.3g} to {1 / min(up, down):.3g} m from the conductivity and fermi_wavevector "
            f"{kF:.3g} 1/m)",
            where=layer.name,
            field=said,
            unit="m",
            got=p[said],
            allowed="a longer spin_diffusion_length or spin_flip_length",
            remedy="Or give mean_free_path for the collisions that keep the spin.",
        )
    up, down, flip, across, across_in, kappa = map(float, numbers(p, kF))
    return Rates(
        thickness=float(layer.thickness),
        up=up,
        down=down,
        flip=flip,
        across=across,
        across_in=across_in,
        precession=kappa,
        axis=np.asarray(axis, dtype=float),
        source=np.asarray(p["spin_hall_angle"], dtype=float),
        splitter=np.asarray(p.get("spin_splitter", np.zeros((3, 2))), dtype=float),
        radius=radius,
        anisotropy=(float(found.anisotropy[0]), float(found.anisotropy[1])),
    )
