"""One open tab: its messages, the commands that answer them, what it is told.

A message is JSON ``{"do": NAME, "id": NUMBER, ...}``, or, where bytes come along, in the form of
:mod:`spinstack.app.frames`. Every one is answered by ``done`` or ``refused`` with its `id`; what is no message at all
is refused, too, and the session goes on. Commands stand in :mod:`spinstack.app.commands`.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import zlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from spinstack.app import describe, fits, frames, measured, messages, scene
from spinstack.app.computing import Computing, key_of
from spinstack.app.scene import Place
from spinstack.app.session import Session, Sessions
from spinstack.stack import ParameterError
from spinstack.text.errors import SpinstackError

Command = Callable[..., Any]
COMMANDS: dict[str, Command] = {}
#: commands that may take long and change nothing: others are done meanwhile
BESIDE = {"export"}


def command(function: Command) -> Command:
    """Register a command by the name of its function."""
    COMMANDS[function.__name__.rstrip("_")] = function
    return function


@dataclass(eq=False)
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
    #: one export after the other, beside everything else
    exporting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _beside: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Answer until the tab is closed."""
        self.show(self.sessions.of(self.token))
        try:
            while True:
                message = await self.page.receive()
                if message["type"] == "websocket.disconnect":
                    return
                await self._answer(message.get("bytes") or message.get("text") or "")
        finally:
            self.session.tabs.remove(self)
            for task in (self._task, *self._beside):
                if task is not None:
                    task.cancel()
            if self.fit is not None:
                self.fit.stop()
            self.files.clear()

    def show(self, session: Session) -> None:
        """Another session from now on."""
        if hasattr(self, "session"):
            self.session.tabs.remove(self)
        self.session = session
        session.tabs.append(self)
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
            told, body = messages.message(raw)
            number = told.pop("id", None)
            number = number if isinstance(number, int) else None
            if isinstance(told.get("do"), str) and told["do"] in BESIDE:
                self._later(self._told(number, self._done(told, body)))
                return
        except SpinstackError as error:
            await self.tell({"do": "refused", "id": number, "problem": describe.problem(error)})
            return
        await self._told(number, self._done(told, body))

    async def _told(self, number: int | None, doing: Coroutine[Any, Any, Any]) -> None:
        """Tell what a command has found, or what is wrong with it."""
        try:
            await self.tell({"do": "done", "id": number, "found": await doing})
        except SpinstackError as error:
            await self.tell({"do": "refused", "id": number, "problem": describe.problem(error)})
        except Exception as error:  # a fault of this program, or of the disk: the session goes on
            words = f"unexpected {type(error).__name__}: {error}"
            await self.tell({"do": "refused", "id": number, "problem": describe.problem(ParameterError(words[:500]))})

    def _later(self, doing: Coroutine[Any, Any, None]) -> None:
        """Something that nobody waits for."""
        task = asyncio.create_task(doing)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def heard(self, whole: bool) -> None:
        """The session was changed: tell the `whole` state, or only that something is held."""
        await self.tell(self.described() if whole else {"do": "held", "version": self.session.version})

    async def _done(self, told: dict[str, Any], body: bytes) -> Any:
        name = told.pop("do", None)
        if not isinstance(name, str) or name not in COMMANDS:
            raise ParameterError("which is no command", field="do", got=name)
        function = COMMANDS[name]
        parameters = inspect.signature(function).parameters
        arguments = messages.checked(told, parameters, body)
        version, state = self.session.version, self.session.state
        try:
            found = function(self, **arguments)
            if inspect.isawaitable(found):
                found = await found
        finally:  # also where it was refused: what was held is gone
            if name not in BESIDE and self.session.version != version:
                whole = self.session.state is not state or not self.session.live
                if whole:
                    await self.heard(whole)
                for tab in self.session.tabs:
                    if tab is not self:
                        self._later(tab.heard(whole))
                    tab.computing.want()
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
