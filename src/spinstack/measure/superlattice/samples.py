"""One superlattice as the meter sees it: thicknesses, resistivity, Hall resistivity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Annotated, Any

import xarray as xr

from spinstack.measure.checks import choice, number, positive, together, whole
from spinstack.measure.measurement import MeasurementError
from spinstack.text.units import In

THICKEST = 1e-5  # m; beyond it a number is certainly not a sublayer in metres


@dataclass(frozen=True, kw_only=True)
class Superlattice:
    """A measured [A/B]_N; its resistivities refer to the whole thickness N (a + b), errors are standard errors.

    Raises :class:`MeasurementError` for values that cannot be.

    Args:
        a: thickness of one sublayer A, from 0 to 10 um.
        b: thickness of one sublayer B, likewise; 0 for a bare film of A.
        repeats: N, at least 1.
        resistivity: along the current, greater than 0.
        resistivity_error: its error, greater than 0.
        hall_resistivity: E_y/j_x, across a current along x.
        hall_resistivity_error: its error, greater than 0.
        conducting: which sublayers carry current: "both", or "a" or "b" where the other is known to insulate.
        name: what tables and messages call it.
    """

    a: Annotated[float, In("m")]
    b: Annotated[float, In("m")]
    repeats: int = 1
    resistivity: Annotated[float | None, In("Ohm m")] = None
    resistivity_error: Annotated[float | None, In("Ohm m")] = None
    hall_resistivity: Annotated[float | None, In("Ohm m")] = None
    hall_resistivity_error: Annotated[float | None, In("Ohm m")] = None
    conducting: str = "both"
    name: str = ""

    def __post_init__(self) -> None:
        cells = "For numbers of unit cells use Superlattice.of_cells."
        metres = partial(number, low=0, high=THICKEST, open_high=True, unit="m", remedy=cells, where=self.label)
        given = {n: v for n, v in vars(self).items() if "resistivity" in n and v is not None}
        together(
            lambda: metres(self.a, "a"),
            lambda: metres(self.b, "b"),
            lambda: whole(self.repeats, "repeats", low=1, where=self.label),
            lambda: choice(self.conducting, "conducting", ("both", "a", "b"), where=self.label),
            *(lambda n=n, v=v: (number if n == "hall_resistivity" else positive)(v, n, unit="Ohm m", where=self.label)
              for n, v in given.items()),
        )  # fmt: skip
        if self.a + self.b == 0:
            allowed = "at least one sublayer with a thickness"
            raise MeasurementError(where=self.label, field="a, b", got=(self.a, self.b), allowed=allowed)

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return self.name or "superlattice"

    @classmethod
    def of_cells(cls, a: float, b: float, *, unit_cell: tuple[float, float], **others: Any) -> Superlattice:
        """[A_a/B_b]_N with `a` and `b` unit cells, whose heights in m are `unit_cell`."""
        named = {"name": f"A{a:g}/B{b:g}", **others}
        return cls(a=a * unit_cell[0], b=b * unit_cell[1], **named)

    @property
    def thickness(self) -> float:
        """Whole thickness in m."""
        return self.repeats * (self.a + self.b)

    @property
    def interfaces(self) -> int:
        """Number of A-B interfaces."""
        return 2 * self.repeats - 1 if self.a > 0 and self.b > 0 else 0

    def conducting_thickness(self) -> tuple[float, float]:
        """Thickness of all A and of all B that conducts, in m."""
        a, b = self.repeats * self.a, self.repeats * self.b
        return (0.0 if self.conducting == "b" else a), (0.0 if self.conducting == "a" else b)


def as_samples(given: Iterable[Superlattice | Mapping[str, Any]]) -> list[Superlattice]:
    """Superlattices from themselves or from tables of their fields; with `unit_cell`, a and b are numbers of cells."""
    known = {f.name for f in fields(Superlattice)} | {"unit_cell"}
    if not isinstance(given, Iterable) or isinstance(given, str | bytes | Mapping):
        raise MeasurementError(
            field="samples", got=given, allowed="one or more superlattices, or tables of their fields"
        )
    out: list[Superlattice] = []
    together(*(lambda i=i, e=e: out.append(_sample(e, f"sample {i}", known)) for i, e in enumerate(given, 1)))
    if not out:
        raise MeasurementError("got none", field="samples", allowed="one or more superlattices")
    return out


def with_measured(films: list[Superlattice], measured: Mapping[str, xr.Dataset] | None) -> list[Superlattice]:
    """Superlattices with the resistivity that `measured` has for them where they have none of their own.

    The result of a superlattice is the one with its name, as a key or as the attribute "sample".
    """
    if measured is None:
        return films
    if not isinstance(measured, Mapping) or any(
        not isinstance(r, xr.Dataset) or "parameter" not in r.coords for r in measured.values()
    ):
        raise MeasurementError(field="measured", got=measured, allowed="results by the names of samples")

    def filled(film: Superlattice) -> Superlattice:
        if film.resistivity is not None:
            return film
        found = [r for key, r in measured.items() if film.name and film.name in (key, r.attrs.get("sample"))]
        if len(found) != 1 or "resistivity" not in found[0]["parameter"].values:
            known = dict.fromkeys(str(n) for key, r in measured.items() for n in (key, r.attrs.get("sample")) if n)
            why = f"{len(found)} results have its name" if len(found) != 1 else "its result has no resistivity"
            raise MeasurementError(why, where=film.label, field="measured", allowed=f"one of {', '.join(known)}")
        row = found[0].sel(parameter="resistivity")
        error = film.resistivity_error or float(row["error"])
        return replace(film, resistivity=float(row["value"]), resistivity_error=error)

    out: list[Superlattice] = []
    together(*(lambda film=film: out.append(filled(film)) for film in films))
    return out


def _sample(entry: Any, where: str, known: set[str]) -> Superlattice:
    if isinstance(entry, Superlattice):
        return entry
    if not isinstance(entry, Mapping):
        raise MeasurementError(where=where, got=entry, allowed="a Superlattice or a table")
    if set(entry) - known or not {"a", "b"} <= set(entry):
        allowed = f"{', '.join(sorted(known))}; required: a, b"
        raise MeasurementError("as its keys", where=where, got=sorted(map(str, entry)), allowed=allowed)
    make = Superlattice.of_cells if "unit_cell" in entry else Superlattice
    return make(**entry)
