"""What the tests of files to read share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import written


@pytest.fixture
def sample(here: Path) -> Callable[..., str]:
    """Writes a sample file into an empty working folder and gives its name."""
    return written
