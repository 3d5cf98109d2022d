"""From the description of a film to plain arrays: the only place where the circuit reads elements.

A film becomes a static :class:`Plan` (which kinds in which order, which magnet each row takes its m from) and a
:class:`Table` of float arrays, one column per parameter, of shape (rows, batch) batch 1 where a parameter is shared.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from spinstack.circuit.dissipation import check_correlations, check_splitters
from spinstack.circuit.microscopic import Scatterer, response_columns, scatterer
from spinstack.circuit.orientation import Directions, magnet_directions
from spinstack.insulator.magnet import Magnet, magnet_model
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering.model import ScatteringModel, scattering_model
from spinstack.stack import (
    Altermagnet,
    Element,
    Ferromagnet,
    Film,
    Interface,
    Layer,
    MagneticInsulator,
    Metal,
    ParameterError,
)
from spinstack.stack.batches import together
from spinstack.stack.conditions import batches
from spinstack.stack.directions import scalar, vector
from spinstack.stack.orbital import check_losses, check_orbital, has_orbital, magnet_is_above

#: which kernel builds an element: its type, "Scattering" for an interface with a model, "Sided" where its two sides
#: differ, the class of its magnet
Kind = str | type[Magnet]
_KINDS = (
    "Metal", "Ferromagnet", "Altermagnet", "Interface", "Scattering", "Sided", "TunnelJunction", "MagneticInsulator",
)  # fmt: skip
#: those of conducting layers, in the order in which the insides of layers are listed
LAYERS: dict[str, type[Layer]] = {"Metal": Metal, "Ferromagnet": Ferromagnet, "Altermagnet": Altermagnet}
#: those that have a scattering model
SCATTERING = ("Scattering", "Sided")


def kind_of(element: Element) -> Kind:
    """The kind of an element."""
    if (scattering := scattering_model(element)) is not None:
        return scattering_kind(scattering)
    magnet = magnet_model(element)
    if magnet is not None:
        return type(magnet)
    return next((kind.__name__ for kind in type(element).__mro__ if kind.__name__ in _KINDS), "Vacuum")


def scattering_kind(model: ScatteringModel) -> str:
    """The kind of an interface with this model."""
    return "Sided" if model.differs() else "Scattering"


def ends_conductor(kind: Kind) -> bool:
    """Whether elements of this kind are faces that end a conductor."""
    return isinstance(kind, type) or kind == "MagneticInsulator"


#: kind of an element and its row among those of its kind
Row = tuple[Kind, int]


class Segment(NamedTuple):
    """A stretch of elements between closed faces: (kind, row) of each, and of the insulators that end it."""

    rows: tuple[Row, ...]
    elements: tuple[int, ...]
    bottom: Row | None
    top: Row | None
    bottom_element: int | None
    top_element: int | None


class Plan(NamedTuple):
    """What is fixed while parameters vary: hashable, the key under which compiled code is kept."""

    kinds: tuple[Kind, ...]
    segments: tuple[Segment, ...]
    # per kind: the row of m that each of its rows takes, of a tunnel junction the rows below and above
    magnets: tuple[tuple[Kind, tuple[Any, ...]], ...]
    orbital: bool = False  # whether layers carry orbital moments beside spin


class Rows(NamedTuple):
    """A column inside a JAX transformation, row by row: a derivative by one of them does not ask for all."""

    rows: tuple[Any, ...]  # of one row each, the batch axis of length 1 where it does not vary


class Table(NamedTuple):
    """The arrays of a film: per kind -> column -> (rows, batch); tensors (rows, 3, 2, batch).

    What is traced comes as :class:`Rows` until :func:`whole`. Interfaces with a scattering model are described in
    `scatterers`; :func:`responding` turns them into columns.
    """

    columns: tuple[Mapping[str, Any], ...]  # in the order of the plan's kinds
    m: Any  # (magnets, 3, batch)
    B: Any  # (3, batch)
    scatterers: tuple[Scatterer, ...] = ()


def joined(column: Any) -> Any:
    """A column as one array."""
    if not isinstance(column, Rows):
        return column
    if len(column.rows) == 1:
        return column.rows[0][None]
    xp = array_module(*column.rows)
    size = max(row.shape[-1] for row in column.rows)
    return xp.stack([xp.broadcast_to(row, (*row.shape[:-1], size)) for row in column.rows])


def whole(table: Table) -> Table:
    """The table with every column as one array."""
    columns = tuple({name: joined(column) for name, column in part.items()} for part in table.columns)
    return table._replace(columns=columns)


def responding(plan: Plan, table: Table, batch: tuple[int, ...]) -> Table:
    """The table with the responses of its scattering interfaces as columns: all that has to be integrated."""
    if not table.scatterers:
        return table
    columns = list(table.columns)
    for i, kind in enumerate(plan.kinds):
        own = [s for s in table.scatterers if scattering_kind(s.model) == kind]
        columns[i] = response_columns(own, batch) if own else columns[i]
    return table._replace(columns=tuple(columns), scatterers=())


def lower(
    film: Film, m: Directions = None, B: Any = (0.0, 0.0, 0.0), T: Any = None, find: bool = True
) -> tuple[Plan, Table, tuple[int, ...]]:
    """Plan, table and batch shape of a film, nothing solved; checks m, B, T and the film and raises ParameterError.

    Without `find` no direction is looked for where none is given: what is allowed is then all that one learns.
    """
    Film.of(film).check()
    film.require_read("drift_diffusion")
    check_orbital(film)
    plan = film.kept(_plan)
    magnets = [i for i, e in enumerate(film.elements) if e.magnetic]
    field = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
    check_splitters(film, field)
    temperature = _temperature(film, T)
    directions = magnet_directions(film, m, field, temperature, find)
    m_of = dict(zip(magnets, directions, strict=True))
    if plan.orbital:
        check_correlations(film, m_of, field)
    raw: dict[Kind, list[Mapping[str, Any]]] = {kind: [] for kind in plan.kinds}
    scatterers = []
    for i, element in enumerate(film.elements):
        kind, model = kind_of(element), magnet_model(element)
        if kind in SCATTERING:
            scatterers.append(scatterer(film, i, m_of))
        elif model is not None:
            raw[kind].append(model.columns() | {"temperature": temperature})
        elif kind in raw:
            raw[kind].append({**_columns(element), **_side(film, i)} if plan.orbital else _columns(element))
    shapes = [np.shape(v)[:-1] for v in (*directions, field)] + [np.shape(temperature)]
    shapes += [
        _batch_of(name, v) for rows in raw.values() for row in rows for name, v in row.items() if type(v) is not float
    ]
    shapes += [shape for s in scatterers for shape in s.shapes()]
    try:
        batch = np.broadcast_shapes(*shapes)
    except ValueError:
        batch = together(film.batches() | batches(m, field, temperature))
    columns = tuple(_stacked(rows, batch) if rows else {} for rows in raw.values())
    rows = [_last(v, batch) for v in directions] or [np.array([[0.0], [0.0], [1.0]])]
    return plan, Table(columns, joined(Rows(tuple(rows))), _last(field, batch), tuple(scatterers)), batch


def _plan(film: Film) -> Plan:
    magnets = {i: n for n, i in enumerate(i for i, e in enumerate(film.elements) if e.magnetic)}
    counts: dict[Kind, int] = {}
    row_of: list[Row] = []
    takes: dict[Kind, list[Any]] = {}
    for i, element in enumerate(film.elements):
        kind = kind_of(element)
        row = counts.get(kind, 0)
        counts[kind] = row + 1
        row_of.append((kind, row))
        own = tuple(magnets[k] for k in film.magnets_of(i))
        takes.setdefault(kind, []).append(own if kind == "TunnelJunction" else own[0] if own else 0)
    segments: list[Segment] = []
    current: list[int] = []
    bottom: int | None = None
    ended: tuple[Element | None, ...] = (*film.elements, None)
    for i, end in enumerate(ended):
        if end is not None and end.conducts:
            current.append(i)
            continue
        if current:
            segments.append(
                Segment(
                    tuple(row_of[k] for k in current),
                    tuple(current),
                    _insulator_row(film, row_of, bottom),
                    _insulator_row(film, row_of, i),
                    bottom,
                    i if end is not None else None,
                )
            )
        current, bottom = [], i
    return Plan(
        (*(kind for kind in _KINDS if kind in counts), *(kind for kind in counts if isinstance(kind, type))),
        tuple(segments),
        tuple((kind, tuple(rows)) for kind, rows in takes.items()),
        has_orbital(film),
    )


def _side(film: Film, index: int) -> dict[str, float]:
    """On which side of an interface its magnet is."""
    interface = isinstance(film.elements[index], Interface)
    return {"magnet_above": float(magnet_is_above(film, index))} if interface else {}


def _insulator_row(film: Film, row_of: list[Row], index: int | None) -> Row | None:
    if index is None or index >= len(film.elements) or not isinstance(film.elements[index], MagneticInsulator):
        return None
    return row_of[index]


def _temperature(film: Film, T: Any) -> Any:
    """T checked; 0 where none is given and none is needed."""
    if T is None:
        needing = [e.name for e in film.elements if (model := magnet_model(e)) is not None and model.thermal]
        if needing:
            why = f"missing, but the conductances of {', '.join(needing)} follow from the temperature"
            raise ParameterError(why, field="T", remedy="Give T in kelvin, for example T=300.")
        return 0.0
    return scalar(T, "T", "numbers in kelvin, at least 0", low=0)


def check_closed(film: Film, plan: Plan) -> None:
    """Raise where a film with closed outer faces leaves the spin accumulation undetermined."""
    for segment in plan.segments:
        _check_segment(film, segment)


def _check_segment(film: Film, segment: Segment) -> None:
    parts = [film.elements[i] for i in segment.elements]
    if all(isinstance(e, Interface) for e in parts):
        why, i = "an interface between two elements that carry no charge", segment.elements[0]
        raise ParameterError(why, where=film.labels()[i], path=(i,), remedy="Remove it.")
    ends = [film.elements[i] for i in (segment.bottom_element, segment.top_element) if i is not None]
    layers = [e for e in parts if isinstance(e, Layer)]
    losses = [_columns(e)["spin_diffusion_length"] for e in layers]
    if any(e.orbital for e in layers):
        check_losses(film, segment.elements)
    if any(kind_of(e) in SCATTERING for e in parts) or any(magnet_model(e) is not None for e in ends):
        return
    sinks = [e.spin_memory_loss for e in parts if isinstance(e, Interface)]
    sinks += [e.spin_sink_conductance for e in ends if isinstance(e, MagneticInsulator)]
    if any(is_traced(v) or (type(v) is float and v != math.inf) for v in losses) or any(map(is_traced, sinks)):
        return
    lossless = [*(np.isinf(v) for v in losses), *(np.asarray(v) == 0 for v in sinks)]
    if not functools.reduce(np.logical_and, lossless).any():  # of no film of a batch
        return
    names = ", ".join(e.name for e in parts if not isinstance(e, Interface))
    first = next(i for i in segment.elements if not isinstance(film.elements[i], Interface))
    raise ParameterError(
        f"in every layer of {names}, with no spin memory loss or spin sink: the spin accumulation is undetermined",
        where=film.labels()[first],
        field="spin_diffusion_length",
        unit="m",
        got=math.inf,
        remedy="Give at least one layer a finite one.",
        path=(first, "spin_diffusion_length"),
    )


def _columns(element: Element) -> Mapping[str, Any]:
    """The numeric columns of one element: what drift-diffusion reads, a complex number as two."""
    return element.kept(_columns_of) if element.plain else _columns_of(element)


def _columns_of(element: Element) -> dict[str, Any]:
    specs = element.specifications()
    out: dict[str, Any] = {}
    for name, value in element.numbers("drift_diffusion").items():
        if name in specs and specs[name].kind == "complex":
            out[f"{name}_real"], out[f"{name}_imag"] = value.real, value.imag
        else:
            out[name] = value
    return out


_TENSORS = tuple(
    name for kind in LAYERS.values() for name, spec in kind.specifications().items() if spec.kind == "angle"
)


def _batch_of(name: str, value: Any) -> tuple[int, ...]:
    return np.shape(value)[:-2] if name in _TENSORS else np.shape(value)


def _stacked(rows: Sequence[Mapping[str, Any]], batch: tuple[int, ...]) -> dict[str, Any]:
    """The columns of one kind; what is a single number in every row is one array, of which columns are views."""
    names = [name for name in rows[0] if name not in EFFECTS or not _unused(name, rows)]
    single = [name for name in names if all(type(row[name]) is float for row in rows)]
    numbers = np.array([[[row[name]] for row in rows] for name in single])
    columns: dict[str, Any] = dict(zip(single, numbers, strict=True))
    return columns | {name: _stack([row[name] for row in rows], name, batch) for name in names if name not in columns}


#: columns that stand only where a film has the effect, so that others are solved as if there were none
EFFECTS = ("rotated_spin_hall_angle",)


def _unused(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    return all(type(row[name]) is float and row[name] == 0 for row in rows)


def _stack(values: Sequence[Any], name: str, batch: tuple[int, ...]) -> Any:
    """Rows of one column as (rows, [3, 2,] batch); the batch axis has length 1 when no row varies."""
    inner = (3, 2) if name in _TENSORS else ()
    full = [batch if _batch_of(name, v) != () else () for v in values]
    traced = any(map(is_traced, values))
    if not traced and not any(full):
        return array_module(*values).asarray(values, dtype=float)[..., None]
    rows = Rows(tuple(_row(v, inner, shape) for v, shape in zip(values, full, strict=True)))
    return rows if traced else joined(rows)


def _row(value: Any, inner: tuple[int, ...], full: tuple[int, ...]) -> Any:
    xp = array_module(value)
    row = xp.broadcast_to(xp.asarray(value, dtype=float), (*full, *inner))
    return xp.moveaxis(row.reshape(-1, *inner), 0, -1)


def _last(v: Any, batch: tuple[int, ...]) -> Any:
    """A vector (..., 3) as (3, batch), batch 1 where it is shared."""
    xp = array_module(v)
    if np.ndim(v) == 1:
        return xp.asarray(v)[:, None]
    return xp.moveaxis(xp.broadcast_to(v, (*batch, 3)).reshape(-1, 3), 0, -1)
