"""What comes from the page: JSON of bounded depth, arguments of the kinds that a command says."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from spinstack.app import frames
from spinstack.app.scene import Place
from spinstack.stack import ParameterError
from spinstack.text.errors import NOTHING

#: depth and length of what a message may hold
_DEEPEST, _LONGEST = 12, 500_000


def message(raw: str | bytes) -> tuple[dict[str, Any], bytes]:
    try:
        if isinstance(raw, bytes):
            told, body = frames.unpacked(raw)
        else:
            told, body = json.loads(raw), b""
        if not isinstance(told, dict):
            raise ValueError("a message that is no table")
        if _depth(told) > _DEEPEST:
            raise ValueError("a message nested too deeply")
    except (ValueError, RecursionError) as error:
        raise ParameterError(f"which is no message of the page ({error})", field="message") from None
    return told, body


def _depth(value: Any, level: int = 0) -> int:
    if level > _DEEPEST or not isinstance(value, dict | list):
        return level
    inner = value.values() if isinstance(value, dict) else value
    return max((_depth(v, level + 1) for v in inner), default=level)


def checked(told: dict[str, Any], parameters: Mapping[str, inspect.Parameter], body: bytes) -> dict[str, Any]:
    """Arguments of a command, each of the kind that its annotation says."""
    out: dict[str, Any] = {}
    own = [name for name in parameters if name != "page"]
    for name in told:
        if name not in own or name == "body":
            raise ParameterError("which the command does not take", field=str(name), allowed=", ".join(own))
    for name in own:
        kind, default = str(parameters[name].annotation), parameters[name].default
        if name == "body":
            out[name] = body
        elif name in told:
            out[name] = _as(told[name], kind, name)
        elif default is inspect.Parameter.empty:
            raise ParameterError("missing", field=name, got=NOTHING)
    return out


def _as(value: Any, kind: str, name: str) -> Any:
    kinds: dict[str, Callable[[Any], bool]] = {
        "str": lambda v: isinstance(v, str) and len(v) <= _LONGEST,
        "int": lambda v: isinstance(v, int) and not isinstance(v, bool) and abs(v) < 10**9,
        "float": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
        "bool": lambda v: isinstance(v, bool),
        "dict": lambda v: isinstance(v, dict),
        "list": lambda v: isinstance(v, list),
        "Place": is_place,
        "Any": lambda v: True,
    }
    fits_it = kinds[kind.removesuffix(" | None").split("[")[0]]
    if value is None and kind.endswith(" | None"):
        return None
    if not fits_it(value):
        raise ParameterError("which is of another kind", field=name, got=value, allowed=kind)
    return tuple(value) if kind == "Place" else value


def is_place(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) < 9 and all(
        (isinstance(k, str) and len(k) < 100) or (isinstance(k, int) and not isinstance(k, bool) and 0 <= k < 10**6)
        for k in value
    )  # fmt: skip


#: values in a list or a table: what writes them takes time with the square of their number
_MOST_WRITTEN = 1000


def _is_written(value: Any) -> bool:
    """Whether a file can hold a value."""
    left, count = [value], 0
    while left and count <= _MOST_WRITTEN:
        one = left.pop()
        inner = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
        count += len(inner)
        if one is None:
            return False
        left += inner[: _MOST_WRITTEN + 1]
    return count <= _MOST_WRITTEN


def pairs(values: list[Any]) -> list[tuple[Place, Any]]:
    if not 0 < len(values) <= 200:
        raise ParameterError("none, or too many", field="values")
    out = []
    for pair in values:
        if not (isinstance(pair, list) and len(pair) == 2 and is_place(pair[0])):
            raise ParameterError("which is no place with a value", field="values", got=pair)
        if not isinstance(pair[1], str | int | float | bool | list | dict | None):
            raise ParameterError("which is no value", field="values", got=pair[1])
        if pair[1] is not None and not _is_written(pair[1]):
            why = "with an empty place inside, or too long"
            raise ParameterError(why, field="values", allowed=f"lists and tables of at most {_MOST_WRITTEN} values")
        out.append((tuple(pair[0]), pair[1]))
    return out
