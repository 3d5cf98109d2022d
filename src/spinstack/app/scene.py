"""A sample file as text, and edits of it in place: comments, units and tables that nobody touched stay as they are.

The text is all there is: what is on the screen, what is saved, what ``spinstack run`` reads. Places in it are key paths
such as ``("film", 2, "thickness")``; elements of a repeated group stand at ``("film", 1, "elements", 0)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from spinstack.samples.reader import element_at, elements_of, film_of
from spinstack.stack import Film, ParameterError
from spinstack.stack.described import Model
from spinstack.stack.element import Element
from spinstack.study.entries import entries
from spinstack.study.film import FilmStudy
from spinstack.study.film_reader import read_film_study
from spinstack.study.moving import TABLES, again, magnets_of
from spinstack.study.moving_entries import moving_entries
from spinstack.text.document import VERSION, Document, SampleError, parse_document
from spinstack.text.errors import SpinstackError
from spinstack.text.toml_lines import Key

Place = tuple[Key, ...]

#: the page before anything is on it
EMPTY = f"spinstack = {VERSION}\n"


class Read(NamedTuple):
    """What a text says: elements with their places, the study where there is one, and what is wrong otherwise."""

    document: Document | None
    placed: tuple[tuple[Element, Place], ...]
    study: FilmStudy | None
    problems: tuple[SpinstackError, ...]

    @property
    def film(self) -> Film | None:
        return None if self.study is None else self.study.film


@lru_cache(64)
def read(text: str, source: str, own: bool = False) -> Read:
    """A text read as far as it can be: a film that is not whole yet has elements, and no study.

    No file is opened but those beside a sample file that was opened here (`own`).
    """
    try:
        document = parse_document(text, source)
    except SpinstackError as error:
        return Read(None, (), None, tuple(error.errors))
    placed: tuple[tuple[Element, Place], ...] = ()
    try:
        if not document.data.get("film"):
            return Read(document, (), None, ())
        check_files(document, own)
        placed = tuple(elements_of(document))
        return Read(document, placed, read_film_study(document, film_of(document, placed)), ())
    except SpinstackError as error:
        problems = tuple(error.errors)
        return Read(document, placed, _without_wrong_requests(document, problems) if placed else None, problems)


def _without_wrong_requests(document: Document, problems: tuple[SpinstackError, ...]) -> FilmStudy | None:
    """The study without the requests that are wrong; None where something else is."""
    wrong: set[tuple[str, int]] = set()
    if any(getattr(error, "key_path", ())[:1] in {(word,) for word in TABLES} for error in problems):
        wrong = {(word, i) for word in moving_entries() for i in range(_count(document, word))}
        still = {w: [t for t in document.data[w] if t.get("m") != "follow"] for w in ("scan", "field_scan")
                 if _count(document, w)}  # fmt: skip
        wrong |= {(w, i) for w in still for i in range(_count(document, w)) if document.data[w][i] not in still[w]}
        document = replace(document, data={k: v for k, v in document.data.items() if k not in TABLES})
    for error in problems:
        place: Place = getattr(error, "key_path", ())
        if place[:1] in {(word,) for word in TABLES}:
            continue
        if len(place) < 2 or not isinstance(place[1], int) or place[0] == "film":
            return None
        wrong.add((str(place[0]), place[1]))
    data: dict[str, Any] = dict(document.data)
    stay: dict[str, list[int]] = {}
    for word in {word for word, _ in wrong}:
        stay[word] = [i for i in range(len(data[word])) if (word, i) not in wrong]
        data[word] = [data[word][i] for i in stay[word]]
    if not any(isinstance(v, list) and v for word, v in data.items() if word != "film"):
        return None  # without any request the file would ask for others
    try:
        study = read_film_study(replace(document, data=data))
    except SpinstackError:
        return None
    moved = []
    for request in study.requests:
        at = request.place
        if at and at[0] in stay:
            request = replace(request, place=(at[0], stay[str(at[0])][int(at[1])], *at[2:]))
        moved.append(request)
    return replace(study, document=document, requests=tuple(moved))


def _count(document: Document, word: str) -> int:
    """How many requests of a word there are."""
    found = document.data.get(word)
    return len(found) if isinstance(found, list) else 0


def held(found: Read, values: Mapping[Place, Any], own: bool = False) -> Read:
    """What was read with other values at some places, while nothing else in it changes: a slider that is held."""
    if found.document is None:
        return found
    document = with_values(found.document, values)
    check_files(document, own)
    placed = _placed_again(found, document, values)
    study = found.study
    if study is not None:
        film = film_of(document, placed)
        magnets = magnets_of(document, film) if any(place[0] in TABLES for place in values) else None
        requests = [again(r, film.replace(r.changes) if r.changes else film, magnets) for r in study.requests]
        study = replace(study, film=film, requests=tuple(requests))
    return Read(document, placed, study, found.problems)


def _placed_again(found: Read, document: Document, values: Mapping[Place, Any]) -> tuple[tuple[Element, Place], ...]:
    """The elements with their places, of which those alone are read again that have other numbers."""
    changed = {place: next((at for _, at in found.placed if place[: len(at)] == at), ()) for place in values}
    if any(place[0] == "film" and len(place) <= len(at or place) for place, at in changed.items()):
        return tuple(elements_of(document))
    again = {at: element_at(document, at) for at in changed.values() if at}
    return tuple((again.get(at, element), at) for element, at in found.placed)


def check_files(document: Document, own: bool) -> None:
    """Refuse models whose numbers are in files, but for those beside a file that was opened here (`own`).

    What comes through the socket must not make this program open paths of its choice.
    """
    kinds = {kind for (_, kind), model in Model.known.items() if getattr(model, "files", ())}

    def walk(value: Any, place: Place) -> None:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(inner, dict) and inner.get("kind") in kinds:
                for name, path in inner.items():
                    bare = str(path)
                    if name.startswith("file") and not (own and _beside(bare)):
                        allowed = "on this page: none" if not own else "the name of a file beside the sample file"
                        raise document.error((*place, key, name), "which is a path", got=path, allowed=allowed)
            if isinstance(inner, dict | list):
                walk(inner, (*place, key))

    walk(document.data.get("film", []), ("film",))


def _beside(path: str) -> bool:
    return not path.startswith(("/", "\\")) and ":" not in path and ".." not in path.replace("\\", "/").split("/")


def with_values(document: Document, values: Mapping[Place, str]) -> Document:
    """The document with other values at some places, its text as it was: what a slider does while it is held."""
    data = document.data
    for place, value in values.items():
        data = _replaced(data, place, value)
    return Document(data, document.source, document.lines, document.error_type, document.text)


def _replaced(inside: Any, place: Place, value: Any) -> Any:
    if not place:
        return value
    copy = list(inside) if isinstance(inside, list) else dict(inside)
    key: Any = place[0]
    old = copy[key] if isinstance(copy, list) or key in copy else {}
    copy[key] = _replaced(old, place[1:], value)
    return copy


def nodes(document: Document) -> Iterator[tuple[Place, dict[str, Any], int]]:
    """The tables of elements with their places, bottom first, and how often the group repeats in which they stand."""

    def walk(tables: Any, path: Place, count: int) -> Iterator[tuple[Place, dict[str, Any], int]]:
        for i, table in enumerate(tables if isinstance(tables, list) else []):
            if isinstance(table, dict) and "elements" in table:
                repeat = table.get("repeat", 1)
                own = repeat if isinstance(repeat, int) else 1
                yield from walk(table["elements"], (*path, i, "elements"), count * own)
            elif isinstance(table, dict):
                yield (*path, i), table, count

    yield from walk(document.data.get("film", []), ("film",), 1)


# ---- edits, each of which gives another text -------------------------------------------------------------------------


def set_value(text: str, place: Place, value: Any) -> str:
    """Another value at a place, or None: no value there; the comment behind it stays."""
    document, key = _parsed(text), place[-1]
    try:
        table = _at(document, place[:-1], make=value is not None)
        if value is not None:
            table[key] = value
        else:
            del table[key]
    except (KeyError, IndexError, TypeError) as error:
        if value is None and not isinstance(error, TypeError):
            return text
        raise ParameterError("which the file does not have", field="place", got=list(place)) from None
    # a table with nothing left goes, but not with what somebody wrote beside it
    if value is None and not table and len(place) > 1 and isinstance(place[-2], str) and not _remarks(table):
        del _at(document, place[:-2])[place[-2]]
    return _text(document)


def insert(text: str, position: int, table: Mapping[str, Any]) -> str:
    """A new element before the one at `position` of ``[[film]]``, at the end where there are no more."""
    document = _parsed(text)
    _put_in(_film(document), position, _table(table))
    return _text(document)


def remove(text: str, place: Place) -> str:
    """Without the element, and without the interfaces that touched it but for one that joins what stays."""
    document = _parsed(text)
    tables, at = _at(document, place[:-1]), int(place[-1])
    interfaces = [k for k in range(len(tables)) if tables[k].get("kind") == "interface"]
    gone = {at}
    if at not in interfaces:
        below, above = at - 1 in interfaces, at + 1 in interfaces
        inner = at - below > 0 and at + above < len(tables) - 1  # something stays on both sides
        if above and (below or not inner):
            gone.add(at + 1)
        if below and not inner:
            gone.add(at - 1)
    for k in sorted(gone, reverse=True):
        del tables[k]
    _tidy(document, place[:-1])
    return _text(document)


def move(text: str, place: Place, to: int) -> str:
    """The element at another position among those beside it."""
    document = _parsed(text)
    tables, at = _at(document, place[:-1]), int(place[-1])
    to = max(0, min(to, len(tables) - 1))
    order = list(range(len(tables)))
    order.insert(to, order.pop(at))
    copies = [tables[k] for k in range(len(tables))]
    for k, old in enumerate(order):
        tables[k] = copies[old]
    return _text(document)


def duplicate(text: str, place: Place, name: str) -> str:
    """The element once more above itself, under another name."""
    document = _parsed(text)
    tables, at = _at(document, place[:-1]), int(place[-1])
    copy = _table(tables[at].unwrap())
    if "name" in copy:
        copy["name"] = name
    _put_in(tables, at + 1, copy)
    return _text(document)


def repeat(text: str, first: int, last: int, count: int) -> str:
    """Elements `first` to `last` of ``[[film]]`` as a group that repeats; a group gets another count, 1 opens it."""
    import tomlkit

    document = _parsed(text)
    tables = _film(document)
    chosen = [tables[k] for k in range(first, last + 1)]
    if len(chosen) == 1 and "elements" in chosen[0]:
        if count > 1:
            chosen[0]["repeat"] = count
            return _text(document)
        chosen = [_table(inner.unwrap()) for inner in chosen[0]["elements"]]
    elif count > 1:
        group = tomlkit.table()
        group["repeat"] = count
        inside = tomlkit.aot()
        for one in chosen:
            if "elements" in one:
                raise ParameterError("a group inside of another", field="repeat", remedy="Choose elements alone.")
            inside.append(_table(one.unwrap()))
        group["elements"] = inside
        chosen = [group]
    else:
        return text
    for k in range(last, first - 1, -1):
        del tables[k]
    for k, one in enumerate(chosen):
        _put_in(tables, first + k, one)
    return _text(document)


def ask(text: str, word: str, table: Mapping[str, Any], own: bool = False) -> str:
    """One more request; requests that stood there unsaid are written down first."""
    return with_table(explicit(text, own), word, table)


def with_table(text: str, word: str, table: Mapping[str, Any]) -> str:
    """One more table of a word behind the others."""
    document = _parsed(text)
    if word not in document:
        document[word] = _new_tables()
    document[word].append(_table(table))
    return _text(document)


def unask(text: str, place: Place) -> str:
    """Without a request that is written down."""
    document = _parsed(text)
    tables = _at(document, place[:-1])
    del tables[int(place[-1])]
    _tidy(document, place[:-1])
    return _text(document)


def explicit(text: str, own: bool = False) -> str:
    """The same with the requests written down that a file without any stands for."""
    if any(word in _parsed(text) for word in (*entries(), *moving_entries(), "map")):
        return text
    found = read(text, "sample", own)
    if found.study is None:
        return text
    document = _parsed(text)
    for request in found.study.requests:
        table: dict[str, Any] = {}
        if request.entry.word == "profile" and found.study.film.magnets:
            table["m"] = "y"
        if request.entry.word not in document:
            document[request.entry.word] = _new_tables()
        document[request.entry.word].append(_table(table))
    return _text(document)


@lru_cache(16)
def with_film(text: str, film: str) -> str:
    """The film of another text, and what moves in it, in the place of those here."""
    document, other = _parsed(text), _parsed(film)
    for word in ("film", *TABLES):
        if word in document:
            del document[word]
        found = other.get(word)
        if isinstance(found, list):
            document[word] = _new_tables()
            for table in found:
                document[word].append(_table(table.unwrap()))
        elif found is not None:
            document[word] = _table(found.unwrap())
    return _text(document)


def tell_magnets(text: str, tables: Mapping[str, Mapping[str, Any] | None]) -> str:
    """What is said of magnets, by their name: a table in the place of what was said, or None: nothing any more.

    Where none moves any more, everything that is said of moving magnets goes.
    """
    document = _parsed(text)
    for name, table in tables.items():
        known = document.get("magnet", [])
        at = next((i for i, t in enumerate(known) if t.get("name") == name), None)
        if table is None and at is not None:
            del known[at]
            for k in reversed(range(len(document.get("exchange", [])))):
                if name in (document["exchange"][k].get("first"), document["exchange"][k].get("second")):
                    del document["exchange"][k]
        elif table is not None and at is None:
            if "magnet" not in document:
                document["magnet"] = _new_tables()
            document["magnet"].append(_table(table))
        elif table is not None and at is not None:
            for key in [k for k in known[at] if k not in table]:
                del known[at][key]
            for key, value in table.items():
                if known[at].get(key) != value:
                    known[at][key] = value
    moving = any("held" not in t for t in document.get("magnet", []))
    for word in TABLES:
        if word in document and (not moving or (isinstance(document[word], list) and not len(document[word]))):
            del document[word]
    return _text(document)


def rename_magnet(text: str, old: str, new: str) -> str:
    """The same magnet under another name, wherever moving magnets are described."""
    document = _parsed(text)
    for word, keys in (("magnet", ("name",)), ("exchange", ("first", "second"))):
        for table in document.get(word, []):
            for key in keys:
                if table.get(key) == old:
                    table[key] = new
    return _text(document)


def _parsed(text: str) -> Any:
    import tomlkit

    try:
        return tomlkit.parse(text)
    except ValueError as error:
        raise SampleError(f"not valid TOML: {error}") from None


def _text(document: Any) -> str:
    import tomlkit

    made = tomlkit.dumps(document)
    try:
        made.encode()
    except UnicodeEncodeError as error:
        why = "with half a character, which no file can hold"
        raise ParameterError(why, field="text", got=made[error.start : error.end]) from None
    parse_document(made, "sample")
    return made


def _at(document: Any, place: Place, make: bool = False) -> Any:
    import tomlkit

    for depth, key in enumerate(place):
        if make and isinstance(key, str) and key not in document:
            document[key] = tomlkit.inline_table() if depth else tomlkit.table()
        document = document[key]
    return document


def _remarks(table: Any) -> bool:
    """Whether an empty table has comments, in it or behind its name."""
    import tomlkit

    return isinstance(table, tomlkit.items.Table) and bool(table.as_string().strip() or table.trivia.comment)


def _film(document: Any) -> Any:
    if "film" not in document:
        document["film"] = _new_tables()
    return document["film"]


def _put_in(tables: Any, position: int, table: Any) -> None:
    """Before the one at a position; a list of tables takes one at its end by ``append`` alone."""
    if position < len(tables):
        tables.insert(position, table)
    else:
        tables.append(table)


def _new_tables() -> Any:
    import tomlkit

    return tomlkit.aot()


def _table(values: Mapping[str, Any]) -> Any:
    import tomlkit

    made = tomlkit.table()
    for key, value in values.items():
        if isinstance(value, Mapping):
            inner = tomlkit.inline_table()
            inner.update(value)
            made[key] = inner
        else:
            made[key] = value
    return made


def _tidy(document: Any, place: Place) -> None:
    """Without a list of tables in which nothing is left."""
    if not len(_at(document, place)):
        del _at(document, place[:-1])[place[-1]]
