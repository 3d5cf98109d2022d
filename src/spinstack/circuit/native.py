"""The programs of :mod:`spinstack.circuit.kernel` in native code: no compiler at run time, films in vector lanes.

The library is made from kernel/ at the root of the repository, one formula a language, side by side by name. A program,
a kind of element or a column that it does not know is left to JAX. The environment variable SPINSTACK_KERNEL chooses:
"off", an instruction set ("base", "avx2", "avx512"), or nothing: the best that this processor has. SPINSTACK_THREADS is
the number of threads, as many as the process has cores unless told.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from spinstack.circuit.arrangement import places
from spinstack.circuit.lower import Kind, Plan, Row, Table, joined
from spinstack.numerics.arrays import array_module
from spinstack.numerics.threads import threads as all_threads
from spinstack.text.errors import SpinstackError

#: what this file and the library have to agree on
_INTERFACE = 3
#: films below which threads cost more than they save
_FEW = 2048

#: columns of every kind in the order of kernel/film.hpp
COLUMNS = {
    "Metal": (
        "thickness", "conductivity", "spin_diffusion_length", "spin_hall_angle", "spin_splitter", "hall_coefficient",
        "g_factor", "inverse_diffusion",
    ),
    "Ferromagnet": (
        "thickness", "conductivity", "spin_diffusion_length", "polarization", "polarization_parallel",
        "dephasing_length", "precession_length", "spin_hall_angle", "amr_ratio", "size_effect_ratio",
        "anomalous_hall_angle", "spin_anomalous_hall_angle", "hall_coefficient",
    ),
    "Interface": (
        "conductance_up", "conductance_down", "mixing_conductance_real", "mixing_conductance_imag",
        "mixing_conductance_upper_real", "mixing_conductance_upper_imag", "transmitted_mixing_conductance_real",
        "transmitted_mixing_conductance_imag", "spin_memory_loss", "filtering", "filtering_upper", "precession",
        "precession_upper", "rashba_edelstein", "sheet_conductance", "reciprocal", "magnetic",
    ),
    "MagneticInsulator": ("spin_sink_conductance", "mixing_conductance_real", "mixing_conductance_imag"),
    "Scattering": (
        "lower_through", "lower_shunt", "upper_shunt", "lower_source", "upper_source", "across", "lower_response",
        "upper_response", "direct", "lower_torque", "upper_torque", "torque_source",
    ),
}  # fmt: skip
_ORBITAL_LAYER = (
    "orbital_diffusion_length", "orbital_conductivity", "orbital_hall_angle", "spin_orbital_conversion",
    "spin_orbital_polarization",
)  # fmt: skip
#: those that stand behind them in films with orbital moments
ORBITAL_COLUMNS = {
    "Metal": (*_ORBITAL_LAYER, "orbital_g_factor", "inverse_orbital_diffusion"),
    "Ferromagnet": _ORBITAL_LAYER,
    "Interface": (
        "orbital_conductance", "orbital_memory_loss", "orbital_rashba_edelstein",
        "orbital_spin_mixing_conductance_real", "orbital_spin_mixing_conductance_imag", "magnet_above",
    ),
}  # fmt: skip
#: programs whose values are known of films with orbital moments; all derivatives of these are left to JAX
_ORBITAL = ("sheet", "perpendicular", "faces", "inside")
#: columns that lowering carries along but no formula of the circuit reads
_UNREAD = {"spin_hall_conductivity"}
_KINDS = tuple(COLUMNS)
_SETS = ("base", "avx2", "avx512")
#: what else derivatives are taken by
_OTHERS = {"m": len(_KINDS), "B": len(_KINDS) + 1, "own": len(_KINDS) + 2}
#: kind and column by number
_CODES = {(kind, name): (k, c) for k, kind in enumerate(_KINDS) for c, name in enumerate(COLUMNS[kind])}
_CODES |= {(kind, ""): (k, 0) for kind, k in _OTHERS.items()}


class _Column(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("length", ctypes.c_int64))


class _Film(ctypes.Structure):
    _fields_ = (
        ("segments", ctypes.c_void_p),
        ("segment_count", ctypes.c_int64),
        ("positions", ctypes.c_int64),
        ("columns", ctypes.c_void_p * len(_KINDS)),
        ("rows", ctypes.c_int64 * len(_KINDS)),
        ("magnet_of", ctypes.c_void_p * len(_KINDS)),
        ("m", _Column),
        ("magnets", ctypes.c_int64),
        ("sinks", ctypes.c_int64),
        ("B", _Column),
        ("orbital", ctypes.c_int64),
    )


class Asked(NamedTuple):
    """A number by which a derivative is wanted: component of a column of a row.

    Kinds beside those of rows: "m" (row), "B", and "own", an array of the program's own (row: which of them).
    """

    kind: str
    row: int
    column: str = ""
    component: int = 0


def file_name() -> str:
    """The library's name on this system."""
    return f"libspinstack_kernel{ {'darwin': '.dylib', 'win32': '.dll'}.get(sys.platform, '.so') }"


