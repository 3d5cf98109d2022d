"""One superlattice as the meter sees it: thicknesses, resistivity, Hall resistivity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any

from spinstack.measure.measurement import MeasurementError

_THICKEST = 1e-5  # m; beyond it a number is certainly not a sublayer in metres


@dataclass(frozen=True, kw_only=True)
class Superlattice:
    """A measured [A/B]_N.

    Thicknesses `a` and `b` of one sublayer are in m, resistivities in Ohm m and refer to the whole thickness
    N (a + b); `hall_resistivity` is that along y for a current along x (E_y/j_x). Errors are standard errors.
    `conducting` says which sublayers carry current: "both", or "a" or "b" where the other is known to insulate.
    A bare film of A has ``b=0``. Raises :class:`MeasurementError` for values that cannot be.
    """

    a: float
    b: float
    repeats: int = 1
    resistivity: float | None = None
    resistivity_error: float | None = None
    hall_resistivity: float | None = None
    hall_resistivity_error: float | None = None
    conducting: str = "both"
    name: str = ""

    def __post_init__(self) -> None:
        label = self.name or "superlattice"
        for key in ("a", "b"):
            value = _number(getattr(self, key), f"{label}: {key}")
            if not 0 <= value < _THICKEST:
                raise MeasurementError(
                    f"{label}: {key}: got {value!r} m. Allowed: a thickness from 0 to {_THICKEST:g} m; "
                    "for numbers of unit cells use Superlattice.of_cells."
                )
        if self.a + self.b == 0:
            raise MeasurementError(f"{label}: a, b: got 0 and 0. Allowed: at least one sublayer with a thickness.")
        check_repeats(self.repeats, label)
        if self.conducting not in ("both", "a", "b"):
            raise MeasurementError(f"{label}: conducting: got {self.conducting!r}. Allowed: 'both', 'a', 'b'.")
        for key in ("resistivity", "resistivity_error", "hall_resistivity", "hall_resistivity_error"):
            value = getattr(self, key)
            if value is not None and _number(value, f"{label}: {key}") <= 0 and key != "hall_resistivity":
                raise MeasurementError(f"{label}: {key}: got {value!r}. Allowed: a positive number in Ohm m.")

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


def check_repeats(value: Any, label: str) -> None:
    """Raise where the number of repeats is none."""
    if _number(value, f"{label}: repeats") < 1 or value != int(value):
        raise MeasurementError(f"{label}: repeats: got {value!r}. Allowed: a whole number from 1.")


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise MeasurementError(f"{where}: got {value!r}. Allowed: a finite number.")
    return float(value)


def as_samples(given: Iterable[Superlattice | Mapping[str, Any]]) -> list[Superlattice]:
    """Superlattices from themselves or from tables of their fields; with `unit_cell`, a and b are numbers of cells."""
    known = {f.name for f in fields(Superlattice)} | {"unit_cell"}
    out = []
    for i, entry in enumerate(given):
        if isinstance(entry, Superlattice):
            out.append(entry)
            continue
        if not isinstance(entry, Mapping):
            raise MeasurementError(f"sample {i + 1}: got {type(entry).__name__}. Allowed: a Superlattice or a table.")
        unknown = sorted(set(entry) - known)
        if unknown or not {"a", "b"} <= set(entry):
            raise MeasurementError(
                f"sample {i + 1}: got the keys {', '.join(map(str, entry))}. Required: a, b. Allowed: "
                f"{', '.join(sorted(known))}."
            )
        make = Superlattice.of_cells if "unit_cell" in entry else Superlattice
        out.append(make(**entry))
    if not out:
        raise MeasurementError("samples: got none. Allowed: one or more superlattices.")
    return out
