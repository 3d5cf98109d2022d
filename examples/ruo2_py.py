"""RuO2 (5 nm) / Py (4 nm): the figures of Akashdeep et al. regenerated, and the resistance that it leaves out.

Run ``python examples/ruo2_py.py [OUTPUT_FOLDER]``. The film and every assumed parameter stand in ``ruo2_py.toml``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from scipy.optimize import brentq

import spinstack as ss
from spinstack.figures import save

HERE = Path(__file__).parent
NM = 1e-9
Y, Z = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
#: the two sources of spin current, one at a time, and the strength each is measured in [S/m]
SOURCES = {
    "interfacial": {"RuO2.spin_hall_angle": 0.0},
    "spin Hall": {"RuO2|Py.filtering": 0.0},
}


def strength(film: ss.Film, source: str) -> float:
    """Spin conductivity of a source [S/m]: filtering, or theta times sigma."""
    if source == "interfacial":
        return film.get("RuO2|Py.filtering")
    return film.get("RuO2.spin_hall_angle") * film.get("RuO2.conductivity")


def threshold(film: ss.Film, t_nm: np.ndarray | float, t_fm: np.ndarray | float) -> np.ndarray:
    """Right-hand side of the paper's Eq. 6, with sigma_FM (1 - P^2) for sigma_FM: exact for a polarized magnet."""
    sigma_fm = film.get("Py.conductivity") * (1 - film.get("Py.polarization") ** 2)
    l_nm, l_fm = film.get("RuO2.spin_diffusion_length"), film.get("Py.spin_diffusion_length")
    ratio = l_fm * film.get("RuO2.conductivity") / (np.tanh(t_fm / l_fm) * l_nm * sigma_fm)
    return 2 * (ratio * np.tanh(t_nm / l_nm) + 1)


def crossover(film: ss.Film, t_nm: float) -> float:
    """Py thickness [m] at which the interfacial spin-current ratio changes sign, from the full solution."""
    interfacial = film.replace({**SOURCES["interfacial"], "RuO2.thickness": t_nm})
    return brentq(
        lambda t: ss.spin_current_mr_ratio(interfacial.replace({"Py.thickness": t})), 0.2 * NM, 20 * NM, xtol=1e-20
    )


def figure_4(film: ss.Film) -> Figure:
    """Spin current against z for either source, m along y and z."""
    figure = Figure(figsize=(8.4, 3.6), layout="constrained")
    for axes, (name, change) in zip(figure.subplots(1, 2), SOURCES.items(), strict=True):
        for m, colour, words in ((Y, "#D55E00", "m ∥ y"), (Z, "#0072B2", "m ∥ z")):
            inside = ss.profile(film.replace(change), m=m)
            interface = film.get("RuO2.thickness")
            axes.plot(
                (inside.z - interface) / NM, inside.Q.sel(spin="y") / strength(film, name), color=colour, label=words
            )
        axes.axvline(0, color="0.5", linewidth=0.8)
        axes.set(xlabel="z (nm)", ylabel="$Q_{zy}$ / source")
        axes.set_title(f"{name} source", pad=20)
        axes.text(0.28, 1.02, "RuO₂", transform=axes.transAxes, ha="center")
        axes.text(0.76, 1.02, "Py", transform=axes.transAxes, ha="center")
        axes.legend(frameon=False, loc="upper left" if name == "interfacial" else "upper right")
    return figure