@cache
def _library() -> ctypes.CDLL | None:
    """The library, or None where there is none, or another version of it."""
    path = Path(__file__).with_name(file_name())
    if not path.is_file():
        return None
    try:
        library = ctypes.CDLL(str(path))
        interface = library.spinstack_interface()
    except (OSError, AttributeError) as error:
        remedy = "Install the package again, or set SPINSTACK_KERNEL=off."
        raise SpinstackError(f"the native kernel {path} can't be loaded: {error}", remedy=remedy) from None
    if interface != _INTERFACE:
        return None
    library.spinstack_target.restype = ctypes.c_char_p
    return library


@cache
def available() -> tuple[str, ...]:
    """The instruction sets of the library that this processor has; none without the library."""
    found = _library()
    return () if found is None else tuple(word for word in _SETS if found.spinstack_use(word.encode()))


def library() -> ctypes.CDLL | None:
    """The library with the wanted instruction set, None where JAX is to solve films.

    Raises :class:`SpinstackError` where SPINSTACK_KERNEL asks for one that is not there.
    """
    wanted = os.environ.get("SPINSTACK_KERNEL", "")
    if wanted == "off":
        return None
    found = _library()
    if wanted and wanted not in available():
        why = "which this processor does not have" if wanted in _SETS and found else ""
        if wanted in _SETS and not found:
            why = "but the package was installed without the native kernel"
        allowed = ", ".join(("off", *available())) + ", or nothing for the best of this processor"
        raise SpinstackError(why, field="SPINSTACK_KERNEL", got=wanted, allowed=allowed)
    if found is not None:
        found.spinstack_use(wanted.encode())
    return found


def target() -> str | None:
    """The instruction set that is used; None without the library."""
    found = library()
    return None if found is None else found.spinstack_target().decode()


def threads(films: int) -> int:
    """Threads for so many films."""
    count = all_threads()
    return 1 if films < _FEW else count


class _Structure(NamedTuple):
    """A plan as the library reads it."""

    segments: np.ndarray
    segment_count: int
    positions: int
    magnet_of: tuple[np.ndarray, ...]


@lru_cache(256)
def _structure(plan: Plan, pieces: tuple[int, ...]) -> _Structure:
    """The plan with `pieces` sublattices of each kind of magnet, whose faces follow those of plain insulators."""
    takes = dict(plan.magnets)
    magnets = [kind for kind in plan.kinds if isinstance(kind, type)]
    faces: dict[Row, tuple[int, ...]] = {
        ("MagneticInsulator", row): (row,) for row in range(len(takes.get("MagneticInsulator", ())))
    }
    own, first = len(faces), max((max(rows) for rows in takes.values()), default=0) + 1
    count = own
    for magnet, parts in zip(magnets, pieces, strict=True):
        size = len(takes[magnet])
        for row in range(size):
            faces[magnet, row] = tuple(count + part * size + row for part in range(parts))
        count += parts * size
    numbers: list[int] = []
    for segment in plan.segments:
        numbers.append(len(segment.rows))
        for (kind, row), position in zip(segment.rows, segment.elements, strict=True):
            numbers += [_KINDS.index(str(kind)), row, position]
        for end, position_or_none in ((segment.bottom, segment.bottom_element), (segment.top, segment.top_element)):
            sinks = () if end is None else faces[end]
            numbers += [len(sinks), -1 if position_or_none is None else position_or_none, *sinks]
    magnet_of = [list(takes.get(kind, ())) for kind in _KINDS]
    magnet_of[_KINDS.index("MagneticInsulator")] += [first + n for n in range(count - own)]
    return _Structure(
        np.array(numbers, np.int32),
        len(plan.segments),
        places(plan),
        tuple(np.array(rows or [0], np.int32) for rows in magnet_of),
    )


class Unknown(NamedTuple):
    """What JAX computes for the library: elements with arrays of their own, and faces of magnets by sublattices.

    elements: arrays of :class:`spinstack.circuit.element.AffineElement` by name; faces: per kind of magnet the columns
    of an insulator and its `direction`, sublattices one after the other.
    """

    elements: Mapping[str, Any]
    faces: tuple[Mapping[str, Any], ...]


