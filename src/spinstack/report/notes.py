"""What a result says about itself beside its numbers: warnings, and diagnostics in readable form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from spinstack.measure.measurement import ATTRIBUTES

if TYPE_CHECKING:
    import xarray as xr

_HIDDEN = {"title", "spinstack_version", "inputs", "arguments", "analysis", "unit", "sample_file", *ATTRIBUTES}
_SAID = ("remark", "remarks", "warning", "warnings")
_LONGEST = 12  # numbers of a list


def warnings(found: xr.Dataset) -> list[str]:
    """Sentences that should not be passed over, wherever a result keeps them."""
    out: list[str] = []
    for key, value in found.attrs.items():
        value = _parsed(value)
        if key in _SAID:
            out += _sentences(value)
        elif isinstance(value, dict):
            out += _inside(value)
    return list(dict.fromkeys(out))


def notes(found: xr.Dataset) -> list[tuple[str, str]]:
    """Other attributes, tables among them one line an entry."""
    out: list[tuple[str, str]] = []
    for key, value in found.attrs.items():
        if key not in _HIDDEN and key not in _SAID:
            out += _lines(key.replace("_", " "), _parsed(value))
    return out


def shown(value: Any) -> str:
    """A parameter as text; a measurement goes by its name."""
    if isinstance(value, dict) and "history" in value:
        return str(value.get("source"))
    if hasattr(value, "file"):
        return str(value.file)
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, float):
        return f"{value:.5g}"
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        tail = ", …" if len(value) > _LONGEST else ""
        return "[" + ", ".join(shown(v) for v in value[:_LONGEST]) + tail + "]"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {shown(v)}" for k, v in value.items())
    return str(value)


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _sentences(value: Any) -> list[str]:
    found = value if isinstance(value, list | tuple) else [value]
    return [s.strip() for s in map(str, found) if s.strip()]


def _inside(table: dict[str, Any], owner: str = "") -> list[str]:
    out: list[str] = []
    for key, value in table.items():
        if key in _SAID:
            out += [f"{owner}: {s}" if owner else s for s in _sentences(value)]
        elif isinstance(value, dict):
            out += _inside(value, key)
    return out


def _lines(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in _SAID and v not in ([], {}, "", None)}
        return [line for k, v in kept.items() for line in _lines(f"{name}: {k}".replace("_", " "), v)]
    text = shown(value)
    return [(name, text)] if text else []
