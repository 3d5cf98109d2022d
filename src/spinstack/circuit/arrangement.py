"""Where the elements of a film stand, as indices: what the programs of :mod:`spinstack.circuit.kernel` read of a plan.

Indices are NumPy arrays where a program is compiled for one plan, and arrays of JAX where it is compiled for all plans
of a pattern (:mod:`spinstack.circuit.general`). The formulas do not know the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from spinstack.circuit.lower import LAYERS, Kind, Plan, Row, ends_conductor
from spinstack.numerics.arrays import array_module

#: kinds of what conducts, in the order in which their rows stand in a stack
_CONDUCTING = (*LAYERS, "Interface", "TunnelJunction", "Scattering", "Sided")


class Stretch(NamedTuple):
    """What stands between two closed faces, lowest first.

    order: rows of the stack; elements: their positions in the film; present: which of these there are, None where all
    are; last: which is the uppermost; bottom, top: the faces that end it, rows among all faces, None where none can
    be; bottom_element, top_element: the positions of these.
    """

    order: Any
    elements: Any
    present: Any
    last: Any
    bottom: Any
    top: Any
    bottom_element: Any
    top_element: Any


class Arrangement(NamedTuple):
    """The elements of a film by index.

    magnets: per kind the rows of m that its rows take; real: per kind which of its rows the film has, None where all;
    positions: per kind where each row stands in the film; places: how many positions there are. What does not exist
    stands behind the last position, where nothing is kept.
    """

    kinds: tuple[Kind, ...]
    orbital: bool
    magnets: Mapping[Kind, Any]
    real: Mapping[Kind, Any] | None
    positions: Mapping[Kind, Any]
    places: int
    stretches: tuple[Stretch, ...]

    @classmethod
    def of(cls, plan: Plan | Arrangement) -> Arrangement:
        """The indices of a plan; what is arranged already stays."""
        return plan if isinstance(plan, Arrangement) else _arranged(plan)

    @property
    def padded(self) -> bool:
        return self.real is not None

    def rows(self, kind: Kind) -> int:
        return len(self.magnets[kind])

    def where(self, kinds: Iterable[Kind]) -> Any:
        """Positions of the rows of several kinds, one kind after the other."""
        found = [self.positions[kind] for kind in kinds]
        return array_module(*found).concatenate(found)


def starts(rows: Mapping[Kind, int], faces: bool) -> dict[Kind, int]:
    """Where the rows of each kind begin, among the faces that end conductors or among all that conducts."""
    found, count = {}, 0
    for kind in [k for k in rows if ends_conductor(k)] if faces else [k for k in _CONDUCTING if k in rows]:
        found[kind] = count
        count += rows[kind]
    return found


@lru_cache(256)
def _arranged(plan: Plan) -> Arrangement:
    """The indices of a plan, all known."""
    takes = dict(plan.magnets)
    rows = {kind: len(takes[kind]) for kind in plan.kinds}
    own, faces = starts(rows, faces=False), starts(rows, faces=True)

    def face(row: Row | None) -> int | None:
        return None if row is None else faces[row[0]] + row[1]

    stretches = tuple(
        Stretch(
            np.array([own[kind] + row for kind, row in s.rows]),
            np.array(s.elements),
            None,
            -1,
            face(s.bottom),
            face(s.top),
            s.bottom_element,
            s.top_element,
        )
        for s in plan.segments
    )
    return Arrangement(
        plan.kinds,
        plan.orbital,
        {kind: np.array(takes[kind]) for kind in plan.kinds},
        None,
        positions(plan),
        places(plan),
        stretches,
    )


def positions(plan: Plan) -> dict[Kind, np.ndarray]:
    """The position in the film of every row that is no face, by kind."""
    at = {row: i for s in plan.segments for row, i in zip(s.rows, s.elements, strict=True)}
    takes = dict(plan.magnets)
    return {
        kind: np.array([at[kind, row] for row in range(len(takes[kind]))])
        for kind in plan.kinds
        if not ends_conductor(kind) and (kind, 0) in at
    }


def places(plan: Plan) -> int:
    """How many positions there are, up to the last element that conducts or ends a conductor."""
    ends = (max((*s.elements, s.bottom_element or 0, s.top_element or 0)) for s in plan.segments)
    return 1 + max(ends, default=-1)
