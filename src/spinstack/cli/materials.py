"""``spinstack materials``: the library of published values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spinstack.cli import console
from spinstack.report.tables import Table

if TYPE_CHECKING:
    from spinstack.interfaces import Derived
    from spinstack.materials import Material


def list_materials() -> int:
    """Print one line for each material; returns the exit code."""
    from spinstack.materials import kinds, material, names

    table = Table("Materials", ("name", "kind", "parameters"), 3)
    for name in names():
        for kind in kinds(name):
            table.add(name, kind, ", ".join(material(name, kind).entries))
    console.show(table)
    console.show(interface_table())
    console.say(
        "'spinstack materials NAME' prints values with their sources, 'spinstack materials \"Co|Pt\"' those of an"
    )
    console.say("interface.")
    return 0


def interface_table() -> Table:
    """What an interface element takes of the interfaces of the library, with errors."""
    from spinstack.interfaces import interface, names

    columns = ("interface", "G_up (S/m^2)", "G_down (S/m^2)", "delta", "T (K)")
    table = Table("Interfaces, any order of the two", columns, 1)
    for name in names():
        found = interface(name).derived()
        fields = ("conductance_up", "conductance_down", "spin_memory_loss")
        cells = [_with_errors(found[field]) if field in found else "" for field in fields]
        table.add(name, *cells, ", ".join(f"{t:g}" for t in dict.fromkeys(d.temperature for d in found.values())))
    return table


def _with_errors(one: Derived) -> str:
    if one.plus is None or one.minus is None:
        return f"{one.value:.3g}"
    return f"{one.value:.3g} +{one.plus:.2g} -{one.minus:.2g}"


def show_material(name: str) -> int:
    """Print all that is known of a material, as an element and a magnet, or of an interface; returns the exit code."""
    if "|" in name:
        return _show_interface(name)
    from spinstack.materials import kinds, material, table

    rows = table(name, others=True)
    for kind in kinds(name):
        _show(material(name, kind), [row for row in rows if row["kind"] == kind])
    return 0


def _show_interface(name: str) -> int:
    from spinstack.interfaces import interface

    known = interface(name)
    console.say(f"{known.name} (Interface): {known.description}")
    if known.aliases:
        console.say(f"also: {', '.join(known.aliases)}")
    for entry in known.entries.values():
        in_si = f"  [{_short(entry.si)} {entry.si_unit}]" if entry.si_unit != "1" else ""
        console.say(
            f"  {entry.quantity} = {entry.text} at {entry.temperature:g} K{in_si}, {entry.method}", style="bold"
        )
        console.say(f"      {entry.source}")
        if entry.note:
            console.say(f"      {entry.note}")
    for one in known.derived().values():
        unit = "" if one.unit == "1" else f" {one.unit}"
        console.say(
            f"  {one.field} = {_with_errors(one)}{unit} at {one.temperature:g} K, from {', '.join(one.follows)}"
        )
    return 0


def _show(known: Material, rows: list[dict[str, Any]]) -> None:
    console.say(f"{known.name} ({known.kind}): {known.description}")
    if known.aliases:
        console.say(f"also: {', '.join(known.aliases)}")
    for row in rows:
        indent = "  " if row["preferred"] else "    also "
        temperature = f" at {row['temperature']:g} K" if row["temperature"] is not None else ""
        in_si = f"  [{_short(row['si'])} {row['si_unit']}]" if row["si_unit"] != "1" else ""
        read = "" if row["verified"] else " (number not seen in public text of the source)"
        console.say(f"{indent}{row['field']} = {row['text']}{temperature}{in_si}", style="bold")
        console.say(f"      {row['source']}{read}")
        if row["note"]:
            console.say(f"      {row['note']}")


def _short(number: float | complex) -> str:
    return f"{number.real:.4g}{number.imag:+.4g}i" if isinstance(number, complex) else f"{number:.4g}"
