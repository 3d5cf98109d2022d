"""What a value or a function is, as something that can be compared: equal ones give the same result.

Within one run by :func:`fingerprint`, between runs by :func:`digest`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import sys
import types
from collections.abc import Iterator, Mapping, Set
from functools import partial
from typing import Any

import numpy as np

#: packages whose functions are what their names say
_KNOWN = ("spinstack", "numpy", "jax", "math", "functools", "operator", "scipy", "builtins")


class Unknown(Exception):
    """A value of which nothing says whether it stays the same."""


def fingerprint(value: Any) -> Any:
    """Something hashable, equal for values that are alike; raises :class:`Unknown` for what may change unseen.

    A function is its code with the values of its defaults, closure and globals, so that one that is defined anew, as
    in a loop, is the same while what it reads is the same.
    """
    return _Reader().read(value)


def known(value: Any) -> Any:
    """The fingerprint, or None where there is none."""
    try:
        return fingerprint(value)
    except Unknown:
        return None


def digest(*values: Any, foreign: bool = False) -> str:
    """A checksum of plain values, the same in every run: numbers and arrays count to the last bit.

    Plain are numbers, texts, arrays, lists and mappings of them, and the package's own objects; `foreign` lets other
    frozen dataclasses and functions of other modules count by their names. Raises :class:`Unknown` for anything else,
    of which a later run cannot tell whether it is the same.
    """
    return hashlib.sha256(_written(fingerprint(values), foreign)).hexdigest()


#: packages whose classes are what their names say in a later run, too
_LASTING = ("builtins", "functools", "numpy", "spinstack")


def _written(found: Any, foreign: bool) -> bytes:
    """A fingerprint as bytes that nothing else has."""
    if isinstance(found, type):
        if not foreign and found.__module__.partition(".")[0] not in _LASTING:
            raise Unknown
        text = f"{found.__module__}.{found.__qualname__}".encode()
    elif isinstance(found, tuple | frozenset):
        parts = [_written(part, foreign) for part in found]
        text = b"".join(parts if isinstance(found, tuple) else sorted(parts))
    elif isinstance(found, float | complex):
        text = f"{found.real.hex()} {found.imag.hex()}".encode()
    elif isinstance(found, types.CodeType):
        raise Unknown
    elif isinstance(found, int):
        text = hex(found).encode()
    else:
        text = found if isinstance(found, bytes) else str(found).encode(errors="surrogatepass")
    return f"{type(found).__name__} {len(text)} ".encode() + text


class _Reader:
    def __init__(self) -> None:
        self.inside: set[int] = set()

    def read(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | complex | str | bytes):
            return type(value), value
        if isinstance(value, np.ndarray | np.generic) or type(value).__module__.startswith("jaxlib"):
            array = np.asarray(value)
            if array.dtype.hasobject:
                raise Unknown
            return "array", array.shape, array.dtype.str, array.tobytes()
        if isinstance(value, tuple | list):
            return type(value), tuple(map(self.read, value))
        if isinstance(value, Mapping):
            return dict, tuple((self.read(k), self.read(v)) for k, v in value.items())
        if isinstance(value, Set):
            return set, frozenset(map(self.read, value))
        if isinstance(value, types.ModuleType):
            return "module", value.__name__
        if isinstance(value, partial):
            return partial, self.read(value.func), self.read(value.args), self.read(value.keywords)
        if _named(value):
            return "named", value.__module__, value.__qualname__
        if isinstance(value, types.FunctionType):
            return self.function(value)
        if dataclasses.is_dataclass(value) and getattr(type(value), "__dataclass_params__").frozen:  # noqa: B009
            fields = ((f.name, self.read(getattr(value, f.name))) for f in dataclasses.fields(value))
            return type(value), tuple(fields)
        raise Unknown

    def function(self, function: types.FunctionType) -> Any:
        if id(function) in self.inside:
            return "itself"
        self.inside.add(id(function))
        code = function.__code__
        names = sorted({name for part in _codes(code) for name in part.co_names} & set(function.__globals__))
        seen = (
            [cell.cell_contents for cell in function.__closure__ or ()],
            {name: function.__globals__[name] for name in names},
            function.__defaults__,
            function.__kwdefaults__,
        )
        found = (code, self.read(seen))
        self.inside.discard(id(function))
        return found


def _named(value: Any) -> bool:
    """Whether the value is a function or class of a package that does not change."""
    module, name = getattr(value, "__module__", None) or "", getattr(value, "__qualname__", "<locals>")
    if not callable(value) or module.split(".")[0] not in _KNOWN or "<locals>" in name:
        return False
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is value  # what wraps a function goes by its name, too


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """The code of a function and of what is defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
