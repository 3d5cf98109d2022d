"""What all figures share: units made readable, colours, safe writing of files."""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spinstack.figures.formulas import with_subscripts
from spinstack.text import store
from spinstack.text.plain import visible

#: colours that stay apart for colour-blind readers (Okabe and Ito, "Color Universal Design", 2008)
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555")
AXIS_COLOURS = {"x": COLOURS[0], "y": COLOURS[1], "z": COLOURS[2]}
PLANE_COLOURS = {"alpha": COLOURS[0], "beta": COLOURS[1], "gamma": COLOURS[2]}
PLANE_WORDS = {"alpha": "α (x to y)", "beta": "β (y to z)", "gamma": "γ (x to z)"}

#: of everything that is written as pixels
DPI = 200
#: up to so many points are drawn as points
FEW = 40
#: values that spread by less than this share of their size are shown as differences from a stated value
_NARROW = 0.005
#: changes by less than this share of the size are rounding, and drawn flat
_ROUNDING = 1e-10
_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
#: letters of a label that a panel of usual height has room for
_LINE = 44
_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def pretty_unit(unit: str) -> str:
    """The unit as printed in figures: ``Ohm m^2`` becomes ``Ω m²``."""
    unit = plain(unit).replace("Ohm", "Ω").replace("ohm", "Ω")
    return re.sub(r"(?:\^|\*\*)(\((-?\d+)\)|-?\d+)", lambda m: (m[2] or m[1]).translate(_POWERS), unit)


def power_of_ten(exponent: int) -> str:
    """``10⁻⁹`` for -9."""
    return "10" + str(exponent).translate(_POWERS)


def largest_of(values: Any) -> float:
    """Largest finite size, 0 where there is none."""
    finite = np.abs(np.asarray(values, dtype=float))
    finite = finite[np.isfinite(finite)]
    return float(finite.max()) if finite.size else 0.0


def readable(values: Any, unit: str, ratio: bool = False) -> tuple[float, str]:
    """Factor and unit text that bring `values` [`unit`, SI] to numbers between about 1 and 1000.

    Lengths take nm, ratios %, other units the SI prefix of their leading symbol or a power of ten.
    """
    if ratio:
        return 100.0, "%"
    largest = largest_of(values)
    if unit == "deg":
        return 1.0, "°"
    if unit == "m":
        return (1e6, "µm") if largest >= 1e-5 else (1e9, "nm")
    if largest == 0.0:
        return 1.0, pretty_unit(unit) if unit != "1" else ""
    exponent = 3 * int(np.floor(np.log10(largest) / 3 + 1e-9))
    plain = unit in ("", "1")
    # conductances per area are compared as powers of ten; nobody says TS/m^2
    prefixable = not plain and not unit.startswith(("S/", "1")) and re.match(r"[A-Za-zΩ]+(?![\^\w*])", unit)
    if prefixable and exponent in _PREFIXES:
        return 10.0**-exponent, _PREFIXES[exponent] + pretty_unit(unit)
    if -1 < np.log10(largest) < 4:
        return 1.0, "" if plain else pretty_unit(unit)
    exponent = int(np.floor(np.log10(largest)))
    return 10.0**-exponent, power_of_ten(exponent) + ("" if plain else f" {pretty_unit(unit)}")


def plain(text: Any) -> str:
    """Text of a user for a figure: nothing in it is taken for mathematics, formulae get their subscripts."""
    return with_subscripts(visible(str(text), lines=True)).replace("$", r"\$")


def label(name: str, unit_text: str, width: int = _LINE) -> str:
    """``name (unit)``, or the name alone for a pure number, in lines; R_xx and Q_zy get their subscripts."""
    held = unit_text.replace(" ", "\N{NO-BREAK SPACE}")
    lines = textwrap.wrap(f"{name} ({held})" if unit_text else name, width, break_long_words=False)
    whole = "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\b([RQ])_([xyz]{2})\b", r"$\1_{\2}$", whole)


