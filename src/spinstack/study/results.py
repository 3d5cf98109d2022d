"""What a study asks for and what it gives: requests and results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spinstack.text.toml_lines import Key

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Request:
    """Something that a file asks for, checked.

    Attributes:
        name: the name of its result.
        do: the name of what it calls.
        arguments: what that is called with.
        place: where it stands in the file.
    """

    name: str
    do: str
    arguments: Mapping[str, Any]
    place: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Result:
    """What a request gave.

    Attributes:
        name: its name, and that of its file.
        request: what was asked for.
        dataset: the numbers with their labels.
        kind: the part of the results that it belongs to, and the folder below that of the study; "" for none.
        inputs: the names of what went in.
        tree: where the numbers stand in several groups, all of them; `dataset` then is that of its root.
        doubts: what was warned of meanwhile.
    """

    name: str
    request: Request
    dataset: xr.Dataset
    kind: str = ""
    inputs: tuple[str, ...] = ()
    tree: xr.DataTree | None = None
    doubts: tuple[str, ...] = ()
