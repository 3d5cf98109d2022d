"""What the panels show, computed for the newest state: quick panels at every movement, slow ones when it rests.

One computation is under way at a time in each of two lanes, and one place is kept for the newest state; states in
between are never computed. A panel is quick while its last computation was. What is sent says for which version of the
film it is, so that the page knows what is old.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from spinstack.app import describe, drawing, frames, residuals, scene, sphere
from spinstack.app.measured import Overlay
from spinstack.app.session import Session
from spinstack.numerics.progress import Listener
from spinstack.observables.finite import NotFiniteWarning
from spinstack.stack import Film, ParameterError
from spinstack.study.film import FilmRequest, FilmStudy, answer
from spinstack.study.moving import MovingRequest
from spinstack.study.theory import solver_of
from spinstack.text.errors import SpinstackError

#: seconds that quick panels may take, and for which slow ones wait until nothing moves
_QUICK, _REST = 0.06, 0.12
#: requests that take many seconds, and what is expected of them
_LONGEST, _LONG = ("critical_current", "loop_shift", "oscillation", "spectrum"), 5.0
#: points of a map above which a coarse one comes first
_COARSE = 300

Send = Callable[[bytes], Awaitable[None]]


class Stale(Exception):
    """Something newer is wanted, or nothing any more."""


@dataclass(frozen=True)
class Panel:
    """One picture: a request of the file, or what the page has beside them."""

    key: str
    words: str
    request: FilmRequest | None = None
    other: str = ""  # "facts", "sphere"
    film: Film | None = None  # of what is no request
    second: int | None = None  # of what stands beside the film: which

    @property
    def home(self) -> str:
        """The panel in which it is shown."""
        return self.key.partition("|B")[0]


@dataclass
class Computing:
    """Computes for one session and sends what is found.

    Args:
        session: whose newest state is computed.
        send: takes a message.
        slower: seconds that every computation takes longer, to see what the page does then.
        overlays: what is laid over, of which residuals are told.
    """

    session: Session
    send: Send
    slower: float = 0.0
    overlays: Callable[[], Iterable[Overlay]] = tuple
    took: dict[tuple[str, Any], float] = field(default_factory=dict)
    closed: bool = False
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _lanes: tuple[ThreadPoolExecutor, ThreadPoolExecutor] = field(
        default_factory=lambda: (ThreadPoolExecutor(1), ThreadPoolExecutor(1))
    )
    _slow: asyncio.Task[None] | None = None
    _stopped: set[tuple[str, int]] = field(default_factory=set)
    #: requests of what is beside the film that the page has, and the settings with which they were sent
    _sent: dict[str, tuple[FilmRequest | None, str]] = field(default_factory=dict)
    #: the newest numbers of panels over which files may lie, and of which version of the film
    _newest: dict[str, tuple[int, FilmRequest, Any]] = field(default_factory=dict)

    def want(self) -> None:
        """The state has changed."""
        self._wanted.set()

    async def run(self) -> None:
        """Compute until cancelled."""
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                if self._slow is not None:
                    self._slow.cancel()
                version, view = self.session.version, self.session.state.view
                self._sent = {key: one for key, one in self._sent.items() if one[1] == view}
                self._stopped = {one for one in self._stopped if one[1] == version}
                every = self.panels()
                panels = [p for p in every if not self._is_sent(p)]
                self._newest = {p.key: self._newest[p.key] for p in every if p.key in self._newest}
                structure = self._structure()
                quick = [p for p in panels if self._expected(p, structure) < _QUICK]
                for panel in quick:
                    await self._panel(panel, version, structure, self._lanes[0])
                rest = [p for p in panels if p not in quick]
                if rest:
                    self._slow = asyncio.create_task(self._rest(rest, version, structure))
        finally:
            self.closed = True
            if self._slow is not None:
                self._slow.cancel()
            for lane in self._lanes:
                lane.shutdown(wait=False, cancel_futures=True)

    async def _rest(self, panels: list[Panel], version: int, structure: Any) -> None:
        await asyncio.sleep(_REST)
        for panel in sorted(panels, key=lambda p: self._expected(p, structure)):
            if (panel.home, version) in self._stopped:
                continue
            await self.send(frames.packed({"do": "working", "panel": panel.key, "version": version}))
            await self._panel(panel, version, structure, self._lanes[1])

    async def _panel(self, panel: Panel, version: int, structure: Any, lane: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        for coarse in (True, False) if _many(panel) else (False,):
            begun = time.perf_counter()
            try:
                message = await loop.run_in_executor(lane, self._message, panel, version, coarse)
                if (panel.home, version) in self._stopped:
                    raise Stale
            except Stale:
                took = time.perf_counter() - begun
                self.took[panel.key, structure] = max(took, self.took.get((panel.key, structure), 0.0))
                return
            if not coarse:
                self.took[panel.key, structure] = time.perf_counter() - begun
            await self.send(message)
            if not coarse and panel.second is not None:
                self._sent[panel.key] = panel.request, self.session.state.view

    def _message(self, panel: Panel, version: int, coarse: bool) -> bytes:
        """The panel as a message, or what is wrong with it."""
        head: dict[str, Any] = {"do": "panel", "panel": panel.key, "version": version, "words": panel.words,
                                "coarse": coarse}  # fmt: skip

        def listener(done: int, total: int, words: str = "", /) -> None:
            if self.closed or self.session.version != version or (panel.home, version) in self._stopped:
                raise Stale

        begun = time.perf_counter()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotFiniteWarning)
                more, arrays, found = _computed(panel, coarse, listener)
            if found is not None and panel.request is not None:
                self._newest[panel.key] = version, panel.request, found
                told, left = _residuals(panel.request, found, list(self.overlays()))
                more, arrays = {**more, **told}, {**arrays, **left}
        except Stale:
            raise
        except SpinstackError as error:
            return frames.packed({**head, "problem": describe.problem(error)})
        except Exception as error:  # a fault of this program costs this panel alone
            words = f"unexpected {type(error).__name__}: {error}"[:500]
            return frames.packed({**head, "problem": describe.problem(ParameterError(words))})
        if self.slower:
            time.sleep(self.slower)
        return frames.packed({**head, **more, "seconds": round(time.perf_counter() - begun, 4)}, arrays)

    async def stop(self, key: str) -> None:
        """Leave a panel as it is until something changes, or :meth:`go_on`; what it computes ends at its next word."""
        self._stopped.add((key, self.session.version))
        await self.send(frames.packed({"do": "stopped", "panel": key, "version": self.session.version}))

    def go_on(self, key: str) -> None:
        """Compute a panel that was stopped."""
        self._stopped.discard((key, self.session.version))
        version, structure = self.session.version, self._structure()
        panels = [p for p in self.panels() if p.home == key]
        if self._slow is not None and not self._slow.done():
            waiting = self._slow
            self._slow = asyncio.create_task(self._behind(waiting, panels, version, structure))
        else:
            self._slow = asyncio.create_task(self._rest(panels, version, structure))

    async def _behind(self, waiting: asyncio.Task[None], panels: list[Panel], version: int, structure: Any) -> None:
        try:
            await waiting
        except asyncio.CancelledError:
            waiting.cancel()
            raise
        await self._rest(panels, version, structure)

    async def laid_over(self) -> None:
        """Another file lies over the panels, or one fewer: tell the residuals anew; nothing else is computed."""
        for panel, (version, request, found) in list(self._newest.items()):
            head, arrays = _residuals(request, found, list(self.overlays()))
            await self.send(frames.packed({"do": "residuals", "panel": panel, "version": version, **head}, arrays))

    def panels(self) -> list[Panel]:
        """The panels of the present state."""
        study, view = self.session.read().study, self.session.view
        if study is None:
            return []
        found = [Panel(key_of(r), r.name, r) for r in study.requests]
        with contextlib.suppress(SpinstackError):
            beside = enumerate(beside_of(study, view, self.session))
            found += [Panel(f"{key_of(r)}|B{k}", r.name, r, second=k) for k, one in beside for r in one.requests]
        film = study.film_at()[0]
        if view.get("facts", True):
            found.append(Panel("facts", "derived", other="facts", film=film))
        if view.get("sphere") and film.magnets:
            found.append(Panel("sphere", "torque over the sphere", other="sphere", film=film))
        return found

    def _is_sent(self, panel: Panel) -> bool:
        """Whether the page has it: what is held beside the film stays while the film is changed."""
        return panel.second is not None and self._sent.get(panel.key, (None, ""))[0] is panel.request

    def _expected(self, panel: Panel, structure: Any) -> float:
        """Seconds that a panel takes: as it took last; before that, magnets that move and maps are not quick."""
        guess = _QUICK if _many(panel) else 0.0
        if isinstance(panel.request, MovingRequest):
            guess = _LONG if panel.request.do in _LONGEST else _QUICK
        return self.took.get((panel.key, structure), guess)

    def _structure(self) -> Any:
        """What decides how long a panel takes: the order of elements, and the settings of requests."""
        read = self.session.read()
        return tuple(type(e).__name__ for e, _ in read.placed), self.session.state.view


def key_of(request: FilmRequest) -> str:
    """The panel of a request: where it stands in the file."""
    return "/".join(map(str, request.place)) + f"#{request.name}"


def _many(panel: Panel) -> bool:
    request = panel.request
    return request is not None and len(request.over) == 2 and request_points(request) > _COARSE


def request_points(request: FilmRequest) -> int:
    """Films of a map."""
    return int(np.prod([len(v) for v in request.over.values()]))


def _residuals(request: FilmRequest, found: Any, overlays: list[Overlay]) -> tuple[dict[str, Any], dict[str, Any]]:
    left = residuals.residuals(found, request.entry.observable.name, overlays)
    heads, arrays = residuals.message(left, {one.name: one.step for one in overlays})
    return {"residuals": heads}, arrays


def _computed(panel: Panel, coarse: bool, listener: Listener) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Head and arrays of a panel, and its labelled numbers where files may lie over it."""
    if panel.other == "facts":
        assert panel.film is not None
        return {"tables": describe.facts(panel.film)}, {}, None
    if panel.other == "sphere":
        assert panel.film is not None
        found = sphere.efficiencies(panel.film)
        head, arrays = frames.described(found)
        sphere_how = {"picture": "map", "x": "phi", "y": "theta", "variables": list(found)}
        return {"data": head, "how": sphere_how}, arrays, None
    request = panel.request
    assert request is not None
    if coarse:
        steps = {path: max(1, len(values) // 12) for path, values in request.over.items()}
        request = replace(request, over={p: v[:: steps[p]] for p, v in request.over.items()})
    found, how = drawing.pictured(answer(request, listener), request.entry.observable.name, tuple(request.over))
    head, arrays = frames.described(found)
    below = how["picture"] == "curves" and not request.over
    return {"data": head, "how": how}, arrays, found if below else None


class Beside(NamedTuple):
    """What stands beside the film: its label, the same requests of it, and the sample file or the theory it is."""

    label: str
    requests: tuple[FilmRequest, ...]
    text: str = ""
    solver: str = ""


def beside_of(study: FilmStudy, view: dict[str, Any], session: Session) -> Iterator[Beside]:
    """The films, and the theories, beside the film; what cannot be asked of one is missing among its requests."""
    requests: tuple[FilmRequest, ...]
    for asked in view.get("compare", []):
        label = str(asked["label"])
        if asked["what"] == "theory":
            word = str(asked.get("solver", "boltzmann"))
            able = tuple(request for request in study.requests if request.entry.takes_solver)
            requests = ()
            with contextlib.suppress(SpinstackError):
                solver = solver_of(word)
                requests = tuple(replace(request, solver=solver) for request in able)
            yield Beside(label, requests, solver=word)
        else:
            requests = ()
            text = ""
            with contextlib.suppress(SpinstackError):
                text = scene.with_film(session.state.text, str(asked["text"]))
                other = session.reading(text).study
                requests = () if other is None else tuple(other.requests)
            yield Beside(label, requests, text=text)
