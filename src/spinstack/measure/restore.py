"""Any stage of a measurement made again: its recorded steps replayed on the raw data, or the last ones taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import xarray as xr

import spinstack.measure.cleaning  # noqa: F401  (its steps register themselves)
from spinstack.measure.measurement import STEPS, MeasurementError, history
from spinstack.measure.readers.reading import read_recorded


def replay(raw: xr.Dataset, steps: Iterable[Mapping[str, Any]], others: Mapping[str, xr.Dataset] | None = None) -> Any:
    """Apply recorded steps to raw data again; `others` are the datasets that steps refer to, by their source."""
    data = raw
    for entry in steps:
        name = str(entry["step"])
        if name == "read":
            continue
        if name not in STEPS:
            raise MeasurementError("which is not known", field="step", got=name, allowed=", ".join(sorted(STEPS)))
        given = {k: _revived(k, v, others or {}) for k, v in entry["parameters"].items()}
        data = STEPS[name](data, **given)
    return data


def _revived(name: str, value: Any, others: Mapping[str, xr.Dataset]) -> Any:
    if isinstance(value, dict) and "history" not in value:
        return {key: _revived(f"{name}.{key}", one, others) for key, one in value.items()}
    if not isinstance(value, dict):
        return value
    if value["source"] not in others:
        why = f"the step needs the dataset of {value['source']!r}"
        raise MeasurementError(why, field=name, remedy="Give it in `others`.")
    return others[value["source"]]


def undo(data: xr.Dataset, count: int = 1, others: Mapping[str, xr.Dataset] | None = None) -> xr.Dataset:
    """The measurement without its last `count` steps: read again from its source and replayed; `others` as in replay.

    Raises :class:`MeasurementError` where the source is gone or has changed, or there are not so many steps.
    """
    steps = history(data)
    corrections = [s for s in steps if s["step"] != "read"]
    if not 0 <= count <= len(corrections):
        raise MeasurementError(f"but there are {len(corrections)} steps to undo", field="count", got=count)
    raw = read_recorded(data)
    out: xr.Dataset = replay(raw, corrections[: len(corrections) - count], others)
    return out
