"""Version of the installed package."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

__version__ = version("spinstack")


@cache
def code() -> str:
    """A checksum of the package's source: stored results are those of the code that made them."""
    home = Path(__file__).parents[1]
    digest = hashlib.sha256(__version__.encode())
    for file in sorted(home.rglob("*.py")):
        digest.update(file.relative_to(home).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
