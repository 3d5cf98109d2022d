"""One user's page: states one after the other, undo and redo of everything, what is held by a slider, what is kept.

A state is immutable: the text of a sample file and the settings of the page. What a slider does while it is held is no
state; letting go makes one. Every state is written beside the others of the session as soon as it is made, so that a
program that is killed loses what was held, and nothing else.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from spinstack.app import scene
from spinstack.app.scene import Place, Read
from spinstack.stack import ParameterError
from spinstack.text import store
from spinstack.text.errors import SpinstackError

#: states that are kept; the oldest go
MOST_STATES = 20_000
#: films and theories beside the one that is shown
MOST_BESIDE = 5
#: sessions of which the last state is kept on disk
_MOST_KEPT = 40
_NAME = re.compile(r"[A-Za-z0-9_-]{8,64}")


class State(NamedTuple):
    """What undo goes back to: a sample file, settings of the page, and in words what made it."""

    text: str
    view: str = "{}"
    words: str = ""


@dataclass
class Session:
    """States with a cursor; `live` are values of a slider that is held.

    Args:
        source: the sample file that was opened, None for none; what "save" writes.
        kept: the folder of what is kept, None where nothing can be.
    """

    source: Path | None = None
    kept: Path | None = None
    name: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    states: list[State] = field(default_factory=lambda: [State(scene.EMPTY)])
    at: int = 0
    live: dict[Place, Any] = field(default_factory=dict)
    _held: Read | None = None  # what `live` makes of the state
    #: counts every change, of states and of what is held
    version: int = 0
    #: the text that is in the file, to see whether somebody else has changed it, and the mark that it begins with
    saved: str = ""
    mark: bytes = b""
    #: tabs that show it
    tabs: list[Any] = field(default_factory=list, repr=False, compare=False)

    @property
    def state(self) -> State:
        return self.states[self.at]

    @property
    def view(self) -> dict[str, Any]:
        """Settings of the page."""
        found: dict[str, Any] = json.loads(self.state.view)
        if isinstance(old := found.get("compare"), dict):  # as sessions were kept before there could be several
            found["compare"] = [{"label": str(old.get("solver", "as held")), **old}]
        return found

    @property
    def origin(self) -> str:
        """What messages call the file."""
        return str(self.source) if self.source is not None else "film"

    def read(self) -> Read:
        """The present state, read; with what is held."""
        return self._held or self.reading(self.state.text)

    def reading(self, text: str) -> Read:
        """A text, read as that of a state would be."""
        return scene.read(text, self.origin, self.own)

    @property
    def own(self) -> bool:
        """Whether files beside that which was opened may be read."""
        return self.source is not None

    def put(self, text: str, words: str = "", view: Mapping[str, Any] | None = None) -> None:
        """A new state behind the present one; what was undone is gone. Nothing where nothing has changed.

        Raises :class:`SpinstackError` where an element of the text is wrong; a film that is not whole yet is allowed.
        """
        settings = self.state.view if view is None else json.dumps(checked_view(view), sort_keys=True, allow_nan=False)
        self.let_go()
        if (text, settings) == self.state[:2]:
            return
        found = self.reading(text)
        if text != self.state.text and found.problems and not found.placed:
            raise found.problems[0]
        del self.states[self.at + 1 :]
        self.states.append(State(text, settings, words))
        if len(self.states) > MOST_STATES:
            del self.states[: len(self.states) - MOST_STATES]
        self.at = len(self.states) - 1
        self.version += 1
        self.keep()

    def hold(self, values: Mapping[Place, Any]) -> None:
        """What a slider does while it is held; refused values leave the last that was allowed."""
        live = {**self.live, **values}
        self._held = scene.held(self.reading(self.state.text), live, self.own)
        self.live = live
        self.version += 1

    def let_go(self) -> None:
        """What was held is gone."""
        self.version += bool(self.live)
        self.live, self._held = {}, None

    def go(self, steps: int) -> None:
        """Back (negative) or on by some states."""
        self.let_go()
        self.at = max(0, min(self.at + steps, len(self.states) - 1))
        self.version += 1
        self.keep()

    def save(self) -> Path:
        """Write the sample file that was opened; raises where there is none, or where somebody else has changed it."""
        if self.source is None:
            raise ParameterError(
                "without a file", field="save", remedy="Download it, or open one with spinstack app FILE."
            )
        if self.source.exists() and self.source.read_bytes() != self.mark + self.saved.encode():
            why = "which has been changed by another program since it was read"
            raise ParameterError(
                why, field="save", got=str(self.source), remedy="Download this one under another name."
            )
        store.write_bytes(self.source, self.mark + self.state.text.encode())
        self.saved = self.state.text
        return self.source

    def keep(self) -> None:
        """Write the present state beside those of other sessions; a page without a place on disk goes on without."""
        if self.kept is None:
            return
        told = {
            "spinstack_session": 1, "source": None if self.source is None else str(self.source), "time": time.time(),
            "saved": self.saved, "states": [list(s) for s in self.states[max(0, self.at - 50) : self.at + 1]],
        }  # fmt: skip
        try:
            self.kept.mkdir(parents=True, exist_ok=True)
            store.write_text(self.kept / f"{self.name}.json", json.dumps(told, ensure_ascii=False))
        except OSError:
            return  # the next state tries again

    def written(self) -> str:
        """The session as a file that :meth:`opened` reads."""
        states = [list(s) for s in self.states[max(0, self.at - 500) : self.at + 1]]
        return json.dumps({"spinstack_session": 1, "source": None, "states": states}, ensure_ascii=False, indent=1)

    def opened(self, text: str) -> None:
        """The last state of a session file behind the present one; :class:`ParameterError` where it is none.

        What is there stays, one step of undo away; the file that was opened is no longer that of what is shown.
        """
        last = states_of(text)[-1]
        self.take(last.text, "open a session", json.loads(last.view))

    def take(self, text: str, words: str, view: Mapping[str, Any] | None = None) -> None:
        """A text that is not of the file that was opened, which stays where the text is refused."""
        before = self.source, self.saved
        self.source, self.saved = None, ""
        try:
            self.put(text, words, view)
        except SpinstackError:
            self.source, self.saved = before
            raise


def checked_view(view: Any) -> dict[str, Any]:
    """Settings of the page: "facts", "sphere" (switches), "compare" (what is beside the film), "ties" (places).

    What is beside the film is a list of films ("text") and theories ("solver"), each with a "label".
    """

    def place(value: Any) -> bool:
        return isinstance(value, list) and 0 < len(value) < 9 and all(isinstance(k, str | int) for k in value)

    def tie(value: Any) -> bool:
        return isinstance(value, dict) and value.keys() == {"of", "follows"} and all(map(place, value.values()))

    def compare(value: Any, needs: frozenset[str] = frozenset({"what", "label"})) -> bool:
        words = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
        needs |= {"text"} if words and value.get("what") == "film" else set()
        known = words and value.get("what") in ("film", "theory")
        return known and needs <= value.keys() <= {"what", "text", "solver", "label"}

    known: dict[str, Callable[[Any], bool]] = {
        "facts": lambda v: isinstance(v, bool),
        "sphere": lambda v: isinstance(v, bool),
        "compare": lambda v: (
            compare(v, frozenset({"what"})) or (isinstance(v, list) and len(v) <= MOST_BESIDE and all(map(compare, v)))
        ),
        "ties": lambda v: isinstance(v, list) and len(v) < 200 and all(map(tie, v)),
    }
    if not isinstance(view, dict):
        raise ParameterError("which is no setting of the page", field="view", got=view)
    for name, value in view.items():
        if name not in known or not known[name](value):
            raise ParameterError("which is no setting of the page", field="view", got={name: value})
    return view


def states_of(text: str) -> list[State]:
    """The states in a session file."""
    try:
        told = json.loads(text)
        states = [State(*map(str, one)) for one in told["states"]]
        for one in states:
            checked_view(json.loads(one.view))
        if told["spinstack_session"] != 1 or not states:
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise ParameterError("which is no session file of this program", field="session") from None
    return states


@dataclass
class Sessions:
    """The sessions of every token; each is reached with its own token alone.

    Args:
        kept: where those of the `owner`'s token are kept, of all where there is none; None: nowhere.
        mark: bytes with which the file begins before its text.
    """

    first: State = State(scene.EMPTY)
    source: Path | None = None
    kept: Path | None = None
    mark: bytes = b""
    owner: str | None = None
    open: dict[str, dict[str, Session]] = field(default_factory=dict)

    def of(self, token: str, name: str = "") -> Session:
        """The session of that name, a new one where there is none: as the command line says, or as it was kept."""
        mine = self.open.setdefault(token, {})
        if name in mine:
            return mine[name]
        own = self.owner in (None, token)
        made = Session(self.source, self.kept if own else None, states=[self.first], mark=self.mark)
        made.saved = self.first.text if self.source is not None else ""
        if _NAME.fullmatch(name) and own:
            made.name = name
            self._restored(made)
        mine[made.name] = made
        return made

    def _restored(self, made: Session) -> None:
        """A page that is loaded again after the program was killed finds what it had."""
        if self.kept is None:
            return
        try:
            text = (self.kept / f"{made.name}.json").read_text(encoding="utf-8")
            told = json.loads(text)
            if told.get("source") == (None if self.source is None else str(self.source)):
                made.states = states_of(text)
                made.at = len(made.states) - 1
                made.saved = str(told.get("saved", made.saved))
        except (OSError, ValueError, AttributeError, SpinstackError):
            return

    def earlier(self) -> Iterator[dict[str, Any]]:
        """Kept sessions, the latest first; those beyond the last some are removed."""
        if self.kept is None or not self.kept.is_dir():
            return
        files = sorted(self.kept.glob("*.json"), key=lambda f: f.stat().st_mtime, reverse=True)
        for file in files[_MOST_KEPT:]:
            file.unlink(missing_ok=True)
        for file in files[:_MOST_KEPT]:
            try:
                text = file.read_text(encoding="utf-8")
                states = states_of(text)
            except (OSError, ValueError, SpinstackError):
                continue
            study = scene.read(states[-1].text, "film").study
            title = study.title if study is not None else "film"
            yield {"name": file.stem, "title": title, "time": json.loads(text).get("time", 0), "steps": len(states)}
