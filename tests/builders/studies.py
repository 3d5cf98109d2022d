"""Which cases of a test run for everybody, and which with the studies alone."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def mostly_studies(cases: Iterable[Any], always: Collection[Any]) -> list[Any]:
    """Cases to parametrise with, of which all but those in `always` are studies."""
    return [case if case in always else pytest.param(case, marks=pytest.mark.study) for case in cases]