def in_lines(text: str, width: float = 6.2) -> str:
    """Text in lines that a figure of that width [inches] has room for above its panels."""
    room = max(16, int(11.5 * width))
    return "\n".join(textwrap.fill(plain(line), room, break_on_hyphens=False) for line in text.split("\n"))


def heading(dataset: Any, title: str, width: float = 6.2) -> str:
    """What stands above a figure: the title (default: the dataset's), the conditions, what turns, the mounting."""
    lines = [title or dataset.attrs.get("title"), *(dataset.attrs.get(n) for n in ("conditions", "magnets", "setup"))]
    return "\n".join(in_lines(line, width) for line in lines if line)


def head(figure: Figure, text: str, handles: Sequence[Any] = (), words: Sequence[str] = (), columns: int = 3) -> None:
    """Put a heading above the panels, and below it the key of the curves where there is one."""
    if handles:
        legend = figure.legend(
            handles, words, loc="outside upper center", ncols=columns, frameon=False, title=text or None
        )
        legend.get_title().set_multialignment("center")
    elif text:
        figure.suptitle(text, fontsize=10)


def variable_name(name: str) -> str:
    """A variable without words of its own: the symbol of a resistance or a spin current, the name of anything else."""
    return name if re.fullmatch("[RQ]_[xyz]{2}", name) else plain(name.replace("_", " "))


def quantity_name(path: str) -> str:
    """An axis name from a parameter path: ``Pt|Co.mixing_conductance.real`` becomes ``Pt|Co Re mixing conductance``.

    The field that holds a model is left out: ``EuS.magnet.spin`` becomes ``EuS spin``.
    """
    owner, dot, field = plain(path).partition(".")
    first, _, rest = field.partition(".")
    part = {"real": "Re ", "imag": "Im "}.get(rest)
    words = (f"{part}{first}" if part else rest or first).replace("_", " ")
    return f"{owner} {words}" if dot else owner.replace("_", " ")


def readable_axis(values: Any, unit: str) -> tuple[float, str, bool]:
    """Factor and unit text for an axis, and whether its points are spaced geometrically (drawn logarithmic)."""
    logarithmic = geometric(np.asarray(values, dtype=float))
    factor, text = readable(values, unit)
    if logarithmic and text.startswith("10"):  # the ticks are powers of ten already
        factor, text = 1.0, "" if unit == "1" else pretty_unit(unit)
    return factor, text, logarithmic


def geometric(x: Any) -> bool:
    """Whether the points are spaced geometrically over more than a factor of five."""
    if x.size < 4 or np.min(x) <= 0 or np.max(x) < 5 * np.min(x):
        return False
    steps = np.diff(np.log(x))
    return bool(np.allclose(steps, steps[0], rtol=1e-6))


def is_ratio(name: str, unit: str) -> bool:
    """Whether a dimensionless result is a relative change, to be shown in % about zero."""
    return unit in ("", "1") and ("ratio" in name or "magnetoresistance" in name or name.startswith("MR"))


def points(x: Any) -> dict[str, Any]:
    """Curve style that shows the computed points where they are few, so that straight pieces do not look computed."""
    return {"linewidth": 1.6, "marker": "o" if np.size(x) <= FEW else None, "markersize": 3}


def share(values: Any) -> tuple[float, str]:
    """Factor and unit of relative changes: per cent, unless all are below a thousandth of it."""
    largest = largest_of(values)
    if largest == 0.0 or largest >= 1e-5:
        return 100.0, "%"
    return (1e6, "10⁻⁶") if largest >= 1e-7 else (1e9, "10⁻⁹")


