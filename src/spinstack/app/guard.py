"""Who may talk to the page: nobody beside this machine, no foreign page of the browser, nobody without the token.

Checked here and not by a library: every request's host must be this server's, word for word (a name that an attacker
points at 127.0.0.1 is not), every socket must come from this server's page, and its token must be one that was printed
in the terminal. Only reading is allowed outside the socket.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: the word with which a page and this server recognise each other; the token stands behind the second
PROTOCOL, TOKEN = "spinstack", "token."

Scope = Mapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass
class Guard:
    """Lets through what may come, to `app`; everything else ends here.

    Args:
        app: the application behind it.
        hosts: host and port as a browser sends them.
        tokens: those that were given out.
        frames: pages that may show this one in a frame, such as ``http://localhost:8888``.
    """

    app: Callable[[Scope, Receive, Send], Awaitable[None]]
    hosts: tuple[str, ...]
    tokens: Iterable[str]
    frames: tuple[str, ...] = ()
    headers: list[tuple[bytes, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
            f"connect-src 'self' {' '.join(f'ws://{host}' for host in self.hosts)}; base-uri 'none'; "
            f"form-action 'none'; frame-ancestors {' '.join(self.frames) or repr('none')}"
        )
        said = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "cache-control": "no-store",
        }
        self.headers = [(name.encode(), value.encode()) for name, value in said.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._page(scope, receive, send)
        elif scope["type"] == "websocket" and self._may_open(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403})

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._ours(scope):
            await self._refused(send, 421, "This address is not that of the page. Open the one from the terminal.")
        elif scope["method"] not in ("GET", "HEAD"):
            await self._refused(send, 405, "Only reading is allowed.")
        else:

            async def guarded(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [*message.get("headers", []), *self.headers]}
                await send(message)

            await self.app(scope, receive, guarded)

    async def _refused(self, send: Send, status: int, why: str) -> None:
        headers = [(b"content-type", b"text/plain; charset=utf-8"), *self.headers]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": why.encode()})

    def _ours(self, scope: Scope) -> bool:
        """Whether there is one host, and it is ours."""
        return [v for v in _values(scope, b"host") if v not in self.hosts] == [] and len(_values(scope, b"host")) == 1

    def _may_open(self, scope: Scope) -> bool:
        origins = _values(scope, b"origin")
        from_here = len(origins) == 1 and origins[0] in {f"http://{host}" for host in self.hosts}
        return self._ours(scope) and from_here and self.token(scope) is not None

    def token(self, scope: Scope) -> str | None:
        """The token with which a socket is opened, where it is one of those given out."""
        asked = [str(word) for word in scope.get("subprotocols", ())]
        given = [word.removeprefix(TOKEN) for word in asked if word.startswith(TOKEN)]
        if PROTOCOL not in asked or len(given) != 1:
            return None
        known = [t for t in self.tokens if hmac.compare_digest(t.encode(), given[0].encode())]
        return known[0] if known else None


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