class Described(NamedTuple):
    """A film as the library reads it: its structure, the columns of each kind in the order of COLUMNS, m and B.

    rows: of each kind; magnets, sinks: rows of m and of insulators that the film itself has.
    """

    structure: _Structure
    rows: tuple[int, ...]
    columns: tuple[tuple[Any, ...], ...]
    m: Any
    B: Any
    magnets: int
    sinks: int
    orbital: bool

    @property
    def potentials(self) -> int:
        """At every face: of spin, or of spin and orbital moments."""
        return 6 if self.orbital else 3

    @property
    def layers(self) -> int:
        return self.rows[0] + self.rows[1]

    @classmethod
    def of(cls, plan: Plan, table: Table, unknown: Unknown | None) -> Described:
        """What stands in a table, with what JAX has computed of it."""
        columns: dict[Kind, Mapping[str, Any]] = dict(zip(plan.kinds, table.columns, strict=True))
        takes = dict(plan.magnets)
        rows = {kind: len(takes.get(kind, ())) for kind in _KINDS}
        m, pieces = table.m, cast(tuple[int, ...], ())
        sinks = rows["MagneticInsulator"]
        if unknown is not None:
            if unknown.elements:
                columns["Scattering"] = unknown.elements
            if unknown.faces:
                m = _together([m, *(face["direction"] for face in unknown.faces)])
                parts = [columns["MagneticInsulator"]] if sinks else []
                parts += unknown.faces
                columns["MagneticInsulator"] = {
                    name: _together([part[name] for part in parts]) for name in COLUMNS["MagneticInsulator"]
                }
                kinds = [kind for kind in plan.kinds if isinstance(kind, type)]
                pieces = tuple(
                    len(face["direction"]) // len(takes[kind]) for kind, face in zip(kinds, unknown.faces, strict=True)
                )
                rows["MagneticInsulator"] += sum(len(face["direction"]) for face in unknown.faces)
        found = tuple(
            tuple(columns[kind][name] for name in _columns_of(plan, kind)) if count else ()
            for kind, count in rows.items()
        )
        structure = _structure(plan, pieces)
        return cls(structure, tuple(rows.values()), found, m, table.B, table.m.shape[0], sinks, plan.orbital)


class _Prepared:
    """A film as the library reads it, and all arrays that have to live as long."""

    def __init__(self, plan: Plan, table: Table, unknown: Unknown | None) -> None:
        described = Described.of(plan, table, unknown)
        self.structure = described.structure
        self.kept: list[Any] = [self.structure]
        film = self.film = _Film()
        film.segments, film.segment_count = _address(self.structure.segments), self.structure.segment_count
        film.positions = self.structure.positions
        for i, columns in enumerate(described.columns):
            film.rows[i], film.magnet_of[i] = described.rows[i], _address(self.structure.magnet_of[i])
            if columns:
                film.columns[i] = self._columns(columns)
        film.m, film.B = self.column(described.m), self.column(described.B)
        film.magnets, film.sinks, film.orbital = described.magnets, described.sinks, described.orbital
        self.shape = described.structure.positions, described.layers, described.potentials

    def column(self, value: Any) -> _Column:
        array = np.ascontiguousarray(value, float)
        self.kept.append(array)
        return _Column(_address(array), array.shape[-1])

    def _columns(self, columns: tuple[Any, ...]) -> int:
        arrays = [np.ascontiguousarray(column, float) for column in columns]
        described = np.array([(_address(a), a.shape[-1]) for a in arrays], np.int64)
        self.kept += [arrays, described]
        return _address(described)


def _address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def _together(parts: list[Any]) -> np.ndarray:
    """Rows of several arrays one behind the other, all at the largest batch."""
    parts = [joined(part) for part in parts]
    xp = array_module(*parts)
    size = max(part.shape[-1] for part in parts)
    return xp.concatenate([xp.broadcast_to(part, (*part.shape[:-1], size)) for part in parts])


def _columns_of(plan: Plan, kind: str) -> tuple[str, ...]:
    """The columns of a kind that the library reads, in their order."""
    return COLUMNS.get(kind, ()) + (ORBITAL_COLUMNS.get(kind, ()) if plan.orbital else ())


