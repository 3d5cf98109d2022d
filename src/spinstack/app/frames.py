"""Labelled numbers as one message: a head in JSON, then float64 arrays."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr


def packed(head: Mapping[str, Any], arrays: Mapping[str, Any] | None = None) -> bytes:
    """Length of the head (uint32, little endian), the head with places of the arrays in units of 8 bytes, the arrays.

    The head ends at a multiple of eight bytes, so that the page reads arrays where they lie.
    """
    places: dict[str, list[int]] = {}
    body: list[bytes] = []
    start = 0
    for name, values in (arrays or {}).items():
        flat = np.ascontiguousarray(values, dtype="<f8").ravel()
        places[name] = [start, flat.size]
        body.append(flat.tobytes())
        start += flat.size
    text = json.dumps({**head, "arrays": places}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    raw = text.encode()
    raw += b" " * (-(len(raw) + 4) % 8)
    return struct.pack("<I", len(raw)) + raw + b"".join(body)


def unpacked(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Head and body of a message in the same form; ValueError where it is none."""
    if len(message) < 4:
        raise ValueError("a message without a head")
    (length,) = struct.unpack_from("<I", message)
    if length > len(message) - 4:
        raise ValueError("a head longer than its message")
    head = json.loads(message[4 : 4 + length])
    if not isinstance(head, dict):
        raise ValueError("a head that is no table")
    return head, message[4 + length :]


def described(dataset: xr.Dataset) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """A dataset for the page: dimensions and labels, variables with units, and the arrays of all that is numbers."""
    arrays: dict[str, np.ndarray] = {}
    coords: dict[str, Any] = {}
    for name, coord in dataset.coords.items():
        one: dict[str, Any] = {"dims": [str(d) for d in coord.dims], **_said(coord)}
        if coord.dtype.kind in "fiub":
            arrays[f"c:{name}"] = coord.values
        else:
            one["labels"] = [str(v) for v in np.ravel(coord.values)]
        coords[str(name)] = one
    variables: dict[str, Any] = {}
    for name, variable in dataset.data_vars.items():
        if variable.dtype.kind not in "fiubc":
            continue
        parts = {"": variable.values}
        if variable.dtype.kind == "c":
            parts = {".real": variable.values.real, ".imag": variable.values.imag}
        for part, values in parts.items():
            variables[f"{name}{part}"] = {
                "dims": [str(d) for d in variable.dims], "shape": list(values.shape), **_said(variable),
            }  # fmt: skip
            arrays[f"v:{name}{part}"] = values
    said = {k: str(v) for k, v in dataset.attrs.items() if k in ("magnets", "setup", "conditions", "solver")}
    return {"coords": coords, "variables": variables, "said": said}, arrays


def _said(one: Any) -> dict[str, str]:
    return {"units": str(one.attrs.get("units", "")), "words": str(one.attrs.get("long_name", ""))}
