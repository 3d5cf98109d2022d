"""Which direction belongs to which magnet of a film."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from spinstack.numerics.arrays import array_module, is_traced
from spinstack.stack.directions import ALONG_FIELD, unit_vector
from spinstack.stack.film import Film, magnet_labels
from spinstack.text.errors import ParameterError, Problems


def given_directions(film: Film, m: Any, free: Collection[int] = (), B: Any = None) -> list[Any]:
    """Unit vectors (..., 3) of the magnets, bottom first, from one vector for all or a mapping by name.

    Names are "Co", or "Co[1]" where a name repeats; "Co" stands for those that are not named by number. `free`:
    positions of the elements that may be without; they get None. B (..., 3) [T] is the field that magnets "along B"
    follow. Raises ParameterError for a missing direction, an unknown name, a vector without length, no field to be
    along, a magnet that a field does not saturate.
    """
    positions = [i for i, e in enumerate(film.elements) if e.magnetic]
    names = [film.elements[i].name for i in positions]
    numbered = [f"{name}[{names[:k].count(name)}]" for k, name in enumerate(names)]
    known = ", ".join(magnet_labels(film))
    if m is not None and not isinstance(m, Mapping):
        return [_vector(film, i, m, "m", B) for i in positions]
    by_name: Mapping[str, Any] = m if m is not None else {}
    problems = Problems()
    for key in by_name:
        with problems:
            if key not in names and key not in numbered:
                raise ParameterError("which is no magnet of the film", field="m", got=key, allowed=known or "none")
    out: list[Any] = []
    taken: set[Any] = set()
    for i, name, label, shown in zip(positions, names, numbered, magnet_labels(film), strict=True):
        found = next((k for k in (label, name) if k in by_name), None)
        with problems:
            taken.add(found)
            if found is not None:
                out.append(_vector(film, i, by_name[found], f"m[{found!r}]", B))
            elif i in free:
                out.append(None)
            elif m is not None:
                remedy = f"Magnets of the film: {known}."
                raise ParameterError(f"no direction for the magnet {shown!r}", field="m", remedy=remedy)
    for key in by_name:
        with problems:
            if key in names and key not in taken:
                why = "but each of these magnets is named by its number"
                raise ParameterError(why, field="m", got=key, remedy="Name each magnet once.")
    problems.end()
    if len(out) < len(names):
        without = ", ".join(film.elements[i].name for i in positions if i not in free)
        raise ParameterError(
            f"missing, but the film has magnets ({without})",
            field="m",
            remedy='Give m=(0, 1, 0) or another direction that they keep, m="along B" where they follow a field, or a '
            "mapping from magnet name to these.",
        )
    return out


def _vector(film: Film, position: int, m: Any, field: str, B: Any) -> Any:
    """The direction of one magnet, that of the field where `m` says so."""
    if not isinstance(m, str) or m != ALONG_FIELD:
        return unit_vector(m, field)
    element = film.elements[position]
    if not getattr(getattr(element, "magnet", None), "saturates", True):
        why = f"but {element.name} is not along B in any field: its model says where it points"
        raise ParameterError(why, field=field, got=m, remedy='Name the others, such as m={"Co": "along B"}.')
    if B is None or (not is_traced(B) and not np.asarray(B).any(-1).all()):
        raise ParameterError("where there is no field", field=field, got=m, remedy="Give B, or a direction.")
    largest = array_module(B).abs(B).max(-1, keepdims=True)  # squares of the rest neither overflow nor vanish
    return unit_vector(B / largest)
