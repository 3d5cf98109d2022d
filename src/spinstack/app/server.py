"""The server of the page: bound to this machine alone, its files read once, one socket a tab."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import sys
import webbrowser
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import platformdirs

from spinstack.app import commands as commands  # which answer
from spinstack.app.connection import Connection
from spinstack.app.guard import PROTOCOL, Guard
from spinstack.app.session import Sessions
from spinstack.text.errors import ParameterError
from spinstack.text.optional import optional

#: bytes of one message
LARGEST = 2_000_000
_PAGE = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}  # fmt: skip


def state_folder() -> Path | None:
    """Where sessions are kept; None where nobody knows where home is."""
    folder = Path(platformdirs.user_state_dir("spinstack")) / "app"
    return folder if folder.is_absolute() else None


def files() -> dict[str, tuple[bytes, str]]:
    """The files of the page by their path; nothing else is ever given out."""
    found = {}
    for file in sorted(_PAGE.rglob("*")):
        if file.is_file() and file.suffix in _TYPES:
            found["/" + file.relative_to(_PAGE).as_posix()] = (file.read_bytes(), _TYPES[file.suffix])
    found["/"] = found.pop("/index.html")
    return found


@dataclass
class Server:
    """The page of some sessions.

    Args:
        sessions: what tokens reach.
        users: how many tokens are given out.
        port: 0 for one that is free.
        frames: pages that may show it in a frame.
        slower: see :class:`spinstack.app.computing.Computing`.
    """

    sessions: Sessions
    users: int = 1
    port: int = 0
    frames: tuple[str, ...] = ()
    slower: float = 0.0
    tokens: list[str] = field(default_factory=list)
    socket: Any = None

    def bind(self) -> None:
        """Take a port of this machine; raises :class:`ParameterError` where that is not possible."""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform != "win32":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind(("127.0.0.1", self.port))
        except OSError as error:
            self.socket.close()
            why = f"which cannot be used ({error.strerror or error})"
            raise ParameterError(why, field="--port", got=self.port, remedy="Give another, or none.") from None
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        self.tokens = [secrets.token_urlsafe(32) for _ in range(self.users)]
        self.sessions.owner = self.tokens[0]

    @property
    def addresses(self) -> list[str]:
        """One address for each user; the token stands behind #, which browsers never send."""
        return [f"http://127.0.0.1:{self.port}/#{token}" for token in self.tokens]

    def application(self) -> Guard:
        """Page and socket behind the guard."""
        application = optional("starlette.applications", "app", "spinstack app")
        routing = optional("starlette.routing", "app", "spinstack app")
        responses = optional("starlette.responses", "app", "spinstack app")
        known = files()

        async def page(request: Any) -> Any:
            content, kind = known[request.url.path]
            return responses.Response(content, media_type=None, headers={"content-type": kind})

        routes = [routing.Route(path, page, methods=["GET", "HEAD"]) for path in known]
        routes.append(routing.WebSocketRoute("/socket", self._connected))
        hosts = (f"127.0.0.1:{self.port}", f"localhost:{self.port}")
        inner = application.Starlette(routes=routes)
        inner.router.redirect_slashes = False
        self.guard = Guard(inner, hosts, self.tokens, self.frames)
        return self.guard

    async def _connected(self, page: Any) -> None:
        token = self.guard.token(page.scope)
        assert token is not None  # the guard has looked
        await page.accept(subprotocol=PROTOCOL)
        await Connection(page, self.sessions, token, token == self.tokens[0], self.slower).run()

    def run(self, browser: bool = True) -> None:
        """Serve until Ctrl-C."""
        uvicorn = optional("uvicorn", "app", "spinstack app")
        optional("websockets", "app", "spinstack app")
        config = uvicorn.Config(
            self.application(), ws="websockets-sansio", ws_max_size=LARGEST, ws_per_message_deflate=False,
            log_level="error", server_header=False, date_header=False, proxy_headers=False, lifespan="off",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        import_module("spinstack.circuit.solver")  # which two threads can't begin to load at once
        server = uvicorn.Server(config)
        if browser:
            with contextlib.suppress(Exception):
                webbrowser.open(self.addresses[0])
        server.run(sockets=[self.socket])


def frame(address: str, width: str = "100%", height: int = 900) -> str:
    """HTML of a frame with the page, for a notebook on the same machine that was named in ``--frame``."""
    return f'<iframe src={json.dumps(address)} width="{width}" height="{height}" style="border:0"></iframe>'
