"""From the description of a film to plain arrays: the only place where the circuit reads elements.

A film becomes a static :class:`Plan` (which kinds in which order, which magnet each row takes its m from) and a
:class:`Table` of float arrays, one column per parameter, of shape (rows, batch) batch 1 where a parameter is shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from spinstack.circuit.law import diffusion_inverse
from spinstack.circuit.microscopic import scattering_columns
from spinstack.circuit.orientation import Directions, magnet_directions
from spinstack.insulator.evaluate import KERNELS
from spinstack.insulator.magnet import magnet_model
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.stack import Element, Ferromagnet, Film, Interface, MagneticInsulator, Metal, ParameterError
from spinstack.stack.directions import scalar, vector

#: kinds of faces that end a conductor
FACES = ("MagneticInsulator", *KERNELS)
_KINDS = ("Metal", "Ferromagnet", "Interface", "Scattering", *FACES)


def kind_of(element: Element) -> str:
    """Which kernel builds an element: its type, "Scattering" for an interface with such a model, a magnet's own."""
    if isinstance(element, Interface) and element.scattering is not None:
        return "Scattering"
    magnet = magnet_model(element)
    return type(element).__name__ if magnet is None else magnet.kernel


#: kind of an element and its row among those of its kind
Row = tuple[str, int]


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

    kinds: tuple[str, ...]
    segments: tuple[Segment, ...]
    magnets: tuple[tuple[str, tuple[int, ...]], ...]  # per kind: the row of m that each of its rows takes


class Table(NamedTuple):
    """The arrays of a film: per kind name -> column -> (rows, batch); tensors (rows, 3, 2, batch)."""

    columns: Mapping[str, Mapping[str, Any]]
    m: Any  # (magnets, 3, batch)
    B: Any  # (3, batch)


def lower(
    film: Film, m: Directions = None, B: Any = (0.0, 0.0, 0.0), T: Any = None
) -> tuple[Plan, Table, tuple[int, ...]]:
    """Plan, table and batch shape of a film; checks m, B, T and the film and raises ParameterError."""
    if not isinstance(film, Film):
        hint = "Film((layer,)) makes a film of one layer" if isinstance(film, Element) else "Compose elements with |"
        raise ParameterError(f"film: got {film!r} of type {type(film).__name__}. Allowed: a Film. {hint}.")
    film.check()
    plan = _plan(film)
    magnets = [i for i, e in enumerate(film.elements) if e.magnetic]
    field = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
    temperature = _temperature(film, T)
    directions = magnet_directions(film, m, field, temperature)
    raw: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS if kind != "Scattering"}
    m_of = dict(zip(magnets, directions, strict=True))
    for element in film.elements:
        if kind_of(element) in FACES[1:]:
            model: Any = magnet_model(element)
            raw[kind_of(element)].append(model.columns() | {"temperature": temperature})
        elif kind_of(element) in raw:
            raw[kind_of(element)].append(_columns(element))
    shapes = [np.shape(v)[:-1] for v in (*directions, field)] + [np.shape(temperature)]
    shapes += [
        _batch_of(name, v) for rows in raw.values() for row in rows for name, v in row.items() if type(v) is not float
    ]
    scattering = [i for i, e in enumerate(film.elements) if kind_of(e) == "Scattering"]
    shapes += [np.shape(v) for i in scattering for v in film.elements[i].parameters.values() if v is not None]
    try:
        batch = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ParameterError(
            f"m, B, T and the film's parameters have batch shapes {sorted(set(shapes))}, which do not broadcast "
            "together."
        ) from None
    columns: dict[str, Any] = {kind: _stacked(rows, batch) for kind, rows in raw.items() if rows}
    if scattering:
        columns["Scattering"] = scattering_columns(film, scattering, m_of, batch)
    rows = [_last(v, batch) for v in directions] or [np.array([[0.0], [0.0], [1.0]])]
    return plan, Table(columns, _stack_rows(rows), _last(field, batch)), batch


def _plan(film: Film) -> Plan:
    magnets = [i for i, e in enumerate(film.elements) if e.magnetic]
    counts: dict[str, int] = {}
    row_of: list[Row] = []
    takes: dict[str, list[int]] = {}
    for i, element in enumerate(film.elements):
        kind = kind_of(element)
        row = counts.get(kind, 0)
        counts[kind] = row + 1
        row_of.append((kind, row))
        magnet = film.magnet_of(i)
        takes.setdefault(kind, []).append(magnets.index(magnet) if magnet is not None else 0)
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
        tuple(kind for kind in _KINDS if kind in counts),
        tuple(segments),
        tuple((kind, tuple(rows)) for kind, rows in takes.items()),
    )


def _insulator_row(film: Film, row_of: list[Row], index: int | None) -> Row | None:
    if index is None or index >= len(film.elements) or not isinstance(film.elements[index], MagneticInsulator):
        return None
    return row_of[index]


def _temperature(film: Film, T: Any) -> Any:
    """T checked; 0 where none is given and none is needed."""
    if T is None:
        needing = [e.name for e in film.elements if magnet_model(e) is not None]
        if needing:
            raise ParameterError(
                f"T: missing, but the conductances of {', '.join(needing)} follow from the temperature. Give T in "
                "kelvin, for example T=300."
            )
        return 0.0
    return scalar(T, "T", "numbers in kelvin, at least 0", low=0)


def check_closed(film: Film, plan: Plan) -> None:
    """Raise where a film with closed outer faces leaves the spin accumulation undetermined."""
    for segment in plan.segments:
        _check_segment(film, segment)