def from_base(values: Any, unit: str, ratio: bool = False) -> tuple[float, float, str, str]:
    """Values as differences from a stated one where they hardly differ: base, factor, unit text, " − base" for a label.

    Ticks such as 80000 + 3e-9 cannot be read; the base has the digits that the differences need, and is zero where the
    values spread by half a hundredth of their size or more, or by rounding only.
    """
    array = np.asarray(values, dtype=float)
    array = array[np.isfinite(array)]
    spread = float(np.ptp(array)) if array.size else 0.0
    middle = float(array.min()) + spread / 2 if array.size else 0.0
    if unit == "deg" or not _ROUNDING * abs(middle) < spread < _NARROW * abs(middle):
        return 0.0, *readable(values, unit, ratio), ""
    # a multiple of the power of ten above the spread
    digits = max(1, int(np.floor(np.log10(abs(middle))) - np.ceil(np.log10(spread) - 1e-9)) + 1)
    base = float(f"{middle:.{digits}g}")
    factor, text = readable(base, unit, ratio)
    words = f" {'+' if base < 0 else '−'} {abs(base) * factor:.{max(digits, 3)}g} {text}".rstrip()
    return base, *readable(array - base, unit, ratio), words


def unwrapped(values: Any, period: float) -> Any:
    """Angles without jumps by a period, in the order given; gaps (NaN) stay gaps."""
    out = np.array(values, dtype=float)
    known = np.isfinite(out)
    out[known] = np.unwrap(out[known], period=period)
    return out


def full_turn(unit: str) -> float:
    """The period of an angle in that unit, 0 for anything else."""
    return {"deg": 360.0, "rad": 2 * np.pi}.get(unit, 0.0)


def steady_limits(axes: Axes, values: Sequence[Any], scale: float) -> None:
    """Keep rounding noise from filling the panel: a curve flat to _ROUNDING of `scale` is drawn as flat."""
    finite = np.concatenate([np.ravel(np.asarray(v, dtype=float)) for v in values])
    finite = finite[np.isfinite(finite)]
    if finite.size and np.ptp(finite) <= _ROUNDING * abs(scale):
        middle, half = float(finite.mean()), (1e-4 * abs(scale) or 1.0)
        axes.set_ylim(middle - half, middle + half)


def angle_axis(axes: Axes, angles: Any) -> None:
    """An axis of angles [deg] over those of a scan, with the ticks of :func:`angle_ticks`."""
    low, high = float(np.nanmin(angles)), float(np.nanmax(angles))
    if high > low:
        axes.set_xticks(angle_ticks(low, high))
        axes.set_xlim(low, high)


def angle_ticks(low: float, high: float) -> Any:
    """Ticks 0, 90, 180, ... where half a turn is shown, of even parts of a right angle where less is."""
    span = high - low
    steps = (90, 180, 360, 720) if span >= 180 else (0.5, 1, 2, 5, 10, 15, 30, 45)
    step = next((s for s in steps if span / s <= 8), 360 * np.ceil(span / 360 / 8))
    return np.arange(np.ceil(low / step - 1e-6), np.floor(high / step + 1e-6) + 1) * step


def tidy(axes: Axes) -> None:
    """The common look: light grid, no box where there are no data."""
    axes.grid(True, color="0.88", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(direction="out", labelsize=9)


def save(figure: Figure, stem: str | Path, formats: Sequence[str] = ("png", "pdf")) -> tuple[Path, ...]:
    """Write `figure` as ``stem.png`` (DPI) and ``stem.pdf``; each file appears complete or not at all."""
    stem = Path(stem)
    written = []
    for kind in formats:
        target = stem.with_name(f"{stem.name}.{kind}")
        # fixed metadata: the same figure gives the same file
        metadata = {"CreationDate": None} if kind == "pdf" else {"Date": None} if kind == "svg" else None
        made = io.BytesIO()  # a writer that runs out of disk says anything but that
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph")  # a name in a script that the font lacks is drawn as boxes
            figure.savefig(made, format=kind, dpi=DPI, metadata=metadata)
        store.write_bytes(target, made.getvalue())
        written.append(target)
    return tuple(written)