def knows(program: str, plan: Plan, table: Table) -> bool:
    """Whether the library finds the values of this program for these kinds with these columns."""
    if program not in PROGRAMS or library() is None:
        return False
    if plan.orbital and (program not in _ORBITAL or "Scattering" in plan.kinds):
        return False
    if not all(isinstance(kind, type) or kind in COLUMNS or kind == "Vacuum" for kind in plan.kinds):
        return False  # both admittances of an element are the same there, and it has one m
    if program == "sheet_slope" and any(isinstance(kind, type) for kind in plan.kinds):
        return False  # the conductances of magnets follow from the field
    known = (
        set(columns) - _UNREAD == set(_columns_of(plan, kind))
        for kind, columns in zip(plan.kinds, table.columns, strict=True)
        if isinstance(kind, str) and kind not in ("Scattering", "Vacuum")
    )
    return all(known)


def differentiates(plan: Plan) -> bool:
    """Whether the library has derivatives of what it knows of these films, as transformations of JAX may ask for."""
    return not plan.orbital


Arrays = tuple[np.ndarray, ...]


def solver(
    program: str, plan: Plan, table: Table, extra: tuple[Any, ...], unknown: Unknown | None
) -> Callable[[int, int], Arrays]:
    """A function that solves films from the first to the one behind the last and returns the program's arrays."""
    prepared = _Prepared(plan, table, unknown)
    shapes = PROGRAMS[program](*prepared.shape)
    own = [prepared.column(value) for value in extra]
    found = library()
    assert found is not None
    run = getattr(found, f"spinstack_{program}")

    def solve(first: int, last: int) -> Arrays:
        new = np.zeros if program == "faces" else np.empty
        out = tuple(new((*shape, last - first)) for shape in shapes)
        run(
            ctypes.byref(prepared.film),
            ctypes.c_int64(first),
            ctypes.c_int64(last),
            threads(last - first),
            *(ctypes.byref(column) for column in own),
            *(ctypes.c_void_p(_address(array)) for array in out),
        )
        return out

    return solve


#: the arrays that each program gives, from the number of places in the film, of layers and of potentials at a face
PROGRAMS: dict[str, Callable[[int, int, int], tuple[tuple[int, ...], ...]]] = {
    "sheet": lambda places, layers, n: ((2, 2),),
    "sheet_slope": lambda places, layers, n: ((2, 2), (2, 2)),
    "perpendicular": lambda places, layers, n: ((1,),),
    "faces": lambda places, layers, n: ((places, 2, n), (places, 2, n), (places, 3), (places, 3), (places, 3)),
    "inside": lambda places, layers, n: ((layers, n), (layers, n), (layers,), (layers, 2)),
}


#: names of the arrays of programs that give them by name
NAMES = {"inside": ("psi", "Q", "V", "j")}


def jacobian(
    program: str,
    plan: Plan,
    table: Table,
    asked: list[Asked],
    extra: tuple[Any, ...] = (),
    unknown: Unknown | None = None,
) -> tuple[Arrays, Arrays]:
    """The program's arrays, and their derivatives (asked, ..., batch) by numbers of single films."""
    found = library()
    assert found is not None
    assert differentiates(plan)
    prepared = _Prepared(plan, table, unknown)
    own = [prepared.column(value) for value in extra]
    leaves = [*(leaf for columns in table.columns for leaf in columns.values()), table.m, table.B, *extra]
    size = max(np.shape(leaf)[-1] for leaf in map(joined, leaves))
    codes = np.array([(*_CODES[kind, column], row, component) for kind, row, column, component in asked], np.int32)
    codes = np.ascontiguousarray(codes.reshape(-1, 4)[:, (0, 2, 1, 3)])
    shapes = PROGRAMS[program](*prepared.shape)
    new = np.zeros if program == "faces" else np.empty
    values = tuple(new((*shape, size)) for shape in shapes)
    derivatives = tuple(np.empty((len(asked), *shape, size)) for shape in shapes)
    getattr(found, f"spinstack_{program}_jacobian")(
        ctypes.byref(prepared.film),
        ctypes.c_int64(0),
        ctypes.c_int64(size),
        threads(size),
        ctypes.c_void_p(_address(codes)),
        ctypes.c_int64(len(asked)),
        *(ctypes.byref(column) for column in own),
        *(ctypes.c_void_p(_address(array)) for array in (*values, *derivatives)),
    )
    return values, derivatives


def sheet_jacobian(
    plan: Plan, table: Table, asked: list[Asked], unknown: Unknown | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Sheet conductance (2, 2, batch) [S] and its derivatives (asked, 2, 2, batch) by numbers of single films."""
    (G,), (found,) = jacobian("sheet", plan, table, asked, (), unknown)
    return G, found