def figure_5(film: ss.Film) -> Figure:
    """Average spin current in RuO2 against either thickness."""
    figure = Figure(figsize=(8.4, 6.4), layout="constrained")
    panels = figure.subplots(2, 2, sharex="row")
    for row, path in enumerate(("RuO2.thickness", "Py.thickness")):
        thickness = np.linspace(0.1, 20, 400) * NM if row == 0 else np.linspace(0.1, 12, 400) * NM
        for axes, (name, change) in zip(panels[row], SOURCES.items(), strict=True):
            for m, colour, words in ((Y, "#D55E00", "m ∥ y"), (Z, "#0072B2", "m ∥ z")):
                average = partial(ss.average_spin_current, layer="RuO2", m=m)
                swept = ss.sweep(film.replace(change), {path: thickness}, average)
                axes.plot(
                    thickness / NM,
                    swept.average_spin_current.sel(spin="y") / strength(film, name),
                    color=colour,
                    label=words,
                )
            axes.set(
                xlabel=f"{'RuO₂' if row == 0 else 'Py'} thickness (nm)",
                ylabel="average $Q_{zy}$ / source",
                title=f"{name} source",
            )
            axes.legend(frameon=False)
    return figure


def maps(film: ss.Film, points: int = 121) -> dict[str, xr.Dataset]:
    """Spin-current ratio (the paper's Eq. 5) over both thicknesses for either source."""
    over = {"RuO2.thickness": np.linspace(0.2, 24, points) * NM, "Py.thickness": np.linspace(0.2, 11, points) * NM}
    return {name: ss.sweep(film.replace(change), over, ss.spin_current_mr_ratio) for name, change in SOURCES.items()}


def figure_6(film: ss.Film, results: dict[str, xr.Dataset]) -> Figure:
    """The two maps with the analytic threshold."""
    figure = Figure(figsize=(9.2, 4.0), layout="constrained")
    l_nm, l_fm = film.get("RuO2.spin_diffusion_length"), film.get("Py.spin_diffusion_length")
    for axes, (name, result) in zip(figure.subplots(1, 2), results.items(), strict=True):
        ratio = result.spin_current_mr_ratio
        x, y = ratio["RuO2.thickness"] / l_nm, ratio["Py.thickness"] / l_fm
        reach = 0.3  # the corner of vanishing Py thickness would wash out everything else
        both = float(ratio.min()) < 0
        colours = {"cmap": "RdBu_r", "vmin": -reach} if both else {"cmap": "viridis", "vmin": 0.0}
        mesh = axes.pcolormesh(x, y, ratio.T, vmax=reach, rasterized=True, **colours)
        figure.colorbar(mesh, ax=axes, label="spin-current ratio (Eq. 5)", extend="both" if both else "max")
        if name == "interfacial":
            G = film.get("RuO2|Py.mixing_conductance.real") * (
                1 / film.get("RuO2|Py.conductance_up") + 1 / film.get("RuO2|Py.conductance_down")
            )
            curve = axes.contour(
                x, y, threshold(film, *np.meshgrid(x * l_nm, y * l_fm)) - G, levels=[0], colors="#009E73"
            )
            axes.legend(curve.legend_elements()[0], ["threshold, Eq. 6"], loc="upper right", framealpha=0.9)
        colour = "purple" if both else "white"
        axes.axhline(film.get("Py.thickness") / l_fm, color=colour, linestyle="--", linewidth=0.9)
        axes.axvline(film.get("RuO2.thickness") / l_nm, color=colour, linestyle="--", linewidth=0.9)
        axes.set(xlabel="$t_{NM}/l_{NM}$", ylabel="$t_{FM}/l_{FM}$", title=f"{name} source")
    return figure


def figure_resistance(film: ss.Film) -> Figure:
    """Resistance in the three planes with the inverse of the interfacial effect (Onsager) and without (the paper)."""
    figure = Figure(figsize=(8.8, 3.6), layout="constrained")
    panels = figure.subplots(1, 3, sharex=True)
    for axes, (plane, symbol) in zip(panels, {"alpha": "α", "beta": "β", "gamma": "γ"}.items(), strict=True):
        for weight, colour, words in ((0.0, "#D55E00", "no inverse (η = 0)"), (1.0, "#0072B2", "Onsager (η = 1)")):
            scan = ss.angular_scan(film.replace({"RuO2|Py.reciprocal": weight}), plane)
            axes.plot(scan.angle, 1e3 * scan.MR_xx, color=colour, linestyle="-" if weight else "--", label=words)
        axes.set(xlabel=f"{symbol} (°)", ylabel="ΔR/R (10⁻³)", xticks=[0, 90, 180, 270, 360])
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
    return figure


