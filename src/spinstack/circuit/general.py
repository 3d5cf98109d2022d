"""Films of any order in one compiled program: rows are padded, and what stands where is data.

A program for one plan takes seconds to compile. Where no library solves films, few of them go through the program of
their :class:`Pattern` instead, which all films of a few layers share: rows that a film does not have are computed for
nothing, and left out where elements are joined. The formulas are those of :mod:`spinstack.circuit.kernel`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from spinstack.circuit.arrangement import Arrangement, Stretch, places, positions, starts
from spinstack.circuit.lower import EFFECTS, LAYERS, Kind, Plan, Row, Table, ends_conductor, lower
from spinstack.stack import Ferromagnet, Interface, MagneticInsulator, Metal

#: rows of these are there whether a film has some or not
_ALWAYS = ("Metal", "Ferromagnet", "Interface", "MagneticInsulator")
#: kinds of what has a name for its kind, in order
_ORDER = (*LAYERS, "Interface", "Scattering", "Sided", "MagneticInsulator")
#: rows of every kind of layer, of interfaces and of faces, elements of a stretch and positions of the smallest pattern;
#: in others all are larger by the same power of two, so that there are few patterns
_LAYERS, _INTERFACES, _FACES, _SLOTS, _PLACES = 4, 8, 2, 16, 32
#: the largest pattern; longer films are of few orders
_LARGEST = 8
#: films of one call up to which the program of all films of a pattern is taken: it is some three times slower than that
#: of a plan, which takes seconds to compile
FEW = 2**14
#: programs of kernel.py that can be shared; their arrays are :func:`widened` and :func:`narrowed`
PROGRAMS = ("sheet", "sheet_slope", "perpendicular", "faces", "crossed", "inside", "inside_crossed", "sides")


class Pattern(NamedTuple):
    """What films that share a program have in common: kinds with numbers of rows, slots of each stretch, positions."""

    rows: tuple[tuple[Kind, int], ...]
    slots: tuple[int, ...]
    places: int
    orbital: bool


class Indices(NamedTuple):
    """What is data: per kind which rows there are and where they stand, and the stretches."""

    real: Mapping[str, Any]  # by kind as in Pattern.rows
    positions: Mapping[str, Any]
    stretches: tuple[Stretch, ...]


def knows(program: str, plan: Plan) -> bool:
    """Whether films of other orders share a program with this one: not where an element has two magnets."""
    if program not in PROGRAMS or not plan.segments or "TunnelJunction" in plan.kinds:
        return False
    return pattern(plan)[0].places <= _LARGEST * _PLACES


def _rows(kind: Kind) -> int:
    """Rows of a kind in the smallest pattern."""
    return _FACES if ends_conductor(kind) else _LAYERS if kind in LAYERS else _INTERFACES


@lru_cache(256)
def pattern(plan: Plan) -> tuple[Pattern, Indices]:
    """The pattern of a plan, and its indices there."""
    takes = dict(plan.magnets)
    kinds: list[Kind] = [kind for kind in _ORDER if kind in plan.kinds or kind in _ALWAYS]
    kinds += [kind for kind in plan.kinds if isinstance(kind, type)]
    counts = {kind: len(takes.get(kind, ())) for kind in kinds}
    needed = [(n, _rows(kind)) for kind, n in counts.items()]
    needed += [*((len(one.rows), _SLOTS) for one in plan.segments), (places(plan), _PLACES)]
    scale = 1
    while any(n > scale * least for n, least in needed):
        scale *= 2
    rows = {kind: scale * _rows(kind) for kind in kinds}
    slots, size = scale * _SLOTS, scale * _PLACES
    own, faces, at = starts(rows, faces=False), starts(rows, faces=True), positions(plan)
    none = sum(rows[kind] for kind in faces)

    def face(row: Row | None) -> np.ndarray:
        return np.array(none if row is None else faces[row[0]] + row[1], np.int32)

    def place(row: Row | None, element: int | None) -> np.ndarray:
        return np.array(size if row is None or element is None else element, np.int32)

    stretches = []
    for segment in plan.segments:
        count = len(segment.rows)
        order = [own[kind] + row for kind, row in segment.rows]
        stretches.append(
            Stretch(
                np.array(order + order[-1:] * (slots - count), np.int32),
                np.array([*segment.elements, *[size] * (slots - count)], np.int32),
                np.arange(slots) < count,
                np.array(count - 1, np.int32),
                face(segment.bottom),
                face(segment.top),
                place(segment.bottom, segment.bottom_element),
                place(segment.top, segment.top_element),
            )
        )
    real = {_word(kind): np.arange(n) < counts[kind] for kind, n in rows.items()}
    standing = {
        _word(kind): np.concatenate([at.get(kind, np.zeros(0)), np.full(n - counts[kind], size)]).astype(np.int32)
        for kind, n in rows.items()
        if not ends_conductor(kind)
    }
    return Pattern(tuple(rows.items()), (slots,) * len(stretches), size, plan.orbital), Indices(
        real, standing, tuple(stretches)
    )


def arrangement(pattern: Pattern, indices: Indices) -> Arrangement:
    """What the programs read; every row has an m of its own."""
    magnets, count = {}, 0
    for kind, n in pattern.rows:
        magnets[kind] = np.arange(count, count + n)
        count += n
    kinds = tuple(magnets)
    return Arrangement(
        kinds,
        pattern.orbital,
        magnets,
        {kind: indices.real[_word(kind)] for kind in kinds},
        {kind: indices.positions[_word(kind)] for kind in kinds if not ends_conductor(kind)},
        pattern.places,
        indices.stretches,
    )


def padded(plan: Plan, pattern: Pattern, table: Table) -> Table:
    """The table with all rows of the pattern; those that the film does not have repeat others, and mean nothing."""
    takes, own = dict(plan.magnets), dict(zip(plan.kinds, table.columns, strict=True))
    columns, m = [], []
    for kind, n in pattern.rows:
        there = takes.get(kind, ()) if kind in own else ()
        rows = np.minimum(np.arange(n), max(len(there) - 1, 0))
        given = own.get(kind) or {}
        if there:
            columns.append({name: np.asarray(given[name])[rows] for name in given} | _missing(kind, given, n))
            m.append(table.m[np.asarray(there)[rows]])
        else:
            blank = _blank(pattern.orbital)[kind]
            columns.append({name: np.repeat(value, n, 0) for name, value in blank.items()})
            m.append(np.repeat(table.m[:1], n, 0))
    return table._replace(columns=tuple(columns), m=np.concatenate(m))


def widened(program: str, plan: Plan, pattern: Pattern, extra: tuple[Any, ...]) -> tuple[Any, ...]:
    """A program's own arrays with all rows of the pattern."""
    if program.startswith("inside"):
        fraction, lower, upper, drive = extra
        rows = _layers(plan, pattern)
        wide = np.zeros(len(rows), int)
        wide[rows] = np.arange(rows.sum())
        return fraction, lower[wide], upper[wide], drive
    if program == "sides":
        psi, drives = extra
        return np.concatenate([psi, np.zeros((pattern.places - len(psi), *psi.shape[1:]))]), drives
    return extra


