"""A running page in a process of its own, and what talks to it."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Page:
    """The address of a page, its process, and sockets to it."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address
        self.port, self.token = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#(.+)", address).groups()
        self.host = f"127.0.0.1:{self.port}"

    def socket(self, **changes: Any) -> Any:
        """An open WebSocket as the page has it; `changes` make it another one."""
        from websockets.sync.client import connect

        given = {"origin": f"http://{self.host}", "subprotocols": ["spinstack", f"token.{self.token}"]} | changes
        return connect(f"ws://{self.host}/socket", max_size=None, compression=None, **given)


@contextmanager
def served(*arguments: str, home: Any = None) -> Iterator[Page]:
    """``spinstack app`` with these arguments until the block ends."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if home is not None:
        environment |= {"XDG_STATE_HOME": str(home), "HOME": str(home)}
    command = [sys.executable, "-m", "spinstack", "app", *arguments, "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        said = ""
        while (found := re.search(r"http://127\.0\.0\.1:\d+/#\S+", said)) is None:
            line = process.stdout.readline()
            assert line, f"the page did not start: {said}"
            said += line
        yield Page(process, found[0])
    finally:
        process.terminate()
        process.communicate(timeout=20)


def message(raw: bytes) -> dict[str, Any]:
    """The head of a message of the server, its arrays as lists."""
    (length,) = struct.unpack_from("<I", raw)
    head = json.loads(raw[4 : 4 + length])
    body = raw[4 + length :]
    head["values"] = {
        name: list(struct.unpack_from(f"<{size}d", body, 8 * start)) for name, (start, size) in head["arrays"].items()
    }
    return head


def asked(socket: Any, name: str, **values: Any) -> dict[str, Any]:
    """The answer to one command; what else comes meanwhile is passed over."""
    asked.number = getattr(asked, "number", 0) + 1
    socket.send(json.dumps({"do": name, "id": asked.number, **values}))
    return heard(socket, lambda m: m.get("id") == asked.number)


def heard(socket: Any, wanted: Any, seconds: float = 60.0) -> dict[str, Any]:
    """The first message that is wanted."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = message(socket.recv(timeout=max(0.1, end - time.monotonic())))
        if wanted(found):
            return found
    raise AssertionError("nothing came")
