"""Metal | delta barrier | magnet: from the scattering at the interface to the beta-plane magnetoresistance.

Run ``python examples/interface_chain.py [OUTPUT_FOLDER]``. The film stands in ``interface_chain.toml``.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from scipy.optimize import brentq

import spinstack as ss
from spinstack.figures import save

HERE = Path(__file__).parent
MODEL = "RuO2|Py.scattering."
INVERSE = "RuO2|Py.reciprocal"
THETA = "RuO2.spin_hall_angle"
Y, Z = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
SYMBOL = {"barrier": "$u_0$", "exchange": "$u_{ex}$", "rashba": "$u_R$"}
#: at a barrier of exactly 0 the field can vanish for grazing electrons, which is not a case of interest
RANGE = {"barrier": (0.05, 1.5), "exchange": (0.0, 1.0), "rashba": (0.0, 0.5)}
PAIRS = (("rashba", "exchange"), ("rashba", "barrier"), ("exchange", "barrier"))
BETA = partial(ss.magnetoresistance, plane="beta")
BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"


def beta(film: ss.Film, inverse: float = 1.0, theta: float = 0.0, **strengths: np.ndarray | float) -> np.ndarray:
    """(R(m || z) - R(m || y)) / R(m || y) with the given strengths of the barrier."""
    changes = {MODEL + name: value for name, value in strengths.items()}
    return BETA(film.replace({INVERSE: inverse, THETA: theta, **changes}))


def maps(film: ss.Film, points: int = 31) -> dict[tuple[tuple[str, str], float], xr.DataArray]:
    """Beta-plane ratio over every pair of strengths, interface alone, with its inverse (1) and without (0)."""
    out = {}
    for pair in PAIRS:
        over = {MODEL + name: np.linspace(*RANGE[name], points) for name in pair}
        for inverse in (1.0, 0.0):
            out[pair, inverse] = ss.sweep(film.replace({INVERSE: inverse}), over, BETA).magnetoresistance
    return out


def figure_maps(film: ss.Film, results: dict[tuple[tuple[str, str], float], xr.DataArray]) -> Figure:
    """Where the interface alone makes the beta plane negative: the whole chain, and the sheet term of the interface."""
    figure = Figure(figsize=(11.4, 6.8), layout="constrained")
    panels = figure.subplots(2, 3, sharex="col", sharey="col")
    norm = SymLogNorm(linthresh=0.1, vmin=-50, vmax=50)
    mesh = None
    for column, pair in enumerate(PAIRS):
        for row, inverse in enumerate((1.0, 0.0)):
            axes, ratio = panels[row, column], 1e4 * results[pair, inverse]
            x, y = ratio[MODEL + pair[0]].values, ratio[MODEL + pair[1]].values
            mesh = axes.pcolormesh(x, y, ratio.T, cmap="RdBu_r", norm=norm, rasterized=True)
            inside = ratio.where(ratio[ratio.dims[0]] > 0.01) if pair[0] == "rashba" else ratio
            if float(inside.min()) < 0:
                axes.contour(x, y, inside.T, levels=[0], colors="black", linewidths=1.3)
            if "rashba" in pair:
                other = "barrier" if pair[1] == "exchange" else "exchange"
                axes.axhline(film.get(MODEL + other), color="purple", linestyle="--", linewidth=1)
            else:
                axes.plot(x, x, "--", color="purple", linewidth=1)
            if row:
                axes.set_xlabel(SYMBOL[pair[0]])
            else:
                fixed = next(name for name in RANGE if name not in pair)
                axes.set_title(f"{SYMBOL[fixed]} = {film.get(MODEL + fixed):g}")
            axes.set(ylabel=SYMBOL[pair[1]], xlim=RANGE[pair[0]], ylim=RANGE[pair[1]])
    words = ("whole chain (η = 1)", "sheet term alone (η = 0)")
    for axes, text in zip(panels[:, 0], words, strict=True):
        axes.annotate(text, (-0.24, 0.5), xycoords="axes fraction", rotation=90, va="center", ha="right", weight="bold")
    bar = figure.colorbar(mesh, ax=panels, label="ΔR/R, β plane (10⁻⁴)", ticks=[-10, -1, -0.1, 0, 0.1, 1, 10])
    bar.ax.set_yticklabels(["−10", "−1", "−0.1", "0", "0.1", "1", "10"])
    bar.ax.minorticks_off()
    return figure


def sheet(film: ss.Film, m: tuple[float, float, float], exchange: np.ndarray | float) -> np.ndarray:
    """Sheet conductance [S] along E that spin-orbit scattering at the interface gives (or takes)."""
    barrier = film[1].scattering.replace(exchange=exchange)
    paths = tuple(mean_free_path(film, name) for name in ("RuO2", "Py"))
    return barrier.tensors(m, mean_free_path=paths, polarization=(0.0, film.get("Py.polarization"))).sheet[..., 0, 0]


def mean_free_path(film: ss.Film, name: str) -> float:
    """Mean free path [m] of free electrons with the conductivity of a layer."""
    e, hbar = 1.602176634e-19, 1.054571817e-34
    return 3 * np.pi**2 * hbar * film.get(f"{name}.conductivity") / (e * film.get(MODEL + "fermi_wavevector")) ** 2


def figure_parts(film: ss.Film) -> Figure:
    """What the beta plane is made of, the sheet conductance behind it, and the interplay with a spin Hall effect."""
    figure = Figure(figsize=(12.4, 3.9), layout="constrained")
    parts, sheets, hall = figure.subplots(1, 3)
    u = np.linspace(0, 1, 161)
    u0 = film.get(MODEL + "barrier")
    whole, bare = beta(film, 1.0, exchange=u), beta(film, 0.0, exchange=u)
    parts.plot(u, 1e4 * whole, color="black", label="sum")
    parts.plot(u, 1e4 * bare, color=RED, label="sheet term")
    parts.plot(u, 1e4 * (whole - bare), "--", color=BLUE, label="generation × inverse")
    parts.set(
        ylabel="ΔR/R, β plane (10⁻⁴)", title=f"{SYMBOL['rashba']} = {film.get(MODEL + 'rashba'):g}", ylim=(-2, 13)
    )
    for m, colour, words in ((Y, GREEN, "m ∥ y"), (Z, BLUE, "m ∥ z")):
        sheets.plot(u, 1e6 * sheet(film, m, u), color=colour, label=words)
    sheets.set(ylabel="sheet conductance of the interface (µS)", title="what spin-orbit scattering gives")
    for axes in (parts, sheets):
        axes.axvline(u0, color="purple", linestyle="--", linewidth=0.9)
        axes.axhline(0, color="0.6", linewidth=0.8)
        axes.set_xlabel(SYMBOL["exchange"])
        axes.legend(frameon=False, loc="upper right", fontsize="small")
    rashba = np.linspace(-0.25, 0.25, 161)
    for exchange, colour in ((0.2, BLUE), (0.8, RED)):
        for inverse, style in ((1.0, "-"), (0.0, "--")):
            hall.plot(
                rashba,
                1e4 * beta(film, inverse, 0.05, exchange=exchange, rashba=rashba),
                style,
                color=colour,
                label=f"{SYMBOL['exchange']} = {exchange:g}, η = {inverse:g}",
            )
    hall.axhline(0, color="0.6", linewidth=0.8)
    hall.set(xlabel=SYMBOL["rashba"], ylabel="ΔR/R, β plane (10⁻⁴)", title="with θ = 0.05", ylim=(-9, 26))
    hall.legend(frameon=False, fontsize="small")
    return figure


def numbers(film: ss.Film, results: dict[tuple[tuple[str, str], float], xr.DataArray]) -> dict[str, float]:
    """What the page quotes."""
    out = {}
    for pair in PAIRS:
        whole, bare = (results[pair, inverse].values for inverse in (1.0, 0.0))
        label = ", ".join(pair)
        out[f"lowest, {label}"] = float(whole.min())
        out[f"highest, {label}"] = float(whole.max())
        out[f"lowest of generation x inverse, {label}"] = float((whole - bare).min())
        out[f"negative share, {label}"] = float((whole < -1e-9).mean())
        out[f"negative with a positive sheet term, {label}"] = float(((whole < -1e-9) & (bare > 0)).mean())
    rashba = np.linspace(-0.1, 0.1, 161)
    for inverse in (1.0, 0.0):
        lowest = beta(film, inverse, 0.05, exchange=0.2, rashba=rashba).min()
        out[f"lowest over rashba, exchange 0.2, theta 0.05, eta {inverse:g}"] = float(lowest)
    out["exchange where the sum turns"] = brentq(lambda u: beta(film, exchange=u), 0.5, 0.6, xtol=1e-6)
    out["exchange where the sheet term turns"] = brentq(lambda u: beta(film, 0.0, exchange=u), 0.5, 0.6, xtol=1e-6)
    for exchange in (0.2, 0.8):
        for inverse in (1.0, 0.0):
            for theta in (0.0, 0.05):
                for sign in (1, -1) if theta else (1,):
                    name = f"exchange {exchange:g}, eta {inverse:g}, theta {theta:g}, rashba {0.1 * sign:g}"
                    out[name] = float(beta(film, inverse, theta, exchange=exchange, rashba=0.1 * sign))
        for m, direction in ((Y, "y"), (Z, "z")):
            out[f"sheet (S), exchange {exchange:g}, m || {direction}"] = float(sheet(film, m, exchange))
    return out


def main(folder: str = "results/interface_chain") -> dict[str, float]:
    """Write every figure and return the numbers."""
    film = ss.load_sample(HERE / "interface_chain.toml")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    results = maps(film)
    save(figure_maps(film, results), target / "interface_chain_maps")
    save(figure_parts(film), target / "interface_chain_parts")
    result = numbers(film, results)
    for name, value in result.items():
        print(f"{name:62s} {value: .6g}")
    return result


if __name__ == "__main__":
    main(*sys.argv[1:])
