"""Which direction belongs to which magnet of a film."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from spinstack.stack.directions import unit_vector
from spinstack.stack.film import Film
from spinstack.text.errors import ParameterError, Problems


def given_directions(film: Film, m: Any, free: Collection[int] = ()) -> list[Any]:
    """Unit vectors (..., 3) of the magnets, bottom first, from one vector for all or a mapping by name.

    Names are "Co", or "Co[1]" where a name repeats. `free`: positions of the elements that may be without; they get
    None. Raises ParameterError for a missing direction, an unknown name, a vector without length.
    """
    positions = [i for i, e in enumerate(film.elements) if e.magnetic]
    names = [film.elements[i].name for i in positions]
    numbered = [f"{name}[{names[:k].count(name)}]" for k, name in enumerate(names)]
    known = ", ".join(film.magnets)
    if m is not None and not isinstance(m, Mapping):
        return [unit_vector(m)] * len(names)
    by_name: Mapping[str, Any] = m or {}
    problems = Problems()
    for key in by_name:
        with problems:
            if key not in names and key not in numbered:
                raise ParameterError("which is no magnet of the film", field="m", got=key, allowed=known or "none")
    out: list[Any] = []
    for i, name, label in zip(positions, names, numbered, strict=True):
        found = next((k for k in (label, name) if k in by_name), None)
        with problems:
            if found is not None:
                out.append(unit_vector(by_name[found], f"m[{found!r}]"))
            elif i in free:
                out.append(None)
            elif m is not None:
                remedy = f"Magnets of the film: {known}."
                raise ParameterError(f"no direction for the magnet {name!r}", field="m", remedy=remedy)
    problems.end()
    if len(out) < len(names):
        raise ParameterError(
            f"missing, but the film has magnets ({known})",
            field="m",
            remedy="Give m=(0, 1, 0) for all of them, or a mapping from magnet name to vector.",
        )
    return out
