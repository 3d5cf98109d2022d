"""What a page may ask for: one function a command, its arguments checked, one answer each.

A message is JSON ``{"do": NAME, "id": NUMBER, ...}``, or, where bytes come along, in the form of
:mod:`spinstack.app.frames`. Every one is answered by ``done`` or ``refused`` with its `id`; what is no message at all
is refused, too, and the session goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spinstack.app import describe, export, fits, frames, libraries, measured, scene
from spinstack.app.computing import Computing, key_of
from spinstack.app.scene import Place
from spinstack.app.session import MOST_BESIDE, Session, Sessions, states_of
from spinstack.samples.starter import starter
from spinstack.stack import ParameterError
from spinstack.study.moving import TABLES
from spinstack.study.theory import solver_of
from spinstack.text.document import parse_document
from spinstack.text.errors import NOTHING, SpinstackError

Command = Callable[..., Any]
COMMANDS: dict[str, Command] = {}
#: depth and length of what a message may hold
_DEEPEST, _LONGEST = 12, 500_000


def command(function: Command) -> Command:
    """Register a command by the name of its function."""
    COMMANDS[function.__name__.rstrip("_")] = function
    return function


@dataclass
class Connection:
    """One open tab.

    Args:
        page: its socket.
        sessions: what its token reaches.
        token: with which it came.
        owner: whether it is that of who started the program.
    """

    page: Any
    sessions: Sessions
    token: str
    owner: bool = True
    slower: float = 0.0
    session: Session = field(init=False)
    computing: Computing = field(init=False)
    files: measured.Files = field(default_factory=measured.Files)
    fit: fits.Fitting | None = None
    _task: asyncio.Task[None] | None = None
    _sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Answer until the tab is closed."""
        self.session = self.sessions.of(self.token)
        self._begin()
        try:
            while True:
                message = await self.page.receive()
                if message["type"] == "websocket.disconnect":
                    return
                await self._answer(message.get("bytes") or message.get("text") or "")
        finally:
            if self._task is not None:
                self._task.cancel()
            if self.fit is not None:
                self.fit.stop()
            self.files.clear()

    def _begin(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self.computing = Computing(self.session, self.send, self.slower, lambda: self.files.overlays.values())
        self._task = asyncio.create_task(self.computing.run())

    async def send(self, message: bytes) -> None:
        """Send one message; a tab that is gone takes none."""
        with contextlib.suppress(RuntimeError):
            async with self._sending:
                await self.page.send_bytes(message)

    async def tell(self, head: Mapping[str, Any], arrays: Mapping[str, Any] | None = None) -> None:
        await self.send(frames.packed(head, arrays))

    async def _answer(self, raw: str | bytes) -> None:
        number: Any = None
        try:
            told, body = _message(raw)
            number = told.pop("id", None)
            number = number if isinstance(number, int) else None
            found = await self._done(told, body)
            await self.tell({"do": "done", "id": number, "found": found})
        except SpinstackError as error:
            await self.tell({"do": "refused", "id": number, "problem": describe.problem(error)})
        except Exception as error:  # a fault of this program, or of the disk: the session goes on
            words = f"unexpected {type(error).__name__}: {error}"
            await self.tell({"do": "refused", "id": number, "problem": describe.problem(ParameterError(words[:500]))})

    async def _done(self, told: dict[str, Any], body: bytes) -> Any:
        name = told.pop("do", None)
        if not isinstance(name, str) or name not in COMMANDS:
            raise ParameterError("which is no command", field="do", got=name)
        function = COMMANDS[name]
        parameters = inspect.signature(function).parameters
        arguments = _checked(told, parameters, body)
        version, state = self.session.version, self.session.state
        try:
            found = function(self, **arguments)
            if inspect.isawaitable(found):
                found = await found
        finally:  # also where it was refused: what was held is gone
            if self.session.state is not state or (self.session.version != version and not self.session.live):
                await self.tell(self.described())
            if self.session.version != version:
                self.computing.want()
        return found

    def described(self) -> dict[str, Any]:
        """The present state for the page."""
        session, read = self.session, self.session.read()
        study = read.study
        return {
            "do": "state",
            "version": session.version,
            "page": describe.page(read),
            "view": _without_texts(session.view),
            "panels": [] if study is None else [
                {"panel": key_of(r), "name": r.name, "word": r.entry.word, "place": list(r.place), "words": r.words,
                 "table": _plain_table(read, r.place)}
                for r in study.requests
            ],
            "undo": session.states[session.at].words if session.at else "",
            "redo": session.states[session.at + 1].words if session.at + 1 < len(session.states) else "",
            "canUndo": session.at > 0,
            "canRedo": session.at + 1 < len(session.states),
            "file": None if session.source is None else session.source.name,
            "saved": session.source is not None and session.saved == session.state.text,
            "overlays": self.files.described(),
        }  # fmt: skip


def _without_texts(view: dict[str, Any]) -> dict[str, Any]:
    """Settings for the page, which has to know whether films beside its own are others, and not their files."""
    beside = [
        {k: v if k != "text" else zlib.crc32(v.encode()) for k, v in one.items()} for one in view.get("compare", [])
    ]
    return {**view, "compare": beside} if beside else view


def _plain_table(read: scene.Read, place: Place) -> Any:
    return None if read.document is None or not place else describe.plain(read.document.value(place))


def _message(raw: str | bytes) -> tuple[dict[str, Any], bytes]:
    try:
        if isinstance(raw, bytes):
            told, body = frames.unpacked(raw)
        else:
            told, body = json.loads(raw), b""
        if not isinstance(told, dict):
            raise ValueError("a message that is no table")
        if _depth(told) > _DEEPEST:
            raise ValueError("a message nested too deeply")
    except (ValueError, RecursionError) as error:
        raise ParameterError(f"which is no message of the page ({error})", field="message") from None
    return told, body


def _depth(value: Any, level: int = 0) -> int:
    if level > _DEEPEST or not isinstance(value, dict | list):
        return level
    inner = value.values() if isinstance(value, dict) else value
    return max((_depth(v, level + 1) for v in inner), default=level)


def _checked(told: dict[str, Any], parameters: Mapping[str, inspect.Parameter], body: bytes) -> dict[str, Any]:
    """Arguments of a command, each of the kind that its annotation says."""
    out: dict[str, Any] = {}
    own = [name for name in parameters if name != "page"]
    for name in told:
        if name not in own or name == "body":
            raise ParameterError("which the command does not take", field=str(name), allowed=", ".join(own))
    for name in own:
        kind, default = str(parameters[name].annotation), parameters[name].default
        if name == "body":
            out[name] = body
        elif name in told:
            out[name] = _as(told[name], kind, name)
        elif default is inspect.Parameter.empty:
            raise ParameterError("missing", field=name, got=NOTHING)
    return out


def _as(value: Any, kind: str, name: str) -> Any:
    kinds: dict[str, Callable[[Any], bool]] = {
        "str": lambda v: isinstance(v, str) and len(v) <= _LONGEST,
        "int": lambda v: isinstance(v, int) and not isinstance(v, bool) and abs(v) < 10**9,
        "float": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
        "bool": lambda v: isinstance(v, bool),
        "dict": lambda v: isinstance(v, dict),
        "list": lambda v: isinstance(v, list),
        "Place": _is_place,
        "Any": lambda v: True,
    }
    fits_it = kinds[kind.removesuffix(" | None").split("[")[0]]
    if value is None and kind.endswith(" | None"):
        return None
    if not fits_it(value):
        raise ParameterError("which is of another kind", field=name, got=value, allowed=kind)
    return tuple(value) if kind == "Place" else value


def _is_place(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) < 9 and all(
        (isinstance(k, str) and len(k) < 100) or (isinstance(k, int) and not isinstance(k, bool) and 0 <= k < 10**6)
        for k in value
    )  # fmt: skip


# ---- the session -----------------------------------------------------------------------------------------------------


@command
async def hello(page: Connection, session: str = "") -> dict[str, Any]:
    """The tab is there, and which session it had."""
    page.session = page.sessions.of(page.token, session)
    page._begin()
    await page.tell(page.described())
    page.computing.want()
    return {"session": page.session.name, "owner": page.owner, **libraries.vocabulary()}


@command
def undo(page: Connection, steps: int = 1) -> None:
    """Back by some states."""
    page.session.go(-abs(steps))


@command
def redo(page: Connection, steps: int = 1) -> None:
    """On by some states."""
    page.session.go(abs(steps))


@command
def view(page: Connection, changes: dict) -> None:  # type: ignore[type-arg]
    """Settings of the page; None takes one away. They are undone like everything else."""
    if "compare" in changes:
        raise ParameterError(
            "which has commands of its own", field="view", got="compare", allowed="facts, sphere, ties"
        )
    _view(page, changes)


def _view(page: Connection, changes: dict[str, Any]) -> None:
    new = {name: v for name, v in {**page.session.view, **changes}.items() if v is not None}
    page.session.put(page.session.state.text, f"view: {', '.join(changes)}", new)


@command
def save(page: Connection) -> str:
    """Write the file that was opened."""
    return page.session.save().name


@command
def earlier(page: Connection) -> list[dict[str, Any]]:
    """Sessions that were kept."""
    return list(page.sessions.earlier()) if page.owner else []


@command
async def resume(page: Connection, name: str) -> None:
    """Take the states of a kept session."""
    page.session.opened(_kept(page, name))


def _kept(page: Connection, name: str) -> str:
    """The file of a kept session."""
    kept = page.sessions.kept
    if not page.owner or kept is None or not name.replace("-", "").replace("_", "").isalnum():
        raise ParameterError("which is not there", field="session", got=name)
    try:
        return (kept / f"{name}.json").read_text(encoding="utf-8")
    except OSError:
        raise ParameterError("which is not there", field="session", got=name) from None


@command
def open_(page: Connection, text: str, name: str = "") -> None:
    """A sample file, or a session file, in the place of what is there, which is one step of undo away.

    It is not the file that was opened: "save" would write it there, and so there is none any more.
    """
    if name.lower().endswith(".json"):
        page.session.opened(text)
        return
    parse_document(text, name or "film")
    page.session.take(text, f"open {name}".strip())


@command
def new(page: Connection, template: str = "") -> None:
    """An empty page, or one of the files to start from."""
    if template and template not in ("bilayer", "insulator", "torque"):
        raise ParameterError("which there is not", field="template", got=template, allowed="bilayer, insulator, torque")
    text = starter(template, "film") if template else scene.EMPTY  # type: ignore[arg-type]
    page.session.put(text, f"new {template}".strip())


# ---- the film --------------------------------------------------------------------------------------------------------


@command
async def hold(page: Connection, values: list) -> None:  # type: ignore[type-arg]
    """What a slider does while it is held: pairs of a place and a value."""
    page.session.hold(_with_ties(page, dict(_pairs(values))))
    await page.tell({"do": "held", "version": page.session.version})


@command
def set_(page: Connection, values: list) -> None:  # type: ignore[type-arg]
    """Values at some places of the file, one step of undo; None takes a value away."""
    given = _with_ties(page, dict(_pairs(values)))
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


def _pairs(values: list[Any]) -> list[tuple[Place, Any]]:
    if not 0 < len(values) <= 200:
        raise ParameterError("none, or too many", field="values")
    out = []
    for pair in values:
        if not (isinstance(pair, list) and len(pair) == 2 and _is_place(pair[0])):
            raise ParameterError("which is no place with a value", field="values", got=pair)
        if not isinstance(pair[1], str | int | float | bool | list | dict | None):
            raise ParameterError("which is no value", field="values", got=pair[1])
        out.append((tuple(pair[0]), pair[1]))
    return out


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
def title(page: Connection, text: str) -> None:
    """What results and figures call the film."""
    page.session.put(scene.set_value(page.session.state.text, ("title",), text or None), "title")


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


# ---- panels ----------------------------------------------------------------------------------------------------------


@command
def ask(page: Connection, word: str, table: dict) -> None:  # type: ignore[type-arg]
    """One more request, as a sample file has it."""
    if word not in libraries.request_words():
        raise ParameterError("which a file cannot ask for", field="word", got=word)
    before, own = page.session.state.text, page.session.own
    text = scene.ask(before, word, table, own)
    if "m" not in table and (wrong := _wrong_with(page, text, word)) is not None and wrong.field == "m":
        # a direction that stands in the file, where it can be seen and changed
        text = scene.ask(before, word, {**table, "m": "along B" if word == "field_scan" else "y"}, own)
    if (wrong := _wrong_with(page, text, word)) is not None:
        raise wrong
    page.session.put(text, f"show {word}")


def _wrong_with(page: Connection, text: str, word: str) -> SpinstackError | None:
    """What is wrong with the last request of that word, which has just been added."""
    found = page.session.reading(text)
    last = len(found.document.data[word]) - 1 if found.document is not None else 0
    return next((e for e in found.problems if getattr(e, "key_path", ())[:2] == (word, last)), None)


@command
def unask(page: Connection, index: int) -> None:
    """Without the request of that number among those shown."""
    study = page.session.read().study
    if study is None or not 0 <= index < len(study.requests):
        raise ParameterError("which is not there", field="index", got=index)
    text = scene.explicit(page.session.state.text, page.session.own)
    found = page.session.reading(text).study
    assert found is not None
    page.session.put(scene.unask(text, found.requests[index].place), f"hide {found.requests[index].name}")


@command
async def stop(page: Connection, panel: str) -> None:
    """Leave a panel that takes long as it is, until something changes."""
    await page.computing.stop(panel)


@command
def go_on(page: Connection, panel: str) -> None:
    """Compute a panel that was stopped."""
    page.computing.go_on(panel)


@command
def compare(page: Connection, what: str, label: str = "", text: str | None = None, solver: str = "boltzmann") -> None:
    """One more beside the film: the film as it is now, that of another `text` ("film"), or another theory ("theory").

    A film that is given may name no file of this machine.
    """
    beside = list(page.session.view.get("compare", []))
    if len(beside) >= MOST_BESIDE:
        why = "which would be one more than are shown beside the film"
        raise ParameterError(why, field="compare", allowed=f"{MOST_BESIDE}", remedy="Take one away first.")
    if what == "theory":
        if any(one.get("solver") == solver for one in beside):
            raise ParameterError("which is beside the film already", field="solver", got=solver)
        solver_of(solver)
        beside.append({"what": what, "solver": solver, "label": label or solver})
    elif what == "film":
        if text is not None:
            found = scene.read(text, label or "film")
            if found.study is None:
                raise found.problems[0] if found.problems else ParameterError("without a film", field="text", got=label)
        held = page.session.state.text if text is None else text
        beside.append({"what": what, "text": held, "label": label or page.session.state.words or "as it was"})
    else:
        raise ParameterError("which nothing can be compared with", field="what", got=what, allowed="film, theory")
    _view(page, {"compare": _labelled(beside)})


@command
async def compare_earlier(page: Connection, name: str) -> None:
    """The film of a kept session beside the one that is shown."""
    text, found = _kept(page, name), None
    with contextlib.suppress(SpinstackError):
        found = scene.read(states_of(text)[-1].text, "film").study
    if found is None:
        raise ParameterError("without a film that can be computed", field="session", got=name)
    compare(page, "film", found.title, states_of(text)[-1].text)


@command
def uncompare(page: Connection, index: int) -> None:
    """Without one of those beside the film."""
    beside = _beside(page, index)
    del beside[index]
    _view(page, {"compare": beside or None})


@command
def relabel(page: Connection, index: int, label: str) -> None:
    """Another name for one of those beside the film."""
    beside = _beside(page, index)
    if not label.strip():
        raise ParameterError("which is empty", field="label", got=label)
    beside[index] = {**beside[index], "label": label.strip()[:60]}
    _view(page, {"compare": _labelled(beside)})


def _beside(page: Connection, index: int) -> list[dict[str, Any]]:
    beside = list(page.session.view.get("compare", []))
    if not 0 <= index < len(beside):
        raise ParameterError("which is not beside the film", field="index", got=index)
    return beside


def _labelled(beside: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with labels that tell them apart."""
    out: list[dict[str, Any]] = []
    for one in beside:
        label, n = str(one["label"])[:60], 1
        while any(label == other["label"] for other in out):
            n += 1
            label = f"{str(one['label'])[:55]} ({n})"
        out.append({**one, "label": label})
    return out


# ---- libraries, data, export -----------------------------------------------------------------------------------------


@command
def material(page: Connection, name: str, kind: str) -> dict[str, Any]:
    """What the library knows of a material or an interface, with sources."""
    return libraries.told(name, kind)


@command
def upload(page: Connection, name: str, part: int, parts: int, body: bytes) -> dict[str, Any] | None:
    """A part of a file that was dropped on the page; behind the last what was seen in it."""
    path = page.files.take(name, part, parts, body)
    return None if path is None else measured.seen(path)


@command
async def overlay(page: Connection, name: str, options: dict) -> dict[str, Any]:  # type: ignore[type-arg]
    """Read a file that was dropped, as the dialogue said, and lay it over the panels that show the same."""
    made = await asyncio.to_thread(page.files.read, name, options)
    await page.tell(page.described())
    for one in made:
        head, arrays = one.message()
        await page.tell(head, arrays)
    await page.computing.laid_over()
    return {"overlays": [one.name for one in made]}


@command
async def forget(page: Connection, name: str) -> None:
    """Without what was laid over."""
    page.files.forget(name)
    await page.tell(page.described())
    await page.computing.laid_over()


@command
async def fit_start(
    page: Connection,
    parameters: list,  # type: ignore[type-arg]
    overlays: list,  # type: ignore[type-arg]
    mechanisms: bool = False,
    metal: str = "",
    magnet: str = "",
    candidates: list | None = None,  # type: ignore[type-arg]
    of: str = "parameters",
) -> None:
    """Fit parameters of the film to what is laid over it; weigh mechanisms, and say what to measure next."""
    if page.fit is not None and page.fit.runs:
        raise ParameterError("another one is under way", field="fit", remedy="Stop it first.")
    question = fits.Question(mechanisms, metal, magnet, (candidates or [])[:20], of)
    text = fits.fit_text(page.session, page.files, parameters, overlays, question)
    page.fit = fits.Fitting(text, page.session, page.files.folder, question)
    page.fit.start(asyncio.get_running_loop(), page.tell)


@command
def fit_stop(page: Connection) -> None:
    """Stop the fit that is under way; what is complete stays."""
    if page.fit is not None:
        page.fit.stop()


@command
def fit_take(page: Connection) -> None:
    """The film with the values that the fit found."""
    if page.fit is None or not page.fit.values:
        raise ParameterError("none has been found", field="fit")
    text = page.session.state.text
    for place, written in page.fit.written():
        text = scene.set_value(text, place, written)
    page.session.put(text, "values of the fit")


@command
async def export_(page: Connection, what: str, panel: str = "", form: str = "png") -> None:
    """A figure of a panel, its numbers, the sample file, the session, a script."""
    name, content, kind = await asyncio.to_thread(export.made, page.session, what, panel, form)
    await page.tell({"do": "file", "name": name, "type": kind, "bytes": len(content)}, _bytes(content))


def _bytes(content: bytes) -> dict[str, Any]:
    """Bytes as numbers of eight, padded: the message says how many there are."""
    import numpy as np

    padded = content + b"\0" * (-len(content) % 8)
    return {"content": np.frombuffer(padded, dtype="<f8")}