def beta(film: ss.Film, weight: float) -> Callable[[np.ndarray], np.ndarray]:
    """Beta-plane ratio as a function of the filtering conductivity [S/m]."""
    return lambda filtering: ss.magnetoresistance(
        film.replace({"RuO2|Py.reciprocal": weight, "RuO2|Py.filtering": filtering}), "beta"
    )


def figure_sign(film: ss.Film) -> Figure:
    """Where the beta-plane magnetoresistance turns: against filtering, and over filtering and mixing conductance."""
    unit = strength(film, "spin Hall")
    figure = Figure(figsize=(12.0, 3.8), layout="constrained")
    panels = figure.subplots(1, 3)
    x = np.linspace(-4, 4, 321)
    for weight, style, colour in ((0.0, "--", "#D55E00"), (1.0, "-", "#0072B2")):
        panels[0].plot(x, 1e3 * beta(film, weight)(x * unit), style, color=colour, label=f"η = {weight:g}")
    panels[0].axhline(0, color="0.5", linewidth=0.8)
    panels[0].set(xlabel="filtering / θσ", ylabel="ΔR/R, β plane (10⁻³)", title="film of the sample file")
    panels[0].legend(frameon=False)
    G_par = 1 / (1 / film.get("RuO2|Py.conductance_up") + 1 / film.get("RuO2|Py.conductance_down"))
    over = {"RuO2|Py.filtering": x * unit, "RuO2|Py.mixing_conductance.real": np.geomspace(2.09, 20, 120) * G_par}
    for axes, weight in zip(panels[1:], (0.0, 1.0), strict=True):
        observable = partial(ss.magnetoresistance, plane="beta")
        ratio = 1e3 * ss.sweep(film.replace({"RuO2|Py.reciprocal": weight}), over, observable).magnetoresistance
        reach = float(abs(ratio).max())
        g = ratio[ratio.dims[1]] / G_par
        mesh = axes.pcolormesh(x, g, ratio.T, cmap="RdBu_r", vmin=-reach, vmax=reach, rasterized=True)
        if float(ratio.min()) < 0:
            axes.contour(x, g, ratio.T, levels=[0], colors="black", linewidths=1.2)
        figure.colorbar(mesh, ax=axes, label="ΔR/R, β plane (10⁻³)")
        axes.axhline(film.get("RuO2|Py.mixing_conductance.real") / G_par, color="purple", linestyle=":", linewidth=1)
        axes.set(xlabel="filtering / θσ", ylabel="$G_r/G_∥$", yscale="log", title=f"η = {weight:g}")
        axes.set_yticks([2.5, 5, 10, 20], ["2.5", "5", "10", "20"], minor=False)
        axes.minorticks_off()
    return figure


