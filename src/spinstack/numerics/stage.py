"""Steps of the arithmetic that stay whole when compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import jax
from jax.experimental.xla_metadata import set_xla_metadata

Step = TypeVar("Step", bound=Callable[..., Any])


def stage(function: Step) -> Step:
    """A function of arrays whose results are computed once and kept.

    Left to itself, XLA's CPU compiler merges a chain of small matrix products into one loop that works out every
    intermediate entry anew for each entry that needs it. A call that it may not inline ends such a chain; derivatives
    inherit the call. Films of four layers take half the time. Other processors are left to their compilers.
    """

    def body(*arguments: Any) -> Any:
        with set_xla_metadata(inlineable=None):  # the mark is for this call, not for those inside it
            return function(*arguments)

    compiled = jax.jit(wraps(function)(body))

    @wraps(function)
    def call(*arguments: Any) -> Any:
        if jax.default_backend() != "cpu":
            return function(*arguments)
        with set_xla_metadata(inlineable="false"):
            return compiled(*arguments)

    return call  # type: ignore[return-value]
