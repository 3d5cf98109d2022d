"""How a tetragonal crystal lies in a film: planes and directions by Miller indices (docs/methods/altermagnets.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

#: lattice constants a and c [m]
Lengths = tuple[float, ...]

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_BRACKETS = {"[": "]", "(": ")", "<": ">", "{": "}"}


def indices(given: Any, brackets: str) -> str | None:
    """Three indices as they are written, such as ``[1 -1 0]``; None where `given` is none of that.

    Digits may stand together with their signs, ``[1-10]``, or apart, ``[1, -1, 0]``, ``[1 0.5 0]``; brackets may be
    left out, but not be those of something else.
    """
    if isinstance(given, str):
        text = given.strip().replace("\N{MINUS SIGN}", "-")
        if text[:1] in _BRACKETS:
            if text[0] != brackets[0] or text[-1:] != brackets[1]:
                return None
            text = text[1:-1].strip()
        close = re.fullmatch(r"([+-]?\d)([+-]?\d)([+-]?\d)", text)
        parts = list(close.groups()) if close else [part for part in re.split(r"\s*,\s*|\s+", text) if part]
        if not all(re.fullmatch(_NUMBER, part) for part in parts):
            return None
    elif isinstance(given, Iterable):
        parts = list(given)
        if any(isinstance(part, str | bool | np.bool_) for part in parts):
            return None
    else:
        return None
    try:
        numbers = np.array([float(part) for part in parts])
    except (TypeError, ValueError):
        return None
    if numbers.shape != (3,) or not np.isfinite(numbers).all() or not numbers.any():
        return None
    written = (repr(int(v)) if v == round(v) and abs(v) < 1e15 else repr(float(v)) for v in numbers)
    return f"{brackets[0]}{' '.join(written)}{brackets[1]}"


def numbers(written: str) -> np.ndarray:
    """The three numbers of :func:`indices`."""
    return np.array([float(part) for part in written[1:-1].split()])


def direction(uvw: str, cell: Lengths) -> np.ndarray:
    """Unit vector of a direction [uvw], a sum of cell vectors, in axes along [100], [010], [001]."""
    return _unit(numbers(uvw) * _edges(cell))


def normal(hkl: str, cell: Lengths) -> np.ndarray:
    """Unit vector across a plane (hkl), a sum of reciprocal vectors; [hkl] only where the cell is a cube."""
    return _unit(numbers(hkl) / _edges(cell))


def film_axes(plane: str, along: str, cell: Lengths) -> np.ndarray:
    """Rows: the axes x, y, z of a film, z across `plane` and x along `along`, in axes along [100], [010], [001]."""
    x, z = direction(along, cell), normal(plane, cell)
    return np.stack([x, np.cross(z, x), z])


def out_of_plane(plane: str, along: str) -> float:
    """hu + kv + lw, zero where a direction lies in a plane, over the length of the terms."""
    terms = numbers(plane) * numbers(along)
    size = np.abs(terms).sum()
    return float(terms.sum() / size) if size else 0.0


def _edges(cell: Lengths) -> np.ndarray:
    a, c = cell
    return np.array([a, a, c]) / a


def _unit(v: np.ndarray) -> np.ndarray:
    v = v / np.abs(v).max()
    unit: np.ndarray = v / np.linalg.norm(v)
    return unit
