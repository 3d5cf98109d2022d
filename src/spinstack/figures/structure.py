"""How a film is laid out for the eye: repeats of a superlattice found and folded, thicknesses compressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.stack import Element, Film

#: elements of a unit that is still looked for
_LONGEST = 200


@dataclass(frozen=True)
class Group:
    """`count` repeats of the elements ``film[start : start + length]``; a plain run of elements has count 1."""

    start: int
    length: int
    count: int

    @property
    def members(self) -> range:
        """Positions in the film of the elements of the first repeat."""
        return range(self.start, self.start + self.length)


def groups(film: Film) -> tuple[Group, ...]:
    """The film as repeated units, bottom first: ``a b (c d) x 10 e``; a unit of interfaces alone is never folded."""
    elements: Sequence[Element] = film.elements
    out: list[Group] = []
    i = 0
    while i < len(elements):
        best = Group(i, 1, 1)
        for length in range(1, min((len(elements) - i) // 2, _LONGEST) + 1):
            unit = elements[i : i + length]
            if not any(hasattr(e, "thickness") for e in unit):
                continue
            count = 1
            while elements[i + count * length : i + (count + 1) * length] == unit:
                count += 1
            if count > 1 and length * count > best.length * best.count:
                best = Group(i, length, count)
            if best.length * best.count > len(elements) - i - length:  # no longer unit covers more
                break
        if best.count == 1 and out and out[-1].count == 1:
            out[-1] = Group(out[-1].start, out[-1].length + 1, 1)
        else:
            out.append(best)
        i += best.length * best.count
    return tuple(out)


def drawn_heights(thicknesses: Sequence[Any], low: float = 1.0, high: float = 2.6) -> list[float]:
    """Heights between `low` and `high` that grow with the logarithm of the thickness: 0.5 nm and 500 nm both show."""
    t = np.array([float(np.mean(np.asarray(v))) for v in thicknesses])
    if not t.size or np.ptp(np.log(t)) == 0:
        return [0.5 * (low + high)] * t.size
    x = np.log(t / t.min())
    # a decade takes about 0.8; only a wider spread is squeezed into the room there is
    return list(low + x * min(0.8 / np.log(10), (high - low) / x.max()))
