"""JAX as this package uses it: in 64 bits, compiled programs kept between sessions, and never in a forked process.

Of the whole process only the 64-bit switch is set. The folder of compiled code is in force while one of these programs
is called and no longer, so that nobody else's code is kept in it; a cache that somebody has set is used as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache, wraps
from typing import Any, TypeVar

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal, jaxpr_as_fun

from spinstack.numerics.folder import compiled_programs
from spinstack.text.errors import SpinstackError

try:  # JAX has no public way to set these for a part of a program; without them nothing is kept
    from jax._src import compilation_cache, xla_bridge
    from jax._src.config import captured_constants_warn_bytes as large_constants
    from jax._src.config import compilation_cache_dir, persistent_cache_min_compile_time_secs
    from jax._src.core import trace_state_clean
except ImportError:  # pragma: no cover
    compilation_cache = None  # type: ignore[assignment]

if not jax.config.jax_enable_x64 and compilation_cache is not None and not trace_state_clean():  # type: ignore[attr-defined]
    raise SpinstackError(
        "while JAX traces a function of yours, whose numbers it has taken as 32 bits already",
        field="jax_enable_x64",
        got=False,
        allowed="True",
        remedy='Begin the program with jax.config.update("jax_enable_x64", True).',
    )
jax.config.update("jax_enable_x64", True)

Function = TypeVar("Function", bound=Callable[..., Any])
#: compilations that take longer are kept [s]
_WORTH_KEEPING = 0.1
#: whether JAX ran in the process from which this one was forked
_forked_from_running = False


def _after_fork() -> None:
    global _forked_from_running
    _forked_from_running = compilation_cache is None or xla_bridge.backends_are_initialized()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def jit(function: Function, **options: Any) -> Function:
    """``jax.jit`` of a function of this package, called under :func:`ready`."""
    compiled = jax.jit(function, **options)

    @wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        with ready():
            return compiled(*arguments, **named)

    call.lower = compiled.lower  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]


#: how many times what is being traced may be differentiated; None where nobody knows
derivatives: ContextVar[int | None] = ContextVar("derivatives", default=None)


class Staged:
    """A function of an array and of others in two programs: what the others decide by themselves, and the rest.

    Both are compiled once for arrays of the same shapes and the same `fixed` arguments.

    derivatives: how many of these the function itself takes.
    """

    def __init__(self, function: Callable[..., Any], derivatives: int) -> None:
        self._derivatives = derivatives
        self._function, self._made = function, dict[Any, tuple[Callable[..., Any], Callable[..., Any], Any]]()

    def at(self, free: Any, *others: Any, **fixed: Any) -> Callable[[Any], Any]:
        """The function of arrays like `free`; what `others` decide is computed now."""
        leaves, tree = jax.tree.flatten(others)
        shapes = tuple((np.shape(leaf), np.result_type(leaf)) for leaf in leaves)
        key = free.shape, free.dtype, tree, shapes, tuple(fixed.items())
        if key not in self._made:
            self._made[key] = self._split(free, leaves, tree, fixed)
        first, second, out = self._made[key]
        known = first(*leaves)
        return lambda value: jax.tree.unflatten(out, second(value, *known))

    def _split(self, free: Any, leaves: list[Any], tree: Any, fixed: dict[str, Any]) -> tuple[Any, Any, Any]:
        def whole(free: Any, *leaves: Any) -> Any:
            return self._function(free, *jax.tree.unflatten(tree, leaves), **fixed)

        token = derivatives.set(self._derivatives)
        try:
            with ready():
                closed, shape = jax.make_jaxpr(whole, return_shape=True)(free, *leaves)
        finally:
            derivatives.reset(token)
        program = closed.jaxpr
        known, early, late = {*program.constvars, *program.invars[1:]}, [], []

        def is_known(variable: Any) -> bool:
            return isinstance(variable, Literal) or variable in known

        for equation in program.eqns:
            if all(map(is_known, equation.invars)):
                early.append(equation)
                known.update(equation.outvars)
            else:
                late.append(equation)
        read = [v for equation in late for v in equation.invars] + program.outvars
        between = [v for v in dict.fromkeys(v for v in read if not isinstance(v, Literal)) if v in known]
        first = Jaxpr(program.constvars, program.invars[1:], between, early, debug_info=program.debug_info)
        second = Jaxpr([], [program.invars[0], *between], program.outvars, late, debug_info=program.debug_info)
        return (
            jit(jaxpr_as_fun(ClosedJaxpr(first, closed.consts))),
            jit(jaxpr_as_fun(ClosedJaxpr(second, []))),
            jax.tree.structure(shape),
        )


@contextmanager
def ready() -> Iterator[None]:
    """Refuse to compute where JAX would be wrong or hang; what is compiled inside is kept in the user's folder."""
    check()
    if compilation_cache is None:
        yield
        return
    folder = _folder() if compilation_cache_dir.value is None else None
    if folder is None:
        with large_constants(-1):  # the order of the layers of a very long film is meant to be one
            yield
        return
    try:
        with compilation_cache_dir(folder), persistent_cache_min_compile_time_secs(_WORTH_KEEPING), large_constants(-1):
            yield
    finally:
        if compilation_cache._cache is not None:  # something was compiled: JAX would go on with this folder
            compilation_cache.reset_cache()


def on_processor() -> bool:
    """Whether JAX computes on the processor and not on a device of its own."""
    return jax.default_backend() == "cpu"


def numbers() -> AbstractContextManager[None]:
    """Where numbers are numbers, also inside a transformation of something else; costs nothing outside of one."""
    outside = compilation_cache is not None and trace_state_clean()
    return nullcontext() if outside else jax.ensure_compile_time_eval()


def check() -> None:
    """Raise :class:`SpinstackError` in a forked process and where somebody has switched JAX to 32 bits."""
    if _forked_from_running:
        raise SpinstackError(
            "this process was forked from one in which JAX was running already; JAX would wait in it for ever",
            remedy='Start workers anew, by multiprocessing.get_context("spawn"), or compute before nothing is forked.',
        )
    if not jax.config.jax_enable_x64:  # type: ignore[attr-defined]
        raise SpinstackError(
            "in which the numbers of this package would be wrong from the seventh digit on",
            field="jax_enable_x64",
            got=False,
            allowed="True",
            remedy='Leave it so, or go back by jax.config.update("jax_enable_x64", True).',
        )


@cache
def _folder() -> str | None:
    """The folder of this session; None where nothing can be kept."""
    return compiled_programs()