def _check_segment(film: Film, segment: Segment) -> None:
    parts = [film.elements[i] for i in segment.elements]
    if all(isinstance(e, Interface) for e in parts):
        raise ParameterError(
            f"{film.labels()[segment.elements[0]]}: an interface between two elements that carry no charge. Remove it."
        )
    ends = [film.elements[i] for i in (segment.bottom_element, segment.top_element) if i is not None]
    losses = [e.spin_diffusion_length for e in parts if isinstance(e, Metal | Ferromagnet)]
    if any(kind_of(e) == "Scattering" for e in parts) or any(magnet_model(e) is not None for e in ends):
        return
    sinks = [e.spin_memory_loss for e in parts if isinstance(e, Interface)]
    sinks += [e.spin_sink_conductance for e in ends if isinstance(e, MagneticInsulator)]
    if any(is_traced(v) or not np.isinf(v).all() for v in losses):
        return
    if any(is_traced(v) or not (np.asarray(v) == 0).all() for v in sinks):
        return
    names = ", ".join(e.name for e in parts if not isinstance(e, Interface))
    raise ParameterError(
        f"spin_diffusion_length is infinite in every layer of {names}, with no spin memory loss or spin sink: the spin "
        "accumulation is undetermined. Give at least one layer a finite spin_diffusion_length."
    )


def _columns(element: Element) -> dict[str, Any]:
    """The numeric columns of one element, defaults that depend on other parameters filled in."""
    p = dict(element.parameters)
    if isinstance(element, Metal | Ferromagnet):
        for name in element.ballistic:
            del p[name]
        p["spin_hall_angle"] = _tensor(p["spin_hall_angle"])
    if isinstance(element, Metal):
        splitter = p.pop("spin_splitter")
        p["spin_splitter"] = np.zeros((3, 2)) if splitter is None else splitter
        D, nu = p.pop("diffusion_coefficient"), p.pop("density_of_states")
        if D is not None:
            p["inverse_diffusion"] = 1 / D
        else:
            p["inverse_diffusion"] = 0.0 if nu is None else diffusion_inverse(p["conductivity"], nu)
    if isinstance(element, Ferromagnet):
        if p["spin_anomalous_hall_angle"] is None:
            p["spin_anomalous_hall_angle"] = p["polarization"] * p["anomalous_hall_angle"]
        if p["polarization_parallel"] is None:
            p["polarization_parallel"] = p["polarization"]
    if isinstance(element, Interface):
        del p["diffuse_fraction"]
        mixing, through = p.pop("mixing_conductance"), p.pop("transmitted_mixing_conductance")
        upper = p.pop("mixing_conductance_upper")
        p["magnetic"] = 0.0 if mixing is None else 1.0
        mixing = 0j if mixing is None else mixing
        for name, value in (("mixing", mixing), ("mixing_upper", upper), ("through", through)):
            if value is None:
                value = mixing if name == "mixing_upper" else 0j
            p[f"{name}_real"], p[f"{name}_imag"] = value.real, value.imag
        for name in ("filtering", "precession"):
            if p[f"{name}_upper"] is None:
                p[f"{name}_upper"] = p[name]
    if isinstance(element, MagneticInsulator):
        mixing = p.pop("mixing_conductance")
        p["mixing_real"], p["mixing_imag"] = mixing.real, mixing.imag
    return p


_TENSORS = ("spin_hall_angle", "spin_splitter")


def _tensor(theta: Any) -> Any:
    """The 3x2 tensor [spin, field] of a spin Hall angle; a scalar gives Q = theta sigma z x E."""
    if np.ndim(theta) >= 2:
        return theta
    return array_module(theta).asarray(theta)[..., None, None] * np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]])


def _batch_of(name: str, value: Any) -> tuple[int, ...]:
    return np.shape(value)[:-2] if name in _TENSORS else np.shape(value)


def _stacked(rows: Sequence[Mapping[str, Any]], batch: tuple[int, ...]) -> dict[str, Any]:
    """The columns of one kind; what is a single number in every row is one array, of which columns are views."""
    single = [name for name in rows[0] if all(type(row[name]) is float for row in rows)]
    numbers = np.array([[[row[name]] for row in rows] for name in single])
    columns: dict[str, Any] = dict(zip(single, numbers, strict=True))
    return columns | {name: _stack([row[name] for row in rows], name, batch) for name in rows[0] if name not in columns}


def _stack(values: Sequence[Any], name: str, batch: tuple[int, ...]) -> Any:
    """Rows of one column as (rows, [3, 2,] batch); the batch axis has length 1 when no row varies."""
    xp = array_module(*values)
    inner = (3, 2) if name in _TENSORS else ()
    full = batch if any(_batch_of(name, v) != () for v in values) else ()
    stack = xp.stack([xp.broadcast_to(xp.asarray(v, dtype=float), (*full, *inner)) for v in values])
    size, count = int(np.prod(full, dtype=int)), int(np.prod(inner, dtype=int))
    return stack.reshape(len(values), size, count).swapaxes(1, 2).reshape(len(values), *inner, size)


def _stack_rows(rows: Sequence[Any]) -> Any:
    xp = array_module(*rows)
    size = max(r.shape[-1] for r in rows)
    return xp.stack([xp.broadcast_to(xp.asarray(r), (3, size)) for r in rows])


def _last(v: Any, batch: tuple[int, ...]) -> Any:
    """A vector (..., 3) as (3, batch), batch 1 where it is shared."""
    xp = array_module(v)
    if np.ndim(v) == 1:
        return xp.asarray(v)[:, None]
    return xp.moveaxis(xp.broadcast_to(v, (*batch, 3)).reshape(-1, 3), 0, -1)
