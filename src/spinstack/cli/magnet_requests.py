"""Requests that follow the field and the temperature, on which magnetic insulators depend."""

from __future__ import annotations

from typing import Any

from spinstack.cli.reader import Table, with_models
from spinstack.cli.requests import FaceConductances, FieldScan, TemperatureScan, Vector

_RANGE = '{ start = "-9 T", stop = "9 T", points = 181 }'


def field_scan(table: Table, name: str) -> FieldScan:
    """``[[field_scan]]``."""
    table.only("name", "field", "direction", "T", "m", "reference", "contributions")
    path = _path(table)
    if path is not None and "direction" in table.data:
        raise table.error("direction", "got one beside a path of vectors, which have theirs. Leave one of the two out.")
    field: tuple[Any, ...] = _strengths(table) if path is None else path
    direction = _direction(table) if path is None else None
    some: Vector = (max(map(abs, field)), 0.0, 0.0) if path is None else max(path, key=lambda B: sum(c * c for c in B))
    reference = table.data.get("reference")
    if reference is not None:
        vector = table.direction("reference", reference)
        reference = reference if isinstance(reference, str) else vector
    T, m = table.temperatures(), table.directions(some)
    return FieldScan(name, field, direction, T, m, reference, table.switch("contributions"))


def _path(table: Table) -> tuple[Vector, ...] | None:
    """A list of field vectors; None where `field` is a list of strengths."""
    value = table.data.get("field")
    if not isinstance(value, list) or not any(isinstance(v, list) for v in value):
        return None
    if any(not isinstance(v, list) or len(v) != 3 for v in value):
        raise table.error("field", "got a mixture. Allowed: a list of strengths, or of vectors with 3 components each.")
    return tuple(tuple(table.quantity("field", c, "T", bare=True) for c in v) for v in value)


def _strengths(table: Table) -> Vector:
    if "field" not in table.data:
        raise table.error("field", f"missing. Add, for example, field = {_RANGE}.")
    return table.values("field", table.data["field"], "T", bare=True)


def _direction(table: Table) -> Any:
    value = table.data.get("direction", "z")
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return table.axes("direction", value)
    vector = table.direction("direction", value)
    return value if isinstance(value, str) else vector


def temperature_scan(table: Table, name: str) -> TemperatureScan:
    """``[[temperature_scan]]``."""
    table.only("name", "T", "B", "m", "gap", "field")
    if not with_models(table.film):
        raise table.error(None, "nothing in the film depends on temperature. Give an insulator a magnet model.")
    T = table.temperatures(needed=True)
    assert T is not None
    kelvin = (T,) if isinstance(T, float) else T
    gap = table.switch("gap")
    for key in ("m", "B") if gap else ("field",):
        if key in table.data:
            why = "with gap = true: the gap is between m along z and along y" if gap else "without gap = true"
            remedy = "Leave it out, or give field, the strength along m." if gap else "Give B, the field as a vector."
            raise table.error(key, f"got {table.data[key]!r} {why}. {remedy}")
    B = table.field()
    m: Any = None
    if not gap:
        given = table.data.get("m")
        named = isinstance(given, list) and all(isinstance(v, str) for v in given)
        m = table.axes("m", given) if named and isinstance(given, list) else table.directions(B)
    return TemperatureScan(name, kelvin, B, m, gap, table.field_strength())


def face_conductances(table: Table, name: str) -> FaceConductances:
    """``[[face_conductances]]``."""
    table.only("name", "insulator", "B", "T")
    models = tuple(with_models(table.film))
    if not models:
        raise table.error(None, "no insulator of the film has a magnet model whose conductances could follow anything.")
    insulator = table.named("insulator", models, "insulators with a magnet model")
    T, B = table.temperatures(needed=True), table.strengths("B", "0 T")
    assert T is not None
    if isinstance(T, float) and isinstance(B, float):
        raise table.error(None, f"got one field and one temperature. Give several of one: T = [...], or B = {_RANGE}.")
    return FaceConductances(name, insulator, B, T)
