"""Unknowns of control films by weighted least squares, group by group, and how they move with every reading."""

from __future__ import annotations

import numpy as np

from spinstack.measure.control.closed_form import GROUPS, LABELS, Model
from spinstack.measure.statistics.coverage import justified
from spinstack.measure.statistics.estimate import central_slopes, probability, propagated
from spinstack.measure.statistics.linear import factored, idle, mixed, pseudo_inverse
from spinstack.measure.statistics.nonlinear import minimise

#: without these a reading says nothing of the unknowns of its own group
WANTS = {"R_x": "amr_ratio", "R_z": "size_effect_bulk", "anomalous": "bulk_resistivity"}


class Fit:
    """Each group of readings determines its own unknowns, with those of the groups before it.

    Attributes:
        p: the unknowns by name, 0 where they are not determined.
        known: names of those that are.
        shown: (rows,), what the fit says of each reading; nan for those that it does not use.
        factor: (rows,), by which squared errors of each reading are too small for the scatter.
        left: (rows,), degrees of freedom of that factor, infinite where it is 1.
        chi2, p_value: by group, where more readings than unknowns are there.
    """

    def __init__(
        self, model: Model, magnetic: bool, kinds: list[str], film_of: list[int], y: np.ndarray, C: np.ndarray,
        films: np.ndarray, spread: np.ndarray,
    ) -> None:  # fmt: skip
        """Readings y of these `kinds` with covariance C, from films of these thicknesses [m] with errors `spread`."""
        self.model, self._kinds, self._film_of = model, kinds, film_of
        self.p = {name: 0.0 for g in range(len(GROUPS)) for name in model.names(g)}
        self.known: set[str] = set()
        self.shown, self.factor, self.left = np.full(y.size, np.nan), np.ones(y.size), np.full(y.size, np.inf)
        self.chi2: dict[str, float] = {}
        self.p_value: dict[str, float] = {}
        self._gains: list[tuple[list[int], tuple[str, ...], np.ndarray]] = []
        for g in range(0 if magnetic else 1, len(GROUPS)):
            rows = [k for k, kind in enumerate(kinds) if kind in GROUPS[g] and WANTS.get(kind) in {None, *self.known}]
            if rows:
                self._solve(g, rows, y, C, films, spread)

    def _solve(
        self, g: int, rows: list[int], y: np.ndarray, C: np.ndarray, films: np.ndarray, spread: np.ndarray
    ) -> None:
        own = C[np.ix_(rows, rows)]
        self.p |= {name: self.model.start(name) for name in self.model.names(g)}
        design = self._slopes(self.model.names(g), rows, films) / np.sqrt(np.diag(own))[:, None]
        # rows of nothing, so that combinations which no reading tells have a singular vector
        factors = factored(np.vstack([design, np.zeros((design.shape[1], design.shape[1]))]))
        lost = {*idle(factors, self.model.names(g), 1e-6), *mixed(factors, self.model.names(g), 1e-6)}
        self.p |= dict.fromkeys(lost, 0.0)
        names = tuple(name for name in self.model.names(g) if name not in lost)
        if not names:
            return
        for _ in range(2):  # errors of thicknesses count by where the fit is
            thick = central_slopes(lambda t: self._of(rows, self.p, t), films, films)
            both = own + propagated(thick, np.diag(spread**2))
            root = _whitening(both)
            done = minimise(
                lambda x: root @ (self._of(rows, self.p | dict(zip(names, x, strict=True)), films) - y[rows]),  # noqa: B023
                np.array([self.p[name] for name in names]),
            )
            self.p |= dict(zip(names, map(float, done.values), strict=True))
        self.known |= set(names)
        self._gains.append((rows, names, pseudo_inverse(factored(root @ self._slopes(names, rows, films))) @ root))
        self.shown[rows] = self._of(rows, self.p, films)
        if left := len(root) - len(names):
            square = float(np.sum((root @ (self.shown[rows] - y[rows])) ** 2))
            self.chi2[LABELS[g]], self.p_value[LABELS[g]] = square, probability(square, left)
            if (factor := justified(square / left, left)) > 1:
                self.factor[rows], self.left[rows] = factor, left

    def _of(self, rows: list[int], p: dict[str, float], films: np.ndarray) -> np.ndarray:
        return np.array([self.model.of(self._kinds[k], p, float(films[self._film_of[k]])) for k in rows])

    def _slopes(self, names: tuple[str, ...], rows: list[int], films: np.ndarray) -> np.ndarray:
        at = np.array([self.p[name] for name in names])
        scale = np.maximum(np.abs(at), 1e-2)
        return central_slopes(lambda x: self._of(rows, self.p | dict(zip(names, x, strict=True)), films), at, scale)

    def moved(self, y: np.ndarray, films: np.ndarray) -> dict[str, float]:
        """The unknowns for readings and thicknesses that differ a little from those of the fit."""
        p = dict(self.p)
        for rows, names, gain in self._gains:
            change = gain @ (y[rows] - self._of(rows, p, films))
            p |= {name: self.p[name] + float(c) for name, c in zip(names, change, strict=True)}
        return p


def _whitening(covariance: np.ndarray) -> np.ndarray:
    """(n, rows): combinations of unit variance, without those that are no new reading, as gamma of alpha and beta."""
    errors = np.sqrt(np.diag(covariance))
    squares, vectors = np.linalg.eigh(covariance / np.outer(errors, errors))
    kept = squares > 1e-9
    return np.asarray(vectors[:, kept].T / np.sqrt(squares[kept])[:, None] / errors)
