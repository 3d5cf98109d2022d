"""``spinstack materials``: the library of published values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spinstack.cli import console

if TYPE_CHECKING:
    from spinstack.materials import Material


def list_materials() -> int:
    """Print one line for each material; returns the exit code."""
    from spinstack.materials import kinds, material, names

    table = console.table("Materials", "name", "kind", "parameters", left=3)
    for name in names():
        for kind in kinds(name):
            table.add_row(console.escape(name), kind, ", ".join(material(name, kind).entries))
    out = console.output()
    out.print(table)
    out.print("'spinstack materials NAME' prints values with their sources.", markup=False)
    return 0


def show_material(name: str) -> int:
    """Print everything known about one material, as an element and as a magnet; returns the exit code."""
    from spinstack.materials import MaterialError, kinds, material, table
    from spinstack.stack import ParameterError

    try:
        known_as = kinds(name)
    except MaterialError as error:
        raise ParameterError(str(error)) from None
    rows = table(name, others=True)
    for kind in known_as:
        _show(material(name, kind), [row for row in rows if row["kind"] == kind])
    return 0


def _show(known: Material, rows: list[dict[str, Any]]) -> None:
    out = console.output()
    out.print(f"{known.name} ({known.kind}): {known.description}", markup=False)
    if known.aliases:
        out.print(f"also: {', '.join(known.aliases)}", markup=False)
    for row in rows:
        indent = "  " if row["preferred"] else "    also "
        temperature = f" at {row['temperature']:g} K" if row["temperature"] is not None else ""
        in_si = f"  [{_short(row['si'])} {row['si_unit']}]" if row["si_unit"] != "1" else ""
        read = "" if row["verified"] else " (number not seen in public text of the source)"
        out.print(f"{indent}{row['field']} = {row['text']}{temperature}{in_si}", markup=False, style="bold")
        out.print(f"      {row['source']}{read}", markup=False, soft_wrap=True)
        if row["note"]:
            out.print(f"      {row['note']}", markup=False, soft_wrap=True)


def _short(number: float | complex) -> str:
    return f"{number.real:.4g}{number.imag:+.4g}i" if isinstance(number, complex) else f"{number:.4g}"
