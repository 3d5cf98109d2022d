"""A grid of points cut into boxes of at most so many, numbered; so a part of a sweep is a box of its result, too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[slice, ...]


@dataclass(frozen=True)
class Tiles:
    """A grid of that shape in boxes with these edges; at the ends of the axes they are shorter."""

    shape: tuple[int, ...]
    edge: tuple[int, ...]

    @staticmethod
    def of(shape: Sequence[int], most: int) -> Tiles:
        """Boxes of at most `most` points, which have whole last axes as far as these fit."""
        edges, left = [], most
        for size in reversed(shape):
            edges.append(max(1, min(size, left)))
            left //= edges[-1]
        return Tiles(tuple(shape), tuple(reversed(edges)))

    @property
    def counts(self) -> tuple[int, ...]:
        """How many boxes there are along each axis."""
        return tuple(-(-size // edge) for size, edge in zip(self.shape, self.edge, strict=True))

    def __len__(self) -> int:
        return math.prod(self.counts)

    def box(self, number: int) -> Box:
        """Where in the grid a tile is."""
        places = [int(i) for i in np.unravel_index(number, self.counts)]
        each = zip(places, self.edge, self.shape, strict=True)
        return tuple(slice(i * edge, min((i + 1) * edge, size)) for i, edge, size in each)

    def edges(self, number: int) -> tuple[int, ...]:
        """The shape of a tile."""
        return tuple(one.stop - one.start for one in self.box(number))

    def points(self, number: int) -> int:
        """How many points a tile has."""
        return math.prod(self.edges(number))

    def index(self, number: int, start: int, stop: int) -> list[np.ndarray]:
        """Where on each axis its points from `start` to `stop` are, counted along the last axis first."""
        inside = np.unravel_index(np.arange(start, stop), self.edges(number))
        return [i + one.start for i, one in zip(inside, self.box(number), strict=True)]
