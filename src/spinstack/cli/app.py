"""``spinstack app``: the page on which a film lies under one's hands."""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path

from spinstack.cli import console
from spinstack.text.document import read_document
from spinstack.text.errors import ParameterError


def app(
    sample: Path | None, port: int, browser: bool, users: int, frame: tuple[str, ...], slower: float, fresh: bool
) -> int:
    """Serve the page until Ctrl-C; returns the exit code."""
    from spinstack.app import scene
    from spinstack.app.server import Server, state_folder
    from spinstack.app.session import Sessions, State

    if not 0 <= port < 65536:
        raise ParameterError("which is no port", field="--port", got=port, allowed="from 1024 to 65535, 0 for any")
    if not 1 <= users <= 100:
        raise ParameterError(field="--users", got=users, allowed="from 1 to 100")
    text, mark = scene.EMPTY, b""
    if sample is not None:
        read_document(sample)
        raw = sample.read_bytes()
        mark = BOM_UTF8 if raw.startswith(BOM_UTF8) else b""
        text = raw[len(mark) :].decode()
    kept = None if fresh else state_folder()
    sessions = Sessions(State(text), None if sample is None else sample.resolve(), kept, mark)
    server = Server(sessions, users, port, frame, slower)
    server.bind()
    for n, address in enumerate(server.addresses):
        console.say(f"{'The page' if users == 1 else f'The page of user {n + 1}'}: {address}")
    console.say("Who has this address can use the page, on this machine alone. Ctrl-C ends it.")
    server.run(browser)
    return 0
