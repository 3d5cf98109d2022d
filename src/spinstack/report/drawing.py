"""The film drawn in characters, top at the top."""

from __future__ import annotations

from spinstack.figures.structure import groups
from spinstack.stack import Film, Interface, Layer, MagneticInsulator, TunnelJunction, Vacuum

_WIDTH = 40


def film_lines(film: Film) -> list[str]:
    """One line of text for each layer and boundary; repeats are drawn once, with a bracket ``×N`` at the left.

    Filled rules are interfaces and tunnel junctions, thin rules perfect contacts.
    """
    labels = film.labels()
    rows: list[tuple[str, str]] = []  # bottom first: bracket text, line
    open_below = True
    for group in groups(film):
        body: list[str] = []
        for i in group.members:
            element = film[i]
            if isinstance(element, Interface | TunnelJunction):
                words = f"{labels[i]}, tunnel junction" if isinstance(element, TunnelJunction) else labels[i]
                body.append("┣" + f"━━ {words} ".ljust(_WIDTH, "━") + "┫")
                open_below = True
                continue
            if not open_below:
                body.append("├" + "─" * _WIDTH + "┤")
            body.append("│" + _layer_text(film, i) + "│")
            open_below = False
        mark = f"×{group.count} " if group.count > 1 else ""
        middle = len(body) // 2
        for k, line in enumerate(body):
            rows.append((_bracket(mark, k, len(body), k == middle), line))
    width = max(len(r[0]) for r in rows)
    drawn = [bracket.rjust(width) + line for bracket, line in reversed(rows)]
    edge = " " * width
    return [edge + "┌" + "─" * _WIDTH + "┐", *drawn, edge + "└" + "─" * _WIDTH + "┘"]


def _bracket(mark: str, position: int, length: int, middle: bool) -> str:
    if not mark:
        return ""
    shape = "[" if length == 1 else "╰" if position == 0 else "╭" if position == length - 1 else "│"
    return (mark if middle else "") + shape + " "


def _layer_text(film: Film, index: int) -> str:
    element = film[index]
    name = f" {element.name}"
    if isinstance(element, Vacuum):
        return f"{name} (closed)".ljust(_WIDTH)[:_WIDTH]
    words = "magnetic insulator" if isinstance(element, MagneticInsulator) else ""
    if isinstance(element, Layer):
        words = f"{element.thickness * 1e9:.4g} nm"
    arrow = "m → " if element.magnetic else "    "
    room = _WIDTH - len(words) - len(arrow) - 2
    return f"{name[:room].ljust(room)} {arrow}{words} "
