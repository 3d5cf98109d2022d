"""The observables of a map, read from its table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from spinstack.cli.reader import Table, layer_names
from spinstack.cli.requests import Observable
from spinstack.stack import MagneticInsulator, Metal


def needs_conduction(table: Table) -> None:
    """Refuse a film through which no current flows along z."""
    blocking = [e.name for e in table.film if not e.conducts]
    if blocking:
        raise table.error(
            None, f"no current flows along z through {', '.join(blocking)}. Leave perpendicular transport out."
        )


def read_observable(table: Table) -> Observable:
    """The observable of a map; a temperature stands in its table or beside it."""
    value = table.data.get("observable", "magnetoresistance")
    what = f"Give one of {', '.join(OBSERVABLES)}, as text or as {{ name = ..., options }}."
    if isinstance(value, str):
        value, options = (
            {"name": value},
            Table(table.document, table.film, (*table.path, "observable"), {"name": value}),
        )
    else:
        options = table.inside("observable", value, what)
    name = value.get("name")
    if name not in OBSERVABLES:
        raise options.error("name" if isinstance(table.data.get("observable"), dict) else None, f"got {name!r}. {what}")
    observable = OBSERVABLES[name](options)
    if name in _WITHOUT_TEMPERATURE:
        return observable
    if "T" in value and "T" in table.data:
        raise table.error("T", f"got {table.data['T']!r} and another T in the observable. Give one.")
    T = (options if "T" in value else table).temperature()
    return observable if T is None else replace(observable, options={**observable.options, "T": T})


def _needs_magnets(table: Table) -> None:
    if not table.film.magnets:
        raise table.error(None, "needs a magnet, but the film has none.")


def _magnetoresistance(table: Table) -> Observable:
    table.only("name", "plane", "field", "T")
    plane, field = table.plane(), table.field_strength()
    if not table.film.magnets and field == 0:
        raise table.error(None, 'is zero: the film has no magnet and no field. Give field = "1 T" (Hanle effect).')
    words = f"magnetoresistance, plane {plane}" + (f", {field:g} T" if field else "")
    return Observable("magnetoresistance", "1", words, {"plane": plane, "field": field})


def _spin_current_ratio(table: Table) -> Observable:
    table.only("name", "layer", "B", "T")
    _needs_magnets(table)
    metals = tuple(dict.fromkeys(e.name for e in table.film if isinstance(e, Metal)))
    layer = table.named("layer", metals, "metals")
    return Observable(
        "spin_current_mr_ratio", "1", f"spin-current MR ratio in {layer}", {"layer": layer, "B": table.field()}
    )


def _sheet_resistance(table: Table) -> Observable:
    table.only("name", "m", "B", "component", "T")
    component = table.text("component", ("xx", "xy", "yx", "yy"), "xx")
    B = table.field()
    options = {"m": table.directions(B), "B": B}
    row, column = ("xy".index(c) for c in component)
    return Observable("sheet_resistance", "Ohm", f"sheet resistance R_{component}", options, (row, column))


def _perpendicular_resistance(table: Table) -> Observable:
    table.only("name", "m", "B", "T")
    needs_conduction(table)
    B = table.field()
    options = {"m": table.directions(B), "B": B}
    return Observable("perpendicular_resistance", "Ohm m^2", "resistance times area", options)


def _average_spin_current(table: Table) -> Observable:
    table.only("name", "layer", "m", "B", "E", "component", "T")
    layer = table.named("layer", layer_names(table.film), "layers")
    component = table.text("component", ("x", "y", "z"), "y")
    B = table.field()
    options = {"layer": layer, "m": table.directions(B), "B": B, "E": table.electric()}
    words = f"average of Q_z{component} in {layer}"
    return Observable("average_spin_current", "A/m^2", words, options, ("xyz".index(component),))


def _initial_slope(table: Table) -> Observable:
    table.only("name", "direction", "T")
    words, options = _along(table)
    return Observable("initial_slope", "Ohm/T", f"dR_xx/dB without field, {words}", options)


def _critical_exchange(table: Table) -> Observable:
    table.only("name", "insulator", "direction")
    insulators = [e for e in table.film if isinstance(e, MagneticInsulator)]
    given = tuple(dict.fromkeys(e.name for e in insulators if e.magnet is None))
    if len(given) < len(insulators):
        raise table.error(
            None, "needs insulators given by conductances: the magnet models of this film fix Gi, which it looks for."
        )
    insulator = table.named("insulator", given, "insulators given by conductances")
    words, options = _along(table)
    return Observable(
        "critical_exchange", "S/m^2", f"critical G_i of {insulator}, {words}", {"insulator": insulator, **options}
    )


def _along(table: Table) -> tuple[str, dict[str, Any]]:
    value = table.data.get("direction", "z")
    direction = table.direction("direction", value)
    return f"field along {value}", {"direction": value if isinstance(value, str) else direction}


#: what a map can show, by name
OBSERVABLES: dict[str, Callable[[Table], Observable]] = {
    "magnetoresistance": _magnetoresistance,
    "spin_current_mr_ratio": _spin_current_ratio,
    "sheet_resistance": _sheet_resistance,
    "perpendicular_resistance": _perpendicular_resistance,
    "average_spin_current": _average_spin_current,
    "initial_slope": _initial_slope,
    "critical_exchange": _critical_exchange,
}
#: what no temperature changes, or what takes none
_WITHOUT_TEMPERATURE = ("perpendicular_resistance", "critical_exchange")
