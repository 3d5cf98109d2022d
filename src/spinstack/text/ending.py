"""How the program ends before its time: Ctrl-C gives one line and a code of its own, whatever is going on.

Files appear whole or not at all, so that the program may end between any two of its steps; nothing is unwound.
Loaded before anything else of the package, hence nothing is imported here that takes time.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: what shells report for a program ended by Ctrl-C
INTERRUPTED = 130
#: what is said then, by whoever knows what is complete
words: Callable[[], str] = lambda: "Interrupted."  # noqa: E731
_PROGRAM = ("spinstack", "spinstack.exe")
_listens = False
_last = allocate_lock()
_who = 0


def is_program() -> bool:
    """Whether this process is the command ``spinstack`` or ``python -m spinstack``, and no other that imports it."""
    name, started = sys.argv[:1], list(getattr(sys, "orig_argv", ()))
    if name == ["-m"] and "-m" in started:
        return started[started.index("-m") + 1 :][:1] == ["spinstack"]
    return bool(name) and os.path.basename(name[0]) in _PROGRAM


def listen() -> None:
    """Let Ctrl-C end the program."""
    global _listens
    from _signal import SIGINT, default_int_handler, getsignal, signal  # type: ignore[import-not-found]  # loads at once

    if getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, stop)
        _listens = True


def stop(*_: object) -> None:
    """End the program with one line, whoever hears of it first.

    Of two threads that hear of it the second waits for the end, so that it cannot reach another one before.
    """
    global _who
    if _who == get_ident():  # Ctrl-C again, while the line is written
        return
    if not _last.acquire(timeout=1):
        os._exit(INTERRUPTED)
    _who = get_ident()
    try:
        terminal = "\x1b[?25h\n" if os.isatty(2) else ""  # a bar of progress has hidden the cursor
        os.write(2, f"{terminal}{words()}\n".encode(errors="replace"))
    except Exception:  # nobody reads it, or what is said was just changing
        pass
    os._exit(INTERRUPTED)


def watch() -> None:
    """Let Ctrl-C end the program also while it computes in other code than Python, where no handler runs."""
    if not _listens or os.name == "nt":
        return
    import signal
    import threading

    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)

    def wait() -> None:
        while True:
            if signal.SIGINT in os.read(read, 1):
                stop()

    threading.Thread(target=wait, daemon=True).start()
