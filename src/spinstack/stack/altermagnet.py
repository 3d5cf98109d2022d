"""A conducting altermagnetic layer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from spinstack.stack import crystal
from spinstack.stack.crystal import Lengths
from spinstack.stack.described import described
from spinstack.stack.layer import Layer
from spinstack.stack.parameters import DRIFT_DIFFUSION, THEORIES, parameter, reworded
from spinstack.text.arrays import floats
from spinstack.text.errors import ParameterError

#: d-wave: conductivity of spin along and against the Neel vector apart by this, in axes along [100], [010], [001]
_D_WAVE = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])


@described
class Altermagnet(Layer):
    """A d-wave altermagnet, tetragonal such as rutile: two spin channels whose conductivities differ by direction.

    Spin along and against the Neel vector conducts by ``(sigma/2) (1 +- tau)``, ``tau = splitting (xy + yx)`` in axes
    x, y along [100], [010]. A current along a direction u then carries spin along the Neel vector across it,
    ``Q = n (z.tau.u) sigma E`` and, where z.tau.z is not zero, polarises what flows along z. The Neel vector stands
    still; spins precess about no field here. (Gonzalez-Hernandez et al., Phys. Rev. Lett. 126, 127701 (2021).)

    Args:
        neel: direction [uvw] of the Neel vector in the crystal, text such as "[001]" or three numbers; reversed, the
            sign of `splitting` turns. A film of domains shows their mean, a smaller splitting.
        plane: the plane (hkl) that lies in the film, such as "(100)": z is its normal, which in a tetragonal cell is
            not [hkl].
        along: the direction [uvw] in that plane along which x, and so the current, runs.
        cell: lattice constants a and c [m].
    """

    #: text fields as they may be written
    #: because experiments disagree on their splitting
    in_library: ClassVar[bool] = False
    samples: ClassVar[dict[str, str]] = {"neel": "[001]", "plane": "(100)", "along": "[010]"}

    neel: str = field(kw_only=True)
    plane: str = field(kw_only=True)
    along: str = field(kw_only=True)
    cell: Lengths = field(kw_only=True)

    spin_diffusion_length: float | None = reworded(
        Layer, "spin_diffusion_length",
        "length l_sf of spin relaxation: a spin accumulation along the Neel vector decays over l_sf sqrt(1 - p^2) "
        "where a current along z is polarised by p",
    )  # fmt: skip
    splitting: float = parameter(
        "1",
        "tau0 of the conductivities (sigma/2)(1 +- tau0) of spin along and against the Neel vector, for currents along "
        "[110]; of [1-10] its negative",
        theories=DRIFT_DIFFUSION, after="spin_diffusion_length", low=-1, high=1, open_low=True, open_high=True,
        law=False,
    )  # fmt: skip
    dephasing_length: float = parameter(
        "m", "decay length of spin transverse to the Neel vector by dephasing", default=math.inf,
        theories=DRIFT_DIFFUSION, low=0, open_low=True, infinite=True,
    )  # fmt: skip

    def _check_words(self) -> None:
        super()._check_words()
        for name, brackets in (("neel", "[]"), ("plane", "()"), ("along", "[]")):
            written = crystal.indices(getattr(self, name), brackets)
            if written is None:
                sample = self.samples[name]
                kind = "a plane" if brackets == "()" else "a direction"
                allowed = f"{kind} by three Miller indices that are not all zero, such as {sample!r}"
                raise self.refused(name, allowed=f"{allowed} or {brackets[0]}1 -1 0{brackets[1]!s}")
            object.__setattr__(self, name, written)
        cell = floats(self.cell)
        if cell is None or cell.shape != (2,) or not (np.isfinite(cell) & (cell > 0)).all():
            raise self.refused("cell", unit="m", allowed="two lengths, a and c of the tetragonal cell")
        object.__setattr__(self, "cell", tuple(cell.tolist()))
        if abs(crystal.out_of_plane(self.plane, self.along)) > 1e-9:
            why = f"which does not lie in the plane {self.plane}: h u + k v + l w is not zero"
            raise self.refused("along", why, allowed="a direction in the plane of the film")

    def unread(self, theory: str, where: str) -> Iterator[ParameterError]:
        """The complaint of a theory that knows no altermagnets: one about the element."""
        why = f"of an altermagnet, which {THEORIES[theory]} does not contain"
        remedy = "Take ss.DriftDiffusion(), or a Metal with the spin_splitter that its crystal has."
        yield self.refused("splitting", why, where=where, remedy=remedy)

    @property
    def tensor(self) -> np.ndarray:
        """tau over `splitting` (3, 3) in the axes of the film; z.tau.x is the share of a spin splitter."""
        return _geometry(self.neel, self.plane, self.along, self.cell)[0].copy()

    @property
    def neel_vector(self) -> np.ndarray:
        """Unit vector (3) of the Neel vector in the axes of the film."""
        return _geometry(self.neel, self.plane, self.along, self.cell)[1].copy()

    def numbers(self, theory: str = "") -> dict[str, Any]:
        """The parameters as numbers, with `tensor` and `neel_vector` by component (tau_xx to tau_zz, neel_x to z)."""
        tau, n = _geometry(self.neel, self.plane, self.along, self.cell)
        pairs = {f"tau_{'xyz'[i]}{'xyz'[j]}": float(tau[i, j]) for i in range(3) for j in range(i, 3)}
        return super().numbers(theory) | pairs | {f"neel_{axis}": float(v) for axis, v in zip("xyz", n, strict=True)}


@lru_cache(256)
def _geometry(neel: str, plane: str, along: str, cell: Lengths) -> tuple[np.ndarray, np.ndarray]:
    axes = crystal.film_axes(plane, along, cell)
    return _rounded(axes @ _D_WAVE @ axes.T), _rounded(axes @ crystal.direction(neel, cell))


def _rounded(a: np.ndarray) -> np.ndarray:
    """Without the rounding where crystal axes and film axes coincide."""
    return np.where(np.abs(a) < 4e-16, 0.0, a)
