"""``spinstack materials``: the library of published values."""

from __future__ import annotations

from spinstack.cli import console


def list_materials() -> int:
    """Print one line for each material; returns the exit code."""
    from spinstack.materials import material, names

    table = console.table("Materials", "name", "kind", "parameters", left=3)
    for name in names():
        known = material(name)
        table.add_row(console.escape(name), known.kind, ", ".join(known.entries))
    out = console.output()
    out.print(table)
    out.print("'spinstack materials NAME' prints values with their sources.", markup=False)
    return 0


def show_material(name: str) -> int:
    """Print everything known about one material; returns the exit code."""
    from spinstack.materials import MaterialError, material, table
    from spinstack.stack import ParameterError

    try:
        known = material(name)
        rows = table(name, others=True)
    except MaterialError as error:
        raise ParameterError(str(error)) from None
    out = console.output()
    out.print(f"{known.name} ({known.kind}): {known.description}", markup=False)
    if known.aliases:
        out.print(f"also: {', '.join(known.aliases)}", markup=False)
    for row in rows:
        indent = "  " if row["preferred"] else "    also "
        temperature = f" at {row['temperature']:g} K" if row["temperature"] is not None else ""
        si = row["si"]
        number = f"{si.real:.4g}{si.imag:+.4g}i" if isinstance(si, complex) else f"{si:.4g}"
        in_si = f"  [{number} {row['si_unit']}]" if row["si_unit"] != "1" else ""
        read = "" if row["verified"] else " (number not seen in public text of the source)"
        out.print(f"{indent}{row['field']} = {row['text']}{temperature}{in_si}", markup=False, style="bold")
        out.print(f"      {row['source']}{read}", markup=False, soft_wrap=True)
        if row["note"]:
            out.print(f"      {row['note']}", markup=False, soft_wrap=True)
    return 0