def narrowed(program: str, plan: Plan, pattern: Pattern, found: Any) -> Any:
    """What a program gives of the rows that the film has."""
    if program.startswith("inside"):
        rows = _layers(plan, pattern)
        return {name: value[rows] for name, value in found.items()}
    if program in ("faces", "crossed"):
        return type(found)(*(a[: places(plan)] for a in found))
    return found[: places(plan)] if program == "sides" else found


def _layers(plan: Plan, pattern: Pattern) -> np.ndarray:
    """Which rows of layers of the pattern the film has."""
    takes = dict(plan.magnets)
    return np.concatenate([np.arange(n) < len(takes.get(kind, ())) for kind, n in pattern.rows if kind in LAYERS])


def _word(kind: Kind) -> str:
    """Keys of a tree are all of one type."""
    return kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"


def _missing(kind: Kind, given: Mapping[str, Any], rows: int) -> dict[str, np.ndarray]:
    """Columns that stand only where a film has their effect."""
    has = LAYERS[kind].specifications() if isinstance(kind, str) and kind in LAYERS else {}
    return {name: np.zeros((rows, 1)) for name in EFFECTS if name in has and name not in given}


@cache
def _blank(orbital: bool) -> dict[Kind, Mapping[str, Any]]:
    """One row of every kind that a film need not have."""
    numbers: Any = {"thickness": 1e-9, "conductivity": 1e6, "spin_diffusion_length": 1e-9}
    faces: Any = {"conductance_up": 1e15, "conductance_down": 1e15, "mixing_conductance": 1e15}
    if orbital:
        numbers["orbital_diffusion_length"], faces["orbital_conductance"] = 1e-9, 1e15
    magnet = Ferromagnet("magnet", polarization=0.0, dephasing_length=1e-9, **numbers)
    film = Metal("metal", **numbers) | Interface(**faces) | magnet | MagneticInsulator("end", mixing_conductance=1e14)
    plan, table, _ = lower(film, m="z")
    return {
        kind: {**columns, **_missing(kind, columns, 1)} for kind, columns in zip(plan.kinds, table.columns, strict=True)
    }
