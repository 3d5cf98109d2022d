"""``spinstack materials``: the library of published values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spinstack.cli import console
from spinstack.report.tables import Table

if TYPE_CHECKING:
    from spinstack.materials import Material


def list_materials() -> int:
    """Print one line for each material; returns the exit code."""
    from spinstack.materials import kinds, material, names

    table = Table("Materials", ("name", "kind", "parameters"), 3)
    for name in names():
        for kind in kinds(name):
            table.add(name, kind, ", ".join(material(name, kind).entries))
    console.show(table)
    console.say("'spinstack materials NAME' prints values with their sources.")
    return 0


def show_material(name: str) -> int:
    """Print everything known about one material, as an element and as a magnet; returns the exit code."""
    from spinstack.materials import kinds, material, table

    rows = table(name, others=True)
    for kind in kinds(name):
        _show(material(name, kind), [row for row in rows if row["kind"] == kind])
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
