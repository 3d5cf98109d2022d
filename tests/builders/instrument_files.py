"""Files as instruments and logging programs write them, from a table of columns and the dialect."""

from collections.abc import Mapping, Sequence

ROWS = 12


def written(value, decimal="."):
    """A number as in a file, "" for none."""
    return "" if value is None else f"{value:.10g}".replace(".", decimal)


def rows_of(columns: Mapping[str, Sequence], decimal="."):
    return [[written(v, decimal) for v in row] for row in zip(*columns.values(), strict=True)]


def quantum_design(byapp, columns, info=(), end="\n", surplus=0):
    """A Quantum Design file; `info` are whole lines of the header, `surplus` empty cells at the end of each row."""
    lines = ["[Header]", "; Data File (default extension .dat)", "TITLE,made", f"BYAPP,{byapp}", *info, "[Data]"]
    lines.append(",".join(["Comment", *columns]))
    lines += [",".join(["", *row]) + "," * surplus for row in rows_of(columns)]
    return end.join([*lines, ""])


def delimited(columns, separator=",", decimal=".", above=(), end="\n", quoted=False):
    """Delimited text below lines of remarks."""
    rows = [list(columns), *rows_of(columns, decimal)]
    if quoted:
        rows = [
            [f'"{cell}\n"' if k else cell for k, cell in enumerate(row)] if n else row for n, row in enumerate(rows)
        ]
    return end.join([*above, *(separator.join(row) for row in rows), ""])


def pymeasure(columns, parameters):
    above = [
        "#Procedure: <procedures.Scan>",
        "#Parameters:",
        *(f"#\t{k}: {v}" for k, v in parameters.items()),
        "#Data:",
    ]
    return delimited(columns, above=above)


def qcodes(columns, labels):
    names, count = list(columns), len(next(iter(columns.values())))
    above = ["\t".join(names), "\t".join(f'"{label}"' for label in labels), str(count)]
    rows = ["\t".join(row) for row in rows_of(columns)]
    return "\n".join([*(f"# {line}" for line in above), *rows, ""])


def labview(columns, units, decimal=".", separator="\t", clock=None, segments=1):
    """A LabVIEW measurement file; `clock` (first, step) in place of the first column."""
    end = "***End_of_Header***"
    names = list(columns)
    word = {"\t": "Tab", ",": "Comma"}[separator]
    head = [
        "LabVIEW Measurement", f"Writer_Version{separator}2", f"Separator{separator}{word}",
        f"Decimal_Separator{separator}{decimal}", f"X_Columns{separator}{'No' if clock else 'One'}", end, "",
    ]  # fmt: skip
    first, step = clock or (0, 1)
    channels = names[1:]
    segment = [
        separator.join(cells)
        for cells in (
            ["Channels", str(len(channels))], ["Samples", *[str(ROWS)] * len(channels)], ["Y_Unit_Label", *units],
            ["X_Dimension", *["Time"] * len(channels)], ["X0", *[written(first, decimal)] * len(channels)],
            ["Delta_X", *[written(step, decimal)] * len(channels)], [end], ["X_Value", *channels, "Comment"],
        )
    ]  # fmt: skip
    rows = rows_of(columns, decimal)
    segment += [separator.join(["" if clock else row[0], *row[1:]]) for row in rows]
    return "\n".join([*head, *segment * segments, ""])


def lake_shore(columns, mark="##DATA TABLE", separator=","):
    above = ["##HEADER", "Software version,1.6", "Sample ID,made", mark]
    return delimited(columns, separator, above=above)
