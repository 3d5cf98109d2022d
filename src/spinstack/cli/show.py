"""``spinstack show``: the film of a sample file in text, with what its parameters imply."""

from __future__ import annotations

from pathlib import Path

from spinstack.cli import console
from spinstack.cli.files import FIGURES, check_target, save_figure
from spinstack.facts.ballistic import asks_for_ballistic
from spinstack.facts.layers import perfect_contacts, warnings
from spinstack.report import facts
from spinstack.report.drawing import film_lines
from spinstack.study.film_reader import read_film_study


def show(sample: Path, figure: Path | None) -> int:
    """Print the film, tables of derived quantities, and warnings; returns the exit code."""
    if figure is not None:
        check_target(figure, "--figure", FIGURES)
    study = read_film_study(sample)
    film = study.film
    console.say(study.title, style="bold")
    for line in film_lines(film):
        console.say(line)
    tables, doubts = facts.tables(film), [*study.unusual(), *warnings(film)]
    if asks_for_ballistic(film) or any(request.solver is not None for request in study.requests):
        table, refused = facts.ballistic(film)
        tables.append(table)
        doubts += refused
    for table in tables:
        console.show(table)
    for line in facts.models(film):
        console.say(line)
    if contacts := perfect_contacts(film):
        console.say(f"Perfect contact (no interface between): {', '.join(contacts)}")
    for text in doubts:
        console.warn(text)
    if figure is not None:
        from spinstack.figures import draw_film

        save_figure(draw_film(film, title=study.title), figure)
        console.say(f"Figure written to {figure}")
    return 0
