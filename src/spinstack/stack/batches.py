"""Batches of several values at once: what their shapes broadcast to, and which of them does not fit the others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spinstack.text.errors import ParameterError

Shape = tuple[int, ...]


def together(shapes: Mapping[str, Shape]) -> Shape:
    """The batch of values by name; raises :class:`ParameterError` about the first that does not fit those before."""
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        pass
    batch: Shape = ()
    several: dict[str, Shape] = {}
    for name, shape in shapes.items():
        try:
            batch = np.broadcast_shapes(batch, shape)
        except ValueError:
            others = ", ".join(f"{other} {of}" for other, of in several.items())
            allowed = f"a batch that broadcasts with {others}: lengths of each axis, from the last, equal or 1"
            raise ParameterError(f"a batch of shape {shape}", field=name, allowed=allowed) from None
        if shape != ():
            several[name] = shape
    return batch
