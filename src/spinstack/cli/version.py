"""spinstack version"""

from __future__ import annotations

import os


def version() -> int:
    """Print the version and which code solves films here."""
    from spinstack.circuit import native
    from spinstack.text.version import __version__

    print(f"spinstack {__version__}")
    found = native.target()
    if found is not None:
        print(f"native kernel: {found} (this processor has {', '.join(native.available())})")
    elif native.available():
        print(f"native kernel: {os.environ['SPINSTACK_KERNEL']}; JAX solves films")
    else:
        print("native kernel: none, JAX solves films; installing it again where there is a C++ compiler builds it")
    return 0