def figure_overview(film: ss.Film) -> Figure:
    """One film in, what comes out: spin current inside, resistance outside, and a map."""
    figure = Figure(figsize=(12.0, 3.6), layout="constrained")
    inside, outside, chart = figure.subplots(1, 3)
    for m, colour, words in ((Y, "#D55E00", "m ∥ y"), (Z, "#0072B2", "m ∥ z")):
        profile = ss.profile(film, m=m)
        inside.plot(profile.z / NM, profile.Q.sel(spin="y") / 1e3, color=colour, label=words)
    interface = film.get("RuO2.thickness") / NM
    inside.axvline(interface, color="0.5", linewidth=0.8)
    for z, words in ((interface / 2, "RuO₂"), (interface + film.get("Py.thickness") / NM / 2, "Py")):
        inside.text(z, 1.02, words, transform=inside.get_xaxis_transform(), ha="center")
    inside.set(xlabel="z (nm)", ylabel="$Q_{zy}$ (kA/m² per V/m)", xlim=(0, None))
    inside.set_title("spin current through the film", pad=20)
    inside.legend(frameon=False, loc="center left")
    scan = ss.angular_scan(film)
    for plane, symbol, colour in (("alpha", "α", "#0072B2"), ("beta", "β", "#D55E00"), ("gamma", "γ", "#009E73")):
        style = "--" if plane == "gamma" else "-"
        outside.plot(scan.angle, 1e3 * scan.MR_xx.sel(plane=plane), style, color=colour, label=symbol)
    outside.set(xlabel="angle of m (°)", ylabel="ΔR/R (10⁻³)", xticks=[0, 90, 180, 270, 360], title="magnetoresistance")
    outside.set_ylim(top=2.2)
    outside.legend(frameon=False, ncols=3, loc="upper center")
    over = {"RuO2.thickness": np.linspace(0.5, 24, 95) * NM, "Py.thickness": np.linspace(0.5, 12, 95) * NM}
    ratio = 1e3 * ss.sweep(film, over, partial(ss.magnetoresistance, plane="beta")).magnetoresistance
    mesh = chart.pcolormesh(
        over["RuO2.thickness"] / NM, over["Py.thickness"] / NM, ratio.T, cmap="viridis", norm="log", rasterized=True
    )
    ticks = [0.3, 0.5, 1, 2, 3, 5]
    bar = figure.colorbar(mesh, ax=chart, label="ΔR/R, β plane (10⁻³)", format="{x:g}", ticks=ticks)
    bar.ax.yaxis.set_minor_formatter("")
    chart.set(xlabel="RuO₂ thickness (nm)", ylabel="Py thickness (nm)", title="thickness map")
    return figure


def numbers(film: ss.Film) -> dict[str, float]:
    """What the page quotes."""
    unit = strength(film, "spin Hall")
    out = {
        f"{plane}, eta = {weight:g}": float(ss.magnetoresistance(film.replace({"RuO2|Py.reciprocal": weight}), plane))
        for plane in ("alpha", "beta", "gamma")
        for weight in (0.0, 1.0)
    }
    scan = np.linspace(-6, 6, 2401) * unit
    out["lowest beta, eta = 1"] = float(beta(film, 1.0)(scan).min())
    out["filtering/theta sigma where beta turns, eta = 0"] = brentq(beta(film, 0.0), 0, 50 * unit) / unit
    t_nm = film.get("RuO2.thickness")
    out["Py thickness where the interfacial ratio turns (nm)"] = crossover(film, t_nm) / NM
    interfacial = film.replace(SOURCES["interfacial"])
    turn = brentq(
        lambda t: ss.spin_current_mr_ratio(interfacial.replace({"RuO2.thickness": t})), 2 * NM, 60 * NM, xtol=1e-20
    )
    out["RuO2 thickness where the interfacial ratio turns (nm)"] = turn / NM
    for name, change in SOURCES.items():
        out[f"spin-current ratio, {name}"] = float(ss.spin_current_mr_ratio(film.replace(change)))
    return out


def main(folder: str = "results/ruo2_py_figures") -> dict[str, float]:
    """Write every figure and return the numbers."""
    film = ss.load_sample(HERE / "ruo2_py.toml")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    save(figure_4(film), target / "figure_4_spin_current")
    save(figure_5(film), target / "figure_5_thickness")
    save(figure_6(film, maps(film)), target / "figure_6_maps")
    save(figure_resistance(film), target / "resistance")
    save(figure_sign(film), target / "beta_sign")
    save(figure_overview(film), target / "overview")
    result = numbers(film)
    for name, value in result.items():
        print(f"{name:58s} {value: .6g}")
    return result


if __name__ == "__main__":
    main(*sys.argv[1:])
