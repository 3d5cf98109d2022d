"""What the symmetry of a film allows its torque to be: the terms, derived in docs/methods/torque_symmetry.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spinstack.text.checks import number, whole
from spinstack.text.errors import ParameterError

KINDS = ("gradient", "curl")
PARTS = ("cos", "sin")


@dataclass(frozen=True)
class Symmetry:
    """The point group of a film seen along z: rotations about z, and mirrors that contain z.

    Operations must leave the other magnets of the film as they are, or these break them.

    Args:
        fold: n of the n-fold axis z; 0 stands for every angle, 1 for none.
        mirror: in-plane angle of the normal of one mirror plane [deg], from x towards y; None for no mirror.

    Raises:
        ParameterError: a fold that is not a whole number of at least 0, an angle that is not finite.
    """

    fold: int = 0
    mirror: float | None = 90.0

    def __post_init__(self) -> None:
        whole(self.fold, "fold", low=0)
        if self.mirror is not None:
            number(self.mirror, "mirror", unit="deg", remedy="None is for no mirror.")

    @property
    def frame(self) -> float:
        """In-plane angle [rad] of the axis from which azimuths are counted: it lies in the mirror plane."""
        return 0.0 if self.mirror is None else float(np.deg2rad(self.mirror - 90.0))


#: highest degree of harmonics, and highest power of an expansion
LARGEST_DEGREE = 100
#: C_inf_v: a polycrystalline or isotropic film
ISOTROPIC = Symmetry(fold=0, mirror=90.0)


def one_mirror(normal: float = 90.0) -> Symmetry:
    """A film whose only symmetry is one mirror plane containing z, its normal at an in-plane angle [deg] from x."""
    return Symmetry(fold=1, mirror=normal)


class Term(NamedTuple):
    """A field of torques linear in E: sum of `factors` [part cos, sin][E along frame, across] times harmonics."""

    kind: str
    degree: int
    order: int
    name: str
    factors: np.ndarray


def allowed_terms(lmax: int, symmetry: Symmetry = ISOTROPIC) -> list[Term]:
    """All terms up to degree `lmax` that the symmetry allows, orthonormal over the sphere for a unit field.

    With the azimuths phi of m and phi_E of E counted from the frame, a term has the angular dependence
    ``cos`` or ``sin`` of ``order phi - s phi_E``, s = 1 or -1. An n-fold axis needs ``order - s`` to be a multiple
    of n. A mirror keeps cos for even and sin for odd degree. Where fold is 1 the terms are sorted by the field instead
    (E along the frame, E across it): the same space, read more easily.

    Raises:
        ParameterError: lmax is not a whole number of at least 1.
    """
    whole(lmax, "lmax", low=1, high=LARGEST_DEGREE)
    if not isinstance(symmetry, Symmetry):
        raise ParameterError(field="symmetry", got=symmetry, allowed="a Symmetry such as ISOTROPIC, or None")
    terms = []
    for kind in KINDS:
        for degree in range(1, lmax + 1):
            for order in range(degree + 1):
                options = (
                    _by_field(degree, order, symmetry) if symmetry.fold == 1 else _by_phase(degree, order, symmetry)
                )
                terms += [Term(kind, degree, order, f"{kind} l={degree} {name}", factors) for name, factors in options]
    return terms


def _by_field(degree: int, order: int, symmetry: Symmetry) -> list[tuple[str, np.ndarray]]:
    found = []
    for part in range(2 if order else 1):
        for across in range(2):
            if symmetry.mirror is None or (degree + part + across) % 2 == 0:
                factors = np.zeros((2, 2))
                factors[part, across] = 1.0
                azimuth = f"{PARTS[part]} {order} phi" if order else "1"
                found.append((f"{azimuth}, E {('along', 'across')[across]}", factors))
    return found


def _by_phase(degree: int, order: int, symmetry: Symmetry) -> list[tuple[str, np.ndarray]]:
    found = []
    for s in (1, -1):
        turn = order - s
        if (turn % symmetry.fold if symmetry.fold else turn) or (order == 0 and s < 0):
            continue
        phase = f"({order} phi {'-' if s > 0 else '+'} phi_E)"
        # cos(k phi - s phi_E) and sin(k phi - s phi_E) in products
        for part, factors in enumerate(([[1.0, 0.0], [0.0, s]], [[0.0, -s], [1.0, 0.0]])):
            if symmetry.mirror is None or (degree + part) % 2 == 0:
                found.append((f"{PARTS[part]} {phase}", np.array(factors)))
    return found
