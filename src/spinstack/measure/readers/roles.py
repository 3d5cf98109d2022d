"""Which quantity a column is, by its head: only where name and unit leave no doubt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spinstack.measure.measurement import QUANTITIES, MeasurementError
from spinstack.measure.readers.column_units import Scale, scale, split_head
from spinstack.measure.readers.description import Column, entry_error
from spinstack.text.errors import Problems

#: further names of quantities as they stand in files; case does not matter
_NAMES: dict[str, tuple[str, ...]] = {
    "time": ("t", "time stamp", "timestamp", "elapsed time"),
    "angle": (
        "theta",
        "phi",
        "sample position",
        "position",
        "rotator angle",
        "θ",
        "φ",
        "azimuth",
        "field azimuth",
        "field angle",
        "angle set",
    ),
    "field": (
        "magnetic field",
        "h",
        "b",
        "mu0h",
        "µ0h",
        "μ0h",
        "applied field",
        "field strength",
        "magnetic field strength",
        "applied magnetic field",
    ),
    "temperature": ("t", "temp", "temp.", "sample temp", "sample temperature", "sample temp."),
    "current": ("i", "excitation current", "source current", "bias current", "sense current", "applied current"),
    "frequency": ("f", "freq", "freq."),
    "R_xx": ("rxx",),
    "R_xy": ("rxy",),
    "V_xx": ("vxx", "u_xx", "uxx"),
    "V_xy": ("vxy", "u_xy", "uxy"),
    "V_X": ("x", "lock-in x", "lockin x"),
    "V_Y": ("y", "lock-in y", "lockin y"),
    "moment": ("m", "magnetic moment"),
    "moment_error": ("m. std. err.", "moment std. err."),
    "intensity": ("counts",),
    "energy": ("photon energy",),
    "in_plane_field": ("in-plane field", "in plane field"),
    "pulse_width": ("pulse width", "pulse length", "pulse duration"),
}


def _of_harmonic(n: int, channel: str) -> tuple[str, ...]:
    """Names of a channel of a lock-in that say which harmonic it is: X1f, 1w X, V_2f Y. X1 may be that of lock-in 1."""
    marks = [f"{n}{mark}" for mark in "fwω"]
    bare = () if channel in ("r", "theta") else tuple(f"{channel}{m}" for m in marks)
    spelt = (f"{front}{m}{between}{channel}" for front in ("", "v", "v ") for m in marks for between in ("", " "))
    return (*bare, *(f"{channel} {m}" for m in marks if bare), *spelt)


_NAMES |= {f"V_{n}{c}": _of_harmonic(n, c.lower()) for n in (1, 2) for c in "XYR"}
_NAMES |= {f"theta_{n}": _of_harmonic(n, "theta") for n in (1, 2)}
_ROLES: dict[str, list[str]] = {}
for _role in QUANTITIES:
    for _name in (_role.casefold(), *_NAMES.get(_role, ())):
        _ROLES.setdefault(_name, []).append(_role)


def role_of(head: str) -> str | None:
    """The quantity that a column head names, or None.

    A name of more than one letter that is known must have a fitting unit: :class:`MeasurementError` otherwise. Names
    of one letter mean many things, and are taken only where the unit fits.
    """
    name, unit = split_head(head)
    roles = _named(name)
    reason: MeasurementError | None = None
    for role in roles:
        try:
            scale(unit, role, f"column {head!r}")
        except MeasurementError as error:
            reason = error
        else:
            return role
    if reason is not None and len(name) > 1:
        raise reason
    return None


def role_or_none(head: str) -> str | None:
    """The quantity that a head names with a fitting unit, or None."""
    try:
        return role_of(head)
    except MeasurementError:
        return None


def suggested(head: str) -> str | None:
    """The quantity that a column head may name where it states no unit, for a person to confirm."""
    name, unit = split_head(head)
    try:
        return role_of(head) or (next(iter(_named(name)), None) if unit is None else None)
    except MeasurementError:
        return _named(name)[0]


def _named(name: str) -> list[str]:
    folded = name.casefold().strip()
    return _ROLES.get(folded) or _ROLES.get(folded.replace("_", " "), [])


def guessed(heads: Sequence[str], usable: Iterable[int], whole: bool = True) -> dict[str, Column]:
    """Roles of the usable columns (from 0), unknown columns by their own name.

    Where not the `whole` file is to be recognised, because a description says the rest, doubtful columns are left out.
    Raises :class:`MeasurementError` where two columns would be the same quantity, and where none is known.
    """
    found: dict[str, Column] = {}
    known = False
    problems = Problems()
    for k in usable:
        try:
            role = role_of(heads[k])
            if role == "angle" and whole:
                _refuse_phase(heads, k)
        except MeasurementError as error:
            with problems:
                raise error
            continue
        known |= role is not None
        name = role or split_head(heads[k])[0]
        if not whole and (not name or name in found):
            continue
        if not name:
            raise MeasurementError("has no name", field=f"column {k + 1}", remedy="Name the columns in a description.")
        if name in found:
            why, place = f"are both {name}", f"columns {found[name].column} and {k + 1}"
            raise MeasurementError(why, field=place, remedy="Say in a description which is meant.")
        found[name] = Column(k + 1)
    if whole:
        problems.end()
    if whole and not known:
        shown = ", ".join(repr(h[:40]) for h in heads[:12])
        why = f"none of the columns {shown} is a known quantity with its unit"
        raise MeasurementError(why, remedy="Say in a description what they are.")
    return found


def _refuse_phase(heads: Sequence[str], k: int) -> None:
    """Beside the size of a voltage, theta is the phase of a lock-in amplifier as well as an angle."""
    sizes = [h for h in heads if split_head(h)[0].casefold() in ("r", "mag", "magnitude")]
    if split_head(heads[k])[0].casefold() in ("theta", "phi", "θ", "φ") and any(_is_size(h) for h in sizes):
        why = "may be the angle of the sample or the phase of a lock-in amplifier"
        remedy = f"Say which in columns of a description: angle = {k + 1}, or phase = {k + 1}."
        raise MeasurementError(why, field=f"column {heads[k]!r}", remedy=remedy)


def _is_size(head: str) -> bool:
    try:
        return bool(scale(split_head(head)[1], "V_X", head))
    except MeasurementError:
        return False


def located(role: str, column: Column, heads: Sequence[str]) -> int:
    """The number (from 0) of a described column."""
    if isinstance(column.column, int):
        if column.column > len(heads):
            raise entry_error("columns", role, f"but the file has {len(heads)} columns", got=column.column)
        return column.column - 1
    for same in (lambda h: h.strip(), lambda h: split_head(h)[0]):
        places = [k for k, head in enumerate(heads) if same(head) == column.column.strip()]
        if len(places) == 1:
            return places[0]
        if places:
            numbers = " and ".join(str(p + 1) for p in places)
            why = f"which is the head of columns {numbers}"
            raise entry_error("columns", role, why, got=column.column, remedy="Give a number.")
    known = ", ".join(repr(h) for h in heads if h.strip())
    raise entry_error("columns", role, got=column.column, allowed=f"a head of a column in the file: {known}")


def column_scale(role: str, column: Column, head: str) -> Scale:
    """What turns a described column into SI; the unit of the head and that of the description must agree."""
    written = split_head(head)[1]
    place = f"column {head!r}"
    if column.unit is None or written is None or column.override:
        return scale(column.unit or written, role, place)
    stated, found = scale(column.unit, role, place), scale(written, role, place)
    if stated != found:
        why = f"the description says {column.unit!r}, the file {head!r}"
        remedy = "Correct the description, or add override = true if the file is wrong."
        raise entry_error("columns", role, why, remedy=remedy)
    return stated
