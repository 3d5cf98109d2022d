"""What the page takes: a drag, letting go, undo, a film of a new structure, the first picture.

``python benchmarks/app.py``

The socket is used as the page uses it: one message under way, and the newest value waits. A picture is there when scan,
profile and torque of that version have arrived; the browser draws it in a few milliseconds more.
"""

from __future__ import annotations

import json
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

FILM = """spinstack = 1
title = "bilayer"

[[film]]
kind = "metal"
name = "Pt"
thickness = "5 nm"
conductivity = "5e6 S/m"
spin_diffusion_length = "1.5 nm"
spin_hall_angle = 0.1

[[film]]
kind = "interface"
conductance_up = "6e14 S/m^2"
conductance_down = "4e14 S/m^2"
mixing_conductance = "6e14 S/m^2"

[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "4 nm"
conductivity = "4e6 S/m"
polarization = 0.4
spin_diffusion_length = "3.6 nm"
dephasing_length = "1 nm"

[[scan]]
plane = ["alpha", "beta", "gamma"]

[[profile]]
m = "y"

[[torque]]
plane = "gamma"
"""
THICKNESS = ["film", 0, "thickness"]


class Tab:
    """One socket, and what has arrived on it."""

    def __init__(self, address: str) -> None:
        port, token = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#(.+)", address).groups()  # type: ignore[union-attr]
        protocols: Any = ["spinstack", f"token.{token}"]
        self.closing = ExitStack()
        made = connect(f"ws://127.0.0.1:{port}/socket", origin=f"http://127.0.0.1:{port}",
                              subprotocols=protocols, max_size=None, compression=None)  # type: ignore[arg-type]  # fmt: skip
        self.socket = self.closing.enter_context(made)
        self.number, self.version, self.panels = 0, -1, {}

    def take(self) -> dict[str, Any]:
        """The next message."""
        raw: Any = self.socket.recv(timeout=60)
        (length,) = struct.unpack_from("<I", raw)
        head: dict[str, Any] = json.loads(raw[4 : 4 + length])
        if head["do"] in ("state", "held"):
            self.version = head["version"]
        if head["do"] == "panel" and not head["coarse"]:
            self.panels[head["panel"]] = head["version"]
        return head

    def ask(self, name: str, **values: Any) -> Any:
        """The answer to a command."""
        self.number += 1
        self.socket.send(json.dumps({"do": name, "id": self.number, **values}))
        while True:
            head = self.take()
            if head.get("id") == self.number:
                assert head["do"] == "done", head
                return head["found"]

    def picture(self, most: int = 3) -> None:
        """Wait until so many panels show the newest version."""
        while sum(v == self.version for p, v in self.panels.items() if p != "facts") < most:
            self.take()


def timed(call: Any) -> float:
    begun = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - begun)


def measured(sample: Path, slower: float) -> None:
    """One server, with computing slowed by some seconds a panel."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "spinstack", "app", str(sample), "--no-browser", "--fresh"]
    process = subprocess.Popen([*command, "--slower", str(slower)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = next(m[0] for line in process.stdout if (m := re.search(r"http://\S+", line)))
    tab = Tab(address)
    tab.ask("hello")
    tab.picture()
    print(f"computing slowed by {1e3 * slower:.0f} ms a panel")
    print(f"  first picture after the command {time.perf_counter() - begun:.2f} s")
    for k in range(10):
        tab.ask("hold", values=[[THICKNESS, f"{4 + 0.01 * k:.2f} nm"]])
        tab.picture()
    drags = []
    for k in range(200):

        def drag(k: int = k) -> None:
            tab.ask("hold", values=[[THICKNESS, f"{5 + 0.01 * k:.2f} nm"]])
            tab.picture()

        drags.append(timed(drag))
    drags.sort()
    print(f"  drag: median {statistics.median(drags):.1f} ms, p95 {drags[190]:.1f} ms")

    def release() -> None:
        tab.ask("set", values=[[THICKNESS, "7.77 nm"]])
        tab.picture()

    def undo() -> None:
        tab.ask("undo")
        tab.picture()

    print(f"  letting go {timed(release):.0f} ms, undo {timed(undo):.0f} ms")
    extra = {"kind": "metal", "thickness": "2 nm", "conductivity": "1e7 S/m", "spin_diffusion_length": "20 nm"}
    new = []
    for n in range(40):

        def structure(n: int = n) -> None:
            tab.ask("add", elements=[{**extra, "name": f"N{n}"}])
            tab.picture()

        new.append(timed(structure))
    memory = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    size = int(re.search(r"VmRSS:\s+(\d+)", memory)[1]) / 1024  # type: ignore[index]
    print(f"  a new structure: median {statistics.median(new):.0f} ms, longest {max(new):.0f} ms; {size:.0f} MB")
    tab.closing.close()
    process.terminate()
    process.communicate()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "film.toml"
        sample.write_text(FILM, encoding="utf-8")
        for slower in (0.0, 0.033):
            measured(sample, slower)


if __name__ == "__main__":
    main()
