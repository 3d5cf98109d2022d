"""From the description of a film to plain arrays: the only place where the circuit reads elements.

A film becomes a static :class:`Plan` (which kinds in which order, which magnet each row takes its m from) and a
:class:`Table` of float arrays, one column per parameter, of shape (rows, batch) batch 1 where a parameter is shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from spinstack.circuit.law import diffusion_inverse
from spinstack.circuit.microscopic import scattering_columns
from spinstack.scattering.directions import unit_vector, vector
from spinstack.stack import Element, Ferromagnet, Film, Interface, MagneticInsulator, Metal, ParameterError
from spinstack.stack.parameters import is_traced

#: m and B as they arrive: one vector (..., 3), or one per magnet name
Directions = Any

_KINDS = ("Metal", "Ferromagnet", "Interface", "Scattering", "MagneticInsulator")


def kind_of(element: Element) -> str:
    """Which kernel builds an element: its type, or for an interface with a scattering model "Scattering"."""
    if isinstance(element, Interface) and element.scattering is not None:
        return "Scattering"
    return type(element).__name__


class Segment(NamedTuple):
    """A stretch of elements between closed faces: (kind, row) of each, and of the insulators that end it."""

    rows: tuple[tuple[str, int], ...]
    elements: tuple[int, ...]
    bottom: int | None
    top: int | None
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


def lower(film: Film, m: Directions = None, B: Any = (0.0, 0.0, 0.0)) -> tuple[Plan, Table, tuple[int, ...]]:
    """Plan, table and batch shape of a film; checks m, B and the film and raises ParameterError."""
    if not isinstance(film, Film):
        hint = "Film((layer,)) makes a film of one layer" if isinstance(film, Element) else "Compose elements with |"
        raise ParameterError(f"film: got {film!r} of type {type(film).__name__}. Allowed: a Film. {hint}.")
    film.check()
    plan = _plan(film)
    magnets = [i for i, e in enumerate(film.elements) if e.magnetic]
    labels = film.labels()
    directions = [_direction_of(film, i, labels, m) for i in magnets]
    _check_directions(film, m)
    field = vector(B, "B", "three components in tesla, for example B=(0, 0, 1.5)")
    raw: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS if kind != "Scattering"}
    for element in film.elements:
        if kind_of(element) in raw:
            raw[kind_of(element)].append(_columns(element))
    shapes = [np.shape(v)[:-1] for v in (*directions, field)]
    shapes += [_batch_of(name, v) for rows in raw.values() for row in rows for name, v in row.items()]
    scattering = [i for i, e in enumerate(film.elements) if kind_of(e) == "Scattering"]
    shapes += [np.shape(v) for i in scattering for v in film.elements[i].parameters.values() if v is not None]
    try:
        batch = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ParameterError(
            f"m, B and the film's parameters have batch shapes {sorted(set(shapes))}, which do not broadcast together."
        ) from None
    columns: dict[str, Any] = {
        kind: {name: _stack([row[name] for row in rows], name, batch) for name in rows[0]}
        for kind, rows in raw.items()
        if rows
    }
    if scattering:
        m_of = dict(zip(magnets, directions, strict=True))
        columns["Scattering"] = scattering_columns(film, scattering, m_of, batch)
    rows = [_last(v, batch) for v in directions] or [np.array([[0.0], [0.0], [1.0]])]
    return plan, Table(columns, _stack_rows(rows), _last(field, batch)), batch


def _plan(film: Film) -> Plan:
    magnets = [i for i, e in enumerate(film.elements) if e.magnetic]
    counts: dict[str, int] = {}
    row_of: list[tuple[str, int]] = []
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


def _insulator_row(film: Film, row_of: list[tuple[str, int]], index: int | None) -> int | None:
    if index is None or index >= len(film.elements) or not isinstance(film.elements[index], MagneticInsulator):
        return None
    return row_of[index][1]


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
    if any(kind_of(e) == "Scattering" for e in parts):
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
    return _array_module(theta).asarray(theta)[..., None, None] * np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]])


def _batch_of(name: str, value: Any) -> tuple[int, ...]:
    return np.shape(value)[:-2] if name in _TENSORS else np.shape(value)


def _array_module(*values: Any) -> Any:
    return jnp if any(isinstance(v, jax.Array) for v in values) else np


def _stack(values: Sequence[Any], name: str, batch: tuple[int, ...]) -> Any:
    """Rows of one column as (rows, [3, 2,] batch); the batch axis has length 1 when no row varies."""
    xp = _array_module(*values)
    inner = (3, 2) if name in _TENSORS else ()
    full = any(_batch_of(name, v) != () for v in values)
    size = int(np.prod(batch, dtype=int)) if full else 1
    rows = []
    for v in values:
        v = xp.asarray(v, dtype=float)
        v = xp.broadcast_to(v, (*batch, *inner)) if full else v
        rows.append(xp.moveaxis(v.reshape(size, *inner), 0, -1))
    return xp.stack(rows)


def _stack_rows(rows: Sequence[Any]) -> Any:
    xp = _array_module(*rows)
    size = max(r.shape[-1] for r in rows)
    return xp.stack([xp.broadcast_to(xp.asarray(r), (3, size)) for r in rows])


def _last(v: Any, batch: tuple[int, ...]) -> Any:
    """A vector (..., 3) as (3, batch), batch 1 where it is shared."""
    xp = _array_module(v)
    if np.ndim(v) == 1:
        return xp.asarray(v)[:, None]
    return xp.moveaxis(xp.broadcast_to(v, (*batch, 3)).reshape(-1, 3), 0, -1)


def _direction_of(film: Film, index: int, labels: Sequence[str], m: Directions) -> Any:
    name = film.elements[index].name
    if m is None:
        raise ParameterError(
            f"m: missing, but the film has magnets ({', '.join(film.magnets)}). Give m=(0, 1, 0) for all of them, "
            "or a mapping from magnet name to vector."
        )
    if not isinstance(m, Mapping):
        return unit_vector(m)
    same = [i for i, label in enumerate(labels) if label == labels[index] and film.elements[i].magnetic]
    numbered = f"{name}[{same.index(index)}]"
    for key in (numbered, name):
        if key in m:
            return unit_vector(m[key], f"m[{key!r}]")
    raise ParameterError(f"m: no direction for the magnet {name!r}. Magnets of the film: {', '.join(film.magnets)}.")


def _check_directions(film: Film, m: Directions) -> None:
    if m is None:
        return
    if not isinstance(m, Mapping):
        unit_vector(m)
        return
    for key in m:
        if not any(key == n or (isinstance(key, str) and key.startswith(f"{n}[")) for n in film.magnets):
            raise ParameterError(
                f"m: {key!r} is not a magnet of the film. Its magnets: {', '.join(film.magnets) or 'none'}."
            )


def magnet_labels(film: Film) -> tuple[str, ...]:
    """One label per magnetic element, bottom first: its name, numbered where the name repeats."""
    names = [e.name for e in film.elements if e.magnetic]
    seen: dict[str, int] = {}
    out = []
    for name in names:
        n = seen[name] = seen.get(name, -1) + 1
        out.append(f"{name}[{n}]" if names.count(name) > 1 else name)
    return tuple(out)
