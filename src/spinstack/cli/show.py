"""``spinstack show``: the film of a sample file in text, with what its parameters imply."""

from __future__ import annotations

from pathlib import Path

from spinstack.cli import console
from spinstack.cli.files import FIGURES, check_target, save_figure
from spinstack.facts.ballistic import asks_for_ballistic
from spinstack.facts.layers import perfect_contacts, warnings
from spinstack.report import facts
from spinstack.report.drawing import film_lines
from spinstack.stack.laws import followed
from spinstack.study.film_reader import read_film_study
from spinstack.text.checks import number
from spinstack.text.errors import ParameterError
from spinstack.text.units import parse_quantity


def show(sample: Path, figure: Path | None, temperature: str | None = None) -> int:
    """Print the film, tables of derived quantities, and warnings; returns the exit code."""
    asked = None if temperature is None else kelvin(temperature)
    if figure is not None:
        check_target(figure, "--figure", FIGURES)
    study = read_film_study(sample)
    film, T, refused_at = study.film, None, ""
    try:
        film, T = study.film_at(asked)
    except ParameterError as error:  # a law has no value there
        refused_at = str(error)
    console.say(study.title, style="bold")
    for line in film_lines(film):
        console.say(line)
    laws, doubts = facts.laws(study.film), study.unusual()
    if laws.rows:
        console.show(laws)
    if refused_at:
        doubts.append(f"{refused_at} What else follows from the numbers of the film is left out.")
    elif followed(film):
        console.say("What else follows from the numbers of the film needs a temperature: --temperature '300 K'.")
    else:
        if laws.rows and T is not None:
            console.say(f"At {T:g} K:")
        tables = facts.tables(film)
        doubts += warnings(film)
        if asks_for_ballistic(film) or any(request.solver is not None for request in study.requests):
            table, refused = facts.ballistic(film)
            tables.append(table)
            doubts += refused
        for table in tables:
            console.show(table)
    for line in facts.models(study.film):
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


def kelvin(text: str) -> float:
    """A temperature [K] as an option has it."""
    try:
        return number(parse_quantity(text, "K"), "--temperature", low=0)
    except ParameterError as error:
        raise error.with_fields(field="--temperature") from None
