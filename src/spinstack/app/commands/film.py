"""The film: numbers, elements, models, and magnets that move."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spinstack.app import libraries, messages, scene
from spinstack.app.connection import Connection, command
from spinstack.app.scene import Place
from spinstack.stack import ParameterError
from spinstack.study.moving import TABLES
from spinstack.text.document import parse_document


@command
async def hold(page: Connection, values: list) -> None:  # type: ignore[type-arg]
    """What a slider does while it is held: pairs of a place and a value."""
    page.session.hold(_with_ties(page, dict(messages.pairs(values))))
    await page.tell({"do": "held", "version": page.session.version})


@command
def set_(page: Connection, values: list) -> None:  # type: ignore[type-arg]
    """Values at some places of the file, one step of undo; None takes a value away."""
    given = _with_ties(page, dict(messages.pairs(values)))
    text = page.session.state.text
    for place, value in given.items():
        if place[0] == "film" and place[-1] == "name":
            old = _document(page).value(place[:-1]).get("name")
            text = scene.rename_magnet(text, str(old), str(value)) if old and value else text
        text = scene.set_value(text, place, value)
    _check_magnets(page, text, given)
    words = ", ".join(f"{place[-1]} = {value}" for place, value in given.items())
    page.session.put(text, words[:120])


def _check_magnets(page: Connection, text: str, places: Iterable[Place]) -> None:
    """Raise what is wrong of magnets, where something of them is changed: the film is shown without them otherwise."""
    if any(place[0] in TABLES for place in places):
        for error in page.session.reading(text).problems:
            if getattr(error, "key_path", ("",))[0] in TABLES:
                raise error


def _with_ties(page: Connection, values: dict[Place, Any]) -> dict[Place, Any]:
    """Values of parameters that follow others, as the page has tied them."""
    out = dict(values)
    for tie in page.session.view.get("ties", []):
        of, follows = tuple(tie["of"]), tuple(tie["follows"])
        if of in values and follows not in values:
            out[follows] = values[of]
    return out


@command
def release(page: Connection) -> None:
    """The slider was let go where it had begun."""
    page.session.let_go()


@command
def add(page: Connection, elements: list, position: int | None = None) -> None:  # type: ignore[type-arg]
    """New elements, bottom first, before the one at a position; on top where there is none."""
    text = page.session.state.text
    count = len(_document(page).data.get("film", []))
    at = count if position is None else max(0, min(position, count))
    for k, table in enumerate(elements[:50]):
        if not isinstance(table, dict) or not isinstance(table.get("kind"), str):
            raise ParameterError("which is no element", field="elements", got=table)
        text = scene.insert(text, at + k, table)
    page.session.put(text, f"add {', '.join(str(t.get('name', t['kind'])) for t in elements[:50])}"[:120])


@command
def remove(page: Connection, place: Place) -> None:
    """An element, with the interfaces that joined it to others, and what was said of it as a magnet."""
    name = _document(page).value(_element(page, place)).get("name")
    text = scene.remove(page.session.state.text, place)
    left = {table.get("name") for _, table, _ in scene.nodes(parse_document(text, page.session.origin))}
    if name is not None and name not in left:
        text = scene.tell_magnets(text, {str(name): None})
    page.session.put(text, "remove")


@command
def magnets(page: Connection, tables: dict) -> None:  # type: ignore[type-arg]
    """What is said of magnets that move or are held, by their name; None: nothing any more."""
    for name, table in tables.items():
        if not (table is None or isinstance(table, dict)) or len(tables) > 200:
            raise ParameterError("which is no table of a magnet", field="tables", got={name: table})
    said = {str(name): None if table is None else {"name": name, **table} for name, table in tables.items()}
    text = scene.tell_magnets(page.session.state.text, said)
    _check_magnets(page, text, [("magnet",)])
    page.session.put(text, f"magnets: {', '.join(said)}"[:120])


@command
def couple(page: Connection, first: str, second: str, bilinear: str) -> None:
    """Exchange between two magnets that are described."""
    table = {"first": first, "second": second, "bilinear": bilinear}
    text = scene.with_table(page.session.state.text, "exchange", table)
    _check_magnets(page, text, [("exchange",)])
    page.session.put(text, f"exchange of {first} and {second}"[:120])


@command
def uncouple(page: Connection, index: int) -> None:
    """Without the exchange of that number."""
    tables = _document(page).data.get("exchange", [])
    if not isinstance(tables, list) or not 0 <= index < len(tables):
        raise ParameterError("which is not there", field="index", got=index)
    page.session.put(scene.unask(page.session.state.text, ("exchange", index)), "without exchange")


@command
def move(page: Connection, place: Place, to: int) -> None:
    """An element to another position."""
    page.session.put(scene.move(page.session.state.text, _element(page, place), to), "move")


@command
def duplicate(page: Connection, place: Place) -> None:
    """An element once more."""
    names = {str(t.get("name", "")) for _, t, _ in scene.nodes(_document(page))}
    own = str(_document(page).value(_element(page, place)).get("name", "")) or "layer"
    name = next(f"{own} {n}" for n in range(2, 10_000) if f"{own} {n}" not in names)
    page.session.put(scene.duplicate(page.session.state.text, place, name), f"duplicate {own}")


@command
def repeat(page: Connection, first: int, last: int, count: int) -> None:
    """A stretch of elements as a group that repeats."""
    tables = _document(page).data.get("film", [])
    if not 0 <= first <= last < len(tables) or not 1 <= count <= 1000:
        raise ParameterError("which the film does not have", field="repeat", got=[first, last, count])
    page.session.put(scene.repeat(page.session.state.text, first, last, count), f"repeat {count}")


@command
def model(page: Connection, place: Place, kind: str, field: str) -> None:
    """Another model of an interface or an insulator, or none."""
    text = page.session.state.text
    table = _document(page).value(_element(page, place))
    for key in libraries.beside_model(str(table.get("kind")), field, table) if kind else ():
        text = scene.set_value(text, (*place, key), None)
    value = libraries.new_model(field, kind) if kind else None
    text = scene.set_value(text, (*place, field), value)
    if not kind:
        for key, written in libraries.new_element(str(table.get("kind")), {}).items():
            if key not in table and key != "name":
                text = scene.set_value(text, (*place, key), written)
    page.session.put(text, f"{field}: {kind or 'none'}")


def _document(page: Connection) -> Any:
    document = page.session.read().document
    if document is None:
        raise ParameterError("without a file that can be read", field="film")
    return document


def _element(page: Connection, place: Place) -> Place:
    if place[0] != "film" or not isinstance(_document(page).value(place), dict):
        raise ParameterError("where the film has nothing", field="place", got=list(place))
    return place
