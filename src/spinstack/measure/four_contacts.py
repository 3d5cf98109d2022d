"""Four contacts on the edge of a film without holes: what each way of connecting them measures (van der Pauw).

Contacts are numbered 1 to 4 counter-clockwise, seen against +z. R_ij_kl is (V_k - V_l)/I for a current from i to j. Of
neighbours (R_12_43) it is a longitudinal resistance of one of two pairs of sides, of diagonals (R_13_24) the Hall
resistance and what the contacts are misaligned by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from spinstack.measure.measurement import MeasurementError

Kind = Literal["A", "B", "Hall"]
_NAME = re.compile(r"R_?([1-4])_?([1-4])[_, ]?_?([1-4])_?([1-4])")


class Connection(NamedTuple):
    """One column: its name, what it measures, its sign there, and the contacts that feed the current, in order."""

    name: str
    kind: Kind
    sign: float
    current: tuple[int, int]

    @property
    def pair(self) -> tuple[int, ...]:
        """The contacts that feed the current, whatever its sign."""
        return tuple(sorted(self.current))


def connection(name: str) -> Connection | None:
    """What a column of that name measures; None for one that names no four contacts."""
    found = _NAME.fullmatch(name)
    if not found or len(set(found.groups())) < 4:
        return None
    i, j, k, _ = map(int, found.groups())
    if (i - j) % 4 == 2:  # the voltage from a quarter turn after the current to a quarter turn before it
        return Connection(name, "Hall", 1.0 if (k - i) % 4 == 1 else -1.0, (i, j))
    sign = 1.0 if (k - i) % 2 == 1 else -1.0
    return Connection(name, "A" if {i, j} in ({1, 2}, {3, 4}) else "B", sign, (i, j))


def named_by_contacts(files: Mapping[str, xr.Dataset]) -> Mapping[str, xr.Dataset]:
    """Files of one connection each, by its name; the measurement that they stand beside is R_12_43.

    Raises :class:`MeasurementError` for names that are no other connection of four contacts.
    """
    allowed = "files by connections such as R_23_14, other than R_12_43"
    if not isinstance(files, Mapping) or not files or not all(isinstance(one, xr.Dataset) for one in files.values()):
        raise MeasurementError(field="other", got=files, allowed=allowed)
    if odd := [name for name in files if connection(name) is None or name == "R_12_43"]:
        raise MeasurementError(field="other", got=", ".join(odd), allowed=allowed)
    return files


def connections(data: xr.Dataset) -> list[Connection]:
    """All connections among the columns, longitudinal ones with the sign that makes them positive.

    V_l - V_k in place of V_k - V_l is seen in the longitudinal readings, which then are all negative; the sign of the
    Hall readings follows. Raises :class:`MeasurementError` where there are none, or longitudinal ones of either sign.
    """
    found = [c for c in map(connection, map(str, data.data_vars)) if c is not None]
    if not found:
        known, remedy = ", ".join(map(str, data.data_vars)), "Name the columns by their contacts, such as R_12_43."
        raise MeasurementError("no column names four contacts", field="data", got=known, remedy=remedy)
    signs = {c.name: np.sign(np.nanmean(data[c.name].values) * c.sign) for c in found if c.kind != "Hall"}
    if len(set(signs.values())) > 1 or 0.0 in signs.values():
        odd = [name for name, s in signs.items() if s != 1.0]
        why = "some longitudinal readings are positive and some not, where R_ij_kl is (V_k - V_l)/I from i to j"
        raise MeasurementError(why, field=", ".join(odd), remedy="Check the contacts and the signs of the columns.")
    turned = -1.0 in signs.values()
    return [c._replace(sign=-c.sign) for c in found] if turned else found


def sheet_resistance(R_A: np.ndarray, R_B: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sheet resistance R_s, dR_s/dR_A and dR_s/dR_B of exp(-pi R_A/R_s) + exp(-pi R_B/R_s) = 1; both positive.

    L. J. van der Pauw, Philips Res. Rep. 13, 1 (1958). In u = pi/R_s the left side is convex and falls, so Newton's
    steps from the u of equal resistances, which is never too large, rise to the solution.
    """
    a, b = np.broadcast_arrays(np.asarray(R_A, dtype=float), np.asarray(R_B, dtype=float))
    u = 2 * np.log(2) / (a + b)
    for _ in range(1000):
        ea, eb = np.exp(-u * a), np.exp(-u * b)
        step = (ea + eb - 1) / (a * ea + b * eb)
        u = u + step
        if np.all(np.abs(step) <= 4e-16 * u):
            break
    ea, eb = np.exp(-u * a), np.exp(-u * b)
    R = np.pi / u
    weight = R / (a * ea + b * eb)
    return R, weight * ea, weight * eb
