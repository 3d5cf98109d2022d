"""Platinum on an easy-plane antiferromagnet: the three planes of a rotating field, and the signal against the field.

Run ``python examples/antiferromagnets.py [OUTPUT_FOLDER]``. Derivation: docs/methods/antiferromagnets.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import save

#: mixing conductance [S/m^2], monodomain field and exchange field [T]
MIXING, ALONE, EXCHANGE = 2e14, 3.0, 40.0
COLOURS = {"alpha": "#0072B2", "beta": "#D55E00", "gamma": "#009E73"}
WORDS = {"alpha": "α (x to y)", "beta": "β (y to z)", "gamma": "γ (x to z)"}


def film(**changes: Any) -> ss.Film:
    """Pt on the antiferromagnet."""
    metal = ss.Metal("Pt", thickness=4e-9, conductivity=4e6, spin_diffusion_length=1.5e-9, spin_hall_angle=0.1)
    return ss.MagneticInsulator("AFM", magnet=ss.Antiferromagnet(mixing_conductance=MIXING, **changes)) | metal


def figure_planes() -> Figure:
    """R_xx in the three planes, below and above the field of one domain."""
    figure = Figure(figsize=(7.4, 3.6), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    angles = np.linspace(0, 360, 181)
    lowest = ss.sheet_resistance(film(), m="y")[0, 0]
    for axes, (title, one, field) in zip(
        panels,
        (("1.5 T, domains", film(monodomain_field=ALONE), 1.5), ("7 T, domains", film(monodomain_field=ALONE), 7.0),
         ("7 T, one domain", film(), 7.0)),
        strict=True,
    ):  # fmt: skip
        for (plane, colour), style in zip(COLOURS.items(), ("-", "--", "-."), strict=True):
            scan = ss.angular_scan(one, plane=plane, angles=angles, turns="field", field=field)
            axes.plot(angles, 1e4 * (scan["R_xx"] / lowest - 1), style, color=colour, label=WORDS[plane])
        axes.set_title(title, fontsize=10)
        axes.set_xticks(np.arange(0, 360, 90))
        axes.grid(alpha=0.3)
        axes.margins(x=0)
    panels[1].set_xlabel("angle of the field (°)")
    panels[0].set_ylabel("$R_{xx}$ above its lowest (10⁻⁴)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    return figure


def signal(one: ss.Film, field: float) -> float:
    """(R_xx(90 deg) - R_xx(0))/R_xx(0) in alpha."""
    return float(ss.magnetoresistance(one, plane="alpha", turns="field", field=field))


def figure_field() -> Figure:
    """The signal in alpha against the field."""
    figure = Figure(figsize=(5.4, 3.6), layout="constrained")
    axes = figure.subplots()
    fields = np.concatenate([np.linspace(0.05, ALONE, 25), np.linspace(ALONE, 10, 29)[1:]])
    for label, one, style in (
        ("domains", film(monodomain_field=ALONE), "-"),
        ("canting", film(exchange_field=EXCHANGE), "--"),
        ("both", film(monodomain_field=ALONE, exchange_field=EXCHANGE), "-."),
    ):
        axes.plot(fields, [1e4 * signal(one, B) for B in fields], style, label=label)
    axes.axvline(ALONE, color="0.6", linewidth=0.8)
    axes.set(xlabel="field (T)", ylabel="α: $[R(90°)-R(0°)]/R(0°)$ (10⁻⁴)", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.margins(x=0)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    return figure


def main(folder: str = "results/antiferromagnets") -> dict[str, float]:
    """Write both figures and return the numbers that the documentation quotes."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    save(figure_planes(), target / "antiferromagnets_planes")
    save(figure_field(), target / "antiferromagnets_field")
    full = signal(film(), 10.0)
    result = {
        "alpha, one domain": full,
        "alpha at half the monodomain field, over that": signal(film(monodomain_field=ALONE), ALONE / 2) / full,
        "alpha with canting at 10 T, over that without": signal(film(exchange_field=EXCHANGE), 10.0) / full,
    }
    for name, value in result.items():
        print(f"{name:48s} {value: .6g}")
    return result


if __name__ == "__main__":
    main(*sys.argv[1:])
